from collections.abc import Callable

import pytest

from integgraph.errors import InputError, Problem
from integgraph.ingest import yamltext
from integgraph.ingest.mapping import Iris, MappedProfile, map_record
from integgraph.ingest.places import Gazetteer, Place
from integgraph.ingest.record import Record, RecordReader
from integgraph.ontology import Ontology

LEAST = {
    "label": "label: Netz",
    "area": "area: land",
    "sources": "sources:\n  - title: Über uns\n    retrieved: 2026-11-23\n    read: whole",
}
"""The keys that every record needs, as a person writes them."""


@pytest.fixture(scope="session")
def ontology() -> Ontology:
    return Ontology.load()


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return Gazetteer.of(
        [
            Place("land", {"de": "Land", "en": "Country"}, "country", country="DE", nuts="DE"),
            Place("kreis", {"de": "Kreis"}, "district", within="land", country="DE"),
            Place("ort", {"de": "Ort"}, "town", within="kreis", country="DE", nuts3="DEE09"),
            Place("neustadt-a", {"de": "Neustadt"}, "town", within="kreis"),
            Place("neustadt-b", {"de": "Neustadt"}, "town", within="land"),
        ]
    )


@pytest.fixture(scope="session")
def reader(ontology, gazetteer) -> RecordReader:
    return RecordReader(ontology, gazetteer)


def written(text: str = "", *, id: str = "netz", language: str = "de", without: tuple[str, ...] = ()) -> str:
    """A record around ``text``: the keys that every record needs, but for those that ``text`` writes or leaves out."""
    taken = {line.partition(":")[0] for line in text.splitlines()} | set(without)
    least = [line for key, line in LEAST.items() if key not in taken]
    return "\n".join([f"id: {id}", f"language: {language}", *least, text])


@pytest.fixture(scope="session")
def read(reader) -> Callable[..., Record]:
    """Read a record; ``file`` names it."""

    def read(text: str = "", *, file: str = "netz.yaml", **around) -> Record:
        return reader.document(yamltext.load(written(text, **around), file), file)[0]

    return read


@pytest.fixture(scope="session")
def faults(reader) -> Callable[..., list[Problem]]:
    """The problems of a record, warnings too."""

    def faults(text: str = "", **around) -> list[Problem]:
        try:
            return reader.document(yamltext.load(written(text, **around), "netz.yaml"), "netz.yaml")[1]
        except InputError as error:
            return list(error.problems)

    return faults


@pytest.fixture(scope="session")
def iris() -> Iris:
    return Iris("https://example.org/id/")


@pytest.fixture(scope="session")
def mapped(read, ontology, iris) -> Callable[..., MappedProfile]:
    """Read a record and map it."""

    def mapped(text: str = "", **around) -> MappedProfile:
        return map_record(read(text, **around), ontology, iris, "https://creativecommons.org/licenses/by/4.0/")

    return mapped
