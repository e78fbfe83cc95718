"""Whether actors are tied in several ways, and whether the ways go together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from integgraph.analysis.measures.answers import (
    NO_TIES,
    NOTHING_GIVEN,
    Answer,
    Basis,
    Inputs,
    Measure,
    Text,
    number,
    percent,
)
from integgraph.analysis.measures.twomode import Floats

if TYPE_CHECKING:
    from integgraph.analysis.measures.twomode import Graph

MULTIPLEXITY = Measure(
    "multiplexity",
    Text("Multiplexity", "Mehrfachverbindungen"),
    Text("Joined in several ways?", "Auf mehrere Weisen verbunden?"),
)
QAP = Measure(
    "qap",
    Text("Correlation of two kinds of ties (QAP)", "Zusammenhang zweier Arten von Verbindungen (QAP)"),
    Text("Do the two kinds of ties go together?", "Gehen die beiden Arten von Verbindungen zusammen?"),
)
ACTORS_FROM = 8
PERMUTATIONS = 1_000


@dataclass(frozen=True, slots=True)
class Qap:
    """How two sets of ties between the same actors go together.

    Attributes:
        correlation: Pearson's r over all pairs of actors.
        p: Share of permutations with an r at least as far from 0 (two-sided).
        jaccard: Pairs with both ties as a share of pairs with either.
        matching: Share of pairs that are alike in both.
    """

    correlation: float
    p: float
    jaccard: float
    matching: float


def multiplexity(ties: Mapping[str, Graph], *, basis: Basis = NOTHING_GIVEN) -> Answer[float]:
    """What share of tied pairs is tied in two or more ways.

    Definition: pairs of actors with ties of two or more kinds, as a share of pairs with any tie.
    Formula: |pairs with ≥ 2 kinds| / |pairs with ≥ 1 kind|.
    States: *value* for two or more kinds among eight or more actors; *too small* below; *unknown* with one kind or
        without ties.
    Caveat: co-listing and reported ties are different things; do not call their overlap cooperation.
    Reference: Provan, K. G., Fish, A. & Sydow, J. (2007) Interorganizational networks at the network level. Journal of
        Management 33, 479–516.

    Args:
        ties: A graph for each kind of tie; directions do not count.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> multiplexity({"funds": nx.path_graph(8), "refers": nx.path_graph(5)}).found
    0.5714285714285714
    """
    kinds: Counter[frozenset[Any]] = Counter()
    for graph in ties.values():
        kinds.update({frozenset((a, b)) for a, b in graph.edges() if a != b})
    actors = len({node for graph in ties.values() for node in graph})
    inputs = Inputs(actors, None, len(kinds), basis.dates, basis.sources)
    if sum(graph.number_of_edges() > 0 for graph in ties.values()) < 2:
        one = Text("fewer than two kinds of ties are known", "es sind weniger als zwei Arten von Verbindungen bekannt")
        return MULTIPLEXITY.unknown(inputs, one)
    if not kinds:
        return MULTIPLEXITY.unknown(inputs, NO_TIES)
    if actors < ACTORS_FROM:
        return MULTIPLEXITY.too_small(inputs, _few())
    several = sum(times > 1 for times in kinds.values())
    found = several / len(kinds)
    share = percent(found)
    sentence = Text(
        f"{several} of {len(kinds)} tied pairs ({share.en}) are tied in two or more ways.",
        f"{several} von {len(kinds)} verbundenen Paaren ({share.de}) sind auf zwei oder mehr Weisen verbunden.",
    )
    return MULTIPLEXITY.value(found, inputs, sentence)


def qap(
    one: Graph, other: Graph, *, permutations: int = PERMUTATIONS, seed: int = 0, basis: Basis = NOTHING_GIVEN
) -> Answer[Qap]:
    """Whether pairs tied in one way tend to be tied in another.

    Definition: correlation of the two matrices of ties; its p from matrices whose actors are permuted.
    Formula: Pearson's r over the pairs of actors (directed: over ordered pairs).
    States: *value* among eight or more actors with ties of both kinds; *too small* below; *unknown* where a kind has no
        ties or joins all pairs, so that no correlation is defined.
    Caveat: permuting actors keeps each network's shape; the p says nothing of how strong the relation is.
    Reference: Krackhardt, D. (1988) Predicting with networks: nonparametric multiple regression analysis of dyadic
        data. Social Networks 10, 359–381.

    Args:
        one: Ties of one kind.
        other: Ties of the other; actors of both graphs are taken together.
        permutations: How many to draw.
        seed: Of the draw.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> same = qap(nx.path_graph(8), nx.path_graph(8)).found
    >>> round(same.correlation, 6), same.jaccard, same.p < 0.01
    (1.0, 1.0, True)
    """
    names = list(dict.fromkeys([*one, *other]))
    directed = one.is_directed() or other.is_directed()
    first, second = (_matrix(graph, names, directed) for graph in (one, other))
    n = len(names)
    inputs = Inputs(n, None, one.number_of_edges() + other.number_of_edges(), basis.dates, basis.sources)
    if n < ACTORS_FROM:
        return QAP.too_small(inputs, _few())
    where = ~np.eye(n, dtype=np.bool_) if directed else np.triu(np.ones((n, n), dtype=np.bool_), 1)
    x, y = first[where], second[where]
    if x.min() == x.max() or y.min() == y.max():
        flat = Text("one kind of tie joins no pair, or all pairs", "eine Art verbindet kein Paar oder alle Paare")
        return QAP.unknown(inputs, flat)
    correlation = float(np.corrcoef(x, y)[0, 1])
    rng = np.random.default_rng(seed)
    far = 0
    for _ in range(permutations):
        order = rng.permutation(n)
        drawn = float(np.corrcoef(first[np.ix_(order, order)][where], y)[0, 1])
        far += abs(drawn) >= abs(correlation) - 1e-12
    jaccard = float(((x > 0) & (y > 0)).sum() / ((x > 0) | (y > 0)).sum())
    found = Qap(correlation, (far + 1) / (permutations + 1), jaccard, float((x == y).mean()))
    shown, p = number(correlation), number(found.p, 3)
    sentence = Text(
        f"The two kinds of ties correlate with {shown.en} (p = {p.en}).",
        f"Die beiden Arten von Verbindungen korrelieren mit {shown.de} (p = {p.de}).",
    )
    return QAP.value(found, inputs, sentence, permutations=permutations, seed=seed)


def _matrix(graph: Graph, names: list[Any], directed: bool) -> Floats:
    at = {name: place for place, name in enumerate(names)}
    matrix = np.zeros((len(names), len(names)))
    for a, b in graph.edges():
        matrix[at[a], at[b]] = 1
        if not directed or not graph.is_directed():
            matrix[at[b], at[a]] = 1
    return matrix


def _few() -> Text:
    return Text(f"it takes {ACTORS_FROM} actors", f"es braucht {ACTORS_FROM} Akteure")
