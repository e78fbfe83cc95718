"""From the lines of a filled-in form to located rows: label, raw text, and where both stand.

Nothing is interpreted here but the layout. A row begins with a label of the form, in any of its languages, followed by
a tab, a colon or a table cell, in bold, or as a heading; it goes on until the next one. In the row of a real table only
its first cell can be a label. What carries no label or an unknown one is kept as an entry too, so that whoever reads
the entries can say what became of it.

A document may hold several profiles (a compendium): a second name with other rows before it begins a second one, and
the titles in front of that name belong to it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from integgraph.errors import InputError, Problem
from integgraph.ingest import yamltext
from integgraph.ingest.damage import Mark, mend
from integgraph.ingest.documents.lines import Line, Lines, Spot
from integgraph.ontology import LANGUAGES, Form, Row, Section, normalise_label

SUFFIXES = (".txt", ".text", ".md", ".markdown")
MAX_ROWS = 500
MAX_ROW_TEXT = 50_000
MAX_LINES = 20_000
MAX_PROFILES = 200
UNSURE = 0.75
"""A row that its reader is less sure of than this is asked about."""
_MOST_LINES = 5 * MAX_LINES  # lines that are looked at, empty ones too
_MAX_TITLES = 10
_MAX_LABEL = 100
_MAX_TITLE = 150
_LEAST_TITLE = 8  # characters of a title that is known again within a value
_REPEATED = 3  # rows that come again below a name that is the same: then it is another profile
_FRONT = 3  # blocks of one line that may stand in front of a further profile

_INVISIBLE = re.compile("[\x00-\x08\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_NOISE = re.compile(r"[\s.0·…_=*~|#>+-]+")
_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_RULE = re.compile(r"[\s|:-]+")
_BOLD = re.compile(r"(?:[-*+]\s+)?(?:\*\*|__)([^*_|\t]{1,100})(?:\*\*|__)(\s*:?)\s*(.*)")
_SPACED = re.compile(r"(\S.{0,100}?) {2,}(\S.*)")
_COLON = re.compile(r"([^:\t|]{1,100}):(?!//)(.*)")
_BULLET = re.compile(r"\s*(?:[-*+•·–▪◦‣]|\d{1,2}[.)])\s+")
_INLINE_BULLET = re.compile(r"(?:^| )[•▪◦‣] ")
_NUMBERED = re.compile(r"^\d{1,2}(?:\.\d{1,2})?[.)]?\s+")
_ADDRESS = re.compile(r"https?://|www\.|\S@\S")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands in its document: section and row as counted there, first and last line, all from 1.

    Where the document has pages, sheets or tables, ``begin`` and ``end`` are where the entry begins and ends there, and
    say it instead.

    >>> str(Place(1, 2, 14, 14)), str(Place(0, 1, 7, 9))
    ('section 1, row 2, line 14', 'row 1, lines 7–9')
    >>> str(Place(1, 2, 14, 15, Spot(page=2, table=1, row=3), Spot(page=2, table=1, row=4)))
    'page 2, table 1, rows 3–4'
    """

    section: int
    row: int
    first: int
    last: int
    begin: Spot | None = None
    end: Spot | None = None
    boxes: tuple[tuple[int, tuple[float, float, float, float]], ...] = ()
    """(Page, box) of each page it stands on: left, top, right, bottom in points from the upper left corner."""
    order: int = 0
    """Where it comes in the reading, beside others of its document."""

    def __str__(self) -> str:
        if self.begin is not None and self.end is not None:
            return _between(self.begin, self.end)
        section = f"section {self.section}, " if self.section else ""
        row = f"row {self.row}, " if self.row else ""
        return section + row + (f"line {self.first}" if self.first == self.last else f"lines {self.first}–{self.last}")


