"""From contributions to the parts of a release: written anew, or renewed from the release before.

Both ways give the same graph and the same tables, so the same content hash:

- :class:`Fresh` writes everything: sorted runs of lines, batch by batch, merged at the end; tables in portions. Memory
  holds a batch, not the collection.
- :class:`Renewed` copies the parts of the old release and changes what the changed networks gave: it takes the lines
  that nobody gives any longer out of dump and store, and puts the new ones in.

What several networks say about one thing is put together from the ledger: its names, and its row in ``actors``.
"""

from __future__ import annotations

import ctypes
import io
import json
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyoxigraph as ox

from integgraph.aggregates import write_aggregates
from integgraph.analysis.measurements import places as measuring
from integgraph.analysis.measurements.networks import holding
from integgraph.analysis.measurements.writing import Writing
from integgraph.contribution import Contribution, actor_entries, graph_lines, labels
from integgraph.ingest import packing, view
from integgraph.ingest.mapping import Iris
from integgraph.ledger import Ledger
from integgraph.ontology import SKOS, Ontology, text_of
from integgraph.release import Release
from integgraph.search import Entry, update_index, write_index
from integgraph.sortedlines import copy_all, copy_hashed, merge_runs, merged_lines, present, renew, sha256, write_run
from integgraph.statistics import Statistics, in_named_graph
from integgraph.tables import Row, TableWriter, actor_row, place_rows, renew_table, tables, write_metadata

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Said = Sequence[tuple[list[bytes], dict[str, Any]]]
"""What every network says about one thing."""

MOST_CHANGES = 200_000
"""Lines by which a renewed store may differ from the one that it started from; beyond that it is written anew."""

_INDEX = "search.sqlite"
BY_NETWORK = ("networks", "memberships", "funding", "fields", "target_groups")
"""Tables whose rows come from one network each, or from one part of an imported table."""


@dataclass(frozen=True)
class Decided:
    """Who is who in this release.

    Attributes:
        canonical: Thing → canonical thing, as ``actor:<id>`` or ``network:<id>``.
        iris: Where IRIs begin.
    """

    canonical: Mapping[str, str]
    iris: Iris

    @cached_property
    def shared(self) -> frozenset[str]:
        """Everything that a decision made one with something else."""
        return frozenset(self.canonical) | frozenset(self.canonical.values())

    @cached_property
    def merged(self) -> Mapping[str, list[str]]:
        """Ids of what was made one with a canonical thing, by its IRI."""
        found: dict[str, list[str]] = defaultdict(list)
        for old, new in self.canonical.items():
            found[self.iri(new)].append(old.partition(":")[2])
        return found

    @cached_property
    def groups(self) -> Mapping[str, frozenset[str]]:
        """All things of a group by its canonical thing."""
        found: dict[str, set[str]] = defaultdict(set)
        for old, new in self.canonical.items():
            found[new] |= {old, new}
        return {new: frozenset(things) for new, things in found.items()}

    def iri(self, thing: str) -> str:
        """IRI of a thing."""
        kind, _, name = thing.partition(":")
        return self.iris.thing(kind, name)

    def one_of(self, iri: str) -> bool:
        """Whether this is the canonical IRI of several things."""
        return iri in self.merged

    # -- what is said of a thing, put together

    def names(self, said: Said) -> list[tuple[str, ox.Literal]]:
        """(Bearer, name) of everything that is this thing."""
        return [
            (bearer, ox.Literal(text, language=language or None))
            for _, part in said
            for bearer, text, language in part["names"]
        ]

    def lines(self, iri: str, said: Said) -> set[bytes]:
        """All lines about a thing, with its names where they come from several things."""
        found = {line for lines, _ in said for line in lines}
        if self.one_of(iri):
            named = view.preferred_labels({iri: self.names(said)}) if self.names(said) else []
            found.update(f"{triple} .\n".encode() for triple in named)
        found.update(line for _, lines in self._steered(said).values() for line in lines)
        return found

    def modes(self, said: Said) -> dict[str, str]:
        """Mode of governance of the networks whose mode hangs on this thing, by IRI."""
        return {network: mode for network, (mode, _) in self._steered(said).items()}

    def _steered(self, said: Said) -> dict[str, tuple[str, list[bytes]]]:
        sectors = sorted({sector for _, part in said for sector in part.get("sectors", ())})
        waiting = {network: waits for _, part in said for network, waits in part.get("waits", {}).items()}
        return {network: holding(waits, sectors) for network, waits in waiting.items()}

    def row(self, iri: str, said: Said) -> Row | None:
        """Its row in ``actors``; ``None`` if it takes no part."""
        parts = [part for _, part in said if "participations" in part]
        if not parts:
            return None
        network = iri.startswith(self.iris.thing("network", ""))
        return actor_row(iri, parts, labels(iri, self.names(said)), self.merged.get(iri, ()), network=network)

    def entries(self, row: Row | None, said: Said) -> list[Entry]:
        """Its entries in the search index."""
        return list(actor_entries(row, self.names(said))) if row else []


