"""Graphs as files for other programs: GraphML, GEXF, Pajek, CX2 and CSV.

Every writer says what its format cannot hold, or what had to be changed, so that nothing is lost silently. The same
graph always gives the same bytes.

>>> import io, networkx as nx
>>> graph = nx.Graph()
>>> graph.add_edge("a", "b", roles="chair")
>>> written = write_graph(graph, "pajek", io.BytesIO())
>>> written.edges, list(written.lost)
(1, ['Pajek holds no attribute of edges but the weight: roles is left out.'])

Sources: `GraphML <http://graphml.graphdrawing.org/specification.html>`_, `GEXF 1.3 <https://gexf.net/schema.html>`_,
Pajek reference manual (Mrvar and Batagelj); CX2, the Cytoscape exchange format (Cytoscape Consortium); RFC 4180.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal
from xml.sax.saxutils import escape, quoteattr

import networkx as nx

from integgraph.csvtext import SEPARATOR, harmless
from integgraph.errors import FormatNotAvailable, StorageFull

Value = str | int | float | bool
Kind = Literal["string", "integer", "double", "boolean"]
Values = dict[str, Value]


@dataclass(frozen=True, slots=True)
class GraphFormat:
    """A format: its name, media type, file suffix and title."""

    name: str
    media_type: str
    suffix: str
    title: str


FORMATS: Mapping[str, GraphFormat] = {
    each.name: each
    for each in (
        GraphFormat("graphml", "application/graphml+xml", "graphml", "GraphML"),
        GraphFormat("gexf", "application/gexf+xml", "gexf", "GEXF 1.3"),
        GraphFormat("pajek", "text/vnd.pajek.net", "net", "Pajek"),
        GraphFormat("cx2", "application/json", "cx2", "CX2"),
        GraphFormat("edges", "text/csv; charset=utf-8", "edges.csv", "CSV, one edge a row"),
        GraphFormat("nodes", "text/csv; charset=utf-8", "nodes.csv", "CSV, one node a row"),
    )
}
"""The formats by name."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written.

    Attributes:
        format: The format.
        nodes, edges: How many the file holds.
        lost: What the file does not hold, or holds changed: one sentence each; empty when it is the whole graph.
    """

    format: GraphFormat
    nodes: int
    edges: int
    lost: tuple[str, ...] = ()


def write_graph(graph: nx.Graph[Any], form: str, target: Path | IO[bytes]) -> Written:
    """Write a graph; directed or not, with parallel edges or without.

    Args:
        graph: Any networkx graph; nodes may be anything that has a text.
        form: Name of one of :data:`FORMATS`.
        target: A file, which is written aside and renamed, or something open for bytes.

    Returns:
        What was written, with a sentence for everything that the file does not hold.

    Raises:
        FormatNotAvailable: there is no such format; those that there are are named.
        StorageFull: the file cannot be written.
    """
    if form not in FORMATS:
        names = ", ".join(f"{each.name} ({each.title})" for each in FORMATS.values())
        raise FormatNotAvailable(f"There is no graph format '{form[:60]}'. Available are: {names}.")
    plain = _Plain(graph)
    writer = _WRITERS[form]
    if not isinstance(target, Path):
        _copy(writer(plain), target)
        return plain.written(form)
    aside = target.with_name(f".new-{target.name}")
    try:
        with aside.open("wb") as out:
            _copy(writer(plain), out)
        os.replace(aside, target)
    except OSError as error:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise StorageFull(f"The graph cannot be written to {target}: {error.strerror}.") from error
    return plain.written(form)


def _copy(pieces: Iterable[str], out: IO[bytes]) -> None:
    for piece in pieces:
        out.write(piece.encode())


# ---------------------------------------------------------------------------------------------------------------------
# A graph in plain values


@dataclass(frozen=True, slots=True)
class _Edge:
    key: str
    source: int
    target: int
    values: Values


_HALF = re.compile("[\ud800-\udfff]")


class _Plain:
    """A graph with numbers for nodes and plain values for attributes, and a memory of what was changed."""

    def __init__(self, graph: nx.Graph[Any]) -> None:
        self.directed = graph.is_directed()
        self.multi = graph.is_multigraph()
        self._lost: dict[str, None] = {}
        self._changed: dict[tuple[str, str], int] = {}
        numbers: dict[Hashable, int] = {node: number for number, node in enumerate(graph)}
        self.ids = self._ids(graph)
        self.nodes = [self._values(data, "node") for _, data in graph.nodes(data=True)]
        self.edges = [
            _Edge(
                "" if key is None else self._whole(str(key)), numbers[one], numbers[other], self._values(data, "edge")
            )
            for one, other, key, data in _edges(graph)
        ]
        self.facts = self._values(graph.graph, "graph")
        self.node_kinds = self._kinds(self.nodes, "node")
        self.edge_kinds = self._kinds([edge.values for edge in self.edges], "edge")

    def lose(self, sentence: str) -> None:
        """Remember what a reader must know."""
        self._lost[sentence] = None

    def written(self, form: str) -> Written:
        """What was written, with everything that was lost."""
        changes = [
            f"{what} ({count:,} {'time' if count == 1 else 'times'})." for (what, _), count in self._changed.items()
        ]
        nodes = 0 if form == "edges" else len(self.nodes)
        return Written(FORMATS[form], nodes, 0 if form == "nodes" else len(self.edges), (*self._lost, *changes))

    def change(self, sentence: str, about: str = "") -> None:
        """Remember a change of one value; how often it was made is told at the end."""
        self._changed[sentence, about] = self._changed.get((sentence, about), 0) + 1

    def _ids(self, graph: nx.Graph[Any]) -> list[str]:
        found: list[str] = []
        seen: set[str] = set()
        for node in graph:
            name = self._whole(str(node))
            if not isinstance(node, str):
                self.change("The name of a node was no text and is written as one")
            if name in seen:
                count = 2
                while f"{name} ({count})" in seen:
                    count += 1
                name = f"{name} ({count})"
                self.change("Two nodes have the same name as text, so one has a number behind it")
            seen.add(name)
            found.append(name)
        return found

    def _values(self, data: Mapping[Any, Any], domain: str) -> Values:
        found: Values = {}
        for name, value in data.items():
            kept = self._value(value, f"{domain} attribute {name}")
            if kept is not None:
                found[self._whole(str(name))] = kept
        return found

    def _value(self, value: Any, about: str) -> Value | None:
        if value is None:
            return None
        if isinstance(value, str):
            return self._whole(value)
        if isinstance(value, bool | int):
            return value
        if isinstance(value, float):
            if math.isfinite(value):
                return float(value)
            self.change(f"A number that is not finite is left out: {about}", about)
            return None
        if hasattr(value, "item") and getattr(value, "ndim", None) == 0:  # a number of numpy
            return self._value(value.item(), about)
        if isinstance(value, list | tuple | set | frozenset):
            self.change(f"A list is written as text, joined by '{SEPARATOR}': {about}", about)
            parts = sorted(map(str, value)) if isinstance(value, set | frozenset) else map(str, value)
            return self._whole(SEPARATOR.join(parts))
        self.change(f"A value of type {type(value).__name__} is written as text: {about}", about)
        return self._whole(str(value))

    def _whole(self, text: str) -> str:
        """Text without halves of characters, which no encoding has."""
        if _HALF.search(text):
            self.change("Half a character (a lone surrogate) is replaced in a text")
            return _HALF.sub("\ufffd", text)
        return text

    def _kinds(self, rows: Iterable[Values], domain: str) -> dict[str, Kind]:
        """The type of every attribute; where values differ in type, all are written as text."""
        found: dict[str, set[Kind]] = {}
        for values in rows:
            for name, value in values.items():
                found.setdefault(name, set()).add(_kind(value))
        kinds: dict[str, Kind] = {}
        for name, types in found.items():
            if len(types) == 1:
                kinds[name] = next(iter(types))
            elif types == {"integer", "double"}:
                kinds[name] = "double"
            else:
                kinds[name] = "string"
                self.lose(f"Values of the {domain} attribute {name} differ in type, so all are written as text.")
        return kinds


def _edges(graph: nx.Graph[Any]) -> Iterator[tuple[Any, Any, Any, Mapping[str, Any]]]:
    if isinstance(graph, nx.MultiGraph):
        yield from graph.edges(keys=True, data=True)
        return
    for one, other, data in graph.edges(data=True):
        yield one, other, None, data


def _kind(value: Value) -> Kind:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    return "double" if isinstance(value, float) else "string"


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


# ---------------------------------------------------------------------------------------------------------------------
# XML

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What may not stand in XML 1.0, however it is written. Source: XML 1.0, production 2 (Char)."""
_XML_TYPES: Mapping[Kind, str] = {"string": "string", "integer": "long", "double": "double", "boolean": "boolean"}


