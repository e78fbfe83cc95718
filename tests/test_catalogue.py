"""The catalogue entry: what DCAT-AP asks for is there, every figure is the one that SPARQL counts, nothing varies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from rdflib import DCTERMS, FOAF, OWL, PROV, RDF, SH, SKOS, VOID, XSD

from integgraph.build import Built
from integgraph.catalogue import PREFIXES, catalogue
from integgraph.errors import ReleaseError
from tests.ontology.test_terms import LISTS, listed

DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")
SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")
SHAPES = rdflib.Graph().parse(Path(__file__).parent / "catalogue" / "dcat-ap.ttl")
ROOT = "https://w3id.org/integgraph/"
MEASUREMENTS = f"{ROOT}measurements"
OTHERS = f"FILTER(?g != <{MEASUREMENTS}>)"
BEFORE = "20260101T000000Z-00000000"
SOURCES = (
    {"iri": "https://example.org/b", "title": "A report"},
    {"iri": "https://example.org/a"},
)


def counted(dump: Path) -> dict[str, Any]:
    """What the manifest is to say of the graph, counted by SPARQL on the N-Quads."""
    store = ox.Store()
    store.bulk_load(path=str(dump), format=ox.RdfFormat.N_QUADS)

    def number(query: str) -> int:
        return int(next(iter(store.query(query)))[0].value)

    def table(query: str) -> dict[str, int]:
        return {row[0].value: int(row[1].value) for row in store.query(query)}

    return {
        "view": {
            "triples": number("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"),
            "classes": table("SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c } GROUP BY ?c"),
            "properties": table("SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p"),
        },
        "profile_graphs": number(f"SELECT (COUNT(DISTINCT ?g) AS ?n) {{ GRAPH ?g {{ ?s ?p ?o }} {OTHERS} }}"),
        "profile_triples": number(f"SELECT (COUNT(*) AS ?n) {{ GRAPH ?g {{ ?s ?p ?o }} {OTHERS} }}"),
        "measurement_triples": number(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{MEASUREMENTS}> {{ ?s ?p ?o }} }}"),
    }


@pytest.fixture(scope="module")
def figures(golden: Built) -> dict[str, Any]:
    return counted(golden.release.path / "dump.nq")


@pytest.fixture(scope="module")
def manifest(golden: Built, figures: dict[str, Any]) -> dict[str, Any]:
    """The manifest of the golden release, with parts of every kind."""
    found = {"statistics": figures} | dict(golden.release.manifest)
    more = {name: {"bytes": 7, "sha256": "ab" * 32} for name in ("tables/networks.parquet", "search.sqlite")}
    return found | {"parts": more | dict(found["parts"])}


def in_rdflib(triples: list[ox.Triple]) -> rdflib.Graph:
    text = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=dict(PREFIXES))
    assert text is not None
    return rdflib.Graph().parse(data=text, format="turtle")


@pytest.fixture(scope="module")
def graph(manifest: dict[str, Any]) -> rdflib.Graph:
    return in_rdflib(catalogue(manifest, previous=BEFORE, sources=SOURCES))


@pytest.fixture(scope="module")
def release(manifest: dict[str, Any]) -> rdflib.URIRef:
    return rdflib.URIRef(f"{ROOT}releases/{manifest['id']}")


def conforms(graph: rdflib.Graph) -> tuple[bool, str]:
    found, _, text = pyshacl.validate(graph, shacl_graph=SHAPES, inference="none")
    return bool(found), str(text)


def copy(graph: rdflib.Graph) -> rdflib.Graph:
    return rdflib.Graph() + graph


# -- DCAT-AP


@pytest.mark.parametrize("previous", [None, BEFORE])
def test_it_conforms_to_the_base_of_dcat_ap(manifest: dict[str, Any], previous: str | None) -> None:
    found, text = conforms(in_rdflib(catalogue(manifest, previous=previous, sources=SOURCES)))
    assert found, text


def rules(kind: rdflib.URIRef) -> list[tuple[rdflib.URIRef, rdflib.URIRef]]:
    """(class, property) of every rule of this kind."""
    pairs = {
        (target, SHAPES.value(rule, SH.path))
        for shape, target in SHAPES.subject_objects(SH.targetClass)
        for rule in SHAPES.objects(shape, SH.property)
        if SHAPES.value(rule, kind) is not None
    }
    return sorted(pairs)


@pytest.mark.parametrize(("target", "path"), rules(SH.minCount), ids=lambda term: re.split("[#/]", term)[-1])
def test_a_mandatory_property_is_there_and_is_missed(graph, target, path) -> None:
    changed = copy(graph)
    node = min(changed.subjects(RDF.type, target))
    assert (node, path, None) in changed
    changed.remove((node, path, None))
    assert not conforms(changed)[0]


@pytest.mark.parametrize(
    ("target", "path", "value"),
    [
        (DCAT.Distribution, DCAT.byteSize, rdflib.Literal(7)),
        (DCAT.Distribution, DCAT.accessURL, rdflib.Literal("https://example.org/")),
        (DCAT.Distribution, DCAT.mediaType, rdflib.Literal("text/turtle")),
        (DCAT.Distribution, DCTERMS.format, rdflib.URIRef("https://example.org/")),
        (DCAT.Distribution, DCTERMS.license, rdflib.URIRef("https://example.org/")),
        (DCAT.Distribution, SPDX.checksum, rdflib.Literal("abab")),
        (SPDX.Checksum, SPDX.algorithm, rdflib.Literal("SHA-256")),
        (SPDX.Checksum, SPDX.checksumValue, rdflib.Literal("abab")),
        (DCAT.Dataset, DCTERMS.issued, rdflib.Literal("2026")),
        (DCAT.Dataset, DCTERMS.publisher, rdflib.Literal("somebody")),
        (DCAT.Dataset, DCTERMS.accrualPeriodicity, rdflib.Literal("monthly")),
        (DCAT.Dataset, DCTERMS.language, rdflib.Literal("de")),
        (DCAT.Dataset, DCAT.theme, rdflib.Literal("society")),
        (DCAT.Dataset, DCAT.keyword, rdflib.URIRef("https://example.org/")),
        (DCAT.Dataset, DCAT.inSeries, rdflib.URIRef("https://example.org/")),
        (DCAT.Catalog, DCTERMS.license, rdflib.URIRef("https://example.org/")),
        (DCAT.DataService, DCAT.endpointURL, rdflib.Literal("https://example.org/")),
    ],
    ids=lambda term: re.split("[#/]", term)[-1] or "value",
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_found(graph, target, path, value) -> None:
    changed = copy(graph)
    changed.set((min(changed.subjects(RDF.type, target)), path, value))
    assert not conforms(changed)[0]


def test_publisher_licence_languages_and_dates(graph, manifest, release) -> None:
    publisher = graph.value(release, DCTERMS.publisher)
    assert str(graph.value(publisher, FOAF.name)) == "The integgraph contributors"
    assert (publisher, RDF.type, FOAF.Agent) in graph and not list(graph.subjects(RDF.type, FOAF.Person))
    assert str(graph.value(release, DCTERMS.license)) == manifest["licence"]
    created = rdflib.Literal(manifest["created"], datatype=XSD.dateTime)
    assert graph.value(release, DCTERMS.issued) == graph.value(release, DCTERMS.modified) == created
    for node in graph.subjects(RDF.type, DCAT.Dataset):
        for predicate in (DCTERMS.title, DCTERMS.description):
            assert sorted(text.language for text in graph.objects(node, predicate)) == ["de", "en"]


def test_a_distribution_for_each_part_that_people_download(graph, manifest, release) -> None:
    offered = {}
    for node in graph.objects(release, DCAT.distribution):
        url = str(graph.value(node, DCAT.downloadURL))
        assert str(graph.value(node, DCAT.accessURL)) == url
        name = url.removeprefix(f"{release}/")
        part = manifest["parts"][name]
        assert graph.value(node, DCAT.byteSize).toPython() == part["bytes"]
        checksum = graph.value(node, SPDX.checksum)
        assert graph.value(checksum, SPDX.checksumValue).toPython().hex() == part["sha256"]
        assert graph.value(checksum, SPDX.algorithm) == SPDX.checksumAlgorithm_sha256
        offered[name] = [
            str(graph.value(node, term)).partition("media-types/")[2] or str(graph.value(node, term)).rpartition("/")[2]
            for term in (DCAT.mediaType, DCTERMS["format"])
        ]
    assert {name: offered.get(name) for name in ("dump.nq", "shapes.ttl", "context.jsonld", "tables/networks.parquet")} == {
        "dump.nq": ["application/n-quads", "RDF_N_QUADS"],
        "shapes.ttl": ["text/turtle", "RDF_TURTLE"],
        "context.jsonld": ["application/ld+json", "JSON_LD"],
        "tables/networks.parquet": ["application/vnd.apache.parquet", "PARQUET"],
    }  # fmt: skip
    assert not {"search.sqlite", "validation.json", "store"} & set(offered)


def test_release_and_predecessor_stand_in_one_series(graph, manifest, release) -> None:
    series, before = rdflib.URIRef(ROOT + "releases"), rdflib.URIRef(f"{ROOT}releases/{BEFORE}")
    assert set(graph.subjects(DCAT.inSeries, series)) == {release, before}
    assert graph.value(series, DCAT.hasVersion) == release
    for predicate in (DCAT.prev, DCAT.previousVersion, OWL.priorVersion):
        assert list(graph.objects(release, predicate)) == [before]
    assert str(graph.value(release, DCAT.version)) == manifest["id"]
    assert graph.value(release, OWL.versionIRI) == release
    first = in_rdflib(catalogue(manifest, previous=None))
    assert set(first.subjects(DCAT.inSeries)) == {release}
    assert not {DCAT.prev, DCAT.previousVersion, OWL.priorVersion} & set(first.predicates())


def test_standards_are_the_versions_that_the_ontology_publishes(graph, release, ontology) -> None:
    published = {
        str(triple.object.value) for triple in ontology.triples if triple.predicate.value == str(OWL.versionIRI)
    }
    assert {str(each) for each in graph.objects(release, DCTERMS.conformsTo)} == published


def test_sources_are_named(graph, release) -> None:
    assert {str(each) for each in graph.objects(release, PROV.wasDerivedFrom)} == {each["iri"] for each in SOURCES}
    assert str(graph.value(rdflib.URIRef("https://example.org/b"), DCTERMS.title)) == "A report"


def test_the_service_is_at_the_root_of_the_graph(graph, release) -> None:
    service = graph.value(predicate=DCAT.servesDataset, object=release)
    assert (
        str(graph.value(service, DCAT.endpointURL)) == str(graph.value(release, VOID.sparqlEndpoint)) == ROOT + "sparql"
    )


@pytest.mark.parametrize(
    ("base", "root"),
    [("https://example.org/kg/id/", "https://example.org/kg/"), ("https://example.org/kg/", "https://example.org/kg/")],
)
def test_everything_lies_under_the_root_of_the_base_iri(manifest: dict[str, Any], base: str, root: str) -> None:
    graph = in_rdflib(catalogue(manifest | {"base_iri": base}, previous=None))
    dataset = graph.value(predicate=RDF.type, object=DCAT.Dataset)
    assert str(dataset) == f"{root}releases/{manifest['id']}"
    assert str(graph.value(dataset, VOID.uriSpace)) == base
    assert conforms(graph)[0]


# -- figures


def test_the_manifest_says_what_sparql_counts(golden: Built, figures: dict[str, Any], manifest: dict[str, Any]) -> None:
    said, view = manifest["statistics"], manifest["statistics"]["view"]
    named = ("profile_graphs", "profile_triples", "measurement_triples")
    assert {name: said[name] for name in named} == {name: figures[name] for name in named}
    assert {name: view[name] for name in ("triples", "classes", "properties")} == figures["view"]
    assert said["profile_graphs"] == golden.release.manifest["counts"]["profiles"]


def partitions(graph: rdflib.Graph, node: rdflib.URIRef, kind: str, figure: str) -> Mapping[str, int]:
    found = [
        (str(graph.value(part, VOID[kind])), graph.value(part, VOID[figure]).toPython())
        for part in graph.objects(node, VOID[f"{kind}Partition"])
    ]
    assert len(dict(found)) == len(found)
    return dict(found)


def test_the_figures_are_those_that_sparql_counts(graph, figures, release) -> None:
    view, profiles, measured = (rdflib.URIRef(f"{release}#{name}") for name in ("view", "profiles", "measurements"))
    assert set(graph.objects(release, VOID.subset)) == {view, profiles, measured}
    assert partitions(graph, view, "class", "entities") == figures["view"]["classes"]
    assert partitions(graph, view, "property", "triples") == figures["view"]["properties"]
    assert graph.value(view, VOID.classes).toPython() == len(figures["view"]["classes"])
    assert graph.value(view, VOID.properties).toPython() == len(figures["view"]["properties"])
    assert graph.value(view, VOID.triples).toPython() == figures["view"]["triples"]
    assert graph.value(profiles, VOID.triples).toPython() == figures["profile_triples"]
    assert graph.value(measured, VOID.triples).toPython() == figures["measurement_triples"] > 0
    assert str(graph.value(measured, VOID.rootResource)) == MEASUREMENTS
    assert str(graph.value(measured, PROV.wasDerivedFrom)) == str(view)
    triples = figures["view"]["triples"] + figures["profile_triples"] + figures["measurement_triples"]
    assert graph.value(release, VOID.triples).toPython() == triples
    text = next(str(text) for text in graph.objects(profiles, DCTERMS.description) if text.language == "en")
    assert text.startswith(f"{figures['profile_graphs']} named graphs")


def test_the_number_of_entities_is_stated_where_the_manifest_has_it(manifest: dict[str, Any], release) -> None:
    statistics = manifest["statistics"]
    changed = manifest | {"statistics": statistics | {"view": statistics["view"] | {"entities": 42}}}
    view = rdflib.URIRef(f"{release}#view")
    assert in_rdflib(catalogue(changed, previous=None)).value(view, VOID.entities).toPython() == 42


def test_vocabularies_are_those_of_the_terms_that_are_used(graph, figures, release) -> None:
    named = {str(each) for each in graph.objects(release, VOID.vocabulary)}
    terms = [*figures["view"]["classes"], *figures["view"]["properties"]]
    assert ROOT + "ontology" in named and str(SKOS) in named
    assert all(any(term.startswith(vocabulary) for vocabulary in named) for term in terms)
    assert all(any(term.startswith(vocabulary) for term in terms) for vocabulary in named)


# -- form


def test_every_term_is_on_the_list_of_its_vocabulary(graph) -> None:
    used = set(graph.predicates()) | set(graph.objects(None, RDF.type)) | set(graph.objects(None, SPDX.algorithm))
    used |= {value.datatype for value in graph.objects() if isinstance(value, rdflib.Literal) and value.datatype}
    assert {str(term) for term in used if not listed(term)} == set()
    assert {str(namespace) for namespace in PREFIXES.values()} - set(LISTS) == set()


def test_it_is_sorted_has_no_blank_nodes_and_never_varies(manifest: dict[str, Any]) -> None:
    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: turned(each) for key, each in reversed(value.items())}
        return value

    first = catalogue(manifest, previous=BEFORE, sources=SOURCES)
    assert first == catalogue(turned(manifest), previous=BEFORE, sources=[*reversed(SOURCES), SOURCES[0]])
    assert first == sorted(set(first), key=str)
    assert not any(isinstance(term, ox.BlankNode) for triple in first for term in (triple.subject, triple.object))


@pytest.mark.parametrize(
    "change", [{"licence": "CC BY 4.0"}, {"base_iri": "no iri/"}], ids=["licence", "base"]
)  # fmt: skip
def test_what_is_no_iri_is_named_in_plain_words(manifest: dict[str, Any], change: dict[str, str]) -> None:
    with pytest.raises(ReleaseError, match=r"catalogue .* is not an IRI"):
        catalogue(manifest | change, previous=None)


def test_a_source_that_is_no_iri_is_named(manifest: dict[str, Any]) -> None:
    with pytest.raises(ReleaseError, match="'a report' is not an IRI"):
        catalogue(manifest, previous=None, sources=[{"iri": "a report"}])


# -- links to other collections


def test_each_linkset_says_what_it_links_by_what_and_how_often(manifest: dict[str, Any], release) -> None:
    sets = [
        {"name": "NUTS", "space": "http://data.europa.eu/nuts/code/", "predicate": str(OWL.sameAs), "triples": 211},
        {"name": "v.example", "space": "https://v.example/", "predicate": str(SKOS.closeMatch), "triples": 1},
    ]
    graph = in_rdflib(catalogue(manifest | {"statistics": manifest["statistics"] | {"linksets": sets}}, previous=None))
    view = rdflib.URIRef(f"{release}#view")
    found = {}
    for links in graph.subjects(RDF.type, VOID.Linkset):
        assert graph.value(links, VOID.subjectsTarget) == view
        assert (view, VOID.subset, links) in graph
        space = str(graph.value(graph.value(links, VOID.objectsTarget), VOID.uriSpace))
        found[space, str(graph.value(links, VOID.linkPredicate))] = graph.value(links, VOID.triples).toPython()
    assert found == {(each["space"], each["predicate"]): each["triples"] for each in sets}
    assert conforms(graph)[0]
    used = set(graph.predicates()) | set(graph.objects(None, RDF.type))
    assert {str(term) for term in used if not listed(term)} == set()
