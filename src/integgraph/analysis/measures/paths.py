"""Shortest paths on sparse matrices: distances, betweenness, what falls apart.

Most actors are listed in one network only. Such a leaf is as far from everything as its network plus one step, so the
work is done on the *core*, the graph without its leaves, in which each node weighs itself and its leaves. Distances are
found for 64 sources a machine word at a time.

Leaves in betweenness: Sariyüce, A. E., Saule, E., Kaya, K. & Çatalyürek, Ü. V. (2013) Shattering and compressing
networks for betweenness centrality. SDM. Cut nodes: Hopcroft, J. & Tarjan, R. (1973) Algorithm 447: efficient
algorithms for graph manipulation. Communications of the ACM 16, 372–378.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from integgraph.analysis.measures.twomode import Floats, Ints

if TYPE_CHECKING:
    from integgraph.analysis.measures.twomode import Matrix

Bools: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]
Places: TypeAlias = np.ndarray[Any, np.dtype[np.signedinteger[Any]]]

BATCH_BYTES = 1 << 25
"""Most memory that one batch of sources takes."""
SINGLY = 64
"""How many neighbours of a node are looked at one by one: that is faster than all at once, where nodes have few."""
FEW = 2_000
"""Up to so many nodes a search for cut nodes may begin anywhere."""


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """Which nodes hang together.

    Attributes:
        label: Component of each node.
        size: Number of nodes of each component.
    """

    label: Ints
    size: Ints

    @property
    def own(self) -> Ints:
        """Size of the component of each node."""
        return self.size[self.label] if len(self.label) else self.label


def components(adjacency: Matrix) -> Components:
    """The connected components of a symmetric matrix."""
    if adjacency.shape[0] == 0:
        return Components(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    label = csgraph.connected_components(adjacency, directed=False)[1].astype(np.int64)
    return Components(label, np.bincount(label).astype(np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class _Core:
    """A graph without its leaves.

    Attributes:
        nodes: Numbers of the core's nodes in the whole graph.
        matrix: Ties between them.
        leaves: How many leaves hang on each.
        leaf: Numbers of the leaves in the whole graph.
        host: For each leaf, the place in ``nodes`` of what it hangs on.
    """

    nodes: Ints
    matrix: Matrix
    leaves: Ints
    leaf: Ints
    host: Ints


def _core(adjacency: Matrix) -> _Core:
    degree = np.diff(adjacency.indptr)
    ends = np.flatnonzero(degree == 1)
    neighbour = adjacency.indices[adjacency.indptr[ends]]
    # Of a pair that is tied only to each other neither is the other's leaf.
    hangs = degree[neighbour] > 1
    leaf, host = ends[hangs].astype(np.int64), neighbour[hangs]
    stays = np.ones(len(degree), dtype=np.bool_)
    stays[leaf] = False
    nodes = np.flatnonzero(stays).astype(np.int64)
    place = np.cumsum(stays) - 1
    hosts = place[host].astype(np.int64)
    leaves = np.bincount(hosts, minlength=len(nodes)).astype(np.int64)
    return _Core(nodes, adjacency[nodes][:, nodes], leaves, leaf, hosts)


@dataclass(frozen=True, slots=True, eq=False)
class Distances:
    """How far each node is from the others of its component.

    Attributes:
        total: Sum of the distances from each node to all others that it reaches.
        farthest: The largest of them.
        components: The components.
    """

    total: Ints
    farthest: Ints
    components: Components


def distances(adjacency: Matrix) -> Distances:
    """Sums of distances of every node, exact.

    Args:
        adjacency: Symmetric, without self-ties; weights are not looked at.
    """
    core = _core(adjacency)
    found = components(adjacency)
    total, farthest = np.zeros(adjacency.shape[0], dtype=np.int64), np.zeros(adjacency.shape[0], dtype=np.int64)
    if len(core.nodes) == 0:
        return Distances(total, farthest, found)
    weight = core.leaves + 1
    inside, reach = _weighted_sums(core.matrix, weight)
    # A leaf lies one step beyond its host, also seen from the host itself.
    beyond = np.bincount(found.label[core.leaf], minlength=len(found.size)).astype(np.int64)
    total[core.nodes] = inside + beyond[found.label[core.nodes]]
    farthest[core.nodes] = np.maximum(reach, np.minimum(core.leaves, 1))
    sizes = found.own
    total[core.leaf] = total[core.nodes[core.host]] + sizes[core.leaf] - 2
    farthest[core.leaf] = np.where(
        core.leaves[core.host] > 1, np.maximum(reach[core.host] + 1, 2), np.maximum(reach[core.host] + 1, 1)
    )
    return Distances(total, farthest, found)


def _weighted_sums(matrix: Matrix, weight: Ints) -> tuple[Ints, Ints]:
    """Σ weight(s)·d(s, x) over all s, and the largest d(s, x), plus one where s has leaves, for each x."""
    size = matrix.shape[0]
    whole_total, whole_reach = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    # Networks that share nobody are alone in the core, as a rule a third of it. The others go by their number of ties.
    degree = np.diff(matrix.indptr)
    linked = np.argsort(-degree, kind="stable")[: np.count_nonzero(degree)]
    if len(linked) == 0:
        return whole_total, whole_reach
    near = _Near.of(matrix[linked][:, linked])
    n = len(linked)
    total, reach = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    words = max(1, BATCH_BYTES // (8 * 4 * n))
    sources, heavy = _by_weight(weight[linked])
    for first in range(0, len(heavy), words):
        part, heavies = sources[first * 64 : (first + words) * 64], heavy[first : first + words]
        light = int(np.searchsorted(heavies, 1, side="right"))
        seen = np.zeros((n, len(heavies)), dtype=np.uint64)
        used = np.flatnonzero(part >= 0)
        bits = np.left_shift(np.uint64(1), (used % 64).astype(np.uint64))
        np.bitwise_or.at(seen, (part[used], used // 64), bits)
        front, level = seen.copy(), 0
        while True:
            level += 1
            reached = near.union(front)
            reached &= ~seen
            counts = np.bitwise_count(reached)
            if not counts.any():
                break
            seen |= reached
            total += level * (counts @ heavies)
            np.maximum(reach, level * counts[:, :light].any(axis=1), out=reach)
            np.maximum(reach, (level + 1) * counts[:, light:].any(axis=1), out=reach)
            front = reached
    whole_total[linked], whole_reach[linked] = total, reach
    return whole_total, whole_reach


@dataclass(frozen=True, slots=True, eq=False)
class _Near:
    """The neighbours of nodes that stand in the order of their number of ties, most first.

    Attributes:
        columns: The first neighbour of all, the second of those that have one, and so on up to ``SINGLY``.
        rest: Further neighbours of the first nodes, one node after the other.
        starts: Where those of each node begin.
    """

    columns: tuple[Places, ...]
    rest: Places
    starts: Places

    @classmethod
    def of(cls, matrix: Matrix) -> _Near:
        degree = np.diff(matrix.indptr)
        columns = []
        for number in range(min(SINGLY, int(degree[0]))):
            having = np.count_nonzero(degree > number)
            columns.append(matrix.indices[matrix.indptr[:having] + number])
        having = np.count_nonzero(degree > SINGLY)
        further = degree[:having] - SINGLY
        starts = np.cumsum(further) - further
        at = np.arange(int(further.sum())) + np.repeat(matrix.indptr[:having] + SINGLY - starts, further)
        return cls(tuple(columns), matrix.indices[at], starts)

    def union(self, front: np.ndarray[Any, np.dtype[np.uint64]]) -> np.ndarray[Any, np.dtype[np.uint64]]:
        """All bits of the neighbours of each node."""
        found: np.ndarray[Any, np.dtype[np.uint64]] = front[self.columns[0]]
        for column in self.columns[1:]:
            found[: len(column)] |= front[column]
        if len(self.starts):
            found[: len(self.starts)] |= np.bitwise_or.reduceat(front[self.rest], self.starts, axis=0)
        return found


def _by_weight(weight: Ints) -> tuple[Ints, Ints]:
    """Sources in words of 64 of equal weight (−1 fills a word up), and the weight of each word."""
    order = np.argsort(weight, kind="stable")
    values, starts = np.unique(weight[order], return_index=True)
    ends = [*starts[1:].tolist(), len(order)]
    sources, heavy = [], []
    for value, start, end in zip(values.tolist(), starts.tolist(), ends, strict=True):
        full = -(-(end - start) // 64)
        word = np.full(full * 64, -1, dtype=np.int64)
        word[: end - start] = order[start:end]
        sources.append(word)
        heavy += [value] * full
    return np.concatenate(sources), np.array(heavy, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Betweenness:
    """How many shortest paths run through each node; pairs are counted once.

    Attributes:
        raw: Number of pairs, each split evenly among its shortest paths.
        sources: How many sources were looked at; fewer than the nodes of the core where it was sampled.
        error: Standard error of each node where it was sampled, else zero.
    """

    raw: Floats
    sources: int
    sampled: bool
    error: Floats


def betweenness(adjacency: Matrix, sample: int | None = None, seed: int = 0) -> Betweenness:
    """Betweenness after Brandes (2001), exact or from a sample of sources.

    Args:
        adjacency: Symmetric, without self-ties; weights are not looked at.
        sample: How many sources to draw; ``None`` takes all.
        seed: Of the draw.
    """
    core = _core(adjacency)
    found = components(adjacency)
    raw, error = np.zeros(adjacency.shape[0]), np.zeros(adjacency.shape[0])
    n = len(core.nodes)
    if n == 0:
        return Betweenness(raw, 0, False, error)
    weight = (core.leaves + 1).astype(np.float64)
    sampled = sample is not None and sample < n
    drawn = np.random.default_rng(seed).choice(n, sample, replace=False) if sampled else np.arange(n)
    first, second = _dependencies(core.matrix, weight, drawn.astype(np.int64))
    scale = n / len(drawn)
    sizes = found.own[core.nodes].astype(np.float64)
    leaves = core.leaves.astype(np.float64)
    raw[core.nodes] = first * scale / 2 + leaves * (sizes - 1 - leaves) + leaves * (leaves - 1) / 2
    if sampled:
        variance = np.maximum(second / len(drawn) - (first / len(drawn)) ** 2, 0)
        error[core.nodes] = n / 2 * np.sqrt(variance / len(drawn) * (1 - len(drawn) / n))
    return Betweenness(raw, len(drawn), sampled, error)


def _dependencies(matrix: Matrix, weight: Floats, sources: Ints) -> tuple[Floats, Floats]:
    """Σ and Σ² over sources s of weight(s)·δ_s(v), where ends count with their weight."""
    n = matrix.shape[0]
    links: Matrix = sparse.csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)
    batch = int(min(max(1, BATCH_BYTES // (8 * 4 * n)), 256))
    first, second = np.zeros(n), np.zeros(n)
    for start in range(0, len(sources), batch):
        part = sources[start : start + batch]
        column = np.arange(len(part))
        level = np.full((n, len(part)), -1, dtype=np.int32)
        level[part, column] = 0
        paths = np.zeros((n, len(part)))
        paths[part, column] = 1
        front, depth = paths.copy(), 0
        while front.any():
            depth += 1
            front = np.asarray(links @ front)
            front[level >= 0] = 0
            new = front > 0
            level[new] = depth
            paths += front
        share = np.zeros_like(paths)
        for at in range(depth - 1, 0, -1):
            here = level == at
            back = np.zeros_like(paths)
            np.divide(weight[:, None] + share, paths, out=back, where=here)
            share += np.where(level == at - 1, np.asarray(links @ back) * paths, 0)
        share[part, column] = 0
        share *= weight[part]
        first += share.sum(axis=1)
        second += (share**2).sum(axis=1)
    return first, second


def cut_nodes(adjacency: Matrix) -> Bools:
    """Which nodes split their component when they are taken away (articulation points).

    Leaves are taken off first: whoever has one and another neighbour is cut. What remains has as a rule few nodes.

    Args:
        adjacency: Symmetric, without self-ties.
    """
    n = adjacency.shape[0]
    indptr, indices = adjacency.indptr, adjacency.indices
    degree = np.diff(indptr)
    leaf = np.flatnonzero(degree == 1)
    host = indices[indptr[leaf]]
    cut: Bools = np.zeros(n, dtype=np.bool_)
    cut[host] = True
    cut &= degree > 1
    left = degree - np.bincount(host, minlength=n)
    left[leaf] = 0
    nodes = np.flatnonzero(left > 0)
    if len(nodes):
        place = np.full(n, -1, dtype=np.int32)
        place[nodes] = np.arange(len(nodes))
        counts = degree[nodes]
        rows = np.repeat(np.arange(len(nodes), dtype=np.int32), counts)
        at = np.arange(len(rows)) + np.repeat(indptr[nodes] - np.cumsum(counts) + counts, counts)
        columns = place[indices[at]]
        stays = columns >= 0
        ends = np.concatenate([[0], np.cumsum(left[nodes])]).astype(np.int32)
        cut[nodes] |= _articulations(rows[stays], columns[stays], ends)
    return cut


def _articulations(rows: Places, columns: Places, indptr: Places) -> Bools:
    """Articulation points after Hopcroft and Tarjan, with low points by doubling; every node has a tie."""
    n = len(indptr) - 1
    parent, number = _depth_first(columns, indptr)
    # The lowest number that a node is tied to beside its parent, then that of all below it.
    beside = np.where(columns == parent[rows], n + 1, number[columns])
    low = np.append(np.minimum(np.minimum.reduceat(beside, indptr[:-1]), number[:n]), 0)
    above = parent
    while not (above == n).all():
        before = low.copy()
        np.minimum.at(low, above, before)
        above = above[above]
    below = np.flatnonzero(parent[:n] < n)
    of = parent[below]
    root = parent[:n] == n
    cut: Bools = np.zeros(n, dtype=np.bool_)
    cut[of[~root[of] & (low[below] >= number[of])]] = True
    # No tie runs between what hangs on a root, so a root is cut where two things do.
    cut[root & (np.bincount(of, minlength=n) > 1)] = True
    return cut


def _depth_first(columns: Places, indptr: Places) -> tuple[Ints, Ints]:
    """Parent and number of each node; one node more, with the number 0, is the parent of all roots and of itself."""
    n = len(indptr) - 1
    # Of few nodes each may be a root: to look through them all takes less time than to find the components.
    roots = np.arange(n) if n <= FEW else np.unique(components(_links(columns, indptr)).label, return_index=True)[1]
    to = np.concatenate([columns, roots.astype(columns.dtype)])
    ends = np.append(indptr, len(to)).astype(indptr.dtype)
    order, before = csgraph.depth_first_order(_links(to, ends), n, directed=True)
    number: Ints = np.empty(n + 1, dtype=np.int64)
    number[order] = np.arange(n + 1)
    parent = before.astype(np.int64)
    parent[n] = n
    return parent, number


def _links(columns: Places, indptr: Places) -> Matrix:
    n = len(indptr) - 1
    links: Matrix = sparse.csr_array((np.ones(len(columns)), columns, indptr), shape=(n, n))
    return links
