"""One hub or many: how far a network is from a star."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from integgraph.analysis.measures.answers import (
    NO_MEMBERS,
    NO_TIES,
    NOTHING_GIVEN,
    ONE_LIST,
    ONLY_LISTS,
    Answer,
    Basis,
    Inputs,
    Measure,
    Text,
    percent,
)
from integgraph.analysis.measures.paths import betweenness, components, distances
from integgraph.analysis.measures.twomode import Floats, Ints, OneMode, one_mode, two_mode

if TYPE_CHECKING:
    from integgraph.analysis.measures.twomode import Graph

_HUB = Text("One hub or many?", "Ein Zentrum oder viele?")
DEGREE = Measure("degree-centralisation", Text("Degree centralisation", "Zentralisierung nach Verbindungen"), _HUB)
BETWEENNESS = Measure(
    "betweenness-centralisation", Text("Betweenness centralisation", "Zentralisierung nach Vermittlung"), _HUB
)
CLOSENESS = Measure("closeness-centralisation", Text("Closeness centralisation", "Zentralisierung nach Nähe"), _HUB)
TWO_MODE = Measure(
    "two-mode-degree-centralisation",
    Text("Two-mode degree centralisation", "Zentralisierung der Zugehörigkeiten"),
    Text("Do a few actors hold most memberships?", "Liegen die meisten Zugehörigkeiten bei wenigen?"),
)
IN_WORDS_BELOW = 6
"""Below so many actors only a handful of values is possible, and the answer is given in words."""


def degree_centralisation(
    graph: Graph, networks: int | None = None, *, loops: bool = False, basis: Basis = NOTHING_GIVEN
) -> Answer[float]:
    """How much the ties run to one actor.

    Definition: how far the others' numbers of ties stay below the largest, against a star of the same size.
    Formula: Σ(max − d) / ((n−1)(n−2)).
    States: *value* for reported ties among six or more actors; *too small* below three, and in words below six;
        *forced* to 0 for the projection of one network; *unknown* for other projections and without ties.
    Caveat: some tools count self-ties in the denominator (n(n−1)) and give a star less than 1; ``loops=True`` does so
        too. Connected graphs of 3, 4 and 5 actors have only 2, 4 and 11 possible values.
    Reference: Freeman, L. C. (1979) Centrality in social networks. Social Networks 1, 215–239.

    Args:
        graph: Ties between actors.
        networks: Of how many networks' lists the graph is a projection; ``None`` for reported ties.
        loops: Whether the denominator allows for self-ties.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> degree_centralisation(nx.star_graph(9)).found
    1.0
    >>> degree_centralisation(nx.star_graph(3)).sentence.en
    'Degree centralisation: too small to say. With 4 actors only a handful of values is possible; in words: one actor \
holds all the ties.'
    """
    ties = one_mode(graph)
    n = len(ties.names)
    largest = n * (n - 1) if loops else (n - 1) * (n - 2)
    return _answer(DEGREE, ties, ties.degrees.astype(np.float64), largest, networks, basis)


def betweenness_centralisation(
    graph: Graph, networks: int | None = None, *, basis: Basis = NOTHING_GIVEN
) -> Answer[float]:
    """How much the paths run through one actor.

    Definition: how far the others' betweenness stays below the largest, against a star of the same size.
    Formula: Σ(max − b) / (n−1), with b normalised by (n−1)(n−2)/2.
    States: *value* for reported ties among six or more actors; *too small* below three, and in words below six;
        *forced* to 0 for the projection of one network; *unknown* for other projections and without ties.
    Caveat: in a graph of several components no star is possible, and the value stays low.
    Reference: Freeman, L. C. (1979) Centrality in social networks. Social Networks 1, 215–239.

    Args:
        graph: Ties between actors.
        networks: Of how many networks' lists the graph is a projection; ``None`` for reported ties.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> round(betweenness_centralisation(nx.florentine_families_graph()).found, 3)
    0.437
    """
    ties = one_mode(graph)
    n = len(ties.names)
    scores = betweenness(ties.matrix).raw / max(1.0, (n - 1) * (n - 2) / 2)
    return _answer(BETWEENNESS, ties, scores, n - 1, networks, basis)


def closeness_centralisation(
    graph: Graph, networks: int | None = None, *, basis: Basis = NOTHING_GIVEN
) -> Answer[float]:
    """How much one actor is nearer to all than the others are.

    Definition: how far the others' closeness stays below the largest, against a star of the same size.
    Formula: Σ(max − c) / ((n−1)(n−2)/(2n−3)), with c = (n−1)/Σd.
    States: *value* for reported ties among six or more connected actors; *unknown* where the actors do not all hang
        together, for projections of several networks and without ties; *too small* below three, and in words below
        six; *forced* to 0 for the projection of one network.
    Caveat: with an isolate tools differ, because its distances are not defined; here the answer is *unknown*.
    Reference: Freeman, L. C. (1979) Centrality in social networks. Social Networks 1, 215–239.

    Args:
        graph: Ties between actors.
        networks: Of how many networks' lists the graph is a projection; ``None`` for reported ties.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> round(closeness_centralisation(nx.florentine_families_graph()).found, 3)
    0.322
    >>> closeness_centralisation(nx.empty_graph(7)).sentence.en
    'Closeness centralisation: not known. No tie is known.'
    """
    ties = one_mode(graph)
    n = len(ties.names)
    if ties.ties and networks is None and n >= 3 and len(components(ties.matrix).size) > 1:
        apart = Text(
            "the actors do not all hang together, so some distances are not defined",
            "nicht alle Akteure hängen zusammen; manche Entfernungen sind daher nicht bestimmt",
        )
        return CLOSENESS.unknown(ties.inputs(basis), apart)
    total = distances(ties.matrix).total.astype(np.float64)
    scores = np.divide(n - 1, total, out=np.zeros_like(total), where=total > 0)
    return _answer(CLOSENESS, ties, scores, (n - 1) * (n - 2) / (2 * n - 3) if n > 2 else 0, networks, basis)


def two_mode_degree_centralisation(data: Any, *, basis: Basis = NOTHING_GIVEN) -> Answer[dict[str, float]]:
    """How much the memberships lie with one actor, and how much the members with one network.

    Definition: how far the others' numbers of memberships stay below the largest, against the most that two modes of
        these sizes allow.
    Formula: Σ(max − d) / ((n₁−1)(n₂−1)), for each mode by itself.
    States: *value* from two networks and three actors on; *forced* for one network; *too small* where a mode has one
        node only or fewer than six actors are listed; *unknown* without members.
    Caveat: lists of different length make the value of networks; those of actors say who is in many networks.
    Reference: Borgatti, S. P. & Everett, M. G. (1997) Network analysis of 2-mode data. Social Networks 19, 243–269.

    Args:
        data: A two-mode graph or matrix.
        basis: Dates and sources, as given.

    Returns:
        The value of each mode, as ``{"actors": …, "networks": …}``.

    >>> import networkx as nx
    >>> answer = two_mode_degree_centralisation(nx.davis_southern_women_graph())
    >>> round(answer.found["actors"], 3), round(answer.found["networks"], 3)
    (0.249, 0.484)
    """
    lists = two_mode(data)
    inputs = lists.inputs(basis)
    n, m = len(lists.actors), len(lists.networks)
    if lists.ties == 0:
        return TWO_MODE.unknown(inputs, NO_MEMBERS)
    if m == 1:
        return TWO_MODE.forced({"actors": 0.0, "networks": 0.0}, inputs, ONE_LIST)
    if n < IN_WORDS_BELOW:
        return TWO_MODE.too_small(inputs, _few(n))
    largest = (n - 1) * (m - 1)
    found = {"actors": _short(lists.memberships) / largest, "networks": _short(lists.sizes) / largest}
    actors, networks = percent(found["actors"]), percent(found["networks"])
    sentence = Text(
        f"Memberships are {actors.en} as concentrated on one actor, and members {networks.en} as concentrated on one "
        "network, as they could be.",
        f"Die Zugehörigkeiten liegen zu {actors.de} so sehr bei einem Akteur und die Mitglieder zu {networks.de} so "
        "sehr bei einem Netzwerk, wie es höchstens möglich wäre.",
    )
    return TWO_MODE.value(found, inputs, sentence)


def _short(degrees: Ints) -> float:
    return float((degrees.max() - degrees).sum())


def _answer(
    measure: Measure, ties: OneMode, scores: Floats, largest: float, networks: int | None, basis: Basis
) -> Answer[float]:
    n, inputs = len(ties.names), ties.inputs(basis, networks)
    if networks == 1 and n > 0:
        return measure.forced(0.0, inputs, ONE_LIST)
    if networks is not None:
        return measure.unknown(inputs, ONLY_LISTS)
    if n < 3:
        few = Text(
            "with fewer than three actors there is no centre", "bei weniger als drei Akteuren gibt es kein Zentrum"
        )
        return measure.too_small(inputs, few)
    if ties.ties == 0:
        return measure.unknown(inputs, NO_TIES)
    found = float((scores.max() - scores).sum() / largest)
    if n < IN_WORDS_BELOW:
        return measure.too_small(inputs, _in_words(n, found))
    return measure.value(found, inputs, _sentence(measure, found, inputs), largest_score=float(scores.max()))


def _sentence(measure: Measure, found: float, inputs: Inputs) -> Text:
    share = percent(found)
    return Text(
        f"{measure.name.en}: {share.en} of what a star of {inputs.actors} actors would have.",
        f"{measure.name.de}: {share.de} dessen, was ein Stern aus {inputs.actors} Akteuren hätte.",
    )


def _in_words(n: int, found: float) -> Text:
    if found <= 1e-9:
        shape = Text("all actors are placed alike", "alle Akteure stehen gleich da")
    elif found >= 1 - 1e-9:
        shape = Text("one actor holds all the ties", "ein Akteur hält alle Verbindungen")
    else:
        shape = Text("some actors have more ties than others", "manche Akteure haben mehr Verbindungen als andere")
    few = _few(n)
    return Text(f"{few.en}; in words: {shape.en}", f"{few.de}; in Worten: {shape.de}")


def _few(n: int) -> Text:
    return Text(
        f"with {n} actor{'' if n == 1 else 's'} only a handful of values is possible",
        f"bei {n} Akteur{'' if n == 1 else 'en'} ist nur eine Handvoll Werte möglich",
    )
