"""What a picture of the cooperation graph holds: which actors and networks, which ties, and where they are drawn.

A picture is of lists: an actor is tied to a network that lists it. What a profile itself reports (who coordinates,
which networks are related) is kept apart as ties of another kind. Nobody reads a picture of everything, so there are
views: who *joins* networks, the surroundings of one thing, or all of a selection.

>>> from integgraph.analysis.incidence import Lists, Tie, incidence
>>> found = incidence(Lists.of_ties([("a", "N"), ("b", "N"), ("b", "M"), ("c", "K")]))
>>> seen = picture(found)
>>> seen.ids, seen.ties.tolist(), seen.left_out
(('b', 'M', 'N'), [[0, 1], [0, 2]], 0)
>>> picture(found, about="N", steps=1).ids
('a', 'b', 'N')
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import scipy.sparse as sp

from integgraph.analysis.incidence import Incidence
from integgraph.analysis.layout import Points, layout
from integgraph.errors import NotFound, Unprocessable
from integgraph.ontology import near
from integgraph.tables import local

Show = Literal["joining", "all"]
SHOWS: tuple[Show, ...] = ("joining", "all")
MOST = 5_000
"""Nodes of a picture at most."""
STEPS = (1, 2, 3)
_Numbers = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Reported:
    """A tie that a profile reports.

    Attributes:
        first, second: IRIs of a network or actor, and of a network.
        kind: ``coordination``, or the id of the vocabulary relation-kind.
    """

    first: str
    second: str
    kind: str


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A part of the cooperation graph, laid out.

    Attributes:
        ids, labels, kinds: Of the nodes, actors first: IRI, name, and ``actor`` or ``network``.
        degrees: Of an actor in how many networks it is, of a network how many members it names; in the whole selection.
        points: Where they are drawn, shape (nodes, 2), from -1 to 1, y upwards; positions have no meaning.
        ties: Who is listed where, shape (ties, 2): numbers of an actor and a network.
        reported: Ties that profiles report, shape (ties, 2).
        reported_kinds: Their kinds.
        left_out: Nodes of the view that are not in the picture because it has a bound.
        actors, networks: How many of each the whole selection has.
    """

    ids: tuple[str, ...]
    labels: tuple[str, ...]
    kinds: tuple[str, ...]
    degrees: tuple[int, ...]
    points: Points
    ties: _Numbers
    reported: _Numbers
    reported_kinds: tuple[str, ...]
    left_out: int
    actors: int
    networks: int


def picture(
    found: Incidence,
    *,
    about: str = "",
    steps: int = 2,
    show: Show = "joining",
    most: int = 1_500,
    reported: Sequence[Reported] = (),
) -> Picture:
    """A view of the lists, laid out.

    Args:
        found: The lists of a selection.
        about: IRI or id of an actor or a network whose surroundings are shown; ``network/`` or ``actor/`` before an id
            tells the two apart. Empty for a view of all.
        steps: How far the surroundings go: 1 (what it is tied to), 2 (and what that is tied to), 3.
        show: Without ``about``: ``joining`` has the actors of two and more networks, with these networks; ``all`` has
            everything.
        most: Nodes at most; those with most ties are kept.
        reported: Ties that profiles report; those between nodes of the picture are in it.

    Raises:
        NotFound: ``about`` is not in the selection; similar ones are named.
        Unprocessable: a number is out of its range, or there is no such view.
    """
    _check(steps, show, most)
    matrix = sp.csr_array(found.matrix)
    degrees, sizes = found.degrees, found.sizes
    first = _position(found, about) if about else None
    if first:
        rows, columns = _around(matrix, first, steps)
    else:
        rows, columns = _view(matrix, degrees, sizes, show)
    kept_rows, kept_columns = _bounded(matrix, rows, columns, degrees, sizes, most, first)
    return _drawn(found, matrix, kept_rows, kept_columns, len(rows) + len(columns), reported)


def _check(steps: int, show: str, most: int) -> None:
    if steps not in STEPS:
        raise Unprocessable(f"'{steps}' is not a value of 'steps'. Allowed are: 1, 2, 3.")
    if show not in SHOWS:
        raise Unprocessable(f"'{show[:80]}' is not a value of 'show'. Allowed are: {', '.join(SHOWS)}.")
    if not 1 <= most <= MOST:
        raise Unprocessable(f"A picture has 1 to {MOST:,} nodes; {most:,} were asked for.")


