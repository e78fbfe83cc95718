"""The content of a filled-in form, rendered as offices send it: Word, sheets, web pages, Markdown, delimited text."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

import docx
import openpyxl
import xlsxwriter
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import CoveredTableCell, TableCell, TableRow
from odf.table import Table as OdfTable
from odf.text import P

from integgraph.ingest.document import parse
from integgraph.ontology import Form


@dataclass(frozen=True)
class Content:
    """A form as a person sees it: titles, and sections of rows whose values are paragraphs (p) and items (li)."""

    titles: tuple[str, ...]
    sections: tuple[tuple[str, tuple[tuple[str, tuple[tuple[str, str], ...]], ...]], ...]

    @property
    def rows(self):
        return [row for _, rows in self.sections for row in rows]


def content_of(text: str, form: Form) -> Content:
    """What a text form holds; items are told from paragraphs by their list marks."""
    document = parse(text, form, "form.txt")
    front = [entry for entry in document.entries if entry.section is None]
    titles = [*document.titles, *(f"{entry.label}: {entry.text}" for entry in front if entry.label)]
    filled = [entry for entry in document.entries if entry.section is not None]
    sections = []
    for section, entries in groupby(filled, key=lambda entry: entry.section):
        rows = tuple((entry.label, tuple(_parts(entry.text))) for entry in entries)
        sections.append((section.names[document.language], rows))
    return Content(tuple(titles), tuple(sections))


def _parts(text: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"(<ul>.*?</ul>)", text, flags=re.S):
        if part.startswith("<ul>"):
            for item in re.findall(r"<li>(.*?)</li>", part, re.S):
                yield "li", html.unescape(" ".join(item.split()))
            continue
        for kind, lines in _grouped(part):
            if kind == "li":
                yield from (("li", line) for line in lines)
            elif lines:
                yield "p", "\n".join(lines)


def _grouped(part: str) -> Iterator[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for line in map(str.strip, part.strip().split("\n")):
        if line.startswith("- "):
            found.append(("li", [line[2:]]))
        elif line and found:
            kind, lines = found[-1]
            lines[-1:] = (
                [f"{lines[-1]} {line}" if not lines[-1].endswith("-") else lines[-1][:-1] + line]
                if kind == "li"
                else [lines[-1], line]
            )
        elif line:
            found.append(("p", [line]))
    yield from found


def _text(parts, bullet: str = "- ") -> str:
    return "\n".join((bullet if kind == "li" else "") + text for kind, text in parts)


# -- Word


def _saved(document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _front(document, content: Content) -> None:
    for place, title in enumerate(content.titles):
        document.add_paragraph(title, style="Title" if place < 2 else None)


def _into_cell(cell, parts, bullets: bool = True) -> None:
    for place, (kind, text) in enumerate(parts):
        paragraph = cell.paragraphs[0] if not place else cell.add_paragraph()
        if kind == "li" and bullets:
            paragraph.style = "List Bullet"
        paragraph.add_run(text)


def docx_table(content: Content, *, bullets: bool = True, filler: bool = False, numbers: bool = False) -> bytes:
    """One table; section titles in merged rows."""
    document = docx.Document()
    _front(document, content)
    table = document.add_table(0, 2 + numbers)
    count = 0
    for title, rows in content.sections:
        merged = table.add_row().cells
        merged[0].merge(merged[-1]).text = title.upper()
        for label, parts in rows:
            if filler:
                table.add_row()
            cells = table.add_row().cells
            count += 1
            if numbers:
                cells[0].text = f"{count}."
            cells[-2].paragraphs[0].add_run(label).bold = True
            _into_cell(cells[-1], parts, bullets)
    return _saved(document)


def docx_tables(content: Content) -> bytes:
    """A table a section, with numbered section titles between; labels end in a colon; items are typed dashes."""
    document = docx.Document()
    _front(document, content)
    for number, (title, rows) in enumerate(content.sections, 1):
        document.add_paragraph(f"{number}. {title}")
        table = document.add_table(0, 2)
        for label, parts in rows:
            cells = table.add_row().cells
            cells[0].text, cells[1].text = f"{label}:", _text(parts, "• ")
    return _saved(document)


def docx_line_a_row(content: Content) -> bytes:
    """Each line of a value in a table row of its own, with an empty label beside it."""
    document = docx.Document()
    _front(document, content)
    table = document.add_table(0, 2)
    for title, rows in content.sections:
        table.add_row().cells[0].text = title
        for label, parts in rows:
            for place, line in enumerate(_text(parts, "• ").split("\n")):
                cells = table.add_row().cells
                cells[0].text, cells[1].text = "" if place else label, line
    return _saved(document)


def docx_headings(content: Content) -> bytes:
    document = docx.Document()
    _front(document, content)
    for title, rows in content.sections:
        document.add_heading(title, 1)
        for label, parts in rows:
            document.add_heading(label, 2)
            for kind, text in parts:
                document.add_paragraph(text, style="List Bullet" if kind == "li" else None)
    return _saved(document)


def docx_bold(content: Content) -> bytes:
    """Bold labels, the value in the same paragraph where it is one."""
    document = docx.Document()
    _front(document, content)
    for title, rows in content.sections:
        document.add_paragraph().add_run(title).bold = True
        for label, parts in rows:
            paragraph = document.add_paragraph()
            paragraph.add_run(f"{label}:").bold = True
            for place, (kind, text) in enumerate(parts):
                if not place and kind == "p":
                    paragraph.add_run(f" {text}")
                else:
                    document.add_paragraph(text, style="List Bullet" if kind == "li" else None)
    return _saved(document)


def docx_one_column(content: Content) -> bytes:
    """A box for each answer: a table of one column, the label above its value."""
    document = docx.Document()
    _front(document, content)
    for title, rows in content.sections:
        document.add_heading(title, 2)
        for label, parts in rows:
            table = document.add_table(2, 1)
            table.rows[0].cells[0].paragraphs[0].add_run(label).bold = True
            _into_cell(table.rows[1].cells[0], parts)
            document.add_paragraph()
    return _saved(document)


def docx_nested(content: Content) -> bytes:
    """Everything in a frame: a table of one cell with the tables in it."""
    document = docx.Document()
    frame = document.add_table(1, 1).rows[0].cells[0]
    for title in content.titles:
        frame.add_paragraph(title)
    for title, rows in content.sections:
        frame.add_paragraph(title)
        table = frame.add_table(0, 2)
        for label, parts in rows:
            cells = table.add_row().cells
            cells[0].text = label
            _into_cell(cells[1], parts)
    return _saved(document)


# -- sheets


def _workbook(book) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xlsx(content: Content, *, bullet: str = "- ", numbers: bool = False, corner: tuple[int, int] = (1, 1)) -> bytes:
    """Titles, a line of headings, and the rows; anywhere in the sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    row, column = corner

    def put(*values) -> None:
        nonlocal row
        for place, value in enumerate(values):
            sheet.cell(row, column + place, value)
        row += 1

    for title in content.titles:
        put(title)
    row = max(row + 1, 7)
    front = (lambda number: (number,)) if numbers else (lambda number: ())
    put(*front("No."), "Label", "Value")
    count = 0
    for title, rows in content.sections:
        put(title.upper())
        sheet.merge_cells(start_row=row - 1, start_column=column, end_row=row - 1, end_column=column + 1 + numbers)
        for label, parts in rows:
            count += 1
            put(*front(count), label, _text(parts, bullet))
    return _workbook(book)


