"""Who bridges separate circles, and between which sectors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from integgraph.analysis.measures.answers import (
    NO_TIES,
    NOTHING_GIVEN,
    ONE_LIST,
    ONLY_LISTS,
    Answer,
    Basis,
    Inputs,
    Measure,
    Text,
    named,
)
from integgraph.analysis.measures.twomode import Floats, Node, OneMode, one_mode, patterns

if TYPE_CHECKING:
    from integgraph.analysis.measures.twomode import Graph

_BRIDGES = Text("Who bridges separate circles?", "Wer verbindet getrennte Kreise?")
CONSTRAINT = Measure("constraint", Text("Constraint", "Eingebundenheit (Constraint)"), _BRIDGES)
EFFECTIVE_SIZE = Measure("effective-size", Text("Effective size", "Effektive Größe"), _BRIDGES)
ROLES = Measure(
    "brokerage-roles",
    Text("Brokerage roles", "Vermittlerrollen"),
    Text("Who links NGO, public, business?", "Wer verbindet NGO, öffentliche Hand, Wirtschaft?"),
)
READ_FROM = 3
"""From how many ties on an actor's constraint and effective size say something."""
ROWS = 512
"""Rows of the matrix of indirect ties that are held at a time."""


def constraint(
    graph: Graph, networks: int | None = None, *, weight: str | None = None, basis: Basis = NOTHING_GIVEN
) -> Answer[dict[Node, float]]:
    """How much an actor's ties lead back to one another, so that it bridges little.

    Definition: the share of an actor's ties that goes, directly or through others, to each partner, squared and added.
    Formula: c_i = Σ_j (p_ij + Σ_q p_iq·p_qj)², p_ij the share of tie i–j in all of i's ties, j the partners of i.
    States: *value* where some actor has three or more reported ties; *too small* where none has; *forced* for the
        projection of one network; *unknown* for other projections and without ties.
    Caveat: can exceed 1 (a triangle has 1.125). Read it only for actors with three or more ties; the others are listed
        under ``few_ties``. Actors without ties have no constraint. On a two-mode graph it is just 1/degree.
    Reference: Burt, R. S. (1992) Structural holes. Harvard University Press.

    Args:
        graph: Ties between actors.
        networks: Of how many networks' lists the graph is a projection; ``None`` for reported ties.
        weight: Name of the weight of ties; without one all weigh the same.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> round(constraint(nx.florentine_families_graph()).found["Medici"], 4)
    0.2099
    >>> answer = constraint(nx.complete_graph(3), networks=1)
    >>> str(answer.state), answer.found[0]
    ('forced', 1.125)
    """
    ties = one_mode(graph, weight)
    return _answer(CONSTRAINT, ties, constraint_scores(ties), networks, basis, low=True)


def constraint_scores(ties: OneMode) -> Floats:
    """The numbers behind ``constraint``, in the order of the names; 0 for who has no tie.

    >>> import networkx as nx
    >>> constraint_scores(one_mode(nx.path_graph(3))).tolist()
    [1.0, 0.5, 1.0]
    """
    if (ties.matrix.data == ties.matrix.data[:1]).all():
        return _even_constraint(ties)
    strength = np.asarray(ties.matrix.sum(axis=1), dtype=np.float64).ravel()
    scale = np.divide(1, strength, out=np.zeros_like(strength), where=strength > 0)
    share = sparse.csr_array(ties.matrix.multiply(scale[:, None]))
    links = ties.matrix.copy()
    links.data = np.ones_like(links.data)
    found = np.zeros(len(ties.names))
    for start in range(0, len(found), ROWS):
        rows = slice(start, start + ROWS)
        through = (share[rows] @ share).multiply(links[rows])
        found[rows] = np.asarray((share[rows] + through).power(2).sum(axis=1)).ravel()
    return found


