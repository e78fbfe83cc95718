"""Two figures on the pages of things, as SVG: members as dots, and money as flows.

Colours are classes of the page's style sheet; a title and a description stand in each figure; the same stands in a
table beside it. No script, nothing from outside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from integgraph.web.around import Matrix

FLOWS = 20
"""Flows that are drawn."""
_STEP = 20
_CHARACTER = 7.1  # about how wide a letter is, in a text of 12 px
_LONGEST = 34
_BOX, _GAP, _ROOM = 210, 12, 105  # width of a box, space between boxes, width of what lies between the columns
_LINE, _LINES = 15, 3


@dataclass(frozen=True, slots=True)
class Node:
    """A box of the drawing of flows.

    Attributes:
        key: What tells it from the others of its column.
        name: What stands in it.
        below: What stands below the name, such as amounts.
        known: Whether the name is one; else it is said in soft ink that there is none.
    """

    key: str
    name: str
    below: str = ""
    known: bool = True


@dataclass(frozen=True, slots=True)
class Link:
    """A line from a box to one of the next column; ``known`` is whether its amount is stated."""

    column: int
    start: str
    end: str
    known: bool


def matrix(found: Matrix, title: str, says: str) -> str:
    """Members (rows) and other networks (columns), a dot where a member is listed there too."""
    rows = [_short(each.name) for each in found.members]
    names = [_short(each.name) for each in found.networks]
    left = round(max(len(name) for name in rows) * _CHARACTER) + 10
    top = round(max(len(name) for name in names) * _CHARACTER * 0.72) + 16
    ends = (left + at * _STEP + len(name) * _CHARACTER * 0.74 for at, name in enumerate(names))
    width = round(max(left + len(names) * _STEP, *ends)) + 20
    height = top + len(rows) * _STEP + 4
    body: list[str] = []
    for at, name in enumerate(names):
        x = left + at * _STEP + _STEP / 2
        body.append(f'<path class="grid" d="M{x:g},{top} V{height - 4}"/>')
        body.append(
            f'<text x="{x + 2:g}" y="{top - 6}" transform="rotate(-45 {x + 2:g} {top - 6})">{escape(name)}</text>'
        )
    for at, name in enumerate(rows):
        y = top + at * _STEP + _STEP / 2
        body.append(f'<path class="grid" d="M{left},{y:g} H{left + len(names) * _STEP}"/>')
        body.append(f'<text x="{left - 6}" y="{y + 4:g}" text-anchor="end">{escape(name)}</text>')
    for row, column in sorted(found.dots):
        x, y = left + column * _STEP + _STEP / 2, top + row * _STEP + _STEP / 2
        body.append(f'<circle class="dot" cx="{x:g}" cy="{y:g}" r="6"/>')
    return _svg("matrix", width, height, title, says, body)


def flows(columns: Sequence[Sequence[Node]], links: Sequence[Link], title: str, says: str) -> str:
    """Boxes in three columns, from left to right, and the lines between them."""
    places: dict[tuple[int, str], tuple[float, float]] = {}
    body: list[str] = []
    boxes: list[str] = []
    highest = max(sum(_high(node) + _GAP for node in column) for column in columns)
    for at, column in enumerate(columns):
        taken = sum(_high(node) + _GAP for node in column) - _GAP
        y = (highest - taken) / 2
        x: float = at * (_BOX + _ROOM)
        for node in column:
            high = _high(node)
            places[at, node.key] = (x, y + high / 2)
            boxes.extend(_box(node, x, y, high))
            y += high + _GAP
    for link in dict.fromkeys(links):
        x, y = places[link.column, link.start]
        end, down = places[link.column + 1, link.end]
        start, middle = x + _BOX, _ROOM / 2
        kind = "flow" if link.known else "flow unknown"
        body.append(
            f'<path class="{kind}" d="M{start:g},{y:g} C{start + middle:g},{y:g} {end - middle:g},{down:g} '
            f'{end - 7:g},{down:g}"/><path class="tip" d="M{end - 8:g},{down - 4:g} L{end - 1:g},{down:g} '
            f'L{end - 8:g},{down + 4:g}Z"/>'
        )
    width = len(columns) * _BOX + (len(columns) - 1) * _ROOM
    return _svg("flows", width, round(highest), title, says, [*body, *boxes])


def _box(node: Node, x: float, y: float, high: float) -> Iterator[str]:
    kind = "box" if node.known else "box soft"
    yield (
        f'<g><title>{escape(node.name)}</title><rect class="{kind}" x="{x + 0.5:g}" y="{y + 0.5:g}" width="{_BOX - 1}" '
        f'height="{high - 1:g}" rx="4"/>'
    )
    down = y + 19
    for text in _wrapped(node.name):
        yield f'<text class="{"" if node.known else "soft"}" x="{x + 10:g}" y="{down:g}">{escape(text)}</text>'
        down += _LINE
    if node.below:
        yield f'<text class="small" x="{x + 10:g}" y="{down:g}">{escape(_short(node.below, 33))}</text>'
    yield "</g>"


def _high(node: Node) -> float:
    return (len(_wrapped(node.name)) + bool(node.below)) * _LINE + 14


def _wrapped(text: str) -> list[str]:
    """A text in lines that fit a box; the last one ends with dots where it is too long."""
    most = int((_BOX - 20) / _CHARACTER)
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    if len(lines) > _LINES:
        lines = [*lines[: _LINES - 1], f"{lines[_LINES - 1]} …"]
    return [_short(line, most + 1) for line in lines]


def _short(text: str, most: int = _LONGEST) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _svg(ident: str, width: float, height: float, title: str, says: str, body: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-labelledby="{ident}-t {ident}-d"><title id="{ident}-t">{escape(title)}</title>'
        f'<desc id="{ident}-d">{escape(says)}</desc>{"".join(body)}</svg>'
    )
