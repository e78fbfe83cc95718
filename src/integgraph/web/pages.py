"""Pages for people: written on the server, without script, in English or German."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from integgraph import resources
from integgraph.ontology import LANGUAGES
from integgraph.resources import Page
from integgraph.store import Format, formats_for
from integgraph.web.caching import cached
from integgraph.web.negotiation import choose_language
from integgraph.web.site import Site, site_of
from integgraph.web.urls import PLURALS
from integgraph.web.words import say

VARY = "Accept, Accept-Language"
EXAMPLE = """SELECT ?network ?name (COUNT(?member) AS ?members) WHERE {
  ?network a ig:Network ;
           skos:prefLabel ?name ;
           org:hasMember ?member .
}
GROUP BY ?network ?name
ORDER BY DESC(?members) ?name
LIMIT 10"""
_LANGUAGE_NAMES = {"en": "English", "de": "Deutsch"}
_COUNTS = ("networks", "actors", "memberships", "funding_flows", "places", "profiles", "quads")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def language_of(request: Request) -> str:
    """The language of a page: what ``?lang=`` says, else what the browser prefers, else English."""
    wanted = request.query_params.get("lang", "")
    return wanted if wanted in LANGUAGES else choose_language(request.headers.get("accept-language"), LANGUAGES)


def render(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    """A page from a template, with what every page needs."""
    language = language_of(request)
    text = (
        _environment()
        .get_template(template)
        .render(
            language=language,
            languages=[(each, _LANGUAGE_NAMES[each], _with_language(request, each)) for each in LANGUAGES],
            say=partial(_say, language),
            href=_linker(request),
            path=request.url.path,
            release=site_of(request).release,
            **context,
        )
    )
    return HTMLResponse(text, status, {"content-language": language, "vary": VARY})


def _say(language: str, key: str, **values: object) -> str:
    return say(key, language, **values)


def _with_language(request: Request, language: str) -> str:
    others = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return f"{request.url.path}?{urlencode([*others, ('lang', language)])}"


def _linker(request: Request) -> Callable[[str], str | None]:
    """Turns an IRI or a path of ours into what a link leads to; a language chosen by hand travels along."""
    urls = site_of(request).urls
    chosen = request.query_params.get("lang")

    def href(target: str) -> str | None:
        found = target if target.startswith("/") else urls.link(target)
        if found is None or chosen not in LANGUAGES or not found.startswith("/"):
            return found
        path, mark, fragment = found.partition("#")
        return f"{path}{'&' if '?' in path else '?'}lang={chosen}{mark}{fragment}"

    return href


def page_response(request: Request, page: Page) -> Response:
    """The page of a thing."""
    urls = site_of(request).urls
    path = urls.page(page.iri) or "/ontology"
    data = [(each, f"{path}.{each.suffix}") for each in data_formats()]
    answer = render(request, "thing.html", page=page, data=data)
    links = [f'<{address}>; rel="alternate"; type="{each.media_type}"' for each, address in data]
    answer.headers["link"] = ", ".join(links)
    return answer


def data_formats() -> list[Format]:
    """The formats in which a thing can be had as data."""
    return formats_for("triples")


def home(request: Request) -> Response:
    """What this is, what is in it, and the ways in."""
    site = site_of(request)
    counts = [(key, site.release.manifest["counts"].get(key)) for key in _COUNTS]

    def make() -> Response:
        return render(
            request,
            "home.html",
            counts=[(key, f"{count:,}") for key, count in counts if count is not None],
            example=EXAMPLE,
            example_link="/sparql?" + urlencode({"query": EXAMPLE}),
        )

    return cached(request, f"home {language_of(request)}", VARY, make)


def listing(kind: str) -> Callable[[Request], Response]:
    """The page that lists the things of a kind, all of them or those whose name holds ``?q=``."""

    def listed(request: Request) -> Response:
        site, language = site_of(request), language_of(request)
        wanted = request.query_params.get("q", "")[:200]

        def make() -> Response:
            found = resources.search(site.store, wanted, kind, language)
            return render(request, "list.html", title=PLURALS[kind], found=found, wanted=wanted, searchable=True)

        return cached(request, f"list {kind} {wanted} {language}", VARY, make)

    return listed


def vocabularies(request: Request) -> Response:
    """The page that lists the vocabularies."""
    site, language = site_of(request), language_of(request)

    def make() -> Response:
        found = sorted(_titles(site, language).items(), key=lambda pair: pair[1].casefold())
        return render(request, "list.html", title="vocabulary", found=found, wanted="", searchable=False)

    return cached(request, f"vocabularies {language}", VARY, make)


def _titles(site: Site, language: str) -> Mapping[str, str]:
    return {scheme.iri: scheme.label(language) for scheme in site.ontology.schemes.values()}
