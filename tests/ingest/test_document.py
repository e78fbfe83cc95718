import time
from pathlib import Path

import pytest

from integgraph.errors import InputError
from integgraph.ingest.document import MAX_ROWS, Place, parse, read_document


@pytest.fixture
def rows(ontology):
    """Label, text and locator of each row of a text."""

    def rows(text: str) -> list[tuple[str, str, str]]:
        document = parse(text, ontology.form, "form.txt")
        return [(entry.label, entry.text, entry.locator) for entry in document.entries]

    return rows


@pytest.fixture
def refusal(ontology, tmp_path):
    """What is said about a file that is refused."""

    def refusal(content: bytes, name: str = "form.txt") -> str:
        file = tmp_path / name
        file.write_bytes(content)
        with pytest.raises(InputError) as caught:
            read_document(file, ontology.form)
        return str(caught.value)

    return refusal


NAME = ("Name of the network", "Harz", "row 1, line 1")

# -- where a row begins


@pytest.mark.parametrize(
    "line",
    [
        "Name of the network\tHarz",
        "Name of the network: Harz",
        "Name of the network    Harz",
        "Name of the network:\tHarz",
        "**Name of the network:** Harz",
        "**Name of the network**: Harz",
        "- **Name of the network:** Harz",
        "__Name of the network:__ Harz",
        "| Name of the network | Harz |",
        "| **Name of the network:** | Harz",
        "### Name of the network: Harz",
    ],
)
def test_a_label_and_its_value_in_one_line(rows, line):
    assert rows(line) == [NAME]


@pytest.mark.parametrize("line", ["## Name of the network", "**Name of the network:**", "Name of the network"])
def test_a_label_above_its_value(rows, line):
    assert rows(f"{line}\n\nHarz") == [("Name of the network", "Harz", "row 1, lines 1–3")]


@pytest.mark.parametrize(
    ("label", "row"),
    [
        ("E-Mail-Address", "row-email"),
        ("Gründungsjahr", "row-founded"),
        ("FIELD(S) OF ACTION", "row-fields"),
        ("Field of action", "row-fields"),
        ("Challenges and Lessons learnt", "row-challenges"),
    ],
)
def test_labels_are_found_in_any_wording_of_the_form(ontology, label, row):
    entry = parse(f"{label}: x", ontology.form, "form.txt").entries[0]
    assert entry.row is not None and entry.row.iri.endswith(row)


def test_a_label_that_the_layout_broke_in_two_is_whole_again(rows):
    text = "Internal communication &\tletters\nfacilitation techniques\tcalls"
    assert rows(text) == [
        ("Internal communication & facilitation techniques", "letters\ncalls", "row 1, lines 1–2"),
    ]


# -- where it ends


def test_text_goes_on_in_the_second_cell(rows):
    assert rows("Brief description\tOne\n\ttwo\n   \tthree") == [
        ("Brief description", "One\ntwo\nthree", "row 1, lines 1–3")
    ]


def test_table_cells_go_on_too_and_escaped_pipes_are_text(rows):
    text = "| Label | Value |\n|---|---|\n| Name of the network | A \\| B |\n|  | c |"
    assert rows(text) == [("Name of the network", "A | B\nc", "row 1, lines 3–4")]


def test_prose_with_a_colon_stays_prose(rows):
    text = "Success factors:\n- Trust\nCommon mission: work for all\n\nBrief description: We meet\nat noon: always"
    assert [row[:2] for row in rows(text)] == [
        ("Success factors", "- Trust\nCommon mission: work for all"),
        ("Brief description", "We meet\nat noon: always"),
    ]


def test_addresses_are_not_labels(rows):
    text = "Website, social media:\nWebsite A: http://a.example\nhttps://b.example"
    assert [row[1] for row in rows(text)] == ["Website A: http://a.example\nhttps://b.example"]


def test_stray_dots_and_zeros_are_dropped(rows):
    text = "Name of the network\tHarz\n\n.\n0000000\n. . . .\n\t...\n---\n\nFounding year\t2015"
    assert [row[1] for row in rows(text)] == ["Harz", "2015"]


def test_a_zero_in_a_cell_stays(rows):
    assert rows("Founding year\t0")[0][1] == "0"
    assert rows("### Founding year\n\n0")[0][1] == "0"


def test_rows_with_one_label_are_one(rows):
    text = "Success factors\tTrust\nFounding year\t2015\nSuccess factors\tCake"
    assert rows(text)[0] == ("Success factors", "Trust\n\nCake", "row 1, line 1; row 3, line 3")


# -- what is no row


def test_unknown_labels_and_loose_text_are_kept(rows):
    text = "Name of the network\tHarz\nShoe size\t42\n\nA line of its own\nand more\nFounding year\t"
    assert rows(text) == [
        NAME,
        ("Shoe size", "42", "row 2, line 2"),
        ("", "A line of its own\nand more", "lines 4–5"),
        ("Founding year", "", "row 3, line 6"),
    ]


def test_an_unknown_label_between_plain_lines_is_a_row(rows):
    text = "Name of the network: Harz\nShoe size: 42\nFounding year: 2015"
    assert [row[:2] for row in rows(text)] == [NAME[:2], ("Shoe size", "42"), ("Founding year", "2015")]


def test_titles_stand_in_front(ontology):
    document = parse("## **Good practice:**\n\n# HARZ\n\nName of the network\tHarz", ontology.form, "form.txt")
    assert document.titles == ("Good practice", "HARZ")


