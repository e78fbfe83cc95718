"""The reports: on a network, a collection, and several beside each other; where each kind of report is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from integgraph.analysis.measures.answers import Inputs, Text
from integgraph.analysis.reports import (
    changes,
    frame,
    gaps,
    known,
    losses,
    money,
    partners,
    sectors,
    steering,
    structure,
    words,
)
from integgraph.analysis.reports.facts import Facts, Source, Unit
from integgraph.analysis.reports.model import KINDS, Cell, Report, Section, Thing
from integgraph.analysis.reports.parties import actor_report, funder_report
from integgraph.analysis.selection import Selection, unknown_value
from integgraph.errors import NotFound, Unprocessable
from integgraph.ontology import Ontology
from integgraph.release import Release
from integgraph.tables import STATED_NONE, VALUE, local

MOST_COMPARED = 6

Builder = Callable[[Sequence[Unit]], Section]
"""Makes a section of one or several units."""


def analyse(
    release: Release,
    kind: str,
    name: str = "",
    *,
    selection: Selection | None = None,
    before: Release | None = None,
    ontology: Ontology | None = None,
    source: Source | None = None,
) -> Report:
    """A report on a network, an actor, a funder or a collection of networks.

    Args:
        release: An open release.
        kind: ``network``, ``actor``, ``funder`` or ``collection``.
        name: Id or IRI of the network, actor or funder; of a funder also the id of a category, such as ``municipal``.
            Left out for a collection.
        selection: Which networks a collection holds; everything if left out.
        before: An earlier release, for what changed since.
        ontology: Where labels and vocabularies are looked up; ``None`` loads the one that is shipped.
        source: The release as it was read before; ``None`` reads it.

    Raises:
        NotFound: there is no such network, actor or funder; similar ones are named.
        Unprocessable: there is no such kind, the name is missing or too much, or a value of the selection does not
            exist.
    """
    if kind not in _REPORTS:
        raise unknown_value("kind", kind, KINDS)
    if kind == "collection" and name:
        raise Unprocessable(f"A collection has no name ('{name[:60]}'); select networks, for example by places.")
    if kind != "collection" and not name:
        raise Unprocessable(f"Name the {kind} to report on: its id or IRI.")
    if kind != "collection" and selection is not None:
        raise Unprocessable("A selection narrows a collection; leave it out here.")
    source = source or Source(release, ontology)
    earlier = Source(before, ontology) if before is not None else None
    return _REPORTS[kind](source, name, selection or Selection(), earlier)


# ---------------------------------------------------------------------------------------------------------------------
# A network


def _network(source: Source, name: str, _: Selection, before: Source | None) -> Report:
    iri = frame.find(source, name, source.networks, "network")
    unit = replace(_network_unit(source, iri, source.facts()), alone=True)
    sections = [build([unit]) for build in _questions(before)]
    row = source.networks[iri]
    facts: list[tuple[Text, Cell]] = [
        (Text("Seat", "Sitz"), source.place(row["seat"]) if row["seat"] else _why_not(row["seat_state"])),
        (
            Text("Area of activity", "Wirkungsbereich"),
            words.enumerated([source.place(each) for each in row["area"]])
            if row["area"]
            else _why_not(row["area_state"]),
        ),
        (Text("Status of the profile", "Stand des Profils"), row["status_date"] or None),
        (Text("Sources", "Quellen"), "; ".join(source.sources_of(iri)) or None),
    ]
    notes = [*_one_list(unit), *frame.notes_of(unit.facts)]
    return frame.report(source, "network", unit.thing.label, [unit.thing], facts, notes, sections)


def _why_not(state: str | None) -> Cell:
    return words.NONE if state == STATED_NONE else None


def _network_unit(source: Source, iri: str, whole: Facts) -> Unit:
    return Unit(source.thing(iri), source.facts(Selection(networks=iri)), whole, iri)


def _one_list(unit: Unit) -> Iterator[Text]:
    if unit.lists.ties:
        yield Text(
            "One list joins all of its members, so density, clustering and centralisation of it are fixed by its form "
            "and say nothing; they are shown as forced.",
            "Eine einzelne Liste verbindet alle ihre Mitglieder; Dichte, Clusterung und Zentralisierung stehen damit "
            "schon fest und sagen nichts. Sie sind als vorgegeben gekennzeichnet.",
        )
    elif unit.network is not None and unit.facts.found.networks.states[0] == VALUE:
        yield Text(
            "All who are listed take part in roles that do not make a member; so no member is known.",
            "Alle Verzeichneten nehmen in Rollen teil, die keine Mitgliedschaft sind; ein Mitglied ist nicht bekannt.",
        )


# ---------------------------------------------------------------------------------------------------------------------
# A collection


def _collection(source: Source, _: str, selection: Selection, before: Source | None) -> Report:
    whole = source.facts()
    facts = source.facts(selection)
    thing = Thing("", _selected(source, selection))
    unit = Unit(thing, facts, whole, alone=True)
    builders = (*_questions(before), partners.partners) if facts.networks else ()
    sections = [build([unit]) for build in builders]
    top: list[tuple[Text, Cell]] = [
        (words.NETWORKS, len(facts.networks)),
        (Text("Named members", "Genannte Mitglieder"), len(facts.lists.actors)),
        (Text("Status dates", "Stand"), _span(facts.dates)),
    ]
    notes = [*_other_roles(selection), *frame.notes_of(facts)]
    return frame.report(source, "collection", thing.label, [thing], top, notes, sections)


def _other_roles(selection: Selection) -> Iterator[Text]:
    if selection.roles:
        roles = ", ".join(selection.roles)
        yield Text(f"Counted are participants in these roles: {roles}.", f"Gezählt sind Beteiligte in Rollen: {roles}.")
    elif selection.participants == "all":
        yield Text(
            "Counted are participants in all roles, also in those that make no member.",
            "Gezählt sind Beteiligte in allen Rollen, auch in solchen, die keine Mitgliedschaft sind.",
        )


def _selected(source: Source, selection: Selection) -> Text:
    """What a selection is called: names of places and terms instead of ids."""
    if selection.whole:
        return Text("All networks", "Alle Netzwerke")
    known = {local(iri): iri for iri in source.networks}
    names = [source.label(known.get(local(each), each)) for each in selection.networks]
    parts: list[Text | None] = [
        words.enumerated([source.country(each) for each in selection.countries]),
        words.enumerated([source.place(local(each)) for each in selection.places]),
        words.enumerated([source.term("field", local(each)) for each in selection.fields]),
        words.enumerated([source.term("target-group", local(each)) for each in selection.target_groups]),
        words.enumerated([Text(name, name) for name in names]),
    ]
    if selection.since or selection.until:
        span = f"{selection.since or '…'}–{selection.until or '…'}"
        parts.append(Text(f"status {span}", f"Stand {span}"))
    told = [part for part in parts if part is not None]
    return Text("; ".join(each.en for each in told), "; ".join(each.de for each in told))


def _span(dates: Sequence[str]) -> Cell:
    if not dates:
        return None
    return dates[0] if len(dates) == 1 else f"{dates[0]}–{dates[-1]}"


def _questions(before: Source | None = None) -> tuple[Builder, ...]:
    """The ten plain questions, in their order."""
    return (
        known.known,
        steering.steers,
        structure.holds,
        structure.hub,
        gaps.gaps,
        money.funder,
        losses.leaves,
        sectors.sectors,
        structure.different,
        partial(changes.changed, before=before),
    )


# ---------------------------------------------------------------------------------------------------------------------
# Several beside each other


def compare(
    release: Release, names: Sequence[str], *, ontology: Ontology | None = None, source: Source | None = None
) -> Report:
    """Two to six networks, or two to six places with all networks there, beside each other, in the order given.

    Args:
        release: An open release.
        names: Ids or IRIs of networks, or of places.
        ontology: Where labels and vocabularies are looked up; ``None`` loads the one that is shipped.
        source: The release as it was read before; ``None`` reads it.

    Raises:
        NotFound: there is no such network or place; similar ones are named.
        Unprocessable: there are fewer than two or more than six, one is named twice, or networks and places are mixed.
    """
    given = [names] if isinstance(names, str) else list(names)
    if not 2 <= len(given) <= MOST_COMPARED:
        how = "one is" if len(given) == 1 else f"{len(given)} are"
        raise Unprocessable(f"A comparison takes two to six networks or places; {how} given.")
    source = source or Source(release, ontology)
    found = [_network_or_place(source, name) for name in given]
    _check_comparable(source, found)
    whole = source.facts()
    units = [_compared(source, kind, name, whole) for kind, name in found]
    sections = [build(units) for build in _questions()]
    sections.insert(-1, changes.overlap(units))
    label = Text(*(" · ".join(unit.thing.label[lang] for unit in units) for lang in ("en", "de")))
    facts: list[tuple[Text, Cell]] = [(unit.thing.label, _counts(unit)) for unit in units]
    notes = [words.of_unit(note, unit.thing) for unit in units for note in frame.notes_of(unit.facts)]
    order = Text(
        "In the order in which they were named; no order of merit. All panels have the same scale.",
        "In der Reihenfolge der Nennung; keine Rangfolge. Alle Darstellungen haben denselben Maßstab.",
    )
    notes[:0] = [order, *_in_several(source, units)]
    return frame.report(source, "comparison", label, [unit.thing for unit in units], facts, notes, sections)


def prepare(source: Source, place: str) -> None:
    """Do what any comparison of a place does with its facts alone, once for all; the source must keep its facts.

    Args:
        source: The release as it was read.
        place: Id of the place.
    """
    unit = _compared(source, "place", place, source.facts())
    for build in (*_questions(), changes.overlap):
        build([unit, unit])


def _in_several(source: Source, units: Sequence[Unit]) -> Iterator[Text]:
    """Networks that lie in more than one of the places that are compared."""
    times = Counter(network for unit in units for network in unit.facts.networks)
    names = [source.label(network) for network, number in times.items() if number > 1]
    if names:
        shown = words.joined(sorted(names))
        yield Text(
            f"In more than one of these places, and counted in each: {shown.en}.",
            f"In mehreren dieser Orte, und in jedem gezählt: {shown.de}.",
        )


def _counts(unit: Unit) -> Text:
    facts = unit.facts
    return Inputs(len(facts.lists.actors), len(facts.networks), facts.lists.ties, facts.dates).text


def _network_or_place(source: Source, name: str) -> tuple[str, str]:
    last = local(name)
    kinds = {"network": {local(iri): iri for iri in source.networks}, "place": {each: each for each in source.places}}
    for kind, of_kind in kinds.items():
        if last in of_kind and (name == last or f"/{kind}/" in f"/{name}"):
            return kind, of_kind[last]
    labels = {each: source.label(iri) for each, iri in kinds["network"].items()}
    labels |= {each: str(row["name"] or "") for each, row in source.places.items()}
    raise NotFound(f"There is no network and no place '{name[:100]}'.", frame.similar(name, labels))


def _check_comparable(source: Source, found: Sequence[tuple[str, str]]) -> None:
    if len({kind for kind, _ in found}) > 1:
        raise Unprocessable("Networks are compared with networks and places with places; these are mixed.")
    for number, each in enumerate(found):
        if each in found[:number]:
            name = source.label(each[1]) if each[0] == "network" else source.place(each[1]).en
            raise Unprocessable(f"{name} is named twice; a comparison of a thing with itself says nothing.")


def _compared(source: Source, kind: str, name: str, whole: Facts) -> Unit:
    if kind == "network":
        return _network_unit(source, name, whole)
    return Unit(source.place_thing(name), source.facts(Selection(places=name)), whole)


_REPORTS: dict[str, Callable[[Source, str, Selection, Source | None], Report]] = {
    "network": _network,
    "actor": actor_report,
    "funder": funder_report,
    "collection": _collection,
}
