"""Releases, their files, the catalogue and the feed over HTTP: whole or in ranges, never short, never of another name."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from httpx2 import Response
from rdflib import RDF, VOID
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from integgraph import exports
from integgraph.errors import IntegGraphError, ReleaseError, StorageFull
from integgraph.exports import Downloads, Made, summaries
from integgraph.face import OpenRelease
from integgraph.ontology import Ontology
from integgraph.release import open_release
from integgraph.web import downloads, problems
from integgraph.web.urls import Urls
from tests.conftest import GOLDEN, build_release
from tests.test_catalogue import DCAT, conforms
from tests.test_exports import change_golden

HTML, JSON = {"accept": "text/html"}, {"accept": "application/json"}


class _WithSite:
    """Gives every request its site, as the front of the application does."""

    def __init__(self, app: ASGIApp, site: Any) -> None:
        self._app, self._site = app, site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, "site": self._site}, receive, send)


@contextmanager
def serving(
    release: Path, cache: Path, ontology: Ontology, *, prefix: str = "", alone: bool = False, **more: Any
) -> Iterator[TestClient]:
    """This room alone, over a release: an output folder's newest one, or one that lies alone."""
    opened = open_release(release)
    app = Starlette(
        routes=[*downloads.ROUTES, *(Route(f"/{name}", downloads.part) for name in ("dump.nq", "shapes.ttl"))],
        exception_handlers={IntegGraphError: problems.answer_error, HTTPException: problems.answer_http_error},
    )
    app.router.redirect_slashes = False
    app.state.downloads = Downloads(cache, **more)
    site = SimpleNamespace(
        release=OpenRelease(opened.path, opened.manifest),
        ontology=ontology,
        urls=Urls(opened.base_iri, prefix),
        folder=None if alone else release,
        asked_by_name=False,
    )
    app.state.site = site
    with TestClient(_WithSite(app, site), follow_redirects=False) as client:
        client.downloads = app.state.downloads
        yield client
    app.state.downloads.close()


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, ontology: Ontology) -> Path:
    folder = tmp_path_factory.mktemp("two")
    data = Path(shutil.copytree(GOLDEN, folder / "data"))
    build_release(data, folder / "build", ontology)
    change_golden(data)
    build_release(data, folder / "build", ontology)
    return folder / "build"


@pytest.fixture(scope="module")
def site(two: Path, tmp_path_factory: pytest.TempPathFactory, ontology: Ontology) -> Iterator[TestClient]:
    with serving(two, tmp_path_factory.mktemp("cache"), ontology) as client:
        yield client


@pytest.fixture
def copied(two: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(two, tmp_path / "build", symlinks=True))


@pytest.fixture
def newer(two: Path) -> exports.Summary:
    return summaries(two)[0]


@pytest.fixture
def older(two: Path) -> exports.Summary:
    return summaries(two)[1]


