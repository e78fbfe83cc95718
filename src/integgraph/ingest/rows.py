"""From the rows of a document to the data of a record, as a person would write it in YAML.

Each row is read by the reader its shape names (``ig:reader``; the registry is ``ROW_READERS``), or by the kind of value
of its fields. Nothing is dropped: what was repaired, guessed or not understood stands in ``review`` for a person to
decide, and ``evidence`` holds the wording behind each value with its place in the document.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

from integgraph.ingest import kinds
from integgraph.ingest.damage import Mark
from integgraph.ingest.document import UNSURE, Document, Entry
from integgraph.ingest.places import Gazetteer, Place
from integgraph.ingest.wording import (
    CATEGORIES,
    CITY,
    GERMAN_NAME,
    IN_KIND,
    LONE,
    MAIL,
    MAX_NAME,
    NAMES_LANGUAGE,
    NETWORK_WORDS,
    NO_FUNDING,
    NO_KIND,
    NO_OFFICIAL_NAME,
    NONE,
    NOT_KNOWN,
    OF_MEMBERS,
    OWN_PAGE,
    Count,
    Piece,
    addresses_of,
    count_of,
    date_of,
    lines_of,
    name_words,
    pieces_of,
    same_word,
    sentences,
    statements,
    thing_named,
)
from integgraph.ontology import UNCLASSIFIED, Field, Form, Ontology, Row, Scheme, near, normalise_label

Value = Any
"""What stands behind a key of a record: a text, or a mapping of plain data."""

SOURCE = "s1"
MAX_ITEMS = 1000
"""More items in one row are no form; they stay unread, and review says so."""
MAX_PLACES = 30
_READ_FIRST = ("names", "location", "members")
"""These rows come before the others: funding, websites and coordination speak of seat and members."""

_PLACE_AT_END = re.compile(
    r"\b(?:in|aus|from)\s+(?:the\s+|der\s+|dem\s+)?"
    r"(?P<kind>(?:city|town|municipality|stadt|gemeinde)\s+(?:of\s+)?)?(?P<place>[^:,;()]{2,60})$",
    re.I,
)
_BODIES = frozenset({"employment-administration", "integration-officers", "migrant-councils"})
"""Target groups whose plain name is that of an office: a "Jobcenter" is an organisation, "volunteers" are not."""

_SURE: Mapping[str, float] = {"repaired": 0.9, "ambiguous": 0.7, "damaged": 0.2, "unplaced": 0.5}
"""How sure an answer is that a question was left about, beside one without any."""

# -- the draft of a record


@dataclass(frozen=True, slots=True)
class Before:
    """What an earlier edition of the same profile has named already: the ids stay what they are.

    Attributes:
        id: Id of the network; empty where there is no earlier edition.
        actors: Id of each actor by its name, as :func:`integgraph.ontology.normalise_label` writes it.
    """

    id: str = ""
    actors: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drafted:
    """The draft of a record, and where each of its answers comes from.

    Attributes:
        data: The record as plain data.
        ids: Ids of actors that were newly given.
        places: For each field that was read: ``field``, ``label``, ``raw`` text, ``locator`` in words, where it
            begins as ``page``, ``sheet``, ``table``, ``row`` and ``line`` as far as these mean something, ``boxes`` on
            the pages, and ``confidence`` from 0 to 1. Text that no field took has no ``field``.
    """

    data: dict[str, Any]
    places: list[dict[str, Any]]
    ids: frozenset[str] = frozenset()


def draft(
    document: Document,
    ontology: Ontology,
    gazetteer: Gazetteer,
    known_ids: Collection[str] = frozenset(),
    source: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    r"""The record that a document holds, as plain data: what a person has to decide first, then field by field.

    Args:
        document: The document's located rows.
        ontology: The form and its vocabularies.
        gazetteer: The place list; a place that is not in it goes to review.
        known_ids: Ids of actors of other networks; new ids avoid them (editions of one network may share ids).
        source: What is known about the source beside its text: title, url, retrieved, licence.

    >>> from integgraph.ingest.document import parse
    >>> ontology = Ontology.load()
    >>> document = parse("Name of the network: Harz together\nFounding year: since May 2016", ontology.form, "form.txt")
    >>> record = draft(document, ontology, Gazetteer())
    >>> record["id"], record["founded"], record["evidence"][2]["locator"]
    ('harz-together', '2016-05', 'row 2, line 2')
    """
    return drafted(document, ontology, gazetteer, known_ids, source).data


def drafted(
    document: Document,
    ontology: Ontology,
    gazetteer: Gazetteer,
    known_ids: Collection[str] = frozenset(),
    source: Mapping[str, Any] | None = None,
    before: Before | None = None,
) -> Drafted:
    r"""The record that a document holds, with the place, raw text and confidence of each answer; see :func:`draft`.

    Args:
        document: The document's located rows.
        ontology: The form and its vocabularies.
        gazetteer: The place list.
        known_ids: Ids of actors of other networks.
        source: What is known about the source beside its text.
        before: The earlier edition of this profile, whose ids are taken over.

    >>> from integgraph.ingest.document import parse
    >>> ontology = Ontology.load()
    >>> document = parse("Name of the network: Harz together\nFounding year: 2016", ontology.form, "form.txt")
    >>> place = drafted(document, ontology, Gazetteer()).places[-1]
    >>> place["field"], place["raw"], place["locator"], place["confidence"]
    ('founded', '2016', 'row 2, line 2', 1.0)
    """
    reading = Draft(document, ontology, gazetteer, known_ids, before)
    data = reading.read(source or {})
    return Drafted(data, reading.places(), frozenset(reading.given))


class Draft:
    """A record in the making: answers, open questions and evidence, and the actors that are known so far."""

    def __init__(
        self,
        document: Document,
        ontology: Ontology,
        gazetteer: Gazetteer,
        known_ids: Collection[str],
        before: Before | None = None,
    ) -> None:
        self.document = document
        self.ontology = ontology
        self.gazetteer = gazetteer
        self.answers: dict[str, Any] = {}
        self.review: list[tuple[int, dict[str, Any]]] = []
        self.evidence: list[tuple[int, dict[str, Any]]] = []
        self.before = before or Before()
        self.id = self.before.id
        self.found: list[tuple[Entry, str]] = []
        self.seat: Place | None = None
        self.actors: dict[str, str] = {}
        self._taken = set(known_ids)
        self.given: set[str] = set()
        self._words: dict[str, dict[str, set[str]]] = {}

    def read(self, source: Mapping[str, Any]) -> dict[str, Any]:
        """Read every row and put the record together; see :func:`draft`."""
        for note in self.document.notes:
            self.note(None, "unplaced", note)
        for entry in sorted(self.document.entries, key=self._turn):
            if entry.row is None:
                self._unplaced(entry)
            else:
                RowReading(self, entry, entry.row).read()
        for edge in self.document.edges:
            self.see(edge, wording=edge.text)
        self._label()
        header: dict[str, Any] = {"id": self.id, "language": self.document.language}
        names = self.names_language()
        if names != self.document.language:
            header["names_language"] = names
            self._mark_names()
        order = [each.key for each in self.form.fields]
        answers = dict(sorted(self.answers.items(), key=lambda item: order.index(item[0])))
        sources = [self._source(source), *answers.pop("sources", [])]
        review = {"review": _in_order(self.review)} if self.review else {}
        return header | review | answers | {"sources": sources, "evidence": _in_order(self.evidence)}

    @property
    def form(self) -> Form:
        """The form that the document fills in."""
        return self.ontology.form

    def _turn(self, entry: Entry) -> tuple[int, float]:
        if entry.row is None:
            return len(_READ_FIRST) + 1, 0
        reader = entry.row.reader or ""
        turn = _READ_FIRST.index(reader) if reader in _READ_FIRST else len(_READ_FIRST)
        return turn, entry.row.fields[0].order

    # -- what a person has to look at

    def note(self, entry: Entry | None, problem: str, explanation: str, *, key: str = "", raw: str = "") -> None:
        """Add an open question."""
        text: Value = explanation if self.document.language == "en" else {"en": explanation}
        found = {
            "field": key,
            "problem": problem,
            "explanation": text,
            "raw": raw,
            "locator": entry.locator if entry else "",
        }
        self.review.append((_line(entry), _filled(found)))

    def see(self, entry: Entry, *, key: str = "", wording: str = "", repaired: bool = False) -> None:
        """Add evidence."""
        mark = "yes" if repaired else ""
        self.found.append((entry, key))
        found = {"field": key, "wording": wording, "locator": entry.locator, "repaired": mark, "source": SOURCE}
        self.evidence.append((_line(entry), _filled(found)))

    def places(self) -> list[dict[str, Any]]:
        """Where each answer comes from, as :class:`Drafted` describes it, in the order of the document."""
        asked: dict[tuple[str, str], float] = {}
        for _, each in self.review:
            key = (each.get("field", ""), each.get("locator", ""))
            asked[key] = min(asked.get(key, 1.0), _SURE[each["problem"]])
        found = {(id(entry), key): entry for entry, key in self.found}
        ordered = sorted(found.items(), key=lambda item: _line(item[1]))
        return [_place_of(entry, key, asked.get((key, entry.locator), 1.0)) for (_, key), entry in ordered]

    def _unplaced(self, entry: Entry) -> None:
        if not entry.label:
            explanation = "This text stands beside every row of the form."
        else:
            labels = {label: row for section in self.form.sections for row in section.rows for label in _labels(row)}
            similar = near(entry.label.casefold(), [label.casefold() for label in labels])
            by_case = {label.casefold(): label for label in labels}
            hint = f" Nearest labels: {', '.join(by_case[label] for label in similar)}." if similar else ""
            explanation = f"The form has no row '{entry.label}'.{hint}"
        whole = ": ".join(part for part in (entry.label, entry.raw) if part)
        self.note(entry, "unplaced", explanation, raw=entry.text or entry.label)
        for mark in entry.marks:
            self.note(entry, mark.problem, mark.explanation, raw=mark.raw)
        self.see(entry, wording=whole, repaired=_is_repaired(entry.marks))

    # -- the header

    def _label(self) -> None:
        titles = list(self.document.titles)
        if "label" not in self.answers:
            label = titles[-1] if titles else self.document.file.rpartition(".")[0]
            self.answers["label"] = label
            text = "The document gives no name; the label is taken from its title."
            self.note(None, "ambiguous", text, key="label", raw=label)
            self.id = self.id or kinds.slug(label) or "network"
            return
        name = normalise_label(str(self.answers["label"]))
        if titles and not any(name in normalise_label(title) or normalise_label(title) in name for title in titles):
            text = "The title of the document does not repeat the name of the network. Is it the same network?"
            self.note(None, "ambiguous", text, key="label", raw=" · ".join(titles))

    def names_language(self) -> str:
        """The language of names: that of the country where the names sound like it, else the document's."""
        language = NAMES_LANGUAGE.get((self.seat.country or "") if self.seat else "")
        names = [str(self.answers.get("label", "")), *self.actors]
        heard = any(GERMAN_NAME.search(name) for name in names)
        return language if language and heard else self.document.language

    def _mark_names(self) -> None:
        """Names of the network that do not sound like the language of names are in the document's language."""
        for key in ("label", "official_name"):
            name = self.answers.get(key)
            if isinstance(name, str) and not GERMAN_NAME.search(name):
                self.answers[key] = {self.document.language: name}

    def _source(self, known: Mapping[str, Any]) -> dict[str, Any]:
        title = ": ".join(self.document.titles) or self.document.file
        source: dict[str, Any] = {"id": SOURCE, "title": title}
        for entry in self.document.entries:
            if entry.row and any(each.key == "status_date" for each in entry.row.fields) and entry.text:
                source["edition"] = f"{entry.label}: {' '.join(entry.text.split())}"[:200]
        if self.document.sha256:
            source["sha256"] = self.document.sha256
        return source | dict(known) | {"read": "whole"}

    # -- actors

    def new_id(self, name: str, place: Place | None = None) -> str:
        """An id for an actor, minted from its name; the place comes in only where the name alone is taken."""
        if normalise_label(name) in self.before.actors:
            return self.before.actors[normalise_label(name)]
        base = kinds.slug(name) or "actor"
        longer = f"{base}-{place.id}" if place and place.id not in base else f"{base}-{self.id}".strip("-")
        candidates = chain((base, longer), (f"{longer}-{number}" for number in count(2)))
        found = next(each for each in candidates if each not in self._taken)
        self._taken.add(found)
        self.given.add(found)
        return found

    def add_actor(self, name: str, place: Place | None = None) -> dict[str, Any]:
        """Define an actor; later mentions find it by :meth:`mentioned`."""
        identifier = self.new_id(name, place)
        self.actors[name] = identifier
        for word in name_words(name):
            self._words.setdefault(word[:3], {}).setdefault(word, set()).add(identifier)
        return {"id": identifier, "name": name} | ({"place": place.id} if place else {})

    def mentioned(self, text: str) -> list[str]:
        """Ids of the actors that a text names, whole or by a word that stands in the name of exactly one of them."""
        found = [identifier for name, identifier in self.actors.items() if name.casefold() in text.casefold()]
        for word in name_words(text):
            bearers: set[str] = set()
            for known, ids in self._words.get(word[:3], {}).items():
                if same_word(word, known):
                    bearers |= ids
            if len(bearers) == 1:
                found.extend(bearers)
        return list(dict.fromkeys(found))

    def place(self, text: str, around: Sequence[str] = ()) -> list[Place]:
        """Places of this name, of the smallest kind only; near the seat if there are several."""
        found = self.gazetteer.find(text.strip(" .,;()"), around=around)
        found = [place for place in found if place.kind == found[0].kind]
        if len(found) > 1 and self.seat:
            found = [place for place in found if place.country == self.seat.country] or found
        return found


