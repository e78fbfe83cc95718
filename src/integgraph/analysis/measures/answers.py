"""What a measure answers: a state, a value where there is one, what it was computed from, and a sentence to quote.

Four states, and a fixed sentence for each that is not a value::

    value      the number says something about the networks
    forced     the way the data are built fixes the number; it is shown, and never as a finding
    too small  too few actors, networks or ties for the number to say anything
    unknown    what the number would be made of is not known
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Generic, Literal, TypeVar

T = TypeVar("T")
Language = Literal["en", "de"]


class State(StrEnum):
    """How far an answer may be relied on."""

    VALUE = "value"
    FORCED = "forced"
    TOO_SMALL = "too small"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Text:
    """The same in English and German.

    >>> Text("none", "keine")["de"]
    'keine'
    """

    en: str
    de: str

    def __getitem__(self, language: Language) -> str:
        return self.de if language == "de" else self.en


@dataclass(frozen=True, slots=True)
class Basis:
    """What the data rest on, as the caller knows it: status dates and sources, in the caller's words."""

    dates: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inputs:
    """What an answer was computed from.

    Attributes:
        actors: Number of actors; ``None`` where the measure does not look at actors.
        networks: Number of networks; likewise.
        ties: Number of ties; likewise.
        dates: Status dates of the profiles, as given.
        sources: Their sources, as given.

    >>> Inputs(3, 1, 3, ("2021-01",)).text.en
    '3 actors, 1 network, 3 ties; status 2021-01'
    """

    actors: int | None = None
    networks: int | None = None
    ties: int | None = None
    dates: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def text(self) -> Text:
        """The counts and dates in words."""
        words = (
            (self.actors, ("actor", "actors"), ("Akteur", "Akteure")),
            (self.networks, ("network", "networks"), ("Netzwerk", "Netzwerke")),
            (self.ties, ("tie", "ties"), ("Verbindung", "Verbindungen")),
        )
        known = [(n, en[n != 1], de[n != 1]) for n, en, de in words if n is not None]
        en, de = (", ".join(f"{each[0]} {each[at]}" for each in known) for at in (1, 2))
        if not self.dates:
            return Text(en, de)
        span = self.dates[0] if len(set(self.dates)) == 1 else f"{min(self.dates)}–{max(self.dates)}"
        return Text(*("; ".join(filter(None, pair)) for pair in ((en, f"status {span}"), (de, f"Stand {span}"))))


def _no_details() -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What a measure says of some data.

    Attributes:
        measure: Key of the measure, such as ``two-mode-density``.
        state: Whether ``value`` may be quoted as a finding.
        value: The result; ``None`` exactly where the state is *too small* or *unknown*. Never ``nan``.
        inputs: What it was computed from.
        sentence: The sentence that may be quoted, in English and German.
        details: What stands beside the value: intermediate counts, ranges, what was left out and why.
    """

    measure: str
    state: State
    value: T | None
    inputs: Inputs
    sentence: Text
    details: Mapping[str, Any] = field(default_factory=_no_details)

    def __post_init__(self) -> None:
        if (self.value is None) != (self.state in (State.TOO_SMALL, State.UNKNOWN)):
            raise ValueError(f"{self.measure}: the state '{self.state}' does not fit the value {self.value!r}.")
        if isinstance(self.value, float) and not math.isfinite(self.value):
            raise ValueError(f"{self.measure}: {self.value} is not a number that can be quoted.")

    @property
    def found(self) -> T:
        """The value, for callers that have looked at the state; ``ValueError`` where there is none."""
        if self.value is None:
            raise ValueError(self.sentence.en)
        return self.value

    def quote(self, language: Language = "en") -> str:
        """The sentence with what it rests on.

        >>> size = Measure("size", Text("Size", "Größe"), Text("", ""))
        >>> size.value(3, Inputs(3), Text("Three.", "Drei.")).quote("de")
        'Drei. (3 Akteure)'
        """
        basis = self.inputs.text[language]
        return f"{self.sentence[language]} ({basis})" if basis else self.sentence[language]

    def plain(self) -> dict[str, Any]:
        """The answer as JSON can hold it: keys become text, tuples lists."""
        inputs = {name: _plain(getattr(self.inputs, name)) for name in Inputs.__slots__}
        return {
            "measure": self.measure,
            "state": str(self.state),
            "value": _plain(self.value),
            "inputs": inputs,
            "sentence": {"en": self.sentence.en, "de": self.sentence.de},
            "details": _plain(self.details),
        }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_key(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, set | frozenset):
        return sorted((_plain(each) for each in value), key=str)
    if hasattr(value, "__slots__") and hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _key(key: Any) -> str:
    return " | ".join(map(str, key)) if isinstance(key, tuple) else str(key)


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure: what it is called, which plain question it answers, and how it words its answers.

    >>> clustering = Measure("clustering", Text("Clustering", "Clusterung"), Text("", ""))
    >>> clustering.forced(1.0, Inputs(3, 1), ONE_LIST).sentence.en
    'Clustering is 1, but the way the data are built fixes this number: all actors stand in one list. \
It is not a finding.'
    """

    key: str
    name: Text
    question: Text

    def value(self, found: T, inputs: Inputs, sentence: Text, **details: Any) -> Answer[T]:
        """An answer that says something, in the words of ``sentence``."""
        return Answer(self.key, State.VALUE, found, inputs, sentence, details)

    def forced(self, found: T, inputs: Inputs, reason: Text, **details: Any) -> Answer[T]:
        """A number that the construction of the data fixes."""
        shown = {lang: _shown(found, lang) for lang in _LANGUAGES}
        sentence = Text(
            f"{self.name.en} is {shown['en']}, but the way the data are built fixes this number: {reason.en}. "
            "It is not a finding.",
            f"{self.name.de}: {shown['de']}. Diese Zahl legt der Aufbau der Daten fest: {reason.de}. "
            "Sie ist kein Befund.",
        )
        return Answer(self.key, State.FORCED, found, inputs, sentence, details)

    def too_small(self, inputs: Inputs, reason: Text, **details: Any) -> Answer[Any]:
        """No number, because too little is there for one to mean anything."""
        sentence = Text(
            f"{self.name.en}: too small to say. {_upper(reason.en)}.",
            f"{self.name.de}: zu klein für eine Aussage. {_upper(reason.de)}.",
        )
        return Answer(self.key, State.TOO_SMALL, None, inputs, sentence, details)

    def unknown(self, inputs: Inputs, reason: Text, **details: Any) -> Answer[Any]:
        """No number, because what it would be made of is not known."""
        sentence = Text(
            f"{self.name.en}: not known. {_upper(reason.en)}.", f"{self.name.de}: nicht bekannt. {_upper(reason.de)}."
        )
        return Answer(self.key, State.UNKNOWN, None, inputs, sentence, details)


