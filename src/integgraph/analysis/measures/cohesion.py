"""What hangs together, what falls apart if someone leaves, how far things are, whether ties close."""

from __future__ import annotations

from collections.abc import Collection
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np

from integgraph.analysis.measures import paths
from integgraph.analysis.measures.answers import (
    NO_MEMBERS,
    NO_TIES,
    NOTHING_GIVEN,
    ONE_LIST,
    ONLY_LISTS,
    Answer,
    Basis,
    Measure,
    Text,
    named,
    number,
    percent,
)
from integgraph.analysis.measures.twomode import (
    Floats,
    Node,
    OneMode,
    as_one_graph,
    graph_inputs,
    one_mode,
)

if TYPE_CHECKING:
    from integgraph.analysis.measures.twomode import Graph

COMPONENTS = Measure(
    "components", Text("Components", "Zusammenhängende Teile"), Text("What hangs together?", "Was hängt zusammen?")
)
CUT_MEMBERS = Measure(
    "cut-members",
    Text("Cut members", "Trennende Mitglieder"),
    Text("What falls apart if X leaves?", "Was zerfällt, wenn X geht?"),
)
FRAGMENTATION = Measure(
    "fragmentation",
    Text("Fragmentation", "Zersplitterung"),
    Text("What share of pairs can no longer reach each other?", "Welcher Anteil der Paare erreicht sich nicht mehr?"),
)
DISTANCE = Measure(
    "mean-distance",
    Text("Mean distance", "Mittlere Entfernung"),
    Text("How many steps apart are two, on average?", "Wie viele Schritte liegen im Mittel zwischen zweien?"),
)
DIAMETER = Measure(
    "diameter",
    Text("Diameter", "Durchmesser"),
    Text("How many steps apart are the two farthest?", "Wie viele Schritte liegen höchstens zwischen zweien?"),
)
CONNECTIVITY = Measure(
    "node-connectivity",
    Text("Node connectivity", "Knotenzusammenhang"),
    Text("How many must leave before it falls apart?", "Wie viele müssen gehen, bis es zerfällt?"),
)
TRANSITIVITY = Measure(
    "transitivity",
    Text("Transitivity", "Transitivität"),
    Text("Are my partners partners of each other?", "Sind meine Partner auch untereinander Partner?"),
)
CLUSTERING = Measure(
    "average-clustering",
    Text("Average clustering", "Mittlere Clusterung"),
    Text("How closed are the circles of an actor?", "Wie geschlossen ist der Kreis um einen Akteur?"),
)
TRIADS = Measure(
    "triad-census",
    Text("Triad census", "Triadenzählung"),
    Text("How many ties do three actors have?", "Wie viele Verbindungen haben je drei Akteure?"),
)
ASSORTATIVITY = Measure(
    "degree-assortativity",
    Text("Degree assortativity", "Gradassortativität"),
    Text("Are the well-connected tied to each other?", "Sind Gutverbundene miteinander verbunden?"),
)

NO_PAIR = Text("no actor has two ties", "kein Akteur hat zwei Verbindungen")
"""Why nothing can be said of how closed the circles are."""


def connected_parts(data: Any, *, basis: Basis = NOTHING_GIVEN) -> Answer[list[int]]:
    """Into how many parts that are not linked the data fall, and how large they are.

    Definition: the sizes of the connected components, the largest first.
    Formula: –
    States: *value* in general; *forced* for one network, whose list holds all together; *unknown* without nodes.
    Caveat: parts that look separate may be joined by members that the lists do not name.
    Reference: Wasserman, S. & Faust, K. (1994) Social network analysis, ch. 4. Cambridge University Press.

    Args:
        data: A graph of either kind, or a two-mode list or matrix.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> connected_parts(nx.Graph([(1, 2), (3, 4), (4, 5)])).found
    [3, 2]
    """
    graph, networks = as_one_graph(data)
    inputs = graph_inputs(graph, networks, basis)
    if not graph.names:
        return COMPONENTS.unknown(inputs, NO_MEMBERS)
    sizes: list[int] = np.sort(paths.components(graph.matrix).size)[::-1].tolist()
    if networks == 1 and len(sizes) == 1:
        return COMPONENTS.forced(sizes, inputs, ONE_LIST)
    if len(sizes) == 1:
        return COMPONENTS.value(sizes, inputs, Text("Everything hangs together.", "Alles hängt zusammen."))
    largest = percent(sizes[0] / len(graph.names))
    sentence = Text(
        f"There are {len(sizes)} separate parts; the largest holds {largest.en} of all.",
        f"Es gibt {len(sizes)} getrennte Teile; der größte umfasst {largest.de} des Ganzen.",
    )
    return COMPONENTS.value(sizes, inputs, sentence)


