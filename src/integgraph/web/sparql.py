"""The SPARQL endpoint. Source: SPARQL 1.1 Protocol (W3C, 2013); SPARQL 1.1 Service Description (W3C, 2013).

An answer is whole or an error: it is made completely in a worker before its status line is sent. Only a stream, which
the client must ask for, is sent while it is made; where it cannot be finished, the connection is cut, so that no client
takes a part for the whole.

Queries do not pass through the framework: at thousands a second its share would be the largest.
"""

from __future__ import annotations

import asyncio
import hashlib
import pickle
from collections import OrderedDict

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Send

from integgraph import __version__
from integgraph.errors import IntegGraphError, LimitReached, NotFound, QueryError, QueryTooLarge, WorkerError
from integgraph.store import check_query
from integgraph.web import description, pages, problems, protocol, querying
from integgraph.web.exchange import Broken, ClientGone, Exchange
from integgraph.web.headers import preflight
from integgraph.web.lanes import Job
from integgraph.web.metrics import Metrics
from integgraph.web.protocol import SUFFIXES, Asked, Head, Sent
from integgraph.web.site import Site, site_of

PATH = "/sparql"
METHODS = "GET, HEAD, POST, OPTIONS"
_KEPT_ANSWER = 262_144  # bytes up to which an answer is kept for the next one who asks
_VARY = (b"vary", b"Accept")
_FRESH = (b"cache-control", b"public, no-cache")  # keep it, but ask whether it is still good


