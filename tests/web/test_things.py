"""Pages of things: what stands on top, what stands around, what is cut, and what helps where something is not there."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from integgraph import resources
from integgraph.analysis.reports.facts import Source
from integgraph.analysis.reports.steering import governance
from integgraph.analysis.selection import Selection
from integgraph.build import Built
from integgraph.errors import IntegGraphError, LimitReached, QueryTimeout, Unprocessable, WorkersBusy
from integgraph.ontology import Ontology
from integgraph.release import prune
from integgraph.settings import Settings
from integgraph.tables import Tables
from integgraph.web.app import create_app
from integgraph.web.around import MATRIX, Around, around
from integgraph.web.steered import steered
from integgraph.web.words.things import WORDS
from tests.conftest import GOLDEN, build_release

HTML = {"accept": "text/html"}
BASE = "https://w3id.org/integgraph/id/"


def page(client: TestClient, path: str, status: int = 200, **parameters: str) -> str:
    answer = client.get(path, headers=HTML, params=parameters or None)
    assert answer.status_code == status, answer.text[:400]
    return re.sub(r"\s+", " ", answer.text)


def plain(text: str) -> str:
    """What is read, without the markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text))


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# -- on the golden data


def test_a_network_says_the_main_things_on_top(client: TestClient) -> None:
    text = plain(page(client, "/networks/alpha"))
    top = text[: text.index("General information")]
    assert "Where Musterstadt" in top
    assert "Since 2010-03" in top
    assert "2 named; stated: over 80" in top or "2 named; stated:" in top
    assert "Status of the information 2024-02" in top
    assert "of 27 fields that need an answer" in top
    german = plain(page(client, "/networks/alpha", lang="de"))
    assert "2 genannt; angegeben:" in german


def test_stated_none_and_unknown_look_and_read_differently(client: TestClient) -> None:
    text = page(client, "/networks/beta")
    none = re.search(r'<p class="absence none"><span class="sign dotted".*?</p>', text)
    unknown = re.search(r'<p class="absence unknown"><span class="sign hatched".*?</p>', text)
    assert none and "This is an answer." in none[0]
    assert unknown and "Stated: none" not in unknown[0]


def test_every_value_of_a_network_can_be_reported(client: TestClient) -> None:
    text = page(client, "/networks/alpha")
    form = text[text.index('id="s1"') : text.index('id="matrix"')]
    for row in re.findall(r"<dt[^>]*>(.*?)</dt> <dd>(.*?)</dd> </div> (?=<div|</dl>)", form):
        assert "/report?about=" in row[1], row[0]
    addresses = re.findall(r'href="(/report\?[^"]*)"', text)
    assert len(set(addresses)) > 20
    member = next(each for each in addresses if "field=members" in each).replace("&amp;", "&")
    shown = plain(page(client, member))
    assert "Caritas Musterstadt" in shown
    assert "funding" not in shown
    assert "profile 2024-02" in shown
    assert "Reference" in shown and "/id/membership/" in shown
    assert "has given no address" in shown
    missing = plain(page(client, f"/report?about={BASE}network/alpha&field=coordination"))
    assert "Stated: none" in missing
    assert page(client, "/report", 404)
    assert page(client, "/report?about=https://elsewhere.example/", 404)
    assert page(client, f"/report?about={BASE}network/alfa", 404)


@pytest.mark.parametrize(
    ("address", "leads"),
    [
        ("mailto:data@example.org", "mailto:data@example.org?subject=Error%20in%20integgraph"),
        ("https://example.org/new?title={title}&body={body}", "https://example.org/new?title=Error%20in%20integgraph"),
    ],
)
def test_a_report_goes_where_the_settings_say(golden: Built, address: str, leads: str) -> None:
    settings = replace(Settings(), report_address=address)
    with TestClient(create_app(golden.release, settings), follow_redirects=False) as client:
        text = page(client, f"/report?about={BASE}network/alpha&field=seat")
        assert f'href="{leads}'.replace("&", "&amp;") in text
        assert "Musterstadt" in text


def test_an_address_for_reports_that_is_none_is_said(golden: Built) -> None:
    with pytest.raises(IntegGraphError, match="INTEGGRAPH_REPORT_ADDRESS"):
        create_app(golden.release, replace(Settings(), report_address="javascript:alert(1)"))


def test_two_editions_are_set_beside_each_other(client: TestClient) -> None:
    text = plain(page(client, "/networks/alpha"))
    history = text[text.index("From 2018-05 to 2024-02") :]
    assert re.search(
        r"Newly said\s*: Ehrenamtliche; Netzwerk Beta|Newly said\s*: Netzwerk Beta; Ehrenamtliche", history
    )
    assert re.search(r"No longer said\s*: Chor Musterstadt e\.V\.", history)
    assert "Coordinating organisation" in history
    assert "Nothing changed" not in history


