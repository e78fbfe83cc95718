"""Pages: what they say, in both languages, safely, and on a real server with a real browser."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient

from integgraph.build import Built
from tests.conftest import ROOT, build_release
from tests.web.browser import Browser

HTML = {"accept": "text/html"}


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


def test_markup_and_bad_addresses_stay_text(golden_data: Path, tmp_path: Path) -> None:
    from integgraph.settings import Settings
    from integgraph.web.app import create_app

    file = golden_data / "profiles" / "gamma.yaml"
    text = file.read_text("utf-8").replace("official_name: Rete Gamma", "official_name: '<script>alert(1)</script>'")
    file.write_text(text, "utf-8")
    release = build_release(golden_data, tmp_path / "out").release
    with TestClient(create_app(release, Settings())) as client:
        answer = client.get("/networks/gamma", headers=HTML)
        assert "<script" not in answer.text
        assert "&lt;script&gt;alert(1)" in answer.text
        listed = client.get("/networks/", params={"q": "<b>"}, headers=HTML)
        assert 'value="&lt;b&gt;"' in listed.text


def test_what_fails_on_our_side_says_so_without_a_traceback(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from integgraph import resources

    def fail(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(resources, "search", fail)
    answer = client.get("/networks/?q=x", headers=HTML)
    assert answer.status_code == 500
    assert "on our side" in answer.text
    assert "secret" not in answer.text


# -- a real server, and a real browser


@pytest.fixture(scope="module")
def server(golden: Built) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "integgraph.cli",
        "serve",
        "--release",
        str(golden.release.path),
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


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(
    "path", ["/", "/networks/", "/networks/alpha", "/sparql", "/vocabulary/field", "/networks/alfa"]
)
def test_a_page_fits_its_window_and_the_browser_does_not_complain(
    server: str, browser: Browser, width: int, path: str
) -> None:
    browser.open(server + path, width)
    assert browser.evaluate("innerWidth") == width
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    assert browser.evaluate("getComputedStyle(document.querySelector('h1')).fontWeight") == "700"
    expected = ["404"] if path.endswith("alfa") else []
    assert [code for code in expected if not any(code in each for each in browser.complaints)] == []
    assert [each for each in browser.complaints if not any(code in each for code in expected)] == []
