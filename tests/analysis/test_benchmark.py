"""What the benchmark of measures compares: the lists are those of a release, and both sides give the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.analysis import CASES, CLOSE, METHODS, Case, Data, made_lists, modules, told
from benchmarks.generate import generate

from integgraph.analysis.incidence import Incidence, Lists, incidence
from tests.conftest import build_release

FORKS = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
"""From Python 3.12 on a fork warns where other tests have started threads; these processes compute and end."""


def named(found: Incidence) -> set[tuple[str, str]]:
    """Ties by the last part of the names."""
    rows, columns = found.matrix.nonzero()
    actors, networks = (
        [name.rpartition("/")[2].rpartition(":")[2] for name in things.ids.tolist()]
        for things in (found.actors, found.networks)
    )
    return {(actors[row], networks[column]) for row, column in zip(rows.tolist(), columns.tolist(), strict=True)}


def test_lists_without_a_build_are_those_of_a_release(tmp_path: Path) -> None:
    generate(tmp_path / "data", 40, 3)
    built = build_release(tmp_path / "data", tmp_path / "build")
    found = named(incidence(made_lists(40, 3)))
    assert found == named(incidence(Lists.of_release(built.release)))
    assert len(found) > 100


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_both_sides_of_a_case_give_the_same(case: Case) -> None:
    data = Data(incidence(made_lists(60, 2)))
    assert case.differ(data, case.ours(data), case.theirs(data)) <= CLOSE


@FORKS
def test_modules_stand_beside_each_method_of_networkx() -> None:
    lines = list(modules(incidence(made_lists(60, 2)), 0))
    assert all(any(name in line.what for line in lines) for name in METHODS)
    assert [line.bar for line in lines if line.bar] == ["≥ 50", "≥ 0"]


@FORKS
def test_what_does_not_end_is_ended() -> None:
    def work(pipe: object) -> None:
        pipe.send("begun")  # type: ignore[attr-defined]
        while True:
            pass

    assert told(work, 0.5) == ["begun"]
