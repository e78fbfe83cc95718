"""Cooperation graphs: from a release, a store or a list of ties to networkx graphs.

The form is a two-mode list, not a cooperation survey: an actor is tied to a network it is listed in, and nothing here
says that two actors cooperate because one list names both. So every graph says in ``graph.graph["tie"]`` what its edges
are: ``listed`` (actor and network), ``co-listed`` (projections), ``reported`` (a source says that there is a tie) or
``funding``.

Attributes are texts, numbers and truth values, so that every writer of networkx takes them: several values of one
thing are joined by ``; ``, and an empty text is unknown.

>>> graph = two_mode(incidence(Lists.of_ties([("a", "N", "member"), ("b", "N", "chair", "2015")])))
>>> list(graph.edges(data="roles"))
[('a', 'N', 'member'), ('b', 'N', 'chair')]
>>> graph.nodes["N"]["bipartite"], graph.graph["tie"]
(1, 'listed')
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from integgraph.analysis.incidence import (
    Incidence,
    Lists,
    Mode,
    Things,
    Weight,
    incidence,
    projection,
    read_columns,
)
from integgraph.analysis.selection import Note, Selection, chosen_networks
from integgraph.csvtext import SEPARATOR
from integgraph.errors import Unprocessable
from integgraph.ontology import Ontology
from integgraph.release import Release
from integgraph.store import Store, plain
from integgraph.tables import BY_PROFILE, BY_TABLE, VALUE, Tables, best_name, local

if TYPE_CHECKING:
    from integgraph.store import Rows

AS_MEMBER = "#as-member"
"""What the node of a network that is a member of another ends with; the node of the network itself is its IRI."""
MOST_EDGES = 2_000_000
"""Most edges of a projection as a networkx graph, about 1 GB."""

# ---------------------------------------------------------------------------------------------------------------------
# Actors and networks


def cooperation(
    release: Release, selection: Selection | None = None, *, ontology: Ontology | None = None
) -> nx.Graph[str]:
    """Actors and the networks they take part in, as a graph of two modes; see :func:`two_mode`.

    Args:
        release: An open release.
        selection: What is looked at; ``None`` for every network, with ties that count as membership. With
            ``participants="all"``, groups without a name are nodes too.
        ontology: Where values of the selection are looked up; ``None`` loads the one that is shipped.

    Returns:
        A graph; empty when nothing fits, with a sentence in ``graph.graph["notes"]``.

    Raises:
        Unprocessable: a value of the selection does not exist; those that do are named.
    """
    return two_mode(incidence(Lists.of_release(release), selection, ontology=ontology))


def two_mode_graph(store: Store) -> nx.Graph[str]:
    """Actors and the networks they are members of, from any SPARQL store; see :func:`two_mode`."""
    return two_mode(incidence(Lists.of_store(store)))


def two_mode(found: Incidence) -> nx.Graph[str]:
    """The graph of an incidence matrix: every edge joins an actor (``bipartite`` 0) with a network (1).

    A network that is a member of another is in two modes, so it has two nodes: its IRI as network, and its IRI with
    ``#as-member`` as actor. Both have the IRI as ``iri``; no edge joins two networks, and no measure of two modes meets
    a node that is in both. Groups without a name are nodes (``is_group``) only where the selection asks for more than
    members; their edges never count as membership.

    Nodes have ``bipartite``, ``iri``, ``label``, ``kind`` (actor, network, member-network or group), ``countries``,
    ``sectors``, ``places``, ``regions``, ``is_group``, ``status_date``, ``members_state``; edges ``roles``,
    ``counts_as_member``, ``since``, ``until``. The graph has ``tie``, ``source``, ``selection``, ``notes`` and
    ``notes_de``.
    """
    graph: nx.Graph[str] = nx.Graph(**_facts("listed", found.source, found.selection, found.notes))
    more = found.selection.participants == "all" or bool(found.selection.roles)
    # Actors go first, so that a list of edges names them first.
    rows = _nodes(graph, found.actors, 0)
    groups = _nodes(graph, found.groups, 0) if more else []
    columns = _nodes(graph, found.networks, 1)
    for tie in found.ties.to_pylist():
        _add_tie(graph, rows[tie["row"]], columns[tie["column"]], tie)
    for group, column, roles in zip(groups, found.group_columns.tolist(), found.group_roles, strict=False):
        _add_tie(graph, group, columns[column], {"roles": roles, "counts_as_member": False, "since": "", "until": ""})
    return graph


def _facts(tie: str, source: str, selection: Selection, notes: Sequence[Note]) -> dict[str, Any]:
    return {
        "tie": tie,
        "source": source,
        "selection": str(selection),
        "notes": " ".join(note.en for note in notes),
        "notes_de": " ".join(note.de for note in notes),
    }


def _nodes(graph: nx.Graph[str], things: Things, bipartite: int, *, alone: bool = False) -> list[str]:
    """Add the nodes, and return their names in order; in a graph of one mode (``alone``) every name is the IRI."""
    names: list[str] = []
    columns = (
        things.ids, things.labels, things.kinds, things.countries, things.sectors, things.places, things.regions,
        things.dates, things.states,
    )  # fmt: skip
    for iri, label, kind, countries, sectors, places, regions, dated, state in zip(*columns, strict=True):
        nested = kind == "network" and not bipartite
        name = iri + AS_MEMBER if nested and not alone else iri
        names.append(name)
        graph.add_node(
            name,
            bipartite=bipartite,
            iri=iri,
            label=label,
            kind="member-network" if nested else kind,
            countries=countries,
            sectors=sectors,
            places=places,
            regions=regions,
            is_group=kind == "group",
            status_date=dated,
            members_state=state,
        )
    return names


_TIE_FACTS = ("roles", "counts_as_member", "since", "until")


def _add_tie(graph: nx.Graph[str], actor: str, network: str, tie: Mapping[str, Any]) -> None:
    """Add an edge; a second listing of the same tie adds its roles and dates."""
    if not graph.has_edge(actor, network):
        graph.add_edge(actor, network, **{name: tie[name] for name in _TIE_FACTS})
        return
    known = graph.edges[actor, network]
    for name in ("roles", "since", "until"):
        parts = [*known[name].split(SEPARATOR), *tie[name].split(SEPARATOR)]
        known[name] = SEPARATOR.join(dict.fromkeys(filter(None, parts)))
    known["counts_as_member"] = known["counts_as_member"] or tie["counts_as_member"]


def projection_graph(
    found: Incidence, mode: Mode = "actors", weight: Weight = "count", *, most: int = MOST_EDGES
) -> nx.Graph[str]:
    """Who is co-listed with whom, as a graph whose edges have a ``weight``; see :func:`~.incidence.projection`.

    Nodes are IRIs, with the attributes of :func:`two_mode`; who is co-listed with nobody is a node without edges.

    Args:
        found: The incidence matrix.
        mode: ``actors`` or ``networks``: what the nodes are.
        weight: ``count`` or ``newman``.
        most: Most edges that the graph may have.

    Raises:
        Unprocessable: it would have more edges, or a parameter does not exist.

    >>> found = incidence(Lists.of_ties([("a", "N"), ("b", "N"), ("b", "M")]))
    >>> list(projection_graph(found, "networks").edges(data="weight"))
    [('M', 'N', 1)]
    """
    matrix = projection(found, mode, weight, most=2 * most)
    matrix.sort_indices()
    graph: nx.Graph[str] = nx.Graph(**_facts("co-listed", found.source, found.selection, found.notes))
    graph.graph["weight"] = weight
    things = found.actors if mode == "actors" else found.networks
    ids = things.ids.tolist()
    _nodes(graph, things, int(mode == "networks"), alone=True)
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    upper = rows < matrix.indices
    values = matrix.data[upper].tolist()
    numbers = map(round, values) if weight == "count" else iter(values)
    ends = zip(rows[upper].tolist(), matrix.indices[upper].tolist(), numbers, strict=True)
    graph.add_weighted_edges_from((ids[one], ids[other], number) for one, other, number in ends)
    return graph


# ---------------------------------------------------------------------------------------------------------------------
# Ties that a source reports

_RELATIONS = """
SELECT ?relation ?network ?kind ?other WHERE {
  ?network ig:relatedTo ?relation . ?relation ig:relationKind ?kind .
  OPTIONAL { ?relation ig:relatedNetwork ?other }
} ORDER BY ?relation
"""
_RELATED_NAMES = "SELECT ?relation ?name WHERE { ?relation ig:relatedName ?name }"
_NETWORK_NAMES = "SELECT ?thing ?name WHERE { ?thing a ig:Network ; skos:prefLabel ?name }"


def reported_graph(store: Store, source: str = "") -> nx.MultiDiGraph[str]:
    """Ties between networks that a profile itself reports, such as "cooperates with" or "part of".

    They are kept apart from what lists imply: this is another graph. Nodes are networks; a network that is not in this
    collection is a node of its own for each report (``kind`` named-only, its ``iri`` empty), because equal names do not
    make one network. An edge has the ``relation`` (id of the vocabulary relation-kind) and is keyed by its IRI.

    Args:
        store: A store that holds a current view.
        source: Id of the release; stands in ``graph.graph``.
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(tie="reported", source=source)
    for network, name in _best(store.select(_NETWORK_NAMES)).items():
        graph.add_node(network, iri=network, label=name, kind="network")
    names = _best(store.select(_RELATED_NAMES))
    for row in store.select(_RELATIONS).records():
        relation, network, other = str(row["relation"]), str(row["network"]), row["other"]
        target = str(other) if other else f"{relation}#other"
        if target not in graph:
            kind = "network" if other else "named-only"
            graph.add_node(target, iri=str(other or ""), label=names.get(relation, target), kind=kind)
        graph.add_edge(network, target, key=relation, relation=local(str(row["kind"])))
    return graph


