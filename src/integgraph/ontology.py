"""Namespaces, vocabularies and the form, read from the Turtle files in ``ontology/``.

The shapes are the form: ``Form → Section → Row → Field`` is derived from ``shapes.ttl`` alone, and everything that
knows about fields (readers, record schema, JSON-LD context, validation, documentation, pages) asks here.

>>> ontology = Ontology.load()
>>> ontology.form.field("founded").name("de")
'Gegründet'
>>> ontology.scheme("formalisation").find("Legal entity").id
'legal-entity'
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from integgraph.errors import NotFound, OntologyError

IG = "https://w3id.org/integgraph/ontology#"
VOCABULARY = "https://w3id.org/integgraph/vocabulary/"
EDTF = "http://id.loc.gov/datatypes/edtf/EDTF-level1"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
SH = "http://www.w3.org/ns/shacl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCT = "http://purl.org/dc/terms/"
ORG = "http://www.w3.org/ns/org#"
PROV = "http://www.w3.org/ns/prov#"
SCHEMA = "https://schema.org/"
XSD = "http://www.w3.org/2001/XMLSchema#"

PREFIXES: Mapping[str, str] = {
    "dct": DCT,
    "edtf": "http://id.loc.gov/datatypes/edtf/",
    "ig": IG,
    "org": ORG,
    "owl": OWL,
    "prov": PROV,
    "rdf": RDF,
    "rdfs": RDFS,
    "schema": SCHEMA,
    "sh": SH,
    "skos": SKOS,
    "voc": VOCABULARY,
    "xsd": XSD,
}

LANGUAGES = ("en", "de")
UNCLASSIFIED = "unclassified"

_TYPE = ox.NamedNode(RDF + "type")


def normalise_label(text: str) -> str:
    """Bring a label to the form in which two spellings of it are equal.

    Case, punctuation, ``&`` against "and"/"und" and white space do not count.

    >>> normalise_label("Challenges & Lessons learnt:") == normalise_label("challenges and lessons learnt")
    True
    """
    text = unicodedata.normalize("NFKC", text).casefold()
    words = re.findall(r"\w+", text)
    return " ".join(word for word in words if word not in ("and", "und"))


@dataclass(frozen=True, slots=True)
class Concept:
    """One concept of a SKOS scheme.

    Attributes:
        id: Last part of its IRI, the word used in records: ``labour-market``.
        iri: The whole IRI.
        scheme: Id of its scheme: ``field``.
        labels: Preferred label by language.
        definitions: Definition by language.
        others: Alternative and hidden labels, any language.
        broader: Id of the broader concept, if any.
        implies: IRIs of classes that whatever carries this concept belongs to.
        counts_as_member: Only on roles: whether an actor with this role is a member.
    """

    id: str
    iri: str
    scheme: str
    labels: Mapping[str, str]
    definitions: Mapping[str, str]
    others: tuple[str, ...] = ()
    broader: str | None = None
    implies: tuple[str, ...] = ()
    counts_as_member: bool | None = None

    def label(self, language: str = "en") -> str:
        """Preferred label in ``language``, else in English."""
        return self.labels.get(language) or self.labels["en"]


@dataclass(frozen=True, slots=True)
class Scheme:
    """One SKOS concept scheme; ``find`` meets a wording with its concept."""

    id: str
    iri: str
    labels: Mapping[str, str]
    concepts: Mapping[str, Concept]
    collections: Mapping[str, frozenset[str]]
    _by_label: Mapping[str, str]

    def find(self, wording: str) -> Concept | None:
        """The concept whose id or label, in any language, equals ``wording``; ``None`` if there is none."""
        if wording in self.concepts:
            return self.concepts[wording]
        found = self._by_label.get(normalise_label(wording))
        return self.concepts[found] if found else None

    def label(self, language: str = "en") -> str:
        """Title in ``language``, else in English."""
        return self.labels.get(language) or self.labels["en"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form: one named property shape, or one part of a nested shape.

    Attributes:
        iri: IRI of the shape; empty for a part of a nested shape.
        key: Name in YAML, JSON-LD and CSV.
        kind: Registered kind of value (``ig:reader``).
        path: IRI of the property.
        names: Label by language (``sh:name``).
        others: Other wordings that may stand on paper.
        cues: Word beginnings that place an item of a shared row into this field.
        help: Help text by language.
        messages: What to tell a person when a rule is broken, by language.
        order: Place in the form.
        minimum, maximum: Cardinality; ``None`` means any number.
        required: An answer is required: a value or an absence with its reason.
        unique_language: At most one text per language.
        scheme: Id of the SKOS scheme the values come from.
        node: The nested shape, for fields whose values have parts.
        choices: Allowed words, for a closed list.
        default: What holds when the key is left out.
        shorthand: In a nested shape: a bare value fills this part.
        inline: In a nested shape: the parts of this value stand in the row itself.
        lift: In a nested shape: the value is also stated on the enclosing node.
        separator: What separates items on paper, besides list marks.
        publish: Rule for what may be published.
        example: An example value.
        profile: The field describes the profile, not the network.
    """

    iri: str
    key: str
    kind: str
    path: str
    names: Mapping[str, str]
    others: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()
    help: Mapping[str, str] = field(default_factory=dict)
    messages: Mapping[str, str] = field(default_factory=dict)
    order: float = 0
    minimum: int = 0
    maximum: int | None = None
    required: bool = False
    unique_language: bool = False
    scheme: str | None = None
    node: Shape | None = None
    choices: tuple[str, ...] = ()
    default: str | None = None
    shorthand: bool = False
    inline: bool = False
    lift: bool = False
    separator: str | None = None
    publish: str | None = None
    example: str | None = None
    max_length: int | None = None
    profile: bool = False

    def name(self, language: str = "en") -> str:
        """Label in ``language``, else in English."""
        return self.names.get(language) or self.names.get("en") or self.key

    @property
    def single(self) -> bool:
        """At most one value."""
        return self.maximum == 1