def is_problem(answer: Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert len(body["detail"]) > 10
    return body


# -- lists


def test_the_list_says_everything_of_every_release(site: TestClient, two: Path) -> None:
    answer = site.get("/releases", headers=JSON)
    data = answer.json()
    assert answer.headers["content-type"] == "application/json"
    assert data["serving"] == summaries(two)[0].id
    assert data["next"] is None
    first, second = data["releases"]
    assert (first["previous"], second["previous"], second["changes"]) == (second["id"], None, None)
    assert first["counts_changed"]["profiles"] == {"before": 4, "after": 3}
    assert first["counts"]["networks"] == second["counts"]["networks"] - 1
    for told in data["releases"]:
        assert {part["name"] for part in told["parts"]} >= {
            "dump.nq", "shapes.ttl", "context.jsonld", "catalogue.ttl", "validation.json", "tables/actors.parquet", "aggregates/coverage.parquet",
        }  # fmt: skip
        assert {each["name"] for each in told["exports"]} >= {
            "dump.trig", "dump.jsonld", "dump.nq.gz", "cooperation.graphml", "cooperation.gexf", "tables/actors.csv",
        }  # fmt: skip
        assert told["url"] == f"http://testserver/releases/{told['id']}"
        for part in told["parts"]:
            raw = site.get(part["url"])
            assert raw.status_code == 200
            assert (len(raw.content), hashlib.sha256(raw.content).hexdigest()) == (part["bytes"], part["sha256"])
            assert raw.headers["content-type"] == part["media_type"]
    assert site.get(first["changes"], headers=JSON).json()["to"] == first["id"]


def test_a_slash_too_many(site: TestClient) -> None:
    answer = site.get("/releases/?lang=de")
    assert (answer.status_code, answer.headers["location"]) == (308, "/releases?lang=de")


@pytest.mark.parametrize("path", ["/releases.json", "/releases"])
def test_the_list_has_a_tag(site: TestClient, path: str) -> None:
    answer = site.get(path, headers=JSON)
    again = site.get(path, headers={**JSON, "if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_pages(site: TestClient, newer: exports.Summary, older: exports.Summary, language: str) -> None:
    for path in ("/releases", f"/releases/{newer.id}", f"/releases/{older.id}", f"/releases/{newer.id}/changes"):
        answer = site.get(f"{path}?lang={language}", headers=HTML)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert f'lang="{language}"' in answer.text
        assert newer.id in answer.text
        assert re.findall(r"<script[^>]*>", answer.text) == ['<script type="module" src="/static/built/suggest.js">']
        assert not re.search(r"style=|undefined|None|\{\{", answer.text)
    page = site.get(f"/releases/{newer.id}?lang={language}", headers=HTML).text
    for name, part in (newer.parts or {}).items():
        assert f'href="/releases/{newer.id}/{name}"' in page
        assert part["sha256"] in page
    assert f'href="/releases/{newer.id}/dump.trig?lang={language}"' in page


def test_what_changed_as_a_page_names_fields_and_things(site: TestClient, newer: exports.Summary) -> None:
    page = site.get(f"/releases/{newer.id}/changes?lang=de", headers=HTML).text
    assert "Gegründet" in page or "Gründung" in page
    assert "Entfallen (1)" in page


def test_long_lists_of_changes_are_cut_and_say_so(
    site: TestClient, newer: exports.Summary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "_SHOWN", 1)
    assert "… and" in site.get(f"/releases/{newer.id}/changes", headers=HTML).text
    monkeypatch.setattr(downloads, "_READABLE", 10)
    page = site.get(f"/releases/{newer.id}/changes", headers=HTML).text
    assert "too many changes for a page" in page
    assert f"/releases/{newer.id}/changes.json" in page


def test_pages_of_the_list(site: TestClient, two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "_PAGE", 1)
    first = site.get("/releases", headers=JSON).json()
    assert "earlier" in site.get("/releases", headers=HTML).text.lower()
    second = site.get(first["next"], headers=JSON).json()
    assert [first["releases"][0]["id"], second["releases"][0]["id"]] == [each.id for each in summaries(two)]
    assert first["releases"][0]["previous"] == second["releases"][0]["id"]
    assert second["next"] is None
    assert site.get("/releases?before=0", headers=JSON).json()["releases"] == []


def test_one_release_as_json_and_as_rdf(site: TestClient, older: exports.Summary) -> None:
    told = site.get(f"/releases/{older.id}", headers=JSON).json()
    assert told == site.get(f"/releases/{older.id}.json").json()
    assert told["content_hash"] == older.content_hash
    answer = site.get(f"/releases/{older.id}", headers={"accept": "text/turtle"})
    assert answer.headers["content-type"].startswith("text/turtle")
    assert f"releases/{older.id}#dump.nq" in answer.text


def test_a_release_that_lies_alone(golden: Any, tmp_path: Path, ontology: Ontology) -> None:
    path = Path(shutil.copytree(golden.release.path, tmp_path / "alone"))
    with serving(path, tmp_path / "cache", ontology, alone=True) as client:
        data = client.get("/releases", headers=JSON).json()
        assert [each["id"] for each in data["releases"]] == [golden.release.id] == [data["serving"]]
        assert client.get(f"/releases/{golden.release.id}/dump.nq").content == golden.release.dump.read_bytes()
        assert client.get(f"/releases/{golden.release.id}/tables/places.csv").status_code == 200
        is_problem(client.get(f"/releases/{golden.release.id}/changes"), 404)
        items = client.get("/changes.json").json()["items"]
        assert [each["tags"] for each in items] == [["release"]]


def test_formats_that_are_not_there(site: TestClient, newer: exports.Summary) -> None:
    for path in ("/releases", f"/releases/{newer.id}", f"/releases/{newer.id}/changes", "/catalogue"):
        is_problem(site.get(path, headers={"accept": "image/png"}), 406)
    for path in ("/releases.xml", f"/releases/{newer.id}.pdf", f"/releases/{newer.id}/changes.csv", "/catalogue.zip"):
        is_problem(site.get(path), 404)


# -- files


def test_a_part_says_what_it_is(site: TestClient, newer: exports.Summary) -> None:
    part = (newer.parts or {})["dump.nq"]
    answer = site.get(f"/releases/{newer.id}/dump.nq")
    assert answer.headers["etag"] == f'"{part["sha256"]}"'
    assert answer.headers["content-length"] == str(part["bytes"])
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-disposition"] == f'attachment; filename="integgraph-{newer.id}-dump.nq"'
    assert parsedate_to_datetime(answer.headers["last-modified"]).strftime("%Y-%m-%dT%H:%M:%SZ") == newer.created
    digest = base64.b64decode(answer.headers["repr-digest"].removeprefix("sha-256=:").removesuffix(":"))
    assert digest == hashlib.sha256(answer.content).digest()
    assert "content-disposition" not in site.get(f"/releases/{newer.id}/shapes.ttl").headers
    head = site.head(f"/releases/{newer.id}/dump.nq")
    assert (head.status_code, head.content) == (200, b"")
    same = ("etag", "content-length", "repr-digest", "last-modified", "content-type", "accept-ranges")
    assert {name: head.headers[name] for name in same} == {name: answer.headers[name] for name in same}


@pytest.mark.parametrize("name", ["dump.nq", "shapes.ttl"])
def test_short_addresses_give_the_parts_of_the_release_that_serves(
    site: TestClient, newer: exports.Summary, name: str
) -> None:
    answer = site.get(f"/{name}")
    assert answer.content == (newer.path / name).read_bytes()
    assert answer.headers["content-location"] == f"/releases/{newer.id}/{name}"
    assert answer.headers["etag"] == f'"{(newer.parts or {})[name]["sha256"]}"'
    is_problem(site.get(f"/{name}", headers={"range": "bytes=99999999-"}), 416)


@pytest.mark.parametrize(
    ("header", "stretch"),
    [
        ("bytes=0-0", slice(0, 1)),
        ("bytes=10-19", slice(10, 20)),
        ("bytes=100-", slice(100, None)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=0-99999999999", slice(0, None)),
        ("bytes=-99999999999", slice(0, None)),
        ("BYTES = 3-4", slice(3, 5)),
    ],
)
def test_a_range(site: TestClient, newer: exports.Summary, header: str, stretch: slice) -> None:
    whole = (newer.path / "dump.nq").read_bytes()
    answer = site.get(f"/releases/{newer.id}/dump.nq", headers={"range": header})
    assert answer.status_code == 206
    assert answer.content == whole[stretch]
    start, stop, _ = stretch.indices(len(whole))
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(whole)}"
    assert answer.headers["content-length"] == str(stop - start)
    assert answer.headers["repr-digest"] == site.head(f"/releases/{newer.id}/dump.nq").headers["repr-digest"]


@pytest.mark.parametrize(
    "header",
    [
        "bytes=5-2",
        "bytes=a-b",
        "bytes=",
        "bytes=-",
        "lines=1-2",
        "bytes=0-1,4-5",
        "bytes=" + "9" * 5000 + "-",
        "bytes=--1",
        "x" * 500,
        "bytes=0-1;q=1",
        "bytes=" + ",".join(["0-"] * 200),
    ],
)
def test_what_is_no_single_range_gives_the_whole(site: TestClient, newer: exports.Summary, header: str) -> None:
    answer = site.get(f"/releases/{newer.id}/shapes.ttl", headers={"range": header})
    assert (answer.status_code, answer.content) == (200, (newer.path / "shapes.ttl").read_bytes())


@pytest.mark.parametrize("header", ["bytes=99999999-", "bytes=99999999-999999999", "bytes=-0"])
def test_a_range_beyond_the_end(site: TestClient, newer: exports.Summary, header: str) -> None:
    answer = site.get(f"/releases/{newer.id}/dump.nq", headers={"range": header})
    is_problem(answer, 416)
    assert answer.headers["content-range"] == f"bytes */{(newer.parts or {})['dump.nq']['bytes']}"


def test_ranges_of_an_empty_file(tmp_path: Path) -> None:
    assert downloads._stretch("bytes=5-2", 0) is None
    for header in ("bytes=0-", "bytes=-5"):
        with pytest.raises(downloads._Unsatisfiable):
            downloads._stretch(header, 0)


def test_conditions(site: TestClient, newer: exports.Summary) -> None:
    path = f"/releases/{newer.id}/dump.nq"
    answer = site.head(path)
    tag, modified = answer.headers["etag"], answer.headers["last-modified"]
    early, late, junk = "Mon, 01 Jan 2001 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT", "yesterday"

    def status(**headers: str) -> int:
        return int(
            site.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()}).status_code
        )

    for good in (tag, f"W/{tag}", "*", f'"x", {tag}'):
        assert status(if_none_match=good) == 304
    assert status(if_none_match='"x"') == 200
    assert status(if_none_match='"x"', if_modified_since=late) == 200  # the tag decides
    assert status(if_modified_since=modified) == status(if_modified_since=late) == 304
    assert status(if_modified_since=early) == status(if_modified_since=junk) == 200
    assert status(if_match=tag) == status(if_match="*") == 200
    assert status(if_match='"x"') == status(if_match=f"W/{tag}") == status(if_unmodified_since=early) == 412
    assert status(if_unmodified_since=late) == status(if_unmodified_since=junk) == 200
    assert status(range="bytes=0-1", if_range=tag) == status(range="bytes=0-1", if_range=modified) == 206
    for other in ('"x"', f"W/{tag}", early, junk):
        assert status(range="bytes=0-1", if_range=other) == 200
    again = site.get(path, headers={"if-none-match": tag})
    assert (again.content, again.headers["etag"]) == (b"", tag)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "dump",
        "dump.nt",
        "store/CURRENT",
        "store",
        "ledger.sqlite",
        "search.sqlite",
        "tables",
        "tables/",
        "tables/x.csv",
        "..%2Fmanifest.json",
        "%2e%2e/%2e%2e/current/manifest.json",
        "..%2f..%2f..%2fetc%2fpasswd",
        "%2Fetc%2Fpasswd",
        "dump.nq%00",
        "dump.nq/",
        "tables%5Cactors.parquet",
        "x" * 3000,
        "%ff",
        "manifest.json%0d%0aX: y",
    ],
)
def test_only_what_is_listed_is_there(site: TestClient, newer: exports.Summary, name: str) -> None:
    answer = site.get(f"/releases/{newer.id}/{name}", headers=JSON)
    is_problem(answer, 404)


