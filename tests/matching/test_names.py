"""How one name is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integgraph.errors import OntologyError
from integgraph.matching.lexicon import Lexicon
from integgraph.matching.names import MAX_NAME, Reader, initials
from integgraph.ontology import Ontology

LEXICON = Lexicon.load()
READER = Reader(LEXICON)


def words(text: str) -> list[str]:
    return [word.text for word in READER.read(text).words]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Flüchtlingsrat", "FLUECHTLINGSRAT"),
        ("Flüchtlingsrat", "Fluchtlingsrat"),
        ("Łódź", "Lodz"),
        ("Søllerød Århus", "Sollerod Aarhus"),
        ("Straße", "STRASSE"),
        ("Αθήνα", "Athina"),
        ("София", "Sofiya"),
        ("Město", "Mesto"),
        ("İzmir", "izmir"),
        ("ﬁnanz", "finanz"),
    ],
)
def test_spellings_that_mean_the_same_fold_to_one(one: str, other: str) -> None:
    assert LEXICON.fold(one) == LEXICON.fold(other)


@given(st.text(max_size=80))
def test_folding_twice_changes_nothing(text: str) -> None:
    once = LEXICON.fold(text)
    assert LEXICON.fold(once) == once


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("Zora e.V.", "association"),
        ("Zora eV", "association"),
        ("Zora gGmbH", "limited"),
        ("Zora gemeinnützige GmbH", "limited"),
        ("Zora gemeinnützige Gesellschaft mbH", "limited"),
        ("Zora gUG (haftungsbeschränkt)", "limited"),
        ("Zora eG", "cooperative"),
        ("Zora GmbH & Co. KG", "partnership"),
        ("Fundacja Zora", "foundation"),
        ("Stowarzyszenie Zora", "association"),
        ("Zora ONLUS", "association"),
        ("Società Cooperativa Sociale Zora", "cooperative"),
        ("Zora, nadační fond", "foundation"),
        ("Zora, o. p. s.", "institute"),
        ("Zora z.s.", "association"),
        ("Zora sp. z o.o.", "limited"),
        ("Zora d.o.o.", "limited"),
        ("Zora ASBL", "association"),
        ("Zora AöR", "public"),
        ("Zora K.d.ö.R.", "public"),
        ("Zora Ltd.", "limited"),
        ("Zora S.p.A.", "stock"),
        ("Σωματείο Zora", "association"),
    ],
)
def test_legal_forms_are_taken_out(text: str, family: str) -> None:
    name = READER.read(text)
    assert name.forms == {family}
    assert [word.text for word in name.words] == ["zora"]


@pytest.mark.parametrize("text", ["AG Frieden Magdeburg", "AS Roma Zentrum", "AB in die Mitte"])
def test_short_words_elsewhere_are_no_legal_form(text: str) -> None:
    assert READER.read(text).forms == frozenset()


def test_every_form_of_the_vocabulary_has_a_family(ontology: Ontology) -> None:
    concepts = ontology.scheme("legal-form").concepts
    assert {id for id in concepts if LEXICON.family(id) is None} == {"no-legal-form", "unclassified"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C. U. B. A. Bildung", ["cuba", "bildung"]),
        ("m.o.l.i.t.o.r art", ["molitor", "art"]),
        ("VHS Musterstadt", ["volkshochschule", "musterstadt"]),
        ("AWO Arbeiterwohlfahrt", ["arbeiterwohlfahrt"]),
        ("Migrant*innenrat", ["migrantinnenrat"]),
        ("Migrant:innenrat", ["migrantinnenrat"]),
        ("Lady's Treff", ["ladys", "treff"]),
        ("Schmidt &#38; Haensch", ["schmidt", "haensch"]),
        ("Sport Club 2001e. V.", ["sport", "club", "2001"]),
    ],
)
def test_words_of_a_name(text: str, expected: list[str]) -> None:
    assert words(text) == [LEXICON.fold(word) for word in expected]


@pytest.mark.parametrize(
    ("text", "level", "body"),
    [
        ("Landkreis Musterland", "district", "district-authority"),
        ("Stadt Musterstadt", "municipal", "city-authority"),
        ("Caritasverband für das Dekanat Musterstadt", "deanery", ""),
        ("Caritasverband Bistum Musterstadt", "diocese", "diocese-body"),
        ("Kreisverband Muster", "district", ""),
        ("Förderverein der Lindenschule", "", "friends"),
    ],
)
def test_level_and_body(text: str, level: str, body: str) -> None:
    name = READER.read(text)
    assert name.levels == ({level} if level else set())
    assert name.body == body


def test_a_name_of_a_kind_alone_is_generic() -> None:
    assert READER.read("Jobcenter").generic
    assert READER.read("Caritas").generic
    assert not READER.read("Tür an Tür").generic


def test_places_in_names() -> None:
    assert READER.read("Sächsischer Flüchtlingsrat").places == {"nuts-ded"}
    assert READER.read("Flüchtlingsrat Sachsen-Anhalt").places == {"nuts-dee"}
    assert READER.read("Berliner Netzwerk").places == READER.read("Netzwerk Berlin").places != set()


@pytest.mark.parametrize(
    ("short", "long", "covered"),
    [
        ("vsp", ["verbund", "soziale", "projekte"], 3),
        ("tus", ["turn", "sportverein"], 0),
        ("sv", ["sportverein"], 1),
        ("xyz", ["verbund", "soziale", "projekte"], 0),
        ("", ["verbund"], 0),
    ],
)
def test_initials(short: str, long: list[str], covered: int) -> None:
    assert initials(short, [(word, False) for word in long]) == covered


@pytest.mark.parametrize(
    "text",
    ["", " ", "…!?", "\x00\x01\x1f", "()", "((((", "\u202e\u202d", "´´´", "e. V.", "\ud800"],
    ids=repr,
)
def test_nothing_to_read_is_a_name_without_words(text: str) -> None:
    assert READER.read(text).words == ()


def test_hostile_texts_are_read_in_part() -> None:
    assert len(READER.read("x" * 100_000).text) == MAX_NAME
    assert len(READER.read("a b c d e f " * 10_000).words) <= 40
    assert words("جمعية الأمل")  # right to left
    assert words("Zu\u0301rich") == words("Zúrich")  # combining characters
    assert words("Zo\u200bra\u202e") == ["zora"]


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    READER.read(text)


def test_a_damaged_file_names_file_and_line(tmp_path: Path) -> None:
    source = LEXICON_FOLDER
    for file in source.glob("*.tsv"):
        (tmp_path / file.name).write_text(file.read_text("utf-8"), "utf-8")
    with (tmp_path / "words.tsv").open("a", encoding="utf-8") as file:
        file.write("word\tword\n")
    with pytest.raises(OntologyError, match=r"words.tsv, line \d+: there are 2 columns"):
        Lexicon.load(tmp_path)
    (tmp_path / "words.tsv").unlink()
    with pytest.raises(OntologyError, match="words.tsv cannot be read"):
        Lexicon.load(tmp_path)


LEXICON_FOLDER = Path(__file__).parents[2] / "ontology" / "matching"
