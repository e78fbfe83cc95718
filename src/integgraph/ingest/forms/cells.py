r"""What stands in one cell of a form: values as a person writes them, and back to the same values.

A cell of a plain field holds one value as it is. In a cell that may hold several, each stands in a line of its own.
Where a value has parts inside one cell they are separated by semicolons, each with its label and a colon before it; the
part that goes without saying comes first and bare: ``Member; From: 2016; To: 2019``. What would be read otherwise is
put in quotation marks, doubled inside. A text in another language than the record's begins with ``[en]``.

Every writer here reads its own text back before it trusts it, and quotes where that does not give the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integgraph.ingest import edtf, kinds
from integgraph.ingest.forms import words
from integgraph.ingest.forms.content import VALUE, Column, concept_parts
from integgraph.ingest.kinds import Item
from integgraph.ingest.places import Gazetteer
from integgraph.ingest.wording import NOT_KNOWN, date_of
from integgraph.ontology import LANGUAGES, Field, Ontology, normalise_label

Token = tuple[str | None, str]
"""Key of the part, or ``None`` for a bare value, and the value's text."""

_TAG = re.compile(
    r"\[(?:lang=([A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*)|([a-z]{2}(?:-[a-z0-9]{1,8})*))\][ \t]*(?=\S)", re.ASCII
)
_QUOTED = re.compile(r'"((?:[^"]|"")*+)"[ \t]*(?=[;\n]|\Z)')
_QUOTED_LINE = re.compile(r'"((?:[^"]|"")*+)"[ \t]*(?:\n|\Z)')
_LABEL = re.compile(r"([^:;\n\"]{1,100}):[ \t]*")
_NEXT = re.compile(r"[;\n]|\Z")
_UNHELD = re.compile("[\r\ufffe\uffff]|&#(?=(?:13|38|95|65534|65535);)")
_HELD = re.compile(r"&#(13|38|95|65534|65535);")  # 95 is the "_" of what a workbook would take for an escape
_NONE = frozenset({"none", "keine", "keiner", "keines", "keins", "kein"})
_GERMAN = re.compile(r"(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?", re.ASCII)
_ENGLISH = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", re.ASCII)


def held(text: str) -> str:
    r"""A text without the characters that no document keeps, each as its number.

    >>> held("a\rb"), released(held("a\rb"))
    ('a&#13;b', 'a\rb')
    """
    return _UNHELD.sub(lambda found: f"&#{ord(found[0][0])};" + found[0][1:], text)


def released(text: str) -> str:
    """The text that :func:`held` was given."""
    return _HELD.sub(lambda found: chr(int(found[1])), text)


# -- texts with their language


def language_of(text: str) -> tuple[str | None, str]:
    """The language that a text says it is in, and the text without saying so.

    >>> language_of("[en] Welcome"), language_of("[sic] Welcome"), language_of("[lang=kmr] Silav")
    (('en', 'Welcome'), (None, '[sic] Welcome'), ('kmr', 'Silav'))
    """
    found = _TAG.match(text)
    tag = kinds.language_tag(found[1] or found[2]) if found else None
    return (tag, text[found.end() :]) if found and tag else (None, text)


def no_answer(text: str) -> str | None:
    """The reason of absence that a text means, where it stands alone; ``None`` if it is an answer.

    >>> no_answer("Keiner"), no_answer("unknown"), no_answer("Caritas")
    ('stated-none', 'not-stated', None)
    """
    label = normalise_label(text)
    return "stated-none" if label in _NONE else "not-stated" if label in NOT_KNOWN else None


def with_language(text: str, language: str, default: str) -> str:
    """A text that says its language, unless that goes without saying; a name such as "None" always does."""
    if language == default and language_of(text)[0] is None and no_answer(text) is None:
        return text
    short = f"[{language}] {text}"
    return short if language_of(short) == (language, text) else f"[lang={language}] {text}"


# -- several values, and values with parts


def quoted(text: str) -> str:
    """The text in quotation marks, those inside doubled."""
    return '"' + text.replace('"', '""') + '"'


def split_lines(text: str) -> list[str]:
    r"""The values of a cell, one a line.

    >>> split_lines('a\n"b\nc"\n"Round table" for all')
    ['a', 'b\nc', '"Round table" for all']
    """
    values, at = [], 0
    while at < len(text):
        found = _QUOTED_LINE.match(text, at)
        if found:
            values.append(found[1].replace('""', '"'))
            at = found.end()
            continue
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if text[at:end].strip():
            values.append(text[at:end].strip())
        at = end + 1
    return values


