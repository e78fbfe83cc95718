"""The SPARQL endpoint. Source: SPARQL 1.1 Protocol (W3C, 2013), section 2.1; SPARQL 1.1 Service Description.

A query runs in a worker process; the engine writes the answer, and it is whole or an error.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pyoxigraph as ox
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from integgraph.errors import (
    FormatNotAvailable,
    IntegGraphError,
    QuerySyntaxError,
    QueryTooLarge,
    UpdateRefused,
)
from integgraph.ontology import PREFIXES, RDF
from integgraph.store import FORMATS, Answer, Kind, check_query, formats_for, iri
from integgraph.web import pages, problems
from integgraph.web.caching import cached
from integgraph.web.linked import data_response
from integgraph.web.negotiation import Choice, choose
from integgraph.web.pages import VARY, language_of
from integgraph.web.site import site_of

FORM, QUERY, UPDATE = "application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update"
_ALIASES: Mapping[str, tuple[str, ...]] = {
    "json": ("application/json",),
    "xml": ("application/xml", "text/xml"),
    "ntriples": ("text/plain",),
    "jsonld": ("application/json",),
    "rdfxml": ("application/xml", "text/xml"),
}
_HTML = Choice("html", ("text/html", "application/xhtml+xml"))
_KINDS: Sequence[Kind] = ("solutions", "boolean", "triples")
_SHOWN = 500
_NO_QUERY = (
    "There is no query. Send it as ?query=…, as a form field 'query', or as a body of type application/sparql-query."
)
_GRAPHS = (
    "The parameters default-graph-uri and named-graph-uri are not supported yet. "
    "Ask the current view, or name a profile in the query: GRAPH <profile> { … }."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for.

    Attributes:
        query: The query text; ``None`` where there is none.
        format: What ``format=`` says; empty where it says nothing.
    """

    query: str | None
    format: str


async def endpoint(request: Request) -> Response:
    """Answer a query sent by GET, as a form, or as the body of a POST; without a query, say what this is."""
    body = await _body(request) if request.method == "POST" else b""
    asked = _asked(request, body)
    return await run_in_threadpool(_respond, request, asked)


# ---------------------------------------------------------------------------------------------------------------------
# Reading the request


async def _body(request: Request) -> bytes:
    """The body, as long as it is no longer than a query may be.

    Raises:
        QueryTooLarge: it is longer; the rest is not read.
    """
    limit = 3 * site_of(request).limits.query_length + 10_000  # a form writes a sign in up to three bytes
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise QueryTooLarge(f"The request is longer than {limit:,} bytes.")
    return body


def _asked(request: Request, body: bytes) -> Asked:
    fields = _fields(request.scope["query_string"])
    if request.method == "POST":
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == UPDATE:
            raise UpdateRefused("A release never changes, so there are no updates. Send a query.")
        if kind not in (FORM, QUERY):
            raise HTTPException(415, f"Send a query as {FORM} or {QUERY}, not as {kind[:80] or 'an unnamed type'}.")
        more = _fields(body) if kind == FORM else [("query", _text(body))]
        fields = [*fields, *more]
    return _checked(fields)


def _checked(fields: Sequence[tuple[str, str]]) -> Asked:
    names = [name for name, _ in fields]
    if "update" in names:
        raise UpdateRefused("A release never changes, so there are no updates. Send a query.")
    if any(name in names for name in ("default-graph-uri", "named-graph-uri")):
        raise QuerySyntaxError(_GRAPHS)
    if names.count("query") > 1:
        raise QuerySyntaxError("There is more than one query. Send one.")
    found = dict(fields)
    return Asked(found.get("query"), found.get("format", ""))