def _clean(graph: _Plain, text: str) -> str:
    if _NOT_XML.search(text):
        graph.change("Control characters that XML cannot hold are left out of a text")
        return _NOT_XML.sub("", text)
    return text


def _attribute(graph: _Plain, text: str) -> str:
    return quoteattr(_clean(graph, text))


def _graphml(graph: _Plain) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    facts: dict[str, Kind] = {name: _kind(value) for name, value in graph.facts.items()}
    keys: dict[tuple[str, str], str] = {}
    for domain, kinds in (("graph", facts), ("node", graph.node_kinds), ("edge", graph.edge_kinds)):
        for name, kind in kinds.items():
            keys[domain, name] = f"d{len(keys)}"
            told = f'attr.name={_attribute(graph, name)} attr.type="{_XML_TYPES[kind]}"'
            yield f'<key id="{keys[domain, name]}" for="{domain}" {told}/>\n'
    yield f'<graph edgedefault="{"directed" if graph.directed else "undirected"}">\n'
    yield _graphml_data(graph, "graph", graph.facts, keys)
    for name, values in zip(graph.ids, graph.nodes, strict=True):
        yield f"<node id={_attribute(graph, name)}>{_graphml_data(graph, 'node', values, keys)}</node>\n"
    for edge in graph.edges:
        own = f" id={_attribute(graph, edge.key)}" if edge.key else ""
        ends = f"source={_attribute(graph, graph.ids[edge.source])} target={_attribute(graph, graph.ids[edge.target])}"
        yield f"<edge{own} {ends}>{_graphml_data(graph, 'edge', edge.values, keys)}</edge>\n"
    yield "</graph>\n</graphml>\n"


