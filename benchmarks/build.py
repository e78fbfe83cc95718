"""How long a full build takes, stage by stage, and what the choices in it are worth.

Run: python benchmarks/build.py [--data data] [--rounds 3]
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import yaml

from integgraph.build import build, map_all, place_triples
from integgraph.ingest import validation, yamltext
from integgraph.ingest.mapping import Iris
from integgraph.ingest.places import Gazetteer
from integgraph.ingest.record import RecordReader
from integgraph.ontology import Ontology
from integgraph.settings import Settings


def seconds(run: Callable[[], object]) -> float:
    """Wall time of one run."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def stages(data: Path) -> dict[str, float]:
    """Seconds by stage of one full build, in the order of the stages."""
    settings = Settings()
    started = time.perf_counter()
    ends: dict[str, float] = {}

    def told(what: str, done: int, total: int) -> None:
        if done == total:
            ends[what] = time.perf_counter() - started

    with tempfile.TemporaryDirectory() as out:
        build(data, Path(out), base_iri=settings.base_iri, licence=settings.licence, processes=2, progress=told)
    moments = [0.0, *ends.values()]
    return {what: end - moments[number] for number, (what, end) in enumerate(ends.items())} | {"all": moments[-1]}


def yaml_loaders(data: Path) -> tuple[float, float]:
    """Milliseconds a record: our reader over libyaml, and PyYAML's safe_load in Python, interleaved."""
    texts = [file.read_text("utf-8") for file in sorted((data / "profiles").glob("*.yaml"))]
    ours, peer = [], []
    for text in texts:
        ours.append(seconds(partial(yamltext.load, text, "x")))
        peer.append(seconds(partial(yaml.load, text, Loader=yaml.SafeLoader)))
    return statistics.median(ours) * 1000, statistics.median(peer) * 1000


def batching(data: Path) -> dict[int, float]:
    """Milliseconds a profile that pySHACL takes, by profiles a graph; one process, shapes already read."""
    ontology = Ontology.load()
    gazetteer = Gazetteer.load(data / "places")
    reader = RecordReader(ontology, gazetteer)
    records = [reader.file(file)[0] for file in sorted((data / "profiles").glob("*.yaml"))[:50]]
    settings = Settings()
    profiles = map_all(records, ontology, Iris(settings.base_iri), settings.licence)
    places = place_triples(profiles, gazetteer, Iris(settings.base_iri))
    validation.validate(profiles[:1], places, ontology)
    found = {}
    for size in (1, 5, 25, 50):
        whole = seconds(partial(validation.validate, profiles, places, ontology, batch=size))
        found[size] = whole / len(profiles) * 1000
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    rounds = [stages(options.data) for _ in range(options.rounds)]
    print(f"Full build of {options.data}, median of {options.rounds}, 2 processes:")
    for what in rounds[0]:
        print(f"  {what:<20} {statistics.median(each[what] for each in rounds):6.2f} s")
    print(f"  memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:6.0f} MB")
    ours, peer = yaml_loaders(options.data)
    print(f"Reading a record: ours {ours:.2f} ms, yaml.safe_load {peer:.2f} ms, ratio {peer / ours:.1f}")
    for size, each in batching(options.data).items():
        print(f"Validating, {size:>2} profiles a graph: {each:5.1f} ms a profile")


if __name__ == "__main__":
    main()
