"""The first real form: what a careful reader gets from it, field by field."""

import hashlib
from pathlib import Path

import pytest

from integgraph.ingest.document import read_document
from integgraph.ingest.places import Gazetteer
from integgraph.ingest.record import RecordReader
from integgraph.ingest.rows import draft

ROOT = Path(__file__).parents[2]
FORM = ROOT.parent / "shared" / "data" / "profile" / "halberstadt.txt"

pytestmark = pytest.mark.shared

CARITAS = "caritasverband-fuer-das-dekanat-halberstadt"
DIAKONIE = "diakonisches-werk-im-kirchenkreis-halberstadt-e-v"
ZORA = "soziokulturelles-zentrum-zora-e-v-in-halberstadt"


@pytest.fixture(scope="module")
def places():
    return Gazetteer.load(ROOT / "data" / "places")


@pytest.fixture(scope="module")
def document(ontology):
    return read_document(FORM, ontology.form)


@pytest.fixture(scope="module")
def data(document, ontology, places):
    return draft(document, ontology, places)


@pytest.fixture(scope="module")
def record(data, ontology, places):
    """The draft as a record; reading it finds nothing wrong."""
    record, found = RecordReader(ontology, places).data(data, "halberstadt.yaml")
    assert found == []
    return record


def concepts(record, key):
    return [concept for item in record.items(key) for concept in item["concepts"]]


def questions(data, problem):
    return [each["field"] for each in data["review"] if each["problem"] == problem]


def test_every_row_is_recognised(document):
    assert all(entry.row and entry.text for entry in document.entries)
    assert len(document.entries) == 20 and document.language == "en"


def test_the_name_is_a_working_label(data):
    assert data["id"] == "caritas-diakonie-zora-netzwerk-halberstadt"
    assert data["official_name"]["absent"] == "stated-none"
    assert data["label"].startswith("Caritas-Diakonie-Zora")
    assert (data["language"], data["names_language"]) == ("en", "de")


def test_two_answers_are_unreadable(data):
    assert data["founded"] == data["email"] == {"absent": "unreadable", "raw": "1"}
    assert questions(data, "damaged") == ["founded", "email"]


def test_nobody_coordinates(data):
    assert data["coordination"]["absent"] == "stated-none"


def test_place_date_and_form(data, record):
    assert (data["seat"], data["status_date"]) == ("halberstadt", "2021-01")
    assert concepts(record, "formalisation") == ["soft-agreements"]
    assert concepts(record, "network_type") == ["informal-network"]


def test_three_members_as_stated(data):
    assert [member["id"] for member in data["members"]] == [CARITAS, DIAKONIE, ZORA]
    assert {member["place"] for member in data["members"]} == {"halberstadt"}
    (count,) = data["stated_counts"]
    assert (count["min"], count["max"], count["unit"]) == ("3", "3", "organisations") and "approximate" not in count
    assert data["members_complete"] == "yes" and data["member_kinds"] == ["NGOs"]


def test_fields_and_target_groups(record, ontology):
    assert concepts(record, "fields_of_action") == [
        "integration-in-general", "labour-market", "language", "health", "housing", "education-and-training",
        "culture-and-sports",
    ]  # fmt: skip
    groups = concepts(record, "target_groups")
    assert groups == ["migrants", "refugees", "public-administration", "ngos", "volunteers", "companies"]
    collections = ontology.scheme("target-group").collections.values()
    assert sum(bool(set(groups) & members) for members in collections) >= 2


def test_the_money(data):
    federal, city, donations = data["funding"]
    both = [CARITAS, DIAKONIE]
    assert (federal["category"], federal["recipient"], "funder" in federal) == ("federal", both, False)
    assert federal["for"] == {"name": "Migration counselling", "by": both}
    assert city["funder"] == {"id": "stadt-halberstadt", "name": "Stadt Halberstadt", "place": "halberstadt"}
    assert (city["category"], city["recipient"]) == ("municipal", ZORA)
    assert (donations["category"], donations["recipient"], "funder" in donations) == ("donations", ZORA, False)
    assert all(flow["wording"] and "amount" not in flow for flow in data["funding"])
    assert len(data["in_kind"]) == 1 and data["in_kind"][0].startswith("Staff")


def test_practices(record):
    assert concepts(record, "internal_practices") == [
        "network-meeting", "open-space", "working-group", "training-event", "symposium", "e-mail-and-telephone",
    ]  # fmt: skip
    assert len(record.items("internal_practices")) == 5
    assert concepts(record, "external_practices") == ["social-media", "website", "press"]


def test_findings(data, record):
    numbers = {
        "success_factors": 5, "challenges": 4, "lessons": 1, "sustainability": 3, "transferability": 1,
    }  # fmt: skip
    assert {key: len(data[key]) for key in numbers} == numbers
    assert record.answer("evaluation").reason == record.answer("impact").reason == "not-stated"
    assert len(data["description"]) > 500 and data["description"].count("\n") == 0


def test_websites_each_of_its_member(data):
    assert [(site["of"], site["url"]) for site in data["websites"]] == [
        (ZORA, "http://www.zora.de/"),
        (
            CARITAS,
            "https://www.caritas-magdeburg.de/unsere-hilfe-beratung/caritas-vor-ort/dekanate-im-bistum-magdeburg/"
            "dekanat-halberstadt/dekanat-halberstadt",
        ),
        (DIAKONIE, "https://www.diakonie-halberstadt.de/startseite.html"),
    ]
    assert questions(data, "repaired") == ["websites", "websites"]
    (evidence,) = [each for each in data["evidence"] if each.get("field") == "websites"]
    assert evidence["repaired"] == "yes" and "unsere-\n" in evidence["wording"]


def test_what_a_person_must_decide_comes_first(data):
    assert list(data)[:4] == ["id", "language", "names_language", "review"]
    assert not [each for each in data["review"] if each["problem"] == "unplaced"]
    assert set(questions(data, "ambiguous")) == {"funding", "lessons", "sustainability", "transferability"}


def test_every_row_is_findable(data, document):
    assert {entry.locator for entry in document.entries} <= {each["locator"] for each in data["evidence"]}
    (source,) = data["sources"]
    assert source["read"] == "whole" and source["sha256"] == hashlib.sha256(FORM.read_bytes()).hexdigest()
    assert "January 2021" in source["edition"]
