"""The reconciliation service over HTTP: every answer fits its schema, and whatever is asked gets a clear one."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from integgraph.release import open_release
from integgraph.settings import Settings
from integgraph.web.app import Application, create_app
from tests.conftest import GOLDEN, build_release
from tests.web import reconcile_schemas as schemas
from tests.web.reconcile_schemas import valid

PATH, DRAFT = "/reconcile", "/reconcile/1.0"
BASE = "https://w3id.org/integgraph/id/"
CARITAS, ALPHA, TOWN = f"{BASE}actor/caritas-musterstadt", f"{BASE}network/alpha", f"{BASE}place/musterstadt"
MERGED = f"{BASE}actor/caritasverband-musterstadt"
HOUSING = "https://w3id.org/integgraph/vocabulary/field/housing"


def batch(client: TestClient, queries: Any, **headers: str) -> dict[str, Any]:
    answer = client.post(PATH, data={"queries": json.dumps(queries)}, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = valid(schemas.BATCH, answer.json())
    return found


def one(client: TestClient, query: Any, **headers: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = batch(client, {"q": query}, **headers)["q"]["result"]
    return found


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [each["id"] for each in found]


def draft(client: TestClient, *queries: Any) -> list[dict[str, Any]]:
    answer = client.post(f"{DRAFT}/match", json={"queries": list(queries)})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = valid(schemas.DRAFT_BATCH, answer.json())["results"]
    return found


def named(text: str) -> dict[str, Any]:
    return {"matchType": "name", "propertyValue": text}


def of(property: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"matchType": "property", "propertyId": property, "propertyValue": value, **more}


def refused(answer: Any, status: int, *words: str) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    detail: str = valid(schemas.PROBLEM, answer.json())["detail"]
    assert all(word in detail for word in words), detail
    return detail


# -- manifests


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_manifests_say_what_there_is(client: TestClient, language: str) -> None:
    headers = {"accept-language": language}
    stable = client.get(PATH, headers=headers)
    found = valid(schemas.MANIFEST, stable.json())
    assert found["versions"] == ["0.1", "0.2"] and stable.headers["content-language"] == language
    assert [each["id"] for each in found["defaultTypes"]] == ["actor", "network", "place", "funder"]
    assert found["defaultTypes"][2]["name"] == {"en": "Place", "de": "Ort"}[language]
    later = valid(schemas.DRAFT_MANIFEST, client.get(DRAFT, headers=headers).json())
    assert later["lang"] == language and later["batchSize"] == found["batchSize"] == 500
    assert client.get(f"{PATH}/").json()["view"] == client.get(PATH).json()["view"]  # a slash at the end does no harm
    again = client.get(PATH, headers={**headers, "if-none-match": stable.headers["etag"]})
    assert again.status_code == 304


def test_the_addresses_of_the_manifest_lead_somewhere(client: TestClient) -> None:
    found = client.get(PATH).json()
    start = "http://testserver"
    view = client.get(found["view"]["url"].replace("{{id}}", quote(CARITAS, safe="")).removeprefix(start))
    assert (view.status_code, view.headers["location"]) == (303, "/actors/caritas-musterstadt")
    assert client.get(found["preview"]["url"].replace("{{id}}", quote(CARITAS, safe=""))).status_code == 200
    for what, id in (("entity", CARITAS), ("type", "actor"), ("property", "places")):
        service = found["suggest"][what]
        assert client.get(service["service_url"] + service["service_path"], params={"prefix": "a"}).status_code == 200
        path = service["flyout_service_path"].replace("${id}", quote(id, safe=""))
        flyout = client.get(service["flyout_service_url"] + path)
        assert valid(schemas.FLYOUT, flyout.json())["id"] == id
    proposal = found["extend"]["propose_properties"]
    assert client.get(proposal["service_url"] + proposal["service_path"]).status_code == 200
    later = client.get(DRAFT).json()
    view = client.get(later["view"]["url"].replace("{id}", quote(CARITAS, safe="")))
    assert view.headers["location"] == "/actors/caritas-musterstadt"
    assert client.get(f"{DRAFT}/preview", params={"id": CARITAS}).status_code == 200
    assert client.get(found["logo"]).status_code == client.get(found["documentation"]).status_code == 200


# -- queries


def test_names_are_matched_however_they_are_spelled(client: TestClient) -> None:
    for name in ("Caritas Musterstadt", "CARITAS MUSTERSTADT e. V.", "Musterstadt, Caritas", "Carittas Musterstadt"):
        found = one(client, {"query": name, "type": "actor"})
        assert (found[0]["id"], found[0]["match"]) == (CARITAS, True), name
        assert {each["id"] for each in found[0]["features"]} >= {"name", "place"}
    assert not any(each["match"] for each in one(client, {"query": "Caritas Esempio", "type": "actor"}))


def test_every_type_is_served(client: TestClient) -> None:
    queries = {
        "actor": ("Comune di Esempio", f"{BASE}actor/comune-esempio"),
        "network": ("Alpha Netzwerk", ALPHA),
        "place": ("Saxony-Anhalt", f"{BASE}place/nuts-dee"),
        "funder": ("Land Beta", f"{BASE}actor/land-beta"),
        "field": ("Wohnen", HOUSING),
        "legal-form": ("e.V.", "https://w3id.org/integgraph/vocabulary/legal-form/eingetragener-verein"),
    }
    found = batch(client, {kind: {"query": name, "type": kind} for kind, (name, _) in queries.items()})
    assert {kind: found[kind]["result"][0]["id"] for kind in queries} == {kind: id for kind, (_, id) in queries.items()}
    for kind, each in found.items():
        assert all(kind in [type["id"] for type in candidate["type"]] for candidate in each["result"])
    assert ids(one(client, {"query": "Musterstadt"}))[0] == TOWN  # without a type all are looked at
    suggested = client.get(f"{PATH}/suggest/type", params={"prefix": "", "limit": 100}).json()["result"]
    assert {each["id"] for each in suggested} >= {*queries, "role", "sector", "target-group"}


def test_types_may_be_several_and_strict(client: TestClient) -> None:
    both = one(client, {"query": "Netzwerk Beta", "type": ["network", "place"]})
    assert ids(both)[0] == f"{BASE}network/beta"
    strict = {"query": "Land Beta", "type": ["actor", "funder"], "type_strict": "all"}
    assert ids(one(client, strict)) == [f"{BASE}actor/land-beta"]
    assert one(client, {"query": "Netzwerk Beta", "type": [{"id": "network", "name": "Network"}]})
    by_iri = {"query": "Wohnen", "type": "https://w3id.org/integgraph/vocabulary/field"}
    assert ids(one(client, by_iri))[0] == HOUSING


def test_properties_speak_for_and_against(client: TestClient) -> None:
    plain = one(client, {"query": "Caritas", "type": "actor"})
    here = one(client, {"query": "Caritas", "type": "actor", "properties": [{"pid": "places", "v": "Musterstadt"}]})
    there = one(
        client,
        {"query": "Caritas", "type": "actor", "properties": [{"pid": "places", "v": {"id": f"{BASE}place/esempio"}}]},
    )
    score = {
        name: found[0]["score"] if found else 0.0
        for name, found in (("plain", plain), ("here", here), ("there", there))
    }
    assert score["here"] > score["plain"] > score["there"]
    terms = one(
        client, {"query": "Musterstadt", "type": "place", "properties": [{"p": "countries", "v": "DE"}]}
    )  # as in 0.1
    assert {"id": "property:countries", "value": 1.0} in terms[0]["features"]
    alone = one(
        client, {"properties": [{"pid": "places", "v": "Sachsen-Anhalt"}, {"pid": "sectors", "v": "Wohlfahrtsverband"}]}
    )
    assert (ids(alone)[0], alone[0]["match"]) == (CARITAS, False)


def test_limits_are_kept(client: TestClient) -> None:
    assert len(one(client, {"query": "Musterstadt", "limit": 1})) == 1
    assert len(one(client, {"query": "Musterstadt", "limit": 10**9})) > 1


def test_a_query_may_be_an_identifier(client: TestClient) -> None:
    for id in (CARITAS, "actor/caritas-musterstadt", "actor:caritas-musterstadt"):
        found = one(client, {"query": id})
        assert [(each["id"], each["match"]) for each in found] == [(CARITAS, True)]
    assert ids(one(client, {"query": "concept:field/housing"})) == [HOUSING]
    assert not one(client, {"query": f"{BASE}actor/nobody"})


def test_answers_are_in_the_language_of_the_client(client: TestClient) -> None:
    for language, name in (("de", "Wohnen"), ("en", "Housing"), ("fr", "Housing")):
        (found, *_) = one(client, {"query": "housing", "type": "field"}, **{"accept-language": language})
        assert found["name"] == name


def test_a_batch_of_many_parts_keeps_its_order(client: TestClient) -> None:
    names = ["Caritas Musterstadt", "Netzwerk Alpha", "Esempio"]
    found = batch(client, {f"k{number}": {"query": names[number % 3], "limit": 1} for number in range(200)})
    assert list(found) == [f"k{number}" for number in range(200)]
    assert all(found[f"k{number}"] == found[f"k{number % 3}"] for number in range(200))


def test_get_and_post_say_the_same(client: TestClient) -> None:
    queries = {"ä": {"query": "Caritas Musterstadt"}}
    got = client.get(PATH, params={"queries": json.dumps(queries)})
    assert got.json() == batch(client, queries)
    assert client.head(PATH).status_code == 200 and not client.head(PATH).content


# -- 0.1


def test_clients_of_the_first_version_are_served(client: TestClient) -> None:
    plain = client.get(PATH, params={"query": "Caritas Musterstadt"})
    assert valid(schemas.RESULT, plain.json())["result"][0]["id"] == CARITAS
    query = {"query": "Caritas Musterstadt", "type": "actor", "type_strict": "any", "limit": 2}
    assert valid(schemas.RESULT, client.get(PATH, params={"query": json.dumps(query)}).json())["result"][0]["match"]


def test_a_function_may_be_called(client: TestClient) -> None:
    for path, params in (
        (PATH, {}),
        (PATH, {"query": "Caritas"}),
        (PATH, {"queries": '{"q0": {"query": "Caritas"}}'}),
        (f"{PATH}/suggest/entity", {"prefix": "car"}),
        (f"{PATH}/flyout/entity", {"id": CARITAS}),
        (f"{PATH}/properties", {"type": "actor"}),
    ):
        plain = client.get(path, params=params)
        called = client.get(path, params={**params, "callback": "jQuery123_4.done"})
        body = re.fullmatch(r"/\*\*/jQuery123_4\.done\((.*)\);", called.text, re.DOTALL)
        assert body and json.loads(body[1]) == plain.json()
        assert called.headers["content-type"].partition(";")[0] == "application/javascript"
        assert called.headers["x-content-type-options"] == "nosniff"
        assert called.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "name", ["", "alert(1)//", "a b", "<script>", "a\u2028b", "ä", "1a", ".a", "a" * 101, "a.b.c.d.e.f"]
)
def test_only_names_of_functions_are_called(client: TestClient, name: str) -> None:
    refused(client.get(PATH, params={"query": "Caritas", "callback": name}), 422, "callback")


def test_functions_are_called_by_get_and_before_the_draft_only(client: TestClient) -> None:
    refused(client.post(PATH, data={"query": "Caritas", "callback": "f"}), 422, "GET")
    assert client.get(DRAFT, params={"callback": "f"}).headers["content-type"] == "application/json"


# -- the draft of 1.0


def test_the_draft_matches(client: TestClient) -> None:
    query = {"type": "actor", "limit": 2, "conditions": [named("Carittas Musterstadt")]}
    found = draft(client, query, {"conditions": [named("Netzwerk Alpha")]}, {"conditions": [named("x" * 1001)]})
    assert found[0]["candidates"][0]["id"] == CARITAS and found[0]["candidates"][0]["match"]
    assert found[1]["candidates"][0]["id"] == ALPHA
    assert found[2]["candidates"] == [] and "1,001" in found[2]["error"]["detail"]
    several = draft(client, {"conditions": [{"matchType": "name", "propertyValue": ["Nobody", "Netzwerk Alpha"]}]})
    assert several[0]["candidates"][0]["id"] == ALPHA and several[0]["candidates"][0]["match"]
    assert "names" in found[0]["candidates"][0]["features"][0]["name"]


def test_the_draft_filters(client: TestClient) -> None:
    here, there = of("places", "Musterstadt"), of("places", "Esempio")
    name = named("Caritas Musterstadt")

    def ask(*conditions: Any) -> list[str]:
        return ids(draft(client, {"type": "actor", "conditions": [name, *conditions]})[0]["candidates"])

    assert CARITAS in ask({**here, "required": True}) and CARITAS not in ask({**there, "required": True})
    assert CARITAS in ask(of("places", ["Esempio", TOWN], required=True))
    assert CARITAS not in ask(of("places", ["Esempio", TOWN], required=True, matchQuantifier="all"))
    assert CARITAS in ask(of("places", "Esempio", required=True, matchQuantifier="none"))
    assert CARITAS in ask(of("places", {"id": f"{BASE}place/country-de"}, required=True))  # it lies there
    alone = draft(client, {"conditions": [of("nuts", "DEE", required=True)]})[0]["candidates"]
    assert ids(alone) == [f"{BASE}place/nuts-dee"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({}, "conditions"),
        ({"conditions": []}, "conditions"),
        ({"query": "Caritas"}, "conditions"),
        ([], "object"),
        ({"conditions": [{"propertyValue": "Caritas"}]}, "matchType"),
        ({"conditions": [named("a")] * 6}, "6 names"),
        ({"conditions": [{**named("a"), "matchQuantifier": "all"}]}, "any"),
        ({"conditions": [{"matchType": "property", "propertyValue": 1}]}, "propertyId"),
        ({"conditions": [of("places", "x", matchQualifier="skos:exactMatch")]}, "matchQualifier"),
        ({"conditions": [of("places", "x", matchQuantifier="some")]}, "any, all, none"),
        ({"conditions": [of("places", "x", required="yes")]}, "required"),
        ({"conditions": [named("a")], "type": ["actor"]}, "one type"),
        ({"conditions": [of("founded_latest", "2020-01-01")]}, "alone"),
    ],
)
def test_a_draft_query_that_is_wrong_says_why(client: TestClient, query: Any, words: str) -> None:
    wrong, right = draft(client, query, {"conditions": [named("Netzwerk Alpha")]})
    assert wrong["candidates"] == [] and words in wrong["error"]["detail"]
    assert right["candidates"][0]["id"] == ALPHA


def test_the_draft_takes_json_only(client: TestClient) -> None:
    refused(client.post(f"{DRAFT}/match", data={"queries": "{}"}), 415, "application/json")
    refused(client.post(f"{DRAFT}/match", content=b"{", headers={"content-type": "application/json"}), 400, "JSON")
    refused(client.post(f"{DRAFT}/match", json={"queries": {}}), 422, "queries")
    refused(client.post(f"{DRAFT}/extend", json=[]), 422, "ids")
    refused(client.get(f"{DRAFT}/match"), 405, "GET")


# -- suggestions


def test_entities_are_suggested_as_one_types(client: TestClient) -> None:
    def suggest(**params: Any) -> list[str]:
        answer = client.get(f"{PATH}/suggest/entity", params=params)
        return ids(valid(schemas.SUGGESTED_ENTITIES, answer.json())["result"])

    assert CARITAS in suggest(prefix="carit") and TOWN in suggest(prefix="muster")
    assert suggest(prefix=CARITAS)[0] == suggest(prefix="actor:caritas-musterstadt")[0] == CARITAS
    assert suggest(prefix=MERGED)[0] == CARITAS
    assert suggest(prefix="land", type="funder") == [f"{BASE}actor/land-beta"]
    assert HOUSING in suggest(prefix="wohn", type="field") and HOUSING not in suggest(prefix="wohn", type="actor")
    first, more = suggest(prefix="", limit=3), suggest(prefix="", limit=3, offset=2)
    assert len(first) == 3 and first[2] == more[0]
    assert suggest(prefix="", limit=3, cursor=2) == more
    later = client.get(f"{DRAFT}/suggest/entity", params={"prefix": "carit"})
    assert CARITAS in ids(valid(schemas.SUGGESTED_ENTITIES, later.json())["result"])


def test_types_and_properties_are_suggested(client: TestClient) -> None:
    def suggest(what: str, **params: Any) -> list[str]:
        found = client.get(f"{PATH}/suggest/{what}", params=params, headers={"accept-language": "de"}).json()
        return ids(valid(schemas.SUGGESTED, found)["result"])

    assert suggest("type", prefix="netz")[0] == "network" and "network-type" in suggest("type", prefix="netz")
    assert suggest("type", prefix="funder") == ["funder", "funder-category"]
    assert suggest("property", prefix="rechtsf") == ["legal_forms"]
    assert "within" not in suggest("property", prefix="", type="actor", limit=100)
    assert "seat" in suggest("property", prefix="", type="network", limit=100)


@pytest.mark.parametrize("path", ["/suggest/everything", "/flyout/nothing", "/nowhere"])
def test_there_is_no_other_address(client: TestClient, path: str) -> None:
    refused(client.get(PATH + path), 404)


@pytest.mark.parametrize("params", [{"cursor": "x"}, {"limit": "0"}, {"limit": "-1"}, {"type": "nothing"}])
def test_what_is_wrong_with_a_suggestion_is_said(client: TestClient, params: dict[str, str]) -> None:
    refused(client.get(f"{PATH}/suggest/entity", params={"prefix": "a", **params}), 422)


# -- data extension


def extend(client: TestClient, ids: list[str], *properties: str, **settings: Any) -> dict[str, Any]:
    query = {
        "ids": ids,
        "properties": [{"id": each, **({"settings": settings} if settings else {})} for each in properties],
    }
    answer = client.post(PATH, data={"extend": json.dumps(query)})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = valid(schemas.EXTENSION, answer.json())
    got = client.get(PATH, params={"extend": json.dumps(query)}).json()
    assert got == found
    later = valid(schemas.DRAFT_EXTENSION, client.post(f"{DRAFT}/extend", json=query).json())
    same = {row["id"]: {each["id"]: each["values"] for each in row["properties"]} for row in later["rows"]}
    assert same == found["rows"] and later["meta"] == found["meta"]
    return found


def test_rows_are_extended(client: TestClient) -> None:
    found = extend(
        client, [CARITAS, ALPHA, TOWN, HOUSING], "places", "seat", "networks", "members_complete", "within", "id"
    )
    assert [each["id"] for each in found["meta"]] == ["places", "seat", "networks", "members_complete", "within", "id"]
    assert found["meta"][1]["type"] == {"id": "place", "name": "Place"}
    rows = found["rows"]
    assert rows[CARITAS]["places"] == [{"id": TOWN, "name": "Musterstadt"}] and rows[CARITAS]["seat"] == []
    assert rows[CARITAS]["networks"] == [{"int": 2}]
    assert rows[ALPHA]["seat"] == [{"id": TOWN, "name": "Musterstadt"}]
    assert rows[TOWN]["within"] == [{"id": f"{BASE}place/nuts-dee", "name": "Saxony-Anhalt"}]
    assert rows[HOUSING]["id"] == [{"str": "housing"}]


def test_the_states_of_an_answer_stay_apart(client: TestClient) -> None:
    beta = f"{BASE}network/beta"
    row = extend(client, [beta], "official_name", "official_name_state", "founded", "founded_state")["rows"][beta]
    assert row["official_name"] == [] and row["official_name_state"] == [{"str": "stated-none"}]
    assert row["founded"] == [] and row["founded_state"] == [{"str": "unreadable"}]


def test_how_many_values_may_be_set(client: TestClient) -> None:
    whole = extend(client, [ALPHA], "members")["rows"][ALPHA]["members"]
    assert len(whole) > 1 and extend(client, [ALPHA], "members", limit=1)["rows"][ALPHA]["members"] == whole[:1]
    assert extend(client, [ALPHA], "members", limit="0")["rows"][ALPHA]["members"] == whole


@pytest.mark.parametrize(
    ("query", "status", "word"),
    [
        ("{", 400, "JSON"),
        ("[]", 422, "ids"),
        ('{"ids": "a", "properties": []}', 422, "ids"),
        ('{"ids": [1], "properties": []}', 422, "ids"),
        ('{"ids": [], "properties": ["places"]}', 422, "property"),
        ('{"ids": [], "properties": [{"id": "nothing"}]}', 422, "nothing"),
        ('{"ids": [], "properties": [{"id": "place"}]}', 422, "places"),
        ('{"ids": [], "properties": [{"id": "places", "settings": {"order": 1}}]}', 422, "limit"),
        ('{"ids": [], "properties": [{"id": "places", "settings": {"limit": -1}}]}', 422, "limit"),
        (json.dumps({"ids": ["a"] * 501, "properties": []}), 413, "501"),
        (json.dumps({"ids": [], "properties": [{"id": "places"}] * 101}), 422, "101"),
    ],
)
def test_an_extension_that_is_wrong_says_why(client: TestClient, query: str, status: int, word: str) -> None:
    refused(client.post(PATH, data={"extend": query}), status, word)


def test_properties_are_proposed(client: TestClient) -> None:
    found = valid(schemas.PROPOSED, client.get(f"{PATH}/properties", params={"type": "actor", "limit": 3}).json())
    assert found["type"] == "actor" and found["limit"] == 3 and len(found["properties"]) == 3
    whole = valid(schemas.PROPOSED, client.get(f"{DRAFT}/extend/propose", params={"type": "network"}).json())
    names = [each["id"] for each in whole["properties"]]
    assert "seat" in names and names.index("seat") < names.index("seat_state")
    refused(client.get(f"{PATH}/properties", params={"type": "nothing"}), 422, "nothing")


# -- previews


def test_a_preview_stands_in_a_frame(client: TestClient) -> None:
    answer = client.get(f"{PATH}/preview", params={"id": CARITAS}, headers={"accept-language": "de"})
    assert (
        answer.status_code == 200
        and "<h1>Caritas Musterstadt</h1>" in answer.text
        and "Wohlfahrtsverband" in answer.text
    )
    assert "frame-ancestors *" in answer.headers["content-security-policy"]
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text and "style=" not in answer.text
    page = {"accept": "text/html,*/*;q=0.8"}
    unknown = client.get(f"{PATH}/preview", params={"id": "<script>alert(1)</script>"}, headers=page)
    assert unknown.status_code == 404 and "<script" not in unknown.text
    refused(client.get(f"{PATH}/preview"), 400, "id")
    refused(client.get(f"{PATH}/preview", params={"id": "x" * 2001}), 413)


def test_a_flyout_is_harmless(client: TestClient) -> None:
    html = client.get(f"{PATH}/flyout/entity", params={"id": CARITAS}).json()["html"]
    assert html.startswith("<p><strong>Caritas Musterstadt</strong></p>")
    refused(client.get(f"{PATH}/flyout/entity", params={"id": "actor/nobody"}), 404)
    refused(client.get(f"{PATH}/flyout/type", params={"id": "nothing"}), 422, "nothing")


# -- what was merged or withdrawn


def test_what_was_merged_answers_with_what_it_became(client: TestClient) -> None:
    (found,) = one(client, {"query": MERGED})
    assert (found["id"], found["match"]) == (CARITAS, True) and "Caritas Musterstadt" in found["description"]
    rows = extend(client, [MERGED, "actor:caritasverband-musterstadt"], "id", "standing", "replaced_by")["rows"]
    for row in rows.values():
        assert row["id"] == [{"str": "caritas-musterstadt"}] and row["standing"] == [{"str": "merged"}]
        assert row["replaced_by"] == [{"id": CARITAS, "name": "Caritas Musterstadt"}]
    assert extend(client, [CARITAS], "standing", "replaced_by")["rows"][CARITAS] == {
        "standing": [{"str": "current"}],
        "replaced_by": [],
    }
    shown = client.get(f"{PATH}/preview", params={"id": MERGED, "lang": "de"})
    assert shown.status_code == 200 and "steht heute für" in shown.text
    assert client.get(f"{PATH}/view", params={"id": MERGED}).headers["location"] == "/actors/caritas-musterstadt"
    # Its names find what it became, and nothing else bears them.
    assert ids(one(client, {"query": "Caritasverband Musterstadt e.V.", "type": "actor"}))[0] == CARITAS


@pytest.fixture(scope="module")
def withdrawing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server over the second of two releases: its data lacks one network of the first."""
    data = Path(shutil.copytree(GOLDEN, tmp_path_factory.mktemp("reconcile") / "data"))
    build_release(data, data.parent / "out")
    (data / "profiles" / "gamma.yaml").unlink()
    second = build_release(data, data.parent / "out")
    with TestClient(create_app(second.release, Settings()), follow_redirects=False) as client:
        yield client


