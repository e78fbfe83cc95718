"""The coverage page: how many networks list a field of action and a target group together, place by place.

It counts on columns of the table of networks, read once for a release: two matrices, networks × fields and networks ×
groups, in broad terms. A count is then a product of the rows of a place. What it says is what the measure says
(:func:`integgraph.analysis.measures.coverage.coverage`); a test holds both to the same answer.
"""

from __future__ import annotations

import csv
import io
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import numpy as np
import pyarrow.parquet as pq
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integgraph.csvtext import harmless
from integgraph.errors import NotFound, Unprocessable
from integgraph.ontology import LANGUAGES, Ontology, near
from integgraph.store import Store, plain
from integgraph.tables import STATED_NONE, VALUE, local
from integgraph.web import pages
from integgraph.web.caching import cached
from integgraph.web.reporting import form_of
from integgraph.web.representations import asked_release
from integgraph.web.site import Site, site_of
from integgraph.web.words import numeral, say

PATH = "/coverage"
MOST = 4
"""Places beside each other."""
_FORMS = ("html", "json", "csv")
_RELEASES = 4  # of which columns are kept
_LEVELS = ("supranational", "country", "region")
_NAMES = "SELECT ?place ?name WHERE { ?place a ig:Place ; skos:prefLabel ?name }"
_COLUMNS = ("places", "fields_of_action", "fields_of_action_state", "target_groups", "target_groups_state")


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """What the networks of a release list, in broad terms.

    Attributes:
        fields, groups: Ids of the broad terms.
        of_field, of_group: Networks × terms: 1 where the network lists the term or a narrower one.
        may_field, may_group: The same, with 1 in every column where a network's list is not known.
        known: Whether both lists of a network are known; a stated none is known.
        rows: Id of a place → rows of the networks there.
        names: Id of a place → its names by language.
        places: Id, level, id of the country, for places that a page can offer.
        counted: Regions that were counted before, by place.
    """

    fields: tuple[str, ...]
    groups: tuple[str, ...]
    of_field: Any
    of_group: Any
    may_field: Any
    may_group: Any
    known: Any
    rows: dict[str, Any]
    names: dict[str, dict[str, str]]
    places: tuple[tuple[str, str, str], ...]
    counted: dict[str, Region] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many networks there are."""
        return len(self.known)

    def name(self, place: str, language: str) -> str:
        """What a place is called."""
        names = self.names.get(place, {})
        return names.get(language) or names.get("en") or next(iter(names.values()), place)


@dataclass(frozen=True, slots=True)
class Region:
    """The coverage of one place.

    Attributes:
        place: Its id; empty for everywhere.
        cells: For each field the counts by group; ``None`` where it is not known.
        known: Networks whose lists are both known.
        every: Networks altogether.
    """

    place: str
    cells: tuple[tuple[int | None, ...], ...]
    known: int
    every: int

    def counts(self) -> dict[str, int]:
        """How many pairs are a gap, thin, covered, or not known."""
        flat = [value for row in self.cells for value in row]
        return {
            "pairs": len(flat),
            "gaps": sum(value == 0 for value in flat),
            "thin": sum(value == 1 for value in flat),
            "many": sum(value is not None and value > 1 for value in flat),
            "unknown": sum(value is None for value in flat),
        }


# ---------------------------------------------------------------------------------------------------------------------
# Counting


def _read(path: Path, ontology: Ontology, names: dict[str, dict[str, str]]) -> Columns:
    data = pq.read_table(path / "tables" / "networks.parquet", columns=list(_COLUMNS)).to_pydict()
    fields, groups = _tops(ontology, "field", ""), _tops(ontology, "target-group", "served")
    listed, open_ones = [], []
    for scheme, column, terms in (
        ("field", "fields_of_action", fields),
        ("target-group", "target_groups", groups),
    ):
        above = _above(ontology, scheme)
        at = {term: place for place, term in enumerate(terms)}
        table = np.zeros((len(data["places"]), len(terms)), dtype=np.float32)
        for row, found in enumerate(data[column]):
            for concept in found or ():
                for term in above.get(concept, (concept,)):
                    if term in at:
                        table[row, at[term]] = 1
        states = data[f"{column}_state"]
        listed.append(table)
        open_ones.append(np.array([state not in (VALUE, STATED_NONE) for state in states], dtype=np.bool_))
    rows: dict[str, list[int]] = {}
    for row, places in enumerate(data["places"]):
        for place in places or ():
            rows.setdefault(place, []).append(row)
    places = pq.read_table(path / "tables" / "places.parquet", columns=["id", "kind", "country"]).to_pylist()
    offered = tuple(
        (str(each["id"]), str(each["kind"]), f"country-{str(each['country'] or '').lower()}")
        for each in places
        if each["id"] in rows and each["kind"] in _LEVELS
    )
    return Columns(
        fields,
        groups,
        listed[0],
        listed[1],
        listed[0] + open_ones[0][:, None],
        listed[1] + open_ones[1][:, None],
        ~(open_ones[0] | open_ones[1]),
        {place: np.array(found, dtype=np.int64) for place, found in rows.items()},
        names,
        offered,
    )


def _names(store: Store) -> dict[str, dict[str, str]]:
    """The names of all places of a release by language."""
    found: dict[str, dict[str, str]] = {}
    for place, name in store.select(_NAMES).rows:
        language = str(getattr(name, "language", None) or "").partition("-")[0]
        found.setdefault(local(str(plain(place))), {})[language] = str(plain(name))
    return found


def _tops(ontology: Ontology, scheme: str, collection: str) -> tuple[str, ...]:
    """The broadest concepts, without the one for what fits nowhere."""
    of = ontology.scheme(scheme)
    within = of.collections.get(collection) if collection else None
    return tuple(
        each.id
        for each in of.concepts.values()
        if each.broader is None and each.id != "unclassified" and (within is None or each.id in within)
    )


def _above(ontology: Ontology, scheme: str) -> dict[str, tuple[str, ...]]:
    """Each concept with everything that it belongs to, itself first."""
    known = ontology.scheme(scheme).concepts
    found = {}
    for concept in known:
        chain: list[str] = []
        at: str | None = concept
        while at is not None and at in known and at not in chain:
            chain.append(at)
            at = known[at].broader
        found[concept] = tuple(chain)
    return found


_kept: OrderedDict[str, Columns] = OrderedDict()
_keeping = threading.Lock()


def columns_of(site: Site) -> Columns:
    """The columns of a release, read once."""
    with _keeping:
        found = _kept.get(site.release.content_hash)
        if found is None:
            found = _kept[site.release.content_hash] = _read(site.release.path, site.ontology, _names(site.store))
        _kept.move_to_end(site.release.content_hash)
        while len(_kept) > _RELEASES:
            _kept.popitem(last=False)
    return found


def region(columns: Columns, place: str = "") -> Region:
    """The coverage of a place, or of everywhere.

    Args:
        columns: From :func:`columns_of`.
        place: Id of a place.
    """
    if place not in columns.counted:
        columns.counted[place] = _counted(columns, place)
    return columns.counted[place]


def _counted(columns: Columns, place: str) -> Region:
    rows: Any = columns.rows.get(place, np.zeros(0, dtype=np.int64)) if place else slice(None)
    both = columns.of_field[rows].T @ columns.of_group[rows]
    # A list that is not known may hold what the known ones lack, so a count is a floor and zero is not sure.
    unsure = (both == 0) & ((columns.may_field[rows].T @ columns.may_group[rows]) > 0)
    known = columns.known[rows]
    nothing = not known.any()
    cells = tuple(
        tuple(None if nothing or open_cell else int(value) for value, open_cell in zip(counts, opens, strict=True))
        for counts, opens in zip(both.tolist(), unsure.tolist(), strict=True)
    )
    return Region(place, cells, int(known.sum()), len(known))


# ---------------------------------------------------------------------------------------------------------------------
# The page


def coverage(request: Request) -> Response:
    """``/coverage?place=…&place=…``: field × target group for up to four places, as a page, JSON or CSV."""
    form = form_of(request, request.path_params.get("suffix", ""))
    if form not in _FORMS:
        raise NotFound(f"Coverage is available as {', '.join(_FORMS)}.")
    site, language = site_of(request), pages.language_of(request)
    columns = columns_of(site)
    texts = _texts(request)
    found, unknown = _found(columns, texts)
    if unknown and form != "html":
        raise NotFound(f"There is no place '{unknown[0][:100]}' here.", _near(columns, unknown[0]))
    if len(found) > MOST and form != "html":
        raise Unprocessable(f"Up to {MOST} places stand beside each other; you named {len(found)}.")
    shown = found[:MOST] or [""]

    def make() -> Response:
        regions = [region(columns, place) for place in shown]
        if form == "csv":
            return _csv(site, columns, regions, language)
        if form == "json":
            return JSONResponse(_data(site, columns, regions))
        return _page(request, columns, regions, found, unknown)

    variant = f"coverage {form} {language} {request.url.query} {site.release.id}"
    answered = cached(request, variant, pages.VARY, make)
    return answered


def _texts(request: Request) -> list[str]:
    known = ("place", "region", "country", "lang", "release", "format")
    texts = []
    for name, value in request.query_params.multi_items():
        if name not in known:
            close = near(name[:80], known)
            hint = f" Did you mean {' or '.join(close)}?" if close else ""
            raise Unprocessable(f"There is no parameter '{name[:80]}' here.{hint} There are: {', '.join(known)}.")
        if name in known[:3] and value.strip():
            texts.append(value.strip()[:300])
    return texts


def _found(columns: Columns, texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """Ids of places that texts name, each once; and the texts that name none."""
    found, unknown = [], []
    by_name: dict[str, str] = {}
    for place, names in columns.names.items():
        for name in names.values():
            by_name.setdefault(name.casefold(), place)
    for text in texts[:20]:
        low = local(text.rstrip("/")).lower()
        tried = (text, low, f"nuts-{low}", f"country-{low}", by_name.get(text.casefold(), ""))
        meant = next((each for each in tried if each in columns.names), "")
        if not meant:
            unknown.append(text)
        elif meant not in found:
            found.append(meant)
    return found, unknown


def _near(columns: Columns, text: str) -> list[str]:
    """Ids of places that are called something like it."""
    names = {name.casefold(): place for place, each in columns.names.items() for name in each.values()}
    close = near(text.casefold()[:80], [*names, *columns.names])
    return list(dict.fromkeys(names.get(each, each) for each in close))[:4]


def _page(
    request: Request, columns: Columns, regions: Sequence[Region], found: Sequence[str], unknown: Sequence[str]
) -> Response:
    site, language = site_of(request), pages.language_of(request)
    at, ontology = site.urls.at, site.ontology
    query = pages._query(request, language)

    def address(places: Sequence[str], suffix: str = "") -> str:
        given = [("place", place) for place in places]
        given += [(name, request.query_params[name]) for name in ("lang",) if request.query_params.get(name)]
        given += [("release", asked_release(request))] if asked_release(request) else []
        return at(PATH) + suffix + (f"?{urlencode(given)}" if given else "")

    def networks(place: str, field: str, group: str) -> str:
        where = f"&region={quote(place)}" if place else ""
        return at(f"/networks/{query}&field={quote(field)}&target_group={quote(group)}&narrower=yes{where}")

    fields = [(each, ontology.scheme("field").concepts[each].label(language)) for each in columns.fields]
    groups = [(each, ontology.scheme("target-group").concepts[each].label(language)) for each in columns.groups]
    shown = [each.place for each in regions if each.place]
    panels = [
        {
            "place": each.place,
            "name": columns.name(each.place, language) if each.place else say("coverage all", language),
            "href": site.urls.page(site.release.base_iri + "place/" + each.place) if each.place else None,
            "known": each.known,
            "every": each.every,
            "counts": each.counts(),
            "rows": [
                (
                    label,
                    [
                        (value, networks(each.place, field, group) if value else None, group_label)
                        for value, (group, group_label) in zip(cells, groups, strict=True)
                    ],
                )
                for (field, label), cells in zip(fields, each.cells, strict=True)
            ],
            "remove": address([other for other in shown if other != each.place]) if each.place else None,
            "csv": address([each.place] if each.place else [], ".csv"),
            "report": at(f"/report/collection{query}" + (f"&place={quote(each.place)}" if each.place else "")),
        }
        for each in regions
    ]
    return pages.render(
        request,
        "coverage.html",
        panels=panels,
        groups=[label for _, label in groups],
        choices=_choices(columns, language),
        chosen=shown,
        room=len(shown) < MOST,
        unknown=[
            (text, [(columns.name(each, language), address([*shown, each])) for each in _near(columns, text)])
            for text in unknown[:3]
        ],
        many=len(found) if len(found) > MOST else 0,
        data=[("CSV", address(shown, ".csv")), ("JSON", address(shown, ".json"))],
        number=lambda value: numeral(value, language),
    )


def _choices(columns: Columns, language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Countries, then the regions of each, by name."""
    countries: list[tuple[str, str]] = []
    regions: dict[str, list[tuple[str, str]]] = {}
    for place, level, country in columns.places:
        pair = (place, columns.name(place, language))
        if level == "region":
            regions.setdefault(country, []).append(pair)
        else:
            countries.append(pair)
    found = [(say("coverage countries", language), sorted(countries, key=lambda pair: pair[1].casefold()))]
    for country in sorted(regions, key=lambda each: columns.name(each, language).casefold()):
        title = say("coverage within", language, name=columns.name(country, language))
        found.append((title, sorted(regions[country], key=lambda pair: pair[1].casefold())))
    return found


