"""What if a member or a coordinator left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from integgraph.analysis.measures import loss
from integgraph.analysis.measures.answers import Answer, Text
from integgraph.analysis.measures.loss import MEMBER_LOSS, MemberLoss, member_loss, member_losses
from integgraph.analysis.reports import words
from integgraph.analysis.reports.facts import AS_MEMBER, Facts, Unit, once
from integgraph.analysis.reports.model import Cell, Line, Section, Table, Thing, shortened
from integgraph.analysis.reports.words import BESIDE, MOST_ROWS, TITLES, grouped, line

MOST_SENTENCES = 8
"""Members of one network whose loss is put into a sentence; the table has more."""


def leaves(units: Sequence[Unit]) -> Section:
    """Which networks would be left with fewer than two members or without a coordinator."""
    lines: list[Line] = []
    tables: list[Table] = []
    says: list[Text] = []
    for unit in units:
        says.extend(_missing_members(units, unit))
        if unit.network is not None:
            found = list(_each_member(unit, unit.network))
            lines.extend(found[:MOST_SENTENCES])
            if not found:
                lines.append(line(unit.thing, member_loss(unit.lists, (), basis=unit.basis)))
            tables.append(_members_table(unit, unit.network))
        else:
            several, table = _of_several(unit)
            lines.extend(several)
            tables.append(table)
    kept = tuple(table for table in tables if table.rows)
    return Section("leaves", TITLES["leaves"], tuple(lines), tuple(says), (BESIDE["leaves"],), (), kept)


@once
def _of_several(unit: Unit) -> tuple[tuple[Line, Line], Table]:
    """Of several networks: how many actors would break one, how robust they are, and who would break most."""
    losses = member_losses(unit.lists, unit.facts.coordinators)
    answer = loss.robustness(unit.lists, basis=unit.basis)
    robust = line(unit.thing, answer, "area", answer.value if isinstance(answer.value, float) else None)
    return (_how_many(unit, losses), robust), _losses_table(unit, losses)


def _missing_members(units: Sequence[Unit], unit: Unit) -> Iterator[Text]:
    """Where lists are known to be incomplete, a network that seems to break may not."""
    facts = unit.facts
    short = _short_lists(facts)
    if not short or not unit.lists.ties:
        return
    if unit.network is not None:
        stated = facts.stated(unit.network)
        named = facts.named(unit.network)
        told = Text("", "")
        if stated is not None and stated.least is not None and named is not None and stated.least > named:
            told = Text(f" ({named} of {stated.least} are named)", f" ({named} von {stated.least} sind genannt)")
        text = Text(
            f"The list is not complete{told.en}: members that are not named may stay.",
            f"Die Liste ist nicht vollständig{told.de}: Ungenannte Mitglieder können bleiben.",
        )
    else:
        text = words.grouped(
            f"{short:,} of {len(facts.networks):,} lists are known to be incomplete: members that are not named "
            "may stay.",
            f"{short:,} von {len(facts.networks):,} Listen sind bekanntermaßen unvollständig: Ungenannte "
            "Mitglieder können bleiben.",
        )
    yield words.of_unit(text, unit.thing, len(units) > 1)


@once
def _short_lists(facts: Facts) -> int:
    return sum(_is_short(facts, network) for network in facts.networks)


def _is_short(facts: Facts, network: str) -> bool:
    stated, named = facts.stated(network), facts.named(network)
    if facts.source.networks[network]["members_complete"] is False:
        return True
    return stated is not None and stated.least is not None and named is not None and stated.least > named


def _each_member(unit: Unit, network: str) -> Iterator[Line]:
    """Loss of each member and of each coordinator of a network, in the whole collection."""
    facts, whole = unit.facts, unit.whole
    names = [str(name) for name in facts.lists.actors]
    names.extend(who for who in facts.coordinators.get(facts.source.label(network), ()) if who not in names)
    for name in names[:MOST_SENTENCES]:
        answer = loss_of(whole, name)
        named = facts.source.find(name)
        iri = facts.actor_iris.get(name) or (named if named in facts.source.actors else "")
        yield line(Thing.of(iri, name), answer, "networks", lost_networks(answer))


def loss_of(whole: Facts, name: str) -> Answer[MemberLoss]:
    """What the leaving of one actor would do in the whole collection."""
    return member_loss(whole.lists, [name], whole.coordinators, basis=whole.basis)


def lost_networks(answer: Answer[MemberLoss]) -> int | None:
    """Networks that would be left with fewer than two members or without a coordinator."""
    if answer.value is None:
        return None
    return len({*answer.value.below_two, *answer.value.without_coordinator})


def _members_table(unit: Unit, network: str) -> Table:
    whole, source = unit.whole, unit.facts.source
    own = source.label(network)
    losses = dict(member_losses(whole.lists, whole.coordinators, unit.facts.actor_iris))
    heads = unit.facts.coordinators.get(own, [])
    rows: list[tuple[Cell, ...]] = []
    left = len(unit.lists.actors) - 1
    for name, iri in unit.facts.actor_iris.items():
        found = losses.get(name)
        others = sum(str(each) != own for each in found.below_two) if found else 0
        coordinates = words.YES if name in heads else words.NO
        rows.append((Thing.of(iri, name), left, coordinates, others))
    shown, more = shortened(rows, MOST_ROWS)
    title = unit.titled(Text("If one of them left", "Wenn eines ginge"))
    columns = (
        words.ACTOR, Text("Members left here", "Hier blieben Mitglieder"), Text("Coordinates here", "Koordiniert hier"),
        Text("Other networks left with fewer than two", "Andere Netzwerke mit dann weniger als zweien"),
    )  # fmt: skip
    return Table(title, columns, shown, None, more)


def _how_many(unit: Unit, losses: Sequence[tuple[Any, MemberLoss]]) -> Line:
    lists = unit.lists
    inputs = lists.inputs(unit.basis)
    if lists.ties == 0:
        return line(unit.thing, member_loss(lists, (), basis=unit.basis))
    below = sum(bool(each.below_two) for _, each in losses)
    heads = sum(bool(each.without_coordinator) for _, each in losses)
    sentence = grouped(
        f"Actors whose leaving would leave a network with fewer than two listed members: {below:,}; without its only "
        f"coordinator: {heads:,}.",
        f"Akteure, deren Weggang ein Netzwerk mit weniger als zwei verzeichneten Mitgliedern zurückließe: {below:,}; "
        f"ohne seine einzige Koordination: {heads:,}.",
    )
    answer: Answer[Any] = MEMBER_LOSS.value(len(losses), inputs, sentence, below_two=below, without_coordinator=heads)
    return line(unit.thing, answer, "actors")


def _losses_table(unit: Unit, losses: Sequence[tuple[Any, MemberLoss]]) -> Table:
    iris = unit.facts.actor_iris
    rows: list[tuple[Cell, ...]] = []
    # One member of a list of one or two breaks it, so only who breaks several networks tells something.
    for name, each in losses:
        hit = {*map(str, each.below_two), *map(str, each.without_coordinator)}
        if len(hit) > 1 or len(each.hit) > 1:
            label = str(name)
            iri = iris.get(label) or unit.facts.source.find(label.removesuffix(AS_MEMBER.en))
            rows.append((Thing.of(iri, label), len(each.hit), len(each.below_two), len(each.without_coordinator)))
    shown, left = shortened(rows, 15)
    title = unit.titled(
        Text("Who is in, or coordinates, several networks", "Wer in mehreren Netzwerken ist oder sie koordiniert")
    )
    columns = (
        words.ACTOR, Text("Networks that list it", "Netzwerke, die ihn führen"),
        Text("left with fewer than two", "mit dann weniger als zweien"),
        Text("without a coordinator", "ohne Koordination"),
    )  # fmt: skip
    note = Text("Structure only, not importance.", "Nur der Aufbau, nicht die Bedeutung.")
    return Table(title, columns, shown, note, left)
