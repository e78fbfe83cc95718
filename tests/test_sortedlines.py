"""Sorted files: a merge and a renewal give what sorting everything would."""

from __future__ import annotations

import errno
import hashlib
import os
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integgraph import sortedlines
from integgraph.sortedlines import copy_hashed, merge_runs, merged_lines, present, renew, sha256, write_run

LINE = st.binary(max_size=6).map(lambda raw: raw.replace(b"\n", b"").replace(b"\r", b"") + b"\n")
LINES = st.lists(LINE, max_size=30)


@given(runs=st.lists(LINES, max_size=6), portion=st.integers(1, 40))
def test_a_merge_is_the_sorted_union(runs: list[list[bytes]], portion: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        files = [Path(name) / str(number) for number in range(len(runs))]
        for file, lines in zip(files, runs, strict=True):
            write_run(file, lines)
        target = Path(name) / "all"
        written = merge_runs(files, target, portion)
        expected = sorted({line for lines in runs for line in lines})
        assert target.read_bytes() == b"".join(expected)
        assert written.lines == len(expected)
        assert written.sha256 == hashlib.sha256(b"".join(expected)).hexdigest() == sha256(target)
        assert list(merged_lines(files, portion)) == expected


@given(old=LINES, removed=LINES, added=LINES)
def test_a_renewal_is_the_old_without_and_with(old: list[bytes], removed: list[bytes], added: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as name:
        before, after = Path(name) / "old", Path(name) / "new"
        write_run(before, old)
        gone = [*removed, *old[::2]]
        assert renew(before, gone, added, after) == (sha256(before), sha256(after))
        expected = sorted((set(old) - set(gone)) | set(added))
        assert present(before, added) == set(old) & set(added)
        assert after.read_bytes() == b"".join(expected)
        assert before.read_bytes() == b"".join(sorted(set(old)))


def test_blocks_end_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sortedlines, "_BLOCK", 4096)
    chance = random.Random(1)
    lines = sorted({b"%06d %s\n" % (chance.randrange(10**6), b"x" * chance.randrange(9000)) for _ in range(60)})
    before, after = tmp_path / "old", tmp_path / "new"
    before.write_bytes(b"".join(lines))
    for _ in range(40):
        gone = set(chance.sample(lines, chance.randrange(20)))
        new = {
            b"%06d %s\n" % (chance.randrange(10**6), b"y" * chance.randrange(9000)) for _ in range(chance.randrange(8))
        }
        assert renew(before, gone, new, after) == (sha256(before), sha256(after))
        assert after.read_bytes() == b"".join(sorted((set(lines) - gone) | new))
        assert copy_hashed(after, tmp_path / "copy") == hashlib.sha256(after.read_bytes()).hexdigest()
        assert (tmp_path / "copy").read_bytes() == after.read_bytes()


def test_a_copy_says_what_was_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 10)
    assert copy_hashed(tmp_path / "a", tmp_path / "b") == sha256(tmp_path / "b")


def test_blocks_are_written_in_order_beside_the_filling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sortedlines, "_BLOCK", 4096)
    monkeypatch.setattr(sortedlines, "_buffers", [])
    content = bytes(range(256)) * 100 + b"the rest"
    with sortedlines.Sink(tmp_path / "file") as sink:
        for at in range(0, len(content), 777):
            sink.write(content[at : at + 777])
        digest = sink.finish()
    assert (tmp_path / "file").read_bytes() == content
    assert digest == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("full_at", [1, 3])
def test_a_disk_that_is_full_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_at: int) -> None:
    monkeypatch.setattr(sortedlines, "_BLOCK", 4096)
    monkeypatch.setattr(sortedlines, "_buffers", [])
    written, write = [0], os.write

    def filling_up(handle: int, data: memoryview) -> int:
        written[0] += 1
        if written[0] >= full_at:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(handle, data)

    monkeypatch.setattr(os, "write", filling_up)
    with pytest.raises(OSError, match="No space"), sortedlines.Sink(tmp_path / "file") as sink:
        for _ in range(20):
            sink.write(bytes(1000))
        sink.finish()
