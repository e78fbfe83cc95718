"""The kinds of value that a field of the form can have (``ig:reader``), each in one class.

A kind reads what a person wrote into a normal form (plain data), writes it back, turns it into triples, reads it
back from triples, and describes itself as JSON Schema. Everything else about a field stands in the shapes.
The registry is the dict ``KINDS``.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

import pyoxigraph as ox

from integgraph.errors import OntologyError
from integgraph.ingest import edtf
from integgraph.ingest.yamltext import Where
from integgraph.ontology import (
    DCT,
    EDTF,
    IG,
    UNCLASSIFIED,
    VOCABULARY,
    XSD,
    Concept,
    Field,
    Ontology,
    Scheme,
    Shape,
    near,
)

if TYPE_CHECKING:
    from integgraph.ingest.mapping import Emitter, GraphReader
    from integgraph.ingest.record import Reading

Item = Any
"""A value in the normal form of its kind: a string, or a mapping of plain data."""

ACTOR_KEYS = ("id", "group")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NUMBER = re.compile(r"-?\d+", re.ASCII)
_YES, _NO = frozenset({"yes", "true", "ja"}), frozenset({"no", "false", "nein"})
_SPECIAL = str.maketrans(
    {"ß": "ss", "ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae", "ł": "l", "đ": "d", "ı": "i"}
)


def slug(text: str) -> str:
    """A name as part of an IRI: ASCII letters, digits and hyphens.

    >>> slug("Stadt Halle (Saale)"), slug("Flüchtlingsrat Thüringen e.V.")
    ('stadt-halle-saale', 'fluechtlingsrat-thueringen-e-v')
    """
    text = unicodedata.normalize("NFC", text).casefold().translate(_SPECIAL)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", text))


def language_tag(text: str) -> str | None:
    """A language code in the spelling that RDF uses; ``None`` if it is none.

    >>> language_tag("de-AT"), language_tag("deutsch")
    ('de-at', None)
    """
    if not re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*", text):
        return None
    try:
        return ox.Literal("", language=text).language
    except ValueError:
        return None


def short(item: Item, length: int = 40) -> str:
    """A value in a few words, for messages."""
    if isinstance(item, Mapping):
        first = next((short(value) for value in item.values() if value), "")
        return first
    if isinstance(item, list | tuple):
        return short(item[0]) if item else ""
    text = str(item)
    return text if len(text) <= length else text[: length - 1] + "…"


def digest(item: Item) -> str:
    """Eight hexadecimal digits that name a value by its content, whatever its order and place of definition."""
    text = json.dumps(_referring(item), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _referring(item: Item) -> Item:
    """The value with every actor definition inside it cut down to a reference, and its lists in one fixed order."""
    if isinstance(item, Mapping):
        if isinstance(item.get("id"), str):
            return {"ref": item["id"]}
        return {key: _referring(value) for key, value in item.items()}
    if isinstance(item, list | tuple):
        return sorted(map(_referring, item), key=lambda value: json.dumps(value, sort_keys=True))
    return item


@dataclass(frozen=True, slots=True)
class Writing:
    """What writing a value back needs to know: the languages that go without saying."""

    language: str
    names_language: str


class Kind:
    """What every kind of value can do. ``read`` returns a list: one written value may hold several items."""

    schema_type: ClassVar[Mapping[str, Any]] = {"type": ["string", "number", "boolean"]}

    def read(self, raw: Any, field: Field, reading: Reading, where: Where) -> list[Item]:
        """The items that ``raw`` stands for; problems go to ``reading`` and give no item."""
        text = self.text_of(raw, field, reading, where)
        if text is None:
            return []
        try:
            return [self.parse(text, field)]
        except ValueError as error:
            reading.problem(where, str(error), self.advice(field))
            return []

    def text_of(self, raw: Any, field: Field, reading: Reading, where: Where) -> str | None:
        """A bare text, or a problem."""
        if not isinstance(raw, str):
            reading.problem(where, f"'{field.name()}' takes one plain value here.", self.advice(field))
            return None
        text = unicodedata.normalize("NFC", raw.strip())
        if not text:
            reading.problem(where, f"'{field.name()}' is empty.", self.advice(field))
            return None
        if _CONTROL.search(text):
            reading.problem(where, f"'{field.name()}' holds an invisible control character.", "Type the text again.")
            return None
        if field.max_length and len(text) > field.max_length:
            reading.problem(where, f"'{field.name()}' is longer than {field.max_length} characters.", "Shorten it.")
            return None
        return text

    def advice(self, field: Field) -> str:
        """What to write instead, taken from the shape."""
        return f"Example: {field.example}" if field.example else ""

    def parse(self, text: str, field: Field) -> str:
        """Bring a text to the normal form.

        Raises:
            ValueError: it is not of this kind; the text is for people.
        """
        return text

    def write(self, item: Item, field: Field, writing: Writing) -> Any:
        """The item as a person writes it."""
        return item

    def emit(self, item: Item, subject: Any, field: Field, out: Emitter, where: Where) -> None:
        """Turn the item into triples."""
        out.add(subject, field.path, self.term(item, field, out))

    def term(self, item: Item, field: Field, out: Emitter) -> Any:
        """The RDF term of a simple item."""
        return out.literal(item)

    def collect(self, subject: Any, field: Field, graph: GraphReader) -> list[Item]:
        """The items of this field in a graph, in their order where they have one."""
        return sorted(self.item(term, field, graph) for term in graph.objects(subject, field.path))

    def item(self, term: Any, field: Field, graph: GraphReader) -> Item:
        """The item of a simple term."""
        return term.value

    def schema(self, field: Field, ontology: Ontology) -> dict[str, Any]:
        """JSON Schema of one written value."""
        return dict(self.schema_type)


class String(Kind):
    """A text without a language: a code, an edition."""


class Choice(Kind):
    """One word of a closed list (``sh:in``)."""

    def parse(self, text: str, field: Field) -> str:
        if text not in field.choices:
            raise ValueError(
                f"'{short(text)}' is not allowed for '{field.name()}'. Use one of: {', '.join(field.choices)}."
            )
        return text

    def schema(self, field: Field, ontology: Ontology) -> dict[str, Any]:
        return {"enum": list(field.choices)}


class Text(Kind):
    """A text with its language; written bare in the record's language, or as ``{de: …, en: …}``."""

    names = False

    def _default(self, context: Reading | Writing) -> str:
        return context.names_language if self.names else context.language

    def read(self, raw: Any, field: Field, reading: Reading, where: Where) -> list[Item]:
        if not isinstance(raw, Mapping):
            text = self.text_of(raw, field, reading, where)
            return [] if text is None else [{"text": text, "lang": self._default(reading)}]
        items = []
        for language, one in raw.items():
            tag = language_tag(language)
            if tag is None:
                reading.problem(
                    (*where, language), f"'{language}' is not a language code.", "Write {de: …} or {en: …}."
                )
                continue
            text = self.text_of(one, field, reading, (*where, language))
            if text is not None:
                items.append({"text": text, "lang": tag})
        return items

    def write(self, item: Item, field: Field, writing: Writing) -> Any:
        return item["text"] if item["lang"] == self._default(writing) else {item["lang"]: item["text"]}

    def term(self, item: Item, field: Field, out: Emitter) -> Any:
        return out.text(item["text"], item["lang"])

    def collect(self, subject: Any, field: Field, graph: GraphReader) -> list[Item]:
        found = [{"text": term.value, "lang": term.language} for term in graph.objects(subject, field.path)]
        return sorted(found, key=lambda item: (str(item["lang"]), str(item["text"])))

    def schema(self, field: Field, ontology: Ontology) -> dict[str, Any]:
        by_language = {"type": "object", "propertyNames": {"pattern": "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"}}
        return {
            "anyOf": [
                {"type": ["string", "number", "boolean"]},
                by_language | {"additionalProperties": {"type": "string"}},
            ]
        }