def _line(entry: Entry | None) -> int:
    return entry.places[0].order if entry else 0


def _in_order(found: Sequence[tuple[int, dict[str, Any]]]) -> list[dict[str, Any]]:
    """What was found, in the order of the document."""
    return [each for _, each in sorted(found, key=lambda item: item[0])]


def _is_repaired(marks: Sequence[Mark]) -> bool:
    return any(mark.problem == "repaired" for mark in marks)


def _place_of(entry: Entry, key: str, sure: float) -> dict[str, Any]:
    """Where an answer comes from, as :class:`Drafted` describes it."""
    place = entry.places[0]
    spot = place.begin
    found: dict[str, Any] = {
        "field": key,
        "label": entry.label,
        "raw": entry.raw,
        "locator": entry.locator,
        "page": spot.page if spot else 0,
        "sheet": spot.sheet if spot else "",
        "table": spot.table if spot else 0,
        "row": spot.row if spot else 0,
        "line": (0 if spot.row else spot.line) if spot else place.first,
        "boxes": [
            {"page": page, "box": [round(edge, 1) for edge in box]} for each in entry.places for page, box in each.boxes
        ],
    }
    return _filled(found) | {"confidence": round(entry.confidence * sure, 2)}


def _filled(parts: Mapping[str, Value]) -> dict[str, Any]:
    return {key: value for key, value in parts.items() if value}


