"""Natural clusters of actors and networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from integgraph.analysis.measures.answers import (
    NO_MEMBERS,
    NOTHING_GIVEN,
    ONE_LIST,
    Answer,
    Basis,
    Measure,
    Text,
    number,
    percent,
)
from integgraph.analysis.measures.moves import partition
from integgraph.analysis.measures.nullmodels import FEWEST, against_chance, curveball
from integgraph.analysis.measures.twomode import Ints, Node, TwoMode, two_mode

if TYPE_CHECKING:
    from integgraph.analysis.measures.twomode import Matrix

MODULES = Measure("modules", Text("Modules", "Module"), Text("Natural clusters?", "Natürliche Gruppen?"))
NODES_FROM = 25
"""From how many actors and networks together on modules say something."""
SMALL = 500
"""Up to so many nodes many restarts are cheap, and whole modes take turns; above, nodes move one by one."""
NODES_MOVED = 25_000
"""As many nodes above ``SMALL`` are moved over all restarts, unless five of them take more."""
RANDOM_UP_TO = 100
"""Up to so many networks some restarts begin from random labels."""
CALM = 20
"""So many restarts without a better partition end the search."""


@dataclass(frozen=True, slots=True)
class Modules:
    """A partition of actors and networks.

    Attributes:
        q: Barber's modularity.
        actors: Module of each actor.
        networks: Module of each network.
        count: How many modules there are; who is listed nowhere is in none of them.
        stability: Mean likeness of the other restarts' partitions to this one (adjusted Rand index).
        z: How many deviations Q lies above that of shuffled lists; ``None`` where it was not asked for, or where there
            are too few different shuffles.
    """

    q: float
    actors: dict[Node, int]
    networks: dict[Node, int]
    count: int
    stability: float
    z: float | None


def modules(
    data: Any, *, restarts: int | None = None, shuffles: int = 0, seed: int = 0, basis: Basis = NOTHING_GIVEN
) -> Answer[Modules]:
    """Which actors and networks belong together more than chance would have it.

    Definition: the partition of both modes with the highest bipartite modularity that was found.
    Formula: Q = (1/e) Σ_ij (A_ij − k_i·d_j/e) over pairs of one module.
    States: *value* from 25 actors and networks together on; *forced* for one network; *too small* below 25; *unknown*
        without members. The words say how far the restarts agree, and where shuffled lists have as high a Q.
    Caveat: a high Q is found in random lists too: look at ``z``. The search is a heuristic: it takes turns between the
        modes, merges modules and starts again from a disturbed or a random partition. Of more than 500 nodes each
        moves to the best module near it, then modules move as one, and starts differ by the order.
    Reference: Barber, M. J. (2007) Modularity and community detection in bipartite networks. Physical Review E 76,
        066102; Beckett, S. J. (2016) Improved community detection in weighted bipartite networks. Royal Society Open
        Science 3, 140536; for long lists Blondel, V. D. et al. (2008) Fast unfolding of communities in large networks.
        Journal of Statistical Mechanics P10008.

    Args:
        data: A two-mode graph or matrix.
        restarts: How often to begin anew; by default 200 up to 500 nodes, above that 50 and ever fewer, at least 5.
        shuffles: How many shuffled lists to compare with; 0 for none.
        seed: Of the draws.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> found = modules(nx.davis_southern_women_graph()).found
    >>> round(found.q, 4), found.count
    (0.3455, 4)
    """
    lists = two_mode(data)
    inputs = lists.inputs(basis)
    if lists.ties == 0:
        return MODULES.unknown(inputs, NO_MEMBERS)
    if len(lists.actors) + len(lists.networks) < NODES_FROM:
        few = Text(
            f"it takes {NODES_FROM} actors and networks together",
            f"es braucht zusammen {NODES_FROM} Akteure und Netzwerke",
        )
        return MODULES.too_small(inputs, few)
    found = find_modules(lists, restarts=restarts, shuffles=shuffles, seed=seed)
    if len(lists.networks) == 1:
        return MODULES.forced(found, inputs, ONE_LIST)
    q, alike = number(found.q), percent(max(0.0, found.stability))
    en = f"{found.count} modules were found (Q = {q.en}); other runs agree to {alike.en}."
    de = f"Es fanden sich {found.count} Module (Q = {q.de}); andere Läufe stimmen zu {alike.de} überein."
    if found.count < 2:
        en, de = "No separate modules were found.", "Es fanden sich keine getrennten Module."
    elif found.z is not None and found.z < 2:
        en, de = f"{en} Shuffled lists are as modular.", f"{de} Gemischte Listen sind ebenso modular."
    return MODULES.value(found, inputs, Text(en, de), seed=seed, shuffles=shuffles)


def barber_q(data: Any, actors: Mapping[Node, int], networks: Mapping[Node, int]) -> float:
    """The modularity of a given partition of both modes.

    >>> barber_q([[1, 0], [0, 1]], {0: 0, 1: 1}, {0: 0, 1: 1})
    0.5
    """
    lists = two_mode(data)
    place: dict[int, int] = {}
    row = np.array([place.setdefault(actors[name], len(place)) for name in lists.actors], dtype=np.int64)
    column = np.array([place.setdefault(networks[name], len(place)) for name in lists.networks], dtype=np.int64)
    return _quality(_Ties.of(lists.matrix), row, column)


def find_modules(data: Any, *, restarts: int | None = None, shuffles: int = 0, seed: int = 0) -> Modules:
    """The partition behind ``modules``, of a list of any size that has members."""
    lists = two_mode(data)
    size = len(lists.actors) + len(lists.networks)
    times = restarts if restarts is not None else 200 if size <= SMALL else max(5, NODES_MOVED // size)
    rng = np.random.default_rng(seed)
    best, row, column, others = _search(lists.matrix, times, rng)
    labels = np.unique(np.concatenate([row, column]), return_inverse=True)[1]
    rows, columns = labels[: len(row)], labels[len(row) :]
    alike = [_rand(np.concatenate(each), labels) for each in others]
    z = _z(lists, best, shuffles, seed) if shuffles else None
    return Modules(
        best,
        dict(zip(lists.actors, rows.tolist(), strict=True)),
        dict(zip(lists.networks, columns.tolist(), strict=True)),
        len(set(rows[lists.memberships > 0].tolist()) | set(columns[lists.sizes > 0].tolist())),
        float(np.mean(alike)) if alike else 1.0,
        z,
    )


def _z(lists: TwoMode, observed: float, shuffles: int, seed: int) -> float | None:
    drawn, seen = [], set()
    for shuffled in curveball(lists, shuffles, seed):
        rng = np.random.default_rng(seed)
        drawn.append(_search(shuffled.matrix, 10, rng)[0])
        seen.add(hash(shuffled.matrix.indices.tobytes()))
    return against_chance(observed, np.array(drawn), len(seen)).z if len(seen) >= FEWEST else None


@dataclass(frozen=True, slots=True, eq=False)
class _Ties:
    row: Ints
    column: Ints
    row_degree: Ints
    column_degree: Ints

    @classmethod
    def of(cls, matrix: Matrix) -> _Ties:
        ties = sparse.coo_array(matrix)
        row, column = ties.row.astype(np.int64), ties.col.astype(np.int64)
        n, m = matrix.shape
        return cls(row, column, np.bincount(row, minlength=n), np.bincount(column, minlength=m))


def _quality(ties: _Ties, row: Ints, column: Ints) -> float:
    e = len(ties.row)
    if e == 0:
        return 0.0
    count = int(max(row.max(), column.max())) + 1
    inside = float((row[ties.row] == column[ties.column]).sum())
    left = np.bincount(row, ties.row_degree, minlength=count)
    right = np.bincount(column, ties.column_degree, minlength=count)
    return inside / e - float(left @ right) / e**2


def _search(
    matrix: Matrix, restarts: int, rng: np.random.Generator
) -> tuple[float, Ints, Ints, list[tuple[Ints, Ints]]]:
    """The best partition of several starts, and those of the other starts."""
    ties = _Ties.of(matrix)
    nothing: Ints = np.zeros(0, dtype=np.int64)
    best, calm = -1.0, 0
    kept: tuple[Ints, Ints] = (nothing, nothing)
    found: list[tuple[Ints, Ints]] = []
    for start in range(max(1, restarts)):
        if sum(matrix.shape) > SMALL:
            row, column = partition(matrix, rng if start else None)
        else:
            row, column = _climb(ties, _beginning(start, len(ties.column_degree), kept[1], rng))
        q = _quality(ties, row, column)
        found.append((row, column))
        calm += 1
        if q > best + 1e-12:
            best, kept, calm = q, (row, column), 0
        if calm >= max(CALM, restarts // 2):
            break
    others = [each for each in found if each is not kept and each[0] is not kept[0]]
    return best, kept[0], kept[1], others[:50]


def _beginning(start: int, m: int, best: Ints, rng: np.random.Generator) -> Ints:
    """Where a run begins: each network by itself, then by turns a disturbed best and a random partition."""
    if start == 0 or m < 2:
        return np.arange(m, dtype=np.int64)
    # Random labels help where there are few networks; among many they end far below the best.
    if start % 2 or m > RANDOM_UP_TO:
        column = best.copy()
        moved = rng.random(m) < rng.uniform(0.05, 0.5 if m <= RANDOM_UP_TO else 0.25)
        column[moved] = int(best.max()) + 1 + np.arange(int(moved.sum()))
        return column
    return rng.integers(1, 1 + rng.integers(2, max(3, min(m, 30))), size=m)


def _climb(ties: _Ties, column: Ints) -> tuple[Ints, Ints]:
    """Take turns between the modes and merge modules until nothing helps."""
    turned = _Ties(ties.column, ties.row, ties.column_degree, ties.row_degree)
    n = len(ties.row_degree)
    row, column = _settle(ties, turned, np.full(n, -1, dtype=np.int64), column)
    while True:
        merged_row, merged_column, merged = _merge(ties, row, column)
        if not merged:
            return row, column
        row, column = _settle(ties, turned, merged_row, merged_column)


def _settle(ties: _Ties, turned: _Ties, row: Ints, column: Ints) -> tuple[Ints, Ints]:
    quality = -1.0
    while True:
        row = _assign(ties, column, row)
        column = _assign(turned, row, column)
        now = _quality(ties, row, column)
        if now <= quality + 1e-12:
            return row, column
        quality = now


def _assign(ties: _Ties, column: Ints, row: Ints) -> Ints:
    """The best module of each row, given those of the columns: rows do not depend on each other."""
    n, e = len(ties.row_degree), len(ties.row)
    if e == 0:
        return np.arange(n, dtype=np.int64)
    count = int(column.max()) + 1
    weight = np.bincount(column, ties.column_degree, minlength=count)
    keys, links = np.unique(ties.row * count + column[ties.column], return_counts=True)
    at, module = keys // count, keys % count
    gain = links - ties.row_degree[at] * weight[module] / e
    # Of equal gains the module that the row is in already, so that turns come to an end.
    gain = gain + 1e-9 * (row[at] == module)
    order = np.lexsort((module, -gain, at))
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = at[order][1:] != at[order][:-1]
    chosen = order[first]
    best = count + np.arange(n, dtype=np.int64)
    helpful = gain[chosen] > -1e-12
    best[at[chosen[helpful]]] = module[chosen[helpful]]
    return best


def _merge(ties: _Ties, row: Ints, column: Ints) -> tuple[Ints, Ints, bool]:
    """Merge pairs of modules that are each other's best partner, as long as that helps."""
    e = len(ties.row)
    labels = np.unique(np.concatenate([row, column]), return_inverse=True)[1].astype(np.int64)
    row, column = labels[: len(row)], labels[len(row) :]
    merged = False
    while e:
        count = int(max(row.max(), column.max())) + 1
        left = np.bincount(row, ties.row_degree, minlength=count)
        right = np.bincount(column, ties.column_degree, minlength=count)
        one, other = row[ties.row], column[ties.column]
        apart = one != other
        low, high = np.minimum(one, other)[apart], np.maximum(one, other)[apart]
        keys, links = np.unique(low * count + high, return_counts=True)
        a, b = keys // count, keys % count
        gain = links - (left[a] * right[b] + left[b] * right[a]) / e
        good = gain > 1e-9
        if not good.any():
            break
        a, b, gain = a[good], b[good], gain[good]
        target = _mutual(a, b, gain, count)
        row, column = target[row], target[column]
        labels = np.unique(np.concatenate([row, column]), return_inverse=True)[1].astype(np.int64)
        row, column = labels[: len(row)], labels[len(row) :]
        merged = True
    return row, column, merged


