"""Shortest paths on sparse matrices: distances, betweenness, what falls apart.

Most actors are listed in one network only. Such a leaf is as far from everything as its network plus one step, so the
work is done on the *core*, the graph without its leaves, in which each node weighs itself and its leaves. Distances are
found for 64 sources a machine word at a time.

Leaves in betweenness: Sariyüce, A. E., Saule, E., Kaya, K. & Çatalyürek, Ü. V. (2013) Shattering and compressing
networks for betweenness centrality. SDM. Cut nodes: Tarjan, R. E. & Vishkin, U. (1985) An efficient parallel
biconnectivity algorithm. SIAM Journal on Computing 14, 862–874.
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

BATCH_BYTES = 1 << 25
"""Most memory that one batch of sources takes."""


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
    n = matrix.shape[0]
    total, reach = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    linked = np.flatnonzero(np.diff(matrix.indptr) > 0)
    starts = matrix.indptr[linked]
    words = max(1, BATCH_BYTES // (8 * max(1, matrix.nnz + 2 * n)))
    sources, heavy = _by_weight(weight)
    for first in range(0, len(heavy), words):
        part, heavies = sources[first * 64 : (first + words) * 64], heavy[first : first + words]
        seen = np.zeros((n, len(heavies)), dtype=np.uint64)
        used = np.flatnonzero(part >= 0)
        bits = np.left_shift(np.uint64(1), (used % 64).astype(np.uint64))
        np.bitwise_or.at(seen, (part[used], used // 64), bits)
        front, level = seen.copy(), 0
        while len(linked):
            level += 1
            reached = np.zeros_like(seen)
            reached[linked] = np.bitwise_or.reduceat(front[matrix.indices], starts, axis=0)
            reached &= ~seen
            counts = np.bitwise_count(reached)
            if not counts.any():
                break
            seen |= reached
            total += level * (counts @ heavies)
            far = np.where(counts > 0, level + (heavies > 1), 0).max(axis=1)
            np.maximum(reach, far, out=reach)
            front = reached
    return total, reach


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

    Args:
        adjacency: Symmetric, without self-ties.
    """
    n = adjacency.shape[0]
    cut = np.zeros(n, dtype=np.bool_)
    if n < 3:
        return cut
    tree = _spanning_tree(adjacency)
    first, last = _reach(adjacency, tree)
    one, other = _same_block(adjacency, tree, first, last)
    links = sparse.coo_array((np.ones(len(one)), (one, other)), shape=(n, n))
    _, block = csgraph.connected_components(links, directed=False)
    below = np.flatnonzero(tree.parent >= 0)
    above = tree.parent[below]
    inner = tree.parent[above] >= 0
    # A node is cut where a child's block is not the one of the tie to its own parent.
    cut[above[inner & (block[below] != block[above])]] = True
    roots, blocks = above[~inner], block[below[~inner]]
    pairs = np.unique(np.stack([roots, blocks]), axis=1)
    several, times = np.unique(pairs[0], return_counts=True)
    cut[several[times > 1]] = True
    return cut


@dataclass(frozen=True, slots=True, eq=False)
class _Tree:
    """A breadth-first tree of each component.

    Attributes:
        parent: Of each node; −1 for roots.
        layers: Nodes by distance from their root.
        number: Of each node in preorder; a subtree is a run of numbers.
        size: Of the subtree of each node.
    """

    parent: Ints
    layers: list[Ints]
    number: Ints
    size: Ints


def _spanning_tree(adjacency: Matrix) -> _Tree:
    n = adjacency.shape[0]
    found = components(adjacency)
    roots = np.unique(found.label, return_index=True)[1].astype(np.int64)
    parent, seen = np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=np.bool_)
    seen[roots] = True
    layers, layer = [roots], roots
    while True:
        counts = np.diff(adjacency.indptr)[layer]
        by = np.repeat(layer, counts)
        starts = np.repeat(adjacency.indptr[layer] - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
        to = adjacency.indices[starts + np.arange(len(by))].astype(np.int64)
        fresh = ~seen[to]
        nodes, at = np.unique(to[fresh], return_index=True)
        if len(nodes) == 0:
            break
        parent[nodes] = by[fresh][at]
        seen[nodes] = True
        layers.append(nodes)
        layer = nodes
    size = np.ones(n, dtype=np.int64)
    for nodes in reversed(layers[1:]):
        np.add.at(size, parent[nodes], size[nodes])
    number = np.zeros(n, dtype=np.int64)
    number[roots] = np.cumsum(size[roots]) - size[roots]
    for nodes in layers[1:]:
        order = nodes[np.argsort(parent[nodes], kind="stable")]
        before = np.cumsum(size[order]) - size[order]
        _, at, counts = np.unique(parent[order], return_index=True, return_counts=True)
        number[order] = number[parent[order]] + 1 + before - np.repeat(before[at], counts)
    return _Tree(parent, layers, number, size)


def _reach(adjacency: Matrix, tree: _Tree) -> tuple[Ints, Ints]:
    """The lowest and highest number that a node's subtree is tied to beside the tree."""
    n = len(tree.parent)
    first, last = tree.number.copy(), tree.number.copy()
    by = np.repeat(np.arange(n), np.diff(adjacency.indptr))
    to = adjacency.indices
    beside = (tree.parent[by] != to) & (tree.parent[to] != by)
    np.minimum.at(first, by[beside], tree.number[to[beside]])
    np.maximum.at(last, by[beside], tree.number[to[beside]])
    for nodes in reversed(tree.layers[1:]):
        np.minimum.at(first, tree.parent[nodes], first[nodes])
        np.maximum.at(last, tree.parent[nodes], last[nodes])
    return first, last


def _same_block(adjacency: Matrix, tree: _Tree, first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Pairs of tree ties, each named by its lower node, that lie in one block."""
    by = np.repeat(np.arange(len(tree.parent)), np.diff(adjacency.indptr)).astype(np.int64)
    to = adjacency.indices.astype(np.int64)
    apart = tree.number[by] + tree.size[by] <= tree.number[to]
    below = np.flatnonzero(tree.parent >= 0)
    above = tree.parent[below]
    outside = (first[below] < tree.number[above]) | (last[below] >= tree.number[above] + tree.size[above])
    inner = (tree.parent[above] >= 0) & outside
    return np.concatenate([by[apart], below[inner]]), np.concatenate([to[apart], above[inner]])
