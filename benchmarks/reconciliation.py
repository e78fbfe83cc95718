"""How well and how fast the reconciliation service is, beside csv-reconcile and datasette-reconcile.

Run with ``python -m benchmarks.reconciliation [column large]``; without a word both run. All three serve one list of
names over HTTP and get the same column by the Reconciliation API 0.2, in the batches of ten that OpenRefine sends. The
list and the column need the reference data beside the checkout (``../shared/data``), a release in ``build``, and, to
show the others beside, their programs (``--peers``, by default in ``.venv-bench``).
"""

# Zygotes import this module, and must get no threads: what may start some is imported where it is used.
from __future__ import annotations

import argparse
import csv
import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from tests.web.serving import Server

    from integgraph.workers import Handler

ROOT = Path(__file__).parents[1]
LISTED = "LISTED"  # the variable that names the list for the workers of our server
BATCH, LARGE_BATCH = 10, 100
FORM = "application/x-www-form-urlencoded"
BAR = 0.5  # seconds, 95th percentile of a batch of 100 names against 100,000 actors


# ---------------------------------------------------------------------------------------------------------------------
# Our server, over a plain list


def open_listed(_release: str) -> Handler:
    """What our workers serve here: the names of a file, one a line, as actors; their ids are their lines."""
    from integgraph.matching import Candidate
    from integgraph.ontology import Ontology
    from integgraph.reconciliation import terms
    from integgraph.reconciliation.collection import ACTOR, Collection, Entity
    from integgraph.reconciliation.reconciler import Reconciler
    from integgraph.reconciliation.worker import serve

    base = "https://list.example/"
    names = Path(os.environ[LISTED]).read_text("utf-8").splitlines()
    ontology = Ontology.load()
    collection = Collection(
        base,
        tuple(terms.kinds(ontology)),
        tuple(terms.properties(ontology)),
        tuple(Entity(f"{base}actor/{line}", (ACTOR,), {"": name}) for line, name in enumerate(names)),
        tuple(Candidate(f"actor:{line}", (name,)) for line, name in enumerate(names)),
    )
    return serve(Reconciler(collection))


def serve_list(port: int) -> None:
    """Our server as it is, but that its reconciliation service knows a list instead of the release."""
    from functools import partial

    import benchmarks.reconciliation as here  # the name by which zygotes find the opener
    from integgraph.release import open_release
    from integgraph.settings import Settings
    from integgraph.web import app, sites
    from integgraph.web.reconciling import Reconciling

    setattr(sites, "Reconciling", partial(Reconciling, opener=here.open_listed))  # noqa: B010 - it is a class
    settings = Settings(trust_everyone=True, log="warning")
    app.serve(open_release(ROOT / "build"), settings, "127.0.0.1", port)


# ---------------------------------------------------------------------------------------------------------------------
# The services


@dataclass(frozen=True, slots=True)
class Service:
    """A service over a list of names: how it is called, where it answers, and the list."""

    title: str
    server: Server
    path: str

    def ask(self, names: Sequence[str], limit: int = 5) -> list[list[Mapping[str, Any]]]:
        """The candidates for each name, in one batch."""
        queries = {str(number): {"query": name, "limit": limit} for number, name in enumerate(names)}
        body = urlencode({"queries": json.dumps(queries)}).encode()
        answer = self.server.ask("POST", self.path, body=body, headers={"content-type": FORM}, timeout=600)
        if answer.status != 200:
            raise RuntimeError(f"{self.title} answered {answer.status}: {answer.text[:200]}")
        found = json.loads(answer.body)
        return [found[str(number)]["result"] for number in range(len(names))]


@contextmanager
def ours(names: Sequence[str], folder: Path) -> Iterator[Service]:
    """The server of this checkout."""
    from tests.web.serving import free_port, running

    file = folder / "names.txt"
    file.write_text("\n".join(names), "utf-8")
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.reconciliation", "serve", str(port)]
    with running(command, port, "/health", {**os.environ, LISTED: str(file)}) as server:
        service = Service("integgraph", server, "/reconcile")
        end = time.monotonic() + 300
        while server.ask("GET", "/reconcile?query=a", timeout=60).status == 503:  # it reads the names
            if time.monotonic() > end:
                raise RuntimeError("the names were not read in time")
            time.sleep(0.2)
        yield service


