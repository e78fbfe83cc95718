"""The map: towns and regions as points, drawn here, without anything from outside.

A release holds names and codes of places, but no coordinates. ``ontology/places/points.csv`` says where a place is
drawn: a town at its middle, a district at the town that it is run from, a region in the middle of its towns. A point is
a place, not its area; where no point is known, the networks are listed instead.

Sources: J. P. Snyder, "Map Projections: A Working Manual" (USGS, 1987), pages 182 to 190, for the Lambert azimuthal
equal-area projection; GeoNames, places with more than 1,000 people (CC BY 4.0), for the points; Natural Earth (public
domain) for the outlines.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from integgraph import listing
from integgraph.errors import ReleaseError
from integgraph.ontology import Ontology, default_folder
from integgraph.release import Release

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_HERE = Path(__file__).parent
OUTLINES = _HERE / "static" / "built" / "outlines.json"
WIDE = ("country", "supranational")
"""Kinds of places that are not drawn as a point, because it would say more than is known."""
NO_POINT = "none"
"""What the file of points says of a place for which none is known."""
MOST_NAMED = 30
"""Networks that are named one by one where they cannot be drawn."""

_RADIUS = 6371.0  # of a sphere with the area of the earth, in kilometres
_MIDDLE = (52.0, 10.0)  # latitude and longitude in the middle of the map: that of ETRS89-LAEA Europe
_LEAST = 420.0  # kilometres across, however close together the points are
_LETTER = 0.58  # mean width of a letter, in sizes of the font
_DEEPEST = 4  # from a quarter of a town to its town, and on to its district


# ---------------------------------------------------------------------------------------------------------------------
# Where places are


@dataclass(frozen=True, slots=True)
class Point:
    """Where a place is drawn: degrees north and east, and what the point is (``town``, ``seat`` or ``middle``)."""

    latitude: float
    longitude: float
    stands_for: str


@lru_cache(maxsize=1)
def known_points() -> Mapping[str, Point]:
    """Every point that is known, by the id of its place.

    >>> known_points()["halberstadt"]
    Point(latitude=51.896, longitude=11.056, stands_for='town')
    """
    with points_file().open(encoding="utf-8", newline="") as file:
        return {
            row["place"]: Point(float(row["latitude"]), float(row["longitude"]), row["stands_for"])
            for row in csv.DictReader(file)
            if row["stands_for"] != NO_POINT
        }


def points_file() -> Path:
    """The file of points; ``docs/points.py`` checks it."""
    return default_folder() / "places" / "points.csv"


@dataclass(frozen=True, slots=True)
class Place:
    """What the map needs to know of a place of the release; ``name`` is the English one, where there is one."""

    id: str
    iri: str
    name: str
    kind: str
    within: str
    nuts: str
    nuts3: str


@lru_cache(maxsize=4)
def _places(path: Path, content_hash: str) -> Mapping[str, Place]:
    columns = ["id", "place", "name", "kind", "within", "nuts", "nuts3"]
    try:
        rows = pq.read_table(path / "tables" / "places.parquet", columns=columns).to_pylist()
    except (OSError, pa.ArrowException):
        raise ReleaseError("The table places of this release cannot be read; ask for the newest release.") from None
    return {row["id"]: Place(*(row[name] or "" for name in columns)) for row in rows}


def places_of(release: Release) -> Mapping[str, Place]:
    """The places of a release by id; read once.

    Raises:
        ReleaseError: the tables cannot be read.
    """
    return _places(release.path, release.content_hash)


def point_of(places: Mapping[str, Place], name: str) -> Point | None:
    """Where a place is drawn: by its id, its NUTS code or, for a town, that of its NUTS 3 region; else unknown.

    A quarter is drawn where its town is.
    """
    points = known_points()
    for _ in range(_DEEPEST):
        place = places.get(name)
        if place is None or place.kind in WIDE:
            return None
        for key in (place.id, f"nuts-{place.nuts.lower()}"):
            if key in points:
                return points[key]
        if place.kind not in ("town", "borough"):
            return None
        if (key := f"nuts-{place.nuts3.lower()}") in points:
            return Point(points[key].latitude, points[key].longitude, "district")
        name = place.within
    return None


# ---------------------------------------------------------------------------------------------------------------------
# Which networks are where


@dataclass(frozen=True, slots=True)
class Spot:
    """A place with a point.

    Attributes:
        place: The place.
        point: Where it is drawn.
        here: Networks whose seat, or an area of activity, is this very place.
        within: Networks with seat or an area of activity in this place or in one that lies in it.
    """

    place: Place
    point: Point
    here: int
    within: int


@dataclass(frozen=True, slots=True)
class Survey:
    """Where the networks of a list are.

    Attributes:
        total: How many there are.
        drawn: How many of them have a point on the map.
        spots: Places with a point, most networks first.
        wide: Countries and groups of countries → networks that name nothing smaller, most first.
        pointless: Networks that name smaller places, but none with a point: IRI and name.
    """

    total: int
    drawn: int
    spots: Sequence[Spot]
    wide: Sequence[tuple[Place, int]]
    pointless: Sequence[tuple[str, str]]

    @property
    def countrywide(self) -> int:
        """How many name only a country or a group of countries."""
        return self.total - self.drawn - len(self.pointless)


def survey(release: Release, ontology: Ontology, given: Iterable[tuple[str, str]]) -> Survey:
    """Where the networks of a list are.

    Args:
        release: The release.
        ontology: Where concepts are looked up.
        given: What the list is narrowed to, as for :func:`integgraph.listing.ask`.

    Raises:
        Unprocessable: a filter or value does not exist.
        ReleaseError: the tables cannot be read.
    """
    found = listing.ask(release, ontology, "networks", given)
    every = _LAYOUTS.get(release.content_hash, lambda: _laid_out(release, ontology))
    chosen = np.zeros(len(every.drawn), np.bool_)
    chosen[found.numbers.to_numpy(zero_copy_only=False)] = True
    here, within, wide = (
        np.bincount(codes[chosen[rows]], minlength=len(every.places))
        for rows, codes in (every.named, every.all, every.wide)
    )
    spots = [
        Spot(every.places[code], every.points[code], int(here[code]), int(within[code]))
        for code in np.flatnonzero(here).tolist()
        if code in every.points
    ]
    pointless = found.numbers.filter(pa.array(every.pointless[found.numbers.to_numpy(zero_copy_only=False)]))
    columns = (found.source.column(name).take(pointless).to_pylist() for name in ("network", "name"))
    return Survey(
        found.total,
        int((every.drawn & chosen).sum()),
        sorted(spots, key=lambda spot: (-spot.here, spot.place.name, spot.place.id)),
        sorted(
            ((every.places[code], int(wide[code])) for code in np.flatnonzero(wide).tolist()),
            key=lambda pair: (-pair[1], pair[0].name),
        ),
        sorted(zip(*columns, strict=True), key=lambda pair: (pair[1].casefold(), pair[0])),
    )


_Pairs = tuple[Integers, Integers]


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where all networks of a release are, by the numbers of their rows and of the places.

    Attributes:
        places: The places by number.
        points: Number of a place → where it is drawn.
        named: Pairs of row and place: seat and areas of activity.
        all: Pairs of row and place: these, and all that they lie in.
        wide: Those pairs of ``named`` whose row names nothing smaller than a country.
        drawn: For each row whether one of its places has a point.
        pointless: For each row whether it names something smaller than a country, or nothing, and has no point.
    """

    places: Sequence[Place]
    points: Mapping[int, Point]
    named: _Pairs
    all: _Pairs
    wide: _Pairs
    drawn: npt.NDArray[np.bool_]
    pointless: npt.NDArray[np.bool_]


