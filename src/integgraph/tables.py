"""The tables of a release: what columnar tools answer better than a query, one Parquet file each.

Every table says what a column means and in which unit (``tables/<name>.csv-metadata.json``, CSV on the Web). The three
states of an answer stay apart: a ``…_state`` column holds ``value``, ``stated-none``, or the reason why it is unknown,
so that none is never taken for unknown nor unknown for zero. Rows are made from the triples of one network's current
view, and of one actor, so a build renews the rows of what changed and keeps the others.

Sources: Apache Parquet; CSV on the Web (W3C, 2015), Metadata Vocabulary for Tabular Data.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, TextIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyoxigraph as ox

from integgraph.csvtext import SEPARATOR, harmless
from integgraph.errors import NotFound
from integgraph.ontology import IG, ORG, RDF, SKOS, VOCABULARY, Field, Ontology, Shape, near, text_of

Type = Literal["text", "texts", "integer", "boolean", "date", "amount"]
Row = dict[str, Any]

_ARROW: Mapping[Type, pa.DataType] = {
    "text": pa.string(),
    "texts": pa.list_(pa.string()),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "amount": pa.decimal128(19, 4),
}
_CSVW: Mapping[Type, str] = {
    "text": "string",
    "texts": "string",
    "integer": "integer",
    "boolean": "boolean",
    "date": "date",
    "amount": "decimal",
}
VALUE, STATED_NONE, NOT_STATED = "value", "stated-none", "not-stated"
BY_PROFILE, BY_TABLE = "profile", "table"
"""What states a funding flow, in the column ``stated_by``."""
ROWS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, type and meaning; ``property`` is the IRI of what it shows, where there is one."""

    name: str
    type: Type
    meaning: str
    property: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table: what a row is, its columns, and the columns that its rows are ordered by."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema; each field carries the meaning of its column."""
        return pa.schema(
            [pa.field(each.name, _ARROW[each.type], metadata={"description": each.meaning}) for each in self.columns]
        )


# ---------------------------------------------------------------------------------------------------------------------
# What tables there are

_STATE = Column(
    "state",
    "text",
    "value; or why the network has no row of its own here: stated-none, not-stated, not-recorded and so on.",
)
_NETWORK = Column("network", "text", "IRI of the network.")


def tables(ontology: Ontology) -> dict[str, Table]:
    """The tables by name. The columns of ``networks`` follow the form, so a new field is a new column.

    >>> [name for name in tables(Ontology.load())]
    ['networks', 'actors', 'memberships', 'funding', 'fields', 'target_groups', 'places']
    """
    return {each.name: each for each in (_networks(ontology), *_TABLES)}


def _networks(ontology: Ontology) -> Table:
    answers = [column for each in network_fields(ontology) for column in _answer_columns(each)]
    return Table(
        "networks",
        "One row a network: the current view of its answers.",
        (
            _NETWORK,
            Column("id", "text", "Id of the network, the last part of its IRI."),
            Column("name", "text", "Preferred name, in English where there is one.", SKOS + "prefLabel"),
            *answers,
            Column("founded_earliest", "date", "First day that the founding date allows.", IG + "foundedEarliest"),
            Column("founded_latest", "date", "Last day that the founding date allows.", IG + "foundedLatest"),
            Column("places", "texts", "Ids of seat and areas, with everything they lie in."),
            Column("countries", "texts", "Two-letter codes of the countries of seat and areas."),
            Column(
                "members_named",
                "integer",
                "Members named here, in roles that count; organisations, without unnamed groups.",
                ORG + "hasMember",
            ),
            Column(
                "fields_asked",
                "integer",
                "Fields that need an answer and were asked: withheld and not asked are left out.",
            ),
            Column(
                "fields_answered", "integer", "Of these, answered by a value or by a stated none; the rest are gaps."
            ),
            Column("profiles", "integer", "Profiles that describe the network."),
            Column(
                "status_date",
                "text",
                "Newest date that one of them gives for its status (EDTF); empty where none does.",
                IG + "statusDate",
            ),
        ),
        ("network",),
    )


def network_fields(ontology: Ontology) -> list[Field]:
    """The fields of the form that describe the network, in order."""
    return [each for each in ontology.form.fields if not each.profile]