def test_what_was_withdrawn_is_not_offered_and_says_so(withdrawing: TestClient) -> None:
    gamma = f"{BASE}network/gamma"
    assert gamma not in ids(one(withdrawing, {"query": "Rete Gamma"}))
    found = batch(withdrawing, {"gone": {"query": gamma}, "here": {"query": "Netzwerk Alpha"}})
    assert found["gone"]["result"] == [] and "withdrawn" in found["gone"]["error"]["detail"]
    assert ids(found["here"]["result"])[0] == ALPHA
    extended = extend(withdrawing, [gamma, ALPHA, "actor/nobody"], "standing", "label")
    assert extended["rows"][gamma] == {"standing": [{"str": "withdrawn"}], "label": []}
    assert extended["rows"]["actor/nobody"] == {"standing": [{"str": "unknown"}], "label": []}
    assert extended["rows"][ALPHA]["label"] == [{"str": "Netzwerk Alpha"}]
    assert "Rete Gamma" in extended["errors"][gamma]["detail"] and set(extended["errors"]) == {gamma, "actor/nobody"}
    shown = withdrawing.get(f"{PATH}/preview", params={"id": gamma, "lang": "de"}, headers={"accept": "text/html"})
    assert shown.status_code == 410 and "zurückgezogen" in shown.text and "Rete Gamma" in shown.text
    refused(withdrawing.get(f"{PATH}/preview", params={"id": gamma}), 410, "withdrawn")
    assert gamma not in ids(withdrawing.get(f"{PATH}/suggest/entity", params={"prefix": "rete"}).json()["result"])
    refused(withdrawing.get(f"{PATH}/flyout/entity", params={"id": gamma}), 410, "withdrawn")


