"""Whether the same actors keep meeting, and whether links would survive without one of them, on two-mode lists."""

from __future__ import annotations

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
    count,
    named,
    percent,
)
from integgraph.analysis.measures.twomode import Floats, Node, Patterns, TwoMode, patterns, two_mode

if TYPE_CHECKING:
    from integgraph.analysis.measures.twomode import Matrix

_MEET = Text("Do the same actors keep meeting?", "Treffen sich immer dieselben?")
CLUSTERING = Measure("two-mode-clustering", Text("Two-mode clustering", "Clusterung der Zugehörigkeiten"), _MEET)
OPSAHL = Measure("opsahl-clustering", Text("Two-mode triadic closure", "Triadenschluss der Zugehörigkeiten"), _MEET)
OPSAHL_LOCAL = Measure(
    "opsahl-local-clustering", Text("Local two-mode closure", "Örtlicher Triadenschluss der Zugehörigkeiten"), _MEET
)
REDUNDANCY = Measure(
    "redundancy",
    Text("Redundancy", "Redundanz"),
    Text("Would links survive without it?", "Blieben Verbindungen ohne ihn bestehen?"),
)
OVERLAP = Measure(
    "pair-overlap",
    Text("Overlap of two actors", "Überschneidung zweier Akteure"),
    Text("How much do two share?", "Wie viel haben zwei gemeinsam?"),
)
NETWORKS_FROM = 5
"""From how many networks on clustering says something."""


def two_mode_clustering(data: Any, *, basis: Basis = NOTHING_GIVEN) -> Answer[float]:
    """How often two actors that meet in one network meet in another too.

    Definition: closed paths of three ties as a share of all paths of three ties.
    Formula: 4·C₄ / L₃, C₄ the cycles and L₃ the paths: C₄ = Σ w(w−1)/2 over pairs that share w, L₃ =
        Σ (d_actor − 1)(d_network − 1) over ties.
    States: *value* from five networks on; *too small* below, or where there is no path of three ties; *unknown*
        without members.
    Caveat: grows with long lists by itself; compare with chance (``size_fair``).
    Reference: Robins, G. & Alexander, M. (2004) Small worlds among interlocking directors. Computational and
        Mathematical Organization Theory 10, 69–94.

    Args:
        data: A two-mode graph or matrix.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> round(two_mode_clustering(nx.davis_southern_women_graph()).found, 4)
    0.4678
    """
    lists = two_mode(data)
    too_little = _too_little(CLUSTERING, lists, basis)
    if too_little is not None:
        return too_little
    found = robins_alexander(lists)
    if found is None:
        return CLUSTERING.too_small(lists.inputs(basis), _no_paths())
    share = percent(found)
    sentence = Text(
        f"Of the chains of two actors and two networks, {share.en} are closed: the same two meet in both.",
        f"Von den Ketten aus zwei Akteuren und zwei Netzwerken sind {share.de} geschlossen: "
        "Dieselben zwei treffen sich in beiden.",
    )
    return CLUSTERING.value(found, lists.inputs(basis), sentence)


def robins_alexander(data: Any) -> float | None:
    """The number behind ``two_mode_clustering``; ``None`` where there is no path of three ties.

    >>> robins_alexander([[1, 1], [1, 1]])
    1.0
    """
    lists = two_mode(data)
    ties = sparse.coo_array(lists.matrix)
    chains = float(((lists.memberships[ties.row] - 1) * (lists.sizes[ties.col] - 1)).sum())
    if chains == 0:
        return None
    narrow = (lists.sizes**2).sum() > (lists.memberships**2).sum()
    matrix: Matrix = sparse.csr_array(lists.matrix.T) if narrow else lists.matrix
    shared = sparse.coo_array(matrix @ matrix.T)
    together = shared.data[shared.row < shared.col]
    return float(4 * (together * (together - 1) / 2).sum() / chains)


def opsahl_clustering(data: Any, *, basis: Basis = NOTHING_GIVEN) -> Answer[float]:
    """How often two actors that each meet a third, in different networks, meet each other in yet another one.

    Definition: paths actor–network–actor–network–actor whose ends also share a network that is not on the path, as a
        share of all such paths.
    Formula: closed 4-paths / 4-paths.
    States: *value* from five networks on; *too small* below, or where there is no such path; *unknown* without
        members.
    Caveat: unlike the transitivity of a projection it is not raised by long lists alone.
    Reference: Opsahl, T. (2013) Triadic closure in two-mode networks. Social Networks 35, 159–167.

    Args:
        data: A two-mode graph or matrix.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> round(opsahl_clustering(nx.davis_southern_women_graph()).found, 6)
    0.771897
    """
    lists = two_mode(data)
    too_little = _too_little(OPSAHL, lists, basis)
    if too_little is not None:
        return too_little
    closed, every = four_paths(lists)
    total = float(every.sum())
    if total == 0:
        return OPSAHL.too_small(lists.inputs(basis), _no_paths())
    found = float(closed.sum()) / total
    share = percent(found)
    sentence = Text(
        f"Two actors that meet the same third one also meet each other elsewhere in {share.en} of cases.",
        f"Zwei Akteure, die denselben dritten treffen, treffen sich in {share.de} der Fälle auch anderswo.",
    )
    return OPSAHL.value(found, lists.inputs(basis), sentence)


