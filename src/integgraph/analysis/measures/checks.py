"""Measures that no report shows, kept to hold the code to published numbers and to compare with.

Cores, shapes and portraits of projections say little that a reader could use (see ``docs/measures.md``). They are plain
numbers, not answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from math import log
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

from integgraph.analysis.measures.twomode import Node

if TYPE_CHECKING:
    from integgraph.analysis.measures.twomode import Graph


def largest_core(graph: Graph) -> tuple[int, int]:
    """The highest k such that some actors have k ties among themselves, and how many these actors are.

    Seidman, S. B. (1983) Network structure and minimum degree. Social Networks 5, 269–287.

    >>> largest_core(nx.complete_graph(4))
    (3, 4)
    """
    simple: Graph = nx.Graph(graph)
    simple.remove_edges_from(list(nx.selfloop_edges(simple)))
    cores = nx.core_number(simple)
    most = max(cores.values(), default=0)
    return most, sum(each == most for each in cores.values())


def core_periphery_fit(graph: Graph, core: Collection[Node], between: int | None = 1) -> float | None:
    """Correlation of ties with an ideal core that is tied throughout and a periphery that is not.

    Borgatti, S. P. & Everett, M. G. (1999) Models of core/periphery structures. Social Networks 21, 375–395. The value
    depends on what cells between core and periphery are held to be: 1, or left out (``None``).

    >>> core_periphery_fit(nx.star_graph(4), [0])
    1.0
    """
    inside = set(core)
    nodes = list(graph)
    ties, ideal = [], []
    for at, one in enumerate(nodes):
        for other in nodes[at + 1 :]:
            both = (one in inside) + (other in inside)
            if both == 1 and between is None:
                continue
            ties.append(float(graph.has_edge(one, other)))
            ideal.append(float(between or 0) if both == 1 else float(both == 2))
    if len(set(ties)) < 2 or len(set(ideal)) < 2:
        return None
    return float(np.corrcoef(ties, ideal)[0, 1])


def newman_q(graph: Graph, module: Mapping[Node, object]) -> float:
    """Modularity of a partition of a graph of ties, without weights.

    Newman, M. E. J. & Girvan, M. (2004) Finding and evaluating community structure in networks. Physical Review E 69,
    026113.

    >>> round(newman_q(nx.karate_club_graph(), nx.get_node_attributes(nx.karate_club_graph(), "club")), 4)
    0.3582
    """
    parts: dict[object, set[Node]] = {}
    for node in graph:
        parts.setdefault(module[node], set()).add(node)
    return float(nx.community.modularity(graph, parts.values(), weight=None))


def newman_modules(graph: Graph, restarts: int = 50, seed: int = 0) -> tuple[float, int]:
    """The highest modularity that some restarts find, and with how many parts.

    Blondel, V. D., Guillaume, J.-L., Lambiotte, R. & Lefebvre, E. (2008) Fast unfolding of communities in large
    networks. Journal of Statistical Mechanics, P10008.

    >>> newman_modules(nx.disjoint_union(nx.complete_graph(3), nx.complete_graph(3)))
    (0.5, 2)
    """
    best = (-1.0, 0)
    for start in range(restarts):
        parts = nx.community.louvain_communities(graph, weight=None, seed=seed + start)
        best = max(best, (float(nx.community.modularity(graph, parts, weight=None)), len(parts)))
    return best


def disparity_p(weights: Mapping[Node, float]) -> dict[Node, float]:
    """How probable so heavy a tie is, if an actor's weight were spread over its ties at random.

    Serrano, M. Á., Boguñá, M. & Vespignani, A. (2009) Extracting the multiscale backbone of complex weighted networks.
    PNAS 106, 6483–6488. (1 − w/s)^(k−1) for each of an actor's k ties of total weight s.

    >>> {name: round(p, 3) for name, p in disparity_p({"a": 1, "b": 1, "c": 1}).items()}
    {'a': 0.444, 'b': 0.444, 'c': 0.444}
    """
    ties = {name: weight for name, weight in weights.items() if weight > 0}
    total = sum(ties.values())
    return {name: float((1 - weight / total) ** (len(ties) - 1)) for name, weight in ties.items()}


def link_indices(graph: Graph, one: Node, other: Node) -> dict[str, float]:
    """How alike two nodes' partners are, in four ways that predict links.

    Liben-Nowell, D. & Kleinberg, J. (2007) The link-prediction problem for social networks. Journal of the American
    Society for Information Science and Technology 58, 1019–1031.

    >>> {name: round(value, 2) for name, value in link_indices(nx.complete_graph(5), 0, 1).items()}
    {'jaccard': 0.6, 'adamic_adar': 2.16, 'resource_allocation': 0.75, 'preferential_attachment': 16.0}
    """
    first, second = set(graph[one]), set(graph[other])
    common, either = first & second, first | second
    return {
        "jaccard": len(common) / len(either) if either else 0.0,
        "adamic_adar": float(sum(1 / log(len(graph[node])) for node in common if len(graph[node]) > 1)),
        "resource_allocation": float(sum(1 / len(graph[node]) for node in common)),
        "preferential_attachment": float(len(first) * len(second)),
    }


def portrait_divergence(one: Graph, other: Graph) -> float:
    """How differently nodes see the others at each distance in two graphs, from 0 to 1.

    Bagrow, J. P. & Bollt, E. M. (2019) An information-theoretic, all-scales approach to comparing networks. Applied
    Network Science 4, 45.

    >>> portrait_divergence(nx.path_graph(4), nx.path_graph(4))
    0.0
    """
    first, second = _portrait(one), _portrait(other)
    cells = first.keys() | second.keys()
    middle = {cell: (first.get(cell, 0.0) + second.get(cell, 0.0)) / 2 for cell in cells}
    return (_relative(first, middle) + _relative(second, middle)) / 2


def _portrait(graph: Graph) -> dict[tuple[int, int], float]:
    """Probability of a distance and of a number of nodes there."""
    lengths: Callable[..., dict[Node, int]] = nx.single_source_shortest_path_length
    seen: Counter[tuple[int, int]] = Counter()
    far = 0
    shells = []
    for node in graph:
        shell = Counter(lengths(graph, node).values())
        shells.append(shell)
        far = max(far, *shell)
    for shell in shells:
        seen.update((distance, shell.get(distance, 0)) for distance in range(far + 1))
    n = graph.number_of_nodes()
    pairs: Counter[int] = Counter()
    for (distance, k), times in seen.items():
        pairs[distance] += k * times
    total = sum(pairs.values())
    # P(k, l) = P(k | l)·P(l): nodes that see k others at distance l, and pairs at that distance.
    return {(distance, k): times / n * pairs[distance] / total for (distance, k), times in seen.items()}


def _relative(one: Mapping[tuple[int, int], float], other: Mapping[tuple[int, int], float]) -> float:
    return float(sum(p * np.log2(p / other[cell]) for cell, p in one.items() if p > 0))