def test_similar_names_are_offered(site: TestClient, newer: exports.Summary) -> None:
    assert "dump.nq" in is_problem(site.get(f"/releases/{newer.id}/dump.nt"), 404)["near"]
    assert "dump.trig" in is_problem(site.get(f"/releases/{newer.id}/dump.trg"), 404)["near"]
    assert is_problem(site.get(f"/releases/{newer.id[:-1]}", headers=JSON), 404)["near"][0] == newer.id
    for name in ("..%2f..", "x" * 3000, "%00", "current"):
        for rest in ("", "/dump.nq", "/changes"):
            is_problem(site.get(f"/releases/{name}{rest}", headers=JSON), 404)


def test_a_damaged_part_is_a_503_and_the_rest_goes_on(copied: Path, tmp_path: Path, ontology: Ontology) -> None:
    found = summaries(copied)[0]
    with serving(copied, tmp_path / "cache", ontology) as client:
        with (found.path / "shapes.ttl").open("r+b") as file:
            file.write(b"X")
        answer = client.get(f"/releases/{found.id}/shapes.ttl")
        is_problem(answer, 503)
        assert answer.headers["retry-after"]
        assert client.get(f"/releases/{found.id}/context.jsonld").status_code == 200
        with (found.path / "catalogue.ttl").open("ab") as file:
            file.write(b"X")
        is_problem(client.get("/catalogue.ttl"), 503)


