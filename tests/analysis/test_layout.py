"""Pictures of graphs: everything has a place of its own, and the same graph the same picture."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integgraph.analysis.incidence import Lists, Tie, incidence
from integgraph.analysis.layout import MOST_NODES, layout
from integgraph.analysis.picture import Reported, picture
from integgraph.analysis.selection import Selection
from integgraph.errors import NotFound, Unprocessable


def ties(graph: nx.Graph[int]) -> np.ndarray:  # type: ignore[type-arg]
    return np.array(list(graph.edges()), dtype=np.int64).reshape(-1, 2)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 40).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(st.integers(0, max(n - 1, 0)), st.integers(0, max(n - 1, 0))), max_size=80 if n else 0))))  # fmt: skip
def test_every_node_has_a_place_in_the_picture(drawn: tuple[int, list[tuple[int, int]]]) -> None:
    size, pairs = drawn
    places = layout(size, np.array(pairs, dtype=np.int64).reshape(-1, 2))
    assert places.shape == (size, 2)
    assert np.isfinite(places).all() and (np.abs(places) <= 1 + 1e-9).all()
    if size:
        assert len({(round(x, 6), round(y, 6)) for x, y in places.tolist()}) == size
        assert (places == layout(size, np.array(pairs, dtype=np.int64).reshape(-1, 2))).all()


def test_what_is_joined_lies_nearer_than_what_is_not() -> None:
    graph = nx.connected_caveman_graph(8, 12)
    places = layout(len(graph), ties(graph))
    distance = np.sqrt(((places[:, None] - places[None]) ** 2).sum(2))
    joined = nx.to_numpy_array(graph, nodelist=range(len(graph))) > 0
    apart = ~joined & ~np.eye(len(graph), dtype=bool)
    assert distance[joined].mean() < 0.35 * distance[apart].mean()


def test_components_do_not_lie_over_each_other() -> None:
    graph = nx.disjoint_union_all([nx.path_graph(5), nx.star_graph(6), nx.cycle_graph(9), nx.empty_graph(3)])
    places = layout(len(graph), ties(graph))
    boxes = [
        (places[sorted(part)].min(0), places[sorted(part)].max(0)) for part in map(list, nx.connected_components(graph))
    ]
    for at, (low, high) in enumerate(boxes):
        for other_low, other_high in boxes[:at]:
            assert (high < other_low).any() or (other_high < low).any()


@pytest.mark.parametrize(("size", "pairs"), [(MOST_NODES + 1, []), (2, [(0, 2)]), (2, [(-1, 0)])])
def test_what_cannot_be_drawn_is_refused(size: int, pairs: list[tuple[int, int]]) -> None:
    with pytest.raises(Unprocessable):
        layout(size, np.array(pairs, dtype=np.int64).reshape(-1, 2))


LISTS = incidence(
    Lists.of_ties(
        [
            Tie(actor, network)
            for network, actors in {"N": "abc", "M": "bd", "K": "e", "L": "df"}.items()
            for actor in actors
        ]
    )
)


def test_who_joins_networks_is_shown_by_default() -> None:
    seen = picture(LISTS)
    assert seen.ids == ("b", "d", "L", "M", "N")
    assert seen.kinds == ("actor", "actor", "network", "network", "network")
    assert seen.degrees == (2, 2, 2, 2, 3)  # in all lists, not in the picture
    named = {(seen.ids[first], seen.ids[second]) for first, second in seen.ties.tolist()}
    assert named == {("b", "N"), ("b", "M"), ("d", "M"), ("d", "L")}


@pytest.mark.parametrize(
    ("about", "steps", "ids"),
    [
        ("b", 1, ("b", "M", "N")),
        ("b", 2, ("a", "b", "c", "d", "M", "N")),
        ("network/K", 3, ("e", "K")),
        ("actor/e", 1, ("e", "K")),
    ],
)
def test_the_surroundings_of_a_thing(about: str, steps: int, ids: tuple[str, ...]) -> None:
    assert picture(LISTS, about=about, steps=steps).ids == ids


def test_a_bound_keeps_what_the_picture_is_about() -> None:
    seen = picture(LISTS, about="a", steps=3, most=2)
    assert "a" in seen.ids and len(seen.ids) == 2
    assert seen.left_out == len(picture(LISTS, about="a", steps=3).ids) - 2


def test_reported_ties_are_kept_apart() -> None:
    told = [Reported("b", "L", "coordination"), Reported("N", "M", "part-of"), Reported("x", "N", "part-of")]
    seen = picture(LISTS, reported=told)
    named = [(seen.ids[first], seen.ids[second]) for first, second in seen.reported.tolist()]
    assert named == [("b", "L"), ("N", "M")] and seen.reported_kinds == ("coordination", "part-of")
    assert len(seen.ties) == 4


def test_nothing_is_a_picture_of_nothing() -> None:
    seen = picture(incidence(Lists.of_ties([("a", "N")])))
    assert seen.ids == () and seen.networks == 1
    assert picture(incidence(Lists.of_ties([("a", "N")]), Selection(since="2099")), show="all").ids == ()


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(NotFound, match="'nix' is not among the 4 networks and 6 members"):
        picture(LISTS, about="nix")
    for wrong in ({"steps": 9}, {"show": "most"}, {"most": 0}, {"most": 5001}):
        with pytest.raises(Unprocessable):
            picture(LISTS, **wrong)  # type: ignore[arg-type]
