"""What changed between dated profiles and between releases; how much lists overlap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import Any

from integgraph.analysis.measures.answers import Answer, Basis, Inputs, Language, Text
from integgraph.analysis.measures.change import CHANGE, OVERLAP, Change, change, list_overlap
from integgraph.analysis.reports import words
from integgraph.analysis.reports.facts import Facts, Source, Unit, once
from integgraph.analysis.reports.model import (
    Cell,
    Figure,
    Line,
    Pairs,
    Section,
    Table,
    Thing,
    shortened,
)
from integgraph.analysis.reports.words import BESIDE, MOST_ROWS, TITLES, basis_text, line
from integgraph.errors import Unprocessable

MOST_DRAWN = 15
"""Networks whose change is drawn; the table has more."""


def changed(units: Sequence[Unit], before: Source | None = None) -> Section:
    """Who joined and who is no longer listed, between dated profiles and between two releases."""
    lines: list[Line] = []
    tables: list[Table] = []
    rows: list[tuple[Text, int, int]] = []
    for unit in units:
        found = _steps(unit.facts)
        dated = [each for each in found if each.answer.value is not None]
        if unit.network is not None:
            lines.extend(_change_line(each.network, each.answer) for each in found)
            tables.extend(_change_table(unit.facts.source, each) for each in dated)
        elif dated:
            lines.append(_changes_line(unit, dated))
            tables.append(_changes_table(unit, dated))
        rows.extend((each.label, each.earlier, each.later) for each in dated)
        if before is not None:
            lines.append(_between_releases(unit, before))
    if not lines:
        lines = [_no_change(unit) for unit in units]
    figures = (_change_figure(units, rows),) if rows else ()
    return Section("changed", TITLES["changed"], tuple(lines), (), (BESIDE["changed"],), figures, tuple(tables))


@dataclass(frozen=True, slots=True)
class _Step:
    """From one profile of a network to the next: their dates, and how many members each lists."""

    network: Thing
    answer: Answer[Change]
    dates: tuple[str, str]
    earlier: int
    later: int

    @property
    def span(self) -> str:
        return "–".join(filter(None, self.dates))

    @property
    def label(self) -> Text:
        return Text(f"{self.network.label.en} {self.span}", f"{self.network.label.de} {self.span}")


def _change_line(scope: Thing, answer: Answer[Change]) -> Line:
    return line(scope, answer, "Jaccard", answer.value.jaccard if answer.value is not None else None)


def _changes_line(unit: Unit, steps: Sequence[_Step]) -> Line:
    """What changed between the profiles of all networks that have several, in one sentence."""
    joined = sum(len(each.answer.found.joined) for each in steps)
    gone = sum(len(each.answer.found.no_longer_listed) for each in steps)
    stayed = sum(len(each.answer.found.stayed) for each in steps)
    networks = len({each.network for each in steps})
    dates = tuple(sorted({date for each in steps for date in each.dates}))
    one = words.plural(networks, ("network has", "networks have"), ("Netzwerk hat", "Netzwerke haben"))
    sentence = words.grouped(
        f"{one.en} profiles of different dates: between them {joined:,} joined, {gone:,} are no longer listed, "
        f"{stayed:,} stayed.",
        f"{one.de} Profile verschiedenen Datums: Dazwischen kamen {joined:,} hinzu, {gone:,} sind nicht mehr "
        f"verzeichnet, {stayed:,} blieben.",
    )
    inputs = Inputs(networks=networks, dates=dates, sources=unit.basis.sources)
    counts = {"joined": joined, "no_longer_listed": gone, "stayed": stayed}
    answer: Answer[Any] = CHANGE.value(counts, inputs, sentence)
    return line(unit.thing, answer, "networks", networks)


def _no_change(unit: Unit) -> Line:
    inputs = Inputs(networks=len(unit.facts.networks), dates=unit.facts.dates)
    if unit.network is not None:
        reason = Text("there is one profile of this network", "es gibt ein Profil dieses Netzwerks")
        if not unit.facts.source.profiles.get(unit.network):
            reason = Text("there is no profile", "es gibt kein Profil")
        return line(unit.thing, CHANGE.unknown(inputs, reason))
    reason = Text(
        "no network here has two profiles of different dates",
        "kein Netzwerk hat hier zwei Profile verschiedenen Datums",
    )
    return line(unit.thing, CHANGE.unknown(inputs, reason))


@once
def _steps(facts: Facts) -> tuple[_Step, ...]:
    return tuple(each for network in facts.networks for each in _between_profiles(facts.source, network))


def _between_profiles(source: Source, network: str) -> Iterator[_Step]:
    """Each two profiles of a network that follow each other."""
    for earlier, later in pairwise(source.profiles.get(network, ())):
        old, new = (source.profile_members(network, each) for each in (earlier, later))
        dates = (earlier.date, later.date) if earlier.date and later.date else None
        known = tuple(filter(None, (earlier.date, later.date)))
        answer = change(old, new, dates, basis=Basis(known, (f"release {source.release.id}",)))
        numbers = len(old or ()), len(new or ())
        yield _Step(source.thing(network), answer, (earlier.date, later.date), *numbers)


def _change_table(source: Source, step: _Step) -> Table:
    found = step.answer.found
    parts = (
        (Text("joined", "hinzugekommen"), found.joined),
        (Text("no longer listed", "nicht mehr verzeichnet"), found.no_longer_listed),
        (Text("stayed", "geblieben"), found.stayed),
    )
    rows: list[tuple[Cell, ...]] = [(source.thing(str(who)), what) for what, part in parts for who in part]
    shown, left = shortened(rows, MOST_ROWS)
    title = Text(f"Members, {step.label.en}", f"Mitglieder, {step.label.de}")
    return Table(title, (words.ACTOR, Text("Between the two", "Dazwischen")), shown, None, left)


def _changes_table(unit: Unit, steps: Sequence[_Step]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            step.network,
            *step.dates,
            *(len(each) for each in (found.joined, found.no_longer_listed, found.stayed)),
        )
        for step in steps
        for found in [step.answer.found]
    ]
    shown, left = shortened(rows, MOST_ROWS)
    title = unit.titled(Text("Networks with several dated profiles", "Netzwerke mit mehreren datierten Profilen"))
    columns = (
        words.NETWORK, Text("Earlier", "Früher"), Text("Later", "Später"), Text("joined", "hinzugekommen"),
        Text("no longer listed", "nicht mehr verzeichnet"), Text("stayed", "geblieben"),
    )  # fmt: skip
    return Table(title, columns, shown, None, left)


def _between_releases(unit: Unit, before: Source) -> Line:
    source = unit.facts.source
    labels = (_built(before), _built(source))
    basis = Basis(labels, (f"release {before.release.id}", f"release {source.release.id}"))
    then = _members_then(unit, before)
    if before.release.content_hash == source.release.content_hash:
        inputs = Inputs(networks=len(unit.facts.networks), dates=labels)
        same = Text("both releases have the same content", "beide Ausgaben haben denselben Inhalt")
        return line(unit.thing, CHANGE.unknown(inputs, same))
    now = unit.facts.actors if unit.facts.anyone_known else None
    answer = change(then, now, (labels[0], labels[1]), basis=basis)
    return _change_line(unit.thing, answer)


def _built(source: Source) -> str:
    return str(source.release.manifest["created"])


def _members_then(unit: Unit, before: Source) -> frozenset[str] | None:
    """The members that the earlier release lists, by the IRIs of now; ``None`` where it knows of none."""
    source = unit.facts.source
    if unit.network is not None and unit.network not in before.networks:
        return None
    try:
        facts = before.facts(unit.facts.found.selection)
    except Unprocessable:  # the earlier release does not have the place, or another value, that is selected by
        return None
    return frozenset(source.canonical(str(iri)) for iri in facts.found.actors.ids) if facts.anyone_known else None


def _change_figure(units: Sequence[Unit], rows: Sequence[tuple[Text, int, int]]) -> Figure:
    title = Text("Members listed then and later", "Mitglieder damals und später")
    says = Text(
        "Numbers of members that the earlier and the later profile list.",
        "Zahlen der Mitglieder, die das frühere und das spätere Profil nennen.",
    )
    earlier, later = Text("earlier", "früher"), Text("later", "später")
    shown, left = shortened(rows, MOST_ROWS)
    twin = Table(title, (words.NETWORK, earlier, later), shown, None, left)
    return Figure(title, says, basis_text(units), Pairs(tuple(rows[:MOST_DRAWN]), earlier, later), twin)


# ---------------------------------------------------------------------------------------------------------------------
# Overlap


def overlap(units: Sequence[Unit]) -> Section:
    """How much each two units list the same members, fields and groups."""
    lines: list[Line] = []
    rows: list[tuple[Cell, ...]] = []
    for one, other in combinations(units, 2):
        pair = Thing("", Text(*(f"{one.thing.label[lang]} · {other.thing.label[lang]}" for lang in ("en", "de"))))
        basis = Basis(tuple(sorted({*one.facts.dates, *other.facts.dates})), one.basis.sources)
        values: list[Cell] = []
        networks = len({*one.facts.networks, *other.facts.networks})
        for name, told in _OVERLAP_NAMES.items():
            both = _listed(one.facts)[name], _listed(other.facts)[name]
            answer = german = list_overlap(*(_in_language(each, "en") for each in both), basis=basis)
            if name != "members":
                # Terms have another name in each language, so each sentence is made of its own.
                german = list_overlap(*(_in_language(each, "de") for each in both), basis=basis)
            sentence = Text(f"{told.en}: {answer.sentence.en}", f"{told.de}: {german.sentence.de}")
            answer = replace(answer, sentence=sentence, inputs=replace(answer.inputs, networks=networks))
            lines.append(line(pair, answer, "share"))
            values.append(answer.value)
        rows.append((pair, *values))
    title = Text(
        "Overlap of lists (0 nothing in common, 1 the same)", "Überschneidung der Listen (0 nichts, 1 dasselbe)"
    )
    columns = (words.WHAT, *_OVERLAP_NAMES.values())
    note = Text(
        "Overlap may be duplication or common ground; the lists do not say which.",
        "Überschneidung kann Doppelarbeit oder gemeinsamer Grund sein; die Listen sagen nicht, welches.",
    )
    table = Table(title, columns, tuple(rows))
    return Section("overlap", OVERLAP.question, tuple(lines), (), (note,), (), (table,))


def _concepts(facts: Facts, key: str) -> frozenset[str | Text] | None:
    """What the networks list, by labels; ``None`` where no list is known."""
    scheme = "field" if key == "fields_of_action" else "target-group"
    value, none, _ = facts.state_counts(key)
    if not value + none:
        return None
    found = {each for row in facts.rows for each in row[key] or ()}
    return frozenset(facts.source.term(scheme, each) for each in found)


@once
def _listed(facts: Facts) -> dict[str, frozenset[str | Text] | None]:
    """What is compared of two units: names of members, fields of action, target groups; ``None`` where unknown."""
    return {
        "members": frozenset(facts.actor_iris) if facts.anyone_known else None,
        "fields": _concepts(facts, "fields_of_action"),
        "groups": _concepts(facts, "target_groups"),
    }


def _in_language(names: frozenset[str | Text] | None, language: Language) -> frozenset[str] | None:
    if names is None:
        return None
    return frozenset(each[language] if isinstance(each, Text) else each for each in names)


_OVERLAP_NAMES = {
    "members": words.MEMBERS,
    "fields": Text("Fields of action", "Handlungsfelder"),
    "groups": Text("Target groups", "Zielgruppen"),
}
