"""A filled-in form set as PDF in many layouts, and how much of it an import gets right.

The content comes from a form as text, as the readers of text see it; each layout sets the same rows in another way.
"""

from __future__ import annotations

import html
import io
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reportlab.lib import colors  # type: ignore[import-untyped]
from reportlab.lib.enums import TA_RIGHT  # type: ignore[import-untyped]
from reportlab.lib.pagesizes import A4, A5, landscape  # type: ignore[import-untyped]
from reportlab.lib.styles import ParagraphStyle  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]
from reportlab.platypus import (  # type: ignore[import-untyped]
    BaseDocTemplate,
    Flowable,
    Frame,
    FrameBreak,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from integgraph.ingest.document import Document
from integgraph.ontology import Form

DEJAVU = Path("/usr/share/fonts/truetype/dejavu")
LISTS = (
    "members", "fields_of_action", "target_groups", "internal_practices", "external_practices", "success_factors",
)  # fmt: skip
"""The six rows of the form that are lists of more than one item in every profile here."""


@dataclass(frozen=True)
class Block:
    """A paragraph of a value, or an item of a list."""

    text: str
    item: bool = False


@dataclass(frozen=True)
class Content:
    """A profile as it is set: titles, and sections with their rows of label and value."""

    titles: tuple[str, ...]
    sections: tuple[tuple[str, tuple[tuple[str, tuple[Block, ...]], ...]], ...]


def content(document: Document, form: Form) -> Content:
    """What a document in text says, to be set in other ways."""
    sections: dict[str, list[tuple[str, tuple[Block, ...]]]] = {}
    titles = list(document.titles)
    for entry in document.entries:
        if entry.section is None and entry.row:
            titles.append(f"{entry.label}: {entry.text}")
        elif entry.row and entry.section:
            number = form.sections.index(entry.section) + 1
            title = f"{number}. {entry.section.name(document.language).upper()}"
            sections.setdefault(title, []).append((entry.label, tuple(_blocks(entry.text))))
    return Content(tuple(titles), tuple((title, tuple(rows)) for title, rows in sections.items()))


def _blocks(text: str) -> list[Block]:
    found: list[Block] = []
    text = re.sub(r"\s*</?ul>\s*|<br>", "\n", text)
    for line in re.sub(r"\s*<li>", "\n- ", text.replace("</li>", "\n")).split("\n"):
        line = html.unescape(line).strip()
        item = re.match(r"(?:[-*•]|\d+\.)\s+", line)
        if item:
            found.append(Block(line[item.end() :], True))
        elif not line:
            found.append(Block(""))
        elif not found or not found[-1].text or line.startswith("(") or re.search(r"://|www\.", line):
            found.append(Block(line))
        else:
            last = found[-1]
            if last.text.endswith("-"):  # an address keeps its hyphen, a word that the line end broke does not
                address = "://" in last.text.rsplit(None, 1)[-1]
                found[-1] = Block((last.text if address else last.text[:-1]) + line, last.item)
            else:
                found[-1] = Block(f"{last.text} {line}", last.item)
    return [block for block in found if block.text]


# -- with reportlab


@dataclass(frozen=True)
class Look:
    """How a form is set with reportlab."""

    font: str = "Helvetica"
    size: float = 10
    page: tuple[float, float] = A4
    margin: float = 56
    label: float = 0.3
    """Share of the width that the labels take."""
    lines: str = "grid"
    """``grid``, ``level``, ``frame``, ``none``, ``boxes`` (thin filled boxes) or ``divider``."""
    padding: float = 3
    valign: str = "TOP"
    right: bool = False
    """Labels are set flush right."""
    fills: str = ""
    """``labels``, ``zebra``, ``cells`` or ``titles``."""
    numbers: bool = False
    swapped: bool = False
    running: tuple[str, str] = ("", "")
    """Header and footer; ``#`` stands for the number of the page."""
    bullet: str = "•"
    columns: int = 1
    wide_titles: bool = True
    head: tuple[str, str] | None = None
    labels: Callable[[str], str] = field(default=lambda text: text)
    rotate: int = 0
    encrypt: str | None = None


def render(profiles: Sequence[Content], look: Look = Look()) -> bytes:
    """The profiles as a PDF file."""
    out = io.BytesIO()
    wide, high = look.page
    font = _font(look.font)
    part = (wide - 2 * look.margin - (look.columns - 1) * 24) / look.columns

    def running(canvas: Any, _: Any) -> None:
        canvas.setFont(font, 8)
        header, footer = (text.replace("#", str(canvas.getPageNumber())) for text in look.running)
        canvas.drawString(look.margin, high - 28, header)
        canvas.drawCentredString(wide / 2, 24, footer)
        if look.rotate:
            canvas.setPageRotation(look.rotate)

    frames = [
        Frame(look.margin + n * (part + 24), look.margin, part, high - 2 * look.margin, 0, 0, 0, 0)
        for n in range(look.columns)
    ]
    document = BaseDocTemplate(out, pagesize=look.page, invariant=1, encrypt=look.encrypt)
    document.addPageTemplates(PageTemplate(frames=frames, onPage=running))
    story: list[Flowable] = []
    for number, profile in enumerate(profiles):
        if number:
            story.append(FrameBreak() if look.columns > 1 else PageBreak())
        story += _story(profile, look, font, part)
    document.build(story)
    return out.getvalue()


def _font(name: str) -> str:
    if name.startswith("DejaVu") and name not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(name, str(DEJAVU / f"{name}.ttf")))
    return name


