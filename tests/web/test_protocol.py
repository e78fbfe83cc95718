"""The endpoint over a real connection: every test of the SPARQL 1.1 Protocol's suite, formats, errors, caching.

Source: SPARQL 1.1 Protocol (W3C, 2013); the names are those of the working group's tests. Their graphs are here the
profiles of the golden release. A release never changes, so what updates are to do is that they are refused.
"""

from __future__ import annotations

import csv
import http.client
import io
import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest

from integgraph.build import Built
from tests.web.serving import Reply, Server, served

ID = "https://w3id.org/integgraph/id/"
ONE, TWO, THREE = (f"{ID}profile/{name}" for name in ("beta", "gamma", "alpha--2024-02"))
IN_ONE, IN_TWO, IN_THREE = (f"{ID}network/{name}" for name in ("beta", "gamma", "alpha"))
FORM, DIRECT, UPDATE = "application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update"
RESULTS = {"application/sparql-results+json", "application/sparql-results+xml"}
GRAPHS = {"application/rdf+xml", "text/turtle", "application/n-triples", "application/ld+json"}
LABEL = "ig:workingLabel"
NAMES = f"SELECT ?n ?name {{ ?n a ig:Network ; {LABEL} ?name }} ORDER BY ?name"
TRIPLES = f"CONSTRUCT WHERE {{ ?n {LABEL} ?name }}"
_MIXED = [(1, "GET"), (2, "HEAD"), (3, "GET"), (2, "GET")]
JSON = {"Accept": "application/sparql-results+json"}


@pytest.fixture(scope="module")
def server(golden: Built) -> Iterator[Server]:
    with served(golden.release.path, query_deadline=2, answer_bytes=400_000) as server:
        yield server


def get(server: Server, query: str, *fields: tuple[str, str], **headers: str) -> Reply:
    return server.ask("GET", "/sparql", [("query", query), *fields], headers=headers)


def direct(server: Server, query: str, *fields: tuple[str, str], kind: str = DIRECT) -> Reply:
    return server.ask("POST", "/sparql", fields, query.encode(), {"Content-Type": kind})


def form(server: Server, body: str, *fields: tuple[str, str]) -> Reply:
    return server.ask("POST", "/sparql", fields, body.encode(), {"Content-Type": FORM})


def default(*names: str) -> list[tuple[str, str]]:
    return [("default-graph-uri", name) for name in names]


def named(*names: str) -> list[tuple[str, str]]:
    return [("named-graph-uri", name) for name in names]


def truth(reply: Reply) -> bool:
    assert reply.status == 200, reply.text
    assert reply.media_type in RESULTS
    if reply.media_type.endswith("json"):
        return bool(json.loads(reply.body)["boolean"])
    found = ElementTree.fromstring(reply.body).findtext("{http://www.w3.org/2005/sparql-results#}boolean")  # noqa: S314
    return found == "true"