@dataclass(frozen=True, slots=True)
class Shape:
    """A nested shape: the class of its nodes and their parts in order."""

    iri: str
    target: str
    names: Mapping[str, str]
    parts: tuple[Field, ...]

    def part(self, key: str) -> Field | None:
        """The part with this key."""
        return next((part for part in self.parts if part.key == key), None)

    @property
    def shorthand(self) -> Field | None:
        """The part that a bare value fills."""
        return next((part for part in self.parts if part.shorthand), None)

    @property
    def inline(self) -> Field | None:
        """The part whose own parts stand in the row itself."""
        return next((part for part in self.parts if part.inline), None)


@dataclass(frozen=True, slots=True)
class Row:
    """What stands on paper as one row: a label and the fields that its text answers."""

    iri: str
    names: Mapping[str, str]
    others: tuple[str, ...]
    reader: str | None
    order: float
    fields: tuple[Field, ...]

    def name(self, language: str = "en") -> str:
        """Label in ``language``, else in English."""
        return self.names.get(language) or self.names["en"]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the form with its rows in order."""

    iri: str
    names: Mapping[str, str]
    order: float
    rows: tuple[Row, ...]

    def name(self, language: str = "en") -> str:
        """Label in ``language``, else in English."""
        return self.names.get(language) or self.names["en"]


@dataclass(frozen=True, slots=True)
class Form:
    """The form: sections → rows → fields, all in order."""

    sections: tuple[Section, ...]
    actor: Shape
    shapes: Mapping[str, Shape]
    _fields: Mapping[str, Field]
    _rows: Mapping[str, Row]
    _section_names: frozenset[str]

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields in the order of the form."""
        return tuple(self._fields.values())

    def field(self, key: str) -> Field:
        """The field with this key.

        Raises:
            NotFound: there is none; similar keys are named.
        """
        try:
            return self._fields[key]
        except KeyError:
            raise NotFound(f"The form has no field '{key}'.", near(key, self._fields)) from None

    def get(self, key: str) -> Field | None:
        """The field with this key, or ``None``."""
        return self._fields.get(key)

    def row(self, label: str) -> Row | None:
        """The row that carries this label in any of the form's languages."""
        return self._rows.get(normalise_label(label))

    def is_section(self, title: str) -> bool:
        """Whether this text is the title of a section, with or without its number."""
        return normalise_label(re.sub(r"^[\s\d.]+", "", title)) in self._section_names


