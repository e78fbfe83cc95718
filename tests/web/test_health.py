"""Health: well, damaged, without workers, with a newer release that cannot be opened, and merely alive."""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from integgraph.build import Built
from integgraph.errors import WorkersBusy
from integgraph.release import Release, open_release
from integgraph.web.health import DAMAGED, ROUTES, SOUND, UNDER_WAY, UNKNOWN, Verification, size_faults


@dataclass
class Store:
    """A store that answers, or says that it cannot."""

    problem: str = ""

    def ask(self, query: str) -> bool:
        if self.problem:
            raise WorkersBusy(self.problem)
        return True


@dataclass
class Site:
    release: Release
    store: Store = field(default_factory=Store)
    pool: Any = field(default_factory=lambda: SimpleNamespace(size=2))
    isolated: bool = True


def client_of(site: Site, **state: Any) -> TestClient:
    app = Starlette(routes=ROUTES)
    app.state.site = site
    for name, value in state.items():
        setattr(app.state, name, value)
    return TestClient(app)


@pytest.fixture
def release(golden: Built, tmp_path: Path) -> Release:
    """A copy that a test may damage."""
    return open_release(Path(shutil.copytree(golden.release.path, tmp_path / "release")))


def wait(verification: Verification, release: Release) -> tuple[str, list[str]]:
    for _ in range(600):
        if verification.state(release)[0] != UNDER_WAY:
            return verification.state(release)
        threading.Event().wait(0.1)
    pytest.fail("the verification does not end")


def flip(file: Path) -> None:
    """One bit of the middle of a file."""
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def test_all_is_well(release: Release) -> None:
    verification = Verification()
    verification.begin(release)
    assert wait(verification, release) == (SOUND, [])
    answer = client_of(Site(release), verification=verification).get("/health")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "status": "ok",
        "release": release.id,
        "content_hash": release.content_hash,
        "verified": SOUND,
        "workers": 2,
        "isolated": True,
    }


def test_one_flipped_bit_is_found_and_named(release: Release) -> None:
    flip(release.path / "dump.nq")
    verification = Verification()
    verification.begin(release)
    assert wait(verification, release) == (DAMAGED, ["dump.nq: its content was changed"])
    answer = client_of(Site(release), verification=verification).get("/health")
    assert answer.status_code == 503
    assert answer.json()["problems"] == ["The release is damaged: dump.nq: its content was changed."]
    assert answer.headers["retry-after"]


def test_what_is_damaged_is_said_without_the_path_of_this_machine(release: Release) -> None:
    shutil.rmtree(release.path / "store")
    verification = Verification()
    verification.begin(release)
    state, faults = wait(verification, release)
    assert state == DAMAGED and faults
    assert str(release.path) not in " ".join(faults)


def test_a_part_that_is_cut_short_or_gone_shows_at_once(release: Release) -> None:
    file = release.path / "search.sqlite"
    file.write_bytes(file.read_bytes()[:-1])
    (release.path / "shapes.ttl").unlink()
    faults = sorted(size_faults(release))
    assert [fault.partition(":")[0] for fault in faults] == ["search.sqlite", "shapes.ttl"]
    answer = client_of(Site(release)).get("/health")
    assert answer.status_code == 503 and answer.json()["verified"] == UNKNOWN
    assert any("shapes.ttl: it is missing" in problem for problem in answer.json()["problems"])


def test_the_ledger_may_be_left_behind(release: Release) -> None:
    (release.path / "ledger.sqlite").unlink()
    assert list(size_faults(release)) == []


def test_without_workers_it_is_unwell(release: Release) -> None:
    answer = client_of(Site(release, Store("All workers are busy."))).get("/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    assert answer.json()["problems"] == ["All workers are busy."]


def test_a_newer_release_that_cannot_be_opened_is_told_while_the_old_one_serves(release: Release) -> None:
    problem = "The release 20270101T000000Z-aaaaaaaa is incomplete: store is missing."
    answer = client_of(Site(release), sites=SimpleNamespace(problem=problem)).get("/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["newer_release"] == problem
    quiet = client_of(Site(release), sites=SimpleNamespace(problem="")).get("/health").json()
    assert quiet["status"] == "ok" and "newer_release" not in quiet


def test_being_alive_needs_neither_workers_nor_disk(release: Release) -> None:
    shutil.rmtree(release.path)
    answer = client_of(Site(release, Store("All workers are busy."))).get("/health?live=1")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_a_release_is_verified_once(release: Release) -> None:
    called: list[Path] = []
    go = threading.Event()

    def check(path: Path) -> list[str]:
        go.wait(30)
        called.append(path)
        return []

    verification = Verification(check)
    for _ in range(5):
        verification.begin(release)
    assert verification.state(release) == (UNDER_WAY, [])
    go.set()
    assert wait(verification, release) == (SOUND, [])
    verification.begin(release)
    assert called == [release.path]


def test_closing_stops_what_is_under_way(release: Release) -> None:
    verification = Verification()
    verification.begin(release)
    verification.close()
    assert wait(verification, release)[0] in (UNKNOWN, SOUND)
    verification.begin(release)
    assert verification.state(release)[0] in (UNKNOWN, SOUND)
