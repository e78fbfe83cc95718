"""Paragraphs and tables as lines of a document: which cell is the label, what belongs to the value.

Word, web pages, sheets and delimited text all come here. The form need not be known, but a reader may be handed a
predicate that says whether a text is one of its labels; with it, a label is found wherever it stands in its row, also
where a row holds two of them, where labels are the headings of columns, and where each column holds another network.

A line end inside of a cell may be meant (the next item) or may only wrap. Where it is meant, the value gets ``<br>``
there, which is how forms in Markdown say the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from integgraph.ingest.documents.archive import refused
from integgraph.ingest.documents.lines import Line, Lines, Spot
from integgraph.ontology import normalise_label

Known = Callable[[str], bool]
"""Whether a text is a label of the form."""

MAX_LINES = 100_000
MAX_CHARACTERS = 20_000_000
MAX_COLUMNS = 1_000
"""Columns of a table that are looked at."""
MAX_NESTED = 20
"""How deep tables may stand in one another."""
MAX_CELL = 100_000
"""Characters of a cell."""
_MAX_LABEL = 150
_MIN_WIDTH = 40
"""A block of lines narrower than this is a list rather than wrapped text."""
_GUESSED = 0.9

_MARKS = re.compile(r"[-*+•·–▪◦‣●○■□➢✓✔]\s+|\d{1,2}[.)]\s+")
_NUMBERING = re.compile(
    r"\W*(?:(?:lfd|pos|nr|no|num|number|nummer|id|row|zeile)\b\W*)*(?:\d{1,3}(?:\.\d{1,3}){0,3}|[a-zA-Z]|[ivxIVX]{1,5})?[.):]?\W*",
    re.I,
)
_BOLD = re.compile(r"^\*\*([^*\n]+)\*\*")
_ORDINAL = re.compile(r"\s*(?:\d{1,2}(?:\.\d{1,2}){0,2}[.):]?|\(?[a-zA-Z]\)|[a-zA-Z]\.)\s+")
_OPEN_END = re.compile(
    r"(?:^|\s)(?:a|an|the|of|in|im|for|from|to|at|by|with|and|or|für|von|vom|der|die|das|des|dem|den|und|oder|mit|bei|"
    r"beim|zur|zum|am|an|auf|aus|ein|eine|eines|einer|as|e\.)$|[,;/&+(–]$|[^\W\d]-$|\u00ad$",
    re.I,
)
_LABEL_HEADS = frozenset(
    "label labels field fields question questions item criterion criteria topic row heading feld felder frage fragen "
    "merkmal angabe bezeichnung kriterium kriterien thema rubrik zeile beschriftung".split()
)
_VALUE_HEADS = frozenset(
    {"value", "values", "answer", "answers", "your answer", "your answers", "entry", "response", "content", "input",
     "wert", "werte", "antwort", "antworten", "ihre antwort", "ihre angabe", "ihre angaben", "ihre eingabe", "eintrag",
     "eingabe", "inhalt", "angaben"}
)  # fmt: skip
_HELP_HEADS = frozenset(
    {"help", "help text", "hint", "hints", "example", "examples", "explanation", "explanations", "how to fill in",
     "guidance", "instruction", "instructions", "hilfe", "hilfetext", "hinweis", "hinweise", "beispiel", "beispiele",
     "erläuterung", "erläuterungen", "erklärung", "ausfüllhinweis", "ausfüllhinweise", "ausfüllhilfe"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, heading or item of a list.

    Attributes:
        text: Its text; a line end in it is one that the document has. Bold text in front may stand in ``**``.
        kind: What it is.
        level: Of a heading, 1 to 6; of an item, how deep it stands in its list, from 0.
        numbered: It is an item that the document counts.
    """

    text: str
    kind: Literal["text", "heading", "item"] = "text"
    level: int = 0
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table.

    Attributes:
        blocks: What stands in it.
        column: The column that it begins in, from 0.
        span: How many columns it covers.
        head: The document says that it is a heading.
    """

    blocks: tuple[Block, ...]
    column: int
    span: int = 1
    head: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its rows, and the number of each as a person would count it."""

    rows: tuple[tuple[int, tuple[Cell, ...]], ...]


Block = Paragraph | Table


def cell_of(text: str, column: int, span: int = 1) -> Cell:
    """A cell that holds nothing but text."""
    text = ticked(text)[0]
    return Cell((Paragraph(text),) if text else (), column, span)


