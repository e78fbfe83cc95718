"""The things of a release, as decisions name them."""

import pytest

from integgraph.errors import NotFound
from integgraph.identity.things import Thing, Things


@pytest.fixture(scope="module")
def things(golden) -> Things:
    return Things.of_release(golden.release)


def test_actors_and_networks_are_known_by_their_ids(things):
    caritas = things["actor:caritas-musterstadt"]
    assert caritas.name == "Caritas Musterstadt"
    assert caritas.places == ["musterstadt"]
    assert caritas.networks == ["alpha", "beta"]
    assert caritas.about.startswith("also Caritasverband Musterstadt e.V.")
    assert things["network:alpha"].name == "Netzwerk Alpha"
    assert things.places_of("alpha") == ["musterstadt"]
    assert things.places_of("nothing") == ()


def test_a_network_that_takes_part_in_another_is_one_thing(things):
    beta = things["network:beta"]
    assert (beta.name, beta.networks, beta.places) == ("Netzwerk Beta", ["alpha"], ["musterstadt"])
    assert [thing.id for thing in things.all()].count("network:beta") == 1


def test_what_was_merged_is_known_by_its_own_id_and_name(things):
    merged = things["actor:caritasverband-musterstadt"]
    assert (merged.id, merged.name) == ("actor:caritasverband-musterstadt", "Caritasverband Musterstadt e.V.")
    assert "actor:caritasverband-musterstadt" in list(things)
    assert merged.id not in [thing.id for thing in things.all()]


def test_what_only_an_older_profile_names_is_known(things):
    assert things["actor:stadt-musterstadt"].name == "Stadt Musterstadt"
    assert "actor:stadt-musterstadt" in things


def test_what_profiles_only_mention_is_there_to_be_decided_about(collection):
    things = Things.of_release(collection.release)
    only = [thing for thing in things.all() if thing.mentioned and not thing.networks]
    assert only
    assert all(thing.name for thing in only)
    assert "mentioned by" in only[0].about
    assert all(f"network:{name}" in things for thing in things.all() for name in thing.mentioned)


def test_iris_are_taken_for_ids(things, golden):
    assert things[f"{golden.release.base_iri}network/alpha"].id == "network:alpha"


@pytest.mark.parametrize("name", ["actor:nobody", "place:musterstadt", "", "actor:", "x y", "actor:a\x00", "actor:A"])
def test_what_is_not_there(things, name):
    assert name not in things
    with pytest.raises(NotFound):
        things[name]
    assert things.get(name).id == name


def test_the_heavier_of_two_is_the_one_to_keep():
    few, many = Thing("actor:a", "A"), Thing("actor:bb", "B", networks=["x"])
    assert max(few, many, key=lambda thing: thing.weight) is many
    assert max(Thing("network:n", "N"), many, key=lambda thing: thing.weight).id == "network:n"
