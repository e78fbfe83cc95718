"""Files of sorted lines: written in runs, merged within bounded memory, and renewed without sorting again.

The canonical form of a graph is its N-Quads, one quad a line, sorted by bytes, each line once. A full build writes one
*run* a batch and merges them; a build that changes little takes the old file, leaves lines out and puts lines in.
Both give the same bytes. Source: RDF 1.1 N-Quads (W3C, 2014); external merge sort (Knuth, TAOCP 3, 5.4).
"""

from __future__ import annotations

import hashlib
import mmap
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BufferedWriter, FileIO
from pathlib import Path
from typing import Any

PORTION = 96_000_000
"""Bytes of lines that a merge holds in memory at once."""
_BLOCK = 1 << 22
_STRETCH = 1 << 25


@dataclass(frozen=True, slots=True)
class Written:
    """A file of sorted lines: how many, and the SHA-256 of all of them in hexadecimal."""

    lines: int
    sha256: str


class Sink:
    """Writes and hashes at once, makes durable what is written, and lets go of the memory that it took.

    A large file that nobody reads soon would push what is being served out of the page cache, and filling fresh pages
    takes longer than the disk does.
    """

    def __init__(self, file: BufferedWriter | FileIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._done = self._durable = 0
        self.lines = 0

    def write(self, data: bytes | memoryview, lines: int = 0) -> None:
        """Write and hash; ``lines`` is added to the count."""
        rest = memoryview(data)
        while rest:  # a disk that fills up takes a part first, and says so only at the next write
            rest = rest[self._file.write(rest) :]
        self._digest.update(data)
        self.lines += lines
        self._done += len(data)
        if self._done - self._durable >= _STRETCH:
            self._file.flush()
            os.fdatasync(self._file.fileno())
            if hasattr(os, "posix_fadvise"):
                length = self._done - self._durable
                os.posix_fadvise(self._file.fileno(), self._durable, length, os.POSIX_FADV_DONTNEED)
            self._durable = self._done

    @property
    def sha256(self) -> str:
        """SHA-256 of everything written, in hexadecimal."""
        return self._digest.hexdigest()


def write_run(file: Path, lines: Iterable[bytes]) -> None:
    """Write lines (each with its line end) sorted, each once."""
    with file.open("wb") as out:
        out.writelines(sorted(set(lines)))


def merge_runs(runs: Sequence[Path], file: Path, portion: int = PORTION) -> Written:
    """Merge sorted runs into one sorted file, each line once.

    The range of lines is cut so that a portion of all runs fits into memory; within a portion Python's sort merges
    the stretches that are sorted already.

    Args:
        runs: Files of sorted lines; empty ones are allowed.
        file: What to write.
        portion: Bytes of lines to hold at once.
    """
    with file.open("wb") as out:
        sink = Sink(out)
        for lines in _portions(runs, portion):
            sink.write(b"".join(lines), len(lines))
        return Written(sink.lines, sink.sha256)


def merged_lines(runs: Sequence[Path], portion: int = PORTION) -> Iterator[bytes]:
    """The lines of sorted runs in order, each once; see :func:`merge_runs`."""
    for lines in _portions(runs, portion):
        yield from lines


def _portions(runs: Sequence[Path], portion: int) -> Iterator[list[bytes]]:
    """Sorted, distinct lines in portions, in order."""
    maps = [_Map(run) for run in runs if run.stat().st_size]
    try:
        total = sum(len(each) for each in maps)
        cuts = _cuts(maps, -(-total // portion))
        starts = [0] * len(maps)
        for cut in (*cuts, None):
            ends = [len(each) if cut is None else each.place(cut) for each in maps]
            lines: list[bytes] = []
            for each, start, end in zip(maps, starts, ends, strict=True):
                lines += each.data[start:end].splitlines(keepends=True)
            starts = ends
            yield sorted(set(lines)) if len(maps) > 1 else lines
    finally:
        for each in maps:
            each.close()


def _cuts(maps: Sequence[_Map], portions: int) -> list[bytes]:
    """Lines that cut the whole range into portions of about one size, found from evenly spaced samples."""
    if portions <= 1:
        return []
    samples = sorted(
        each.line_at(len(each) * number // portions) for each in maps for number in range(portions) if len(each)
    )
    return sorted({samples[len(samples) * number // portions] for number in range(1, portions)})


class _Map:
    """A file of sorted lines in the address space, searched by bytes."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.data = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)

    def __len__(self) -> int:
        return len(self.data)

    def close(self) -> None:
        self.data.close()
        self._file.close()

    def line_at(self, place: int) -> bytes:
        """The line that this byte belongs to."""
        start = self.data.rfind(b"\n", 0, place) + 1
        return self.data[start : self._end(start)]

    def place(self, line: bytes) -> int:
        """Where this line stands, or would stand."""
        low, high = 0, len(self.data)
        while low < high:
            middle = self.data.rfind(b"\n", low, (low + high) // 2) + 1
            start = middle if middle > low else low
            end = self._end(start)
            if self.data[start:end] < line:
                low = end
            else:
                high = start
        return low

    def _end(self, start: int) -> int:
        end = self.data.find(b"\n", start)
        return len(self.data) if end < 0 else end + 1


def renew(old: Path, removed: Iterable[bytes], added: Iterable[bytes], file: Path) -> tuple[str, str]:
    """Copy a sorted file without some lines and with others.

    Only the places of the changes are looked up; everything between them is copied in blocks.

    Args:
        old: The sorted file to start from; it stays as it is.
        removed: Lines to leave out; one that is not there changes nothing.
        added: Lines to put in; one that is there already changes nothing.
        file: What to write.

    Returns:
        SHA-256 of the old file as it was read, and of the new one.
    """
    gone, new = set(removed), set(added)
    places = _places(old, sorted(gone | new))
    before = hashlib.sha256()
    with old.open("rb", buffering=0) as source, file.open("wb", buffering=0) as out:
        sink = Sink(out)
        for line, place, there in places:
            _copy(source, place - source.tell(), before, sink)
            if line in new:
                sink.write(line)
            if there:
                before.update(source.read(len(line)))
        _copy(source, old.stat().st_size - source.tell(), before, sink)
        return before.hexdigest(), sink.sha256


def _places(file: Path, lines: Sequence[bytes]) -> list[tuple[bytes, int, bool]]:
    """Each line with its place in a sorted file, and whether it stands there."""
    if not file.stat().st_size:
        return [(line, 0, False) for line in lines]
    held = _Map(file)
    try:
        return [
            (line, place, held.data[place : place + len(line)] == line)
            for line, place in ((line, held.place(line)) for line in lines)
        ]
    finally:
        held.close()


def _copy(source: FileIO, length: int, before: Any, sink: Sink) -> None:
    block = memoryview(bytearray(min(_BLOCK, length)))
    while length > 0:
        count = source.readinto(block[: min(len(block), length)])
        if not count:
            raise OSError("a file became shorter while it was copied")
        before.update(block[:count])
        sink.write(block[:count])
        length -= count


def present(file: Path, lines: Iterable[bytes]) -> set[bytes]:
    """Those of these lines that a sorted file holds."""
    return {line for line, _, there in _places(file, list(lines)) if there}


def sha256(file: Path) -> str:
    """SHA-256 of a file in hexadecimal."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def copy_hashed(source: Path, target: Path) -> str:
    """Copy a file and return the SHA-256 of what was read, so that a copy never carries damage on unseen."""
    with source.open("rb", buffering=0) as opened, target.open("wb", buffering=0) as out:
        sink = Sink(out)
        block = memoryview(bytearray(_BLOCK))
        while count := opened.readinto(block):
            sink.write(block[:count])
        return sink.sha256
