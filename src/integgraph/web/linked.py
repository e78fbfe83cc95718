"""Linked data: every IRI of a thing leads, by 303, to its page or to data about it.

A thing that was merged has moved for good (301); one that earlier releases spoke of is gone (410), with a tombstone.

Source: Cool URIs for the Semantic Web (W3C, 2008), section 4.2; RFC 9110 for negotiation; RFC 8288 for links.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from integgraph import resources, withdrawn
from integgraph.errors import FormatNotAvailable, NotFound
from integgraph.ontology import IG, PREFIXES
from integgraph.store import FORMATS
from integgraph.web import jsonld, lists, pages, plainjson, problems, publishing, things
from integgraph.web.around import around
from integgraph.web.caching import cached
from integgraph.web.negotiation import Choice, choose
from integgraph.web.representations import REPRESENTATIONS, Representation, keeping
from integgraph.web.site import Site, site_of
from integgraph.web.urls import PLURALS
from integgraph.withdrawn import Tombstone

_OTHER_NAMES = {"html": ("application/xhtml+xml",)}
_CHOICES = [Choice(each.name, (each.media_type, *_OTHER_NAMES.get(each.name, ()))) for each in REPRESENTATIONS.values()]
_BY_SUFFIX = {each.suffix: each for each in REPRESENTATIONS.values()}
_KIND_OF = {plural: kind for kind, plural in PLURALS.items()}
_VARY = "Accept, Accept-Language"


# ---------------------------------------------------------------------------------------------------------------------
# What is asked for


def _asked(request: Request, name: str) -> tuple[str, Representation, str]:
    """(Name without suffix, representation, suffix with its dot): a known suffix decides, else ``Accept``."""
    stem, dot, suffix = name.rpartition(".")
    if dot and suffix in _BY_SUFFIX:
        return stem, _BY_SUFFIX[suffix], f".{suffix}"
    chosen = choose(request.headers.get("accept"), _CHOICES)
    if chosen is None:
        names = ", ".join(each.media_type for each in REPRESENTATIONS.values())
        raise FormatNotAvailable(f"None of the formats you accept is available here. Available: {names}.")
    return name, REPRESENTATIONS[chosen.name], ""


def _absent(site: Site, iri: str, error: NotFound) -> NotFound | FormatNotAvailable:
    """What to say of a thing that is not there: a suffix that is none, or that nothing is known of it."""
    stem, dot, suffix = iri.rpartition(".")
    if dot and "/" not in suffix and resources.types_of(site.store, stem):
        return _no_such(suffix)
    return error if error.near or not iri.startswith(site.urls.base_iri) else things.missing(site, iri)


def _no_such(suffix: str) -> FormatNotAvailable:
    known = ", ".join(f".{each}" for each in _BY_SUFFIX)
    return FormatNotAvailable(f"There is no format '.{suffix}' here. Available: {known}.")


# ---------------------------------------------------------------------------------------------------------------------
# Addresses


def identifier(request: Request) -> Response:
    """``/id/{kind}/{name}``: see other, the page or the data; a merged thing has moved for good."""
    site = site_of(request)
    name, wanted, suffix = _asked(request, request.path_params["name"])
    iri = site.urls.iri(request.path_params["kind"], name)
    replaced = resources.redirect(site.store, iri)
    if replaced:
        path = site.urls.at("/id/" + quote(replaced.removeprefix(site.urls.base_iri)))
        return RedirectResponse(keeping(request, path + suffix), 301)
    if not resources.types_of(site.store, iri):
        stone = withdrawn.find(site.release, iri)
        if stone:
            return gone(request, stone)
        raise _absent(site, iri, resources.missing(site.store, iri))
    target = site.urls.page(iri) if wanted.name == "html" and not suffix else site.urls.data(iri, wanted.suffix)
    return RedirectResponse(keeping(request, target or site.urls.at("/")), 303, {"vary": _VARY})


def collection(request: Request) -> Response:
    """``/networks/`` and its like."""
    return lists.profiles(request) if request.url.path.endswith("/profiles/") else lists.collection(request)


def thing(request: Request) -> Response:
    """``/networks/{name}`` and its like."""
    kind = _KIND_OF[request.url.path.rpartition("/")[0].rpartition("/")[2]]
    return _thing(request, kind, request.path_params["name"])


def statement(request: Request) -> Response:
    """``/statements/{kind}/{name}``: memberships, funding flows, evidence and so on."""
    folder = PLURALS.get(request.path_params["kind"])
    if folder:  # a thing with a page of its own has one address
        path = site_of(request).urls.at(f"/{folder}/{quote(request.path_params['name'])}")
        return RedirectResponse(keeping(request, path), 301)
    return _thing(request, request.path_params["kind"], request.path_params["name"])


def _thing(request: Request, kind: str, path_name: str) -> Response:
    site = site_of(request)
    name, wanted, suffix = _asked(request, path_name)
    iri = site.urls.iri(kind, name)
    # What the tables know, as a page does that is made from them, was not merged into another thing.
    known = wanted.name == "html" and around(site.release.path, site.release.content_hash).knows(iri)
    replaced = None if known else resources.redirect(site.store, iri)
    if replaced:
        path = (site.urls.page(replaced) or site.urls.at("/")) + suffix
        return RedirectResponse(keeping(request, path), 301)
    try:
        return _represent(request, iri, wanted, suffix)
    except NotFound as error:
        stone = withdrawn.find(site.release, iri)
        if stone:
            return gone(request, stone)
        if kind == "actor" and (network := _network(site, name)):
            return RedirectResponse(keeping(request, network + suffix), 303, {"vary": _VARY})
        raise _absent(site, iri, error) from None


def _network(site: Site, name: str) -> str | None:
    """The page of the network with this id, if there is one.

    A network is an actor, too: it may be a member of another one, coordinate it or fund it. It has one page, that of
    the network. This is no move for good, because one day an actor may bear the id.
    """
    iri = site.urls.iri("network", name)
    return site.urls.page(iri) if resources.types_of(site.store, iri) else None


def vocabulary(request: Request) -> Response:
    """``/vocabulary/{scheme}`` and ``/vocabulary/{scheme}/{concept}``."""
    site = site_of(request)
    name, wanted, suffix = _asked(request, request.path_params["name"])
    iri = site.urls.vocabulary(name)
    try:
        return _represent(request, iri, wanted, suffix)
    except NotFound as error:
        raise _absent(site, iri, error) from None


def ontology(request: Request) -> Response:
    """``/ontology``: the terms as a page or as data."""
    name, wanted, suffix = _asked(request, request.url.path.rpartition("/")[2])
    if "." in name:
        raise _no_such(name.rpartition(".")[2])
    site = site_of(request)
    file = site.ontology.folder / "integgraph.ttl"
    if wanted.name == "html":
        answer = publishing.ontology(request)
    elif wanted.name == "turtle":  # as it was written, comments and all
        answer = cached(
            request, "ontology as written", _VARY, lambda: Response(file.read_bytes(), media_type=wanted.media_type)
        )
    else:
        answer = _data(request, IG.rstrip("#"), wanted, lambda: _terms(file))
    return _linked(request, answer, site.urls.at("/ontology"), IG.rstrip("#"), wanted, suffix)


@lru_cache(maxsize=1)
def _terms(file: Path) -> Sequence[ox.Triple]:
    """The triples of the ontology, with names for blank nodes that never vary (RDFC-1.0)."""
    parsed = ox.parse(file.read_bytes(), format=ox.RdfFormat.TURTLE)
    terms = ox.Dataset(ox.Quad(each.subject, each.predicate, each.object) for each in parsed)
    terms.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted((quad.triple for quad in terms), key=str)


# ---------------------------------------------------------------------------------------------------------------------
# Representations


def _represent(request: Request, iri: str, wanted: Representation, suffix: str) -> Response:
    site = site_of(request)
    if wanted.name == "html":
        answer = things.thing(request, iri)
    else:
        answer = _data(request, iri, wanted, lambda: _described(site, iri))
    return _linked(request, answer, site.urls.page(iri) or "", iri, wanted, suffix)


def _described(site: Site, iri: str) -> Sequence[ox.Triple]:
    triples = resources.describe(site.store, iri)
    if not triples:
        if not iri.startswith(site.urls.base_iri):
            resources.page(site.store, site.ontology, iri)  # knows the vocabularies, and what is near
        raise resources.missing(site.store, iri)
    return triples


def _data(request: Request, iri: str, wanted: Representation, triples: Callable[[], Sequence[ox.Triple]]) -> Response:
    """A thing as data, with its tag."""
    site = site_of(request)
    language = pages.language_of(request) if wanted.name == "json" else ""
    variant = f"data {iri} {wanted.name} {keeping(request, '', 'release')}"
    if wanted.name == "json":  # the only one that names its release, and has a language
        variant += f" {language} {site.release.id}"

    def make() -> Response:
        if wanted.name == "json":
            return JSONResponse(_plain(request, iri, language))
        if wanted.name == "jsonld":
            document = {"@context": _context_address(request), **jsonld.frame(triples(), iri, _context(site))}
            return JSONResponse(document, media_type=wanted.media_type)
        body = ox.serialize(triples(), format=FORMATS[wanted.name].engine, prefixes=dict(PREFIXES))
        return Response(body, media_type=wanted.media_type)

    return cached(request, variant, _VARY, make)


def _plain(request: Request, iri: str, language: str) -> dict[str, Any]:
    site = site_of(request)
    if iri == IG.rstrip("#"):
        told = resources.ontology_page(site.store, site.ontology, language)
    else:
        told = resources.page(site.store, site.ontology, iri, language, whole=True)
    return {
        **plainjson.as_data(told, site.ontology),
        "language": language,
        "release": site.release.id,
        "licence": site.release.manifest["licence"],
    }


def _context_address(request: Request) -> str:
    """Where the context of this release is on this server; relative, so that it holds wherever the server is found."""
    return keeping(request, site_of(request).urls.at("/context.jsonld"), "release")


def _context(site: Site) -> jsonld.Context:
    return _context_of(site.release.path / "context.jsonld")


@lru_cache(maxsize=8)
def _context_of(file: Path) -> jsonld.Context:
    context: jsonld.Context = json.loads(file.read_bytes())["@context"]
    return context


def _linked(
    request: Request, answer: Response, address: str, iri: str, wanted: Representation, suffix: str
) -> Response:
    """Say what the representation is about, where its others are, and what it may be used for.

    Source: RFC 8288 (Link), RFC 6596 (canonical), RFC 6892 (describes), RFC 5988 (alternate, license).
    """
    site = site_of(request)

    def at(each: str) -> str:
        return keeping(request, f"{address}.{each}" if each else address)

    links = [
        (keeping(request, address, "release"), {"rel": "canonical"}),
        (iri, {"rel": "describes"}),
        (at("ttl" if wanted.name == "html" else ""), {"rel": "describedby"}),
        *(
            (at(each.suffix), {"rel": "alternate", "type": each.media_type})
            for each in REPRESENTATIONS.values()
            if each is not wanted
        ),
        (str(site.release.manifest["licence"]), {"rel": "license"}),
    ]
    answer.headers["link"] = ", ".join(_link(target, parameters) for target, parameters in links)
    if not suffix:
        answer.headers["content-location"] = at(wanted.suffix)
    return answer


def _link(target: str, parameters: Mapping[str, str]) -> str:
    # Nothing of an address can end the brackets, or the header.
    safe = quote(target, safe="/:?#[]@!$&'()*+,;=%~-._")
    return "; ".join([f"<{safe}>", *(f'{name}="{value}"' for name, value in parameters.items())])


# ---------------------------------------------------------------------------------------------------------------------
# What was withdrawn


def gone(request: Request, stone: Tombstone) -> Response:
    """410: what it was, since when it is gone, and where it was last seen."""
    site = site_of(request)
    page = site.urls.page(stone.iri) or ""
    last = f"{page}?{urlencode({'release': stone.release})}" if stone.release in _kept(site) else ""
    named = f"“{stone.label}”" if stone.label else f"'{stone.iri.rpartition('/')[2]}'"
    detail = (
        f"The {stone.kind} {named} was withdrawn on {stone.withdrawn}. The last release that speaks of it is "
        f"{stone.release}" + (f": {last}" if last else ", which is no longer kept here.")
    )
    wanted = choose(request.headers.get("accept"), (Choice("json", ("application/problem+json",)), _CHOICES[0]))
    if wanted is not None and wanted.name == "html":
        near = things.alike(request, stone.label or stone.iri.rpartition("/")[2].replace("-", " "))
        answer = pages.render(request, "gone.html", status=410, stone=stone, last=last, near=near)
        answer.headers["cache-control"] = "no-store"
        answer.headers["vary"] = _VARY
        return answer
    body = {
        "type": problems.TYPES + "gone",
        "detail": detail,
        "iri": stone.iri,
        "kind": stone.kind,
        "label": stone.label,
        "withdrawn": stone.withdrawn,
        "last_release": stone.release,
        "last_seen": last or None,
    }
    return problems.problem(request, 410, body)


def _kept(site: Site) -> Iterable[str]:
    """Ids of the releases that this server can still show."""
    if site.folder is None:
        return (site.release.id,)
    return tuple(folder.name for folder in (site.folder / "releases").glob("[!.]*"))
