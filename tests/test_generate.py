"""The made-up collection: reproducible, read without a fault, and with the traits that a large collection has."""

from __future__ import annotations

import doctest
import hashlib
import subprocess
import sys
from collections import Counter
from itertools import islice
from pathlib import Path
from statistics import mean, median
from typing import Any

import pytest
from benchmarks import generate as module
from benchmarks.generate import PLACES, as_yaml, generate, records
from hypothesis import given, settings
from hypothesis import strategies as st

from integgraph import identity
from integgraph.errors import InputError
from integgraph.ingest import mapping, sources, yamltext
from integgraph.ingest.mapping import Iris
from integgraph.ingest.places import Gazetteer
from integgraph.ingest.record import REASONS, Record, RecordReader
from integgraph.ontology import Ontology
from integgraph.settings import Settings
from tests.conftest import ROOT, build_release

SCRIPT = ROOT / "benchmarks" / "generate.py"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def read(folder: Path, ontology: Ontology) -> list[Record]:
    reader = RecordReader(ontology, Gazetteer.load(folder / "places"))
    return [reader.file(file)[0] for file in sources.profile_files(folder / "profiles")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made")
    generate(out, 120, seed=7)
    return out


@pytest.fixture(scope="module")
def profiles(folder: Path, ontology: Ontology) -> list[Record]:
    return read(folder, ontology)


def members(record: Record) -> int:
    return len(record.items("members"))


# -- the same every time


def test_same_number_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    generate(tmp_path / "a", 15, seed=3)
    script = [sys.executable, str(SCRIPT), "15", "--seed", "3", "--out", str(tmp_path / "b")]
    subprocess.run(script, check=True, timeout=60)
    generate(tmp_path / "c", 15, seed=4)
    assert contents(tmp_path / "a") == contents(tmp_path / "b") != contents(tmp_path / "c")


def test_the_order_of_making_does_not_matter_for_what_a_network_says() -> None:
    whole = list(records(30, 5))
    assert list(islice(records(30, 5), 4)) == whole[:4]


def test_examples_in_the_docstrings_run() -> None:
    found = doctest.testmod(module)
    assert found.attempted >= 3 and found.failed == 0


# -- the writer

TEXT = st.text(st.characters(codec="utf-8"))
PLAIN = st.recursive(
    TEXT, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12
)


@given(st.dictionaries(st.sampled_from(["id", "members", "no", "a b", "ü:", "1"]) | TEXT, PLAIN, max_size=5))
def test_what_is_written_reads_back(data: dict[str, Any]) -> None:
    assert yamltext.load(as_yaml(data), "made.yaml").data == data


def test_the_records_read_back(folder: Path) -> None:
    for record in records(120, 7):
        edition = f"--{record['edition']}" if "edition" in record else ""
        file = folder / "profiles" / f"{record['id']}{edition}.yaml"
        assert yamltext.load(yamltext.read_text(file), file.name).data == record


# -- a folder that builds


def test_the_folder_builds(tmp_path: Path) -> None:
    generate(tmp_path / "data", 40, seed=1)
    built = build_release(tmp_path / "data", tmp_path / "out")
    counts = built.release.manifest["counts"]
    assert counts["networks"] == 40 and counts["profiles"] > 40 and counts["memberships"] > 300
    unknown = [warning.message for warning in built.warnings if "not in the collection" in warning.message]
    assert not unknown, "a decision is about a thing that no record defines"


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(-(2**40), 2**40), networks=st.integers(1, 12))
def test_every_seed_gives_records_that_read_and_map(ontology: Ontology, seed: int, networks: int) -> None:
    reader = RecordReader(ontology, Gazetteer.load(PLACES))
    iris, licence = Iris(Settings().base_iri), Settings().licence
    found = [reader.document(yamltext.load(as_yaml(record), "m"), "m")[0] for record in records(networks, seed)]
    assert not sources.collisions(found)
    assert len({record.id for record in found}) == networks
    assert all(len(list(mapping.map_record(record, ontology, iris, licence).triples())) > 20 for record in found)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_decisions_of_every_seed_agree_and_are_about_things_that_exist(ontology: Ontology, seed: int) -> None:
    networks = list(module.made(60, seed))
    rows = [identity.Decision(row[0], row[2], row[3], row[5]) for each in networks for row in each.decisions]
    identity.canonical_ids(rows)
    defined = {f"network:{each.records[0]['id']}" for each in networks}
    defined |= {f"actor:{name}" for each in networks for record in each.records for name in ids(record)}
    assert {end for row in rows for end in (row.subject, row.object)} <= defined


def ids(value: Any) -> set[str]:
    if isinstance(value, list):
        return {name for each in value for name in ids(each)}
    if not isinstance(value, dict):
        return set()
    return {value["id"]} | ids(list(value.values())) if "id" in value else ids(list(value.values()))


# -- like the real collection


def test_members_are_heavy_tailed(profiles: list[Record]) -> None:
    sizes = [members(record) for record in profiles if not record.edition]
    assert len(sizes) == 120
    assert 4 <= median(sizes) <= 6 and 5 <= mean(sizes) <= 12
    assert sum(size >= 300 for size in sizes) == 1 and sum(size >= 60 for size in sizes) >= 2 and min(sizes) <= 1