# ---------------------------------------------------------------------------------------------------------------------
# Which nodes


def _position(found: Incidence, about: str) -> tuple[str, int]:
    """Mode and number of a thing."""
    last = local(about)
    modes = {"network": found.networks, "actor": found.actors}
    for mode, things in modes.items():
        if about == last or f"/{mode}/" in f"/{about}":
            end = f"/{last}"
            for at, each in enumerate(things.ids.tolist()):
                if each.endswith(end) or each in (about, last):
                    return mode, at
    known = [local(each) for things in modes.values() for each in things.ids.tolist()]
    raise NotFound(
        f"'{about[:100]}' is not among the {len(found.networks):,} networks and {len(found.actors):,} members here.",
        near(last, known),
    )


def _around(matrix: sp.csr_array, first: tuple[str, int], steps: int) -> tuple[_Numbers, _Numbers]:
    mode, at = first
    rows, columns = np.zeros(matrix.shape[0], bool), np.zeros(matrix.shape[1], bool)
    (columns if mode == "network" else rows)[at] = True
    other = matrix.T.tocsr()
    for _ in range(steps):
        further_rows, further_columns = matrix @ columns > 0, other @ rows > 0
        rows, columns = rows | further_rows, columns | further_columns
    return np.flatnonzero(rows), np.flatnonzero(columns)


def _view(matrix: sp.csr_array, degrees: _Numbers, sizes: _Numbers, show: Show) -> tuple[_Numbers, _Numbers]:
    if show == "all":
        return np.arange(matrix.shape[0]), np.arange(matrix.shape[1])
    rows = np.flatnonzero(degrees > 1)
    columns = np.flatnonzero(np.bincount(matrix[rows].indices, minlength=matrix.shape[1]))
    return rows, columns


def _bounded(
    matrix: sp.csr_array,
    rows: _Numbers,
    columns: _Numbers,
    degrees: _Numbers,
    sizes: _Numbers,
    most: int,
    first: tuple[str, int] | None,
) -> tuple[_Numbers, _Numbers]:
    """The nodes with most ties, and the one that the picture is about."""
    if len(rows) + len(columns) <= most:
        return rows, columns
    ties = np.concatenate([degrees[rows], sizes[columns]]).astype(float)
    if first is not None:
        mode, at = first
        places = columns if mode == "network" else rows
        ties[int(np.searchsorted(places, at)) + (len(rows) if mode == "network" else 0)] = np.inf
    kept = np.sort(np.argsort(-ties, kind="stable")[:most])
    return rows[kept[kept < len(rows)]], columns[kept[kept >= len(rows)] - len(rows)]


# ---------------------------------------------------------------------------------------------------------------------
# The picture


def _drawn(
    found: Incidence, matrix: sp.csr_array, rows: _Numbers, columns: _Numbers, whole: int, reported: Iterable[Reported]
) -> Picture:
    part = sp.coo_array(matrix[rows][:, columns])
    ties = np.stack([part.coords[0], part.coords[1] + len(rows)], 1).astype(np.int64)
    ids = (*found.actors.ids[rows].tolist(), *found.networks.ids[columns].tolist())
    told, kinds = _reported(ids, len(rows), reported)
    return Picture(
        ids,
        (*found.actors.labels[rows].tolist(), *found.networks.labels[columns].tolist()),
        ("actor",) * len(rows) + ("network",) * len(columns),
        (*found.degrees[rows].tolist(), *found.sizes[columns].tolist()),
        layout(len(ids), np.concatenate([ties, told])),
        ties,
        told,
        kinds,
        whole - len(ids),
        len(found.actors),
        len(found.networks),
    )


def _reported(ids: Sequence[str], actors: int, reported: Iterable[Reported]) -> tuple[_Numbers, tuple[str, ...]]:
    # A network that is a member of another stands in both modes; what is reported of it is said of the network.
    places = {each: at for at, each in enumerate(ids[:actors])} | {
        each: at + actors for at, each in enumerate(ids[actors:])
    }
    pairs: dict[tuple[int, int], str] = {}
    for each in reported:
        first, second = places.get(each.first), places.get(each.second)
        if first is not None and second is not None and first != second:
            pairs.setdefault((first, second), each.kind)
    return np.array(list(pairs), dtype=np.int64).reshape(-1, 2), tuple(pairs.values())
