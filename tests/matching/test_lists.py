"""Lists of others: every form is read, a faulty row is named and costs no other."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integgraph.errors import InputError
from integgraph.matching.lists import Listed, ListFile

RDFS_LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"


@pytest.fixture
def read(tmp_path: Path):
    def read(name: str, content: str | bytes, **more) -> ListFile:
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return ListFile(tmp_path / name, **more)

    return read


def refused(read, name: str, content: str | bytes, **more) -> str:
    with pytest.raises(InputError) as caught:
        read(name, content, **more)
    return str(caught.value)


# -- tables


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "id,name,city,country\n1,Zora e.V.,Halberstadt,DE\n"),
        ("a.csv", "\ufeffID;Name;Ort;Land\r\n1;Zora e.V.;Halberstadt;DE\r\n"),
        ("a.tsv", "Kennung\tBezeichnung\tSitz\tStaat\n1\tZora e.V.\tHalberstadt\tDE\n"),
        ("a.csv", 'item|itemLabel|place|countryLabel\n1|"Zora\n  e.V."|Halberstadt|DE\n'),
        ("a.csv", 'id,"name",town,"country, as code"\n1,Zora e.V.,Halberstadt,DE\n'),
    ],
)
def test_tables_of_any_shape(read, name, text):
    listed = read(name, text, columns={"country": "country, as code"} if "as code" in text else {})
    (found,) = listed
    assert (found.id, found.names, found.places, found.countries) == ("1", ("Zora e.V.",), ("Halberstadt",), ("DE",))
    assert listed.faults == 0


def test_a_packed_table_and_how_far_it_is_read(read):
    listed = read("a.csv.gz", gzip.compress(b"id,name\n1,Zora\n"))
    assert [each.id for each in listed] == ["1"]
    assert listed.read == listed.size


def test_other_names_share_a_cell(read):
    (found,) = read("a.csv", "id,name,aliases\n1,Zora,SKZ | Soziokulturelles Zentrum; Zora\n")
    assert found.names == ("Zora", "SKZ", "Soziokulturelles Zentrum")


def test_faulty_rows_are_named_and_the_others_count(read):
    text = "id,name\n1,Müller\n2,Meier\n3\n4,\n5,---\n6,a,b\n7,Zora\n".encode().replace("ü".encode(), b"\xfc")
    listed = read("a.csv", text)
    assert [each.id for each in listed] == ["2", "7"]
    assert listed.faults == 5
    assert [(each.line, each.message) for each in listed.problems] == [
        (2, "The row is not UTF-8."),
        (4, "The row has no name."),
        (5, "The row has no name."),
        (6, "The row has no name."),
        (7, "The row has more cells than the 2 columns."),
    ]


def test_many_faults_are_counted_but_not_all_kept(read):
    listed = read("a.csv", "id,name\n" + "1,\n" * 500)
    assert list(listed) == []
    assert (listed.faults, len(listed.problems)) == (500, 20)


def test_a_quote_that_is_never_closed_costs_only_what_it_swallows(read):
    listed = read("a.csv", 'id,name\n1,Zora\n2,"Open\n' + "x" * 200_000 + "\n3,Caritas\n")
    assert "Zora" in [each.names[0] for each in listed]
    assert any("cannot be read" in each.message for each in listed.problems)


def test_columns_that_could_be_either_are_asked_for(read):
    text = "name,label,id\nA,B,1\n"
    assert "Several columns could hold the name: 'name', 'label'. Say which: --name 'name'" in refused(
        read, "a.csv", text
    )
    (found,) = read("a.csv", text, columns={"name": "label"})
    assert found.names == ("B",)
    assert "Several columns could hold the id" in refused(read, "a.csv", "name,id,qid\nA,1,Q1\n")


def test_columns_that_are_not_there(read):
    text = "Kennung;Empfänger\n1;Zora\n"
    assert "No column holds names, as far as headings tell. Say which it is with --name. Columns: 'Kennung'" in refused(
        read, "a.csv", text
    )
    assert "There is no column 'Empfaenger'. Did you mean Empfänger?" in refused(
        read, "a.csv", text, columns={"name": "Empfaenger"}
    )


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", "", "The file is empty."),
        ("a.csv", "\ufeff \n\n", "The file is empty."),
        ("a.csv", "id,name\n1,a\n".encode("utf-16"), "The file is UTF-16. Save it again as UTF-8."),
        ("a.csv", "id,Empf\xe4nger\n1,a\n".encode("latin-1"), "The headings are not UTF-8."),
        ("a.xlsx", "PK", "cannot be told from its name. Known endings are .csv"),
        ("a.csv.gz", b"no gzip", "cannot be read"),
    ],
)
def test_files_that_cannot_be_read(read, name, content, words):
    assert words in refused(read, name, content)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        ListFile(tmp_path / "a.csv")


def test_one_name_a_line(read):
    assert [each.names for each in read("a.txt", "Zora e.V.\n\n  Stadt  Halle \n")] == [
        ("Zora e.V.",),
        ("Stadt Halle",),
    ]


def test_geonames_is_known_by_its_nineteen_cells(read):
    row = "2911522\tHalle (Saale)\tHalle\tHalle an der Saale,Saale\t51.5\t12\tP\tPPLA3\tDE" + "\t" * 10
    listed = read("DE.txt", f"{row}\n{row}\tx\n")
    (found,) = listed
    assert listed.form == "geonames"
    assert found == Listed(
        "2911522",
        ("Halle (Saale)", "Halle", "Halle an der Saale", "Saale"),
        countries=("DE",),
        kinds=("town",),
        line=1,
    )
    assert [each.line for each in listed.problems] == [2]


# -- JSON


ROR_2 = {
    "id": "https://ror.org/05dxps055",
    "names": [{"value": "Cal", "types": ["acronym"]}, {"value": "California", "types": ["label", "ror_display"]}],
    "locations": [{"geonames_details": {"name": "Pasadena", "country_code": "US"}}],
    "links": [{"type": "website", "value": "https://caltech.example"}],
}
ROR_1 = {
    "id": "https://ror.org/05dxps055",
    "name": "California",
    "acronyms": ["Cal"],
    "addresses": [{"city": "Pasadena"}],
    "country": {"country_code": "US"},
    "links": ["https://caltech.example"],
}
WIKIDATA = {"id": "Q1", "labels": {"fr": {"value": "Cal"}, "en": {"value": "California"}}}
SPARQL = {"results": {"bindings": [{"item": {"value": "Q1"}, "itemLabel": {"value": "California"}}]}}


@pytest.mark.parametrize("record", [ROR_1, ROR_2], ids=["1", "2"])
def test_records_of_ror(read, record):
    (found,) = read("a.json", json.dumps([record]))
    assert found.id == "https://ror.org/05dxps055"
    assert found.names == ("California", "Cal")
    assert (found.places, found.countries, found.websites) == (("Pasadena",), ("US",), ("https://caltech.example",))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([WIKIDATA], indent=1),
        json.dumps(WIKIDATA) + "\n" + json.dumps(WIKIDATA),
        json.dumps(SPARQL),
        json.dumps([{"qid": "Q1", "label": "California"}]),
    ],
)
def test_other_json(read, text):
    found = list(read("a.json", text))
    assert {(each.id, each.names[0]) for each in found} == {("Q1", "California")}


def test_a_large_array_is_read_piece_by_piece_and_a_break_is_named(read):
    text = json.dumps([{"id": str(n), "name": f"Name {n} " + "x" * 500} for n in range(2_000)])
    assert [each.id for each in read("a.json", text)] == [str(n) for n in range(2_000)]
    listed = read("a.json", text[:-30_000])
    assert 1_900 < len(list(listed)) < 2_000
    assert "not JSON" in listed.problems[0].message
    strange = read("b.json", '[1, "a", null, {"id": "1", "name": "Zora"}, {"id": "2"}]')
    assert [each.id for each in strange] == ["1"]
    assert strange.faults == 4


# -- RDF


TURTLE = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<https://e.example/1> skos:prefLabel "Zora"@de ; skos:altLabel "SKZ" . [] skos:prefLabel "Nobody" .
<https://e.example/2> skos:notation "x" .
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ttl", TURTLE),
        ("a.ttl", TURTLE + "\n<broken"),
        ("a.nt", f'<https://e.example/1> {RDFS_LABEL} "Zora" .\nbroken\n<https://e.example/1> {RDFS_LABEL} "SKZ" .\n'),
        ("a.jsonld", '{"@id": "https://e.example/1", "http://schema.org/name": "Zora", "http://schema.org/alternateName": "SKZ"}'),
        ("a.json", '{"@context": {"@vocab": "https://schema.org/"}, "@id": "https://e.example/1", "name": "Zora", "alternateName": "SKZ"}'),
        ("a.rdf", '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:f="http://xmlns.com/foaf/0.1/"><rdf:Description rdf:about="https://e.example/1"><f:name>Zora</f:name><f:name>SKZ</f:name></rdf:Description></rdf:RDF>'),
    ],
)  # fmt: skip
def test_rdf_in_every_form(read, name, text):
    listed = read(name, text)
    assert [(each.id, each.names) for each in listed] == [("https://e.example/1", ("Zora", "SKZ"))]
    assert listed.faults == ("broken" in text)


def test_a_context_at_another_address_is_not_fetched(read):
    listed = read("a.jsonld", '{"@context": "https://schema.org/", "@id": "https://e.example/1", "name": "Zora"}')
    assert list(listed) == []
    assert "which is not fetched" in listed.problems[0].message


# -- what is made to harm


def test_names_cannot_steer_a_terminal_and_have_an_end(read):
    (found,) = read("a.csv", "id,name\n1,Ca\x1b[31mritas\u202e " + "x" * 50_000 + "\n")
    assert found.names[0].isprintable()
    assert len(found.names[0]) <= 1_000


def test_a_packed_file_that_breaks_off(read):
    whole = gzip.compress("".join(f"id{n}\tName {n * 7919 % 10_007}\n" for n in range(20_000)).encode())
    for name in ("a.txt.gz", "a.nt.gz"):
        listed = read(name, whole[: len(whole) // 2])
        list(listed)
        assert (
            any("From here on the file cannot be read" in each.message for each in listed.problems)
            or listed.faults > 20
        )
    listed = read("a.txt.gz", whole[: len(whole) // 2])
    assert len(list(listed)) > 1_000


@pytest.mark.parametrize(
    "record",
    [
        {"id": "https://ror.org/05dxps055", "name": "California", "country": "US", "links": None},
        {"id": "x", "names": [None, {"value": "California", "types": None}], "locations": [{"geonames_details": 3}]},
        {"id": "x", "labels": {"en": {"value": "California"}, "de": 3}, "aliases": ["x"]},
        {"id": "x", "name": "California", "aliases": {"en": 1}, "acronyms": 4},
    ],
)
def test_records_that_are_nearly_of_a_known_form(read, record):
    (found,) = read("a.json", json.dumps([record]))
    assert found.names[0] == "California"


@pytest.mark.parametrize("text", ["[" * 100_000, '[{"id": ' + "9" * 10_000 + "}]", '{"a": 1', "nonsense", '"\\ud800"'])
def test_json_that_is_none(read, text):
    listed = read("a.json", text)
    assert list(listed) == []
    assert listed.faults == 1


def test_half_a_character_in_json_is_a_faulty_row(read):
    listed = read("a.json", '[{"id": "1", "name": "Zora \\ud800"}, {"id": "2", "name": "Zora"}]')
    assert [each.id for each in listed] == ["2"]
    assert "not UTF-8" in listed.problems[0].message


PIECES = st.sampled_from(
    [b"id", b"name", b",", b";", b"\t", b"\n", b"\r", b'"', b"\x00", b"\xff", b"\xef\xbb\xbf", b"{", b"}", b"[", b"]", b":",
     b"<https://e.example/1> ", b"<http://www.w3.org/2000/01/rdf-schema#label> ", b'"Zora" .', b"@prefix", b"<rdf:RDF", b"1"]
)  # fmt: skip


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(PIECES | st.binary(max_size=4), max_size=40).map(b"".join),
    st.sampled_from(["a.csv", "a.tsv", "a.txt", "a.json", "a.ttl", "a.nt", "a.rdf", "a.jsonld", "a.csv.gz"]),
)
def test_whatever_stands_there_is_read_or_said(tmp_path, content, name):
    file = tmp_path / name
    file.write_bytes(content)
    try:
        found = list(ListFile(file))
    except InputError:
        return
    assert all(each.names and each.names[0].isprintable() for each in found)
