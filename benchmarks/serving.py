"""How fast, how steady and how whole the service answers, beside the engine's own server and rdflib-endpoint.

Run: python -m benchmarks.serving [--quick] [--only NAME …] [--release build]

Needs ``wrk`` and ``curl`` (Debian packages) and the peers of ``benchmarks/peers.lock`` in ``.venv-bench``; ``make
bench`` sets them up. Every server runs on 127.0.0.1 with a port of its own. Servers that are compared run on the same
data at the same time and are measured in turn, round by round; a ratio is the median of the rounds' ratios.

Data: the release of the 120 networks in ``data``, built for the run, or ``--release``. The native server holds its
dump; rdflib-endpoint holds the current view, that is the default graph, because it merges all graphs into one. The
large result is every triple of the current view and of the profiles, some of them twice: 118,000 rows.

- ``throughput``: wrk, 8 connections. One row: the name of a network, each query with a LIMIT of its own, so that no
  query is asked twice; our cache of answers is off, every protection is on, only the allowance of query time a client
  is so large that it does not run out. A join: the pairs of networks that share a member. Repeated queries are
  measured apart, with the cache on.
- ``large``: curl, one request at a time, limits lifted; whole answers and the opt-in stream.
- ``latency``: 40 one-row queries a second, sent on time whatever comes back, while 0, 2 or 8 runaways are at work;
  a time counts from when the request was due. And how long past its deadline a runaway is told that it was stopped.
- ``memory``: what the service holds over 100,000 requests.
- ``swap``: requests while another release takes over; each answer must be wholly of the release that it names.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import itertools
import json
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox
from tests.web.serving import Server, free_port, running, served

from benchmarks.build import megabytes, tree
from benchmarks.lines import Line, show
from benchmarks.load import (
    JSON,
    Answer,
    Client,
    Stopped,
    Timed,
    open_loop,
    percentile,
    runaway,
    target,
    wrk,
)
from integgraph.build import build
from integgraph.release import Release, open_release, rollback
from integgraph.settings import Settings

ROOT = Path(__file__).parents[1]
PEERS = ROOT / ".venv-bench" / "bin"
PREFIXES = "PREFIX ig: <https://w3id.org/integgraph/ontology#> PREFIX org: <http://www.w3.org/ns/org#> "
ONE_ROW = "SELECT ?name {{ <{iri}> <https://w3id.org/integgraph/ontology#workingLabel> ?name }} LIMIT SALT"
JOIN = (
    PREFIXES + "SELECT ?a ?b (COUNT(?actor) AS ?shared) { ?a ig:membership ?m . ?m org:member ?actor . "
    "?n org:member ?actor . ?b ig:membership ?n FILTER(?a != ?b) } GROUP BY ?a ?b LIMIT SALT"
)
ONE_NAME = "SELECT ?n { ?n ig:workingLabel ?name } GROUP BY ?n HAVING (COUNT(?name) = 1) ORDER BY ?n"
LARGE_ROWS = 118_000
LARGE = (
    f"SELECT ?s ?p ?o {{ {{ ?s ?p ?o }} UNION {{ GRAPH ?g {{ ?s ?p ?o }} }} UNION {{ ?s ?p ?o }} }} LIMIT {LARGE_ROWS}"
)
NAMES = PREFIXES + "SELECT ?n ?name { ?n ig:workingLabel ?name } ORDER BY ?n LIMIT SALT"
RUNAWAYS = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } LIMIT SALT",
    PREFIXES + "SELECT (COUNT(*) AS ?n) { ?a (org:member|^org:member)+ ?b . ?c ?d ?e . ?f ?g ?h } LIMIT SALT",
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c OPTIONAL { ?d ?e ?f FILTER(?f > ?c) } } LIMIT SALT",
)
PLENTY = 1_000_000_000
"""An allowance that does not run out: it is counted all the same."""

Asked = Mapping[str, tuple[Server, Sequence[str]]]
"""Servers by name, and what each is asked."""

_salts = itertools.count(10_000_000, 10_000_000)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How long and how often."""

    rounds: int = 5
    wrk_seconds: float = 6.0
    large_rounds: int = 7
    latency_seconds: float = 40.0
    deadline: float = Settings().query_deadline
    soak_steps: int = 10
    soak_step: int = 10_000
    swap_requests: int = 2_000


