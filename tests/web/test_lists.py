"""The first page, the lists with their facets, and the search: numbers, sentences, addresses, bad input."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from starlette.testclient import TestClient

from integgraph import listing
from integgraph.build import Built
from integgraph.face import OpenRelease
from integgraph.listing import LISTS, MEMBERSHIPS, SHARES, ask, tallies
from integgraph.ontology import Ontology
from integgraph.search import SearchIndex, fold
from integgraph.settings import Settings
from integgraph.web import lists
from integgraph.web.app import create_app
from integgraph.web.lists import ROOMS, Question
from tests.conftest import build_release
from tests.web.browser import Browser
from tests.web.serving import served

HTML = {"accept": "text/html"}
Given = list[tuple[str, str]]


@pytest.fixture(scope="module")
def real(collection: Built) -> Iterator[TestClient]:
    """A server over the project's own 120 networks."""
    with TestClient(create_app(collection.release, replace(Settings())), follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="module")
def many(collection: Built) -> OpenRelease:
    return OpenRelease(collection.release.path, collection.release.manifest)


def text_of(client: TestClient, path: str, status: int = 200) -> str:
    answer = client.get(path, headers=HTML)
    assert answer.status_code == status, answer.text[:400]
    return re.sub(r"\s+", " ", answer.text)


def words_of(page: str) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def names(page: str) -> list[str]:
    return re.findall(r'<h2><a href="[^"]*" dir="auto">([^<]*)</a>', page)


# -- counts beside the values of a facet

QUESTIONS: list[Given] = [
    [],
    [("country", "DE")],
    [("country", "DE"), ("country", "IT"), ("field", "health")],
    [("region", "nuts-dee"), ("answered", "50-74")],
    [("target_group", "refugees"), ("narrower", "yes"), ("members_complete", "unknown")],
    [("q", "netzwerk"), ("formalisation", "none")],
    [("founded_from", "2015"), ("type", "unknown")],
    [("field", "labour-market"), ("narrower", "yes")],
    [("country", "unknown"), ("funder_category", "any")],
]


@pytest.mark.parametrize("given", QUESTIONS, ids=str)
def test_the_number_beside_a_value_is_that_of_the_list_with_it(
    many: OpenRelease, ontology: Ontology, given: Given
) -> None:
    facets = ROOMS["networks"].facets
    total = ask(many, ontology, "networks", given).total
    found = tallies(many, ontology, "networks", given, facets)
    assert list(found) == list(facets)
    for name, tally in found.items():
        for value, count in {**tally.values, **tally.states}.items():
            assert count == ask(many, ontology, "networks", [*given, (name, value)]).total, (name, value)
        assert all({**tally.values, **tally.states}[value] == total for value in tally.chosen)


@pytest.mark.parametrize("given", [[], [("sector", "municipality")], [("networks", "2"), ("country", "DE")]], ids=str)
def test_the_numbers_beside_actors_funders_and_places(many: OpenRelease, ontology: Ontology, given: Given) -> None:
    for name in ("actors", "funders", "places"):
        asked = [pair for pair in given if pair[0] in LISTS[name].filters]
        for facet, tally in tallies(many, ontology, name, asked, ROOMS[name].facets).items():
            for value, count in {**tally.values, **tally.states}.items():
                assert count == ask(many, ontology, name, [*asked, (facet, value)]).total, (name, facet, value)


def test_a_value_that_would_bring_nothing_is_not_offered(many: OpenRelease, ontology: Ontology) -> None:
    tally = tallies(many, ontology, "networks", [("region", "nuts-dee")], ["country", "region"])
    assert set(tally["country"].values) == {"DE"}
    assert tally["region"].chosen == {"nuts-dee"}
    total = ask(many, ontology, "networks", [("region", "nuts-dee")]).total
    assert all(count > total for value, count in tally["region"].values.items() if value != "nuts-dee")


def test_every_value_of_a_facet_that_a_row_has_is_counted(many: OpenRelease, ontology: Ontology) -> None:
    tally = tallies(many, ontology, "networks", [], ["answered", "members_complete", "country"])
    every = ask(many, ontology, "networks").total
    assert sum(tally["answered"].values.values()) + tally["answered"].states.get("unknown", 0) == every
    assert set(tally["answered"].values) <= set(SHARES)
    parts = tally["members_complete"]
    assert sum(parts.values.values()) + parts.states.get("none", 0) + parts.states["unknown"] == every
    counts = many.aggregates["networks_by_country"].to_pylist()
    assert tally["country"].values == {row["country"]: row["networks"] for row in counts}


