"""Releases and their files, the catalogue, and what changed: ``/releases``, ``/catalogue``, ``/changes.atom``.

A file is sent as it lies on the disk, whole or in ranges, with its SHA-256. What is no part of a release is made on
request by :class:`integgraph.exports.Downloads`: a small one is answered at once, for a large one the answer says when
to come back. Nothing is ever sent in part without saying so.

Sources: `RFC 9110 <https://www.rfc-editor.org/rfc/rfc9110>`_ (sections 13 and 14),
`RFC 9530 <https://www.rfc-editor.org/rfc/rfc9530>`_ (Repr-Digest),
`RFC 6266 <https://www.rfc-editor.org/rfc/rfc6266>`_ (Content-Disposition),
`RFC 4287 <https://www.rfc-editor.org/rfc/rfc4287>`_ (Atom), `JSON Feed 1.1 <https://www.jsonfeed.org/version/1.1/>`_,
`VoID, section 7.2 <https://www.w3.org/TR/void/#well-known>`_.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from io import FileIO
from pathlib import Path, PurePosixPath
from typing import Any

import pyoxigraph as ox
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from integgraph.catalogue import PREFIXES, at_server
from integgraph.errors import FormatNotAvailable, NotFound, ReleaseError, WorkersBusy
from integgraph.exports import (
    CHANGES,
    PROFILE_CHANGES,
    Downloads,
    Made,
    Summary,
    exports_of,
    part_file,
    serving_id,
    summaries,
    summary,
    xml_attribute,
    xml_text,
)
from integgraph.ontology import near
from integgraph.store import FORMATS, formats_for
from integgraph.web import pages, problems
from integgraph.web.negotiation import Choice, choose
from integgraph.web.site import site_of
from integgraph.web.urls import PLURALS, origin_of
from integgraph.web.words import say

WAIT = 5.0
"""Seconds that a request waits for a file that is being made, before it is told to come back."""
_RETRY_AFTER = 5
_BLOCK = 1 << 18
_PAGE = 50  # releases on one page of the list
_FEED_RELEASES = 10  # releases that a feed tells of
_FEED_PROFILES = 100  # profiles of each kind of change that a feed names for one release
_SHOWN = 200  # things of each kind that the page of changes names
_READABLE = 20_000_000  # bytes of changes that a page is made of; what is larger is a file

_MEDIA_TYPES: Mapping[str, str] = {
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".nq": "application/n-quads",
    ".parquet": "application/vnd.apache.parquet",
    ".ttl": "text/turtle; charset=utf-8",
}
_SAVED = (".csv", ".nq", ".parquet")  # a browser keeps these, and shows the others
_HTML, _JSON = Choice("html", ("text/html", "application/xhtml+xml")), Choice("json", ("application/json",))
_RDF = tuple(Choice(each.name, (each.media_type,)) for each in formats_for("triples"))
_RDF_SUFFIXES = {each.suffix: each.name for each in formats_for("triples")}


def downloads_of(request: Request) -> Downloads:
    """What makes files of releases for this server."""
    found: Downloads = request.app.state.downloads
    return found


def _absolute(request: Request, path: str) -> str:
    return origin_of(request) + site_of(request).urls.at(path)


# ---------------------------------------------------------------------------------------------------------------------
# Which release


def _all(request: Request) -> list[Summary]:
    """The releases of this server, newest first."""
    site = site_of(request)
    return [summary(site.release.path)] if site.folder is None else summaries(site.folder)


def _find(request: Request, name: str) -> Summary:
    found = {each.id: each for each in _all(request)}
    if name not in found:
        raise NotFound(f"There is no release '{_short(name)}'.", near(name, list(found)) if len(name) <= 100 else ())
    return found[name]


def _short(name: str) -> str:
    return name if len(name) <= 100 else name[:100] + "…"


def _before(request: Request, found: Summary) -> Summary | None:
    """The release before this one that can be read."""
    return next((each for each in _all(request) if each.id < found.id and not each.fault), None)


# ---------------------------------------------------------------------------------------------------------------------
# Files


@dataclass(frozen=True, slots=True)
class _Sent:
    """A file as it is sent.

    Attributes:
        file: Where it lies.
        sha256: Of its content, in hexadecimal.
        media_type: What it is sent as.
        modified: When it was made.
        saved_as: Name that a browser saves it under; empty where a browser shall show it.
        address: Path of its own address; empty where that is the one that was asked for.
        vary: Names of the request headers that decided that it is sent.
    """

    file: Path
    sha256: str
    media_type: str
    modified: datetime
    saved_as: str = ""
    address: str = ""
    vary: str = ""


class _Unsatisfiable(Exception):
    """None of the bytes that were asked for is there."""


class _FileAnswer(StreamingResponse):
    """A stretch of an open file. What is open stays whole, even when it is removed from its folder meanwhile."""

    def __init__(self, file: FileIO, stretch: range, status: int, headers: Mapping[str, str]) -> None:
        self._file, self._stretch = file, stretch
        super().__init__(self._blocks(), status, dict(headers))

    async def _blocks(self) -> AsyncIterator[bytes]:
        self._file.seek(self._stretch.start)
        left = len(self._stretch)
        while left:
            block = await run_in_threadpool(self._file.read, min(left, _BLOCK))
            if not block:  # cut short meanwhile: the connection breaks, so that the client knows
                raise ReleaseError("A file of the release was cut short while it was sent.")
            left -= len(block)
            yield block

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._file.close()


def _send(request: Request, sent: _Sent) -> Response:
    """The file as an answer: whole, a range of it, or that the client has it already.

    Raises:
        ReleaseError: the file is gone.
    """
    try:
        opened = FileIO(sent.file)
    except OSError:
        raise ReleaseError("This file is gone. Ask for another release, or try again later.") from None
    try:
        return _answer(request, sent, opened)
    except BaseException:
        opened.close()
        raise


def _answer(request: Request, sent: _Sent, opened: FileIO) -> Response:
    size = opened.seek(0, 2)
    tag = f'"{sent.sha256}"'
    headers = {
        "etag": tag,
        "last-modified": format_datetime(sent.modified, usegmt=True),
        "cache-control": "public, no-cache",  # keep it, but ask whether it is still good
        **({"vary": sent.vary} if sent.vary else {}),
        **({"content-location": sent.address} if sent.address else {}),
    }
    status = _precondition(request, tag, sent.modified)
    if status is not None:
        opened.close()
        if status == 304:
            return Response(status_code=304, headers=headers)
        return problems.problem(request, 412, {"detail": "The file is another one than the one you know."})
    stretch = None
    if request.method == "GET" and _range_counts(request, tag, headers["last-modified"]):
        try:
            stretch = _stretch(request.headers.get("range", ""), size)
        except _Unsatisfiable:
            opened.close()
            return problems.problem(
                request,
                416,
                {
                    "type": problems.TYPES + "range-not-satisfiable",
                    "detail": f"The file has {size} bytes, and none of them lies in the range asked for.",
                },
                {"content-range": f"bytes */{size}", "accept-ranges": "bytes"},
            )
    digest = base64.b64encode(bytes.fromhex(sent.sha256)).decode()
    headers |= {"content-type": sent.media_type, "accept-ranges": "bytes", "repr-digest": f"sha-256=:{digest}:"}
    if sent.saved_as:
        headers["content-disposition"] = f'attachment; filename="{sent.saved_as}"'
    if stretch is not None:
        headers["content-range"] = f"bytes {stretch.start}-{stretch.stop - 1}/{size}"
    whole = range(size) if stretch is None else stretch
    headers["content-length"] = str(len(whole))
    if request.method == "HEAD":
        opened.close()
        return Response(status_code=200, headers=headers)
    return _FileAnswer(opened, whole, 200 if stretch is None else 206, headers)


def _precondition(request: Request, tag: str, modified: datetime) -> int | None:
    """The status that a condition of the client leads to, if it does. Source: RFC 9110, section 13.2.2."""
    headers = request.headers
    if (match := headers.get("if-match")) is not None:
        if not _names(match, tag, weak=False):
            return 412
    elif (since := _date(headers.get("if-unmodified-since"))) is not None and modified > since:
        return 412
    if (none := headers.get("if-none-match")) is not None:
        return 304 if _names(none, tag, weak=True) else None
    since = _date(headers.get("if-modified-since"))
    return 304 if since is not None and modified <= since else None


def _names(header: str, tag: str, *, weak: bool) -> bool:
    """Whether a list of tags names this one; a weak one counts only where a weak comparison does."""
    tags = [each.strip() for each in header.split(",")]
    return tags == ["*"] or tag in ([each.removeprefix("W/") for each in tags] if weak else tags)


def _date(header: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(header or "")
    except (TypeError, ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _range_counts(request: Request, tag: str, modified: str) -> bool:
    condition = request.headers.get("if-range")
    return condition is None or condition.strip() in (tag, modified)


_BYTES = re.compile(r"bytes\s*=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*", re.IGNORECASE)


def _stretch(header: str, size: int) -> range | None:
    """The bytes asked for; ``None``: all of them. Several ranges at once are answered with all, as a server may.

    >>> _stretch("bytes=2-3", 10), _stretch("bytes=-4", 10), _stretch("bytes=8-99", 10), _stretch("bytes=1-2,5-6", 10)
    (range(2, 4), range(6, 10), range(8, 10), None)
    """
    match = _BYTES.fullmatch(header.strip())
    if match is None or match[1] == match[2] == "":
        return None
    if match[1] == "":
        length = min(int(match[2]), size)
        if length == 0:
            raise _Unsatisfiable
        return range(size - length, size)
    start, last = int(match[1]), int(match[2]) if match[2] else size - 1
    if match[2] and last < start:
        return None  # not a range at all
    if start >= size:
        raise _Unsatisfiable
    return range(start, min(last + 1, size))


def _media_type(name: str) -> str:
    if name.endswith(".csv-metadata.json"):
        return "application/csvm+json"
    return _MEDIA_TYPES.get(PurePosixPath(name).suffix, "application/octet-stream")


def _part(found: Summary, name: str, address: str = "") -> _Sent:
    """A part of a release as it is sent; it is looked at before."""
    saved = PurePosixPath(name).suffix in _SAVED
    return _Sent(
        part_file(found, name),
        str((found.parts or {})[name]["sha256"]),
        _media_type(name),
        _created(found),
        _saved_as(found, name) if saved else "",
        address,
    )


def _created(found: Summary) -> datetime:
    return datetime.fromisoformat(found.created).astimezone(UTC)


def _saved_as(found: Summary, name: str) -> str:
    return f"integgraph-{found.id}-{name.replace('/', '-')}"


def part(request: Request) -> Response:
    """``/dump.nq``, ``/shapes.ttl``, ``/context.jsonld`` and their like: a part of the release that is served."""
    site = site_of(request)
    name = str(request.scope["path"]).rpartition("/")[2]
    return _send(request, _part(summary(site.release.path), name, site.urls.at(f"/releases/{site.release.id}/{name}")))


async def file(request: Request) -> Response:
    """``/releases/{id}/{name}``: a part of a release, or a file made of it."""
    name = request.path_params["name"]
    found = await run_in_threadpool(_find, request, request.path_params["id"])
    export = exports_of(found).get(name)
    if export is None:
        return await run_in_threadpool(lambda: _send(request, _named(found, name)))
    made = await _prepared(request, found, name)
    if made is None:
        return await _preparing(request, name)
    sent = _Sent(
        made.file, made.sha256, export.media_type, await run_in_threadpool(_made_at, made), _saved_as(found, name)
    )
    return await run_in_threadpool(_send, request, sent)


def _named(found: Summary, name: str) -> _Sent:
    """A part by its name; what is not there is told with the names of parts and exports that are like it."""
    if found.parts is not None and name not in found.parts:
        names = [*found.parts, *exports_of(found), "changes"]
        raise NotFound(
            f"Release {found.id} has no file '{_short(name)}'.", near(name, names) if len(name) <= 100 else ()
        )
    return _part(found, name)


def _made_at(made: Made) -> datetime:
    try:
        return datetime.fromtimestamp(int(made.file.stat().st_mtime), UTC)
    except OSError:
        raise ReleaseError("This file is gone. Try again.") from None


# ---------------------------------------------------------------------------------------------------------------------
# Files that are made


async def _prepared(request: Request, found: Summary, name: str, before: Summary | None = None) -> Made | None:
    """The file, once it is made; ``None`` where that takes longer than a client waits."""
    ask = downloads_of(request).ask
    promise = await run_in_threadpool(ask, found.path, name, None if before is None else before.path)
    return _result(promise) if await _done([promise], WAIT) else None


async def _done(promises: Sequence[Future[Made]], seconds: float) -> bool:
    """Whether all of them are kept, or broken, in time. No thread waits meanwhile."""
    loop = asyncio.get_running_loop()
    changed = asyncio.Event()

    def tell(_: Future[Made]) -> None:
        with contextlib.suppress(RuntimeError):  # the server is gone
            loop.call_soon_threadsafe(changed.set)

    for promise in promises:
        promise.add_done_callback(tell)

    async def all_done() -> None:
        while not all(promise.done() for promise in promises):
            await changed.wait()
            changed.clear()

    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(all_done(), seconds)
    return all(promise.done() for promise in promises)


def _result(promise: Future[Made]) -> Made:
    error = promise.exception()
    if error is not None:
        raise error.with_traceback(None)  # several requests are told by the same one
    return promise.result()


async def _preparing(request: Request, name: str) -> Response:
    """202: it is being made; come back."""
    language = pages.language_of(request)
    text = say("downloads preparing", language, name=name)
    wanted = choose(request.headers.get("accept"), (_JSON, _HTML)) or _JSON
    answer: Response
    if wanted.name == "html":
        answer = await run_in_threadpool(
            lambda: pages.render(request, "preparing.html", status=202, text=text, seconds=_RETRY_AFTER)
        )
    else:
        body = {"status": 202, "detail": text, "name": name, "retry_after": _RETRY_AFTER}
        answer = Response(json.dumps(body, ensure_ascii=False), 202, media_type="application/json")
    answer.headers.update(
        {"retry-after": str(_RETRY_AFTER), "cache-control": "no-store", "vary": "Accept, Accept-Language"}
    )
    return answer


# ---------------------------------------------------------------------------------------------------------------------
# Lists


def _wanted(request: Request, choices: Sequence[Choice], suffixes: Mapping[str, str], suffix: str = "") -> str:
    """The representation: by suffix, else by ``Accept``."""
    if suffix:
        if suffix not in suffixes:
            raise NotFound(
                f"There is nothing at {request.scope['path']}. The suffixes are: {', '.join(sorted(suffixes))}."
            )
        return suffixes[suffix]
    chosen = choose(request.headers.get("accept"), choices)
    if chosen is None:
        names = ", ".join(choice.media_types[0] for choice in choices)
        raise FormatNotAvailable(f"None of the formats you accept is available here. Available: {names}.")
    return chosen.name


def _tagged(request: Request, body: bytes, media_type: str, vary: str) -> Response:
    """An answer whose tag is that of its content; 304 where the client has it already."""
    headers = {
        "etag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "cache-control": "public, no-cache",
        "vary": vary,
    }
    none = request.headers.get("if-none-match")
    if none is not None and _names(none, headers["etag"], weak=True):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers | {"content-type": media_type})


def _tagged_json(request: Request, data: Any, media_type: str = "application/json", vary: str = "Accept") -> Response:
    return _tagged(request, json.dumps(data, ensure_ascii=False, indent=1).encode() + b"\n", media_type, vary)


def _tagged_page(request: Request, template: str, **values: Any) -> Response:
    page = pages.render(request, template, **values)
    return _tagged(request, bytes(page.body), "text/html; charset=utf-8", pages.VARY)


def releases(request: Request) -> Response:
    """``/releases``: all of them, newest first; ``before=<id>`` gives the next page."""
    wanted = _wanted(request, (_HTML, _JSON), {"json": "json"}, request.path_params.get("suffix", ""))
    site = site_of(request)
    before = request.query_params.get("before")
    every = _all(request)
    found = [each for each in every if before is None or each.id < before]
    shown, more = found[:_PAGE], len(found) > _PAGE
    following = site.urls.at(f"/releases?before={shown[-1].id}") if more else None
    serving = (serving_id(site.folder) if site.folder else None) or site.release.id
    told = [_told(request, each, _next_sound(every, each)) for each in shown]
    if wanted == "html":
        return _tagged_page(request, "releases.html", found=told, serving=serving, following=following, size=size_words)
    data = {"serving": serving, "releases": told, "next": following and origin_of(request) + following}
    return _tagged_json(request, data)


def _next_sound(every: Sequence[Summary], found: Summary) -> Summary | None:
    return next((each for each in every if each.id < found.id and not each.fault), None)


def release(request: Request) -> Response:
    """``/releases/{id}``: what there is of one release; as RDF, its catalogue."""
    name, dot, suffix = request.path_params["id"].partition(".")
    wanted = _wanted(request, (_HTML, _JSON, *_RDF), {"json": "json", **_RDF_SUFFIXES}, suffix if dot else "")
    found = _find(request, name)
    if wanted not in ("html", "json"):
        return _catalogue(request, found, wanted)
    told = _told(request, found, _before(request, found))
    if wanted == "html":
        return _tagged_page(request, "release.html", told=told, size=size_words, what=file_words)
    return _tagged_json(request, told)


def _told(request: Request, found: Summary, before: Summary | None) -> dict[str, Any]:
    """What a list says of a release, as plain data; ``docs/downloads.md`` describes it."""
    here = _absolute(request, f"/releases/{found.id}")
    language = 1 if pages.language_of(request) == "de" else 0
    counts = dict(found.counts or {})
    earlier = dict(before.counts or {}) if before else {}
    told: dict[str, Any] = {
        "id": found.id,
        "url": here,
        "created": found.created,
        "content_hash": found.content_hash,
        "base_iri": found.base_iri,
        "licence": found.licence,
        "versions": dict(found.versions or {}),
        "counts": counts,
        "previous": before.id if before else None,
        "changes": f"{here}/changes" if before and not found.fault else None,
        "counts_changed": {
            key: {"before": earlier.get(key, 0), "after": value}
            for key, value in counts.items()
            if before and earlier.get(key, 0) != value
        },
        "parts": [
            {"name": name, "url": f"{here}/{name}", "media_type": _media_type(name), **part}
            for name, part in (found.parts or {}).items()
        ],
        "exports": [],
        "fault": found.fault or None,
    }
    if found.fault:
        return told
    for each in exports_of(found).values():
        made = downloads_of(request).ready(found.path, each.name)
        export: dict[str, Any] = {"name": each.name, "url": f"{here}/{each.name}", "media_type": each.media_type}
        export |= {"title": each.titles[language], "ready": made is not None}
        told["exports"].append(export | ({"bytes": made.bytes, "sha256": made.sha256} if made else {}))
    return told


def size_words(number: int, language: str) -> str:
    """A size for people.

    >>> size_words(1_234_567, "de"), size_words(999, "en")
    ('1,2 MB', '999 B')
    """
    value, unit = float(number), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    text = f"{value:.0f}" if unit == "B" or value >= 100 else f"{value:.1f}"
    return f"{text.replace('.', ',') if language == 'de' else text} {unit}"


_WHAT = {
    "catalogue.ttl": "downloads catalogue",
    "context.jsonld": "downloads context",
    "dump.nq": "downloads dump",
    "manifest.json": "downloads manifest",
    "shapes.ttl": "downloads shapes",
    "validation.json": "downloads validation",
    "withdrawn.parquet": "downloads withdrawn",
}


def file_words(name: str, language: str) -> str:
    """What a part is, in words."""
    stem = PurePosixPath(name).name.partition(".")[0]
    if name.startswith("aggregates/"):
        return say("downloads aggregate", language, name=stem)
    if name.endswith(".csv-metadata.json"):
        return say("downloads columns", language, name=stem)
    if name.startswith("tables/"):
        return say("downloads table", language, name=stem)
    return say(_WHAT[name], language) if name in _WHAT else ""


# ---------------------------------------------------------------------------------------------------------------------
# Catalogue


def catalogue(request: Request) -> Response:
    """``/catalogue``: the release in DCAT-AP and VoID, with the addresses of this server; as a page, the releases."""
    wanted = _wanted(request, (_HTML, *_RDF), _RDF_SUFFIXES, request.path_params.get("suffix", ""))
    site = site_of(request)
    if wanted == "html":
        return RedirectResponse(site.urls.at("/releases"), 303, {"vary": "Accept"})
    return _catalogue(request, summary(site.release.path), wanted)


def _catalogue(request: Request, found: Summary, wanted: str) -> Response:
    told = part_file(found, "catalogue.ttl")
    try:
        triples = [quad.triple for quad in ox.parse(path=str(told), format=ox.RdfFormat.TURTLE)]
    except (SyntaxError, OSError) as error:
        raise ReleaseError(f"The catalogue of release {found.id} is damaged. Ask for another release.") from error
    root = found.base_iri.removesuffix("id/")
    chosen = FORMATS[wanted]
    body = ox.serialize(
        at_server(triples, root, _absolute(request, "/")), format=chosen.engine, prefixes=dict(PREFIXES)
    )
    answer = _tagged(request, body or b"", chosen.media_type, "Accept")
    address = _absolute(request, f"/releases/{found.id}")
    answer.headers["link"] = f'<{found.licence}>; rel="license", <{address}>; rel="alternate"; type="text/html"'
    return answer


def void(request: Request) -> Response:
    """``/.well-known/void``: leads to the description of the data in the format that is asked for."""
    wanted = choose(request.headers.get("accept"), (FIRST, *(each for each in _RDF if each != FIRST))) or FIRST
    suffix = next(suffix for suffix, name in _RDF_SUFFIXES.items() if name == wanted.name)
    return RedirectResponse(site_of(request).urls.at(f"/catalogue.{suffix}"), 303, {"vary": "Accept"})


FIRST = next(each for each in _RDF if each.name == "turtle")
"""What a client gets that does not mind."""


# ---------------------------------------------------------------------------------------------------------------------
# Changes


async def changes(request: Request) -> Response:
    """``/releases/{id}/changes``: what changed since the release before."""
    wanted = _wanted(request, (_HTML, _JSON), {"json": "json"}, request.path_params.get("suffix", ""))
    found = await run_in_threadpool(_find, request, request.path_params["id"])
    if found.fault:
        raise ReleaseError(found.fault)
    before = await run_in_threadpool(_before, request, found)
    if before is None:
        raise NotFound(f"There is no release before {found.id} to compare it with.")
    made = await _prepared(request, found, CHANGES, before)
    if made is None:
        return await _preparing(request, f"releases/{found.id}/changes")
    if wanted == "html":
        return await run_in_threadpool(_changes_page, request, made, found, before)
    sent = _Sent(made.file, made.sha256, "application/json", await run_in_threadpool(_made_at, made), vary="Accept")
    return await run_in_threadpool(_send, request, sent)


def _changes_page(request: Request, made: Made, found: Summary, before: Summary) -> Response:
    data = _read(made) if made.bytes <= _READABLE else None
    site, language = site_of(request), pages.language_of(request)
    names = {each.key: each.name(language) for each in site.ontology.form.fields}
    return _tagged_page(
        request,
        "changes.html",
        found=found,
        before=before,
        data=data,
        names_of=lambda keys: ", ".join(names.get(key, key) for key in keys),
        titles={kind: say(PLURALS[kind], language) for kind in ("actor", "place")},
        most=_SHOWN,
        page=site.urls.page,
    )


def _read(made: Made) -> Any:
    try:
        return json.loads(made.file.read_bytes())
    except (OSError, ValueError):
        raise ReleaseError("What changed cannot be read just now. Try again.") from None


@dataclass(frozen=True, slots=True)
class _Step:
    """What a feed says of a release: how many profiles of each kind of change, and the first of them."""

    release: Summary
    before: Summary | None
    counts: Mapping[str, int]
    profiles: Mapping[str, Sequence[Mapping[str, str]]]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of a feed."""

    id: str
    title: str
    text: str
    address: str
    updated: str
    kind: str
    profile: str
    release: str


