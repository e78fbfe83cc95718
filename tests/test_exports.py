"""Files made of a release: they hold what the release holds, are made once, whole or not at all, and beside the rest."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import resource
import shutil
import signal
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import networkx as nx
import pyarrow.parquet as pq
import pyoxigraph as ox
import pytest

from integgraph import exports
from integgraph.build import Built
from integgraph.errors import IntegGraphError, NotFound, ReleaseError, StorageFull, WorkersBusy
from integgraph.exports import (
    CHANGES,
    PROFILE_CHANGES,
    Downloads,
    Summary,
    exports_of,
    make,
    part_file,
    summaries,
    summary,
    xml_attribute,
    xml_text,
)
from integgraph.ontology import Ontology
from integgraph.release import Release
from integgraph.sortedlines import sha256
from tests.conftest import GOLDEN, build_release


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, ontology: Ontology) -> Path:
    """A folder of two releases: the golden data, and the same with one network less and one answer changed."""
    folder = tmp_path_factory.mktemp("two")
    data = Path(shutil.copytree(GOLDEN, folder / "data"))
    build_release(data, folder / "build", ontology)
    change_golden(data)
    build_release(data, folder / "build", ontology)
    return folder / "build"


def change_golden(data: Path) -> None:
    """Another answer in one profile, and another profile gone."""
    first, *_, last = sorted((data / "profiles").glob("*.yaml"))
    text = first.read_text("utf-8")
    assert "\nfounded: " in text
    lines = ["founded: 1999" if line.startswith("founded: ") else line for line in text.splitlines()]
    first.write_text("\n".join(lines) + "\n", "utf-8")
    last.unlink()


@pytest.fixture
def copied(two: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may damage."""
    return Path(shutil.copytree(two, tmp_path / "build", symlinks=True))


@pytest.fixture
def downloads(tmp_path: Path) -> Iterator[Downloads]:
    found = Downloads(tmp_path / "cache")
    yield found
    found.close()


# -- lists of releases


def test_releases_are_listed_newest_first_with_their_parts(two: Path) -> None:
    newer, older = summaries(two)
    assert newer.id > older.id
    assert (newer.fault, older.fault) == ("", "")
    assert newer.parts is not None
    assert {"manifest.json", "dump.nq", "tables/networks.parquet", "shapes.ttl", "catalogue.ttl"} <= set(newer.parts)
    assert not [name for name in newer.parts if name.startswith(("store", "ledger", "search"))]
    for name, part in newer.parts.items():
        file = part_file(newer, name)
        assert (file.stat().st_size, sha256(file)) == (part["bytes"], part["sha256"])


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"id": 1}', '{"parts": 3}'])
def test_a_damaged_manifest_is_said_and_the_others_are_listed(copied: Path, text: str) -> None:
    name = summaries(copied)[0].id
    (copied / "releases" / name / "manifest.json").write_text(text)
    first, second = summaries(copied)
    assert first == Summary(first.path, name, fault=f"The manifest of release {name} is missing or damaged.")
    assert second.fault == ""
    with pytest.raises(ReleaseError, match="manifest of release .* is missing or damaged"):
        part_file(first, "dump.nq")


def test_what_is_left_of_an_incomplete_release_can_be_had(copied: Path) -> None:
    found = summaries(copied)[0]
    (found.path / "shapes.ttl").unlink()
    found = summaries(copied)[0]
    assert found.fault == f"Release {found.id} is incomplete: shapes.ttl is missing."
    assert part_file(found, "dump.nq").is_file()
    with pytest.raises(ReleaseError, match=r"shapes\.ttl of release .* is missing or damaged"):
        part_file(found, "shapes.ttl")


@pytest.mark.parametrize("damage", [lambda raw: raw[:-1], lambda raw: b"X" + raw[1:]], ids=["shorter", "one byte"])
def test_a_damaged_part_is_not_given_out(copied: Path, damage: Callable[[bytes], bytes]) -> None:
    found = summaries(copied)[0]
    file = part_file(found, "shapes.ttl")
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ReleaseError, match="so it is not given out"):
        part_file(found, "shapes.ttl")


