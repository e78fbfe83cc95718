"""Text and Markdown as lines: the text as it stands, line by line.

What a line is — a heading, a row of a Markdown table, a label with a colon — is told by whoever reads the lines,
because a plain text has no layout but its characters.
"""

from __future__ import annotations

import re

from integgraph.ingest.documents.archive import refused
from integgraph.ingest.documents.blocks import MAX_CELL, broken_lines
from integgraph.ingest.documents.decoding import decode
from integgraph.ingest.documents.lines import Line, Lines, Spot

MAX_LINES = 200_000
_GUESSED = 0.5
_BREAK = re.compile(r"<br ?/?>", re.I)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S*[-/_=&?.]$", re.I)
"""An address at the end of a text that may go on; whoever reads addresses puts it together and says so."""
_MARK = re.compile(r"(?:[-*+•·–▪◦‣]|\d{1,2}[.)])\s+")
_JOINING = frozenset({"und", "oder", "bzw.", "and", "or"})
_ENDS = re.compile("\r\n|\r|\n|\u2028|\u2029|\x85")


def read(data: bytes, name: str) -> Lines:
    r"""A text as lines.

    Raises:
        InputError: it is empty, too large, or no text.

    >>> [(line.text, str(line.spot)) for line in read(b"# Form\r\n\r\nFounding year: 2016", "form.md").lines]
    [('# Form', 'line 1'), ('', 'line 2'), ('Founding year: 2016', 'line 3')]
    """
    decoded = decode(data, name)
    texts = _ENDS.split(decoded.text)
    if len(texts) > MAX_LINES:
        raise refused(
            name, f"The text has {len(texts):,} lines; at most {MAX_LINES:,} are read.", "Give one form a file."
        )
    lines = (
        Line(
            _unwrapped(text) if text.lstrip().startswith("|") else text,
            Spot(line=number),
            confidence=_GUESSED if number in decoded.doubtful else 1.0,
        )
        for number, text in enumerate(texts, start=1)
    )
    return Lines(tuple(lines), decoded.notes)


def _unwrapped(row: str) -> str:
    """A row of a Markdown table, without the breaks in it that only wrap a text."""
    if len(row) > MAX_CELL or not _BREAK.search(row):
        return row
    cells = re.split(r"(?<!\\)\|", row)
    return "|".join(_joined(_BREAK.split(cell)) if _BREAK.search(cell) else cell for cell in cells)


def _joined(parts: list[str]) -> str:
    lines = [part.strip() for part in parts if part.strip()]
    whole = ""
    for line, _ in broken_lines(lines):
        if not whole or line.startswith("<br>") or _ADDRESS.search(whole):
            whole += line if not whole or line.startswith("<br>") else f"<br>{line}"
        elif re.search(r"[^\W\d]-$", whole) and line[:1].islower() and line.split(None, 1)[0] not in _JOINING:
            whole = whole[:-1] + line
        else:
            whole += f" {line}" if not _MARK.match(line) else f"<br>{line}"
    return f" {whole} "
