"""Reports as pages: each question with its answers side by side, its figures, their twins, and what is behind them.

A report is made by the workers of :mod:`integgraph.web.analysing`; here it is laid out, and cut into its parts: every
figure and table has addresses of its own as CSV, JSON and, where something is drawn, SVG.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal, cast, get_args
from urllib.parse import quote, urlencode

from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from integgraph.analysis.measures.answers import Language, State
from integgraph.analysis.reports.drawing import svg, svg_file
from integgraph.analysis.reports.kept import Behind, Made, Wanted
from integgraph.analysis.reports.model import Cell, Figure, Report, Section, Table, Thing, cell_text
from integgraph.analysis.reports.page import (
    FOOT,
    KIND_NAMES,
    OPEN_UP_TO,
    STATE_CLASSES,
    STATE_NAMES,
    STYLE_SOURCE,
    numeric_columns,
)
from integgraph.analysis.reports.rendering import figure_data, table_data
from integgraph.analysis.reports.tabular import remarks, table_csv
from integgraph.errors import FormatNotAvailable, NotFound, Unprocessable
from integgraph.ontology import near
from integgraph.tables import local
from integgraph.web import pages
from integgraph.web.caching import Answers, cached, given_before
from integgraph.web.exchange import GONE, ClientGone, Exchange
from integgraph.web.negotiation import Choice, choose
from integgraph.web.representations import asked_release
from integgraph.web.site import site_of
from integgraph.web.urls import origin_of
from integgraph.web.words import say

FORMS: Mapping[str, tuple[str, str]] = {
    "json": ("json", "application/json"),
    "csv": ("csv", "text/csv; charset=utf-8"),
    "md": ("markdown", "text/markdown; charset=utf-8"),
    "ttl": ("turtle", "text/turtle; charset=utf-8"),
}
"""Suffix → name of the form in :meth:`Report.render`, media type."""
CHOICES = (
    Choice("html", ("text/html", "application/xhtml+xml")),
    Choice("json", ("application/json",)),
    Choice("csv", ("text/csv",)),
    Choice("md", ("text/markdown",)),
    Choice("ttl", ("text/turtle",)),
)
_ALONE = {"content-security-policy": f"default-src 'none'; style-src {STYLE_SOURCE}; frame-ancestors 'none'"}
"""The page that needs nothing else brings its style sheet with it, and nothing else may run in it."""
_PART_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml; charset=utf-8",
}
_SELECTING = {
    "country": "countries",
    "place": "places",
    "field": "fields",
    "target_group": "target_groups",
    "network": "networks",
    "since": "since",
    "until": "until",
}
"""Parameter of an address → part of a selection."""
_EVERYWHERE = ("lang", "release", "format")

_ANSWERS = Answers(48_000_000, 8_000_000)
"""Reports as they were written: laying out a large one takes longer than anybody should wait twice."""

ReportKind = Literal["network", "actor", "funder", "collection"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a report has its addresses.

    Attributes:
        path: Path of its page, without a suffix.
        given: Parameters that say what it speaks of.
    """

    path: str
    given: tuple[tuple[str, str], ...] = ()

    def at(self, suffix: str = "", part: str = "", **more: str) -> str:
        """The address of the report, or of a part, in a format."""
        query = urlencode([*self.given, *((name, value) for name, value in more.items() if value)])
        path = self.path + (f"/{part}" if part else "") + (f".{suffix}" if suffix else "")
        return f"{path}?{query}" if query else path


# ---------------------------------------------------------------------------------------------------------------------
# What a request wants


def split_suffix(name: str) -> tuple[str, str]:
    """A name and its format, where it ends in one.

    >>> split_suffix("halberstadt.csv"), split_suffix("st.-poelten")
    (('halberstadt', 'csv'), ('st.-poelten', ''))
    """
    stem, dot, suffix = name.rpartition(".")
    return (stem, suffix) if dot and stem and suffix in ("html", *FORMS, "svg") else (name, "")


def form_of(request: Request, suffix: str) -> str:
    """The format of the answer: the suffix decides, then ``format``, then the ``Accept`` header.

    Raises:
        FormatNotAvailable: there is no such format.
    """
    names = [choice.name for choice in CHOICES]
    asked = suffix or request.query_params.get("format", "")
    asked = {"markdown": "md", "turtle": "ttl"}.get(asked, asked)
    if asked:
        if asked not in names:
            raise FormatNotAvailable(f"The format '{asked[:40]}' is not available here. Available: {', '.join(names)}.")
        return asked
    chosen = choose(request.headers.get("accept"), CHOICES)
    if chosen is None:
        types = ", ".join(choice.media_types[0] for choice in CHOICES)
        raise FormatNotAvailable(f"None of the formats you accept is available here. Available: {types}.")
    return chosen.name


