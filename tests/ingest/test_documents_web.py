"""Web pages, delimited text and plain text, and how bytes become text."""

import pytest

from integgraph.errors import InputError
from integgraph.ingest.documents import decoding, delimited, plain, webpage
from integgraph.ingest.documents.blocks import MAX_CELL, broken_lines

LABELS = {"Name of the network", "Founding year", "Members", "Website", "Target groups", "Fields of action"}


def page(body: str, known=LABELS.__contains__) -> list[str]:
    return [line.text for line in webpage.read(body.encode(), "form.html", known).lines if line.text]


def notes(body: str) -> str:
    return " ".join(webpage.read(body.encode(), "form.html").notes)


# -- web pages


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("<table><tr><td>Members<td>Zora</table>", ["Members\tZora"]),
        ("<table><tr><th>Label<th>Value<tr><th>Members<td>Zora</table>", ["Members\tZora"]),
        ("<table><caption>A form</caption><tr><td>Members<td>Zora</table>", ["A form", "Members\tZora"]),
        ("<table><tr><td rowspan=2>Members<td>Zora<tr><td>Diakonie</table>", ["Members\tZora", "\t<br>Diakonie"]),
        ("<table><tr><td colspan=2>Our form<tr><td>Members<td>Zora</table>", ["Our form", "Members\tZora"]),
        (
            "<dl><dt>Members<dd>Zora<dd>Diakonie<dt>Founding year<dd>2016</dl>",
            ["Members\tZora", "\t<br>Diakonie", "Founding year\t2016"],
        ),
        ("<dl><div><dt>Members</dt><dd>Zora</dd></div></dl>", ["Members\tZora"]),
        ("<h2>Members</h2><p>Zora", ["## Members", "Zora"]),
        ("<p><b>Members:</b> Zora", ["**Members:** Zora"]),
        ("<p><span style='font-weight: bold'>Members</span> Zora", ["Members\tZora"]),
        ("<p><strong>Members</strong><br>Zora<br>Diakonie", ["**Members**", "Zora", "Diakonie"]),
        ("<div>Members: Zora</div><div>Founding year: 2016</div>", ["Members: Zora", "Founding year: 2016"]),
        ("Members: Zora<br><br>Founding year: 2016", ["Members: Zora", "Founding year: 2016"]),
        (
            "<h3>Members</h3><ul><li>Zora<ul><li>Halle</ul><li>Diakonie</ul>",
            ["### Members", "- Zora", "- Halle", "- Diakonie"],
        ),
        ("<ol><li><b>Members:</b> Zora</ol>", ["**Members:** Zora"]),
        ("<pre>Members: Zora\nFounding year: 2016</pre>", ["Members: Zora", "Founding year: 2016"]),
        ("<a><table><tr><td>Members<td>Zora</table></a>", ["Members\tZora"]),
        (
            "<table><tr><td>Members<td><p>Zora &amp; <i>Co</i><p>Dia&shy;konie</table>",
            ["Members\tZora & Co", "\t<br>Diakonie"],
        ),
    ],
)
def test_what_a_page_says(body, wanted):
    assert page(body) == wanted


@pytest.mark.parametrize(
    "gone",
    [
        "<script>x</script>", "<style>x</style>", "<!-- x -->", "<p hidden>x</p>", "<p style='display: none'>x</p>",
        "<template>x</template>", "<noscript>x</noscript>", "<nav>x</nav>", "<span aria-hidden=true>x</span>",
        "<button>x</button>", "<iframe>x</iframe>", "<svg><text>x</text></svg>", "<input type=hidden value=x>",
        "<input type=password value=x>", "<?php x ?>", "<title>x</title>",
    ],
)  # fmt: skip
def test_what_a_browser_does_not_show_is_left_out(gone):
    assert page(f"<p>Zora {gone} e.V.</p>{gone}")[0].split() in (["Zora", "e.V."], ["Zora"])
    assert "x" not in "".join(page(f"<p>Zora {gone} e.V.</p>{gone}"))


def test_layout_tables_and_tables_in_values():
    inner = "<table><tr><td>Members<td>Zora</table>"
    assert page(f"<table><tr><td>Menu<td>{inner}</table>") == ["Menu", "Members\tZora"]
    assert page("<table><tr><td>Menu<td><h2>Members</h2>Zora<h2>Website</h2>-<p>Founding year: 2016</table>") == [
        "Menu", "## Members", "Zora", "## Website", "-", "Founding year: 2016",
    ]  # fmt: skip
    assert page(f"<table><tr><td>{inner}</table>") == ["Members\tZora"]
    assert page("<table><tr><td>Members<td><table><tr><td>Zora<td>Halle</table></table>") == ["Members\tZora, Halle"]


def test_addresses_behind_links_are_kept():
    body = '<table><tr><td>Website<td><a href="http://zora.example/">Zora</a>, <a href="#top">up</a>, <a href="mailto:a@b.example">a@b.example</a></table>'
    assert page(body) == ["Website\tZora (http://zora.example/), up, a@b.example"]


