"""What an import keeps of a table: one description and parts of rows; and how a build states them as triples.

A table is a folder ``tables/<id>``: ``table.yaml`` says where it comes from, ``rows-00001.jsonl`` and so on hold
the rows as records, one JSON object a line. A part holds the rows of one stretch of the source, so rows that come at
its end change the last part only. An actor is described in the first part that names it.

Sources: JSON Lines; PROV-O (W3C, 2013).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from integgraph.errors import InputError, Problem
from integgraph.ingest import edtf, kinds, yamltext
from integgraph.ingest.mapping import Iris
from integgraph.ontology import DCT, EDTF, IG, PROV, RDF, SCHEMA, SKOS, VOCABULARY, XSD
from integgraph.tables import BY_TABLE, NOT_STATED, VALUE

TABLE = "table.yaml"
ROWS_AT_ONCE = 2_000
"""Rows of the source in a part."""
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TYPE = ox.NamedNode(RDF + "type")
_ACTOR_KEYS = frozenset({"actor", "name", "also", "kind", "sector", "legal_form", "url", "place"})
_FLOW_KEYS = frozenset({"row", "category", "funder", "recipient", "for", "subject", "amount", "currency", "from", "to",
                        "instrument", "programme", "wording"})  # fmt: skip
"""Keys of the two kinds of records."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a table.

    Attributes:
        name: ``<table>/rows-00001.jsonl``, its name in the folder of tables.
        language: Language of its names and texts.
        actors: The actors that it describes.
        flows: Its rows that are funding flows.
    """

    name: str
    language: str
    actors: Sequence[Mapping[str, Any]]
    flows: Sequence[Mapping[str, Any]]

    @property
    def table(self) -> str:
        """Id of the table."""
        return self.name.partition("/")[0]

    @property
    def mentions(self) -> list[str]:
        """Ids of all actors that it speaks of, sorted."""
        found = {actor["actor"] for actor in self.actors}
        for flow in self.flows:
            found.update(flow.get(key, "") for key in ("funder", "recipient"))
        return sorted(found - {""})


def encode(language: str, records: Iterable[Mapping[str, Any]]) -> bytes:
    """The content of a part's file."""
    lines = [{"language": language}, *records]
    return "".join(json.dumps(each, ensure_ascii=False, separators=(",", ":")) + "\n" for each in lines).encode()


def read_part(folder: Path, name: str) -> Part:
    """Read a part of a table.

    Args:
        folder: The folder of tables.
        name: Name of the part in it.

    Raises:
        InputError: a line is not as an import writes it; with its number.
    """
    raw = yamltext.read_bytes(folder / name, 50_000_000)
    head: dict[str, Any] = {}
    actors, flows = [], []
    for number, line in enumerate(raw.splitlines(), 1):
        try:
            record = json.loads(line)
            if not isinstance(record, dict):
                raise ValueError("it is no object")
            if number == 1:
                head = record
            elif "actor" in record:
                _check(record, _ACTOR_KEYS, ("actor", "name"))
                actors.append(record)
            else:
                _check(record, _FLOW_KEYS, ("row", "category"))
                flows.append(record)
        except (ValueError, RecursionError) as error:
            raise InputError(
                Problem(
                    f"The line is not as an import writes it: {str(error)[:200]}.",
                    file=f"tables/{name}",
                    line=number,
                    advice="Import the table again with integgraph import-table.",
                )
            ) from None
    language = kinds.language_tag(str(head.get("language", "")))
    if language is None:
        raise InputError(Problem("The first line names no language.", file=f"tables/{name}", line=1))
    return Part(name, language, actors, flows)


