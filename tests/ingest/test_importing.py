"""Documents in processes that can be killed, and many of them into a folder of records."""

import json
import os
import threading
import time
from pathlib import Path

import pytest

from integgraph.errors import InputError, WorkersBusy
from integgraph.ingest import importing, yamltext
from integgraph.ingest.batch import Batch, Shelf, changes_between, files_of
from integgraph.ingest.importing import Answered, Importer, snapshot
from integgraph.ingest.places import Gazetteer, Place
from integgraph.ingest.sources import Documents, profile_names, read_profile
from tests.ingest.damaged import source

FORM = "Name of the network: {}\nLocation: Ort\nFounding year: {}\nMembers: Two NGOs: Zora e.V., Ada\n"


def form(name="Harz", year="2015"):
    return FORM.format(name, year).encode()


@pytest.fixture(scope="module")
def places():
    return Gazetteer.of([Place("ort", {"de": "Ort"}, "town"), Place("hal", {"en": "Halberstadt"}, "town")])


@pytest.fixture(scope="module")
def importer(places):
    with Importer(places, frozenset({"ada"})) as importer:
        yield importer


def behave(ontology, places, taken):
    """Serves what the name of a file asks for: to hang, to need memory, to fail, to end."""

    def handle(asked):
        if "hang" in asked.name:
            time.sleep(60)
        if "memory" in asked.name:
            bytearray(2_000_000_000)
        if "end" in asked.name:
            os._exit(1)
        if "fail" in asked.name:
            return importing.answer(_Failing(), asked)
        return importing.answer(importing.Drafting(importing.Ontology.load(ontology), places, taken), asked)

    return handle


class _Failing:
    """Fails as nobody has foreseen."""

    def draft(self, asked):
        raise KeyError(asked.name)


# -- one document


def test_a_document_becomes_a_draft_with_places(importer):
    (draft,) = importer.drafts(form(), "harz.txt")
    assert (draft.id, draft.data["founded"], draft.problems) == ("harz", "2015", [])
    assert [each["id"] for each in draft.data["members"]] == ["zora-e-v", "ada-harz"]
    assert draft.ids == {"zora-e-v", "ada-harz"}
    assert yamltext.load(draft.text, "harz.yaml").data == draft.data
    places = {each["field"]: each for each in draft.places}
    assert places["founded"] == {
        "field": "founded", "label": "Founding year", "raw": "2015", "locator": "row 3, line 3", "line": 3,
        "confidence": 1.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", ["form.docx", "form.xlsx", "form.ods", "form.html", "form.csv", "form.md", "ruled.pdf"]
)
def test_every_kind_of_document_gives_the_same_record(importer, name):
    (text,), (draft,) = importer.drafts(source("form.txt"), "form.txt"), importer.drafts(source(name), name)
    beside = ("sources", "evidence", "review")
    assert {key: value for key, value in draft.data.items() if key not in beside} == {
        key: value for key, value in text.data.items() if key not in beside
    }
    assert all(each["locator"] and each["raw"] and 0 < each["confidence"] <= 1 for each in draft.places)
    json.dumps(list(draft.places))


def test_boxes_on_the_page_travel_with_the_answers(importer):
    (draft,) = importer.drafts(source("ruled.pdf"), "ruled.pdf")
    (founded,) = [each for each in draft.places if each.get("field") == "founded"]
    ((left, top, right, bottom),) = [each["box"] for each in founded["boxes"]]
    assert founded["page"] == 1 and 0 < left < right < 600 and 0 < top < bottom < 850


def test_what_stands_against_building_is_said(importer):
    (draft,) = importer.drafts(b"Name of the network: Harz", "harz.txt")
    assert [each.message for each in draft.problems] == ["The profile names neither a seat nor an area of activity."]


def test_two_profiles_of_one_name_get_ids_of_their_own(importer):
    first, second = importer.drafts(form("Härz") + b"\n# Other\n\n" + form("Haerz"), "all.txt")
    assert (first.id, second.id) == ("haerz", "haerz-2")
    assert second.review[0]["problem"] == "ambiguous" and first.ids.isdisjoint(second.ids)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty."),
        (b"x" * 20_000_001, "20,000,001 bytes"),
        (b"\0\1\2", "binary"),
        (b"Dear all", "No line of this document"),
    ],
)
def test_what_is_no_document_is_refused_in_a_sentence(importer, data, said):
    with pytest.raises(InputError, match=said):
        importer.drafts(data, "a/../../b.txt")


def test_names_are_never_paths(importer):
    with pytest.raises(InputError) as caught:
        importer.drafts(b"nothing", "../../etc/passwd")
    assert str(caught.value).startswith("passwd: ")


# -- what goes wrong in a worker costs one file


