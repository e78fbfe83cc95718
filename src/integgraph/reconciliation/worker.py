"""What runs in a worker: one release, ready to be asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from integgraph.reconciliation.answers import METHODS, Answers, as_bytes
from integgraph.reconciliation.apart import read_apart
from integgraph.reconciliation.reconciler import Reconciler
from integgraph.workers import Handler, Written


def open_worker(release: str) -> Handler:
    """Read a release, and return what answers requests there: the name of a method of :class:`Answers`, and arguments.

    Raises:
        ReleaseError: the release cannot be read.
    """
    folder = Path(release)
    return serve(Reconciler(read_apart(folder), folder / "search.sqlite"))


def serve(reconciler: Reconciler) -> Handler:
    """What answers requests from a collection."""
    answers = Answers(reconciler)

    def handle(request: tuple[str, tuple[Any, ...]]) -> Written:
        name, arguments = request
        return Written(name, as_bytes(METHODS[name](answers, *arguments)))

    return handle
