"""The map: where networks are, that nothing is lost, and that names do not cover each other."""

from __future__ import annotations

import html
import importlib.util
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from integgraph.build import Built
from integgraph.face import OpenRelease
from integgraph.ingest.places import Gazetteer
from integgraph.listing import ask
from integgraph.ontology import Ontology
from integgraph.settings import Settings
from integgraph.web import maps
from integgraph.web.app import create_app
from integgraph.web.maps import Place, Point, Spot, draw, known_points, point_of, project, survey, window_of
from tests.conftest import ROOT

HTML = {"accept": "text/html"}


@pytest.fixture(scope="module")
def real(collection: Built) -> Iterator[TestClient]:
    with TestClient(create_app(collection.release, replace(Settings())), follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="module")
def many(collection: Built) -> OpenRelease:
    return OpenRelease(collection.release.path, collection.release.manifest)


def text_of(client: TestClient, path: str) -> str:
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 200, answer.text[:400]
    return re.sub(r"\s+", " ", answer.text)


# -- where places are


def test_points_are_places_of_the_list_and_lie_in_europe() -> None:
    places = Gazetteer.load(ROOT / "data" / "places").places
    for name, point in known_points().items():
        assert name in places, name
        assert 27 < point.latitude < 70, name
        assert -32 < point.longitude < 45, name
        assert point.stands_for in ("town", "seat", "middle")