def _best(rows: Rows) -> dict[str, str]:
    found: dict[str, list[Any]] = {}
    for thing, name in rows.rows:
        found.setdefault(str(plain(thing)), []).append(name)
    return {thing: best_name(names) or thing for thing, names in sorted(found.items())}


def reported_ties(ties: Iterable[Sequence[str]], source: str = "") -> nx.Graph[str]:
    """Ties between actors that a source reports, from a plain list of (actor, actor[, kind of tie]).

    A tie of an actor with itself is none, and one that is named twice is one; ``graph.graph["notes"]`` says how many.

    Raises:
        Unprocessable: a line is no tie; the text says which one.

    >>> graph = reported_ties([("a", "b", "works with"), ("b", "a", "refers to"), ("a", "a")])
    >>> list(graph.edges(data="relation")), graph.graph["notes"]
    ([('a', 'b', 'works with; refers to')], '1 tie of an actor with itself is left out. 1 tie is named again.')
    """
    graph: nx.Graph[str] = nx.Graph(tie="reported", source=source)
    itself = again = 0
    for number, tie in enumerate(ties, 1):
        if isinstance(tie, str) or not 2 <= len(tie) <= 3 or not all(isinstance(part, str) for part in tie):
            raise Unprocessable(f"Tie {number} is {tie!r:.80}. Write two actors, then the kind of tie.")
        one, other, *kinds = tie
        for name in (one, other):
            graph.add_node(name, iri=name, label=name, kind="actor")
        if one == other:
            itself += 1
            continue
        again += graph.has_edge(one, other)
        known = graph.get_edge_data(one, other, {"relation": ""})["relation"].split(SEPARATOR)
        graph.add_edge(one, other, relation=SEPARATOR.join(dict.fromkeys(filter(None, (*known, *kinds)))))
    told = (
        (itself, "tie of an actor with itself is left out.", "ties of an actor with itself are left out."),
        (again, "tie is named again.", "ties are named again."),
    )
    graph.graph["notes"] = " ".join(f"{count:,} {one if count == 1 else many}" for count, one, many in told if count)
    return graph


