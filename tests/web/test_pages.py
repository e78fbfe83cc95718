"""Pages: what they say, in both languages, safely, and on a real server with a real browser."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from integgraph.build import Built
from tests.conftest import GOLDEN, ROOT, build_release
from tests.web.browser import Browser
from tests.web.serving import free_port

HTML = {"accept": "text/html"}
BASE = "https://w3id.org/integgraph/id/"


def data_block(text: str) -> dict[str, Any]:
    """The JSON-LD that stands in a page for search engines."""
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def page(client: TestClient, path: str, language: str = "en") -> str:
    answer = client.get(path, headers=HTML | {"accept-language": language})
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    return re.sub(r"\s+", " ", answer.text)


def test_the_home_page_counts(client: TestClient) -> None:
    text = page(client, "/")
    assert "<dt>Networks</dt><dd>3</dd>" in text
    assert "Der offene Wissensgraph" in page(client, "/", "de")
    assert "Der offene Wissensgraph" in client.get("/?lang=de", headers=HTML).text


def test_a_network_shows_the_three_kinds_of_answer_and_where_they_come_from(client: TestClient) -> None:
    text = page(client, "/networks/beta")
    assert "Stated: none" in text
    assert "Unreadable" in text
    assert "Not recorded" in text
    german = page(client, "/networks/alpha", "de")
    assert "Profil 2024-02" in german
    assert "Profil 2018-05" in german
    assert "Handlungsfelder" in german
    assert "Was hier zweifelhaft ist" in german


def test_sections_and_fields_stand_in_the_order_of_the_form(client: TestClient) -> None:
    text = page(client, "/networks/alpha")
    places = [
        text.index(f"<h2>{name}</h2>") for name in ("General information", "Network profile", "Further information")
    ]
    assert places == sorted(places)
    assert text.index("Founded") < text.index("Seat") < text.index("Members")


@pytest.mark.parametrize(
    "path",
    [
        "/networks/",
        "/actors/",
        "/places/",
        "/profiles/",
        "/vocabulary/",
        "/vocabulary/field",
        "/ontology",
        "/actors/land-beta",
    ],
)
def test_other_pages(client: TestClient, path: str) -> None:
    for language in ("en", "de"):
        assert "<h1" in page(client, path, language)


def test_every_answer_has_the_security_headers(client: TestClient) -> None:
    for path in ("/", "/sparql", "/nothing", "/static/style.css", "/health"):
        headers = client.get(path, headers=HTML).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_search_engines_are_told_in_schema_org(client: TestClient, golden: Built) -> None:
    network = data_block(client.get("/networks/alpha", headers=HTML).text)
    assert (network["@type"], network["@id"], network["name"]) == (
        "Organization", BASE + "network/alpha", "Netzwerk Alpha",
    )  # fmt: skip
    assert network["foundingDate"] == "2010-03"
    assert network["location"] == {"@type": "Place", "@id": BASE + "place/musterstadt", "name": "Musterstadt"}
    assert network["knowsAbout"] == "Labour market"
    members = [each["name"] for each in network["member"]]
    assert members == ["Caritas Musterstadt", "Netzwerk Beta"]  # volunteers are no organisation
    actor = data_block(client.get("/actors/caritas-musterstadt", headers=HTML).text)
    assert (actor["@type"], actor["name"]) == ("Organization", "Caritas Musterstadt")
    home = data_block(client.get("/?lang=de", headers=HTML).text)
    assert (home["@type"], home["inLanguage"], home["version"]) == ("Dataset", "de", golden.release.id)
    assert home["includedInDataCatalog"]["@type"] == "DataCatalog"
    assert home["license"] == golden.release.manifest["licence"]
    assert len(home["description"]) >= 50
    assert "application/ld+json" not in re.sub(
        "<link[^>]*>|<a [^>]*>", "", client.get("/places/musterstadt", headers=HTML).text
    )


def test_a_page_leads_to_its_data(client: TestClient) -> None:
    text = page(client, "/networks/alpha")
    assert '<link rel="canonical" href="/networks/alpha">' in text
    for suffix, media_type in (
        ("ttl", "text/turtle"),
        ("jsonld", "application/ld\\+json"),
        ("json", "application/json"),
    ):
        assert re.search(f'<link rel="alternate" type="{media_type}" href="/networks/alpha.{suffix}">', text)
    assert '<a href="/networks/alpha.json" type="application/json">json</a>' in text


def test_links_stay_in_the_release_that_was_asked_for(client: TestClient, golden: Built) -> None:
    wanted = f"release={golden.release.id}"
    for path in ("/networks/", "/networks/alpha", "/vocabulary/field", "/ontology"):
        text = page(client, f"{path}?{wanted}&lang=de", "de")
        local = re.findall(r'<a [^>]*href="(/[^"#]*)"', text)
        assert local
        leaving = [each for each in local if "lang=" in each and wanted not in each]
        assert leaving == []
    assert 'name="release"' in page(client, f"/networks/?{wanted}")


@pytest.mark.parametrize("path", ["/networks/alpha", "/actors/caritas-musterstadt", "/places/musterstadt"])
def test_values_name_their_profile_and_its_date(client: TestClient, path: str) -> None:
    text = page(client, path)
    assert "profile 2024-02</a>" in text
    assert "/profiles/alpha--2024-02?lang=en" in text


def test_markup_and_bad_addresses_stay_text(golden_data: Path, tmp_path: Path) -> None:
    from integgraph.settings import Settings
    from integgraph.web.app import create_app

    file = golden_data / "profiles" / "gamma.yaml"
    text = file.read_text("utf-8").replace("official_name: Rete Gamma", "official_name: '<script>alert(1)</script>'")
    file.write_text(text, "utf-8")
    release = build_release(golden_data, tmp_path / "out").release
    with TestClient(create_app(release, Settings())) as client:
        answer = client.get("/networks/gamma", headers=HTML)
        assert "<script>" not in answer.text
        scripts = re.findall(r"<script([^>]*)>", answer.text)
        assert scripts == [' type="module" src="/static/built/suggest.js"', ' type="application/ld+json"']
        assert answer.text.count("</script") == 2
        assert data_block(answer.text)["legalName"] == "<script>alert(1)</script>"
        assert "&lt;script&gt;alert(1)" in answer.text
        listed = client.get("/networks/", params={"q": "<b>"}, headers=HTML)
        assert 'value="&lt;b&gt;"' in listed.text


def test_what_fails_on_our_side_says_so_without_a_traceback(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from integgraph import listing

    def fail(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(listing, "ask", fail)
    answer = client.get("/networks/?q=x", headers=HTML)
    assert answer.status_code == 500
    assert "on our side" in answer.text
    assert "secret" not in answer.text


# -- a real server, and a real browser


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The golden data, after a release that had one network more."""
    data = Path(shutil.copytree(GOLDEN, tmp_path_factory.mktemp("served") / "data"))
    gamma = (data / "profiles" / "gamma.yaml").read_text("utf-8")
    more = data / "profiles" / "delta.yaml"
    more.write_text(re.sub("comune-esempio|associazione-esempio|gamma", r"\g<0>-delta", gamma), "utf-8")
    build_release(data, data.parent / "out")
    more.unlink()
    return build_release(data, data.parent / "out")


