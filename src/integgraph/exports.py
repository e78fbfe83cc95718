"""Files made of a release on request: the whole graph in other formats, cooperation graphs, tables as CSV, changes.

They are no parts of a release, because a renewal of one answer would have to write them anew. Each is made once, by a
process of its own that can be killed and is bound in memory, into a folder beside the releases, and then kept::

    build/.downloads/20261124T165226Z-2480d308/
    ├── dump.trig              whole or absent: written aside, and renamed when it is finished
    └── dump.trig.facts        its size and SHA-256; only with them it counts as made

Everything is written as it is read, so memory does not grow with the graph.

Sources: `GraphML <http://graphml.graphdrawing.org/specification.html>`_, `GEXF 1.3 <https://gexf.net/schema.html>`_,
`RFC 4180 <https://www.rfc-editor.org/rfc/rfc4180>`_ (CSV), `RFC 1952 <https://www.rfc-editor.org/rfc/rfc1952>`_ (gzip).
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import gzip
import hashlib
import io
import json
import os
import pkgutil
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyoxigraph as ox

from integgraph.changes import compare_profiles, compare_releases
from integgraph.errors import (
    IntegGraphError,
    NotFound,
    QueryTimeout,
    ReleaseError,
    StorageFull,
    WorkerError,
    WorkersBusy,
)
from integgraph.ontology import PREFIXES, Ontology, near
from integgraph.release import LEDGER, PARTS, Release, current_id, open_release
from integgraph.sortedlines import sha256
from integgraph.tables import ROWS_AT_ONCE, Tables, write_csv
from integgraph.workers import WorkerPool

_SOFTWARE = version("integgraph")
CHANGES, PROFILE_CHANGES = "changes.json", "profile-changes.json"
"""Files that compare a release with the one before it."""
_ASIDE, _FACTS, _LOCK = ".new-", ".facts", ".lock-"
_SPARE = 1_000_000_000  # bytes that a download leaves free on the disk, for builds and answers
_HASHED = 64_000_000  # a part up to this size is read and compared before it is given out
_BLOCK = 1 << 20

# ---------------------------------------------------------------------------------------------------------------------
# The releases of a folder


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list of releases says of one; the manifest of a large release is too long to be kept for each.

    Attributes:
        path: Its directory.
        id, created, content_hash, base_iri, licence: As in the manifest.
        versions: Software and ontology → version.
        counts: What the manifest counts.
        parts: Name → ``bytes`` and ``sha256`` of every part that is offered, with ``manifest.json``. Store and search
            index are for the server and follow from the rest, so they are not.
        fault: What is wrong with it; empty where nothing is at first sight. What is left of it can still be had.
    """

    path: Path
    id: str
    created: str = ""
    content_hash: str = ""
    base_iri: str = ""
    licence: str = ""
    versions: Mapping[str, str] | None = None
    counts: Mapping[str, int] | None = None
    parts: Mapping[str, Mapping[str, Any]] | None = None
    fault: str = ""


def summaries(folder: Path) -> list[Summary]:
    """All releases of an output folder, newest first; a damaged one is there too, with its fault."""
    found = sorted((folder / "releases").glob("[!.]*"), key=lambda path: path.name, reverse=True)
    return [summary(path) for path in found if path.is_dir()]


def summary(path: Path) -> Summary:
    """What there is to say of one release directory."""
    manifest = path / "manifest.json"
    try:
        facts = manifest.stat()
        found = _read_summary(path, facts.st_mtime_ns, facts.st_size)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Summary(path, path.name, fault=f"The manifest of release {path.name} is missing or damaged.")
    missing = [name for name in PARTS if not (path / name).exists()]
    return (
        replace(found, fault=f"Release {found.id} is incomplete: {', '.join(missing)} is missing.")
        if missing
        else found
    )