async def _steps(request: Request) -> list[_Step]:
    """What each of the newest releases changed, newest first.

    Raises:
        WorkersBusy: it is not known yet; a feed never leaves out what it will know later.
        StorageFull: there is no space to compare them.
    """
    sound = [each for each in await run_in_threadpool(_all, request) if not each.fault]
    befores = [*sound[1 : _FEED_RELEASES + 1], None][:_FEED_RELEASES]
    pairs = list(zip(sound, befores, strict=False))
    ask = downloads_of(request).ask
    promises = [
        await run_in_threadpool(ask, found.path, PROFILE_CHANGES, before.path)
        for found, before in pairs
        if before is not None
    ]
    if not await _done(promises, WAIT):
        raise WorkersBusy("The releases are being compared. Try again in a moment.")
    return await run_in_threadpool(_stepped, pairs, promises)


def _stepped(pairs: Sequence[tuple[Summary, Summary | None]], promises: Sequence[Future[Made]]) -> list[_Step]:
    steps = []
    for number, (found, before) in enumerate(pairs):
        if before is None:
            steps.append(_Step(found, None, {}, {}))
            continue
        try:
            counts, profiles = _profiles(_result(promises[number]))
            steps.append(_Step(found, before, counts, profiles))
        except ReleaseError as error:  # this one cannot be compared: it is said, and the others are told
            steps.append(_Step(found, before, {}, {}, str(error)))
    return steps


