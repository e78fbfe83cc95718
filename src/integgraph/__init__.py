"""integgraph: the open knowledge graph of integration actors.

``integgraph.open(path)`` opens a release for Python users; everything else is in the modules below.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from integgraph.release import Release

__version__ = "0.1.0"
__all__ = ["__version__", "open"]


def open(path: str | Path = "build") -> Release:
    """Open the newest release of an output folder, or one release directory.

    Args:
        path: Folder that ``integgraph build`` wrote to, or a release directory in it.

    Raises:
        ReleaseError: there is no release, or it is incomplete.

    Example::

        release = integgraph.open("build")
        release.store().select("SELECT (COUNT(?n) AS ?networks) { ?n a ig:Network }").records()
    """
    from integgraph.release import open_release

    return open_release(Path(path))
