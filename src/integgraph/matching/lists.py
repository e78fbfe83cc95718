"""Lists of others, read entry by entry: tables, RDF, GeoNames, ROR and Wikidata extracts, or one name a line.

A faulty row is named and the others count. Tables, JSON and N-Triples may be of any length: memory holds an entry at a
time. Other RDF holds the names of all its subjects until its end, because nothing says that a subject is complete.

Sources: RFC 4180 (CSV); GeoNames readme (main table); ROR data structure 1.0 and 2.0; Wikibase JSON; SPARQL 1.1 Query
Results JSON Format.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import pyoxigraph as ox

from integgraph.csvtext import plain
from integgraph.errors import InputError, Problem
from integgraph.matching.names import MAX_NAME
from integgraph.ontology import RDF, RDFS, SKOS, near, text_of

FORMS = ("csv", "names", "geonames", "json", "turtle", "ntriples", "rdfxml", "jsonld")
ROLES = ("id", "name", "also", "place", "country", "website", "register", "kind")
"""What a column may hold."""
_SUFFIXES = {
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".txt": "names", ".json": "json", ".jsonl": "json", ".ndjson": "json",
    ".ttl": "turtle", ".nt": "ntriples", ".rdf": "rdfxml", ".xml": "rdfxml", ".owl": "rdfxml", ".jsonld": "jsonld",
}  # fmt: skip
_RDF = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}
_HEADINGS: Mapping[str, frozenset[str]] = {
    "id": frozenset(
        {
            "id", "iri", "uri", "identifier", "kennung", "ror", "ror id", "qid", "wikidata", "wikidata id", "item",
            "geonameid", "geonames id", "nuts", "nuts id", "nuts code", "code", "notation",
        }
    ),
    "name": frozenset(
        {
            "name", "label", "item label", "itemlabel", "title", "titel", "pref label", "preflabel", "bezeichnung",
            "organisation", "organization", "organisation name", "names types ror display",
        }
    ),
    "also": frozenset(
        {
            "also", "alias", "aliases", "alt label", "altlabel", "item alt label", "itemaltlabel", "alternatenames",
            "alternate names", "other names", "weitere namen", "kurzname",
            "asciiname", "name latin", "names types alias", "names types acronym", "names types label",
        }
    ),
    "place": frozenset({"place", "town", "city", "ort", "stadt", "sitz", "gemeinde", "location", "locality"}),
    "country": frozenset({"country", "country code", "countrycode", "country label", "land", "staat"}),
    "website": frozenset({"website", "homepage", "webseite", "internet", "url", "links type website"}),
    "register": frozenset({"register", "register number", "registernummer", "registerzeichen"}),
    "kind": frozenset({"kind", "type", "category", "sector", "art", "typ", "kategorie", "sektor"}),
}  # fmt: skip
"""Headings by what the column holds, in small letters and without signs."""
_MORE = "\0more"  # no heading is called so
_PIECE = 65_536  # characters read at once
_LONGEST = 100_000_000  # characters of one JSON value
_MOST_NAMES = 60
_SHOWN = 20
_NOT_UTF8 = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of a list.

    Attributes:
        id: As the list gives it; empty where it gives none.
        names: Its names, the preferred one first.
        places, countries, websites, registers, kinds: What else the list says, as it says it.
        line: Line, or number of the entry where a form has no lines, counted from 1.
    """

    id: str
    names: tuple[str, ...]
    places: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    websites: tuple[str, ...] = ()
    registers: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    line: int = 0


