"""What a release directory holds: how it is written aside, swapped in by one rename, opened, verified and listed.

::

    build/
    ├── current -> releases/20261123T120000Z-1a2b3c4d     swapped by one rename
    ├── releases/20261123T120000Z-1a2b3c4d/
    │   ├── manifest.json      inputs with SHA-256, counts, statistics, content hash, versions, parts with SHA-256
    │   ├── store/             the engine's files, opened read-only
    │   ├── dump.nq            every quad, sorted: the canonical form
    │   ├── tables/            Parquet with a description beside it (CSVW)
    │   ├── aggregates/        counts that pages show, in Parquet; each defined by a published query
    │   ├── search.sqlite      full-text index of names and wordings
    │   ├── catalogue.ttl      DCAT-AP 3 and VoID
    │   ├── shapes.ttl         the form as plain SHACL, expanded
    │   ├── context.jsonld     JSON-LD context of the form
    │   ├── validation.json    warnings of every profile
    │   ├── withdrawn.parquet  tombstones of what earlier releases spoke of; only where there are any
    │   └── ledger.sqlite      what the next build needs to do only what changed; no reader needs it
    └── .lock                  held while a build, a rollback or a prune is at work

A release never changes after its rename, and shares no file with another one, so damage to one never reaches the
next. Readers follow ``current`` once, when they open it.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from integgraph.errors import NotFound, ReleaseBusy, ReleaseError
from integgraph.ontology import near
from integgraph.sortedlines import sha256
from integgraph.store import EmbeddedStore

FORMAT = 1
PARTS = (
    "store",
    "dump.nq",
    "tables",
    "aggregates",
    "search.sqlite",
    "catalogue.ttl",
    "shapes.ttl",
    "context.jsonld",
    "validation.json",
)
"""What every release has; a copy without one of them is incomplete."""
LEDGER = "ledger.sqlite"
WITHDRAWN = "withdrawn.parquet"
"""Tombstones (:mod:`integgraph.withdrawn`): a part that only some releases have."""
DERIVED = ("store/", "search.sqlite", "catalogue.ttl", LEDGER, WITHDRAWN)
"""Parts that follow from the others or from earlier releases, or hold times: left out of the content hash."""
TIMES = ("id", "created", "content_hash", "previous", "parts")
"""What a manifest says of one building, not of the content."""
_CURRENT, _RELEASES, _LOCK, _ASIDE = "current", "releases", ".lock", ".new-"


def measurements_graph(base_iri: str) -> str:
    """IRI of the graph that holds the measurements of a release.

    >>> measurements_graph("https://w3id.org/integgraph/id/")
    'https://w3id.org/integgraph/measurements'
    """
    return f"{base_iri.removesuffix('id/')}measurements"


@dataclass(frozen=True, slots=True)
class Release:
    """One release on disk.

    Attributes:
        path: Its directory.
        manifest: What it was made from and what it holds; see ``docs/release.md``.
    """

    path: Path
    manifest: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Name of the release: time of the build and the beginning of its content hash."""
        return str(self.manifest["id"])

    @property
    def content_hash(self) -> str:
        """SHA-256 in hexadecimal over N-Quads, tables and the manifest without times; the same wherever it is built."""
        return str(self.manifest["content_hash"])

    @property
    def base_iri(self) -> str:
        """Where the IRIs of its things begin."""
        return str(self.manifest["base_iri"])

    @property
    def dump(self) -> Path:
        """The sorted N-Quads file."""
        return self.path / "dump.nq"

    def store(self) -> EmbeddedStore:
        """The release's store, read-only."""
        return EmbeddedStore.open(self.path / "store")


# ---------------------------------------------------------------------------------------------------------------------
# Opening and listing


