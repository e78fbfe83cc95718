import shutil

import pytest

from integgraph.errors import InputError, OntologyError
from integgraph.ingest import yamltext
from integgraph.ingest.record import Answer, RecordReader, collisions, show, to_data
from integgraph.ontology import Ontology, default_folder

# -- what a record says


def test_the_least_record(read, ontology):
    record = read()
    assert (record.id, record.slug, record.edition, record.language) == ("netz", "netz", "", "de")
    assert record.items("label") == ({"text": "Netz", "lang": "de"},)
    assert record.file == "netz.yaml" and len(record.sha256) == 64
    assert list(record.answers) == [field.key for field in ontology.form.fields if field.key in record.answers]


def test_a_field_without_answer_was_not_stated_when_every_source_was_read_whole(read):
    assert read().answer("founded") == Answer(reason="not-stated", implied=True)
    partly = read("sources:\n  - {title: A, read: whole}\n  - {title: B}")
    assert partly.answer("founded") == Answer(reason="not-recorded", implied=True)
    assert not partly.read_whole()


def test_a_field_that_needs_no_answer_stays_without(read):
    assert "ended" not in read().answers
    assert read().answer("ended") == Answer(reason="not-recorded", implied=True)
    assert not read().answer("ended").answers


def test_a_stated_none_is_an_answer_and_an_unreadable_one_keeps_its_text(read):
    record = read("coordination: {absent: stated-none}\nfounded: {absent: unreadable, raw: '1'}")
    assert record.answer("coordination").answers
    assert record.answer("founded") == Answer(reason="unreadable", raw="1")
    assert not record.answer("founded").answers
    assert record.items("founded") == ()


def test_one_value_and_a_list_of_one_are_the_same(read):
    assert read("in_kind: Räume").answers == read("in_kind: [Räume]").answers


def test_an_edition_is_part_of_the_slug(read):
    assert read("edition: '2021'").slug == "netz--2021"


def test_texts_take_the_language_of_the_record_and_names_their_own(read):
    record = read("names_language: it\ndescription: Text\nmission: {en: Aim, de: Ziel}", language="de-AT")
    assert (record.language, record.names_language) == ("de-at", "it")
    assert record.items("label")[0]["lang"] == "it"
    assert record.items("description")[0]["lang"] == "de-at"
    assert [item["lang"] for item in record.items("mission")] == ["en", "de"]


def test_without_a_language_a_record_is_english(reader):
    record, _ = reader.data({"id": "a", "label": "A", "area": "land", "sources": "About us"})
    assert (record.language, record.names_language) == ("en", "en")


def test_actors_are_listed_with_their_place(read):
    record = read(
        "members:\n  - {id: zora, name: Zora}\nfunding: {category: federal, recipient: {id: bund, name: Bund}}"
    )
    assert [(actor["id"], show(where)) for actor, where in record.actors()] == [
        ("zora", "members[1].actor[1]"),
        ("bund", "funding[1].recipient[1]"),
    ]


def test_lines_lead_to_the_value_or_what_encloses_it(read):
    record = read("members:\n  - id: zora\n    name: Zora")
    line = record.line(("members", 0))
    assert record.line(("members", 0, "actor", 0)) == line
    assert record.line(("members",)) == line - 1


def test_a_record_without_actors_or_lines_has_no_line(read):
    record = read()
    assert type(record)(record.id, "", "de", "de", {}).line(("label",)) is None


# -- faults, each with file, line and field

