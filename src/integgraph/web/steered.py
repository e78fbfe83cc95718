"""Who steers one network, by the rule of the reports, from what the tables and the store say of this network alone.

A report reads a whole release; a page that needs one answer for one network does not.
"""

from __future__ import annotations

import pyoxigraph as ox

from integgraph.analysis.measures.answers import Answer
from integgraph.analysis.measures.governance import Governance
from integgraph.analysis.reports.facts import Source, governance_set_in
from integgraph.analysis.reports.steering import governance_of
from integgraph.release import Release
from integgraph.store import Bindings, Rows, Store, iri
from integgraph.tables import STATED_NONE, VALUE
from integgraph.web.around import Around

_NETWORK = ("members_state", "members_complete", "formalisation", "status_date")


class _OfOne:
    """A store of which every question that names ``?network`` first is asked of one network only."""

    def __init__(self, store: Store, network: str) -> None:
        self._store = store
        self._network = iri(network)

    def select(self, query: str, bindings: Bindings | None = None) -> Rows:
        if query.lstrip().startswith("SELECT ?network"):
            return self._store.select(query, {**(bindings or {}), "network": self._network})
        return self._store.select(query, bindings)

    def construct(self, query: str, bindings: Bindings | None = None) -> list[ox.Triple]:
        return self._store.construct(query, bindings)


class _Source(Source):
    """What reports are made from, as far as it tells who steers one network."""

    def __init__(
        self, release: Release, tables: Around, store: Store, network: str, uncoordinated: tuple[str, str] | None
    ) -> None:
        self.release = release
        self._tables = tables
        self.networks = {network: tables.row("networks", network, _NETWORK) or {}}
        self.__dict__["_store"] = _OfOne(store, network)
        self.__dict__["no_coordination"] = {network: uncoordinated} if uncoordinated else {}
        # Few networks have one, so all are asked for once.
        self.__dict__["set_governance"] = tables.once("set_governance", lambda: governance_set_in(store))
        heads = {each.who for each in self.coordinations.get(network, ())}
        self.actors = {each: tables.row("actors", each, ("sectors",)) or {} for each in heads}

    def label(self, iri: str) -> str:
        """The name of an actor or a network."""
        return self._tables.names([iri])[iri]


def steered(
    release: Release, tables: Around, store: Store, network: str, uncoordinated: tuple[str, str] | None = None
) -> Answer[Governance]:
    """The mode of governance of a network, with its rule, what it rests on, and how sure it is.

    Args:
        release: The release.
        tables: Its tables.
        store: Its store.
        network: IRI of a network that stands in the tables.
        uncoordinated: Why no coordinator is named, where none is: id of the reason, and the words of the source.

    Raises:
        QueryError: the store does not answer.
    """
    source = _Source(release, tables, store, network, uncoordinated)
    known = source.networks[network]["members_state"] in (VALUE, STATED_NONE)
    funders = frozenset(each.iri for flow in tables.flows(network) for each in flow.funders)
    return governance_of(source, network, tables.members(network) if known else None, funders)
