"""One name, read: its words, legal form, acronym and places, what the body is and how far it reaches."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from integgraph.matching.lexicon import LegalForm, Lexicon
from integgraph.matching.places import Gazetteer

MAX_NAME = 1_000
"""Characters of a name that are read; no body has a longer one, and a hostile text may."""
_MAX_WORDS = 40
_INVISIBLE = frozenset({"Cf", "Cs"})

_GENDER = re.compile(r"(?<=\w)[*:_·](?=[iI]n(?:nen)?)")
_QUOTES = re.compile(r"(?<=\w)['’`´ʼ‘](?=\w)")
_WORD = re.compile(r"[^\W\d_]+[0-9]{1,2}(?![^\W_])|[0-9]{3,}(?=[^\W\d_])|[^\W_]+")
_PART = re.compile(r"[()\[\]{}]|\s[-–—‒|]+\s|[–—]|[,;:/|]|\s+c/o\s")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a name as it is compared.

    Attributes:
        text: The word, folded.
        part: Number of the part of the name, between brackets, dashes and commas, that it stands in.
        place: It is part of the name of a place.
        capitals: It is written in capitals where the rest is not, or is short enough to be an acronym.
        initials: It is an acronym of other words of the same name.
        meaning: What it shares with words of other languages, or other words of its own; empty for itself alone.
        reach: It says how far the body reaches, such as city or county.
        common: It says what kind of body it is, how far it reaches, or of which federation; not which one.
    """

    text: str
    part: int = 0
    place: bool = False
    capitals: bool = False
    initials: bool = False
    meaning: str = ""
    reach: bool = False
    common: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """A name, read.

    Attributes:
        text: As it stands, at most ``MAX_NAME`` characters.
        words: Its words without legal forms and fillers.
        sequence: The same with fillers, for acronyms: word, and whether it is a filler.
        forms: Families of the legal forms in it.
        form_ids: The legal forms themselves.
        places: Ids of the places it speaks of.
        levels: How far the body reaches, as far as words say.
        body: What the body is, as far as a word says; the first counts.
        generic: No word says which of many bodies of a kind it is.
        key: Its words with one space between: equal for names that say the same.
    """

    text: str
    words: tuple[Word, ...]
    sequence: tuple[tuple[str, bool], ...]
    forms: frozenset[str]
    form_ids: frozenset[str]
    places: frozenset[str]
    levels: frozenset[str]
    body: str
    generic: bool
    key: str

    @property
    def is_acronym(self) -> bool:
        """Whether it is nothing but one short word in capitals."""
        return len(self.words) == 1 and self.words[0].capitals and len(self.words[0].text) <= 6


class Reader:
    """Reads names.

    >>> reader = Reader()
    >>> name = reader.read("VHS Heidekreis e. V.")
    >>> [word.text for word in name.words], sorted(name.forms), name.body
    (['volkshochschule', 'heidekreis'], ['association'], 'adult-education')
    >>> reader.read("Verbund für Soziale Projekte gGmbH (VSP)").words[-1].initials
    True
    """

    def __init__(self, lexicon: Lexicon | None = None, places: Gazetteer | None = None) -> None:
        self.lexicon = lexicon or Lexicon.load()
        self.places = places or Gazetteer.load(lexicon=self.lexicon)
        self._senses: dict[str, tuple[tuple[str, str], ...]] = {}
        self._folded: dict[str, str] = {}

    def read(self, text: str) -> Name:
        """Read a name. Any text is read; one without letters and digits has no words."""
        text = _clean(text[:MAX_NAME])
        plain = _QUOTES.sub("", _GENDER.sub("", unescape(text)))
        shouting = plain.upper() == plain
        raw: list[tuple[str, str, int]] = []
        forms: set[str] = set()
        ids: set[str] = set()
        for number, part in enumerate(_parts(plain)):
            words = list(self._words(part))
            for start, end, form in self._legal_forms(words, addition=number > 0):
                forms.add(form.family)
                ids.add(form.id)
                words[start:end] = []
            raw.extend((token, folded, number) for token, folded in _joined(words))
            if len(raw) > _MAX_WORDS:
                break
        raw = raw[:_MAX_WORDS]
        expanded = list(self._expanded(raw, shouting))
        return self._name(text, expanded, frozenset(forms), frozenset(ids))

    def _words(self, part: str) -> Iterator[tuple[str, str]]:
        for token in _WORD.findall(part):
            folded = self._folded.get(token)
            if folded is None:
                folded = self.lexicon.fold(token)
                if len(self._folded) < 500_000:
                    self._folded[token] = folded
            for word in folded.split():
                yield token, word

    def _legal_forms(self, words: Sequence[tuple[str, str]], addition: bool) -> Iterator[tuple[int, int, LegalForm]]:
        """Legal forms in a part of a name, from the end, so that taking them out leaves the numbers before right."""
        folded = [word for _, word in words]
        end = last = len(folded)
        while end > 0:
            for length in range(min(self.lexicon.longest_form, end), 0, -1):
                form = self.lexicon.forms.get(tuple(folded[end - length : end]))
                if form is not None and _stands(form, end == length, end == last, addition):
                    yield end - length, end, form
                    if end == last:
                        last = end - length
                    end -= length
                    break
            else:
                end -= 1

    def _expanded(self, raw: Sequence[tuple[str, str, int]], shouting: bool) -> Iterator[tuple[str, int, bool]]:
        """Word, part, capitals; short forms with one meaning are written out, once."""
        seen = {word for _, word, _ in raw}
        for token, word, part in raw:
            capitals = 1 < len(word) <= 8 and token.isupper() and (not shouting or len(word) <= 5)
            long = self.lexicon.short.get(word)
            if long and (
                word not in self.lexicon.capitals or (token[:2].isupper() and (not shouting or len(word) > 2))
            ):
                if not all(other in seen for other in long):
                    yield from ((other, part, False) for other in long)
                    continue
                if len(long) == 1:
                    continue
            yield word, part, capitals

    def _name(
        self, text: str, expanded: Sequence[tuple[str, int, bool]], forms: frozenset[str], ids: frozenset[str]
    ) -> Name:
        fillers = self.lexicon.fillers
        texts = [word for word, _, _ in expanded]
        places, positions = self.places.in_words(texts)
        kept = [
            (index, word, part, capitals)
            for index, (word, part, capitals) in enumerate(expanded)
            if word not in fillers or index in positions
        ]
        if not kept:  # nothing but fillers: then they are the name
            kept = [(index, word, part, capitals) for index, (word, part, capitals) in enumerate(expanded)]
        sequence = tuple((word, word in fillers) for word in texts)
        short = {word for _, word, _, capitals in kept if capitals or len(word) <= 5}
        own = {word for word in short if len(texts) > 2 and len(word) > 1 and _is_initials(word, sequence)}
        words = tuple(
            self._word(word, part, index in positions, capitals, word in own) for index, word, part, capitals in kept
        )
        levels: set[str] = set()
        body = ""
        generic = True
        for word in words:
            senses = self._sense(word.text)
            for axis, value in senses:
                if axis == "level":
                    levels.add(value)
                elif axis == "body" and not body:
                    body = value
            says_which = all(axis == "synonym" for axis, _ in senses)
            if says_which and not word.place and not word.text.isdigit():
                generic = False
        key = " ".join(word.text for word in words)
        return Name(text, words, sequence, forms, ids, places, frozenset(levels), body, generic, key)

    def _word(self, text: str, part: int, place: bool, capitals: bool, acronym: bool) -> Word:
        senses = dict(self._sense(text))
        common = bool(senses.keys() - {"synonym"})
        return Word(text, part, place, capitals, acronym, senses.get("synonym", ""), "level" in senses, common)

    def _sense(self, word: str) -> tuple[tuple[str, str], ...]:
        found = self._senses.get(word)
        if found is None:
            found = tuple(self.lexicon.senses(word))
            if len(self._senses) < 500_000:
                self._senses[word] = found
        return found


