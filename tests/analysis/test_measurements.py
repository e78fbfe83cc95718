"""The measurements of a release: the same answers as the reports give, in a graph of their own, renewed with the rest."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from integgraph.analysis.measurements.networks import holding, of_network
from integgraph.analysis.measurements.writing import WRITTEN, Writing
from integgraph.analysis.measures.answers import Basis, State
from integgraph.analysis.measures.catalogue import CATALOGUE
from integgraph.analysis.measures.centralisation import degree_centralisation
from integgraph.analysis.measures.cohesion import average_clustering
from integgraph.analysis.measures.onelist import one_list
from integgraph.analysis.measures.size import density
from integgraph.analysis.reports import analyse
from integgraph.analysis.reports.facts import Source
from integgraph.analysis.reports.model import Report
from integgraph.analysis.reports.steering import governance
from integgraph.analysis.selection import Selection
from integgraph.build import Built, build
from integgraph.errors import InputError
from integgraph.ontology import IG, Ontology
from integgraph.release import Release
from integgraph.settings import Settings
from integgraph.store import iri

BASE = "https://w3id.org/integgraph/id/"
GRAPH = "https://w3id.org/integgraph/measurements"
MEASURED = """
SELECT ?graph ?thing ?measurement ?key ?state ?value ?actors ?networks ?ties ?since ?until ?mode ?rule ?sure ?derived ?en ?de WHERE {
  GRAPH ?graph {
    ?measurement a ig:Measurement ; ig:measuredThing ?thing ; ig:measure/dct:identifier ?key ; ig:answerState ?state .
    OPTIONAL { ?measurement ig:measuredValue ?value }
    OPTIONAL { ?measurement ig:actorCount ?actors }
    OPTIONAL { ?measurement ig:networkCount ?networks }
    OPTIONAL { ?measurement ig:tieCount ?ties }
    OPTIONAL { ?measurement ig:statusFrom ?since }
    OPTIONAL { ?measurement ig:statusTo ?until }
    OPTIONAL { ?measurement ig:governanceMode ?mode }
    OPTIONAL { ?measurement ig:governanceRule ?rule }
    OPTIONAL { ?measurement ig:governanceConfidence ?sure }
    OPTIONAL { ?measurement ig:derivedMode ?derived }
    OPTIONAL { ?measurement dct:description ?en FILTER(LANG(?en) = "en") }
    OPTIONAL { ?measurement dct:description ?de FILTER(LANG(?de) = "de") }
  }
}
"""


def measured(release: Release, thing: str) -> dict[str, dict[str, Any]]:
    """What the graph says of a thing, by measure."""
    rows = release.store().select(MEASURED, {"thing": iri(thing), "graph": iri(GRAPH)}).records()
    found = {str(row["key"]): row for row in rows}
    assert len(found) == len(rows), "one answer of a measure on a thing"
    return found


def make(data: Path, out: Path, *, anew: bool = False) -> Built:
    settings = Settings()
    return build(data, out, base_iri=settings.base_iri, licence=settings.licence, anew=anew)


def same_as_report(found: dict[str, dict[str, Any]], report: Report, *, sentences: bool) -> None:
    """Every measurement is an answer of the report, with its state, value, inputs and dates."""
    lines = {line.answer.measure: line for _, line in report.lines}
    for key, row in found.items():
        if key == "fields-answered" and key not in lines:
            continue  # of one network it stands in the details of another answer
        line = lines[key]
        inputs = line.answer.inputs
        assert (row["state"], row["value"]) == (str(line.state), line.value), (report.title.en, key)
        assert (row["actors"], row["networks"], row["ties"]) == (inputs.actors, inputs.networks, inputs.ties), key
        dates = (min(inputs.dates), max(inputs.dates)) if inputs.dates else (None, None)
        assert (row["since"], row["until"]) == dates
        if sentences and key != "cut-members":  # which is named in a report, and counted here
            assert (row["en"], row["de"]) == (line.answer.sentence.en, line.answer.sentence.de)


# ---------------------------------------------------------------------------------------------------------------------
# The same answers as the reports


def test_networks_are_measured_as_reports_answer(golden: Built) -> None:
    for name in ("alpha", "beta", "gamma"):
        found = measured(golden.release, f"{BASE}network/{name}")
        assert set(found) == {
            "governance-mode", "list-completeness", "fields-answered", "density", "average-clustering",
            "degree-centralisation",
        }  # fmt: skip
        same_as_report(found, analyse(golden.release, "network", name), sentences=False)


def test_real_networks_are_steered_as_reports_say(collection: Built, ontology: Ontology) -> None:
    facts = Source(collection.release, ontology).facts()
    rows = collection.release.store().select(
        "SELECT ?network ?state ?mode ?rule ?sure WHERE { GRAPH ?g { ?m ig:measuredThing ?network ; ig:governanceRule ?rule ; "
        "ig:answerState ?state ; ig:governanceMode ?mode OPTIONAL { ?m ig:governanceConfidence ?sure } } }"
    )
    found = {str(row["network"]): row for row in rows.records()}
    assert set(found) == set(facts.networks) and len(found) >= 120
    for network in facts.networks:
        answer, row = governance(facts, network), found[network]
        mode = answer.value.mode if answer.value else "not-determinable"
        rule = answer.value.rule if answer.value else answer.details["rule"]
        sure = answer.value.confidence if answer.value else None
        assert (row["state"], str(row["mode"]).rpartition("/")[2]) == (str(answer.state), mode), network
        assert (row["rule"], row["sure"]) == (rule, sure), network


@pytest.mark.slow
def test_places_are_measured_as_reports_answer(collection: Built) -> None:
    places = collection.release.store().select(
        "SELECT DISTINCT ?place WHERE { GRAPH ?g { ?m ig:measuredThing ?place } ?place a ig:Place } ORDER BY ?place"
    )
    names = [str(row["place"]) for row in places.records()]
    assert {f"{BASE}place/country-de", f"{BASE}place/nuts-dee"} <= set(names)
    for place in (f"{BASE}place/nuts-dee", f"{BASE}place/country-it", *names[:2]):
        selection = Selection(places=place.rpartition("/")[2])
        report = analyse(collection.release, "collection", selection=selection)
        same_as_report(measured(collection.release, place), report, sentences=True)
    whole = measured(collection.release, f"{GRAPH}#all")
    same_as_report(whole, analyse(collection.release, "collection"), sentences=True)


def test_a_place_with_one_network_is_not_measured(golden: Built) -> None:
    assert measured(golden.release, f"{BASE}place/country-it") == {}
    assert set(measured(golden.release, f"{BASE}place/country-de")) == set(measured(golden.release, f"{GRAPH}#all"))


def test_halberstadt(collection: Built) -> None:
    found = measured(collection.release, f"{BASE}network/caritas-diakonie-zora-halberstadt")
    steered = found["governance-mode"]
    assert (steered["value"], steered["rule"], steered["sure"]) == ("participant-governed", "G1", "high")
    assert {key: found[key]["state"] for key in ("density", "average-clustering", "degree-centralisation")} == {
        "density": "forced",
        "average-clustering": "forced",
        "degree-centralisation": "forced",
    }
    assert (steered["since"], steered["until"]) == ("2021-01", "2021-01")


# ---------------------------------------------------------------------------------------------------------------------
# The graph


def test_the_view_does_not_hold_them(golden: Built) -> None:
    store = golden.release.store()
    assert not store.ask_any("ASK { ?m a ig:Measurement }")
    assert not store.ask_any("ASK { ?m ig:measuredThing ?thing }")
    graphs = store.select("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?m a ig:Measurement } }").records()
    assert [str(row["g"]) for row in graphs] == [GRAPH]
    lines = sum(1 for line in golden.release.dump.read_bytes().splitlines() if line.endswith(f"<{GRAPH}> .".encode()))
    statistics = golden.release.manifest["statistics"]
    assert lines == statistics["measurement_triples"] > 300
    quads = statistics["view"]["triples"] + statistics["profile_triples"] + lines
    assert quads == golden.release.manifest["counts"]["quads"] == len(store)


def test_it_is_a_data_cube_with_its_provenance(golden: Built) -> None:
    store = golden.release.store()
    qb = "PREFIX qb: <http://purl.org/linked-data/cube#> "

    def ask(pattern: str) -> bool:
        return store.ask_any(f"{qb}ASK {{ GRAPH <{GRAPH}> {{ {pattern} }} }}")

    assert ask(f"<{GRAPH}> a qb:DataSet ; qb:structure/qb:component/qb:measure ig:measuredValue")
    assert ask(f"<{GRAPH}> prov:wasGeneratedBy/prov:wasAssociatedWith/schema:softwareVersion ?version")
    # The integrity constraints of the vocabulary: IC-1, IC-11 (all dimensions) and IC-12 (no two answers alike).
    assert not ask(f"?m a ig:Measurement FILTER NOT EXISTS {{ ?m qb:dataSet <{GRAPH}> }}")
    assert not ask("?m a ig:Measurement FILTER NOT EXISTS { ?m ig:measuredThing ?t ; ig:measure ?how }")
    assert not ask(
        "?m ig:measuredThing ?t ; ig:measure ?how . ?n ig:measuredThing ?t ; ig:measure ?how FILTER(?m != ?n)"
    )
    assert not ask("?m a ig:Measurement ; ig:measure ?how FILTER NOT EXISTS { ?how a ig:Measure ; skos:definition ?d }")
    numbers = "?m ig:answerState ?state FILTER(?state IN ('unknown', 'too small')) ?m ig:measuredValue ?value"
    assert not ask(numbers)


def test_every_term_is_defined(golden: Built, ontology: Ontology) -> None:
    defined = {triple.subject.value for triple in ontology.triples if hasattr(triple.subject, "value")}
    rows = golden.release.store().select(f"SELECT DISTINCT ?p WHERE {{ GRAPH <{GRAPH}> {{ ?s ?p ?o }} }}").records()
    ours = {str(row["p"]) for row in rows if str(row["p"]).startswith(IG)}
    assert len(ours) > 8
    assert ours <= defined


def test_the_written_measures_are_those_of_the_catalogue() -> None:
    assert set(WRITTEN) <= set(CATALOGUE)


def test_nothing_in_it_depends_on_the_day(golden: Built) -> None:
    identity = golden.release.id.encode()
    assert not [line for line in golden.release.dump.read_bytes().splitlines() if identity in line]


# ---------------------------------------------------------------------------------------------------------------------
# A mode that a person set


SET = "governance: {mode: network-administrative-organisation, source: s1, wording: 'The office, art. 4.'}\n"


@pytest.fixture(scope="module")
def with_override(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    folder = tmp_path_factory.mktemp("override")
    data = Path(shutil.copytree(Path(__file__).parents[1] / "golden" / "data", folder / "data"))
    for name, given in (("gamma", SET), ("beta", "governance: {mode: not-determinable, source: s1}\n")):
        with (data / "profiles" / f"{name}.yaml").open("a", encoding="utf-8") as file:
            file.write(given)
    yield make(data, folder / "out")


def test_a_mode_that_a_person_set_goes_before_the_rules(with_override: Built) -> None:
    release = with_override.release
    found = measured(release, f"{BASE}network/gamma")["governance-mode"]
    assert (found["value"], found["rule"]) == ("network-administrative-organisation", "override")
    assert str(found["derived"]).endswith("/lead-organisation"), "what the rules give stays beside it"
    store = release.store()
    assert store.ask_any(
        f"ASK {{ GRAPH <{GRAPH}> {{ ?m ig:derivedMode ?d ; dct:source ?s }} ?s dct:title 'Gamma page'@en }}"
    )
    report = analyse(release, "network", "gamma")
    same_as_report(measured(release, f"{BASE}network/gamma"), report, sentences=False)
    line = report["steers"].lines[0]
    assert line.answer.sentence.en == (
        "The network is run by an organisation set apart for it. Set by a person from a source (“The office, art. 4.”): "
        "Gamma page. By the rules it is led by one of its members."
    )
    assert "Nach den Regeln wird es von einem der Mitglieder geführt." in line.answer.sentence.de


def test_a_person_may_find_that_it_cannot_be_told(with_override: Built) -> None:
    found = measured(with_override.release, f"{BASE}network/beta")["governance-mode"]
    assert (found["state"], found["value"], found["rule"]) == ("unknown", None, "override")
    report = analyse(with_override.release, "network", "beta")
    assert report["steers"].lines[0].state is State.UNKNOWN
    assert "a person found that the source does not tell: Beta page" in report.render("markdown").lower().replace(
        "beta page", "Beta page"
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{mode: lead-organisation}", "needs a source.*source: …"),
        ("lead-organisation", "needs a source"),
        ("{mode: monarchy, source: s1}", "'monarchy' is not in the list 'Modes of network governance'"),
        ("{mode: lead-organisation, source: s7}", "no source 's7' in this record. Sources here: s1"),
        ("{source: s1}", "comes from its list"),
    ],
)
def test_a_mode_without_source_or_unknown_names_file_and_line(
    golden_data: Path, tmp_path: Path, given: str, said: str
) -> None:
    with (golden_data / "profiles" / "gamma.yaml").open("a", encoding="utf-8") as file:
        file.write(f"governance: {given}\n")
    with pytest.raises(InputError, match=rf"(?s)gamma\.yaml:17: governance.*{said}"):
        make(golden_data, tmp_path / "out")


# ---------------------------------------------------------------------------------------------------------------------
# Renewed


def test_what_others_say_of_a_coordinator_decides_on_the_mode(golden_data: Path, tmp_path: Path) -> None:
    """One body under two ids: whether it is public is stated by another network, and is stated later."""
    profiles, links = golden_data / "profiles", golden_data / "links" / "actors.sssom.tsv"
    for name, sector in (("delta", ""), ("epsilon", "")):
        (profiles / f"{name}.yaml").write_text(
            f"id: {name}\nlanguage: en\nlabel: {name}\nseat: musterstadt\n"
            f"coordination:\n  - {{id: amt-{name}, name: Amt{sector}}}\n"
            f"members:\n  - amt-{name}\n  - {{id: verein-{name}, name: Verein {name}}}\nsources:\n  - {{title: Page}}\n",
            "utf-8",
        )
    with links.open("a", encoding="utf-8") as file:
        file.write("actor:amt-epsilon\towl:sameAs\tactor:amt-delta\tsemapv:ManualMappingCuration\tone\n")
    make(golden_data, tmp_path / "out")

    def mode(release: Release) -> str:
        return str(measured(release, f"{BASE}network/delta")["governance-mode"]["value"])

    before = make(golden_data, tmp_path / "out").release
    assert mode(before) == "lead-organisation"
    file = profiles / "epsilon.yaml"
    file.write_text(file.read_text("utf-8").replace("name: Amt}", "name: Amt, sector: municipality}"), "utf-8")
    renewed = make(golden_data, tmp_path / "out")
    assert renewed.unchanged == 5
    assert mode(renewed.release) == "lead-or-nao", "a network that did not change is steered otherwise now"
    same_as_report(
        measured(renewed.release, f"{BASE}network/delta"),
        analyse(renewed.release, "network", "delta"),
        sentences=False,
    )
    anew = make(golden_data, tmp_path / "full", anew=True).release
    assert renewed.release.dump.read_bytes() == anew.dump.read_bytes()
    tally = measured(renewed.release, f"{GRAPH}#all")["governance-mode"]["en"]
    assert "led by one organisation, member or set apart: 2" in tally


def test_places_come_and_go_with_their_networks(golden_data: Path, tmp_path: Path) -> None:
    text = (
        "id: {name}\nlanguage: en\nlabel: {name}\nseat: esempio\nmembers: [{{id: a-{name}, name: A}}]\n"
        "sources: [{{title: Page}}]\n"
    )
    make(golden_data, tmp_path / "out")
    file = golden_data / "profiles" / "zeta.yaml"
    file.write_text(text.format(name="zeta"), "utf-8")
    second = make(golden_data, tmp_path / "out").release
    assert measured(second, f"{BASE}place/country-it")["fields-answered"]["networks"] == 2
    file.unlink()
    third = make(golden_data, tmp_path / "out").release
    assert measured(third, f"{BASE}place/country-it") == {}
    assert third.content_hash == make(golden_data, tmp_path / "full", anew=True).release.content_hash


def test_an_answer_that_waits_has_a_version_for_each_meaning(ontology: Ontology) -> None:
    waits = {"public": {"mode": "lead-or-nao", "lines": ["a"]}, "other": {"mode": "lead-organisation", "lines": ["b"]}}
    assert holding(waits, ["municipality", "ngo"]) == ("lead-or-nao", [b"a"])
    assert holding(waits, ["ngo"]) == ("lead-organisation", [b"b"])
    assert holding(waits, []) == ("lead-organisation", [b"b"])


def test_a_network_of_which_nothing_is_known_is_measured_too(ontology: Ontology) -> None:
    fields = {f"{each.key}_state": "not-stated" for each in ontology.form.fields if each.required and not each.profile}
    row = {"status_date": None, "members_complete": None, "formalisation": [], "fields_asked": 0, "fields_answered": 0}
    rows = {"networks": [{**fields, **row}], "memberships": [], "funding": []}
    found = of_network(f"{BASE}network/x", [], rows, (), {}, ontology, Writing(BASE))
    states = {line.split(b'"')[1] for line in found.lines if b"answerState" in line}
    assert (found.mode, states, dict(found.waits)) == ("not-determinable", {b"unknown"}, {})


@pytest.mark.parametrize("members", [*range(1, 13), 40])
def test_one_list_says_what_the_measures_say_of_complete_graphs(members: int) -> None:
    graph, basis = nx.complete_graph(members), Basis(("2021",), ("a source",))
    expected = (
        density(graph, 1, basis=basis),
        average_clustering(graph, 1, basis=basis),
        degree_centralisation(graph, 1, basis=basis),
    )
    assert [each.plain() for each in one_list(members, basis=basis)] == [each.plain() for each in expected]


def test_a_build_does_without_networkx() -> None:
    """Which would be read for every process that measures a network."""
    code = "import sys, integgraph.build; sys.exit('networkx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
