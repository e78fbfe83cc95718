"""The releases that are served: another one is swapped in, an older one is asked by name, a damaged one does not serve."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from integgraph.errors import IntegGraphError, ReleaseError
from integgraph.release import current_id, open_release, rollback, swap
from integgraph.settings import Settings
from integgraph.web.app import create_app
from tests.conftest import GOLDEN, build_release

COUNT = "SELECT (COUNT(?n) AS ?networks) { ?n a ig:Network }"
SETTINGS = replace(Settings(), query_deadline=3.0, workers=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two releases: the older one of three networks, and one without the last of them, which serves."""
    data = Path(shutil.copytree(GOLDEN, tmp_path_factory.mktemp("data") / "data"))
    out = tmp_path_factory.mktemp("out")
    build_release(data, out)
    for file in (data / "profiles").glob("gamma*"):
        file.unlink()
    for file in (data / "links").glob("*.tsv"):
        file.unlink()
    build_release(data, out)
    return out


@pytest.fixture
def out(folder: Path, tmp_path: Path) -> Path:
    """A copy whose link a test may move."""
    return Path(shutil.copytree(folder, tmp_path / "out", symlinks=True))


@pytest.fixture
def client(out: Path) -> Iterator[TestClient]:
    with TestClient(create_app(open_release(out), SETTINGS), follow_redirects=False) as client:
        yield client


def ids(out: Path) -> list[str]:
    return sorted(path.name for path in (out / "releases").glob("[!.]*"))


def networks(client: TestClient, **more: str) -> tuple[str, str]:
    answer = client.get("/sparql.csv", params={"query": COUNT, **more})
    assert answer.status_code == 200, answer.text
    return answer.text.split()[-1], answer.headers["integgraph-release"]


def until(client: TestClient, release: str, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while client.get("/health?live=1").headers["integgraph-release"] != release:
        assert time.monotonic() < end, "the release is not swapped in"
        time.sleep(0.05)


def test_another_release_is_swapped_in_and_no_request_fails(client: TestClient, out: Path) -> None:
    old, new = ids(out)
    assert networks(client) == ("2", new)
    seen: list[tuple[str, str]] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            seen.append(networks(client))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    rollback(out)
    assert current_id(out) == old
    until(client, old)
    time.sleep(0.3)
    done.set()
    for thread in threads:
        thread.join()
    assert set(seen) == {("2", new), ("3", old)}, "each answer is wholly of one release"
    assert client.get("/health").json()["release"] == old


def test_an_older_release_is_asked_by_name(client: TestClient, out: Path) -> None:
    old, new = ids(out)
    assert networks(client, release=old) == ("3", old)
    assert networks(client) == ("2", new)
    page = client.get("/networks/gamma", params={"release": old}, headers={"accept": "text/html"})
    assert page.status_code == 200 and page.headers["integgraph-release"] == old
    gone = client.get("/networks/gamma", headers={"accept": "application/json"})
    assert gone.status_code == 410 and gone.json()["last_release"] == old
    assert client.get("/api/networks", params={"release": old}).json()["total"] == 3
    posted = client.post("/sparql", params={"release": old}, data={"query": COUNT})
    assert posted.json()["results"]["bindings"][0]["networks"]["value"] == "3"


def test_an_unknown_release_is_said_with_those_near(client: TestClient, out: Path) -> None:
    answer = client.get("/sparql", params={"query": COUNT, "release": ids(out)[0][:-1] + "x"})
    assert answer.status_code == 404 and ids(out)[0] in answer.json()["near"]
    assert client.get("/", params={"release": "../../etc"}).status_code == 404
    two = client.get("/sparql", params=[("query", COUNT), *(("release", each) for each in ids(out))])
    assert two.status_code == 400 and "more than one" in two.json()["detail"]


def test_the_word_in_a_query_names_no_release(client: TestClient) -> None:
    answer = client.get("/sparql", params={"query": "ASK { FILTER('release=x' = '') }"})
    assert answer.status_code == 200


def test_a_release_that_cannot_be_opened_never_serves(client: TestClient, out: Path) -> None:
    old, new = ids(out)
    broken = out / "releases" / old
    (broken / "dump.nq").write_bytes(b"nonsense")
    swap(out, old)
    end = time.monotonic() + 20
    while client.get("/health").json()["status"] != "degraded":
        assert time.monotonic() < end
        time.sleep(0.1)
    health = client.get("/health")
    assert health.status_code == 200 and old in health.json()["newer_release"]
    assert str(out) not in health.text
    assert networks(client) == ("2", new)
    swap(out, new)
    end = time.monotonic() + 20
    while client.get("/health").json()["status"] != "ok":
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_damaged_release_at_start_is_a_clear_refusal(out: Path) -> None:
    new = ids(out)[1]
    (out / "releases" / new / "dump.nq").write_bytes(b"nonsense")
    with pytest.raises(ReleaseError, match="cannot be"), TestClient(create_app(open_release(out), SETTINGS)):
        pass


def test_a_release_too_large_for_memory_is_served_from_disk(out: Path) -> None:
    settings = replace(SETTINGS, memory_store=1)
    with TestClient(create_app(open_release(out), settings)) as client:
        assert networks(client)[0] == "2"


def test_two_servers_on_one_folder(client: TestClient, out: Path) -> None:
    with TestClient(create_app(open_release(out), SETTINGS)) as other:
        assert networks(other) == networks(client)


def test_behind_a_proxy_with_a_prefix(out: Path) -> None:
    settings = replace(SETTINGS, root_path="/graph/")
    with TestClient(create_app(open_release(out), settings), follow_redirects=False) as client:
        for path in ("/graph/networks/", "/networks/"):  # the proxy leaves the prefix, or cuts it off
            page = client.get(path, headers={"accept": "text/html"})
            assert page.status_code == 200 and 'href="/graph/static/style.css"' in page.text
        assert client.get("/graph/networks").headers["location"] == "/graph/networks/"
        seen = client.get("/graph/id/network/alpha", headers={"accept": "text/turtle"})
        assert seen.headers["location"] == "/graph/networks/alpha.ttl"
        assert client.get("/graph/sparql", params={"query": "ASK {}"}).status_code == 200
        description = client.get("/graph/sparql", headers={"accept": "text/turtle"}).text
        assert "http://testserver/graph/sparql" in description


@pytest.mark.parametrize("path", ["/sparql", "/sparql.csv", "/api/networks", "/networks/alpha.ttl"])
def test_pages_of_other_sites_may_ask_whether_they_may(client: TestClient, path: str) -> None:
    headers = {"origin": "https://e.example", "access-control-request-method": "GET"}
    answer = client.options(path, headers=headers | {"access-control-request-headers": "authorization"})
    assert answer.status_code == 204 and not answer.content
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Authorization" in answer.headers["access-control-allow-headers"]
    assert ("POST" in answer.headers["access-control-allow-methods"]) == path.startswith("/sparql")


@pytest.mark.parametrize("host", ["[", "evil/?", "a b", "x:99999999"])
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_host_that_is_none_is_said(client: TestClient, host: str, accept: str) -> None:
    for path in ("/", "/networks/alpha", "/sparql?query=ASK%7B%7D", "/releases", "/nowhere"):
        answer = client.get(path, headers={"host": host, "accept": accept})
        assert answer.status_code == 400 and "Host header" in answer.text


def test_a_setting_that_makes_no_sense_is_said() -> None:
    for name, value in (("trusted_proxies", "nonsense"), ("tokens", "/nowhere")):
        with pytest.raises(IntegGraphError):
            create_app(None, replace(SETTINGS, **{name: value}))  # type: ignore[arg-type]
