"""Every hostile request gets what it must, and the server goes on as if nothing had been."""

from __future__ import annotations

import http.client
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from integgraph.build import Built
from tests.conftest import ROOT
from tests.hostile.corpus import CASES, Case
from tests.hostile.server import Answer, Canary, Server

CHEAP = "/sparql?query=SELECT%20(COUNT(%3Fn)%20AS%20%3Fnetworks)%20%7B%20%3Fn%20a%20ig%3ANetwork%20%7D"
OURS = (503, 504, 507)
"""Faults that are no client's and that a limit may cause; any other 5xx is a mistake in the program."""
LIGHT_AT_ONCE, HEAVY_AT_ONCE = 6, 3

pytestmark = [
    pytest.mark.slow,
    pytest.mark.alone,  # which limit stops a query, time or memory, hangs on how fast it runs
]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case got, and what a cheap query got right after it."""

    answer: Answer | None
    problem: str
    cheap: str


def aimed(case: Case, canary: Canary) -> Case:
    """The case with the address of the canary in its place, however it is written."""
    at = canary.address
    path = case.path.replace("{canary}", at).replace("%7Bcanary%7D", at.replace(":", "%3A").replace("/", "%2F"))
    body = case.body
    if body is not None:
        body = body.replace(b"{canary}", at.encode())
        body = body.replace(b"%7Bcanary%7D", at.replace(":", "%3A").replace("/", "%2F").encode())
    headers = {name: value.replace("{canary}", at) for name, value in case.headers.items()}
    return replace(case, path=path, body=body, headers=headers)


def run(server: Server, case: Case) -> Outcome:
    answer, problem = None, ""
    try:
        answer = server.ask(case.method, case.path, case.headers, case.body)
    except (OSError, http.client.HTTPException) as error:
        problem = f"no answer: {error!r}"
    try:
        after = server.ask("GET", CHEAP, {"accept": "text/csv"})
        cheap = f"{after.status} {after.text.split()}"
    except (OSError, http.client.HTTPException) as error:
        cheap = f"no answer: {error!r}"
    return Outcome(answer, problem, cheap)


@pytest.fixture(scope="module")
def outcomes(server: Server, canary: Canary) -> Mapping[Case, Outcome]:
    """All cases are sent once, light ones among themselves, heavy ones as many at a time as there are workers."""
    found: dict[str, Outcome] = {}
    for heavy, at_once in ((False, LIGHT_AT_ONCE), (True, HEAVY_AT_ONCE)):
        chosen = [case for case in CASES if case.heavy is heavy]
        with ThreadPoolExecutor(at_once) as threads:
            answers = threads.map(lambda case: run(server, aimed(case, canary)), chosen)
            found.update(zip(map(str, chosen), answers, strict=True))
    return found


def test_the_corpus_covers_every_kind_of_attack() -> None:
    assert len(CASES) >= 200
    assert {case.row for case in CASES} == {*range(1, 25), 28, 29, 30, 31}
    doubled = [name for name, number in Counter(map(str, CASES)).items() if number > 1]
    assert doubled == []


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_hostile_request_gets_what_it_must(case: Case, outcomes: Mapping[str, Outcome], golden: Built) -> None:
    found = outcomes[str(case)]
    assert found.answer is not None, found.problem
    answer = found.answer
    assert answer.status < 500 or answer.status in OURS, answer.text[:500]
    assert answer.status in case.statuses, f"{answer.status}: {answer.text[:300]}"
    leaks(answer, golden)
    for text in case.absent:
        assert text not in answer.text
    assert "x-evil" not in answer.headers
    if answer.status >= 400:
        explains(case, answer)
    assert found.cheap == "200 ['networks', '3']"


def leaks(answer: Answer, golden: Built) -> None:
    """Nothing of the machine or of the program's inside is told."""
    assert "Traceback" not in answer.text and not re.search(r'File "[^"]+", line \d+', answer.text)
    for place in (
        ROOT,
        golden.release.path,
        Path(sys.prefix),
        Path(tempfile.gettempdir()) / "pytest",
        Path.home() / ".",
    ):
        if len(str(place)) > 5:
            assert str(place) not in answer.text
    assert "site-packages" not in answer.text


def explains(case: Case, answer: Answer) -> None:
    """A refusal is a sentence for people, and problem details for programs."""
    assert "default-src" in answer.headers["content-security-policy"]
    assert answer.headers["access-control-allow-origin"] == "*"
    if "text/html" in case.headers.get("accept", "") and answer.headers["content-type"].startswith("text/html"):
        assert "<h1>" in answer.text
        return
    assert answer.headers["content-type"] == "application/problem+json"
    problem = json.loads(answer.body)
    assert problem["status"] == answer.status
    assert re.fullmatch(r".*\w.*[.!?)]", problem["detail"], re.DOTALL), problem["detail"]
    assert len(problem["detail"]) < 2_000
    if case.words and answer.status != 200:
        assert any(words in problem["detail"] for words in case.words), problem["detail"]
    if answer.status in (429, 503):
        assert int(answer.headers["retry-after"]) > 0


def test_each_limit_stops_what_it_is_for(outcomes: Mapping[str, Outcome]) -> None:
    """Not everything may end as 'busy': time, memory and size each catch their own."""

    def statuses(*rows: int) -> Counter[int]:
        return Counter(
            found.answer.status for case in CASES if case.row in rows and (found := outcomes[str(case)]).answer
        )

    assert statuses(1)[504] >= 8
    assert statuses(5)[504] >= 3
    assert statuses(4)[413] >= 6
    assert statuses(9)[503] >= 2
    memory = [
        found
        for case in CASES
        if case.row == 9 and (found := outcomes[str(case)]).answer and found.answer.status == 503
    ]
    assert any(found.answer and "memory" in found.answer.text for found in memory)


def test_nobody_was_called(outcomes: Mapping[str, Outcome], canary: Canary) -> None:
    assert outcomes and canary.seen == []


def test_the_server_lives_and_had_no_fault(outcomes: Mapping[str, Outcome], server: Server) -> None:
    assert outcomes and server.alive
    assert server.ask("GET", "/health").status == 200
    said = server.said()
    assert "Traceback" not in said and '"traceback"' not in said, said[-3000:]
