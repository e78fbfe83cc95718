"""Reports as texts: JSON, CSV, Markdown, a page that needs nothing else, and RDF that can be asked."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

import integgraph
from integgraph.analysis.measures import State
from integgraph.analysis.measures.answers import Answer, Inputs, Text
from integgraph.analysis.reports.drawing import WIDTH, svg
from integgraph.analysis.reports.model import (
    Dots,
    Figure,
    Heat,
    Line,
    Pairs,
    Report,
    Section,
    Shares,
    Steering,
    Strip,
    Table,
    Thing,
)
from integgraph.analysis.reports.page import STYLE, STYLE_SOURCE
from integgraph.analysis.reports.rendering import FORMS, as_data
from integgraph.analysis.reports.statements import triples
from integgraph.analysis.reports.tabular import COLUMNS, table_csv
from integgraph.build import Built
from integgraph.errors import Unprocessable
from integgraph.ontology import Ontology
from integgraph.store import EmbeddedStore

VOID = {"meta", "link", "br", "img", "hr", "path", "rect", "circle"}
NASTY = 'A "net" <script>alert(1)</script> & |=cmd| [x](javascript:1)'


@pytest.fixture(scope="module")
def reports(collection: Built) -> dict[str, Report]:
    release = integgraph.open(collection.release.path)
    return {
        "network": release.analyse("network", "caritas-diakonie-zora-halberstadt"),
        "actor": release.analyse("actor", "caritasverband-dekanat-halberstadt"),
        "funder": release.analyse("funder", "stadt-halberstadt"),
        "comparison": release.compare("nuts-dee", "nuts-iti2"),
    }


@pytest.fixture(params=["network", "actor", "funder", "comparison"])
def report(request: pytest.FixtureRequest, reports: dict[str, Report]) -> Report:
    return reports[request.param]


@pytest.fixture
def nasty() -> Report:
    """A report whose names are markup, formulas and more."""
    text = Text(NASTY, NASTY)
    thing = Thing("javascript:alert(1)", text)
    table = Table(text, (text, Text("n", "n")), ((thing, 1), ("=HYPERLINK(1)", None), (text, 0.5)))
    figure = Figure(text, text, text, Dots((NASTY,), (NASTY,), frozenset({(0, 0)})), table)
    answer: Answer[float] = Answer("density", State.VALUE, 0.5, Inputs(1, 1, 1, ("2020",)), text)
    section = Section("known", text, (Line(thing, answer, 0.5, "share"),), (text,), (text,), (figure,), (table,))
    return Report(
        "network", text, (thing,), ((text, thing),), (text,), (section,), "1", "2020", "https://e.example/r", "0"
    )


class Page(HTMLParser):
    """Reads a page and keeps what it is made of."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # noqa: S314 - what the code under test has just written


def pictures(text: str) -> Iterator[ElementTree.Element]:
    for found in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        yield parsed(found)


# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", list(FORMS))
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_form_in_both_languages_and_always_the_same(report: Report, form: str, language: str) -> None:
    text = report.render(form, language)  # type: ignore[arg-type]
    assert text == report.render(form, language)  # type: ignore[arg-type]
    assert report.release in text
    assert "nan" not in re.findall(r"[\w.]+", text)


def test_a_form_or_language_that_there_is_not_is_named(report: Report) -> None:
    with pytest.raises(
        Unprocessable, match="'pdf' is not a value of 'form'.*Allowed are: csv, html, json, markdown, turtle"
    ):
        report.render("pdf")
    with pytest.raises(Unprocessable, match="Allowed are: de, en"):
        report.render("html", "fr")  # type: ignore[arg-type]


def test_json_holds_every_answer_in_both_languages(report: Report) -> None:
    data = json.loads(report.render("json"))
    assert data == json.loads(json.dumps(as_data(report)))
    answers = [each for section in data["sections"] for each in section["answers"]]
    assert len(answers) == len(list(report.lines))
    for each in answers:
        assert set(each["sentence"]) == {"en", "de"}
        assert (each["short_value"] is None) or each["state"] in ("value", "forced")
    assert [section["key"] for section in data["sections"]] == [section.key for section in report.sections]


def test_csv_is_one_tidy_table(report: Report) -> None:
    rows = list(csv.DictReader(io.StringIO(report.render("csv", "de"))))
    assert rows and tuple(rows[0]) == COLUMNS
    for row, (section, line) in zip(rows, report.lines, strict=True):
        assert (row["section"], row["measure"], row["state"]) == (section.key, line.answer.measure, str(line.state))
        assert row["sentence"].lstrip("'") == line.answer.sentence.de
        assert (row["value"] == "") == (line.value is None)
        assert row["n"] == ("" if line.answer.inputs.actors is None else str(line.answer.inputs.actors))


def test_markdown_has_every_sentence_with_what_it_rests_on(report: Report) -> None:
    text = report.render("markdown").replace("\\", "")
    for section in report.sections:
        assert f"## {section.title.en}" in text
        for each in (*section.says, *section.beside):
            assert " ".join(each.en.split()) in text
        for said in section.said:
            assert said.line.answer.sentence.en in text