@lru_cache(maxsize=64)
def _profiles(made: Made) -> tuple[Mapping[str, int], Mapping[str, Sequence[Mapping[str, str]]]]:
    data = _read(made)
    return (
        {kind: len(things) for kind, things in data.items()},
        {kind: tuple(things[:_FEED_PROFILES]) for kind, things in data.items()},
    )


def _entries(request: Request, steps: Sequence[_Step]) -> Iterator[_Entry]:
    language = pages.language_of(request)
    urls = site_of(request).urls
    here = origin_of(request)
    for step in steps:
        found = step.release
        root = found.base_iri.removesuffix("id/")
        yield _Entry(
            f"{root}releases/{found.id}",
            say("feed release", language, id=found.id),
            _summary(step, language),
            here + urls.at(f"/releases/{found.id}" + ("/changes" if step.before and not step.fault else "")),
            found.created,
            "release",
            "",
            found.id,
        )
        for kind, things in step.profiles.items():
            # What went is still to be seen in the release before.
            seen = step.before.id if kind == "removed" and step.before else found.id
            for thing in things:
                name = thing["label"] or thing["id"]
                yield _Entry(
                    f"{thing['iri']}?release={found.id}",
                    say(f"feed {kind}", language, name=name),
                    say(f"feed {kind} text", language, name=name, id=found.id),
                    here + (urls.page(thing["iri"]) or urls.at("/")) + f"?release={seen}",
                    found.created,
                    kind,
                    thing["iri"],
                    found.id,
                )