@lru_cache(maxsize=1024)
def _read_summary(path: Path, modified: int, size: int) -> Summary:
    raw = (path / "manifest.json").read_bytes()
    manifest = json.loads(raw)
    own = {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    parts = {
        str(name): {"bytes": int(part["bytes"]), "sha256": str(part["sha256"])}
        for name, part in manifest["parts"].items()
        if not name.startswith("store/") and name not in (LEDGER, "search.sqlite")
    }
    if manifest["id"] != path.name and path.parent.name == "releases":
        raise ValueError("the directory has another name than the release")
    return Summary(
        path,
        str(manifest["id"]),
        str(manifest["created"]),
        str(manifest["content_hash"]),
        str(manifest["base_iri"]),
        str(manifest["licence"]),
        {str(key): str(value) for key, value in manifest["versions"].items()},
        {str(key): int(value) for key, value in manifest["counts"].items()},
        dict(sorted({"manifest.json": own, **parts}.items())),
    )


def serving_id(folder: Path) -> str | None:
    """Id of the release that serves, or ``None``."""
    return current_id(folder)


def part_file(found: Summary, name: str) -> Path:
    """The file of a part, after a look whether it is as it was built.

    The size is always compared; the content of files up to 64 MB too, once. Larger ones carry their SHA-256 for the
    reader to compare.

    Raises:
        NotFound: the release has no such part, or it is not offered.
        ReleaseError: the part is missing or damaged.
    """
    part = (found.parts or {}).get(name)
    if part is None and found.parts is None:
        raise ReleaseError(found.fault)
    if part is None:
        names = list(found.parts or {})
        shown = name if len(name) <= 100 else name[:100] + "…"
        raise NotFound(f"Release {found.id} has no part '{shown}'.", near(name, names) if len(name) <= 100 else ())
    file = found.path / name
    if not _is_whole(file, part):
        raise ReleaseError(
            f"The part {name} of release {found.id} is missing or damaged, so it is not given out. "
            "Ask for another release, or try again when this one has been restored."
        )
    return file


_Check = Callable[[Path, Mapping[str, Any]], bool]


def _has_size(file: Path, told: Mapping[str, Any]) -> bool:
    """Whether a file has the size that is told of it."""
    try:
        return bool(file.stat().st_size == told["bytes"])
    except OSError:
        return False


def _is_whole(file: Path, told: Mapping[str, Any]) -> bool:
    """Whether a file has the size and, up to 64 MB, the SHA-256 that is told of it."""
    try:
        facts = file.stat()
        return bool(
            facts.st_size == told["bytes"]
            and (facts.st_size > _HASHED or _digest(file, facts.st_mtime_ns, facts.st_size) == told["sha256"])
        )
    except OSError:
        return False


@lru_cache(maxsize=4096)
def _digest(file: Path, modified: int, size: int) -> str:
    return sha256(file)


# ---------------------------------------------------------------------------------------------------------------------
# What can be made


@dataclass(frozen=True, slots=True)
class Export:
    """A file that can be made of a release.

    Attributes:
        name: Its name within the release.
        media_type: What it is sent as.
        titles: What it is, in English and German.
    """

    name: str
    media_type: str
    titles: tuple[str, str]


_GRAPHS: tuple[Export, ...] = (
    Export("dump.trig", "application/trig", ("All statements (TriG)", "Alle Aussagen (TriG)")),
    Export("dump.jsonld", "application/ld+json", ("All statements (JSON-LD)", "Alle Aussagen (JSON-LD)")),
    Export(
        "dump.nq.gz",
        "application/gzip",
        ("All statements (N-Quads, compressed)", "Alle Aussagen (N-Quads, komprimiert)"),
    ),
    Export(
        "cooperation.graphml",
        "application/graphml+xml",
        ("Who takes part in which network (GraphML)", "Wer an welchem Netzwerk teilnimmt (GraphML)"),
    ),
    Export(
        "cooperation.gexf",
        "application/gexf+xml",
        ("Who takes part in which network (GEXF)", "Wer an welchem Netzwerk teilnimmt (GEXF)"),
    ),
)
_TABLE = re.compile(r"tables/([a-z][a-z_]*)\.parquet")


def exports_of(found: Summary) -> dict[str, Export]:
    """What can be made of a release, by name: the graph in other formats, and each of its tables as CSV."""
    tables = [match[1] for match in map(_TABLE.fullmatch, found.parts or {}) if match]
    csvs = (
        Export(f"tables/{name}.csv", "text/csv; charset=utf-8", (f"Table {name} (CSV)", f"Tabelle {name} (CSV)"))
        for name in tables
    )
    return {each.name: each for each in (*_GRAPHS, *csvs)}


# ---------------------------------------------------------------------------------------------------------------------
# Making and keeping


@dataclass(frozen=True, slots=True)
class Made:
    """A file that is made and kept: where it lies, its size in bytes and its SHA-256 in hexadecimal."""

    file: Path
    bytes: int
    sha256: str


class Downloads:
    """Makes files of releases, each once, and keeps them.

    Args:
        cache: Folder that keeps them; it is made when needed. ``None``: a folder for temporary files, gone at the end.
        jobs: How many are made at the same time, each by a process of its own.
        waiting: How many more may wait for their turn.
        deadline: Seconds that making one may take.
        memory: Bytes that its process may use.
        limit: Bytes that all files together may take; beyond that those go first that nobody asked for longest.

    Everything may be called from any thread. Call :meth:`close` at the end.
    """

    def __init__(
        self,
        cache: Path | None,
        *,
        jobs: int = 2,
        waiting: int = 16,
        deadline: float = 1800.0,
        memory: int = 2_000_000_000,
        limit: int = 20_000_000_000,
    ) -> None:
        self._cache = cache
        self._temporary = False
        self._most = jobs + waiting
        self._turn = threading.Semaphore(jobs)
        self._deadline, self._memory, self._limit = deadline, memory, limit
        self._lock = threading.Lock()
        self._under_way: dict[tuple[Path, str, str], Future[Made]] = {}
        self._failed: dict[tuple[Path, str, str], tuple[float, IntegGraphError]] = {}
        self._pools: set[WorkerPool] = set()
        self._closed = False

    def ready(self, release: Path, name: str, before: Path | None = None) -> Made | None:
        """The file if it is made already, else ``None``; arguments as for :meth:`ask`, which looks closer."""
        return self._kept(release, name, before, _has_size)

    def _kept(self, release: Path, name: str, before: Path | None, is_good: _Check) -> Made | None:
        if self._cache is None:
            return None
        return _made(self._cache / release.name, _file_name(name, before), summary(release).content_hash, is_good)

    def ask(self, release: Path, name: str, before: Path | None = None) -> Future[Made]:
        """A promise of the file; whoever asks for the same one meanwhile waits for the same process.

        Args:
            release: Directory of the release.
            name: One of :func:`exports_of`, :data:`CHANGES` or :data:`PROFILE_CHANGES`.
            before: Directory of the release to compare with, for files that compare.

        The promise fails with:
            StorageFull: there is no space, or the folder may not be written to.
            ReleaseError: the release is damaged, gone, or it took too long or too much memory to make the file.
            WorkersBusy: too many files are waiting to be made.
        """
        found: Future[Made] = Future()
        made = self._kept(release, name, before, _is_whole)
        if made is not None:
            with contextlib.suppress(OSError):
                os.utime(made.file.with_name(made.file.name + _FACTS))  # the longest unused go first
            found.set_result(made)
            return found
        key = (release, name, "" if before is None else before.name)
        with self._lock:
            if key in self._under_way:
                return self._under_way[key]
            since, error = self._failed.get(key, (0.0, None))
            if error is not None and time.monotonic() - since < _FAILED_FOR:
                found.set_exception(error)
                return found
            if self._closed or len(self._under_way) >= self._most:
                found.set_exception(WorkersBusy("Too many downloads are being prepared. Try again in some minutes."))
                return found
            self._under_way[key] = found
        # Not a pool of threads: the interpreter would wait for its work at the end.
        threading.Thread(target=self._run, args=(key, release, name, before, found), daemon=True).start()
        return found

    def close(self) -> None:
        """End what is under way."""
        with self._lock:
            self._closed = True
            pools = list(self._pools)
        for pool in pools:
            pool.close()
        if self._temporary and self._cache is not None:
            shutil.rmtree(self._cache, ignore_errors=True)

    def _run(
        self, key: tuple[Path, str, str], release: Path, name: str, before: Path | None, found: Future[Made]
    ) -> None:
        error: IntegGraphError = ReleaseError("The download could not be prepared. Try again later.")
        made: Made | None = None
        try:
            with self._turn:
                made = self._make(release, name, before)
        except IntegGraphError as problem:
            error = problem
        except OSError as problem:
            error = _disk_error(problem)
        finally:  # whatever happened, whoever waits is told
            with self._lock:
                self._under_way.pop(key, None)
                if made is None:
                    self._remember(key, error)
            if made is None:
                found.set_exception(error)
            else:
                found.set_result(made)

    def _remember(self, key: tuple[Path, str, str], error: IntegGraphError) -> None:
        """Keep what failed for a while, so that asking again and again does not make a process again and again."""
        now = time.monotonic()
        self._failed = {each: kept for each, kept in self._failed.items() if now - kept[0] < _FAILED_FOR}
        self._failed[key] = (now, error)

    def _make(self, release: Path, name: str, before: Path | None) -> Made:
        folder = self._folder(release)
        _tidy(folder.parent, release, self._limit)
        target = _file_name(name, before)
        # The limit counts address space: what is read where it lies takes of it, but no memory.
        memory = self._memory + _mapped(release, before)
        pool = WorkerPool(*_MAKER, size=1, deadline=self._deadline, memory=memory)
        try:
            with self._lock:
                self._pools.add(pool)
                if self._closed:
                    raise WorkersBusy("The server is being stopped. Try again in a moment.")
            pool.call((str(release), name, None if before is None else str(before), str(folder / target)))
        except QueryTimeout:
            raise ReleaseError(
                f"It would take too long to prepare {name} of release {release.name}. {_INSTEAD}"
            ) from None
        except WorkersBusy:
            raise
        except WorkerError:
            raise ReleaseError(
                f"The process that prepared {name} of release {release.name} was stopped, most likely because it "
                f"needed too much memory. {_INSTEAD}"
            ) from None
        finally:
            with self._lock:
                self._pools.discard(pool)
            pool.close()
            _clear(folder / target)
        made = _made(folder, target, summary(release).content_hash)
        if made is None:
            raise ReleaseError(f"The file {name} of release {release.name} could not be prepared. Try again later.")
        return made

    def _folder(self, release: Path) -> Path:
        with self._lock:
            if self._cache is None:
                self._cache = Path(tempfile.mkdtemp(prefix="integgraph-downloads-"))
                self._temporary = True
        folder = self._cache / release.name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


_FAILED_FOR = 60.0  # seconds until something that failed is tried again
_INSTEAD = "The parts of the release, such as dump.nq and the tables, can be downloaded instead."


def _file_name(name: str, before: Path | None) -> str:
    """Name in the cache; the names of downloads are ours, and hold letters, dots and slashes only."""
    flat = name.replace("/", ".")
    return flat if before is None else f"{before.name}.{flat}"


def _made(folder: Path, name: str, content_hash: str, is_good: _Check = _is_whole) -> Made | None:
    """The file if it was made of this content by this version, and is good."""
    file = folder / name
    try:
        facts = json.loads((folder / (name + _FACTS)).read_bytes())
        if (facts["software"], facts["content_hash"]) == (_SOFTWARE, content_hash) and is_good(file, facts):
            return Made(file, facts["bytes"], facts["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None


def _mapped(release: Path, before: Path | None) -> int:
    """Bytes of the parts that making a file may read where they lie."""
    found = (summary(each).parts or {} for each in (release, before) if each is not None)
    return sum(int(part["bytes"]) for parts in found for name, part in parts.items() if name.startswith(_MAPPED))


_MAPPED = ("dump.nq", "tables/")


def _clear(target: Path) -> None:
    """Remove what a process that was killed left behind, unless another server is making the same file."""
    with contextlib.suppress(OSError), target.with_name(f"{_LOCK}{target.name}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        target.with_name(f"{_ASIDE}{target.name}").unlink(missing_ok=True)
        target.with_name(f"{_ASIDE}{target.name}{_FACTS}").unlink(missing_ok=True)


def _tidy(cache: Path, release: Path, limit: int) -> None:
    """Remove files of releases that are gone, and beyond the limit those that nobody asked for longest."""
    kept = {release.name}
    if release.parent.name == "releases":
        kept |= {path.name for path in release.parent.iterdir()}
    for folder in cache.iterdir():
        if folder.is_dir() and folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)
    found = []
    for facts in cache.glob(f"*/*{_FACTS}"):
        file = facts.with_name(facts.name.removesuffix(_FACTS))
        with contextlib.suppress(OSError):
            found.append((facts.stat().st_mtime, file.stat().st_size, facts, file))
    total = sum(size for _, size, _, _ in found)
    for _, size, facts, file in sorted(found, key=lambda each: each[0]):
        if total <= limit:
            return
        facts.unlink(missing_ok=True)
        file.unlink(missing_ok=True)
        total -= size


def _disk_error(error: OSError) -> IntegGraphError:
    told = re.search(r"\(os error ([0-9]+)\)", str(error))  # the engine gives the number in the text only
    number = int(told[1]) if told and error.errno is None else error.errno
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM, errno.EROFS):
        return StorageFull(
            "The server has no space to prepare this download, or may not write it. The parts of the release, such as "
            "dump.nq and the tables, can still be downloaded."
        )
    return ReleaseError(f"The download could not be prepared: {error.strerror or 'the disk failed'}.")


# -- in the process that makes a file


_MAKER = (pkgutil.resolve_name, (f"{__name__}:_serve",))
"""Found by its name in the worker itself: to import this module starts threads, and a process that forks has none."""


def _serve(request: Any) -> str:
    release, name, before, target = request
    try:
        make(Path(release), name, Path(target), None if before is None else Path(before))
    except OSError as error:
        raise _disk_error(error) from None
    except (SyntaxError, ValueError, pa.ArrowException) as error:
        raise ReleaseError(f"The release {Path(release).name} is damaged: {name} cannot be made of it.") from error
    return str(target)


def make(release: Path, name: str, target: Path, before: Path | None = None) -> None:
    """Make a file of a release in this process, written aside and renamed; nothing is done where it is made already.

    Args:
        release: Directory of the release.
        name: One of :func:`exports_of`, :data:`CHANGES` or :data:`PROFILE_CHANGES`.
        target: Where it goes.
        before: Directory of the release to compare with, for files that compare.

    Raises:
        NotFound: there is no such file to be made.
        ReleaseError: the release is missing or damaged.
        StorageFull: there is too little space.
        OSError: the disk is full or may not be written to.
    """
    with (target.with_name(f"{_LOCK}{target.name}")).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another server on the same folder may be at it
        opened = open_release(release)
        if _made(target.parent, target.name, opened.content_hash) is not None:
            return
        _check_space(target.parent, opened, name)
        aside = target.with_name(f"{_ASIDE}{target.name}")
        try:
            _write(opened, name, aside, before)
            facts = {
                "software": _SOFTWARE,
                "content_hash": opened.content_hash,
                "bytes": aside.stat().st_size,
                "sha256": sha256(aside),
            }
            target.with_name(target.name + _FACTS).unlink(missing_ok=True)
            os.replace(aside, target)
            told = target.with_name(f"{_ASIDE}{target.name}{_FACTS}")
            told.write_text(json.dumps(facts), "utf-8")
            os.replace(told, target.with_name(target.name + _FACTS))
        finally:
            aside.unlink(missing_ok=True)


def _check_space(folder: Path, opened: Release, name: str) -> None:
    parts = opened.manifest["parts"]
    table = parts.get(name.removesuffix(".csv") + ".parquet", {}).get("bytes", 0)
    needed = 10 * table if name.endswith(".csv") else parts["dump.nq"]["bytes"] if name.startswith("dump.") else 0
    if shutil.disk_usage(folder).free < needed + _SPARE:
        raise _disk_error(OSError(errno.ENOSPC, "No space left"))


def _write(opened: Release, name: str, file: Path, before: Path | None) -> None:
    if name in (CHANGES, PROFILE_CHANGES):
        if before is None:
            raise NotFound(f"There is no release before {opened.id} to compare it with.")
        _write_changes(open_release(before), opened, name, file)
    elif name.startswith("tables/") and name.endswith(".csv"):
        write_table(opened, name.removeprefix("tables/").removesuffix(".csv"), file)
    elif name == "dump.nq.gz":
        _write_compressed(opened, file)
    elif name in ("dump.trig", "dump.jsonld"):
        write_graph(opened, ox.RdfFormat.TRIG if name == "dump.trig" else ox.RdfFormat.JSON_LD, file)
    elif name in ("cooperation.graphml", "cooperation.gexf"):
        with file.open("w", encoding="utf-8", newline="") as out:
            (write_graphml if name == "cooperation.graphml" else write_gexf)(opened, out)
    else:
        raise NotFound(f"There is no download '{name}'.")


def _write_changes(old: Release, new: Release, name: str, file: Path) -> None:
    ontology = Ontology.load()
    data = (
        compare_releases(old, new, ontology).as_data()
        if name == CHANGES
        else compare_profiles(old, new, ontology).as_data()
    )
    file.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _write_compressed(opened: Release, file: Path) -> None:
    with opened.dump.open("rb") as source, file.open("wb") as raw:
        # Without a name and a time in it, the same release always gives the same bytes.
        with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=raw, mtime=0) as out:
            shutil.copyfileobj(source, out, _BLOCK)


# -- formats


def write_graph(opened: Release, form: ox.RdfFormat, file: Path) -> None:
    """Write every statement of a release in TriG or JSON-LD, as it is read.

    The default graph goes first, then the profiles: their statements stand together, so a graph is named once for
    many of them.
    """

    def quads() -> Iterator[ox.Quad]:
        for named in (False, True):
            for quad in ox.parse(path=str(opened.dump), format=ox.RdfFormat.N_QUADS):
                if isinstance(quad.graph_name, ox.DefaultGraph) != named:
                    yield quad

    prefixes = {**PREFIXES, "id": opened.base_iri} if form == ox.RdfFormat.TRIG else None
    ox.serialize(quads(), str(file), format=form, prefixes=prefixes)


def write_table(opened: Release, name: str, file: Path) -> None:
    """Write a table as CSV, portion by portion.

    Raises:
        NotFound: there is no such table.
    """
    source = pq.ParquetFile(Tables(opened.path / "tables").path(name), memory_map=True)
    with file.open("w", encoding="utf-8", newline="") as out:
        write_csv(source.schema_arrow.empty_table(), out)
        for batch in source.iter_batches(batch_size=ROWS_AT_ONCE):
            text = io.StringIO()
            write_csv(pa.Table.from_batches([batch]), text)
            out.write(text.getvalue().partition("\r\n")[2])  # without the names of the columns


@dataclass(frozen=True, slots=True)
class _Attribute:
    name: str
    type: str


_OF_NODES = (
    _Attribute("label", "string"),
    _Attribute("kind", "string"),
    _Attribute("bipartite", "int"),
    _Attribute("countries", "string"),
    _Attribute("sectors", "string"),
)
_OF_EDGES = (
    _Attribute("roles", "string"),
    _Attribute("counts_as_member", "boolean"),
    _Attribute("since", "string"),
    _Attribute("until", "string"),
)
_Values = Mapping[str, str]


def _nodes(opened: Release) -> Iterator[tuple[str, _Values]]:
    """(IRI, attributes) of networks, then actors, then groups without a name."""
    tables = Tables(opened.path / "tables")
    sectors: dict[str, list[str]] = {}
    actors = pq.ParquetFile(tables.path("actors"), memory_map=True)
    for batch in actors.iter_batches(batch_size=ROWS_AT_ONCE, columns=["actor", "sectors", "is_network"]):
        for row in batch.filter(batch.column("is_network")).to_pylist():
            sectors[row["actor"]] = row["sectors"]
    networks = pq.ParquetFile(tables.path("networks"), memory_map=True)
    columns = ["network", "id", "name", "countries"]
    for batch in networks.iter_batches(batch_size=ROWS_AT_ONCE, columns=columns):
        for row in batch.to_pylist():
            also = sectors.get(row["network"], ())
            yield row["network"], _node(row["name"] or row["id"], "network", row["countries"], also)
    countries = _countries(tables)
    columns = ["actor", "id", "name", "sectors", "places", "is_network"]
    for batch in actors.iter_batches(batch_size=ROWS_AT_ONCE, columns=columns):
        for row in batch.filter(pc.invert(batch.column("is_network"))).to_pylist():
            found = sorted({countries[place] for place in row["places"] if place in countries})
            yield row["actor"], _node(row["name"] or row["id"], "actor", found, row["sectors"])
    groups: dict[str, str] = {}
    memberships = pq.ParquetFile(tables.path("memberships"), memory_map=True)
    columns = ["actor", "actor_name", "is_group"]
    for batch in memberships.iter_batches(batch_size=ROWS_AT_ONCE, columns=columns):
        for row in batch.filter(pc.fill_null(batch.column("is_group"), False)).to_pylist():
            groups.setdefault(row["actor"], row["actor_name"] or row["actor"])
    for iri, name in groups.items():
        yield iri, _node(name, "group", (), ())


def _countries(tables: Tables) -> dict[str, str]:
    """Id of a place → two-letter code of its country."""
    found = pq.read_table(tables.path("places"), columns=["id", "country"]).to_pydict()
    return {name: code for name, code in zip(found["id"], found["country"], strict=True) if code}


def _node(label: str, kind: str, countries: Any, sectors: Any) -> _Values:
    bipartite = str(int(kind == "network"))
    values = {"label": label, "kind": kind, "bipartite": bipartite}
    return {**values, "countries": "; ".join(countries or ()), "sectors": "; ".join(sectors or ())}


def _edges(opened: Release) -> Iterator[tuple[str, str, str, _Values]]:
    """(IRI, who, network, attributes) of every participation; a network without one gives none."""
    file = pq.ParquetFile(Tables(opened.path / "tables").path("memberships"), memory_map=True)
    columns = ["membership", "actor", "network", "roles", "counts_as_member", "since", "until"]
    for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, columns=columns):
        for row in batch.filter(pc.is_valid(batch.column("actor"))).to_pylist():
            yield (
                row["membership"],
                row["actor"],
                row["network"],
                {
                    "roles": "; ".join(row["roles"] or ()),
                    "counts_as_member": "true" if row["counts_as_member"] else "false",
                    "since": "; ".join(each for each in row["since"] or () if each),
                    "until": "; ".join(each for each in row["until"] or () if each),
                },
            )