def _answer_columns(each: Field) -> Iterator[Column]:
    kind: Type = "text" if each.single else "texts"
    if each.single and each.kind == "boolean":
        kind = "boolean"
    meaning = f"{each.name('en')}: {each.help.get('en', '')}".strip()
    if each.scheme:
        meaning += f" Ids of the vocabulary {each.scheme}."
    elif each.kind == "place":
        meaning += " Ids of places."
    elif each.node and each.node.inline:
        meaning += " IRIs of the actors."
    yield Column(each.key, kind, meaning, each.path)
    if each.required:
        yield Column(
            f"{each.key}_state",
            "text",
            f"Whether {each.key} has a value, is stated to be none (stated-none), or why it is unknown.",
        )


_TABLES = (
    Table(
        "actors",
        "One row an actor that takes part, coordinates, gives or receives; networks that do so stand here too. "
        "Counts are of the current view.",
        (
            Column("actor", "text", "IRI of the actor; the canonical one after the decisions on who is who."),
            Column("id", "text", "Id of the actor, the last part of its IRI."),
            Column("name", "text", "Preferred name, in English where there is one.", SKOS + "prefLabel"),
            Column("names_also", "texts", "Its other names.", SKOS + "altLabel"),
            Column("is_network", "boolean", "Whether it is itself a network of the collection."),
            Column("kinds_stated", "texts", "What the profiles call it, such as NGO.", IG + "statedKind"),
            Column("sectors", "texts", "Ids of the vocabulary sector; empty means unknown.", IG + "sector"),
            Column("legal_forms", "texts", "Ids of the vocabulary legal-form; empty means unknown.", IG + "legalForm"),
            Column("places", "texts", "Ids of its places; empty means unknown.", IG + "seat"),
            Column("merged", "texts", "Ids of rows that a decision made one with it."),
            Column("networks", "integer", "Networks it is a member of, in a role that counts."),
            Column("participations", "integer", "Rows in which it takes part, in whatever role."),
            Column("coordinates", "integer", "Networks it coordinates."),
            Column("flows_given", "integer", "Funding flows that name it as funder."),
            Column("flows_received", "integer", "Funding flows that name it as recipient."),
        ),
        ("actor",),
    ),
    Table(
        "memberships",
        "One row a participation: who takes part in which network, in which roles. A network without one has one row "
        "that says why.",
        (
            _NETWORK,
            Column("position", "integer", "Place in the list of the profile, from 1."),
            Column("membership", "text", "IRI of the participation."),
            Column(
                "actor",
                "text",
                "IRI of who takes part: an actor, another network, or a group without a name.",
                ORG + "member",
            ),
            Column("actor_name", "text", "Its name as this profile states it; the preferred name stands in actors."),
            Column("is_group", "boolean", "Whether only a kind is named (volunteers): such a row never counts."),
            Column("roles", "texts", "Ids of the vocabulary role.", ORG + "role"),
            Column(
                "counts_as_member",
                "boolean",
                "Whether it counts as a member: a role counts, and it is no group.",
                ORG + "hasMember",
            ),
            Column("since", "texts", "Begin of each role, where stated (EDTF).", IG + "from"),
            Column("until", "texts", "End of each role, where stated (EDTF).", IG + "to"),
            _STATE,
        ),
        ("network", "position"),
    ),
    Table(
        "funding",
        "One row a funding flow: a joint flow stays one row with several parties, and its amount is stated once. A "
        "network without one has one row that says why. Where a profile and an imported table speak of the same money, "
        "it has a row for each: so add up amounts of one kind of stated_by only.",
        (
            Column(
                "network",
                "text",
                "IRI of the network whose profiles state the flow; where a row of an imported table states it, the IRI "
                "of that table, which is no network.",
            ),
            Column(
                "position",
                "integer",
                "Place in the list of the profile, from 1; of a table the row, as a spreadsheet numbers it.",
            ),
            Column("flow", "text", "IRI of the funding flow."),
            Column(
                "categories",
                "texts",
                "Ids of the vocabulary funder-category: whose kind of money it is.",
                IG + "funderCategory",
            ),
            Column("funders", "texts", "IRIs of the funders that are named.", IG + "funder"),
            Column("funder_names", "texts", "Their names as this profile, or table, states them."),
            Column("funders_state", "text", "value, or not-stated: only the category is known."),
            Column("recipients", "texts", "IRIs of the recipients that are named.", IG + "recipient"),
            Column("recipient_names", "texts", "Their names as this profile, or table, states them."),
            Column("recipients_state", "text", "value, or not-stated: who receives it is not known."),
            Column("activities", "texts", "What the money is for.", IG + "activityName"),
            Column(
                "amount", "amount", "Amount in units of the currency; empty means unknown, never zero.", IG + "amount"
            ),
            Column("amount_state", "text", "value, or not-stated."),
            Column("currency", "text", "Three-letter code (ISO 4217).", IG + "currency"),
            Column(
                "share", "amount", "Share of the funded thing's cost, from 0 to 1; empty means unknown.", IG + "share"
            ),
            Column("since", "text", "Begin of the funding (EDTF).", IG + "from"),
            Column("until", "text", "End of the funding (EDTF).", IG + "to"),
            Column("instrument", "text", "Id of the vocabulary instrument.", IG + "instrument"),
            _STATE,
            Column(
                "stated_by",
                "text",
                "Who says so: profile, or table for a row of an imported table (docs/tables-import.md).",
            ),
        ),
        ("network", "position"),
    ),
    Table(
        "fields",
        "One row a field of action of a network. A network without one has one row that says why; an absent row never "
        "means that nobody works on it.",
        (
            _NETWORK,
            Column("field", "text", "Id of the vocabulary field.", IG + "fieldOfAction"),
            Column("wordings", "texts", "The words of the source.", IG + "wording"),
            _STATE,
        ),
        ("network", "field"),
    ),
    Table(
        "target_groups",
        "One row a target group of a network. A network without one has one row that says why; an absent row never "
        "means that nobody is there for it.",
        (
            _NETWORK,
            Column("target_group", "text", "Id of the vocabulary target-group.", IG + "targetGroup"),
            Column("collections", "texts", "served: whom the network is for; worked-with: whom it works with."),
            Column("wordings", "texts", "The words of the source.", IG + "wording"),
            _STATE,
        ),
        ("network", "target_group"),
    ),
    Table(
        "places",
        "One row a place that a profile names, and every place that it lies in.",
        (
            Column("place", "text", "IRI of the place."),
            Column("id", "text", "Id of the place, the last part of its IRI."),
            Column("name", "text", "Name, in English where there is one.", SKOS + "prefLabel"),
            Column("kind", "text", "country, region, district, town and so on.", IG + "placeKind"),
            Column("within", "text", "Id of the place that it lies in.", IG + "within"),
            Column("country", "text", "Two-letter code of the country.", IG + "countryCode"),
            Column("nuts", "text", "NUTS code of the place itself.", IG + "nutsCode"),
            Column("nuts3", "text", "NUTS 3 code of the region that it lies in.", IG + "nuts3Code"),
            Column("nuts_version", "text", "Version of the NUTS codes.", IG + "nutsVersion"),
            Column("networks_seated", "integer", "Networks whose seat is this very place."),
            Column("networks_active", "integer", "Networks that name this very place as an area of activity."),
            Column(
                "networks_within", "integer", "Networks with seat or an area in this place or in one that lies in it."
            ),
        ),
        ("place",),
    ),
)


