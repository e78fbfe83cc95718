"""A server that is stopped or killed leaves no process behind, in the middle of a runaway too."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from integgraph.build import Built
from tests.hostile.corpus import query
from tests.hostile.server import Server

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]
RUNAWAY = query(1, "runaway", "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", frozenset({504}))


def family(pid: int) -> set[int]:
    """Processes below this one."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found |= {int(child), *family(int(child))}
    return found


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    "sign", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=["stopped", "interrupted", "killed"]
)
def test_nothing_is_left_behind(golden: Built, sign: signal.Signals) -> None:
    with Server(golden.release.path, {"INTEGGRAPH_QUERY_DEADLINE": "5"}) as server:
        assert server.pid
        threads = [threading.Thread(target=attempt, args=(server,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        time.sleep(1)
        processes = family(server.pid)
        assert len(processes) >= 2, "workers are processes"
        os.kill(server.pid, sign)
        for thread in threads:
            thread.join(60)
        for _ in range(300):
            if not server.alive and not any(map(runs, processes)):
                break
            time.sleep(0.1)
        assert not server.alive
        assert [pid for pid in processes if runs(pid)] == []


def attempt(server: Server) -> None:
    """A runaway whose end does not matter here."""
    try:
        server.ask(RUNAWAY.method, RUNAWAY.path, RUNAWAY.headers)
    except Exception:  # noqa: BLE001, S110 - the server is stopped under it, and how that looks is the client's affair
        pass
