"""Is the server well: the release it serves, its workers, and one query through one of them.

``/health`` looks deep; ``/health?live=1`` only says that the process answers.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integgraph.errors import IntegGraphError
from integgraph.release import LEDGER, Release, open_release, verify
from integgraph.web.site import Site, site_of
from integgraph.workers import die_with

_TRIVIAL = "ASK { ?network a ig:Network }"
_NICE = 19
_MOST_NAMED = 5
UNDER_WAY, SOUND, DAMAGED, UNKNOWN = "under way", "sound", "damaged", "unknown"
Check = Callable[[Path], list[str]]


class Verification:
    """Verifies every release that serves in full, once, beside the serving, and remembers what it found.

    A release of 1.5 GB takes some seconds to read. That is done in a process of its own with the lowest priority: in
    this one it would keep requests waiting. A release never changes, so once is enough; what happens to its files
    later shows in their sizes (:func:`size_faults`) and when the server starts again.

    Args:
        check: Says what is damaged in the release in a folder.
    """

    def __init__(self, check: Check | None = None) -> None:
        self._check = check or self._apart
        self._found: dict[Path, list[str] | None] = {}
        self._lock = threading.Lock()
        self._process: Any = None
        self._closed = False

    def begin(self, release: Release) -> None:
        """Verify this release unless that was done or is being done. Returns at once."""
        with self._lock:
            if self._closed or release.path in self._found:
                return
            self._found[release.path] = None
        threading.Thread(target=self._run, args=(release.path,), name="verification", daemon=True).start()

    def state(self, release: Release) -> tuple[str, list[str]]:
        """What is known of a release, and what is damaged in it."""
        if release.path not in self._found:
            return UNKNOWN, []
        faults = self._found[release.path]
        if faults is None:
            return UNDER_WAY, []
        return (DAMAGED, faults) if faults else (SOUND, [])

    def close(self) -> None:
        """Stop what is under way."""
        with self._lock:
            self._closed = True
            if self._process is not None and self._process.is_alive():
                self._process.kill()

    def _run(self, path: Path) -> None:
        try:
            self._found[path] = self._check(path)
        except (EOFError, OSError):  # the process was stopped: nothing is known, and the next call may begin again
            self._found.pop(path, None)

    def _apart(self, path: Path) -> list[str]:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_verify, args=(theirs, str(path), os.getpid()), daemon=True)
        with self._lock:
            if self._closed:
                raise EOFError
            process.start()
            self._process = process
        theirs.close()
        try:
            found: list[str] = ours.recv()
            return found
        finally:
            ours.close()
            process.join()


def _verify(pipe: Connection, path: str, parent: int) -> None:
    die_with(parent)
    os.nice(_NICE)
    try:
        faults = verify(open_release(Path(path)))
    except IntegGraphError as error:
        faults = [str(error)]
    # These sentences go out to everybody: where the release lies on this machine is nobody's business.
    pipe.send([fault.replace(f"{path}/", "").replace(path, "its folder") for fault in faults])
    pipe.close()


def size_faults(release: Release) -> Iterator[str]:
    """Parts of a release that are missing or have another size than its manifest says; reads no content."""
    for name, facts in release.manifest["parts"].items():
        try:
            size = (release.path / name).stat().st_size
        except OSError:
            if name != LEDGER:  # only the build host needs it
                yield f"{name}: it is missing"
            continue
        if size != facts["bytes"]:
            yield f"{name}: it has {size:,} bytes instead of {facts['bytes']:,}"


async def health(request: Request) -> Response:
    """200 where the release is whole and a worker answers, else 503 with what is wrong."""
    if request.query_params.get("live"):
        return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})
    # The rest waits for disk and workers, and must not keep the loop from answering others.
    return await run_in_threadpool(_deep, request)


def _deep(request: Request) -> Response:
    site, state = site_of(request), request.app.state
    verification: Verification | None = getattr(state, "verification", None)
    verified, damage = verification.state(site.release) if verification else (UNKNOWN, [])
    problems = [f"The release is damaged: {fault}." for fault in (damage or list(size_faults(site.release)))]
    problems += _worker_problems(site)
    # What serves is well, so this is no reason to take the server out of service.
    newer = getattr(getattr(state, "sites", None), "problem", "") or ""
    found: dict[str, Any] = {
        "status": "unavailable" if problems else "degraded" if newer else "ok",
        "release": site.release.id,
        "content_hash": site.release.content_hash,
        "verified": verified,
        "workers": site.pool.size,
        "isolated": site.isolated,
    }
    if problems:
        found["problems"] = problems[:_MOST_NAMED]
    if newer:
        found["newer_release"] = newer
    headers = {"cache-control": "no-store", **({"retry-after": "5"} if problems else {})}
    return JSONResponse(found, 503 if problems else 200, headers)


def _worker_problems(site: Site) -> list[str]:
    try:
        site.store.ask(_TRIVIAL)
    except IntegGraphError as error:
        return [str(error)]
    return []


ROUTES = [Route("/health", health)]
