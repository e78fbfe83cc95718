"""A release that was renewed from the one before is the release that a full build makes, whatever changed."""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pyoxigraph as ox
import pytest
from benchmarks.generate import as_yaml, generate

from integgraph import assembly
from integgraph import build as building
from integgraph.build import Built, build
from integgraph.errors import WorkerError
from integgraph.ingest import yamltext
from integgraph.ledger import Ledger
from integgraph.ontology import Ontology
from integgraph.release import Release, open_release, verify
from integgraph.settings import Settings
from tests.conftest import ROOT

NETWORKS = 24


def make(data: Path, out: Path, *, anew: bool = False) -> Built:
    settings = Settings()
    return build(data, out, base_iri=settings.base_iri, licence=settings.licence, anew=anew)


def same(one: Release, other: Release) -> None:
    """Equal in everything that is cited, with messages that say where not."""
    assert one.dump.read_bytes() == other.dump.read_bytes()
    assert one.manifest["statistics"] == other.manifest["statistics"]
    assert one.manifest["counts"] == other.manifest["counts"]
    for table in sorted((one.path / "tables").glob("*.parquet")):
        ours, theirs = pq.read_table(table), pq.read_table(other.path / "tables" / table.name)
        assert ours.to_pylist() == theirs.to_pylist(), table.name
    assert one.content_hash == other.content_hash
    assert entries(one) == entries(other)
    for release in (one, other):
        assert verify(release) == []
    quads = "SELECT ?s ?p ?o WHERE { ?s ?p ?o } ORDER BY ?s ?p ?o"
    assert one.store().select(quads).rows == other.store().select(quads).rows


def entries(release: Release) -> list[tuple[object, ...]]:
    """What the search index holds."""
    columns = "iri, role, kind, folded, language, text"
    with contextlib.closing(sqlite3.connect(release.path / "search.sqlite")) as db:
        return db.execute(
            f"SELECT {columns} FROM entry JOIN thing ON thing.id = entry.thing ORDER BY {columns}"
        ).fetchall()


# -- changes that people make


def edit(file: Path, chance: random.Random) -> None:
    """Change one answer of a record."""
    record = yamltext.load(file.read_text("utf-8"), file.name).data
    which = chance.choice(["label", "members", "seat", "fields", "funding", "website", "relation"])
    if which == "label":
        record["label"] = f"Umbenannt {chance.randrange(10**6)}"
    elif which == "members":
        # Whatever may name an actor of the list goes with it.
        record = {
            key: value
            for key, value in record.items()
            if key not in ("coordination", "funding", "websites", "mentions")
        }
        name = f"{record['id']}-{chance.randrange(10**6)}"
        record["members"] = [{"id": name, "name": f"Verein {name}"}, f"network:{OTHER}"]
    elif which == "seat":
        record["seat"] = chance.choice(["halberstadt", "country-de"])
    elif which == "fields":
        record["fields_of_action"] = chance.choice([["housing"], ["language", "health"], {"absent": "stated-none"}])
    elif which == "funding":
        record = {key: value for key, value in record.items() if key not in ("websites", "mentions")}
        record["funding"] = [{"category": "federal", "recipient": "network"}]
    elif which == "website":
        record["websites"] = [{"url": f"https://w.example/{chance.randrange(3)}", "of": f"network:{OTHER}"}]
    else:
        record["relations"] = [{"name": "Andere", "kind": "part-of", "network": OTHER}]
    file.write_text(as_yaml(record), "utf-8")


OTHER = ""


def add(folder: Path, chance: random.Random) -> None:
    """A new network."""
    name = f"neu-{chance.randrange(10**6)}"
    (folder / f"{name}.yaml").write_text(
        f"id: {name}\nlanguage: de\nlabel: Neues Netz {name}\nseat: halberstadt\n"
        f"members:\n  - {{id: {name}-stadt, name: Stadt Neu, sector: ngo}}\n  - network:{OTHER}\nsources:\n  - {{title: Seite}}\n",
        "utf-8",
    )