# ---------------------------------------------------------------------------------------------------------------------
# Rows from triples


class _Graph:
    """The triples of one network's view, by subject and property."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self._objects: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        self._about: dict[str, list[str]] = defaultdict(list)
        for triple in triples:
            subject = text_of(triple.subject)
            self._objects[subject][triple.predicate.value].append(triple.object)
            if triple.predicate.value == IG + "about":
                self._about[text_of(triple.object)].append(subject)

    def terms(self, subject: str, path: str) -> list[Any]:
        found = self._objects.get(subject)
        return found.get(path, []) if found else []

    def texts(self, subject: str, path: str) -> list[str]:
        return [text_of(term) for term in self.terms(subject, path)]

    def text(self, subject: str, path: str) -> str | None:
        return next(iter(self.texts(subject, path)), None)

    def names(self, subject: str, path: str, scheme: str) -> list[str]:
        """Ids of concepts of a scheme."""
        start = f"{VOCABULARY}{scheme}/"
        return sorted(text.removeprefix(start) for text in self.texts(subject, path))

    def name(self, subject: str, path: str, scheme: str) -> str | None:
        return next(iter(self.names(subject, path, scheme)), None)

    def is_a(self, subject: str, class_iri: str) -> bool:
        return class_iri in self.texts(subject, RDF + "type")

    def position(self, subject: str) -> int:
        return int(self.text(subject, IG + "position") or 0)

    def in_order(self, subject: str, path: str) -> list[str]:
        return sorted(self.texts(subject, path), key=lambda node: (self.position(node), node))

    def absences(self, network: str) -> dict[str, str]:
        """Reason by field IRI."""
        return {
            self.text(node, IG + "field") or "": local(self.text(node, IG + "reason") or "")
            for node in self._about[network]
        }


def local(iri: str) -> str:
    """The last part of an IRI.

    >>> local("https://w3id.org/integgraph/id/network/harz")
    'harz'
    """
    return iri.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """What rows need of places: ids from a place outwards, and the country, by place IRI."""

    chains: Mapping[str, Sequence[str]]
    countries: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NetworkRows:
    """What one network gives to the tables.

    Attributes:
        rows: Rows by table: networks, memberships, funding, fields, target_groups.
        parts: What it says of each actor that takes part, by IRI; see :func:`actor_row`.
        places: IRIs of its seat and areas.
    """

    rows: Mapping[str, Sequence[Row]]
    parts: Mapping[str, Row]
    places: Mapping[str, Sequence[str]]


def network_rows(
    network: str,
    triples: Iterable[ox.Triple],
    profiles: Sequence[tuple[str, str]],
    ontology: Ontology,
    places: PlaceFacts,
) -> NetworkRows:
    """The rows of one network.

    Args:
        network: IRI of the network.
        triples: Its current view, with its preferred name.
        profiles: IRI of each of its profiles with the day its status is known by (empty if undated).
        ontology: The ontology.
        places: Where places lie.
    """
    graph = _Graph(triples)
    states = graph.absences(network)
    reason = {each.key: states.get(each.iri, NOT_STATED) for each in network_fields(ontology)}
    members = [_membership(graph, network, node, ontology) for node in graph.in_order(network, IG + "membership")]
    flows = [_flow(graph, network, node) for node in graph.in_order(network, IG + "funding")]
    wordings = _wordings(graph, network)
    rows = {
        "networks": [_network_row(graph, network, profiles, ontology, states, places)],
        "memberships": members or [_nothing(network, reason["members"], position=0)],
        "funding": flows or [_nothing(network, reason["funding"], position=0, stated_by=BY_PROFILE)],
        "fields": [
            {"network": network, "field": name, "wordings": wordings["field", name], "state": VALUE}
            for name in graph.names(network, IG + "fieldOfAction", "field")
        ]
        or [_nothing(network, reason["fields_of_action"])],
        "target_groups": [
            {
                "network": network,
                "target_group": name,
                "collections": _collections(ontology, name),
                "wordings": wordings["target-group", name],
                "state": VALUE,
            }
            for name in graph.names(network, IG + "targetGroup", "target-group")
        ]
        or [_nothing(network, reason["target_groups"])],
    }
    areas = {"seat": graph.texts(network, IG + "seat"), "area": graph.texts(network, IG + "areaOfActivity")}
    return NetworkRows(rows, _parts(graph, network, members, flows), areas)


def _nothing(network: str, state: str, **more: Any) -> Row:
    return {"network": network, "state": state, **more}


def _wordings(graph: _Graph, network: str) -> Mapping[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for node in graph.in_order(network, IG + "classifiedWording"):
        for value in graph.texts(node, IG + "value"):
            scheme, _, name = value.removeprefix(VOCABULARY).partition("/")
            for wording in graph.texts(node, IG + "wording"):
                found[scheme, name].append(wording)
    return defaultdict(list, {key: list(dict.fromkeys(words)) for key, words in found.items()})


def _collections(ontology: Ontology, name: str) -> list[str]:
    return sorted(key for key, members in ontology.scheme("target-group").collections.items() if name in members)


def _membership(graph: _Graph, network: str, node: str, ontology: Ontology) -> Row:
    actor = graph.text(node, ORG + "member") or ""
    roles = graph.names(node, ORG + "role", "role")
    held = graph.in_order(node, IG + "roleHeld")
    concepts = ontology.scheme("role").concepts
    group = graph.is_a(actor, IG + "UnnamedGroup")
    return {
        "network": network,
        "position": graph.position(node),
        "membership": node,
        "actor": actor,
        "actor_name": _stated_name(graph, actor),
        "is_group": group,
        "roles": roles,
        "counts_as_member": not group
        and actor != network
        and any(concepts[name].counts_as_member for name in roles if name in concepts),
        "since": sorted(date for role in held for date in graph.texts(role, IG + "from")),
        "until": sorted(date for role in held for date in graph.texts(role, IG + "to")),
        "state": VALUE,
    }


def _stated_name(graph: _Graph, actor: str) -> str | None:
    return min(graph.texts(actor, IG + "statedName"), default=None)


def _flow(graph: _Graph, network: str, node: str) -> Row:
    funders, recipients = (sorted(graph.texts(node, IG + path)) for path in ("funder", "recipient"))
    amount, share = graph.text(node, IG + "amount"), graph.text(node, IG + "share")
    things = graph.texts(node, IG + "fundedThing")
    return {
        "network": network,
        "position": graph.position(node),
        "flow": node,
        "categories": graph.names(node, IG + "funderCategory", "funder-category"),
        "funders": funders,
        "funder_names": [_stated_name(graph, each) or local(each) for each in funders],
        "funders_state": VALUE if funders else NOT_STATED,
        "recipients": recipients,
        "recipient_names": [_stated_name(graph, each) or local(each) for each in recipients],
        "recipients_state": VALUE if recipients else NOT_STATED,
        "activities": sorted(name for thing in things for name in graph.texts(thing, IG + "activityName")),
        "amount": Decimal(amount) if amount else None,
        "amount_state": VALUE if amount else NOT_STATED,
        "currency": graph.text(node, IG + "currency"),
        "share": Decimal(share) if share else None,
        "since": graph.text(node, IG + "from"),
        "until": graph.text(node, IG + "to"),
        "instrument": graph.name(node, IG + "instrument", "instrument"),
        "state": VALUE,
        "stated_by": BY_PROFILE,
    }


def _network_row(
    graph: _Graph,
    network: str,
    profiles: Sequence[tuple[str, str]],
    ontology: Ontology,
    states: Mapping[str, str],
    places: PlaceFacts,
) -> Row:
    row: Row = {"network": network, "id": local(network), "name": best_name(graph.terms(network, SKOS + "prefLabel"))}
    asked = answered = 0
    for each in network_fields(ontology):
        shown = _shown(graph, network, each)
        state = VALUE if shown else states.get(each.iri, NOT_STATED)
        row[each.key] = _cell(each, shown)
        if each.required:
            row[f"{each.key}_state"] = state
            outside = ontology.scheme("absence").concepts.get(state)
            asked += not (outside and state in ("withheld", "not-asked"))
            answered += state in (VALUE, STATED_NONE)
    where = [*graph.texts(network, IG + "seat"), *graph.texts(network, IG + "areaOfActivity")]
    row |= {
        "founded_earliest": _day(graph.text(network, IG + "foundedEarliest")),
        "founded_latest": _day(graph.text(network, IG + "foundedLatest")),
        "places": sorted({name for place in where for name in places.chains.get(place, ())}),
        "countries": sorted({places.countries[place] for place in where if place in places.countries}),
        "members_named": len(set(graph.texts(network, ORG + "hasMember"))),
        "fields_asked": asked,
        "fields_answered": answered,
        "profiles": len(profiles),
        "status_date": _newest_status(graph, profiles),
    }
    return row


def _newest_status(graph: _Graph, profiles: Sequence[tuple[str, str]]) -> str | None:
    dated = [(day, profile) for profile, day in profiles if day]
    return graph.text(max(dated)[1], IG + "statusDate") if dated else None


def _cell(each: Field, shown: list[str]) -> Any:
    if not each.single:
        return shown
    if not shown:
        return None
    return shown[0] == "true" if each.kind == "boolean" else shown[0]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _shown(graph: _Graph, network: str, each: Field) -> list[str]:
    """What a cell shows of a field: the value, or the part of it that names it; in the order of the list."""
    found: list[str] = []
    for node in graph.in_order(network, each.path):
        values = [node]
        for path in shown_steps(each):
            values = [text for value in values for text in graph.texts(value, path)]
        found.extend([_short(value, each) for value in sorted(values)] or [_in_parts(graph, node, each)])
    return list(dict.fromkeys(found))


def _in_parts(graph: _Graph, node: str, each: Field) -> str:
    """A value without the part that usually names it: all its parts, such as ``min 61 unit organisations``."""
    parts = each.node.parts if each.node else ()
    texts = ((part.key, text) for part in parts for text in sorted(graph.texts(node, part.path)))
    return " ".join(f"{key} {local(text)}" for key, text in texts) or local(node)


def _short(value: str, each: Field) -> str:
    if each.kind == "place":
        return local(value)
    return value.removeprefix(f"{VOCABULARY}{each.scheme}/") if each.scheme else value


def shown_steps(each: Field) -> tuple[str, ...]:
    """Properties that lead from a field's value to what a cell shows of it."""
    steps = [IG + "practiceType"] if each.kind == "practice" else []
    shape: Shape | None = each.node
    while shape is not None:
        part = shape.inline or shape.shorthand or next(part for part in shape.parts if part.minimum)
        steps.append(part.path)
        shape = part.node
    return tuple(steps)


