"""The first page, the lists of things with their facets, the search over everything, and the map of the networks.

A list is asked for with the same parameters as in the API (:mod:`integgraph.listing`), so every address can be shared,
and its CSV has the same rows. The number beside a value is that of the list with this value added.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyarrow as pa
import pyarrow.compute as pc
import pyoxigraph as ox
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from integgraph import listing
from integgraph.errors import Conflict, ReleaseError, Unprocessable
from integgraph.exports import PROFILE_CHANGES, Downloads, Made, Summary, summaries
from integgraph.listing import ANY, LISTS, NONE, UNKNOWN, Filter, Item, Recent
from integgraph.ontology import Ontology, Scheme
from integgraph.search import KINDS, MAX_QUERY, Hit, fold
from integgraph.tables import VALUE, local, network_fields
from integgraph.web import maps, pages
from integgraph.web.caching import cached
from integgraph.web.jsonld import data_block, dataset
from integgraph.web.negotiation import Choice, choose
from integgraph.web.representations import asked_release
from integgraph.web.site import Site, site_of
from integgraph.web.words import numeral, say

PAGE = 30
"""Rows of a list on a page."""
FIRST = 8
"""Values of a facet that are shown at once; the others are folded away."""
_MOST_VALUES = 60  # of one facet; beyond that a list is no help
_ANYWHERE = ("lang", "release", "cursor")
_HITS = 8  # of one kind on the page of a search
_MOST_HITS = 50
_MISTYPED = 0.2  # hits below this score have mistyped letters
_SINGLE_WORDS = 6
_READABLE = 20_000_000  # bytes of changes that the first page is made of
_NEWS = 6  # profiles of each kind of change on the first page
_SMALL, _LARGE = 380, 880  # widths of maps
_HTML, _JSON = Choice("html", ("text/html", "application/xhtml+xml")), Choice("json", ("application/json",))


# ---------------------------------------------------------------------------------------------------------------------
# Names


@dataclass(frozen=True, slots=True)
class Names:
    """Names of places and countries in one language.

    Attributes:
        places: Id → name.
        countries: Two letters → name.
    """

    places: Mapping[str, str]
    countries: Mapping[str, str]


_NAMES: Recent = Recent(8)


def names_of(site: Site, language: str) -> Names:
    """The names of the places of a release; asked for once in each language."""
    return _NAMES.get((site.release.content_hash, language), lambda: _names(site, language))


def _names(site: Site, language: str) -> Names:
    with site.release.search_index() as index:
        named = {local(iri): name for iri, name in index.labels("place", language).items()}
    table = listing.ask(site.release, site.ontology, "places").columns("id", "kind", "country").to_pylist()
    countries = {
        row["country"]: named.get(row["id"], row["country"])
        for row in table
        if row["kind"] == "country" and row["country"]
    }
    return Names(named, countries)


# ---------------------------------------------------------------------------------------------------------------------
# What a list is asked for


@dataclass(frozen=True, slots=True)
class Room:
    """A page with a list.

    Attributes:
        name: Key of :data:`LISTS`.
        path: Address of the page.
        facets: Filters whose values are offered, in order.
        sorts: Orders that are offered, as the parameter ``sort`` takes them; the first is that of the page.
        template: Its template.
    """

    name: str
    path: str
    facets: tuple[str, ...]
    sorts: tuple[str, ...]
    template: str


ROOMS: Mapping[str, Room] = {
    each.name: each
    for each in (
        Room(
            "networks",
            "/networks/",
            (
                "country",
                "region",
                "field",
                "target_group",
                "type",
                "formalisation",
                "funder_category",
                "members_complete",
                "answered",
            ),
            ("name", "-members", "-answered", "-status_date", "-founded", "founded"),
            "networks.html",
        ),
        Room(
            "actors",
            "/actors/",
            ("sector", "country", "region", "networks", "is_network", "coordinates", "funds", "legal_form"),
            ("name", "-networks", "-coordinates", "-flows_given", "-flows_received"),
            "actors.html",
        ),
        Room("funders", "/funders/", ("category", "sector", "country"), ("name", "-networks", "-flows"), "actors.html"),
        Room("places", "/places/", ("country", "level"), ("name", "-networks_within", "country"), "list.html"),
    )
}
"""The lists with facets by name."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the address of a list asks for.

    Attributes:
        given: Filters, ``q``, ``sort`` and ``narrower`` as they stand there; what is empty is left out.
        kept: ``lang`` and ``release``, which every link on the page carries along.
        cursor: Where the part of the list begins.
    """

    given: tuple[tuple[str, str], ...]
    kept: tuple[tuple[str, str], ...]
    cursor: str

    @classmethod
    def of(cls, request: Request) -> Question:
        """The question of a request."""
        pairs = request.query_params.multi_items()
        given = tuple((name, value) for name, value in pairs if name not in _ANYWHERE and value.strip())
        kept = [("lang", pages.language_of(request))]
        if release := asked_release(request):
            kept.append(("release", release))
        return cls(given, tuple(kept), request.query_params.get("cursor", ""))

    def one(self, name: str) -> str:
        """A parameter that stands there once; empty where it does not."""
        return next((value for each, value in self.given if each == name), "")

    def with_order(self, order: str) -> list[tuple[str, str]]:
        """What is asked for, in this order unless the address names one; a search has its own."""
        if self.one("sort") or self.one("q"):
            return list(self.given)
        return [*self.given, ("sort", order)]

    def address(self, path: str, *more: tuple[str, str], without: Iterable[tuple[str, str]] = ()) -> str:
        """The address of a page that asks for the same and more, or for less."""
        dropped = set(without)
        return f"{path}?{_query([*(pair for pair in self.given if pair not in dropped), *more, *self.kept])}"


def _query(pairs: Iterable[tuple[str, str]]) -> str:
    return urlencode([(name, value.encode("utf-8", "replace")) for name, value in pairs])


# ---------------------------------------------------------------------------------------------------------------------
# Facets


@dataclass(frozen=True, slots=True)
class Offer:
    """A value that may be chosen: its name, how many rows there would be, and whether it is chosen already."""

    value: str
    name: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Offers:
    """A filter with the values that it offers.

    Attributes:
        name: The filter.
        first: Values that are shown at once, with all that are chosen.
        more: Values that are folded away.
        states: A stated none and unknown.
        left: Values that are not shown at all.
    """

    name: str
    first: Sequence[Offer]
    more: Sequence[Offer]
    states: Sequence[Offer]
    left: int


@dataclass(frozen=True, slots=True)
class Chip:
    """A choice that is made: its filter, its value in words, and the address of the page without it."""

    name: str
    value: str
    without: str


def offers(site: Site, room: Room, question: Question, language: str) -> list[Offers]:
    """The facets of a list, with their counts."""
    told = listing.tallies(site.release, site.ontology, room.name, question.given, room.facets)
    found = []
    for name, tally in told.items():
        wanted = LISTS[room.name].filters[name]
        states = {state: count for state, count in tally.states.items() if ":" not in state or state in tally.chosen}
        all_values = [
            Offer(value, value_name(site, wanted, value, language), count, value in tally.chosen)
            for value, count in tally.values.items()
            if _is_offered(site, room, wanted, value, value in tally.chosen)
        ]
        ordered = sorted(all_values, key=lambda each: (not each.chosen, *_place(wanted, each)))
        first = max(FIRST, sum(each.chosen for each in ordered))
        if len(ordered) == first + 1:  # folding one away saves nothing
            first += 1
        found.append(
            Offers(
                name,
                ordered[:first],
                ordered[first:_MOST_VALUES],
                [
                    Offer(state, value_name(site, wanted, state, language), count, state in tally.chosen)
                    for state, count in states.items()
                ],
                max(len(ordered) - _MOST_VALUES, 0),
            )
        )
    return [each for each in found if each.first or each.states]


def _place(wanted: Filter, offer: Offer) -> tuple[Any, ...]:
    """Where a value stands: closed choices in their order, others by number."""
    if wanted.choices:
        return (wanted.choices.index(offer.value),)
    return (-offer.count, offer.name.casefold())


def _is_offered(site: Site, room: Room, wanted: Filter, value: str, chosen: bool) -> bool:
    """Regions are offered from districts upwards; countries have a facet of their own, and towns are searched for."""
    if wanted.kind != "region" or chosen:
        return True
    place = maps.places_of(site.release).get(value)
    return place is not None and place.kind in ("region", "district")


def value_name(site: Site, wanted: Filter, value: str, language: str) -> str:
    """A value of a filter in words; as it stands where nothing better is known."""
    if value == UNKNOWN and wanted in _WITHOUT_COUNTRY:
        return say("lists no country", language)
    if value in (ANY, NONE, UNKNOWN):
        return say(f"lists state {value}", language)
    if value.startswith(f"{UNKNOWN}:"):
        reason = site.ontology.scheme("absence").concepts.get(value.partition(":")[2])
        return say("lists unknown because", language, reason=reason.label(language) if reason else value)
    match wanted.kind:
        case "concept":
            concept = site.ontology.scheme(wanted.scheme).find(value)
            return concept.label(language) if concept else value
        case "country":
            return names_of(site, language).countries.get(value.upper(), value)
        case "region":
            return names_of(site, language).places.get(value, value)
        case "yes-no":
            return say("yes" if value.casefold() in ("yes", "true") else "no", language)
        case "choice":
            return say(f"lists {wanted.name} {value.lower()}", language)
        case "level":
            return say(f"lists level {value.lower()}", language)
        case "network" | "actor":
            return _label(site, wanted.kind, value, language)
        case _:
            return value


_WITHOUT_COUNTRY = [LISTS[room].filters[name] for room in ("networks", "places") for name in ("country", "region")]
"""Filters in which unknown means that a place is named, but one that lies in no country, such as Europe."""


def _label(site: Site, kind: str, name: str, language: str) -> str:
    found = listing.ask(site.release, site.ontology, f"{kind}s", [])
    row = pc.index(found.columns("id")["id"], name).as_py()
    return str(found.columns("name")["name"][row]) if row >= 0 else name


def chips(site: Site, room: Room, question: Question, language: str, path: str) -> list[Chip]:
    """Every choice that is made, with the way back."""
    found = []
    for name, value in question.given:
        if name in ("sort", "narrower"):
            continue
        wanted = LISTS[room.name].filters.get(name)
        told = f"“{_short(value)}”" if wanted is None else value_name(site, wanted, value, language)
        found.append(Chip(say(f"lists {name}", language), told, question.address(path, without=[(name, value)])))
    return found


def _short(text: str, most: int = 80) -> str:
    return text if len(text) <= most else text[:most] + "…"


# ---------------------------------------------------------------------------------------------------------------------
# Lists


def collection(request: Request) -> Response:
    """``/networks/``, ``/actors/``, ``/funders/`` and ``/places/``: a list with its facets."""
    name = request.url.path.rstrip("/").rpartition("/")[2]
    room = ROOMS[name]
    try:
        return _collection(request, room)
    except (Unprocessable, Conflict) as error:
        return refused(request, room, room.path, error)


def _collection(request: Request, room: Room) -> Response:
    site, language, question = site_of(request), pages.language_of(request), Question.of(request)
    path = site.urls.at(room.path)
    asked = question.with_order(room.sorts[0])
    found = listing.ask(site.release, site.ontology, room.name, asked)
    if room.name == "places" and dict(asked).get("sort") == "name" and language != "en":
        found = _by_names(found, names_of(site, language).places)

    def make() -> Response:
        page = found.page(PAGE, question.cursor[:400] or None)
        rest = page.cursor
        return pages.render(
            request,
            room.template,
            room=room,
            path=path,
            rows=[_row(site, room, item, language) for item in page.items],
            total=page.total,
            every=listing.ask(site.release, site.ontology, room.name).total,
            continued=bool(question.cursor),
            following=question.address(path, ("cursor", rest)) if rest else "",
            beginning=question.address(path),
            csv=f"{site.urls.at('/api/' + room.name)}?{_query([*asked, *question.kept, ('format', 'csv')])}",
            map_address=question.address(site.urls.at("/map"), without=[("sort", question.one("sort"))]),
            map=_small_map(site, question, language) if room.name == "networks" else None,
            categories=_categories(site, language) if room.name == "funders" else (),
            **_form(site, room, question, language, path),
        )

    return cached(request, f"{room.name} {request.url.query} {language} {site.release.id}", pages.VARY, make)


def _by_names(found: listing.Found, names: Mapping[str, str]) -> listing.Found:
    """Places in the order of their names in the language of the page; the table knows the English ones."""
    ids = found.columns("id")["id"].to_pylist()
    order = sorted(range(len(ids)), key=lambda place: (fold(names.get(ids[place], ids[place])), ids[place]))
    return replace(found, numbers=found.numbers.take(pa.array(order, pa.int64())))


def _form(site: Site, room: Room, question: Question, language: str, path: str) -> dict[str, Any]:
    """What the form of a list shows: its facets, choices and orders."""
    shown = {*room.facets, "q", "sort"}
    order = question.one("sort")
    orders = [*(["relevance"] if question.one("q") else []), *room.sorts]
    if order and order not in orders:
        orders.insert(0, order)
    return {
        "offers": offers(site, room, question, language),
        "chips": chips(site, room, question, language, path),
        "nothing": f"{path}?{_query(question.kept)}",
        "q": _short(question.one("q"), MAX_QUERY),
        "order": order or orders[0],
        "orders": [(each, _order_name(each, language)) for each in orders],
        "kept": question.kept,
        "others": [pair for pair in question.given if pair[0] not in shown],
        "n": lambda value: numeral(value, language),
    }


def _order_name(order: str, language: str) -> str:
    key = f"lists by {order}"
    try:
        return say(key, language)
    except KeyError:
        return order


def refused(request: Request, room: Room, path: str, error: Unprocessable | Conflict) -> Response:
    """What a list does not take, with the way back to what it takes.

    Raises:
        Unprocessable, Conflict: the error itself, where the client wants no page.
    """
    wanted = choose(request.headers.get("accept"), (_JSON, _HTML))
    if wanted is None or wanted.name != "html":
        raise error
    site, question = site_of(request), Question.of(request)
    good = [pair for pair in question.given if pair[0] in ("q", "narrower") or _is_taken(site, room, pair)]
    if question.one("q") and not _is_taken(site, room, ("q", question.one("q"))):
        good = [pair for pair in good if pair[0] != "q"]
    bad = [pair for pair in question.given if pair not in good]
    address = question.address(site.urls.at(path), without=bad)
    answer = pages.render(
        request,
        "refused.html",
        status=409 if isinstance(error, Conflict) else 422,
        title=say(room.name, pages.language_of(request)),
        detail=str(error),
        bad=[f"{name}={_short(value)}" for name, value in bad],
        address=address,
        nothing=f"{site.urls.at(path)}?{_query(question.kept)}",
        changed=isinstance(error, Conflict),
    )
    answer.headers["cache-control"] = "no-store"
    answer.headers["vary"] = pages.VARY
    return answer


def _is_taken(site: Site, room: Room, pair: tuple[str, str]) -> bool:
    try:
        listing.ask(site.release, site.ontology, room.name, [pair])
    except Unprocessable:
        return False
    return True


# Rows


def _row(site: Site, room: Room, item: Item, language: str) -> dict[str, Any]:
    """A row in the words of the page."""
    if room.name == "networks":
        return _network_row(site, item, language)
    if room.name == "places":
        return _place_row(site, item, language)
    return _actor_row(site, item, language)


def _network_row(site: Site, item: Item, language: str) -> dict[str, Any]:
    answers, names = item["answers"], names_of(site, language)
    seat, area = answers["seat"], answers["area"]
    where = [seat["value"]] if seat["state"] == "value" else area.get("value", [])
    return {
        "iri": item["iri"],
        "name": item["name"],
        "places": [names.places.get(each, each) for each in where[:3]],
        "is_area": seat["state"] != "value",
        "countries": [names.countries.get(each, each) for each in item["countries"][:3]],
        "types": _labels(site.ontology.scheme("network-type"), answers["network_type"], language),
        "members": item["members_named"] if answers["members"]["state"] == "value" else None,
        "members_state": answers["members"]["state"],
        "fields": _labels(site.ontology.scheme("field"), answers["fields_of_action"], language),
        "fields_state": answers["fields_of_action"]["state"],
        "status_date": item["status_date"],
        "asked": item["fields_asked"],
        "answered": item["fields_answered"],
    }


def _labels(scheme: Scheme, answer: Mapping[str, Any], language: str) -> list[str]:
    found = (scheme.concepts.get(each) for each in answer.get("value") or ())
    return [concept.label(language) for concept in found if concept]


def _actor_row(site: Site, item: Item, language: str) -> dict[str, Any]:
    names = names_of(site, language)
    return {
        **item,
        "sectors": _labels(site.ontology.scheme("sector"), item["sectors"], language),
        "categories": _labels(
            site.ontology.scheme("funder-category"), item.get("categories") or {"value": []}, language
        ),
        "places": [names.places.get(each, each) for each in (item["places"].get("value") or ())[:3]],
    }


def _place_row(site: Site, item: Item, language: str) -> dict[str, Any]:
    names = names_of(site, language)
    within = item["within"]
    return {
        **item,
        "name": names.places.get(item["id"], item["name"]),
        "level": say(f"lists level {item['kind']}", language),
        "in": names.places.get(within, within) if within and within != item["id"] else "",
        "country": names.countries.get(item["country"], item["country"] or ""),
    }


def _categories(site: Site, language: str) -> list[tuple[str, str, int, int]]:
    """Categories of funders: id, name, networks and flows, most networks first."""
    scheme = site.ontology.scheme("funder-category")
    rows = site.release.aggregates["networks_by_funder_category"].to_pylist()
    found = [
        (row["category"], concept.label(language), row["networks"], row["flows"])
        for row in rows
        if (concept := scheme.concepts.get(row["category"]))
    ]
    return sorted(found, key=lambda row: (-row[2], row[1]))


# Lists without facets


_PROFILES_OF = """SELECT ?profile ?network ?date WHERE {{
  VALUES ?network {{ {networks} }} ?profile ig:describes ?network OPTIONAL {{ ?profile ig:statusDate ?date }} }}"""


def profiles(request: Request) -> Response:
    """``/profiles/``: every profile, under the name of its network, page by page."""
    site, language, question = site_of(request), pages.language_of(request), Question.of(request)
    path = site.urls.at("/profiles/")
    try:
        asked = [("q", question.one("q"))] if question.one("q") else [("sort", "name")]
        found = listing.ask(site.release, site.ontology, "networks", asked)
        page = found.page(PAGE, question.cursor[:400] or None)
    except (Unprocessable, Conflict) as error:
        return refused(request, ROOMS["networks"], "/profiles/", error)

    def make() -> Response:
        told = _profiles_of(site, [item["iri"] for item in page.items])
        only_q = Question(tuple(pair for pair in question.given if pair[0] == "q"), question.kept, "")
        return pages.render(
            request,
            "list.html",
            room=None,
            kind="profiles",
            title=say("profiles", language),
            lead=say("lists profiles lead", language),
            path=path,
            rows=[
                {"iri": item["iri"], "name": item["name"], "profiles": told.get(item["iri"], [])} for item in page.items
            ],
            count=say(
                "lists profiles count" if not question.one("q") else "lists profiles part",
                language,
                profiles=numeral(site.release.manifest["counts"]["profiles"], language),
                networks=numeral(found.total, language),
            ),
            continued=bool(question.cursor),
            q=_short(question.one("q"), MAX_QUERY),
            kept=question.kept,
            following=only_q.address(path, ("cursor", page.cursor)) if page.cursor else "",
            beginning=only_q.address(path),
            n=lambda value: numeral(value, language),
        )

    return cached(request, f"profiles {request.url.query} {language} {site.release.id}", pages.VARY, make)


def _profiles_of(site: Site, networks: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """The profiles of some networks: IRI and date (empty where undated), newest first."""
    found: dict[str, list[tuple[str, str]]] = {}
    if networks:
        named = " ".join(str(ox.NamedNode(each)) for each in networks)
        for row in site.store.select(_PROFILES_OF.format(networks=named)).records():
            found.setdefault(str(row["network"]), []).append((str(row["profile"]), str(row["date"] or "")))
    return {
        network: sorted(pairs, key=lambda pair: (pair[1], pair[0]), reverse=True) for network, pairs in found.items()
    }


def vocabularies(request: Request) -> Response:
    """``/vocabulary/``: all vocabularies."""
    site, language, question = site_of(request), pages.language_of(request), Question.of(request)
    text = question.one("q")

    def make() -> Response:
        rows = [
            {
                "iri": scheme.iri,
                "name": scheme.label(language),
                "count": len(scheme.concepts),
                "some": [concept.label(language) for concept in list(scheme.concepts.values())[:5]],
            }
            for scheme in site.ontology.schemes.values()
            if text[:MAX_QUERY].casefold().strip() in scheme.label(language).casefold()
        ]
        return pages.render(
            request,
            "list.html",
            room=None,
            kind="vocabulary",
            title=say("vocabulary", language),
            lead=say("lists vocabulary lead", language),
            path=site.urls.at("/vocabulary/"),
            rows=sorted(rows, key=lambda row: str(row["name"]).casefold()),
            count=say("lists vocabulary count", language, count=numeral(len(rows), language)),
            continued=False,
            q=_short(text, MAX_QUERY),
            kept=question.kept,
            following="",
            beginning="",
            n=lambda value: numeral(value, language),
        )

    return cached(request, f"schemes {request.url.query} {language} {site.release.id}", pages.VARY, make)


# ---------------------------------------------------------------------------------------------------------------------
# The map


def map_page(request: Request) -> Response:
    """``/map``: where the networks of a list are; takes the filters of ``/networks/``."""
    try:
        return _map_page(request)
    except (Unprocessable, Conflict) as error:
        return refused(request, ROOMS["networks"], "/map", error)


def _map_page(request: Request) -> Response:
    site, language, question = site_of(request), pages.language_of(request), Question.of(request)
    room, path = ROOMS["networks"], site.urls.at("/map")
    listing.ask(site.release, site.ontology, "networks", question.given)  # what is refused is said before all else

    def make() -> Response:
        found = maps.survey(site.release, site.ontology, question.given)
        names = names_of(site, language).places
        networks = site.urls.at("/networks/")
        return pages.render(
            request,
            "map.html",
            path=path,
            survey=found,
            names=names,
            every=listing.ask(site.release, site.ontology, "networks").total,
            large=maps.draw(found.spots, names, _LARGE, most_labels=45),
            small=maps.draw(found.spots, names, _SMALL, most_labels=14),
            here=lambda name: _in_region(question, networks, name),
            zoom=lambda name: _in_region(question, path, name),
            list_address=question.address(networks),
            shown=_MOST_SPOTS,
            named=maps.MOST_NAMED,
            csv=f"{site.urls.at('/api/networks')}?{_query([*question.given, *question.kept, ('format', 'csv')])}",
            **_form(site, room, question, language, path),
        )

    return cached(request, f"map {request.url.query} {language} {site.release.id}", pages.VARY, make)


_MOST_SPOTS = 25  # rows of the table beside the map that are shown at once; the others are folded away


def _in_region(question: Question, path: str, name: str) -> str:
    """The list or the map of what lies in a place, with all other filters."""
    regions = [pair for pair in question.given if pair[0] == "region"]
    return question.address(path, ("region", name), without=regions)


def _small_map(site: Site, question: Question, language: str) -> dict[str, Any]:
    """A map beside a list, or on the first page."""
    found = maps.survey(site.release, site.ontology, question.given)
    names = names_of(site, language).places
    networks = site.urls.at("/networks/")
    return {
        "survey": found,
        "drawing": maps.draw(found.spots, names, _SMALL, most_labels=12),
        "here": lambda name: _in_region(question, networks, name),
    }


# ---------------------------------------------------------------------------------------------------------------------
# Search


def search(request: Request) -> Response:
    """``/search?q=``: everything whose names or wordings fit, by kind."""
    site, language, question = site_of(request), pages.language_of(request), Question.of(request)
    text = question.one("q").strip()

    def make() -> Response:
        groups, near = _found(site, text, language) if text else ([], [])
        mistyped = bool(groups) and all(hit.score < _MISTYPED for _, hits in groups for hit in hits)
        return pages.render(
            request,
            "search.html",
            q=_short(text, MAX_QUERY),
            cut=len(text) > MAX_QUERY,
            groups=groups,
            mistyped=mistyped,
            near=near,
            first=_HITS,
            most=_MOST_HITS,
            lists={"network": "/networks/", "actor": "/actors/", "place": "/places/", "profile": "/profiles/"},
            kept=question.kept,
            with_q=lambda path, words: f"{site.urls.at(path)}?{_query([('q', words), *question.kept])}",
            n=lambda value: numeral(value, language),
        )

    variant = f"search {text[: MAX_QUERY + 1]} {language} {request.url.query[:400]} {site.release.id}"
    return cached(request, variant.encode("utf-8", "replace").decode(), pages.VARY, make)


def _found(site: Site, text: str, language: str) -> tuple[list[tuple[str, list[Hit]]], list[tuple[str, str]]]:
    """Hits by kind and, where there are none, words of the query that find something, with what they find."""
    with site.release.search_index() as index:
        groups = [(kind, index.search(text, kinds=[kind], language=language, limit=_MOST_HITS)) for kind in KINDS]
        groups = [(kind, hits) for kind, hits in groups if hits]
        near: list[tuple[str, str]] = []
        if not groups:
            for word in dict.fromkeys(text[:MAX_QUERY].split()[:_SINGLE_WORDS]):
                if len(word) > 2 and (hits := index.search(word, language=language, limit=1)):
                    near.append((word, hits[0].label))
    exact = [(kind, hits) for kind, hits in groups if hits[0].score >= _MISTYPED]
    return exact or groups, near


# ---------------------------------------------------------------------------------------------------------------------
# The first page


def home(request: Request) -> Response:
    """What this is, the ways in, what is new and how much is known."""
    site, language, question = site_of(request), pages.language_of(request), Question.of(request)
    news = _news(request, site)

    def make() -> Response:
        manifest = site.release.manifest
        told = dataset(manifest, say("home title", language), say("home lead", language), language)
        plain = Question((), question.kept, "")
        return pages.render(
            request,
            "home.html",
            counts=manifest["counts"],
            block=Markup(data_block(told)),  # noqa: S704 - it lets no markup through
            known=known(site.release.aggregates["answers_by_field"].to_pylist(), site.ontology, language),
            members=_members(site),
            news=news,
            map=_small_map(site, plain, language),
            map_address=site.urls.at("/map"),
            comparisons=_comparisons(site, language, question),
            n=lambda value: numeral(value, language),
        )

    state = "" if news is None else f"{news.before} {news.ready}"
    return cached(request, f"home {request.url.query} {language} {site.release.id} {state}", pages.VARY, make)


_COMPARISONS = (("erfurt", "nuts-dee0d"), ("nuts-dee", "nuts-iti2"), ("country-de", "country-it"))
"""Pairs of places that stand as examples, as far as a release has them both."""


def _comparisons(site: Site, language: str, question: Question) -> list[tuple[str, str, str]]:
    """Two examples of a comparison: its address, and the names of the two."""
    names = names_of(site, language).places
    plain = Question((), question.kept, "")
    return [
        (
            plain.address(site.urls.at("/compare"), ("with", one), ("with", other)),
            names[one],
            names[other],
        )
        for one, other in _COMPARISONS
        if one in names and other in names
    ][:2]


@dataclass(frozen=True, slots=True)
class News:
    """What changed since the release before.

    Attributes:
        before: Id of that release.
        counts: What the manifests count → (before, now).
        profiles: Kind of change → (how many profiles, the first of them); empty while it is not worked out yet.
        ready: Whether it is worked out.
    """

    before: str
    counts: Mapping[str, tuple[int, int]]
    profiles: Mapping[str, tuple[int, Sequence[Mapping[str, str]]]]
    ready: bool


def _news(request: Request, site: Site) -> News | None:
    """What is new; ``None`` where there is no release before this one that can be read."""
    if site.folder is None:
        return None
    every = [each for each in summaries(site.folder) if not each.fault]
    now = next((each for each in every if each.id == site.release.id), None)
    before = next((each for each in every if each.id < site.release.id), None)
    if now is None or before is None:
        return None
    made = _changes(request.app.state.downloads, now, before)
    try:
        changed = _profiles_changed(made) if made and made.bytes <= _READABLE else None
    except ReleaseError:
        changed = None
    old, new = before.counts or {}, now.counts or {}
    counts = {key: (old.get(key, 0), new.get(key, 0)) for key in ("networks", "profiles", "actors")}
    return News(before.id, counts, changed or {}, changed is not None)


def _changes(downloads: Downloads, now: Summary, before: Summary) -> Made | None:
    """The file that tells what changed; where it is not there yet, it is begun, and this page does not wait."""
    made = downloads.ready(now.path, PROFILE_CHANGES, before.path)
    if made is None:
        downloads.ask(now.path, PROFILE_CHANGES, before.path)
    return made


@lru_cache(maxsize=4)
def _profiles_changed(made: Made) -> Mapping[str, tuple[int, Sequence[Mapping[str, str]]]]:
    try:
        data = json.loads(Path(made.file).read_bytes())
        return {kind: (len(things), tuple(things[:_NEWS])) for kind, things in data.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        raise ReleaseError("What changed cannot be read just now. Try again.") from None


@dataclass(frozen=True, slots=True)
class Known:
    """How many answers of one field, or of all, are a value, a stated none, or not known."""

    name: str
    value: int
    none: int
    unknown: int

    @property
    def total(self) -> int:
        """All answers that there could be."""
        return self.value + self.none + self.unknown

    @property
    def share(self) -> int:
        """Hundredths that are answered, rounded down, so that only what is complete is 100."""
        return 100 * (self.value + self.none) // self.total if self.total else 0


def known(rows: Iterable[Mapping[str, Any]], ontology: Ontology, language: str) -> list[Known]:
    """How much is known: all fields together first, then each one in the order of the form.

    Args:
        rows: The aggregate ``answers_by_field``: ``field``, ``state`` and ``networks``.
        ontology: Where the names of the fields stand.
        language: Language of these names.
    """
    counts: dict[str, dict[str, int]] = {}
    for row in rows:
        states = counts.setdefault(row["field"], {"value": 0, "none": 0, "unknown": 0})
        kind = {VALUE: "value", "stated-none": "none"}.get(row["state"], "unknown")
        states[kind] += row["networks"]
    fields = [Known(each.name(language), **counts[each.key]) for each in network_fields(ontology) if each.key in counts]
    whole = Known(
        say("lists known all", language),
        sum(each.value for each in fields),
        sum(each.none for each in fields),
        sum(each.unknown for each in fields),
    )
    return [whole, *fields]


def _members(site: Site) -> tuple[int, int]:
    """How many networks name members, of how many."""
    column = listing.ask(site.release, site.ontology, "networks").columns("members_named")["members_named"]
    return pc.sum(pc.greater(column, 0)).as_py() or 0, len(column)


ROUTES = [
    Route("/", home),
    Route("/search", search),
    Route("/map", map_page),
    Route("/funders/", collection),
    Route("/vocabulary/", vocabularies),
]
"""What this room answers; the lists of :data:`integgraph.web.urls.PLURALS` come through ``linked.collection``."""