def open_release(path: Path) -> Release:
    """Open a release directory, or the newest release of an output folder.

    Raises:
        ReleaseError: there is none, a part is missing or cut short, or a newer integgraph made it.
    """
    folder = path / _CURRENT if (path / _RELEASES).is_dir() or (path / _CURRENT).is_symlink() else path
    folder = folder.resolve()  # what is open stays open, even when another release is swapped in
    try:
        manifest = json.loads((folder / "manifest.json").read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise ReleaseError(_none_in(path)) from None
    except (OSError, ValueError) as error:
        raise ReleaseError(f"The manifest of the release in {path} cannot be read: {error}.") from None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("format"), int):
        raise ReleaseError(f"The manifest of the release in {path} is not one of integgraph's.")
    if manifest["format"] > FORMAT:
        raise ReleaseError(
            f"The release {manifest.get('id')} has format {manifest['format']}; this integgraph reads up to {FORMAT}. "
            "Update integgraph."
        )
    missing = [part for part in PARTS if not (folder / part).exists()]
    missing += [
        name for name in _parts_of(manifest) if not (folder / name).exists() and name.split("/")[0] not in missing
    ]
    if missing:
        raise ReleaseError(f"The release {manifest.get('id')} is incomplete: {', '.join(missing[:5])} is missing.")
    return Release(folder, manifest)


def _none_in(path: Path) -> str:
    kept = list_releases(path)
    if kept and (path / _CURRENT).is_symlink():
        return (
            f"The current release of {path} is gone. Choose another with: "
            f"integgraph release rollback {kept[0].id} --out {path}"
        )
    return f"There is no release in {path}. Make one with: integgraph build"


def _parts_of(manifest: Mapping[str, Any]) -> list[str]:
    """Names of the parts that a copy must have; the ledger may be left behind."""
    parts = manifest.get("parts")
    return [name for name in parts if name != LEDGER] if isinstance(parts, dict) else []


def list_releases(out: Path) -> list[Release]:
    """All whole releases of an output folder, newest first."""
    found = []
    for folder in sorted((out / _RELEASES).glob("[!.]*"), reverse=True):
        try:
            found.append(open_release(folder))
        except ReleaseError:
            continue
    return found


def current_id(out: Path) -> str | None:
    """Id of the release that serves, or ``None``."""
    link = out / _CURRENT
    return os.readlink(link).rpartition("/")[2] if link.is_symlink() else None


def find_release(out: Path, name: str) -> Release:
    """The release with this id.

    Raises:
        NotFound: there is none; similar ids are named.
    """
    releases = {release.id: release for release in list_releases(out)}
    if name not in releases:
        raise NotFound(f"There is no release '{name}'.", near(name, releases))
    return releases[name]


# ---------------------------------------------------------------------------------------------------------------------
# Verifying

Progress = Callable[[str, int, int], None]
"""Told (what is being done, done, of how many)."""


def verify(release: Release, progress: Progress = lambda what, done, total: None) -> list[str]:
    """Read every part of a release and say what is damaged; an empty list means that all is as it was built.

    Every file is compared with the size and SHA-256 in the manifest, and the manifest with its own content hash. The
    store is opened and holds as many quads as the dump.

    Args:
        release: What to verify.
        progress: Told how many files are read.
    """
    parts = release.manifest["parts"]
    faults = [] if content_hash(release.manifest) == release.content_hash else ["manifest.json: it was changed"]
    for done, (name, facts) in enumerate(sorted(parts.items()), 1):
        faults.extend(_fault(release.path / name, name, facts))
        progress("parts verified", done, len(parts))
    present = {file.relative_to(release.path).as_posix() for file in release.path.rglob("*") if file.is_file()}
    faults += [
        f"{name}: it does not belong to the release" for name in sorted(present - set(parts) - {"manifest.json"})
    ]
    if not faults:
        faults.extend(_store_faults(release))
    return faults


def _fault(file: Path, name: str, facts: Mapping[str, Any]) -> Iterator[str]:
    try:
        size = file.stat().st_size
        if size != facts["bytes"]:
            yield f"{name}: it has {size:,} bytes instead of {facts['bytes']:,}"
        elif sha256(file) != facts["sha256"]:
            yield f"{name}: its content was changed"
    except FileNotFoundError:
        if name != LEDGER:  # only the build host needs it
            yield f"{name}: it is missing"
    except OSError as error:
        yield f"{name}: it cannot be read ({error.strerror})"


def _store_faults(release: Release) -> Iterator[str]:
    try:
        quads = len(release.store())
    except (ReleaseError, OSError, RuntimeError, ValueError) as error:
        yield f"store: it cannot be opened ({error})"
        return
    if quads != release.manifest["counts"]["quads"]:
        yield f"store: it holds {quads:,} quads instead of {release.manifest['counts']['quads']:,}"


