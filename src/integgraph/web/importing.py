"""The preview of an import: what a document would become, shown and never stored.

``GET /import`` is a page with a form, ``POST /import/preview`` takes a file, as a form with a file (RFC 7578) or as the
body itself, and answers with the draft records, what a person must decide, and where each answer stands. The document
is read in a process that can be killed; few are read at the same time.

Source: RFC 7578 (multipart/form-data), RFC 6266 (Content-Disposition), RFC 9110.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from integgraph.errors import (
    FormatNotAvailable,
    QuerySyntaxError,
    QueryTooLarge,
    Unprocessable,
    WorkersBusy,
    WrongMediaType,
)
from integgraph.ingest.importing import MAX_BYTES, Draft, Importer
from integgraph.ingest.places import Gazetteer, Place
from integgraph.ontology import LANGUAGES
from integgraph.store import Store
from integgraph.web import pages
from integgraph.web.exchange import GONE, ClientGone, Exchange
from integgraph.web.headers import preflight
from integgraph.web.negotiation import Choice, choose
from integgraph.web.site import Site, site_of

PATH = "/import"
METHODS = "POST, OPTIONS"
_AT_ONCE = 2  # documents that are read at the same time
_UNDER_WAY = 8  # requests that may be under way, those that are still arriving too
_SHARE = 4  # of them, one client's
_PATIENCE = 20.0  # seconds that a document waits for a worker
_DEADLINE = 20.0  # seconds that reading it may take
_AROUND = 100_000  # bytes of a form around the file
_MOST_PARTS = 20
_LONGEST_NAME = 200
_KNOWN = ("name", "lang", "format", "release")
_JSON = Choice("json", ("application/json",))
_HTML = Choice("html", ("text/html", "application/xhtml+xml"))
_MULTIPART = "multipart/form-data"
_NO_DOCUMENTS = ("application/x-www-form-urlencoded", "application/json", "application/sparql-query")
_SUFFIXES: Mapping[str, str] = {
    "application/pdf": ".pdf", "text/html": ".html", "text/markdown": ".md", "text/csv": ".csv", "text/plain": ".txt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
}  # fmt: skip
_PARAMETER = re.compile(r';\s*(\w[\w-]{0,30}\*?)\s*=\s*(?:"((?:[^"\\]|\\.){0,1000})"|([^;"\s]{0,1000}))', re.A)
_BUSY = "Several documents are being read. Try again in a moment."

_PLACES = """SELECT ?place ?kind ?within ?country ?nuts ?nuts3 {
  ?place a ig:Place ; ig:placeKind ?kind .
  OPTIONAL { ?place ig:within ?within } OPTIONAL { ?place ig:countryCode ?country }
  OPTIONAL { ?place ig:nutsCode ?nuts } OPTIONAL { ?place ig:nuts3Code ?nuts3 }
}"""
_NAMES = "SELECT ?place ?name (LANG(?name) AS ?lang) { ?place a ig:Place ; skos:prefLabel|skos:altLabel ?name }"
_ACTORS = "SELECT DISTINCT ?actor { ?actor a ig:Actor }"


class Importing:
    """The workers that preview imports; begun when somebody first asks. Belongs to one event loop.

    Args:
        places: Folder with the place list; where it has none, the places of the release count.
    """

    def __init__(self, places: Path) -> None:
        self._folder = places
        self._importer: Importer | None = None
        self._release = ""
        self._beginning = asyncio.Lock()
        self._under_way: Counter[str] = Counter()
        self._closed = False

    @contextmanager
    def turn(self, exchange: Exchange) -> Iterator[None]:
        """A place among the requests that may be under way.

        Raises:
            WorkersBusy: there is none left.
        """
        client = exchange.client
        mine = 0 if exchange.known else self._under_way[client]
        if self._closed or self._under_way.total() >= _UNDER_WAY or mine >= _SHARE:
            raise WorkersBusy(_BUSY)
        self._under_way[client] += 1
        try:
            yield
        finally:
            self._under_way[client] -= 1
            if not self._under_way[client]:
                del self._under_way[client]

    async def drafts(self, site: Site, data: bytes, name: str) -> Sequence[Draft]:
        """What a document becomes beside a release.

        Raises:
            InputError: it cannot be read.
            WorkersBusy: no worker was free in time.
        """
        importer = await self._for(site)
        return await run_in_threadpool(importer.drafts, data, name)

    async def _for(self, site: Site) -> Importer:
        async with self._beginning:
            release = site.release.id
            if self._importer is None or (release != self._release and not site.asked_by_name):
                old, self._importer = self._importer, await run_in_threadpool(self._begin, site)
                self._release = release
                if old is not None:
                    # Those that are being read with it are given the time that they may take.
                    asyncio.get_running_loop().call_later(_DEADLINE + _PATIENCE, old.close)
            if self._closed:
                self._importer.close()
                raise WorkersBusy(_BUSY)
            return self._importer

    def _begin(self, site: Site) -> Importer:
        has_list = (self._folder / "places.yaml").is_file()
        places = Gazetteer.load(self._folder) if has_list else places_of(site.store)
        taken = frozenset(_local(each) for each in site.store.select(_ACTORS).column("actor"))
        return Importer(places, taken, site.ontology.folder, size=_AT_ONCE, deadline=_DEADLINE, patience=_PATIENCE)

    def close(self) -> None:
        """End the workers."""
        self._closed = True
        if self._importer is not None:
            self._importer.close()


def places_of(store: Store) -> Gazetteer:
    """The places of a release as a place list."""
    names: dict[str, dict[str, str]] = {}
    also: dict[str, list[str]] = {}
    for row in store.select(_NAMES).records():
        place = _local(row["place"])
        if row["lang"]:
            names.setdefault(place, {})[str(row["lang"])] = str(row["name"])
        else:
            also.setdefault(place, []).append(str(row["name"]))
    found = []
    for row in store.select(_PLACES).records():
        place = _local(row["place"])
        texts = {key: str(row[key]) if row[key] else None for key in ("country", "nuts", "nuts3")}
        within = _local(row["within"]) if row["within"] else None
        found.append(
            Place(
                place, names.get(place, {"en": place}), str(row["kind"]), tuple(also.get(place, ())), within,
                texts["nuts"], texts["nuts3"], texts["country"],
            )
        )  # fmt: skip
    return Gazetteer.of(found)


def _local(iri: Any) -> str:
    return str(iri).rpartition("/")[2]


# ---------------------------------------------------------------------------------------------------------------------
# What was sent


def file_of(body: bytes, content_type: str) -> tuple[str, bytes]:
    r"""Name and content of the file in a form.

    Raises:
        QuerySyntaxError: it is no form as RFC 7578 has it.
        Unprocessable: there is no file in it, or more than one.

    >>> body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nName: A\r\n--x--\r\n'
    >>> file_of(body, 'multipart/form-data; boundary="x"')
    ('a.txt', b'Name: A')
    """
    boundary = _parameters(content_type).get("boundary", "")
    if not 0 < len(boundary) <= 70 or not boundary.isascii():
        raise QuerySyntaxError("The form does not say where its parts end ('boundary').")
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode(), _MOST_PARTS + 2)
    if len(pieces) < 3 or len(pieces) > _MOST_PARTS + 2 or not pieces[-1].startswith(b"--"):
        raise QuerySyntaxError("The form is not as multipart/form-data has it, or it did not come whole.")
    files = []
    for piece in pieces[1:-1]:
        head, gap, content = piece.lstrip(b" \t").removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if not gap or len(head) > 10_000:
            raise QuerySyntaxError("A part of the form has no head as multipart/form-data has it.")
        name = _file_name(_disposition(head))
        if name is not None:
            files.append((name, content))
    named = [each for each in files if each[0] or each[1]]
    if len(named) != 1:
        what = "more than one file" if named else "no file"
        raise Unprocessable(f"There is {what} in the form. Choose one document; it may hold several profiles.")
    return named[0]


def _disposition(head: bytes) -> str:
    for line in head.split(b"\r\n"):
        key, _, value = line.partition(b":")
        if key.strip().lower() == b"content-disposition":
            return value.decode("utf-8", "replace")
    return ""


def _parameters(header: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _PARAMETER.finditer(header[:4_000]):
        found.setdefault(match[1].lower(), re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3])
    return found


def _file_name(disposition: str) -> str | None:
    """The name of a file as a Content-Disposition has it; ``None`` where it names none."""
    given = _parameters(disposition)
    extended = given.get("filename*", "")
    if extended.lower().startswith("utf-8'"):
        return unquote(extended.partition("'")[2].partition("'")[2], errors="replace")
    return given.get("filename")


def _plain_name(name: str, kind: str) -> str:
    """A name for messages: without folders and signs that cannot be seen, and of bounded length."""
    last = PurePath(name.replace("\\", "/")).name
    shown = "".join(sign for sign in last if sign.isprintable()).strip()[-_LONGEST_NAME:]
    return shown or "document" + _SUFFIXES.get(kind, "")


async def _sent(request: Request) -> tuple[str, bytes]:
    """Name and content of the document that was sent.

    Raises:
        WrongMediaType: it is sent as something that is no document.
        QueryTooLarge: it is too large.
        QuerySyntaxError: the form is damaged.
        Unprocessable: there is no document, or a parameter that does not exist.
    """
    unknown = [name for name in request.query_params if name not in _KNOWN]
    if unknown:
        raise Unprocessable(f"There is no parameter '{unknown[0][:40]}' here. There are: {', '.join(_KNOWN)}.")
    if request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise WrongMediaType("Send the document as it is, without 'Content-Encoding'.")
    sent_as = request.headers.get("content-type", "")
    kind = sent_as.partition(";")[0].strip().lower()
    if kind in _NO_DOCUMENTS:
        raise WrongMediaType(f"Send the document itself, or a form as {_MULTIPART} with it, not '{kind}'.")
    most = MAX_BYTES + (_AROUND if kind == _MULTIPART else 0)
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and len(length) < 20 and int(length) > most:
        raise _too_large()
    exchange: Exchange = request.scope["exchange"]
    try:
        body = await exchange.body(request.receive, most)
    except QueryTooLarge:
        raise _too_large() from None
    name = request.query_params.get("name", "")
    if kind == _MULTIPART:
        given, data = await run_in_threadpool(file_of, body, sent_as)
    else:
        given, data = _file_name(request.headers.get("content-disposition", "")) or "", body
    if len(data) > MAX_BYTES:
        raise _too_large()
    if not data:
        raise Unprocessable("There is no document: nothing was sent.")
    return _plain_name(name or given, "" if kind == _MULTIPART else kind), data


def _too_large() -> QueryTooLarge:
    return QueryTooLarge(f"The document is larger than {MAX_BYTES:,} bytes. Leave the pictures out, or divide it.")


# ---------------------------------------------------------------------------------------------------------------------
# What is answered


def form(request: Request) -> Response:
    """``GET /import``: the page with the form."""
    return pages.render(request, "import.html", most=MAX_BYTES // 1_000_000, name="", records=[], notes=[])


async def preview(request: Request) -> Response:
    """``POST /import/preview``: what a document becomes; nothing is stored."""
    if request.method == "OPTIONS":
        return Response(status_code=204, headers={name.decode(): value.decode() for name, value in preflight(METHODS)})
    if request.method in ("GET", "HEAD"):  # as from a page that is loaded again
        return RedirectResponse(site_of(request).urls.at(PATH), 303)
    exchange: Exchange = request.scope["exchange"]
    importing: Importing = request.app.state.importing
    wanted = _wanted(request)
    try:
        with importing.turn(exchange):
            name, data = await _sent(request)
            drafts = await importing.drafts(site_of(request), data, name)
            answer = await run_in_threadpool(_page if wanted is _HTML else _data, request, name, data, drafts)
    except ClientGone:
        return Response(status_code=GONE)
    answer.headers["cache-control"] = "no-store"
    answer.headers["vary"] = "Accept, Accept-Language"
    return answer


def _wanted(request: Request) -> Choice:
    """JSON, or a page for a browser.

    Raises:
        FormatNotAvailable: the client takes neither.
    """
    named = request.query_params.get("format")
    if named is not None:
        if named not in ("json", "html"):
            raise FormatNotAvailable(f"The format '{named[:40]}' is not available here. Available: json, html.")
        return _JSON if named == "json" else _HTML
    chosen = choose(request.headers.get("accept"), (_JSON, _HTML))
    if chosen is None:
        raise FormatNotAvailable("None of the formats you accept is available here. Available: JSON, HTML.")
    return chosen


def preview_of(draft: Draft) -> dict[str, Any]:
    """A draft as the API tells it."""
    sure: dict[str, float] = {}
    for place in draft.places:
        if key := place.get("field"):
            sure[key] = min(sure.get(key, 1.0), place["confidence"])
    return {
        "id": draft.id,
        "yaml": draft.text,
        "record": draft.data,
        "review": list(draft.review),
        "locators": list(draft.places),
        "confidence": sure,
        "problems": [
            {"severity": each.severity, "field": each.field, "message": each.message, "advice": each.advice}
            for each in draft.problems
        ],
    }


def _data(request: Request, name: str, data: bytes, drafts: Sequence[Draft]) -> Response:
    found = {
        "name": name,
        "sha256": hashlib.sha256(data).hexdigest(),
        "release": site_of(request).release.id,
        "records": [preview_of(draft) for draft in drafts],
        "notes": _notes(drafts),
    }
    return Response(json.dumps(found, ensure_ascii=False).encode(), media_type="application/json")


def _notes(drafts: Sequence[Draft]) -> list[str]:
    return list(dict.fromkeys(note for draft in drafts for note in draft.notes))


def _page(request: Request, name: str, data: bytes, drafts: Sequence[Draft]) -> Response:
    language, fields = pages.language_of(request), site_of(request).ontology.form

    def named(key: str) -> str:
        field = fields.get(key)
        return field.name(language) if field else key

    records = [
        {
            "id": draft.id,
            "language": str(draft.data["language"]),
            "label": _text(draft.data.get("label", draft.id), language),
            "yaml": draft.text,
            "problems": [each.message for each in draft.problems if each.severity == "violation"],
            "review": [
                {
                    "field": named(each["field"]) if each.get("field") else "",
                    "problem": f"import {each['problem']}",
                    "explanation": _text(each.get("explanation", ""), language),
                    "raw": each.get("raw", ""),
                    "locator": each.get("locator", ""),
                }
                for each in draft.review
            ],
            "answers": [
                {
                    "field": named(each["field"]) if each.get("field") else "",
                    "raw": each.get("raw", ""),
                    "locator": each["locator"],
                    "percent": f"{each['confidence'] * 100:.0f} %",
                }
                for each in draft.places
            ],
        }
        for draft in drafts
    ]
    return pages.render(
        request, "import.html", most=MAX_BYTES // 1_000_000, name=name, records=records, notes=_notes(drafts)
    )


def _text(value: Any, language: str) -> str:
    """A text, in the language of the page where there are several."""
    if isinstance(value, Mapping):
        texts = [value[each] for each in (language, *LANGUAGES) if each in value] or list(value.values())
        return str(texts[0]) if texts else ""
    return str(value)


ROUTES = (
    Route(PATH, form),
    Route(f"{PATH}/preview", preview, methods=["GET", "HEAD", "POST", "OPTIONS"]),
)
