"""What documents do to a text: mended where there is one way, asked about otherwise."""

import time

import pytest

from integgraph.ingest.damage import mend


def marks(text, *running):
    return [(mark.problem, mark.raw) for mark in mend(text, running)[1]]


@pytest.mark.parametrize(
    "text",
    [
        "Grüße aus Köln – „ja“, § 5 AufenthG, 5 °C",
        "Haupt- und Ehrenamt; Vor- oder Nachname; on- and offline",
        "- one\n- two\n• three",
        "o ist ein Buchstabe",
        "§ 5 AufenthG\n§ 6 AufenthG",
        "https://a.example/?q=was?ja&b=c",
        "¿Qué tal?",
        "Who? When? Why?",
        "Ça va à l’école, Ångström, São Paulo",
        "Page 2 of 4",
        "",
    ],
)
def test_a_whole_text_stays_as_it_is(text):
    assert mend(text) == (text, ())


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Oﬃce of the ﬁrst ﬂoor", "Office of the first floor"),
        ("FÃ¼r GeflÃ¼chtete â€“ in KÃ¶ln", "Für Geflüchtete – in Köln"),
        ("FÃƒÂ¼r alle", "Für alle"),
        ("Fu¨r ¨Alle", "Für Älle"),
        ("fu\u0308r", "für"),
        ("\uf0b7 one\n\uf0a7 two", "- one\n- two"),
        ("o one\no two", "- one\n- two"),
        ("§ one\n§ two", "- one\n- two"),
        ("trust\nPage 2 of 4\nand time", "trust\nand time"),
        ("Vertrauen\n- 3 -\nund Zeit", "Vertrauen\nund Zeit"),
    ],
)
def test_what_can_be_undone_is_undone_and_marked(text, whole):
    mended, found = mend(text)
    assert mended == whole
    assert {mark.problem for mark in found} <= {"repaired"}
    assert found or text == "fu\u0308r"  # two ways to write one letter are no damage


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ("Fl¿chtlinge", "Fl¿chtlinge"),
        ("f\ufffdr alle", "f\ufffdr"),
        ("f?r alle", "f?r"),
        ("Flücht- linge kommen", "Flücht- linge"),
        ("http:// www.a.example", "http:// www.a.example"),
        ("see \ue123 here", "\ue123"),
    ],
)
def test_what_is_lost_is_asked_about_and_left(text, raw):
    assert mend(text)[0] == text
    assert marks(text) == [("damaged", raw)]


def test_titles_that_pages_repeat_are_taken_out_of_values():
    title = "CARITAS-DIAKONIE-ZORA"
    assert mend(f"trust\n{title}\nand time", [title])[0] == "trust\nand time"
    assert mend(title, [title]) == (title, ())  # it is all there is


def test_one_kind_of_damage_is_shown_a_few_times_only():
    assert len(mend(" ".join(f"ﬁx{number}" for number in range(100)))[1]) == 5
    assert all(len(mark.raw) < 200 for mark in mend("ﬁ" * 10_000)[1])


@pytest.mark.parametrize(
    "junk", ["Ã", "¨a", "a- ", "ab- ", "a?", "http:/", "www. ", "o a\n", "\uf0b7", "a\ufffd", "ab", "ﬁ", "Ã¼", "§ \n"]
)
def test_junk_ends_soon(junk):
    began = time.process_time()
    mend(junk * (60_000 // len(junk)))
    assert time.process_time() - began < 15  # by itself, not by somebody's patience
