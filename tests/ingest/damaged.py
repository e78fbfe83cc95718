"""Documents of every kind, and ways to damage them where it hurts: with what their formats take seriously.

A small form is written once in each kind. A damaged one is a mutation of it that a number stands for, so that it can be
made again anywhere.
"""

from __future__ import annotations

import copy
import datetime
import io
import random
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import docx
import xlsxwriter
from lxml import etree
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate
from reportlab.platypus import Table as PdfTable

ROWS = (
    ("Name of the network", "Harz together"),
    ("Founding year", "since May 2016"),
    ("Location", "Halberstadt / Germany"),
    ("Members", "Three NGOs: Zora e.V.; Caritas; Diakonie"),
    ("Field(s) of action", "Language; Housing"),
    ("Brief description", "Newcomers and neighbours meet every week."),
    ("Success factors", "Trust"),
    ("Website, Social Media", "https://harz.example/start"),
)
TITLE = "Good practice: Harz together"
_ZIP_TIME = datetime.datetime(2026, 1, 1)


def _text() -> bytes:
    return "\n".join([TITLE, "", *(f"{label}\t{value}" for label, value in ROWS)]).encode()


def _markdown() -> bytes:
    return "\n".join([f"# {TITLE}", "", *(f"| **{label}** | {value} |" for label, value in ROWS)]).encode()


def _csv() -> bytes:
    return "\n".join(f'"{label}";"{value}"' for label, value in ROWS).encode()


def _html() -> bytes:
    rows = "".join(f"<tr><th>{label}</th><td><ul><li>{value}</li></ul></td></tr>" for label, value in ROWS)
    return f"<!doctype html><html><head><title>x</title></head><body><h1>{TITLE}</h1><table>{rows}</table></body></html>".encode()


def _docx() -> bytes:
    document = docx.Document()
    document.add_heading(TITLE, 1)
    table = document.add_table(len(ROWS), 2)
    for row, pair in zip(table.rows, ROWS, strict=True):
        for cell, text in zip(row.cells, pair, strict=True):
            cell.text = text
    table.rows[6].cells[0].merge(table.rows[6].cells[1])
    document.add_paragraph("Beside the form", style="List Bullet")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _xlsx() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": _ZIP_TIME})
    sheet = book.add_worksheet("Form")
    sheet.merge_range(0, 0, 0, 1, TITLE)
    for number, (label, value) in enumerate(ROWS, start=2):
        sheet.write(number, 0, label)
        sheet.write(number, 1, value)
    sheet.write_formula(20, 1, "=1+1")
    book.add_worksheet("Hidden").hide()
    book.close()
    return out.getvalue()


def _ods() -> bytes:
    book = OpenDocumentSpreadsheet()
    table = Table(name="Form")
    for pair in ROWS:
        row = TableRow()
        for text in pair:
            cell = TableCell(valuetype="string")
            cell.addElement(P(text=text))
            row.addElement(cell)
        table.addElement(row)
    book.spreadsheet.addElement(table)
    out = io.BytesIO()
    book.write(out)
    return out.getvalue()


def _pdf(ruled: bool) -> bytes:
    out = io.BytesIO()
    style = getSampleStyleSheet()["Normal"]
    rows = [[Paragraph(label, style), Paragraph(value, style)] for label, value in ROWS]
    grid = [("GRID", (0, 0), (-1, -1), 0.5, "black")] if ruled else []
    parts = [Paragraph(TITLE, style), PdfTable(rows[:4], [150, 300], style=grid)]
    parts += [PageBreak(), PdfTable(rows[4:], [150, 300], style=grid)]
    SimpleDocTemplate(out, pageCompression=0, invariant=1).build(parts)
    return out.getvalue()


SOURCES: Mapping[str, Callable[[], bytes]] = {
    "form.txt": _text, "form.md": _markdown, "form.csv": _csv, "form.html": _html, "form.docx": _docx,
    "form.xlsx": _xlsx, "form.ods": _ods, "ruled.pdf": lambda: _pdf(True), "unruled.pdf": lambda: _pdf(False),
}  # fmt: skip
"""A form in each kind, by a name that the kind goes by."""