def test_an_address_that_is_broken_in_the_source_keeps_its_breaks():
    assert page("<p>Website: https://a.example/x-\ny-\r\n z\nMembers of\nall") == [
        "Website: https://a.example/x-", "y-", "z", "Members of all",
    ]  # fmt: skip


def test_fields_of_a_form_show_what_is_filled_in():
    body = (
        "<p>Members: <input value=Zora></p><p>Fields of action: <input type=checkbox checked> Language "
        "<input type=checkbox> Art</p><p>Founding year: <select><option>2015<option selected>2016</select></p>"
    )
    assert page(body) == ["Members: Zora", "Fields of action:", "- Language", "Founding year: 2016"]


def test_pictures_are_counted_and_their_texts_kept():
    assert page('<p>Members: <img alt="Zora"></p>') == ["Members: Zora"]
    assert "1 picture" in notes("<p>Zora <img src='http://127.0.0.1/x.png'></p>")


@pytest.mark.parametrize(
    "data",
    [
        '<meta charset="windows-1252"><p>Zürich – Halle'.encode("cp1252"),
        '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-15"><p>Zürich - Halle'.encode(
            "iso-8859-15"
        ),
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x.dtd"><html xmlns="http://www.w3.org/1999/xhtml"><p>Zürich – Halle</p></html>'.encode(),
        "\ufeff<p>Zürich – Halle".encode("utf-16"),
        b"<p>Z&uuml;rich &#8211; Halle",
        '<meta charset="utf-8"><p>Zürich – Halle'.encode("cp1252"),
        '<meta charset="nonsense"><p>Zürich – Halle'.encode("cp1252"),
    ],
)
def test_encodings_of_pages(data):
    (line,) = [line.text for line in webpage.read(data, "form.html").lines if line.text]
    assert line.replace("–", "-") == "Zürich - Halle"


def test_a_page_saved_with_its_pictures():
    data = (
        b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n--x\r\n'
        b'Content-Type: text/html; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
        b"<p>Members: Z=C3=BCrich\r\n--x\r\nContent-Type: image/png\r\n\r\nx\r\n--x--\r\n"
    )
    assert [line.text for line in webpage.read(data, "form.mht").lines if line.text] == ["Members: Zürich"]


def test_a_saved_page_of_too_many_parts_is_refused():
    head = b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n"
    with pytest.raises(InputError, match="more than 1,000 parts"):
        webpage.read(head + b"--x\nContent-Type: text/plain\n\na\n" * 100_000, "form.mht")
    with pytest.raises(InputError, match="no text of it"):
        webpage.read(head + b"--x\nContent-Type: text/plain\n\na\n--x--\n", "form.mht")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<div>" * 5_000 + "x", "nested|read"),
        ("<p>x" * 110_000, "more than 100,000 elements"),
        ("<table>" + "<tr><td rowspan=1000 colspan=1000>x" * 50, "more than 1,000 columns"),
        ('<!DOCTYPE html [<!ENTITY a "aaaa">]><p>&a;', "declares entities"),
        ("<div id=app></div><script>go()</script>", "holds no text"),
        ("<table>" + "<tr>" + "<td>" * 3 + "<table>" * 300, "nested|read|no text"),
    ],
)
def test_pages_that_are_none_are_refused(body, said):
    with pytest.raises(InputError, match=said):
        page(body)


# -- delimited text


def rows(text: str | bytes, name: str = "form.csv", known=None) -> list[str]:
    data = text if isinstance(text, bytes) else text.encode()
    return [line.text for line in delimited.read(data, name, known).lines if line.text]


@pytest.mark.parametrize("delimiter", list(";,\t|"))
def test_any_delimiter(delimiter):
    text = f'Label{delimiter}Value\nFounding year{delimiter}2016\nMembers{delimiter}"Zora; a, b | c"\n'
    assert rows(text) == ["Founding year\t2016", "Members\tZora; a, b | c"]


def test_a_file_that_names_its_delimiter():
    assert rows("sep=|\nFounding year|2016;2017\n") == ["Founding year\t2016;2017"]


def test_a_network_a_row():
    text = "id;Name of the network;Founding year;Members\n1;Harz;2016;Zora\n2;Jena;2017;Caritas\n"
    assert rows(text, known=LABELS.__contains__) == [
        "id\t1", "Name of the network\tHarz", "Founding year\t2016", "Members\tZora",
        "id\t2", "Name of the network\tJena", "Founding year\t2017", "Members\tCaritas",
    ]  # fmt: skip


def test_cells_of_several_lines_and_quotation_marks():
    assert rows('Members;"Zora\r\n- Halle\r\n- ""Jena"""\r\n') == ["Members\tZora", "\t- Halle", '\t- "Jena"']
    assert rows('Members;The "Harz" network\n') == ['Members\tThe "Harz" network']
    loose = 'Members;"Harz" together\nFounding year;2016\n'
    assert rows(loose) == ["Members\tHarz together", "Founding year\t2016"]
    assert "Quotation marks" in " ".join(delimited.read(loose.encode(), "a.csv").notes)


