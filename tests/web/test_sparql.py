"""The SPARQL protocol: every way to send a query, every format, and every refusal with its reason."""

from __future__ import annotations

import csv
import io
import json
import re
from urllib.parse import unquote_plus

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from integgraph.build import Built
from integgraph.errors import QuerySyntaxError
from integgraph.web.protocol import DIRECT, FORM, Sent, read

COUNT = "SELECT (COUNT(?n) AS ?networks) { ?n a ig:Network }"
NAMES = "SELECT ?n ?name { ?n a ig:Network ; ig:workingLabel ?name } ORDER BY ?name"
TRIPLES = "CONSTRUCT WHERE { ?n ig:workingLabel ?name }"


@pytest.mark.parametrize("way", ["get", "form", "direct"])
def test_a_query_may_come_by_get_form_or_body(client: TestClient, way: str) -> None:
    accept = {"accept": "text/csv"}
    answer = {
        "get": lambda: client.get("/sparql", params={"query": COUNT}, headers=accept),
        "form": lambda: client.post("/sparql", data={"query": COUNT}, headers=accept),
        "direct": lambda: client.post("/sparql", content=COUNT, headers=accept | {"content-type": DIRECT}),
    }[way]()
    assert (answer.status_code, answer.text) == (200, "networks\r\n3\r\n")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("application/json", "application/sparql-results+json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv;q=0.5, text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
        ("text/*;q=0.3, application/sparql-results+json;q=0.2", "text/csv; charset=utf-8"),
    ],
)
def test_the_format_is_negotiated(client: TestClient, accept: str | None, media_type: str) -> None:
    client.headers.pop("accept", None)
    headers = {} if accept is None else {"accept": accept}
    answer = client.get("/sparql", params={"query": COUNT}, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.headers["vary"] == "Accept"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/turtle", ox.RdfFormat.TURTLE),
        ("application/n-triples", ox.RdfFormat.N_TRIPLES),
        ("application/ld+json", ox.RdfFormat.JSON_LD),
        ("application/rdf+xml", ox.RdfFormat.RDF_XML),
    ],
)
def test_triples_come_in_every_format(client: TestClient, accept: str, kind: ox.RdfFormat) -> None:
    answer = client.get("/sparql", params={"query": TRIPLES}, headers={"accept": accept})
    assert len(list(ox.parse(answer.content, format=kind))) == 3


def test_formats_say_what_the_embedded_store_says(client: TestClient, golden: Built) -> None:
    expected = [[str(cell) for cell in row.values()] for row in golden.release.store().select(NAMES).records()]
    text = client.get("/sparql", params={"query": NAMES, "format": "csv"}).text
    assert list(csv.reader(io.StringIO(text)))[1:] == expected
    found = json.loads(client.get("/sparql", params={"query": NAMES, "format": "json"}).content)
    assert [[row["n"]["value"], row["name"]["value"]] for row in found["results"]["bindings"]] == expected