@dataclass(frozen=True)
class Common:
    """What belongs to no single network: places, terms, redirects and decisions.

    Attributes:
        triples: Everything of it, for the default graph.
        places: What is stated of the places.
    """

    triples: Sequence[ox.Triple]
    places: Sequence[ox.Triple]

    @cached_property
    def measured(self) -> frozenset[str]:
        """Ids of the places that are measured."""
        return measuring.measured_places(self.places)

    @cached_property
    def lines(self) -> list[bytes]:
        """Sorted distinct lines."""
        return sorted({f"{triple} .\n".encode() for triple in self.triples})


@dataclass(frozen=True, slots=True)
class Assembled:
    """The parts that hold the graph and its tables, written; with the digests that are known.

    Attributes:
        statistics: What is counted.
        digests: Part → ``sha256`` of its bytes, ``content`` of a table's rows.
    """

    statistics: Statistics
    digests: Mapping[str, Mapping[str, str]]


FRAME = "frame"
"""What frames the measurements, beside the scopes of those of the collection."""


def _kept(measured: Mapping[str, Sequence[bytes]]) -> dict[str, list[str]]:
    return {scope: [line.decode() for line in lines] for scope, lines in measured.items()}


def common_entries(common: Common, ontology: Ontology, iris: Iris) -> Iterator[Entry]:
    """Names of places and concepts for the search index."""
    names = {SKOS + "prefLabel": "label", SKOS + "altLabel": "variant"}
    for triple in common.places:
        if triple.predicate.value in names and isinstance(triple.object, ox.Literal):
            role = names[triple.predicate.value]
            yield Entry(text_of(triple.subject), "place", triple.object.value, triple.object.language or "", role)
    for scheme in ontology.schemes.values():
        for concept in scheme.concepts.values():
            for language, label in concept.labels.items():
                yield Entry(concept.iri, "concept", label, language, "label")
            for other in concept.others:
                yield Entry(concept.iri, "concept", other, "", "variant")


def _fields(entry: Entry) -> list[str]:
    return [entry.thing, entry.kind, entry.text, entry.language, entry.role]


def keep(ledger: Ledger, given: Contribution) -> None:
    """Enter a contribution in the ledger."""
    for slug, packed in given.mapped.items():
        ledger.set_mapped(slug, packed)
    ledger.set_network(given.network, given.lines, given.places)
    ledger.set_things(given.network, given.things)
    ledger.set_mentions(given.network, given.mentions)


# ---------------------------------------------------------------------------------------------------------------------
# Anew


