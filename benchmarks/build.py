"""How long a build takes and how much memory it needs, stage by stage: anew, and after one record was changed.

Run: python -m benchmarks.build [--networks 1000] [--seed 1] [--data DIR] [--check]

Without ``--data`` a collection of that size is made up (benchmarks/generate.py). ``--check`` also compares the renewed
release with a full build of the same data. Memory is what the whole tree of processes holds (proportional set size,
so that shared pages count once; Linux).
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import yaml

from benchmarks.generate import generate
from integgraph.build import Built, build, map_all, place_triples
from integgraph.ingest import validation, yamltext
from integgraph.ingest.mapping import Iris
from integgraph.ingest.places import Gazetteer
from integgraph.ingest.record import RecordReader
from integgraph.ontology import Ontology
from integgraph.settings import Settings


class Memory(threading.Thread):
    """Watches the memory of this process and its children, five times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = 0.0
        self._stop = threading.Event()

    def run(self) -> None:
        while not self._stop.wait(0.2):
            self.peak = max(self.peak, sum(map(megabytes, tree(os.getpid()))))

    def take(self) -> float:
        """The highest value since the last time, in MB."""
        peak, self.peak = self.peak, 0.0
        return peak

    def end(self) -> None:
        self._stop.set()


def tree(process: int) -> list[int]:
    """A process and everything below it."""
    found = [process]
    for each in found:
        try:
            for thread in Path(f"/proc/{each}/task").iterdir():
                found += [int(child) for child in (thread / "children").read_text().split()]
        except OSError:
            continue
    return found


def megabytes(process: int) -> float:
    """Proportional set size without the pages of files, which the system takes back when it needs them."""
    try:
        facts = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in facts.splitlines() if line.startswith(("Pss_Anon", "Pss_Shmem"))) / 1024


def measured(data: Path, out: Path, *, anew: bool = False) -> tuple[Built, list[tuple[str, float, float]]]:
    """A build with (stage, seconds, MB)."""
    settings = Settings()
    memory = Memory()
    memory.start()
    found: list[tuple[str, float, float]] = []
    last = time.perf_counter()

    def told(what: str, done: int, total: int) -> None:
        nonlocal last
        if done == total:
            now = time.perf_counter()
            found.append((what, now - last, memory.take()))
            last = now

    built = build(
        data,
        out,
        base_iri=settings.base_iri,
        licence=settings.licence,
        processes=os.cpu_count() or 1,
        anew=anew,
        progress=told,
    )
    memory.end()
    return built, found


def show(title: str, stages: list[tuple[str, float, float]]) -> None:
    print(title)
    for what, seconds, peak in stages:
        print(f"  {what:<20} {seconds:8.2f} s {peak:8.0f} MB")
    total, highest = sum(seconds for _, seconds, _ in stages), max(peak for _, _, peak in stages)
    print(f"  {'all':<20} {total:8.2f} s {highest:8.0f} MB", flush=True)


def change_one(data: Path, number: int) -> None:
    """Rename one network."""
    files = sorted((data / "profiles").glob("*.yaml"))
    file = files[len(files) * number // 7]
    lines = file.read_text("utf-8").splitlines(keepends=True)
    place = next(place for place, line in enumerate(lines) if line.startswith("label:"))
    lines[place] = f'label: "Renamed {number} {time.time_ns()}"\n'
    file.write_text("".join(lines), "utf-8")


def yaml_loaders(data: Path) -> tuple[float, float]:
    """Milliseconds a record: our reader over libyaml, and PyYAML's safe_load in Python, interleaved."""
    texts = [file.read_text("utf-8") for file in sorted((data / "profiles").glob("*.yaml"))[:120]]
    ours, peer = [], []
    for text in texts:
        ours.append(seconds(partial(yamltext.load, text, "x")))
        peer.append(seconds(partial(yaml.load, text, Loader=yaml.SafeLoader)))
    return statistics.median(ours) * 1000, statistics.median(peer) * 1000


def seconds(run: Callable[[], object]) -> float:
    """Wall time of one run."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def validating(data: Path) -> dict[str, float]:
    """Milliseconds a profile that pySHACL takes: on the published shapes, and on the same rules as we give them."""
    ontology = Ontology.load()
    gazetteer = Gazetteer.load(data / "places")
    reader = RecordReader(ontology, gazetteer)
    records = [reader.file(file)[0] for file in sorted((data / "profiles").glob("*.yaml"))[:50]]
    settings = Settings()
    profiles = map_all(records, ontology, Iris(settings.base_iri), settings.licence)
    places = place_triples(profiles, gazetteer, Iris(settings.base_iri))
    validation.validate(profiles[:1], places, ontology)
    whole = seconds(partial(validation.validate, profiles, places, ontology))
    published = seconds(partial(validation.validate_as_published, profiles, places, ontology))
    return {"published shapes": published / len(profiles) * 1000, "same rules as targets": whole / len(profiles) * 1000}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, help="a data folder instead of a made-up one; it is changed")
    parser.add_argument("--rounds", type=int, default=3, help="renewals, one changed record each")
    parser.add_argument("--check", action="store_true", help="compare with a full build at the end")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        data = options.data or Path(name) / "data"
        if options.data is None:
            generate(data, options.networks, options.seed)
        out = Path(name) / "out"
        built, stages = measured(data, out)
        counts = built.release.manifest["counts"]
        show(f"Anew, {counts['networks']:,} networks, {counts['quads']:,} quads:", stages)
        for number in range(1, options.rounds + 1):
            change_one(data, number)
            built, stages = measured(data, out)
            show(f"One record changed ({built.unchanged:,} profiles taken over):", stages)
        if options.check:
            full, _ = measured(data, Path(name) / "full", anew=True)
            same = full.release.content_hash == built.release.content_hash
            print("Renewed and built anew:", "one content hash" if same else "DIFFERENT CONTENT")
        ours, peer = yaml_loaders(data)
        print(f"Reading a record: ours {ours:.2f} ms, yaml.safe_load {peer:.2f} ms, ratio {peer / ours:.1f}")
        for what, each in validating(data).items():
            print(f"Validating a profile, {what}: {each:.1f} ms")


if __name__ == "__main__":
    main()
