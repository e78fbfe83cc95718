"""How to get at everything, and what its terms mean: ``/data`` and the pages of the ontology.

The page of the ontology is made from the files that define it: classes and properties with definition, example, source
and relatives; the rows of the form with their fields; the vocabularies. The anchor of a term is its local name, so that
its IRI, ``…/ontology#FundingFlow``, leads to it.

Source: Best Practices for Publishing Linked Data (W3C, 2014), "Provide documentation"; VOID and DCAT for the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from integgraph.analysis.incidence import read_columns
from integgraph.exports import summary
from integgraph.ontology import DCT, IG, OWL, PREFIXES, RDF, RDFS, SKOS, Ontology
from integgraph.tables import Tables
from integgraph.web.caching import cached
from integgraph.web.downloads import file_words, size_words
from integgraph.web.pages import VARY, language_of, render, variant
from integgraph.web.representations import REPRESENTATIONS, keeping
from integgraph.web.site import Site, site_of
from integgraph.web.urls import origin_of

_CLASS, _PROPERTIES = OWL + "Class", (OWL + "ObjectProperty", OWL + "DatatypeProperty")
_EXAMPLE = "SELECT ?network ?name WHERE { ?network a ig:Network ; ig:workingLabel ?name } ORDER BY ?name LIMIT 5"
_MAIN = ("dump.nq", "catalogue.ttl", "shapes.ttl", "context.jsonld", "manifest.json")
_NUMBERS = ("networks", "profiles", "actors", "memberships", "funding_flows", "places", "quads")


# ---------------------------------------------------------------------------------------------------------------------
# The data page


def data(request: Request) -> Response:
    """``/data``: files, endpoint, API, reconciliation, catalogue, change feed, addresses; each with a line to copy."""
    site, language = site_of(request), language_of(request)

    def make() -> Response:
        told = summary(site.release.path)
        parts = told.parts or {}
        origin = origin_of(request) + site.urls.at("")
        return render(
            request,
            "data.html",
            told=told,
            numbers=[(key, (told.counts or {})[key]) for key in _NUMBERS if key in (told.counts or {})],
            files=[(name, parts[name]) for name in _MAIN if name in parts],
            tables=[(name.removeprefix("tables/"), parts[name]) for name in sorted(parts) if _is_table(name)],
            origin=origin,
            size=size_words,
            what=file_words,
            example=_EXAMPLE,
            thing=_a_network(site),
            citation=_citation(site, language),
        )

    return cached(request, f"data {variant(request)} {origin_of(request)}", VARY, make)


def _is_table(name: str) -> bool:
    return name.startswith("tables/") and name.endswith(".parquet")


def _a_network(site: Site) -> str:
    """The IRI of some network of the release, for examples; empty where there is none."""
    networks = read_columns(Tables(site.release.path / "tables"), "networks", ("network",)).column(0)
    return str(networks[0].as_py()) if len(networks) else ""


def _citation(site: Site, language: str) -> str:
    manifest = site.release.manifest
    title = "integgraph, the open knowledge graph of integration actors"
    release = "Release"
    if language == "de":
        title = "integgraph, der offene Wissensgraph der Integrationsakteure"
    return f"The integgraph contributors: {title}. {release} {site.release.id} ({str(manifest['created'])[:10]})."


# ---------------------------------------------------------------------------------------------------------------------
# The ontology


@dataclass(frozen=True, slots=True)
class TermEntry:
    """A class or property as its page shows it.

    Attributes:
        name: Local name, which is its anchor.
        label, definition: In the language of the page.
        examples, sources: As written.
        related: Key of the words for a relation → the IRIs it holds to.
    """

    name: str
    label: str
    definition: str
    examples: tuple[str, ...]
    sources: tuple[str, ...]
    related: Mapping[str, tuple[str, ...]]


_RELATIONS = {
    "publishing broader": (RDFS + "subClassOf", RDFS + "subPropertyOf"),
    "publishing equivalent": (OWL + "equivalentClass", OWL + "equivalentProperty"),
    "publishing domain": (RDFS + "domain",),
    "publishing range": (RDFS + "range",),
    "publishing inverse": (OWL + "inverseOf",),
    "publishing see": (RDFS + "seeAlso",),
}


def ontology(request: Request) -> Response:
    """The page of the ontology."""
    site, language = site_of(request), language_of(request)

    def make() -> Response:
        classes, properties = _terms(site.ontology.folder / "integgraph.ttl", language)
        address = site.urls.at("/ontology")
        formats = [
            (each.suffix, each.media_type, keeping(request, f"{address}.{each.suffix}"))
            for each in REPRESENTATIONS.values()
            if each.name != "html"
        ]
        return render(
            request,
            "ontology.html",
            iri=IG.rstrip("#"),
            version=site.ontology.version,
            classes=classes,
            properties=properties,
            sections=site.ontology.form.sections,
            schemes=_schemes(site.ontology, language),
            short=_short,
            formats=formats,
            canonical=keeping(request, address, "release"),
        )

    return cached(request, f"ontology {variant(request)}", VARY, make)


@lru_cache(maxsize=4)
def _terms(file: Path, language: str) -> tuple[tuple[TermEntry, ...], tuple[TermEntry, ...]]:
    """Classes and properties of the ontology, each sorted by label."""
    held: dict[str, dict[str, list[Any]]] = {}
    for triple in ox.parse(file.read_bytes(), format=ox.RdfFormat.TURTLE):
        if isinstance(triple.subject, ox.NamedNode) and triple.subject.value.startswith(IG):
            held.setdefault(triple.subject.value, {}).setdefault(triple.predicate.value, []).append(triple.object)
    found: tuple[list[TermEntry], list[TermEntry]] = ([], [])
    for iri, facts in held.items():
        types = {each.value for each in facts.get(RDF + "type", ())}
        if SKOS + "definition" in facts and types & {_CLASS, *_PROPERTIES}:
            found[_CLASS not in types].append(_entry(iri.removeprefix(IG), facts, language))
    first, second = (tuple(sorted(each, key=lambda term: term.label.casefold())) for each in found)
    return first, second


def _entry(name: str, facts: Mapping[str, list[Any]], language: str) -> TermEntry:
    related = {
        key: tuple(
            sorted(each.value for path in paths for each in facts.get(path, ()) if isinstance(each, ox.NamedNode))
        )
        for key, paths in _RELATIONS.items()
    }
    return TermEntry(
        name,
        _in(facts[RDFS + "label"], language),
        _in(facts[SKOS + "definition"], language),
        tuple(each.value for each in facts.get(SKOS + "example", ())),
        tuple(each.value for each in facts.get(DCT + "source", ())),
        {key: values for key, values in related.items() if values},
    )


def _in(texts: list[Any], language: str) -> str:
    """The text in a language, else in English."""
    by_language = {text.language: text.value for text in texts}
    return str(by_language.get(language) or by_language.get("en") or texts[0].value)


def _short(iri: str) -> str:
    """An IRI with its usual prefix.

    >>> _short("http://www.w3.org/ns/org#Organization"), _short("https://example.org/x")
    ('org:Organization', 'https://example.org/x')
    """
    fitting = [(len(base), name, base) for name, base in PREFIXES.items() if iri.startswith(base)]
    if not fitting:
        return iri
    _, name, base = max(fitting)
    return f"{name}:{iri.removeprefix(base)}"


def _schemes(ontology: Ontology, language: str) -> list[tuple[str, str, int]]:
    def all_of() -> Iterator[tuple[str, str, int]]:
        for scheme in ontology.schemes.values():
            yield scheme.iri, scheme.label(language), len(scheme.concepts)

    return sorted(all_of(), key=lambda each: each[1].casefold())


ROUTES = [Route("/data", data)]