def _labels(row: Row) -> Iterator[str]:
    yield from row.names.values()
    yield from row.others


# -- one row


class RowReading:
    """The reading of one row: its text in pieces, and where its answers, questions and evidence go."""

    def __init__(self, draft: Draft, entry: Entry, row: Row) -> None:
        self.draft = draft
        self.entry = entry
        self.row = row
        self.text = " ".join(lines_of(entry.text))
        self._pieces: list[Piece] | None = None
        self.seen: dict[str, bool] = {}
        self._repaired = _is_repaired(entry.marks)
        self._left = False

    def read(self) -> None:
        """Read the row by its reader, or by the kind of its fields."""
        self._check_section()
        for mark in self.entry.marks:
            self.note(mark.problem, mark.explanation, raw=mark.raw)
        if self.entry.confidence < UNSURE and not self.entry.marks:
            self.note("ambiguous", "Label and text were put together by where they stand. Compare with the source.")
        if not self.text:
            self.note("unplaced", "This label stands there without a value.", raw=self.entry.label)
            self.draft.see(self.entry, wording=self.entry.label)
            return
        if not self._absent_as_a_whole():
            ROW_READERS.get(self.row.reader or "", _by_kind)(self)
        for key, verbatim in self.seen.items():
            wording = "" if verbatim and not self._repaired and not self._left else self.entry.raw
            self.draft.see(self.entry, key=key, wording=wording, repaired=self._repaired)
        if not self.seen:
            self.draft.see(self.entry, wording=self.entry.raw, repaired=self._repaired)

    @property
    def named(self) -> Field | None:
        """The field of this row that the label names by its own name, as "Lessons learnt" does, if any."""
        label = normalise_label(self.entry.label)
        named = (
            each for each in self.row.fields if label in map(normalise_label, (*each.names.values(), *each.others))
        )
        return next(named, None)

    @property
    def field(self) -> Field:
        """The field that the text answers unless something tells otherwise."""
        return self.named or self.row.fields[0]

    def pieces(self) -> list[Piece]:
        """The items of the value; what had to be repaired is noted once."""
        if self._pieces is None:
            found = pieces_of(self.entry.text)
            lone = [piece for piece in found if LONE.fullmatch(piece.text)] if len(found) > 1 else []
            found = [piece for piece in found if piece not in lone]
            for piece in lone:
                self._left = True
                self.note("damaged", "A lone number stands where an item of the list should be.", raw=piece.text)
            self._pieces = found[:MAX_ITEMS]
            if len(found) > MAX_ITEMS:
                self.leave(f"Only the first {MAX_ITEMS} items were read.", found[MAX_ITEMS].text)
            for repair in (repair for piece in self._pieces for repair in piece.repairs):
                self.repaired("A word broken at a line end was joined.", repair)
        return self._pieces

    def put(self, key: str, *values: Value, verbatim: bool = False) -> None:
        """Answer a field; a single-valued field keeps its first answer, the second goes to review."""
        answers, field = self.draft.answers, self.draft.form.field(key)
        self.seen[key] = verbatim and self.seen.get(key, True)
        absent = isinstance(answers.get(key), dict) and "absent" in answers[key]
        if key not in answers or absent:
            answers[key] = values[0] if field.single or field.unique_language else list(values)
        elif isinstance(answers[key], list):
            answers[key].extend(value for value in values if value not in answers[key])
        elif answers[key] != values[0]:
            self.seen[key] = False
            self.note("ambiguous", "The document answers this field twice.", key, kinds.short(values[0], 200))

    def absent(self, key: str, reason: str) -> None:
        """Say why a field has no answer; an answer from elsewhere stands."""
        if key in self.draft.answers:
            self.note("ambiguous", "The document answers this field and says that there is no answer.", key)
        else:
            self.draft.answers[key] = {"absent": reason, "raw": self.text[:500]}
        self.seen[key] = False

    def note(self, problem: str, explanation: str, key: str = "", raw: str = "") -> None:
        """Leave a question to a person."""
        self.draft.note(self.entry, problem, explanation, key=key or self.field.key, raw=raw or self.text)

    def leave(self, explanation: str, raw: str) -> None:
        """Leave a part of the text without a place; the evidence holds the whole."""
        self._left = True
        self.note("unplaced", explanation, raw=raw)

    def repaired(self, explanation: str, raw: str, key: str = "") -> None:
        """Mark what was read as repaired."""
        self._repaired = True
        self.note("repaired", explanation, key, raw)

    def _check_section(self) -> None:
        stands = self.entry.section
        sections = self.draft.form.sections
        belongs = next((each for each in sections if self.row.iri in (row.iri for row in each.rows)), None)
        if stands and belongs and stands.iri != belongs.iri:
            text = f"This row stands in '{stands.name()}'; in the form it belongs to '{belongs.name()}'."
            self.note("ambiguous", text)

    def _absent_as_a_whole(self) -> bool:
        """A stray mark instead of a value, "not known", or "none"."""
        required = [each for each in self.row.fields if each.required]
        label = normalise_label(self.text)
        if LONE.fullmatch(self.text) or not re.search(r"\w", self.text):
            self.note("damaged", "A stray mark stands where the value should be.")
            reason = "unreadable"
        elif label in NOT_KNOWN:
            reason = "not-stated"
        elif label in ("none", "no", "keine", "keiner", "kein", "nein") or self._says_none():
            reason = "stated-none"
        else:
            return False
        for each in required or [self.field]:
            self.absent(each.key, reason)
        return True

    def _says_none(self) -> bool:
        """Whether a short wording denies what the row asks for; longer prose may begin alike."""
        denies = (
            self.field.kind in ("edtf", "email", "url") or self.row.reader == "web" or _inline(self.field) is not None
        )
        short = len(self.text.split()) <= 8 and len(pieces_of(self.entry.text)) == 1
        return denies and short and self.row.reader != "members" and NONE.match(self.text) is not None


