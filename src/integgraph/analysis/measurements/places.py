"""What is measured of many networks while they are built: the whole collection, each country and each region.

Only measures whose time grows no faster than the lists are answered here. A place is measured from two networks on.
When little changed, only the places of changed networks are measured again (:func:`of_collection` with ``only``); the
lines of the others still hold, because an answer depends on nothing but the networks of its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyoxigraph as ox
from scipy import sparse

from integgraph.analysis.measurements.writing import Measured, Writing
from integgraph.analysis.measures import centralisation, cohesion, size
from integgraph.analysis.measures.answers import NO_MEMBERS, ONLY_LISTS, Answer, Basis, Inputs, State, Text, grouped
from integgraph.analysis.measures.governance import GOVERNANCE, MODES, tally_of
from integgraph.analysis.measures.onelist import one_list
from integgraph.analysis.measures.twomode import TwoMode, binary
from integgraph.ontology import IG, text_of
from integgraph.tables import STATED_NONE, VALUE, local

NETWORK_COLUMNS = (
    "network", "places", "members_complete", "fields_asked", "fields_answered", "status_date", "members_state",
)  # fmt: skip
TIE_COLUMNS = ("network", "actor", "counts_as_member")
ALL = "all"
"""The scope of the whole collection; that of a place is ``place/<id>``."""
FEWEST = 2


def measured_places(triples: Iterable[ox.Triple]) -> frozenset[str]:
    """Ids of the countries, and of all regions that have a NUTS code, among what is stated of places."""
    kind, code = IG + "placeKind", IG + "nutsCode"
    return frozenset(
        local(text_of(each.subject))
        for each in triples
        if each.predicate.value == code or (each.predicate.value == kind and text_of(each.object) == "country")
    )


class Networks:
    """The networks of a release and who is listed in them, as columns.

    Args:
        networks: Columns :data:`NETWORK_COLUMNS` of the table of networks.
        memberships: Columns :data:`TIE_COLUMNS` of the table of participations.
        modes: Mode of governance of each network, by its IRI.
    """

    def __init__(self, networks: pa.Table, memberships: pa.Table, modes: Mapping[str, str]) -> None:
        self._networks = networks.combine_chunks()
        self._memberships, self._modes = memberships, modes

    def __len__(self) -> int:
        return int(self._networks.num_rows)

    @cached_property
    def by_place(self) -> Mapping[str, Any]:
        """Numbers of the networks of each place."""
        places = self._networks["places"].combine_chunks()
        rows = pc.list_parent_indices(places).to_numpy(zero_copy_only=False)
        names = pc.list_flatten(places).dictionary_encode()
        codes = names.indices.to_numpy(zero_copy_only=False)
        order = np.argsort(codes, kind="stable")
        ends = np.searchsorted(codes[order], np.arange(len(names.dictionary) + 1))
        return {
            name: rows[order[start:end]]
            for name, start, end in zip(names.dictionary.to_pylist(), ends[:-1], ends[1:], strict=True)
        }

    @cached_property
    def _columns(self) -> dict[str, list[Any]]:
        wanted = [name for name in NETWORK_COLUMNS if name != "places"]
        return {name: self._networks[name].to_pylist() for name in wanted}

    @cached_property
    def _matrix(self) -> Any:
        """Actors × networks, by columns."""
        listed = self._memberships.filter(pc.fill_null(self._memberships["counts_as_member"], False)).combine_chunks()
        column = pc.index_in(listed["network"], value_set=self._networks["network"].combine_chunks())
        actors = listed["actor"].combine_chunks().dictionary_encode()
        row = actors.indices.to_numpy(zero_copy_only=False)
        shape = (len(actors.dictionary), len(self))
        places = (row, column.to_numpy(zero_copy_only=False))
        return sparse.csc_array((np.ones(len(row)), places), shape=shape)

    def lists(self, chosen: Any) -> TwoMode:
        """Who is listed where, among some networks; without those whose members are not known.

        Actors have numbers from 0, networks from -1 downwards.
        """
        states = self._columns["members_state"]
        known = [at for at in chosen.tolist() if states[at] in (VALUE, STATED_NONE)]
        part = self._matrix[:, known].tocsr()
        rows = np.flatnonzero(np.diff(part.indptr))
        part = binary(part[rows])
        return TwoMode(tuple(range(len(rows))), tuple(-1 - at for at in range(len(known))), part)

    def answers(self, chosen: Any) -> Iterator[tuple[Answer[Any], float | str | None, str]]:
        """The answers on some networks, with value and unit: those of a report on a collection that come cheaply."""
        columns, rows = self._columns, chosen.tolist()
        dates = tuple(sorted({columns["status_date"][at] for at in rows if columns["status_date"][at]}))
        basis = Basis(dates)
        answered = size.fields_answered(
            sum(columns["fields_answered"][at] or 0 for at in rows),
            sum(columns["fields_asked"][at] or 0 for at in rows),
            networks=len(rows),
            named=sum(columns["members_state"][at] in (VALUE, STATED_NONE) for at in rows),
            complete=sum(columns["members_complete"][at] is True for at in rows),
            basis=basis,
        )
        yield answered, answered.value, "share"
        yield self._governance([columns["network"][at] for at in rows], dates)
        lists = self.lists(chosen)
        yield from _structure(lists, basis)

    def _governance(self, networks: list[str], dates: tuple[str, ...]) -> tuple[Answer[Any], int | None, str]:
        inputs = Inputs(networks=len(networks), dates=dates)
        counts = Counter(mode for each in networks if (mode := self._modes.get(each, "")) in MODES)
        if not counts:
            silent = Text("no network says how it is coordinated", "kein Netzwerk sagt, wie es koordiniert wird")
            return GOVERNANCE.unknown(inputs, silent), None, ""
        told = tally_of(counts, len(networks) - counts.total())
        sentence = Text(f"{told.en[:1].upper()}{told.en[1:]}.", f"{told.de[:1].upper()}{told.de[1:]}.")
        return GOVERNANCE.value(dict(counts), inputs, sentence), counts.total(), "networks"


def _structure(lists: TwoMode, basis: Basis) -> Iterator[tuple[Answer[Any], float | None, str]]:
    single = len(lists.networks) == 1
    if single:
        density, clustering, central = one_list(len(lists.actors), basis=basis)
        yield density, density.value, "share"
        yield clustering, clustering.value, "share"
    else:
        for answer, unit in (
            (size.two_mode_density(lists, basis=basis), "share"),
            (size.mean_memberships(lists, basis=basis), "networks per actor"),
        ):
            yield answer, answer.value, unit
        parts: Answer[list[int]] = cohesion.COMPONENTS.unknown(lists.inputs(basis), NO_MEMBERS)
        if lists.ties:
            parts = cohesion.connected_parts(lists, basis=basis)
        yield parts, None if parts.value is None else len(parts.value), "parts"
        yield _cut(cohesion.cut_members(lists, basis=basis))
    if single and lists.ties:
        yield central, central.value, "share"
    else:
        reason = ONLY_LISTS if lists.actors else NO_MEMBERS
        yield centralisation.DEGREE.unknown(lists.inputs(basis), reason), None, ""
    spread = centralisation.two_mode_degree_centralisation(lists, basis=basis)
    yield spread, spread.value["actors"] if spread.value and spread.state is State.VALUE else None, "share"


def _cut(answer: Answer[tuple[Any, ...]]) -> tuple[Answer[Any], int | None, str]:
    """Cut members by number instead of by name, without the networks, each of which holds who is listed only there."""
    if answer.value is None or answer.state is not State.VALUE:
        return answer, None if answer.value is None else len(answer.value), "actors"
    found = tuple(each for each in answer.value if each >= 0)
    n = len(found)
    sentence = Text("No single member links networks.", "Kein einzelnes Mitglied verbindet Netzwerke.")
    if n == 1:
        sentence = Text(
            "One member links networks that nothing else links.",
            "Ein Mitglied verbindet Netzwerke, die sonst nichts verbindet.",
        )
    elif n:
        sentence = grouped(
            f"{n:,} members each link networks that nothing else links.",
            f"{n:,} Mitglieder verbinden jeweils Netzwerke, die sonst nichts verbindet.",
        )
    return Answer(answer.measure, answer.state, found, answer.inputs, sentence), n, "actors"


def of_collection(
    networks: Networks, places: Collection[str], writing: Writing, only: Collection[str] | None = None
) -> dict[str, list[bytes]]:
    """Measure the whole collection and its places.

    Args:
        networks: The networks.
        places: Ids of the places that are measured, if they have two networks or more.
        writing: How measurements are written.
        only: Ids of the places to measure again, beside the whole; all of them if it is ``None``.

    Returns:
        Scope → sorted lines; a place with too few networks has none.
    """
    found: dict[str, list[bytes]] = {}
    if len(networks):
        chosen = np.arange(len(networks))
        found[ALL] = writing.lines(_measured(networks, chosen, ALL, writing.all))
    for place, rows in networks.by_place.items():
        if place in places and len(rows) >= FEWEST and (only is None or place in only):
            scope = f"place/{place}"
            thing = f"{writing.base_iri}place/{place}"
            found[scope] = writing.lines(_measured(networks, rows, scope, thing))
    return found


def _measured(networks: Networks, chosen: Any, scope: str, thing: str) -> Iterator[Measured]:
    for answer, value, unit in networks.answers(chosen):
        yield Measured(scope, thing, answer, value, unit, quoted=True)