class Name(Text):
    """A text in the language of names."""

    names = True


class Date(Kind):
    """One day."""

    def parse(self, text: str, field: Field) -> str:
        try:
            exact = edtf.parse(text).exact
        except ValueError as error:
            raise ValueError(f"'{field.name()}' is not a day: {error}") from None
        if exact is None:
            raise ValueError(f"'{field.name()}' must be one day such as 2026-11-23, not '{short(text)}'.")
        return exact.isoformat()

    def term(self, item: Item, field: Field, out: Emitter) -> Any:
        return out.literal(item, XSD + "date")


class Edtf(Kind):
    """A date of any precision; where the ontology names them, the first and last possible day are added."""

    def parse(self, text: str, field: Field) -> str:
        try:
            return edtf.parse(text).text
        except ValueError as error:
            raise ValueError(f"'{field.name()}' is not a date: {error}") from None

    def advice(self, field: Field) -> str:
        return "Write 2015, 2015-09 or 2015-09-01."

    def emit(self, item: Item, subject: Any, field: Field, out: Emitter, where: Where) -> None:
        out.add(subject, field.path, out.literal(item, EDTF))
        bounds = out.ontology.bounds.get(field.path)
        if bounds is None:
            return
        period = edtf.parse(item)
        earliest, latest, exact = bounds
        for path, day in ((earliest, period.earliest), (latest, period.latest), (exact, period.exact)):
            if path and day:
                out.add(subject, path, out.literal(day.isoformat(), XSD + "date"))


class Integer(Kind):
    """A whole number, not below zero."""

    def parse(self, text: str, field: Field) -> str:
        if not _NUMBER.fullmatch(text) or len(text) > 12:
            raise ValueError(f"'{field.name()}' must be a whole number, not '{short(text)}'.")
        if int(text) < 0:
            raise ValueError(f"'{field.name()}' cannot be below zero.")
        return str(int(text))

    def term(self, item: Item, field: Field, out: Emitter) -> Any:
        return out.literal(item, XSD + "integer")

    def schema(self, field: Field, ontology: Ontology) -> dict[str, Any]:
        return {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9]+$"}]}


