"""A list of others beside ours: the right one is suggested, look-alikes are not, and spellings come together."""

from __future__ import annotations

from pathlib import Path

import pytest

from integgraph.build import Built
from integgraph.identity import Standing
from integgraph.identity.things import Things
from integgraph.matching import REVIEW, Candidate, Gazetteer, Matcher, places_of
from integgraph.matching.lists import Listed, ListFile
from integgraph.matching.outside import Bodies, Words, best, countries_of, group
from integgraph.reconciliation.candidates import candidates_of_things
from integgraph.tables import Tables
from tests.conftest import SHARED

ESF = SHARED / "data" / "tables" / "esf_sachsen_anhalt_2007_2013.csv.gz"
DIAKONIE = "actor:diakonisches-werk-kirchenkreis-halberstadt"
CARITAS = "actor:caritasverband-dekanat-halberstadt"


def listed(*names: str, id: str = "x", **more: tuple[str, ...]) -> Listed:
    return Listed(id, names, **more)


OURS = [
    Candidate("drk", ("Deutsches Rotes Kreuz Kreisverband Harz e.V.", "DRK Harz"), places=("harz",), countries=("DE",)),
    Candidate("zora", ("Zora e.V.",), places=("halberstadt",), countries=("DE",), domains=("zora.example",)),
    Candidate("vsp", ("Verbund für Soziale Projekte gGmbH", "VSP"), countries=("DE",)),
]


@pytest.fixture(scope="module")
def gazetteer(golden: Built) -> Gazetteer:
    rows = [
        {"id": "halberstadt", "name": "Halberstadt", "kind": "town", "within": "nuts-dee09", "country": "DE"},
        {"id": "harz", "name": "Harz", "kind": "district", "within": "nuts-dee0", "country": "DE", "nuts": "DEE09"},
    ]
    return Gazetteer.load(places_of(rows))


@pytest.fixture(scope="module")
def bodies(gazetteer: Gazetteer) -> Bodies:
    return Bodies(Matcher(OURS, gazetteer=gazetteer), {"ngo": "ngo", "verein": "ngo"})


def score(bodies: Bodies | Words, entry: Listed, ours: str) -> float:
    return next((each.score for each in bodies.suggest(entry) if each.ours == ours), 0.0)


def test_place_country_and_website_count(bodies):
    plain = score(bodies, listed("Zora"), "zora")
    assert score(bodies, listed("Zora", places=("Halberstadt",)), "zora") > plain
    assert score(bodies, listed("Zora", websites=("https://www.zora.example/",)), "zora") > plain
    assert score(bodies, listed("Zora", places=("Dresden",)), "zora") < REVIEW
    assert score(bodies, listed("Zora", countries=("AT",)), "zora") < plain
    assert score(bodies, listed("Zora", countries=("Deutschland",)), "zora") == score(
        bodies, listed("Zora", countries=("de",)), "zora"
    )


def test_a_town_that_nobody_knows_is_no_town_of_ours_but_may_lie_in_a_district(bodies):
    assert score(bodies, listed("Zora e.V.", places=("Kleinkleckersdorf",)), "zora") < REVIEW
    grounds = next(iter(bodies.suggest(listed("Zora e.V.", places=("Kleinkleckersdorf",))))).grounds
    assert grounds[0].en == "Kleinkleckersdorf and Halberstadt are different places."
    assert score(bodies, listed("DRK Harz", places=("Kleinkleckersdorf",)), "drk") >= REVIEW


def test_an_acronym_alone_is_not_enough_where_full_names_differ(bodies):
    assert score(bodies, listed("VSP"), "vsp") >= REVIEW
    assert score(bodies, listed("Verein Sport Pirna", "VSP"), "vsp") < REVIEW


def test_countries_by_code_and_by_name(gazetteer):
    assert countries_of(listed("x", countries=("de", "Österreich", "EL", "Nirgendwo")), gazetteer) == ("DE", "AT", "GR")


# -- places and concepts


@pytest.fixture(scope="module")
def words(gazetteer: Gazetteer) -> Words:
    ours = [
        Candidate("place:halle", ("Halle (Saale)", "Halle"), countries=("DE",)),
        Candidate("place:harz", ("Harz",), countries=("DE",)),
        Candidate("place:country-de", ("Deutschland", "Germany"), countries=("DE",)),
    ]
    kinds = {"place:halle": "town", "place:harz": "district", "place:country-de": "country"}
    return Words(ours, codes={"DEE09": "place:harz", "DEE02": "place:halle"}, kinds=kinds, gazetteer=gazetteer)


