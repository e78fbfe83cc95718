"""One server over the golden release for all tests of the web face."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from integgraph.build import Built
from integgraph.settings import Settings
from integgraph.web.app import create_app


@pytest.fixture(scope="session")
def client(golden: Built) -> Iterator[TestClient]:
    settings = replace(Settings(), query_deadline=2.0, answer_bytes=400_000)
    with TestClient(
        create_app(golden.release, settings), follow_redirects=False, raise_server_exceptions=False
    ) as client:
        yield client
