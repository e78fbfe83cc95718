"""Which target groups no network lists together with which fields, region by region."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from integgraph.analysis.measures.answers import (
    NOTHING_GIVEN,
    Answer,
    Basis,
    Inputs,
    Measure,
    Text,
    count,
)
from integgraph.analysis.measures.twomode import Floats

COVERAGE = Measure(
    "coverage",
    Text("Coverage", "Abdeckung"),
    Text("Which groups does no one list, where?", "Welche Gruppen nennt wo niemand?"),
)


class Cell(StrEnum):
    """How a field and a group are covered in a region."""

    GAP = "gap"
    THIN = "thin"
    COVERED = "covered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Listing:
    """What one network lists.

    Attributes:
        region: Where it works.
        fields: Its fields of action; ``None`` where they are not known.
        groups: Its target groups; likewise.
    """

    region: str
    fields: Collection[str] | None
    groups: Collection[str] | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many networks list a field and a group together, for each region.

    Attributes:
        counts: ``counts[region][field][group]``; ``None`` where it is not known.
        known: Networks of each region whose lists are known, and networks altogether.
    """

    counts: dict[str, dict[str, dict[str, int | None]]]
    known: dict[str, tuple[int, int]]

    def cell(self, region: str, field: str, group: str) -> Cell:
        """What the count means: none is a gap, one is thin."""
        found = self.counts.get(region, {}).get(field, {}).get(group)
        if found is None:
            return Cell.UNKNOWN
        return (Cell.GAP, Cell.THIN, Cell.COVERED)[min(found, 2)]

    @property
    def gaps(self) -> list[tuple[str, str, str]]:
        """Region, field and group of every gap."""
        return [
            (region, field, group)
            for region, fields in self.counts.items()
            for field, groups in fields.items()
            for group, found in groups.items()
            if found == 0
        ]


def coverage(
    networks: Iterable[Listing],
    fields: Sequence[str] | None = None,
    groups: Sequence[str] | None = None,
    *,
    basis: Basis = NOTHING_GIVEN,
) -> Answer[Coverage]:
    """Which fields and target groups no network of a region lists together.

    Definition: for each region, field and group the number of networks that list both: 0 a gap, 1 thin, 2 or more
        covered.
    Formula: c(field, group, region) = number of networks of the region that list both.
    States: *value* where some region has a network with known lists; *unknown* else. A cell is *unknown* where no list
        of the region is known; and where none of the known lists has both, but another list of the region is unknown.
    Caveat: not listed is not the same as not served. The form does not link fields to groups: "both listed by the same
        network" is all that it says.
    Reference: –

    Args:
        networks: What each network lists.
        fields: The fields to look at; by default all that are listed.
        groups: The groups to look at; likewise.
        basis: Dates and sources, as given.

    >>> answer = coverage([Listing("Harz", {"language"}, {"refugees"}), Listing("Harz", {"health"}, {"migrants"})])
    >>> answer.found.cell("Harz", "language", "migrants"), answer.found.cell("Harz", "language", "refugees")
    (<Cell.GAP: 'gap'>, <Cell.THIN: 'thin'>)
    >>> answer.sentence.en
    '2 of 4 pairs of a field and a group are listed by no network of their region; not listed is not the same as not \
served.'
    """
    every = list(networks)
    known = [each for each in every if each.fields is not None and each.groups is not None]
    inputs = Inputs(networks=len(every), dates=basis.dates, sources=basis.sources)
    rows = list(fields) if fields is not None else sorted({name for each in known for name in each.fields or ()})
    columns = list(groups) if groups is not None else sorted({name for each in known for name in each.groups or ()})
    if not known or not rows or not columns:
        nothing = Text(
            "no network with both fields and target groups is known",
            "es ist kein Netzwerk mit Handlungsfeldern und Zielgruppen bekannt",
        )
        return COVERAGE.unknown(inputs, nothing)
    by_region: dict[str, list[Listing]] = defaultdict(list)
    for each in every:
        by_region[each.region].append(each)
    counts = {region: _counts(by_region[region], rows, columns) for region in sorted(by_region)}
    sure_ones = Counter(each.region for each in known)
    totals = {region: (sure_ones[region], len(by_region[region])) for region in counts}
    found = Coverage(counts, totals)
    cells = [value for by_field in counts.values() for by_group in by_field.values() for value in by_group.values()]
    sure = sum(value is not None for value in cells)
    gaps = len(found.gaps)
    pairs = count(sure, ("pair", "pairs"), ("Paar", "Paaren"))
    known_pairs = count(sure, ("pair", "pairs"), ("Paar", "Paare")).de
    unsure = len(cells) - sure
    rest = Text(
        f" (of {unsure} more it is not known, because some lists are not)" if unsure else "",
        f" (bei {unsure} weiteren ist es nicht bekannt, weil Listen fehlen)" if unsure else "",
    )
    if not sure:
        unsure_lists = Text("too few lists are known for any cell", "für kein Feld sind genug Listen bekannt")
        return COVERAGE.unknown(inputs, unsure_lists, unknown_cells=unsure)
    sentence = Text(
        f"{gaps} of {pairs.en} of a field and a group are listed by no network of their region{rest.en}; not listed is "
        "not the same as not served.",
        f"{gaps} von {pairs.de} aus Feld und Gruppe nennt kein Netzwerk der Region{rest.de}; nicht genannt heißt "
        "nicht: nicht versorgt.",
    )
    if not gaps:
        sentence = Text(
            f"No gap is certain: {pairs.en} of a field and a group are listed in their region{rest.en}; not listed is "
            "not the same as not served.",
            f"Keine Lücke ist sicher: {known_pairs} aus Feld und Gruppe sind in ihrer Region genannt{rest.de}; nicht "
            "genannt heißt nicht: nicht versorgt.",
        )
    return COVERAGE.value(found, inputs, sentence, unknown_cells=unsure)


def _counts(
    networks: Sequence[Listing], fields: Sequence[str], groups: Sequence[str]
) -> dict[str, dict[str, int | None]]:
    """For each field and group the number of networks that list both; ``None`` where that is not sure."""
    of_field, open_field = _lists([each.fields for each in networks], fields)
    of_group, open_group = _lists([each.groups for each in networks], groups)
    both = of_field.T @ of_group
    # An unknown list may hold what the known ones lack, so a count is a floor and zero is not sure.
    may_be = (of_field + open_field).T @ (of_group + open_group)
    unsure = (both == 0) & (may_be > 0)
    return {
        field: {group: None if unsure[row, column] else int(both[row, column]) for column, group in enumerate(groups)}
        for row, field in enumerate(fields)
    }


def _lists(given: Sequence[Collection[str] | None], entries: Sequence[str]) -> tuple[Floats, Floats]:
    """Networks × entries: 1 where one is listed, and 1 where it is not known whether it is."""
    place = {entry: at for at, entry in enumerate(entries)}
    listed, unknown = np.zeros((len(given), len(entries))), np.zeros((len(given), len(entries)))
    for row, each in enumerate(given):
        if each is None:
            unknown[row] = 1
            continue
        for entry in each:
            if entry in place:
                listed[row, place[entry]] = 1
    return listed, unknown