async def made(request: Request, wanted: Wanted) -> Made:
    """The report, from the workers or from before.

    Raises:
        IntegGraphError: it cannot be made.
        ClientGone: nobody waits for it any more.
    """
    exchange: Exchange = request.scope["exchange"]
    return await site_of(request).analysing.report(
        wanted, exchange, lambda give_up: exchange.watch(request.receive, give_up)
    )


# ---------------------------------------------------------------------------------------------------------------------
# Answers


def answer(request: Request, found: Made, place: Place, form: str, show: Callable[[], Response]) -> Response:
    """A report as data, or as the page that ``show`` makes."""
    language = _language(request)

    def make() -> Response:
        if form == "html":
            return show()
        name, media_type = FORMS[form]
        return Response(found.report.render(name, language), media_type=media_type, headers=_links(request, place))

    return cached(request, _variant(request, place, form), pages.VARY, make, _ANSWERS)


def answer_before(request: Request, place: Place, form: str) -> Response | None:
    """What :func:`answer` gave to the same request before, if it is kept."""
    return given_before(request, _variant(request, place, form), pages.VARY, _ANSWERS)


def _variant(request: Request, place: Place, form: str) -> str:
    asked = f"{request.url.query} {origin_of(request)} {site_of(request).release.id}"
    return f"report {place.at()} {form} {_language(request)} {asked}"


def _links(request: Request, place: Place) -> dict[str, str]:
    licence = site_of(request).release.manifest["licence"]
    return {"link": f'<{site_of(request).urls.at(place.at())}>; rel="canonical", <{licence}>; rel="license"'}


def part_answer(request: Request, found: Made, name: str, suffix: str) -> Response:
    """One figure or table as CSV, JSON or SVG; or ``page`` as the HTML file that needs nothing else.

    Raises:
        NotFound: the report has no such part; those that it has are named.
        FormatNotAvailable: the part has no such format.
    """
    language = _language(request)
    if name == "page" and suffix == "html":
        headers = _ALONE | {"content-disposition": f'attachment; filename="{found.report.kind}.html"'}
        text = found.report.render("html", language)
        return Response(text, media_type="text/html; charset=utf-8", headers=headers)
    parts = dict(named_parts(found.report))
    if name not in parts:
        told = f"This report has no part '{name[:60]}'. It has: {', '.join(parts)}."
        raise NotFound(told, near(name[:60], parts))
    part = parts[name]
    formats = ("csv", "json", "svg") if isinstance(part, Figure) else ("csv", "json")
    if suffix not in formats:
        raise FormatNotAvailable(f"'{name}' is available as: {', '.join(f'{name}.{each}' for each in formats)}.")

    def make() -> Response:
        headers = {"content-disposition": f'inline; filename="{name}.{suffix}"'}
        return Response(_part_text(part, suffix, language), media_type=_PART_TYPES[suffix], headers=headers)

    variant = f"part {request.url.path} {request.url.query} {language} {site_of(request).release.id}"
    return cached(request, variant, "Accept-Language", make)


def _part_text(part: Figure | Table, suffix: str, language: Language) -> str:
    if suffix == "csv":
        return table_csv(part.twin if isinstance(part, Figure) else part, language)
    if suffix == "svg" and isinstance(part, Figure):
        return svg_file(part, language)
    data = figure_data(part) if isinstance(part, Figure) else table_data(part)
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def named_parts(report: Report) -> Iterator[tuple[str, Figure | Table]]:
    """Every figure and table by its name in addresses: ``gaps-1``, ``gaps-table-1``."""
    for section in report.sections:
        for number, figure in enumerate(section.figures, 1):
            yield f"{section.key}-{number}", figure
        for number, table in enumerate(section.tables, 1):
            yield f"{section.key}-table-{number}", table


def _language(request: Request) -> Language:
    return "de" if pages.language_of(request) == "de" else "en"


# ---------------------------------------------------------------------------------------------------------------------
# How a report is laid out


