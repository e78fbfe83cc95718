"""A review: one key a decision, written at once, taken up again where it was left."""

from dataclasses import replace

import pytest

from integgraph.errors import Conflict, NotFound
from integgraph.identity import DIFFERENT, PART_OF, SAME, UNDECIDED, Decision, Standing
from integgraph.identity.editing import Journal
from integgraph.identity.outward import Link
from integgraph.identity.review import HELP, LinkReview, OpenPair, Review, open_pairs
from integgraph.identity.things import Thing


class Clock:
    """Six seconds a look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Notes:
    """Decisions in a list."""

    def __init__(self, *rows: Decision) -> None:
        self.rows = list(rows)
        self.closed = False

    def read(self) -> list[Decision]:
        return list(self.rows)

    def add(self, decision: Decision) -> Decision:
        if self.closed:
            raise Conflict("It is closed.")
        self.rows.append(replace(decision, file="notes", line=len(self.rows) + 1))
        return self.rows[-1]

    def take_back(self, decision: Decision) -> Decision:
        if decision not in self.rows:
            raise NotFound("It is gone.")
        self.rows.remove(decision)
        return decision


def pair(first: str, second: str, score: float = 0.9, *evidence: str) -> OpenPair:
    one, other = (Thing(f"actor:{name}", name.upper()) for name in (first, second))
    return OpenPair(one, other, score, evidence or (f"{first} sounds like {second}.",))


def row(subject: str, predicate: str, object: str, line: int = 1) -> Decision:
    return Decision(f"actor:{subject}", predicate, f"actor:{object}", "grounds", "notes", line)


def review(notes: Notes, *pairs: OpenPair, clock: Clock | None = None, **more) -> Review:
    return Review(pairs, notes, role="reviewer", day="2026-11-26", clock=clock or Clock(), **more)


@pytest.mark.parametrize(
    ("key", "predicate"), [("s", SAME), ("d", DIFFERENT), ("p", PART_OF), ("u", UNDECIDED), ("S", SAME)]
)
def test_one_key_is_one_decision(key, predicate):
    notes = Notes()
    session = review(notes, pair("a", "b"))
    session.press(key)
    (written,) = notes.rows
    assert (written.subject, written.predicate, written.object) == ("actor:a", predicate, "actor:b")
    assert (written.role, written.day, written.subject_label, written.object_label) == (
        "reviewer", "2026-11-26", "A", "B",
    )  # fmt: skip
    assert session.over


@pytest.mark.parametrize(
    ("key", "score", "grounds"),
    [
        ("s", 0.9, "a sounds like b."),
        ("d", 0.2, "a sounds like b."),
        ("d", 0.9, "Judged by a person who saw: a sounds like b."),
        ("s", 0.2, "Judged by a person who saw: a sounds like b."),
        ("p", 0.9, "Judged by a person who saw: a sounds like b."),
    ],
)
def test_the_evidence_is_the_grounds(key, score, grounds):
    notes = Notes()
    review(notes, pair("a", "b", score)).press(key)
    assert notes.rows[0].grounds == grounds


def test_grounds_can_be_typed_for_one_decision():
    notes = Notes()
    session = review(notes, pair("a", "b"), pair("c", "d"))
    session.because("  One register\tnumber. ")
    assert "Because: One register number." in session.screen()
    session.press("s")
    session.press("s")
    assert [each.grounds for each in notes.rows] == ["One register number.", "c sounds like d."]
    assert session.because(" ") == "No grounds typed; the evidence is written."


def test_no_evidence_is_said_to_be_none():
    notes = Notes()
    review(notes, OpenPair(Thing("actor:a", "A"), Thing("actor:b", "B"), 0.5)).press("s")
    assert notes.rows[0].grounds.startswith("Judged from names")


def test_swapping_turns_the_pair_round():
    notes = Notes()
    session = review(notes, pair("a", "b"))
    assert session.press("x") == ""
    session.press("p")
    assert (notes.rows[0].subject, notes.rows[0].object) == ("actor:b", "actor:a")


def test_what_follows_is_not_asked():
    notes = Notes()
    session = review(notes, pair("a", "b"), pair("b", "c"), pair("a", "c"), pair("d", "c"))
    session.press("s")
    assert session.press("s").endswith("1 more follow from it.")
    assert "actor:d" in session.screen()
    assert session.progress().startswith("4 of 4 · 2 decided")


def test_a_decision_is_taken_back_with_what_followed_from_it():
    notes = Notes(row("b", SAME, "c"))
    session = review(notes, pair("a", "b"), pair("a", "c"), pair("d", "e"))
    session.press("s")
    assert "actor:d" in session.screen()
    assert session.press("z") == "Taken back: A – B."
    assert len(notes.rows) == 1
    assert session.progress().startswith("1 of 3 · 0 decided")
    session.press("d")
    assert [each.predicate for each in notes.rows] == [SAME, DIFFERENT]
    assert session.press("z").startswith("Taken back")
    assert session.press("z") == "There is no decision of this review to take back."


def test_taking_back_what_is_gone_says_so():
    notes = Notes()
    session = review(notes, pair("a", "b"), pair("c", "d"))
    session.press("s")
    notes.rows.clear()
    assert session.press("z") == "Not taken back. It is gone."
    assert session.decided == 1


def test_skipped_pairs_come_again_later():
    notes = Notes()
    session = review(notes, pair("a", "b"), pair("c", "d"))
    assert session.press(" ") == "Skipped."
    assert "actor:c" in session.screen()
    session.press("d")
    assert "actor:a" in session.screen()
    assert not session.over


def test_decided_pairs_are_never_shown_again():
    notes = Notes()
    pairs = [pair("a", "b"), pair("c", "d"), pair("e", "f"), pair("g", "h")]
    first = review(notes, *pairs)
    for key in ("s", "d", "u", " ", "q"):
        first.press(key)
    assert first.over
    again = review(notes, *pairs)
    assert "actor:g" in again.screen()
    assert again.progress().startswith("4 of 4")
    again.press("s")
    assert review(notes, *pairs).over


def test_undecided_pairs_are_shown_again_when_asked_for():
    notes = Notes(row("a", UNDECIDED, "b"), row("c", DIFFERENT, "d"))
    session = review(notes, pair("a", "b"), pair("c", "d"), pair("e", "f"), doubts=False)
    assert session.press("u") == "Stays undecided."
    assert "actor:e" in session.screen()
    assert len(notes.rows) == 2


def test_a_decision_that_cannot_be_written_is_told_and_the_pair_stays():
    notes = Notes()
    notes.closed = True
    session = review(notes, pair("a", "b"))
    assert session.press("s") == "Not written. It is closed."
    assert not session.over
    assert session.decided == 0


def test_help_and_other_keys():
    session = review(Notes(), pair("a", "b"))
    assert session.press("?") == HELP
    assert session.press("k").startswith("'k' is no key here.")
    assert "\x1b" not in session.press("\x1b")
    assert not session.over


@pytest.mark.parametrize("key", ["q", "\x04", ""])
def test_quitting(key):
    session = review(Notes(), pair("a", "b"))
    session.press(key)
    assert session.over
    assert session.summary() == "0 decided, 1 left, 0 a minute."


def test_the_rate_is_decisions_a_minute():
    clock = Clock()
    session = review(Notes(), *(pair(f"a{n}", f"b{n}") for n in range(12)), clock=clock)
    for _ in range(10):
        clock.now += 6
        session.press("d")
    assert session.rate == 10
    assert session.progress() == "11 of 12 · 10 decided · 10 a minute"
    assert session.press("d")
    assert "12 of 12" in session.screen()


def test_nothing_to_ask():
    session = review(Notes())
    assert session.over
    assert session.press("s") == ""
    assert session.summary() == "0 decided, nothing left, 0 a minute."


def test_a_screen_shows_both_and_the_evidence():
    one = Thing("actor:a", "Caritas", ["Caritasverband"], ["NGO"], ["halle-saale"], [f"n{n}" for n in range(6)])
    text = review(Notes(), OpenPair(one, Thing("network:b", "B"), 0.876, ("The names agree.",))).screen()
    assert text.splitlines()[:8] == [
        "[1 of 1 · 0 decided · 0 a minute]  score 0.88",
        "  1  Caritas",
        "     actor:a",
        "     also Caritasverband; called NGO; place halle-saale; in n0, n1, n2, n3 and 2 more",
        "  2  B",
        "     network:b",
        "  ·  The names agree.",
        "s same · d different · p 1 is part of 2 · u undecided · x swap 1 and 2 · "
        "b because · z undo · space skip · q quit · ? help",
    ]


# -- what is asked, in which order


def test_open_pairs_are_the_undecided_ones_best_first():
    standing = Standing([row("a", SAME, "b"), row("c", DIFFERENT, "b", 2), row("e", UNDECIDED, "f", 3)])
    pairs = [pair("a", "c", 1.0), pair("a", "b", 1.0), pair("e", "f", 0.9), pair("g", "h", 0.6), pair("i", "j", 0.8)]
    pairs.append(pair("k", "l", 0.2))
    assert [each.first.id for each in open_pairs(pairs, standing, threshold=0.5)] == ["actor:i", "actor:g"]
    assert len(open_pairs(pairs, standing)) == 3
    assert [each.first.id for each in open_pairs(pairs, standing, threshold=0.85, doubts=False)] == ["actor:e"]


def test_the_one_to_keep_stands_second():
    many = Thing("actor:many", "M", networks=["x", "y"])
    few, network = Thing("actor:few", "F", networks=["x"]), Thing("network:n", "N")
    known = Standing([row("old", SAME, "few")])
    nothing = Standing([])

    def order(first: Thing, second: Thing, standing: Standing) -> list[str]:
        (found,) = open_pairs([OpenPair(first, second, 1.0)], standing)
        return [found.first.id, found.second.id]

    assert order(many, few, nothing) == order(few, many, nothing) == ["actor:few", "actor:many"]
    assert order(network, many, nothing) == ["actor:many", "network:n"]
    assert order(many, few, known) == ["actor:many", "actor:few"]


def test_a_review_over_a_real_file(tmp_path):
    session = Review(
        [pair("a", "b"), pair("b", "c"), pair("a", "c")], Journal(tmp_path), role="reviewer", day="2026-11-26",
        clock=Clock(),
    )  # fmt: skip
    session.press("s")
    session.press("z")
    session.press("s")
    session.press("d")
    assert session.over
    assert [(each.subject, each.predicate) for each in Journal(tmp_path).read()] == [
        ("actor:a", SAME),
        ("actor:b", DIFFERENT),
    ]


# -- what ours are elsewhere


def elsewhere(first: str, iri: str = "https://ror.org/05dxps055", score: float = 0.9) -> OpenPair:
    return OpenPair(Thing(first, "Ours"), Thing(iri, "Theirs"), score, ("The names agree.",))


def link_review(notes, *pairs, decisions=()) -> LinkReview:
    return LinkReview(pairs, notes, role="reviewer", day="2026-11-26", clock=Clock(), decisions=decisions)


def test_a_link_is_one_key_and_passes_other_names_in_that_collection():
    notes = Notes()
    session = link_review(notes, elsewhere("actor:a"), elsewhere("actor:a", "https://ror.org/042nb2s44"))
    assert session.press("s") == "Ours – Theirs: the same. 1 more follow from it."
    assert isinstance(notes.rows[0], Link)
    assert (notes.rows[0].predicate, notes.rows[0].grounds) == (SAME, "The names agree.")
    assert session.over
    assert session.press("z") == "Taken back: Ours – Theirs."
    assert not session.over


@pytest.mark.parametrize(
    ("key", "predicate"),
    [("e", "skos:exactMatch"), ("c", "skos:closeMatch"), ("w", "skos:broadMatch"), ("n", "skos:narrowMatch")],
)
def test_concepts_have_keys_of_their_own(key, predicate):
    notes = Notes()
    session = link_review(notes, elsewhere("concept:field/health", "https://v.example/1"))
    assert "w 2 is wider" in session.screen()
    assert "'s' is no key here" in session.press("s")
    session.press(key)
    assert notes.rows[0].predicate == predicate


def test_ours_and_theirs_do_not_change_places():
    session = link_review(Notes(), elsewhere("actor:a"))
    assert "'x' is no key here" in session.press("x")
    assert "swap" not in session.press("?")


def test_what_is_the_same_by_a_decision_is_not_asked_again():
    notes = Notes()
    session = link_review(notes, elsewhere("actor:a"), elsewhere("actor:b"), decisions=[row("b", SAME, "a")])
    session.press("d")
    assert session.over
    assert len(notes.rows) == 1