def _summary(step: _Step, language: str) -> str:
    if step.fault:
        return step.fault
    if step.before is None:
        return say("feed first", language)
    text = say("feed counts", language, before=step.before.id, **step.counts)
    if any(number > _FEED_PROFILES for number in step.counts.values()):
        text += " " + say("feed cut", language, most=_FEED_PROFILES)
    return text


async def atom(request: Request) -> Response:
    """``/changes.atom``: profiles that came, changed and went, release by release, as Atom."""
    return await run_in_threadpool(_atom, request, await _steps(request))


def _atom(request: Request, steps: Sequence[_Step]) -> Response:
    language, release = pages.language_of(request), site_of(request).release
    root = release.base_iri.removesuffix("id/")
    updated = max((step.release.created for step in steps), default=str(release.manifest["created"]))
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{language}">',
        f"<id>{xml_text(root)}changes</id>",
        f"<title>{xml_text(say('feed title', language))}</title>",
        f"<subtitle>{xml_text(say('feed lead', language))}</subtitle>",
        f"<updated>{xml_text(updated)}</updated>",
        f"<author><name>{AUTHOR}</name></author>",
        "<generator>integgraph</generator>",
        _link("self", "application/atom+xml", _absolute(request, f"/changes.atom?lang={language}")),
        _link("alternate", "text/html", _absolute(request, f"/releases?lang={language}")),
        _link("alternate", "application/feed+json", _absolute(request, f"/changes.json?lang={language}")),
        f'<link rel="license" href={xml_attribute(str(release.manifest["licence"]))}/>',
    ]
    for each in _entries(request, steps):
        lines += [
            "<entry>",
            f"<id>{xml_text(each.id)}</id>",
            f"<title>{xml_text(each.title)}</title>",
            f"<updated>{xml_text(each.updated)}</updated>",
            f"<published>{xml_text(each.updated)}</published>",
            _link("alternate", "text/html", each.address),
            f'<category term="{each.kind}"/>',
            f"<summary>{xml_text(each.text)}</summary>",
            "</entry>",
        ]
    lines.append("</feed>\n")
    return _tagged(request, "\n".join(lines).encode(), "application/atom+xml; charset=utf-8", "Accept-Language")


