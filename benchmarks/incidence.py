"""How fast a release becomes an incidence matrix, beside a loop over the solutions of a query, row by row.

Run: python -m benchmarks.incidence [BUILD] [--networks 1000] [--times 5] [--strict]

BUILD is a folder of releases; without it one of made-up networks (``benchmarks/generate.py``) is built for the run. Two
loops stand beside it: one that gives the matrix and the ids alone, and one that also gives what the matrix comes with
from the tables (names, kinds, countries, sectors, roles). All give the same matrix, which is checked. Medians of one
process; opening the store is not counted, and everything is read once before it is measured.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from benchmarks.build import measured
from benchmarks.generate import generate
from benchmarks.lines import Line, show
from integgraph.analysis.incidence import Incidence, Lists, Mode, incidence, projection
from integgraph.errors import Unprocessable
from integgraph.release import open_release
from integgraph.store import Store

NETWORKS = "SELECT ?network WHERE { ?network a ig:Network }"
TIES = "SELECT ?network ?actor WHERE { ?network a ig:Network ; org:hasMember ?actor }"
FACTS = (
    "SELECT ?thing (MIN(STR(?name)) AS ?value) WHERE { ?thing skos:prefLabel ?name } GROUP BY ?thing",
    "SELECT ?thing ?value WHERE { ?thing a ig:Network BIND('network' AS ?value) }",
    "SELECT ?thing ?value WHERE { ?thing (ig:seat|ig:areaOfActivity)/ig:within*/ig:countryCode ?value }",
    "SELECT ?thing ?value WHERE { ?thing ig:sector ?value }",
    "SELECT ?thing ?value WHERE { ?membership org:member ?thing ; org:role ?value }",
)

BAR = 3
"""How many times as fast as the loop that gives the matrix alone."""
MODES: tuple[Mode, ...] = ("actors", "networks")

Found = tuple[list[str], list[str], sp.csr_array]


def by_rows(store: Store) -> Found:
    """Ids of actors and networks and the matrix, from the solutions of two queries, one after the other."""
    networks: dict[str, int] = {}
    for found in store.select(NETWORKS).rows:
        networks.setdefault(_text(found[0]), len(networks))
    actors: dict[str, int] = {}
    rows, columns = [], []
    for network, actor in store.select(TIES).rows:
        rows.append(actors.setdefault(_text(actor), len(actors)))
        columns.append(networks[_text(network)])
    matrix = sp.csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(actors), len(networks)))
    names = [sorted(each) for each in (actors, networks)]
    ordered = matrix[[actors[name] for name in names[0]]][:, [networks[name] for name in names[1]]]
    return names[0], names[1], ordered


def by_rows_with_facts(store: Store) -> tuple[Found, list[dict[str, set[str]]]]:
    """The same, with a name, kind, country, sector and role of every actor and network."""
    facts = []
    for query in FACTS:
        values: dict[str, set[str]] = defaultdict(set)
        for thing, value in store.select(query).rows:
            values[_text(thing)].add(_text(value))
        facts.append(values)
    return by_rows(store), facts


def _text(term: Any) -> str:
    return str(term.value)


def median(times: int, work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what the work gave."""
    work()
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        found = work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken), found


def main() -> None:
    """Measure and print; the exit status is 1 where the bar does not hold and ``--strict`` was given."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("build", type=Path, nargs="?", help="a folder of releases")
    parser.add_argument("--networks", type=int, default=1_000, help="how many to make up where there is none (1000)")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--strict", action="store_true", help="exit with 1 where the bar does not hold")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if given.build is None:
            generate(Path(name) / "data", given.networks, 1)
            measured(Path(name) / "data", Path(name) / "build")
        holds = compare(given.build or Path(name) / "build", given.times)
    sys.exit(given.strict and not holds)


def compare(build: Path, times: int) -> bool:
    """Print all lines; whether the bar holds."""
    release = open_release(build)
    store = release.store()
    tables, found = median(times, lambda: incidence(Lists.of_release(release)))
    alone, (actors, networks, matrix) = median(times, lambda: by_rows(store))
    facts, _ = median(times, lambda: by_rows_with_facts(store))
    same = actors == found.actors.ids.tolist() and networks == found.networks.ids.tolist()
    if not same or (matrix != found.matrix).nnz:
        sys.exit("The two ways do not give the same matrix.")
    print(f"{len(networks):,} networks, {len(actors):,} actors, {matrix.nnz:,} ties")
    print(f"tables, with names, countries and so on     {tables:8.3f} s")
    holds = alone / tables >= BAR
    show(
        Line(
            f"loop over solutions, matrix and ids alone   {alone:8.3f} s", f"{alone / tables:.1f} ×", f"≥ {BAR}", holds
        )
    )
    show(Line(f"loop over solutions, with the same facts    {facts:8.3f} s", f"{facts / tables:.1f} ×"))
    for mode in MODES:
        _project(found, mode, times)
    print(f"most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")
    return holds


def _project(found: Incidence, mode: Mode, times: int) -> None:
    try:
        taken, made = median(times, lambda: projection(found, mode))
    except Unprocessable as refused:
        print(f"projection on {mode}: {refused}")
        return
    print(f"projection on {mode:<9} {made.nnz // 2:>12,} pairs     {taken:8.3f} s")


if __name__ == "__main__":
    main()
