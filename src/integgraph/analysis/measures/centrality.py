"""Who is in most networks, reaches most, joins networks that would otherwise be apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import svds

from integgraph.analysis.measures.answers import (
    NO_MEMBERS,
    NO_TIES,
    NOTHING_GIVEN,
    ONE_LIST,
    ONLY_LISTS,
    Answer,
    Basis,
    Measure,
    Text,
    named,
)
from integgraph.analysis.measures.paths import Components, betweenness, components, distances
from integgraph.analysis.measures.twomode import Floats, Ints, Node, TwoMode, one_mode, two_mode

if TYPE_CHECKING:
    from integgraph.analysis.measures.twomode import Graph

Scores: TypeAlias = dict[str, dict[Node, float]]
"""``{"actors": {name: score}, "networks": {name: score}}``"""

TWO_MODE_DEGREE = Measure(
    "two-mode-degree",
    Text("Two-mode degree", "Grad der Zugehörigkeit"),
    Text("Who is in most networks?", "Wer ist in den meisten Netzwerken?"),
)
TWO_MODE_CLOSENESS = Measure(
    "two-mode-closeness",
    Text("Two-mode closeness", "Nähe über Zugehörigkeiten"),
    Text("Who reaches most of the others in few steps?", "Wer erreicht die meisten anderen in wenigen Schritten?"),
)
TWO_MODE_BETWEENNESS = Measure(
    "two-mode-betweenness",
    Text("Two-mode betweenness", "Vermittlung über Zugehörigkeiten"),
    Text("Who joins otherwise separate networks?", "Wer verbindet sonst getrennte Netzwerke?"),
)
TWO_MODE_EIGENVECTOR = Measure(
    "two-mode-eigenvector",
    Text("Two-mode eigenvector centrality", "Eigenvektor-Zentralität über Zugehörigkeiten"),
    Text("Who is in networks with well-listed members?", "Wer ist in Netzwerken mit viel verzeichneten Mitgliedern?"),
)
DEGREE = Measure(
    "degree",
    Text("Degree centrality", "Gradzentralität"),
    Text("Who has most ties?", "Wer hat die meisten Verbindungen?"),
)
CLOSENESS = Measure(
    "closeness",
    Text("Closeness centrality", "Nähezentralität"),
    Text("Who reaches the others in few steps?", "Wer erreicht die anderen in wenigen Schritten?"),
)
BETWEENNESS = Measure(
    "betweenness",
    Text("Betweenness centrality", "Vermittlungszentralität"),
    Text("Who lies between others?", "Wer liegt zwischen anderen?"),
)
RANK_ACTORS, RANK_NETWORKS = 10, 7
"""From how many actors and networks on an order of rank is stated."""
EXACT_UP_TO = 5_000
"""Above so many nodes betweenness is sampled."""
SOURCES = 512
"""How many sources a sample takes."""


def two_mode_degree(data: Any, *, basis: Basis = NOTHING_GIVEN) -> Answer[Scores]:
    """In how many of the networks each actor is listed, and how many of the actors each network lists.

    Definition: degree divided by the size of the other mode.
    Formula: d / m for actors, d / n for networks.
    States: *value* from two networks on; *forced* for one network, where all actors have 1; *unknown* without members.
    Caveat: an order of rank is stated only from 10 actors and 7 networks on; lists are incomplete, so say "among the
        top three" (see ``stability``).
    Reference: Borgatti, S. P. & Everett, M. G. (1997) Network analysis of 2-mode data. Social Networks 19, 243–269.

    Args:
        data: A two-mode graph or matrix.
        basis: Dates and sources, as given.

    Returns:
        Scores of both modes.

    >>> import networkx as nx
    >>> scores = two_mode_degree(nx.davis_southern_women_graph()).found
    >>> round(scores["networks"]["E8"], 2), round(scores["actors"]["Nora Fayette"], 2)
    (0.78, 0.57)
    """
    lists = two_mode(data)
    scores = degree_shares(lists)
    return _two_mode_answer(TWO_MODE_DEGREE, lists, scores, basis)


def degree_shares(lists: TwoMode) -> Floats:
    """The scores behind ``two_mode_degree``: first those of the actors, then those of the networks.

    >>> degree_shares(two_mode([[1, 0], [1, 1]])).tolist()
    [0.5, 1.0, 1.0, 0.5]
    """
    n, m = max(1, len(lists.actors)), max(1, len(lists.networks))
    return np.concatenate([lists.memberships / m, lists.sizes / n])


def two_mode_closeness(data: Any, *, scope: str = "component", basis: Basis = NOTHING_GIVEN) -> Answer[Scores]:
    """How near each actor and each network is to everything it is linked with.

    Definition: the least sum of distances that is possible with modes of these sizes, divided by the sum there is.
    Formula: (n_other + 2(n_own − 1)) / Σd.
    States: *value* from two networks on; *forced* for one network; *unknown* without members.
    Caveat: taken within each connected component, whose size stands in the details; scores of different components
        are not comparable. ``scope="graph"`` takes the sizes of the whole graph and scales by the share reached, as
        networkx does. Who is listed nowhere gets 0.
    Reference: Borgatti, S. P. & Everett, M. G. (1997) Network analysis of 2-mode data. Social Networks 19, 243–269;
        Faust, K. (1997) Centrality in affiliation networks. Social Networks 19, 157–191.

    Args:
        data: A two-mode graph or matrix.
        scope: ``component`` or ``graph``.
        basis: Dates and sources, as given.

    Returns:
        Scores of both modes.

    >>> import networkx as nx
    >>> scores = two_mode_closeness(nx.davis_southern_women_graph()).found
    >>> round(scores["networks"]["E8"], 2), round(scores["actors"]["Olivia Carleton"], 2)
    (0.85, 0.59)
    """
    lists = two_mode(data)
    found = distances(lists.adjacency)
    own, other = _mode_sizes(lists, found.components)
    total = found.total.astype(np.float64)
    if scope == "graph":
        n, m = len(lists.actors), len(lists.networks)
        least = np.concatenate([np.full(n, m + 2.0 * (n - 1)), np.full(m, n + 2.0 * (m - 1))])
        least = least * (found.components.own - 1) / max(1, n + m - 1)
    else:
        least = (other + 2 * (own - 1)).astype(np.float64)
    scores = np.divide(least, total, out=np.zeros_like(total), where=total > 0)
    return _two_mode_answer(TWO_MODE_CLOSENESS, lists, scores, basis, components=_component_sizes(found.components))


def two_mode_betweenness(
    data: Any,
    *,
    scope: str = "component",
    normalised: bool = True,
    exact: bool | None = None,
    seed: int = 0,
    basis: Basis = NOTHING_GIVEN,
) -> Answer[Scores]:
    """How many shortest paths between others run through each actor and each network.

    Definition: betweenness divided by the largest that is possible with modes of these sizes.
    Formula: b / b_max, where for n own and m other nodes, s = ⌊(n−1)/m⌋ and t = (n−1) mod m, b_max =
        ½[m²(s+1)² + m(s+1)(2t−s−1) − t(2s−t+3)]; 0 where b_max is 0.
    States: *value* from two networks on; *forced* for one network, which lies on all paths; *unknown* without members.
    Caveat: per connected component. Above 5,000 nodes it is estimated from 512 sources drawn with the seed; the
        largest standard error then stands in the details.
    Reference: Borgatti, S. P. & Everett, M. G. (1997) Network analysis of 2-mode data. Social Networks 19, 243–269;
        Brandes, U. (2001) A faster algorithm for betweenness centrality. Journal of Mathematical Sociology 25, 163–177.

    Args:
        data: A two-mode graph or matrix.
        scope: ``component``, or ``graph`` for the sizes of the whole graph.
        normalised: Whether to divide by b_max; else pairs are counted, each once.
        exact: Whether to look at all sources; by default up to 5,000 nodes.
        seed: Of the sample.
        basis: Dates and sources, as given.

    Returns:
        Scores of both modes.

    >>> import networkx as nx
    >>> women = nx.davis_southern_women_graph()
    >>> round(two_mode_betweenness(women).found["networks"]["E8"], 2)
    0.24
    >>> round(two_mode_betweenness(women, normalised=False).found["actors"]["Evelyn Jefferson"], 4)
    42.9802
    """
    lists = two_mode(data)
    adjacency = lists.adjacency
    n, m = len(lists.actors), len(lists.networks)
    whole = n + m <= EXACT_UP_TO if exact is None else exact
    found = betweenness(adjacency, None if whole else SOURCES, seed)
    groups = components(adjacency)
    if scope == "graph":
        own, other = (np.repeat(np.array(pair), (n, m)) for pair in ((n, m), (m, n)))
    else:
        own, other = _mode_sizes(lists, groups)
    most = _most_between(own, other) if normalised else np.ones(n + m)
    scores = np.divide(found.raw, most, out=np.zeros_like(most), where=most > 0)
    details: dict[str, Any] = {"components": _component_sizes(groups), "sources": found.sources}
    if found.sampled:
        error = np.divide(found.error, most, out=np.zeros_like(most), where=most > 0)
        details |= {"sampled": True, "seed": seed, "standard_error": float(error.max())}
    return _two_mode_answer(TWO_MODE_BETWEENNESS, lists, scores, basis, **details)


def _most_between(own: Ints, other: Ints) -> Floats:
    divisor = np.maximum(other, 1)
    s, t = (own - 1) // divisor, (own - 1) % divisor
    most = (other**2 * (s + 1) ** 2 + other * (s + 1) * (2 * t - s - 1) - t * (2 * s - t + 3)) / 2
    return np.where(other > 0, most, 0.0)


def _mode_sizes(lists: TwoMode, groups: Components) -> tuple[Ints, Ints]:
    """For each node how many nodes of its own and of the other mode are in its component."""
    n = len(lists.actors)
    actors = np.bincount(groups.label[:n], minlength=len(groups.size)).astype(np.int64)
    networks = groups.size - actors
    own = np.concatenate([actors[groups.label[:n]], networks[groups.label[n:]]])
    other = np.concatenate([networks[groups.label[:n]], actors[groups.label[n:]]])
    return own, other


def _component_sizes(groups: Components) -> list[int]:
    sizes: list[int] = np.sort(groups.size)[::-1].tolist()
    return sizes


def two_mode_eigenvector(data: Any, *, basis: Basis = NOTHING_GIVEN) -> Answer[Scores]:
    """How much each actor is listed in networks whose members are listed much, and so on in turn.

    Definition: the leading singular vectors of the matrix, each of length 1, none negative.
    Formula: A = UΣVᵀ; the first columns of U (actors) and V (networks).
    States: *value* from two networks on; *forced* for one network; *unknown* without members.
    Caveat: outside the densest component scores are 0. On the graph as a whole the same vector is divided by √2.
        Where the two largest singular values are equal it is not determined, and the answer is *unknown*.
    Reference: Borgatti, S. P. & Everett, M. G. (1997) Network analysis of 2-mode data. Social Networks 19, 243–269;
        Bonacich, P. (1991) Simultaneous group and individual centralities. Social Networks 13, 155–168.

    Args:
        data: A two-mode graph or matrix.
        basis: Dates and sources, as given.

    Returns:
        Scores of both modes.

    >>> import networkx as nx
    >>> round(two_mode_eigenvector(nx.davis_southern_women_graph()).found["actors"]["Evelyn Jefferson"], 3)
    0.335
    """
    lists = two_mode(data)
    if lists.ties == 0:
        return TWO_MODE_EIGENVECTOR.unknown(lists.inputs(basis), NO_MEMBERS)
    left, right, distinct = _leading(lists)
    if not distinct:
        reason = Text(
            "two parts of the data are equally dense, so no one vector leads",
            "zwei Teile der Daten sind gleich dicht, sodass kein Vektor führt",
        )
        return TWO_MODE_EIGENVECTOR.unknown(lists.inputs(basis), reason)
    return _two_mode_answer(TWO_MODE_EIGENVECTOR, lists, np.concatenate([left, right]), basis)


def _leading(lists: TwoMode) -> tuple[Floats, Floats, bool]:
    small = min(lists.matrix.shape)
    if small <= 200:
        u, s, vt = np.linalg.svd(lists.matrix.toarray(), full_matrices=False)
    else:
        start = np.ones(small)
        u, s, vt = svds(sparse.csr_array(lists.matrix), k=2, v0=start)
        order = np.argsort(s)[::-1]
        u, s, vt = u[:, order], s[order], vt[order]
    distinct = small == 1 or bool(s[0] - s[1] > 1e-9 * s[0])
    return np.abs(u[:, 0]), np.abs(vt[0]), distinct


def _two_mode_answer(measure: Measure, lists: TwoMode, scores: Floats, basis: Basis, **details: Any) -> Answer[Scores]:
    inputs = lists.inputs(basis)
    if lists.ties == 0:
        return measure.unknown(inputs, NO_MEMBERS)
    by_mode = lists.by_mode(scores)
    if len(lists.networks) == 1:
        return measure.forced(by_mode, inputs, ONE_LIST, **details)
    top = _top(by_mode["actors"])
    ranked = len(lists.actors) >= RANK_ACTORS and len(lists.networks) >= RANK_NETWORKS
    if ranked:
        sentence = Text(f"{measure.question.en} Most of all: {top.en}.", f"{measure.question.de} Vor allem: {top.de}.")
    else:
        sentence = Text(
            f"{measure.name.en}: there are too few actors or networks for an order of rank; the numbers stand in the "
            "table.",
            f"{measure.name.de}: Für eine Rangfolge sind es zu wenige Akteure oder Netzwerke; "
            "die Zahlen stehen in der Tabelle.",
        )
    if details.get("sampled"):
        sentence = Text(
            f"{sentence.en} Estimated from a sample of {details['sources']} sources.",
            f"{sentence.de} Geschätzt aus einer Stichprobe von {details['sources']} Ausgangspunkten.",
        )
    return measure.value(by_mode, inputs, sentence, ranked=ranked, **details)


def _top(scores: dict[Node, float], places: int = 3) -> Text:
    """Who has the highest scores; with equals on the last place."""
    limit = sorted(scores.values(), reverse=True)[:places]
    return named([name for name, score in scores.items() if limit and score >= limit[-1] - 1e-12])


def degree(graph: Graph, networks: int | None = None, *, basis: Basis = NOTHING_GIVEN) -> Answer[dict[Node, float]]:
    """To how many of the others each actor is tied.

    Definition: number of ties divided by the number of other actors.
    Formula: d / (n−1).
    States: *value* for reported ties; *forced* for the projection of one network; *unknown* for other projections and
        where no tie is known; *too small* below three actors.
    Caveat: a list is not a tie: for lists use ``two_mode_degree``.
    Reference: Freeman, L. C. (1979) Centrality in social networks. Social Networks 1, 215–239.

    Args:
        graph: Ties between actors.
        networks: Of how many networks' lists the graph is a projection; ``None`` for reported ties.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> round(degree(nx.krackhardt_kite_graph()).found[3], 3)
    0.667
    """
    ties = one_mode(graph)
    scores = ties.degrees / max(1, len(ties.names) - 1)
    return _one_mode_answer(DEGREE, graph, scores, networks, basis)


def closeness(graph: Graph, networks: int | None = None, *, basis: Basis = NOTHING_GIVEN) -> Answer[dict[Node, float]]:
    """How near each actor is to the others it is linked with.

    Definition: number of others in the same component divided by the sum of the distances to them.
    Formula: (n_c − 1) / Σd; 0 for an isolate.
    States: *value* for reported ties; *forced* for the projection of one network; *unknown* for other projections and
        where no tie is known; *too small* below three actors.
    Caveat: in a graph of several components small ones look good; their sizes stand in the details.
    Reference: Freeman, L. C. (1979) Centrality in social networks. Social Networks 1, 215–239.

    Args:
        graph: Ties between actors.
        networks: Of how many networks' lists the graph is a projection; ``None`` for reported ties.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> round(closeness(nx.florentine_families_graph()).found["Medici"], 2)
    0.56
    """
    found = distances(one_mode(graph).matrix)
    total = found.total.astype(np.float64)
    scores = np.divide(found.components.own - 1, total, out=np.zeros_like(total), where=total > 0)
    return _one_mode_answer(CLOSENESS, graph, scores, networks, basis, components=_component_sizes(found.components))


def betweenness_centrality(
    graph: Graph,
    networks: int | None = None,
    *,
    exact: bool | None = None,
    seed: int = 0,
    basis: Basis = NOTHING_GIVEN,
) -> Answer[dict[Node, float]]:
    """How many of the shortest paths between others run through each actor.

    Definition: pairs of others, each split evenly among its shortest paths, as a share of all pairs of others.
    Formula: b / ((n−1)(n−2)/2).
    States: *value* for reported ties; *forced* to 0 for the projection of one network; *unknown* for other projections
        and where no tie is known; *too small* below three actors.
    Caveat: above 5,000 actors it is estimated from a sample of 512 sources; error and seed stand in the details.
    Reference: Freeman, L. C. (1977) A set of measures of centrality based on betweenness. Sociometry 40, 35–41;
        Brandes, U. (2001) A faster algorithm for betweenness centrality. Journal of Mathematical Sociology 25, 163–177.

    Args:
        graph: Ties between actors.
        networks: Of how many networks' lists the graph is a projection; ``None`` for reported ties.
        exact: Whether to look at all sources; by default up to 5,000 actors.
        seed: Of the sample.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> round(betweenness_centrality(nx.florentine_families_graph()).found["Medici"], 3)
    0.522
    """
    ties = one_mode(graph)
    n = len(ties.names)
    whole = n <= EXACT_UP_TO if exact is None else exact
    found = betweenness(ties.matrix, None if whole else SOURCES, seed)
    pairs = max(1.0, (n - 1) * (n - 2) / 2)
    details: dict[str, Any] = {"sources": found.sources}
    if found.sampled:
        details |= {"sampled": True, "seed": seed, "standard_error": float(found.error.max() / pairs)}
    return _one_mode_answer(BETWEENNESS, graph, found.raw / pairs, networks, basis, **details)


def _one_mode_answer(
    measure: Measure, graph: Graph, scores: Floats, networks: int | None, basis: Basis, **details: Any
) -> Answer[dict[Node, float]]:
    ties = one_mode(graph)
    inputs = ties.inputs(basis, networks)
    by_name = dict(zip(ties.names, scores.tolist(), strict=True))
    if networks == 1 and by_name:
        return measure.forced(by_name, inputs, ONE_LIST, **details)
    if networks is not None:
        return measure.unknown(inputs, ONLY_LISTS)
    if len(ties.names) < 3:
        few = Text("fewer than three actors have no order", "weniger als drei Akteure haben keine Ordnung")
        return measure.too_small(inputs, few)
    if ties.ties == 0:
        return measure.unknown(inputs, NO_TIES)
    top = _top(by_name)
    sentence = Text(f"{measure.question.en} Most of all: {top.en}.", f"{measure.question.de} Vor allem: {top.de}.")
    return measure.value(by_name, inputs, sentence, **details)
