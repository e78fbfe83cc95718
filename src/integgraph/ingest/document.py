"""From a filled-in form as text or Markdown to located rows: label, raw text, and where both stand.

Nothing is interpreted here but the layout. A row begins with a label of the form, in any of its languages, followed by
a tab, a colon or a table cell, in bold, or as a heading; it goes on until the next one. What carries no label or an
unknown one is kept as an entry too, so that whoever reads the entries can say what became of it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from integgraph.errors import InputError, Problem
from integgraph.ingest import yamltext
from integgraph.ontology import LANGUAGES, Form, Row, Section, normalise_label

SUFFIXES = (".txt", ".text", ".md", ".markdown")
MAX_ROWS = 500
MAX_ROW_TEXT = 50_000
MAX_LINES = 20_000
_MAX_TITLES = 10
_MAX_LABEL = 100
_MAX_TITLE = 150

_INVISIBLE = re.compile("[\x00-\x08\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_NOISE = re.compile(r"[\s.0·…_=*~|#>+-]+")
_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_RULE = re.compile(r"[\s|:-]+")
_BOLD = re.compile(r"(?:[-*+]\s+)?(?:\*\*|__)([^*_|\t]{1,100})(?:\*\*|__)(\s*:?)\s*(.*)")
_SPACED = re.compile(r"(\S.{0,100}?) {2,}(\S.*)")
_COLON = re.compile(r"([^:\t|]{1,100}):(?!//)(.*)")
_BULLET = re.compile(r"\s*(?:[-*+•·–▪◦‣]|\d{1,2}[.)])\s+")
_ADDRESS = re.compile(r"https?://|www\.|\S@\S")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands in its document: section and row as counted there, first and last line, all from 1.

    >>> str(Place(1, 2, 14, 14)), str(Place(0, 1, 7, 9))
    ('section 1, row 2, line 14', 'row 1, lines 7–9')
    """

    section: int
    row: int
    first: int
    last: int

    def __str__(self) -> str:
        section = f"section {self.section}, " if self.section else ""
        row = f"row {self.row}, " if self.row else ""
        return section + row + (f"line {self.first}" if self.first == self.last else f"lines {self.first}–{self.last}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the document.

    Attributes:
        label: The label as it stands there; empty for text that carries none.
        text: The raw text of the value, line by line; empty for a label without a value.
        row: The row of the form that the label names; ``None`` for an unknown label or none.
        places: Where it stands; several when the document has the row more than once.
        section: The form's section under whose title it stands, if any.
    """

    label: str
    text: str
    row: Row | None
    places: tuple[Place, ...]
    section: Section | None = None

    @property
    def locator(self) -> str:
        """Where it stands, in words."""
        return "; ".join(str(place) for place in self.places)


@dataclass(frozen=True, slots=True)
class Document:
    """A filled-in form as located rows.

    Attributes:
        file: Name of the file.
        sha256: Digest of the file's bytes.
        titles: The title lines in front of the form.
        entries: Every row, and every text without a row, in the order of the document.
        language: Language of the labels: ``en`` or ``de``.
    """

    file: str
    sha256: str
    titles: tuple[str, ...]
    entries: tuple[Entry, ...]
    language: str


def read_document(file: Path, form: Form) -> Document:
    r"""Read a filled-in form from a text or Markdown file.

    Raises:
        InputError: it is no text, is empty, carries no label of the form, or holds more than one profile.

    >>> import tempfile
    >>> from integgraph.ontology import Ontology
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "form.txt")
    ...     _ = file.write_text("Name of the network: Harz together\nFounding year: 2016\n", "utf-8")
    ...     document = read_document(file, Ontology.load().form)
    >>> [(entry.label, entry.text, entry.locator) for entry in document.entries]
    [('Name of the network', 'Harz together', 'row 1, line 1'), ('Founding year', '2016', 'row 2, line 2')]
    """
    text = yamltext.read_text(file)
    if file.suffix.casefold() not in SUFFIXES:
        advice = f"Give the form as {', '.join(SUFFIXES[::2])}, or the record as .yaml."
        raise InputError(
            Problem(f"Files of the type '{file.suffix}' are not read as a form.", file=file.name, advice=advice)
        )
    if not text.strip():
        raise InputError(Problem("The file is empty.", file=file.name))
    return parse(text, form, file.name, hashlib.sha256(file.read_bytes()).hexdigest())


def parse(text: str, form: Form, name: str, sha256: str = "") -> Document:
    """The located rows of a text; see :func:`read_document` for what is refused.

    Raises:
        InputError: no label of the form, more than one profile, or more rows and text than a form can have.
    """
    layout = _Layout(form, name, _visible(text).split("\n"))
    layout.read()
    entries = [_entry(part) for part in _with_whole_labels(layout.parts, form)]
    if not any(entry.row for entry in entries):
        raise InputError(_no_labels(form, name))
    _refuse_second_profile(entries, form, name)
    return Document(name, sha256, tuple(filter(None, layout.titles)), tuple(_joined(entries)), _language(entries, form))


@dataclass(slots=True)
class _Part:
    """An entry while it is being read."""

    label: str
    row: Row | None
    section: Section | None
    place: Place
    lines: list[str] = field(default_factory=list)
    flowing: bool = False
    inline: bool = False
    size: int = 0


class _Layout:
    """Recognises line by line what a line is: noise, title, section, label with or without value, or more text."""

    def __init__(self, form: Form, name: str, lines: Sequence[str]) -> None:
        self.form = form
        self.name = name
        self.lines = lines
        self.titles: list[str] = []
        self.parts: list[_Part] = []
        self.section: Section | None = None
        self.sections = 0
        self.rows = 0
        self.read_lines = 0
        self.after_gap = True
        self.skipped = -1
        self.only_title = sum(1 for line in self.lines if line.startswith("# ")) == 1

    def read(self) -> None:
        recognisers = (
            self._section, self._heading, self._table, self._tabbed, self._bold, self._colon, self._alone,
        )  # fmt: skip
        for number, line in enumerate(self.lines, start=1):
            if number == self.skipped:
                continue
            if not line.strip() or self._noise(number, line):
                self.after_gap = self.after_gap or not line.strip()
                continue
            self._count(number)
            if not any(recognise(number, line) for recognise in recognisers):
                self._text(number, line)
            self.after_gap = False

    def _count(self, number: int) -> None:
        self.read_lines += 1
        if self.read_lines > MAX_LINES:
            message = f"The document has more than {MAX_LINES:,} lines with text; a form has about a hundred."
            raise InputError(Problem(message, file=self.name, line=number, advice="Give one filled-in form."))

    @property
    def open(self) -> _Part | None:
        return self.parts[-1] if self.parts else None

    @property
    def in_front(self) -> bool:
        return not self.parts and self.section is None

    # -- what a line can be

    def _noise(self, number: int, line: str) -> bool:
        """Dots, zeros and rules are nothing, unless a cell or a row that waits for its value holds them."""
        if len(line) <= 10_000 and _NOISE.fullmatch(line):
            waits = self.open is not None and self.open.flowing and not self.open.lines
            return not (("\t" in line or waits) and "0" in line)
        return line.lstrip().startswith("```")

    def _section(self, number: int, line: str) -> bool:
        if len(line) > 2 * _MAX_LABEL:
            return False
        following = self.lines[number] if number < len(self.lines) else ""
        for text, last in ((line, number), (f"{line} {following}", number + 1)):
            title = _bare(text.replace("|", " "))
            if len(text) <= 4 * _MAX_LABEL and self.form.is_section(title):
                self.section = _section_named(title, self.form)
                self.sections += 1
                self.rows = 0
                self.skipped = last if last > number else self.skipped
                if self.open:
                    self.open.flowing = False
                return True
        return False

    def _heading(self, number: int, line: str) -> bool:
        match = _HEADING.fullmatch(line)
        if match is None:
            return False
        text = _bare(match[2])
        if self.in_front and (self.form.row(text) is None or (len(match[1]) == 1 and self.only_title)):
            known = _COLON.fullmatch(text)
            if known is None or self.form.row(known[1]) is None:
                return self._title(number, text)
        return self._colon(number, text) or self._begin(number, text, "", flowing=True)

    def _table(self, number: int, line: str) -> bool:
        if not line.lstrip().startswith("|"):
            return False
        if _RULE.fullmatch(line):
            return True
        label, *values = _cells(line)
        following = self.lines[number] if number < len(self.lines) else ""
        is_head = "-" in following and _RULE.fullmatch(following) is not None
        label, value = _bare(label), "\n".join(value for value in values if value)
        if is_head and self.form.row(label) is None:
            return True
        if label:
            return self._begin(number, label, value)
        self._more(number, value)
        return True

    def _tabbed(self, number: int, line: str) -> bool:
        """Two cells; several spaces part them too where the first is a label of the form."""
        spaced = _SPACED.fullmatch(line) if "\t" not in line else None
        if spaced and self.form.row(_bare(spaced[1])):
            line = f"{spaced[1]}\t{spaced[2]}"
        if "\t" not in line:
            return False
        label, _, value = line.partition("\t")
        value = "\n".join(cell.strip() for cell in value.split("\t") if cell.strip())
        if _bare(label):
            return self._begin(number, _bare(label), value, flowing=not value)
        self._more(number, value)
        return True

    def _bold(self, number: int, line: str) -> bool:
        match = _BOLD.fullmatch(line.strip())
        if match is None:
            return False
        label, value = _bare(match[1]), match[3].strip()
        with_colon = match[1].rstrip().endswith(":") or ":" in match[2]
        known = self.form.row(label) is not None and (with_colon or not value)
        foreign = with_colon and bool(value) and not self.in_front and not _BULLET.match(line)
        return (known or foreign) and self._begin(number, label, value, flowing=True)

    def _colon(self, number: int, line: str) -> bool:
        match = _COLON.fullmatch(line)
        if match is None or _BULLET.match(line):
            return False
        label, value = _bare(match[1]), match[2].strip()
        known = self.form.row(label) is not None
        return (known or self._foreign(label, value)) and self._begin(number, label, value, flowing=True)

    def _foreign(self, label: str, value: str) -> bool:
        """Whether an unknown "Label: value" is a row of its own rather than prose that goes on."""
        if self.open is None or not self.open.flowing or not self.open.inline or not value:
            return False
        if self.open.row and self.open.row.reader == "web" and _ADDRESS.search(value[:500]):
            return False
        return label[:1].isupper() and len(label.split()) <= 4 and (self.after_gap or len(self.open.lines) == 1)

    def _alone(self, number: int, line: str) -> bool:
        """A label of the form that has a line for itself, after a gap."""
        label = _bare(line)
        if not self.after_gap and self.open and self.open.lines:
            return False
        return (
            len(label) <= _MAX_LABEL
            and self.form.row(label) is not None
            and self._begin(number, label, "", flowing=True)
        )

    def _text(self, number: int, line: str) -> None:
        if self.in_front and self._title(number, _bare(line)):
            return
        if self.open is None or (self.after_gap and not self.open.flowing):
            self._begin(number, "", line.strip())
            return
        self._more(number, line.rstrip())

    # -- what follows from it

    def _title(self, number: int, text: str) -> bool:
        if len(text) > _MAX_TITLE or len(self.titles) >= _MAX_TITLES:
            return self._begin(number, "", text)
        self.titles.append(text)
        return True

    def _begin(self, number: int, label: str, value: str, *, flowing: bool = False) -> bool:
        self.rows += bool(label)
        row = self.form.row(label) if len(label) <= _MAX_LABEL else None
        place = Place(self.sections, self.rows if label else 0, number, number)
        self.parts.append(_Part(label, row, self.section, place, flowing=flowing, inline=bool(value)))
        if len(self.parts) > MAX_ROWS:
            message = f"The document has more than {MAX_ROWS} rows; the form has about twenty."
            raise InputError(Problem(message, file=self.name, line=number, advice="Give one filled-in form."))
        if value:
            self._more(number, value)
        return True

    def _more(self, number: int, value: str) -> None:
        if self.open is None or (self.after_gap and not self.open.flowing and self.open.place.last < number - 1):
            self._begin(number, "", "")
        part = self.parts[-1]
        if self.after_gap and part.lines:
            part.lines.append("")
        part.lines.append(value)
        part.place = replace(part.place, last=number)
        part.size += len(value)
        if part.size > MAX_ROW_TEXT:
            message = f"The row '{part.label[:40]}' holds more than {MAX_ROW_TEXT:,} characters."
            raise InputError(Problem(message, file=self.name, line=number, advice="Shorten it."))


def _visible(text: str) -> str:
    """The text with plain line ends and spaces, without invisible characters."""
    for odd, plain in (("\r\n", "\n"), ("\r", "\n"), ("\u00a0", " "), ("\u202f", " "), ("\x0b", " ")):
        text = text.replace(odd, plain)
    return _INVISIBLE.sub("", text)


def _bare(text: str) -> str:
    """A label or title without marks around it."""
    return " ".join(text.split()).strip("#*_ ").removesuffix(":").strip("*_ ")


def _cells(line: str) -> list[str]:
    """The cells of a Markdown table row; an escaped pipe is text."""
    inner = line.strip().removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return [cell.replace("\\|", "|").strip() for cell in re.split(r"(?<!\\)\|", inner)]


def _section_named(title: str, form: Form) -> Section | None:
    wanted = normalise_label(title.lstrip(" \t.0123456789"))
    named = (each for each in form.sections if wanted in map(normalise_label, each.names.values()))
    return next(named, None)


def _with_whole_labels(parts: Sequence[_Part], form: Form) -> Iterator[_Part]:
    """Put labels together that the layout broke over two rows, such as "Evaluation &" and "sustainability"."""
    waiting: _Part | None = None
    for part in parts:
        whole = form.row(f"{waiting.label} {part.label}") if waiting and waiting.label and part.label else None
        if waiting and whole and part.row is None and waiting.row in (None, whole):
            lines = [*waiting.lines, *part.lines]
            place = replace(waiting.place, last=part.place.last)
            waiting = replace(waiting, label=f"{waiting.label} {part.label}", row=whole, lines=lines, place=place)
            continue
        if waiting:
            yield waiting
        waiting = part
    if waiting:
        yield waiting


def _entry(part: _Part) -> Entry:
    return Entry(part.label, "\n".join(part.lines).strip(), part.row, (part.place,), part.section)


def _joined(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Rows that carry the same label become one."""
    by_label: dict[str, Entry] = {}
    for position, entry in enumerate(entries):
        key = normalise_label(entry.label) if entry.row else f"\0{position}"
        first = by_label.get(key)
        if first is None:
            by_label[key] = entry
        else:
            text = "\n\n".join(text for text in (first.text, entry.text) if text)
            by_label[key] = replace(first, text=text, places=(*first.places, *entry.places))
    yield from by_label.values()


