"""Reports: what they say of Halberstadt, of the collection, of regions, and of data that say little or nothing."""

from __future__ import annotations

import pickle
import shutil
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import integgraph
from integgraph.analysis.measures import State
from integgraph.analysis.measures.answers import Text
from integgraph.analysis.reports import Report, analyse, compare, kept, structure
from integgraph.analysis.reports import facts as facts_module
from integgraph.analysis.reports.facts import Facts, Source
from integgraph.analysis.reports.kept import KeptSource
from integgraph.analysis.reports.model import Dots, Heat, Line, Section, Strip, Thing, cell_text
from integgraph.analysis.reports.words import BESIDE, TITLES
from integgraph.analysis.selection import Selection
from integgraph.build import Built
from integgraph.errors import NotFound, Unprocessable
from integgraph.face import OpenRelease
from integgraph.release import open_release
from tests.conftest import GOLDEN, build_release

HALBERSTADT = "caritas-diakonie-zora-halberstadt"
CARITAS = "Caritasverband für das Dekanat Halberstadt"
DIAKONIE = "Diakonisches Werk im Kirchenkreis Halberstadt e.V."
ZORA = "Soziokulturelles Zentrum Zora e.V."
QUESTIONS = ["known", "steers", "holds", "hub", "gaps", "funder", "leaves", "sectors", "different", "changed"]

ODD = {
    "outside": "coordination:\n  - {id: buero, name: Büro, kind: secretariat}\nmembers:\n  - {id: sieben, name: Sieben}\n  - {id: acht, name: Acht}\n  - {id: neun, name: Neun}\nmembers_complete: yes\nstated_counts: [{min: 10, max: 10, unit: sub-projects}]\n",
    "guests": "members:\n  - {id: gast-eins, name: Gast Eins, roles: guest}\n  - {id: gast-zwei, name: Gast Zwei, roles: supporter}\n",
    "blank": "members: {absent: not-stated}\n",
    "alone": "members: {absent: stated-none}\n",
    "contrary": "members:\n  - {id: eins, name: Eins, roles: {role: member, from: 2019, to: 2015}}\n  - {id: zwei, name: Zwei}\nstatus_date: 2020-01\n",
    "short": "members:\n  - {id: drei, name: Drei}\n  - {id: vier, name: Vier}\nmembers_complete: no\nstated_counts: [{min: 40, max: 40, unit: organisations}]\n",
    "ended": "coordination:\n  - {id: fuenf, name: Fünf, kind: lead, to: 2010}\nmembers:\n  - fuenf\n  - {id: sechs, name: Sechs}\nstatus_date: 2020-01\n",
}


@pytest.fixture(scope="module")
def release(collection: Built) -> OpenRelease:
    return integgraph.open(collection.release.path)


@pytest.fixture(scope="module")
def halberstadt(release: OpenRelease) -> Report:
    return release.analyse("network", HALBERSTADT)


@pytest.fixture(scope="module")
def regions(release: OpenRelease) -> Report:
    return release.compare("nuts-dee", "nuts-deg", "nuts-iti2")


@pytest.fixture(scope="module")
def whole(release: OpenRelease) -> Report:
    return release.analyse("collection")


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> OpenRelease:
    """The golden data with networks of which little is known, or that contradict themselves."""
    folder = tmp_path_factory.mktemp("odd")
    data = Path(shutil.copytree(GOLDEN, folder / "data"))
    for name, rest in ODD.items():
        head = (
            f"id: {name}\nlanguage: de\nlabel: Netz {name}\nofficial_name: {{absent: stated-none}}\nseat: musterstadt\n"
        )
        tail = "sources:\n  - {title: {en: x}, retrieved: 2026-01-05}\n"
        (data / "profiles" / f"{name}.yaml").write_text(head + rest + tail, "utf-8")
    return integgraph.open(build_release(data, folder / "out").release.path)


def first(actor: str) -> int:
    """The first network of its circle that lists an actor."""
    return next(network for network in range(6) if int(actor[1:]) not in (network, (network + 3) % 7))


