"""Workbooks as lines: XLSX, XLSM and ODS, every visible sheet, with the values that its formulas had when it was saved.

The XML is read here rather than by a library for spreadsheets: a form needs merged cells, addresses behind links, cells
that show an error and hidden rows, and a single cell in the last corner of a sheet must cost nothing.

Sources: ECMA-376-1 clauses 18.2 (workbook), 18.3 (sheet), 18.8.30 (number formats), 18.17.4 (dates); ODF 1.3 part 3,
clauses 9 (tables) and 19.
"""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from integgraph.ingest.documents.archive import (
    Archive,
    attribute,
    local,
    number,
    open_archive,
    plain_xml,
    refused,
    relations,
)
from integgraph.ingest.documents.blocks import MAX_CELL, MAX_COLUMNS, Cell, Known, Table, Writer, cell_of
from integgraph.ingest.documents.lines import Lines, Spot
from integgraph.ingest.documents.links import shown

MAX_SHEETS = 200
MAX_ROWS = 20_000
"""Rows of a sheet in which something stands."""
MAX_ROW = 200_000
"""The last row in which something may stand."""
MAX_CELLS = 500_000
"""Cells of a workbook, empty ones with a format included."""
MAX_STRINGS = 50_000_000
"""Bytes of the texts that the cells of a workbook share."""
_SAVE = "Save the workbook anew, or the form alone."
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})")
_DATES = frozenset({*range(14, 18), 22, *range(27, 37), *range(50, 59)})
_TIMES = frozenset({18, 19, 20, 21, 45, 46, 47})
_PERCENT = {9: "percent", 10: "percent"}
_QUOTED = re.compile(r"\"[^\"]*\"|\\.|_.|\*.|\[(?!h|m|s)[^\]]*\]", re.I)
_ERRORS = re.compile(r"(?:#|Err:)[\w/!?:]{1,12}[!?]?")
_LISTS = re.compile(
    r"(?:code)?\s*(?:lists?|listen?|codes?|auswahl\w*|options?|werte|hilfe|help|anleitung|instructions?|info)\s*\d*",
    re.I,
)
_EPOCHS = (datetime.datetime(1899, 12, 30), datetime.datetime(1904, 1, 1))
_MAX_SERIAL = 2_958_466


@dataclass(slots=True)
class _Sheet:
    """What stands in a sheet: texts by row and column, how far a cell spans, and what is hidden."""

    name: str
    cells: dict[int, dict[int, str]] = field(default_factory=dict)
    spans: dict[tuple[int, int], int] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    uncomputed: list[str] = field(default_factory=list)

    def put(self, row: int, column: int, text: str, name: str) -> None:
        """Put a text into a cell; row and column from 1 and 0."""
        if not text.strip():
            return
        if column >= MAX_COLUMNS or row > MAX_ROW:
            raise refused(
                name,
                f"The cell {_place(row, column)} of the sheet '{self.name}' stands far outside of any form.",
                f"Delete it: at most {MAX_COLUMNS:,} columns and {MAX_ROW:,} rows are read.",
                row,
            )
        if len(text) > MAX_CELL:
            message = f"The cell {_place(row, column)} has {len(text):,} characters; at most {MAX_CELL:,} are read."
            raise refused(name, message, "Shorten it.", row)
        self.cells.setdefault(row, {})[column] = text
        if len(self.cells) > MAX_ROWS:
            message = f"The sheet '{self.name}' has more than {MAX_ROWS:,} rows; a form has about twenty."
            raise refused(name, message, "Tables of funding or members are read by: integgraph import-table.", row)

    def table(self) -> Table:
        """What is visible of it."""
        rows: list[tuple[int, tuple[Cell, ...]]] = []
        for row in sorted(self.cells.keys() - self.hidden_rows):
            visible = sorted(self.cells[row].keys() - self.hidden_columns)
            cells = (cell_of(self.cells[row][column], column, self.spans.get((row, column), 1)) for column in visible)
            rows.append((row, tuple(cells)))
        return Table(tuple(row for row in rows if row[1]))

    def left_out(self) -> Iterator[str]:
        """What a person must know of it."""
        rows = [row for row in self.cells if row in self.hidden_rows]
        if rows:
            yield f"Hidden rows of the sheet '{self.name}' were left out: {_some(list(map(str, sorted(rows))))}."
        columns = {column for cells in self.cells.values() for column in cells} & self.hidden_columns
        if columns:
            names = [_letters(column) for column in sorted(columns)]
            yield f"Hidden columns of the sheet '{self.name}' were left out: {_some(names)}."
        if self.errors:
            yield f"Cells of the sheet '{self.name}' show an error instead of a value: {_some(self.errors)}."
        if self.uncomputed:
            yield (
                f"Formulas of the sheet '{self.name}' have no computed value: {_some(self.uncomputed)}. "
                "Open the workbook in a spreadsheet program, and save it."
            )