@dataclass(slots=True)
class ListFile:
    r"""A file with a list.

    Attributes:
        file: The file; it may be packed with gzip.
        form: One of ``FORMS``; told from the file's name, and from how it begins, unless given.
        columns: Role → heading of the column, for tables; those that are not given are told from their headings.
        problems: What is wrong with its rows, filled while it is read; at most 20 are kept.
        faults: How many rows are wrong.
        headings: The columns of a table.
        read: How many bytes have been read.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "list.csv")
    ...     _ = file.write_text("id;name;city\nhttps://e.example/1;Zora e.V.;Halberstadt\n")
    ...     [(each.id, each.names, each.places) for each in ListFile(file)]
    [('https://e.example/1', ('Zora e.V.',), ('Halberstadt',))]
    """

    file: Path
    form: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    faults: int = 0
    headings: Sequence[str] = ()
    _sign: str = ","
    _raw: BinaryIO | None = None

    def __post_init__(self) -> None:
        """Tell the form and, for a table, its columns.

        Raises:
            InputError: the file is not there, is empty, is UTF-16 or of no known form, or a column is missing or could
                be one of several; the text says which there are.
        """
        self.columns = {role: name for role, name in self.columns.items() if name}
        try:
            with self._open() as stream:
                begin = stream.read(4_000)
        except (OSError, EOFError, gzip.BadGzipFile) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise InputError(Problem(f"The file cannot be read: {reason}.", file=self.file.name)) from None
        if begin.startswith(("\udcff\udcfe", "\udcfe\udcff")):
            raise InputError(Problem("The file is UTF-16.", file=self.file.name, advice="Save it again as UTF-8."))
        if not begin.strip("\ufeff \t\r\n"):
            raise InputError(Problem("The file is empty.", file=self.file.name))
        self.form = self.form or self._told(begin)
        if self.form == "csv":
            first = re.sub(r'"[^"]*"', "", begin.lstrip("\r\n")).splitlines()[0]
            self._sign = max("\t;,|", key=first.count) if any(map(first.count, "\t;,|")) else ","
            self.headings = self._headings()
            self.columns = self._chosen(self.headings)

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.file.stat().st_size

    @property
    def read(self) -> int:
        """Bytes read so far."""
        return self._raw.tell() if self._raw is not None and not self._raw.closed else self.size

    def fault(self, message: str, line: int | None = None, advice: str = "") -> None:
        """Note that a row is wrong and does not count."""
        self.faults += 1
        if len(self.problems) < _SHOWN:
            self.problems.append(Problem(message, "warning", self.file.name, line, advice=advice))

    def __iter__(self) -> Iterator[Listed]:
        """The entries that have a name, in the order of the file."""
        try:
            yield from self._of_rdf() if self.form in _RDF else self._of_text()
        except (OSError, EOFError, zlib.error) as error:
            reason = getattr(error, "strerror", None) or str(error)
            self.fault(f"From here on the file cannot be read: {reason}.")

    def _of_text(self) -> Iterator[Listed]:
        readers: Mapping[str, Callable[[TextIO], Iterator[Listed]]] = {
            "csv": self._of_table,
            "names": self._of_lines,
            "geonames": self._of_geonames,
            "json": self._of_json,
        }
        with self._open() as stream:
            yield from readers[self.form](stream)

    # -- opening

    @contextmanager
    def _open(self) -> Iterator[TextIO]:
        """The file as text; bytes that are no UTF-8 come through as lone surrogates, so that a row can be named."""
        with self.file.open("rb") as raw:
            self._raw = raw
            packed = self.file.suffix == ".gz"
            stream: Any = gzip.GzipFile(fileobj=raw) if packed else raw
            with io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
                yield text

    def _told(self, begin: str) -> str:
        name = self.file.name.removesuffix(".gz")
        form = _SUFFIXES.get(Path(name).suffix.lower(), "")
        first = begin.splitlines()[0]
        if form in ("names", "csv") and len(first.split("\t")) == 19 and first.split("\t")[0].isdigit():
            return "geonames"
        if form == "json" and '"@context"' in begin:
            return "jsonld"
        if not form:
            known = ", ".join(sorted(_SUFFIXES))
            raise InputError(
                Problem(
                    f"What '{name[:100]}' holds cannot be told from its name.",
                    file=self.file.name,
                    advice=f"Known endings are {known}, each also with .gz; or --as and one of: {', '.join(FORMS)}.",
                )
            )
        return form

    # -- tables

    def _rows(self, stream: TextIO) -> csv.DictReader[str]:
        rows = csv.DictReader(stream, restkey=_MORE, restval="", delimiter=self._sign)
        rows.fieldnames = [each.strip() for each in rows.fieldnames or ()]
        return rows

    def _headings(self) -> Sequence[str]:
        with self._open() as stream:
            try:
                found = self._rows(stream).fieldnames or ()
            except csv.Error as error:
                raise InputError(Problem(f"The headings cannot be read: {error}.", file=self.file.name)) from None
        if any(map(_NOT_UTF8.search, found)):
            advice = "Save the file again as UTF-8."
            raise InputError(Problem("The headings are not UTF-8.", file=self.file.name, line=1, advice=advice))
        return found

    def _chosen(self, headings: Sequence[str]) -> dict[str, str]:
        """Role → heading."""
        chosen = {}
        for role, wanted in self.columns.items():
            if wanted not in headings:
                similar = near(wanted, headings)
                raise InputError(
                    Problem(
                        f"There is no column '{wanted[:100]}'.",
                        file=self.file.name,
                        line=1,
                        advice=f"Did you mean {' or '.join(similar)}?" if similar else f"Columns: {_named(headings)}.",
                    )
                )
            chosen[role] = wanted
        free = [each for each in headings if each not in chosen.values()]
        for role in ROLES:
            if role in chosen:
                continue
            found = [each for each in free if _plain(each) in _HEADINGS[role]]
            if role == "name" and not found:
                found = [each for each in free if "name" in _plain(each).split()]
            if len(found) > 1 and role in ("id", "name"):
                raise InputError(
                    Problem(
                        f"Several columns could hold the {role}: {_named(found)}.",
                        file=self.file.name,
                        line=1,
                        advice=f"Say which: --{role} '{found[0]}'",
                    )
                )
            if found:
                chosen[role] = found[0]
        if "name" not in chosen:
            raise InputError(
                Problem(
                    "No column holds names, as far as headings tell.",
                    file=self.file.name,
                    line=1,
                    advice=f"Say which it is with --name. Columns: {_named(headings)}.",
                )
            )
        return chosen

    def _of_table(self, stream: TextIO) -> Iterator[Listed]:
        rows = self._rows(stream)
        while True:
            try:
                row = next(rows, None)
            except csv.Error as error:
                self.fault(f"The row cannot be read: {error}.", rows.line_num)
                continue
            if row is None:
                return
            if any(row.pop(_MORE, ())):
                self.fault(f"The row has more cells than the {len(self.headings)} columns.", rows.line_num)
                continue
            found = self._listed({role: [row[name]] for role, name in self.columns.items()}, rows.line_num)
            if found:
                yield found

    def _listed(self, values: Mapping[str, Iterable[str]], line: int) -> Listed | None:
        """An entry of what stands under each role; ``None``, and a fault, where it has no name or is not UTF-8."""
        clean = {role: tuple(dict.fromkeys(filter(None, map(_one_line, found)))) for role, found in values.items()}
        if any(_NOT_UTF8.search(text) for found in clean.values() for text in found):
            self.fault("The row is not UTF-8.", line, "Save the file again as UTF-8.")
            return None
        also = (each for text in clean.get("also", ()) for each in _several(text))
        names = tuple(dict.fromkeys([*clean.get("name", ()), *also]))[:_MOST_NAMES]
        if not clean.get("name") or not any(map(str.isalnum, names[0])):
            self.fault("The row has no name.", line)
            return None
        return Listed(
            next(iter(clean.get("id", ())), ""),
            names,
            clean.get("place", ()),
            clean.get("country", ()),
            clean.get("website", ()),
            clean.get("register", ()),
            clean.get("kind", ()),
            line,
        )

    def _of_lines(self, stream: TextIO) -> Iterator[Listed]:
        for line, text in enumerate(stream, 1):
            if text.strip() and (found := self._listed({"name": [text]}, line)):
                yield found

    def _of_geonames(self, stream: TextIO) -> Iterator[Listed]:
        for line, text in enumerate(stream, 1):
            cells = text.rstrip("\r\n").split("\t")
            if len(cells) != 19:
                self.fault(f"The row has {len(cells)} cells, but a row of GeoNames has 19.", line)
                continue
            kind = _FEATURES.get(cells[6], "")
            values = {"id": [cells[0]], "name": [cells[1]], "also": [f"{cells[2]},{cells[3]}".replace(",", "|")]}
            found = self._listed({**values, "country": [cells[8]], "kind": [kind]}, line)
            if found:
                yield found

    # -- JSON

    def _of_json(self, stream: TextIO) -> Iterator[Listed]:
        for number, value in enumerate(self._values(stream), 1):
            if not isinstance(value, dict):
                self.fault("The entry is no object.", number)
            elif "results" in value and isinstance(value["results"], dict):
                for inner, row in enumerate(value["results"].get("bindings") or (), 1):
                    cells = {key: each.get("value", "") for key, each in row.items() if isinstance(each, dict)}
                    if found := self._listed(self._by_heading(cells), inner):
                        yield found
            elif found := self._listed(self._told_by(value), number):
                yield found

    def _told_by(self, value: Mapping[str, Any]) -> Mapping[str, Iterable[str]]:
        if isinstance(value.get("labels"), dict):
            return _of_wikidata(value)
        if _dicts(value.get("names")) or _dicts(value.get("addresses")) or "acronyms" in value:
            return _of_ror(value)
        return self._by_heading(value)

    def _by_heading(self, cells: Mapping[str, Any]) -> Mapping[str, Iterable[str]]:
        """Values of a flat object by role, told by its keys as those of a table are."""
        found: dict[str, Iterable[str]] = {}
        for role in ROLES:
            wanted = self.columns.get(role)
            keys = [wanted] if wanted else [key for key in cells if _plain(key) in _HEADINGS[role]]
            found[role] = [text for key in keys[:1] for text in _texts(cells.get(key))]
        return found

    def _values(self, stream: TextIO) -> Iterator[Any]:
        """The values of a JSON file: the items of one array, or one after another; a piece in memory at a time."""
        decoder = json.JSONDecoder()
        text = stream.read(_PIECE).lstrip()
        listed = text.startswith("[")
        at = int(listed)
        while True:
            while at < len(text) and text[at] in " \t\r\n,":
                at += 1
            if listed and text[at : at + 1] == "]":
                return
            try:
                value, end = decoder.raw_decode(text, at)
                if end == len(text) and text[-1] not in '}]"':
                    raise ValueError  # a number or a word may go on in the next piece
            except (ValueError, RecursionError):
                text = text[at:]
                at = 0
                more = stream.read(max(_PIECE, len(text))) if len(text) < _LONGEST else ""
                if not more:
                    if text.strip():
                        self.fault("From here on the file is not JSON, or an entry is too large.")
                    return
                text += more
                continue
            yield value
            at = end

    # -- RDF

    def _of_rdf(self) -> Iterator[Listed]:
        found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for triple in self._triples():
            role = _PROPERTIES.get(triple.predicate.value)
            if role is not None and isinstance(triple.subject, ox.NamedNode):
                values = found[triple.subject.value][role]
                if len(values) < _MOST_NAMES:
                    values.append(text_of(triple.object))
        for number, (iri, said) in enumerate(found.items(), 1):
            if named := [*said.pop("name", ()), *said.pop("also", ())]:
                entry = self._listed({**said, "id": [iri], "name": named}, number)
                if entry:
                    yield entry

    def _triples(self) -> Iterator[ox.Triple]:
        with self.file.open("rb") as raw:
            self._raw = raw
            stream: Any = gzip.GzipFile(fileobj=raw) if self.file.suffix == ".gz" else raw
            if self.form == "ntriples":  # a line is a statement, so a faulty one costs no other
                for number, line in enumerate(stream, 1):
                    try:
                        yield from (quad.triple for quad in ox.parse(line, format=_RDF[self.form]))
                    except SyntaxError:
                        self.fault("The line is not N-Triples.", number)
                return
            base = self.file.resolve().as_uri()
            try:
                for quad in ox.parse(stream, format=_RDF[self.form], base_iri=base):
                    yield quad.triple
            except SyntaxError as error:
                reason = str(error.msg).rstrip(".")
                if "LoadDocument" in reason:
                    reason = "its context is at another address, which is not fetched; write the context into the file"
                self.fault(f"From here on it cannot be read: {reason}.", error.lineno)


