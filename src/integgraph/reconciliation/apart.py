"""Have a release read by a process of its own: that imports pyarrow, which starts threads; a zygote must have none."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

from integgraph.errors import IntegGraphError, ReleaseError
from integgraph.reconciliation.collection import Collection
from integgraph.workers import die_with, error_of, failure

_WHOLE, _FAILED = b"W", b"F"


def read_apart(release: Path) -> Collection:
    """What the service knows of a release (:func:`integgraph.reconciliation.reading.read`).

    Raises:
        ReleaseError: the release cannot be read, or the process ended.
    """
    code = f"import sys; sys.path[:] = {sys.path!r}; from integgraph.reconciliation.apart import main; main()"
    done = subprocess.run(  # noqa: S603 - this very interpreter and program
        [sys.executable, "-c", code, str(release), str(os.getpid())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=False,  # a zygote never learns how a child ended; the first byte tells
    )
    if done.stdout[:1] == _FAILED:
        raise error_of(done.stdout[1:])
    if done.stdout[:1] != _WHOLE:
        raise ReleaseError("The names of the release could not be read: the process that reads them ended.")
    found: Collection = pickle.loads(memoryview(done.stdout)[1:])  # noqa: S301 - from a process of ours
    return found


def main() -> None:
    """The program of that process: its arguments are the release and the id of its parent."""
    from integgraph.reconciliation.reading import read

    die_with(int(sys.argv[2]))
    out = sys.stdout.buffer
    try:
        found = read(Path(sys.argv[1]))
    except IntegGraphError as error:
        out.write(_FAILED + failure(error))
    else:
        out.write(_WHOLE)
        pickle.dump(found, out, protocol=pickle.HIGHEST_PROTOCOL)
    out.flush()
