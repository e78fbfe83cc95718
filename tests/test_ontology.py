import json
import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest

from integgraph import ontology as module
from integgraph.errors import NotFound, OntologyError
from integgraph.ontology import (
    EDTF,
    IG,
    PREFIXES,
    SH,
    XSD,
    Ontology,
    default_folder,
    expanded_shapes,
    json_ld_context,
    near,
    normalise_label,
    question_files,
)

BASE = "https://example.org/id/"


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    return Ontology.load()


# -- the form


def test_fields_stand_in_the_order_of_the_form(ontology):
    orders = [field.order for field in ontology.form.fields]
    assert orders == sorted(orders)
    assert [field.key for field in ontology.form.fields][:5] == [
        "official_name",
        "label",
        "name_variants",
        "founded",
        "ended",
    ]


def test_sections_and_rows_stand_in_the_order_of_the_form(ontology):
    assert [section.name() for section in ontology.form.sections] == [
        "General information",
        "Network profile",
        "Success factors and main challenges",
        "Further information",
        "Beside the form",
    ]
    for section in ontology.form.sections:
        first = [row.fields[0].order for row in section.rows]
        assert first == sorted(first)


def test_every_field_stands_in_exactly_one_row(ontology):
    in_rows = [field.key for section in ontology.form.sections for row in section.rows for field in row.fields]
    assert sorted(in_rows) == sorted(field.key for field in ontology.form.fields)
    assert len(set(in_rows)) == len(in_rows)


def test_every_field_is_found_by_its_key_and_has_labels_and_help_in_both_languages(ontology):
    for field in ontology.form.fields:
        assert ontology.form.field(field.key) is field
        assert ontology.form.get(field.key) is field
        for language in ("en", "de"):
            assert field.names[language] and field.help[language] and field.messages[language], field.key
        assert field.example, field.key


def test_a_field_knows_its_rules(ontology):
    founded = ontology.form.field("founded")
    assert (founded.path, founded.kind, founded.single, founded.required) == (IG + "founded", "edtf", True, True)
    assert founded.max_length == 64
    label = ontology.form.field("label")
    assert (label.minimum, label.unique_language, label.single) == (1, True, False)
    assert ontology.form.field("email").publish == "role-mailbox"
    assert ontology.form.field("fields_of_action").separator == ";"
    assert ontology.form.field("fields_of_action").scheme == "field"
    assert ontology.form.field("status_date").profile and not founded.profile


def test_an_unknown_field_is_not_found_and_the_nearest_keys_are_named(ontology):
    with pytest.raises(NotFound, match="'fonded'.*Did you mean.*founded"):
        ontology.form.field("fonded")
    assert ontology.form.get("fonded") is None


def test_a_nested_shape_knows_its_parts(ontology):
    members = ontology.form.field("members").node
    assert [part.key for part in members.parts] == ["actor", "roles", "source"]
    assert members.inline.key == "actor"
    assert members.part("roles").default == "member"
    assert members.part("nothing") is None
    role = members.part("roles").node
    assert (role.shorthand.key, role.part("role").lift) == ("role", True)
    source = ontology.form.field("sources").node
    assert source.part("read").choices == ("whole", "part")
    assert source.inline is None


@pytest.mark.parametrize(
    ("label", "row"),
    [
        ("Founding year", "row-founded"),
        ("Gründungsjahr:", "row-founded"),
        ("GRÜNDUNGSJAHR", "row-founded"),
        ("Challenges & lessons learnt", "row-challenges"),
        ("Challenges and lessons learned", "row-challenges"),
        ("Herausforderungen & Lernerfahrungen", "row-challenges"),
        ("Field(s) of action", "row-fields"),
        ("Handlungsfeld(er)", "row-fields"),
        ("Website, social media", "row-web"),
        ("E-Mail-Address", "row-email"),
        ("Other names", "row-name"),
        ("Verwandte Netzwerke", "f-relations"),
    ],
)
def test_a_label_on_paper_finds_its_row(ontology, label, row):
    assert ontology.form.row(label).iri == IG + row


def test_a_text_that_is_no_label_finds_no_row(ontology):
    assert ontology.form.row("Weather") is None


@pytest.mark.parametrize(
    "title", ["1. General information", "Allgemeine Angaben", "3 Success factors & main challenges"]
)
def test_a_section_title_is_known_with_and_without_its_number(ontology, title):
    assert ontology.form.is_section(title)


