"""Queries in worker processes: the store as the web sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, Literal

import pyoxigraph as ox

from integgraph import nearby as _nearby  # noqa: F401 - there before workers are forked, so that none reads it anew
from integgraph.store import FORMATS, Answer, Bindings, Bounds, EmbeddedStore, Kind, P, Rows, Store, T
from integgraph.web import answering as _answering  # noqa: F401 - as nearby
from integgraph.web.protocol import Endpoint, Sent
from integgraph.workers import Handler, WorkerPool, isolated


@dataclass(frozen=True, slots=True)
class Request:
    """One call of a method of :class:`~integgraph.store.Store`, on its way to a worker; or whether it has a network."""

    method: Literal["select", "construct", "ask", "answer", "isolated"]
    query: str
    bindings: Bindings | None = None
    formats: Mapping[Kind, str] | None = None
    bounds: Bounds | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """A function of a store, on its way to a worker."""

    function: Callable[..., Any]
    given: tuple[Any, ...]
    more: Mapping[str, Any]


def open_worker(release: str, in_memory: bool, endpoint: Endpoint, base_iri: str) -> Handler:
    """Open a release and return what answers requests there: queries of ours, and the parts of a :class:`Sent`.

    Args:
        release: Directory of the release.
        in_memory: Read it into memory, instead of opening its store on disk.
        endpoint: The limits of the endpoint.
        base_iri: Where the IRIs of its things begin: what relative IRIs in a query are relative to.

    Raises:
        ReleaseError: the store cannot be read.
    """
    folder = Path(release)
    store = EmbeddedStore.read(folder / "dump.nq") if in_memory else EmbeddedStore.open(folder / "store")

    def handle(request: Request | Work | tuple[Any, ...]) -> Any:
        if isinstance(request, tuple):
            return endpoint.answer(store, Sent(*request), base_iri)
        if isinstance(request, Work):
            return request.function(store, *request.given, **request.more)
        if request.method == "isolated":
            return isolated()
        if request.method == "answer":
            found = store.answer(request.query, request.formats, request.bindings, request.bounds)
            # The engine's own format objects do not travel between processes; their names do.
            return found.kind, found.format.name, found.body
        return getattr(store, request.method)(request.query, request.bindings)

    return handle


class PooledStore:
    """A :class:`~integgraph.store.Store` whose every query runs in a worker that can be killed.

    Each method raises what the embedded store raises, and ``QueryTimeout``, ``WorkersBusy`` or ``WorkerError``.
    """

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool

    def select(self, query: str, bindings: Bindings | None = None) -> Rows:
        """See :meth:`integgraph.store.Store.select`."""
        found: Rows = self._pool.call(Request("select", query, bindings))
        return found

    def construct(self, query: str, bindings: Bindings | None = None) -> list[ox.Triple]:
        """See :meth:`integgraph.store.Store.construct`."""
        found: list[ox.Triple] = self._pool.call(Request("construct", query, bindings))
        return found

    def ask(self, query: str, bindings: Bindings | None = None) -> bool:
        """See :meth:`integgraph.store.Store.ask`."""
        return bool(self._pool.call(Request("ask", query, bindings)))

    def answer(
        self,
        query: str,
        formats: Mapping[Kind, str] | None = None,
        bindings: Bindings | None = None,
        bounds: Bounds | None = None,
    ) -> Answer:
        """See :meth:`integgraph.store.Store.answer`."""
        kind, name, body = self._pool.call(Request("answer", query, bindings, formats, bounds))
        return Answer(kind, FORMATS[name], body)

    def run(self, work: Callable[Concatenate[Store, P], T], *given: P.args, **more: P.kwargs) -> T:
        """See :meth:`integgraph.store.Store.run`; the deadline is that of all its queries together."""
        made: T = self._pool.call(Work(work, given, more))
        return made