QUICK = Sizes(1, 2.0, 2, 6.0, 2.0, 4, 1_000, 400)


@dataclass(slots=True)
class Bench:
    """What is measured on."""

    folder: Path
    release: Release
    sizes: Sizes
    networks: list[str] = field(default_factory=list)

    def one_row(self, path: str, salt: str = "SALT") -> list[str]:
        """Addresses of queries with one row, one for each network."""
        texts = [ONE_ROW.format(iri=iri).replace("SALT", salt) for iri in self.networks]
        return [target(path, text) for text in texts]


def ours(release: Path, **settings: object) -> AbstractContextManager[Server]:
    """Our service; the query time of a client is counted, but does not run out."""
    return served(release, **{"client_seconds": PLENTY, **settings})


@contextmanager
def native(bench: Bench) -> Iterator[Server]:
    """The engine's own server over the same dump."""
    store = bench.folder / "native"
    if not store.exists():
        command = [str(PEERS / "oxigraph"), "load", "--location", str(store), "--file", str(bench.release.dump)]
        subprocess.run(command, check=True, capture_output=True)
        subprocess.run([command[0], "optimize", "--location", str(store)], check=True, capture_output=True)
    port = free_port()
    command = [str(PEERS / "oxigraph"), "serve-read-only", "--location", str(store), "--bind", f"127.0.0.1:{port}"]
    with running(command, port, "/") as server:
        yield server


@contextmanager
def rdflib_endpoint(bench: Bench) -> Iterator[Server]:
    """rdflib-endpoint over the current view."""
    view = bench.folder / "view.nt"
    if not view.exists():
        quads = ox.parse(path=str(bench.release.dump), format=ox.RdfFormat.N_QUADS)
        triples = (quad.triple for quad in quads if isinstance(quad.graph_name, ox.DefaultGraph))
        ox.serialize(triples, str(view), format=ox.RdfFormat.N_TRIPLES)
    port = free_port()
    command = [str(PEERS / "rdflib-endpoint"), "serve", "--host", "127.0.0.1", "--port", str(port), str(view)]
    with running(command, port, target("/", "ASK {}")) as server:
        yield server


# -- throughput


def throughput(bench: Bench) -> Iterator[Line]:
    """One row, a join over memberships, and repeated queries."""
    with ExitStack() as servers:
        plain = servers.enter_context(ours(bench.release.path, answer_cache=0))
        caching = servers.enter_context(ours(bench.release.path))
        engine = servers.enter_context(native(bench))
        python = servers.enter_context(rdflib_endpoint(bench))
        paths = {"ours": (plain, "/sparql"), "native": (engine, "/query"), "rdflib": (python, "/")}
        one = {name: (server, bench.one_row(path)) for name, (server, path) in paths.items()}
        join = {name: (server, [target(path, JOIN)]) for name, (server, path) in paths.items()}
        for asked in (one, join):
            same_answers(asked)
        yield from _one_row(one, bench.sizes)
        yield from _join(join, bench.sizes)
        repeated = {
            "cached": (caching, bench.one_row("/sparql", "1")),
            "native": (engine, bench.one_row("/query", "1")),
        }
        rates = in_rounds(repeated, bench.sizes.rounds, bench.sizes.wrk_seconds)
        yield Line("repeated one-row queries, our cache of answers on", _rates(rates))
        yield Line("  ours / native", f"{ratio(rates, 'cached', 'native'):.2f}")


def _one_row(asked: Asked, sizes: Sizes) -> Iterator[Line]:
    rates = in_rounds(asked, sizes.rounds, sizes.wrk_seconds)
    yield Line("one row, distinct queries, no cache of answers", _rates(rates))
    yield bar("  ours / native (wanted 0.30)", ratio(rates, "ours", "native"), least=0.22)
    yield bar("  ours / rdflib-endpoint", ratio(rates, "ours", "rdflib"), least=3)


