"""What runs in a worker that makes reports: one release, read once.

A zygote must have no threads. So a process of its own reads the release; the zygote unpickles what that process read,
with libraries told to start no threads, and the workers that it forks share it. A worker opens the store only where a
report asks for what was not read before.

Sources: OpenBLAS, "Environment Variables"; jemalloc(3), ``MALLOC_CONF`` (under the name that Arrow's build gives it).
"""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import TYPE_CHECKING

from integgraph.workers import Handler, Written, made_apart

if TYPE_CHECKING:
    from integgraph.analysis.reports.kept import KeptSource, Wanted

_QUIET = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
"""Keeps numpy and Arrow from starting threads when they are imported."""


def open_worker(release: str) -> Handler:
    """Read a release, and return what makes reports of it.

    The handler takes a :class:`~integgraph.analysis.reports.kept.Wanted` and writes, pickled, a
    :class:`~integgraph.analysis.reports.kept.Made`.

    Raises:
        ReleaseError: the release cannot be read.
    """
    os.environ.update(_QUIET)  # before anything imports numpy or Arrow
    return serve(read_apart(Path(release)))


def serve(source: KeptSource) -> Handler:
    """What makes reports of a release that was read."""
    from integgraph.analysis.reports.kept import make

    def handle(wanted: Wanted) -> Written:
        return Written("report", pickle.dumps(make(source, wanted), protocol=pickle.HIGHEST_PROTOCOL))

    return handle


def read_apart(release: Path) -> KeptSource:
    """A release as reports need it, read by a process of its own.

    Raises:
        ReleaseError: the release cannot be read, or the process ended.
    """
    fault = "The release could not be read for reports: the process that reads it ended."
    found: KeptSource = made_apart("integgraph.analysis.reports.kept:read", release, fault)
    return found
