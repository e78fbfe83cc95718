"""Forms: what they ask follows from the shapes, and what is filled in comes back as the same record."""

from __future__ import annotations

import io
import os
import zipfile
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx as python_docx
import openpyxl
import pytest
from click.testing import CliRunner, Result
from docx.table import Table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from integgraph.cli import main
from integgraph.errors import InputError, Unprocessable
from integgraph.ingest import forms
from integgraph.ingest.forms import cells
from integgraph.ingest.forms.content import ORGANISATIONS, VALUE, blank
from integgraph.ingest.places import Gazetteer, Place
from integgraph.ingest.record import Record, RecordReader
from integgraph.ontology import LANGUAGES, Field, Ontology, default_folder
from tests.conftest import GOLDEN, ROOT
from tests.ingest.test_roundtrip import ONTOLOGY, READER, read, said, texts, written_records

EXAMPLES = int(os.environ.get("INTEGGRAPH_EXAMPLES", "25"))
bounded = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES == 25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MINIMAL = {"id": "win", "label": "WIN", "area": "land", "sources": "About us"}

EVERY = [(language, form) for language in LANGUAGES for form in forms.FORMATS]
every_form = pytest.mark.parametrize(("language", "form"), EVERY)


def back(written: bytes, form: str, ontology: Ontology = ONTOLOGY) -> Record:
    data = forms.read(written, f"form.{form}", ontology)
    return RecordReader(ontology, READER.gazetteer).data(data, "form")[0]


@cache
def blank_form(language: str, form: str) -> bytes:
    return forms.write(ONTOLOGY, language, form)


def explicit(record: Record) -> set[str]:
    return {key for key, answer in record.answers.items() if not answer.implied}


# -- the same record


@every_form
def test_a_filled_form_imports_to_the_same_record(language: str, form: str) -> None:
    @bounded
    @given(written_records())
    def filled(data: dict[str, Any]) -> None:
        record = read(data)
        written = forms.write(ONTOLOGY, language, form, record, READER.gazetteer)
        assert forms.is_ours(written, "any.bin")
        again = back(written, form)
        assert said(again) == said(record)
        assert explicit(again) == explicit(record)

    filled()


@every_form
def test_the_profiles_of_the_collection_come_back(language: str, form: str) -> None:
    places = Gazetteer.load(ROOT / "data" / "places")
    reader = RecordReader(ONTOLOGY, places)
    names = ("caritas-diakonie-zora-halberstadt", "damost")
    for name in names:
        record, _ = reader.file(ROOT / "data" / "profiles" / f"{name}.yaml")
        data = forms.read(forms.write(ONTOLOGY, language, form, record, places), f"{name}.{form}", ONTOLOGY)
        again, _ = reader.data(data, name)
        assert said(again) == said(record)
        assert "review" not in data or "review" in explicit(record)


HARD = [
    "=1+1", "+49", "-x", "@x", "a|b", "a\tb", "a\n\nb", "tail \nnext", "a\rb", "_x000D_", "&#13;", '"', '"a"',
    '"a" und b', "[en] x", "[sic] x", "x; y", "From: 2016", "keine", "unknown", "None", "# x", "- x", "> x",
    "<!-- x -->", "</w:t>", "Antwort", "Members", "Keine Antwort, weil: x", "---", "Name: x", "a\n[en] b",
    "Bitte wählen", "integgraph-form 1 en", "2015-09", "1.5", "true", "{a}", "'x",
]  # fmt: skip


@every_form
def test_no_text_is_taken_for_anything_else(language: str, form: str) -> None:
    data = MINIMAL | {
        "language": language,
        "name_variants": [*HARD],
        "notes": [*HARD],
        "in_kind": [{"it": text} for text in HARD],
        "fields_of_action": [*HARD, *({"concept": "housing", "wording": text} for text in HARD)],
        "success_factors": [{"text": {language: text, "fr": text}} for text in HARD],
        "members": [
            {"id": f"a-{n}", "name": text, "also": [text, "x"], "roles": {"role": "guest", "wording": text}}
            for n, text in enumerate(HARD)
        ],
        "websites": [{"url": "https://a.example/", "of": f"a-{n}"} for n in range(len(HARD))],
    }
    record = read(data)
    again = back(forms.write(ONTOLOGY, language, form, record, READER.gazetteer), form)
    assert said(again) == said(record)


