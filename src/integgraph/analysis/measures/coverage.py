"""Which target groups no network lists together with which fields, region by region."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from integgraph.analysis.measures.answers import (
    NOTHING_GIVEN,
    Answer,
    Basis,
    Inputs,
    Measure,
    Text,
    count,
)

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
    counts = {
        region: {
            field: {group: _count([each for each in every if each.region == region], field, group) for group in columns}
            for field in rows
        }
        for region in sorted({each.region for each in every})
    }
    totals = {
        region: (sum(each.region == region for each in known), sum(each.region == region for each in every))
        for region in counts
    }
    found = Coverage(counts, totals)
    cells = [value for by_field in counts.values() for by_group in by_field.values() for value in by_group.values()]
    sure = sum(value is not None for value in cells)
    gaps = len(found.gaps)
    pairs = count(sure, ("pair", "pairs"), ("Paar", "Paaren"))
    sentence = Text(
        f"{gaps} of {pairs.en} of a field and a group are listed by no network of their region; not listed is not the "
        "same as not served.",
        f"{gaps} von {pairs.de} aus Feld und Gruppe nennt kein Netzwerk der Region; nicht genannt heißt nicht: nicht "
        "versorgt.",
    )
    return COVERAGE.value(found, inputs, sentence, unknown_cells=len(cells) - sure)


def _count(networks: Sequence[Listing], field: str, group: str) -> int | None:
    found, open_ones = 0, 0
    for each in networks:
        lists_field = None if each.fields is None else field in each.fields
        lists_group = None if each.groups is None else group in each.groups
        if lists_field and lists_group:
            found += 1
        elif lists_field is not False and lists_group is not False:
            open_ones += 1
    # An unknown list may hold what the known ones lack, so a count is a floor and zero is not sure.
    return None if found == 0 and open_ones else found