def _story(profile: Content, look: Look, font: str, width: float) -> list[Flowable]:
    plain = ParagraphStyle("p", fontName=font, fontSize=look.size, leading=1.2 * look.size)
    label = ParagraphStyle("l", parent=plain, alignment=TA_RIGHT if look.right else 0)
    title = ParagraphStyle("t", parent=plain, fontSize=1.2 * look.size, leading=1.5 * look.size)
    item = ParagraphStyle("i", parent=plain, leftIndent=12, bulletIndent=2)
    story: list[Flowable] = [Paragraph(html.escape(text), title) for text in profile.titles]
    story.append(Spacer(1, look.size))
    rows: list[list[Any]] = []
    style: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), look.valign),
        ("TOPPADDING", (0, 0), (-1, -1), look.padding), ("BOTTOMPADDING", (0, 0), (-1, -1), look.padding),
        ("LEFTPADDING", (0, 0), (-1, -1), 4), ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ]  # fmt: skip
    count = 0
    if look.head:
        rows.append([Paragraph(text, plain) for text in look.head])
    for name, entries in profile.sections:
        if look.wide_titles:
            style.append(("SPAN", (0, len(rows)), (-1, len(rows))))
        if look.fills == "titles":
            style.append(("BACKGROUND", (0, len(rows)), (-1, len(rows)), colors.lightblue))
        rows.append([Paragraph(html.escape(name), title), *([""] * (1 + look.numbers))])
        for text, blocks in entries:
            count += 1
            value = [
                Paragraph(html.escape(block.text), item if block.item else plain, look.bullet if block.item else None)
                for block in blocks
            ]
            row: list[Any] = [Paragraph(html.escape(look.labels(text)), label), value]
            row = row[::-1] if look.swapped else row
            rows.append([Paragraph(str(count), plain), *row] if look.numbers else row)
            if look.fills == "zebra" and count % 2:
                style.append(("BACKGROUND", (0, len(rows) - 1), (-1, len(rows) - 1), colors.whitesmoke))
    number = [24] if look.numbers else []
    rest = width - sum(number)
    widths = [look.label * rest, (1 - look.label) * rest]
    at = len(number) + (1 if look.swapped else 0)
    if look.fills in ("labels", "cells"):
        style.append(("BACKGROUND", (at, 0), (at, -1), colors.lightgrey))
    if look.fills == "cells":
        other = len(number) + (0 if look.swapped else 1)
        style.append(("BACKGROUND", (other, 0), (other, -1), colors.lavender))
        style.append(("LINEBELOW", (0, 0), (-1, -1), 2, colors.white))
    lines = {
        "grid": [("GRID", (0, 0), (-1, -1), 0.5, colors.black)],
        "level": [("LINEBELOW", (0, 0), (-1, -1), 0.5, colors.grey), ("LINEABOVE", (0, 0), (-1, 0), 0.5, colors.grey)],
        "frame": [("BOX", (0, 0), (-1, -1), 0.5, colors.black)],
        "divider": [("LINEAFTER", (len(number), 0), (len(number), -1), 0.5, colors.black)],
    }
    style += lines.get(look.lines, [])
    make = _Boxed if look.lines == "boxes" else Table
    table = make(
        rows, [*number, *(widths[::-1] if look.swapped else widths)], style=TableStyle(style), splitInRow=1,
        repeatRows=1 if look.head else 0,
    )  # fmt: skip
    return [*story, table]