@dataclass(frozen=True, slots=True)
class Ontology:
    """Everything that stands in ``ontology/``: terms, form and vocabularies."""

    folder: Path
    version: str
    form: Form
    schemes: Mapping[str, Scheme]
    triples: tuple[ox.Triple, ...]
    bounds: Mapping[str, tuple[str, str, str | None]]
    """Date property → its derived earliest, latest and (if any) exact-day property."""
    finding_kinds: Mapping[str, str]
    """Sub-property of ``ig:finding`` → concept of its kind."""

    @classmethod
    def load(cls, folder: Path | None = None) -> Ontology:
        """Read the ontology that comes with the package, or the one in ``folder``.

        Raises:
            OntologyError: a file does not parse, or the form contradicts itself; names the file or term.
        """
        return _load((folder or default_folder()).resolve())

    def scheme(self, name: str) -> Scheme:
        """The vocabulary with this id.

        Raises:
            NotFound: there is none; similar ids are named.
        """
        try:
            return self.schemes[name]
        except KeyError:
            raise NotFound(f"There is no vocabulary '{name}'.", near(name, self.schemes)) from None

    def concept(self, iri: str) -> Concept | None:
        """The concept with this IRI."""
        if not iri.startswith(VOCABULARY):
            return None
        scheme, _, name = iri[len(VOCABULARY) :].partition("/")
        return self.schemes[scheme].concepts.get(name) if scheme in self.schemes else None


_ALIKE, _MANY = 0.6, 200


def near(word: str, words: Iterable[str], most: int = 3) -> list[str]:
    """Words that look like ``word``, best first."""
    from difflib import get_close_matches

    known = list(words)
    if len(known) > _MANY:
        # What difflib finds alike has at least as much in common here, where it takes a hundredth of the time.
        from rapidfuzz import process
        from rapidfuzz.distance import Indel

        fitting = process.extract(
            word, known, scorer=Indel.normalized_similarity, processor=None, score_cutoff=_ALIKE, limit=_MANY
        )
        known = [each for each, *_ in fitting]
    return get_close_matches(word, known, n=most, cutoff=_ALIKE)


def text_of(term: object) -> str:
    """The IRI or text of a term; empty for a term that has none (a quoted triple)."""
    return str(getattr(term, "value", ""))


def default_folder() -> Path:
    """Where the ontology lies: inside an installed wheel, or at the root of a checkout.

    Raises:
        OntologyError: neither is there.
    """
    here = Path(__file__).parent
    for folder in (here / "ontology_files", here.parents[1] / "ontology"):
        if (folder / "shapes.ttl").is_file():
            return folder
    raise OntologyError("The ontology files are missing from this installation. Install integgraph again.")


def question_files(folder: Path | None = None) -> list[Path]:
    """The named questions that come with the ontology, sorted by id."""
    return sorted(((folder or default_folder()) / "questions").glob("*.rq"))


