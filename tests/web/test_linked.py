"""Linked data: from an IRI to its page or its data, and what happens to merged and missing things."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import isomorphic
from starlette.testclient import TestClient

from integgraph.build import Built
from integgraph.release import prune
from integgraph.settings import Settings
from integgraph.web.app import create_app
from integgraph.web.representations import REPRESENTATIONS
from tests.conftest import GOLDEN, build_release

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
        ("/id/network/alpha", "application/json", (303, "/networks/alpha.json")),
        ("/id/network/alpha.html", "text/turtle", (303, "/networks/alpha.html")),
        ("/id/network/alpha?lang=de&x=1", "text/html", (303, "/networks/alpha?lang=de")),
        (
            "/id/membership/alpha--2024-02.members-3d6ff2bd",
            "text/turtle",
            (303, "/statements/membership/alpha--2024-02.members-3d6ff2bd.ttl"),
        ),
        ("/id/actor/caritasverband-musterstadt?lang=de", "text/html", (301, "/id/actor/caritas-musterstadt?lang=de")),
        ("/actors/caritasverband-musterstadt.json?lang=de", "*/*", (301, "/actors/caritas-musterstadt.json?lang=de")),
        ("/id/network/alpha.xml", "text/html", (406, "")),
        ("/networks/alpha.xml", "*/*", (406, "")),
        ("/vocabulary/field/housing.xml", "*/*", (406, "")),
        ("/networks/alpha", "image/png", (406, "")),
        ("/ontology", "image/png", (406, "")),
        ("/ontology.xml", "*/*", (406, "")),
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
    ("path", "accept", "expected"),
    [
        ("/actors/beta", "text/html", (303, "/networks/beta")),
        ("/actors/beta", "text/turtle", (303, "/networks/beta")),
        ("/actors/beta.ttl", "*/*", (303, "/networks/beta.ttl")),
        ("/actors/beta.json?lang=de&x=1", "*/*", (303, "/networks/beta.json?lang=de")),
        ("/actors/beta-mitglied", "text/html", (301, "/networks/beta")),  # merged, so this is for good
        ("/actors/musterstadt", "text/html", (404, "")),  # a place is no actor
        ("/actors/alpha--2018-05", "text/html", (404, "")),  # nor is a profile
        ("/networks/caritas-musterstadt", "text/html", (404, "")),  # nor is an actor a network
        ("/actors/nobody-at-all", "text/html", (404, "")),
        ("/actors/beta", "image/png", (406, "")),
        ("/id/actor/beta", "text/turtle", (404, "")),  # nobody ever gave this IRI to anything
    ],
)
def test_a_network_is_found_among_the_actors(
    client: TestClient, path: str, accept: str, expected: tuple[int, str]
) -> None:
    assert location(client, path, accept) == expected


def test_a_network_among_the_actors_keeps_its_release(client: TestClient, golden: Built) -> None:
    found = location(client, f"/actors/beta.nt?release={golden.release.id}&lang=de", "*/*")
    assert found == (303, f"/networks/beta.nt?release={golden.release.id}&lang=de")
    assert client.get("/actors/beta?lang=de", headers=HTML, follow_redirects=True).status_code == 200


THINGS = (
    "/networks/alpha",
    "/actors/caritas-musterstadt",
    "/places/musterstadt",
    "/profiles/alpha--2018-05",
    "/vocabulary/field",
    "/vocabulary/field/housing",
    "/statements/membership/alpha--2024-02.members-3d6ff2bd",
    "/ontology",
)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # rdflib's own, in its JSON-LD
@pytest.mark.parametrize("path", THINGS)
def test_a_thing_says_the_same_in_every_format(client: TestClient, path: str) -> None:
    turtle = rdflib.Graph().parse(data=client.get(f"{path}.ttl").content, format="turtle")
    assert len(turtle) > 3
    for suffix, kind in (("nt", "nt"), ("rdf", "xml")):
        assert isomorphic(rdflib.Graph().parse(data=client.get(f"{path}.{suffix}").content, format=kind), turtle)
    document = client.get(f"{path}.jsonld").json()
    assert document["@context"] == "/context.jsonld"
    document["@context"] = client.get(document["@context"]).json()["@context"]  # never fetched by the parser
    assert isomorphic(rdflib.Graph().parse(data=json.dumps(document).encode(), format="json-ld"), turtle)
    again = client.get(f"{path}.nt")
    assert again.content == client.get(f"{path}.nt").content
    assert again.content.splitlines() == sorted(again.content.splitlines())


@pytest.mark.parametrize("path", THINGS)
@pytest.mark.parametrize("suffix", [each.suffix for each in REPRESENTATIONS.values()])
def test_every_representation_says_where_it_belongs(client: TestClient, path: str, suffix: str, golden: Built) -> None:
    answer = client.get(f"{path}.{suffix}")
    assert answer.status_code == 200
    media_type = answer.headers["content-type"].partition(";")[0]
    assert media_type == next(each.media_type for each in REPRESENTATIONS.values() if each.suffix == suffix)
    links = requests_links(answer.headers["link"])
    assert links["canonical"] == [path]
    assert links["license"] == [golden.release.manifest["licence"]]
    assert len(links["describedby"]) == 1
    described = links["describes"][0]
    assert described == golden_iri(path)
    others = {each.suffix for each in REPRESENTATIONS.values()} - {suffix}
    assert links["alternate"] == [f"{path}.{each.suffix}" for each in REPRESENTATIONS.values() if each.suffix in others]
    assert answer.headers["vary"] == "Accept, Accept-Language"
    known = client.get(f"{path}.{suffix}", headers={"if-none-match": answer.headers["etag"]})
    assert known.status_code == 304
    negotiated = client.get(path, headers={"accept": media_type})
    assert negotiated.content == answer.content or suffix == "html"  # its link to the other language leads back here
    assert negotiated.headers["content-location"] == f"{path}.{suffix}"


def requests_links(header: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for target, relation in re.findall(r'<([^>]*)>; rel="([^"]*)"', header):
        found.setdefault(relation, []).append(target)
    return found


def golden_iri(path: str) -> str:
    root = BASE.removesuffix("id/")
    first, _, rest = path.removeprefix("/").partition("/")
    if first in ("vocabulary", "ontology"):
        return root + path.removeprefix("/")
    return BASE + (rest if first == "statements" else f"{first.removesuffix('s')}/{rest}")


def test_json_ld_nests_the_statements_of_a_network(client: TestClient) -> None:
    document = client.get("/networks/alpha.jsonld").json()
    assert document["id"] == BASE + "network/alpha"
    members = document["members"]
    assert [each["actor"]["prefLabel"] for each in members if "prefLabel" in each["actor"]][:1] == [
        {"de": "Caritas Musterstadt"}
    ]
    assert members[0]["roles"][0]["role"]["prefLabel"]["en"] == "Member"
    assert document["stated_counts"][0]["min"] == 81
    assert {each["type"] for each in document["funding"]} == {"ig:FundingFlow"}
    absences = document["@reverse"]["ig:about"]
    assert {"ig:Absence"} == {each["type"] for each in absences}
    assert [each["sources"][0]["title"] for each in document["@reverse"]["ig:describes"]] == [
        {"de": "Alpha, erste Ausgabe"},
        {"de": "Alpha, zweite Ausgabe"},
    ]
    assert "@included" not in document
    assert list(document)[:5] == ["@context", "id", "type", "prefLabel", "official_name"]


def test_the_context_is_that_of_the_release_that_was_asked_for(client: TestClient, golden: Built) -> None:
    named = client.get(f"/networks/alpha.jsonld?release={golden.release.id}").json()
    assert named["@context"] == f"/context.jsonld?release={golden.release.id}"
    leads = client.get(f"/id/network/alpha?release={golden.release.id}", headers={"accept": "text/turtle"})
    assert leads.headers["location"] == f"/networks/alpha.ttl?release={golden.release.id}"


def test_a_parameter_never_breaks_out_of_the_link_header(client: TestClient) -> None:
    answer = client.get("/networks/alpha.ttl", params={"lang": 'x>; rel="evil", <y\r\nset-cookie: a=b'})
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert "evil" not in requests_links(answer.headers["link"])


def test_plain_json_keeps_the_three_states_apart(client: TestClient) -> None:
    found = client.get("/networks/beta.json").json()
    assert (found["iri"], found["id"], found["kind"]) == (BASE + "network/beta", "beta", "network")
    fields = found["fields"]
    assert {each["state"] for each in fields.values()} == {"value", "none", "unknown"}
    assert all(bool(each["values"]) == (each["state"] == "value") for each in fields.values())
    reasons = {each["reason"] for each in fields.values() if "reason" in each}
    assert {"not-recorded", "unreadable"} <= reasons
    assert fields["notes"] == {"name": "Notes", "state": "unknown", "values": []}
    for each in fields.values():
        assert all(value["sources"] for value in each["values"])
        assert each["sources"] if "reason" in each or each["state"] == "none" else True


def test_plain_json_has_every_value_with_its_source(client: TestClient) -> None:
    fields = client.get("/networks/alpha.json").json()["fields"]
    newer = {"profile": BASE + "profile/alpha--2024-02", "status_date": "2024-02"}
    count = fields["stated_counts"]["values"][0]
    assert count["parts"]["min"] == [{"value": 81, "text": "81", "sources": [newer]}]
    assert count["sources"] == [newer]
    member = fields["members"]["values"][0]
    assert member["value"] == BASE + "actor/caritas-musterstadt"
    assert member["statement"].startswith(BASE + "membership/")
    assert member["parts"]["roles"][0]["value"].endswith("/role/member")  # though it goes without saying
    assert fields["coordination"] == {
        "name": "Coordinating organisation", "state": "none", "raw": "keine Koordination mehr",
        "statement": BASE + "absence/alpha--2024-02.coordination", "sources": [newer], "values": [],
    }  # fmt: skip
    assert fields["seat"]["values"][0]["sources"] == [
        {"profile": BASE + "profile/alpha--2018-05", "status_date": "2018-05"}, newer,
    ]  # fmt: skip
    german = client.get("/networks/alpha.json?lang=de").json()
    assert german["language"] == "de"
    assert german["fields"]["seat"]["name"] == "Sitz"


@pytest.mark.parametrize("path", ["/actors/caritas-musterstadt", "/networks/beta", "/profiles/alpha--2018-05"])
def test_whatever_a_profile_states_names_it(client: TestClient, path: str) -> None:
    fields = client.get(f"{path}.json").json()["fields"]
    beside_the_form = {"merged", "language", "licence", "importer", "part_of", "different", "undecided"}
    for key, answer in fields.items():
        for value in answer["values"]:
            assert value["sources"] or key in beside_the_form, (key, value)


def test_a_place_tells_who_says_that_a_network_is_there(client: TestClient) -> None:
    fields = client.get("/places/musterstadt.json").json()["fields"]
    seated = {each["value"].rpartition("/")[2]: each["sources"] for each in fields["seated"]["values"]}
    assert [each["status_date"] for each in seated["alpha"]] == ["2018-05", "2024-02"]
    assert fields["name"]["values"][0]["sources"] == []


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


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/networks/alfa", "alpha"),
        ("/actors/caritas-musterstat", "caritas-musterstadt"),
        ("/places/musterstat", "musterstadt"),
        ("/profiles/alpha--2018", "alpha--2018-05"),
        ("/statements/group/ehrenamtliche-musterstat", "ehrenamtliche-musterstadt"),
        ("/id/network/alfa", "alpha"),
        ("/id/actor/caritas-musterstat", "caritas-musterstadt"),
        ("/id/place/musterstat", "musterstadt"),
        ("/id/profile/alpha--2018", "alpha--2018-05"),
        ("/vocabulary/fields", "field"),
        ("/vocabulary/field/hosing", "housing"),
    ],
)
@pytest.mark.parametrize("accept", ["text/turtle, application/json;q=0.1", "text/html", "application/json"])
def test_a_missing_thing_names_near_ones(client: TestClient, path: str, near: str, accept: str) -> None:
    answer = client.get(path, headers={"accept": accept})
    assert answer.status_code == 404
    if accept == "text/html":
        assert near in answer.text
    else:
        assert near in answer.json()["near"]


# -- what was withdrawn


@pytest.fixture(scope="module")
def withdrawing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, Built, Built]]:
    """A server over the second of two releases: its data lacks one network of the first."""
    data = Path(shutil.copytree(GOLDEN, tmp_path_factory.mktemp("withdrawing") / "data"))
    out = data.parent / "out"
    first = build_release(data, out)
    (data / "profiles" / "gamma.yaml").unlink()
    second = build_release(data, out)
    with TestClient(create_app(second.release, Settings()), follow_redirects=False) as client:
        yield client, first, second


WITHDRAWN = (
    ("network", "gamma", "Rete Gamma"),
    ("actor", "comune-esempio", "Comune di Esempio"),
    ("place", "esempio", ""),
    ("profile", "gamma", "Rete Gamma"),
)


@pytest.mark.parametrize(("kind", "name", "label"), WITHDRAWN)
@pytest.mark.parametrize("suffix", ["", ".ttl", ".json"])
def test_what_was_withdrawn_is_gone(
    withdrawing: tuple[TestClient, Built, Built], kind: str, name: str, label: str, suffix: str
) -> None:
    client, first, second = withdrawing
    for path in (f"/id/{kind}/{name}{suffix}", f"/{kind}s/{name}{suffix}"):
        answer = client.get(path, headers={"accept": "application/json"})
        assert answer.status_code == 410
        assert answer.headers["content-type"] == "application/problem+json"
        found = answer.json()
        assert (found["kind"], found["iri"]) == (kind, f"{BASE}{kind}/{name}")
        assert label in found["label"]
        assert found["last_release"] == first.release.id
        assert found["withdrawn"] == second.release.manifest["created"][:10]
        assert found["last_seen"] == f"/{kind}s/{name}?release={first.release.id}"
        shown = client.get(path, headers={"accept": "text/html"})
        assert shown.status_code == 410
        assert label in shown.text
        assert first.release.id in shown.text
        german = client.get(path, headers={"accept": "text/html", "accept-language": "de"})
        assert "zurückgezogen" in german.text


def test_a_release_that_is_no_longer_kept_is_not_linked(golden_data: Path, tmp_path: Path) -> None:
    first = build_release(golden_data, tmp_path / "out")
    (golden_data / "profiles" / "gamma.yaml").unlink()
    second = build_release(golden_data, tmp_path / "out")
    prune(tmp_path / "out", 1)
    with TestClient(create_app(second.release, Settings()), follow_redirects=False) as client:
        answer = client.get("/networks/gamma", headers={"accept": "application/json"})
        assert answer.status_code == 410
        assert answer.json()["last_seen"] is None
        assert first.release.id in answer.json()["detail"]
        assert "no longer kept" in client.get("/networks/gamma", headers=HTML).text
        assert client.get("/networks/gama", headers=HTML).status_code == 404


def test_the_parts_of_a_release_are_there(client: TestClient, golden: Built) -> None:
    assert client.get("/dump.nq").content == golden.release.dump.read_bytes()
    assert "@context" in client.get("/context.jsonld").json()
    assert client.get("/shapes.ttl").headers["content-type"].startswith("text/turtle")
    turtle = client.get("/ontology", headers={"accept": "text/turtle"})
    assert b"owl:Ontology" in turtle.content
    assert turtle.headers["vary"] == "Accept, Accept-Language"
    assert client.get("/vocabulary/field/housing.ttl").status_code == 200
    assert client.get("/vocabulary/field/hosing", headers=HTML).status_code == 404


def test_health_says_what_is_served(client: TestClient, golden: Built) -> None:
    found = client.get("/health").json()
    assert found["status"] == "ok"
    assert found["release"] == golden.release.id
    assert found["workers"] == 2
