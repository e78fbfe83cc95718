"""Cooperation graphs: from a store to networkx graphs.

The form is a two-mode list, not a cooperation survey: an actor is tied to a network it is listed in, and nothing here
says that two actors cooperate because one list names both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from integgraph.store import Store

if TYPE_CHECKING:
    import networkx as nx

_NODES = """
SELECT ?thing ?label ?kind WHERE {
  { ?thing a ig:Network BIND("network" AS ?kind) }
  UNION { ?thing a ig:Actor BIND("actor" AS ?kind) FILTER NOT EXISTS { ?thing a ig:Network } }
  OPTIONAL { SELECT ?thing (MIN(STR(?name)) AS ?label) WHERE { ?thing skos:prefLabel ?name } GROUP BY ?thing }
} ORDER BY ?thing
"""
_TIES = "SELECT ?network ?actor WHERE { ?network a ig:Network ; org:hasMember ?actor } ORDER BY ?network ?actor"


def two_mode_graph(store: Store) -> nx.Graph[str]:
    """Actors and the networks they are members of.

    Nodes are IRIs with ``label``, ``kind`` (``actor`` or ``network``) and ``bipartite`` (0 or 1); an edge joins a
    member with its network. Only roles that count as members give an edge. A network that is a member of another
    keeps ``kind`` network, so ask ``kind`` before you treat the graph as strictly two-mode.
    """
    import networkx as nx

    graph: nx.Graph[str] = nx.Graph()
    for row in store.select(_NODES).records():
        kind = str(row["kind"])
        graph.add_node(
            str(row["thing"]), label=str(row["label"] or row["thing"]), kind=kind, bipartite=int(kind == "network")
        )
    for row in store.select(_TIES).records():
        graph.add_edge(str(row["actor"]), str(row["network"]))
    return graph
