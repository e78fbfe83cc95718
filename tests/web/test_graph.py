"""The page of the cooperation graph: picture, table, SVG, JSON and CSV say the same."""

from __future__ import annotations

import csv
import io
import re
from xml.etree import ElementTree

import pytest
from starlette.testclient import TestClient

from integgraph.web import graphs
from integgraph.web.site import Site

HTML = {"accept": "text/html"}


def test_picture_table_and_files_say_the_same(client: TestClient) -> None:
    asked = {"show": "all", "lang": "en"}
    page = client.get("/graph", params=asked, headers=HTML)
    told = client.get("/graph.json", params=asked).json()
    rows = list(csv.DictReader(io.StringIO(client.get("/graph.csv", params=asked).text)))
    image = ElementTree.fromstring(client.get("/graph.svg", params=asked).content)  # noqa: S314 - our own
    assert page.status_code == 200 and told["nodes"]
    assert len(rows) == len(told["listed"]) + len(told["reported"])
    named = [(told["nodes"][first]["id"], told["nodes"][second]["id"]) for first, second in told["listed"]]
    assert [(row["from"], row["to"]) for row in rows if row["tie"] == "listed"] == named
    shapes = [each for each in image.iter() if each.tag.endswith(("circle", "rect"))]
    assert len(shapes) == len(told["nodes"])
    twin = page.text[page.text.index('id="twin"') :]
    pattern = r'<th scope="row"><a href="[^"]*">([^<]*)</a></th><td>[^<]*</td><td class="n">(\d+)</td>'
    assert sorted(re.findall(pattern, twin)) == sorted((each["label"], str(each["ties"])) for each in told["nodes"])
    members = sum(each["kind"] == "actor" for each in told["nodes"])
    assert f"Drawn: {members} members and {len(told['nodes']) - members} networks" in page.text


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "Position has no meaning"), ("de", "Die Lage bedeutet nichts")]
)
def test_what_must_stand_beside_the_picture_does(client: TestClient, language: str, sentence: str) -> None:
    page = client.get("/graph", params={"lang": language, "show": "all"}, headers=HTML).text
    assert sentence in page


def test_the_surroundings_of_a_network(client: TestClient) -> None:
    told = client.get("/graph.json", params={"about": "network/alpha", "steps": "1"}).json()
    alpha = [at for at, each in enumerate(told["nodes"]) if each["id"].endswith("/network/alpha")]
    assert alpha and all(alpha[0] in pair for pair in told["listed"])


@pytest.mark.parametrize(
    ("asked", "status", "sentence"),
    [
        ("about=alfa", 404, "alpha"),
        ("steps=7", 422, "Allowed are: 1, 2, 3"),
        ("steps=x", 422, "Write a whole number"),
        ("most=99999", 422, "5,000"),
        ("show=most", 422, "joining"),
        ("field=nix", 422, "field"),
        ("stpes=1", 422, "Did you mean"),
        ("place=%3Cscript%3E", 422, "place"),
    ],
)
def test_what_cannot_be_drawn_is_said(client: TestClient, asked: str, status: int, sentence: str) -> None:
    for suffix, accept in (("", "text/html"), (".json", "application/json"), (".svg", "application/json")):
        answer = client.get(f"/graph{suffix}?{asked}", headers={"accept": accept})
        assert answer.status_code == status
        assert sentence in answer.text.replace("&#39;", "'")
        assert accept != "text/html" or "<script>" not in answer.text  # in JSON it is a text


def test_nothing_to_draw_is_a_sentence(client: TestClient) -> None:
    answer = client.get("/graph", params={"country": "IT", "lang": "en"}, headers=HTML)
    assert answer.status_code == 200
    assert "<figure" in answer.text or "Nothing to draw" in answer.text


def test_the_lists_are_read_once_however_many_pictures_are_made(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphs, "_PICTURES", graphs.Pictures())
    read: list[object] = []
    whole = graphs._read

    def counted(site: Site) -> object:
        read.append(site)
        return whole(site)

    monkeypatch.setattr(graphs, "_read", counted)
    for most in range(1, graphs._KEPT + 12):
        assert client.get("/graph.json", params={"most": most, "show": "all"}).status_code == 200
    assert len(read) == 1
