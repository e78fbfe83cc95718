"""Logs: one JSON object a line, and nothing in it that says who asked or with which words."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from integgraph.web import logs

WORDS = "what-a-client-sent"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the lines go; afterwards logging is as it was."""
    names = ("uvicorn", "uvicorn.error", "uvicorn.access", "integgraph")
    root = logging.getLogger()
    before = [
        (logger, logger.level, logger.handlers[:], logger.propagate)
        for logger in (root, *map(logging.getLogger, names))
    ]
    yield io.StringIO()
    for logger, level, handlers, propagate in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers
        logger.propagate = propagate


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def ask(**changes: Any) -> None:
    facts = {
        "method": "GET",
        "route": "/networks/{name}",
        "status": 200,
        "seconds": 0.0123,
        "size": 512,
        "release": "20260101T000000Z-aaaaaaaa",
        "request_id": "0123456789abcdef",
    }
    logs.log_request(**(facts | changes))


def fail() -> None:
    raise KeyError(WORDS)


def test_a_request_is_one_line(stream: io.StringIO) -> None:
    logs.configure("info", stream)
    ask()
    (line,) = lines(stream)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "logger": "integgraph.requests",
        "message": "request",
        "method": "GET",
        "route": "/networks/{name}",
        "status": 200,
        "ms": 12.3,
        "bytes": 512,
        "release": "20260101T000000Z-aaaaaaaa",
        "request": "0123456789abcdef",
    }


def test_a_method_made_up_by_a_client_is_not_repeated(stream: io.StringIO) -> None:
    logs.configure("info", stream)
    ask(method=WORDS)
    assert lines(stream)[0]["method"] == "other"


@pytest.mark.parametrize(("level", "expected"), [("info", [200, 500]), ("warning", [500]), ("error", [500])])
def test_the_level_chooses_the_lines(stream: io.StringIO, level: logs.Level, expected: list[int]) -> None:
    logs.configure(level, stream)
    ask()
    ask(status=500)
    assert [line["status"] for line in lines(stream)] == expected


@pytest.mark.parametrize("level", ["info", "debug"])
def test_a_fault_is_logged_with_its_place_and_its_words_only_for_debugging(
    stream: io.StringIO, level: logs.Level
) -> None:
    logs.configure(level, stream)
    try:
        fail()
    except KeyError as error:
        logs.log_fault(error, route="/sparql", request_id="0123456789abcdef")
    (line,) = lines(stream)
    assert (line["level"], line["error"], line["request"]) == ("error", "KeyError", "0123456789abcdef")
    assert "in fail" in line["traceback"]
    assert (WORDS in stream.getvalue()) is (level == "debug")


def test_other_loggers_speak_the_same_form(stream: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").addHandler(logging.StreamHandler(io.StringIO()))
    logs.configure("info", stream)
    try:
        fail()
    except KeyError as error:
        logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=error)
    logging.getLogger("asyncio").warning("a task was %s", "slow")
    first, second = lines(stream)
    assert (first["logger"], first["message"]) == ("uvicorn.error", "Exception in ASGI application")
    assert "in fail" in first["traceback"]
    assert (second["logger"], second["message"]) == ("asyncio", "a task was slow")


def test_what_uvicorn_says_of_clients_is_left_out(stream: io.StringIO) -> None:
    logs.configure("debug", stream)
    logging.getLogger("uvicorn.access").info('%s - "%s"', "192.0.2.7:1234", f"GET /?q={WORDS}")
    logging.getLogger("uvicorn.error").info('%s - "WebSocket %s" 403', "192.0.2.7:1234", f"/{WORDS}")
    assert stream.getvalue() == ""


def test_no_text_breaks_a_line(stream: io.StringIO) -> None:
    logs.configure("info", stream)
    logs.log_event('new\nline "quoted" \u2028 \x1b[31m Ü', "warning", release="r", faults=2)
    (line,) = lines(stream) if "\u2028" not in stream.getvalue() else [json.loads(stream.getvalue())]
    assert stream.getvalue().count("\n") == 1
    assert line["message"].startswith('new\nline "quoted"') and line["faults"] == 2


def test_configuring_twice_does_not_double_the_lines(stream: io.StringIO) -> None:
    logs.configure("info", stream)
    logs.configure("info", stream)
    ask()
    assert len(lines(stream)) == 1


def test_ids_of_requests_are_new_each_time() -> None:
    assert len({logs.new_request_id() for _ in range(1_000)}) == 1_000
