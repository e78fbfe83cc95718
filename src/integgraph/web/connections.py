"""Connections that end: a request must have arrived whole within some seconds, and its head must not be too large.

A proxy before the server does the same; this holds where there is none, and for whoever gets past it.

Source: RFC 9112, sections 3 and 9.5 (a server may refuse a long request line, and close a connection that it waits on
too long); RFC 6585, section 5 (431).
"""

from __future__ import annotations

import asyncio
import json
from functools import partial
from http import HTTPStatus
from typing import Any, ClassVar

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from integgraph.web.exchange import WHOLE
from integgraph.web.headers import ALWAYS

_HEAD_BYTES = 65_536


class _Together(asyncio.Transport):
    """A transport that sends the head of an answer with the first part of its content: each sending costs."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._head = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send, or keep for a moment what is the head of an answer."""
        if self._head:
            data, self._head = self._head + bytes(data), b""
        elif data[:9] == b"HTTP/1.1 " and data[9:12] != b"100":
            self._head = bytes(data)
            return
        self._transport.write(data)

    def write_all(self, data: bytes) -> None:
        """Send an answer that is whole."""
        self._transport.write(data)

    def flush(self) -> None:
        """Send what was kept."""
        head, self._head = self._head, b""
        if head:
            self._transport.write(head)

    def close(self) -> None:
        """Close when everything has been sent."""
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    def is_closing(self) -> bool:
        """Whether it is closed or about to be."""
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What is known of the connection."""
        return self._transport.get_extra_info(name, default)

    def pause_reading(self) -> None:
        """Take nothing more in for now."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Go on taking in."""
        self._transport.resume_reading()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Let another protocol take over."""
        self._transport.set_protocol(protocol)


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with bounds on the client's side; give it to uvicorn as ``http=``.

    The time runs from the connection's beginning, or from the end of the answer before, until head and body are there.
    It does not run while the server works on an answer. uvicorn itself closes connections that are idle between two
    requests (``timeout_keep_alive``), but waits for half a request without end, and reads a head of any length.
    """

    seconds: ClassVar[float] = 15.0
    """How long a client may take to send one request."""

    _out: _Together
    _timer: asyncio.TimerHandle | None = None
    _last = False  # whether no more requests will come
    _refusal: tuple[int, str] | None = None
    _pending = 0  # bytes of a head that is not whole yet

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn types it
        """Start the clock."""
        super().connection_made(transport)
        self.transport = self._out = _Together(transport)
        self._start()

    def data_received(self, data: bytes) -> None:
        """Stop the clock when the request is whole, else let it run."""
        self._pending += len(data)
        super().data_received(data)
        if self._pending > _HEAD_BYTES and not self.transport.is_closing():
            self._refuse(431, "The address and the headers of the request are too long together. Send a query by POST.")
            return
        cycle = self.cycle
        if cycle is not None and not cycle.more_body and not cycle.response_complete:
            self._stop()
        else:
            self._start()

    def on_headers_complete(self) -> None:
        """The head is whole, and what follows is counted elsewhere."""
        self._pending = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body: it does not count as head."""
        self._pending = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._pending = 0
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """What came is not HTTP."""
        self._refuse(400, "This is no request as HTTP has it (RFC 9112).")

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio asks for a truth, uvicorn gives none
        """The client sends no more. Where it waits for several answers, it gets them; else it is taken as gone."""
        self._last = bool(self.pipeline)
        return self._last

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Offer the application to send whole answers."""
        cycle.scope["extensions"] = {WHOLE: {"send": partial(self._send_whole, cycle)}}
        super()._start_asgi_task(cycle, app)

    def _send_whole(self, cycle: RequestResponseCycle, status: int, lines: bytes, content: bytes) -> bool:
        """Send an answer at once, as uvicorn does in two steps."""
        if self.flow.write_paused or cycle.disconnected or cycle.response_started:
            return False
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        date = b"".join([b"%b: %b\r\n" % pair for pair in cycle.default_headers])
        end = b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
        self._out.write_all(b"".join([STATUS_LINE[status], date, lines, end, content]))
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()
        return True

    def on_response_complete(self) -> None:
        """What came behind the last whole request is refused after the answers to those before it."""
        self._out.flush()  # an answer without content is its head alone
        super().on_response_complete()
        if not self.cycle.response_complete or self.transport.is_closing():
            return
        if self._refusal is not None:
            self._refuse(*self._refusal)
        elif self._last:
            self.transport.close()

    def _refuse(self, status: int, detail: str) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._refusal = (status, detail)
            self.flow.pause_reading()
            return
        phrase = HTTPStatus(status).phrase
        body = json.dumps({"type": "about:blank", "title": phrase, "status": status, "detail": detail}).encode()
        headers = [*ALWAYS, (b"content-type", b"application/problem+json"), (b"content-length", b"%d" % len(body))]
        lines = [b"HTTP/1.1 %d %b" % (status, phrase.encode()), *(b"%b: %b" % pair for pair in headers)]
        self.transport.write(b"\r\n".join([*lines, b"connection: close", b"", body]))
        self.transport.close()

    def _start(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self.seconds, self._give_up)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self.transport.close()
