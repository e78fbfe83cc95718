"""The description of all addresses for programs: valid, complete, and true to what the server answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR
from starlette.routing import Match
from starlette.testclient import TestClient

from integgraph.build import Built
from integgraph.web import addresses, api
from integgraph.web.addresses import LEFT_OUT, Address, example_of, with_example
from tests.conftest import ROOT
from tests.web.test_api import started

DESCRIBED = api.openapi()
OPERATIONS = [(path, method) for path, found in DESCRIBED["paths"].items() for method in found]
TWO_RELEASES = ("/releases/{id}/changes",)
"""Only where there is a release before; their answers are looked at in ``test_downloads``."""


@pytest.fixture(scope="module")
def real(collection: Built) -> Iterator[TestClient]:
    with started(collection) as client:
        yield client


def routes(client: TestClient) -> dict[str, Any]:
    """Every route of the application by its path, as a description writes it."""
    found = {}
    for route in client.app.router.routes:  # type: ignore[attr-defined]
        for each in getattr(getattr(route, "original_router", None), "routes", [route]):
            path = re.sub(r"\{(\w+):\w+\}", r"{\1}", each.path)
            found.setdefault(path, []).append(each)
    return found


def filled(path: str) -> str:
    return re.sub(r"\{\w+\}", "x", path)


def leads_to(client: TestClient, path: str, method: str) -> str:
    """Path of the route that answers a described path."""
    scope = {"type": "http", "method": method.upper(), "path": filled(path), "root_path": "", "headers": []}
    for written, found in routes(client).items():
        if any(each.matches(scope)[0] is Match.FULL for each in found):
            return written
    raise AssertionError(f"nothing answers {method} {path}")


def test_it_is_valid_openapi() -> None:
    assert [str(error) for error in OPENAPI_31_VALIDATOR.iter_errors(DESCRIBED)] == []
    names = [DESCRIBED["paths"][path][method]["operationId"] for path, method in OPERATIONS]
    assert len(set(names)) == len(names)
    for path, method in OPERATIONS:
        told = DESCRIBED["paths"][path][method]
        given = {each["name"] for each in told["parameters"] if each["in"] == "path"}
        assert given == set(re.findall(r"\{(\w+)\}", path)), path
        keys = [(each["in"], each["name"]) for each in told["parameters"]]
        assert len(set(keys)) == len(keys), path
        for each in told["parameters"]:
            assert each["description" if each["in"] == "query" else "schema"], (path, each["name"])


def test_every_route_is_described_or_left_out_with_a_reason(client: TestClient) -> None:
    known = routes(client)
    answered = {leads_to(client, path, method) for path, method in OPERATIONS}
    # With a suffix an address is the same one, in the format that the suffix names.
    covered = {
        path
        for path in known
        if re.sub(r"\.(\{suffix\}|json|csv|html)$", "", path) in answered | {*known} - {*LEFT_OUT}
    }
    missing = {*known} - answered - covered - {*LEFT_OUT}
    assert missing == set()
    assert {*LEFT_OUT} <= {*known}, "left out, but not there"
    assert not {*LEFT_OUT} & {path for path, _ in OPERATIONS}, "left out and described"
    assert all(LEFT_OUT.values())


def test_what_is_posted_is_described(client: TestClient) -> None:
    posted = {
        path
        for path, found in routes(client).items()
        if any("POST" in (getattr(each, "methods", 0) or ()) for each in found)
    }
    described = {path for path, method in OPERATIONS if method == "post"}
    assert {path.rstrip("/") for path in posted} == described


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_example_works(real: TestClient, collection: Built, path: str, method: str) -> None:
    told = DESCRIBED["paths"][path][method]
    example = example_of(told)
    assert example, "no example"
    if path in TWO_RELEASES:
        return
    example = re.sub(r"\d{8}T\d{6}Z-[0-9a-f]{8}", collection.release.id, example)
    wanted = {status: each for status, each in told["responses"].items() if status[0] in "23"}
    if method == "post":
        sent = told["requestBody"]["content"]
        kind, body = next((kind, each["example"]) for kind, each in sent.items() if "example" in each)
        form = isinstance(body, dict) and kind.endswith("urlencoded")
        answer = real.post(
            example,
            headers={"content-type": kind},
            **{"json": body} if kind.endswith("json") else {"data": body} if form else {"content": body},
        )
    else:
        answer = real.get(example)
    assert str(answer.status_code) in wanted, answer.text[:300]
    content = wanted[str(answer.status_code)].get("content", {})
    if content:
        media_type = answer.headers["content-type"].partition(";")[0]
        assert media_type in content
        if "json" in media_type:
            schema = {**content[media_type].get("schema", {}), "components": DESCRIBED["components"]}
            jsonschema.Draft202012Validator(schema).validate(answer.json())
    else:
        assert answer.content == b"" and answer.headers.get("location")


def test_an_example_that_does_not_belong_is_a_fault_of_ours() -> None:
    operation: dict[str, Any] = {"summary": "x", "parameters": []}
    with pytest.raises(ValueError, match="no example of"):
        with_example("/a/{b}", operation, "/c")
    with pytest.raises(ValueError, match="does not describe"):
        with_example("/a", operation, "/a?x=1")
    plain = Address("/a", "A", {"text/csv": {"type": "string"}}, "/a").operation()
    assert plain["description"] == "Example: `/a`"


def test_the_page_on_the_api_names_every_address() -> None:
    text = (ROOT / "docs" / "api.md").read_text("utf-8")
    assert "/api/openapi.json" in text
    every = "".join(
        (ROOT / "docs" / name).read_text("utf-8")
        for name in (
            "api.md",
            "server.md",
            "pages.md",
            "downloads.md",
            "reconciliation.md",
            "documents-import.md",
            "linked-data.md",
        )
    )
    for each in addresses.addresses():
        first = f"/{each.path.split('/')[1].partition('.')[0]}"
        assert first in every, each.path


def test_the_prefix_of_a_proxy_stands_in_the_description() -> None:
    assert api.openapi("/graph")["servers"] == [{"url": "/graph"}]
    assert api.openapi("/graph")["paths"] == DESCRIBED["paths"]
