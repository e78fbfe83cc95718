"""A two-mode list of members as the measures take it: actors, networks, and a sparse matrix of who is listed where."""

from __future__ import annotations

import sys
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from scipy import sparse

from integgraph.analysis.measures.answers import Basis, Inputs

if TYPE_CHECKING:
    import networkx as nx

    Graph: TypeAlias = nx.Graph[Any]
    Matrix: TypeAlias = sparse.csr_array[Any, tuple[int, int]]

Node: TypeAlias = Hashable
Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
Ints: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
Bools: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]


@runtime_checkable
class HasIncidence(Protocol):
    """Anything that carries an actor × network matrix with the names of its rows and columns."""

    @property
    def actors(self) -> Any:
        """Names of the rows, or something that has them as ``ids``."""

    @property
    def networks(self) -> Any:
        """Names of the columns, likewise."""

    @property
    def matrix(self) -> Any:
        """Who is listed where; any sparse or dense matrix."""


@dataclass(frozen=True, slots=True, eq=False)
class TwoMode:
    """Who is listed where.

    Attributes:
        actors: Names of the rows.
        networks: Names of the columns.
        matrix: 1 where the actor is listed in the network; a pair that is listed twice counts once.
        ignored: Ties that join two actors, two networks, or a node with itself: they are no membership of an actor.
    """

    actors: tuple[Node, ...]
    networks: tuple[Node, ...]
    matrix: Matrix
    ignored: int = 0

    @property
    def ties(self) -> int:
        """Number of memberships."""
        return int(self.matrix.nnz)

    @property
    def sizes(self) -> Ints:
        """Members listed in each network."""
        return np.bincount(self.matrix.indices, minlength=len(self.networks)).astype(np.int64)

    @property
    def memberships(self) -> Ints:
        """Networks that list each actor."""
        return np.diff(self.matrix.indptr).astype(np.int64)

    @property
    def adjacency(self) -> Matrix:
        """The list as one symmetric graph: first the actors, then the networks."""
        corner: Any = None
        return sparse.csr_array(sparse.block_array([[corner, self.matrix], [self.matrix.T, corner]]))

    def inputs(self, basis: Basis) -> Inputs:
        """What an answer computed from this list rests on."""
        return Inputs(len(self.actors), len(self.networks), self.ties, basis.dates, basis.sources)

    def by_mode(self, scores: Sequence[Any] | np.ndarray[Any, Any]) -> dict[str, dict[Node, Any]]:
        """Scores in the order of ``adjacency`` as ``{"actors": {name: score}, "networks": …}``."""
        values = scores.tolist() if isinstance(scores, np.ndarray) else list(scores)
        n = len(self.actors)
        return {
            "actors": dict(zip(self.actors, values[:n], strict=True)),
            "networks": dict(zip(self.networks, values[n:], strict=True)),
        }

    def without(self, actors: set[Any]) -> TwoMode:
        """The list without some actors; networks stay, even where nobody is left."""
        if len(actors) == 1 and (name := next(iter(actors))) in self.actors:
            return self._without_row(self.actors.index(name))
        keep = [at for at, name in enumerate(self.actors) if name not in actors]
        return TwoMode(tuple(self.actors[at] for at in keep), self.networks, self.matrix[keep, :])

    def _without_row(self, at: int) -> TwoMode:
        """One actor is left out again and again, of long lists too; so nothing is looked at but its row."""
        start, end = int(self.matrix.indptr[at]), int(self.matrix.indptr[at + 1])
        indptr = np.concatenate([self.matrix.indptr[:at], self.matrix.indptr[at + 1 :] - (end - start)])
        indices = np.concatenate([self.matrix.indices[:start], self.matrix.indices[end:]])
        data = np.concatenate([self.matrix.data[:start], self.matrix.data[end:]])
        shape = (self.matrix.shape[0] - 1, self.matrix.shape[1])
        matrix: Matrix = sparse.csr_array((data, indices, indptr), shape=shape)
        return TwoMode(self.actors[:at] + self.actors[at + 1 :], self.networks, matrix)


def is_graph(data: Any) -> bool:
    """Whether this is a networkx graph. Where nobody has imported networkx, nothing is; a build does without it.

    >>> import networkx as nx
    >>> is_graph(nx.Graph()), is_graph([[1]])
    (True, False)
    """
    networkx = sys.modules.get("networkx")
    return networkx is not None and isinstance(data, networkx.Graph)


def two_mode(data: Any) -> TwoMode:
    """The list of members behind what measures are given.

    Args:
        data: A networkx graph whose nodes carry ``bipartite`` (0 an actor, 1 a network); or anything with ``actors``,
            ``networks`` and ``matrix``; or a matrix actors × networks, whose rows and columns are then named by number.

    Returns:
        The list. Duplicate ties count once; ties within a mode and self-ties are left out and counted.

    >>> import networkx as nx
    >>> graph = nx.Graph()
    >>> graph.add_nodes_from(["a", "b"], bipartite=0)
    >>> graph.add_node("net", bipartite=1)
    >>> graph.add_edges_from([("a", "net"), ("b", "net"), ("a", "b")])
    >>> two_mode(graph).ties, two_mode(graph).ignored
    (2, 1)
    >>> two_mode([[1, 0], [2, 1]]).ties
    3
    """
    if isinstance(data, TwoMode):
        return data
    if is_graph(data):
        return _from_graph(data)
    if isinstance(data, HasIncidence):
        return TwoMode(_names(data.actors), _names(data.networks), binary(data.matrix))
    matrix = binary(data)
    return TwoMode(tuple(range(matrix.shape[0])), tuple(range(matrix.shape[1])), matrix)