def rows(reply: Reply) -> list[dict[str, str]]:
    assert reply.status == 200, reply.text
    bindings = json.loads(reply.body)["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in bindings]


# -- the tests of the suite: queries that are answered

IS = f"<{IN_ONE}> {LABEL} ?a"
BOTH = f"ASK {{ <{IN_ONE}> {LABEL} ?a . <{IN_TWO}> {LABEL} ?b }}"
EACH = f"ASK {{ GRAPH ?g1 {{ <{IN_ONE}> {LABEL} ?a }} GRAPH ?g2 {{ <{IN_TWO}> {LABEL} ?b }} }}"
FULL = f"ASK {{ <{IN_THREE}> {LABEL} ?c GRAPH ?g1 {{ <{IN_ONE}> {LABEL} ?a }} GRAPH ?g2 {{ <{IN_TWO}> {LABEL} ?b }} }}"

ANSWERED: dict[str, Callable[[Server], bool]] = {
    "query_get": lambda s: truth(get(s, "ASK {}")),
    "query_post_form": lambda s: truth(form(s, "query=ASK%20%7B%7D")),
    "query_post_direct": lambda s: truth(direct(s, "ASK {}")),
    "query_dataset_default_graph": lambda s: truth(direct(s, f"ASK {{ {IS} }}", *default(ONE))),
    "query_dataset_default_graphs_get": lambda s: truth(get(s, BOTH, *default(ONE, TWO))),
    "query_dataset_default_graphs_post": lambda s: truth(direct(s, BOTH, *default(ONE, TWO))),
    "query_dataset_named_graphs_get": lambda s: truth(get(s, EACH, *named(ONE, TWO))),
    "query_dataset_named_graphs_post": lambda s: truth(direct(s, "ASK { GRAPH ?g { ?s ?p ?o } }", *named(ONE, TWO))),
    "query_dataset_full": lambda s: truth(direct(s, FULL, *default(THREE), *named(ONE, TWO))),
    "query_multiple_dataset": lambda s: truth(direct(s, f"ASK FROM <{TWO}> {{ {IS} }}", *default(ONE))),
    "query_content_type_select": lambda s: direct(s, "SELECT (1 AS ?value) {}").media_type in RESULTS,
    "query_content_type_ask": lambda s: direct(s, "ASK {}").media_type in RESULTS,
    "query_content_type_describe": lambda s: direct(s, "DESCRIBE <http://example.org/>").media_type in GRAPHS,
    "query_content_type_construct": lambda s: direct(s, "CONSTRUCT { <s> <p> 1 } WHERE {}").media_type in GRAPHS,
}


@pytest.mark.parametrize("name", ANSWERED)
def test_suite_answered(server: Server, name: str) -> None:
    assert ANSWERED[name](server)


# -- the tests of the suite: requests that are wrong

REFUSED: dict[str, tuple[Callable[[Server], Reply], set[int]]] = {
    "bad_query_method": (lambda s: s.ask("PUT", "/sparql", [("query", "ASK {}")]), {405}),
    "bad_multiple_queries": (lambda s: get(s, "ASK {}", ("query", "SELECT * {}")), {400}),
    "bad_query_wrong_media_type": (lambda s: direct(s, "ASK {}", kind="text/plain"), {415}),
    "bad_query_missing_form_type": (lambda s: s.ask("POST", "/sparql", (), b"query=ASK%20%7B%7D"), {415}),
    "bad_query_missing_direct_type": (lambda s: s.ask("POST", "/sparql", (), b"ASK {}"), {415}),
    "bad_query_non_utf8": (
        lambda s: s.ask("POST", "/sparql", (), "ASK {}".encode("utf-16"), {"Content-Type": f"{DIRECT}; charset=UTF-16"}),
        {400, 415},
    ),
    "bad_query_syntax": (lambda s: get(s, "ASK {"), {400}),
    "bad_update_get": (lambda s: s.ask("GET", "/sparql", [("update", "CLEAR ALL")]), {400}),
    "bad_multiple_updates": (lambda s: form(s, "update=CLEAR%20NAMED&update=CLEAR%20DEFAULT"), {400}),
    "bad_update_wrong_media_type": (lambda s: direct(s, "CLEAR NAMED", kind="text/plain"), {415}),
    "bad_update_missing_form_type": (lambda s: s.ask("POST", "/sparql", (), b"update=CLEAR%20NAMED"), {415}),
    "bad_update_non_utf8": (
        lambda s: s.ask(
            "POST", "/sparql", (), "CLEAR NAMED".encode("utf-16"), {"Content-Type": f"{UPDATE}; charset=UTF-16"}
        ),
        {400, 415},
    ),
    "bad_update_syntax": (lambda s: form(s, "update=CLEAR%20XYZ"), {400}),
    "bad_update_dataset_conflict": (
        lambda s: form(
            s, "using-named-graph-uri=http%3A%2F%2Fe.example%2Fg&update=WITH%20%3Chttp%3A%2F%2Fe.example%2Fh%3E%20DELETE%20%7B%3Fs%20%3Fp%201%7D%20WHERE%20%7B%3Fs%20%3Fp%201%7D"
        ),
        {400},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_suite_refused(server: Server, name: str) -> None:
    send, statuses = REFUSED[name]
    reply = send(server)
    assert reply.status in statuses, reply.text
    _is_problem(reply)


# -- the tests of the suite: updates, all of which are refused here

INSERT = "INSERT { GRAPH <http://e.example/new> { ?s a ig:Network } } WHERE "
UPDATES: dict[str, Callable[[Server], Reply]] = {
    "update_post_form": lambda s: form(s, "update=CLEAR%20ALL"),
    "update_post_direct": lambda s: direct(s, "CLEAR ALL", kind=UPDATE),
    "update_base_uri": lambda s: direct(s, "INSERT DATA { GRAPH <http://e.example/new> { <http://e.example/s> <http://e.example/p> <test> } }", kind=UPDATE),
    "update_dataset_default_graph": lambda s: direct(s, INSERT + "{ ?s ?p ?o }", ("using-graph-uri", ONE), kind=UPDATE),
    "update_dataset_default_graphs": lambda s: direct(s, INSERT + "{ ?s ?p ?o }", ("using-graph-uri", ONE), ("using-graph-uri", TWO), kind=UPDATE),
    "update_dataset_named_graphs": lambda s: direct(s, INSERT + "{ GRAPH ?g { ?s ?p ?o } }", ("using-named-graph-uri", ONE), ("using-named-graph-uri", TWO), kind=UPDATE),
    "update_dataset_full": lambda s: direct(s, INSERT + "{ ?s ?p ?o GRAPH ?g { ?s ?q ?r } }", ("using-graph-uri", ONE), ("using-named-graph-uri", TWO), kind=UPDATE),
}  # fmt: skip


@pytest.mark.parametrize("name", UPDATES)
def test_suite_updates_are_refused_and_change_nothing(server: Server, name: str) -> None:
    count = "SELECT (COUNT(*) AS ?n) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    before = rows(get(server, count, **JSON))
    reply = UPDATES[name](server)
    assert reply.status == 400
    assert "never changes" in _is_problem(reply)["detail"]
    assert rows(get(server, count, **JSON)) == before
    assert not truth(get(server, "ASK { GRAPH <http://e.example/new> { ?s ?p ?o } }"))


def test_the_suite_is_whole() -> None:
    # The single default graph was among the group's drafts, not in its final list of 34.
    assert len({*ANSWERED, *REFUSED, *UPDATES} - {"query_dataset_default_graph"}) == 34


# -- datasets: the default graph is the current view, named graphs are profiles


def test_without_a_dataset_the_default_graph_is_the_current_view(server: Server, golden: Built) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    expected = golden.release.store().select(query).records()[0]["n"]
    assert rows(get(server, query, **JSON)) == [{"n": str(expected)}]


@pytest.mark.parametrize("names", [[ONE], [ONE, ONE], [ONE, TWO], [THREE, f"{ID}profile/alpha--2018-05", TWO]])
def test_graphs_that_are_merged_are_counted_once(server: Server, golden: Built, names: list[str]) -> None:
    expected = {triple for name in names for triple in golden.release.store().graph(name)}
    for query in ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "SELECT (SUM(1) AS ?n) { ?s ?p ?o }"):
        assert rows(get(server, query, *default(*names), **JSON)) == [{"n": str(len(expected))}]
    reply = get(server, "CONSTRUCT WHERE { ?s ?p ?o }", *default(*names), Accept="application/n-triples")
    found = {quad.triple for quad in ox.parse(reply.body, format=ox.RdfFormat.N_TRIPLES)}
    assert len(found) == len(expected)


def test_facts_that_two_graphs_share_are_one_row(server: Server, golden: Built) -> None:
    both = [THREE, f"{ID}profile/alpha--2018-05"]
    shared = set.intersection(*({str(triple) for triple in golden.release.store().graph(name)} for name in both))
    assert shared, "the golden data has two editions of one network, which share facts"
    query = f"SELECT ?name {{ <{IN_THREE}> {LABEL} ?name }}"
    assert rows(get(server, query, *default(*both), **JSON)) == [{"name": "Netzwerk Alpha"}]


@pytest.mark.parametrize(
    ("query", "fields", "expected"),
    [
        (BOTH, default(ONE), False),
        ("ASK { GRAPH ?g { ?s ?p ?o } }", default(ONE), False),
        ("ASK { ?s ?p ?o }", named(ONE), False),
        (f"ASK {{ GRAPH <{TWO}> {{ ?s ?p ?o }} }}", named(ONE), False),
        (f"ASK FROM <{ONE}> {{ {IS} }}", default(TWO), False),
        (f"ASK FROM NAMED <{ONE}> {{ GRAPH ?g {{ ?s ?p ?o }} }}", default(TWO), False),
        (f"ASK FROM <{ONE}> {{ {IS} }}", [], True),
        (f"ASK FROM <{TWO}> {{ {IS} }}", [], False),
        (f"ASK FROM NAMED <{ONE}> FROM NAMED <{TWO}> {{ GRAPH <{TWO}> {{ ?s ?p ?o }} }}", [], True),
    ],
)
def test_a_dataset_holds_what_was_named_and_nothing_else(
    server: Server, query: str, fields: list[tuple[str, str]], expected: bool
) -> None:
    assert truth(get(server, query, *fields)) is expected
    assert truth(direct(server, query, *fields)) is expected


def test_the_dataset_of_a_form_may_come_in_its_body(server: Server) -> None:
    fields = "&".join(f"default-graph-uri={name}" for name in (ONE, TWO))
    assert truth(form(server, f"query={BOTH.replace(' ', '%20')}&{fields}"))


@pytest.mark.parametrize("fields", [default("http://e.example/unknown"), named(ONE, "http://e.example/unknown")])
def test_a_graph_that_is_not_there_is_refused_by_name(server: Server, fields: list[tuple[str, str]]) -> None:
    reply = get(server, "ASK { ?s ?p ?o }", *fields)
    assert reply.status == 400
    assert "<http://e.example/unknown>" in _is_problem(reply)["detail"]


@pytest.mark.parametrize("name", ["not an iri", "http://e.example/> ?p ?o } #", "file:///etc/passwd x"])
def test_a_graph_name_that_is_no_iri_is_refused(server: Server, name: str) -> None:
    reply = get(server, "ASK {}", *default(name))
    assert reply.status in (400, 422)
    _is_problem(reply)


# -- formats


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv;q=0.5, text/tab-separated-values", "text/tab-separated-values"),
        ("text/tab-separated-values;q=0.2, text/csv;q=0.9, image/png", "text/csv"),
        ("application/sparql-results+json;q=0, */*;q=0.1", "application/sparql-results+xml"),
        ("text/*, application/sparql-results+xml;q=0.3", "text/csv"),
        ("application/json", "application/sparql-results+json"),
    ],
)
def test_rows_by_accept(server: Server, accept: str | None, expected: str) -> None:
    headers = {} if accept is None else {"Accept": accept}
    reply = get(server, NAMES, **headers)
    assert (reply.status, reply.media_type) == (200, expected)
    assert "Accept" in reply.headers["vary"]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "text/turtle"),
        ("application/n-triples", "application/n-triples"),
        ("application/rdf+xml;q=0.9, text/turtle;q=0.4", "application/rdf+xml"),
        ("application/ld+json", "application/ld+json"),
    ],
)
def test_triples_by_accept(server: Server, accept: str | None, expected: str) -> None:
    reply = get(server, TRIPLES, **({} if accept is None else {"Accept": accept}))
    assert (reply.status, reply.media_type) == (200, expected)


