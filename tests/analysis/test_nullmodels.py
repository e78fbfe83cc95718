"""Shuffles of long lists: the same margins, no pair twice, the same distribution as the slower way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from integgraph.analysis.measures import State, nullmodels
from integgraph.analysis.measures.twomode import TwoMode, two_mode
from integgraph.analysis.reports.structure import shared_pairs
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