def _even_constraint(ties: OneMode) -> Floats:
    """The same where all ties weigh the same: actors with the same partners, and each other, are taken as one kind.

    Two tied actors of the kinds I and J have in common the partners T_IJ = Σ_Q n_Q / d_Q, Q the kinds tied to both, n
    their sizes and d their degrees, themselves counted; so Σ_q p_iq·p_qj = (T_IJ − 1/d_I − 1/d_J) / d_I.
    """
    size = len(ties.names)
    links = sparse.csr_array((np.ones(ties.matrix.nnz), ties.matrix.indices, ties.matrix.indptr), shape=(size, size))
    kinds = patterns(sparse.csr_array(links + sparse.eye_array(size)))
    first = np.unique(kinds.row, return_index=True)[1]
    tied = sparse.csr_array(kinds.matrix[:, first])
    degrees = ties.degrees[first].astype(np.float64)
    share = np.divide(1, degrees, out=np.zeros_like(degrees), where=degrees > 0)
    common = sparse.csr_array((tied.multiply(kinds.times * share) @ tied).multiply(tied))
    common.sort_indices()
    one = np.repeat(np.arange(len(first)), np.diff(common.indptr))
    other = common.indices
    partners = kinds.times[other] - (one == other)
    terms = partners * (share[one] * (1 + common.data - share[one] - share[other])) ** 2
    found: Floats = np.bincount(one, terms, minlength=len(first)).astype(np.float64)
    return found[kinds.row]


def effective_size(
    graph: Graph, networks: int | None = None, *, basis: Basis = NOTHING_GIVEN
) -> Answer[dict[Node, float]]:
    """How many separate circles an actor's partners make up.

    Definition: number of partners less the mean number of ties that they have among each other.
    Formula: n − 2t/n, n the partners and t the ties among them.
    States: as ``constraint``.
    Caveat: without weights and directions. Actors without ties have no effective size.
    Reference: Burt, R. S. (1992) Structural holes. Harvard University Press; Borgatti, S. P. (1997) Structural holes:
        unpacking Burt's redundancy measures. Connections 20, 35–38.

    Args:
        graph: Ties between actors.
        networks: Of how many networks' lists the graph is a projection; ``None`` for reported ties.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> round(effective_size(nx.star_graph(4)).found[0], 2)
    4.0
    """
    ties = one_mode(graph)
    degrees = ties.degrees.astype(np.float64)
    among = np.asarray((ties.matrix @ ties.matrix).multiply(ties.matrix).sum(axis=1)).ravel() / 2
    found = degrees - np.divide(2 * among, degrees, out=np.zeros_like(degrees), where=degrees > 0)
    return _answer(EFFECTIVE_SIZE, ties, found, networks, basis, low=False)


def _answer(
    measure: Measure, ties: OneMode, scores: Floats, networks: int | None, basis: Basis, *, low: bool
) -> Answer[dict[Node, float]]:
    inputs = ties.inputs(basis, networks)
    found = {name: float(scores[at]) for at, name in enumerate(ties.names) if ties.degrees[at] > 0}
    few = [name for at, name in enumerate(ties.names) if ties.degrees[at] < READ_FROM]
    if networks is not None and networks > 1:
        return measure.unknown(inputs, ONLY_LISTS)
    if not found:
        return measure.unknown(inputs, NO_TIES)
    if networks == 1:
        return measure.forced(found, inputs, ONE_LIST, few_ties=few)
    readable = {name: score for name, score in found.items() if name not in set(few)}
    if not readable:
        reason = Text("no actor has three ties", "kein Akteur hat drei Verbindungen")
        return measure.too_small(inputs, reason, few_ties=few)
    order = sorted(readable.values(), reverse=not low)[:3]
    best = named([name for name, score in readable.items() if (score <= order[-1] if low else score >= order[-1])])
    sentence = Text(
        f"Separate circles are bridged most by: {best.en}.", f"Getrennte Kreise verbinden am ehesten: {best.de}."
    )
    return measure.value(found, inputs, sentence, few_ties=few)


@dataclass(frozen=True, slots=True)
class Roles:
    """How often an actor stands between two that are not tied, by the sectors of the three.

    Attributes:
        coordinator: w_I: all three of one sector.
        itinerant: w_O: the ends of one sector, the broker of another.
        representative: b_IO: from its own sector out to another.
        gatekeeper: b_OI: from another sector into its own.
        liaison: b_O: three different sectors.
    """

    coordinator: int = 0
    itinerant: int = 0
    representative: int = 0
    gatekeeper: int = 0
    liaison: int = 0

    @property
    def across(self) -> int:
        """Two-paths that leave a sector: representative, gatekeeper and liaison."""
        return self.representative + self.gatekeeper + self.liaison