@pytest.fixture(scope="module")
def circles(tmp_path_factory: pytest.TempPathFactory) -> OpenRelease:
    """Two circles of actors that meet again and again, so that suggestions are of use."""
    folder = tmp_path_factory.mktemp("circles")
    data = Path(shutil.copytree(GOLDEN, folder / "data"))
    for file in (data / "profiles").iterdir():
        file.unlink()
    decided = []
    for circle, field in (("a", "Wohnen"), ("b", "Arbeitsmarkt")):
        for network in range(6):
            members = [f"{circle}{each}" for each in range(7) if each not in (network, (network + 3) % 7)]
            rows = "\n".join(f"  - {{id: {each}-{network}, name: Verein {each}}}" for each in members)
            decided += [f"actor:{each}-{network}\towl:sameAs\tactor:{each}-{first(each)}\tx\tOne." for each in members]
            text = (
                f"id: kreis-{circle}{network}\nlanguage: de\nlabel: Kreis {circle}{network}\nseat: musterstadt\n"
                f"official_name: {{absent: stated-none}}\nmembers:\n{rows}\nfields_of_action: [{field}]\n"
                "target_groups: [Migrantinnen und Migranten]\nsources:\n  - {title: {en: x}, retrieved: 2026-01-05}\n"
            )
            (data / "profiles" / f"kreis-{circle}{network}.yaml").write_text(text, "utf-8")
    head = "subject_id\tpredicate_id\tobject_id\tmapping_justification\tcomment"
    rows = [row for row in decided if row.split("\t")[0] != row.split("\t")[2]]
    (data / "links" / "actors.sssom.tsv").write_text(
        "\n".join(["# mapping_set_id: https://e.example/", head, *rows, ""]), "utf-8"
    )
    return integgraph.open(build_release(data, folder / "out").release.path)


@pytest.fixture(scope="module")
def huge(odd: OpenRelease, tmp_path_factory: pytest.TempPathFactory) -> OpenRelease:
    """A release in which one network lists 10,000 members."""
    folder = Path(shutil.copytree(odd.path, tmp_path_factory.mktemp("huge") / odd.path.name))
    file = folder / "tables" / "memberships.parquet"
    table = pq.read_table(file)
    row = next(each for each in table.to_pylist() if each["counts_as_member"])
    more = [
        {**row, "actor": f"https://e.example/{at}", "actor_name": f"Verein {at}", "membership": None}
        for at in range(10_000)
    ]
    pq.write_table(pa.concat_tables([table, pa.Table.from_pylist(more, schema=table.schema)]), file)
    return integgraph.open(folder)


def sentences(section: Section) -> list[str]:
    return [*(line.answer.sentence.en for line in section.lines), *(text.en for text in section.says)]


def states(section: Section) -> dict[str, State]:
    return {line.answer.measure: line.state for line in section.lines}


# ---------------------------------------------------------------------------------------------------------------------
# Halberstadt


def test_a_report_asks_the_ten_plain_questions_in_their_words(halberstadt: Report) -> None:
    assert [section.key for section in halberstadt.sections] == QUESTIONS
    assert [section.title for section in halberstadt.sections] == [TITLES[key] for key in QUESTIONS]
    for key in ("holds", "hub", "gaps", "funder", "leaves", "sectors", "different", "changed"):
        assert BESIDE[key] in halberstadt[key].beside


def test_halberstadt_is_participant_governed_by_rule_and_quoted_field(halberstadt: Report) -> None:
    found = halberstadt.answer("governance-mode").found
    assert (found.mode, found.rule, found.confidence) == ("participant-governed", "G1", "high")
    assert [(each.field, each.words) for each in found.evidence] == [("coordination", "No coordinating organisation")]
    assert sentences(halberstadt["steers"]) == [
        "The network is participant-governed. G1: no coordinating organisation, as stated (“No coordinating "
        "organisation”). Confidence: high."
    ]


def test_the_structure_of_one_list_is_forced(halberstadt: Report) -> None:
    for measure, value in (("density", 1.0), ("degree-centralisation", 0.0), ("average-clustering", 1.0)):
        answer = halberstadt.answer(measure)
        assert (answer.state, answer.value) == (State.FORCED, value)
        assert "It is not a finding." in answer.sentence.en
    assert states(halberstadt["sectors"]) == {"e-i-index": State.UNKNOWN, "brokerage-roles": State.UNKNOWN}
    assert states(halberstadt["different"]) == {"size-fair": State.TOO_SMALL}


def test_halberstadt_when_the_city_stops(halberstadt: Report) -> None:
    found = sentences(halberstadt["funder"])
    assert found[0] == (
        f"If Stadt Halberstadt stopped: {ZORA} loses one of two known sources; amounts unknown. "
        f"Not affected on paper: {CARITAS}, {DIAKONIE}"
    )
    assert f"Without Stadt Halberstadt, {ZORA} keeps: Donations." in found
    assert (
        f"Without Stadt Halberstadt, not affected on paper: migration counselling ({CARITAS}); migration counselling ({DIAKONIE})."
        in found
    )
    german = [text.de for text in halberstadt["funder"].says]
    assert f"Ohne Stadt Halberstadt behält {ZORA}: Spenden." in german
    assert halberstadt["funder"].figures[0].twin.rows == (
        (Text(CARITAS, CARITAS), 1, 1),
        (Text(DIAKONIE, DIAKONIE), 1, 1),
        (Text(ZORA, ZORA), 2, 1),
    )


