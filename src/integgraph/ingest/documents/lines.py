"""What every reader of a kind of document yields: lines, and where each stands.

A reader knows a file format and its layout, and nothing of the form. What it finds it says in three ways::

    a row of a table      first line "label<TAB>value", each further line of the value "<TAB>value"; ``cell`` is true
    a heading             "# text" to "###### text"
    anything else         the text as it stands; an empty line is a gap

:mod:`integgraph.ingest.document` makes rows of the form from them. A row whose label cell is empty belongs to the value
above it. What a reader had to guess (a row put together over a page break, a value told from a label by its place
alone) lowers ``confidence``; what it could not keep (a picture, a macro) it says in ``Lines.notes``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a line stands in its document, as a person would look for it.

    Attributes:
        page: Page of a PDF, from 1; 0 where a document has no pages.
        sheet: Name of the sheet of a workbook.
        table: Number of the table in the document, from 1; 0 outside of tables.
        row: Row of the table or sheet, from 1; 0 outside of tables.
        line: Line of a text file, or number of the paragraph, from 1; 0 where neither means anything.
        box: Left, top, right and bottom on the page in points from its upper left corner.

    >>> str(Spot(page=2, table=1, row=7)), str(Spot(sheet="Form", row=3)), str(Spot(line=14))
    ('page 2, table 1, row 7', 'sheet Form, row 3', 'line 14')
    """

    page: int = 0
    sheet: str = ""
    table: int = 0
    row: int = 0
    line: int = 0
    box: tuple[float, float, float, float] | None = None

    def __str__(self) -> str:
        parts = (("page", self.page), ("sheet", self.sheet), ("table", self.table), ("row", self.row))
        told = [f"{name} {value}" for name, value in parts if value]
        if self.line and not self.row:
            told.append(f"line {self.line}")
        return ", ".join(told)


@dataclass(frozen=True, slots=True)
class Line:
    r"""One line of a document.

    Attributes:
        text: The line, in the writing that the module describes.
        spot: Where it stands.
        cell: It is a row of a real table, or more of one: only what stands before the tab can be a label.
        confidence: How sure the reader is that text and row belong so, from 0 to 1.
    """

    text: str
    spot: Spot
    cell: bool = False
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Lines:
    """A document as lines.

    Attributes:
        lines: In reading order.
        notes: What a person must know of the reading: "page 3 is a picture without text", "macros were left out".
        pages: How many pages or sheets it has; 0 where that means nothing.
    """

    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()
    pages: int = 0
