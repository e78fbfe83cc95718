"""Pages: templates filled in with what :mod:`integgraph.resources` says, in the reader's language."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from integgraph.ontology import LANGUAGES
from integgraph.web.negotiation import choose_language
from integgraph.web.representations import asked_release, keeping
from integgraph.web.site import site_of
from integgraph.web.words import numeral, say

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
    ("/import", "import short"),
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
        auto_reload=False,  # looking for newer files at every use costs milliseconds
        cache_size=-1,
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
            numeral=lambda number: numeral(number, language),
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


def variant(request: Request) -> str:
    """What tells one page from another at the same address: its language, its links, the release it names."""
    return f"{_query(request, language_of(request))} {site_of(request).release.id}"
