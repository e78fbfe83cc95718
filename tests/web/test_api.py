"""The JSON API and the named questions over HTTP: what they say, in which form, and what they refuse."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.routing import Match
from starlette.testclient import TestClient

from integgraph.build import Built
from integgraph.listing import LISTS
from integgraph.questions import load_questions
from integgraph.settings import Settings
from integgraph.web import api
from integgraph.web.app import create_app
from tests.conftest import GOLDEN, ROOT, build_release

HALBERSTADT = "caritas-diakonie-zora-halberstadt"
HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def started(built: Built, settings: Settings | None = None) -> TestClient:
    """A server over a release, with these addresses, whether or not the application has them by itself."""
    app = create_app(built.release, settings or Settings())
    scope = {"type": "http", "method": "GET", "path": "/api", "root_path": "", "headers": []}
    if all(route.matches(scope)[0] is not Match.FULL for route in app.router.routes):
        app.include_router(api.router)
    return TestClient(app, follow_redirects=False, raise_server_exceptions=False)


@pytest.fixture(scope="session")
def client(golden: Built) -> Iterator[TestClient]:
    with started(golden) as client:
        yield client


@pytest.fixture(scope="session")
def many(collection: Built) -> Iterator[TestClient]:
    with started(collection) as client:
        yield client


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def following(client: TestClient, address: str) -> list[dict[str, Any]]:
    """All pages from an address on."""
    found = []
    while address:
        page = client.get(address).json()
        found.append(page)
        address = page["next"]
    return found


# ---------------------------------------------------------------------------------------------------------------------
# Lists


@pytest.mark.parametrize("name", [name for name in LISTS if name != "concepts"])
def test_a_list_is_read_page_by_page(many: TestClient, name: str) -> None:
    pages = following(many, f"/api/{name}?limit=40")
    ids = [item["id"] for page in pages for item in page["items"]]
    assert {page["total"] for page in pages} == {len(ids)}
    assert ids == [row["id"] for row in rows_of(many.get(f"/api/{name}?format=csv").text)]


def test_pages_keep_filters_and_order(many: TestClient) -> None:
    pages = following(many, "/api/networks?country=DE&country=IT&sort=-founded&limit=20")
    assert len(pages) > 3 and all({"DE", "IT"} & set(item["countries"]) for page in pages for item in page["items"])
    dates = [item["founded_earliest"] for page in pages for item in page["items"] if item["founded_earliest"]]
    assert dates == sorted(dates, reverse=True)


def test_the_link_header_leads_on(many: TestClient) -> None:
    answer = many.get("/api/networks?limit=1")
    assert f'<{answer.json()["next"]}>; rel="next"' in answer.headers["link"]
    assert 'rel="license"' in answer.headers["link"]
    assert 'rel="next"' not in many.get("/api/networks?limit=500").headers["link"]


def test_the_three_states_in_json_and_csv(many: TestClient) -> None:
    item = many.get(f"/api/networks/{HALBERSTADT}").json()
    assert item["answers"]["coordination"] == {"state": "none"}
    assert item["answers"]["founded"] == {"state": "unknown", "reason": "unreadable"}
    assert item["answers"]["seat"] == {"state": "value", "value": "halberstadt"}
    row = next(row for row in rows_of(many.get("/api/networks.csv").text) if row["id"] == HALBERSTADT)
    assert (row["coordination"], row["coordination_state"]) == ("", "stated-none")
    assert (row["founded"], row["founded_state"]) == ("", "unreadable")
    asked = many.get("/api/networks?coordination=none&founded=unknown:unreadable").json()
    assert [each["id"] for each in asked["items"]] == [HALBERSTADT]


@pytest.mark.parametrize(
    "ask",
    [
        {"url": "/api/actors.csv"},
        {"url": "/api/actors?format=csv"},
        {"url": "/api/actors", "headers": {"accept": "text/csv"}},
    ],
)
def test_csv_by_suffix_parameter_and_accept(client: TestClient, ask: dict[str, Any]) -> None:
    answer = client.get(**ask)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="actors.csv"'
    assert len(rows_of(answer.text)) == client.get("/api/actors").json()["total"]


def test_csv_is_the_whole_list_or_nothing(client: TestClient) -> None:
    for more in ("limit=2", "cursor=x"):
        answer = client.get(f"/api/networks?format=csv&{more}")
        assert answer.status_code == 422 and "whole list" in answer.json()["detail"]


def test_csv_of_nothing_has_its_header(many: TestClient) -> None:
    answer = many.get("/api/networks.csv?q=xyzzyxyzzy")
    assert answer.text.startswith("network,id,name,") and answer.text.count("\r\n") == 1


@pytest.mark.parametrize("path", ["/api/networks.json", "/api/vocabularies/field.json", "/api/places/halberstadt.json"])
def test_json_by_suffix(many: TestClient, path: str) -> None:
    assert many.get(path, headers={"accept": "text/csv"}).headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "path", ["/api/networks", "/api/actors/stadt-halberstadt", "/api", "/questions", "/api/vocabularies/field"]
)
def test_formats_that_are_not_there(many: TestClient, path: str) -> None:
    answer = many.get(path, headers={"accept": "image/png"})
    assert answer.status_code == 406 and "application/json" in answer.json()["detail"]
    assert many.get(f"{path}?format=xml").status_code == 406


def test_concepts_of_a_vocabulary(client: TestClient) -> None:
    page = client.get("/api/vocabularies/formalisation?sort=name").json()
    assert page["total"] == 5 and all(item["vocabulary"] == "formalisation" for item in page["items"])
    assert {row["vocabulary"] for row in rows_of(client.get("/api/vocabularies/formalisation.csv").text)} == {
        "formalisation"
    }
    assert client.get("/api/vocabularies/formalization").json()["near"] == ["formalisation"]


def test_tags_and_releases(client: TestClient, golden: Built) -> None:
    answer = client.get("/api/networks")
    assert answer.json()["release"] == {"id": golden.release.id, "content_hash": golden.release.content_hash}
    tag = answer.headers["etag"]
    again = client.get("/api/networks", headers={"if-none-match": tag})
    assert again.status_code == 304 and again.headers["etag"] == tag
    assert client.get("/api/networks?limit=1").headers["etag"] != tag
    assert client.get("/api/networks.csv").headers["etag"] != tag


def test_head(many: TestClient) -> None:
    for path in (
        "/api",
        "/api/networks",
        "/api/networks.csv",
        f"/api/networks/{HALBERSTADT}",
        "/questions",
        "/api/openapi.json",
    ):
        answer = many.head(path)
        assert answer.status_code == 200 and answer.content == b"", path
    assert many.post("/api/networks").status_code == 405


# ---------------------------------------------------------------------------------------------------------------------
# Refusals


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/networks?feild=health", 422, "Did you mean field"),
        ("/api/networks?field=labor-market", 422, "Did you mean labour-market"),
        ("/api/networks?country=XX", 422, "Allowed are: AT"),
        ("/api/networks?limit=0", 422, "from 1 to 500"),
        ("/api/networks?limit=501", 422, "from 1 to 500"),
        ("/api/networks?limit=ten", 422, "from 1 to 500"),
        ("/api/networks?limit=1&limit=2", 422, "more than once"),
        ("/api/networks?limit=%D9%A1", 422, "from 1 to 500"),
        ("/api/networks?cursor=abc", 422, "damaged"),
        ("/api/networks?sort=colour", 422, "Possible are"),
        (f"/api/networks/{HALBERSTADT}?depth=3", 422, "There are: release, format, lang"),
        ("/api/search", 422, "parameter 'q'"),
        ("/api/search?q=a&kind=person", 422, "Allowed are: network"),
        ("/api/search?q=a&lang=fr", 422, "Allowed are"),
        ("/api/networks/caritas-diakonie-zora-halbersatdt", 404, "Did you mean"),
        ("/api/places/nowhere-at-all", 404, "There is no place"),
        ("/api/vocabularies/feild", 404, "Did you mean: field"),
        ("/api/nothing", 404, "nothing at"),
        ("/questions/coordinator", 404, "Did you mean: coordinators"),
        ("/questions/coordinators?land=DE", 422, "There are: country"),
        ("/questions/coordinators?country=Germany", 422, "two letters"),
        ("/questions/coordinators?country=DE&country=IT", 422, "more than once"),
        ("/questions/activities-funded-by?category=fedral", 422, "Did you mean"),
        ("/questions/who-said-so?network=caritas-diakonie-zora-halbersatdt", 422, "Did you mean"),
        ("/questions/who-said-so?network=Not%20an%20id", 422, "small letters"),
    ],
)  # fmt: skip
def test_refusals_say_what_is_wrong_and_what_would_be_right(
    many: TestClient, path: str, status: int, said: str
) -> None:
    answer = many.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert problem["status"] == status and said in problem["detail"]
    assert many.get(path, headers=HTML).status_code == status


def test_a_cursor_of_another_release_says_what_to_do(client: TestClient, many: TestClient) -> None:
    page = many.get("/api/networks?limit=1").json()
    answer = client.get(f"/api/networks?limit=1&cursor={page['cursor']}")
    assert answer.status_code == 409 and f"release={page['release']['id']}" in answer.json()["detail"]
    assert client.get(f"/api/actors?cursor={client.get('/api/networks?limit=1').json()['cursor']}").status_code == 422


@pytest.mark.parametrize(
    "text", ["x') } UNION { ?s ?p ?o } #", "\x00", "'; DROP TABLE thing", "%", '" OR 1', "\U0001f600" * 300]
)
def test_hostile_text_is_text(client: TestClient, text: str) -> None:
    assert client.get("/api/search", params={"q": text}).json()["items"] == []
    assert client.get("/api/networks", params={"q": text}).json()["total"] == 0
    assert client.get("/api/networks", params={"field": text}).status_code == 422
    assert client.get("/questions/coordinators", params={"country": text}).status_code == 422


# ---------------------------------------------------------------------------------------------------------------------
# Things and search


def test_an_actor_that_was_merged_has_moved(many: TestClient) -> None:
    actor = many.get("/api/actors/fluechtlingsrat-niedersachsen").json()
    assert actor["participations"] == len(actor["participations_in"]) == 4
    moved = many.get(f"/api/actors/{actor['merged'][0]}?release=" + actor["release"]["id"])
    assert moved.status_code == 301
    assert moved.headers["location"] == f"/api/actors/{actor['id']}?release={actor['release']['id']}"


def test_a_network_may_be_an_actor(client: TestClient, many: TestClient) -> None:
    acting = many.get("/api/actors?is_network=yes").json()["items"][0]
    assert many.get(f"/api/actors/{acting['id']}").json()["is_network"] is True
    page = many.get(f"/actors/{acting['id']}?lang=de", headers=HTML)
    assert (page.status_code, page.headers["location"]) == (303, f"/networks/{acting['id']}?lang=de")
    listed = {each["id"] for each in many.get("/api/actors?is_network=yes&limit=500").json()["items"]}
    other = next(row["id"] for row in rows_of(many.get("/api/networks.csv").text) if row["id"] not in listed)
    found = many.get(f"/api/actors/{other}?lang=de")
    assert (found.status_code, found.headers["location"]) == (303, f"/api/networks/{other}?lang=de")
    assert many.get("/api/actors/halberstadt").status_code == 404  # a place is no actor


# -- flows of an actor, page by page


FLOWS = 1_130


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A release in which one funder gives many times, to two recipients in turn."""
    folder = tmp_path_factory.mktemp("busy")
    data = Path(shutil.copytree(GOLDEN, folder / "data"))
    file = data / "profiles" / "beta.yaml"
    record = yaml.safe_load(file.read_text("utf-8"))
    giver = {"id": "stadt-viel", "name": "Stadt Viel"}
    record["funding"] = [
        {
            "funder": giver if number == 1 else "stadt-viel",
            "category": "municipal",
            "recipient": "caritasverband-musterstadt" if number % 2 else "stadt-musterstadt-beta",
            "for": f"Advice {number}",
            "amount": number,
            "currency": "EUR",
        }
        for number in range(1, FLOWS + 1)
    ]
    file.write_text(yaml.safe_dump(record, allow_unicode=True), "utf-8")
    with started(build_release(data, folder / "out")) as client:
        yield client