def read(data: bytes, name: str, known: Known | None = None) -> Lines:
    """A workbook as lines, sheet by sheet.

    Args:
        data: The bytes of an XLSX, XLSM or ODS file.
        name: Its name; for messages.
        known: Whether a text is a label of the form.

    Raises:
        InputError: it is no workbook, damaged, encrypted, a trap, or far larger than a form.
    """
    archive = open_archive(data, name)
    if "content.xml" in archive:
        sheets, hidden = _open_document(archive)
    else:
        sheets, hidden = _office_open(archive)
    writer = Writer(name, known)
    if hidden:
        writer.note(f"Hidden sheets were left out: {_some(hidden)}.")
    if not sheets:
        raise refused(name, "Every sheet of the workbook is hidden.", "Show the sheet with the form, and save it.")
    for sheet in _forms(sheets, writer):
        table = sheet.table()
        writer.notes.extend(sheet.left_out())
        if len(sheets) > 1 and writer.known(sheet.name):
            writer.title(sheet.name, Spot(sheet=sheet.name))
        writer.gap(Spot(sheet=sheet.name))
        writer.table(table, Spot(sheet=sheet.name))
    writer.notes.extend(_other_parts(archive))
    found = writer.result(len(sheets))
    if not found.lines:
        raise refused(name, "The workbook is empty." if not hidden else "The visible sheets of the workbook are empty.")
    return found


def _forms(sheets: Sequence[_Sheet], writer: Writer) -> Iterator[_Sheet]:
    """The sheets to read: lists of codes and help beside a form are none of it."""
    labelled = {
        sheet.name
        for sheet in sheets
        if any(writer.known(text) for row in sheet.cells.values() for text in row.values())
    }
    for sheet in sheets:
        if labelled and sheet.name not in labelled and _LISTS.fullmatch(sheet.name.strip()):
            writer.note(f"The sheet '{sheet.name}' holds no label of the form and was left out.")
        else:
            yield sheet


def _other_parts(archive: Archive) -> Iterator[str]:
    names = [member.casefold() for member in archive.members]
    if any(name.endswith("vbaproject.bin") or name.startswith(("basic/", "scripts/")) for name in names):
        yield "The workbook holds macros; they were left out and not run."
    if any(re.search(r"(?:^|/)(?:media|pictures)/", name) for name in names):
        yield "The workbook holds pictures; they were left out."
    if any(re.search(r"/(?:threaded)?comments\d*(?:/|\.xml)", name) for name in names):
        yield "The workbook holds comments; they were left out."
    if any("/embeddings/" in name for name in names):
        yield "The workbook holds other files; they were left out."


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (", …" if len(names) > 8 else "")


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _place(row: int, column: int) -> str:
    return f"{_letters(column)}{row}"


def _plain_number(value: float) -> str:
    """A number as people write it; whole ones without a point.

    >>> _plain_number(2015.0), _plain_number(0.1), _plain_number(1e300)
    ('2015', '0.1', '1e+300')
    """
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"


# -- XLSX


@dataclass(frozen=True, slots=True)
class _Book:
    """What the cells of a workbook share."""

    archive: Archive
    strings: Sequence[str]
    formats: Sequence[str]
    epoch: datetime.datetime


def _office_open(archive: Archive) -> tuple[list[_Sheet], list[str]]:
    main = next(
        (target for kind, target, _ in relations(archive, "").values() if kind == "officeDocument"), "xl/workbook.xml"
    )
    root = archive.xml(main)
    related = relations(archive, main)
    named = {kind: target for kind, target, _ in related.values()}
    old = any(local(each.tag) == "workbookPr" and each.get("date1904") in ("1", "true") for each in root)
    book = _Book(
        archive,
        _strings(archive, named.get("sharedStrings", "")),
        _formats(archive, named.get("styles", "")),
        _EPOCHS[old],
    )
    sheets: list[_Sheet] = []
    hidden: list[str] = []
    listed = [each for group in root if local(group.tag) == "sheets" for each in group]
    if len(listed) > MAX_SHEETS:
        raise refused(archive.name, f"The workbook has {len(listed):,} sheets; at most {MAX_SHEETS} are read.", _SAVE)
    count = 0
    for each in listed:
        kind, target, _ = related.get(attribute(each, "id"), ("", "", False))
        title = " ".join((each.get("name") or "").split())[:100]
        if kind != "worksheet":
            continue
        if each.get("state", "visible") != "visible":
            hidden.append(title)
            continue
        sheet = _Sheet(title)
        count += _read_sheet(sheet, target, book)
        if count > MAX_CELLS:
            raise refused(archive.name, f"The workbook has more than {MAX_CELLS:,} cells.", _SAVE)
        sheets.append(sheet)
    return sheets, hidden


