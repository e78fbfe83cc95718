"""Which representation and which language a client wants. Source: RFC 9110, section 12.5.

>>> page, turtle = Choice("html", ("text/html",)), Choice("turtle", ("text/turtle",))
>>> choose("text/turtle, */*;q=0.1", [page, turtle]).name
'turtle'
>>> choose("image/png", [page, turtle]) is None
True
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """One representation on offer.

    Attributes:
        name: What the server calls it.
        media_types: What it is sent as, then other names clients use for it. Those count only where a client writes
            them out: a wildcard never means them.
    """

    name: str
    media_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """One entry of an ``Accept`` or ``Accept-Language`` header: a value, perhaps with wildcards, and its weight."""

    value: str
    quality: float

    @property
    def precision(self) -> int:
        """How exactly it speaks: 0 for ``*/*``, 1 for ``text/*``, 2 for ``text/html``."""
        return 2 - self.value.count("*")

    def covers(self, media_type: str) -> bool:
        """Whether a media type falls under it."""
        kind, _, rest = self.value.partition("/")
        own, _, sub = media_type.partition("/")
        return kind in ("*", own) and rest in ("*", sub)


def parse(header: str) -> list[Range]:
    """Read the header; what is malformed in it is left out, parameters other than ``q`` do not count.

    >>> parse("text/html;level=1;q=0.5, nonsense;q=x")
    [Range(value='text/html', quality=0.5)]
    """
    ranges = []
    for entry in header.split(","):
        value, *parameters = (part.strip() for part in entry.split(";"))
        weights = [text[2:] for text in parameters if text.lower().startswith("q=")]
        quality = _quality(weights[0]) if weights else 1.0
        if value and quality is not None:
            ranges.append(Range(value.lower(), quality))
    return ranges


def _quality(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number <= 1 else None


def choose(accept: str | None, choices: Sequence[Choice]) -> Choice | None:
    """The representation that fits best, or ``None`` where none does.

    For each one the most exact entry of the header decides; equal weights are decided by the server's order. Without
    a header the first one is taken.
    """
    ranges = [each for each in parse(accept or "") if "/" in each.value]
    if not ranges:
        return choices[0]
    weights = [_weight(choice, ranges) for choice in choices]
    best = max(weights)
    return choices[weights.index(best)] if best > 0 else None


def _weight(choice: Choice, ranges: Sequence[Range]) -> float:
    own, *others = choice.media_types
    covering = [each for each in ranges if each.covers(own)]
    weight = max(covering, key=lambda each: (each.precision, each.quality)).quality if covering else 0.0
    return max([weight, *(each.quality for each in ranges if each.value in others)])


def choose_language(accept_language: str | None, languages: Sequence[str]) -> str:
    """The language that fits best, else the first. ``de-AT`` asks for ``de``. Source: RFC 4647, section 3.4 (lookup).

    >>> choose_language("fr, de-AT;q=0.8, en;q=0.5", ["en", "de"])
    'de'
    """
    ranges = sorted(parse(accept_language or ""), key=lambda each: -each.quality)
    for each in ranges:
        wanted = each.value.partition("-")[0]
        if each.quality > 0 and wanted in languages:
            return wanted
    return languages[0]