def _between(begin: Spot, end: Spot) -> str:
    """Both spots in words, and what they share only once."""
    first, last = str(begin), str(end)
    if first == last:
        return first
    shared, _, one = first.rpartition(" ")
    other_shared, _, other = last.rpartition(" ")
    if shared == other_shared and one.isdigit() and other.isdigit():
        return f"{shared}s {one}–{other}"
    return f"{first} – {last}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the document.

    Attributes:
        label: The label as it stands there; empty for text that carries none.
        text: The text of the value, line by line, without damage that could be undone; empty for a label without a
            value.
        row: The row of the form that the label names; ``None`` for an unknown label or none.
        places: Where it stands; several when the document has the row more than once.
        section: The form's section under whose title it stands, if any.
        stood: The text as it stood there, where that is something else.
        marks: What was found damaged, mended or doubtful.
        confidence: How sure its reader is that label and text belong so, from 0 to 1.
    """

    label: str
    text: str
    row: Row | None
    places: tuple[Place, ...]
    section: Section | None = None
    stood: str = ""
    marks: tuple[Mark, ...] = ()
    confidence: float = 1.0

    @property
    def raw(self) -> str:
        """The text as it stands in the document."""
        return self.stood or self.text

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
        notes: What a person must know of the reading, a sentence each.
        part: Which profile of the document this is, from 1; 0 where it is the only one.
        edges: Headers and footers of its pages, which belong to no row.
    """

    file: str
    sha256: str
    titles: tuple[str, ...]
    entries: tuple[Entry, ...]
    language: str
    notes: tuple[str, ...] = ()
    part: int = 0
    edges: tuple[Entry, ...] = ()


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


def parse(content: str | Lines, form: Form, name: str, sha256: str = "") -> Document:
    """The located rows of a document that holds one profile.

    Args:
        content: Its text, or what a reader found in it.
        form: The form.
        name: Name of the file.
        sha256: Digest of its bytes.

    Raises:
        InputError: no label of the form, more than one profile, or more rows and text than a form can have.
    """
    first, *others = parse_all(content, form, name, sha256)
    if others:
        label, place = _name_of(others[0], form)
        raise InputError(
            Problem(
                "The document holds more than one profile: "
                f"'{label}' stands in line {_name_of(first, form)[1].first} and here again.",
                file=name,
                line=place.first,
                advice="Import it, which makes a record of each: integgraph import FILE --to data/profiles.",
            )
        )
    return first


def parse_all(content: str | Lines, form: Form, name: str, sha256: str = "") -> list[Document]:
    r"""Every profile that a document holds, in its order; see :func:`parse`.

    Raises:
        InputError: no label of the form, or more profiles, rows or text than there can be.

    >>> from integgraph.ontology import Ontology
    >>> text = "# Harz\n\nName: Harz together\nOrt: Harz\n\n# Jena\n\nName: Jena acts\nOrt: Jena"
    >>> [(each.titles, each.entries[0].text) for each in parse_all(text, Ontology.load().form, "all.md")]
    [(('Harz',), 'Harz together'), (('Jena',), 'Jena acts')]
    """
    found = _lines(content) if isinstance(content, str) else content
    lines = list(found.lines) if isinstance(content, str) else list(_single(found.lines[: _MOST_LINES + 1]))
    if len(lines) > _MOST_LINES:
        message = f"The document has more than {_MOST_LINES:,} lines; a form has about a hundred."
        raise InputError(Problem(message, file=name, advice="Give the filled-in forms only."))
    lines, edges = _without_running(lines, form)
    whole = _Layout(form, name, lines)
    whole.read()
    begins = _beginnings(whole, form)
    if len(begins) > MAX_PROFILES:
        message = f"The document holds more than {MAX_PROFILES} profiles."
        raise InputError(Problem(message, file=name, advice="Give it in several files."))
    documents = []
    for number, (begin, end) in enumerate(zip(begins, [*begins[1:], len(lines)], strict=True), start=1):
        layout = whole
        if len(begins) > 1:
            layout = _Layout(form, name, lines[:end], begin)
            layout.read()
        documents.append(_document(layout, sha256, found.notes, number if len(begins) > 1 else 0, edges))
    return documents


