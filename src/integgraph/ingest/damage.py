"""What documents do to a text on its way: found, mended where there is only one way, and otherwise asked about.

Exporting, copying and converting damage a text in few and known ways. Those that can be undone with certainty are
undone and marked ``repaired``; where something is lost or could be meant either way, the text stays as it is and is
marked ``damaged``, so that a person looks at the source. Nothing here knows the form.

Sources: Unicode 16.0, chapter 7.1 (Latin ligatures); UTF-8 (RFC 3629) read as Windows-1252 (WHATWG Encoding, 9.1);
Wingdings and Symbol in the private use area U+F000–U+F0FF, as word processors write bullets.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

Kind = Literal["repaired", "damaged", "ambiguous", "unplaced"]
"""As ``problem`` of an open question in a record."""

_MOST = 5  # examples of one kind of damage that a row shows
_SHOWN = 80  # characters of an example

_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_LIGATURE = re.compile("[ﬀ-ﬆ]")
# The bytes 80 to BF of UTF-8, as they look when they are read as Windows-1252 or Latin-1.
_TRAILING = "\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_MISREAD = re.compile(
    f"(?:[\u00c2-\u00df][{_TRAILING}]|[\u00e0-\u00ef][{_TRAILING}]{{2}}|[\u00f0-\u00f4][{_TRAILING}]{{3}})+"
)
_SPACING_DIAERESIS = re.compile("([aouAOU])\u00a8|\u00a8([aouAOU])")
_LOST = re.compile(r"\ufffd|(?<=\w)¿(?=\w)|(?<=[a-zäöüß])\?(?=[a-zäöüß])")
_OF_ADDRESSES = re.compile(r"[/=@]|www\.")
_PRIVATE_BULLET = re.compile(r"[ \t]*[\uf000-\uf0ff\u25aa\u25cf\u25a0\u2756\u27a2\u2713\u2714][ \t]*(?=\S)")
_LETTER_BULLET = re.compile(r"[ \t]*([o§vnlqØ¡])[ \t]+(?=\S)")
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_PAGE_NUMBER = re.compile(
    r"(?:(?:page|seite|p\.|s\.)\s*\d{1,4}(?:\s*(?:of|von|/)\s*\d{1,4})?|[-–—]\s*\d{1,4}\s*[-–—]|\d{1,4}\s*(?:/|of|von)\s*\d{1,4})",
    re.I,
)
_BROKEN_WORD = re.compile(r"\b[^\W\d_]{2,40}- (?!(?:und|oder|and|or|bzw|bis|to|sowie|as|wie)\b)[a-zäöüß]{2,40}\b")
_BROKEN_ADDRESS = re.compile(r"(?:https?:\s+//|https?://\s+\S|www\.\s+\S|\bhttps?//|\bhttp?s?:/(?=[^/\s]))\S*", re.I)


@dataclass(frozen=True, slots=True)
class Mark:
    """One damage of a text.

    Attributes:
        problem: ``repaired`` where the text was mended, ``damaged`` where a person must look at the source,
            ``ambiguous`` where it could be meant in another way.
        explanation: What was found, in a sentence.
        raw: What stood there.
    """

    problem: Kind
    explanation: str
    raw: str


def mend(text: str, running: Collection[str] = ()) -> tuple[str, tuple[Mark, ...]]:
    r"""A text without the damage that can be undone, and marks for all that was found.

    Args:
        text: The text of a value, line by line.
        running: Lines that the document repeats on its pages, such as its title; they do not belong to a value.

    >>> text, marks = mend("GrÃ¼ne Oﬃziere\nPage 2 of 4\nund Fl¿chtlinge")
    >>> text
    'Grüne Offiziere\nund Fl¿chtlinge'
    >>> [(mark.problem, mark.raw) for mark in marks]
    [('repaired', 'Oﬃziere'), ('repaired', 'GrÃ¼ne'), ('repaired', 'Page 2 of 4'), ('damaged', 'Fl¿chtlinge')]
    """
    found = _Mending(unicodedata.normalize("NFC", text))
    if not found.text.isascii():
        found.replace(_LIGATURE, lambda match: _LIGATURES[match[0]], "A ligature was spelled out.")
        for _ in range(2):  # read wrongly twice, as happens to what travels through two programs
            found.replace(_MISREAD, _as_utf8, "Letters that were read in the wrong encoding were put right.")
        found.replace(
            _SPACING_DIAERESIS,
            lambda match: unicodedata.normalize("NFC", (match[1] or match[2]) + "\u0308"),
            "A letter and the dots above it stood apart and were put together.",
        )
    found.without_running(running)
    found.bullets()
    found.lost()
    found.ask(_PRIVATE, "A sign of a font that is not here. Look it up in the source.")
    found.ask(_BROKEN_WORD, "This may be one word that a line end broke. Join it, or leave it.")
    found.ask(_BROKEN_ADDRESS, "This address seems broken. Look it up in the source.")
    return found.text, tuple(found.marks)


def _as_utf8(match: re.Match[str]) -> str:
    raw = bytearray()
    for sign in match[0]:
        try:
            raw += sign.encode("cp1252")
        except UnicodeEncodeError:
            raw += sign.encode("latin-1", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return match[0]


class _Mending:
    """A text, and what was found in it so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.marks: list[Mark] = []

    def replace(self, pattern: re.Pattern[str], by: Callable[[re.Match[str]], str], explanation: str) -> None:
        raws: list[str] = []

        def replaced(match: re.Match[str]) -> str:
            new = by(match)
            if new != match[0] and len(raws) < _MOST:
                raws.append(_word_around(match))
            return new

        text = pattern.sub(replaced, self.text)
        self._mark("repaired", explanation, raws)
        self.text = text

    def ask(self, pattern: re.Pattern[str], explanation: str) -> None:
        self._mark("damaged", explanation, [match[0] for match in islice(pattern.finditer(self.text), _MOST)])

    def lost(self) -> None:
        """Ask about signs that stand where a letter was; a question mark within an address is its own."""
        words: list[str] = []
        for match in _LOST.finditer(self.text):
            word = _word_around(match)
            if match[0] != "?" or not _OF_ADDRESSES.search(word):
                words.append(word.strip(".,;:()"))
            if len(words) == _MOST:
                break
        self._mark("damaged", "A character was lost here. Look it up in the source.", words)

    def without_running(self, running: Collection[str]) -> None:
        """Take page numbers and repeated titles out of a value of several lines."""
        lines = self.text.split("\n")
        kept = [line for line in lines if not (_PAGE_NUMBER.fullmatch(line.strip()) or line.strip() in running)]
        if len(kept) == len(lines) or not any(line.strip() for line in kept):
            return
        taken = [line.strip() for line in lines if line not in kept]
        self._mark("repaired", "A header or footer of the page stood within the value and was taken out.", taken)
        self.text = "\n".join(kept)

    def bullets(self) -> None:
        """Signs and letters that a font showed as bullets become bullets."""
        lines = self.text.split("\n")
        lettered = [match for line in lines if (match := _LETTER_BULLET.match(line))]
        letters = {match[1] for match in lettered}
        # One line may begin with a letter or a paragraph sign of its own; several with the same are a list.
        many = {
            sign for sign in letters if sum(match[1] == sign for match in lettered) > 1 and not _numbered(sign, lines)
        }
        raws: list[str] = []
        for at, line in enumerate(lines):
            match = _PRIVATE_BULLET.match(line)
            if match is None:
                match = _LETTER_BULLET.match(line)
                if match is None or match[1] not in many:
                    continue
                raws.append(line)
            elif _PRIVATE.search(match[0]):
                raws.append(line)
            lines[at] = "- " + line[match.end() :]
        self._mark("repaired", "A letter or sign that stood for a bullet was read as one.", raws)
        self.text = "\n".join(lines)

    def _mark(self, problem: Kind, explanation: str, raws: Sequence[str]) -> None:
        for raw in list(dict.fromkeys(raws))[:_MOST]:
            self.marks.append(Mark(problem, explanation, raw if len(raw) <= _SHOWN else raw[:_SHOWN] + "…"))


def _numbered(sign: str, lines: Sequence[str]) -> bool:
    """Whether a paragraph sign stands before numbers: then it cites a law."""
    return sign == "§" and any(re.match(r"[ \t]*§[ \t]*\d", line) for line in lines)


def _word_around(match: re.Match[str]) -> str:
    """The word that a match stands in."""
    text, start, end = match.string, match.start(), match.end()
    while start > 0 and match.start() - start < _SHOWN and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and end - match.end() < _SHOWN and not text[end].isspace():
        end += 1
    return text[start:end]
