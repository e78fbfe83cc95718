"""The page of the endpoint: answers as tables, charts and pictures; what is wrong, where; what the editor completes."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

HTML = {"accept": "text/html"}
COUNTS = (
    "SELECT ?name (COUNT(?member) AS ?members) WHERE { ?n a ig:Network ; ig:workingLabel ?name ; org:hasMember ?member } "
    "GROUP BY ?name ORDER BY ?name"
)
PAIRS = (
    "SELECT ?network ?networkName ?actor ?actorName WHERE { ?network org:hasMember ?actor ; ig:workingLabel ?networkName . "
    "?actor skos:prefLabel ?actorName }"
)


def ask(client: TestClient, query: str, language: str = "en") -> str:
    answer = client.get("/sparql", params={"query": query, "lang": language}, headers=HTML)
    assert answer.status_code == 200
    return answer.text


def test_one_number_a_row_is_a_chart_that_says_what_the_table_says(client: TestClient) -> None:
    page = ask(client, COUNTS)
    chart = page[page.index('<svg class="bars"') : page.index("</svg>", page.index('<svg class="bars"'))]
    table = dict(re.findall(r"<tr><td>([^<]+)</td><td>(\d+)</td></tr>", page))
    drawn = dict(re.findall(r'text-anchor="end">([^<]+)</text><rect[^>]*/><text[^>]*>(\d+)</text>', chart))
    assert table and drawn == table


def test_what_is_joined_is_a_picture(client: TestClient) -> None:
    page = ask(client, PAIRS, "de")
    picture = page[page.index('<svg class="joined"') :]
    assert "<title>Netzwerk Alpha</title>" in picture
    assert "Die Lage bedeutet nichts." in page


def test_triples_are_shown_as_turtle_and_as_a_picture(client: TestClient) -> None:
    page = ask(client, "CONSTRUCT { ?n org:hasMember ?m } WHERE { ?n org:hasMember ?m }")
    assert '<svg class="joined"' in page and "org:hasMember" in page


@pytest.mark.parametrize(
    "query", ["SELECT ?n { ?n a ig:Network }", "SELECT ?n { ?n a ig:Nothing }", "ASK { ?s ?p ?o }"]
)
def test_what_has_no_numbers_has_no_chart(client: TestClient, query: str) -> None:
    page = ask(client, query)
    assert '<svg class="bars"' not in page and '<svg class="joined"' not in page


@pytest.mark.parametrize(("language", "sentence"), [("en", "Line 3, column"), ("de", "Zeile 3, Spalte")])
def test_an_error_is_marked_at_its_line(client: TestClient, language: str, sentence: str) -> None:
    query = "SELECT ?x WHERE {\n  ?x a ig:Network .\n  ?x ig:founded .\n}"
    answer = client.get("/sparql", params={"query": query, "lang": language}, headers=HTML)
    assert answer.status_code == 400
    assert sentence in answer.text and 'data-line="3"' in answer.text
    assert "  ?x ig:founded .\n" in answer.text  # what was typed is still there
    assert "<code>  ?x ig:founded ." in answer.text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", 403),
        ("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }", 504),
        ("{" * 3200, 413),
        ("DELETE WHERE { ?s ?p ?o }", 400),
    ],
)
def test_what_is_not_answered_says_why_beside_the_query(client: TestClient, query: str, status: int) -> None:
    answer = client.get("/sparql", params={"query": query, "lang": "en"}, headers=HTML)
    assert answer.status_code == status
    assert "The query was not answered" in answer.text and 'role="alert"' in answer.text
    assert 'name="query"' in answer.text and "Traceback" not in answer.text


def test_labels_with_markup_stay_text(client: TestClient) -> None:
    page = ask(client, 'SELECT ("<b>x</b>" AS ?name) ?n WHERE { VALUES ?n { 1 2 } }')
    assert "<b>x</b>" not in page and "&lt;b&gt;x&lt;/b&gt;" in page


def test_every_example_is_answered(client: TestClient) -> None:
    page = client.get("/sparql", params={"lang": "en"}, headers=HTML).text
    examples = re.findall(r'<input type="hidden" name="query" value="([^"]+)"', page)
    assert len(examples) >= 3
    for text in examples:
        query = (
            text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&#34;", '"')
            .replace("&#39;", "'")
            .replace("&amp;", "&")
        )
        assert client.get("/sparql", params={"query": query}, headers=HTML).status_code == 200


@pytest.mark.parametrize(("language", "label"), [("en", "Funding flow"), ("de", "Förderung")])
def test_the_editor_is_told_the_terms(client: TestClient, language: str, label: str) -> None:
    told = client.get("/sparql/terms.json", params={"lang": language}).json()
    by_name = {each["name"]: each for each in told["terms"]}
    assert label in by_name["ig:FundingFlow"]["label"] and by_name["ig:FundingFlow"]["kind"] == "class"
    assert by_name["ig:founded"]["kind"] == "property"
    assert any(name.endswith("/field/housing>") for name in by_name)
    assert told["prefixes"]["ig"].endswith("ontology#")