def _check(record: Mapping[str, Any], keys: frozenset[str], needed: Sequence[str]) -> None:
    for key, value in record.items():
        if key not in keys:
            raise ValueError(f"there is no key '{key}'")
        if key == "row":
            if not isinstance(value, int) or not 0 < value < 10**9:
                raise ValueError("'row' is the number of a row")
        elif not isinstance(value, str) or not value:
            raise ValueError(f"'{key}' is a text")
    for key in needed:
        if key not in record:
            raise ValueError(f"'{key}' is missing")
    for key in ("actor", "funder", "recipient"):
        if key in record and not _ID.fullmatch(record[key]):
            raise ValueError(f"'{record[key]}' is no id")
    for key in ("from", "to"):
        if key in record:
            edtf.parse(record[key])


# ---------------------------------------------------------------------------------------------------------------------
# The description of a table


def description(text: str, name: str) -> Mapping[str, str]:
    """What ``table.yaml`` says: plain keys and texts.

    Raises:
        InputError: it is not as an import writes it.
    """
    data = yamltext.load(text, name).data
    if not isinstance(data, dict) or not all(isinstance(value, str) for value in data.values()):
        raise InputError(Problem("The description of the table has lines 'key: text'.", file=name))
    for key in ("title", "language", "file", "sha256"):
        if not data.get(key):
            raise InputError(Problem(f"The description of the table has no '{key}'.", file=name))
    return data


def table_triples(table: str, said: Mapping[str, str], iris: Iris, licence: str) -> list[ox.Triple]:
    """What is stated of the table itself: its graph, its source document, and how it came to be."""
    graph, source, reading = (ox.NamedNode(iris.thing(kind, table)) for kind in ("table", "source", "reading"))
    text = ox.Literal(said["title"], language=said["language"])
    found: list[tuple[ox.NamedNode, str, ox.NamedNode | ox.Literal]] = [
        (graph, RDF + "type", ox.NamedNode(PROV + "Entity")),
        (graph, DCT + "title", text),
        (graph, DCT + "language", ox.Literal(said["language"])),
        (graph, DCT + "license", ox.NamedNode(licence)),
        (graph, DCT + "source", source),
        (graph, PROV + "wasDerivedFrom", source),
        (graph, PROV + "wasGeneratedBy", reading),
        (reading, RDF + "type", ox.NamedNode(PROV + "Activity")),
        (reading, PROV + "used", source),
        (source, RDF + "type", ox.NamedNode(IG + "SourceDocument")),
        (source, DCT + "title", text),
        (source, DCT + "identifier", ox.Literal(table)),
        (source, IG + "sha256", ox.Literal(said["sha256"])),
        (source, IG + "readTo", ox.Literal("whole")),
        (source, SCHEMA + "name", ox.Literal(said["file"])),
    ]
    if "url" in said:
        found.append((source, SCHEMA + "url", ox.NamedNode(said["url"])))
    if "edition" in said:
        found.append((source, IG + "edition", ox.Literal(said["edition"])))
    if "retrieved" in said:
        found.append((source, IG + "retrieved", ox.Literal(said["retrieved"], datatype=ox.NamedNode(XSD + "date"))))
    if "licence" in said:
        found.append((source, DCT + "license", ox.NamedNode(said["licence"])))
    return [ox.Triple(subject, ox.NamedNode(path), value) for subject, path, value in found]


def describe_table(folder: Path, name: str) -> Mapping[str, str]:
    """What the description of a table says; see :func:`description`.

    Args:
        folder: The folder of tables.
        name: ``<table>/table.yaml``.
    """
    return description(yamltext.read_text(folder / name), f"tables/{name}")


def source_triples(source: ox.NamedNode) -> list[ox.Triple]:
    """What a part has to know of its source document to be valid by itself."""
    return [
        ox.Triple(source, _TYPE, ox.NamedNode(IG + "SourceDocument")),
        ox.Triple(source, ox.NamedNode(DCT + "title"), ox.Literal(source.value, language="en")),
        ox.Triple(source, ox.NamedNode(IG + "readTo"), ox.Literal("whole")),
    ]


# ---------------------------------------------------------------------------------------------------------------------
# Actors of a part, for the table of actors

_COUNTS = ("networks", "participations", "coordinates", "flows_given", "flows_received")