def _events(archive: Archive, member: str, limit: int) -> Iterator[etree._Element]:
    """The elements of a part as they end; the caller clears them."""
    data = plain_xml(archive.read(member, limit), archive.name, member)
    try:
        parsed = etree.iterparse(
            io.BytesIO(data), events=("end",), encoding="utf-8", resolve_entities=False, load_dtd=False,
            no_network=True, huge_tree=False, remove_comments=True, remove_pis=True,
        )  # fmt: skip
        for _, element in parsed:
            yield element
    except (etree.XMLSyntaxError, ValueError) as error:
        reason = " ".join(str(error).split())[:150]
        raise refused(archive.name, f"The part '{member}' is no valid XML: {reason}.", _SAVE) from None


def _strings(archive: Archive, member: str) -> list[str]:
    """The texts that cells share; how they are pronounced is left out."""
    if not member or member not in archive:
        return []
    found: list[str] = []
    for element in _events(archive, member, MAX_STRINGS):
        if local(element.tag) == "si":
            found.append(_rich(element))
            _clear(element)
    return found


def _rich(element: etree._Element) -> str:
    texts = [
        each.text or ""
        for each in element.iter()
        if local(each.tag) == "t" and not (each.getparent() is not None and local(_parent(each)) == "rPh")
    ]
    return _unescaped("".join(texts))


def _parent(element: etree._Element) -> object:
    parent = element.getparent()
    return parent.tag if parent is not None else ""