def test_long_text_in_front_is_kept_as_text(rows):
    assert rows("word " * 50 + "\nName of the network\tHarz")[0][0] == ""


# -- sections


@pytest.mark.parametrize(
    "title",
    [
        "3. SUCCESS FACTORS AND\tMAIN CHALLENGES",
        "3. SUCCESS FACTORS AND\nMAIN CHALLENGES",
        "## 3. Success factors & main challenges",
        "**Success factors and main challenges**",
        "| Success factors and main challenges | |",
        "Erfolgsfaktoren und größte Herausforderungen",
    ],
)
def test_section_titles(ontology, title):
    document = parse(f"Name of the network\tHarz\n\n{title}\nSuccess factors\tTrust", ontology.form, "form.txt")
    name, success = document.entries
    assert name.section is None and name.text == "Harz"
    assert success.section is not None and success.section.iri.endswith("section-factors")
    assert success.places[0].section == 1 and success.places[0].row == 1


def test_the_language_is_that_of_the_labels(ontology):
    assert parse("Gründungsjahr: 2015\nName: A", ontology.form, "form.txt").language == "de"
    assert parse("Founding year: 2015\nOrt: A\nMembers: B", ontology.form, "form.txt").language == "en"


# -- bytes


@pytest.mark.parametrize(
    "content",
    [
        "Name of the network\tZürich\r\nFounding year\t2015\r\n".encode(),
        b"\xef\xbb\xbf" + "Name of the network\tZürich\nFounding year\t2015".encode(),
        "Name of the network\tZürich\rFounding year\t2015".encode("utf-16"),
        "\fName of the network\tZ\u00adürich\u200b\n\fFounding year\t2015".encode().replace(b"\xc2\xad", b""),
    ],
    ids=["crlf", "bom", "utf-16", "form feed"],
)
def test_bytes_of_any_editor(ontology, tmp_path, content):
    file = tmp_path / "form.txt"
    file.write_bytes(content)
    document = read_document(file, ontology.form)
    assert [(entry.text, entry.places[0].first) for entry in document.entries] == [("Zürich", 1), ("2015", 2)]
    assert len(document.sha256) == 64 and document.file == "form.txt"


def test_what_is_not_a_form_is_refused_in_a_clear_sentence(refusal, ontology, tmp_path):
    assert "The file is empty." in refusal(b"")
    assert "The file is empty." in refusal(" \n\n".encode("utf-16"))
    assert "binary" in refusal(b"\x89PNG\x00\x01\xff")
    assert "not UTF-8: byte 0xfc in line 2" in refusal("Name: A\nüber".encode("latin-1"))
    assert "'.pdf'" in refusal(b"Name: A", "form.pdf")
    with pytest.raises(InputError, match="folder"):
        read_document(tmp_path, ontology.form)
    with pytest.raises(InputError, match="cannot be read"):
        read_document(tmp_path / "none.txt", ontology.form)


def test_a_text_without_any_label_is_told_which_labels_are_expected(refusal):
    said = refusal(b"Dear all,\n\nplease find attached: nothing.\n")
    assert "no label" in said.casefold() or "No line" in said
    assert "'Name of the network'" in said and "'Gründungsjahr'" in said


def test_two_profiles_are_refused(refusal):
    one = "Name of the network\t{}\nFounding year\t2015\nMembers\tA; B\n"
    said = refusal((one.format("Harz") + one.format("Jena")).encode())
    assert "form.txt:4" in said and "more than one profile" in said and "line 1" in said


# -- size


def test_too_many_rows_and_too_much_text_are_refused(refusal):
    assert f"more than {MAX_ROWS} rows" in refusal(b"Name\tA\n" + b"x\ty\n" * (MAX_ROWS + 1))
    assert "characters" in refusal(b"Name\t" + b"a " * 60_000)


@pytest.mark.parametrize(
    "junk",
    [
        b"a", b"\n", b".\n", b"a\n", b"\ta\n", b"a\tb\n", b"|a|b|\n", b"|a|b|\n|-|-|\n", b"<li>", b"**", b"**a:** b\n",
        b"# a\n", b"a: b\n", b" ", b"a  ", b"\t", b"- ", b"<ul", b"((", b"http://", b"General information\n",
        b"Success factors and\n", b"a.\n\n",
    ],
)  # fmt: skip
def test_megabytes_of_junk_end_soon(ontology, tmp_path, junk):
    file = tmp_path / "junk.txt"
    file.write_bytes(b"Name of the network\tHarz\n\n" + junk * (4_900_000 // len(junk)))
    began = time.process_time()  # its own work, whatever else the machine does
    try:
        read_document(file, ontology.form)
    except InputError:
        pass
    assert time.process_time() - began < 15


def test_a_place_in_words():
    assert str(Place(2, 3, 40, 42)) == "section 2, row 3, lines 40–42"
    assert str(Place(0, 0, 7, 7)) == "line 7"


def test_the_golden_forms_have_the_same_rows(ontology):
    folder = Path(__file__).parents[1] / "golden"
    found = []
    for name in ("ankommen-en.txt", "ankommen-en.md", "ankommen-de.txt"):
        entries = read_document(folder / name, ontology.form).entries
        found.append(sorted({entry.row.iri for entry in entries if entry.row}))
        assert sum(entry.row is None for entry in entries) == 1
    assert found[0] == found[1] == found[2] and len(found[0]) == 20
