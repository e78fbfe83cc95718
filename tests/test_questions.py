"""The named questions: their headers, their expected answers on the golden data, and that the real data answers them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from integgraph.build import Built
from integgraph.errors import NotFound, OntologyError, QuerySyntaxError
from integgraph.questions import Question, find_question, load_questions

EXPECTED = yaml.safe_load((Path(__file__).parent / "golden" / "questions.yaml").read_text("utf-8"))
QUESTIONS = load_questions()


def cells(question: Question, built: Built, given: dict[str, str]) -> list[list[str]]:
    rows = question.ask(built.release.store(), given).records()
    return [["" if value is None else str(value) for value in row.values()] for row in rows]


def normal(rows: list[list[str]]) -> list[list[str]]:
    """Cells that join several values keep no order among them."""
    return [[" | ".join(sorted(cell.split(" | "))) for cell in row] for row in rows]


def test_there_are_at_least_ten_questions_and_each_has_an_expected_answer() -> None:
    assert len(QUESTIONS) >= 10
    assert set(EXPECTED) == set(QUESTIONS)
    assert {question.audience for question in QUESTIONS.values()} == {"analyst", "policymaker", "integrator"}


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_a_question_gives_its_expected_answer_on_the_golden_data(name: str, golden: Built) -> None:
    case = EXPECTED[name]
    assert normal(cells(QUESTIONS[name], golden, case.get("given", {}))) == normal(case["rows"])


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_the_real_data_answers_every_question(name: str, collection: Built) -> None:
    rows = cells(QUESTIONS[name], collection, {})
    assert len(rows) >= 2, "a question that the data does not answer is not worth asking"
    assert len({tuple(row) for row in rows}) == len(rows), "no row stands twice"


def test_a_parameter_is_bound_and_never_becomes_query_text(golden: Built) -> None:
    evil = 'x") } UNION { GRAPH ?g { ?s ?p ?v } } #'
    assert cells(find_question("fields-of-action"), golden, {"country": evil}) == []


def test_an_unknown_or_missing_parameter_is_named(golden: Built) -> None:
    with pytest.raises(QuerySyntaxError, match="no parameter 'land'. It takes: country"):
        find_question("fields-of-action").bindings({"land": "DE"})


def test_an_unknown_question_names_near_ones() -> None:
    with pytest.raises(NotFound, match="fields-of-action"):
        find_question("field-of-action")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("# title@en: A?\nSELECT * {}", "has no .*title@de"),
        ("# colour: red\nSELECT * {}", "not understood: # colour: red"),
        ("# param: x, hamster — a thing\nSELECT * {}", "write 'param: name, type, default — meaning'"),
    ],
)
def test_a_broken_header_is_named(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "questions").mkdir()
    (tmp_path / "questions" / "broken.rq").write_text(text)
    with pytest.raises(OntologyError, match=rf"broken\.rq.*{reason}"):
        load_questions(tmp_path)


def test_a_parameter_without_default_must_be_given(tmp_path: Path) -> None:
    lines = [f"# {key}@{language}: x" for key in ("title", "reading") for language in ("en", "de")]
    lines += ["# for: analyst", "# param: n, integer — A number", "SELECT ?n WHERE { BIND(1 AS ?one) }"]
    (tmp_path / "questions").mkdir()
    (tmp_path / "questions" / "one.rq").write_text("\n".join(lines))
    question = find_question("one", tmp_path)
    with pytest.raises(QuerySyntaxError, match="needs the parameter 'n': A number"):
        question.bindings({})
    with pytest.raises(QuerySyntaxError, match="'n': 'many' is not of the type integer"):
        question.bindings({"n": "many"})
    assert question.bindings({"n": "3"})["n"].value == "3"
