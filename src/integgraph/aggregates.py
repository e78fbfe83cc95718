"""Aggregates of a release: counts that pages and reports show, made at build from the tables.

What each means is a published query (``ontology/aggregates/<name>.rq``); it is counted from the tables, because that
takes milliseconds where the query takes seconds, and a test holds both to the same answer. Counts are of this
collection: what is not listed here is not what nobody does.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from integgraph.errors import OntologyError
from integgraph.ontology import LANGUAGES, Ontology, default_folder
from integgraph.tables import VALUE, Tables, canonical_bytes, network_fields

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
    count: Callable[[Tables, Ontology], Mapping[Key, tuple[int, ...]]]


def _by(*columns: str) -> Callable[[Tables, Ontology], Mapping[Key, tuple[int, ...]]]:
    """Networks by every combination of the values in these columns of ``networks``."""

    def count(tables: Tables, ontology: Ontology) -> Mapping[Key, tuple[int, ...]]:
        found: Counter[Key] = Counter()
        for row in _rows(tables, "networks", columns):
            found.update(product(*(dict.fromkeys(row[column]) for column in columns)))
        return {key: (number,) for key, number in found.items()}

    return count


def _rows(tables: Tables, name: str, columns: Iterable[str]) -> Iterator[dict[str, Any]]:
    file = pq.ParquetFile(tables.path(name))
    for batch in file.iter_batches(columns=list(columns)):
        yield from batch.to_pylist()


def _funder_categories(tables: Tables, ontology: Ontology) -> Mapping[Key, tuple[int, ...]]:
    networks: dict[str, set[str]] = {}
    flows: Counter[str] = Counter()
    for row in _rows(tables, "funding", ("network", "categories")):
        for category in row["categories"]:
            networks.setdefault(category, set()).add(row["network"])
            flows[category] += 1
    return {(category,): (len(found), flows[category]) for category, found in networks.items()}


def _states(tables: Tables, ontology: Ontology) -> Mapping[Key, tuple[int, ...]]:
    fields = [each.key for each in network_fields(ontology) if each.required]
    found: Counter[Key] = Counter()
    for row in _rows(tables, "networks", [f"{field}_state" for field in fields]):
        found.update((field, row[f"{field}_state"]) for field in fields)
    return {key: (number,) for key, number in found.items()}


def _memberships(tables: Tables) -> set[tuple[str, str]]:
    rows = _rows(tables, "memberships", ("network", "actor", "counts_as_member", "state"))
    return {(row["network"], row["actor"]) for row in rows if row["state"] == VALUE and row["counts_as_member"]}


def _degrees(tables: Tables, ontology: Ontology) -> Mapping[Key, tuple[int, ...]]:
    networks = Counter(actor for _, actor in _memberships(tables))
    return {(number,): (actors,) for number, actors in Counter(networks.values()).items()}


def _sectors(tables: Tables, ontology: Ontology) -> Mapping[Key, tuple[int, ...]]:
    members = Counter(actor for _, actor in _memberships(tables))
    memberships: Counter[str] = Counter()
    actors: Counter[str] = Counter()
    for row in _rows(tables, "actors", ("actor", "sectors")):
        if row["actor"] in members:
            memberships.update(dict.fromkeys(row["sectors"], members[row["actor"]]))
            actors.update(row["sectors"])
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
    tables = Tables(folder / "tables")
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