_BOX = re.compile("([☐☑☒✅⬜🗆🗵🗹])\ufe0f?")
_EMPTY_BOXES = "☐⬜🗆"


def ticked(text: str) -> tuple[str, int]:
    r"""A text in which boxes are ticked, with the ticked ones as items; and how many are not ticked.

    >>> ticked("Fields: ☒ Language ☐ Housing ☒ Health")
    ('Fields:\n- Language\n- Health', 1)
    >>> ticked("Language ☐"), ticked("☒")
    (('', 1), ('☒', 0))
    """
    if not _BOX.search(text):
        return text, 0
    lines: list[str] = []
    left_out = 0
    for line in text.split("\n"):
        before, *rest = _BOX.split(line)
        options = list(zip(rest[::2], (each.strip(" \t\u00a0,;|") for each in rest[1::2]), strict=True))
        if len(options) == 1 and not options[0][1] and before.strip():
            options, before = [(options[0][0], before.strip())], ""  # the box stands behind its text
        lines.extend([before.rstrip()] if before.strip() else [])
        for box, option in options:
            if box in _EMPTY_BOXES:
                left_out += 1
            else:
                lines.append(f"- {option}" if option else box)
    return "\n".join(lines), left_out


# ---------------------------------------------------------------------------------------------------------------------
# Text of a cell


def _texts(cell: Cell) -> list[str]:
    """The lines of a cell; items begin with a dash, and a table inside of it is told row by row."""
    return list(_lines_in(cell.blocks))


def _lines_in(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Table):
            for _, cells in block.rows:
                told = ", ".join(filter(None, (" ".join(_texts(cell)) for cell in cells)))
                if told:
                    yield told
            continue
        lines = [line for line in map(_one_line, _BOLD.sub(r"\1", block.text).split("\n")) if line]
        if block.kind == "item" and lines:
            lines[0] = lines[0] if _MARKS.match(lines[0]) else f"- {lines[0]}"
        yield from lines


def _one_line(text: str) -> str:
    """Text on one line, without the tabs that part cells."""
    return " ".join(text.replace("\u00ad", "").split())


def _label_text(texts: Sequence[str]) -> str:
    """What stands in a cell as a label: on one line, whole again where a word was broken, without marks of bold."""
    whole = ""
    for text in texts:
        text = text if whole else text.removeprefix("- ")
        broken = len(whole) > 1 and whole[-1] == "-" and whole[-2].isalpha() and text[:1].islower()
        whole = whole[:-1] + text if broken else f"{whole} {text}".strip()
    return whole.replace("**", "")


def broken_lines(lines: Sequence[str]) -> list[tuple[str, float]]:
    r"""The lines of a value, with ``<br>`` in front of those that begin something new, and how sure that is.

    >>> broken_lines(["Working groups", "Symposia"])
    [('Working groups', 1.0), ('<br>Symposia', 1.0)]
    >>> broken_lines(["Four associations that meet in the town hall of", "Halle every month"])
    [('Four associations that meet in the town hall of', 1.0), ('Halle every month', 1.0)]
    """
    found: list[tuple[str, float]] = []
    for run in _runs(lines):
        wrapped = _is_wrapped(run)
        lower = len(run) > 1 and not wrapped and all(line[:1].islower() and len(line) < _MIN_WIDTH for line in run)
        for place, line in enumerate(run):
            if not place:
                # After an item, a line that is none begins something new unless it is plainly its rest.
                rest = not found or _MARKS.match(line) or _goes_on(lines[len(found) - 1], line)
                found.append((line if rest else f"<br>{line}", 1.0))
            elif wrapped or (_goes_on(run[place - 1], line) and not lower):
                found.append((line, _GUESSED if wrapped else 1.0))
            else:
                found.append((f"<br>{line}", 1.0))
    return found


def _runs(lines: Sequence[str]) -> Iterator[list[str]]:
    """Lines in a row that are no items; an item is a run of its own, and so is what comes after it."""
    run: list[str] = []
    for line in lines:
        if _MARKS.match(line) or (run and _MARKS.match(run[-1])):
            if run:
                yield run
            run = [line]
        else:
            run.append(line)
    if run:
        yield run


def _is_wrapped(run: Sequence[str]) -> bool:
    """Whether no line but the last had room for the first word of the next one, so that the width broke them."""
    width = max(map(len, run))
    if len(run) < 3 or width < _MIN_WIDTH:
        return False
    return all(len(line) + 1 + len(following.split(None, 1)[0]) > width for line, following in pairwise(run))