@pytest.mark.parametrize(
    ("text", "said", "row"),
    [
        ('Founding year;2016\nMembers;"Zora\nWebsite;x\n', "A quotation mark in row 2 is not closed", 2),
        (f'Founding year;2016\nMembers;"{"x" * 200_000}"\n', f"row 2 is longer than {MAX_CELL:,}", 2),
        ("Founding year;2016\n" + ";" * 1_000_000, "Row 2 has 1,000,001 cells", 2),
        ("a;b\n" * 20_001, "more than 20,000 rows", 20_001),
        ("Members;Zo\0ra", "NUL character in line 1", 1),
    ],
)
def test_giant_and_broken_rows_are_refused_with_their_row(text, said, row):
    with pytest.raises(InputError, match=said) as caught:
        rows(text)
    assert caught.value.problems[0].line == row and caught.value.problems[0].file == "form.csv"


def test_ragged_rows_are_read():
    assert rows("Founding year;2016;;\nMembers\nWebsite;a.example;and;more\n", known=LABELS.__contains__) == [
        "Founding year\t2016", "Members\t", "Website\ta.example", "\t<br>and", "\t<br>more",
    ]  # fmt: skip


# -- plain text


def test_a_text_stays_as_it_stands():
    found = plain.read("# Form\r\n\tmore | x\r\rend\u2028last".encode(), "form.txt").lines
    assert [(line.text, line.spot.line, line.cell) for line in found] == [
        ("# Form", 1, False), ("\tmore | x", 2, False), ("", 3, False), ("end", 4, False), ("last", 5, False),
    ]  # fmt: skip


def test_breaks_in_markdown_cells_that_only_wrap_are_undone():
    row = "| Members | Zora and its friends in the town of<br>Halle<br/>Diakonie<br>- a<br>- b | <br> |"
    assert (
        plain.read(row.encode(), "a.md")
        .lines[0]
        .text.startswith("| Members | Zora and its friends in the town of Halle<br>Diakonie<br>- a<br>- b |")
    )


# -- bytes


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Zürich\n".encode(), "Zürich\n"),
        ("\ufeffZürich".encode(), "Zürich"),
        ("\ufeffZürich".encode("utf-16-le"), "Zürich"),
        ("\ufeffZürich".encode("utf-16-be"), "Zürich"),
        ("Zürich, Halle".encode("utf-16-le"), "Zürich, Halle"),
        ("Zürich, Halle".encode("utf-16-be"), "Zürich, Halle"),
        ("Zürich – „Halle“ €".encode("cp1252"), "Zürich – „Halle“ €"),
        ("Zürich\n".encode() + "Zürich – Halle".encode("cp1252"), "Zürich\nZürich – Halle"),
        ("Zürich ".encode() + "Zürich".encode("cp1252"), "Zürich Zürich"),
    ],
)
def test_bytes_are_decoded_rightly(data, text):
    assert decoding.decode(data, "a.txt").text == text


def test_mixed_encodings_are_said_with_their_lines():
    data = b"one\n" + "Zürich\n".encode() + "Zürich\nHalle\nZürich".encode("cp1252")
    found = decoding.decode(data, "a.txt")
    assert found.doubtful == {3, 5} and "lines 3, 5 are not UTF-8" in found.notes[0]
    assert [line.confidence for line in plain.read(data, "a.txt").lines] == [1.0, 1.0, 0.5, 1.0, 0.5]


@pytest.mark.parametrize(
    ("data", "said", "line"),
    [
        (b"", "empty", None),
        (b" \n\t\n", "empty", None),
        (b"one\ntwo\0", "NUL character in line 2", 2),
        (b"one\ntwo\xed\xa0\x80", "half a character", 2),
        (b"one\n\x81", "neither UTF-8 nor Windows-1252: byte 0x81 in line 2", 2),
        (b"\xff\xfea\0\n\0\x00\xd8", "damaged in line 2", 2),
        (b"a" * 5_000_001, "5,000,001 bytes", None),
    ],
)
def test_bytes_that_are_no_text_are_refused(data, said, line):
    with pytest.raises(InputError, match=said) as caught:
        decoding.decode(data, "a.txt")
    assert caught.value.problems[0].line == line and caught.value.problems[0].file == "a.txt"


# -- lines that wrap and lines that are meant


@pytest.mark.parametrize(
    ("lines", "begins"),
    [
        (["Working groups", "Training events", "Symposia"], [1, 2]),
        (["- Working groups", "- Symposia", "Newsletter"], [2]),
        (["meetings", "letters"], [1]),
        (
            [
                "Neighbours and newcomers meet every week. Whoever needs a",
                "Flat or a friend finds one here, and many more things to",
                "Do.",
            ],
            [],
        ),
        (["Housing, health and", "Education"], []),
        (["Integra-", "tion"], []),
        (["Volkshaus (Halle and", "Jena)"], []),
        (["One sentence ends here.", "Another one begins."], [1]),
    ],
)
def test_which_line_ends_are_meant(lines, begins):
    assert [place for place, (line, _) in enumerate(broken_lines(lines)) if line.startswith("<br>")] == begins
