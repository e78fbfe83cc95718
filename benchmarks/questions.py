"""How long each named question takes on a release, and which are slower than the bar.

Run: python benchmarks/questions.py [--release build] [--rounds 5] [--bar 1000] [--only ID]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Mapping
from pathlib import Path

from integgraph.questions import BASE_IRI, Question, load_questions
from integgraph.release import open_release
from integgraph.store import Store

LARGEST = {
    "network": "SELECT ?it WHERE { ?it ig:membership ?m } GROUP BY ?it ORDER BY DESC(COUNT(?m)) ?it LIMIT 1",
    "actor": "SELECT ?it WHERE { ?m org:member ?it } GROUP BY ?it ORDER BY DESC(COUNT(?m)) ?it LIMIT 1",
}
"""The dearest thing to ask about; the default of a parameter may not be in a made-up collection."""


def timed(question: Question, store: Store, base_iri: str, things: Mapping[str, str], rounds: int) -> tuple[float, int]:
    """Median milliseconds of ``rounds`` answers, and the rows of the answer; asked with defaults and ``things``."""
    given = {each.name: things[each.type] for each in question.parameters if each.type in things}
    times = []
    rows = 0
    for _ in range(rounds):
        start = time.perf_counter()
        rows = len(question.ask(store, given, base_iri=base_iri))
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000, rows


def main() -> None:
    """Print milliseconds and rows a question, and mark what is above the bar."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--release", type=Path, default=Path("build"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--bar", type=float, default=1000, help="milliseconds")
    parser.add_argument("--only", action="append", help="id of a question; may be repeated")
    options = parser.parse_args()
    release = open_release(options.release)
    store, base_iri = release.store(), str(release.manifest.get("base_iri", BASE_IRI))
    largest = {kind: store.select(query).column("it") for kind, query in LARGEST.items()}
    things = {kind: str(found[0]) for kind, found in largest.items() if found}
    questions = [each for each in load_questions().values() if not options.only or each.id in options.only]
    slow = 0
    for question in questions:
        milliseconds, rows = timed(question, store, base_iri, things, options.rounds)
        mark = "  above the bar" if milliseconds > options.bar else ""
        slow += bool(mark)
        print(f"{question.id:<30} {milliseconds:9.1f} ms  {rows:>7} rows{mark}", flush=True)
    print(f"{len(questions)} questions, {slow} above {options.bar:.0f} ms (median of {options.rounds})")


if __name__ == "__main__":
    main()
