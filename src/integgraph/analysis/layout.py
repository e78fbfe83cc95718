"""Where to draw the nodes of a graph, so that what is joined lies near. Positions have no meaning beyond that.

Each component is laid out by itself: distances to some pivots give a first picture (PivotMDS), then ties pull and
nodes push each other apart (Fruchterman and Reingold) until they have settled. Pushes of what is far away are summed
up by the cells of a grid. The components are then set in rows, largest first. The same graph always gives the same
picture.

>>> import numpy as np
>>> places = layout(3, np.array([[0, 1], [1, 2]]))
>>> places.shape, bool(np.abs(places).max() <= 1.0)
((3, 2), True)

Sources: Brandes, U. & Pich, C. (2007) Eigensolver methods for progressive multidimensional scaling of large data.
Graph Drawing 2006, 42–53; Fruchterman, T. & Reingold, E. (1991) Graph drawing by force-directed placement. Software:
Practice and Experience 21, 1129–1164.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from integgraph.errors import Unprocessable

Points = np.ndarray[Any, np.dtype[np.float64]]
MOST_NODES = 50_000
"""More are refused: nobody can read such a picture, and it would take minutes."""
_PIVOTS = 40
_ROUNDS, _SMALL, _ROUNDS_OF_SMALL = 70, 60, 40
"""Nodes of a small component at most; after so many rounds it comes no nearer to the lengths of its paths."""
_CELLS = 14
"""Cells of the grid along one side."""
_CROWD = 12.0
"""How many nodes around one push it singly."""
_GAP = 1.6
"""Room between components, in the length of a tie."""


def layout(size: int, ties: np.ndarray[Any, np.dtype[np.integer[Any]]], seed: int = 0) -> Points:
    """Positions of the nodes of an undirected graph.

    Args:
        size: How many nodes.
        ties: One row a tie, shape (ties, 2): the numbers of its nodes. Directions, self-ties and repetitions are
            disregarded.
        seed: Of what is random at the beginning.

    Returns:
        Shape (size, 2): x to the right and y upwards, both from -1 to 1 with one scale.

    Raises:
        Unprocessable: there are more than 50,000 nodes, or a tie names a node that is none.
    """
    if size > MOST_NODES:
        raise Unprocessable(f"{size:,} nodes are too many to be drawn; at most {MOST_NODES:,} are.")
    pairs = np.asarray(ties, dtype=np.int64).reshape(-1, 2)
    if len(pairs) and (pairs.min() < 0 or pairs.max() >= size):
        raise Unprocessable("A tie names a node that is none.")
    if size == 0:
        return np.zeros((0, 2))
    graph = _adjacency(size, pairs)
    number, labels = csgraph.connected_components(graph, directed=False)
    order = np.argsort(labels, kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(labels, minlength=number))[:-1])
    rng = np.random.default_rng(seed)
    drawn = [_component(graph[part][:, part], rng) for part in parts]
    return _to_unit(_packed(size, parts, drawn))


def _adjacency(size: int, pairs: np.ndarray[Any, np.dtype[np.int64]]) -> sp.csr_array:
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    ones = np.ones(2 * len(pairs))
    ends = np.concatenate([pairs, pairs[:, ::-1]])
    graph = sp.csr_array((ones, (ends[:, 0], ends[:, 1])), shape=(size, size))
    graph.sum_duplicates()
    graph.data[:] = 1.0
    return graph


# ---------------------------------------------------------------------------------------------------------------------
# One component; a tie has length 1


def _component(graph: sp.csr_array, rng: np.random.Generator) -> Points:
    size = graph.shape[0]
    if size == 1:
        return np.zeros((1, 2))
    if size == 2:
        return np.array([[-0.5, 0.0], [0.5, 0.0]])
    points = _by_pivots(graph, rng)
    return _settled(graph, points, _ROUNDS if size > _SMALL else _ROUNDS_OF_SMALL)


def _by_pivots(graph: sp.csr_array, rng: np.random.Generator) -> Points:
    """A first picture: pivots lie as far apart as can be, and each node is placed by its distances to them."""
    size = graph.shape[0]
    distances = np.empty((size, min(_PIVOTS, size)))
    nearest = np.full(size, np.inf)
    pivot = int(np.argmax(np.diff(graph.indptr)))
    for at in range(distances.shape[1]):
        found = csgraph.dijkstra(graph, directed=False, indices=np.array([pivot]), unweighted=True)[0]
        distances[:, at] = found
        nearest = np.minimum(nearest, found)
        pivot = int(np.argmax(nearest))
    squares = distances**2
    centred = squares - squares.mean(0) - squares.mean(1, keepdims=True) + squares.mean()
    _, vectors = np.linalg.eigh(centred.T @ centred)
    points = centred @ vectors[:, -2:][:, ::-1]
    spread = points.std(0)
    spread[spread == 0] = 1.0
    points = points / spread * np.sqrt(size) / 3
    # What has the same distances to all pivots would lie in one place.
    return np.asarray(points + rng.normal(0, 0.05 * np.sqrt(size) / 3 + 0.05, points.shape))


def _settled(graph: sp.csr_array, points: Points, rounds: int) -> Points:
    """Let ties pull (square of the distance) and nodes push (one over the distance) until moves are small."""
    pull = sp.csr_array(graph)
    first, second = (side.astype(np.int64) for side in sp.triu(graph).nonzero())
    degrees = np.maximum(np.diff(pull.indptr), 1).astype(float)
    weight = 1.0 / np.sqrt(np.minimum(degrees[first], degrees[second]))
    heat = max(1.0, np.sqrt(len(points)) / 6)
    cooling = (0.02 / heat) ** (1 / rounds)
    for _ in range(rounds):
        force = _pushes(points)
        ends = points[second] - points[first]
        length = np.sqrt((ends**2).sum(1, keepdims=True))
        pulled = ends * length * weight[:, None]
        for axis in range(2):
            force[:, axis] += np.bincount(first, pulled[:, axis], len(points))
            force[:, axis] -= np.bincount(second, pulled[:, axis], len(points))
        strength = np.sqrt((force**2).sum(1, keepdims=True)) + 1e-9
        points = points + force / strength * np.minimum(strength, heat)
        heat *= cooling
    return np.asarray(points - points.mean(0))


def _pushes(points: Points) -> Points:
    """How all nodes push each: one by one in the own and the neighbouring cells, by the cell in all others."""
    low, high = points.min(0), points.max(0)
    side = max(float((high - low).max()) / _CELLS, 1e-6)
    cells = np.minimum(((points - low) / side).astype(np.int64), _CELLS - 1)
    cell = cells[:, 0] * _CELLS + cells[:, 1]
    count = np.bincount(cell, minlength=_CELLS**2)
    used = np.flatnonzero(count)
    number = count[used]
    middle = np.stack([np.bincount(cell, points[:, axis], _CELLS**2)[used] / number for axis in range(2)], 1)
    # Nodes × cells in single precision, in place: |p - m|² = |p|² - 2 p·m + |m|².
    here, there = points.astype(np.float32), middle.astype(np.float32)
    weight = here @ (-2 * there.T)
    weight += (here**2).sum(1)[:, None]
    weight += (there**2).sum(1)
    np.maximum(weight, np.float32(1e-3), out=weight)
    np.divide(number.astype(np.float32), weight, out=weight)
    weight *= _FAR[cell][:, used]
    force = here * weight.sum(1, keepdims=True) - weight @ there
    return np.asarray(force, dtype=np.float64) + _near_pushes(points, count, side)


def _far() -> np.ndarray[Any, np.dtype[np.float32]]:
    """1 for two cells that are no neighbours, else 0."""
    across, down = np.divmod(np.arange(_CELLS**2), _CELLS)
    apart = np.maximum(np.abs(across[:, None] - across), np.abs(down[:, None] - down))
    return np.asarray(apart > 1, dtype=np.float32)


_FAR = _far()


def _near_pushes(points: Points, count: np.ndarray[Any, np.dtype[np.int64]], side: float) -> Points:
    # Where a cell is crowded, only what is really near pushes singly; the rest of the crowd would cost its square.
    crowd = float((count.astype(float) ** 2).sum()) / len(points)
    reach = side * min(1.0, np.sqrt(_CROWD / crowd))
    pairs = cKDTree(points).query_pairs(reach, output_type="ndarray")
    force = np.zeros_like(points)
    if len(pairs):
        first, second = pairs[:, 0], pairs[:, 1]
        apart = points[first] - points[second]
        pushed = apart / ((apart**2).sum(1, keepdims=True) + 1e-3)
        for axis in range(2):
            force[:, axis] += np.bincount(first, pushed[:, axis], len(points))
            force[:, axis] -= np.bincount(second, pushed[:, axis], len(points))
    return force


# ---------------------------------------------------------------------------------------------------------------------
# All components beside each other


def _packed(size: int, parts: list[np.ndarray[Any, np.dtype[np.int64]]], drawn: list[Points]) -> Points:
    """Components in rows, the largest first; none lies over another."""
    boxes = [(np.ptp(each, 0) + _GAP) for each in drawn]
    order = sorted(range(len(parts)), key=lambda at: (-len(parts[at]), int(parts[at][0])))
    width = max(1.25 * float(np.sqrt(sum(box.prod() for box in boxes))), float(max(box[0] for box in boxes)))
    places = np.zeros((size, 2))
    x = y = row = 0.0
    for at in order:
        box = boxes[at]
        if x > 0 and x + box[0] > width:
            x, y, row = 0.0, y - row, 0.0
        places[parts[at]] = drawn[at] - drawn[at].min(0) + [x + _GAP / 2, y - box[1] + _GAP / 2]
        x += box[0]
        row = max(row, float(box[1]))
    return places


def _to_unit(points: Points) -> Points:
    low, high = points.min(0), points.max(0)
    scale = max(float((high - low).max()) / 2, 1e-9)
    return np.asarray((points - (low + high) / 2) / scale)