def _fields(raw: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:
        raise QuerySyntaxError("The parameters cannot be read: they must be percent-encoded UTF-8.") from None


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QuerySyntaxError(f"The query is not UTF-8: byte {error.start + 1} fits no character.") from None


# ---------------------------------------------------------------------------------------------------------------------
# Answering it


def _respond(request: Request, asked: Asked) -> Response:
    if not (asked.query or "").strip():
        return _without_query(request, asked)
    picks = _picks(request.headers.get("accept"), asked.format)

    def make() -> Response:
        return _answer(request, asked, picks)

    if request.method == "POST":
        answer = make()
        answer.headers["vary"] = VARY
        return answer
    variant = " ".join(pick.name if pick else "-" for pick in picks.values())
    return cached(request, f"{variant} {language_of(request)}", VARY, make)


def _picks(accept: str | None, asked: str) -> Mapping[Kind, Choice | None]:
    """For each kind of answer the representation to give; ``None`` where none fits.

    Raises:
        FormatNotAvailable: none fits for any kind.
    """
    if asked:
        name = _format_name(asked)
        named = Choice(name, ()) if name else None
        picks: dict[Kind, Choice | None] = dict.fromkeys(_KINDS, named)
    else:
        picks = {kind: choose(accept, _choices(kind)) for kind in _KINDS}
    if not any(picks.values()):
        offer = ", ".join(f"{each.name} ({each.media_type})" for each in FORMATS.values())
        raise FormatNotAvailable(
            f"None of the formats you ask for is available. Rows, yes or no, and triples: {offer}."
        )
    return picks


def _choices(kind: Kind) -> list[Choice]:
    offered = [Choice(each.name, (each.media_type, *_ALIASES.get(each.name, ()))) for each in formats_for(kind)]
    return [*offered, _HTML]


def _format_name(asked: str) -> str | None:
    wanted = asked.strip().lower()
    if wanted in ("html", "text/html"):
        return "html"
    names = (each.name for each in FORMATS.values() if wanted in (each.name, each.suffix, each.media_type))
    return next(names, None)


def _answer(request: Request, asked: Asked, picks: Mapping[Kind, Choice | None]) -> Response:
    site = site_of(request)
    query = asked.query or ""
    for_people = any(pick and pick.name == "html" for pick in picks.values())
    try:
        check_query(query, length=site.limits.query_length, nesting=site.limits.query_nesting)
        found = site.store.answer(query, _engine_formats(picks), limit=site.limits.answer_bytes)
    except IntegGraphError as error:
        if for_people:
            return _page(request, query, problems.status_of(error), problem=str(error))
        raise
    pick = picks[found.kind]
    if pick and pick.name == "html":
        return _page(request, query, **_shown(found))
    return Response(found.body, media_type=found.format.media_type)


def _engine_formats(picks: Mapping[Kind, Choice | None]) -> dict[Kind, str]:
    """Names for the engine; a page is made from what the engine writes, and "none" makes it explain what there is."""
    for_pages: Mapping[Kind, str] = {"solutions": "json", "boolean": "json", "triples": "turtle"}
    names = {kind: pick.name if pick else "none" for kind, pick in picks.items()}
    return {kind: for_pages[kind] if name == "html" else name for kind, name in names.items()}


# ---------------------------------------------------------------------------------------------------------------------
# For people


def _page(request: Request, query: str, status: int = 200, **found: Any) -> Response:
    downloads = [
        (name, "/sparql?" + urlencode({"query": query, "format": name})) for name in found.pop("downloads", ())
    ]
    shown: dict[str, Any] = {"problem": "", "columns": (), "rows": (), "count": 0, "truth": None, "text": ""}
    answer = pages.render(
        request,
        "sparql.html",
        status,
        query=query,
        downloads=downloads,
        prefixes=sorted(PREFIXES.items()),
        asked=bool(found),
        **{**shown, **found},
    )
    if status != 200:
        answer.headers["cache-control"] = "no-store"
    return answer


def _shown(found: Answer) -> dict[str, Any]:
    downloads = [each.name for each in formats_for(found.kind)]
    if found.kind == "triples":
        return {"text": found.body.decode(), "downloads": downloads}
    data = json.loads(found.body)
    if found.kind == "boolean":
        return {"truth": bool(data["boolean"]), "downloads": downloads}
    columns, bindings = data["head"]["vars"], data["results"]["bindings"]
    rows = [[binding.get(name) for name in columns] for binding in bindings[:_SHOWN]]
    return {"columns": columns, "rows": rows, "count": len(bindings), "downloads": downloads}


# ---------------------------------------------------------------------------------------------------------------------
# Without a query

_SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMAT_IRIS: Mapping[str, str] = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "turtle": "Turtle",
    "ntriples": "N-Triples",
    "jsonld": "JSON-LD",
    "rdfxml": "RDF_XML",
}
"""Format → its IRI below http://www.w3.org/ns/formats/."""


def _without_query(request: Request, asked: Asked) -> Response:
    """A form for people, the service description for machines.

    Raises:
        QuerySyntaxError: the request was meant to carry a query.
    """
    described = [Choice(each.name, (each.media_type,)) for each in formats_for("triples")]
    wanted = choose(request.headers.get("accept"), [*described, _HTML])
    if asked.query is not None and (wanted is None or wanted.name != "html"):
        raise QuerySyntaxError(_NO_QUERY)
    if request.method == "POST" or wanted is None:
        raise QuerySyntaxError(_NO_QUERY)
    if wanted.name == "html":
        return cached(request, f"form {language_of(request)}", VARY, lambda: _page(request, pages.EXAMPLE))
    here = iri(str(request.url.replace(query="")))
    return cached(request, wanted.name, VARY, lambda: data_response(list(_description(here)), wanted.name))


def _description(here: Any) -> Iterator[ox.Triple]:
    """What this endpoint really does: SPARQL 1.1 queries over one dataset, nothing else."""

    def state(path: str, value: str) -> ox.Triple:
        return ox.Triple(here, ox.NamedNode(path), ox.NamedNode(value))

    yield state(RDF + "type", _SD + "Service")
    yield ox.Triple(here, ox.NamedNode(_SD + "endpoint"), here)
    yield state(_SD + "supportedLanguage", _SD + "SPARQL11Query")
    for name in _FORMAT_IRIS.values():
        yield state(_SD + "resultFormat", f"http://www.w3.org/ns/formats/{name}")