def test_money_is_drawn_and_stands_in_a_table(client: TestClient) -> None:
    text = page(client, "/networks/alpha")
    money = text[text.index('id="money"') : text.index('id="steers"')]
    assert "2 flows are stated, none of them with an amount." in money
    drawn = money[money.index("<svg") : money.index("</svg>")]
    for word in ("Federal level", "Donations", "Caritas Musterstadt", "Beratung", "amount unknown"):
        assert word in drawn, word
    assert drawn.count('class="flow unknown"') == 5  # two recipients of one flow, one of the other, and what it is for
    assert 'style="' not in text
    table = rows_of(client.get("/networks/alpha/money.csv").text)
    assert [row["categories"] for row in table] == ["federal", "donations"]
    assert [row["amount"] for row in table] == ["", ""]
    assert len(re.findall("<tr>", money)) == 1 + len(table)


def test_who_steers_has_its_rule_and_its_evidence(client: TestClient) -> None:
    text = plain(page(client, "/networks/alpha"))
    assert "Mode participant-governed" in text
    assert "G1: no coordinating organisation, as stated" in text
    assert "keine Koordination mehr" in text[text.index("Mode participant-governed") :]


def test_a_citation_names_the_release_and_the_permanent_address(client: TestClient, golden: Built) -> None:
    text = plain(page(client, "/networks/alpha"))
    assert golden.release.id in text[text.index("How to cite this", text.index("General information")) :]
    bib = client.get("/networks/alpha/cite.bib").text
    assert "title = {{Netzwerk Alpha}}" in bib and f"url = {{{BASE}network/alpha}}" in bib
    found = client.get("/networks/alpha/cite.json").json()[0]
    assert (found["type"], found["version"], found["URL"]) == ("dataset", golden.release.id, f"{BASE}network/alpha")
    assert client.get("/networks/alpha/cite.doc").status_code == 404
    assert client.get("/networks/alpha/nothing.csv").status_code == 404
    assert client.get("/networks/alfa/members.csv").status_code == 404
    of_place = client.get("/places/musterstadt/networks.csv")
    assert of_place.status_code == 404
    assert "/api/networks.csv?region=musterstadt" in of_place.json()["detail"]
    assert len(rows_of(client.get("/api/networks.csv?region=musterstadt").text)) > 1
    assert client.get("/profiles/alpha/networks.csv").status_code == 404


def test_an_actor_has_each_name_once_and_what_depends_on_it(client: TestClient) -> None:
    text = page(client, "/actors/caritas-musterstadt")
    about = text[text.index('id="about"') : text.index('id="takes-part"')]
    names = re.findall(r"Caritas[a-z]* Musterstadt", plain(about))
    assert len(names) == len(set(names))
    assert "member of" in text
    assert "Who is who" in text
    takes = rows_of(client.get("/actors/caritas-musterstadt/networks.csv").text)
    assert {row["network_name"] for row in takes} >= {"Netzwerk Alpha"}
    assert client.get("/actors/caritas-musterstadt/receives.csv").text.count("\r\n") >= 3


def test_a_field_tells_who_lists_it_and_that_this_is_not_all(client: TestClient) -> None:
    text = page(client, "/vocabulary/field/labour-market")
    assert "Networks: " in text
    assert "/networks/?field=labour-market" in text
    assert "Not listed is not the same as not served." in text
    nobody = page(client, "/vocabulary/field/health")
    assert "Nothing in this collection lists it" in nobody


def test_a_place_leads_to_its_networks_and_to_comparison(client: TestClient) -> None:
    text = page(client, "/places/musterstadt")
    for part in ("/compare?with=musterstadt", "/coverage?region=musterstadt", "/networks/?region=musterstadt"):
        assert part in text, part
    assert "Netzwerk Alpha" in text


def test_a_missing_thing_has_near_ones_as_links_and_a_filled_search(client: TestClient) -> None:
    text = page(client, "/actors/caritas-musterstat", 404)
    assert re.search(r'<a href="/actors/caritas-musterstadt\?lang=en">', text)
    assert 'value="caritas musterstat"' in text
    assert 'action="/search"' in text
    markup = page(client, "/networks/%3Cscript%3E", 400)
    assert "<script>" not in markup.replace("</script>", "")


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_release_that_was_pruned_leads_to_the_one_that_is_served(client: TestClient, language: str) -> None:
    text = page(client, "/networks/alpha", 404, release="20200101T000000Z-00000000", lang=language)
    assert "20200101T000000Z-00000000" in text
    assert f'href="/networks/alpha?lang={language}"' in text
    assert ("is not kept here" if language == "en" else "nicht aufbewahrt wird") in text


