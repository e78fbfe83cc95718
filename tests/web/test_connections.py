"""A request that does not arrive is not waited for; one that arrives slowly but in time, or is answered slowly, is."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from integgraph.web.connections import BoundedProtocol

SECONDS = 1.0
REQUEST = b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"


class Quick(BoundedProtocol):
    seconds = SECONDS


async def slow(request: Request) -> Response:
    await asyncio.sleep(3 * SECONDS)
    return PlainTextResponse("late")


async def body(request: Request) -> Response:
    try:
        return PlainTextResponse(str(len(await request.body())))
    except ClientDisconnect:
        return PlainTextResponse("gone", 400)


async def refuse(request: Request) -> Response:
    return PlainTextResponse("too large", 413)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    app = Starlette(
        routes=[
            Route("/slow", slow),
            Route("/body", body, methods=["POST"]),
            Route("/refuse", refuse, methods=["POST"]),
        ]
    )
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, http=Quick, log_level="critical", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(30)
    listener.close()


def until_closed(connection: socket.socket) -> bytes:
    """All that comes until the server closes; a server that never does is an error."""
    connection.settimeout(30)
    received = bytearray()
    try:
        while block := connection.recv(65_536):
            received += block
    except ConnectionError:
        pass
    return bytes(received)


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /sl", b"GET /slow HTTP/1.1\r\nHost: x\r\n", POST + b"abc"],
    ids=["silent", "line", "head", "body"],
)
def test_half_a_request_is_closed(port: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(sent)
        assert b"200" not in until_closed(connection)


def test_drops_do_not_make_the_time_longer(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(b"GET /slow HTTP/1.1\r\nX: ")
        connection.settimeout(0.1)
        for _ in range(300):
            try:
                connection.sendall(b"x")
                if connection.recv(1) == b"":
                    return
            except TimeoutError:
                continue
            except ConnectionError:
                return
    pytest.fail("the connection is still open")


def test_a_slow_answer_is_waited_for(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(REQUEST)
        connection.settimeout(30)
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")


def test_a_request_in_pieces_is_answered_in_time(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        for piece in (POST[:20], POST[20:], b"01234", b"56789"):
            connection.sendall(piece)
            time.sleep(SECONDS / 20)
        connection.settimeout(30)
        assert b"\r\n\r\n10" in connection.recv(65_536)


def test_half_a_second_request_is_closed_too(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(POST + b"0123456789")
        connection.settimeout(30)
        assert b"200 OK" in connection.recv(65_536)
        connection.sendall(b"POST /body HT")
        assert b"200" not in until_closed(connection)


def test_a_body_that_is_refused_but_never_ends_is_closed(port: int) -> None:
    head = b"POST /refuse HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(head + b"5\r\nabcde\r\n")
        assert b" 413 " in until_closed(connection)
