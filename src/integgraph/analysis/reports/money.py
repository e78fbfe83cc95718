"""What if a funder stopped: who would lose what, and what would be kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from integgraph.analysis.measures.answers import Answer, Text
from integgraph.analysis.measures.funding import Loss, funder_dependence, funder_loss
from integgraph.analysis.reports import words
from integgraph.analysis.reports.facts import Facts, Unit, once
from integgraph.analysis.reports.model import Cell, Figure, Line, Pairs, Section, Table, Thing, shortened
from integgraph.analysis.reports.words import BESIDE, MOST_ROWS, TITLES, basis_text, line
from integgraph.csvtext import SEPARATOR
from integgraph.tables import BY_TABLE, local

CITY = "municipal"
"""The category of funds that "the city" stands for."""
MOST_SCENARIOS = 8
"""Funders or members of one network whose loss is put into a sentence; the table has more."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A funder, or a category of funds, that stops."""

    thing: Thing
    funder: str | None
    category: str | None
    answer: Answer[dict[Any, Loss]]


def funder(units: Sequence[Unit]) -> Section:
    """What recipients would lose and keep, for each source of a network, or for public money of a town."""
    lines: list[Line] = []
    says: list[Text] = []
    tables: list[Table] = []
    figures: list[Figure] = []
    cities: list[tuple[Unit, Scenario]] = []
    for unit in units:
        scenarios = scenarios_of(unit) if unit.network is not None else [city(unit)]
        for each in scenarios:
            # What an answer speaks of is the funder of one network, but the unit where several are beside each other.
            scope = each.thing if unit.network is not None and len(units) == 1 else unit.thing
            lines.append(line(scope, each.answer, "recipients", _hit(each.answer)))
        if unit.network is None:
            cities.append((unit, scenarios[0]))
        else:
            for each in scenarios:
                says.extend(kept_in_words(unit.facts, each))
            if scenarios[0].answer.value:
                figures.append(_before_after(unit, scenarios[0]))
        lines.append(_dependence(unit))
        tables.append(_flows_table(unit) if unit.network is not None else funders_table(unit))
    figures.extend(_city_figure(cities))
    return Section(
        "funder",
        TITLES["funder"],
        tuple(lines),
        tuple(dict.fromkeys(says)),
        (BESIDE["funder"],),
        tuple(figures),
        tuple(table for table in tables if table.rows),
    )


def _hit(answer: Answer[dict[Any, Loss]]) -> int | None:
    return len(answer.value) if answer.value is not None else None


@once
def _dependence(unit: Unit) -> Line:
    answer = funder_dependence(unit.facts.flows, basis=unit.basis)
    return line(unit.thing, answer, "recipients with one source", len(answer.details.get("sole", ())))


def scenarios_of(unit: Unit) -> list[Scenario]:
    """Each named funder and each category without a name, money of a town first; at least one, also if unknown."""
    facts = unit.facts
    named: dict[str, set[str]] = defaultdict(set)
    unnamed: dict[str, None] = {}
    for source, _, data in facts.money:
        categories = [part for part in str(data["categories"]).split(SEPARATOR) if part]
        if facts.flows.nodes[source]["kind"] == "unnamed":
            unnamed.update(dict.fromkeys(categories))
        else:
            named[source].update(categories)
    order = sorted(named, key=lambda each: (CITY not in named[each], facts.source.label(each)))
    found = [of_funder(unit, each) for each in order[:MOST_SCENARIOS]]
    found.extend(of_category(unit, each) for each in sorted(unnamed, key=lambda each: (each != CITY, each)))
    return found or [city(unit)]


@once
def city(unit: Unit) -> Scenario:
    """Money of towns and districts stops."""
    return of_category(unit, CITY)


def of_funder(unit: Unit, iri: str) -> Scenario:
    """One named funder stops."""
    thing = Thing.of(iri, unit.facts.source.label(iri))
    return Scenario(thing, iri, None, funder_loss(unit.facts.flows, iri, basis=unit.basis))


def of_category(unit: Unit, category: str) -> Scenario:
    """All money of one category stops."""
    source = unit.facts.source
    found = source.ontology.scheme("funder-category").concepts.get(category)
    term = source.term("funder-category", category)
    called = Text(f"money of the kind “{term.en}”", f"Geld der Art „{term.de}“")
    answer = funder_loss(unit.facts.flows, category=category, called=called, basis=unit.basis)
    return Scenario(Thing(found.iri if found else "", term), None, category, answer)


