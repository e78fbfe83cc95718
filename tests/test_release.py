"""The release on disk: whole, swapped by one rename, listed, and refused in plain words when something is wrong."""

from __future__ import annotations

import errno
import json
import os
import subprocess
from pathlib import Path

import pytest

import integgraph
from integgraph import release as releases
from integgraph.errors import NotFound, ReleaseBusy, ReleaseError
from integgraph.release import build_lock, current_id, find_release, list_releases, open_release
from tests.conftest import build_release


def test_a_release_opens_by_folder_and_by_itself(golden_data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    built = build_release(golden_data, out)
    assert integgraph.open(out).id == built.release.id == open_release(built.release.path).id == current_id(out)
    assert find_release(out, built.release.id).content_hash == built.release.content_hash
    manifest = built.release.manifest
    assert manifest["counts"]["networks"] == 3
    assert {each["file"] for each in manifest["inputs"]} == {
        "profiles/alpha-2018.yaml", "profiles/alpha-2024.yaml", "profiles/beta.yaml", "profiles/gamma.yaml",
        "links/actors.sssom.tsv", "places/places.yaml",
    }  # fmt: skip
    assert all(len(each["sha256"]) == 64 for each in manifest["inputs"])


def test_the_dump_is_sorted_and_hashed(golden_data: Path, tmp_path: Path) -> None:
    import hashlib

    built = build_release(golden_data, tmp_path / "out")
    lines = built.release.dump.read_bytes().splitlines(keepends=True)
    assert lines == sorted(set(lines))
    assert hashlib.sha256(b"".join(lines)).hexdigest() == built.release.manifest["parts"]["dump.nq"]["sha256"]


def test_the_same_input_gives_the_same_content(golden_data: Path, tmp_path: Path) -> None:
    first = build_release(golden_data, tmp_path / "one")
    for number, file in enumerate(sorted((golden_data / "profiles").iterdir(), reverse=True)):
        if file.name.startswith("gamma"):
            os.utime(file, (number, number))
    second = build_release(golden_data, tmp_path / "two")
    assert first.release.content_hash == second.release.content_hash
    assert (first.release.path / "shapes.ttl").read_bytes() == (second.release.path / "shapes.ttl").read_bytes()


def test_an_old_release_stays_readable_while_a_new_one_is_swapped_in(golden_data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    old = build_release(golden_data, out).release
    store = old.store()
    (golden_data / "profiles" / "gamma.yaml").unlink()
    new = build_release(golden_data, out).release
    assert store.select("SELECT (COUNT(?n) AS ?c) { ?n a ig:Network }").column("c") == [3]
    assert open_release(out).store().select("SELECT (COUNT(?n) AS ?c) { ?n a ig:Network }").column("c") == [2]
    assert {each.id for each in list_releases(out)} == {old.id, new.id}
    assert list_releases(out)[0].id == new.id or old.id[:15] == new.id[:15]


def test_what_is_wrong_with_a_release_is_said(golden_data: Path, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="There is no release in .* integgraph build"):
        open_release(tmp_path)
    path = build_release(golden_data, tmp_path / "out").release.path
    (path / "shapes.ttl").rename(path / "elsewhere.ttl")
    with pytest.raises(ReleaseError, match="is incomplete: shapes.ttl is missing"):
        open_release(path)
    assert list_releases(tmp_path / "out") == []
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps(manifest | {"format": 99}))
    with pytest.raises(ReleaseError, match="has format 99; this integgraph reads up to 1. Update integgraph"):
        open_release(path)
    for text in ("{", "[]"):
        (path / "manifest.json").write_text(text)
        with pytest.raises(ReleaseError, match="The manifest of the release"):
            open_release(path)


def test_an_unknown_release_names_near_ones(golden_data: Path, tmp_path: Path) -> None:
    name = build_release(golden_data, tmp_path).release.id
    with pytest.raises(NotFound, match=name):
        find_release(tmp_path, name[:-1] + "x")


def test_two_builds_at_once_get_a_clear_message(golden_data: Path, tmp_path: Path) -> None:
    with build_lock(tmp_path), pytest.raises(ReleaseBusy, match="Another build is at work"):
        build_release(golden_data, tmp_path)
    assert build_release(golden_data, tmp_path)


def test_what_a_killed_build_left_behind_is_cleared_away(golden_data: Path, tmp_path: Path) -> None:
    build_release(golden_data, tmp_path)
    (tmp_path / "releases" / ".new-1").mkdir()
    (tmp_path / ".new-current").symlink_to("nowhere")
    build_release(golden_data, tmp_path)
    assert not list(tmp_path.glob("**/.new-*"))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full. Free some space"),
        (errno.EACCES, "may not be written to. Choose another folder"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_a_disk_that_fails_leaves_the_old_release(
    golden_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    out = tmp_path / "out"
    old = build_release(golden_data, out).release.id

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(releases, "_sync_tree", fail)
    with pytest.raises(ReleaseError, match=f"{words}.*still serves"):
        build_release(golden_data, out)
    assert current_id(out) == old
    assert [each.id for each in list_releases(out)] == [old]
    assert not list(out.glob("**/.new-*"))


def test_a_folder_that_cannot_be_made_is_said(golden_data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReleaseError, match="cannot be written"):
        build_release(golden_data, tmp_path / "file")


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_disk_that_really_fills_up_leaves_the_old_release(golden_data: Path, tmp_path: Path) -> None:
    out = tmp_path / "small"
    out.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(out)], check=True)
    try:
        old = build_release(golden_data, out).release
        (out / "ballast").write_bytes(b"x" * 11_000_000)
        with pytest.raises(ReleaseError, match="the disk is full. Free some space"):
            build_release(golden_data, out)
        assert current_id(out) == old.id
        assert open_release(out).store().select("SELECT (COUNT(?n) AS ?c) { ?n a ig:Network }").column("c") == [3]
        (out / "ballast").unlink()
        assert build_release(golden_data, out).release.content_hash == old.content_hash
    finally:
        subprocess.run(["umount", "--lazy", str(out)], check=True)
