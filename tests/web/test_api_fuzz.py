"""Requests made from the description of the API: whatever comes, the answer is one that the description promises."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from integgraph.build import Built
from integgraph.listing import LISTS
from integgraph.ontology import Ontology
from integgraph.questions import load_questions
from integgraph.settings import Settings
from integgraph.web import api
from tests.web.test_api import started

TIMES = int(os.environ.get("INTEGGRAPH_TIMES", "1"))
"""How many times the usual examples; the long campaigns set it, and begin elsewhere each time."""
NOTHING_TO_GET_WRONG = ("/metrics",)
"""They take no parameters, so no request to them does not fit."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SCHEMA = schemathesis.openapi.from_dict(api.openapi())
PATHS = sorted(api.openapi()["paths"])
OPERATIONS = [(path, method) for path in PATHS for method in sorted(api.openapi()["paths"][path])]
BOUNDED = settings(
    max_examples=25 * TIMES,
    deadline=None,
    phases=[Phase.generate],
    derandomize=TIMES == 1,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def client(golden: Built) -> Iterator[TestClient]:
    with started(
        golden, replace(Settings(), trust_everyone=True)
    ) as client:  # or most would be told to come back later
        yield client


def sendable(file: Any) -> Any:
    """A part of a form as a client can write it: what is no text, such as a number, as text."""
    if isinstance(file, tuple):
        return (file[0], sendable(file[1]), *file[2:])
    return file if isinstance(file, str | bytes) else str(file)


def check(client: TestClient, case: Any) -> None:
    """Send a case, and hold the answer to the description."""
    sent = case.as_transport_kwargs(base_url="http://testserver")
    sent = {name: value for name, value in sent.items() if name not in ("cookies", "auth")}
    sent["headers"] = dict(sent["headers"] or {})
    if isinstance(sent.get("data"), str | bytes):
        sent["content"] = sent.pop("data")
    if sent.get("files"):
        sent["files"] = [(name, sendable(file)) for name, file in sent["files"]]
    answer = client.request(**sent)
    answer.request.read()  # forms with files are streams, which the checks cannot look at
    case.validate_response(answer, checks=CHECKS)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fits", "does not fit"])
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_any_request_gets_an_answer_that_was_promised(
    client: TestClient, path: str, method: str, mode: GenerationMode
) -> None:
    if mode is GenerationMode.NEGATIVE and path in NOTHING_TO_GET_WRONG:
        assert api.openapi()["paths"][path][method]["parameters"] == []
        return

    @BOUNDED
    @given(case=SCHEMA[path][method.upper()].as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        check(client, case)

    ask()


# Values that exist, mixed with others: these get past the checks.

ONTOLOGY = Ontology.load()
STATES = ["any", "none", "unknown", "unknown:not-recorded", "unknown:unreadable", "unknown:x", "", "\x00"]
THINGS = [
    "caritas-diakonie-zora-halberstadt",
    "stadt-halberstadt",
    "halberstadt",
    "country-de",
    "DEE09",
    "DE",
    "it",
    "town",
]
DATES = ["2015", "2015-09", "1990/2015", "../2000", "2010/..", "20XX", "2015?", "0001", "yes", "no"]


def values() -> st.SearchStrategy[str]:
    concepts = [name for scheme in ONTOLOGY.schemes.values() for name in scheme.concepts]
    words = st.sampled_from([*STATES, *THINGS, *DATES])
    return st.one_of(words, st.sampled_from(concepts), st.text(max_size=12))


def questions(name: str) -> st.SearchStrategy[list[tuple[str, str]]]:
    found = LISTS[name]
    sorts = st.lists(st.sampled_from([*found.sorts, *(f"-{each}" for each in found.sorts), "relevance"]), max_size=3)
    pairs = st.one_of(
        st.tuples(st.sampled_from(found.parameters), values()),
        st.tuples(st.just("sort"), sorts.map(",".join)),
        st.tuples(st.just("limit"), st.integers(-1, 600).map(str)),
        st.tuples(st.just("format"), st.sampled_from(["json", "csv", "xml"])),
        st.tuples(st.just("narrower"), st.sampled_from(["yes", "no"])),
    )
    return st.lists(pairs, max_size=4)


@pytest.mark.parametrize("name", sorted(LISTS))
def test_lists_answer_or_refuse(client: TestClient, name: str) -> None:
    path = "/api/vocabularies/target-group" if name == "concepts" else f"/api/{name}"

    @settings(BOUNDED, max_examples=80 * TIMES)
    @given(asked=questions(name))
    def ask(asked: list[tuple[str, str]]) -> None:
        answer = client.get(path, params=asked)
        assert answer.status_code in (200, 406, 422)
        if answer.status_code == 200 and answer.headers["content-type"] == "application/json":
            page = answer.json()
            assert len(page["items"]) == min(page["limit"], page["total"])
            assert (page["next"] is None) == (page["total"] <= page["limit"])

    ask()


def test_questions_answer_or_refuse(client: TestClient) -> None:
    known = load_questions()

    @settings(BOUNDED, max_examples=60 * TIMES)
    @given(name=st.sampled_from(sorted(known)), data=st.data())
    def ask(name: str, data: st.DataObject) -> None:
        names = [each.name for each in known[name].parameters]
        pairs = st.tuples(st.sampled_from([*names, "other"]), values())
        asked = data.draw(st.lists(pairs, max_size=2))
        form = data.draw(st.sampled_from(["json", "csv", "html"]))
        answer = client.get(f"/questions/{quote(name)}", params=[*asked, ("format", form)])
        assert answer.status_code in (200, 422)

    ask()
