"""What names are read with: letters, legal forms, short forms, and words that say what a body is and how far it goes.

All of it is data in ``ontology/matching/``; a word, a legal form or a language is added there and nowhere else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from integgraph.errors import OntologyError
from integgraph.ontology import default_folder

Where = Literal["any", "end", "start", "edge"]
Match = Literal["word", "start", "end"]
_PLACES: Mapping[str, Where] = {"any": "any", "end": "end", "start": "start", "edge": "edge"}
AXES = ("level", "body", "branch", "synonym", "filler")
"""What a word can say: how far a body reaches, what it is, one of many branches, the same as others, or nothing."""

_DROPPED = frozenset({"Mn", "Me", "Cf", "Cs", "Cc"})  # marks, invisible marks, broken halves, control characters
_WORD = re.compile(r"[^\W_]+")
_UMLAUT = re.compile(r"(?<=a)[ae]+|(?<=[ou])e+")


@dataclass(frozen=True, slots=True)
class LegalForm:
    """A legal form as names carry it.

    Attributes:
        id: Its id; that of the vocabulary ``legal-form`` where the form stands there.
        family: Kind of form that compares across countries: association, foundation, limited, stock, …
        where: Where in a name it stands; short words mean other things elsewhere.
    """

    id: str
    family: str
    where: Where


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything that names are read with."""

    letters: Mapping[int, str]
    forms: Mapping[tuple[str, ...], LegalForm]
    longest_form: int
    short: Mapping[str, tuple[str, ...]]
    capitals: frozenset[str]
    words: Mapping[str, tuple[tuple[str, str], ...]]
    starts: tuple[tuple[str, str, str], ...]
    ends: tuple[tuple[str, str, str], ...]
    fillers: frozenset[str]
    families: Mapping[str, str]

    @classmethod
    def load(cls, folder: Path | None = None) -> Lexicon:
        """Read the files of ``ontology/matching/``.

        Args:
            folder: The folder with the files; that of the installation if none.

        Raises:
            OntologyError: a file is missing or a line is not as its head says; the text names file and line.

        >>> Lexicon.load().family("gGmbH")
        'limited'
        """
        return _load(folder or default_folder() / "matching")

    def fold(self, text: str) -> str:
        """Bring a text to the spelling in which names are compared: Latin letters without marks, in lower case.

        Greek and Cyrillic are transliterated; umlauts and their spellings with e are one; whatever is no letter and
        no digit is a space. Folding twice changes nothing.

        >>> lexicon = Lexicon.load()
        >>> lexicon.fold("Flüchtlingsrat"), lexicon.fold("FLUECHTLINGSRAT")
        ('fluchtlingsrat', 'fluchtlingsrat')
        >>> lexicon.fold("Łódź"), lexicon.fold("Αθήνα"), lexicon.fold("София")
        ('lodz', 'athina', 'sofiya')
        """
        if not text.isascii():
            text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
            text = "".join(letter for letter in text if unicodedata.category(letter) not in _DROPPED)
            text = text.translate(self.letters)
        return " ".join(_WORD.findall(_UMLAUT.sub("", text.lower())))

    def family(self, form: str) -> str | None:
        """The family of a legal form, given by its id or by a spelling; ``None`` for one that is not known."""
        if form in self.families:
            return self.families[form]
        found = self.forms.get(tuple(self.fold(form).split()))
        return found.family if found else None

    def senses(self, word: str) -> Iterator[tuple[str, str]]:
        """What a folded word says, as axis and value.

        >>> sorted(Lexicon.load().senses("kreisvolkshochschule"))
        [('body', 'adult-education'), ('level', 'district')]
        """
        found = dict(self.words.get(word, ()))
        for end, axis, value in self.ends:
            if axis not in found and len(word) > len(end) and word.endswith(end):
                found[axis] = value
        for start, axis, value in self.starts:
            if axis not in found and word.startswith(start):
                found[axis] = value
        yield from found.items()


def rows(file: Path, columns: int) -> Iterator[tuple[int, list[str]]]:
    """Lines of a file with columns between tabs: number and cells; comments and the head are left out.

    Raises:
        OntologyError: the file is missing, is not UTF-8, or a line has another number of columns.
    """
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OntologyError(f"{file.name} cannot be read: {error}. Install integgraph again.") from error
    head = True
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) != columns:
            raise OntologyError(f"{file.name}, line {number}: there are {len(cells)} columns instead of {columns}.")
        if head:
            head = False
            continue
        yield number, cells


@lru_cache(maxsize=4)
def _load(folder: Path) -> Lexicon:
    letters = {ord(letter): latin for _, (letter, latin) in rows(folder / "letters.tsv", 2)}
    plain = Lexicon(letters, {}, 0, {}, frozenset(), {}, (), (), frozenset(), {})
    forms, families = _forms(folder / "legal_forms.tsv", plain)
    short: dict[str, tuple[str, ...]] = {}
    capitals = set()
    for _, (abbreviation, long, _language) in rows(folder / "abbreviations.tsv", 3):
        key = plain.fold(abbreviation)
        short[key] = tuple(plain.fold(long).split())
        if sum(letter.isupper() for letter in abbreviation) > 1:
            capitals.add(key)
    words: dict[str, tuple[tuple[str, str], ...]] = {}
    parts: dict[str, list[tuple[str, str, str]]] = {"start": [], "end": []}
    fillers = set()
    for number, (listed, match, axis, value) in rows(folder / "words.tsv", 4):
        if axis not in AXES or match not in ("word", "start", "end"):
            raise OntologyError(f"words.tsv, line {number}: '{match}' or '{axis}' is not known.")
        for word in plain.fold(listed).split():
            if axis == "filler":
                fillers.add(word)
            elif match == "word":
                words[word] = (*words.get(word, ()), (axis, value))
            else:
                parts[match].append((word, axis, value))
    return Lexicon(
        letters, forms, max(map(len, forms)), short, frozenset(capitals), words,
        tuple(parts["start"]), tuple(parts["end"]), frozenset(fillers), families,
    )  # fmt: skip


def _forms(file: Path, plain: Lexicon) -> tuple[dict[tuple[str, ...], LegalForm], dict[str, str]]:
    forms: dict[tuple[str, ...], LegalForm] = {}
    families: dict[str, str] = {}
    for number, (spellings, form, family, where) in rows(file, 4):
        place = _PLACES.get(where)
        if place is None:
            raise OntologyError(f"{file.name}, line {number}: '{where}' is not a place in a name.")
        families[form] = family
        for spelling in spellings.split(" | "):
            words = tuple(plain.fold(spelling).split())
            known = LegalForm(form, family, place)
            forms.setdefault(words, known)
            if len(words) > 1 and all(len(word) == 1 for word in words):
                forms.setdefault(("".join(words),), known)
    return forms, families
