"""The incidence matrix: the same from tables, from a store and from a list; what counts; projections; selections."""

from __future__ import annotations

import warnings
from typing import Any

import networkx as nx
import numpy as np
import pytest
import scipy.sparse as sp
from benchmarks.incidence import by_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from integgraph.analysis.incidence import (
    Incidence,
    Lists,
    Things,
    Tie,
    concept_incidence,
    incidence,
    projection,
)
from integgraph.analysis.selection import Selection, day_bounds
from integgraph.build import Built
from integgraph.errors import IntegGraphError, NotFound, Unprocessable
from integgraph.ontology import Ontology
from integgraph.release import Release
from integgraph.store import EmbeddedStore


@pytest.fixture(scope="session")
def small(golden: Built) -> Release:
    return golden.release


@pytest.fixture(scope="session")
def large(collection: Built) -> Release:
    return collection.release


def of(*ties: Any, **selected: Any) -> Incidence:
    return incidence(Lists.of_ties(ties), Selection(**selected))


def same(one: Incidence, other: Incidence) -> None:
    assert one.matrix.shape == other.matrix.shape
    assert (one.matrix != other.matrix).nnz == 0
    for part in ("actors", "networks", "groups"):
        for column in Things.__slots__:
            found, wanted = getattr(getattr(one, part), column), getattr(getattr(other, part), column)
            assert found.tolist() == wanted.tolist(), (part, column)
    assert one.ties.to_pylist() == other.ties.to_pylist()
    assert one.group_columns.tolist() == other.group_columns.tolist()
    assert one.group_roles.tolist() == other.group_roles.tolist()
    assert one.notes == other.notes


# -- where it comes from


def ends(name: str) -> str:
    return name.rpartition("/")[2]


def test_the_golden_lists_by_hand(small: Release) -> None:
    found = incidence(Lists.of_release(small))
    rows, columns = [ends(each) for each in found.actors.ids], [ends(each) for each in found.networks.ids]
    assert columns == ["alpha", "beta", "gamma"]
    ties = {(rows[row], columns[column]) for row, column in zip(*found.matrix.nonzero(), strict=True)}
    wanted = small.store().select("SELECT ?a ?n { ?n org:hasMember ?a }").records()
    assert ties == {(ends(str(row["a"])), ends(str(row["n"]))) for row in wanted}
    assert ("beta", "alpha") in ties  # a network as a member: a row and a column
    assert found.actors.kinds[rows.index("beta")] == "network"
    assert found.actors.places[rows.index("beta")] == found.networks.places[columns.index("beta")] != ""
    assert found.groups.labels.tolist() == ["Ehrenamtliche"]
    assert found.networks.countries.tolist() == ["DE", "DE", "IT"]
    assert found.degrees.sum() == found.sizes.sum() == found.matrix.nnz


@pytest.mark.parametrize(
    "selected",
    [
        {},
        {"participants": "all"},
        {"roles": "supporter"},
        {"countries": "DE"},
        {"countries": "IT", "participants": "all"},
    ],
)
def test_a_store_gives_the_same_as_the_tables(small: Release, large: Release, selected: dict[str, Any]) -> None:
    for release in (small, large):
        tables = incidence(Lists.of_release(release), Selection(**selected))
        same(incidence(Lists.of_store(release.store(), release.id), Selection(**selected)), tables)


def test_the_loop_over_solutions_that_is_measured_gives_the_same(large: Release) -> None:
    found = incidence(Lists.of_release(large))
    actors, networks, matrix = by_rows(large.store())
    assert (actors, networks) == (found.actors.ids.tolist(), found.networks.ids.tolist())
    assert (found.matrix != matrix).nnz == 0


def test_the_numbers_of_the_tables_are_those_of_the_matrix(large: Release) -> None:
    lists = Lists.of_release(large)
    found = incidence(lists)
    assert found.matrix.nnz == 701
    assert set(np.unique(found.matrix.data)) == {1.0}
    everyone = incidence(lists, Selection(participants="all"))
    assert everyone.matrix.nnz == 701 + 93
    assert len(everyone.groups) == len(found.groups) == 15
    assert not set(everyone.actors.ids) & set(everyone.groups.ids)