@pytest.fixture(scope="module")
def points() -> Any:
    """The script that checks the points."""
    spec = importlib.util.spec_from_file_location("points", ROOT / "docs" / "points.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_place_has_a_point_or_is_named_as_having_none(points: Any) -> None:
    folder = ROOT / "data" / "places"
    places, rows, codes = Gazetteer.load(folder).places, points.read(maps.points_file()), points.nuts_codes(folder)
    assert list(points.faults(rows, places, codes)) == []
    assert {row["place"] for row in rows if row["stands_for"] == maps.NO_POINT} == {"tilos", "tuzla-istanbul"}
    assert len(known_points()) == len(rows) - 2 == 404


@pytest.mark.skipif(not maps.OUTLINES.is_file(), reason="the front end is not built")
def test_points_lie_in_their_country_and_on_land_that_is_drawn(points: Any) -> None:
    places, rows = Gazetteer.load(ROOT / "data" / "places").places, points.read(maps.points_file())
    assert list(points.outside(rows, places, maps.OUTLINES)) == []
    drawn = json.loads(maps.OUTLINES.read_text("utf-8"))
    for name, point in known_points().items():
        assert drawn["window"]["south"] < point.latitude < drawn["window"]["north"], name
        assert drawn["window"]["west"] < point.longitude < drawn["window"]["east"], name
    (spain,) = (each["rings"] for each in drawn["countries"] if each["name"] == "Spain")
    canaries = [ring for ring in spain if max(latitude for _, latitude in ring) < 30]
    assert len(canaries) == 7  # islands that would be cut away by a window that ends at 30° N


def test_what_is_wrong_with_points_is_said(points: Any, tmp_path: Path) -> None:
    folder = ROOT / "data" / "places"
    places = Gazetteer.load(folder).places
    few = {name: places[name] for name in ("halberstadt", "nuts-dee", "country-de", "tilos")}

    def told(*lines: str) -> list[str]:
        file = tmp_path / "points.csv"
        file.write_text("\n".join([",".join(points.COLUMNS), *lines]) + "\n", "utf-8")
        return list(points.faults(points.read(file), few, points.nuts_codes(folder)))

    good = ("halberstadt,51.896,11.056,town", "nuts-dee,51.782,11.73,middle", "tilos,,,none")
    assert told(*good) == []
    assert told(*good[:2]) == ["tilos: no row; give it a point, or 'none'"]
    assert told(good[1], good[0], good[2]) == ["halberstadt: its row is not in the order of the ids"]
    assert told(good[0], *good) == ["halberstadt: it has two rows"]
    assert any("has no point" in each for each in told("country-de,51,10,middle", *good))
    assert any("not in the place list" in each for each in told("atlantis,40,-30,town", *good))
    assert told("halberstadt,51.8961,11.056,town", *good[1:]) == [
        "halberstadt: '51.8961' is no latitude with up to three digits"
    ]
    assert any("'x' is no longitude" in each for each in told("halberstadt,51.896,x,town", *good[1:]))
    assert any("'city' is none of" in each for each in told("halberstadt,51.896,11.056,city", *good[1:]))
    assert any("no point, but a latitude" in each for each in told(*good[:2], "tilos,36.4,,none"))
    (tmp_path / "points.csv").write_text("place,lat\n", "utf-8")
    with pytest.raises(ValueError, match="must have the columns"):
        points.read(tmp_path / "points.csv")


def test_a_point_in_the_sea_or_unknown_to_geonames_is_found(points: Any, tmp_path: Path) -> None:
    places = Gazetteer.load(ROOT / "data" / "places").places
    outlines = tmp_path / "outlines.json"
    square = [[10, 51], [12, 51], [12, 53], [10, 53], [10, 51]]
    outlines.write_text(json.dumps({"countries": [{"name": "Germany", "rings": [square]}]}), "utf-8")
    inside = {"place": "halberstadt", "latitude": "51.896", "longitude": "11.056", "stands_for": "town"}
    assert list(points.outside([inside], places, outlines)) == []
    (told,) = points.outside([{**inside, "longitude": "13"}], places, outlines)
    assert told == "halberstadt: it lies 69 km outside Germany"
    (told,) = points.outside([{**inside, "place": "bilbao"}], places, outlines)
    assert told == "bilbao: there is no outline of its country 'Spain'"
    towns = tmp_path / "cities1000.txt"
    towns.write_text("1\tHalberstadt\t\t\t51.89562\t11.05622\tP\tPPL\tDE\t\n", "utf-8")
    assert list(points.strange([inside], places, towns)) == []
    (told,) = points.strange([{**inside, "latitude": "52.896"}], places, towns)
    assert told == "halberstadt: the nearest town of GeoNames is 111 km away"


def test_towns_lie_near_what_they_lie_in() -> None:
    places, points = Gazetteer.load(ROOT / "data" / "places").places, known_points()
    pairs = [(name, outer) for name in points if (outer := places[name].within or "") in points]
    assert len(pairs) > 250
    for name, outer in pairs:
        one, other = points[name], points[outer]
        x, y = project(np.array([one.latitude, other.latitude]), np.array([one.longitude, other.longitude]))
        assert float(np.hypot(*(np.diff(each)[0] for each in (x, y)))) < 260, (name, outer)


def test_a_town_without_a_point_is_drawn_at_its_district(many: OpenRelease) -> None:
    places = {
        "town": Place("town", "", "Town", "town", "nuts-dee", "", "DEE09"),
        "lost": Place("lost", "", "Lost", "town", "country-de", "", ""),
        "quarter": Place("quarter", "", "Quarter", "borough", "halberstadt", "", ""),
        "halberstadt": maps.places_of(many)["halberstadt"],
        "state": Place("state", "", "State", "country", "", "", ""),
    }
    district = known_points()["nuts-dee09"]
    assert point_of(places, "town") == Point(district.latitude, district.longitude, "district")
    assert point_of(places, "quarter") == known_points()["halberstadt"]
    assert [point_of(places, name) for name in ("lost", "state", "nowhere")] == [None, None, None]


# -- which networks are where


@pytest.mark.parametrize(
    "given", [[], [("country", "DE")], [("region", "nuts-dee")], [("field", "health"), ("country", "IT")]], ids=str
)
def test_every_network_is_drawn_or_listed(many: OpenRelease, ontology: Ontology, given: list[tuple[str, str]]) -> None:
    found = survey(many, ontology, given)
    assert found.total == ask(many, ontology, "networks", given).total
    assert found.drawn + found.countrywide + len(found.pointless) == found.total
    rows = ask(many, ontology, "networks", given).table().to_pylist()
    for spot in found.spots:
        name = spot.place.id
        assert spot.here == sum(row["seat"] == name or name in (row["area"] or ()) for row in rows)
        assert spot.within == sum(name in (row["places"] or ()) for row in rows)
        if not any(pair[0] == "region" for pair in given):
            assert spot.within == ask(many, ontology, "networks", [*given, ("region", name)]).total
    assert sum(count for _, count in found.wide) >= found.countrywide
    assert [spot.here for spot in found.spots] == sorted((spot.here for spot in found.spots), reverse=True)


# -- the drawing


def test_areas_are_true_to_size() -> None:
    def area(latitude: float, longitude: float) -> float:
        x, y = project(
            np.array([latitude, latitude + 0.1, latitude]), np.array([longitude, longitude, longitude + 0.1])
        )
        return abs(float((x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0]))) / 2

    for latitude, longitude in ((38.0, -9.0), (60.0, 25.0), (35.0, 33.0)):
        true = (np.radians(0.1) * 6371.0) ** 2 * np.cos(np.radians(latitude)) / 2
        assert area(latitude, longitude) == pytest.approx(true, rel=0.003)


def test_nothing_that_is_chosen_is_cut_off(many: OpenRelease, ontology: Ontology) -> None:
    for given in ([], [("region", "nuts-dee")], [("country", "IE")], [("country", "ES")]):
        found = survey(many, ontology, given)
        for width in (380, 880):
            drawing = draw(found.spots, {}, width, most_labels=40)
            assert len(drawing.marks) == len(found.spots)
            for mark in drawing.marks:
                assert mark.radius <= mark.x <= drawing.width - mark.radius
                assert mark.radius <= mark.y <= drawing.height - mark.radius