def _graphml_data(graph: _Plain, domain: str, values: Values, keys: Mapping[tuple[str, str], str]) -> str:
    return "".join(
        f'<data key="{keys[domain, name]}">{escape(_clean(graph, _text(value)), {chr(13): "&#13;"})}</data>'
        for name, value in values.items()
    )


def _gexf(graph: _Plain) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<gexf xmlns="http://gexf.net/1.3" version="1.3">\n'
    told = "; ".join(f"{name}: {_text(value)}" for name, value in graph.facts.items() if value != "")
    yield f"<meta><creator>integgraph</creator><description>{escape(_clean(graph, told))}</description></meta>\n"
    if graph.facts:
        graph.lose("GEXF holds what is said of the whole graph only as one text, in its description.")
    yield f'<graph defaultedgetype="{"directed" if graph.directed else "undirected"}" mode="static">\n'
    ids: dict[tuple[str, str], str] = {}
    for domain, kinds, own in (("node", graph.node_kinds, "label"), ("edge", graph.edge_kinds, "weight")):
        yield f'<attributes class="{domain}">\n'
        for name, kind in kinds.items():
            if name == own and _in_gexf(domain, kind):
                continue
            ids[domain, name] = str(len(ids))
            named = f'id="{ids[domain, name]}" title={_attribute(graph, name)} type="{_XML_TYPES[kind]}"'
            yield f"<attribute {named}/>\n"
        yield "</attributes>\n"
    yield "<nodes>\n"
    for name, values in zip(graph.ids, graph.nodes, strict=True):
        label = _attribute(graph, str(values.get("label", name)))
        data = _gexf_data(graph, "node", values, ids)
        yield f"<node id={_attribute(graph, name)} label={label}>{data}</node>\n"
    yield "</nodes>\n<edges>\n"
    if any(edge.key for edge in graph.edges) and len({edge.key for edge in graph.edges}) < len(graph.edges):
        graph.lose("GEXF needs a different id for every edge, so keys that several edges share are left out.")
    for number, edge in enumerate(graph.edges):
        weighed = graph.edge_kinds.get("weight") in ("integer", "double") and "weight" in edge.values
        weight = f' weight="{_text(edge.values["weight"])}"' if weighed else ""
        ends = f"source={_attribute(graph, graph.ids[edge.source])} target={_attribute(graph, graph.ids[edge.target])}"
        data = _gexf_data(graph, "edge", edge.values, ids)
        yield f'<edge id="{number}" {ends}{weight}>{data}</edge>\n'
    yield "</edges>\n</graph>\n</gexf>\n"


def _in_gexf(domain: str, kind: Kind) -> bool:
    """Whether GEXF has a place of its own for the label of a node or the weight of an edge."""
    return kind == "string" if domain == "node" else kind in ("integer", "double")


def _gexf_data(graph: _Plain, domain: str, values: Values, ids: Mapping[tuple[str, str], str]) -> str:
    data = (
        f'<attvalue for="{ids[domain, name]}" value={_attribute(graph, _text(value))}/>'
        for name, value in values.items()
        if (domain, name) in ids
    )
    return f"<attvalues>{''.join(data)}</attvalues>"


