"""Whom one might work with, and how often such suggestions hit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from integgraph.analysis.measures.answers import Answer, Language, Text
from integgraph.analysis.measures.suggestions import CELLS, SUGGESTIONS, Suggestion, hit_rate, partner_suggestions
from integgraph.analysis.reports import words
from integgraph.analysis.reports.facts import Facts, Unit
from integgraph.analysis.reports.model import (
    Cell,
    Section,
    Table,
    Thing,
)
from integgraph.analysis.reports.words import BESIDE, TITLES, line
from integgraph.csvtext import SEPARATOR

FEWER_RUNS = 10
"""Runs of the hit rate on data so large that a run looks at a sample of actors."""


def partners(units: Sequence[Unit]) -> Section:
    """How often suggestions hit on these data."""
    lines = tuple(line(unit.thing, rate, "AUC", _auc(rate)) for unit in units for rate in [_hits(unit)])
    return Section("partners", TITLES["partners"], lines, (), (BESIDE["partners"],))


def _hits(unit: Unit) -> Answer[dict[str, float]]:
    lists = unit.lists
    if len(lists.actors) * len(lists.networks) > CELLS:
        return hit_rate(lists, runs=FEWER_RUNS, basis=unit.basis)
    return hit_rate(lists, basis=unit.basis)


def _auc(answer: Answer[dict[str, float]]) -> float | None:
    return answer.value["filtering"] if answer.value is not None else None


def suggested(unit: Unit, actor: str) -> Section:
    """Whom an actor might work with, with reasons, and how often such suggestions hit.

    Args:
        unit: The actor, with the whole collection as its facts.
        actor: Its name there.
    """
    rate = _hits(unit)
    regions = _regions_of_actors(unit.facts)
    # Terms have another name in each language, so each sentence is made of its own.
    answer, german = (_suggest(unit, actor, regions, rate, language) for language in words.BOTH)
    answer = replace(answer, sentence=Text(answer.sentence.en, german.sentence.de))
    lines = (
        line(unit.thing, answer, "actors", len(answer.value) if answer.value is not None else None),
        line(unit.thing, rate, "AUC", _auc(rate)),
    )
    tables = (_suggestions_table(unit, answer.value, german.value),) if answer.value and german.value else ()
    return Section("partners", TITLES["partners"], lines, (), (BESIDE["partners"],), (), tables)


def _suggest(
    unit: Unit, actor: str, regions: Mapping[Any, set[str]], rate: Answer[dict[str, float]], language: Language
) -> Answer[tuple[Suggestion, ...]]:
    entries = _entries_of_actors(unit.facts, language)
    wanted = _thin(unit.facts, regions.get(actor, set()), language) - entries.get(actor, set())
    return partner_suggestions(unit.lists, actor, entries, regions, wanted, hits=rate, basis=unit.basis)


def _thin(facts: Facts, regions: set[str], language: Language) -> set[str]:
    """Fields and groups that one network only lists in some regions: who has them would fill what is nearly a gap."""
    times = Counter(
        entry
        for network, text in zip(facts.networks, facts.found.networks.regions, strict=True)
        if regions & set(str(text).split(SEPARATOR))
        for entry in set(facts.entries[facts.source.label(network)])
    )
    return {facts.source.term(*entry.split("/", 1))[language] for entry, number in times.items() if number == 1}


def unknown_partners(unit: Unit) -> Section:
    """For who is listed nowhere there is nothing to go by."""
    nowhere = Text("the actor is listed as a member nowhere", "der Akteur ist nirgends als Mitglied verzeichnet")
    answer: Answer[Any] = SUGGESTIONS.unknown(unit.lists.inputs(unit.basis), nowhere)
    return Section("partners", TITLES["partners"], (line(unit.thing, answer),), (), (BESIDE["partners"],))


def _entries_of_actors(facts: Facts, language: Language) -> dict[Any, set[str]]:
    names = [
        {facts.source.term(*each.split("/", 1))[language] for each in facts.entries[str(network)]}
        for network in facts.lists.networks
    ]
    return {actor: set().union(*(names[c] for c in columns)) for actor, columns in _columns(facts)}


def _regions_of_actors(facts: Facts) -> dict[Any, set[str]]:
    texts = facts.found.networks.regions[facts.known]
    regions = [set(filter(None, str(text).split(SEPARATOR))) for text in texts]
    return {actor: set().union(*(regions[c] for c in columns)) for actor, columns in _columns(facts)}


def _columns(facts: Facts) -> Iterator[tuple[Any, list[int]]]:
    matrix = facts.lists.matrix
    for row, actor in enumerate(facts.lists.actors):
        yield actor, matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]].tolist()


def _suggestions_table(unit: Unit, found: Sequence[Suggestion], german: Sequence[Suggestion]) -> Table:
    same = {each.actor: each for each in german}
    rows: list[tuple[Cell, ...]] = [
        (
            Thing.of(unit.facts.actor_iris[str(each.actor)], str(each.actor)),
            Text(", ".join(each.shared[:5]), ", ".join(same[each.actor].shared[:5])),
            Text(", ".join(each.fills[:5]) or "–", ", ".join(same[each.actor].fills[:5]) or "–"),
            each.similar,
        )
        for each in found
        if each.actor in same
    ]
    columns = (
        words.ACTOR, Text("Shared fields and groups", "Gemeinsame Felder und Gruppen"), Text("Would add", "Käme hinzu"),
        Text("Likeness of networks (0–1)", "Ähnlichkeit der Netzwerke (0–1)"),
    )  # fmt: skip
    title = Text("Not listed together, of the same region", "Nicht gemeinsam verzeichnet, aus derselben Region")
    return Table(title, columns, tuple(rows))
