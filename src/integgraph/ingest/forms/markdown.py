"""A form as Markdown: a heading a question, a list item an answer, and a line a part of it.

::

    #### Members <!-- members -->
    > Help, and the terms to choose from.
    - Name: Caritas Musterstadt
      Roles: Member; From: 2016

Further lines of one value are indented by four spaces. Source: CommonMark 0.31, sections 4.2, 4.6, 5.1 and 5.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from integgraph.ingest.forms import words
from integgraph.ingest.forms.content import LONG_LIST, Block, Column, Content, Filled, Group
from integgraph.ingest.forms.finding import Finder

_HEADING = re.compile(r"#{1,6}[ \t]+(.*?)(?:[ \t]*<!--[ \t]*([@\w-]+)[ \t]*-->)?[ \t]*#*[ \t]*")
_ITEM = re.compile(r"[-*+](?:[ \t]+(.*)|[ \t]*)", re.DOTALL)
_PART = re.compile(r" {0,2}([^:\s][^:]{0,99}):(?:[ \t](.*)|)", re.DOTALL)
_NOTHING = re.compile(r"[ \t]*(?:<!--.*-->|-{3,}|\*{3,}|_{3,})?[ \t]*")


def write(content: Content) -> bytes:
    """The form as UTF-8 text."""
    return "\n".join(_lines(content)).encode()


def _lines(content: Content) -> Iterator[str]:
    yield f"<!-- {content.mark} -->"
    yield f"# {_one_line(content.title)}"
    for text in (*content.intro, _HOW[content.language]):
        yield ""
        yield f"> {text}"
    reasons = next((block.reasons for block in content.blocks if block.reasons), ())
    if reasons:
        yield ""
        yield f"> {words.REASONS[content.language]}: {' · '.join(reasons)}"
    for part in content.parts:
        yield ""
        yield f"## {part.title}"
        for group in part.groups:
            yield from _group(group, content)
    yield ""
    yield f"## {words.LISTS[content.language]}"
    for title, terms in content.lists.items():
        if len(terms) > LONG_LIST:
            yield ""
            yield f"### {title} <!-- @list -->"
            yield ""
            yield from (f"> - {term}" for term in terms)
    yield ""


_HOW = {
    "en": "In this file every answer begins with a hyphen. Further lines of the same answer are indented by four "
    "spaces.",
    "de": "In dieser Datei beginnt jede Antwort mit einem Bindestrich. Weitere Zeilen derselben Antwort sind um vier "
    "Leerzeichen eingerückt.",
}


def _group(group: Group, content: Content) -> Iterator[str]:
    if not group.plain:
        yield ""
        yield f"### {group.title}"
    for block in group.blocks:
        yield ""
        yield f"{'###' if group.plain else '####'} {block.title} <!-- {block.key} -->"
        yield ""
        yield from (f"> {text}" for text in _help(block, content))
        yield ""
        for row in block.rows:
            yield from _row(block, row, blank=False)
        for _ in range(block.spare if len(block.columns) == 1 else min(block.spare, 1)):
            yield from _row(block, ("",) * len(block.columns), blank=True)
        if block.reasons:
            yield ""
            yield f"{words.ABSENT[content.language]}: {_indented(block.absence)}".rstrip(" ")


def _help(block: Block, content: Content) -> Iterator[str]:
    language = content.language
    yield block.help
    if block.example:
        yield f"{words.EXAMPLE[language]}: {_one_line(block.example)}"
    choices = [(column, column.choices) for column in block.columns if column.choices]
    for column, terms in choices:
        beside = len(terms) <= LONG_LIST
        titles = [title for title, listed in content.lists.items() if listed == terms]
        shown = " · ".join(terms) if beside or not titles else f"{titles[0]} ({words.SEE_LIST[language]})"
        yield f"{column.label}: {shown}"


def _row(block: Block, row: tuple[str, ...], *, blank: bool) -> Iterator[str]:
    if len(block.columns) == 1:
        yield f"- {_indented(row[0])}"
        return
    mark = "- "
    for column, text in zip(block.columns, row, strict=True):
        if text or blank:
            yield f"{mark}{column.label}: {_indented(text)}"
            mark = "  "


def _indented(text: str) -> str:
    return text.replace("\n", "\n    ")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def read(text: str, finder: Finder) -> Filled:
    """What stands in a filled form.

    Args:
        text: The whole text.
        finder: The form, in the language that its mark names.
    """
    return _Reading(finder).read(text)


class _Reading:
    def __init__(self, finder: Finder) -> None:
        self.finder = finder
        self.filled = Filled()
        self.block: Block | None = None
        self.listing = False
        self.row: dict[str, str] = {}
        self.column: str | None = None
        self.absence: str | None = None
        self.gaps = 0

    def read(self, text: str) -> Filled:
        lines = text.replace("\r\n", "\n").split("\n")
        for number, line in enumerate(lines, start=1):
            if line.startswith("    ") and self._open():
                self._continue(line[4:])
            elif _NOTHING.fullmatch(line):
                self.gaps += 1
            elif not self._heading(line) and not line.startswith(">"):
                self._value(line, number)
        self._close()
        return self.filled

    def _open(self) -> bool:
        return self.absence is not None or self.column is not None

    def _heading(self, line: str) -> bool:
        found = _HEADING.fullmatch(line)
        if not found:
            return False
        title, key = found[1], found[2]
        block = self.finder.blocks.get(key) if key else None
        self._close()
        self.block = block or self.finder.block(title)
        self.listing = key == "@list"
        return True

    def _value(self, line: str, number: int) -> None:
        if self.listing:
            return
        if self.block is None:
            self.filled.strays.append((line.strip(), f"line {number}"))
            return
        item = _ITEM.fullmatch(line)
        if item:
            self._next()
            self._begin(item[1] or "")
            return
        part = _PART.fullmatch(line)
        if part and self.finder.is_absence(part[1]):
            self._next()
            self.absence = part[2] or ""
            self.gaps = 0
            return
        column = self.finder.column(self.block, part[1]) if part and len(self.block.columns) > 1 else None
        if part and column:
            if self.absence is not None or column.key in self.row:
                self._next()
            self._into(column, part[2] or "")
        elif self._open():
            self._continue(line[2:] if line.startswith("  ") else line)
        else:
            self._begin(line)

    def _begin(self, text: str) -> None:
        if self.block is None:
            return
        columns = self.block.columns
        part = _PART.fullmatch(text) if len(columns) > 1 else None
        column = self.finder.column(self.block, part[1]) if part else None
        if part and column:
            self._into(column, part[2] or "")
        else:
            self._into(columns[0], text)

    def _into(self, column: Column, text: str) -> None:
        self.column = column.key
        self.row[column.key] = text
        self.gaps = 0

    def _continue(self, line: str) -> None:
        text = "\n" * (self.gaps + 1) + line
        self.gaps = 0
        if self.absence is not None:
            self.absence += text
        elif self.column is not None:
            self.row[self.column] += text

    def _next(self) -> None:
        """The entry that stood open is whole."""
        if self.block:
            self.filled.row(self.block.key, self.row)
            if self.absence is not None:
                self.filled.absence(self.block.key, self.absence, self.block.title)
        self.row, self.column, self.absence, self.gaps = {}, None, None, 0

    def _close(self) -> None:
        self._next()
        self.block = None