@pytest.mark.parametrize(
    ("error", "status", "english", "german"),
    [
        (Unprocessable("This is no value."), 422, "change it, or leave it out", "lassen Sie ihn weg"),
        (LimitReached("Enough for now.", 7), 429, "Wait 7 seconds", "Warten Sie 7 Sekunden"),
        (WorkersBusy("All are busy."), 503, "This passes", "Das geht vorbei"),
        (QueryTimeout("It took too long."), 504, "Narrow it", "Grenzen Sie sie ein"),
    ],
)
def test_what_went_wrong_says_what_happened_and_what_to_do(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, error: IntegGraphError, status: int, english: str, german: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(resources, "page", fail)
    text = page(client, "/networks/alpha?lang=en", status)
    assert english in text and str(error) in text
    assert german in page(client, "/networks/alpha?lang=de", status)
    again = re.search(r'<a class="button" href="/networks/alpha\?lang=en">Try again</a>', text)
    assert bool(again) == (status != 422)


def test_every_word_of_these_pages_is_in_both_languages() -> None:
    for key, (english, german) in WORDS.items():
        assert english and german
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", german)), key


@pytest.fixture(scope="module")
def withdrawn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    data = Path(shutil.copytree(GOLDEN, tmp_path_factory.mktemp("things") / "data"))
    out = data.parent / "out"
    build_release(data, out)
    (data / "profiles" / "gamma.yaml").unlink()
    second = build_release(data, out)
    prune(out, 1)
    with TestClient(create_app(second.release, Settings()), follow_redirects=False) as client:
        yield client


def test_a_thing_that_is_gone_says_why_and_where_to_go_on(withdrawn: TestClient) -> None:
    text = page(withdrawn, "/networks/gamma", 410)
    assert "Its address stays taken" in text
    assert "What was withdrawn, and when" in text
    assert "no longer kept" in text


# -- on the project's own data


@pytest.fixture(scope="module")
def tables(collection: Built) -> Around:
    return around(collection.release.path, collection.release.content_hash)


@pytest.fixture(scope="module")
def whole(collection: Built) -> Source:
    return Source(collection.release)


def test_a_lean_page_says_what_the_whole_one_says_of_itself(
    collection: Built, ontology: Ontology, tables: Around
) -> None:
    store = collection.release.store()
    for network in Tables(collection.release.path / "tables")["networks"].column("network").to_pylist()[::5]:
        lean = resources.page(store, ontology, network, "de", lean=True)
        assert resources.page(store, ontology, network, "de", lean=True, lists=tables.shown_lists(network)) == lean
        every = {
            entry for section in resources.page(store, ontology, network, "de").sections for entry in section.entries
        }
        assert [entry.key for section in lean.sections for entry in section.entries if entry not in every] == []


def test_who_steers_is_what_the_report_says(
    collection: Built, ontology: Ontology, tables: Around, whole: Source
) -> None:
    store = collection.release.store()
    for network in list(whole.networks)[::4]:
        expected = governance(whole.facts(Selection(networks=network)), network)
        found = steered(collection.release, tables, store, network, whole.no_coordination.get(network))
        assert (found.state, found.sentence) == (expected.state, expected.sentence), network


def test_what_stands_around_is_what_the_tables_say(collection: Built, tables: Around) -> None:
    memberships = Tables(collection.release.path / "tables")["memberships"].to_pylist()
    members: dict[str, set[str]] = {}
    for row in memberships:
        if row["counts_as_member"]:
            members.setdefault(row["network"], set()).add(row["actor"])
    for network in list(members)[::7]:
        matrix = tables.matrix(network)
        assert matrix.all_members == len(members[network] - {network})
        others = {
            other
            for other, who in members.items()
            if other != network and any(actor != other for actor in who & members[network])
        }
        assert matrix.all_networks == len(others)
        for row, column in matrix.dots:
            assert matrix.members[row].iri in members[matrix.networks[column].iri]
        for each in tables.leavings(network):
            gone = {one.iri for one in each.below_two}
            lists = {other for other, who in members.items() if each.who.iri in who and other != network}
            assert gone == {other for other in lists if len(members[other] - {each.who.iri}) < 2} - {each.who.iri}
    assert not {each.network.iri for each in tables.similar(network)} & {network}
    assert tables.shown_lists("https://w3id.org/integgraph/id/actor/nobody") is None


def test_a_flow_with_an_amount_shows_it_and_one_without_is_never_zero(collection: Built, tables: Around) -> None:
    funding = [
        row for row in Tables(collection.release.path / "tables")["funding"].to_pylist() if row["amount"] is not None
    ]
    assert funding
    for row in funding:
        flow = next(each for each in tables.flows(row["network"]) if each.iri == row["flow"])
        assert (flow.amount, flow.currency) == (row["amount"], row["currency"] or "")
    with TestClient(create_app(collection.release, Settings()), follow_redirects=False) as client:
        name = "impact-umbria-2"
        assert "1,519,000 EUR" in plain(page(client, f"/networks/{name}"))
        assert "1.519.000 EUR" in plain(page(client, f"/networks/{name}", lang="de"))
        dots = rows_of(client.get("/networks/cities-grow/matrix.csv").text)
        text = page(client, "/networks/cities-grow")
        assert sum(len(row["networks"].split("; ")) for row in dots if row["networks"]) == text.count('class="dot"')
        assert len(dots) <= MATRIX[0]
        funder = plain(page(client, "/actors/bundesministerium-fuer-arbeit-und-soziales"))
        assert "17 flows name it, none of them with an amount." in funder
        assert "By kind of money" in funder
