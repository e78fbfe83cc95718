"""What every answer of the server needs: the release, its workers, the limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import formatdate
from functools import cached_property
from pathlib import Path

from starlette.requests import Request

from integgraph.face import OpenRelease
from integgraph.ontology import Ontology
from integgraph.store import Store
from integgraph.web.analysing import Analysing
from integgraph.web.lanes import Lanes
from integgraph.web.reconciling import Reconciling
from integgraph.web.urls import Urls
from integgraph.workers import WorkerPool, Zygote


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is allowed; sizes in bytes, but rows and batches in rows."""

    query_length: int
    query_nesting: int
    answer_bytes: int
    answer_rows: int = 10_000
    reconcile_batch: int = 500
    reconcile_bytes: int = 2_000_000


@dataclass(frozen=True)
class Site:
    """One release being served.

    Attributes:
        release: The release.
        ontology: The terms and the form.
        zygote: Starts its workers.
        pool: The workers that answer what pages and the API ask.
        lanes: The workers that answer what clients ask in SPARQL.
        reconciling: The workers that match names; they begin when somebody asks.
        analysing: The workers that make reports; they too begin when somebody asks.
        store: Queries in the pool; call it from threads only.
        urls: Where its things have their pages.
        limits: How much is allowed.
        folder: The folder that holds all releases; ``None`` for a release that lies alone.
        isolated: Whether the kernel denies its workers the network.
        asked_by_name: Whether it was asked for by its id, and is not the one that serves.
    """

    release: OpenRelease
    ontology: Ontology
    zygote: Zygote
    pool: WorkerPool
    lanes: Lanes
    reconciling: Reconciling
    analysing: Analysing
    store: Store
    urls: Urls
    limits: Limits
    folder: Path | None = None
    isolated: bool = False
    asked_by_name: bool = False

    @cached_property
    def last_modified(self) -> str:
        """When the release was made, as HTTP writes it (RFC 9110, section 5.6.7)."""
        return formatdate(datetime.fromisoformat(self.release.manifest["created"]).timestamp(), usegmt=True)

    def close(self) -> None:
        """End its workers."""
        self.reconciling.close()
        self.analysing.close()
        self.lanes.close()
        self.pool.close()
        self.zygote.close()


def site_of(request: Request) -> Site:
    """The site that a request came to; that of the application where nothing stands before it."""
    site: Site = request.scope.get("site") or request.app.state.site
    return site