def _goes_on(before: str, line: str) -> bool:
    """Whether a line is plainly the rest of the one before it."""
    return bool(
        line[:1].islower() or _OPEN_END.search(before) or line[:1] in ",;)" or before.count("(") > before.count(")")
    )


# ---------------------------------------------------------------------------------------------------------------------
# Lines


@dataclass(slots=True)
class _Row:
    """A row of the form while it is put together: its label, and the lines of its value with their places."""

    label: str
    spot: Spot
    column: int
    values: list[tuple[str, Spot]] = field(default_factory=list)
    confidence: float = 1.0


class Writer:
    """Turns blocks into lines.

    Args:
        name: Name of the file; for messages.
        known: Whether a text is a label of the form.
    """

    def __init__(self, name: str, known: Known | None = None) -> None:
        self.name = name
        self.notes: list[str] = []
        self._known = known
        self._asked: dict[str, bool] = {}
        self._lines: list[Line] = []
        self._characters = 0
        self._paragraphs = 0
        self._tables = 0

    def result(self, pages: int = 0) -> Lines:
        """What was written so far."""
        return Lines(tuple(self._lines), tuple(dict.fromkeys(self.notes)), pages)

    def note(self, text: str) -> None:
        """Say something that a person must know; twice is once."""
        self.notes.append(text)

    @property
    def knows_no_labels(self) -> bool:
        """Whether labels can only be told by their place."""
        return self._known is None

    def known(self, text: str) -> bool:
        """Whether a text is a label of the form, with or without a number in front and a colon behind."""
        if self._known is None or not text or len(text) > _MAX_LABEL:
            return False
        found = self._asked.get(text)
        if found is None:
            bare = _ORDINAL.sub("", text, count=1)
            found = self._known(text) or (bare != text and self._known(bare))
            if len(self._asked) < MAX_LINES:
                self._asked[text] = found
        return found

    def write(self, blocks: Iterable[Block]) -> None:
        """Write paragraphs and tables in their order."""
        after_item = True
        for block in blocks:
            if isinstance(block, Table):
                self._tables += 1
                self.table(block, Spot(table=self._tables))
                after_item = False
                continue
            after_item = self._paragraph(block, after_item)

    def _paragraph(self, block: Paragraph, after_item: bool) -> bool:
        self._paragraphs += 1
        spot = Spot(line=self._paragraphs)
        lines = [line.strip(" ") for line in block.text.replace("\u00ad", "").split("\n")]
        while lines and not lines[0].strip():
            lines.pop(0)
        if not any(line.strip() for line in lines):
            return False
        if block.kind == "heading":
            self.gap(spot)
            self._add(f"{'#' * min(max(block.level, 1), 6)} {_label_text(list(map(_one_line, lines)))}", spot)
            self.gap(spot)
            return False
        is_item = block.kind == "item" and not (block.numbered and self._names_row(lines[0]))
        if not (is_item and after_item):
            self.gap(spot)
        if is_item and not _MARKS.match(lines[0]):
            lines[0] = f"- {lines[0]}"
        for place, line in enumerate(lines):
            self._add(f"  {line}" if is_item and place else line, spot)
        if not is_item:
            self.gap(spot)
        return is_item

    def _names_row(self, line: str) -> bool:
        """Whether a numbered paragraph is a label with a number rather than an item of a value."""
        head = re.split(r"[:\t]", line.replace("**", ""), maxsplit=1)[0]
        return self.known(head.strip()) if self._known else line.startswith("**")

    def title(self, text: str, spot: Spot) -> None:
        """Write a line that stands for itself."""
        self.gap(spot)
        self._add(_one_line(text), spot)

    def gap(self, spot: Spot) -> None:
        """Write an empty line, unless one stands there already."""
        if self._lines and self._lines[-1].text:
            self._add("", spot)

    def goes_on(self, beside_labels: bool) -> bool:
        """Whether a cell without a label can be more of the row that was written last."""
        return beside_labels and bool(self._lines) and self._lines[-1].cell

    def _add(self, text: str, spot: Spot, *, cell: bool = False, confidence: float = 1.0) -> None:
        self._characters += len(text)
        if len(self._lines) >= MAX_LINES or self._characters > MAX_CHARACTERS:
            message = f"The document has more than {MAX_LINES:,} lines or {MAX_CHARACTERS:,} characters."
            raise refused(self.name, message, "Give the filled-in form alone.")
        self._lines.append(Line(text, spot, cell, confidence))

    # -- tables

    def table(self, table: Table, spot: Spot) -> None:
        """Write a table.

        Args:
            table: The table.
            spot: Where it stands; the rows are counted on from there.

        Raises:
            InputError: a cell or the whole is too large.
        """
        if _is_deeper(table, MAX_NESTED):
            message = f"Tables stand in one another more than {MAX_NESTED} deep."
            raise refused(self.name, message, "Copy the form into a new document.")
        for number, cells in table.rows:
            for cell in cells:
                size = sum(len(block.text) for block in cell.blocks if isinstance(block, Paragraph))
                if size > MAX_CELL:
                    message = (
                        f"A cell in {replace(spot, row=number)} has {size:,} characters; at most {MAX_CELL:,} are read."
                    )
                    raise refused(self.name, message, "Shorten it.", number)
        _TableWriter(self, table, spot).write()