def test_halberstadt_is_known_but_for_some_fields(halberstadt: Report) -> None:
    assert sentences(halberstadt["known"])[0].startswith("Members named: 3 of 3. Fields answered: ")
    assert "Amounts: none." in sentences(halberstadt["known"])
    assert halberstadt.answer("change").state is State.UNKNOWN


def test_halberstadt_without_one_of_its_members(halberstadt: Report) -> None:
    lines = halberstadt["leaves"].lines
    assert [line.scope.label.en for line in lines] == [CARITAS, DIAKONIE, ZORA]
    assert {line.value for line in lines} == {0}
    assert lines[0].answer.sentence.en == (
        f"Without {CARITAS}, 1 network loses a listed member. Structure only; says nothing about replacement."
    )


def test_the_network_by_iri_and_by_id(release: OpenRelease, halberstadt: Report) -> None:
    for name in (f"{release.base_iri}network/{HALBERSTADT}", f"network/{HALBERSTADT}"):
        assert release.analyse("network", name) == halberstadt


# ---------------------------------------------------------------------------------------------------------------------
# The collection and its regions


def test_a_collection_says_what_is_known_of_how_many(release: OpenRelease, whole: Report) -> None:
    networks = release.manifest["counts"]["networks"]
    assert [section.key for section in whole.sections] == [*QUESTIONS, "partners"]
    assert whole.facts[0][1] == networks
    line = whole["known"].lines[0]
    rows = release.tables["networks"].to_pylist()
    answered, asked = (sum(row[f"fields_{name}"] for row in rows) for name in ("answered", "asked"))
    assert line.value == answered / asked
    twin = whole["known"].figures[0].twin
    assert {sum(row[1:]) for row in twin.rows} == {networks}


def test_the_modes_of_governance_add_up(release: OpenRelease, whole: Report) -> None:
    counts = [row[1] for row in whole["steers"].tables[0].rows]
    assert sum(counts) == release.manifest["counts"]["networks"]


def test_numbers_of_a_collection_agree_with_the_measures(release: OpenRelease, whole: Report) -> None:
    graph = release.cooperation()
    actors = sum(mode == 0 for _, mode in graph.nodes(data="bipartite"))
    # Networks whose members are not known are not networks without members.
    networks = sum(state in ("value", "stated-none") for _, state in graph.nodes(data="members_state"))
    density = whole.answer("two-mode-density")
    assert density.value == pytest.approx(graph.number_of_edges() / (actors * networks))
    assert (density.inputs.actors, density.inputs.networks) == (actors, networks)


def test_who_holds_it_together_is_a_matrix_of_those_in_several_networks(release: OpenRelease, whole: Report) -> None:
    drawing = whole["holds"].figures[0].drawing
    assert isinstance(drawing, Dots)
    several = sum(n > 1 for n in release.tables["actors"].to_pydict()["networks"])
    assert len(drawing.rows) + whole["holds"].figures[0].twin.left_out == several
    assert all(sum(row == at for row, _ in drawing.ties) > 1 for at in range(len(drawing.rows)))


def _again(value: Any) -> Any:
    """A value as it comes out of the process that reads a release."""
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - written in this very line


def test_large_places_are_ready_to_be_compared_when_a_release_was_read(
    release: OpenRelease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "LARGE", 13)
    source: KeptSource = _again(kept.read(release.path))
    large = kept._large(source)
    assert {"europe", "country-de", "country-it", "nuts-dee"} <= set(large) < set(source.places)
    compared = ["country-de", "country-it", "nuts-dee"]
    facts = [source.facts(Selection(places=place)) for place in compared]
    done = [set(each.done) for each in facts]
    shown = compare(release, compared, source=source)
    assert [set(each.done) for each in facts] == done
    assert not any(facts_module._MADE_AGAIN & each.__dict__.keys() for each in facts)
    assert shown.render("json") == compare(release, compared).render("json")
    assert [source.facts(Selection(places=place)) for place in compared] == facts
    assert compare(release, ["nuts-iti2", "country-it"], source=source).sections


def test_what_is_left_out_of_a_pickle_is_made_again(release: OpenRelease) -> None:
    facts = KeptSource(open_release(release.path)).facts()
    assert all(hasattr(facts, name) for name in facts_module._MADE_AGAIN)
    again: Facts = _again(facts)
    assert not facts_module._MADE_AGAIN & again.__dict__.keys()
    for name in facts_module._MADE_AGAIN - {"flows"}:
        assert getattr(again, name) == getattr(facts, name), name
    assert dict(again.flows.nodes(data=True)) == dict(facts.flows.nodes(data=True))


