"""The JSON API: lists, things, search and the named questions, as JSON or CSV; questions also as pages.

What can be asked stands in :data:`integgraph.listing.LISTS`; addresses, checks and the OpenAPI description are made
from it. Every refusal is a problem with a sentence (:mod:`integgraph.web.problems`).

Source: OpenAPI 3.1.1; RFC 8288 (``Link``), RFC 9110 (negotiation), RFC 9457 (problem details), RFC 4180 (CSV).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar
from urllib.parse import quote, urlencode

import pyarrow as pa
from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from integgraph import __version__, listing
from integgraph.csvtext import harmless
from integgraph.errors import FormatNotAvailable, NotFound, Unprocessable
from integgraph.listing import DEFAULT_LIMIT, LISTS, MAX_LIMIT, Filter, Item
from integgraph.ontology import LANGUAGES, near
from integgraph.questions import Parameter, Question, load_questions
from integgraph.search import KINDS, MAX_QUERY
from integgraph.store import Bounds, Plain
from integgraph.tables import ROWS_AT_ONCE, write_csv
from integgraph.web import addresses, pages, problems
from integgraph.web.addresses import COMMON, TEXT, described, with_example
from integgraph.web.answering import Shown, read_rows
from integgraph.web.asking import bindings_of, shown
from integgraph.web.caching import cached
from integgraph.web.negotiation import Choice, choose
from integgraph.web.site import Site, site_of

router = APIRouter()

_JSON = Choice("json", ("application/json",))
_CSV = Choice("csv", ("text/csv",))
_HTML = Choice("html", ("text/html", "application/xhtml+xml"))
_ANYWHERE = ("release", "format", "lang")
"""Parameters that every address takes."""
_SEARCH_LIMIT, _MAX_SEARCH = 20, 100
_MAX_CURSOR = 400


# ---------------------------------------------------------------------------------------------------------------------
# What a request asks for


def _representation(request: Request, choices: Sequence[Choice], name: str = "") -> tuple[str, str]:
    """(Name without suffix, representation): a suffix decides, then ``format``, then the ``Accept`` header."""
    offered = {choice.name: choice for choice in choices}
    stem, dot, suffix = (name or request.url.path).rpartition(".")
    if dot and suffix in ("json", "csv", "html"):
        return stem, _offered(suffix, offered)
    if asked := request.query_params.get("format"):
        return name, _offered(asked, offered)
    chosen = choose(request.headers.get("accept"), choices)
    if chosen is None:
        types = ", ".join(choice.media_types[0] for choice in choices)
        raise FormatNotAvailable(f"None of the formats you accept is available here. Available: {types}.")
    return name, chosen.name


def _offered(name: str, offered: Mapping[str, Choice]) -> str:
    if name not in offered:
        raise FormatNotAvailable(f"The format '{name[:40]}' is not available here. Available: {', '.join(offered)}.")
    return name


def _parameters(request: Request, known: Sequence[str]) -> list[tuple[str, str]]:
    """The parameters of the address, without those that every address takes.

    Raises:
        Unprocessable: one is not known here, or what stands once in a request stands twice.
    """
    given = [(name, value) for name, value in request.query_params.multi_items() if name not in _ANYWHERE]
    for name, _ in given:
        if name not in known:
            close = near(name[:80], known)
            hint = f" Did you mean {' or '.join(close)}?" if close else ""
            names = ", ".join((*known, *_ANYWHERE))
            raise Unprocessable(f"There is no parameter '{name[:80]}' here.{hint} There are: {names}.")
    return given


def _once(given: Sequence[tuple[str, str]], name: str) -> str:
    found = [value for each, value in given if each == name]
    if len(found) > 1:
        raise Unprocessable(f"'{name}' is given more than once. Give it once.")
    return found[0].strip() if found else ""


def _number(text: str, name: str, default: int, most: int) -> int:
    if not text:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= most:
        raise Unprocessable(f"'{text[:40]}' is not a value of '{name}'. Write a whole number from 1 to {most}.")
    return int(text)


def _variant(request: Request, wanted: str) -> str:
    return f"api {wanted} {request.url.path} {request.url.query}"


def _of_release(site: Site) -> dict[str, str]:
    return {"id": site.release.id, "content_hash": site.release.content_hash}


# ---------------------------------------------------------------------------------------------------------------------
# Lists


def _list(request: Request, name: str, path: str, scheme: str = "", suffixed: str = "") -> Response:
    """A list, as a page of JSON or whole as CSV."""
    site = site_of(request)
    return _paged(
        request,
        path,
        LISTS[name].parameters,
        lambda asked: listing.ask(site.release, site.ontology, name, asked, scheme),
        scheme or name,
        lambda item: _linked(site, item, path),
        suffixed,
    )


def _paged(
    request: Request,
    path: str,
    parameters: Sequence[str],
    ask: Callable[[Sequence[tuple[str, str]]], listing.Found],
    name: str,
    show: Callable[[Item], Item],
    suffixed: str = "",
) -> Response:
    """What is found, as a page of JSON or whole as CSV.

    Args:
        request: The request.
        path: Path of the list, without a suffix.
        parameters: What narrows or orders it.
        ask: Finds it, by those of the parameters that are given.
        name: What a file of it is called.
        show: How an item is told.
        suffixed: The part of the path that may end in a suffix, where it is not the end of the whole path.
    """
    site = site_of(request)
    _, wanted = _representation(request, (_JSON, _CSV), suffixed)
    given = _parameters(request, (*parameters, "limit", "cursor"))
    paging = {each: _once(given, each) for each in ("limit", "cursor")}
    if wanted == "csv" and any(paging.values()):
        raise Unprocessable("CSV is always the whole list. Leave out 'limit' and 'cursor', or ask for format=json.")
    limit = _number(paging["limit"], "limit", DEFAULT_LIMIT, MAX_LIMIT)
    asked = [pair for pair in given if pair[0] not in paging]

    def make() -> Response:
        found = ask(asked)
        if wanted == "csv":
            return _csv(found.table(), name)
        page = found.page(limit, paging["cursor"][: _MAX_CURSOR + 1] or None)
        return _page(request, site, page, path, limit, show)

    return cached(request, _variant(request, wanted), "Accept", make)


def _page(
    request: Request, site: Site, page: listing.Page, path: str, limit: int, show: Callable[[Item], Item]
) -> Response:
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in ("cursor", "format")]
    body = {"release": _of_release(site), **_told_page(site, page, path, limit, kept, show)}
    links = [f'<{body["csv"]}>; rel="alternate"; type="text/csv"', f'<{_licence(site)}>; rel="license"']
    if body["next"]:
        links.insert(0, f'<{body["next"]}>; rel="next"')
    return JSONResponse(body, headers={"link": ", ".join(links)})


def _told_page(
    site: Site,
    page: listing.Page,
    path: str,
    limit: int,
    kept: Sequence[tuple[str, str]],
    show: Callable[[Item], Item],
) -> Item:
    """A page as plain data, with the ways to the next one and to the whole list.

    Args:
        site: The release.
        page: The page.
        path: Path of the list.
        limit: Items of a page.
        kept: Parameters that its addresses carry along.
        show: How an item is told.
    """
    address = site.urls.at(path)
    following = f"{address}?{urlencode([*kept, ('cursor', page.cursor)])}" if page.cursor else None
    whole = [pair for pair in kept if pair[0] != "limit"]
    return {
        "total": page.total,
        "limit": limit,
        "items": [show(item) for item in page.items],
        "cursor": page.cursor,
        "next": following,
        "csv": f"{address}?{urlencode([*whole, ('format', 'csv')])}",
    }


def _licence(site: Site) -> str:
    return str(site.release.manifest["licence"])


def _linked(site: Site, item: Item, path: str) -> Item:
    """An item with its page here and its address in this API."""
    folder = "actors" if path == "/api/funders" else path.removeprefix("/api/")
    href = site.urls.at(f"/api/{folder}/{quote(item['id'])}") if folder.count("/") == 0 else None
    return {"id": item["id"], "iri": item["iri"], "page": site.urls.page(item["iri"]), "href": href, **item}


def _csv(table: pa.Table, name: str) -> Response:
    """A whole table, written as it is sent; it was read before, so nothing but the connection can fail."""

    def lines() -> Iterator[bytes]:
        for start in range(0, max(table.num_rows, 1), ROWS_AT_ONCE):
            out = io.StringIO()
            write_csv(table.slice(start, ROWS_AT_ONCE), out)
            text = out.getvalue()
            yield (text if start == 0 else text.partition("\r\n")[2]).encode()

    return StreamingResponse(lines(), media_type="text/csv; charset=utf-8", headers=_attachment(name))


def _attachment(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}.csv"'}


def networks(request: Request) -> Response:
    """Networks: the current view of their answers, each a value, a stated none, or unknown with its reason."""
    return _list(request, "networks", "/api/networks")


def actors(request: Request) -> Response:
    """Actors: who takes part, coordinates, gives or receives; networks that do so stand here too."""
    return _list(request, "actors", "/api/actors")


def funders(request: Request) -> Response:
    """Funders: actors that a funding flow names. A flow that names only a category has no funder here."""
    return _list(request, "funders", "/api/funders")


def places(request: Request) -> Response:
    """Places: those that a profile names, and all that they lie in."""
    return _list(request, "places", "/api/places")


def vocabularies(request: Request) -> Response:
    """Vocabularies: the lists of terms that answers come from."""
    return _list(request, "vocabularies", "/api/vocabularies")


def vocabulary(request: Request, name: str) -> Response:
    """The concepts of one vocabulary."""
    scheme, _ = _representation(request, (_JSON, _CSV), name)
    site_of(request).ontology.scheme(scheme)  # an unknown one is said so before anything else
    return _list(request, "concepts", f"/api/vocabularies/{scheme}", scheme, name)


# ---------------------------------------------------------------------------------------------------------------------
# Things


def _thing(
    request: Request,
    folder: str,
    name: str,
    find: Callable[..., Item],
    more: Callable[[Site, Item], Item] = lambda site, item: {},
) -> Response:
    site = site_of(request)
    stem, wanted = _representation(request, (_JSON,), name)
    _parameters(request, ())
    item = find(site.release, site.ontology, stem)
    if item["id"] != stem:
        return _elsewhere(request, f"/api/{folder}/{quote(item['id'])}", 301)

    def make() -> Response:
        linked = _linked(site, item, f"/api/{folder}")
        link = f'<{linked["page"]}>; rel="describedby", <{_licence(site)}>; rel="license"'
        return JSONResponse({"release": _of_release(site), **linked, **more(site, item)}, headers={"link": link})

    return cached(request, _variant(request, wanted), "Accept", make)


def _elsewhere(request: Request, path: str, status: int) -> Response:
    """Another address of this API, asked in the same way."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(site_of(request).urls.at(path) + query, status)