def _lines(text: str) -> Lines:
    """A text as lines; of many empty ones in a row, or of many alike that only rule, two are enough."""
    lines: list[Line] = []
    before = same = None
    for number, line in enumerate(_visible(text).split("\n"), start=1):
        if line == before == same and len(line) <= _MAX_LABEL and not any(map(str.isalnum, line.replace("0", ""))):
            continue
        same, before = before, line
        lines.append(Line(line, Spot(line=number)))
        if len(lines) > _MOST_LINES:
            break
    return Lines(tuple(lines))


def _single(lines: Sequence[Line]) -> Iterator[Line]:
    """Lines without invisible characters, each of them one."""
    for line in lines:
        for text in _visible(line.text).split("\n"):
            yield line if text == line.text else replace(line, text=text)


def _document(layout: _Layout, sha256: str, notes: tuple[str, ...], part: int, edges: tuple[Entry, ...]) -> Document:
    form, titles = layout.form, tuple(filter(None, layout.titles))
    repeated = frozenset(title for title in titles if len(title) >= _LEAST_TITLE)
    entries = [_entry(part, repeated) for part in _with_whole_labels(layout.parts, form)]
    if not any(entry.row for entry in entries):
        raise InputError(_no_labels(form, layout.name))
    titles, marks = _mended(titles)
    notes = (*notes, *(f"In the title: {mark.explanation} ({mark.raw})" for mark in marks))
    return Document(layout.name, sha256, titles, tuple(_joined(entries)), _language(entries, form), notes, part, edges)


def _mended(titles: Sequence[str]) -> tuple[tuple[str, ...], list[Mark]]:
    found = [mend(title) for title in titles]
    return tuple(text for text, _ in found), [mark for _, marks in found for mark in marks]


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
    cell: bool = False
    marks: list[Mark] = field(default_factory=list)
    confidence: float = 1.0
    upto: int = 0