def test_names_are_read_when_somebody_asks_and_again_when_a_release_is_swapped_in(tmp_path: Path) -> None:
    data = Path(shutil.copytree(GOLDEN, tmp_path / "data"))
    first = build_release(data, tmp_path / "out")
    with TestClient(create_app(open_release(tmp_path / "out"), Settings()), follow_redirects=False) as client:
        assert client.get("/sparql", params={"query": "ASK {}"}).status_code == 200
        sites = cast(Application, client.app).state.sites
        assert not sites.current.reconciling.begun, "who asks in SPARQL pays nothing"
        assert ids(one(client, {"query": "Rete Gamma"}))[0] == f"{BASE}network/gamma"
        (data / "profiles" / "gamma.yaml").unlink()
        second = build_release(data, tmp_path / "out")
        end = time.monotonic() + 20
        while client.get("/health?live=1").headers["integgraph-release"] != second.release.id:
            assert time.monotonic() < end, "the release is not swapped in"
            time.sleep(0.05)
        assert sites.current.reconciling.begun
        assert f"{BASE}network/gamma" not in ids(one(client, {"query": "Rete Gamma"}))
        older = client.get(PATH, params={"query": "Rete Gamma", "release": first.release.id})
        assert ids(older.json()["result"])[0] == f"{BASE}network/gamma"


