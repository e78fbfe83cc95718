"""Which groups no one lists: fields and target groups, with cells that are not known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from integgraph.analysis.measures.answers import Answer, Text
from integgraph.analysis.measures.coverage import Coverage, coverage
from integgraph.analysis.reports import words
from integgraph.analysis.reports.facts import Facts, Unit, listings, once, tops
from integgraph.analysis.reports.model import (
    Cell,
    Figure,
    Heat,
    Line,
    Section,
    Table,
    Thing,
)
from integgraph.analysis.reports.words import BESIDE, TITLES, basis_text, line
from integgraph.analysis.selection import Selection
from integgraph.csvtext import SEPARATOR


def gaps(units: Sequence[Unit]) -> Section:
    """Fields and target groups that no network lists together, with cells that are not known."""
    lines: list[Line] = []
    figures: list[Figure] = []
    tables: list[Table] = []
    around = [_surroundings(unit) for unit in units]
    for unit, (place, facts) in zip(units, around, strict=True):
        answer = _coverage(facts)
        value = len(answer.value.gaps) if answer.value is not None else None
        lines.append(line(place, answer, "pairs", value))
        if answer.value is not None:
            figures.append(_heat(unit, place, facts, answer.value))
    tables.append(_groups_table(around))
    if len(units) == 1 and units[0].network is None:
        tables.append(_regions_table(units[0]))
    beside = [BESIDE["gaps"]]
    if any(unit.network is not None for unit in units):
        beside.append(
            Text(
                "The cells are those of all networks in the same region as the network, not of it alone.",
                "Die Felder gelten für alle Netzwerke derselben Region, nicht für das Netzwerk allein.",
            )
        )
    return Section(
        "gaps",
        TITLES["gaps"],
        tuple(lines),
        (),
        tuple(beside),
        tuple(figures),
        tuple(table for table in tables if table.rows),
    )


def _surroundings(unit: Unit) -> tuple[Thing, Facts]:
    """For a network the region that it lies in, with all networks there; else the unit itself."""
    if unit.network is None:
        return unit.thing, unit.facts
    regions = str(unit.facts.found.networks.regions[0]).split(SEPARATOR)
    source = unit.facts.source
    if len(regions) == 1 and regions[0]:
        return source.place_thing(regions[0]), source.facts(Selection(places=regions))
    return unit.thing, unit.facts


@once
def _coverage(facts: Facts) -> Answer[Coverage]:
    ontology = facts.source.ontology
    fields, groups = tops(ontology, "field"), tops(ontology, "target-group", "served")
    return coverage(listings(facts), fields, groups, basis=facts.basis)


def _heat(unit: Unit, place: Thing, facts: Facts, found: Coverage) -> Figure:
    source = facts.source
    fields = tops(source.ontology, "field")
    groups = tops(source.ontology, "target-group", "served")
    counts = found.counts[""]
    cells = tuple(tuple(counts[field][group] for field in fields) for group in groups)
    field_names = tuple(source.term("field", each) for each in fields)
    group_names = tuple(source.term("target-group", each) for each in groups)
    known, every = found.known[""]
    title = Text(
        f"Networks that list a field and a target group: {place.label.en}",
        f"Netzwerke, die Feld und Zielgruppe nennen: {place.label.de}",
    )
    says = Text(
        "Broad terms; a network that lists a narrower one counts. Networks that say both what they work on and for "
        f"whom: {known} of {every}. Hatched: no known list has both, but one that is not known may.",
        "Weite Begriffe; ein Netzwerk, das einen engeren nennt, zählt mit. Netzwerke, die sagen, woran und für wen sie "
        f"arbeiten: {known} von {every}. Schraffiert: Keine bekannte Liste nennt beides, eine unbekannte vielleicht.",
    )
    twin = Table(
        title,
        (Text("Target group", "Zielgruppe"), *field_names),
        tuple((name, *row) for name, row in zip(group_names, cells, strict=True)),
    )
    one = Unit(place, facts, unit.whole, None)
    return Figure(title, says, basis_text([one]), Heat(group_names, field_names, cells), twin)


def _groups_table(around: Sequence[tuple[Thing, Facts]]) -> Table:
    """How many networks of each unit list a group at all."""
    source = around[0][1].source
    groups = tops(source.ontology, "target-group", "served")
    counted = [_group_counts(facts) for _, facts in around]
    rows = tuple((source.term("target-group", each), *(counts[each] for counts in counted)) for each in groups)
    title = Text("Networks that list a target group", "Netzwerke, die eine Zielgruppe nennen")
    note = Text(
        "Unknown where no known list has the group and some lists are not known.",
        "Unbekannt, wo keine bekannte Liste die Gruppe nennt und manche Listen unbekannt sind.",
    )
    return Table(title, (Text("Target group", "Zielgruppe"), *(place.label for place, _ in around)), rows, note)


@once
def _group_counts(facts: Facts) -> dict[str, int | None]:
    groups = tops(facts.source.ontology, "target-group", "served")
    given = [each.groups for each in listings(facts)]
    counts = Counter(group for each in given if each is not None for group in each)
    unsure = any(each is None for each in given)
    return {group: None if unsure and not counts[group] else counts[group] for group in groups}


def _regions_table(unit: Unit) -> Table:
    """For each country (or region, within one country): how many pairs of field and group are gaps."""
    facts = unit.facts
    by_country = len({text for text in facts.found.networks.countries if text}) > 1
    texts = facts.found.networks.countries if by_country else facts.found.networks.regions
    where = dict(zip(facts.networks, map(str, texts), strict=True))
    region = {network: text if text and SEPARATOR not in text else "" for network, text in where.items()}
    ontology = facts.source.ontology
    fields, groups = tops(ontology, "field"), tops(ontology, "target-group", "served")
    found = coverage(listings(facts, region), fields, groups).value
    if found is None or len(found.counts) < 2:
        return Table(Text("", ""), (), ())
    rows: list[tuple[Cell, ...]] = []
    for name in sorted(found.counts, key=lambda each: (each == "", each)):
        cells = [value for by_group in found.counts[name].values() for value in by_group.values()]
        gaps_here = sum(value == 0 for value in cells)
        unknown = sum(value is None for value in cells)
        label: Cell = Text("several or none", "mehrere oder keine")
        if name:
            label = facts.source.country(name) if by_country else facts.source.place(name)
        known, every = found.known[name]
        thin, covered = sum(value == 1 for value in cells), sum((value or 0) > 1 for value in cells)
        rows.append((label, every, known, gaps_here, thin, covered, unknown))
    title = Text("Coverage by country", "Abdeckung nach Ländern")
    if not by_country:
        title = Text("Coverage by region", "Abdeckung nach Regionen")
    columns = (
        Text("Where", "Wo"), words.NETWORKS, Text("with known lists", "mit bekannten Listen"),
        Text("Pairs that none of them lists", "Paare, die keines nennt"), Text("listed by one", "von einem genannt"),
        Text("by two or more", "von mehreren"), words.UNKNOWN,
    )  # fmt: skip
    note = Text(
        f"Pairs of {len(fields)} fields and {len(groups)} groups. Where there are few networks, most pairs are not "
        "listed.",
        f"Paare aus {len(fields)} Feldern und {len(groups)} Gruppen. Wo es wenige Netzwerke gibt, fehlen die meisten.",
    )
    return Table(title, columns, tuple(rows), note)