class Fresh:
    """Writes the parts of a release from nothing; give it contributions ordered by network, then :meth:`finish`.

    Args:
        folder: Where the release is made.
        ledger: Its ledger.
        decided: Who is who.
        ontology: The ontology.
        version: Version of the software, which the measurements name.
    """

    def __init__(self, folder: Path, ledger: Ledger, decided: Decided, ontology: Ontology, version: str) -> None:
        self._folder, self._ledger, self._decided, self._ontology = folder, ledger, decided, ontology
        self._version = version
        self._runs = folder / ".runs"
        self._runs.mkdir()
        (folder / "tables").mkdir()
        self._tables = tables(ontology)
        self._writers = {name: TableWriter(folder / "tables", self._tables[name]) for name in BY_NETWORK}
        self._statistics = Statistics()
        self._writing = Writing(decided.iris.base)
        self._modes: dict[str, str] = {}
        self._actor_runs: list[Path] = []
        self._line_runs: list[Path] = []
        self._spool = self._runs / "entries"

    def run(self, number: int) -> str:
        """The file into which a batch writes the lines of its networks."""
        file = self._runs / f"lines-{number:06}"
        self._line_runs.append(file)
        return str(file)

    def add(self, contributions: Iterable[Contribution]) -> None:
        """Take the contributions of a batch."""
        actors: list[Row] = []
        for given in contributions:
            keep(self._ledger, given)
            self._statistics.add(given.statistics)
            if given.mode is not None:
                self._modes[self._decided.iris.thing("network", given.network)] = given.mode
            for name, rows in given.rows.items():
                self._writers[name].add(rows)
            actors += given.actors
            self._enter(given.entries)
        self._add_actors(actors)

    def _add_actors(self, rows: Sequence[Row]) -> None:
        file = self._runs / f"actors-{len(self._actor_runs):06}"
        # An IRI is followed by a quotation mark, which sorts before everything an IRI may hold: lines sort as IRIs do.
        write_run(file, (json.dumps([row["actor"], row], ensure_ascii=False).encode() + b"\n" for row in rows))
        self._actor_runs.append(file)

    def _enter(self, entries: Iterable[Entry]) -> None:
        with self._spool.open("a", encoding="utf-8") as file:
            for each in entries:
                file.write(json.dumps(_fields(each), ensure_ascii=False) + "\n")

    def finish(self, common: Common) -> Assembled:
        """Put together what is said of shared things, merge, and write store, tables and index."""
        self._add_things()
        contents = self._finish_tables(common)
        self._add_lines("common", common.lines)
        measured = self._measure(common)
        self._add_lines("measured", sorted(line for lines in measured.values() for line in lines))
        dump = self._folder / "dump.nq"
        written = merge_runs(self._line_runs, dump)
        if written.lines != self._statistics.quads:
            raise AssertionError(f"{written.lines} lines were written, but {self._statistics.quads} were counted")
        write_store(self._folder / "store", dump, self._ledger)
        digests: dict[str, dict[str, str]] = {"dump.nq": {"sha256": written.sha256}}
        digests |= {part: {"content": digest} for part, digest in contents.items()}
        self._enter(common_entries(common, self._ontology, self._decided.iris))
        write_index(self._folder / _INDEX, self._entries())
        shutil.rmtree(self._runs)
        return Assembled(self._statistics, digests)

    def _add_lines(self, name: str, lines: Sequence[bytes]) -> None:
        run = self._runs / f"lines-{name}"
        write_run(run, lines)
        self._statistics.add(Statistics.of(lines, self._writing.graph))
        self._line_runs.append(run)

    def _measure(self, common: Common) -> dict[str, list[bytes]]:
        """What is measured of the collection and its places; kept for the next build, with the modes of governance."""
        found = measuring.of_collection(
            measuring.Networks(*measured_columns(self._folder), self._modes), common.measured, self._writing
        )
        found[FRAME] = self._writing.frame(self._version)
        self._ledger.put("measured", _kept(found))
        self._ledger.put("modes", self._modes)
        return found

    def _add_things(self) -> None:
        """Portion by portion, so that memory does not grow with the number of shared things."""
        networks = self._decided.iris.thing("network", "")
        lines: list[bytes] = []
        actors: list[Row] = []
        entries: list[Entry] = []

        def flush() -> None:
            if lines:
                run = self._runs / f"lines-things-{len(self._line_runs):06}"
                write_run(run, lines)
                self._line_runs.append(run)
            self._add_actors(actors)
            self._enter(entries)
            lines.clear()
            actors.clear()
            entries.clear()

        for iri, said in self._ledger.things():
            found = self._decided.lines(iri, said)
            if found and iri.startswith(networks):
                found -= set(self._ledger.lines(iri.removeprefix(networks)))  # it says so itself as well
            self._statistics.add(Statistics.of(found, self._writing.graph))
            self._modes.update(self._decided.modes(said))
            lines += found
            row = self._decided.row(iri, said)
            if row:
                actors.append(row)
            entries += self._decided.entries(row, said)
            if len(lines) > 200_000 or len(actors) > 20_000:
                flush()
        flush()

    def _finish_tables(self, common: Common) -> dict[str, str]:
        folder = self._folder / "tables"
        actors = TableWriter(folder, self._tables["actors"])
        for line in merged_lines(self._actor_runs):
            actors.add([json.loads(line)[1]])
        digests = {name: writer.close() for name, writer in self._writers.items()}
        digests["actors"] = actors.close()
        digests["places"] = write_places(folder, self._ontology, common, self._ledger)
        for table in self._tables.values():
            write_metadata(folder, table)
        found = {f"tables/{name}.parquet": digest for name, digest in digests.items()}
        return found | write_aggregates(self._folder, self._ontology)

    def _entries(self) -> Iterator[Entry]:
        with self._spool.open(encoding="utf-8") as file:
            for line in file:
                yield Entry(*json.loads(line))