# -- bad input

GOOD = {"query": "Netzwerk Alpha", "type": "network"}
WRONG: dict[str, Any] = {
    "empty": {"query": ""},
    "blank": {"query": " \t\n\u2028"},
    "long": {"query": "x" * 100_000},
    "no query": {},
    "nothing": None,
    "number": 7,
    "list": ["Zora"],
    "name is a number": {"query": 7},
    "type": {"query": "a", "type": "nothing"},
    "type is a number": {"query": "a", "type": 7},
    "strict": {"query": "a", "type_strict": "very"},
    "property": {"query": "a", "properties": [{"pid": "nothing", "v": 1}]},
    "property without id": {"query": "a", "properties": [{"v": 1}]},
    "property is a text": {"query": "a", "properties": ["places"]},
    "properties are a text": {"query": "a", "properties": "places"},
    "value is an object": {"query": "a", "properties": [{"pid": "places", "v": {"name": "x"}}]},
    "value is missing": {"query": "a", "properties": [{"pid": "places"}]},
    "long value": {"query": "a", "properties": [{"pid": "places", "v": "x" * 1001}]},
    "many values": {"query": "a", "properties": [{"pid": "places", "v": ["x"] * 51}]},
    "many properties": {"query": "a", "properties": [{"pid": "places", "v": "x"}] * 21},
    "limit": {"query": "a", "limit": 0},
    "limit is a truth": {"query": "a", "limit": True},
    "limit is a text": {"query": "a", "limit": "many"},
}


