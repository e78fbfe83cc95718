"""From a record to triples and back.

The mapping knows nothing about single fields: it walks the form and lets each kind of value state itself. IRIs are
made from ids and content alone, so the same record always gives the same graph.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from integgraph.ingest import kinds, provenance
from integgraph.ingest.kinds import Item
from integgraph.ingest.places import NUTS_VERSION, Gazetteer, Place
from integgraph.ingest.record import Answer, Record
from integgraph.ingest.yamltext import Where
from integgraph.ontology import DCT, IG, RDF, SKOS, VOCABULARY, XSD, Field, Ontology

_TYPE = ox.NamedNode(RDF + "type")


@dataclass(frozen=True, slots=True)
class Iris:
    """Where the IRIs of things begin; every IRI of a thing is built here.

    >>> Iris("https://example.org/id/").thing("network", "harz")
    'https://example.org/id/network/harz'
    """

    base: str

    def thing(self, kind: str, name: str) -> str:
        """IRI of a thing of this kind."""
        return f"{self.base}{kind}/{name}"

    def slug(self, iri: str) -> str:
        """Last part of a thing's IRI."""
        return iri.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class MappedProfile:
    """A record as triples, kept apart by field, so that the current view can choose field by field.

    Attributes:
        record: The record it was made from.
        profile: IRI of the profile, which is also the IRI of its named graph.
        network: IRI of the network it describes.
        header: What is said about the profile itself.
        fields: Triples by field key.
        places: Ids of the places it uses.
        origins: Node → place in the record, to lead a validation result back to file and line.
    """

    record: Record
    profile: ox.NamedNode
    network: ox.NamedNode
    header: Sequence[ox.Triple]
    fields: Mapping[str, Sequence[ox.Triple]]
    places: frozenset[str]
    origins: Mapping[str, Where]

    def triples(self) -> Iterator[ox.Triple]:
        """Everything the profile states, each triple once."""
        yield from dict.fromkeys([*self.header, *(triple for found in self.fields.values() for triple in found)])


class Emitter:
    """Collects the triples of one record; what the kinds of value write to."""

    def __init__(self, record: Record, ontology: Ontology, iris: Iris) -> None:
        self.record = record
        self.ontology = ontology
        self.iris = iris
        self.network = ox.NamedNode(iris.thing("network", record.id))
        self.profile = ox.NamedNode(iris.thing("profile", record.slug))
        self.places: set[str] = set()
        self.origins: dict[str, Where] = {}
        self.triples: list[ox.Triple] = []
        self._groups = {item["id"] for item, _ in record.actors() if item.get("group")}
        self._named: dict[str, int] = defaultdict(int)

    def add(self, subject: Any, path: str, value: Any) -> None:
        """State one triple."""
        self.triples.append(ox.Triple(subject, ox.NamedNode(path), value))

    def type(self, subject: Any, class_iri: str) -> None:
        """State what a node is."""
        self.triples.append(ox.Triple(subject, _TYPE, ox.NamedNode(class_iri)))

    def iri(self, text: str) -> ox.NamedNode:
        """An IRI term."""
        return ox.NamedNode(text)

    def literal(self, text: str, datatype: str | None = None) -> ox.Literal:
        """A literal term."""
        return ox.Literal(text, datatype=ox.NamedNode(datatype)) if datatype else ox.Literal(text)

    def text(self, text: str, language: str) -> ox.Literal:
        """A text with its language."""
        return ox.Literal(text, language=language)

    def thing(self, kind: str, name: str) -> ox.NamedNode:
        """IRI of a thing."""
        return ox.NamedNode(self.iris.thing(kind, name))

    def concept(self, field: Field, name: str) -> ox.NamedNode:
        """IRI of a concept of the field's scheme."""
        return ox.NamedNode(f"{VOCABULARY}{field.scheme}/{name}")

    def source(self, name: str) -> ox.NamedNode:
        """IRI of one of the record's sources."""
        return self.thing("source", f"{self.record.slug}.{name}")

    def uses_place(self, name: str) -> None:
        """Remember that the record speaks of this place."""
        self.places.add(name)

    def actor_reference(self, name: str) -> ox.NamedNode:
        """IRI of an actor named by its id, of this network, or of another one."""
        if name == "network":
            return self.network
        if name.startswith("network:"):
            return self.thing("network", name.removeprefix("network:"))
        return self.thing("group" if name in self._groups else "actor", name)

    def node(self, kind: str, key: str, item: Item, where: Where) -> ox.NamedNode:
        """IRI of a statement: named by its profile, its field and its content; a repeated one gets a number."""
        name = f"{self.record.slug}.{key}-{kinds.digest(item)}"
        self._named[f"{kind}/{name}"] += 1
        count = self._named[f"{kind}/{name}"]
        node = self.thing(kind, name if count == 1 else f"{name}-{count}")
        self.origins[node.value] = where
        return node

    def position(self, node: Any, where: Where) -> None:
        """State the place in a list, counted from 1."""
        place = next((step for step in reversed(where) if isinstance(step, int)), None)
        if place is not None:
            self.add(node, IG + "position", self.literal(str(place + 1), XSD + "integer"))

    def take(self) -> list[ox.Triple]:
        """Hand over what was collected since the last time, each triple once."""
        taken, self.triples = list(dict.fromkeys(self.triples)), []
        return taken


