"""Worker processes: they answer, they are killed at the deadline, they are bounded, they die with their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from integgraph.errors import QueryRefused, QueryTimeout, WorkerError, WorkersBusy
from integgraph.workers import WorkerPool
from tests.conftest import ROOT

pytestmark = pytest.mark.alone  # who waits longer than half a second is told so


def opener(greeting: str) -> Callable[[Any], Any]:
    """What the workers of these tests serve."""

    def handler(request: Any) -> Any:
        kind, value = request
        if kind == "sleep":
            time.sleep(value)
        elif kind == "fail":
            raise QueryRefused(value)
        elif kind == "grow":
            return len(bytearray(value))
        elif kind == "die":
            os._exit(1)
        elif kind == "pid":
            return os.getpid()
        elif kind == "threads":
            return _threads(value)
        return f"{greeting} {value}"

    return handler


def _threads(number: int) -> int:
    """So many threads at one time, each of which allocates a little, as an engine that opens a store does."""
    together, held = threading.Barrier(number), []

    def work() -> None:
        together.wait()
        held.append(bytearray(10_000))
        together.wait()

    threads = [threading.Thread(target=work) for _ in range(number)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return len(held)


def zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
    except FileNotFoundError:
        return True


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(opener, ("hello",), size=2, deadline=10, memory=200_000_000, patience=0.5) as pool:
        pool.call(("warm", 1))
        yield pool


def test_a_worker_answers(pool: WorkerPool) -> None:
    assert pool.call(("say", "you")) == "hello you"


def test_threads_of_a_worker_need_little_beyond_what_they_use() -> None:
    with WorkerPool(opener, ("hello",), size=1, deadline=20, memory=400_000_000) as pool:
        assert pool.call(("threads", 16)) == 16


def test_an_error_comes_back_as_itself(pool: WorkerPool) -> None:
    with pytest.raises(QueryRefused, match="not here"):
        pool.call(("fail", "not here"))
    assert pool.call(("say", "again")) == "hello again"


def test_a_runaway_is_killed_at_its_deadline_and_replaced(pool: WorkerPool) -> None:
    with pytest.raises(QueryTimeout, match=r"longer than 0\.2 seconds"):
        pool.call(("sleep", 60), deadline=0.2)
    assert pool.size == 2
    assert {pool.call(("say", n)) for n in range(8)} == {f"hello {n}" for n in range(8)}


def test_a_replacement_outlives_the_thread_that_asked_for_it(pool: WorkerPool) -> None:
    """The kernel ends a process with the thread that started it, and request threads come and go."""

    started: set[int] = set()

    def spoil() -> None:
        for _ in range(2):
            with pytest.raises(WorkerError):
                pool.call(("die", None))
        started.update(pool.call(("pid", None)) for _ in range(4))

    thread = threading.Thread(target=spoil)
    thread.start()
    thread.join()
    time.sleep(0.5)
    assert {pool.call(("pid", None)) for _ in range(4)} == started


def test_a_worker_that_died_while_idle_costs_no_query(pool: WorkerPool) -> None:
    for pid in {pool.call(("pid", None)) for _ in range(4)}:
        os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    assert [pool.call(("say", n)) for n in range(4)] == [f"hello {n}" for n in range(4)]
    assert pool.size == 2


def test_a_dead_worker_is_an_error_and_is_replaced(pool: WorkerPool) -> None:
    with pytest.raises(WorkerError, match="ended its worker"):
        pool.call(("die", None))
    assert pool.call(("say", "on")) == "hello on"


@pytest.mark.skipif(sys.platform != "linux", reason="the memory limit of a process is set on Linux only")
def test_memory_is_bounded(pool: WorkerPool) -> None:
    assert pool.call(("grow", 50_000_000)) == 50_000_000
    with pytest.raises(WorkerError, match="too much memory"):
        pool.call(("grow", 2_000_000_000))
    assert pool.call(("say", "on")) == "hello on"


def test_when_all_are_busy_the_caller_is_told(pool: WorkerPool) -> None:
    with ThreadPoolExecutor(3) as threads:
        calls = [threads.submit(pool.call, ("sleep", 1.5)) for _ in range(3)]
        results = [call.exception() for call in calls]
    assert sum(isinstance(result, WorkersBusy) for result in results) == 1


def test_many_callers_share_the_workers(pool: WorkerPool) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: pool.call(("say", n)), range(200)))
    assert answers == [f"hello {n}" for n in range(200)]


def test_a_closed_pool_answers_no_more(pool: WorkerPool) -> None:
    pids = {pool.call(("pid", None)) for _ in range(10)}
    pool.close()
    with pytest.raises(WorkersBusy):
        pool.call(("say", "x"))
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the closed pipe ends the worker when it next reads")
def test_workers_die_with_their_parent(tmp_path: Path) -> None:
    code = (
        "from tests.test_workers import opener\n"
        "from integgraph.workers import WorkerPool\n"
        "if __name__ == '__main__':\n"
        "    pool = WorkerPool(opener, ('x',), size=1)\n"
        "    print(pool.call(('pid', None)), flush=True)\n"
        "    import time; time.sleep(60)\n"
    )
    file = tmp_path / "parent.py"
    file.write_text(code)
    parent = subprocess.Popen(
        [sys.executable, file], stdout=subprocess.PIPE, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    try:
        assert parent.stdout
        worker = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
        parent.wait(timeout=10)
        for _ in range(100):
            if zombie(worker):
                return
            time.sleep(0.05)
        pytest.fail("the worker outlived its parent")
    finally:
        parent.kill()
        assert parent.stdout
        parent.stdout.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the filter is the kernel's")
def test_the_network_is_denied_where_a_service_manager_denies_the_newer_call() -> None:
    """As under a unit whose system calls are those of @system-service: seccomp(2) is not among them, prctl(2) is."""
    code = (
        "import platform\n"
        "from integgraph import workers\n"
        "machine = platform.machine()\n"
        "name, numbers, seccomp = workers._MACHINES[machine]\n"
        "workers._MACHINES = {machine: (name, {'seccomp': seccomp}, seccomp)}\n"
        "assert workers.deny_network()\n"
        "workers._MACHINES = {machine: (name, numbers, seccomp)}\n"
        "assert not workers.isolated()\n"
        "assert workers.deny_network() and workers.isolated()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