@lru_cache
def source(name: str) -> bytes:
    """The form as a file of this name."""
    return SOURCES[name]()


# -- damage

_TEXT = [
    b"Name of the network", b"Founding year:", b"\t", b";", b'"', b"|", b"\n", b"\r\n", b"\r", b"\n\n\n", b"\0", b"\xff",
    b"\xef\xbb\xbf", b"\xff\xfe", "ä".encode("cp1252"), "\ufb01\u00a8\uf0b7¿".encode(), "Ã¼".encode(), b"x" * 30_000,
    b"\x1a", b"\xed\xa0\x80", "\u202e\u2066\ufeff\u2028".encode(), b"# ", b"- ", b"**", b"<ul><li>", b"http://", b"a@b",
    b"1. GENERAL INFORMATION", b"Page 2 of 4", b"\f", b"9" * 400, b"o \n", b"((" * 500, b"---\n",
]  # fmt: skip
_MARKUP = [
    b"<", b">", b"</", b"/>", b"&", b"&amp;", b"&#0;", b"&#x10FFFF;", b"&x;", b"<!--", b"-->", b"<![CDATA[", b"]]>",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"<?xml version='9'?>", b'xmlns:w="x"', b'="', b"'", b"\0", b"\xff",
    b"<table>", b"</table>", b"<tr>", b"<td colspan=9999999 rowspan=9999999>", b"<th>", b"<ul>" * 300, b"<div>" * 600,
    b"<script>", b"<style>", b"<!-- <table>", b"<br>", b"<li>", b"<h1>", b"Name of the network", b"<meta charset=utf-7>",
    b"<w:tbl>", b"</w:tbl>", b"<w:p><w:r><w:t>Members</w:t></w:r></w:p>", b'<w:gridSpan w:val="99999999"/>',
    b'<w:vMerge/>', b"<w:sdt>", b"<w:del>", b"<w:instrText>", b"<w:tc>", b'w:val="-1"', b"<mc:AlternateContent>",
    b'<c r="XFD1048576"><v>1</v></c>', b'r="A0"', b't="s"', b"<v>99999999</v>", b"<f>A1</f>", b'state="veryHidden"',
    b'<mergeCell ref="A1:XFD1048576"/>', b'<row r="0">', b'r:id="rId99"', b'Target="../../../etc/passwd"',
    b'Target="http://127.0.0.1/x" TargetMode="External"', b'table:number-columns-repeated="16384"',
    b'table:number-rows-repeated="1048576"', b'office:value-type="date" office:date-value="x"', b"<text:p>", b"1e999",
]  # fmt: skip
_PDF = [
    b"obj", b"endobj", b"stream\n", b"endstream", b"xref", b"trailer", b"startxref\n0", b"%%EOF", b"<<", b">>", b"[", b"]",
    b"1 0 R", b"2 0 R", b"99999 0 R", b"/Kids [1 0 R 1 0 R]", b"/Count 99999999", b"/Length 0", b"/Length 99999999",
    b"/Filter /FlateDecode", b"/Filter [/FlateDecode /FlateDecode /ASCIIHexDecode]", b"/Encrypt 3 0 R", b"/Type /Pages",
    b"/MediaBox [0 0 1e9 1e9]", b"/MediaBox [0 0 0 0]", b"/Rotate 91", b" Tj", b"BT", b"ET", b"q\n" * 500, b" cm",
    b"1e30 0 0 1e30 0 0 cm", b"0 0 0 0 0 0 cm", b" Tf", b"/F9 1e9 Tf", b" re S", b"0 0 m 9 9 l S\n" * 300, b"(", b")",
    b"\\", b"\0", b"\xff", b"(Members) Tj", b"-1", b"1e999", b"/Prev 0", b"/ToUnicode 1 0 R", b"/Contents 1 0 R",
]  # fmt: skip
_ARCHIVE = [b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x08", b"\x01", b"../"]


def _spoil(raw: bytes, chance: random.Random, pieces: Sequence[bytes]) -> bytes:
    """Replace, insert, repeat or cut, a few times."""
    found = bytearray(raw)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(found) + 1)
        kind = chance.random()
        if kind < 0.6:
            found[at : at + chance.choice((0, 0, 0, 1, 2, 8, 40))] = chance.choice(pieces)
        elif kind < 0.75:
            found[at : at + 4] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 4)))
        elif kind < 0.9:
            found[at:at] = found[at : at + 200] * chance.randint(1, 20)
        else:
            del found[at : at + chance.randint(1, 600)]
    return bytes(found)


