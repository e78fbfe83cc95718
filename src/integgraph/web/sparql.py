"""The SPARQL 1.1 Protocol for queries: GET, form and direct POST. Source: SPARQL 1.1 Protocol (W3C, 2013), section 2.1.

An answer is whole or an error: it is written completely in a worker before its status line is sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from integgraph.errors import FormatNotAvailable, QuerySyntaxError, QueryTooLarge, UpdateRefused
from integgraph.ontology import PREFIXES
from integgraph.store import FORMATS, Answer, Bounds, Kind, check_query, formats_for
from integgraph.web import pages
from integgraph.web.caching import cached
from integgraph.web.negotiation import Choice, choose
from integgraph.web.site import Site, site_of

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
UPDATE = "application/sparql-update"
SHOWN_ROWS = 200

_OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "json": ("application/json",),
    "xml": ("application/xml", "text/xml"),
    "ntriples": ("text/plain",),
    "jsonld": ("application/json",),
    "rdfxml": ("application/xml", "text/xml"),
}
_HTML = Choice("html", ("text/html", "application/xhtml+xml"))


def _choices(kind: Kind) -> list[Choice]:
    return [Choice(each.name, (each.media_type, *_OTHER_NAMES.get(each.name, ()))) for each in formats_for(kind)]


async def sparql(request: Request) -> Response:
    """Answer a query; without one, a browser gets a form to write it in."""
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=_PREFLIGHT)
    site = site_of(request)
    fields = await _fields(request, site)
    query = _query(fields)
    if query is None:
        if _wants_page(request, fields):
            form = pages.render(request, "sparql.html", query=pages.EXAMPLE, prefixes=PREFIXES, answer=None)
            form.headers["vary"] = pages.VARY
            return form
        raise QuerySyntaxError("There is no query. Send it as the parameter 'query', or as the body of a POST.")
    check_query(query, length=site.limits.query_length, nesting=site.limits.query_nesting)
    return await run_in_threadpool(_answer, request, site, query, fields)


_PREFLIGHT = {
    "allow": "GET, HEAD, POST, OPTIONS",
    "access-control-allow-methods": "GET, HEAD, POST, OPTIONS",
    "access-control-allow-headers": "Accept, Content-Type",
}


def _answer(request: Request, site: Site, query: str, fields: Mapping[str, list[str]]) -> Response:
    if _wants_page(request, fields):
        return _page(request, site, query)
    formats = _formats(request, fields)
    variant = f"sparql {sorted(formats.items())} {query}"

    def make() -> Response:
        found = site.store.answer(query, formats, None, Bounds(site.limits.answer_bytes))
        return Response(found.body, media_type=_media_type(found))

    return cached(request, variant, "Accept", make) if request.method != "POST" else make()


def _media_type(found: Answer) -> str:
    text = found.format.media_type
    return f"{text}; charset=utf-8" if text.startswith("text/") else text


async def _fields(request: Request, site: Site) -> dict[str, list[str]]:
    """Parameters of the request, from the address and, for a POST, from the body."""
    fields = parse_qs(request.url.query, keep_blank_values=True)
    if request.method != "POST":
        return fields
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (FORM, DIRECT, UPDATE):
        raise HTTPException(415, f"Send the query as {FORM} or {DIRECT}, not as '{kind or 'nothing'}'.")
    if kind == UPDATE:
        raise UpdateRefused("This endpoint answers queries; a release never changes.")
    body = await _body(request, site.limits.query_length)
    if kind == DIRECT:
        return fields | {"query": [body]}
    for name, values in parse_qs(body, keep_blank_values=True).items():
        fields.setdefault(name, []).extend(values)
    return fields


async def _body(request: Request, limit: int) -> str:
    received = bytearray()
    # A form spells every character with up to three times three bytes.
    async for chunk in request.stream():
        received += chunk
        if len(received) > 9 * limit + 1000:
            raise QueryTooLarge(f"The request is larger than a query of {limit:,} bytes can be.")
    try:
        return received.decode("utf-8")
    except UnicodeDecodeError:
        raise QuerySyntaxError("The query is not UTF-8.") from None


def _query(fields: Mapping[str, list[str]]) -> str | None:
    if "update" in fields:
        raise UpdateRefused("This endpoint answers queries; a release never changes.")
    for name in ("default-graph-uri", "named-graph-uri"):
        if name in fields:
            raise QuerySyntaxError(f"'{name}' is not supported. Name the graph in the query: GRAPH <…> {{ … }}.")
    found = fields.get("query", [])
    if len(found) > 1:
        raise QuerySyntaxError("There is more than one query. Send one at a time.")
    return found[0] if found and found[0].strip() else None


def _wants_page(request: Request, fields: Mapping[str, list[str]]) -> bool:
    if "format" in fields:
        return False
    chosen = choose(request.headers.get("accept"), [*_choices("solutions"), *_choices("triples"), _HTML])
    return chosen is _HTML


def _formats(request: Request, fields: Mapping[str, list[str]]) -> dict[Kind, str]:
    """The format for each kind of answer; a kind that the client takes no format for is left to the store to refuse."""
    kinds: tuple[Kind, ...] = ("solutions", "boolean", "triples")
    asked = fields.get("format", [""])[0]
    if asked:
        if asked not in FORMATS:
            raise FormatNotAvailable(f"There is no format '{asked[:40]}'. Available: {', '.join(FORMATS)}.")
        return dict.fromkeys(kinds, asked)
    accept = request.headers.get("accept")
    chosen = {kind: choose(accept, _choices(kind)) for kind in kinds}
    if not any(chosen.values()):
        names = ", ".join(each.media_type for each in FORMATS.values())
        raise FormatNotAvailable(f"None of the formats you accept is available. Available: {names}.")
    return {kind: choice.name if choice else "none" for kind, choice in chosen.items()}


def _page(request: Request, site: Site, query: str) -> Response:
    """The answer for the eye: its first rows, or its triples."""
    found = site.store.answer(query, {}, None, Bounds(site.limits.answer_bytes))
    shown: dict[str, Any] = {"kind": found.kind}
    if found.kind == "solutions":
        document = json.loads(found.body)
        rows = document["results"]["bindings"]
        shown |= {"variables": document["head"]["vars"], "rows": rows[:SHOWN_ROWS], "count": len(rows)}
    elif found.kind == "boolean":
        shown["truth"] = json.loads(found.body)["boolean"]
    else:
        shown["text"] = found.body.decode()
    answer = pages.render(request, "sparql.html", query=query, prefixes=PREFIXES, answer=shown)
    answer.headers["vary"] = pages.VARY
    return answer