def best_name(terms: Iterable[Any]) -> str | None:
    """The name in English where there is one, else in the first language."""
    found = sorted(((term.language or "", term.value) for term in terms), key=lambda pair: (pair[0] != "en", *pair))
    return found[0][1] if found else None


# ---------------------------------------------------------------------------------------------------------------------
# Actors: what each network says of them, put together

_COUNTS = ("networks", "participations", "coordinates", "flows_given", "flows_received")
_LISTS = ("kinds_stated", "sectors", "legal_forms", "places")


def _parts(graph: _Graph, network: str, members: Iterable[Row], flows: Iterable[Row]) -> dict[str, Row]:
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_COUNTS, 0))
    for row in members:
        if not row["is_group"]:
            counts[row["actor"]]["participations"] += 1
    for member in set(graph.texts(network, ORG + "hasMember")):
        counts[member]["networks"] += 1
    for body in set(graph.texts(network, IG + "coordinatedBy")):
        counts[body]["coordinates"] += 1
    for row in flows:
        for path, key in (("funders", "flows_given"), ("recipients", "flows_received")):
            for actor in row[path]:
                counts[actor][key] += 1
    # Coordinators may be the network itself, which coordinates nobody else; groups are no actors.
    actors = {*counts, *graph_actors(graph)}
    return {
        actor: {
            "also": sorted([term.value, term.language or ""] for term in graph.terms(actor, SKOS + "altLabel")),
            "kinds_stated": sorted(set(graph.texts(actor, IG + "statedKind"))),
            "sectors": graph.names(actor, IG + "sector", "sector"),
            "legal_forms": graph.names(actor, IG + "legalForm", "legal-form"),
            "places": sorted(map(local, graph.texts(actor, IG + "seat"))),
            **counts[actor],
        }
        for actor in sorted(actors)
        if not graph.is_a(actor, IG + "UnnamedGroup")
    }