def _refuse_second_profile(entries: Sequence[Entry], form: Form, name: str) -> None:
    """A second name with other rows between the two is a second profile."""
    first_row = form.sections[0].rows[0]
    names = [
        position
        for position, entry in enumerate(entries)
        if entry.row and entry.row.iri == first_row.iri and normalise_label(entry.label) in _row_labels(first_row)
    ]
    for before, position in pairwise(names):
        same_text = normalise_label(entries[before].text) == normalise_label(entries[position].text)
        if any(entry.row and entry.row.iri != first_row.iri for entry in entries[before:position]) and not same_text:
            raise InputError(
                Problem(
                    "The document holds more than one profile: "
                    f"'{entries[position].label}' stands in line {entries[before].places[0].first} and here again.",
                    file=name,
                    line=entries[position].places[0].first,
                    advice="Give each profile its own file.",
                )
            )


def _row_labels(row: Row) -> set[str]:
    return {normalise_label(label) for label in (*row.names.values(), *row.others)}


def _no_labels(form: Form, name: str) -> Problem:
    rows = form.sections[0].rows[:4]
    expected = "; ".join(", ".join(f"'{row.name(language)}'" for row in rows) for language in LANGUAGES)
    return Problem(
        "No line of this document carries a label of the form.",
        file=name,
        advice=f"Expected are labels such as {expected}, each followed by a tab, a colon, a table cell or its text.",
    )


def _language(entries: Sequence[Entry], form: Form) -> str:
    """The language in which most labels and section titles stand."""
    votes = dict.fromkeys(LANGUAGES, 0)
    for entry in entries:
        if entry.row is None:
            continue
        label = normalise_label(entry.label)
        for names in (entry.row.names, *(each.names for each in entry.row.fields)):
            for language in LANGUAGES:
                votes[language] += normalise_label(names.get(language, "")) == label
    return max(LANGUAGES, key=lambda language: votes[language])
