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
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar
from urllib.parse import quote, urlencode

import pyarrow as pa
import pyoxigraph as ox
from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from integgraph import __version__, listing, resources
from integgraph.csvtext import harmless
from integgraph.errors import FormatNotAvailable, NotFound, QuerySyntaxError, Unprocessable
from integgraph.listing import DEFAULT_LIMIT, LISTS, MAX_LIMIT, Filter, Item
from integgraph.ontology import LANGUAGES, near
from integgraph.questions import THINGS, Parameter, Question, load_questions
from integgraph.search import KINDS, MAX_QUERY
from integgraph.store import Bounds, Plain, plain
from integgraph.tables import ROWS_AT_ONCE, write_csv
from integgraph.web import pages, problems
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
SHOWN_ROWS = 200
"""Rows of an answer on a page; the downloads hold all."""


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
    _, wanted = _representation(request, (_JSON, _CSV), suffixed)
    given = _parameters(request, (*LISTS[name].parameters, "limit", "cursor"))
    paging = {each: _once(given, each) for each in ("limit", "cursor")}
    if wanted == "csv" and any(paging.values()):
        raise Unprocessable("CSV is always the whole list. Leave out 'limit' and 'cursor', or ask for format=json.")
    limit = _number(paging["limit"], "limit", DEFAULT_LIMIT, MAX_LIMIT)
    asked = [pair for pair in given if pair[0] not in paging]

    def make() -> Response:
        found = listing.ask(site.release, site.ontology, name, asked, scheme)
        if wanted == "csv":
            return _csv(found.table(), scheme or name)
        page = found.page(limit, paging["cursor"][: _MAX_CURSOR + 1] or None)
        return _page(request, site, page, path, limit)

    return cached(request, _variant(request, wanted), "Accept", make)


def _page(request: Request, site: Site, page: listing.Page, path: str, limit: int) -> Response:
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in ("cursor", "format")]
    address = site.urls.at(path)
    following = f"{address}?{urlencode([*kept, ('cursor', page.cursor)])}" if page.cursor else None
    whole = [pair for pair in kept if pair[0] != "limit"]
    body = {
        "release": _of_release(site),
        "total": page.total,
        "limit": limit,
        "items": [_linked(site, item, path) for item in page.items],
        "cursor": page.cursor,
        "next": following,
        "csv": f"{address}?{urlencode([*whole, ('format', 'csv')])}",
    }
    links = [f'<{body["csv"]}>; rel="alternate"; type="text/csv"', f'<{_licence(site)}>; rel="license"']
    if following:
        links.insert(0, f'<{following}>; rel="next"')
    return JSONResponse(body, headers={"link": ", ".join(links)})


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


def _thing(request: Request, folder: str, name: str, find: Callable[..., Item]) -> Response:
    site = site_of(request)
    stem, wanted = _representation(request, (_JSON,), name)
    _parameters(request, ())
    item = find(site.release, site.ontology, stem)
    if item["id"] != stem:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(site.urls.at(f"/api/{folder}/{quote(item['id'])}") + query, 301)
    linked = _linked(site, item, f"/api/{folder}")

    def make() -> Response:
        link = f'<{linked["page"]}>; rel="describedby", <{_licence(site)}>; rel="license"'
        return JSONResponse({"release": _of_release(site), **linked}, headers={"link": link})

    return cached(request, _variant(request, wanted), "Accept", make)


def network(request: Request, name: str) -> Response:
    """One network: its answers, its participations and its funding."""
    return _thing(request, "networks", name, listing.network)


def actor(request: Request, name: str) -> Response:
    """One actor: what it takes part in, coordinates, gives and receives. A merged id redirects to its actor."""
    return _thing(request, "actors", name, listing.actor)


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
    try:
        bindings = asked.bindings(given, base_iri=site.release.base_iri, ontology=site.ontology)
    except QuerySyntaxError as error:
        raise Unprocessable(str(error)) from None
    for each in asked.parameters:
        if each.type in THINGS and not resources.types_of(site.store, bindings[each.name].value):
            missing = resources.missing(site.store, bindings[each.name].value)
            raise Unprocessable(f"Parameter '{each.name}': {missing}")
    bounds = Bounds(site.limits.answer_bytes, site.limits.answer_rows)
    answer = site.store.answer(asked.query, {"solutions": "json"}, bindings, bounds)
    solutions = ox.parse_query_results(answer.body, format=ox.QueryResultsFormat.JSON)
    if not isinstance(solutions, ox.QuerySolutions):
        raise QuerySyntaxError(f"The question '{asked.id}' does not give rows.")
    columns = [variable.value for variable in solutions.variables]
    return columns, [[plain(solution[column]) for column in columns] for solution in solutions]


