"""The workers that make reports, with lanes of their own, begun when somebody first asks; and what they made before.

A release is read once, in the zygote, and shared by the workers that it forks. What was made is kept as bytes, up to a
bound, because a release never changes: the second reader of a comparison waits for nobody.
"""

from __future__ import annotations

import asyncio
import pickle
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from integgraph.analysis.reports.kept import Made, Wanted
from integgraph.analysis.worker import open_worker
from integgraph.release import Release
from integgraph.web.exchange import Exchange
from integgraph.web.lanes import Rules
from integgraph.web.metrics import Metrics
from integgraph.web.reconciling import Reconciling

_MOST_BYTES = 64_000_000  # of all answers that are kept
_LARGEST = 16_000_000  # of one answer
_DEADLINE = 30.0  # seconds; shuffling the lists of a large region takes its time
_SLICE = 3.0  # seconds until a report makes way for others
_WORKERS = 1  # of the fast lane


class Analysing(Reconciling):
    """Workers that make reports of one release, and the reports made. Belongs to one event loop.

    Args:
        release: The release.
        rules: How lanes work here; reports have their own deadline and number of workers.
        memory: Bytes that a worker may use above what the release needs.
        metrics: Counts what happens.
    """

    what = "The lists of the release"

    def __init__(self, release: Release, rules: Rules, memory: int, metrics: Metrics) -> None:
        own = replace(rules, fast=_WORKERS, slow=2, deadline=max(rules.deadline, _DEADLINE), slice=_SLICE)
        super().__init__(release, own, memory, metrics, _LARGEST, open_worker)
        self._kept: OrderedDict[Wanted, bytes] = OrderedDict()
        self._size = 0

    async def report(self, wanted: Wanted, exchange: Exchange, slow: Callable[[Callable[[], None]], None]) -> Made:
        """A report with what is behind it, made now or before.

        Args:
            wanted: Which one.
            exchange: Who asks.
            slow: Called once when it takes long, with what gives it up.

        Raises:
            NotFound: there is no such thing; similar ones are named.
            Unprocessable: it cannot be made of what is given.
            QueryTimeout: it took longer than its deadline.
            IntegGraphError: whatever else went wrong.
            ClientGone: it was given up.
        """
        found = self._kept.get(wanted)
        if found is None:
            (found,) = await self.ask([wanted], exchange.client, known=exchange.known, slow=slow)
            self._keep(wanted, found)
        else:
            self._kept.move_to_end(wanted)
        # In a thread: that of a continent takes as long as a page, and others wait for this one.
        made: Made = await asyncio.to_thread(pickle.loads, found)
        return made

    def _keep(self, wanted: Wanted, made: bytes) -> None:
        self._size += len(made) - len(self._kept.pop(wanted, b""))
        self._kept[wanted] = made
        while self._size > _MOST_BYTES:
            _, gone = self._kept.popitem(last=False)
            self._size -= len(gone)
