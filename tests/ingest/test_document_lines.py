"""From the lines of a reader to rows: tables, pages, several profiles, and what is put right."""

import pytest

from integgraph.errors import InputError
from integgraph.ingest.document import MAX_PROFILES, parse, parse_all
from integgraph.ingest.documents.lines import Line, Lines, Spot
from integgraph.ingest.places import Gazetteer
from integgraph.ingest.rows import Before, drafted


def table(*rows, page=1, number=1, first=1, confidence=1.0):
    """Rows of a table: each a text with a tab."""
    return [
        Line(text, Spot(page=page, table=number, row=row, box=(50, 10.0 * row, 500, 10.0 * row + 9)), True, confidence)
        for row, text in enumerate(rows, start=first)
    ]


def text(*lines, page=0):
    return [Line(line, Spot(page=page, line=number)) for number, line in enumerate(lines, start=1)]


@pytest.fixture
def entries(ontology):
    def entries(*lines):
        document = parse(Lines(tuple(line for part in lines for line in part)), ontology.form, "form.pdf")
        return [(entry.label, entry.text, entry.locator) for entry in document.entries]

    return entries


NAME = "Name of the network\tHarz"

# -- tables


def test_only_the_first_cell_can_be_a_label(entries):
    found = entries(
        table(
            NAME,
            "Brief description\tMembers: many",
            "\tFounding year\t2015",
            "\t1. GENERAL INFORMATION",
            "\t# Location",
        )
    )
    assert [row[:2] for row in found] == [
        ("Name of the network", "Harz"),
        ("Brief description", "Members: many\nFounding year\n2015\n1. GENERAL INFORMATION\n# Location"),
    ]


def test_a_section_title_in_a_row_of_its_own_is_one(ontology):
    lines = table("1. GENERAL INFORMATION\t", NAME, "3. SUCCESS FACTORS AND\tMAIN CHALLENGES", "Success factors\tTrust")
    name, success = parse(Lines(tuple(lines)), ontology.form, "form.pdf").entries
    assert name.section.iri.endswith("section-general") and success.section.iri.endswith("section-factors")


def test_where_a_row_stands_is_said_as_a_person_looks_for_it(entries, ontology):
    lines = [
        *table(NAME, "Success factors\tTrust", "\tCake"),
        *table("\tTea", page=2),
        *table("Members\tA", page=2, first=2),
    ]
    assert [row[2] for row in entries(lines)] == [
        "page 1, table 1, row 1",
        "page 1, table 1, row 2 – page 2, table 1, row 1",
        "page 2, table 1, row 2",
    ]
    entry = parse(Lines(tuple(lines)), ontology.form, "form.pdf").entries[1]
    assert entry.text == "Trust\nCake\nTea"
    assert entry.places[0].boxes == ((1, (50, 20.0, 500, 39.0)), (2, (50, 10.0, 500, 19.0)))


def test_stray_marks_in_cells_stay_and_are_asked_about(entries, ontology):
    lines = table(NAME, "Founding year\t.", "E-mail address\t1")
    assert [row[1] for row in entries(lines)] == ["Harz", ".", "1"]
    found = drafted(parse(Lines(tuple(lines)), ontology.form, "form.pdf"), ontology, Gazetteer())
    assert [each["problem"] for each in found.data["review"]] == ["damaged", "damaged"]
    assert found.data["review"][0]["locator"] == "page 1, table 1, row 2"
    assert {place["field"]: place["confidence"] for place in found.places}["founded"] == 0.2


def test_label_and_value_in_each_others_column_are_changed_round(ontology):
    document = parse(Lines(tuple(table(NAME, "since 2015\tFounding year"))), ontology.form, "form.pdf")
    entry = document.entries[1]
    assert (entry.label, entry.text) == ("Founding year", "since 2015")
    assert [(mark.problem, mark.raw) for mark in entry.marks] == [("repaired", "since 2015 | Founding year")]


