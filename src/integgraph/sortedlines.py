"""Files of sorted lines: written in runs, merged within bounded memory, and renewed without sorting again.

The canonical form of a graph is its N-Quads, one quad a line, sorted by bytes, each line once. A full build writes one
*run* a batch and merges them; a build that changes little takes the old file, leaves lines out and puts lines in.
Both give the same bytes. Source: RDF 1.1 N-Quads (W3C, 2014); external merge sort (Knuth, TAOCP 3, 5.4).
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import mmap
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

PORTION = 96_000_000
"""Bytes of lines that a merge holds in memory at once."""
_BLOCK = 1 << 23


@dataclass(frozen=True, slots=True)
class Written:
    """A file of sorted lines: how many, and the SHA-256 of all of them in hexadecimal."""

    lines: int
    sha256: str


# Large files are read and written past the page cache where the system can: nobody reads them again soon, they would
# push out what is being served, and filling fresh pages takes longer than the disk does.


def _open_past_cache(file: Path, flags: int) -> int:
    try:
        return os.open(file, flags | getattr(os, "O_DIRECT", 0), 0o644)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a file system in memory has nothing else but its pages
            raise
        return os.open(file, flags, 0o644)


def _blocks(file: Path) -> Iterator[memoryview]:
    """The content of a file block by block; each block is gone when the next one is asked for."""
    opened = _open_past_cache(file, os.O_RDONLY)
    buffer = _take_buffer()
    try:
        view = memoryview(buffer)
        while count := os.readv(opened, [buffer]):
            yield view[:count]
    finally:
        os.close(opened)
        _buffers.append(buffer)


_buffers: list[mmap.mmap] = []
"""Buffers that were used before: taking fresh memory for every file takes longer than reading it."""


def _take_buffer() -> mmap.mmap:
    while _buffers:
        buffer = _buffers.pop()
        if len(buffer) == _BLOCK:
            return buffer
    return mmap.mmap(-1, _BLOCK)  # memory that begins where a page begins, as the system asks


class Sink:
    """Writes a file and hashes it; use it as a context manager and end with :meth:`finish`.

    A block that is full is hashed and written by a thread, while the next one is filled.
    """

    def __init__(self, file: Path) -> None:
        self._opened = _open_past_cache(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        self._digest = hashlib.sha256()
        self._memory = [_take_buffer()]
        self._buffer = memoryview(self._memory[0])
        self._filled = 0
        self._beside: ThreadPoolExecutor | None = None
        self._under_way: Future[None] | None = None
        self.lines = 0

    def __enter__(self) -> Sink:
        return self

    def __exit__(self, *_: object) -> None:
        if self._beside is not None:
            self._beside.shutdown()  # a block that is under way still needs the file and its memory
        os.close(self._opened)
        _buffers.extend(self._memory)

    def write(self, data: bytes | memoryview, lines: int = 0) -> None:
        """Write and hash; ``lines`` is added to the count."""
        self.lines += lines
        rest = memoryview(data)
        while rest:
            taken = min(len(rest), _BLOCK - self._filled)
            self._buffer[self._filled : self._filled + taken] = rest[:taken]
            self._filled += taken
            rest = rest[taken:]
            if self._filled == _BLOCK:
                self._hand_over()

    def _hand_over(self) -> None:
        """Let the thread have the full block, and go on with the one that it is done with."""
        self._wait()
        if self._beside is None:
            self._beside = ThreadPoolExecutor(1)
            self._memory.append(_take_buffer())
        self._under_way = self._beside.submit(self._put, self._buffer)
        self._memory.reverse()
        self._buffer = memoryview(self._memory[0])
        self._filled = 0

    def _wait(self) -> None:
        """Raise what went wrong with the block before."""
        if self._under_way is not None:
            self._under_way.result()

    def _put(self, rest: memoryview) -> None:
        self._digest.update(rest)
        if len(rest) < _BLOCK:
            self._through_cache()
        while rest:
            count = os.write(self._opened, rest)
            rest = rest[count:]
            if rest:  # a disk that fills up takes a part first, and says so only at the next write
                self._through_cache()

    def _through_cache(self) -> None:
        """Whole pages only go past the cache; the end of a file need not be one."""
        direct = getattr(os, "O_DIRECT", 0)
        fcntl.fcntl(self._opened, fcntl.F_SETFL, fcntl.fcntl(self._opened, fcntl.F_GETFL) & ~direct)

    def finish(self) -> str:
        """Write the rest; SHA-256 of everything in hexadecimal. All files are made durable together, later."""
        self._wait()
        self._put(self._buffer[: self._filled])
        self._filled = 0
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
    with Sink(file) as sink:
        for lines in _portions(runs, portion):
            sink.write(b"".join(lines), len(lines))
        return Written(sink.lines, sink.finish())


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
                each.let_go()
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

    def let_go(self) -> None:
        """Give back the pages that were read: memory shall hold a portion, not the files."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self.data.madvise(mmap.MADV_DONTNEED)

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
    changes = deque(_places(old, sorted(gone | new)))
    before = hashlib.sha256()
    at = done = 0
    with Sink(file) as sink:
        for block in _blocks(old):
            before.update(block)
            end = at + len(block)
            while changes and changes[0][1] < end:
                line, place, there = changes.popleft()
                sink.write(block[max(done - at, 0) : place - at])
                if line in new:
                    sink.write(line)
                done = place + len(line) if there else place
            sink.write(block[max(done - at, 0) :])
            at = end
            done = max(done, end)
        for line, _, _ in changes:  # after the last line
            if line in new:
                sink.write(line)
        return before.hexdigest(), sink.finish()


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


def present(file: Path, lines: Iterable[bytes]) -> set[bytes]:
    """Those of these lines that a sorted file holds."""
    return {line for line, _, there in _places(file, list(lines)) if there}


def sha256(file: Path) -> str:
    """SHA-256 of a file in hexadecimal."""
    digest = hashlib.sha256()
    for block in _blocks(file):
        digest.update(block)
    return digest.hexdigest()


def copy_hashed(source: Path, target: Path) -> str:
    """Copy a file and return the SHA-256 of what was read, so that a copy never carries damage on unseen."""
    with Sink(target) as sink:
        for block in _blocks(source):
            sink.write(block)
        return sink.finish()


def copy_all(names: Sequence[str], source: Path, target: Path) -> dict[str, str]:
    """Copy files of these names from one folder to another; SHA-256 of each by its name, see :func:`copy_hashed`."""
    return {name: copy_hashed(source / name, target / name) for name in names}
