"""A form as a workbook: questions with few parts on one sheet, each question with many parts on its own.

Every answer is a cell of text, so that a date stays as it was typed and nothing that begins with ``=`` is a formula.
The lists to choose from stand on a hidden sheet. Source: ECMA-376-1, part 18 (SpreadsheetML).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]
from lxml import etree

from integgraph.errors import Unprocessable
from integgraph.ingest.documents.archive import Archive, refused
from integgraph.ingest.forms import words
from integgraph.ingest.forms.content import Block, Column, Content, Filled
from integgraph.ingest.forms.finding import Finder, mark_in

MAX_CELL = 32_767
"""Characters that a cell of a workbook holds."""
MAX_CELLS = 200_000
NARROW = 3
"""A question with more parts than this stands on its own sheet."""
_SPARE = 200
"""Rows of a sheet of its own that are ready to be filled in."""
_FIRST_ROW = 4
_MADE = datetime(2000, 1, 1)  # the bytes of a form depend on nothing but its content
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\']")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BLUE, _PALE, _GREY = "#1F4E79", "#DDE8F3", "#5A5A5A"
_HEADINGS = (words.FIELD, words.VALUE, words.ABSENT, words.HINT)
_FONT = {"font_name": "Calibri", "font_size": 11, "valign": "top"}

# -- writing


def write(content: Content) -> bytes:
    """The form as the bytes of a workbook.

    Raises:
        Unprocessable: an answer is longer than a cell can be.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    )
    book.set_properties(
        {"title": content.title[:200], "subject": words.TITLE[content.language], "keywords": content.mark,
         "author": "", "comments": "", "created": _MADE}
    )  # fmt: skip
    _Drawing(book, content).draw()
    book.close()
    return out.getvalue()