def opsahl_local(data: Any, *, basis: Basis = NOTHING_GIVEN) -> Answer[dict[Node, float]]:
    """How often the two ends of such a path meet, for each actor in its middle.

    Definition: closed 4-paths centred on an actor as a share of all 4-paths centred on it.
    Formula: as ``opsahl_clustering``, for each actor.
    States: *value* from five networks on; *too small* below, or where no actor has such a path; *unknown* without
        members.
    Caveat: actors in fewer than two networks have none and are left out.
    Reference: Opsahl, T. (2013) Triadic closure in two-mode networks. Social Networks 35, 159–167.

    Args:
        data: A two-mode graph or matrix.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> round(opsahl_local(nx.davis_southern_women_graph()).found["Evelyn Jefferson"], 6)
    0.766667
    """
    lists = two_mode(data)
    too_little = _too_little(OPSAHL_LOCAL, lists, basis)
    if too_little is not None:
        return too_little
    closed, every = four_paths(lists)
    found = {name: float(closed[at] / every[at]) for at, name in enumerate(lists.actors) if every[at]}
    if not found:
        return OPSAHL_LOCAL.too_small(lists.inputs(basis), _no_paths())
    lowest = min(found.values())
    names = named([name for name, share in found.items() if share == lowest])
    sentence = Text(
        f"The circles of an actor are least closed for: {names.en}.",
        f"Am wenigsten geschlossen sind die Kreise von: {names.de}.",
    )
    return OPSAHL_LOCAL.value(found, lists.inputs(basis), sentence)


def four_paths(data: Any) -> tuple[Floats, Floats]:
    """For each actor the closed 4-paths and all 4-paths centred on it, in both directions.

    >>> closed, every = four_paths([[1, 1, 0], [1, 0, 1], [0, 1, 1]])
    >>> closed.tolist(), every.tolist()
    ([2.0, 2.0, 2.0], [2.0, 2.0, 2.0])
    """
    lists = two_mode(data)
    kinds = patterns(lists.matrix)
    closed, every = np.zeros(len(kinds.times)), np.zeros(len(kinds.times))
    degree = np.diff(kinds.matrix.indptr)
    for at in np.flatnonzero(degree > 1):
        closed[at], every[at] = _centred(kinds, int(at))
    return closed[kinds.row], every[kinds.row]


def _centred(kinds: Patterns, centre: int) -> tuple[float, float]:
    own = kinds.matrix[[centre]].indices
    inside = kinds.matrix[:, own]
    near = np.flatnonzero(np.diff(inside.indptr) > 0)
    here = inside[near].toarray()
    rows = kinds.matrix[near]
    between = (rows @ rows.T).toarray()
    thrice = here @ here.T
    shares = here.sum(axis=1)
    paths = np.outer(shares, shares) - thrice
    # A tie between the ends counts only through a network that is not on the path itself.
    closed = np.select(
        [between >= 3, between == 2, between == 1],
        [paths, paths - thrice * (thrice - 1), np.outer(shares, shares) - thrice * (shares[:, None] + shares - thrice)],
        0.0,
    )
    times = kinds.times[near].astype(np.float64)
    times[near == centre] -= 1
    pairs = np.outer(times, times)
    np.fill_diagonal(pairs, times * (times - 1))
    return float((closed * pairs).sum()), float((paths * pairs).sum())


