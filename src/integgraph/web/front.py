"""What every request passes first: who asks, which release answers, and what is noted of it.

Queries of programs are answered from here; everything else goes on to the framework.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request
from starlette.routing import Mount, compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from integgraph.errors import IntegGraphError, QuerySyntaxError
from integgraph.web import problems
from integgraph.web.clients import Allowances, Proxies, Tokens, client_key
from integgraph.web.exchange import GONE, WHOLE, Broken, ClientGone, Exchange
from integgraph.web.headers import preflight
from integgraph.web.logs import log_fault, log_request
from integgraph.web.metrics import OTHER, Metrics
from integgraph.web.site import Site
from integgraph.web.sites import Sites
from integgraph.web.sparql import METHODS, PATH, Queries, is_endpoint, is_for_programs
from integgraph.web.urls import is_host, not_a_host

_POSTED = ("/reconcile", "/import")
"""Addresses beside the endpoint's that take what is posted."""
_CHEAP = (
    "/static/", "/health", "/metrics", "/releases", "/dump.nq", "/shapes.ttl", "/context.jsonld", "/catalogue",
    "/changes.", "/.well-known/",
)  # fmt: skip
"""Addresses that cost no query time."""
_NONE: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Door:
    """Who may come in, and how much each may use.

    Attributes:
        proxies: Whose word on a client's address is believed.
        tokens: Known clients.
        allowances: Query time a client.
        trust_everyone: No limits for a client.
        prefix: The path that the server lives under behind a proxy, without a slash at its end.
    """

    proxies: Proxies
    tokens: Tokens
    allowances: Allowances
    trust_everyone: bool = False
    prefix: str = ""

    def exchange(self, scope: Scope) -> Exchange:
        """The request in hand."""
        headers: dict[bytes, str] = {}
        for name, value in scope["headers"]:
            text = value.decode("latin-1")
            headers[name] = f"{headers[name]}, {text}" if name in headers else text
        address = scope["client"][0] if scope.get("client") else ""
        if b"x-forwarded-for" in headers:
            address = self.proxies.client(address, headers[b"x-forwarded-for"])
        token = self.tokens.name(headers[b"authorization"]) if b"authorization" in headers else None
        return Exchange(
            scope["method"],
            scope["path"],
            scope["query_string"],
            scope.get("http_version", "1.1"),
            headers,
            client_key(address),
            self.trust_everyone or token is not None,
            token,
            self.allowances,
            send_whole=scope.get("extensions", _NONE).get(WHOLE, _NONE).get("send"),
        )

    def scope(self, scope: Scope) -> Scope:
        """The scope of a request as the application knows its addresses: without the prefix, with the client's scheme.

        Proxies cut the prefix off, or leave it where it is; both are understood.
        """
        path = scope["path"]
        if self.prefix and (path == self.prefix or path.startswith(self.prefix + "/")):
            cut = path[len(self.prefix) :] or "/"
            raw = scope.get("raw_path") or path.encode()
            scope = {**scope, "path": cut, "raw_path": raw[len(self.prefix) :] or b"/"}
        if scope.get("client") and self.proxies.trusts(scope["client"][0]):
            for name, value in scope["headers"]:
                if name == b"x-forwarded-proto" and value in (b"http", b"https"):
                    scope = {**scope, "scheme": value.decode()}
        return scope


