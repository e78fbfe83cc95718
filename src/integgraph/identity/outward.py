"""Links to other collections: which of our things is which of theirs, read from ``data/links/outward*.sssom.tsv``.

The subject is ours (``actor:``, ``network:``, ``place:``, ``concept:<scheme>/<id>``), the object an IRI of another
collection, whole or shortened by a prefix of the file's ``curie_map``. Actors, networks and places are the same
(``owl:sameAs``); concepts match (``skos:exactMatch`` and its kin), because two vocabularies rarely cut the world alike.
Rows that say "different", "part of" or "undecided" keep a person from being asked again; they are not published.
Sources: SSSOM 1.0; SKOS Reference (W3C, 2009), section 10; the identifier patterns of ROR, Wikidata, GeoNames, NUTS.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from integgraph.errors import Problem
from integgraph.identity import sssom
from integgraph.identity.decisions import (
    DIFFERENT,
    PART_OF,
    REQUIRED,
    SAME,
    UNDECIDED,
    Decision,
    is_outward,
    near_things,
)
from integgraph.identity.standing import Standing

MATCHES = ("skos:exactMatch", "skos:closeMatch", "skos:broadMatch", "skos:narrowMatch")
PUBLISHED = (SAME, *MATCHES)
"""Predicates of the rows that become triples."""
_ID = re.compile(r"(?:actor|network|place):[a-z0-9]+(?:-[a-z0-9]+)*|concept:[a-z0-9-]+/[a-z0-9]+(?:-[a-z0-9]+)*")
_IRI = re.compile(r"https?://[a-z0-9.-]+\.[a-z]{2,}(?::\d+)?/[^\s<>\"{}|\\^`\x00-\x20]*")
_CURIE = re.compile(r"([A-Za-z_][\w.-]*):([^\s<>\"{}|\\^`]+)")
_LONGEST = 2_000
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Target:
    """A collection whose identifiers are known here.

    Attributes:
        name: What it is called.
        begin: How its IRIs begin, in the form that the collection itself publishes. Wikidata and the EU's NUTS codes
            are ``http``: an IRI is a name, and with ``https`` it would be another one.
        rest: What follows, as a regular expression.
        example: A whole IRI.
        prefix: What it is shortened to in the files of links.
    """

    name: str
    begin: str
    rest: str
    example: str
    prefix: str

    @property
    def site(self) -> str:
        """The beginning without the scheme, by which an IRI with the wrong one is recognised."""
        return self.begin.partition("://")[2]


TARGETS = (
    Target("ROR", "https://ror.org/", r"0[0-9a-hjkmnp-tv-z]{6}\d\d", "https://ror.org/05dxps055", "ror"),
    Target(
        "Wikidata", "http://www.wikidata.org/entity/", r"Q[1-9]\d*", "http://www.wikidata.org/entity/Q42", "wikidata"
    ),
    Target("GeoNames", "https://sws.geonames.org/", r"[1-9]\d*/", "https://sws.geonames.org/2911522/", "geonames"),
    Target(
        "NUTS",
        "http://data.europa.eu/nuts/code/",
        r"[A-Z]{2}[0-9A-Z]{0,3}",
        "http://data.europa.eu/nuts/code/DEE0",
        "nuts",
    ),
    Target(
        "EU authority tables",
        "http://publications.europa.eu/resource/authority/",
        r"[a-z][a-z-]*/[0-9A-Z_]+",
        "http://publications.europa.eu/resource/authority/country/DEU",
        "eu",
    ),
)
_TWO_NAMES = ("www.wikidata.org/wiki/", "wikidata.org/wiki/", "www.geonames.org/", "wikidata.org/entity/")
"""Addresses of pages about a thing of these collections; the thing itself has another IRI."""


@dataclass(frozen=True, slots=True)
class Link(sssom.Statement):
    """One thing of ours, and the IRI of one of another collection.

    The subject is ``actor:<id>``, ``network:<id>``, ``place:<id>`` or ``concept:<scheme>/<id>``; the predicate one of
    :func:`allowed` for it.
    """

    def __str__(self) -> str:
        return f"{self.subject} {self.predicate} {self.object}"


@dataclass(frozen=True, slots=True)
class Links:
    """What the files of links hold: the rows that count, and what is wrong with the others."""

    rows: tuple[Link, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_links(folder: Path) -> Links:
    """Read every file of links in a folder. A faulty row is named, and the others count; nothing is raised."""
    found = [read_link_file(file) for file in link_files(folder)]
    return Links(
        tuple(row for each in found for row in each.rows), tuple(problem for each in found for problem in each.problems)
    )


def link_files(folder: Path) -> list[Path]:
    """The files of links in a folder, by name; an absent folder holds none."""
    return sorted(file for file in folder.glob("*.sssom.tsv") if is_outward(file))


def read_link_file(file: Path) -> Links:
    """Read one file of links; see :func:`read_links`."""
    table = sssom.read(file, REQUIRED)
    rows: list[Link] = []
    problems = list(table.problems)
    for row in table.rows:
        try:
            rows.append(_link(row.cells, table.prefixes, file.name, row.line, problems))
        except ValueError as error:
            problems.append(Problem(str(error), file=file.name, line=row.line))
    return Links(tuple(rows), tuple(sorted(problems, key=lambda problem: problem.line or 0)))


def _link(row: Mapping[str, str], prefixes: Mapping[str, str], file: str, line: int, problems: list[Problem]) -> Link:
    for key in REQUIRED:
        if not row.get(key):
            raise ValueError(f"The row has no {key}.")
    subject, predicate = row["subject_id"], row["predicate_id"]
    if not _ID.fullmatch(subject):
        raise ValueError(
            f"subject_id is '{subject[:_SHOWN]}', but must be actor:<id>, network:<id>, place:<id> or "
            "concept:<scheme>/<id>."
        )
    if predicate not in allowed(subject):
        kind = subject.partition(":")[0]
        raise ValueError(f"'{predicate[:_SHOWN]}' is not for {kind}s. Use one of: {', '.join(allowed(subject))}.")
    return Link(*sssom.stated(row, outward_iri(row["object_id"], prefixes), file, line, problems))


def allowed(subject: str) -> tuple[str, ...]:
    """What a row may say of a thing of ours.

    >>> allowed("place:harz")
    ('owl:sameAs', 'owl:differentFrom', 'dct:isPartOf', 'ig:undecidedIdentity')
    """
    if subject.startswith("concept:"):
        return (*MATCHES, DIFFERENT, UNDECIDED)
    return (SAME, DIFFERENT, PART_OF, UNDECIDED)


def collection_of(iri: str) -> tuple[str, str]:
    """(Name, beginning of its IRIs) of the collection that an IRI belongs to: a known one, or all of its site.

    >>> collection_of("https://ror.org/05dxps055"), collection_of("https://register.example/vr/12")
    (('ROR', 'https://ror.org/'), ('register.example', 'https://register.example/'))
    """
    for target in TARGETS:
        if iri.startswith(target.begin):
            return target.name, target.begin
    scheme, _, rest = iri.partition("://")
    host = rest.partition("/")[0]
    return host, f"{scheme}://{host}/"


def outward_iri(text: str, prefixes: Mapping[str, str] | None = None) -> str:
    """The IRI of a thing of another collection, in the form that this collection uses.

    Args:
        text: An IRI, or one shortened by a prefix.
        prefixes: Prefix → beginning of the IRI.

    Raises:
        ValueError: it is no IRI, or not one that the collection gives; the text says which it gives.

    >>> outward_iri("ror:05dxps055", {"ror": "https://ror.org/"})
    'https://ror.org/05dxps055'
    """
    iri = text
    if "://" not in text:
        shortened = _CURIE.fullmatch(text)
        if shortened is None:
            raise ValueError(f"object_id is '{text[:_SHOWN]}', but must be the IRI of a thing elsewhere.")
        if shortened[1] not in (prefixes or {}):
            raise ValueError(f"The prefix '{shortened[1][:_SHOWN]}' is not in the curie_map of the file.")
        iri = (prefixes or {})[shortened[1]] + shortened[2]
    if len(iri) > _LONGEST or not _IRI.fullmatch(iri):
        raise ValueError(f"object_id is '{iri[:_SHOWN]}', but must be an IRI that begins with https:// or http://.")
    site = iri.partition("://")[2]
    for target in TARGETS:
        if site.startswith(target.site):
            return _of_target(iri, target)
    if site.startswith(_TWO_NAMES):
        raise ValueError(f"{iri[:_SHOWN]} is the address of a page. Use the IRI of the thing, as {_example(site)}.")
    return iri


_PAGES = {
    "Wikidata": re.compile(r"https?://(?:www\.)?wikidata\.org/(?:wiki|entity)/(Q\d+)"),
    "GeoNames": re.compile(r"https?://(?:www|sws)\.geonames\.org/(\d+)(?:/.*)?"),
    "ROR": re.compile(r"(?:https?://)?ror\.org/(\w+)"),
    "NUTS": re.compile(r"https?://data\.europa\.eu/nuts/code/(\w+)"),
}
"""Addresses in lists that name a thing of these collections, in whatever form."""


def identified(text: str, ids: str = "") -> str:
    """The IRI that an id in a list of others stands for.

    Args:
        text: An IRI, the address of a page about a thing, or an id alone.
        ids: What ids alone belong to: the prefix of a known collection (``ror``, ``wikidata``, ``geonames``, ``nuts``,
            ``eu``), or how their IRIs begin. Ids of Wikidata and ROR are known by themselves.

    Raises:
        ValueError: it is no IRI and nothing says what it belongs to, or not one that the collection gives.

    >>> identified("https://www.wikidata.org/wiki/Q42"), identified("05dxps055"), identified("DEE09", "nuts")
    ('http://www.wikidata.org/entity/Q42', 'https://ror.org/05dxps055', 'http://data.europa.eu/nuts/code/DEE09')
    """
    begins = {target.prefix: target.begin for target in TARGETS}
    for target in TARGETS:
        page = _PAGES[target.name].fullmatch(text) if target.name in _PAGES else None
        alone = page[1] if page else text
        if page or ids == target.prefix or (not ids and target.prefix in ("ror", "wikidata")):
            iri = target.begin + alone + ("/" if target.name == "GeoNames" else "")
            if page or "://" not in text:
                try:
                    return _of_target(iri, target)
                except ValueError:
                    if page or ids:
                        raise
    if "://" not in text and "://" in ids:
        return outward_iri(ids + quote(text, safe="/:@!$&'()*+,;=-._~%"))
    if "://" not in text and text.partition(":")[0] not in begins:
        known = ", ".join(begins)
        raise ValueError(
            f"'{text[:_SHOWN]}' is no IRI. Say what ids belong to, with --ids and one of {known}, or with how their "
            "IRIs begin, as --ids https://register.example/."
        )
    return outward_iri(text, begins)


def _of_target(iri: str, target: Target) -> str:
    if not iri.startswith(target.begin) or not re.fullmatch(target.rest, iri.removeprefix(target.begin)):
        raise ValueError(f"{iri[:_SHOWN]} is not an IRI of {target.name}, which look like {target.example}.")
    if target.name == "ROR" and not _is_ror(iri.removeprefix(target.begin)):
        raise ValueError(f"{iri} has a wrong check number: a letter or a digit is mistyped.")
    return iri


def _example(site: str) -> str:
    return next(each.example for each in TARGETS if each.name == ("GeoNames" if "geonames" in site else "Wikidata"))


def _is_ror(name: str) -> bool:
    """The last two digits check the six characters before them (ISO/IEC 7064, mod 97-10, over Crockford's base 32)."""
    number = 0
    for each in name[1:7]:
        number = number * 32 + "0123456789abcdefghjkmnpqrstvwxyz".index(each)
    return 98 - number * 100 % 97 == int(name[7:])


class LinkStanding:
    """Links taken together with the decisions on who is who: what a person need not be asked any more."""

    def __init__(self, links: Iterable[Link], decisions: Iterable[Decision] | Standing = ()) -> None:
        self._standing = Standing.of(decisions)
        self._rows: dict[tuple[str, str], list[Link]] = defaultdict(list)
        self._linked: set[tuple[str, str]] = set()
        for link in links:
            thing = self._standing.group(link.subject)
            self._rows[thing, link.object].append(link)
            if link.predicate == SAME:
                self._linked.add((thing, collection_of(link.object)[1]))

    def about(self, thing: str, iri: str) -> list[Link]:
        """The rows on one of ours, or on what is the same, and one elsewhere."""
        return list(self._rows.get((self._standing.group(thing), iri), ()))

    def decided(self, thing: str, iri: str, *, doubts: bool = True) -> bool:
        """Whether rows settle what one of ours is to one elsewhere, or give it another name in that collection.

        Args:
            thing: One of ours.
            iri: One elsewhere.
            doubts: Whether "undecided" is an answer, too.
        """
        if (self._standing.group(thing), collection_of(iri)[1]) in self._linked:
            return True
        return any(doubts or row.predicate != UNDECIDED for row in self.about(thing, iri))


def check_links(
    links: Iterable[Link], known: Iterable[str] | None = None, decisions: Iterable[Decision] | Standing = ()
) -> list[Problem]:
    """What does not fit together in links, and with the decisions on who is who.

    ``owl:sameAs`` leads both ways: two of ours that are the same as one thing elsewhere are the same. Where a decision
    says otherwise that is a violation; where none does it is a question to decide, a warning.

    Args:
        links: The links of all files.
        known: All things and concepts there are; ``None`` asks nothing of it. An unknown one is a warning.
        decisions: The decisions on who is who.
    """
    links = list(links)
    standing = Standing.of(decisions)
    problems = [*_repeated(links, standing), *_two_of_one(links, standing), *_two_elsewhere(links, standing)]
    if known is not None:
        problems.extend(_unknown(links, frozenset(known)))
    return sorted(problems, key=lambda problem: (problem.file or "", problem.line or 0))


def _repeated(links: Iterable[Link], standing: Standing) -> Iterator[Problem]:
    """Rows on one pair: the same again, a doubt beside an answer, or two answers."""
    seen: dict[tuple[str, str], list[Link]] = defaultdict(list)
    for link in links:
        before = seen[standing.group(link.subject), link.object]
        for first in before:
            if first.predicate == link.predicate:
                if first.subject == link.subject:
                    yield _warning(link, f"The row {first.where} says the same.", "Remove one of the two.")
            elif UNDECIDED in (first.predicate, link.predicate):
                doubt, answer = (first, link) if first.predicate == UNDECIDED else (link, first)
                if doubt.day > answer.day:
                    message = f"{doubt.subject} and {doubt.object} are undecided, but {answer.where} decided before."
                    yield _warning(doubt, message, "Remove the row that is no longer right.")
            else:
                yield Problem(
                    f"{first.where} says {first.predicate} of these two, this row {link.predicate}.",
                    file=link.file,
                    line=link.line,
                    advice="Remove one of these rows.",
                )
        before.append(link)


def _two_of_one(links: Iterable[Link], standing: Standing) -> Iterator[Problem]:
    seen: dict[str, Link] = {}
    for link in links:
        if link.predicate != SAME:
            continue
        first = seen.setdefault(link.object, link)
        a, b = first.subject, link.subject
        if standing.one(a, b):
            continue
        message = f"{link.object} is {a} by {first.where} and {b} by this row"
        rows = [each for each in standing.about(a, b) if each.predicate == "owl:differentFrom"]
        if rows:
            where = ", ".join(each.where for each in rows)
            yield Problem(
                f"{message}, but {where} decides that they are different.",
                file=link.file,
                line=link.line,
                advice="Remove one of these rows.",
            )
        else:
            yield _warning(link, f"{message}.", f"Decide: integgraph identity decide {a} same {b} --because …")


def _two_elsewhere(links: Iterable[Link], standing: Standing) -> Iterator[Problem]:
    found: dict[tuple[str, str], list[Link]] = defaultdict(list)
    for link in links:
        for target in TARGETS:
            if link.predicate == SAME and link.object.startswith(target.begin):
                found[standing.group(link.subject), target.name].append(link)
    for (_, name), rows in sorted(found.items()):
        for link in rows[1:]:
            if link.object != rows[0].object:
                message = f"{link.subject} is {link.object}, but {rows[0].object} by {rows[0].where}."
                yield _warning(link, message, f"{name} gives a thing one name; one of the two is wrong or outdated.")


def _unknown(links: Iterable[Link], known: frozenset[str]) -> Iterator[Problem]:
    for link in links:
        if link.subject not in known:
            similar = near_things(link.subject, known)
            advice = f"Did you mean {' or '.join(similar)}?" if similar else ""
            yield _warning(link, f"{link.subject} is not in the collection.", advice)


def _warning(link: Link, message: str, advice: str) -> Problem:
    return Problem(message, "warning", link.file, link.line, advice=advice)