@pytest.mark.parametrize(
    "name",
    [
        "shape.ttl",
        "../manifest.json",
        "/etc/passwd",
        "store/CURRENT",
        "ledger.sqlite",
        "search.sqlite",
        "",
        "x" * 5000,
        "tables",
        "tables/../dump.nq",
        "dump.nq\0",
    ],
)
def test_only_names_of_the_list_are_files(two: Path, name: str) -> None:
    with pytest.raises(NotFound) as caught:
        part_file(summaries(two)[0], name)
    assert len(str(caught.value)) < 400
    assert ("shapes.ttl" in caught.value.near) == (name == "shape.ttl")


# -- what they hold


@pytest.fixture(scope="module")
def made(golden: Built, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("made")

    def make_it(name: str) -> Path:
        file = folder / name.replace("/", ".")
        make(golden.release.path, name, file)
        return file

    return make_it


def quads(file: Path, form: ox.RdfFormat) -> set[ox.Quad]:
    return set(ox.parse(path=str(file), format=form))


@pytest.mark.parametrize(("name", "form"), [("dump.trig", ox.RdfFormat.TRIG), ("dump.jsonld", ox.RdfFormat.JSON_LD)])
def test_the_graph_is_the_same_in_every_format(
    golden: Built, made: Callable[[str], Path], name: str, form: ox.RdfFormat
) -> None:
    assert quads(made(name), form) == quads(golden.release.dump, ox.RdfFormat.N_QUADS)


def test_the_compressed_dump_is_the_dump_and_always_the_same(golden: Built, made: Callable[[str], Path]) -> None:
    file = made("dump.nq.gz")
    assert gzip.decompress(file.read_bytes()) == golden.release.dump.read_bytes()
    before = sha256(file)
    file.with_name(file.name + ".facts").unlink()
    assert sha256(made("dump.nq.gz")) == before


def test_every_table_is_the_same_as_csv(golden: Built, made: Callable[[str], Path]) -> None:
    names = [name for name in exports_of(summary(golden.release.path)) if name.endswith(".csv")]
    assert len(names) == 7
    for name in names:
        table = pq.read_table(golden.release.path / name.replace(".csv", ".parquet"))
        whole = io.StringIO()
        exports.write_csv(table, whole)
        raw = made(name).read_bytes()
        assert raw.decode() == whole.getvalue()
        header, *rows = csv.reader(io.StringIO(raw.decode(), newline=""))
        assert header == table.column_names
        assert len(rows) == table.num_rows


def test_portions_of_a_table_are_joined_without_a_second_header(
    collection: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "ROWS_AT_ONCE", 7)
    exports.write_table(collection.release, "networks", tmp_path / "out.csv")
    whole = io.StringIO()
    exports.write_csv(pq.read_table(collection.release.path / "tables" / "networks.parquet"), whole)
    assert (tmp_path / "out.csv").read_bytes().decode() == whole.getvalue()


def graphs(release: Release) -> tuple[nx.Graph, dict[str, Any], list[tuple[str, str, str]]]:
    """The graph as networkx reads it from GraphML, and nodes and edges as they stand in GEXF."""
    out = io.StringIO()
    exports.write_graphml(release, out)
    graph = nx.parse_graphml(out.getvalue())
    out = io.StringIO()
    exports.write_gexf(release, out)
    root = ET.fromstring(out.getvalue().encode())  # noqa: S314 - our own
    space = "{http://gexf.net/1.3}"
    nodes = {
        node.attrib["id"]: {"label": node.attrib["label"]}
        | {each.attrib["for"]: each.attrib["value"] for each in node.iter(f"{space}attvalue")}
        for node in root.iter(f"{space}node")
    }
    edges = [(each.attrib["id"], each.attrib["source"], each.attrib["target"]) for each in root.iter(f"{space}edge")]
    return graph, nodes, edges


@pytest.mark.parametrize("name", ["golden", "collection"])
def test_cooperation_graphs_hold_every_participation(request: pytest.FixtureRequest, name: str) -> None:
    release = request.getfixturevalue(name).release
    graph, nodes, edges = graphs(release)
    rows = [row for row in pq.read_table(release.path / "tables/memberships.parquet").to_pylist() if row["actor"]]
    assert sorted(edges) == sorted((row["membership"], row["actor"], row["network"]) for row in rows)
    assert {frozenset(edge) for edge in graph.edges()} == {frozenset((a, b)) for _, a, b in edges}
    assert set(graph.nodes) == set(nodes)  # and so every end of an edge is a node that is described
    assert all(values["label"] and values["kind"] for _, values in graph.nodes(data=True))
    networks = set(pq.read_table(release.path / "tables/networks.parquet")["network"].to_pylist())
    assert {node for node, values in graph.nodes(data=True) if values["kind"] == "network"} == networks
    assert {node for node, values in nodes.items() if values["bipartite"] == "1"} == networks
    for node, values in graph.nodes(data=True):
        assert nodes[node] == {key: str(value) for key, value in values.items()}
    assert graph.number_of_edges() == len(rows)
    flags = [values["counts_as_member"] for *_, values in graph.edges(data=True)]
    assert flags.count(True) == sum(1 for row in rows if row["counts_as_member"])


def test_what_xml_forbids_never_reaches_it() -> None:
    hostile = "\x00\x0b\ud800\ufffe]]><script>&\"'\r\n"
    element = ET.fromstring(f"<a b={xml_attribute(hostile)}>{xml_text(hostile)}</a>")  # noqa: S314
    assert element.text == element.attrib["b"] == "]]><script>&\"'\r\n"


# -- comparisons


def test_changes_and_changed_profiles(two: Path, tmp_path: Path) -> None:
    newer, older = summaries(two)
    make(newer.path, CHANGES, tmp_path / "changes", older.path)
    make(newer.path, PROFILE_CHANGES, tmp_path / "profiles", older.path)
    whole = json.loads((tmp_path / "changes").read_text())
    profiles = json.loads((tmp_path / "profiles").read_text())
    assert (whole["from"], whole["to"]) == (older.id, newer.id)
    assert len(profiles["changed"]) == len(profiles["removed"]) == 1
    assert {how: [each["iri"] for each in things] for how, things in profiles.items()} == {
        how: [each["iri"] for each in things] for how, things in whole["profiles"].items()
    }


def test_there_is_nothing_to_compare_the_first_release_with(two: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no release before"):
        make(summaries(two)[1].path, CHANGES, tmp_path / "changes")
    assert not (tmp_path / "changes").exists()


# -- making and keeping


def test_a_file_is_made_once_and_kept(golden: Built, downloads: Downloads, tmp_path: Path) -> None:
    path = golden.release.path
    assert downloads.ready(path, "cooperation.gexf") is None
    promises = [downloads.ask(path, "cooperation.gexf") for _ in range(5)]
    assert len({id(promise) for promise in promises}) == 1
    made = promises[0].result(60)
    assert (made.file.stat().st_size, sha256(made.file)) == (made.bytes, made.sha256)
    assert downloads.ready(path, "cooperation.gexf") == made
    again = Downloads(tmp_path / "cache")
    inode = made.file.stat().st_ino
    assert again.ask(path, "cooperation.gexf").result(0) == made  # another server on the same folder has it too
    assert made.file.stat().st_ino == inode
    again.close()


@pytest.mark.parametrize("damage", ["content", "size", "facts", "gone"])
def test_a_damaged_file_is_made_again(golden: Built, downloads: Downloads, damage: str) -> None:
    path = golden.release.path
    made = downloads.ask(path, "tables/places.csv").result(60)
    told = made.file.with_name(made.file.name + ".facts")
    if damage == "content":
        made.file.write_bytes(b"?" + made.file.read_bytes()[1:])
    elif damage == "size":
        made.file.write_bytes(made.file.read_bytes()[:-5])
    elif damage == "facts":
        told.write_text("{}")
    else:
        made.file.unlink()
    assert (downloads.ready(path, "tables/places.csv") is None) == (damage != "content")  # that shows at a closer look
    again = downloads.ask(path, "tables/places.csv").result(60)
    assert (again.sha256, sha256(again.file)) == (made.sha256, made.sha256)


def test_another_content_or_version_is_another_file(
    copied: Path, downloads: Downloads, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = summaries(copied)[0].path
    downloads.ask(path, "tables/places.csv").result(60)
    monkeypatch.setattr(exports, "_SOFTWARE", "0")
    assert downloads.ready(path, "tables/places.csv") is None
    monkeypatch.undo()
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps(manifest | {"content_hash": "0" * 64}))
    assert downloads.ready(path, "tables/places.csv") is None


def test_a_file_that_cannot_be_named_is_refused(golden: Built, downloads: Downloads) -> None:
    with pytest.raises(NotFound, match="There is no download 'nonsense'"):
        downloads.ask(golden.release.path, "nonsense").result(60)
    with pytest.raises(NotFound, match="no table"):
        downloads.ask(golden.release.path, "tables/nonsense.csv").result(60)


def left_over(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.rglob("*") if each.is_file() and not each.name.startswith(".lock-"))


def test_a_damaged_release_is_said(copied: Path, downloads: Downloads, tmp_path: Path) -> None:
    found = summaries(copied)[0]
    with (found.path / "dump.nq").open("r+b") as dump:
        dump.write(b"nonsense")
    (found.path / "tables" / "actors.parquet").write_bytes(b"PAR1 nonsense PAR1")
    for name in ("dump.trig", "tables/actors.csv", "cooperation.graphml"):
        with pytest.raises(ReleaseError, match="is damaged"):
            downloads.ask(found.path, name).result(60)
    assert downloads.ask(found.path, "tables/places.csv").result(60).bytes  # the rest goes on
    assert left_over(tmp_path / "cache") == ["tables.places.csv", "tables.places.csv.facts"]


def test_a_deadline_leaves_nothing_behind(collection: Built, tmp_path: Path) -> None:
    downloads = Downloads(tmp_path / "cache", deadline=0.02)
    with pytest.raises(ReleaseError, match="would take too long to prepare dump.jsonld.*downloaded instead"):
        downloads.ask(collection.release.path, "dump.jsonld").result(60)
    downloads.close()
    assert left_over(tmp_path / "cache") == []


def children() -> set[int]:
    tasks = Path("/proc/self/task").glob("*/children")
    return {int(number) for task in tasks for number in task.read_text().split()}


def test_a_process_that_is_killed_leaves_nothing_behind(
    collection: Built, downloads: Downloads, tmp_path: Path
) -> None:
    path = collection.release.path
    before = children()
    promise = downloads.ask(path, "dump.jsonld")
    aside = tmp_path / "cache" / path.name / ".new-dump.jsonld"
    end = time.monotonic() + 30
    while not aside.exists() and time.monotonic() < end:
        time.sleep(0.001)
    # Stopped first: it shall not finish while it is being found.
    mine = [
        number
        for number in children() - before
        if b"integgraph.workers" in Path(f"/proc/{number}/cmdline").read_bytes()
    ]
    for number in mine:
        os.kill(number, signal.SIGKILL)
    with pytest.raises(ReleaseError, match="was stopped, most likely because it needed too much memory"):
        promise.result(60)
    assert left_over(tmp_path / "cache") == []
    with pytest.raises(ReleaseError):  # not at once again, however often it is asked for
        downloads.ask(path, "dump.jsonld").result(0)
    downloads._failed.clear()
    assert downloads.ask(path, "dump.jsonld").result(60).bytes


def test_too_little_memory_is_said(golden: Built, tmp_path: Path) -> None:
    downloads = Downloads(tmp_path / "cache", memory=1)
    with pytest.raises(IntegGraphError, match="memory"):
        downloads.ask(golden.release.path, "dump.trig").result(60)
    downloads.close()
    assert left_over(tmp_path / "cache") == []


def test_the_memory_limit_leaves_room_for_what_is_read_where_it_lies(two: Path) -> None:
    newer, older = summaries(two)
    sizes = [(found.path / "dump.nq").stat().st_size for found in (newer, older)]
    assert exports._mapped(newer.path, older.path) > sum(sizes)


@pytest.mark.parametrize("name", ["dump.trig", "dump.nq.gz", "cooperation.gexf", "tables/networks.csv"])
def test_a_full_disk_is_said_and_leaves_nothing_behind(
    collection: Built, downloads: Downloads, tmp_path: Path, name: str
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))  # the process that is started inherits it
    try:
        with pytest.raises(StorageFull, match="no space to prepare this download"):
            downloads.ask(collection.release.path, name).result(60)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert left_over(tmp_path / "cache") == []


def test_space_is_looked_at_first(golden: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=100_000_000))
    with pytest.raises(StorageFull, match="can still be downloaded"):
        make(golden.release.path, "cooperation.gexf", tmp_path / "out")
    assert left_over(tmp_path) == []