# ---------------------------------------------------------------------------------------------------------------------
# Whose money goes to whom, and for what

_FLOW_COLUMNS = (
    "network", "flow", "categories", "funders", "funder_names", "recipients", "recipient_names", "activities", "amount",
    "currency", "share", "since", "until", "instrument", "state", "stated_by",
)  # fmt: skip
_PLAIN_FACTS = ("network", "currency", "since", "until", "instrument", "stated_by")


@dataclass(frozen=True, slots=True, eq=False)
class Flows:
    """The flows of money of a release, read once for many graphs.

    Attributes:
        table: All of them, as columns of the table ``funding``.
        stated: Rows of those that profiles state.
    """

    table: pa.Table
    stated: tuple[Mapping[str, Any], ...]

    @classmethod
    def of_release(cls, release: Release) -> Flows:
        """From the tables of a release.

        Raises:
            ReleaseError: the release is damaged.
        """
        table = read_columns(Tables(release.path / "tables"), "funding", _FLOW_COLUMNS)
        stated = pc.and_(
            pc.equal(table["state"], VALUE), pc.invert(pc.fill_null(pc.equal(table["stated_by"], BY_TABLE), False))
        )
        return cls(table, tuple(table.filter(stated).to_pylist()))


def funding_graph(
    release: Release,
    selection: Selection | None = None,
    *,
    ontology: Ontology | None = None,
    lists: Lists | None = None,
    flows: Flows | None = None,
    party: str = "",
    category: str = "",
) -> nx.MultiDiGraph[str]:
    """Funder → recipient → activity, as the profiles state it; for one party, as imported tables state it too.

    Nodes are IRIs with ``label`` and ``kind``: ``actor`` or ``network`` for named parties, ``activity``, and
    ``unnamed`` for a party of which only the category ("donations") or nothing is stated. An unnamed party and an
    activity belong to one flow, so they never tie two flows together; count sources by ``kind`` other than unnamed.

    Edges are keyed by the IRI of the flow, with ``role`` (``funds`` or ``for``), ``network`` (whose profile states it),
    ``stated_by``, ``categories``, ``currency``, ``since``, ``until``, ``instrument``, ``share`` and ``amount``. Where
    an imported table states the flow, ``stated_by`` is ``table`` and ``network`` the table's IRI. A joint flow has an
    edge for every pair, and its amount and share belong to all of them together: so they stand there as the texts
    ``joint_amount`` and ``joint_share``, and are never added up by accident. No ``amount`` means unknown, never zero.

    Args:
        release: An open release.
        selection: Which networks; roles play no part here.
        ontology: Where values of the selection are looked up; ``None`` loads the one that is shipped.
        lists: The lists of the release, where they are read already; ``None`` reads them.
        flows: The flows of the release, likewise.
        party: IRI of a funder or recipient whose flows in imported tables are wanted too, whatever the selection; with
            all that its recipients receive according to them, so that it can be said what they would keep.
        category: The same for a category of funds, such as ``municipal``.

    Raises:
        Unprocessable: a value of the selection does not exist; those that do are named.
    """
    selection = selection or Selection()
    lists = lists or Lists.of_release(release)
    chosen = pa.array(chosen_networks(lists.networks, lists.places, selection, ontology))
    networks = lists.networks.filter(chosen)["network"].combine_chunks()
    flows = flows or Flows.of_release(release)
    here = frozenset(networks.to_pylist())
    kept = [flow for flow in flows.stated if flow["network"] in here]
    if party or category:
        kept += _of_tables(flows.table, party, category).to_pylist()
    notes = _funding_notes(len(networks), kept, selection)
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(**_facts("funding", release.id, selection, notes))
    known = _named(lists, {iri for flow in kept for iri in (*(flow["funders"] or ()), *(flow["recipients"] or ()))})
    for flow in kept:
        _add_flow(graph, flow, known)
    return graph