def test_new_filters_say_what_the_tables_say(many: OpenRelease, ontology: Ontology) -> None:
    rows = many.tables["networks"].to_pylist()
    for value in SHARES:
        low, high = map(int, value.split("-"))
        fitting = {row["id"] for row in rows if low <= 100 * row["fields_answered"] // row["fields_asked"] <= high}
        found = ask(many, ontology, "networks", [("answered", value)]).columns("id")["id"].to_pylist()
        assert set(found) == fitting
    for value, wanted in (("yes", True), ("no", False)):
        found = ask(many, ontology, "networks", [("members_complete", value)]).columns("id")["id"].to_pylist()
        assert set(found) == {row["id"] for row in rows if row["members_complete"] is wanted}
    actors = many.tables["actors"].to_pylist()
    bounds = {"0": (0, 0), "1": (1, 1), "2": (2, 2), "3-4": (3, 4), "5-or-more": (5, 10**9)}
    assert tuple(bounds) == MEMBERSHIPS
    for value, (least, most) in bounds.items():
        total = ask(many, ontology, "actors", [("networks", value)]).total
        assert total == sum(least <= row["networks"] <= most for row in actors)
    for name, column in (("coordinates", "coordinates"), ("funds", "flows_given")):
        total = ask(many, ontology, "actors", [(name, "yes")]).total
        assert total == sum(row[column] > 0 for row in actors)


def test_labels_of_the_index_are_those_of_the_graph(many: OpenRelease) -> None:
    from integgraph import resources

    with SearchIndex(many.path / "search.sqlite") as index:
        for language in ("en", "de"):
            assert index.labels("place", language).keys() == dict(resources.list_things(many.store(), "place")).keys()
            told = dict(resources.list_things(many.store(), "place", language))
            named = index.labels("place", language)
            known = {iri for iri in told if f'"{told[iri]}"@{language}' in _labels_in(many, iri)}
            assert known
            assert {iri: named[iri] for iri in known} == {iri: told[iri] for iri in known}
        assert index.labels("nothing") == {}


@pytest.mark.parametrize("text", ["netzwerk", "halberstdat", "e", "…", "integration für"])
def test_things_are_those_of_the_search_in_its_order(many: OpenRelease, text: str) -> None:
    with SearchIndex(many.path / "search.sqlite") as index:
        for kinds in ([], ["network"], ["actor", "place"]):
            hits = index.search(text, kinds=kinds, limit=400)
            assert index.things(text, kinds=kinds, limit=400) == [hit.thing for hit in hits]


def _labels_in(release: OpenRelease, iri: str) -> list[str]:
    if not hasattr(_labels_in, "known"):
        rows = release.store().select("SELECT ?x ?label { ?x a ig:Place . ?x skos:prefLabel ?label }").rows
        found: dict[str, list[str]] = {}
        for thing, label in rows:
            found.setdefault(thing.value, []).append(str(label))  # type: ignore[union-attr]
        _labels_in.known = found  # type: ignore[attr-defined]
    return _labels_in.known[iri]  # type: ignore[attr-defined,no-any-return]


# -- the list of networks


def test_the_list_of_networks_shows_places_members_fields_and_what_is_unknown(client: TestClient) -> None:
    page = text_of(client, "/networks/")
    said = words_of(page)
    assert "3 networks." in said
    assert names(page) == ["Netzwerk Alpha", "Netzwerk Beta", "Rete Gamma"]
    assert "Musterstadt · Germany" in said
    assert "Labour market" in said
    assert "not known" in said
    assert "Not listed is not the same as not served." in said
    german = words_of(text_of(client, "/networks/?lang=de"))
    assert "3 Netzwerke." in german
    assert "Nicht aufgeführt heißt nicht unversorgt." in german


def test_filters_become_chips_that_lead_back(real: TestClient, many: OpenRelease, ontology: Ontology) -> None:
    page = text_of(real, "/networks/?country=DE&field=health&q=netzwerk")
    found = ask(many, ontology, "networks", [("country", "DE"), ("field", "health"), ("q", "netzwerk")])
    assert f"{found.total} of 120 networks." in words_of(page)
    chips = re.findall(r'<a class="chip" href="([^"]*)" aria-label="([^"]*)"', page)
    assert [label for _, label in chips] == [
        "Remove the filter Country: Germany",
        "Remove the filter Field of action: Health",
        "Remove the filter Searched for: “netzwerk”",
    ]
    without = parse_qsl(urlsplit(html.unescape(chips[0][0])).query)
    assert without == [("field", "health"), ("q", "netzwerk"), ("lang", "en")]
    assert 'id="f-country-DE" checked' in page


def test_the_csv_of_a_list_has_its_rows_in_its_order(real: TestClient) -> None:
    page = text_of(real, "/networks/?country=IT&sort=-members&lang=en")
    address = html.unescape(re.findall(r'<a class="no-print" href="([^"]*)"', page)[0])
    assert address.startswith("/api/networks?")
    rows = list(csv.DictReader(io.StringIO(real.get(address).text)))
    shown = names(page)
    assert [row["name"] for row in rows][: len(shown)] == [html.unescape(name) for name in shown]


@pytest.mark.parametrize(
    "path", ["/networks/", "/actors/", "/places/?country=DE", "/profiles/", "/networks/?sort=-members"]
)
def test_the_next_link_leads_through_all_rows_once(real: TestClient, path: str) -> None:
    seen: list[str] = []
    following: str | None = path
    while following:
        page = text_of(real, following)
        results = page[page.index("<h1") :]
        seen += re.findall(r'href="(/(?:networks|actors|places|profiles)/[a-z0-9._-]+)\?lang=en"', results)
        found = re.search(r'rel="next" href="([^"]*)"', results)
        following = html.unescape(found[1]) if found else None
    expected = {"networks": 120, "actors": 796, "profiles": 120}.get(path.split("/")[1], 0)
    assert len(seen) == len(set(seen))
    assert len(seen) >= max(expected, 1) if "places" in path else len(seen) == expected


def test_a_list_keeps_language_and_release(real: TestClient, collection: Built) -> None:
    release = collection.release.id
    page = text_of(real, f"/networks/?lang=de&release={release}&country=DE")
    for address in re.findall(r'<a [^>]*href="(/(?:networks|map)/?\?[^"]*)"', page):
        pairs = dict(parse_qsl(urlsplit(html.unescape(address)).query))
        assert (pairs["lang"], pairs["release"]) == ("de", release)
    assert f'name="release" value="{release}"' in page


# -- what cannot be asked


@pytest.mark.parametrize(
    ("query", "says", "keeps"),
    [
        ("contry=DE&field=health", "Did you mean country?", "field=health"),
        ("country=Germany&field=health", "is not a value of 'country'", "field=health"),
        ("field=helth&country=DE", "Did you mean health?", "country=DE"),
        ("answered=99&country=DE", "Allowed are: 0-24, 25-49, 50-74, 75-100", "country=DE"),
        ("founded=yesterday&country=DE", "is not understood", "country=DE"),
        ("sort=beauty&country=DE", "cannot be sorted by 'beauty'", "country=DE"),
        ("cursor=abc&country=DE", "The cursor is damaged", "country=DE"),
        ("country=unknown:boredom&field=health", "no reason why an answer is unknown", "field=health"),
    ],
)
def test_absurd_filters_say_what_is_wrong_and_lead_on(real: TestClient, query: str, says: str, keeps: str) -> None:
    page = text_of(real, f"/networks/?{query}", 422)
    assert says in words_of(page)
    address = html.unescape(re.findall(r'<a class="button" href="([^"]*)"', page)[0])
    assert keeps in address
    assert real.get(address, headers=HTML).status_code == 200


def test_a_program_gets_the_problem_as_json(real: TestClient) -> None:
    answer = real.get("/networks/?contry=DE", headers={"accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("/unprocessable")


def test_a_cursor_of_another_release_begins_anew(real: TestClient, client: TestClient) -> None:
    page = text_of(real, "/networks/")
    cursor = dict(parse_qsl(urlsplit(html.unescape(re.findall(r'rel="next" href="([^"]*)"', page)[-1])).query))[
        "cursor"
    ]
    other = text_of(client, f"/networks/?cursor={cursor}", 409)
    assert "The data changed between two clicks" in words_of(other)
    address = html.unescape(re.findall(r'<a class="button" href="([^"]*)"', other)[0])
    assert client.get(address, headers=HTML).status_code == 200


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "x" * 10_000,
        "\u202eמרכז قرطبة\u2066",
        "\ud83d\ude00 🧩",
        '"><b>',
        "javascript:alert(1)",
        "%00",
        "' OR 1=1",
    ],
)
@pytest.mark.parametrize(
    "path", ["/search", "/networks/", "/actors/", "/places/", "/profiles/", "/vocabulary/", "/map"]
)
def test_whatever_is_searched_for_stays_text(client: TestClient, path: str, text: str) -> None:
    answer = client.get(
        path, params={"q": text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")}, headers=HTML
    )
    assert answer.status_code in (200, 422)
    assert "<script>alert" not in answer.text
    assert 'href="javascript' not in answer.text
    assert len(answer.content) < 400_000


def test_nothing_fits_and_says_so(client: TestClient) -> None:
    said = words_of(text_of(client, "/networks/?q=zzzzzzzzz"))
    assert "0 of 3 networks." in said
    assert "Nothing fits these filters." in said


# -- other lists


def test_actors_and_funders(real: TestClient, many: OpenRelease, ontology: Ontology) -> None:
    actors = words_of(text_of(real, "/actors/?sort=-networks"))
    assert f"{ask(many, ontology, 'actors').total} actors." in actors
    assert "they are lower bounds" in actors
    funders = text_of(real, "/funders/")
    assert f"{ask(many, ontology, 'funders').total} funders that are named." in words_of(funders)
    counts = {row["category"]: row for row in many.aggregates["networks_by_funder_category"].to_pylist()}
    for category, row in counts.items():
        assert f'funder_category={category}">' in funders
        assert f'<td class="n">{row["networks"]}</td><td class="n">{row["flows"]}</td>' in funders
    assert real.get("/funders", headers=HTML).headers["location"] == "/funders/"


def test_places_stand_in_the_order_of_the_names_that_are_shown(real: TestClient) -> None:
    page = text_of(real, "/places/?country=AT&lang=de")
    shown = re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', page)
    assert shown == sorted(shown, key=fold)
    assert "Österreich" in shown[:-1]  # not behind Z


def test_vocabularies_and_profiles(client: TestClient) -> None:
    assert "18 vocabularies." in words_of(text_of(client, "/vocabulary/"))
    page = text_of(client, "/profiles/")
    assert "4 profiles of 3 networks." in words_of(page)
    assert 'aria-label="Profile of Netzwerk Alpha, 2024-02"' in page
    assert "Profil von Netzwerk Alpha, 2018-05" in text_of(client, "/profiles/?lang=de")


# -- search


def test_search_groups_by_kind_and_says_what_matched(real: TestClient) -> None:
    page = text_of(real, "/search?q=halberstadt")
    assert [kind for kind in ("network", "actor", "place") if f'id="found-{kind}"' in page] == [
        "network",
        "actor",
        "place",
    ]
    assert "/places/halberstadt?lang=en" in page
    said = words_of(text_of(real, "/search?q=Arbeitsmarkt"))
    assert "also named Arbeitsmarkt" in said
    assert "Labour market" in said


def test_search_finds_what_is_mistyped_and_says_so(real: TestClient) -> None:
    said = words_of(text_of(real, "/search?q=halberstdat"))
    assert "Similar words are found" in said
    assert "Caritas-Diakonie-Zora Netzwerk Halberstadt" in said


def test_search_that_finds_nothing_offers_single_words(real: TestClient) -> None:
    page = text_of(real, "/search?q=xqzvkw+halberstadt")
    assert "Did you mean only one of the words?" in words_of(page)
    assert 'href="/search?q=halberstadt&amp;lang=en"' in page
    assert "Write a name, a place, a topic" in words_of(text_of(real, "/search"))


# -- the first page


def test_the_first_page_has_the_ways_in_and_what_is_known(real: TestClient, many: OpenRelease) -> None:
    page = text_of(real, "/")
    said = words_of(page)
    for address in ("/compare", "/questions", "/data", "/map"):
        assert f'href="{address}?lang=en"' in page
    rows = many.tables["networks"].to_pylist()
    known = many.aggregates["answers_by_field"].to_pylist()
    value = sum(row["networks"] for row in known if row["state"] == "value")
    none = sum(row["networks"] for row in known if row["state"] == "stated-none")
    total = sum(row["networks"] for row in known)
    assert f"{100 * (value + none) // total} % of all answers" in said
    assert f"{value:,} with a value, {none} stated as none. {total - value - none:,} are not known." in said
    members = sum(row["members_named"] > 0 for row in rows)
    assert f"{members} of 120 networks name members." in said
    assert 'href="/compare?with=nuts-dee&amp;with=nuts-iti2&amp;lang=en">Saxony-Anhalt and Umbria</a>' in page
    german = words_of(text_of(real, "/?lang=de"))
    assert f"{value:,}".replace(",", ".") in german


def test_the_first_page_tells_what_is_new(real: TestClient) -> None:
    assert "is the first release here" in words_of(text_of(real, "/"))


def test_what_changed_is_read_and_counted(tmp_path: Path) -> None:
    from integgraph.errors import ReleaseError
    from integgraph.exports import Made

    file = tmp_path / "profile-changes.json"
    things = [
        {"id": f"p{number}", "iri": f"https://example.org/{number}", "label": f"P {number}"} for number in range(9)
    ]
    file.write_text(json.dumps({"added": things, "changed": [], "removed": things[:1]}), "utf-8")
    found = lists._profiles_changed(Made(file, file.stat().st_size, ""))
    assert {kind: (count, len(first)) for kind, (count, first) in found.items()} == {
        "added": (9, 6), "changed": (0, 0), "removed": (1, 1),
    }  # fmt: skip
    with pytest.raises(ReleaseError, match="cannot be read"):
        lists._profiles_changed(Made(file.with_name("gone.json"), 1, ""))


def test_names_with_markup_or_of_any_length_stay_names(golden_data: Path, tmp_path: Path) -> None:
    file = golden_data / "profiles" / "gamma.yaml"
    name = "<img src=x onerror=alert(1)> \u05e8\u05e9\u05ea " + "Integrationsnetzwerk" * 14
    told = file.read_text("utf-8").replace("official_name: Rete Gamma", f"official_name: '{name}'")
    file.write_text(told.replace("label: Rete Gamma", f"label: '{name}'"), "utf-8")
    release = build_release(golden_data, tmp_path / "out").release
    with TestClient(create_app(release, Settings())) as client:
        for path in ("/networks/", "/profiles/", "/search?q=Integrationsnetzwerk", "/", "/map"):
            page = text_of(client, path)
            assert "<img" not in page
            assert path in ("/", "/map") or "&lt;img src=x onerror=alert(1)&gt;" in page
        assert 'dir="auto">&lt;img' in text_of(client, "/networks/")


# -- the island, in a real browser


def test_a_list_follows_each_choice_and_the_focus_stays(collection: Built, tmp_path: Path) -> None:
    told = "document.querySelector('[data-part=results] [role=status]').textContent"
    with served(collection.release.path) as server, Browser(tmp_path / "chromium") as browser:
        browser.open(f"{server.url}/networks/?lang=en", 1280)
        browser.evaluate("document.getElementById('f-country-DE').focus()")
        browser.press(" ")
        browser.wait(f"{told}.includes(' of 120 networks')")
        assert browser.evaluate("document.activeElement.id") == "f-country-DE"
        assert browser.evaluate("location.search") == "?lang=en&country=DE"
        assert browser.evaluate("document.querySelectorAll('ul.chips a.chip').length") == 1
        browser.evaluate("history.back()")
        browser.wait(f"{told} === '120 networks.'")
        assert browser.evaluate("document.querySelectorAll('#narrow input:checked').length") == 0
        assert browser.complaints == []
        assert [each for each in browser.requests if not each.startswith(server.url)] == []
        browser.open(f"{server.url}/networks/?lang=en&country=DE", 390, scripts=False)
        assert browser.evaluate("getComputedStyle(document.querySelector('.narrow .apply')).display") != "none"


# -- parts


def test_a_question_keeps_what_counts() -> None:
    question = Question((("country", "DE"), ("country", "IT")), (("lang", "de"),), "")
    assert question.address("/networks/", without=[("country", "DE")]) == "/networks/?country=IT&lang=de"
    assert question.address("/networks/", ("cursor", "x")).endswith("country=IT&cursor=x&lang=de")
    assert question.with_order("name")[-1] == ("sort", "name")


def test_every_filter_and_order_has_words() -> None:
    from integgraph.web.words import WORDS

    for name, room in ROOMS.items():
        for filter_name, wanted in LISTS[name].filters.items():
            assert f"lists {filter_name}" in WORDS
            for choice in wanted.choices:
                assert f"lists {filter_name} {choice}" in WORDS
        for order in room.sorts:
            assert f"lists by {order}" in WORDS
            assert order.removeprefix("-") in LISTS[name].sorts
        assert set(room.facets) <= set(LISTS[name].filters)
    assert listing.NONE == "none"
