"""What runs in a worker: one release, ready to be asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from integgraph.reconciliation.answers import METHODS, Answers, as_bytes
from integgraph.reconciliation.collection import Collection
from integgraph.reconciliation.reconciler import Reconciler
from integgraph.workers import Handler, Written, made_apart


def open_worker(release: str) -> Handler:
    """Read a release, and return what answers requests there: the name of a method of :class:`Answers`, and arguments.

    Raises:
        ReleaseError: the release cannot be read.
    """
    folder = Path(release)
    return serve(Reconciler(read_apart(folder), folder / "search.sqlite"))


def read_apart(release: Path) -> Collection:
    """What the service knows of a release, read by a process of its own (:func:`.reading.read`).

    Raises:
        ReleaseError: the release cannot be read, or the process ended.
    """
    fault = "The names of the release could not be read: the process that reads them ended."
    found: Collection = made_apart("integgraph.reconciliation.reading:read", release, fault)
    return found


def serve(reconciler: Reconciler) -> Handler:
    """What answers requests from a collection."""
    answers = Answers(reconciler)

    def handle(request: tuple[str, tuple[Any, ...]]) -> Written:
        name, arguments = request
        return Written(name, as_bytes(METHODS[name](answers, *arguments)))

    return handle