def graph_actors(graph: _Graph) -> list[str]:
    """Everything that is described as an actor in this graph."""
    return [subject for subject in list(graph._objects) if graph.is_a(subject, IG + "Actor")]


def actor_row(
    actor: str, parts: Sequence[Mapping[str, Any]], names: Sequence[Any], merged: Sequence[str], *, network: bool
) -> Row:
    """The row of one actor.

    Args:
        actor: Its IRI.
        parts: What each network says of it (:attr:`NetworkRows.parts`).
        names: Its preferred and alternative names as (is preferred, literal).
        merged: Ids of what was made one with it.
        network: Whether it is a network.
    """
    chosen = best_name([term for preferred, term in names if preferred])
    row: Row = {
        "actor": actor,
        "id": local(actor),
        "name": chosen,
        "names_also": sorted(
            ({term.value for _, term in names} | {text for part in parts for text, _ in part["also"]}) - {chosen}
        ),
        "is_network": network,
        "merged": sorted(merged),
    }
    for key in _LISTS:
        row[key] = sorted({value for part in parts for value in part[key]})
    for key in _COUNTS:
        row[key] = sum(part[key] for part in parts)
    return row


# ---------------------------------------------------------------------------------------------------------------------
# Places


def place_rows(triples: Iterable[ox.Triple], uses: Iterable[Mapping[str, Sequence[str]]]) -> list[Row]:
    """The rows of all places.

    Args:
        triples: What is stated of the places.
        uses: For each network the IRIs of its ``seat`` and ``area``.
    """
    graph = _Graph(triples)
    seated, active, within = (defaultdict[str, int](int) for _ in range(3))
    chains = place_chains(graph)
    for use in uses:
        for place in use["seat"]:
            seated[place] += 1
        for place in use["area"]:
            active[place] += 1
        for place in {outer for named in (*use["seat"], *use["area"]) for outer in chains.get(named, ())}:
            within[place] += 1
    return [
        {
            "place": place,
            "id": local(place),
            "name": best_name(graph.terms(place, SKOS + "prefLabel")),
            "kind": graph.text(place, IG + "placeKind"),
            "within": local(graph.text(place, IG + "within") or "") or None,
            "country": graph.text(place, IG + "countryCode"),
            "nuts": graph.text(place, IG + "nutsCode"),
            "nuts3": graph.text(place, IG + "nuts3Code"),
            "nuts_version": graph.text(place, IG + "nutsVersion"),
            "networks_seated": seated[place],
            "networks_active": active[place],
            "networks_within": within[place],
        }
        for place in sorted(chains)
    ]


