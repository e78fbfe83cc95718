"""Files that are tables, and files that only say so: each is read rightly, or refused in one clear sentence."""

from __future__ import annotations

import gzip
import io
import os
import threading
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from integgraph.errors import InputError
from integgraph.ingest.tables import reading
from integgraph.ingest.tables.reading import Layout, Reader, snapshot

Sheet = Sequence[Sequence[object]]


def column(number: int) -> str:
    """Name of a column, from 0.

    >>> column(0), column(16383)
    ('A', 'XFD')
    """
    name = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def workbook(
    sheets: Mapping[str, Sheet],
    *,
    hidden: Sequence[str] = (),
    merged: Sequence[str] = (),
    more: Mapping[str, bytes] | None = None,
    raw: str = "",
) -> bytes:
    """A workbook, written as plainly as the format allows; a cell ``("=", formula, value)`` is a formula."""
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        types = "".join(
            f'<Override PartName="/xl/worksheets/sheet{number}.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
            for number in range(1, len(sheets) + 1)
        )
        archive.writestr(
            "[Content_Types].xml",
            f'{head}<Types xmlns="{package}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Override PartName="/xl/workbook.xml" '
            f'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>{types}</Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'{head}<Relationships xmlns="{package}/relationships">'
            f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        listed = "".join(
            f'<sheet name="{escape(name)}" sheetId="{number}" r:id="r{number}"'
            + (' state="hidden"/>' if name in hidden else "/>")
            for number, name in enumerate(sheets, 1)
        )
        archive.writestr(
            "xl/workbook.xml",
            f'{head}<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{listed}</sheets></workbook>',
        )
        related = "".join(
            f'<Relationship Id="r{number}" Type="{office}/worksheet" Target="worksheets/sheet{number}.xml"/>'
            for number in range(1, len(sheets) + 1)
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'{head}<Relationships xmlns="{package}/relationships">{related}</Relationships>',
        )
        for number, rows in enumerate(sheets.values(), 1):
            body = "".join(
                f'<row r="{place}">'
                + "".join(
                    _cell(f"{column(index)}{place}", value) for index, value in enumerate(row) if value is not None
                )
                + "</row>"
                for place, row in enumerate(rows, 1)
            )
            areas = "".join(f'<mergeCell ref="{area}"/>' for area in merged)
            joined = f'<mergeCells count="{len(merged)}">{areas}</mergeCells>' if merged else ""
            archive.writestr(
                f"xl/worksheets/sheet{number}.xml",
                f'{head}{raw}<worksheet xmlns="{main}"><sheetData>{body}</sheetData>{joined}</worksheet>',
            )
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return out.getvalue()


def _cell(place: str, value: object) -> str:
    if isinstance(value, tuple):
        return f'<c r="{place}"><f>{escape(value[1])}</f><v>{value[2]}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


def read(
    folder: Path,
    content: bytes | str,
    columns: Sequence[str] = ("Name", "Betrag"),
    name: str = "t.csv",
    **layout: object,
) -> list[tuple[int, list[object], str]]:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with Reader() as reader:
        spool = reader.read(file, columns, Layout(**layout))  # type: ignore[arg-type]
        return [(row.number, list(row.cells), row.fault) for row in spool.rows()]


def refused(
    folder: Path,
    content: bytes | str,
    name: str = "t.csv",
    columns: Sequence[str] = ("Name", "Betrag"),
    **layout: object,
) -> str:
    with pytest.raises(InputError) as error:
        read(folder, content, columns, name, **layout)
    text = str(error.value)
    assert "\n" not in text
    assert "Traceback" not in text
    return text


# -- what is read


@pytest.mark.parametrize(
    "content",
    [
        "Name,Betrag\nZora,5\n",
        "Name;Betrag\nZora;5\n",
        "Name\tBetrag\nZora\t5\n",
        "Name|Betrag\nZora|5\n",
        "\ufeffName;Betrag\r\nZora;5\r\n",
        '"Name";"Betrag"\n"Zora";"5"',
        " Name ;Betrag;\nZora;5;\n",
        "Name;Betrag\nZora;5\n;\n\n",
    ],
)
def test_any_delimiter_and_line_end(content: str, tmp_path: Path) -> None:
    assert read(tmp_path, content) == [(2, ["Zora", "5"], "")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_told_from_the_bytes(encoding: str, tmp_path: Path) -> None:
    assert read(tmp_path, "Name;Betrag\nKöln – „Süd“;5\n".encode(encoding)) == [(2, ["Köln – „Süd“", "5"], "")]


def test_cells_of_several_lines_are_one_row(tmp_path: Path) -> None:
    found = read(tmp_path, 'Name,Betrag\n"Verein\nSüd ""A""",5\nb,6\n')
    assert found == [(2, ['Verein\nSüd "A"', "5"], ""), (3, ["b", "6"], "")]


def test_packed_with_gzip(tmp_path: Path) -> None:
    assert read(tmp_path, gzip.compress(b"Name,Betrag\na,5\n"), name="t.csv.gz") == [(2, ["a", "5"], "")]


def test_a_delimiter_that_stands_in_the_cells_more_often_than_between_them(tmp_path: Path) -> None:
    assert read(tmp_path, 'Name;Betrag\n"a, b, c";5\nd, e;6\n') == [(2, ["a, b, c", "5"], ""), (3, ["d, e", "6"], "")]


def test_a_workbook(tmp_path: Path) -> None:
    rows = [
        ["Name", "Betrag", "x"],
        ["Zora", 5.5, None],
        ["Caritas", 7, None],
        ["Summe", ("=", "SUM(B2:B3)", 12.5), None],
    ]
    found = read(tmp_path, workbook({"A": rows}), name="t.xlsx")
    assert found == [(2, ["Zora", 5.5], ""), (3, ["Caritas", 7], ""), (4, ["Summe", 12.5], "")]


def test_a_table_that_begins_inside_a_sheet(tmp_path: Path) -> None:
    rows = [[], [], [None, "Name", "Betrag"], [None, "a", 5]]
    assert read(tmp_path, workbook({"A": rows}), name="t.xlsx", header=3) == [(4, ["a", 5], "")]


def test_a_parquet_file(tmp_path: Path) -> None:
    out = io.BytesIO()
    pq.write_table(pa.table({"Name": ["a", "b"], "Betrag": [5.5, None], "x": [[1], [2]]}), out)
    assert read(tmp_path, out.getvalue(), name="t.parquet") == [(2, ["a", 5.5], ""), (3, ["b", None], "")]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_headings_in_another_row(form: str, tmp_path: Path) -> None:
    rows = [["Bericht"], [], ["Stand", "2020"], [], [], [], ["Name", "Betrag"], ["a", "5"]]
    content = workbook({"A": rows}) if form == "xlsx" else "\n".join(";".join(row) for row in rows).encode()
    text = refused(tmp_path, content, f"t.{form}")
    assert "The headings stand in row 7, not in row 1. Write 'header: 7' under 'read' in the mapping." in text
    assert read(tmp_path, content, name=f"t.{form}", header=7) == [(8, ["a", "5"], "")]


def test_the_content_decides_what_a_file_is(tmp_path: Path) -> None:
    assert read(tmp_path, "Name;Betrag\na;5\n", name="t.xlsx") == [(2, ["a", "5"], "")]
    assert read(tmp_path, workbook({"A": [["Name", "Betrag"], ["a", 5]]}), name="t.csv") == [(2, ["a", 5], "")]
    with Reader() as reader:
        (tmp_path / "t.xlsx").write_text("Name;Betrag\na;5\n")
        notes = reader.read(tmp_path / "t.xlsx", ["Name"]).notes
    assert notes == ("The name ends like a file of xlsx, but the content is csv; it was read as that.",)


# -- rows that fail


def test_ragged_rows_fail_and_the_others_count(tmp_path: Path) -> None:
    found = read(tmp_path, "Name,Betrag,x\na,5,\nb,6\nc,7,,,8\nd,9,\n")
    assert [fault for _, _, fault in found] == [
        "",
        "The row has only 2 cells, but there are 3 headings.",
        "The row has 5 cells, but there are 3 headings.",
        "",
    ]


def test_merged_cells_are_not_guessed(tmp_path: Path) -> None:
    rows = [["Name", "Betrag"], ["a", 5], [None, 6], ["c", 7]]
    found = read(tmp_path, workbook({"A": rows}, merged=["A2:A3"]), name="t.xlsx")
    assert [bool(fault) for _, _, fault in found] == [True, True, False]
    assert "merged" in found[0][2]


# -- what is refused


def test_a_column_that_is_not_there(tmp_path: Path) -> None:
    text = refused(tmp_path, "Name;Betrag EUR;Jahr\na;5;6\n")
    assert "t.csv: The table has no column 'Betrag' in row 1. Did you mean 'Betrag EUR'?" in text
    assert "Two columns have the heading 'Name'" in refused(tmp_path, "Name;Name;Betrag\na;b;5\n")


@pytest.mark.parametrize("wide", [1_500, 16_384])
def test_too_many_columns(wide: int, tmp_path: Path) -> None:
    rows = [["Name", "Betrag", *range(wide - 2)], ["a", 5]]
    assert f"{wide:,} columns; at most 1,000 are read" in refused(tmp_path, workbook({"A": rows}), "t.xlsx")
    text = ",".join(map(str, rows[0])) + "\n"
    assert f"{wide:,} columns; at most 1,000 are read" in refused(tmp_path, text)


def test_a_million_columns(tmp_path: Path) -> None:
    assert "at most 1,000 are read" in refused(tmp_path, "Name,Betrag" + ",x" * 1_000_000 + "\n")


def test_sheets(tmp_path: Path) -> None:
    table, other = [["Name", "Betrag"], ["a", 5]], [["x"], ["y"]]
    two = workbook({"Eins": table, "Zwei": other})
    assert "The workbook has 2 sheets: Eins, Zwei. Name one with 'sheet: …'" in refused(tmp_path, two, "t.xlsx")
    assert read(tmp_path, two, name="t.xlsx", sheet="Eins") == [(2, ["a", 5], "")]
    assert "There is no sheet 'Ein'. Did you mean 'Eins'?" in refused(tmp_path, two, "t.xlsx", sheet="Ein")
    hidden = workbook({"Eins": table, "Alt": other}, hidden=["Alt"])
    with Reader() as reader:
        (tmp_path / "t.xlsx").write_bytes(hidden)
        found = reader.read(tmp_path / "t.xlsx", ["Name"])
        assert (found.sheet, found.notes) == ("Eins", ("Hidden sheets were left alone: Alt.",))
    assert "Every sheet of the workbook is hidden" in refused(tmp_path, workbook({"A": table}, hidden=["A"]), "t.xlsx")


def test_macros_are_not_run(tmp_path: Path) -> None:
    content = workbook({"A": [["Name", "Betrag"], ["a", 5]]}, more={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"})
    (tmp_path / "t.xlsm").write_bytes(content)
    with Reader() as reader:
        assert "The workbook holds macros; they were not run." in reader.read(tmp_path / "t.xlsm", ["Name"]).notes


def archive(*names: str, content: bytes = b"<x/>") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in names:
            # Dated the same at every run, for it is in the name of a test.
            packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 100


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty."),
        (b"%PDF-1.7 ...", "The file is a PDF document, not a table."),
        (b"<!DOCTYPE html><html>", "The file is a web page or XML, not a table."),
        (archive("word/document.xml"), "The file is a Word document, not a workbook."),
        (archive("content.xml"), "The file is an OpenDocument file, not a workbook."),
        (archive("a.txt"), "The file is a ZIP archive, not a workbook."),
        (archive("a.txt")[:60], "The file is a damaged ZIP archive or workbook."),
        (ENCRYPTED, "The file is encrypted."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "The file is in the format of Excel before 2007."),
        (gzip.compress(b"Name,Betrag\na,5\n", mtime=0)[:-9], "The file is packed with gzip, but damaged or cut off."),
        (b"PAR1" + b"x" * 50, "The Parquet file is damaged"),
        (b"Name,Betrag\na,\x005\n", "There is a NUL character in line 2, so this is no text."),
        ("Name,Betrag\nKöln,5\n".encode() + "Köln,6\n".encode("cp1252"), "The file mixes encodings: line 2 is UTF-8"),
        (b"Name,Betrag\na\x81,5\n", "Line 2 is neither UTF-8 nor Windows-1252: byte 0x81."),
        (b'Name,Betrag\n"a,5\nb,6\n' + b"c,7\n" * 50_000, "A cell in row 2 is longer than 100,000 characters."),
        (b'Name,Betrag\n"a"b,5\n', "The quotation marks in row 2 do not fit together."),
        (b"Name,Betrag\n" + b"x" * 200_000 + b",5\n", "A cell in row 2 is longer than 100,000 characters."),
        (workbook({"A": [["Name", "Betrag"]]}, raw='<!DOCTYPE x [<!ENTITY a "b">]>'), "declares a document type"),
    ],
)
def test_no_table(content: bytes, message: str, tmp_path: Path) -> None:
    assert message in refused(tmp_path, content, "t.xlsx")


def test_bombs(tmp_path: Path) -> None:
    zeros = bytes(200_000_000)
    assert "unpacks to more than" in refused(tmp_path, gzip.compress(zeros), "t.csv.gz")
    assert "unpacks to more than" in refused(tmp_path, archive("xl/workbook.xml", content=zeros), "t.xlsx")


def test_a_cell_far_outside(tmp_path: Path) -> None:
    content = workbook({"A": [["Name", "Betrag"], ["a", 5]]})
    far = content.replace(b"A2", b"A2")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(far)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name.endswith("sheet1.xml"):
                text = text.replace(
                    b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                )
            new.writestr(name, text)
    text = refused(tmp_path, out.getvalue(), "t.xlsx")
    assert "of memory. A cell far outside of the table" in text or "16,384 columns" in text


def test_nothing_is_read_beyond_memory_and_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "t.csv").write_text("Name,Betrag\n" + "a,5\n" * 200_000)
    with Reader(deadline=0.01) as reader, pytest.raises(InputError, match="took longer than 0.01 seconds"):
        reader.read(tmp_path / "t.csv", ["Name"])


def test_a_file_that_changes_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(b"Name,Betrag\n" + b"a,5\n" * 1_000_000)
    monkeypatch.setattr(reading, "_BLOCK", 1_000)
    seen = threading.Event()
    original = reading.hashlib.sha256

    class Slow:
        """A digest that lets somebody write in the meantime."""

        def __init__(self) -> None:
            self._digest = original()

        def update(self, data: bytes) -> None:
            if not seen.is_set():
                seen.set()
                with file.open("ab") as out:
                    out.write(b"b,6\n")
            self._digest.update(data)

        def hexdigest(self) -> str:
            return self._digest.hexdigest()

    monkeypatch.setattr(reading.hashlib, "sha256", Slow)
    with pytest.raises(InputError, match="The file was changed while it was read. Import again when nobody is writing"):
        snapshot(file, tmp_path / "copy")


@pytest.mark.parametrize("name", ["none.csv", "."])
def test_no_file(name: str, tmp_path: Path) -> None:
    with Reader() as reader, pytest.raises(InputError, match="There is no such file|This is not a file"):
        reader.read(tmp_path / name, ["Name"])
    assert not os.listdir(tmp_path)
