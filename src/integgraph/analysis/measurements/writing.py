"""How measurements are written: one named graph of the release, as observations of a Data Cube.

The graph is part of what a release says, so nothing in it depends on when the release was built; which release it
belongs to is said by the catalogue of that release, which holds its name. ``<graph>`` is the base IRI without its
``id/``, and ``measurements``::

    <graph>                          the data set (qb:DataSet), which is also the name of the graph
    <graph>#structure                its structure (qb:DataStructureDefinition)
    <graph>#measuring, #software     the activity and the software, with its version (PROV)
    <graph>#all                      the whole collection, as a thing that is measured
    <graph>#network/<id>/<measure>   one answer on a network (ig:Measurement)
    <graph>#place/<id>/<measure>     one answer on the networks of a place
    https://w3id.org/integgraph/measure/<measure>   a measure: its definition, formula, caveat and literature

Sources: `The RDF Data Cube Vocabulary <https://www.w3.org/TR/vocab-data-cube/>`_, `PROV-O
<https://www.w3.org/TR/prov-o/>`_.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from integgraph.analysis.measures import centralisation, cohesion, governance, size
from integgraph.analysis.measures.answers import Answer, Text
from integgraph.analysis.measures.entry import Entry
from integgraph.ontology import DCT, IG, LANGUAGES, PROV, RDF, RDFS, SCHEMA, SKOS, XSD
from integgraph.release import measurements_graph

QB = "http://purl.org/linked-data/cube#"
MEASURES = "https://w3id.org/integgraph/measure/"
"""Where the IRIs of measures begin; the key of the measure follows."""
DIMENSIONS = ("measuredThing", "measure")
ATTRIBUTES = (
    "answerState", "measuredUnit", "actorCount", "networkCount", "tieCount", "statusFrom", "statusTo",
    "governanceMode", "governanceRule", "governanceConfidence", "governanceEvidence", "derivedMode",
)  # fmt: skip
_EDTF = "http://id.loc.gov/datatypes/edtf/EDTF-level1"
_TYPE = ox.NamedNode(RDF + "type")
_MEASUREMENT = ox.NamedNode(IG + "Measurement")

Term = ox.NamedNode | ox.Literal
Said = tuple[str, Term]
"""A property and a value."""

TITLE = Text("Measurements of cooperation structure", "Messungen der Kooperationsstruktur")
ABOUT = Text(
    "Answers that are worked out from the current view of this release, never stated by a source: for each network its "
    "mode of governance, how much of its list and of the form is known, and what its one list fixes by its form; for "
    "the whole collection, each country and each region with two or more networks, what is known, who steers, and how "
    "the lists are joined. Bands, shuffles, coverage and losses take longer and are worked out on request "
    "(integgraph analyse).",
    "Antworten, die aus der aktuellen Sicht dieser Ausgabe berechnet und nie Angabe einer Quelle sind: für jedes "
    "Netzwerk die Form seiner Steuerung, wie viel von Liste und Formular bekannt ist und was eine einzelne Liste durch "
    "ihre Form schon festlegt; für die ganze Sammlung, jedes Land und jede Region mit zwei oder mehr Netzwerken, was "
    "bekannt ist, wer steuert und wie die Listen verflochten sind. Bänder, Zufallsvergleiche, Lücken und Ausfälle "
    "dauern länger und werden auf Anfrage berechnet (integgraph analyse).",
)
ALL = Text("All networks", "Alle Netzwerke")


@dataclass(frozen=True, slots=True)
class Measured:
    """One answer on one thing.

    Attributes:
        scope: What the measurement is named by: ``network/<id>``, ``place/<id>`` or ``all``.
        thing: IRI of what is measured.
        answer: The answer.
        value: Its value in short; ``None`` where it has none.
        unit: What the value counts or is a share of.
        more: What else is said of it.
        quoted: Whether its sentence is written too.
    """

    scope: str
    thing: str
    answer: Answer[Any]
    value: float | str | None = None
    unit: str = ""
    more: Sequence[Said] = ()
    quoted: bool = False


class Writing:
    """Writes measurements as lines of N-Quads, and what frames them.

    Args:
        base_iri: Where the IRIs of things begin.

    >>> writing = Writing("https://e.example/id/")
    >>> print(writing.frame("1.0")[0].decode().split(" ")[0])
    <https://e.example/measurements#all>
    """

    def __init__(self, base_iri: str) -> None:
        self.base_iri = base_iri
        self.graph = measurements_graph(base_iri)
        self._node = ox.NamedNode(self.graph)
        self._end = f" {self._node} .\n"

    @property
    def all(self) -> str:
        """IRI of the whole collection as a thing that is measured."""
        return f"{self.graph}#all"

    def lines(self, measured: Iterable[Measured]) -> list[bytes]:
        """Sorted lines of some measurements."""
        return sorted(f"{triple}{self._end}".encode() for each in measured for triple in self._triples(each))

    def _triples(self, each: Measured) -> Iterator[ox.Triple]:
        answer, inputs = each.answer, each.answer.inputs
        node = ox.NamedNode(f"{self.graph}#{each.scope}/{answer.measure}")

        def say(path: str, value: Term) -> ox.Triple:
            return ox.Triple(node, ox.NamedNode(path), value)

        yield ox.Triple(node, _TYPE, _MEASUREMENT)
        yield say(QB + "dataSet", self._node)
        yield say(IG + "measuredThing", ox.NamedNode(each.thing))
        yield say(IG + "measure", ox.NamedNode(MEASURES + answer.measure))
        yield say(IG + "answerState", ox.Literal(str(answer.state)))
        if answer.value is not None and each.value is not None:
            yield say(IG + "measuredValue", literal(each.value))
            if each.unit:
                yield say(IG + "measuredUnit", ox.Literal(each.unit))
        yield from (say(path, value) for path, value in (*counts(inputs), *dates(inputs.dates), *each.more))
        if each.quoted:
            yield from (say(path, value) for path, value in texts(DCT + "description", answer.sentence))

    def frame(self, version: str) -> list[bytes]:
        """Sorted lines that say what the data set is, by which software it was made, and what its measures are.

        Args:
            version: Version of the software.
        """
        return sorted({f"{triple}{self._end}".encode() for triple in self._frame(version)})

    def _frame(self, version: str) -> Iterator[ox.Triple]:
        structure, activity, agent, everything = (
            ox.NamedNode(f"{self.graph}#{name}") for name in ("structure", "measuring", "software", "all")
        )

        def about(subject: ox.NamedNode, *said: Said) -> Iterator[ox.Triple]:
            for path, value in said:
                yield ox.Triple(subject, ox.NamedNode(path), value)

        yield from about(
            self._node,
            (RDF + "type", ox.NamedNode(QB + "DataSet")),
            *texts(DCT + "title", TITLE),
            *texts(DCT + "description", ABOUT),
            (QB + "structure", structure),
            (PROV + "wasGeneratedBy", activity),
        )
        yield from about(activity, (RDF + "type", ox.NamedNode(PROV + "Activity")), (PROV + "wasAssociatedWith", agent))
        yield from about(
            agent,
            (RDF + "type", ox.NamedNode(PROV + "SoftwareAgent")),
            (RDFS + "label", ox.Literal("integgraph")),
            (SCHEMA + "softwareVersion", ox.Literal(version)),
        )
        yield from about(everything, *texts(RDFS + "label", ALL))
        yield from about(structure, (RDF + "type", ox.NamedNode(QB + "DataStructureDefinition")))
        for name, role in components(DIMENSIONS, ATTRIBUTES):
            part = ox.NamedNode(f"{structure.value}/{name}")
            yield from about(structure, (QB + "component", part))
            yield from about(part, (role, ox.NamedNode(IG + name)))
        for entry in WRITTEN:
            yield from about(
                ox.NamedNode(MEASURES + entry.measure.key),
                (RDF + "type", ox.NamedNode(IG + "Measure")),
                (DCT + "identifier", ox.Literal(entry.measure.key)),
                *texts(SKOS + "prefLabel", entry.measure.name),
                *texts(RDFS + "comment", entry.measure.question),
                (SKOS + "definition", ox.Literal(_plain(entry.part("Definition")), language="en")),
                (SKOS + "note", ox.Literal(_plain(entry.part("Caveat")), language="en")),
                (DCT + "bibliographicCitation", ox.Literal(entry.part("Reference"))),
            )


WRITTEN = (
    Entry(governance.GOVERNANCE, governance.governance_mode),
    Entry(size.COMPLETENESS, size.list_completeness),
    Entry(size.FIELDS_ANSWERED, size.fields_answered),
    Entry(size.DENSITY, size.density),
    Entry(cohesion.CLUSTERING, cohesion.average_clustering),
    Entry(centralisation.DEGREE, centralisation.degree_centralisation),
    Entry(size.TWO_MODE_DENSITY, size.two_mode_density),
    Entry(size.MEAN_MEMBERSHIPS, size.mean_memberships),
    Entry(cohesion.COMPONENTS, cohesion.connected_parts),
    Entry(cohesion.CUT_MEMBERS, cohesion.cut_members),
    Entry(centralisation.TWO_MODE, centralisation.two_mode_degree_centralisation),
)
"""The measures that a build answers; each takes time that grows no faster than the lists."""


def _plain(text: str) -> str:
    """A part of a description as a sentence, without marks of code."""
    return text[:1].upper() + text[1:].replace("``", "")


def components(dimensions: Iterable[str], attributes: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Our properties with their role in a Data Cube."""
    yield from ((name, QB + "dimension") for name in dimensions)
    yield from ((name, QB + "attribute") for name in attributes)
    yield "measuredValue", QB + "measure"