@dataclass(frozen=True, slots=True)
class _Frame:
    """What every part of a page needs: where things and the parts of the report have their addresses."""

    request: Request
    report: Report
    place: Place
    language: Language

    @property
    def _kept(self) -> dict[str, str]:
        return {"lang": self.language, "release": asked_release(self.request)}

    def part(self, suffix: str, name: str) -> str:
        """The address of a part."""
        return site_of(self.request).urls.at(self.place.at(suffix, name, **self._kept))

    def cell(self, cell: Cell) -> dict[str, Any]:
        """A cell with its text, and where it leads."""
        href = None
        if isinstance(cell, Thing) and cell.iri:
            href = site_of(self.request).urls.link(cell.iri)
            if href and href.startswith("/"):
                href += pages._query(self.request, self.language)
        return {"text": cell_text(cell, self.language), "href": href, "unknown": cell is None}

    def citation(self, title: str, part: str = "") -> str:
        """How to cite the report or a part of it: what, in which release, when, and where it can be seen again."""
        release = site_of(self.request).release.id
        address = self.place.at("", lang=self.language, release=release) + (f"#{part}" if part else "")
        return say(
            "report citation",
            self.language,
            title=title,
            release=release,
            day=_day(self.report.created, self.language),
            address=origin_of(self.request) + site_of(self.request).urls.at(address),
        )


def _day(moment: str, language: Language) -> str:
    year, month, day = moment[:10].split("-")
    return f"{int(day)}.{int(month)}.{year}" if language == "de" else moment[:10]


def laid_out(request: Request, found: Made, place: Place) -> dict[str, Any]:
    """What the template of a report takes."""
    report, language = found.report, _language(request)
    frame = _Frame(request, report, place, language)
    release = asked_release(request)
    columns = list(dict.fromkeys(report.scope)) if report.kind == "comparison" else []
    at = site_of(request).urls.at
    return {
        "title": report.title[language],
        "kind": KIND_NAMES[report.kind][language],
        "facts": [{"name": name[language], **frame.cell(cell)} for name, cell in report.facts],
        "notes": [note[language] for note in report.notes],
        "sections": [_section(frame, section, columns) for section in report.sections],
        "behind": [_behind(frame, each) for each in found.behind],
        "foot": FOOT[language],
        "downloads": [
            (name, at(place.at(suffix, lang=language, release=release)))
            for name, suffix in (("JSON", "json"), ("CSV", "csv"), ("Markdown", "md"), ("Turtle", "ttl"))
        ],
        "alone": frame.part("html", "page"),
        "citation": frame.citation(report.title[language]),
        "created": _day(report.created, language),
    }


def _section(frame: _Frame, section: Section, columns: Sequence[Thing]) -> dict[str, Any]:
    return {
        "key": section.key,
        "title": section.title[frame.language],
        "groups": list(_groups(frame, section, columns)),
        "says": [text[frame.language] for text in section.says],
        "beside": [text[frame.language] for text in section.beside],
        "figures": [
            _figure(frame, figure, f"{section.key}-{number}") for number, figure in enumerate(section.figures, 1)
        ],
        "tables": [
            _table(frame, table, f"{section.key}-table-{number}") for number, table in enumerate(section.tables, 1)
        ],
    }


def _groups(frame: _Frame, section: Section, columns: Sequence[Thing]) -> Iterator[list[dict[str, Any]]]:
    """The answers, measure by measure; of one measure they stand beside each other."""
    for _, group in groupby(section.said, key=lambda said: said.line.answer.measure):
        answers = []
        for said in group:
            line = said.line
            answers.append(
                {
                    "scopes": [frame.cell(each) for each in said.scopes] if section.several else [],
                    "all": bool(columns) and len(said.scopes) > 1,
                    "class": STATE_CLASSES[line.state],
                    "state": STATE_NAMES[line.state][frame.language] if line.state is not State.VALUE else "",
                    "measure": line.answer.measure,
                    "sentence": line.answer.sentence[frame.language],
                    "basis": line.answer.inputs.text[frame.language] if len(said.scopes) == 1 else "",
                }
            )
        yield answers


def _figure(frame: _Frame, figure: Figure, name: str) -> dict[str, Any]:
    twin = _table(frame, figure.twin, name)
    return {
        "id": name,
        "title": figure.title[frame.language],
        # It is made of escaped texts and numbers.
        "svg": Markup(svg(figure, frame.language, name)),  # noqa: S704
        "says": figure.says[frame.language],
        "basis": figure.basis[frame.language],
        "open": len(figure.twin.rows) <= OPEN_UP_TO and len(figure.twin.columns) <= OPEN_UP_TO,
        "table": twin | {"links": [*twin["links"], ("SVG", frame.part("svg", name))]},
        "citation": frame.citation(figure.title[frame.language], name),
    }


