"""Workbooks, cell by cell: what a person sees in the sheet with the form."""

import datetime
import io
import zipfile

import openpyxl
import pytest
import xlsxwriter
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TableProperties
from odf.table import Table, TableCell, TableColumn, TableRow
from odf.text import A, LineBreak, P, S

from integgraph.errors import InputError
from integgraph.ingest.documents.sheets import MAX_COLUMNS, read

LABELS = {"Name of the network", "Founding year", "Members", "Website", "Target groups", "Location", "Status"}
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"


def saved(book) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def book_of(*rows, **cells) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for place, value in cells.items():
        book.active[place] = value
    return book


def shared(*rows) -> bytes:
    """A workbook whose cells share their texts, as those of Excel do."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    return out.getvalue()


def lines(data, known=LABELS.__contains__) -> list[str]:
    data = data if isinstance(data, bytes) else saved(data)
    return [line.text for line in read(data, "form.xlsx", known).lines if line.text]


def notes(data) -> str:
    return " ".join(read(data if isinstance(data, bytes) else saved(data), "form.xlsx", LABELS.__contains__).notes)


def changed(data: bytes, member: str, old: str, new: str) -> bytes:
    """The package with a text in one of its parts replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == member:
                assert old.encode() in content
                content = content.replace(old.encode(), new.encode())
            target.writestr(name, content)
    return out.getvalue()


def test_values_are_written_as_people_write_them():
    book = book_of(
        ["Founding year", 2016.0], ["Members", 0.5], ["Status", True], ["Name of the network", datetime.date(2021, 1, 5)],
        ["Website", datetime.datetime(2021, 1, 5, 10, 30)], ["Location", 6108], ["Target groups", 0.25],
    )  # fmt: skip
    book.active["B6"].number_format = "00000"
    book.active["B7"].number_format = "0%"
    assert lines(book) == [
        "Founding year\t2016", "Members\t0.5", "Status\tTRUE", "Name of the network\t2021-01-05",
        "Website\t2021-01-05 10:30", "Location\t06108", "Target groups\t25 %",
    ]  # fmt: skip


def test_dates_count_from_1904_where_the_workbook_says_so():
    book = book_of(["Founding year", datetime.date(2016, 5, 1)])
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    assert lines(book) == ["Founding year\t2016-05-01"]


def test_a_unit_is_no_date():
    book = book_of(["Members", 5], ["Founding year", 2016])
    book.active["B1"].number_format = '0 "days"'
    book.active["B2"].number_format = "[Red]0"
    assert lines(book) == ["Members\t5", "Founding year\t2016"]


def test_formulas_give_the_values_they_had():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Founding year"])
        sheet.write_formula(0, 1, "=2000+16", None, 2016)
        sheet.write_row(1, 0, ["Members"])
        sheet.write_formula(1, 1, '="Zo"&"ra"', None, "Zora")
    assert lines(out.getvalue()) == ["Founding year\t2016", "Members\tZora"]
    never_computed = book_of(["Founding year", "=2000+16"], ["Members", "Zora"])
    assert lines(never_computed) == ["Founding year\t", "Members\tZora"] and "no computed value: B1" in notes(
        never_computed
    )


def test_an_error_is_no_value():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Founding year"])
        sheet.write_formula(0, 1, "=1/0", None, "#DIV/0!")
        sheet.write_row(1, 0, ["Members", "Zora"])
    assert lines(out.getvalue()) == ["Founding year\t", "Members\tZora"]
    assert "show an error instead of a value: B1 (#DIV/0!)" in notes(out.getvalue())


def test_rich_text_is_one_text_without_its_pronunciation():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet()
        sheet.write_rich_string(0, 0, bold, "Mem", "bers")
        sheet.write_string(0, 1, "Zora")
    assert lines(out.getvalue()) == ["Members\tZora"]
    read_aloud = changed(
        out.getvalue(), "xl/sharedStrings.xml", "<t>Zora</t>", "<t>Zora</t><rPh sb='0' eb='1'><t>x</t></rPh>"
    )
    assert lines(read_aloud) == ["Members\tZora"]


def test_texts_within_cells_and_odd_characters():
    within = '<c r="B1" t="inlineStr"><is><t>Zo_x000D_\nra</t></is></c>'
    data = changed(shared(["Members", "x"]), "xl/worksheets/sheet1.xml", '<c r="B1" t="s"><v>1</v></c>', within)
    assert lines(data) == ["Members\tZo", "\tra"]
    strict = changed(
        changed(shared(["Members", "x"]), "xl/worksheets/sheet1.xml", MAIN, STRICT), "xl/workbook.xml", MAIN, STRICT
    )
    assert lines(strict) == ["Members\tx"]