def _inline(field: Field) -> Field | None:
    return field.node.inline if field.node else None


# -- rows whose fields are of plain kinds


def _by_kind(row: RowReading) -> None:
    VALUE_READERS.get(row.field.kind, _bare_values)(row)


def _bare_values(row: RowReading) -> None:
    texts = [piece.text for piece in row.pieces()]
    row.put(row.field.key, *(texts[:1] if row.field.single else texts), verbatim=True)
    if row.field.single and len(texts) > 1:
        row.note("ambiguous", "Several values stand where one belongs; the first was taken.")


def _text(row: RowReading) -> None:
    if row.field.unique_language:
        row.put(row.field.key, "\n".join(piece.text for piece in row.pieces()), verbatim=True)
    else:
        _shared(row)


def _edtf(row: RowReading) -> None:
    """One date, or the beginning and the end where the row has a field for each."""
    span = re.fullmatch(r"(.{4,40}?)\s*(?:-|–|to|until|bis)\s*(.{4,40})", row.text)
    first, last = (date_of(span[1]), date_of(span[2])) if span else (None, None)
    single = date_of(row.text)
    if single:
        row.put(row.field.key, single)
    elif first and last and len(row.row.fields) > 1:
        row.put(row.row.fields[0].key, first)
        row.put(row.row.fields[1].key, last)
        row.note("ambiguous", "Two dates: read as beginning and end.")
    else:
        _first_year(row)