class _Graph:
    """A small read interface over the triples of the ontology."""

    def __init__(self) -> None:
        self.store = ox.Store()

    def read(self, file: Path) -> None:
        try:
            quads = list(ox.parse(file.read_bytes(), format=ox.RdfFormat.TURTLE))
        except (OSError, SyntaxError, ValueError) as error:
            raise OntologyError(f"{file.name} cannot be read: {error}.") from error
        prefix = file.stem  # blank nodes of two files must not meet
        self.store.extend(_apart(quad, prefix) for quad in quads)

    def objects(self, subject: Any, predicate: str) -> list[Any]:
        found = self.store.quads_for_pattern(subject, ox.NamedNode(predicate), None)
        return sorted((quad.object for quad in found), key=str)

    def one(self, subject: Any, predicate: str) -> Any | None:
        found = self.objects(subject, predicate)
        return found[0] if found else None

    def value(self, subject: Any, predicate: str) -> str | None:
        found = self.one(subject, predicate)
        return None if found is None else str(found.value)

    def true(self, subject: Any, predicate: str) -> bool:
        return self.value(subject, predicate) in ("true", "1")

    def number(self, subject: Any, predicate: str) -> float | None:
        value = self.value(subject, predicate)
        try:
            return None if value is None else float(value)
        except ValueError:
            word = predicate.replace(SH, "sh:")
            named = isinstance(subject, ox.NamedNode)
            name = subject.value if named else f"The part '{self.value(subject, IG + 'key')}'"
            raise OntologyError(f"{name} has the {word} '{value}', which is not a number.") from None

    def texts(self, subject: Any, predicate: str) -> dict[str, str]:
        return {term.language or "": term.value for term in self.objects(subject, predicate)}

    def strings(self, subject: Any, *predicates: str) -> tuple[str, ...]:
        return tuple(term.value for predicate in predicates for term in self.objects(subject, predicate))

    def instances(self, type_iri: str) -> list[Any]:
        found = self.store.quads_for_pattern(None, _TYPE, ox.NamedNode(type_iri))
        return sorted((quad.subject for quad in found), key=str)

    def items(self, head: Any) -> Iterator[Any]:
        while head is not None and head.value != RDF + "nil":
            yield self.one(head, RDF + "first")
            head = self.one(head, RDF + "rest")


def _apart(quad: ox.Quad, prefix: str) -> ox.Quad:
    def rename(term: Any) -> Any:
        return ox.BlankNode(f"{prefix}{term.value}") if isinstance(term, ox.BlankNode) else term

    return ox.Quad(rename(quad.subject), quad.predicate, rename(quad.object))


@lru_cache(maxsize=8)
def _load(folder: Path) -> Ontology:
    graph = _Graph()
    files = [folder / "integgraph.ttl", folder / "shapes.ttl", *sorted((folder / "vocabularies").glob("*.ttl"))]
    for file in files:
        graph.read(file)
    schemes = {
        scheme.id: scheme for scheme in (_scheme(graph, node) for node in graph.instances(SKOS + "ConceptScheme"))
    }
    form = _form(graph, schemes)
    return Ontology(
        folder=folder,
        version=graph.value(ox.NamedNode(IG.rstrip("#")), OWL + "versionInfo") or "0",
        form=form,
        schemes=schemes,
        triples=tuple(sorted((quad.triple for quad in graph.store), key=str)),
        bounds=_bounds(graph),
        finding_kinds={
            text_of(quad.subject): text_of(quad.object)
            for quad in graph.store.quads_for_pattern(None, ox.NamedNode(IG + "findingKind"), None)
            if isinstance(quad.object, ox.NamedNode)
        },
    )


def _bounds(graph: _Graph) -> dict[str, tuple[str, str, str | None]]:
    bounds = {}
    for quad in graph.store.quads_for_pattern(None, ox.NamedNode(IG + "earliestBound"), None):
        latest = graph.value(quad.subject, IG + "latestBound")
        if latest is None:
            raise OntologyError(f"{text_of(quad.subject)} has ig:earliestBound but no ig:latestBound.")
        bounds[text_of(quad.subject)] = (text_of(quad.object), latest, graph.value(quad.subject, IG + "exactDay"))
    return bounds