def counts(inputs: Any) -> Iterator[Said]:
    """From how many actors, networks and ties an answer was computed."""
    for name, number in (("actor", inputs.actors), ("network", inputs.networks), ("tie", inputs.ties)):
        if number is not None:
            yield IG + f"{name}Count", literal(int(number))


def dates(given: Sequence[str]) -> Iterator[Said]:
    """The earliest and the latest status date that an answer rests on."""
    if given:
        for name, date in (("statusFrom", min(given)), ("statusTo", max(given))):
            yield IG + name, ox.Literal(date, datatype=ox.NamedNode(_EDTF))


def texts(path: str, text: Text) -> Iterator[Said]:
    """A text in both languages."""
    for language in LANGUAGES:
        yield path, ox.Literal(text.de if language == "de" else text.en, language=language)


def literal(value: float | str) -> ox.Literal:
    """A value as a literal: text, whole number or number.

    >>> print(literal(3), literal("a"))
    "3"^^<http://www.w3.org/2001/XMLSchema#integer> "a"
    """
    if isinstance(value, str):
        return ox.Literal(value)
    if isinstance(value, int):
        return ox.Literal(str(value), datatype=ox.NamedNode(XSD + "integer"))
    return ox.Literal(repr(float(value)), datatype=ox.NamedNode(XSD + "double"))
