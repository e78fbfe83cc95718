"""From glyphs and strokes on pages to lines: where tables and columns are, and what belongs into one row.

Two ways lead to rows. Where ruling lines make a grid, its cells are the rows, and nothing has to be guessed. Everywhere
else white space speaks: a gutter parts labels from values, and each label gets the lines that stand level with it, from
its first line on or around its middle, whichever fits the whole column better. Lines across the page and coloured
stripes part rows there too. Which column holds the labels is found by asking which texts *are* labels; without that the
first column is taken.

A table goes on over a page break when the next page begins with the same columns. Lines that come again at the same
height on several pages, and page numbers, are headers and footers: they are left out and told.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from integgraph.ingest.documents.lines import Line, Spot

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in points from the upper left corner of the page."""

_SNAP = 2.5
"""Strokes that lie so close, in points, are one; drawings are seldom exact."""
_TOUCH = 3.0
_MAX_CELLS = 20_000
_MAX_LABEL = 140
_MAX_LABEL_LINES = 6
_MAX_CANDIDATES = 12
_MAX_ZONE = 400
"""More lines between two headings are prose, not rows."""
_EDGE = 0.12
"""Headers and footers stand within this share of the page's height."""
_HIGH = 1.1
"""Height of the box of a font in ems; fonts have between 1.0 and 1.2."""
_GAP = 0.42
"""White space between words, in ems; a gutter is wider."""
_ALONG = 0.25
"""A stroke shorter than this share of the text underlines a word and parts no rows."""

_BULLETS = frozenset("•◦▪▫■□●○‣⁃➢➤►▶❖✓✔✗·–—-*→⇒◆◇∙⚫⦁")
_LETTER_BULLETS = frozenset("o§ØüqvŸàèuwnlŒÞ¨")
_SYMBOLS = re.compile(r"symbol|wingding|webding|dingbat|courier", re.I)
_NUMBERED = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2}){0,2}[.)]?|[a-z][.)])\s+", re.I)
_ORDINAL = re.compile(r"(?:\d{1,3}(?:\.\d{1,2}){0,2}[.)]?|[a-z][.)]|no\.?|nr\.?|#)?", re.I)
_PAGE_NUMBER = re.compile(
    r"(?:(?:page|seite|p\.|s\.|blatt)\s*)?[-–|]?\s*(\d{1,4})\s*(?:(?:of|von|/|\|)\s*\d{1,4})?\s*[-–|]?", re.I
)
_ADDRESS = re.compile(r"^[(<\[]?(?:https?://|www\.)|\w@\w", re.I)
_OF_ADDRESS = re.compile(r"[\w.~:/?#@!$&+,;=%-]+", re.ASCII)
_CONTINUED = re.compile(r"\s*[\[(–-]?\s*(?:continued|cont\.?|cont['’]d|fortsetzung|forts\.?)\s*[\])]?\s*$", re.I)