def test_flows_of_an_actor_come_page_by_page_and_none_is_lost(busy: TestClient) -> None:
    actor = busy.get("/api/actors/stadt-viel").json()
    first = actor["gives"]
    assert (first["total"], first["limit"], len(first["items"])) == (FLOWS, 50, 50)
    assert first["total"] == actor["flows_given"]
    assert actor["receives"] == {
        "total": 0, "limit": 50, "items": [], "cursor": None, "next": None,
        "csv": "/api/actors/stadt-viel/receives?format=csv",
    }  # fmt: skip
    told = [*first["items"], *(each for page in following(busy, first["next"]) for each in page["items"])]
    assert len({each["iri"] for each in told}) == len(told) == FLOWS
    assert sorted(each["amount"]["value"] for each in told) == list(range(1, FLOWS + 1))
    for limit in (77, 500):
        pages = following(busy, f"/api/actors/stadt-viel/gives?limit={limit}")
        assert [each["iri"] for page in pages for each in page["items"]] == [each["iri"] for each in told]
        assert {page["total"] for page in pages} == {FLOWS}
    rows = rows_of(busy.get(first["csv"]).text)
    assert [row["flow"] for row in rows] == [each["iri"] for each in told]
    halves = [
        busy.get(f"/api/actors/{name}/receives?limit=1", follow_redirects=True).json()["total"]
        for name in ("caritas-musterstadt", "stadt-musterstadt-beta")
    ]
    assert sum(halves) >= FLOWS


