"""What would happen to networks if members left."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from integgraph.analysis.measures.answers import (
    NO_MEMBERS,
    NOTHING_GIVEN,
    Answer,
    Basis,
    Measure,
    Text,
    count,
    named,
    percent,
)
from integgraph.analysis.measures.twomode import Node, TwoMode, two_mode

MEMBER_LOSS = Measure(
    "member-loss",
    Text("Loss of a member", "Weggang eines Mitglieds"),
    Text("What if X left?", "Was wäre, wenn X ginge?"),
)
ROBUSTNESS = Measure(
    "robustness",
    Text("Robustness", "Robustheit"),
    Text("How many may leave before networks fall apart?", "Wie viele dürfen gehen, bis Netzwerke zerfallen?"),
)


@dataclass(frozen=True, slots=True)
class MemberLoss:
    """What networks would be without some members.

    Attributes:
        hit: Networks that list them.
        below_two: Networks that would be left with fewer than two listed members.
        without_coordinator: Networks whose only coordinators they are.
        only_there: Fields and target groups that only the networks in ``below_two`` list.
    """

    hit: tuple[Node, ...]
    below_two: tuple[Node, ...]
    without_coordinator: tuple[Node, ...]
    only_there: tuple[str, ...]


def member_loss(
    data: Any,
    gone: Collection[Node],
    coordinators: Mapping[Node, Collection[Node]] | None = None,
    listed: Mapping[Node, Collection[str]] | None = None,
    *,
    basis: Basis = NOTHING_GIVEN,
) -> Answer[MemberLoss]:
    """Which networks would no longer be one if some actors left.

    Definition: networks left with fewer than two listed members or without a coordinator, and the fields and target
        groups that no other network lists.
    Formula: –
    States: *value* where members are known; *unknown* without members, or where none of those who leave is listed or
        coordinates.
    Caveat: structure only; says nothing of replacement, nor of members that the lists do not name.
    Reference: Memmott, J., Waser, N. M. & Price, M. V. (2004) Tolerance of pollination networks to species extinctions.
        Proceedings of the Royal Society B 271, 2605–2611.

    Args:
        data: A two-mode graph or matrix.
        gone: Actors that leave.
        coordinators: Coordinators of each network, as far as known.
        listed: Fields and target groups of each network, as far as known.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> lists = nx.Graph([("a", "N"), ("b", "N"), ("b", "M"), ("c", "M"), ("d", "M")])
    >>> nx.set_node_attributes(lists, {name: int(name in "NM") for name in lists}, "bipartite")
    >>> answer = member_loss(lists, ["a"], {"N": ["a"]}, {"N": ["housing"], "M": ["health"]})
    >>> answer.found.below_two, answer.found.without_coordinator, answer.found.only_there
    (('N',), ('N',), ('housing',))
    """
    lists = two_mode(data)
    inputs = lists.inputs(basis)
    left = set(gone)
    if lists.ties == 0:
        return MEMBER_LOSS.unknown(inputs, NO_MEMBERS)
    rows = [at for at, name in enumerate(lists.actors) if name in left]
    lost = np.asarray(lists.matrix[rows].sum(axis=0)).ravel() if rows else np.zeros(len(lists.networks))
    alone = [network for network, who in (coordinators or {}).items() if who and left.issuperset(who)]
    if not lost.any() and not alone:
        absent = Text("no one of them is listed in a network", "niemand davon ist in einem Netzwerk verzeichnet")
        return MEMBER_LOSS.unknown(inputs, absent)
    losing = np.flatnonzero(lost)
    hit = [lists.networks[at] for at in losing.tolist()]
    rest = lists.sizes - lost
    below = [lists.networks[at] for at in losing[rest[losing] < 2].tolist()]
    found = MemberLoss(tuple(hit), tuple(below), tuple(alone), _only_there(below, listed or {}))
    return MEMBER_LOSS.value(found, inputs, _in_words(found, left))


def _only_there(below: list[Node], listed: Mapping[Node, Collection[str]]) -> tuple[str, ...]:
    lost = {entry for network in below for entry in listed.get(network, ())}
    broken = set(below)
    elsewhere = {entry for network, entries in listed.items() if network not in broken for entry in entries}
    return tuple(sorted(lost - elsewhere))


def _in_words(found: MemberLoss, left: set[Any]) -> Text:
    who = named(left)
    n = count(len(found.hit), ("network loses", "networks lose"), ("Netzwerk verliert", "Netzwerke verlieren"))
    en, de = f"Without {who.en}, {n.en} a listed member", f"Ohne {who.de}: {n.de} ein verzeichnetes Mitglied"
    if found.below_two:
        names = named(found.below_two)
        en, de = f"{en}; left with fewer than two: {names.en}", f"{de}; mit weniger als zweien bleiben: {names.de}"
    if found.without_coordinator:
        names = named(found.without_coordinator)
        en, de = f"{en}; without a coordinator: {names.en}", f"{de}; ohne Koordination: {names.de}"
    if found.only_there:
        names = named(found.only_there)
        en, de = f"{en}; listed nowhere else: {names.en}", f"{de}; sonst nirgends genannt: {names.de}"
    return Text(
        f"{en}. Structure only; says nothing about replacement.", f"{de}. Nur der Aufbau; über Ersatz sagt das nichts."
    )


def member_losses(
    data: Any, coordinators: Mapping[Node, Collection[Node]] | None = None, only: Collection[Node] | None = None
) -> list[tuple[Node, MemberLoss]]:
    """What each actor's leaving would do, the gravest first; actors whose leaving breaks no network are left out.

    Coordinators that are no members are there too.

    Args:
        data: A two-mode graph or matrix.
        coordinators: Coordinators of each network, as far as known.
        only: The actors that are looked at; ``None`` for all.

    >>> [name for name, _ in member_losses([[1, 0], [1, 1], [0, 1], [0, 1]])]
    [0, 1]
    """
    lists = two_mode(data)
    small = (lists.sizes < 3).tolist()
    names = list(lists.networks)
    wanted = None if only is None else set(only)
    heads: dict[Node, list[Node]] = {}
    for network, who in (coordinators or {}).items():
        if len(set(who)) == 1 and (wanted is None or next(iter(who)) in wanted):
            heads.setdefault(next(iter(who)), []).append(network)
    found = []
    ends, columns = lists.matrix.indptr.tolist(), lists.matrix.indices.tolist()
    for at, name in enumerate(lists.actors):
        if wanted is not None and name not in wanted:
            continue
        own = columns[ends[at] : ends[at + 1]]
        below = tuple(names[column] for column in own if small[column])
        if below or name in heads:
            hit = tuple(names[column] for column in own)
            found.append((name, MemberLoss(hit, below, tuple(heads.pop(name, ())), ())))
    # Who coordinates without being a member leaves no list shorter, but a network without a coordinator.
    found.extend((name, MemberLoss((), (), tuple(networks), ())) for name, networks in heads.items())
    found.sort(key=lambda each: (-len(each[1].below_two) - len(each[1].without_coordinator), str(each[0])))
    return found


def robustness(
    data: Any,
    order: Literal["most", "fewest", "random"] = "most",
    *,
    runs: int = 100,
    seed: int = 0,
    basis: Basis = NOTHING_GIVEN,
) -> Answer[float]:
    """How long networks keep two listed members while actors leave one after the other.

    Definition: area under the curve of networks that still have two listed members against actors that have left.
    Formula: R = mean over 0…n actors gone of the share of networks left, from 0 to 1.
    States: *value* from two networks and six actors on; *forced* for one network; *too small* below; *unknown* without
        members.
    Caveat: members leave for reasons that the lists do not know; the order is an assumption.
    Reference: Burgos, E., Ceva, H., Perazzo, R. P. J., Devoto, M., Medan, D., Zimmermann, M. & Delbue, A. M. (2007) Why
        nestedness in mutualistic networks? Journal of Theoretical Biology 249, 307–313; Memmott, J., Waser, N. M. &
        Price, M. V. (2004) Proceedings of the Royal Society B 271, 2605–2611.

    Args:
        data: A two-mode graph or matrix.
        order: Who leaves first: those in ``most`` networks, in ``fewest``, or at ``random`` (mean of the runs).
        runs: Number of random orders.
        seed: Of the draw.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> 0 < robustness(nx.davis_southern_women_graph()).found < robustness(
    ...     nx.davis_southern_women_graph(), "fewest").found < 1
    True
    """
    lists = two_mode(data)
    inputs = lists.inputs(basis)
    if lists.ties == 0:
        return ROBUSTNESS.unknown(inputs, NO_MEMBERS)
    if order == "random":
        rng = np.random.default_rng(seed)
        found = float(np.mean([_area(lists, rng.permutation(len(lists.actors))) for _ in range(runs)]))
    else:
        signed = lists.memberships if order == "fewest" else -lists.memberships
        found = _area(lists, np.argsort(signed, kind="stable"))
    if len(lists.networks) == 1:
        one = Text("there is one network only", "es gibt nur ein Netzwerk")
        return ROBUSTNESS.forced(found, inputs, one)
    if len(lists.actors) < 6:
        few = Text("fewer than six actors are listed", "weniger als sechs Akteure sind verzeichnet")
        return ROBUSTNESS.too_small(inputs, few)
    share = percent(found)
    sentence = Text(
        f"While actors leave one by one, {share.en} of networks keep two listed members on average.",
        f"Während Akteure nacheinander gehen, behalten im Mittel {share.de} der Netzwerke zwei verzeichnete "
        "Mitglieder.",
    )
    return ROBUSTNESS.value(found, inputs, sentence, order=order)


def _area(lists: TwoMode, order: Any) -> float:
    """Mean share of networks that still have two members after 0, 1, … n have left."""
    n, m = lists.matrix.shape
    gone = np.empty(n, dtype=np.int64)
    gone[order] = np.arange(n)
    ends = np.zeros(m)
    columns = lists.matrix.tocsc()
    for at in range(m):
        rows = np.sort(gone[columns.indices[columns.indptr[at] : columns.indptr[at + 1]]])
        # A network stands until its second-last member has left.
        ends[at] = rows[-2] + 1 if len(rows) > 1 else 0
    return float(ends.mean() / (n + 1))
