"""``integgraph import-table`` on the command line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from integgraph.cli import main
from tests.conftest import GOLDEN, ROOT

EXAMPLES = ROOT / "docs" / "examples" / "tables"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return Path(shutil.copytree(GOLDEN, tmp_path / "data"))


def run(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["import-table", *arguments, "--data", str(data)])


def test_an_import_says_what_it_did(data: Path) -> None:
    found = run(data, str(EXAMPLES / "berlin-grants.csv"), "--mapping", str(EXAMPLES / "berlin-grants.yaml"))
    assert found.exit_code == 0
    assert found.stdout == ""
    assert "4 rows: 3 funding flows of 4 actors." in found.stderr
    assert "1 rows left out: natural persons." in found.stderr
    assert f"The report with the numbers of these rows: {data}/tables/berlin-grants/report.csv" in found.stderr
    again = run(data, str(EXAMPLES / "berlin-grants.csv"), "--mapping", str(EXAMPLES / "berlin-grants.yaml"))
    assert "Nothing has changed since the last import." in again.stderr


def test_persons_are_told_by_the_legal_forms_of_the_matching(data: Path) -> None:
    found = run(data, str(EXAMPLES / "esf-sachsen-anhalt.csv"), "--mapping", str(EXAMPLES / "esf-sachsen-anhalt.yaml"))
    assert "3 rows: 2 funding flows of 3 actors." in found.stderr
    text = "".join(file.read_text() for file in (data / "tables").rglob("*.*"))
    assert "Mustermann" not in text


def test_networks_are_records(data: Path) -> None:
    arguments = (str(EXAMPLES / "keep-partnerships.csv"), "--mapping", str(EXAMPLES / "keep-partnerships.yaml"))
    found = run(data, *arguments, "--add-places")
    assert "1 networks with 2 members." in found.stderr
    assert len(list((data / "profiles").glob("keep-arrive-*.yaml"))) == 1


def test_what_is_wrong_is_one_sentence(data: Path, tmp_path: Path) -> None:
    found = run(data, str(tmp_path / "none.csv"), "--mapping", str(EXAMPLES / "berlin-grants.yaml"))
    assert found.exit_code == 1
    assert found.stderr.strip() == f"{tmp_path}/none.csv: There is no such file."
    found = run(data, str(EXAMPLES / "keep-partnerships.csv"), "--mapping", str(EXAMPLES / "berlin-grants.yaml"))
    assert found.exit_code == 1
    assert "The table has no column 'geber' in row 1." in found.stderr
    assert "Traceback" not in found.output


def test_quiet(data: Path) -> None:
    arguments = (str(EXAMPLES / "berlin-grants.csv"), "--mapping", str(EXAMPLES / "berlin-grants.yaml"), "--quiet")
    assert run(data, *arguments).output == ""