def _stands(form: LegalForm, first: bool, final: bool, addition: bool) -> bool:
    """Whether a legal form stands where it can: a word that is a whole name is no legal form of it."""
    if form.where == "any":
        return True
    if first and final:
        return addition
    return (first and form.where in ("start", "edge")) or (final and form.where in ("end", "edge"))


def _clean(text: str) -> str:
    """Composed characters, without marks that no reader sees."""
    if text.isascii():
        return text
    return "".join(
        letter for letter in unicodedata.normalize("NFC", text) if unicodedata.category(letter) not in _INVISIBLE
    )


def _parts(text: str) -> Iterator[str]:
    """Parts of a name, between brackets, dashes and commas."""
    return (part for part in _PART.split(text) if part.strip())


def _joined(words: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Single letters that follow one another are one word: C. U. B. A."""
    run: list[tuple[str, str]] = []
    for token, word in [*words, ("", "")]:
        if len(word) == 1:
            run.append((token, word))
            continue
        if len(run) > 1:
            yield "".join(token for token, _ in run), "".join(word for _, word in run)
        else:
            yield from run
        run = []
        if word:
            yield token, word


def initials(short: str, sequence: Sequence[tuple[str, bool]], start: int = 0) -> int:
    """How many words from ``start`` on a short form stands for; 0 if its letters do not fit.

    Each word gives its first letter, in order; a filler may give none. One of three letters or less may take more than
    one from a word, because compounds do: SG for Sportgemeinschaft, TuS for Turn- und Sportverein.

    >>> initials("vfb", [("verein", False), ("fur", True), ("bewegungsspiele", False)])
    3
    >>> initials("sg", [("sportgemeinschaft", False)])
    1
    """
    if not short or start >= len(sequence) or sequence[start][1]:
        return 0
    return max(_fits(short, sequence, 0, start, len(short) <= 3) - start, 0)


def _fits(short: str, sequence: Sequence[tuple[str, bool]], letter: int, index: int, inside: bool) -> int:
    """The word after the last that takes part; -1 where the letters do not fit."""
    if letter == len(short):
        return index
    if index >= len(sequence):
        return -1
    word, filler = sequence[index]
    if word[0] == short[letter]:
        best = _fits(short, sequence, letter + 1, index + 1, inside)
        if best > 0:
            return best
        if inside and not filler and len(word) >= 8 and letter + 1 < len(short):
            # the second part of a compound is not at its very beginning or end
            if word.find(short[letter + 1], 3, len(word) - 3) > 0:
                best = _fits(short, sequence, letter + 2, index + 1, inside)
                if best > 0:
                    return best
    return _fits(short, sequence, letter, index + 1, inside) if filler else -1


def _is_initials(word: str, sequence: Sequence[tuple[str, bool]]) -> bool:
    """Whether a word is made of the first letters of at least two other words of its name."""
    others = [each for each in sequence if each[0] != word]
    return any(initials(word, others, start) >= 2 for start in range(len(others)))
