"""Reports on those who take part or pay: an actor, a funder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from integgraph.analysis.measures import centrality
from integgraph.analysis.measures.answers import Answer, Inputs, State, Text, percent
from integgraph.analysis.measures.funding import DEPENDENCE
from integgraph.analysis.measures.paths import components
from integgraph.analysis.measures.twomode import TwoMode
from integgraph.analysis.reports import (
    frame,
    losses,
    money,
    partners,
    words,
)
from integgraph.analysis.reports.facts import Facts, Source, Unit
from integgraph.analysis.reports.model import Cell, Line, Report, Section, Table, Thing, shortened
from integgraph.analysis.reports.words import BESIDE, MOST_ROWS, TITLES, line
from integgraph.analysis.selection import Selection
from integgraph.csvtext import SEPARATOR
from integgraph.tables import local


def actor_report(source: Source, name: str, _: Selection, __: Source | None) -> Report:
    """Where an actor takes part, how it is placed, on whose money it depends, whom it might work with.

    Raises:
        NotFound: there is no such actor; similar ones are named.
    """
    iri = frame.find(source, name, source.actors, "actor")
    whole = source.facts()
    label = source.member_label(iri)
    unit = Unit(source.thing(iri), whole, whole)
    row = source.actors[iri]
    listed = label in whole.actor_iris
    sectors = [source.term("sector", each) for each in row["sectors"] or ()]
    facts: list[tuple[Text, Cell]] = [
        (Text("Sector", "Sektor"), words.enumerated(sectors)),
        (Text("Member of", "Mitglied in"), _degree(whole, label)),
        (Text("Decided to be one with", "Zusammengeführt mit"), ", ".join(row["merged"] or ()) or words.NONE),
    ]
    sections = [
        _where(unit, iri),
        _place_in(unit, label, listed),
        _if_it_left(unit, iri, label),
        _its_money(replace(unit, facts=replace(whole, party=iri)), iri),
        partners.suggested(unit, label) if listed else partners.unknown_partners(unit),
    ]
    return frame.report(source, "actor", unit.thing.label, [unit.thing], facts, [], sections)


def _degree(whole: Facts, label: str) -> int:
    """In how many networks an actor is listed as a member."""
    try:
        at = whole.lists.actors.index(label)
    except ValueError:
        return 0
    return int(whole.lists.memberships[at])


def _where(unit: Unit, iri: str) -> Section:
    """Where it takes part, in whatever role, and what it coordinates."""
    source = unit.facts.source
    columns = ("network", "roles", "counts_as_member", "since", "until")
    ties = source.lists.memberships.select(["actor", *columns]).to_pylist()
    rows: list[tuple[Cell, ...]] = []
    for tie in ties:
        if tie["actor"] == iri:
            terms = [source.term("role", each) for each in tie["roles"] or ()]
            rows.append(
                (
                    source.thing(tie["network"]),
                    words.enumerated(terms),
                    words.YES if tie["counts_as_member"] else words.NO,
                    SEPARATOR.join(tie["since"] or ()) or None,
                    SEPARATOR.join(tie["until"] or ()) or None,
                )
            )
    for network, stated in source.coordinations.items():
        for each in stated:
            if each.who == iri:
                kind = source.term("coordination-kind", each.kind)
                role = Text(f"coordinates: {kind.en}", f"koordiniert: {kind.de}")
                rows.append((source.thing(network), role, words.NO, each.since or None, each.until or None))
    says = () if rows else (Text("No network lists it.", "Kein Netzwerk führt ihn auf."),)
    shown, left = shortened(rows, MOST_ROWS)
    title = Text("Where does it take part?", "Wo ist er beteiligt?")
    heads = (
        words.NETWORK, Text("Role", "Rolle"), Text("counts as member", "zählt als Mitglied"), Text("since", "seit"),
        Text("until", "bis"),
    )  # fmt: skip
    parts = Text("Participations, in whatever role", "Beteiligungen, in welcher Rolle auch immer")
    tables = (Table(parts, heads, shown, None, left),) if rows else ()
    return Section("where", title, (), says, (), (), tables)


def _place_in(unit: Unit, label: str, listed: bool) -> Section:
    """How it is placed between networks, and with whom it stands in lists."""
    lists, basis = unit.lists, unit.basis
    lines: list[Line] = []
    measures: tuple[Callable[..., Answer[Any]], ...] = (
        centrality.two_mode_degree, centrality.two_mode_closeness, centrality.two_mode_betweenness,
    )  # fmt: skip
    for measure in measures:
        whole = measure(lists, basis=basis)
        lines.append(_own_score(unit, whole, label, listed))
    tables = (_with_whom(unit, label),) if listed else ()
    return Section(
        "holds", TITLES["holds"], tuple(lines), (), (BESIDE["holds"],), (), tuple(each for each in tables if each.rows)
    )


def _own_score(unit: Unit, whole: Answer[Any], label: str, listed: bool) -> Line:
    measure = _MEASURES[whole.measure]
    if not listed:
        nowhere = Text("it is listed as a member nowhere", "er ist nirgends als Mitglied verzeichnet")
        return line(unit.thing, measure.unknown(whole.inputs, nowhere))
    if whole.value is None or whole.state is not State.VALUE:
        return line(unit.thing, whole)
    score = float(whole.value["actors"][label])
    told = _score_in_words(unit, whole.measure, score, label)
    sentence = Text(f"{measure.name.en}: {told.en}.", f"{measure.name.de}: {told.de}.")
    return line(unit.thing, measure.value(score, whole.inputs, sentence), "share")


def _score_in_words(unit: Unit, measure: str, score: float, label: str) -> Text:
    if measure == centrality.TWO_MODE_DEGREE.key:
        m = len(unit.lists.networks)
        n = round(score * m)
        return words.grouped(
            f"listed in {n:,} of {m:,} networks here", f"in {n:,} von {m:,} Netzwerken hier verzeichnet"
        )
    share, part = percent(score), _part_of(unit, label)
    if measure == centrality.TWO_MODE_CLOSENESS.key:
        return Text(
            f"{share.en} of the closeness that is possible in its part ({part.en})",
            f"{share.de} der Nähe, die in seinem Teil möglich ist ({part.de})",
        )
    return Text(
        f"{share.en} of the shortest paths that could run through it in its part ({part.en}) do",
        f"{share.de} der kürzesten Wege, die in seinem Teil ({part.de}) durch ihn laufen könnten, tun es",
    )


def _part_of(unit: Unit, label: str) -> Text:
    """How large the part is that an actor hangs together with."""
    lists = unit.lists
    labels = components(lists.adjacency).label
    own = labels[lists.actors.index(label)]
    n = int((labels[: len(lists.actors)] == own).sum())
    return Inputs(n, int((labels == own).sum()) - n).text


_MEASURES = {
    each.key: each
    for each in (centrality.TWO_MODE_DEGREE, centrality.TWO_MODE_CLOSENESS, centrality.TWO_MODE_BETWEENNESS)
}


def _with_whom(unit: Unit, label: str) -> Table:
    lists: TwoMode = unit.lists
    at = lists.actors.index(label)
    shared = (lists.matrix[[at]] @ lists.matrix.T).tocoo()
    pairs = [(str(lists.actors[c]), int(v)) for c, v in zip(shared.col, shared.data, strict=True) if c != at]
    pairs.sort(key=lambda each: (-each[1], each[0]))
    rows: list[tuple[Cell, ...]] = [(Thing.of(unit.facts.actor_iris[name], name), n) for name, n in pairs]
    shown, left = shortened(rows, MOST_ROWS)
    title = Text("Listed together with", "Gemeinsam verzeichnet mit")
    return Table(title, (words.ACTOR, Text("in so many networks", "in so vielen Netzwerken")), shown, None, left)


def _if_it_left(unit: Unit, iri: str, label: str) -> Section:
    whole = unit.whole
    coordinates = label if label in whole.actor_iris else unit.facts.source.label(iri)
    answer = losses.loss_of(whole, coordinates)
    found = answer.value
    rows: list[tuple[Cell, ...]] = []
    if found is not None:
        below, headless = set(map(str, found.below_two)), set(map(str, found.without_coordinator))
        for name in dict.fromkeys(map(str, (*found.hit, *found.without_coordinator))):
            marks = (words.YES if name in each else words.NO for each in (below, headless))
            rows.append((Thing.of(whole.network_iris[name], name), *marks))
    shown, left = shortened(rows, MOST_ROWS)
    heads = (
        words.NETWORK, Text("left with fewer than two members", "hätte weniger als zwei Mitglieder"),
        Text("left without a coordinator", "hätte keine Koordination"),
    )  # fmt: skip
    table = Table(Text("Networks that would lose it", "Netzwerke, die ihn verlören"), heads, shown, None, left)
    first = line(unit.thing, answer, "networks", losses.lost_networks(answer))
    return Section("leaves", TITLES["leaves"], (first,), (), (BESIDE["leaves"],), (), (table,) if rows else ())


def _its_money(unit: Unit, iri: str) -> Section:
    """On whom it depends, and whom it funds."""
    facts = unit.facts
    received = {data["key"] for _, recipient, data in facts.money if recipient == iri}
    given = {data["key"] for source, _, data in facts.money if source == iri}
    k = len({source for source, recipient, _ in facts.money if recipient == iri})
    inputs = Inputs(dates=facts.dates, sources=facts.basis.sources)
    if k:
        sources = words.plural(k, ("known source", "known sources"), ("bekannte Quelle", "bekannte Quellen"))
        sentence = Text(
            f"It has {sources.en}; amounts are unknown unless stated.",
            f"Er hat {sources.de}; Beträge sind unbekannt, wo keine genannt sind.",
        )
        answer: Answer[Any] = DEPENDENCE.value(k, inputs, sentence)
    else:
        silent = Text("no profile says who funds it", "kein Profil sagt, wer ihn fördert")
        if facts.source.imported:
            silent = Text(
                "no profile or table says who funds it", "kein Profil und keine Tabelle sagt, wer ihn fördert"
            )
        answer = DEPENDENCE.unknown(inputs, silent)
    tables = [
        money.flows_table(facts, received, Text("What it receives, as stated", "Was er laut Angabe erhält")),
        money.flows_table(facts, given, Text("What it gives, as stated", "Was er laut Angabe gibt")),
    ]
    title = Text("On whose money does it depend?", "Von wessen Geld hängt er ab?")
    return Section(
        "money",
        title,
        (line(unit.thing, answer, "sources"),),
        tuple(money.imported_in_words(facts, received | given)),
        (BESIDE["funder"],),
        (),
        tuple(table for table in tables if table.rows),
    )


# ---------------------------------------------------------------------------------------------------------------------
# A funder


def funder_report(source: Source, name: str, _: Selection, __: Source | None) -> Report:
    """Whom a funder or a category of funds pays for what, and what if it stopped.

    Raises:
        NotFound: there is no such funder or category; similar ones are named.
    """
    whole = source.facts()
    categories = source.ontology.scheme("funder-category").concepts
    category = local(name) if local(name) in categories else None
    iri = "" if category else frame.find(source, name, source.actors, "funder", categories)
    whole = replace(whole, party=iri, category=category or "")
    paid = [
        (recipient, data)
        for giver, recipient, data in whole.money
        if giver == iri or (category and category in str(data["categories"]).split(SEPARATOR))
    ]
    keys, recipients = {data["key"] for _, data in paid}, {recipient for recipient, _ in paid}
    networks = sorted({data["network"] for _, data in paid} & source.networks.keys())
    tables = {data["network"] for _, data in paid} & source.imported.keys()
    # Only the networks that name it: that others are not affected goes without saying.
    facts_of = whole
    if networks:
        facts_of = replace(source.facts(Selection(networks=networks)), party=iri, category=category or "")
    unit = Unit(Thing("", Text("", "")), facts_of, whole)
    scenario = money.of_category(unit, category) if category else money.of_funder(unit, iri)
    thing = scenario.thing
    facts: list[tuple[Text, Cell]] = [
        (Text("Networks that name it", "Netzwerke, die ihn nennen"), len(networks)),
        (Text("Recipients", "Empfänger"), len(recipients)),
        (Text("Funding flows", "Geldflüsse"), len(keys)),
    ]
    if tables:
        facts.insert(1, (Text("Imported tables that name it", "Importierte Tabellen, die ihn nennen"), len(tables)))
    found = scenario.answer.value
    stopped = Section(
        "funder",
        Text("What if it stopped?", "Was wäre, wenn er aufhörte?"),
        (line(thing, scenario.answer, "recipients", len(found) if found is not None else None),),
        tuple(dict.fromkeys(money.kept_in_words(facts_of, scenario)))[: money.MOST_SCENARIOS],
        (BESIDE["funder"],),
        (),
        (_recipients_table(facts_of, scenario),) if found else (),
    )
    flows = Section(
        "flows",
        Text("Whom does it fund, and what for?", "Wen fördert er, und wofür?"),
        (),
        tuple(money.imported_in_words(whole, keys)) if keys else (_not_named(source),),
        (),
        (),
        (money.flows_table(whole, keys, Text("Flows, as stated", "Geldflüsse laut Angabe")),) if keys else (),
    )
    return frame.report(source, "funder", thing.label, [thing], facts, [], [stopped, flows])


def _not_named(source: Source) -> Text:
    if source.imported:
        return Text(
            "No profile or imported table names it as a funder.",
            "Kein Profil und keine importierte Tabelle nennt ihn als Geldgeber.",
        )
    return Text("No profile names it as a funder.", "Kein Profil nennt ihn als Geldgeber.")


def _recipients_table(facts: Facts, scenario: money.Scenario) -> Table:
    found = scenario.answer.value or {}
    rows: list[tuple[Cell, ...]] = []
    for recipient, each in sorted(found.items(), key=lambda item: (item[1].after, str(item[0]))):
        data = facts.flows.nodes[str(recipient)]
        name: Cell = Text("not named", "nicht genannt")
        if data["iri"]:
            name = Thing.of(str(data["iri"]), str(data["label"]))
        share = None if each.share is None else round(100 * each.share)
        rows.append((name, each.before, each.after, share, "; ".join(each.activities) or None))
    shown, left = shortened(rows, MOST_ROWS)
    columns = (
        Text("Recipient", "Empfänger"), Text("Sources now", "Quellen jetzt"), Text("then", "dann"),
        Text("Share of amounts lost, %", "Verlorener Anteil der Beträge, %"),
        Text("Paid by it alone", "Allein von ihm bezahlt"),
    )  # fmt: skip
    return Table(Text("Recipients", "Empfänger"), columns, shown, None, left)
