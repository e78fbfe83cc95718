"""Clients of other makers get from the endpoint what the embedded store answers: SPARQLWrapper, rdflib, Comunica, curl.

Where a client is not installed its tests are skipped, but not in CI (``CI`` set): there it is a failure.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore

from integgraph.build import Built
from tests.web.serving import Server, served

CLIENTS = Path(__file__).parent / "clients"
PREFIXES = "PREFIX ig: <https://w3id.org/integgraph/ontology#>\nPREFIX org: <http://www.w3.org/ns/org#>\n"
PROFILE = "https://w3id.org/integgraph/id/profile/alpha--2024-02"
STRING = "http://www.w3.org/2001/XMLSchema#string"
XSD_INTEGER = "http://www.w3.org/2001/XMLSchema#integer"

SELECTS = {
    "umlauts": 'SELECT ?s ?text { ?s ig:wording ?text FILTER(CONTAINS(?text, "über") || CONTAINS(?text, "ü")) }',
    "unbound": "SELECT ?n ?name ?founded { ?n a ig:Network ; ig:workingLabel ?name OPTIONAL { ?n ig:coordination ?founded } }",
    "numbers": "SELECT ?n (COUNT(?m) AS ?members) { ?n ig:membership ?m } GROUP BY ?n",
    "nothing": "SELECT ?s { ?s ig:wording 'Ça n’existe pas – ни в коем случае' }",
    "dates": "SELECT ?s ?o { GRAPH ?g { ?s ?p ?o FILTER(DATATYPE(?o) = <http://www.w3.org/2001/XMLSchema#date>) } }",
}  # fmt: skip
ASKS = {
    "true": 'ASK { ?s ?p ?text FILTER(CONTAINS(STR(?text), "Geflüchtete")) }',
    "false": 'ASK { ?s ?p "Geflüchtetë" }',
}
CONSTRUCTS = {
    "umlauts": 'CONSTRUCT { ?s ig:says ?text } WHERE { ?s ig:wording ?text FILTER(CONTAINS(?text, "ü")) }',
    "whole": "CONSTRUCT WHERE { ?m a org:Membership ; org:member ?a ; org:organization ?n }",
}
LONG = "ä" * 1500
"""Makes a query so long that a client sends by POST what it sends by GET while it is short."""

Term = tuple[str, str, str] | None
"""Kind or datatype, language, value."""


@pytest.fixture(scope="module")
def server(golden: Built) -> Iterator[Server]:
    with served(golden.release.path) as server:
        yield server


@pytest.fixture
def endpoint(server: Server) -> str:
    return server.url + "/sparql"


def needed(found: object, what: str) -> None:
    if found:
        return
    if os.environ.get("CI"):
        pytest.fail(f"{what} is not installed: make test installs it.")
    pytest.skip(f"{what} is not installed.")


# -- what the embedded store says, and the same from standard formats


def _term(term: Any) -> Term:
    if isinstance(term, ox.NamedNode):
        return ("iri", "", term.value)
    if isinstance(term, ox.Literal):
        return (term.datatype.value, term.language or "", term.value)
    assert term is None
    return None


def expected_rows(golden: Built, query: str) -> list[dict[str, Term]]:
    found = golden.release.store().select(PREFIXES + query)
    terms = [dict(zip(found.variables, map(_term, row), strict=True)) for row in found.rows]
    return in_order([{name: term for name, term in row.items() if term} for row in terms])


def expected_triples(golden: Built, query: str) -> set[str]:
    found = {str(triple) for triple in golden.release.store().construct(PREFIXES + query)}
    assert found
    return found


def rows_of_json(text: str | bytes | Mapping[str, Any]) -> list[dict[str, Term]]:
    document = text if isinstance(text, Mapping) else json.loads(text)

    def term(each: Mapping[str, str]) -> Term:
        if each["type"] == "uri":
            return ("iri", "", each["value"])
        language = each.get("xml:lang", "")
        plain = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString" if language else STRING
        return (each.get("datatype", plain), language, each["value"])

    return in_order([{name: term(each) for name, each in row.items()} for row in document["results"]["bindings"]])


def in_order(rows: list[dict[str, Term]]) -> list[dict[str, Term]]:
    return sorted(rows, key=lambda row: sorted(row.items(), key=str).__repr__())


def triples_of(text: str | bytes, kind: ox.RdfFormat) -> set[str]:
    return {str(quad.triple) for quad in ox.parse(text, format=kind)}


def triples_of_graph(graph: rdflib.Graph) -> set[str]:
    return triples_of(graph.serialize(format="nt", encoding="utf-8"), ox.RdfFormat.N_TRIPLES)


def test_what_is_asked_has_answers(golden: Built) -> None:
    assert all(expected_rows(golden, query) for name, query in SELECTS.items() if name != "nothing")
    assert any("ü" in term[2] for row in expected_rows(golden, SELECTS["umlauts"]) for term in row.values() if term)
    assert [golden.release.store().ask(PREFIXES + query) for query in ASKS.values()] == [True, False]


# -- curl

WAYS = ("get", "form", "direct")


def curl(endpoint: str, way: str, query: str, accept: str) -> bytes:
    needed(shutil.which("curl"), "curl")
    sent = {
        "get": ["--get", "--data-urlencode", f"query={query}"],
        "form": ["--data-urlencode", f"query={query}"],
        "direct": ["--header", "Content-Type: application/sparql-query", "--data-binary", query],
    }[way]
    command = ["curl", "--silent", "--show-error", "--fail", "--max-time", "30", "--noproxy", "*"]
    done = subprocess.run(
        [*command, "--header", f"Accept: {accept}", *sent, endpoint], capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.parametrize("way", WAYS)
def test_curl(endpoint: str, golden: Built, way: str) -> None:
    for query in SELECTS.values():
        answer = curl(endpoint, way, PREFIXES + query, "application/sparql-results+json")
        assert rows_of_json(answer) == expected_rows(golden, query)
    for query in ASKS.values():
        answer = curl(endpoint, way, PREFIXES + query, "application/sparql-results+json")
        assert json.loads(answer)["boolean"] is golden.release.store().ask(PREFIXES + query)
    for query in CONSTRUCTS.values():
        answer = curl(endpoint, way, PREFIXES + query, "text/turtle")
        assert triples_of(answer, ox.RdfFormat.TURTLE) == expected_triples(golden, query)


def test_curl_sees_an_error(endpoint: str) -> None:
    needed(shutil.which("curl"), "curl")
    command = ["curl", "--silent", "--max-time", "30", "--noproxy", "*", "--write-out", "\n%{http_code}"]
    done = subprocess.run(
        [*command, "--get", "--data-urlencode", "query=ASK {", endpoint], capture_output=True, timeout=60, check=False
    )
    body, _, status = done.stdout.decode().rpartition("\n")
    assert (status, json.loads(body)["status"]) == ("400", 400)


# -- SPARQLWrapper


def wrapper(endpoint: str, way: str, query: str, return_format: str, *, by_accept: bool = False) -> Any:
    needed(importlib.util.find_spec("SPARQLWrapper"), "SPARQLWrapper")
    import SPARQLWrapper as sw

    client = sw.SPARQLWrapper(endpoint)
    client.setTimeout(30)
    client.setQuery(PREFIXES + query)
    client.setReturnFormat(return_format)
    client.setMethod(sw.GET if way == "get" else sw.POST)
    client.setRequestMethod(sw.POSTDIRECTLY if way == "direct" else sw.URLENCODED)
    client.setOnlyConneg(by_accept)  # otherwise it also says format=, output= and results=, each with two values
    return client.queryAndConvert()


@pytest.mark.parametrize("way", WAYS)
def test_sparqlwrapper_rows(endpoint: str, golden: Built, way: str) -> None:
    for query in SELECTS.values():
        assert rows_of_json(wrapper(endpoint, way, query, "json")) == expected_rows(golden, query)
        document = wrapper(endpoint, way, query, "xml")
        assert len(document.getElementsByTagName("result")) == len(expected_rows(golden, query))
        text = wrapper(endpoint, way, query, "csv").decode()
        assert len(text.splitlines()) == 1 + len(expected_rows(golden, query))
    for query in ASKS.values():
        assert wrapper(endpoint, way, query, "json")["boolean"] is golden.release.store().ask(PREFIXES + query)


# SPARQLWrapper 2.0.0 makes a graph of a class that rdflib 7.6 is about to drop.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.parametrize("by_accept", [True, False], ids=["by Accept", "by format"])
@pytest.mark.parametrize("way", WAYS)
def test_sparqlwrapper_triples(endpoint: str, golden: Built, way: str, by_accept: bool) -> None:
    for query in CONSTRUCTS.values():
        expected = expected_triples(golden, query)
        turtle = wrapper(endpoint, way, query, "turtle", by_accept=by_accept)
        assert triples_of(turtle, ox.RdfFormat.TURTLE) == expected
        assert triples_of_graph(wrapper(endpoint, way, query, "rdf+xml", by_accept=by_accept)) == expected
        assert triples_of_graph(wrapper(endpoint, way, query, "json-ld", by_accept=by_accept)) == expected


def test_sparqlwrapper_asks_a_profile(endpoint: str, golden: Built) -> None:
    needed(importlib.util.find_spec("SPARQLWrapper"), "SPARQLWrapper")
    import SPARQLWrapper as sw

    client = sw.SPARQLWrapper(endpoint, returnFormat="json")
    client.addDefaultGraph(PROFILE)
    client.setQuery("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    [row] = rows_of_json(client.queryAndConvert())
    assert row["n"] == (XSD_INTEGER, "", str(len(golden.release.store().graph(PROFILE))))


def test_sparqlwrapper_sees_an_error(endpoint: str) -> None:
    needed(importlib.util.find_spec("SPARQLWrapper"), "SPARQLWrapper")
    from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

    with pytest.raises(QueryBadFormed, match="Line 3, column"):
        wrapper(endpoint, "get", "ASK {", "json")


# -- rdflib


def rdflib_term(term: Any) -> Term:
    if isinstance(term, rdflib.URIRef):
        return ("iri", "", str(term))
    language = term.language or ""
    plain = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString" if language else STRING
    return (str(term.datatype or plain), language, str(term))


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("return_format", ["xml", "json"])
def test_rdflib_rows(endpoint: str, golden: Built, method: str, return_format: str) -> None:
    store = SPARQLStore(endpoint, returnFormat=return_format, method=method)
    for query in SELECTS.values():
        rows: Sequence[Any] = list(store.query(PREFIXES + query))
        found = [{name: rdflib_term(term) for name, term in row.asdict().items()} for row in rows]
        assert in_order(found) == expected_rows(golden, query)
    for query in ASKS.values():
        assert bool(store.query(PREFIXES + query)) is golden.release.store().ask(PREFIXES + query)


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("return_format", ["turtle", "nt"])
def test_rdflib_triples(endpoint: str, golden: Built, method: str, return_format: str) -> None:
    store = SPARQLStore(endpoint, returnFormat=return_format, method=method)
    for query in CONSTRUCTS.values():
        graph = store.query(PREFIXES + query).graph
        assert graph is not None and triples_of_graph(graph) == expected_triples(golden, query)


def test_rdflib_reads_the_view_and_a_profile_as_graphs(endpoint: str, golden: Built) -> None:
    store = SPARQLStore(endpoint)
    label = rdflib.URIRef("https://w3id.org/integgraph/ontology#workingLabel")
    found = {str(name) for name in rdflib.Graph(store).objects(None, label)}
    query = "SELECT DISTINCT (STR(?name) AS ?text) { ?s ig:workingLabel ?name }"
    assert found == {row["text"] for row in golden.release.store().select(PREFIXES + query).records()}
    profile = rdflib.Graph(store, identifier=rdflib.URIRef(PROFILE))
    triples = list(profile.triples((None, None, None)))
    assert {tuple(map(rdflib_term, triple)) for triple in triples} == {
        tuple(map(_term, (each.subject, each.predicate, each.object))) for each in golden.release.store().graph(PROFILE)
    }
    assert len(profile) == len(triples)


# -- Comunica


def comunica(source: object, queries: Sequence[tuple[str, str]]) -> list[str]:
    needed(shutil.which("node"), "Node.js")
    needed((CLIENTS / "node_modules" / "@comunica").is_dir(), "Comunica")
    done = subprocess.run(
        ["node", "comunica.mjs"],
        input=json.dumps({"source": source, "queries": queries}),
        cwd=CLIENTS,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


@pytest.mark.parametrize("end", ["", LONG], ids=["short", "long"])
@pytest.mark.parametrize("named", [True, False], ids=["as SPARQL", "by its address"])
def test_comunica(endpoint: str, golden: Built, end: str, named: bool) -> None:
    results = "application/sparql-results+json"
    asked = [(query, results) for query in SELECTS.values()]
    asked += [(query, results) for query in ASKS.values()]
    asked += [(query, "application/n-triples") for query in CONSTRUCTS.values()]
    source = {"type": "sparql", "value": endpoint} if named else endpoint
    answers = iter(comunica(source, [(PREFIXES + padded(query, end), kind) for query, kind in asked]))
    for query in SELECTS.values():
        assert rows_of_json(next(answers)) == expected_rows(golden, query)
    for query in ASKS.values():
        assert json.loads(next(answers))["boolean"] is golden.release.store().ask(PREFIXES + query)
    for query in CONSTRUCTS.values():
        assert triples_of(next(answers), ox.RdfFormat.N_TRIPLES) == expected_triples(golden, query)


def padded(query: str, text: str) -> str:
    """The same query, made long by a filter that always holds: Comunica writes queries anew, without comments."""
    if not text or query.startswith("CONSTRUCT WHERE"):
        return query
    before, _, after = query.rpartition("}")
    return f"{before} FILTER('{text}' != '') }}{after}"