def split_texts(text: str) -> list[str]:
    r"""The texts of a cell that holds at most one a language: a new one begins with its language.

    >>> split_texts("Hallo\nWelt\n[en] Hello")
    ['Hallo\nWelt', '[en] Hello']
    """
    values, at = [], 0
    while at < len(text) and (found := _QUOTED_LINE.match(text, at)):
        values.append(found[1].replace('""', '"'))
        at = found.end()
    if values and at >= len(text):
        return values
    values = []
    for line in text.split("\n"):
        if not values or language_of(line)[0]:
            values.append(line)
        else:
            values[-1] += "\n" + line
    return [value.strip() for value in values if value.strip()]


def scan(text: str, labels: Mapping[str, str]) -> list[list[Token]]:
    """The values with parts in a cell: a line each, their parts between semicolons.

    Args:
        text: The cell.
        labels: Key by label, normalised.

    >>> scan('Member; From: 2016', {"from": "from"})
    [[(None, 'Member'), ('from', '2016')]]
    """
    lines: list[list[Token]] = [[]]
    at = 0
    while True:
        while at < len(text) and text[at] in " \t":
            at += 1
        found = _LABEL.match(text, at)
        key = labels.get(normalise_label(found[1])) if found else None
        if found and key:
            at = found.end()
        quote = _QUOTED.match(text, at)
        if quote:
            lines[-1].append((key, quote[1].replace('""', '"')))
            at = quote.end()
        else:
            end = _NEXT.search(text, at)
            stop = end.start() if end else len(text)
            value = text[at:stop].strip()
            if value:
                lines[-1].append((key, value))
            at = stop
        if at >= len(text):
            return [line for line in lines if line]
        if text[at] == "\n":
            lines.append([])
        at += 1


def _label(each: Field, language: str) -> str:
    return each.name(language).replace(":", ",")


def labels_of(fields: Iterable[tuple[str, Field]], language: str) -> dict[str, str]:
    """Key by normalised label: in the language of the form first, then in the others.

    Args:
        fields: Parts, each with its label in the form.
        language: Language of the form.
    """
    fields = list(fields)
    labels: dict[str, str] = {}
    for label, each in fields:
        labels.setdefault(normalise_label(label), each.key)
    for other in (language, *LANGUAGES):
        for _, each in fields:
            labels.setdefault(normalise_label(each.name(other)), each.key)
    return labels


def inner_parts(each: Field, ontology: Ontology) -> tuple[Field, ...]:
    """The parts that a value inside a cell has; none for a plain one."""
    if each.kind in ("concept", "practice"):
        return concept_parts(each)
    return each.node.parts if each.kind == "node" and each.node else ()


def as_parts(item: Item, each: Field) -> Mapping[str, Sequence[Item]]:
    """A value as its parts, each a list."""
    if each.kind not in ("concept", "practice"):
        return dict(item)
    parts: dict[str, Sequence[Item]] = {"concept": item["concepts"]}
    if item.get("wording"):
        parts["wording"] = [item["wording"]]
    if item.get("source"):
        parts["source"] = [item["source"]]
    return parts


# -- organisations