ROW_FORMATS, TRIPLE_FORMATS = ("json", "xml", "srj", "srx", "csv", "tsv"), ("ttl", "nt", "jsonld", "rdf")
SUFFIXES = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "srj": "application/sparql-results+json",
    "srx": "application/sparql-results+xml",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
}
FORMATS = {
    **{name: SUFFIXES[name] for name in ("json", "xml", "csv", "tsv", "jsonld")},
    "turtle": SUFFIXES["ttl"],
    "ntriples": SUFFIXES["nt"],
    "rdfxml": SUFFIXES["rdf"],
}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_formats_by_suffix_go_before_accept(server: Server, suffix: str) -> None:
    query = NAMES if suffix in ROW_FORMATS else TRIPLES
    reply = server.ask("GET", f"/sparql.{suffix}", [("query", query)], headers={"Accept": "image/png"})
    assert (reply.status, reply.media_type) == (200, SUFFIXES[suffix])
    posted = server.ask("POST", f"/sparql.{suffix}", (), query.encode(), {"Content-Type": DIRECT})
    assert (posted.status, posted.body) == (200, reply.body)


@pytest.mark.parametrize("name", FORMATS)
def test_formats_by_parameter_go_before_accept(server: Server, name: str) -> None:
    query = NAMES if name in ROW_FORMATS else TRIPLES
    reply = get(server, query, ("format", name), Accept="image/png")
    assert (reply.status, reply.media_type) == (200, FORMATS[name])


