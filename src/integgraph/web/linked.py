"""Linked data: every IRI of a thing leads, by 303, to its page or to data about it.

Source: Cool URIs for the Semantic Web (W3C, 2008), section 4.2; RFC 9110 for negotiation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from integgraph import resources
from integgraph.errors import FormatNotAvailable
from integgraph.ontology import PREFIXES
from integgraph.store import FORMATS, formats_for
from integgraph.web import pages
from integgraph.web.caching import cached
from integgraph.web.negotiation import Choice, choose
from integgraph.web.site import site_of
from integgraph.web.urls import PLURALS

_CHOICES = [
    Choice("html", ("text/html", "application/xhtml+xml")),
    *(Choice(each.name, (each.media_type,)) for each in formats_for("triples")),
]
_ONTOLOGY_CHOICES = [choice for choice in _CHOICES if choice.name in ("html", "turtle")]
_SUFFIXES: Mapping[str, str] = {"html": "html"} | {each.suffix: each.name for each in formats_for("triples")}
_SUFFIX_OF = {name: suffix for suffix, name in _SUFFIXES.items()}
_KIND_OF = {plural: kind for kind, plural in PLURALS.items()}


def _representation(request: Request, name: str, choices: Sequence[Choice] = _CHOICES) -> tuple[str, str]:
    """(name without suffix, representation): a known suffix decides, else the ``Accept`` header."""
    stem, dot, suffix = name.rpartition(".")
    if dot and suffix in _SUFFIXES:
        return stem, _SUFFIXES[suffix]
    chosen = choose(request.headers.get("accept"), choices)
    if chosen is None:
        names = ", ".join(choice.media_types[0] for choice in choices)
        raise FormatNotAvailable(f"None of the formats you accept is available here. Available: {names}.")
    return name, chosen.name


def identifier(request: Request) -> Response:
    """``/id/{kind}/{name}``: see other, the page or the data; a merged thing has moved for good."""
    site = site_of(request)
    path_name = request.path_params["name"]
    name, wanted = _representation(request, path_name)
    iri = site.urls.iri(request.path_params["kind"], name)
    replaced = resources.redirect(site.store, iri)
    if replaced:
        kind, _, canonical = replaced[len(site.urls.base_iri) :].partition("/")
        return RedirectResponse(f"/id/{kind}/{canonical}{path_name[len(name) :]}", 301)
    if not resources.types_of(site.store, iri):
        raise resources.missing(site.store, iri)
    target = site.urls.page(iri) if wanted == "html" else site.urls.data(iri, _SUFFIX_OF[wanted])
    return RedirectResponse(target or "/", 303, {"vary": "Accept"})


def collection(request: Request) -> Response:
    """``/networks/`` and its like."""
    return pages.listing(request, _KIND_OF[request.url.path.strip("/")])


def thing(request: Request) -> Response:
    """``/networks/{name}`` and its like."""
    kind = _KIND_OF[request.url.path.split("/")[1]]
    return _thing(request, kind, request.path_params["name"])


def statement(request: Request) -> Response:
    """``/statements/{kind}/{name}``: memberships, funding flows, evidence and so on."""
    folder = PLURALS.get(request.path_params["kind"])
    if folder:  # a thing with a page of its own has one address
        return RedirectResponse(f"/{folder}/{quote(request.path_params['name'])}", 301)
    return _thing(request, request.path_params["kind"], request.path_params["name"])


def _thing(request: Request, kind: str, path_name: str) -> Response:
    site = site_of(request)
    name, wanted = _representation(request, path_name)
    iri = site.urls.iri(kind, name)
    replaced = resources.redirect(site.store, iri)
    if replaced:
        suffix = "" if name == path_name else path_name[len(name) :]
        return RedirectResponse((site.urls.page(replaced) or "/") + suffix, 301)
    return _represent(request, iri, wanted)


def vocabulary(request: Request) -> Response:
    """``/vocabulary/{scheme}`` and ``/vocabulary/{scheme}/{concept}``."""
    name, wanted = _representation(request, request.path_params["name"])
    return _represent(request, site_of(request).urls.vocabulary(name), wanted)


def _represent(request: Request, iri: str, wanted: str) -> Response:
    site = site_of(request)
    if wanted == "html":
        answer = pages.thing(request, iri)
        answer.headers["link"] = ", ".join(
            f'<{site.urls.data(iri, each.suffix)}>; rel="alternate"; type="{each.media_type}"'
            for each in formats_for("triples")
        )
        return answer

    def make() -> Response:
        triples = resources.describe(site.store, iri)
        if not triples:
            raise resources.missing(site.store, iri)
        chosen = FORMATS[wanted]
        body = ox.serialize(triples, format=chosen.engine, prefixes=dict(PREFIXES))
        return Response(body, media_type=chosen.media_type)

    answer = cached(request, f"data {iri} {wanted}", "Accept", make)
    answer.headers["link"] = (
        f'<{site.urls.page(iri)}>; rel="describedby", <{site.release.manifest["licence"]}>; rel="license"'
    )
    return answer


def ontology(request: Request) -> Response:
    """``/ontology``: the terms as a page or as Turtle."""
    _, wanted = _representation(request, request.url.path.rpartition("/")[2], _ONTOLOGY_CHOICES)
    if wanted == "html":
        return pages.ontology(request)
    file = site_of(request).ontology.folder / "integgraph.ttl"
    return FileResponse(file, media_type="text/turtle", headers={"vary": "Accept"})


def part(request: Request) -> Response:
    """A file of the release: dump, shapes or context."""
    name = request.url.path.strip("/")
    kinds = {"dump.nq": "application/n-quads", "shapes.ttl": "text/turtle", "context.jsonld": "application/ld+json"}
    return FileResponse(site_of(request).release.path / name, media_type=kinds[name])
