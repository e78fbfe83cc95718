"""Each aggregate equals its published query, on golden, real and made-up data."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from benchmarks.generate import generate

from integgraph.aggregates import AGGREGATES, FOLDER, Aggregate, query
from integgraph.build import Built
from integgraph.errors import OntologyError
from tests.conftest import ROOT, build_release


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("aggregates")
    generate(folder / "data", 60, 5)
    return build_release(folder / "data", folder / "out")


def test_every_aggregate_has_a_query_and_every_query_an_aggregate() -> None:
    names = {file.stem for file in (ROOT / "ontology" / FOLDER).glob("*.rq")}
    assert names == {each.name for each in AGGREGATES}
    assert all(query(name).titles["de"] for name in names)


@pytest.mark.parametrize("which", ["golden", "collection", "made_up"])
@pytest.mark.parametrize("each", AGGREGATES, ids=lambda each: each.name)
def test_an_aggregate_equals_its_query(each: Aggregate, which: str, request: pytest.FixtureRequest) -> None:
    release = request.getfixturevalue(which).release
    table = pq.read_table(release.path / FOLDER / f"{each.name}.parquet")
    assert table.column_names == [*each.keys, *each.counts]
    asked = release.store().select(query(each.name).text)
    assert set(asked.variables) == set(table.column_names)
    ours = [tuple(row[name] for name in table.column_names) for row in table.to_pylist()]
    theirs = [tuple(row[name] for name in table.column_names) for row in asked.records()]
    assert ours == sorted(ours)
    assert ours == sorted(theirs)
    assert ours or which == "golden"


def test_an_aggregate_without_a_query_is_said(tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match="has no query nothing.rq"):
        query("nothing", tmp_path)
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "half.rq").write_text("# title@en: Half\nSELECT * {}")
    with pytest.raises(OntologyError, match="no title in de"):
        query("half", tmp_path)