def decide(links: Path, profiles: Path, chance: random.Random) -> None:
    """Add, drop or turn round decisions."""
    file = links / "more.sssom.tsv"
    ids = sorted(
        member["id"]
        for name in profiles.glob("*.yaml")
        for member in (yamltext.load(name.read_text("utf-8"), name.name).data.get("members") or [])
        if isinstance(member, dict) and "id" in member and not member.get("group")
    )
    lines = ["subject_id\tpredicate_id\tobject_id\tmapping_justification\tcomment"]
    for _ in range(chance.randrange(4)):
        one, other = chance.sample(ids, 2)
        lines.append(f"actor:{one}\towl:sameAs\tactor:{other}\tsemapv:ManualMappingCuration\tone body")
    if chance.random() < 0.4:
        lines.append(f"actor:{chance.choice(ids)}\towl:sameAs\tnetwork:{OTHER}\tsemapv:ManualMappingCuration\tit is it")
    file.write_text("\n".join(lines) + "\n", "utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(int(os.environ.get("INTEGGRAPH_CAMPAIGNS", "2"))))
def test_renewed_equals_anew_whatever_changed(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Edits, additions, removals and decisions at random, several in a row, each renewed from the one before."""
    global OTHER
    chance = random.Random(seed)
    data, out = tmp_path / "data", tmp_path / "out"
    generate(data, NETWORKS, seed)
    profiles = data / "profiles"
    OTHER = sorted(file.stem for file in profiles.glob("*.yaml") if "--" not in file.stem)[0]
    make(data, out)
    for _ in range(5):
        for _ in range(chance.randrange(1, 4)):
            files = sorted(file for file in profiles.glob("*.yaml") if not file.stem.startswith(OTHER))
            step = chance.choice(["edit", "edit", "edit", "add", "remove", "decide"])
            if step == "edit":
                edit(chance.choice(files), chance)
            elif step == "add":
                add(profiles, chance)
            elif step == "remove":
                chance.choice(files).unlink()
            else:
                decide(data / "links", profiles, chance)
        try:
            renewed = make(data, out)
        except building.InputError as error:
            # Two groups that a decision must not join: the old release stays, and the next step may mend it.
            assert "make them one" in str(error)
            (data / "links" / "more.sssom.tsv").unlink()
            renewed = make(data, out)
        shutil.rmtree(tmp_path / "full", ignore_errors=True)
        same(renewed.release, make(data, tmp_path / "full", anew=True).release)


def test_nothing_changed_gives_the_same_content(golden_data: Path, tmp_path: Path) -> None:
    first = make(golden_data, tmp_path / "out")
    second = make(golden_data, tmp_path / "out")
    assert (first.unchanged, second.unchanged) == (0, 4)
    assert first.release.id < second.release.id, "ids tell the order, also within one second"
    same(first.release, second.release)


def test_unchanged_profiles_are_neither_read_mapped_nor_validated(
    golden_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from integgraph.ingest import mapping, validation
    from integgraph.ingest.record import RecordReader

    make(golden_data, tmp_path / "out")
    seen: dict[str, list[str]] = {"read": [], "mapped": [], "validated": []}

    def spy(owner: object, name: str, note: Callable[..., None]) -> None:
        real = getattr(owner, name)

        def called(*arguments: object, **more: object) -> object:
            note(*arguments)
            return real(*arguments, **more)

        monkeypatch.setattr(owner, name, called)

    spy(RecordReader, "file", lambda self, file: seen["read"].append(file.name))
    spy(mapping, "map_record", lambda record, *_: seen["mapped"].append(record.file))
    spy(validation, "validate", lambda profiles, *_: seen["validated"].extend(each.record.file for each in profiles))
    file = golden_data / "profiles" / "beta.yaml"
    file.write_text(file.read_text("utf-8").replace("Netzwerk Beta", "Netzwerk Betta"), "utf-8")
    built = make(golden_data, tmp_path / "out")
    assert {name: set(files) for name, files in seen.items()} == {key: {"beta.yaml"} for key in seen}
    assert built.unchanged == 3
    # Too many changes for a renewal: still only what is new is mapped.
    monkeypatch.setattr(building, "FEW", 0)
    monkeypatch.setattr(building, "PART", 0)
    file.write_text(file.read_text("utf-8").replace("Netzwerk Betta", "Netzwerk Beta"), "utf-8")
    for files in seen.values():
        files.clear()
    again = make(golden_data, tmp_path / "out")
    assert {name: set(files) for name, files in seen.items()} == {key: {"beta.yaml"} for key in seen}
    same(again.release, make(golden_data, tmp_path / "full", anew=True).release)


def test_another_ontology_takes_nothing_over(golden_data: Path, tmp_path: Path) -> None:
    make(golden_data, tmp_path / "out")
    folder = Path(shutil.copytree(ROOT / "ontology", tmp_path / "ontology"))
    shapes = folder / "shapes.ttl"
    shapes.write_text(shapes.read_text("utf-8") + "\n# A remark.\n", "utf-8")
    settings = Settings()
    built = build(
        golden_data,
        tmp_path / "out",
        ontology=Ontology.load(folder),
        base_iri=settings.base_iri,
        licence=settings.licence,
    )
    assert built.unchanged == 0


def test_processes_of_their_own_give_the_same(
    golden_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As large collections are built: batches, copies and hashes in other processes."""
    monkeypatch.setattr(building, "NETWORKS_AT_ONCE", 1)
    monkeypatch.setattr(building, "FILES_AT_ONCE", 1)
    monkeypatch.setattr(building, "_LARGE", 0)
    settings = Settings()
    for name in ("Netzwerk Beta", "Netzwerk Betta"):
        file = golden_data / "profiles" / "beta.yaml"
        file.write_text(re.sub("Netzwerk Bet[a-z]+", name, file.read_text("utf-8")), "utf-8")
        built = build(golden_data, tmp_path / "out", base_iri=settings.base_iri, licence=settings.licence, processes=2)
    assert built.unchanged == 3
    same(built.release, make(golden_data, tmp_path / "full", anew=True).release)


def test_decisions_that_touch_many_networks_put_everything_together_anew(
    golden_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(golden_data, tmp_path / "out")
    monkeypatch.setattr(building, "FEW", 1)
    monkeypatch.setattr(building, "PART", 0)
    (golden_data / "links" / "actors.sssom.tsv").unlink()
    built = make(golden_data, tmp_path / "out")
    assert built.unchanged == 4
    same(built.release, make(golden_data, tmp_path / "full", anew=True).release)


@pytest.mark.parametrize("few", [20, -1])
@pytest.mark.parametrize(("copy", "other"), [("z.yaml", "beta.yaml"), ("a.yaml", "beta.yaml")])
def test_an_id_that_two_files_claim_is_refused(
    golden_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int, copy: str, other: str
) -> None:
    old = make(golden_data, tmp_path / "out").release
    monkeypatch.setattr(building, "FEW", few)
    monkeypatch.setattr(building, "PART", 0)
    profiles = golden_data / "profiles"
    shutil.copyfile(profiles / other, profiles / copy)
    first, later = sorted([copy, other])
    with pytest.raises(building.InputError, match=rf"{later}:\d+: id: The id 'beta' is already used in {first}"):
        make(golden_data, tmp_path / "out")
    assert open_release(tmp_path / "out").id == old.id


def test_documents_are_drafted_again_and_mapped_only_when_new(golden_data: Path, tmp_path: Path) -> None:
    form = "Name of the network\tNet Z\nLocation\tMusterstadt\nMembers\tTwo NGOs: Caritas Musterstadt, Zebra e.V.\n"
    (golden_data / "profiles" / "net.txt").write_text(form)
    (golden_data / "profiles" / "bad.txt").write_bytes(b"\0\1")
    with pytest.raises(building.InputError, match="bad.txt: This is a binary file"):
        make(golden_data, tmp_path / "out")
    (golden_data / "profiles" / "bad.txt").unlink()
    make(golden_data, tmp_path / "out")
    built = make(golden_data, tmp_path / "out")
    same(built.release, make(golden_data, tmp_path / "full", anew=True).release)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells who is whose child")
def test_no_process_outlives_a_build_that_is_killed(tmp_path: Path) -> None:
    generate(tmp_path / "data", 120, 2)
    command = [
        sys.executable,
        "-m",
        "integgraph.cli",
        "build",
        "--data",
        str(tmp_path / "data"),
        "--out",
        str(tmp_path / "out"),
    ]
    build = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    children: list[Path] = []
    end = time.monotonic() + 30
    while len(children) < 2 and time.monotonic() < end:
        time.sleep(0.05)
        with contextlib.suppress(OSError):
            names = Path(f"/proc/{build.pid}/task/{build.pid}/children").read_text().split()
            children = [
                Path("/proc", name) for name in names if b"spawn_main" in Path("/proc", name, "cmdline").read_bytes()
            ]
    assert len(children) >= 2
    build.kill()
    build.wait(timeout=10)
    end = time.monotonic() + 20
    while any(alive(child) for child in children) and time.monotonic() < end:
        time.sleep(0.1)
    assert not [child for child in children if alive(child)]


def ended(job: object) -> None:
    """What a process does that the kernel ends."""
    os._exit(9)


def test_a_process_that_is_ended_from_outside_is_said(
    golden_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = make(golden_data, tmp_path / "out").release
    monkeypatch.setattr(building, "NETWORKS_AT_ONCE", 1)
    monkeypatch.setattr(building, "contribute", ended)
    settings = Settings()
    with pytest.raises(WorkerError, match="ended from outside.* still serves"):
        build(
            golden_data, tmp_path / "out", base_iri=settings.base_iri, licence=settings.licence, processes=2, anew=True
        )
    assert open_release(tmp_path / "out").id == old.id
    assert not list((tmp_path / "out").glob("**/.new-*"))


def alive(process: Path) -> bool:
    """Whether a process is there and no mere entry for whoever will ask how it ended."""
    try:
        return "\nState:\tZ" not in (process / "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_store_that_drifted_far_is_written_anew(
    golden_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(golden_data, tmp_path / "out")
    monkeypatch.setattr(assembly, "MOST_CHANGES", 6)
    file = golden_data / "profiles" / "beta.yaml"
    for name in ("Netzwerk Betta", "Netzwerk Betha", "Netzwerk Beta"):
        file.write_text(re.sub("Netzwerk Bet[a-z]+", name, file.read_text("utf-8")), "utf-8")
        built = make(golden_data, tmp_path / "out")
        assert built.unchanged == 3
        same(built.release, make(golden_data, tmp_path / name, anew=True).release)


@pytest.mark.parametrize("small", [0, 10**9])
def test_a_dump_in_portions_gives_the_same_store(
    golden: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    dump = golden.release.dump
    monkeypatch.setattr(assembly, "SMALL", small)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assembly.write_store(tmp_path / "store", dump, ledger)
    found = set(ox.Store.read_only(str(tmp_path / "store")))
    assert found == set(ox.Store.read_only(str(golden.release.path / "store")))
    assert len(found) == golden.release.manifest["counts"]["quads"]


@pytest.mark.parametrize("part", ["dump.nq", "search.sqlite", "ledger.sqlite", "tables/actors.parquet", "store"])
def test_damage_is_never_taken_over(golden_data: Path, tmp_path: Path, part: str) -> None:
    first = make(golden_data, tmp_path / "out").release
    file = first.path / part
    if file.is_dir():
        file = max(file.glob("*.sst"), key=lambda each: each.stat().st_size)
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)
    built = make(golden_data, tmp_path / "out")
    assert built.release.content_hash == first.content_hash
    assert verify(built.release) == []
    assert f"The release {first.id} is damaged" in built.warnings[0].message
    assert built.unchanged == 0
