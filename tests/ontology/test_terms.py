"""The terms: every one that is used is declared and explained, and every one of other people exists."""

import re
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import DCTERMS, OWL, RDF, RDFS, SH, SKOS, XSD

import integgraph
from integgraph import ontology as module
from integgraph.ontology import IG, PREFIXES, Ontology

ROOT = Path(__file__).parents[2]
TURTLE = sorted((ROOT / "ontology").rglob("*.ttl"))
QUERIES = sorted([*(ROOT / "ontology").rglob("*.rq"), *(ROOT / "src").rglob("*.rq")])
CODE = sorted((ROOT / "src").rglob("*.py"))
TEXTS = sorted(
    file
    for folder in ("src", "docs")
    for suffix in ("*.html", "*.jinja", "*.j2", "*.md", "*.js", "*.ttl", "*.xml")
    for file in (ROOT / folder).rglob(suffix)
)
OURS = "https://w3id.org/integgraph/"
TERM_TYPES = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)


def together(*files: Path) -> rdflib.Graph:
    graph = rdflib.Graph()
    for file in files:
        graph.parse(file)
    return graph


GRAPH = together(*TURTLE)
TERMS = sorted({term for kind in TERM_TYPES for term in GRAPH.subjects(RDF.type, kind)})
PROPERTIES = [term for term in TERMS if (term, RDF.type, OWL.Class) not in GRAPH]


def lists() -> dict[str, set[str]]:
    """Namespace → terms, from the lists beside this test."""
    found = {}
    for file in (Path(__file__).parent / "terms").glob("*.txt"):
        first, *names = file.read_text().splitlines()
        mark, namespace, specification = first.split()
        assert mark == "#" and specification.startswith("http"), file.name
        found[namespace] = {name for name in names if name}
    return found


LISTS = lists()


def unknown(iri: str) -> bool:
    """Whether an IRI lies in a listed namespace, but not in its list."""
    namespace = next((namespace for namespace in LISTS if iri.startswith(namespace)), None)
    return namespace is not None and iri.removeprefix(namespace) not in LISTS[namespace]


def listed(iri: str) -> bool:
    return any(iri.startswith(namespace) for namespace in LISTS) and not unknown(iri)


# -- ours


@pytest.mark.parametrize("file", TURTLE, ids=lambda file: file.name)
def test_every_file_parses_in_both_engines(file):
    assert len(together(file)) == sum(1 for _ in ox.parse(file.read_bytes(), format=ox.RdfFormat.TURTLE)) > 0


@pytest.mark.parametrize("file", [*TURTLE, *QUERIES, *CODE, *TEXTS], ids=lambda file: str(file.relative_to(ROOT)))
def test_every_term_of_ours_that_a_file_uses_is_declared(file):
    text = file.read_text()
    used = set(re.findall(r"\big:([A-Za-z][\w-]*\w)", text)) | set(re.findall(r"\bIG \+ f?\"([A-Za-z][\w-]*)\"", text))
    used |= set(re.findall(re.escape(IG) + r"([A-Za-z][\w-]*)", text))
    declared = {str(term).removeprefix(IG) for term in GRAPH.subjects(RDF.type) if str(term).startswith(IG)}
    assert used - declared == set()


def test_every_subject_and_property_of_ours_is_declared():
    for subject, predicate, value in GRAPH:
        for term in (subject, predicate, value):
            if isinstance(term, rdflib.URIRef) and term.startswith(IG):
                assert (term, RDF.type, None) in GRAPH, term


@pytest.mark.parametrize("term", TERMS, ids=lambda term: str(term).removeprefix(IG))
def test_a_term_is_labelled_defined_and_illustrated(term):
    assert term.startswith(IG)
    for predicate in (RDFS.label, SKOS.definition):
        assert sorted(text.language for text in GRAPH.objects(term, predicate)) == ["de", "en"], predicate
        assert all(str(text).strip() == str(text) != "" for text in GRAPH.objects(term, predicate))
    assert list(GRAPH.objects(term, SKOS.example))
    assert list(GRAPH.objects(term, DCTERMS.source))
    assert list(GRAPH.objects(term, RDFS.isDefinedBy)) == [rdflib.URIRef(OURS + "ontology")]


def test_no_two_terms_of_one_kind_share_a_label():
    for terms in (PROPERTIES, [term for term in TERMS if term not in PROPERTIES]):
        for language in ("en", "de"):
            found = [
                str(text) for term in terms for text in GRAPH.objects(term, RDFS.label) if text.language == language
            ]
            assert sorted({label for label in found if found.count(label) > 1}) == []


def test_classes_begin_with_a_capital_and_properties_do_not():
    for term in TERMS:
        assert str(term).removeprefix(IG)[0].isupper() == (term not in PROPERTIES)


