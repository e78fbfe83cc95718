"""Comparisons and reports as pages: sentences and numbers in both languages, every form of a figure the same, bad input."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from starlette.responses import Response
from starlette.testclient import TestClient

from integgraph.build import Built
from integgraph.settings import Settings
from integgraph.web.analysing import Analysing
from integgraph.web.app import create_app
from integgraph.web.caching import Answers
from integgraph.web.comparing import Open, Pick, asked_of, texts_of

HTML = {"accept": "text/html"}
REGIONS = "with=nuts-dee&with=nuts-iti2"
TOWNS = "with=netzwerk-fuer-integration-erfurt&with=netzwerk-integration-stendal"
HALBERSTADT = "/report/network/caritas-diakonie-zora-halberstadt"


@pytest.fixture(scope="module")
def real(collection: Built) -> Iterator[TestClient]:
    """A server over the project's own data."""
    with TestClient(create_app(collection.release, Settings()), follow_redirects=False) as client:
        yield client


def page(client: TestClient, address: str, status: int = 200) -> str:
    answer = client.get(address, headers=HTML)
    assert answer.status_code == status, answer.text[:2000]
    return unescape(re.sub(r"\s+", " ", answer.text))


def bare(text: str) -> str:
    """What can be read of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


# ---------------------------------------------------------------------------------------------------------------------
# What the pages say


def test_the_ten_questions_for_halberstadt(real: TestClient) -> None:
    text = bare(page(real, HALBERSTADT))
    for said in (
        "How much do we know?", "Members named: 3 of 3. Fields answered: 23 of 27.", "Amounts: none.",
        "Who steers?", "participant-governed. G1: no coordinating organisation, as stated", "Confidence: high.",
        "forced Density is 1, but the way the data are built fixes this number", "It is not a finding.",
        "forced Degree centralisation is 0", "Not listed is not the same as not served.",
        "If Stadt Halberstadt stopped: Soziokulturelles Zentrum Zora e.V. loses one of two known sources; amounts",
        "Structure only; says nothing about replacement.",
        "unknown E-I index: not known. Only lists of members are known", "Undefined with one sector.",
        "too small Comparison with chance: too small to say. One list can be shuffled in one way only.",
        "Not a ranking of quality.", "unknown Change of members: not known. There is one profile of this network.",
    ):  # fmt: skip
        assert said in text, said
    german = bare(page(real, HALBERSTADT + "?lang=de"))
    for said in (
        "Wie viel wissen wir?", "Genannte Mitglieder: 3 von 3. Beantwortete Felder: 23 von 27.",
        "Das Netzwerk wird von den Beteiligten gesteuert. G1:", "vorgegeben Dichte: 1.", "Sie ist kein Befund.",
        "Fiele Stadt Halberstadt weg: Soziokulturelles Zentrum Zora e.V. verliert eine von zwei bekannten Quellen;",
        "zu klein Vergleich mit dem Zufall: zu klein für eine Aussage.", "unbekannt E-I-Index: nicht bekannt.",
        "Keine Rangfolge nach Güte.", "Nicht genannt heißt nicht: nicht versorgt.",
    ):  # fmt: skip
        assert said in german, said


def test_erfurt_against_stendal(real: TestClient) -> None:
    text = bare(page(real, f"/compare?{TOWNS}"))
    for said in (
        "Members named: 2 of 57. Fields answered: 15 of 27.",
        "unknown Completeness of the list: not known. 2 members are named, and the source does not say of how many.",
        "led by one of its members. G2:", "led by one organisation, member or set apart. G4:",
        "too small Average clustering: too small to say.", "159 of 182 pairs of a field and a group are listed by no",
        "If Stadt Erfurt stopped: Netzwerk für Integration loses one of two known sources; amounts unknown.",
        "Without Ausländerbeirat Erfurt, 2 networks lose a listed member; left with fewer than two:",
        "Target groups: Both list 2 of 4 entries (50 %): Local population, Migrants.", "no order of merit",
    ):  # fmt: skip
        assert said in text, said
    german = bare(page(real, f"/compare?{TOWNS}&lang=de"))
    for said in (
        "Genannte Mitglieder: 2 von 57. Beantwortete Felder: 15 von 27.", "keine Rangfolge",
        "unbekannt Vollständigkeit der Angaben: nicht bekannt.", "159 von 182 Paaren aus Feld und Gruppe nennt kein",
        "Zielgruppen: Beide nennen 2 von 4 Einträgen (50 %): Migrantinnen und Migranten, Wohnbevölkerung.",
    ):  # fmt: skip
        assert said in german, said


def test_saxony_anhalt_against_umbria(real: TestClient) -> None:
    text = bare(page(real, f"/compare?{REGIONS}"))
    for said in (
        "Members are named for 18 of 20 networks", "Members are named for 5 of 5 networks",
        "On average an actor is listed in 1.18 networks; 7 of 50 actors are listed in more than one.",
        "Of all possible memberships, 29 % are listed.", "175 of 190 pairs of a field and a group are listed by no",
        "No gap is certain: 51 pairs", "too small Stability of the top three: too small to say.",
        "unknown Loss of a funder: not known.", "8 of 12 recipients have one known source only.",
        "Members: Both list 0 of 70 entries (0 %).", "All panels have the same scale.",
    ):  # fmt: skip
        assert said in text, said
    assert text.index("Saxony-Anhalt") < text.index("Umbria")
    german = bare(page(real, f"/compare?{REGIONS}&lang=de"))
    for said in (
        "Sachsen-Anhalt · Umbrien", "Im Mittel ist ein Akteur in 1,18 Netzwerken verzeichnet; 7 von 50 Akteuren",
        "175 von 190 Paaren aus Feld und Gruppe nennt kein Netzwerk der Region", "8 von 12 Empfängern haben nur eine",
        "Alle Darstellungen haben denselben Maßstab.",
    ):  # fmt: skip
        assert said in german, said


def test_a_page_cites_its_release_and_leads_to_the_profiles(real: TestClient, collection: Built) -> None:
    text = page(real, f"/compare?{TOWNS}")
    assert f"Release {collection.release.id}, " in text
    assert f"http://testserver/compare?{TOWNS}&lang=en&release={collection.release.id}" in text
    assert '<a href="/profiles/netzwerk-fuer-integration-erfurt?lang=en">' in text
    assert '<a href="/networks/netzwerk-integration-stendal?lang=en">' in text
    every = page(real, "/report/collection")
    assert "The first 50 of 120 networks, by name." in every


# ---------------------------------------------------------------------------------------------------------------------
# A twin says what its CSV and the API say


def _cells(table: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", table.partition("<tbody>")[2])
    return [[bare(cell).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]


def _as_shown(value: Any, language: str = "en") -> str:
    """A cell of the API as the page shows it."""
    if value is None:
        return "unknown"
    if isinstance(value, dict):
        return _as_shown(value["label"] if "label" in value else value[language], language)
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) else str(value)


def _as_csv(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return _as_csv(value["label"] if "label" in value else value["en"])
    return str(value)


@pytest.mark.parametrize("address", [f"/compare?{REGIONS}", f"/compare?{TOWNS}", HALBERSTADT])
def test_every_twin_is_its_csv_and_the_answer_of_the_api(real: TestClient, address: str) -> None:
    path, _, query = address.partition("?")
    data = real.get(f"{path}.json?{query}").json()
    text = page(real, address)
    seen = 0
    for section in data["sections"]:
        parts = [(f"{section['key']}-{at}", each["twin"]) for at, each in enumerate(section["figures"], 1)]
        parts += [(f"{section['key']}-table-{at}", each) for at, each in enumerate(section["tables"], 1)]
        for name, table in parts:
            rows = [[_as_shown(cell) for cell in row] for row in table["rows"]]
            shown = re.search(rf'<table id="{name}-table">(.*?)</table>', text)
            assert shown, name
            assert _cells(shown[1]) == [[" ".join(cell.split()) for cell in row] for row in rows], name
            found = list(csv.reader(io.StringIO(real.get(f"{path}/{name}.csv?{query}").text)))
            width = len(table["columns"])
            assert found[0][:width] == [column["en"] for column in table["columns"]]
            assert [[cell.removeprefix("'") for cell in row[:width]] for row in found[1:]] == [
                [_as_csv(cell) for cell in row] for row in table["rows"]
            ], name
            own = real.get(f"{path}/{name}.json?{query}").json()
            assert own.get("twin", own)["rows"] == table["rows"]
            seen += 1
    assert seen >= 8


def test_a_figure_can_be_taken_along(real: TestClient) -> None:
    answer = real.get(f"/compare/gaps-2.svg?{REGIONS}&lang=de")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    drawn = ElementTree.fromstring(answer.text)  # noqa: S314 - made here
    assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
    assert "class=" not in answer.text
    assert "style=" not in answer.text
    assert "Umbrien" in answer.text
    alone = real.get(f"/compare/page.html?{REGIONS}")
    assert "<style>" in alone.text
    assert "attachment" in alone.headers["content-disposition"]
    assert "default-src 'none'" in alone.headers["content-security-policy"]


@pytest.mark.parametrize("section", ["known", "steers", "gaps", "funder", "sectors"])
def test_every_kind_of_figure_is_drawn_without_a_style_sheet(real: TestClient, section: str) -> None:
    answer = real.get(f"/compare/{section}-1.svg?{TOWNS}")
    assert answer.status_code == 200
    ElementTree.fromstring(answer.text)  # noqa: S314 - made here


def test_other_forms_by_suffix_format_and_accept(real: TestClient) -> None:
    data = real.get(f"/compare?{TOWNS}", headers={"accept": "application/json"}).json()
    assert data["kind"] == "comparison"
    assert real.get(f"/compare?{TOWNS}&format=json").json() == data
    assert real.get(f"/compare.csv?{TOWNS}").text.startswith("section,measure,scope")
    assert real.get(f"/compare?{TOWNS}", headers={"accept": "text/markdown"}).text.startswith(
        "# Netzwerk für Integration"
    )
    turtle = real.get(f"/compare.ttl?{TOWNS}")
    assert turtle.headers["content-type"].startswith("text/turtle")
    assert "measureKey" in turtle.text
    assert real.get(f"/compare?{TOWNS}", headers={"accept": "image/png"}).status_code == 406
    first = real.get(f"/compare?{TOWNS}", headers=HTML)
    again = real.get(f"/compare?{TOWNS}", headers=HTML | {"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("address", [f"/compare?{TOWNS}", f"/compare.csv?{TOWNS}", HALBERSTADT, f"{HALBERSTADT}.json"])
def test_the_second_who_asks_gets_what_was_written_for_the_first(
    real: TestClient, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, german = (real.get(address, headers=HTML | {"accept-language": each}) for each in ("en", "de"))
    assert first.status_code == german.status_code == 200
    monkeypatch.setattr(Analysing, "report", None)
    second = real.get(address, headers=HTML | {"accept-language": "en"})
    told = [dict(each.headers) for each in (first, second)]
    for headers in told:
        headers.pop("x-request-id")
    assert (second.content, told[1]) == (first.content, told[0])
    assert real.get(address, headers=HTML | {"accept-language": "de"}).content == german.content
    tag = {"if-none-match": first.headers["etag"], "accept-language": "en"}
    assert real.get(address, headers=HTML | tag).status_code == 304


def test_answers_are_kept_up_to_a_number_of_bytes() -> None:
    answers = Answers(most=25, largest=10)
    for tag in "abc":
        answers.keep(tag, Response(tag * 10, headers={"link": tag}))
    answers.keep("d", Response("d" * 11))
    answers.keep("e", Response("e", 404))
    found = {tag: answers.get(tag) for tag in "abcde"}
    assert [tag for tag, each in found.items() if each] == ["b", "c"]
    assert found["c"] is not None and (found["c"].body, found["c"].headers["link"]) == (b"c" * 10, "c")
    answers.get("b")
    answers.keep("c", Response("new"))
    answers.keep("f", Response("f" * 10))
    assert [tag for tag in "bcf" if answers.get(tag)] == ["b", "c", "f"]
    answers.keep("g", Response("g" * 10))
    assert [tag for tag in "bcfg" if answers.get(tag)] == ["c", "f", "g"]


# ---------------------------------------------------------------------------------------------------------------------
# What is asked


@pytest.mark.parametrize(
    "query",
    [
        "with=Saxony-Anhalt,Umbrien", "with=DEE&with=ITI2", "regions=nuts-dee;nuts-iti2", "a=Sachsen-Anhalt&b=umbria",
        "with=place/nuts-dee&with=/places/nuts-iti2", "with=Saxony-Anhalt vs. Umbria",
        "with=https://w3id.org/integgraph/id/place/nuts-dee&with=http://testserver/places/nuts-iti2.html",
        "with=Sachsen-Anhalt (place/nuts-dee)&with=Umbria&with=",
    ],
)  # fmt: skip
def test_names_and_addresses_are_understood(real: TestClient, query: str) -> None:
    answer = real.get(f"/compare?{query}&lang=de", headers=HTML)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/compare?{REGIONS}&lang=de"


def test_the_form_offers_examples_and_keeps_what_is_chosen(real: TestClient) -> None:
    text = page(real, "/compare")
    assert f'<a href="/compare?{REGIONS}">Saxony-Anhalt · Umbria</a>' in text
    one = page(real, "/compare?with=nuts-dee&lang=de")
    assert "Eines ist ausgewählt." in one
    assert '<input type="hidden" name="with" value="nuts-dee">' in one
    assert 'href="/compare?lang=de" aria-label="Sachsen-Anhalt entfernen"' in one


def test_order_can_be_changed_by_links(real: TestClient) -> None:
    text = page(real, f"/compare?{REGIONS}&lang=en")
    assert 'href="/compare?with=nuts-iti2&with=nuts-dee&lang=en" aria-label="Move Saxony-Anhalt back"' in text


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("with=nuts-dee&with=nuts-dee", 422, "Saxony-Anhalt is named twice"),
        ("with=nuts-dee&with=netzwerk-integration-stendal", 422, "these are mixed"),
        (
            "with=nuts-dee&with=nuts-deg&with=nuts-de9&with=nuts-iti2&with=berlin&with=bremen&with=athens",
            422,
            "named 7",
        ),
        ("with=Halbestadt&with=nuts-dee", 404, "There is no network and no place called “Halbestadt”"),
        ("with=xqzjw&with=nuts-dee", 404, "Nothing here has a similar name."),
    ],
)
def test_a_comparison_that_cannot_be_made_says_why_and_what_next(
    real: TestClient, query: str, status: int, said: str
) -> None:
    text = page(real, f"/compare?{query}", status)
    assert said in text
    assert 'aria-label="Remove Saxony-Anhalt"' in text
    assert real.get(f"/compare.json?{query}").status_code == status


def test_what_was_mistyped_is_suggested(real: TestClient) -> None:
    text = page(real, "/compare?with=Halbestadt&with=nuts-dee", 404)
    assert 'href="/compare?with=halberstadt&with=nuts-dee"' in text
    problem = real.get("/compare.json?with=Halbestadt&with=nuts-dee").json()
    assert "halberstadt" in problem["near"]
    assert real.get("/compare.json").status_code == 422
    assert real.get("/compare?wiht=nuts-dee", headers=HTML).status_code == 422


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "javascript:alert(1)", "\u202eabc", "x" * 5_000, "../../x"]
)
def test_hostile_texts_come_back_harmless(real: TestClient, text: str) -> None:
    answer = real.get("/compare", params={"with": [text, "nuts-dee"]}, headers=HTML)
    assert answer.status_code == 404
    assert "<script>alert" not in answer.text
    assert 'href="javascript' not in answer.text


def test_nothing_in_common_is_said(client: TestClient) -> None:
    text = page(client, "/compare?with=alpha&with=beta")
    data = client.get("/compare.json?with=alpha&with=beta").json()
    overlaps = next(each for each in data["sections"] if each["key"] == "overlap")["answers"]
    nothing = all(each["short_value"] == 0 for each in overlaps)
    assert ("These have nothing in common in their lists" in text) is nothing


def test_unknown_reports_and_parts_are_said(real: TestClient) -> None:
    assert real.get("/report/network/nobody.json").status_code == 404
    assert real.get("/report/nothing/x.json").status_code == 404
    assert real.get("/report/collection.json?plaec=nuts-dee").status_code == 422
    assert real.get("/report/collection.json?place=nowhere").status_code == 422
    missing = real.get(f"/compare/gasp-1.csv?{TOWNS}")
    assert missing.status_code == 404
    assert "gaps-1" in missing.text
    assert real.get(f"/compare/gaps-table-1.svg?{TOWNS}").status_code == 406


def test_reports_on_an_actor_a_funder_and_a_collection(real: TestClient) -> None:
    assert "Where" in bare(page(real, "/report/actor/fluechtlingsrat-niedersachsen"))
    assert "What if it stopped?" in bare(page(real, "/report/funder/municipal"))
    data = real.get("/report/collection.json?place=nuts-dee&field=language").json()
    assert data["kind"] == "collection"
    assert json.dumps(data["title"]).startswith('{"en": "Saxony-Anhalt')


# ---------------------------------------------------------------------------------------------------------------------
# Without a server


def test_what_stands_in_the_way() -> None:
    one = Pick("network", "https://x/id/network/a", "A", "a")
    two = Pick("network", "https://x/id/network/b", "B", "b")
    place = Pick("place", "https://x/id/place/p", "P", "p")
    assert asked_of([]).fault == "none"
    assert asked_of([one]).fault == "one"
    assert asked_of([one, one]).fault == "twice"
    assert asked_of([one, place]).fault == "mixed"
    assert asked_of([one, Open("c", ())]).fault == "unknown"
    assert asked_of([one, two]).fault == ""
    assert texts_of([("with", "a | b"), ("networks", "c against d"), ("lang", "de")]) == ["a", "b", "c", "d"]
