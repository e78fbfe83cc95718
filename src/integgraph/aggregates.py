"""Aggregates of a release: counts that pages and reports show, made at build from the tables.

What each means is a published query (``ontology/aggregates/<name>.rq``); it is counted from the tables, because that
takes milliseconds where the query takes seconds, and a test holds both to the same answer. Counts are of this
collection: what is not listed here is not what nobody does.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from integgraph.errors import OntologyError
from integgraph.ontology import LANGUAGES, Ontology, default_folder
from integgraph.tables import BY_PROFILE, canonical_bytes, network_fields

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
    """Columns of the tables, each read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[tuple[str, str], pa.Array] = {}

    def read(self, table: str, columns: Sequence[str]) -> pa.Table:
        """Some columns, each in one piece."""
        new = [column for column in columns if (table, column) not in self._known]
        if new:
            data = pq.ParquetFile(self._folder / f"{table}.parquet").read(new).combine_chunks()
            self._known |= {(table, column): _in_one_piece(data.column(column)) for column in new}
        return pa.table({column: self._known[table, column] for column in columns})

    @cached_property
    def members(self) -> pa.Table:
        """Every pair of a network and an actor that counts as its member, and how many networks each actor is in."""
        rows = self.read("memberships", ("network", "actor", "counts_as_member"))
        pairs = rows.filter(pc.field("counts_as_member")).group_by(["network", "actor"]).aggregate([])
        return pairs.group_by("actor").aggregate([("network", "count")]).rename_columns(["actor", "networks"])


def _in_one_piece(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.array([], column.type)


def _flat(rows: pa.Table, column: str) -> pa.Table:
    """A row for each value in a column of lists; none where a list is empty."""
    lists = _in_one_piece(rows.combine_chunks().column(column))
    place = rows.column_names.index(column)
    return rows.take(pc.list_parent_indices(lists)).set_column(place, column, pc.list_flatten(lists))


def _counted(rows: pa.Table, keys: Sequence[str], counts: Sequence[tuple[Any, str]]) -> Mapping[Key, tuple[int, ...]]:
    """Rows grouped by some columns: key → counts."""
    found = rows.group_by(list(keys)).aggregate(list(counts))
    names = [name for name in found.column_names if name not in keys]
    values = zip(*(found.column(name).to_pylist() for name in names), strict=True)
    return dict(zip(zip(*(found.column(key).to_pylist() for key in keys), strict=True), values, strict=True))


_ROWS: tuple[list[str], str] = ([], "count_all")


def _by(*columns: str) -> Callable[[_Columns, Ontology], Mapping[Key, tuple[int, ...]]]:
    """Networks by every combination of the values in these columns of ``networks``."""

    def count(tables: _Columns, ontology: Ontology) -> Mapping[Key, tuple[int, ...]]:
        rows = tables.read("networks", columns)
        for column in columns:
            rows = _flat(rows, column)
        return _counted(rows, columns, [_ROWS])

    return count


def _funder_categories(tables: _Columns, ontology: Ontology) -> Mapping[Key, tuple[int, ...]]:
    rows = tables.read("funding", ("network", "categories", "stated_by"))
    rows = _flat(rows.filter(pc.field("stated_by") == BY_PROFILE), "categories")  # those that networks state
    return _counted(rows, ["categories"], [("network", "count_distinct"), _ROWS])


def _states(tables: _Columns, ontology: Ontology) -> Mapping[Key, tuple[int, ...]]:
    fields = [each.key for each in network_fields(ontology) if each.required]
    found: dict[Key, tuple[int, ...]] = {}
    for field in fields:
        column = f"{field}_state"
        counted = _counted(tables.read("networks", [column]), [column], [_ROWS])
        found.update({(field, state): counts for (state,), counts in counted.items()})
    return found


def _degrees(tables: _Columns, ontology: Ontology) -> Mapping[Key, tuple[int, ...]]:
    return _counted(tables.members, ["networks"], [_ROWS])


def _sectors(tables: _Columns, ontology: Ontology) -> Mapping[Key, tuple[int, ...]]:
    members, actors = tables.members, tables.read("actors", ("actor", "sectors"))
    place = pc.index_in(actors.column("actor"), value_set=members.column("actor").combine_chunks())
    rows = actors.append_column("networks", members.column("networks").take(place)).filter(pc.is_valid(place))
    return _counted(_flat(rows, "sectors"), ["sectors"], [("networks", "sum"), _ROWS])


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
