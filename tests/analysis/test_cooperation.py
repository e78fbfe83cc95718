"""Cooperation graphs: two modes, projections, reported ties, funding."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

from integgraph.analysis.cooperation import (
    AS_MEMBER,
    cooperation,
    funding_graph,
    projection_graph,
    reported_graph,
    reported_ties,
    two_mode,
    two_mode_graph,
)
from integgraph.analysis.graphfiles import FORMATS
from integgraph.analysis.incidence import Lists, Tie, incidence, projection
from integgraph.analysis.selection import Selection
from integgraph.build import Built
from integgraph.errors import Unprocessable
from integgraph.release import Release
from tests.conftest import ROOT, build_release


@pytest.fixture(scope="session")
def small(golden: Built) -> Release:
    return golden.release


@pytest.fixture(scope="session")
def large(collection: Built) -> Release:
    return collection.release


def graph_of(*ties: Any, **selected: Any) -> nx.Graph[str]:
    return two_mode(incidence(Lists.of_ties(ties), Selection(**selected)))


# -- two modes


def test_every_edge_joins_an_actor_with_a_network(large: Release) -> None:
    graph = cooperation(large)
    assert nx.is_bipartite(graph)
    for one, other in graph.edges:
        assert {graph.nodes[one]["bipartite"], graph.nodes[other]["bipartite"]} == {0, 1}
    assert graph.number_of_edges() == 701
    assert sum(data["bipartite"] for _, data in graph.nodes(data=True)) == 120
    assert all(data["counts_as_member"] for _, _, data in graph.edges(data=True))
    assert graph.graph["tie"] == "listed" and graph.graph["source"] == large.id


def test_attributes_are_those_of_the_tables(small: Release) -> None:
    graph = cooperation(small, Selection(participants="all"))
    base = small.base_iri
    caritas = graph.nodes[f"{base}actor/caritas-musterstadt"]
    assert caritas["kind"] == "actor" and caritas["sectors"] == "welfare-association"
    assert caritas["countries"] == "DE" and caritas["places"] == "musterstadt"
    gamma = f"{base}network/gamma"
    assert graph.nodes[gamma]["countries"] == "IT" and graph.nodes[gamma]["members_state"] == "value"
    edge = graph.edges[f"{base}actor/associazione-esempio", gamma]
    assert edge == {"roles": "founding-member", "counts_as_member": True, "since": "2015", "until": ""}
    values = [value for _, data in graph.nodes(data=True) for value in data.values()]
    values += [value for *_, data in graph.edges(data=True) for value in data.values()]
    assert {type(value) for value in values} == {str, int, bool}


def test_a_network_that_is_a_member_has_two_nodes(small: Release) -> None:
    graph = cooperation(small)
    beta = f"{small.base_iri}network/beta"
    assert graph.nodes[beta]["bipartite"] == 1 and graph.nodes[beta + AS_MEMBER]["bipartite"] == 0
    assert (graph.nodes[beta]["kind"], graph.nodes[beta + AS_MEMBER]["kind"]) == ("network", "member-network")
    assert graph.nodes[beta + AS_MEMBER]["iri"] == graph.nodes[beta]["iri"] == beta
    assert graph.has_edge(beta + AS_MEMBER, f"{small.base_iri}network/alpha")
    assert not graph.has_edge(beta, f"{small.base_iri}network/alpha")


def test_networks_in_each_other_are_no_loop() -> None:
    graph = graph_of(("N", "M"), ("M", "N"), ("N", "N"), ("a", "N"))
    assert nx.number_of_selfloops(graph) == 0 and nx.is_bipartite(graph)
    assert sorted(graph.edges) == [(f"M{AS_MEMBER}", "N"), (f"N{AS_MEMBER}", "M"), ("a", "N")]


def test_groups_are_nodes_only_where_more_than_members_are_asked_for(small: Release) -> None:
    members, everyone = cooperation(small), cooperation(small, Selection(participants="all"))
    assert not any(nx.get_node_attributes(members, "is_group").values())
    groups = [node for node, data in everyone.nodes(data=True) if data["is_group"]]
    assert [everyone.nodes[node]["label"] for node in groups] == ["Ehrenamtliche"]
    assert [data["counts_as_member"] for *_, data in everyone.edges(groups, data=True)] == [False]
    assert everyone.degree(groups[0]) == 1
    assert "1 group without a name counts never as a member." in members.graph["notes"]


def test_listings_of_one_tie_are_one_edge_with_all_roles() -> None:
    ties = (
        Tie("a", "N", "guest", counts=False),
        Tie("a", "N", "chair", "2015"),
        Tie("a", "N", "chair", "2017", "2019"),
    )
    graph = graph_of(*ties, participants="all")
    assert graph.edges["a", "N"] == {
        "roles": "guest; chair",
        "counts_as_member": True,
        "since": "2015; 2017",
        "until": "2019",
    }


def test_nothing_selected_is_an_empty_graph_with_a_sentence(large: Release) -> None:
    graph = cooperation(large, Selection(countries="NO", fields="housing", since="2080"))
    assert len(graph) == 0
    assert graph.graph["notes"].startswith("No network fits this selection (countries: NO; fields of action: housing")
    assert graph.graph["notes_de"].startswith("Kein Netzwerk passt zu dieser Auswahl")
    assert len(two_mode(incidence(Lists.of_ties([])))) == 0


def test_a_region_keeps_its_networks_and_their_members(large: Release) -> None:
    whole, part = cooperation(large), cooperation(large, Selection(places="nuts-dee"))
    assert set(part.nodes) < set(whole.nodes) and set(part.edges) < set(whole.edges) and len(part) > 20


def test_a_store_gives_the_same_graph(small: Release, large: Release) -> None:
    for release in (small, large):
        found, wanted = two_mode_graph(release.store()), cooperation(release)
        assert dict(found.nodes(data=True)) == dict(wanted.nodes(data=True))
        assert nx.utils.edges_equal(found.edges(data=True), wanted.edges(data=True))


# -- projections


@pytest.mark.parametrize("mode", ["actors", "networks"])
@pytest.mark.parametrize("weight", ["count", "newman"])
def test_a_projection_as_graph_is_its_matrix(large: Release, mode: Any, weight: Any) -> None:
    found = incidence(Lists.of_release(large))
    graph = projection_graph(found, mode, weight)
    things = found.actors if mode == "actors" else found.networks
    assert list(graph) == things.ids.tolist()
    assert np.allclose(nx.to_numpy_array(graph), projection(found, mode, weight).toarray())
    assert graph.graph["tie"] == "co-listed" and graph.graph["weight"] == weight
    assert set(nx.get_node_attributes(graph, "bipartite").values()) == {int(mode == "networks")}
    if weight == "count":
        assert {type(value) for *_, value in graph.edges(data="weight")} == {int}


def test_a_projection_that_is_too_large_is_refused_with_a_sentence() -> None:
    found = incidence(Lists.of_ties((f"a{number}", "N") for number in range(50)))
    assert projection_graph(found, most=1225).number_of_edges() == 1225
    with pytest.raises(
        Unprocessable, match=r"may have 2,450 entries, and at most 2,448 are made\. The longest list alone"
    ):
        projection_graph(found, most=1224)


# -- reported ties


def test_reported_ties_are_a_graph_of_their_own(large: Release) -> None:
    graph = reported_graph(large.store(), large.id)
    asked = large.store().select("SELECT ?r { ?n a ig:Network ; ig:relatedTo ?r }")
    assert graph.graph["tie"] == "reported" and graph.number_of_edges() == len(asked) == 38
    named = [node for node, data in graph.nodes(data=True) if data["kind"] == "named-only"]
    assert named and all(graph.degree(node) == 1 and graph.nodes[node]["iri"] == "" for node in named)
    assert {"cooperates-with", "predecessor"} <= {kind for *_, kind in graph.edges(data="relation")}
    listed = cooperation(large)
    assert not any(listed.has_edge(one, other) for one, other in graph.edges())


def test_reported_ties_of_a_list() -> None:
    assert reported_ties([]).number_of_nodes() == 0
    for wrong in (("a",), "ab", ("a", "b", "c", "d"), ("a", 1)):
        with pytest.raises(Unprocessable, match="Tie 2 is"):
            reported_ties([("a", "b"), wrong])  # type: ignore[list-item]


# -- funding


def test_funding_of_the_golden_data(small: Release) -> None:
    graph = funding_graph(small)
    base = small.base_iri
    land, caritas = f"{base}actor/land-beta", f"{base}actor/caritas-musterstadt"
    verband = next(node for _, node, role in graph.out_edges(land, data="role") if role == "funds")
    (edge,) = graph[land][verband].values()
    assert (edge["amount"], edge["currency"], edge["categories"]) == (1200.5, "EUR", "state")
    uses = {
        graph.nodes[end]["label"]: data for _, end, data in graph.out_edges(verband, data=True) if data["role"] == "for"
    }
    assert {"Advice", "Beratung"} == set(uses) and not any("amount" in data for data in uses.values())
    # Federal money and donations reach one body: two sources without a name, which tie nothing together.
    sources = [source for source, _, role in graph.in_edges(caritas, data="role") if role == "funds"]
    assert sorted(graph.nodes[source]["label"] for source in sources) == ["Land Beta", "donations", "federal"]
    assert verband == caritas  # a decision made them one
    unnamed = [node for node, data in graph.nodes(data=True) if data["kind"] == "unnamed"]
    assert all(graph.in_degree(node) == 0 for node in unnamed)
    assert graph.graph["notes"].startswith("2 of 3 networks state funding")


def test_parties_that_no_one_names_are_nodes_of_their_flow(golden_data: Path, tmp_path: Path) -> None:
    record = golden_data / "profiles" / "beta.yaml"
    text = record.read_text("utf-8")
    flows = "funding:\n  - {category: donations, amount: 5, currency: EUR}\n  - {category: donations, for: Help}\n"
    record.write_text(text.replace("funding:\n", flows), "utf-8")
    graph = funding_graph(build_release(golden_data, tmp_path / "out").release, Selection(networks="beta"))
    loose = [part for part in nx.weakly_connected_components(graph) if len(part) < 4]
    kinds = sorted(sorted(graph.nodes[node]["kind"] for node in part) for part in loose)
    assert kinds == [["activity", "actor", "actor"], ["activity", "unnamed", "unnamed"], ["unnamed", "unnamed"]]
    (pair,) = (part for part in loose if len(part) == 2)
    assert [data["amount"] for *_, data in graph.subgraph(pair).edges(data=True)] == [5.0]


def test_amounts_of_joint_flows_are_never_added_up(large: Release) -> None:
    graph = funding_graph(large)
    stated = large.store().select("SELECT ?f ?a { ?n a ig:Network ; ig:funding ?f . ?f ig:amount ?a }")
    edges = [(key, data) for *_, key, data in graph.edges(keys=True, data=True) if data["role"] == "funds"]
    single = [key for key, data in edges if "amount" in data]
    joint = {key for key, data in edges if "joint_amount" in data}
    assert len(single) == len(set(single)) and not set(single) & joint
    assert len(single) + len(joint) == len(stated.rows)
    assert all(isinstance(data["joint_amount"], str) for _, data in edges if "joint_amount" in data)
    flows = large.store().select("SELECT DISTINCT ?f { ?n a ig:Network ; ig:funding ?f }")
    assert {key for key, _ in edges} == {str(row["f"]) for row in flows.records()}


def test_funding_of_a_selection(large: Release) -> None:
    whole, part = funding_graph(large), funding_graph(large, Selection(countries="IT"))
    assert set(part.edges(keys=True)) < set(whole.edges(keys=True))
    assert len(part) > 5
    empty = funding_graph(large, Selection(since="2080"))
    assert len(empty) == 0 and empty.graph["notes"].startswith("No network fits this selection (status date from 2080)")
    with pytest.raises(Unprocessable, match="not a value of 'countries'"):
        funding_graph(large, Selection(countries="Italy"))


# -- the documentation


def test_the_examples_of_the_documentation_run(large: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "cooperation.md").read_text("utf-8")
    names: dict[str, Any] = {"release": large, "graph": cooperation(large)}
    blocks = [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "integgraph.open" not in block]
    assert len(blocks) == 2
    for block in blocks:
        exec(block, names)  # noqa: S102
    assert names["written"].lost and (tmp_path / "cooperation.gexf").exists()


def test_the_documentation_names_every_part_of_a_selection() -> None:
    text = (ROOT / "docs" / "cooperation.md").read_text("utf-8")
    assert all(f"`{each.name}`" in text for each in fields(Selection))
    assert all(f"`{name}`" in text for name in FORMATS)
