"""How much is known, and how joined-up the lists are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from integgraph.analysis.measures.answers import (
    NO_MEMBERS,
    NO_TIES,
    NOTHING_GIVEN,
    ONE_LIST,
    Answer,
    Basis,
    Inputs,
    Measure,
    Text,
    count,
    grouped,
    number,
    percent,
    with_basis,
)
from integgraph.analysis.measures.twomode import OneMode, one_mode, patterns, two_mode

if TYPE_CHECKING:
    from integgraph.analysis.measures.twomode import Graph, Matrix

COMPLETENESS = Measure(
    "list-completeness",
    Text("Completeness of the list", "Vollständigkeit der Angaben"),
    Text("How much do we know?", "Wie viel wissen wir?"),
)
FIELDS_ANSWERED = Measure(
    "fields-answered",
    Text("Fields answered", "Beantwortete Felder"),
    Text("How much do we know?", "Wie viel wissen wir?"),
)
TWO_MODE_DENSITY = Measure(
    "two-mode-density",
    Text("Two-mode density", "Dichte der Zugehörigkeiten"),
    Text("How joined-up is the region?", "Wie eng ist die Region verflochten?"),
)
MEAN_MEMBERSHIPS = Measure(
    "mean-memberships",
    Text("Mean memberships", "Mittlere Zahl der Zugehörigkeiten"),
    Text("In how many networks is an actor, on average?", "In wie vielen Netzwerken ist ein Akteur im Mittel?"),
)
PROJECTION = Measure(
    "projection",
    Text("Co-listing", "Gemeinsame Nennung"),
    Text("Which actors stand in the same lists?", "Welche Akteure stehen in denselben Listen?"),
)
DENSITY = Measure(
    "density",
    Text("Density", "Dichte"),
    Text("How many of the possible ties are there?", "Wie viele der möglichen Verbindungen gibt es?"),
)
MEAN_DEGREE = Measure(
    "mean-degree",
    Text("Mean number of ties", "Mittlere Zahl der Verbindungen"),
    Text("How many ties does an actor have, on average?", "Wie viele Verbindungen hat ein Akteur im Mittel?"),
)
GAPS = frozenset({"not-stated", "not-recorded", "unreadable"})
"""Reasons of absence that are gaps in what is known."""
LEFT_OUT = frozenset({"withheld", "not-asked"})
"""Reasons of absence that are no gap: such a field is not counted."""


def list_completeness(
    named: int | None,
    stated: int | None,
    fields: Mapping[str, str] | None = None,
    *,
    basis: Basis = NOTHING_GIVEN,
) -> Answer[float]:
    """How many of the stated members are named, and how many of the fields of the form are answered.

    Definition: members named as a share of the members that the source says there are; beside it the share of fields
        with an answer, where a stated none is an answer and a field that is withheld or was not asked is not counted.
    Formula: named / stated, at most 1; answered / (answered + gaps).
    States: *value* where both counts are known; *unknown* where members are not named or their number is not stated.
    Caveat: unknown is not zero. A source may state a rounded or older number; more named than stated counts as 1 and
        is noted. Missing members make a network look more centralised than it is.
    Reference: Smith, J. A. & Moody, J. (2013) Structural effects of network sampling coverage I. Social Networks 35,
        652–668.

    Args:
        named: Members named in the list; ``None`` where it is not known.
        stated: How many members the source says there are; ``None`` where it does not.
        fields: State of each field: ``value``, or the reason of its absence, such as ``stated-none``.
        basis: Dates and sources, as given.

    Returns:
        The share; ``fields_answered``, ``fields_asked`` and ``fields_share`` stand in the details.

    >>> answer = list_completeness(3, 3, {"founded": "unreadable", "coordination": "stated-none"})
    >>> answer.value, answer.details["fields_share"]
    (1.0, 0.5)
    >>> str(list_completeness(12, None).state)
    'unknown'
    """
    answered, asked = _fields(fields or {})
    details: dict[str, Any] = {
        "named": named,
        "stated": stated,
        "fields_answered": answered,
        "fields_asked": asked,
        "fields_share": answered / asked if asked else None,
    }
    inputs = with_basis(Inputs(actors=named), basis)
    if named is None:
        return COMPLETENESS.unknown(inputs, NO_MEMBERS, **details)
    if not stated:
        reason = Text(
            f"{count(named, ('member is', 'members are'), ('', '')).en} named, and the source does not say of how many",
            f"{count(named, ('', ''), ('Mitglied ist', 'Mitglieder sind')).de} genannt; von wie vielen, sagt die "
            "Quelle nicht",
        )
        return COMPLETENESS.unknown(inputs, reason, **details)
    sentence = Text(f"Members named: {named} of {stated}.", f"Genannte Mitglieder: {named} von {stated}.")
    if named > stated:
        sentence = Text(
            f"Members named: {named}, more than the {stated} that the source states.",
            f"Genannte Mitglieder: {named}, mehr als die {stated}, von denen die Quelle spricht.",
        )
    if asked:
        sentence = Text(
            f"{sentence.en} Fields answered: {answered} of {asked}.",
            f"{sentence.de} Beantwortete Felder: {answered} von {asked}.",
        )
    return COMPLETENESS.value(min(1.0, named / stated), inputs, sentence, **details)


def _fields(fields: Mapping[str, str]) -> tuple[int, int]:
    gaps = sum(state in GAPS or not state for state in fields.values())
    asked = sum(state not in LEFT_OUT for state in fields.values())
    return asked - gaps, asked


def fields_answered(
    answered: int, asked: int, *, networks: int, named: int = 0, complete: int = 0, basis: Basis = NOTHING_GIVEN
) -> Answer[float]:
    """What share of the fields of the form is answered, over one or many networks.

    Definition: fields with an answer as a share of the fields that were asked; a stated none is an answer, and a field
        that is withheld or was not asked is not counted.
    Formula: answered / (answered + gaps).
    States: *value* in general; *unknown* where there is no network.
    Caveat: says how much is known of the networks, not how good they are; a source that was read in part answers less.
    Reference: Smith, J. A. & Moody, J. (2013) Structural effects of network sampling coverage I. Social Networks 35,
        652–668.

    Args:
        answered: Fields with an answer, over all networks.
        asked: Fields that were asked.
        networks: How many networks there are.
        named: For how many of them members are named.
        complete: How many of the lists of members are stated to be complete.
        basis: Dates and sources, as given.

    >>> fields_answered(30, 40, networks=2, named=2).sentence.en
    'Fields answered: 30 of 40 (75 %). Members are named for 2 of 2 networks; lists stated to be complete: 0.'
    """
    inputs = with_basis(Inputs(networks=networks), basis)
    if not asked:
        return FIELDS_ANSWERED.unknown(inputs, Text("no network is here", "es ist kein Netzwerk da"))
    share = percent(answered / asked)
    sentence = grouped(
        f"Fields answered: {answered:,} of {asked:,} ({share.en}). Members are named for {named:,} of {networks:,} "
        f"networks; lists stated to be complete: {complete:,}.",
        f"Beantwortete Felder: {answered:,} von {asked:,} ({share.de}). Mitglieder sind für {named:,} von "
        f"{networks:,} Netzwerken genannt; laut Angabe vollständige Listen: {complete:,}.",
    )
    return FIELDS_ANSWERED.value(answered / asked, inputs, sentence, answered=answered, asked=asked)


def two_mode_density(data: Any, *, basis: Basis = NOTHING_GIVEN) -> Answer[float]:
    """Memberships there are, as a share of the memberships there could be.

    Definition: ties between actors and networks divided by the number of pairs of an actor and a network.
    Formula: e / (n·m).
    States: *value* from two networks on; *forced* for one network, whose listed members are all there is; *unknown*
        without members.
    Caveat: falls with the size of the collection by itself; compare collections of like size, or against chance.
    Reference: Borgatti, S. P. & Everett, M. G. (1997) Network analysis of 2-mode data. Social Networks 19, 243–269.

    Args:
        data: A two-mode graph or matrix (see ``two_mode``).
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> round(two_mode_density(nx.davis_southern_women_graph()).found, 4)
    0.3532
    >>> two_mode_density([[1], [1], [1]]).sentence.de
    'Dichte der Zugehörigkeiten: 1. Diese Zahl legt der Aufbau der Daten fest: alle Akteure stehen in einer Liste. \
Sie ist kein Befund.'
    """
    lists = two_mode(data)
    inputs = lists.inputs(basis)
    n, m = len(lists.actors), len(lists.networks)
    if lists.ties == 0:
        return TWO_MODE_DENSITY.unknown(inputs, NO_MEMBERS)
    found = lists.ties / (n * m)
    if m == 1:
        return TWO_MODE_DENSITY.forced(found, inputs, ONE_LIST)
    share = percent(found)
    sentence = Text(
        f"Of all possible memberships, {share.en} are listed.",
        f"Von allen möglichen Zugehörigkeiten sind {share.de} verzeichnet.",
    )
    return TWO_MODE_DENSITY.value(found, inputs, sentence)


def mean_memberships(data: Any, *, basis: Basis = NOTHING_GIVEN) -> Answer[float]:
    """How many networks list an actor, on average.

    Definition: mean number of networks that an actor is listed in.
    Formula: e / n.
    States: *value* from two networks on; *forced* to 1 for one network; *unknown* without members.
    Caveat: actors whose branches stand in several lists under several names are counted several times.
    Reference: Borgatti, S. P. & Everett, M. G. (1997) Network analysis of 2-mode data. Social Networks 19, 243–269.

    Args:
        data: A two-mode graph or matrix.
        basis: Dates and sources, as given.

    >>> mean_memberships([[1, 0], [1, 1]]).found
    1.5
    """
    lists = two_mode(data)
    inputs = lists.inputs(basis)
    if lists.ties == 0:
        return MEAN_MEMBERSHIPS.unknown(inputs, NO_MEMBERS)
    found = lists.ties / len(lists.actors)
    several = int((lists.memberships > 1).sum())
    if len(lists.networks) == 1:
        return MEAN_MEMBERSHIPS.forced(found, inputs, ONE_LIST, in_several=several)
    sentence = Text(
        f"On average an actor is listed in {number(found).en} networks; {several} of {len(lists.actors)} actors are "
        "listed in more than one.",
        f"Im Mittel ist ein Akteur in {number(found).de} Netzwerken verzeichnet; {several} von {len(lists.actors)} "
        "Akteuren in mehr als einem.",
    )
    return MEAN_MEMBERSHIPS.value(found, inputs, sentence, in_several=several)


def co_listing(data: Any, mode: str = "actors") -> OneMode:
    """The projection of a two-mode list: who stands in the same lists, and in how many.

    Definition: two actors are tied where one network lists both; the weight is the number of such networks.
    Formula: A·Aᵀ without its diagonal (networks: Aᵀ·A).
    States: a matrix, not an answer; see ``projection_size``.
    Caveat: being listed together is not cooperation. One network of k members gives k(k−1)/2 ties.
    Reference: Breiger, R. L. (1974) The duality of persons and groups. Social Forces 53, 181–190.

    Args:
        data: A two-mode graph or matrix.
        mode: ``actors`` or ``networks``.

    >>> co_listing([[1, 1], [1, 1], [0, 1]]).matrix.toarray().tolist()
    [[0.0, 2.0, 1.0], [2.0, 0.0, 1.0], [1.0, 1.0, 0.0]]
    """
    lists = two_mode(data)
    matrix = lists.matrix if mode == "actors" else sparse.csr_array(lists.matrix.T)
    shared = sparse.coo_array(matrix @ matrix.T)
    off = shared.row != shared.col
    kept = sparse.csr_array((shared.data[off], (shared.row[off], shared.col[off])), shape=shared.shape)
    return OneMode(lists.actors if mode == "actors" else lists.networks, kept)


def projection_size(data: Any, mode: str = "actors", *, basis: Basis = NOTHING_GIVEN) -> Answer[int]:
    """How many pairs stand in the same list.

    Definition: pairs of actors that at least one network lists together (or pairs of networks that share a member).
    Formula: number of non-zero cells above the diagonal of A·Aᵀ.
    States: *value* from two networks on; *forced* for one network, which joins all of its members; *unknown* without
        members.
    Caveat: large networks give most of the pairs.
    Reference: Breiger, R. L. (1974) The duality of persons and groups. Social Forces 53, 181–190.

    Args:
        data: A two-mode graph or matrix.
        mode: ``actors`` or ``networks``.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> projection_size(nx.davis_southern_women_graph()).value
    139
    """
    lists = two_mode(data)
    inputs = lists.inputs(basis)
    if lists.ties == 0:
        return PROJECTION.unknown(inputs, NO_MEMBERS)
    pairs = _pairs(lists.matrix if mode == "actors" else sparse.csr_array(lists.matrix.T))
    if len(lists.networks) == 1:
        return PROJECTION.forced(pairs, inputs, ONE_LIST)
    if mode == "actors":
        sentence = Text(
            f"{pairs} pairs of actors are listed together at least once; that is not a report of cooperation.",
            f"{pairs} Paare von Akteuren sind mindestens einmal gemeinsam verzeichnet; "
            "berichtete Zusammenarbeit ist das nicht.",
        )
    else:
        sentence = Text(
            f"{pairs} pairs of networks share at least one member.",
            f"{pairs} Paare von Netzwerken haben mindestens ein gemeinsames Mitglied.",
        )
    return PROJECTION.value(pairs, inputs, sentence)


def _pairs(matrix: Matrix) -> int:
    """Pairs of rows that share a column, counted by different rows, so that no list is too long."""
    kinds = patterns(matrix)
    shared = sparse.coo_array(kinds.matrix @ kinds.matrix.T)
    times = kinds.times
    apart = shared.row < shared.col
    across = int((times[shared.row[apart]] * times[shared.col[apart]]).sum())
    listed = times[np.diff(kinds.matrix.indptr) > 0]
    return across + int((listed * (listed - 1) // 2).sum())


def density(graph: Graph, networks: int | None = None, *, basis: Basis = NOTHING_GIVEN) -> Answer[float]:
    """Ties there are, as a share of the ties there could be.

    Definition: ties between actors divided by the number of pairs of actors.
    Formula: 2e / (n(n−1)); directed e / (n(n−1)).
    States: *value* for reported ties among three or more actors; *forced* to 1 for the projection of one network;
        *too small* below three actors; *unknown* where no tie is known.
    Caveat: falls with size; two densities may be compared only between networks of like size.
    Reference: Wasserman, S. & Faust, K. (1994) Social network analysis, ch. 4. Cambridge University Press.

    Args:
        graph: Ties between actors; self-ties and duplicates do not count.
        networks: Of how many networks' lists the graph is a projection; ``None`` for reported ties.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> str(density(nx.complete_graph(3), networks=1).state)
    'forced'
    >>> density(nx.path_graph(4)).found
    0.5
    """
    n = graph.number_of_nodes()
    directed = graph.is_directed()
    ties = len({(a, b) if directed else frozenset((a, b)) for a, b in graph.edges() if a != b})
    inputs = with_basis(Inputs(n, networks, ties), basis)
    if n < (2 if networks == 1 else 3):
        return DENSITY.too_small(inputs, few(n))
    if ties == 0 and networks is None:
        return DENSITY.unknown(inputs, NO_TIES)
    found = ties * (1 if directed else 2) / (n * (n - 1))
    if networks == 1:
        return DENSITY.forced(found, inputs, ONE_LIST)
    share = percent(found)
    if networks is None:
        sentence = Text(
            f"Of all possible ties between actors, {share.en} are reported.",
            f"Von allen möglichen Verbindungen zwischen Akteuren sind {share.de} berichtet.",
        )
    else:
        sentence = Text(
            f"Of all pairs of actors, {share.en} stand in a list together.",
            f"Von allen Paaren von Akteuren stehen {share.de} gemeinsam in einer Liste.",
        )
    return DENSITY.value(found, inputs, sentence)


def mean_degree(graph: Graph, networks: int | None = None, *, basis: Basis = NOTHING_GIVEN) -> Answer[float]:
    """How many ties an actor has, on average.

    Definition: mean number of other actors that an actor is tied to.
    Formula: 2e / n.
    States: *value* for reported ties; *forced* to n−1 for the projection of one network; *unknown* without actors.
    Caveat: a mean hides the spread; look at the largest too.
    Reference: Wasserman, S. & Faust, K. (1994) Social network analysis, ch. 4. Cambridge University Press.

    Args:
        graph: Ties between actors; directions, self-ties and duplicates do not count.
        networks: Of how many networks' lists the graph is a projection; ``None`` for reported ties.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> mean_degree(nx.path_graph(4)).found
    1.5
    """
    ties = one_mode(graph)
    inputs = ties.inputs(basis, networks)
    if not ties.names:
        return MEAN_DEGREE.unknown(inputs, NO_TIES)
    found = float(np.mean(ties.degrees))
    if networks == 1:
        return MEAN_DEGREE.forced(found, inputs, ONE_LIST)
    sentence = Text(
        f"On average an actor has {number(found).en} ties.",
        f"Im Mittel hat ein Akteur {number(found).de} Verbindungen.",
    )
    return MEAN_DEGREE.value(found, inputs, sentence, largest=int(ties.degrees.max()))


def few(n: int) -> Text:
    """Why so few actors say nothing.

    >>> few(1).en
    'there is 1 actor, and fewer than three say nothing of structure'
    """
    return Text(
        f"there {'is' if n == 1 else 'are'} {n if n else 'no'} actor{'' if n == 1 else 's'}, and fewer than three say "
        "nothing of structure",
        f"es gibt {n if n else 'keine'} Akteur{'' if n == 1 else 'e'}; weniger als drei sagen nichts über den Aufbau",
    )