def place_chains(graph: _Graph) -> dict[str, list[str]]:
    """Each place with everything that it lies in, smallest first, by IRI."""
    chains = {}
    for place in graph_places(graph):
        chain = [place]
        while (outer := graph.text(chain[-1], IG + "within")) and outer not in chain:
            chain.append(outer)
        chains[place] = chain
    return chains


def graph_places(graph: _Graph) -> list[str]:
    """Everything that is described as a place in this graph."""
    return [subject for subject in list(graph._objects) if graph.is_a(subject, IG + "Place")]


def place_facts(triples: Iterable[ox.Triple]) -> PlaceFacts:
    """What the rows of networks need of the places."""
    graph = _Graph(triples)
    chains = place_chains(graph)
    countries = {}
    for place, chain in chains.items():
        code = next((code for outer in chain for code in graph.texts(outer, IG + "countryCode")), None)
        if code:
            countries[place] = code
    return PlaceFacts({place: [local(outer) for outer in chain] for place, chain in chains.items()}, countries)


# ---------------------------------------------------------------------------------------------------------------------
# Files


class TableWriter:
    """Writes one table in portions, in the order of its key; memory holds one portion."""

    def __init__(self, folder: Path, table: Table) -> None:
        self._table = table
        self._file = folder / f"{table.name}.parquet"
        self._rows: list[Row] = []
        self._digest = hashlib.sha256()
        self._writer = pq.ParquetWriter(self._file, table.schema, compression="zstd")
        self.count = 0

    def add(self, rows: Iterable[Row]) -> None:
        """Add rows; they come in the order of the key."""
        self._rows.extend(rows)
        if len(self._rows) >= ROWS_AT_ONCE:
            self._flush()

    def add_table(self, data: pa.Table) -> None:
        """Add whole columns."""
        self._flush()
        if data.num_rows:
            self._writer.write_table(data, row_group_size=ROWS_AT_ONCE)
            self._digest.update(canonical_bytes(data))
            self.count += data.num_rows

    def _flush(self) -> None:
        rows, self._rows = self._rows, []
        if rows:
            self.add_table(as_arrow(rows, self._table))

    def close(self) -> str:
        """Finish the file, and return the SHA-256 of its rows."""
        self._flush()
        self._writer.close()
        return self._digest.hexdigest()


