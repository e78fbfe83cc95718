"""The plain questions: who steers, who pays, which groups, what changed; on Halberstadt and on made-up networks."""

from __future__ import annotations

import inspect
import json
from typing import Any

import networkx as nx
import pytest

from integgraph.analysis.measures import State, cohesion, size
from integgraph.analysis.measures.catalogue import CATALOGUE, PARTS, page
from integgraph.analysis.measures.centralisation import degree_centralisation
from integgraph.analysis.measures.change import change, compare, list_overlap
from integgraph.analysis.measures.coverage import Cell, Listing, coverage
from integgraph.analysis.measures.funding import concentration, funder_dependence, funder_loss
from integgraph.analysis.measures.governance import MODES, governance_mode, tally
from integgraph.errors import Unprocessable
from integgraph.ontology import Ontology
from tests.conftest import ROOT

CARITAS, DIAKONIE, ZORA = "caritasverband", "diakonisches-werk", "soziokulturelles-zentrum-zora"
HALBERSTADT: dict[str, Any] = {
    "coordination": {"absent": "stated-none", "raw": "No coordinating organisation"},
    "formalisation": ["soft-agreements", "informal"],
    "members": [CARITAS, DIAKONIE, ZORA],
    "members_complete": "yes",
}
NONE_STATED = HALBERSTADT["coordination"]


def halberstadt_funding() -> Any:
    graph: Any = nx.MultiDiGraph()
    graph.add_node("flow-1#funder", label="federal", kind="unnamed")
    graph.add_node("flow-3#funder", label="donations", kind="unnamed")
    graph.add_node("stadt-halberstadt", label="Stadt Halberstadt", kind="actor")
    graph.add_nodes_from((CARITAS, DIAKONIE, ZORA), kind="actor")
    for number, member in enumerate((CARITAS, DIAKONIE), 1):
        graph.add_edge("flow-1#funder", member, key="flow-1", role="funds", categories="federal")
        graph.add_node(f"flow-1#activity-{number}", label="migration counselling", kind="activity")
        graph.add_edge(member, f"flow-1#activity-{number}", key="flow-1", role="for", categories="federal")
    graph.add_edge("stadt-halberstadt", ZORA, key="flow-2", role="funds", categories="municipal")
    graph.add_edge("flow-3#funder", ZORA, key="flow-3", role="funds", categories="donations")
    return graph


# ---------------------------------------------------------------------------------------------------------------------
# Halberstadt


def test_halberstadt_is_participant_governed() -> None:
    answer = governance_mode(HALBERSTADT)
    found = answer.found
    assert (found.mode, found.rule, found.confidence) == ("participant-governed", "G1", "high")
    assert (found.evidence[0].field, found.evidence[0].words) == ("coordination", "No coordinating organisation")
    assert answer.sentence.en == (
        "The network is participant-governed. G1: no coordinating organisation, as stated (“No coordinating "
        "organisation”). Confidence: high."
    )
    assert answer.sentence.de == (
        "Das Netzwerk wird von den Beteiligten gesteuert. G1: laut Angabe keine koordinierende Organisation („No "
        "coordinating organisation“). Verlässlichkeit: hoch."
    )


def test_the_structure_of_halberstadt_is_forced() -> None:
    projection = nx.complete_graph(3)
    for answer, value in (
        (size.density(projection, networks=1), 1.0),
        (degree_centralisation(projection, networks=1), 0.0),
        (cohesion.average_clustering(projection, networks=1), 1.0),
        (size.two_mode_density([[1], [1], [1]]), 1.0),
    ):
        assert (answer.state, answer.value) == (State.FORCED, value)


