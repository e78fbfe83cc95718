"""Pages on paper: A4 from a real browser, read back from its PDF.

Held are: all that a page says is on the sheets and nothing of it beyond their edge; what is for a screen only, such as
menus, forms and buttons, is not; what is folded away on the screen but cannot be opened on paper is open.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator

import pypdfium2
import pytest

from integgraph.build import Built
from tests.web.browser import Browser
from tests.web.serving import Server, served

INCHES = {"paperWidth": 210 / 25.4, "paperHeight": 297 / 25.4}
WITHIN = 680
"""CSS pixels between the margins of an A4 sheet."""
REGIONS = "/compare?with=nuts-dee&with=nuts-iti2"
TOWNS = "/compare?with=netzwerk-fuer-integration-erfurt&with=netzwerk-integration-stendal"
HALBERSTADT = "caritas-diakonie-zora-halberstadt"


@pytest.fixture(scope="module")
def server(collection: Built) -> Iterator[Server]:
    with served(collection.release.path) as running:
        yield running


def bare(text: str) -> str:
    """A text without blanks and without hyphens, which the end of a line hides."""
    return re.sub(r"[\s\x02\u00ad\ufffe-]+", "", text)


def sheets(browser: Browser) -> list[str]:
    """Print the open page; the text of each sheet. No word may stand beyond the edge of its sheet."""
    answer = browser._call("Page.printToPDF", **INCHES, printBackground=False)
    document = pypdfium2.PdfDocument(base64.b64decode(answer["data"]))
    found = []
    for page in document:
        text = page.get_textpage()
        boxes = [text.get_rect(at) for at in range(text.count_rects())]
        assert all(0 <= box[0] and box[2] <= page.get_width() for box in boxes)
        found.append(text.get_text_bounded())
    document.close()
    return found


def said(browser: Browser, selector: str) -> list[str]:
    """The texts of the elements on the page that is open."""
    script = f"[...document.querySelectorAll({json.dumps(selector)})].map((each) => each.textContent)"
    return [text for text in browser.evaluate(script) if text.strip()]


def on_paper(browser: Browser) -> None:
    """Show the open page as it is printed."""
    browser._call("Emulation.setDeviceMetricsOverride", width=WITHIN, height=960, deviceScaleFactor=1, mobile=False)
    browser._call("Emulation.setEmulatedMedia", media="print")


@pytest.mark.parametrize(("path", "language"), [(REGIONS, "en"), (TOWNS, "de")])
def test_a_comparison_is_whole_on_paper(server: Server, browser: Browser, path: str, language: str) -> None:
    browser.open(f"{server.url}{path}&lang={language}", 1280, dark=True)
    text = bare("".join(sheets(browser)))
    parts = "h1, h2, h3, .facts dd, .notice p, .answer strong, .answer .basis, .says, .beside, figcaption, .remark"
    tables = ".tabled th, .tabled td, figure details[open] th, figure details[open] td"
    for selector in (parts, tables, ".drawn svg text", "#behind li, .citation"):
        texts = said(browser, selector)
        assert len(texts) > 2
        assert [each for each in texts if bare(each) not in text] == []
    sentences = browser.evaluate(
        "[...document.querySelectorAll('.answer')].map((each) => [...each.childNodes].filter((node) => "
        "node.nodeType === 3).map((node) => node.data).join(''))"
    )
    assert len(sentences) > 15 and [each for each in sentences if bare(each) not in text] == []
    for selector in ("nav", ".search", ".foot ul", ".choose", ".contents", ".data"):
        unseen = said(browser, selector)
        assert unseen and [each for each in unseen if bare(each) in text] == []


PRINTED = {
    "compare": f"{REGIONS}&lang=de",
    "coverage": "/coverage?place=nuts-dee&lang=de",
    "network": f"/networks/{HALBERSTADT}?lang=de",
    "graph": "/graph?lang=en",
    "graph-all": "/graph?show=all&lang=en",
    "map": "/map?lang=de",
}


@pytest.mark.parametrize("name", PRINTED)
def test_nothing_is_wider_than_the_sheet(server: Server, browser: Browser, name: str) -> None:
    """A browser makes everything smaller where one thing sticks out."""
    browser.open(server.url + PRINTED[name], 1280)
    on_paper(browser)
    assert browser.evaluate("document.documentElement.scrollWidth") <= WITHIN
    if name == "compare":  # those with many columns, opened before they are printed
        browser.evaluate("document.querySelectorAll('figure details').forEach((each) => { each.open = true; })")
        assert browser.evaluate("document.documentElement.scrollWidth") <= WITHIN
    shown = (
        "[...document.querySelectorAll('nav, form, button, .button, .chip')].filter((each) => each.checkVisibility())"
    )
    assert browser.evaluate(f"{shown}.length") == 0
    if name == "graph-all":  # what moves on the screen cannot be printed; the image that the server made can
        browser.wait("document.querySelector('#graph canvas')", 20)
        assert browser.evaluate("document.querySelector('#graph img').checkVisibility()")
        assert not browser.evaluate("document.querySelector('#graph .stage').checkVisibility()")


def test_a_profile_prints_its_evidence_and_how_to_cite_it(server: Server, browser: Browser) -> None:
    browser.open(f"{server.url}/networks/{HALBERSTADT}?lang=de", 1280)
    pages = sheets(browser)
    text = bare("".join(pages))
    for selector in (
        "h1, h2, h3",
        ".fields dt",
        ".fields dd li > a:not(.flag)",
        ".evidence q",
        ".cite",
        "#money td:not(:has(.flag))",
    ):
        texts = said(browser, selector)
        assert texts and [each for each in texts if bare(each) not in text] == [], selector
    assert bare(f"https://w3id.org/integgraph/id/network/{HALBERSTADT}") in text
    for unseen in ("BibTeX", "jsonld", *said(browser, ".toc, .flag")):
        assert bare(unseen) not in text
    numbers = [page.split()[:3] for page in pages]
    assert numbers == [[str(number), "/", str(len(pages))] for number in range(1, len(pages) + 1)]


def test_no_name_of_a_column_of_coverage_is_cut(server: Server, browser: Browser) -> None:
    beyond = """(() => {
      const around = document.querySelector(".maps .scroll"), box = around.getBoundingClientRect();
      return [...document.querySelectorAll(".heat th span")].filter((each) => {
        const it = each.getBoundingClientRect();
        return it.top < box.top || it.right > box.left + around.scrollWidth;
      }).map((each) => each.textContent);
    })()"""
    for language in ("en", "de"):
        browser.open(f"{server.url}/coverage?lang={language}", 1280)
        assert browser.evaluate(beyond) == []
        on_paper(browser)
        assert browser.evaluate(beyond) == []


def test_a_table_of_coverage_stands_on_one_sheet(server: Server, browser: Browser) -> None:
    for path, count in (("lang=en", 1), ("place=nuts-dee&lang=de", 1), ("place=nuts-dee&place=nuts-iti2&lang=de", 2)):
        browser.open(f"{server.url}/coverage?{path}", 1280)
        pages = sheets(browser)
        assert len(pages) == count
        for table in browser.evaluate("[...document.querySelectorAll('.heat')].map((each) => each.innerText)"):
            rows = [bare(line) for line in table.splitlines() if line.strip()]
            assert any(all(row in bare(page) for row in rows) for page in pages)