def test_the_answer_on_an_actor_does_not_grow_with_its_flows(busy: TestClient) -> None:
    assert len(busy.get("/api/actors/stadt-viel").content) < 60_000
    assert len(busy.get("/api/actors/stadt-viel/gives?limit=500").content) > 150_000


def test_lists_of_flows_refuse_and_lead_as_other_lists(busy: TestClient, client: TestClient, golden: Built) -> None:
    path = "/api/actors/stadt-viel/gives"
    page = busy.get(f"{path}?limit=5").json()
    answer = busy.get(f"{path}?limit=5")
    assert f'<{page["next"]}>; rel="next"' in answer.headers["link"]
    assert busy.get(path, headers={"if-none-match": answer.headers["etag"]}).status_code == 200
    assert busy.get(f"{path}?limit=5", headers={"if-none-match": answer.headers["etag"]}).status_code == 304
    assert busy.get(f"{path}.csv").headers["content-disposition"] == 'attachment; filename="stadt-viel-gives.csv"'
    assert busy.get(f"{path}?format=csv&limit=3").status_code == 422
    assert busy.get(f"{path}?limit=501").status_code == 422
    assert busy.get(f"{path}?country=DE").status_code == 422
    assert busy.get(f"{path}?cursor=abc").status_code == 422
    other = busy.get("/api/actors/caritas-musterstadt/receives?limit=1").json()["cursor"]
    assert "another question" in busy.get(f"{path}?cursor={other}").json()["detail"]
    elsewhere = client.get(f"/api/actors/caritas-musterstadt/receives?limit=1&cursor={other}")
    assert elsewhere.status_code == 409
    assert busy.get("/api/actors/nobody-at-all/gives").status_code == 404
    moved = busy.get("/api/actors/caritasverband-musterstadt/receives?limit=3")
    assert (moved.status_code, moved.headers["location"]) == (301, "/api/actors/caritas-musterstadt/receives?limit=3")
    named = busy.get(f"/api/actors/stadt-viel?release={page['release']['id']}").json()["gives"]
    assert f"release={page['release']['id']}" in named["next"] and f"release={page['release']['id']}" in named["csv"]