@dataclass(slots=True)
class ActorFacts:
    """What a part says of an actor.

    Attributes:
        row: Its share of the row in the table of actors.
        name: Its name, if this part describes it.
        funders: IRIs of those who fund it.
    """

    row: dict[str, Any]
    name: str
    funders: set[str]


def actor_facts(part: Part, iris: Iris) -> dict[str, ActorFacts]:
    """What a part says of each actor, by IRI."""
    found: dict[str, ActorFacts] = {}

    def about(name: str) -> ActorFacts:
        iri = iris.thing("actor", name)
        if iri not in found:
            lists: dict[str, Any] = {"also": [], "kinds_stated": [], "sectors": [], "legal_forms": [], "places": []}
            found[iri] = ActorFacts(lists | dict.fromkeys(_COUNTS, 0), "", set())
        return found[iri]

    for record in part.actors:
        said = about(record["actor"])
        said.name = record["name"]
        said.row["also"] = [[record["also"], part.language]] if "also" in record else []
        columns = (("kind", "kinds_stated"), ("sector", "sectors"), ("legal_form", "legal_forms"), ("place", "places"))
        for key, column in columns:
            said.row[column] = [record[key]] if key in record else []
    for flow in part.flows:
        if "funder" in flow:
            about(flow["funder"]).row["flows_given"] += 1
        if "recipient" in flow:
            recipient = about(flow["recipient"])
            recipient.row["flows_received"] += 1
            if "funder" in flow:
                recipient.funders.add(iris.thing("actor", flow["funder"]))
    return found