def test_a_damaged_release_is_told_in_the_list(copied: Path, tmp_path: Path, ontology: Ontology) -> None:
    newer, older = summaries(copied)
    with serving(copied, tmp_path / "cache", ontology) as client:
        (older.path / "manifest.json").write_text("{")
        (newer.path / "validation.json").unlink()
        first, second = client.get("/releases", headers=JSON).json()["releases"]
        assert "validation.json is missing" in first["fault"]
        assert "manifest of release" in second["fault"]
        assert second["fault"] in client.get("/releases", headers=HTML).text.replace("&#39;", "'")
        for each in (newer, older):
            assert client.get(f"/releases/{each.id}", headers=HTML).status_code == 200
            is_problem(client.get(f"/releases/{each.id}/changes"), 503)
        is_problem(client.get(f"/releases/{older.id}/dump.nq"), 503)
        is_problem(client.get(f"/releases/{older.id}", headers={"accept": "text/turtle"}), 503)
        is_problem(client.get(f"/releases/{newer.id}/dump.trig"), 503)
        assert client.get("/changes.json").json()["items"] == []


def test_what_is_cut_short_while_it_is_sent_breaks_off(copied: Path, tmp_path: Path, ontology: Ontology) -> None:
    found = summaries(copied)[0]

    def cut(answer: Any) -> Any:
        (found.path / "dump.nq").write_bytes(b"")
        return answer

    with serving(copied, tmp_path / "cache", ontology) as client, pytest.MonkeyPatch.context() as patch:
        real = downloads._send
        patch.setattr(downloads, "_send", lambda *arguments: cut(real(*arguments)))
        with pytest.raises(RuntimeError, match="response already started"):
            client.get(f"/releases/{found.id}/dump.nq")


