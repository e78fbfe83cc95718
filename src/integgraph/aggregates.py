"""Aggregates of a release: counts that pages and reports show, made at build from the tables.

What each means is a published query (``ontology/aggregates/<name>.rq``); it is counted from the tables, because that
takes milliseconds where the query takes seconds, and a test holds both to the same answer. Counts are of this
collection: what is not listed here is not what nobody does.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from integgraph.errors import OntologyError
from integgraph.ontology import LANGUAGES, Ontology, default_folder
from integgraph.tables import canonical_bytes, network_fields

Key = tuple[str | int, ...]
FOLDER = "aggregates"


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One aggregate: what it answers, its columns, and how it is counted.

    Attributes:
        name: Its name, and that of its file and query.
        keys: Names of the columns that it is counted by.
        counts: Names of the columns that hold counts.
        count: Counts from the tables: key → counts.
    """

    name: str
    keys: tuple[str, ...]
    counts: tuple[str, ...]
    count: Callable[[_Columns, Ontology], Mapping[Key, tuple[int, ...]]]


class _Columns:
    """Columns of the tables as plain lists, each read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[tuple[str, str], list[Any]] = {}

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Rows of some columns."""
        new = [column for column in columns if (table, column) not in self._known]
        if new:
            data = pq.ParquetFile(self._folder / f"{table}.parquet").read(new)
            self._known |= {(table, column): data.column(column).to_pylist() for column in new}
        return zip(*(self._known[table, column] for column in columns), strict=True)


def _by(*columns: str) -> Callable[[_Columns, Ontology], Mapping[Key, tuple[int, ...]]]:
    """Networks by every combination of the values in these columns of ``networks``."""

    def count(tables: _Columns, ontology: Ontology) -> Mapping[Key, tuple[int, ...]]:
        found = Counter(key for row in tables.rows("networks", columns) for key in product(*row))
        return {key: (number,) for key, number in found.items()}

    return count


def _funder_categories(tables: _Columns, ontology: Ontology) -> Mapping[Key, tuple[int, ...]]:
    networks: dict[str, set[str]] = {}
    flows: Counter[str] = Counter()
    for network, categories in tables.rows("funding", ("network", "categories")):
        for category in categories:
            networks.setdefault(category, set()).add(network)
            flows[category] += 1
    return {(category,): (len(found), flows[category]) for category, found in networks.items()}


def _states(tables: _Columns, ontology: Ontology) -> Mapping[Key, tuple[int, ...]]:
    fields = [each.key for each in network_fields(ontology) if each.required]
    states = {field: Counter(tables.rows("networks", [f"{field}_state"])) for field in fields}
    return {(field, state): (number,) for field, found in states.items() for (state,), number in found.items()}


def _memberships(tables: _Columns) -> set[tuple[str, str]]:
    rows = tables.rows("memberships", ("network", "actor", "counts_as_member"))
    return {(network, actor) for network, actor, counts in rows if counts}


def _degrees(tables: _Columns, ontology: Ontology) -> Mapping[Key, tuple[int, ...]]:
    networks = Counter(actor for _, actor in _memberships(tables))
    return {(number,): (actors,) for number, actors in Counter(networks.values()).items()}


def _sectors(tables: _Columns, ontology: Ontology) -> Mapping[Key, tuple[int, ...]]:
    members = Counter(actor for _, actor in _memberships(tables))
    memberships: Counter[str] = Counter()
    actors: Counter[str] = Counter()
    for actor, sectors in tables.rows("actors", ("actor", "sectors")):
        if actor in members:
            memberships.update(dict.fromkeys(sectors, members[actor]))
            actors.update(sectors)
    return {(sector,): (number, actors[sector]) for sector, number in memberships.items()}


_NETWORKS = ("networks",)
AGGREGATES: tuple[Aggregate, ...] = (
    Aggregate("actors_by_networks", ("networks",), ("actors",), _degrees),
    Aggregate("answers_by_field", ("field", "state"), _NETWORKS, _states),
    Aggregate(
        "coverage",
        ("country", "field", "target_group"),
        _NETWORKS,
        _by("countries", "fields_of_action", "target_groups"),
    ),
    Aggregate("members_by_sector", ("sector",), ("memberships", "actors"), _sectors),
    Aggregate("networks_by_country", ("country",), _NETWORKS, _by("countries")),
    Aggregate("networks_by_field", ("field",), _NETWORKS, _by("fields_of_action")),
    Aggregate("networks_by_formalisation", ("formalisation",), _NETWORKS, _by("formalisation")),
    Aggregate("networks_by_funder_category", ("category",), ("networks", "flows"), _funder_categories),
    Aggregate("networks_by_target_group", ("target_group",), _NETWORKS, _by("target_groups")),
    Aggregate("networks_by_type", ("network_type",), _NETWORKS, _by("network_type")),
)


def write_aggregates(folder: Path, ontology: Ontology) -> dict[str, str]:
    """Count every aggregate from the tables in a release folder; SHA-256 of the rows of each, by part."""
    tables = _Columns(folder / "tables")
    (folder / FOLDER).mkdir()
    digests = {}
    for each in AGGREGATES:
        data = as_table(each, each.count(tables, ontology))
        name = f"{FOLDER}/{each.name}.parquet"
        pq.write_table(data, folder / name, compression="zstd")
        digests[name] = hashlib.sha256(canonical_bytes(data)).hexdigest()
    return digests


def as_table(each: Aggregate, counted: Mapping[Key, tuple[int, ...]]) -> pa.Table:
    """Counts as columns, ordered by their keys."""
    rows = [(*key, *counts) for key, counts in sorted(counted.items())]
    names = (*each.keys, *each.counts)
    numbers = {*each.counts, *(each.keys if each.keys == _NETWORKS else ())}
    kinds = [pa.int64() if name in numbers else pa.string() for name in names]
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    meaning = {"description": query(each.name).titles["en"]}
    schema = pa.schema([pa.field(name, kind) for name, kind in zip(names, kinds, strict=True)], metadata=meaning)
    return pa.Table.from_arrays(
        [pa.array(values, kind) for values, kind in zip(columns, kinds, strict=True)], schema=schema
    )


@dataclass(frozen=True, slots=True)
class Definition:
    """The published query that defines an aggregate, with what it answers by language."""

    titles: Mapping[str, str]
    text: str


def query(name: str, folder: Path | None = None) -> Definition:
    """The query that defines an aggregate.

    Raises:
        OntologyError: there is none, or it does not say what it answers.

    >>> query("networks_by_field").titles["en"]
    'How many networks list each field of action?'
    """
    file = (folder or default_folder()) / FOLDER / f"{name}.rq"
    try:
        text = file.read_text("utf-8")
    except OSError:
        raise OntologyError(f"The aggregate {name} has no query {file.name}.") from None
    titles = dict(re.findall(r"^# title@(\w+): (.+)$", text, re.MULTILINE))
    missing = [language for language in LANGUAGES if language not in titles]
    if missing:
        raise OntologyError(f"{file.name} has no title in {', '.join(missing)}.")
    return Definition(titles, text)