def test_a_label_and_its_value_in_one_cell_are_parted_and_asked_about(ontology):
    entry = parse(Lines(tuple(table(NAME, "Founding year 2015\t"))), ontology.form, "form.pdf").entries[1]
    assert (entry.label, entry.text, entry.marks[0].problem) == ("Founding year", "2015", "ambiguous")


def test_in_a_table_of_one_column_the_value_stands_below_its_label(entries):
    found = entries(table("Harz report\t", "Name of the network\t", "Harz\t", "Founding year\t", "2015\t"))
    assert [row[:2] for row in found] == [("Name of the network", "Harz"), ("Founding year", "2015")]


def test_text_below_a_table_is_no_part_of_its_last_cell(entries):
    found = entries(table(NAME, "Success factors\tTrust"), text("Printed by the office"))
    assert found[-1][:2] == ("", "Printed by the office")


def test_a_label_without_value_and_a_value_without_label_are_kept(ontology):
    lines = [*table(NAME, "Shoe size\t42", "Founding year\t"), *text("", "Loose words")]
    data = drafted(parse(Lines(tuple(lines)), ontology.form, "form.pdf"), ontology, Gazetteer()).data
    assert [(each["problem"], each["raw"]) for each in data["review"]] == [
        ("unplaced", "42"),
        ("unplaced", "Founding year"),
        ("unplaced", "Loose words"),
    ]
    assert {"Shoe size: 42", "Founding year", "Loose words"} <= {each.get("wording") for each in data["evidence"]}


# -- pages


def test_headers_and_footers_of_pages_belong_to_no_row(ontology):
    lines = []
    for page, rows in ((1, [NAME]), (2, ["Success factors\tTrust"]), (3, ["\tand time", "Members\tA"])):
        lines += [*text("Good practice", page=page), *table(*rows, page=page), *text(f"Page {page}", page=page)]
    document = parse(Lines(tuple(lines), pages=3), ontology.form, "form.pdf")
    assert document.titles == ("Good practice",)
    assert [entry.text for entry in document.entries] == ["Harz", "Trust\nand time", "A"]
    assert [entry.text for entry in document.edges] == ["Good practice", "Page 1"]
    data = drafted(document, ontology, Gazetteer()).data
    assert {"Good practice", "Page 1"} <= {each.get("wording") for each in data["evidence"]}


def test_a_page_number_within_a_value_is_taken_out_and_marked(ontology):
    document = parse(
        Lines(tuple(table(NAME, "Success factors\tTrust", "\tPage 2 of 4", "\tand time"))), ontology.form, "f.pdf"
    )
    data = drafted(document, ontology, Gazetteer()).data
    assert data["success_factors"] == ["Trust and time"]
    assert [(each["problem"], each["raw"]) for each in data["review"]] == [("repaired", "Page 2 of 4")]
    (evidence,) = [each for each in data["evidence"] if each.get("field") == "success_factors"]
    assert evidence["wording"] == "Trust\nPage 2 of 4\nand time" and evidence["repaired"] == "yes"


def test_what_the_reader_was_not_sure_of_is_asked_about(ontology):
    lines = table(NAME, "Founding year\t2015", confidence=0.6)
    found = drafted(
        parse(Lines(tuple(lines), ("Page 2 is a picture without text.",)), ontology.form, "f.pdf"),
        ontology,
        Gazetteer(),
    )
    said = [(each["problem"], each.get("field")) for each in found.data["review"]]
    assert said == [("unplaced", None), ("ambiguous", "official_name"), ("ambiguous", "founded")]
    assert found.data["review"][0]["explanation"] == "Page 2 is a picture without text."
    assert {place["confidence"] for place in found.places} == {0.42, 0.6}


# -- several profiles in one document


def profile(name, *more):
    return "\n".join([f"# {name.upper()}", "", f"Status of information: {len(name)}", "", "1. GENERAL INFORMATION",
                      f"Name of the network\t{name}", "Founding year\t2015", "Success factors\tTrust", *more, ""])  # fmt: skip