def _join(asked: Asked, sizes: Sizes) -> Iterator[Line]:
    rates = in_rounds(asked, sizes.rounds, sizes.wrk_seconds)
    yield Line("join over memberships", _rates(rates))
    yield bar("  ours / native", ratio(rates, "ours", "native"))
    yield bar("  ours / rdflib-endpoint", ratio(rates, "ours", "rdflib"), least=20)


def same_answers(asked: Asked) -> None:
    """Hold the servers to one another before they are measured.

    Raises:
        RuntimeError: one of them answers otherwise than the first.
    """
    found = {name: _rows(server, addresses[0].replace("SALT", "5000")) for name, (server, addresses) in asked.items()}
    first = next(iter(found.values()))
    for name, rows in found.items():
        if rows != first or not rows:
            raise RuntimeError(f"{name} answers otherwise: {len(rows)} rows beside {len(first)}.")


def _rows(server: Server, address: str) -> list[str]:
    reply = server.ask("GET", address, headers={"Accept": JSON}, timeout=120)
    if reply.status != 200:
        raise RuntimeError(f"{address} was answered with {reply.status}: {reply.text[:300]}")
    rows = json.loads(reply.body)["results"]["bindings"]
    return sorted(json.dumps({name: term["value"] for name, term in row.items()}, sort_keys=True) for row in rows)


def in_rounds(asked: Asked, rounds: int, seconds: float) -> dict[str, list[float]]:
    """Answers a second by server and round.

    Raises:
        RuntimeError: a request failed, so its speed means nothing.
    """
    rates: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(rounds):
        for name, (server, addresses) in asked.items():
            load = wrk(server.url, addresses, next(_salts), seconds=seconds)
            if load.failed or not load.requests:
                raise RuntimeError(f"{name}: {load.failed} of {load.requests} requests failed.")
            rates[name].append(load.rate)
    return rates


def ratio(rates: Mapping[str, Sequence[float]], one: str, other: str) -> float:
    """Median of the rounds' ratios."""
    return statistics.median(a / b for a, b in zip(rates[one], rates[other], strict=True))


def _rates(rates: Mapping[str, Sequence[float]]) -> str:
    return ", ".join(
        f"{name} {statistics.median(each):,.{0 if each[0] > 100 else 1}f}/s" for name, each in rates.items()
    )


# -- large results


@dataclass(frozen=True, slots=True)
class Download:
    """Seconds to the first byte and to the last, and bytes."""

    first: float
    total: float
    size: int


def large(bench: Bench) -> Iterator[Line]:
    """A large result as JSON: speed, time to the first byte, memory."""
    with ExitStack() as servers:
        free = {"trust_everyone": 1, "answer_cache": 0, "answer_rows": PLENTY, "answer_bytes": PLENTY}
        plain = servers.enter_context(ours(bench.release.path, query_deadline=60, **free))
        engine = servers.enter_context(native(bench))
        asked = {
            "ours": (plain, target("/sparql", LARGE)),
            "stream": (plain, target("/sparql", LARGE, stream="1")),
            "native": (engine, target("/query", LARGE)),
        }
        for server, address in asked.values():
            if len(_rows(server, address)) != LARGE_ROWS:
                raise RuntimeError(f"{address} has not {LARGE_ROWS:,} rows.")
        found: dict[str, list[Download]] = {name: [] for name in asked}
        idle = holds(plain.pid)
        watch = Watch(plain.pid)
        watch.start()
        for _ in range(bench.sizes.large_rounds):
            for name, (server, address) in asked.items():
                found[name].append(download(server.url + address))
        watch.end()
        for name, each in found.items():
            seconds = statistics.median(one.total for one in each)
            first = statistics.median(one.first for one in each)
            yield Line(
                f"{LARGE_ROWS:,} rows as JSON, {each[0].size / 1e6:.0f} MB: {name}",
                f"{seconds:.2f} s ({each[0].size / 1e6 / seconds:,.0f} MB/s), first byte after {first * 1000:.0f} ms",
            )
        speeds = {name: [LARGE_ROWS / one.total for one in each] for name, each in found.items()}
        yield bar("  speed, ours / native", ratio(speeds, "ours", "native"), least=1.5)
        yield bar("  speed, our stream / native", ratio(speeds, "stream", "native"), least=1.5)
        yield Line("  memory of our processes", f"idle {idle:.0f} MB, at most {watch.peak:.0f} MB")