def test_what_is_wrong_with_a_query_spoils_no_other(client: TestClient) -> None:
    found = batch(client, {**WRONG, "good": GOOD})
    for name in WRONG:
        assert found[name]["result"] == [] and found[name]["error"]["detail"][-1] in ".?", name
    assert ids(found["good"]["result"])[0] == ALPHA and "error" not in found["good"]


ODD = [
    "…!?", "'", '"', "\\", "' OR '1'='1", "{{id}}", "<b>Caritas</b>", "\u202eCaritas\u202c", "جمعية كاريتاس", "א\u05b8",
    "e\u0301\u0301\u0301" * 240, "Cari\u0300tas", "\u0000", "\ud800", "🧡" * 250, "a" * 1000, " ".join("abcdefgh" * 60),
    "%s%n", "${jndi:x}", "a\u2028b", "e.V.", "1", "-", "actor:", ":", "https://", BASE, f"{BASE}actor/", f"{BASE}../x",
]  # fmt: skip


def test_odd_names_get_an_answer(client: TestClient) -> None:
    found = batch(client, {f"q{number}": {"query": name} for number, name in enumerate(ODD)})
    assert len(found) == len(ODD) and not any("error" in each for each in found.values())
    assert batch(client, {"\ud800\"\\'": GOOD})["\ud800\"\\'"]["result"]
    for name in ODD:
        if name == "\ud800":
            continue  # no address can spell it
        for path in ("suggest/entity", "suggest/type", "suggest/property"):
            assert client.get(f"{PATH}/{path}", params={"prefix": name}).status_code == 200