# ---------------------------------------------------------------------------------------------------------------------
# As data

_HEAD = (
    "place", "place_name", "field", "field_name", "target_group", "target_group_name", "networks", "state", "known",
    "networks_there", "release",
)  # fmt: skip
_STATES = ("gap", "thin", "covered")


def _state(value: int | None) -> str:
    return "unknown" if value is None else _STATES[min(value, 2)]


def _csv(site: Site, columns: Columns, regions: Sequence[Region], language: str) -> Response:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_HEAD)
    of_field, of_group = (site.ontology.scheme(name).concepts for name in ("field", "target-group"))
    for each in regions:
        name = columns.name(each.place, language) if each.place else say("coverage all", language)
        for listed, cells in zip(columns.fields, each.cells, strict=True):
            for group, value in zip(columns.groups, cells, strict=True):
                row = (
                    each.place, name, listed, of_field[listed].label(language), group, of_group[group].label(language),
                    "" if value is None else str(value), _state(value), str(each.known), str(each.every),
                    site.release.id,
                )  # fmt: skip
                writer.writerow([harmless(cell) for cell in row])
    headers = {"content-disposition": 'attachment; filename="coverage.csv"'}
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _data(site: Site, columns: Columns, regions: Sequence[Region]) -> dict[str, Any]:
    ontology = site.ontology

    def named(scheme: str, ids: Sequence[str]) -> list[dict[str, str]]:
        found = [ontology.scheme(scheme).concepts[each] for each in ids]
        return [
            {"id": each.id, "iri": each.iri} | {language: each.label(language) for language in LANGUAGES}
            for each in found
        ]

    return {
        "release": {"id": site.release.id, "content_hash": site.release.content_hash},
        "note": {language: say("coverage not served", language) for language in LANGUAGES},
        "fields": named("field", columns.fields),
        "target_groups": named("target-group", columns.groups),
        "places": [
            {
                "id": each.place or None,
                "name": {
                    language: columns.name(each.place, language) if each.place else say("coverage all", language)
                    for language in LANGUAGES
                },
                "networks": each.every,
                "known": each.known,
                "summary": each.counts(),
                "counts": each.cells,
            }
            for each in regions
        ],
    }


ROUTES = [Route(PATH, coverage), Route(f"{PATH}.{{suffix}}", coverage)]