class _Layout:
    """Recognises line by line what a line is: noise, title, section, label with or without value, or more text."""

    def __init__(self, form: Form, name: str, lines: Sequence[Line], begin: int = 0) -> None:
        self.form = form
        self.name = name
        self.spots = lines
        self.lines = [line.text for line in lines]
        self.begin = begin
        self.titles: list[str] = []
        self.parts: list[_Part] = []
        self.numbers: list[int] = []
        self.section: Section | None = None
        self.sections = 0
        self.rows = 0
        self.read_lines = 0
        self.after_gap = True
        self.skipped = -1
        self.only_title = sum(1 for line in self.lines[begin:] if line.startswith("# ")) == 1
        self.since_name = 0
        self._stacks = _stacks(lines)

    def read(self) -> None:
        recognisers = (
            self._section, self._cell, self._heading, self._table, self._tabbed, self._bold, self._colon, self._alone,
        )  # fmt: skip
        for number, line in enumerate(self.lines[self.begin :], start=self.begin + 1):
            if number <= self.skipped:
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
        if self.spots[number - 1].cell and not (self.open and self.open.lines and line.startswith("\t")):
            return False
        if len(line) <= 10_000 and _NOISE.fullmatch(line):
            waits = self.open is not None and self.open.flowing and not self.open.lines
            return not (("\t" in line or waits) and "0" in line)
        return line.lstrip().startswith("```")

    def _section(self, number: int, line: str) -> bool:
        if len(line) > 2 * _MAX_LABEL:
            return False
        following = self.lines[number] if number < len(self.lines) else ""
        if self.spots[number - 1].cell:
            if line.startswith("\t") or self.form.row(_bare(line.partition("\t")[0])) is not None:
                return False  # what stands in a value is the value
            following = ""
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

    def _cell(self, number: int, line: str) -> bool:
        """A row of a real table: its first cell is the label, whatever stands in the others is the value."""
        if not self.spots[number - 1].cell:
            return False
        label, _, value = line.partition("\t")
        label, value = _bare(label), "\n".join(cell.strip() for cell in value.split("\t") if cell.strip())
        if not label:
            if value:
                self._more(number, value)
            return True
        if not self._known(label):
            if found := [pair for pair in self._wrapped(number, value) if self._known(pair[1])]:
                self.skipped, value = found[-1]
                return self._swapped(number, value, label)
            if self._known(_NUMBERED.sub("", label)):
                return self._begin(number, _NUMBERED.sub("", label), value)
            if not value and self._alone_in_its_row(number, label):
                return True
        return self._begin(number, label, value)

    def _known(self, label: str) -> bool:
        return 0 < len(label) <= _MAX_LABEL and self.form.row(label) is not None

    def _wrapped(self, number: int, text: str) -> Iterator[tuple[int, str]]:
        """The text of a cell with more and more of what follows in the same row, and the line that it reaches to."""
        row = self.spots[number - 1].spot
        while text and len(text) <= _MAX_LABEL:
            yield number, text
            following = self.spots[number] if number < len(self.spots) else None
            if following is None or not following.cell or not following.text.startswith("\t"):
                return
            if (following.spot.page, following.spot.table, following.spot.row) != (row.page, row.table, row.row):
                return
            number, text = number + 1, f"{text} {following.text.strip()}"

    def _swapped(self, number: int, label: str, value: str) -> bool:
        self._begin(number, _bare(label), _INLINE_BULLET.sub("\n- ", value).strip())
        explanation = "Label and value stood in each other's column and were changed round."
        self.parts[-1].marks.append(Mark("repaired", explanation, f"{value} | {label}"))
        return True

    def _alone_in_its_row(self, number: int, text: str) -> bool:
        """One filled cell without a known label: a title, the value below its label, or both in one cell."""
        if self.in_front:
            return self._title(number, text)
        if self._table_of(number) in self._stacks and self.open and self.open.row:
            self._more(number, text)
            return True
        words = text.split(" ")
        for count in range(min(len(words) - 1, 12), 0, -1):
            label = " ".join(words[:count])
            if self._known(_bare(label)):
                self._begin(number, _bare(label), " ".join(words[count:]).lstrip(": "))
                explanation = "Label and value stand in one cell; they were parted after the label."
                self.parts[-1].marks.append(Mark("ambiguous", explanation, text))
                return True
        return False

    def _table_of(self, number: int) -> tuple[int, str, int]:
        spot = self.spots[number - 1].spot
        return spot.page, spot.sheet, spot.table

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
        if self.open is None or (self.after_gap and not self.open.flowing) or self.open.cell:
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
        place = self._place(self.rows if label else 0, number)
        line = self.spots[number - 1]
        self.numbers.append(number)
        self.parts.append(
            _Part(
                label, row, self.section, place, flowing=flowing and not line.cell, inline=bool(value), cell=line.cell,
                confidence=line.confidence, upto=number,
            )
        )  # fmt: skip
        self.since_name = 0 if row is not None and row.iri == self.form.sections[0].rows[0].iri else self.since_name + 1
        if self.since_name > MAX_ROWS:
            message = f"The document has more than {MAX_ROWS} rows; the form has about twenty."
            raise InputError(Problem(message, file=self.name, line=number, advice="Give one filled-in form."))
        if value:
            self._more(number, value)
        return True

    def _more(self, number: int, value: str) -> None:
        if self.open is None or (self.after_gap and not self.open.flowing and self.open.upto < number - 1):
            self._begin(number, "", "")
        part = self.parts[-1]
        if self.after_gap and part.lines:
            part.lines.append("")
        part.lines.append(value)
        part.upto = number
        part.place = self._reaching(part.place, number)
        part.confidence = min(part.confidence, self.spots[number - 1].confidence)
        part.size += len(value)
        if part.size > MAX_ROW_TEXT:
            message = f"The row '{part.label[:40]}' holds more than {MAX_ROW_TEXT:,} characters."
            raise InputError(Problem(message, file=self.name, line=number, advice="Shorten it."))

    def _place(self, row: int, number: int) -> Place:
        spot = self.spots[number - 1].spot
        if not (spot.page or spot.sheet or spot.table or spot.row):
            line = spot.line or number
            return Place(self.sections, row, line, line, order=number)
        return Place(self.sections, row, number, number, spot, spot, _boxes((), spot), number)

    def _reaching(self, place: Place, number: int) -> Place:
        """The place with one more line."""
        spot = self.spots[number - 1].spot
        if place.begin is None:
            return replace(place, last=max(place.last, spot.line or number))
        return replace(place, last=number, end=spot, boxes=_boxes(place.boxes, spot))


