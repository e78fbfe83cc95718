"""The documentation says what is so: settings, commands, the README's query and its answer."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner

from integgraph.build import Built
from integgraph.cli import main
from integgraph.settings import PREFIX, Settings
from tests.conftest import ROOT


def test_every_setting_is_documented_with_its_default() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `([^`]*)` \|", (ROOT / "docs" / "settings.md").read_text("utf-8"), re.MULTILINE)
    documented = dict(rows)
    actual = {PREFIX + each.name.upper(): str(each.default) for each in fields(Settings)}
    assert documented == actual


def test_every_command_is_in_the_readme_or_the_docs() -> None:
    text = "".join(file.read_text("utf-8") for file in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
    for name in main.commands:
        assert f"integgraph {name}" in text, name


def readme_block(after: str) -> str:
    text = (ROOT / "README.md").read_text("utf-8")
    return re.findall(r"```\w*\n(.*?)```", text[text.index(after) :], re.DOTALL)[0]


def test_the_query_of_the_readme_gives_the_answer_of_the_readme(collection: Built, tmp_path: Path) -> None:
    block = readme_block("## One question")
    query = re.search(r"integgraph query '(.*?)'\n", block, re.DOTALL)
    assert query
    answer = CliRunner().invoke(main, ["query", "--release", str(collection.release.path), query[1]])
    assert answer.exit_code == 0
    shown = block[query.end() :].strip().splitlines()
    assert [line.rstrip() for line in answer.stdout.strip().splitlines()] == [line.rstrip() for line in shown]


def test_the_readme_fits_a_screen_and_a_half() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 100


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "adr").glob("*.md")), ids=lambda page: page.stem)
def test_a_decision_is_one_page(page: Path) -> None:
    text = page.read_text("utf-8")
    assert len(text.splitlines()) <= 60
    assert "**Decision.**" in text


def test_no_machine_path_and_no_registry_address_is_in_the_tree() -> None:
    import subprocess

    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    found = []
    for name in names:
        text = (ROOT / name).read_text("utf-8", "replace")
        if re.search(r"/(?:home|root|work)/[a-z]", text) or re.search(r"https?://[^\s]*(?:pypi|npmjs)[^\s]*/", text):
            found.append(name)
    assert found in ([], ["tests/test_docs.py"])
