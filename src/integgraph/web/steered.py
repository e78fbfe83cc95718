"""Who steers one network, by the rule of the reports, from what the tables and the store say of this network alone.

A report reads a whole release; a page that needs one answer for one network does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import pyarrow as pa
import pyoxigraph as ox

from integgraph.analysis.incidence import Lists
from integgraph.analysis.measures.answers import Answer
from integgraph.analysis.measures.governance import Governance
from integgraph.analysis.reports.facts import Facts, Source
from integgraph.analysis.reports.steering import governance
from integgraph.analysis.selection import Selection
from integgraph.ontology import Ontology
from integgraph.release import Release
from integgraph.store import Bindings, Rows, Store, iri
from integgraph.tables import local
from integgraph.web.around import Around

_NETWORK = (
    "network", "id", "name", "countries", "places", "fields_of_action", "target_groups", "status_date", "members_state",
)  # fmt: skip
_MORE = ("members_complete", "formalisation", "coordination", "members_named")
_ACTOR = ("actor", "id", "name", "is_network", "sectors", "places")
_TIE = ("network", "actor", "actor_name", "is_group", "roles", "counts_as_member", "since", "until")
_PLACE = ("id", "name", "kind", "country")


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
    """What reports are made from, of one network."""

    def __init__(
        self,
        release: Release,
        ontology: Ontology,
        tables: Around,
        store: Store,
        network: str,
        uncoordinated: tuple[str, str] | None,
    ) -> None:
        self.release = release
        self.ontology = ontology
        numbers = tables.span("networks", network)
        row = tables.rows("networks", numbers, (*_NETWORK, *_MORE))[0]
        heads = list(row["coordination"] or ())
        who = sorted({*tables.members(network), *heads})
        actors = tables.numbers("actors", who)
        self.lists = Lists(
            _table(tables, "networks", numbers, _NETWORK),
            _table(tables, "actors", actors, _ACTOR),
            _table(tables, "memberships", tables.span("memberships", network), _TIE),
            _table(tables, "places", range(0), _PLACE),
            release.id,
        )
        self.states = ()
        self.networks = {network: row}
        self.actors = {each["actor"]: each for each in tables.rows("actors", actors, (*_ACTOR, "merged"))}
        self.places = {}
        self._labels = tables.names([network, *who])
        self._namesakes = frozenset()
        self.__dict__["_store"] = _OfOne(store, network)
        self.__dict__["no_coordination"] = {network: uncoordinated} if uncoordinated else {}


class _Facts(Facts):
    """Facts of one network, with its funders from its own rows."""

    @cached_property
    def funders(self) -> dict[str, frozenset[str]]:
        return dict(self._given)

    _given: dict[str, frozenset[str]]


def steered(
    release: Release,
    ontology: Ontology,
    tables: Around,
    store: Store,
    network: str,
    uncoordinated: tuple[str, str] | None = None,
) -> Answer[Governance]:
    """The mode of governance of a network, with its rule, what it rests on, and how sure it is.

    Args:
        release: The release.
        ontology: Its terms.
        tables: Its tables.
        store: Its store.
        network: IRI of a network that stands in the tables.
        uncoordinated: Why no coordinator is named, where none is: id of the reason, and the words of the source.

    Raises:
        QueryError: the store does not answer.
    """
    source = _Source(release, ontology, tables, store, network, uncoordinated)
    found = source.facts(Selection(networks=local(network)))
    facts = _Facts(source, found.found)
    givers = frozenset(each.iri for flow in tables.flows(network) for each in flow.funders)
    object.__setattr__(facts, "_given", {network: givers} if givers else {})
    return governance(facts, network)


def _table(tables: Around, name: str, numbers: range | pa.Array, columns: Sequence[str]) -> pa.Table:
    """Some rows of a table, as the matrix of members takes them."""
    if isinstance(numbers, range):
        return pa.table({each: tables.column(name, each).slice(numbers.start, len(numbers)) for each in columns})
    return pa.table({each: tables.column(name, each).take(numbers) for each in columns})
