"""What kind of document a file is, told from its bytes, and the reader for it.

The content decides; the name only tells kinds of text from each other, and where both disagree a note says so.

Sources: the signatures are those of ISO 32000-1 7.5.2 (PDF), APPNOTE.TXT 4.3 (ZIP), MS-CFB 2.2 (OLE), MS-OFFCRYPTO 1.3
(encrypted documents), ECMA-376-2 and ODF 1.3 part 2 (packages), RFC 2557 (MHTML).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import PurePath

from integgraph.errors import InputError
from integgraph.ingest.documents.archive import open_archive, refused
from integgraph.ingest.documents.blocks import Known
from integgraph.ingest.documents.lines import Lines

MAX_BYTES = 20_000_000
"""Bytes of the largest document that is read."""

SUFFIXES: Mapping[str, str] = {
    ".pdf": "pdf",
    ".docx": "docx", ".docm": "docx", ".dotx": "docx",
    ".xlsx": "xlsx", ".xlsm": "xlsx", ".xltx": "xlsx",
    ".ods": "ods", ".ots": "ods",
    ".html": "html", ".htm": "html", ".xhtml": "html", ".mht": "html", ".mhtml": "html",
    ".csv": "csv", ".tsv": "csv", ".tab": "csv",
    ".txt": "text", ".text": "text", ".md": "text", ".markdown": "text",
}  # fmt: skip
"""The kind of document that a name promises, by its suffix in lower case."""

_NAMES = {
    "pdf": "a PDF", "docx": "a Word document (DOCX)", "xlsx": "a workbook (XLSX)",
    "ods": "an OpenDocument spreadsheet (ODS)", "html": "a web page (HTML)", "csv": "a table as text (CSV)",
    "text": "text",
}  # fmt: skip
_READERS: Mapping[str, tuple[str, bool]] = {
    "pdf": ("pdf", True), "docx": ("word", True), "xlsx": ("sheets", True), "ods": ("sheets", True),
    "html": ("webpage", True), "csv": ("delimited", True), "text": ("plain", False),
}  # fmt: skip
"""Module of each kind's reader, and whether that takes the labels of the form too."""

READ = "PDF, Word (.docx), Excel (.xlsx), OpenDocument (.ods), web pages (.html), CSV, Markdown and text are read."
_AS_DOCX = "Open it in a word processor and save it as .docx."
_AS_XLSX = "Open it in a spreadsheet program and save it as .xlsx."
_OTHERS: tuple[tuple[re.Pattern[bytes], str, str], ...] = tuple(
    (re.compile(pattern, re.S | re.I), what, advice)
    for pattern, what, advice in (
        (rb"\{\\rtf", "a text document of the kind RTF", _AS_DOCX),
        (
            rb"\x89PNG|\xff\xd8\xff|GIF8|BM.{4}\x00{4}|II\*\x00|MM\x00\*|RIFF.{4}WEBP",
            "a picture",
            "Give the document with its text.",
        ),
        (
            rb"\x1f\x8b|BZh|\xfd7zXZ|7z\xbc\xaf|\(\xb5/\xfd|Rar!",
            "a packed archive",
            "Unpack it, and give the document in it.",
        ),
        (rb"SQLite format 3", "a database (SQLite)", READ),
        (rb"PAR1", "a table in the format Parquet", "Tables are read by: integgraph import-table."),
        (rb"%!PS", "a PostScript file", "Save it as PDF."),
        (rb"MZ|\x7fELF", "a program", READ),
        (rb"wOFF|OTTO|\x00\x01\x00\x00\x00", "a font", READ),
        (rb"ID3|OggS|.{4}ftyp|RIFF.{4}(?:WAVE|AVI )", "a sound or a film", READ),
    )
)
_XML_OTHERS = (
    ('progid="word.document"', "a Word document in one XML file", _AS_DOCX),
    ("pkg:package", "a Word document in one XML file", _AS_DOCX),
    ('progid="excel.sheet"', "a workbook in one XML file", _AS_XLSX),
    ("office:spreadsheet", "an OpenDocument spreadsheet in one XML file", _AS_XLSX),
    ("office:document", "an OpenDocument file in one XML file", _AS_DOCX),
    ("<svg", "a picture (SVG)", "Give the document with its text."),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS = (
    ("EncryptedPackage", "encrypted with a password", "Save it without a password, and give that."),
    ("WordDocument", "a Word document in the format before 2007 (.doc)", _AS_DOCX),
    ("Workbook", "a workbook in the format before 2007 (.xls)", _AS_XLSX),
    ("Book", "a workbook in the format before 2007 (.xls)", _AS_XLSX),
    ("PowerPoint Document", "a presentation in the format before 2007 (.ppt)", _AS_DOCX),
    ("__properties_version1.0", "a mail of Outlook (.msg)", "Save the attached document, and give that."),
)
_PACKAGES = (
    ("ppt/presentation.xml", "a presentation", _AS_DOCX),
    ("xl/workbook.bin", "a workbook in the binary format (.xlsb)", _AS_XLSX),
    ("visio/document.xml", "a drawing (Visio)", "Save it as PDF."),
    ("Index/Document.iwa", "a document of Pages or Numbers", "Export it as Word, Excel or PDF."),
    ("META-INF/container.xml", "an electronic book (EPUB)", "Save it as PDF or HTML."),
    ("META-INF/MANIFEST.MF", "a program (JAR)", READ),
)
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*){0,5}<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_TAGS = re.compile(r"<[a-z][a-z0-9]{0,10}\b[^<>]{0,300}>", re.I)
_MHTML = re.compile(
    rb"(?:[A-Za-z-]{2,40}:[^\n]{0,500}\r?\n(?:[ \t][^\n]{0,500}\r?\n){0,10}){0,20}?content-type:\s*multipart/related",
    re.I,
)