def kept_in_words(facts: Facts, scenario: Scenario) -> Iterator[Text]:
    """What each recipient keeps, and which funded activities are not touched."""
    if not scenario.answer.value:
        return
    stopped = _stopped(scenario)
    for recipient, lost in list(scenario.answer.value.items())[:MOST_SCENARIOS]:
        if lost.after:
            kept = _kept(facts, str(recipient), scenario)
            name = _name(facts, str(recipient))
            yield words.ended(
                Text(
                    f"Without {stopped.en}, {name.en} keeps: {'; '.join(each.en for each in kept)}.",
                    f"Ohne {stopped.de} behält {name.de}: {'; '.join(each.de for each in kept)}.",
                )
            )
    spared = _spared_activities(facts, scenario)
    if spared:
        yield Text(
            f"Without {stopped.en}, not affected on paper: {'; '.join(each.en for each in spared)}.",
            f"Ohne {stopped.de} auf dem Papier nicht betroffen: {'; '.join(each.de for each in spared)}.",
        )


def _stopped(scenario: Scenario) -> Text:
    label = scenario.thing.label
    return label if scenario.category is None else Text(f"“{label.en}”", f"„{label.de}“")


def _stops(scenario: Scenario, source: str, data: dict[str, Any]) -> bool:
    if scenario.funder is not None:
        return source == scenario.funder
    return scenario.category in str(data["categories"]).split(SEPARATOR)


def _kept(facts: Facts, recipient: str, scenario: Scenario) -> list[Text]:
    kept = (
        _name(facts, source)
        for source, other, data in facts.money
        if other == recipient and not _stops(scenario, source, data)
    )
    return sorted(dict.fromkeys(kept), key=lambda each: each.en)


def _spared_activities(facts: Facts, scenario: Scenario) -> list[Text]:
    """Activities of recipients that lose nothing, each with who it is of."""
    if not scenario.answer.value:
        return []
    gone = {data["key"] for source, _, data in facts.money if _stops(scenario, source, data)}
    found = []
    for recipient, activity, key, data in facts.flows.edges(keys=True, data=True):
        if data["role"] == "for" and key not in gone and recipient not in scenario.answer.value:
            what, who = _name(facts, activity), _name(facts, recipient)
            found.append(Text(f"{what.en} ({who.en})", f"{what.de} ({who.de})"))
    return sorted(dict.fromkeys(found), key=lambda each: each.en)[:MOST_SCENARIOS]


def _name(facts: Facts, node: str) -> Text:
    data = facts.flows.nodes[node]
    label = str(data["label"] or "")
    if not label:
        return Text("a recipient that is not named", "ein nicht genannter Empfänger")
    return Text(label, str(data.get("label_de") or label))


def _before_after(unit: Unit, scenario: Scenario) -> Figure:
    stopped = _stopped(scenario)
    title = Text(f"Known sources now, and without {stopped.en}", f"Bekannte Quellen jetzt und ohne {stopped.de}")
    every = list(dict.fromkeys(recipient for _, recipient, _ in unit.facts.money))
    rows = []
    for recipient in every:
        sources = {source for source, other, _ in unit.facts.money if other == recipient}
        rest = {s for s, other, data in unit.facts.money if other == recipient and not _stops(scenario, s, data)}
        rows.append((_name(unit.facts, recipient), len(sources), len(rest)))
    before, after = Text("now", "jetzt"), Text("then", "dann")
    twin = Table(title, (Text("Recipient", "Empfänger"), before, after), tuple(rows))
    says = Text(
        "Number of sources that the profile states for each recipient. Amounts are not in it.",
        "Zahl der Quellen, die das Profil je Empfänger angibt. Beträge sind darin nicht enthalten.",
    )
    return Figure(title, says, basis_text([unit]), Pairs(tuple(rows[:MOST_ROWS]), before, after), twin)


def _city_figure(cities: Sequence[tuple[Unit, Scenario]]) -> Iterator[Figure]:
    rows = []
    for unit, scenario in cities:
        answer = scenario.answer
        if answer.value is not None:
            kept = sum(each.after > 0 for each in answer.value.values())
            rows.append((unit.thing.label, len(answer.value), kept))
    if not rows:
        return
    title = Text(
        "Recipients of municipal money, and those that would keep another known source",
        "Empfänger kommunalen Geldes und jene, die eine andere bekannte Quelle behielten",
    )
    before, after = Text("receive it", "erhalten es"), Text("keep another", "behalten andere")
    says = Text(
        "Counts of recipients that profiles name; amounts are not in it.",
        "Zahl der Empfänger, die Profile nennen; Beträge sind darin nicht enthalten.",
    )
    twin = Table(title, (words.WHAT, before, after), tuple(rows))
    yield Figure(title, says, basis_text([unit for unit, _ in cities]), Pairs(tuple(rows), before, after), twin)


def _flows_table(unit: Unit) -> Table:
    return flows_table(
        unit.facts,
        {data["key"] for _, _, data in unit.facts.money},
        unit.titled(Text("Funding as stated", "Förderung laut Angabe")),
    )


