"""How much two names share, word by word, each word weighed by how rare it is.

Words meet when they are equal, when two of one name are one compound in the other, when few letters differ, or when the
letters of one are the initials of others. What is left over counts against the pair: little for whole additions in
brackets or after a dash, for years and places, and for the acronym of the name itself.

Sources: W. W. Cohen, P. Ravikumar, S. E. Fienberg, "A comparison of string distance metrics for name-matching tasks",
IIWeb 2003 (soft TF-IDF); A. S. Schwartz, M. A. Hearst, "A simple algorithm for identifying abbreviation definitions in
biomedical text", PSB 2003 (acronyms).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import Indel

from integgraph.matching.names import Name, Word, initials

_SIMILAR = 0.8  # share of letters that two words need to be spellings of one
_SHORTEST = 4  # shorter words with a different letter are different words
_COMPOUND = 9  # letters of the shortest compound that is taken apart
_INITIALS = {2: 0.4, 3: 0.8}  # what an acronym of so many letters is worth against its words; longer ones are surer
_LONGER = 0.9
_INSIDE = 0.6  # the same where it takes letters from inside one compound
_OTHER_PART = 0.55  # how much words of a part that the other name has nothing of set the two apart
_SPELLED_OUT = 0.4  # the same for the words that a shared acronym stands for
_LETTER = 1.5  # how much more than its share a different letter counts
_FIRST = 0.15  # and a different first letter, which people mistype least
_MEANING = 0.9  # what a word is worth against one of the same meaning
_ONLY_PLACES = 0.5  # what is left of a likeness that comes from places alone: many bodies sit in one place
_ONLY_KIND = 0.6  # the same where they share the kind of body, and each says another one
_ORDER = 0.08  # share of the spelling as a whole, with the order of words, beside the words

_SHORT_SIDE, _LONG_SIDE = 1.4, 0.5
# What both names have for themselves sets them apart; what only one adds, a shorter spelling may have dropped.


@dataclass(frozen=True, slots=True)
class Similarity:
    """What two names share.

    Attributes:
        value: From 0 (nothing) to 1 (all).
        words: The words they share, as in the first name.
        spelled: Pairs of words that are spelled differently.
        acronyms: Acronyms that stand for words of the other name.
        missing: Words of either name that the other lacks.
    """

    value: float
    words: tuple[str, ...] = ()
    spelled: tuple[tuple[str, str], ...] = ()
    acronyms: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(slots=True)
class _Side:
    """One of the two names while they are compared: which of its words are still free."""

    name: Name
    weights: Sequence[float]
    free: dict[int, Word] = field(init=False)
    met: set[int] = field(default_factory=set)  # parts with a word that the other name shares
    rest: float = 0.0
    spelled_out: bool = False  # an acronym that the name spells out is shared: the other name says the same in short
    which: bool = False  # the other name shares a word that says which body it is, not only of what kind
    told: bool = False  # the other name shares a word that is no place

    def __post_init__(self) -> None:
        self.free = dict(enumerate(self.name.words))

    def take(self, at: int, share: float = 1.0) -> float:
        """A word has met one of the other name; returns its weight, and keeps what is not shared as left over."""
        word = self.free.pop(at)
        self.met.add(word.part)
        self.told = self.told or not word.place
        self.which = self.which or not (word.place or word.common or word.text.isdigit())
        self.spelled_out = self.spelled_out or word.initials
        self.rest += self.weights[at] * (1 - share)
        return self.weights[at] * share

    @property
    def own(self) -> bool:
        """Whether there are words left that say more than a place and its administration."""
        return any(not (word.place or word.reach or word.text.isdigit()) for word in self.free.values())

    @property
    def differs(self) -> bool:
        """Whether a word is left that says which body it is."""
        return any(
            not (word.place or word.common or word.initials or word.text.isdigit()) for word in self.free.values()
        )

    def left_over(self) -> float:
        """Weight of the words that the other name lacks."""
        return self.rest + sum(self.weights[at] * self._burden(word) for at, word in self.free.items())

    def _burden(self, word: Word) -> float:
        if word.initials:
            return 0.1
        burden = 1.0 if word.part in self.met else _OTHER_PART
        if self.spelled_out:
            burden *= _SPELLED_OUT
        return burden * 0.5 if word.place or word.text.isdigit() else burden


def similarity(one: Name, other: Name, left: Sequence[float], right: Sequence[float]) -> Similarity:
    """Compare two names.

    Args:
        one: A name.
        other: Another one.
        left: Weight of each word of the first.
        right: Weight of each word of the other.
    """
    if not one.words or not other.words:
        return Similarity(0.0)
    a, b = _Side(one, left), _Side(other, right)
    words: list[str] = []
    spelled: list[tuple[str, str]] = []
    acronyms: list[str] = []
    shared = _equal(a, b, words)
    if a.free and b.free:
        shared += _compounds(a, b, words) + _compounds(b, a, words)
    if a.free and b.free:
        shared += _spellings(a, b, spelled) + _meanings(a, b, spelled)
    if shared or not words:
        shared += _acronyms(a, b, acronyms) + _acronyms(b, a, acronyms)
    if not shared:
        return Similarity(0.0)
    low, high = sorted((a.left_over(), b.left_over()))
    value = shared / (shared + 2 * _SHORT_SIDE * low + _LONG_SIDE * (high - low))
    if not (a.told or b.told) and (a.own or b.own):
        value *= _ONLY_PLACES
    elif not (a.which or b.which) and a.differs and b.differs:
        value *= _ONLY_KIND
    if one.key != other.key:
        value *= 1 - _ORDER + _ORDER * Indel.normalized_similarity(one.key, other.key)
    missing = (*(word.text for word in a.free.values()), *(word.text for word in b.free.values()))
    return Similarity(value, tuple(words), tuple(spelled), tuple(acronyms), missing)


def _equal(a: _Side, b: _Side, words: list[str]) -> float:
    """Words that are the same; one that a name says twice counts once."""
    shared = 0.0
    where = {word.text: at for at, word in reversed(b.free.items())}
    said = set()
    for at, word in list(a.free.items()):
        if word.text in said:
            del a.free[at]
            continue
        said.add(word.text)
        found = where.get(word.text)
        if found is not None:
            shared += a.take(at) + b.take(found)
            words.append(word.text)
    if shared:
        for at, word in list(b.free.items()):
            if word.text in said:
                del b.free[at]
    return shared


def _compounds(a: _Side, b: _Side, words: list[str]) -> float:
    """Two or three neighbours of one name that are one word of the other; or its first and last part, in any order."""
    whole = {word.text: at for at, word in b.free.items() if len(word.text) >= _COMPOUND - 2}
    if not whole or len(a.free) < 2:
        return 0.0
    shared = 0.0
    for at in sorted(a.free):
        for length in (2, 3):
            run = range(at, at + length)
            if any(each not in a.free for each in run):
                break
            parts = [a.free[each].text for each in run]
            joined = next((text for text in ("".join(parts), "s".join(parts)) if text in whole), "")
            if joined:
                shared += sum(a.take(each) for each in run) + b.take(whole.pop(joined))
                words.append(joined)
                break
    for target, word in list(b.free.items()):
        text = word.text
        if len(text) < _COMPOUND:
            continue
        heads = [at for at, each in a.free.items() if len(each.text) >= _SHORTEST and text.startswith(each.text)]
        tails = [at for at, each in a.free.items() if len(each.text) >= _SHORTEST and text.endswith(each.text)]
        for head, tail in ((head, tail) for head in heads for tail in tails if head != tail):
            if 0 <= len(text) - len(a.free[head].text) - len(a.free[tail].text) <= 2:
                shared += a.take(head) + a.take(tail) + b.take(target)
                words.append(text)
                break
    return shared


def _spellings(a: _Side, b: _Side, spelled: list[tuple[str, str]]) -> float:
    """Words with few different letters, the most similar first; one that begins or ends another counts in part."""
    found = []
    for at, word in a.free.items():
        one = word.text
        if len(one) < _SHORTEST or one.isdigit():
            continue
        for against, each in b.free.items():
            two = each.text
            if len(two) < _SHORTEST or two.isdigit():
                continue
            alike = Indel.normalized_similarity(one, two, score_cutoff=_SIMILAR)
            if alike:
                alike = 1 - _LETTER * (1 - alike) - (one[0] != two[0]) * _FIRST
            short, long = (one, two) if len(one) < len(two) else (two, one)
            if len(short) > _SHORTEST and (long.startswith(short) or long.endswith(short)):
                alike = max(alike, 0.75 * len(short) / len(long))
            if alike:
                found.append((alike, at, against))
    shared = 0.0
    for alike, at, against in sorted(found, reverse=True):
        if at in a.free and against in b.free:
            spelled.append((a.free[at].text, b.free[against].text))
            shared += a.take(at, alike) + b.take(against, alike)
    return shared


def _meanings(a: _Side, b: _Side, spelled: list[tuple[str, str]]) -> float:
    """Words that mean the same, such as city, ville and Stadt."""
    shared = 0.0
    for at, word in list(a.free.items()):
        found = next((each for each, other in b.free.items() if word.meaning and other.meaning == word.meaning), None)
        if found is not None:
            spelled.append((word.text, b.free[found].text))
            shared += a.take(at, _MEANING) + b.take(found, _MEANING)
    return shared


def _acronyms(a: _Side, b: _Side, acronyms: list[str]) -> float:
    """Short words of one name whose letters are the initials of words of the other."""
    shared = 0.0
    sequence = b.name.sequence
    for at, word in list(a.free.items()):
        short = word.text
        if not 2 <= len(short) <= 8 or short.isdigit() or not (word.capitals or len(short) <= 5):
            continue
        for start, (first, _) in enumerate(sequence):
            length = initials(short, sequence, start) if first[0] == short[0] else 0
            covered = {text for text, filler in sequence[start : start + length] if not filler}
            hits = [against for against, each in b.free.items() if each.text in covered]
            inside = len(covered) == 1
            if not covered or (inside and (not hits or not a.met or b.free[hits[0]].place)):
                continue
            credit = _INSIDE if inside else _INITIALS.get(len(short), _LONGER)
            if len(hits) < len(covered):  # some of its words are matched already: it says them again
                credit = min(credit, 0.5) if hits else 0.0
            weight = sum(b.weights[against] for against in hits)
            shared += credit * (min(a.weights[at], weight) + weight)
            a.rest += 0.1 * a.weights[at]
            b.rest += (1 - credit) * 0.5 * weight
            for against in hits:
                b.met.add(b.free.pop(against).part)
            a.met.add(a.free.pop(at).part)
            a.told = a.which = True
            acronyms.append(short)
            break
    return shared