def test_cells_without_places_stand_one_after_the_other():
    data = saved(book_of(["Founding year", "2016"], ["Members", "Zora"]))
    for place in ("A1", "B1", "A2", "B2"):
        data = changed(data, "xl/worksheets/sheet1.xml", f'<c r="{place}"', "<c")
    assert lines(data) == ["Founding year\t2016", "Members\tZora"]


def test_merged_cells_and_values_over_several_rows():
    book = book_of(A1="A form", A3="Members", B3="Zora", B4="Diakonie", A5="Founding year", B5="2016", D5="sure?")
    book.active.merge_cells("A1:D1")
    book.active.merge_cells("A3:A4")
    assert lines(book) == ["A form", "Members\tZora", "\t<br>Diakonie", "Founding year\t2016", "\tsure?"]


def test_a_form_that_begins_in_line_seven_and_column_c():
    book = book_of(
        C2="Good practice",
        C7="No.",
        D7="Label",
        E7="Value",
        C8=1,
        D8="Founding year",
        E8=2016,
        C9=2,
        D9="Members",
        E9="Zora",
    )
    found = read(saved(book), "form.xlsx").lines
    assert [(line.text, str(line.spot)) for line in found if line.cell] == [
        ("Founding year\t2016", "sheet Sheet, row 8"), ("Members\tZora", "sheet Sheet, row 9"),
    ]  # fmt: skip


def test_what_is_hidden_is_left_out_and_said():
    book = book_of(["Founding year", "2016", "old: 2015"], ["Members", "Zora"], ["Location", "Halle"])
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["C"].hidden = True
    book.create_sheet("Lists").append(["Members", "Nobody"])
    book["Lists"].sheet_state = "veryHidden"
    book.create_sheet("Help").append(["How to fill this in", "With care"])
    assert lines(book) == ["Founding year\t2016", "Members\tZora"]
    said = notes(book)
    assert "Hidden sheets were left out: Lists" in said and "Hidden rows of the sheet 'Sheet' were left out: 3" in said
    assert "Hidden columns of the sheet 'Sheet' were left out: C" in said and "'Help' holds no label" in said


def test_every_sheet_is_read():
    book = book_of(["Founding year", "2016"])
    book.create_sheet("More").append(["Members", "Zora"])
    found = read(saved(book), "form.xlsx").lines
    assert [(line.text, line.spot.sheet) for line in found if line.text] == [
        ("Founding year\t2016", "Sheet"), ("Members\tZora", "More"),
    ]  # fmt: skip
    assert read(saved(book), "form.xlsx").pages == 2


def test_addresses_behind_links_are_kept():
    book = book_of(["Website", "Zora"], ["Members", "www.zora.example"])
    book.active["B1"].hyperlink = "https://zora.example/"
    book.active["B2"].hyperlink = "http://www.zora.example"
    assert lines(book) == ["Website\tZora (https://zora.example/)", "Members\twww.zora.example"]


def test_far_away_cells_are_refused_at_once():
    book = book_of(["Founding year", "2016"], XFD1048576="x")
    with pytest.raises(InputError, match="The cell XFD1048576 of the sheet 'Sheet' stands far outside of any form"):
        lines(book)
    wide = book_of(["Founding year", "2016", *["x"] * 16_382])
    with pytest.raises(InputError, match=rf"at most {MAX_COLUMNS:,} columns"):
        lines(wide)
    formatted = book_of(["Founding year", "2016"])
    formatted.active["XFD1048576"].font = openpyxl.styles.Font(bold=True)
    assert lines(formatted) == ["Founding year\t2016"]  # nothing stands there


def test_many_rows_are_no_form():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for row in range(20_001):
            sheet.write_number(row, 0, row)
    with pytest.raises(InputError, match="import-table"):
        lines(out.getvalue())


def test_a_workbook_of_hidden_or_empty_sheets_says_so():
    book = book_of(["Founding year", "2016"])
    book.create_sheet("Empty")
    book["Sheet"].sheet_state = "hidden"
    book.active = 1
    with pytest.raises(InputError, match="visible sheets of the workbook are empty"):
        lines(book)
    only = saved(book_of(["Founding year", "2016"]))
    with pytest.raises(InputError, match="Every sheet of the workbook is hidden"):
        lines(changed(only, "xl/workbook.xml", 'state="visible"', 'state="hidden"'))
    with pytest.raises(InputError, match="The workbook is empty"):
        lines(openpyxl.Workbook())