@pytest.mark.parametrize(
    ("send", "status", "words"),
    [
        ({"params": {"query": "SELECT * {"}}, 400, "Line 1, column 11"),
        ({"params": {"query": " "}}, 400, "There is no query"),
        ({"params": {"query": ["ASK {}", "ASK {}"]}}, 400, "more than one query"),
        ({"params": {"query": COUNT, "default-graph-uri": "http://e.example/"}}, 400, "There is no graph"),
        ({"params": {"query": COUNT, "format": "pdf"}}, 406, "There is no format 'pdf'. Available: json"),
        ({"params": {"query": COUNT}, "headers": {"accept": "image/png"}}, 406, "None of the formats you accept"),
        (
            {"params": {"query": COUNT}, "headers": {"accept": "text/turtle"}},
            406,
            "gives rows. Available formats: json",
        ),
        ({"params": {"query": TRIPLES}, "headers": {"accept": "text/csv"}}, 406, "gives triples"),
        ({"params": {"query": "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"}}, 403, "SERVICE asks another"),
        ({"params": {"query": "LOAD <http://127.0.0.1:9/>"}}, 403, "LOAD fetches"),
        ({"params": {"query": "DELETE WHERE { ?s ?p ?o }"}}, 400, "changes data"),
        ({"params": {"update": "CLEAR ALL"}}, 400, "a release never changes"),
        ({"params": {"query": "SELECT * {" + "{" * 3200}}, 413, "nested more than"),
        ({"params": {"query": "SELECT * { ?s ?p '" + "x" * 64_000 + "' }"}}, 413, "longer than 64,000 bytes"),
        (
            {"params": {"query": "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 100000"}},
            413,
            "The answer is larger than 400,000",
        ),
        (
            {"params": {"query": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"}},
            504,
            "longer than 2 seconds",
        ),
    ],
)
def test_what_cannot_be_answered_says_why(
    client: TestClient, send: dict[str, dict[str, str]], status: int, words: str
) -> None:
    headers = {"accept": "application/json, */*;q=0.1"} | send.get("headers", {})
    answer = client.get("/sparql", params=send["params"], headers=headers)
    assert answer.status_code == status
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == status
    assert words in problem["detail"]
    assert client.get("/sparql", params={"query": COUNT, "format": "csv"}).text.split() == ["networks", "3"]


def test_a_body_of_another_type_or_size_is_refused(client: TestClient) -> None:
    assert client.post("/sparql", content=COUNT, headers={"content-type": "text/plain"}).status_code == 415
    assert (
        client.post("/sparql", content="CLEAR ALL", headers={"content-type": "application/sparql-update"}).status_code
        == 400
    )
    assert client.post("/sparql", content=b"\xff", headers={"content-type": DIRECT}).status_code == 400
    huge = client.post("/sparql", content=b"x" * 2_000_000, headers={"content-type": FORM})
    assert huge.status_code == 413
    assert client.put("/sparql").status_code == 405
    assert client.put("/sparql").headers["allow"]


def test_a_value_in_a_query_stays_a_value(client: TestClient) -> None:
    evil = 'x") } UNION { GRAPH ?g { ?s ?p ?v } } #'
    assert client.get("/networks/", params={"q": evil}, headers={"accept": "text/html"}).status_code == 200


def test_head_options_and_cache(client: TestClient) -> None:
    answer = client.get("/sparql", params={"query": COUNT})
    head = client.head("/sparql", params={"query": COUNT})
    assert (head.status_code, head.content) == (200, b"")
    again = client.get("/sparql", params={"query": COUNT}, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "POST" in client.options("/sparql").headers["access-control-allow-methods"]
    assert client.get("/sparql?query=").headers["access-control-allow-origin"] == "*"


def test_a_browser_gets_a_page(client: TestClient) -> None:
    html = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    assert "<textarea" in client.get("/sparql", headers=html).text
    assert "<td>Netzwerk Alpha</td>" in client.get("/sparql", params={"query": NAMES}, headers=html).text
    assert "<strong>yes</strong>" in client.get("/sparql", params={"query": "ASK { ?s ?p ?o }"}, headers=html).text
    assert "&lt;https://" in client.get("/sparql", params={"query": TRIPLES}, headers=html).text
    broken = client.get("/sparql", params={"query": "SELECT <script>", "lang": "en"}, headers=html)
    assert broken.status_code == 400
    assert "The query was not answered" in broken.text
    assert "<script>" not in broken.text
    assert set(re.findall(r"<script[^>]*>", broken.text)) == {
        f'<script type="module" src="/static/built/{name}.js">' for name in ("suggest", "query")
    }


# -- what was sent, taken apart

_PIECES = ["%", "2", "F", "%25", "%41", "%c3%A4", "%ff", "%E2%82%AC", "+", "=", "%3D", "\n", "\r", " ", "_", "\t", "x"]


@given(pieces=st.lists(st.sampled_from(_PIECES), max_size=12))
@example(pieces=["%", "\n", "x"])
@example(pieces=["%", "\r", "2", "F", "\n"])
@example(pieces=["%25", "41"])
def test_values_are_read_as_the_library_reads_them(pieces: list[str]) -> None:
    value = "".join(["?", *pieces])
    sent = Sent(f"query={value}".encode(), None, "", "", "", False, True)
    try:
        expected = unquote_plus(value, errors="strict")
    except UnicodeDecodeError:
        with pytest.raises(QuerySyntaxError, match="not UTF-8"):
            read(sent)
        return
    assert read(sent).query == expected