def test_a_second_name_begins_a_second_profile_with_its_titles(ontology):
    first, second, third = parse_all(
        profile("Harz") + profile("Jena") + profile("Gera"), ontology.form, "all.txt", "a" * 64
    )
    assert [each.part for each in (first, second, third)] == [1, 2, 3]
    assert [each.titles for each in (first, second, third)] == [("HARZ",), ("JENA",), ("GERA",)]
    assert [len(each.entries) for each in (first, second, third)] == [4, 4, 4]
    assert second.entries[1].locator == "section 1, row 1, line 14"
    assert {each.sha256 for each in (first, second, third)} == {"a" * 64}


def test_on_pages_what_stands_above_the_name_is_its_title(ontology):
    lines = [
        *table(NAME, "Members\tA"),
        *text("Second network", "in the east", page=2),
        *table("Name of the network\tJena", "Members\tB", page=2),
    ]
    first, second = parse_all(Lines(tuple(lines)), ontology.form, "all.pdf")
    assert [entry.text for entry in first.entries] == ["Harz", "A"]
    assert second.titles == ("Second network", "in the east")


def test_rows_of_one_network_that_name_it_twice_are_one_profile(ontology):
    text = "Name of the network\tHarz\nMembers\tA\nName of the network\tHarz\nFounding year\t2015"
    assert len(parse_all(text, ontology.form, "one.txt")) == 1


def test_where_one_profile_is_wanted_several_are_refused_with_advice(ontology):
    with pytest.raises(InputError, match=r"more than one profile.*integgraph import"):
        parse(profile("Harz") + profile("Jena"), ontology.form, "all.txt")


def test_too_many_profiles_are_refused(ontology):
    with pytest.raises(InputError, match="more than 200 profiles"):
        parse_all("".join(f"Name\tN{number}\nOrt\tA\n" for number in range(MAX_PROFILES + 2)), ontology.form, "all.txt")


# -- ids that stay


def test_a_new_edition_keeps_the_ids_of_the_one_before(ontology):
    document = parse("Name\tHarz\nMembers\tTwo NGOs: Zora e.V., Ada", ontology.form, "form.txt")
    before = Before("harz-old", {"zora e v": "zora-harz"})
    found = drafted(document, ontology, Gazetteer(), {"ada"}, None, before)
    assert found.data["id"] == "harz-old"
    assert [each["id"] for each in found.data["members"]] == ["zora-harz", "ada-harz-old"]
    assert found.ids == {"ada-harz-old"}


def test_a_whole_profile_that_comes_again_is_another_one(ontology):
    both = profile("Harz", "Members\tA", "Impact\tmuch") + profile("Harz", "Members\tB", "Impact\tmore")
    first, second = parse_all(both, ontology.form, "all.txt")
    assert (first.entries[-1].text, second.entries[-1].text) == ("much", "more")


def test_columns_changed_round_with_lists_and_wrapped_labels(ontology):
    lines = [
        *table("Harz\tName of the network"),
        *table("• meetings • e-mail\tInternal Communication &", first=2),
        *table("\tFacilitation techniques", first=2),
        *table("1\tE-mail address", first=3),
    ]
    document = parse(Lines(tuple(lines)), ontology.form, "form.pdf")
    assert [(entry.row is not None, entry.text) for entry in document.entries] == [
        (True, "Harz"),
        (True, "- meetings\n- e-mail"),
        (True, "1"),
    ]


def test_numbers_before_labels_do_not_count(entries):
    found = entries(table("1 Name of the network\tHarz", "2. Founding year\t2015", "2.1 Location\tJena", "7 Members"))
    assert [row[:2] for row in found] == [
        ("Name of the network", "Harz"),
        ("Founding year", "2015"),
        ("Location", "Jena"),
        ("Members", ""),
    ]