def _funding_notes(networks: int, flows: Sequence[Mapping[str, Any]], selection: Selection) -> list[Note]:
    if not networks:
        words = selection.networks_in_words
        en, de = words("en") or "everything", words("de") or "alles"
        return [Note(f"No network fits this selection ({en}).", f"Kein Netzwerk passt zu dieser Auswahl ({de}).")]
    telling = len({flow["network"] for flow in flows if flow["stated_by"] == BY_PROFILE})
    return [
        Note(
            f"{telling:,} of {networks:,} networks state funding; of the others it is not known, or stated none.",
            f"{telling:,} von {networks:,} Netzwerken nennen eine Förderung; bei den anderen ist sie unbekannt, oder "
            "es gibt ausdrücklich keine.",
        )
    ]


def _of_tables(flows: pa.Table, party: str, category: str) -> pa.Table:
    """Flows of imported tables that name a party or are of a category, and all that their recipients receive."""
    flows = flows.filter(pc.equal(flows["stated_by"], BY_TABLE)).combine_chunks()

    def having(column: str, values: Sequence[str] | pa.Array) -> pa.Array:
        """Numbers of the flows that have one of these values."""
        lists = flows[column].combine_chunks()
        wanted = pa.array(values, pa.string())
        return pc.list_parent_indices(lists).filter(pc.is_in(pc.list_flatten(lists), value_set=wanted))

    named = [having("funders", [party]), having("recipients", [party])] if party else []
    if category:
        named.append(having("categories", [category]))
    numbers = pa.concat_arrays(named)
    recipients = pc.list_flatten(flows["recipients"].take(numbers)).combine_chunks().unique()
    every = pa.concat_arrays([numbers, having("recipients", recipients)]).unique()
    return flows.take(every.take(pc.sort_indices(every)))