_LAYOUTS: listing.Recent = listing.Recent(4)


def _laid_out(release: Release, ontology: Ontology) -> _Layout:
    columns = listing.ask(release, ontology, "networks").columns("seat", "area", "places")
    by_id = places_of(release)
    places = list(by_id.values())
    number = {place.id: code for code, place in enumerate(places)}
    points = {code: point for code, place in enumerate(places) if (point := point_of(by_id, place.id))}
    named: list[tuple[int, int]] = []
    around: list[tuple[int, int]] = []
    for row, (seat, area, outer) in enumerate(
        zip(*(columns[name].to_pylist() for name in columns.column_names), strict=True)
    ):
        own = {*(area or ()), *([seat] if seat else [])}
        named += [(row, number[name]) for name in own if name in number]
        around += [(row, number[name]) for name in outer or () if name in number]
    size = columns.num_rows
    pairs, all_pairs = _columns(named), _columns(around)
    drawn, small, some = np.zeros(size, np.bool_), np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    some[pairs[0]] = True
    drawn[pairs[0][np.isin(pairs[1], list(points))]] = True
    small[pairs[0][~np.isin(pairs[1], [code for code, place in enumerate(places) if place.kind in WIDE])]] = True
    only_wide = some & ~small & ~drawn
    kept = only_wide[pairs[0]]
    return _Layout(places, points, pairs, all_pairs, (pairs[0][kept], pairs[1][kept]), drawn, ~drawn & ~only_wide)


