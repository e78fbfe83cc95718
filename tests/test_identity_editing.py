"""Decisions written and taken back: one row more or less, and every other byte as it was."""

import os
import stat

import pytest

from integgraph.errors import Conflict, InputError, NotFound, StorageFull, Unprocessable
from integgraph.identity import DIFFERENT, PART_OF, SAME, UNDECIDED, Decision, Standing, load_decisions
from integgraph.identity import editing as module
from integgraph.identity.editing import COLUMNS, Journal, LinkBook, checked_role, predicate_of
from integgraph.identity.outward import Link, read_links

HEAD = "#mapping_set_id: https://example.org/links\n" + "\t".join(COLUMNS) + "\n"
ROW = "actor:b\tB\towl:sameAs\tactor:a\tA\tsemapv:ManualMappingCuration\treviewer\t2026-11-20\t0.95\tOne register number.\n"


def decision(subject="c", predicate=SAME, object="a", grounds="Same town.", **more) -> Decision:
    return Decision(
        f"actor:{subject}", predicate, f"actor:{object}", grounds, role="reviewer", day="2026-11-26", **more
    )


@pytest.fixture
def journal(tmp_path):
    return Journal(tmp_path)


def text(journal) -> str:
    return (journal.folder / journal.name).read_bytes().decode()


def write(journal, content: str) -> Journal:
    (journal.folder / journal.name).write_bytes(content.encode())
    return journal


# -- adding


def test_a_file_is_begun_with_its_metadata(tmp_path):
    journal = Journal(tmp_path / "links", base_iri="https://example.org/id/", licence="https://example.org/licence")
    journal.add(decision(subject_label="C", object_label="A"))
    assert text(journal) == (
        "#curie_map:\n"
        "#  actor: https://example.org/id/actor/\n"
        "#  dct: http://purl.org/dc/terms/\n"
        "#  ig: https://w3id.org/integgraph/ontology#\n"
        "#  network: https://example.org/id/network/\n"
        "#  owl: http://www.w3.org/2002/07/owl#\n"
        "#  semapv: https://w3id.org/semapv/vocab/\n"
        "#license: https://example.org/licence\n"
        "#mapping_set_id: https://example.org/links/actors\n"
        + "\t".join(COLUMNS)
        + "\nactor:c\tC\towl:sameAs\tactor:a\tA\tsemapv:ManualMappingCuration\treviewer\t2026-11-26\t0.9\tSame town.\n"
    )
    assert load_decisions(tmp_path / "links")[0].line == 11


def test_a_decision_is_the_last_row_and_the_rest_stays_as_it_was(journal):
    before = HEAD + ROW + "# a remark\n\nactor:z\tfaulty\n" + ROW.replace("actor:b", "actor:q")
    written = write(journal, before).add(decision())
    assert text(journal).startswith(before)
    assert text(journal).removeprefix(before).count("\n") == 1
    assert (written.file, written.line) == ("actors.sssom.tsv", 8)
    assert journal.read()[-1] == Decision(
        "actor:c", SAME, "actor:a", "Same town.", "actors.sssom.tsv", 8, role="reviewer", day="2026-11-26",
        confidence=0.9,
    )  # fmt: skip


def test_line_ends_and_a_missing_last_one_are_kept(journal):
    write(journal, (HEAD + ROW).replace("\n", "\r\n").removesuffix("\r\n")).add(decision())
    assert text(journal).count("\r\n") == text(journal).count("\n") == 4


def test_columns_that_a_file_lacks_are_added_without_touching_its_cells(journal):
    head = "subject_id\tpredicate_id\tobject_id\tmapping_justification\tcomment\tother\n"
    row = "actor:b\towl:sameAs\tactor:a\tsemapv:ManualMappingCuration\tWhy"
    write(journal, f"# remark\n{head}{row}\n{row.replace(':b', ':d')}\tthing\n").add(decision())
    lines = text(journal).splitlines()
    assert lines[0] == "# remark"
    assert {len(line.split("\t")) for line in lines[1:]} == {11}
    assert lines[2].startswith(row + "\t\t")
    assert lines[3].startswith(row.replace(":b", ":d") + "\tthing\t")
    assert [each.day for each in journal.read()] == ["", "", "2026-11-26"]


@pytest.mark.parametrize("end", ["\n", ""])
def test_a_file_of_comments_gets_its_columns(journal, end):
    write(journal, f"# only a remark{end}").add(decision())
    assert journal.read()[0].line == 3


def test_what_was_merged_is_not_named_as_canonical(journal):
    write(journal, HEAD + ROW)
    assert str(journal.add(decision("x", SAME, "b"))) == "actor:x owl:sameAs actor:a"
    turned = journal.add(decision("b", SAME, "y", subject_label="B", object_label="Y"))
    assert (str(turned), turned.subject_label, turned.object_label) == ("actor:y owl:sameAs actor:a", "Y", "A")
    to_network = journal.add(Decision("actor:b", SAME, "network:n", "Why.", role="reviewer", day="2026-11-26"))
    assert str(to_network) == "actor:a owl:sameAs network:n"
    assert set(Standing(journal.read()).canonical().values()) == {"network:n"}
    assert journal.take_back(to_network) == to_network


