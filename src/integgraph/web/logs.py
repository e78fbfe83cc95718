"""Structured logs: one JSON object a line on standard error.

A line about a request says what was asked for in kind, not in words: no address of a client, no query text, no value of
a parameter, no header. A fault in the program is logged with the place where it happened; the message of the exception,
which may repeat what a client sent, is left out unless the level is ``debug``.
"""

from __future__ import annotations

import itertools
import json
import logging
import logging.config
import secrets
import sys
import time
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from types import TracebackType
from typing import Any, Literal, TextIO

Level = Literal["debug", "info", "warning", "error"]
LEVELS: Mapping[str, Level] = {"debug": "debug", "info": "info", "warning": "warning", "error": "error"}

_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
_PROCESS = secrets.token_hex(4)
_NUMBERS = itertools.count(secrets.randbelow(1 << 32))
_requests = logging.getLogger("integgraph.requests")
_faults = logging.getLogger("integgraph.faults")


def configure(level: Level = "info", stream: TextIO | None = None, *, together: int = 1) -> None:
    """Write the logs of this process as JSON lines, those of uvicorn and of asyncio among them.

    Call it once, before uvicorn starts, and start uvicorn with ``log_config=None, access_log=False``: its own access
    log would name clients.

    Args:
        level: ``info`` has a line a request, ``warning`` only requests that failed by our fault.
        stream: Where to; standard error if left out.
        together: How many lines about requests may wait for one another; then call :func:`flush` every now and then.
    """
    handler = Lines(stream or sys.stderr, together)
    handler.setFormatter(JsonLines(messages=level == "debug"))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # Below this level uvicorn names clients in some lines.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").setLevel(logging.CRITICAL)
    logging.getLogger("integgraph").setLevel(level.upper())


def new_request_id() -> str:
    """An id for one request: goes out as ``X-Request-Id`` and into the log, and says nothing about the client.

    One that a client or a proxy sends is not taken over: it could carry anything into the log.

    >>> len(new_request_id())
    16
    """
    return f"{_PROCESS}{next(_NUMBERS) & 0xFFFFFFFF:08x}"


def log_request(
    *, method: str, route: str, status: int, seconds: float, size: int, release: str, request_id: str
) -> None:
    """One line about a request that was answered.

    Args:
        method: Its method; one that HTTP does not define is logged as ``other``.
        route: Template of its address, such as ``/networks/{name}``; never the address itself.
        status: Status of the answer; 499 where the client went away.
        seconds: How long it took.
        size: Bytes of the answer.
        release: Id of the release that answered.
        request_id: From :func:`new_request_id`.
    """
    level = logging.ERROR if status == 500 else logging.INFO
    if not _requests.isEnabledFor(level):
        return
    # There are thousands a second of these, so they do not go through a record and a formatter; the line is the same.
    line = (
        f'{{"time": "{_now()}", "level": "{"error" if status == 500 else "info"}", "logger": "integgraph.requests", '
        f'"message": "request", "method": "{method if method in _METHODS else "other"}", "route": {_quoted(route)}, '
        f'"status": {status}, "ms": {seconds * 1000:.2f}, "bytes": {size}, "release": {_quoted(release)}, '
        f'"request": "{request_id}"}}'
    )
    for handler in logging.getLogger().handlers:
        if isinstance(handler, Lines):
            handler.line(line)


@lru_cache(maxsize=1024)
def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _now() -> str:
    moment = time.time()
    return f"{_second(int(moment))}.{int(moment % 1 * 1000):03d}Z"


@lru_cache(maxsize=2)
def _second(moment: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment))


class Lines(logging.StreamHandler[TextIO]):
    """Writes lines, those about requests some together: each writing costs more than making a line.

    Args:
        stream: Where to.
        together: How many lines about requests may wait for one another.
    """

    def __init__(self, stream: TextIO, together: int = 1) -> None:
        super().__init__(stream)
        self._together = together
        self._waiting: list[str] = []

    def line(self, text: str) -> None:
        """Write a line, now or with the next ones."""
        self._waiting.append(text)
        if len(self._waiting) >= self._together:
            self.flush()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record at once, after what waits."""
        self.flush()
        super().emit(record)

    def flush(self) -> None:
        """Write what waits."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            self.stream.write("\n".join([*waiting, ""]))
        super().flush()


def flush() -> None:
    """Write what waits; to be called every now and then, and at the end."""
    for handler in logging.getLogger().handlers:
        handler.flush()


def log_fault(error: BaseException, *, route: str, request_id: str) -> None:
    """A fault in the program, with its traceback; the client is told nothing of it but the request's id."""
    _faults.error(
        "fault",
        exc_info=(type(error), error, error.__traceback__),
        extra={"fields": {"route": route, "request": request_id}},
    )


def log_event(message: str, level: Level = "info", **fields: str | int | float) -> None:
    """Something that happened to the server itself: it started, a release was swapped in, a worker was killed."""
    logging.getLogger("integgraph.server").log(
        logging.getLevelNamesMapping()[level.upper()], message, extra={"fields": fields}
    )


class JsonLines(logging.Formatter):
    """A record as one line of JSON: time, level, logger, message, then its own fields, then the traceback.

    Args:
        messages: Whether the messages of exceptions are written too; they may repeat what a client sent.
    """

    def __init__(self, *, messages: bool = False) -> None:
        super().__init__()
        self._messages = messages

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        found: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage().strip(),
        }
        found.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[1] is not None:
            found["error"] = type(record.exc_info[1]).__name__
            found["traceback"] = self._traceback(record.exc_info[1], record.exc_info[2])
        return json.dumps(found, ensure_ascii=False, default=str)

    def _traceback(self, error: BaseException, frames: TracebackType | None) -> str:
        if self._messages:
            return "".join(traceback.format_exception(type(error), error, frames)).strip()
        return "".join(traceback.format_tb(frames)).rstrip()