def _first_year(row: RowReading) -> None:
    years = [year for year in re.findall(r"(?<!\d)\d{4}(?!\d)", row.text) if date_of(year)]
    if years:
        row.put(row.field.key, years[0])
        row.note("ambiguous", f"The date stands in running text; {years[0]} was taken.")
    else:
        row.note("damaged", "This is not a date.")
        row.absent(row.field.key, "unreadable")


def _email(row: RowReading) -> None:
    text = re.sub(r"\s*[(\[]\s*(?:at|ät)\s*[)\]]\s*", "@", row.text, flags=re.I)
    found = MAIL.findall(text)
    if not found:
        row.note("damaged", "This is not an e-mail address.")
        row.absent(row.field.key, "unreadable")
        return
    if text != row.text:
        row.repaired("A written-out at-sign was put back.", row.text)
    row.put(row.field.key, *dict.fromkeys(found))


def _concepts(row: RowReading) -> None:
    scheme = row.draft.ontology.scheme(row.field.scheme or "")
    separator = row.field.separator or ";"
    items = [item for piece in row.pieces() for item in items_of(piece.text, separator, scheme)]
    lines = lines_of(row.entry.text)
    if len(items) == 1 and scheme.find(items[0]) is None and all(map(scheme.find, lines)):
        items = lines
    row.put(row.field.key, *(_classified(item, scheme) for item in dict.fromkeys(items)), verbatim=True)


def items_of(text: str, separator: str, scheme: Scheme) -> Iterator[str]:
    """Split at the separator; at commas only where every part is a term of the list and the whole is none."""
    for item in filter(None, (part.strip(" .") for part in text.split(separator))):
        parts = [part.strip() for part in re.split(r",|\band\b|\bund\b", item)]
        if scheme.find(item) is None and len(parts) > 1 and all(scheme.find(part) for part in parts if part):
            yield from filter(None, parts)
        else:
            yield item


def _classified(text: str, scheme: Scheme) -> Value:
    """The wording alone where the list knows it; what stands before and in brackets where it knows those."""
    match = re.fullmatch(r"([^()]+)\(([^()]+)\)", text)
    if scheme.find(text) or match is None or UNCLASSIFIED not in scheme.concepts:
        return text
    found = [concept.id for concept in map(scheme.find, match.groups()) if concept]
    return {"concept": found[0] if len(found) == 1 else found, "wording": text} if found else text


