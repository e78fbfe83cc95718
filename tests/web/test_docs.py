"""The page on the server names every address that the server has."""

from __future__ import annotations

from starlette.routing import Route
from starlette.testclient import TestClient

from tests.conftest import ROOT


def test_every_address_is_documented(client: TestClient) -> None:
    text = (ROOT / "docs" / "server.md").read_text("utf-8")
    missing = [
        route.path
        for route in client.app.routes  # type: ignore[attr-defined]
        if isinstance(route, Route) and f"/{route.path.split('/')[1].partition('.')[0]}" not in text
    ]
    assert missing == []