class Front:
    """Passes requests on, to the endpoint or to the framework.

    Args:
        app: The framework.
        door: Who may come in.
        sites: The releases that are being served.
        queries: Answers queries of programs.
        metrics: Counts what happens.
    """

    def __init__(self, app: ASGIApp, door: Door, sites: Sites, queries: Queries, metrics: Metrics) -> None:
        self._app = app
        self._door = door
        self._sites = sites
        self._queries = queries
        self._metrics = metrics
        self._templates: Templates | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        scope = self._door.scope(scope)
        exchange = self._door.exchange(scope)
        scope["exchange"] = exchange
        try:
            if not is_host(exchange.headers.get(b"host", "localhost") or "localhost"):
                scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"host"]
                raise not_a_host()
            if b"release=" in exchange.query_string:
                await self._answer_by_name(exchange, scope, receive, send)
                return
            site = self._sites.take()
            try:
                await self._answer(exchange, site, scope, receive, send)
            finally:
                self._sites.give_back(site)
        except IntegGraphError as error:
            await self._refuse(exchange, error, scope, receive, send)
        except (ClientGone, ClientDisconnect):
            exchange.status = exchange.status or GONE
        except Broken:
            # The answer is not ended, so the server closes the connection, and the client sees that it is not whole.
            pass
        except Exception as error:  # noqa: BLE001 - a fault of ours: noted with its place, and never shown
            log_fault(error, route=self._template(exchange.path, scope), request_id=exchange.request_id)
            if not exchange.status:
                answer = await problems.answer_failure(Request(scope, receive), error)
                await answer(scope, receive, exchange.dress(scope, send))
        finally:
            exchange.end()
            self._note(exchange, scope)

    async def _answer_by_name(self, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        names = parse_qs(exchange.query_string.decode("latin-1")).get("release", [])
        if len(set(names)) > 1:
            raise QuerySyntaxError("There is more than one 'release'. An answer is of one release.")
        async with AsyncExitStack() as stack:
            site: Site
            if names:
                site = await stack.enter_async_context(self._sites.named(names[0]))
            else:  # the word stands in a value
                site = self._sites.take()
                stack.callback(self._sites.give_back, site)
            await self._answer(exchange, site, scope, receive, send)

    async def _answer(self, exchange: Exchange, site: Site, scope: Scope, receive: Receive, send: Send) -> None:
        scope["site"] = site
        exchange.release = site.release.id
        if is_endpoint(exchange.path) and exchange.method in ("GET", "HEAD", "POST"):
            if exchange.path != PATH or is_for_programs(exchange):
                await self._queries.answer(exchange, site, receive, send)
                return
        if exchange.method == "OPTIONS" and b"access-control-request-method" in exchange.headers:
            posts = is_endpoint(exchange.path) or exchange.path.startswith(_POSTED)
            methods = METHODS if posts else "GET, HEAD, OPTIONS"
            await exchange.respond(send, 204, preflight(methods), b"")
            return
        costs = not exchange.path.startswith(_CHEAP) and exchange.path != PATH
        if costs:
            exchange.check_allowance()
        try:
            await self._app(scope, receive, exchange.dress(scope, send))
        finally:
            if costs:
                exchange.spend(time.perf_counter() - exchange.begun)

    async def _refuse(
        self, exchange: Exchange, error: IntegGraphError, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if "site" not in scope:
            scope["site"] = self._sites.current
        answer = await problems.answer_error(Request(scope, receive), error)
        await answer(scope, receive, exchange.dress(scope, send))

    def _template(self, path: str, scope: Scope) -> str:
        if self._templates is None:  # the routes stand when the first request comes
            self._templates = Templates.of_app(scope.get("app"))
        return self._templates.of(path)

    def _note(self, exchange: Exchange, scope: Scope) -> None:
        seconds = time.perf_counter() - exchange.begun
        route = self._template(exchange.path, scope)
        self._metrics.request(route, exchange.method, exchange.status, seconds, exchange.size)
        log_request(
            method=exchange.method,
            route=route,
            status=exchange.status,
            seconds=seconds,
            size=exchange.size,
            release=exchange.release,
            request_id=exchange.request_id,
        )


class Templates:
    """The templates of an application's addresses, for logs and metrics: never what a client wrote.

    Args:
        paths: Of the routes, in their order, as :mod:`starlette.routing` writes them.

    >>> templates = Templates(["/", "/networks/", "/networks/{name}", "/coverage.{suffix}", "/vocabulary/{name:path}"])
    >>> templates.of("/networks/harz"), templates.of("/coverage.csv"), templates.of("/vocabulary/field/housing")
    ('/networks/{name}', '/coverage.{suffix}', '/vocabulary/{name}')
    >>> templates.of("/sparql.csv"), templates.of("/wp-login.php")
    ('/sparql', 'other')
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._fixed: set[str] = set()
        self._others: dict[str, list[tuple[re.Pattern[str], str]]] = {}
        for path in paths:
            if "{" in path:
                pattern, written, _ = compile_path(path)
                self._others.setdefault(_first(path), []).append((pattern, written))
            else:
                self._fixed.add(path)

    @classmethod
    def of_app(cls, app: Any) -> Templates:
        """Those of an application of the framework; none where it is another one."""
        return cls(_paths(getattr(getattr(app, "router", None), "routes", ())))

    def of(self, path: str) -> str:
        """The template that a path fits; ``other`` where nothing answers it."""
        if is_endpoint(path):
            return PATH
        if path in self._fixed:
            return path
        fitting = (written for pattern, written in self._others.get(_first(path), ()) if pattern.match(path))
        return next(fitting, OTHER)


_FIRST = re.compile(r"/[^/.{]*")


def _first(path: str) -> str:
    """The beginning of a path up to its first sign that may differ."""
    found = _FIRST.match(path)
    return found[0] if found else ""


def _paths(routes: Iterable[Any]) -> Iterator[str]:
    """Paths of routes, of those in routers and of what is mounted, too."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _paths(inner.routes)
        elif isinstance(route, Mount):
            yield route.path + "/{path:path}"
        else:
            yield route.path