class DecimalNumber(Kind):
    """An amount: digits and a decimal point, no thousands separators, no currency sign."""

    def parse(self, text: str, field: Field) -> str:
        if not re.fullmatch(r"\d{1,15}(\.\d{1,4})?", text, re.ASCII):
            raise ValueError(f"'{field.name()}' must be a number such as 1500000 or 99.50, not '{short(text)}'.")
        return canonical_decimal(text)

    def term(self, item: Item, field: Field, out: Emitter) -> Any:
        return out.literal(item, XSD + "decimal")


class Share(DecimalNumber):
    """A share, written as a percentage and stored as a number from 0 to 1."""

    def parse(self, text: str, field: Field) -> str:
        number = text.removesuffix("%").strip().replace(",", ".")
        try:
            value = Decimal(number) / (100 if text.endswith("%") else 1)
        except InvalidOperation:
            raise ValueError(f"'{field.name()}' must be a percentage such as 40%, not '{short(text)}'.") from None
        if not 0 <= value <= 1:
            raise ValueError(f"'{field.name()}' must lie between 0% and 100%.")
        return canonical_decimal(str(value))

    def write(self, item: Item, field: Field, writing: Writing) -> Any:
        return canonical_decimal(str(Decimal(item) * 100)) + "%"


def canonical_decimal(text: str) -> str:
    """A decimal without exponent and without trailing zeros.

    >>> canonical_decimal("040.50")
    '40.5'
    """
    plain = format(Decimal(text).normalize(), "f")
    return "0" if Decimal(text) == 0 else plain


class Boolean(Kind):
    """Yes or no."""

    def parse(self, text: str, field: Field) -> str:
        if text.casefold() in _YES:
            return "true"
        if text.casefold() in _NO:
            return "false"
        raise ValueError(f"'{field.name()}' must be yes or no, not '{short(text)}'.")

    def advice(self, field: Field) -> str:
        return "Leave the key out if it is not known."

    def write(self, item: Item, field: Field, writing: Writing) -> Any:
        return "yes" if item == "true" else "no"

    def term(self, item: Item, field: Field, out: Emitter) -> Any:
        return out.literal(item, XSD + "boolean")

    def schema(self, field: Field, ontology: Ontology) -> dict[str, Any]:
        return {"enum": [True, False, *sorted(_YES | _NO)]}


class Url(Kind):
    """A web address: http or https, nothing else."""

    def parse(self, text: str, field: Field) -> str:
        try:
            parts = urlsplit(text)
            host = parts.hostname
        except ValueError:
            host, parts = None, urlsplit("")
        if parts.scheme not in ("http", "https") or not host:
            raise ValueError(f"'{short(text)}' is not a web address: it must begin with http:// or https://.")
        if len(text) > 2000:
            raise ValueError(f"'{short(text)}' is longer than 2000 characters.")
        try:
            ox.NamedNode(text)
        except ValueError:
            raise ValueError(f"'{short(text)}' holds characters that no web address may hold.") from None
        return text

    def term(self, item: Item, field: Field, out: Emitter) -> Any:
        return out.iri(item)

    def schema(self, field: Field, ontology: Ontology) -> dict[str, Any]:
        return {"type": "string", "pattern": "^https?://"}


ROLE_WORDS = frozenset(
    """admin anfrage beratung buero bureau centro communication contact contacto contatti coordination coordinamento
    direction empfang geschaeftsstelle gs hallo hello hilfe info infos information integration international kanzlei
    kontakt koordination koordinierung kontor mail migration netzwerk network office oficina post poststelle praxis
    presse press projekt project redaktion rezeption secretariat secretaria segreteria sekretariat service stadt
    team verein vorstand welcome welcomecenter willkommen zentrale""".split()
)


def is_role_mailbox(address: str, name: str = "") -> bool:
    """Whether a mailbox belongs to an office rather than to a person.

    A mailbox counts as an office's when a part of it is a word for an office, or stands in the domain or the
    network's name; everything else is taken for a person's, so that no person is published by mistake.

    >>> is_role_mailbox("info@example.org"), is_role_mailbox("vorname.nachname@example.org")
    (True, False)
    """
    local, _, domain = address.casefold().partition("@")
    known = ROLE_WORDS | set(re.findall(r"[a-z0-9]+", slug(domain))) | set(slug(name).split("-"))
    words = [word for word in re.findall(r"[a-z]+", slug(local)) if len(word) > 1]
    return any(word in known for word in words)


class Email(Kind):
    """A mailbox. Under the rule ``role-mailbox`` a person's is read but never published (see ``mapping``)."""

    def parse(self, text: str, field: Field) -> str:
        text = text.removeprefix("mailto:")
        if not re.fullmatch(r"[^@\s<>\"']{1,64}@[^@\s<>\"']{1,189}", text) or "." not in text.rpartition("@")[2]:
            raise ValueError(f"'{short(text)}' is not an e-mail address.")
        return text

    def emit(self, item: Item, subject: Any, field: Field, out: Emitter, where: Where) -> None:
        if field.publish == "role-mailbox" and not is_role_mailbox(item, out.record.id):
            return
        super().emit(item, subject, field, out, where)