# ---------------------------------------------------------------------------------------------------------------------
# Pajek

_SHAPES: Mapping[Value, str] = {0: "ellipse", 1: "box"}


def _pajek(graph: _Plain) -> Iterator[str]:
    labels = _pajek_labels(graph)
    modes = graph.node_kinds.get("bipartite") == "integer"
    dropped = sorted(set(graph.node_kinds) - {"label"} - ({"bipartite"} if modes else set()))
    if dropped:
        graph.lose(f"Pajek holds no attribute of nodes but the label: {_are_left_out(dropped)}")
    if modes:
        graph.lose("Pajek shows the mode of a node by its shape: ellipse for bipartite 0, box for 1.")
    weighed = graph.edge_kinds.get("weight") in ("integer", "double")
    dropped = sorted(set(graph.edge_kinds) - ({"weight"} if weighed else set()))
    if dropped:
        graph.lose(f"Pajek holds no attribute of edges but the weight: {_are_left_out(dropped)}")
    if any(edge.key for edge in graph.edges):
        graph.lose("Pajek holds no keys of edges.")
    if graph.facts:
        graph.lose(f"Pajek holds nothing of the whole graph: {_are_left_out(sorted(graph.facts))}")
    yield f"*Vertices {len(labels)}\n"
    for number, (label, values) in enumerate(zip(labels, graph.nodes, strict=True), 1):
        shape = f" 0.0 0.0 {_SHAPES.get(values.get('bipartite', ''), 'ellipse')}" if modes else ""
        yield f'{number} "{label}"{shape}\n'
    yield "*Arcs\n" if graph.directed else "*Edges\n"
    for edge in graph.edges:
        weight = edge.values.get("weight", 1) if weighed else 1
        yield f"{edge.source + 1} {edge.target + 1} {_text(weight)}\n"


def _are_left_out(names: list[str]) -> str:
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} left out."


def _pajek_labels(graph: _Plain) -> list[str]:
    """A label a node, each different, because programs take the label for the node."""
    wanted = [str(values.get("label") or name) for name, values in zip(graph.ids, graph.nodes, strict=True)]
    clean = [re.sub(r"\s+", " ", label.replace('"', "'").replace("\\", "/")).strip() for label in wanted]
    if clean != wanted:
        graph.lose("Pajek ends a label at a quotation mark, so these, backslashes and line ends are replaced.")
    counts: dict[str, int] = {}
    for label in clean:
        counts[label] = counts.get(label, 0) + 1
    if any(count > 1 for count in counts.values()):
        graph.lose("Pajek takes the label for the node, so labels that several nodes have are followed by a number.")
    if wanted != graph.ids:
        graph.lose("Pajek holds one name of a node: the label stands for it, and the id is left out.")
    taken = {label for label, count in counts.items() if count == 1}
    found = []
    for label in clean:
        name, number = label, 1
        while counts[label] > 1 and (name == label or name in taken):
            name, number = f"{label} ({number})", number + 1
        taken.add(name)
        found.append(name)
    return found


# ---------------------------------------------------------------------------------------------------------------------
# CX2

_LONG = 2**63
_CX2_TYPES: Mapping[Kind, str] = {"string": "string", "integer": "long", "double": "double", "boolean": "boolean"}


def _cx2(graph: _Plain) -> Iterator[str]:
    told: dict[str, Kind] = {name: _kind(value) for name, value in graph.facts.items()}
    facts: Values = {**_typed(graph, graph.facts, told), "directed": graph.directed}
    nodes: dict[str, Kind] = {**graph.node_kinds, "name": "string"}
    edges: dict[str, Kind] = dict(graph.edge_kinds)
    if "name" in graph.node_kinds:
        graph.lose("CX2 keeps the id of a node as its name, so the attribute name is left out.")
    if any(edge.key for edge in graph.edges):
        edges["key"] = "string"
    yield '[{"CXVersion":"2.0","hasFragments":false}'
    counts = (
        ("attributeDeclarations", 1),
        ("networkAttributes", 1),
        ("nodes", len(graph.nodes)),
        ("edges", len(graph.edges)),
    )
    yield _aspect("metaData", [{"name": name, "elementCount": count} for name, count in counts])
    declared = {
        "networkAttributes": {name: {"d": _CX2_TYPES[_kind(value)]} for name, value in facts.items()},
        "nodes": {name: {"d": _CX2_TYPES[kind]} for name, kind in nodes.items()},
        "edges": {name: {"d": _CX2_TYPES[kind]} for name, kind in edges.items()},
    }
    yield _aspect("attributeDeclarations", [declared])
    yield _aspect("networkAttributes", [facts])
    yield from _elements(
        "nodes",
        (
            {"id": number, "v": {**_typed(graph, values, nodes), "name": name}}
            for number, (name, values) in enumerate(zip(graph.ids, graph.nodes, strict=True))
        ),
    )
    yield from _elements(
        "edges",
        (
            {
                "id": number,
                "s": edge.source,
                "t": edge.target,
                "v": {**_typed(graph, edge.values, edges), **({"key": edge.key} if edge.key else {})},
            }
            for number, edge in enumerate(graph.edges)
        ),
    )
    yield _aspect("status", [{"success": True}]) + "]\n"