@contextmanager
def csv_reconcile(names: Sequence[str], folder: Path, programs: Path) -> Iterator[Service]:
    """csv-reconcile, with its own scorer (Dice on pairs of letters)."""
    from tests.web.serving import free_port, running

    file, settings = folder / "names.csv", folder / "reconcile.cfg"
    lines = [f"{line}\t{name}" for line, name in enumerate(names)]
    file.write_text("\n".join(["id\tname", *lines, ""]), "utf-8")
    # Told what the file looks like: by itself it takes other signs for separators.
    settings.write_text(f"CSVENCODING = 'utf-8'\nCSVKWARGS = {{'delimiter': '\\t', 'quoting': {csv.QUOTE_NONE}}}\n")
    environment = {**os.environ, "FLASK_APP": "csv_reconcile:create_app"}
    port = free_port()
    init = [str(programs / "csv-reconcile"), "init", "--config", str(settings), str(file), "id", "name"]
    subprocess.run(init, check=True, cwd=folder, env=environment, capture_output=True)
    code = (
        f"import os; os.chdir({str(folder)!r}); from csv_reconcile import create_app;"
        f"create_app().run('127.0.0.1', {port}, threaded=False)"
    )
    with running([str(programs / "python"), "-c", code], port, "/reconcile", environment) as server:
        yield Service("csv-reconcile", server, "/reconcile")


@contextmanager
def datasette_reconcile(names: Sequence[str], folder: Path, programs: Path) -> Iterator[Service]:
    """datasette-reconcile over a table with a full-text index."""
    from tests.web.serving import free_port, running

    file = folder / "list.db"
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE names (id TEXT PRIMARY KEY, name TEXT)")
        db.executemany("INSERT INTO names VALUES (?, ?)", ((str(line), name) for line, name in enumerate(names)))
        db.execute("CREATE VIRTUAL TABLE names_fts USING fts5(name, content='names', content_rowid='rowid')")
        db.execute("INSERT INTO names_fts (names_fts) VALUES ('rebuild')")
    db.close()
    plugin = {"datasette-reconcile": {"id_field": "id", "name_field": "name"}}
    (folder / "metadata.json").write_text(
        json.dumps({"databases": {"list": {"tables": {"names": {"plugins": plugin}}}}}), "utf-8"
    )
    port = free_port()
    command = [str(programs / "datasette"), str(file), "--metadata", str(folder / "metadata.json"), "--port", str(port)]
    with running(command, port, "/list/names/-/reconcile") as server:
        yield Service("datasette-reconcile", server, "/list/names/-/reconcile")


PEERS: Mapping[str, Callable[..., Any]] = {"csv-reconcile": csv_reconcile, "datasette": datasette_reconcile}


# ---------------------------------------------------------------------------------------------------------------------
# A column: how well, and how fast


def column() -> tuple[list[str], list[tuple[str, str | None]]]:
    """The list to serve; and names to ask, each with the entry that it means, or ``None`` where it only looks like one.

    Names that mean an entry are the other spellings of Berlin names that have one register number; names that do not
    are the judged pairs of different bodies of the 120 networks.
    """
    from benchmarks import matching

    names, pairs = matching.berlin()
    candidates = {candidate.id: candidate.names[0] for candidate in matching.network_candidates()}
    different = [
        (candidates[one], candidates[other]) for one, other in matching.read_cases().different if one in candidates
    ]
    asked: list[tuple[str, str | None]] = [*pairs, *((one, None) for one, _ in different)]
    without = {name for name, _ in asked}
    served = sorted({*names, *(other for _, other in different)} - without)
    return served, [(name, wanted) for name, wanted in asked if wanted is None or wanted in served]


def measure(service: Service, served: Sequence[str], asked: Sequence[tuple[str, str | None]]) -> None:
    """Ask for the column in batches of ten, and print how it went."""
    found: list[list[Mapping[str, Any]]] = []
    started = time.perf_counter()
    for start in range(0, len(asked), BATCH):
        found.extend(service.ask([name for name, _ in asked[start : start + BATCH]]))
    taken = time.perf_counter() - started
    first = among = right = other = alike = 0
    meant = sum(wanted is not None for _, wanted in asked)
    for (_, wanted), candidates in zip(asked, found, strict=True):
        listed = [served[int(str(each["id"]).rpartition("/")[2])] for each in candidates[:5]]
        first += wanted is not None and listed[:1] == [wanted]
        among += wanted is not None and wanted in listed
        if any(each["match"] for each in candidates[:1]):
            right += listed[0] == wanted
            other += wanted is not None and listed[0] != wanted
            alike += wanted is None
    print(
        f"  {service.title:20} {first / meant:8.3f} {among / meant:9.3f} {right:8} {other:6} {alike:6} "
        f"{1000 * taken / len(asked):12.1f}"
    )