def sniff(data: bytes, name: str) -> str:
    """The kind of a document: ``pdf``, ``docx``, ``xlsx``, ``ods``, ``html``, ``csv`` or ``text``.

    Args:
        data: The bytes of the file.
        name: Its name; tells kinds of text apart.

    Raises:
        InputError: it is none of these; the sentence says what it is and what to do.

    >>> sniff(b"%PDF-1.7", "form.pdf"), sniff(b"Founding year;2016", "form.csv"), sniff(b"<!doctype html>", "form.txt")
    ('pdf', 'csv', 'html')
    """
    if len(data) > MAX_BYTES:
        raise refused(name, f"The file has {len(data):,} bytes; at most {MAX_BYTES:,} are read.")
    if not data.strip(b" \t\r\n\0"):
        raise refused(name, "The file is empty." if not data.strip() else "The file holds nothing but NUL characters.")
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(_OLE):
        raise _ole(data, name)
    if data.startswith(b"PK\x03\x04") or data.startswith(b"PK\x05\x06"):
        return _package(data, name)
    for pattern, what, advice in _OTHERS:
        if pattern.match(data):
            raise refused(name, f"The file is {what}.", advice)
    return _text(data, name)


def read(data: bytes, name: str, known: Known | None = None) -> Lines:
    r"""A document of any kind as lines.

    Args:
        data: The bytes of the file.
        name: Its name; for messages, and to tell kinds of text apart. It is never opened.
        known: Whether a text is a label of the form; with it, labels are found in any column.

    Raises:
        InputError: it cannot be read, is a trap, or is no document; one clear sentence each, naming the file.

    >>> read(b"Founding year;2016\n", "form.csv").lines[0].text
    'Founding year\t2016'
    """
    kind = sniff(data, name)
    module, takes_labels = _READERS[kind]
    reader: Callable[..., Lines] = import_module(f"integgraph.ingest.documents.{module}").read
    try:
        lines = reader(data, name, known) if takes_labels else reader(data, name)
    except RecursionError:
        raise refused(
            name, "The document is nested too deeply.", "Save it anew, without tables inside of tables."
        ) from None
    promised = SUFFIXES.get(PurePath(name).suffix.casefold(), "")
    if promised and promised != kind and {promised, kind} != {"csv", "text"}:
        note = f"The name ends like that of {_NAMES[promised]}, but the content is {_NAMES[kind]}; it was read as that."
        lines = replace(lines, notes=(note, *lines.notes))
    return lines


def _ole(data: bytes, name: str) -> InputError:
    """Streams of the old container are told by their names, which stand in it as UTF-16."""
    for stream, what, advice in _OLE_STREAMS:
        if stream.encode("utf-16-le") in data:
            return refused(name, f"The file is {what}.", advice)
    return refused(name, "The file is in a format of Office before 2007.", "Save it as .docx or .xlsx.")


def _package(data: bytes, name: str) -> str:
    archive = open_archive(data, name)
    if "mimetype" in archive:
        kind = archive.read("mimetype", 1_000).decode("latin-1").strip()
        if kind.startswith("application/vnd.oasis.opendocument.spreadsheet"):
            return "ods"
        if kind.startswith("application/vnd.oasis.opendocument.text"):
            raise refused(name, "The file is an OpenDocument text (ODT).", _AS_DOCX)
        if kind.startswith("application/vnd.oasis.opendocument"):
            raise refused(name, "The file is an OpenDocument presentation or drawing.", "Save it as PDF.")
    for part, what, advice in _PACKAGES:
        if part in archive:
            raise refused(name, f"The file is {what}.", advice)
    if "[Content_Types].xml" in archive:
        # The main part is usually called so, but only the content types say which one it is.
        types = archive.read("[Content_Types].xml").decode("utf-8", "replace")
        if (
            "wordprocessingml.document.main+xml" in types
            or "wordprocessingml.template.main+xml" in types
            or ("ms-word." in types)
        ):
            return "docx"
        if (
            "spreadsheetml.sheet.main+xml" in types
            or "spreadsheetml.template.main+xml" in types
            or "ms-excel.sheet." in types
        ):
            return "xlsx"
    if "word/document.xml" in archive:
        return "docx"
    if "xl/workbook.xml" in archive:
        return "xlsx"
    raise refused(name, "The file is a ZIP archive, not a document.", f"Unpack it, and give the document in it. {READ}")


def _text(data: bytes, name: str) -> str:
    if _MHTML.match(data[:8_000]):
        return "html"
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    head = data[:20_000].decode("utf-16" if wide else "latin-1", "replace").lstrip("\ufeffï»¿")
    promised = SUFFIXES.get(PurePath(name).suffix.casefold(), "")
    if _HTML.match(head):
        return "html"
    if head.lstrip().startswith("<?xml") or head.lstrip().startswith("<svg"):
        for sign, what, advice in _XML_OTHERS:
            if sign in head.casefold():
                raise refused(name, f"The file is {what}.", advice)
        raise refused(name, "The file is XML, not a document.", READ)
    if promised == "html" and _TAGS.search(head):
        return "html"
    if promised in ("csv", "text"):
        return promised
    suffix = PurePath(name).suffix
    if promised:
        what = "binary" if b"\0" in data[:1_000] and not wide else "text"
        advice = "It may be damaged or cut off." if what == "binary" else "If it is the form, let its name end in .txt."
        raise refused(
            name, f"The name ends in '{suffix}', but the content is not {_NAMES[promised]}: it is {what}.", advice
        )
    if not suffix:
        return "text"
    raise refused(name, f"Files of the type '{suffix}' are not read as a form.", READ)