# -- files that are made


def test_an_export_is_made_and_then_known(site: TestClient, newer: exports.Summary) -> None:
    path = f"/releases/{newer.id}/tables/funding.csv"
    answer = site.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="integgraph-{newer.id}-tables-funding.csv"'
    told = site.get(f"/releases/{newer.id}.json").json()
    export = next(each for each in told["exports"] if each["name"] == "tables/funding.csv")
    assert export["ready"]
    assert (export["bytes"], export["sha256"]) == (len(answer.content), hashlib.sha256(answer.content).hexdigest())
    assert answer.headers["etag"] == f'"{export["sha256"]}"'
    assert site.get(path, headers={"range": "bytes=2-5"}).content == answer.content[2:6]
    assert site.get(path, headers={"if-none-match": answer.headers["etag"]}).status_code == 304


def test_every_export_can_be_had(site: TestClient, newer: exports.Summary) -> None:
    for export in site.get(f"/releases/{newer.id}.json").json()["exports"]:
        answer = site.get(export["url"])
        assert answer.status_code == 200, export
        assert answer.content
        assert answer.headers["content-type"] == export["media_type"]
    graph = set(ox.parse(site.get(f"/releases/{newer.id}/dump.trig").content, format=ox.RdfFormat.TRIG))
    assert graph == set(ox.parse(path=str(newer.path / "dump.nq"), format=ox.RdfFormat.N_QUADS))


class _Never:
    """Downloads that never come, or fail."""

    def __init__(self, real: Downloads, error: IntegGraphError | None = None) -> None:
        self._real, self._error = real, error

    def ready(self, *arguments: Any) -> Made | None:
        return self._real.ready(*arguments)

    def ask(self, *arguments: Any) -> Future[Made]:
        promise: Future[Made] = Future()
        if self._error is not None:
            promise.set_exception(self._error)
        return promise


@contextmanager
def instead(site: TestClient, error: IntegGraphError | None = None) -> Iterator[None]:
    """The server with downloads that never come, or fail with this."""
    app = site.app._app
    real = app.state.downloads
    app.state.downloads = _Never(real, error)
    try:
        yield
    finally:
        app.state.downloads = real


def test_what_takes_long_is_a_202(site: TestClient, newer: exports.Summary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "WAIT", 0.05)
    with instead(site):
        for path in (f"/releases/{newer.id}/dump.jsonld", f"/releases/{newer.id}/changes"):
            answer = site.get(path, headers=JSON)
            assert answer.status_code == 202
            assert answer.headers["retry-after"] == "5"
            assert answer.headers["cache-control"] == "no-store"
            assert answer.json()["retry_after"] == 5
            page = site.get(path + "?lang=de", headers=HTML)
            assert page.status_code == 202
            assert "wird vorbereitet" in page.text
            assert '<meta http-equiv="refresh" content="5">' in page.text
        for path in ("/changes.atom", "/changes.json"):  # a feed has no such thing as coming back
            answer = site.get(path)
            is_problem(answer, 503)
            assert answer.headers["retry-after"]


def test_no_thread_waits_for_what_takes_long(
    site: TestClient, newer: exports.Summary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "WAIT", 1.0)
    with instead(site):
        statuses: list[int] = []
        asking = [
            threading.Thread(target=lambda: statuses.append(site.get(f"/releases/{newer.id}/dump.jsonld").status_code))
            for _ in range(60)
        ]
        for thread in asking:
            thread.start()
        assert site.get(f"/releases/{newer.id}/shapes.ttl").status_code == 200
        for thread in asking:
            thread.join(30)
        assert statuses == [202] * 60


