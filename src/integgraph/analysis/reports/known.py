"""How much is known: members named of how many, fields answered, what is silent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from integgraph.analysis.measures.answers import (
    Answer,
    Basis,
    Text,
)
from integgraph.analysis.measures.size import LEFT_OUT, fields_answered, list_completeness
from integgraph.analysis.reports import words
from integgraph.analysis.reports.facts import Facts, Unit, once
from integgraph.analysis.reports.model import (
    Cell,
    Figure,
    Line,
    Section,
    Shares,
    Table,
)
from integgraph.analysis.reports.words import TITLES, basis_text, line
from integgraph.tables import STATED_NONE, VALUE


def known(units: Sequence[Unit]) -> Section:
    """How many members are named of how many, and how many fields are answered."""
    lines: list[Line] = []
    says: list[Text] = []
    for unit in units:
        if unit.network is not None:
            lines.append(line(unit.thing, _completeness(unit, unit.network), "share"))
        else:
            lines.append(line(unit.thing, _fields_answered(unit.facts), "share"))
        says.extend(words.of_unit(text, unit.thing, len(units) > 1) for text in (*_floor(unit), _amounts(unit.facts)))
    figures = (_answers_figure(units),) if any(unit.facts.rows for unit in units) else ()
    tables = [] if units[0].alone and units[0].network is not None else [_known_table(units)]
    tables.extend(_stated_table(unit, unit.network) for unit in units if unit.network is not None)
    return Section(
        "known", TITLES["known"], tuple(lines), tuple(says), (), figures, tuple(each for each in tables if each.rows)
    )


def _completeness(unit: Unit, network: str) -> Answer[float]:
    facts, row = unit.facts, unit.facts.source.networks[network]
    stated = facts.stated(network)
    states = {key.removesuffix("_state"): row[key] or "not-recorded" for key in facts.source.states}
    return list_completeness(facts.named(network), stated.least if stated else None, states, basis=unit.basis)


@once
def _fields_answered(facts: Facts) -> Answer[float]:
    return fields_answered(
        sum(row["fields_answered"] or 0 for row in facts.rows),
        sum(row["fields_asked"] or 0 for row in facts.rows),
        networks=len(facts.rows),
        named=sum(1 for row in facts.rows if facts.named(row["network"]) is not None),
        complete=sum(1 for row in facts.rows if row["members_complete"] is True),
        basis=Basis(facts.dates),
    )


def _floor(unit: Unit) -> Iterator[Text]:
    """That the number of members is stated with a floor only."""
    if unit.network is not None:
        stated = unit.facts.stated(unit.network)
        if stated is not None and stated.least is not None and stated.most is None:
            yield Text(f"The source says “at least {stated.least}”.", f"Die Quelle sagt: mindestens {stated.least}.")


@once
def _amounts(facts: Facts) -> Text:
    flows = {data["key"]: "amount" in data or "joint_amount" in data for _, _, data in facts.money}
    if not flows:
        return Text("Funding: not known.", "Förderung: nicht bekannt.")
    stated = sum(flows.values())
    if stated:
        return Text(f"Amounts: {stated} of {len(flows)} flows.", f"Beträge: {stated} von {len(flows)} Geldflüssen.")
    return Text("Amounts: none.", "Beträge: keine.")


def _answers_figure(units: Sequence[Unit]) -> Figure:
    rows: list[tuple[Text, tuple[int, int, int]]] = []
    if len(units) == 1 and units[0].network is None:
        facts = units[0].facts
        for key in facts.source.states:
            field = facts.source.ontology.form.field(key.removesuffix("_state"))
            rows.append((Text(field.name("en"), field.name("de")), facts.state_counts(field.key)))
        title = Text("Fields of the form, and how many networks answer each", "Felder des Formulars und ihre Antworten")
    else:
        for unit in units:
            rows.extend(_own_shares(unit, len(units) > 1))
        title = Text("What is known and what is not", "Was bekannt ist und was nicht")
    says = Text(
        "Filled: a value is known. Dotted: the source says there is none. Empty: not known.",
        "Gefüllt: ein Wert ist bekannt. Gepunktet: Die Quelle sagt, dass es keine gibt. Leer: nicht bekannt.",
    )
    twin = Table(title, (words.WHAT, *words.STATES), tuple((label, *parts) for label, parts in rows))
    return Figure(title, says, basis_text(units), Shares(tuple(rows), words.STATES), twin)


def _own_shares(unit: Unit, several: bool) -> Iterator[tuple[Text, tuple[int, int, int]]]:
    facts = unit.facts
    name = unit.thing.label
    fields = Text("Fields", "Felder")
    yield (name if several else fields), _every_state(facts)
    if unit.network is not None and not several:
        stated, named = facts.stated(unit.network), facts.named(unit.network)
        if named is not None:
            missing = max(0, (stated.least or 0) - named) if stated else 0
            yield words.MEMBERS, (named, 0, missing)


@once
def _every_state(facts: Facts) -> tuple[int, int, int]:
    """Over all fields of the form: with a value, with a stated none, and unknown."""
    states = Counter(str(row[key] or "") for row in facts.rows for key in facts.source.states)
    value, none = states[VALUE], states[STATED_NONE]
    asked = sum(states.values()) - sum(states[each] for each in LEFT_OUT)
    return value, none, asked - value - none


_KNOWN = (
    words.NETWORKS,
    Text("with known members", "mit bekannten Mitgliedern"),
    Text("Different members named", "Verschiedene genannte Mitglieder"),
    Text("Member list stated complete", "Mitgliederliste laut Angabe vollständig"),
    Text("Number of members stated", "Mitgliederzahl angegeben"),
    Text("Status date known", "Stand bekannt"),
    Text("Coordination: value or stated none", "Koordination: Angabe oder ausdrücklich keine"),
    Text("Funding: value or stated none", "Förderung: Angabe oder ausdrücklich keine"),
)
"""What :func:`_known_counts` counts."""


def _known_table(units: Sequence[Unit]) -> Table:
    counts = [_known_counts(unit.facts) for unit in units]
    rows = tuple((name, *cells) for name, *cells in zip(_KNOWN, *counts, strict=True))
    return Table(Text("What is known", "Was bekannt ist"), (words.WHAT, *(u.thing.label for u in units)), rows)


@once
def _known_counts(facts: Facts) -> tuple[Cell, ...]:
    rows = facts.rows
    return (
        len(rows),
        int(facts.known.sum()),
        len(facts.lists.actors) if facts.anyone_known else None,
        sum(row["members_complete"] is True for row in rows),
        sum(facts.stated(network) is not None for network in facts.networks),
        sum(bool(row["status_date"]) for row in rows),
        sum(facts.state_counts("coordination")[:2]),
        sum(facts.state_counts("funding")[:2]),
    )


def _stated_table(unit: Unit, network: str) -> Table:
    counts = unit.facts.source.stated_counts.get(network, ())
    title = unit.titled(Text("Numbers of members that sources state", "Mitgliederzahlen laut Quellen"))
    rows: list[tuple[Cell, ...]] = [
        (
            unit.facts.source.term("count-unit", each.unit),
            each.least,
            each.most if each.most is not None else Text("open", "offen"),
            each.date or None,
            each.wording,
        )
        for each in counts
    ]
    columns = (
        Text("Unit", "Einheit"), Text("Least", "Mindestens"), Text("Most", "Höchstens"), Text("Date", "Datum"),
        Text("Wording", "Wortlaut"),
    )  # fmt: skip
    return Table(title, columns, tuple(rows))
