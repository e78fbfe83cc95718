import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integgraph.csvtext import plain
from integgraph.errors import InputError
from integgraph.identity import (
    DIFFERENT,
    PART_OF,
    SAME,
    UNDECIDED,
    Decision,
    Standing,
    canonical_ids,
    check_known,
    contradictions,
    in_force,
    load_decisions,
    read_decisions,
    sssom,
)
from integgraph.identity.outward import read_links

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


def test_a_line_in_another_encoding_is_named_and_the_others_count(folder):
    path = folder(HEAD.encode() + b"actor:\xfc\n" + row("actor:b", SAME, "actor:a").encode())
    (problem,) = problems(path)
    assert (problem.message, problem.line) == ("The line is not UTF-8.", 2)
    assert [each.subject for each in read_decisions(path).rows] == ["actor:b"]


def test_a_file_in_utf_16_is_refused_as_such(folder):
    (problem,) = problems(folder(HEAD.encode("utf-16")))
    assert problem.message == "The file is UTF-16."


def test_a_huge_file_is_refused(folder, monkeypatch):
    monkeypatch.setattr("integgraph.identity.sssom.MAX_BYTES", 10)
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


# -- good rows count, whatever stands beside them


def test_faulty_rows_are_named_and_the_good_ones_count(folder):
    text = (
        HEAD
        + row("actor:b", SAME, "actor:a")
        + "actor:c\towl:sameAs\n"
        + row("actor:d", "owl:same", "actor:a")
        + "# a remark\n\n"
        + row("actor:e", DIFFERENT, "actor:a")
        + row("actor:f", SAME, "actor:" + "x" * 20_000)
        + row("actor:\x00g", SAME, "actor:a")
    )
    found = read_decisions(folder(text))
    assert [(each.subject, each.line) for each in found.rows] == [("actor:b", 2), ("actor:e", 7)]
    assert [problem.line for problem in found.problems] == [3, 4, 8, 9]
    assert all(problem.severity == "violation" for problem in found.problems)


def test_a_date_or_confidence_that_cannot_be_read_is_a_warning_and_the_row_counts(folder):
    head = HEAD.replace("\n", "\tmapping_date\tconfidence\n")
    text = head + row("actor:b", SAME, "actor:a").replace("\n", "\t24.12.2026\t2\n")
    found = read_decisions(folder(text))
    assert (found.rows[0].day, found.rows[0].confidence) == ("", None)
    assert "mapping_date is '24.12.2026'" in found.problems[0].message
    assert "confidence is '2'" in found.problems[1].message
    assert {problem.severity for problem in found.problems} == {"warning"}
    assert load_decisions(folder(text)) == list(found.rows)


def test_everything_a_row_says_is_read(folder):
    head = (
        "subject_id\tsubject_label\tpredicate_id\tobject_id\tobject_label\tmapping_justification\tauthor_label"
        "\tmapping_date\tconfidence\tcomment\n"
    )
    text = head + (
        'actor:b\t"B ""die"" Bahn"\towl:sameAs\tactor:a\tA\tsemapv:LexicalMatching\treviewer\t2026-11-23\t0.95\tWhy.\n'
    )
    (found,) = read_decisions(folder(text)).rows
    assert found == Decision(
        "actor:b", SAME, "actor:a", "Why.", "links.sssom.tsv", 2,
        "semapv:LexicalMatching", "reviewer", "2026-11-23", 0.95, 'B "die" Bahn', "A",
    )  # fmt: skip
    assert found.where == "links.sssom.tsv:2"


def test_cells_beyond_the_columns_are_a_warning(folder):
    found = read_decisions(folder(HEAD + row("actor:b", SAME, "actor:a").replace("\n", "\tmore\n")))
    assert len(found.rows) == 1
    assert "6 cells" in found.problems[0].message


def test_what_steers_a_terminal_or_the_direction_of_writing_is_taken_out(folder):
    text = HEAD + "actor:b\towl:sameAs\tactor:a\tx\tred \x1b[31m \u202e right-to-left عربي e\u0301\n"
    assert read_decisions(folder(text)).rows[0].grounds == "red [31m right-to-left عربي e\u0301"