class _Boxed(Table):  # type: ignore[misc]
    """A table whose lines are thin filled boxes, as some programs draw them."""

    def draw(self) -> None:
        super().draw()
        xs, ys = self._colpositions, self._rowpositions
        for y in ys:
            self.canv.rect(xs[0], y - 0.4, xs[-1] - xs[0], 0.8, stroke=0, fill=1)
        for x in xs:
            self.canv.rect(x - 0.4, ys[-1], 0.8, ys[0] - ys[-1], stroke=0, fill=1)


# -- with a browser, as word processors write HTML


WORD = """
@page { size: A4; margin: 2.5cm }
body { font: 11pt/1.15 'DejaVu Serif', serif }
table { border-collapse: collapse; width: 100% }
td { border: 0.5pt solid black; padding: 0 5.4pt; vertical-align: middle }
td.l { width: 30% ; background: #dbe5f1 } p { margin: 0 } ul { margin: 0; padding-left: 18pt }
"""


def page(profiles: Sequence[Content], css: str = WORD, *, bullet: str = "") -> str:
    """The profiles as an HTML page with a table each, labels centred beside their values."""
    parts = []
    for profile in profiles:
        parts += [f"<p><b>{html.escape(title)}</b></p>" for title in profile.titles] + ["<p>&nbsp;</p><table>"]
        for name, entries in profile.sections:
            parts.append(f"<tr><td colspan=2 class=t><p><b>{html.escape(name)}</b></p></td></tr>")
            for label, blocks in entries:
                parts.append(f"<tr><td class=l><p>{html.escape(label)}</p></td><td>{_html(blocks, bullet)}</td></tr>")
        parts.append("</table>")
    return f"<!doctype html><meta charset=utf-8><style>{css}</style>{''.join(parts)}"


def _html(blocks: Sequence[Block], bullet: str) -> str:
    written = []
    for block in blocks:
        text = html.escape(block.text)
        if block.item and bullet:
            written.append(f"<p style='margin-left:18pt;text-indent:-18pt'>{bullet}{text}</p>")
        else:
            written.append(f"<ul><li>{text}</li></ul>" if block.item else f"<p>{text}</p>")
    return "".join(written).replace("</ul><ul>", "")


def printed(text: str, folder: Path, *, header: bool = False) -> bytes:
    """An HTML page printed to PDF by Chromium."""
    source, target = folder / "page.html", folder / "page.pdf"
    source.write_text(text, "utf-8")
    subprocess.run(
        [
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            f"--user-data-dir={folder / 'chromium'}", *([] if header else ["--no-pdf-header-footer"]),
            f"--print-to-pdf={target}", source.as_uri(),
        ],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return target.read_bytes()


# -- what is right


@dataclass(frozen=True)
class Score:
    """How many of the form's rows, and of its lists, are as the text says; ``wrong`` names the others."""

    rows: int
    lists: int
    wrong: Mapping[str, tuple[Any, Any]]


def score(found: Mapping[str, Any], expected: Mapping[str, Any], form: Form) -> Score:
    """Compare two records row by row: every field of a row must have the same answer."""
    wrong: dict[str, tuple[Any, Any]] = {}
    rows = 0
    for section in form.sections[:4]:
        for row in section.rows:
            keys = [each.key for each in row.fields if each.key != "status_date"]
            if not keys:
                continue
            rows += 1
            differ = [key for key in keys if _plain(found.get(key)) != _plain(expected.get(key))]
            if differ:
                rows -= 1
                wrong[row.name("en")] = (
                    {key: found.get(key) for key in differ},
                    {key: expected.get(key) for key in differ},
                )
    return Score(rows, sum(_plain(found.get(key)) == _plain(expected.get(key)) for key in LISTS), wrong)


def _plain(value: Any) -> Any:
    """An answer without its white space, and without the wording that led to it."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items() if key not in ("wording", "raw")}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return " ".join(value.split()) if isinstance(value, str) else value


SMALL = landscape(A5)