def _is_deeper(table: Table, limit: int) -> bool:
    inner = [block for _, cells in table.rows for cell in cells for block in cell.blocks if isinstance(block, Table)]
    return bool(inner) and (limit < 2 or any(_is_deeper(each, limit - 1) for each in inner))


def _headed(cell: Cell) -> Cell:
    """A cell whose text is bold as a whole stands as a heading above the cell below it."""
    texts = [block for block in cell.blocks if isinstance(block, Table) or block.text.strip()]
    only = texts[0] if len(texts) == 1 else None
    if isinstance(only, Paragraph) and only.kind == "text" and (bold := _BOLD.fullmatch(only.text.strip())):
        return replace(cell, blocks=(Paragraph(bold[1], "heading", 3),))
    return cell


class _TableWriter:
    """One table on its way to lines."""

    def __init__(self, writer: Writer, table: Table, spot: Spot) -> None:
        self.writer = writer
        self.spot = spot
        self.narrow = len({cell.column for _, cells in table.rows for cell in cells}) < 2
        told = (
            (number, [(cell, _texts(cell)) for cell in cells if cell.column < MAX_COLUMNS])
            for number, cells in table.rows
        )
        filled = ((number, [pair for pair in pairs if pair[1]]) for number, pairs in told)
        self.rows = [row for row in filled if row[1]]
        self.entries: list[_Row] = []
        self.open: list[_Row] = []
        self.begun = False
        self.column = 0
        self.columns: set[int] = set()
        self.headed: dict[int, int] = {}

    def write(self) -> None:
        """Write it in the way that its layout asks for."""
        self._leave_help_out()
        if not self.rows:
            return
        if self._headings_are_labels() or self._columns_are_networks():
            return
        self._leave_numbers_out()
        self.column = self._label_column()
        columns = {cell.column for _, cells in self.rows for cell, _ in cells}
        # In one column, a label stands above its value; but a form that nobody filled in is labels and nothing else.
        flows = len(columns) == 1 and (
            self.narrow or 2 * sum(self._is_label(row[0]) for _, row in self.rows) <= len(self.rows)
        )
        last = max(cell.column + cell.span for _, cells in self.rows for cell, _ in cells)
        for number, cells in self.rows:
            first = cells[0][0]
            alone = len(cells) == 1
            whole = alone and first.column <= min(columns) and first.span > 1 and first.column + first.span >= last
            if flows:
                self._flow(number, _headed(first))
            elif whole or any(self._holds_a_form(cell, alone) for cell, _ in cells):
                for cell, _ in cells:
                    self._flow(number, cell)
            else:
                self._row(number, cells)
        self._flush()

    # -- layouts

    def _leave_help_out(self) -> None:
        """Take headings such as "Field | Answer | Help" at their word, also those of a second table below the first."""
        rows: list[tuple[int, list[tuple[Cell, list[str]]]]] = []
        left_out: set[int] = set()
        label: int | None = None
        for number, cells in self.rows:
            heads = {cell.column: normalise_label(" ".join(texts)) for cell, texts in cells}
            labels = [column for column, head in heads.items() if head in _LABEL_HEADS]
            has_value = any(head in _VALUE_HEADS for head in heads.values())
            marked = len(cells) > 1 and all(cell.head for cell, _ in cells) and not any(map(self._is_label, cells))
            if (labels and has_value) or marked:
                label = labels[0] if labels else None
                left_out = {column for column, head in heads.items() if head in _HELP_HEADS}
                if left_out:
                    self.writer.note(f"The column of help texts in {self._where()} was left out.")
                continue
            kept = [pair for pair in cells if pair[0].column not in left_out]
            if kept:
                rows.append((number, kept))
                if label is not None:
                    self.headed[number] = label
        self.rows = rows

    def _where(self) -> str:
        return str(replace(self.spot, row=0)) or "the table"

    def _is_label(self, pair: tuple[Cell, list[str]]) -> bool:
        return self.writer.known(_label_text(pair[1]))

    def _headings_are_labels(self) -> bool:
        """A table with a network a row, whose headings are labels of the form."""
        if self.writer.knows_no_labels:
            return False
        for place, (_, cells) in enumerate(self.rows[:20]):
            labels = {cell.column: _label_text(texts) for cell, texts in cells if self._is_label((cell, texts))}
            if len(labels) < 3 or 2 * len(labels) <= len(cells) or len(self.rows) == place + 1:
                continue
            below = self.rows[place + 1 :]
            if any(self._is_label(pair) for _, row in below for pair in row[:1] if pair[0].column in labels):
                continue
            heads = {cell.column: _label_text(texts) for cell, texts in cells}
            for number, row in self.rows[:place]:
                for cell, _ in row:
                    self._flow(number, cell)
            for number, row in below:
                for cell, texts in row:
                    entry = self._begin(heads.get(cell.column, ""), number, cell.column)
                    entry.values.extend((text, entry.spot) for text in texts)
                self._flush()
            if len(below) > 1:
                self.writer.note(f"Each row of {self._where()} was read as a network: {len(below)} in all.")
            return True
        return False

    def _columns_are_networks(self) -> bool:
        """A table with a network a column: next to the labels, two or more columns are filled throughout."""
        if self.writer.knows_no_labels:
            return False
        labelled = [(number, cells) for number, cells in self.rows if self._is_label(cells[0])]
        if len(labelled) < 5 or len({cells[0][0].column for _, cells in labelled}) != 1:
            return False
        if any(self._is_label(pair) for _, cells in labelled for pair in cells[1:]):
            return False
        filled: dict[int, int] = {}
        for _, cells in labelled:
            for cell, _ in cells[1:]:
                filled[cell.column] = filled.get(cell.column, 0) + 1
        networks = sorted(column for column, count in filled.items() if 2 * count > len(labelled))
        first = {cell.column for cell, _ in labelled[0][1]}
        if len(networks) < 2 or not set(networks) <= first:
            return False
        if any(cell.column not in networks for _, cells in labelled for cell, _ in cells[1:]):
            return False
        rows = self.rows
        for column in networks:
            self.rows = []
            for number, cells in rows:
                kept = [pair for pair in cells if pair[0].column == column or pair is cells[0]]
                if self._is_label(cells[0]) or len(cells) == 1 or len(kept) > 1:
                    entry = self._begin(_label_text(cells[0][1]), number, 0)
                    entry.values.extend((text, entry.spot) for cell, texts in kept[1:] for text in texts)
            self._flush()
        self.writer.note(f"Each column of {self._where()} was read as a network: {len(networks)} in all.")
        return True

    def _leave_numbers_out(self) -> None:
        """Leave a column out in front that only counts the rows."""
        columns = sorted({cell.column for _, cells in self.rows for cell, _ in cells})
        if len(columns) < 2:
            return
        in_first = [
            texts for _, cells in self.rows for cell, texts in cells if cell.column == columns[0] and len(cells) > 1
        ]
        if in_first and all(len(texts) == 1 and _NUMBERING.fullmatch(texts[0]) for texts in in_first):
            self.rows = [
                (number, cells[1:] if cells[0][0].column == columns[0] and len(cells) > 1 else cells)
                for number, cells in self.rows
            ]

    def _label_column(self) -> int:
        """The column with the labels: where most known ones stand, or else the first that is filled in most rows."""
        votes: dict[int, int] = {}
        for _, cells in self.rows:
            for pair in cells:
                if self._is_label(pair):
                    votes[pair[0].column] = votes.get(pair[0].column, 0) + 1
        self.columns = {column for column, count in votes.items() if count > 1}
        if votes:
            return max(votes, key=lambda column: (votes[column], -column))
        several = [cells for _, cells in self.rows if len(cells) > 1]
        counts: dict[int, int] = {}
        for cells in several:
            for cell, _ in cells:
                counts[cell.column] = counts.get(cell.column, 0) + 1
        often = [column for column, count in counts.items() if 2 * count >= len(several)]
        return min(often or counts or [cell.column for _, cells in self.rows for cell, _ in cells])

    def _holds_a_form(self, cell: Cell, alone: bool) -> bool:
        """Whether a cell only lays out the page: a table with labels stands in it, or several labels do."""
        tables = [block for block in cell.blocks if isinstance(block, Table)]
        if self.writer.knows_no_labels:
            return bool(tables) and alone
        heads = (
            re.split("[:\t\n]", _label_text([block.text]), maxsplit=1)[0]
            for block in cell.blocks
            if isinstance(block, Paragraph)
        )
        return sum(map(self.writer.known, heads)) > 2 or any(
            self._is_label((inner, _texts(inner))) or self._holds_a_form(inner, len(row) == 1)
            for table in tables
            for _, row in table.rows
            for inner in row
        )

    # -- rows

    def _row(self, number: int, cells: list[tuple[Cell, list[str]]]) -> None:
        column = self.headed.get(number, self.column)
        # A cell that happens to say the same as a label is none at the end of a row, such as "Success" | "Factors".
        labels = [
            place
            for place, pair in enumerate(cells)
            if self._is_label(pair) and (not place or place + 1 < len(cells) or pair[0].column in self.columns)
        ]
        if not labels:
            labels = [place for place, (cell, _) in enumerate(cells) if cell.column == column][:1]
            if labels and len(cells) == 1 and self._stands_for_itself(_label_text(cells[0][1])):
                self._flow(number, cells[0][0])
                return
        if not labels:
            self._more(number, cells)
            return
        for cell, _ in cells[: labels[0]]:
            self._flow(number, cell)
        self.open = []
        self.begun = True
        for place, following in zip(labels, [*labels[1:], len(cells)], strict=True):
            label = _label_text(cells[place][1])
            entry = self._begin(label, number, cells[place][0].column)
            for _, texts in cells[place + 1 : following]:
                entry.values.extend((text, entry.spot) for text in texts)

    def _stands_for_itself(self, text: str) -> bool:
        """Whether a text alone in its row is a title or a sentence rather than a label without a value."""
        label, colon, value = text.partition(":")
        return not self.begun or len(text) > _MAX_LABEL or bool(colon and value.strip() and len(label) < _MAX_LABEL)

    def _begin(self, label: str, number: int, column: int) -> _Row:
        guessed = not self.writer.knows_no_labels and not self.writer.known(label) and column != self.column
        row = _Row(label, replace(self.spot, row=number), column, confidence=_GUESSED if guessed else 1.0)
        self.entries.append(row)
        self.open.append(row)
        return row

    def _open_for(self, cell: Cell) -> _Row | None:
        """The row whose value a cell without a label goes on."""
        before = [row for row in self.open if row.column <= cell.column]
        return max(before, key=lambda row: row.column, default=None)

    def _more(self, number: int, cells: list[tuple[Cell, list[str]]]) -> None:
        for cell, texts in cells:
            entry = self._open_for(cell)
            if entry is None and self.writer.goes_on(cell.column > self.column):
                # The table before this one ended in the middle of a row, as tables do that were cut by hand.
                entry = _Row("", replace(self.spot, row=number), 0, confidence=_GUESSED)
                self.entries.append(entry)
                self.open = [entry]
            if entry is None:
                self._flow(number, cell)
            else:
                entry.values.extend((text, replace(self.spot, row=number)) for text in texts)

    def _flow(self, number: int, cell: Cell) -> None:
        """Write what stands in a cell as if it stood outside of a table."""
        self._flush()
        spot = replace(self.spot, row=number)
        writer = self.writer
        writer.gap(spot)
        after_item = False
        for block in cell.blocks:
            if isinstance(block, Table):
                writer.table(block, spot)
                continue
            before = len(writer._lines)
            after_item = writer._paragraph(block, after_item)
            writer._lines[before:] = [replace(line, spot=spot) for line in writer._lines[before:]]
        writer.gap(spot)

    def _flush(self) -> None:
        for row in self.entries:
            values = broken_lines([text for text, _ in row.values])
            first, *others = values or [("", 1.0)]
            self.writer._add(f"{row.label}\t{first[0]}", row.spot, cell=True, confidence=row.confidence * first[1])
            for (text, sure), (_, spot) in zip(others, row.values[1:], strict=True):
                self.writer._add(f"\t{text}", spot, cell=True, confidence=row.confidence * sure)
        self.entries, self.open = [], []