@pytest.mark.parametrize(
    ("fields", "status", "word"),
    [
        ({"queries": "{"}, 400, "character 2"),
        ({"queries": ""}, 400, "JSON"),
        ({"queries": "NaN"}, 400, "JSON"),
        ({"queries": "[" * 100_000}, 400, "deep"),
        ({"queries": "1" * 10_000}, 400, "JSON"),
        ({"queries": "[]"}, 422, "object"),
        ({"queries": "7"}, 422, "object"),
        ({"query": "{"}, 400, "JSON"),
        ({"queries": "{}", "extend": "{}"}, 400, "one thing"),
        ({"other": "x"}, 400, "Nothing was asked"),
        ({"queries": json.dumps({str(number): GOOD for number in range(10_000)})}, 413, "10,000"),
        ({"queries": json.dumps({"q": {"query": "x" * 2_000_000}})}, 413, "2,000,000"),
    ],
)
def test_what_is_no_batch_is_refused(client: TestClient, fields: dict[str, str], status: int, word: str) -> None:
    refused(client.post(PATH, data=fields), status, word)


def test_what_is_no_form_is_refused(client: TestClient) -> None:
    refused(client.post(PATH, json={"q0": GOOD}), 415, "/reconcile/1.0/match")
    form = {"content-type": "application/x-www-form-urlencoded"}
    refused(client.post(PATH, content=b"queries=%FF", headers=form), 400, "UTF-8")
    refused(client.post(PATH, content=b"&".join([b"a=1"] * 200), headers=form), 400, "parameters")
    refused(client.get(f"{PATH}?query=a&query=b"), 400, "more than once")
    refused(client.post(f"{PATH}?query=a", data={"query": "b"}), 400, "more than once")
    refused(client.put(PATH), 405, "PUT")
    assert batch(client, {}) == {}
    later = client.post(f"{DRAFT}/match", content=b'{"queries": [\xff]}', headers={"content-type": "application/json"})
    refused(later, 400, "JSON")


def test_the_size_of_a_batch_can_be_set(golden: Any) -> None:
    settings = replace(Settings(), reconcile_batch=2, reconcile_bytes=500)
    with TestClient(create_app(golden.release, settings)) as client:
        assert client.get(PATH).json()["batchSize"] == 2
        assert len(batch(client, {"a": GOOD, "b": GOOD})) == 2
        refused(client.post(PATH, data={"queries": json.dumps({"a": GOOD, "b": GOOD, "c": GOOD})}), 413, "3 queries")
        refused(client.post(f"{DRAFT}/match", json={"queries": ["x" * 600]}), 413, "500 bytes")


def test_pages_of_other_sites_may_ask(client: TestClient) -> None:
    asked = {"origin": "https://refine.example", "access-control-request-method": "POST"}
    for path in (PATH, f"{DRAFT}/match"):
        answer = client.options(path, headers={**asked, "access-control-request-headers": "content-type"})
        assert answer.status_code == 204 and "POST" in answer.headers["access-control-allow-methods"]
    assert client.get(PATH, headers=asked).headers["access-control-allow-origin"] == "*"
    assert "POST" in client.options(PATH).headers["allow"]
