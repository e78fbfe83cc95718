"""Linked data: from an IRI to its page or its data, and what happens to merged and missing things."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

from integgraph.build import Built

HTML = {"accept": "text/html"}
BASE = "https://w3id.org/integgraph/id/"


def location(client: TestClient, path: str, accept: str) -> tuple[int, str]:
    answer = client.get(path, headers={"accept": accept})
    return answer.status_code, answer.headers.get("location", "")


@pytest.mark.parametrize(
    ("path", "accept", "expected"),
    [
        ("/id/network/alpha", "text/html", (303, "/networks/alpha")),
        ("/id/network/alpha", "text/turtle", (303, "/networks/alpha.ttl")),
        ("/id/network/alpha", "application/ld+json", (303, "/networks/alpha.jsonld")),
        ("/id/network/alpha.nt", "text/html", (303, "/networks/alpha.nt")),
        ("/id/actor/caritasverband-musterstadt", "text/html", (301, "/id/actor/caritas-musterstadt")),
        ("/id/actor/beta-mitglied", "text/html", (301, "/id/network/beta")),
        ("/id/actor/caritasverband-musterstadt.ttl", "*/*", (301, "/id/actor/caritas-musterstadt.ttl")),
        ("/statements/network/alpha.ttl", "*/*", (301, "/networks/alpha.ttl")),
        ("/ontology", "application/ld+json", (406, "")),
        ("/actors/caritasverband-musterstadt.ttl", "*/*", (301, "/actors/caritas-musterstadt.ttl")),
        ("/id/network/alfa", "text/turtle", (404, "")),
        ("/id/network/alpha", "image/png", (406, "")),
        ("/id/network/..%2f..%2fetc", "text/html", (404, "")),
        ("/id/network/a%22b", "text/html", (400, "")),
    ],
)
def test_an_iri_leads_to_the_page_or_the_data(
    client: TestClient, path: str, accept: str, expected: tuple[int, str]
) -> None:
    assert location(client, path, accept) == expected


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        ("ttl", ox.RdfFormat.TURTLE),
        ("nt", ox.RdfFormat.N_TRIPLES),
        ("jsonld", ox.RdfFormat.JSON_LD),
        ("rdf", ox.RdfFormat.RDF_XML),
    ],
)
def test_a_thing_in_every_format(client: TestClient, suffix: str, kind: ox.RdfFormat) -> None:
    answer = client.get(f"/networks/alpha.{suffix}")
    subjects = {quad.subject.value for quad in ox.parse(answer.content, format=kind)}
    assert BASE + "network/alpha" in subjects
    assert 'rel="describedby"' in answer.headers["link"]
    again = client.get(f"/networks/alpha.{suffix}", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


def test_a_profile_is_its_named_graph(client: TestClient, golden: Built) -> None:
    answer = client.get("/profiles/alpha--2018-05.nt")
    found = {str(quad.triple) for quad in ox.parse(answer.content, format=ox.RdfFormat.N_TRIPLES)}
    assert found == {str(triple) for triple in golden.release.store().graph(BASE + "profile/alpha--2018-05")}


def test_every_thing_of_the_release_has_a_page(client: TestClient, golden: Built) -> None:
    rows = golden.release.store().select(
        f'SELECT DISTINCT ?thing {{ ?thing a ?class FILTER(STRSTARTS(STR(?thing), "{BASE}")) }} ORDER BY ?thing'
    )
    for thing in rows.column("thing"):
        leads = client.get(str(thing).replace(BASE, "/id/"), headers=HTML)
        assert leads.status_code == 303, thing
        assert client.get(leads.headers["location"], headers=HTML).status_code == 200, thing


def test_a_missing_thing_names_near_ones(client: TestClient) -> None:
    answer = client.get("/networks/alfa", headers={"accept": "text/turtle, application/json;q=0.1"})
    assert answer.status_code == 404
    assert "alpha" in answer.json()["detail"]


def test_the_parts_of_a_release_are_there(client: TestClient, golden: Built) -> None:
    assert client.get("/dump.nq").content == golden.release.dump.read_bytes()
    assert "@context" in client.get("/context.jsonld").json()
    assert client.get("/shapes.ttl").headers["content-type"].startswith("text/turtle")
    turtle = client.get("/ontology", headers={"accept": "text/turtle"})
    assert b"owl:Ontology" in turtle.content
    assert turtle.headers["vary"] == "Accept"
    assert client.get("/vocabulary/field/housing.ttl").status_code == 200
    assert client.get("/vocabulary/field/hosing", headers=HTML).status_code == 404


def test_health_says_what_is_served(client: TestClient, golden: Built) -> None:
    found = client.get("/health").json()
    assert found["status"] == "ok"
    assert found["release"] == golden.release.id
    assert found["workers"] == 2