def download(url: str) -> Download:
    """Fetch with curl and throw away what comes.

    Raises:
        RuntimeError: the answer is not whole, or an error.
    """
    said = "%{http_code} %{time_starttransfer} %{time_total} %{size_download}"
    command = ["curl", "--silent", "--show-error", "--noproxy", "*", "--output", os.devnull, "--write-out", said]
    done = subprocess.run(
        [*command, "--header", f"Accept: {JSON}", url], capture_output=True, text=True, check=False, timeout=300
    )
    status, first, total, size = done.stdout.split()
    if done.returncode or status != "200":
        raise RuntimeError(f"curl got {status} from {url}: {done.stderr}")
    return Download(float(first), float(total), int(size))


def holds(process: int) -> float:
    """MB that a process and everything below it hold; shared pages count once."""
    return sum(map(megabytes, tree(process)))


class Watch(threading.Thread):
    """The most that a process and everything below it held, looked at ten times a second."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.peak = 0.0
        self._process = process
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.1):
            self.peak = max(self.peak, holds(self._process))

    def end(self) -> None:
        self._over.set()
        self.join()


# -- latency beside runaways


def latency(bench: Bench) -> Iterator[Line]:
    """Cheap queries at 40 a second beside 0, 2 and 8 runaways."""
    sizes = bench.sizes
    overtime: list[float] = []
    for runaways, most in ((0, 50), (2, 250), (8, 2500)):
        with ours(bench.release.path, answer_cache=0, query_deadline=sizes.deadline) as server:
            times, stopped = asyncio.run(_beside(server, bench, runaways))
        milliseconds = [each.seconds * 1000 for each in times]
        yield Line(
            f"40 one-row queries a second beside {runaways} runaways: median", f"{percentile(milliseconds, 0.5):.1f} ms"
        )
        yield bar("  99th percentile, ms", percentile(milliseconds, 0.99), most=most)
        yield failures(times)
        if runaways:
            yield Line(
                "  runaways", f"{len(stopped.overtime)} stopped, {stopped.turned_away} turned away (503)"
                + (f", others {sorted(set(stopped.others))}" if stopped.others else "")
            )  # fmt: skip
        overtime += stopped.overtime
    latest = max(overtime) if overtime else float("inf")
    yield bar(f"a runaway is stopped after its deadline of {sizes.deadline:g} s, seconds, at most", latest, most=1)


async def _beside(server: Server, bench: Bench, runaways: int) -> tuple[list[Timed], Stopped]:
    seconds = bench.sizes.latency_seconds
    cheap, others, stopped = Client(server.port), Client(server.port, "127.0.0.2"), Stopped()
    addresses, salts = bench.one_row("/sparql"), itertools.count(next(_salts))
    for address in addresses[:20]:
        await cheap.get(address.replace("SALT", str(next(salts))))
    until = time.monotonic() + seconds + 1

    def endless() -> str:
        number = next(salts)
        return target("/sparql", RUNAWAYS[number % len(RUNAWAYS)].replace("SALT", str(number)))

    at_work = [
        asyncio.create_task(runaway(others, endless, bench.sizes.deadline, until, stopped)) for _ in range(runaways)
    ]
    await asyncio.sleep(1 if runaways else 0)
    times = await open_loop(
        cheap.get,
        40,
        lambda number: addresses[number % len(addresses)].replace("SALT", str(next(salts))),
        lambda _, elapsed: elapsed < seconds,
    )
    await asyncio.gather(*at_work)
    cheap.close()
    others.close()
    return times, stopped


# -- memory


def memory(bench: Bench) -> Iterator[Line]:
    """What the service holds over many requests: distinct queries, answers of many rows, and errors."""
    addresses = bench.one_row("/sparql")
    addresses += [target("/sparql", text) for text in (NAMES, NAMES.replace("SELECT", "SELECT DISTINCT"), "ASK { SALT")]
    steps, step = bench.sizes.soak_steps, bench.sizes.soak_step
    held: list[float] = []
    # A cache that is full in the first half: what it holds is not taken for a leak, and its bound is put to the test.
    with ours(bench.release.path, answer_cache=8_000_000) as server:
        asked = 0
        for number in range(1, steps + 1):
            while asked < number * step:
                load = wrk(server.url, addresses, next(_salts), seconds=1)
                if not load.requests:
                    raise RuntimeError(f"The service no longer answers, after {asked:,} requests.")
                asked += load.requests
            time.sleep(0.5)
            held.append(holds(server.pid))
    yield Line(f"memory after each {step:,} requests, MB", " ".join(f"{each:.0f}" for each in held))
    middle = held[steps // 2 - 1]
    grown = f"  MB grown in the last {step * (steps - steps // 2):,}"
    yield bar(grown, held[-1] - middle, most=max(5.0, round(middle * 0.03)))


# -- another release takes over


def swap(bench: Bench) -> Iterator[Line]:
    """Requests while another release takes over."""
    out = bench.folder / "swap"
    old, new = _two_releases(bench.folder / "renamed", out)
    wholes = {release.id: _answer_of(release) for release in (old, new)}
    with ours(out) as server:
        times, signalled = asyncio.run(_across(server, out, new.id, bench.sizes.swap_requests))
    named = [each.answer.headers.get("integgraph-release", "") for each in times if each.answer.status == 200]
    mixed = sum(
        _digest(each.answer.body) != wholes.get(name)
        for each, name in zip((each for each in times if each.answer.status == 200), named, strict=True)
    )
    how = "by SIGHUP" if signalled else "by itself"
    told = f"{named.count(old.id):,} of the old release, {named.count(new.id):,} of the new"
    yield Line(f"requests across a swap, found {how}", told)
    yield failures(times)
    yield bar("  not wholly of the release that they name", mixed, most=0)
    yield bar("  of the new release", named.count(new.id), least=1)
    yield Line("  slowest", f"{max(each.seconds for each in times) * 1000:.0f} ms")


def _two_releases(data: Path, out: Path) -> tuple[Release, Release]:
    """Two releases in which every network has another name; the older one serves."""
    shutil.copytree(ROOT / "data", data)
    _build(data, out)
    old = open_release(out)
    for file in sorted((data / "profiles").glob("*.yaml")):
        text = file.read_text("utf-8")
        file.write_text(re.sub(r"(?m)^label: .*$", f'label: "Renamed {file.stem}"', text), "utf-8")
    _build(data, out)
    new = open_release(out)
    rollback(out, old.id)
    return old, new


def _build(data: Path, out: Path) -> None:
    settings = Settings()
    build(data, out, base_iri=settings.base_iri, licence=settings.licence, processes=os.cpu_count() or 1)


_SWAP_RATE = 200
_SWAP_QUERY = NAMES.replace(" LIMIT SALT", "")


def _answer_of(release: Release) -> str:
    """Digest of the embedded store's answer."""
    results = ox.Store.read_only(str(release.path / "store")).query(_SWAP_QUERY)
    assert isinstance(results, ox.QuerySolutions)
    return _digest(results.serialize(format=ox.QueryResultsFormat.JSON) or b"")


