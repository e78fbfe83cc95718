"""The PDF reader: layouts that it must see through, damage it must name, and files that mean harm."""

import io
import zlib
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen import canvas

from integgraph.errors import InputError
from integgraph.ingest.document import parse_all, read_document
from integgraph.ingest.documents import pdf
from integgraph.ingest.places import Gazetteer
from integgraph.ingest.rows import draft
from tests.ingest.pdfs import SMALL, WORD, Content, Look, content, page, printed, render, score

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
FORMS = {
    "halberstadt": ROOT.parent / "shared" / "data" / "profile" / "halberstadt.txt",
    "ankommen-en": GOLDEN / "ankommen-en.txt",
    "ankommen-de": GOLDEN / "ankommen-de.txt",
}
LOOKS = {
    "ruled": Look(),
    "ruled, small print": Look(font="DejaVuSans", size=8),
    "ruled, three columns": Look(numbers=True),
    "ruled, labels flush right": Look(right=True),
    "ruled, labels on the right": Look(swapped=True),
    "ruled, titles in the first column": Look(wide_titles=False),
    "ruled, page turned": Look(rotate=90),
    "thin boxes for lines": Look(lines="boxes"),
    "unruled": Look(lines="none"),
    "unruled, no space between rows": Look(lines="none", padding=0),
    "unruled, centred": Look(lines="none", valign="MIDDLE"),
    "unruled, centred, no space": Look(lines="none", valign="MIDDLE", padding=0),
    "unruled, serif": Look(font="DejaVuSerif", size=12, lines="none"),
    "unruled, landscape": Look(page=landscape(A4), size=9, lines="none"),
    "unruled, three columns": Look(numbers=True, lines="none"),
    "unruled, labels flush right": Look(right=True, lines="none"),
    "unruled, labels on the right": Look(swapped=True, lines="none"),
    "unruled, narrow labels": Look(label=0.18, lines="none"),
    "unruled, wide labels": Look(label=0.5, lines="none"),
    "unruled, page turned": Look(rotate=270, lines="none"),
    "level lines": Look(lines="level"),
    "level lines, centred": Look(lines="level", valign="MIDDLE"),
    "a frame": Look(lines="frame"),
    "a line between the columns": Look(lines="divider"),
    "coloured labels": Look(lines="none", fills="labels"),
    "coloured cells": Look(lines="none", fills="cells", valign="MIDDLE"),
    "stripes": Look(lines="none", fills="zebra", valign="MIDDLE"),
    "coloured titles": Look(lines="none", fills="titles"),
    "dashes for bullets": Look(bullet="-", lines="none"),
    "broken over pages": Look(page=SMALL, margin=40),
    "broken, centred": Look(page=SMALL, margin=40, valign="MIDDLE"),
    "broken, unruled": Look(page=SMALL, margin=40, lines="none"),
    "broken, unruled, centred": Look(page=SMALL, margin=40, lines="none", valign="MIDDLE"),
    "broken, level lines": Look(page=SMALL, margin=40, lines="level"),
    "broken, head repeated": Look(page=SMALL, margin=50, head=("Field", "Answer")),
    "broken, running lines": Look(page=SMALL, margin=50, running=("Good practice of networks", "Page # of 9")),
    "broken, running lines, unruled": Look(page=SMALL, margin=50, lines="none", running=("Good practice", "- # -")),
}


@pytest.fixture(scope="module")
def places():
    return Gazetteer.load(ROOT / "data" / "places")


@pytest.fixture(scope="module")
def known(ontology):
    return lambda text: ontology.form.row(text) is not None or ontology.form.is_section(text)


@pytest.fixture(scope="module")
def told(ontology, places):
    """Content and record of a form, from its text; read once."""
    found = {}

    def told(name):
        if name not in found:
            document = read_document(FORMS[name], ontology.form)
            found[name] = content(document, ontology.form), draft(document, ontology, places)
        return found[name]

    return told


@pytest.fixture(scope="module")
def scores(ontology, places, known):
    """How well each profile of a PDF file is imported."""

    def scores(data, *records):
        documents = parse_all(pdf.read(data, "form.pdf", known), ontology.form, "form.pdf")
        assert len(documents) == len(records)
        drafts = (draft(document, ontology, places) for document in documents)
        return [score(found, record, ontology.form) for found, record in zip(drafts, records, strict=True)]

    return scores


