"""A report as JSON, CSV, Markdown, HTML or Turtle.

JSON holds everything in both languages; CSV is one tidy table, one row an answer; Markdown and HTML are for reading.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from integgraph.analysis.measures.answers import Language, State, Text
from integgraph.analysis.reports.model import Cell, Figure, Line, Report, Said, Section, Table, Thing, cell_text
from integgraph.analysis.reports.page import html
from integgraph.analysis.reports.statements import turtle
from integgraph.analysis.reports.tabular import remarks, report_csv
from integgraph.analysis.selection import unknown_value

MOST_PLAIN = 50
"""Entries of a value or of details that JSON holds; of longer ones (a score for every actor) tables show the first."""


def render(report: Report, form: str, language: Language = "en") -> str:
    """The report as a text; see :meth:`~integgraph.analysis.reports.model.Report.render`.

    Raises:
        Unprocessable: there is no such form or language.
    """
    if form not in FORMS:
        raise unknown_value("form", form, tuple(FORMS))
    if language not in ("en", "de"):
        raise unknown_value("language", language, ("en", "de"))
    return FORMS[form](report, language)


# ---------------------------------------------------------------------------------------------------------------------
# JSON


def as_data(report: Report) -> dict[str, Any]:
    """The report as plain data, in both languages."""
    return {
        "kind": report.kind,
        "title": _plain(report.title),
        "scope": [_plain(thing) for thing in report.scope],
        "release": report.release,
        "release_iri": report.release_iri,
        "created": report.created,
        "version": report.version,
        "facts": [{"name": _plain(name), "value": _plain(cell)} for name, cell in report.facts],
        "notes": [_plain(note) for note in report.notes],
        "sections": [_section(section) for section in report.sections],
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "key": section.key,
        "question": _plain(section.title),
        "answers": [_line(line) for line in section.lines],
        "sentences": [_plain(text) for text in section.says],
        "beside": [_plain(text) for text in section.beside],
        "figures": [figure_data(figure) for figure in section.figures],
        "tables": [table_data(table) for table in section.tables],
    }


def _line(line: Line) -> dict[str, Any]:
    found = line.answer.plain()
    found["value"], found["details"] = _short(found["value"]), _short(found["details"])
    return {"scope": _plain(line.scope), "short_value": line.value, "unit": line.unit, **found}


def _short(value: Any) -> Any:
    """Plain data without what is long."""
    if isinstance(value, dict):
        return None if len(value) > MOST_PLAIN else {key: _short(each) for key, each in value.items()}
    if isinstance(value, list):
        return None if len(value) > MOST_PLAIN else [_short(each) for each in value]
    return value


def figure_data(figure: Figure) -> dict[str, Any]:
    """A figure as plain data, in both languages: what it says, and its twin."""
    return {name: _plain(getattr(figure, name)) for name in ("title", "says", "basis", "twin")}


def table_data(table: Table) -> dict[str, Any]:
    """A table as plain data, in both languages."""
    found: dict[str, Any] = _plain(table)
    return found


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def _json(report: Report, _: Language) -> str:
    return json.dumps(as_data(report), ensure_ascii=False, indent=1) + "\n"


# ---------------------------------------------------------------------------------------------------------------------
# Markdown


def _markdown(report: Report, language: Language) -> str:
    return "\n".join(_markdown_lines(report, language)).rstrip() + "\n"


_STATE_WORDS = {
    State.VALUE: Text("", ""),
    State.FORCED: Text("forced", "vorgegeben"),
    State.TOO_SMALL: Text("too small", "zu klein"),
    State.UNKNOWN: Text("unknown", "unbekannt"),
}


def _markdown_lines(report: Report, language: Language) -> Iterator[str]:
    yield f"# {_escaped(report.title[language])}\n"
    made = Text("Release", "Ausgabe")[language]
    yield f"{made} {report.release} ({report.created}) · integgraph {report.version}\n"
    for name, cell in report.facts:
        yield f"- **{_escaped(name[language])}:** {_markdown_cell(cell, language)}"
    yield ""
    for note in report.notes:
        yield f"> {_escaped(note[language])}\n>"
    for section in report.sections:
        yield f"\n## {_escaped(section.title[language])}\n"
        for said in section.said:
            yield f"- {_markdown_line(said, language, section.several)}"
        for text in section.says:
            yield f"- {_escaped(text[language])}"
        yield ""
        for text in section.beside:
            yield f"*{_escaped(text[language])}*\n"
        for figure in section.figures:
            yield from _markdown_table(figure.twin, language, figure.says)
        for table in section.tables:
            yield from _markdown_table(table, language)


def _markdown_line(said: Said, language: Language, several: bool) -> str:
    answer = said.line.answer
    state = _STATE_WORDS[answer.state][language]
    names = ", ".join(_escaped(scope.label[language]) for scope in said.scopes)
    text = answer.quote(language) if len(said.scopes) == 1 else answer.sentence[language]
    return f"{f'**{names}:** ' if several else ''}{f'[{state}] ' if state else ''}{_escaped(text)}"


def _markdown_table(table: Table, language: Language, says: Text | None = None) -> Iterator[str]:
    yield f"**{_escaped(table.title[language])}**\n"
    if says is not None:
        yield f"{_escaped(says[language])}\n"
    yield f"| {' | '.join(_escaped(column[language]) for column in table.columns)} |"
    yield "|" + "---|" * len(table.columns)
    for row in table.rows:
        yield f"| {' | '.join(_markdown_cell(cell, language) for cell in row)} |"
    yield ""
    yield from (f"{text}\n" for text in remarks(table, language))


def _markdown_cell(cell: Cell, language: Language) -> str:
    text = _escaped(cell_text(cell, language))
    return f"[{text}]({cell.iri})" if isinstance(cell, Thing) and cell.iri else text


def _escaped(text: str) -> str:
    for character in "\\`*_[]<>|#":
        text = text.replace(character, f"\\{character}")
    return " ".join(text.split())


FORMS: dict[str, Callable[[Report, Language], str]] = {
    "json": _json,
    "csv": report_csv,
    "markdown": _markdown,
    "html": html,
    "turtle": turtle,
}
"""What a report can be rendered as."""