class Term(Kind):
    """One concept of a vocabulary, written as its id or any of its labels."""

    def read(self, raw: Any, field: Field, reading: Reading, where: Where) -> list[Item]:
        text = self.text_of(raw, field, reading, where)
        if text is None:
            return []
        concept = find_concept(text, field, reading, where)
        return [concept.id] if concept else []

    def term(self, item: Item, field: Field, out: Emitter) -> Any:
        return out.concept(field, item)

    def emit(self, item: Item, subject: Any, field: Field, out: Emitter, where: Where) -> None:
        out.add(subject, field.path, out.concept(field, item))

    def item(self, term: Any, field: Field, graph: GraphReader) -> Item:
        return concept_id(term, field)

    def schema(self, field: Field, ontology: Ontology) -> dict[str, Any]:
        return {"anyOf": [{"enum": list(ontology.scheme(field.scheme or "").concepts)}, {"type": "string"}]}


def concept_id(term: Any, field: Field) -> str:
    """Id of the concept that a term names."""
    return str(term.value)[len(VOCABULARY) + len(field.scheme or "") + 1 :]


def find_concept(text: str, field: Field, reading: Reading, where: Where) -> Concept | None:
    """The concept for a wording, or a problem that names the nearest labels."""
    scheme = reading.ontology.scheme(field.scheme or "")
    concept = scheme.find(text)
    if concept is None:
        similar = _nearest(text, scheme)
        advice = f"Did you mean {' or '.join(similar)}?" if similar else f"docs/vocabularies.md lists {scheme.label()}."
        reading.problem(where, f"'{short(text)}' is not in the list '{scheme.label()}'.", advice)
    return concept


def _nearest(text: str, scheme: Scheme) -> list[str]:
    labels = {label.casefold(): concept.id for concept in scheme.concepts.values() for label in concept.labels.values()}
    labels |= {name: name for name in scheme.concepts}
    return list(dict.fromkeys(labels[label] for label in near(text.casefold(), labels)))


class ConceptList(Kind):
    """Concepts of a vocabulary with the wording they stand for.

    Written as a bare wording, or as ``{concept: id or [ids], wording: …, source: …}``. A wording that no concept
    covers is kept under "not classified", with a warning.
    """

    def read(self, raw: Any, field: Field, reading: Reading, where: Where) -> list[Item]:
        if not isinstance(raw, Mapping):
            text = self.text_of(raw, field, reading, where)
            if text is None:
                return []
            return [self._classify(text, field, reading, where)]
        unknown = sorted(set(raw) - {"concept", "wording", "source"})
        if unknown:
            reading.problem(
                (*where, unknown[0]), f"'{unknown[0]}' has no place here.", "Allowed are concept, wording and source."
            )
            return []
        wording = None
        if "wording" in raw:
            found = _TEXT.read(raw["wording"], field, reading, (*where, "wording"))
            if len(found) != 1:
                return []
            wording = found[0]
        item: dict[str, Any]
        if "concept" in raw:
            names = raw["concept"] if isinstance(raw["concept"], list) else [raw["concept"]]
            concepts = [
                find_concept(name, field, reading, (*where, "concept")) if isinstance(name, str) else None
                for name in names
            ]
            if not concepts or any(concept is None for concept in concepts):
                if not concepts or not all(isinstance(name, str) for name in names):
                    reading.problem((*where, "concept"), "A concept is the id of a list entry.", self.advice(field))
                return []
            item = {"concepts": sorted({concept.id for concept in concepts if concept})}
            if wording:
                item["wording"] = wording
        elif wording:
            item = self._classify(wording["text"], field, reading, where, wording["lang"])
        else:
            reading.problem(where, f"'{field.name()}' needs a concept or a wording.", self.advice(field))
            return []
        if "source" in raw:
            item["source"] = next(iter(_SOURCE.read(raw["source"], field, reading, (*where, "source"))), None)
        return [item]

    def _classify(
        self, text: str, field: Field, reading: Reading, where: Where, language: str | None = None
    ) -> dict[str, Any]:
        scheme = reading.ontology.scheme(field.scheme or "")
        concept = scheme.find(text)
        if concept is None and UNCLASSIFIED not in scheme.concepts:
            found = find_concept(text, field, reading, where)
            return {"concepts": [found.id] if found else []}
        if concept is None:
            similar = _nearest(text, scheme)
            hint = f" Perhaps {' or '.join(similar)}." if similar else ""
            vielleicht = f" Vielleicht {' oder '.join(similar)}." if similar else ""
            reading.problem(
                where,
                f"'{short(text)}' is in none of the terms of '{scheme.label()}'; it is kept as text.{hint}",
                "To classify it, write {concept: …, wording: …}.",
                "warning",
                german=f"„{short(text)}“ ist kein Begriff der Liste „{scheme.label('de')}“ und bleibt als Text stehen."
                + vielleicht,
            )
        return {
            "concepts": [concept.id if concept else UNCLASSIFIED],
            "wording": {"text": text, "lang": language or reading.language},
        }

    def write(self, item: Item, field: Field, writing: Writing) -> Any:
        written: dict[str, Any] = {}
        names = item["concepts"]
        written["concept"] = names[0] if len(names) == 1 else list(names)
        if item.get("wording"):
            written["wording"] = _TEXT.write(item["wording"], field, writing)
        if item.get("source"):
            written["source"] = item["source"]
        return written

    def emit(self, item: Item, subject: Any, field: Field, out: Emitter, where: Where) -> None:
        for name in item["concepts"]:
            out.add(subject, field.path, out.concept(field, name))
            for implied in out.ontology.scheme(field.scheme or "").concepts[name].implies:
                out.type(subject, implied)
        node = out.node("evidence", field.key, item, where)
        out.type(node, IG + "ClassifiedWording")
        out.add(subject, IG + "classifiedWording", node)
        out.add(node, IG + "field", out.iri(field.iri))
        for name in item["concepts"]:
            out.add(node, IG + "value", out.concept(field, name))
        _emit_wording(item, node, out, where)

    def collect(self, subject: Any, field: Field, graph: GraphReader) -> list[Item]:
        nodes = [
            node for node in graph.subjects(IG + "field", field.iri) if graph.has_type(node, IG + "ClassifiedWording")
        ]
        return [self._item(node, IG + "value", field, graph) for node in graph.in_order(nodes)]

    def _item(self, node: Any, path: str, field: Field, graph: GraphReader) -> Item:
        item: dict[str, Any] = {"concepts": sorted(concept_id(term, field) for term in graph.objects(node, path))}
        for term in graph.objects(node, IG + "wording"):
            item["wording"] = {"text": term.value, "lang": term.language}
        for term in graph.objects(node, DCT + "source"):
            item["source"] = graph.source_id(term)
        return item

    def schema(self, field: Field, ontology: Ontology) -> dict[str, Any]:
        one = {"anyOf": [{"enum": list(ontology.scheme(field.scheme or "").concepts)}, {"type": "string"}]}
        entry = {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "concept": {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]},
                "wording": _TEXT.schema(field, ontology),
                "source": {"type": "string"},
            },
        }
        return {"anyOf": [{"type": "string"}, entry]}


