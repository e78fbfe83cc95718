"""Pairs of networks that share a member: counted in one list, or in many lists of the same lengths at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy import sparse

from integgraph.analysis.measures.twomode import Bools, Floats, Ints, TwoMode

MOST_STEPS = 40
"""Memberships of one actor up to which pairs of its networks are counted step by step."""
BUCKETS = 1 << 18
"""Places in which keys are looked up; a power of two."""
LONG_LISTS = 4
"""How many times as many pairs of actors as of networks there may be in lists that are counted at once."""


def shared_pairs(lists: TwoMode) -> float | None:
    """Pairs of networks that share a member; ``None`` where there are fewer than two networks.

    >>> from integgraph.analysis.measures.twomode import two_mode
    >>> shared_pairs(two_mode([[1, 1, 0], [0, 1, 1]]))
    2.0
    """
    m = lists.matrix.shape[1]
    if m < 2:
        return None
    degrees = lists.memberships
    in_several = np.repeat(degrees > 1, degrees)
    columns = lists.matrix.indices[in_several].astype(np.int64)
    rows = np.repeat(np.arange(len(degrees)), degrees)[in_several]
    most = int(degrees.max(initial=0))
    if most > MOST_STEPS:
        several = lists.matrix[np.flatnonzero(degrees > 1)]
        return float(((several.T @ several).nnz - int((np.asarray(several.sum(axis=0)) > 0).sum())) / 2)
    # Ties of one actor lie side by side, so pairs are found step by step.
    found = []
    for step in range(1, most):
        alike = rows[step:] == rows[:-step]
        one, other = columns[step:][alike], columns[:-step][alike]
        found.append(np.minimum(one, other) * m + np.maximum(one, other))
    return float(len(np.unique(np.concatenate(found)))) if found else 0.0


def shared_pairs_at_once(lists: TwoMode) -> Callable[[Ints], Floats]:
    """The same number for lists of the same lengths, prepared once.

    Each actor gives as many pairs of networks as its memberships make, and shuffles do not change how many that is. So
    only what is counted twice is looked for: pairs of networks that two actors or more share.

    Args:
        lists: Any list with these numbers of members and memberships, and two or more networks.

    Returns:
        What takes the networks of all ties, one row for each list, in the order of the actors; and gives the number for
        each row.

    >>> import numpy as np
    >>> from integgraph.analysis.measures.twomode import two_mode
    >>> count = shared_pairs_at_once(two_mode([[1, 1, 0], [0, 1, 1]]))
    >>> count(np.array([[0, 1, 1, 2], [0, 1, 0, 1]])).tolist()
    [2.0, 1.0]
    """
    degrees, m = lists.memberships, len(lists.networks)
    own = degrees[degrees > 1]
    several = np.flatnonzero(np.repeat(degrees > 1, degrees))
    every = int((own * (own - 1) // 2).sum())
    in_each = lists.sizes * (len(several) / max(1, lists.ties))
    if (in_each**2).sum() / 2 > LONG_LISTS * (every + len(several)):
        return lambda ends: np.array([shared_pairs(_with(lists, row)) for row in ends], dtype=np.float64)
    rows = np.repeat(np.arange(len(own)), own)
    mark = np.zeros(BUCKETS, dtype=np.int64)

    def count(ends: Ints) -> Floats:
        columns = ends.take(several, axis=1)
        order = np.argsort(_short(columns, m), axis=1, kind="stable")
        chain = np.arange(len(ends))[:, None]
        column = (np.take_along_axis(columns, order, axis=1) + chain * m).ravel()
        one, other = _next_to(np.flatnonzero(column[1:] == column[:-1]), len(column))
        actor = rows.take(order)
        own_actor = (chain * len(own) + actor).ravel()
        # Two actors that meet in several networks share each two of these.
        first, second, where = own_actor.take(one), actor.ravel().take(other), column.take(one)
        by_pair = np.argsort(_short(second, len(own)), kind="stable")
        by_pair = by_pair.take(np.argsort(_short(first.take(by_pair), len(ends) * len(own)), kind="stable"))
        first, second, where = first.take(by_pair), second.take(by_pair), where.take(by_pair)
        alike = np.flatnonzero((first[1:] == first[:-1]) & (second[1:] == second[:-1]))
        one, other = _next_to(alike, len(first))
        return every - _again(where.take(one), where.take(other), m, len(ends), mark)

    return count


def _with(lists: TwoMode, columns: Ints) -> TwoMode:
    matrix = sparse.csr_array((lists.matrix.data, columns, lists.matrix.indptr), shape=lists.matrix.shape)
    return replace(lists, matrix=matrix)


def _short(numbers: Ints, below: int) -> Ints:
    """Numbers as numpy sorts them fastest."""
    return numbers.astype(np.uint16) if below <= 1 << 16 else numbers


def _next_to(alike: Ints, length: int) -> tuple[Ints, Ints]:
    """Each two places of a run of equals, given the places whose next one is equal."""
    # A run ends where the next place is not equal; each place of it is paired with all after it.
    last = np.ones(length, dtype=np.bool_)
    last[alike] = False
    ends = np.flatnonzero(last)
    after = np.repeat(ends, np.diff(ends, prepend=-1))[alike] - alike
    one = np.repeat(alike, after)
    return one, one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(after) - after, after)


def _again(one: Ints, other: Ints, networks: int, lists: int, mark: Ints) -> Floats:
    """For each list how often a pair of networks is counted beyond the first time, given what pairs of actors share."""
    keys = np.minimum(one, other) * (lists * networks) + np.maximum(one, other)
    met = meeting(keys, np.arange(len(keys)), len(keys), mark)
    once = np.bincount(one[~met] // networks, minlength=lists)
    found, times = np.unique(keys[met], return_counts=True)
    # w actors that share a pair are w(w - 1)/2 pairs of actors.
    more = (np.sqrt(1 + 8 * times) - 1) / 2
    again = np.bincount(found // (lists * networks) // networks, weights=np.rint(more), minlength=lists)
    return np.asarray(once + again, dtype=np.float64)


def meeting(keys: Ints, of: Ints, things: int, mark: Ints) -> Bools:
    """For each thing whether one of its keys is a key of another thing too.

    Keys are put into as many places as ``mark`` has, so now and then two that differ meet as well; what meets depends
    on the keys alone.

    Args:
        keys: Whole numbers.
        of: Which thing each key belongs to.
        things: How many things there are.
        mark: Working memory, as many numbers as a power of two; what stands in it does not matter.

    >>> import numpy as np
    >>> meeting(np.array([5, 7, 5, 9, 9]), np.array([0, 1, 2, 3, 3]), 4, np.zeros(16, dtype=np.int64)).tolist()
    [True, False, True, False]
    """
    at = keys & (len(mark) - 1)
    mark[at] = of
    holds = mark.take(at)
    other = np.flatnonzero(holds != of)
    found = np.zeros(things, dtype=np.bool_)
    found[of[other]] = True
    found[holds[other]] = True
    return found
