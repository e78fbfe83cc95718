"""Who steers: the mode of governance, with its rule and what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from integgraph.analysis.measures.answers import (
    Answer,
    Basis,
    Inputs,
    Text,
)
from integgraph.analysis.measures.governance import GOVERNANCE, MODES, Governance, governance_mode, tally
from integgraph.analysis.reports import words
from integgraph.analysis.reports.facts import Facts, Source, Unit, once
from integgraph.analysis.reports.model import (
    Cell,
    Figure,
    Line,
    Section,
    Steering,
    Table,
)
from integgraph.analysis.reports.words import TITLES, basis_text, line


def steers(units: Sequence[Unit]) -> Section:
    """The mode of governance, with the rule and what it rests on."""
    beside = Text(
        "The mode follows from stated facts by a rule (after Provan and Kenis 2008); what is stated is not always how "
        "it runs.",
        "Die Form folgt nach einer Regel aus den Angaben (nach Provan und Kenis 2008); was angegeben ist, ist nicht "
        "immer, wie es läuft.",
    )
    if all(unit.network is not None for unit in units):
        answers = [governance(unit.facts, str(unit.network)) for unit in units]
        lines = tuple(
            line(unit.thing, answer, "mode", answer.value.mode if answer.value else None)
            for unit, answer in zip(units, answers, strict=True)
        )
        tables = tuple(table for unit in units if (table := _coordinators_table(unit)).rows)
        return Section("steers", TITLES["steers"], lines, (), (beside,), (_steering_figure(units, answers),), tables)
    tallies = [_tally(unit) for unit in units]
    lines = tuple(line for line, _ in tallies)
    table = _modes_table(units, [counts for _, counts in tallies])
    return Section("steers", TITLES["steers"], lines, (), (beside,), (), (table,))


def governance(facts: Facts, network: str) -> Answer[Governance]:
    """Who steers a network, from what the release says of it."""
    members = facts.members(network) if facts.named(network) is not None else None
    return governance_of(facts.source, network, members, facts.funders.get(network, frozenset()))


def governance_of(
    source: Source, network: str, members: Sequence[str] | None, funders: frozenset[str]
) -> Answer[Governance]:
    """The same, for whoever knows the members already.

    Args:
        source: What the release says of the network, of its coordination and of those who coordinate it.
        network: IRI of the network.
        members: IRIs of its members; ``None`` where it is not known who they are.
        funders: IRIs of those whom it names as its funders.
    """
    row = source.networks[network]
    given: Any = [
        {
            "id": each.who,
            "name": source.label(each.who),
            "wording": f"{source.label(each.who)}: {each.wording}" if each.wording else source.label(each.who),
            "sector": next(iter((source.actors.get(each.who) or {}).get("sectors") or ()), None),
            "only_coordinates": True if each.kind == "own-organisation" or each.who == network else None,
            "funds": each.who in funders,
        }
        for each in source.coordinations.get(network, ())
        if not each.ended
    ]
    if not given and network in source.no_coordination:
        reason, raw = source.no_coordination[network]
        given = {"absent": reason, "raw": raw}
    answers = {
        "coordination": given,
        "members": members,
        "members_complete": row["members_complete"],
        "formalisation": list(row["formalisation"] or ()),
    }
    date = row["status_date"]
    basis = Basis((date,) if date else (), (source.basis,))
    return governance_mode(answers, source.set_governance.get(network), basis=basis)


@once
def _tally(unit: Unit) -> tuple[Line, Counter[str]]:
    """How many networks are steered in which way; under an empty text those of which it cannot be told."""
    modes = {network: governance(unit.facts, network) for network in unit.facts.networks}
    counts = Counter(answer.value.mode if answer.value is not None else "" for answer in modes.values())
    inputs = Inputs(networks=len(modes), dates=unit.facts.dates)
    known_modes = {mode: number for mode, number in counts.items() if mode}
    if not known_modes:
        silent = Text("no network says how it is coordinated", "kein Netzwerk sagt, wie es koordiniert wird")
        return line(unit.thing, GOVERNANCE.unknown(inputs, silent)), counts
    told = tally(modes)
    sentence = Text(f"{told.en[:1].upper()}{told.en[1:]}.", f"{told.de[:1].upper()}{told.de[1:]}.")
    answer: Answer[Any] = GOVERNANCE.value(known_modes, inputs, sentence)
    return line(unit.thing, answer, "networks", sum(known_modes.values())), counts


def _modes_table(units: Sequence[Unit], counts: Sequence[Counter[str]]) -> Table:
    rows: list[tuple[Cell, ...]] = [(_upper(text), *(count[mode] for count in counts)) for mode, text in MODES.items()]
    rows.append((Text("Not determinable", "Nicht bestimmbar"), *(count[""] for count in counts)))
    title = Text("Networks by mode of governance", "Netzwerke nach Form der Steuerung")
    return Table(title, (Text("Mode", "Form"), *(unit.thing.label for unit in units)), tuple(rows))


def _upper(text: Text) -> Text:
    return Text(text.en[:1].upper() + text.en[1:], text.de[:1].upper() + text.de[1:])


def _coordinators_table(unit: Unit) -> Table:
    source, network = unit.facts.source, str(unit.network)
    members = set(unit.facts.actor_iris.values())
    rows: list[tuple[Cell, ...]] = [
        (
            source.thing(each.who),
            source.term("coordination-kind", each.kind),
            each.wording or None,
            words.YES if each.who in members else words.NO,
            "–".join(filter(None, (each.since, each.until))) or None,
        )
        for each in source.coordinations.get(network, ())
    ]
    title = unit.titled(Text("Coordination", "Koordination"))
    columns = (
        Text("Organisation", "Organisation"), Text("Kind", "Art"), Text("Wording", "Wortlaut"),
        Text("Member", "Mitglied"), Text("Time", "Zeit"),
    )  # fmt: skip
    return Table(title, columns, tuple(rows))


def _steering_figure(units: Sequence[Unit], answers: Sequence[Answer[Governance]]) -> Figure:
    shown = tuple(
        (unit.thing.label, answer.value.mode if answer.value else None)
        for unit, answer in zip(units, answers, strict=True)
    )
    title = Text("Who steers", "Wer steuert")
    rows: list[tuple[Cell, ...]] = []
    for unit, answer in zip(units, answers, strict=True):
        found = answer.value
        rows.append(
            (
                unit.thing,
                _upper(MODES[found.mode]) if found else None,
                found.rule if found else answer.details.get("rule", "G0"),
                "; ".join(each.words for each in found.evidence) if found else None,
                _CONFIDENCE[found.confidence] if found else None,
            )
        )
    columns = (
        words.NETWORK, Text("Mode", "Form"), Text("Rule", "Regel"), Text("Evidence, as quoted", "Beleg im Wortlaut"),
        Text("Confidence", "Verlässlichkeit"),
    )  # fmt: skip
    says = Text(
        "A sketch of the mode, not of the members; position has no meaning.",
        "Eine Skizze der Form, nicht der Mitglieder; die Lage hat keine Bedeutung.",
    )
    return Figure(title, says, basis_text(units), Steering(shown), Table(title, columns, tuple(rows)))


_CONFIDENCE = {"low": Text("low", "gering"), "medium": Text("medium", "mittel"), "high": Text("high", "hoch")}
