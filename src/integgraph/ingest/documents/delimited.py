"""CSV and TSV as lines: any delimiter, any encoding, cells of several lines.

Sources: RFC 4180 (CSV).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from integgraph.errors import InputError
from integgraph.ingest.documents.archive import refused
from integgraph.ingest.documents.blocks import MAX_CELL, MAX_COLUMNS, Known, Table, Writer, cell_of
from integgraph.ingest.documents.decoding import decode
from integgraph.ingest.documents.lines import Lines, Spot

MAX_ROWS = 20_000
_DELIMITERS = (";", ",", "\t", "|", ":")
_SEARCHED = 100


def read(data: bytes, name: str, known: Known | None = None) -> Lines:
    r"""A delimited text as lines.

    Args:
        data: The bytes of the file.
        name: Its name; for messages.
        known: Whether a text is a label of the form.

    Raises:
        InputError: it is no text, or a row is no row: a quotation mark is open, a cell or the row is too large.

    >>> [line.text for line in read(b'Label;Value\nMembers;"Zora\nDiakonie"\n', "form.csv").lines]
    ['Members\tZora', '\t<br>Diakonie']
    """
    decoded = decode(data, name)
    writer = Writer(name, known)
    writer.notes.extend(decoded.notes)
    text = decoded.text
    delimiter = _said(text)
    if delimiter:
        text = text.split("\n", 1)[1] if "\n" in text else ""
    else:
        delimiter = max(_DELIMITERS, key=lambda each: _worth(text, each, known))
    try:
        parted = list(_rows(text, delimiter, name, strict=True))
    except _LooseQuote:
        parted = list(_rows(text, delimiter, name))
        writer.note("Quotation marks do not follow the rules of CSV in every row; compare the values with the file.")
    rows = []
    for number, cells in parted:
        found = tuple(cell_of(cell, column) for column, cell in enumerate(cells) if cell.strip())
        if found:
            rows.append((number, found))
    writer.table(Table(tuple(rows)), Spot())
    return writer.result()


def _said(text: str) -> str:
    """The delimiter that Excel's line ``sep=;`` names, if there is one."""
    first = text[:20].splitlines()[0] if text.strip() else ""
    return first[4] if first.lower().startswith("sep=") and len(first) == 5 else ""


def _worth(text: str, delimiter: str, known: Known | None) -> tuple[int, int, int]:
    """How well a delimiter parts the first rows: labels found, rows in two or more cells, and their likeness."""
    widths: dict[int, int] = {}
    labels = 0
    try:
        for number, cells in _rows(text, delimiter, ""):
            filled = sum(bool(cell.strip()) for cell in cells)
            if filled > 1:
                widths[len(cells)] = widths.get(len(cells), 0) + 1
                labels += known is not None and any(known(cell.strip()) for cell in cells if len(cell) < MAX_COLUMNS)
            if number >= _SEARCHED:
                break
    except InputError:
        pass
    return labels, max(widths.values(), default=0), sum(widths.values())


class _LooseQuote(Exception):
    """Text follows a closing quotation mark."""


def _rows(text: str, delimiter: str, name: str, *, strict: bool = False) -> Iterator[tuple[int, list[str]]]:
    """Rows by their number. A quotation mark inside of a cell without marks is text, as spreadsheets take it."""
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if len(cells) > MAX_COLUMNS:
                message = f"Row {number} has {len(cells):,} cells; at most {MAX_COLUMNS:,} are read."
                raise refused(name, message, "Give the form with a label and its value in each row.", number)
            if number > MAX_ROWS:
                message = f"The table has more than {MAX_ROWS:,} rows; a form has about twenty."
                raise refused(
                    name, message, "Tables of funding or members are read by: integgraph import-table.", number
                )
            yield number, cells
    except csv.Error as error:
        row = number + 1
        if "field larger" in str(error):
            message = f"A cell in row {row} is longer than {MAX_CELL:,} characters."
            raise refused(name, message, "Most likely a quotation mark is not closed there.", row) from None
        if "unexpected end" in str(error):
            message = f"A quotation mark in row {row} is not closed."
            raise refused(name, message, "A mark inside a quoted cell is written twice; see RFC 4180.", row) from None
        if strict and "expected after" in str(error):
            raise _LooseQuote from None
        raise refused(name, f"Row {row} cannot be parted into cells.", "Save the table again as CSV.", row) from None
