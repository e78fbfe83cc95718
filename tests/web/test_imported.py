"""Pages of what an imported table states: they name the table by its title, and lead to it."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from integgraph.cli import main
from tests.conftest import GOLDEN, build_release
from tests.web.test_api import HTML, started

MAPPING = """
table: musterstadt-grants
title: Zuwendungen in Musterstadt
language: de
flows:
  funder: Geber
  category: {value: municipal}
  recipient: Name
  for: Zweck
  amount: Betrag
  currency: {value: EUR}
  from: Jahr
"""
ROWS = """Geber,Name,Zweck,Betrag,Jahr
Stadt Musterstadt,Verein A e.V.,Beratung,1000,2020
Stadt Musterstadt,Verein B e.V.,Kurse,2000,2021
"""
FLOW = "/statements/flow/musterstadt-grants.row-3"
TABLE = "/statements/table/musterstadt-grants"


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("imported")
    data = Path(shutil.copytree(GOLDEN, folder / "data"))
    (folder / "grants.csv").write_text(ROWS, "utf-8")
    (folder / "grants.yaml").write_text(MAPPING, "utf-8")
    command = ["import-table", str(folder / "grants.csv"), "--mapping", str(folder / "grants.yaml")]
    done = CliRunner().invoke(main, command, env={"INTEGGRAPH_DATA": str(data)})
    assert done.exit_code == 0, done.output
    with started(build_release(data, folder / "out")) as client:
        yield client


def said(client: TestClient, path: str) -> tuple[str, str]:
    """A page, and its main part in words."""
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 200, answer.text[:300]
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return main, html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)))


@pytest.mark.parametrize(("language", "row"), [("en", "row 3"), ("de", "Zeile 3")])
def test_a_flow_of_a_table_bears_its_title_and_row(imported: TestClient, language: str, row: str) -> None:
    page, words = said(imported, f"{FLOW}?lang={language}")
    heading = re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", "", page.partition("</h1>")[0].rpartition("<h1")[2].partition(">")[2])
    )
    assert heading.strip() == f"Zuwendungen in Musterstadt, {row}"
    lang = "" if language == "de" else ' lang="de"'
    assert f'<a href="{TABLE}?lang={language}"{lang}>Zuwendungen in Musterstadt</a>' in page
    assert "musterstadt-grants, profile" not in words and "undated" not in words and "undatiert" not in words


def test_a_funder_of_a_table_shows_the_table_by_its_title(imported: TestClient) -> None:
    actors = imported.get("/api/actors?q=Stadt Musterstadt&limit=500").json()["items"]
    funder = next(each["id"] for each in actors if each["flows_given"] == 2)
    page, words = said(imported, f"/actors/{funder}?lang=en")
    assert (
        page.count(f'<a href="{TABLE}?lang=en" lang="de">Zuwendungen in Musterstadt</a>') >= 3
    )  # two flows, and its name
    assert "musterstadt-grants, profile undated" not in words


def test_flows_of_profiles_are_called_as_before(imported: TestClient) -> None:
    _, words = said(imported, "/networks/beta?lang=en")
    assert "Zuwendungen in Musterstadt" not in words
    assert imported.get("/networks/beta.json").json()["label"]


def test_the_flows_of_the_api_name_the_table(imported: TestClient) -> None:
    funder = next(
        each["id"]
        for each in imported.get("/api/actors?q=Stadt Musterstadt&limit=500").json()["items"]
        if each["flows_given"] == 2
    )
    flows = imported.get(f"/api/actors/{funder}/gives").json()["items"]
    assert {each["network"].rpartition("/id/")[2] for each in flows} == {"table/musterstadt-grants"}