def network(request: Request, name: str) -> Response:
    """One network: its answers, its participations and its funding."""
    return _thing(request, "networks", name, listing.network)


def actor(request: Request, name: str) -> Response:
    """One actor: what it takes part in, coordinates, gives and receives. A merged id redirects to its actor.

    Of its flows the first ones come with it, as the first page of the list that holds them all.
    """
    kept = [(key, value) for key, value in request.query_params.multi_items() if key == "release"]

    def money(site: Site, item: Item) -> Item:
        return {
            side: _told_page(
                site,
                listing.flows(site.release, site.ontology, item["id"], side).page(DEFAULT_LIMIT),
                f"/api/actors/{quote(item['id'])}/{side}",
                DEFAULT_LIMIT,
                kept,
                lambda each: each,
            )
            for side in listing.FLOWS
        }

    try:
        return _thing(request, "actors", name, partial(listing.actor, money=False), money)
    except NotFound:
        stem, _ = _representation(request, (_JSON,), name)
        if not listing.has_network(site_of(request).release, stem):
            raise
        return _elsewhere(request, f"/api/networks/{quote(stem)}", 303)


def gives(request: Request, name: str) -> Response:
    """Funding flows that an actor gives."""
    return _flows(request, name, "gives")


def receives(request: Request, name: str) -> Response:
    """Funding flows that an actor receives."""
    return _flows(request, name, "receives")