def test_a_row_label_is_no_section_title(ontology):
    assert not ontology.form.is_section("Founding year")


def test_names_fall_back_to_english(ontology):
    row = ontology.form.row("Gründungsjahr")
    section = ontology.form.sections[0]
    assert row.name("de") == "Gründungsjahr"
    assert row.name("fr") == "Founding year"
    assert section.name("fr") == "General information"
    assert ontology.form.field("founded").name("fr") == "Founded"
    assert ontology.scheme("formalisation").label("fr") == "Degree of formalisation"
    assert ontology.scheme("formalisation").concepts["informal"].label("fr") == "Informal"


# -- vocabularies


def test_a_scheme_meets_a_wording_with_its_concept(ontology):
    scheme = ontology.scheme("formalisation")
    assert scheme.find("informal").id == "informal"
    assert scheme.find("INFORMELL").id == "informal"
    assert scheme.find("Soft agreements & norms").id == "soft-agreements"
    assert scheme.find("a handshake") is None


def test_an_unknown_scheme_is_not_found_and_the_nearest_are_named(ontology):
    with pytest.raises(NotFound, match="'formalization'.*formalisation"):
        ontology.scheme("formalization")


def test_a_concept_is_found_by_its_iri(ontology):
    guest = ontology.scheme("role").concepts["guest"]
    assert ontology.concept(guest.iri) == guest
    assert guest.counts_as_member is False
    assert ontology.scheme("formalisation").concepts["informal"].counts_as_member is None
    assert ontology.concept(guest.iri + "x") is None
    assert ontology.concept("https://w3id.org/integgraph/vocabulary/nothing/guest") is None
    assert ontology.concept("https://example.org/guest") is None


def test_broader_implied_classes_and_collections(ontology):
    assert ontology.scheme("role").concepts["founding-member"].broader == "member"
    assert ontology.scheme("formalisation").concepts["legal-entity"].implies == (
        PREFIXES["org"] + "FormalOrganization",
    )
    collections = ontology.scheme("target-group").collections
    assert len(collections) == 2 and all(collections.values())


def test_dates_know_their_bounds_and_findings_their_kind(ontology):
    assert ontology.bounds[IG + "founded"] == (
        IG + "foundedEarliest",
        IG + "foundedLatest",
        "https://schema.org/foundingDate",
    )
    assert ontology.bounds[IG + "statusDate"][2] is None
    assert ontology.finding_kinds[IG + "lesson"].endswith("/finding-kind/lesson")


def test_near_words_come_best_first():
    assert near("membrs", ["members", "number", "seat"])[0] == "members"
    assert near("zzz", ["members"]) == []


def test_near_words_among_many_are_the_same():
    words = [f"{first}{second}-{number}" for first in "abcde" for second in "vwxyz" for number in range(40)]
    for word in ("av-7", "cz 39", "bw-111", "zzz", ""):
        parts = [found for at in range(0, len(words), 100) for found in near(word, words[at : at + 100])]
        assert near(word, words) == near(word, parts)


def test_spellings_of_one_label_are_equal():
    assert normalise_label("Ort / Region / Land") == normalise_label("ort, region, land")
    assert normalise_label("Rat und Tat") == normalise_label("RAT & TAT")


# -- where the ontology lies


def test_questions_are_sorted_by_name(tmp_path):
    (tmp_path / "questions").mkdir()
    for name in ("b.rq", "a.rq", "c.txt"):
        (tmp_path / "questions" / name).touch()
    assert [file.name for file in question_files(tmp_path)] == ["a.rq", "b.rq"]
    assert question_files() == sorted(question_files())


def test_an_installation_without_ontology_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "__file__", str(tmp_path / "a" / "b" / "ontology.py"))
    with pytest.raises(OntologyError, match="missing from this installation"):
        default_folder()


# -- faults in an ontology folder


@pytest.fixture
def edited(tmp_path):
    """Copy the ontology, replace a text once, and give the folder."""

    def edit(file: str, old: str, new: str) -> Path:
        folder = tmp_path / "ontology"
        if not folder.exists():
            shutil.copytree(default_folder(), folder)
        text = (folder / file).read_text()
        assert old in text, f"the test looks for a text that is no longer in {file}: {old}"
        (folder / file).write_text(text.replace(old, new, 1))
        return folder

    return edit


