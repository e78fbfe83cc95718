"""``integgraph import`` as people call it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from integgraph.cli import main
from tests.ingest.damaged import source

FORM = "Name of the network: {}\nLocation: Musterstadt\nFounding year: {}\nMembers: Two NGOs: Zora e.V., Ada\n"


def run(*arguments: object, data: Path, given: str | None = None) -> Result:
    return CliRunner().invoke(main, ["import", *map(str, arguments), "--data", str(data)], input=given)


@pytest.fixture
def harz(tmp_path: Path) -> Path:
    file = tmp_path / "harz.txt"
    file.write_text(FORM.format("Harz", 2015))
    return file


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    file = tmp_path / "newer.txt"
    file.write_text(FORM.format("Harz", 2016))
    return file


def reviewed(file: Path) -> None:
    """Decide everything that the record asks."""
    record = file.read_text("utf-8")
    head, _, rest = record.partition("review:\n")
    lines = rest.splitlines(keepends=True)
    while lines and lines[0].startswith(" "):
        lines.pop(0)
    file.write_text(head + "".join(lines), "utf-8")


def test_a_folder_of_documents_with_a_summary(golden_data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "received"
    folder.mkdir()
    (folder / "a.txt").write_text(FORM.format("A", 2015))
    (folder / "b.pdf").write_bytes(b"%PDF-1.7 broken")
    (folder / "c.docx").write_bytes(source("form.docx"))
    done = run(folder, "--to", tmp_path / "new", data=golden_data)
    assert done.exit_code == 1
    assert "b.pdf: The PDF file is damaged" in done.stderr
    assert "3 files read: 2 written, 1 failed;" in done.stderr
    assert sorted(each.name for each in (tmp_path / "new").iterdir()) == ["a.yaml", "harz-together.yaml"]
    again = run(folder, "--to", tmp_path / "new", data=golden_data)
    assert "3 files read: 2 unchanged, 1 failed;" in again.stderr


def test_a_new_edition_is_compared_and_nothing_written(
    golden_data: Path, tmp_path: Path, harz: Path, newer: Path
) -> None:
    run(harz, "--to", tmp_path / "new", data=golden_data)
    before = (tmp_path / "new" / "harz.yaml").read_bytes()
    told = run(newer, "--to", tmp_path / "new", "--diff", data=golden_data)
    assert told.exit_code == 0
    assert "  Founded (founded)\n    - 2015\n    + 2016\n" in told.stdout
    assert (tmp_path / "new" / "harz.yaml").read_bytes() == before
    same = run(harz, "--to", tmp_path / "new", "--diff", data=golden_data)
    assert "nothing new beside" in same.stdout
    harz.write_text(FORM.format("Jena", 2015))
    assert "There is no record of this network yet" in run(harz, "--diff", data=golden_data).stdout


def test_a_reviewed_record_is_replaced_only_when_a_person_says_so(
    golden_data: Path, tmp_path: Path, harz: Path, newer: Path
) -> None:
    record = tmp_path / "new" / "harz.yaml"
    run(harz, "--to", record.parent, data=golden_data)
    reviewed(record)
    assert run(newer, "--to", record.parent, data=golden_data).exit_code == 1
    asked = run(newer, "--to", record.parent, "--overwrite", data=golden_data, given="n\n")
    assert "was reviewed. Replace it?" in asked.stderr and "2015" in record.read_text("utf-8")
    nobody = run(newer, "--to", record.parent, "--overwrite", data=golden_data)
    assert "--yes" in nobody.stderr and "2015" in record.read_text("utf-8")
    agreed = run(newer, "--to", record.parent, "--overwrite", data=golden_data, given="y\n")
    assert agreed.exit_code == 0 and "Replaced: " in agreed.stderr and "2016" in record.read_text("utf-8")
    assert run(harz, "--to", record.parent, "--overwrite", "--yes", data=golden_data).exit_code == 0
    assert "2015" in record.read_text("utf-8")


def test_a_draft_nobody_has_reviewed_is_replaced_on_request(golden_data: Path, tmp_path: Path) -> None:
    file = tmp_path / "form.txt"
    file.write_text(FORM.format("Harz", "1"))
    run(file, "--to", tmp_path / "new", data=golden_data)
    file.write_text(FORM.format("Harz", 2016))
    assert run(file, "--to", tmp_path / "new", data=golden_data).exit_code == 1
    assert run(file, "--to", tmp_path / "new", "--overwrite", data=golden_data).exit_code == 0


def test_where_each_answer_stands_is_written_on_request(golden_data: Path, tmp_path: Path) -> None:
    file = tmp_path / "form.pdf"
    file.write_bytes(source("ruled.pdf"))
    done = run(file, "--evidence", tmp_path / "evidence.json", data=golden_data)
    assert done.exit_code == 0 and done.stdout.startswith("id: harz-together")
    (found,) = json.loads((tmp_path / "evidence.json").read_text("utf-8"))
    assert found["record"] == "harz-together"
    assert {"field", "label", "raw", "locator", "page", "row", "boxes", "confidence"} <= set(found["answers"][0])
    lost = run(file, "--evidence", tmp_path / "none" / "x.json", data=golden_data)
    assert lost.exit_code == 1 and "cannot be written" in lost.stderr


def test_several_profiles_of_one_document_are_printed_apart(golden_data: Path, tmp_path: Path) -> None:
    file = tmp_path / "all.txt"
    file.write_text(FORM.format("Harz", 2015) + "\n# Second\n\n" + FORM.format("Jena", 2016))
    done = run(file, data=golden_data)
    assert done.exit_code == 0
    first, second = done.stdout.split("---\n")
    assert first.startswith("id: harz\n") and second.startswith("id: jena\n")


def test_calls_that_make_no_sense(golden_data: Path, harz: Path, tmp_path: Path) -> None:
    assert run(harz, "--yes", data=golden_data).exit_code == 2
    assert run(harz, "--overwrite", data=golden_data).exit_code == 2
    assert run(harz, "--to", tmp_path, "--diff", "--overwrite", data=golden_data).exit_code == 2