def test_a_table_of_markdown_stays_a_table(nasty: Report) -> None:
    for line in nasty.render("markdown").splitlines():
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 3


# ---------------------------------------------------------------------------------------------------------------------
# The page


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_page_is_whole_and_needs_nothing_else(report: Report, language: str) -> None:
    text = report.render("html", language)  # type: ignore[arg-type]
    page = Page(text)
    names = [name for name, _ in page.tags]
    assert not {"script", "link", "iframe", "img", "object", "embed", "form"} & set(names)
    for _, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "src", "srcset")]
        address = attributes.get("href") or ""
        assert address.startswith(("#", "http://", "https://", "data:text/csv")) or not address
    assert "url(http" not in text and "@import" not in text
    assert dict(page.tags)["html"] == {"lang": language}
    assert names.count("h1") == 1
    assert names.count("style") == 1


def test_names_of_elements_are_used_once_and_links_within_lead_somewhere(report: Report) -> None:
    page = Page(report.render("html"))
    names = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(names) == len(set(names))
    targets = {str(each.get("href"))[1:] for _, each in page.tags if str(each.get("href", "")).startswith("#")}
    targets |= {name for _, each in page.tags for name in str(each.get("aria-labelledby") or "").split()}
    assert targets <= set(names)


def test_every_figure_is_described_and_has_a_twin(report: Report) -> None:
    text = report.render("html")
    figures = [figure for section in report.sections for figure in section.figures]
    found = list(pictures(text))
    assert len(found) == len(figures)
    for picture, figure in zip(found, figures, strict=True):
        title, says = picture[0], picture[1]
        assert (picture.get("role"), title.tag, says.tag) == ("img", "title", "desc")
        assert title.text == figure.title.en
        assert figure.says.en in str(says.text) and figure.basis.en in str(says.text)
        assert picture.get("aria-labelledby") == f"{title.get('id')} {says.get('id')}"
        assert figure.twin.rows
    assert text.count("<figure>") == text.count("<details") == len(figures)


