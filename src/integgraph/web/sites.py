"""The releases that are being served: the current one, and older ones that are asked for by name.

The server follows the ``current`` link of its folder. When another release is swapped in, it is opened beside the one
that serves, new requests go to it, and the old one is closed when its last request is answered: no request fails. For
that time both are in memory. A release that cannot be opened never takes the place of one that serves.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from integgraph.errors import IntegGraphError, NotFound, ReleaseError, WorkerError, WorkersBusy
from integgraph.face import OpenRelease
from integgraph.ontology import Ontology, near
from integgraph.release import Release, current_id, open_release
from integgraph.web.analysing import Analysing
from integgraph.web.engine import PooledStore, Request, open_worker
from integgraph.web.lanes import Lanes, Rules
from integgraph.web.logs import log_event
from integgraph.web.metrics import Metrics
from integgraph.web.protocol import Endpoint, is_finished
from integgraph.web.reconciling import Reconciling
from integgraph.web.site import Limits, Site
from integgraph.web.urls import Urls
from integgraph.workers import WorkerPool, Zygote

_LOOK = 1.0  # seconds between two looks at the link
_AGAIN = 60.0  # seconds until a release that could not be opened is tried again
_PART = 0.5  # seconds
_NAMED = 2  # older releases that are open at the same time
_FIRST, _NETWORK = Request("ask", "ASK { ?s ?p ?o }"), Request("isolated", "")


@dataclass(frozen=True, slots=True)
class Options:
    """How a release is served.

    Attributes:
        workers: Workers for pages and the API.
        memory: Bytes that a worker may use above what the release needs.
        in_memory: A release whose dump has up to so many bytes is read into memory.
        rules: How the lanes for queries work.
        endpoint: The limits of the endpoint.
        limits: The limits that pages show and keep.
        prefix: The path that the server lives under behind a proxy.
    """

    workers: int
    memory: int
    in_memory: int
    rules: Rules
    endpoint: Endpoint
    limits: Limits
    prefix: str = ""


class Sites:
    """The releases that are being served. Belongs to one event loop.

    Args:
        release: The release to begin with.
        options: How releases are served.
        metrics: Counts what happens.

    Attributes:
        current: The site that serves.
        on_swap: Called with a site that begins to serve.
        problem: Why a newer release does not serve; empty where there is none.
    """

    def __init__(self, release: Release, options: Options, metrics: Metrics) -> None:
        self.folder = release.path.parent.parent if release.path.parent.name == "releases" else None
        self.problem = ""
        self.on_swap: Callable[[Site], None] = lambda site: None
        self._options = options
        self._metrics = metrics
        self._first = release
        self._ontology = Ontology.load()
        self._current: Site | None = None
        self._named: OrderedDict[str, Site] = OrderedDict()
        self._users: dict[int, int] = {}
        self._retired: dict[int, Site] = {}
        self._opening = asyncio.Lock()
        self._swapping = asyncio.Lock()
        self._failed: tuple[str, float] = ("", 0.0)
        self._watch: asyncio.Task[None] | None = None

    @property
    def current(self) -> Site:
        """The site that serves."""
        if self._current is None:
            raise WorkersBusy("The server is starting.")
        return self._current

    async def start(self) -> None:
        """Open the release to begin with, and follow the folder's link from now on.

        Raises:
            ReleaseError: it cannot be opened.
        """
        self._current = await self._open(self._first)
        self._tell(self._current)
        if self.folder is not None:
            self._watch = asyncio.create_task(self._follow(self.folder))

    async def close(self) -> None:
        """End all workers."""
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        sites = [*self._named.values(), *self._retired.values(), *([self._current] if self._current else [])]
        self._named.clear()
        self._retired.clear()
        self._current = None
        for site in sites:
            await asyncio.to_thread(site.close)

    # -- which release answers a request

    def take(self) -> Site:
        """The current site, kept open until :meth:`give_back`."""
        site = self.current
        self._users[id(site)] = self._users.get(id(site), 0) + 1
        return site

    def give_back(self, site: Site) -> None:
        """A request has been answered."""
        left = self._users[id(site)] - 1
        if left:
            self._users[id(site)] = left
            return
        del self._users[id(site)]
        if self._retired.pop(id(site), None) is not None:
            self._close_later(site)

    @asynccontextmanager
    async def named(self, name: str) -> AsyncIterator[Site]:
        """The site of a release, by its id.

        Raises:
            NotFound: there is no such release; similar ids are named.
            ReleaseError: it cannot be opened.
            WorkersBusy: too many others are being asked by name.
        """
        site = self.current
        if name != site.release.id:
            async with self._opening:
                site = self._named.get(name) or await self._open_named(name)
                self._named[name] = site
                self._named.move_to_end(name)
        self._users[id(site)] = self._users.get(id(site), 0) + 1
        try:
            yield site
        finally:
            self.give_back(site)

    async def _open_named(self, name: str) -> Site:
        folder = self.folder / "releases" if self.folder is not None else None
        known = [each for each in os.listdir(folder) if not each.startswith(".")] if folder is not None else []
        if folder is None or name not in known:
            raise NotFound(f"There is no release '{name[:100]}' here.", near(name[:100], known))
        if len(self._named) >= _NAMED:
            idle = next((key for key, each in self._named.items() if id(each) not in self._users), None)
            if idle is None:
                raise WorkersBusy("Other releases are being asked by name. Try again in a moment.")
            self._close_later(self._named.pop(idle))
        release = await asyncio.to_thread(open_release, folder / name)
        return await self._open(release, asked_by_name=True)

    # -- opening and closing

    async def _open(self, release: Release, *, asked_by_name: bool = False) -> Site:
        options = self._options
        size = release.manifest["parts"]["dump.nq"]["bytes"]
        rules = options.rules if not asked_by_name else replace(options.rules, fast=1, slow=1)
        workers = 1 if asked_by_name else options.workers
        zygote, pool, isolated = await asyncio.to_thread(_start, release, size <= options.in_memory, options, workers)
        try:
            lanes = Lanes(zygote, rules, self._metrics, is_finished)
            await lanes.start()
        except BaseException:
            pool.close()
            zygote.close()
            raise
        opened = OpenRelease(release.path, release.manifest)
        urls = Urls(release.base_iri, options.prefix)
        analysing = Analysing(release, rules, options.memory, self._metrics)
        # A part of a batch is meant to take this long; only one that takes longer makes way for others.
        rules = replace(rules, slice=_PART)
        reconciling = Reconciling(release, rules, options.memory, self._metrics, options.limits.answer_bytes)
        return Site(
            opened, self._ontology, zygote, pool, lanes, reconciling, analysing, PooledStore(pool), urls,
            options.limits, self.folder, isolated, asked_by_name,
        )  # fmt: skip

    def _tell(self, site: Site) -> None:
        self._metrics.serves(site.release.id, site.release.content_hash)
        self._metrics.watch(site.lanes.workers)
        log_event("serving", release=site.release.id)
        if not site.isolated:
            log_event("the kernel does not deny the workers the network; only the gate does", "warning")

    def _retire(self, site: Site) -> None:
        if id(site) in self._users:
            self._retired[id(site)] = site
        else:
            self._close_later(site)

    def _close_later(self, site: Site) -> None:
        task = asyncio.get_running_loop().run_in_executor(None, site.pool.close)
        site.reconciling.close()
        site.analysing.close()
        site.lanes.close()
        task.add_done_callback(lambda _: site.zygote.close())

    # -- another release

    async def _follow(self, folder: Path) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            await self.look(folder)

    async def look(self, folder: Path | None = None, *, now: bool = False) -> None:
        """Serve the release that the link of the folder leads to, if it is another one.

        Args:
            folder: The folder; the one that is served if left out.
            now: Try a release again that could not be opened a moment ago.
        """
        folder = folder or self.folder
        if folder is None:
            return
        async with self._swapping:
            try:
                name = current_id(folder) or ""
            except OSError:
                return
            alive = self.current.zygote.alive
            if name in ("", self.current.release.id) and alive:
                self.problem = ""
                return
            failed, when = self._failed
            if failed == name and not now and time.monotonic() - when < _AGAIN:
                return
            await self._swap(folder / "releases" / name if name else self.current.release.path)

    async def _swap(self, path: Path) -> None:
        try:
            site = await self._open(await asyncio.to_thread(open_release, path))
        except (IntegGraphError, OSError) as error:
            text = str(error) if isinstance(error, IntegGraphError) else "its files cannot be read"
            self.problem = f"The release {path.name} cannot be served: {text.replace(f'{path}/', '')}"
            self._failed = (path.name, time.monotonic())
            self._metrics.reload(False)
            log_event("a newer release cannot be served", "error", release=path.name)
            return
        old, self._current = self.current, site
        self.problem = ""
        self._metrics.reload(True)
        self._tell(site)
        if old.reconciling.begun:
            site.reconciling.begin()
        if old.analysing.begun:
            site.analysing.begin()
        self.on_swap(site)
        self._retire(old)


def _start(release: Release, in_memory: bool, options: Options, workers: int) -> tuple[Zygote, WorkerPool, bool]:
    try:
        zygote = Zygote(
            open_worker,
            (str(release.path), in_memory, options.endpoint, release.base_iri),
            memory=options.memory,
            shared=in_memory,
        )
    except WorkerError as error:
        raise ReleaseError(f"The release {release.id} cannot be opened: {error}") from None
    try:
        pool = WorkerPool(zygote, size=workers, deadline=options.rules.deadline)
        pool.call(_FIRST)
        isolated = bool(pool.call(_NETWORK))
    except BaseException:
        zygote.close()
        raise
    return zygote, pool, isolated
