"""Bytes as text: UTF-8, UTF-16 with or without its mark, Windows-1252, and files that mix two of them.

Whoever writes a form in an old editor, or glues two files together, loses nothing: what is not UTF-8 is read as
Windows-1252, and a note and a lower confidence say so. What is no text is refused with the line.

Sources: RFC 3629 (UTF-8), RFC 2781 (UTF-16), the WHATWG Encoding Standard (windows-1252).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from integgraph.errors import InputError, Problem

MAX_BYTES = 5_000_000
"""Bytes of the largest text that is read."""
_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_WHOLE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
"""A character of UTF-8 in more than one byte."""
_HALF = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
"""Half a pair of UTF-16, written as if it were a character of UTF-8; no text has it."""
_SAVE = "Save it again as UTF-8 (in an editor: Save as, encoding UTF-8)."
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and what had to be guessed.

    Attributes:
        text: Without a byte order mark; line ends as they are.
        doubtful: Numbers of the lines, from 1, whose encoding is a guess.
        notes: What a person must know.
    """

    text: str
    doubtful: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()


def decode(data: bytes, name: str, encoding: str = "") -> Decoded:
    r"""The text of some bytes.

    Args:
        data: The bytes.
        name: Name of the file; for messages.
        encoding: What the file itself says of its encoding, if anything; used where it fits.

    Raises:
        InputError: too large, empty, no text, or in an encoding that is not read; with the line where it has one.

    >>> decode("Halle grüßt".encode("cp1252"), "a.txt")
    Decoded(text='Halle grüßt', doubtful=frozenset(), notes=('The file is not UTF-8; it was read as Windows-1252.',))
    >>> decode("über\nüber".encode("utf-8").replace(b"\xc3\xbc", b"\xfc", 1), "a.txt").doubtful
    frozenset({1})
    """
    if len(data) > MAX_BYTES:
        raise _refused(
            name, f"The text has {len(data):,} bytes; at most {MAX_BYTES:,} are read.", "Give one form a file."
        )
    mark = next((mark for mark in _MARKS if data.startswith(mark)), b"")
    wide = _MARKS.get(mark, "") if mark != b"\xef\xbb\xbf" else ""
    found = _wide(data[len(mark) :], name, wide or _unmarked(data)) or _narrow(data[len(mark) :], name, encoding)
    if "\0" in found.text:
        line = found.text.count("\n", 0, found.text.index("\0")) + 1
        raise _refused(
            name, f"There is a NUL character in line {line}, so this is a binary file, not a text.", _SAVE, line
        )
    if not found.text.strip():
        raise _refused(name, "The file is empty.")
    return found


def _unmarked(data: bytes) -> str:
    """UTF-16 without its mark: every other byte of a text in a Latin script is zero."""
    head = data[:200]
    if len(head) < 4 or len(data) % 2:
        return ""
    zeros = (head[0::2].count(0), head[1::2].count(0))
    half = len(head) // 2
    if zeros[0] == 0 and zeros[1] >= 0.9 * half:
        return "utf-16-le"
    return "utf-16-be" if zeros[1] == 0 and zeros[0] >= 0.9 * half else ""


def _wide(data: bytes, name: str, encoding: str) -> Decoded | None:
    if not encoding:
        return None
    try:
        return Decoded(data.decode(encoding))
    except UnicodeDecodeError as error:
        line = data[: error.start].decode(encoding, "ignore").count("\n") + 1
        raise _refused(name, f"The text is UTF-16, but damaged in line {line}.", _SAVE, line) from None


def _narrow(data: bytes, name: str, encoding: str) -> Decoded:
    half = _HALF.search(data)
    if half:
        line = _line(data, half.start())
        raise _refused(name, f"Line {line} holds half a character (a lone surrogate of UTF-16).", _SAVE, line)
    try:
        return Decoded(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        if 0 in data:
            line = _line(data, data.index(0))
            message = f"There is a NUL character in line {line}, so this is a binary file, not a text."
            raise _refused(name, message, _SAVE, line) from None
        first = error.start
    if encoding:
        try:
            return Decoded(data.decode(encoding))
        except (LookupError, ValueError):
            pass
    try:
        if _WHOLE.search(data) is None:
            return Decoded(data.decode("cp1252"), notes=("The file is not UTF-8; it was read as Windows-1252.",))
        return _mixed(data)
    except UnicodeDecodeError as error:
        line = _line(data, first)
        odd = error.object[error.start]
        message = f"The file is neither UTF-8 nor Windows-1252: byte 0x{odd:02x} in line {line}."
        raise _refused(name, message, _SAVE, line) from None


def _mixed(data: bytes) -> Decoded:
    """Characters that are UTF-8 as UTF-8, every other byte as Windows-1252."""
    parts: list[str] = []
    doubtful: set[int] = set()
    end = 0
    line = 1
    for match in [*_WHOLE.finditer(data), None]:
        between = data[end : match.start() if match else len(data)]
        for number, piece in enumerate(between.split(b"\n"), line):
            if not piece.isascii():
                doubtful.add(number)
        line += between.count(b"\n")
        parts.append(between.decode("cp1252"))
        if match:
            parts.append(match[0].decode("utf-8"))
            end = match.end()
    shown = ", ".join(map(str, sorted(doubtful)[:_SHOWN])) + (", …" if len(doubtful) > _SHOWN else "")
    lines = f"line {shown} is" if len(doubtful) == 1 else f"lines {shown} are"
    note = f"The file mixes encodings: {lines} not UTF-8 and was read as Windows-1252; look at the umlauts there."
    return Decoded(
        "".join(parts), frozenset(doubtful), (note.replace("and was", "and were") if len(doubtful) > 1 else note,)
    )


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1


def _refused(name: str, message: str, advice: str = "", line: int | None = None) -> InputError:
    return InputError(Problem(message, file=name, line=line, advice=advice))
