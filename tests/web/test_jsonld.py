"""JSON-LD documents: nested by the thing they are about, in the words of the context, and losing nothing."""

from __future__ import annotations

import json
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib

from integgraph import resources
from integgraph.build import Built
from integgraph.ontology import VOCABULARY, Ontology
from integgraph.resources import Entry, Page, Part, Section, Text, Value
from integgraph.web.jsonld import data_block, frame, organization

E = "https://e.example/"
CONTEXT: dict[str, Any] = {
    "@version": 1.1,
    "id": "@id",
    "type": "@type",
    "e": E,
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "label": {"@id": E + "label", "@container": "@language"},
    "size": {"@id": "e:size", "@type": "xsd:integer"},
    "open": {"@id": E + "open", "@type": "http://www.w3.org/2001/XMLSchema#boolean"},
    "code": {"@id": E + "code"},
    "links": {"@id": E + "link", "@type": "@id", "@container": "@set"},
    "sources": {
        "@id": E + "source",
        "@type": "@id",
        "@context": {"id": {"@id": E + "code"}, "label": {"@id": E + "title", "@container": "@language"}},
    },
}


def triples(turtle: str) -> list[ox.Triple]:
    text = f"@prefix e: <{E}> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . {turtle}"
    return [quad.triple for quad in ox.parse(text.encode(), format=ox.RdfFormat.TURTLE)]


def read_back(document: dict[str, Any], context: Any) -> set[str]:
    text = json.dumps({"@context": context, **document}).encode()
    return {str(quad.triple) for quad in ox.parse(text, format=ox.RdfFormat.JSON_LD)}


def framed(turtle: str) -> dict[str, Any]:
    """The document, after a look that it gives back what it was made of."""
    said = triples(turtle)
    document = frame(said, E + "a", CONTEXT)
    assert read_back(document, CONTEXT) == {str(triple) for triple in said}
    assert frame(reversed(said), E + "a", CONTEXT) == document
    return document


@pytest.mark.parametrize(
    ("turtle", "expected"),
    [
        ('e:a a e:T ; e:label "A"@de, "B"@en, "C"@en .', {"type": "e:T", "label": {"de": "A", "en": ["B", "C"]}}),
        ("e:a e:size 3 ; e:open true .", {"size": 3, "open": True}),
        ('e:a e:size "03"^^xsd:integer .', {"size": "03"}),
        ("e:a e:size 3.5 .", {"e:size": {"@value": "3.5", "@type": "xsd:decimal"}}),
        ('e:a e:label "no language" .', {"e:label": "no language"}),
        ('e:a e:code "x", "y"@de .', {"code": "x", "e:code": {"@value": "y", "@language": "de"}}),
        ("e:a e:link e:b .", {"links": [E + "b"]}),
        ("e:a e:other e:b, e:c .", {"e:other": [{"id": E + "b"}, {"id": E + "c"}]}),
        ('e:a e:link e:b . e:b e:label "B"@de .', {"links": [{"id": E + "b", "label": {"de": "B"}}]}),
        ("e:a e:link e:a .", {"links": [E + "a"]}),
        ("e:a <urn:x:p> 1 .", {"urn:x:p": {"@value": "1", "@type": "xsd:integer"}}),
        # below this term "id" is a field, so the keyword is written out; and "label" is another property
        (
            'e:a e:source e:s . e:s e:code "s1" ; e:title "T"@en ; e:label "L"@en .',
            {
                "sources": {
                    "@id": E + "s",
                    "id": "s1",
                    "label": {"en": "T"},
                    "e:label": {"@value": "L", "@language": "en"},
                }
            },
        ),
        # what points at the thing stands under it, and what stands nowhere is not lost
        ('e:x e:about e:a ; e:label "X"@de .', {"@reverse": {"e:about": [{"id": E + "x", "label": {"de": "X"}}]}}),
        ("e:a e:link e:b . e:x e:about e:b .",
         {"links": [E + "b"], "@included": [{"id": E + "x", "e:about": {"id": E + "b"}}]}),
        ("e:a e:link e:b . e:b e:size 1 . e:x e:about e:b .",
         {"links": [{"id": E + "b", "size": 1, "@reverse": {"e:about": [{"id": E + "x"}]}}]}),
    ],
)  # fmt: skip
def test_a_document_is_nested_and_gives_back_what_it_was_made_of(turtle: str, expected: dict[str, Any]) -> None:
    assert framed(turtle) == {"id": E + "a", **expected}


