"""Figures as SVG: no script, no outside resource, colours from the page, a title and a description in each.

Colours are classes of the page's style sheet, which has a light, a dark and a print version. They are told apart by
lightness and pattern too, so no one needs to see hues: a filled, a dotted and an empty square; numbers in the cells of
a heat map, and a hatch for what is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from math import cos, pi, sin

from integgraph.analysis.measures.answers import Language, Text
from integgraph.analysis.reports.model import (
    Dots,
    Figure,
    Heat,
    Pairs,
    Shares,
    Steering,
    Strip,
    cell_text,
)

WIDTH = 348
"""Width of a figure that fits a narrow screen."""
_SQUARES_UP_TO = 36
_LONGEST = 34
_SLANT = 0.72
"""What a label at 45 degrees takes of its length, up and to the right."""


def svg(figure: Figure, language: Language, ident: str) -> str:
    """A figure as an SVG element.

    Args:
        figure: What to draw.
        language: Of its texts.
        ident: A name that no other figure of the page has.
    """
    drawing = figure.drawing
    match drawing:
        case Shares():
            size, body = _shares(drawing, language)
        case Dots():
            size, body = _dots(drawing)
        case Heat():
            size, body = _heat(drawing, language)
        case Strip():
            size, body = _strip(drawing, language)
        case Pairs():
            size, body = _pairs(drawing, language)
        case Steering():
            size, body = _steering(drawing, language)
    width, height = size
    title, says = escape(figure.title[language]), escape(f"{figure.says[language]} {figure.basis[language]}.")
    fits = "fits" if width <= WIDTH else "wide"
    content = "".join(body)
    return (
        f'<svg class="{fits}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-labelledby="{ident}-t {ident}-d"><title id="{ident}-t">{title}</title>'
        f'<desc id="{ident}-d">{says}</desc>{content}</svg>'
    )


_INK = {
    "known": 'fill="#0072b2"',
    "later": 'fill="#7fb2d3"',
    "band": 'fill="#b9d6ea"',
    "outline empty": 'fill="#ffffff" stroke="#51606f"',
    "cell empty": 'fill="#ffffff" stroke="#c8ced6"',
    "grid": 'fill="none" stroke="#c8ced6"',
    "hatch": 'fill="none" stroke="#c8ced6"',
    "axis": 'fill="none" stroke="#51606f"',
    "heat0": 'fill="#fbe3ad"',
    "heat1": 'fill="#b9d6ea"',
    "heat2": 'fill="#0072b2"',
    "in0": 'fill="#111111"',
    "in1": 'fill="#111111"',
    "in2": 'fill="#ffffff"',
    "small": 'fill="#51606f" font-size="11"',
}
"""What a class looks like where no style sheet says it."""
_FONT = "system-ui, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif"


def svg_file(figure: Figure, language: Language) -> str:
    """A figure as an SVG document of its own: on white, with its colours in it, for a text or a slide.

    Args:
        figure: What to draw.
        language: Of its texts.
    """
    drawn = svg(figure, language, "figure")
    head, _, rest = drawn.partition(">")
    head = re.sub(r' class="[^"]*"', f' xmlns="http://www.w3.org/2000/svg" lang="{language}"', head, count=1)
    head += f' font-family="{_FONT}" font-size="12" fill="#17202a"'
    inked = re.sub(r'class="([^"]*)"', lambda found: _INK[found[1]], rest)
    return f'{head}><rect width="100%" height="100%" fill="#ffffff"/>{inked}\n'


def _dotted(x: float, y: float, width: float, height: float) -> str:
    """A frame filled with dots: the source says that there is none."""
    step = 4
    dots = "".join(
        f'<circle class="known" cx="{x + at:g}" cy="{y + down:g}" r="1.1"/>'
        for at in range(step // 2, int(width), step)
        for down in range(step // 2, int(height), step)
    )
    return f"<g>{_rect(x, y, width, height, 'outline empty')}{dots}</g>"


def _part(x: float, y: float, width: float, height: float, kind: str) -> str:
    return _dotted(x, y, width, height) if kind == "dotted" else _rect(x, y, width, height, kind)


def _wide(text: str) -> float:
    """How wide a label is at most, in the widest of the usual fonts (DejaVu Sans at 12 px)."""
    return sum(_WIDTHS.get(each, 9.0 if each.isupper() else 7.4) for each in text) + 4


_WIDTHS = dict.fromkeys("mwMW%@", 11.8) | dict.fromkeys("fijlrtI.,:;!|'()[]/- ", 4.9)


def _sticking_out(names: Sequence[str], step: float) -> int:
    """How far slanted labels reach beyond the last column."""
    last = len(names) - 1
    return max(0, round(max(_wide(name) * _SLANT - (last - at) * step for at, name in enumerate(names))))


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start", turn: int = 0) -> str:
    turned = f' transform="rotate({turn} {x:g} {y:g})"' if turn else ""
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}"{named}{turned}>{escape(text)}</text>'


def _short(text: str, most: int = _LONGEST) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"/>'


_PARTS = ("known", "dotted", "outline empty")

Body = tuple[tuple[int, int], list[str]]


def _shares(drawing: Shares, language: Language) -> Body:
    body: list[str] = []
    y = 6
    for label, parts in drawing.rows:
        total = sum(parts)
        body.append(_text(0, y + 12, _short(label[language], 40)))
        told = " / ".join(map(str, parts))
        body.append(_text(WIDTH, y + 12, told, "small", "end"))
        y += 18
        if total <= _SQUARES_UP_TO:
            at = 0
            for part, kind in zip(parts, _PARTS, strict=True):
                for _ in range(part):
                    body.append(_part(at % 18 * 19 + 0.5, y + at // 18 * 17 + 0.5, 14, 14, kind))
                    at += 1
            y += max(1, -(-total // 18)) * 17 + 8
            continue
        x = 0.0
        for part, kind in zip(parts, _PARTS, strict=True):
            width = part / total * WIDTH
            if part:
                body.append(_part(x + 0.5, y + 0.5, max(width - 1, 0.5), 12, kind))
            x += width
        y += 22
    y += 4
    for name, kind in zip(drawing.parts, _PARTS, strict=True):
        body.extend((_part(0.5, y + 0.5, 13, 13, kind), _text(20, y + 12, name[language], "small")))
        y += 19
    return (WIDTH, y + 2), body


def _dots(drawing: Dots) -> Body:
    step = 18 if len(drawing.columns) <= 36 else 14
    rows = [_short(name, 30) for name in drawing.rows]
    names = [_short(name, 30) for name in drawing.columns]
    left = round(max(map(_wide, rows))) + 8
    top = round(max(map(_wide, names)) * _SLANT) + 14
    right = _sticking_out(names, step)
    body: list[str] = []
    for column, name in enumerate(names):
        x = left + column * step + step / 2
        body.append(f'<path class="grid" d="M{x:g},{top} V{top + len(drawing.rows) * step}"/>')
        body.append(_text(x + 2, top - 6, name, "small", "start", -45))
    for row, name in enumerate(rows):
        y = top + row * step + step / 2
        body.append(f'<path class="grid" d="M{left},{y:g} H{left + len(names) * step}"/>')
        body.append(_text(left - 6, y + 4, name, "", "end"))
    for row, column in sorted(drawing.ties):
        x, y = left + column * step + step / 2, top + row * step + step / 2
        body.append(f'<circle class="known" cx="{x:g}" cy="{y:g}" r="{step * 0.3:g}"/>')
    return (left + len(names) * step + right, top + len(drawing.rows) * step + 6), body


def _heat(drawing: Heat, language: Language) -> Body:
    step = 25
    rows = [_short(name[language], 34) for name in drawing.rows]
    names = [_short(name[language], 30) for name in drawing.columns]
    left = round(max(map(_wide, rows))) + 8
    top = round(max(map(_wide, names)) * _SLANT) + 14
    right = _sticking_out(names, step)
    body = [
        _text(left + at * step + step / 2 + 2, top - 6, name, "small", "start", -45) for at, name in enumerate(names)
    ]
    for row, name in enumerate(rows):
        y = top + row * step
        body.append(_text(left - 6, y + step / 2 + 4, name, "", "end"))
        for column, value in enumerate(drawing.cells[row]):
            body.extend(_heat_cell(left + column * step, y, step, value))
    y = top + len(rows) * step + 14
    for kind, text in _HEAT_KEY:
        body.extend((_rect(0.5, y + 0.5, 15, 15, kind), _text(22, y + 13, text[language], "small")))
        y += 21
    body.append(_hatch(0.5, y - 20.5, 15))
    return (left + len(names) * step + right, y + 2), body


_HEAT_KEY = (
    ("heat0", Text("0: none here lists both", "0: niemand hier nennt beides")),
    ("heat1", Text("1: one does", "1: eines nennt beides")),
    ("heat2", Text("2 or more do", "2 und mehr nennen beides")),
    (
        "cell empty",
        Text("hatched: no known list does, some are unknown", "schraffiert: keine bekannte, manche unbekannt"),
    ),
)


def _hatch(x: float, y: float, size: float) -> str:
    """Slanting lines in a square; lines rather than a pattern, which printers make large pictures of."""
    half = size / 2
    lines = (f"M{x:g},{y + part:g} L{x + part:g},{y:g}" for part in (half, size))
    last = f"M{x + half:g},{y + size:g} L{x + size:g},{y + half:g}"
    return f'<path class="hatch" d="{" ".join((*lines, last))}"/>'


def _heat_cell(x: float, y: float, step: float, value: int | None) -> Iterator[str]:
    if value is None:
        yield _rect(x + 0.5, y + 0.5, step - 1, step - 1, "cell empty")
        yield _hatch(x + 0.5, y + 0.5, step - 1)
        return
    level = min(value, 2)
    yield _rect(x + 0.5, y + 0.5, step - 1, step - 1, f"heat{level}")
    yield _text(x + step / 2, y + step / 2 + 4, str(value), f"in{level}", "middle")


def _strip(drawing: Strip, language: Language) -> Body:
    low_end, high_end = drawing.ends
    inner = WIDTH - 24

    def place(value: float) -> float:
        return 12 + (value - low_end) / (high_end - low_end) * inner

    body: list[str] = []
    y = 4
    for label, value, low, high in drawing.rows:
        body.append(_text(0, y + 12, _short(label[language], 36)))
        told = Text("no number", "keine Zahl")[language] if value is None else _number(value, drawing, language)
        body.append(_text(WIDTH, y + 12, told, "small", "end"))
        y += 20
        body.append(f'<path class="grid" d="M12,{y + 8} H{12 + inner}"/>')
        if low is not None and high is not None:
            body.append(_rect(place(low), y + 1, max(place(high) - place(low), 2), 14, "band"))
        if value is not None:
            body.append(f'<circle class="known" cx="{place(value):g}" cy="{y + 8}" r="6"/>')
        y += 26
    for value, anchor in ((low_end, "start"), ((low_end + high_end) / 2, "middle"), (high_end, "end")):
        x = place(value)
        body.append(f'<path class="axis" d="M{x:g},{y} v5"/>')
        body.append(_text(x, y + 18, _number(value, drawing, language), "small", anchor))
    body.append(f'<path class="axis" d="M12,{y} H{12 + inner}"/>')
    y += 32
    body.append(f'<circle class="known" cx="7" cy="{y}" r="6"/>')
    body.append(_text(20, y + 4, Text("value", "Wert")[language], "small"))
    body.append(_rect(70, y - 7, 24, 14, "band"))
    body.append(_text(100, y + 4, _short(drawing.band[language], 46), "small"))
    return (WIDTH, y + 14), body


def _number(value: float, drawing: Strip, language: Language) -> str:
    if not drawing.percent:
        return cell_text(value, language)
    shown = cell_text(round(100 * value, 1), language)
    return f"{shown} %"


def _pairs(drawing: Pairs, language: Language) -> Body:
    most = max((max(before, after) for _, before, after in drawing.rows), default=0) or 1
    left, inner = 92, WIDTH - 92 - 34
    body: list[str] = []
    y = 4
    for label, *numbers in drawing.rows:
        body.append(_text(0, y + 12, _short(label[language], 50)))
        y += 18
        for value, name, kind in zip(numbers, (drawing.before, drawing.after), ("known", "later"), strict=True):
            width = value / most * inner
            body.append(_text(left - 6, y + 11, _short(name[language], 15), "small", "end"))
            body.append(_rect(left, y + 1, max(width, 1), 12, kind))
            body.append(_text(left + width + 5, y + 11, cell_text(value, language), "small"))
            y += 16
        y += 10
    return (WIDTH, y), body


def _steering(drawing: Steering, language: Language) -> Body:
    body: list[str] = []
    y = 0
    for label, mode in drawing.units:
        body.extend(_sketch(34, y + 34, mode))
        words = _MODE_WORDS.get(mode or "", Text("not determinable", "nicht bestimmbar"))
        body.append(_text(80, y + 30, _short(label[language], 38)))
        body.append(_text(80, y + 48, words[language], "small"))
        y += 74
    return (WIDTH, y + 2), body


_MODE_WORDS = {
    "participant-governed": Text("all steer together", "alle steuern gemeinsam"),
    "joint-coordination": Text("several coordinate", "mehrere koordinieren"),
    "lead-organisation": Text("one member leads", "ein Mitglied führt"),
    "network-administrative-organisation": Text("a body set apart runs it", "eine eigene Stelle verwaltet"),
    "lead-or-nao": Text("one body, its kind is open", "eine Stelle, Art offen"),
}
_HEADS = {"lead-organisation": 1, "joint-coordination": 2}


def _sketch(x: float, y: float, mode: str | None) -> Iterator[str]:
    """Five members in a ring, and who steers them."""
    ring = [(x + 24 * cos(2 * pi * k / 5 - pi / 2), y + 24 * sin(2 * pi * k / 5 - pi / 2)) for k in range(5)]
    heads = _HEADS.get(mode or "", 0)
    ends: list[tuple[tuple[float, float], tuple[float, float]]] = []
    if mode == "participant-governed":
        ends = [(ring[a], ring[b]) for a in range(5) for b in range(a)]
    elif heads:
        ends = [(ring[head], each) for head in range(heads) for each in ring if each != ring[head]]
    elif mode is not None:
        ends = [((x, y), each) for each in ring]
    for (a, b), (c, d) in ends:
        yield f'<path class="axis" d="M{a:.1f},{b:.1f} L{c:.1f},{d:.1f}"/>'
    for at, (a, b) in enumerate(ring):
        kind = "known" if at < heads or mode == "participant-governed" else "outline empty"
        yield f'<circle class="{kind}" cx="{a:.1f}" cy="{b:.1f}" r="{8 if at < heads else 6}"/>'
    if mode is None or mode == "lead-or-nao":
        yield f'<circle class="outline empty" cx="{x:g}" cy="{y:g}" r="8"/>' if mode else ""
        yield _text(x, y + 5, "?", "", "middle")
    elif mode == "network-administrative-organisation":
        yield _rect(x - 8, y - 8, 16, 16, "known")