def test_version_and_version_iri_move_together():
    versions = {str(version) for version in GRAPH.objects(None, OWL.versionInfo)}
    assert versions == {integgraph.__version__} == {Ontology.load().version}
    assert {str(version) for version in GRAPH.objects(None, OWL.versionIRI)} == {
        f"{OURS}ontology/{integgraph.__version__}",
        f"{OURS}shapes/{integgraph.__version__}",
    }


# -- theirs


def test_nothing_is_said_about_a_term_of_somebody_else():
    assert {
        subject for subject in GRAPH.subjects() if isinstance(subject, rdflib.URIRef) and OURS not in subject
    } == set()


@pytest.mark.parametrize("file", TURTLE, ids=lambda file: file.name)
def test_every_term_of_somebody_else_exists(file):
    graph = together(file)
    used = {term for triple in graph for term in triple if isinstance(term, rdflib.URIRef)}
    used |= {value.datatype for value in graph.objects() if isinstance(value, rdflib.Literal) and value.datatype}
    assert {str(term) for term in used if unknown(term)} == set()


def test_what_stands_where_only_a_term_may_stand_is_ours_or_listed():
    terms = set(GRAPH.predicates())
    places = (RDF.type, RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, OWL.disjointWith, OWL.inverseOf)
    for predicate in (*places, SH.path, SH["class"], SH.datatype, SH.targetClass, SH.nodeKind, SH.lessThanOrEquals):
        terms |= {term for term in GRAPH.objects(None, predicate) if isinstance(term, rdflib.URIRef)}
    assert {str(term) for term in terms if not term.startswith(OURS) and not listed(term)} == set()


@pytest.mark.parametrize("file", QUERIES, ids=lambda file: file.name)
def test_every_term_of_somebody_else_in_a_query_exists(file):
    text = file.read_text()
    prefixes = dict(PREFIXES) | dict(re.findall(r"(?i)^\s*PREFIX\s+([\w-]*):\s*<([^>]*)>", text, re.MULTILINE))
    code = re.sub(r"#[^\n]*|\"[^\"\n]*\"|<[^>\s]*>", " ", text)
    for prefix, name in re.findall(r"(?<![\w?$:@])([a-z][\w-]*):([A-Za-z][\w-]*)", code):
        assert prefix in prefixes, f"{prefix}:{name} has no prefix"
        assert not unknown(prefixes[prefix] + name), f"{prefix}:{name}"


def test_every_term_of_somebody_else_in_the_code_exists():
    names = {name: value for name, value in vars(module).items() if name.isupper() and str(value).endswith(("#", "/"))}
    for file in CODE:
        for name, term in re.findall(r"\b([A-Z]+) \+ \"([A-Za-z]\w*)\"", file.read_text()):
            if name in names:
                assert not unknown(names[name] + term), f"{file.name}: {name} {term}"


def test_every_prefix_of_the_code_is_ours_or_listed():
    assert {
        prefix for prefix, namespace in PREFIXES.items() if OURS not in namespace and namespace not in LISTS
    } == set()


@pytest.mark.parametrize(("relation", "kind"), [(RDFS.subClassOf, OWL.Class), (RDFS.subPropertyOf, None)])
def test_alignments_lead_to_terms_that_exist(relation, kind):
    found = list(GRAPH.subject_objects(relation))
    assert found
    for term, broader in found:
        assert term in TERMS and (kind is None) == (term in PROPERTIES)
        inverse = GRAPH.value(broader, OWL.inverseOf) if isinstance(broader, rdflib.BNode) else None
        assert broader in TERMS or listed(inverse or broader), broader


def test_matches_are_for_concepts_only():
    for predicate in (SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch):
        for subject in GRAPH.subjects(predicate):
            assert (subject, RDF.type, SKOS.Concept) in GRAPH, subject


# -- derived


def derived() -> set[str]:
    return {
        str(term)
        for term in GRAPH.subjects(rdflib.URIRef(IG + "derived"), rdflib.Literal("true", datatype=XSD.boolean))
    }


def test_nobody_can_state_what_is_derived():
    form = Ontology.load().form
    parts = [part for shape in form.shapes.values() for part in shape.parts]
    assert {each.path for each in (*form.fields, *parts)} & derived() == set()


def test_bounds_of_dates_are_marked_as_derived():
    bounds = Ontology.load().bounds
    ours = {iri for found in bounds.values() for iri in found if iri and iri.startswith(IG)}
    assert ours - derived() == set()


def test_shortcuts_of_the_view_are_marked_as_derived():
    text = (ROOT / "src/integgraph/ingest/view.py").read_text()
    shortcuts = {IG + name for name in re.findall(r"\bstate\([^\n]*?\bIG \+ \"(\w+)\"", text)}
    assert IG + "coordinatedBy" in shortcuts
    assert shortcuts - derived() == set()
