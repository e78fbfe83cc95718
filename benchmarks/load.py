"""Loads on an HTTP server: wrk for throughput, and a small client of our own that sends on time whatever comes back."""

from __future__ import annotations

import asyncio
import json
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

JSON = "application/sparql-results+json"
_SCRIPT = Path(__file__).parent / "serving.lua"
_IDLE = 2.0
"""Seconds after which a connection is not used again; servers close theirs after five or more."""


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw."""

    requests: int
    seconds: float
    failed: int
    p50: float
    """Milliseconds, as the 99th percentile."""
    p99: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds


def wrk(
    url: str,
    targets: Sequence[str],
    first: int,
    *,
    seconds: float = 5,
    connections: int = 8,
) -> Load:
    """Ask for the targets in turn.

    Args:
        url: Where the server listens, without a path.
        targets: Paths with their parameters; SALT becomes a number of its own in each request.
        first: The number before the first.
        seconds: How long.
        connections: How many ask at the same time.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(targets) + "\n")
        file.flush()
        command = [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{max(1, round(seconds))}s",
            "--timeout",
            "60s",
            "-s",
            str(_SCRIPT),
        ]
        done = subprocess.run([*command, url, "--", file.name, str(first)], capture_output=True, text=True, check=False)
    found = next((line for line in done.stdout.splitlines() if line.startswith("RESULT ")), None)
    if found is None:
        raise RuntimeError(f"wrk on {url} failed: {done.stdout}{done.stderr}")
    facts = json.loads(found.removeprefix("RESULT "))
    return Load(
        facts["requests"],
        max(facts["microseconds"], 1) / 1e6,
        facts["statuses"] + facts["broken"],
        facts["p50"] / 1000,
        facts["p99"] / 1000,
    )


def target(path: str, query: str, **fields: str) -> str:
    """A path with a query as its parameters."""
    return f"{path}?{urlencode({'query': query, **fields})}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; names of headers are in lower case. Status 0: nothing, or not the whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


FAILED = Answer(0, {}, b"")


@dataclass(slots=True)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    since: float = 0.0


@dataclass(slots=True)
class Client:
    """Sends GETs from a loopback address and keeps connections open, one for each request under way.

    Nothing is sent twice: a connection that breaks is a failed request.
    """

    port: int
    source: str = "127.0.0.1"
    timeout: float = 60.0
    _idle: list[_Connection] = field(default_factory=list)

    async def get(self, address: str) -> Answer:
        """One request and its whole answer; FAILED where the connection breaks or nothing comes in time."""
        connection = None
        try:
            async with asyncio.timeout(self.timeout):
                connection = await self._connection()
                answer, again = await self._exchange(connection, address)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
            if connection:
                connection.writer.close()
            return FAILED
        if again:
            connection.since = time.monotonic()
            self._idle.append(connection)
        else:
            connection.writer.close()
        return answer

    async def _connection(self) -> _Connection:
        now = time.monotonic()
        while self._idle:
            connection = self._idle.pop()
            if now - connection.since < _IDLE and not connection.reader.at_eof():
                return connection
            connection.writer.close()
        opened = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(self.source, 0))
        return _Connection(*opened)

    async def _exchange(self, connection: _Connection, address: str) -> tuple[Answer, bool]:
        reader = connection.reader
        head = f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAccept: {JSON}\r\n\r\n"
        connection.writer.write(head.encode("ascii"))
        await connection.writer.drain()
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ", 2)[1])
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)
        }
        if headers.get("transfer-encoding") == "chunked":
            body = await _chunks(reader)
        else:
            body = await reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(status, headers, body), headers.get("connection", "").lower() != "close"

    def close(self) -> None:
        """Close the connections."""
        for connection in self._idle:
            connection.writer.close()
        self._idle.clear()


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return bytes(body)


@dataclass(frozen=True, slots=True)
class Timed:
    """One request: when it was due, seconds from then to its answer, and the answer."""

    due: float
    seconds: float
    answer: Answer


async def open_loop(
    ask: Callable[[str], Awaitable[Answer]],
    rate: float,
    addresses: Callable[[int], str],
    going: Callable[[int, float], bool],
) -> list[Timed]:
    """Send at a fixed rate, whether or not answers have come; times count from when a request was due.

    Args:
        ask: Sends a request, such as :meth:`Client.get`.
        rate: Requests a second.
        addresses: The address of the nth request.
        going: Whether to send the nth request, after so many seconds.
    """
    start = time.monotonic()

    async def one(number: int, due: float) -> Timed:
        answer = await ask(addresses(number))
        return Timed(due, time.monotonic() - due, answer)

    under_way: list[asyncio.Task[Timed]] = []
    number = 0
    while going(number, time.monotonic() - start):
        due = start + number / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        under_way.append(asyncio.create_task(one(number, due)))
        number += 1
    return list(await asyncio.gather(*under_way))


@dataclass(slots=True)
class Stopped:
    """What became of runaways."""

    overtime: list[float] = field(default_factory=list)
    """Seconds past the deadline at which each was told that it was stopped (504)."""
    turned_away: int = 0
    """Answers 503: no place was free."""
    others: list[int] = field(default_factory=list)
    """Other statuses."""


async def runaway(client: Client, address: Callable[[], str], deadline: float, until: float, found: Stopped) -> None:
    """Ask a query that never ends, again and again; one that is turned away tries again soon."""
    while time.monotonic() < until:
        start = time.monotonic()
        answer = await client.get(address())
        if answer.status == 504:
            found.overtime.append(time.monotonic() - start - deadline)
        elif answer.status == 503:
            found.turned_away += 1
            await asyncio.sleep(0.25)
        else:
            found.others.append(answer.status)
            await asyncio.sleep(0.25)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that a share of all values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, min(len(ordered) - 1, -(-len(ordered) * int(share * 1000) // 1000) - 1))]