def _flows(request: Request, name: str, side: str) -> Response:
    """The flows on one side of an actor, as a page of JSON or whole as CSV."""
    site = site_of(request)
    actual = listing.canonical(site.release, name)
    if actual != name:
        return _elsewhere(request, f"/api/actors/{quote(actual)}/{side}", 301)
    return _paged(
        request,
        f"/api/actors/{quote(name)}/{side}",
        (),
        lambda asked: listing.flows(site.release, site.ontology, name, side),
        f"{name}-{side}",
        lambda each: each,
    )


def place(request: Request, name: str) -> Response:
    """One place, and all that it lies in."""
    return _thing(request, "places", name, listing.place)


# ---------------------------------------------------------------------------------------------------------------------
# Search and index


def search(request: Request) -> Response:
    """Things by their names and wordings, in any spelling; best first."""
    site = site_of(request)
    _, wanted = _representation(request, (_JSON, _CSV))
    given = _parameters(request, ("q", "kind", "limit"))
    text = _once(given, "q")
    if not text:
        raise Unprocessable("There is nothing to look for. Send it as the parameter 'q'.")
    kinds = [value for name, value in given if name == "kind"]
    for kind in kinds:
        if kind not in KINDS:
            raise Unprocessable(f"'{kind[:80]}' is not a value of 'kind'. Allowed are: {', '.join(KINDS)}.")
    limit = _number(_once(given, "limit"), "limit", _SEARCH_LIMIT, _MAX_SEARCH)
    language = _language(request)

    def make() -> Response:
        with site.release.search_index() as index:
            hits = index.search(text, kinds=kinds, language=language, limit=limit + 1)
        found = [
            {
                "iri": hit.thing,
                "page": site.urls.page(hit.thing),
                "kind": hit.kind,
                "label": hit.label,
                "matched": hit.matched,
                "role": hit.role,
                "score": hit.score,
            }
            for hit in hits[:limit]
        ]
        if wanted == "csv":
            return rows_as_csv(list(_HIT), [[row[key] for key in _HIT] for row in found], "search")
        body = {"release": _of_release(site), "q": text[:MAX_QUERY], "more": len(hits) > limit, "items": found}
        return JSONResponse(body)

    return cached(request, f"{_variant(request, wanted)} {language}", "Accept, Accept-Language", make)


_HIT = ("iri", "kind", "label", "matched", "role", "score")


def _language(request: Request) -> str:
    asked = request.query_params.get("lang")
    if asked is not None and asked not in LANGUAGES:
        raise Unprocessable(f"'{asked[:40]}' is not a value of 'lang'. Allowed are: {', '.join(LANGUAGES)}.")
    return pages.language_of(request)


