"""One real server as a process of its own, and a canary that counts whoever knocks."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.conftest import ROOT
from tests.web.serving import free_port

HOST = "127.0.0.1"
SETTINGS: Mapping[str, str] = {
    "INTEGGRAPH_QUERY_DEADLINE": "2",
    "INTEGGRAPH_QUERY_MEMORY": "300000000",
    "INTEGGRAPH_ANSWER_BYTES": "2000000",
    "INTEGGRAPH_WORKERS": "3",
    "INTEGGRAPH_SLOW_WORKERS": "3",
    "INTEGGRAPH_TRUST_EVERYONE": "1",
}
"""Small limits, so that the corpus is quick; no limits per client, which would hide the others."""
PATIENCE = 60.0
"""Most seconds that a test waits for anything."""


class Canary:
    """Listens on TCP and UDP, on one port of this machine, and counts what arrives."""

    def __init__(self) -> None:
        self._tcp = socket.create_server((HOST, 0))
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.port: int = self._tcp.getsockname()[1]
        self._udp.bind((HOST, self.port))
        self.seen: list[str] = []
        self._ports: list[int] = []
        self._stopped = False
        self._threads = [threading.Thread(target=each) for each in (self._take_tcp, self._take_udp)]
        for thread in self._threads:
            thread.start()

    @property
    def address(self) -> str:
        """Where to knock."""
        return f"http://{HOST}:{self.port}/"

    def _take_tcp(self) -> None:
        while True:
            connection, peer = self._tcp.accept()
            connection.close()
            if self._stopped:
                return
            self.seen.append("TCP")
            self._ports.append(peer[1])

    def _take_udp(self) -> None:
        while True:
            self._udp.recv(1000)
            if self._stopped:
                return
            self.seen.append("UDP")

    def heard(self) -> list[str]:
        """What arrived since the last call, all that is still under way included."""
        with socket.create_connection((HOST, self.port), PATIENCE) as last:  # knocks are taken in their order
            own = last.getsockname()[1]
            end = time.monotonic() + PATIENCE
            while own not in self._ports and time.monotonic() < end:
                time.sleep(0.0005)
        self._ports.clear()
        found, self.seen[:] = self.seen[:], []
        found.remove("TCP")  # our own
        return found

    def close(self) -> None:
        """Stop listening."""
        self._stopped = True
        socket.create_connection((HOST, self.port), PATIENCE).close()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", (HOST, self.port))
        for thread in self._threads:
            thread.join(PATIENCE)
        self._tcp.close()
        self._udp.close()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body for people."""
        return self.body.decode("utf-8", "replace")


@dataclass(slots=True)
class Server:
    """``integgraph serve`` over a release; stopped by its own process id."""

    release: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _log: Any = None

    def __enter__(self) -> Self:
        self.port = free_port()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("INTEGGRAPH_")}
        environment |= {**SETTINGS, **self.settings}
        command = [sys.executable, "-m", "integgraph.cli", "serve", "--release", str(self.release)]
        self._log = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [*command, "--port", str(self.port)], cwd=ROOT, env=environment, stdout=self._log, stderr=self._log
        )
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.alive:
            try:
                if self.ask("GET", "/health").status == 200:
                    return self
            except OSError:
                time.sleep(0.1)
        said = self.said()
        self.stop()
        raise AssertionError(f"the server did not start: {said}")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def alive(self) -> bool:
        """Whether the process that was started still runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid if self._process else 0

    def said(self) -> str:
        """What it wrote to its log so far."""
        self._log.seek(0)
        text: str = self._log.read().decode("utf-8", "replace")
        return text

    def stop(self) -> int:
        """End it, and say with which exit status it ended."""
        if self._process is None:
            return 0
        process, self._process = self._process, None
        process.terminate()
        try:
            status = process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
        self._log.close()
        return status

    def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """One request on a connection of its own.

        Raises:
            OSError, http.client.HTTPException: there was no answer.
        """
        connection = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE)
        try:
            try:
                connection.request(method, path, body, dict(headers or {}))
            except (BrokenPipeError, ConnectionResetError):
                pass  # it has heard enough: the answer is there all the same
            found = connection.getresponse()
            return Answer(found.status, {name.lower(): value for name, value in found.getheaders()}, found.read())
        finally:
            connection.close()

    def raw(self, *pieces: bytes, wait: float = PATIENCE, finish: bool = True) -> bytes:
        """Send bytes as they are; what comes back until the server closes or ``wait`` seconds have passed."""
        received = bytearray()
        with socket.create_connection((HOST, self.port), wait) as connection:
            try:
                for piece in pieces:
                    connection.sendall(piece)
                if finish:
                    connection.shutdown(socket.SHUT_WR)
                while block := connection.recv(65_536):
                    received += block
            except (TimeoutError, ConnectionError):
                pass
        return bytes(received)