_VALUES = (
    "", "0", "-1", "1", "99999999", "1e999", "XFD1048576", "A0", "s", "d", "b", "inlineStr", "true", "x" * 5000,
    "../x", "http://127.0.0.1/", "rId1", "rId99", "2026-13-45", "=1+1", "Name of the network", "\u202eFounding year",
)  # fmt: skip


def _bent(raw: bytes, chance: random.Random) -> bytes:
    """Well-formed XML whose tree is not what its format has in mind."""
    root = etree.fromstring(raw)
    for _ in range(chance.randint(1, 12)):
        nodes = [each for each in root.iter() if isinstance(each.tag, str)]
        node, other = chance.choice(nodes), chance.choice(nodes)
        parent, kind = node.getparent(), chance.random()
        if kind < 0.25 and node.attrib:
            node.set(chance.choice(list(node.attrib)), chance.choice(_VALUES))
        elif kind < 0.35 and other.attrib:
            key = chance.choice(list(other.attrib))
            node.set(key, other.attrib[key])
        elif kind < 0.5:
            node.text = chance.choice(_VALUES)
        elif parent is None:
            continue
        elif kind < 0.65:
            parent.remove(node)
        elif kind < 0.8:
            parent.extend([copy.deepcopy(node) for _ in range(chance.choice((1, 2, 60)) if len(node) < 20 else 1)])
        elif kind < 0.95 and not any(each is node for each in other.iterancestors()) and other is not node:
            other.append(node)
        elif kind < 0.97:
            deep = node
            for _ in range(chance.choice((5, 150))):
                deep = etree.SubElement(deep, node.tag)
        else:
            node.tag = other.tag
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _in_archive(raw: bytes, chance: random.Random) -> bytes:
    """Spoil one or two members and pack them again, or the archive itself."""
    if chance.random() < 0.15:
        return _spoil(raw, chance, _ARCHIVE)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        main = [
            name for name in names if name.endswith(("document.xml", "sheet1.xml", "content.xml", "sharedStrings.xml"))
        ]
        spoiled = {chance.choice(main if chance.random() < 0.6 else names) for _ in range(2)}
        for name in names:
            if chance.random() < 0.02:
                continue
            content = old.read(name)
            info = zipfile.ZipInfo(name if chance.random() > 0.01 else f"../{name}")
            info.compress_type = old.getinfo(name).compress_type
            if name in spoiled:
                bends = chance.random() < 0.85 and name.endswith((".xml", ".rels"))
                content = _bent(content, chance) if bends else _spoil(content, chance, _MARKUP)
            new.writestr(info, content)
            if chance.random() < 0.01 and "word/vbaProject.bin" not in new.namelist():
                new.writestr("word/vbaProject.bin", bytes(chance.choice((100, 2_000_000))))
    return out.getvalue()


def _in_pdf(raw: bytes, chance: random.Random) -> bytes:
    found = _spoil(raw, chance, _PDF)
    if chance.random() < 0.1:
        packed = zlib.compress(bytes(chance.choice((100, 30_000_000))))
        found += b"\n99 0 obj<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream endobj\n" % (len(packed), packed)
    return found


def damaged(number: int, names: Sequence[str] = tuple(SOURCES)) -> tuple[str, bytes]:
    """Name and bytes of the damaged document that a number stands for."""
    chance = random.Random(number)
    name = names[number % len(names)]
    raw = source(name)
    suffix = name.rpartition(".")[2]
    if suffix in ("docx", "xlsx", "ods"):
        content = _in_archive(raw, chance)
    elif suffix == "pdf":
        content = _in_pdf(raw, chance)
    else:
        content = _spoil(raw, chance, _MARKUP if suffix == "html" and chance.random() < 0.8 else _TEXT)
    if chance.random() < 0.05:  # a suffix that promises something else
        name = chance.choice(names)
    return name, content or b"x"