def texts(lines):
    return [line.text for line in lines.lines if line.text]


def drawn(draw, **options):
    """A PDF file of what ``draw`` does with a canvas."""
    out = io.BytesIO()
    sheet = canvas.Canvas(out, pagesize=A4, invariant=1, **options)
    draw(sheet)
    sheet.save()
    return out.getvalue()


def two_columns(rows, x=220):
    """A PDF page with labels on the left and values at ``x``."""

    def draw(sheet):
        for number, (label, value) in enumerate(rows):
            sheet.drawString(60, 700 - 30 * number, label)
            for line, text in enumerate(value.split("\n")):
                sheet.drawString(x, 700 - 30 * number - 12 * line, text)

    return drawn(draw)


FEW = [("Name of the network", "Harz together"), ("Founding year", "2016"), ("Location", "Halberstadt")]


# -- the layouts


@pytest.mark.parametrize("name", ["ankommen-en", "ankommen-de"])
@pytest.mark.parametrize("look", LOOKS)
def test_every_layout_is_read_as_its_text_is(told, scores, name, look):
    profile, record = told(name)
    (found,) = scores(render([profile], LOOKS[look]), record)
    assert (found.rows, found.lists) == (19, 6), found.wrong


@pytest.mark.shared
@pytest.mark.parametrize("look", LOOKS)
def test_every_layout_of_the_first_real_form(told, scores, look):
    profile, record = told("halberstadt")
    (found,) = scores(render([profile], LOOKS[look]), record)
    assert (found.rows, found.lists) == (19, 6), found.wrong


@pytest.mark.parametrize(
    "look",
    [
        Look(),
        Look(lines="none"),
        Look(running=("Good practice", "page # of 5")),
        Look(columns=2, page=landscape(A4), size=7, margin=36),
        Look(columns=2, page=landscape(A4), size=7, margin=36, lines="none"),
        Look(columns=2, page=landscape(A4), size=7, margin=36, lines="level"),
    ],
    ids=["ruled", "unruled", "running lines", "two up", "two up, unruled", "two up, level lines"],
)
def test_two_profiles_in_one_file(told, scores, look):
    (one, first), (other, second) = told("ankommen-en"), told("ankommen-de")
    for found in scores(render([one, other], look), first, second):
        assert (found.rows, found.lists) == (19, 6), found.wrong


PRINTED = {
    "centred": (WORD, ""),
    "centred, small pages": (WORD.replace("A4", "A5 landscape").replace("2.5cm", "1.5cm"), ""),
    "bullets of a symbol font": (WORD, '<span style="font-family:Symbol">·</span>&nbsp;&nbsp;&nbsp;&nbsp; '),
    "letters for bullets, dotted lines": (WORD.replace("0.5pt solid", "0.1pt dotted"), "o&nbsp;&nbsp;&nbsp; "),
    "no lines": (WORD.replace("0.5pt solid black", "none").replace("background: #dbe5f1", ""), ""),
}


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize("look", PRINTED)
def test_the_export_of_a_word_processor(told, scores, tmp_path, look):
    """Where the browser breaks "long-lasting" at its hyphen, no reader can know that the hyphen stays."""
    profile, record = told("halberstadt")
    style, bullet = PRINTED[look]
    (found,) = scores(printed(page([profile], style, bullet=bullet), tmp_path), record)
    assert found.rows >= 18 and found.lists == 6 and set(found.wrong) <= {"Evaluation & sustainability"}, found.wrong


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ankommen-en", "ankommen-de"])
def test_a_page_printed_with_header_and_footer(told, scores, tmp_path, name):
    profile, record = told(name)
    (found,) = scores(printed(page([profile]), tmp_path, header=True), record)
    assert (found.rows, found.lists) == (19, 6), found.wrong


# -- lines and where they stand


def test_a_line_says_page_table_row_and_box(told, known):
    lines = pdf.read(render([told("ankommen-en")[0]], Look(page=SMALL, margin=40)), "form.pdf", known)
    (founded,) = [line for line in lines.lines if line.text.startswith("Founding year")]
    assert founded.text == "Founding year\tsince September 2015" and founded.cell and founded.confidence == 1.0
    assert (founded.spot.page, founded.spot.table) == (1, 1) and founded.spot.row > 1
    left, top, right, bottom = founded.spot.box
    assert 40 < left < 60 and right < SMALL[0] - 40 and 0 < top < bottom < SMALL[1] and bottom - top < 20
    assert lines.pages == max(line.spot.page for line in lines.lines) > 1


