"""Two lanes of workers, so that long queries do not keep short ones waiting.

Every query begins in the fast lane. One that is not done after some 150 ms moves, with its worker, to the slow lane: it
gets the processor only when nobody else wants it, and a fresh worker takes its place in the fast lane. The slow lane
has few places; when they are taken, the query that would need one more is refused. A query past its deadline is killed
with its worker.

Queries wait for a worker of the fast lane in one queue a client, and the clients take turns.

Everything here belongs to one event loop and is called from it; only starting a worker waits, in a thread of its own.
"""

from __future__ import annotations

import asyncio
import pickle
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from integgraph.errors import (
    IntegGraphError,
    LimitReached,
    QueryTimeout,
    QueryTooLarge,
    WorkerError,
    WorkersBusy,
)
from integgraph.web.metrics import Metrics, Workers
from integgraph.workers import DATA, DIED, END, FAILURE, HEAD, VALUE, WHOLE, Worker, Zygote, error_of, frame, frames

Lane = Literal["fast", "slow"]

_TICK = 0.025  # seconds between two looks at what is under way
_SPARES = 2  # workers that stand ready to take a place
_HELD = 1 << 20  # bytes of an answer that are held here before its worker has to wait
_FETCH = 60.0  # seconds in which an answer that is finished must be fetched
_FETCHING = 32  # places of answers that are finished and being fetched, beside those of the slow lane
_USES = 20_000  # queries after which a worker is replaced, and with it whatever its allocator does not give back
_BLOCK = 1 << 18
_DEPTH = 4  # queries that a worker has been given at most: the one it is at, and the next ones
_SOON = 0.005  # seconds after which nothing more is put behind a query
_AGAIN = 0.5  # seconds until a worker that could not be started is tried again

_FULL = "There are too many long queries under way. Try again in a moment, or ask for less."


@dataclass(frozen=True, slots=True)
class Rules:
    """How the lanes work; times in seconds.

    Attributes:
        fast: Workers for queries that are done soon.
        slow: Places for queries that are not.
        deadline: When a query is stopped.
        slice: After this a query belongs to the slow lane.
        waiting: Queries that may wait for a worker.
        share: How many of them may be of one client.
        patience: How long one waits.
    """

    fast: int = 2
    slow: int = 4
    deadline: float = 10.0
    slice: float = 0.15
    waiting: int = 256
    share: int = 64
    patience: float = 10.0


class Job:
    """A query on its way. Await :attr:`answer`, then read :meth:`chunks` unless the content is there already.

    Attributes:
        answer: Becomes what the worker says of the answer, and its content, or ``None`` where that comes in chunks; or
            fails with what went wrong.
        client: Who asked.
        lane: Where it is, or ended.
        seconds: How long a worker was at it, once it has ended.
        on_slow: Called once when it takes long, so that whoever waits may look whether the client is still there.
    """

    def __init__(self, lanes: Lanes, request: bytes, client: str) -> None:
        self.answer: asyncio.Future[tuple[Any, bytes | None]] = lanes.loop.create_future()
        self.client = client
        self.lane: Lane = "fast"
        self.seconds = 0.0
        self.on_slow: Callable[[], None] | None = None
        self._lanes = lanes
        self._request = request
        self._since = lanes.loop.time()
        self._place: _Place | None = None
        self._head: Any = None
        self._held: list[bytes] = []
        self._size = 0
        self._ended = False
        self._error: IntegGraphError | None = None
        self._again = False
        self._changed: asyncio.Event | None = None

    async def chunks(self) -> AsyncIterator[bytes]:
        """The content, as it comes.

        Raises:
            IntegGraphError: it breaks off; what came before is not the whole answer.
        """
        while True:
            if self._held:
                chunk = b"".join(self._held)
                self._held.clear()
                self._size = 0
                if self._place is not None:
                    self._place.resume()
                yield chunk
            elif self._ended:
                if self._error is not None:
                    raise self._error
                return
            else:
                self._changed = asyncio.Event()
                await self._changed.wait()

    def cancel(self) -> None:
        """Nobody waits for it any more: it leaves the queue, or its worker is killed."""
        self._lanes.drop(self)

    def _slow_now(self) -> None:
        if self.on_slow is not None:
            called, self.on_slow = self.on_slow, None
            called()

    def _end(self, error: IntegGraphError | None) -> None:
        self._ended, self._error, self._place = True, error, None
        if not self.answer.done():
            if error is not None:
                self.answer.set_exception(error)
            else:
                self.answer.set_result((self._head, self._held[0] if len(self._held) == 1 else b"".join(self._held)))
                self._held.clear()
        if self._changed is not None:
            self._changed.set()