def test_a_store_of_plain_org_terms_is_enough() -> None:
    store = EmbeddedStore.of(
        """<https://e.example/n> a ig:Network ; org:hasMember <https://e.example/a> , <https://e.example/b> .""".replace(
            "ig:", "<https://w3id.org/integgraph/ontology#"
        )
        .replace("Network ;", "Network> ;")
        .replace("org:hasMember", "<http://www.w3.org/ns/org#hasMember>")
    )
    found = incidence(Lists.of_store(store))
    assert found.matrix.toarray().tolist() == [[1.0], [1.0]]
    assert found.actors.labels.tolist() == ["a", "b"]


# -- what counts


def test_duplicates_count_once_and_keep_their_roles() -> None:
    found = of(("a", "N", "chair"), ("a", "N", "member"), ("b", "N"))
    assert found.matrix.toarray().tolist() == [[1.0], [1.0]]
    assert sorted(found.ties["roles"].to_pylist()) == ["", "chair", "member"]
    assert [note.en for note in found.notes] == ["1 listing repeats a tie and counts once."]


def test_a_network_that_lists_itself_gives_no_tie() -> None:
    guest = of(Tie("N", "N", "guest", counts=False))
    assert [note.en.partition(",")[0] for note in guest.notes] == [
        "1 network fits",
        "1 network lists itself; that is no tie.",
    ]
    found = of(("N", "N"), ("a", "N"))
    assert (found.actors.ids.tolist(), found.matrix.nnz) == (["a"], 1)
    assert "1 network lists itself; that is no tie." in [note.en for note in found.notes]
    alone = of(("N", "N"))
    assert alone.matrix.shape == (0, 1)


def test_nested_networks_mix_no_modes() -> None:
    found = of(("a", "inner"), ("inner", "outer"), ("b", "outer"), ("outer", "inner"))
    assert found.actors.ids.tolist() == ["a", "b", "inner", "outer"]
    assert found.networks.ids.tolist() == ["inner", "outer"]
    assert found.actors.kinds.tolist() == ["actor", "actor", "network", "network"]


def test_roles_that_do_not_count_are_left_out_unless_they_are_asked_for() -> None:
    ties = (Tie("a", "N", "member"), Tie("b", "N", "supporter", counts=False))
    assert of(*ties).actors.ids.tolist() == ["a"]
    assert of(*ties, participants="all").actors.ids.tolist() == ["a", "b"]
    assert of(*ties, roles="supporter").actors.ids.tolist() == ["b"]
    only = of(ties[1])
    assert only.matrix.shape == (0, 1)
    assert only.notes[0].en == "1 network fits, and no tie of the kind that is asked for is listed."


def test_contradictory_dates_are_kept_and_said() -> None:
    found = of(("a", "N", "", "2019", "2015"), ("b", "N", "", "2015", "2019"), ("c", "N", "", "2015", "2015"))
    assert "1 tie ends before the beginning, as the source has it; kept." in [note.en for note in found.notes]
    assert found.ties["since"].to_pylist()[0] == "2019"


@pytest.mark.parametrize(
    ("tie", "said"),
    [
        (("a",), "Tie 1 is ('a',). Write actor and network"),
        ("ab", "Tie 1 is 'ab'."),
        (("", "N"), "Tie 1 names no actor."),
        (("a", ""), "Tie 1 names no network."),
        (("a", None), "every part of it is a text"),
    ],
)
def test_what_is_no_tie_is_said_with_its_number(tie: Any, said: str) -> None:
    with pytest.raises(Unprocessable) as caught:
        Lists.of_ties([tie])
    assert said in str(caught.value)


def test_an_unknown_network_is_not_found_with_similar_ones(large: Release) -> None:
    networks = incidence(Lists.of_release(large)).networks
    assert networks.ids[networks.position("big-saar")].endswith("/big-saar")
    assert networks.position(str(networks.ids[3])) == 3
    with pytest.raises(NotFound, match="Did you mean: big-saar"):
        networks.position("big-sar")


# -- selections


def test_a_region_is_every_place_that_lies_in_it(large: Release) -> None:
    lists = Lists.of_release(large)
    found = incidence(lists, Selection(places="nuts-dee"))
    assert 5 < len(found.networks) < 40
    assert all("nuts-dee" in places.split("; ") for places in found.networks.places)
    town = incidence(lists, Selection(places="halle-saale"))
    assert set(town.networks.ids) < set(found.networks.ids)
    whole = incidence(lists, Selection(places="https://w3id.org/integgraph/id/place/nuts-dee"))
    assert whole.networks.ids.tolist() == found.networks.ids.tolist()