def test_halberstadt_without_the_city() -> None:
    answer = funder_loss(halberstadt_funding(), "stadt-halberstadt")
    assert list(answer.found) == [ZORA]
    assert (answer.found[ZORA].before, answer.found[ZORA].after, answer.found[ZORA].kept) == (2, 1, ("donations",))
    assert answer.found[ZORA].share is None
    assert sorted(answer.details["not_affected"]) == [CARITAS, DIAKONIE]
    assert answer.sentence.en == (
        f"If Stadt Halberstadt stopped: {ZORA} loses one of two known sources; amounts unknown. Not affected on paper: "
        f"{CARITAS}, {DIAKONIE}."
    )


def test_halberstadt_without_federal_funds() -> None:
    answer = funder_loss(halberstadt_funding(), category="federal")
    assert {name: loss.after for name, loss in answer.found.items()} == {CARITAS: 0, DIAKONIE: 0}
    assert answer.found[CARITAS].activities == ("migration counselling",)
    assert answer.details["not_affected"] == [ZORA]


def test_the_funders_of_halberstadt() -> None:
    answer = funder_dependence(halberstadt_funding())
    assert answer.found[ZORA].bounds == (0.5, 1.0) and answer.found[ZORA].hhi is None
    assert (answer.found[ZORA].sources, answer.found[ZORA].named) == (2, 1)
    assert sorted(answer.details["sole"]) == [CARITAS, DIAKONIE]


# ---------------------------------------------------------------------------------------------------------------------
# Who steers


LEAD = {"id": "a", "name": "A", "sector": "ngo"}
CITY = {"id": "city", "name": "City", "sector": "municipality"}


@pytest.mark.parametrize(
    ("answers", "mode", "rule", "confidence"),
    [
        ({"coordination": NONE_STATED}, "participant-governed", "G1", "high"),
        ({"coordination": NONE_STATED, "formalisation": "legal-entity"}, "participant-governed", "G1", "medium"),
        ({"coordination": [LEAD | {"services": True}], "members": ["a", "b"]}, "lead-organisation", "G2", "high"),
        ({"coordination": [LEAD], "members": [{"id": "a"}, {"id": "b"}]}, "lead-organisation", "G2", "medium"),
        ({"coordination": LEAD, "members": ["a"], "formalisation": ["informal"]}, "lead-organisation", "G2", "low"),
        ({"coordination": LEAD, "members": ["a"], "formalisation": ["Written agreement"]}, "lead-organisation", "G2", "high"),
        ({"coordination": [LEAD], "members": ["b", "c"], "members_complete": "yes"}, "network-administrative-organisation", "G3", "high"),
        ({"coordination": [LEAD], "members": ["b", "c"], "members_complete": "no"}, "network-administrative-organisation", "G3", "low"),
        ({"coordination": [LEAD], "members": ["b", "c"]}, "network-administrative-organisation", "G3", "medium"),
        ({"coordination": [LEAD | {"only_coordinates": True}], "members": ["a"]}, "network-administrative-organisation", "G3", "high"),
        ({"coordination": [CITY], "members": ["city", "b"]}, "lead-or-nao", "G4", "medium"),
        ({"coordination": [CITY], "members": ["b"], "members_complete": "yes"}, "lead-or-nao", "G4", "medium"),
        ({"coordination": [CITY | {"services": True}], "members": ["city"]}, "lead-organisation", "G2", "high"),
        ({"coordination": [LEAD | {"funds": True}], "members": ["a"]}, "lead-or-nao", "G4", "medium"),
        ({"coordination": ["x"]}, "lead-or-nao", "G4", "low"),
        ({"coordination": [LEAD, CITY], "members": ["a"]}, "joint-coordination", "G5", "high"),
        ({"coordination": [LEAD, LEAD], "members": ["a"]}, "lead-organisation", "G2", "medium"),
    ],
)  # fmt: skip
def test_the_rules_of_governance(answers: dict[str, Any], mode: str, rule: str, confidence: str) -> None:
    answer = governance_mode(answers)
    assert (answer.found.mode, answer.found.rule, answer.found.confidence) == (mode, rule, confidence)
    assert rule in answer.sentence.en and rule in answer.sentence.de
    json.dumps(answer.plain(), allow_nan=False)


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"coordination": None},
        {"coordination": []},
        {"coordination": {"absent": "not-recorded"}},
        {"members": ["a"]},
    ],
)
def test_a_blank_is_not_determinable(answers: dict[str, Any]) -> None:
    answer = governance_mode(answers)
    assert answer.state is State.UNKNOWN and answer.value is None
    assert answer.details == {"rule": "G0", "mode": "not-determinable"}