def xlsx_two_tables(content: Content) -> bytes:
    """Tables with other columns one below the other, help beside each, and lists of codes in sheets nobody sees."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Form"
    for title in content.titles:
        sheet.append([title])
    for place, (title, rows) in enumerate(content.sections):
        shift = [None] * (2 * (place % 2))
        sheet.append([])
        sheet.append([*shift, title])
        sheet.append([*shift, "Field", "Your answer", "Help"])
        for label, parts in rows:
            sheet.append([*shift, label, _text(parts), "Please write in full sentences."])
    codes = book.create_sheet("Lists")
    codes.sheet_state = "hidden"
    codes.append(["Founding year", "1900"])
    secret = book.create_sheet("Codes")
    secret.sheet_state = "veryHidden"
    secret.append(["Location", "nowhere"])
    return _workbook(book)


def xlsx_sheets(content: Content) -> bytes:
    """A sheet a section, written by another program."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        bold = book.add_format({"bold": True, "text_wrap": True})
        for place, (title, rows) in enumerate(content.sections):
            sheet = book.add_worksheet(re.sub(r"\W+", " ", title)[:31])
            row = 0
            for text in content.titles if not place else ():
                sheet.write_string(row, 0, text)
                row += 1
            sheet.merge_range(row, 0, row, 1, title, bold)
            for label, parts in rows:
                row += 1
                sheet.write_string(row, 0, label, bold)
                sheet.write_string(row, 1, _text(parts))
    return out.getvalue()


