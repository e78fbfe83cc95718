"""Things that earlier releases spoke of and this one does no longer: what a server answers 410 for.

A permanent address that stops working tells its reader nothing; a tombstone says what it named, and where it was last
seen. The list is carried from release to release as ``withdrawn.parquet``, which is there only when something was
withdrawn. It follows from the releases before, not from the data, so the content hash leaves it out.

Source: RFC 9110, section 15.5.11 (410 Gone).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from integgraph.errors import ReleaseError
from integgraph.ledger import Ledger
from integgraph.release import LEDGER, WITHDRAWN, Release

KINDS = ("network", "actor", "place", "profile")
"""Kinds of things that leave a tombstone: those with pages of their own."""

_NAMED = {"networks": "network", "actors": "actor", "places": "place"}
"""Table → its column of IRIs; a label stands beside it in ``name``."""
_ROWS_AT_ONCE = 2_000  # so that one look-up reads a small part of a long list
_SCHEMA = pa.schema(
    [
        pa.field("iri", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("label", pa.string(), nullable=False),
        pa.field("release", pa.string(), nullable=False),
        pa.field("withdrawn", pa.string(), nullable=False),
    ]
)
# A profile bears the name of its network; a thing that was merged bears that of the thing it became a part of.
_PROFILES = """SELECT ?x ?of ?date WHERE {
    ?x a ig:Profile ; ig:describes ?of OPTIONAL { ?x ig:statusDate ?date } }"""
_MERGED = "SELECT ?x ?of WHERE { ?x dct:isReplacedBy ?of }"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of a thing that was withdrawn.

    Attributes:
        iri: Its IRI.
        kind: ``network``, ``actor``, ``place`` or ``profile``.
        label: Its last name; empty where none is known.
        release: Id of the last release that spoke of it.
        withdrawn: Day on which the first release without it was made, such as ``2026-11-24``.
    """

    iri: str
    kind: str
    label: str
    release: str
    withdrawn: str


def named_in(release: Release) -> dict[str, str]:
    """IRI → label of everything in a release that would leave a tombstone, merged things included.

    Raises:
        ReleaseError: a part that says so cannot be read.
    """
    return _labels(release, None)


def _labels(release: Release, wanted: Collection[str] | None) -> dict[str, str]:
    """IRI → label of those things; ``None``: of all that would leave a tombstone."""
    named: dict[str, str] = {}
    tables = _table_columns(release)
    for iri, label in zip(tables["iri"].to_pylist(), tables["name"].to_pylist(), strict=True):
        named.setdefault(iri, label or "")
    if wanted is None or not named.keys() >= set(wanted):
        store = release.store()
        for row in store.select(_PROFILES).records():
            label, date = named.get(str(row["of"]), ""), row["date"]
            named.setdefault(str(row["x"]), f"{label} ({date})" if label and date else label)
        for row in store.select(_MERGED).records():
            named.setdefault(str(row["x"]), named.get(str(row["of"]), ""))
    return {
        iri: label
        for iri, label in named.items()
        if (wanted is None or iri in wanted) and kind_of(iri, release.base_iri)
    }


def _table_columns(release: Release) -> pa.Table:
    try:
        return _in_tables(release.path / "tables")
    except (OSError, pa.ArrowException, KeyError) as error:
        raise ReleaseError(f"The tables of the release {release.id} cannot be read: {error}.") from None


def _in_tables(folder: Path) -> pa.Table:
    """IRIs and names of everything that has a row in a table."""
    parts = []
    for table, column in _NAMED.items():
        with pq.ParquetFile(folder / f"{table}.parquet") as file:
            parts.append(file.read([column, "name"]).rename_columns({column: "iri", "name": "name"}))
    return pa.concat_tables(parts)


