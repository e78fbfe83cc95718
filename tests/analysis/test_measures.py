"""What the measures answer for degenerate and random small data, held to slow references that share no code."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from itertools import combinations, permutations
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from integgraph.analysis.measures import (
    Answer,
    Basis,
    State,
    backbone,
    bands,
    brokerage,
    centralisation,
    centrality,
    closure,
    cohesion,
    loss,
    mixing,
    modularity,
    moves,
    multiplexity,
    nestedness,
    nullmodels,
    paths,
    size,
    suggestions,
)
from integgraph.analysis.measures.twomode import one_mode, patterns, two_mode

# ---------------------------------------------------------------------------------------------------------------------
# Data


@st.composite
def matrices(draw: st.DrawFn, most: int = 8) -> Any:
    """Small two-mode lists, of any shape down to nothing, dense and sparse."""
    n, m = draw(st.integers(0, most)), draw(st.integers(0, most))
    chance = draw(st.sampled_from([0.1, 0.3, 0.5, 0.9, 1.0]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return (rng.random((n, m)) < chance).astype(float)


@st.composite
def graphs(draw: st.DrawFn, most: int = 9, directed: bool = False) -> Any:
    """Small graphs with self-ties now and then."""
    n = draw(st.integers(0, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    chance = draw(st.sampled_from([0.0, 0.15, 0.3, 0.5, 1.0]))
    matrix = rng.random((n, n)) < chance
    graph: Any = nx.DiGraph() if directed else nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from((i, j) for i in range(n) for j in range(n) if matrix[i, j] and (i != j or rng.random() < 0.2))
    return graph


def bipartite(matrix: Any) -> Any:
    n, m = matrix.shape
    graph: Any = nx.Graph()
    graph.add_nodes_from((("a", i) for i in range(n)), bipartite=0)
    graph.add_nodes_from((("n", j) for j in range(m)), bipartite=1)
    graph.add_edges_from((("a", int(i)), ("n", int(j))) for i, j in zip(*np.nonzero(matrix), strict=True))
    return graph


def simple(graph: Any) -> Any:
    plain: Any = nx.Graph(graph)
    plain.remove_edges_from(list(nx.selfloop_edges(plain)))
    return plain


TWO_MODE: list[Callable[[Any], Answer[Any]]] = [
    size.two_mode_density,
    size.mean_memberships,
    size.projection_size,
    lambda data: size.projection_size(data, "networks"),
    centrality.two_mode_degree,
    centrality.two_mode_closeness,
    lambda data: centrality.two_mode_closeness(data, scope="graph"),
    centrality.two_mode_betweenness,
    lambda data: centrality.two_mode_betweenness(data, scope="graph", normalised=False),
    centrality.two_mode_eigenvector,
    centralisation.two_mode_degree_centralisation,
    cohesion.connected_parts,
    cohesion.cut_members,
    cohesion.fragmentation,
    cohesion.mean_distance,
    cohesion.diameter,
    cohesion.node_connectivity,
    closure.two_mode_clustering,
    closure.opsahl_clustering,
    closure.opsahl_local,
    closure.redundancy,
    lambda data: closure.pair_overlap(data, 0, 1),
    backbone.backbone,
    lambda data: backbone.backbone(data, "fixed-row"),
    lambda data: backbone.backbone(data, "fixed-column"),
    lambda data: modularity.modules(data, restarts=3),
    nestedness.nestedness,
    lambda data: nullmodels.size_fair(data, closure.robins_alexander, shuffles=30),
    lambda data: bands.bands(data, closure.robins_alexander, (0.1, 0.5), runs=5),
    lambda data: bands.stability(data, runs=5),
    lambda data: loss.member_loss(data, [0]),
    loss.robustness,
    lambda data: loss.robustness(data, "random", runs=3),
    lambda data: suggestions.hit_rate(data, runs=3),
    lambda data: suggestions.partner_suggestions(data, 0, {0: ["x"], 1: ["x", "y"]}),
]
ONE_MODE: list[Callable[..., Answer[Any]]] = [
    size.density,
    size.mean_degree,
    centrality.degree,
    centrality.closeness,
    centrality.betweenness_centrality,
    centralisation.degree_centralisation,
    centralisation.betweenness_centralisation,
    centralisation.closeness_centralisation,
    cohesion.transitivity,
    cohesion.average_clustering,
    cohesion.triad_census,
    cohesion.degree_assortativity,
    brokerage.constraint,
    brokerage.effective_size,
    lambda graph, networks=None: brokerage.brokerage_roles(graph, {0: "a", 1: "b"}, networks),
    lambda graph, networks=None: mixing.e_i_index(graph, {0: "a", 1: "b", 2: "b"}, networks, shuffles=20),
    lambda graph, networks=None: mixing.nominal_assortativity(graph, {0: "a", 1: "b", 2: "b"}, networks),
]
DEGENERATE_LISTS = {
    "nothing": np.zeros((0, 0)),
    "no actors": np.zeros((0, 3)),
    "no networks": np.zeros((3, 0)),
    "no ties": np.zeros((3, 3)),
    "one tie": np.ones((1, 1)),
    "one network": np.ones((3, 1)),
    "one network, one not listed": np.array([[1.0], [1.0], [0.0]]),
    "one actor": np.ones((1, 3)),
    "two by two": np.ones((2, 2)),
    "two apart": np.eye(2),
    "complete": np.ones((12, 9)),
    "star of networks": np.array([[1] * 9, *np.eye(9).tolist()]),
    "apart": np.eye(13),
    "large and lonely": np.ones((200, 1)),
}
DEGENERATE_GRAPHS = {
    "nothing": nx.empty_graph(0),
    "one actor": nx.empty_graph(1),
    "isolates": nx.empty_graph(5),
    "pair": nx.path_graph(2),
    "triangle": nx.complete_graph(3),
    "star": nx.star_graph(9),
    "complete": nx.complete_graph(12),
    "ring": nx.cycle_graph(10),
    "apart": nx.disjoint_union(nx.complete_graph(5), nx.star_graph(6)),
    "self-ties only": nx.Graph([(0, 0), (1, 1), (2, 2)]),
    "tie and self-tie": nx.Graph([(0, 1), (0, 0), (2, 2)]),
}


def sound(answer: Answer[Any]) -> None:
    """No nan anywhere, a value exactly where the state has one, words in both languages, JSON that is JSON."""
    assert (answer.value is None) == (answer.state in (State.TOO_SMALL, State.UNKNOWN))
    assert answer.sentence.en.endswith((".", ")", "!")) and answer.sentence.de.endswith((".", ")", "!"))
    assert "nan" not in answer.sentence.en.lower().split() and "None" not in answer.sentence.en
    json.dumps(answer.plain(), allow_nan=False)
    if answer.state is State.FORCED:
        assert "not a finding" in answer.sentence.en and "kein Befund" in answer.sentence.de


# ---------------------------------------------------------------------------------------------------------------------
# States


@pytest.mark.parametrize("name", DEGENERATE_LISTS)
@pytest.mark.parametrize("measure", TWO_MODE)
def test_a_degenerate_list_gets_a_state(name: str, measure: Callable[[Any], Answer[Any]]) -> None:
    sound(measure(DEGENERATE_LISTS[name]))


@pytest.mark.parametrize("name", DEGENERATE_GRAPHS)
@pytest.mark.parametrize("networks", [None, 1, 4])
@pytest.mark.parametrize("measure", ONE_MODE)
def test_a_degenerate_graph_gets_a_state(name: str, networks: int | None, measure: Callable[..., Answer[Any]]) -> None:
    answer = measure(DEGENERATE_GRAPHS[name], networks=networks)
    sound(answer)
    if networks == 1:
        assert answer.state is not State.VALUE


@settings(max_examples=60, deadline=None)
@given(matrices())
def test_any_list_gets_a_state(matrix: Any) -> None:
    for measure in TWO_MODE:
        sound(measure(matrix))


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_any_graph_gets_a_state(graph: Any) -> None:
    for measure in ONE_MODE:
        for networks in (None, 1, 2):
            sound(measure(graph, networks=networks))


@pytest.mark.parametrize("measure", TWO_MODE)
def test_one_network_never_gives_a_finding(measure: Callable[[Any], Answer[Any]]) -> None:
    if measure in TWO_MODE[-6:]:  # losses and suggestions speak of one network too
        return
    assert measure(np.ones((30, 1))).state is not State.VALUE


def test_the_projection_of_one_network_is_forced_throughout() -> None:
    triangle = nx.complete_graph(3)
    assert size.density(triangle, networks=1).value == 1
    assert cohesion.transitivity(triangle, networks=1).value == 1
    assert cohesion.average_clustering(triangle, networks=1).value == 1
    assert centralisation.degree_centralisation(triangle, networks=1).value == 0
    for answer in (size.density(triangle, 1), cohesion.transitivity(triangle, 1), brokerage.constraint(triangle, 1)):
        assert answer.state is State.FORCED


def test_a_projection_of_several_networks_is_not_taken_for_reported_ties() -> None:
    assert centralisation.degree_centralisation(nx.star_graph(9), networks=4).state is State.UNKNOWN
    assert "not a reported tie" in brokerage.constraint(nx.star_graph(9), networks=4).sentence.en


def test_dates_and_sources_stand_with_the_answer() -> None:
    answer = size.two_mode_density(np.eye(3), basis=Basis(("2021-01", "2023"), ("profile",)))
    assert answer.inputs.dates == ("2021-01", "2023") and answer.inputs.sources == ("profile",)
    assert answer.quote("de").endswith("(3 Akteure, 3 Netzwerke, 3 Verbindungen; Stand 2021-01–2023)")


def test_an_answer_that_contradicts_its_state_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        Answer("x", State.UNKNOWN, 1.0, size.two_mode_density(np.eye(2)).inputs, size.NO_TIES)
    with pytest.raises(ValueError, match="cannot be quoted|can be quoted"):
        Answer("x", State.VALUE, math.nan, size.two_mode_density(np.eye(2)).inputs, size.NO_TIES)
    with pytest.raises(ValueError, match="No tie is known"):
        _ = size.density(nx.empty_graph(4)).found


def test_ten_thousand_actors_in_one_network() -> None:
    data = sparse.csr_array(np.ones((10_000, 1)))
    for measure in (
        size.two_mode_density, size.projection_size, centrality.two_mode_closeness, centrality.two_mode_betweenness,
        centrality.two_mode_eigenvector, cohesion.cut_members, closure.two_mode_clustering, closure.redundancy,
        nestedness.nestedness, modularity.modules,
    ):  # fmt: skip
        answer = measure(data)
        sound(answer)
        assert answer.state is not State.VALUE


def test_one_huge_network_among_others() -> None:
    rng = np.random.default_rng(0)
    data = np.hstack([np.ones((10_000, 1)), (rng.random((10_000, 8)) < 0.001).astype(float)])
    for measure in (
        size.projection_size, centrality.two_mode_closeness, closure.two_mode_clustering, closure.opsahl_clustering,
        closure.redundancy, nestedness.nestedness, cohesion.cut_members, backbone.backbone, modularity.modules,
    ):  # fmt: skip
        sound(measure(data))
    assert "too many to test" in backbone.backbone(data).sentence.en


# ---------------------------------------------------------------------------------------------------------------------
# Against slow references


@settings(max_examples=150, deadline=None)
@given(graphs(12))
def test_paths_are_those_of_networkx(graph: Any) -> None:
    ties = one_mode(graph)
    plain = simple(graph)
    found = paths.distances(ties.matrix)
    lengths = dict(nx.all_pairs_shortest_path_length(plain))
    assert found.total.tolist() == [sum(lengths[node].values()) for node in ties.names]
    assert found.farthest.tolist() == [max(lengths[node].values()) for node in ties.names]
    between = nx.betweenness_centrality(plain, normalized=False)
    assert np.allclose(paths.betweenness(ties.matrix).raw, [between[node] for node in ties.names], rtol=0, atol=1e-9)
    cut = {ties.names[at] for at in np.flatnonzero(paths.cut_nodes(ties.matrix))}
    assert cut == set(nx.articulation_points(plain))


@settings(max_examples=100, deadline=None)
@given(matrices(9))
def test_two_mode_centralities_are_those_of_networkx(matrix: Any) -> None:
    graph, lists = bipartite(matrix), two_mode(bipartite(matrix))
    actors = [node for node, mode in graph.nodes(data="bipartite") if mode == 0]
    if lists.ties == 0 or len(lists.networks) < 2:
        return
    degree = nx.bipartite.degree_centrality(graph, actors)
    close = nx.bipartite.closeness_centrality(graph, actors)
    for found, wanted in (
        (centrality.two_mode_degree(graph).found, degree),
        (centrality.two_mode_closeness(graph, scope="graph").found, close),
    ):
        merged = found["actors"] | found["networks"]
        assert all(abs(merged[node] - wanted[node]) < 1e-9 for node in graph)
    if nx.is_connected(graph) and min(matrix.shape) > 1:
        between = nx.bipartite.betweenness_centrality(graph, actors)
        found = centrality.two_mode_betweenness(graph).found
        merged = found["actors"] | found["networks"]
        assert all(abs(merged[node] - between[node]) < 1e-9 for node in graph)


@settings(max_examples=100, deadline=None)
@given(graphs(9))
def test_structural_holes_are_those_of_networkx(graph: Any) -> None:
    plain = simple(graph)
    if not plain:
        return
    wanted, sizes = nx.constraint(plain), nx.effective_size(plain)
    found, effective = brokerage.constraint(graph, 1).value or {}, brokerage.effective_size(graph, 1).value or {}
    for node in plain:
        if plain.degree(node):
            assert abs(found[node] - wanted[node]) < 1e-9
            assert abs(effective[node] - sizes[node]) < 1e-9
        else:
            assert node not in found


@settings(max_examples=60, deadline=None)
@given(graphs(8), st.integers(0, 2**32 - 1))
def test_weighted_constraint_is_that_of_networkx(graph: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    plain = simple(graph)
    if not plain:
        return
    for a, b in plain.edges:
        plain.edges[a, b]["weight"] = float(rng.integers(1, 9))
    wanted = nx.constraint(plain, weight="weight")
    found = brokerage.constraint(plain, 1, weight="weight").value or {}
    assert all(abs(found[node] - wanted[node]) < 1e-9 for node in found)


@settings(max_examples=100, deadline=None)
@given(graphs(9))
def test_closure_of_ties_is_that_of_networkx(graph: Any) -> None:
    plain = simple(graph)
    answer = cohesion.transitivity(graph)
    if answer.value is not None:
        assert abs(answer.value - nx.transitivity(plain)) < 1e-9
        assert abs(cohesion.average_clustering(graph).found - nx.average_clustering(plain)) < 1e-9
    census = cohesion.triad_census(graph)
    if census.value is not None:
        counted = [0, 0, 0, 0]
        for triple in combinations(plain, 3):
            counted[plain.subgraph(triple).number_of_edges()] += 1
        assert list(census.value) == counted
    connectivity = cohesion.node_connectivity(graph)
    if connectivity.value is not None:
        assert connectivity.value == nx.node_connectivity(plain)


@settings(max_examples=60, deadline=None)
@given(graphs(12, directed=True), st.integers(0, 2**32 - 1))
def test_roles_are_those_of_a_count_by_hand(graph: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    sector = {node: "abc"[rng.integers(3)] for node in graph}
    answer = brokerage.brokerage_roles(graph, sector)
    if answer.value is None:
        return
    names = ("coordinator", "itinerant", "representative", "gatekeeper", "liaison")
    wanted = {node: dict.fromkeys(names, 0) for node in graph}
    for i, j, k in permutations(graph, 3):
        if graph.has_edge(i, j) and graph.has_edge(j, k) and not graph.has_edge(i, k):
            a, b, c = sector[i], sector[j], sector[k]
            role = (
                "coordinator" if a == b == c
                else "itinerant" if a == c
                else "representative" if a == b
                else "gatekeeper" if b == c
                else "liaison"
            )  # fmt: skip
            wanted[j][role] += 1
    assert {node: {name: getattr(each, name) for name in names} for node, each in answer.value.items()} == wanted


@settings(max_examples=60, deadline=None)
@given(graphs(9), st.integers(0, 2**32 - 1))
def test_mixing_is_that_of_networkx(graph: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    plain = simple(graph)
    sector = {node: "abc"[rng.integers(3)] for node in plain}
    nx.set_node_attributes(plain, sector, "sector")
    answer = mixing.nominal_assortativity(graph, sector)
    if answer.value is not None:
        assert abs(answer.value - nx.attribute_assortativity_coefficient(plain, "sector")) < 1e-9
    mix = mixing.e_i_index(graph, sector, shuffles=50)
    if mix.value is not None:
        outside = sum(sector[a] != sector[b] for a, b in plain.edges)
        assert abs(mix.value - (2 * outside / plain.number_of_edges() - 1)) < 1e-9
        low, high = mix.details["feasible"]
        assert low - 1e-9 <= mix.value <= high + 1e-9
        assert 0 < mix.details["p"] <= 1


def slow_four_paths(matrix: Any, centre: int) -> tuple[int, int]:
    n, m = matrix.shape
    closed = every = 0
    for a, c in permutations([i for i in range(n) if i != centre], 2):
        for e, f in permutations(range(m), 2):
            if matrix[a, e] and matrix[centre, e] and matrix[centre, f] and matrix[c, f]:
                every += 1
                closed += any(matrix[a, g] and matrix[c, g] for g in range(m) if g not in (e, f))
    return closed, every


@settings(max_examples=60, deadline=None)
@given(matrices(6))
def test_two_mode_closure_is_that_of_a_count_by_hand(matrix: Any) -> None:
    closed, every = closure.four_paths(matrix)
    assert list(zip(closed, every, strict=True)) == [slow_four_paths(matrix, at) for at in range(len(matrix))]
    n, m = matrix.shape
    squares = sum(
        matrix[i, a] and matrix[i, b] and matrix[j, a] and matrix[j, b]
        for i, j in combinations(range(n), 2)
        for a, b in combinations(range(m), 2)
    )
    chains = sum(
        matrix[i, a] and matrix[j, a] and matrix[j, b]
        for i, j in permutations(range(n), 2)
        for a, b in permutations(range(m), 2)
    )
    found = closure.robins_alexander(matrix)
    assert (found is None) == (chains == 0)
    if found is not None:
        assert abs(found - 4 * squares / chains) < 1e-12


@settings(max_examples=60, deadline=None)
@given(matrices(7))
def test_redundancy_is_that_of_networkx(matrix: Any) -> None:
    graph = bipartite(matrix)
    answer = closure.redundancy(graph)
    if answer.value is None:
        return
    found = answer.value["actors"] | answer.value["networks"]
    several = [node for node in graph if graph.degree(node) > 1]
    assert set(found) == set(several)
    wanted = nx.bipartite.node_redundancy(graph, several) if several else {}
    assert all(abs(found[node] - wanted[node]) < 1e-12 for node in several)


def slow_nodf(matrix: Any) -> tuple[float, int]:
    rows = [set(np.flatnonzero(row)) for row in matrix]
    total = 0.0
    for one, other in combinations(rows, 2):
        small, large = sorted((one, other), key=len)
        if small and len(small) < len(large):
            total += len(small & large) / len(small)
    return total, math.comb(len(rows), 2)


@settings(max_examples=80, deadline=None)
@given(matrices(8))
def test_nestedness_is_that_of_a_count_by_hand(matrix: Any) -> None:
    found = nestedness.nodf(matrix)
    (rows, row_pairs), (columns, column_pairs) = slow_nodf(matrix), slow_nodf(matrix.T)
    assert abs(found.rows - 100 * rows / max(1, row_pairs)) < 1e-9
    assert abs(found.columns - 100 * columns / max(1, column_pairs)) < 1e-9
    assert abs(found.total - 100 * (rows + columns) / max(1, row_pairs + column_pairs)) < 1e-9


@settings(max_examples=80, deadline=None)
@given(matrices(8))
def test_the_model_of_chance_keeps_the_margins(matrix: Any) -> None:
    chance = nullmodels.bicm(matrix).matrix
    assert chance.shape == matrix.shape
    assert np.allclose(chance.sum(axis=1), matrix.sum(axis=1), atol=1e-6)
    assert np.allclose(chance.sum(axis=0), matrix.sum(axis=0), atol=1e-6)
    for drawn in nullmodels.curveball(matrix, 3, seed=1):
        assert drawn.memberships.tolist() == matrix.sum(axis=1).tolist()
        assert drawn.sizes.tolist() == matrix.sum(axis=0).tolist()


def test_shuffles_are_drawn_evenly() -> None:
    """Five lists have these margins; each is drawn about equally often."""
    data = [[1, 1, 0], [1, 0, 0], [0, 1, 1]]
    seen: dict[Any, int] = {}
    for drawn in nullmodels.curveball(data, 4_000, seed=3):
        key = tuple(map(tuple, drawn.matrix.toarray().tolist()))
        seen[key] = seen.get(key, 0) + 1
    every = {
        rows
        for rows in (
            tuple(map(tuple, np.array(cells, dtype=float).reshape(3, 3).tolist())) for cells in np.ndindex(*(2,) * 9)
        )
        if [sum(row) for row in rows] == [2, 1, 2] and [sum(col) for col in zip(*rows, strict=True)] == [2, 2, 1]
    }
    assert set(seen) == every
    assert max(seen.values()) < 1.25 * min(seen.values())


@settings(max_examples=40, deadline=None)
@given(matrices(6))
def test_chances_of_overlaps_are_those_of_all_outcomes(matrix: Any) -> None:
    m = matrix.shape[1]
    chance = nullmodels.bicm(matrix).matrix
    for tie in backbone.shared_ties(matrix, "sdsm", all_pairs=True):
        i, j = tie.pair
        law = np.zeros(m + 1)
        for outcome in np.ndindex(*(2,) * m):
            both = chance[i] * chance[j]  # type: ignore[call-overload]
            law[sum(outcome)] += np.prod(np.where(outcome, both, 1 - both))
        assert abs(tie.upper - min(1, law[tie.shared :].sum())) < 1e-9
        assert abs(tie.lower - min(1, law[: tie.shared + 1].sum())) < 1e-9
    for tie in backbone.shared_ties(matrix, "fixed-row", all_pairs=True):
        i, j = (int(matrix[at].sum()) for at in tie.pair)  # type: ignore[index]
        ways = [math.comb(i, k) * math.comb(m - i, j - k) if j >= k else 0 for k in range(m + 1)]
        assert abs(tie.upper - sum(ways[tie.shared :]) / math.comb(m, j)) < 1e-9


def all_partitions(items: list[int]) -> Any:
    if not items:
        yield {}
        return
    for rest in all_partitions(items[1:]):
        for label in range(max(rest.values(), default=-1) + 2):
            yield {items[0]: label, **rest}


@settings(max_examples=25, deadline=None)
@given(matrices(4))
def test_modules_are_the_best_there_are(matrix: Any) -> None:
    n, m = matrix.shape
    if not matrix.any() or n + m > 7:
        return
    found = modularity.find_modules(matrix, restarts=60)
    best = max(
        modularity.barber_q(matrix, {i: labels[i] for i in range(n)}, {j: labels[n + j] for j in range(m)})
        for labels in all_partitions(list(range(n + m)))
    )
    assert abs(found.q - best) < 1e-9
    assert abs(modularity.barber_q(matrix, found.actors, found.networks) - found.q) < 1e-9


def planted(seed: int = 4) -> Any:
    """600 actors and 60 networks in six groups, with some noise."""
    rng = np.random.default_rng(seed)
    blocks = np.kron(np.eye(6), np.ones((100, 10))) * (rng.random((600, 60)) < 0.3)
    return np.maximum(blocks, rng.random((600, 60)) < 0.01)


def sparse_list(seed: int) -> Any:
    """Most actors in one network, some in several; more than 500 actors and networks together."""
    rng = np.random.default_rng(seed)
    data = np.zeros((600, 100))
    data[np.arange(600), rng.integers(0, 100, 600)] = 1
    data[:60][rng.random((60, 100)) < 0.04] = 1
    return data


@pytest.mark.parametrize("data", [planted(), sparse_list(1), sparse_list(2)], ids=["planted", "sparse", "sparse-2"])
def test_modules_of_long_lists_are_no_worse_than_those_of_networkx(data: Any) -> None:
    found = modularity.find_modules(data, restarts=3)
    again = modularity.find_modules(data, restarts=3)
    assert (found.q, found.actors) == (again.q, again.actors)
    assert abs(modularity.barber_q(data, found.actors, found.networks) - found.q) < 1e-12
    n, m = data.shape
    graph = bipartite(data)
    names = list(graph)
    for seed in range(3):
        theirs = {
            name: at for at, part in enumerate(nx.community.louvain_communities(graph, seed=seed)) for name in part
        }
        labels = [theirs[name] for name in names]
        q = modularity.barber_q(data, dict(enumerate(labels[:n])), dict(enumerate(labels[n : n + m])))
        assert found.q >= q - 1e-12


def test_the_groups_that_were_planted_are_found() -> None:
    found = modularity.find_modules(planted())
    assert found.count == 6
    assert found.stability > 0.99


@settings(max_examples=60, deadline=None)
@given(matrices(9), st.integers(0, 3))
def test_of_a_long_list_nobody_gains_by_another_move(matrix: Any, seed: int) -> None:
    lists = two_mode(matrix)
    n, m = lists.matrix.shape
    row, column = moves.partition(lists.matrix, np.random.default_rng(seed) if seed else None)
    assert (len(row), len(column)) == (n, m)

    def quality(rows: Any, columns: Any) -> float:
        return modularity.barber_q(matrix, dict(enumerate(rows.tolist())), dict(enumerate(columns.tolist())))

    if lists.ties == 0:
        assert len({*row.tolist(), *column.tolist()}) == n + m
        return
    before = quality(row, column)
    dense = np.asarray(matrix) > 0
    for actor in range(n):
        for module in {*column[dense[actor]].tolist()}:
            other = row.copy()
            other[actor] = module
            assert quality(other, column) <= before + 1e-8
    for network in range(m):
        alone = dense[:, network] & (dense.sum(axis=1) == 1)
        for module in {*row[dense[:, network] & ~alone].tolist()}:
            rows, columns = row.copy(), column.copy()
            rows[alone], columns[network] = module, module
            assert quality(rows, columns) <= before + 1e-8


@settings(max_examples=60, deadline=None)
@given(graphs(14), st.sampled_from([1, 2, 3]))
def test_distances_are_the_same_however_many_neighbours_are_looked_at_one_by_one(graph: Any, singly: int) -> None:
    matrix = one_mode(graph).matrix
    wanted = paths.distances(matrix)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "SINGLY", singly)
        found = paths.distances(matrix)
    assert found.total.tolist() == wanted.total.tolist()
    assert found.farthest.tolist() == wanted.farthest.tolist()


@settings(max_examples=100, deadline=None)
@given(graphs(14), st.sampled_from([0, 100]))
def test_cut_nodes_are_found_wherever_the_search_begins(graph: Any, few: int) -> None:
    ties = one_mode(graph)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "FEW", few)
        cut = {ties.names[at] for at in np.flatnonzero(paths.cut_nodes(ties.matrix))}
    assert cut == set(nx.articulation_points(simple(graph)))


@pytest.mark.parametrize(
    "graph",
    [nx.path_graph(2000), nx.cycle_graph(2000), nx.balanced_tree(3, 6), nx.barabasi_albert_graph(1500, 2, seed=1)],
)
def test_cut_nodes_of_long_chains_and_wide_trees(graph: Any) -> None:
    assert set(np.flatnonzero(paths.cut_nodes(one_mode(graph).matrix)).tolist()) == set(nx.articulation_points(graph))


@settings(max_examples=40, deadline=None)
@given(matrices(7))
def test_robustness_is_that_of_a_count_by_hand(matrix: Any) -> None:
    answer = loss.robustness(matrix, "fewest")
    if answer.value is None:
        return
    n, m = matrix.shape
    order = sorted(range(n), key=lambda at: (matrix[at].sum(), at))
    left = [
        sum(matrix[[at for at in range(n) if at not in order[:gone]], j].sum() >= 2 for j in range(m)) / m
        for gone in range(n + 1)
    ]
    assert abs(answer.value - sum(left) / (n + 1)) < 1e-9


@settings(max_examples=40, deadline=None)
@given(matrices(7))
def test_losses_are_those_of_taking_each_away(matrix: Any) -> None:
    listed = dict(loss.member_losses(matrix))
    for at in range(len(matrix)):
        wanted = {j for j in range(matrix.shape[1]) if matrix[at, j] and matrix[:, j].sum() - 1 < 2}
        assert set(listed[at].below_two if at in listed else ()) == wanted


def test_a_sample_says_so_and_comes_near() -> None:
    rng = np.random.default_rng(1)
    data = (rng.random((400, 120)) < 0.03).astype(float)
    exact = centrality.two_mode_betweenness(data)
    ties = two_mode(data)
    drawn = paths.betweenness(ties.adjacency, 200, seed=5)
    whole = paths.betweenness(ties.adjacency)
    assert drawn.sampled and not whole.sampled
    assert (np.abs(drawn.raw - whole.raw) <= 5 * drawn.error + 1e-9).mean() > 0.97
    assert "sample" not in exact.sentence.en
    assert np.array_equal(drawn.raw, paths.betweenness(ties.adjacency, 200, seed=5).raw)


# ---------------------------------------------------------------------------------------------------------------------
# What the data may look like


def test_duplicates_self_ties_and_ties_within_a_mode_do_not_count() -> None:
    graph: Any = nx.MultiGraph()
    graph.add_nodes_from("ab", bipartite=0)
    graph.add_nodes_from("NM", bipartite=1)
    graph.add_edges_from([("a", "N"), ("a", "N"), ("b", "N"), ("a", "b"), ("N", "M"), ("a", "a")])
    lists = two_mode(graph)
    assert (lists.ties, lists.ignored) == (2, 3)
    assert size.two_mode_density(sparse.coo_array(([1, 1], ([0, 0], [0, 0])), shape=(1, 2))).found == 0.5


def test_an_incidence_matrix_is_taken_with_its_names() -> None:
    from integgraph.analysis.incidence import Lists, incidence

    found = incidence(Lists.of_ties([("a", "N"), ("b", "N"), ("b", "M")]))
    assert centrality.two_mode_degree(found).found["actors"] == {"a": 0.5, "b": 1.0}


def test_a_network_that_is_listed_in_another_is_two_nodes() -> None:
    from integgraph.analysis.incidence import Lists, incidence

    found = incidence(Lists.of_ties([("N", "M"), ("a", "M"), ("a", "N"), ("b", "N")]))
    assert sorted(map(str, cohesion.cut_members(found).found)) == ["M", "N", "a"]


@settings(max_examples=60, deadline=None)
@given(matrices(7))
def test_pairs_are_counted_as_listed(matrix: Any) -> None:
    for mode, rows in (("actors", matrix), ("networks", matrix.T)):
        wanted = sum(bool((one * other).any()) for one, other in combinations(rows, 2))
        assert (size.projection_size(matrix, mode).value or 0) == wanted == size.co_listing(matrix, mode).ties


def test_patterns_give_the_matrix_back() -> None:
    matrix = np.array([[1, 0, 1], [0, 0, 0], [1, 0, 1], [0, 1, 0]])
    found = patterns(two_mode(matrix).matrix)
    assert (found.matrix.toarray()[found.row] == matrix).all()
    assert found.times.tolist() == [2, 1, 1]


def test_qap_and_multiplexity_need_two_kinds() -> None:
    path = nx.path_graph(9)
    assert multiplexity.multiplexity({"funds": path}).state is State.UNKNOWN
    assert multiplexity.qap(path, nx.empty_graph(9)).state is State.UNKNOWN
    assert multiplexity.qap(nx.path_graph(4), nx.path_graph(4)).state is State.TOO_SMALL
    both = multiplexity.qap(path, nx.star_graph(8), permutations=200).found
    assert -1 <= both.correlation <= 1 and 0 < both.p <= 1


# ---------------------------------------------------------------------------------------------------------------------
# What the specification promises of two classic data sets


def test_hiding_a_tenth_changes_the_first_place_often() -> None:
    women = nx.davis_southern_women_graph()
    betweenness = lambda lists: centrality.two_mode_betweenness(lists).found["actors"].values()  # noqa: E731
    answer = bands.stability(women, lambda lists: list(betweenness(lists)), places=1, runs=60)
    assert 0.4 < answer.details["least"] < 0.9


@settings(max_examples=40, deadline=None)
@given(matrices())
def test_bands_of_memberships_are_those_of_lists(matrix: Any) -> None:
    def spread(memberships: Any, networks: int) -> float | None:
        return float(memberships.std()) / networks if len(memberships) and memberships.any() else None

    fast = bands.bands(matrix, bands.OfMemberships(spread), (0.1, 0.5), runs=10)
    slow = bands.bands(matrix, lambda lists: spread(lists.memberships, len(lists.networks)), (0.1, 0.5), runs=10)
    assert fast == slow


def test_who_stays_on_top_is_the_same_by_scores_and_by_default() -> None:
    women = nx.davis_southern_women_graph()
    by_scores = bands.stability(women, lambda lists: lists.memberships.tolist(), runs=60)
    assert bands.stability(women, runs=60) == by_scores


def test_suggestions_beat_popularity_on_davis() -> None:
    found = suggestions.hit_rate(nx.davis_southern_women_graph()).found
    assert abs(found["popularity"] - 0.63) < 0.04
    assert abs(found["filtering"] - 0.75) < 0.04
    assert abs(found["allocation"] - 0.78) < 0.04
