"""What a file is, told from its content; and files that are made to do harm, in every kind of document."""

import io
import random
import re
import struct
import zipfile

import docx
import openpyxl
import pytest

from integgraph.errors import InputError
from integgraph.ingest.documents.archive import MAX_MEMBERS, open_archive
from integgraph.ingest.documents.kinds import MAX_BYTES, SUFFIXES, read, sniff
from tests.ingest.test_documents_sheets import book_of, changed, saved
from tests.ingest.test_documents_word import NAMESPACES, TYPES, package, row

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
FORM = row("Founding year", "2016")


def zipped(*members: tuple[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, content in members:
            made.writestr(name, content)
    return out.getvalue()


def refusal(data: bytes, name: str = "form.docx") -> str:
    with pytest.raises(InputError) as caught:
        read(data, name)
    (problem,) = caught.value.problems
    assert problem.file == name and problem.message.endswith((".", "?"))
    return f"{problem.message} {problem.advice}"


# -- what it is


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"%PDF-1.7", "form.docx", "pdf"),
        (b"\n\n%PDF-1.7", "form.pdf", "pdf"),
        (package(FORM), "form.pdf", "docx"),
        (saved(book_of(["Founding year", 2016])), "form.docx", "xlsx"),
        (zipped(("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", "<a/>")), "a", "ods"),
        (b"<!DOCTYPE html><p>Founding year", "form.docx", "html"),
        (b"\xef\xbb\xbf<html>", "form.txt", "html"),
        (b"<!-- saved --><html>", "a.bin", "html"),
        ("<html><p>Zürich".encode("utf-16"), "form.html", "html"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n", "form.doc", "html"),
        (b"Founding year;2016", "form.csv", "csv"),
        (b"Founding year;2016", "FORM.TSV", "csv"),
        (b"Founding year: 2016", "form.md", "text"),
        (b"Founding year: 2016", "form", "text"),
        (b"Founding year <2016>", "form.txt", "text"),
    ],
)
def test_the_content_decides(data, name, kind):
    assert sniff(data, name) == kind


def test_a_name_that_says_something_else_is_told():
    found = read(package(FORM), "form.pdf")
    assert [line.text for line in found.lines] == ["Founding year\t2016"]
    assert "ends like that of a PDF, but the content is a Word document" in found.notes[0]
    assert read(package(FORM), "form.docx").notes == ()
    assert read(b"Founding year\t2016", "form.csv").notes == ()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"\0" * 100, "NUL"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted with a password. Save it without a password"),
        (
            OLE + "WordDocument".encode("utf-16-le"),
            r"before 2007 \(.doc\). Open it in a word processor and save it as .docx",
        ),
        (OLE + "Workbook".encode("utf-16-le"), r"before 2007 \(.xls\)"),
        (OLE, "before 2007"),
        (b"{\\rtf1 x}", "RTF"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"\x1f\x8b\x08", "packed archive"),
        (zipped(("a.txt", "x")), "ZIP archive, not a document"),
        (zipped(("form.docx", package(FORM))), "ZIP archive, not a document. Unpack it"),
        (zipped(("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", "<a/>")), "ODT"),
        (zipped(("ppt/presentation.xml", "x")), "presentation"),
        (zipped(("xl/workbook.bin", "x")), "xlsb"),
        (zipped(), "ZIP archive"),
        (package(FORM)[:-30], "damaged or incomplete"),
        (package(FORM)[:300], "damaged or incomplete"),
        (b"PK\x03\x04" + b"x" * 100, "damaged or incomplete"),
        (b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w/>', "one XML file"),
        (b'<?xml version="1.0"?><x/>', "The file is XML"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><text>x</text></svg>", "SVG"),
        (b"Founding year: 2016", r"ends in '.docx', but the content is not a Word document \(DOCX\): it is text"),
        (b"abc\0\0", "it is binary"),
    ],
)
def test_what_is_no_document_is_told_what_it_is(data, said):
    assert re.search(said, refusal(data))


def test_names_and_sizes_that_are_not_read():
    assert "Files of the type '.exe' are not read" in refusal(b"Founding year: 2016", "form.exe")
    assert f"at most {MAX_BYTES:,}" in refusal(b"a" * (MAX_BYTES + 1), "form.txt")
    assert all(suffix == suffix.lower() for suffix in SUFFIXES)


# -- archives that are traps


def test_members_that_lead_out_of_the_archive():
    for name in ("../evil.xml", "word/../../evil.xml", "/etc/passwd", "C:\\evil.xml", "..\\evil.xml"):
        assert "leads out of it" in refusal(zipped(("[Content_Types].xml", TYPES), (name, "x")))


def test_bombs_are_refused_before_they_go_off():
    small = zipped(("[Content_Types].xml", TYPES), ("word/document.xml", b" " * 30_000_000))
    assert "unpacks to 30,000," in refusal(small)
    sheet = changed(
        saved(book_of(["Founding year", 2016])),
        "xl/worksheets/sheet1.xml",
        "</sheetData>",
        "</sheetData>" + " " * 40_000_000,
    )
    assert "unpacks to" in refusal(sheet, "form.xlsx")


def lying(data: bytes, name: bytes, size: int) -> bytes:
    """The archive whose directory gives another size of a member than it has."""
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(name))
    return data[: at + 24] + struct.pack("<I", size) + data[at + 28 :]