def fold(name: str) -> str:
    """A name as it is compared: without case, accents composed, one space between words."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


@dataclass(slots=True)
class Directory:
    """Which organisation a text names: by its id, by its name where only one has it, or the network itself."""

    ids: set[str] = field(default_factory=set)
    names: dict[str, set[str]] = field(default_factory=dict)

    def add(self, identifier: str, names: Iterable[str]) -> None:
        """Enter an organisation."""
        self.ids.add(identifier)
        for name in names:
            self.names.setdefault(fold(name), set()).add(identifier)

    def find(self, text: str) -> str | None:
        """The reference that a text stands for; ``None`` if it names nobody known.

        >>> directory = Directory()
        >>> directory.add("caritas-a", ["Caritas"])
        >>> directory.find("CARITAS"), directory.find("This network"), directory.find("Diakonie")
        ('caritas-a', 'network', None)
        """
        text = text.strip()
        if re.fullmatch(r"network(:[a-z0-9-]+)?", text) or text in self.ids:
            return text
        if fold(text) in map(fold, words.OWN_NETWORK.values()):
            return "network"
        found = self.names.get(fold(text), set())
        return next(iter(found)) if len(found) == 1 else None

    def mention(self, reference: str, names: Iterable[str], language: str) -> str:
        """The text that names an organisation: its name where that is enough, else its id."""
        candidates = [words.OWN_NETWORK[language]] if reference == "network" else list(names)
        return next((text for text in candidates if self.find(text) == reference), reference)


# -- writing


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the values of a record into cells.

    Attributes:
        ontology: The form and its vocabularies.
        form_language: Language of the form.
        language, names_language: Languages of the record that go without saying.
        mentions: The text that names an organisation, by its id.
        gazetteer: The place list; places are named by their ids without it.
    """

    ontology: Ontology
    form_language: str
    language: str
    names_language: str
    mentions: Mapping[str, str]
    gazetteer: Gazetteer

    def cell(self, items: Mapping[str, Sequence[Item]], column: Column) -> str:
        """What stands in a column, for a value as parts."""
        if column.inner:
            fields = [(each.label, each.field) for each in column.inner]
            return "\n".join(self._tokens(items, fields, bare=False))
        found = items.get(column.key, ())
        if not found:
            return ""
        each = column.field
        if inner_parts(each, self.ontology):
            return "\n".join(self.one(item, each) for item in found)
        texts = [self.one(item, each) for item in found]
        if each.single or each.key == VALUE:
            return texts[0]
        split = split_texts if each.unique_language else split_lines
        plain = "\n".join(texts)
        return plain if split(plain) == texts else "\n".join(map(quoted, texts))

    def one(self, item: Item, each: Field) -> str:
        """One value, as it stands alone."""
        parts = inner_parts(each, self.ontology)
        if parts:
            named = [(_label(part, self.form_language), part) for part in parts]
            return "; ".join(self._tokens(as_parts(item, each), named, bare=True))
        if each.kind in ("text", "name"):
            default = self.names_language if each.kind == "name" else self.language
            return with_language(item["text"], item["lang"], default)
        if each.kind == "actor":
            reference = item.get("ref") or item["id"]
            return self.mentions.get(reference, reference)
        if each.kind == "term":
            return self.term(item, each.scheme or "")
        if each.kind == "boolean":
            return (words.YES if item == "true" else words.NO)[self.form_language]
        if each.kind == "place":
            return self.place(item)
        if each.kind == "field":
            return self.ontology.form.field(item).name(self.form_language)
        written = kinds.KINDS[each.kind].write(item, each, kinds.Writing(self.language, self.names_language))
        if each.kind in ("decimal", "share") and self.form_language == "de":
            written = written.replace(".", ",")
        return str(written)

    def term(self, name: str, scheme: str) -> str:
        """A concept by its label; by its id where the label would be another's."""
        found = self.ontology.scheme(scheme)
        label = found.concepts[name].label(self.form_language)
        concept = found.find(label)
        return label if concept and concept.id == name else name

    def place(self, name: str) -> str:
        """A place by its name where that is unmistakable, else by its id."""
        place = self.gazetteer.get(name)
        if place is None:
            return name
        text = place.name(self.form_language)
        same = [found.id for found in self.gazetteer.find(text)]
        return text if same == [name] and self.gazetteer.get(text) is None and text == text.strip() else name

    def absence(self, reason: str, raw: str | None) -> str:
        """Why there is no answer, and what stands there instead."""
        text = self.term(reason, "absence")
        if raw is None:
            return text
        label, labels = words.ABSENT_RAW[self.form_language], raw_labels()
        return f"{text}; {_labelled(label, 'raw', raw, labels)}"

    def _tokens(
        self, items: Mapping[str, Sequence[Item]], fields: Sequence[tuple[str, Field]], *, bare: bool
    ) -> Iterator[str]:
        labels = labels_of(fields, self.form_language)
        first = next((each for _, each in fields if bare and each.shorthand and items.get(each.key)), None)
        if first:
            text = self.one(items[first.key][0], first)
            yield text if scan(text, labels) == [[(None, text)]] else quoted(text)
        for label, each in fields:
            for item in items.get(each.key, ())[1 if each is first else 0 :]:
                yield _labelled(label, each.key, self.one(item, each), labels)