def test_a_place(many: TestClient) -> None:
    place = many.get("/api/places/halberstadt").json()
    assert [each["id"] for each in place["lies_in"]][-3:] == ["country-de", "europe", "world"]
    assert many.get(place["page"]).status_code == 200


def test_search(many: TestClient) -> None:
    for text in ("Fluechtlingsrat Niedersachsen", "flüchtlingsrat niedersachsen", "niedersachsen FLUCHTLINGSRAT"):
        items = many.get("/api/search", params={"q": text, "kind": "actor"}).json()["items"]
        assert "Flüchtlingsrat Niedersachsen" in [item["label"] for item in items]
    found = many.get("/api/search?q=netz&limit=3").json()
    assert len(found["items"]) == 3 and found["more"]
    german = many.get("/api/search?q=labour market&kind=concept&lang=de").json()["items"]
    assert "Arbeitsmarkt" in [item["label"] for item in german]
    rows = rows_of(many.get("/api/search.csv?q=netz&limit=3").text)
    assert [row["iri"] for row in rows] == [item["iri"] for item in found["items"]]


def test_the_index_leads_everywhere(client: TestClient) -> None:
    index = client.get("/api").json()
    for address in (*index["lists"].values(), index["questions"], index["openapi"]):
        assert client.get(address).status_code == 200