def test_half_a_gigabyte_in_a_small_file_costs_nothing():
    honest = zipped(("[Content_Types].xml", TYPES), ("word/document.xml", "<a/>"))
    assert "unpacks to 500,000," in refusal(lying(honest, b"word/document.xml", 500_000_000))


def test_a_directory_that_is_untrue_gains_nothing():
    data = zipped(("[Content_Types].xml", TYPES), ("word/document.xml", b" " * 30_000_000))
    assert "damaged" in refusal(lying(data, b"word/document.xml", 100))


def test_many_and_double_and_odd_members():
    assert f"at most {MAX_MEMBERS:,}" in refusal(zipped(*((str(number), "") for number in range(MAX_MEMBERS + 1))))
    with pytest.warns(UserWarning, match="Duplicate"):
        double = zipped(("word/document.xml", "<a/>"), ("word/document.xml", "<b/>"))
    assert "two parts of one name" in refusal(double)
    assert "packed in a way" in refusal(zipped(("word/document.xml", "<a/>"), method=zipfile.ZIP_LZMA))
    data = bytearray(zipped(("word/document.xml", "<a/>")))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in refusal(bytes(data))


def test_files_in_files_stay_closed():
    inner = zipped(("x", b"\0" * 900_000))
    nested = package(FORM, parts={f"word/embeddings/{number}.zip": inner for number in range(20)})
    assert [line.text for line in read(nested, "form.docx").lines] == ["Founding year\t2016"]


# -- XML that is a trap

LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "haha">'
    + "".join(
        f'<!ENTITY {new} "{"&" + old + ";"}{("&" + old + ";") * 9}">'
        for old, new in zip("abcdefghi", "bcdefghij", strict=True)
    )
    + "]>"
)


@pytest.mark.parametrize("prolog", ["", '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n', "<!-- x -->"])
@pytest.mark.parametrize(
    "doctype",
    [
        LAUGHS,
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_document_types_are_refused(prolog, doctype):
    word = changed(package(FORM), "word/document.xml", "<w:document", f"{prolog}{doctype}<w:document")
    assert "declares a document type" in refusal(word)
    book = saved(book_of(["Founding year", 2016]))
    for part, element in (
        ("xl/worksheets/sheet1.xml", "<worksheet"),
        ("xl/styles.xml", "<styleSheet"),
        ("xl/workbook.xml", "<workbook"),
    ):
        assert "declares a document type" in refusal(changed(book, part, element, f"{doctype}{element}"), "form.xlsx")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_document_types_are_seen_in_any_encoding(encoding):
    xml = f"{LAUGHS}<w:document {NAMESPACES}><w:body/></w:document>"
    assert "declares a document type" in refusal(
        zipped(("[Content_Types].xml", TYPES), ("word/document.xml", xml.encode(encoding)))
    )
    utf7 = b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x><w/>'
    assert "no valid XML" in refusal(zipped(("[Content_Types].xml", TYPES), ("word/document.xml", utf7)))


def test_wide_documents_are_read():
    xml = f"<w:document {NAMESPACES}><w:body>{FORM}</w:body></w:document>"
    data = zipped(("[Content_Types].xml", TYPES), ("word/document.xml", xml.encode("utf-16")))
    assert read(data, "form.docx").lines[0].text == "Founding year\t2016"


def test_deep_and_broken_xml_is_refused():
    deep = "<w:tbl><w:tr><w:tc>" * 5_000
    assert "no valid XML" in refusal(package(deep))
    assert "no valid XML" in refusal(package(FORM[:-5]))
    frame = "<w:tbl><w:tr><w:tc>{}</w:tc></w:tr></w:tbl>"
    nested = FORM
    for _ in range(15):
        nested = frame.format(nested)
    assert read(package(nested), "form.docx").lines[0].text == "Founding year\t2016"
    for _ in range(15):
        nested = frame.format(nested)
    assert "more than 20 deep" in refusal(package(nested))
    assert "tags" in refusal(package("<w:r/>" * 600_000, parts={"a": random.Random(1).randbytes(60_000)}))


def test_many_cells_are_refused():
    rows = "<w:tbl>" + ("<w:tr>" + "<w:tc/>" * 1_000 + "</w:tr>") * 201 + "</w:tbl>"
    filler = random.Random(1).randbytes(30_000)  # so that it is not packed tightly
    assert "more than 200,000 cells" in refusal(package(rows, parts={"word/media/a.png": filler}))


def test_relations_that_lead_nowhere_are_harmless():
    document = docx.Document()
    document.add_paragraph("Founding year: 2016")
    out = io.BytesIO()
    document.save(out)
    data = changed(out.getvalue(), "word/_rels/document.xml.rels", "styles.xml", "../../../../etc/passwd")
    assert read(data, "form.docx").lines[0].text == "Founding year: 2016"
    gone = changed(saved(openpyxl.Workbook()), "xl/_rels/workbook.xml.rels", "worksheets/sheet1.xml", "none.xml")
    assert "lacks its part" in refusal(gone, "form.xlsx")


def test_an_archive_knows_its_members():
    archive = open_archive(package(FORM), "form.docx")
    assert "word/document.xml" in archive and "word/other.xml" not in archive
    with pytest.raises(InputError, match="lacks its part 'other'"):
        archive.read("other")
    with pytest.raises(InputError, match="at most 10 are read"):
        archive.read("word/document.xml", 10)