def index(request: Request) -> Response:
    """What this API has."""
    site = site_of(request)
    _, wanted = _representation(request, (_JSON,))
    _parameters(request, ())

    def make() -> Response:
        at = site.urls.at
        body = {
            "title": "integgraph",
            "release": _of_release(site),
            "licence": _licence(site),
            "lists": {name: at(f"/api/{name}") for name in LISTS if name != "concepts"},
            "search": at("/api/search"),
            "questions": at("/questions"),
            "openapi": at("/api/openapi.json"),
        }
        return JSONResponse(body)

    return cached(request, _variant(request, wanted), "Accept", make)


def description(request: Request) -> Response:
    """This description."""
    site = site_of(request)
    _parameters(request, ())
    return cached(request, "openapi", "", lambda: JSONResponse(openapi(site.urls.at("/").rstrip("/"))))


# ---------------------------------------------------------------------------------------------------------------------
# Named questions


@lru_cache(maxsize=4)
def _questions(folder: Path) -> Mapping[str, Question]:
    return load_questions(folder)


def questions(request: Request) -> Response:
    """The named questions, each with its parameters and its query."""
    site = site_of(request)
    _, wanted = _representation(request, (_JSON, _HTML, _CSV))
    _parameters(request, ())
    language = _language(request)
    found = sorted(_questions(site.ontology.folder).values(), key=lambda each: each.id)

    def make() -> Response:
        if wanted == "html":
            return pages.render(request, "questions.html", questions=found, tr=_translator(language))
        if wanted == "csv":
            cells = [[each.id, each.titles["en"], each.titles["de"], each.audience, each.table] for each in found]
            return rows_as_csv(["id", "title_en", "title_de", "audience", "table"], cells, "questions")
        body = {"release": _of_release(site), "total": len(found), "items": [_told(site, each) for each in found]}
        return JSONResponse(body)

    return cached(request, f"{_variant(request, wanted)} {language}", pages.VARY, make)


def _translator(language: str) -> Callable[[str, str], str]:
    return lambda english, german: german if language == "de" else english


def _told(site: Site, question: Question) -> dict[str, Any]:
    return {
        "id": question.id,
        "href": site.urls.at(f"/questions/{question.id}"),
        "title": dict(question.titles),
        "reading": dict(question.readings),
        "audience": question.audience,
        "parameters": [
            {"name": each.name, "type": each.type, "default": each.default, "meaning": each.meaning}
            for each in question.parameters
        ],
        "query": question.query,
        "table": question.table,
    }


def question(request: Request, name: str) -> Response:
    """The answer to a named question; its parameters are those that the list of questions names for it."""
    site = site_of(request)
    stem, wanted = _representation(request, (_JSON, _HTML, _CSV), name)
    known = _questions(site.ontology.folder)
    if stem not in known:
        raise NotFound(f"There is no question '{stem[:80]}'.", near(stem[:80], known) or list(known)[:5])
    asked, language = known[stem], _language(request)

    def make() -> Response:
        if wanted == "html":
            return _question_page(request, site, asked, language)
        given = _given(request, asked)
        columns, rows = _ask(site, asked, given)
        if wanted == "csv":
            return rows_as_csv(columns, rows, asked.id)
        body = _told(site, asked) | {
            "release": _of_release(site),
            "given": given,
            "total": len(rows),
            "columns": columns,
            "rows": [dict(zip(columns, map(_json_cell, row), strict=True)) for row in rows],
        }
        return JSONResponse(body)

    return cached(request, f"{_variant(request, wanted)} {language}", pages.VARY, make)


def _given(request: Request, asked: Question) -> dict[str, str]:
    """The parameters of a question, with defaults filled in; an empty one, as forms send it, is not given."""
    names = [each.name for each in asked.parameters]
    given = _parameters(request, names)
    values = {name: _once(given, name) for name in names}
    return {
        each.name: values[each.name] or each.default or ""
        for each in asked.parameters
        if values[each.name] or each.default
    }


def _ask(site: Site, asked: Question, given: Mapping[str, str]) -> tuple[list[str], list[list[Plain]]]:
    """Columns and rows of an answer; short ones are kept with their release, for the next one who asks.

    Raises:
        Unprocessable: a parameter is missing or has a value that does not exist; the text says what would be right.
    """
    key = (site.release.content_hash, asked.id, tuple(sorted(given.items())))
    found = _ANSWERS.get(key)
    if found is None:
        found = _answered(site, asked, given)
        if len(found[1]) <= _KEPT_ROWS:
            _ANSWERS[key] = found
            while len(_ANSWERS) > _KEPT_ANSWERS:
                _ANSWERS.pop(next(iter(_ANSWERS)), None)
    return found


_KEPT_ANSWERS, _KEPT_ROWS = 128, 2_000
_ANSWERS: dict[tuple[str, str, tuple[tuple[str, str], ...]], tuple[list[str], list[list[Plain]]]] = {}