def test_a_code_decides_over_names(words):
    assert [each.ours for each in words.suggest(listed("Something else"), "DEE09")] == ["place:harz"]
    found = {each.ours: each.score for each in words.suggest(listed("Halle"), "DEE03")}
    assert found["place:halle"] < REVIEW


def test_towns_and_regions_of_one_name_are_kept_apart(words):
    assert score(words, listed("Harz", kinds=("region",)), "place:harz") >= REVIEW
    assert score(words, listed("Harz", kinds=("town",)), "place:harz") < score(words, listed("Harz"), "place:harz")
    assert score(words, listed("Halle", countries=("BE",)), "place:halle") < score(
        words, listed("Halle", countries=("DE",)), "place:halle"
    )


# -- the best of many


def test_the_best_few_for_each_of_ours_and_nothing_that_is_decided(bodies):
    entries = [listed(f"Zora {n}", id=str(n)) for n in range(9)] + [listed("Zora", id="best"), listed("Zora", id="no")]
    suggested = [match for entry in entries for match in bodies.suggest(entry)]
    found = best(suggested, threshold=0, each=2, skip=lambda ours, entry: entry.id == "no")
    assert [each.listed.id for each in found if each.ours == "zora"][:1] == ["best"]
    assert sum(each.ours == "zora" for each in found) == 2
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)


def test_an_entry_that_a_list_has_twice_counts_once(bodies):
    entries = [listed("Zora", id="1"), listed("Zora e.V.", id="1")]
    found = best([match for entry in entries for match in bodies.suggest(entry)])
    assert [(each.ours, each.listed.names) for each in found] == [("zora", ("Zora e.V.",))]


# -- within a list


def test_spellings_come_together_and_look_alikes_do_not():
    names = [
        "Caritasverband für das Dekanat Magdeburg e.V.",
        "Caritasverband für das Dekanat Halberstadt e.V.",
        "Caritasverband für das Bistum Magdeburg e.V.",
        "Caritasverband für das Dekanat Magdeburg e. V.",
        "Caritasverband für das Dekanat Magdeburg e.V.",
    ]
    found = group([listed(name) for name in names])
    assert [(each.rows, each.listed.names) for each in found] == [
        (3, (names[0], names[3])),
        (1, (names[1],)),
        (1, (names[2],)),
    ]


def test_one_name_in_two_places_is_two_bodies():
    entries = [listed("Haus der Kulturen", places=(place,)) for place in ("Dresden", "Leipzig", "Dresden")]
    assert [(each.rows, each.listed.places) for each in group(entries)] == [(2, ("Dresden",)), (1, ("Leipzig",))]


def test_a_name_that_could_be_either_joins_no_two_that_are_different():
    names = ["Caritasverband Magdeburg e.V.", "Caritasverband Halberstadt e.V.", "Caritasverband e.V."]
    groups = [set(each.listed.names) for each in group([listed(name) for name in names], threshold=0.0)]
    assert not any({names[0], names[1]} <= each for each in groups)


def test_an_empty_list():
    assert group([]) == []
    assert best([]) == []


# -- the tables of public grants


@pytest.mark.shared
@pytest.mark.slow
def test_the_grants_of_saxony_anhalt(collection: Built) -> None:
    """Two spellings of one welfare association are one and are ours; those of other towns are never suggested."""
    groups = group(entry for entry in ListFile(ESF) if any(word in entry.names[0] for word in ("Caritas", "Diakon")))
    halberstadt = [each for each in groups if any("Kirchenkreis Halberstadt" in name for name in each.listed.names)]
    assert [each.rows for each in halberstadt] == [20]
    release = collection.release
    gazetteer = Gazetteer.load(places_of(Tables(release.path / "tables")["places"].to_pylist()))
    ours = Bodies(Matcher(candidates_of_things(Things.of_release(release), (), Standing(())), gazetteer=gazetteer))
    found = best((match for each in groups for match in ours.suggest(each.listed)), each=100)
    mine = [match.listed.names for match in found if match.ours == DIAKONIE]
    assert mine == [halberstadt[0].listed.names]
    assert [match.listed.names for match in found if match.ours == CARITAS] == []
    magdeburg = [match.ours for match in found if any("Magdeburg" in name for name in match.listed.names)]
    assert not any("halberstadt" in name for name in magdeburg)


def test_the_same_file_is_read_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Zora e.V.\nZora e. V.\n", "utf-8")
    assert group(ListFile(tmp_path / "a.txt")) == group(ListFile(tmp_path / "a.txt"))