# ---------------------------------------------------------------------------------------------------------------------
# Questions


def test_questions_are_listed(client: TestClient) -> None:
    listed = client.get("/questions").json()
    assert [item["id"] for item in listed["items"]] == sorted(load_questions())
    page = client.get("/questions?lang=de", headers=HTML)
    assert all(f"/questions/{name}?" in page.text for name in load_questions())
    assert len(rows_of(client.get("/questions.csv").text)) == listed["total"]


@pytest.mark.parametrize("name", sorted(load_questions()))
def test_every_question_is_answered_in_every_form(client: TestClient, golden: Built, name: str) -> None:
    question = load_questions()[name]
    examples = {"network": "alpha", "actor": "caritas-musterstadt", "place": "musterstadt"}
    # Defaults of the questions name things of the whole collection; the golden release has few of them.
    given = {each.name: examples[each.type] for each in question.parameters if each.type in examples}
    given |= {each.name: "DE" for each in question.parameters if each.type == "country"}
    answer = client.get(f"/questions/{name}", params=given).json()
    expected = question.ask(golden.release.store(), given, base_iri=golden.release.base_iri)
    assert answer["columns"] == list(expected.variables)
    assert answer["total"] == len(answer["rows"]) == len(expected)
    table = list(csv.reader(io.StringIO(client.get(f"/questions/{name}.csv", params=given).text, newline="")))
    assert table[0] == answer["columns"] and len(table) == answer["total"] + 1
    page = client.get(f"/questions/{name}", params={**given, "lang": "de"}, headers=HTML)
    assert page.status_code == 200 and question.titles["de"] in page.text.replace("&#34;", '"').replace("&#39;", "'")
    assert page.text.count("<tr>") == (answer["total"] + 1 if answer["total"] else 0)


def test_rows_are_typed(many: TestClient) -> None:
    answer = many.get("/questions/actors-in-several-networks").json()
    assert all(isinstance(row["networks"], int) and row["networks"] > 1 for row in answer["rows"])


def test_the_page_of_a_question_shows_form_query_and_problem(client: TestClient) -> None:
    page = client.get("/questions/activities-funded-by?category=municipal&lang=de", headers=HTML).text
    assert '<option value="municipal" selected>' in page and "SELECT ?category" in page
    assert "/questions/activities-funded-by.csv?category=municipal" in page
    wrong = client.get("/questions/activities-funded-by?category=%3Cb%3E", headers=HTML)
    assert wrong.status_code == 422 and "<b>" not in wrong.text and "&lt;b&gt;" in wrong.text
    empty = client.get("/questions/activities-funded-by?category=&lang=en", headers=HTML)
    assert empty.status_code == 200 and '<option value="federal" selected>' in empty.text


