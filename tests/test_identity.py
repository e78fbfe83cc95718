import pytest

from integgraph.errors import InputError
from integgraph.identity import (
    DIFFERENT,
    PART_OF,
    SAME,
    UNDECIDED,
    Decision,
    canonical_ids,
    check_known,
    load_decisions,
)

HEAD = "subject_id\tpredicate_id\tobject_id\tmapping_justification\tcomment\n"
JUSTIFIED = "semapv:ManualMappingCuration\tone register number"


def row(subject: str, predicate: str, object: str) -> str:
    return f"{subject}\t{predicate}\t{object}\t{JUSTIFIED}\n"


def decide(subject: str, predicate: str, object: str, line: int = 1) -> Decision:
    return Decision(f"actor:{subject}", predicate, f"actor:{object}", "grounds", "links.sssom.tsv", line)


@pytest.fixture
def folder(tmp_path):
    def write(text: str | bytes, name: str = "links.sssom.tsv"):
        raw = text.encode() if isinstance(text, str) else text
        (tmp_path / name).write_bytes(raw)
        return tmp_path

    return write


def problems(folder):
    with pytest.raises(InputError) as caught:
        load_decisions(folder)
    return caught.value.problems


# -- reading


def test_decisions_are_read_with_their_line(folder):
    text = (
        "# mapping_set_id: x\n#license: y\n"
        + HEAD
        + row("actor:b", SAME, "actor:a")
        + "\n"
        + row("actor:c", PART_OF, "network:n")
    )
    assert load_decisions(folder(text)) == [
        Decision("actor:b", SAME, "actor:a", "one register number", "links.sssom.tsv", 4),
        Decision("actor:c", PART_OF, "network:n", "one register number", "links.sssom.tsv", 6),
    ]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(folder):
    text = (HEAD + row("actor:b", SAME, "actor:a")).replace("\n", "\r\n")
    assert len(load_decisions(folder(b"\xef\xbb\xbf" + text.encode()))) == 1


def test_quotes_and_further_columns_do_no_harm(folder):
    text = HEAD.replace("\n", "\tconfidence\n") + row("actor:b", SAME, "actor:a").replace("\n", '"\t0.9\n')
    assert load_decisions(folder(text))[0].grounds == 'one register number"'


def test_several_files_are_read_by_name_and_others_left_alone(folder):
    folder(HEAD + row("actor:d", SAME, "actor:c"), "b.sssom.tsv")
    folder("not a decision", "notes.tsv")
    path = folder(HEAD + row("actor:b", SAME, "actor:a"), "a.sssom.tsv")
    assert [decision.subject for decision in load_decisions(path)] == ["actor:b", "actor:d"]


def test_no_folder_and_no_rows_mean_no_decisions(tmp_path, folder):
    assert load_decisions(tmp_path / "nothing") == []
    assert load_decisions(folder("# only a comment\n")) == []
    assert load_decisions(folder(HEAD)) == []


@pytest.mark.parametrize("column", ["subject_id", "predicate_id", "object_id", "mapping_justification", "comment"])
def test_a_missing_column_is_named(folder, column):
    (problem,) = problems(folder("# x\n" + HEAD.replace(column, "other")))
    assert problem.message == f"The column '{column}' is missing."
    assert (problem.file, problem.line) == ("links.sssom.tsv", 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (row("", SAME, "actor:a"), "The row has no subject_id"),
        ("actor:b\towl:sameAs\tactor:a\tx\n", "The row has no comment"),
        (row("b", SAME, "actor:a"), "subject_id is 'b', but must be actor:<id>"),
        (row("actor:b", SAME, "actor:A B"), "object_id is 'actor:A B'"),
        (row("actor:b", "skos:exactMatch", "actor:a"), "'skos:exactMatch' is not a decision. Use one of: owl:sameAs"),
        (row("actor:a", SAME, "actor:a"), "actor:a is compared with itself"),
    ],
)
def test_a_fault_in_a_row_is_named_with_its_line(folder, text, message):
    (problem,) = problems(folder(HEAD + text))
    assert message in problem.message
    assert (problem.file, problem.line) == ("links.sssom.tsv", 2)