def _question_page(request: Request, site: Site, asked: Question, language: str) -> Response:
    """The question as a page: its form, and the answer where nothing is missing."""
    status, problem = 200, ""
    columns: list[str] = []
    rows: list[list[Plain]] = []
    given: dict[str, str] = {}
    missing = [each for each in asked.parameters if each.default is None and not request.query_params.get(each.name)]
    answered = not missing
    try:
        given = _given(request, asked)
        if answered:
            columns, rows = _ask(site, asked, given)
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
        columns=columns,
        rows=rows[:SHOWN_ROWS],
        count=len(rows),
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
    network: str
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
    gives: list[Flow]
    receives: list[Flow]


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


class _Page(_Model, Generic[_T]):
    release: ReleaseRef
    total: int = Field(description="How many fit, exactly.")
    limit: int
    items: list[_T]
    cursor: str | None = Field(description="Leads to the next page; null on the last one.")
    next: str | None = Field(description="Address of the next page.")
    csv: str = Field(description="Address of the whole list as CSV.")


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

_MEANINGS: Mapping[int, str] = {
    400: "The request is malformed.",
    404: "There is no such thing; names like it are given.",
    406: "None of the accepted formats is available.",
    409: "The cursor comes from another release.",
    410: "It was withdrawn.",
    413: "The answer is larger than the limits allow.",
    422: "A parameter or value does not exist; those that do are named.",
    429: "Too many requests; Retry-After says when to come back.",
    503: "Busy, or the release cannot be read; Retry-After says when to come back.",
    504: "The deadline was reached.",
}
_ALWAYS = (400, 404, 406, 422, 429, 503)


def _refusals(*more: int) -> dict[int | str, dict[str, Any]]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": _MEANINGS[status], "content": {"application/problem+json": {"schema": schema}}}
        for status in sorted({*_ALWAYS, *more})
    }


def _described(name: str, schema: Mapping[str, Any], text: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": text, "schema": dict(schema), **more}


_TEXT = {"type": "string"}
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
    return _described(each.name, {"type": "array", "items": _TEXT}, text, style="form", explode=True)


_COMMON = (
    _described("release", _TEXT, "Id of a release; the newest if left out."),
    _described("lang", {"type": "string", "enum": list(LANGUAGES)}, "Language of pages and labels."),
)


def _of_format(*names: str) -> dict[str, Any]:
    return _described("format", {"type": "string", "enum": list(names)}, "Format; wins over the Accept header.")


def _of_list(name: str) -> list[dict[str, Any]]:
    found = LISTS[name]
    sorts = ", ".join(found.sorts)
    about = {
        "narrower": _described(
            "narrower", {"type": "string", "enum": ["yes", "no"]}, "yes: a concept stands for its narrower ones too."
        ),
        "q": _described(
            "q", {"type": "string", "maxLength": MAX_QUERY}, "Names and wordings, in any spelling; best first."
        ),
        "sort": _described(
            "sort", _TEXT, f"Up to three of: {sorts}; a minus before one sorts downwards, empty cells come last."
        ),
    }
    limit = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
    return [
        *(_of_filter(found.filters[each]) if each in found.filters else about[each] for each in found.parameters),
        _described("limit", limit, "Most items of a page. Not with CSV, which is the whole list."),
        _described("cursor", {"type": "string", "maxLength": _MAX_CURSOR}, "From the page before."),
        _of_format("json", "csv"),
        *_COMMON,
    ]


_SEARCHED = [
    {
        **_described("q", {"type": "string", "minLength": 1, "maxLength": MAX_QUERY}, "What to look for."),
        "required": True,
    },
    _described(
        "kind", {"type": "array", "items": {"type": "string", "enum": list(KINDS)}}, "Only these.", explode=True
    ),
    _described(
        "limit", {"type": "integer", "minimum": 1, "maximum": _MAX_SEARCH, "default": _SEARCH_LIMIT}, "Most hits."
    ),
    _of_format("json", "csv"),
    *_COMMON,
]
_ASKED = [
    _described(
        "parameters",
        {"type": "object", "additionalProperties": _TEXT},
        "The parameters of the question by their names.",
        style="form",
        explode=True,
    ),
    _of_format("json", "csv", "html"),
    *_COMMON,
]
_CSV_TOO = {"content": {"text/csv": {"schema": _TEXT}}}
_CSV_AND_HTML = {"content": {"text/csv": {"schema": _TEXT}, "text/html": {"schema": _TEXT}}}
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
        responses={**_refusals(*refusals), **told},
        openapi_extra={"parameters": [dict(each) for each in parameters]},
        summary=(endpoint.__doc__ or "").partition(".")[0].partition(":")[0],
    )
    for each in (path, *(f"{path}.{suffix}" for suffix in suffixes)):
        methods = ["HEAD"] if each == path else ["GET", "HEAD"]
        router.add_api_route(each, endpoint, methods=methods, response_model=None, include_in_schema=False)