def test_a_folder_that_may_not_be_written_is_said(golden: Built, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    downloads = Downloads(tmp_path / "cache" / "below")
    with pytest.raises(ReleaseError, match="could not be prepared: Not a directory"):
        downloads.ask(golden.release.path, "dump.trig").result(60)
    downloads.close()


def test_only_so_many_wait(golden: Built, tmp_path: Path) -> None:
    downloads = Downloads(tmp_path / "cache", jobs=1, waiting=1)
    names = ["dump.trig", "dump.jsonld", "dump.nq.gz"]
    *fine, refused = [downloads.ask(golden.release.path, name) for name in names]
    with pytest.raises(WorkersBusy, match="Too many downloads"):
        refused.result(0)
    assert all(promise.result(60).bytes for promise in fine)
    assert downloads.ask(golden.release.path, "dump.nq.gz").result(60).bytes
    downloads.close()


def test_closing_ends_what_is_under_way(collection: Built, tmp_path: Path) -> None:
    before = set(threading.enumerate())
    downloads = Downloads(tmp_path / "cache", jobs=1)
    promises = [downloads.ask(collection.release.path, name) for name in ("dump.jsonld", "dump.trig")]
    time.sleep(0.2)
    downloads.close()
    for promise in promises:
        with pytest.raises((ReleaseError, WorkersBusy)):
            promise.result(30)
    with pytest.raises(WorkersBusy):
        downloads.ask(collection.release.path, "dump.nq.gz").result(0)
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
        assert not thread.is_alive()
    assert left_over(tmp_path / "cache") == []


def test_without_a_folder_files_are_gone_at_the_end(golden: Built) -> None:
    downloads = Downloads(None)
    assert downloads.ready(golden.release.path, "tables/places.csv") is None
    made = downloads.ask(golden.release.path, "tables/places.csv").result(60)
    assert made.file.is_file()
    downloads.close()
    assert not made.file.exists()


def test_files_of_releases_that_are_gone_are_removed(copied: Path, downloads: Downloads) -> None:
    newer, older = summaries(copied)
    gone = downloads.ask(older.path, "tables/places.csv").result(60)
    shutil.rmtree(older.path)
    kept = downloads.ask(newer.path, "tables/places.csv").result(60)
    assert not gone.file.exists()
    assert kept.file.exists()


def test_beyond_the_limit_the_longest_unused_go_first(golden: Built, tmp_path: Path) -> None:
    downloads = Downloads(tmp_path / "cache", limit=1)
    path = golden.release.path
    first = downloads.ask(path, "tables/places.csv").result(60)
    second = downloads.ask(path, "tables/fields.csv").result(60)
    assert not first.file.exists()
    assert second.file.exists()
    downloads.close()
    roomy = Downloads(tmp_path / "cache", limit=second.bytes + 1)
    os.utime(second.file.with_name(second.file.name + ".facts"), (1, 1))
    assert roomy.ask(path, "tables/fields.csv").result(0) == second
    assert second.file.with_name(second.file.name + ".facts").stat().st_mtime > 1
    roomy.close()


def test_two_makers_of_one_file_wait_for_each_other(golden: Built, tmp_path: Path) -> None:
    threads = [
        threading.Thread(target=make, args=(golden.release.path, "tables/actors.csv", tmp_path / "out"))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert left_over(tmp_path) == ["out", "out.facts"]
    assert json.loads((tmp_path / "out.facts").read_text())["sha256"] == sha256(tmp_path / "out")