FAULTS = {
    "unknown key": ("fonded: 2015", "fonded", "The form has no field 'fonded'. Did you mean founded"),
    "unknown key without likeness": ("xyzzy: 1", "xyzzy", "docs/fields.md lists all fields"),
    "misspelt header": ("langauge: de", "langauge", "Did you mean language"),
    "label used as key": ("Founding year: 2015", "Founding year", "'Founding year' is a label of the form, not a key. Write one of these keys: founded, ended"),
    "German label used as key": ("Gründungsjahr: 2015", "Gründungsjahr", "is a label of the form, not a key"),
    "source for sources": ("source: x", "source", "Write 'sources:'"),
    "two values for one": ("founded: [2015, 2016]", "founded", "'Founded' has 2 values (2015, 2016), but only 1 is allowed"),
    "two texts in one language": ("description: [A, B]", "description", "'Brief description' has two texts in de"),
    "value beside an absence": ("founded: {absent: stated-none, value: 2015}", "founded", "has a value (value) beside an absence"),
    "value beside an absence in a list": ("in_kind: [Räume, {absent: stated-none}]", "in_kind", "has a value beside an absence"),
    "unknown reason": ("founded: {absent: unknown}", "founded.absent", "'unknown' is not a reason of absence. Use one of: stated-none"),
    "reason that is a list": ("founded: {absent: [withheld]}", "founded.absent", "is not a reason of absence"),
    "unreadable without its text": ("founded: {absent: unreadable}", "founded", "needs the text that stands there"),
    "raw text that is no text": ("founded: {absent: not-stated, raw: [1]}", "founded.raw", "one plain text"),
    "label absent": ("label: {absent: stated-none}", "label", "'Working label' cannot be absent"),
    "empty value": ("founded:", "founded", "'Founded' is empty"),
    "empty list": ("members: []", "members", "'Members' is empty"),
    "empty mapping": ("members: {}", "members", "'Members' is empty"),
    "empty item": ("in_kind: [Räume, '']", "in_kind[2]", "is empty"),
    "mapping where a scalar must be": ("founded: {year: 2015}", "founded", "'Founded' takes one plain value here"),
    "list in a list": ("in_kind: [[Räume]]", "in_kind[1]", "takes one plain value here"),
    "year 0001": ("founded: 0001", "founded", "'Founded' is not a date: The year 0001 cannot be right"),
    "month 13": ("founded: 2015-13", "founded", "There is no month 13"),
    "30 February": ("founded: 2015-02-30", "founded", "There is no day 30 in month 02 of 2015"),
    "founded after the newest retrieval": ("founded: 2027", "founded", "'Founded' (2027) is later than the day its newest source was retrieved (2026-11-23)"),
    "status after the newest retrieval": ("status_date: 2026-12", "status_date", "(2026-12) is later than the day its newest source was retrieved"),
    "ended before founded": ("founded: 2015\nended: 2014", "ended", "The network ended (2014) before it was founded (2015)"),
    "unknown place": ("seat: ord", "seat", "'ord' is not in the place list. Did you mean ort"),
    "unknown source": ("evidence: {wording: x, source: s7}", "evidence.source", "There is no source 's7' in this record. Sources here: s1"),
    "two sources with one id": ("sources: [{id: s2, title: A}, {title: B}]", "sources[2].id", "Two sources have the id 's2'"),
    "source id that is none": ("sources: [{id: my source, title: A}]", "sources[1].id", "The source id 'my source' may hold only"),
    "source without title and address": ("sources: {read: whole}", "sources", "A source needs a title or an address"),
    "unknown actor": ("members: [{id: zora, name: Zora}]\nfunding: {category: federal, recipient: zorra}", "funding.recipient", "No actor 'zorra' is defined in this record. Did you mean zora"),
    "edition with capitals": ("edition: Two", "edition", "The edition 'Two' may hold only small letters"),
    "edition that is a list": ("edition: [a]", "edition", "'edition' is one word, not a list"),
    "names language that is none": ("names_language: italiano", "names_language", "'italiano' is not a language code"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_sentence_with_file_line_and_field(faults, name):
    text, field, sentence = FAULTS[name]
    found = [problem for problem in faults(text) if problem.severity == "violation"]
    assert len(found) == 1, [str(problem) for problem in found]
    assert sentence in f"{found[0].message} {found[0].advice}"
    assert (found[0].file, found[0].field) == ("netz.yaml", field)
    assert found[0].line and found[0].line > 2


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("label", "'Working label' is missing. Add 'label: …'"),
        ("sources", "'Sources' is missing. Add 'sources: …'"),
        ("area", "neither a seat nor an area of activity. Add at least 'area: country-de'"),
    ],
)
def test_a_missing_mandatory_key_is_named(faults, key, sentence):
    (problem,) = faults(without=(key,))
    assert sentence in f"{problem.message} {problem.advice}"
    assert (problem.file, problem.line) == ("netz.yaml", 1)


def test_a_missing_id_is_named_with_an_example(reader):
    with pytest.raises(InputError, match=r"netz\.yaml:1: id: The profile has no id\. Add a line such as 'id: "):
        reader.document(yamltext.load("label: A\narea: land\nsources: B", "netz.yaml"), "netz.yaml")


@pytest.mark.parametrize("id", ["Netz", "a b", "a--b", "-a", "ä", "../a"])
def test_an_id_that_cannot_stand_in_an_address_is_refused(faults, id):
    (problem,) = faults(id=id)
    assert f"The id '{id}' may hold only small letters" in problem.message


@pytest.mark.parametrize("language", ["deutsch", "de_DE", "de-12", "d", "1"])
def test_a_language_that_is_none_is_refused(faults, language):
    (problem,) = faults(language=language)
    assert (problem.field, problem.line) == ("language", 2)
    assert problem.message == f"'{language}' is not a language code."


def test_an_unknown_area_is_one_fault_not_two(faults):
    (problem,) = faults("area: [nowhere-land]")
    assert problem.field == "area[1]"


def test_a_seat_is_enough_and_an_absent_one_is_not(faults):
    assert faults("seat: ort", without=("area",)) == []
    (problem,) = faults("seat: {absent: not-stated}", without=("area",))
    assert "neither a seat nor an area" in problem.message


def test_without_a_day_of_retrieval_no_date_is_in_the_future(faults):
    assert faults("founded: 2027\nsources: {title: A, read: whole}") == []