def _labelled(label: str, key: str, text: str, labels: Mapping[str, str]) -> str:
    plain = f"{label}: {text}"
    return plain if scan(plain, labels) == [[(key, text)]] else f"{label}: {quoted(text)}"


def raw_labels() -> dict[str, str]:
    """The label of what stands where there is no answer, in every language."""
    return {normalise_label(text): "raw" for text in words.ABSENT_RAW.values()}


# -- reading


@dataclass(frozen=True, slots=True)
class Mention:
    """A text that names an organisation, before it is known which."""

    text: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads cells into plain data, as a person writes it in a record.

    Attributes:
        ontology: The form and its vocabularies.
        form_language: Language of the form.
        strays: Where texts go that belong nowhere.
    """

    ontology: Ontology
    form_language: str
    strays: list[str]

    def cell(self, text: str, column: Column) -> dict[str, Any]:
        """The parts that a cell holds."""
        each = column.field
        if column.inner:
            return self._further(text, column.inner)
        parts = inner_parts(each, self.ontology)
        if parts:
            values = [self._parts(line, each, parts) for line in self.scanned(text, parts)]
            return {column.key: values} if values else {}
        text = text.strip()
        if not text:
            return {}
        if each.single or each.key == VALUE:
            return {column.key: self.one(text, each)}
        values = [self.one(value, each) for value in (split_texts if each.unique_language else split_lines)(text)]
        return {column.key: values[0] if len(values) == 1 else values}

    def scanned(self, text: str, parts: Iterable[Field]) -> list[list[Token]]:
        """The tokens of a cell whose values have parts."""
        return scan(text, labels_of(((_label(part, self.form_language), part) for part in parts), self.form_language))

    def one(self, text: str, each: Field) -> Any:
        """One value as plain data."""
        parts = inner_parts(each, self.ontology)
        if parts:
            tokens = [token for line in self.scanned(text, parts) for token in line]
            return self._parts(tokens, each, parts)
        if each.kind in ("text", "name"):
            language, rest = language_of(text)
            return {language: rest} if language else text
        if each.kind == "actor":
            return Mention(text)
        if each.kind == "field":
            return self._field(text)
        return _plain(text, each.kind, self.form_language)

    def _field(self, text: str) -> str:
        form = self.ontology.form
        by_label = {
            normalise_label(each.name(other)): each.key
            for other in (*LANGUAGES, self.form_language)
            for each in form.fields
        }
        return text if form.get(text) else by_label.get(normalise_label(text), text)

    def _parts(self, tokens: Sequence[Token], each: Field, parts: Sequence[Field]) -> dict[str, Any]:
        shorthand = next((part for part in parts if part.shorthand), parts[0])
        by_key = {part.key: part for part in parts}
        found: dict[str, list[str]] = {}
        bare = [text for key, text in tokens if key is None]
        if bare:  # somebody wrote a semicolon into the text
            found[shorthand.key] = ["; ".join(bare)]
        for key, text in tokens:
            if key is not None:
                found.setdefault(key, []).append(text)
        raw = {key: [self.one(text, by_key[key]) for text in texts] for key, texts in found.items()}
        return {key: values[0] if len(values) == 1 else values for key, values in raw.items()}

    def _further(self, text: str, inner: Sequence[Column]) -> dict[str, Any]:
        labels = labels_of(((column.label, column.field) for column in inner), self.form_language)
        columns = {column.key: column for column in inner}
        found: dict[str, list[Any]] = {}
        for key, value in (token for line in scan(text, labels) for token in line):
            if key is None:
                self.strays.append(value)
            else:
                found.setdefault(key, []).append(self.one(value, columns[key].field))
        return {key: values[0] if len(values) == 1 else values for key, values in found.items()}


def _plain(text: str, kind: str, language: str) -> str:
    """Numbers and dates as a record has them; whatever else stays as it is, and the record's reader judges it."""
    if kind in ("decimal", "integer"):
        number = re.sub(r"^(?:EUR|€)\s*|\s*(?:EUR|Euro|€)$|(?<=\d)[\s\u00a0\u202f](?=\d{3})", "", text)
        if language == "de" and _GERMAN.fullmatch(number):
            return number.replace(".", "").replace(",", ".")
        return number.replace(",", "") if language == "en" and _ENGLISH.fullmatch(number) else text
    if kind in ("edtf", "date"):
        try:
            edtf.parse(text)
        except ValueError:
            return date_of(text) or text
    return text