def _scheme(graph: _Graph, node: ox.NamedNode) -> Scheme:
    name = node.value[len(VOCABULARY) :]
    concepts: dict[str, Concept] = {}
    by_label: dict[str, str] = {}
    for quad in graph.store.quads_for_pattern(None, ox.NamedNode(SKOS + "inScheme"), node):
        concept = _concept(graph, ox.NamedNode(text_of(quad.subject)), name)
        concepts[concept.id] = concept
    for _, concept in sorted(concepts.items()):
        for label in (*concept.labels.values(), *concept.others):
            taken = by_label.setdefault(normalise_label(label), concept.id)
            if taken != concept.id:
                raise OntologyError(f"The label '{label}' belongs to two concepts of {name}: {taken} and {concept.id}.")
    collections = {
        collection.value.rsplit("/", 1)[1]: frozenset(
            member.value.rsplit("/", 1)[1] for member in graph.objects(collection, SKOS + "member")
        )
        for collection in graph.instances(SKOS + "Collection")
        if collection.value.startswith(node.value + "/")
    }
    return Scheme(
        id=name,
        iri=node.value,
        labels=graph.texts(node, SKOS + "prefLabel"),
        concepts=dict(sorted(concepts.items())),
        collections=collections,
        _by_label=by_label,
    )


def _concept(graph: _Graph, node: ox.NamedNode, scheme: str) -> Concept:
    labels = graph.texts(node, SKOS + "prefLabel")
    if not all(labels.get(language) for language in LANGUAGES):
        raise OntologyError(f"The concept {node.value} needs a preferred label in English and German.")
    broader = graph.value(node, SKOS + "broader")
    counts = graph.value(node, IG + "countsAsMember")
    return Concept(
        id=node.value[len(VOCABULARY) + len(scheme) + 1 :],
        iri=node.value,
        scheme=scheme,
        labels=labels,
        definitions=graph.texts(node, SKOS + "definition"),
        others=graph.strings(node, SKOS + "altLabel", SKOS + "hiddenLabel"),
        broader=broader.rsplit("/", 1)[1] if broader else None,
        implies=graph.strings(node, IG + "impliesClass"),
        counts_as_member=None if counts is None else counts == "true",
    )


def _form(graph: _Graph, schemes: Mapping[str, Scheme]) -> Form:
    shapes = _Shapes(graph, schemes)
    fields: dict[str, Field] = {}
    paths: dict[str, str] = {}
    for owner, profile in ((IG + "NetworkShape", False), (IG + "ProfileShape", True)):
        for node in graph.objects(ox.NamedNode(owner), SH + "property"):
            if graph.value(node, IG + "key") is None:
                if isinstance(node, ox.NamedNode):
                    raise OntologyError(f"The field {node.value} has no ig:key: its name in records is not known.")
                continue
            each = shapes.field(node, profile=profile)
            if each.key in fields:
                raise OntologyError(f"Two fields have the key '{each.key}': {fields[each.key].iri} and {each.iri}.")
            if each.path in paths:
                raise OntologyError(f"Two fields have the path {each.path}: {paths[each.path]} and {each.iri}.")
            fields[each.key] = each
            paths[each.path] = each.iri
    ordered = dict(sorted(fields.items(), key=lambda item: (item[1].order, item[0])))
    sections = _sections(graph, ordered)
    rows: dict[str, Row] = {}
    for section in sections:
        for row in section.rows:
            for label in (*row.names.values(), *row.others):
                other = rows.setdefault(normalise_label(label), row)
                if other.iri != row.iri:
                    raise OntologyError(f"The label '{label}' stands for two rows: {other.iri} and {row.iri}.")
    for section in sections:
        for row in section.rows:
            for each in row.fields:
                for label in (*each.names.values(), *each.others):
                    rows.setdefault(normalise_label(label), row)
    names = frozenset(normalise_label(name) for section in sections for name in section.names.values())
    return Form(sections, shapes.shape(ox.NamedNode(IG + "ActorShape")), shapes.known, ordered, rows, names)