def _of_wikidata(value: Mapping[str, Any]) -> Mapping[str, Iterable[str]]:
    """An item of Wikidata's JSON: labels and aliases in all languages."""
    labels = {key: str(each.get("value", "")) for key, each in value["labels"].items() if isinstance(each, dict)}
    ordered = sorted(labels, key=lambda key: (key not in ("en", "de"), key))
    aliases = value.get("aliases")
    others = [each for found in aliases.values() for each in _dicts(found)] if isinstance(aliases, dict) else []
    also = [labels[key] for key in ordered[1:]] + [str(each.get("value", "")) for each in others]
    return {"id": _texts(value.get("id")), "name": [labels[key] for key in ordered[:1]], "also": also}


def _of_ror(value: Mapping[str, Any]) -> Mapping[str, Iterable[str]]:
    """A record of ROR's data, version 1 or 2."""
    names = _dicts(value.get("names"))
    shown = [str(each.get("value", "")) for each in names if "ror_display" in _texts(each.get("types"))]
    also = [str(each.get("value", "")) for each in names if str(each.get("value", "")) not in shown]
    for key in ("aliases", "acronyms", "labels"):
        also += [*_texts(value.get(key)), *(str(each.get("label", "")) for each in _dicts(value.get(key)))]
    towns = _dicts([each.get("geonames_details") for each in _dicts(value.get("locations"))])
    first = _dicts(value.get("addresses"))
    return {
        "id": _texts(value.get("id")),
        "name": shown or _texts(value.get("name")) or also[:1],
        "also": also,
        "place": [*(str(each.get("name", "")) for each in towns), *(str(each.get("city", "")) for each in first)],
        "country": [str(each.get("country_code", "")) for each in (*towns, *_dicts(value.get("country")))],
        "website": [*_texts(value.get("links")), *(str(each.get("value", "")) for each in _dicts(value.get("links")))],
    }


