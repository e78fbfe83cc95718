"""The search index: what people type finds what they mean, best first, and an updated index answers like a new one."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integgraph import search
from integgraph.errors import ReleaseError
from integgraph.search import Entry, Hit, SearchIndex, fold, update_index, write_index


def entry(thing: str, text: str, role: str = "label", kind: str = "network", language: str = "de") -> Entry:
    return Entry(thing, kind, text, language, role)


ENTRIES = [
    entry("n:halberstadt", "Netzwerk Halberstadt"),
    entry("n:halberstadt", "Halberstadt Network", language="en"),
    entry("n:halberstadt", "Hilfe für Geflüchtete und Zugewanderte", "wording"),
    entry("n:iq", "IQ-Netzwerk Sachsen-Anhalt"),
    entry("n:iq", "Integration durch Qualifizierung", "variant"),
    entry("a:rat", "Flüchtlingsrat Thüringen e.V.", kind="actor"),
    entry("a:caritas", "Caritas & Diakonie", kind="actor"),
    entry("a:caritas-halberstadt", "Caritas Halberstadt", kind="actor"),
    entry("a:strasse", "Große Straße", kind="actor"),
    entry("a:lodz", "Stowarzyszenie Łódź", kind="actor", language="pl"),
    entry("a:koge", "Køge Kommune", kind="actor", language="da"),
    entry("a:izmir", "İzmir Belediyesi", kind="actor", language="tr"),
    entry("p:halberstadt", "Halberstadt", kind="place"),
    entry("p:halle", "Halle", kind="place"),
    entry("c:labour", "labour market", kind="concept", language="en"),
    entry("c:labour", "Arbeitsmarkt", kind="concept"),
    entry("c:labour", "Jobvermittlung", "wording", kind="concept"),
    entry("g:bare", "Ehrenamtliche", "variant", kind="group"),
    entry("a:near", "AND NOT (x) NEAR", kind="actor", language="en"),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterable[SearchIndex]:
    file = tmp_path_factory.mktemp("search") / "search.sqlite"
    write_index(file, ENTRIES)
    with SearchIndex(file) as opened:
        yield opened


def things(hits: Iterable[Hit]) -> list[str]:
    return [hit.thing for hit in hits]


@pytest.mark.parametrize(
    ("typed", "thing"),
    [
        ("flüchtlingsrat", "a:rat"),
        ("FLUECHTLINGSRAT", "a:rat"),
        ("Fluchtlingsrat", "a:rat"),
        ("Flu\u0308chtlingsrat", "a:rat"),  # decomposed
        ("Flücht\u00adlingsrat", "a:rat"),  # soft hyphen
        ("\u202eflücht\u202c", "a:rat"),  # direction marks
        ("flücht\x00 thür\x07", "a:rat"),
        ("thur flucht", "a:rat"),
        ("grosse strasse", "a:strasse"),
        ("GROSSE STRAẞE", "a:strasse"),
        ("lodz", "a:lodz"),
        ("Łódź", "a:lodz"),
        ("koge", "a:koge"),
        ("koege", "a:koge"),
        ("Køge", "a:koge"),
        ("izmir", "a:izmir"),
        ("İZMİR", "a:izmir"),
        ("ızmır", "a:izmir"),
        ("IQ", "n:iq"),
        ("iq netzwerk", "n:iq"),
        ("IQ-Netzwerk", "n:iq"),
        ("netzwerk-iq", "n:iq"),
        ("Sachsen Anhalt", "n:iq"),
        ("caritas und diakonie", "a:caritas"),
        ("Caritas and Diakonie", "a:caritas"),
        ("caritas&diakonie", "a:caritas"),
        ("caritas u", "a:caritas"),
        ("e.V. Thüringen", "a:rat"),
        ("durch qual", "n:iq"),
        ("jobverm", "c:labour"),
        ("labour", "c:labour"),
        ("arbeitsmarkt", "c:labour"),
        ("ehrenamtlich", "g:bare"),
        ("Fluchtlingsrta", "a:rat"),
        ("caritsa diakonie", "a:caritas"),
        ("Stowarzyszneie", "a:lodz"),
        ("qualifizeirung", "n:iq"),
        ('"iq" *netzwerk^ -sachsen:', "n:iq"),
        ("AND NOT (x) NEAR", "a:near"),
        ("near(x", "a:near"),
    ],
)
def test_what_people_type_finds_what_they_mean(index: SearchIndex, typed: str, thing: str) -> None:
    assert things(index.search(typed))[0] == thing


def test_exact_comes_before_prefix_before_words_before_variants_wordings_and_typos(tmp_path: Path) -> None:
    texts = [
        ("1", "Halle", "label"), ("2", "Halle hilft", "label"), ("3", "Hilfe in Halle", "label"),
        ("4", "Halle", "variant"), ("5", "Rat in Halle", "variant"), ("6", "halle", "wording"), ("7", "Hulle", "label"),
        ("8", "in Hallenser Art", "wording"),
    ]  # fmt: skip
    write_index(tmp_path / "s", (entry(thing, text, role) for thing, text, role in reversed(texts)))
    with SearchIndex(tmp_path / "s") as opened:
        hits = opened.search("Halle")
        assert things(hits) == ["1", "2", "3", "4", "5", "6", "8"]
        assert [hit.role for hit in hits] == ["label"] * 3 + ["variant"] * 2 + ["wording"] * 2
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        assert len({hit.score for hit in hits[:6]}) == 6
        assert hits[0].score == 1
        assert things(opened.search("Halel"))[:2] == ["1", "2"]
        assert all(hit.score < 0.2 for hit in opened.search("Halel"))
        assert things(opened.search("Hulle"))[:3] == ["7", "1", "2"]
        assert [hit.score < 0.2 for hit in opened.search("Hulle")][:2] == [False, True]
        assert things(opened.search("Hilfe Halle Rat")) == []


def test_ties_go_by_kind_text_and_iri(tmp_path: Path) -> None:
    entries = [
        entry(f"{kind}:{number}", f"Rat {number % 2}", kind=kind)
        for kind in ("zebra", *search.KINDS)
        for number in range(4)
    ]
    random.Random(1).shuffle(entries)
    write_index(tmp_path / "s", entries)
    with SearchIndex(tmp_path / "s") as opened:
        expected = [f"{kind}:{number}" for kind in (*search.KINDS, "zebra") for number in (0, 2, 1, 3)]
        assert things(opened.search("rat", limit=100)) == expected
        assert things(opened.search("rat", limit=5)) == expected[:5]
        assert things(opened.search("rat", limit=5, kinds=["place", "zebra"])) == [
            *(f"place:{number}" for number in (0, 2, 1, 3)),
            "zebra:0",
        ]
        assert opened.search("rat", kinds=["nonesuch"]) == []


def test_a_thing_is_found_once_with_its_label_in_the_asked_language(index: SearchIndex) -> None:
    (hit,) = index.search("halberstadt netzw")
    assert hit == Hit("n:halberstadt", "network", "Halberstadt Network", "Netzwerk Halberstadt", "label", hit.score)
    assert index.search("halberstadt netzw", language="de")[0].label == "Netzwerk Halberstadt"
    assert index.search("netzwerk halberstadt", language="fr")[0].label == "Halberstadt Network"
    assert index.search("lodz", language="de")[0].label == "Stowarzyszenie Łódź"
    assert index.search("ehrenamtliche")[0].label == "Ehrenamtliche"
    assert index.search("jobvermittlung")[0].label == "labour market"
    assert things(index.search("halberstadt")) == ["p:halberstadt", "n:halberstadt", "a:caritas-halberstadt"]
    assert things(index.search("halberstadt", kinds=["actor"])) == ["a:caritas-halberstadt"]
    assert things(index.search("Halbertsadt")) == ["n:halberstadt", "a:caritas-halberstadt", "p:halberstadt"]


@pytest.mark.parametrize("typed", ["", " ", "?!", '"', "*", "()", "\u202e", "\x00", "-", "’", "\ud800", "🙂", "\n\t"])
def test_what_holds_no_word_finds_nothing(index: SearchIndex, typed: str) -> None:
    assert index.search(typed) == []


@pytest.mark.parametrize(
    "typed",
    [
        "a" * 100_000, "iq " * 40_000, "\u0301" * 100_000, "('\"" * 30_000, "ﷺ" * 1000, "x'; DROP TABLE entry; --",
        "full:iq", "{a b}: iq", "NEAR(iq netzwerk, 2)", "iq OR", "AND", "NOT NOT", "^iq + x", "% _ \\", "שלום עולם", "网络",
    ],
)  # fmt: skip
def test_hostile_queries_are_text(index: SearchIndex, typed: str) -> None:
    assert len(index.search(typed)) <= 20
    assert index.search("iq")


def test_a_long_query_is_cut(index: SearchIndex) -> None:
    assert things(index.search("iq" + " " * 300 + "nonesuch")) == ["n:iq"]


def test_limits(index: SearchIndex) -> None:
    assert index.search("halberstadt", limit=0) == []
    assert index.search("halberstadt", limit=-1) == []
    assert len(index.search("halberstadt", limit=1)) == 1


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(text.upper().lower()) == fold(text.upper().lower().upper())


@given(st.text("aeouäöüßøåæ bnd-.", max_size=20), st.integers(0, 20))
def test_a_beginning_folds_to_a_beginning(text: str, at: int) -> None:
    assert " ".join(search._words(text)).startswith(" ".join(search._words(text[:at])))


@given(st.text("abc", max_size=8), st.text("abc", max_size=8))
def test_edits_are_counted_alike_from_both_sides(one: str, other: str) -> None:
    count = search._edits(one, other, 9)
    assert count == search._edits(other, one, 9)
    assert (count == 0) == (one == other)
    assert search._edits(one, other, 1) == min(count, 2)


# ---------------------------------------------------------------------------------------------------------------------
# Writing and updating


def contents(file: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as db:
        rows = db.execute(f"{search._ENTRIES} ORDER BY entry.id").fetchall()
        words = db.execute("SELECT word FROM word ORDER BY word").fetchall()
        for table in ("full", "gram"):
            db.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
        return [*(row[1:] for row in rows), *words]


def test_the_same_entries_in_any_order_give_the_same_file(tmp_path: Path) -> None:
    shuffled = [*ENTRIES, *ENTRIES[:5]]
    random.Random(2).shuffle(shuffled)
    write_index(tmp_path / "one", ENTRIES)
    write_index(tmp_path / "two", iter(shuffled))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["one", "two"]


def test_an_index_replaces_what_was_there(tmp_path: Path) -> None:
    write_index(tmp_path / "s", ENTRIES)
    write_index(tmp_path / "s", [])
    with SearchIndex(tmp_path / "s") as opened:
        assert opened.search("iq") == opened.search("halbertsadt") == []


WORDS = st.lists(
    st.sampled_from(["caritas", "Halle", "Hallo", "rat", "Rät", "und", "&", "netzwerk", "iq", "…"]), max_size=3
)
A_ENTRY = st.builds(
    Entry,
    st.sampled_from("abcde"),
    st.sampled_from(["network", "actor", "zebra"]),
    WORDS.map(" ".join),
    st.sampled_from(["de", "en", ""]),
    st.sampled_from(search.ROLES),
)
QUERIES = ("caritas", "caritsa", "hal", "halle", "halle rat", "rat u", "netzwrek", "iq", "h", "und", "hlalo caritsa")


@pytest.mark.parametrize("room", [2, 1024])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=st.lists(A_ENTRY, max_size=12),
    steps=st.lists(st.tuples(st.sets(st.sampled_from("abcdef")), st.lists(A_ENTRY, max_size=6)), max_size=3),
)
def test_an_updated_index_is_like_a_new_one(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    room: int,
    before: list[Entry],
    steps: list[tuple[set[str], list[Entry]]],
) -> None:
    monkeypatch.setattr(search, "_ROOM", room)
    updated, fresh = tmp_path / "updated", tmp_path / "fresh"
    write_index(updated, before)
    now = list(before)
    for removed, added in steps:
        update_index(updated, removed, added)
        now = [each for each in now if each.thing not in removed] + added
    write_index(fresh, now)
    assert contents(updated) == contents(fresh)
    with SearchIndex(updated) as one, SearchIndex(fresh) as other:
        for query in QUERIES:
            assert one.search(query) == other.search(query)
            assert one.search(query, kinds=["actor"], language="de", limit=2) == other.search(
                query, kinds=["actor"], language="de", limit=2
            )
    assert sorted(file.name for file in tmp_path.iterdir()) == ["fresh", "updated"]


def naive(entries: list[Entry], query: str) -> list[str]:
    """Things in the order that the documentation promises, without any index; typed without mistakes."""
    wanted, found = fold(query), []
    for each in entries:
        folded, words = fold(each.text), search._row(each).words.split()
        if all(any(word.startswith(part) for word in words) for part in wanted.split()):
            how = 0 if folded == wanted else 1 if folded.startswith(wanted) else 2
            found.append(
                (search.ROLES.index(each.role), how, search._kind_order(each.kind), each.kind, folded, each.thing)
            )
    return list(dict.fromkeys(each[-1] for each in sorted(found)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    entries=st.lists(A_ENTRY, max_size=25), query=st.sampled_from(["hal", "halle", "rat", "iq", "caritas rat", "r h"])
)
def test_hits_are_those_of_reading_every_entry(tmp_path: Path, entries: list[Entry], query: str) -> None:
    write_index(tmp_path / "s", entries)
    with SearchIndex(tmp_path / "s") as opened:
        expected = naive(entries, query)
        hits = [hit.thing for hit in opened.search(query) if hit.score > 0.2]
        assert hits == expected
        assert things(opened.search(query, limit=2))[: len(expected)] == expected[:2]


def test_words_with_many_endings_are_found(tmp_path: Path) -> None:
    write_index(tmp_path / "s", (entry(f"n:{number:03}", f"Rat Netzwerk{number:03}") for number in range(200)))
    with SearchIndex(tmp_path / "s") as opened:
        assert things(opened.search("netzwerk rat", limit=500)) == [f"n:{number:03}" for number in range(200)]
        assert things(opened.search("netzwerk01 rat")) == [f"n:{number:03}" for number in range(10, 20)]


def test_a_failed_update_leaves_the_index_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "s"
    write_index(file, ENTRIES)
    before = contents(file)
    with pytest.raises(ValueError, match="'title' is not a role"):
        update_index(file, ["n:iq"], [entry("n:new", "New"), entry("n:new", "New", "title")])
    assert contents(file) == before
    with pytest.raises(ValueError, match="'title' is not a role"):
        write_index(tmp_path / "t", [entry("n:new", "New", "title")])
    assert [each.name for each in tmp_path.iterdir()] == ["s"]


def test_several_threads_share_an_index(index: SearchIndex) -> None:
    found: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: found.extend(things(index.search("halberstadt")) for _ in range(20)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [["p:halberstadt", "n:halberstadt", "a:caritas-halberstadt"]] * 80


# ---------------------------------------------------------------------------------------------------------------------
# What can go wrong


def _newer(file: Path) -> None:
    write_index(file, ENTRIES)
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda file: None, "There is no search index"),
        (lambda file: file.write_bytes(b""), "is not a search index"),
        (lambda file: file.write_bytes(b"no database" * 1000), "cannot be read or written"),
        (_newer, "was made by a newer integgraph"),
    ],
)
def test_what_is_wrong_with_an_index_is_said(tmp_path: Path, make: Callable[[Path], object], message: str) -> None:
    file = tmp_path / "search.sqlite"
    make(file)
    with pytest.raises(ReleaseError, match=message):
        SearchIndex(file)
    with pytest.raises(ReleaseError, match=message):
        update_index(file, [], [])


def test_an_index_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="search.sqlite cannot be read or written"):
        write_index(tmp_path / "absent" / "search.sqlite", [])


def test_a_path_with_special_characters_is_only_a_path(tmp_path: Path) -> None:
    file = tmp_path / "ä?mode=rwc#%20.sqlite"
    write_index(file, ENTRIES)
    with SearchIndex(file) as opened:
        assert things(opened.search("lodz")) == ["a:lodz"]


@pytest.mark.parametrize("tokenizers", [("nonesuch",), ("ascii", "nonesuch 1")])
def test_an_sqlite_without_full_text_search_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tokenizers: tuple[str, ...]
) -> None:
    write_index(tmp_path / "s", ENTRIES)
    monkeypatch.setattr(search, "_TOKENIZERS", tokenizers)
    for act in (lambda: write_index(tmp_path / "t", []), lambda: SearchIndex(tmp_path / "s")):
        with pytest.raises(ReleaseError, match="needs SQLite 3.34 or newer with FTS5 and its tokenizer 'nonesuch'"):
            act()
