"""The mapping language: which column of a table is what (``docs/tables-import.md``, ``docs/adr``).

A mapping is a short YAML file. It says how the table is read, where it comes from, and what a row gives: a funding
flow, a membership in a network, or both; with the actors and places that these name.

A *value* is a column's heading, or ``{column: …}`` with what is done to the cell, or ``{value: …}`` for the
same in every row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from integgraph.errors import InputError, Problem
from integgraph.ingest import kinds, yamltext
from integgraph.ingest.tables.reading import FORMATS, Cell, Layout
from integgraph.ingest.yamltext import Document, Where
from integgraph.ontology import Ontology, near

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
NUMBERS = ("german", "english")
DATES = ("german", "english")


@dataclass(frozen=True, slots=True)
class Value:
    """Where a value comes from.

    Attributes:
        columns: Headings; the first cell that is not empty counts.
        constant: The same for every row, instead.
        before, after: Only what stands before the first, or after the last, of these characters.
        map: (Pattern, result): a cell that is the pattern, in any case, is the result; ``*`` at its end or its
            beginning stands for anything.
        otherwise: The result for every other cell; without it those stay as they are, where there is no map.

    >>> value = Value(columns=("Funder",), map=(("bezirksamt*", "municipal"),), otherwise="state")
    >>> value.of({"Funder": "Bezirksamt Mitte"})
    'municipal'
    """

    columns: tuple[str, ...] = ()
    constant: str | None = None
    before: str = ""
    after: str = ""
    map: tuple[tuple[str, str], ...] = ()
    otherwise: str | None = None

    def cell(self, row: Mapping[str, Cell]) -> Cell:
        """The cell, as it stands; ``None`` where all are empty."""
        if self.constant is not None:
            return self.constant
        for column in self.columns:
            cell = row[column]
            if cell is not None and (not isinstance(cell, str) or cell.strip()):
                return cell
        return None

    def of(self, row: Mapping[str, Cell]) -> str | None:
        """The value of a row as text in one line; ``None`` where it has none."""
        cell = self.cell(row)
        text = "" if cell is None else " ".join(str(cell).split())
        if self.before:
            text = text.partition(self.before)[0].strip()
        if self.after:
            text = text.rpartition(self.after)[2].strip()
        if self.map:
            folded = text.casefold()
            for pattern, result in self.map:
                if _fits(folded, pattern):
                    return result or None
            return self.otherwise
        return text or self.otherwise


def _fits(text: str, pattern: str) -> bool:
    if pattern == "*":
        return True
    if pattern.endswith("*"):
        return text.startswith(pattern[:-1])
    return text.endswith(pattern[1:]) if pattern.startswith("*") else text == pattern


@dataclass(frozen=True, slots=True)
class ActorMap:
    """What says who an actor is.

    Attributes:
        name: Its name.
        key: Headings whose cells, with the name, tell it from others in this table: a register number, a town.
        also, kind, sector, legal_form, url: What else is known.
        places: Where it is; the first value that is a known place counts.
    """

    name: Value
    key: tuple[str, ...] = ()
    also: Value | None = None
    kind: Value | None = None
    sector: Value | None = None
    legal_form: Value | None = None
    url: Value | None = None
    places: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowMap:
    """What makes a row a funding flow; see the class ``ig:FundingFlow``."""

    category: Value
    funder: ActorMap | None = None
    recipient: ActorMap | None = None
    activity: Value | None = None
    subject: Value | None = None
    amount: Value | None = None
    currency: Value | None = None
    since: Value | None = None
    until: Value | None = None
    instrument: Value | None = None
    programme: Value | None = None
    wording: Value | None = None
    counted_elsewhere: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NetworkMap:
    """What makes a row a membership; rows with one key are one network.

    Attributes:
        name: Name of the network.
        key: Headings whose cells tell networks of one name apart.
        member: Who takes part.
        role: In which role.
        programme, type, field, target_group, url: What else is known of the network.
        areas: Where it works, from each row; the first value that is a known place counts.
        area_otherwise: Where it works if no row names a known place.
    """

    name: Value
    member: ActorMap
    key: tuple[str, ...] = ()
    role: Value | None = None
    network_type: Value | None = None
    fields_of_action: Value | None = None
    target_groups: Value | None = None
    description: Value | None = None
    areas: tuple[Value, ...] = ()
    area_otherwise: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Persons:
    """How natural persons are told from organisations; they are left out.

    Attributes:
        persons: Heading → cells that say that a row is about a natural person.
        organisations: Heading → cells that say that it is about an organisation, whatever the name looks like.
        names: What is done where no cell says: ``look`` leaves out names that look like a person's, ``strict`` all
            names that bear neither a legal form nor a word for a body of some kind, ``trust`` none.
    """

    persons: Mapping[str, frozenset[str]] = field(default_factory=dict)
    organisations: Mapping[str, frozenset[str]] = field(default_factory=dict)
    names: str = "look"


@dataclass(frozen=True, slots=True)
class TableMapping:
    """A mapping, read.

    Attributes:
        id: Id of the table: part of its IRI, of those of its rows and actors, and name of its folder.
        language: Language of its texts and names.
        source: Key → value of the source document: title, url, edition, retrieved, licence.
        layout: How the file is read.
        numbers, dates: How they are written; empty where the column itself says so.
        only: Heading → cells of the rows that count; others are left out.
        persons: How natural persons are recognised.
        flow, network: What a row gives.
        sha256: Digest of the mapping.
        file: Its name.
    """

    id: str
    language: str
    source: Mapping[str, str]
    layout: Layout
    numbers: str
    dates: str
    only: Mapping[str, frozenset[str]]
    persons: Persons
    flow: FlowMap | None
    network: NetworkMap | None
    sha256: str
    file: str

    @property
    def columns(self) -> list[str]:
        """Every heading that the mapping names, each once, in the order of the mapping."""
        return list(dict.fromkeys(_columns(self)))


def _columns(part: object) -> Iterator[str]:
    if isinstance(part, Value):
        yield from part.columns
    elif isinstance(part, TableMapping):
        for each in (part.network, part.flow, part.persons):
            yield from _columns(each)
        yield from part.only
    elif isinstance(part, Persons):
        yield from (*part.persons, *part.organisations)
    elif isinstance(part, ActorMap | FlowMap | NetworkMap):
        for place in fields(part):
            value = getattr(part, place.name)
            if place.name == "key":
                yield from value
            elif isinstance(value, Mapping):
                yield from value
            elif isinstance(value, tuple):
                for one in value:
                    yield from _columns(one)
            else:
                yield from _columns(value)


def read_mapping(file: Path, ontology: Ontology) -> TableMapping:
    """Read a mapping.

    Raises:
        InputError: it is no mapping; every fault with its line, and with what was meant where that can be guessed.
    """
    document = yamltext.load(yamltext.read_text(file), file.name)
    reading = _Reading(document, file.name, ontology)
    mapping = reading.mapping()
    if reading.problems or mapping is None:
        raise InputError(reading.problems)
    return mapping


_TOP = frozenset({"table", "title", "url", "edition", "retrieved", "licence", "language", "read", "only", "persons",
                  "flows", "memberships"})  # fmt: skip
_READ = frozenset({"format", "sheet", "header", "last", "delimiter", "encoding", "numbers", "dates"})
_VALUE = frozenset({"column", "value", "map", "otherwise", "before", "after"})
_ACTOR = frozenset({"name", "key", "also", "kind", "sector", "legal_form", "url", "place"})
_FLOW = frozenset({"funder", "category", "recipient", "for", "subject", "amount", "currency", "from", "to",
                   "instrument", "programme", "wording", "counted_elsewhere"})  # fmt: skip
_NETWORK = frozenset(
    {"name", "key", "member", "role", "type", "fields", "target_groups", "description", "area", "area_otherwise"}
)
_PERSONS = frozenset({"persons", "organisations", "names"})
_SIGNS = {"tab": "\t", "comma": ",", "semicolon": ";"}


class _Reading:
    """One reading of one mapping."""

    def __init__(self, document: Document, name: str, ontology: Ontology) -> None:
        self.document, self.name, self.ontology = document, name, ontology
        self.problems: list[Problem] = []

    def problem(self, where: Where, message: str, advice: str = "") -> None:
        place = ".".join(str(step) for step in where)
        self.problems.append(
            Problem(message, file=self.name, line=self.document.line(where), field=place or None, advice=advice)
        )

    def mapping(self) -> TableMapping | None:
        data = self.part(self.document.data, (), _TOP)
        name = self.text(data, (), "table")
        if not _ID.fullmatch(name):
            self.problem(("table",), f"The id '{name}' of the table may hold only a–z, digits and single hyphens.")
        language = kinds.language_tag(self.text(data, (), "language"))
        if not language:
            self.problem(("language",), "The language of the table is missing.", "Add 'language: de'.")
        source = {key: self.text(data, (), key) for key in ("title", "url", "edition", "retrieved", "licence")}
        if not source["title"]:
            self.problem((), "The title of the table is missing.", "Add 'title: …'.")
        self._check_source(source)
        read = self.part(data.get("read", {}), ("read",), _READ)
        if not data.get("flows") and not data.get("memberships"):
            self.problem((), "The mapping says nothing of what a row gives.", "Add 'flows:' or 'memberships:'.")
        persons = self.part(data.get("persons", {}), ("persons",), _PERSONS)
        return TableMapping(
            id=name,
            language=language or "",
            source={key: value for key, value in source.items() if value},
            layout=self._layout(read),
            numbers=self.choice(read, ("read",), "numbers", NUMBERS),
            dates=self.choice(read, ("read",), "dates", DATES),
            only=self.cells(data.get("only"), ("only",)),
            persons=Persons(
                self.cells(persons.get("persons"), ("persons", "persons")),
                self.cells(persons.get("organisations"), ("persons", "organisations")),
                self.choice(persons, ("persons",), "names", ("look", "strict", "trust")) or "look",
            ),
            flow=self._flow(data["flows"], ("flows",)) if "flows" in data else None,
            network=self._network(data["memberships"], ("memberships",)) if "memberships" in data else None,
            sha256=self.document.sha256,
            file=self.name,
        )

    def _check_source(self, source: Mapping[str, str]) -> None:
        for key in ("url", "licence"):
            if source[key] and not re.fullmatch(r"https?://[^\s<>\"{}|\\^`]{1,1990}", source[key]):
                self.problem((key,), f"'{source[key]}' is not a web address.", "It begins with http:// or https://.")
        if source["retrieved"] and not re.fullmatch(r"\d{4}-\d\d-\d\d", source["retrieved"], re.ASCII):
            self.problem(("retrieved",), f"'{source['retrieved']}' is not a day such as 2026-11-23.")

    def _layout(self, read: Mapping[str, Any]) -> Layout:
        numbers = {}
        for key, default in (("header", "1"), ("last", "0")):
            text = self.text(read, ("read",), key) or default
            if not re.fullmatch(r"\d{1,7}", text, re.ASCII):
                self.problem(("read", key), f"'{key}' is the number of a row, not '{text}'.")
                text = default
            numbers[key] = int(text)
        sign = self.text(read, ("read",), "delimiter", strip=False)
        sign = _SIGNS.get(sign, sign)
        if len(sign) > 1 or sign in ('"', "\n", "\r"):
            self.problem(("read", "delimiter"), "The delimiter is one character, or tab, comma or semicolon.")
        return Layout(
            format=self.choice(read, ("read",), "format", FORMATS),
            sheet=self.text(read, ("read",), "sheet"),
            header=max(numbers["header"], 1),
            last=numbers["last"],
            delimiter=sign[:1],
            encoding=self.text(read, ("read",), "encoding"),
        )

    # -- parts

    def _flow(self, raw: Any, where: Where) -> FlowMap | None:
        data = self.part(raw, where, _FLOW)
        category = self.term(data, where, "category", "funder-category")
        if category is None:
            self.problem(where, "A flow needs the category of its funder.", "Add 'category: {value: state}'.")
            return None
        if "amount" in data and "currency" not in data:
            self.problem(where, "An amount needs its currency.", "Add 'currency: {value: EUR}'.")
        if "funder" not in data and "recipient" not in data:
            self.problem(where, "A flow names neither funder nor recipient.", "Add 'recipient: …'.")
        return FlowMap(
            category=category,
            funder=self.actor(data, where, "funder"),
            recipient=self.actor(data, where, "recipient"),
            activity=self.value(data, where, "for"),
            subject=self.term(data, where, "subject", "field"),
            amount=self.value(data, where, "amount"),
            currency=self.value(data, where, "currency"),
            since=self.value(data, where, "from"),
            until=self.value(data, where, "to"),
            instrument=self.term(data, where, "instrument", "instrument"),
            programme=self.value(data, where, "programme"),
            wording=self.value(data, where, "wording"),
            counted_elsewhere=self.cells(data.get("counted_elsewhere"), (*where, "counted_elsewhere")),
        )

    def _network(self, raw: Any, where: Where) -> NetworkMap | None:
        data = self.part(raw, where, _NETWORK)
        name, member = self.value(data, where, "name"), self.actor(data, where, "member")
        if name is None or member is None:
            self.problem(where, "A membership needs the name of the network, and a member.")
            return None
        return NetworkMap(
            name=name,
            member=member,
            key=self.columns(data, where, "key"),
            role=self.term(data, where, "role", "role"),
            network_type=self.term(data, where, "type", "network-type"),
            fields_of_action=self.term(data, where, "fields", "field"),
            target_groups=self.term(data, where, "target_groups", "target-group"),
            description=self.value(data, where, "description"),
            areas=self.values(data, where, "area"),
            area_otherwise=self.values(data, where, "area_otherwise"),
        )

    def actor(self, data: Mapping[str, Any], where: Where, key: str) -> ActorMap | None:
        if key not in data:
            return None
        where = (*where, key)
        raw = data[key]
        if isinstance(raw, str) or (isinstance(raw, dict) and ("column" in raw or "value" in raw)):
            raw = {"name": raw}
        part = self.part(raw, where, _ACTOR)
        name = self.value(part, where, "name")
        if name is None:
            self.problem(where, "An actor needs a name.", f"Write '{key}: {{name: Heading of the column}}'.")
            return None
        return ActorMap(
            name=name,
            key=self.columns(part, where, "key"),
            also=self.value(part, where, "also"),
            kind=self.value(part, where, "kind"),
            sector=self.term(part, where, "sector", "sector"),
            legal_form=self.term(part, where, "legal_form", "legal-form"),
            url=self.value(part, where, "url"),
            places=self.values(part, where, "place"),
        )

    def values(self, data: Mapping[str, Any], where: Where, key: str) -> tuple[Value, ...]:
        raw = data.get(key)
        if not isinstance(raw, list):
            found = self.value(data, where, key)
            return () if found is None else (found,)
        each = [self.value({key: one}, where, key) for one in raw]
        return tuple(value for value in each if value is not None)

    def term(self, data: Mapping[str, Any], where: Where, key: str, scheme: str) -> Value | None:
        """A value whose results are concepts of a scheme, where the mapping itself says which."""
        found = self.value(data, where, key)
        known = self.ontology.schemes[scheme].concepts
        if found is not None:
            results = [result for _, result in found.map]
            results += [text for text in (found.constant, found.otherwise) if text is not None and not found.map]
            results += [found.otherwise] if found.map and found.otherwise is not None else []
            for result in results:
                if result and result not in known:
                    similar = near(result, known)
                    hint = f"Did you mean {' or '.join(similar)}?" if similar else "docs/vocabularies.md lists all."
                    self.problem((*where, key), f"The vocabulary {scheme} has no concept '{result}'.", hint)
        return found

    def value(self, data: Mapping[str, Any], where: Where, key: str) -> Value | None:
        if key not in data:
            return None
        where = (*where, key)
        raw = data[key]
        if isinstance(raw, str):
            raw = {"column": raw}
        part = self.part(raw, where, _VALUE)
        columns = self.columns(part, where, "column")
        constant = self.text(part, where, "value") if "value" in part else None
        if bool(columns) == (constant is not None):
            self.problem(
                where, "A value has a column, or is the same in every row.", "Write 'column: …' or 'value: …'."
            )
        map_ = part.get("map", {})
        if not isinstance(map_, dict) or not all(isinstance(each, str) for each in map_.values()):
            self.problem((*where, "map"), "A map has lines such as 'Yes: lead-partner'.")
            map_ = {}
        return Value(
            columns,
            constant,
            self.text(part, where, "before", strip=False),
            self.text(part, where, "after", strip=False),
            tuple((" ".join(pattern.casefold().split()), result.strip()) for pattern, result in map_.items()),
            self.text(part, where, "otherwise") if "otherwise" in part else None,
        )

    # -- small things

    def part(self, raw: Any, where: Where, keys: frozenset[str]) -> Mapping[str, Any]:
        if not isinstance(raw, dict):
            self.problem(where, "Here stand lines such as 'key: value'.", f"The keys are: {', '.join(sorted(keys))}.")
            return {}
        for key in raw:
            if key not in keys:
                similar = near(key, keys)
                hint = f"Did you mean {' or '.join(similar)}?" if similar else f"There are: {', '.join(sorted(keys))}."
                self.problem((*where, key), f"There is no key '{key}' here.", hint)
        return raw

    def text(self, data: Mapping[str, Any], where: Where, key: str, *, strip: bool = True) -> str:
        raw = data.get(key, "")
        if not isinstance(raw, str):
            self.problem((*where, key), f"'{key}' is one text.")
            return ""
        return raw.strip() if strip else raw

    def choice(self, data: Mapping[str, Any], where: Where, key: str, allowed: Sequence[str]) -> str:
        found = self.text(data, where, key)
        if found and found not in allowed:
            self.problem((*where, key), f"'{key}' is one of {', '.join(allowed)}, not '{found}'.")
            return ""
        return found

    def columns(self, data: Mapping[str, Any], where: Where, key: str) -> tuple[str, ...]:
        return tuple(self._texts(data.get(key, []), (*where, key), "the heading of a column, or a list of them"))

    def cells(self, raw: Any, where: Where) -> Mapping[str, frozenset[str]]:
        if raw is None:
            return {}
        if not isinstance(raw, dict):
            self.problem(where, "Here stand lines such as 'Heading: [cell, cell]'.")
            return {}
        return {
            column: frozenset(
                " ".join(cell.casefold().split()) for cell in self._texts(cells, (*where, column), "a cell, or a list")
            )
            for column, cells in raw.items()
        }

    def _texts(self, raw: Any, where: Where, what: str) -> list[str]:
        found = [raw] if isinstance(raw, str) else raw
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            self.problem(where, f"Here stands {what}.")
            return []
        return found


def says(row: Mapping[str, Cell], cells: Mapping[str, frozenset[str]]) -> bool:
    """Whether one of these columns holds one of these cells; patterns end or begin with ``*``."""
    for column, wanted in cells.items():
        cell = row[column]
        text = "" if cell is None else " ".join(str(cell).casefold().split())
        if text in wanted or any("*" in pattern and _fits(text, pattern) for pattern in wanted):
            return True
    return False