def brokerage_roles(
    graph: Graph,
    sectors: Mapping[Node, str | None] | str = "sector",
    networks: int | None = None,
    *,
    basis: Basis = NOTHING_GIVEN,
) -> Answer[dict[Node, Roles]]:
    """Who stands between others that are not tied, within and between sectors.

    Definition: open two-paths i → j → k without a tie i → k, counted for the broker j by the sectors of the three.
    Formula: w_I, w_O, b_IO, b_OI, b_O: see ``Roles``.
    States: *value* for reported ties among ten or more actors of two or more sectors; *too small* below ten actors;
        *unknown* for projections, without ties, and with one sector.
    Caveat: an undirected tie counts in both directions. Two-paths that touch an actor of unknown sector are left out,
        and how many such actors there are stands in the details.
    Reference: Gould, R. V. & Fernandez, R. M. (1989) Structures of mediation. Sociological Methodology 19, 89–126.

    Args:
        graph: Ties between actors, directed or not.
        sectors: Sector of each actor, or the name of the node attribute that holds it.
        networks: Of how many networks' lists the graph is a projection; ``None`` for reported ties.
        basis: Dates and sources, as given.

    Returns:
        Counts of each actor; their sums stand in the details under ``total``.

    >>> import networkx as nx
    >>> star = nx.star_graph(9)
    >>> sector = {node: "public" if node in (0, 1) else "NGO" for node in star}
    >>> brokerage_roles(star, sector).found[0]
    Roles(coordinator=0, itinerant=56, representative=8, gatekeeper=8, liaison=0)
    """
    by_node = dict(graph.nodes(data=sectors)) if isinstance(sectors, str) else dict(sectors)
    known = {node: by_node[node] for node in graph if by_node.get(node)}
    ties = sum(a != b for a, b in graph.edges())
    inputs = Inputs(graph.number_of_nodes(), networks, ties, basis.dates, basis.sources)
    without = graph.number_of_nodes() - len(known)
    if networks is not None:
        return ROLES.unknown(inputs, ONLY_LISTS, sector_unknown=without)
    if ties == 0:
        return ROLES.unknown(inputs, NO_TIES, sector_unknown=without)
    if len(set(known.values())) < 2:
        one = Text("fewer than two sectors are known", "es sind weniger als zwei Sektoren bekannt")
        return ROLES.unknown(inputs, one, sector_unknown=without)
    if graph.number_of_nodes() < 10:
        few = Text("fewer than ten actors make no roles", "weniger als zehn Akteure ergeben keine Rollen")
        return ROLES.too_small(inputs, few, sector_unknown=without)
    found = {node: _roles(graph, node, known) for node in graph}
    total = Roles(*(sum(getattr(each, part.name) for each in found.values()) for part in fields(Roles)))
    most = max(each.across for each in found.values())
    best = named([node for node, each in found.items() if most and each.across == most])
    sentence = (
        Text(
            f"Different sectors are linked most by: {best.en}.",
            f"Verschiedene Sektoren verbindet vor allem: {best.de}.",
        )
        if most
        else Text("No actor stands between two sectors.", "Kein Akteur steht zwischen zwei Sektoren.")
    )
    return ROLES.value(found, inputs, sentence, total=total, sector_unknown=without)


def _roles(graph: Graph, broker: Node, sector: Mapping[Node, str | None]) -> Roles:
    own = sector.get(broker)
    if own is None:
        return Roles()
    directed: Any = graph
    into = set(directed.predecessors(broker) if graph.is_directed() else graph[broker]) - {broker}
    out = set(graph[broker]) - {broker}
    counts: Counter[str] = Counter()
    for start in into & sector.keys():
        beyond = (out - set(graph[start]) - {start}) & sector.keys()
        for end, times in Counter(sector[node] for node in beyond).items():
            counts[_role(sector[start], own, end)] += times
    return Roles(**counts)


def _role(start: str | None, own: str, end: str | None) -> str:
    if start == end:
        return "coordinator" if own == start else "itinerant"
    if start == own:
        return "representative"
    return "gatekeeper" if end == own else "liaison"