@pytest.mark.parametrize(
    ("error", "status"), [(StorageFull("There is no space left."), 507), (ReleaseError("It is damaged."), 503)]
)
def test_what_cannot_be_made_says_why(
    site: TestClient, newer: exports.Summary, error: IntegGraphError, status: int
) -> None:
    with instead(site, error):
        for _ in range(3):
            is_problem(site.get(f"/releases/{newer.id}/dump.jsonld"), status)
            is_problem(site.get(f"/releases/{newer.id}/changes"), status)
            assert site.get(f"/releases/{newer.id}/dump.nq").status_code == 200
            assert site.get("/releases", headers=JSON).status_code == 200


# -- catalogue


def test_the_catalogue_has_the_addresses_of_this_server(site: TestClient, newer: exports.Summary) -> None:
    answer = site.get("/catalogue.ttl", headers={"host": "data.example:8080"})
    graph = rdflib.Graph().parse(data=answer.content, format="turtle")
    found, text = conforms(graph)
    assert found, text
    urls = {str(each) for predicate in (DCAT.downloadURL, DCAT.accessURL) for each in graph.objects(None, predicate)}
    assert urls
    for url in urls:
        assert url.startswith(f"http://data.example:8080/releases/{newer.id}/")
        assert site.head(url.replace("data.example:8080", "testserver")).status_code == 200
    assert {str(each) for each in graph.objects(None, DCAT.endpointURL)} == {"http://data.example:8080/sparql"}
    assert {str(each) for each in graph.objects(None, VOID.dataDump)} == {
        f"http://data.example:8080/releases/{newer.id}/dump.nq"
    }
    # What things are called stays.
    assert {str(each) for each in graph.subjects(RDF.type, DCAT.Catalog)} == {
        f"https://w3id.org/integgraph/releases/{newer.id}#catalogue"
    }
    triples = sum(1 for line in (newer.path / "dump.nq").read_bytes().splitlines() if line)
    dataset = rdflib.URIRef(f"https://w3id.org/integgraph/releases/{newer.id}")
    assert int(graph.value(dataset, VOID.triples)) == triples


def test_the_catalogue_is_the_same_in_every_format(site: TestClient) -> None:
    formats = {
        "text/turtle": ("ttl", ox.RdfFormat.TURTLE),
        "application/ld+json": ("jsonld", ox.RdfFormat.JSON_LD),
        "application/rdf+xml": ("rdf", ox.RdfFormat.RDF_XML),
        "application/n-triples": ("nt", ox.RdfFormat.N_TRIPLES),
    }
    graphs = []
    for media_type, (suffix, form) in formats.items():
        for answer in (site.get("/catalogue", headers={"accept": media_type}), site.get(f"/catalogue.{suffix}")):
            assert answer.headers["content-type"].partition(";")[0] == media_type
            assert answer.headers["vary"] == "Accept"
            assert 'rel="license"' in answer.headers["link"]
            graphs.append({quad.triple for quad in ox.parse(answer.content, format=form)})
    assert all(graph == graphs[0] for graph in graphs)
    answer = site.get("/catalogue", headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, "/releases")


def test_two_releases_of_one_content_have_catalogues_of_their_own(site: TestClient) -> None:
    first = site.get("/catalogue.ttl")
    second = site.get("/catalogue.ttl", headers={"host": "other.example"})
    assert first.headers["etag"] != second.headers["etag"]
    assert site.get("/catalogue.ttl", headers={"if-none-match": first.headers["etag"]}).status_code == 304


@pytest.mark.parametrize(
    ("accept", "location"),
    [
        (None, "/catalogue.ttl"),
        ("*/*", "/catalogue.ttl"),
        ("text/html", "/catalogue.ttl"),
        ("application/rdf+xml", "/catalogue.rdf"),
        ("application/ld+json, text/turtle;q=0.5", "/catalogue.jsonld"),
    ],
)
def test_void_is_at_its_well_known_address(site: TestClient, accept: str | None, location: str) -> None:
    answer = site.get("/.well-known/void", headers={"accept": accept} if accept else {"accept": ""})
    assert (answer.status_code, answer.headers["location"]) == (303, location)
    assert answer.headers["vary"] == "Accept"


