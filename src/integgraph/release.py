"""What a release directory holds: how it is written aside, swapped in by one rename, opened and listed.

::

    build/
    ├── current -> releases/20261123T120000Z-1a2b3c4d     swapped by one rename
    ├── releases/20261123T120000Z-1a2b3c4d/
    │   ├── manifest.json      inputs with SHA-256, counts, content hash, versions, parts
    │   ├── store/             the engine's files, opened read-only
    │   ├── dump.nq            every quad, sorted: the canonical form
    │   ├── shapes.ttl         the form as plain SHACL, expanded
    │   ├── context.jsonld     JSON-LD context of the form
    │   └── validation.json    warnings of every profile
    └── .lock                  held while a build is at work

A release never changes after its rename. Readers follow ``current`` once, when they open it.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from integgraph.errors import NotFound, ReleaseBusy, ReleaseError
from integgraph.ontology import near
from integgraph.store import EmbeddedStore

FORMAT = 1
PARTS = ("store", "dump.nq", "shapes.ttl", "context.jsonld", "validation.json")
_CURRENT, _RELEASES, _LOCK, _ASIDE = "current", "releases", ".lock", ".new-"


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
        """SHA-256 of the sorted N-Quads, in hexadecimal."""
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


def open_release(path: Path) -> Release:
    """Open a release directory, or the newest release of an output folder.

    Raises:
        ReleaseError: there is none, a part is missing, or a newer integgraph made it.
    """
    folder = path / _CURRENT if (path / _RELEASES).is_dir() or (path / _CURRENT).is_symlink() else path
    folder = folder.resolve()  # what is open stays open, even when another release is swapped in
    try:
        manifest = json.loads((folder / "manifest.json").read_bytes())
    except FileNotFoundError:
        raise ReleaseError(f"There is no release in {path}. Make one with: integgraph build") from None
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
    if missing:
        raise ReleaseError(f"The release {manifest.get('id')} is incomplete: {', '.join(missing)} is missing.")
    return Release(folder, manifest)


def list_releases(out: Path) -> list[Release]:
    """All whole releases of an output folder, newest first."""
    found = []
    for folder in sorted((out / _RELEASES).glob("*"), reverse=True):
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


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that goes into a release, before it has an id."""

    quads: Iterable[ox.Quad]
    shapes: bytes
    context: Mapping[str, Any]
    validation: Any
    inputs: Iterable[Mapping[str, str]]
    counts: Mapping[str, int]
    versions: Mapping[str, str]
    base_iri: str
    licence: str


@contextmanager
def build_lock(out: Path) -> Iterator[None]:
    """Keep two builds apart, and clear away what a killed one left behind.

    Raises:
        ReleaseBusy: another build holds the lock.
        ReleaseError: the folder cannot be written.
    """
    with _disk_errors(out):
        (out / _RELEASES).mkdir(parents=True, exist_ok=True)
        lock = os.open(out / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ReleaseBusy(f"Another build is at work in {out}. Wait for it, or choose another folder.") from None
        for left in (*out.glob(_ASIDE + "*"), *(out / _RELEASES).glob(_ASIDE + "*")):
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink()
        yield
    finally:
        os.close(lock)


def write_release(out: Path, content: Content) -> Release:
    """Write a release aside, make it durable, and swap it in; call inside :func:`build_lock`.

    Until the last rename the old release serves; whatever goes wrong, it stays as it was.

    Raises:
        ReleaseError: the disk is full or cannot be written.
    """
    aside = out / _RELEASES / f"{_ASIDE}{os.getpid()}"
    try:
        with _disk_errors(out):
            aside.mkdir()
            release = _write_parts(aside, content)
            target = out / _RELEASES / release["id"]
            _sync_tree(aside)
            if target.exists():  # the same content in the same second
                shutil.rmtree(target)
            os.rename(aside, target)
            _sync(out / _RELEASES)
            swap(out, release["id"])
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return open_release(target)


def swap(out: Path, name: str) -> None:
    """Let ``current`` point to this release: one rename."""
    link = out / f"{_ASIDE}current"
    link.unlink(missing_ok=True)
    link.symlink_to(f"{_RELEASES}/{name}")
    os.replace(link, out / _CURRENT)
    _sync(out)


def _write_parts(folder: Path, content: Content) -> dict[str, Any]:
    quads = list(content.quads)
    # A store directory cannot be compared byte by byte; the sorted dump is what is hashed and cited.
    lines = sorted({f"{quad} .\n".encode() for quad in quads})
    digest = hashlib.sha256()
    with (folder / "dump.nq").open("wb") as file:
        for line in lines:
            file.write(line)
            digest.update(line)
    store = ox.Store(str(folder / "store"))
    store.bulk_extend(quads)
    store.flush()
    del store
    (folder / "shapes.ttl").write_bytes(content.shapes)
    _write_json(folder / "context.jsonld", content.context)
    _write_json(folder / "validation.json", content.validation)
    created = datetime.now(UTC).replace(microsecond=0)
    manifest = {
        "format": FORMAT,
        "id": f"{created:%Y%m%dT%H%M%SZ}-{digest.hexdigest()[:8]}",
        "created": created.isoformat().replace("+00:00", "Z"),
        "content_hash": digest.hexdigest(),
        "base_iri": content.base_iri,
        "licence": content.licence,
        "versions": dict(content.versions),
        "counts": {**content.counts, "quads": len(lines)},
        "inputs": sorted(content.inputs, key=lambda each: each["file"]),
        "parts": {
            name: {"bytes": (folder / name).stat().st_size, "sha256": _sha256(folder / name)}
            for name in PARTS
            if (folder / name).is_file()
        },
    }
    _write_json(folder / "manifest.json", manifest)
    return manifest


def _write_json(file: Path, data: Any) -> None:
    file.write_text(json.dumps(data, ensure_ascii=False, indent=1, sort_keys=False) + "\n", "utf-8")


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


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
def _disk_errors(out: Path) -> Iterator[None]:
    """What a full or locked disk says, in words; the engine's errors among them."""
    try:
        yield
    except OSError as error:
        text = str(error)
        if error.errno == errno.ENOSPC or "No space left" in text:
            reason = "the disk is full. Free some space and build again"
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            reason = "it may not be written to. Choose another folder with --out"
        else:
            reason = error.strerror or text
        raise ReleaseError(
            f"The release cannot be written to {out}: {reason}. The release that was there before still serves."
        ) from error
