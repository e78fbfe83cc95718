"""Metrics: what is counted, in a form that Prometheus reads, with bounded labels and nothing about clients."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.testclient import TestClient

from integgraph.web.metrics import LIMITS, METHODS, OTHER, OUTCOMES, REASONS, ROUTES, Metrics, Workers


def samples(metrics: Metrics) -> dict[tuple[str, tuple[str, ...]], float]:
    """(name, values of its labels in the order of their names) -> number."""
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {
        (each.name, tuple(value for _, value in sorted(each.labels.items()))): each.value
        for family in families
        for each in family.samples
    }


def test_requests_are_counted_and_timed() -> None:
    metrics = Metrics()
    for seconds in (0.01, 0.03):
        metrics.request("/networks/{name}", "GET", 200, seconds, 2_000)
    metrics.request("/networks/{name}", "GET", 404, 0.01, 200)
    found = samples(metrics)
    assert found["integgraph_requests_total", ("GET", "/networks/{name}", "200")] == 2
    assert found["integgraph_requests_total", ("GET", "/networks/{name}", "404")] == 1
    assert found["integgraph_request_seconds_count", ("/networks/{name}",)] == 3
    assert round(found["integgraph_request_seconds_sum", ("/networks/{name}",)], 6) == 0.05
    assert found["integgraph_answer_bytes_sum", ("/networks/{name}",)] == 4_200


def test_queries_are_timed_by_lane_and_outcome() -> None:
    metrics = Metrics()
    metrics.query("fast", "answered", 0.003)
    metrics.query("slow", "deadline", 10.02)
    found = samples(metrics)
    assert found["integgraph_query_seconds_bucket", ("fast", "0.005", "answered")] == 1
    assert found["integgraph_query_seconds_bucket", ("slow", "10.0", "deadline")] == 0
    assert found["integgraph_query_seconds_bucket", ("slow", "11.0", "deadline")] == 1


def test_what_alarms_watch_begins_at_zero() -> None:
    found = samples(Metrics())
    assert {reason: found["integgraph_workers_ended_total", (reason,)] for reason in REASONS} == dict.fromkeys(
        REASONS, 0
    )
    assert {limit: found["integgraph_requests_refused_total", (limit,)] for limit in LIMITS} == dict.fromkeys(LIMITS, 0)
    assert found["integgraph_reloads_total", ("failed",)] == 0


def test_events_are_counted() -> None:
    metrics = Metrics()
    metrics.worker_ended("deadline")
    metrics.refused("client")
    metrics.cache(hit=True)
    metrics.cache(hit=False)
    metrics.cache(hit=False)
    metrics.reload(done=True)
    found = samples(metrics)
    assert found["integgraph_workers_ended_total", ("deadline",)] == 1
    assert found["integgraph_requests_refused_total", ("client",)] == 1
    assert (found["integgraph_answer_cache_total", ("hit",)], found["integgraph_answer_cache_total", ("miss",)]) == (
        1,
        2,
    )
    assert found["integgraph_reloads_total", ("done",)] == 1


def test_the_release_is_named_and_only_the_one_that_serves() -> None:
    metrics = Metrics()
    metrics.serves("20260101T000000Z-aaaaaaaa", "a" * 64)
    metrics.serves("20260102T000000Z-bbbbbbbb", "b" * 64)
    rows = [key for key in samples(metrics) if key[0] == "integgraph_release_info"]
    assert len(rows) == 1 and set(rows[0][1]) == {"20260102T000000Z-bbbbbbbb", "b" * 64}


def test_workers_are_asked_when_the_numbers_are_read() -> None:
    metrics, now = Metrics(), Workers({"fast": 2, "slow": 1}, {"fast": 1, "slow": 0}, waiting=3)
    metrics.watch(lambda: now)
    found = samples(metrics)
    assert found["integgraph_workers_alive", ("fast",)] == 2
    assert found["integgraph_workers_busy", ("slow",)] == 0
    assert found["integgraph_queries_waiting", ()] == 3
    now = Workers({"fast": 1, "slow": 1}, {"fast": 0, "slow": 0})
    assert samples(metrics)["integgraph_workers_alive", ("fast",)] == 1


def test_no_client_can_make_more_series() -> None:
    metrics = Metrics()
    for number in range(2_000):
        evil = f'x{number}"}} 1\n'
        metrics.request(evil, evil, 200, 0.1)
        metrics.query(evil, evil, 0.1)
        metrics.worker_ended(evil)
        metrics.refused(evil)
    found = samples(metrics)
    assert len([key for key in found if key[0] == "integgraph_requests_total"]) <= 201
    assert found["integgraph_requests_total", (OTHER, OTHER, "200")] == 1_800
    assert {key[1] for key in found if key[0] == "integgraph_query_seconds_count"} == {(OTHER, OTHER)}
    assert found["integgraph_workers_ended_total", (OTHER,)] == 2_000
    assert OTHER not in METHODS | OUTCOMES


def test_two_applications_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.cache(hit=True)
    assert ("integgraph_answer_cache_total", ("hit",)) not in samples(other)


def test_no_count_is_lost_between_threads() -> None:
    metrics = Metrics()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: metrics.request("/", "GET", 200, 0.01), range(2_000)))
    assert samples(metrics)["integgraph_requests_total", ("GET", "/", "200")] == 2_000


def test_the_numbers_are_served() -> None:
    app = Starlette(routes=ROUTES)
    app.state.metrics = Metrics()
    app.state.metrics.serves("id", "hash")
    answer = TestClient(app).get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=1.0.0; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    names = {family.name for family in text_string_to_metric_families(answer.text)}
    assert {"integgraph_release_info", "integgraph_requests", "integgraph_process_resident_memory_bytes"} <= names