def test_what_was_guessed_is_less_sure(told, known):
    sure = {
        name: min(line.confidence for line in pdf.read(render([told("ankommen-en")[0]], look), "a.pdf", known).lines)
        for name, look in LOOKS.items()
        if name in ("ruled", "unruled", "unruled, centred", "unruled, labels on the right")
    }
    assert sure["ruled"] == 1.0
    assert sure["ruled"] > sure["unruled"] > sure["unruled, centred"] >= sure["unruled, labels on the right"] >= 0.5


def test_without_knowing_labels_the_places_alone_must_do(told):
    for look in (Look(), Look(lines="none")):
        found = texts(pdf.read(render([told("ankommen-en")[0]], look), "form.pdf"))
        assert "Founding year\tsince September 2015" in found and "Type of network\tRound table" in found


def test_labels_on_the_right_are_told(told, known):
    lines = pdf.read(render([told("ankommen-en")[0]], Look(swapped=True)), "form.pdf", known)
    assert any(note.startswith("Labels stand to the right of their values: page 1") for note in lines.notes)


def test_header_footer_and_repeated_heads_are_left_out_and_told(told, known):
    look = LOOKS["broken, running lines"]
    lines = pdf.read(render([told("ankommen-en")[0]], look), "form.pdf", known)
    assert not [text for text in texts(lines) if "Good practice" in text or "of 9" in text]
    (note,) = [note for note in lines.notes if note.startswith("Header and footer")]
    assert "'Good practice of networks'; 'Page # of #'" in note
    lines = pdf.read(render([told("ankommen-en")[0]], LOOKS["broken, head repeated"]), "form.pdf", known)
    assert sum(text == "Field\tAnswer" for text in texts(lines)) == 1
    assert "The head of the table stands on page 2 again and was left out." in lines.notes


def test_a_lone_number_in_the_last_row_is_no_page_number(known):
    rows = [*FEW, *[("Unknown label", "x")] * 18, ("E-mail address", "1")]
    assert texts(pdf.read(two_columns(rows), "form.pdf", known))[-1] == "E-mail address\t1"


def test_a_label_without_value_and_a_value_without_label_are_kept(known):
    rows = [FEW[0], ("Founding year", ""), ("", "stray"), *FEW[2:]]
    found = texts(pdf.read(two_columns(rows), "form.pdf", known))
    assert any(text.startswith("Founding year\t") for text in found) and any("stray" in text for text in found)


def test_label_and_value_in_one_line_stay_text(known):
    def draw(sheet):
        for number, (label, value) in enumerate(FEW):
            sheet.drawString(60, 700 - 30 * number, f"{label}: {value}")

    lines = pdf.read(drawn(draw), "form.pdf", known)
    assert texts(lines) == [f"{label}: {value}" for label, value in FEW] and not any(x.cell for x in lines.lines)


def test_a_form_that_was_filled_in_on_screen(known):
    def draw(sheet):
        for number, (label, value) in enumerate(FEW):
            sheet.drawString(60, 700 - 30 * number, label)
            sheet.acroForm.textfield(name=label, value=value, x=220, y=694 - 30 * number, width=250, height=20)

    assert texts(pdf.read(drawn(draw), "form.pdf", known)) == [f"{label}\t{value}" for label, value in FEW]


def test_an_explanation_in_a_label_cell_is_told(known):
    def draw(sheet):
        for number, (label, value) in enumerate([("Resources", "Rooms"), *FEW]):
            for x, wide in ((50, 150), (200, 300)):
                sheet.rect(x, 690 - 40 * number, wide, 40)
            sheet.drawString(60, 716 - 40 * number, label)
            sheet.drawString(220, 716 - 40 * number, value)
        sheet.drawString(60, 700, "(money and staff)")

    lines = pdf.read(drawn(draw), "form.pdf", known)
    assert texts(lines)[0] == "Resources\tRooms"
    assert "Explanations in label cells were left out: 'Resources: (money and staff)'." in lines.notes


