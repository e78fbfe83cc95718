"""Pages: templates filled in with what :mod:`integgraph.resources` says, in the reader's language."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from integgraph import resources
from integgraph.ontology import LANGUAGES
from integgraph.web.caching import cached
from integgraph.web.jsonld import data_block, dataset, organization
from integgraph.web.negotiation import choose_language
from integgraph.web.representations import REPRESENTATIONS, asked_release, keeping
from integgraph.web.site import site_of
from integgraph.web.urls import PLURALS
from integgraph.web.words import say

_HERE = Path(__file__).parent
MENU = (
    ("/networks/", "networks"),
    ("/actors/", "actors"),
    ("/compare", "compare"),
    ("/coverage", "coverage"),
    ("/map", "map"),
    ("/graph", "graph"),
    ("/sparql", "query"),
    ("/data", "data"),
    ("/about", "about"),
)
"""The doors that every page shows: path and key of the words."""
FOOT = (
    ("/questions", "questions"),
    ("/places/", "places"),
    ("/vocabulary/", "vocabulary"),
    ("/profiles/", "profiles"),
    ("/releases", "releases"),
    ("/ontology", "ontology short"),
    ("/about/measures", "measures"),
    ("/about/privacy", "privacy"),
    ("/about/accessibility", "accessibility"),
)
"""The ways that stand at the foot of every page."""
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
            # A bare query leads to the very page, whatever the server's prefix.
            other_address="?" + request.url.include_query_params(lang=other).query,
            release=site.release,
            link=site.urls.link,
            at=site.urls.at,
            query=_query(request, language),
            asked_release=asked_release(request),
            say=lambda key, **words: say(key, language, **words),
            menu=MENU,
            foot=FOOT,
            door=_door(request),
            **values,
        )
    )
    return HTMLResponse(text, status)


def _door(request: Request) -> str:
    """The door of the menu that the page lies behind; empty where it lies behind none."""
    path = request.scope["path"]
    return next((door for door, _ in MENU if path == door or path.startswith(door.rstrip("/") + "/")), "")


def _query(request: Request, language: str) -> str:
    """What links from a page to others carry along: its language, and the release that was asked for."""
    return keeping(request, "", "release").replace("?", f"?lang={language}&") or f"?lang={language}"


def _variant(request: Request) -> str:
    """What tells one page from another at the same address: its language, its links, the release it names."""
    return f"{_query(request, language_of(request))} {site_of(request).release.id}"


def _block(data: Any) -> Markup:
    """Data for search engines, ready to stand in a page: :func:`data_block` lets no markup through."""
    return Markup(data_block(data))  # noqa: S704 - escaped there


def home(request: Request) -> Response:
    """What this is, what it holds, and the ways in."""
    manifest, language = site_of(request).release.manifest, language_of(request)

    def make() -> Response:
        told = dataset(manifest, say("home title", language), say("home lead", language), language)
        return render(request, "home.html", counts=manifest["counts"], example=EXAMPLE, block=_block(told))

    return cached(request, f"home {_variant(request)}", VARY, make)


def listing(request: Request, kind: str) -> Response:
    """All things of a kind, or those whose name holds ``?q=``."""
    site, language, text = site_of(request), language_of(request), request.query_params.get("q", "")

    def make() -> Response:
        found = resources.search(site.store, text, kind, language)
        return render(request, "list.html", kind=kind, title=say(PLURALS[kind], language), found=found, text=text)

    return cached(request, f"list {kind} {_variant(request)} {text}", VARY, make)


def schemes(request: Request) -> Response:
    """All vocabularies."""
    site, language = site_of(request), language_of(request)
    found = [(scheme.iri, scheme.label(language)) for scheme in site.ontology.schemes.values()]
    title = say("vocabulary", language)
    return cached(
        request,
        f"schemes {_variant(request)}",
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
        block = _block(organization(told, site.ontology)) if told.kind in ("network", "actor") else None
        return _told(request, told, site.urls.page(iri) or "", block)

    return cached(request, f"page {iri} {_variant(request)}", VARY, make)


def ontology(request: Request) -> Response:
    """The terms."""
    site, language = site_of(request), language_of(request)

    def make() -> Response:
        told = resources.ontology_page(site.store, site.ontology, language)
        return _told(request, told, site.urls.at("/ontology"), None)

    return cached(request, f"ontology {_variant(request)}", VARY, make)


def _told(request: Request, page: resources.Page, address: str, block: Markup | None) -> Response:
    formats = [
        (each.suffix, each.media_type, keeping(request, f"{address}.{each.suffix}"))
        for each in REPRESENTATIONS.values()
        if each.name != "html"
    ]
    canonical = keeping(request, address, "release")
    return render(request, "thing.html", page=page, formats=formats, canonical=canonical, block=block)
