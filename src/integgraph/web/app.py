"""The server put together: what answers at which address.

This is the only place in ``web`` that reads the settings.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from integgraph import __version__
from integgraph.errors import IntegGraphError
from integgraph.ontology import Ontology
from integgraph.release import Release
from integgraph.settings import Settings
from integgraph.web import linked, pages, problems, sparql
from integgraph.web.engine import PooledStore, open_worker
from integgraph.web.headers import Headers
from integgraph.web.health import health
from integgraph.web.site import Limits, Site
from integgraph.web.urls import PLURALS, Urls
from integgraph.workers import WorkerPool


def create_app(release: Release, settings: Settings) -> FastAPI:
    """The server for one release; its workers run from start-up to shutdown.

    Args:
        release: The release to serve; it stays the same for as long as the server runs.
        settings: How many workers, and how much is allowed.
    """
    app = FastAPI(
        title="integgraph",
        version=__version__,
        routes=_routes(),
        lifespan=_serving(release, settings),
        middleware=[
            Middleware(Headers),
            Middleware(
                CORSMiddleware,
                allow_origins=["*"],  # public data, and no cookies anywhere
                allow_methods=["GET", "HEAD", "POST"],
                allow_headers=["Accept", "Accept-Language", "Content-Type", "If-None-Match"],
                expose_headers=["ETag", "Link"],
            ),
        ],
        exception_handlers={
            IntegGraphError: problems.answer_error,
            HTTPException: problems.answer_http_error,
            Exception: problems.answer_failure,
        },
        docs_url=None,  # those pages load script from elsewhere
        redoc_url=None,
        openapi_url=None,
    )
    return app


def _routes() -> list[BaseRoute]:
    return [
        Route("/", pages.home),
        Route("/health", health),
        Route("/sparql", sparql.endpoint, methods=["GET", "POST"]),
        Route("/id/{kind}/{name:path}", linked.identifier),
        *(Route(f"/{folder}/", pages.listing(kind)) for kind, folder in PLURALS.items()),
        *(Route(f"/{folder}/{{name:path}}", linked.things(kind)) for kind, folder in PLURALS.items()),
        Route("/statements/{kind}/{name:path}", linked.statement),
        Route("/vocabulary/", pages.vocabularies),
        Route("/vocabulary/{name:path}", linked.vocabulary),
        Route("/ontology", linked.ontology),
        Route("/ontology.{suffix}", linked.ontology),
        Route("/context.jsonld", linked.file("context.jsonld", "application/ld+json")),
        Route("/shapes.ttl", linked.file("shapes.ttl", "text/turtle")),
        Route("/dump.nq", linked.file("dump.nq", "application/n-quads")),
        Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
    ]


def _serving(release: Release, settings: Settings) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        pool = await asyncio.to_thread(_pool, release, settings)
        try:
            app.state.site = Site(
                release=release,
                ontology=Ontology.load(),
                pool=pool,
                store=PooledStore(pool),
                urls=Urls(release.base_iri),
                limits=Limits(settings.query_length, settings.query_nesting, settings.answer_bytes),
            )
            yield
        finally:
            pool.close()

    return lifespan


def _pool(release: Release, settings: Settings) -> WorkerPool:
    return WorkerPool(
        open_worker,
        (str(release.path / "store"),),
        size=settings.workers,
        deadline=settings.query_deadline,
        memory=settings.query_memory,
    )


def serve(
    release: Release,
    settings: Settings,
    host: str = "127.0.0.1",
    port: int = 8010,
    ready: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve a release until the process is told to stop. Prints nothing but what the server's log holds.

    Args:
        release: The release to serve.
        settings: How many workers, and how much is allowed.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        ready: Told the address, such as ``http://127.0.0.1:8010``, once the server answers.

    Raises:
        IntegGraphError: the port is in use or may not be used.
    """
    listener = _listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listener.getsockname()[1]}"
    config = uvicorn.Config(
        create_app(release, settings),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    with listener:
        _Server(config, lambda: ready(address)).run(sockets=[listener])


class _Server(uvicorn.Server):
    """A server that says when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens, taken before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise IntegGraphError(
            f"The server cannot listen on {host}, port {port}: {(error.strerror or str(error)).lower()}. "
            "Stop what is listening there, or choose another port with --port."
        ) from None
    return listener
