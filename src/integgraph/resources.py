"""Describe, list and search the things of a release, and what their pages say; free of HTTP.

Everything here is asked in SPARQL with bound values, so it works over any :class:`~integgraph.store.Store`. The form's
shapes lead: which fields a page shows, in which order and under which names, stands in the ontology alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

import pyoxigraph as ox

from integgraph import nearby
from integgraph.errors import NotFound
from integgraph.nearby import ENTITIES, Lists, Look, Near, Said
from integgraph.ontology import (
    DCT,
    IG,
    ORG,
    OWL,
    RDF,
    RDFS,
    SCHEMA,
    SH,
    SKOS,
    VOCABULARY,
    XSD,
    Concept,
    Field,
    Ontology,
    Scheme,
    normalise_label,
    text_of,
)
from integgraph.ontology import (
    near as near_words,
)
from integgraph.store import Plain, Rows, Store, Term, literal, plain
from integgraph.store import iri as to_iri
from integgraph.tables import shown_steps

KINDS: Mapping[str, str] = {
    "network": IG + "Network",
    "actor": IG + "Actor",
    "group": IG + "UnnamedGroup",
    "place": IG + "Place",
    "profile": IG + "Profile",
}
"""Kinds of things that have a name and a page of their own → their class. Everything else is a statement."""

# ---------------------------------------------------------------------------------------------------------------------
# What a page consists of


@dataclass(frozen=True, slots=True)
class Attribution:
    """A profile that states a value, with its status date (empty where it has none)."""

    iri: str
    date: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text with its language; empty where it has none."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """One value in words.

    Attributes:
        text: What to read.
        language: Language of ``text``, where it is not the page's.
        iri: What it names: a thing, a concept or an address; empty for a bare text.
        node: IRI of the statement that carries it, if it has one.
        parts: Its further parts, for values that have some.
        wordings: The words of the source, where they differ from ``text``.
        sources: The profiles it comes from.
        plain: The literal itself, for programs: number, truth, date or text; ``None`` for a thing.
    """

    text: str
    language: str = ""
    iri: str = ""
    node: str = ""
    parts: tuple[Part, ...] = ()
    wordings: tuple[Text, ...] = ()
    sources: tuple[Attribution, ...] = ()
    plain: Plain = None


@dataclass(frozen=True, slots=True)
class Part:
    """A named part of a value; ``key`` is its name for programs."""

    name: str
    values: tuple[Value, ...]
    key: str = ""


@dataclass(frozen=True, slots=True)
class Absence:
    """Why a field has no value: the reason in words, and the raw text where there is one."""

    reason: str
    iri: str
    raw: str = ""
    node: str = ""
    sources: tuple[Attribution, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A wording behind the values of a field."""

    wording: Text
    node: str
    locator: str = ""
    repaired: bool = False
    source: Value | None = None
    sources: tuple[Attribution, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A field with its values, or the reason why there are none; ``key`` is its name for programs."""

    name: str
    values: tuple[Value, ...] = ()
    help: str = ""
    iri: str = ""
    absence: Absence | None = None
    evidence: tuple[Evidence, ...] = ()
    key: str = ""

    @property
    def sources(self) -> tuple[Attribution, ...]:
        """The profiles that state every value of this entry; empty where the values differ in that."""
        if self.absence:
            return self.absence.sources
        found = {value.sources for value in self.values}
        return found.pop() if len(found) == 1 else ()


@dataclass(frozen=True, slots=True)
class Section:
    """Entries under one title."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What the page of a thing says, in the order to say it.

    Attributes:
        iri: The thing.
        kind: ``network``, ``actor``, ``group``, ``place``, ``profile``, ``concept``, ``scheme`` or ``statement``.
        title: Its name.
        sections: What is known about it.
        classes: What it is.
        warnings: What is doubtful about it, in sentences.
        note: A sentence that stands below the title; may be empty.
    """

    iri: str
    kind: str
    title: Text
    sections: tuple[Section, ...]
    classes: tuple[Value, ...] = ()
    warnings: tuple[Text, ...] = ()
    note: str = ""


# ---------------------------------------------------------------------------------------------------------------------
# Describe, list, search


def _statement(name: str) -> str:
    """Keep what is a statement about things rather than a thing.

    Its IRI tells: to look at the classes of everything around takes a hundred times as long where that is much.
    """
    terms = " && ".join(f'!STRSTARTS(STR(?{name}), "{beginning}")' for beginning in (IG, VOCABULARY))
    return f'FILTER(!REGEX(STR(?{name}), "{ENTITIES}") && {terms})'


_OWN = "?thing ?p ?o . BIND(?thing AS ?s)"
_AROUND = (
    _OWN,
    f"?thing ?down ?s . {_statement('s')} ?s ?p ?o .",
    f"?thing ?down ?via . {_statement('via')} ?via ?deeper ?s . {_statement('s')} ?s ?p ?o .",
    f"?s ?up ?thing . {_statement('s')} ?s ?p ?o .",
    f"?via ?up ?thing . {_statement('via')} ?via ?deeper ?s . {_statement('s')} ?s ?p ?o .",
    "?s dct:isReplacedBy ?thing ; ?p ?o .",
    "?s ig:describes ?thing ; ?p ?o .",
    "?profile ig:describes ?thing ; ig:evidence|ig:warning|prov:wasDerivedFrom ?s . ?s ?p ?o .",
)


def _construct(branches: Iterable[str], names: bool) -> str:
    # Every branch holds the bound variable itself: joined only after the union it would be a scan of everything.
    named = "OPTIONAL { ?o skos:prefLabel ?label }" if names else ""
    union = " UNION ".join(f"{{ {branch} {named} }}" for branch in branches)
    return f"CONSTRUCT {{ ?s ?p ?o {'. ?o skos:prefLabel ?label' if names else ''} }} WHERE {{ {union} }}"


_LEAN_PROFILE = (_OWN, "?thing ig:warning ?s . ?s ?p ?o .")
_DESCRIBE_OWN = _construct([_OWN], names=True)
_DESCRIBE = _construct(_AROUND, names=True)
_DESCRIBE_PROFILE = _construct(_LEAN_PROFILE, names=True)
_PROFILE = _construct(["GRAPH ?thing { ?s ?p ?o }"], names=False)
_PROFILE_WITH_NAMES = _construct(["GRAPH ?thing { ?s ?p ?o }"], names=True)
_SCHEME = _construct(
    [_OWN, "?s skos:inScheme ?thing ; ?p ?o .", "?x skos:inScheme ?thing . ?s skos:member ?x ; ?p ?o ."], names=False
)


def types_of(store: Store, thing: str) -> frozenset[str]:
    """IRIs of the classes of a thing; empty where there is no such thing."""
    rows = store.select("SELECT ?thing ?type WHERE { ?thing a ?type }", {"thing": to_iri(thing)})
    return frozenset(str(found) for found in rows.column("type"))


def describe(store: Store, thing: str) -> list[ox.Triple]:
    """What the release says about a thing, with the names of what it refers to.

    A network or actor comes with the statements about it (memberships, funding, absences, evidence …), two levels
    deep; a profile is its named graph, as stated; a vocabulary comes with its concepts; a place or concept alone.

    Args:
        store: The store to ask.
        thing: IRI of the thing.

    Returns:
        Distinct triples, sorted; none where there is no such thing.

    Raises:
        QuerySyntaxError: ``thing`` is not an IRI.
    """
    bindings = {"thing": to_iri(thing)}
    types = types_of(store, thing)
    if IG + "Profile" in types:
        return store.construct(_PROFILE, bindings)
    if SKOS + "ConceptScheme" in types:
        return store.construct(_SCHEME, bindings)
    if types & {IG + "Place", SKOS + "Concept"}:
        return store.construct(_DESCRIBE_OWN, bindings)
    return store.construct(_DESCRIBE, bindings)


def redirect(store: Store, thing: str) -> str | None:
    """The thing that replaces this one since they were found to be the same, if any."""
    rows = store.select("SELECT ?thing ?new WHERE { ?thing dct:isReplacedBy ?new }", {"thing": to_iri(thing)})
    return str(rows.column("new")[0]) if len(rows) else None


_LIST = "SELECT ?kind ?x ?label WHERE { ?x a ?kind ; skos:prefLabel ?label }"
_LIST_PROFILES = """SELECT ?kind ?x ?label ?date WHERE {
    ?x a ?kind ; ig:describes ?network . ?network skos:prefLabel ?label OPTIONAL { ?x ig:statusDate ?date } }"""


def list_things(store: Store, kind: str, language: str = "en") -> list[tuple[str, str]]:
    """IRI and name of every thing of a kind (a key of :data:`KINDS`), sorted by name.

    A profile bears the name of its network and its status date.

    Raises:
        NotFound: there is no such kind.
    """
    if kind not in KINDS:
        raise NotFound(f"There is no kind of thing '{kind}'.", near_words(kind, KINDS))
    bindings = {"kind": to_iri(KINDS[kind])}
    if kind != "profile":
        return _named(store.select(_LIST, bindings), language)
    rows = store.select(_LIST_PROFILES, bindings)
    dates = {str(row["x"]): str(row["date"]) for row in rows.records() if row["date"]}
    return [(thing, f"{name} ({dates[thing]})" if thing in dates else name) for thing, name in _named(rows, language)]


def search(store: Store, text: str, kind: str, language: str = "en") -> list[tuple[str, str]]:
    """Things of a kind whose name holds ``text``, whatever its case, sorted by name."""
    wanted = text.casefold().strip()
    return [(thing, name) for thing, name in list_things(store, kind, language) if wanted in name.casefold()]


def near(store: Store, thing: str) -> list[str]:
    """IRIs of things whose IRI looks like that of a missing one, best first.

    In a large collection nothing is looked at: whoever has its tables finds them there.
    """
    start, _, name = thing.rpartition("/")
    kind = start.rpartition("/")[2]
    if kind not in KINDS:
        return []
    bindings = {"kind": to_iri(KINDS[kind])}
    rows = store.select(f"SELECT ?kind ?x WHERE {{ ?x a ?kind }} LIMIT {_FEW}", bindings)
    if len(rows) == _FEW:
        return []
    names = [str(found).rpartition("/")[2] for found in rows.column("x")]
    return [f"{start}/{each}" for each in near_words(name, names)]


_FEW = 2_000
"""A collection with so many things of a kind is large."""


def _named(rows: Rows, language: str) -> list[tuple[str, str]]:
    """(IRI, name in the best language) of rows with ``x`` and ``label``, sorted by name."""
    labels: dict[str, list[Term]] = defaultdict(list)
    thing, label = rows.variables.index("x"), rows.variables.index("label")
    for row in rows.rows:
        named = row[thing]
        if isinstance(named, ox.NamedNode):
            labels[named.value].extend([row[label]] if row[label] else [])
    pairs = [(found, _best(texts, language).text if texts else "") for found, texts in labels.items()]
    return sorted(pairs, key=lambda pair: (pair[1].casefold(), pair[0]))


def _best(terms: Iterable[Term], language: str) -> Text:
    """The literal in the wanted language, else in English, German or any other."""
    texts = sorted(
        {Text(term.value, term.language or "") for term in terms}, key=lambda text: (text.language, text.text)
    )
    for wanted in (language, "en", "de"):
        for text in texts:
            if text.language == wanted:
                return text
    return texts[0]


# ---------------------------------------------------------------------------------------------------------------------
# Pages

_LABELS = (
    SKOS + "prefLabel",
    IG + "statedName",
    IG + "workingLabel",
    IG + "relatedName",
    IG + "activityName",
    DCT + "title",
    IG + "text",
    IG + "wording",
    RDFS + "label",
    SCHEMA + "url",
)
_WORDS: Mapping[str, tuple[str, str]] = {
    "active": ("Networks active here", "Hier tätige Netzwerke"),
    "actors": ("Organisations here", "Organisationen hier"),
    "about": ("About", "Angaben"),
    "broader": ("Broader", "Oberbegriff"),
    "carries out": ("Carries out", "Führt durch"),
    "classes": ("Classes", "Klassen"),
    "code": ("NUTS code", "NUTS-Code"),
    "concepts": ("Concepts", "Begriffe"),
    "coordinates": ("Coordinates", "Koordiniert"),
    "country": ("Country", "Land"),
    "definition": ("Definition", "Definition"),
    "different": ("Not the same as", "Nicht dasselbe wie"),
    "elsewhere": ("In other networks", "In anderen Netzwerken"),
    "funded": ("Is funded in", "Wird gefördert in"),
    "funds": ("Funds in", "Fördert in"),
    "here": ("Here", "Hier"),
    "importer": ("Record", "Datensatz"),
    "is": ("Is", "Ist"),
    "language": ("Language", "Sprache"),
    "licence": ("Licence", "Lizenz"),
    "mentioned": ("Mentioned by", "Erwähnt von"),
    "merged": ("Also recorded as", "Auch erfasst als"),
    "name": ("Name", "Name"),
    "narrower": ("Narrower", "Unterbegriffe"),
    "network": ("Describes", "Beschreibt"),
    "networks": ("Networks", "Netzwerke"),
    "no": ("no", "nein"),
    "other names": ("Other names", "Weitere Namen"),
    "other collections": ("In other collections", "In anderen Sammlungen"),
    "part of": ("Part of", "Teil von"),
    "place list": (
        "What stands under “About” comes from the place list of the release, not from a profile.",
        "Was unter „Angaben“ steht, kommt aus der Ortsliste des Releases, nicht aus einem Profil.",
    ),
    "place kind": ("Kind of place", "Art des Ortes"),
    "profiles": ("Profiles of this network", "Profile dieses Netzwerks"),
    "properties": ("Properties", "Eigenschaften"),
    "referring": ("What refers to this", "Was darauf verweist"),
    "related": ("Related to", "Verbunden mit"),
    "row": ("row", "Zeile"),
    "seated": ("Networks with their seat here", "Netzwerke mit Sitz hier"),
    "takes part": ("Takes part in", "Beteiligt an"),
    "undecided": ("Perhaps the same as", "Vielleicht dasselbe wie"),
    "used by": ("Used by", "Verwendet von"),
    "vocabulary": ("Vocabulary", "Vokabular"),
    "within": ("Lies in", "Liegt in"),
    "contains": ("Places in it", "Orte darin"),
    "yes": ("yes", "ja"),
}
_INVERSE: Mapping[tuple[str, str], str] = {
    (IG + "membership", ORG + "member"): "takes part",
    (IG + "coordination", IG + "coordinator"): "coordinates",
    (IG + "funding", IG + "funder"): "funds",
    (IG + "funding", IG + "recipient"): "funded",
    (IG + "funding", IG + "carriedOutBy"): "carries out",
    (IG + "mention", IG + "mentionedActor"): "mentioned",
    (IG + "relatedTo", IG + "relatedNetwork"): "related",
}
"""Field of a network and part of its value → what the field is called on the page of whom the part names."""
_UNTOLD = frozenset({IG + "webAddress"})
_IDENTITY = (
    (DCT + "isPartOf", "part of"),
    (OWL + "differentFrom", "different"),
    (IG + "undecidedIdentity", "undecided"),
)


def word(key: str, language: str) -> str:
    """A heading of a page in English or German."""
    return _WORDS[key][1 if language == "de" else 0]


def page(
    store: Store,
    ontology: Ontology,
    thing: str,
    language: str = "en",
    *,
    whole: bool = False,
    lean: bool = False,
    lists: Lists | None = None,
) -> Page:
    """What the page of a thing says.

    Args:
        store: The store to ask.
        ontology: The ontology whose form leads.
        thing: IRI of a thing, a concept or a vocabulary.
        language: Language to prefer, ``en`` or ``de``.
        whole: Say also what goes without saying, such as the role of a member; every part of a value then stands
            under its key. For programs.
        lean: Say only what the thing's own statements say, of long lists the first :data:`SHOWN`, and nothing of what
            refers to it: that stands in the tables, and costs the same however much it is.
        lists: Of a network, for a lean page: what it shows of members and money, where that is known already.

    Raises:
        NotFound: there is no such thing; near matches are named.
        QuerySyntaxError: ``thing`` is not an IRI.
    """
    if thing.startswith(VOCABULARY):
        return _vocabulary_page(store, ontology, thing, language, lean)
    look = store.run(nearby.look, to_iri(thing), lists) if lean else None
    classes = look.classes if look else store.select(nearby.CLASSES, {"thing": to_iri(thing)})
    types = nearby.types_in(classes)
    build = next((build for kind, build in _PAGES if KINDS[kind] in types), _statement_page)
    told = build(_Asked(store, ontology, thing, language, whole, look))
    kind = "group" if KINDS["group"] in types else told.kind
    return replace(told, kind=kind, classes=_classes(classes, language))


def _classes(rows: Rows, language: str) -> tuple[Value, ...]:
    """What a thing is; classes of our own first."""
    named = _named(rows, language)
    values = [Value(name or _local(each), iri=each) for each, name in named]
    return tuple(sorted(values, key=lambda value: not value.iri.startswith(IG)))


def missing(store: Store, thing: str) -> NotFound:
    """The error for a thing that is not there, with names that look like its own."""
    similar = [found.rpartition("/")[2] for found in near(store, thing)]
    return NotFound(f"There is nothing here under the name '{thing.rpartition('/')[2]}'.", similar)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose page is asked for, and how."""

    store: Store
    ontology: Ontology
    thing: str
    language: str
    whole: bool
    look: Look | None = None

    @property
    def lean(self) -> bool:
        """Whether only what stands near is told."""
        return self.look is not None

    def writer(self, triples: Iterable[ox.Triple] | _Graph, stated: _Stated | None = None) -> _Writer:
        """Who puts these triples into words."""
        return _Writer(triples, self.ontology, self.language, stated, self.whole)


class _Graph:
    """Triples by subject and by object."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self._objects: dict[tuple[Any, str], list[Any]] = defaultdict(list)
        self._subjects: dict[tuple[str, Any], list[Any]] = defaultdict(list)
        self.properties: dict[Any, list[str]] = defaultdict(list)
        for triple in dict.fromkeys(triples):
            self._objects[triple.subject, triple.predicate.value].append(triple.object)
            self._subjects[triple.predicate.value, triple.object].append(triple.subject)
            if triple.predicate.value not in self.properties[triple.subject]:
                self.properties[triple.subject].append(triple.predicate.value)

    def objects(self, subject: Term, path: str) -> list[Any]:
        return self._objects.get((subject, path), [])

    def subjects(self, path: str, value: Term) -> list[Any]:
        return self._subjects.get((path, value), [])

    def instances(self, class_iri: str) -> list[Any]:
        return self.subjects(RDF + "type", ox.NamedNode(class_iri))

    def text(self, subject: Term, path: str) -> str:
        return next((str(term.value) for term in self.objects(subject, path)), "")

    def in_order(self, nodes: Iterable[Any]) -> list[Any]:
        """Nodes by their place in the list they stood in."""
        return sorted(nodes, key=lambda node: (int(self.text(node, IG + "position") or 0), str(node)))


class _Writer:
    """Puts a graph into words, led by the form."""

    def __init__(
        self,
        triples: Iterable[ox.Triple] | _Graph,
        ontology: Ontology,
        language: str,
        stated: _Stated | None = None,
        whole: bool = False,
    ) -> None:
        self.graph = triples if isinstance(triples, _Graph) else _Graph(triples)
        self.ontology = ontology
        self.language = language
        self._stated = stated or _Stated()
        self._whole = whole
        self._fields = {each.iri: each for each in ontology.form.fields}

    def word(self, key: str) -> str:
        return word(key, self.language)

    def label(self, node: Term) -> Text:
        """What a thing is called."""
        concept = self.ontology.concept(node.value)
        if concept:
            return Text(concept.label(self.language))
        for path in _LABELS:
            found = [term for term in self.graph.objects(node, path) if not isinstance(term, ox.BlankNode)]
            if found and isinstance(found[0], ox.Literal):
                return _best(found, self.language)
            if found:
                return Text(found[0].value)
        return Text(node.value.rpartition("/")[2] or node.value)

    def thing(self, node: Term, **more: Any) -> Value:
        """A thing as a value: its name, and itself to link to."""
        label = self.label(node)
        return Value(label.text, self._foreign(label.language), node.value, **more)

    def _foreign(self, language: str | None) -> str:
        return language if language and language != self.language else ""

    def sources(self, path: str, value: Term) -> tuple[Attribution, ...]:
        """The profiles that state this."""
        found = self._stated.by_value.get((path, value), self._stated.otherwise)
        if not found and path == SKOS + "altLabel":  # in the view, also a name that some profile states as the name
            return self._stated.by_value.get((IG + "statedName", value), ())
        return found

    # ------------------------------------------------------------------ the form

    def sections(self, network: Term, profile: Term | None = None) -> tuple[Section, ...]:
        """The form filled in; fields about the profile only where one is given."""
        sections = []
        for section in self.ontology.form.sections:
            fields = (each for row in section.rows for each in row.fields)
            entries = [self.entry(each, profile if each.profile else network) for each in fields]
            told = tuple(entry for entry in entries if entry)
            if told:
                sections.append(Section(section.name(self.language), told))
        return tuple(sections)

    def entry(self, each: Field, subject: Term | None) -> Entry | None:
        """A field with its values or its absence; ``None`` where nothing is said."""
        if subject is None:
            return None
        values = self.values(each, subject)
        absence = None if values else self._absence(each, subject)
        evidence = () if each.profile else self._evidence(each)
        if not values and not absence and not evidence:
            return None
        help_text = each.help.get(self.language) or each.help.get("en", "")
        return Entry(each.name(self.language), values, help_text, each.iri, absence, evidence, each.key)

    def _absence(self, each: Field, subject: Term) -> Absence | None:
        for node in self.graph.subjects(IG + "field", ox.NamedNode(each.iri)):
            if node in self.graph.instances(IG + "Absence") and subject in self.graph.objects(node, IG + "about"):
                reason = self.graph.objects(node, IG + "reason")[0]
                return Absence(
                    self.label(reason).text,
                    reason.value,
                    self.graph.text(node, IG + "rawText"),
                    node.value,
                    self.sources(IG + "about", node),
                )
        return None

    def _evidence(self, each: Field) -> tuple[Evidence, ...]:
        nodes = set(self.graph.subjects(IG + "field", ox.NamedNode(each.iri)))
        nodes &= set(self.graph.instances(IG + "Evidence"))
        return tuple(self._piece(node) for node in self.graph.in_order(nodes))

    def _piece(self, node: Term) -> Evidence:
        source = self.graph.objects(node, DCT + "source")
        wordings = self.graph.objects(node, IG + "wording")
        return Evidence(
            _best(wordings, self.language) if wordings else Text(""),
            node.value,
            self.graph.text(node, IG + "locator"),
            self.graph.text(node, IG + "repaired") == "true",
            self.thing(source[0]) if source else None,
            tuple(
                Attribution(profile.value, self.graph.text(profile, IG + "statusDate"))
                for profile in sorted(self.graph.subjects(IG + "evidence", node), key=str)
            ),
        )

    def values(self, each: Field, subject: Term) -> tuple[Value, ...]:
        """The values of a field in words."""
        terms = self.graph.objects(subject, each.path)
        if each.kind == "concept":
            return self._concepts(each, subject, terms)
        if each.kind == "practice":
            nodes = (self._practice(node) for node in self.graph.in_order(terms))
        elif each.kind == "node":
            nodes = (self.node(each, node) for node in self.graph.in_order(self._own(each, terms)))
        else:
            return self._plain(each, terms)
        return tuple(
            replace(value, node=value.node, sources=self.sources(each.path, to_iri(value.node))) for value in nodes
        )

    def _own(self, each: Field, terms: Iterable[Term]) -> list[Term]:
        """Nodes of the field's own class: two fields may share a property, as evidence and classified wordings do."""
        target = each.node.target if each.node else ""
        return [term for term in terms if ox.NamedNode(target) in self.graph.objects(term, RDF + "type")]

    def _plain(self, each: Field, terms: Sequence[Term]) -> tuple[Value, ...]:
        if each.unique_language and any(term.language == self.language for term in terms):
            terms = [term for term in terms if term.language == self.language]
        values = (replace(self._term(each, term), sources=self.sources(each.path, term)) for term in terms)
        return tuple(sorted(values, key=lambda value: value.text.casefold()))

    def _term(self, each: Field, term: Term) -> Value:
        if isinstance(term, ox.NamedNode):
            if term.value in self._fields:
                return Value(self._fields[term.value].name(self.language))
            return Value(term.value, iri=term.value) if each.kind == "url" else self.thing(term)
        text, value = str(term.value), plain(term)
        if each.kind == "boolean":
            text = self.word("yes" if text == "true" else "no")
        elif each.kind == "share":
            text = _percent(text)
        address = f"mailto:{text}" if each.kind == "email" else ""
        return Value(text, self._foreign(term.language), address, plain=value)

    def _concepts(self, each: Field, subject: Term, concepts: Iterable[Term]) -> tuple[Value, ...]:
        """Concepts in the order of the wordings they were found in, each with these wordings."""
        of_field = set(self.graph.subjects(IG + "field", ox.NamedNode(each.iri)))
        nodes = [node for node in self.graph.objects(subject, IG + "classifiedWording") if node in of_field]
        wordings: dict[Any, list[Text]] = {}
        for node in self.graph.in_order(nodes):
            for concept in self.graph.objects(node, IG + "value"):
                wordings.setdefault(concept, []).extend(self._wordings(node, concept))
        rest = [concept for concept in concepts if concept not in wordings]
        for concept in sorted(rest, key=str):
            wordings[concept] = []
        return tuple(
            self.thing(concept, wordings=tuple(dict.fromkeys(found)), sources=self.sources(each.path, concept))
            for concept, found in wordings.items()
        )

    def _wordings(self, node: Term, concept: Term | None = None) -> list[Text]:
        """The words of the source, unless they are the concept's own label."""
        known = self.ontology.concept(concept.value) if concept else None
        labels = {normalise_label(label) for label in known.labels.values()} if known else set()
        return [
            Text(term.value, self._foreign(term.language))
            for term in self.graph.objects(node, IG + "wording")
            if normalise_label(term.value) not in labels
        ]

    def _practice(self, node: Term) -> Value:
        types = self.graph.objects(node, IG + "practiceType")
        labels = ", ".join(self.label(concept).text for concept in types)
        one = types[0] if len(types) == 1 else None
        return Value(labels, iri=one.value if one else "", node=node.value, wordings=tuple(self._wordings(node, one)))

    def node(self, each: Field, node: Term, skip: Term | None = None) -> Value:
        """A value with parts: its main part in words, the others beside it."""
        shape = each.node
        parts = [(part, self.values(part, node)) for part in shape.parts] if shape else []
        found = [(part, values) for part, values in parts if values]
        head = next((part for part, _ in found if part.inline or part.shorthand), None)
        if head is None:  # a code such as a source's id says less than what follows it
            head = next((part for part, _ in found if part.kind != "string"), None)
        main = next((values for part, values in found if part is head), ())
        others = tuple(
            Part(part.name(self.language), told, part.key)
            for part, values in found
            if self._whole or (part is not head and not self._goes_without_saying(part, values))
            if (told := tuple(value for value in values if skip is None or value.iri != skip.value))
        )
        text = "; ".join(value.text for value in main) or self.label(node).text
        first = main[0] if len(main) == 1 else Value(text)
        inner = () if self._whole else first.parts  # where every part stands, they stand in theirs
        return Value(text, first.language, first.iri, node.value, (*inner, *others), plain=first.plain)

    def _goes_without_saying(self, part: Field, values: Sequence[Value]) -> bool:
        """Whether this is only what holds when nothing is written."""
        if part.default is None or len(values) != 1 or values[0].parts:
            return False
        named = part.node.shorthand if part.node else None
        scheme = self.ontology.schemes.get((named or part).scheme or "")
        concept = scheme.concepts.get(part.default) if scheme else None
        return values[0].iri == concept.iri if concept else values[0].text == part.default

    # ------------------------------------------------------------------ beside the form

    def things(self, nodes: Iterable[Term]) -> tuple[Value, ...]:
        """Things by name."""
        return tuple(sorted((self.thing(node) for node in nodes), key=lambda value: value.text.casefold()))

    def fact(self, key: str, nodes: Iterable[Term]) -> Iterator[Entry]:
        """One line about a thing, if there is anything to say."""
        values = tuple(
            self.thing(node)
            if isinstance(node, ox.NamedNode)
            else Value(node.value, self._foreign(node.language), plain=plain(node))
            for node in nodes
        )
        if values:
            ordered = sorted(values, key=lambda value: value.text.casefold())
            yield Entry(self.word(key), tuple(ordered), key=_key(key))

    def warnings(self) -> tuple[Text, ...]:
        """What the checks found doubtful."""
        found = [
            _best(self.graph.objects(node, SH + "resultMessage"), self.language)
            for node in self.graph.in_order(self.graph.instances(SH + "ValidationResult"))
        ]
        return tuple(Text(text.text, self._foreign(text.language)) for text in found)


def _percent(text: str) -> str:
    try:
        return f"{format((Decimal(text) * 100).normalize(), 'f')} %"
    except InvalidOperation:
        return text


def _local(term: str) -> str:
    """The last part of a term's IRI, in words: ``FundingFlow`` → ``Funding flow``."""
    name = term.replace("#", "/").rpartition("/")[2]
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
    return words[:1].upper() + words[1:]


def _key(word: str) -> str:
    """The name for programs of an entry that is no field: ``place kind`` → ``place_kind``."""
    return word.replace(" ", "_")


@dataclass(frozen=True, slots=True)
class _Stated:
    """(Property, value) of a thing → the profiles that state it; and the profiles for all else."""

    by_value: Mapping[Any, tuple[Attribution, ...]] = field(default_factory=dict)
    otherwise: tuple[Attribution, ...] = ()


_DATED = "OPTIONAL { ?profile ig:statusDate ?date }"
_STATED = (
    f"SELECT ?thing ?profile ?p ?o ?date WHERE {{ GRAPH ?profile {{ ?thing ?p ?o }} {_DATED} }}",
    "SELECT ?thing ?profile ?p ?o ?date WHERE { "
    f"?old dct:isReplacedBy ?thing . GRAPH ?profile {{ ?old ?p ?o }} {_DATED} }}",
)
_STATED_ABOUT = (
    f"SELECT ?thing ?profile ?node ?date WHERE {{ GRAPH ?profile {{ ?node ig:about ?thing }} {_DATED} }}",
    "SELECT ?thing ?profile ?node ?date WHERE { "
    f"?old dct:isReplacedBy ?thing . GRAPH ?profile {{ ?node ig:about ?old }} {_DATED} }}",
)


class _Sources:
    """Collects who states what."""

    def __init__(self) -> None:
        self._found: dict[Any, dict[Attribution, None]] = defaultdict(dict)

    def note(self, key: Any, profile: Term, date: Term | None) -> None:
        """This profile states it."""
        self._found[key][Attribution(profile.value, str(date.value) if date else "")] = None

    def all(self) -> dict[Any, tuple[Attribution, ...]]:
        """Key → profiles, the oldest first."""
        return {
            key: tuple(sorted(values, key=lambda each: (each.date, each.iri))) for key, values in self._found.items()
        }


def _stated(store: Store, thing: str) -> _Stated:
    """Who states what about a thing, under its own IRI or one that was merged into it."""
    bindings = {"thing": to_iri(thing)}
    found = _Sources()
    for query in _STATED:
        for _, profile, path, value, date in store.select(query, bindings).rows:
            found.note((text_of(path), value), profile, date)
    for query in _STATED_ABOUT:
        for _, profile, node, date in store.select(query, bindings).rows:
            found.note((IG + "about", node), profile, date)
    return _Stated(found.all())


def _attributed(near: Near, said: Iterable[Said], key: Callable[[Said], Any]) -> dict[Any, tuple[Attribution, ...]]:
    """What is said → the profiles that say it."""
    found = _Sources()
    for each in said:
        found.note(key(each), each.profile, near.dates.get(each.profile))
    return found.all()


def _stated_near(near: Near) -> _Stated:
    return _Stated(_attributed(near, near.said, lambda each: (each.path, each.value)))


def _network_page(asked: _Asked) -> Page:
    store, thing = asked.store, asked.thing
    network = to_iri(thing)
    if asked.look:
        triples, stated = asked.look.near.triples, _stated_near(asked.look.near)
    else:
        triples, stated = describe(store, thing), _stated(store, thing)
    graph = _Graph(triples)
    dates = {profile: graph.text(profile, IG + "statusDate") for profile in graph.subjects(IG + "describes", network)}
    writer = asked.writer(graph, stated)
    profiles = tuple(
        Value(
            dates[profile] or profile.value.rpartition("/")[2],
            iri=profile.value,
            parts=_source_parts(writer, profile),
            sources=(Attribution(profile.value, dates[profile]),),
        )
        for profile in sorted(dates, key=lambda each: (dates[each], each.value), reverse=True)
    )
    name = _field_name(asked.ontology, "status_date", asked.language)
    sections = [
        *writer.sections(network),
        *(() if asked.lean else _elsewhere(store, writer, thing, "elsewhere")),
        *(Section(entry.name, (entry,)) for entry in _outward(asked)),
        Section(writer.word("profiles"), (Entry(name, profiles, key="profiles"),)),
    ]
    return Page(thing, "network", writer.label(network), tuple(sections), warnings=writer.warnings())


def _field_name(ontology: Ontology, key: str, language: str) -> str:
    return ontology.form.field(key).name(language)


def _source_parts(writer: _Writer, profile: Term) -> tuple[Part, ...]:
    """Title and address of what a profile was read from."""
    each = writer.ontology.form.field("sources")
    values = []
    for value in writer.values(each, profile):
        address = writer.graph.text(to_iri(value.node), SCHEMA + "url")
        values.append(Value(value.text, value.language, address or value.node))
    return (Part(each.name(writer.language), tuple(values), each.key),) if values else ()


def _actor_page(asked: _Asked) -> Page:
    store, ontology, thing, language = asked.store, asked.ontology, asked.thing, asked.language
    actor = to_iri(thing)
    if asked.look:
        near = asked.look.near
        writer, before = asked.writer(near.triples, _stated_near(near)), _merged_by_name(near, language)
    else:
        writer, before = asked.writer(describe(store, thing), _stated(store, thing)), _merged(asked)
    facts = [
        Entry(part.name(language), values, key=part.key)
        for part in ontology.form.actor.parts
        if (values := writer.values(part, actor))
    ]
    for path, key in _IDENTITY:
        others = [*writer.graph.objects(actor, path), *(writer.graph.subjects(path, actor) if key != "part of" else ())]
        facts.extend(writer.fact(key, dict.fromkeys(others)))
    if before:
        facts.append(Entry(writer.word("merged"), before, key="merged"))
    facts.extend(_outward(asked))
    elsewhere = () if asked.lean else _elsewhere(store, writer, thing, "networks")
    sections = (Section(writer.word("about"), tuple(facts)), *elsewhere)
    return Page(thing, "actor", writer.label(actor), sections)


def _merged(asked: _Asked) -> tuple[Value, ...]:
    merged = asked.store.select("SELECT ?thing ?x WHERE { ?x dct:isReplacedBy ?thing }", {"thing": to_iri(asked.thing)})
    return tuple(Value(str(old), iri=str(old)) for old in merged.column("x"))


def _merged_by_name(near: Near, language: str) -> tuple[Value, ...]:
    """What was made one with an actor, by the name that each row bore, with the profile that it stood in."""
    old = set(near.merged)
    named = [each for each in near.said if each.subject in old and each.path == IG + "statedName"]
    stated = _attributed(near, named, lambda each: each.subject)
    names: dict[Term, list[Term]] = defaultdict(list)
    for each in named:
        names[each.subject].append(each.value)
    values = (
        Value(
            _best(names[each], language).text if each in names else each.value.rpartition("/")[2],
            iri=each.value,
            sources=stated.get(each, ()),
        )
        for each in near.merged
    )
    return tuple(sorted(values, key=lambda value: (value.text.casefold(), value.iri)))


# The name is optional so that no scan of all names is joined in; only statements lead on, because a network or a place
# in the middle would lead everywhere.
_PARTICIPATION = f"""SELECT ?thing ?x ?link ?node ?via ?label WHERE {{
    {{ ?node ?via ?thing . {_statement("node")} ?x ?link ?node OPTIONAL {{ ?x skos:prefLabel ?label }} }}
    UNION
    {{ ?inner ?via ?thing . {_statement("inner")} ?node ?into ?inner . {_statement("node")} ?x ?link ?node
       OPTIONAL {{ ?x skos:prefLabel ?label }} }} }}"""
# Every branch holds the thing: a graph that is joined only afterwards is a scan of all graphs.
_PARTICIPATION_STATED = (
    f"SELECT ?thing ?profile ?node ?date WHERE {{ GRAPH ?profile {{ ?node ?via ?thing }} {_DATED} }}",
    "SELECT ?thing ?profile ?node ?date WHERE { "
    f"GRAPH ?profile {{ ?inner ?via ?thing . ?node ?into ?inner }} {_DATED} }}",
)


def _elsewhere(store: Store, writer: _Writer, thing: str, title: str) -> Iterator[Section]:
    """What an actor does in networks: takes part, coordinates, funds, is funded and so on."""
    actor = to_iri(thing)
    fields = _fields_with_parts(writer.ontology)
    rows = store.select(_PARTICIPATION, {"thing": actor})
    told = Rows(rows.variables, tuple(row for row in rows.rows if row[2] and row[2].value in fields and row[5]))
    names = dict(_named(told, writer.language))
    stated = _stated_nodes(store, actor) if told.rows else {}
    found: dict[tuple[str, str], dict[Value, None]] = defaultdict(dict)
    for _, network, link, node, via, _ in told.rows:
        if network is None or link is None or via is None or network == actor:
            continue
        each = fields[link.value]
        if _names_actor(each, via.value):
            value = Value(
                names[network.value], iri=network.value, node=node.value if node else "", sources=stated.get(node, ())
            )
            found[link.value, via.value][replace(value, parts=_beside(writer, each, node, actor))] = None
    entries = tuple(
        Entry(
            _inverse(fields[link], via, writer),
            tuple(sorted(values, key=lambda value: value.text.casefold())),
            key=_inverse_key(fields[link], via),
        )
        for (link, via), values in sorted(found.items(), key=lambda item: (fields[item[0][0]].order, item[0][1]))
    )
    if entries:
        yield Section(writer.word(title), entries)


def _stated_nodes(store: Store, actor: Term) -> dict[Any, tuple[Attribution, ...]]:
    """Statement that names an actor, or one that was merged into it → the profiles that make it."""
    merged = store.select("SELECT ?thing ?old WHERE { ?old dct:isReplacedBy ?thing }", {"thing": actor})
    found = _Sources()
    for each in (actor, *(old for _, old in merged.rows)):
        for query in _PARTICIPATION_STATED:
            for _, profile, node, date in store.select(query, {"thing": each}).rows:
                found.note(node, profile, date)
    return found.all()


def _fields_with_parts(ontology: Ontology) -> dict[str, Field]:
    fields = ontology.form.fields
    return {each.path: each for each in fields if each.node and not each.profile and each.path not in _UNTOLD}


def _beside(writer: _Writer, each: Field, node: Term, actor: Term) -> tuple[Part, ...]:
    """The parts of a statement other than the actor whose page it stands on."""
    value = writer.node(each, node, skip=actor)
    return value.parts if value.iri == actor.value else (*_head_part(each, value, writer), *value.parts)


def _head_part(each: Field, value: Value, writer: _Writer) -> tuple[Part, ...]:
    """The main part of a value as one of its parts, for where the network stands first."""
    head = Value(value.text, value.language, value.iri, plain=value.plain)
    return (Part(each.name(writer.language), (head,), each.key),)


def _names_actor(each: Field, via: str) -> bool:
    """Whether ``via`` is a part of the field's value, or of a part of it."""
    parts = each.node.parts if each.node else ()
    inner = (deeper for part in parts if part.node for deeper in part.node.parts)
    return any(part.path == via for part in (*parts, *inner))


def _inverse(each: Field, via: str, writer: _Writer) -> str:
    key = _INVERSE.get((each.path, via))
    return writer.word(key) if key else f"{each.name(writer.language)} · {_local(via)}"


def _inverse_key(each: Field, via: str) -> str:
    key = _INVERSE.get((each.path, via))
    return _key(key) if key else f"{each.key}_{_local(via).lower().replace(' ', '_')}"


def _profile_page(asked: _Asked) -> Page:
    store, ontology, thing, language = asked.store, asked.ontology, asked.thing, asked.language
    profile = to_iri(thing)
    bound = {"thing": profile}
    stated = asked.look.near.triples if asked.look else store.construct(_PROFILE_WITH_NAMES, bound)
    own = store.construct(_DESCRIBE_PROFILE if asked.lean else _DESCRIBE, bound)
    date = _Graph(stated).text(profile, IG + "statusDate")
    itself = (Attribution(thing, date),)
    writer = asked.writer(stated, _Stated(otherwise=itself))
    network = writer.graph.objects(profile, IG + "describes")[0]
    label = _Writer([*own, *stated], ontology, language).label(network)
    facts = [
        Entry(writer.word("network"), (Value(label.text, iri=network.value, sources=itself),), key="network"),
        *writer.fact("language", writer.graph.objects(profile, DCT + "language")),
        *(
            Entry(writer.word("licence"), (Value(term.value, iri=term.value),), key="licence")
            for term in writer.graph.objects(profile, DCT + "license")
        ),
        *writer.fact("importer", writer.graph.objects(profile, IG + "sourceFile")),
    ]
    sections = (Section(writer.word("about"), tuple(facts)), *writer.sections(network, profile))
    title = Text(f"{label.text} ({date})" if date else label.text, label.language)
    return Page(thing, "profile", title, sections, warnings=_Writer(own, ontology, language).warnings())


def _at_place(path: str, kind: str) -> str:
    """Finds what a property relates to a place; class and name are asked of what was found, not joined with it."""
    return (
        f"SELECT ?thing ?x ?label WHERE {{ ?x {path} ?thing FILTER EXISTS {{ ?x a {kind} }} "
        "OPTIONAL { ?x skos:prefLabel ?label } }"
    )


_AT_PLACE = (
    ("seated", _at_place("ig:seat", "ig:Network"), "ig:seat"),
    ("active", _at_place("ig:areaOfActivity", "ig:Network"), "ig:areaOfActivity"),
    ("actors", _at_place("ig:seat", "ig:Actor FILTER NOT EXISTS { ?x a ig:Network }"), "ig:seat"),
    ("contains", _at_place("ig:within", "ig:Place"), ""),
)
_CHAIN = """SELECT ?thing ?x ?label ?next WHERE {
    ?thing ig:within+ ?x OPTIONAL { ?x skos:prefLabel ?label } OPTIONAL { ?x ig:within ?next } }"""


def _place_page(asked: _Asked) -> Page:
    store, thing, language = asked.store, asked.thing, asked.language
    writer = asked.writer(describe(store, thing))
    place = to_iri(thing)
    graph = writer.graph
    codes = [*graph.objects(place, IG + "nutsCode"), *graph.objects(place, IG + "nuts3Code")]
    facts = [
        *writer.fact("name", graph.objects(place, SKOS + "prefLabel")),
        *writer.fact("other names", graph.objects(place, SKOS + "altLabel")),
        *writer.fact("place kind", graph.objects(place, IG + "placeKind")),
        *_chain(store, thing, language),
        *writer.fact("country", graph.objects(place, IG + "countryCode")),
        *writer.fact("code", dict.fromkeys(codes)),
        *_outward(asked),
    ]
    here = tuple(
        entry
        for key, query, path in (() if asked.lean else _AT_PLACE)
        for entry in _listed(store, key, query, thing, language, path)
    )
    sections = [Section(writer.word("about"), tuple(facts)), *([Section(writer.word("here"), here)] if here else [])]
    return Page(thing, "place", writer.label(place), tuple(sections), note=writer.word("place list"))


def _chain(store: Store, thing: str, language: str) -> Iterator[Entry]:
    """What a place lies in, the smallest first."""
    rows = store.select(_CHAIN, {"thing": to_iri(thing)})
    above = {str(row["x"]): row["next"] for row in rows.records()}

    def height(place: str) -> int:
        return 1 + height(str(above[place])) if above.get(place) in above else 0

    found = sorted(_named(rows, language), key=lambda pair: -height(pair[0]))
    if found:
        yield Entry(word("within", language), tuple(Value(name, iri=each) for each, name in found), key="within")


def _outward(asked: _Asked) -> Iterator[Entry]:
    """What a thing is, or matches, in other collections."""
    rows = asked.look.outward if asked.look else _rows_outward(asked.store, asked.thing)
    return _told_outward(rows, asked.language)


def _rows_outward(store: Store, thing: str) -> Rows:
    return store.select(nearby.OUTWARD, {"thing": to_iri(thing)})


def _told_outward(rows: Rows, language: str) -> Iterator[Entry]:
    there = rows.column("x")
    if there:
        values = tuple(Value(str(each), iri=str(each)) for each in there)
        yield Entry(word("other collections", language), values, key=_key("other collections"))


def _listed(store: Store, key: str, query: str, thing: str, language: str, path: str = "") -> Iterator[Entry]:
    """Things that a query finds, as one entry.

    Args:
        store: The store to ask.
        key: What the entry is called.
        query: Finds ``?x`` and ``?label`` for ``?thing``.
        thing: Whose page it is.
        language: Language of the page.
        path: The property by which a profile says so of ``?x``, or ``?p`` for any; nothing where no profile does.
    """
    found = _named(store.select(query, {"thing": to_iri(thing)}), language)
    if found:
        stated = _stated_of(store, thing, path) if path else {}
        values = tuple(Value(name, iri=each, sources=stated.get(each, ())) for each, name in found)
        yield Entry(word(key, language), values, key=_key(key))


def _stated_of(store: Store, thing: str, path: str) -> dict[Any, tuple[Attribution, ...]]:
    """IRI of what is said to be related to a thing → the profiles that say so."""
    query = (
        f"SELECT ?thing ?x ?profile ?date ?new WHERE {{ GRAPH ?profile {{ ?x {path} ?thing }} "
        f"OPTIONAL {{ ?x dct:isReplacedBy ?new }} {_DATED} }}"
    )
    found = _Sources()
    for _, x, profile, date, new in store.select(query, {"thing": to_iri(thing)}).rows:
        found.note(text_of(new or x), profile, date)
    return found.all()


def stated_of(store: Store, thing: str, path: str, shown: Sequence[str]) -> dict[str, tuple[Attribution, ...]]:
    """The profiles that say of each of some things that it is related to a thing.

    Args:
        store: The store to ask.
        thing: IRI of what the property leads to, such as a place.
        path: IRI of the property.
        shown: IRIs of the things, as many as a page shows.

    Returns:
        IRI → profiles, the oldest first; a thing of which no profile says so is left out.

    Raises:
        QuerySyntaxError: one of them is no IRI.
    """
    if not shown:
        return {}
    values = " ".join(str(to_iri(each)) for each in shown)
    query = f"""SELECT ?thing ?x ?profile ?date WHERE {{
        VALUES ?x {{ {values} }}
        {{ GRAPH ?profile {{ ?x {to_iri(path)} ?thing }} }}
        UNION {{ ?old dct:isReplacedBy ?x . GRAPH ?profile {{ ?old {to_iri(path)} ?thing }} }}
        {_DATED} }}"""
    found = _Sources()
    for _, x, profile, date in store.select(query, {"thing": to_iri(thing)}).rows:
        found.note(text_of(x), profile, date)
    return found.all()


@dataclass(frozen=True, slots=True)
class Edition:
    """What one profile of a network says, in short: for comparing it with another.

    Attributes:
        profile: The profile.
        said: Key of a field → what it says: IRI, or text in small letters → in words. A missing answer is its reason.
    """

    profile: Attribution
    said: Mapping[str, Mapping[str, str]]


def editions(store: Store, ontology: Ontology, network: str, language: str = "en") -> list[Edition]:
    """The profiles of a network, newest first, each with what it says; at most :data:`EDITIONS` of them.

    Raises:
        QuerySyntaxError: ``network`` is not an IRI.
    """
    profiles = profiles_of(store, network)[:EDITIONS]
    fields = {each.key: each for each in ontology.form.fields if not each.profile and each.key != "evidence"}
    by_iri = {each.iri: key for key, each in fields.items()}
    subject = str(to_iri(network))
    branches = [f"{{ GRAPH ?profile {{ ?a ig:about {subject} ; ig:field ?key ; ig:reason ?o }} }}"]
    for key, each in fields.items():
        path = "/".join(str(to_iri(step)) for step in (each.path, *shown_steps(each)))
        branches.append(f"{{ GRAPH ?profile {{ {subject} {path} ?o }} BIND({literal(key)} AS ?key) }}")
    values = " ".join(str(to_iri(each.iri)) for each in profiles)
    query = (
        f"SELECT ?profile ?key ?o ?new ?label ?stated WHERE {{ VALUES ?profile {{ {values} }} "
        f"{' UNION '.join(branches)} "
        "OPTIONAL { ?o dct:isReplacedBy ?new } OPTIONAL { ?o skos:prefLabel ?label } "
        "OPTIONAL { GRAPH ?profile { ?o ig:statedName ?stated } } }"
    )
    found: dict[str, dict[str, dict[str, list[Term]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for profile, of, value, new, label, stated in store.select(query).rows if profiles else ():
        if value is not None and not isinstance(value, ox.BlankNode):
            field_key = by_iri.get(text_of(of), text_of(of))
            # What was made one since is one in both profiles.
            ident = (new or value).value if isinstance(value, ox.NamedNode) else value.value.casefold()
            found[text_of(profile)][field_key][ident].append(stated or label or value)
    return [
        Edition(
            each,
            {
                key: {ident: _in_short(terms, ident, ontology, language) for ident, terms in said.items()}
                for key, said in found[each.iri].items()
            },
        )
        for each in profiles
    ]


def _in_short(terms: Sequence[Term], ident: str, ontology: Ontology, language: str) -> str:
    concept = ontology.concept(ident)
    if concept:
        return concept.label(language)
    texts = [term for term in terms if isinstance(term, ox.Literal)]
    if not texts:
        return ident
    if texts[0].datatype.value == XSD + "boolean":
        return word("yes" if ident == "true" else "no", language)
    return _best(texts, language).text


def profiles_of(store: Store, network: str) -> list[Attribution]:
    """The profiles of a network, newest first.

    Raises:
        QuerySyntaxError: ``network`` is not an IRI.
    """
    query = f"SELECT ?thing ?profile ?date WHERE {{ ?profile ig:describes ?thing {_DATED} }}"
    rows = store.select(query, {"thing": to_iri(network)}).rows
    found = {Attribution(text_of(profile), text_of(date) if date else "") for _, profile, date in rows}
    return sorted(found, key=lambda each: (each.date, each.iri), reverse=True)


def labels_of(store: Store, things: Sequence[str], language: str = "en") -> dict[str, str]:
    """The preferred names of some things, in the language or the next best one.

    Raises:
        QuerySyntaxError: one of them is no IRI.
    """
    found: dict[str, str] = {}
    for values in nearby.portions(map(to_iri, things)):
        rows = store.select(f"SELECT ?x ?label WHERE {{ VALUES ?x {{ {values} }} ?x skos:prefLabel ?label }}")
        found |= _named(rows, language)
    return found


EDITIONS = 5
"""How many profiles of a network are set beside each other."""


_PAGES = (
    ("network", _network_page),
    ("profile", _profile_page),
    ("place", _place_page),
    ("actor", _actor_page),
    ("group", _actor_page),
)
"""Who writes the page of which kind of thing; the first that fits. Everything else is a statement."""

# ---------------------------------------------------------------------------------------------------------------------
# Vocabularies, terms and statements

_USED_BY = (
    (
        "networks",
        "SELECT ?thing ?x ?label WHERE { { ?x ?p ?thing ; a ig:Network ; skos:prefLabel ?label } "
        "UNION { ?node ?p ?thing . ?x ?link ?node ; a ig:Network ; skos:prefLabel ?label } }",
        "?p",
    ),
    ("actors", "SELECT ?thing ?x ?label WHERE { ?x ?p ?thing ; a ig:Actor ; skos:prefLabel ?label }", "?p"),
)


def used_by(store: Store, concept: str, language: str, most: int) -> tuple[Entry, ...]:
    """The first networks and actors that name a concept; for vocabularies that no table has a column for.

    Raises:
        QuerySyntaxError: ``concept`` is not an IRI.
    """
    # The statements are bounded before what they belong to is looked for.
    query = f"""SELECT ?thing ?x ?label WHERE {{
        {{ SELECT ?node WHERE {{ ?node ?p {to_iri(concept)} FILTER(!STRSTARTS(STR(?node), "{VOCABULARY}")) }}
           LIMIT {20 * most} }}
        ?x ?link ?node FILTER EXISTS {{ ?x a ig:Network }} ?x skos:prefLabel ?label }}"""
    return tuple(
        replace(entry, values=entry.values[:most]) for entry in _listed(store, "networks", query, concept, language)
    )


def _vocabulary_page(store: Store, ontology: Ontology, thing: str, language: str, lean: bool) -> Page:
    concept = ontology.concept(thing)
    if concept:
        return _concept_page(store, ontology, concept, language, lean)
    scheme = ontology.schemes.get(thing.removeprefix(VOCABULARY))
    if scheme:
        return _scheme_page(scheme, language)
    first, _, name = thing.removeprefix(VOCABULARY).partition("/")
    known = ontology.schemes[first].concepts if name and first in ontology.schemes else ontology.schemes
    raise NotFound(f"There is no concept or vocabulary '{name or first}' here.", near_words(name or first, known))


def _concept_page(store: Store, ontology: Ontology, concept: Concept, language: str, lean: bool) -> Page:
    scheme = ontology.schemes[concept.scheme]

    def concepts(key: str, names: Iterable[str]) -> Iterator[Entry]:
        values = tuple(Value(scheme.concepts[name].label(language), iri=scheme.concepts[name].iri) for name in names)
        if values:
            yield Entry(word(key, language), values, key=key)

    names = [Value(text, "" if each == language else each) for each, text in sorted(concept.labels.items())]
    definition = concept.definitions.get(language) or concept.definitions.get("en", "")
    facts = [
        *([Entry(word("definition", language), (Value(definition),), key="definition")] if definition else ()),
        Entry(word("name", language), tuple(names), key="name"),
        *concepts("broader", [concept.broader] if concept.broader else []),
        *concepts("narrower", [each.id for each in scheme.concepts.values() if each.broader == concept.id]),
        Entry(word("vocabulary", language), (Value(scheme.label(language), iri=scheme.iri),), key="vocabulary"),
        *_told_outward(_rows_outward(store, concept.iri), language),
    ]
    if concept.others:
        others = tuple(Value(text) for text in concept.others)
        facts.insert(2, Entry(word("other names", language), others, key="other_names"))
    used = tuple(
        entry
        for key, query, path in (() if lean else _USED_BY)
        for entry in _listed(store, key, query, concept.iri, language, path)
    )
    sections = [Section(word("about", language), tuple(facts))]
    if used:
        sections.append(Section(word("used by", language), used))
    classes = (Value("Concept", iri=SKOS + "Concept"),)
    return Page(concept.iri, "concept", Text(concept.label(language)), tuple(sections), classes)


def _scheme_page(scheme: Scheme, language: str) -> Page:
    entries = tuple(
        Entry(
            each.label(language),
            (Value(each.definitions.get(language) or each.definitions.get("en", "")),),
            iri=each.iri,
            key=each.id,
        )
        for each in scheme.concepts.values()
    )
    classes = (Value("Concept scheme", iri=SKOS + "ConceptScheme"),)
    sections = (Section(word("concepts", language), entries),)
    return Page(scheme.iri, "scheme", Text(scheme.label(language)), sections, classes)


_TERMS = """SELECT ?x ?label ?definition ?type WHERE {
    ?x a ?type ; rdfs:label ?label ; skos:definition ?definition
    FILTER(?type IN (owl:Class, owl:ObjectProperty, owl:DatatypeProperty))
    FILTER(LANG(?label) = LANG(?definition)) }"""


def ontology_page(store: Store, ontology: Ontology, language: str = "en") -> Page:
    """The classes and properties of the ontology, each with its definition."""
    found: dict[bool, dict[str, dict[str, Entry]]] = {True: defaultdict(dict), False: defaultdict(dict)}
    for term, label, definition, kind in store.select(_TERMS).rows:
        if term is None or label is None or definition is None or kind is None or not term.value.startswith(IG):
            continue
        entry = Entry(label.value, (Value(definition.value),), iri=term.value, key=term.value.removeprefix(IG))
        found[kind.value == OWL + "Class"][term.value][label.language or ""] = entry
    sections = tuple(
        Section(
            word("classes" if is_class else "properties", language),
            tuple(
                sorted((each.get(language) or each["en"] for each in terms.values()), key=lambda e: e.name.casefold())
            ),
        )
        for is_class, terms in found.items()
    )
    title = Text("integgraph ontology" if language == "en" else "integgraph-Ontologie")
    classes = (Value("Ontology", iri=OWL + "Ontology"),)
    return Page(IG.rstrip("#"), "ontology", title, sections, classes, note=ontology.version)


_PROPERTY_NAMES = """SELECT ?thing ?x ?label WHERE {
    ?thing ?x ?o . ?x rdfs:label ?label }"""
_REFERRING = "SELECT ?thing ?x ?p WHERE { ?x ?p ?thing }"


def _statement_page(asked: _Asked) -> Page:
    """Any other node: its properties as they are, and what refers to it."""
    store, thing = asked.store, asked.thing
    node = to_iri(thing)
    writer = asked.writer(store.construct(_DESCRIBE, {"thing": node}), _stated(store, thing))
    if not writer.graph.properties.get(node):
        raise missing(store, thing)
    names = dict(_named(store.select(_PROPERTY_NAMES, {"thing": node}), asked.language))
    facts = [
        Entry(
            names.get(path) or _local(path),
            tuple(
                replace(_any(writer, term), sources=writer.sources(path, term))
                for term in sorted(writer.graph.objects(node, path), key=lambda term: str(term.value).casefold())
            ),
            key=path.replace("#", "/").rpartition("/")[2],
        )
        for path in sorted(writer.graph.properties[node], key=lambda path: (path == IG + "position", path))
        if path != RDF + "type"
    ]
    referring = {term for _, term, _ in store.select(_REFERRING, {"thing": node}).rows if term is not None}
    sections = [Section(writer.word("about"), tuple(facts))]
    if referring:
        entry = Entry(writer.word("used by"), writer.things(referring), key="used_by")
        sections.append(Section(writer.word("referring"), (entry,)))
    return Page(thing, "statement", _row_label(writer, node) or writer.label(node), tuple(sections))


def _row_label(writer: _Writer, node: Term) -> Text | None:
    """What a flow of an imported table is called: the table and the row."""
    graph = writer.graph
    position, flow = graph.text(node, IG + "position"), ox.NamedNode(IG + "FundingFlow")
    for source in graph.objects(node, DCT + "source"):
        if position and flow in graph.objects(node, RDF + "type") and graph.text(source, DCT + "title"):
            title = writer.label(source)
            return Text(f"{title.text}, {writer.word('row')} {position}", title.language)
    return None


_TABLES = "SELECT ?table ?title WHERE { ?table prov:wasGeneratedBy ?reading ; dct:source ?source ; dct:title ?title }"


def table_titles(store: Store) -> dict[str, Text]:
    """IRI → title of every imported table."""
    rows = store.select(_TABLES).rows
    return {text_of(table): Text(text_of(title), getattr(title, "language", None) or "") for table, title in rows}


def _any(writer: _Writer, term: Term) -> Value:
    if not isinstance(term, ox.NamedNode):
        return Value(str(term.value), getattr(term, "language", None) or "", plain=plain(term))
    each = writer._fields.get(term.value)
    return Value(each.name(writer.language), iri=term.value) if each else writer.thing(term)