@pytest.mark.parametrize(
    "host", ['a"b', "<script>", "a b", "a/b", "user@host", "[", "[::1", "host:port", "a" * 300, "ho\\st"]
)
def test_a_host_that_is_none_is_refused(site: TestClient, host: str) -> None:
    for path in ("/catalogue.ttl", "/changes.json", "/changes.atom", "/releases.json"):
        answer = site.get(path, headers={"host": host})
        is_problem(answer, 400)
        assert host not in answer.text


@pytest.mark.parametrize("host", ["[::1]:80", "127.0.0.1", "xn--a-b.example", "data_set.example:1"])
def test_a_host_is_taken_as_it_is_written(site: TestClient, host: str) -> None:
    assert (
        site.get("/changes.json", headers={"host": host}).json()["feed_url"].startswith(f"http://{host}/changes.json")
    )


def test_behind_a_proxy_every_address_has_the_prefix(two: Path, tmp_path: Path, ontology: Ontology) -> None:
    with serving(two, tmp_path / "cache", ontology, prefix="/graph") as client:
        found = client.get("/releases.json").json()["releases"][0]
        assert found["url"] == f"http://testserver/graph/releases/{found['id']}"
        assert f"<http://testserver/graph/releases/{found['id']}/dump.nq>" in client.get("/catalogue.nt").text
        assert client.get("/.well-known/void").headers["location"] == "/graph/catalogue.ttl"
        assert client.get("/catalogue", headers=HTML).headers["location"] == "/graph/releases"
        assert client.get("/shapes.ttl").headers["content-location"] == f"/graph/releases/{found['id']}/shapes.ttl"
        feed = client.get("/changes.json").json()
        assert all(item["url"].startswith("http://testserver/graph/") for item in feed["items"])
        for path in ("/releases", f"/releases/{found['id']}", f"/releases/{found['id']}/changes"):
            page = client.get(path, headers=HTML).text
            page = re.sub(r'<a class="language".*', "", page)
            links = re.findall(r'(?:href|action)="(/[^"]*)"', page)
            assert f"/graph/releases/{found['id']}" in " ".join(links)
            assert [link for link in links if not link.startswith("/graph/")] == []


# -- the feed

ATOM = "{http://www.w3.org/2005/Atom}"


def check_atom(text: str) -> ET.Element:
    """What RFC 4287 asks of a feed."""
    root = ET.fromstring(text.encode())  # noqa: S314 - our own
    assert root.tag == f"{ATOM}feed"
    ids = [each.text for each in root.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))
    moment = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
    for node in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            (one,) = node.findall(f"{ATOM}{name}")
            assert one.text
        assert re.match(r"https?://\S+$", node.findtext(f"{ATOM}id") or "")
        assert moment.fullmatch(node.findtext(f"{ATOM}updated") or "")
        assert [link.attrib["href"] for link in node.findall(f"{ATOM}link") if link.attrib["rel"] == "alternate"]
    assert root.findtext(f"{ATOM}author/{ATOM}name")
    (own,) = [link for link in root.findall(f"{ATOM}link") if link.attrib["rel"] == "self"]
    assert own.attrib["href"].startswith("http://testserver/changes.atom")
    updated = [each.findtext(f"{ATOM}updated") or "" for each in root.findall(f"{ATOM}entry")]
    assert updated == sorted(updated, reverse=True)
    assert root.findtext(f"{ATOM}updated") == max(updated)
    return root


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_feed_tells_of_profiles_release_by_release(
    site: TestClient, newer: exports.Summary, older: exports.Summary, language: str
) -> None:
    answer = site.get(f"/changes.atom?lang={language}")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    root = check_atom(answer.text)
    entries = root.findall(f"{ATOM}entry")
    kinds = [entry.find(f"{ATOM}category").attrib["term"] for entry in entries]
    assert kinds == ["release", "removed", "changed", "release"]
    addresses = [entry.find(f"{ATOM}link").attrib["href"] for entry in entries]
    assert addresses[0] == f"http://testserver/releases/{newer.id}/changes"
    assert addresses[1].endswith(f"?release={older.id}")  # there it can still be seen
    assert addresses[2].endswith(f"?release={newer.id}")
    assert addresses[3] == f"http://testserver/releases/{older.id}"
    assert "1" in (entries[0].findtext(f"{ATOM}summary") or "")
    assert (
        site.get(f"/changes.atom?lang={language}", headers={"if-none-match": answer.headers["etag"]}).status_code == 304
    )


