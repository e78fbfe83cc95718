"""What the server did, as numbers for Prometheus: counts and times, and nothing about who asked or what.

Labels come from short fixed lists, so the number of series is bounded whatever clients send.

Source: Prometheus text format 1.0.0; naming as in the Prometheus manual, "Metric and label naming".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
LANES = frozenset({"fast", "slow"})
OUTCOMES = frozenset({"answered", "refused", "deadline", "memory", "size", "busy", "cancelled", "failed"})
"""How a query ended. ``refused`` is the query's fault; ``size`` is an answer past its limit in rows or bytes."""
REASONS = frozenset({"deadline", "memory", "cancelled", "died", "reload"})
"""Why a worker ended before its time."""
LIMITS = frozenset({"client", "waiting", "connections"})
"""What was used up when a request was refused: a client's time, places in the queue, connections."""
OTHER = "other"
_MOST_ROUTES = 200
_MOST_CHILDREN = 2_000  # series that are found without asking the library for them
_REQUEST_SECONDS = (0.005, 0.02, 0.05, 0.25, 1, 2.5, 10, 30)
_QUERY_SECONDS = (0.001, 0.005, 0.02, 0.05, 0.15, 0.5, 1, 2.5, 5, 10, 11, 30)
_ANSWER_BYTES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 50_000_000)


@dataclass(frozen=True, slots=True)
class Workers:
    """How the workers are at this moment.

    Attributes:
        alive: Processes by lane.
        busy: Those of them that answer a query, by lane.
        waiting: Queries that wait for a free one.
    """

    alive: dict[str, int]
    busy: dict[str, int]
    waiting: int = 0