def _beside_tables(release: Release) -> set[str]:
    """IRIs of profiles and merged things: from the ledger of a release, or from its store where a copy has no ledger.

    A build asks for them each time, and the store takes long to tell of thousands.
    """
    ledger = release.path / LEDGER
    if not ledger.is_file():
        store = release.store()
        return {str(row["x"]) for query in (_PROFILES, _MERGED) for row in store.select(query).records()}
    try:
        with Ledger(ledger, readonly=True) as opened:
            slugs, merged = opened.slugs(), opened.get("canonical") or {}
    except (sqlite3.Error, ValueError, pa.ArrowException) as error:
        raise ReleaseError(f"The ledger of the release {release.id} cannot be read: {error}.") from None
    names = [f"profile/{slug}" for slug in slugs] + [name.replace(":", "/", 1) for name in merged]
    return {release.base_iri + name for name in names}


def kind_of(iri: str, base_iri: str) -> str:
    """Kind of a thing that leaves a tombstone; empty for everything else.

    >>> kind_of("https://example.org/id/network/harz", "https://example.org/id/")
    'network'
    >>> kind_of("https://example.org/id/membership/harz.m1", "https://example.org/id/")
    ''
    """
    kind, _, name = iri.removeprefix(base_iri).partition("/")
    return kind if iri.startswith(base_iri) and name and kind in KINDS else ""


def withdraw(old: Release, folder: Path, others: Collection[str], *, base_iri: str, day: str) -> list[Tombstone]:
    """The list of a new release: what the one before spoke of, or had in its own list, and the new one does not know.

    A thing that came back is no longer in it. How the new release was made plays no part.

    Args:
        old: The release that served so far.
        folder: Directory of the new release, with its tables.
        others: IRIs that the new release knows besides those in its tables: profiles, and things that lead elsewhere.
        base_iri: Where the IRIs of the new release begin; it does not answer for others.
        day: The day it is made.

    Returns:
        Tombstones, sorted by IRI.

    Raises:
        ReleaseError: the release before cannot be read.
    """
    here, carried = _in_tables(folder / "tables")["iri"], {stone.iri: stone for stone in read(old)}
    # Nearly everything is still there: what is not is found on columns, and only that is looked up by name.
    there = [*_without(_table_columns(old)["iri"], here), *_beside_tables(old), *carried]
    lost = _without(pa.array(sorted(set(there)), pa.string()), here)
    lost = [iri for iri in lost if iri not in others and iri.startswith(base_iri)]
    fresh = {iri for iri in lost if iri not in carried}
    labels = _labels(old, fresh) if fresh else {}
    return [
        carried.get(iri) or Tombstone(iri, kind_of(iri, old.base_iri), labels[iri], old.id, day)
        for iri in lost
        if iri in carried or iri in labels
    ]


def _without(values: Any, others: Any) -> list[str]:
    """Those values of a column that another one does not have."""
    found: list[str] = values.filter(pc.invert(pc.is_in(values, value_set=others))).to_pylist()
    return found


def write(folder: Path, stones: Iterable[Tombstone]) -> None:
    """Write the list into the directory of a release; nothing is written where nothing was withdrawn."""
    rows = sorted((asdict(stone) for stone in stones), key=lambda row: row["iri"])
    if rows:
        data = pa.Table.from_pylist(rows, schema=_SCHEMA)
        pq.write_table(data, folder / WITHDRAWN, compression="zstd", row_group_size=_ROWS_AT_ONCE)


def read(release: Release) -> list[Tombstone]:
    """The whole list of a release, sorted by IRI; empty where nothing was withdrawn.

    Raises:
        ReleaseError: it is damaged.
    """
    return _rows(release, None)


def find(release: Release, iri: str) -> Tombstone | None:
    """The tombstone of a thing, if it was withdrawn.

    Raises:
        ReleaseError: the list is damaged.
    """
    return next(iter(_rows(release, iri)), None)


def _rows(release: Release, iri: str | None) -> list[Tombstone]:
    file = release.path / WITHDRAWN
    if not file.is_file():
        return []
    try:
        rows: list[Mapping[str, str]] = pq.read_table(
            file, filters=None if iri is None else [("iri", "=", iri)]
        ).to_pylist()
        return [Tombstone(**row) for row in rows]
    except (OSError, pa.ArrowException, TypeError) as error:
        raise ReleaseError(f"{WITHDRAWN} of the release {release.id} cannot be read: {error}.") from None
