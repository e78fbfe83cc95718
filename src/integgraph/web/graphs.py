"""The cooperation graph as a picture with its table: ``/graph`` and the same as SVG, JSON and CSV.

The server lays the picture out and keeps it with the release. A small one stands in the page, with links; a larger one
is an image, which the island ``graph.js`` replaces by one to move around in. The table beside it says the same.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integgraph.analysis.incidence import Lists, incidence, read_columns
from integgraph.analysis.picture import MOST, SHOWS, STEPS, Picture, Reported, picture
from integgraph.analysis.selection import Selection
from integgraph.errors import Unprocessable
from integgraph.listing import Recent
from integgraph.ontology import near
from integgraph.tables import Tables, local
from integgraph.web.api import rows_as_csv
from integgraph.web.caching import cached
from integgraph.web.pages import VARY, language_of, render, variant
from integgraph.web.site import Site, site_of
from integgraph.web.words import numeral, say

_FILTERS = {"country": "countries", "place": "places", "field": "fields", "target_group": "target_groups"}
_OTHERS = ("about", "steps", "show", "most")
_FRAME = ("lang", "release")
_DEFAULT_MOST = 1_500
_INLINE = 250
"""Nodes up to which the picture stands in the page itself, with links."""
_LABELS = 40
"""Names that are written into a picture at most."""
_ROWS = 50
_WIDE, _MARGIN = 960.0, 24.0
_KEPT, _KEPT_SELECTIONS, _KEPT_RELEASES = 24, 12, 2
_COLOURS = {"actor": "#0072b2", "network": "#c25e00"}
"""Of an image, on light and dark paper alike; in a page the style sheet has them."""

_RELATIONS = """SELECT ?network ?other ?kind WHERE {
  ?network ig:relatedTo ?relation . ?relation ig:relationKind ?kind ; ig:relatedNetwork ?other } ORDER BY ?relation"""


# ---------------------------------------------------------------------------------------------------------------------
# What is asked for


@dataclass(frozen=True, slots=True)
class Asked:
    """Which picture: the selection, and the view of it."""

    selection: Selection
    about: str = ""
    steps: int = 2
    show: str = "joining"
    most: int = _DEFAULT_MOST

    @property
    def query(self) -> str:
        """The parameters that ask for it, without those that go without saying."""
        given = [(name, value) for name, part in _FILTERS.items() for value in getattr(self.selection, part)]
        given += [("about", self.about)] if self.about else []
        usual = Asked(self.selection)
        given += [
            (name, str(getattr(self, name))) for name in _OTHERS[1:] if getattr(self, name) != getattr(usual, name)
        ]
        return urlencode(given)


def asked(request: Request) -> Asked:
    """The picture that a request asks for.

    Raises:
        Unprocessable: there is no such parameter, or a number is none.
    """
    given = request.query_params
    known = (*_FILTERS, *_OTHERS)
    for name in given:
        if name not in (*known, *_FRAME):
            hint = near(name, known)
            more = f" Did you mean '{hint[0]}'?" if hint else ""
            raise Unprocessable(f"There is no parameter '{name[:80]}' here. There are: {', '.join(known)}.{more}")
    parts = {part: tuple(filter(None, given.getlist(name))) for name, part in _FILTERS.items()}
    return Asked(
        Selection(parts["countries"], parts["places"], parts["fields"], parts["target_groups"]),
        given.get("about", "").strip(),
        _number(given, "steps", 2),
        given.get("show") or SHOWS[0],
        _number(given, "most", _DEFAULT_MOST),
    )


def _number(given: Mapping[str, str], name: str, usual: int) -> int:
    text = given.get(name, "").strip()
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Unprocessable(f"'{text[:80]}' is not a value of '{name}'. Write a whole number.")
    return int(text)


# ---------------------------------------------------------------------------------------------------------------------
# Pictures are kept with their release; one is made at a time, so that many requests do not make many


class Pictures:
    """The pictures of releases, those that were asked for last."""

    def __init__(self) -> None:
        self._pictures = Recent(_KEPT)
        self._selections = Recent(_KEPT_SELECTIONS)
        self._lists = Recent(_KEPT_RELEASES)
        self._making = threading.Lock()

    def of(self, site: Site, wanted: Asked) -> Picture:
        """The picture; errors as :func:`~integgraph.analysis.picture.picture` has them."""
        key = (site.release.content_hash, wanted.query)
        found: Picture | None = self._pictures.kept(key)
        if found is not None:
            return found
        with self._making:
            return self._pictures.get(key, lambda: self._make(site, wanted))

    def _make(self, site: Site, wanted: Asked) -> Picture:
        release, chosen = site.release.content_hash, wanted.selection
        lists, reported = self._lists.get(release, lambda: _read(site))
        found = self._selections.get((release, chosen), lambda: incidence(lists, chosen, ontology=site.ontology))
        return picture(
            found,
            about=wanted.about,
            steps=wanted.steps,
            show=wanted.show,  # type: ignore[arg-type] # checked there
            most=wanted.most,
            reported=reported,
        )


def _read(site: Site) -> tuple[Lists, tuple[Reported, ...]]:
    return Lists.of_release(site.release), tuple(_reported(site))


def _reported(site: Site) -> Iterator[Reported]:
    rows = read_columns(Tables(site.release.path / "tables"), "networks", ("network", "coordination"))
    for network, coordinators in zip(rows.column(0).to_pylist(), rows.column(1).to_pylist(), strict=True):
        yield from (Reported(each, network, "coordination") for each in coordinators or ())
    for row in site.store.select(_RELATIONS).records():
        yield Reported(str(row["network"]), str(row["other"]), local(str(row["kind"])))


_PICTURES = Pictures()


# ---------------------------------------------------------------------------------------------------------------------
# Representations


def graph(request: Request) -> Response:
    """``/graph``: the form, the picture, and its table."""
    site, language = site_of(request), language_of(request)
    wanted = asked(request)

    def make() -> Response:
        seen = _PICTURES.of(site, wanted)
        order = sorted(range(len(seen.ids)), key=lambda at: (-seen.degrees[at], seen.labels[at].casefold()))
        twin = [(seen.ids[at], seen.labels[at], seen.kinds[at], seen.degrees[at]) for at in order[:_ROWS]]
        return render(
            request,
            "graph.html",
            asked=wanted,
            seen=seen,
            twin=twin,
            svg="".join(_svg(site, seen, language)) if len(seen.ids) <= _INLINE else "",
            address=_address(request, wanted, ""),
            image=_address(request, wanted, ".svg"),
            data=_address(request, wanted, ".json"),
            table=_address(request, wanted, ".csv"),
            basis=_basis(seen, language),
            choices=_choices(site, language),
            steps=STEPS,
            shows=SHOWS,
            most=MOST,
        )

    return cached(request, f"graph {variant(request)} {wanted.query}", VARY, make)


def _address(request: Request, wanted: Asked, suffix: str) -> str:
    kept = urlencode([(name, request.query_params[name]) for name in _FRAME if name in request.query_params])
    query = "&".join(filter(None, (wanted.query, kept)))
    return site_of(request).urls.at(f"/graph{suffix}") + (f"?{query}" if query else "")


def _basis(seen: Picture, language: str) -> str:
    drawn = seen.kinds.count("actor")
    return say(
        "graph basis",
        language,
        nodes=numeral(len(seen.ids), language),
        actors=numeral(drawn, language),
        networks=numeral(len(seen.ids) - drawn, language),
        ties=numeral(len(seen.ties), language),
        reported=numeral(len(seen.reported), language),
        all_actors=numeral(seen.actors, language),
        all_networks=numeral(seen.networks, language),
    )


def _choices(site: Site, language: str) -> dict[str, list[tuple[str, str]]]:
    """What the form offers: concepts of the two lists."""
    found = {}
    for name, scheme in (("field", "field"), ("target_group", "target-group")):
        concepts = site.ontology.scheme(scheme).concepts.values()
        found[name] = sorted(
            ((each.id, each.label(language)) for each in concepts), key=lambda pair: pair[1].casefold()
        )
    return found


def image(request: Request) -> Response:
    """``/graph.svg``."""
    site, language = site_of(request), language_of(request)
    wanted = asked(request)

    def make() -> Response:
        text = "".join(_svg(site, _PICTURES.of(site, wanted), language, alone=True))
        return Response(text, media_type="image/svg+xml")

    return cached(request, f"graph.svg {language} {wanted.query}", "Accept-Language", make)


def data(request: Request) -> Response:
    """``/graph.json``: nodes with their places, and ties."""
    site = site_of(request)
    wanted = asked(request)

    def make() -> Response:
        seen = _PICTURES.of(site, wanted)
        return JSONResponse(
            {
                "release": site.release.id,
                "position": "has no meaning",
                "left_out": seen.left_out,
                "nodes": [
                    {
                        "id": seen.ids[at],
                        "page": site.urls.page(seen.ids[at]),
                        "label": seen.labels[at],
                        "kind": seen.kinds[at],
                        "ties": seen.degrees[at],
                        "x": round(float(seen.points[at, 0]), 4),
                        "y": round(float(seen.points[at, 1]), 4),
                    }
                    for at in range(len(seen.ids))
                ],
                "listed": seen.ties.tolist(),
                "reported": [
                    [*pair, kind] for pair, kind in zip(seen.reported.tolist(), seen.reported_kinds, strict=True)
                ],
            }
        )

    return cached(request, f"graph.json {wanted.query}", "", make)


def table(request: Request) -> Response:
    """``/graph.csv``: one row a tie."""
    site = site_of(request)
    wanted = asked(request)

    def make() -> Response:
        seen = _PICTURES.of(site, wanted)
        listed = [(*pair, "listed") for pair in seen.ties.tolist()]
        told = [(*pair, kind) for pair, kind in zip(seen.reported.tolist(), seen.reported_kinds, strict=True)]
        columns = ["from", "from_name", "to", "to_name", "tie"]
        rows = [
            [seen.ids[first], seen.labels[first], seen.ids[second], seen.labels[second], kind]
            for first, second, kind in (*listed, *told)
        ]
        return rows_as_csv(columns, rows, "graph")

    return cached(request, f"graph.csv {wanted.query}", "", make)


# ---------------------------------------------------------------------------------------------------------------------
# The picture as SVG


def _svg(site: Site, seen: Picture, language: str, *, alone: bool = False) -> Iterator[str]:
    """The picture; ``alone`` as an image of its own, with colours that fit light and dark paper."""
    if not seen.ids:
        return
    low, high = seen.points.min(0), seen.points.max(0)
    wide, tall = (float(high[axis] - low[axis]) for axis in range(2))
    scale = (_WIDE - 2 * _MARGIN) / max(wide, tall, 0.5)
    height = tall * scale + 2 * _MARGIN
    places = (seen.points - low) * scale + _MARGIN
    places[:, 0] += (_WIDE - 2 * _MARGIN - wide * scale) / 2
    places[:, 1] = height - places[:, 1]
    title = escape(say("graph picture", language))
    # With links in it, a picture is a group of things.
    kind = 'xmlns="http://www.w3.org/2000/svg" role="img"' if alone else 'role="group"'
    yield f'<svg {kind} class="network" viewBox="0 0 {_WIDE:.0f} {height:.0f}" aria-label="{title}">'
    for name, pairs, drawn in (
        ("listed", seen.ties, 'stroke="#8a94a0" stroke-opacity=".55"'),
        ("reported", seen.reported, 'stroke="#a04a86" stroke-dasharray="5 4" stroke-width="1.6"'),
    ):
        lines = "".join(
            f"M{places[first, 0]:.0f} {places[first, 1]:.0f}L{places[second, 0]:.0f} {places[second, 1]:.0f}"
            for first, second in pairs.tolist()
        )
        if lines:
            yield f'<path class="{name}" fill="none" {drawn if alone else ""} d="{lines}"/>'
    shown = sorted(range(len(seen.ids)), key=lambda at: -seen.degrees[at])[:_LABELS]
    for at in range(len(seen.ids)):
        yield _node(site, seen, at, places[at, 0], places[at, 1], alone)
    yield from _names(seen, shown, places, alone)
    yield "</svg>"


def _node(site: Site, seen: Picture, at: int, x: float, y: float, alone: bool) -> str:
    size = min(4.0 + 1.2 * float(seen.degrees[at]) ** 0.5, 14.0)
    kind = seen.kinds[at]
    colour = f' fill="{_COLOURS[kind]}"' if alone else ""
    if kind == "network":  # a square, so that colour is not all that tells
        side = 1.7 * size
        corner = f'x="{x - side / 2:.1f}" y="{y - side / 2:.1f}" width="{side:.1f}" height="{side:.1f}"'
        drawn = f'<rect class="network"{colour} {corner}/>'
    else:
        drawn = f'<circle class="actor"{colour} cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}"/>'
    if alone:
        return drawn
    address = site.urls.page(seen.ids[at])
    named = f"<title>{escape(seen.labels[at])}</title>"
    # The table beside the picture has the same links for keyboards, so these are left out of their way.
    return f'<a href="{escape(address)}" tabindex="-1">{named}{drawn}</a>' if address else f"<g>{named}{drawn}</g>"


def _names(seen: Picture, order: list[int], places: Any, alone: bool) -> Iterator[str]:
    """Names of the nodes with most ties, as far as there is room: none is written over another."""
    taken: list[tuple[float, float, float, float]] = []
    colour = ' fill="#6b7785" font-family="sans-serif" font-size="11"' if alone else ""
    for at in order:
        text = seen.labels[at] if len(seen.labels[at]) <= 34 else seen.labels[at][:33] + "…"
        width = 6.1 * len(text)
        x = min(max(float(places[at, 0]), width / 2 + 2), _WIDE - width / 2 - 2)
        y = float(places[at, 1]) - 12
        box = (x - width / 2, y - 11, x + width / 2, y + 3)
        if y > 12 and not any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in taken):
            taken.append(box)
            yield f'<text class="name"{colour} x="{x:.0f}" y="{y:.0f}" text-anchor="middle">{escape(text)}</text>'


ROUTES = [
    Route("/graph", graph),
    Route("/graph.svg", image),
    Route("/graph.json", data),
    Route("/graph.csv", table),
]