def test_two_columns_of_one_name_are_refused(folder):
    (problem,) = problems(folder(HEAD.replace("\n", "\tcomment\n")))
    assert problem.message == "The column 'comment' stands there twice."


def test_a_file_that_cannot_be_opened_is_a_problem(tmp_path):
    (tmp_path / "a.sssom.tsv").mkdir()
    (problem,) = read_decisions(tmp_path).problems
    assert "cannot be read" in problem.message


def test_links_outward_are_not_decisions(folder):
    folder("nothing that is read here", "outward.sssom.tsv")
    path = folder("nothing that is read here", "outward-ror.sssom.tsv")
    assert read_decisions(path).rows == read_decisions(path).problems == ()


CELL = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(st.lists(CELL, min_size=1, max_size=6))
def test_what_is_written_is_read_back(values):
    assert sssom.cells(sssom.line_of(values)) == [plain(value) for value in values]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.booleans())
def test_whatever_a_file_holds_it_is_told_and_never_raised(tmp_path, raw, headed):
    raw = HEAD.encode() + raw if headed else raw
    (tmp_path / "a.sssom.tsv").write_bytes(raw)
    (tmp_path / "outward.sssom.tsv").write_bytes(raw)
    found = read_decisions(tmp_path)
    lines = len(raw.splitlines()) + 1
    assert all(problem.line is None or 1 <= problem.line <= lines for problem in found.problems)
    assert read_links(tmp_path).rows == ()


# -- contradictions


def test_the_rows_that_lead_there_are_named_and_no_others():
    decisions = [
        decide("a", SAME, "b", 2), decide("b", SAME, "c", 3), decide("c", SAME, "d", 4), decide("b", SAME, "e", 5),
        decide("a", DIFFERENT, "d", 6),
    ]  # fmt: skip
    (problem,) = contradictions(decisions)
    assert "the rows links.sssom.tsv:2, links.sssom.tsv:3, links.sssom.tsv:4 make them one" in problem.message


def test_a_cycle_of_parts_is_named_with_its_rows():
    decisions = [
        decide("a", PART_OF, "b", 2), decide("b", SAME, "c", 3), decide("c", PART_OF, "d", 4), decide("d", PART_OF, "a", 5),
        decide("x", PART_OF, "a", 6),
    ]  # fmt: skip
    (problem,) = contradictions(decisions)
    assert problem.message == (
        "By the rows links.sssom.tsv:2, links.sssom.tsv:3, links.sssom.tsv:4, links.sssom.tsv:5, "
        "actor:a is a part of itself."
    )
    with pytest.raises(InputError):
        canonical_ids(decisions)


def test_one_part_of_two_wholes_and_a_chain_are_no_cycle():
    assert contradictions([decide("a", PART_OF, "b"), decide("a", PART_OF, "c"), decide("b", PART_OF, "c")]) == []


def dated(subject: str, predicate: str, object: str, day: str, line: int = 1) -> Decision:
    return Decision(f"actor:{subject}", predicate, f"actor:{object}", "grounds", "l.sssom.tsv", line, day=day)


@pytest.mark.parametrize(
    ("doubt", "merge", "faults"),
    [
        ("2026-01-01", "2026-01-02", 0),
        ("2026-01-02", "2026-01-02", 0),
        ("2026-01-03", "2026-01-02", 1),
        ("", "2026-01-02", 0),
        ("2026-01-01", "", 1),
        ("", "", 1),
    ],
)
def test_a_doubt_is_settled_by_a_later_decision_and_reopens_an_earlier_one(doubt, merge, faults):
    decisions = [dated("a", UNDECIDED, "b", doubt, 2), dated("a", SAME, "b", merge, 3)]
    assert len(contradictions(decisions)) == faults
    if not faults:
        assert canonical_ids(decisions) == {"actor:a": "actor:b"}
        assert in_force(decisions) == decisions[1:]


def test_a_doubt_newer_than_a_difference_is_a_warning():
    decisions = [dated("a", DIFFERENT, "b", "2026-01-01", 2), dated("b", UNDECIDED, "a", "2026-02-01", 3)]
    (problem,) = Standing(decisions).problems()
    assert (problem.severity, problem.line) == ("warning", 3)
    assert in_force(decisions) == decisions