def test_an_address_broken_within_a_word_is_whole_again(told, known):
    profile = Content((), (("4. FURTHER INFORMATION", ()),))
    block = told("ankommen-en")[0].sections[3][1][0][1][0]
    address = "https://www.arrival.example/" + "abcdefghij" * 14
    rows = (("Website, social media", (type(block)(address), type(block)("Website: www.arrival.example"))),)
    profile = Content((), (("4. FURTHER INFORMATION", rows), ("1. GENERAL INFORMATION", ())))
    lines = pdf.read(render([profile]), "form.pdf", known)
    assert f"Website, social media\t{address}" in texts(lines) and "\tWebsite: www.arrival.example" in texts(lines)
    assert any(note.startswith("Addresses broken within a word") for note in lines.notes)


@pytest.mark.parametrize("font, letter", [("Symbol", "\u2022"), ("ZapfDingbats", "\u2713"), ("Courier", "o")])
def test_bullets_of_other_fonts(known, font, letter):
    def draw(sheet):
        sheet.drawString(60, 700, "Success factors")
        sheet.drawString(60, 640, "Location")
        sheet.drawString(220, 640, "Jena")
        for line, text in enumerate(("Cake", "Short ways")):
            sheet.setFont(font, 10)
            sheet.drawString(222, 700 - 14 * line, letter)
            sheet.setFont("Helvetica", 12)
            sheet.drawString(238, 700 - 14 * line, text)

    assert texts(pdf.read(drawn(draw), "form.pdf", known))[:2] == ["Success factors\t- Cake", "\t- Short ways"]


def test_rotated_text_and_text_outside_of_the_page_are_left_out_and_told(known):
    def draw(sheet):
        for number, (label, value) in enumerate(FEW):
            sheet.drawString(60, 700 - 30 * number, label)
            sheet.drawString(220, 700 - 30 * number, value)
        sheet.drawString(60, -300, "below")
        sheet.translate(300, 400)
        sheet.rotate(45)
        sheet.drawString(0, 0, "DRAFT")

    lines = pdf.read(drawn(draw), "form.pdf", known)
    assert texts(lines) == [f"{label}\t{value}" for label, value in FEW]
    assert "Rotated text was left out: 5 characters, page 1." in lines.notes
    assert "Text outside of the visible page was left out: 5 characters, page 1." in lines.notes


# -- pages that are no text


def picture(sheet):
    from reportlab.lib.utils import ImageReader

    grey = b"P5 8 8 255 " + bytes(range(64))
    sheet.drawImage(ImageReader(io.BytesIO(grey)), 50, 50, 500, 700)
    sheet.showPage()


def test_a_scan_says_so():
    with pytest.raises(InputError, match="pictures without text.*text recognition"):
        pdf.read(drawn(picture), "scan.pdf")


def test_a_partial_scan_names_the_pages(known):
    def draw(sheet):
        picture(sheet)
        sheet.drawString(60, 700, "Founding year: 2016")
        sheet.showPage()
        picture(sheet)
        picture(sheet)

    lines = pdf.read(drawn(draw), "scan.pdf", known)
    assert texts(lines) == ["Founding year: 2016"] and lines.pages == 4
    assert [note[:55] for note in lines.notes] == ["Without text, a picture or empty: pages 1, 3–4. Text in"]


# -- files that cannot be read, and files that mean harm


def refused(data, name="form.pdf"):
    with pytest.raises(InputError) as caught:
        pdf.read(data, name)
    (problem,) = caught.value.problems
    assert problem.file == name
    return f"{problem.message} {problem.advice}"


def test_an_encrypted_file_says_so(told):
    assert "encrypted and asks for a password" in refused(render([told("ankommen-en")[0]], Look(encrypt="secret")))


def test_a_file_that_only_forbids_printing_is_read(known):
    from reportlab.lib.pdfencrypt import StandardEncryption

    lines = pdf.read(
        drawn(lambda sheet: sheet.drawString(60, 700, "Founding year: 2016"), encrypt=StandardEncryption("", "owner")),
        "form.pdf",
        known,
    )
    assert texts(lines) == ["Founding year: 2016"]


@pytest.mark.parametrize("data", [b"Founding year: 2016", b"PK\x03\x04", b"\0" * 3000])
def test_what_is_no_pdf_says_so(data):
    assert refused(data).startswith("This is not a PDF file.")