def as_arrow(rows: Sequence[Row], table: Table) -> pa.Table:
    """Rows as columns; a key that a row does not have is empty there, or an empty list."""
    columns = []
    for column in table.columns:
        kind = _ARROW[column.type]
        many = column.type == "texts"
        values = [row.get(column.name) for row in rows]
        columns.append(pa.array([value or [] for value in values] if many else values, kind))
    return pa.Table.from_arrays(columns, schema=table.schema)


def canonical_bytes(data: pa.Table) -> bytes:
    r"""Rows as text that depends on the values alone: what the content hash counts of a table.

    One line a row; cells end with U+001F, values in a cell with U+001E; an empty cell is ``\N``. These characters
    never stand in a value, because records refuse control characters.
    """
    cells = [_cell_texts(data.column(name)) for name in data.column_names]
    if not cells or not data.num_rows:
        return b""
    lines = pc.binary_join_element_wise(pc.binary_join_element_wise(*cells, "\x1f"), "", "\n")
    return b"".join(_content(chunk) for chunk in lines.chunks if len(chunk))


def _content(texts: pa.StringArray) -> memoryview:
    """Texts one after the other, as they lie in memory."""
    _, places, content = texts.buffers()
    ends = memoryview(places).cast("i")  # where each begins, and where the last one ends (Arrow, layout of binary)
    return memoryview(content)[ends[texts.offset] : ends[texts.offset + len(texts)]]