def _unescaped(text: str) -> str:
    """Characters that XML cannot hold stand there as ``_x000D_`` (ECMA-376-1, 22.9.2.19)."""
    if "_x" in text:
        text = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)
        text = text.encode("utf-8", "ignore").decode()
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _clear(element: etree._Element) -> None:
    """Free an element that was read, and those before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _formats(archive: Archive, member: str) -> list[str]:
    """What each style makes of a number: ``date``, ``time``, ``percent``, zeros to fill up with, or nothing."""
    if not member or member not in archive:
        return []
    own: dict[int, str] = {}
    kinds: list[str] = []
    for group in archive.xml(member):
        if local(group.tag) == "numFmts":
            own = {number(each.get("numFmtId") or "", 10**6, -1): each.get("formatCode") or "" for each in group}
        if local(group.tag) == "cellXfs":
            kinds = [_kind(number(each.get("numFmtId") or "", 10**6, 0), own) for each in group]
    return kinds


def _kind(code_number: int, own: Mapping[int, str]) -> str:
    if code_number not in own:
        return "date" if code_number in _DATES else "time" if code_number in _TIMES else _PERCENT.get(code_number, "")
    code = _QUOTED.sub("", own[code_number][:500]).split(";")[0].casefold()
    if re.fullmatch(r"0{2,20}", code):
        return code
    if "%" in code:
        return "percent"
    if re.search("[yd]", code) or (re.search("m", code) and not re.search("[hs]", code)):
        return "date"
    return "time" if re.search("[hs]", code) else ""


def _read_sheet(sheet: _Sheet, member: str, book: _Book) -> int:
    """Read a sheet; returns how many cells it has."""
    archive = book.archive
    row, column, count, filled_rows = 0, -1, 0, 0
    links: list[tuple[str, str]] = []
    for element in _events(archive, member, MAX_STRINGS):
        tag = local(element.tag)
        if tag == "c":
            count += 1
            if count > MAX_CELLS:
                raise refused(archive.name, f"The workbook has more than {MAX_CELLS:,} cells.", _SAVE)
            said = _REFERENCE.fullmatch(element.get("r") or "")
            row_of, column = (int(said[2]), _column(said[1])) if said else (_row_of(element) or row + 1, column + 1)
            sheet.put(row_of, column, _value(element, sheet, _place(row_of, column), book), archive.name)
            filled_rows = row_of
            element.clear()
        elif tag == "row":
            row = number(element.get("r") or "", 10**7, 0) or max(filled_rows, row + 1)
            if element.get("hidden") in ("1", "true"):
                sheet.hidden_rows.add(row)
            column = -1
            _clear(element)
        elif tag == "col" and element.get("hidden") in ("1", "true"):
            first, last = number(element.get("min") or "", MAX_COLUMNS), number(element.get("max") or "", MAX_COLUMNS)
            sheet.hidden_columns.update(range(first - 1, last))
        elif tag == "mergeCell":
            _merge(sheet, element.get("ref") or "")
        elif tag == "hyperlink":
            links.append((element.get("ref") or "", attribute(element, "id")))
    if links:
        related = relations(archive, member)
        for reference, key in links:
            _, target, outside = related.get(key, ("", "", False))
            said = _REFERENCE.fullmatch(reference.partition(":")[0])
            if said and outside:
                at, place = int(said[2]), _column(said[1])
                if at in sheet.cells and place in sheet.cells[at]:
                    sheet.cells[at][place] = shown(sheet.cells[at][place], target)
    return count


def _row_of(cell: etree._Element) -> int:
    """The number that the row of a cell says of itself."""
    row = cell.getparent()
    return number(row.get("r") or "", 10**7, 0) if row is not None else 0


def _column(letters: str) -> int:
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found - 1


def _merge(sheet: _Sheet, reference: str) -> None:
    ends = [_REFERENCE.fullmatch(each) for each in reference.split(":")]
    if len(ends) == 2 and ends[0] and ends[1]:
        left, right = _column(ends[0][1]), _column(ends[1][1])
        if len(sheet.spans) < MAX_CELLS:
            sheet.spans[int(ends[0][2]), left] = max(1, min(right, MAX_COLUMNS) - left + 1)


def _value(element: etree._Element, sheet: _Sheet, place: str, book: _Book) -> str:
    """A cell as text."""
    kind = element.get("t") or "n"
    if kind == "inlineStr":
        return "".join(_rich(each) for each in element if local(each.tag) == "is")
    inside = {local(each.tag): each.text or "" for each in element}
    raw = inside.get("v", "")
    if not raw:
        if "f" in inside and kind != "str":
            sheet.uncomputed.append(place)
        return ""
    if kind == "s":
        index = number(raw.strip(), 10**9, -1)
        if not 0 <= index < len(book.strings):
            raise refused(
                book.archive.name, f"The cell {place} of the sheet '{sheet.name}' names a text that is missing.", _SAVE
            )
        return book.strings[index]
    if kind == "b":
        return "TRUE" if raw.strip() in ("1", "true") else "FALSE"
    if kind == "e":
        sheet.errors.append(f"{place} ({raw[:12]})")
        return ""
    if kind == "str":
        return _unescaped(raw)
    if kind == "d":
        return raw.removesuffix("T00:00:00")
    style = number(element.get("s") or "", 10**6, 0)
    return _shown_number(raw, book.formats[style] if style < len(book.formats) else "", book.epoch)


def _shown_number(raw: str, kind: str, epoch: datetime.datetime) -> str:
    try:
        value = float(raw)
    except ValueError:
        return raw
    if kind in ("date", "time") and 0 <= value < _MAX_SERIAL:
        moment = epoch + datetime.timedelta(seconds=round(value * 86_400))
        if kind == "time" and value < 1:
            return moment.strftime("%H:%M")
        return moment.date().isoformat() if moment.time() == datetime.time() else moment.isoformat(" ", "minutes")
    if kind == "percent":
        return f"{_plain_number(round(value * 100, 10))} %"
    if kind.startswith("0") and value >= 0 and value.is_integer():
        return str(int(value)).zfill(len(kind)) if value < 1e15 else raw
    return _plain_number(value) if abs(value) < 1e300 else raw


# -- ODS


def _open_document(archive: Archive) -> tuple[list[_Sheet], list[str]]:
    if "META-INF/manifest.xml" in archive and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise refused(
            archive.name, "The file is encrypted with a password.", "Save it without a password, and give that."
        )
    root = archive.xml("content.xml")
    invisible = {
        attribute(style, "name")
        for style in root.iter("{*}style")
        if any(attribute(each, "display") == "false" for each in style if local(each.tag) == "table-properties")
    }
    sheets: list[_Sheet] = []
    hidden: list[str] = []
    budget = [MAX_CELLS]
    tables = [each for body in root.iter("{*}spreadsheet") for each in body if local(each.tag) == "table"]
    if len(tables) > MAX_SHEETS:
        raise refused(archive.name, f"The workbook has {len(tables):,} sheets; at most {MAX_SHEETS} are read.", _SAVE)
    for table in tables:
        title = " ".join(attribute(table, "name").split())[:100]
        if attribute(table, "style-name") in invisible or attribute(table, "display") == "false":
            hidden.append(title)
            continue
        sheet = _Sheet(title)
        _read_ods_sheet(sheet, table, archive.name, budget)
        sheets.append(sheet)
    return sheets, hidden


_GROUPS = frozenset(
    {
        "table-row-group",
        "table-header-rows",
        "table-rows",
        "table-column-group",
        "table-header-columns",
        "table-columns",
    }
)


def _in_groups(element: etree._Element, depth: int = 0) -> Iterator[etree._Element]:
    for each in element:
        if local(each.tag) in _GROUPS and depth < 20:
            yield from _in_groups(each, depth + 1)
        else:
            yield each


def _read_ods_sheet(sheet: _Sheet, table: etree._Element, name: str, budget: list[int]) -> None:
    row, column = 1, 0
    for each in _in_groups(table):
        tag = local(each.tag)
        if tag == "table-column":
            repeated = number(attribute(each, "number-columns-repeated"), 20_000)
            if attribute(each, "visibility") in ("collapse", "filter"):
                sheet.hidden_columns.update(range(column, min(column + repeated, MAX_COLUMNS)))
            column += repeated
        elif tag == "table-row":
            repeated = number(attribute(each, "number-rows-repeated"), 2_000_000)
            _read_ods_row(sheet, each, row, name, budget)
            if attribute(each, "visibility") in ("collapse", "filter"):
                sheet.hidden_rows.add(row)
            if repeated > 1 and row in sheet.cells:
                if repeated > 100:
                    message = f"Row {row} of the sheet '{sheet.name}' stands there {repeated:,} times."
                    raise refused(name, message, _SAVE, row)
                for again in range(row + 1, row + repeated):
                    sheet.cells[again] = sheet.cells[row]
                    if row in sheet.hidden_rows:
                        sheet.hidden_rows.add(again)
            row += repeated


def _read_ods_row(sheet: _Sheet, element: etree._Element, row: int, name: str, budget: list[int]) -> None:
    column = 0
    for cell in element:
        tag = local(cell.tag)
        if tag not in ("table-cell", "covered-table-cell"):
            continue
        budget[0] -= 1
        if budget[0] < 0:
            raise refused(name, f"The workbook has more than {MAX_CELLS:,} cells.", _SAVE)
        repeated = number(attribute(cell, "number-columns-repeated"), 20_000)
        text = _ods_text(cell, sheet, _place(row, column)) if tag == "table-cell" and len(cell) else ""
        if text.strip():
            for again in range(column, column + repeated):
                sheet.put(row, again, text, name)
            span = number(attribute(cell, "number-columns-spanned"), MAX_COLUMNS)
            if span > 1:
                sheet.spans[row, column] = span
        column += repeated


def _ods_text(cell: etree._Element, sheet: _Sheet, place: str) -> str:
    kinds = [str(value) for key, value in cell.attrib.items() if local(key) == "value-type"]
    lines = [_ods_inline(each) for each in cell if local(each.tag) in ("p", "h")]
    for items in cell:
        if local(items.tag) == "list":
            lines.extend(f"- {_ods_inline(each)}" for each in items.iter("{*}p"))
    text = "\n".join(lines)
    if "error" in kinds or (attribute(cell, "formula") and _ERRORS.fullmatch(text)):
        sheet.errors.append(f"{place} ({text[:12]})")
        return ""
    if "date" in kinds:
        return attribute(cell, "date-value").removesuffix("T00:00:00") or text
    if "boolean" in kinds:
        return attribute(cell, "boolean-value").upper() or text
    if "float" in kinds and not text.strip().isdigit():
        try:
            return _plain_number(float(attribute(cell, "value")))
        except (ValueError, OverflowError):
            return text
    return text


def _ods_inline(element: etree._Element, depth: int = 0) -> str:
    """The text of a paragraph, with its spaces, line breaks and the addresses of its links."""
    parts = [element.text or ""]
    for each in element:
        tag = local(each.tag)
        if tag == "s":
            parts.append(" " * number(attribute(each, "c"), 1_000))
        elif tag == "tab":
            parts.append(" ")
        elif tag == "line-break":
            parts.append("\n")
        elif tag == "a":
            parts.append(shown(_ods_inline(each, depth + 1), attribute(each, "href")))
        elif tag != "annotation":
            parts.append(_ods_inline(each, depth + 1))
        parts.append(each.tail or "")
    return "".join(parts)
