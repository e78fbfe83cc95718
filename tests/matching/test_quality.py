"""The bars of quality and speed on the reference data."""

from __future__ import annotations

import csv
import gzip

import pytest
from benchmarks import matching as bench

from integgraph.matching import REVIEW, Candidate, Matcher

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def berlin() -> tuple[Matcher, list[tuple[str, str]]]:
    names, pairs = bench.berlin()
    return Matcher(Candidate(name, (name,)) for name in names), pairs


def test_judged_cases() -> None:
    found = bench.judge(Matcher(bench.network_candidates(), gazetteer=bench.gazetteer()), bench.read_cases())
    assert found.wrong == ()
    assert found.suggested >= 0.9 * found.groups
    assert found.first >= 0.8 * found.groups
    assert found.auc >= 0.95


def test_the_other_spelling_of_a_name_in_berlin(berlin: tuple[Matcher, list[tuple[str, str]]]) -> None:
    matcher, pairs = berlin
    places = bench.ranks(matcher, pairs)
    assert sum(place == 1 for place in places) >= 0.78 * len(pairs)
    assert sum(place <= 5 for place in places) >= 0.92 * len(pairs)


@pytest.mark.slow
def test_suggesting_within_berlin_comes_to_an_end(berlin: tuple[Matcher, list[tuple[str, str]]]) -> None:
    assert sum(1 for _ in berlin[0].pairs()) > 1000


def test_a_plain_list_of_beneficiaries() -> None:
    with gzip.open(
        bench.SHARED / "tables" / "esf_sachsen_anhalt_2007_2013.csv.gz", "rt", encoding="utf-8", newline=""
    ) as file:
        names = {row["Name des Begünstigten"] for row in csv.DictReader(file)}
    matcher = Matcher((Candidate(name, (name,)) for name in names), gazetteer=bench.gazetteer())
    spellings = {name for name in names if "diakonisches werk" in name.lower() and "halberstadt" in name.lower()}
    found = matcher.find("Diakonisches Werk im Kirchenkreis Halberstadt e.V.")
    assert {each.candidate.id for each in found if each.score >= REVIEW} == spellings
    assert len(spellings) == 2
    caritas = matcher.find("Caritasverband für das Dekanat Halberstadt")
    assert [each.candidate.id for each in caritas if each.score >= REVIEW] == []