@pytest.mark.parametrize("formal", ["informal", "soft-agreements", "written-agreement", "legal-entity", None])
def test_formalisation_never_changes_the_mode(formal: str | None) -> None:
    for given in (NONE_STATED, [LEAD], [CITY], [LEAD, CITY]):
        with_it = governance_mode({"coordination": given, "members": ["a"], "formalisation": formal and [formal]})
        without = governance_mode({"coordination": given, "members": ["a"]})
        assert (with_it.found.mode, with_it.found.rule) == (without.found.mode, without.found.rule)


def test_a_person_may_set_the_mode_with_a_source() -> None:
    given = {"mode": "lead-organisation", "source": "minutes of 2022-03", "words": "Caritas leads"}
    found = governance_mode(HALBERSTADT, given).found
    assert (found.mode, found.rule, found.derived) == ("lead-organisation", "override", "participant-governed")
    assert found.override is not None and found.override.source == "minutes of 2022-03"
    assert governance_mode({}, given).found.derived is None
    with pytest.raises(Unprocessable, match="needs a source"):
        governance_mode(HALBERSTADT, {"mode": "lead-organisation", "source": " "})
    with pytest.raises(Unprocessable, match="no mode of governance 'monarchy'"):
        governance_mode(HALBERSTADT, {"mode": "monarchy", "source": "x"})


def test_the_modes_are_those_of_the_vocabulary() -> None:
    concepts = {name.rpartition("/")[2] for name in _concepts()}
    assert set(MODES) | {"not-determinable"} == concepts


def _concepts() -> list[str]:
    scheme = "https://w3id.org/integgraph/vocabulary/governance-mode/"
    text = (ROOT / "ontology" / "vocabularies" / "governance-mode.ttl").read_text("utf-8")
    assert Ontology.load() is not None
    return [scheme + line.split()[0][1:] for line in text.splitlines() if line.startswith(":")]


def test_a_tally_of_modes() -> None:
    many = {str(n): governance_mode({"coordination": [LEAD, CITY]}) for n in range(2)} | {"x": governance_mode({})}
    assert tally(many).de == "gemeinsam koordiniert: 2; nicht bestimmbar: 1"


# ---------------------------------------------------------------------------------------------------------------------
# Who pays


def test_amounts_give_the_concentration_only_where_all_are_known() -> None:
    graph: Any = nx.MultiDiGraph()
    graph.add_edge("a", "x", amount=300.0, currency="EUR")
    graph.add_edge("b", "x", amount=100.0, currency="EUR")
    found = funder_dependence(graph).found["x"]
    assert found.hhi == 0.625 == found.bounds[0] == found.bounds[1]
    assert funder_loss(graph, "a").found["x"].share == 0.75
    graph.add_edge("c", "x")
    assert funder_dependence(graph).found["x"].bounds == (1 / 3, 1.0)
    assert funder_loss(graph, "a").found["x"].share is None
    other: Any = nx.MultiDiGraph(
        [("a", "x", {"amount": 1.0, "currency": "EUR"}), ("b", "x", {"amount": 1.0, "currency": "CHF"})]
    )
    assert funder_dependence(other).found["x"].hhi is None


def test_no_funding_is_unknown_not_zero() -> None:
    nothing: Any = nx.DiGraph()
    assert funder_dependence(nothing).state is State.UNKNOWN
    assert funder_loss(nothing, "city").state is State.UNKNOWN
    assert funder_loss(halberstadt_funding(), "land").sentence.en.endswith("Land is not among the stated sources.")
    assert concentration(None).state is State.UNKNOWN
    assert concentration([None, 3.0]).details["bounds"] == (0.5, 1.0)
    assert concentration([0.0, 0.0]).state is State.UNKNOWN
    assert concentration([5.0]).state is State.FORCED