def test_every_fault_of_every_file_is_reported(folder):
    folder(HEAD + row("b", SAME, "actor:a") + row("c", SAME, "actor:a"), "a.sssom.tsv")
    path = folder(HEAD + row("d", SAME, "actor:a"), "b.sssom.tsv")
    assert [(problem.file, problem.line) for problem in problems(path)] == [
        ("a.sssom.tsv", 2),
        ("a.sssom.tsv", 3),
        ("b.sssom.tsv", 2),
    ]


def test_another_encoding_is_refused(folder):
    (problem,) = problems(folder(HEAD.encode() + b"actor:\xfc\n"))
    assert problem.message == "The file is not UTF-8."


def test_a_huge_file_is_refused(folder, monkeypatch):
    monkeypatch.setattr("integgraph.identity.MAX_BYTES", 10)
    (problem,) = problems(folder(HEAD))
    assert "too large" in problem.message


# -- known things


def test_an_unknown_thing_is_a_warning_with_the_nearest_names():
    found = check_known([decide("caritas-hale", SAME, "zora")], ["actor:caritas-halle", "actor:zora"])
    assert [problem.message for problem in found] == ["actor:caritas-hale is not in the collection."]
    assert found[0].severity == "warning"
    assert found[0].line == 1
    assert "actor:caritas-halle" in found[0].advice


def test_an_unknown_thing_without_likeness_gives_no_advice():
    assert check_known([decide("x", SAME, "zora")], ["actor:zora"])[0].advice == ""


# -- who is who


def test_equals_come_together_under_one_canonical_thing():
    decisions = [decide("c", SAME, "b"), decide("b", SAME, "a")]
    assert canonical_ids(decisions) == {"actor:b": "actor:a", "actor:c": "actor:a"}


def test_the_order_of_rows_does_not_matter():
    decisions = [decide("c", SAME, "a"), decide("b", SAME, "c"), decide("e", SAME, "d"), decide("a", SAME, "x")]
    assert canonical_ids(decisions) == canonical_ids(decisions[::-1])


def test_a_network_goes_before_an_actor():
    decisions = [Decision("network:n", SAME, "actor:a", "grounds")]
    assert canonical_ids(decisions) == {"actor:a": "network:n"}


def test_two_that_point_at_each_other_take_the_first_by_name():
    assert canonical_ids([decide("a", SAME, "b"), decide("b", SAME, "a")]) == {"actor:b": "actor:a"}


def test_other_decisions_merge_nothing():
    assert canonical_ids([decide("a", DIFFERENT, "b"), decide("a", PART_OF, "c"), decide("b", UNDECIDED, "c")]) == {}


def test_deleting_a_row_undoes_it():
    both = [decide("b", SAME, "a"), decide("d", SAME, "c")]
    assert canonical_ids(both[:1]) == {"actor:b": "actor:a"}
    assert canonical_ids([]) == {}


@pytest.mark.parametrize(
    ("predicate", "word"), [(DIFFERENT, "not the same"), (PART_OF, "part of one another"), (UNDECIDED, "undecided")]
)
def test_a_contradiction_names_its_rows(predicate, word):
    decisions = [
        decide("a", SAME, "b", 2),
        decide("b", SAME, "c", 3),
        decide("x", SAME, "y", 4),
        decide("a", predicate, "c", 5),
    ]
    with pytest.raises(InputError) as caught:
        canonical_ids(decisions)
    (problem,) = caught.value.problems
    assert problem.message == (
        f"actor:a and actor:c are decided to be {word}, but the rows links.sssom.tsv:2, links.sssom.tsv:3 make them one."
    )
    assert problem.line == 5


def test_different_things_may_each_be_equal_to_others():
    decisions = [decide("a", SAME, "b"), decide("c", SAME, "d"), decide("a", DIFFERENT, "c")]
    assert canonical_ids(decisions) == {"actor:a": "actor:b", "actor:c": "actor:d"}