def _columns(pairs: Sequence[tuple[int, int]]) -> _Pairs:
    both = np.array(pairs, np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


# ---------------------------------------------------------------------------------------------------------------------
# Drawing


def project(latitude: Floats, longitude: Floats) -> tuple[Floats, Floats]:
    """Kilometres east and north of the middle of the map, with every area in its true size.

    >>> east, north = project(np.array([52.0, 53.0]), np.array([10.0, 10.0]))
    >>> [round(float(each)) for each in (*east, *north)]
    [0, 0, 0, 111]
    """
    phi, lam = np.radians(latitude), np.radians(longitude - _MIDDLE[1])
    middle = math.radians(_MIDDLE[0])
    cosine = np.cos(phi) * np.cos(lam)
    scale = _RADIUS * np.sqrt(2 / (1 + math.sin(middle) * np.sin(phi) + math.cos(middle) * cosine))
    return (
        scale * np.cos(phi) * np.sin(lam),
        scale * (math.cos(middle) * np.sin(phi) - math.sin(middle) * cosine),
    )


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the plane that is drawn: its west and north in kilometres, units a kilometre, and size in units."""

    west: float
    north: float
    scale: float
    width: int
    height: int

    def units(self, east: Floats, north: Floats) -> tuple[Floats, Floats]:
        """Kilometres as units of the drawing, to the right and downwards."""
        return (east - self.west) * self.scale, (self.north - north) * self.scale


def window_of(east: Floats, north: Floats, width: int, least: float = 0.8, most: float = 1.05) -> Window:
    """A window that shows all points, with room around them.

    Args:
        east: The points, in kilometres; with none, all of Europe is shown.
        north: The same for their other side.
        width: Width of the drawing in units.
        least: Its height at least, as a multiple of its width.
        most: Its height at most.
    """
    if not len(east):
        east, north = np.array([-1800.0, 1600.0]), np.array([-1900.0, 1900.0])
    middle = (float(east.min() + east.max()) / 2, float(north.min() + north.max()) / 2)
    across = max(float(np.ptp(east)) * 1.16 + 30, _LEAST)
    down = max(float(np.ptp(north)) * 1.12 + 30, _LEAST * least)
    across = max(across, down / most)
    down = min(max(down, across * least), across * most)
    scale = width / across
    return Window(middle[0] - across / 2, middle[1] + down / 2, scale, width, round(down * scale))


@lru_cache(maxsize=1)
def _rings(file: Path, modified: int) -> Sequence[tuple[Floats, Floats]]:
    data = json.loads(file.read_text("utf-8"))
    rings = [np.array(ring, np.float64) for country in data["countries"] for ring in country["rings"]]
    return [project(ring[:, 1], ring[:, 0]) for ring in rings]


def land(window: Window, file: Path = OUTLINES) -> str:
    """The outlines of countries as one SVG path, as fine as the drawing; empty where the file is not there.

    Points are rounded to whole units, so that two neighbours keep one border between them.
    """
    try:
        return _path(window, file, file.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError):
        return ""


@lru_cache(maxsize=64)
def _path(window: Window, file: Path, modified: int) -> str:
    margin = window.width // 4
    parts = []
    for east, north in _rings(file, modified):
        x, y = window.units(east, north)
        if (
            x.max() < -margin
            or y.max() < -margin
            or x.min() > window.width + margin
            or y.min() > window.height + margin
        ):
            continue
        ring = np.stack([x.clip(-margin, window.width + margin), y.clip(-margin, window.height + margin)], 1)
        if part := _ring(np.rint(ring).astype(np.int64)):
            parts.append(part)
    return "".join(parts)


def _ring(points: Integers) -> str:
    """A ring with whole numbers as a path, without what repeats or lies on a straight line."""
    kept = points[np.any(np.diff(points, axis=0, prepend=points[-1:]) != 0, axis=1)]
    if len(kept) < 3:
        return ""
    before, after = kept - np.roll(kept, 1, 0), np.roll(kept, -1, 0) - kept
    kept = kept[before[:, 0] * after[:, 1] != before[:, 1] * after[:, 0]]
    if len(kept) < 3:
        return ""
    steps = np.diff(kept, axis=0).ravel().tolist()
    told = "".join(f" {step}" if step >= 0 else str(step) for step in steps)
    return f"M{kept[0][0]} {kept[0][1]}l{told.strip()}z"


@dataclass(frozen=True, slots=True)
class Mark:
    """A spot as it is drawn: its middle and radius in units."""

    spot: Spot
    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Label:
    """A name as it is drawn: where its line begins or ends (``anchor``: start, middle or end)."""

    text: str
    x: float
    y: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A map, ready to be written as SVG.

    Attributes:
        width, height: In units.
        land: Path of the outlines; empty where they are not there.
        marks: The spots, largest first, so that small ones lie above.
        labels: Names that have room.
        bar: Kilometres that the bar of the scale stands for, and its length in units.
        largest: Networks that the largest mark stands for.
    """

    width: int
    height: int
    land: str
    marks: Sequence[Mark]
    labels: Sequence[Label]
    bar: tuple[int, float]
    largest: int


def draw(
    spots: Sequence[Spot],
    names: Mapping[str, str],
    width: int,
    *,
    most_labels: int,
    font: float = 12.0,
    outlines: Path = OUTLINES,
) -> Drawing:
    """Draw spots.

    Args:
        spots: Places with points, most important first.
        names: Names in the language of the page, by id.
        width: Width in units; about as many pixels are meant.
        most_labels: Names at most; those of the first spots are set first.
        font: Size of the letters in units.
        outlines: File with the outlines of countries.
    """
    east, north = project(
        np.array([spot.point.latitude for spot in spots]), np.array([spot.point.longitude for spot in spots])
    )
    window = window_of(east, north, width)
    x, y = window.units(east, north)
    largest = max((spot.here for spot in spots), default=0)
    biggest = 5 + width / 70 if largest > 1 else 5.0
    marks = _apart(
        [
            Mark(spot, float(x[place]), float(y[place]), max(3.5, biggest * math.sqrt(spot.here / largest)))
            for place, spot in enumerate(spots)
        ]
    )
    length = next(each for each in (1000, 500, 200, 100, 50, 20, 10, 5, 1) if each * window.scale <= width / 3.5)
    return Drawing(
        width,
        window.height,
        land(window, outlines),
        sorted(marks, key=lambda mark: -mark.radius),
        _labels(marks, names, window, most_labels, font),
        (length, length * window.scale),
        largest,
    )


def _apart(marks: Iterable[Mark]) -> list[Mark]:
    """Marks of one and the same point beside each other: a district is drawn where its town is."""
    taken: dict[tuple[int, int], float] = {}
    found = []
    for mark in marks:
        key = (round(mark.x), round(mark.y))
        if key in taken:
            mark = Mark(mark.spot, mark.x + taken[key] + mark.radius, mark.y, mark.radius)
            taken[key] += 2 * mark.radius
        else:
            taken[key] = mark.radius
        found.append(mark)
    return found


_Box = tuple[float, float, float, float]


def _labels(marks: Sequence[Mark], names: Mapping[str, str], window: Window, most: int, font: float) -> list[Label]:
    """Names beside their marks, as far as there is room: none covers another, nor a mark if that can be helped."""
    boxes = [(mark.x - mark.radius, mark.y - mark.radius, mark.x + mark.radius, mark.y + mark.radius) for mark in marks]
    set_down: list[_Box] = [(0, window.height - 3 * font, window.width / 3.5 + 16, window.height)]  # the scale's place
    labels: list[Label] = []
    for mark in marks[: 4 * most]:
        if len(labels) >= most:
            break
        text = names.get(mark.spot.place.id, mark.spot.place.name)
        for label, box in _tries(mark, text, font):
            inside = box[0] >= 2 and box[1] >= 2 and box[2] <= window.width - 2 and box[3] <= window.height - 2
            if inside and not any(_meet(box, other) for other in (*set_down, *boxes)):
                labels.append(label)
                set_down.append(box)
                break
    return labels


def _tries(mark: Mark, text: str, font: float) -> Iterable[tuple[Label, _Box]]:
    """Right of the mark, left of it, above and below."""
    wide, high, gap = len(text) * font * _LETTER, font, mark.radius + 2.5
    x, y = mark.x, mark.y
    right, left = x + gap, x - gap
    yield Label(text, right, y + high * 0.35, "start"), (right, y - high / 2, right + wide, y + high / 2)
    yield Label(text, left, y + high * 0.35, "end"), (left - wide, y - high / 2, left, y + high / 2)
    for base in (y - gap - high * 0.1, y + gap + high * 0.8):
        yield Label(text, x, base, "middle"), (x - wide / 2, base - high * 0.8, x + wide / 2, base + high * 0.2)


def _meet(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
