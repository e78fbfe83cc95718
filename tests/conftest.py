"""What all tests share: the golden data built once, and the way to the reference data beside the checkout."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from integgraph.build import Built, build
from integgraph.ontology import Ontology
from integgraph.settings import Settings

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden" / "data"
SHARED = ROOT.parent / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests on the reference data say why they do not run where it is absent."""
    if SHARED.is_dir():
        return
    for item in items:
        if item.get_closest_marker("shared"):
            item.add_marker(pytest.mark.skip(reason="the reference data is not beside this checkout (../shared)"))


def build_release(data: Path, out: Path, ontology: Ontology | None = None) -> Built:
    """Build with the defaults of the settings, in this process."""
    settings = Settings()
    return build(data, out, ontology=ontology, base_iri=settings.base_iri, licence=settings.licence)


@pytest.fixture(scope="session")
def ontology() -> Ontology:
    return Ontology.load()


@pytest.fixture(scope="session")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A release of the golden data: four profiles of three networks; read only."""
    return build_release(GOLDEN, tmp_path_factory.mktemp("golden"))


@pytest.fixture(scope="session")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A release of the project's own data; read only."""
    return build_release(ROOT / "data", tmp_path_factory.mktemp("collection"))


@pytest.fixture
def golden_data(tmp_path: Path) -> Path:
    """A copy of the golden data that a test may change."""
    return Path(shutil.copytree(GOLDEN, tmp_path / "data"))