def test_every_format_has_the_rows_of_the_embedded_store(server: Server, golden: Built) -> None:
    expected = [[str(cell) for cell in row.values()] for row in golden.release.store().select(NAMES).records()]
    assert [list(row.values()) for row in rows(get(server, NAMES, ("format", "json")))] == expected
    assert list(csv.reader(io.StringIO(get(server, NAMES, ("format", "csv")).text)))[1:] == expected
    tsv = get(server, NAMES, ("format", "tsv")).text.splitlines()[1:]
    assert [line.split("\t")[0].strip("<>") for line in tsv] == [row[0] for row in expected]
    tree = ElementTree.fromstring(get(server, NAMES, ("format", "xml")).body)  # noqa: S314
    found = [[node[0].text for node in row] for row in tree.iter("{http://www.w3.org/2005/sparql-results#}result")]
    assert found == expected


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("turtle", ox.RdfFormat.TURTLE),
        ("ntriples", ox.RdfFormat.N_TRIPLES),
        ("jsonld", ox.RdfFormat.JSON_LD),
        ("rdfxml", ox.RdfFormat.RDF_XML),
    ],
)
def test_every_format_has_the_triples_of_the_embedded_store(
    server: Server, golden: Built, name: str, kind: ox.RdfFormat
) -> None:
    reply = get(server, TRIPLES, ("format", name))
    found = {str(quad.triple) for quad in ox.parse(reply.body, format=kind)}
    assert found == {str(triple) for triple in golden.release.store().construct(TRIPLES)}