class Metrics:
    """Counts of one application; every one has its own registry. Its methods may be called from any thread.

    >>> metrics = Metrics()
    >>> metrics.request("/networks/{name}", "GET", 200, 0.012)
    >>> metrics.query("fast", "answered", 0.003)
    >>> 'route="/networks/{name}"' in metrics.exposition().decode()
    True
    """

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        ProcessCollector(namespace="integgraph", registry=registry)
        self._routes: set[str] = set()
        self._times: dict[tuple[str, str], Histogram] = {}
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram, Histogram]] = {}
        self._requests = Counter(
            "integgraph_requests",
            "Requests by template of the address, method and status.",
            ("route", "method", "status"),
            registry=registry,
        )
        self._request_seconds = Histogram(
            "integgraph_request_seconds",
            "From the request's head to the last byte of its answer.",
            ("route",),
            buckets=_REQUEST_SECONDS,
            registry=registry,
        )
        self._query_seconds = Histogram(
            "integgraph_query_seconds",
            "Time of a query in its worker, by the lane where it ended and how.",
            ("lane", "outcome"),
            buckets=_QUERY_SECONDS,
            registry=registry,
        )
        self._answer_bytes = Histogram(
            "integgraph_answer_bytes", "Size of answers.", ("route",), buckets=_ANSWER_BYTES, registry=registry
        )
        self._ended = Counter(
            "integgraph_workers_ended",
            "Workers that ended before their time, by reason.",
            ("reason",),
            registry=registry,
        )
        self._refused = Counter(
            "integgraph_requests_refused",
            "Requests refused, by the limit that was reached.",
            ("limit",),
            registry=registry,
        )
        self._cache = Counter(
            "integgraph_answer_cache", "Answers looked up in the cache, by result.", ("result",), registry=registry
        )
        self._reloads = Counter(
            "integgraph_reloads", "Attempts to serve another release, by result.", ("result",), registry=registry
        )
        self._release = Info("integgraph_release", "The release that serves.", registry=registry)
        self._alive = Gauge("integgraph_workers_alive", "Worker processes, by lane.", ("lane",), registry=registry)
        self._busy = Gauge("integgraph_workers_busy", "Workers at a query, by lane.", ("lane",), registry=registry)
        self._waiting = Gauge("integgraph_queries_waiting", "Queries that wait for a worker.", registry=registry)
        self._preparing = Gauge(
            "integgraph_questions_preparing",
            "Named questions that are asked in advance and not answered yet.",
            registry=registry,
        )
        self._look: Callable[[], Workers] | None = None
        # A series that is not there cannot raise an alarm: those that alarms watch begin at zero.
        for reason in sorted(REASONS):
            self._ended.labels(reason)
        for limit in sorted(LIMITS):
            self._refused.labels(limit)
        for result in ("done", "failed"):
            self._reloads.labels(result)

    def preparing(self, left: int) -> None:
        """So many named questions are left to be asked in advance."""
        self._preparing.set(left)

    def request(self, route: str, method: str, status: int, seconds: float, size: int = 0) -> None:
        """A request was answered.

        Args:
            route: Template of its address, such as ``/networks/{name}``; never the address itself.
            method: Its method.
            status: Status of the answer; 499 where the client went away.
            seconds: How long it took.
            size: Bytes of the answer.
        """
        key = (route, method, status)
        children = self._children.get(key)
        if children is None:
            children = self._children_of(self._known(route), _one_of(METHODS, method), str(status))
            if len(self._children) < _MOST_CHILDREN:
                self._children[key] = children
        counter, times, sizes = children
        counter.inc()
        times.observe(seconds)
        sizes.observe(size)

    def _children_of(self, route: str, method: str, status: str) -> tuple[Counter, Histogram, Histogram]:
        return (
            self._requests.labels(route, method, status),
            self._request_seconds.labels(route),
            self._answer_bytes.labels(route),
        )

    def query(self, lane: str, outcome: str, seconds: float) -> None:
        """A query ended: in which of :data:`LANES`, with which of :data:`OUTCOMES`, after how long."""
        times = self._times.get((lane, outcome))
        if times is None:
            lane, outcome = _one_of(LANES, lane), _one_of(OUTCOMES, outcome)
            times = self._times[lane, outcome] = self._query_seconds.labels(lane, outcome)
        times.observe(seconds)

    def worker_ended(self, reason: str) -> None:
        """A worker ended before its time, for one of :data:`REASONS`."""
        self._ended.labels(_one_of(REASONS, reason)).inc()

    def refused(self, limit: str) -> None:
        """A request was refused because one of :data:`LIMITS` was reached."""
        self._refused.labels(_one_of(LIMITS, limit)).inc()

    def cache(self, hit: bool) -> None:
        """An answer was looked up in the cache."""
        self._cache.labels("hit" if hit else "miss").inc()

    def serves(self, release: str, content_hash: str) -> None:
        """This release serves from now on."""
        self._release.info({"id": release, "content_hash": content_hash})

    def reload(self, done: bool) -> None:
        """Another release was to be served, and is or is not."""
        self._reloads.labels("done" if done else "failed").inc()

    def watch(self, look: Callable[[], Workers]) -> None:
        """Ask this function how the workers are whenever the numbers are read."""
        self._look = look

    def exposition(self) -> bytes:
        """All numbers in the text format."""
        if self._look is not None:
            found = self._look()
            for gauge, numbers in ((self._alive, found.alive), (self._busy, found.busy)):
                for lane, number in numbers.items():
                    gauge.labels(_one_of(LANES, lane)).set(number)
            self._waiting.set(found.waiting)
        return generate_latest(self._registry)

    def _known(self, route: str) -> str:
        """The template; past a number that no application has, "other": a fault elsewhere must not fill the memory."""
        if route not in self._routes:
            if len(self._routes) >= _MOST_ROUTES:
                return OTHER
            self._routes.add(route)
        return route


def _one_of(allowed: frozenset[str], value: str) -> str:
    return value if value in allowed else OTHER


def metrics(request: Request) -> Response:
    """``/metrics``: the numbers of this application."""
    kept: Metrics = request.app.state.metrics
    return Response(kept.exposition(), media_type=CONTENT_TYPE_LATEST, headers={"cache-control": "no-store"})


ROUTES = [Route("/metrics", metrics)]