def _names(things: Any) -> tuple[Node, ...]:
    names = getattr(things, "ids", things)
    return tuple(names.tolist() if isinstance(names, np.ndarray) else names)


def binary(data: Any) -> Matrix:
    """Any matrix as a sparse one of ones."""
    given: Any = data if sparse.issparse(data) else np.atleast_2d(np.asarray(data, dtype=np.float64))
    matrix: Matrix = sparse.csr_array(given).astype(np.float64)
    if max(matrix.nnz, *matrix.shape) <= np.iinfo(np.int32).max:
        # Work on the matrix takes half the time with short numbers of rows and columns.
        short = (matrix.data, matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32))
        matrix = sparse.csr_array(short, shape=matrix.shape)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    matrix.data = np.ones_like(matrix.data)
    return matrix


def _from_graph(graph: Graph) -> TwoMode:
    modes = dict(graph.nodes(data="bipartite", default=0))
    actors = tuple(node for node, mode in modes.items() if mode == 0)
    networks = tuple(node for node, mode in modes.items() if mode != 0)
    row, column = ({name: at for at, name in enumerate(names)} for names in (actors, networks))
    rows, columns, ignored = [], [], 0
    for one, other in graph.edges():
        pair = (one, other) if modes[one] == 0 else (other, one)
        if pair[0] in row and pair[1] in column:
            rows.append(row[pair[0]])
            columns.append(column[pair[1]])
        else:
            ignored += 1
    matrix = sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=(len(actors), len(networks)))
    return TwoMode(actors, networks, binary(matrix), ignored)


@dataclass(frozen=True, slots=True, eq=False)
class OneMode:
    """Ties between actors, as a symmetric matrix without self-ties.

    Attributes:
        names: Names of rows and columns.
        matrix: Weight of each tie.
    """

    names: tuple[Node, ...]
    matrix: Matrix

    @property
    def ties(self) -> int:
        """Number of ties."""
        return int(self.matrix.nnz) // 2

    @property
    def degrees(self) -> Ints:
        """Number of ties of each actor."""
        return np.diff(self.matrix.indptr).astype(np.int64)

    def inputs(self, basis: Basis, networks: int | None = None) -> Inputs:
        """What an answer computed from these ties rests on."""
        return Inputs(len(self.names), networks, self.ties, basis.dates, basis.sources)


def one_mode(graph: Graph, weight: str | None = None) -> OneMode:
    """A one-mode networkx graph as a symmetric matrix; directions and self-ties are dropped, duplicates count once.

    Args:
        graph: Undirected or directed; of a directed pair the weights are added, as Burt's measures want it.
        weight: Name of the weight; without one every tie weighs 1.
    """
    names = tuple(graph.nodes)
    at = {name: number for number, name in enumerate(names)}
    weights: dict[tuple[int, int], float] = {}
    for one, other, data in graph.edges(data=True):
        if one != other:
            key = (min(at[one], at[other]), max(at[one], at[other]))
            heavy = float(data.get(weight, 1)) if weight else 1.0
            weights[key] = weights.get(key, 0.0) + heavy if weight else 1.0
    pairs = np.array(list(weights), dtype=np.int64).reshape(-1, 2)
    values = np.array(list(weights.values()), dtype=np.float64)
    half = sparse.coo_array((values, (pairs[:, 0], pairs[:, 1])), shape=(len(names), len(names)))
    return OneMode(names, sparse.csr_array(half + half.T))


def as_one_graph(data: Any) -> tuple[OneMode, int | None]:
    """Any data as one graph, and how many of its nodes are networks, where it is a two-mode list.

    Args:
        data: A networkx graph of either kind, or a two-mode list or matrix; of the latter the nodes are named by
            actors first, then networks.

    >>> graph, networks = as_one_graph([[1], [1]])
    >>> graph.ties, networks
    (2, 1)
    """
    if is_graph(data):
        modes = [mode for _, mode in data.nodes(data="bipartite")]
        return one_mode(data), sum(mode == 1 for mode in modes) if 1 in modes else None
    lists = two_mode(data)
    both = set(lists.actors) & set(lists.networks)
    # A network that is listed in another is two nodes, as in the graphs of ``cooperation``.
    actors = (f"{name}#as-member" if name in both else name for name in lists.actors)
    return OneMode((*actors, *lists.networks), lists.adjacency), len(lists.networks)


def graph_inputs(graph: OneMode, networks: int | None, basis: Basis) -> Inputs:
    """What an answer on such a graph rests on: networks are not counted among the actors."""
    return Inputs(len(graph.names) - (networks or 0), networks, graph.ties, basis.dates, basis.sources)


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """The different rows of a matrix, and how often each occurs: most actors are listed in one network only.

    Attributes:
        matrix: Each different row once.
        times: How often it occurs.
        row: Which of them each row of the whole matrix is.
    """

    matrix: Matrix
    times: Ints
    row: Ints


def patterns(matrix: Matrix) -> Patterns:
    """The different rows of a sparse matrix of ones.

    >>> found = patterns(binary([[1, 0], [1, 1], [1, 0]]))
    >>> found.times.tolist(), found.row.tolist()
    ([2, 1], [0, 1, 0])
    """
    ordered = matrix.copy()
    ordered.sort_indices()
    places: dict[bytes, int] = {}
    firsts: list[int] = []
    row = np.zeros(matrix.shape[0], dtype=np.int64)
    for at in range(matrix.shape[0]):
        key = ordered.indices[ordered.indptr[at] : ordered.indptr[at + 1]].tobytes()
        if key not in places:
            places[key] = len(firsts)
            firsts.append(at)
        row[at] = places[key]
    return Patterns(ordered[firsts], np.bincount(row, minlength=len(firsts)).astype(np.int64), row)