def _places(row: RowReading) -> None:
    row.put(row.field.key, *(piece.text for piece in row.pieces()))


def _nodes(row: RowReading) -> None:
    """Values with parts: organisations where the shape has one inline, else the part that a bare text fills."""
    if _inline(row.field) is None:
        _shared(row)
        return
    for piece in row.pieces():
        for name in filter(None, (name.strip() for name in piece.text.split(";"))):
            row.put(row.field.key, _party(row, name))


def _party(row: RowReading, name: str) -> Value:
    """An organisation with its kind in brackets; one that is already known by its id."""
    value: dict[str, Any] = {}
    part = row.field.node.part("kind") if row.field.node else None
    match = re.fullmatch(r"(.+?)\s*\(([^()]+)\)", name)
    if match and part and part.scheme and (concept := row.draft.ontology.scheme(part.scheme).find(match[2])):
        name, value["kind"] = match[1], concept.id
    known = row.draft.mentioned(name)
    if len(known) == 1 and all(len(row.draft.mentioned(word)) == 1 for word in name_words(name)):
        if name not in row.draft.actors:
            row.note("ambiguous", f"'{name}' was taken for '{known[0]}'.", raw=name)
        return ({"actor": known[0]} | value) if value else known[0]
    place = _town_at_end(name, row.draft)
    return row.draft.add_actor(name, place) | value


def _town_at_end(name: str, draft: Draft) -> Place | None:
    match = re.search(r"\s(?:in|aus)\s([^,()]{2,40})$", name)
    found = draft.place(match[1]) if match else []
    return found[0] if len(found) == 1 else None


def _shared(row: RowReading) -> None:
    """Give each item of a row to the field whose cue it carries, otherwise to the field that the label names."""
    fields = [each for each in row.row.fields if each.kind == row.field.kind]
    for piece in row.pieces():
        for field, text in _by_cue(piece.text, row.field, fields):
            row.put(field.key, text, verbatim=True)
            if field is not row.field:
                row.note("ambiguous", f"Placed under '{field.name()}' because of its wording.", field.key, text)


def _by_cue(text: str, usual: Field, fields: Sequence[Field]) -> Iterator[tuple[Field, str]]:
    """Fields for the sentences of an item; a sentence without a cue goes with the one before it."""
    current, together = usual, ""
    for sentence in sentences(text):
        cued = next((each for each in fields if _has_cue(sentence, each.cues)), None)
        if together and cued and cued is not current:
            yield current, together
            together = ""
        current = cued or current
        together = f"{together} {sentence}".strip()
    yield current, together


def _has_cue(text: str, cues: Sequence[str]) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(cue)}", text, re.I) for cue in cues)


# -- rows with readers of their own


def _names(row: RowReading) -> None:
    """The official name, or that there is none; the name stays as the working label either way."""
    if row.field.key not in ("official_name", "label"):
        row.put(row.field.key, *(name.strip() for name in re.split(r"[;\n]", "\n".join(lines_of(row.entry.text)))))
        return
    marks = [mark for mark in re.findall(r"\([^()]*\)", row.text) if NO_OFFICIAL_NAME.match(mark)]
    name = row.text
    for mark in marks:
        name = name.replace(mark, " ")
    name = " ".join(name.split())
    if NO_OFFICIAL_NAME.match(name) or not name:
        row.absent("official_name", "stated-none")
        return
    short = re.fullmatch(r"(.+?)\s*\(([^()\s]{2,12})\)", name)
    if short and short[2].upper() == short[2]:
        name = short[1]
        row.put("name_variants", short[2])
    row.put("label", name)
    row.draft.id = row.draft.id or kinds.slug(name) or "network"
    if marks:
        row.draft.answers["official_name"] = {"absent": "stated-none", "raw": marks[0]}
        row.seen["official_name"] = False
    else:
        row.put("official_name", name)


def _location(row: RowReading) -> None:
    """Town / region / country: the smallest is the seat if it is a town, else the area of activity."""
    named = row.named
    seat, area = (each.key for each in row.row.fields[:2])
    groups = [group for line in lines_of(row.entry.text) for group in line.split(";") if group.strip()]
    for group in groups[:MAX_PLACES]:
        place = _place_named(row, [part.strip() for part in re.split(r"[/,]", group)[:MAX_PLACES] if part.strip()])
        if place is None:
            continue
        is_seat = named.key == seat if named else place.kind in ("town", "borough") and row.draft.seat is None
        row.put(seat if is_seat else area, place.id)
        row.draft.seat = place if is_seat else row.draft.seat
    if len(groups) > 1 and named is None:
        row.note("ambiguous", "Several places: the first town was taken as seat, the others as area of activity.")
    if not row.seen:
        row.absent(seat, "unreadable")


