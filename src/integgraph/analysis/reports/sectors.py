"""Whether sectors stand in the same lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

from integgraph.analysis.measures import mixing
from integgraph.analysis.measures.answers import ONLY_LISTS, Text
from integgraph.analysis.measures.brokerage import ROLES
from integgraph.analysis.reports import words
from integgraph.analysis.reports.facts import Facts, Unit, once
from integgraph.analysis.reports.model import (
    Cell,
    Figure,
    Heat,
    Line,
    Section,
    Table,
)
from integgraph.analysis.reports.words import BESIDE, TITLES, basis_text, line


def sectors(units: Sequence[Unit]) -> Section:
    """Which sectors stand in the same lists; whether they cooperate lists do not say."""
    lines: list[Line] = []
    says: list[Text] = []
    for unit in units:
        inputs = unit.lists.inputs(unit.basis)
        lines.append(line(unit.thing, mixing.E_I.unknown(inputs, ONLY_LISTS)))
        lines.append(line(unit.thing, ROLES.unknown(inputs, ONLY_LISTS)))
        says.append(words.of_unit(_mixed(unit), unit.thing, len(units) > 1))
    shown = _most_frequent(units)
    figures = [figure for unit in units if (figure := _sector_figure(unit, shown)) is not None]
    table = _sector_table(units)
    return Section(
        "sectors",
        TITLES["sectors"],
        tuple(lines),
        tuple(says),
        (BESIDE["sectors"],),
        tuple(figures),
        (table,) if table.rows else (),
    )


@once
def _mixed(unit: Unit) -> Text:
    by_network = [each for each in unit.facts.sectors_by_network if each]
    if not by_network:
        return Text("No sector of a member is known.", "Von keinem Mitglied ist der Sektor bekannt.")
    unknown = sum(not each for each in unit.facts.sectors.values())
    without = Text(
        f" The sector of {unknown} of {len(unit.facts.sectors)} members is not known.",
        f" Von {unknown} der {len(unit.facts.sectors)} Mitglieder ist der Sektor nicht bekannt.",
    )
    if not unknown:
        without = Text("", "")
    mixed = sum(len(each) > 1 for each in by_network)
    if unit.network is not None:
        n = len(by_network[0])
        if n == 1:
            return Text(f"One sector is listed.{without.en}", f"Ein Sektor ist verzeichnet.{without.de}")
        return Text(f"{n} sectors are listed.{without.en}", f"{n} Sektoren sind verzeichnet.{without.de}")
    return Text(
        f"{mixed} of {len(by_network)} networks with known sectors list members of two or more.{without.en}",
        f"{mixed} von {len(by_network)} Netzwerken mit bekannten Sektoren führen Mitglieder mehrerer auf.{without.de}",
    )


def _sector_table(units: Sequence[Unit]) -> Table:
    source = units[0].facts.source
    every = [_members_by_sector(unit.facts) for unit in units]
    counts = [each for each, _ in every]
    names = sorted({name for each in counts for name in each}, key=lambda name: (-sum(c[name] for c in counts), name))
    rows: list[tuple[Cell, ...]] = [(source.term("sector", name), *(each[name] for each in counts)) for name in names]
    if rows:
        rows.append((Text("Sector not known", "Sektor nicht bekannt"), *(missing for _, missing in every)))
    title = Text("Members by sector", "Mitglieder nach Sektoren")
    note = Text("An actor of two sectors counts in both.", "Ein Akteur zweier Sektoren zählt in beiden.")
    return Table(title, (Text("Sector", "Sektor"), *(unit.thing.label for unit in units)), tuple(rows), note)


@once
def _members_by_sector(facts: Facts) -> tuple[Counter[str], int]:
    """Members of each sector, and those of which none is known."""
    counts = Counter(sector for each in facts.sectors.values() for sector in each)
    return counts, sum(not each for each in facts.sectors.values())


@once
def _networks_by_sectors(facts: Facts) -> Counter[tuple[str, str]]:
    """Networks that list members of two sectors, in the order of their names; of one twice: two members or more."""
    both: Counter[tuple[str, str]] = Counter()
    for each in facts.sectors_by_network:
        both.update(combinations(sorted(each), 2))
        both.update((name, name) for name, number in each.items() if number > 1)
    return both


@once
def _networks_by_sector(facts: Facts) -> Counter[str]:
    return Counter(sector for each in facts.sectors_by_network for sector in each)


def _most_frequent(units: Sequence[Unit]) -> list[str]:
    """Sectors in the order of the networks that list them; the same for all units, so that their figures compare."""
    totals: Counter[str] = sum((_networks_by_sector(unit.facts) for unit in units), Counter())
    return sorted(totals, key=lambda name: (-totals[name], name))[:12]


def _sector_figure(unit: Unit, names: Sequence[str]) -> Figure | None:
    if len(_networks_by_sector(unit.facts)) < 2:
        return None
    both = _networks_by_sectors(unit.facts)
    cells = tuple(tuple(both[min(a, b), max(a, b)] for b in names) for a in names)
    labels = tuple(unit.facts.source.term("sector", name) for name in names)
    title = unit.titled(Text("Networks that list members of two sectors", "Netzwerke mit Mitgliedern zweier Sektoren"))
    says = Text(
        "Number of networks that list a member of both; on the diagonal, two members of one sector.",
        "Zahl der Netzwerke mit einem Mitglied aus beiden; in der Diagonale mit zwei Mitgliedern eines Sektors.",
    )
    twin_rows: tuple[tuple[Cell, ...], ...] = tuple((name, *row) for name, row in zip(labels, cells, strict=True))
    twin = Table(title, (Text("Sector", "Sektor"), *labels), twin_rows)
    return Figure(title, says, basis_text([unit], lists=True), Heat(labels, labels, cells), twin)