def _mutual(a: Ints, b: Ints, gain: Any, count: int) -> Ints:
    """Where each module goes: with its best partner, if that one's best partner is it."""
    ends, partners, gains = np.concatenate([a, b]), np.concatenate([b, a]), np.concatenate([gain, gain])
    pair = np.minimum(ends, partners) * count + np.maximum(ends, partners)
    order = np.lexsort((pair, -gains, ends))
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = ends[order][1:] != ends[order][:-1]
    best = np.full(count, -1, dtype=np.int64)
    best[ends[order[first]]] = partners[order[first]]
    target = np.arange(count, dtype=np.int64)
    have = np.flatnonzero(best >= 0)
    both = have[best[best[have]] == have]
    target[both] = np.minimum(both, best[both])
    return target


def _rand(one: Ints, other: Ints) -> float:
    """The adjusted Rand index of two partitions (Hubert and Arabie 1985)."""
    first = np.unique(one, return_inverse=True)[1]
    second = np.unique(other, return_inverse=True)[1]
    cells = np.unique(first * (int(second.max()) + 1) + second, return_counts=True)[1].astype(np.float64)
    rows, columns = (np.bincount(each).astype(np.float64) for each in (first, second))
    pairs, left, right = ((each * (each - 1) / 2).sum() for each in (cells, rows, columns))
    n = len(one)
    expected = left * right / max(1.0, n * (n - 1) / 2)
    most = (left + right) / 2
    return float((pairs - expected) / (most - expected)) if most > expected else 1.0