# ---------------------------------------------------------------------------------------------------------------------
# Which groups, what changed


def test_an_unknown_list_is_no_gap() -> None:
    known = Listing("Harz", {"language"}, {"refugees"})
    only = coverage([known], ["language", "health"], ["refugees"]).found
    assert only.cell("Harz", "health", "refugees") is Cell.GAP
    both = coverage([known, Listing("Harz", None, None)], ["language", "health"], ["refugees"]).found
    assert both.cell("Harz", "health", "refugees") is Cell.UNKNOWN
    assert both.cell("Harz", "language", "refugees") is Cell.THIN
    assert both.cell("Umbria", "language", "refugees") is Cell.UNKNOWN
    half = coverage([Listing("Harz", {"language"}, None)], ["health"], ["refugees"])
    assert half.state is State.UNKNOWN
    twice = coverage([known, known], ["language"], ["refugees"]).found
    assert twice.cell("Harz", "language", "refugees") is Cell.COVERED
    assert coverage([]).state is State.UNKNOWN


def test_change_needs_two_dates_in_order() -> None:
    assert change({"a"}, {"b"}).state is State.UNKNOWN
    assert change({"a"}, None, ("2020", "2021")).state is State.UNKNOWN
    assert change({"a"}, {"b"}, ("2021", "2021")).state is State.UNKNOWN
    assert "not earlier" in change({"a"}, {"b"}, ("2022", "2021")).sentence.en
    assert change(set(), set(), ("2020", "2021")).state is State.UNKNOWN
    found = change(set(), {"b"}, ("2020", "2021"))
    assert found.found.jaccard == 0 and found.found.turnover is None


def test_growth_is_not_exchange() -> None:
    grown = compare("ab", "abcd")
    assert grown.turnover == 0 and grown.size_part == pytest.approx(1 / 3) and grown.jaccard == 0.5
    swapped = compare("ab", "cd")
    assert swapped.turnover == 1 and swapped.size_part == 0
    assert compare("", "").jaccard == 1


def test_overlap_of_lists() -> None:
    assert list_overlap({"a"}, None).state is State.UNKNOWN
    assert list_overlap((), ()).state is State.UNKNOWN
    assert list_overlap({"a"}, {"b"}).sentence.en == "Both list 0 of 2 entries (0 %)."


def test_completeness_counts_a_stated_none_as_an_answer() -> None:
    fields = {"a": "value", "b": "stated-none", "c": "not-recorded", "d": "withheld", "e": ""}
    answer = size.list_completeness(3, 3, fields)
    assert (answer.details["fields_answered"], answer.details["fields_asked"]) == (2, 4)
    assert answer.sentence.en == "Members named: 3 of 3. Fields answered: 2 of 4."
    assert size.list_completeness(None, 60).state is State.UNKNOWN
    assert size.list_completeness(0, None).sentence.en.endswith(
        "0 members are named, and the source does not say of how many."
    )
    assert size.list_completeness(80, 60).value == 1


# ---------------------------------------------------------------------------------------------------------------------
# The catalogue and its page


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.measure.key)
def test_every_measure_says_what_it_is(entry: Any) -> None:
    text = inspect.getdoc(entry.function) or ""
    for label in PARTS:
        assert entry.part(label), (entry.measure.key, label)
    assert ">>>" in text
    assert entry.measure.question.en.endswith("?") and entry.measure.question.de.endswith("?")


def test_keys_are_unique() -> None:
    keys = [entry.measure.key for entry in CATALOGUE]
    assert len(set(keys)) == len(keys)


def test_the_page_of_measures_is_up_to_date() -> None:
    assert (ROOT / "docs" / "measures.md").read_text("utf-8") == page()
