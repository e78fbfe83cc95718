"""One request and its answer: who asks, what for, what was sent back, and what it cost.

What every answer carries is added here: the headers for security and for pages of other sites, the id of the request
and that of the release.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.types import Message, Receive, Scope, Send

from integgraph.errors import QueryTooLarge
from integgraph.web.clients import Allowances
from integgraph.web.headers import ALWAYS, LINES
from integgraph.web.logs import new_request_id

WHOLE = "integgraph.whole"
"""An extension of ASGI: under ``send`` is what sends a whole answer at once, without a look at each header.

Source: ASGI 3.0, Extensions.
"""
SendWhole = Callable[[int, bytes, bytes], bool]
"""Sends status, lines of headers and content; says whether it did. Else they go the usual way."""

GONE = 499
"""Status in the log of a request whose client went away; no client ever sees it."""


class ClientGone(Exception):
    """Nobody waits for the answer any more."""


class Broken(Exception):
    """A part of the answer has been sent, and the rest will not come."""


@dataclass(slots=True)
class Exchange:
    """One request and its answer.

    Attributes:
        method, path, query_string, http_version: As they were sent; the path without the prefix of a proxy.
        headers: Names in small letters, with their values, commas between several.
        client: Who asks, as far as limits go.
        known: Whether the limits for a client do not hold.
        token: Name of a known client whose token was sent, else ``None``: its answers have no limits either.
        allowances: What clients have left.
        release: Id of the release that answers.
        request_id: Goes out as a header, and into the log.
        begun: When it came, by the clock of :func:`time.perf_counter`.
        status, size: What was sent, as far as it was.
        gone: Whether the client went away.
        send_whole: Sends a whole answer at once, where the server can.
    """

    method: str
    path: str
    query_string: bytes
    http_version: str
    headers: Mapping[bytes, str]
    client: str
    known: bool
    token: str | None
    allowances: Allowances
    release: str = ""
    request_id: str = field(default_factory=new_request_id)
    begun: float = field(default_factory=time.perf_counter)
    status: int = 0
    size: int = 0
    gone: bool = False
    send_whole: SendWhole | None = None
    _watching: asyncio.Task[None] | None = None

    def header(self, name: bytes) -> str:
        """The values of a header with commas between them; empty where there is none."""
        return self.headers.get(name, "")

    # -- limits

    def check_allowance(self) -> None:
        """Whether the client may ask.

        Raises:
            LimitReached: it has used up its query time.
        """
        if not self.known:
            self.allowances.check(self.client)

    def spend(self, seconds: float) -> None:
        """A query took so long."""
        if not self.known and seconds > 0:
            self.allowances.spend(self.client, seconds)

    # -- what comes in

    async def body(self, receive: Receive, limit: int) -> bytes:
        """What was posted.

        Raises:
            QueryTooLarge: more than the limit.
            ClientGone: it never came whole.
        """
        received = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            received += message.get("body", b"")
            if len(received) > limit:
                raise QueryTooLarge(f"The request is larger than {limit:,} bytes.")
            if not message.get("more_body", False):
                return bytes(received)

    def watch(self, receive: Receive, called: Callable[[], None]) -> None:
        """From now on, notice when the client goes away, and call this then."""
        if self._watching is None:
            self._watching = asyncio.ensure_future(self._watch(receive, called))

    async def _watch(self, receive: Receive, called: Callable[[], None]) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.gone = True
        called()

    def end(self) -> None:
        """It is over."""
        if self._watching is not None:
            self._watching.cancel()

    # -- what goes out

    def dressed(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """The headers of an answer with those that every answer carries."""
        own = [*headers, *ALWAYS, (b"x-request-id", self.request_id.encode())]
        if self.release:
            own.append((b"integgraph-release", self.release.encode()))
        return own

    def _lines(self, headers: list[tuple[bytes, bytes]]) -> bytes:
        """The same as lines."""
        own = b"".join([b"%b: %b\r\n" % pair for pair in headers])
        lines = b"%b%bx-request-id: %b\r\n" % (own, LINES, self.request_id.encode())
        return lines + b"integgraph-release: %b\r\n" % self.release.encode() if self.release else lines

    async def respond(self, send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        """Send a whole answer; to HEAD without its content."""
        if status not in (204, 304):
            headers = [*headers, (b"content-length", str(len(body)).encode())]
        self.status = status
        content = b"" if self.method == "HEAD" else body
        self.size = len(content)
        if self.send_whole is not None and self.send_whole(status, self._lines(headers), content):
            return
        await send({"type": "http.response.start", "status": status, "headers": self.dressed(headers)})
        await send({"type": "http.response.body", "body": content, "more_body": False})

    async def start(self, send: Send, status: int, headers: list[tuple[bytes, bytes]], size: int | None) -> None:
        """Send the beginning of an answer that comes in parts; without a size its end is that of the last chunk."""
        if size is not None:
            headers = [*headers, (b"content-length", str(size).encode())]
        self.status = status
        await send({"type": "http.response.start", "status": status, "headers": self.dressed(headers)})

    async def part(self, send: Send, content: bytes) -> None:
        """Send a part; waits where the client is slower."""
        if self.method != "HEAD":
            self.size += len(content)
            await send({"type": "http.response.body", "body": content, "more_body": True})

    async def finish(self, send: Send) -> None:
        """Send the end of an answer in parts."""
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def dress(self, scope: Scope, send: Send) -> Send:
        """For answers that the framework makes: adds what every answer carries, and looks at what is sent."""

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                given = [(name.lower(), value) for name, value in message.get("headers", [])]
                names = {name for name, _ in given}
                own = [pair for pair in self.dressed([]) if pair[0] not in names]
                message = {**message, "headers": [*given, *own]}
            elif message["type"] == "http.response.body":
                if scope["method"] == "HEAD":
                    message = {**message, "body": b""}
                self.size += len(message.get("body", b""))
            await send(message)

        return dressed