def ods(content: Content) -> bytes:
    book = OpenDocumentSpreadsheet()
    table = OdfTable(name="Form")

    def put(*values: str, span: int = 1) -> None:
        row = TableRow()
        for value in values:
            cell = TableCell(valuetype="string", **({"numbercolumnsspanned": span} if span > 1 else {}))
            for line in value.split("\n"):
                cell.addElement(P(text=line))
            row.addElement(cell)
        if span > 1:
            row.addElement(CoveredTableCell(numbercolumnsrepeated=span - 1))
        table.addElement(row)

    for title in content.titles:
        put(title)
    for title, rows in content.sections:
        put(title, span=2)
        for label, parts in rows:
            put(label, _text(parts))
    empty = TableRow(numberrowsrepeated=1_000_000)
    empty.addElement(TableCell(numbercolumnsrepeated=16_000))
    table.addElement(empty)
    book.spreadsheet.addElement(table)
    out = io.BytesIO()
    book.write(out)
    return out.getvalue()


# -- text


def markdown_table(content: Content) -> bytes:
    lines = [f"# {title}\n" for title in content.titles]
    for title, rows in content.sections:
        lines += [f"## {title}\n", "| Label | Value |", "|---|---|"]
        for label, parts in rows:
            value = "<br>".join(line for line in _text(parts).replace("|", "\\|").split("\n"))
            lines.append(f"| {label} | {value} |")
        lines.append("")
    return "\n".join(lines).encode()


def markdown_headings(content: Content) -> bytes:
    lines = [f"# {title}\n" for title in content.titles]
    for title, rows in content.sections:
        lines.append(f"## {title}\n")
        for label, parts in rows:
            lines.append(f"### {label}\n")
            for kind, group in groupby(parts, key=lambda part: part[0]):
                lines += [f"- {text}" if kind == "li" else f"{text}\n" for _, text in group]
                lines.append("")
    return "\n".join(lines).encode()


def _markup(parts) -> str:
    out = []
    for kind, group in groupby(parts, key=lambda part: part[0]):
        if kind == "li":
            out.append("<ul>" + "".join(f"<li>{html.escape(text)}</li>" for _, text in group) + "</ul>")
        else:
            out.extend("<p>" + html.escape(text).replace("\n", "<br>\n") + "</p>" for _, text in group)
    return "\n".join(out)


def _page(body: str, charset: str = "utf-8") -> bytes:
    head = f'<meta charset="{charset}"><title>Form</title><style>td {{ color: red }}</style>'
    page = f"<!DOCTYPE html>\n<html><head>{head}</head><body><nav>Home | Contact: here</nav>{body}</body></html>"
    return page.encode(charset)


