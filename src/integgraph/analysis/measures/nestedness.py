"""Whether the members of small networks are a part of those of bigger ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from integgraph.analysis.measures.answers import (
    NO_MEMBERS,
    NOTHING_GIVEN,
    Answer,
    Basis,
    Measure,
    Text,
    number,
)
from integgraph.analysis.measures.twomode import patterns, two_mode

if TYPE_CHECKING:
    from integgraph.analysis.measures.twomode import Matrix

NESTEDNESS = Measure(
    "nestedness",
    Text("Nestedness (NODF)", "Verschachtelung (NODF)"),
    Text(
        "Do bigger networks contain the smaller ones' members?",
        "Umfassen größere Netzwerke die Mitglieder der kleineren?",
    ),
)
BOTH_FROM = 8
"""From how many actors and networks on nestedness says something."""


@dataclass(frozen=True, slots=True)
class Nodf:
    """Nestedness by overlap and decreasing fill, from 0 to 100, of rows, columns and both."""

    rows: float
    columns: float
    total: float


def nestedness(data: Any, *, basis: Basis = NOTHING_GIVEN) -> Answer[Nodf]:
    """Whether smaller lists are parts of bigger ones.

    Definition: for each pair of different size, how much of the smaller is in the larger; pairs of equal size count 0.
    Formula: NODF = 100 · Σ |N_i ∩ N_j| / min(d_i, d_j) over pairs with d_i ≠ d_j, divided by the number of pairs, of
        actors (rows), networks (columns) and both.
    States: *value* from eight actors and eight networks on; *too small* below; *unknown* without members.
    Caveat: depends on fill and size; compare with chance (``size_fair``).
    Reference: Almeida-Neto, M., Guimarães, P., Guimarães, P. R., Loyola, R. D. & Ulrich, W. (2008) A consistent metric
        for nestedness analysis in ecological systems. Oikos 117, 1227–1239.

    Args:
        data: A two-mode graph or matrix.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> round(nestedness(nx.davis_southern_women_graph()).found.total, 2)
    48.58
    """
    lists = two_mode(data)
    inputs = lists.inputs(basis)
    if lists.ties == 0:
        return NESTEDNESS.unknown(inputs, NO_MEMBERS)
    if min(len(lists.actors), len(lists.networks)) < BOTH_FROM:
        few = Text(
            f"it takes {BOTH_FROM} actors and {BOTH_FROM} networks",
            f"es braucht {BOTH_FROM} Akteure und {BOTH_FROM} Netzwerke",
        )
        return NESTEDNESS.too_small(inputs, few)
    found = nodf(lists)
    shown = number(found.total, 0)
    sentence = Text(
        f"Smaller lists are parts of bigger ones to {shown.en} of 100.",
        f"Kleinere Listen sind zu {shown.de} von 100 Teil der größeren.",
    )
    return NESTEDNESS.value(found, inputs, sentence)


def nodf(data: Any) -> Nodf:
    """The numbers behind ``nestedness``, of any size.

    >>> found = nodf([[1, 0, 1, 1, 1], [1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [1, 1, 0, 0, 0], [1, 1, 0, 0, 0]])
    >>> round(found.rows, 2), round(found.columns, 2), round(found.total, 2)
    (53.33, 63.33, 58.33)
    """
    lists = two_mode(data)
    rows, row_pairs = _overlaps(lists.matrix)
    columns, column_pairs = _overlaps(sparse.csr_array(lists.matrix.T))
    return _nodf(rows, row_pairs, columns, column_pairs)


def _nodf(rows: float, row_pairs: int, columns: float, column_pairs: int) -> Nodf:
    return Nodf(
        100 * rows / max(1, row_pairs),
        100 * columns / max(1, column_pairs),
        100 * (rows + columns) / max(1, row_pairs + column_pairs),
    )


def _overlaps(matrix: Matrix) -> tuple[float, int]:
    n = matrix.shape[0]
    kinds = patterns(matrix)
    degree = np.diff(kinds.matrix.indptr).astype(np.float64)
    shared = sparse.coo_array(kinds.matrix @ kinds.matrix.T)
    larger = degree[shared.row] > degree[shared.col]
    row, column = shared.row[larger], shared.col[larger]
    parts = shared.data[larger] / degree[column] * kinds.times[row] * kinds.times[column]
    return float(parts.sum()), n * (n - 1) // 2


def weighted_nodf(matrix: Any) -> Nodf:
    """Nestedness of a matrix of counts: what the smaller has must also be less there.

    Definition: as ``nestedness``, where a cell of the smaller counts only if the larger has more in it.
    Formula: as ``nodf``, with |{ cells of j with 0 < w_jk < w_ik }| / d_j for d_i > d_j.
    States: a number, not an answer; lists of members have no counts.
    Caveat: counts of different methods are not comparable.
    Reference: Almeida-Neto, M. & Ulrich, W. (2011) A straightforward computational approach for measuring nestedness
        using quantitative matrices. Environmental Modelling & Software 26, 173–178.

    Args:
        matrix: Counts, actors × networks.

    >>> weighted_nodf([[4, 2], [3, 0]]).total
    100.0
    """
    counts = np.atleast_2d(np.asarray(matrix, dtype=np.float64))
    rows, columns = _weighted_overlaps(counts), _weighted_overlaps(counts.T)
    n, m = counts.shape
    return _nodf(rows, n * (n - 1) // 2, columns, m * (m - 1) // 2)


def _weighted_overlaps(counts: Any) -> float:
    fill = (counts > 0).sum(axis=1)
    total = 0.0
    for at in range(len(counts)):
        smaller = (fill < fill[at]) & (fill > 0)
        less = (counts[at] > counts[smaller]) & (counts[smaller] > 0)
        total += float((less.sum(axis=1) / fill[smaller]).sum())
    return total
