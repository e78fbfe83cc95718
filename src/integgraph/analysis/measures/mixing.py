"""Whether sectors mix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from integgraph.analysis.measures.answers import (
    NO_TIES,
    NOTHING_GIVEN,
    ONLY_LISTS,
    Answer,
    Basis,
    Inputs,
    Measure,
    Text,
    number,
    percent,
)
from integgraph.analysis.measures.twomode import Node

if TYPE_CHECKING:
    from integgraph.analysis.measures.twomode import Graph

_MIX = Text("Do sectors mix?", "Arbeiten die Sektoren zusammen?")
E_I = Measure("e-i-index", Text("E-I index", "E-I-Index"), _MIX)
NOMINAL = Measure("nominal-assortativity", Text("Nominal assortativity", "Assortativität nach Sektoren"), _MIX)
SHUFFLES = 1_000


def e_i_index(
    graph: Graph,
    sectors: Mapping[Node, str | None] | str = "sector",
    networks: int | None = None,
    *,
    weight: str | None = None,
    shuffles: int = SHUFFLES,
    seed: int = 0,
    basis: Basis = NOTHING_GIVEN,
) -> Answer[float]:
    """Whether ties run between sectors or within them.

    Definition: ties between sectors less ties within them, as a share of both.
    Formula: (E − I) / (E + I), from −1 (all within) to 1 (all between).
    States: *value* for reported ties between actors of two or more sectors; *unknown* for projections, without ties
        and with one sector.
    Caveat: sizes of sectors bound it. The range that is possible with so many ties and such sectors stands in the
        details, and the share of random assignments of sectors that lie as far from their mean (two-sided p).
    Reference: Krackhardt, D. & Stern, R. N. (1988) Informal networks and organizational crises. Social Psychology
        Quarterly 51, 123–140.

    Args:
        graph: Ties between actors, directed or not; self-ties do not count.
        sectors: Sector of each actor, or the name of the node attribute that holds it; ties of actors of unknown
            sector are left out and counted in the details.
        networks: Of how many networks' lists the graph is a projection; ``None`` for reported ties.
        weight: Name of the weight of ties; without one all weigh the same.
        shuffles: How many random assignments to draw.
        seed: Of the draw.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> karate = nx.karate_club_graph()
    >>> answer = e_i_index(karate, "club")
    >>> round(answer.found, 4), answer.details["p"] < 0.01
    (-0.7179, True)
    """
    known, ties, left_out = _between_known(graph, sectors, weight)
    inputs = Inputs(graph.number_of_nodes(), networks, graph.number_of_edges(), basis.dates, basis.sources)
    problem = _undefined(known, ties, networks)
    if problem is not None:
        return E_I.unknown(inputs, problem, left_out=left_out)
    codes = {name: at for at, name in enumerate(sorted(set(known.values())))}
    place = {node: at for at, node in enumerate(known)}
    label = np.array([codes[known[node]] for node in place], dtype=np.int64)
    one, other = (np.array([place[tie[at]] for tie in ties], dtype=np.int64) for at in (0, 1))
    heavy = np.array([tie[2] for tie in ties], dtype=np.float64)
    found = _e_i(label, one, other, heavy)
    rng = np.random.default_rng(seed)
    drawn = np.array([_e_i(rng.permutation(label), one, other, heavy) for _ in range(shuffles)])
    p = float((np.sum(np.abs(drawn - drawn.mean()) >= abs(found - drawn.mean()) - 1e-12) + 1) / (shuffles + 1))
    lowest, highest = _feasible(label, len(ties), graph.is_directed())
    external = percent((found + 1) / 2)
    chance = Text(
        "more than chance would have it" if found > drawn.mean() else "less than chance would have it",
        "mehr, als der Zufall erwarten lässt" if found > drawn.mean() else "weniger, als der Zufall erwarten lässt",
    )
    if p > 0.05:
        chance = Text("as chance would have it", "wie es der Zufall erwarten lässt")
    sentence = Text(
        f"{external.en} of ties run between sectors: {chance.en}.",
        f"{external.de} der Verbindungen verlaufen zwischen Sektoren: {chance.de}.",
    )
    details: dict[str, Any] = {"p": p, "expected": float(drawn.mean()), "shuffles": shuffles, "seed": seed}
    if weight is None:
        details["feasible"] = (lowest, highest)
    return E_I.value(found, inputs, sentence, left_out=left_out, **details)


def _e_i(label: Any, one: Any, other: Any, heavy: Any) -> float:
    return float(np.where(label[one] != label[other], heavy, -heavy).sum() / heavy.sum())


def _feasible(label: Any, ties: int, directed: bool) -> tuple[float, float]:
    """The least and the most that so many ties among sectors of these sizes can give."""
    sizes = np.bincount(label)
    times = 2 if directed else 1
    within = int((sizes * (sizes - 1) // 2).sum()) * times
    between = (len(label) * (len(label) - 1) // 2) * times - within
    return (2 * max(0, ties - within) - ties) / ties, (2 * min(ties, between) - ties) / ties


def nominal_assortativity(
    graph: Graph,
    sectors: Mapping[Node, str | None] | str = "sector",
    networks: int | None = None,
    *,
    basis: Basis = NOTHING_GIVEN,
) -> Answer[float]:
    """Whether actors are tied to their own kind more than the numbers of ties of each sector would give.

    Definition: share of ties within sectors beyond what random ties would give, against the largest possible.
    Formula: r = (Σe_ii − Σa_i·b_i) / (1 − Σa_i·b_i), e the shares of ties between sectors, a and b their sums.
    States: *value* for reported ties between actors of two or more sectors; *unknown* for projections, without ties,
        and where all ends of ties are of one sector.
    Caveat: not defined with one sector. Its lowest value depends on the sectors and is above −1 in general.
    Reference: Newman, M. E. J. (2003) Mixing patterns in networks. Physical Review E 67, 026126.

    Args:
        graph: Ties between actors, directed or not; self-ties do not count.
        sectors: Sector of each actor, or the name of the node attribute that holds it.
        networks: Of how many networks' lists the graph is a projection; ``None`` for reported ties.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> round(nominal_assortativity(nx.karate_club_graph(), "club").found, 4)
    0.7175
    >>> str(nominal_assortativity(nx.path_graph(3), {0: "NGO", 1: "NGO", 2: "NGO"}).state)
    'unknown'
    """
    known, ties, left_out = _between_known(graph, sectors, None)
    inputs = Inputs(graph.number_of_nodes(), networks, graph.number_of_edges(), basis.dates, basis.sources)
    problem = _undefined(known, ties, networks)
    if problem is not None:
        return NOMINAL.unknown(inputs, problem, left_out=left_out)
    pairs = Counter((known[a], known[b]) for a, b, _ in ties)
    if not graph.is_directed():
        pairs += Counter((known[b], known[a]) for a, b, _ in ties)
    total = sum(pairs.values())
    starts, ends = (Counter[str]() for _ in range(2))
    for (a, b), times in pairs.items():
        starts[a] += times
        ends[b] += times
    expected = sum(starts[name] * ends[name] for name in starts) / total**2
    if expected >= 1:
        return NOMINAL.unknown(inputs, _one_sector(), left_out=left_out)
    found = (sum(times for (a, b), times in pairs.items() if a == b) / total - expected) / (1 - expected)
    shown = number(found)
    sentence = Text(
        f"Ties within the same sector, against chance: {shown.en} (1 all, 0 as chance has it).",
        f"Verbindungen innerhalb desselben Sektors, am Zufall gemessen: {shown.de} (1 alle, 0 wie zufällig).",
    )
    return NOMINAL.value(found, inputs, sentence, left_out=left_out, table=dict(pairs))


def _between_known(
    graph: Graph, sectors: Mapping[Node, str | None] | str, weight: str | None
) -> tuple[dict[Node, str], list[tuple[Node, Node, float]], int]:
    by_node = dict(graph.nodes(data=sectors)) if isinstance(sectors, str) else dict(sectors)
    known = {node: str(by_node[node]) for node in graph if by_node.get(node)}
    seen: dict[Any, tuple[Node, Node, float]] = {}
    left_out = 0
    for a, b, data in graph.edges(data=True):
        if a not in known or b not in known:
            left_out += 1
        elif a != b:
            key = (a, b) if graph.is_directed() else frozenset((a, b))
            seen[key] = (a, b, float(data.get(weight, 1)) if weight else 1.0)
    return known, [tie for tie in seen.values() if tie[2] > 0], left_out


def _undefined(known: dict[Node, str], ties: list[tuple[Node, Node, float]], networks: int | None) -> Text | None:
    if networks is not None:
        return ONLY_LISTS
    if not ties:
        return NO_TIES
    return _one_sector() if len(set(known.values())) < 2 else None


def _one_sector() -> Text:
    return Text("fewer than two sectors are known", "es sind weniger als zwei Sektoren bekannt")
