"""One server for the whole corpus, and a canary."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integgraph.build import Built
from tests.hostile.server import Canary, Server


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    """One for each module, so that a knock is told by the tests that caused it."""
    canary = Canary()
    yield canary
    canary.close()


@pytest.fixture(scope="session")
def server(golden: Built) -> Iterator[Server]:
    with Server(golden.release.path) as server:
        yield server