def test_parts_narrow_and_values_widen(large: Release, ontology: Ontology) -> None:
    lists = Lists.of_release(large)

    def chosen(**selected: Any) -> set[str]:
        return set(incidence(lists, Selection(**selected), ontology=ontology).networks.ids)

    assert chosen(countries=("DE", "IT")) == chosen(countries="DE") | chosen(countries="IT")
    assert chosen(countries="DE", fields="language") == chosen(countries="DE") & chosen(fields="language") != set()
    assert chosen(target_groups="refugees") and chosen(networks="big-saar") == {
        name for name in chosen() if name.endswith("/big-saar")
    }


def test_a_status_date_fits_when_a_day_that_it_allows_does(large: Release) -> None:
    lists = Lists.of_release(large)
    found = incidence(lists, Selection(since="2021-06", until="2022"))
    assert 0 < len(found.networks) < 60
    for dated in found.networks.dates:
        bounds = day_bounds(dated)
        assert bounds is not None
        assert bounds[0] <= "2022-12-31" and bounds[1] >= "2021-06-01"
    late = len(incidence(lists, Selection(since="2023")).networks)
    early = len(incidence(lists, Selection(until="2022-12-31")).networks)
    undated = sum(not text for text in incidence(lists).networks.dates)
    assert late + early + undated == 120


def test_nothing_selected_is_an_empty_matrix_and_a_sentence(large: Release) -> None:
    found = incidence(Lists.of_release(large), Selection(countries="DE", since="2090"))
    assert found.matrix.shape == (0, 0)
    assert [note.text("en") for note in found.notes] == [
        "No network fits this selection (countries: DE; status date from 2090)."
    ]
    assert found.notes[0].text("de") == "Kein Netzwerk passt zu dieser Auswahl (Länder: DE; Stand von 2090)."
    for mode in ("actors", "networks"):
        assert projection(found, mode).shape == (0, 0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("selected", "said"),
    [
        ({"countries": "Germany"}, "'Germany' is not a value of 'countries'. Allowed are: AT, "),
        ({"places": "halberstat"}, "'halberstat' is not a value of 'places'. Did you mean halberstadt"),
        ({"fields": "langage"}, "Did you mean language? Allowed are: "),
        ({"target_groups": "everyone"}, "'everyone' is not a value of 'target_groups'."),
        ({"roles": "suporter"}, "Did you mean supporter"),
        ({"networks": "big-sar"}, "Did you mean big-saar"),
        ({"participants": "guests"}, "Allowed are: all, members."),
        ({"since": "yesterday"}, "'yesterday' is not a value of 'since'. Write a year, month or day"),
        ({"since": "2021-13"}, "'2021-13' is not a value of 'since'"),
        ({"since": "2022", "until": "2021"}, "it ends first"),
        ({"countries": ""}, "A value of 'countries' is a text that is not empty, not ''."),
        ({"countries": 7}, "not 7"),
        ({"countries": ["DE", None]}, "not None"),
    ],
)
def test_an_unknown_value_names_those_that_there_are(large: Release, selected: dict[str, Any], said: str) -> None:
    with pytest.raises(Unprocessable) as caught:
        incidence(Lists.of_release(large), Selection(**selected))
    assert said in str(caught.value)


def test_a_list_of_ties_has_no_countries() -> None:
    with pytest.raises(Unprocessable, match="This source has none"):
        of(("a", "N"), countries="DE")


def test_selections_are_values() -> None:
    assert Selection(countries="DE") == Selection(countries=["DE", "DE"])
    assert len({Selection(countries="DE"), Selection(countries=("DE",))}) == 1
    assert str(Selection(countries="DE", roles="guest")) == "countries: DE; roles: guest"


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("2021", ("2021-01-01", "2021-12-31")),
        ("2021-21", ("2021-03-01", "2021-05-31")),
        ("2021~", ("2021-01-01", "2021-12-31")),
        ("20XX", ("2000-01-01", "2099-12-31")),
        ("2021-XX-XX", ("2021-01-01", "2021-12-31")),
        ("2019/2021-05", ("2019-01-01", "2021-05-31")),
        ("../2021", ("0000-01-01", "2021-12-31")),
        ("2021/2019", None),
        ("2021-00", None),
        ("2021-01-32", None),
        ("", None),
        ("1.1.2021", None),
    ],
)
def test_bounds_of_dates(text: str, bounds: tuple[str, str] | None) -> None:
    assert day_bounds(text) == bounds


