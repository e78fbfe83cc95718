"""integgraph: the open knowledge graph of integration actors.

``integgraph.open(path)`` opens a release for Python users; everything else is in the modules below.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from integgraph.face import OpenRelease

__version__ = "0.1.0"
__all__ = ["__version__", "open"]


def open(path: str | Path = "build") -> OpenRelease:
    """Open the newest release of an output folder, or one release directory.

    Args:
        path: Folder that ``integgraph build`` wrote to, or a release directory in it.

    Raises:
        ReleaseError: there is no release, or it is incomplete.

    Example::

        release = integgraph.open("build")
        release.query("SELECT (COUNT(?n) AS ?networks) { ?n a ig:Network }").records()
        release.tables["memberships"].to_pandas()
    """
    from integgraph.face import OpenRelease
    from integgraph.release import open_release

    found = open_release(Path(path))
    return OpenRelease(found.path, found.manifest)
