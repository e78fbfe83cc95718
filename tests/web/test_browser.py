"""Every kind of page in a real browser: wide and narrow, light and dark, English and German, with and without scripts.

Each kind is opened in four ways, so that each width, scheme and language meets scripts and the lack of them. Held are:
nothing sticks out, no console error, no request to elsewhere, no violation of WCAG 2.2 AA that axe can find. Pictures are
kept where ``INTEGGRAPH_PICTURES`` names a folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest

from integgraph.build import Built
from tests.web.browser import Browser
from tests.web.serving import Server, served

PICTURES = os.environ.get("INTEGGRAPH_PICTURES", "")
HALBERSTADT = "caritas-diakonie-zora-halberstadt"
COUNTS = (
    "SELECT ?name (COUNT(?member) AS ?members) WHERE { ?n a ig:Network ; ig:workingLabel ?name ; org:hasMember ?member } "
    "GROUP BY ?name ORDER BY DESC(?members) ?name LIMIT 12"
)
BROKEN = "SELECT ?x WHERE {\n  ?x a ig:Network .\n  ?x ig:founded .\n}"


class Way(NamedTuple):
    width: int
    dark: bool
    language: str
    scripts: bool


WAYS = (
    Way(1280, False, "en", True),
    Way(390, True, "de", True),
    Way(390, False, "en", False),
    Way(1280, True, "de", False),
)
PAGES: dict[str, tuple[str, int]] = {
    "home": ("/", 200),
    "networks": ("/networks/", 200),
    "networks-filtered": ("/networks/?country=DE&field=housing", 200),
    "networks-refused": ("/networks/?country=XX", 422),
    "network": (f"/networks/{HALBERSTADT}", 200),
    "network-large": ("/networks/tavolo-rifugio-torino", 200),
    "actors": ("/actors/", 200),
    "actor": ("/actors/fluechtlingsrat-niedersachsen", 200),
    "funder": ("/actors/stadt-halberstadt", 200),
    "funders": ("/funders/", 200),
    "places": ("/places/", 200),
    "place": ("/places/nuts-dee", 200),
    "profiles": ("/profiles/", 200),
    "profile": (f"/profiles/{HALBERSTADT}", 200),
    "field": ("/vocabulary/field/housing", 200),
    "target-group": ("/vocabulary/target-group/refugees", 200),
    "funder-category": ("/vocabulary/funder-category/municipal", 200),
    "scheme": ("/vocabulary/field", 200),
    "schemes": ("/vocabulary/", 200),
    "compare": ("/compare", 200),
    "compare-regions": ("/compare?with=nuts-dee&with=nuts-iti2", 200),
    "compare-one": (f"/compare?with={HALBERSTADT}", 422),
    "coverage": ("/coverage", 200),
    "coverage-place": ("/coverage?place=nuts-dee", 200),
    "map": ("/map", 200),
    "graph": ("/graph", 200),
    "graph-all": ("/graph?show=all", 200),
    "graph-around": (f"/graph?about=network/{HALBERSTADT}&steps=3", 200),
    "query": ("/sparql", 200),
    "query-chart": ("/sparql?" + urlencode({"query": COUNTS}), 200),
    "query-broken": ("/sparql?" + urlencode({"query": BROKEN}), 400),
    "questions": ("/questions", 200),
    "question": ("/questions/fields-of-action?country=DE", 200),
    "data": ("/data", 200),
    "releases": ("/releases", 200),
    "ontology": ("/ontology", 200),
    "about": ("/about", 200),
    "measures": ("/about/measures", 200),
    "sources": ("/about/sources", 200),
    "privacy": ("/about/privacy", 200),
    "accessibility": ("/about/accessibility", 200),
    "search": ("/search?q=Fluchtlingsrat", 200),
    "search-nothing": ("/search?q=xqzt", 200),
    "import": ("/import", 200),
    "missing": ("/networks/halberstdt", 404),
    "no-address": ("/nothing/here", 404),
}


@pytest.fixture(scope="module")
def server(collection: Built) -> Iterator[Server]:
    with served(collection.release.path, client_seconds=100_000) as running:
        yield running


def address(server: Server, path: str, language: str) -> str:
    return f"{server.url}{path}{'&' if '?' in path else '?'}lang={language}"


@pytest.mark.parametrize("way", WAYS, ids=lambda way: "-".join(map(str, way)))
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_everywhere(server: Server, browser: Browser, name: str, way: Way) -> None:
    path, status = PAGES[name]
    browser.open(address(server, path, way.language), way.width, dark=way.dark, scripts=way.scripts)
    assert browser.evaluate("document.documentElement.lang") == way.language
    assert browser.evaluate("innerWidth") == way.width
    assert browser.evaluate("document.documentElement.scrollWidth") <= way.width
    assert browser.evaluate("document.querySelectorAll('h1').length") == 1
    if PICTURES:
        where = Path(PICTURES)
        where.mkdir(parents=True, exist_ok=True)
        browser.picture(where / f"{name}-{way.width}-{'dark' if way.dark else 'light'}-{way.language}.png")
    if way.scripts:
        assert browser.violations() == []
    expected = [] if status == 200 else [f"status of {status}"]
    assert [each for each in browser.complaints if not any(known in each for known in expected)] == []
    here = urlsplit(server.url).netloc
    assert [each for each in browser.requests if urlsplit(each).netloc not in (here, "")] == []


def test_nothing_unsafe_is_allowed(server: Server) -> None:
    for path, _ in PAGES.values():
        policy = server.ask("GET", path, headers={"Accept": "text/html"}).headers["content-security-policy"]
        assert "unsafe" not in policy and "default-src 'self'" in policy


def test_every_door_leads_somewhere(server: Server) -> None:
    page = server.ask("GET", "/", headers={"Accept": "text/html"}).text
    for each in sorted(set(re.findall(r'href="(/[^"#]*)"', page))):
        answer = server.ask("GET", each.replace("&amp;", "&"), headers={"Accept": "text/html"})
        assert answer.status < 400, each


# ---------------------------------------------------------------------------------------------------------------------
# Keyboards


def test_suggestions_can_be_walked_with_keys(server: Server, browser: Browser) -> None:
    browser.open(address(server, "/", "en"), 1280)
    browser.evaluate("document.querySelector('.site input[type=search]').focus()")
    browser.type("halberstadt")
    browser.wait("document.querySelectorAll('#suggestions [role=option]').length > 1")
    browser.press("ArrowDown", "ArrowDown")
    assert browser.evaluate("document.querySelectorAll('#suggestions [aria-selected=true]').length") == 1
    browser.press("Escape")
    assert browser.evaluate("document.getElementById('suggestions').hidden")
    browser.press("Enter")
    browser.wait("location.pathname === '/search'")


def test_the_first_stop_of_a_keyboard_skips_the_menu(server: Server, browser: Browser) -> None:
    browser.open(address(server, "/networks/", "en"), 1280)
    browser.press("Tab")
    assert browser.evaluate("document.activeElement.className") == "skip"
    browser.press("Enter")
    assert browser.evaluate("location.hash") == "#content"


def test_the_editor_can_be_entered_and_left(server: Server, browser: Browser) -> None:
    browser.open(address(server, "/sparql", "en"), 1280)
    browser.wait("document.querySelector('.editor')?.shadowRoot.querySelector('.cm-content')")
    browser.evaluate("document.querySelector('.editor').shadowRoot.querySelector('.cm-content').focus()")
    browser.type("# typed\n")
    assert "# typed" in browser.evaluate("document.getElementById('query').value")
    browser.press("Escape", "Tab")
    assert browser.evaluate("document.activeElement.tagName") == "BUTTON"


def test_the_large_graph_stands_beside_its_table(server: Server, browser: Browser) -> None:
    browser.open(address(server, "/graph?show=all", "en"), 1280)
    browser.wait("document.querySelector('#graph canvas') || document.querySelector('#graph img').complete", 20)
    assert browser.evaluate("document.querySelectorAll('#twin ~ .scroll tbody tr').length") > 10
