"""The release on disk: whole, swapped by one rename, listed, and refused in plain words when something is wrong."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import integgraph
from integgraph import release as releases
from integgraph.build import build
from integgraph.errors import InputError, NotFound, ReleaseBusy, ReleaseError
from integgraph.release import (
    Release,
    build_lock,
    content_hash,
    current_id,
    find_release,
    list_releases,
    open_release,
    prune,
    release_before,
    rollback,
    verify,
)
from integgraph.settings import Settings
from tests.conftest import ROOT, build_release


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
        free = shutil.disk_usage(out).free
        (out / "ballast").write_bytes(b"x" * (free - 2_000_000))  # less than a release takes
        with pytest.raises(ReleaseError, match="the disk is full. Free some space"):
            build_release(golden_data, out)
        assert current_id(out) == old.id
        assert open_release(out).store().select("SELECT (COUNT(?n) AS ?c) { ?n a ig:Network }").column("c") == [3]
        (out / "ballast").unlink()
        assert build_release(golden_data, out).release.content_hash == old.content_hash
    finally:
        subprocess.run(["umount", "--lazy", str(out)], check=True)


# -- verify, go back, clear away


def damage(file: Path) -> None:
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)


def two_releases(data: Path, out: Path) -> tuple[Release, Release]:
    """Two releases of different content; the second serves."""
    first = build_release(data, out).release
    file = data / "profiles" / "beta.yaml"
    file.write_text(file.read_text("utf-8").replace("Netzwerk Beta", "Netzwerk Betta"), "utf-8")
    return first, build_release(data, out).release


@pytest.mark.parametrize(
    "part",
    ["dump.nq", "store", "tables/networks.parquet", "search.sqlite", "catalogue.ttl", "ledger.sqlite", "manifest"],
)
def test_a_flipped_bit_is_found_and_the_release_before_serves(golden_data: Path, tmp_path: Path, part: str) -> None:
    old, new = two_releases(golden_data, tmp_path)
    if part == "manifest":
        manifest = json.loads((new.path / "manifest.json").read_text())
        manifest["counts"]["networks"] = 4
        (new.path / "manifest.json").write_text(json.dumps(manifest))
    else:
        file = new.path / part
        damage(max(file.glob("*.sst"), key=lambda each: each.stat().st_size) if file.is_dir() else file)
    faults = verify(open_release(tmp_path))
    assert len(faults) == 1
    assert faults[0].startswith("store/" if part == "store" else part)
    assert verify(old) == []
    assert rollback(tmp_path).id == old.id == current_id(tmp_path)
    assert open_release(tmp_path).store().ask("ASK { ?n ig:workingLabel 'Netzwerk Beta'@de }")
    with pytest.raises(ReleaseError, match=f"The release {new.id} is damaged, so it does not serve: {part}"):
        rollback(tmp_path, new.id)
    assert current_id(tmp_path) == old.id


def test_missing_and_foreign_files_are_found(golden_data: Path, tmp_path: Path) -> None:
    release = build_release(golden_data, tmp_path).release
    (release.path / "more.txt").write_text("x")
    (release.path / "ledger.sqlite").unlink()  # a serving host needs none
    assert verify(release) == ["more.txt: it does not belong to the release"]
    (release.path / "more.txt").unlink()
    assert verify(release) == []
    with (release.path / "dump.nq").open("ab") as file:
        file.write(b"x")
    (release.path / "tables" / "places.parquet").unlink()
    faults = verify(release)
    assert "tables/places.parquet: it is missing" in faults
    assert any(fault.startswith("dump.nq: it has ") for fault in faults)
    with pytest.raises(ReleaseError, match=r"incomplete: tables/places.parquet is missing"):
        open_release(release.path)


def test_back_and_forth(golden_data: Path, tmp_path: Path) -> None:
    old, new = two_releases(golden_data, tmp_path)
    assert new.manifest["previous"] == {"id": old.id, "content_hash": old.content_hash}
    assert old.manifest["previous"] is None
    assert rollback(tmp_path).id == old.id
    with pytest.raises(ReleaseError, match="no undamaged release .* before the current one"):
        rollback(tmp_path)
    assert rollback(tmp_path, new.id).id == new.id
    with pytest.raises(NotFound, match="There is no release 'none'"):
        rollback(tmp_path, "none")
    with pytest.raises(NotFound, match=r"There is no release '\.\./\.\./etc'"):
        rollback(tmp_path, "../../etc")
    assert release_before(tmp_path, new).id == old.id


def test_a_build_after_going_back_takes_over_from_what_serves(golden_data: Path, tmp_path: Path) -> None:
    _, new = two_releases(golden_data, tmp_path)
    rollback(tmp_path)
    built = build_release(golden_data, tmp_path)
    assert built.release.content_hash == new.content_hash
    assert built.unchanged == 3


def test_pruning_keeps_the_newest_and_the_one_that_serves(golden_data: Path, tmp_path: Path) -> None:
    old, new = two_releases(golden_data, tmp_path)
    rollback(tmp_path, old.id)
    file = golden_data / "profiles" / "gamma.yaml"
    file.write_text(file.read_text("utf-8").replace("Rete Gamma", "Rete Gammma"), "utf-8")
    newest = build_release(golden_data, tmp_path).release
    rollback(tmp_path, old.id)
    assert prune(tmp_path, 2) == [new.id]
    assert {each.id for each in list_releases(tmp_path)} == {old.id, newest.id}
    assert prune(tmp_path, 1) == [newest.id]
    assert [each.id for each in list_releases(tmp_path)] == [old.id] == [current_id(tmp_path)]
    assert prune(tmp_path, 5) == []
    assert not list(tmp_path.glob("**/.new-*"))


def test_a_release_that_is_gone_is_said_with_the_way_back(golden_data: Path, tmp_path: Path) -> None:
    import shutil

    old, new = two_releases(golden_data, tmp_path)
    shutil.rmtree(new.path)
    with pytest.raises(ReleaseError, match=f"is gone. Choose another with: integgraph release rollback {old.id}"):
        open_release(tmp_path)


def test_half_a_copy_is_no_release(golden_data: Path, tmp_path: Path) -> None:
    import shutil

    release = build_release(golden_data, tmp_path).release
    shutil.copytree(release.path, tmp_path / "releases" / ".new-copy")
    assert [each.id for each in list_releases(tmp_path)] == [release.id]


# -- the same content wherever it is built


def test_folder_time_zone_and_order_do_not_matter(
    golden_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil
    import time

    hashes = set()
    for number, zone in enumerate(("UTC", "Pacific/Apia", "America/St_Johns")):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        folder = tmp_path / ("x" * (number + 1)) / "data"
        names = sorted(path.relative_to(golden_data) for path in golden_data.rglob("*.*") if path.is_file())
        for name in names[::-1] if number % 2 else names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(golden_data / name, folder / name)
        release = build_release(folder, tmp_path / f"out{number}").release
        hashes.add((release.content_hash, release.dump.read_bytes()))
    monkeypatch.delenv("TZ")
    time.tzset()
    assert len(hashes) == 1


def test_the_content_hash_covers_tables_and_manifest_but_no_times(golden_data: Path, tmp_path: Path) -> None:
    release = build_release(golden_data, tmp_path).release
    manifest = dict(release.manifest)
    assert content_hash(manifest) == release.content_hash
    assert content_hash(manifest | {"id": "x", "created": "y", "previous": None}) == release.content_hash
    assert content_hash(manifest | {"licence": "z"}) != release.content_hash
    parts = {name: dict(part) for name, part in manifest["parts"].items()}
    parts["store/CURRENT"]["sha256"] = parts["tables/networks.parquet"]["sha256"] = "0"
    assert content_hash(manifest | {"parts": parts}) == release.content_hash
    parts["tables/networks.parquet"]["content"] = "0"
    assert content_hash(manifest | {"parts": parts}) != release.content_hash


# -- bad surroundings


@pytest.mark.parametrize("change", ["edit", "add", "remove"])
def test_a_data_folder_that_changes_meanwhile_is_refused(golden_data: Path, tmp_path: Path, change: str) -> None:
    old = build_release(golden_data, tmp_path / "out").release.id
    profiles = golden_data / "profiles"
    settings = Settings()

    def meddle(what: str, done: int, total: int) -> None:
        if what != "current view" or done:
            return
        if change == "edit":
            (profiles / "beta.yaml").write_text((profiles / "beta.yaml").read_text("utf-8") + "# more\n", "utf-8")
        elif change == "add":
            (profiles / "new.yaml").write_text("id: new\n")
        else:
            (profiles / "beta.yaml").unlink()

    with pytest.raises(
        InputError, match=r"profiles/\w+.yaml: The file was changed while the build was reading. Build again"
    ):
        build(golden_data, tmp_path / "out", base_iri=settings.base_iri, licence=settings.licence, progress=meddle)
    assert current_id(tmp_path / "out") == old
    assert not list((tmp_path / "out").glob("**/.new-*"))


def test_two_profiles_of_one_network_with_one_date_are_refused(golden_data: Path, tmp_path: Path) -> None:
    old = build_release(golden_data, tmp_path / "out").release.id
    file = golden_data / "profiles" / "alpha-2018.yaml"
    file.write_text(file.read_text("utf-8").replace("status_date: 2018-05", "status_date: 2024-02"), "utf-8")
    words = r"alpha-2024.yaml:\d+: status_date: 'Status of information' is the same as in alpha-2018.yaml.*'alpha' is newer. Date one"
    with pytest.raises(InputError, match=words):
        build_release(golden_data, tmp_path / "out")
    assert current_id(tmp_path / "out") == old


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_folder_without_write_rights_is_said_and_still_serves(golden_data: Path, tmp_path: Path) -> None:
    out = tmp_path / "locked"
    out.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(out)], check=True)
    try:
        old, _ = two_releases(golden_data, out)
        subprocess.run(["mount", "-o", "remount,ro", str(out)], check=True)
        for attempt in (lambda: build_release(golden_data, out), lambda: rollback(out, old.id), lambda: prune(out, 1)):
            with pytest.raises(
                ReleaseError, match="it may not be written to. Choose another folder with --out.*still serves"
            ):
                attempt()
        assert open_release(out).store().select("SELECT (COUNT(?n) AS ?c) { ?n a ig:Network }").column("c") == [3]
    finally:
        subprocess.run(["umount", "--lazy", str(out)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_releases_on_another_file_system_are_swapped_in_too(golden_data: Path, tmp_path: Path) -> None:
    """The new release is made beside the old ones, so its rename stays on their file system."""
    (tmp_path / "releases").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(tmp_path / "releases")], check=True)
    try:
        release = build_release(golden_data, tmp_path).release
        assert current_id(tmp_path) == release.id
        assert verify(open_release(tmp_path)) == []
    finally:
        subprocess.run(["umount", "--lazy", str(tmp_path / "releases")], check=True)


# -- kill -9


@pytest.mark.slow
def test_killed_at_any_point_what_serves_is_whole(golden_data: Path, tmp_path: Path) -> None:
    """60 random points of builds, rollbacks and prunes: what serves is one of the whole releases, and never half."""
    out = tmp_path / "out"
    old, new = two_releases(golden_data, out)
    hashes = {old.content_hash, new.content_hash}
    texts = {
        name: (golden_data / "profiles" / "beta.yaml").read_text("utf-8").replace("Netzwerk Betta", name)
        for name in ("Netzwerk Beta", "Netzwerk Betta")
    }
    program = [sys.executable, "-m", "integgraph.cli"]
    commands = {
        "build": [*program, "build", "--data", str(golden_data), "--out", str(out), "--quiet"],
        "anew": [*program, "build", "--data", str(golden_data), "--out", str(out), "--quiet", "--anew"],
        "rollback": [*program, "release", "rollback", "--out", str(out)],
        "prune": [*program, "release", "prune", "--keep", "2", "--out", str(out)],
    }

    def start(name: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            commands[name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT, start_new_session=True
        )

    whole = {}
    for name in ("prune", "rollback", "build", "anew"):
        begin = time.monotonic()
        start(name).wait(timeout=60)
        whole[name] = time.monotonic() - begin
    chance = random.Random(3)
    for point in range(60):
        text = texts[chance.choice(list(texts))]
        (golden_data / "profiles" / "beta.yaml").write_text(text, "utf-8")
        name = list(commands)[point % 4]
        process = start(name)
        # Most of what can go wrong is at the end.
        time.sleep(whole[name] * (chance.random() if point % 3 == 0 else 0.5 + 0.6 * chance.random()))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=30)
        release = open_release(out)
        assert release.content_hash in hashes
        assert verify(release) == []
    subprocess.run(commands["build"], check=True, capture_output=True, cwd=ROOT, timeout=60)
    assert not list(out.glob("**/.new-*"))