def test_the_newest_retrieval_counts(faults):
    assert (
        faults("founded: 2026\nsources: [{title: A, retrieved: 2025-01-01}, {title: B, retrieved: 2026-06-01}]") == []
    )


def test_an_open_interval_is_not_in_the_future(faults):
    assert faults("founded: ../2030") == []


def test_every_fault_is_reported_at_once(faults):
    found = faults("fonded: 2015\nended: 2015-13\nseat: nowhere", without=("label",))
    assert {problem.field for problem in found} == {"fonded", "ended", "seat", None}


@pytest.mark.parametrize("text", ["- a\n- b", "just a text", "42"])
def test_a_file_that_is_no_list_of_keys_is_refused(reader, text):
    with pytest.raises(InputError, match="A profile is a list of 'key: value' lines"):
        reader.document(yamltext.load(text, "a.yaml"), "a.yaml")


def test_a_bidirectional_control_in_any_text_is_refused(faults):
    (problem,) = faults('label: "Netz \\u202egro.live"')
    assert "invisible control character" in problem.message


# -- files and folders


def test_a_file_is_read_with_its_warnings(reader, tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("id: a\nlabel: A\narea: land\nsources: B\nfields_of_action: juggling\n")
    record, found = reader.file(file)
    assert record.file == "a.yaml"
    assert [(problem.severity, problem.field, problem.line) for problem in found] == [
        ("warning", "fields_of_action", 5)
    ]


def test_two_records_with_one_id(read):
    (problem,) = collisions([read(file="a.yaml"), read(file="b.yaml")])
    assert problem.message == "The id 'netz' is already used in a.yaml."
    assert (problem.file, problem.field, problem.line) == ("b.yaml", "id", 1)
    assert "edition" in problem.advice


def test_editions_of_one_network_share_their_actors(read):
    zora = "members: [{id: zora, name: Zora}]"
    assert collisions([read(zora), read(f"edition: '2021'\n{zora}")]) == []


def test_two_networks_never_share_an_actor_id(read):
    zora = "members: [{id: zora, name: Zora}]"
    (problem,) = collisions([read(zora, file="a.yaml"), read(zora, id="other", file="b.yaml")])
    assert problem.message == "The actor id 'zora' is already used in a.yaml."
    assert (problem.file, problem.field) == ("b.yaml", "members[1].actor[1]")
    assert "zora-other" in problem.advice


# -- writing


def test_a_record_is_written_in_the_order_of_the_form_without_what_nobody_wrote(read, ontology):
    record = read("notes: Anmerkung\nedition: '2'\nfounded: {absent: withheld}\nnames_language: en")
    assert list(to_data(record, ontology).items()) == [
        ("id", "netz"),
        ("edition", "2"),
        ("language", "de"),
        ("names_language", "en"),
        ("label", "Netz"),
        ("founded", {"absent": "withheld"}),
        ("area", ["land"]),
        ("notes", ["Anmerkung"]),
        ("sources", [{"title": "Über uns", "retrieved": "2026-11-23", "read": "whole"}]),
    ]


def test_what_is_to_be_decided_stands_first(read, ontology):
    data = to_data(read("review: {problem: damaged, raw: '1', field: founded}"), ontology)
    assert list(data)[:3] == ["id", "language", "review"]
    assert data["review"] == [{"field": "founded", "problem": "damaged", "raw": "1"}]


# -- the form must be readable


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('ig:key "ended" ; ig:reader "edtf"', 'ig:key "ended" ; ig:reader "edtv"', "f-ended has the reader 'edtv'.*edtf"),
        ('ig:key "ended" ; ig:reader "edtf"', 'ig:key "ended" ; ig:reader "xyzzy"', "no such kind of value.$"),
        ('ig:key "ended" ; ig:reader "edtf"', 'ig:key "ended" ; ig:reader "node"', "f-ended has parts.*sh:node"),
        ('ig:key "ended" ; ig:reader "edtf"', 'ig:key "ended" ; ig:reader "term"', "f-ended takes concepts.*ig:scheme"),
        ('ig:key "amount" ; ig:reader "decimal"', 'ig:key "amount" ; ig:reader "x"', "part 'amount' of .*FundingFlowShape"),
    ],
)  # fmt: skip
def test_a_form_that_cannot_be_read_is_refused(tmp_path, old, new, message):
    folder = tmp_path / "ontology"
    shutil.copytree(default_folder(), folder)
    text = (folder / "shapes.ttl").read_text()
    assert old in text
    (folder / "shapes.ttl").write_text(text.replace(old, new, 1))
    with pytest.raises(OntologyError, match=message):
        RecordReader(Ontology.load(folder))


def test_a_path_is_shown_as_people_write_it():
    assert show(()) == ""
    assert show(("members", 0, "roles", 1)) == "members[1].roles[2]"