def cut_members(data: Any, *, basis: Basis = NOTHING_GIVEN) -> Answer[tuple[Node, ...]]:
    """Who holds parts together that would otherwise not be linked.

    Definition: the articulation points: nodes whose removal leaves more components than before.
    Formula: –
    States: *value* in general; *forced* for one network, which alone joins its members; *too small* below three nodes;
        *unknown* where no tie is known.
    Caveat: structure only; says nothing of how hard someone is to replace. In a two-mode graph networks are among them.
    Reference: Borgatti, S. P. (2006) Identifying sets of key players in a social network. Computational and
        Mathematical Organization Theory 12, 21–34.

    Args:
        data: A graph of either kind, or a two-mode list or matrix.
        basis: Dates and sources, as given.

    Returns:
        The nodes, in the order of the data.

    >>> import networkx as nx
    >>> cut_members(nx.florentine_families_graph()).found
    ('Medici', 'Albizzi', 'Salviati', 'Guadagni')
    """
    graph, networks = as_one_graph(data)
    inputs = graph_inputs(graph, networks, basis)
    if graph.ties == 0:
        return CUT_MEMBERS.unknown(inputs, NO_TIES)
    if len(graph.names) < 3:
        return CUT_MEMBERS.too_small(inputs, _below_three())
    found = tuple(graph.names[at] for at in np.flatnonzero(paths.cut_nodes(graph.matrix)))
    if networks == 1:
        return CUT_MEMBERS.forced(found, inputs, ONE_LIST)
    names = named(found)
    sentence = (
        Text(f"Parts would come apart without: {names.en}.", f"Teile verlören den Zusammenhang ohne: {names.de}.")
        if found
        else Text("No single one holds it together.", "Kein Einzelner hält es zusammen.")
    )
    return CUT_MEMBERS.value(found, inputs, sentence)


def fragmentation(data: Any, removed: Collection[Node] = (), *, basis: Basis = NOTHING_GIVEN) -> Answer[float]:
    """What share of pairs cannot reach each other, also after some have left.

    Definition: share of pairs of the remaining nodes that lie in different components.
    Formula: F = 1 − Σ s(s−1) / (n(n−1)), s the sizes of the components.
    States: *value* in general; *forced* for one network from which no network is taken; *too small* below two
        remaining nodes.
    Caveat: structure only; says nothing of replacement.
    Reference: Borgatti, S. P. (2006) Identifying sets of key players in a social network. Computational and
        Mathematical Organization Theory 12, 21–34.

    Args:
        data: A graph of either kind, or a two-mode list or matrix.
        removed: Nodes that have left.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> round(fragmentation(nx.florentine_families_graph(), ["Medici"]).found, 4)
    0.3846
    """
    graph, networks = as_one_graph(data)
    gone = set(removed)
    keep = [at for at, name in enumerate(graph.names) if name not in gone]
    inputs = graph_inputs(graph, networks, basis)
    n = len(keep)
    if n < 2:
        one = Text("fewer than two are left", "weniger als zwei sind übrig")
        return FRAGMENTATION.too_small(inputs, one, removed=sorted(gone, key=str))
    sizes = paths.components(graph.matrix[keep][:, keep]).size
    found = 1 - float((sizes * (sizes - 1)).sum()) / (n * (n - 1))
    if networks == 1 and n == len(graph.names):
        return FRAGMENTATION.forced(found, inputs, ONE_LIST)
    share, who = percent(found), named(gone)
    sentence = (
        Text(
            f"Without {who.en}, {share.en} of pairs cannot reach each other.",
            f"Ohne {who.de} erreichen sich {share.de} der Paare nicht.",
        )
        if gone
        else Text(f"{share.en} of pairs cannot reach each other.", f"{share.de} der Paare erreichen sich nicht.")
    )
    return FRAGMENTATION.value(found, inputs, sentence, removed=sorted(gone, key=str))


