"""Shuffles of long lists: the same margins, no pair twice, the same distribution as the slower way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from integgraph.analysis.measures import State, nullmodels
from integgraph.analysis.measures.pairs import shared_pairs, shared_pairs_at_once
from integgraph.analysis.measures.twomode import TwoMode, two_mode
from integgraph.errors import Unprocessable


def made_up(actors: int, networks: int, ties: int, seed: int) -> TwoMode:
    rng = np.random.default_rng(seed)
    rows, columns = rng.integers(actors, size=ties), (networks * rng.random(ties) ** 2).astype(int)
    return two_mode(sparse.coo_array((np.ones(ties), (rows, columns)), shape=(actors, networks)))


@settings(max_examples=30, deadline=None)
@given(st.integers(20, 60), st.integers(8, 30), st.integers(1, 60), st.integers(0, 5))
def test_switched_lists_keep_their_margins_and_name_no_pair_twice(
    actors: int, networks: int, ties: int, seed: int
) -> None:
    lists = made_up(actors, networks, ties, seed)
    for drawn in nullmodels.switched(lists, 3, seed):
        assert drawn.memberships.tolist() == lists.memberships.tolist()
        assert drawn.sizes.tolist() == lists.sizes.tolist()
        assert len(set(zip(*drawn.matrix.nonzero(), strict=True))) == lists.ties


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 50), st.integers(2, 30), st.integers(1, 160), st.integers(0, 2**20))
def test_pairs_are_counted_at_once_as_one_by_one(actors: int, networks: int, ties: int, seed: int) -> None:
    lists = made_up(actors, networks, ties, seed)
    drawn = list(nullmodels.curveball(lists, 5, seed))
    ends = np.stack([each.matrix.indices for each in (lists, *drawn)]).astype(np.int64)
    assert shared_pairs_at_once(lists)(ends).tolist() == [shared_pairs(each) for each in (lists, *drawn)]


def test_every_list_is_drawn_as_often_by_switching(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small and full, where most exchanges are in each other's way; far apart, so that draws do not hang together."""
    monkeypatch.setattr(nullmodels, "ROUNDS_BETWEEN", 60)
    lists = two_mode([[1, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1]])
    seen: dict[tuple[float, ...], int] = {}
    for drawn in nullmodels.switched(lists, 34_000, 1):
        key = tuple(drawn.matrix.toarray().ravel().tolist())
        seen[key] = seen.get(key, 0) + 1
    every = {
        tuple(map(float, cells))
        for cells in np.ndindex(*(2,) * 16)
        if [sum(cells[at : at + 4]) for at in range(0, 16, 4)] == lists.memberships.tolist()
        and [sum(cells[at::4]) for at in range(4)] == lists.sizes.tolist()
    }
    assert set(seen) == every
    assert max(seen.values()) < 1.25 * min(seen.values())


def test_a_number_of_many_lists_at_once_is_the_number_of_each() -> None:
    lists = made_up(900, 60, 900, 6)
    one_by_one = nullmodels.size_fair(lists, shared_pairs, shuffles=120)
    at_once = nullmodels.size_fair(lists, shared_pairs, at_once=shared_pairs_at_once, shuffles=120)
    assert at_once.details["drawn_by"] == "switched"
    assert at_once.found == one_by_one.found


def test_without_working_memory_the_same_lists_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    lists = made_up(300, 40, 360, 2)
    monkeypatch.setattr(nullmodels, "CHAINS", 1)
    drawn = [each.matrix.indices.tolist() for each in nullmodels.switched(lists, 4, 3)]
    monkeypatch.setattr(nullmodels, "CELLS", 1)
    assert [each.matrix.indices.tolist() for each in nullmodels.switched(lists, 4, 3)] == drawn


def test_lists_that_nobody_shares_are_shuffled_too() -> None:
    lists = two_mode(np.repeat(np.eye(40), 6, axis=0))
    answer = nullmodels.size_fair(lists, shared_pairs, at_once=shared_pairs_at_once, shuffles=50)
    assert answer.details["drawn_by"] == "switched"
    assert (answer.found.mean, answer.found.z, answer.found.distinct) == (0, None, 50)


def test_the_same_list_in_another_order_is_not_another_list() -> None:
    told_apart = nullmodels._fingerprints(two_mode([[1, 1, 1], [1, 0, 0]]))
    one, same, other = told_apart(np.array([[0, 1, 2, 0], [2, 0, 1, 0], [0, 1, 2, 1]]))
    assert one == same != other


def test_switching_and_trading_give_the_same_distribution() -> None:
    lists = made_up(900, 60, 900, 5)
    traded, switched = (
        np.array([shared_pairs(drawn) for drawn in draw(lists, 600, 2)], dtype=float)
        for draw in (nullmodels.curveball, nullmodels.switched)
    )
    error = np.hypot(traded.std(), switched.std()) / np.sqrt(600)
    assert abs(traded.mean() - switched.mean()) < 4 * error
    assert traded.std() == pytest.approx(switched.std(), rel=0.2)


def test_the_same_seed_draws_the_same_lists() -> None:
    lists = made_up(100, 20, 130, 3)
    one, other = ([drawn.matrix.indices.tolist() for drawn in nullmodels.switched(lists, 2, 7)] for _ in range(2))
    assert one == other
    assert one[0] != one[1]


def test_a_full_list_is_refused_and_traded_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    full = np.ones((12, 6))
    full[0, 0] = 0
    monkeypatch.setattr(nullmodels, "EXCHANGES", 20)
    with pytest.raises(Unprocessable, match="too full to be matched at random"):
        next(nullmodels.switched(full, 1))
    monkeypatch.setattr(nullmodels, "CURVEBALL_UP_TO", 10)
    answer = nullmodels.size_fair(full, shared_pairs, shuffles=50)
    assert answer.state is not State.UNKNOWN
    assert answer.details.get("drawn_by", "curveball") == "curveball"


def test_long_lists_are_switched(monkeypatch: pytest.MonkeyPatch) -> None:
    lists = made_up(900, 60, 900, 4)
    monkeypatch.setattr(nullmodels, "FULLEST", 0.02)
    monkeypatch.setattr(nullmodels, "CURVEBALL_UP_TO", 1_000)
    small = nullmodels.size_fair(lists, shared_pairs, shuffles=100)
    monkeypatch.setattr(nullmodels, "CURVEBALL_UP_TO", 100)
    large = nullmodels.size_fair(lists, shared_pairs, shuffles=100)
    assert (small.details["drawn_by"], large.details["drawn_by"]) == ("curveball", "switched")
    assert large.found.mean == pytest.approx(small.found.mean, rel=0.05)
