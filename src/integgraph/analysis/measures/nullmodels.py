"""What chance would give: lists with the same numbers of members and memberships, shuffled or in expectation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
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
from integgraph.analysis.measures.pairs import BUCKETS, meeting
from integgraph.analysis.measures.twomode import Bools, Floats, Ints, TwoMode, binary, two_mode
from integgraph.errors import Unprocessable

if TYPE_CHECKING:
    from integgraph.analysis.measures.twomode import Matrix

SIZE_FAIR = Measure(
    "size-fair",
    Text("Comparison with chance", "Vergleich mit dem Zufall"),
    Text("Unusual for its size?", "Ungewöhnlich für seine Größe?"),
)
SHUFFLES = 1_000
FEWEST = 20
"""Below so many different shuffles a comparison with chance says nothing."""
TRADES = 5
"""Trades for each row between two shuffles."""
CURVEBALL_UP_TO = 100
"""Above so many memberships many ties change ends at a time, which is faster."""
FULLEST = 0.1
"""Density up to which many ties change ends at a time; in fuller lists too many of them could not."""


@dataclass(frozen=True, slots=True)
class AgainstChance:
    """Where a number lies among those of shuffled lists.

    Attributes:
        observed: The number.
        mean: Mean of the shuffles.
        deviation: Their standard deviation.
        z: How many deviations the number lies above the mean; ``None`` where all shuffles give the same.
        percentile: Share of shuffles that lie below it, equals counting half, from 0 to 100.
        low: The 2.5th percentile of the shuffles.
        high: The 97.5th.
        distinct: How many different shuffled lists were seen.
    """

    observed: float
    mean: float
    deviation: float
    z: float | None
    percentile: float
    low: float
    high: float
    distinct: int


def size_fair(
    data: Any,
    statistic: Callable[[TwoMode], float | None],
    what: Text | None = None,
    *,
    at_once: Callable[[TwoMode], Callable[[Ints], Floats]] | None = None,
    shuffles: int = SHUFFLES,
    seed: int = 0,
    basis: Basis = NOTHING_GIVEN,
) -> Answer[AgainstChance]:
    """Whether a number is unusual for lists of these lengths.

    Definition: where the number lies among those of lists that were shuffled so that each network keeps its number of
        members and each actor its number of memberships.
    Formula: z = (x − mean) / deviation; percentile = share of shuffles below x, equals counting half.
    States: *value* where twenty or more different shuffles were seen; *too small* below; *unknown* without members, or
        where the number is not defined for the lists or for a shuffle.
    Caveat: numbers that the margins fix, such as density and degrees, cannot differ from chance. Not a ranking of
        quality. Up to 100 memberships, and in lists that are more than a tenth full, lists are shuffled by curveball;
        else many ties change ends at a time (``switched``).
    Reference: Anderson, B. S., Butts, C. & Carley, K. (1999) The interaction of size and density with graph-level
        indices. Social Networks 21, 239–267; Strona, G., Nappo, D., Boccacci, F., Fattorini, S. & San-Miguel-Ayanz, J.
        (2014) A fast and unbiased procedure to randomize ecological binary matrices. Nature Communications 5, 4114.

    Args:
        data: A two-mode graph or matrix.
        statistic: The number of a list, such as ``robins_alexander``.
        what: What the number is called.
        at_once: The same number for many lists at once, where there is a faster way: given lists, what takes the
            networks of all ties, one row for each list, and gives its numbers, such as ``shared_pairs_at_once``.
        shuffles: How many shuffles to draw, at least 1,000 for a number to be quoted.
        seed: Of the draw.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> from integgraph.analysis.measures.closure import robins_alexander
    >>> answer = size_fair(nx.davis_southern_women_graph(), robins_alexander, shuffles=200)
    >>> answer.found.z > 2
    True
    >>> str(size_fair([[1, 0], [0, 1]], robins_alexander).state)
    'unknown'
    """
    lists = two_mode(data)
    inputs = lists.inputs(basis)
    if lists.ties == 0:
        return SIZE_FAIR.unknown(inputs, NO_MEMBERS)
    observed = statistic(lists)
    undefined = Text("the number is not defined for these lists", "die Zahl ist für diese Listen nicht bestimmt")
    if observed is None:
        return SIZE_FAIR.unknown(inputs, undefined)
    sparse_enough = lists.ties <= FULLEST * lists.matrix.shape[0] * lists.matrix.shape[1]
    draw = switched if lists.ties > CURVEBALL_UP_TO and sparse_enough else curveball
    drawn: list[float | None] = []
    seen: set[int] = set()
    told_apart = _fingerprints(lists)
    if at_once is not None and draw is switched:
        count = at_once(lists)
        for ends in _ends(lists, shuffles, seed):
            drawn.extend(count(ends).tolist())
            seen.update(told_apart(ends))
    else:
        for shuffled in draw(lists, shuffles, seed):
            drawn.append(statistic(shuffled))
            seen.update(told_apart(shuffled.matrix.indices[None].astype(np.int64)))
    if len(seen) < FEWEST:
        few = Text(
            f"only {len(seen)} different lists have these lengths; it takes {FEWEST}",
            f"nur {len(seen)} verschiedene Listen haben diese Längen; es braucht {FEWEST}",
        )
        return SIZE_FAIR.too_small(inputs, few, distinct=len(seen))
    defined = [each for each in drawn if each is not None]
    if len(defined) < len(drawn):
        return SIZE_FAIR.unknown(inputs, undefined)
    found = against_chance(observed, np.array(defined), len(seen))
    return SIZE_FAIR.value(found, inputs, _in_words(found, what), shuffles=shuffles, seed=seed, drawn_by=draw.__name__)


def against_chance(observed: float, drawn: Floats, distinct: int) -> AgainstChance:
    """Where a number lies among drawn ones."""
    deviation = float(drawn.std(ddof=1)) if len(drawn) > 1 else 0.0
    spread = deviation > 1e-12 * max(1.0, abs(float(drawn.mean())))
    near = np.isclose(drawn, observed, rtol=1e-12, atol=1e-12)
    below = float(((drawn < observed) & ~near).sum() + near.sum() / 2)
    low, high = np.percentile(drawn, [2.5, 97.5]).tolist()
    z = (observed - float(drawn.mean())) / deviation if spread else None
    return AgainstChance(observed, float(drawn.mean()), deviation, z, 100 * below / len(drawn), low, high, distinct)


def _in_words(found: AgainstChance, what: Text | None) -> Text:
    name = what or Text("The number", "Die Zahl")
    place = number(found.percentile, 0)
    if found.z is None:
        return Text(
            f"{name.en} cannot differ from chance: lists of these lengths all have the same.",
            f"{name.de} kann nicht vom Zufall abweichen: Alle Listen dieser Längen haben dasselbe.",
        )
    if found.low <= found.observed <= found.high:
        return Text(
            f"{name.en} is as chance would have it for lists of these lengths.",
            f"{name.de} ist so, wie es der Zufall bei Listen dieser Längen erwarten lässt.",
        )
    more = found.observed > found.high
    return Text(
        f"{name.en} is {'higher' if more else 'lower'} than chance would have it: above {place.en} % of shuffled "
        "lists.",
        f"{name.de} ist {'höher' if more else 'niedriger'}, als es der Zufall erwarten lässt: über {place.de} % der "
        "gemischten Listen.",
    )


def curveball(data: Any, shuffles: int, seed: int = 0) -> Iterator[TwoMode]:
    """Lists with the same numbers of members and memberships, drawn evenly.

    Two rows at a time trade what only one of them has.

    Args:
        data: A two-mode graph or matrix.
        shuffles: How many lists to yield.
        seed: Of the draw; the same seed gives the same lists.

    >>> [drawn.memberships.tolist() for drawn in curveball([[1, 1, 0], [0, 0, 1]], 1)]
    [[2, 1]]
    """
    lists = two_mode(data)
    narrow = lists.matrix.shape[0] > lists.matrix.shape[1]
    matrix: Matrix = sparse.csr_array(lists.matrix.T) if narrow else lists.matrix.copy()
    ends = matrix.indptr.tolist()
    rows = [set(matrix.indices[start:end].tolist()) for start, end in pairwise(ends)]
    movable = [at for at, row in enumerate(rows) if 0 < len(row) < matrix.shape[1]]
    rng = np.random.default_rng(seed)
    for _ in range(shuffles):
        if len(movable) > 1:
            _trade(rows, movable, rng)
        indptr = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
        indices = np.array([column for row in rows for column in sorted(row)], dtype=np.int64)
        drawn: Matrix = sparse.csr_array((np.ones(len(indices)), indices, indptr), shape=matrix.shape)
        yield TwoMode(lists.actors, lists.networks, sparse.csr_array(drawn.T) if narrow else drawn)


def _trade(rows: list[set[int]], movable: list[int], rng: np.random.Generator) -> None:
    times = TRADES * len(movable)
    first = rng.integers(len(movable), size=times)
    second = (first + rng.integers(1, len(movable), size=times)) % len(movable)
    for a, b in zip(first.tolist(), second.tolist(), strict=True):
        one, other = rows[movable[a]], rows[movable[b]]
        shared = one & other
        apart = sorted(one ^ other)
        if len(shared) in (len(one), len(other)):
            continue
        order = rng.permutation(len(apart))
        cut = len(one) - len(shared)
        rows[movable[a]] = shared | {apart[at] for at in order[:cut]}
        rows[movable[b]] = shared | {apart[at] for at in order[cut:]}


def switched(data: Any, shuffles: int, seed: int = 0) -> Iterator[TwoMode]:
    """Lists with the same numbers of members and memberships, for long lists: many ties change ends at a time.

    Ends of ties are first matched at random, and pairs that meet twice exchanged. From there on ties that are drawn at
    random change ends with others, unless that lets a pair meet twice; between two lists so many do that most
    memberships of who is in several networks are drawn anew. Exchanges of one round that touch the same pair are left
    out, so that all lists of these lengths are equally likely. Several lists are shuffled side by side, each by itself,
    and yielded in turn.

    Milo, R., Kashtan, N., Itzkovitz, S., Newman, M. E. J. & Alon, U. (2003) On the uniform generation of random graphs
    with prescribed degree sequences. arXiv:cond-mat/0312028.

    Args:
        data: A two-mode graph or matrix.
        shuffles: How many lists to yield.
        seed: Of the draw; the same seed gives the same lists.

    >>> [drawn.memberships.tolist() for drawn in switched([[1, 1, 0], [0, 0, 1], [0, 0, 1]], 1)]
    [[2, 1, 1]]
    """
    lists = two_mode(data)
    for ends in _ends(lists, shuffles, seed):
        for columns in ends:
            drawn: Matrix = sparse.csr_array(
                (lists.matrix.data, columns.copy(), lists.matrix.indptr), shape=lists.matrix.shape
            )
            yield TwoMode(lists.actors, lists.networks, drawn)


PART = 26
"""Of 256 ties of who is in several networks, so many change ends in one round."""
ROUNDS_FIRST, ROUNDS_BETWEEN = 200, 6
"""Rounds of exchanges before the first list, and between two."""
EXCHANGES = 10_000
"""After so many rounds of exchanges lists are taken to be too full."""
CHAINS, AT_ONCE, CELLS = 40, 20_000, 1 << 26
"""Most lists that are shuffled side by side; most ties of who is in several networks, and most pairs of them with any
network, in all of these lists."""


def _ends(lists: TwoMode, shuffles: int, seed: int) -> Iterator[Ints]:
    """The networks of all ties in shuffled lists, one row for each list; the next ones take their place."""
    rng = np.random.default_rng(seed)
    degrees = lists.memberships
    several = int(degrees[degrees > 1].sum())
    if several == 0:  # nobody can meet a network twice
        for _ in range(shuffles):
            yield rng.permutation(lists.matrix.indices).astype(np.int64)[None]
        return
    cells = int((degrees > 1).sum()) * len(lists.networks)
    side_by_side = _SideBySide(lists, max(1, min(CHAINS, shuffles, AT_ONCE // several, CELLS // cells)), rng)
    rounds, chains = ROUNDS_FIRST, len(side_by_side.ends)
    for done in range(0, shuffles, chains):
        for _ in range(rounds):
            side_by_side.switch()
        rounds = ROUNDS_BETWEEN
        yield side_by_side.ends[: shuffles - done]


class _SideBySide:
    """Lists of the same lengths whose ties change ends, each list by itself.

    Args:
        lists: Any list of these lengths.
        chains: How many lists are shuffled side by side.
        rng: Where chance comes from.
    """

    def __init__(self, lists: TwoMode, chains: int, rng: np.random.Generator) -> None:
        degrees, m = lists.memberships, len(lists.networks)
        rows = np.repeat(np.arange(len(degrees)), degrees)
        several = np.flatnonzero(degrees[rows] > 1)  # who is in one network only meets none twice
        self.ends: Ints = np.stack([rng.permutation(lists.matrix.indices).astype(np.int64) for _ in range(chains)])
        for columns in self.ends:
            _exchange(rows, columns, several, rng)
        self._rng, self._ties = rng, len(rows)
        self._columns = self.ends.reshape(-1)
        chain = np.arange(chains)[:, None]
        self._several = (several + chain * self._ties).ravel()
        self._first = np.repeat(chain.ravel() * self._ties, len(several))
        # Each pair of an actor in several networks and a network is a cell; those of all others are one row outside.
        own = np.cumsum(degrees > 1) - 1
        inside = int(own[-1] + 1)
        self._outside = chains * inside * m
        row = np.where(degrees[rows] > 1, own[rows], 0)
        self._cells = np.where(degrees[rows] > 1, (row + chain * inside) * m, self._outside).ravel()
        self._mark = np.zeros(BUCKETS, dtype=np.int64)
        self._taken = None
        if self._outside <= CELLS:
            self._taken = np.zeros(self._outside + m, dtype=np.bool_)
            self._taken[self._held()] = True

    def _held(self) -> Ints:
        """The cells of the ties of who is in several networks."""
        return np.asarray(self._cells[self._several] + self._columns[self._several])

    def switch(self) -> None:
        """Let some of the ties of who is in several networks change ends with others of their list, in place.

        Which ties are to change ends does not depend on where they are. Two exchanges that touch the same cell, before
        or after, are both left out, and exchanging does not change which cells an exchange touches. So each exchange is
        as likely as the one that takes it back, and in the long run all lists of these lengths are equally likely.
        """
        picked = np.flatnonzero(np.frombuffer(self._rng.bytes(len(self._several)), dtype=np.uint8) < PART)
        ones = self._several.take(picked)
        others = self._first.take(picked) + self._rng.integers(self._ties, size=len(picked))
        number = np.arange(len(picked))
        alone = np.flatnonzero(
            ~meeting(np.concatenate([ones, others]), np.concatenate([number, number]), len(number), self._mark)
        )
        ones, others, number = ones.take(alone), others.take(alone), number[: len(alone)]
        one, other = self._columns.take(ones), self._columns.take(others)
        row, far = self._cells.take(ones), self._cells.take(others)
        wanted, returned = row + other, far + one
        both = np.flatnonzero(far < self._outside)
        cells = np.concatenate([row + one, wanted, (far + other).take(both), returned.take(both)])
        of = np.concatenate([number, number, both, both])
        barred = meeting(cells, of, len(number), self._mark) | self._is_taken(wanted) | self._is_taken(returned)
        free = np.flatnonzero(~barred)
        ones, others, one, other = (each.take(free) for each in (ones, others, one, other))
        self._columns[ones], self._columns[others] = other, one
        if self._taken is not None:
            self._taken[row.take(free) + one] = False
            self._taken[far.take(free) + other] = False
            self._taken[wanted.take(free)] = True
            self._taken[returned.take(free)] = True
            self._taken[self._outside :] = False

    def _is_taken(self, cells: Ints) -> Bools:
        if self._taken is not None:
            return self._taken.take(cells)
        held = np.sort(self._held())
        return np.asarray(held[np.minimum(np.searchsorted(held, cells), len(held) - 1)] == cells)


def _fingerprints(lists: TwoMode) -> Callable[[Ints], list[int]]:
    """What gives each list, by the networks of its ties, a number; other lists of these lengths have another one."""
    rng = np.random.default_rng(0)
    of_actor, of_network = (
        rng.integers(1 << 63, size=size, dtype=np.uint64) * np.uint64(2) + np.uint64(1) for size in lists.matrix.shape
    )
    of_tie = np.repeat(of_actor, lists.memberships)
    return lambda ends: (of_network.take(ends) @ of_tie).tolist()


def _exchange(rows: Ints, columns: Ints, several: Ints, rng: np.random.Generator) -> None:
    """Let pairs that meet twice change partners until none does, in place."""
    width = int(columns.max()) + 1 if len(columns) else 1
    for _ in range(EXCHANGES):
        keys = rows[several] * width + columns[several]
        order = np.argsort(keys, kind="stable")
        twice = several[order[1:][keys[order[1:]] == keys[order[:-1]]]]
        if not len(twice):
            return
        for one, other in zip(twice.tolist(), rng.integers(len(columns), size=len(twice)).tolist(), strict=True):
            columns[one], columns[other] = columns[other], columns[one]
    raise Unprocessable("Lists of these lengths are too full to be matched at random; shuffle them by curveball.")


@dataclass(frozen=True, slots=True, eq=False)
class Bicm:
    """Chances of memberships where only the expected margins are fixed.

    Attributes:
        row: Which of the different row sums each actor has.
        column: Which of the different column sums each network has.
        chance: Probability of a membership for a row sum and a column sum.
    """

    row: Ints
    column: Ints
    chance: Floats

    @property
    def matrix(self) -> Floats:
        """The probability of each cell."""
        return self.chance[self.row][:, self.column]


def bicm(data: Any) -> Bicm:
    """The maximum-entropy model with the expected margins of a list (bipartite configuration model).

    Definition: of all random lists whose expected margins are the given ones, the one that assumes least.
    Formula: p_ij = x_i·y_j / (1 + x_i·y_j), with Σ_j p_ij = k_i and Σ_i p_ij = d_j.
    States: a model, not an answer.
    Caveat: margins hold in expectation only; drawn lists vary in length.
    Reference: Saracco, F., Di Clemente, R., Gabrielli, A. & Squartini, T. (2015) Randomizing bipartite networks: the
        case of the World Trade Web. Scientific Reports 5, 10595.

    Args:
        data: A two-mode graph or matrix.

    >>> round(float(bicm([[0, 0, 1], [0, 1, 0], [1, 0, 1]]).matrix[0, 0]), 3)
    0.216
    """
    matrix = two_mode(data).matrix if not sparse.issparse(data) else binary(data)
    sums = tuple(np.asarray(matrix.sum(axis=axis), dtype=np.float64).ravel() for axis in (1, 0))
    rows, row, row_times = np.unique(sums[0], return_inverse=True, return_counts=True)
    columns, column, column_times = np.unique(sums[1], return_inverse=True, return_counts=True)
    chance = _solve(rows, columns, row_times.astype(np.float64), column_times.astype(np.float64))
    return Bicm(row.ravel().astype(np.int64), column.ravel().astype(np.int64), chance)


def _solve(rows: Floats, columns: Floats, row_times: Floats, column_times: Floats) -> Floats:
    """Chances of each pair of classes: full and empty rows and columns are fixed first, the rest by Newton's method."""
    chance = np.full((len(rows), len(columns)), np.nan)
    left, right = np.ones(len(rows), dtype=np.bool_), np.ones(len(columns), dtype=np.bool_)
    rest, other = rows.astype(np.float64).copy(), columns.astype(np.float64).copy()
    changed = True
    while changed and left.any() and right.any():
        changed = False
        for value in (0, 1):
            full = left & (np.abs(rest - value * column_times[right].sum()) < 1e-9)
            if full.any():
                chance[np.ix_(full, right)] = value
                other[right] -= value * row_times[full].sum()
                left &= ~full
                changed = True
            full = right & (np.abs(other - value * row_times[left].sum()) < 1e-9)
            if full.any() and left.any():
                chance[np.ix_(left, full)] = value
                rest[left] -= value * column_times[full].sum()
                right &= ~full
                changed = True
    if left.any() and right.any():
        chance[np.ix_(left, right)] = _newton(rest[left], other[right], row_times[left], column_times[right])
    return np.asarray(np.nan_to_num(chance))