def _sections(graph: _Graph, fields: Mapping[str, Field]) -> tuple[Section, ...]:
    rows_of: dict[str, dict[str, list[Field]]] = {}
    for each in fields.values():
        node = ox.NamedNode(each.iri)
        group = graph.value(node, SH + "group")
        if group is None:
            raise OntologyError(f"The field {each.iri} belongs to no section: it has no sh:group.")
        row = graph.value(node, IG + "row") or each.iri
        rows_of.setdefault(group, {}).setdefault(row, []).append(each)
    sections = []
    for group, rows in rows_of.items():
        node = ox.NamedNode(group)
        built = [_row(graph, iri, members) for iri, members in rows.items()]
        sections.append(
            Section(
                iri=group,
                names=_both(graph, node, RDFS + "label"),
                order=graph.number(node, SH + "order") or 0,
                rows=tuple(sorted(built, key=lambda row: (row.fields[0].order, row.order))),
            )
        )
    return tuple(sorted(sections, key=lambda section: section.order))


def _row(graph: _Graph, iri: str, fields: list[Field]) -> Row:
    """A row of its own, or, for a field that names no row, the field as its row."""
    node = ox.NamedNode(iri)
    own = iri == fields[0].iri
    return Row(
        iri=iri,
        names=fields[0].names if own else _both(graph, node, RDFS + "label"),
        others=fields[0].others if own else graph.strings(node, SKOS + "altLabel"),
        reader=None if own else graph.value(node, IG + "reader"),
        order=graph.number(node, SH + "order") or 0,
        fields=tuple(fields),
    )


def _both(graph: _Graph, node: ox.NamedNode, predicate: str) -> dict[str, str]:
    labels = graph.texts(node, predicate)
    missing = [language for language in LANGUAGES if not labels.get(language)]
    if missing:
        raise OntologyError(f"{node.value} has no label in {', '.join(missing)}.")
    return labels


class _Shapes:
    """Reads property shapes and the shapes nested in them, each once."""

    def __init__(self, graph: _Graph, schemes: Mapping[str, Scheme]) -> None:
        self.graph = graph
        self.schemes = schemes
        self.known: dict[str, Shape] = {}
        self._open: list[str] = []

    def field(self, node: Any, *, profile: bool = False) -> Field:
        graph = self.graph
        name = node.value if isinstance(node, ox.NamedNode) else f"the part '{graph.value(node, IG + 'key')}'"
        path = graph.one(node, SH + "path")
        if not isinstance(path, ox.NamedNode):
            raise OntologyError(f"{name} needs a plain property as its sh:path.")
        kind = graph.value(node, IG + "reader")
        if kind is None:
            raise OntologyError(f"{name} has no ig:reader: its kind of value is not known.")
        named = isinstance(node, ox.NamedNode)
        maximum = graph.number(node, SH + "maxCount")
        length = graph.number(node, SH + "maxLength")
        nested = graph.one(node, SH + "node")
        return Field(
            iri=node.value if named else "",
            key=graph.value(node, IG + "key") or "",
            kind=kind,
            path=path.value,
            names=_both(graph, node, SH + "name") if named else graph.texts(node, SH + "name"),
            others=graph.strings(node, SKOS + "altLabel"),
            cues=graph.strings(node, SKOS + "hiddenLabel"),
            help=graph.texts(node, SH + "description"),
            messages=graph.texts(node, SH + "message"),
            order=graph.number(node, SH + "order") or 0,
            minimum=int(graph.number(node, SH + "minCount") or 0),
            maximum=None if maximum is None else int(maximum),
            required=graph.true(node, IG + "answerRequired"),
            unique_language=graph.true(node, SH + "uniqueLang"),
            scheme=self._scheme(node, name),
            node=self.shape(nested) if isinstance(nested, ox.NamedNode) and kind == "node" else None,
            choices=self._choices(node),
            default=self._default(node),
            shorthand=graph.true(node, IG + "shorthand"),
            inline=graph.true(node, IG + "inline"),
            lift=graph.true(node, IG + "lift"),
            separator=graph.value(node, IG + "separator"),
            publish=graph.value(node, IG + "publish"),
            example=graph.value(node, IG + "example"),
            max_length=int(length) if length else None,
            profile=profile,
        )

    def shape(self, node: ox.NamedNode) -> Shape:
        if node.value in self._open:
            raise OntologyError(f"The shape {node.value} is nested in itself.")
        if node.value not in self.known:
            self._open.append(node.value)
            parts = [
                self.field(part)
                for part in self.graph.objects(node, SH + "property")
                if self.graph.value(part, IG + "key") is not None
            ]
            self.known[node.value] = Shape(
                iri=node.value,
                target=self.graph.value(node, SH + "targetClass") or "",
                names=_both(self.graph, node, RDFS + "label"),
                parts=tuple(sorted(parts, key=lambda part: part.order)),
            )
            self._open.pop()
        return self.known[node.value]

    def _scheme(self, node: Any, name: str) -> str | None:
        iri = self.graph.value(node, IG + "scheme")
        if iri is None:
            return None
        scheme = iri[len(VOCABULARY) :]
        if not iri.startswith(VOCABULARY) or scheme not in self.schemes:
            raise OntologyError(f"{name} takes its values from {iri}, but there is no such vocabulary.")
        return scheme

    def _choices(self, node: Any) -> tuple[str, ...]:
        head = self.graph.one(node, SH + "in")
        return tuple(item.value for item in self.graph.items(head)) if head is not None else ()

    def _default(self, node: Any) -> str | None:
        value = self.graph.value(node, SH + "defaultValue")
        return value.rsplit("/", 1)[1] if value and value.startswith(VOCABULARY) else value