def test_a_hanging_or_bombing_file_is_one_refusal_and_the_rest_goes_on(places):
    with Importer(places, deadline=1.0, memory=300_000_000, opener=behave) as importer:
        for name, said in (
            ("hang.pdf", "longer than 1 seconds"),
            ("memory.pdf", "more than 300 MB"),
            ("end.pdf", "more than 300 MB"),
            ("fail.txt", "does not understand"),
        ):
            with pytest.raises(InputError, match=said) as caught:
                importer.drafts(form(), name)
            assert str(caught.value).startswith(name) and "Traceback" not in str(caught.value)
        importer._deadline, importer._pool._deadline = 20.0, 20.0
        assert importer.drafts(form(), "harz.txt")[0].id == "harz"


def test_a_fault_of_a_reader_is_told_apart_for_whoever_mends_it(ontology, places, monkeypatch):
    drafting = importing.Drafting(ontology, places)

    def broken(*_):
        raise ValueError("of ours")

    monkeypatch.setattr(importing, "read_all", broken)
    answered = importing.answer(drafting, importing.Asked("a.txt", form()))
    assert isinstance(answered, Answered)
    assert answered.fault == "ValueError('of ours')" and answered.problems[0].file == "a.txt"
    assert "of ours" not in str(answered.problems[0])


def test_when_all_workers_are_busy_that_is_said(places):
    with Importer(places, deadline=20.0, patience=0.1, opener=behave) as importer:

        def hang():
            with pytest.raises(InputError):
                importer.drafts(form(), "hang.txt")

        first = threading.Thread(target=hang)
        importer._pool._deadline = 3.0
        first.start()
        time.sleep(0.5)
        with pytest.raises(WorkersBusy):
            importer.drafts(form(), "harz.txt")
        first.join()


# -- files


def test_a_file_is_read_at_one_moment(tmp_path, monkeypatch):
    file = tmp_path / "form.txt"
    file.write_bytes(form())
    assert snapshot(file) == form()
    facts = iter([(1, 1, 1), (1, 1, 1), (1, 1, 1), (1, 2, 1)])
    monkeypatch.setattr(importing, "_facts", lambda stat: next(facts))
    with pytest.raises(InputError, match="changed while it was read"):
        snapshot(file)


def test_what_cannot_be_read_is_said(tmp_path):
    for path, said in ((tmp_path, "folder"), (tmp_path / "none.txt", "no such file"), (Path("/dev/null"), "ordinary")):
        with pytest.raises(InputError, match=said):
            snapshot(path)
    (tmp_path / "empty.txt").touch()
    with pytest.raises(InputError, match="empty"):
        snapshot(tmp_path / "empty.txt")
    with open(tmp_path / "large.pdf", "wb") as large:
        large.truncate(20_000_001)
    with pytest.raises(InputError, match="20,000,001 bytes"):
        snapshot(tmp_path / "large.pdf")


