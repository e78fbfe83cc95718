"""What a release no longer speaks of leaves a tombstone, carried on until it comes back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from integgraph import withdrawn
from integgraph.build import Built, build
from integgraph.errors import ReleaseError
from integgraph.release import LEDGER, WITHDRAWN, open_release, verify
from integgraph.settings import Settings
from integgraph.withdrawn import Tombstone
from tests.conftest import build_release

BASE = "https://w3id.org/integgraph/id/"


def anew(data: Path, out: Path) -> Built:
    settings = Settings()
    return build(data, out, base_iri=settings.base_iri, licence=settings.licence, anew=True)


def stones(built: Built) -> dict[str, Tombstone]:
    return {stone.iri.removeprefix(BASE): stone for stone in withdrawn.read(built.release)}


def without_gamma(data: Path) -> None:
    (data / "profiles" / "gamma.yaml").unlink()


def test_what_is_gone_leaves_a_tombstone(golden_data: Path, tmp_path: Path) -> None:
    first = build_release(golden_data, tmp_path / "out")
    assert stones(first) == {}
    assert not (first.release.path / WITHDRAWN).exists()
    without_gamma(golden_data)
    second = build_release(golden_data, tmp_path / "out")
    found = stones(second)
    assert set(found) == {
        "network/gamma", "profile/gamma", "actor/comune-esempio", "actor/associazione-esempio",
        "place/esempio", "place/country-it",
    }  # fmt: skip
    day = second.release.manifest["created"][:10]
    assert found["network/gamma"] == Tombstone(BASE + "network/gamma", "network", "Rete Gamma", first.release.id, day)
    assert found["profile/gamma"].label == "Rete Gamma"
    assert found["place/esempio"].kind == "place"
    assert withdrawn.find(second.release, BASE + "network/gamma") == found["network/gamma"]
    assert withdrawn.find(second.release, BASE + "network/alpha") is None
    assert verify(second.release) == []


def test_a_dated_profile_bears_its_date(golden_data: Path, tmp_path: Path) -> None:
    build_release(golden_data, tmp_path / "out")
    (golden_data / "profiles" / "alpha-2018.yaml").unlink()
    assert stones(build_release(golden_data, tmp_path / "out"))["profile/alpha--2018-05"].label == (
        "Netzwerk Alpha (2018-05)"
    )


def test_it_is_carried_on_and_leaves_when_the_thing_comes_back(golden_data: Path, tmp_path: Path) -> None:
    kept = tmp_path / "gamma.yaml"
    shutil.copy(golden_data / "profiles" / "gamma.yaml", kept)
    out = tmp_path / "out"
    build_release(golden_data, out)
    without_gamma(golden_data)
    second = build_release(golden_data, out)
    third = build_release(golden_data, out)  # nothing changed
    assert stones(third) == stones(second)
    assert third.release.content_hash == second.release.content_hash
    shutil.copy(kept, golden_data / "profiles" / "gamma.yaml")
    fourth = build_release(golden_data, out)
    assert stones(fourth) == {}
    assert WITHDRAWN not in fourth.release.manifest["parts"]


def test_history_does_not_change_the_content_hash(golden_data: Path, tmp_path: Path) -> None:
    build_release(golden_data, tmp_path / "out")
    without_gamma(golden_data)
    after = build_release(golden_data, tmp_path / "out")
    fresh = build_release(golden_data, tmp_path / "other")
    assert stones(after)
    assert stones(fresh) == {}
    assert after.release.content_hash == fresh.release.content_hash


def test_renewed_and_built_anew_agree(golden_data: Path, tmp_path: Path) -> None:
    renewed, whole = tmp_path / "renewed", tmp_path / "whole"
    first = build_release(golden_data, renewed)
    shutil.copytree(renewed, whole, symlinks=True)
    without_gamma(golden_data)
    one, other = build_release(golden_data, renewed), anew(golden_data, whole)
    assert one.unchanged == 3
    assert other.unchanged == 0
    listed = stones(one)
    assert {stone.release for stone in listed.values()} == {first.release.id}
    assert set(listed) == set(stones(other))
    assert [stone.label for stone in listed.values()] == [stone.label for stone in stones(other).values()]


def test_a_release_without_its_ledger_tells_the_same(golden_data: Path, tmp_path: Path) -> None:
    """A copy may leave the ledger behind; then the store says what stands in no table."""
    out = tmp_path / "out"
    first = build_release(golden_data, out).release
    shutil.copytree(out, tmp_path / "copy", symlinks=True)
    (tmp_path / "copy" / "releases" / first.id / LEDGER).unlink()
    without_gamma(golden_data)
    (golden_data / "profiles" / "alpha-2018.yaml").unlink()
    (golden_data / "links" / "actors.sssom.tsv").unlink()
    one, other = (stones(build_release(golden_data, folder)) for folder in (out, tmp_path / "copy"))
    assert {name: (stone.kind, stone.label) for name, stone in one.items()} == {
        name: (stone.kind, stone.label) for name, stone in other.items()
    }
    assert {"profile/gamma", "profile/alpha--2018-05", "network/gamma"} <= set(one)


def test_merged_things_are_not_withdrawn_and_what_was_merged_may_be(golden_data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build_release(golden_data, out)
    links = golden_data / "links" / "actors.sssom.tsv"
    rows = links.read_text("utf-8").replace("ig:undecidedIdentity", "owl:sameAs")
    links.write_text(rows, "utf-8")
    assert stones(build_release(golden_data, out)) == {}  # actor:stadt-musterstadt leads elsewhere now
    links.unlink()
    (golden_data / "profiles" / "beta.yaml").unlink()
    found = stones(build_release(golden_data, out))
    assert found["actor/caritasverband-musterstadt"].label == "Caritas Musterstadt"
    assert "actor/caritas-musterstadt" not in found
    assert "network/beta" in found


def test_another_base_answers_only_for_its_own(golden_data: Path, tmp_path: Path) -> None:
    settings = Settings()
    build_release(golden_data, tmp_path / "out")
    moved = build(golden_data, tmp_path / "out", base_iri="https://other.example/id/", licence=settings.licence)
    assert stones(moved) == {}


def test_a_release_of_before_there_were_tombstones_opens(golden_data: Path, tmp_path: Path) -> None:
    built = build_release(golden_data, tmp_path / "out")
    release = open_release(built.release.path)
    assert WITHDRAWN not in release.manifest["parts"]
    assert withdrawn.read(release) == []
    assert withdrawn.find(release, BASE + "network/gone") is None


def test_damage_is_said_and_stops_no_build(golden_data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build_release(golden_data, out)
    without_gamma(golden_data)
    second = build_release(golden_data, out)
    (second.release.path / WITHDRAWN).write_bytes(b"no table")
    assert verify(second.release) != []
    with pytest.raises(ReleaseError, match="withdrawn.parquet of the release .* cannot be read"):
        withdrawn.find(second.release, BASE + "network/gamma")
    third = build_release(golden_data, out)
    assert any("withdrawn.parquet" in problem.message for problem in third.warnings)


def test_a_list_without_a_part_that_is_named_is_incomplete(golden_data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build_release(golden_data, out)
    without_gamma(golden_data)
    second = build_release(golden_data, out)
    (second.release.path / WITHDRAWN).unlink()
    with pytest.raises(ReleaseError, match="incomplete"):
        open_release(second.release.path)
