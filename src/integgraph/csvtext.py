"""What every CSV of ours keeps to (RFC 4180, and what spreadsheets do with it)."""

from __future__ import annotations

SEPARATOR = "; "
"""Between the values of one cell."""


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula.

    >>> harmless("=1+1")
    "'=1+1"
    """
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
