"""The vocabularies: every concept is labelled, defined, in its place and unmistakable."""

from pathlib import Path
from typing import Any

import pytest
import rdflib
import yaml
from rdflib import DCTERMS, RDF, SKOS

from integgraph.ingest.record import REASONS
from integgraph.ontology import IG, UNCLASSIFIED, VOCABULARY, Ontology, normalise_label

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "ontology" / "vocabularies").glob("*.ttl"))
ONTOLOGY = Ontology.load()
SCHEMES = sorted(ONTOLOGY.schemes)
NETWORKS = ROOT.parent / "shared" / "data" / "networks"


def graph(name: str) -> rdflib.Graph:
    return rdflib.Graph().parse(ROOT / "ontology" / "vocabularies" / f"{name}.ttl")


def languages(found: rdflib.Graph, subject: Any, predicate: Any) -> list[str]:
    return sorted(text.language or "" for text in found.objects(subject, predicate))


def test_every_file_holds_one_scheme_of_its_name():
    assert [file.stem for file in FILES] == SCHEMES
    for name in SCHEMES:
        assert [str(scheme) for scheme in graph(name).subjects(RDF.type, SKOS.ConceptScheme)] == [VOCABULARY + name]


@pytest.mark.parametrize("name", SCHEMES)
def test_a_scheme_is_titled_described_and_licensed(name):
    found, scheme = graph(name), rdflib.URIRef(VOCABULARY + name)
    for predicate in (SKOS.prefLabel, DCTERMS.title, DCTERMS.description):
        assert languages(found, scheme, predicate) == ["de", "en"]
    assert len(list(found.objects(scheme, DCTERMS.license))) == 1


@pytest.mark.parametrize("name", SCHEMES)
def test_a_concept_has_one_label_and_one_definition_a_language(name):
    found = graph(name)
    concepts = list(found.subjects(RDF.type, SKOS.Concept))
    assert {str(concept) for concept in concepts} == {each.iri for each in ONTOLOGY.scheme(name).concepts.values()}
    for concept in concepts:
        assert concept.startswith(f"{VOCABULARY}{name}/")
        assert list(found.objects(concept, SKOS.inScheme)) == [rdflib.URIRef(VOCABULARY + name)]
        assert languages(found, concept, SKOS.prefLabel) == ["de", "en"], concept
        assert languages(found, concept, SKOS.definition) == ["de", "en"], concept
        for predicate in (SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel, SKOS.definition):
            for text in found.objects(concept, predicate):
                assert text.language and str(text).strip() == str(text) != "", concept


@pytest.mark.parametrize("name", SCHEMES)
def test_a_concept_is_at_the_top_or_below_another_and_both_ends_say_so(name):
    found, scheme = graph(name), rdflib.URIRef(VOCABULARY + name)
    concepts = set(found.subjects(RDF.type, SKOS.Concept))
    top = set(found.objects(scheme, SKOS.hasTopConcept))
    assert top == set(found.subjects(SKOS.topConceptOf, scheme))
    broader, narrower = set(found.subject_objects(SKOS.broader)), set(found.subject_objects(SKOS.narrower))
    assert {(b, a) for a, b in broader} == narrower
    below = {concept for concept, _ in broader}
    assert below | top == concepts and not below & top
    assert len(broader) == len(below), "a concept has two broader ones"
    assert {end for pair in broader for end in pair} <= concepts


@pytest.mark.parametrize("name", SCHEMES)
def test_broader_concepts_make_no_circle(name):
    concepts = ONTOLOGY.scheme(name).concepts
    for concept in concepts.values():
        seen = []
        step = concept
        while step.broader:
            assert step.id not in seen, concept.id
            seen.append(step.id)
            step = concepts[step.broader]


@pytest.mark.parametrize("name", SCHEMES)
def test_no_label_belongs_to_two_concepts(name):
    owners: dict[str, str] = {}
    for concept in ONTOLOGY.scheme(name).concepts.values():
        for label in (*concept.labels.values(), *concept.others):
            assert owners.setdefault(normalise_label(label), concept.id) == concept.id, label
    for concept in ONTOLOGY.scheme(name).concepts.values():
        assert owners.get(normalise_label(concept.id), concept.id) == concept.id


def test_members_of_a_collection_are_concepts_of_its_scheme():
    for scheme in ONTOLOGY.schemes.values():
        for members in scheme.collections.values():
            assert members and members <= set(scheme.concepts)