_Boxes = tuple[tuple[int, tuple[float, float, float, float]], ...]


def _boxes(known: _Boxes, spot: Spot) -> _Boxes:
    """Boxes by page, with one more in them."""
    if spot.box is None:
        return known
    left, top, right, bottom = spot.box
    for at, (page, box) in enumerate(known):
        if page == spot.page:
            around = (min(box[0], left), min(box[1], top), max(box[2], right), max(box[3], bottom))
            return (*known[:at], (page, around), *known[at + 1 :])
    return (*known, (spot.page, spot.box))


def _stacks(lines: Sequence[Line]) -> frozenset[tuple[int, str, int]]:
    """Tables of one column: there a value stands below its label."""
    tables: dict[tuple[int, str, int], bool] = {}
    for line in lines:
        if line.cell:
            key = (line.spot.page, line.spot.sheet, line.spot.table)
            tables[key] = tables.get(key, True) and not line.text.partition("\t")[2].strip()
    return frozenset(key for key, stacked in tables.items() if stacked)


# -- what the pages of a document repeat


def _without_running(lines: Sequence[Line], form: Form) -> tuple[list[Line], tuple[Entry, ...]]:
    """The lines without headers and footers of pages, and these, each once.

    A line of the first page's top stays, because it may be the title.
    """
    pages: dict[int, list[int]] = {}
    for at, line in enumerate(lines):
        if line.spot.page and line.text.strip():
            pages.setdefault(line.spot.page, []).append(at)
    if len(pages) < 2:
        return list(lines), ()
    edges: dict[str, list[int]] = {}
    for at in (at for found in pages.values() for at in dict.fromkeys([*found[:2], *found[-2:]])):
        text = _bare(lines[at].text)
        if not lines[at].cell and len(text) <= _MAX_TITLE and not _is_of_form(text, form):
            edges.setdefault(re.sub(r"\d+", "#", text), []).append(at)
    dropped: set[int] = set()
    taken: list[Entry] = []
    for found in edges.values():
        number = len({lines[at].spot.page for at in found})
        if number < 2 or number * 2 < len(pages):
            continue
        is_title = found[0] in pages[min(pages)][:2] and not re.fullmatch(
            r"\W*(?:page|seite)?\W*\d*\W*", lines[found[0]].text, re.I
        )
        dropped.update(found[1:] if is_title else found)
        places = tuple(
            Place(0, 0, at + 1, at + 1, lines[at].spot, lines[at].spot, order=at + 1) for at in found if at in dropped
        )
        taken.append(Entry("", _bare(lines[found[0]].text), None, places))
    return [line for at, line in enumerate(lines) if at not in dropped], tuple(taken)


def _is_of_form(text: str, form: Form) -> bool:
    label = text.partition(":")[0]
    return form.is_section(text) or form.row(text) is not None or form.row(label) is not None


# -- several profiles in one document


def _beginnings(layout: _Layout, form: Form) -> list[int]:
    """Positions of the lines at which a profile begins, the first one first."""
    begins, since = [layout.begin], layout.begin
    names = [part for part in layout.parts if _names_a_network(part.label, part.row, form)]
    numbers = {id(part): number for part, number in zip(layout.parts, layout.numbers, strict=True)}
    before: _Part | None = None
    for part in names:
        if before is not None:
            start, number = numbers[id(before)], numbers[id(part)]
            between = {each.row.iri for each in layout.parts if each.row and start < numbers[id(each)] < number}
            between -= {part.row.iri if part.row else ""}
            same = normalise_label("\n".join(before.lines)) == normalise_label("\n".join(part.lines))
            # The same name again may stand at the head of each page; unless all else comes again too.
            if not between or (same and len(between & _rows_after(layout, number)) < _REPEATED):
                continue
            since = _front(layout, since, number - 1)
            begins.append(since)
        before = part
    return begins


