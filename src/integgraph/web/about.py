"""About: what this is, how the data come about, and what every measure means.

Measures are explained from their own descriptions (:mod:`integgraph.analysis.measures.catalogue`): what a page says is
what the code says. Only the plain reading in German stands with the words of the pages.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from integgraph.analysis.measures.answers import Language, State
from integgraph.analysis.measures.catalogue import CATALOGUE, PARTS, Entry
from integgraph.analysis.measures.governance import MODES, RULES
from integgraph.analysis.reports.page import STATE_NAMES
from integgraph.errors import NotFound
from integgraph.ontology import IG, near
from integgraph.store import plain
from integgraph.web import pages
from integgraph.web.caching import cached
from integgraph.web.site import Site, site_of
from integgraph.web.words import WORDS, numeral, say

_RELEASES = 4
_RULE_MODES = {
    "G1": "participant-governed",
    "G2": "lead-organisation",
    "G3": "network-administrative-organisation",
    "G4": "lead-or-nao",
    "G5": "joint-coordination",
}
_NAMED = """
SELECT ?title ?edition ?read ?address ?profile WHERE {
  ?profile prov:wasDerivedFrom ?source . ?source dct:title ?title .
  OPTIONAL { ?source ig:edition ?edition }
  OPTIONAL { ?source ig:retrieved ?read }
  OPTIONAL { ?source <https://schema.org/url> ?address }
} LIMIT 50
"""
"""Without an order, which would have the store read all of them."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What the profiles of a release were made from.

    Attributes:
        count: How many sources there are.
        named: Title, edition, day, address and profile of some sources that have a title, by title.
        years: Year of the status date → profiles; empty for no date.
    """

    count: int
    named: tuple[tuple[str, ...], ...]
    years: tuple[tuple[str, int], ...]


_kept: OrderedDict[str, Sources] = OrderedDict()
_keeping = threading.Lock()


def sources_of(site: Site) -> Sources:
    """The sources of a release, looked up once."""
    with _keeping:
        found = _kept.get(site.release.content_hash)
        if found is None:
            found = _kept[site.release.content_hash] = _read(site)
        while len(_kept) > _RELEASES:
            _kept.popitem(last=False)
    return found


def _read(site: Site) -> Sources:
    classes = site.release.manifest["statistics"]["view"]["classes"]
    rows = (tuple("" if cell is None else str(plain(cell)) for cell in row) for row in site.store.select(_NAMED).rows)
    named = tuple(sorted(rows, key=lambda row: (row[0].casefold(), row)))
    dates = pq.read_table(site.release.path / "tables" / "networks.parquet", columns=["status_date"])
    years = Counter((date or "")[:4] for date in dates["status_date"].to_pylist())
    ordered = sorted(years.items(), key=lambda pair: (pair[0] == "", pair[0]))
    return Sources(int(classes.get(IG + "SourceDocument", 0)), named, tuple(ordered))


# ---------------------------------------------------------------------------------------------------------------------
# Pages


def _answer(request: Request, page: str, **values: Any) -> Response:
    site, language = site_of(request), pages.language_of(request)
    shown = {"number": lambda number: numeral(number, language)} | values
    variant = f"about {request.url.path} {request.url.query} {language} {site.release.id}"
    return cached(request, variant, pages.VARY, lambda: pages.render(request, f"about_{page}.html", **shown))


def about(request: Request) -> Response:
    """``/about``: what this is, who makes it, how the data come about."""
    return _answer(request, "home", counts=site_of(request).release.manifest["counts"], topics=_TOPICS)


_TOPICS = ("measures", "sources", "privacy", "accessibility")


def measures(request: Request) -> Response:
    """``/about/measures``: all measures, the answer states, the rules of governance."""
    language = _language(request)
    states = [
        (STATE_NAMES[state][language] if state in STATE_NAMES else say("about state value name", language), key)
        for state, key in (
            (State.VALUE, "value"),
            (State.FORCED, "forced"),
            (State.TOO_SMALL, "small"),
            (State.UNKNOWN, "unknown"),
        )
    ]
    rules = [
        (
            rule,
            text[language],
            MODES[_RULE_MODES[rule]][language] if rule in _RULE_MODES else say(f"about rule {rule}", language),
        )
        for rule, text in RULES.items()
    ]
    found = [
        (each.measure.key, each.measure.name[language], each.measure.question[language], _reading(each, language))
        for each in CATALOGUE
    ]
    return _answer(request, "measures", measures=found, states=states, rules=rules)


def measure(request: Request) -> Response:
    """``/about/measures/KEY``: one measure with question, definition, formula, reading, caveat and reference.

    Raises:
        NotFound: there is no such measure; similar ones are named.
    """
    key, language = request.path_params["key"], _language(request)
    keys = [each.measure.key for each in CATALOGUE]
    if key not in keys:
        raise NotFound(f"There is no measure '{key[:60]}'. All of them: /about/measures.", near(key[:60], keys))
    at = keys.index(key)
    entry = CATALOGUE[at]
    told = [(label, entry.part(label)) for label in PARTS]
    reading, own = _reading(entry, language)
    return _answer(
        request,
        "measure",
        name=entry.measure.name[language],
        other=entry.measure.name["en" if language == "de" else "de"],
        question=entry.measure.question[language],
        reading=reading,
        own=own,
        parts=[(label, text.replace("``", "")) for label, text in told if text and text != "–"],
        function=f"{entry.function.__module__}.{entry.function.__name__}",
        before=CATALOGUE[at - 1].measure if at else None,
        after=CATALOGUE[at + 1].measure if at + 1 < len(keys) else None,
    )


def _reading(entry: Entry, language: Language) -> tuple[str, bool]:
    """What a measure says in plain words, and whether that is in the language of the page."""
    key = f"about reading {entry.measure.key}"
    if language == "de":
        return (WORDS[key][1], True) if key in WORDS else (" ".join(entry.summary.split()), False)
    return " ".join(entry.summary.split()), True


def _contact(request: Request) -> str:
    """Where readers report errors, without what a report fills in; empty where nothing is set."""
    return str(getattr(request.app.state, "report_address", "")).partition("?")[0]


def privacy(request: Request) -> Response:
    """``/about/privacy``: what is collected, what is not, and how to have something taken down."""
    return _answer(request, "privacy", contact=_contact(request))


def accessibility(request: Request) -> Response:
    """``/about/accessibility``: what is aimed at, how it is tested, what is known not to work."""
    return _answer(request, "accessibility", contact=_contact(request))


def sources(request: Request) -> Response:
    """``/about/sources``: what the profiles were made from, when, and under which licence."""
    site = site_of(request)
    return _answer(
        request,
        "sources",
        sources=sources_of(site),
        counts=site.release.manifest["counts"],
        local=lambda iri: iri.rpartition("/")[2],
    )


def _language(request: Request) -> Language:
    return "de" if pages.language_of(request) == "de" else "en"


ROUTES = [
    Route("/about", about),
    Route("/about/measures", measures),
    Route("/about/measures/{key}", measure),
    Route("/about/privacy", privacy),
    Route("/about/accessibility", accessibility),
    Route("/about/sources", sources),
]