def redundancy(data: Any, *, basis: Basis = NOTHING_GIVEN) -> Answer[dict[str, dict[Node, float]]]:
    """Whether those that a node brings together would still be linked without it.

    Definition: share of the pairs of a node's neighbours that share another neighbour too.
    Formula: |{ {u, w} ⊆ N(v) : another node is tied to both }| / (d(d−1)/2).
    States: *value* from two networks on; *forced* to 0 for one network, without which nothing links its members; *too
        small* where no node has two neighbours; *unknown* without members.
    Caveat: nodes with fewer than two neighbours have none and are left out.
    Reference: Latapy, M., Magnien, C. & Del Vecchio, N. (2008) Basic notions for the analysis of large two-mode
        networks. Social Networks 30, 31–48.

    Args:
        data: A two-mode graph or matrix.
        basis: Dates and sources, as given.

    Returns:
        Shares of both modes.

    >>> import networkx as nx
    >>> round(redundancy(nx.davis_southern_women_graph()).found["networks"]["E9"], 4)
    0.7121
    """
    lists = two_mode(data)
    inputs = lists.inputs(basis)
    if lists.ties == 0:
        return REDUNDANCY.unknown(inputs, NO_MEMBERS)
    transposed: Matrix = sparse.csr_array(lists.matrix.T)
    actors = _redundant(lists.matrix, transposed)
    networks = _redundant(transposed, lists.matrix)
    found = {
        "actors": {name: share for name, share in zip(lists.actors, actors, strict=True) if share is not None},
        "networks": {name: share for name, share in zip(lists.networks, networks, strict=True) if share is not None},
    }
    if not found["actors"] and not found["networks"]:
        return REDUNDANCY.too_small(
            inputs,
            Text("no actor and no network has two neighbours", "kein Akteur und kein Netzwerk hat zwei Nachbarn"),
        )
    if len(lists.networks) == 1:
        return REDUNDANCY.forced(found, inputs, ONE_LIST)
    alone = [name for name, share in found["networks"].items() if share == 0]
    n = len(alone)
    only = count(n, ("network", "networks"), ("Netzwerk", "Netzwerke"))
    sentence = Text(
        f"{only.en} of {len(lists.networks)} bring together members who meet nowhere else.",
        f"{only.de} von {len(lists.networks)} führen Mitglieder zusammen, die sich sonst nirgends treffen.",
    )
    return REDUNDANCY.value(found, inputs, sentence)


def _redundant(matrix: Matrix, transposed: Matrix) -> list[float | None]:
    found: list[float | None] = []
    for at in range(matrix.shape[0]):
        near = matrix.indices[matrix.indptr[at] : matrix.indptr[at + 1]]
        if len(near) < 2:
            found.append(None)
            continue
        rows = sparse.csr_array(transposed[near])
        elsewhere = rows[np.diff(rows.indptr) > 1]
        shared = sparse.coo_array(elsewhere @ elsewhere.T)
        pairs = int(((shared.row < shared.col) & (shared.data > 1)).sum())
        found.append(2 * pairs / (len(near) * (len(near) - 1)))
    return found


def pair_overlap(data: Any, one: Node, other: Node, *, basis: Basis = NOTHING_GIVEN) -> Answer[dict[str, float]]:
    """How much of what two nodes of one mode are tied to they share.

    Definition: shared neighbours against all neighbours of the two (``dot``), the smaller number (``min``) or the
        larger (``max``).
    Formula: |N∩M| / |N∪M|, |N∩M| / min(|N|, |M|), |N∩M| / max(|N|, |M|).
    States: *value* where both have neighbours; *forced* for one network; *unknown* where one of them has none.
    Caveat: ``min`` is 1 as soon as one list is part of the other.
    Reference: Latapy, M., Magnien, C. & Del Vecchio, N. (2008) Basic notions for the analysis of large two-mode
        networks. Social Networks 30, 31–48.

    Args:
        data: A two-mode graph or matrix.
        one: Name of an actor or a network.
        other: Name of another of the same mode.
        basis: Dates and sources, as given.

    >>> pair_overlap([[1, 1, 0], [1, 0, 1]], 0, 1).found
    {'dot': 0.3333333333333333, 'min': 0.5, 'max': 0.5}
    """
    lists = two_mode(data)
    inputs = lists.inputs(basis)
    among_actors = one in lists.actors and other in lists.actors
    names = lists.actors if among_actors else lists.networks
    if one not in names or other not in names:
        return OVERLAP.unknown(inputs, Text("one of the two is not in the data", "einer der beiden kommt nicht vor"))
    matrix: Matrix = lists.matrix if among_actors else sparse.csr_array(lists.matrix.T)
    first, second = (set(matrix[[names.index(name)]].indices.tolist()) for name in (one, other))
    if not first or not second:
        return OVERLAP.unknown(inputs, NO_MEMBERS)
    shared = len(first & second)
    found = {
        "dot": shared / len(first | second),
        "min": shared / min(len(first), len(second)),
        "max": shared / max(len(first), len(second)),
    }
    if len(lists.networks) == 1:
        return OVERLAP.forced(found, inputs, ONE_LIST)
    every = len(first | second)
    sentence = Text(f"The two share {shared} of {every}.", f"Die beiden haben {shared} von {every} gemeinsam.")
    return OVERLAP.value(found, inputs, sentence)


def _too_little(measure: Measure, lists: TwoMode, basis: Basis) -> Answer[Any] | None:
    inputs = lists.inputs(basis)
    if lists.ties == 0:
        return measure.unknown(inputs, NO_MEMBERS)
    if len(lists.networks) < NETWORKS_FROM:
        few = Text(f"fewer than {NETWORKS_FROM} networks", f"weniger als {NETWORKS_FROM} Netzwerke")
        return measure.too_small(inputs, few)
    return None


def _no_paths() -> Text:
    return Text("no actor meets others in two networks", "kein Akteur trifft andere in zwei Netzwerken")