class AnswerCache:
    """Answers that may be asked for again, the least recently asked one going first.

    Args:
        limit: Bytes that all of them may take; 0 for no cache.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._kept: OrderedDict[str, tuple[str, bytes]] = OrderedDict()

    @property
    def on(self) -> bool:
        """Whether there is one."""
        return self._limit > 0

    def get(self, tag: str) -> tuple[str, bytes] | None:
        """Media type and content of an answer."""
        found = self._kept.get(tag)
        if found is not None:
            self._kept.move_to_end(tag)
        return found

    def keep(self, tag: str, media_type: str, body: bytes) -> None:
        """Keep an answer, unless it is large."""
        if len(body) > min(_KEPT_ANSWER, self._limit) or tag in self._kept:
            return
        self._kept[tag] = (media_type, body)
        self._size += len(body) + 500
        while self._size > self._limit:
            _, (_, old) = self._kept.popitem(last=False)
            self._size -= len(old) + 500


class Queries:
    """Answers requests to the endpoint that are for programs.

    Args:
        cache: Answers that may be asked for again.
        metrics: Counts what happens.
        length: Longest query in bytes.
    """

    def __init__(self, cache: AnswerCache, metrics: Metrics, length: int) -> None:
        self._cache = cache
        self._metrics = metrics
        self._length = length

    async def answer(self, exchange: Exchange, site: Site, receive: Receive, send: Send) -> None:
        """Answer a request.

        Raises:
            IntegGraphError: what is wrong; nothing has been sent then.
            ClientGone: nobody waits for the answer any more.
            Broken: the connection must be cut: a part of the answer has been sent, and the rest will not come.
        """
        sent = await self._sent(exchange, receive)
        tag = ""
        if sent.body is None:
            tag = _tag(site, sent)
            if _has_it(exchange, tag):
                await exchange.respond(send, 304, self._headers(site, tag, None), b"")
                return
            if self._cache.on:
                found = self._cache.get(tag)
                self._metrics.cache(found is not None)
                if found is not None:
                    await self._respond(exchange, site, tag, found[0], found[1], send)
                    return
        exchange.check_allowance()
        job = site.lanes.submit(pickle.dumps(tuple(sent)), exchange.client, known=exchange.known)
        job.on_slow = lambda: exchange.watch(receive, job.cancel)
        try:
            head, body = await job.answer
            if body is None:
                await self._pass_on(exchange, site, tag, head, job, send)
                return
        except asyncio.CancelledError:
            job.cancel()
            if exchange.gone:
                raise ClientGone from None
            raise
        finally:
            exchange.spend(job.seconds)
        if tag and self._cache.on:
            self._cache.keep(tag, head.media_type, body)
        await self._respond(exchange, site, tag, head.media_type, body, send)

    async def _respond(
        self, exchange: Exchange, site: Site, tag: str, media_type: str, body: bytes, send: Send
    ) -> None:
        if tag and _has_any(exchange, site.last_modified):
            await exchange.respond(send, 304, self._headers(site, tag, None), b"")
        else:
            await exchange.respond(send, 200, self._headers(site, tag, media_type), body)

    async def _sent(self, exchange: Exchange, receive: Receive) -> Sent:
        body = None
        if exchange.method == "POST":
            # A form spells every character with up to three times three bytes.
            body = await exchange.body(receive, 9 * self._length + 1000)
        return Sent(
            exchange.query_string,
            body,
            exchange.header(b"content-type"),
            exchange.header(b"accept"),
            format_of(exchange.path),
            exchange.token is not None,
            exchange.http_version != "1.0",
        )

    def _headers(self, site: Site, tag: str, media_type: str | None) -> list[tuple[bytes, bytes]]:
        headers = [_VARY]
        if media_type is not None:
            headers.append((b"content-type", media_type.encode()))
        if tag:
            headers += [(b"etag", tag.encode()), _FRESH, (b"last-modified", site.last_modified.encode())]
        return headers

    async def _pass_on(self, exchange: Exchange, site: Site, tag: str, head: Head, job: Job, send: Send) -> None:
        """Send an answer that comes in parts."""
        headers = self._headers(site, tag if head.size is not None else "", head.media_type)
        try:
            await exchange.start(send, 200, headers, head.size)
            async for chunk in job.chunks():
                if exchange.gone:
                    job.cancel()
                    raise ClientGone
                await exchange.part(send, chunk)
        except IntegGraphError as error:
            raise Broken(str(error)) from None
        await exchange.finish(send)


def _tag(site: Site, sent: Sent) -> str:
    """Tag of an answer: the content of a release never changes, so what was asked of which says what is answered.

    Source: RFC 9110, section 8.8.3.
    """
    # The package's version counts too: another version may write the same content differently.
    facts = f"{site.release.content_hash} {__version__} {sent.format} {sent.accept} {sent.known} ".encode("latin-1")
    return f'"{hashlib.sha256(facts + sent.query_string).hexdigest()[:32]}"'


def _has_it(exchange: Exchange, tag: str) -> bool:
    """Whether the client has this very answer. Source: RFC 9110, section 13.1.2."""
    known = exchange.header(b"if-none-match")
    return bool(known) and tag in (each.strip().removeprefix("W/") for each in known.split(","))


def _has_any(exchange: Exchange, last_modified: str) -> bool:
    """Whether the client needs the answer only if it changed, whatever it is; to be asked when there is one.

    Source: RFC 9110, sections 13.1.2 and 13.1.3. Of times only that very one counts: after a rollback a later one
    belongs to another release.
    """
    known = exchange.header(b"if-none-match").strip()
    return known == "*" or (not known and exchange.header(b"if-modified-since") == last_modified)


def format_of(path: str) -> str:
    """The format that a suffix of the endpoint's address asks for; empty where there is none.

    Raises:
        NotFound: there is no such suffix.

    >>> format_of("/sparql.csv")
    'csv'
    """
    suffix = path[len(PATH) + 1 :]
    if path == PATH:
        return ""
    if suffix not in SUFFIXES:
        raise NotFound(f"There is no format '.{suffix[:40]}' of answers. Available: {', '.join(sorted(SUFFIXES))}.")
    return SUFFIXES[suffix]


def is_endpoint(path: str) -> bool:
    """Whether a path is that of the endpoint, with or without a suffix."""
    return path == PATH or (path.startswith(PATH + ".") and "/" not in path[1:])


def is_for_programs(exchange: Exchange) -> bool:
    """Whether a request carries a query and wants data, not a page and not the description of the service."""
    if exchange.method == "POST":
        return not _page_wanted(exchange)
    names = exchange.query_string
    return (b"query" in names or b"update" in names or b"%" in names) and not _page_wanted(exchange)


def _page_wanted(exchange: Exchange) -> bool:
    accept = exchange.header(b"accept")
    if "html" not in accept or exchange.path != PATH or b"format=" in exchange.query_string:
        return False
    return protocol.wants_page(accept)


async def sparql(request: Request) -> Response:
    """What is not for programs: the form for people, the page of an answer, the description of the service."""
    if request.method == "OPTIONS":
        return Response(status_code=204, headers={name.decode(): value.decode() for name, value in preflight(METHODS)})
    site = site_of(request)
    asked = protocol.read(await _sent(request, site))
    if protocol.wants_page(request.headers.get("accept", "")) and not asked.format:
        return await _page(request, site, asked)
    if asked.query is not None:  # a browser's form that asks for data
        head, body = await _ask(request, site, asked, asked.format)
        return Response(body, media_type=head.media_type, headers={"vary": "Accept"})
    if request.method == "POST" or "query" in request.query_params:
        raise protocol.no_query()
    return await run_in_threadpool(description.answer, request)


async def _sent(request: Request, site: Site) -> Sent:
    body = None
    if request.method == "POST":
        received = bytearray()
        async for chunk in request.stream():
            received += chunk
            if len(received) > 9 * site.limits.query_length + 1000:
                raise too_large(site.limits.query_length)
        body = bytes(received)
    headers = request.headers
    raw = request.scope["query_string"]
    return Sent(raw, body, headers.get("content-type", ""), headers.get("accept", ""), "", False, True)


def too_large(length: int) -> QueryTooLarge:
    """More was posted than a query can be."""
    return QueryTooLarge(f"The request is larger than a query of {length:,} bytes can be.")


async def _page(request: Request, site: Site, asked: Asked) -> Response:
    """The page of the endpoint; what is wrong with a query stands beside the query, so that it can be put right."""
    if asked.query is None:
        return querying.page(request, None)
    try:
        check_query(asked.query, length=site.limits.query_length, nesting=site.limits.query_nesting)
        head, body = await _ask(request, site, asked, "")
    except (QueryError, WorkerError, LimitReached) as error:
        return await _refused(request, asked.query, error)
    language = pages.language_of(request)
    told = await run_in_threadpool(querying.shown, head.media_type, body, language)
    return await run_in_threadpool(querying.page, request, asked.query, told)


async def _refused(request: Request, query: str, error: IntegGraphError) -> Response:
    plain = await problems.answer_error(request, error)
    answer = await run_in_threadpool(querying.page, request, query, None, error, plain.status_code)
    for name in ("retry-after", "cache-control"):
        if name in plain.headers:
            answer.headers[name] = plain.headers[name]
    return answer


async def _ask(request: Request, site: Site, asked: Asked, name: str) -> tuple[Head, bytes]:
    """The whole answer, asked as programs ask, within the same limits."""
    exchange: Exchange = request.scope["exchange"]
    exchange.check_allowance()
    sent = protocol.plain_sent(asked, name, known=exchange.token is not None)
    job = site.lanes.submit(pickle.dumps(tuple(sent)), exchange.client, known=exchange.known)
    try:
        head, body = await job.answer
        return head, b"".join([chunk async for chunk in job.chunks()]) if body is None else body
    except asyncio.CancelledError:
        job.cancel()
        raise
    finally:
        exchange.spend(job.seconds)
