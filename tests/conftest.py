"""What all tests share: the golden data built once, the way to the reference data, and the order among workers.

``make test`` starts several workers, and the tests of one run beside those of the others. What is dear is built by
whoever needs it first, for all of them. A test that hangs on the clock, or fills the machine, is marked ``alone``: it
waits until the others have ended theirs, and they wait for it.
"""

from __future__ import annotations

import fcntl
import pickle
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from integgraph.build import Built, build
from integgraph.ontology import Ontology
from integgraph.settings import Settings

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden" / "data"
SHARED = ROOT.parent / "shared"


def pytest_configure(config: pytest.Config) -> None:
    """In a worker, tests take turns, and no example is at fault because others took its time."""
    if not hasattr(config, "workerinput"):
        return
    from hypothesis import HealthCheck, settings  # here: workers of the program import this module too

    settings.register_profile("beside", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("beside")
    config.pluginmanager.register(Turns(Path(config.option.basetemp).parent), "turns")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests on the reference data say why they do not run where it is absent."""
    if SHARED.is_dir():
        return
    for item in items:
        if item.get_closest_marker("shared"):
            item.add_marker(pytest.mark.skip(reason="the reference data is not beside this checkout (../shared)"))


class Turns:
    """Who may run: any number of tests beside each other, or one that is marked ``alone``.

    All come in by a gate. Who runs alone keeps it, so that nobody comes in while those inside finish; and keeps it for
    the tests of its kind that follow.
    """

    def __init__(self, folder: Path) -> None:
        self._gate, self._room = (_opened(folder / name) for name in ("gate.lock", "room.lock"))
        self._kept = False

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, object, object]:
        alone = _alone(item)
        if not self._kept:
            fcntl.flock(self._gate, fcntl.LOCK_EX)
            fcntl.flock(self._room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            if not alone:
                fcntl.flock(self._gate, fcntl.LOCK_UN)
        try:
            return (yield)
        finally:
            self._kept = alone and _alone(nextitem)
            if not self._kept:
                fcntl.flock(self._room, fcntl.LOCK_UN)
                fcntl.flock(self._gate, fcntl.LOCK_UN)

    def pytest_unconfigure(self) -> None:
        self._gate.close()
        self._room.close()


def _alone(item: pytest.Item | None) -> bool:
    return item is not None and item.get_closest_marker("alone") is not None


def _opened(file: Path) -> IO[bytes]:
    return file.open("ab")


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Only one worker at a time."""
    with _opened(file) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build_release(data: Path, out: Path, ontology: Ontology | None = None) -> Built:
    """Build with the defaults of the settings, in this process."""
    settings = Settings()
    return build(data, out, ontology=ontology, base_iri=settings.base_iri, licence=settings.licence)


def built_once(data: Path, name: str, request: pytest.FixtureRequest, folders: pytest.TempPathFactory) -> Built:
    """A release that the workers share: the first that needs it builds it."""
    if not hasattr(request.config, "workerinput"):
        return build_release(data, folders.mktemp(name))
    common = folders.getbasetemp().parent
    told = common / f"{name}.pickle"
    with _locked(common / f"{name}.lock"):
        if not told.exists():
            told.write_bytes(pickle.dumps(build_release(data, common / name)))
    built: Built = pickle.loads(told.read_bytes())  # noqa: S301 - written a few lines above
    return built


@pytest.fixture(scope="session")
def ontology() -> Ontology:
    return Ontology.load()


@pytest.fixture(scope="session")
def golden(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A release of the golden data: four profiles of three networks; read only."""
    return built_once(GOLDEN, "golden", request, tmp_path_factory)


@pytest.fixture(scope="session")
def collection(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A release of the project's own data; read only."""
    return built_once(ROOT / "data", "collection", request, tmp_path_factory)


@pytest.fixture
def golden_data(tmp_path: Path) -> Path:
    """A copy of the golden data that a test may change."""
    return Path(shutil.copytree(GOLDEN, tmp_path / "data"))
