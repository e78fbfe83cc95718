"""How long each named question takes on a release.

Run: python benchmarks/questions.py [--release build] [--rounds 5]
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

from integgraph.questions import load_questions
from integgraph.release import open_release


def main() -> None:
    """Print milliseconds a question."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", type=Path, default=Path("build"))
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    store = open_release(options.release).store()
    for question in load_questions().values():
        times = []
        for _ in range(options.rounds):
            start = time.perf_counter()
            rows = len(question.ask(store))
            times.append(time.perf_counter() - start)
        print(f"{question.id:<30} {statistics.median(times) * 1000:8.1f} ms  {rows:>6} rows")


if __name__ == "__main__":
    main()