@lru_cache(maxsize=256)
def _head(content: bytes) -> Any:
    return pickle.loads(content)  # noqa: S301 - from a process of ours


class _Place:
    """A worker, the query it is at, and those that it has been given already: it never waits for the next one."""

    __slots__ = (
        "_flushing", "_lanes", "_outgoing", "_paused", "_received", "_writing", "fetching", "jobs", "since", "slow",
        "uses", "worker",
    )  # fmt: skip

    def __init__(self, lanes: Lanes, worker: Worker) -> None:
        self._lanes = lanes
        self._received = bytearray()
        self._outgoing = bytearray()
        self._flushing = self._writing = self._paused = False
        self.worker = worker
        self.jobs: deque[Job] = deque()
        self.since = 0.0
        self.fetching = False
        self.slow = False
        self.uses = 0
        worker.socket.setblocking(False)
        lanes.loop.add_reader(worker.socket.fileno(), self._read)

    def takes(self, now: float) -> bool:
        """Whether it may be given one more: not behind a query that has taken some time already."""
        jobs = self.jobs
        return not jobs or (len(jobs) < _DEPTH and now - self.since < _SOON and not self.slow)

    def give(self, job: Job) -> None:
        if not self.jobs:
            self.since = self._lanes.loop.time()
            self.fetching = False
        self.jobs.append(job)
        job._place = self
        self.uses += 1
        self._outgoing += frame(VALUE, job._request)
        if not self._flushing:
            # What comes in together goes out together.
            self._flushing = True
            self._lanes.loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        if not self.worker.pid or not self._outgoing:
            return
        try:
            sent = self.worker.socket.send(self._outgoing)
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError:  # it died
            self._lanes.lost(self)
            return
        del self._outgoing[:sent]
        if bool(self._outgoing) is not self._writing:
            self._writing = not self._writing
            if self._writing:
                self._lanes.loop.add_writer(self.worker.socket.fileno(), self._flush)
            else:
                self._lanes.loop.remove_writer(self.worker.socket.fileno())

    def _read(self) -> None:
        try:
            block = self.worker.socket.recv(_BLOCK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            block = b""
        if not block:
            self._lanes.lost(self)
            return
        self._received += block
        for kind, content in frames(self._received):
            if not self.jobs:
                return
            job = self.jobs[0]
            if kind == WHOLE:
                start = 2 + int.from_bytes(content[:2], "big")
                job._head = _head(content[2:start])
                job._held.append(content[start:])
                self._lanes.done(self, None)
            elif kind == DATA:
                job._held.append(content)
                job._size += len(content)
            elif kind == HEAD:
                job._head = _head(content)
            elif kind == END:
                self._lanes.done(self, None)
            elif kind == FAILURE:
                self._lanes.done(self, error_of(content))
            if not self.worker.pid:  # it was stopped with that answer
                return
        if self.jobs and self.jobs[0]._head is not None:
            self._pass_on(self.jobs[0])

    def _pass_on(self, job: Job) -> None:
        """A part of the answer is here, and more will come."""
        if not job.answer.done():
            if self._lanes.is_finished(job._head):  # its worker is done, and the rest is the network's
                self.fetching = True
                self.since = self._lanes.loop.time()
            job.answer.set_result((job._head, None))
        if job._size > _HELD and not self._paused:
            self._paused = True
            self._lanes.loop.remove_reader(self.worker.socket.fileno())
        if job._changed is not None:
            job._changed.set()

    def resume(self) -> None:
        if self._paused and self.worker.pid:
            self._paused = False
            self._lanes.loop.add_reader(self.worker.socket.fileno(), self._read)

    def stop(self) -> None:
        if self.worker.pid:
            self._lanes.loop.remove_reader(self.worker.socket.fileno())
            self._lanes.loop.remove_writer(self.worker.socket.fileno())
            self.worker.stop()


class Lanes:
    """The workers of one release, in two lanes.

    Args:
        zygote: Starts the workers; it stays open when the lanes are closed.
        rules: How they work.
        metrics: Counts what happens.
        is_finished: Tells from what a worker says of an answer whether all of it has been made.
    """

    def __init__(self, zygote: Zygote, rules: Rules, metrics: Metrics, is_finished: Callable[[Any], bool]) -> None:
        self.loop = asyncio.get_running_loop()
        self.rules = rules
        self.is_finished = is_finished
        self._zygote = zygote
        self._metrics = metrics
        self._nursery = ThreadPoolExecutor(max_workers=1, thread_name_prefix="lanes")
        self._fast: set[_Place] = set()
        self._slow: set[_Place] = set()
        self._spares: deque[Worker] = deque()
        self._queues: OrderedDict[str, deque[Job]] = OrderedDict()
        self._waiting = 0
        self._ticking = False
        self._filling = False
        self._closed = False

    async def start(self) -> None:
        """Start the workers of the fast lane.

        Raises:
            WorkerError: none can be started.
        """
        for _ in range(self.rules.fast):
            self._spares.append(await self.loop.run_in_executor(self._nursery, self._zygote.fork))
        self._settle()

    def submit(self, request: bytes, client: str, *, known: bool = False) -> Job:
        """Give a query to a worker, now or when one is free.

        Args:
            request: What the worker's handler takes, pickled.
            client: Who asks; clients take turns.
            known: A client that may use more than its share.

        Raises:
            LimitReached: the client has too many queries waiting.
            WorkersBusy: too many queries are waiting, or the lanes are closed.
        """
        if self._closed:
            raise WorkersBusy("The server is stopping.")
        job = Job(self, request, client)
        place = None if self._waiting else self._next_place()
        if place is not None:
            place.give(job)
        else:
            self._queue(job, known)
        if not self._ticking:
            self._ticking = True
            self.loop.call_later(_TICK, self._tick)
        return job

    def _queue(self, job: Job, known: bool) -> None:
        queue = self._queues.get(job.client)
        if self._waiting >= self.rules.waiting:
            self._metrics.refused("waiting")
            raise WorkersBusy("Too many queries are waiting. Try again in a moment.")
        if queue is not None and len(queue) >= self.rules.share and not known:
            self._metrics.refused("client")
            raise LimitReached(
                f"You have {len(queue)} queries waiting already. Send the next one when they are answered."
            )
        self._queues.setdefault(job.client, deque()).append(job)
        self._waiting += 1
        self._serve()

    def _next_place(self) -> _Place | None:
        """The worker that has least to do, if it takes one more."""
        now = self.loop.time()
        best: _Place | None = None
        for place in self._fast:
            if place.takes(now) and (best is None or len(place.jobs) < len(best.jobs)):
                best = place
        return best

    def _serve(self) -> None:
        """Give queries that wait to workers that take them; the clients take turns."""
        while self._queues:
            place = self._next_place()
            if place is None:
                return
            client, queue = self._queues.popitem(last=False)
            job = queue.popleft()
            self._waiting -= 1
            if queue:
                self._queues[client] = queue  # at the end: the others have their turn first
            place.give(job)

    def drop(self, job: Job) -> None:
        """Forget a query that nobody waits for."""
        if job._ended:
            return
        place = job._place
        if place is not None and place.jobs[0] is job:
            self._kill(place, WorkerError("The client went away."), "cancelled")
            return
        if place is not None:  # its worker has it already, and will be done with it some time
            job.answer.cancel()
            return
        queue = self._queues.get(job.client)
        if queue is not None and job in queue:
            queue.remove(job)
            self._waiting -= 1
            if not queue:
                del self._queues[job.client]
        job.answer.cancel()
        job._end(None)

    # -- what happens to a worker

    def done(self, place: _Place, error: IntegGraphError | None) -> None:
        """Its query has ended; the worker goes on, unless it was slow or has served long."""
        self._end_job(place, error)
        if place.slow or place.uses >= _USES or isinstance(error, WorkerError):
            if isinstance(error, WorkerError):
                self._metrics.worker_ended("memory")
            self._remove(place)
        elif self._waiting:
            self._serve()

    def lost(self, place: _Place) -> None:
        """It ended by itself."""
        self._metrics.worker_ended("memory" if place.jobs else "died")
        if place.jobs:
            job = place.jobs[0]
            if job._head is None and not job._again and self.loop.time() - place.since < _TICK:
                job._again = True  # the worker may have been dead before, which is nobody's fault: once more, once
            else:
                self._end_job(place, WorkerError(DIED))
        self._remove(place)

    def _kill(self, place: _Place, error: IntegGraphError, reason: str) -> None:
        self._metrics.worker_ended(reason)
        if reason == "cancelled":
            place.jobs[0].answer.cancel()
        self._end_job(place, error, reason)
        self._remove(place)

    def _end_job(self, place: _Place, error: IntegGraphError | None, reason: str = "") -> None:
        job = place.jobs.popleft()
        now = self.loop.time()
        job.seconds = now - place.since
        place.since, place.fetching = now, False
        job._end(error)
        self._metrics.query(job.lane, reason if reason == "cancelled" else _outcome(error), job.seconds)

    def _remove(self, place: _Place) -> None:
        self._take_back(place)
        place.stop()
        self._fast.discard(place)
        self._slow.discard(place)
        self._settle()

    def _take_back(self, place: _Place, keep: int = 0) -> None:
        """Queries that its worker has not begun go back to the head of their queues."""
        while len(place.jobs) > keep:
            job = place.jobs.pop()
            job._place = None
            if job.answer.cancelled():
                job._end(None)
                continue
            self._queues.setdefault(job.client, deque()).appendleft(job)
            self._waiting += 1

    def _settle(self) -> None:
        """Fill the fast lane from the workers that stand ready, and start others in their place."""
        if self._closed:
            return
        while self._spares and len(self._fast) < self.rules.fast:
            self._fast.add(_Place(self, self._spares.popleft()))
        self._serve()
        if len(self._spares) < _SPARES and not self._filling:
            self._filling = True
            self.loop.run_in_executor(self._nursery, self._zygote.fork).add_done_callback(self._filled)

    def _filled(self, made: asyncio.Future[Worker]) -> None:
        self._filling = False
        if made.cancelled():
            return
        error = made.exception()
        if error is None:
            if self._closed:
                made.result().stop()
                return
            self._spares.append(made.result())
            self._settle()
        elif not self._closed:
            self.loop.call_later(_AGAIN, self._settle)

    # -- time

    def _tick(self) -> None:
        self._ticking = False
        if self._closed:
            return
        now = self.loop.time()
        for place in [*self._fast, *self._slow]:
            if place.jobs:
                self._look(place, now - place.since)
        self._look_at_queues(now)
        if self._waiting or self._slow or any(place.jobs for place in self._fast):
            self._ticking = True
            self.loop.call_later(_TICK, self._tick)

    def _look(self, place: _Place, seconds: float) -> None:
        limit = _FETCH if place.fetching else self.rules.deadline
        if seconds >= limit:
            text = f"The query took longer than {limit:g} seconds and was stopped. Ask for less."
            if place.fetching:
                text = f"The answer was not fetched within {limit:g} seconds."
            self._kill(place, QueryTimeout(text), "deadline")
        elif seconds >= self.rules.slice and not place.slow:
            self._move(place)

    def _move(self, place: _Place) -> None:
        """To the slow lane."""
        queries = sum(not each.fetching for each in self._slow)
        if queries >= self.rules.slow if not place.fetching else len(self._slow) - queries >= _FETCHING:
            self._metrics.refused("waiting")
            self._kill(place, WorkersBusy(_FULL), "busy")
            return
        place.slow = True
        place.worker.yield_to_others()
        self._take_back(place, keep=1)
        self._fast.discard(place)
        self._slow.add(place)
        place.jobs[0].lane = "slow"
        place.jobs[0]._slow_now()
        self._settle()

    def _look_at_queues(self, now: float) -> None:
        for job in [job for queue in self._queues.values() for job in queue]:
            if now - job._since >= self.rules.patience:
                job.answer.set_exception(WorkersBusy("All workers are busy. Try again in a moment."))
                self.drop(job)
            elif now - job._since >= self.rules.slice:
                job._slow_now()

    # -- all of them

    def workers(self) -> Workers:
        """How they are at this moment."""
        alive: dict[str, int] = {"fast": len(self._fast), "slow": len(self._slow)}
        busy = {"fast": sum(bool(place.jobs) for place in self._fast), "slow": len(self._slow)}
        return Workers(alive, busy, self._waiting)

    def _jobs(self) -> Iterator[Job]:
        for place in [*self._fast, *self._slow]:
            yield from place.jobs
        for queue in self._queues.values():
            yield from queue

    def close(self) -> None:
        """Stop all workers; what is under way fails."""
        self._closed = True
        for job in list(self._jobs()):
            job._end(WorkersBusy("The server is stopping."))
        self._queues.clear()
        for place in [*self._fast, *self._slow]:
            place.stop()
        for worker in self._spares:
            worker.stop()
        self._fast.clear()
        self._slow.clear()
        self._nursery.shutdown(wait=False)


def _outcome(error: IntegGraphError | None) -> str:
    if error is None:
        return "answered"
    for kind, outcome in (
        (QueryTimeout, "deadline"),
        (WorkersBusy, "busy"),
        (WorkerError, "memory"),
        (QueryTooLarge, "size"),
    ):
        if isinstance(error, kind):
            return outcome
    return "refused"