def test_the_json_feed_tells_the_same(site: TestClient, newer: exports.Summary) -> None:
    answer = site.get("/changes.json")
    assert answer.headers["content-type"] == "application/feed+json"
    feed = answer.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    root = check_atom(site.get("/changes.atom").text)
    entries = root.findall(f"{ATOM}entry")
    assert [item["id"] for item in feed["items"]] == [entry.findtext(f"{ATOM}id") for entry in entries]
    assert [item["title"] for item in feed["items"]] == [entry.findtext(f"{ATOM}title") for entry in entries]
    for item in feed["items"]:
        own = item["_integgraph"]
        assert item["tags"] == [own["change"]]
        assert ("profile" in own) == (own["change"] != "release")
    assert {item["_integgraph"]["release"] for item in feed["items"][:3]} == {newer.id}


def test_entries_keep_their_ids_in_every_language(site: TestClient) -> None:
    found = [[item["id"] for item in site.get(f"/changes.json?lang={each}").json()["items"]] for each in ("en", "de")]
    assert found[0] == found[1]


def test_labels_are_text_in_the_feed(site: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = "\x00\x0b</title><script>&\"'\ufffe{name}"
    thing = {"id": "profile:x", "iri": "https://w3id.org/integgraph/id/profile/x", "label": hostile}
    monkeypatch.setattr(
        downloads, "_profiles", lambda made: ({"added": 1, "changed": 0, "removed": 0}, {"added": (thing,)})
    )
    root = check_atom(site.get("/changes.atom").text)
    assert [each.text for each in root.iter(f"{ATOM}title")][2] == "New profile: </title><script>&\"'{name}"
    assert site.get("/changes.json").json()["items"][1]["title"].endswith(hostile)


def test_a_long_feed_says_that_it_is_cut(site: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    downloads._profiles.cache_clear()
    monkeypatch.setattr(downloads, "_FEED_PROFILES", 0)
    items = site.get("/changes.json").json()["items"]
    downloads._profiles.cache_clear()
    assert [item["tags"] for item in items] == [["release"], ["release"]]
    assert "Only the first 0 of each kind" in items[0]["content_text"]


def test_only_the_newest_releases_are_in_it(
    site: TestClient, newer: exports.Summary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "_FEED_RELEASES", 1)
    items = site.get("/changes.json").json()["items"]
    assert {item["_integgraph"]["release"] for item in items} == {newer.id}
    assert len(items) == 3


def test_a_comparison_that_fails_is_told_in_the_feed(site: TestClient) -> None:
    with instead(site, ReleaseError("The dump is damaged.")):
        items = site.get("/changes.json").json()["items"]
        assert items[0]["content_text"] == "The dump is damaged."
        assert len(items) == 2
        check_atom(site.get("/changes.atom").text)
    with instead(site, StorageFull("There is no space left.")):
        is_problem(site.get("/changes.atom"), 507)


def test_the_address_of_a_profile_of_another_graph_leads_to_the_start(
    site: TestClient, newer: exports.Summary, older: exports.Summary
) -> None:
    thing = {"id": "profile:x", "iri": "https://other.example/id/profile/x", "label": ""}
    step = downloads._Step(newer, older, {"added": 1, "changed": 0, "removed": 0}, {"added": (thing,)})
    scope = {
        "type": "http",
        "headers": [(b"host", b"h")],
        "query_string": b"",
        "path": "/changes.json",
        "scheme": "http",
        "app": site.app._app,
        "site": site.app._site,
    }
    entries = list(downloads._entries(downloads.Request(scope), [step]))
    assert entries[1].address == f"http://h/?release={newer.id}"
    assert entries[1].title == "New profile: profile:x"


def test_what_was_made_survives_the_server(two: Path, tmp_path: Path, ontology: Ontology) -> None:
    newer = summaries(two)[0]
    with serving(two, tmp_path / "cache", ontology) as client:
        first = client.get(f"/releases/{newer.id}/tables/places.csv")
    with serving(two, tmp_path / "cache", ontology) as client:
        told = client.get(f"/releases/{newer.id}.json").json()
        assert [each["name"] for each in told["exports"] if each["ready"]] == ["tables/places.csv"]
        assert client.get(f"/releases/{newer.id}/tables/places.csv").headers["etag"] == first.headers["etag"]