def test_no_more_shuffled_lists_are_known_than_there_is_room_for(
    release: OpenRelease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(structure, "_MOST_KNOWN", 2)
    source = Source(release)
    for place in ("nuts-dee", "nuts-iti2", "country-it"):
        structure.against_chance(source.facts(Selection(places=place)))
    assert len(source.chance) == 2


def test_a_matrix_of_many_networks_shows_those_with_most_of_the_actors(
    release: OpenRelease, whole: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = whole["holds"].figures[0].drawing
    monkeypatch.setattr(structure, "MOST_COLUMNS", 5)
    figure = release.analyse("collection")["holds"].figures[0]
    drawn = figure.drawing
    assert isinstance(every, Dots) and isinstance(drawn, Dots)
    counts = Counter(every.columns[column] for _, column in every.ties)
    assert len(drawn.columns) == 5 < len(every.columns)
    least = min(counts[name] for name in drawn.columns)
    assert least >= max(counts[name] for name in every.columns if name not in drawn.columns)
    assert list(drawn.columns) == [name for name in every.columns if name in drawn.columns]
    kept = {(drawn.rows[row], drawn.columns[column]) for row, column in drawn.ties}
    assert kept == {
        (every.rows[row], every.columns[column]) for row, column in every.ties if every.columns[column] in drawn.columns
    }
    assert figure.says.en.endswith(f"; of {len(every.columns)} networks that they are in, the 5 with most of them.")
    assert figure.twin == whole["holds"].figures[0].twin


def test_regions_stand_in_the_order_in_which_they_are_named(release: OpenRelease, regions: Report) -> None:
    names = ["Saxony-Anhalt", "Thuringia", "Umbria"]
    assert [thing.label.en for thing in regions.scope] == names
    assert [section.key for section in regions.sections] == [*QUESTIONS[:-1], "overlap", "changed"]
    turned = release.compare("nuts-iti2", "nuts-dee")
    assert [thing.label.en for thing in turned.scope] == ["Umbria", "Saxony-Anhalt"]
    assert regions.notes[0].en.startswith("In the order in which they were named; no order of merit.")


def test_panels_of_a_comparison_have_one_scale(regions: Report) -> None:
    heats = [figure.drawing for figure in regions["gaps"].figures]
    assert all(isinstance(heat, Heat) for heat in heats)
    assert len({(heat.rows, heat.columns) for heat in heats if isinstance(heat, Heat)}) == 1
    sectors = [figure.drawing for figure in regions["sectors"].figures]
    assert len({heat.rows for heat in sectors if isinstance(heat, Heat)}) == 1
    strip = regions["hub"].figures[0].drawing
    assert isinstance(strip, Strip)
    assert (len(strip.rows), strip.ends) == (3, (0.0, 1.0))


def test_what_lists_cannot_say_is_unknown_in_every_region(regions: Report) -> None:
    for measure in ("degree-centralisation", "e-i-index", "brokerage-roles"):
        lines = [line for _, line in regions.lines if line.answer.measure == measure]
        assert [line.state for line in lines] == [State.UNKNOWN] * 3
        assert all(line.value is None for line in lines)


def test_ties_that_profiles_report_are_kept_apart(release: OpenRelease, whole: Report) -> None:
    table = whole["hub"].tables[0]
    reported = release.query("SELECT ?r { ?n ig:relatedTo ?r }").records()
    assert len(table.rows) + table.left_out == len(reported)
    assert table.columns[1].en == "Tie"


def test_an_answer_that_several_have_alike_is_said_once(regions: Report) -> None:
    said = regions["sectors"].said
    assert [len(each.scopes) for each in said] == [3, 3]
    assert len(regions["sectors"].lines) == 6


def test_no_actor_of_several_networks_means_no_matrix_and_no_order(release: OpenRelease, regions: Report) -> None:
    source = Source(release)
    stable = {line.scope.label.en: line for line in regions["holds"].lines if line.answer.measure == "stability"}
    for thing in regions.scope:
        several = int((source.facts(Selection(places=thing.iri)).lists.memberships > 1).sum())
        told = f"{thing.label.en}: No actor is named as a member of two of these networks"
        assert any(text.en.startswith(told) for text in regions["holds"].says) is (several == 0)
        if not several:
            assert stable[thing.label.en].state is State.TOO_SMALL


def test_a_network_in_two_regions_is_counted_in_both_and_named(release: OpenRelease, regions: Report) -> None:
    parts = [set(row["places"]) for row in release.tables["networks"].to_pylist()]
    several = sum({"nuts-dee", "nuts-deg"} <= part for part in parts)
    assert any("In more than one of these places" in note.en for note in regions.notes) is (several > 0)


def test_two_networks_beside_each_other(release: OpenRelease) -> None:
    report = release.compare(HALBERSTADT, "bridge-berlin")
    assert report["steers"].figures[0].twin.columns[0].en == "Network"
    assert [line.state for line in report["hub"].lines] == [State.FORCED] * 2
    overlap = [line for line in report["overlap"].lines if line.state is State.VALUE]
    assert {line.answer.inputs.networks for line in overlap} == {2}
    fields = next(line.answer.sentence for line in overlap if line.answer.sentence.en.startswith("Fields of action: "))
    assert fields.de.startswith("Handlungsfelder: Beide nennen ") and "Labour market" not in fields.de
    assert all(line.answer.value is not None and 0 <= line.answer.value <= 1 for line in overlap)


def test_regions_and_their_parts_are_asked_by_a_filter(release: OpenRelease) -> None:
    report = release.analyse("collection", selection=Selection(countries="IT", fields="labour-market"))
    assert report.title.en == "Italy; Labour market"
    assert report.title.de.endswith("; Arbeitsmarkt")
    assert report.facts[0][1] == sum(
        "IT" in row["countries"] and "labour-market" in row["fields_of_action"]
        for row in release.tables["networks"].to_pylist()
    )


# ---------------------------------------------------------------------------------------------------------------------
# Actors and funders


def test_an_actor_and_the_networks_it_is_in(release: OpenRelease) -> None:
    report = release.analyse("actor", "fluechtlingsrat-niedersachsen")
    rows = report["where"].tables[0].rows
    member_of = release.tables["memberships"].to_pylist()
    networks = {row["network"] for row in member_of if str(row["actor"]).endswith("/fluechtlingsrat-niedersachsen")}
    assert {row[0].iri for row in rows if isinstance(row[0], Thing)} >= networks
    assert report.answer("two-mode-degree").state is State.VALUE
    assert report["leaves"].lines[0].answer.found.hit
    assert report["partners"].lines[1].answer.measure == "hit-rate"


def test_suggestions_are_off_where_popularity_does_better(release: OpenRelease) -> None:
    section = release.analyse("actor", "fluechtlingsrat-niedersachsen")["partners"]
    suggestions, rate = (line.answer for line in section.lines)
    if rate.found["filtering"] <= rate.found["popularity"]:
        assert suggestions.state is State.UNKNOWN
        assert "they are off" in suggestions.sentence.en
        assert not section.tables


def test_suggestions_come_with_reasons_and_their_own_hit_rate(circles: OpenRelease) -> None:
    section = circles.analyse("actor", "a0-1")["partners"]
    suggestions, rate = (line.answer for line in section.lines)
    assert rate.found["filtering"] > rate.found["popularity"]
    assert suggestions.state is State.VALUE
    listed = {cell_text(row[0], "en") for row in circles.analyse("actor", "a0-1")["holds"].tables[0].rows}
    names = [cell_text(row[0], "en") for row in section.tables[0].rows]
    assert names and not set(names) & listed
    reasons = section.tables[0].rows[0][1]
    assert isinstance(reasons, Text)
    assert "Migrants" in reasons.en and "Migrants" not in reasons.de
    assert "Migrants" not in suggestions.sentence.de


def test_an_actor_that_only_gives_money_is_listed_nowhere(release: OpenRelease) -> None:
    report = release.analyse("actor", "stadt-halberstadt")
    assert {line.state for line in report["holds"].lines} == {State.UNKNOWN}
    assert report["where"].says[0].en == "No network lists it."
    assert report["money"].tables[0].title.en == "What it gives, as stated"


def test_a_funder_and_what_would_be_left_without_it(release: OpenRelease) -> None:
    report = release.analyse("funder", "stadt-halberstadt")
    assert (
        report["funder"]
        .lines[0]
        .answer.sentence.en.startswith(f"If Stadt Halberstadt stopped: {ZORA} loses one of two")
    )
    assert f"Without Stadt Halberstadt, {ZORA} keeps: Donations." in sentences(report["funder"])
    table = report["funder"].tables[0]
    assert [cell_text(cell, "en") for cell in table.rows[0]] == [ZORA, "2", "1", "unknown", "unknown"]


def test_a_category_of_funds_is_a_funder_too(release: OpenRelease) -> None:
    report = release.analyse("funder", "municipal")
    assert report.title == Text("Municipal level", "Kommune")
    assert report["funder"].lines[0].answer.sentence.de.startswith("Fiele Geld der Art „Kommune“ weg: ")


def test_an_actor_that_funds_nobody_is_no_source(release: OpenRelease) -> None:
    report = release.analyse("funder", "soziokulturelles-zentrum-zora")
    assert report["funder"].lines[0].state is State.UNKNOWN
    assert report["flows"].says[0].en == "No profile names it as a funder."


# ---------------------------------------------------------------------------------------------------------------------
# What changed


def test_between_two_dated_profiles(odd: OpenRelease) -> None:
    section = odd.analyse("network", "alpha")["changed"]
    assert section.lines[0].answer.sentence.en == (
        "Between 2018-05 and 2024-02, 1 joined and 0 are no longer listed; 1 stayed."
    )
    # The choir was a supporter, and the volunteers are a group without a name: neither ever was a member.
    assert [cell_text(row[0], "en") for row in section.tables[0].rows] == ["Netzwerk Beta", "Caritas Musterstadt"]
    assert [row[1:] for row in section.figures[0].twin.rows] == [(1, 2)]
    assert section.lines[0].answer.inputs.dates == ("2018-05", "2024-02")


def test_profiles_of_all_networks_are_read_as_those_of_one(odd: OpenRelease) -> None:
    kept, source = KeptSource(open_release(odd.path)), Source(open_release(odd.path))
    several = [(network, each) for network, of in source.profiles.items() if len(of) > 1 for each in of]
    assert several
    assert all(kept.profile_members(*each) == source.profile_members(*each) for each in several)
    assert "_store" not in kept.__getstate__()


def test_sectors_are_counted_in_each_network(release: OpenRelease, whole: Report) -> None:
    facts = Source(open_release(release.path)).facts()
    expected: dict[int, Counter[str]] = defaultdict(Counter)
    for row, sectors in enumerate(facts.sectors.values()):
        for column in facts.lists.matrix[[row]].indices.tolist():
            expected[column].update(sectors)
    assert facts.sectors_by_network == list(expected.values())
    assert any(len(each) > 1 for each in facts.sectors_by_network)


def test_between_two_releases(golden: Built, odd: OpenRelease) -> None:
    opened = integgraph.open(golden.release.path)
    # Two builds within one second would have no order.
    before = replace(opened, manifest={**opened.manifest, "created": "2026-01-05T00:00:00Z"})
    section = odd.analyse("collection", before=before)["changed"]
    answer = section.lines[-1].answer
    assert answer.inputs.dates == (before.manifest["created"], odd.manifest["created"])
    assert len(answer.found.joined) == 9
    assert answer.found.no_longer_listed == ()
    fresh = odd.analyse("network", "short", before=before)["changed"].lines[-1].answer
    assert fresh.state is State.UNKNOWN


def test_a_release_does_not_differ_from_itself(odd: OpenRelease) -> None:
    answer = odd.analyse("network", "beta", before=odd)["changed"].lines[0].answer
    assert (answer.state, "the same content" in answer.sentence.en) == (State.UNKNOWN, True)


# ---------------------------------------------------------------------------------------------------------------------
# Input that says little


def test_a_filter_that_selects_nothing_is_a_report_that_says_so(release: OpenRelease) -> None:
    report = release.analyse(
        "collection", selection=Selection(countries="PL", target_groups="older-people", until="1990")
    )
    assert report.sections == ()
    assert report.notes[0].en.startswith("No network fits this selection (")
    assert report.notes[0].de.startswith("Kein Netzwerk passt zu dieser Auswahl (")
    assert "No network fits" in report.render("html")


@pytest.mark.parametrize(
    ("kind", "name", "near"),
    [
        ("network", "caritas-diakonie-zora-halberstat", HALBERSTADT),
        ("network", "zora netzwerk", HALBERSTADT),
        ("network", f"actor/{HALBERSTADT}", HALBERSTADT),
        ("actor", "caritasverband-dekanat-halberstad", "caritasverband-dekanat-halberstadt"),
        ("funder", "municipale", "municipal"),
        ("funder", "stadt-halberstad", "stadt-halberstadt"),
    ],
)
def test_an_unknown_name_gets_near_matches(release: OpenRelease, kind: str, name: str, near: str) -> None:
    with pytest.raises(NotFound, match=f"There is no {kind} '{name}'") as error:
        analyse(release, kind, name)
    assert near in error.value.near


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([], "takes two to six networks or places; 0 are given"),
        (["nuts-dee"], "takes two to six networks or places; one is given"),
        ([f"n{at}" for at in range(7)], "7 are given"),
        (["nuts-dee", "nuts-dee"], "Saxony-Anhalt is named twice; a comparison of a thing with itself says nothing"),
        ([HALBERSTADT, f"network/{HALBERSTADT}"], "is named twice"),
        (["nuts-dee", HALBERSTADT], "Networks are compared with networks and places with places"),
    ],
)
def test_a_comparison_that_makes_no_sense_is_refused(release: OpenRelease, names: list[str], told: str) -> None:
    with pytest.raises(Unprocessable, match=told):
        compare(release, names)


