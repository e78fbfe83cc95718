"""Words that several sections need, in both languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from integgraph.analysis.measures.answers import Answer, Inputs, Language, Text
from integgraph.analysis.measures.answers import grouped as grouped
from integgraph.analysis.reports.facts import AS_MEMBER, Unit
from integgraph.analysis.reports.model import Line, Thing

BOTH: tuple[Language, Language] = ("en", "de")
"""The languages that a report holds."""
MOST_ROWS = 30
"""Rows of a table that a report shows; the rest is counted."""
ACTOR = Text("Actor", "Akteur")
NETWORK = Text("Network", "Netzwerk")
NETWORKS = Text("Networks", "Netzwerke")
MEMBERS = Text("Members", "Mitglieder")
WHAT = Text("What", "Was")
NUMBER = Text("Number", "Anzahl")
UNKNOWN = Text("unknown", "unbekannt")
NONE = Text("none", "keine")
YES, NO = Text("yes", "ja"), Text("no", "nein")
STATES = (Text("known", "bekannt"), Text("stated none", "ausdrücklich keine"), Text("unknown", "unbekannt"))

TITLES: dict[str, Text] = {
    "known": Text("How much do we know?", "Wie viel wissen wir?"),
    "steers": Text("Who steers?", "Wer steuert?"),
    "holds": Text("Who holds this together?", "Wer hält es zusammen?"),
    "hub": Text("One hub or many?", "Ein Zentrum oder viele?"),
    "gaps": Text("Which groups does no one list?", "Welche Gruppen nennt niemand?"),
    "funder": Text("What if the city stopped?", "Was wäre, wenn die Stadt aufhörte?"),
    "leaves": Text("What if X left?", "Was wäre, wenn X ginge?"),
    "sectors": Text("Do sectors work together?", "Arbeiten die Sektoren zusammen?"),
    "different": Text("Is A built differently from B?", "Ist A anders gebaut als B?"),
    "changed": Text("What changed?", "Was hat sich geändert?"),
    "partners": Text("Who might we work with?", "Mit wem könnten wir arbeiten?"),
}
"""The plain questions, in their order."""

BESIDE: dict[str, Text] = {
    "holds": Text(
        "Listed together is not the same as working together.",
        "Gemeinsam verzeichnet heißt nicht: zusammen tätig.",
    ),
    "hub": Text(
        "Centralisation is stated for reported ties only, and not where there are fewer than six actors.",
        "Eine Zentralisierung wird nur für berichtete Verbindungen angegeben und nicht bei weniger als sechs Akteuren.",
    ),
    "gaps": Text("Not listed is not the same as not served.", "Nicht genannt heißt nicht: nicht versorgt."),
    "funder": Text(
        "On paper only: a profile may not name all sources, and an amount that is not stated is unknown, never zero.",
        "Nur auf dem Papier: Ein Profil nennt vielleicht nicht alle Quellen, und ein nicht genannter Betrag ist "
        "unbekannt, nie null.",
    ),
    "leaves": Text(
        "Structure only; says nothing about replacement.", "Nur der Aufbau; über Ersatz ist damit nichts gesagt."
    ),
    "sectors": Text(
        "Members of two sectors in one list do not have to work together. Undefined with one sector.",
        "Mitglieder zweier Sektoren in einer Liste müssen nicht zusammenarbeiten. Bei nur einem Sektor nicht bestimmt.",
    ),
    "different": Text("Not a ranking of quality.", "Keine Rangfolge nach Güte."),
    "changed": Text(
        "No longer listed is not the same as left: a newer source may just not name someone.",
        "Nicht mehr verzeichnet heißt nicht: ausgetreten. Eine neuere Quelle nennt vielleicht nur nicht alle.",
    ),
    "partners": Text(
        "Lists say who is listed, not who is free or willing.",
        "Listen sagen, wer verzeichnet ist, nicht, wer frei ist oder will.",
    ),
}
"""What must stand beside the answers to each question."""


def line(scope: Thing, answer: Answer[Any], unit: str = "", value: float | str | None = None) -> Line:
    """An answer with its scope; a number is its own short value."""
    # Names of member networks carry a mark, which German sentences write in German.
    sentence = ended(Text(answer.sentence.en, answer.sentence.de.replace(AS_MEMBER.en, AS_MEMBER.de)))
    shown = replace(answer, sentence=sentence)
    if value is None and isinstance(answer.value, int | float) and not isinstance(answer.value, bool):
        value = answer.value
    return Line(scope, shown, value if answer.value is not None else None, unit if answer.value is not None else "")


def ended(text: Text) -> Text:
    """A sentence with one full stop where a name at its end brought its own.

    >>> ended(Text("Listed: Zora e.V..", "Verzeichnet: Zora e.V..")).en
    'Listed: Zora e.V.'
    """
    return Text(*(re.sub(r"\.\.(?=\s|$)", ".", each) for each in (text.en, text.de)))


def basis_text(units: Sequence[Unit], *, lists: bool = False) -> Text:
    """What a figure of several units rests on: n, m and dates.

    Args:
        units: What it shows.
        lists: Whether it shows lists of members, and so leaves out networks whose members are not known.
    """
    actors = frozenset().union(*(unit.facts.actors for unit in units))
    networks = {iri for unit in units for iri in (unit.facts.known_networks if lists else unit.facts.networks)}
    ties = units[0].lists.ties if len(units) == 1 else None  # what lies in two places would count twice
    dates = tuple(sorted({date for unit in units for date in unit.facts.dates}))
    return Inputs(len(actors), len(networks), ties, dates).text


def plural(n: int, en: tuple[str, str], de: tuple[str, str]) -> Text:
    """A number with its noun, grouped by thousands.

    >>> plural(1200, ("network", "networks"), ("Netzwerk", "Netzwerke")).de
    '1.200 Netzwerke'
    """
    shown = f"{n:,}"
    return Text(f"{shown} {en[n != 1]}", f"{shown.replace(',', '.')} {de[n != 1]}")


def of_unit(text: Text, thing: Thing, several: bool = True) -> Text:
    """A sentence, with what it speaks of where there are several."""
    return Text(f"{thing.label.en}: {text.en}", f"{thing.label.de}: {text.de}") if several else text


def joined(names: Sequence[str], most: int = 6) -> Text:
    """Names as a list in a sentence, in the order given.

    >>> joined(["a", "b", "c"], 2).de
    'a, b und 1 weitere'
    """
    shown, more = ", ".join(names[:most]), len(names) - most
    return Text(f"{shown} and {more} more", f"{shown} und {more} weitere") if more > 0 else Text(shown, shown)


def enumerated(terms: Sequence[Text]) -> Text | None:
    """Terms side by side; ``None`` where there is none."""
    return Text(", ".join(each.en for each in terms), ", ".join(each.de for each in terms)) if terms else None