class Glyph(NamedTuple):
    """A character as it stands on the page; ``base`` is the height of its line, ``high`` that of its font."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    base: float
    high: float
    font: str
    bold: bool
    spaced: bool


class Ruling(NamedTuple):
    """A straight stroke: a level one at height ``at`` from ``start`` to ``end``, or an upright one."""

    at: float
    start: float
    end: float


class Page(NamedTuple):
    """What stands on a page. ``fills`` are coloured boxes, ``marks`` boxes small enough for a drawn bullet."""

    number: int
    width: float
    height: float
    glyphs: tuple[Glyph, ...]
    level: tuple[Ruling, ...]
    upright: tuple[Ruling, ...]
    fills: tuple[Box, ...]
    marks: tuple[Box, ...]


def lay_out(pages: Sequence[Page], known: Callable[[str], bool] | None = None) -> tuple[tuple[Line, ...], list[str]]:
    r"""The lines of a document in reading order, and what a person must know of the reading.

    Args:
        pages: The pages in their order.
        known: Whether a text is a label or the title of a section of the form.

    >>> def word(text, x, y):
    ...     return [Glyph(c, x + 6 * i, y - 9, x + 6 * i + 6, y + 3, y, 12, "", False, False)
    ...             for i, c in enumerate(text)]
    >>> glyphs = word("Name", 50, 100) + word("Harz", 200, 100) + word("Founded", 50, 130) + word("2016", 200, 130)
    >>> page = Page(1, 595, 842, tuple(glyphs), (), (), (), ())
    >>> lines, notes = lay_out([page], lambda text: text in ("Name", "Founded"))
    >>> [line.text for line in lines if line.text], str(lines[0].spot)
    (['Name\tHarz', 'Founded\t2016'], 'page 1, table 1, row 1')
    """
    return _Document(pages, _Labels(known)).read()


# -- words and lines


class _Word(NamedTuple):
    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    base: float
    em: float
    font: str
    bold: bool
    spaced: bool


class _Row:
    """Words on one base line, from left to right; measured once, because much is asked of it."""

    __slots__ = ("base", "bold", "box", "em", "middle", "text", "words", "x0", "x1")

    def __init__(self, words: tuple[_Word, ...]) -> None:
        self.words = words
        self.box: Box = _around(words)
        self.x0, self.x1 = words[0].x0, self.box[2]
        self.base = words[0].base
        self.em = max(word.em for word in words)
        self.bold = all(word.bold for word in words)
        self.middle = (self.box[1] + self.box[3]) / 2
        self.text = _joined(words)


def _joined(words: Sequence[_Word]) -> str:
    parts: list[str] = []
    before: _Word | None = None
    for word in words:
        if before and (before.spaced or word.x0 - before.x1 > 0.12 * word.em):
            parts.append(" ")
        parts.append(word.text)
        before = word
    text = "".join(parts).replace("\u00a0", " ").replace("\u202f", " ")
    return (text[:-1].replace("\u00ad", "") + text[-1:]).strip(" ")


def _around(boxes: Iterable[_Word]) -> Box:
    every = list(boxes)
    return (
        min(each.x0 for each in every),
        min(each.y0 for each in every),
        max(each.x1 for each in every),
        max(each.y1 for each in every),
    )


def _words(glyphs: Sequence[Glyph], marks: Sequence[Box] = ()) -> list[_Word]:
    """Words in the order of the file; a drawn mark in front of a word is a bullet."""
    words: list[_Word] = []
    run: list[Glyph] = []
    seen: set[tuple[str, int, int]] = set()
    before: Glyph | None = None
    for glyph in glyphs:
        place = (glyph.text, round(glyph.x0), round(glyph.base))
        ligature = before is not None and before[1:6] == glyph[1:6]
        before = glyph
        if place in seen and not ligature:  # set twice to look bold
            continue
        seen.add(place)
        if run and _parted(run[-1], glyph):
            words.append(_word(run))
            run = []
        run.append(glyph)
    if run:
        words.append(_word(run))
    words = [word for word in words if word.text.strip()]
    return words + [bullet for mark in marks for bullet in _drawn_bullet(mark, words)]


def _parted(before: Glyph, glyph: Glyph) -> bool:
    if before[1:6] == glyph[1:6]:  # letters of one ligature
        return False
    em = max(glyph.high / _HIGH, 1.0)
    gap = glyph.x0 - before.x1
    return before.spaced or abs(glyph.base - before.base) > 0.3 * em or gap > 0.25 * em or gap < -0.6 * em


def _word(run: Sequence[Glyph]) -> _Word:
    text = "".join(glyph.text for glyph in run)
    first, last = run[0], run[-1]
    top, bottom = min(glyph.y0 for glyph in run), max(glyph.y1 for glyph in run)
    em = max(max(glyph.high for glyph in run) / _HIGH, 1.0)
    x1 = max(glyph.x1 for glyph in run)
    return _Word(text, first.x0, top, x1, bottom, first.base, em, first.font, first.bold, last.spaced)


def _drawn_bullet(mark: Box, words: Sequence[_Word]) -> Iterator[_Word]:
    middle = (mark[1] + mark[3]) / 2
    level = [word for word in words if word.y0 <= middle <= word.y1]
    right = [word for word in level if 0 < word.x0 - mark[2] <= 30]
    close = any(-1 <= mark[0] - word.x1 < 0.8 * word.em for word in level)
    if right and not close:
        word = min(right, key=lambda each: each.x0)
        yield _Word("•", mark[0], mark[1], mark[2], mark[3], word.base, word.em, "drawn", False, True)


def _rows(words: Iterable[_Word]) -> list[_Row]:
    """Words gathered by their base line, from top to bottom."""
    found: list[list[_Word]] = []
    for word in sorted(words, key=lambda each: each.base):
        if found and abs(word.base - found[-1][0].base) <= 0.35 * max(word.em, found[-1][0].em):
            found[-1].append(word)
        else:
            found.append([word])
    return [_Row(tuple(sorted(each, key=lambda word: word.x0))) for each in found]


# -- labels


class _Block(NamedTuple):
    """A label: its text, the lines it takes, whether the form has it, and what else stands in its lines."""

    text: str
    rows: tuple[_Row, ...]
    known: bool
    extra: str = ""

    @property
    def top(self) -> float:
        return min(row.box[1] for row in self.rows)

    @property
    def bottom(self) -> float:
        return max(row.box[3] for row in self.rows)


class _Labels:
    """Tells which texts are labels, whatever their number in front and the line ends in them."""

    def __init__(self, known: Callable[[str], bool] | None) -> None:
        self.known = known
        self.found: dict[str, str | None] = {}

    def name(self, text: str) -> str | None:
        """The label that a text is, without its number; ``None`` if it is none."""
        if self.known is None or len(text) > _MAX_LABEL:
            return None
        if text not in self.found:
            bare = _NUMBERED.sub("", text.strip())
            whole = _CONTINUED.sub("", bare)
            hits = (each for each in (text.strip(), bare, whole) if each and self.known(each))
            self.found[text] = next(hits, None)
        return self.found[text]

    def joined(self, texts: Sequence[str]) -> tuple[str, bool]:
        """The text of a label broken over lines, and whether it is one."""
        plain = " ".join(texts)
        for text in dict.fromkeys((plain, *_unbroken(texts))):
            name = self.name(text)
            if name is not None:
                return name, True
        return plain, False

    def blocks(self, rows: Sequence[_Row]) -> list[_Block]:
        """The labels of a column, put together so that as many as possible are known."""
        best: list[tuple[float, int]] = [(0.0, 0)]
        texts = [row.text for row in rows]
        for end in range(1, len(rows) + 1):
            options = []
            for start in range(max(0, end - _MAX_LABEL_LINES), end):
                cost = best[start][0] + self._cost(rows, texts, start, end)
                options.append((cost, start))
            best.append(min(options))
        found: list[_Block] = []
        end = len(rows)
        while end:
            start = best[end][1]
            text, known = self.joined(texts[start:end])
            found.append(_Block(text, tuple(rows[start:end]), known))
            end = start
        return list(_with_extras(found[::-1]))

    def _cost(self, rows: Sequence[_Row], texts: Sequence[str], start: int, end: int) -> float:
        cost = 1.0 - 10.0 * (end - start) * self.joined(texts[start:end])[1]
        for before, row in zip(rows[start:end], rows[start + 1 : end], strict=False):
            pitch = (row.base - before.base) / max(row.em, before.em)
            cost += 12.0 if pitch > 2.2 else 4.0 if pitch > 1.6 else 0.0
            cost += 3.0 if before.bold != row.bold or not 0.85 < before.em / row.em < 1.18 else 0.0
        return cost

    def hits(self, rows: Sequence[_Row]) -> int:
        """How many different labels stand in a column."""
        if self.known is None:
            return 0
        return len({re.sub(r"\W+", " ", block.text).casefold() for block in self.blocks(rows) if block.known})


def _unbroken(texts: Sequence[str]) -> Iterator[str]:
    """What a text may have been before it was broken over lines: at a space, at a hyphen, or within a word."""
    wholes = [texts[0]] if 1 < len(texts) <= 4 else []
    for text in texts[1:]:
        wholes = [
            joined
            for whole in wholes
            for joined in (f"{whole} {text}", whole + text, re.sub(r"(?<=[^\W\d])[-\u00ad]$", "", whole) + text)
        ]
        wholes = list(dict.fromkeys(wholes))
    yield from wholes


def _with_extras(blocks: Sequence[_Block]) -> Iterator[_Block]:
    """An explanation under a label, in brackets or in small print, is part of its cell and not a label of its own."""
    waiting: _Block | None = None
    for block in blocks:
        if waiting and waiting.known and not block.known and _explains(waiting, block):
            extra = f"{waiting.extra} {block.text}".strip()
            waiting = waiting._replace(rows=(*waiting.rows, *block.rows), extra=extra)
            continue
        if waiting:
            yield waiting
        waiting = block
    if waiting:
        yield waiting


def _explains(label: _Block, block: _Block) -> bool:
    last, first = label.rows[-1], block.rows[0]
    near = first.base - last.base <= 1.7 * last.em
    return near and (block.text[0] in "([" or block.text[0].islower() or first.em <= 0.87 * last.em)


# -- what a page becomes


@dataclass(slots=True)
class _Entry:
    """A row of label and value, or text that stands for itself (no label, not a cell)."""

    page: int
    label: str
    label_rows: tuple[_Row, ...]
    value: tuple[_Row, ...]
    confidence: float
    cell: bool = True
    box: Box | None = None
    opens: bool = False
    """Its frame is open at the bottom: the page broke it."""
    raw: str = ""


@dataclass(slots=True)
class _Table:
    """Rows that belong together; ``columns`` are the edges by which it is known again on the next page."""

    columns: tuple[float, ...]
    entries: list[_Entry] = field(default_factory=list)
    heads: list[tuple[int, str]] = field(default_factory=list)


class _Zone(NamedTuple):
    """What stands between two full-width lines or rules: one such line, or labels and values; ``single`` is a row."""

    over: tuple[_Row, ...]
    blocks: tuple[_Block, ...] = ()
    value: tuple[_Row, ...] = ()
    single: bool = False


class _Cell(NamedTuple):
    row: int
    column: int
    last_column: int
    rows: tuple[_Row, ...]

    @property
    def text(self) -> str:
        return " ".join(row.text for row in self.rows)


@dataclass(slots=True)
class _Grid:
    """Cells between ruling lines."""

    box: Box
    xs: list[float]
    ys: list[float]
    owner: list[list[int]]
    spans: dict[int, tuple[int, int, int, int]]
    opens: bool
    glyphs: dict[int, list[Glyph]] = field(default_factory=dict)
    cells: list[_Cell] = field(default_factory=list)

    def at(self, x: float, y: float) -> int | None:
        column, row = bisect_right(self.xs, x) - 1, bisect_right(self.ys, y) - 1
        inside = 0 <= column < len(self.xs) - 1 and 0 <= row < len(self.ys) - 1
        return self.owner[row][column] if inside else None


class _Document:
    """Reads page after page; tables may go on from one to the next."""

    def __init__(self, pages: Sequence[Page], labels: _Labels) -> None:
        self.pages = pages
        self.labels = labels
        self.blocks: list[_Table | _Entry] = []
        self.notes: list[str] = []
        self.columns: list[int] = []
        self.fits = [0.0, 0.0]
        self.bullets = 0
        self.addresses = 0
        self.swapped: list[int] = []
        self.extras: list[str] = []
        self.gutter: tuple[float, bool] | None = None
        self.repeats: list[str] = []

    def read(self) -> tuple[tuple[Line, ...], list[str]]:
        grids = [_grids(page, self.labels) for page in self.pages]
        free = [_free_words(page, found) for page, found in zip(self.pages, grids, strict=True)]
        rows = [_rows(words) for words in free]
        margins = _margins(self.pages, rows, self.labels)
        for page, found, every, marginal in zip(self.pages, grids, rows, margins, strict=True):
            kept = [row for number, row in enumerate(every) if number not in marginal]
            self.repeats += [every[number].text for number in sorted(marginal)]
            self._page(page, found, kept)
        lines = tuple(self._lines())
        return lines, [*self.notes, *self._remarks()]

    # -- reading order

    def _page(self, page: Page, grids: Sequence[_Grid], rows: Sequence[_Row]) -> None:
        """Grids from top to bottom, those side by side from left to right, with the free text around them."""
        left = list(rows)
        for cluster in _clusters(grids):
            top, bottom = min(each.box[1] for each in cluster), max(each.box[3] for each in cluster)
            above = [row for row in left if row.middle < top]
            within = [row for row in left if top <= row.middle <= bottom]
            left = [row for row in left if row.middle > bottom]
            self._region(page, above)
            columns = _side_by_side(cluster)
            for number, column in enumerate(columns):
                begins = -1.0 if number == 0 else min(each.box[0] for each in column) - 10
                ends = min(each.box[0] for each in columns[number + 1]) - 10 if number + 1 < len(columns) else 1e9
                words = [word for row in within for word in row.words if begins <= word.x0 < ends]
                self._column(page, column, _rows(words))
        self._region(page, left)

    def _column(self, page: Page, grids: Sequence[_Grid], rows: list[_Row]) -> None:
        for grid in grids:
            self._region(page, [row for row in rows if row.middle < grid.box[1]])
            rows = [row for row in rows if row.middle >= grid.box[1]]
            self._grid(page, grid)
        self._region(page, rows)

    # -- tables with ruling lines

    def _grid(self, page: Page, grid: _Grid) -> None:
        columns = _label_columns(grid, self.labels)
        table = self._going_on(tuple(grid.xs))
        if not columns and table is not None:
            columns = self.columns
        if not columns:
            columns = [_first_column(grid)]
        self.columns = columns
        table = table or self._open(tuple(grid.xs))
        starts = len(table.entries)
        count = len(grid.xs) - 1
        for number in range(len(grid.ys) - 1):
            cells = sorted((cell for cell in grid.cells if cell.row == number), key=lambda cell: cell.column)
            if cells:
                self._cells(page, table, grid, cells, columns, count)
        if grid.opens and len(table.entries) > starts:
            table.entries[-1].opens = True

    def _going_on(self, xs: tuple[float, ...]) -> _Table | None:
        """The table before, if it has the same columns and nothing stands between."""
        last = self.blocks[-1] if self.blocks else None
        if not isinstance(last, _Table) or len(last.columns) != len(xs):
            return None
        shift = last.columns[0] - xs[0]
        same = all(abs(one - other - shift) <= 4 for one, other in zip(last.columns, xs, strict=True))
        return last if same else None

    def _open(self, xs: tuple[float, ...]) -> _Table:
        table = _Table(xs)
        self.blocks.append(table)
        return table

    def _cells(
        self, page: Page, table: _Table, grid: _Grid, cells: Sequence[_Cell], columns: Sequence[int], count: int
    ) -> None:
        """One row of a grid: its labels, each with the cells up to the next label."""
        box = (grid.box[0], grid.ys[cells[0].row], grid.box[2], grid.ys[cells[0].row + 1])
        if len(cells) == 1 and cells[0].column <= columns[0] and cells[0].last_column >= count - 1 and count > 1:
            self._wide(page, table, cells[0], box)
            return
        numbers = _number_columns(grid)
        for number, column in enumerate(columns):
            until = columns[number + 1] if number + 1 < len(columns) else count
            since = 0 if number == 0 else column
            part = [cell for cell in cells if since <= cell.column < until]
            label = next((cell for cell in part if cell.column == column), None)
            right = [cell for cell in part if cell.column > column]
            left = [cell for cell in part if cell.column < column and cell.column not in numbers]
            if left and page.number not in self.swapped:
                self.swapped.append(page.number)
            value = [row for cell in (*left, *right) for row in cell.rows]
            self._row(page, table, label.rows if label else (), value, box)

    def _row(self, page: Page, table: _Table, label: Sequence[_Row], value: Sequence[_Row], box: Box) -> None:
        blocks = self.labels.blocks(label) if len(label) <= _MAX_ZONE else []
        if sum(block.known for block in blocks) >= 2:  # rows without lines between them
            table.entries.extend(self._matched(page, blocks, value, 0.85))
            return
        text, known = self.labels.joined([row.text for row in label])
        if not known and blocks and blocks[0].known:
            known, text = True, blocks[0].text
            rest = " ".join(filter(None, (blocks[0].extra, *(block.text for block in blocks[1:]))))
            self.extras.append(f"{text}: {rest}")
        raw = " ".join(row.text for row in label)
        if text or value:
            table.entries.append(_Entry(page.number, text, tuple(label), tuple(value), 1.0, box=box, raw=raw))

    def _wide(self, page: Page, table: _Table, cell: _Cell, box: Box) -> None:
        """A cell across all columns: a title, or label and value above each other."""
        text, known = self.labels.joined([row.text for row in cell.rows])
        rows = cell.rows
        if known and len(rows) > 1:
            words = tuple(word for row in rows for word in row.words)
            table.entries.append(_Entry(page.number, text, (), (_Row(words),), 1.0, cell=False, box=box))
            return
        table.entries.append(_Entry(page.number, "", (), rows, 1.0, cell=False, box=box))

    # -- columns without ruling lines

    def _region(self, page: Page, rows: Sequence[_Row], depth: int = 0) -> None:
        """Free text: rows of label and value where a gutter parts them, else text in its order."""
        if not rows:
            return
        rules = [rule for rule in _rules(page) if _along(rule, rows)]
        uprights = [rule.at for rule in page.upright]
        half = _page_gutter(rows, self.labels, uprights) if depth < 2 else None
        if half is not None:
            for part in _halves(rows, half):
                self._region(page, part, depth + 1)
            return
        found = _gutter(rows, self.labels, uprights, self.gutter)
        if found is None:
            self._text(page, rows)
            return
        gutter, swapped = found
        self.gutter = found
        if swapped and page.number not in self.swapped:
            self.swapped.append(page.number)
        table = self._going_on((gutter,)) or self._open((gutter,))
        zones: list[_Zone] = []
        zone: list[_Row] = []
        closed = False
        usual = median(row.em for row in rows)
        for number, row in enumerate(rows):
            over = _crosses(row, gutter) or self._is_title(row, found, usual)
            ruled = bool(zone) and any(zone[-1].middle < rule.at < row.middle for rule in rules)
            if zone and (over or ruled or len(zone) >= _MAX_ZONE):
                zones.append(self._zone(zone, found, closed, ruled))
                zone = []
            if over:
                zones.append(_Zone((row,)))
                closed = True
                continue
            if not zone:
                closed = ruled or over or (number == 0 and any(rule.at < row.middle for rule in rules))
            zone.append(row)
        if zone:
            zones.append(self._zone(zone, found, closed, any(rule.at > zone[-1].middle for rule in rules)))
        self._zones(page, table, zones, 0.8 if swapped or self.labels.known is None else 0.9)

    def _is_title(self, row: _Row, found: tuple[float, bool], usual: float) -> bool:
        """Whether a line in the column of values is the title of a section: known, and set or numbered like one."""
        gutter, swapped = found
        apart = row.x1 <= gutter if swapped else row.x0 >= gutter - 1.5
        stands_out = row.bold or row.em > 1.1 * usual or _NUMBERED.match(row.text) is not None
        return apart and stands_out and self.labels.name(row.text) is not None

    def _zone(self, rows: Sequence[_Row], found: tuple[float, bool], above: bool, below: bool) -> _Zone:
        """Labels and values between two full-width lines or rules."""
        gutter, swapped = found
        left = _rows(word for row in rows for word in row.words if word.x0 + word.x1 < 2 * gutter)
        right = _rows(word for row in rows for word in row.words if word.x0 + word.x1 >= 2 * gutter)
        labels, value = (right, left) if swapped else (left, right)
        blocks = self.labels.blocks(labels)
        return _Zone((), tuple(blocks), tuple(value), len(blocks) <= 1 and above and below)

    def _zones(self, page: Page, table: _Table, zones: Sequence[_Zone], confidence: float) -> None:
        """Rows from zones; how labels stand beside their values is asked of all zones so far together."""
        fits: list[tuple[_Fit, _Fit]] = []
        for number, zone in enumerate(zones):
            last = number == len(zones) - 1
            both = (_fit(zone.blocks, zone.value, False, last), _fit(zone.blocks, zone.value, True, last))
            fits.append(both)
            if not zone.over:
                self.fits[0] += both[0].cost
                self.fits[1] += both[1].cost
        centred = self.fits[1] < self.fits[0] - 0.5
        for zone, both in zip(zones, fits, strict=True):
            if zone.over:
                table.entries.append(_Entry(page.number, "", (), zone.over, 1.0, cell=False))
            elif zone.single:
                entry = self._entry(page, zone.blocks[0] if zone.blocks else None, zone.value, confidence)
                table.entries.extend(self._begun(table, entry))
            else:
                for entry in self._cut(page, zone.blocks, zone.value, both[centred], confidence - 0.1 * centred):
                    table.entries.extend(self._begun(table, entry))

        if zones and not zones[-1].over and not zones[-1].blocks and centred:
            table.entries[-1].opens = True

    def _begun(self, table: _Table, entry: _Entry) -> Iterator[_Entry]:
        """Lines in front of the first label of a document are text of their own."""
        if entry.label or not entry.cell or any(each.label for each in table.entries) or len(self.blocks) > 1:
            yield entry
            return
        for row in entry.value:
            yield _Entry(entry.page, "", (), (row,), 1.0, cell=False)

    def _entry(self, page: Page, block: _Block | None, value: Sequence[_Row], confidence: float) -> _Entry:
        if block is None:
            return _Entry(page.number, "", (), tuple(value), confidence - 0.05)
        if block.extra:
            self.extras.append(f"{block.text}: {block.extra}")
        if not value and not block.known:  # a title, or a sentence in front of the rows
            return _Entry(page.number, "", (), block.rows, 1.0, cell=False)
        sure = confidence if block.known or self.labels.known is None else confidence - 0.2
        return _Entry(page.number, block.text, block.rows, tuple(value), round(sure, 2), raw=block.text)

    def _matched(
        self, page: Page, blocks: Sequence[_Block], value: Sequence[_Row], confidence: float
    ) -> Iterator[_Entry]:
        """Rows of one cell that holds several labels."""
        top, middle = _fit(blocks, value, False, False), _fit(blocks, value, True, False)
        centred = middle.cost < top.cost - 0.5
        yield from self._cut(page, blocks, value, middle if centred else top, confidence - 0.1 * centred)

    def _cut(
        self, page: Page, blocks: Sequence[_Block], value: Sequence[_Row], fit: _Fit, confidence: float
    ) -> Iterator[_Entry]:
        ends = fit.ends
        if ends[0]:
            yield self._entry(page, None, value[: ends[0]], confidence)
        for block, start, end in zip(blocks, ends, ends[1:], strict=False):
            yield self._entry(page, block, value[start:end], confidence)
        if ends[-1] < len(value):  # the label stands on the next page
            entry = self._entry(page, None, value[ends[-1] :], confidence)
            entry.opens = True
            yield entry

    def _text(self, page: Page, rows: Sequence[_Row]) -> None:
        for row in rows:
            self.blocks.append(_Entry(page.number, "", (), (row,), 1.0, cell=False))

    # -- lines

    def _lines(self) -> Iterator[Line]:
        number = 0
        before: _Entry | None = None
        for block in self.blocks:
            if isinstance(block, _Entry):
                yield from self._plain(block, before, 0, 0)
                before = block
                continue
            self._mend(block)
            number += any(entry.cell for entry in block.entries)
            counted = 0
            pitch, margin = _measures(block.entries)
            for entry in block.entries:
                counted += 1
                if not entry.cell:
                    yield from self._plain(entry, before, number, counted)
                else:
                    if before is not None and not before.cell:
                        yield Line("", Spot(page=entry.page))
                    yield from self._cell_lines(entry, number, counted, pitch, margin)
                before = entry

    def _plain(self, entry: _Entry, before: _Entry | None, table: int, row: int) -> Iterator[Line]:
        """Text beside rows; white space above it, or another writing, is a gap."""
        last = before.value[-1] if before and before.value else None
        if last is not None and before is not None:
            step = (entry.value[0].base - last.base) / max(last.em, 1)
            other = last.bold != entry.value[0].bold or not 0.87 < last.em / entry.value[0].em < 1.15
            if before.cell or before.page != entry.page or table or step > 1.75 or step < 0 or other:
                yield Line("", Spot(page=entry.page))
        texts = [entry.label] if entry.label else [text for text, _ in self._value(entry.value, 0.0, 0.0) if text]
        boxes = [row.box for row in entry.value]
        for position, text in enumerate(texts):
            box = _rounded(boxes[min(position, len(boxes) - 1)])
            yield Line(text, Spot(page=entry.page, table=table, row=row if table else 0, box=box), False, 1.0)

    def _cell_lines(self, entry: _Entry, table: int, row: int, pitch: float, margin: float) -> Iterator[Line]:
        value: list[tuple[str, Box | None]] = [*self._value(entry.value, pitch, margin)] or [("", None)]
        head = [each.box for each in entry.label_rows]
        for position, (text, box) in enumerate(value):
            boxes = [*([box] if box else []), *(head if position == 0 else [])]
            around = _rounded(_union(boxes)) if boxes else None
            label = entry.label if position == 0 else ""
            spot = Spot(page=entry.page, table=table, row=row, box=around)
            yield Line(f"{label}\t{text}", spot, True, max(round(entry.confidence, 2), 0.1))

    def _mend(self, table: _Table) -> None:
        """What a page break did to a table: heads that come again, labels said again, a label below its value."""
        head = table.entries[0] if table.entries else None
        kept: list[_Entry] = []
        for position, entry in enumerate(table.entries):
            before = kept[-1] if kept else None
            broken = before is not None and before.page != entry.page
            if broken and head is not None and position and _same(head, entry) and self._is_head(head):
                self.notes.append(f"The head of the table stands on page {entry.page} again and was left out.")
                continue
            if broken and before is not None and entry.cell and before.cell:
                self._over_break(before, entry, kept)
            kept.append(entry)
        table.entries = kept

    def _is_head(self, entry: _Entry) -> bool:
        return self.labels.name(entry.label) is None if entry.label else not entry.cell

    def _over_break(self, before: _Entry, entry: _Entry, kept: Sequence[_Entry]) -> None:
        owner = next((each for each in reversed(kept) if each.label or not each.cell), None)
        again = owner is not None and owner.cell and _same_label(owner, entry)
        rows = (*owner.label_rows, *entry.label_rows) if owner and owner.label and entry.label else ()
        whole, known = self.labels.joined([row.text for row in rows])
        if known and owner is not None and None in (self.labels.name(owner.label), self.labels.name(entry.label)):
            owner.label, owner.confidence = whole, min(owner.confidence, 0.9)
            entry.label, entry.label_rows = "", ()
        elif again:
            entry.label, entry.label_rows = "", ()
        elif not before.label and entry.label and before.opens and any(each.page == before.page for each in kept[:-1]):
            before.label, before.confidence = entry.label, 0.8
            entry.label, entry.label_rows = "", ()
        if not entry.label:
            entry.confidence = min(entry.confidence, 0.95)

    def _value(self, rows: Sequence[_Row], pitch: float, margin: float) -> Iterator[tuple[str, Box]]:
        """The lines of a value; bullets are written as "- ", a new paragraph begins with "<br>"."""
        listing: tuple[float, float] | None = None
        whole: list[tuple[str, Box]] = []
        hanging = _hangs(rows)
        before: _Row | None = None
        pending = address = False
        for row in rows:
            words, bullet = _bulleted(row)
            if bullet:
                self.bullets += row.words[0].text not in "-•–*"
                if not words:
                    pending = True
                    continue
            listed = bullet or pending
            gap = before is not None and pitch > 0 and row.base - before.base > max(1.3 * pitch, 1.5 * row.em)
            if listed:
                listing = (row.words[0].x0, words[0].x0)
            elif listing and before is not None and words[0].x0 < listing[1] - 0.4 * row.em:
                gap = gap or hanging or words[0].x0 < listing[0] - 1 or _would_fit(before, row, margin)
            if gap and not listed:
                listing = None
            text = _joined(words)
            plain = before is not None and not listed and not gap
            if plain and before is not None and address and _breaks_word(before, words, margin):
                self.addresses += 1
                whole[-1] = (whole[-1][0] + text, _union([whole[-1][1], row.box]))
            else:
                whole.append(("- " + text if listed else "<br>" + text if gap else text, row.box))
            address = _in_address(words, plain and address)
            before, pending = row, False
        yield from whole

    # -- what a person must know

    def _remarks(self) -> Iterator[str]:
        if self.repeats:
            told = "; ".join(f"'{text[:60]}'" for text in dict.fromkeys(re.sub(r"\d+", "#", t) for t in self.repeats))
            yield f"Header and footer lines were left out ({len(self.repeats)}, # for a number): {told[:400]}."
        if self.bullets:
            yield f"Bullets set as letters or symbols were written as '- ': {self.bullets}."
        if self.addresses:
            yield f"Addresses broken within a word at the end of a line were joined: {self.addresses}."
        if self.swapped:
            pages = ", ".join(map(str, self.swapped[:12]))
            yield f"Labels stand to the right of their values: page {pages}; each was read with its value."
        if self.extras:
            told = "; ".join(f"'{text[:120]}'" for text in dict.fromkeys(self.extras))
            yield f"Explanations in label cells were left out: {told[:600]}."


def _same(one: _Entry, other: _Entry) -> bool:
    texts = [[row.text for row in (*entry.label_rows, *entry.value)] for entry in (one, other)]
    return texts[0] == texts[1]


def _same_label(one: _Entry, other: _Entry) -> bool:
    first, then = (re.sub(r"\W+", " ", _CONTINUED.sub("", each.raw or each.label)).casefold().strip()
                   for each in (one, other))  # fmt: skip
    return bool(then) and first == then


def _union(boxes: Sequence[Box]) -> Box:
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def _rounded(box: Box) -> Box:
    return round(box[0], 1), round(box[1], 1), round(box[2], 1), round(box[3], 1)


# -- bullets and paragraphs


def _bulleted(row: _Row) -> tuple[Sequence[_Word], bool]:
    """The words of a line without its bullet, and whether it has one."""
    first, rest = row.words[0], row.words[1:]
    symbol = len(first.text) == 1 and "\uf000" <= first.text <= "\uf0ff"
    if first.text in _BULLETS or symbol or (first.text == "\ufffd" and rest):
        return rest, True
    if first.text in _LETTER_BULLETS and rest:
        wide = rest[0].x0 - first.x1 >= 0.45 * first.em
        other = _SYMBOLS.search(first.font) is not None and first.font != rest[0].font
        return (rest, True) if wide or other else (row.words, False)
    glued = first.text[0]
    if len(first.text) > 1 and (glued in "•▪●■◦" or "\uf000" <= glued <= "\uf0ff"):
        return (first._replace(text=first.text[1:]), *rest), True
    return row.words, False


def _hangs(rows: Sequence[_Row]) -> bool:
    """Whether lines of an item that go on begin under its text rather than under its bullet."""
    under: float | None = None
    for row in rows:
        words, bullet = _bulleted(row)
        if bullet and words:
            under = words[0].x0
        elif under is not None and abs(row.x0 - under) <= 2 and abs(row.words[0].x0 - under) <= 2:
            return True
    return False


def _would_fit(before: _Row, row: _Row, margin: float) -> bool:
    """Whether the first word of a line had room at the end of the line before: then the break was meant."""
    word = row.words[0]
    return before.x1 + 0.8 * row.em + (word.x1 - word.x0) <= margin


def _in_address(words: Sequence[_Word], before: bool) -> bool:
    """Whether a line ends within an address: in one that begins here, or in the one that the line before ends in."""
    texts = [word.text for word in words]
    return _ADDRESS.search(texts[-1]) is not None or (
        before and len(texts) == 1 and _OF_ADDRESS.fullmatch(texts[0]) is not None
    )


def _breaks_word(before: _Row, words: Sequence[_Word], margin: float) -> bool:
    """Whether an address had to be broken within a word because it reached the end of the line.

    Where it broke after a sign of its own, a slash or a hyphen, whoever reads the lines can tell as much.
    """
    first = words[0].text
    full = before.x1 >= margin - 0.9 * before.em and before.words[-1].text[-1].isalnum()
    named = any(word.text[-1] == ":" or _ADDRESS.search(word.text) for word in words[:5])
    rest = _OF_ADDRESS.fullmatch(first) is not None and first[0].isalnum() and not first.istitle()
    return full and rest and not named


def _measures(entries: Sequence[_Entry]) -> tuple[float, float]:
    """The usual distance of lines in values, and how far to the right they reach; 0 where there are too few."""
    steps = [
        row.base - before.base
        for entry in entries
        if entry.cell
        for before, row in pairwise(entry.value)
        if row.base > before.base
    ]
    ends = sorted((row.x1 for entry in entries if entry.cell for row in entry.value), reverse=True)
    steps.sort()
    pitch = steps[len(steps) // 3] if steps else 0.0
    return pitch, ends[2] if len(ends) > 5 else ends[0] if ends else 0.0


# -- headers and footers


def _margins(pages: Sequence[Page], rows: Sequence[Sequence[_Row]], labels: _Labels) -> list[set[int]]:
    """For every page the free lines, by their number, that are header, footer or page number."""
    found: list[set[int]] = [set() for _ in pages]
    times: Counter[tuple[str, int]] = Counter()
    places: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for at, (page, every) in enumerate(zip(pages, rows, strict=True)):
        met: set[tuple[str, int]] = set()
        for number, row in enumerate(every):
            if not _at_edge(row, page) or labels.name(row.text) is not None:
                continue
            if _is_page_number(row, every, page):
                found[at].add(number)
                continue
            for height in (round(row.base / 4), round(row.base / 4 + 0.5) + 100_000):
                key = (re.sub(r"\d+", "#", row.text), height)
                places.setdefault(key, []).append((at, number))
                met.add(key)
        times.update(met)
    for key, count in times.items():
        if count >= 2 and (count >= 3 or count >= 0.4 * len(pages)):
            for at, number in places[key]:
                found[at].add(number)
    return found


def _at_edge(row: _Row, page: Page) -> bool:
    return row.middle < _EDGE * page.height or row.middle > (1 - _EDGE) * page.height


def _is_page_number(row: _Row, rows: Sequence[_Row], page: Page) -> bool:
    match = _PAGE_NUMBER.fullmatch(row.text)
    if match is None or len(row.text) > 24:
        return False
    others = [abs(each.base - row.base) for each in rows if each is not row]
    alone = not others or min(others) > 1.9 * row.em
    return alone and (int(match[1]) == page.number or not row.text.isdigit())


# -- ruling lines


def _merged(rulings: Iterable[Ruling]) -> list[Ruling]:
    """Strokes that lie on each other or go on from each other as one."""
    merged: list[Ruling] = []
    group: list[Ruling] = []
    for ruling in sorted(rulings):
        if group and ruling.at - group[0].at > _SNAP:
            merged.extend(_chained(group))
            group = []
        group.append(ruling)
    merged.extend(_chained(group))
    return merged


def _chained(group: Sequence[Ruling]) -> Iterator[Ruling]:
    if not group:
        return
    at = sum(each.at for each in group) / len(group)
    start, end = None, 0.0
    for each in sorted(group, key=lambda ruling: ruling.start):
        if start is None:
            start, end = each.start, each.end
        elif each.start - end <= 4:
            end = max(end, each.end)
        else:
            yield Ruling(at, start, end)
            start, end = each.start, each.end
    if start is not None:
        yield Ruling(at, start, end)


def _grids(page: Page, labels: _Labels) -> list[_Grid]:
    """The tables that ruling lines draw on a page, filled with its text; a lone frame is none."""
    level, upright = _merged(page.level), _merged(page.upright)
    found = [grid for part in _connected(level, upright) if (grid := _grid_of(*part)) is not None]
    found.sort(key=lambda grid: (grid.box[2] - grid.box[0]) * (grid.box[3] - grid.box[1]), reverse=True)
    kept: list[_Grid] = []
    for grid in found:
        if any(_inside(grid.box, other.box) for other in kept):
            continue
        inner = [other for other in found if other is not grid and _inside(other.box, grid.box)]
        _fill(grid, page)
        if _is_table(grid) and not (inner and _only_frames(grid, inner, page, labels)):
            kept.append(grid)
    return kept


def _inside(box: Box, other: Box) -> bool:
    return box[0] >= other[0] - 1 and box[1] >= other[1] - 1 and box[2] <= other[2] + 1 and box[3] <= other[3] + 1


def _only_frames(grid: _Grid, inner: Sequence[_Grid], page: Page, labels: _Labels) -> bool:
    """Whether the labels stand in tables within the cells of this one."""
    if _label_columns(grid, labels):
        return False
    for each in inner:
        _fill(each, page)
    return any(_label_columns(each, labels) for each in inner)


def _connected(level: Sequence[Ruling], upright: Sequence[Ruling]) -> list[tuple[list[Ruling], list[Ruling]]]:
    """Level and upright strokes that touch, group by group."""
    parent = list(range(len(level) + len(upright)))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    heights = [ruling.at for ruling in level]
    for number, up in enumerate(upright):
        first = bisect_left(heights, up.start - _TOUCH)
        last = bisect_right(heights, up.end + _TOUCH)
        for other in range(first, last):
            if level[other].start - _TOUCH <= up.at <= level[other].end + _TOUCH:
                parent[root(len(level) + number)] = root(other)
    parts: dict[int, tuple[list[Ruling], list[Ruling]]] = {}
    for number, ruling in enumerate(level):
        parts.setdefault(root(number), ([], []))[0].append(ruling)
    for number, ruling in enumerate(upright):
        parts.setdefault(root(len(level) + number), ([], []))[1].append(ruling)
    return [part for part in parts.values() if part[0] and part[1]]


def _edges(at: Iterable[float], ends: Sequence[float]) -> list[float]:
    """The heights or places of strokes, and the outermost ends of those across them where no stroke closes them."""
    edges: list[float] = []
    for place in sorted(at):
        if not edges or place - edges[-1] > _SNAP:
            edges.append(place)
    if min(ends) < edges[0] - 2 * _TOUCH:
        edges.insert(0, min(ends))
    if max(ends) > edges[-1] + 2 * _TOUCH:
        edges.append(max(ends))
    return edges


def _grid_of(level: Sequence[Ruling], upright: Sequence[Ruling]) -> _Grid | None:
    xs = _edges((each.at for each in upright), [end for each in level for end in (each.start, each.end)])
    ys = _edges((each.at for each in level), [end for each in upright for end in (each.start, each.end)])
    if len(xs) < 2 or len(ys) < 2 or (len(xs) - 1) * (len(ys) - 1) > _MAX_CELLS:
        return None
    across, down = len(xs) - 1, len(ys) - 1
    owner = list(range(across * down))

    def root(one: int) -> int:
        while owner[one] != one:
            owner[one] = owner[owner[one]]
            one = owner[one]
        return one

    walls = _walls(upright, xs, ys)
    floors = _walls(level, ys, xs)
    for row in range(down):
        for column in range(across):
            here = row * across + column
            if column + 1 < across and (column + 1, row) not in walls:
                owner[root(here + 1)] = root(here)
            if row + 1 < down and (row + 1, column) not in floors:
                owner[root(here + across)] = root(here)
    spans: dict[int, tuple[int, int, int, int]] = {}
    for row in range(down):
        for column in range(across):
            name = root(row * across + column)
            top, left, bottom, right = spans.get(name, (row, column, row, column))
            spans[name] = (min(top, row), min(left, column), max(bottom, row), max(right, column))
    owners = [[root(row * across + column) for column in range(across)] for row in range(down)]
    opens = max(each.at for each in level) < ys[-1] - _TOUCH
    return _Grid((xs[0], ys[0], xs[-1], ys[-1]), xs, ys, owners, spans, opens)


def _walls(strokes: Sequence[Ruling], places: Sequence[float], across: Sequence[float]) -> set[tuple[int, int]]:
    """Which edges between two neighbouring places across are drawn: (number of the edge, number of the gap)."""
    found: set[tuple[int, int]] = set()
    for stroke in strokes:
        edge = min(range(len(places)), key=lambda number: abs(places[number] - stroke.at))
        for gap in range(max(bisect_left(across, stroke.start) - 1, 0), len(across) - 1):
            middle = (across[gap] + across[gap + 1]) / 2
            if middle > stroke.end:
                break
            if middle >= stroke.start:
                found.add((edge, gap))
    return found


def _fill(grid: _Grid, page: Page) -> None:
    """Give every cell the text that stands in it."""
    if grid.glyphs:
        return
    marks: dict[int, list[Box]] = {}
    for glyph in page.glyphs:
        name = grid.at((glyph.x0 + glyph.x1) / 2, (glyph.y0 + glyph.y1) / 2)
        if name is not None:
            grid.glyphs.setdefault(name, []).append(glyph)
    for mark in page.marks:
        name = grid.at((mark[0] + mark[2]) / 2, (mark[1] + mark[3]) / 2)
        if name is not None:
            marks.setdefault(name, []).append(mark)
    for name, glyphs in grid.glyphs.items():
        row, column, _, last = grid.spans[name]
        rows = tuple(_rows(_words(glyphs, marks.get(name, ()))))
        if rows:
            grid.cells.append(_Cell(row, column, last, rows))
    parted = [part for cell in grid.cells for part in _walled(cell, grid.xs)]
    grid.cells = list(_with_overflow(sorted(parted, key=lambda cell: cell[:3])))


def _walled(cell: _Cell, xs: Sequence[float]) -> Iterator[_Cell]:
    """A cell over several columns, parted where no line of it runs over the edge that other rows have there."""
    for column in range(cell.column, cell.last_column):
        edge = xs[column + 1]
        words = [word for row in cell.rows for word in row.words]
        left = [word for word in words if word.x1 <= edge + 1]
        right = [word for word in words if word.x0 >= edge - 1]
        if (
            left
            and right
            and len(left) + len(right) == len(words)
            and not any(_crosses(row, edge) for row in cell.rows)
        ):
            yield _Cell(cell.row, cell.column, column, tuple(_rows(left)))
            yield from _walled(_Cell(cell.row, column + 1, cell.last_column, tuple(_rows(right))), xs)
            return
    yield cell


def _with_overflow(cells: Sequence[_Cell]) -> Iterator[_Cell]:
    """Cells, those whose one line runs on into the next cell put together with it."""
    waiting: _Cell | None = None
    for cell in cells:
        if waiting and _runs_on(waiting, cell):
            words = (*waiting.rows[0].words, *cell.rows[0].words)
            waiting = _Cell(waiting.row, waiting.column, cell.last_column, (_Row(words),))
            continue
        if waiting:
            yield waiting
        waiting = cell
    if waiting:
        yield waiting


def _runs_on(cell: _Cell, following: _Cell) -> bool:
    if cell.row != following.row or len(cell.rows) != 1 or len(following.rows) != 1:
        return False
    last, first = cell.rows[0].words[-1], following.rows[0].words[0]
    return abs(last.base - first.base) < 0.5 and -1 < first.x0 - last.x1 < 0.32 * last.em


def _is_table(grid: _Grid) -> bool:
    """Whether some row has two cells with text; a frame, or boxes above each other, make no table of two columns."""
    filled = Counter(cell.row for cell in grid.cells)
    columns = {cell.column for cell in grid.cells if cell.column or cell.last_column < len(grid.xs) - 2}
    return any(count > 1 for count in filled.values()) or len(columns) > 1


def _label_columns(grid: _Grid, labels: _Labels) -> list[int]:
    """The columns that hold labels of the form, from left to right."""
    hits: Counter[int] = Counter()
    filled: Counter[int] = Counter()
    for cell in grid.cells:
        if cell.column == 0 and cell.last_column >= len(grid.xs) - 2:
            continue
        filled[cell.column] += 1
        hits[cell.column] += min(labels.hits(cell.rows[:_MAX_ZONE]), 20)
    most = max(hits.values(), default=0)
    if not most:
        return []
    found = sorted(column for column, count in hits.items() if count == most or (count >= 2 and 2 * count >= most))
    return [column for column in found if hits[column] == most or 2 * hits[column] >= filled[column]]


def _number_columns(grid: _Grid) -> frozenset[int]:
    """The columns that hold nothing but numbers of rows."""
    last = len(grid.xs) - 2
    narrow = [cell for cell in grid.cells if cell.column == cell.last_column < last]
    others = {cell.column for cell in narrow if not _ORDINAL.fullmatch(cell.text.strip())}
    return frozenset(cell.column for cell in narrow) - others


def _first_column(grid: _Grid) -> int:
    """The first column that holds more than numbers."""
    return min({cell.column for cell in grid.cells} - _number_columns(grid), default=0)


def _free_words(page: Page, grids: Sequence[_Grid]) -> list[_Word]:
    taken = {id(glyph) for grid in grids for glyphs in grid.glyphs.values() for glyph in glyphs}
    boxes = [grid.box for grid in grids]
    marks = [mark for mark in page.marks if not any(_inside(mark, box) for box in boxes)]
    return _words([glyph for glyph in page.glyphs if id(glyph) not in taken], marks)


def _clusters(grids: Sequence[_Grid]) -> list[list[_Grid]]:
    """Grids that stand side by side, from top to bottom."""
    found: list[list[_Grid]] = []
    bottom = 0.0
    for grid in sorted(grids, key=lambda each: each.box[1]):
        if found and grid.box[1] < bottom - _TOUCH:
            found[-1].append(grid)
        else:
            found.append([grid])
        bottom = max(bottom, grid.box[3])
    return found


def _side_by_side(grids: Sequence[_Grid]) -> list[list[_Grid]]:
    """Columns of grids, from left to right, each from top to bottom."""
    found: list[list[_Grid]] = []
    right = 0.0
    for grid in sorted(grids, key=lambda each: each.box[0]):
        if found and grid.box[0] < right - _TOUCH:
            found[-1].append(grid)
        else:
            found.append([grid])
        right = max(right, grid.box[2])
    return [sorted(column, key=lambda each: each.box[1]) for column in found]


def _rules(page: Page) -> list[Ruling]:
    """Level strokes, and the upper and lower edges of coloured boxes that are not the paper itself."""
    edges = [
        Ruling(height, box[0], box[2])
        for box in page.fills
        if box[3] - box[1] >= 9 and (box[2] - box[0]) * (box[3] - box[1]) < 0.6 * page.width * page.height
        for height in (box[1], box[3])
    ]
    return _merged([*page.level, *edges])


def _along(rule: Ruling, rows: Sequence[_Row]) -> bool:
    left, right = min(row.x0 for row in rows), max(row.x1 for row in rows)
    common = min(rule.end, right) - max(rule.start, left)
    return common >= _ALONG * (right - left)


# -- gutters


def _crosses(row: _Row, gutter: float) -> bool:
    """Whether a line runs over the gutter instead of standing on its sides."""
    before: _Word | None = None
    for word in row.words:
        if word.x0 < gutter - 1.5 and word.x1 > gutter + 1.5:
            return True
        if word.x0 >= gutter - 1.5:
            return before is not None and word.x0 - before.x1 < _GAP * word.em
        before = word
    return False


def _halves(rows: Sequence[_Row], gutter: float) -> list[list[_Row]]:
    """The lines on both sides of a gutter, left side first; lines across stay with where they begin."""
    parts: list[list[_Row]] = []
    left: list[_Word] = []
    right: list[_Word] = []

    def close() -> None:
        parts.extend(part for part in (_rows(left), _rows(right)) if part)
        left.clear()
        right.clear()

    for row in rows:
        if _crosses(row, gutter):
            close()
            parts.append([row])
            continue
        for word in row.words:
            (left if word.x0 + word.x1 < 2 * gutter else right).append(word)
    close()
    return parts


def _candidates(rows: Sequence[_Row], uprights: Sequence[float]) -> list[float]:
    """Where columns may begin: places at which words start after white space, the most frequent first."""
    starts: list[float] = []
    for row in rows:
        before: _Word | None = None
        for word in row.words:
            if before is None or word.x0 - before.x1 >= _GAP * word.em:
                starts.append(word.x0)
            before = word
    starts.sort()
    left = min(row.x0 for row in rows)
    groups: list[list[float]] = []
    for start in starts:
        if groups and start - groups[-1][0] <= 2.5:
            groups[-1].append(start)
        else:
            groups.append([start])
    groups = sorted((group for group in groups if group[0] > left + 15), key=len, reverse=True)
    inner = [at for at in uprights if left + 15 < at < max(row.x1 for row in rows)]
    return [group[0] for group in groups[:_MAX_CANDIDATES]] + inner[:4]


def _sides(rows: Sequence[_Row], gutter: float) -> tuple[list[_Row], list[_Row], int]:
    left: list[_Word] = []
    right: list[_Word] = []
    over = 0
    for row in rows:
        if _crosses(row, gutter):
            over += 1
            continue
        for word in row.words:
            (left if word.x0 + word.x1 < 2 * gutter else right).append(word)
    return _rows(left), _rows(right), over


class _Found(NamedTuple):
    hits: int
    score: float
    gutter: float
    swapped: bool


def _best(rows: Sequence[_Row], labels: _Labels, uprights: Sequence[float]) -> _Found | None:
    """The gutter that leaves the most labels standing alone on one side."""
    best: _Found | None = None
    for gutter in _candidates(rows, uprights):
        left, right, over = _sides(rows, gutter)
        if not left or not right or over > 0.6 * len(rows):
            continue
        for swapped, column, other in ((False, left, right), (True, right, left)):
            hits = labels.hits(column[:_MAX_ZONE])
            score = 10 * hits - 0.5 * over + 0.01 * min(len(left), len(right)) - 0.5 * swapped
            if labels.hits(other[:_MAX_ZONE]) >= hits and hits:
                score -= 5
            if best is None or score > best.score:
                best = _Found(hits, score, gutter, swapped)
    return best


def _gutter(
    rows: Sequence[_Row], labels: _Labels, uprights: Sequence[float], before: tuple[float, bool] | None
) -> tuple[float, bool] | None:
    """Where labels end and values begin, and whether the labels stand on the right; ``None`` for plain text."""
    if labels.known is None:
        return _blind_gutter(rows, uprights)
    best = _best(rows, labels, uprights)
    if best and (best.hits >= 2 or (best.hits == 1 and len(rows) < 12 and _is_wide(rows, best.gutter))):
        return best.gutter, best.swapped
    if before is not None:
        starts = sum(abs(word.x0 - before[0]) <= 2.5 for row in rows for word in row.words)
        _, _, over = _sides(rows, before[0])
        if starts >= max(1, 0.3 * len(rows)) and over <= 0.5 * len(rows):
            return before
    return None


def _is_wide(rows: Sequence[_Row], gutter: float) -> bool:
    """Whether the lines on both sides of a gutter stand clearly apart, so that one label alone can be believed."""
    for row in rows:
        left = [word for word in row.words if word.x0 + word.x1 < 2 * gutter]
        right = [word for word in row.words if word.x0 + word.x1 >= 2 * gutter]
        if left and right and right[0].x0 - left[-1].x1 < row.em:
            return False
    return True


def _blind_gutter(rows: Sequence[_Row], uprights: Sequence[float]) -> tuple[float, bool] | None:
    """By white space alone: on both sides of it lines stand level, and few run over it."""
    best: tuple[float, float] | None = None
    for gutter in _candidates(rows, uprights):
        left, right, over = _sides(rows, gutter)
        level = sum(any(abs(one.base - other.base) < 1.5 for other in right) for one in left)
        if level < 3 or over > 0.3 * len(rows):
            continue
        score = level + 0.5 * len(right) - 2 * over
        if best is None or score > best[0]:
            best = (score, gutter)
    return (best[1], False) if best else None


def _page_gutter(rows: Sequence[_Row], labels: _Labels, uprights: Sequence[float]) -> float | None:
    """Where a page falls into two columns of their own: both have labels, or both are running text."""
    if len(rows) < 5:
        return None
    whole = _best(rows, labels, uprights) if labels.known else None
    best: tuple[int, float] | None = None
    for gutter in _candidates(rows, uprights):
        left, right, over = _sides(rows, gutter)
        if over > 0.4 * len(rows) or min(len(left), len(right)) < 3:
            continue
        hits = [found.hits if (found := _best(side, labels, uprights)) else 0 for side in (left, right)]
        alone = [labels.hits(side[:_MAX_ZONE]) for side in (left, right)]
        pure = alone[0] >= hits[0] or alone[1] >= hits[1]  # nothing but labels, their values on the other side
        if whole and not pure and min(hits) >= 2 and sum(hits) > whole.hits and (best is None or sum(hits) > best[0]):
            best = (sum(hits), gutter)
    if best is None and not (whole and whole.hits):
        return _text_gutter(rows, uprights)
    return best[1] if best else None


def _text_gutter(rows: Sequence[_Row], uprights: Sequence[float]) -> float | None:
    """The gutter between two columns of running text: both wide and well filled."""
    left_edge, right_edge = min(row.x0 for row in rows), max(row.x1 for row in rows)
    for gutter in _candidates(rows, uprights):
        left, right, over = _sides(rows, gutter)
        if over > 0.25 * len(rows) or min(len(left), len(right)) < max(6, 0.5 * max(len(left), len(right))):
            continue
        wide = right_edge - left_edge
        shares = [median(row.x1 - row.x0 for row in side) / wide for side in (left, right)]
        if min(shares) >= 0.3:
            return gutter
    return None


# -- which lines belong to which label


class _Fit(NamedTuple):
    """A way to share lines among labels: what it costs, and where the lines of each label end.

    The first number ends the lines in front of all labels; lines after the last have their label on the next page.
    """

    cost: float
    ends: list[int]


def _fit(blocks: Sequence[_Block], value: Sequence[_Row], centred: bool, last: bool) -> _Fit:
    """The cheapest way to cut the lines into one run for each label, in order (dynamic programming).

    Args:
        blocks: The labels.
        value: The lines.
        centred: Labels stand level with the middle of their lines instead of with the first.
        last: The page ends here, so that a label may stand on the next one.
    """
    size = len(value)
    if not blocks:
        return _Fit(0.0, [size])
    high = median([row.em for row in value] or [row.em for block in blocks for row in block.rows]) * 1.2
    steps = [row.base - before.base for before, row in pairwise(value)]
    usual = min(sorted(steps)[len(steps) // 10], 1.3 * high) if steps else high
    cuts = [0.0, *(_cut(step, usual, high) for step in steps), 0.0]
    inner = [0.0]
    for step in steps:
        inner.append(inner[-1] + 0.5 * min(max(step / max(usual, 1) - 1.25, 0), 3))
    inner.append(inner[-1])
    infinite = float("inf")
    costs = [infinite] * (size + 1)
    for end in range(size + 1):  # lines in front of the first label
        costs[end] = 0.0 if end == 0 else 0.6 + cuts[end] + (0.0 if value[end - 1].base < blocks[0].bottom else 4.0)
    back: list[list[int]] = []
    for block in blocks:
        after = [infinite] * (size + 1)
        origin = [0] * (size + 1)
        for start in range(size + 1):
            if costs[start] == infinite:
                continue
            empty = costs[start] + (2.0 if block.known else 0.7)
            if empty < after[start]:
                after[start], origin[start] = empty, start
            for end in range(start + 1, size + 1):
                apart = _apart(block, value, start, end, high, centred)
                if centred and last and block is blocks[-1]:  # a row that the page cuts is not centred
                    apart = min(apart, 0.5 + _apart(block, value, start, end, high, False))
                cost = costs[start] + apart + inner[end - 1] - inner[start] + cuts[end]
                if cost < after[end]:
                    after[end], origin[end] = cost, start
                if not centred and apart > 6:
                    break
                if centred and apart > 6 and value[start].box[1] + value[end - 1].box[3] > block.top + block.bottom:
                    break
        costs = after
        back.append(origin)
    best = (costs[size], size)
    if last and centred:
        below = ((costs[end] + 0.6 + cuts[end], end) for end in range(size) if value[end].base > blocks[-1].bottom)
        best = min(best, min(below, default=best))
    ends = [best[1]]
    for origin in reversed(back):
        ends.append(origin[ends[-1]])
    return _Fit(best[0], ends[::-1])


def _cut(step: float, usual: float, high: float) -> float:
    """What it costs to end a row where the next line is so far: nothing over a wide gap."""
    return 0.35 if step <= 1.2 * max(usual, high * 0.8) else 0.0


def _apart(block: _Block, value: Sequence[_Row], start: int, end: int, high: float, centred: bool) -> float:
    """How far a label stands from where it would stand beside these lines, in lines."""
    if not centred:
        return abs(value[start].base - block.rows[0].base) / high * 1.5
    middle = (value[start].box[1] + value[end - 1].box[3]) / 2
    return abs(middle - (block.top + block.bottom) / 2) / high * 1.5