def map_record(record: Record, ontology: Ontology, iris: Iris, licence: str) -> MappedProfile:
    """Turn a record into triples.

    Args:
        record: The record; it has been read without violations.
        ontology: The ontology whose form it fills in.
        iris: Where the IRIs of things begin.
        licence: IRI of the licence of the profile.
    """
    out = Emitter(record, ontology, iris)
    provenance.describe_profile(out, licence)
    header = out.take()
    fields = {}
    for each in ontology.form.fields:
        answer = record.answers.get(each.key)
        if answer is None:
            continue
        subject = out.profile if each.profile else out.network
        for position, item in enumerate(answer.items):
            kinds.KINDS[each.kind].emit(item, subject, each, out, (each.key, position))
        if answer.reason is not None:
            _absence(out, subject, each, answer)
        elif each.required and not _stated(out.triples, subject, each):
            _absence(out, subject, each, Answer(reason="withheld"))
        fields[each.key] = out.take()
    return MappedProfile(record, out.profile, out.network, header, fields, frozenset(out.places), out.origins)


def _stated(triples: Iterable[ox.Triple], subject: Any, each: Field) -> bool:
    return any(triple.subject == subject and triple.predicate.value == each.path for triple in triples)


def _absence(out: Emitter, subject: Any, each: Field, answer: Answer) -> None:
    node = out.thing("absence", f"{out.record.slug}.{each.key}")
    out.origins[node.value] = (each.key,)
    out.type(node, IG + "Absence")
    out.add(node, IG + "about", subject)
    out.add(node, IG + "field", out.iri(each.iri))
    out.add(node, IG + "reason", out.iri(f"{VOCABULARY}absence/{answer.reason}"))
    if answer.raw is not None:
        out.add(node, IG + "rawText", out.literal(answer.raw))


def map_place(place: Place, iris: Iris) -> list[ox.Triple]:
    """A place of the place list as triples."""
    node = ox.NamedNode(iris.thing("place", place.id))

    def literal(text: str) -> ox.Literal:
        return ox.Literal(text)

    triples = [
        ox.Triple(node, _TYPE, ox.NamedNode(IG + "Place")),
        ox.Triple(node, ox.NamedNode(IG + "placeKind"), literal(place.kind)),
    ]
    for language, name in sorted(place.names.items()):
        triples.append(ox.Triple(node, ox.NamedNode(SKOS + "prefLabel"), ox.Literal(name, language=language)))
    for name in place.also:
        triples.append(ox.Triple(node, ox.NamedNode(SKOS + "altLabel"), literal(name)))
    if place.within:
        triples.append(ox.Triple(node, ox.NamedNode(IG + "within"), ox.NamedNode(iris.thing("place", place.within))))
    if place.country:
        triples.append(ox.Triple(node, ox.NamedNode(IG + "countryCode"), literal(place.country)))
    if place.nuts:
        triples.append(ox.Triple(node, ox.NamedNode(IG + "nutsCode"), literal(place.nuts)))
        triples.append(ox.Triple(node, ox.NamedNode(IG + "nutsVersion"), literal(NUTS_VERSION)))
    if place.nuts3 and place.nuts3 != place.nuts:
        triples.append(ox.Triple(node, ox.NamedNode(IG + "nuts3Code"), literal(place.nuts3)))
        if not place.nuts:
            triples.append(ox.Triple(node, ox.NamedNode(IG + "nutsVersion"), literal(NUTS_VERSION)))
    return triples


