"""A real server in a process of its own, for what speaks HTTP: the tests of the protocol and of clients, benchmarks."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).parents[2]
_START = 60.0
_STOP = 20.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it listens, and its process."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self,
        method: str,
        path: str,
        fields: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        source: str = "127.0.0.1",
        timeout: float = 60.0,
    ) -> Reply:
        """One request, sent as it is: no header is added but Host and Content-Length.

        Args:
            method: Any method.
            path: Path of the address.
            fields: Parameters of the address.
            body: What is sent.
            headers: Headers of the request.
            source: The loopback address that it comes from.
            timeout: Seconds to wait for an answer.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout, source_address=(source, 0))
        try:
            connection.putrequest(method, path + ("?" + urlencode(fields) if fields else ""), skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, found, answer.read())
        finally:
            connection.close()


def free_port() -> int:
    """A port that nobody listens on; of tests that run beside each other, each worker has ports of its own."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    own = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % workers
    with ExitStack() as others:
        while True:
            probe = others.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
            if port // 2 % workers == own:  # halved, for the system gives away one of two
                return port


@contextmanager
def running(
    command: Sequence[str], port: int, path: str, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Start a program that listens on 127.0.0.1, wait until it answers at ``path``, and stop it by its process id."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=environment, cwd=ROOT
        )
        server = Server(port, process.pid)
        try:
            _wait(server, process, path)
        except TimeoutError:
            _stop(process)
            said.seek(0)
            raise RuntimeError(f"{command[0]} did not start:\n{said.read().decode(errors='replace')}") from None
        try:
            yield server
        finally:
            _stop(process)


@contextmanager
def served(release: Path, **settings: object) -> Iterator[Server]:
    """Serve a release directory or an output folder, with settings by their names: ``query_deadline=2``."""
    given = {f"INTEGGRAPH_{name.upper()}": str(value) for name, value in settings.items()}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("INTEGGRAPH_")}
    port = free_port()
    command = [sys.executable, "-m", "integgraph.cli", "serve", "--release", str(release), "--port", str(port)]
    with running(command, port, "/health", inherited | given) as server:
        yield server


def _wait(server: Server, process: subprocess.Popen[bytes], path: str) -> None:
    end = time.monotonic() + _START
    while time.monotonic() < end and process.poll() is None:
        try:
            if server.ask("GET", path, timeout=5).status < 400:
                return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.05)
    raise TimeoutError


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