def _place_named(row: RowReading, parts: Sequence[str]) -> Place | None:
    """The smallest place of a list such as town / region / country; what is not in the place list goes to review."""
    for first in range(len(parts)):
        for width in (2, 1):
            found = row.draft.place(" ".join(parts[first : first + width]), parts[first + width :])
            if len(found) == 1:
                return found[0]
            if found:
                ids = ", ".join(place.id for place in found[:5])
                row.note("ambiguous", f"This may be several places: {ids}.", raw=parts[first])
                return None
        similar = row.draft.gazetteer.near(kinds.slug(parts[first]))
        hint = f" Similar: {', '.join(similar)}." if similar else ""
        row.note("unplaced", f"'{parts[first]}' is not in the place list.{hint}", raw=parts[first])
    return None


def _members(row: RowReading) -> None:
    """How many there are said to be, of which kind, and their names with ids and places."""
    head, names = _head_and_names(row)
    stated = count_of(head)
    place = _place_of_head(row, head) if head else None
    if stated:
        row.put("stated_counts", _stated_count(stated, head))
    kind = stated.noun if stated else _PLACE_AT_END.sub("", head).strip()
    if 0 < len(kind.split()) <= 5 and not any(stem in kind.casefold() for stem in NO_KIND):
        row.put("member_kinds", kind)
    for name in names:
        row.put("members", _member(row, name, place))
    _completeness(row, stated, len(names))
    if not row.seen:
        row.note("unplaced", "Neither names nor a number of members could be read.")


def _head_and_names(row: RowReading) -> tuple[str, list[str]]:
    """Divide "Three NGOs in the city of X: A, B, C" in two; a list or lines may follow instead of commas."""
    first, *others = (piece.text for piece in row.pieces())
    head, rest = _head(first)
    listed = [name for text in others for name in text.split(";")]
    stated = count_of(head)
    names = [*_separate(rest, stated.exact if stated and not listed else None), *listed]
    lines = lines_of(row.entry.text)
    if len(names) == 1 and rest and not listed and len(lines) > 1:
        names = _lines_as_names(row, lines, head, names, stated)
    names = list(filter(None, (name.strip(" ;,") for name in names)))
    for name in [*(name for name in names if len(name) > MAX_NAME), *names[MAX_ITEMS:]]:
        row.leave("This is too long, or one too many, for the name of a member.", name)
    return head, [name for name in dict.fromkeys(names[:MAX_ITEMS]) if len(name) <= MAX_NAME]


def _head(text: str) -> tuple[str, str]:
    """What stands before the names, such as their number, and the names."""
    head, colon, rest = text.partition(":")
    if colon and len(head) <= 300 and not rest.startswith("//"):
        return head.strip(), rest
    stated = count_of(text)
    if stated and (stated.unit or not re.search(r"[;,]", text)):
        return text, ""
    return "", text


def _lines_as_names(
    row: RowReading, lines: Sequence[str], head: str, names: list[str], stated: Count | None
) -> list[str]:
    """Lines without separators: each a name, unless the stated number says that they are one name that wraps."""
    own = [line for line in lines if line.rstrip(": ") != head]
    own = [own[0].partition(":")[2], *own[1:]] if head and own and own[0].startswith(head) else own
    if stated and stated.exact != len(own):
        return names
    row.note("ambiguous", "Each line was read as the name of one member.", "members")
    return own


def _separate(text: str, expected: int | None) -> list[str]:
    """Names in a line: at semicolons, else at commas; at a last "and" only where the stated number asks for it."""
    text = text.strip(" .") + ("." if re.search(r"\b\w\.\s*\w\.$", text.strip()) else "")
    names = text.split(";") if ";" in text else re.split(r",(?![^()]*\))", text)
    joined = re.split(r"\s(?:and|und)\s", names[-1])
    return [*names[:-1], *joined] if expected == len(names) - 1 + len(joined) else names


def _place_of_head(row: RowReading, head: str) -> Place | None:
    match = _PLACE_AT_END.search(head)
    if match is None:
        return None
    found = row.draft.place(match["place"])
    if len(found) == 1 and found[0].kind in ("town", "borough"):
        return found[0]
    if match["kind"] and not found:
        row.note("unplaced", f"'{match['place']}' is not in the place list.", "members", match["place"])
    return None


def _stated_count(stated: Count, wording: str) -> dict[str, Any]:
    return _filled(
        {
            "min": "" if stated.low is None else str(stated.low),
            "max": "" if stated.high is None else str(stated.high),
            "approximate": "yes" if stated.approximate else "",
            "unit": stated.unit,
            "wording": wording,
        }
    )


def _member(row: RowReading, name: str, place: Place | None) -> dict[str, Any]:
    """One member; a bare word for people or bodies of a kind is a group without a name."""
    concept = row.draft.ontology.scheme("target-group").find(name)
    if concept is None or concept.id in _BODIES:
        return row.draft.add_actor(name, _town_at_end(name, row.draft) or place)
    row.note("ambiguous", "Read as a group without a name.", "members", name)
    return {"id": row.draft.new_id(f"{name} {row.draft.id}"), "group": "yes", "name": name}


def _completeness(row: RowReading, stated: Count | None, named: int) -> None:
    if stated is None or not named:
        return
    if stated.exact == named:
        row.put("members_complete", "yes")
    elif (stated.low or 0) > named:
        row.put("members_complete", "no")
    else:
        row.note("ambiguous", f"{named} members are named, but '{stated.wording}' is stated.", "members_complete")


