"""Every address of the application has a name of its own in logs and metrics, and no name says what a client wrote."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from integgraph.web import metrics
from integgraph.web.front import Templates, _paths

CONVERTED = re.compile(r"\{(\w+)(?::\w+)?\}")


def written(client: TestClient) -> list[str]:
    """Paths of all routes."""
    app: Any = client.app
    return list(_paths(app.router.routes))


def test_every_route_has_its_template(client: TestClient) -> None:
    templates = Templates.of_app(client.app)
    paths = written(client)
    assert len(paths) > 100
    for path in paths:
        named = templates.of(CONVERTED.sub("x", path))
        expected = CONVERTED.sub(r"{\1}", path)
        fits = re.compile(CONVERTED.sub("[^/]+", expected.replace(".", r"\.")))
        assert named == expected or fits.fullmatch(CONVERTED.sub("x", named)), (path, named)  # an earlier one fits, too
        assert named != metrics.OTHER, path
    for door in (
        "/",
        "/search",
        "/map",
        "/graph",
        "/sparql",
        "/funders/",
        "/compare",
        "/import/preview",
        "/about/measures",
    ):
        assert templates.of(door) == door
    assert templates.of("/static/style.css") == "/static/{path}"
    assert templates.of("/vocabulary/field/housing") == "/vocabulary/{name}"
    assert templates.of("/api/actors/x/gives") == "/api/actors/{name}/gives"


def test_there_are_no_more_templates_than_metrics_keep(client: TestClient) -> None:
    assert len({CONVERTED.sub(r"{\1}", path) for path in written(client)}) + 2 < metrics._MOST_ROUTES


@pytest.mark.parametrize(
    "path", ["", "x", "/wp-login.php", "/networks/a/b/c/d", "//", "/%2e", "/{name}", "/apis", "/searching"]
)
def test_what_nothing_answers_is_other(client: TestClient, path: str) -> None:
    assert Templates.of_app(client.app).of(path) == metrics.OTHER


def test_another_application_has_none() -> None:
    assert Templates.of_app(None).of("/networks/") == metrics.OTHER


def test_requests_are_counted_by_their_templates(client: TestClient) -> None:
    for path in ("/search?q=secret-word", "/map", "/networks/secret-name", "/secret-place", "/api/networks/alpha"):
        client.get(path)
    told = client.get("/metrics").text
    for route in ("/search", "/map", "/networks/{name}", "/api/networks/{name}", "other"):
        assert f'route="{route}"' in told, route
    assert "secret" not in told