@every_form
def test_no_single_text_is_taken_for_anything_else(language: str, form: str) -> None:
    keys = ("description", "mission", "official_name", "notes", "in_kind", "fields_of_action", "internal_practices")
    for number in range(0, len(HARD), 4):
        four = HARD[number : number + 4]
        data = MINIMAL | {"language": language} | {key: four[at % len(four)] for at, key in enumerate(keys)}
        data["founded"] = {"absent": "unreadable", "raw": four[0]}
        data["challenges"] = [{"text": four[-1]}]
        record = read(data)
        again = back(forms.write(ONTOLOGY, language, form, record, READER.gazetteer), form)
        assert said(again) == said(record)


@given(st.lists(texts, min_size=1, max_size=4))
def test_lines_come_back_from_a_cell(values: list[str]) -> None:
    lines = "\n".join(map(cells.quoted, values))
    assert cells.split_lines(lines) == values
    assert cells.split_texts(lines) == values


@given(st.text())
def test_what_a_document_cannot_hold_is_held(text: str) -> None:
    held = cells.held(text)
    assert cells.released(held) == text
    assert not set(held) & set("\r\ufffe\uffff")


@given(st.text(st.sampled_from('ab;:\n" [en]From')), st.sampled_from(["de", "en"]))
def test_any_typed_cell_is_read(text: str, language: str) -> None:
    cells.split_lines(text)
    cells.split_texts(text)
    assert "".join(value for line in cells.scan(text, {"from": "from"}) for _, value in line).count("a") == text.count(
        "a"
    )


# -- what a form asks


@every_form
def test_a_blank_form_asks_every_question_and_says_nothing(language: str, form: str) -> None:
    written = forms.write(ONTOLOGY, language, form)
    assert forms.is_ours(written, "x")
    assert set(forms.read(written, f"new-network.{form}", ONTOLOGY)) == {"id", "language", "sources"}
    asked = {block.key for block in blank(ONTOLOGY, language).blocks}
    assert {each.key for each in ONTOLOGY.form.fields} - asked == {"evidence", "review"}


@every_form
def test_the_same_form_has_the_same_bytes(language: str, form: str) -> None:
    assert forms.write(ONTOLOGY, language, form) == forms.write(ONTOLOGY, language, form)


@pytest.fixture
def longer(tmp_path: Path) -> Ontology:
    """An ontology with two more fields of existing kinds."""
    folder = tmp_path / "ontology"
    for file in default_folder().rglob("*.ttl"):
        target = folder / file.relative_to(default_folder())
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    shapes = folder / "shapes.ttl"
    added = """
ig:f-rhythm a sh:PropertyShape ; sh:path ig:rhythm ; ig:key "rhythm" ; ig:reader "concept" ; ig:scheme scheme:internal-practice ;
    ig:answerRequired true ; sh:group ig:section-general ; ig:row ig:row-type ; sh:order 92 ; sh:class skos:Concept ;
    sh:name "Rhythm: of meetings"@en , "Rhythmus der Treffen"@de ; sh:description "How often."@en , "Wie oft."@de .
ig:f-partners a sh:PropertyShape ; sh:path ig:partnerTown ; ig:key "partners" ; ig:reader "node" ; sh:node ig:PartnerShape ;
    sh:group ig:section-further ; sh:order 204 ; sh:name "Partner towns"@en , "Partnerstädte"@de .
ig:PartnerShape a sh:NodeShape ; sh:targetClass ig:Partner ; rdfs:label "Partner"@en , "Partner"@de ; sh:property
    [ sh:path ig:p1 ; ig:key "town" ; ig:reader "place" ; ig:shorthand true ; sh:order 1 ; sh:minCount 1 ; sh:maxCount 1 ; sh:name "Town"@en , "Stadt"@de ] ,
    [ sh:path ig:p2 ; ig:key "since" ; ig:reader "edtf" ; sh:order 2 ; sh:maxCount 1 ; sh:name "Since"@en , "Seit"@de ] ,
    [ sh:path ig:p3 ; ig:key "through" ; ig:reader "actor" ; sh:order 3 ; sh:name "Through"@en , "Durch"@de ] .
"""
    text = shapes.read_text().replace(
        "sh:property ig:f-official-name", "sh:property ig:f-rhythm , ig:f-partners , ig:f-official-name"
    )
    shapes.write_text(text + added)
    return Ontology.load(folder)