FAULTS = {
    "two fields with one path": ("shapes.ttl", "sh:path ig:ended ;", "sh:path ig:founded ;", "founded"),
    "two fields with one key": ("shapes.ttl", 'ig:key "ended"', 'ig:key "founded"', "'founded'.*f-ended"),
    "a field without a key": ("shapes.ttl", 'ig:key "ended" ;', "", "f-ended.*ig:key"),
    "a field without a German label": ("shapes.ttl", '"Ended"@en , "Beendet"@de', '"Ended"@en', "f-ended.*de"),
    "a field without any label": ("shapes.ttl", 'sh:name "Ended"@en , "Beendet"@de ;', "", "f-ended.*en, de"),
    "a field without a section": ("shapes.ttl", "sh:group ig:section-further ; ig:row ig:row-email ;", "", "f-email"),
    "a field without a path": ("shapes.ttl", "sh:path ig:ended ;", "", "f-ended.*sh:path"),
    "a field with a path that is no property": ("shapes.ttl", "ig:ended ;", "[ sh:inversePath ig:ended ] ;", "f-ended"),
    "a field without a reader": (
        "shapes.ttl",
        'ig:key "ended" ; ig:reader "edtf"',
        'ig:key "ended"',
        "f-ended.*ig:reader",
    ),
    "a part without a path": ("shapes.ttl", "[ sh:path ig:theme ;", "[", "part 'themes'"),
    "an order that is no number": ("shapes.ttl", "sh:order 22", 'sh:order "last"', "f-ended.*order.*last"),
    "a cardinality that is no number": (
        "shapes.ttl",
        "sh:order 22 ; sh:maxCount 1",
        "sh:order 22 ; sh:maxCount 'x'",
        "f-ended",
    ),
    "an unknown scheme": (
        "shapes.ttl",
        "ig:scheme scheme:network-type",
        "ig:scheme scheme:networks",
        "f-network-type.*networks",
    ),
    "a scheme of other people": (
        "shapes.ttl",
        "ig:scheme scheme:network-type",
        "ig:scheme skos:x",
        "f-network-type.*core#x",
    ),
    "a section without a label": ("shapes.ttl", '"General information"@en , ', "", "section-general.*en"),
    "a row without a label": (
        "shapes.ttl",
        '"Founding year"@en , "Gründungsjahr"@de',
        '"Founding year"@en',
        "row-founded.*de",
    ),
    "one label for two rows": ("shapes.ttl", '"Year of foundation"@en', '"Partners"@en', "Partners.*row-"),
    "a shape nested in itself": (
        "shapes.ttl",
        'ig:key "by" ; ig:reader "actor" ;',
        'ig:key "by" ; ig:reader "node" ; sh:node ig:ActivityShape ;',
        "ActivityShape.*itself",
    ),
    "broken Turtle": ("shapes.ttl", "@prefix dct:", "@prefix dct", "shapes.ttl cannot be read"),
    "a concept without a German label": (
        "vocabularies/formalisation.ttl",
        '"Informal"@en , "Informell"@de',
        '"Informal"@en',
        "formalisation/informal.*German",
    ),
    "one label in two concepts": (
        "vocabularies/formalisation.ttl",
        '"Soft agreements"@en',
        '"Informal"@en',
        "Informal.*formalisation: informal and soft-agreements",
    ),
    "an earliest bound without a latest": (
        "integgraph.ttl",
        "ig:latestBound ig:endedLatest ;",
        "",
        "ended.*latestBound",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_ontology_names_the_term(edited, fault):
    file, old, new, named = FAULTS[fault]
    with pytest.raises(OntologyError, match=named):
        Ontology.load(edited(file, old, new))


def test_a_missing_file_is_named(edited):
    folder = edited("shapes.ttl", "@prefix", "@prefix")
    (folder / "shapes.ttl").unlink()
    with pytest.raises(OntologyError, match=r"shapes\.ttl cannot be read"):
        Ontology.load(folder)


def test_a_field_without_order_stands_first_and_nothing_else_changes(edited, ontology):
    other = Ontology.load(edited("shapes.ttl", "sh:order 231 ;", ""))
    assert other.form.fields[0].key == "notes"
    assert {field.key for field in other.form.fields} == {field.key for field in ontology.form.fields}


def test_a_new_field_of_an_existing_kind_needs_no_code(edited):
    shape = """
ig:f-motto a sh:PropertyShape ; sh:path ig:motto ; ig:key "motto" ; ig:reader "text" ; sh:group ig:section-beside ;
    sh:order 999 ; sh:name "Motto"@en , "Leitspruch"@de .
"""
    folder = edited("shapes.ttl", "ig:f-mentions , ig:f-notes ;", "ig:f-mentions , ig:f-notes , ig:f-motto ;")
    with (folder / "shapes.ttl").open("a") as file:
        file.write(shape)
    form = Ontology.load(folder).form
    assert form.field("motto").kind == "text"
    assert form.row("Leitspruch").fields == (form.field("motto"),)


def test_a_default_outside_the_vocabularies_is_kept_as_it_is(ontology):
    assert ontology.form.field("sources").node.part("read").default == "part"


# -- what is derived from the form


def test_every_required_answer_becomes_one_rule(ontology):
    triples = expanded_shapes(ontology)
    rules = {triple.subject.value for triple in triples if triple.predicate.value == SH + "xone"}
    assert rules == {field.iri + "-answer" for field in ontology.form.fields if field.required}
    targets = {
        triple.subject.value: triple.object.value for triple in triples if triple.predicate.value == SH + "targetClass"
    }
    assert targets[IG + "f-founded-answer"] == IG + "Network"
    assert targets[IG + "f-status-date-answer"] == IG + "Profile"


def test_expanding_twice_gives_the_same_triples(ontology):
    assert expanded_shapes(ontology) == expanded_shapes(ontology)


def parse_json_ld(ontology: Ontology, document: dict) -> set[tuple[str, str, str]]:
    document = json_ld_context(ontology, BASE) | document
    quads = ox.parse(json.dumps(document).encode(), format=ox.RdfFormat.JSON_LD)
    return {(quad.subject.value, quad.predicate.value, str(quad.object)) for quad in quads}


def test_the_context_is_json_ld_1_1(ontology):
    found = parse_json_ld(
        ontology,
        {
            "id": "network/harz",
            "type": "ig:Network",
            "label": {"de": "Netzwerk Harz", "en": "Harz network"},
            "founded": "2015-09",
            "members_complete": "true",
            "seat": "place/halberstadt",
            "area": ["place/harz"],
            "fields_of_action": ["voc:field/housing"],
            "email": ["info@harz.example"],
            "hasMember": ["actor/zora"],
            "funding": [{"id": "funding-flow/1", "amount": "1500", "category": ["voc:funder-category/federal"]}],
            "members": [{"id": "membership/1", "roles": [{"id": "role-held/1", "role": "voc:role/guest"}]}],
        },
    )
    harz = BASE + "network/harz"
    assert {
        (harz, PREFIXES["rdf"] + "type", f"<{IG}Network>"),
        (harz, IG + "workingLabel", '"Netzwerk Harz"@de'),
        (harz, IG + "workingLabel", '"Harz network"@en'),
        (harz, IG + "founded", f'"2015-09"^^<{EDTF}>'),
        (harz, IG + "memberListComplete", f'"true"^^<{XSD}boolean>'),
        (harz, IG + "seat", f"<{BASE}place/halberstadt>"),
        (harz, IG + "areaOfActivity", f"<{BASE}place/harz>"),
        (harz, IG + "fieldOfAction", "<https://w3id.org/integgraph/vocabulary/field/housing>"),
        (harz, PREFIXES["schema"] + "email", '"info@harz.example"'),
        (harz, PREFIXES["org"] + "hasMember", f"<{BASE}actor/zora>"),
        (harz, IG + "funding", f"<{BASE}funding-flow/1>"),
        (BASE + "funding-flow/1", IG + "amount", f'"1500"^^<{XSD}decimal>'),
        (
            BASE + "role-held/1",
            PREFIXES["org"] + "role",
            "<https://w3id.org/integgraph/vocabulary/role/guest>",
        ),
    } <= found


def test_every_field_is_a_term_of_the_context(ontology):
    context = json_ld_context(ontology, BASE)["@context"]
    for field in ontology.form.fields:
        assert context[field.key]["@id"] == field.path
        if field.node:
            assert set(context[field.key]["@context"]) == {part.key for part in field.node.parts}
