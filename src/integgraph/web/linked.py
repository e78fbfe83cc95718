"""Linked data: every IRI of the release answers, with a page for people and with data for machines.

``/id/…`` names a thing and answers 303 with the document about it. Sources: Cool URIs for the Semantic Web (W3C, 2008),
section 4.2; Linked Data Platform best practices.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from integgraph import resources
from integgraph.errors import FormatNotAvailable
from integgraph.ontology import IG, PREFIXES, RDFS
from integgraph.store import FORMATS, iri
from integgraph.web import pages
from integgraph.web.caching import cached
from integgraph.web.negotiation import Choice, choose
from integgraph.web.pages import VARY, language_of
from integgraph.web.site import Site, site_of
from integgraph.web.urls import PLURALS

REPRESENTATIONS = (
    Choice("html", ("text/html", "application/xhtml+xml")),
    *(Choice(each.name, (each.media_type,)) for each in pages.data_formats()),
)
SUFFIXES: Mapping[str, str] = {"html": "html", **{each.suffix: each.name for each in pages.data_formats()}}
"""Suffix of an address → representation."""
_EXISTS = "ASK { { ?thing ?p ?o } UNION { GRAPH ?thing { ?s ?q ?r } } }"

Data = Callable[[], list[ox.Triple]]
Write = Callable[[], resources.Page]


def identifier(request: Request) -> Response:
    """``/id/kind/name``: 303 to the document about the thing; 301 where another thing has replaced it."""
    site = site_of(request)
    kind, name = request.path_params["kind"], request.path_params["name"]
    thing, suffix = _named(site, kind, name)
    dot_suffix = f".{suffix}" if suffix else ""
    replaced = resources.redirect(site.store, thing)
    if replaced:
        new = f"/id/{replaced.removeprefix(site.urls.base_iri)}{dot_suffix}"
        return RedirectResponse(new, 301, {"vary": "Accept"})
    wanted = _representation(request, suffix)
    if not site.store.ask(_EXISTS, {"thing": iri(thing)}):
        raise resources.missing(site.store, thing)
    page = site.urls.page(thing)
    ending = "" if wanted == "html" else f".{FORMATS[wanted].suffix}"
    return RedirectResponse(f"{page}{ending}", 303, {"vary": "Accept"})


def things(kind: str) -> Callable[[Request], Response]:
    """``/networks/name`` and the like: the document about a thing."""

    def document(request: Request) -> Response:
        return _document(request, kind, request.path_params["name"])

    return document


def statement(request: Request) -> Response:
    """``/statements/kind/name``: the document about anything that has no folder of its own."""
    return _document(request, request.path_params["kind"], request.path_params["name"])


def _document(request: Request, kind: str, name: str) -> Response:
    site, language = site_of(request), language_of(request)
    thing, suffix = _named(site, kind, name)
    page = resources.redirect(site.store, thing) or thing
    own = f"/{PLURALS[kind]}/" if kind in PLURALS else f"/statements/{kind}/"
    if page != thing or not request.url.path.startswith(own):
        return RedirectResponse(f"{site.urls.page(page)}{'.' if suffix else ''}{suffix}", 301)
    return _represent(
        request,
        suffix,
        thing,
        lambda: resources.describe(site.store, thing),
        lambda: resources.page(site.store, site.ontology, thing, language),
    )


def _named(site: Site, kind: str, name: str) -> tuple[str, str]:
    """The thing that an address names, and the suffix behind its name."""
    thing = site.urls.iri(kind, name)
    stem, _, suffix = name.rpartition(".")
    # A thing's own name may end like a suffix: then it is the thing that is meant.
    if stem and suffix in SUFFIXES and not site.store.ask("ASK { ?thing ?p ?o }", {"thing": iri(thing)}):
        return site.urls.iri(kind, stem), suffix
    return thing, ""


def vocabulary(request: Request) -> Response:
    """``/vocabulary/scheme`` and ``/vocabulary/scheme/concept``."""
    site, language = site_of(request), language_of(request)
    name = request.path_params["name"]
    stem, _, suffix = name.rpartition(".")
    if not stem or suffix not in SUFFIXES:
        stem, suffix = name, ""
    thing = site.urls.vocabulary(stem)

    def page() -> resources.Page:
        return resources.page(site.store, site.ontology, thing, language)

    def data() -> list[ox.Triple]:
        return resources.describe(site.store, thing) or _raise_missing(page)

    return _represent(request, suffix, thing, data, page)


def _raise_missing(page: Write) -> list[ox.Triple]:
    """Let the page say what is missing, near matches and all."""
    page()
    return []


def ontology(request: Request) -> Response:
    """``/ontology`` and ``/ontology.ttl``: the terms."""
    site, language = site_of(request), language_of(request)
    suffix = request.path_params.get("suffix", "")
    return _represent(
        request,
        suffix,
        IG.rstrip("#"),
        lambda: _terms(site),
        lambda: resources.ontology_page(site.store, site.ontology, language),
    )


def _terms(site: Site) -> list[ox.Triple]:
    """The ontology itself: its header and what it defines; the form is in the shapes."""
    header = ox.NamedNode(IG.rstrip("#"))
    triples = site.ontology.triples
    defined = {
        each.subject for each in triples if each.predicate.value == RDFS + "isDefinedBy" and each.object == header
    }
    return [each for each in triples if each.subject in defined or each.subject == header]


def _represent(request: Request, suffix: str, thing: str, data: Data, page: Write) -> Response:
    wanted = _representation(request, suffix)
    vary = "Accept-Language" if wanted == "html" else ""
    vary = vary if suffix else VARY
    if wanted == "html":
        return cached(request, f"html {language_of(request)}", vary, lambda: pages.page_response(request, page()))

    def make() -> Response:
        triples = data()
        if not triples:
            raise resources.missing(site_of(request).store, thing)
        return data_response(triples, wanted, f'<{thing}>; rel="describes"')

    return cached(request, wanted, vary, make)


def _representation(request: Request, suffix: str) -> str:
    """Name of the representation: by suffix, by ``?format=``, else by ``Accept``."""
    asked = suffix or request.query_params.get("format", "")
    if asked:
        name = SUFFIXES.get(asked, asked)
        if name in {each.name for each in REPRESENTATIONS}:
            return name
        raise FormatNotAvailable(f"There is no format '{asked[:40]}'. {_OFFER}")
    chosen = choose(request.headers.get("accept"), REPRESENTATIONS)
    if chosen is None:
        raise FormatNotAvailable(f"None of the formats you accept is available. {_OFFER}")
    return chosen.name


_OFFER = "Available: " + ", ".join(f"{each.name} ({each.media_types[0]})" for each in REPRESENTATIONS) + "."


def data_response(triples: list[ox.Triple], name: str, link: str = "") -> Response:
    """Triples as an answer in a format."""
    chosen = FORMATS[name]
    body = ox.serialize(triples, format=chosen.engine, prefixes=dict(PREFIXES)) or b""
    return Response(body, media_type=chosen.media_type, headers={"link": link} if link else None)


def file(part: str, media_type: str) -> Callable[[Request], Response]:
    """A file of the release as it is."""

    def answer(request: Request) -> Response:
        path = site_of(request).release.path / part
        return cached(request, part, "", lambda: FileResponse(path, media_type=media_type))

    return answer
