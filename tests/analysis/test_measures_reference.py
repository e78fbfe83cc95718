"""All values of ../shared/reference_values.json, each held by the function that answers it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

from integgraph.analysis.measures import (
    State,
    backbone,
    brokerage,
    centralisation,
    centrality,
    checks,
    closure,
    cohesion,
    funding,
    mixing,
    modularity,
    multiplexity,
    nestedness,
    nullmodels,
    size,
)
from tests.conftest import SHARED

pytestmark = pytest.mark.shared
HERE = Path(__file__).parent / "reference"

PRINTED = 5e-8
"""Half a unit of the last digit that the values are printed to."""


@cache
def reference() -> dict[str, dict[str, Any]]:
    values = json.loads((SHARED / "reference_values.json").read_text("utf-8"))["values"]
    return {value["id"]: value for value in values}


def ids() -> list[str]:
    return sorted(reference()) if SHARED.is_dir() else []


# ---------------------------------------------------------------------------------------------------------------------
# The data

MARRIAGE_WEALTH = {
    "Acciaiuoli": 10, "Albizzi": 36, "Barbadori": 55, "Bischeri": 44, "Castellani": 20, "Ginori": 32, "Guadagni": 8,
    "Lamberteschi": 42, "Medici": 103, "Pazzi": 48, "Peruzzi": 49, "Pucci": 3, "Ridolfi": 27, "Salviati": 10,
    "Strozzi": 146, "Tornabuoni": 48,
}  # fmt: skip
BUSINESS = [
    ("Barbadori", "Castellani"), ("Barbadori", "Ginori"), ("Barbadori", "Medici"), ("Barbadori", "Peruzzi"),
    ("Bischeri", "Guadagni"), ("Bischeri", "Lamberteschi"), ("Bischeri", "Peruzzi"), ("Castellani", "Lamberteschi"),
    ("Castellani", "Peruzzi"), ("Ginori", "Medici"), ("Guadagni", "Lamberteschi"), ("Lamberteschi", "Peruzzi"),
    ("Medici", "Pazzi"), ("Medici", "Salviati"), ("Medici", "Tornabuoni"),
]  # fmt: skip
A, M, X, S = "anthropology", "mathematics", "other", "sociology"
DISCIPLINE = [S, A, X, S, X, X, X, A, A, S, S, S, A, S, S, M, X, S, S, S, M, S, S, S, S, S, M, S, S, A, X, A]
"""Of the 32 researchers, in the order of the messages (Freeman and Freeman 1979, as UCINET has them)."""


@cache
def women() -> Any:
    return nx.davis_southern_women_graph()


@cache
def florentine() -> Any:
    return nx.florentine_families_graph()


@cache
def sixteen() -> Any:
    graph = nx.florentine_families_graph()
    graph.add_node("Pucci")
    return graph


@cache
def business() -> Any:
    graph = nx.Graph(BUSINESS)
    graph.add_nodes_from(MARRIAGE_WEALTH)
    return graph


@cache
def karate() -> Any:
    return nx.karate_club_graph()


@cache
def eies() -> Any:
    messages = np.loadtxt(HERE / "eies_messages.txt")
    np.fill_diagonal(messages, 0)
    graph = nx.from_numpy_array(messages, create_using=nx.DiGraph)
    nx.set_node_attributes(graph, dict(enumerate(DISCIPLINE)), "sector")
    assert graph.number_of_edges() == 440
    return graph


@cache
def ceos() -> Any:
    matrix = np.loadtxt(HERE / "ceos_clubs.txt")
    graph: Any = nx.Graph()
    graph.add_nodes_from(range(1, 27), bipartite=0)
    graph.add_nodes_from(range(27, 42), bipartite=1)
    graph.add_edges_from((int(i) + 1, int(j) + 27) for i, j in zip(*np.nonzero(matrix), strict=True))
    assert graph.number_of_edges() == 98
    return graph


def _bipartite(edges: list[tuple[Any, Any]], top: set[Any]) -> Any:
    graph: Any = nx.Graph(edges)
    nx.set_node_attributes(graph, {node: int(node not in top) for node in graph}, "bipartite")
    return graph


def chorded_hexagon() -> Any:
    return _bipartite([(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0), (0, 3)], {0, 2, 4})


def latapy() -> Any:
    return _bipartite([(0, 2), (0, 3), (0, 4), (0, 5), (0, 6), (1, 5), (1, 6), (1, 7)], {0, 1})


THREE_BY_FOUR = [[1, 0, 1, 1], [0, 1, 0, 0], [1, 0, 0, 1]]
NESTED = [[1, 0, 1, 1, 1], [1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [1, 1, 0, 0, 0], [1, 1, 0, 0, 0]]
BURT = nx.Graph([("A", "B"), ("A", "F"), ("A", "G"), ("A", "E"), ("E", "G"), ("F", "G"), ("B", "G"), ("B", "D"), ("D", "G"), ("G", "C")])  # fmt: skip
ONE_NETWORK = [[1], [1], [1]]


def core_graph() -> Any:
    """A hundred nodes of which the first twenty are tied throughout, and the others only to some of these."""
    graph: Any = nx.complete_graph(20)
    graph.add_edges_from((node, (7 * node) % 20) for node in range(20, 100))
    return graph


# ---------------------------------------------------------------------------------------------------------------------
# What answers each value


def _mode(answer: Any, node: Any) -> float:
    found = answer.found
    return float(found["actors"][node] if node in found["actors"] else found["networks"][node])


def _pair(model: Any, i: int, j: int, tail: str) -> float:
    tie = next(tie for tie in backbone.shared_ties(THREE_BY_FOUR, model, all_pairs=True) if tie.pair == (i, j))
    return float(getattr(tie, tail))


def _weight(one: str, other: str) -> float:
    ties = size.co_listing(women())
    return float(ties.matrix[ties.names.index(one), ties.names.index(other)])


@cache
def _qap() -> multiplexity.Qap:
    found: multiplexity.Qap = multiplexity.qap(sixteen(), business(), permutations=100).found
    return found


def _raises(call: Callable[[], Any]) -> float:
    with pytest.raises((ZeroDivisionError, nx.NetworkXError)):
        call()
    return 1.0


def _guarded(measure: Callable[[], Any], state: State) -> float:
    """The libraries raise or give nan here; the measure gives a state."""
    return float(measure().state is state)


def _club(network: int) -> Any:
    return _bipartite([(actor, "N") for actor in range(network)], set(range(network)))


def _forced(answer: Any) -> Any:
    assert answer.state is State.FORCED
    return answer.value


def _wealth_class() -> dict[str, str]:
    middle = float(np.median(list(MARRIAGE_WEALTH.values())))
    return {name: "low" if wealth <= middle else "high" for name, wealth in MARRIAGE_WEALTH.items()}


W = "Evelyn Jefferson"
DEGREE = lambda node: lambda: _mode(centrality.two_mode_degree(women()), node)  # noqa: E731
CLOSE = lambda node: lambda: _mode(centrality.two_mode_closeness(women()), node)  # noqa: E731
BETWEEN = lambda node: lambda: _mode(centrality.two_mode_betweenness(women()), node)  # noqa: E731
RAW = lambda node: lambda: _mode(centrality.two_mode_betweenness(women(), normalised=False), node)  # noqa: E731
EIGEN = lambda node: lambda: _mode(centrality.two_mode_eigenvector(women()), node)  # noqa: E731
LOCAL = lambda node: lambda: closure.opsahl_local(women()).found[node]  # noqa: E731
REDUNDANT = lambda node: lambda: _mode(closure.redundancy(women()), node)  # noqa: E731
ROLE = lambda role: lambda: getattr(brokerage.brokerage_roles(eies()).details["total"], role)  # noqa: E731
OWN = lambda role: lambda: getattr(brokerage.brokerage_roles(eies()).found[0], role)  # noqa: E731
KITE = nx.krackhardt_kite_graph()

ANSWERS: dict[str, Callable[[], Any]] = {
    "R001": DEGREE("E8"),
    "R003": DEGREE("Nora Fayette"),
    "R005": DEGREE("Sylvia Avondale"),
    "R007": DEGREE("Olivia Carleton"),
    "R009": CLOSE("E8"),
    "R011": CLOSE("Nora Fayette"),
    "R013": CLOSE("Sylvia Avondale"),
    "R015": CLOSE("Olivia Carleton"),
    "R017": BETWEEN("E8"),
    "R019": BETWEEN("E7"),
    "R021": BETWEEN(W),
    "R023": BETWEEN("Laura Mandeville"),
    "R025": RAW(W),
    "R027": RAW("Theresa Anderson"),
    "R029": RAW("Charlotte McDowd"),
    "R030": CLOSE(W),
    "R032": CLOSE("Theresa Anderson"),
    "R034": CLOSE("Charlotte McDowd"),
    "R035": EIGEN(W),
    "R037": EIGEN("Theresa Anderson"),
    "R039": lambda: size.two_mode_density(women()).found,
    "R040": lambda: cohesion.mean_distance(women()).found,
    "R041": lambda: cohesion.diameter(women()).found,
    "R042": lambda: cohesion.node_connectivity(women()).found,
    "R043": lambda: closure.two_mode_clustering(women()).found,
    "R044": lambda: closure.opsahl_clustering(women()).found,
    "R045": LOCAL(W),
    "R047": LOCAL("Charlotte McDowd"),
    "R049": LOCAL("Dorothy Murchison"),
    "R051": lambda: _weight(W, "Theresa Anderson"),
    "R053": lambda: _weight("Katherina Rogers", "Sylvia Avondale"),
    "R055": lambda: size.projection_size(women()).found,
    "R056": lambda: size.projection_size(women(), "networks").found,
    "R057": lambda: len(backbone.above_mean(women())),
    "R058": lambda: centralisation.two_mode_degree_centralisation(women()).found["actors"],
    "R059": lambda: centralisation.two_mode_degree_centralisation(women()).found["networks"],
    "R060": lambda: _mode(closure.redundancy(chorded_hexagon()), 0),
    "R061": lambda: closure.pair_overlap(latapy(), 0, 1).found["dot"],
    "R063": lambda: closure.pair_overlap(latapy(), 0, 1).found["max"],
    "R065": REDUNDANT("E9"),
    "R067": REDUNDANT("Nora Fayette"),
    "R068": lambda: modularity.modules(women()).found.q,
    "R069": lambda: nestedness.nodf(NESTED).rows,
    "R070": lambda: nestedness.nodf(NESTED).columns,
    "R071": lambda: nestedness.nodf(NESTED).total,
    "R075": lambda: nestedness.weighted_nodf(np.loadtxt(HERE / "bezerra2009.txt")).total,
    "R076": lambda: nestedness.nestedness(np.loadtxt(HERE / "safariland.txt")).found.total,
    "R077": lambda: nullmodels.bicm([[0, 0, 1], [0, 1, 0], [1, 0, 1]]).matrix[0, 0],
    "R079": lambda: nullmodels.bicm([[0, 0, 1], [0, 1, 0], [1, 0, 1]]).matrix[2, 2],
    "R080": lambda: _pair("sdsm", 0, 2, "upper"),
    "R081": lambda: _pair("sdsm", 0, 2, "lower"),
    "R083": lambda: _pair("sdsm", 1, 2, "lower"),
    "R084": lambda: _pair("fixed-row", 0, 2, "upper"),
    "R085": lambda: _pair("fixed-row", 0, 2, "lower"),
    "R088": lambda: _pair("fixed-row", 1, 2, "upper"),
    "R089": lambda: _pair("fixed-row", 1, 2, "lower"),
    "R090": lambda: _pair("fixed-column", 0, 2, "upper"),
    "R091": lambda: _pair("fdsm", 0, 2, "upper"),
    "R092": lambda: _pair("fdsm", 0, 1, "lower"),
    "R094": lambda: checks.disparity_p({0: 1, 2: 1, 3: 1})[0],
    "R095": lambda: len(backbone.backbone(women()).found),
    "R096": lambda: len(backbone.backbone(women(), "fixed-row").found),
    "R097": lambda: centrality.betweenness_centrality(florentine()).found["Medici"],
    "R098": lambda: centrality.closeness(florentine()).found["Medici"],
    "R099": lambda: centralisation.degree_centralisation(sixteen()).found,
    "R100": lambda: centralisation.betweenness_centralisation(florentine()).found,
    "R101": lambda: centralisation.closeness_centralisation(florentine()).found,
    "R104": lambda: size.density(sixteen()).found,
    "R105": lambda: size.mean_degree(sixteen()).found,
    "R108": lambda: cohesion.transitivity(sixteen()).found,
    "R109": lambda: len(cohesion.connected_parts(sixteen()).found),
    "R110": lambda: cohesion.degree_assortativity(sixteen()).found,
    "R111": lambda: mixing.nominal_assortativity(sixteen(), _wealth_class()).found,
    "R112": lambda: cohesion.triad_census(sixteen()).found,
    "R113": lambda: _qap().correlation,
    "R114": lambda: _qap().jaccard,
    "R115": lambda: _qap().matching,
    "R116": lambda: brokerage.constraint(florentine()).found["Medici"],
    "R118": lambda: brokerage.constraint(florentine()).found["Strozzi"],
    "R120": lambda: len(cohesion.cut_members(florentine()).found),
    "R121": lambda: cohesion.fragmentation(florentine(), ["Medici"]).found,
    "R124": lambda: cohesion.average_clustering(karate()).found,
    "R126": lambda: centralisation.betweenness_centralisation(karate()).found,
    "R127": lambda: centralisation.closeness_centralisation(karate()).found,
    "R128": lambda: centralisation.degree_centralisation(karate(), loops=True).found,
    "R129": lambda: centralisation.degree_centralisation(karate()).found,
    "R131": lambda: centralisation.degree_centralisation(nx.star_graph(9)).found,
    "R132": lambda: centralisation.degree_centralisation(nx.cycle_graph(10)).found,
    "R133": lambda: checks.newman_modules(karate())[0],
    "R134": lambda: checks.newman_modules(karate())[1],
    "R135": lambda: checks.newman_q(karate(), dict(karate().nodes(data="club"))),
    "R136": lambda: brokerage.constraint(karate()).found[0],
    "R138": lambda: brokerage.constraint(karate()).found[33],
    "R140": lambda: checks.largest_core(karate()),
    "R141": lambda: mixing.e_i_index(karate(), "club").found,
    "R142": lambda: centrality.betweenness_centrality(karate()).found[0],
    "R144": lambda: checks.core_periphery_fit(karate(), {0, 1, 2, 32, 33}),
    "R145": lambda: checks.core_periphery_fit(core_graph(), set(range(20)), between=None),
    "R146": lambda: centrality.degree(KITE).found[3],
    "R148": lambda: centrality.degree(KITE).found[7],
    "R150": lambda: centrality.closeness(KITE).found[3],
    "R153": lambda: centrality.betweenness_centrality(KITE).found[5],
    "R155": lambda: brokerage.constraint(BURT).found["G"],
    "R157": lambda: brokerage.constraint(BURT).found["C"],
    "R158": lambda: brokerage.effective_size(BURT).found["G"],
    "R160": lambda: brokerage.effective_size(BURT).found["C"],
    "R161": lambda: brokerage.brokerage_roles(eies()).found[0].across,
    "R163": lambda: brokerage.brokerage_roles(eies()).found[2].across,
    "R164": ROLE("coordinator"),
    "R165": ROLE("itinerant"),
    "R166": ROLE("representative"),
    "R167": ROLE("gatekeeper"),
    "R168": ROLE("liaison"),
    "R169": OWN("coordinator"),
    "R170": OWN("itinerant"),
    "R171": OWN("representative"),
    "R172": OWN("gatekeeper"),
    "R173": OWN("liaison"),
    "R174": lambda: mixing.e_i_index(eies(), weight="weight").found,
    "R175": lambda: mixing.e_i_index(eies()).found,
    "R176": lambda: 10_000 * funding.concentration([30, 30, 20, 20]).found,
    "R178": lambda: checks.link_indices(nx.complete_graph(5), 0, 1)["jaccard"],
    "R179": lambda: checks.link_indices(nx.complete_graph(5), 0, 1)["adamic_adar"],
    "R180": lambda: checks.link_indices(nx.complete_graph(5), 0, 1)["resource_allocation"],
    "R181": lambda: checks.link_indices(nx.complete_graph(5), 0, 1)["preferential_attachment"],
    "R182": lambda: checks.portrait_divergence(florentine(), karate()),
    "R185": lambda: _mode(centrality.two_mode_degree(ceos()), 14),
    "R188": lambda: _mode(centrality.two_mode_closeness(ceos()), 29),
    "R189": lambda: _mode(centrality.two_mode_betweenness(ceos()), 29),
    "R191": lambda: _forced(size.density(nx.complete_graph(3), networks=1)),
    "R192": lambda: _forced(brokerage.constraint(nx.complete_graph(3), networks=1))[1],
    "R193": lambda: _forced(centralisation.degree_centralisation(nx.complete_graph(3), networks=1)),
    "R194": lambda: (
        _raises(lambda: nx.bipartite.betweenness_centrality(_club(3), [0, 1, 2]))
        * _guarded(lambda: centrality.two_mode_betweenness(ONE_NETWORK), State.FORCED)
    ),
    "R195": lambda: (
        _raises(lambda: nx.bipartite.node_redundancy(_club(3)))
        * _guarded(lambda: closure.redundancy(ONE_NETWORK), State.FORCED)
    ),
    "R196": lambda: _guarded(lambda: centralisation.degree_centralisation(nx.path_graph(2)), State.TOO_SMALL),
    "R197": lambda: backbone.smallest_p(3).found,
    "R199": lambda: backbone.smallest_p(6).found,
    "R201": lambda: backbone.smallest_p(10).found,
}


def test_every_value_is_covered() -> None:
    assert len(reference()) == 138
    assert set(ANSWERS) == set(reference())


@pytest.mark.parametrize("name", ids())
def test_the_published_value_is_reached(name: str) -> None:
    value = reference()[name]
    found = ANSWERS[name]()
    tolerance = value["tolerance"]
    if isinstance(value["value"], list):
        assert list(found) == value["value"]
    elif name == "R068":  # an optimiser may do better than the best that is known
        assert found >= value["value"] - tolerance
    else:
        # Some tolerances are finer than the seven digits to which the value is printed.
        assert abs(float(found) - value["value"]) <= max(tolerance, PRINTED), (value["measure"], found, value["value"])
