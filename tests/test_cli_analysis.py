"""``integgraph analyse`` and ``integgraph compare``: reports on standard output or in a file, errors in a sentence."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import integgraph
from integgraph.build import Built
from integgraph.cli import main

HALBERSTADT = "caritas-diakonie-zora-halberstadt"


@pytest.fixture
def run(collection: Built):
    def run(*arguments: str | Path) -> Result:
        given = [*map(str, arguments), "--release", str(collection.release.path)]
        return CliRunner().invoke(main, given, catch_exceptions=False)

    return run


def test_the_commands_are_listed_and_say_what_they_do() -> None:
    listed = CliRunner().invoke(main, ["--help"]).output
    assert "analyse" in listed and "compare" in listed
    for command in ("network", "actor", "funder", "collection"):
        found = CliRunner().invoke(main, ["analyse", command, "--help"])
        assert found.exit_code == 0
        assert f"integgraph analyse {command}" in found.output


def test_a_network_is_reported_as_markdown(run) -> None:
    found = run("analyse", "network", HALBERSTADT)
    assert (found.exit_code, found.stderr) == (0, "")
    assert found.stdout.startswith("# Caritas-Diakonie-Zora Netzwerk Halberstadt\n")
    assert "## Who steers?" in found.stdout


def test_in_german(run) -> None:
    assert "## Wer steuert?" in run("analyse", "network", HALBERSTADT, "--lang", "de").stdout


def test_what_is_printed_is_what_python_gives(run, collection: Built) -> None:
    release = integgraph.open(collection.release.path)
    assert run("analyse", "funder", "municipal", "--format", "json").stdout == release.analyse(
        "funder", "municipal"
    ).render("json")
    assert run("compare", "nuts-dee", "nuts-iti2", "--format", "csv").stdout_bytes.decode() == release.compare(
        "nuts-dee", "nuts-iti2"
    ).render("csv")


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("a.html", "<!doctype html>"),
        ("a.md", "# "),
        ("a.json", "{"),
        ("a.csv", "section,measure,"),
        ("a.ttl", "@prefix"),
    ],
)
def test_the_name_of_a_file_says_the_form(run, tmp_path: Path, name: str, begins: str) -> None:
    found = run("analyse", "network", HALBERSTADT, "--out", tmp_path / name)
    assert (found.exit_code, found.stdout) == (0, "")
    assert found.stderr.endswith(" answers.\n")
    assert (tmp_path / name).read_text("utf-8").startswith(begins)


def test_a_name_that_says_no_form_is_asked_for_one(run, tmp_path: Path) -> None:
    found = run("analyse", "network", HALBERSTADT, "--out", tmp_path / "report.pdf")
    assert found.exit_code == 1
    assert "does not say which form is meant" in found.stderr
    assert not (tmp_path / "report.pdf").exists()
    assert run("analyse", "network", HALBERSTADT, "--out", tmp_path / "report", "--format", "html").exit_code == 0


def test_a_place_that_cannot_be_written_is_told(run, tmp_path: Path) -> None:
    found = run("analyse", "network", HALBERSTADT, "--out", tmp_path / "none" / "a.html")
    assert (found.exit_code, found.stdout) == (1, "")
    assert "cannot be written: No such file or directory." in found.stderr


def test_a_collection_is_filtered(run) -> None:
    found = run(
        "analyse", "collection", "--country", "IT", "--field", "housing", "--field", "language", "--format", "csv"
    )
    rows = list(csv.DictReader(io.StringIO(found.stdout)))
    assert {row["scope"] for row in rows} >= {"Italy; Housing, Language"}


def test_a_filter_that_selects_nothing_is_no_error(run) -> None:
    found = run("analyse", "collection", "--country", "PL", "--until", "1990")
    assert found.exit_code == 0
    assert "No network fits this selection" in found.stdout


def test_what_changed_since_an_earlier_release(run, collection: Built) -> None:
    found = run("analyse", "network", HALBERSTADT, "--before", collection.release.path)
    assert "Both releases have the same content" in found.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["analyse", "network", "zora"], f"Did you mean: {HALBERSTADT}?"),
        (["analyse", "actor", "no-one"], "There is no actor 'no-one' in this release."),
        (["analyse", "collection", "--country", "Germany"], "'Germany' is not a value of 'countries'."),
        (["analyse", "collection", "--since", "soon"], "'soon' is not a value of 'since'."),
        (["compare", "nuts-dee"], "A comparison takes two to six networks or places; one is given."),
        (["compare", "nuts-dee", "nuts-dee"], "is named twice"),
        (["compare", *"abcdefg"], "7 are given."),
    ],
)
def test_what_is_wrong_is_one_sentence(run, arguments: list[str], told: str) -> None:
    found = run(*arguments)
    assert (found.exit_code, found.stdout) == (1, "")
    assert told in found.stderr
    assert len(found.stderr.splitlines()) == 1


def test_json_is_one_document(run) -> None:
    data = json.loads(run("compare", "nuts-dee", "nuts-deg", "nuts-iti2", "--format", "json").stdout)
    assert [each["label"]["de"] for each in data["scope"]] == ["Sachsen-Anhalt", "Thüringen", "Umbrien"]