def test_an_unknown_place_gets_near_matches(release: OpenRelease) -> None:
    with pytest.raises(NotFound) as error:
        release.compare("Thuringia", "nuts-dee")
    assert error.value.near[0] == "nuts-deg"


@pytest.mark.parametrize(
    ("kind", "name", "selection", "told"),
    [
        ("country", "DE", None, "'country' is not a value of 'kind'"),
        ("network", "", None, "Name the network to report on"),
        ("collection", "all", None, "A collection has no name"),
        ("actor", "stadt-halberstadt", Selection(), "A selection narrows a collection"),
    ],
)
def test_a_call_that_makes_no_sense_is_refused(
    release: OpenRelease, kind: str, name: str, selection: Selection | None, told: str
) -> None:
    with pytest.raises(Unprocessable, match=told):
        analyse(release, kind, name, selection=selection)


def test_a_place_without_networks_says_nothing(release: OpenRelease) -> None:
    empty = next(row["id"] for row in release.tables["places"].to_pylist() if row["networks_within"] == 0)
    report = release.compare("nuts-dee", empty)
    other = report.scope[1]
    lines = [line for _, line in report.lines if line.scope == other]
    assert len(lines) > 10
    assert {line.state for line in lines} <= {State.UNKNOWN, State.TOO_SMALL}
    assert any(note.en.startswith(f"{other.label.en}: No network fits") for note in report.notes)
    assert report.render("html", "de")