def _answered(site: Site, asked: Question, given: Mapping[str, str]) -> tuple[list[str], list[list[Plain]]]:
    """Columns and rows of the answer.

    Raises:
        Unprocessable: a parameter is missing or has a value that does not exist; the text says what would be right.
    """
    bounds = Bounds(site.limits.answer_bytes, site.limits.answer_rows)
    answer = site.store.answer(asked.query, {"solutions": "json"}, bindings_of(site, asked, given), bounds)
    found = read_rows(answer.body)
    return found.columns, found.rows


def _question_page(request: Request, site: Site, asked: Question, language: str) -> Response:
    """The question as a page: its form, and the answer where nothing is missing."""
    status, problem = 200, ""
    answer = Shown([], [], 0)
    given: dict[str, str] = {}
    missing = [each for each in asked.parameters if each.default is None and not request.query_params.get(each.name)]
    answered = not missing
    try:
        given = _given(request, asked)
        if answered:
            answer = shown(site, asked, given)
    except Unprocessable as error:
        problem, status, answered = str(error), 422, False
    typed = dict(request.query_params)
    return pages.render(
        request,
        "question.html",
        status=status,
        question=asked,
        fields=[_field(site, each, typed.get(each.name) or each.default or "", language) for each in asked.parameters],
        problem=problem,
        answered=answered,
        columns=answer.columns,
        rows=answer.rows,
        count=answer.total,
        downloads=_downloads(request, site, asked, given),
        tr=_translator(language),
    )


def _downloads(request: Request, site: Site, asked: Question, given: Mapping[str, str]) -> list[tuple[str, str]]:
    release = request.query_params.get("release")
    kept = [*given.items(), *([("release", release)] if release else [])]
    query = f"?{urlencode(kept)}" if kept else ""
    return [(name.upper(), site.urls.at(f"/questions/{asked.id}.{name}") + query) for name in ("csv", "json")]


def _field(site: Site, parameter: Parameter, value: str, language: str) -> dict[str, Any]:
    """What the form shows of a parameter: its value, and what can be chosen (none: a text)."""
    kind, _, scheme = parameter.type.partition(":")
    choices: list[tuple[str, str]] = []
    if kind == "concept":
        found = site.ontology.scheme(scheme)
        choices = sorted(
            ((each.id, each.label(language)) for each in found.concepts.values()), key=lambda pair: pair[1]
        )
        chosen = found.find(value)
        value = chosen.id if chosen else value
    elif kind == "vocabulary":
        choices = sorted((each.id, each.label(language)) for each in site.ontology.schemes.values())
    elif kind == "boolean":
        choices = [("yes", "ja" if language == "de" else "yes"), ("no", "nein" if language == "de" else "no")]
    if choices and value not in dict(choices):
        choices.insert(0, (value, value or "–"))  # what was typed stays visible, so that it can be put right
    return {
        "name": parameter.name,
        "meaning": parameter.meaning,
        "value": value,
        "choices": choices,
        "required": parameter.default is None,
    }


def _json_cell(value: Plain) -> str | int | float | bool | None:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float) and value not in (float("inf"), float("-inf")) and value == value:
        return value
    return str(value) if isinstance(value, date | float) else value