def test_a_byte_order_mark_does_no_harm(journal):
    write(journal, "\ufeff" + "\t".join(COLUMNS) + "\n" + ROW).add(decision())
    assert len(journal.read()) == 2


def test_grounds_are_one_line_and_quotes_are_read_back(journal):
    journal.add(decision(grounds=' The "Netzwerk"\tof\n Halle\x1b[2J '))
    assert journal.read()[0].grounds == 'The "Netzwerk" of Halle [2J'
    assert '"The ""Netzwerk"" of Halle [2J"' in text(journal)


@pytest.mark.parametrize(
    ("given", "written"), [(None, "0.5"), (1.0, "1"), (0.0, "0"), (0.12345, "0.123"), (0.85, "0.85")]
)
def test_confidence_is_written_with_up_to_three_digits(journal, given, written):
    journal.add(decision(predicate=UNDECIDED, confidence=given))
    assert f"\t{written}\tSame town." in text(journal)


def test_a_decision_without_grounds_is_not_written(journal):
    with pytest.raises(Unprocessable, match="needs its grounds"):
        journal.add(decision(grounds=" \t "))
    with pytest.raises(Unprocessable, match="2,000 are allowed"):
        journal.add(decision(grounds="x" * 3_000))
    assert not (journal.folder / journal.name).exists()


@pytest.mark.parametrize("role", ["Erika Mustermann", "", "a@example.org", "x" * 61, "reviewer\n", "1"])
def test_a_role_is_no_name(role):
    if role == "reviewer\n":
        assert checked_role(role) == "reviewer"
        return
    with pytest.raises(Unprocessable, match="is not a role"):
        checked_role(role)


@pytest.mark.parametrize("role", ["reviewer", "editor of the collection", "redaktion", "länder-redaktion"])
def test_roles(role):
    assert checked_role(role) == role


def test_words_for_predicates():
    assert [predicate_of(word) for word in ("same", "Different", "part-of", "undecided", "owl:sameAs")] == [
        SAME, DIFFERENT, PART_OF, UNDECIDED, SAME,
    ]  # fmt: skip
    with pytest.raises(Unprocessable, match="'equal' is not a decision. Use one of: same, different, part-of"):
        predicate_of("equal")


@pytest.mark.parametrize("name", ["outward.sssom.tsv", "../x.sssom.tsv", "x.tsv", ".sssom.tsv", "a/b.sssom.tsv"])
def test_a_file_has_a_name_of_its_kind(tmp_path, name):
    with pytest.raises(Unprocessable, match="not a file of decisions"):
        Journal(tmp_path, name)


# -- what is refused


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (decision("b"), "decided already: actors.sssom.tsv:3 says actor:b owl:sameAs actor:a, because: One register"),
        (decision("a", SAME, "b"), "decided already"),
        (decision("b", UNDECIDED, "a"), "decided already"),
        (decision("b", DIFFERENT, "a"), "contradict.*actors.sssom.tsv:3 make them one.*actors.sssom.tsv:4"),
        (decision("a", PART_OF, "b"), "contradict"),
    ],
)
def test_what_repeats_or_contradicts_is_not_written(journal, new, words):
    write(journal, HEAD + ROW)
    with pytest.raises(Conflict, match=words):
        journal.add(new)
    assert text(journal) == HEAD + ROW


def test_contradictions_with_other_files_are_found_and_old_ones_do_not_hinder(journal, tmp_path):
    write(journal, HEAD + ROW + ROW.replace("owl:sameAs", "owl:differentFrom"))
    other = Journal(tmp_path, "other.sssom.tsv")
    other.add(decision("x", SAME, "y"))
    with pytest.raises(Conflict, match=r"actors\.sssom\.tsv:3, other\.sssom\.tsv"):
        other.add(decision("a", SAME, "x"))
        other.add(decision("b", DIFFERENT, "y"))


def test_a_doubt_may_be_settled_later_and_the_row_stays_as_history(journal):
    journal.add(decision("c", UNDECIDED, "a"))
    journal.add(decision("c", SAME, "a"))
    assert [each.predicate for each in journal.read()] == [UNDECIDED, SAME]


def test_a_file_without_the_needed_columns_is_left_alone(journal):
    write(journal, "subject_id\tobject_id\n")
    with pytest.raises(InputError, match="actors.sssom.tsv:1: The column 'predicate_id' is missing"):
        journal.add(decision())
    assert text(journal) == "subject_id\tobject_id\n"


# -- taking back