@pytest.fixture(scope="module")
def server(served: Built) -> Iterator[str]:
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "integgraph.cli",
        "serve",
        "--release",
        str(served.release.path),
        "--port",
        str(port),
    ]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def test_a_real_server_answers(server: str) -> None:
    assert httpx2.get(f"{server}/health", timeout=10).json()["status"] == "ok"


def test_a_port_in_use_is_said(server: str, golden: Built) -> None:
    port = server.rpartition(":")[2]
    command = [sys.executable, "-m", "integgraph.cli", "serve", "--release", str(golden.release.path), "--port", port]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert f"Cannot listen on 127.0.0.1, port {port}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(
    "path",
    ["/", "/networks/", "/networks/alpha", "/sparql", "/vocabulary/field", "/networks/alfa", "/networks/gamma-delta"],
)
def test_a_page_fits_its_window_and_the_browser_does_not_complain(
    server: str, browser: Browser, width: int, path: str
) -> None:
    browser.open(server + path, width)
    assert browser.evaluate("innerWidth") == width
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    assert browser.evaluate("getComputedStyle(document.querySelector('h1')).fontWeight") == "700"
    expected = {"/networks/alfa": ["404"], "/networks/gamma-delta": ["410"]}.get(path, [])
    assert [code for code in expected if not any(code in each for each in browser.complaints)] == []
    assert [each for each in browser.complaints if not any(code in each for code in expected)] == []