def test_the_page_follows_the_reader_and_prints(report: Report) -> None:
    text = report.render("html")
    assert "@media (prefers-color-scheme:dark)" in STYLE and "@media print" in STYLE
    assert f"<style>{STYLE}</style>" in text
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", STYLE_SOURCE)
    assert '<meta name="viewport"' in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_are_told_apart_by_lightness(scheme: str) -> None:
    """What stands for different things differs in lightness, and texts on colours have contrast (WCAG 2: 4.5)."""
    block = STYLE.split("@media (prefers-color-scheme:dark)")[scheme == "dark"]
    colours = dict(re.findall(r"--(\w+):(#[0-9a-f]{3,6})", block.split("}")[0]))
    light = {name: luminance(value) for name, value in colours.items()}
    for fill, ink in (
        ("full", "onfull"),
        ("thin", "onthin"),
        ("gap", "ongap"),
        ("paper", "ink"),
        ("paper", "soft"),
        ("paper", "link"),
    ):
        assert contrast(light[fill], light[ink]) >= 4.5, (fill, ink)
    assert contrast(light["full"], light["thin"]) >= 2
    assert contrast(light["known"], light["paper"]) >= 3


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(each * 2 for each in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def test_names_that_are_markup_stay_text(nasty: Report) -> None:
    page = Page(nasty.render("html"))
    assert "script" not in [name for name, _ in page.tags]
    assert not any("javascript:" in str(each.get("href")) for _, each in page.tags)
    assert NASTY in "".join(page.words)
    for picture in pictures(nasty.render("html")):
        assert NASTY in str(picture[0].text)


def test_a_cell_that_a_spreadsheet_would_run_is_neutralised(nasty: Report) -> None:
    rows = list(csv.reader(io.StringIO(table_csv(nasty["known"].tables[0], "en"))))
    assert rows[2][0] == "'=HYPERLINK(1)"
    assert rows[2][1] == ""
    assert rows[0] == [NASTY, "n", f"{NASTY} (IRI)"]


DRAWN = [
    Shares(((Text("Few", "Wenige"), (3, 1, 2)), (Text("Many", "Viele"), (70, 0, 50)), (Text("No", "Kein"), (0, 0, 0))), (Text("a", "a"),) * 3),
    Dots(("Anna Verein " * 6, "B"), ("N", "M " * 40), frozenset({(0, 0), (1, 1)})),
    Heat((Text("r", "r"),), (Text("c", "c"), Text("d", "d")), ((0, None),)),
    Strip(((Text("r", "r"), 0.5, 0.2, 0.7), (Text("q", "q"), None, None, None)), Text("s", "s"), Text("b", "b"), (0.0, 1.0), True),
    Pairs(((Text("r", "r"), 0, 0),), Text("then", "dann"), Text("now", "jetzt")),
    Steering(tuple((Text(str(mode), ""), mode) for mode in (None, "participant-governed", "joint-coordination", "lead-organisation", "lead-or-nao", "network-administrative-organisation"))),
]  # fmt: skip


@pytest.mark.parametrize("drawing", DRAWN, ids=lambda each: type(each).__name__)
def test_every_kind_of_figure_is_drawn_within_its_frame(
    drawing: Shares | Dots | Heat | Strip | Pairs | Steering,
) -> None:
    text = Text("t", "t")
    figure = Figure(text, text, text, drawing, Table(text, (text,), (("x",),)))
    picture = parsed(svg(figure, "de", "f"))
    width, height = float(str(picture.get("width"))), float(str(picture.get("height")))
    assert picture.get("viewBox") == f"0 0 {width:g} {height:g}"
    for each in picture.iter():
        if each.tag == "rect" and each.get("x") is not None:
            x, y, w, h = (float(str(each.get(name))) for name in ("x", "y", "width", "height"))
            assert 0 <= x and x + w <= width and 0 <= y and y + h <= height
            assert w > 0 and h > 0
        if each.tag == "text":
            assert 0 <= float(str(each.get("x"))) <= width and 0 <= float(str(each.get("y"))) <= height
    if not isinstance(drawing, Dots | Heat):
        assert width == WIDTH


def test_shares_are_squares_that_can_be_counted() -> None:
    text = Text("t", "t")
    drawing = Shares(((text, (3, 1, 2)),), (text, text, text))
    figure = Figure(text, text, text, drawing, Table(text, (text,), (("x",),)))
    squares = [each for each in parsed(svg(figure, "en", "f")).iter("rect") if each.get("width") == "14"]
    assert [each.get("class") for each in squares] == ["known"] * 3 + ["outline empty"] * 3
    dotted = list(parsed(svg(figure, "en", "f")).iter("g"))
    assert len(dotted) == 2  # one square and its key


# ---------------------------------------------------------------------------------------------------------------------
# RDF


def test_measurements_can_be_asked_for(reports: dict[str, Report]) -> None:
    report = reports["network"]
    store = EmbeddedStore.of(report.render("turtle"))
    found = store.select(
        "SELECT ?state ?value ?n ?sentence WHERE { ?m a ig:Measurement ; ig:measureKey 'density' ; ig:answerState ?state ; "
        "ig:measuredValue ?value ; ig:actorCount ?n ; dct:description ?sentence FILTER(LANG(?sentence) = 'en') }"
    ).records()
    assert found == [{"state": "forced", "value": 1.0, "n": 3, "sentence": report.answer("density").sentence.en}]
    unknown = store.select(
        "SELECT DISTINCT ?key WHERE { ?m ig:measureKey ?key ; ig:answerState 'unknown' FILTER NOT EXISTS { ?m ig:measuredValue ?v } }"
    ).records()
    assert {row["key"] for row in unknown} == {
        line.answer.measure for _, line in report.lines if line.state is State.UNKNOWN
    }


def test_measurements_say_by_which_measure_and_from_which_dates(reports: dict[str, Report]) -> None:
    store = EmbeddedStore.of(reports["network"].render("turtle"))
    found = store.select(
        "SELECT ?measure ?since ?until ?mode WHERE { ?m ig:measureKey 'governance-mode' ; ig:measure ?measure ; "
        "ig:statusFrom ?since ; ig:statusTo ?until ; ig:governanceMode ?mode }"
    ).records()
    assert [{key: str(value) for key, value in row.items()} for row in found] == [
        {
            "measure": "https://w3id.org/integgraph/measure/governance-mode",
            "since": "2021-01",
            "until": "2021-01",
            "mode": "https://w3id.org/integgraph/vocabulary/governance-mode/participant-governed",
        }
    ]


def test_every_answer_is_a_measurement_with_its_provenance(report: Report) -> None:
    store = EmbeddedStore.of(report.render("turtle"))
    lines = {(part.key, line.answer.measure, line.scope, line.answer.sentence) for part, line in report.lines}
    count = store.select("SELECT (COUNT(DISTINCT ?m) AS ?n) WHERE { ?m a ig:Measurement }").records()[0]["n"]
    assert count == len(lines)
    assert store.ask_any(
        f"ASK {{ ?data <http://purl.org/linked-data/cube#structure> ?s ; prov:wasDerivedFrom <{report.release_iri}> ; "
        f"prov:wasGeneratedBy [ prov:used <{report.release_iri}> ; prov:wasAssociatedWith/schema:softwareVersion ?version ] }}"
    )


def test_the_same_report_gives_the_same_triples(report: Report) -> None:
    assert list(triples(report)) == list(triples(replace(report)))


def test_the_terms_of_measurements_are_defined(report: Report, ontology: Ontology) -> None:
    defined = {triple.subject.value for triple in ontology.triples if hasattr(triple.subject, "value")}
    ours = {
        term.value
        for triple in triples(report)
        for term in (triple.predicate, triple.object)
        if getattr(term, "value", "").startswith("https://w3id.org/integgraph/ontology#")
    }
    assert ours and ours <= defined
