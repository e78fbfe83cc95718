"""The application: what is answered where. Reads as a table of contents.

The only place of the web face that knows the settings.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from integgraph import __version__
from integgraph.errors import IntegGraphError
from integgraph.exports import Downloads
from integgraph.questions import load_questions
from integgraph.release import Release
from integgraph.settings import Settings
from integgraph.store import Bounds, Gate
from integgraph.web import (
    about,
    api,
    comparing,
    coverage,
    downloads,
    graphs,
    health,
    importing,
    linked,
    lists,
    metrics,
    problems,
    publishing,
    querying,
    reconcile,
    reporting,
    things,
)
from integgraph.web.asking import Preparing
from integgraph.web.clients import Allowances, Proxies, Tokens
from integgraph.web.connections import BoundedProtocol
from integgraph.web.front import Door, Front
from integgraph.web.lanes import Rules
from integgraph.web.logs import LEVELS, configure, flush, log_event
from integgraph.web.protocol import Endpoint
from integgraph.web.site import Limits, Site, site_of
from integgraph.web.sites import Options, Sites
from integgraph.web.sparql import AnswerCache, Queries, sparql
from integgraph.web.urls import PLURALS

_STATIC = Path(__file__).parent / "static"
_LINES, _LOGGED = 100, 0.5  # lines of the log that are written together, and after how many seconds at the latest


class Application(FastAPI):
    """The framework behind the front: every request passes the front first."""

    front: Front
    failure: IntegGraphError | None = None
    """Why it could not start."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; start and stop with the server."""
        if scope["type"] == "http":
            scope["app"] = self
            await self.front(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def inner(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that the front has passed on."""
        await super().__call__(scope, receive, send)


def create_app(release: Release, settings: Settings, *, eager: bool = False) -> Application:
    """The application over a release; its workers start and stop with it.

    Args:
        release: The release to begin with.
        settings: All of them.
        eager: Begin at once with the workers that make reports, and with the answers to the named questions, so that
            nobody waits for them; else when somebody asks.
    """
    counted = metrics.Metrics()
    door = _door(settings)
    options = _options(settings, door.prefix)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        sites = Sites(release, options, counted)
        try:
            await sites.start()
        except IntegGraphError as error:
            application.failure = error
            raise
        app.state.sites = sites
        app.state.downloads = Downloads(_cache(sites.folder))
        app.state.importing = importing.Importing(settings.data / "places")
        app.state.verification = health.Verification()
        preparing = Preparing(load_questions(sites.current.ontology.folder).values(), counted.preparing)

        def serves(site: Site) -> None:
            app.state.verification.begin(site.release)
            if eager:
                preparing.begin(site)

        serves(sites.current)
        sites.on_swap = serves
        queries = Queries(AnswerCache(settings.answer_cache), counted, settings.query_length)
        application.front = Front(application.inner, door, sites, queries, counted)
        _reload_on_signal(sites)
        if eager:
            sites.current.analysing.begin()
        writing = asyncio.create_task(_log_now_and_then())
        try:
            yield
        finally:
            writing.cancel()
            flush()
            preparing.close()
            app.state.verification.close()
            await asyncio.to_thread(app.state.importing.close)
            await asyncio.to_thread(app.state.downloads.close)
            await sites.close()

    application = Application(
        title="integgraph", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    app = application
    app.state.metrics = counted
    app.state.report_address = report_address(settings)
    app.router.redirect_slashes = False  # it knows nothing of a prefix
    app.router.routes.extend(
        [
            *lists.ROUTES,
            Route("/sparql", sparql, methods=["GET", "HEAD", "POST", "OPTIONS"]),
            *health.ROUTES,
            *metrics.ROUTES,
            *reconcile.ROUTES,
            *about.ROUTES,
            *coverage.ROUTES,
            *importing.ROUTES,
            *comparing.ROUTES,
            *reporting.ROUTES,
            *things.ROUTES,
            Route("/id/{kind}/{name}", linked.identifier),
            *(Route(f"/{plural}", _add_slash) for plural in (*PLURALS.values(), "vocabulary", "funders")),
            *(Route(f"/{plural}/", linked.collection) for plural in PLURALS.values()),
            *(Route(f"/{plural}/{{name}}", linked.thing) for plural in PLURALS.values()),
            Route("/statements/{kind}/{name}", linked.statement),
            Route("/vocabulary/{name:path}", linked.vocabulary),
            Route("/ontology", linked.ontology),
            Route("/ontology.{suffix}", linked.ontology),
            *(Route(f"/{name}", downloads.part) for name in ("dump.nq", "shapes.ttl", "context.jsonld")),
            *downloads.ROUTES,
            *publishing.ROUTES,
            *graphs.ROUTES,
            *querying.ROUTES,
            Mount("/static", StaticFiles(directory=_STATIC)),
        ]
    )
    app.include_router(api.router)
    app.add_exception_handler(RequestValidationError, api.answer_validation_error)
    app.add_exception_handler(IntegGraphError, problems.answer_error)
    app.add_exception_handler(HTTPException, problems.answer_http_error)
    app.add_exception_handler(Exception, problems.answer_failure)
    return app


def _cache(folder: Path | None) -> Path | None:
    """Where files that are made on request are kept; ``None`` for a temporary place, where nothing may be written."""
    return folder / ".downloads" if folder is not None and os.access(folder, os.W_OK) else None


async def _log_now_and_then() -> None:
    while True:
        await asyncio.sleep(_LOGGED)
        flush()


def _add_slash(request: Request) -> Response:
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(site_of(request).urls.at(request.scope["path"] + "/") + query, 308)


def _door(settings: Settings) -> Door:
    try:
        proxies = Proxies.of(settings.trusted_proxies)
    except ValueError as error:
        raise IntegGraphError(f"The setting INTEGGRAPH_TRUSTED_PROXIES is not as it must be: {error}.") from None
    prefix = settings.root_path.strip("/")
    return Door(
        proxies,
        Tokens.read(Path(settings.tokens)) if settings.tokens else Tokens({}),
        Allowances(settings.client_seconds),
        settings.trust_everyone,
        f"/{prefix}" if prefix else "",
    )


def report_address(settings: Settings) -> str:
    """Where reports of errors go, as set; empty where nothing is set.

    Raises:
        IntegGraphError: it is neither a mailbox nor an address of the web.
    """
    address = settings.report_address.strip()
    if address and not address.startswith(("mailto:", "https://", "http://")):
        raise IntegGraphError(
            f"The setting INTEGGRAPH_REPORT_ADDRESS is '{address}', but must begin with mailto: or https://."
        )
    return address


def _options(settings: Settings, prefix: str) -> Options:
    bounds = Bounds(settings.answer_bytes, settings.answer_rows)
    return Options(
        settings.workers,
        settings.query_memory,
        settings.memory_store,
        Rules(
            fast=settings.workers,
            slow=settings.slow_workers,
            deadline=settings.query_deadline,
            waiting=settings.waiting,
            share=settings.waiting if settings.trust_everyone else max(settings.waiting // 4, 1),
        ),
        Endpoint(Gate(settings.query_length, settings.query_nesting), bounds),
        Limits(
            settings.query_length,
            settings.query_nesting,
            settings.answer_bytes,
            settings.answer_rows,
            settings.reconcile_batch,
            settings.reconcile_bytes,
        ),
        prefix,
    )


def _reload_on_signal(sites: Sites) -> None:
    """SIGHUP: look for another release at once. Possible in the main thread only."""
    loop = asyncio.get_running_loop()
    waiting: set[asyncio.Task[None]] = set()

    def look() -> None:
        task = loop.create_task(sites.look(now=True))
        waiting.add(task)  # the loop itself keeps no task alive
        task.add_done_callback(waiting.discard)

    # Elsewhere than in the main thread, or without signals, the look every second has to do.
    with contextlib.suppress(ValueError, RuntimeError, NotImplementedError):
        loop.add_signal_handler(signal.SIGHUP, look)


def serve(release: Release, settings: Settings, host: str, port: int) -> None:
    """Serve until stopped.

    Raises:
        IntegGraphError: the port is in use, the address is not this machine's, or the release cannot be opened.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = error.strerror or str(error)
            raise IntegGraphError(
                f"Cannot listen on {host}, port {port}: {reason}. Choose another with --port."
            ) from None
    if settings.log not in LEVELS:
        raise IntegGraphError(f"The setting INTEGGRAPH_LOG is '{settings.log}', but must be {', '.join(LEVELS)}.")
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)  # what is here now stays; looking through it again and again costs answers
    configure(LEVELS[settings.log], together=_LINES)
    log_event("starting", release=release.id)
    application = create_app(release, settings, eager=True)
    # A release that cannot be opened is said once, in a sentence.
    logging.getLogger("uvicorn.error").addFilter(lambda record: application.failure is None)
    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        http=BoundedProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # whose word counts is decided by the front
        server_header=False,
    )
    try:
        uvicorn.Server(config).run()
    except SystemExit:
        if application.failure is None:
            raise
        raise application.failure from None