def html_tables(content: Content, charset: str = "utf-8") -> bytes:
    body = [f"<h{place}>{html.escape(title)}</h{place}>" for place, title in enumerate(content.titles, 1)]
    for title, rows in content.sections:
        body.append(f"<h2>{html.escape(title)}</h2><table><thead><tr><th>Label</th><th>Value</th></tr></thead>")
        body += [f"<tr><th>{html.escape(label)}:</th><td>{_markup(parts)}</td></tr>" for label, parts in rows]
        body.append("</table>")
    return _page("\n".join(body), charset)


def html_definitions(content: Content) -> bytes:
    body = [f"<p><b>{html.escape(title)}</b></p>" for title in content.titles]
    for title, rows in content.sections:
        body.append(f"<h2>{html.escape(title)}</h2><dl>")
        body += [f"<dt>{html.escape(label)}</dt><dd>{_markup(parts)}</dd>" for label, parts in rows]
        body.append("</dl>")
    return _page("\n".join(body))


def html_headings(content: Content) -> bytes:
    body = [f"<p>{html.escape(title)}</p>" for title in content.titles]
    for title, rows in content.sections:
        body.append(f"<h2>{html.escape(title)}</h2>")
        body += [f"<h3>{html.escape(label)}</h3>{_markup(parts)}" for label, parts in rows]
    return _page("\n".join(body))


def html_bold(content: Content) -> bytes:
    body = [f"<div>{html.escape(title)}</div>" for title in content.titles]
    for title, rows in content.sections:
        body.append(f"<div><strong>{html.escape(title)}</strong></div>")
        for label, parts in rows:
            first, *others = parts
            inline = f" {html.escape(first[1])}".replace("\n", "<br>") if first[0] == "p" else ""
            body.append(f"<p><strong>{html.escape(label)}:</strong>{inline}</p>{_markup(others if inline else parts)}")
    return _page("\n".join(body))


def html_nested(content: Content) -> bytes:
    """A page laid out with tables."""
    inner = html_tables(content).decode().partition("</nav>")[2].partition("</body>")[0]
    return _page(f"<table><tr><td>{inner}</td></tr></table>")


def delimited(content: Content, delimiter: str = ";", encoding: str = "utf-8-sig", bullet: str = "- ") -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    for title in content.titles:
        writer.writerow([title, ""])
    writer.writerow(["Label", "Value"])
    for title, rows in content.sections:
        writer.writerow([title, ""])
        writer.writerows([label, _text(parts, bullet)] for label, parts in rows)
    return out.getvalue().encode(encoding, "replace")


RENDERINGS: dict[str, Callable[[Content], bytes]] = {
    "table.docx": docx_table,
    "without bullets.docx": lambda content: docx_table(content, bullets=False),
    "filler rows.docx": lambda content: docx_table(content, filler=True),
    "numbers.docx": lambda content: docx_table(content, numbers=True),
    "a table a section.docx": docx_tables,
    "a line a row.docx": docx_line_a_row,
    "headings.docx": docx_headings,
    "bold labels.docx": docx_bold,
    "one column.docx": docx_one_column,
    "nested.docx": docx_nested,
    "plain.xlsx": xlsx,
    "without bullets.xlsx": lambda content: xlsx(content, bullet=""),
    "numbers.xlsx": lambda content: xlsx(content, numbers=True),
    "far in.xlsx": lambda content: xlsx(content, corner=(12, 4)),
    "two tables.xlsx": xlsx_two_tables,
    "sheets.xlsx": xlsx_sheets,
    "sheet.ods": ods,
    "table.md": markdown_table,
    "headings.md": markdown_headings,
    "tables.html": html_tables,
    "old charset.html": lambda content: html_tables(content, "windows-1252"),
    "definitions.html": html_definitions,
    "headings.html": html_headings,
    "bold labels.html": html_bold,
    "nested.html": html_nested,
    "semicolons.csv": delimited,
    "commas.csv": lambda content: delimited(content, ",", "cp1252"),
    "tabs.tsv": lambda content: delimited(content, "\t", "utf-16", "• "),
}
"""Every rendering, by the name of its file."""
