"""Killable, memory-bound worker processes.

A native query cannot be stopped inside its process, so every query from outside runs in a worker that can be killed.
A worker opens what it serves itself, answers one request after the other, and dies with its parent.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any

from integgraph import errors
from integgraph.errors import IntegGraphError, QueryTimeout, WorkerError, WorkersBusy

Handler = Callable[[Any], Any]
"""Answers one request inside a worker; both sides must be picklable."""
Opener = Callable[..., Handler]
"""Called once in each worker with the pool's arguments; returns the handler. A module-level function."""

_PR_SET_PDEATHSIG = 1


class WorkerPool:
    """A fixed number of worker processes, each answering one request at a time.

    Args:
        opener: Module-level function that opens what a worker serves and returns its handler.
        arguments: Passed to ``opener``.
        size: Number of processes.
        deadline: Seconds a request may take; then its worker is killed.
        memory: Bytes a worker may use above what it has after opening.
        patience: Seconds a request waits for a free worker.

    Use it as a context manager, or call :meth:`close`.
    """

    def __init__(
        self,
        opener: Opener,
        arguments: tuple[Any, ...] = (),
        *,
        size: int = 2,
        deadline: float = 10.0,
        memory: int = 1_000_000_000,
        patience: float = 30.0,
    ) -> None:
        self._start = (opener, arguments, memory)
        self._deadline = deadline
        self._patience = patience
        # Spawned, never forked: the parent has threads, and a fork of it might wait for a lock for ever.
        self._context = multiprocessing.get_context("spawn")
        # The kernel takes the end of the thread that started a process for the end of its parent, so every worker is
        # started by one thread that lives as long as the pool.
        self._nursery = ThreadPoolExecutor(max_workers=1, thread_name_prefix="nursery")
        self._free: deque[_Worker] = deque()
        self._all: set[_Worker] = set()
        self._changed = threading.Condition()
        self._closed = False
        for _ in range(size):
            self._add()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def size(self) -> int:
        """Workers alive."""
        return len(self._all)

    def call(self, request: Any, deadline: float | None = None) -> Any:
        """Answer a request in a worker.

        Raises:
            QueryTimeout: the deadline passed; the worker was killed.
            WorkersBusy: no worker was free in time.
            WorkerError: the worker died, most likely for want of memory.
            IntegGraphError: whatever the handler raised.
        """
        worker = self._take()
        while not worker.alive:  # it died while it was idle: nobody's query is lost
            self._give_back(worker, healthy=False)
            worker = self._take()
        healthy = False
        try:
            answer = worker.call(request, self._deadline if deadline is None else deadline)
            healthy = True
        finally:
            self._give_back(worker, healthy)
        if isinstance(answer, _Failure):
            raise answer.error()
        return answer

    def close(self) -> None:
        """Stop all workers."""
        with self._changed:
            self._closed = True
            workers, self._all = self._all, set()
            self._free.clear()
            self._changed.notify_all()
        for worker in workers:
            worker.stop()
        self._nursery.shutdown()

    def _add(self) -> None:
        worker = self._nursery.submit(_Worker, self._context, *self._start).result()
        self._all.add(worker)
        self._free.append(worker)

    def _take(self) -> _Worker:
        end = time.monotonic() + self._patience
        with self._changed:
            while not self._free:
                left = end - time.monotonic()
                if self._closed or left <= 0:
                    raise WorkersBusy("All workers are busy. Try again in a moment.")
                self._changed.wait(left)
            return self._free.popleft()

    def _give_back(self, worker: _Worker, healthy: bool) -> None:
        # A worker that was killed, or whose answer may still be under way, never serves again.
        if not healthy:
            worker.stop()
        with self._changed:
            if self._closed:
                worker.stop()
                return
            if healthy:
                self._free.append(worker)
            else:
                self._all.discard(worker)
                self._add()
            self._changed.notify()


class _Worker:
    def __init__(self, context: Any, opener: Opener, arguments: tuple[Any, ...], memory: int) -> None:
        self._pipe, other = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(other, opener, arguments, memory, os.getpid()), daemon=True
        )
        self._process.start()
        other.close()

    def call(self, request: Any, deadline: float) -> Any:
        try:
            self._pipe.send(request)
            if not self._pipe.poll(deadline):
                raise QueryTimeout(f"The query took longer than {deadline:g} seconds and was stopped.")
            return self._pipe.recv()
        except (EOFError, OSError):
            raise WorkerError(
                "The query ended its worker, most likely because it needed too much memory. Ask for less."
            ) from None

    @property
    def alive(self) -> bool:
        return bool(self._process.is_alive())

    def stop(self) -> None:
        if self._process.is_alive():
            self._process.kill()
        self._process.join()
        self._pipe.close()


class _Failure:
    """An error on its way from a worker: its class by name, and its text."""

    def __init__(self, error: IntegGraphError) -> None:
        self._name, self._text = type(error).__name__, str(error)

    def error(self) -> IntegGraphError:
        kind = getattr(errors, self._name)
        made: IntegGraphError = kind(self._text)
        return made


def _serve(pipe: Connection, opener: Opener, arguments: tuple[Any, ...], memory: int, parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    die_with(parent)
    handler = opener(*arguments)
    _limit_memory(memory)
    while True:
        try:
            request = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer = handler(request)
        except IntegGraphError as error:
            answer = _Failure(error)
        except MemoryError:
            answer = _Failure(WorkerError("The query needed too much memory. Ask for less."))
        with contextlib.suppress(BrokenPipeError):
            pipe.send(answer)


def die_with(parent: int) -> None:
    """Called in a new process with its parent's id: the kernel ends it when its parent ends.

    Elsewhere than on Linux the closed pipe does it.

    Source: prctl(2), PR_SET_PDEATHSIG.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before the kernel knew
            os._exit(1)


def _limit_memory(memory: int) -> None:
    if sys.platform != "linux":
        return
    import resource

    with open("/proc/self/statm", encoding="ascii") as file:
        mapped = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (mapped + memory, mapped + memory))