_LANGUAGES: tuple[Language, ...] = ("en", "de")
ONE_LIST = Text("all actors stand in one list", "alle Akteure stehen in einer Liste")
NO_MEMBERS = Text("no list of members is known", "es ist keine Mitgliederliste bekannt")
NO_TIES = Text("no tie is known", "es ist keine Verbindung bekannt")
ONLY_LISTS = Text(
    "only lists of members are known; standing in one list is not a reported tie",
    "bekannt sind nur Mitgliederlisten; in einer Liste zu stehen ist keine berichtete Verbindung",
)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _shown(found: Any, language: Language) -> str:
    if isinstance(found, int | float):
        return number(found)[language]
    if isinstance(found, Mapping) and found:
        shown = sorted({_shown(each, language) for each in found.values()})
        if len(shown) == 1:
            return shown[0]
    return Text("the same for all", "für alle gleich")[language]


def number(value: float, digits: int = 2) -> Text:
    """A number as each language writes it, without trailing zeros.

    >>> number(0.35317).de
    '0,35'
    >>> number(-1.0).en, number(1234.0).en
    ('−1', '1234')
    """
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    text = "0" if text == "-0" else text.replace("-", "−")
    return Text(text, text.replace(".", ","))


def percent(share: float) -> Text:
    """A share as a percentage.

    >>> percent(0.404).en
    '40 %'
    """
    text = number(100 * share, 0).en
    return Text(f"{text} %", f"{text} %")


def grouped(en: str, de: str) -> Text:
    """A sentence with numbers that are grouped by commas; German groups them by points.

    >>> grouped("1,200 of 3,000, as stated.", "1,200 von 3,000, wie angegeben.").de
    '1.200 von 3.000, wie angegeben.'
    """
    return Text(en, re.sub(r"(?<=\d),(?=\d{3}\b)", ".", de))


def count(n: int, en: tuple[str, str], de: tuple[str, str]) -> Text:
    """A number with its noun in the right number.

    >>> count(1, ("actor", "actors"), ("Akteur", "Akteure")).en
    '1 actor'
    """
    return Text(f"{n} {en[n != 1]}", f"{n} {de[n != 1]}")


def named(names: Any, most: int = 5) -> Text:
    """Some names as a list, with how many more there are.

    >>> named(["b", "a"]).en
    'a, b'
    >>> named("abcdefg", 2).de
    'a, b und 5 weitere'
    """
    sorted_names = sorted(map(str, names))
    shown = ", ".join(sorted_names[:most])
    more = len(sorted_names) - most
    return Text(f"{shown} and {more} more", f"{shown} und {more} weitere") if more > 0 else Text(shown, shown)


def with_basis(inputs: Inputs, basis: Basis) -> Inputs:
    """Counts, with dates and sources as given."""
    return replace(inputs, dates=basis.dates, sources=basis.sources)


NOTHING_GIVEN = Basis()
"""Neither dates nor sources are given."""