def test_every_thing_of_a_release_survives_the_way_there_and_back(golden: Built) -> None:
    store = golden.release.store()
    context = json.loads((golden.release.path / "context.jsonld").read_bytes())["@context"]
    rows = store.select(f'SELECT DISTINCT ?x {{ ?x a ?c FILTER(STRSTARTS(STR(?x), "{golden.release.base_iri}")) }}')
    for thing in map(str, rows.column("x")):
        said = resources.describe(store, thing)
        assert read_back(frame(said, thing, context), context) == {str(triple) for triple in said}, thing


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # rdflib's own
def test_rdflib_reads_the_same(collection: Built) -> None:
    store = collection.release.store()
    context = json.loads((collection.release.path / "context.jsonld").read_bytes())["@context"]
    rows = store.select("SELECT ?x { ?x a ig:Network } ORDER BY ?x LIMIT 12")
    for thing in map(str, rows.column("x")):
        said = resources.describe(store, thing)
        document = json.dumps({"@context": context, **frame(said, thing, context)}).encode()
        found = rdflib.Graph().parse(data=document, format="json-ld")
        lines = "".join(f"{triple} .\n" for triple in said).encode()
        assert set(found) == set(rdflib.Graph().parse(data=lines, format="nt")), thing


def test_statements_stand_in_the_order_of_their_list(ontology: Ontology, golden: Built) -> None:
    context = json.loads((golden.release.path / "context.jsonld").read_bytes())["@context"]
    thing = golden.release.base_iri + "network/alpha"
    document = frame(resources.describe(golden.release.store(), thing), thing, context)
    assert [each["ig:position"]["@value"] for each in document["members"]] == ["1", "2", "3"]
    keys = [each.key for each in ontology.form.fields]
    shown = [key for key in document if key in keys]
    assert shown == sorted(shown, key=keys.index)


@pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", "<!--", "a & b", "\u2028"])
def test_no_text_ends_a_data_block(text: str) -> None:
    block = data_block({"name": text})
    assert not set("<>&\u2028") & set(block)
    assert json.loads(block) == {"name": text}


def network(**entries: tuple[Value, ...]) -> Page:
    told = tuple(Entry(key, values, key=key) for key, values in entries.items())
    return Page(E + "n", "network", Text("N"), (Section("", told),))


def test_only_what_schema_org_can_say_is_said(ontology: Ontology) -> None:
    supporter = Value("S", iri=VOCABULARY + "role/supporter")
    found = organization(
        network(
            founded=(Value("2015~"),),
            websites=(Value("W", iri="https://w.example/"), Value("javascript:alert(1)")),
            members=(
                Value("A", iri=E + "a"),
                Value("A name alone"),
                Value("B", iri=E + "b", parts=(Part("Roles", (supporter,), "roles"),)),
                Value("Volunteers", iri=E + "group/volunteers"),
            ),
            area=(Value("X", iri=E + "x"), Value("Y", iri=E + "y")),
        ),
        ontology,
    )
    assert "foundingDate" not in found
    assert found["url"] == "https://w.example/"
    assert found["member"] == [
        {"@type": "Organization", "name": "A", "@id": E + "a"},
        {"@type": "Organization", "name": "A name alone"},
    ]
    assert [each["name"] for each in found["areaServed"]] == ["X", "Y"]