def _emit_wording(item: Item, node: Any, out: Emitter, where: Where) -> None:
    if item.get("wording"):
        out.add(node, IG + "wording", out.text(item["wording"]["text"], item["wording"]["lang"]))
    if item.get("source"):
        out.add(node, DCT + "source", out.source(item["source"]))
    out.position(node, where)


class Practice(ConceptList):
    """A practice: like concepts with their wording, but each is a thing of its own."""

    def emit(self, item: Item, subject: Any, field: Field, out: Emitter, where: Where) -> None:
        node = out.node("practice", field.key, item, where)
        out.type(node, IG + "Practice")
        out.add(subject, field.path, node)
        for name in item["concepts"]:
            out.add(node, IG + "practiceType", out.concept(field, name))
        _emit_wording(item, node, out, where)

    def collect(self, subject: Any, field: Field, graph: GraphReader) -> list[Item]:
        nodes = graph.in_order(graph.objects(subject, field.path))
        return [self._item(node, IG + "practiceType", field, graph) for node in nodes]


class PlaceRef(Kind):
    """A place of the place list, written as its id or an unmistakable name."""

    def read(self, raw: Any, field: Field, reading: Reading, where: Where) -> list[Item]:
        text = self.text_of(raw, field, reading, where)
        if text is None:
            return []
        if reading.gazetteer.get(text):
            return [text]
        found = reading.gazetteer.find(text)
        if len(found) == 1:
            return [found[0].id]
        if found:
            several = ", ".join(place.id for place in found[:5])
            reading.problem(where, f"'{short(text)}' may be several places.", f"Write one of these ids: {several}.")
            return []
        similar = reading.gazetteer.near(slug(text))
        hint = f"Did you mean {' or '.join(similar)}? " if similar else ""
        reading.problem(
            where, f"'{short(text)}' is not in the place list.", f"{hint}Otherwise add it to data/places/places.yaml."
        )
        return []

    def term(self, item: Item, field: Field, out: Emitter) -> Any:
        out.uses_place(item)
        return out.thing("place", item)

    def item(self, term: Any, field: Field, graph: GraphReader) -> Item:
        return graph.slug(term)

    def advice(self, field: Field) -> str:
        return "Write the id of a place, such as halberstadt or nuts-dee."


class SourceRef(Kind):
    """One of the record's sources, by its id (``s1``, ``s2`` … where none is given)."""

    def parse(self, text: str, field: Field) -> str:
        return text

    def read(self, raw: Any, field: Field, reading: Reading, where: Where) -> list[Item]:
        text = self.text_of(raw, field, reading, where)
        if text is None:
            return []
        if text not in reading.source_ids:
            names = ", ".join(sorted(reading.source_ids))
            reading.problem(where, f"There is no source '{short(text)}' in this record.", f"Sources here: {names}.")
            return []
        return [text]

    def term(self, item: Item, field: Field, out: Emitter) -> Any:
        return out.source(item)

    def item(self, term: Any, field: Field, graph: GraphReader) -> Item:
        return graph.source_id(term)