def _rows_after(layout: _Layout, name: int) -> set[str]:
    """The rows below a name, up to the next one."""
    found: set[str] = set()
    for part, number in zip(layout.parts, layout.numbers, strict=True):
        if number > name and part.row:
            if _names_a_network(part.label, part.row, layout.form):
                break
            found.add(part.row.iri)
    return found


def _front(layout: _Layout, since: int, name: int) -> int:
    """Where the titles begin that stand in front of a further profile; all positions are of lines."""
    rows = {number - 1: part for part, number in zip(layout.parts, layout.numbers, strict=True) if number - 1 < name}
    seen = [part.row.iri for at, part in rows.items() if at >= since and part.row]
    first, blocks, page = name, 0, layout.spots[name].spot.page
    for at in range(name - 1, since, -1):
        line, part = layout.spots[at], rows.get(at)
        text = line.text.strip()
        if not text or layout.form.is_section(_bare(text.replace("|", " "))):
            continue
        if part is not None and part.row is not None:
            if seen.count(part.row.iri) < 2:  # the profile before has it here only, so it is that one's
                break
            first = at
        elif part is not None and part.label and not part.lines:  # a heading
            first = at
        elif page and line.spot.page == page and not line.cell:
            first = at
        elif _is_block(layout, at) and blocks < _FRONT and not line.cell:
            first, blocks = at, blocks + 1
        else:
            break
    # the section title above the first of these belongs to them too
    while first > since + 1 and (
        not layout.lines[first - 1].strip() or layout.form.is_section(_bare(layout.lines[first - 1]))
    ):
        first -= 1
    return first


def _is_block(layout: _Layout, at: int) -> bool:
    """Whether a line stands between gaps and reads like a title."""
    text = layout.lines[at].strip()
    before = layout.lines[at - 1].strip() if at else ""
    after = layout.lines[at + 1].strip() if at + 1 < len(layout.lines) else ""
    alone = not before and (not after or layout.form.is_section(_bare(after)) or _HEADING.match(after) is not None)
    return (
        alone
        and len(text) <= _MAX_TITLE
        and text[-1] not in ".;,"
        and not _BULLET.match(text)
        and not _ADDRESS.search(text)
    )


def _names_a_network(label: str, row: Row | None, form: Form) -> bool:
    first = form.sections[0].rows[0]
    return row is not None and row.iri == first.iri and normalise_label(label) in _row_labels(first)


def _name_of(document: Document, form: Form) -> tuple[str, Place]:
    """Label and place of the row with the name."""
    for entry in document.entries:
        if _names_a_network(entry.label, entry.row, form):
            return entry.label, entry.places[0]
    return document.entries[0].label, document.entries[0].places[0]


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
            end = part.place.end or waiting.place.end
            boxes = (*waiting.place.boxes, *(box for box in part.place.boxes if box not in waiting.place.boxes))
            place = replace(waiting.place, last=part.place.last, end=end, boxes=boxes)
            waiting = replace(
                waiting, label=f"{waiting.label} {part.label}", row=whole, lines=lines, place=place,
                marks=[*waiting.marks, *part.marks], confidence=min(waiting.confidence, part.confidence),
            )  # fmt: skip
            continue
        if waiting:
            yield waiting
        waiting = part
    if waiting:
        yield waiting


def _entry(part: _Part, repeated: frozenset[str]) -> Entry:
    raw = "\n".join(part.lines).strip()
    # A row that is not of the form keeps its text as it is; the title may well be all that it says.
    text, marks = mend(raw, repeated if part.row else ())
    return Entry(
        part.label, text, part.row, (part.place,), part.section, "" if text == raw else raw, (*part.marks, *marks),
        part.confidence,
    )  # fmt: skip


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
            stood = "\n\n".join(raw for raw in (first.raw, entry.raw) if raw)
            by_label[key] = replace(
                first, text=text, places=(*first.places, *entry.places), stood="" if stood == text else stood,
                marks=(*first.marks, *entry.marks), confidence=min(first.confidence, entry.confidence),
            )  # fmt: skip
    yield from by_label.values()


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
