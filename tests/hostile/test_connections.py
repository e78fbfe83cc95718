"""Connections that are no requests: half a head, no end, no HTTP. The server ends them and answers the others."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.hostile.server import HOST, Canary, Server
from tests.hostile.test_corpus import CHEAP

pytestmark = pytest.mark.slow
HEAD = b"GET / HTTP/1.1\r\nHost: e.example\r\n"


def still_answers(server: Server) -> bool:
    return server.alive and server.ask("GET", CHEAP, {"accept": "text/csv"}).text.split() == ["networks", "3"]


GARBAGE = {
    "nothing": b"",
    "line ends": b"\r\n" * 100,
    "no method": b"/ HTTP/1.1\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "another version": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a handshake of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 300,
    "random bytes": bytes(range(256)) * 20,
    "another protocol": b"SSH-2.0-x\r\n",
    "a header without a name": HEAD + b": x\r\n\r\n",
    "a header with NUL": HEAD + b"X: a\0b\r\n\r\n",
    "a header with a bare line end": HEAD + b"X: a\nY: b\r\n\r\n",
    "a folded header": HEAD + b"X: a\r\n b\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a length below zero": HEAD + b"Content-Length: -1\r\n\r\n",
    "a length of words": HEAD + b"Content-Length: many\r\n\r\n",
    "a length and chunks": HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "an unknown coding": HEAD + b"Transfer-Encoding: gzip, chunked, x\r\n\r\n0\r\n\r\n",
    "a chunk of no size": b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n",
    "a chunk of all sizes": b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nab",
    "two hosts": HEAD + b"Host: other.example\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "a host of signs": b"GET / HTTP/1.1\r\nHost: <script>\r\n\r\n",
    "an upgrade": HEAD
    + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n",
    "a tunnel": b"CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\n\r\n",
    "a trace": b"TRACE / HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\n\r\n",
    "a method of its own": b"<SCRIPT> / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a path of raw bytes": b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    "a path that is a star": b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    "a path without a slash": b"GET networks HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("name", GARBAGE)
def test_what_is_no_request_gets_an_answer_or_an_end(server: Server, name: str) -> None:
    received = server.raw(GARBAGE[name], wait=20)
    assert not received or received.startswith(b"HTTP/1.1 ")
    assert not received.startswith(b"HTTP/1.1 500") and b"Traceback" not in received
    assert still_answers(server)


def test_a_query_string_of_ten_megabytes_is_refused(server: Server) -> None:
    received = server.raw(b"GET /sparql?query=", *[b"x" * 1_000_000] * 10, b" HTTP/1.1\r\nHost: x\r\n\r\n", wait=20)
    assert not received or received.split(None, 2)[1] in (b"400", b"413", b"414", b"431")
    assert still_answers(server)


def test_headers_without_end_are_refused(server: Server) -> None:
    for pieces in ([b"X: " + b"x" * 2_000_000], [f"X-{n}: {'y' * 1_000}\r\n".encode() for n in range(3_000)]):
        received = server.raw(HEAD, *pieces, b"\r\n\r\n", wait=20)
        assert not received or received.split(None, 2)[1] in (b"400", b"431")
    assert still_answers(server)


def test_pipelined_requests_are_answered_in_order_and_garbage_ends_them(server: Server) -> None:
    one = b"GET /health?live=1 HTTP/1.1\r\nHost: x\r\n\r\n"
    received = server.raw(one * 20 + b"garbage garbage\r\n\r\n" + one, wait=20)
    assert 20 <= received.count(b"HTTP/1.1 ") <= 21
    assert received.count(b"HTTP/1.1 200") == 20
    assert still_answers(server)


def test_a_body_of_chunks_without_end_is_cut_off(server: Server) -> None:
    head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    received = server.raw(head, *[chunk] * 100, wait=5, finish=False)
    assert received.split(None, 2)[1] == b"413"
    assert still_answers(server)


def test_a_body_shorter_than_it_said_harms_nobody(server: Server) -> None:
    head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 9999\r\n\r\nASK {"
    server.raw(head, wait=20)
    assert still_answers(server)


def test_clients_that_leave_free_their_workers(server: Server) -> None:
    runaway = b"GET /sparql?query=SELECT%20(COUNT(*)%20AS%20%3Fn)%7B%3Fa%20%3Fb%20%3Fc.%3Fd%20%3Fe%20%3Ff.%3Fg%20%3Fh%20%3Fi%7D HTTP/1.1\r\nHost: x\r\n\r\n"
    for _ in range(12):
        with socket.create_connection((HOST, server.port), 20) as connection:
            connection.sendall(runaway)
    assert still_answers(server)


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"GET / HT",
        HEAD,
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 100\r\n\r\nASK",
    ],
    ids=["silent", "half a line", "half a head", "half a body"],
)
def test_many_that_say_nothing_more_keep_nobody_out(server: Server, start: bytes) -> None:
    with ThreadPoolExecutor(20) as threads:
        open_ones = list(threads.map(lambda _: socket.create_connection((HOST, server.port), 20), range(150)))
    try:
        for connection in open_ones:
            connection.sendall(start)
        assert still_answers(server)
        for connection in open_ones:  # drop by drop
            connection.sendall(b"X") if start else None
        assert still_answers(server)
    finally:
        for connection in open_ones:
            connection.close()
    assert still_answers(server)


def test_a_head_that_never_ends_is_closed_by_the_server(server: Server) -> None:
    """The server itself does it, also where no proxy stands before it."""
    with socket.create_connection((HOST, server.port), 45) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        end = time.monotonic() + 40
        closed = False
        while not closed and time.monotonic() < end:
            try:
                connection.sendall(b"x")
                connection.settimeout(1)
                closed = connection.recv(1_000) == b""
            except TimeoutError:
                continue
            except ConnectionError:
                closed = True
    assert closed
    assert still_answers(server)


def test_connections_called_nobody_and_broke_nothing(server: Server, canary: Canary) -> None:
    assert canary.seen == []
    said = server.said()
    assert "Traceback" not in said and '"traceback"' not in said, said[-3000:]
