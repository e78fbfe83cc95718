import pytest

from integgraph.errors import InputError
from integgraph.ingest.places import Gazetteer, Place


@pytest.fixture
def load(tmp_path):
    def load(text: str) -> Gazetteer:
        (tmp_path / "places.yaml").write_text(text)
        return Gazetteer.load(tmp_path)

    return load


def ids(places):
    return [place.id for place in places]


def test_a_place_list_is_read(load):
    gazetteer = load(
        "- {id: de, name: {de: Deutschland, en: Germany}, kind: country, country: DE, also: BRD}\n"
        "- {id: halle, name: {de: Halle}, also: [Halle an der Saale], kind: town, within: de, nuts3: DEE02}\n"
    )
    halle = gazetteer.get("halle")
    assert (halle.kind, halle.within, halle.nuts3, halle.also) == ("town", "de", "DEE02", ("Halle an der Saale",))
    assert halle.name("en") == "Halle"
    assert gazetteer.get("de").name() == "Germany"
    assert gazetteer.get("de").also == ("BRD",)
    assert ids(gazetteer.chain("halle")) == ["halle", "de"]


def test_without_a_file_there_are_no_places(tmp_path):
    assert Gazetteer.load(tmp_path).places == {}


def test_a_name_finds_its_places_smallest_first(gazetteer):
    assert ids(gazetteer.find("KREIS")) == ["kreis"]
    assert ids(gazetteer.find("DE")) == ["land"]
    assert ids(gazetteer.find("Country")) == ["land"]
    assert ids(gazetteer.find("Neustadt")) == ["neustadt-a", "neustadt-b"]
    assert gazetteer.find("Nowhere") == []


def test_what_lies_around_narrows_the_choice(gazetteer):
    assert ids(gazetteer.find("Neustadt", around=["Kreis"])) == ["neustadt-a"]
    assert ids(gazetteer.find("Neustadt", around=["Nowhere"])) == ["neustadt-a", "neustadt-b"]


def test_the_town_goes_before_the_region_of_the_same_name():
    both = Gazetteer.of([Place("b-region", {"de": "Bremen"}, "region"), Place("c-town", {"de": "Bremen"}, "town")])
    assert ids(both.find("Bremen")) == ["c-town", "b-region"]


def test_near_ids(gazetteer):
    assert "kreis" in gazetteer.near("kreise")


FAULTS = [
    ("a: b", None, "must be a list"),
    ("- just a name", 1, "a mapping with id, name and kind"),
    ("- {id: a, name: {de: A}, kind: town, colour: red}", 1, "no key 'colour'"),
    ("- {name: {de: A}, kind: town}", 1, "The place has no id"),
    ("- {id: a, kind: town}", 1, "The place a has no name"),
    ("- {id: a, name: {de: A}}", 1, "The place a has no kind"),
    ("- {id: a, name: {de: A}, kind: village}", 1, "kind 'village'; allowed are supranational"),
    ("- {id: a, name: A, kind: town}", 1, "must say its language"),
    ("- {id: a, name: {deutsch: A}, kind: town}", 1, "must say its language"),
    ("- {id: a, name: {de: [A, B]}, kind: town}", 1, "Each name of a must be one text"),
    ("- {id: a, name: {de: A}, also: {de: B}, kind: town}", 1, "Each name of a must be one text"),
    ("- {id: [a], name: {de: A}, kind: town}", 1, "The id of a place is one word"),
    ("- {id: a b, name: {de: A}, kind: town}", 1, "'a b' may hold only small letters"),
    ("- {id: a, name: {de: A}, kind: town, within: [b]}", 1, "The within of a place is one word"),
    ("- {id: a, name: {de: A}, kind: town}\n- {id: a, name: {de: A}, kind: town}", 2, "'a' stands here twice"),
    ("- {id: a, name: {de: A}, kind: town, within: b}", 1, "a lies within 'b', which is not in the list"),
    ("- {id: a, name: {de: A}, kind: town, within: a}", 1, "a lies within itself: a → a"),
]


@pytest.mark.parametrize(("text", "line", "message"), FAULTS)
def test_a_fault_in_the_place_list_names_line_and_place(load, text, line, message):
    with pytest.raises(InputError) as caught:
        load(text)
    (problem,) = caught.value.problems
    assert message in problem.message
    assert (problem.file, problem.line) == ("places.yaml", line)


def test_places_that_lie_in_each_other_are_all_named(load):
    with pytest.raises(InputError) as caught:
        load("- {id: a, name: {de: A}, kind: town, within: b}\n- {id: b, name: {de: B}, kind: town, within: a}")
    assert [problem.line for problem in caught.value.problems] == [1, 2]