def test_macros_pictures_and_comments_are_said():
    data = saved(book_of(["Founding year", "2016"]))
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as package:
        for name in ("xl/vbaProject.bin", "xl/media/image1.png", "xl/comments/comment1.xml", "xl/embeddings/a.docx"):
            package.writestr(name, "x")
    said = notes(out.getvalue())
    assert all(each in said for each in ("macros", "pictures", "comments", "other files"))


@pytest.mark.parametrize(
    ("member", "old", "new"),
    [
        ("xl/worksheets/sheet1.xml", "<v>1</v>", "<v>99</v>"),
        ("xl/worksheets/sheet1.xml", "</sheetData>", ""),
        ("xl/worksheets/sheet1.xml", "<sheetData>", "<!DOCTYPE x [<!ENTITY a 'b'>]><sheetData>"),
        ("xl/sharedStrings.xml", "<sst", "<!DOCTYPE sst [<!ENTITY a 'b'>]><sst"),
        ("xl/workbook.xml", "<workbook", "<!DOCTYPE x SYSTEM 'file:///etc/passwd'><workbook"),
    ],
)
def test_damaged_and_hostile_parts_are_refused(member, old, new):
    with pytest.raises(InputError, match=r"form\.xlsx"):
        lines(changed(shared(["Founding year", "x"]), member, old, new))


# -- OpenDocument


def ods(*rows, hidden: bool = False) -> bytes:
    book = OpenDocumentSpreadsheet()
    style = Style(name="gone", family="table")
    style.addElement(TableProperties(display="false"))
    book.automaticstyles.addElement(style)
    codes = Table(name="Lists", stylename=style)
    codes.addElement(row_of("Members", "Nobody"))
    table = Table(name="Form")
    table.addElement(TableColumn(numbercolumnsrepeated=3))
    for row in rows:
        table.addElement(row)
    if hidden:
        book.spreadsheet.addElement(codes)
    book.spreadsheet.addElement(table)
    out = io.BytesIO()
    book.write(out)
    return out.getvalue()


def row_of(*cells, **attributes) -> TableRow:
    row = TableRow(**attributes)
    for cell in cells:
        if isinstance(cell, str):
            text, cell = cell, TableCell(valuetype="string")
            cell.addElement(P(text=text))
        row.addElement(cell)
    return row


def cell_of(text: str, **attributes) -> TableCell:
    cell = TableCell(**attributes)
    cell.addElement(P(text=text))
    return cell


def test_open_document_values():
    linked = TableCell(valuetype="string")
    paragraph = P(text="Zo")
    paragraph.addElement(S(c=2))
    paragraph.addElement(A(href="https://zora.example/", text="ra"))
    paragraph.addElement(LineBreak())
    linked.addElement(paragraph)
    data = ods(
        row_of("Founding year", cell_of("2.016,00", valuetype="float", value="2016")),
        row_of("Location", cell_of("06108", valuetype="float", value="6108")),
        row_of("Members", cell_of("05.01.21", valuetype="date", datevalue="2021-01-05")),
        row_of("Status", cell_of("WAHR", valuetype="boolean", booleanvalue="true")),
        row_of("Website", linked),
        row_of("Target groups", cell_of("#N/A", formula="of:=1/0", valuetype="string")),
        hidden=True,
    )
    assert lines(data) == [
        "Founding year\t2016", "Location\t06108", "Members\t2021-01-05", "Status\tTRUE",
        "Website\tZo ra (https://zora.example/)", "Target groups\t",
    ]  # fmt: skip
    assert "Hidden sheets were left out: Lists" in notes(data) and "B6 (#N/A)" in notes(data)


def test_open_document_rows_that_repeat():
    empty = TableRow(numberrowsrepeated=1_048_000)
    empty.addElement(TableCell(numbercolumnsrepeated=16_384))
    assert lines(ods(row_of("Founding year", "2016"), empty)) == ["Founding year\t2016"]
    with pytest.raises(InputError, match="stands there 1,000,000 times"):
        lines(ods(row_of("Founding year", "2016", numberrowsrepeated=1_000_000)))
    with pytest.raises(InputError, match="far outside"):
        lines(ods(row_of("Founding year", cell_of("x", valuetype="string", numbercolumnsrepeated=16_000))))


def test_open_document_hidden_rows():
    data = ods(row_of("Founding year", "2016"), row_of("Members", "Zora", visibility="collapse"))
    assert lines(data) == ["Founding year\t2016"] and "Hidden rows" in notes(data)


def test_an_encrypted_open_document_is_told():
    data = ods(row_of("Founding year", "2016"))
    with pytest.raises(InputError, match="encrypted"):
        lines(
            changed(
                data, "META-INF/manifest.xml", "</manifest:manifest>", "<manifest:encryption-data/></manifest:manifest>"
            )
        )
