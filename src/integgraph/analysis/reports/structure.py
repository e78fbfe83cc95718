"""Who holds it together, one hub or many, is it built differently."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from integgraph.analysis.measures import bands as banded
from integgraph.analysis.measures import centralisation, cohesion, nullmodels, size
from integgraph.analysis.measures.answers import (
    NO_MEMBERS,
    ONLY_LISTS,
    Answer,
    State,
    Text,
)
from integgraph.analysis.measures.onelist import one_list
from integgraph.analysis.measures.pairs import shared_pairs, shared_pairs_at_once
from integgraph.analysis.measures.twomode import Ints, TwoMode
from integgraph.analysis.reports import words
from integgraph.analysis.reports.facts import Facts, Unit, once, sizes
from integgraph.analysis.reports.model import (
    Cell,
    Dots,
    Figure,
    Line,
    Section,
    Strip,
    Table,
    Thing,
    shortened,
)
from integgraph.analysis.reports.words import BESIDE, MOST_ROWS, TITLES, basis_text, line

MOST_DRAWN, MOST_COLUMNS = 24, 60
"""Actors and networks that a matrix of dots shows; its table names all networks of these actors."""
SHUFFLED_UP_TO = 200_000
"""Up to how many memberships lists are shuffled a thousand times; above it would take minutes."""


# ---------------------------------------------------------------------------------------------------------------------
# Who holds this together?


def holds(units: Sequence[Unit]) -> Section:
    """Who is in most networks, and whose leaving would cut parts off."""
    lines: list[Line] = []
    says: list[Text] = []
    tables: list[Table] = []
    figures: list[Figure] = []
    for unit in units:
        lines.extend(_held_together(unit))
        if unit.network is not None:
            tables.append(_elsewhere_table(unit))
            says.append(words.of_unit(_elsewhere(unit), unit.thing, len(units) > 1))
        else:
            figure = _dots(unit)
            if figure is None:
                says.append(words.of_unit(_no_overlap(unit), unit.thing, len(units) > 1))
            else:
                figures.append(figure)
    return Section(
        "holds",
        TITLES["holds"],
        tuple(lines),
        tuple(says),
        (BESIDE["holds"],),
        tuple(figures),
        tuple(table for table in tables if table.rows),
    )


@once
def _held_together(unit: Unit) -> tuple[Line, ...]:
    return tuple(_cohesion(unit))


def _cohesion(unit: Unit) -> Iterator[Line]:
    lists, basis, thing = unit.lists, unit.basis, unit.thing
    if unit.network is not None or len(lists.networks) == 1:
        density, clustering, _ = one_list(len(lists.actors), basis=basis)
        yield from (line(thing, answer, "share") for answer in (density, clustering))
        return
    yield line(thing, size.two_mode_density(lists, basis=basis), "share")
    yield line(thing, size.mean_memberships(lists, basis=basis), "networks per actor")
    parts: Answer[list[int]] = cohesion.COMPONENTS.unknown(lists.inputs(basis), NO_MEMBERS)
    if lists.ties:
        parts = cohesion.connected_parts(lists, basis=basis)
    yield line(thing, parts, "parts", len(parts.value) if parts.value is not None else None)
    cut = _cut_actors(lists, cohesion.cut_members(lists, basis=basis))
    yield line(thing, cut, "actors", len(cut.value) if cut.value is not None else None)
    stability = banded.stability(lists, basis=basis)
    top = stability.details.get("top")
    yield line(thing, stability, "actors", len(top) if top else None)


def _cut_actors(lists: TwoMode, answer: Answer[tuple[Any, ...]]) -> Answer[tuple[Any, ...]]:
    """Cut members without the networks, each of which trivially holds those who are listed nowhere else."""
    if answer.value is None or answer.state is not State.VALUE:
        return answer
    networks = set(lists.networks)
    found = tuple(name for name in answer.value if name not in networks)
    names = words.joined(sorted(map(str, found)))
    sentence = (
        Text(
            f"Some networks are linked only through: {names.en}.",
            f"Manche Netzwerke sind nur verbunden durch: {names.de}.",
        )
        if found
        else Text("No single member links networks.", "Kein einzelnes Mitglied verbindet Netzwerke.")
    )
    return Answer(answer.measure, answer.state, found, answer.inputs, sentence, answer.details)


def _elsewhere(unit: Unit) -> Text:
    """Whether members of one network are in others too."""
    degrees = unit.whole.memberships
    several = sorted(name for name, iri in unit.facts.actor_iris.items() if degrees.get(iri, 1) > 1)
    n = len(unit.facts.actor_iris)
    if not n:
        return Text("No member is known.", "Es ist kein Mitglied bekannt.")
    if not several:
        return Text(
            "None of its members is named as a member of another network of this collection.",
            "Keines seiner Mitglieder ist in einem anderen Netzwerk dieser Sammlung als Mitglied genannt.",
        )
    names = words.joined(several)
    return words.ended(
        Text(
            f"{len(several)} of its {n} members are named in other networks of this collection too: {names.en}.",
            f"{len(several)} der {n} Mitglieder sind auch in anderen Netzwerken dieser Sammlung genannt: {names.de}.",
        )
    )


def _elsewhere_table(unit: Unit) -> Table:
    """Members of one network, and in how many networks of the collection they are."""
    degrees = unit.whole.memberships
    ordered = sorted(unit.facts.actor_iris.items(), key=lambda each: (-degrees.get(each[1], 1), each[0]))
    rows: list[tuple[Cell, ...]] = [
        (Thing.of(iri, name), _sector_names(unit, name), degrees.get(iri, 1) - 1) for name, iri in ordered
    ]
    shown, left = shortened(rows, MOST_ROWS)
    title = unit.titled(
        Text(
            "Members, and in how many other networks here they are",
            "Mitglieder und in wie vielen anderen Netzwerken hier sie sind",
        )
    )
    columns = (words.ACTOR, Text("Sector", "Sektor"), Text("Other networks", "Andere Netzwerke"))
    return Table(title, columns, shown, None, left)


def _sector_names(unit: Unit, name: str) -> Text | None:
    return words.enumerated([unit.facts.source.term("sector", each) for each in unit.facts.sectors.get(name, ())])


def _no_overlap(unit: Unit) -> Text:
    if not unit.lists.ties:
        return Text("No members are known.", "Es sind keine Mitglieder bekannt.")
    return Text(
        "No actor is named as a member of two of these networks; nothing links them on paper.",
        "Kein Akteur ist als Mitglied zweier dieser Netzwerke genannt; auf dem Papier verbindet sie nichts.",
    )


@once
def _dots(unit: Unit) -> Figure | None:
    lists = unit.lists
    degrees = lists.memberships
    several = np.flatnonzero(degrees > 1)
    if not len(several):
        return None
    order = sorted(several.tolist(), key=lambda at: (-int(degrees[at]), str(lists.actors[at])))
    rows = order[:MOST_DRAWN]
    # Networks stand in the order of the first actor that is in them, so that dots of one actor stand close together.
    columns = list(dict.fromkeys(int(column) for at in rows for column in lists.matrix[[at]].indices))
    every = len(columns)
    if every > MOST_COLUMNS:
        with_most = Counter(int(column) for at in rows for column in lists.matrix[[at]].indices)
        widest = set(sorted(columns, key=lambda column: -with_most[column])[:MOST_COLUMNS])
        columns = [column for column in columns if column in widest]
    place = {column: at for at, column in enumerate(columns)}
    ties = {
        (row, place[int(column)])
        for row, at in enumerate(rows)
        for column in lists.matrix.indices[lists.matrix.indptr[at] : lists.matrix.indptr[at + 1]]
        if int(column) in place
    }
    title = unit.titled(
        Text("Actors that are members of two or more networks", "Akteure, die Mitglied mehrerer Netzwerke sind")
    )
    of_networks = Text("", "")
    if every > len(columns):
        of_networks = Text(
            f"; of {every} networks that they are in, the {len(columns)} with most of them",
            f"; von {every} Netzwerken, in denen sie sind, die {len(columns)} mit den meisten von ihnen",
        )
    says = Text(
        f"Each dot: the actor is listed in the network. In two or more: {len(several)} of {len(lists.actors)} actors"
        f"{'' if len(order) == len(rows) else f'; shown are the {len(rows)} in most'}{of_networks.en}.",
        f"Jeder Punkt: Der Akteur ist im Netzwerk verzeichnet. In mehreren: {len(several)} von {len(lists.actors)} "
        f"Akteuren{'' if len(order) == len(rows) else f'; gezeigt sind die {len(rows)} in den meisten'}"
        f"{of_networks.de}.",
    )
    iris = unit.facts.actor_iris
    twin_rows: list[tuple[Cell, ...]] = [
        (
            Thing.of(iris[str(lists.actors[at])], str(lists.actors[at])),
            int(degrees[at]),
            ", ".join(sorted(str(lists.networks[c]) for c in lists.matrix[[at]].indices)),
        )
        for at in rows
    ]
    twin = Table(title, (words.ACTOR, words.NUMBER, words.NETWORKS), tuple(twin_rows), None, len(order) - len(rows))
    names = tuple(str(lists.actors[at]) for at in rows)
    drawing = Dots(names, tuple(str(lists.networks[at]) for at in columns), frozenset(ties))
    return Figure(title, says, basis_text([unit], lists=True), drawing, twin)


# ---------------------------------------------------------------------------------------------------------------------
# One hub or many?


def hub(units: Sequence[Unit]) -> Section:
    """How much lies with one actor, as far as lists can say."""
    lines: list[Line] = []
    rows: list[tuple[Text, float | None, float | None, float | None]] = []
    for unit in units:
        lines.append(line(unit.thing, _freeman(unit), "share"))
        if unit.network is None:
            concentrated, row = _concentration(unit)
            lines.extend(concentrated)
            rows.append(row)
    figures = (_hub_figure(units, rows),) if any(value is not None for _, value, _, _ in rows) else ()
    tables = tuple(table for unit in units if (table := _reported_table(unit)).rows)
    return Section("hub", TITLES["hub"], tuple(lines), (), (BESIDE["hub"],), figures, tables)


def _reported_table(unit: Unit) -> Table:
    """Ties that profiles report themselves, apart from what lists imply."""
    source, own = unit.facts.source, set(unit.facts.networks)
    rows: list[tuple[Cell, ...]] = [
        (source.thing(one), source.term("relation-kind", kind), other)
        for one, kind, other in source.reported
        if one in own or other.iri in own
    ]
    shown, left = shortened(rows, MOST_ROWS)
    title = unit.titled(Text("Ties between networks that profiles report", "Verbindungen, die Profile selbst nennen"))
    columns = (words.NETWORK, Text("Tie", "Verbindung"), Text("Other network", "Anderes Netzwerk"))
    return Table(title, columns, shown, None, left)


@once
def _concentration(unit: Unit) -> tuple[tuple[Line, ...], tuple[Text, float | None, float | None, float | None]]:
    """How far memberships lie with one actor, and the value with its band as a figure shows it."""
    answer = centralisation.two_mode_degree_centralisation(unit.lists, basis=unit.basis)
    found = answer.value["actors"] if answer.value and answer.state is State.VALUE else None
    lines = [line(unit.thing, answer, "share", found)]
    low = high = None
    if found is not None:
        of_memberships = banded.OfMemberships(_memberships_centralised)
        banded_answer = banded.bands(unit.lists, of_memberships, (0.1, 0.2), _CONCENTRATION, basis=unit.basis)
        lines.append(line(unit.thing, banded_answer, "share"))
        if banded_answer.value is not None and "10 %" in banded_answer.value:
            low, high = banded_answer.value["10 %"].low, banded_answer.value["10 %"].high
    return tuple(lines), (unit.thing.label, found, low, high)


_CONCENTRATION = Text(
    "The concentration of memberships on one actor", "Die Konzentration der Zugehörigkeiten auf einen Akteur"
)


def _freeman(unit: Unit) -> Answer[float]:
    lists, basis = unit.lists, unit.basis
    if lists.ties and (unit.network is not None or len(lists.networks) == 1):
        return one_list(len(lists.actors), basis=basis)[-1]
    return centralisation.DEGREE.unknown(lists.inputs(basis), ONLY_LISTS if lists.actors else NO_MEMBERS)


def _memberships_centralised(memberships: Ints, networks: int) -> float | None:
    """Centralisation of memberships among those who are listed at all: who is hidden altogether would be on no list."""
    n = int(np.count_nonzero(memberships))
    if n < 2 or networks < 2:
        return None
    return (int(memberships.max()) * n - int(memberships.sum())) / ((n - 1) * (networks - 1))


def _hub_figure(units: Sequence[Unit], rows: Sequence[tuple[Text, float | None, float | None, float | None]]) -> Figure:
    title = Text(
        "How far memberships lie with one actor (0 all alike, 100 % all with one)",
        "Wie sehr die Zugehörigkeiten bei einem Akteur liegen (0 alle gleich, 100 % alle bei einem)",
    )
    band = Text("where it lies when 10 % of ties are hidden", "wo sie liegt, wenn 10 % der Verbindungen verborgen sind")
    twin = Table(
        title,
        (words.WHAT, Text("Value", "Wert"), Text("Band from", "Band von"), Text("Band to", "Band bis")),
        tuple(rows),
    )
    says = Text(
        "The dot is the value, the band shows where it lies when a tenth of the memberships is hidden.",
        "Der Punkt ist der Wert, das Band zeigt, wo er liegt, wenn ein Zehntel der Zugehörigkeiten verborgen ist.",
    )
    return Figure(title, says, basis_text(units, lists=True), Strip(tuple(rows), title, band, (0.0, 1.0), True), twin)


# ---------------------------------------------------------------------------------------------------------------------
# Is A built differently from B?


def different(units: Sequence[Unit]) -> Section:
    """Counts beside each other, and each against shuffles of its own lists."""
    lines: list[Line] = []
    rows: list[tuple[Text, float | None, float | None, float | None]] = []
    for unit in units:
        answer = against_chance(unit.facts)
        found = answer.value
        lines.append(
            line(unit.thing, answer, "percentile", found.percentile if found and found.z is not None else None)
        )
        if found is not None and found.z is not None:
            rows.append((unit.thing.label, found.observed, found.low, found.high))
        else:
            rows.append((unit.thing.label, None, None, None))
    figures = (_chance_figure(units, rows),) if any(value is not None for _, value, _, _ in rows) else ()
    return Section(
        "different", TITLES["different"], tuple(lines), (), (BESIDE["different"],), figures, (_sizes_table(units),)
    )


_SHARED = Text(
    "The number of pairs of networks that share a member", "Die Zahl der Paare von Netzwerken mit gemeinsamem Mitglied"
)


@once
def against_chance(facts: Facts) -> Answer[Any]:
    """Whether more pairs of networks share a member than chance would give; shuffled once for the same lists.

    Places may have the same networks, such as a continent and the world, and a place is compared with many others.
    """
    lists, known = facts.lists, facts.source.chance
    digest = hashlib.sha256("\n".join(facts.networks).encode())
    for part in (lists.matrix.indptr, lists.matrix.indices):
        digest.update(part.tobytes())
    key = digest.digest()
    if key not in known:
        known[key] = _against_chance(lists, facts.basis)
        while len(known) > _MOST_KNOWN:
            del known[next(iter(known))]
    found: Answer[Any] = known[key]
    return found


_MOST_KNOWN = 200


def _against_chance(lists: TwoMode, basis: Any) -> Answer[Any]:
    if lists.ties > SHUFFLED_UP_TO and len(lists.networks) > 1:
        many = words.grouped(
            f"lists are shuffled up to {SHUFFLED_UP_TO:,} memberships; select fewer networks",
            f"Listen werden bis {SHUFFLED_UP_TO:,} Zugehörigkeiten gemischt; bitte weniger Netzwerke auswählen",
        )
        return nullmodels.SIZE_FAIR.unknown(lists.inputs(basis), many)
    if len(lists.networks) == 1 and lists.ties:
        one = Text(
            "one list can be shuffled in one way only", "eine einzelne Liste lässt sich nur auf eine Weise mischen"
        )
        return nullmodels.SIZE_FAIR.too_small(lists.inputs(basis), one)
    return nullmodels.size_fair(lists, shared_pairs, _SHARED, at_once=shared_pairs_at_once, basis=basis)


def _chance_figure(
    units: Sequence[Unit], rows: Sequence[tuple[Text, float | None, float | None, float | None]]
) -> Figure:
    title = Text("Pairs of networks that share a member", "Paare von Netzwerken mit gemeinsamem Mitglied")
    band = Text("range of 95 % of shuffled lists", "Spanne von 95 % der gemischten Listen")
    twin = Table(
        title,
        (
            words.WHAT,
            Text("Observed", "Beobachtet"),
            Text("Shuffled, from", "Gemischt, von"),
            Text("Shuffled, to", "Gemischt, bis"),
        ),
        tuple(rows),
    )
    most = max(value for row in rows for value in row[1:] if value is not None)
    says = Text(
        "The dot is what is listed; the band is what lists of the same lengths have by chance.",
        "Der Punkt ist, was verzeichnet ist; das Band ist, was Listen derselben Längen zufällig haben.",
    )
    return Figure(
        title, says, basis_text(units, lists=True), Strip(tuple(rows), title, band, (0.0, max(most, 1.0))), twin
    )


_SIZE_ROWS: tuple[tuple[Text, Callable[[Facts], Cell]], ...] = (
    (
        Text("Networks with known members (m)", "Netzwerke mit bekannten Mitgliedern (m)"),
        lambda facts: len(facts.lists.networks),
    ),
    (Text("Actors (n)", "Akteure (n)"), lambda facts: len(facts.lists.actors)),
    (Text("Memberships", "Zugehörigkeiten"), lambda facts: facts.lists.ties),
    (Text("Members a network, median", "Mitglieder je Netzwerk, Median"), lambda facts: _median(facts)),
    (Text("Most members of a network", "Größte Mitgliederzahl"), lambda facts: max(sizes(facts), default=None)),
    (
        Text("Actors in two or more networks", "Akteure in mehreren Netzwerken"),
        lambda facts: int((facts.lists.memberships > 1).sum()),
    ),
    (
        Text("Fields of action listed", "Genannte Handlungsfelder"),
        lambda facts: len({each for row in facts.rows for each in row["fields_of_action"] or ()}),
    ),
    (
        Text("Target groups listed", "Genannte Zielgruppen"),
        lambda facts: len({each for row in facts.rows for each in row["target_groups"] or ()}),
    ),
)


def _median(facts: Facts) -> float | None:
    found = sizes(facts)
    return float(np.median(found)) if found else None


@once
def _size_cells(facts: Facts) -> tuple[Cell, ...]:
    return tuple(count(facts) for _, count in _SIZE_ROWS)


def _sizes_table(units: Sequence[Unit]) -> Table:
    counts = [_size_cells(unit.facts) for unit in units]
    rows = tuple((name, *cells) for (name, _), *cells in zip(_SIZE_ROWS, *counts, strict=True))
    title = Text("Sizes", "Größen")
    note = Text(
        "Larger collections have larger numbers; look at the comparison with chance before you compare.",
        "Größere Sammlungen haben größere Zahlen; vor einem Vergleich bitte den Vergleich mit dem Zufall ansehen.",
    )
    return Table(title, (words.WHAT, *(unit.thing.label for unit in units)), rows, note)