def flows_table(facts: Facts, keys: set[str], title: Text) -> Table:
    """Flows one by one; a joint one stays one row."""
    parts: dict[str, dict[str, Any]] = {}
    for source, recipient, data in facts.money:
        if data["key"] in keys:
            part = parts.setdefault(data["key"], {"from": {}, "to": {}, "data": data})
            part["from"][source] = None
            part["to"][recipient] = None
    activities: dict[str, dict[str, None]] = defaultdict(dict)
    for _, activity, key, data in facts.flows.edges(keys=True, data=True):
        if data["role"] == "for" and key in keys:
            activities[key][activity] = None
    first = list(parts.items())[:MOST_ROWS]  # a funder may have ten thousand
    shown = tuple(_flow_row(facts, part, list(activities[key])) for key, part in first)
    left = len(parts) - len(first)
    columns = (
        Text("Funder", "Geldgeber"), Text("Kind", "Art"), Text("Recipient", "Empfänger"), Text("For", "Wofür"),
        Text("Amount", "Betrag"), Text("Time", "Zeit"),
    )  # fmt: skip
    return Table(title, columns, shown, None, left)


def imported_in_words(facts: Facts, keys: set[str]) -> Iterator[Text]:
    """How many of these flows rows of imported tables state, and that a profile may state the same money."""
    stated = {data["key"]: data["network"] for _, _, data in facts.money if data["stated_by"] == BY_TABLE}
    found = [stated[key] for key in keys if key in stated]
    if found:
        titles = "; ".join(sorted({facts.source.imported.get(table, local(table)) for table in found}))
        n, one = len(found), len(found) == 1
        yield words.grouped(
            f"{n:,} of these flows {'comes' if one else 'come'} from imported tables ({titles}). Where a profile "
            "states the same money, it stands here twice; amounts are not added up across both.",
            f"{n:,} dieser Geldflüsse {'stammt' if one else 'stammen'} aus importierten Tabellen ({titles}). Wo ein "
            "Profil dasselbe Geld angibt, steht es hier zweimal; Beträge werden nicht über beide addiert.",
        )


def _flow_row(facts: Facts, part: dict[str, Any], activities: Sequence[str]) -> tuple[Cell, ...]:
    data = part["data"]
    amount = data.get("amount", data.get("joint_amount"))
    shown = f"{float(amount):,.0f} {data['currency']}".strip() if amount is not None else None
    terms = [facts.source.term("funder-category", each) for each in str(data["categories"]).split(SEPARATOR) if each]
    kinds = words.enumerated(terms)
    named = [source for source in part["from"] if facts.flows.nodes[source]["kind"] != "unnamed"]
    who: Cell = Text("not named", "nicht genannt")
    if named:
        who = _several(facts, named)
    return (
        who,
        kinds,
        _several(facts, list(part["to"])),
        _several(facts, activities) if activities else None,
        shown,
        "–".join(filter(None, (data["since"], data["until"]))) or None,
    )


def _several(facts: Facts, nodes: Sequence[str]) -> Cell:
    if len(nodes) == 1 and facts.flows.nodes[nodes[0]]["iri"]:
        return Thing(str(facts.flows.nodes[nodes[0]]["iri"]), _name(facts, nodes[0]))
    names = [_name(facts, node) for node in nodes]
    return Text("; ".join(each.en for each in names), "; ".join(each.de for each in names))


@once
def funders_table(unit: Unit) -> Table:
    """Named funders, with how many networks and recipients they reach and for whom they are the only known source."""
    facts = unit.facts
    reached: dict[str, set[str]] = defaultdict(set)
    recipients: dict[str, set[str]] = defaultdict(set)
    sources: dict[str, set[str]] = defaultdict(set)
    for source, recipient, data in facts.money:
        sources[recipient].add(source)
        if facts.flows.nodes[source]["kind"] != "unnamed":
            reached[source].add(data["network"])
            recipients[source].add(recipient)
    order = sorted(reached, key=lambda each: (-len(reached[each]), facts.source.label(each)))
    rows: list[tuple[Cell, ...]] = [
        (
            facts.source.thing(each),
            len(reached[each]),
            len(recipients[each]),
            sum(sources[recipient] == {each} for recipient in recipients[each]),
        )
        for each in order
    ]
    shown, left = shortened(rows, MOST_ROWS)
    title = unit.titled(Text("Named funders", "Genannte Geldgeber"))
    columns = (
        Text("Funder", "Geldgeber"), words.NETWORKS, Text("Recipients", "Empfänger"),
        Text("of which it is the only known source of", "davon einzige bekannte Quelle für"),
    )  # fmt: skip
    note = Text(
        "Rows of one name have not been decided to be the same.",
        "Über Zeilen gleichen Namens ist nicht entschieden, dass sie dasselbe sind.",
    )
    namesakes = any(facts.source.shares_name(each) for each in order)
    return Table(title, columns, shown, note if namesakes else None, left)
