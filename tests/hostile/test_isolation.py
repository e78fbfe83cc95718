"""A worker has no network, whatever the gate before it lets through."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from integgraph import workers
from integgraph.build import Built
from tests.conftest import ROOT
from tests.hostile.server import Canary

deny_network = getattr(workers, "deny_network", None)
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is the kernel's"),
    pytest.mark.skipif(deny_network is None, reason="this version has no sandbox"),
]


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120
    )


def test_no_socket_to_anywhere_can_be_made() -> None:
    done = run(
        """
        import os, socket
        from integgraph.workers import deny_network
        deny_network()
        def attempt(family, kind):
            try:
                socket.socket(family, kind).close()
            except OSError as error:
                return error.errno
            return 0
        kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        print(*(attempt(family, kind) for family in (socket.AF_INET, socket.AF_INET6) for kind in kinds))
        child = os.fork()
        if child == 0:
            os._exit(0 if attempt(socket.AF_INET, socket.SOCK_STREAM) else 1)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """
    )
    assert done.returncode == 0, done.stderr
    numbers, child = done.stdout.splitlines()
    assert len(numbers.split()) == 6 and "0" not in numbers.split(), "each attempt is an error"
    assert child == "0", "a child of the process has no network either"


def test_other_threads_have_none_either() -> None:
    done = run(
        """
        import socket, threading
        from integgraph.workers import deny_network
        deny_network()
        found = []
        def attempt():
            try:
                socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()
                found.append("open")
            except OSError:
                found.append("denied")
        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()
        print(*found)
        """
    )
    assert done.stdout.split() == ["denied"], done.stderr


def test_the_engine_reaches_nobody_past_the_gate(golden: Built, canary: Canary) -> None:
    """The engine itself, without the gate: it would call, and cannot."""
    done = run(
        """
        import sys
        import pyoxigraph as ox
        from integgraph.workers import deny_network
        deny_network()
        store, address = ox.Store.read_only(sys.argv[1]), sys.argv[2]
        for query in (f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}",):
            try:
                print(len(list(store.query(query))))
            except Exception as error:
                print("denied")
        try:
            ox.Store().update(f"LOAD <{address}>")
            print("loaded")
        except Exception as error:
            print("denied")
        """,
        str(golden.release.path / "store"),
        canary.address,
    )
    assert done.stdout.split() == ["denied", "denied"], done.stdout + done.stderr
    assert canary.seen == []


def test_the_canary_sings_where_nothing_is_denied(golden: Built) -> None:
    """Without the sandbox the same call is heard: so silence above means something."""
    canary = Canary()
    try:
        run(
            """
            import sys
            import pyoxigraph as ox
            try:
                list(ox.Store().query(f"SELECT * {{ SERVICE <{sys.argv[1]}> {{ ?s ?p ?o }} }}"))
            except Exception:
                pass
            """,
            canary.address,
        )
        assert "TCP" in canary.seen
    finally:
        canary.close()


def test_a_worker_still_reads_its_release(golden: Built) -> None:
    done = run(
        """
        import sys
        from pathlib import Path
        from integgraph.store import EmbeddedStore
        from integgraph.workers import deny_network
        deny_network()
        print(EmbeddedStore.open(Path(sys.argv[1])).ask("ASK { ?s ?p ?o }"))
        """,
        str(golden.release.path / "store"),
    )
    assert done.stdout.strip() == "True", done.stderr
