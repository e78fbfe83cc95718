"""The coverage page: its counts are the measure's, unknown is never zero, and each form says the same."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html import unescape

import pytest
from starlette.testclient import TestClient

from integgraph.analysis.reports.facts import Source, Unit
from integgraph.analysis.reports.gaps import gaps
from integgraph.analysis.reports.model import Thing
from integgraph.analysis.selection import Selection
from integgraph.build import Built
from integgraph.settings import Settings
from integgraph.web.app import create_app

HTML = {"accept": "text/html"}


@pytest.fixture(scope="module")
def real(collection: Built) -> Iterator[TestClient]:
    """A server over the project's own data."""
    with TestClient(create_app(collection.release, Settings()), follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize("place", ["", "nuts-dee", "nuts-iti2", "country-de"])
def test_the_counts_are_those_of_the_measure(real: TestClient, collection: Built, place: str) -> None:
    source = Source(collection.release)
    facts = source.facts(Selection(places=place) if place else None)
    thing = source.place_thing(place) if place else Thing.of("", "everywhere")
    table = gaps([Unit(thing, facts, source.facts(), None, True)]).figures[0].twin
    wanted = [list(column) for column in zip(*(row[1:] for row in table.rows), strict=True)]
    found = real.get("/coverage.json", params={"place": place} if place else {}).json()["places"][0]
    assert found["counts"] == wanted
    assert found["networks"] == len(facts.networks)


def test_page_table_and_csv_say_the_same(real: TestClient) -> None:
    given = {"place": ["nuts-dee", "nuts-iti2"]}
    data = real.get("/coverage.json", params=given).json()
    rows = list(csv.DictReader(io.StringIO(real.get("/coverage.csv", params=given).text)))
    flat = [value for place in data["places"] for counts in place["counts"] for value in counts]
    assert [None if row["networks"] == "" else int(row["networks"]) for row in rows] == flat
    assert {row["state"] for row in rows if row["networks"] == ""} == {"unknown"}
    page = real.get("/coverage", params=given, headers=HTML).text
    shown = re.findall(
        r'<td>(?:<a [^>]*>([\d,]+)</a>|<span class="h0"[^>]*>(0)</span>|<span class="(hu) hatched")', page
    )
    assert [None if unknown else int((some or none).replace(",", "")) for some, none, unknown in shown] == flat


def test_a_cell_leads_to_as_many_networks_as_it_says(real: TestClient) -> None:
    page = real.get("/coverage?place=nuts-dee", headers=HTML).text
    cells = re.findall(r'<a class="h\d" href="([^"]*)"[^>]*>(\d+)</a>', page)
    assert cells
    for address, number in cells[:12]:
        query = unescape(address).partition("?")[2].replace("lang=en&", "")
        assert real.get(f"/api/networks?{query}").json()["total"] == int(number)


def test_unknown_is_hatched_and_said(real: TestClient) -> None:
    page = real.get("/coverage?place=nuts-dee", headers=HTML).text
    assert "Not listed is not the same as not served." in page
    assert "19 of 20 networks say both what they work on and for whom; the lists of 1 are unknown." in page
    assert "of 139 it is not known" in page
    assert 'class="hu hatched"' in page
    german = real.get("/coverage?place=nuts-dee&lang=de", headers=HTML).text
    assert "Nicht genannt heißt nicht: nicht versorgt." in german
    assert "19 von 20 Netzwerken sagen, woran und für wen sie arbeiten" in german
    assert ">Sachsen-Anhalt</a></h2>" in german


def test_names_codes_and_ids_are_understood(real: TestClient) -> None:
    for text in ("Umbria", "Umbrien", "ITI2", "nuts-iti2", "https://w3id.org/integgraph/id/place/nuts-iti2"):
        found = real.get("/coverage.json", params={"place": text}).json()
        assert [each["id"] for each in found["places"]] == ["nuts-iti2"]


def test_bad_input_is_said(real: TestClient) -> None:
    page = real.get("/coverage?place=Umbira", headers=HTML)
    assert page.status_code == 200
    assert "There is no place called “Umbira”" in page.text
    assert "place=nuts-iti2" in page.text
    assert real.get("/coverage.json?place=Umbira").status_code == 404
    five = "&".join(f"place={name}" for name in ("nuts-dee", "nuts-deg", "nuts-de2", "nuts-de9", "nuts-iti2"))
    assert "you named 5. The first four are shown" in real.get(f"/coverage?{five}", headers=HTML).text
    assert real.get(f"/coverage.csv?{five}").status_code == 422
    assert real.get("/coverage?plaec=x").status_code == 422
    markup = real.get("/coverage", params={"place": "<script>alert(1)</script>"}, headers=HTML).text
    assert "<script>alert" not in markup


def test_a_place_without_networks_says_so(real: TestClient) -> None:
    page = real.get("/coverage?place=birmingham", headers=HTML).text
    assert "That says nothing of who works here." in page
    assert 'class="heat"' not in page


def test_the_answer_has_a_tag(real: TestClient) -> None:
    first = real.get("/coverage?place=nuts-dee", headers=HTML)
    assert (
        real.get("/coverage?place=nuts-dee", headers=HTML | {"if-none-match": first.headers["etag"]}).status_code == 304
    )