def _cell_texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_list(column.type):
        return pc.binary_join(column, "\x1e")
    return pc.fill_null(pc.cast(column, pa.string()), "\\N")


def renew_table(
    old: Path, folder: Path, table: Table, gone: Sequence[str], rows: Sequence[Row], *, thing: str = ""
) -> tuple[str, int]:
    """Write a table anew from an old file, without the rows of some things and with others.

    Args:
        old: The old Parquet file.
        folder: Where the new one is written.
        table: The table.
        gone: Values of the first key column whose rows are left out.
        rows: Rows to put in.
        thing: A column that names the thing that a row is about; an old row gives way to a new one about the same.

    Returns:
        SHA-256 of the rows, and how many there are.
    """
    before = pq.ParquetFile(old).read().cast(table.schema)
    kept = before.filter(pc.invert(pc.is_in(before.column(table.key[0]), pa.array(gone, pa.string()))))
    if thing:
        again = pa.array([row[thing] for row in rows if row.get(thing)], pa.string())
        kept = kept.filter(pc.invert(pc.is_in(kept.column(thing), again)))
    joined = pa.concat_tables([kept, as_arrow(rows, table)]).sort_by([(name, "ascending") for name in table.key])
    writer = TableWriter(folder, table)
    writer.add_table(joined)
    return writer.close(), writer.count


def metadata(table: Table) -> dict[str, Any]:
    """A table's description: CSV on the Web metadata for its CSV form, which has the same columns."""
    columns = []
    for each in table.columns:
        column: dict[str, Any] = {
            "name": each.name,
            "titles": each.name,
            "dc:description": {"@value": each.meaning, "@language": "en"},
            "datatype": _CSVW[each.type],
            "required": each.name == table.key[0],
        }
        if each.type == "texts":
            column["separator"] = SEPARATOR
        if each.property:
            column["propertyUrl"] = each.property
        columns.append(column)
    key = {"primaryKey": list(table.key)} if table.key == (table.columns[0].name,) else {}
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": f"{table.name}.csv",
        "dc:title": table.name,
        "dc:description": {"@value": table.meaning, "@language": "en"},
        "dialect": {"header": True, "encoding": "utf-8", "delimiter": ","},
        "tableSchema": {"columns": columns, **key},
    }


def write_metadata(folder: Path, table: Table) -> None:
    """Write a table's description beside it."""
    text = json.dumps(metadata(table), ensure_ascii=False, indent=1) + "\n"
    (folder / f"{table.name}.csv-metadata.json").write_text(text, "utf-8")


def write_csv(data: pa.Table, out: TextIO) -> None:
    """Write a table as CSV (RFC 4180); a cell that a spreadsheet would take for a formula gets an apostrophe."""
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(data.column_names)
    for batch in data.to_batches(max_chunksize=ROWS_AT_ONCE):
        columns = [batch.column(name).to_pylist() for name in data.column_names]
        writer.writerows([_csv_cell(value) for value in row] for row in zip(*columns, strict=True))


def _csv_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return harmless(SEPARATOR.join(map(str, value)))
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value) if isinstance(value, int | date) else harmless(str(value))


class Tables:
    """The tables of a release by name, each read when it is asked for.

    Example::

        tables = integgraph.open("build").tables
        tables["networks"].to_pandas()
        tables.path("memberships")        # for polars, DuckDB and others that read the file themselves
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        """The Parquet file of a table.

        Raises:
            NotFound: there is no such table; similar names are given.
        """
        if name not in list(self):
            raise NotFound(f"There is no table '{name}'. The tables are: {', '.join(self)}.", near(name, list(self)))
        return self._folder / f"{name}.parquet"

    def describe(self, name: str) -> dict[str, Any]:
        """What the columns of a table mean (CSV on the Web)."""
        file = self.path(name).with_name(f"{name}.csv-metadata.json")
        found: dict[str, Any] = json.loads(file.read_text("utf-8"))
        return found

    def __getitem__(self, name: str) -> pa.Table:
        return pq.ParquetFile(self.path(name)).read()

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(file.stem for file in self._folder.glob("*.parquet")))

    def __len__(self) -> int:
        return len(list(self._folder.glob("*.parquet")))