def content_hash(manifest: Mapping[str, Any]) -> str:
    """SHA-256 over what a release says: the manifest without times, with a digest of every part that is not derived.

    N-Quads and texts count by their bytes; a table counts by its rows, so that another version of the library that
    writes Parquet gives the same hash.
    """
    facts = {key: value for key, value in manifest.items() if key not in TIMES}
    facts["parts"] = {
        name: part.get("content", part["sha256"])
        for name, part in manifest["parts"].items()
        if not name.startswith(DERIVED)
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


# ---------------------------------------------------------------------------------------------------------------------
# Writing


@contextmanager
def build_lock(out: Path) -> Iterator[None]:
    """Keep two writers apart, and clear away what a killed one left behind.

    Raises:
        ReleaseBusy: another build, rollback or prune holds the lock.
        ReleaseError: the folder cannot be written.
    """
    with disk_errors(out):
        (out / _RELEASES).mkdir(parents=True, exist_ok=True)
        lock = os.open(out / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ReleaseBusy(f"Another build is at work in {out}. Wait for it, or choose another folder.") from None
        for left in (*out.glob(_ASIDE + "*"), *(out / _RELEASES).glob(_ASIDE + "*")):
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() and not left.is_symlink() else left.unlink()
        yield
    finally:
        os.close(lock)


@contextmanager
def aside(out: Path) -> Iterator[Path]:
    """A new directory that becomes a release by :func:`publish`, and is gone if anything goes wrong before.

    Call inside :func:`build_lock`. Until the last rename the old release serves; whatever happens, it stays as it was.

    Raises:
        ReleaseError: the disk is full or cannot be written.
    """
    # Beside the other releases, so that the rename never crosses from one file system to another.
    folder = out / _RELEASES / f"{_ASIDE}{os.getpid()}"
    try:
        with disk_errors(out):
            folder.mkdir()
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(
    out: Path,
    folder: Path,
    facts: Mapping[str, Any],
    digests: Mapping[str, Mapping[str, str]],
    catalogue: Callable[[Mapping[str, Any]], bytes],
    tombstones: Callable[[Path, Mapping[str, Any]], None] = lambda folder, manifest: None,
) -> Release:
    """Write manifest and catalogue of a directory made by :func:`aside`, make it durable, and swap it in.

    Args:
        out: The output folder.
        folder: The directory, with all other parts of a release in it.
        facts: What the manifest says of the content: counts, inputs, versions and so on.
        digests: Part → ``{"sha256": …}`` where it is known already, and ``{"content": …}`` for tables.
        catalogue: Writes the catalogue from the manifest.
        tombstones: Writes :data:`WITHDRAWN` into the directory, if anything was withdrawn; it gets the manifest, too,
            because a tombstone names the day.
    """
    parts = {}
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            name = file.relative_to(folder).as_posix()
            known = digests.get(name, {})
            parts[name] = {"bytes": file.stat().st_size, "sha256": known.get("sha256") or sha256(file), **known}
    manifest: dict[str, Any] = {"format": FORMAT, "id": "", "created": "", "content_hash": "", **facts, "parts": parts}
    manifest["content_hash"] = content_hash(manifest)
    created = _later_than_all(out, datetime.now(UTC).replace(microsecond=0))
    manifest["created"] = created.isoformat().replace("+00:00", "Z")
    manifest["id"] = release_id(created, manifest["content_hash"])
    manifest["previous"] = _previous(out)
    (folder / "catalogue.ttl").write_bytes(catalogue(manifest))
    tombstones(folder, manifest)
    for file in (folder / "catalogue.ttl", folder / WITHDRAWN):
        if file.is_file():
            parts[file.name] = {"bytes": file.stat().st_size, "sha256": sha256(file)}
    write_json(folder / "manifest.json", manifest)
    _sync_tree(folder)
    target = out / _RELEASES / manifest["id"]
    os.rename(folder, target)
    _sync(out / _RELEASES)
    swap(out, manifest["id"])
    return open_release(target)


def _later_than_all(out: Path, moment: datetime) -> datetime:
    """This moment, or the second after the newest release: ids tell the order in which releases were made."""
    stamps = [folder.name.partition("-")[0] for folder in (out / _RELEASES).glob("[!.]*")]
    taken = {stamp for stamp in stamps if len(stamp) == len(f"{moment:{_STAMP}}")}
    while taken and f"{moment:{_STAMP}}" <= max(taken) and max(taken) < f"{moment + _AHEAD:{_STAMP}}":
        moment += timedelta(seconds=1)
    return moment


_STAMP = "%Y%m%dT%H%M%SZ"
_AHEAD = timedelta(minutes=10)
"""A name further in the future is no release of this clock, and is not waited for."""


def _previous(out: Path) -> dict[str, str] | None:
    try:
        serving = open_release(out)
    except ReleaseError:
        return None
    return {"id": serving.id, "content_hash": serving.content_hash}


def release_id(created: datetime, digest: str) -> str:
    """Name of a release: when it was built, and the beginning of its content hash."""
    return f"{created:{_STAMP}}-{digest[:8]}"


def swap(out: Path, name: str) -> None:
    """Let ``current`` point to this release: one rename."""
    link = out / f"{_ASIDE}current"
    link.unlink(missing_ok=True)
    link.symlink_to(f"{_RELEASES}/{name}")
    os.replace(link, out / _CURRENT)
    _sync(out)


# ---------------------------------------------------------------------------------------------------------------------
# Going back, and clearing away


def rollback(out: Path, name: str | None = None) -> Release:
    """Let another release serve: the one with this id, or the newest before the current one that is undamaged.

    The release is verified first, so that nobody goes back to damage; the one that served stays where it is.

    Raises:
        NotFound: there is no release with this id.
        ReleaseError: it is damaged, there is none to go back to, or the folder cannot be written.
    """
    with build_lock(out), disk_errors(out):
        if name is not None:
            chosen = find_release(out, name)
            faults = verify(chosen)
            if faults:
                raise ReleaseError(f"The release {name} is damaged, so it does not serve: {'; '.join(faults[:3])}.")
        else:
            chosen = _before(out)
        swap(out, chosen.id)
        return chosen


def _before(out: Path) -> Release:
    serving = current_id(out) or ""
    for release in list_releases(out):
        if release.id < serving and not verify(release):
            return release
    raise ReleaseError(f"There is no undamaged release in {out} before the current one. See: integgraph release list")


def release_before(out: Path, release: Release) -> Release:
    """The release that was built before this one.

    Raises:
        NotFound: there is none.
    """
    for each in list_releases(out):
        if each.id < release.id:
            return each
    raise NotFound(f"There is no release before {release.id} in {out}.")


def prune(out: Path, keep: int) -> list[str]:
    """Remove all but the newest releases; the one that serves always stays.

    Args:
        out: The output folder.
        keep: How many to keep, the serving one among them; at least 1.

    Returns:
        Ids of the removed releases, oldest first.

    Raises:
        ReleaseError: the folder cannot be written.
    """
    with build_lock(out), disk_errors(out):
        serving = current_id(out)
        folders = sorted(folder for folder in (out / _RELEASES).iterdir() if not folder.name.startswith("."))
        others = [folder for folder in folders if folder.name != serving]
        spare = keep - (serving is not None)
        removed = others[: len(others) - spare] if spare > 0 else others
        for folder in removed:
            # Out of sight by one rename first: a release is there whole or not at all.
            gone = folder.with_name(f"{_ASIDE}{folder.name}")
            os.rename(folder, gone)
            shutil.rmtree(gone)
        _sync(out / _RELEASES)
        return [folder.name for folder in removed]


# ---------------------------------------------------------------------------------------------------------------------
# The disk


def write_json(file: Path, data: Any) -> None:
    """Write data as readable JSON."""
    file.write_text(json.dumps(data, ensure_ascii=False, indent=1, sort_keys=False) + "\n", "utf-8")


def _sync_tree(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def disk_errors(out: Path) -> Iterator[None]:
    """What a full or locked disk says, in words; the engine's errors among them."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        text, number = str(error), getattr(error, "errno", None)
        if number == errno.ENOSPC or "No space left" in text or "disk is full" in text:
            reason = "the disk is full. Free some space and build again"
        elif number in (errno.EACCES, errno.EPERM, errno.EROFS):
            reason = "it may not be written to. Choose another folder with --out"
        elif number == errno.EXDEV:
            reason = "its parts lie on several file systems. Keep releases/ inside the output folder"
        else:
            reason = getattr(error, "strerror", None) or text
        raise ReleaseError(
            f"The release cannot be written to {out}: {reason}. The release that was there before still serves."
        ) from error