def join_rows(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What is said of several actors that are one, as one."""
    return {
        key: sum(row[key] for row in rows) if key in _COUNTS else sorted(value for row in rows for value in row[key])
        for key in rows[0]
    }


# ---------------------------------------------------------------------------------------------------------------------
# Flows of a part, for the table of funding


def flow_name(table: str, row: int) -> str:
    """Id of the flow that a row of a table is."""
    return f"{table}.row-{row}"


def flow_rows(part: Part, names: Mapping[str, str], canonical: Mapping[str, str], iris: Iris) -> list[dict[str, Any]]:
    """The rows of a part in the table ``funding``, in the order of the source.

    Args:
        part: The part.
        names: Name of each actor that it speaks of, by id, as its table states it.
        canonical: IRI → canonical IRI, for things that a decision made one.
        iris: Where IRIs begin.
    """
    graph = iris.thing("table", part.table)

    def parties(flow: Mapping[str, Any], party: str) -> dict[str, Any]:
        if party not in flow:
            return {f"{party}s": [], f"{party}_names": [], f"{party}s_state": NOT_STATED}
        iri, name = iris.thing("actor", flow[party]), names.get(flow[party], flow[party])
        return {f"{party}s": [canonical.get(iri, iri)], f"{party}_names": [name], f"{party}s_state": VALUE}

    return [
        {
            "network": graph,
            "position": flow["row"],
            "flow": iris.thing("flow", flow_name(part.table, flow["row"])),
            "categories": [flow["category"]],
            **parties(flow, "funder"),
            **parties(flow, "recipient"),
            "activities": [flow["for"]] if "for" in flow else [],
            "amount": Decimal(flow["amount"]) if "amount" in flow else None,
            "amount_state": VALUE if "amount" in flow else NOT_STATED,
            "currency": flow.get("currency"),
            "since": flow.get("from"),
            "until": flow.get("to"),
            "instrument": flow.get("instrument"),
            "state": VALUE,
            "stated_by": BY_TABLE,
        }
        for flow in sorted(part.flows, key=lambda flow: int(flow["row"]))
    ]


# ---------------------------------------------------------------------------------------------------------------------
# Rows as triples

_LABELLED = ("for", "programme", "wording")
_PATHS = {"programme": IG + "programme", "wording": IG + "wording"}


class Stating:
    """States the records of one part.

    Args:
        part: The part.
        iris: Where the IRIs of things begin.
    """

    def __init__(self, part: Part, iris: Iris) -> None:
        self._part, self._iris = part, iris
        self.source = ox.NamedNode(iris.thing("source", part.table))
        self.graph = ox.NamedNode(iris.thing("table", part.table))

    def actor(self, record: Mapping[str, str]) -> Iterator[ox.Triple]:
        """What is stated of an actor."""
        node = ox.NamedNode(self._iris.thing("actor", record["actor"]))
        language = self._part.language

        def state(path: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
            return ox.Triple(node, ox.NamedNode(path), value)

        yield ox.Triple(node, _TYPE, ox.NamedNode(IG + "Actor"))
        yield state(IG + "statedName", ox.Literal(record["name"], language=language))
        if "also" in record:
            yield state(SKOS + "altLabel", ox.Literal(record["also"], language=language))
        if "kind" in record:
            yield state(IG + "statedKind", ox.Literal(record["kind"], language=language))
        if "sector" in record:
            yield state(IG + "sector", _concept("sector", record["sector"]))
        if "legal_form" in record:
            yield state(IG + "legalForm", _concept("legal-form", record["legal_form"]))
        if "place" in record:
            yield state(IG + "seat", ox.NamedNode(self._iris.thing("place", record["place"])))
        if "url" in record:
            yield state(SCHEMA + "url", ox.NamedNode(record["url"]))

    def flow(self, record: Mapping[str, Any]) -> Iterator[ox.Triple]:
        """What is stated of a funding flow; the row of the source is its position."""
        name = flow_name(self._part.table, record["row"])
        node = ox.NamedNode(self._iris.thing("flow", name))
        language = self._part.language

        def state(path: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
            return ox.Triple(node, ox.NamedNode(path), value)

        yield ox.Triple(node, _TYPE, _FLOW)
        yield ox.Triple(node, _POSITION, ox.Literal(str(record["row"]), datatype=_INTEGER))
        yield ox.Triple(node, _SOURCE, self.source)
        yield state(IG + "funderCategory", _concept("funder-category", record["category"]))
        for key in ("funder", "recipient"):
            if key in record:
                yield state(IG + key, ox.NamedNode(self._iris.thing("actor", record[key])))
        if "for" in record:
            activity = ox.NamedNode(self._iris.thing("activity", name))
            yield state(IG + "fundedThing", activity)
            yield ox.Triple(activity, _TYPE, _ACTIVITY)
            yield ox.Triple(activity, _ACTIVITY_NAME, ox.Literal(record["for"], language=language))
            if "subject" in record:
                yield ox.Triple(activity, _SUBJECT, _concept("field", record["subject"]))
        if "amount" in record:
            yield state(IG + "amount", ox.Literal(record["amount"], datatype=_DECIMAL))
        if "currency" in record:
            yield state(IG + "currency", ox.Literal(record["currency"]))
        for key in ("from", "to"):
            if key in record:
                yield state(IG + key, ox.Literal(record[key], datatype=_EDTF))
        if "instrument" in record:
            yield state(IG + "instrument", _concept("instrument", record["instrument"]))
        for key, path in _PATHS.items():
            if key in record:
                yield state(path, ox.Literal(record[key], language=language))


_FLOW, _ACTIVITY = ox.NamedNode(IG + "FundingFlow"), ox.NamedNode(IG + "Activity")
_ACTIVITY_NAME = ox.NamedNode(IG + "activityName")
_POSITION, _SOURCE, _SUBJECT = (
    ox.NamedNode(IG + "position"),
    ox.NamedNode(DCT + "source"),
    ox.NamedNode(DCT + "subject"),
)
_INTEGER, _DECIMAL = ox.NamedNode(XSD + "integer"), ox.NamedNode(XSD + "decimal")
_EDTF = ox.NamedNode(EDTF)


def _concept(scheme: str, name: str) -> ox.NamedNode:
    return ox.NamedNode(f"{VOCABULARY}{scheme}/{name}")