def test_the_mix_is_that_of_the_real_collection(
    profiles: list[Record], ontology: Ontology, request: pytest.FixtureRequest
) -> None:
    reader = RecordReader(ontology, Gazetteer.load(PLACES))
    real = [reader.file(file)[0] for file in sources.profile_files(ROOT / "data" / "profiles")]
    for key in ("official_name", "seat", "area", "coordination", "formalisation", "stated_counts", "fields_of_action"):
        answered = [sum(bool(record.items(key)) for record in part) / len(part) for part in (profiles, real)]
        assert abs(answered[0] - answered[1]) < 0.17, key
    for key in ("funding", "stated_counts", "fields_of_action", "target_groups", "external_practices", "sources"):
        values = [mean(len(record.items(key)) for record in part) for part in (profiles, real)]
        assert abs(values[0] - values[1]) < 0.35 * values[1], key
    missing = Counter(answer.reason for record in profiles for answer in record.answers.values() if answer.reason)
    assert missing.most_common(1)[0][0] == "not-recorded"


def test_editions_disagree(profiles: list[Record]) -> None:
    networks: dict[str, list[Record]] = {}
    for record in profiles:
        networks.setdefault(record.id, []).append(record)
    several = [sorted(each, key=lambda record: record.edition) for each in networks.values() if len(each) > 1]
    assert 0.06 <= len(several) / len(networks) <= 0.1
    assert any(len(each) == 3 for each in several)
    for each in several:
        counts = [record.items("stated_counts")[0]["min"][0] for record in each]
        dates = [record.items("status_date")[0][:4] for record in each]
        assert len(set(counts)) == len(each) and dates == sorted(set(dates))
        assert each[0].file == f"{each[0].id}.yaml" and each[1].file == f"{each[1].id}--{each[1].edition}.yaml"


def test_every_reason_of_absence_is_there(profiles: list[Record]) -> None:
    stated = {answer.reason for record in profiles for answer in record.answers.values() if not answer.implied}
    implied = {answer.reason for record in profiles for answer in record.answers.values() if answer.implied}
    assert stated >= set(REASONS) - {"not-recorded"} and implied == {"not-stated", "not-recorded"}
    assert all(answer.raw for record in profiles for answer in record.answers.values() if answer.reason == "unreadable")


def test_what_else_a_collection_has(profiles: list[Record]) -> None:
    rows = [row for record in profiles for row in record.items("members")]
    flows = [flow for record in profiles for flow in record.items("funding")]
    sites = [site for record in profiles for site in record.items("websites")]
    assert any(row["actor"][0].get("ref", "").startswith("network:") for row in rows)
    assert any(row["actor"][0].get("group") for row in rows)
    assert any(len(row["roles"]) > 1 for row in rows) and any(row["roles"][0]["role"] == ["supporter"] for row in rows)
    assert any(len(record.items("coordination")) > 1 for record in profiles)
    assert {"amount", "share", "from", "to", "source"} <= {key for flow in flows for key in flow}
    assert any(len(flow["recipient"]) > 1 for flow in flows) and any("funder" not in flow for flow in flows)
    assert any("of" in site for site in sites)
    assert len({record.language for record in profiles}) >= 3
    assert len({record.names_language for record in profiles}) >= 4
    assert any(record.items("relations") for record in profiles) and any(record.items("lessons") for record in profiles)


def test_hubs_are_in_many_networks(folder: Path, profiles: list[Record]) -> None:
    decisions = identity.load_decisions(folder / "links")
    assert {decision.predicate for decision in decisions} == set(identity.PREDICATES)
    canonical = identity.canonical_ids(decisions)
    networks: dict[str, set[str]] = {}
    funded: dict[str, set[str]] = {}
    for record in profiles:
        for row in record.items("members"):
            actor = row["actor"][0]
            name = f"actor:{actor.get('id') or actor['ref']}"
            networks.setdefault(canonical.get(name, name), set()).add(record.id)
        for flow in record.items("funding"):
            for funder in flow.get("funder", ()):
                name = f"actor:{funder.get('id') or funder['ref']}"
                funded.setdefault(canonical.get(name, name), set()).add(record.id)
    sizes = sorted(map(len, networks.values()), reverse=True)
    assert sizes[0] >= 15 and sizes[0] > 2 * sizes[9] and sum(size > 1 for size in sizes) >= 15
    assert max(map(len, funded.values())) >= 10


# -- what cannot be done


def test_an_old_folder_is_left_alone(tmp_path: Path) -> None:
    generate(tmp_path, 1, seed=1)
    before = contents(tmp_path)
    with pytest.raises(InputError, match="not empty"):
        generate(tmp_path, 2, seed=1)
    assert contents(tmp_path) == before


def test_bad_arguments_are_answered_in_a_sentence(tmp_path: Path) -> None:
    for number, places, said in (("0", "", "cannot be made"), ("2", str(tmp_path), "no towns")):
        command = [sys.executable, str(SCRIPT), number, "--out", str(tmp_path / "out")]
        done = subprocess.run(
            command + (["--places", places] if places else []), capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 1 and said in done.stderr and "Traceback" not in done.stderr


def test_decisions_go_to_as_many_files_as_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generate(tmp_path / "one", 40, seed=2)
    monkeypatch.setattr(module, "ROWS_A_FILE", 20)
    generate(tmp_path / "many", 40, seed=2)
    files = sorted((tmp_path / "many" / "links").iterdir())
    assert len(files) > 1

    def digest(folder: Path) -> str:
        rows = sorted((row.subject, row.predicate, row.object) for row in identity.load_decisions(folder / "links"))
        return hashlib.sha256(repr(rows).encode()).hexdigest()

    assert digest(tmp_path / "one") == digest(tmp_path / "many")
