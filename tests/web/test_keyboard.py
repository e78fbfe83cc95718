"""Comparison, graph, map and coverage by the keyboard alone: real keys in a real browser, nothing is clicked.

Held are WCAG 2.2's 2.1.1 (every control is reached), 2.1.2 (and left again), 2.4.3 (in the order of the page), 2.4.7
(with a ring around it that can be seen) and 2.4.11 (and nothing over it); and that Tab, Enter and Space do what they
say. The keys of lists, suggestions and the editor are held beside their pages.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from integgraph.build import Built
from tests.web.browser import Browser
from tests.web.serving import Server, served

HALBERSTADT = "network/caritas-diakonie-zora-halberstadt"
REGIONS = "/compare?with=nuts-dee&with=nuts-iti2"
WALKED = {
    "compare": "/compare?lang=en",
    "compare-one": "/compare?with=nuts-dee&lang=en",
    "compare-unknown": "/compare?with=nuts-dee&with=Umbra&lang=de",
    "compare-towns": "/compare?with=netzwerk-fuer-integration-erfurt&with=netzwerk-integration-stendal&lang=de",
    "graph-around": f"/graph?about={HALBERSTADT}&steps=1&lang=en",
    "graph-all": "/graph?show=all&lang=de",
    "map": "/map?country=IT&lang=en",
    "coverage": "/coverage?place=nuts-iti2&lang=en",
}

MARK = """(() => {
  const controls = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const all = [...document.querySelectorAll(controls)].filter((each) => each.tabIndex >= 0 && each.checkVisibility({
    contentVisibilityAuto: true, visibilityProperty: true }) && each.getClientRects().length && !each.disabled);
  all.forEach((each, number) => { each.dataset.stop = number; });
  return all.length;
})()"""
"""Numbers what a keyboard must reach, in the order of the page; says how many."""

LISTEN = """(() => {
  const stop = () => {
    const it = document.activeElement, style = getComputedStyle(it), box = it.getClientRects()[0];
    const within = (edge, most) => Math.min(Math.max(edge, 0), most - 1);
    const x = within(box.left + Math.min(box.width, 24) / 2, innerWidth);
    const y = within(box.top + Math.min(box.height, 12) / 2, innerHeight);
    const top = document.elementFromPoint(x, y);
    return {
      number: Number(it.dataset.stop ?? -1),
      what: it.outerHTML.slice(0, 120),
      ring: style.outlineStyle === "solid" ? parseFloat(style.outlineWidth) : 0,
      inView: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
      covered: !(top && (it.contains(top) || top.contains(it))),
      main: document.querySelector("main").contains(it),
      left: box.left, right: box.right, above: box.top + scrollY, below: box.bottom + scrollY,
    };
  };
  window.stops = [];
  document.addEventListener("focusin", () => stops.push(stop()));
  return true;
})()"""
"""Notes of each thing that gets the focus: its number, its ring, whether it can be seen, where it is on the page."""

FOCUS = "document.activeElement"


@pytest.fixture(scope="module")
def server(collection: Built) -> Iterator[Server]:
    with served(collection.release.path) as running:
        yield running


def opened(browser: Browser, server: Server, path: str) -> None:
    """Open a page that does not glide when it scrolls, so that what has the focus is in view at once."""
    browser.open(server.url + path, 1280)
    still(browser)
    if "show=all" in path:
        browser.wait("document.querySelector('#graph canvas')", 20)


def still(browser: Browser) -> None:
    browser._call("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])


def tab_to(browser: Browser, selector: str, most: int = 250) -> None:
    """Press Tab until the focus is on the element, as somebody without a mouse does."""
    for _ in range(most):
        if browser.evaluate(f"{FOCUS}.matches({selector!r})"):
            return
        browser.press("Tab")
    raise AssertionError(f"Tab does not reach {selector}")


def arrives(browser: Browser, condition: str) -> None:
    """Wait until the keys have led to another page, and that page is whole."""
    browser.wait(f"document.readyState === 'complete' && ({condition})")
    still(browser)


# ---------------------------------------------------------------------------------------------------------------------
# Every control


@pytest.mark.parametrize("name", WALKED)
def test_every_control_is_reached_seen_and_left(server: Server, browser: Browser, name: str) -> None:
    opened(browser, server, WALKED[name])
    count = browser.evaluate(MARK)
    assert count > 20 and browser.evaluate(LISTEN)
    browser.press(*["Tab"] * count)
    stops: list[dict[str, Any]] = browser.evaluate("stops")
    assert [each["number"] for each in stops] == list(range(count))
    for each in stops:
        assert each["ring"] >= 2 and each["inView"] and not each["covered"], each
    inner = [each for each in stops if each["main"]]
    for one, other in pairwise(inner):
        back = other["right"] <= one["left"] and other["below"] <= one["above"]
        assert not back, f"The focus goes back up and left: {one['what']} to {other['what']}"
    browser.press("Shift+Tab", "Shift+Tab")
    assert browser.evaluate(f"Number({FOCUS}.dataset.stop)") == count - 3
    assert [each for each in browser.complaints if "status of 4" not in each] == []  # of a name that is none


# ---------------------------------------------------------------------------------------------------------------------
# Comparing


def test_a_comparison_is_made_and_changed_with_keys(server: Server, browser: Browser) -> None:
    opened(browser, server, "/compare?lang=en")
    tab_to(browser, "#add")
    browser.type("Sachsen-Anhalt")
    browser.wait("document.querySelectorAll('#add-list option').length > 0")
    browser.press("Enter")
    arrives(browser, "document.querySelectorAll('.choose ol li').length === 1")
    assert browser.evaluate("document.querySelector('.notice').getAttribute('role')") == "status"
    tab_to(browser, "#add")
    browser.type("Umbria")
    tab_to(browser, ".choose .add button")
    browser.press(" ")
    arrives(browser, "document.querySelector('h1').textContent === 'Saxony-Anhalt · Umbria'")
    tab_to(browser, ".change summary")
    browser.press(" ")
    assert browser.evaluate("document.querySelector('.change').open")
    tab_to(browser, ".moves a[aria-label*='Umbria']:first-child")
    browser.press("Enter")
    arrives(browser, "document.querySelector('h1').textContent === 'Umbria · Saxony-Anhalt'")
    tab_to(browser, ".change summary")
    browser.press("Enter")
    tab_to(browser, ".moves a[aria-label*='Saxony-Anhalt']:last-child")
    browser.press("Enter")
    arrives(browser, "document.querySelectorAll('.choose ol li').length === 1")
    assert browser.evaluate("document.querySelector('.choose .name a').textContent") == "Umbria"


def test_a_figure_gives_its_table_and_files_to_keys(server: Server, browser: Browser, tmp_path: Path) -> None:
    opened(browser, server, f"{REGIONS}&lang=en")
    tab_to(browser, "figure details:not(.cite) > summary")
    twin = f"{FOCUS}.parentElement.open"
    before = browser.evaluate(twin)
    browser.press(" ")
    assert browser.evaluate(twin) is not before
    browser.press("Enter")
    assert browser.evaluate(twin) is before
    browser._call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    tab_to(browser, "figure a.chip[aria-label^='CSV']")
    browser.press("Enter")
    end = time.monotonic() + 10
    while not (files := list(tmp_path.glob("*.csv"))):
        assert time.monotonic() < end, "the CSV does not come"
        time.sleep(0.05)
    assert files[0].read_text("utf-8-sig").splitlines()[0].count(",") >= 2
    tab_to(browser, "figure .cite > summary")
    browser.press(" ")
    assert browser.evaluate(f"{FOCUS}.nextElementSibling.checkVisibility()")
    browser.press("Shift+Tab")
    assert browser.evaluate(f"{FOCUS}.getAttribute('href')") == "#behind"
    browser.press("Shift+Tab")
    assert browser.evaluate(f"{FOCUS}.getAttribute('aria-label')").startswith("SVG: ")
    browser.press("Enter")
    browser.wait("document.documentElement.tagName === 'svg'")


# ---------------------------------------------------------------------------------------------------------------------
# The graph


def test_the_drawing_moves_and_zooms_with_keys_and_lets_go(server: Server, browser: Browser) -> None:
    opened(browser, server, "/graph?show=all&lang=en")
    told = browser.evaluate("document.getElementById('moving').textContent")
    assert "arrows move, + and − zoom, 0 shows all" in told
    tab_to(browser, "#graph")
    assert browser.evaluate(f"document.getElementById({FOCUS}.getAttribute('aria-describedby')).checkVisibility()")
    names = "document.querySelector('.sigma-labels').toDataURL()"  # the names move with all the rest
    assert browser.evaluate(f"(window.first = {names}).length > 0")
    for key in ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "+", "-"):
        browser.press(key)
        browser.wait(f"{names} !== first")
        browser.press("0")
        browser.wait(f"{names} === first")
        assert browser.evaluate(f"{FOCUS}.id") == "graph", key
    browser.press("Tab")
    assert browser.evaluate(f"{FOCUS}.textContent") == "Picture as SVG"
    browser.press("Shift+Tab", "Shift+Tab")
    assert browser.evaluate(f"{FOCUS}.textContent") == "Draw"


def test_keys_of_the_browser_are_not_taken_by_the_drawing(server: Server, browser: Browser) -> None:
    opened(browser, server, "/graph?show=all&lang=en")
    browser.wait("document.getElementById('graph').tabIndex === 0")
    for held in ("ctrlKey", "altKey", "metaKey"):
        for key in ("+", "-", "0", "ArrowLeft"):
            sent = f"new KeyboardEvent('keydown', {{key: {key!r}, {held}: true, bubbles: true, cancelable: true}})"
            assert browser.evaluate(f"document.getElementById('graph').dispatchEvent({sent})"), (held, key)


def test_a_graph_is_chosen_and_its_table_walked_with_keys(server: Server, browser: Browser) -> None:
    opened(browser, server, f"/graph?about={HALBERSTADT}&steps=1&lang=en")
    tab_to(browser, "#steps")
    browser.press("ArrowDown")
    tab_to(browser, ".choose button")
    browser.press("Enter")
    arrives(browser, "new URLSearchParams(location.search).get('steps') === '2'")
    tab_to(browser, "section[aria-labelledby=twin] .scroll")
    browser.press("Tab")
    first = browser.evaluate(f"[{FOCUS}.textContent, {FOCUS}.pathname]")
    assert browser.evaluate(f"{FOCUS}.closest('th').scope") == "row"
    browser.press("Enter")
    arrives(browser, f"location.pathname === {first[1]!r}")
    assert browser.evaluate("document.querySelector('h1').textContent").strip() == first[0]


# ---------------------------------------------------------------------------------------------------------------------
# Map and coverage


def test_a_map_is_narrowed_and_entered_with_keys(server: Server, browser: Browser) -> None:
    opened(browser, server, "/map?country=IT&lang=en")
    tab_to(browser, "a[aria-label='Zoom in on Umbria']")
    browser.press("Enter")
    arrives(browser, "location.pathname === '/map' && location.search.includes('nuts-iti2')")
    assert browser.evaluate("document.querySelector('[role=status]').textContent").startswith("5 of 120")


def test_coverage_of_a_place_is_chosen_with_keys(server: Server, browser: Browser) -> None:
    opened(browser, server, "/coverage?lang=en")
    tab_to(browser, "#place")
    browser.press("ArrowDown", "Tab", "Enter")
    arrives(browser, "new URLSearchParams(location.search).get('place')")
    tab_to(browser, "table.heat a")
    named = browser.evaluate(f"{FOCUS}.getAttribute('aria-label')")
    browser.press("Enter")
    arrives(browser, "location.pathname === '/networks/'")
    count = named.rpartition(": ")[2]
    assert browser.evaluate("document.querySelector('[data-part=results] [role=status]').textContent").startswith(count)
