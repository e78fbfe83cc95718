"""Which pairs of actors share more networks than chance would have it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import comb, log, log1p, sqrt
from typing import Any, Literal, TypeAlias

import numpy as np
from scipy import sparse
from scipy.special import gammaln
from scipy.stats import hypergeom

from integgraph.analysis.measures.answers import (
    NO_MEMBERS,
    NOTHING_GIVEN,
    ONE_LIST,
    Answer,
    Basis,
    Inputs,
    Measure,
    Text,
    number,
)
from integgraph.analysis.measures.nullmodels import bicm, curveball
from integgraph.analysis.measures.size import co_listing
from integgraph.analysis.measures.twomode import Floats, Ints, Node, TwoMode, two_mode

Model: TypeAlias = Literal["fixed-row", "fixed-column", "sdsm", "fdsm"]

BACKBONE = Measure(
    "backbone",
    Text("Backbone", "Rückgrat"),
    Text("Which overlaps exceed chance?", "Welche Überschneidungen sind mehr als Zufall?"),
)
SMALLEST_P = Measure(
    "smallest-p",
    Text("Smallest attainable p", "Kleinstes erreichbares p"),
    Text("Could any overlap stand out at all?", "Könnte eine Überschneidung überhaupt auffallen?"),
)
NETWORKS_FROM = 7
"""Below so many networks not even the largest overlap can stand out."""
MOST_PAIRS = 25_000_000
"""Above so many pairs in one list no backbone is made; one network of 10,000 members has twice as many."""


@dataclass(frozen=True, slots=True)
class SharedTie:
    """How many networks a pair of actors shares, and how chance sees it.

    Attributes:
        pair: The two actors.
        shared: How many networks list both.
        upper: Probability of sharing at least so many.
        lower: Probability of sharing at most so many.
    """

    pair: tuple[Node, Node]
    shared: int
    upper: float
    lower: float


def backbone(
    data: Any, model: Model = "sdsm", alpha: float = 0.05, *, basis: Basis = NOTHING_GIVEN
) -> Answer[tuple[SharedTie, ...]]:
    """Pairs of actors that share more networks than lists of these lengths would give by chance.

    Definition: pairs whose probability of sharing at least so many networks, under the model, is below alpha.
    Formula: fixed-row: hypergeometric on the two numbers of memberships; SDSM: Poisson-binomial over the products of
        the BiCM's chances; fixed-column: Poisson-binomial over d(d−1)/(n(n−1)); FDSM: share of curveball shuffles.
    States: *value* from seven networks on, which may be "nothing distinguishable"; *too small* below, since not even
        the largest overlap could stand out (see ``smallest_p``); *unknown* without members, and above 25 million pairs.
    Caveat: one-sided, each pair tested by itself, no correction for the number of pairs. Standing out is not
        cooperation. The fixed-row model ignores that long lists are long, and keeps more.
    Reference: Neal, Z. P. (2014) The backbone of bipartite projections. Social Networks 39, 84–97; Neal, Z. P.,
        Domagalski, R. & Sagan, B. (2021) Comparing alternatives to the fixed degree sequence model for extracting the
        backbone of bipartite projections. Scientific Reports 11, 23929.

    Args:
        data: A two-mode graph or matrix.
        model: ``sdsm``, ``fixed-row``, ``fixed-column`` or ``fdsm``.
        alpha: Pairs below it are kept.
        basis: Dates and sources, as given.

    Returns:
        The pairs that are kept, the least probable first.

    >>> import networkx as nx
    >>> women = nx.davis_southern_women_graph()
    >>> len(backbone(women, "fixed-row").found), len(backbone(women).found)
    (17, 0)
    >>> backbone(women).sentence.en
    'No overlap can be told from chance.'
    """
    lists = two_mode(data)
    inputs = lists.inputs(basis)
    m = len(lists.networks)
    if lists.ties == 0:
        return BACKBONE.unknown(inputs, NO_MEMBERS)
    if m < NETWORKS_FROM:
        least = number(1 / comb(m, m // 2), 3)
        few = Text(
            f"with {m} networks no overlap can have a probability below {least.en}",
            f"bei {m} Netzwerken kann keine Überschneidung eine Wahrscheinlichkeit unter {least.de} haben",
        )
        return BACKBONE.too_small(inputs, few)
    if int((lists.sizes * (lists.sizes - 1) // 2).sum()) > MOST_PAIRS:
        many = Text(
            f"more than {MOST_PAIRS:,} pairs stand in a list together, too many to test each",
            f"mehr als {MOST_PAIRS:,} Paare stehen gemeinsam in einer Liste, zu viele, um jedes zu prüfen",
        )
        return BACKBONE.unknown(inputs, many)
    tested = _tested(lists, model)
    few_enough = tested.only(tested.upper < alpha).ties(lists)
    kept = tuple(sorted(few_enough, key=lambda tie: (tie.upper, str(tie.pair))))
    sentence = (
        Text(
            f"{len(kept)} of {len(tested.shared)} pairs share more networks than chance would have it.",
            f"{len(kept)} von {len(tested.shared)} Paaren teilen mehr Netzwerke, als der Zufall erwarten lässt.",
        )
        if kept
        else Text("No overlap can be told from chance.", "Keine Überschneidung ist vom Zufall zu unterscheiden.")
    )
    return BACKBONE.value(kept, inputs, sentence, model=model, alpha=alpha, tested=len(tested.shared))


def shared_ties(data: Any, model: Model = "sdsm", *, all_pairs: bool = False) -> list[SharedTie]:
    """How chance sees each pair of actors, of lists of any size.

    Args:
        data: A two-mode graph or matrix.
        model: The model of chance.
        all_pairs: Also pairs that share no network.

    >>> ties = shared_ties([[1, 0, 1, 1], [0, 1, 0, 0], [1, 0, 0, 1]], "fixed-row")
    >>> [(tie.pair, round(tie.upper, 3)) for tie in ties]
    [((0, 2), 0.5)]
    """
    lists = two_mode(data)
    return _tested(lists, model, all_pairs=all_pairs).ties(lists)


@dataclass(frozen=True, slots=True, eq=False)
class _Tested:
    """Pairs of rows with what they share and how chance sees it, one array a property."""

    one: Ints
    other: Ints
    shared: Ints
    upper: Floats
    lower: Floats

    def only(self, which: Any) -> _Tested:
        return _Tested(self.one[which], self.other[which], self.shared[which], self.upper[which], self.lower[which])

    def ties(self, lists: TwoMode) -> list[SharedTie]:
        rows = zip(
            *(each.tolist() for each in (self.one, self.other, self.shared, self.upper, self.lower)), strict=True
        )
        return [SharedTie((lists.actors[i], lists.actors[j]), k, upper, lower) for i, j, k, upper, lower in rows]


def _tested(lists: TwoMode, model: Model, *, all_pairs: bool = False) -> _Tested:
    shared = co_listing(lists).matrix
    if all_pairs:
        pairs = np.triu_indices(len(lists.actors), 1)
        found: tuple[Any, Any, Any] = (*pairs, shared.toarray()[pairs])
    else:
        half = sparse.coo_array(sparse.triu(shared, 1))
        found = (half.row, half.col, half.data)
    one, other, times = (np.asarray(each, dtype=np.int64) for each in found)
    kind, tails = _MODELS[model](lists)
    # Pairs of the same two kinds of rows that share as many have the same chances.
    left, right = np.minimum(kind[one], kind[other]), np.maximum(kind[one], kind[other])
    kinds, most = int(kind.max(initial=0)) + 1, int(times.max(initial=0)) + 1
    keys, which = np.unique((left * kinds + right) * most + times, return_inverse=True)
    every = [tails(key // most // kinds, key // most % kinds, key % most) for key in keys.tolist()]
    chances = np.array(every, dtype=np.float64).reshape(-1, 2)[which.ravel()]
    return _Tested(one, other, times, chances[:, 0], chances[:, 1])


Tails: TypeAlias = Callable[[int, int, int], tuple[float, float]]
"""Kinds of two rows and how many they share → upper and lower probability."""


def _fixed_row(lists: TwoMode) -> tuple[Ints, Tails]:
    m = len(lists.networks)

    def tails(i: int, j: int, k: int) -> tuple[float, float]:
        if m == 0:
            return 1.0, 1.0
        law = hypergeom(m, i, j)
        return float(law.sf(k - 1)), float(law.cdf(k))

    return lists.memberships, tails


def _fixed_column(lists: TwoMode) -> tuple[Ints, Tails]:
    n = len(lists.actors)
    law = poisson_binomial(lists.sizes * (lists.sizes - 1) / max(1, n * (n - 1)))
    return np.zeros(n, dtype=np.int64), lambda i, j, k: _tails(law, k)


def _sdsm(lists: TwoMode) -> tuple[Ints, Tails]:
    model = bicm(lists)
    times = np.bincount(model.column, minlength=model.chance.shape[1])
    known: dict[tuple[int, int], Floats] = {}

    def tails(i: int, j: int, k: int) -> tuple[float, float]:
        if (i, j) not in known:
            known[i, j] = _law(model.chance[i] * model.chance[j], times)
        return _tails(known[i, j], k)

    return model.row, tails


FDSM_SHUFFLES = 5_000


def _fdsm(lists: TwoMode) -> tuple[Ints, Tails]:
    observed = co_listing(lists).matrix.toarray()
    above, below = np.zeros(observed.shape), np.zeros(observed.shape)
    for drawn in curveball(lists, FDSM_SHUFFLES):
        shared = (drawn.matrix @ drawn.matrix.T).toarray()
        above += shared >= observed
        below += shared <= observed
    every = np.arange(len(lists.actors))
    return every, lambda i, j, k: (float(above[i, j] / FDSM_SHUFFLES), float(below[i, j] / FDSM_SHUFFLES))


_MODELS: dict[str, Callable[[TwoMode], tuple[Ints, Tails]]] = {
    "fixed-row": _fixed_row,
    "fixed-column": _fixed_column,
    "sdsm": _sdsm,
    "fdsm": _fdsm,
}


def poisson_binomial(chances: Floats) -> Floats:
    """The distribution of the number of successes of independent trials; chances below 1e-18 at its end are left out.

    >>> poisson_binomial(np.array([0.5, 0.5])).round(12).tolist()
    [0.25, 0.5, 0.25]
    """
    return _law(*np.unique(chances, return_counts=True))


def _law(chances: Floats, times: Ints) -> Floats:
    """The same, where trials of equal chances are counted: their binomial distributions are folded together."""
    law = np.ones(1)
    for chance, n in zip(chances.tolist(), times.tolist(), strict=True):
        if chance >= 1:
            law = np.concatenate([np.zeros(n), law])
        elif chance > 0 and n > 0:
            law = np.convolve(law, _binomial(n, chance))
    return law


def _binomial(n: int, chance: float) -> Floats:
    """The binomial distribution up to where it is below 1e-18."""
    mean = n * chance
    k = np.arange(min(n, int(mean + 12 * sqrt(mean) + 40)) + 1)
    ways = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return np.asarray(np.exp(ways + k * log(chance) + (n - k) * log1p(-chance)))


def _tails(law: Floats, k: int) -> tuple[float, float]:
    return min(1.0, float(law[k:].sum())), min(1.0, float(law[: k + 1].sum()))


def smallest_p(networks: int, *, basis: Basis = NOTHING_GIVEN) -> Answer[float]:
    """How improbable the largest overlap of two actors can be at all.

    Definition: probability that two actors who are in half of the networks share all of them.
    Formula: 1 / C(m, ⌊m/2⌋).
    States: *value* from two networks on; *forced* to 1 for one network; *unknown* without networks.
    Caveat: below seven networks no overlap can pass a level of .05 with the usual corrections.
    Reference: Neal, Z. P. (2014) The backbone of bipartite projections. Social Networks 39, 84–97.

    Args:
        networks: Number of networks.
        basis: Dates and sources, as given.

    >>> round(smallest_p(3).found, 2), smallest_p(5).found
    (0.33, 0.1)
    """
    inputs = Inputs(networks=networks, dates=basis.dates, sources=basis.sources)
    if networks < 1:
        return SMALLEST_P.unknown(inputs, NO_MEMBERS)
    found = 1 / comb(networks, networks // 2)
    if networks == 1:
        return SMALLEST_P.forced(found, inputs, ONE_LIST)
    shown = number(found, 3)
    sentence = Text(
        f"With {networks} networks no overlap of two actors can have a probability below {shown.en}.",
        f"Bei {networks} Netzwerken kann keine Überschneidung zweier Akteure eine Wahrscheinlichkeit unter {shown.de} "
        "haben.",
    )
    return SMALLEST_P.value(found, inputs, sentence)


def above_mean(data: Any) -> list[tuple[Node, Node]]:
    """Pairs that share more networks than tied pairs do on average: the crudest backbone, kept for comparison.

    >>> import networkx as nx
    >>> len(above_mean(nx.davis_southern_women_graph()))
    46
    """
    ties = co_listing(data)
    half = sparse.coo_array(sparse.triu(ties.matrix, 1))
    if half.nnz == 0:
        return []
    strong = half.data > half.data.mean()
    pairs = zip(half.row[strong].tolist(), half.col[strong].tolist(), strict=True)
    return [(ties.names[i], ties.names[j]) for i, j in pairs]