def test_folders_are_walked_and_files_taken_once(tmp_path):
    for name in ("b.docx", "a/c.PDF", "a/README.md", ".hidden/d.txt", "~$b.docx", "x.yaml", "e.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = files_of([tmp_path, tmp_path / "b.docx"])
    assert [each.relative_to(tmp_path).as_posix() for each in found] == ["a/c.PDF", "b.docx"]
    (tmp_path / "empty").mkdir()
    assert files_of([tmp_path / "empty"]) == [tmp_path / "empty"]  # so that it is said


# -- many files into a folder


@pytest.fixture
def batch(importer, reader, ontology, places, tmp_path):
    from integgraph.ingest.record import RecordReader

    def batch(*files, compare=False, replace=None, folders=None):
        out = tmp_path / "out"
        shelf = Shelf.of(folders or [out])
        return list(Batch(importer, shelf, RecordReader(ontology, places), out, compare, replace).run(files))

    return batch


@pytest.fixture
def file(tmp_path):
    def file(name, data):
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return file


def test_records_are_written_once(batch, file, tmp_path):
    harz = file("harz.txt", form())
    assert [each.status for each in batch(harz)] == ["written"]
    before = (tmp_path / "out" / "harz.yaml").read_bytes()
    assert [each.status for each in batch(harz)] == ["unchanged"]
    again = file("copy.txt", form())  # the same content under another name
    assert [each.status for each in batch(again)] == ["unchanged"]
    assert (tmp_path / "out" / "harz.yaml").read_bytes() == before
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == ["harz.yaml"]


def test_a_bad_file_among_many_is_one_failure(batch, file, tmp_path):
    (tmp_path / "empty").mkdir()
    outcomes = batch(
        tmp_path / "empty",
        file("a.txt", form("A")),
        file("b.pdf", b"%PDF-1.7"),
        tmp_path / "none.txt",
        file("c.txt", form("C")),
    )
    assert [each.status for each in outcomes] == ["failed", "written", "failed", "failed", "written"]
    assert "no document in this folder" in outcomes[0].reason
    assert outcomes[2].reason.startswith("b.pdf: ") and "no such file" in outcomes[3].reason


def test_a_record_that_is_there_is_kept_until_somebody_asks(batch, file, tmp_path):
    batch(file("harz.txt", form()))
    newer = file("newer.txt", form(year="2016"))
    (kept,) = batch(newer)
    assert kept.status == "kept" and "--overwrite" in kept.reason
    assert "2015" in (tmp_path / "out" / "harz.yaml").read_text()
    asked = []
    (replaced,) = batch(newer, replace=lambda kept: asked.append(kept.reviewed) or True)
    assert replaced.status == "replaced" and asked == [True]
    assert "2016" in (tmp_path / "out" / "harz.yaml").read_text()


def test_the_ids_of_a_reviewed_record_stay(batch, file, tmp_path):
    batch(file("harz.txt", form()))
    record = tmp_path / "out" / "harz.yaml"
    record.write_text(record.read_text().replace("zora-e-v", "zora-harz").replace("id: harz\n", "id: netz-harz\n"))
    record.rename(tmp_path / "out" / "netz-harz.yaml")
    (outcome,) = batch(file("newer.txt", form(year="2016")), compare=True)
    assert outcome.draft.id == "netz-harz" and outcome.record.name == "netz-harz.yaml"
    founded, sources = outcome.changes
    assert (founded.field, founded.removed, founded.added) == ("founded", ["2015"], ["2016"])
    assert sources.field == "sources" and "newer.txt" in sources.added[0]


def test_what_a_person_added_is_no_change(reader):
    def record(text):
        return reader.document(yamltext.load(text, "x.yaml"), "x.yaml")[0]

    base = "id: n\nlanguage: en\nlabel: N\narea: land\nsources:\n  - {title: A, read: whole}\n"
    old = record(
        base + "members:\n  - {id: zora, name: Zora, sector: ngo}\nfields_of_action: [labour market]\nfounded: 2015\n"
    )
    new = record(
        base
        + "members:\n  - {id: zora, name: Zora}\n  - {id: ada, name: Ada}\nfields_of_action: [Labour Market]\nfounded: 2016\n"
    )
    found = {each.field: (each.removed, each.added) for each in changes_between(old, new, reader.ontology)}
    assert found == {"founded": (["2015"], ["2016"]), "members": ([], ["id: ada, name: Ada"])}


def test_several_profiles_in_one_document_are_several_records(batch, file, tmp_path):
    both = file("all.txt", form() + b"\n# Second\n\n" + form("Jena", "2017"))
    assert [(each.status, each.record.name) for each in batch(both)] == [
        ("written", "harz.yaml"),
        ("written", "jena.yaml"),
    ]
    (tmp_path / "out" / "harz.yaml").unlink()
    assert [each.status for each in batch(both)] == ["written", "unchanged"]
    ids = [
        line for each in (tmp_path / "out").iterdir() for line in each.read_text().splitlines() if "- id: zora" in line
    ]
    assert len(set(ids)) == 2


def test_a_file_in_the_way_is_left_alone(batch, file, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "harz.yaml").write_text("no: record\n[")
    (outcome,) = batch(file("harz.txt", form()))
    assert outcome.status == "kept" and "exists already" in outcome.reason
    assert (tmp_path / "out" / "harz.yaml").read_text() == "no: record\n["


def test_a_record_that_cannot_be_written_is_one_failure(batch, file, tmp_path):
    (tmp_path / "out").write_text("a file where the folder should be")
    (outcome,) = batch(file("harz.txt", form()))
    assert outcome.status == "failed" and "cannot be written" in outcome.reason


# -- documents among the profiles


def test_documents_of_all_kinds_are_profiles(reader, tmp_path):
    for name in ("form.docx", "form.html", "ruled.pdf"):
        (tmp_path / name).write_bytes(source(name))
    (tmp_path / "~$form.docx").write_bytes(b"x")
    (tmp_path / "table.csv").write_bytes(b"x")
    assert profile_names(tmp_path) == ["form.docx", "form.html", "ruled.pdf"]
    with Documents(reader) as documents:
        drafts = [documents.draft(tmp_path / name) for name in profile_names(tmp_path)]
    assert {each["id"] for each in drafts} == {"harz-together"}
    (tmp_path / "harz.html").write_bytes(
        b"<table><tr><td>Name of the network<td>Harz<tr><td>Location<td>Ort<tr><td>Founding year<td>2015</table>"
    )
    assert read_profile(tmp_path / "harz.html", reader)[0].id == "harz"


def test_a_document_of_several_profiles_is_to_be_imported(reader, tmp_path):
    rows = "<tr><td>Name of the network<td>{0}<tr><td>Location<td>Ort<tr><td>Founding year<td>2015"
    html = "".join(f"<h1>{name}</h1><table>{rows.format(name)}</table>" for name in ("Harz", "Jena"))
    (tmp_path / "all.html").write_text(html)
    with Documents(reader) as documents, pytest.raises(InputError, match=r"2 profiles.*integgraph import"):
        documents.draft(tmp_path / "all.html")