def test_nothing_is_nothing():
    assert refused(b"").startswith("The file is empty.")


def test_a_damaged_file_says_so(told):
    whole = render([told("ankommen-en")[0]])
    assert "damaged" in refused(whole[: len(whole) // 2])
    assert "damaged" in refused(b"%PDF-1.7\n" + bytes(range(256)) * 20)


def document(*objects):
    """A PDF file of raw objects, the first of them the catalogue."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, text in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer <</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))


CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"


def stream(data, filters):
    return b"<</Length %d/Filter%s>>stream\n%s\nendstream" % (len(data), filters, data)


def bomb(size, times):
    data = b"0" * size
    for _ in range(times):
        data = zlib.compress(data, 9)
    return document(
        CATALOGUE,
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>",
        stream(data, b"[" + b"/FlateDecode" * times + b"]"),
    )


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_stream_that_unpacks_to_hundreds_of_megabytes(times):
    data = bomb(300_000_000, times)
    assert times == 1 or len(data) < 3000
    assert refused(data).startswith("Unpacked, the PDF file holds more than 200 MB")


def test_pages_that_contain_themselves():
    data = document(CATALOGUE, b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>")
    assert "pages" in refused(data) or "damaged" in refused(data)


def test_a_tree_of_pages_that_says_more_than_it_has():
    data = document(CATALOGUE, b"<</Type/Pages/Kids[3 0 R]/Count 100000>>", b"<</Type/Page/Parent 2 0 R>>")
    assert "pages" in refused(data)


def test_too_many_pages():
    kids = b"/Kids[" + b"3 0 R " * 100_000 + b"]"
    data = document(CATALOGUE, b"<</Type/Pages%s/Count 100000>>" % kids, b"<</Type/Page/Parent 2 0 R>>")
    assert refused(data).startswith("The PDF file has 100,000 pages; up to 500 are read.")


def test_no_pages():
    told = refused(document(CATALOGUE, b"<</Type/Pages/Kids[]/Count 0>>"))
    assert "no pages" in told or "damaged" in told


def test_forms_that_contain_themselves(known):
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</XObject<</X 5 0 R>>>>"
    text = b"BT /F 12 Tf 60 700 Td (Founding year: 2016) Tj ET /X Do"
    data = document(
        CATALOGUE,
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"
        b"/Resources<</Font<</F 6 0 R>>/XObject<</X 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<<%s/Length 6>>stream\n/X Do \nendstream" % form,
        font,
    )
    assert texts(pdf.read(data, "form.pdf", known)) == ["Founding year: 2016"]


def test_a_drawing_with_too_many_lines_is_left_out(known, monkeypatch):
    monkeypatch.setattr(pdf, "MAX_STROKES", 10)

    def draw(sheet):
        for number in range(100):
            sheet.line(50, 5 * number, 500, 5 * number)
        sheet.drawString(60, 700, "Founding year: 2016")

    lines = pdf.read(drawn(draw), "form.pdf", known)
    assert texts(lines) == ["Founding year: 2016"]
    assert "The drawing is too large to find ruling lines in it: page 1." in lines.notes


def test_too_many_characters(monkeypatch, known):
    monkeypatch.setattr(pdf, "MAX_CHARACTERS", 30)
    assert "more than 30 characters" in refused(two_columns(FEW))
    monkeypatch.undo()
    monkeypatch.setattr(pdf, "MAX_PAGE_CHARACTERS", 30)
    assert any("Not all of the text was read" in note for note in pdf.read(two_columns(FEW), "a.pdf", known).notes)


@pytest.mark.parametrize("seed", range(60))
def test_damaged_bytes_never_crash(told, known, seed):
    """Whatever is left of a file is read, or refused in a sentence."""
    import random

    rng = random.Random(seed)
    look = rng.choice([Look(), Look(lines="none"), Look(page=SMALL, margin=40)])
    data = bytearray(render([told("ankommen-en")[0]], look))
    for _ in range(rng.choice((1, 5, 50))):
        at = rng.randrange(len(data))
        if rng.random() < 0.7:
            data[at] = rng.randrange(256)
        else:
            del data[at : at + rng.randrange(200)]
    try:
        lines = pdf.read(bytes(data), "form.pdf", known)
    except InputError as error:
        assert str(error).startswith("form.pdf: ")
    else:
        assert lines.pages >= 1
