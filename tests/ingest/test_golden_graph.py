"""The graph that the Halberstadt profile becomes, triple by triple.

The profile's wording belongs to its authors, so running text of the golden graph is kept as its digest alone.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyoxigraph as ox
import pytest

from integgraph.ingest.mapping import Iris, map_record
from integgraph.ingest.places import Gazetteer
from integgraph.ingest.record import RecordReader
from integgraph.ingest.sources import read_profile
from integgraph.ontology import Ontology
from tests.conftest import ROOT, SHARED

GOLDEN = Path(__file__).parents[1] / "golden" / "halberstadt.nt"
LONGEST = 40


def shown(triple: ox.Triple) -> str:
    value = triple.object
    if isinstance(value, ox.Literal) and len(value.value) > LONGEST:
        digest = hashlib.sha256(value.value.encode()).hexdigest()
        value = (
            ox.Literal(f"sha256:{digest}", language=value.language)
            if value.language
            else ox.Literal(f"sha256:{digest}")
        )
    return f"{ox.Triple(triple.subject, triple.predicate, value)} ."


def halberstadt(ontology: Ontology) -> list[str]:
    reader = RecordReader(ontology, Gazetteer.load(ROOT / "data" / "places"))
    record, problems = read_profile(SHARED / "data" / "profile" / "halberstadt.txt", reader)
    assert [problem for problem in problems if problem.severity == "violation"] == []
    profile = map_record(
        record, ontology, Iris("https://w3id.org/integgraph/id/"), "https://creativecommons.org/licenses/by/4.0/"
    )
    return sorted(map(shown, profile.triples()))


@pytest.mark.shared
def test_the_imported_profile_becomes_the_golden_graph(ontology: Ontology) -> None:
    assert halberstadt(ontology) == GOLDEN.read_text("utf-8").splitlines()
