"""Two lanes of workers: long queries move aside, clients take turns, nothing that breaks takes a neighbour with it."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from integgraph.errors import LimitReached, QueryRefused, QueryTimeout, WorkerError, WorkersBusy
from integgraph.web.lanes import Job, Lanes, Rules
from integgraph.web.metrics import Metrics
from integgraph.workers import Sink, Written, Zygote

pytestmark = pytest.mark.alone  # slices of a tenth of a second are measured here
RULES = Rules(fast=2, slow=1, deadline=1.0, slice=0.1, waiting=8, share=6, patience=0.6)


def opener() -> Callable[[Any], Any]:
    """What the workers of these tests serve: an answer that says which process made it."""

    def handler(request: Any) -> Written:
        kind, value = request
        if kind == "sleep":
            time.sleep(value)
        elif kind == "fail":
            raise QueryRefused(value)
        elif kind == "grow":
            bytearray(value)
        elif kind == "die":
            os._exit(1)
        elif kind == "large":
            return Written(("large", value), b"x" * value)
        elif kind == "stream":

            def write(sink: Sink) -> None:
                for _ in range(value):
                    sink.write(b"y" * 100_000)
                if value > 20:
                    raise QueryRefused("in the middle")

            return Written(("stream", None), write)
        return Written(("whole", os.getpid()), str(value).encode())

    return handler


def is_finished(head: tuple[str, Any]) -> bool:
    return head[1] is not None


@asynccontextmanager
async def lanes_of(**changes: Any) -> AsyncIterator[tuple[Lanes, Metrics]]:
    zygote = await asyncio.to_thread(lambda: Zygote(opener, memory=200_000_000, shared=True))
    metrics = Metrics()
    lanes = Lanes(zygote, replace(RULES, **changes), metrics, is_finished)
    try:
        await lanes.start()
        yield lanes, metrics
    finally:
        lanes.close()
        zygote.close()


def run(test: Callable[[Lanes, Metrics], Awaitable[None]], **changes: Any) -> None:
    async def body() -> None:
        async with lanes_of(**changes) as (lanes, metrics):
            await asyncio.wait_for(test(lanes, metrics), 30)

    asyncio.run(body())


def ask(lanes: Lanes, kind: str, value: Any = 0, client: str = "a", **more: Any) -> Job:
    return lanes.submit(pickle.dumps((kind, value)), client, **more)


def test_answers_come_back_to_those_who_asked() -> None:
    async def test(lanes: Lanes, metrics: Metrics) -> None:
        jobs = [ask(lanes, "say", number) for number in range(6)]
        answers = [await job.answer for job in jobs]
        assert [body for _, body in answers] == [b"0", b"1", b"2", b"3", b"4", b"5"]
        assert {job.lane for job in jobs} == {"fast"}
        assert 'outcome="answered"' in metrics.exposition().decode()

    run(test)


def test_a_long_query_moves_aside_and_others_go_on() -> None:
    async def test(lanes: Lanes, metrics: Metrics) -> None:
        long = ask(lanes, "sleep", 0.6)
        await asyncio.sleep(0.2)
        assert long.lane == "slow"
        (_, own), _ = await ask(lanes, "say").answer
        assert lanes.workers().alive == {"fast": 2, "slow": 1}
        (_, pid), body = await long.answer
        assert body == b"0.6" and pid != own
        await asyncio.sleep(0.05)
        assert lanes.workers().alive["slow"] == 0, "its worker does not come back"

    run(test)


def test_a_query_behind_a_long_one_is_given_to_another_worker() -> None:
    async def test(lanes: Lanes, metrics: Metrics) -> None:
        jobs = [ask(lanes, "sleep", 0.5), *(ask(lanes, "say", number) for number in range(3))]
        begun = time.monotonic()
        assert [(await job.answer)[1] for job in jobs[1:]] == [b"0", b"1", b"2"]
        assert time.monotonic() - begun < 0.4
        assert (await jobs[0].answer)[1] == b"0.5"

    run(test, fast=1)


def test_a_runaway_is_stopped_at_its_deadline() -> None:
    async def test(lanes: Lanes, metrics: Metrics) -> None:
        begun = time.monotonic()
        with pytest.raises(QueryTimeout, match="longer than 1 seconds"):
            await ask(lanes, "sleep", 60).answer
        assert time.monotonic() - begun < 2
        assert (await ask(lanes, "say").answer)[1] == b"0"
        text = metrics.exposition().decode()
        assert 'integgraph_workers_ended_total{reason="deadline"} 1.0' in text

    run(test)


def test_a_full_slow_lane_refuses_and_says_so() -> None:
    async def test(lanes: Lanes, metrics: Metrics) -> None:
        first = ask(lanes, "sleep", 0.8)
        await asyncio.sleep(0.2)
        with pytest.raises(WorkersBusy, match="too many long queries"):
            await ask(lanes, "sleep", 0.8).answer
        assert (await first.answer)[1] == b"0.8"

    run(test)


def test_clients_take_turns() -> None:
    async def test(lanes: Lanes, metrics: Metrics) -> None:
        ask(lanes, "sleep", 0.09, "greedy")
        await asyncio.sleep(0.02)
        order: list[str] = []
        jobs = [ask(lanes, "sleep", 0.02, "greedy") for _ in range(5)] + [ask(lanes, "say", 1, "modest")]
        for job in jobs:
            job.answer.add_done_callback(lambda _, client=job.client: order.append(client))  # type: ignore[misc]
        await asyncio.gather(*(job.answer for job in jobs))
        assert "modest" in order[:4]

    run(test, fast=1)


def test_nobody_waits_for_more_than_its_share_and_all_not_without_end() -> None:
    async def test(lanes: Lanes, metrics: Metrics) -> None:
        ask(lanes, "sleep", 0.09)
        await asyncio.sleep(0.02)
        jobs = [ask(lanes, "say", number) for number in range(6)]
        with pytest.raises(LimitReached, match="6 queries waiting"):
            ask(lanes, "say")
        jobs += [ask(lanes, "say", known=True), ask(lanes, "say", client="b")]
        with pytest.raises(WorkersBusy, match="Too many queries are waiting"):
            ask(lanes, "say", client="c")
        await asyncio.gather(*(job.answer for job in jobs))

    run(test, fast=1)


def test_who_waits_too_long_is_told() -> None:
    async def test(lanes: Lanes, metrics: Metrics) -> None:
        ask(lanes, "sleep", 0.9)
        await asyncio.sleep(0.02)
        with pytest.raises(WorkersBusy, match="All workers are busy"):
            await ask(lanes, "say").answer

    run(test, fast=1, slice=5.0)


def test_a_failure_is_the_querys_and_the_worker_goes_on() -> None:
    async def test(lanes: Lanes, metrics: Metrics) -> None:
        (_, before), _ = await ask(lanes, "say").answer
        with pytest.raises(QueryRefused, match="not here"):
            await ask(lanes, "fail", "not here").answer
        (_, after), _ = await ask(lanes, "say").answer
        assert after == before

    run(test, fast=1)


@pytest.mark.parametrize("kind", ["grow", "die"])
def test_a_worker_that_ends_takes_no_neighbour_with_it(kind: str) -> None:
    async def test(lanes: Lanes, metrics: Metrics) -> None:
        jobs = [ask(lanes, kind, 10**10), *(ask(lanes, "say", number) for number in range(3))]
        with pytest.raises(WorkerError, match="memory"):
            await jobs[0].answer
        assert [(await job.answer)[1] for job in jobs[1:]] == [b"0", b"1", b"2"]
        assert lanes.workers().alive["fast"] == 1

    run(test, fast=1)


def test_a_worker_that_died_while_idle_costs_no_query() -> None:
    async def test(lanes: Lanes, metrics: Metrics) -> None:
        (_, pid), _ = await ask(lanes, "say").answer
        os.kill(pid, signal.SIGKILL)
        assert (await ask(lanes, "say", 7).answer)[1] == b"7"

    run(test, fast=1)


def test_a_large_answer_comes_in_parts_with_its_size_known() -> None:
    async def test(lanes: Lanes, metrics: Metrics) -> None:
        job = ask(lanes, "large", 5_000_000)
        head, body = await job.answer
        assert head == ("large", 5_000_000) and body is None
        await asyncio.sleep(0.2)  # a slow client: its worker waits, and the memory here does not grow
        assert job._size < 2_000_000
        assert sum([len(chunk) async for chunk in job.chunks()]) == 5_000_000

    run(test)


def test_a_stream_that_breaks_off_is_an_error_at_its_end() -> None:
    async def test(lanes: Lanes, metrics: Metrics) -> None:
        job = ask(lanes, "stream", 30)
        assert (await job.answer) == (("stream", None), None)
        seen = 0
        with pytest.raises(QueryRefused, match="in the middle"):
            async for chunk in job.chunks():
                seen += len(chunk)
        assert seen == 3_000_000
        job = ask(lanes, "stream", 20)
        await job.answer
        assert sum([len(chunk) async for chunk in job.chunks()]) == 2_000_000

    run(test)


def test_what_nobody_waits_for_is_ended() -> None:
    async def test(lanes: Lanes, metrics: Metrics) -> None:
        running, behind = ask(lanes, "sleep", 60), ask(lanes, "say")
        called: list[Job] = []
        running.on_slow = lambda: called.append(running)
        await asyncio.sleep(0.2)
        assert called == [running]
        waiting = ask(lanes, "say")
        running.cancel()
        waiting.cancel()
        await behind.answer
        with pytest.raises(asyncio.CancelledError):
            await running.answer
        await asyncio.sleep(0.1)
        assert lanes.workers().alive["slow"] == 0
        assert 'integgraph_workers_ended_total{reason="cancelled"} 2.0' in metrics.exposition().decode()

    run(test, fast=1)


def test_closing_tells_those_who_wait() -> None:
    async def test(lanes: Lanes, metrics: Metrics) -> None:
        jobs = [ask(lanes, "sleep", 60), ask(lanes, "sleep", 60), ask(lanes, "sleep", 60)]
        lanes.close()
        for job in jobs:
            with pytest.raises(WorkersBusy, match="stopping"):
                await job.answer
        with pytest.raises(WorkersBusy):
            ask(lanes, "say")

    run(test)