@every_form
def test_a_new_field_needs_no_code(language: str, form: str, longer: Ontology) -> None:
    data = MINIMAL | {
        "rhythm": ["each first Monday", {"concept": "working-groups", "wording": "groups"}],
        "partners": [
            {"town": "ort", "since": "2015-09", "through": [{"id": "stadt", "name": "Stadt"}]},
            {"town": "kreis"},
        ],
    }
    if "working-groups" not in longer.scheme("internal-practice").concepts:
        data["rhythm"][1]["concept"] = next(iter(longer.scheme("internal-practice").concepts))
    record, _ = RecordReader(longer, READER.gazetteer).data(data)
    written = forms.write(longer, language, form, record, READER.gazetteer)
    assert back(written, form, longer).answers == record.answers
    text = forms.write(longer, language, "md").decode()
    assert {"en": "Partner towns", "de": "Partnerstädte"}[language] in text
    assert {"en": "How often.", "de": "Wie oft."}[language] in text


def test_there_is_no_other_form() -> None:
    with pytest.raises(Unprocessable, match="de, en|en, de"):
        forms.write(ONTOLOGY, "fr", "md")
    with pytest.raises(Unprocessable, match="docx, xlsx, md, yaml"):
        forms.write(ONTOLOGY, "de", "pdf")


# -- filled in by hand


