"""The workers of the reconciliation service: begun when somebody asks, ended with their release, and never in the way."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from integgraph.errors import QueryTimeout, QueryTooLarge, ReleaseError, WorkersBusy
from integgraph.web import reconciling
from integgraph.web.exchange import ClientGone
from integgraph.web.lanes import Rules
from integgraph.web.metrics import Metrics
from integgraph.web.reconciling import Reconciling
from integgraph.workers import Opener, Written

if TYPE_CHECKING:  # the zygotes of these tests import this module, and must get no threads
    from integgraph.build import Built
    from integgraph.release import Release

RULES = Rules(fast=2, slow=2, deadline=1.0, slice=0.1, patience=5.0)
RELEASE = cast("Release", SimpleNamespace(path=Path("/nowhere"), id="r1"))


_TIMES = {"large": 200_000, "huge": 1_000_000}


def opener(release: str) -> Callable[[Any], Any]:
    """What the workers of these tests serve."""

    def handler(request: Any) -> Written:
        kind, (value,) = request
        if kind == "sleep":
            time.sleep(value)
        return Written(kind, f"{kind} {value} {release}".encode() * _TIMES.get(kind, 1))

    return handler


def slow_opener(release: str) -> Callable[[Any], Any]:
    time.sleep(0.5)
    return opener(release)


def failing_opener(release: str) -> Callable[[Any], Any]:
    Path(release).mkdir(exist_ok=True)
    (Path(release) / str(time.monotonic_ns())).touch()  # so that a test may count how often it was tried
    raise ReleaseError("It is damaged.")


def run(test: Callable[[Reconciling], Awaitable[None]], opened: Opener = opener, release: Release = RELEASE) -> None:
    async def body() -> None:
        service = Reconciling(release, RULES, 200_000_000, Metrics(), 10_000_000, opened)
        try:
            await asyncio.wait_for(test(service), 30)
        finally:
            service.close()

    asyncio.run(body())


async def ask(
    service: Reconciling, *requests: tuple[str, Any], slow: Callable[..., None] = lambda give_up: None
) -> list[bytes]:
    return await service.ask([(kind, (value,)) for kind, value in requests], "a", known=False, slow=slow)


def test_nothing_begins_before_somebody_asks() -> None:
    async def test(service: Reconciling) -> None:
        assert not service.begun
        assert await ask(service, ("say", 1)) == [b"say 1 /nowhere"]
        assert service.begun and service.begin() is service.begin()

    run(test)


def test_answers_come_in_order_however_many_there_are() -> None:
    async def test(service: Reconciling) -> None:
        found = await ask(service, *(("say", number) for number in range(50)))
        assert [each.split()[1] for each in found] == [str(number).encode() for number in range(50)]
        (large, _) = await ask(service, ("large", 0), ("say", 1))
        assert len(large) == 200_000 * len(b"large 0 /nowhere")
        assert await ask(service) == []

    run(test)


def test_what_takes_too_long_is_stopped_and_the_next_one_is_answered() -> None:
    async def test(service: Reconciling) -> None:
        with pytest.raises(QueryTimeout):
            await ask(service, ("say", 1), ("sleep", 60), ("say", 2))
        assert await ask(service, ("say", 3))

    run(test)


def test_what_nobody_waits_for_is_given_up() -> None:
    async def test(service: Reconciling) -> None:
        told = []

        def leave(give_up: Callable[[], None]) -> None:
            told.append(give_up)
            give_up()

        with pytest.raises(ClientGone):
            await ask(service, ("sleep", 0.9), ("sleep", 0.9), slow=leave)
        assert len(told) == 1
        assert await ask(service, ("say", 3))

    run(test)


def test_a_release_that_cannot_be_read_is_not_tried_at_every_request(tmp_path: Path) -> None:
    release = cast("Release", SimpleNamespace(path=tmp_path / "tried", id="r1"))

    async def test(service: Reconciling) -> None:
        for _ in range(3):
            with pytest.raises(ReleaseError, match="damaged"):
                await ask(service, ("say", 1))
            await asyncio.sleep(0)
        assert len(list((tmp_path / "tried").iterdir())) == 1

    run(test, failing_opener, release)


def test_what_takes_long_to_read_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciling, "_PATIENCE", 0.05)

    async def test(service: Reconciling) -> None:
        with pytest.raises(WorkersBusy, match="being read"):
            await ask(service, ("say", 1))
        await service.begin()  # it went on all the same
        assert await ask(service, ("say", 1))

    run(test, slow_opener)


def test_it_ends_while_it_begins() -> None:
    async def test(service: Reconciling) -> None:
        beginning = service.begin()
        await asyncio.sleep(0.1)
        service.close()
        with pytest.raises(WorkersBusy, match="closed"):
            await beginning
        with pytest.raises(WorkersBusy, match="closed"):
            await ask(service, ("say", 1))

    run(test, slow_opener)


def test_a_zygote_that_died_is_replaced() -> None:
    async def test(service: Reconciling) -> None:
        await ask(service, ("say", 1))
        zygote = service._zygote
        assert zygote is not None and zygote.pid is not None
        os.kill(zygote.pid, signal.SIGKILL)
        while zygote.alive:
            await asyncio.sleep(0.01)
        assert await ask(service, ("say", 2))
        assert service._zygote is not zygote

    run(test)


def test_the_names_of_a_damaged_release_are_not_served(golden: Built, tmp_path: Path) -> None:
    release = replace(golden.release, path=tmp_path)

    async def test(service: Reconciling) -> None:
        with pytest.raises(ReleaseError):
            await ask(service, ("view", "actor/a"))

    run(test, reconciling.open_worker, release)


def test_an_answer_that_is_too_large_is_refused() -> None:
    async def test(service: Reconciling) -> None:
        with pytest.raises(QueryTooLarge, match="10,000,000 bytes"):
            await ask(service, ("huge", 0), ("say", 1))
        assert await ask(service, ("say", 2))

    run(test)