def measured_columns(release: Path) -> tuple[pa.Table, pa.Table]:
    """The columns of networks and of participations that are measured."""
    wanted = {"networks": measuring.NETWORK_COLUMNS, "memberships": measuring.TIE_COLUMNS}
    networks, memberships = (
        # Without threads: what is read is small, and other work may go on beside it.
        pq.ParquetFile(release / "tables" / f"{name}.parquet").read(columns=list(columns), use_threads=False)
        for name, columns in wanted.items()
    )
    return networks, memberships


def write_store(folder: Path, dump: Path, ledger: Ledger) -> None:
    """Load a dump into a new store, and keep in the ledger what a renewal starts from."""
    store = ox.Store(str(folder))
    ledger.rest()
    _load(store, dump)
    store.flush()
    del store
    _tidy(folder)
    small = {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix != _TABLE}
    ledger.put_files(small)
    ledger.put("store", {"tables": sorted(file.name for file in folder.glob(f"*{_TABLE}")), "removed": [], "added": []})


_BLOCK = 1 << 20
SMALL, LARGE = 100_000_000, 640_000_000
"""Bytes of a dump up to which it is loaded at once, and from which on it is again.

The engine loads a million quads at a time, and parses the next million meanwhile: that needs 2.3 GB of memory. Smaller
portions need less. But of what an index gets in more than two portions the engine merges the parts, and what it merges
it does not compress: in portions of 50 MB a store of 6.8 million quads takes 1.48 GB instead of 0.90. The current view
and the named graphs have indexes of their own. So each is loaded in two portions: a store of 2.3 million quads then
needs 0.6 GB of memory, and 264 MB instead of 242 on the disk.
"""