# -- single schemes


def test_there_are_exactly_six_reasons_of_absence_each_with_its_weight():
    found = graph("absence")
    roles = {
        str(concept).rpartition("/")[2]: [
            str(role) for role in found.objects(concept, rdflib.URIRef(IG + "completenessRole"))
        ]
        for concept in found.subjects(RDF.type, SKOS.Concept)
    }
    assert roles == {
        "stated-none": ["answer"],
        "not-stated": ["gap"],
        "not-recorded": ["gap"],
        "unreadable": ["gap"],
        "withheld": ["excluded"],
        "not-asked": ["excluded"],
    }
    assert set(REASONS) == set(roles)


def test_there_are_exactly_four_degrees_of_formalisation():
    scheme = ONTOLOGY.scheme("formalisation")
    degrees = ["informal", "soft-agreements", "written-agreement", "legal-entity"]
    assert sorted(set(scheme.concepts) - {UNCLASSIFIED}) == sorted(degrees)
    found = graph("formalisation")
    for order in found.subjects(RDF.type, SKOS.OrderedCollection):
        (head,) = found.objects(order, SKOS.memberList)
        assert [str(item).rpartition("/")[2] for item in found.items(head)] == degrees


def test_every_target_group_is_served_or_worked_with_and_not_both():
    scheme = ONTOLOGY.scheme("target-group")
    one, other = scheme.collections.values()
    assert one | other == set(scheme.concepts) - {UNCLASSIFIED}
    assert one & other == set()
    served = next(members for members in (one, other) if "refugees" in members)
    assert "migrants" in served and "companies" not in served


def test_every_role_says_whether_it_counts():
    roles = ONTOLOGY.scheme("role").concepts
    assert {role.id for role in roles.values() if role.counts_as_member is None} == set()
    assert roles["member"].counts_as_member and roles["founding-member"].counts_as_member
    assert not any(
        roles[name].counts_as_member for name in ("guest", "supporter", "signatory", "quoted-body", "funder-only")
    )


def test_other_concepts_say_nothing_about_counting():
    for scheme in ONTOLOGY.schemes.values():
        if scheme.id != "role":
            assert all(concept.counts_as_member is None for concept in scheme.concepts.values())


def test_every_kind_of_finding_has_its_property():
    assert set(ONTOLOGY.finding_kinds.values()) == {
        each.iri for each in ONTOLOGY.scheme("finding-kind").concepts.values()
    }


# -- nothing that was read is lost

CARRIED = {
    "fields": "fields_of_action",
    "target_groups": "target_groups",
    "network_type": "network_type",
    "activities_internal": "internal_practices",
    "activities_external": "external_practices",
}


def words(value: Any) -> list[str]:
    """Every text inside a value."""
    if isinstance(value, dict):
        return [text for one in value.values() for text in words(one)]
    if isinstance(value, list):
        return [text for one in value for text in words(one)]
    return [] if value is None else [" ".join(str(value).split())]


def lost(network: dict[str, Any], records: list[dict[str, Any]]) -> list[str]:
    """Wordings of a network file that stand in the same field of none of its records."""
    missing = []
    for key, field in CARRIED.items():
        kept = {text for record in records for text in words(record.get(field))}
        missing += [f"{key}: {text}" for text in words(network.get(key)) if text not in kept]
    return missing


def test_a_lost_wording_is_noticed():
    records = [{"fields_of_action": ["housing", {"concept": "health", "wording": {"en": "going to the  doctor"}}]}]
    assert lost({"fields": ["housing", "going to the doctor"]}, records) == []
    assert lost({"fields": ["housing", "dancing"], "target_groups": "housing"}, records) == [
        "fields: dancing",
        "target_groups: housing",
    ]


@pytest.mark.shared
def test_every_wording_of_the_network_files_stands_in_its_record():
    records = ROOT / "data" / "profiles"
    by_id: dict[str, list[Any]] = {}
    for file in records.glob("*.yaml"):
        record = yaml.load(file.read_text(), yaml.BaseLoader)  # noqa: S506 - builds nothing but texts
        by_id.setdefault(record["id"], []).append(record)
    found = []
    for file in sorted(NETWORKS.glob("*.yaml")):
        network = yaml.load(file.read_text(), yaml.BaseLoader)  # noqa: S506
        found += [f"{file.name}: {text}" for text in lost(network, by_id.get(network["id"], []))]
    assert found == []