# ---------------------------------------------------------------------------------------------------------------------
# What is derived from the form


def expanded_shapes(ontology: Ontology) -> list[ox.Triple]:
    """The shapes as plain SHACL core: with the value-or-absence rules and the scheme checks written out.

    Each field with ``ig:answerRequired`` gives one node shape whose ``sh:xone`` asks for a value or an
    ``ig:Absence`` about it; each part with ``ig:scheme`` and ``sh:class skos:Concept`` also asks that the concept
    is in that scheme. Source: SHACL, sections 2.3.1 (paths), 4.6.4 (sh:xone) and 4.8.3 (sh:in).
    """
    writer = _Expansion()
    target = SH + "targetClass"
    targets = {
        text_of(triple.subject): triple.object for triple in ontology.triples if triple.predicate.value == target
    }
    for triple in ontology.triples:
        if text_of(triple.subject).startswith(VOCABULARY):
            continue
        if triple.predicate.value == SH + "node" and text_of(triple.object) in targets:
            # The nested shape is a target of its own class, so asking for the class is enough: every node is
            # validated once instead of once as a target and once more from the field that holds it.
            writer.add(triple.subject, (SH + "class", targets[text_of(triple.object)]))
        else:
            writer.triples.append(triple)
    for each in ontology.form.fields:
        if each.required:
            writer.answer_rule(each)
    statements: dict[Any, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    owners: dict[Any, list[Any]] = defaultdict(list)
    for triple in ontology.triples:
        statements[triple.subject][triple.predicate.value].append(triple.object)
        if triple.predicate.value == SH + "property":
            owners[triple.object].append(triple.subject)
    for node, found in statements.items():
        if IG + "scheme" in found and ox.NamedNode(SKOS + "Concept") in found[SH + "class"]:
            for owner in owners[node]:
                writer.scheme_rule(owner, found[SH + "path"][0], found[IG + "scheme"][0], found[SH + "message"])
    return writer.triples


class _Expansion:
    def __init__(self) -> None:
        self.triples: list[ox.Triple] = []
        self._count = 0

    def blank(self, *statements: tuple[str, Any]) -> ox.BlankNode:
        self._count += 1
        node = ox.BlankNode(f"expanded{self._count}")
        self.add(node, *statements)
        return node

    def add(self, node: Any, *statements: tuple[str, Any]) -> None:
        self.triples.extend(ox.Triple(node, ox.NamedNode(predicate), value) for predicate, value in statements)

    def sequence(self, *items: Any) -> Any:
        head: Any = ox.NamedNode(RDF + "nil")
        for item in reversed(items):
            head = self.blank((RDF + "first", item), (RDF + "rest", head))
        return head

    def answer_rule(self, each: Field) -> None:
        one = ox.Literal("1", datatype=ox.NamedNode(XSD + "integer"))
        has_value = self.blank((SH + "path", ox.NamedNode(each.path)), (SH + "minCount", one))
        about = self.blank((SH + "inversePath", ox.NamedNode(IG + "about")))
        # A sequence path asks once a network which fields its absences are about; a qualified value shape asks once
        # an absence and field, which costs four times as much and means the same.
        absent_fields = self.sequence(about, ox.NamedNode(IG + "field"))
        has_absence = self.blank((SH + "path", absent_fields), (SH + "hasValue", ox.NamedNode(each.iri)))
        shape = ox.NamedNode(each.iri + "-answer")
        target = IG + ("Profile" if each.profile else "Network")
        texts = {
            "en": f"“{each.name('en')}” needs a value or the reason why there is none, and not both.",
            "de": f"„{each.name('de')}“ braucht einen Wert oder den Grund, warum es keinen gibt, und nicht beides.",
        }
        self.add(
            shape,
            (RDF + "type", ox.NamedNode(SH + "NodeShape")),
            (SH + "targetClass", ox.NamedNode(target)),
            (SH + "xone", self.sequence(has_value, has_absence)),
            *((SH + "message", ox.Literal(text, language=language)) for language, text in texts.items()),
        )

    def scheme_rule(self, owner: Any, path: Any, scheme: Any, messages: Iterable[Any]) -> None:
        """The concepts reached by this path are in this scheme, asked once for all of them."""
        steps = self.sequence(path, ox.NamedNode(SKOS + "inScheme"))
        rule = self.blank((SH + "path", steps), (SH + "in", self.sequence(scheme)))
        self.add(rule, *((SH + "message", message) for message in messages))
        self.add(owner, (SH + "property", rule))


def json_ld_context(ontology: Ontology, base_iri: str) -> dict[str, Any]:
    """The JSON-LD 1.1 context: every field's key as a term; parts of nested values in property-scoped contexts.

    Source: JSON-LD 1.1, section 4.1.8 (scoped contexts).
    """
    context: dict[str, Any] = {"@version": 1.1, "@base": base_iri, "id": "@id", "type": "@type"}
    context.update(PREFIXES)
    for each in ontology.form.fields:
        context[each.key] = _term(each)
    context["prefLabel"] = {"@id": "skos:prefLabel", "@container": "@language"}
    context["hasMember"] = {"@id": "org:hasMember", "@type": "@id", "@container": "@set"}
    return {"@context": context}


_LITERAL_TYPES = {
    "edtf": EDTF,
    "date": XSD + "date",
    "integer": XSD + "integer",
    "decimal": XSD + "decimal",
    "share": XSD + "decimal",
    "boolean": XSD + "boolean",
}


def _term(each: Field, depth: int = 0) -> dict[str, Any]:
    term: dict[str, Any] = {"@id": each.path}
    if each.kind in ("name", "text"):
        term["@container"] = "@language"
    elif each.kind in _LITERAL_TYPES:
        term["@type"] = _LITERAL_TYPES[each.kind]
    elif each.kind not in ("string", "choice", "email"):
        term["@type"] = "@id"
    if not each.single and "@container" not in term:
        term["@container"] = "@set"
    if each.node and depth < 3:
        term["@context"] = {part.key: _term(part, depth + 1) for part in each.node.parts}
    return term