@pytest.mark.parametrize("names", [("blank",), ("blank", "guests"), ("alone",)])
def test_a_collection_without_members_has_no_numbers_of_structure(odd: OpenRelease, names: tuple[str, ...]) -> None:
    report = odd.analyse("collection", selection=Selection(networks=names))
    for section in ("holds", "hub", "leaves", "different", "sectors", "partners"):
        assert {line.state for line in report[section].lines} == {State.UNKNOWN}
    assert "No member is known." in sentences(report["holds"]) or "No members are known." in sentences(report["holds"])
    assert all(report.render(form, language) for form in ("html", "markdown", "csv") for language in ("en", "de"))


def test_an_actor_is_found_by_the_id_that_it_had(odd: OpenRelease) -> None:
    row = next(row for row in odd.tables["actors"].to_pylist() if row["merged"])
    assert odd.analyse("actor", row["merged"][0]) == odd.analyse("actor", row["id"])


def test_a_network_is_an_actor_too(odd: OpenRelease) -> None:
    report = odd.analyse("actor", "beta")
    assert report.title.en == "Netzwerk Beta"
    assert "Netzwerk Alpha" in [cell_text(row[0], "en") for row in report["where"].tables[0].rows]


def test_other_roles_are_counted_only_when_asked_for_and_told(odd: OpenRelease) -> None:
    report = odd.analyse("collection", selection=Selection(networks="guests", participants="all"))
    assert report.facts[1][1] == 2
    assert report.notes[0].en == "Counted are participants in all roles, also in those that make no member."
    one = odd.analyse("collection", selection=Selection(networks="guests", roles="guest"))
    assert (one.facts[1][1], one.notes[0].de) == (1, "Gezählt sind Beteiligte in Rollen: guest.")