_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What may not stand in XML 1.0, however it is written. Source: XML 1.0, production 2 (Char)."""


def xml_text(text: str) -> str:
    r"""Text for an XML element.

    >>> xml_text("a < b & c\x00")
    'a &lt; b &amp; c'
    """
    return escape(_NOT_XML.sub("", text), {"\r": "&#13;"})


def xml_attribute(text: str) -> str:
    r"""Text for an XML attribute, with its quotation marks.

    >>> xml_attribute('say "a"\x07')
    '\'say "a"\''
    """
    return quoteattr(_NOT_XML.sub("", text))


def write_graphml(opened: Release, out: IO[str]) -> None:
    """Write who takes part in which network as GraphML.

    Nodes are networks (``bipartite`` 1), actors and groups without a name (0); an edge is a participation, in whatever
    role. ``counts_as_member`` tells which of them make a member. Lists are joined by ``; ``.
    """
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n')
    for domain, attributes in (("node", _OF_NODES), ("edge", _OF_EDGES)):
        for each in attributes:
            out.write(f'<key id="{each.name}" for="{domain}" attr.name="{each.name}" attr.type="{each.type}"/>\n')
    out.write(f'<graph id={xml_attribute(opened.id)} edgedefault="undirected">\n')
    for iri, values in _nodes(opened):
        out.write(f"<node id={xml_attribute(iri)}>{_graphml_data(values)}</node>\n")
    for iri, actor, network, values in _edges(opened):
        ends = f"source={xml_attribute(actor)} target={xml_attribute(network)}"
        out.write(f"<edge id={xml_attribute(iri)} {ends}>{_graphml_data(values)}</edge>\n")
    out.write("</graph>\n</graphml>\n")


def _graphml_data(values: _Values) -> str:
    return "".join(f'<data key="{name}">{xml_text(value)}</data>' for name, value in values.items() if value)


def write_gexf(opened: Release, out: IO[str]) -> None:
    """Write the same graph as :func:`write_graphml` as GEXF 1.3, for Gephi."""
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n<gexf xmlns="http://gexf.net/1.3" version="1.3">\n')
    created = xml_attribute(str(opened.manifest["created"])[:10])
    out.write(f"<meta lastmodifieddate={created}><creator>integgraph</creator>")
    out.write(f"<description>Release {xml_text(opened.id)}</description></meta>\n")
    out.write('<graph defaultedgetype="undirected" mode="static">\n')
    for domain, attributes in (("node", _OF_NODES[1:]), ("edge", _OF_EDGES)):
        out.write(f'<attributes class="{domain}">\n')
        for each in attributes:
            kind = "integer" if each.type == "int" else each.type
            out.write(f'<attribute id="{each.name}" title="{each.name}" type="{kind}"/>\n')
        out.write("</attributes>\n")
    out.write("<nodes>\n")
    for iri, values in _nodes(opened):
        label = xml_attribute(values["label"])
        rest = {name: value for name, value in values.items() if name != "label"}
        out.write(f"<node id={xml_attribute(iri)} label={label}>{_gexf_data(rest)}</node>\n")
    out.write("</nodes>\n<edges>\n")
    for iri, actor, network, values in _edges(opened):
        ends = f"source={xml_attribute(actor)} target={xml_attribute(network)}"
        out.write(f"<edge id={xml_attribute(iri)} {ends}>{_gexf_data(values)}</edge>\n")
    out.write("</edges>\n</graph>\n</gexf>\n")


def _gexf_data(values: _Values) -> str:
    data = (f'<attvalue for="{name}" value={xml_attribute(value)}/>' for name, value in values.items() if value)
    return f"<attvalues>{''.join(data)}</attvalues>"
