"""What every CSV of ours keeps to (RFC 4180, and what spreadsheets do with it), and text of others on one line."""

from __future__ import annotations

import re

SEPARATOR = "; "
"""Between the values of one cell."""
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula.

    >>> harmless("=1+1")
    "'=1+1"
    """
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def plain(text: str) -> str:
    r"""Text on one line, without the characters that steer a terminal or the direction of writing.

    >>> plain("Caritas\x1b[31m\n Halle\u202e ")
    'Caritas [31m Halle'
    """
    if text.isprintable() and "  " not in text:  # as most are, and sooner seen
        return text.strip()
    return " ".join(_STEERING.sub(" ", text).split())