def test_members_unknown_is_not_a_number(odd: OpenRelease) -> None:
    report = odd.analyse("network", "blank")
    structural = (
        "list-completeness",
        "density",
        "average-clustering",
        "degree-centralisation",
        "member-loss",
        "size-fair",
    )
    assert {report.answer(measure).state for measure in structural} == {State.UNKNOWN}
    assert any("It is not known who the members of 1 network are" in note.en for note in report.notes)


def test_a_stated_none_is_not_unknown(odd: OpenRelease) -> None:
    report = odd.analyse("network", "alone")
    assert report.answer("list-completeness").details["named"] == 0
    assert not any("not known who the members" in note.en for note in report.notes)


def test_non_member_roles_only_are_no_members(odd: OpenRelease) -> None:
    report = odd.analyse("network", "guests")
    notes = " ".join(note.en for note in report.notes)
    assert "All who are listed take part in roles that do not make a member" in notes
    assert "2 listings are left out because of the role." in notes
    assert report.answer("density").state is State.UNKNOWN


def test_contradictory_dates_are_told(odd: OpenRelease) -> None:
    report = odd.analyse("network", "contrary")
    assert any("1 tie ends before the beginning" in note.en for note in report.notes)


def test_a_coordinator_that_is_no_member_may_leave_too(odd: OpenRelease) -> None:
    report = odd.analyse("network", "outside")
    lines = {line.scope.label.en: line for line in report["leaves"].lines}
    assert list(lines) == ["Acht", "Neun", "Sieben", "Büro"]
    assert "without a coordinator: Netz outside" in lines["Büro"].answer.sentence.en
    assert report.answer("governance-mode").found.rule == "G3"
    collection = odd.analyse("collection")["leaves"].lines[0].answer
    assert collection.details["without_coordinator"] >= 1


def test_a_coordination_that_is_over_does_not_steer(odd: OpenRelease) -> None:
    report = odd.analyse("network", "ended")
    assert report.answer("governance-mode").state is State.UNKNOWN
    assert cell_text(report["steers"].tables[0].rows[0][4], "en") == "2010"