# -- methods, other origins, errors


def test_answers_on_one_connection_come_in_the_order_of_the_requests(server: Server) -> None:
    query = quote("SELECT ?n { ?n ig:workingLabel ?name } ORDER BY ?n LIMIT ")
    lines = [f"{method} /sparql.csv?query={query}{number} HTTP/1.1\r\nHost: x\r\n" for number, method in _MIXED]
    lines[-1] += "Connection: close\r\n"
    with socket.create_connection(("127.0.0.1", server.port), 30) as connection:
        connection.sendall("".join(f"{line}\r\n" for line in lines).encode())
        with connection.makefile("rb") as file:
            received = file.read()
    for number, method in _MIXED:
        head, _, received = received.partition(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        assert head.startswith(b"HTTP/1.1 200 ") and fields[b"x-content-type-options"] == b"nosniff"
        size = int(fields[b"content-length"]) if method == "GET" else 0
        body, received = received[:size], received[size:]
        assert body.count(b"\n") == (number + 1 if method == "GET" else 0)
    assert (fields[b"connection"], received) == (b"close", b"")


def test_an_old_client_is_answered_and_its_connection_closed(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 30) as connection:
        connection.sendall(b"GET /sparql?query=ASK%20%7B%7D HTTP/1.0\r\n\r\n")
        with connection.makefile("rb") as file:
            head, _, body = file.read().partition(b"\r\n\r\n")
    assert b"connection: close" in head.lower()
    assert json.loads(body)["boolean"] is True


def test_head_has_the_headers_of_get_and_no_body(server: Server) -> None:
    got = get(server, NAMES, **JSON)
    head = server.ask("HEAD", "/sparql", [("query", NAMES)], headers=JSON)
    assert (head.status, head.body) == (200, b"")
    for name in ("content-type", "content-length", "etag", "vary", "last-modified"):
        assert head.headers[name] == got.headers[name], name
    assert server.ask("HEAD", "/sparql", [("query", "ASK {")]).status == 400


def test_options_say_what_is_possible(server: Server) -> None:
    headers = {
        "Origin": "https://e.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    reply = server.ask("OPTIONS", "/sparql", headers=headers)
    assert reply.status in (200, 204) and not reply.body
    assert {"GET", "HEAD", "POST", "OPTIONS"} <= set(reply.headers["allow"].replace(" ", "").split(","))
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert "content-type" in reply.headers["access-control-allow-headers"].lower()
    assert reply.headers["access-control-allow-origin"] == "*"


def _is_problem(reply: Reply) -> dict[str, str]:
    assert reply.media_type == "application/problem+json"
    problem = json.loads(reply.body)
    assert problem["status"] == reply.status
    assert problem["title"] and problem["type"] and problem["detail"].endswith((".", "…"))
    assert reply.headers["access-control-allow-origin"] == "*"
    return dict(problem)


ERRORS: dict[str, tuple[Callable[[Server], Reply], int, str]] = {
    "syntax, the first line": (lambda s: get(s, "SELECT * {"), 400, "Line 1, column 11"),
    "syntax, a later line": (lambda s: get(s, "SELECT *\nWHERE {\n  ?s ?p } }"), 400, "Line 3, column"),
    "no query": (lambda s: s.ask("GET", "/sparql", headers=JSON), 400, "no query"),
    "an empty query": (lambda s: get(s, "  ", **JSON), 400, "no query"),
    "an empty body": (lambda s: direct(s, ""), 400, "no query"),
    "a form without a query": (lambda s: form(s, "format=json"), 400, "no query"),
    "two queries, one in the address": (lambda s: direct(s, "ASK {}", ("query", "ASK {}")), 400, "one"),
    "a prefix nobody declared": (lambda s: get(s, "ASK { ?s zz:p ?o }"), 400, "Line 1, column"),
    "an update as a query": (lambda s: get(s, "DELETE WHERE { ?s ?p ?o }"), 400, "changes data"),
    "not UTF-8 in the address": (lambda s: s.ask("GET", "/sparql?query=ASK%20%7B%3Fs%20%3Fp%20%22%FF%22%7D"), 400, "UTF-8"),
    "not UTF-8 in a form": (lambda s: form(s, "query=ASK%20%7B%3Fs%20%3Fp%20%22%FF%22%7D"), 400, "UTF-8"),
    "SERVICE": (lambda s: get(s, "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"), 403, "SERVICE"),
    "SERVICE SILENT by POST": (lambda s: direct(s, "ASK { SERVICE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } }"), 403, "SERVICE"),
    "LOAD": (lambda s: get(s, "LOAD <http://127.0.0.1:9/>"), 403, "LOAD"),
    "no such suffix": (lambda s: s.ask("GET", "/sparql.pdf", [("query", NAMES)]), 404, "csv"),
    "no such format": (lambda s: get(s, NAMES, ("format", "pdf")), 406, "json"),
    "a format for rows only": (lambda s: get(s, TRIPLES, Accept="text/csv"), 406, "turtle"),
    "a format for triples only": (lambda s: get(s, NAMES, Accept="text/turtle"), 406, "json"),
    "no format": (lambda s: get(s, NAMES, Accept="image/png"), 406, "sparql-results+json"),
    "every format ruled out": (lambda s: get(s, NAMES, Accept="*/*;q=0"), 406, "sparql-results+json"),
    "a long query": (lambda s: direct(s, f"ASK {{ ?s ?p '{'x' * 64_000}' }}"), 413, "64,000"),
    "a deep query": (lambda s: direct(s, "ASK " + "{" * 3_200 + "}" * 3_200), 413, "nested"),
    "a large answer": (lambda s: get(s, "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 9000"), 413, "larger than"),
    "a body of another type": (lambda s: direct(s, "ASK {}", kind="multipart/form-data"), 415, FORM),
    "a slow query": (lambda s: get(s, SLOW), 504, "2 seconds"),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_says_what_and_where(server: Server, name: str) -> None:
    send, status, words = ERRORS[name]
    reply = send(server)
    assert reply.status == status, reply.text
    assert words in _is_problem(reply)["detail"]
    assert "etag" not in reply.headers and "no-store" in reply.headers["cache-control"]
    assert truth(get(server, "ASK {}"))


# -- caching


def test_an_answer_carries_its_tag_and_date(server: Server) -> None:
    reply = get(server, NAMES, **JSON)
    tag, date = reply.headers["etag"], reply.headers["last-modified"]
    assert tag.strip("W/").startswith('"') and date.endswith(" GMT")
    assert get(server, NAMES, **JSON).headers["etag"] == tag
    for condition in ({"If-None-Match": tag}, {"If-None-Match": f'"other", W/{tag}'}, {"If-Modified-Since": date}):
        again = get(server, NAMES, **JSON, **condition)
        assert (again.status, again.body) == (304, b""), condition
        assert again.headers["etag"] == tag and "Accept" in again.headers["vary"]


def test_another_answer_has_another_tag(server: Server) -> None:
    asked = [
        (NAMES, (), JSON),
        (NAMES, (), {"Accept": "text/csv"}),
        (NAMES + " ", (), JSON),
        (NAMES, (("default-graph-uri", ONE),), JSON),
        (NAMES, (("named-graph-uri", ONE),), JSON),
        (NAMES, (("default-graph-uri", TWO),), JSON),
    ]
    tags = [get(server, query, *fields, **headers).headers["etag"] for query, fields, headers in asked]
    assert len(set(tags)) == len(tags)


def test_what_has_changed_is_sent_whole(server: Server) -> None:
    reply = get(server, NAMES, **JSON)
    for condition in (
        {"If-None-Match": '"other"'},
        {"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"If-Modified-Since": "yesterday"},
        {"If-None-Match": '"other"', "If-Modified-Since": reply.headers["last-modified"]},
    ):
        assert get(server, NAMES, **JSON, **condition).body == reply.body, condition


@pytest.mark.parametrize("known", ["If-Modified-Since", "If-None-Match"])
def test_a_broken_query_is_an_error_whatever_the_client_has(server: Server, known: str) -> None:
    """RFC 9110, section 13.2.1: conditions count only where the answer would be a success."""
    value = get(server, NAMES, **JSON).headers["last-modified"] if known == "If-Modified-Since" else "*"
    assert get(server, "ASK {", **{known: value}).status == 400
    assert get(server, NAMES, **JSON, **{known: value}).status == 304


# -- an answer is whole or an error; a stream is whole or breaks off

MANY = "SELECT * { ?s ?p ?o }"
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
ENDLESS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture(scope="module")
def narrow(golden: Built) -> Iterator[Server]:
    """A server that gives away little. Its tests run alone: a second is short where others need the machine too."""
    settings = {"answer_rows": 5, "query_deadline": 1, "client_seconds": 0.5, "slow_workers": 1}
    with served(golden.release.path, **settings) as server:
        yield server


def of(server: Server, source: str, query: str, *fields: tuple[str, str]) -> Reply:
    """Ask as another client: limits hold for each of them."""
    return server.ask("GET", "/sparql", [("query", query), *fields], source=source)


CLIENTS = (f"127.0.3.{number}" for number in range(1, 255))
CAPPED = [
    *((suffix, f"{MANY} LIMIT {limit}", status) for suffix in ROW_FORMATS for limit, status in ((5, 200), (6, 413))),
    *((suffix, MANY, 413) for suffix in ROW_FORMATS),
    *((suffix, "CONSTRUCT WHERE { ?n a ig:Network }", 200) for suffix in TRIPLE_FORMATS),
    *((suffix, "CONSTRUCT WHERE { ?s ?p ?o }", 413) for suffix in TRIPLE_FORMATS),
    *((suffix, f"DESCRIBE <{IN_ONE}>", 413) for suffix in TRIPLE_FORMATS),
    ("json", "ASK { ?s ?p ?o }", 200),
]


@pytest.mark.alone
@pytest.mark.parametrize(("suffix", "query", "status"), CAPPED)
def test_rows_above_the_cap_are_an_error_that_names_it(narrow: Server, suffix: str, query: str, status: int) -> None:
    # Each as a client of its own: together they may need more than the half second that one of them has.
    reply = narrow.ask("GET", f"/sparql.{suffix}", [("query", query)], source=next(CLIENTS))
    assert reply.status == status, reply.text
    if status == 413:
        assert "5 " in _is_problem(reply)["detail"]


@pytest.mark.alone
def test_a_stream_has_what_the_cap_keeps_back(narrow: Server, golden: Built) -> None:
    reply = of(narrow, next(CLIENTS), MANY, ("stream", "1"))
    assert reply.headers["transfer-encoding"] == "chunked" and "content-length" not in reply.headers
    assert len(rows(reply)) == len(golden.release.store().select(MANY).rows) > 5
    triples = of(narrow, next(CLIENTS), "CONSTRUCT WHERE { ?s ?p ?o }", ("stream", "1"), ("format", "ntriples"))
    assert len(set(triples.text.splitlines())) == len(golden.release.store().construct("CONSTRUCT WHERE { ?s ?p ?o }"))


@pytest.mark.alone
def test_a_stream_that_is_stopped_breaks_off(narrow: Server) -> None:
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        of(narrow, "127.0.1.3", ENDLESS, ("stream", "1"))
    assert truth(of(narrow, "127.0.1.4", "ASK {}"))


@pytest.mark.alone
def test_a_stream_of_a_wrong_query_is_an_error(narrow: Server) -> None:
    reply = of(narrow, "127.0.1.5", "SELECT * {", ("stream", "1"))
    assert reply.status == 400
    _is_problem(reply)


@pytest.mark.alone
def test_a_stream_needs_chunks(narrow: Server) -> None:
    """HTTP/1.0 ends an answer by closing, so nobody could tell a part from the whole."""
    with socket.create_connection(("127.0.0.1", narrow.port), 30) as connection:
        connection.sendall(f"GET /sparql?query={quote(MANY)}&stream=1 HTTP/1.0\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.split(b" ")[1] == b"400" and b"HTTP/1.1" in answer.partition(b"\r\n\r\n")[2]


@pytest.mark.alone
def test_a_client_that_used_up_its_time_is_told_when_to_come_back(narrow: Server) -> None:
    assert of(narrow, "127.0.1.6", SLOW).status == 504
    reply = of(narrow, "127.0.1.6", "ASK { ?s ?p 1 }")
    assert reply.status == 429 and 1 <= int(reply.headers["retry-after"]) <= 120
    _is_problem(reply)
    posted = narrow.ask("POST", "/sparql", (), b"ASK {}", {"Content-Type": DIRECT}, source="127.0.1.6")
    assert posted.status == 429
    assert truth(of(narrow, "127.0.1.7", "ASK { ?s ?p 1 }")), "others are not concerned"


@pytest.mark.alone
def test_whom_a_proxy_speaks_for_is_the_client(narrow: Server) -> None:
    def behind(address: str, query: str) -> int:
        return narrow.ask("GET", "/sparql", [("query", query)], headers={"X-Forwarded-For": address}).status

    assert behind("192.0.2.1", SLOW) == 504
    assert [behind(each, "ASK { ?s ?p 2 }") for each in ("192.0.2.1", "192.0.2.2")] == [429, 200]
    assert behind("192.0.2.9, 192.0.2.1", "ASK { ?s ?p 4 }") == 429, "what the client wrote is not believed"


@pytest.mark.alone
def test_long_queries_that_find_no_place_are_turned_away(narrow: Server) -> None:
    with ThreadPoolExecutor(4) as pool:
        pending = [pool.submit(of, narrow, f"127.0.2.{number}", SLOW) for number in range(1, 5)]
        time.sleep(0.5)
        assert truth(of(narrow, "127.0.1.8", "ASK { ?s ?p 3 }")), "short ones go on"
        replies = [each.result() for each in pending]
    assert {reply.status for reply in replies} == {503, 504}
    for reply in replies:
        _is_problem(reply)
        assert reply.status == 504 or int(reply.headers["retry-after"]) >= 1


# -- the endpoint describes itself

SD = "http://www.w3.org/ns/sparql-service-description#"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [("text/turtle", ox.RdfFormat.TURTLE), ("application/rdf+xml", ox.RdfFormat.RDF_XML), ("application/n-triples", ox.RdfFormat.N_TRIPLES)],
)  # fmt: skip
def test_without_a_query_the_endpoint_describes_itself(
    server: Server, golden: Built, accept: str, kind: ox.RdfFormat
) -> None:
    reply = server.ask("GET", "/sparql", headers={"Accept": accept})
    assert (reply.status, reply.media_type) == (200, accept)
    store = ox.Store()
    store.extend(ox.Quad(*quad.triple) for quad in ox.parse(reply.body, format=kind, base_iri=server.url + "/sparql"))

    def objects(name: str) -> set[str]:
        found = store.quads_for_pattern(None, ox.NamedNode(SD + name), None)
        return {str(getattr(quad.object, "value", quad.object)) for quad in found}

    # Clients send their queries there, so it must be the address at which this server was asked.
    assert objects("endpoint") == {server.url + "/sparql"}
    assert objects("supportedLanguage") >= {SD + "SPARQL11Query"}
    assert SD + "SPARQL11Update" not in objects("supportedLanguage")
    assert SD + "BasicFederatedQuery" not in objects("feature")
    assert len(objects("resultFormat")) >= 8
    graphs = objects("name")
    assert graphs <= {row["g"] for row in golden.release.store().select("SELECT DISTINCT ?g { GRAPH ?g {} }").records()}
    assert "https://w3id.org/integgraph/measurements" in graphs