_BOTH = ("json", "csv")
_JSON_ONLY = (_of_format("json"), *_COMMON)
_add("/api", index, Index, _JSON_ONLY)
_add("/api/networks", networks, NetworkPage, _of_list("networks"), 409, suffixes=_BOTH, on_200=_CSV_TOO)
_add("/api/networks/{name}", network, Network, _JSON_ONLY, 410)
_add("/api/actors", actors, ActorPage, _of_list("actors"), 409, suffixes=_BOTH, on_200=_CSV_TOO)
_add("/api/actors/{name}", actor, Actor, _JSON_ONLY, 410, on_301=_MOVED)
_add("/api/funders", funders, FunderPage, _of_list("funders"), 409, suffixes=_BOTH, on_200=_CSV_TOO)
_add("/api/places", places, PlacePage, _of_list("places"), 409, suffixes=_BOTH, on_200=_CSV_TOO)
_add("/api/places/{name}", place, Place, _JSON_ONLY)
_add("/api/vocabularies", vocabularies, VocabularyPage, _of_list("vocabularies"), 409, suffixes=_BOTH, on_200=_CSV_TOO)
_add("/api/vocabularies/{name}", vocabulary, ConceptPage, _of_list("concepts"), 409, on_200=_CSV_TOO)
_add("/api/search", search, Hits, _SEARCHED, suffixes=_BOTH, on_200=_CSV_TOO)
router.add_api_route("/api/openapi.json", description, methods=["GET", "HEAD"], include_in_schema=False)
_add(
    "/questions",
    questions,
    Questions,
    (_of_format("json", "csv", "html"), *_COMMON),
    suffixes=(*_BOTH, "html"),
    on_200=_CSV_AND_HTML,
)
_add("/questions/{name}", question, QuestionAnswer, _ASKED, 413, 504, on_200=_CSV_AND_HTML)


@lru_cache(maxsize=4)
def openapi(prefix: str = "") -> dict[str, Any]:
    """The description of these addresses (OpenAPI 3.1).

    Args:
        prefix: The path that the server lives under behind a proxy.

    >>> sorted(openapi()["paths"])[:3]
    ['/api', '/api/actors', '/api/actors/{name}']
    """
    found = get_openapi(
        title="integgraph",
        version=__version__,
        openapi_version="3.1.0",
        summary="Networks of integration actors: who works with whom, for whom, on what and with whose money.",
        description="Every answer is a value, a stated none, or unknown with a reason. A release never changes; "
        "'release' asks another one.",
        routes=router.routes,
        servers=[{"url": prefix or "/"}],
    )
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema()
    return found


async def answer_validation_error(request: Request, error: Exception) -> Response:
    """What FastAPI itself refuses, in our form: 422 with a sentence. To be registered for its error."""
    if not isinstance(error, RequestValidationError):
        raise error
    faults = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:5]]
    return await problems.answer_error(request, Unprocessable(f"The request does not fit. {'; '.join(faults)}."))
