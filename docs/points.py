"""Check the points of the map: ``ontology/places/points.csv``, which its README describes.

``python docs/points.py`` says what is wrong: a place of the place list without a row, a row without a place, a code
that NUTS does not have, a point outside its country. Outlines of countries are those of the map, so the front end must
have been built. With ``--geonames FILE``, ``cities1000.txt`` of GeoNames, each town and seat is also looked up there.

Source: GeoNames readme (main table, CC BY 4.0); Natural Earth 1:50m (public domain); NUTS 2024 (Eurostat).
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from integgraph.ingest.places import Gazetteer, Place
from integgraph.web.maps import NO_POINT, OUTLINES, WIDE, Floats, points_file, project

ROOT = Path(__file__).parents[1]
COLUMNS = ("place", "latitude", "longitude", "stands_for")
STANDS_FOR = ("town", "seat", "middle", NO_POINT)
OUTSIDE: Mapping[str, float] = {"town": 5.0, "seat": 5.0, "middle": 30.0}
"""Kilometres that a point may lie outside the outline of its country: outlines are simplified, and the mean of towns on
islands, or along a bent coast, lies in the sea."""
APART = 3.0
"""Kilometres that a town may lie from where GeoNames has it: editions move the middle of a town now and then."""
_OTHER_NAMES = {"Bosnia and Herzegovina": "Bosnia and Herz.", "Türkiye": "Turkey"}
"""English names that Natural Earth writes in another way."""

Row = Mapping[str, str]


def read(file: Path) -> list[Row]:
    """The rows of the file.

    Raises:
        ValueError: it has other columns.
    """
    with file.open(encoding="utf-8", newline="") as opened:
        reader = csv.DictReader(opened)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise ValueError(f"{file.name} must have the columns {', '.join(COLUMNS)}")
        return list(reader)


def faults(rows: Sequence[Row], places: Mapping[str, Place], codes: frozenset[str]) -> Iterator[str]:
    """What is wrong with the rows themselves, and with what they say of the place list.

    Args:
        rows: The rows.
        places: The place list.
        codes: Codes of NUTS.
    """
    names = [row["place"] for row in rows]
    yield from (f"{name}: its row is not in the order of the ids" for name in _out_of_order(names))
    yield from (f"{name}: it has two rows" for name in sorted({name for name in names if names.count(name) > 1}))
    narrow = {place.id for place in places.values() if place.kind not in WIDE}
    yield from (f"{name}: no row; give it a point, or '{NO_POINT}'" for name in sorted(narrow - {*names}))
    for row in rows:
        name, place = row["place"], places.get(row["place"])
        if place is None:
            yield f"{name}: not in the place list"
        elif place.kind in WIDE:
            yield f"{name}: a {place.kind} has no point, because that would say more than is known"
        elif name.startswith("nuts-") and (name != f"nuts-{(place.nuts or '').lower()}" or place.nuts not in codes):
            yield f"{name}: its id is not its code in NUTS 2024"
        if row["stands_for"] not in STANDS_FOR:
            yield f"{name}: '{row['stands_for']}' is none of {', '.join(STANDS_FOR)}"
        yield from _number_faults(row)


def _out_of_order(names: Sequence[str]) -> list[str]:
    return [after for before, after in pairwise(names) if after < before]


def _number_faults(row: Row) -> Iterator[str]:
    for column, most in (("latitude", 90), ("longitude", 180)):
        text = row[column]
        if row["stands_for"] == NO_POINT:
            if text:
                yield f"{row['place']}: no point, but a {column}"
            continue
        try:
            fits = -most <= float(text) <= most and len(text.partition(".")[2]) <= 3
        except ValueError:
            fits = False
        if not fits:
            yield f"{row['place']}: '{text}' is no {column} with up to three digits"


def outside(rows: Sequence[Row], places: Mapping[str, Place], outlines: Path) -> Iterator[str]:
    """Points that lie outside the outline of their country.

    Args:
        rows: The rows, without faults.
        places: The place list.
        outlines: File with the outlines of countries.
    """
    rings = {each["name"]: each["rings"] for each in json.loads(outlines.read_text("utf-8"))["countries"]}
    names = {place.country: place.name("en") for place in places.values() if place.kind == "country"}
    for row in rows:
        if row["stands_for"] == NO_POINT:
            continue
        name = names.get(places[row["place"]].country, "")
        country = rings.get(_OTHER_NAMES.get(name, name))
        if country is None:
            yield f"{row['place']}: there is no outline of its country '{name}'"
            continue
        away = _kilometres_outside(float(row["latitude"]), float(row["longitude"]), country)
        if away > OUTSIDE[row["stands_for"]]:
            yield f"{row['place']}: it lies {away:.0f} km outside {name}"


def _kilometres_outside(latitude: float, longitude: float, rings: Sequence[Sequence[Sequence[float]]]) -> float:
    """How far a point lies from a country; 0 inside."""
    x, y = (float(each[0]) for each in project(np.array([latitude]), np.array([longitude])))
    nearest = float("inf")
    for ring in rings:
        corners = np.array(ring, np.float64)
        east, north = project(corners[:, 1], corners[:, 0])
        if _holds(x, y, east, north):
            return 0.0
        nearest = min(nearest, _distance(x, y, east, north))
    return nearest


def _holds(x: float, y: float, east: Floats, north: Floats) -> bool:
    """Whether a ring holds a point: a ray from it crosses the ring an odd number of times."""
    other_east, other_north = np.roll(east, -1), np.roll(north, -1)
    crossing = (north > y) != (other_north > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = east + (y - north) / (other_north - north) * (other_east - east)
    return bool(np.count_nonzero(crossing & (at > x)) % 2)


def _distance(x: float, y: float, east: Floats, north: Floats) -> float:
    """How far a point lies from the nearest side of a ring."""
    along_east, along_north = np.roll(east, -1) - east, np.roll(north, -1) - north
    length = along_east**2 + along_north**2
    with np.errstate(divide="ignore", invalid="ignore"):
        part = ((x - east) * along_east + (y - north) * along_north) / length
    part = np.where(length > 0, part, 0.0).clip(0, 1)
    return float(np.hypot(x - east - part * along_east, y - north - part * along_north).min())


def strange(rows: Sequence[Row], places: Mapping[str, Place], geonames: Path) -> Iterator[str]:
    """Towns and seats that are no town of GeoNames.

    Args:
        rows: The rows, without faults.
        places: The place list.
        geonames: ``cities1000.txt`` of GeoNames.
    """
    towns: dict[str, list[tuple[float, float]]] = {}
    with geonames.open(encoding="utf-8") as file:
        for line in file:
            cells = line.split("\t")
            towns.setdefault(cells[8], []).append((float(cells[4]), float(cells[5])))
    plane = {country: project(*np.array(found).T) for country, found in towns.items()}
    for row in rows:
        if row["stands_for"] not in ("town", "seat"):
            continue
        x, y = project(np.array([float(row["latitude"])]), np.array([float(row["longitude"])]))
        east, north = plane.get(places[row["place"]].country or "", (np.array([np.inf]), np.array([np.inf])))
        away = float(np.hypot(east - x, north - y).min())
        if away > APART:
            yield f"{row['place']}: the nearest town of GeoNames is {away:.0f} km away"


def main() -> int:
    """Check, and say what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--geonames", type=Path, metavar="FILE", help="cities1000.txt of GeoNames, to look towns up in")
    options = parser.parse_args()
    folder = ROOT / "data" / "places"
    places = Gazetteer.load(folder).places
    rows = read(points_file())
    found = list(faults(rows, places, nuts_codes(folder)))
    if not found:
        if OUTLINES.is_file():
            found += outside(rows, places, OUTLINES)
        else:
            print("The front end is not built, so nobody looked whether points lie in their country.")
        found += strange(rows, places, options.geonames) if options.geonames else ()
    print(
        "\n".join(found)
        or f"{len(rows)} places, {sum(row['stands_for'] != NO_POINT for row in rows)} points: all well."
    )
    return 1 if found else 0


def nuts_codes(folder: Path) -> frozenset[str]:
    """The codes of NUTS 2024, from the folder of the place list."""
    with (folder / "nuts_2024.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(row["code"] for row in csv.DictReader(file))


if __name__ == "__main__":
    sys.exit(main())
