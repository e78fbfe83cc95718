"""What tests of the web face share: one server over the golden release, and a browser for those of a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from integgraph.build import Built
from integgraph.settings import Settings
from integgraph.web.app import create_app
from tests.web.browser import Browser


@pytest.fixture(scope="session")
def client(golden: Built) -> Iterator[TestClient]:
    settings = replace(Settings(), query_deadline=2.0, answer_bytes=400_000)
    with TestClient(
        create_app(golden.release, settings), follow_redirects=False, raise_server_exceptions=False
    ) as client:
        yield client


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser
