"""The workers of the reconciliation service: a zygote and lanes of their own, begun when somebody first asks.

The index of names is made once, in the zygote, and shared by the workers that it forks. A server that nobody asks
spends nothing on it. A batch is cut into parts, so that a long one keeps nobody waiting and several workers share it.
"""

from __future__ import annotations

import asyncio
import pickle
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from integgraph.errors import IntegGraphError, QueryTooLarge, ReleaseError, WorkerError, WorkersBusy
from integgraph.reconciliation.worker import open_worker
from integgraph.release import Release
from integgraph.web.exchange import ClientGone
from integgraph.web.lanes import Job, Lanes, Rules
from integgraph.web.logs import log_event
from integgraph.web.metrics import Metrics
from integgraph.workers import Opener, Zygote

_PATIENCE = 20.0  # seconds that a request waits until the names are read
_AGAIN = 30.0  # seconds until a release whose names could not be read is tried again
_AT_ONCE = 4  # parts of one batch that are given to workers or wait for one
_CLOSING = "This release is being closed. Try again."


class Reconciling:
    """Workers that match names with those of one release. Belongs to one event loop.

    Args:
        release: The release.
        rules: How the lanes work.
        memory: Bytes that a worker may use above what the release needs.
        metrics: Counts what happens.
        most: Bytes of the largest answer.
        opener: Opens what a worker serves, given the directory of the release.
    """

    what = "The names of the release"
    """What is read first, as it begins a sentence."""

    def __init__(
        self,
        release: Release,
        rules: Rules,
        memory: int,
        metrics: Metrics,
        most: int = 50_000_000,
        opener: Opener = open_worker,
    ) -> None:
        self._release = release
        self._rules = rules
        self._memory = memory
        self._metrics = metrics
        self._most = most
        self._opener = opener
        self._zygote: Zygote | None = None
        self._lanes: Lanes | None = None
        self._beginning: asyncio.Task[Lanes] | None = None
        self._failed: tuple[float, IntegGraphError] | None = None
        self._closing = threading.Lock()
        self._closed = False

    @property
    def begun(self) -> bool:
        """Whether somebody has asked."""
        return self._beginning is not None

    def begin(self) -> asyncio.Task[Lanes]:
        """Read the names, unless that is done or under way.

        Raises:
            IntegGraphError: they could not be read a moment ago.
        """
        if self._closed:
            raise WorkersBusy(_CLOSING)
        if self._failed is not None and time.monotonic() - self._failed[0] < _AGAIN:
            raise type(self._failed[1])(str(self._failed[1]))
        if self._zygote is not None and not self._zygote.alive:
            self._end()
        if self._beginning is None:
            self._beginning = asyncio.get_running_loop().create_task(self._open())
            self._beginning.add_done_callback(self._note)
        return self._beginning

    def _note(self, task: asyncio.Task[Lanes]) -> None:
        error = None if task.cancelled() else task.exception()  # looked at here: it may be that nobody waits for it
        if error is None or self._closed:
            return
        self._beginning = None
        if isinstance(error, IntegGraphError):
            self._failed = (time.monotonic(), error)
            log_event(f"{self.what[:1].lower()}{self.what[1:]} cannot be read", "error", release=self._release.id)

    async def _open(self) -> Lanes:
        started = time.monotonic()
        zygote = await asyncio.to_thread(self._start)
        lanes = Lanes(zygote, self._rules, self._metrics, lambda head: True)
        try:
            await lanes.start()
        except BaseException:
            zygote.close()
            raise
        if self._closed:
            lanes.close()
            raise WorkersBusy(_CLOSING)
        self._lanes, self._failed = lanes, None
        log_event(type(self).__name__.lower(), release=self._release.id, seconds=round(time.monotonic() - started, 1))
        return lanes

    def _start(self) -> Zygote:
        try:
            zygote = Zygote(self._opener, (str(self._release.path),), memory=self._memory, shared=True)
        except WorkerError as error:
            raise ReleaseError(f"{self.what} {self._release.id} cannot be read: {error}") from None
        with self._closing:
            if not self._closed:
                self._zygote = zygote
                return zygote
        zygote.close()
        raise WorkersBusy(_CLOSING)

    async def ask(
        self,
        requests: Sequence[Any],
        client: str,
        *,
        known: bool,
        slow: Callable[[Callable[[], None]], None],
    ) -> list[bytes]:
        """Answer requests in workers, several at the same time.

        Args:
            requests: What the workers take: names of methods of :class:`integgraph.reconciliation.answers.Answers`,
                with their arguments.
            client: Who asks.
            known: No limits for this client.
            slow: Called once when they take long, with what gives them up.

        Returns:
            The answers as the workers write them, in the same order.

        Raises:
            IntegGraphError: what went wrong with one of them; the others are given up then.
            ClientGone: they were given up.
        """
        try:
            lanes = await asyncio.wait_for(asyncio.shield(self.begin()), _PATIENCE)
        except TimeoutError:
            raise WorkersBusy(f"{self.what} are being read. Try again in a moment.") from None
        jobs: list[Job] = []
        given_up = False

        def give_up() -> None:
            nonlocal given_up
            given_up = True
            for job in jobs:
                job.cancel()

        def tell() -> None:
            for job in jobs:
                job.on_slow = None
            slow(give_up)

        try:
            answers: list[bytes] = []
            for number, request in enumerate(requests):
                if number >= _AT_ONCE:
                    answers.append(await self._whole(jobs[number - _AT_ONCE]))
                job = lanes.submit(pickle.dumps(request), client, known=known)
                job.on_slow = tell
                jobs.append(job)
            return answers + [await self._whole(job) for job in jobs[len(answers) :]]
        except asyncio.CancelledError:
            if given_up:
                raise ClientGone from None
            raise
        finally:
            for job in jobs:
                job.cancel()  # does nothing to one that has ended
                if job.answer.done() and not job.answer.cancelled():
                    job.answer.exception()  # what went wrong with the others is nobody's business any more

    async def _whole(self, job: Job) -> bytes:
        _, body = await job.answer
        if body is not None:
            return body
        whole = bytearray()
        async for chunk in job.chunks():
            whole += chunk
            if len(whole) > self._most:
                raise QueryTooLarge(f"The answer is larger than {self._most:,} bytes. Ask for less at a time.")
        return bytes(whole)

    def _end(self) -> None:
        lanes, zygote = self._lanes, self._zygote
        self._lanes = self._zygote = self._beginning = None
        if lanes is not None:
            lanes.close()
        if zygote is not None:
            zygote.close()

    def close(self) -> None:
        """End the workers, those too that are just beginning."""
        with self._closing:
            self._closed = True
        self._end()