class _Drawing:
    def __init__(self, book: Any, content: Content) -> None:
        self.book = book
        self.content = content
        self.language = content.language
        kinds: dict[str, dict[str, Any]] = {
            "title": {"bold": True, "font_size": 16, "font_color": _BLUE},
            "text": {"text_wrap": True},
            "section": {"bold": True, "font_size": 13, "font_color": "#FFFFFF", "bg_color": _BLUE},
            "head": {"bold": True, "bg_color": _PALE, "text_wrap": True, "border": 1, "border_color": "#9DB4CC"},
            "help": {"text_wrap": True, "font_color": _GREY, "font_size": 10},
            "answer": {"text_wrap": True, "num_format": "@", "border": 1, "border_color": "#9DB4CC"},
            "blank": {},
        }
        self.formats = {name: book.add_format(_FONT | extra) for name, extra in kinds.items()}
        self.lists: dict[tuple[str, ...], str] = {}
        self.titles: set[str] = set()

    def draw(self) -> None:
        """Draw all sheets."""
        form = self._sheet(words.FORM_SHEET[self.language])
        wide = [block for block in self.content.blocks if len(block.columns) > NARROW]
        sheets = {block.key: self._sheet(block.title) for block in wide}
        lists = self._sheet(words.LISTS[self.language])
        self._name_lists(lists)
        self._form(form, {block.key: sheets[block.key].get_name() for block in wide})
        for block in wide:
            self._own(sheets[block.key], block)
        lists.hide()
        form.activate()

    def _sheet(self, title: str) -> Any:
        """A new sheet; its title is cut to what a workbook allows, and told apart from the others."""
        base = _NOT_IN_TITLES.sub(" ", title).strip()[:31].strip() or "-"
        name, number = base, 1
        while name.casefold() in self.titles:
            number += 1
            name = f"{base[:27]} {number}"
        self.titles.add(name.casefold())
        return self.book.add_worksheet(name)

    def _name_lists(self, sheet: Any) -> None:
        sheet.write_string(0, 0, self.content.mark)
        choices = [column.choices for block in self.content.blocks for column in block.columns]
        reasons = [block.reasons for block in self.content.blocks]
        quoted = sheet.get_name().replace("'", "''")
        for terms in dict.fromkeys(each for each in (*choices, *reasons) if each):
            at = len(self.lists) + 1
            for row, term in enumerate(terms):
                sheet.write_string(row, at, term)
            letter = xlsxwriter.utility.xl_col_to_name(at)
            self.lists[terms] = f"='{quoted}'!${letter}$1:${letter}${len(terms)}"

    def _form(self, sheet: Any, elsewhere: Mapping[str, str]) -> None:
        for index, width in enumerate((32, 52, 32, 16, 28, 70)):
            sheet.set_column(index, index, width, self.formats["blank"])
        self._text(sheet, 0, 0, self.content.title, "title")
        language = self.language
        for index in range(6):
            self._text(sheet, 1, index, "", "head")
        for index, heading in zip((0, 1, 4, 5), _HEADINGS, strict=True):
            self._text(sheet, 1, index, heading[language], "head")
        sheet.freeze_panes(2, 1)
        row = 2
        for text in self.content.intro:
            sheet.merge_range(row, 1, row, 5, "", self.formats["text"])
            self._text(sheet, row, 1, text, "text")
            sheet.set_row(row, 16 * (1 + len(text) // 170))
            row += 1
        for part in self.content.parts:
            for index in range(6):
                self._text(sheet, row, index, part.title if index == 0 else "", "section")
            row += 1
            for block in (block for group in part.groups for block in group.blocks):
                row = self._narrow(sheet, row, block, elsewhere)
        sheet.repeat_rows(1)
        self._paper(sheet)

    def _narrow(self, sheet: Any, row: int, block: Block, elsewhere: Mapping[str, str]) -> int:
        self._text(sheet, row, 0, block.title, "head")
        help_text = self._help(block)
        self._text(sheet, row, 5, help_text, "help")
        lines = max(1, -(-len(help_text) // 62))
        if block.key in elsewhere:
            text = f"{words.OWN_SHEET[self.language]}: {elsewhere[block.key]}"
            target = f"internal:'{elsewhere[block.key]}'!A1"
            sheet.write_url(row, 1, target, self.formats["text"], text)
            sheet.set_row(row, 15 * lines)
            return row + 1
        for index, column in enumerate(block.columns, start=1):
            self._text(sheet, row, index, column.label, "head")
        sheet.set_row(row, 15 * lines)
        if block.reasons:
            self._text(sheet, row, 4, words.ABSENT[self.language], "head")
        count = len(block.rows) + block.spare
        for offset in range(count):
            cells = block.rows[offset] if offset < len(block.rows) else ("",) * len(block.columns)
            for index, text in enumerate(cells, start=1):
                self._text(sheet, row + 1 + offset, index, text, "answer", block)
        if block.reasons:
            self._text(sheet, row + 1, 4, block.absence, "answer", block)
            self._choose(sheet, row + 1, row + 1, 4, block.reasons, closed=False)
        for index, column in enumerate(block.columns, start=1):
            self._choose(sheet, row + 1, row + count, index, column.choices, closed=column.closed)
        return row + 1 + count

    def _own(self, sheet: Any, block: Block) -> None:
        self._text(sheet, 0, 0, block.title, "title")
        width = len(block.columns)
        sheet.merge_range(1, 0, 1, width - 1, "", self.formats["help"])
        help_text = self._help(block)
        self._text(sheet, 1, 0, help_text, "help")
        sheet.set_row(1, 15 * max(1, -(-len(help_text) // (20 * width))))
        if block.reasons:
            self._text(sheet, 2, 0, words.ABSENT[self.language], "head")
            self._text(sheet, 2, 1, block.absence, "answer", block)
            self._choose(sheet, 2, 2, 1, block.reasons, closed=False)
        for index, column in enumerate(block.columns):
            self._text(sheet, _FIRST_ROW - 1, index, column.label, "head")
            sheet.set_column(index, index, _width(column), self.formats["blank"])
            self._choose(
                sheet, _FIRST_ROW, _FIRST_ROW + _SPARE + len(block.rows), index, column.choices, closed=column.closed
            )
        for offset in range(len(block.rows) + _SPARE):
            cells = block.rows[offset] if offset < len(block.rows) else ("",) * width
            for index, text in enumerate(cells):
                self._text(sheet, _FIRST_ROW + offset, index, text, "answer", block)
        sheet.freeze_panes(_FIRST_ROW, 1)
        sheet.repeat_rows(_FIRST_ROW - 1)
        sheet.print_area(0, 0, _FIRST_ROW + len(block.rows) + 15, width - 1)
        self._paper(sheet)

    def _help(self, block: Block) -> str:
        example = f" {words.EXAMPLE[self.language]}: {block.example}" if block.example else ""
        return block.help + example

    def _text(self, sheet: Any, row: int, column: int, text: str, style: str, block: Block | None = None) -> None:
        if not text:
            sheet.write_blank(row, column, None, self.formats[style])
            return
        # What looks like an escape of the format would be unescaped by readers.
        written = _ESCAPED.sub("&#95;", text)
        if len(written) > MAX_CELL:
            title = block.title if block else text[:40]
            raise Unprocessable(
                f"An answer to '{title}' has {len(written):,} characters; a cell of a workbook holds {MAX_CELL:,}. "
                "Choose another format: docx, md or yaml."
            )
        sheet.write_string(row, column, written, self.formats[style])

    def _choose(self, sheet: Any, first: int, last: int, column: int, terms: tuple[str, ...], *, closed: bool) -> None:
        if terms:
            rule = {"validate": "list", "source": self.lists[terms], "ignore_blank": True}
            rule |= {"error_type": "warning"} if closed else {"show_error": False}
            sheet.data_validation(first, column, last, column, rule)

    def _paper(self, sheet: Any) -> None:
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer(f"&L{words.TITLE[self.language]}&R&P / &N")


def _width(column: Column) -> int:
    if column.field.shorthand or column.field.node:
        return 36
    if column.field.kind in ("text", "name", "actor", "url"):
        return 28
    longest = max(map(len, column.choices), default=0)
    return max(14, min(30, longest + 2, 200), min(len(column.label) + 2, 24))


# -- reading


def language_of(archive: Archive) -> str | None:
    """The language of a form of ours; ``None`` if the archive is none."""
    if "xl/workbook.xml" not in archive:
        return None
    for member in ("docProps/core.xml", "xl/sharedStrings.xml"):
        if member in archive:
            texts = archive.xml(member).itertext()
            found = next((language for text in texts if (language := mark_in(str(text)))), None)
            if found:
                return found
    return None


def read(archive: Archive, finder: Finder) -> Filled:
    """What stands in a filled form.

    Raises:
        InputError: the workbook is damaged, or holds more cells than a form has.
    """
    filled = Filled()
    for title, rows in _sheets(archive, finder.content.language):
        first = next(iter(rows.values()), {}) if rows else {}
        block = finder.block(first.get(0, ""))
        if block is not None and len(block.columns) > NARROW and min(rows) == 0:
            _read_own(title, rows, block, finder, filled)
        else:
            _read_form(title, rows, finder, filled)
    return filled


Rows = Mapping[int, Mapping[int, str]]


def _read_own(title: str, rows: Rows, block: Block, finder: Finder, filled: Filled) -> None:
    columns: dict[int, Column] = {}
    for number, cells in rows.items():
        where = f"sheet {title}, row {number + 1}"
        if finder.is_absence(cells.get(0, "")):
            filled.absence(block.key, cells.get(1, ""), where)
        elif not columns:
            found = {at: finder.column(block, text) for at, text in cells.items()}
            columns = {at: column for at, column in found.items() if column} if len(cells) > 1 else {}
        else:
            filled.row(block.key, {column.key: cells.get(at, "") for at, column in columns.items()})
            filled.strays.extend((text, where) for at, text in cells.items() if at not in columns and text.strip())


def _read_form(title: str, rows: Rows, finder: Finder, filled: Filled) -> None:
    block: Block | None = None
    columns: dict[int, Column] = {}
    own = {*finder.content.intro, *(text[finder.content.language] for text in _HEADINGS)}
    for number, cells in rows.items():
        where = f"sheet {title}, row {number + 1}"
        label = cells.get(0, "").strip()
        named = finder.block(label) if label else None
        if named:
            block, columns = named, {}
            for at in range(1, 4):
                column = finder.column(block, cells.get(at, ""))
                if column:
                    columns[at] = column
            continue
        if label and finder.is_heading(label):
            block = None
            continue
        if block is None:
            filled.strays.extend((text, where) for text in cells.values() if text.strip() not in own and number)
            continue
        if label:
            filled.strays.append((label, where))
        filled.row(block.key, {column.key: cells.get(at, "") for at, column in columns.items()})
        filled.absence(block.key, cells.get(4, ""), where)
        strays = (text for at, text in cells.items() if at not in columns and at not in (0, 4, 5) and text.strip())
        filled.strays.extend((text, where) for text in strays)


def _sheets(archive: Archive, language: str) -> Iterator[tuple[str, Rows]]:
    """Title and cells of every sheet but that of the lists, in order."""
    relations = {
        relation.get("Id"): str(relation.get("Target", "")) for relation in archive.xml("xl/_rels/workbook.xml.rels")
    }
    strings = _strings(archive)
    dates = _date_styles(archive)
    lists = {words.LISTS[each].casefold() for each in words.LISTS}
    for sheet in archive.xml("xl/workbook.xml").iter(_MAIN + "sheet"):
        title = str(sheet.get("name", ""))
        target = relations.get(sheet.get(_RELATED), "")
        member = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if title.casefold() in lists or member not in archive:
            continue
        yield title, _cells(archive, member, strings, dates, language)


def _strings(archive: Archive) -> list[str]:
    if "xl/sharedStrings.xml" not in archive:
        return []
    return [_shown(entry) for entry in archive.xml("xl/sharedStrings.xml").iter(_MAIN + "si")]


def _shown(node: etree._Element) -> str:
    """The text of a string, without the readings that East Asian editions add."""
    texts = [text for text in node.iter(_MAIN + "t") if text.getparent() is not None]
    shown = "".join(text.text or "" for text in texts if text.getparent().tag != _MAIN + "rPh")  # type: ignore[union-attr]
    return _unescaped(shown)


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: found[0] if found[1][0] in "dD" else chr(int(found[1], 16)), text)


def _date_styles(archive: Archive) -> frozenset[int]:
    """Numbers of the cell styles that show a number as a date."""
    if "xl/styles.xml" not in archive:
        return frozenset()
    root = archive.xml("xl/styles.xml")
    dates = set(range(14, 23)) | {45, 46, 47}
    for form in root.iter(_MAIN + "numFmt"):
        code = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", str(form.get("formatCode", "")))
        if re.search(r"[yYjJ]|[dDtT].*[mM]", code) and "@" not in code:
            dates.add(_number(form.get("numFmtId")))
    styles = root.find(_MAIN + "cellXfs")
    found = styles if styles is not None else ()
    return frozenset(index for index, style in enumerate(found) if _number(style.get("numFmtId")) in dates)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else -1


def _cells(
    archive: Archive, member: str, strings: Sequence[str], dates: frozenset[int], language: str
) -> dict[int, dict[int, str]]:
    rows: dict[int, dict[int, str]] = {}
    count = 0
    for cell in archive.xml(member).iter(_MAIN + "c"):
        place = _REFERENCE.fullmatch(str(cell.get("r", "")))
        text = _value(cell, strings, dates, language) if place else ""
        if not place or not text:
            continue
        count += 1
        if count > MAX_CELLS:
            raise refused(archive.name, f"The workbook has more than {MAX_CELLS:,} filled cells; no form has.")
        column = 0
        for letter in place[1]:
            column = column * 26 + ord(letter) - 64
        rows.setdefault(int(place[2]) - 1, {})[column - 1] = text
    return dict(sorted(rows.items()))


def _value(cell: etree._Element, strings: Sequence[str], dates: frozenset[int], language: str) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        inline = cell.find(_MAIN + "is")
        return _shown(inline) if inline is not None else ""
    node = cell.find(_MAIN + "v")
    text = (node.text or "") if node is not None else ""
    if kind == "s":
        index = _number(text)
        return strings[index] if 0 <= index < len(strings) else ""
    if kind == "b":
        return (words.YES if text == "1" else words.NO)[language]
    if kind in ("str", "d"):
        return _unescaped(text)
    if kind == "e":
        return ""
    return _of_number(text, _number(cell.get("s", "0")) in dates, language)


def _of_number(text: str, is_date: bool, language: str) -> str:
    """A number that a spreadsheet program made of what was typed."""
    try:
        number = float(text)
    except ValueError:
        return text
    if is_date and 1 <= number < 2_958_466:
        return (date(1899, 12, 30) + timedelta(days=int(number))).isoformat()
    if number == int(number) and abs(number) < 1e15:
        return str(int(number))
    shown = f"{number:.10f}".rstrip("0")
    return shown.replace(".", ",") if language == "de" else shown