def _named(lists: Lists, wanted: Iterable[str]) -> dict[str, tuple[str, str]]:
    """IRI of a party → its preferred name and kind."""
    parties = pa.array(sorted(wanted), pa.string())
    of_actors = lists.actors.select(["actor", "name", "is_network"])
    actors = of_actors.filter(pc.is_in(of_actors["actor"], value_set=parties)).to_pydict()
    found = {
        iri: (name or "", "network" if network else "actor")
        for iri, name, network in zip(actors["actor"], actors["name"], actors["is_network"], strict=True)
    }
    of_networks = lists.networks.select(["network", "name"])
    networks = of_networks.filter(pc.is_in(of_networks["network"], value_set=parties)).to_pydict()
    found.update(
        {iri: (name or "", "network") for iri, name in zip(networks["network"], networks["name"], strict=True)}
    )
    return found


def _add_flow(graph: nx.MultiDiGraph[str], flow: Mapping[str, Any], known: Mapping[str, tuple[str, str]]) -> None:
    key, categories = str(flow["flow"]), SEPARATOR.join(flow["categories"] or ())
    funders = list(_parties(graph, flow["funders"], flow["funder_names"], known))
    recipients = list(_parties(graph, flow["recipients"], flow["recipient_names"], known))
    if not funders:
        graph.add_node(f"{key}#funder", iri="", label=categories, kind="unnamed")
        funders = [f"{key}#funder"]
    if not recipients:
        graph.add_node(f"{key}#recipient", iri="", label="", kind="unnamed")
        recipients = [f"{key}#recipient"]
    facts = {name: str(flow[name] or "") for name in _PLAIN_FACTS} | {"categories": categories}
    joint = len(funders) * len(recipients) > 1
    for funder in funders:
        for recipient in recipients:
            graph.add_edge(funder, recipient, key=key, role="funds", **facts, **_amounts(flow, joint))
    for number, activity in enumerate(flow["activities"] or (), 1):
        name = f"{key}#activity-{number}"
        graph.add_node(name, iri="", label=activity, kind="activity")
        for recipient in recipients:
            graph.add_edge(recipient, name, key=key, role="for", **facts)


def _parties(
    graph: nx.MultiDiGraph[str],
    iris: Sequence[str] | None,
    names: Sequence[str] | None,
    known: Mapping[str, tuple[str, str]],
) -> Iterator[str]:
    stated = list(names or ())
    for place, iri in enumerate(iris or ()):
        label, kind = known.get(iri, ("", "actor"))
        if iri not in graph:
            graph.add_node(iri, iri=iri, label=label or (stated[place] if place < len(stated) else iri), kind=kind)
        yield iri


def _amounts(flow: Mapping[str, Any], joint: bool) -> dict[str, float | str]:
    stated: dict[str, Decimal] = {name: flow[name] for name in ("amount", "share") if flow[name] is not None}
    if joint:
        return {f"joint_{name}": format(value.normalize(), "f") for name, value in stated.items()}
    return {name: float(value) for name, value in stated.items()}