# -- projections

TIES = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("NMOPQ")), min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@given(TIES)
def test_projections_are_those_of_networkx(ties: list[tuple[str, str]]) -> None:
    found = of(*ties)
    graph: nx.Graph[str] = nx.Graph(ties)
    for mode, things in (("actors", found.actors), ("networks", found.networks)):
        names = things.ids.tolist()
        by_count = projection(found, mode)  # type: ignore[arg-type]
        peer = nx.bipartite.weighted_projected_graph(graph, names)
        assert by_count.toarray().tolist() == matrix_of(peer, names).tolist()
        by_newman = projection(found, mode, "newman").toarray()  # type: ignore[arg-type]
        peer = nx.bipartite.collaboration_weighted_projected_graph(graph, names)
        assert np.allclose(by_newman, matrix_of(peer, names), atol=1e-12)
        assert np.array_equal(by_newman, by_newman.T)


def matrix_of(graph: nx.Graph[str], names: list[str]) -> np.ndarray[Any, Any]:
    return nx.to_numpy_array(graph, nodelist=names) if names else np.zeros((0, 0))


def test_ten_thousand_actors_in_one_network_are_a_sentence_not_a_crash() -> None:
    found = of(*((f"a{number:05}", "N") for number in range(10_000)), ("a00000", "M"))
    assert found.matrix.shape == (10_000, 2)
    assert found.sizes.tolist() == [1, 10_000]
    with pytest.raises(Unprocessable, match="99,990,000 entries, and at most 25,000,000 are made"):
        projection(found)
    assert projection(found, "networks").toarray().tolist() == [[0.0, 1.0], [1.0, 0.0]]


def test_one_network_projects_to_a_complete_graph_without_warnings() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = of(("a", "N"), ("b", "N"), ("c", "N"))
        assert projection(found).sum() == 6
        assert projection(found, "networks").nnz == 0
        assert projection(of(("a", "N")), weight="newman").nnz == 0
    assert isinstance(projection(found), sp.csr_array)


@pytest.mark.parametrize("wrong", [{"mode": "edges"}, {"weight": "cosine"}])
def test_unknown_parameters_of_a_projection_name_those_that_there_are(wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegGraphError, match="Allowed are: "):
        projection(of(("a", "N")), **wrong)


# -- concepts


def test_fields_and_groups_with_what_is_not_known(small: Release, ontology: Ontology) -> None:
    found = concept_incidence(small, "fields", ontology=ontology)
    names = found.concepts.tolist()
    assert found.matrix.shape == (3, len(ontology.scheme("field").concepts))
    rows = [{names[column] for column in row.nonzero()[0]} for row in found.matrix.toarray()]
    assert rows[1] == {"labour-market", "housing"} and "language" in rows[2]
    groups = concept_incidence(small, "target_groups", ontology=ontology)
    assert groups.known.tolist() == [True, False, False]
    assert groups.notes[0].en == "The answer of 2 networks is not known; unknown is not none."
    narrowed = concept_incidence(small, "fields", Selection(countries="IT"), ontology=ontology)
    assert narrowed.matrix.shape[0] == 1
    empty = concept_incidence(small, "fields", Selection(since="2090"), ontology=ontology)
    assert empty.matrix.shape[0] == 0 and empty.notes[0].en.startswith("No network fits")
    with pytest.raises(Unprocessable, match="Allowed are: fields, target_groups"):
        concept_incidence(small, "roles")  # type: ignore[arg-type]


def test_fields_of_the_collection_are_those_of_its_table(large: Release, ontology: Ontology) -> None:
    found = concept_incidence(large, "fields", ontology=ontology)
    asked = "SELECT DISTINCT ?n ?f { ?n a ig:Network ; ig:fieldOfAction ?f }"
    assert found.matrix.nnz == len(large.store().select(asked))
