"""The words of the pages that come from no shape and no vocabulary, in English and German.

One module for each kind of page; every key stands in one of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from integgraph.errors import OntologyError
from integgraph.web.words import about, common, comparing, graphs, importing, lists, publishing, querying, things

_ROOMS = (about, common, comparing, graphs, importing, lists, publishing, querying, things)


def _all() -> dict[str, tuple[str, str]]:
    twice = [key for key, times in Counter(key for room in _ROOMS for key in room.WORDS).items() if times > 1]
    if twice:
        raise OntologyError(f"Two kinds of pages have words under one key: {', '.join(twice)}.")
    return {key: words for room in _ROOMS for key, words in room.WORDS.items()}


WORDS: Mapping[str, tuple[str, str]] = _all()
"""English and German by key."""


def say(key: str, language: str, **values: object) -> str:
    """The words for ``key`` in a language, with ``{values}`` filled in."""
    return WORDS[key][1 if language == "de" else 0].format(**values)


def numeral(number: int, language: str) -> str:
    """A whole number as a language writes it.

    >>> numeral(12345, "en"), numeral(12345, "de")
    ('12,345', '12.345')
    """
    return f"{number:,}".replace(",", ".") if language == "de" else f"{number:,}"
