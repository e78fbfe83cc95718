"""What every answer of the server needs: the release, the store, the limits."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from integgraph.ontology import Ontology
from integgraph.release import Release
from integgraph.store import Store
from integgraph.web.urls import Urls
from integgraph.workers import WorkerPool


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is allowed; sizes in bytes."""

    query_length: int
    query_nesting: int
    answer_bytes: int


@dataclass(frozen=True, slots=True)
class Site:
    """One release being served."""

    release: Release
    ontology: Ontology
    pool: WorkerPool
    store: Store
    urls: Urls
    limits: Limits


def site_of(request: Request) -> Site:
    """The site that a request came to."""
    site: Site = request.app.state.site
    return site