def used_places(names: Iterable[str], gazetteer: Gazetteer) -> list[Place]:
    """These places and everything they lie in, sorted by id."""
    found = {step.id: step for name in names for step in gazetteer.chain(name)}
    return [found[name] for name in sorted(found)]


# ---------------------------------------------------------------------------------------------------------------------
# And back


class GraphReader:
    """Reads the graph of one profile; what the kinds of value collect from."""

    def __init__(self, triples: Iterable[ox.Triple], profile: ox.NamedNode, ontology: Ontology, iris: Iris) -> None:
        self.ontology = ontology
        self.iris = iris
        self.profile = profile
        self._by_subject: dict[tuple[Any, str], list[Any]] = defaultdict(list)
        self._by_object: dict[tuple[str, Any], list[Any]] = defaultdict(list)
        for triple in triples:
            self._by_subject[triple.subject, triple.predicate.value].append(triple.object)
            self._by_object[triple.predicate.value, triple.object].append(triple.subject)
        self.network = self.objects(profile, IG + "describes")[0]
        self._seen: set[str] = set()
        self._fields = {each.iri: each.key for each in ontology.form.fields}

    def objects(self, subject: Any, path: str) -> list[Any]:
        """Objects of a subject and property."""
        return self._by_subject.get((subject, path), [])

    def subjects(self, path: str, object_iri: str) -> list[Any]:
        """Subjects with this property and object."""
        return self._by_object.get((path, ox.NamedNode(object_iri)), [])

    def has(self, subject: Any, path: str, value: Any) -> bool:
        """Whether this triple is there."""
        return value in self.objects(subject, path)

    def has_type(self, subject: Any, class_iri: str) -> bool:
        """Whether the node is of this class."""
        return ox.NamedNode(class_iri) in self.objects(subject, RDF + "type")

    def in_order(self, nodes: Iterable[Any]) -> list[Any]:
        """Nodes by their ``ig:position``."""

        def place(node: Any) -> tuple[int, str]:
            found = self.objects(node, IG + "position")
            return (int(found[0].value) if found else 0, node.value)

        return sorted(nodes, key=place)

    def slug(self, node: Any) -> str:
        """Last part of a thing's IRI."""
        return self.iris.slug(node.value)

    def source_id(self, node: Any) -> str:
        """Id of one of the record's sources."""
        return str(node.value).rpartition(".")[2]

    def field_key(self, node: Any) -> str:
        """Key of the field with this IRI."""
        return self._fields[node.value]

    def actor_reference(self, node: Any) -> str | None:
        """How a record names this actor when it need not define it (again); ``None`` where it must."""
        if node == self.network:
            return "network"
        if node.value.startswith(self.iris.thing("network", "")):
            return f"network:{self.slug(node)}"
        if node.value in self._seen:
            return self.slug(node)
        self._seen.add(node.value)
        return None


def unmap(triples: Iterable[ox.Triple], profile: ox.NamedNode, ontology: Ontology, iris: Iris) -> Record:
    """Read a record back from the graph of its profile.

    What the graph does not keep is not restored: file, lines, and whether an absence was written or implied.
    """
    graph = GraphReader(triples, profile, ontology, iris)
    answers: dict[str, Answer] = {}
    for each in ontology.form.fields:
        subject = graph.profile if each.profile else graph.network
        items = kinds.KINDS[each.kind].collect(subject, each, graph)
        if items:
            answers[each.key] = Answer(tuple(items))
            continue
        absence = ox.NamedNode(iris.thing("absence", f"{iris.slug(profile.value)}.{each.key}"))
        for reason in graph.objects(absence, IG + "reason"):
            raw = graph.objects(absence, IG + "rawText")
            answers[each.key] = Answer(reason=iris.slug(reason.value), raw=raw[0].value if raw else None)
    name, _, edition = iris.slug(profile.value).partition("--")
    language = graph.objects(profile, DCT + "language")
    names = graph.objects(profile, IG + "namesLanguage") or language
    return Record(name, edition, language[0].value, names[0].value, answers)