def test_pages_have_no_script_and_no_style_in_them(client: TestClient) -> None:
    for path in ("/questions", "/questions/coordinators"):
        text = client.get(path, headers=HTML).text
        assert set(re.findall(r"<script[^>]*>", text)) == {'<script type="module" src="/static/built/suggest.js">'}
        assert "</script>" in text and not re.search(r"<script[^>]*>[^<]", text)  # a file of ours, nothing inline
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text)


def test_cells_that_look_like_formulas_are_harmless() -> None:
    answer = api.rows_as_csv(["a"], [["=1+1"], [-1], [None], [True]], "x")
    assert bytes(answer.body).decode().split("\r\n") == ["a", "'=1+1", "-1", '""', "true", ""]


# ---------------------------------------------------------------------------------------------------------------------
# The description


@pytest.fixture(scope="module")
def described(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/openapi.json").json()
    return found


def conforms(described: dict[str, Any], path: str, body: Any) -> None:
    schema = described["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.Draft202012Validator({**schema, "components": described["components"]}).validate(body)


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/api", "/api"),
        ("/api/networks", "/api/networks?limit=500"),
        ("/api/networks/{name}", f"/api/networks/{HALBERSTADT}"),
        ("/api/networks/{name}", "/api/networks/a-misura-di-bambino-corciano"),
        ("/api/actors", "/api/actors?limit=500"),
        ("/api/actors/{name}", "/api/actors/land-vorarlberg"),
        ("/api/actors/{name}/gives", "/api/actors/land-vorarlberg/gives?limit=500"),
        ("/api/actors/{name}/receives", "/api/actors/soziokulturelles-zentrum-zora/receives"),
        ("/api/funders", "/api/funders?limit=500"),
        ("/api/places", "/api/places?limit=500"),
        ("/api/places/{name}", "/api/places/halberstadt"),
        ("/api/vocabularies", "/api/vocabularies"),
        ("/api/vocabularies/{name}", "/api/vocabularies/field?limit=500"),
        ("/api/search", "/api/search?q=net&limit=100"),
        ("/questions", "/questions"),
        ("/questions/{name}", "/questions/actors-by-country"),
    ],
)
def test_answers_are_as_described(many: TestClient, described: dict[str, Any], path: str, address: str) -> None:
    conforms(described, path, many.get(address).json())


def test_the_description_names_everything(described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.1")
    own = {getattr(route, "path", "") for route in api.router.routes if getattr(route, "include_in_schema", False)}
    assert own <= set(described["paths"])  # those of other rooms: test_description
    for path in own:
        operations = described["paths"][path]
        assert set(operations) == {"get"}
        operation = operations["get"]
        refusals = {
            code
            for code, told in operation["responses"].items()
            if "application/problem+json" in told.get("content", {})
        }
        assert {"400", "404", "406", "422", "429", "503"} <= refusals, path
        if "cursor" in [each["name"] for each in operation["parameters"]]:
            assert "409" in refusals
    for name, found in LISTS.items():
        path = "/api/vocabularies/{name}" if name == "concepts" else f"/api/{name}"
        told = {each["name"] for each in described["paths"][path]["get"]["parameters"]}
        assert {*found.parameters, "limit", "cursor", "format", "release"} <= told


def test_the_page_on_the_api_names_everything() -> None:
    text = (ROOT / "docs" / "api.md").read_text("utf-8")
    for found in LISTS.values():
        for name in (*found.parameters, *found.sorts):
            assert f"`{name}`" in text, name
    for route in api.router.routes:
        path = getattr(route, "path", "")
        if getattr(route, "include_in_schema", False):
            assert f"`{path}`" in text, path


def test_problems_of_the_framework_are_in_our_form(client: TestClient) -> None:
    error = RequestValidationError([{"loc": ("query", "x"), "msg": "Input should be a valid integer", "type": "int"}])
    request = Request({"type": "http", "method": "GET", "path": "/api", "query_string": b"", "headers": []})
    answer = asyncio.run(api.answer_validation_error(request, error))
    problem = json.loads(bytes(answer.body))
    assert answer.status_code == 422 and "query.x" in problem["detail"]