class FieldRef(Kind):
    """A field of the form, by its key."""

    def read(self, raw: Any, field: Field, reading: Reading, where: Where) -> list[Item]:
        text = self.text_of(raw, field, reading, where)
        if text is None:
            return []
        if reading.ontology.form.get(text) is None:
            similar = near(text, [each.key for each in reading.ontology.form.fields])
            advice = f"Did you mean {' or '.join(similar)}?" if similar else ""
            reading.problem(where, f"The form has no field '{short(text)}'.", advice)
            return []
        return [text]

    def term(self, item: Item, field: Field, out: Emitter) -> Any:
        return out.iri(out.ontology.form.field(item).iri)

    def item(self, term: Any, field: Field, graph: GraphReader) -> Item:
        return graph.field_key(term)


class NetworkRef(Kind):
    """Another network of the collection, by its id."""

    def parse(self, text: str, field: Field) -> str:
        text = text.removeprefix("network:")
        if not _SLUG.fullmatch(text):
            raise ValueError(f"'{short(text)}' is not the id of a network.")
        return text

    def term(self, item: Item, field: Field, out: Emitter) -> Any:
        return out.thing("network", item)

    def item(self, term: Any, field: Field, graph: GraphReader) -> Item:
        return graph.slug(term)


class Actor(Kind):
    """An organisation: defined where it first stands (``{id: …, name: …}``), afterwards named by its id.

    ``network`` means the network of the record; ``network:<id>`` another one. ``group: yes`` marks members named
    only as a kind.
    """

    def read(self, raw: Any, field: Field, reading: Reading, where: Where) -> list[Item]:
        if not isinstance(raw, Mapping):
            return self._reference(raw, field, reading, where)
        shape = reading.ontology.form.actor
        unknown = sorted(set(raw) - {part.key for part in shape.parts} - set(ACTOR_KEYS))
        if unknown:
            similar = near(unknown[0], [part.key for part in shape.parts])
            advice = f"Did you mean {' or '.join(similar)}?" if similar else ""
            reading.problem((*where, unknown[0]), f"An organisation has no '{unknown[0]}'.", advice)
            return []
        item: dict[str, Any] = {}
        name = raw.get("id")
        if not isinstance(name, str) or not name:
            title = raw.get("name")
            proposal = slug(title) if isinstance(title, str) else "some-id"
            reading.problem(where, "This organisation has no id.", f"Add 'id: {proposal}' and never change it.")
            return []
        if not _SLUG.fullmatch(name):
            reading.problem(
                (*where, "id"),
                f"The id '{short(name)}' may hold only small letters a–z, digits and single hyphens.",
                f"Write {slug(name)}.",
            )
            return []
        if name in reading.actor_ids:
            reading.problem(
                (*where, "id"),
                f"The actor '{name}' is defined twice in this record.",
                "Use its id alone the second time.",
            )
            return []
        reading.actor_ids[name] = where
        item["id"] = name
        if "group" in raw and _BOOLEAN.read(raw["group"], field, reading, (*where, "group")) == ["true"]:
            item["group"] = "true"
        item |= read_parts(raw, shape, reading, where, skip=ACTOR_KEYS)
        return [item]

    def _reference(self, raw: Any, field: Field, reading: Reading, where: Where) -> list[Item]:
        text = self.text_of(raw, field, reading, where)
        if text is None:
            return []
        if text == "network" or re.fullmatch(r"network:[a-z0-9-]+", text):
            return [{"ref": text}]
        reading.references.append((text, where))
        return [{"ref": text}]

    def advice(self, field: Field) -> str:
        return "Write {id: …, name: …}, or the id of an organisation that stands elsewhere in this record."

    def write(self, item: Item, field: Field, writing: Writing) -> Any:
        return item["ref"] if "ref" in item else write_actor(item, writing)

    def emit(self, item: Item, subject: Any, field: Field, out: Emitter, where: Where) -> None:
        out.add(subject, field.path, emit_actor(item, out, where))

    def collect(self, subject: Any, field: Field, graph: GraphReader) -> list[Item]:
        return [collect_actor(node, graph) for node in sorted(graph.objects(subject, field.path), key=str)]

    def schema(self, field: Field, ontology: Ontology) -> dict[str, Any]:
        return {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/actor"}]}


def write_actor(item: Item, writing: Writing) -> dict[str, Any]:
    """An actor definition as a person writes it; its shape is known from the parts it carries."""
    written: dict[str, Any] = {"id": item["id"]}
    if item.get("group"):
        written["group"] = "yes"
    for part in writing_shape().parts:
        if part.key in item:
            written[part.key] = write_items(item[part.key], part, writing)
    return written


def writing_shape() -> Shape:
    """The shape of an actor; the same in every ontology folder that extends the form."""
    return Ontology.load().form.actor


def emit_actor(item: Item, out: Emitter, where: Where) -> Any:
    """State an actor and return its IRI."""
    if "ref" in item:
        return out.actor_reference(item["ref"])
    group = bool(item.get("group"))
    node = out.thing("group" if group else "actor", item["id"])
    out.type(node, IG + ("UnnamedGroup" if group else "Actor"))
    emit_parts(item, node, out.ontology.form.actor, out, where)
    return node


def collect_actor(node: Any, graph: GraphReader) -> Item:
    """An actor as an item: defined at its first mention in the graph's reading, a reference afterwards."""
    reference = graph.actor_reference(node)
    if reference is not None:
        return {"ref": reference}
    item: dict[str, Any] = {"id": graph.slug(node)}
    if graph.has_type(node, IG + "UnnamedGroup"):
        item["group"] = "true"
    return item | collect_parts(node, graph.ontology.form.actor, graph)


class Node(Kind):
    """A value with parts of its own, described by a nested shape."""

    def read(self, raw: Any, field: Field, reading: Reading, where: Where) -> list[Item]:
        shape = _shape(field)
        if not isinstance(raw, Mapping):
            raw = self._bare(raw, field, shape, reading, where)
            if raw is None:
                return []
        if not raw:
            reading.problem(where, f"'{field.name()}' is empty.", self.advice(field))
            return []
        inline = shape.inline
        actor_keys = {*ACTOR_KEYS, *(part.key for part in reading.ontology.form.actor.parts)} if inline else set()
        own = {part.key for part in shape.parts}
        unknown = sorted(set(raw) - own - actor_keys)
        if unknown:
            similar = near(unknown[0], [*own, *actor_keys])
            advice = (
                f"Did you mean {' or '.join(similar)}?"
                if similar
                else f"Allowed: {', '.join(sorted(own | actor_keys))}."
            )
            reading.problem((*where, unknown[0]), f"'{field.name()}' has no part '{unknown[0]}'.", advice)
            return []
        if inline and inline.key not in raw:
            raw = {inline.key: {key: raw[key] for key in raw if key in actor_keys - own}} | {
                key: raw[key] for key in raw if key in own
            }
        before = len(reading.problems)
        item = read_parts(raw, shape, reading, where, inline=inline.key if inline else None)
        failed = any(problem.severity == "violation" for problem in reading.problems[before:])
        return [] if failed else [item]

    def _bare(self, raw: Any, field: Field, shape: Shape, reading: Reading, where: Where) -> dict[str, Any] | None:
        text = self.text_of(raw, field, reading, where)
        part = shape.inline or shape.shorthand
        if text is None or part is None:
            if text is not None:
                reading.problem(where, f"'{field.name()}' needs its parts written out.", self.advice(field))
            return None
        return {part.key: text}

    def write(self, item: Item, field: Field, writing: Writing) -> Any:
        shape = _shape(field)
        written: dict[str, Any] = {}
        for part in shape.parts:
            if part.key not in item or (part.default and _is_default(item[part.key], part)):
                continue
            value = write_items(item[part.key], part, writing)
            if part.inline and isinstance(value, dict):
                written |= value
            else:
                written[part.key] = value
        part_only = shape.shorthand
        if part_only and list(written) == [part_only.key] and isinstance(written[part_only.key], str):
            return written[part_only.key]
        if shape.inline and list(written) == [shape.inline.key]:
            return written[shape.inline.key]
        return written

    def emit(self, item: Item, subject: Any, field: Field, out: Emitter, where: Where) -> None:
        shape = _shape(field)
        node = self._name(item, field, shape, out, where)
        out.type(node, shape.target)
        out.add(subject, field.path, node)
        if shape.target == ORG_MEMBERSHIP:
            out.add(node, ORG_ORGANIZATION, subject)
        emit_parts(item, node, shape, out, where)
        out.position(node, where)
        for part in shape.parts:
            if part.lift:
                for value in item.get(part.key, ()):
                    KINDS[part.kind].emit(value, subject, part, out, where)

    def _name(self, item: Item, field: Field, shape: Shape, out: Emitter, where: Where) -> Any:
        if field.key == "sources" and len(where) == 2:
            return out.source(item["id"][0] if "id" in item else f"s{int(where[1]) + 1}")
        slug_of = shape.target.rpartition("#")[2]
        return out.node(re.sub(r"(?<!^)(?=[A-Z])", "-", slug_of).lower(), field.key, item, where)

    def collect(self, subject: Any, field: Field, graph: GraphReader) -> list[Item]:
        shape = _shape(field)
        nodes = [node for node in graph.objects(subject, field.path) if graph.has_type(node, shape.target)]
        items = []
        for node in graph.in_order(nodes):
            item = collect_parts(node, shape, graph)
            items.append(item)
        return items

    def schema(self, field: Field, ontology: Ontology) -> dict[str, Any]:
        shape = _shape(field)
        reference = {"$ref": f"#/$defs/{shape.iri.rpartition('#')[2]}"}
        bare = shape.inline or shape.shorthand
        return {"anyOf": [{"type": ["string", "number"]}, reference]} if bare else reference


ORG_MEMBERSHIP = "http://www.w3.org/ns/org#Membership"
ORG_ORGANIZATION = "http://www.w3.org/ns/org#organization"


def _shape(field: Field) -> Shape:
    if field.node is None:
        raise TypeError(f"The field '{field.key}' is of kind node but names no sh:node.")
    return field.node


def _is_default(items: Sequence[Item], part: Field) -> bool:
    shorthand = part.node.shorthand if part.node else None
    return list(items) == ([{shorthand.key: [part.default]}] if shorthand else [part.default])


def read_parts(
    raw: Mapping[str, Any],
    shape: Shape,
    reading: Reading,
    where: Where,
    *,
    skip: Sequence[str] = (),
    inline: str | None = None,
) -> dict[str, list[Item]]:
    """Read the parts of a nested value; defaults are filled in, missing parts reported."""
    item: dict[str, list[Item]] = {}
    for part in shape.parts:
        if part.key in raw:
            place = where if part.key == inline else (*where, part.key)
            values = reading.values(part, raw[part.key], place)
            if values:
                item[part.key] = values
        elif part.default is not None:
            item[part.key] = reading.values(part, part.default, where)
        elif part.minimum and part.key not in skip:
            message = part.messages.get("en") or f"'{part.name()}' is missing."
            reading.problem(where, message, f"Add '{part.key}: …'.")
    if shape.target == IG + "StatedCount" and not {"min", "max"} & set(raw):
        reading.problem(where, "A stated number needs 'min' or 'max'.", "Example: {min: 60, wording: over 60}")
    if shape.target == IG + "SourceDocument" and not {"title", "url"} & set(raw):
        reading.problem(where, "A source needs a title or an address.", "Add 'title: …' or 'url: https://…'.")
    return item


def emit_parts(item: Mapping[str, Sequence[Item]], node: Any, shape: Shape, out: Emitter, where: Where) -> None:
    """State the parts of a nested value."""
    for part in shape.parts:
        values = item.get(part.key, ())
        for position, value in enumerate(values):
            KINDS[part.kind].emit(value, node, part, out, (*where, part.key, position))


def collect_parts(node: Any, shape: Shape, graph: GraphReader) -> dict[str, list[Item]]:
    """Read the parts of a nested value back from a graph."""
    item = {}
    for part in shape.parts:
        values = KINDS[part.kind].collect(node, part, graph)
        if values:
            item[part.key] = values
    return item


def write_items(items: Sequence[Item], field: Field, writing: Writing) -> Any:
    """The items of a field as a person writes them: one bare, several as a list, texts by language."""
    kind = KINDS[field.kind]
    written = [kind.write(item, field, writing) for item in items]
    if field.unique_language and len(items) > 1:
        return {item["lang"]: item["text"] for item in items}
    one_only = field.single or field.unique_language or field.kind in ("actor", "source") or not field.iri
    return written[0] if one_only and len(written) == 1 else written


def defined_actors(item: Item, where: Where) -> Iterator[tuple[Item, Where]]:
    """Every actor definition inside an item, with its place."""
    if isinstance(item, Mapping):
        if "id" in item and isinstance(item["id"], str) and "ref" not in item:
            yield item, where
        for key, value in item.items():
            if isinstance(value, list):
                for position, inner in enumerate(value):
                    yield from defined_actors(inner, (*where, key, position))


_TEXT = Text()
_SOURCE = SourceRef()
_BOOLEAN = Boolean()

KINDS: Mapping[str, Kind] = {
    "actor": Actor(),
    "boolean": _BOOLEAN,
    "choice": Choice(),
    "concept": ConceptList(),
    "date": Date(),
    "decimal": DecimalNumber(),
    "edtf": Edtf(),
    "email": Email(),
    "field": FieldRef(),
    "integer": Integer(),
    "name": Name(),
    "network": NetworkRef(),
    "node": Node(),
    "place": PlaceRef(),
    "practice": Practice(),
    "share": Share(),
    "source": _SOURCE,
    "string": String(),
    "term": Term(),
    "text": _TEXT,
    "url": Url(),
}
"""Every kind of value by the name that shapes use in ``ig:reader``."""


def check_form(ontology: Ontology) -> None:
    """Make sure that every field and part of the form has a kind of value that exists, and what that kind needs.

    Raises:
        OntologyError: names the field or part.
    """
    every = [(each.iri, each) for each in ontology.form.fields]
    for shape in ontology.form.shapes.values():
        every += [(f"The part '{part.key}' of {shape.iri}", part) for part in shape.parts]
    for name, each in every:
        kind = KINDS.get(each.kind)
        if kind is None:
            similar = near(each.kind, KINDS)
            hint = f" Did you mean {' or '.join(similar)}?" if similar else ""
            raise OntologyError(f"{name} has the reader '{each.kind}', but there is no such kind of value.{hint}")
        if isinstance(kind, Node) and each.node is None:
            raise OntologyError(f"{name} has parts, but names no shape for them: it needs sh:node.")
        if isinstance(kind, Term | ConceptList) and each.scheme is None:
            raise OntologyError(f"{name} takes concepts, but names no vocabulary: it needs ig:scheme.")