def _digest(body: bytes) -> str:
    """Digest of a result, whatever its spaces."""
    try:
        document = json.loads(body)
    except ValueError:
        return ""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


async def _across(server: Server, out: Path, new: str, requests: int) -> tuple[list[Timed], bool]:
    """Send requests until there were enough, and enough of them since the new release answered first."""
    clients = itertools.cycle([Client(server.port, f"127.0.0.{number}") for number in range(10, 18)])
    salts = itertools.count(next(_salts))
    answered_by_new = 0
    signalled = False

    async def ask(address: str) -> Answer:
        nonlocal answered_by_new
        answer = await next(clients).get(address)
        answered_by_new += answer.headers.get("integgraph-release") == new
        return answer

    async def take_over() -> None:
        nonlocal signalled
        await asyncio.sleep(1)
        await asyncio.to_thread(rollback, out, new)
        await asyncio.sleep(5)
        if not answered_by_new:
            signalled = True
            os.kill(server.pid, signal.SIGHUP)

    swapping = asyncio.create_task(take_over())
    times = await open_loop(
        ask,
        _SWAP_RATE,
        lambda _: target("/sparql", NAMES.replace("SALT", str(next(salts)))),
        lambda number, elapsed: elapsed < 30 and (number < requests or answered_by_new < requests // 4),
    )
    await swapping
    for client in itertools.islice(clients, 8):
        client.close()
    return times, signalled


# -- the table


def bar(what: str, value: float, *, least: float | None = None, most: float | None = None) -> Line:
    """A value and what it must reach or must not exceed; neither: it is only told."""
    shown = f"{value:,.0f}" if value == int(value) or value >= 1000 else f"{value:,.2f}"
    if least is not None:
        return Line(what, shown, f"≥ {least:g}", value >= least)
    if most is not None:
        return Line(what, shown, f"≤ {most:,.6g}", value <= most)
    return Line(what, shown)


def failures(times: Sequence[Timed]) -> Line:
    """How many requests failed, and with which status; 0: the connection broke."""
    failed = Counter(each.answer.status for each in times if each.answer.status != 200)
    told = ", ".join(f"{count:,} × {status}" for status, count in sorted(failed.items()))
    return Line(f"  failed of {len(times):,}", told or "0", "≤ 0", not failed)


PARTS: Mapping[str, Callable[[Bench], Iterator[Line]]] = {
    "throughput": throughput,
    "large": large,
    "latency": latency,
    "memory": memory,
    "swap": swap,
}


def measured(part: Callable[[Bench], Iterator[Line]], bench: Bench) -> Iterator[Line]:
    """The lines of a part; where it cannot go on, a line that says why, which does not hold."""
    try:
        yield from part(bench)
    except RuntimeError as error:
        yield Line(f"{part.__name__} ended early: {error}", "", "", False)


def missing() -> list[str]:
    """What the run needs and does not find."""
    found = [name for name in ("wrk", "curl") if not shutil.which(name)]
    return found + [str(PEERS / name) for name in ("oxigraph", "rdflib-endpoint") if not (PEERS / name).exists()]


def main() -> None:
    """Measure and print the table; the exit status is 1 where a bar does not hold and ``--strict`` was given."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="short rounds, to see that it runs; numbers mean little")
    parser.add_argument("--only", action="append", choices=PARTS, help="a part; may be repeated")
    parser.add_argument("--release", type=Path, help="a folder of releases, instead of a build from data/")
    parser.add_argument("--strict", action="store_true", help="exit with 1 where a bar does not hold")
    options = parser.parse_args()
    if absent := missing():
        sys.exit(f"Missing: {', '.join(absent)}. 'make bench' installs them.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.release is None:
            _build(ROOT / "data", folder / "out")
        release = open_release(options.release or folder / "out")
        networks = release.store().select(PREFIXES + ONE_NAME).column("n")
        bench = Bench(folder, release, QUICK if options.quick else Sizes(), [str(each) for each in networks])
        counts = release.manifest["counts"]
        print(
            f"{counts['networks']:,} networks, {counts['quads']:,} quads; {os.cpu_count()} processors, "
            f"Python {platform.python_version()}, load before {os.getloadavg()[0]:.1f}"
        )
        lines = []
        for part in options.only or PARTS:
            for line in measured(PARTS[part], bench):
                show(line)
                lines.append(line)
    held = [line.holds for line in lines if line.holds is not None]
    print(f"{sum(held)} of {len(held)} bars hold")
    sys.exit(bool(options.strict and not all(held)))


if __name__ == "__main__":
    main()