def _aspect(name: str, elements: list[Any]) -> str:
    return ",\n" + json.dumps({name: elements}, ensure_ascii=False, separators=(",", ":"))


def _elements(name: str, elements: Iterator[Any]) -> Iterator[str]:
    """One aspect, written as its elements come."""
    begin = f',\n{{"{name}":['
    for each in elements:
        yield begin + json.dumps(each, ensure_ascii=False, separators=(",", ":"))
        begin = ",\n"
    yield "]}" if begin == ",\n" else begin + "]}"


def _typed(graph: _Plain, values: Values, kinds: Mapping[str, Kind]) -> Values:
    """Values as their declared type; a whole number beyond 64 bits cannot be held."""
    found: Values = {}
    for name, value in values.items():
        kind = kinds[name]
        if kind == "integer" and not -_LONG <= int(value) < _LONG:
            graph.change("A whole number beyond 64 bits is left out")
            continue
        found[name] = _text(value) if kind == "string" else float(value) if kind == "double" else value
    return found


# ---------------------------------------------------------------------------------------------------------------------
# CSV


def _edges_csv(graph: _Plain) -> Iterator[str]:
    keyed = any(edge.key for edge in graph.edges)
    own = ["source", "target", *(["key"] if keyed else [])]
    names = [name for name in graph.edge_kinds if name not in own]
    if taken := [name for name in graph.edge_kinds if name in own]:
        graph.lose(f"These names stand for columns of every list of edges: {_are_left_out(taken)}")
    if graph.node_kinds:
        graph.lose(
            f"A list of edges holds nothing of nodes: {_are_left_out(sorted(graph.node_kinds))} Write nodes too."
        )
    tied = {end for edge in graph.edges for end in (edge.source, edge.target)}
    alone = len(graph.nodes) - len(tied)
    if alone:
        graph.lose(f"A list of edges holds no node without edges: {alone:,} left out. Write nodes too.")
    if graph.facts:
        graph.lose(f"A list of edges holds nothing of the whole graph: {_are_left_out(sorted(graph.facts))}")
    if graph.directed is False and graph.edges:
        graph.lose("A list of edges has a source and a target; in this graph edges have no direction.")
    yield _csv_row([*own, *names])
    for edge in graph.edges:
        key = [edge.key] if keyed else []
        cells = [_text(edge.values[name]) if name in edge.values else "" for name in names]
        yield _csv_row([_cell(graph, text) for text in (graph.ids[edge.source], graph.ids[edge.target], *key, *cells)])


def _nodes_csv(graph: _Plain) -> Iterator[str]:
    names = [name for name in graph.node_kinds if name != "id"]
    if "id" in graph.node_kinds:
        graph.lose("The column id is the id of the node, so the attribute id is left out.")
    if graph.edges:
        graph.lose(f"A list of nodes holds no edges: {len(graph.edges):,} left out. Write edges too.")
    if graph.facts:
        graph.lose(f"A list of nodes holds nothing of the whole graph: {_are_left_out(sorted(graph.facts))}")
    yield _csv_row(["id", *names])
    for name, values in zip(graph.ids, graph.nodes, strict=True):
        cells = [_text(values[each]) if each in values else "" for each in names]
        yield _csv_row([_cell(graph, text) for text in (name, *cells)])


def _cell(graph: _Plain, text: str) -> str:
    if (cell := harmless(text)) != text:
        graph.change("A cell that a spreadsheet would take for a formula has an apostrophe before it")
    return cell


def _csv_row(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue()


_WRITERS: Mapping[str, Callable[[_Plain], Iterator[str]]] = {
    "graphml": _graphml,
    "gexf": _gexf,
    "pajek": _pajek,
    "cx2": _cx2,
    "edges": _edges_csv,
    "nodes": _nodes_csv,
}