def typed_docx(written: bytes, answers: dict[str, list[str]]) -> bytes:
    """The document with texts typed into the table below each heading, cell by cell."""
    document = python_docx.Document(io.BytesIO(written))
    tables = {}
    title = ""
    for node in document.iter_inner_content():
        if isinstance(node, Table):
            tables[title] = node
        elif node.style.name.startswith("Heading"):
            title = node.text
    for title, texts_of in answers.items():
        row = tables[title].rows[0 if len(tables[title].columns) == 2 and len(texts_of) == 1 else 1]
        for number, text in enumerate(texts_of):
            cell = row.cells[number + (len(texts_of) == 1 and len(tables[title].columns) == 2)]
            for control in list(cell._tc.iter(W + "sdt")):
                control.getparent().remove(control)
            cell.paragraphs[0].add_run(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_a_word_form_filled_by_hand() -> None:
    written = forms.write(ONTOLOGY, "de", "docx")
    typed = typed_docx(
        written,
        {
            "Arbeitsbezeichnung": ["Netz Musterstadt"],
            "Offizieller Name": ["keiner"],
            "Gegründet": ["September 2015"],
            "Mitglieder": ["Caritas Musterstadt"],
            "Handlungsfelder": ["Arbeitsmarkt"],
            "Finanzierung": ["Stadt Musterstadt", "Kommune", "caritas musterstadt", "Beratung; Hilfe", "1.500,50 €", "EUR"],
        },
    )  # fmt: skip
    data = forms.read(typed, "form.docx", ONTOLOGY, known_ids={"stadt-musterstadt"})
    assert data["id"] == "netz-musterstadt"
    assert data["language"] == "de"
    assert data["official_name"] == {"absent": "stated-none", "raw": "keiner"}
    assert data["founded"] == "2015-09"
    assert data["members"] == [{"id": "caritas-musterstadt", "name": "Caritas Musterstadt"}]
    assert data["funding"] == [
        {
            "funder": {"id": "stadt-musterstadt-2", "name": "Stadt Musterstadt"},
            "category": "Kommune",
            "recipient": "caritas-musterstadt",
            "for": [{"name": "Beratung; Hilfe"}],
            "amount": "1500.50",
            "currency": "EUR",
        }
    ]
    assert data["sources"][0]["title"] == "Netzwerkprofil (Formular) (form.docx)"


def test_an_excel_form_filled_by_hand() -> None:
    book = openpyxl.load_workbook(io.BytesIO(forms.write(ONTOLOGY, "en", "xlsx")))
    form, members = book["Form"], book["Members"]
    at = {str(row[0].value): row[0].row for row in form.iter_rows(max_col=1)}
    form.cell(at["Working label"] + 1, 2, "Network of Model Town")
    form.cell(at["Founded"] + 1, 2, 2015)  # a number, as some programs store it
    form.cell(at["Fields of action"] + 1, 2, "labour market")
    form.cell(at["Fields of action"] + 2, 3, "Housing")
    form.cell(at["Founded"] + 1, 4, "perhaps 2014")
    form.cell(at["Description"] + 1 if "Description" in at else at["Brief description"] + 1, 5, "Stated: none")
    heads = {cell.value: cell.column for cell in members[4]}
    for row, (name, role) in enumerate([("Caritas", "Member; From: 2016; To: 2019\nGuest"), ("Caritas", "")], start=5):
        members.cell(row, heads["Name"], name)
        members.cell(row, heads["Roles"], role)
    out = io.BytesIO()
    book.save(out)
    data = forms.read(out.getvalue(), "form.xlsx", ONTOLOGY)
    assert data["founded"] == "2015"
    assert data["fields_of_action"] == [{"wording": "labour market"}, {"concept": "Housing"}]
    assert data["description"] == {"absent": "stated-none"}
    assert data["members"][0] == {
        "id": "caritas",
        "name": "Caritas",
        "roles": [{"role": "Member", "from": "2016", "to": "2019"}, {"role": "Guest"}],
    }
    assert data["members"][1] == {"actor": "caritas"}
    assert [question["raw"] for question in data["review"]] == ["perhaps 2014"]
    assert data["review"][0]["locator"].startswith("sheet Form, row ")


def test_a_markdown_form_filled_by_hand() -> None:
    text = forms.write(ONTOLOGY, "de", "md").decode()
    text = text.replace("<!-- label -->", "<!-- label -->\nNetz\n").replace("\r", "").replace("\n", "\r\n")
    text = text.replace("<!-- description -->", "<!-- description -->\r\nErster Absatz.\r\n\r\nZweiter Absatz.")
    text = text.replace(
        "<!-- members -->", "<!-- members -->\r\n- Caritas\r\n  Ort: ort\r\n* Name: Zora\r\n  Rollen: Gast"
    )
    text = text.replace("<!-- websites -->", "<!-- websites -->\r\n- Adresse: https://a.example/\r\n  Gehört zu: Zora")
    text = text.replace("### Verwandte Netzwerke", "### Ganz anderes\r\nEin Satz.\r\n\r\n### Verwandte Netzwerke")
    data = forms.read(b"\xef\xbb\xbf" + text.encode(), "form.md", ONTOLOGY)
    assert data["label"] == "Netz"
    assert data["description"] == "Erster Absatz.\n\nZweiter Absatz."
    assert [member["id"] for member in data["members"]] == ["caritas", "zora"]
    assert data["members"][0]["place"] == "ort"
    assert data["websites"] == [{"url": "https://a.example/", "of": "zora"}]
    assert [question["raw"] for question in data["review"]] == ["Ein Satz."]


def test_a_yaml_form_filled_by_hand() -> None:
    text = forms.write(ONTOLOGY, "de", "yaml").decode()
    text = text.replace("\nlabel:", "\nlabel: Netz").replace("\nfounded:", "\nfounded: {absent: unreadable, raw: '1'}")
    text = text.replace("\nmembers:\n", "\nmembers:\n  - name: Caritas\n  - Diakonie\n")
    data = forms.read(text.encode(), "form.yaml", ONTOLOGY)
    assert data["members"] == [{"id": "caritas", "name": "Caritas"}, {"id": "diakonie", "name": "Diakonie"}]
    assert data["founded"] == {"absent": "unreadable", "raw": "1"}


def test_contradictions_are_left_to_a_person() -> None:
    text = forms.write(ONTOLOGY, "en", "md").decode()
    text = text.replace("<!-- founded -->", "<!-- founded -->\n- 2015\nNo answer, because: Stated: none\n")
    text = text.replace("<!-- seat -->", "<!-- seat -->\nNo answer, because: we will tell you\n")
    text = text.replace("<!-- members -->", "<!-- members -->\n- Name: A\n  Sector: NGO\n- Name: A\n  Sector: Media\n")
    data = forms.read(text.encode(), "form.md", ONTOLOGY)
    assert data["founded"] == "2015"
    assert "seat" not in data
    assert len(data["members"]) == 2
    assert [question["problem"] for question in data["review"]] == ["ambiguous"] * 3


# -- files


def test_a_word_form_is_accessible() -> None:
    written = forms.write(ONTOLOGY, "de", "docx")
    document = python_docx.Document(io.BytesIO(written))
    assert document.core_properties.title == "Netzwerkprofil (Formular)"
    assert document.core_properties.language == "de-DE"
    levels = [int(p.style.name[-1]) for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for table in document.tables:
        wide = len(table._tbl.tr_lst[0].tc_lst) > 2
        assert (table._tbl.find(f"{W}tr/{W}trPr/{W}tblHeader") is not None) or not wide
        assert table._tbl.find(f"{W}tblPr/{W}tblCaption") is not None
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        root = etree.fromstring(archive.read("word/document.xml"))
    assert len(list(root.iter(W + "dropDownList", W + "comboBox"))) > 50


def test_an_excel_form_offers_its_lists() -> None:
    book = openpyxl.load_workbook(io.BytesIO(forms.write(ONTOLOGY, "de", "xlsx")))
    assert book["Begriffslisten"].sheet_state == "hidden"
    assert book["Formular"].freeze_panes == "B3"
    assert book["Mitglieder"].print_title_rows == "$4:$4"
    assert all(not sheet.protection.sheet for sheet in book)
    rules = [rule for sheet in book for rule in sheet.data_validations.dataValidation]
    assert len(rules) > 30
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_an_answer_longer_than_a_cell_is_told() -> None:
    record = read(MINIMAL | {"notes": "x" * 33_000})
    with pytest.raises(Unprocessable, match="'Notes' has 33,000 characters; a cell of a workbook holds 32,767"):
        forms.write(ONTOLOGY, "en", "xlsx", record)
    assert back(forms.write(ONTOLOGY, "en", "docx", record), "docx").answers == record.answers


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"id: x\n", b"\xff\xfe", b"\0" * 9, b"<!-- integgraph-form"])
def test_what_is_no_form_of_ours(data: bytes) -> None:
    assert not forms.is_ours(data, "form.docx")
    with pytest.raises(InputError, match="no form that integgraph drew"):
        forms.read(data, "form.docx", ONTOLOGY)


