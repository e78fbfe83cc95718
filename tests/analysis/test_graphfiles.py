"""Graph files: each opened by its reader, with everything in it that the writer does not say is lost."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integgraph.analysis.cooperation import cooperation, funding_graph, projection_graph
from integgraph.analysis.graphfiles import FORMATS, Written, write_graph
from integgraph.analysis.incidence import Lists, incidence
from integgraph.analysis.selection import Selection
from integgraph.build import Built
from integgraph.errors import FormatNotAvailable, StorageFull

Graph = nx.Graph  # any of the four kinds


def written(graph: Any, form: str) -> tuple[bytes, Written]:
    out = io.BytesIO()
    told = write_graph(graph, form, out)
    return out.getvalue(), told


def read_cx2(data: bytes) -> Any:
    """A reader after the specification of CX2; it refuses what that does not allow."""
    kinds = {"string": str, "long": int, "integer": int, "double": float, "boolean": bool}
    content = json.loads(data, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    first, last = content[0], content[-1]
    assert first == {"CXVersion": "2.0", "hasFragments": False}
    assert last == {"status": [{"success": True}]}
    aspects: dict[str, Any] = {}
    for each in content[1:-1]:
        ((name, elements),) = each.items()
        assert name not in aspects, "without fragments, an aspect stands once"
        aspects[name] = elements
    counts = {each["name"]: each["elementCount"] for each in aspects.pop("metaData")}
    assert counts == {name: len(elements) for name, elements in aspects.items()}
    (declared,) = aspects["attributeDeclarations"]
    (facts,) = aspects["networkAttributes"]

    def typed(domain: str, values: dict[str, Any]) -> dict[str, Any]:
        for name, value in values.items():
            assert type(value) is kinds[declared[domain][name]["d"]], (domain, name, value)
        return values

    typed("networkAttributes", facts)
    graph: Any = nx.MultiDiGraph(**facts) if facts["directed"] else nx.MultiGraph(**facts)
    names = {}
    for node in aspects["nodes"]:
        assert set(node) == {"id", "v"} and type(node["id"]) is int and node["id"] not in names
        values = typed("nodes", node["v"])
        names[node["id"]] = values["name"]
        graph.add_node(values["name"], **{key: value for key, value in values.items() if key != "name"})
    seen = set()
    for edge in aspects["edges"]:
        assert set(edge) == {"id", "s", "t", "v"} and edge["id"] not in seen
        seen.add(edge["id"])
        values = dict(typed("edges", edge["v"]))
        graph.add_edge(names[edge["s"]], names[edge["t"]], values.pop("key", None), **values)
    return graph


def edge_facts(graph: Any, *, keys: bool = False) -> list[Any]:
    """Edges with attributes, in an order and with ends that do not depend on the reader."""
    found = []
    for one, other, data in graph.edges(data=True):
        ends = (one, other) if graph.is_directed() else tuple(sorted((one, other)))
        found.append((ends, sorted((name, value) for name, value in data.items() if keys or name not in ("id", "key"))))
    return sorted(found, key=repr)


def node_facts(graph: Any) -> dict[Any, dict[str, Any]]:
    return {node: dict(data) for node, data in graph.nodes(data=True)}


@pytest.fixture(scope="session")
def graphs(collection: Built) -> dict[str, Any]:
    release = collection.release
    found = incidence(Lists.of_release(release))
    return {
        "members": cooperation(release),
        "everyone": cooperation(release, Selection(participants="all")),
        "co-listed": projection_graph(found, "networks", "newman"),
        "funding": funding_graph(release),
        "empty": cooperation(release, Selection(since="2080")),
    }


NAMES = ("members", "everyone", "co-listed", "funding", "empty")


@pytest.mark.parametrize("name", NAMES)
def test_graphml_holds_the_whole_graph(graphs: dict[str, Any], name: str) -> None:
    graph = graphs[name]
    data, told = written(graph, "graphml")
    assert told.lost == ()
    assert (told.nodes, told.edges) == (graph.number_of_nodes(), graph.number_of_edges())
    found = nx.read_graphml(io.BytesIO(data), force_multigraph=graph.is_multigraph())
    assert node_facts(found) == node_facts(graph)
    assert edge_facts(found) == edge_facts(graph)
    assert found.is_directed() == graph.is_directed()
    kept = {key: value for key, value in found.graph.items() if key not in ("node_default", "edge_default")}
    assert kept == graph.graph


@pytest.mark.parametrize("name", NAMES)
def test_gexf_holds_nodes_edges_and_attributes(graphs: dict[str, Any], name: str) -> None:
    graph = graphs[name]
    data, told = written(graph, "gexf")
    found = nx.read_gexf(io.BytesIO(data), version="1.3")
    assert node_facts(found) == node_facts(graph)
    assert edge_facts(found) == edge_facts(graph)
    wanted = ["GEXF holds what is said of the whole graph only as one text, in its description."]
    if name == "funding":
        wanted.insert(0, "GEXF needs a different id for every edge, so keys that several edges share are left out.")
    assert sorted(told.lost) == sorted(wanted)
    assert graph.graph["notes"].split(".")[0].encode() in data


@pytest.mark.parametrize("name", NAMES)
def test_pajek_holds_ends_weights_and_modes(graphs: dict[str, Any], name: str) -> None:
    graph = graphs[name]
    data, told = written(graph, "pajek")
    found = nx.parse_pajek(data.decode())
    assert found.number_of_nodes() == graph.number_of_nodes()
    names = dict(zip(graph, found, strict=True))  # both in the order of the file
    directed = graph.is_directed()

    def ends(one: str, other: str) -> tuple[str, ...]:
        return (one, other) if directed else tuple(sorted((one, other)))

    wanted = sorted(
        (ends(names[one], names[other]), float(weight)) for one, other, weight in graph.edges(data="weight", default=1)
    )
    assert sorted((ends(one, other), weight) for one, other, weight in found.edges(data="weight")) == wanted
    if name in ("members", "everyone"):
        shapes = {data["shape"] for node, data in found.nodes(data=True) if graph.nodes[_key(names, node)]["bipartite"]}
        assert shapes == {"box"}
        assert any("roles" in sentence for sentence in told.lost)
    assert any("the label stands for it" in sentence for sentence in told.lost) or name == "empty"


def _key(names: dict[Any, str], wanted: str) -> Any:
    return next(node for node, label in names.items() if label == wanted)


@pytest.mark.parametrize("name", NAMES)
def test_cx2_holds_the_whole_graph(graphs: dict[str, Any], name: str) -> None:
    graph = graphs[name]
    data, told = written(graph, "cx2")
    assert told.lost == ()
    found = read_cx2(data)
    assert node_facts(found) == node_facts(graph)
    assert edge_facts(found) == edge_facts(graph)
    assert found.graph == {**graph.graph, "directed": graph.is_directed()}
    if graph.is_multigraph():
        assert sorted(key for *_, key in found.edges(keys=True)) == sorted(key for *_, key in graph.edges(keys=True))


@pytest.mark.parametrize("name", NAMES)
def test_csv_lists_together_hold_the_graph(graphs: dict[str, Any], name: str) -> None:
    graph = graphs[name]
    edges, told_edges = written(graph, "edges")
    nodes, told_nodes = written(graph, "nodes")
    rows = list(csv.DictReader(io.StringIO(edges.decode())))
    assert len(rows) == told_edges.edges == graph.number_of_edges()
    assert {(row["source"], row["target"]) for row in rows} == {(one, other) for one, other, *_ in graph.edges}
    by_id = {row["id"]: row for row in csv.DictReader(io.StringIO(nodes.decode()))}
    assert set(by_id) == set(graph)
    assert told_nodes.nodes == len(by_id)
    for node, data in graph.nodes(data=True):
        assert by_id[node]["label"].removeprefix("'") == data["label"].removeprefix("'")
    if name != "empty":
        assert any("Write nodes too." in sentence for sentence in told_edges.lost)
        assert any(sentence.startswith("A list of nodes holds no edges: ") for sentence in told_nodes.lost)
        back = nx.from_edgelist([(row["source"], row["target"]) for row in rows], create_using=type(graph))
        assert back.number_of_edges() == graph.number_of_edges()


@pytest.mark.parametrize("form", list(FORMATS))
def test_the_same_graph_gives_the_same_bytes(graphs: dict[str, Any], form: str) -> None:
    assert written(graphs["funding"], form) == written(graphs["funding"].copy(), form)


# -- what a format cannot hold is said


def test_a_number_beyond_64_bits_is_left_out_of_cx2_and_said() -> None:
    graph = nx.Graph([("a", "b")], large=2**63)
    nx.set_node_attributes(graph, {"a": 2**70, "b": -(2**63)}, "size")
    data, told = written(graph, "cx2")
    found = read_cx2(data)
    assert (found.nodes["a"], found.nodes["b"], found.graph) == ({}, {"size": -(2**63)}, {"directed": False})
    assert told.lost == ("A whole number beyond 64 bits is left out (2 times).",)


def test_values_that_no_format_has_are_changed_and_said() -> None:
    graph = nx.Graph(made=None)
    graph.add_node(1, label="one", tags=["a", "b"], size=np.int64(3), share=float("nan"), mixed=1)
    graph.add_node("1", label="two", mixed="x", when=complex(1, 2))
    graph.add_edge(1, "1", weight=np.float64(0.5))
    data, told = written(graph, "graphml")
    found = nx.read_graphml(io.BytesIO(data))
    assert found.nodes["1"] == {"label": "one", "tags": "a; b", "size": 3, "mixed": "1"}
    assert found.nodes["1 (2)"] == {"label": "two", "mixed": "x", "when": "(1+2j)"}
    assert found.edges["1", "1 (2)"] == {"weight": 0.5}
    assert sorted(told.lost) == [
        "A list is written as text, joined by '; ': node attribute tags (1 time).",
        "A number that is not finite is left out: node attribute share (1 time).",
        "A value of type complex is written as text: node attribute when (1 time).",
        "The name of a node was no text and is written as one (1 time).",
        "Two nodes have the same name as text, so one has a number behind it (1 time).",
        "Values of the node attribute mixed differ in type, so all are written as text.",
    ]


def test_what_xml_cannot_hold_is_left_out_and_said() -> None:
    graph = nx.Graph([("a\x00", "b")])
    nx.set_node_attributes(graph, "x\x07<&>\"' ü\r\n\ud800", "label")
    for form, reader in (("graphml", nx.read_graphml), ("gexf", nx.read_gexf)):
        data, told = written(graph, form)
        found = reader(io.BytesIO(data))
        assert set(found) == {"a", "b"}
        assert "Control characters that XML cannot hold are left out of a text" in " ".join(told.lost)
        assert found.nodes["a"]["label"].startswith("x<&>\"' ü")
    data, told = written(graph, "cx2")
    assert read_cx2(data).nodes["b"]["label"].endswith("\ufffd")
    assert told.lost == ("Half a character (a lone surrogate) is replaced in a text (2 times).",)


def test_pajek_tells_nodes_with_one_label_apart() -> None:
    graph = nx.Graph()
    graph.add_nodes_from([("i", {"label": "Caritas"}), ("j", {"label": "Caritas"}), ("k", {"label": "Caritas (1)"})])
    graph.add_node("l", label='Verein "Linde"\n\\ 2')
    graph.add_edges_from([("i", "k"), ("i", "l")])
    data, told = written(graph, "pajek")
    found = nx.parse_pajek(data.decode())
    assert list(found) == ["Caritas (2)", "Caritas (3)", "Caritas (1)", "Verein 'Linde' / 2"]
    assert any("several nodes have" in sentence for sentence in told.lost)
    assert any("quotation mark" in sentence for sentence in told.lost)


def test_parallel_edges_and_loops_are_kept() -> None:
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "b", key="one", weight=2)
    graph.add_edge("a", "b", key="two", weight=3)
    graph.add_edge("a", "a", key="three", weight=4)
    found = nx.read_graphml(io.BytesIO(written(graph, "graphml")[0]), force_multigraph=True)
    assert sorted(found.edges(keys=True, data="weight")) == sorted(graph.edges(keys=True, data="weight"))
    assert edge_facts(read_cx2(written(graph, "cx2")[0])) == edge_facts(graph)
    arcs = nx.parse_pajek(written(graph, "pajek")[0].decode())
    assert sorted(arcs.edges(data="weight")) == [("a", "a", 4.0), ("a", "b", 2.0), ("a", "b", 3.0)]
    rows = list(csv.DictReader(io.StringIO(written(graph, "edges")[0].decode())))
    assert [(row["key"], row["weight"]) for row in rows] == [("one", "2"), ("two", "3"), ("three", "4")]


def test_attributes_named_like_a_column_or_a_field_of_the_format() -> None:
    graph = nx.Graph()
    graph.add_node("a", name="Anna", id="7", label=5)
    graph.add_edge("a", "b", id="e", source="x", weight="heavy")
    told = written(graph, "cx2")[1]
    assert told.lost == ("CX2 keeps the id of a node as its name, so the attribute name is left out.",)
    data, told = written(graph, "nodes")
    assert data.decode().splitlines()[1].startswith("a,")
    assert any("the attribute id is left out" in sentence for sentence in told.lost)
    data, told = written(graph, "edges")
    header = data.decode().splitlines()[0].split(",")
    assert header == ["source", "target", "id", "weight"]
    assert "These names stand for columns of every list of edges: source is left out." in told.lost
    found = nx.read_gexf(io.BytesIO(written(graph, "gexf")[0]))
    assert set(found) == {"a", "b"}


def test_a_cell_is_no_formula() -> None:
    graph = nx.Graph([("=1+1", "b")])
    data, told = written(graph, "edges")
    assert b"'=1+1,b" in data and any("apostrophe" in sentence for sentence in told.lost)


def test_an_unknown_format_names_those_that_there_are() -> None:
    with pytest.raises(FormatNotAvailable, match=r"no graph format 'xlsx'. Available are: graphml \(GraphML\), gexf"):
        written(nx.Graph(), "xlsx")


def test_a_file_is_whole_or_absent(tmp_path: Path) -> None:
    target = tmp_path / "graph.gexf"
    told = write_graph(nx.path_graph(3), "gexf", target)
    assert nx.read_gexf(target).number_of_edges() == told.edges == 2
    assert [file.name for file in tmp_path.iterdir()] == ["graph.gexf"]
    with pytest.raises(StorageFull, match="cannot be written to"):
        write_graph(nx.path_graph(3), "gexf", tmp_path / "nowhere" / "graph.gexf")


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
VALUES: Iterable[Any] = (
    st.integers(-(2**62), 2**62),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    TEXTS,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=12), st.data())
def test_whatever_is_in_a_graph_comes_back(pairs: list[tuple[str, str]], data: st.DataObject) -> None:
    graph: Any = data.draw(st.sampled_from([nx.Graph, nx.DiGraph]))(pairs)
    for number, kind in enumerate(VALUES):
        for node in graph:
            graph.nodes[node][f"v{number}"] = data.draw(kind)
    found = nx.read_graphml(io.BytesIO(written(graph, "graphml")[0]))
    assert node_facts(found) == node_facts(graph) and edge_facts(found) == edge_facts(graph)
    found = read_cx2(written(graph, "cx2")[0])
    assert node_facts(found) == node_facts(graph) and edge_facts(found) == edge_facts(graph)
    found = nx.parse_pajek(written(graph, "pajek")[0].decode())
    assert found.number_of_edges() == graph.number_of_edges() and len(found) == len(graph)