def test_rows_that_say_the_same_twice_are_warnings():
    decisions = [
        decide("a", SAME, "b", 2), decide("a", SAME, "b", 3), decide("c", DIFFERENT, "d", 4), decide("d", DIFFERENT, "c", 5),
        decide("e", PART_OF, "f", 6),
    ]  # fmt: skip
    assert [(each.line, each.severity) for each in Standing(decisions).problems()] == [(3, "warning"), (5, "warning")]


def test_a_merged_thing_that_is_called_canonical_elsewhere_is_a_warning_that_names_the_canonical_one():
    decisions = [decide("b", SAME, "a", 2), decide("c", SAME, "b", 3)]
    (problem,) = Standing(decisions).problems()
    assert problem.message == "actor:b is named as the canonical one, but links.sssom.tsv:2 makes it actor:a."
    assert (problem.line, problem.severity, problem.advice) == (3, "warning", "Name actor:a in this row.")
    assert canonical_ids(decisions) == {"actor:b": "actor:a", "actor:c": "actor:a"}


def test_what_is_known_about_two_things_includes_what_stands_for_them():
    decisions = [decide("a", SAME, "b", 2), decide("c", SAME, "d", 3), decide("b", DIFFERENT, "d", 4)]
    standing = Standing(decisions)
    assert standing.about("actor:a", "actor:c") == [decisions[2]]
    assert standing.about("actor:a", "actor:b") == [decisions[0]]
    assert standing.decided("actor:a", "actor:c")
    assert standing.decided("actor:a", "actor:b")
    assert not standing.decided("actor:a", "actor:x")


NAMES = "abcdef"
ROWS = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from([SAME, SAME, DIFFERENT, PART_OF, UNDECIDED]),
        st.sampled_from(NAMES),
        st.sampled_from(["", "2026-01-01", "2026-01-02", "2026-01-03"]),
    ).filter(lambda row: row[0] != row[2]),
    max_size=10,
)


def closure(pairs):
    """Slowly, by its definition: the smallest transitive relation that holds the pairs."""
    found = set(pairs)
    while True:
        more = {(a, d) for a, b in found for c, d in found if b == c} - found
        if not more:
            return found
        found |= more


def equal(rows, before="9999"):
    pairs = {(a, b) for a, predicate, b, day in rows if predicate == SAME and day < before}
    return closure(pairs | {(b, a) for a, b in pairs} | {(name, name) for name in NAMES})


def consistent(rows):
    one = equal(rows)
    for a, predicate, b, day in rows:
        if predicate in (DIFFERENT, PART_OF) and (a, b) in one:
            return False
        if predicate == UNDECIDED and (a, b) in equal(rows, day or "0000"):
            return False
    parts = {(a, b) for a, predicate, b, _ in rows if predicate == PART_OF}
    lifted = {(x, y) for a, b in parts for x in NAMES for y in NAMES if (x, a) in one and (b, y) in one}
    return not any((name, name) in closure(lifted) for name in NAMES)


@settings(deadline=None)
@given(ROWS)
def test_contradictions_are_found_exactly_where_the_closure_is_inconsistent(rows):
    decisions = [dated(*row, line) for line, row in enumerate(rows, 2)]
    found = contradictions(decisions)
    assert (found == []) == consistent(rows)
    for problem in found:
        assert problem.file == "l.sssom.tsv"
        assert problem.line in range(2, len(rows) + 2)


@settings(deadline=None)
@given(ROWS)
def test_the_rows_of_a_contradiction_contradict_each_other_by_themselves(rows):
    decisions = [dated(*row, line) for line, row in enumerate(rows, 2)]
    for problem in contradictions(decisions):
        named = {int(part.strip(" ,")) for part in problem.message.replace("l.sssom.tsv:", "§").split("§")[1:]
                 for part in [part.split(" ")[0].split(",")[0]]} | {problem.line}  # fmt: skip
        assert not consistent([row for line, row in enumerate(rows, 2) if line in named])


@settings(deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    first, second = (Standing(dated(*row, 2) for row in each) for each in (rows, shuffled))
    assert first.canonical() == second.canonical()
    for a, b in itertools.combinations(NAMES, 2):
        assert first.one(f"actor:{a}", f"actor:{b}") == second.one(f"actor:{a}", f"actor:{b}")