def rows_as_csv(columns: Sequence[str], rows: Sequence[Sequence[Plain]], name: str) -> Response:
    """Rows as a file ``name``.csv, in which no spreadsheet runs a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_csv_cell(value) for value in row] for row in rows)
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8", headers=_attachment(name))


def _csv_cell(value: Plain) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return harmless(value) if isinstance(value, str) else str(value)


# ---------------------------------------------------------------------------------------------------------------------
# What the answers look like

_T = TypeVar("_T")


class _Model(BaseModel):
    """What an answer holds is said in full: nothing else stands in it."""

    model_config = ConfigDict(extra="forbid")


class Value(_Model, Generic[_T]):
    """The answer is known."""

    state: Literal["value"]
    value: _T


class StatedNone(_Model):
    """The source states that there is none: this is an answer."""

    state: Literal["none"]


class Unknown(_Model):
    """The answer is not known."""

    state: Literal["unknown"]
    reason: str | None = Field(description="Id of the vocabulary absence; null where the release gives no reason.")


Texts = Annotated[Value[list[str]] | StatedNone | Unknown, Field(discriminator="state")]
Numbers = Annotated[Value[int | float] | StatedNone | Unknown, Field(discriminator="state")]
Any3 = Annotated[Value[bool | str | list[str]] | StatedNone | Unknown, Field(discriminator="state")]


class ReleaseRef(_Model):
    """The release that answers."""

    id: str
    content_hash: str


class _Thing(_Model):
    id: str
    iri: str
    page: str | None = Field(description="Its page on this server.")
    href: str | None = Field(description="Its address in this API.")
    name: str | None


class NetworkItem(_Thing):
    """A network."""

    founded_earliest: str | None
    founded_latest: str | None
    places: list[str]
    countries: list[str]
    members_named: int
    fields_asked: int
    fields_answered: int
    profiles: int
    status_date: str | None
    answers: dict[str, Any3] = Field(description="Each field of the form by its key.")


class Participation(_Model):
    """Who takes part in which network, in which roles."""

    iri: str
    network: str
    actor: str
    name: str | None
    is_group: bool
    roles: list[str]
    counts_as_member: bool
    since: list[str]
    until: list[str]


class Party(_Model):
    """A funder or recipient, as the profile names it."""

    iri: str
    name: str


Parties = Annotated[Value[list[Party]] | StatedNone | Unknown, Field(discriminator="state")]


class Flow(_Model):
    """A funding flow. A joint flow has several parties; its amount is stated once."""

    iri: str
    network: str = Field(description="IRI of the network that states it, or of the imported table.")
    categories: list[str]
    funders: Parties
    recipients: Parties
    activities: list[str]
    amount: Numbers
    currency: str | None
    share: Numbers
    since: str | None
    until: str | None
    instrument: str | None


class _Part(_Model, Generic[_T]):
    total: int = Field(description="How many fit, exactly.")
    limit: int
    items: list[_T]
    cursor: str | None = Field(description="Leads to the next page; null on the last one.")
    next: str | None = Field(description="Address of the next page.")
    csv: str = Field(description="Address of the whole list as CSV.")


class FirstFlows(_Part[Flow]):
    """The first flows of a list."""


Participations = Annotated[Value[list[Participation]] | StatedNone | Unknown, Field(discriminator="state")]
Flows = Annotated[Value[list[Flow]] | StatedNone | Unknown, Field(discriminator="state")]


class Network(NetworkItem):
    """A network with its participations and its funding."""

    release: ReleaseRef
    members: Participations
    funding: Flows


class ActorItem(_Thing):
    """An actor; counts are of the current view."""

    names_also: list[str]
    is_network: bool
    kinds_stated: Texts
    sectors: Texts
    legal_forms: Texts
    places: Texts
    merged: list[str]
    networks: int
    participations: int
    coordinates: int
    flows_given: int
    flows_received: int


class Actor(ActorItem):
    """An actor with what it takes part in, coordinates, gives and receives."""

    release: ReleaseRef
    participations_in: list[Participation]
    coordinates_networks: list[str]
    gives: FirstFlows = Field(description="The first flows that it gives; 'next' leads on.")
    receives: FirstFlows = Field(description="The first flows that it receives; 'next' leads on.")


class FunderItem(_Thing):
    """A named funder."""

    names_also: list[str]
    is_network: bool
    sectors: Texts
    legal_forms: Texts
    places: Texts
    countries: Texts
    categories: Texts
    flows: int
    networks: int


class PlaceItem(_Thing):
    """A place; what is null is not known."""

    kind: str | None
    within: str | None
    country: str | None
    nuts: str | None
    nuts3: str | None
    nuts_version: str | None
    networks_seated: int
    networks_active: int
    networks_within: int


class OuterPlace(_Model):
    """A place that another one lies in."""

    iri: str
    id: str
    name: str | None
    kind: str | None


class Place(PlaceItem):
    """A place with all that it lies in, smallest first."""

    release: ReleaseRef
    lies_in: list[OuterPlace]


class VocabularyItem(_Thing):
    """A vocabulary."""

    name_de: str
    concepts: int


class ConceptItem(_Thing):
    """A concept of a vocabulary."""

    vocabulary: str
    name_de: str
    definition: str | None
    definition_de: str | None
    others: list[str]
    broader: str | None
    collections: list[str]


class _Page(_Part[_T]):
    release: ReleaseRef


class FlowPage(_Page[Flow]):
    """A page of funding flows."""


class NetworkPage(_Page[NetworkItem]):
    """A page of networks."""


class ActorPage(_Page[ActorItem]):
    """A page of actors."""


class FunderPage(_Page[FunderItem]):
    """A page of funders."""


class PlacePage(_Page[PlaceItem]):
    """A page of places."""


class VocabularyPage(_Page[VocabularyItem]):
    """A page of vocabularies."""


class ConceptPage(_Page[ConceptItem]):
    """A page of concepts."""


class HitItem(_Model):
    """Something that was found."""

    iri: str
    page: str | None
    kind: str
    label: str
    matched: str = Field(description="The text that fits.")
    role: Literal["label", "variant", "wording"]
    score: float


class Hits(_Model):
    """What was found, best first."""

    release: ReleaseRef
    q: str
    more: bool = Field(description="Whether there is more than 'limit' lets through.")
    items: list[HitItem]


class Index(_Model):
    """What this API has."""

    title: str
    release: ReleaseRef
    licence: str
    lists: dict[str, str]
    search: str
    questions: str
    openapi: str


class ParameterItem(_Model):
    """A parameter of a question."""

    name: str
    type: str
    default: str | None = Field(description="Null if it must be given.")
    meaning: str


class QuestionItem(_Model):
    """A named question."""

    id: str
    href: str
    title: dict[str, str]
    reading: dict[str, str] = Field(description="How to read the answer, and what it does not say.")
    audience: str
    parameters: list[ParameterItem]
    query: str
    table: str | None


class Questions(_Model):
    """The named questions."""

    release: ReleaseRef
    total: int
    items: list[QuestionItem]


class QuestionAnswer(QuestionItem):
    """A question with its answer; a cell is null where the row has no value."""

    release: ReleaseRef
    given: dict[str, str]
    total: int
    columns: list[str]
    rows: list[dict[str, str | int | float | bool | None]]


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str = Field(description="A sentence that says what was wrong and what would be right.")
    near: list[str] | None = Field(None, description="Names that look like what was asked for.")


# ---------------------------------------------------------------------------------------------------------------------
# The description

_ALWAYS = (400, 404, 406, 422, 429, 503)
_VALUES: Mapping[str, str] = {
    "concept": "Id or label of a concept of the vocabulary {scheme}.",
    "country": "Two letters, such as DE.",
    "region": "Id of a place, or a NUTS code such as DEE0.",
    "network": "Id of a network.",
    "actor": "Id of an actor.",
    "level": "Kind of place, such as town.",
    "date": "A year, month or day (2015, 2015-09, 2015-09-01) or a period (2010/2015, ../2015).",
    "from": "A year, month or day.",
    "to": "A year, month or day.",
    "yes-no": "yes or no.",
    "choice": "One of: {scheme}.",
}


def _of_filter(each: Filter) -> dict[str, Any]:
    states = " Also: any, none, unknown, unknown:REASON." if each.states else ""
    text = f"{each.meaning} {_VALUES[each.kind].format(scheme=each.scheme)}{states} Several are alternatives."
    return described(each.name, {"type": "array", "items": TEXT}, text, style="form", explode=True)


def _of_format(*names: str) -> dict[str, Any]:
    return described("format", {"type": "string", "enum": list(names)}, "Format; wins over the Accept header.")


def _of_list(name: str) -> list[dict[str, Any]]:
    found = LISTS[name]
    sorts = ", ".join(found.sorts)
    about = {
        "narrower": described(
            "narrower", {"type": "string", "enum": ["yes", "no"]}, "yes: a concept stands for its narrower ones too."
        ),
        "q": described(
            "q", {"type": "string", "maxLength": MAX_QUERY}, "Names and wordings, in any spelling; best first."
        ),
        "sort": described(
            "sort", TEXT, f"Up to three of: {sorts}; a minus before one sorts downwards, empty cells come last."
        ),
    }
    return [
        *(_of_filter(found.filters[each]) if each in found.filters else about[each] for each in found.parameters),
        *_PAGING,
    ]


_PAGING = [
    described(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
        "Most items of a page. Not with CSV, which is the whole list.",
    ),
    described("cursor", {"type": "string", "maxLength": _MAX_CURSOR}, "From the page before."),
    _of_format("json", "csv"),
    *COMMON,
]
"""Parameters of every list."""


_SEARCHED = [
    {
        **described("q", {"type": "string", "minLength": 1, "maxLength": MAX_QUERY}, "What to look for."),
        "required": True,
    },
    described("kind", {"type": "array", "items": {"type": "string", "enum": list(KINDS)}}, "Only these.", explode=True),
    described(
        "limit", {"type": "integer", "minimum": 1, "maximum": _MAX_SEARCH, "default": _SEARCH_LIMIT}, "Most hits."
    ),
    _of_format("json", "csv"),
    *COMMON,
]
_ASKED = [
    described(
        "parameters",
        {"type": "object", "additionalProperties": TEXT},
        "The parameters of the question by their names.",
        style="form",
        explode=True,
    ),
    _of_format("json", "csv", "html"),
    *COMMON,
]
_CSV_TOO = {"content": {"text/csv": {"schema": TEXT}}}
_CSV_AND_HTML = {"content": {"text/csv": {"schema": TEXT}, "text/html": {"schema": TEXT}}}
_A_NETWORK = {"description": "A network that has no entry as an actor: leads to the network."}
_MOVED = {"description": "Moved for good: the id was merged into another."}


def _add(
    path: str,
    endpoint: Callable[..., Response],
    model: Any,
    parameters: Sequence[Mapping[str, Any]],
    *refusals: int,
    suffixes: Sequence[str] = (),
    **responses: Mapping[str, Any],
) -> None:
    """One address, with what answers it and what it says; HEAD and suffixes go with it."""
    told: dict[int | str, dict[str, Any]] = {
        int(status.removeprefix("on_")): dict(each) for status, each in responses.items()
    }
    router.add_api_route(
        path,
        endpoint,
        methods=["GET"],
        response_model=model,
        responses={**addresses.refusals(*_ALWAYS, *refusals), **told},
        openapi_extra={"parameters": [dict(each) for each in parameters]},
        summary=(endpoint.__doc__ or "").partition(".")[0].partition(":")[0],
    )
    for each in (path, *(f"{path}.{suffix}" for suffix in suffixes)):
        methods = ["HEAD"] if each == path else ["GET", "HEAD"]
        router.add_api_route(each, endpoint, methods=methods, response_model=None, include_in_schema=False)


_BOTH = ("json", "csv")
_JSON_ONLY = (_of_format("json"), *COMMON)
_add("/api", index, Index, _JSON_ONLY)
_add("/api/networks", networks, NetworkPage, _of_list("networks"), 409, suffixes=_BOTH, on_200=_CSV_TOO)
_add("/api/networks/{name}", network, Network, _JSON_ONLY, 410)
_add("/api/actors", actors, ActorPage, _of_list("actors"), 409, suffixes=_BOTH, on_200=_CSV_TOO)
_add("/api/actors/{name}", actor, Actor, _JSON_ONLY, 410, on_301=_MOVED, on_303=_A_NETWORK)
for _side in (gives, receives):
    _add(
        f"/api/actors/{{name}}/{_side.__name__}",
        _side,
        FlowPage,
        _PAGING,
        409,
        410,
        on_200=_CSV_TOO,
        on_301=_MOVED,
        suffixes=_BOTH,
    )
_add("/api/funders", funders, FunderPage, _of_list("funders"), 409, suffixes=_BOTH, on_200=_CSV_TOO)
_add("/api/places", places, PlacePage, _of_list("places"), 409, suffixes=_BOTH, on_200=_CSV_TOO)
_add("/api/places/{name}", place, Place, _JSON_ONLY)
_add("/api/vocabularies", vocabularies, VocabularyPage, _of_list("vocabularies"), 409, suffixes=_BOTH, on_200=_CSV_TOO)
_add("/api/vocabularies/{name}", vocabulary, ConceptPage, _of_list("concepts"), 409, on_200=_CSV_TOO)
_add("/api/search", search, Hits, _SEARCHED, suffixes=_BOTH, on_200=_CSV_TOO)
_add("/api/openapi.json", description, dict[str, Any], COMMON)
_add(
    "/questions",
    questions,
    Questions,
    (_of_format("json", "csv", "html"), *COMMON),
    suffixes=(*_BOTH, "html"),
    on_200=_CSV_AND_HTML,
)
_add("/questions/{name}", question, QuestionAnswer, _ASKED, 413, 504, on_200=_CSV_AND_HTML)


@lru_cache(maxsize=4)
def openapi(prefix: str = "") -> dict[str, Any]:
    """The description of all addresses that give data to programs (OpenAPI 3.1), those of other rooms too.

    Args:
        prefix: The path that the server lives under behind a proxy.

    >>> sorted(path for path in openapi()["paths"] if path.startswith("/api/p"))
    ['/api/places', '/api/places/{name}']
    """
    found = get_openapi(
        title="integgraph",
        version=__version__,
        openapi_version="3.1.0",
        summary="Networks of integration actors: who works with whom, for whom, on what and with whose money.",
        description="Every answer is a value, a stated none, or unknown with a reason. A release never changes; "
        "'release' asks another one. HEAD is answered wherever GET is.",
        routes=router.routes,
        servers=[{"url": prefix or "/"}],
    )
    for path, example in _EXAMPLES.items():
        found["paths"][path]["get"] = with_example(path, found["paths"][path]["get"], example)
    for path, operations in addresses.paths().items():
        found["paths"].setdefault(path, {}).update(operations)
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema()
    return found


_EXAMPLES: Mapping[str, str] = {
    "/api": "/api",
    "/api/networks": "/api/networks?country=DE&field=labour-market&sort=-founded&limit=20",
    "/api/networks/{name}": "/api/networks/caritas-diakonie-zora-halberstadt",
    "/api/actors": "/api/actors?member_of=caritas-diakonie-zora-halberstadt",
    "/api/actors/{name}": "/api/actors/stadt-halberstadt",
    "/api/actors/{name}/gives": "/api/actors/stadt-halberstadt/gives?limit=100",
    "/api/actors/{name}/receives": "/api/actors/soziokulturelles-zentrum-zora/receives?format=csv",
    "/api/funders": "/api/funders?category=municipal&sort=-flows",
    "/api/places": "/api/places?region=nuts-dee&level=town",
    "/api/places/{name}": "/api/places/halberstadt",
    "/api/vocabularies": "/api/vocabularies?sort=name",
    "/api/vocabularies/{name}": "/api/vocabularies/target-group?limit=500",
    "/api/search": "/api/search?q=netz&kind=network&limit=5",
    "/api/openapi.json": "/api/openapi.json",
    "/questions": "/questions?format=json",
    "/questions/{name}": "/questions/coordinators?country=IT&format=csv",
}
"""An example for every address of this room, which works on the collection of this project."""


async def answer_validation_error(request: Request, error: Exception) -> Response:
    """What FastAPI itself refuses, in our form: 422 with a sentence. To be registered for its error."""
    if not isinstance(error, RequestValidationError):
        raise error
    faults = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:5]]
    return await problems.answer_error(request, Unprocessable(f"The request does not fit. {'; '.join(faults)}."))
