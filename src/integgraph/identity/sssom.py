"""SSSOM mapping sets as tab-separated text: read row by row, so that one bad row costs no other.

A file has lines of metadata that begin with ``#``, a line of column names, and one mapping a line. A cell may stand in
double quotes as in RFC 4180; lines that begin with ``#`` among the rows are comments. Source: SSSOM 1.0, "The SSSOM/TSV
serialisation format".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from integgraph.csvtext import plain
from integgraph.errors import Problem

BY_HAND = "semapv:ManualMappingCuration"
"""The justification of what a person decided (Semantic Mapping Vocabulary)."""
_SHOWN = 100
MAX_BYTES = 50_000_000
"""Largest file that is read."""
MAX_CELL = 10_000
"""Longest cell, in characters; a row with a longer one is faulty."""
_QUOTED = re.compile(r'"((?:[^"]|"")*)"(?=\t|$)')
_PREFIX = re.compile(r"#\s+([A-Za-z_][\w.-]*):\s+[\"']?([a-z]+://[^\s\"']+)[\"']?\s*")


@dataclass(frozen=True, slots=True)
class Row:
    """One mapping: the line it stands on, counted from 1, and its cells by column."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Statement:
    """What one row states about two things.

    Attributes:
        subject, predicate, object: What is stated.
        grounds: Why, in words.
        file, line: Where the row stands.
        justification: How it came about, as a term of the Semantic Mapping Vocabulary.
        role: Who stated it, as a role, never a name of a person.
        day: When, as YYYY-MM-DD; empty if not known.
        confidence: From 0 to 1; ``None`` if not given.
        subject_label, object_label: What the two were called then.
    """

    subject: str
    predicate: str
    object: str
    grounds: str
    file: str = ""
    line: int = 0
    justification: str = BY_HAND
    role: str = ""
    day: str = ""
    confidence: float | None = None
    subject_label: str = ""
    object_label: str = ""

    @property
    def where(self) -> str:
        """File and line, as problems name them."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class MappingSet:
    """What one file holds.

    Attributes:
        columns: Names of the columns, in order; empty for a file without a table, or with one that cannot be read.
        rows: The rows that can be read.
        prefixes: The ``curie_map``: prefix → beginning of the IRI.
        problems: Everything that is wrong, with its line; rows that are named here are not in ``rows``.
    """

    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    prefixes: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def read(file: Path, required: Sequence[str]) -> MappingSet:
    """Read a file; whatever is wrong with it is told in ``problems``, never raised.

    Args:
        file: The file; problems name it by its last part.
        required: Columns without which no row says anything.
    """
    try:
        if file.stat().st_size > MAX_BYTES:
            return _nothing(file, "The file of decisions is too large.", "Split it into several files.")
        raw = file.read_bytes()
    except OSError as error:
        return _nothing(file, f"The file cannot be read: {error.strerror}.")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _nothing(file, "The file is UTF-16.", "Save it again as UTF-8.")
    problems: list[Problem] = []
    lines = list(_lines(raw, file.name, problems))
    short = dict(prefixes(text for _, text in lines))
    table = [(number, text) for number, text in lines if text.strip() and not text.startswith("#")]
    if not table:
        return MappingSet(prefixes=short, problems=tuple(problems))
    start, names = table[0]
    columns = tuple(cells(names))
    faults = list(_column_faults(columns, required, file.name, start))
    if faults:
        return MappingSet((), (), short, (*problems, *faults))
    rows = [
        Row(number, found) for number, text in table[1:] if (found := _row(columns, text, file.name, number, problems))
    ]
    return MappingSet(columns, tuple(rows), short, tuple(sorted(problems, key=lambda each: each.line or 0)))


def stated(row: Mapping[str, str], thing: str, file: str, line: int, problems: list[Problem]) -> tuple[Any, ...]:
    """The values of a :class:`Statement`, in order; ``thing`` is its object."""
    return (
        row["subject_id"],
        row["predicate_id"],
        thing,
        row["comment"],
        file,
        line,
        row["mapping_justification"],
        row.get("author_label", ""),
        _day(row, file, line, problems),
        _confidence(row, file, line, problems),
        row.get("subject_label", ""),
        row.get("object_label", ""),
    )


def _day(row: Mapping[str, str], file: str, line: int, problems: list[Problem]) -> str:
    """The day of a row; what is no day is told as a warning and left out."""
    text = row.get("mapping_date", "")
    if not text:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        message = f"mapping_date is '{text[:_SHOWN]}', but must be a day such as 2026-11-23; it is left out."
        problems.append(Problem(message, "warning", file, line))
        return ""


def _confidence(row: Mapping[str, str], file: str, line: int, problems: list[Problem]) -> float | None:
    """The confidence of a row; what is no number from 0 to 1 is told as a warning and left out."""
    text = row.get("confidence", "")
    if not text:
        return None
    if re.fullmatch(r"[01]?\.?\d{0,15}", text) and text != "." and 0 <= float(text) <= 1:
        return float(text)
    message = f"confidence is '{text[:_SHOWN]}', but must be a number from 0 to 1; it is left out."
    problems.append(Problem(message, "warning", file, line))
    return None


def cells(line: str) -> list[str]:
    r"""The cells of one line.

    A quote that is not closed, or that stands inside a cell, is a character like any other.

    >>> cells('a\t"b\t""c"" d"\te "f"')
    ['a', 'b\t"c" d', 'e "f"']
    """
    if '"' not in line:
        return line.split("\t")
    found: list[str] = []
    position = 0
    while True:
        if quoted := _QUOTED.match(line, position):
            found.append(quoted[1].replace('""', '"'))
            position = quoted.end()
        else:
            end = line.find("\t", position)
            found.append(line[position:] if end < 0 else line[position:end])
            position = len(line) if end < 0 else end
        if position >= len(line):
            return found
        position += 1


def line_of(values: Iterable[str]) -> str:
    r"""One line for values, without its end: quoted where the format asks for it, line ends and tabs as spaces.

    >>> line_of(["a", 'a "network" in name', "two\nlines"])
    'a\t"a ""network"" in name"\ttwo lines'
    """
    return "\t".join(_cell(plain(value)) for value in values)


def _cell(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if '"' in value else value


def _nothing(file: Path, message: str, advice: str = "") -> MappingSet:
    return MappingSet(problems=(Problem(message, file=file.name, advice=advice),))


def _lines(raw: bytes, name: str, problems: list[Problem]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(re.split(rb"\r\n|\n|\r", raw.removeprefix(b"\xef\xbb\xbf")), 1):
        try:
            yield number, line.decode()
        except UnicodeDecodeError:
            problems.append(Problem("The line is not UTF-8.", file=name, line=number, advice="Save it again as UTF-8."))


def prefixes(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The ``curie_map`` that lines of metadata hold: prefix and beginning of the IRI."""
    inside = False
    for line in lines:
        if not line.startswith("#"):
            return
        if inside and (found := _PREFIX.fullmatch(line.rstrip())):
            yield found[1], found[2]
        else:
            inside = line[1:].strip() == "curie_map:"


def _column_faults(columns: Sequence[str], required: Sequence[str], name: str, line: int) -> Iterator[Problem]:
    for column in required:
        if column not in columns:
            yield Problem(f"The column '{column}' is missing.", file=name, line=line)
    for column in sorted({each for each in columns if columns.count(each) > 1}):
        yield Problem(f"The column '{plain(column)[:60]}' stands there twice.", file=name, line=line)


def _row(columns: Sequence[str], text: str, name: str, line: int, problems: list[Problem]) -> dict[str, str] | None:
    found = cells(text)
    if any(len(cell) > MAX_CELL for cell in found):
        problems.append(Problem(f"A cell has more than {MAX_CELL:,} characters.", file=name, line=line))
        return None
    if len(found) > len(columns):
        problems.append(
            Problem(
                f"The row has {len(found)} cells, but there are {len(columns)} columns.",
                "warning",
                name,
                line,
                advice="What stands after the last column is left out: perhaps a tab inside a cell.",
            )
        )
    return {column: plain(cell) for column, cell in zip(columns, found, strict=False)}
