"""Links to other collections: which of our things is which of theirs, read from ``data/links/outward*.sssom.tsv``.

The subject is ours (``actor:``, ``network:``, ``place:``, ``concept:<scheme>/<id>``), the object an IRI of another
collection, whole or shortened by a prefix of the file's ``curie_map``. Actors, networks and places are the same
(``owl:sameAs``); concepts match (``skos:exactMatch`` and its kin), because two vocabularies rarely cut the world alike.
Sources: SSSOM 1.0; SKOS Reference (W3C, 2009), section 10; the identifier patterns of ROR, Wikidata, GeoNames, NUTS.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from integgraph.errors import Problem
from integgraph.identity import sssom
from integgraph.identity.decisions import REQUIRED, SAME, Decision, is_outward, near_things
from integgraph.identity.standing import Standing

MATCHES = ("skos:exactMatch", "skos:closeMatch", "skos:broadMatch", "skos:narrowMatch")
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
    """

    name: str
    begin: str
    rest: str
    example: str

    @property
    def site(self) -> str:
        """The beginning without the scheme, by which an IRI with the wrong one is recognised."""
        return self.begin.partition("://")[2]


TARGETS = (
    Target("ROR", "https://ror.org/", r"0[0-9a-hjkmnp-tv-z]{6}\d\d", "https://ror.org/05dxps055"),
    Target("Wikidata", "http://www.wikidata.org/entity/", r"Q[1-9]\d*", "http://www.wikidata.org/entity/Q42"),
    Target("GeoNames", "https://sws.geonames.org/", r"[1-9]\d*/", "https://sws.geonames.org/2911522/"),
    Target(
        "NUTS", "http://data.europa.eu/nuts/code/", r"[A-Z]{2}[0-9A-Z]{0,3}", "http://data.europa.eu/nuts/code/DEE0"
    ),
)
_TWO_NAMES = ("www.wikidata.org/wiki/", "wikidata.org/wiki/", "www.geonames.org/", "wikidata.org/entity/")
"""Addresses of pages about a thing of these collections; the thing itself has another IRI."""


@dataclass(frozen=True, slots=True)
class Link(sssom.Statement):
    """One thing of ours, and the IRI of one of another collection.

    The subject is ``actor:<id>``, ``network:<id>``, ``place:<id>`` or ``concept:<scheme>/<id>``; the predicate
    ``owl:sameAs``, or one of :data:`MATCHES` for a concept.
    """


@dataclass(frozen=True, slots=True)
class Links:
    """What the files of links hold: the rows that count, and what is wrong with the others."""

    rows: tuple[Link, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_links(folder: Path) -> Links:
    """Read every file of links in a folder. A faulty row is named, and the others count; nothing is raised."""
    rows: list[Link] = []
    problems: list[Problem] = []
    for file in sorted(each for each in folder.glob("*.sssom.tsv") if is_outward(each)):
        table = sssom.read(file, REQUIRED)
        found = list(table.problems)
        for row in table.rows:
            try:
                rows.append(_link(row.cells, table.prefixes, file.name, row.line, found))
            except ValueError as error:
                found.append(Problem(str(error), file=file.name, line=row.line))
        problems.extend(sorted(found, key=lambda problem: problem.line or 0))
    return Links(tuple(rows), tuple(problems))


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
    allowed = MATCHES if subject.startswith("concept:") else (SAME,)
    if predicate not in allowed:
        kind = subject.partition(":")[0]
        raise ValueError(f"'{predicate[:_SHOWN]}' is not for {kind}s. Use one of: {', '.join(allowed)}.")
    return Link(*sssom.stated(row, outward_iri(row["object_id"], prefixes), file, line, problems))


def outward_iri(text: str, prefixes: Mapping[str, str] | None = None) -> str:
    """The IRI of a thing of another collection, in the form that this collection uses.

    Args:
        text: An IRI, or one shortened by a prefix.
        prefixes: Prefix → beginning of the IRI.

    Raises:
        ValueError: it is no IRI, not ``https``, or not one that the collection gives; the text says which it gives.

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
        raise ValueError(f"object_id is '{iri[:_SHOWN]}', but must be an IRI that begins with https://.")
    site = iri.partition("://")[2]
    for target in TARGETS:
        if site.startswith(target.site):
            return _of_target(iri, target)
    if site.startswith(_TWO_NAMES):
        raise ValueError(f"{iri[:_SHOWN]} is the address of a page. Use the IRI of the thing, as {_example(site)}.")
    if not iri.startswith("https://"):
        raise ValueError(f"{iri[:_SHOWN]} is not https.")
    return iri


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


def check_links(
    links: Iterable[Link], known: Iterable[str] | None = None, decisions: Iterable[Decision] = ()
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
    standing = Standing(decisions)
    problems = [*_repeated(links), *_two_of_one(links, standing), *_two_elsewhere(links, standing)]
    if known is not None:
        problems.extend(_unknown(links, frozenset(known)))
    return sorted(problems, key=lambda problem: (problem.file or "", problem.line or 0))


def _repeated(links: Iterable[Link]) -> Iterator[Problem]:
    seen: dict[tuple[str, str], Link] = {}
    for link in links:
        first = seen.setdefault((link.subject, link.object), link)
        if first is not link and first.predicate == link.predicate:
            yield _warning(link, f"The row {first.where} says the same.", "Remove one of the two.")
        elif first is not link:
            yield Problem(
                f"{first.where} says {first.predicate} of these two, this row {link.predicate}.",
                file=link.file,
                line=link.line,
                advice="Remove one of these rows.",
            )


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