AUTHOR = "The integgraph contributors"


def _link(relation: str, media_type: str, address: str) -> str:
    return f'<link rel="{relation}" type="{media_type}" href={xml_attribute(address)}/>'


async def feed(request: Request) -> Response:
    """``/changes.json``: the same as :func:`atom`, as JSON Feed."""
    return await run_in_threadpool(_feed, request, await _steps(request))


def _feed(request: Request, steps: Sequence[_Step]) -> Response:
    language = pages.language_of(request)
    items = [
        {
            "id": each.id,
            "url": each.address,
            "title": each.title,
            "content_text": each.text,
            "date_published": each.updated,
            "tags": [each.kind],
            "_integgraph": {
                "change": each.kind,
                "release": each.release,
                **({"profile": each.profile} if each.profile else {}),
            },
        }
        for each in _entries(request, steps)
    ]
    data = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": say("feed title", language),
        "description": say("feed lead", language),
        "home_page_url": _absolute(request, f"/releases?lang={language}"),
        "feed_url": _absolute(request, f"/changes.json?lang={language}"),
        "language": language,
        "authors": [{"name": AUTHOR}],
        "items": items,
    }
    return _tagged_json(request, data, "application/feed+json", "Accept-Language")


def _without_slash(request: Request) -> Response:
    query = request.scope["query_string"].decode("latin-1")
    return RedirectResponse(site_of(request).urls.at("/releases") + (f"?{query}" if query else ""), 308)


ROUTES: Sequence[Route] = (
    Route("/releases", releases),
    Route("/releases/", _without_slash),
    Route("/releases.{suffix}", releases),
    Route("/releases/{id}", release),
    Route("/releases/{id}/changes", changes),
    Route("/releases/{id}/changes.{suffix}", changes),
    Route("/releases/{id}/{name:path}", file),
    Route("/catalogue", catalogue),
    Route("/catalogue.{suffix}", catalogue),
    Route("/.well-known/void", void),
    Route("/changes.atom", atom),
    Route("/changes.json", feed),
)
"""Everything of this room; it needs ``app.state.downloads``."""