@pytest.mark.parametrize("form", ["docx", "xlsx"])
def test_a_damaged_form_is_refused_in_words(form: str) -> None:
    written = forms.write(ONTOLOGY, "de", form)
    member = {"docx": "word/document.xml", "xlsx": "xl/worksheets/sheet1.xml"}[form]
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(written)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            part = old.read(info)
            new.writestr(info, part[: len(part) // 2] if info.filename == member else part)
    with pytest.raises(InputError, match="no valid XML"):
        forms.read(out.getvalue(), f"form.{form}", ONTOLOGY)


@every_form
@settings(max_examples=20, deadline=None, derandomize=True)
@given(data=st.data())
def test_a_form_with_lost_bytes_is_read_or_refused(language: str, form: str, data: st.DataObject) -> None:
    written = bytearray(blank_form(language, form))
    at = data.draw(st.integers(0, len(written) - 1))
    written[at : at + data.draw(st.integers(1, 40))] = data.draw(st.binary(max_size=4))
    if forms.is_ours(bytes(written), "f"):
        try:
            assert forms.read(bytes(written), "f", ONTOLOGY)["id"]
        except InputError as error:
            assert str(error)


# -- on the command line


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["form", *arguments])


def test_a_form_on_the_command_line(tmp_path: Path) -> None:
    target = tmp_path / "new" / "form.xlsx"
    found = run("--lang", "de", "--format", "xlsx", "--out", str(target))
    assert (found.exit_code, found.stderr) == (0, f"Written: {target}\n")
    assert target.read_bytes() == forms.write(ONTOLOGY, "de", "xlsx")
    again = run("--lang", "de", "--format", "xlsx", "--out", str(target))
    assert again.exit_code == 1
    assert "is there already; it may be filled in. --overwrite writes over it." in again.stderr
    assert run("--format", "xlsx", "--out", str(target), "--overwrite").exit_code == 0
    shown = run("--lang", "en", "--format", "md", "--out", "-")
    assert shown.stdout_bytes == forms.write(ONTOLOGY, "en", "md")


def test_a_form_for_a_network_comes_prefilled(tmp_path: Path) -> None:
    name = sorted(file.stem for file in (GOLDEN / "profiles").glob("*.yaml"))[0]
    target = tmp_path / "form.md"
    found = run("--format", "md", "--network", name, "--data", str(GOLDEN), "--out", str(target))
    assert found.exit_code == 0, found.stderr
    record, _ = RecordReader(ONTOLOGY, Gazetteer.load(GOLDEN / "places")).file(GOLDEN / "profiles" / f"{name}.yaml")
    assert forms.read(target.read_bytes(), "form.md", ONTOLOGY)["id"] == record.id
    missing = run("--network", f"{name}x", "--data", str(GOLDEN))
    assert missing.exit_code == 1
    assert f"Did you mean: {name}" in missing.stderr


def test_what_is_written_by_name_is_found_by_name() -> None:
    places = Gazetteer.of(
        [Place("a", {"de": "Stadt A"}, "town"), Place("b", {"de": "B"}, "town"), Place("c", {"de": "B"}, "town")]
    )
    writer = cells.Writer(ONTOLOGY, "de", "de", "de", {}, places)
    assert [writer.place(name) for name in ("a", "b", "c", "d")] == ["Stadt A", "b", "c", "d"]
    field: Field = ONTOLOGY.form.field("members_complete")
    assert writer.one("true", field) == "ja"
    assert {column.key for block in blank(ONTOLOGY, "de").blocks for column in block.columns} > {VALUE, "name"}
    assert ORGANISATIONS in {block.key for block in blank(ONTOLOGY, "de").blocks}