def mean_distance(data: Any, *, basis: Basis = NOTHING_GIVEN) -> Answer[float]:
    """How many steps two nodes are apart, on average.

    Definition: mean of the shortest distances over the pairs that can reach each other.
    Formula: Σd / number of such pairs.
    States: *value* in general; *forced* for one network; *unknown* where no tie is known.
    Caveat: in a two-mode graph a step runs from an actor to a network; two actors of one network are two steps apart.
    Reference: Wasserman, S. & Faust, K. (1994) Social network analysis, ch. 4. Cambridge University Press.

    Args:
        data: A graph of either kind, or a two-mode list or matrix.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> round(mean_distance(nx.davis_southern_women_graph()).found, 3)
    2.306
    """
    graph, networks = as_one_graph(data)
    inputs = graph_inputs(graph, networks, basis)
    if graph.ties == 0:
        return DISTANCE.unknown(inputs, NO_TIES)
    found = paths.distances(graph.matrix)
    sizes = found.components.size
    pairs = int((sizes * (sizes - 1)).sum())
    mean = float(found.total.sum() / pairs)
    if networks == 1:
        return DISTANCE.forced(mean, inputs, ONE_LIST)
    steps = number(mean)
    sentence = Text(
        f"Two that can reach each other are {steps.en} steps apart on average.",
        f"Zwei, die sich erreichen, liegen im Mittel {steps.de} Schritte auseinander.",
    )
    return DISTANCE.value(mean, inputs, sentence, pairs=pairs // 2)


def diameter(data: Any, *, basis: Basis = NOTHING_GIVEN) -> Answer[int]:
    """How many steps the two farthest are apart.

    Definition: the largest of the shortest distances between nodes that can reach each other.
    Formula: max d.
    States: *value* in general; *forced* for one network; *unknown* where no tie is known.
    Caveat: of one component only, where there are several.
    Reference: Wasserman, S. & Faust, K. (1994) Social network analysis, ch. 4. Cambridge University Press.

    Args:
        data: A graph of either kind, or a two-mode list or matrix.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> diameter(nx.davis_southern_women_graph()).found
    4
    """
    graph, networks = as_one_graph(data)
    inputs = graph_inputs(graph, networks, basis)
    if graph.ties == 0:
        return DIAMETER.unknown(inputs, NO_TIES)
    found = int(paths.distances(graph.matrix).farthest.max())
    if networks == 1:
        return DIAMETER.forced(found, inputs, ONE_LIST)
    sentence = Text(f"The two farthest are {found} steps apart.", f"Die zwei Entferntesten trennen {found} Schritte.")
    return DIAMETER.value(found, inputs, sentence)


def node_connectivity(data: Any, *, basis: Basis = NOTHING_GIVEN) -> Answer[int]:
    """How many must leave before the rest is no longer linked.

    Definition: smallest number of nodes whose removal disconnects the graph or leaves one node; 0 where it is not
        connected.
    Formula: –
    States: *value* in general; *forced* for one network; *too small* below three nodes; *unknown* where no tie is
        known.
    Caveat: one thinly linked member sets it; a low number does not mean that the whole is fragile.
    Reference: White, D. R. & Harary, F. (2001) The cohesiveness of blocks in social networks. Sociological Methodology
        31, 305–359.

    Args:
        data: A graph of either kind, or a two-mode list or matrix.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> node_connectivity(nx.davis_southern_women_graph()).found
    2
    """
    graph, networks = as_one_graph(data)
    inputs = graph_inputs(graph, networks, basis)
    if graph.ties == 0:
        return CONNECTIVITY.unknown(inputs, NO_TIES)
    if len(graph.names) < 3:
        return CONNECTIVITY.too_small(inputs, _below_three())
    found = _connectivity(graph)
    if networks == 1:
        return CONNECTIVITY.forced(found, inputs, ONE_LIST)
    sentence = Text(
        f"At least {found} must leave before it falls apart." if found else "It is not linked throughout as it stands.",
        f"Mindestens {found} müssten gehen, bis es zerfällt."
        if found
        else "Es hängt schon jetzt nicht durchgehend zusammen.",
    )
    return CONNECTIVITY.value(found, inputs, sentence)


def _connectivity(graph: OneMode) -> int:
    if len(paths.components(graph.matrix).size) > 1:
        return 0
    if paths.cut_nodes(graph.matrix).any():
        return 1
    import networkx as nx  # only this measure is its work

    return int(nx.node_connectivity(nx.from_scipy_sparse_array(graph.matrix)))


def transitivity(graph: Graph, networks: int | None = None, *, basis: Basis = NOTHING_GIVEN) -> Answer[float]:
    """How often two partners of an actor are tied too.

    Definition: closed triples as a share of all connected triples.
    Formula: 3·triangles / Σ d(d−1)/2.
    States: *value* for reported ties; *forced* to 1 for the projection of one network; *unknown* for other projections,
        which close triples by themselves, and without ties; *too small* where no actor has two ties.
    Caveat: for lists use ``two_mode_clustering``.
    Reference: Wasserman, S. & Faust, K. (1994) Social network analysis, ch. 6. Cambridge University Press.

    Args:
        graph: Ties between actors.
        networks: Of how many networks' lists the graph is a projection; ``None`` for reported ties.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> round(transitivity(nx.florentine_families_graph()).found, 4)
    0.1915
    >>> transitivity(nx.complete_graph(3), networks=1).sentence.en
    'Transitivity is 1, but the way the data are built fixes this number: all actors stand in one list. \
It is not a finding.'
    """
    ties = one_mode(graph)
    degrees = ties.degrees
    triples = float((degrees * (degrees - 1) / 2).sum())
    answer = _no_closure(TRANSITIVITY, ties, triples, networks, basis)
    if answer is not None:
        return answer
    found = float(_triangles(ties).sum()) / triples
    if networks == 1:
        return TRANSITIVITY.forced(found, ties.inputs(basis, networks), ONE_LIST)
    share = percent(found)
    sentence = Text(
        f"In {share.en} of cases two partners of an actor are tied too.",
        f"In {share.de} der Fälle sind zwei Partner eines Akteurs auch miteinander verbunden.",
    )
    return TRANSITIVITY.value(found, ties.inputs(basis), sentence)


def average_clustering(
    graph: Graph, networks: int | None = None, *, leaves: bool = True, basis: Basis = NOTHING_GIVEN
) -> Answer[float]:
    """How closed the circle around an actor is, on average.

    Definition: mean over actors of the share of pairs of their partners that are tied.
    Formula: mean of 2t / (d(d−1)); an actor with fewer than two ties counts 0, or is left out (``leaves=False``).
    States: as ``transitivity``.
    Caveat: tools differ on actors with one tie (0 here and in networkx, left out in igraph).
    Reference: Watts, D. J. & Strogatz, S. H. (1998) Collective dynamics of 'small-world' networks. Nature 393, 440–442.

    Args:
        graph: Ties between actors.
        networks: Of how many networks' lists the graph is a projection; ``None`` for reported ties.
        leaves: Whether actors with fewer than two ties count as 0.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> round(average_clustering(nx.karate_club_graph()).found, 4)
    0.5706
    """
    ties = one_mode(graph)
    degrees = ties.degrees
    pairs = degrees * (degrees - 1) / 2
    answer = _no_closure(CLUSTERING, ties, float(pairs.sum()), networks, basis)
    if answer is not None:
        return answer
    local = np.divide(_triangles(ties), pairs, out=np.zeros_like(pairs), where=pairs > 0)
    found = float(local.mean() if leaves else local[pairs > 0].mean())
    if networks == 1:
        return CLUSTERING.forced(found, ties.inputs(basis, networks), ONE_LIST)
    share = percent(found)
    sentence = Text(
        f"On average {share.en} of an actor's partners are tied to each other.",
        f"Im Mittel sind {share.de} der Partner eines Akteurs untereinander verbunden.",
    )
    return CLUSTERING.value(found, ties.inputs(basis), sentence)


def _no_closure(
    measure: Measure, ties: OneMode, triples: float, networks: int | None, basis: Basis
) -> Answer[Any] | None:
    inputs = ties.inputs(basis, networks)
    if networks is not None and networks > 1:
        return measure.unknown(inputs, ONLY_LISTS)
    if ties.ties == 0:
        return measure.unknown(inputs, NO_TIES)
    if triples == 0:
        return measure.too_small(inputs, NO_PAIR)
    return None


def _triangles(ties: OneMode) -> Floats:
    """Triangles that each actor is in."""
    links = ties.matrix.copy()
    links.data = np.ones_like(links.data)
    return np.asarray((links @ links).multiply(links).sum(axis=1)).ravel() / 2


def triad_census(
    graph: Graph, networks: int | None = None, *, basis: Basis = NOTHING_GIVEN
) -> Answer[tuple[int, int, int, int]]:
    """How many sets of three actors have no, one, two and three ties.

    Definition: the undirected triad census (003, 102, 201, 300).
    Formula: from triangles T, two-paths P = Σd(d−1)/2 and ties e: 300 = T, 201 = P − 3T, 102 = e(n−2) − 2·201 − 3T.
    States: *value* for reported ties; *forced* for the projection of one network; *unknown* for other projections;
        *too small* below three actors.
    Caveat: the counts of large graphs say little without a comparison with chance.
    Reference: Holland, P. W. & Leinhardt, S. (1976) Local structure in social networks. Sociological Methodology 7,
        1–45.

    Args:
        graph: Ties between actors.
        networks: Of how many networks' lists the graph is a projection; ``None`` for reported ties.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> triad_census(nx.path_graph(4)).found
    (0, 2, 2, 0)
    """
    ties = one_mode(graph)
    n, inputs = len(ties.names), ties.inputs(basis, networks)
    if networks is not None and networks > 1:
        return TRIADS.unknown(inputs, ONLY_LISTS)
    if n < 3:
        return TRIADS.too_small(inputs, _below_three())
    three = round(float(_triangles(ties).sum()) / 3)
    two = int((ties.degrees * (ties.degrees - 1) // 2).sum()) - 3 * three
    one = ties.ties * (n - 2) - 2 * two - 3 * three
    found = (comb(n, 3) - one - two - three, one, two, three)
    if networks == 1:
        return TRIADS.forced(found, inputs, ONE_LIST)
    sentence = Text(
        f"Of all sets of three actors, {found[3]} are tied all round, {found[2]} have two ties, {found[1]} one and "
        f"{found[0]} none.",
        f"Von allen Dreiergruppen sind {found[3]} rundum verbunden, {found[2]} haben zwei Verbindungen, {found[1]} "
        f"eine und {found[0]} keine.",
    )
    return TRIADS.value(found, inputs, sentence)


def degree_assortativity(graph: Graph, networks: int | None = None, *, basis: Basis = NOTHING_GIVEN) -> Answer[float]:
    """Whether actors with many ties are tied to each other.

    Definition: correlation of the numbers of ties at the two ends of a tie.
    Formula: Pearson's r over the ends of all ties, each tie in both directions.
    States: *value* for reported ties among six or more actors; *too small* below; *unknown* for projections, without
        ties, and where all ends have equally many ties, so that no correlation is defined.
    Caveat: a star has −1 by its shape.
    Reference: Newman, M. E. J. (2002) Assortative mixing in networks. Physical Review Letters 89, 208701.

    Args:
        graph: Ties between actors.
        networks: Of how many networks' lists the graph is a projection; ``None`` for reported ties.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> round(degree_assortativity(nx.florentine_families_graph()).found, 4)
    -0.3748
    """
    ties = one_mode(graph)
    inputs = ties.inputs(basis, networks)
    if networks is not None:
        return ASSORTATIVITY.unknown(inputs, ONLY_LISTS)
    if ties.ties == 0:
        return ASSORTATIVITY.unknown(inputs, NO_TIES)
    if len(ties.names) < 6:
        few = Text("fewer than six actors say nothing of it", "weniger als sechs Akteure sagen darüber nichts")
        return ASSORTATIVITY.too_small(inputs, few)
    one = np.repeat(ties.degrees, ties.degrees).astype(np.float64)
    other = ties.degrees[ties.matrix.indices].astype(np.float64)
    if one.min() == one.max():
        alike = Text("all have equally many ties", "alle haben gleich viele Verbindungen")
        return ASSORTATIVITY.unknown(inputs, alike)
    found = float(np.corrcoef(one, other)[0, 1])
    shown = number(found)
    sentence = Text(
        f"The numbers of ties at the two ends of a tie correlate with {shown.en}.",
        f"Die Zahlen der Verbindungen an beiden Enden einer Verbindung korrelieren mit {shown.de}.",
    )
    return ASSORTATIVITY.value(found, inputs, sentence)


def _below_three() -> Text:
    return Text("there are fewer than three of them", "es sind weniger als drei")