def _table(frame: _Frame, table: Table, name: str) -> dict[str, Any]:
    return {
        "id": name,
        "title": table.title[frame.language],
        "columns": [column[frame.language] for column in table.columns],
        "numeric": numeric_columns(table),
        "rows": [[frame.cell(cell) for cell in row] for row in table.rows],
        "remarks": list(remarks(table, frame.language)),
        "links": [("CSV", frame.part("csv", name)), ("JSON", frame.part("json", name))],
    }


def _behind(frame: _Frame, behind: Behind) -> dict[str, Any]:
    every = None
    kind, _, name = behind.thing.iri.removeprefix(site_of(frame.request).release.base_iri).partition("/")
    if kind == "place" and behind.count > len(behind.networks):
        query = pages._query(frame.request, frame.language)
        every = site_of(frame.request).urls.at(f"/networks/{query}&region={quote(name)}")
    return {
        "thing": frame.cell(behind.thing),
        "networks": [
            {
                "network": frame.cell(each.network),
                "profiles": [
                    frame.cell(Thing.of(iri, date or say("undated", frame.language))) for iri, date in each.profiles
                ],
            }
            for each in behind.networks
        ],
        "count": cell_text(behind.count, frame.language),
        "shown": len(behind.networks),
        "every": every,
    }


# ---------------------------------------------------------------------------------------------------------------------
# Pages of reports on one thing


async def report(request: Request) -> Response:
    """``/report/KIND/NAME`` and ``/report/collection?…``: a report as a page or as data; with ``/PART`` a part."""
    kind = request.path_params["kind"]
    name, part = request.path_params.get("name", ""), request.path_params.get("part", "")
    kind, suffix = split_suffix(kind) if not name else (kind, "")
    kinds: tuple[str, ...] = get_args(ReportKind)
    if kind not in kinds:
        raise NotFound(f"There is no report on a '{kind[:40]}'. There are: {', '.join(kinds)}.", near(kind[:40], kinds))
    if kind == "collection":
        part, name = (part or name), ""
        wanted, given = _collection(request)
    else:
        name, suffix = (name, "") if part else split_suffix(name)
        if not name:
            raise NotFound(f"Name the {kind}: /report/{kind}/…", ())
        given, wanted = (), Wanted(cast(ReportKind, kind), (name,))
    path = f"/report/{kind}" + (f"/{quote(name)}" if name else "")
    place = Place(path, given)
    if not part and (before := answer_before(request, place, form_of(request, suffix))):
        return before
    try:
        found = await made(request, wanted)
    except ClientGone:
        return Response(status_code=GONE)
    scope = found.report.scope[0]
    canonical = local(scope.iri)
    if name and scope.iri and canonical != name and not part:
        urls = site_of(request).urls
        moved = Place(f"/report/{kind}/{quote(canonical)}").at(suffix)
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(urls.at(moved) + query, 301)
    if part:
        part_name, part_suffix = split_suffix(part)
        return await run_in_threadpool(part_answer, request, found, part_name, part_suffix)
    return await run_in_threadpool(_whole, request, found, place, form_of(request, suffix))


def _whole(request: Request, found: Made, place: Place, form: str) -> Response:
    return answer(
        request,
        found,
        place,
        form,
        lambda: pages.render(request, "report.html", report=laid_out(request, found, place)),
    )


def _collection(request: Request) -> tuple[Wanted, tuple[tuple[str, str], ...]]:
    """Which networks a collection holds.

    Raises:
        Unprocessable: there is no such parameter.
    """
    given = [(name, value.strip()) for name, value in request.query_params.multi_items() if name not in _EVERYWHERE]
    parts: dict[str, list[str]] = {}
    for name, value in given:
        if name not in _SELECTING:
            close = near(name[:80], _SELECTING)
            hint = f" Did you mean {' or '.join(close)}?" if close else ""
            raise Unprocessable(
                f"There is no parameter '{name[:80]}' here.{hint} There are: {', '.join((*_SELECTING, *_EVERYWHERE))}."
            )
        if value:
            parts.setdefault(_SELECTING[name], []).append(value.upper() if name == "country" else value)
    selection = tuple((name, tuple(dict.fromkeys(values))) for name, values in sorted(parts.items()))
    kept = tuple((name, value) for name, value in given if value)
    return Wanted("collection", (), selection), kept


ROUTES = [
    Route("/report/{kind}", report),
    Route("/report/{kind}/{name}", report),
    Route("/report/{kind}/{name}/{part}", report),
]