def run_column(programs: Path) -> None:
    """All three on the same column."""
    served, asked = column()
    print("\nmatched: by itself, to the entry that is meant; other: to another entry; alike: what only looks like one")
    print(f"{len(asked)} names against {len(served)}, over HTTP in batches of {BATCH}")
    print(f"  {'':20} {'recall@1':>8} {'recall@5':>9} {'matched':>8} {'other':>6} {'alike':>6} {'ms a name':>12}")
    with tempfile.TemporaryDirectory() as folder:
        with ours(served, Path(folder)) as service:
            measure(service, served, asked)
        for program, peer in PEERS.items():
            if not (programs / program).exists():
                print(f"  {program} is not installed there")
                continue
            with peer(served, Path(folder), programs) as service:
                measure(service, served, asked)


# ---------------------------------------------------------------------------------------------------------------------
# 100,000 actors


def run_large(_programs: Path) -> None:
    """Batches of 100 misspelled names against 100,000 generated actors, over HTTP."""
    from benchmarks import matching

    names = matching.generated(100_000)
    rng = random.Random(11)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, ours(names, Path(folder)) as service:
        ready = time.perf_counter() - started
        service.ask(["Caritas"])
        before, spent = memory(service.server.pid), processor(service.server.pid)
        taken, hits = [], 0
        for _ in range(40):
            batch = [rng.randrange(len(names)) for _ in range(LARGE_BATCH)]
            queries = [matching.misspelled(names[number], rng) for number in batch]
            began = time.perf_counter()
            found = service.ask(queries)
            taken.append(time.perf_counter() - began)
            for number, candidates in zip(batch, found, strict=True):
                hits += any(str(each["id"]).endswith(f"/{number}") for each in candidates)
        after, spent = memory(service.server.pid), processor(service.server.pid) - spent
    slowest = statistics.quantiles(taken, n=20)[-1]
    print(
        f"\n{LARGE_BATCH} names against {len(names)} generated actors, over HTTP: "
        f"p50 {statistics.median(taken) * 1000:.0f} ms, p95 {slowest * 1000:.0f} ms (wanted: {BAR * 1000:.0f})"
    )
    print(
        f"  ready after {ready:.0f} s; {hits / (40 * LARGE_BATCH):.3f} of the misspelled names are among the first five"
    )
    print(
        f"  processor time a batch: {1000 * spent / 40:.0f} ms; load of the machine meanwhile: "
        f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    print(f"  memory of all processes, shared parts once: {before:.0f} MB before, {after:.0f} MB after")


def family(pid: int) -> Iterator[int]:
    """A process and all that it started."""
    done = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
    children: dict[int, list[int]] = {}
    for line in done.stdout.splitlines():
        child, parent = map(int, line.split())
        children.setdefault(parent, []).append(child)
    waiting = [pid]
    while waiting:
        each = waiting.pop()
        waiting.extend(children.get(each, ()))
        yield each


def memory(pid: int) -> float:
    """Megabytes of a process and all that it started, shared pages counted once in all (PSS)."""
    total = 0
    for each in family(pid):
        try:
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
        except OSError:  # it has ended
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1000


def processor(pid: int) -> float:
    """Seconds of processor time that a process and all that it started have had: it is the same under any load."""
    total = 0
    for each in family(pid):
        try:
            facts = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(facts[11]) + int(facts[12])
    return total / os.sysconf("SC_CLK_TCK")


PARTS: Mapping[str, Callable[[Path], None]] = {"column": run_column, "large": run_large}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help=", ".join(PARTS))
    parser.add_argument("--peers", type=Path, default=ROOT / ".venv-bench" / "bin", help="where their programs are")
    chosen = parser.parse_args()
    if chosen.parts[:1] == ["serve"]:
        serve_list(int(chosen.parts[1]))
        return
    unknown = sorted(set(chosen.parts) - set(PARTS))
    if unknown:
        parser.error(f"there is no part '{unknown[0]}'; use {', '.join(PARTS)}")
    for part in chosen.parts or PARTS:
        PARTS[part](chosen.peers)


if __name__ == "__main__":
    main()
