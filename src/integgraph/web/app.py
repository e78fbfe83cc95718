"""The application: what is answered where. Reads as a table of contents.

The only place of the web face that knows the settings.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from integgraph import __version__
from integgraph.errors import IntegGraphError
from integgraph.ontology import Ontology
from integgraph.release import Release
from integgraph.settings import Settings
from integgraph.web import linked, pages, problems
from integgraph.web.engine import PooledStore, open_worker
from integgraph.web.headers import Headers
from integgraph.web.health import health
from integgraph.web.site import Limits, Site
from integgraph.web.sparql import sparql
from integgraph.web.urls import PLURALS, Urls
from integgraph.workers import WorkerPool

_STATIC = Path(__file__).parent / "static"


def create_app(release: Release, settings: Settings) -> FastAPI:
    """The application over one release; its workers start and stop with it."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        pool = WorkerPool(
            open_worker,
            (str(release.path / "store"),),
            size=settings.workers,
            deadline=settings.query_deadline,
            memory=settings.query_memory,
        )
        limits = Limits(settings.query_length, settings.query_nesting, settings.answer_bytes)
        app.state.site = Site(release, Ontology.load(), pool, PooledStore(pool), Urls(release.base_iri), limits)
        try:
            yield
        finally:
            pool.close()

    app = FastAPI(
        title="integgraph", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.router.routes.extend(
        [
            Route("/", pages.home),
            Route("/sparql", sparql, methods=["GET", "HEAD", "POST", "OPTIONS"]),
            Route("/health", health),
            Route("/id/{kind}/{name}", linked.identifier),
            *(Route(f"/{plural}/", linked.collection) for plural in PLURALS.values()),
            *(Route(f"/{plural}/{{name}}", linked.thing) for plural in PLURALS.values()),
            Route("/statements/{kind}/{name}", linked.statement),
            Route("/vocabulary/", pages.schemes),
            Route("/vocabulary/{name:path}", linked.vocabulary),
            Route("/ontology", linked.ontology),
            Route("/ontology.ttl", linked.ontology),
            *(Route(f"/{name}", linked.part) for name in ("dump.nq", "shapes.ttl", "context.jsonld")),
            Mount("/static", StaticFiles(directory=_STATIC)),
        ]
    )
    app.add_exception_handler(IntegGraphError, problems.answer_error)
    app.add_exception_handler(HTTPException, problems.answer_http_error)
    app.add_exception_handler(Exception, problems.answer_failure)
    app.add_middleware(Headers)
    return app


def serve(release: Release, settings: Settings, host: str, port: int) -> None:
    """Serve until stopped.

    Raises:
        IntegGraphError: the port is in use, or the address is not this machine's.
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
    uvicorn.run(create_app(release, settings), host=host, port=port, log_level="warning", server_header=False)
