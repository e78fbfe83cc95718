"""What changed between two dated lists, and how much two lists overlap."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from integgraph.analysis.measures.answers import (
    NOTHING_GIVEN,
    Answer,
    Basis,
    Inputs,
    Measure,
    Text,
    count,
    named,
    percent,
)
from integgraph.analysis.measures.twomode import Node

CHANGE = Measure(
    "change",
    Text("Change of members", "Wechsel der Mitglieder"),
    Text("Who joined, who is no longer listed?", "Wer kam hinzu, wer ist nicht mehr verzeichnet?"),
)
OVERLAP = Measure(
    "list-overlap",
    Text("Overlap of lists", "Überschneidung der Listen"),
    Text("Duplicated or complementary?", "Doppelt oder ergänzend?"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """What two dated lists have in common.

    Attributes:
        joined: Listed only in the later one.
        no_longer_listed: Listed only in the earlier one; that is not to say that they left.
        stayed: Listed in both.
        jaccard: Share of all that both list.
        turnover: Exchange of members that a change of size does not explain (β_sim), from 0 to 1; ``None`` where one of
            the lists is empty.
        size_part: What of the difference (1 − Jaccard's Sørensen form) the change of size explains; likewise.
    """

    joined: tuple[Node, ...]
    no_longer_listed: tuple[Node, ...]
    stayed: tuple[Node, ...]
    jaccard: float
    turnover: float | None
    size_part: float | None


def change(
    earlier: Collection[Node] | None,
    later: Collection[Node] | None,
    dates: tuple[str, str] | None = None,
    *,
    basis: Basis = NOTHING_GIVEN,
) -> Answer[Change]:
    """Who is listed in one of two dated profiles of a network only.

    Definition: a members of both, b only of the later and c only of the earlier list; Jaccard's similarity, and the
        part of the dissimilarity that is exchange rather than growth.
    Formula: J = a/(a+b+c); β_sor = (b+c)/(2a+b+c); β_sim = min(b,c)/(a+min(b,c)); the rest, β_sor − β_sim, is size.
    States: *value* for two dated lists; *unknown* where a list or a date is missing, or both dates are the same.
    Caveat: "no longer listed" does not mean "left": lists are incomplete, and members change their names.
    Reference: Jaccard, P. (1901) Étude comparative de la distribution florale. Bulletin de la Société Vaudoise des
        Sciences Naturelles 37, 547–579; Baselga, A. (2010) Partitioning the turnover and nestedness components of beta
        diversity. Global Ecology and Biogeography 19, 134–143.

    Args:
        earlier: Members of the earlier list; ``None`` where none is known.
        later: Members of the later list; likewise.
        dates: Status dates of the two, in EDTF.
        basis: Dates and sources, as given.

    >>> found = change({"a", "b", "c"}, {"b", "c", "d"}, ("2021-01", "2024")).found
    >>> found.joined, found.no_longer_listed, found.jaccard, round(found.turnover, 3)
    (('d',), ('a',), 0.5, 0.333)
    """
    shown = tuple(dates) if dates and all(dates) else basis.dates
    inputs = Inputs(len(set(earlier or ()) | set(later or ())), 1, None, shown, basis.sources)
    if earlier is None or later is None:
        return CHANGE.unknown(inputs, Text("one of the two lists is not known", "eine der Listen ist nicht bekannt"))
    if not dates or not all(dates) or dates[0] == dates[1]:
        undated = Text("it takes two lists of different dates", "es braucht zwei Listen verschiedenen Datums")
        return CHANGE.unknown(inputs, undated)
    if dates[0] > dates[1]:
        turned = Text(
            f"the list of {dates[0]} is not earlier than that of {dates[1]}",
            f"die Liste von {dates[0]} ist nicht älter als die von {dates[1]}",
        )
        return CHANGE.unknown(inputs, turned)
    if not set(earlier) | set(later):
        return CHANGE.unknown(inputs, Text("both lists are empty", "beide Listen sind leer"))
    found = compare(earlier, later)
    sentence = Text(
        f"Between {dates[0]} and {dates[1]}, {len(found.joined)} joined and {len(found.no_longer_listed)} are no "
        f"longer listed; {len(found.stayed)} stayed.",
        f"Zwischen {dates[0]} und {dates[1]} kamen {len(found.joined)} hinzu, {len(found.no_longer_listed)} sind nicht "
        f"mehr verzeichnet; {len(found.stayed)} blieben.",
    )
    return CHANGE.value(found, inputs, sentence)


def compare(earlier: Collection[Node], later: Collection[Node]) -> Change:
    """Two lists set against each other, dated or not."""
    before, after = set(earlier), set(later)
    both, new, gone = before & after, after - before, before - after
    a, b, c = len(both), len(new), len(gone)
    every = a + b + c
    turnover = min(b, c) / (a + min(b, c)) if before and after else None
    size_part = (b + c) / (2 * a + b + c) - turnover if turnover is not None else None
    ordered = (tuple(sorted(part, key=str)) for part in (new, gone, both))
    joined, left, stayed = ordered
    return Change(joined, left, stayed, a / every if every else 1.0, turnover, size_part)


def list_overlap(
    one: Collection[Node] | None, other: Collection[Node] | None, *, basis: Basis = NOTHING_GIVEN
) -> Answer[float]:
    """How much two networks list the same fields or target groups.

    Definition: entries that both lists have, as a share of the entries of either.
    Formula: |A∩B| / |A∪B|.
    States: *value* where both lists are known and not both empty; *unknown* else.
    Caveat: overlap may be duplication or a common ground; the lists do not say which.
    Reference: Jaccard, P. (1901) Étude comparative de la distribution florale. Bulletin de la Société Vaudoise des
        Sciences Naturelles 37, 547–579.

    Args:
        one: Entries of one list; ``None`` where they are not known.
        other: Entries of the other.
        basis: Dates and sources, as given.

    >>> answer = list_overlap({"language", "health"}, {"language", "housing"})
    >>> round(answer.found, 2), answer.sentence.en
    (0.33, 'Both list 1 of 3 entries (33 %): language.')
    """
    inputs = Inputs(networks=2, dates=basis.dates, sources=basis.sources)
    if one is None or other is None:
        return OVERLAP.unknown(inputs, Text("one of the two lists is not known", "eine der Listen ist nicht bekannt"))
    either, both = set(one) | set(other), set(one) & set(other)
    if not either:
        return OVERLAP.unknown(inputs, Text("both lists are empty", "beide Listen sind leer"))
    found = len(both) / len(either)
    share, names = percent(found), named(both)
    entries = count(len(either), ("entry", "entries"), ("Eintrag", "Einträgen"))
    sentence = Text(
        f"Both list {len(both)} of {entries.en} ({share.en}){': ' + names.en if both else ''}.",
        f"Beide nennen {len(both)} von {entries.de} ({share.de}){': ' + names.de if both else ''}.",
    )
    return OVERLAP.value(found, inputs, sentence, shared=tuple(sorted(both, key=str)))