def _load(store: ox.Store, dump: Path) -> None:
    size = dump.stat().st_size
    if not SMALL < size < LARGE:
        store.bulk_load(path=str(dump), format=ox.RdfFormat.N_QUADS)
        return
    _give_back()
    with dump.open("rb") as lines:
        lines.seek(size // 2)
        lines.readline()
        middle = lines.tell()
        for start, end in ((0, middle), (middle, size)):
            for named in (False, True):
                lines.seek(start)
                portion = io.BufferedReader(_Portion(lines, end, named), _BLOCK)
                store.bulk_load(input=portion, format=ox.RdfFormat.N_QUADS)


def _give_back() -> None:
    """Give memory that is free back to the system, where the allocators can: the engine is about to need it."""
    pa.default_memory_pool().release_unused()
    with suppress(OSError, AttributeError, TypeError):  # glibc has this function, others need not
        ctypes.CDLL(None).malloc_trim(0)


class _Portion(io.RawIOBase):
    """The lines of an open file up to a place, of named graphs or of the current view, as a file of its own."""

    def __init__(self, file: BinaryIO, end: int, named: bool) -> None:
        self._file, self._end, self._named = file, end, named
        self._ready = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read the next bytes, up to as many as there are."""
        while not self._ready and (left := self._end - self._file.tell()) > 0:
            lines = self._file.readlines(min(_BLOCK, left))
            self._ready = b"".join(line for line in lines if in_named_graph(line) == self._named)
        space = memoryview(buffer)
        found, self._ready = self._ready[: len(space)], self._ready[len(space) :]
        space[: len(found)] = found
        return len(found)


_TABLE = ".sst"
"""The engine never changes such a file once it is written."""


def _tidy(folder: Path) -> None:
    """Leave out what the engine writes for itself: its diary, and the lock of who had it open."""
    for file in (*folder.glob("LOG*"), *folder.glob("LOCK")):
        file.unlink()


def write_places(folder: Path, ontology: Ontology, common: Common, ledger: Ledger) -> str:
    """Write the table of places; the digest of its rows."""
    writer = TableWriter(folder, tables(ontology)["places"])
    writer.add(place_rows(common.places, (places for _, places in ledger.places())))
    return writer.close()


# ---------------------------------------------------------------------------------------------------------------------
# Renewed


class Damaged(Exception):
    """A part of the old release is not what its manifest says, so nothing is taken over from it."""


class Renewed:
    """Writes the parts of a release from those of an old one and what changed.

    Args:
        folder: Where the new release is made; the copied ledger lies in it already.
        ledger: That ledger, still as the old build left it.
        old: The old release.
        iris: Where IRIs begin.
        ontology: The ontology, unchanged since.
        helpers: What copies and hashes large files meanwhile.
    """

    def __init__(
        self, folder: Path, ledger: Ledger, old: Release, iris: Iris, ontology: Ontology, helpers: Executor
    ) -> None:
        self._folder, self._ledger, self._old, self._ontology = folder, ledger, old, ontology
        self._iris = iris
        self._before = self._decided = Decided({}, iris)
        self._given: dict[str, Contribution] = {}
        self._gone: dict[str, list[bytes]] = {}
        self._things: set[str] = set()
        self._old_actors: set[str] = set()
        self._base = ledger.get("store")
        self._small = ledger.files_kept()
        self._helpers = helpers
        self._writing = Writing(iris.base)
        target = folder / "store"
        target.mkdir()
        # This begins while the files are still read. The store is the one of when everything was last written anew:
        # starting from the newest one would pile up small tables, until the engine merges them into all others.
        self._copied = helpers.submit(copy_all, self._base["tables"], old.path / "store", target)
        self._index = helpers.submit(copy_hashed, old.path / _INDEX, folder / _INDEX)
        self._checked: set[str] = set()

    def forget(self, network: str) -> None:
        """Note what a network gave, before the ledger forgets it."""
        mapped = (self._ledger.mapped(entry.slug) for entry in self._ledger.profiles(network))
        graphs = graph_lines(packing.unpack(small) for small in mapped if small is not None)
        self._gone[network] = [*self._ledger.lines(network), *graphs]
        self._things.update(self._ledger.thing_names(network))
        iris = self._iris
        self._old_actors.update(
            iris.thing("actor" if named else "group", name) for name, named in self._ledger.actors_of(network)
        )

    def add(self, contributions: Iterable[Contribution]) -> None:
        """Take the contributions of changed networks; the ledger still holds the old ones."""
        for given in contributions:
            self._given[given.network] = given
            self._things.update(given.things)

    @property
    def networks(self) -> frozenset[str]:
        """Ids of the networks whose old lines are noted."""
        return frozenset(self._gone)

    def finish(self, common: Common, before: Decided, decided: Decided) -> Assembled:
        """Change the old parts into the new ones.

        Args:
            common: What belongs to no single network.
            before: Who was who in the old release.
            decided: Who is who now.

        Raises:
            Damaged: a part of the old release was changed after it was built.
        """
        self._before, self._decided = before, decided
        ledger = self._ledger
        for groups, others in ((before, decided), (decided, before)):
            changed = {new for new, things in groups.groups.items() if others.groups.get(new) != things}
            self._things.update(groups.iri(new) for new in changed)
        old = {line for lines in self._gone.values() for line in lines}
        old.update(line.encode() for line in ledger.get("common") or ())
        for thing in self._things:
            old |= before.lines(thing, ledger.thing(thing))
        for network in self._gone.keys() - self._given.keys():
            ledger.forget_network(network)
        for given in self._given.values():
            keep(ledger, given)
        said = {thing: ledger.thing(thing) for thing in sorted(self._things)}
        new = {line for given in self._given.values() for line in (*given.lines, *given.graphs)}
        new.update(common.lines)
        for thing, found in said.items():
            new |= decided.lines(thing, found)
        before_measured, measured = self._measure(common, said)
        old |= before_measured
        new |= measured
        removed = {line for line in old - new if not self._held(line)}
        fresh = new - old
        added = fresh - present(self._old.dump, fresh)
        statistics = Statistics.from_data(self._old.manifest["statistics"])
        statistics.subtract(Statistics.of(removed, self._writing.graph))
        statistics.add(Statistics.of(added, self._writing.graph))
        rows = {thing: decided.row(thing, found) for thing, found in said.items()}
        dump = self._helpers.submit(renew, self._old.dump, removed, added, self._folder / "dump.nq")
        digests = self._tables(rows, common)
        self._search(rows, said, common)
        digests |= self._store(removed, added, dump)
        old_digest, digest = dump.result()
        self._check("dump.nq", old_digest)
        digests["dump.nq"] = {"sha256": digest}
        return Assembled(statistics, digests)

    def _measure(self, common: Common, said: Mapping[str, Said]) -> tuple[set[bytes], set[bytes]]:
        """Measure the collection, and the places of changed networks, again: (lines of before, lines of now)."""
        ledger, iris = self._ledger, self._iris
        changed = {iris.thing("network", name) for name in {*self._gone, *self._given}}
        modes: dict[str, str] = ledger.get("modes")
        now = {network: mode for network, mode in modes.items() if network not in changed}
        now |= {iris.thing("network", name): each.mode for name, each in self._given.items() if each.mode is not None}
        for found in said.values():
            now |= self._decided.modes(found)
        resteered = {network for network, _ in modes.items() ^ now.items()}
        for name in ("networks", "memberships"):
            self._check_file(f"tables/{name}.parquet")
        networks, memberships = measured_columns(self._old.path)
        rows = {
            name: [row for given in self._given.values() for row in given.rows.get(name, ())]
            for name in ("networks", "memberships")
        }
        touched = networks.filter(
            pc.is_in(networks["network"], value_set=pa.array([*changed, *resteered], pa.string()))
        )
        places = {each for row in touched["places"].to_pylist() for each in row}
        places |= {each for row in rows["networks"] for each in row["places"]}
        whole = measuring.Networks(
            _replaced(networks, changed, rows["networks"]), _replaced(memberships, changed, rows["memberships"]), now
        )
        kept: dict[str, list[str]] = ledger.get("measured")
        again = {measuring.ALL, *(f"place/{place}" for place in places)}
        before = {line.encode() for scope in again for line in kept.pop(scope, ())}
        fresh = measuring.of_collection(whole, common.measured, self._writing, only=places)
        ledger.put("measured", kept | _kept(fresh))
        ledger.put("modes", now)
        return before, {line for lines in fresh.values() for line in lines}

    def _held(self, line: bytes) -> bool:
        """Whether a network still says this: of another network, or of itself."""
        networks = f"<{self._iris.thing('network', '')}".encode()
        subject = line.split(b" ", 1)[0]
        if not subject.startswith(networks):
            return False
        iri = subject[1:-1].decode()
        name = iri.rpartition("/")[2]
        if any(line in lines for lines, _ in self._ledger.thing(iri)):
            return True
        return name not in self._given and line in self._ledger.lines(name)

    def _check_file(self, name: str) -> None:
        """Read a part of the old release for damage, once."""
        if name not in self._checked:
            self._check(name, sha256(self._old.path / name))
            self._checked.add(name)

    def _check(self, name: str, digest: str) -> None:
        if digest != self._old.manifest["parts"][name]["sha256"]:
            raise Damaged(name)

    def _store(self, removed: set[bytes], added: set[bytes], dump: Future[tuple[str, str]]) -> dict[str, Any]:
        folder = self._folder / "store"
        copied = {f"store/{name}": digest for name, digest in self._copied.result().items()}
        for name, digest in copied.items():
            self._check(name, digest)
        for name, content in self._small.items():
            (folder / name).write_bytes(content)
        taken, given = ({line.encode() for line in self._base[key]} for key in ("removed", "added"))
        taken, given = (taken - added) | (removed - given), (given - removed) | (added - taken)
        if len(taken) + len(given) > MOST_CHANGES:
            dump.result()
            shutil.rmtree(folder)
            write_store(folder, self._folder / "dump.nq", self._ledger)
            return {}
        store = ox.Store(str(folder))
        for quad in _quads(taken):
            store.remove(quad)
        store.extend(_quads(given))
        store.flush()
        del store
        _tidy(folder)
        lines = {
            key: [line.decode() for line in sorted(found)] for key, found in (("removed", taken), ("added", given))
        }
        self._ledger.put("store", {"tables": self._base["tables"], **lines})
        return {name: {"sha256": digest} for name, digest in copied.items() if (self._folder / name).exists()}

    def _tables(self, actors: Mapping[str, Row | None], common: Common) -> dict[str, dict[str, str]]:
        source, target = self._old.path / "tables", self._folder / "tables"
        target.mkdir()
        described = tables(self._ontology)
        iris = self._iris
        networks = [iris.thing("network", name) for name in {*self._gone, *self._given}]
        own = [row for given in self._given.values() for row in given.actors]
        rows: dict[str, list[Row]] = {"actors": [*own, *(row for row in actors.values() if row)]}
        for name in BY_NETWORK:
            rows[name] = [row for given in self._given.values() for row in given.rows.get(name, ())]
        gone = dict.fromkeys(BY_NETWORK, networks) | {"actors": [*self._old_actors, *actors]}
        digests = {}
        for name in (*BY_NETWORK, "actors"):
            file = source / f"{name}.parquet"
            self._check_file(f"tables/{name}.parquet")
            # Rows of imported tables have no network: a part that is contributed again replaces its own flows.
            thing = "flow" if name == "funding" else ""
            digest, _ = renew_table(file, target, described[name], gone[name], rows[name], thing=thing)
            digests[f"tables/{name}.parquet"] = {"content": digest}
        digests["tables/places.parquet"] = {"content": write_places(target, self._ontology, common, self._ledger)}
        for table in described.values():
            write_metadata(target, table)
        counted = write_aggregates(self._folder, self._ontology)
        return digests | {part: {"content": digest} for part, digest in counted.items()}

    def _search(self, actors: Mapping[str, Row | None], said: Mapping[str, Said], common: Common) -> None:
        self._check(_INDEX, self._index.result())
        iris = self._iris
        networks = [iris.thing("network", name) for name in {*self._gone, *self._given}]
        shared = [*common_entries(common, self._ontology, iris)]
        before = self._ledger.get("entries") or []
        new = [_fields(each) for each in shared]
        others = iris.thing("network", "")  # a network that did not change keeps its entries, whoever speaks of it
        removed = {*networks, *self._old_actors, *(thing for thing in actors if not thing.startswith(others))}
        entries = [entry for given in self._given.values() for entry in given.entries]
        entries += [entry for thing, row in actors.items() for entry in self._decided.entries(row, said[thing])]
        if new != before:
            removed |= {each[0] for each in before}
            entries += shared
        update_index(self._folder / _INDEX, sorted(removed), entries)


def _replaced(table: pa.Table, gone: Iterable[str], rows: Sequence[Row]) -> pa.Table:
    """A table without the rows of some networks, and with others in their place."""
    kept = table.filter(pc.invert(pc.is_in(table["network"], value_set=pa.array(sorted(gone), pa.string()))))
    new = pa.Table.from_pylist([{name: row.get(name) for name in table.column_names} for row in rows], table.schema)
    return pa.concat_tables([kept, new])


def _quads(lines: Iterable[bytes]) -> list[ox.Quad]:
    return list(ox.parse(b"".join(sorted(lines)), format=ox.RdfFormat.N_QUADS))


def count_actors(folder: Path) -> int:
    """Actors that are no networks."""
    column = pq.ParquetFile(folder / "tables" / "actors.parquet").read(["is_network"]).column(0)
    return int(pc.sum(pc.invert(column)).as_py() or 0)