def _newton(rows: Floats, columns: Floats, row_times: Floats, column_times: Floats) -> Floats:
    """Minimises Σ log(1 + exp(a_i + b_j)) − Σ k_i·a_i − Σ d_j·b_j, classes counted as often as they occur."""
    n = len(rows)
    total = float((rows * row_times).sum())
    a = np.log(rows / np.sqrt(total))
    b = np.log(columns / np.sqrt(total))
    for _ in range(200):
        chance = 1 / (1 + np.exp(-(a[:, None] + b)))
        slope = np.concatenate(
            [row_times * (chance @ column_times - rows), column_times * (row_times @ chance - columns)]
        )
        if np.abs(slope).max() < 1e-11 * max(1.0, total):
            break
        spread = chance * (1 - chance) * row_times[:, None] * column_times
        bend = np.block([[np.diag(spread.sum(axis=1)), spread], [spread.T, np.diag(spread.sum(axis=0))]])
        # Adding to all a what is taken from all b changes nothing, so the system has one solution too many.
        step = np.linalg.lstsq(bend, -slope, rcond=1e-13)[0]
        now, length = _height(a, b, rows, columns, row_times, column_times), 1.0
        while length > 1e-8 and _height(
            a + length * step[:n], b + length * step[n:], rows, columns, row_times, column_times
        ) > now + 1e-4 * length * float(slope @ step) + 1e-12 * abs(now):
            length /= 2
        a, b = a + length * step[:n], b + length * step[n:]
    return np.asarray(1 / (1 + np.exp(-(a[:, None] + b))))


def _height(a: Floats, b: Floats, rows: Floats, columns: Floats, row_times: Floats, column_times: Floats) -> float:
    every = np.logaddexp(0, a[:, None] + b)
    return float(row_times @ every @ column_times - (row_times * rows) @ a - (column_times * columns) @ b)
