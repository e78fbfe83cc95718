"""A partition of long lists with a high bipartite modularity: nodes move to the best module near, modules become nodes.

Most actors of a long list are listed once and gain nothing by leaving their network, so only actors of two or more
networks, and the networks that they join, are moved. Those with few members choose first. When nobody moves any more,
each module becomes one node, and so on; at the end all choose once more, the largest modules first.

Sources: Blondel, V. D., Guillaume, J.-L., Lambiotte, R. & Lefebvre, E. (2008) Fast unfolding of communities in large
networks. Journal of Statistical Mechanics P10008; Rotta, R. & Noack, A. (2011) Multilevel local search algorithms for
modularity clustering. ACM Journal of Experimental Algorithmics 16, 2.3; Barber, M. J. (2007) Modularity and community
detection in bipartite networks. Physical Review E 76, 066102, for what is to be high.

>>> from integgraph.analysis.measures.twomode import binary
>>> row, column = partition(binary([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]]))
>>> len({*row[:2].tolist(), *column[:2].tolist()}), len(set(row.tolist()))
(1, 2)
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from integgraph.analysis.measures.twomode import Floats, Ints

if TYPE_CHECKING:
    from integgraph.analysis.measures.twomode import Matrix

LEAST = 1e-9
"""By how many ties another module must be better, so that moves come to an end."""


@dataclass(frozen=True, slots=True, eq=False)
class _Level:
    """Nodes that move: at first networks and actors, later modules of them.

    Attributes:
        indptr, indices, weights: Ties between different nodes, as the arrays of a symmetric sparse matrix.
        left: Memberships of the actors in each node.
        right: Members of the networks in each node.
    """

    indptr: Ints
    indices: Ints
    weights: Floats
    left: Ints
    right: Ints

    @property
    def rows(self) -> Ints:
        """The row of each tie."""
        return np.repeat(np.arange(len(self.left)), np.diff(self.indptr))


def partition(matrix: Matrix, rng: np.random.Generator | None = None) -> tuple[Ints, Ints]:
    """A module for each actor and each network.

    Args:
        matrix: Actors × networks, ones.
        rng: Draws the order in which nodes choose; without it those with few members choose first.

    Returns:
        Modules of the rows and of the columns. Who has no tie is alone in one.
    """
    n, m = matrix.shape
    memberships = np.diff(matrix.indptr).astype(np.int64)
    sizes = np.bincount(matrix.indices, minlength=m).astype(np.int64)
    shared = np.flatnonzero(memberships > 1)
    once = np.flatnonzero(memberships == 1)
    home = matrix.indices[matrix.indptr[once]].astype(np.int64)
    column: Ints = np.arange(m, dtype=np.int64)
    row: Ints = m + np.arange(n, dtype=np.int64)
    if len(shared):
        joins = matrix[shared]
        joined = np.unique(joins.indices).astype(np.int64)
        place = np.zeros(m, dtype=np.int64)
        place[joined] = np.arange(len(joined))
        # A network brings those along that are in no other.
        alone = np.bincount(home, minlength=m)
        level = _Level(
            *_ties(joins, place, len(joined)),
            np.concatenate([alone[joined], memberships[shared]]),
            np.concatenate([sizes[joined], np.zeros(len(shared), dtype=np.int64)]),
        )
        order = np.argsort(level.right, kind="stable") if rng is None else rng.permutation(len(level.right))
        label = _settled(level, order, matrix.nnz)
        column[joined] = n + m + label[: len(joined)]
        row[shared] = n + m + label[len(joined) :]
    row[once] = column[home]
    return row, column


def _ties(joins: Matrix, place: Ints, networks: int) -> tuple[Ints, Ints, Floats]:
    """Ties of networks, then of actors, with one another."""
    actors = joins.shape[0]
    list_of: Any = sparse.csr_array((joins.data, place[joins.indices], joins.indptr), shape=(actors, networks))
    named: Any = list_of.T.tocsr()
    indptr = np.concatenate([named.indptr, named.indptr[-1] + list_of.indptr[1:]]).astype(np.int64)
    indices = np.concatenate([named.indices + networks, list_of.indices]).astype(np.int64)
    return indptr, indices, np.concatenate([named.data, list_of.data])


def _settled(level: _Level, order: Ints, ties: int) -> Ints:
    """Modules of the nodes.

    They move, then their modules move, and so on; then all do once more, the largest modules first. What moved together
    at first and ended in one module moves as one last.
    """
    first, moved = _moved(level, np.arange(len(order), dtype=np.int64), order, ties)
    label, levels, orders, groups = first, [level], [order], []
    while moved:
        groups.append(_numbered(label))
        levels.append(_merged(levels[-1], groups[-1]))
        every: Ints = np.arange(len(levels[-1].left), dtype=np.int64)
        orders.append(every)
        label, moved = _moved(levels[-1], every, every, ties)
    for each, turn, group in reversed(list(zip(levels, orders, groups, strict=False))):
        label = _moved(each, label[group], turn, ties)[0]
    parts = np.unique(first * len(order) + label, return_inverse=True)[1].astype(np.int64)
    of: Ints = np.empty(int(parts.max()) + 1, dtype=np.int64)
    of[parts] = label
    of, moved = _moved(_merged(level, parts), of, np.arange(len(of), dtype=np.int64), ties)
    return _moved(level, of[parts], order, ties)[0] if moved else label


def _numbered(label: Ints) -> Ints:
    """Labels as numbers without gaps."""
    known = np.zeros(int(label.max()) + 1, dtype=np.int64)
    known[label] = 1
    return (np.cumsum(known) - 1)[label]


def _merged(level: _Level, label: Ints) -> _Level:
    """Modules as nodes."""
    count = int(label.max()) + 1
    one, other = label[level.rows], label[level.indices]
    apart = one != other
    keys, at = np.unique(one[apart] * count + other[apart], return_inverse=True)
    rows, indices = np.divmod(keys, count)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=count))])
    weights = np.bincount(at, level.weights[apart], minlength=len(keys)).astype(np.float64)
    left, right = (np.bincount(label, part, minlength=count).astype(np.int64) for part in (level.left, level.right))
    return _Level(indptr, indices, weights, left, right)


def _moved(level: _Level, label: Ints, order: Ints, ties: int) -> tuple[Ints, bool]:
    """Let each node choose, and again those whose neighbours have moved; and whether any has moved.

    With a node of l memberships and r members in a module of L and R others that it has t ties with, quality rises by
    (t − (l·R + r·L) / ties) / ties. Plain lists, because the nodes choose one after the other.
    """
    # Who has all its neighbours with it stays.
    rows = level.rows
    border = np.zeros(len(level.left), dtype=np.bool_)
    border[rows[label[rows] != label[level.indices]]] = True
    waiting, waits, moved = deque(order[border[order]].tolist()), border.tolist(), False
    left, right, module = level.left.tolist(), level.right.tolist(), label.tolist()
    ends, near, heavy = level.indptr.tolist(), level.indices.tolist(), level.weights.tolist()
    count = int(label.max()) + 1
    all_left, all_right = (np.bincount(label, part, minlength=count).tolist() for part in (level.left, level.right))
    scaled_left, scaled_right = (level.left / ties).tolist(), (level.right / ties).tolist()
    while waiting:
        node = waiting.popleft()
        waits[node] = False
        own, start, end = module[node], ends[node], ends[node + 1]
        if end - start == 1:
            if module[near[start]] == own:
                continue
            links = {module[near[start]]: heavy[start]}
            most = LEAST
        else:
            links = {}
            for at in range(start, end):
                there = module[near[at]]
                links[there] = links[there] + heavy[at] if there in links else heavy[at]
            most = links.pop(own, 0.0) + LEAST
        all_left[own] -= left[node]
        all_right[own] -= right[node]
        lefts, rights = scaled_left[node], scaled_right[node]
        best = own
        most -= lefts * all_right[own] + rights * all_left[own]
        for there, weight in links.items():
            gain = weight - lefts * all_right[there] - rights * all_left[there]
            if gain > most:
                best, most = there, gain
        all_left[best] += left[node]
        all_right[best] += right[node]
        if best != own:
            module[node], moved = best, True
            for other in near[start:end]:
                if not waits[other] and module[other] != best:
                    waits[other] = True
                    waiting.append(other)
    return np.array(module, dtype=np.int64), moved