def _dicts(value: Any) -> list[dict[str, Any]]:
    """The objects in a list, or an object alone; whatever else stands there says nothing."""
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]


_FEATURES = {"A": "region", "P": "town"}
"""Feature classes of GeoNames in our words; the others are no places that we know."""
_GEONAMES = "https://www.geonames.org/ontology#"
_PROPERTIES: Mapping[str, str] = {
    SKOS + "prefLabel": "name",
    RDFS + "label": "name",
    SKOS + "altLabel": "also",
    "http://xmlns.com/foaf/0.1/name": "name",
    "http://purl.org/dc/terms/title": "name",
    "http://purl.org/dc/elements/1.1/title": "name",
    "http://xmlns.com/foaf/0.1/homepage": "website",
    RDF + "type": "kind",
    **{
        f"{scheme}://{namespace}{name}": role
        for scheme in ("http", "https")
        for namespace, terms in (
            (
                "schema.org/",
                {
                    "name": "name",
                    "legalName": "name",
                    "alternateName": "also",
                    "url": "website",
                    "addressLocality": "place",
                    "addressCountry": "country",
                },
            ),
            (
                "www.geonames.org/ontology#",
                {"name": "name", "officialName": "name", "alternateName": "also", "countryCode": "country"},
            ),
        )
        for name, role in terms.items()
    },
}


def _plain(heading: str) -> str:
    """A heading in small letters, its words parted: ``itemLabel`` and ``item_label`` are one."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    return " ".join(re.findall(r"\w+", parted.replace("_", " ").casefold()))


def _named(headings: Iterable[str]) -> str:
    return ", ".join(f"'{plain(each)[:60]}'" for each in list(headings)[:_SHOWN])


def _one_line(text: str) -> str:
    return plain(text[:MAX_NAME].replace("\ufeff", ""))


def _several(text: str) -> list[str]:
    """Names that share a cell; a comma belongs to a name as often as it parts two, so it parts none."""
    return [each for each in (part.strip() for part in re.split(r"\s*[|;]\s*", text)) if each]


def _texts(value: Any) -> list[str]:
    found = value if isinstance(value, list) else [value]
    return [str(each) for each in found if isinstance(each, str | int | float) and str(each)]
