"""Answers and tables as CSV, and what stands below a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from integgraph.analysis.measures.answers import Language, Text
from integgraph.analysis.reports.model import Cell, Line, Report, Section, Table, Thing, cell_text
from integgraph.csvtext import harmless

COLUMNS = (
    "section", "measure", "scope", "scope_iri", "state", "value", "unit", "n", "m", "ties", "dates", "sentence",
    "release",
)  # fmt: skip
"""Columns of the tidy table."""


def report_csv(report: Report, language: Language) -> str:
    """All answers as one tidy table, one row an answer (RFC 4180)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for section, line in report.lines:
        writer.writerow([harmless(cell) for cell in _csv_row(report, section, line, language)])
    return out.getvalue()


def _csv_row(report: Report, section: Section, line: Line, language: Language) -> Iterator[str]:
    inputs = line.answer.inputs
    yield section.key
    yield line.answer.measure
    yield line.scope.label[language]
    yield line.scope.iri
    yield str(line.state)
    yield "" if line.value is None else str(line.value)
    yield line.unit
    yield from ("" if n is None else str(n) for n in (inputs.actors, inputs.networks, inputs.ties))
    yield "; ".join(inputs.dates)
    yield line.answer.sentence[language]
    yield report.release


def table_csv(table: Table, language: Language) -> str:
    """A table as CSV; a cell that is not known is empty, and things have their IRI in a column of their own."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    linked = [at for at, _ in enumerate(table.columns) if any(_iri(row[at]) for row in table.rows)]
    heads = [column[language] for column in table.columns]
    writer.writerow([*heads, *(f"{heads[at]} (IRI)" for at in linked)])
    for row in table.rows:
        cells = ["" if cell is None else _raw(cell, language) for cell in row]
        writer.writerow([harmless(cell) for cell in (*cells, *(_iri(row[at]) for at in linked))])
    return out.getvalue()


def _iri(cell: Cell) -> str:
    return cell.iri if isinstance(cell, Thing) else ""


def _raw(cell: Cell, language: Language) -> str:
    return str(cell) if isinstance(cell, int | float) else cell_text(cell, language)


def remarks(table: Table, language: Language) -> Iterator[str]:
    """What stands below a table: its note, and how much is left out."""
    if table.note is not None:
        yield table.note[language]
    if table.left_out:
        yield Text(
            f"{table.left_out:,} more rows are not shown.", f"{table.left_out} weitere Zeilen sind nicht gezeigt."
        )[language]
