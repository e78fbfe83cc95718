"""One form as offices send it: in every kind of file and layout, the record is the one of the text."""

from pathlib import Path

import pytest

from integgraph.ingest.document import parse
from integgraph.ingest.documents.kinds import read
from integgraph.ingest.places import Gazetteer
from integgraph.ingest.rows import draft
from tests.ingest.rendered import RENDERINGS, content_of

ROOT = Path(__file__).parents[2]
HALBERSTADT = ROOT.parent / "shared" / "data" / "profile" / "halberstadt.txt"
GOLDEN = ROOT / "tests" / "golden"
LISTS = ("members", "fields_of_action", "target_groups", "internal_practices", "external_practices", "websites")
APART = {"review", "evidence", "sources"}
"""What says where something stood rather than what."""


@pytest.fixture(scope="module")
def drafted(ontology):
    places = Gazetteer.load(ROOT / "data" / "places")
    return lambda content, name: draft(parse(content, ontology.form, name), ontology, places)


@pytest.fixture(scope="module")
def known(ontology):
    return lambda text: ontology.form.row(text) is not None


def compare(text, name, ontology, drafted, known):
    data = RENDERINGS[name](content_of(text, ontology.form))
    wanted = drafted(text, "form.txt")
    lines = read(data, name, known)
    found = drafted(lines, name)
    assert {key: value for key, value in found.items() if key not in APART} == {
        key: value for key, value in wanted.items() if key not in APART
    }
    assert all(line.confidence > 0.75 for line in lines.lines)
    return wanted, found


@pytest.mark.shared
@pytest.mark.parametrize("with_labels", [True, False], ids=["labels known", "labels unknown"])
@pytest.mark.parametrize("name", RENDERINGS)
def test_halberstadt_in_every_layout(ontology, drafted, known, name, with_labels):
    text = HALBERSTADT.read_text("utf-8")
    wanted, found = compare(text, name, ontology, drafted, known if with_labels else None)
    assert set(LISTS) <= wanted.keys() and all(len(found[key]) > 1 for key in LISTS)
    assert not [each for each in found["review"] if each["problem"] == "unplaced" and "raw" in each]


@pytest.mark.parametrize("with_labels", [True, False], ids=["labels known", "labels unknown"])
@pytest.mark.parametrize("name", RENDERINGS)
@pytest.mark.parametrize("form", ["ankommen-en.txt", "ankommen-de.txt"])
def test_the_golden_forms_in_every_layout(ontology, drafted, known, form, name, with_labels):
    _, found = compare((GOLDEN / form).read_text("utf-8"), name, ontology, drafted, known if with_labels else None)
    left = [each for each in found["review"] if each["problem"] == "unplaced"]
    assert any("grün" in str(each) or "green" in str(each) for each in left)  # a row that the form does not have
