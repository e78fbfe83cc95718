"""Every rule of the form holds for a made-up network and breaks when, and only when, it should.

``conforming.ttl`` keeps every rule; ``examples.yaml`` lists what to change in it to break each of them.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import rdflib
import yaml
from rdflib import RDF, SKOS

from integgraph.ingest.validation import Result, validate_graph
from integgraph.ontology import IG, SH, VOCABULARY, Ontology, default_folder

HERE = Path(__file__).parent
ONTOLOGY = Ontology.load()
BASE = rdflib.Graph().parse(HERE / "conforming.ttl")
SHAPES = rdflib.Graph().parse(default_folder() / "shapes.ttl")
EXAMPLES = yaml.safe_load((HERE / "examples.yaml").read_text())
ROWS = [(shape, group["at"], row) for shape, group in EXAMPLES.items() for row in group["rows"]]
REQUIRED = [field for field in ONTOLOGY.form.fields if field.required]
NOT_A_RULE = {"path", "name", "description", "message", "order", "group", "defaultValue"}


def iri(name: str) -> rdflib.URIRef:
    prefix, _, local = name.partition(":")
    return rdflib.URIRef(dict(BASE.namespaces())[prefix] + local)


def changed(node: str, changes: dict[str, str]) -> rdflib.Graph:
    """The conforming graph with other values for some properties of a node."""
    graph = rdflib.Graph()
    for prefix, namespace in BASE.namespaces():
        graph.bind(prefix, namespace)
    for triple in BASE:
        graph.add(triple)
    prefixes = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in graph.namespaces())
    for path, values in changes.items():
        graph.remove((iri(node), iri(path), None))
        if values:
            graph.parse(data=f"{prefixes}{node} {path} {turtle(values)} .", format="turtle")
    return graph


def turtle(values: str) -> str:
    """Values as Turtle: ``voc:role/member`` reads well but would need its slash escaped."""
    return re.sub(r"voc:([\w/-]+)", rf"<{VOCABULARY}\1>", values)


def broken(graph: rdflib.Graph) -> list[Result]:
    """What the form finds; the published shapes find the same, so every example holds the two to each other."""
    found = validate_graph(graph, ONTOLOGY)
    assert facts(found) == facts(validate_graph(graph, ONTOLOGY, published=True))
    return found


def facts(results: list[Result]) -> list[tuple[str, ...]]:
    """Results without the names of anonymous shapes and paths, which differ from run to run."""
    return sorted(
        (each.focus, each.message, *(name if ":" in name else "" for name in (each.path, each.shape)))
        for each in results
    )


def rules() -> set[tuple[str, str]]:
    """Every shape with a rule of its own, and every property in it that has one."""
    found = set()
    for shape in SHAPES.subjects(RDF.type, rdflib.URIRef(SH + "NodeShape")):
        name = "ig:" + str(shape).removeprefix(IG)
        if any(SHAPES.value(shape, rdflib.URIRef(SH + word)) for word in ("or", "not", "and", "xone")):
            found.add((name, "itself"))
        for part in SHAPES.objects(shape, rdflib.URIRef(SH + "property")):
            words = {str(predicate).removeprefix(SH) for predicate in SHAPES.predicates(part)}
            if any(":" not in word and word not in NOT_A_RULE for word in words):
                found.add((name, str(SHAPES.value(part, rdflib.URIRef(SH + "path")))))
    return found


def is_path_to_scheme(path: str) -> bool:
    """Whether a result is about the scheme of a concept: a path of several steps has no IRI."""
    return bool(path) and ":" not in path


# -- the conforming network


def test_the_conforming_network_breaks_no_rule():
    assert broken(BASE) == []


def test_the_conforming_network_uses_every_class_and_property_of_the_form():
    classes = {str(value) for value in SHAPES.objects(None, rdflib.URIRef(SH + "targetClass"))}
    assert classes - {str(value) for value in BASE.objects(None, RDF.type)} == set()
    for field in ONTOLOGY.form.fields:
        subject = iri("ex:profile" if field.profile else "ex:harz")
        answered = (subject, rdflib.URIRef(field.path), None) in BASE
        assert answered or (None, iri("ig:field"), rdflib.URIRef(field.iri)) in BASE, field.key
    for shape, group in EXAMPLES.items():
        node = iri(group["at"])
        paths = {path for name, path in rules() if name == shape and path != "itself"}
        unused = {path for path in paths if (node, rdflib.URIRef(path), None) not in BASE}
        assert unused <= {IG + "transferability", IG + "within"}, shape


# -- what breaks it


def test_every_shape_and_every_field_with_a_rule_has_an_example_that_breaks_it():
    tried = {(shape, row[0] if row[0] == "itself" else str(iri(row[0]))) for shape, _, row in ROWS}
    assert rules() - tried == set()
    assert tried - rules() == set(), "an example for a rule that is no longer there"


@pytest.mark.parametrize(("shape", "node", "row"), ROWS, ids=[f"{shape}-{row[0]}-{row[1]}" for shape, _, row in ROWS])
def test_a_change_breaks_its_rule_and_says_what_is_wrong(shape, node, row):
    rule, values, words = row
    changes: dict[str, Any] = values if rule == "itself" else {rule: values}
    path = "" if rule == "itself" else str(iri(rule))
    messages = [
        result.message
        for result in broken(changed(node, changes))
        if result.focus == str(iri(node))
        and (result.path == path or is_path_to_scheme(result.path))
        and (rule != "itself" or result.shape == str(iri(shape)))
        and not result.shape.endswith("-answer")
    ]
    assert messages, f"{rule} is not broken"
    assert any(words in message for message in messages), messages


# -- a value or the reason why there is none


def absence(field: Any, node: str = "extra") -> str:
    about = "ex:profile" if field.profile else "ex:harz"
    return (
        f"ex:{node} a ig:Absence ; ig:about {about} ; ig:field <{field.iri}> ; "
        f"ig:reason <{VOCABULARY}absence/not-stated> ."
    )


def answered(field: Any) -> rdflib.Graph:
    """The conforming graph with a value for this field."""
    graph = changed("ex:absence", {}) if field.key != "transferability" else without_absences()
    if field.key == "transferability":
        graph.add((iri("ex:harz"), iri("ig:transferability"), iri("ex:finding")))
    return graph


def without_absences() -> rdflib.Graph:
    graph = changed("ex:absence", {})
    graph.remove((iri("ex:absence"), None, None))
    return graph


def unanswered(field: Any) -> rdflib.Graph:
    graph = answered(field)
    graph.remove((iri("ex:profile" if field.profile else "ex:harz"), rdflib.URIRef(field.path), None))
    return graph


def add(graph: rdflib.Graph, turtle: str) -> rdflib.Graph:
    prefixes = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in BASE.namespaces())
    return graph.parse(data=prefixes + turtle, format="turtle")


def answers_broken(graph: rdflib.Graph) -> list[tuple[str, str]]:
    return [(result.shape, result.message) for result in broken(graph) if result.shape.endswith("-answer")]


@pytest.mark.parametrize("field", REQUIRED, ids=lambda field: field.key)
def test_a_field_has_a_value_or_a_reason_and_never_both(field):
    assert answers_broken(answered(field)) == []
    assert answers_broken(add(unanswered(field), absence(field))) == []
    for graph in (unanswered(field), add(answered(field), absence(field))):
        ((shape, message),) = answers_broken(graph)
        assert shape == field.iri + "-answer"
        assert message == f"“{field.name()}” needs a value or the reason why there is none, and not both."


def test_a_reason_for_another_field_or_another_network_does_not_count():
    founded, seat = ONTOLOGY.form.field("founded"), ONTOLOGY.form.field("in_kind")
    graph = add(unanswered(founded), absence(founded).replace("ex:harz", "ex:other"))
    assert [shape for shape, _ in answers_broken(graph)] == [founded.iri + "-answer"]
    graph = add(unanswered(founded), absence(seat))
    assert {shape for shape, _ in answers_broken(graph)} == {founded.iri + "-answer", seat.iri + "-answer"}


def test_every_rule_speaks_both_languages():
    for message in SHAPES.subjects(rdflib.URIRef(SH + "message"), None):
        languages = {text.language for text in SHAPES.objects(message, rdflib.URIRef(SH + "message"))}
        assert languages == {"en", "de"}


def test_a_concept_of_the_right_scheme_is_accepted_everywhere():
    for field in ONTOLOGY.form.fields:
        if field.kind == "concept":
            scheme = ONTOLOGY.scheme(field.scheme)
            graph = changed("ex:harz", {})
            for name in scheme.concepts:
                concept = rdflib.URIRef(f"{scheme.iri}/{name}")
                assert (concept, RDF.type, SKOS.Concept) not in BASE
                graph.add((iri("ex:harz"), rdflib.URIRef(field.path), concept))
            assert broken(graph) == []


def test_every_rule_tells_a_person_what_is_wrong_in_both_languages():
    """No rule falls back on the validator's own words."""
    silent = [
        f"{shape}: {SHAPES.value(part, rdflib.URIRef(SH + 'path'))}"
        for shape, part in SHAPES.subject_objects(rdflib.URIRef(SH + "property"))
        if {text.language for text in SHAPES.objects(part, rdflib.URIRef(SH + "message"))} != {"en", "de"}
    ]
    assert silent == []