def test_a_list_known_to_be_short_says_that_others_may_stay(odd: OpenRelease) -> None:
    section = odd.analyse("network", "short")["leaves"]
    assert "The list is not complete (2 of 40 are named): members that are not named may stay." in sentences(section)


def test_a_number_of_something_else_is_no_number_of_members(odd: OpenRelease) -> None:
    report = odd.analyse("network", "outside")
    assert report.answer("list-completeness").state is State.UNKNOWN
    assert [cell_text(cell, "en") for cell in report["known"].tables[0].rows[0][:2]] == ["Sub-projects", "10"]
    assert odd.analyse("network", "short").answer("list-completeness").value == 2 / 40


def test_ten_thousand_members_of_one_network(huge: OpenRelease) -> None:
    name = next(row["network"] for row in huge.tables["memberships"].to_pylist() if row["actor_name"] == "Verein 0")
    report = huge.analyse("network", name)
    assert report.answer("density").inputs.actors == report.answer("degree-centralisation").inputs.actors
    assert report.answer("density").inputs.actors > 10_000
    for measure, value in (("density", 1.0), ("degree-centralisation", 0.0), ("average-clustering", 1.0)):
        assert (report.answer(measure).state, report.answer(measure).value) == (State.FORCED, value)
    assert report["leaves"].tables[0].left_out > 9_900
    assert huge.analyse("collection").answer("two-mode-density").state is State.VALUE


def test_what_is_forced_is_worded_alike_for_short_and_long_lists(halberstadt: Report, huge: OpenRelease) -> None:
    name = next(row["network"] for row in huge.tables["memberships"].to_pylist() if row["actor_name"] == "Verein 0")
    long = huge.analyse("network", name)
    for measure in ("density", "average-clustering", "degree-centralisation"):
        assert long.answer(measure).sentence == halberstadt.answer(measure).sentence


# ---------------------------------------------------------------------------------------------------------------------
# Coverage


def test_a_cell_of_the_heat_map_is_unknown_where_a_list_is(release: OpenRelease) -> None:
    section = release.analyse("collection", selection=Selection(places="nuts-dee"))["gaps"]
    drawing = section.figures[0].drawing
    assert isinstance(drawing, Heat)
    cells = [cell for row in drawing.cells for cell in row]
    rows = release.tables["networks"].to_pylist()
    here = [row for row in rows if "nuts-dee" in row["places"]]
    unknown = any(row["fields_of_action_state"] != "value" or row["target_groups_state"] != "value" for row in here)
    assert (None in cells) is unknown
    assert not (unknown and 0 in cells and all(row["fields_of_action_state"] != "value" for row in here))


def test_narrow_terms_count_for_the_broad_ones(release: OpenRelease) -> None:
    source = Source(release)
    from integgraph.analysis.reports.facts import broadest, tops

    assert broadest(source.ontology, "target-group", ["unaccompanied-minors"]) >= {"children-and-young-people"}
    assert "unclassified" not in tops(source.ontology, "field")


# ---------------------------------------------------------------------------------------------------------------------
# Small things


def test_two_of_one_name_are_told_apart_by_their_ids(odd: OpenRelease) -> None:
    from integgraph.analysis.reports.facts import _told_apart

    iris = ["https://e.example/actor/stadt-halle", "https://e.example/actor/stadt-halle-bridge"]
    assert list(_told_apart(iris)) == [(iris[0], ""), (iris[1], "bridge")]
    labels = [Source(odd).label(iri) for iri in Source(odd).actors]
    assert len(labels) == len(set(labels))


def test_a_network_that_is_a_member_is_marked_in_both_languages(odd: OpenRelease) -> None:
    lines = odd.analyse("network", "alpha")["leaves"].lines
    nested = next(line for line in lines if "Beta" in line.scope.label.en)
    assert "Netzwerk Beta (as member)" in nested.answer.sentence.en
    assert "Netzwerk Beta (als Mitglied)" in nested.answer.sentence.de


def test_what_a_report_does_not_have_is_named(halberstadt: Report) -> None:
    with pytest.raises(NotFound, match="has no section 'hubs'.*It has: known, steers"):
        halberstadt["hubs"]
    with pytest.raises(NotFound, match="does not answer 'nodf'"):
        halberstadt.answer("nodf")


def test_every_answer_with_a_state_but_no_value_has_no_number(
    whole: Report, regions: Report, halberstadt: Report
) -> None:
    lines: list[Line] = [line for report in (whole, regions, halberstadt) for _, line in report.lines]
    assert len(lines) > 60
    for line in lines:
        if line.state in (State.UNKNOWN, State.TOO_SMALL):
            assert line.value is None and line.unit == ""
        assert line.answer.sentence.en and line.answer.sentence.de
        assert ".." not in line.answer.sentence.en + line.answer.sentence.de
