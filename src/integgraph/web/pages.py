"""Pages: templates filled in with what :mod:`integgraph.resources` says, in the reader's language."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from integgraph import resources
from integgraph.ontology import LANGUAGES
from integgraph.web.caching import cached
from integgraph.web.negotiation import choose_language
from integgraph.web.site import site_of
from integgraph.web.urls import PLURALS
from integgraph.web.words import say

_HERE = Path(__file__).parent
VARY = "Accept, Accept-Language"
EXAMPLE = """SELECT ?name (COUNT(?member) AS ?members) WHERE {
  ?network a ig:Network ; ig:workingLabel ?name ; org:hasMember ?member .
}
GROUP BY ?name ORDER BY DESC(?members) LIMIT 10"""


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def language_of(request: Request) -> str:
    """The language of the page: ``?lang=`` over ``Accept-Language`` over English."""
    asked = request.query_params.get("lang", "")
    return asked if asked in LANGUAGES else choose_language(request.headers.get("accept-language"), LANGUAGES)


def render(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """A template as an answer."""
    language = language_of(request)
    site = site_of(request)
    other = next(each for each in LANGUAGES if each != language)
    text = (
        _templates()
        .get_template(template)
        .render(
            language=language,
            other_language=other,
            other_address=str(request.url.include_query_params(lang=other).path)
            + "?"
            + request.url.include_query_params(lang=other).query,
            release=site.release,
            link=site.urls.link,
            say=lambda key, **words: say(key, language, **words),
            plurals=tuple(PLURALS.values()),
            **values,
        )
    )
    return HTMLResponse(text, status)


def home(request: Request) -> Response:
    """What this is, what it holds, and the ways in."""
    counts = site_of(request).release.manifest["counts"]

    def make() -> Response:
        return render(request, "home.html", counts=counts, example=EXAMPLE)

    return cached(request, f"home {language_of(request)}", VARY, make)


def listing(request: Request, kind: str) -> Response:
    """All things of a kind, or those whose name holds ``?q=``."""
    site, language, text = site_of(request), language_of(request), request.query_params.get("q", "")

    def make() -> Response:
        found = resources.search(site.store, text, kind, language)
        return render(request, "list.html", kind=kind, title=say(PLURALS[kind], language), found=found, text=text)

    return cached(request, f"list {kind} {language} {text}", VARY, make)


def schemes(request: Request) -> Response:
    """All vocabularies."""
    site, language = site_of(request), language_of(request)
    found = [(scheme.iri, scheme.label(language)) for scheme in site.ontology.schemes.values()]
    title = say("vocabulary", language)
    return cached(
        request,
        f"schemes {language}",
        VARY,
        lambda: render(
            request, "list.html", kind="", title=title, found=sorted(found, key=lambda pair: pair[1]), text=""
        ),
    )


def thing(request: Request, iri: str) -> Response:
    """The page of one thing."""
    site, language = site_of(request), language_of(request)

    def make() -> Response:
        told = resources.page(site.store, site.ontology, iri, language)
        return render(request, "thing.html", page=told, suffixes=DATA_SUFFIXES, address=site.urls.page(iri))

    return cached(request, f"page {iri} {language}", VARY, make)


def ontology(request: Request) -> Response:
    """The terms."""
    site, language = site_of(request), language_of(request)

    def make() -> Response:
        told = resources.ontology_page(site.store, site.ontology, language)
        return render(request, "thing.html", page=told, suffixes=("ttl",), address="/ontology")

    return cached(request, f"ontology {language}", VARY, make)


DATA_SUFFIXES = ("ttl", "jsonld", "nt", "rdf")
