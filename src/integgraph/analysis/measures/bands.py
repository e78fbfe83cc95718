"""How sure a result is, given that lists are incomplete."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

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
    percent,
)
from integgraph.analysis.measures.twomode import Bools, Ints, Node, TwoMode, two_mode

BANDS = Measure("bands", Text("Band", "Spannweite"), Text("How sure?", "Wie sicher?"))
STABILITY = Measure(
    "stability",
    Text("Stability of the top three", "Beständigkeit der ersten drei"),
    Text("Who holds this together?", "Wer hält es zusammen?"),
)
RUNS = 200
SHARED = 3
"""If more than so many actors share each of the first places, no one of them is on top."""
DROPPED_UP_TO = 2_000
"""Up to how many actors each is dropped in turn."""
TIES_FROM = 10
"""Below so many ties hiding some of them says nothing."""


@dataclass(frozen=True, slots=True)
class Band:
    """Where a number lies when part of the data is hidden.

    Attributes:
        low: The 5th percentile of the runs (of dropped actors: the least).
        middle: The median.
        high: The 95th percentile (the most).
        undefined: Runs in which the number was not defined.
    """

    low: float
    middle: float
    high: float
    undefined: int


@dataclass(frozen=True, slots=True)
class OfMemberships:
    """A number that follows from how many networks each actor is in; its bands need no lists.

    Attributes:
        of: The number, given the memberships of each actor and how many networks there are.

    >>> OfMemberships(lambda memberships, networks: float(memberships.max()) / networks)(two_mode([[1, 0], [1, 0]]))
    0.5
    """

    of: Callable[[Ints, int], float | None]

    def __call__(self, lists: TwoMode) -> float | None:
        """The number of a list."""
        return self.of(lists.memberships, len(lists.networks))


def bands(
    data: Any,
    statistic: Callable[[TwoMode], float | None],
    hide: Sequence[float] = (0.1, 0.2, 0.3),
    what: Text | None = None,
    *,
    runs: int = RUNS,
    seed: int = 0,
    basis: Basis = NOTHING_GIVEN,
) -> Answer[dict[str, Band]]:
    """How a number moves when each actor is dropped in turn, and when a tenth to a third of the ties is hidden.

    Definition: 5th, 50th and 95th percentile of the number over runs that each hide a share of the ties at random; and
        its least and most when one actor is dropped.
    Formula: –
    States: *value* from ten ties on; *too small* below; *unknown* without members, or where the number is not defined.
    Caveat: real gaps are not random: small members are missing more often, and a network then looks more centralised
        than it is.
    Reference: Smith, J. A. & Moody, J. (2013) Structural effects of network sampling coverage I. Social Networks 35,
        652–668.

    Args:
        data: A two-mode graph or matrix.
        statistic: The number of a list, such as ``robins_alexander``; it takes a fraction of the time where it is
            :class:`OfMemberships`.
        hide: Shares of ties to hide.
        what: What the number is called.
        runs: Runs of each share.
        seed: Of the draw.
        basis: Dates and sources, as given.

    Returns:
        A band for each share, as ``"10 %"``, and one as ``"one actor"`` where there are up to 2,000 actors.

    >>> import networkx as nx
    >>> from integgraph.analysis.measures.closure import robins_alexander
    >>> found = bands(nx.davis_southern_women_graph(), robins_alexander, (0.1,), runs=50).found
    >>> sorted(found), found["10 %"].low < 0.468
    (['10 %', 'one actor'], True)
    """
    lists = two_mode(data)
    inputs = lists.inputs(basis)
    if lists.ties == 0:
        return BANDS.unknown(inputs, NO_MEMBERS)
    if lists.ties < TIES_FROM:
        return BANDS.too_small(inputs, _few())
    observed = statistic(lists)
    rng = np.random.default_rng(seed)
    found: dict[str, Band] = {}
    for share in hide:
        band = _band(list(_when_hidden(lists, statistic, share, runs, rng)), (5, 95))
        if band is not None:
            found[percent(share).en] = band
    dropped = _band(list(_when_dropped(lists, statistic)), (0, 100)) if len(lists.actors) <= DROPPED_UP_TO else None
    if dropped is not None:
        found["one actor"] = dropped
    if observed is None or not found:
        undefined = Text("the number is not defined for these lists", "die Zahl ist für diese Listen nicht bestimmt")
        return BANDS.unknown(inputs, undefined)
    first = next(iter(found))
    low, high, now = number(found[first].low), number(found[first].high), number(observed)
    name = what or Text("The number", "Die Zahl")
    sentence = Text(
        f"{name.en} is {now.en}; with {first} of ties hidden it lies between {low.en} and {high.en}.",
        f"{name.de} ist {now.de}; sind {first} der Verbindungen verborgen, liegt sie zwischen {low.de} und {high.de}.",
    )
    return BANDS.value(found, inputs, sentence, observed=observed, runs=runs, seed=seed)


def _band(values: Sequence[float | None], ends: tuple[int, int]) -> Band | None:
    defined = np.array([each for each in values if each is not None])
    if len(defined) == 0:
        return None
    low, middle, high = np.percentile(defined, [ends[0], 50, ends[1]]).tolist()
    return Band(low, middle, high, len(values) - len(defined))


def _when_hidden(
    lists: TwoMode, statistic: Callable[[TwoMode], float | None], share: float, runs: int, rng: np.random.Generator
) -> Iterator[float | None]:
    if isinstance(statistic, OfMemberships):
        for kept in _kept(lists, share, runs, rng):
            yield statistic.of(kept, len(lists.networks))
        return
    for _ in range(runs):
        yield statistic(_hidden(lists, share, rng))


def _when_dropped(lists: TwoMode, statistic: Callable[[TwoMode], float | None]) -> Iterator[float | None]:
    if isinstance(statistic, OfMemberships):
        for at in range(len(lists.actors)):
            yield statistic.of(np.delete(lists.memberships, at), len(lists.networks))
        return
    for name in lists.actors:
        yield statistic(lists.without({name}))


def _to_hide(lists: TwoMode, share: float) -> int:
    """How many ties that is; at least one where the share is not zero."""
    return max(1, round(share * lists.ties)) if share > 0 else 0


def _kept(lists: TwoMode, share: float, runs: int, rng: np.random.Generator) -> Iterator[Ints]:
    """The memberships of each actor in lists with a share of the ties hidden: the same draws as ``_hidden``."""
    memberships, hide = lists.memberships, _to_hide(lists, share)
    rows = np.repeat(np.arange(len(memberships)), memberships)
    for _ in range(runs):
        yield memberships - np.bincount(rows[rng.permutation(lists.ties)[:hide]], minlength=len(memberships))


def _hidden(lists: TwoMode, share: float, rng: np.random.Generator) -> TwoMode:
    """The list with a share of its ties hidden."""
    ties = sparse.coo_array(lists.matrix)
    keep = np.sort(rng.permutation(lists.ties)[_to_hide(lists, share) :])
    matrix = sparse.coo_array((ties.data[keep], (ties.row[keep], ties.col[keep])), shape=ties.shape)
    return TwoMode(lists.actors, lists.networks, sparse.csr_array(matrix))


def stability(
    data: Any,
    score: Callable[[TwoMode], Sequence[float]] | None = None,
    hide: float = 0.1,
    places: int = 3,
    *,
    runs: int = RUNS,
    seed: int = 0,
    basis: Basis = NOTHING_GIVEN,
) -> Answer[dict[Node, float]]:
    """How often those on top stay on top when part of the ties is hidden.

    Definition: for each actor the share of runs in which it is among the first, when a share of ties is hidden.
    Formula: –
    States: *value* from ten ties, ten actors and seven networks on; *too small* below, and where more than three actors
        share each of the first places; *unknown* without members.
    Caveat: equals on the last place all count as being among the first. On two classic data sets the first place
        changed in 40–45 % of runs with a tenth hidden; so say "among the top three".
    Reference: Borgatti, S. P., Carley, K. M. & Krackhardt, D. (2006) On the robustness of centrality measures under
        conditions of imperfect data. Social Networks 28, 124–136; Smith, J. A. & Moody, J. (2013) Social Networks 35,
        652–668.

    Args:
        data: A two-mode graph or matrix.
        score: Scores of the actors; by default their numbers of memberships.
        hide: Share of ties to hide.
        places: How many places are looked at.
        runs: Number of runs.
        seed: Of the draw.
        basis: Dates and sources, as given.

    Returns:
        For each actor that was ever among the first the share of runs in which it was.

    >>> import networkx as nx
    >>> answer = stability(nx.davis_southern_women_graph())
    >>> sorted(answer.details["top"]), answer.found["Evelyn Jefferson"] > 0.6
    (['Evelyn Jefferson', 'Nora Fayette', 'Theresa Anderson'], True)
    """
    lists = two_mode(data)
    inputs = lists.inputs(basis)
    if lists.ties == 0:
        return STABILITY.unknown(inputs, NO_MEMBERS)
    if lists.ties < TIES_FROM or len(lists.actors) < 10 or len(lists.networks) < 7:
        return STABILITY.too_small(inputs, _few())
    first = _first(lists.memberships if score is None else score(lists), places)
    top = [lists.actors[at] for at in np.flatnonzero(first)]
    if len(top) > SHARED * places:
        alike = Text(
            f"{len(top)} actors share the first {places} places",
            f"{len(top)} Akteure teilen sich die ersten {places} Plätze",
        )
        return STABILITY.too_small(inputs, alike, sharing=len(top))
    rng = np.random.default_rng(seed)
    seen = np.zeros(len(lists.actors), dtype=np.int64)
    if score is None:
        for kept in _kept(lists, hide, runs, rng):
            seen += _first_counted(kept, places)
    else:
        for _ in range(runs):
            seen += _first(score(_hidden(lists, hide, rng)), places)
    times = {lists.actors[at]: int(seen[at]) for at in np.flatnonzero(seen + first)}
    found = {name: number / runs for name, number in times.items() if number}
    least = min(top, key=lambda name: times[name])
    words = ", ".join(f"{name} ({percent(times[name] / runs).en})" for name in sorted(top, key=lambda n: -times[n])[:5])
    share = percent(hide)
    sentence = Text(
        f"Among the top {places}, and how often they stayed when {share.en} of ties were hidden: {words}.",
        f"Unter den ersten {places}, und wie oft sie es blieben, wenn {share.de} der Verbindungen verborgen waren: "
        f"{words}.",
    )
    return STABILITY.value(found, inputs, sentence, top=top, least=times[least] / runs, runs=runs, seed=seed)


def _first_counted(counts: Ints, places: int) -> Bools:
    """The same as ``_first``, for whole numbers from 0 on."""
    as_many = np.cumsum(np.bincount(counts)[::-1])
    limit = len(as_many) - 1 - int(np.searchsorted(as_many, places))
    return np.asarray(counts >= limit)


def _first(scores: Sequence[float] | Ints, places: int) -> Any:
    """For each actor whether it is among the first; equals on the last place all are."""
    values = np.asarray(scores, dtype=np.float64)
    limit = np.partition(values, -places)[-places] if len(values) >= places else -np.inf
    return values >= limit - 1e-12


def _few() -> Text:
    return Text("there are too few ties to hide some of them", "es sind zu wenige Verbindungen, um einige zu verbergen")