def test_names_cover_neither_each_other_nor_points(many: OpenRelease, ontology: Ontology) -> None:
    drawing = draw(survey(many, ontology, []).spots, {}, 880, most_labels=60)
    assert len(drawing.labels) > 20
    boxes = []
    for label in drawing.labels:
        wide = len(label.text) * 12 * 0.58
        left = {"start": label.x, "end": label.x - wide, "middle": label.x - wide / 2}[label.anchor]
        boxes.append((left, label.y - 10, left + wide, label.y + 2))
        assert left >= 0
        assert left + wide <= drawing.width
    for place, one in enumerate(boxes):
        for other in boxes[:place]:
            assert not (one[0] < other[2] and other[0] < one[2] and one[1] + 1 < other[3] and other[1] + 1 < one[3])


def test_the_area_of_a_mark_grows_with_the_number() -> None:
    def spot(name: str, latitude: float, here: int) -> Spot:
        return Spot(Place(name, "", name, "town", "", "", ""), Point(latitude, 10, "town"), here, here)

    marks = {
        mark.spot.here: mark.radius
        for mark in draw([spot("a", 48, 100), spot("b", 54, 25)], {}, 880, most_labels=5).marks
    }
    assert marks[100] == pytest.approx(2 * marks[25])
    same = draw([spot("a", 48, 3), spot("b", 48, 3)], {}, 880, most_labels=5).marks
    assert abs(same[0].x - same[1].x) >= same[0].radius + same[1].radius - 1e-6


def test_outlines_are_simple_and_neighbours_share_their_border(tmp_path: Path) -> None:
    window = window_of(np.array([-500.0, 500.0]), np.array([-400.0, 400.0]), 400)
    file = tmp_path / "outlines.json"
    file.write_text(
        '{"countries": [{"rings": [[[8, 50], [10, 50], [10, 51], [10, 52], [8, 52], [8, 50]]]},'
        ' {"rings": [[[10, 50], [12, 50], [12, 52], [10, 52], [10, 51], [10, 50]]]}]}',
        "utf-8",
    )
    path = maps.land(window, file)
    assert path.count("M") == path.count("z") == 2
    corners = []
    for ring in re.findall(r"M(-?\d+) (-?\d+)l([^z]*)z", path):
        x, y = int(ring[0]), int(ring[1])
        steps = list(map(int, re.findall(r"-?\d+", ring[2])))
        corners.append({(x, y)} | {(x := x + dx, y := y + dy) for dx, dy in zip(steps[::2], steps[1::2], strict=True)})
    assert len(corners[0] & corners[1]) >= 2
    assert maps.land(window, tmp_path / "missing.json") == ""
    file.write_text("not JSON", "utf-8")
    assert maps.land(window, file) == ""


# -- the page


def test_the_map_has_its_table_its_sources_and_what_is_not_on_it(
    real: TestClient, many: OpenRelease, ontology: Ontology
) -> None:
    found = survey(many, ontology, [])
    page = text_of(real, "/map")
    said = html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))
    assert f"120 networks. {found.drawn} of them are on the map, at {len(found.spots)} places." in said
    assert "A point is a place, not its area." in said
    assert "GeoNames" in said
    assert f"{found.countrywide} networks name only a whole country or more." in said
    for spot in found.spots:
        assert f"region={spot.place.id}&amp;lang=en" in page
        assert page.count(f'href="/places/{spot.place.id}?lang=en"') == 1
    outlines = "Natural Earth (public domain)" if maps.OUTLINES.exists() else "outlines of countries are not there"
    assert outlines in said
    assert "Karte der Netzwerke" in text_of(real, "/map?lang=de")


def test_the_map_without_outlines_says_so(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maps, "land", lambda window, file: "")
    page = text_of(client, "/map?country=DE")
    assert "The outlines of countries are not there on this server" in page
    assert 'class="land"' not in page


def test_the_map_takes_the_filters_of_the_list(real: TestClient) -> None:
    page = text_of(real, "/map?region=nuts-dee&lang=de")
    assert "Region oder Ort" in page
    assert 'href="/networks/?region=nuts-dee&amp;lang=de"' in page
    zoomed = re.findall(r'<a href="(/map\?[^"]*)" aria-label="[^"]* heranholen"', page)
    assert zoomed
    for address in zoomed:
        assert address.count("region=") == 1
    refused = real.get("/map?contry=DE", headers=HTML)
    assert refused.status_code == 422
    assert "Did you mean country?" in refused.text


def test_points_are_not_in_the_order_of_the_keyboard_and_the_table_is(real: TestClient) -> None:
    page = text_of(real, "/map")
    for svg in re.findall(r'<svg class="map .*?</svg>', page):
        assert 'aria-hidden="true"' in svg
        assert svg.count("<a ") == svg.count('tabindex="-1"')
    assert maps.points_file().stat().st_size < 40_000