def test_the_last_row_is_taken_back_or_the_one_that_is_named(journal):
    write(journal, HEAD + ROW).add(decision())
    assert journal.remove().subject == "actor:c"
    assert text(journal) == HEAD + ROW
    journal.add(decision())
    assert journal.remove(3).subject == "actor:b"
    assert [each.subject for each in journal.read()] == ["actor:c"]


@pytest.mark.parametrize("line", [1, 2, 4, 99])
def test_a_line_that_holds_no_decision_is_not_removed(journal, line):
    write(journal, HEAD + ROW + "# remark\n")
    with pytest.raises(NotFound, match=f"no decision in line {line}"):
        journal.remove(line)
    assert text(journal) == HEAD + ROW + "# remark\n"


def test_nothing_to_take_back(journal):
    with pytest.raises(NotFound, match="nothing to take back"):
        journal.remove()
    with pytest.raises(NotFound, match="There is no decision"):
        write(journal, HEAD).remove()


def test_a_decision_is_taken_back_wherever_its_row_stands_by_now(journal):
    written = write(journal, HEAD + ROW).add(decision())
    write(journal, "# new first line\n" + text(journal))
    journal.take_back(written)
    assert text(journal) == "# new first line\n" + HEAD + ROW
    with pytest.raises(NotFound, match="not in actors.sssom.tsv any more"):
        journal.take_back(written)


# -- whatever happens


def test_mode_and_link_of_the_file_are_kept(journal, tmp_path):
    real = tmp_path / "elsewhere.tsv"
    real.write_text(HEAD + ROW)
    real.chmod(0o640)
    (tmp_path / journal.name).symlink_to(real)
    journal.add(decision())
    assert (tmp_path / journal.name).is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert "actor:c" in real.read_text()


@pytest.mark.parametrize(("number", "error"), [(28, StorageFull), (13, InputError)])
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_file_as_it_was(journal, monkeypatch, number, error, call):
    def fail(*_):
        raise OSError(number, "no")

    write(journal, HEAD + ROW)
    monkeypatch.setattr(module.os, call, fail)
    with pytest.raises(error, match="as it was"):
        journal.add(decision())
    assert text(journal) == HEAD + ROW
    assert os.listdir(journal.folder) == [journal.name]


def test_two_who_write_at_once_lose_nothing(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: Journal(tmp_path).add(decision(f"x{n}", DIFFERENT, "a")), range(24)))
    assert len(Journal(tmp_path).read()) == 24


# -- links to other collections


def linked(subject="actor:a", predicate=SAME, object="https://ror.org/05dxps055", **more) -> Link:
    return Link(subject, predicate, object, "One website.", role="reviewer", day="2026-11-26", **more)


def test_a_file_of_links_is_begun_and_shortens_iris_by_its_own_prefixes(tmp_path):
    book = LinkBook(tmp_path)
    book.add(linked(subject_label="A", object_label="Theirs"))
    book.add(linked(object="https://register.example/1"))
    lines = (tmp_path / "outward.sssom.tsv").read_text("utf-8").splitlines()
    assert "#  ror: https://ror.org/" in lines
    assert lines[-2].startswith("actor:a\tA\towl:sameAs\tror:05dxps055\tTheirs\t")
    assert "\thttps://register.example/1\t" in lines[-1]
    assert [row.object for row in book.read()] == ["https://ror.org/05dxps055", "https://register.example/1"]
    assert read_links(tmp_path).problems == ()


def test_a_link_is_taken_back(tmp_path):
    book = LinkBook(tmp_path)
    first, second = book.add(linked()), book.add(linked(object="https://register.example/1"))
    assert book.take_back(first).line == first.line
    assert book.remove().object == second.object
    assert book.read() == []


def test_links_that_repeat_or_contradict_are_not_written(tmp_path):
    book = LinkBook(tmp_path)
    book.add(linked())
    with pytest.raises(Conflict, match="decided already: outward.sssom.tsv"):
        book.add(linked())
    with pytest.raises(Conflict, match="contradict"):
        book.add(linked(predicate=DIFFERENT))
    with pytest.raises(Conflict, match="decided already"):
        book.add(linked(predicate=UNDECIDED))
    with pytest.raises(Unprocessable, match="not for concepts"):
        book.add(linked(subject="concept:field/health"))
    Journal(tmp_path).add(decision("b", DIFFERENT, "a"))
    with pytest.raises(Conflict, match="decides that they are different"):
        book.add(linked(subject="actor:b"))
    assert len(book.read()) == 1


def test_a_doubt_is_settled_by_a_later_link(tmp_path):
    book = LinkBook(tmp_path)
    book.add(linked(predicate=UNDECIDED))
    book.add(linked())
    assert [row.predicate for row in book.read()] == [UNDECIDED, SAME]


@pytest.mark.parametrize("name", ["actors.sssom.tsv", "outward.tsv", "../outward.sssom.tsv", "outward-.sssom.tsv"])
def test_names_that_hold_no_links(tmp_path, name):
    with pytest.raises(Unprocessable, match="not a file of links"):
        LinkBook(tmp_path, name)