def _resources(row: RowReading) -> None:
    """Money and things in running text: funding flows, and what is given in kind."""
    for piece in row.pieces():
        for sentence in (part.strip() for text in sentences(piece.text) for part in text.split(";")):
            if not sentence:
                continue
            if flows := list(_flows(row, sentence)):
                row.put("funding", *flows)
                row.note(
                    "ambiguous", "Read from running text: check funder, category and recipient.", "funding", sentence
                )
            elif NO_FUNDING.search(sentence):
                row.draft.answers.setdefault("funding", {"absent": "stated-none", "raw": sentence})
                row.seen["funding"] = False
            elif IN_KIND.search(sentence):
                row.put("in_kind", sentence, verbatim=True)
            else:
                row.leave("This names neither money nor things that are given.", sentence)


def _flows(row: RowReading, sentence: str) -> Iterator[dict[str, Any]]:
    """One flow a statement: the parties that one verb joins stay together."""
    said = statements(sentence) or ([] if IN_KIND.search(sentence) else [("", sentence)])
    for receiver, giver in said:
        categories = [concept for concept, pattern in CATEGORIES if pattern.search(giver)]
        if len(categories) > 1:
            categories = [each for each in categories if each not in ("public", "private")]
        if categories:
            yield _flow(row, receiver, giver, categories) | {"wording": sentence}


def _flow(row: RowReading, receiver: str, giver: str, categories: Sequence[str]) -> dict[str, Any]:
    flow: dict[str, Any] = {}
    funder = _city(row, giver) if "municipal" in categories else None
    if funder:
        flow["funder"] = funder
    flow["category"] = categories[0] if len(categories) == 1 else list(categories)
    activity, bearers = _activity(row, receiver)
    recipients = ["network"] if NETWORK_WORDS.search(receiver) else bearers
    if recipients:
        flow["recipient"] = recipients[0] if len(recipients) == 1 else recipients
    if activity:
        flow["for"] = {"name": activity} | ({"by": list(bearers)} if bearers else {})
    return flow


def _activity(row: RowReading, receiver: str) -> tuple[str, list[str]]:
    """What is funded, and the members that do it: "counselling of A and B"."""
    if NETWORK_WORDS.search(receiver):
        return "", []
    split = OF_MEMBERS.search(receiver)
    if split and (bearers := row.draft.mentioned(receiver[split.end() :])):
        return thing_named(receiver[: split.start()]), bearers
    bearers = row.draft.mentioned(receiver)
    return ("", bearers) if bearers else (thing_named(receiver), [])


def _city(row: RowReading, giver: str) -> Value:
    """The city that gives: the one named, or, as "the city", that of the seat."""
    match = CITY.search(giver)
    if match is None:
        return None
    found = row.draft.place(match[1]) if match[1] else [row.draft.seat] if row.draft.seat else []
    place = found[0] if len(found) == 1 else None
    if place is None or place.kind != "town":
        row.note("ambiguous", "It is not clear which city gives.", "funding", giver.strip())
        return None
    language = row.draft.names_language()
    name = f"Stadt {place.name('de')}" if language == "de" else f"City of {place.name(language)}"
    same = [known for known in row.draft.actors if normalise_label(known) == normalise_label(name)]
    return row.draft.actors[same[0]] if same else row.draft.add_actor(name, place)


def _web(row: RowReading) -> None:
    """Addresses, each of the member that its label names; one broken at a line end is joined."""
    left: list[str] = []
    for address in addresses_of(lines_of(row.entry.text), left):
        if not _is_address(address.url, row.field):
            left.append(address.raw)
            continue
        if address.raw != address.url:
            row.repaired("An address broken at a line end, or without its beginning, was completed.", address.raw)
        owners = row.draft.mentioned(address.label)
        if len(owners) == 1:
            row.put("websites", {"url": address.url, "of": owners[0]})
            continue
        row.put("websites", address.url)
        if not OWN_PAGE.fullmatch(address.label):
            row.note("ambiguous", f"Whose address is it? Its label is '{address.label}'.", raw=address.url)
    for text in left:
        row.leave("This is no web address.", text)


def _is_address(text: str, field: Field) -> bool:
    try:
        return bool(kinds.Url().parse(text, field))
    except ValueError:
        return False


ROW_READERS: Mapping[str, Callable[[RowReading], None]] = {
    "location": _location,
    "members": _members,
    "names": _names,
    "resources": _resources,
    "web": _web,
}
"""Readers of whole rows by the name that rows use in ``ig:reader``."""

VALUE_READERS: Mapping[str, Callable[[RowReading], None]] = {
    "concept": _concepts,
    "edtf": _edtf,
    "email": _email,
    "name": _text,
    "node": _nodes,
    "place": _places,
    "practice": _concepts,
    "text": _text,
}
"""Readers by kind of value, for rows without a reader of their own; other kinds take each item as it stands."""
