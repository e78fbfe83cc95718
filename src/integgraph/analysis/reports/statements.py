"""The answers of a report as RDF: measurements in the Data Cube vocabulary, with what they were made from (PROV).

Every answer is a node, also one without a number: its state says why there is none, so that a query can tell *unknown*
from 0. Names are made of the release and of what is measured, so the same report always gives the same triples::

    <release>#measurements              the data set (qb:DataSet), derived from the release (prov:wasDerivedFrom)
    <release>#measurements-structure    its structure (qb:DataStructureDefinition)
    <release>#measuring                 the activity: which version of the software, with which release
    <release>#measurement-<hash>        one answer (ig:Measurement)

A release holds the measurements that a build works out itself, in a graph of their own
(:mod:`~integgraph.analysis.measurements.writing`); this is the way to have those of any report.

Sources: `The RDF Data Cube Vocabulary <https://www.w3.org/TR/vocab-data-cube/>`_, `PROV-O
<https://www.w3.org/TR/prov-o/>`_.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import pyoxigraph as ox

from integgraph.analysis.measurements.writing import MEASURES, QB, components, counts, dates, literal, texts
from integgraph.analysis.measures.answers import Language
from integgraph.analysis.measures.governance import Governance
from integgraph.analysis.reports.model import Line, Report, Section
from integgraph.ontology import DCT, IG, PROV, RDF, RDFS, SCHEMA, VOCABULARY, XSD

_PREFIXES = {"dct": DCT, "ig": IG, "prov": PROV, "qb": QB, "rdfs": RDFS, "schema": SCHEMA, "xsd": XSD}
DIMENSIONS = ("measuredThing", "measure", "measureKey", "question")
ATTRIBUTES = (
    "answerState", "measuredUnit", "actorCount", "networkCount", "tieCount", "statusFrom", "statusTo",
    "governanceMode", "governanceRule",
)  # fmt: skip


def turtle(report: Report, _: Language = "en") -> str:
    """The measurements of a report as Turtle; sentences are in both languages."""
    written = ox.serialize(triples(report), format=ox.RdfFormat.TURTLE, prefixes=_PREFIXES)
    return (written or b"").decode()


def triples(report: Report) -> Iterator[ox.Triple]:
    """The measurements of a report as triples, for a graph of their own.

    Args:
        report: Any report; its tables are not in it, only its answers.
    """
    release = report.release_iri
    data, structure, activity, agent = (
        ox.NamedNode(f"{release}#{name}")
        for name in ("measurements", "measurements-structure", "measuring", "measuring-software")
    )
    yield from _frame(report, data, structure, activity, agent)
    seen: set[str] = set()
    for section, line in report.lines:
        scope = _scope(report, line)
        name = _name(section, line, scope.value)
        if name not in seen:
            seen.add(name)
            yield from _measurement(section, line, ox.NamedNode(f"{release}#measurement-{name}"), scope, data, activity)


def _frame(
    report: Report, data: ox.NamedNode, structure: ox.NamedNode, activity: ox.NamedNode, agent: ox.NamedNode
) -> Iterator[ox.Triple]:
    release = ox.NamedNode(report.release_iri)
    for subject, kind in (
        (data, QB + "DataSet"),
        (structure, QB + "DataStructureDefinition"),
        (activity, PROV + "Activity"),
        (agent, PROV + "SoftwareAgent"),
    ):
        yield _triple(subject, RDF + "type", ox.NamedNode(kind))
    yield _triple(data, QB + "structure", structure)
    yield _triple(data, PROV + "wasDerivedFrom", release)
    yield _triple(data, PROV + "wasGeneratedBy", activity)
    yield _triple(activity, PROV + "used", release)
    yield _triple(activity, PROV + "wasAssociatedWith", agent)
    yield _triple(agent, RDFS + "label", ox.Literal("integgraph"))
    yield _triple(agent, SCHEMA + "softwareVersion", ox.Literal(report.version))
    for name, role in components(DIMENSIONS, ATTRIBUTES):
        component = ox.NamedNode(f"{structure.value}-{name}")
        yield _triple(structure, QB + "component", component)
        yield _triple(component, role, ox.NamedNode(IG + name))


def _scope(report: Report, line: Line) -> ox.NamedNode:
    """What an answer speaks of; a selection or a pair has a name within the release."""
    if line.scope.iri:
        return ox.NamedNode(line.scope.iri)
    digest = sha256(line.scope.label.en.encode()).hexdigest()[:12]
    return ox.NamedNode(f"{report.release_iri}#selection-{digest}")


def _name(section: Section, line: Line, scope: str) -> str:
    parts = "\n".join((section.key, line.answer.measure, scope, line.answer.sentence.en))
    return sha256(parts.encode()).hexdigest()[:16]


def _measurement(
    section: Section, line: Line, node: ox.NamedNode, scope: ox.NamedNode, data: ox.NamedNode, activity: ox.NamedNode
) -> Iterator[ox.Triple]:
    answer = line.answer
    yield _triple(node, RDF + "type", ox.NamedNode(IG + "Measurement"))
    yield _triple(node, QB + "dataSet", data)
    yield _triple(node, PROV + "wasGeneratedBy", activity)
    yield _triple(node, IG + "measuredThing", scope)
    if not line.scope.iri:
        yield from (_triple(scope, path, value) for path, value in texts(RDFS + "label", line.scope.label))
    yield _triple(node, IG + "measure", ox.NamedNode(MEASURES + answer.measure))
    yield _triple(node, IG + "measureKey", ox.Literal(answer.measure))
    yield _triple(node, IG + "question", ox.Literal(section.key))
    yield _triple(node, IG + "answerState", ox.Literal(str(answer.state)))
    if line.value is not None:
        yield _triple(node, IG + "measuredValue", literal(line.value))
    if line.unit:
        yield _triple(node, IG + "measuredUnit", ox.Literal(line.unit))
    if isinstance(answer.value, Governance):
        yield _triple(node, IG + "governanceMode", ox.NamedNode(f"{VOCABULARY}governance-mode/{answer.value.mode}"))
        yield _triple(node, IG + "governanceRule", ox.Literal(answer.value.rule))
    for path, value in (*counts(answer.inputs), *dates(answer.inputs.dates)):
        yield _triple(node, path, value)
    yield from (_triple(node, path, value) for path, value in texts(DCT + "description", answer.sentence))


def _triple(subject: ox.NamedNode, predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), value)
