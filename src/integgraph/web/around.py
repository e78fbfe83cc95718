"""What the tables of a release say around a thing: who takes part, whose money flows, what resembles it.

A page of a thing says of itself what its own statements say, which is little and asked in SPARQL; everything that
others say of it may be without end, and is read here from the columns of the tables. Each column is read once for a
release, so a page costs the same whether a funder has ten flows or ten thousand. Knows no HTTP.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from integgraph.errors import ReleaseError
from integgraph.nearby import LONG, SHOWN
from integgraph.ontology import near
from integgraph.tables import STATED_NONE, VALUE, local

MATRIX = (40, 20)
"""Actors and networks that a matrix of dots shows."""
SIMILAR = 8
_RELEASES = 4
_NEIGHBOURS = 200
_WIDE = frozenset({"supranational", "country"})
"""Kinds of places that are too wide to make two networks neighbours."""
_T = TypeVar("_T")
Row = dict[str, Any]

_MEMBERSHIP = (
    "network",
    "actor",
    "actor_name",
    "is_group",
    "roles",
    "counts_as_member",
    "since",
    "until",
    "membership",
)
_FLOW = (
    "network", "flow", "categories", "funders", "funder_names", "recipients", "recipient_names", "activities", "amount",
    "currency", "share", "since", "until",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Named:
    """A thing by its name."""

    iri: str
    name: str


@dataclass(frozen=True, slots=True)
class Some:
    """The first rows of a list, and how many there are in all."""

    rows: tuple[Row, ...]
    total: int

    def __bool__(self) -> bool:
        return self.total > 0

    @property
    def left(self) -> int:
        """How many are not shown."""
        return self.total - len(self.rows)


@dataclass(frozen=True, slots=True)
class Flow:
    """One funding flow as its profile states it; an empty part is not known, and an amount is never 0 for it.

    Attributes:
        iri: The flow.
        network: Whose profile states it.
        funders, recipients: Those that are named.
        categories: Ids of the vocabulary funder-category.
        activities: What it is for.
        amount: In units of the currency; it is that of the whole flow, also where several give or receive.
        currency: Three-letter code.
        since, until: EDTF.
    """

    iri: str
    network: Named
    funders: tuple[Named, ...]
    recipients: tuple[Named, ...]
    categories: tuple[str, ...]
    activities: tuple[str, ...]
    amount: Decimal | None
    currency: str
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """Which members of a network are members of which other networks.

    Attributes:
        members: The members that are shown, by name.
        networks: The other networks that are shown, those with most of the members first.
        dots: (Place of the member, place of the network).
        all_members, all_networks, in_others: How many there are: members, other networks, members that are in one.
    """

    members: tuple[Named, ...]
    networks: tuple[Named, ...]
    dots: frozenset[tuple[int, int]]
    all_members: int
    all_networks: int
    in_others: int


@dataclass(frozen=True, slots=True)
class Leaving:
    """What would be left if one left.

    Attributes:
        who: Who leaves.
        left: Members that the list would still have.
        others: Other networks that it is a member of.
        below_two: Other networks that would have fewer than two listed members.
        only_head: Networks that name no other coordinator.
    """

    who: Named
    left: int | None
    others: int
    below_two: tuple[Named, ...] = ()
    only_head: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Stopping:
    """What recipients of a network would lose if a funder, or a kind of money, stopped.

    Attributes:
        who: The funder; for a kind of money its id, without an IRI.
        recipients: How many recipients are named in its flows.
        none_left: Those that would have no other known source.
        unnamed: Flows whose recipient is not named.
    """

    who: Named
    recipients: int
    none_left: tuple[Named, ...]
    unnamed: int


@dataclass(frozen=True, slots=True)
class Similar:
    """A network that has something in common with another, and what.

    Attributes:
        network: The network.
        place: Id of the narrowest place that both name, or lie in; empty where it is wider than a region.
        fields, groups: Ids that both list.
    """

    network: Named
    place: str
    fields: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """Flows under one heading: how many, how many with an amount, and what these add up to by currency."""

    key: str
    flows: int
    known: int
    amounts: tuple[tuple[str, Decimal], ...]


# ---------------------------------------------------------------------------------------------------------------------
# Columns


@dataclass(frozen=True, eq=False)
class Around:
    """The tables of one release, column by column."""

    folder: Path
    _columns: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)
    _made: dict[str, Any] = field(default_factory=dict, repr=False)

    def column(self, table: str, name: str) -> Any:
        """A whole column.

        Raises:
            ReleaseError: it cannot be read.
        """
        if (table, name) not in self._columns:
            try:
                with pq.ParquetFile(self.folder / f"{table}.parquet") as opened:
                    found = opened.read(columns=[name], use_threads=False)
            except (OSError, pa.ArrowException):
                raise ReleaseError(
                    f"The table {table} of this release cannot be read; ask for the newest release."
                ) from None
            self._columns[table, name] = found.column(name).combine_chunks()
        return self._columns[table, name]

    def once(self, name: str, make: Callable[[], _T]) -> _T:
        """What is made once for a release."""
        if name not in self._made:
            self._made[name] = make()
        found: _T = self._made[name]
        return found

    def rows(self, table: str, numbers: Any, columns: Sequence[str]) -> list[Row]:
        """Some rows by number, with some columns."""
        if isinstance(numbers, range):
            parts = {name: self.column(table, name).slice(numbers.start, len(numbers)) for name in columns}
        else:
            parts = {name: self.column(table, name).take(numbers) for name in columns}
        found: list[Row] = pa.table(parts).to_pylist()
        return found

    def span(self, table: str, iri: str) -> range:
        """The numbers of the rows of a thing, in a table that is ordered by it."""
        if table in _ONE_EACH:
            keys = self._keys(table)
            at = bisect_left(keys, iri)
            return range(at, at + (at < len(keys) and keys[at] == iri))
        column = self.column(table, _KEYS[table])
        return range(
            bisect_left(range(len(column)), iri, key=lambda at: column[at].as_py()),
            bisect_right(range(len(column)), iri, key=lambda at: column[at].as_py()),
        )

    def _keys(self, table: str) -> list[str]:
        """The IRIs of a table with one row a thing, in order."""
        return self.once(f"keys {table}", lambda: self.column(table, _KEYS[table]).to_pylist())

    def row(self, table: str, iri: str, columns: Sequence[str]) -> Row | None:
        """The row of a thing; ``None`` where there is none."""
        numbers = self.span(table, iri)
        return self.rows(table, numbers, columns)[0] if numbers else None

    def knows(self, iri: str) -> bool:
        """Whether there is a network, actor or place with this IRI; one that was merged into another is none."""
        table = f"{iri.rpartition('/')[0].rpartition('/')[2]}s"
        return table in _ONE_EACH and bool(self.span(table, iri))

    def near(self, iri: str) -> list[str]:
        """Ids of things whose IRI begins like a missing one and looks like it, best first."""
        start, _, name = iri.rpartition("/")
        table = f"{start.rpartition('/')[2]}s"
        if table not in _ONE_EACH:
            return []
        keys = self._keys(table)
        at = bisect_left(keys, iri)
        around = keys[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS]
        return near(name, [local(each) for each in around if each.startswith(f"{start}/")])

    def names(self, iris: Iterable[str]) -> dict[str, str]:
        """Preferred names of actors and networks; an id where there is none."""
        return {iri: self._name(iri) for iri in dict.fromkeys(iris)}

    def numbers(self, table: str, iris: Iterable[str]) -> Any:
        """The numbers of the rows of things, in a table with one row a thing; who has none is left out."""
        return pa.array([span.start for each in iris if (span := self.span(table, each))], pa.int64())

    def _name(self, iri: str) -> str:
        for table in ("actors", "networks"):
            numbers = self.span(table, iri)
            if numbers:
                name = self.column(table, "name")[numbers.start].as_py()
                if name:
                    return str(name)
        return self._groups.get(iri) or local(iri)

    @property
    def _groups(self) -> dict[str, str]:
        """Group without a name of its own → what the first profile calls it; groups stand in no table of things."""

        def make() -> dict[str, str]:
            found: dict[str, str] = {}
            mask = pc.fill_null(self.column("memberships", "is_group"), False)
            pairs = [tuple(self.column("memberships", name).filter(mask) for name in ("actor", "actor_name"))]
            for side in ("recipient", "funder"):
                iris, names = (pc.list_flatten(self.column("funding", f"{side}{end}")) for end in ("s", "_names"))
                mask = pc.match_substring(iris, "/group/")
                pairs.append((iris.filter(mask), names.filter(mask)))
            for iris, names in pairs:
                for iri, name in zip(iris.to_pylist(), names.to_pylist(), strict=True):
                    found.setdefault(iri, name)
            return found

        return self.once("groups", make)

    def named(self, iris: Iterable[str]) -> tuple[Named, ...]:
        """Things by name, in the order of the names."""
        return tuple(sorted((Named(*each) for each in self.names(iris).items()), key=_by_name))

    # ------------------------------------------------------------------ members

    @property
    def _counted(self) -> tuple[Any, Any]:
        """Networks and actors of the participations that count as membership."""

        def make() -> tuple[Any, Any]:
            counts = pc.fill_null(self.column("memberships", "counts_as_member"), False)
            return tuple(self.column("memberships", name).filter(counts) for name in ("network", "actor"))

        return self.once("counted", make)

    @property
    def _sizes(self) -> dict[str, int]:
        """Network → how many members are named."""

        def make() -> dict[str, int]:
            iris, counts = (self.column("networks", name).to_pylist() for name in ("network", "members_named"))
            return dict(zip(iris, counts, strict=True))

        return self.once("sizes", make)

    def members(self, network: str) -> list[str]:
        """IRIs of those who are listed as members, each once; a network does not list itself."""
        found = self.rows("memberships", self.span("memberships", network), ("actor", "counts_as_member"))
        return list(dict.fromkeys(row["actor"] for row in found if row["counts_as_member"] and row["actor"] != network))

    def participations(self, network: str, most: int | None = SHOWN) -> Some:
        """Who takes part in a network, in whatever role, in the order of the list."""
        states = self.column("memberships", "state")
        numbers = [at for at in self.span("memberships", network) if states[at].as_py() == VALUE]
        rows = self.rows("memberships", pa.array(numbers[:most], pa.int64()), _MEMBERSHIP)
        return Some(tuple(rows), len(numbers))

    def shown_lists(self, network: str) -> dict[str, list[str]] | None:
        """IRIs of what a page shows of the members and the money of a network; ``None`` for what is no network.

        They are what :func:`integgraph.nearby.network` takes.
        """
        if not self.span("networks", network):
            return None
        found = {}
        for path, table, column in zip(LONG, ("memberships", "funding"), ("membership", "flow"), strict=True):
            numbers = self.span(table, network)
            rows = self.rows(table, numbers, (column, "position", "state")) if numbers else []
            found[path] = [row[column] for row in rows if row["state"] == VALUE and row["position"] <= SHOWN]
        return found

    def matrix(self, network: str) -> Matrix:
        """Which members are members of which other networks."""
        members = self.members(network)
        pairs = self._elsewhere(network, members)
        together = Counter(other for _, other in pairs)
        who = {actor for actor, _ in pairs}
        order = sorted(members, key=lambda each: each not in who)[: MATRIX[0]] if len(members) > MATRIX[0] else members
        shown = self.named(order)
        names = self.names(together)
        columns = sorted(together, key=lambda each: (-together[each], names[each].casefold(), each))[: MATRIX[1]]
        rows = {each.iri: at for at, each in enumerate(shown)}
        places = {each: at for at, each in enumerate(columns)}
        dots = {(rows[actor], places[other]) for actor, other in pairs if actor in rows and other in places}
        networks = tuple(Named(each, names[each]) for each in columns)
        return Matrix(shown, networks, frozenset(dots), len(members), len(together), len(who))

    def _elsewhere(self, network: str, members: Sequence[str]) -> set[tuple[str, str]]:
        """(Member, other network that it is a member of)."""
        if not members:
            return set()
        networks, actors = self._counted
        mask = pc.is_in(actors, value_set=pa.array(members, pa.string()))
        pairs = zip(actors.filter(mask).to_pylist(), networks.filter(mask).to_pylist(), strict=True)
        return {(actor, other) for actor, other in pairs if other not in (network, actor)}

    # ------------------------------------------------------------------ what if

    def leavings(self, network: str) -> list[Leaving]:
        """What each member's or coordinator's leaving would do; in the order of the names."""
        members = self.members(network)
        heads = self._heads_of(network)
        elsewhere: dict[str, list[str]] = {}
        for actor, other in self._elsewhere(network, [*members, *heads]):
            elsewhere.setdefault(actor, []).append(other)
        found = []
        for who in self.named([*members, *heads]):
            others = elsewhere.get(who.iri, ())
            below = [other for other in others if self._sizes.get(other, 0) < 3]
            left = len(members) - 1 if who.iri in members else None
            only = [network] if heads == [who.iri] else []
            found.append(Leaving(who, left, len(others), self.named(below), self.named(only)))
        return found

    def leaving(self, actor: str) -> Leaving:
        """What an actor's leaving would do to all networks that list it or that it coordinates."""
        networks = self.member_of(actor)
        below = [each for each in networks if self._sizes.get(each, 0) < 3]
        alone = [each for each in self.coordinates(actor) if self._heads_of(each) == [actor]]
        name = Named(actor, self._name(actor))
        return Leaving(name, None, len(networks), self.named(below), self.named(alone))

    def _heads_of(self, network: str) -> list[str]:
        span = self.span("networks", network)
        return list(dict.fromkeys(self.column("networks", "coordination")[span.start].as_py())) if span else []

    def stoppings(self, flows: Sequence[Flow]) -> list[Stopping]:
        """What the recipients of these flows would lose if each funder, or each kind of money without one, stopped."""
        sources: dict[str, set[str]] = {}
        for flow in flows:
            givers = _givers(flow)
            for recipient in flow.recipients:
                sources.setdefault(recipient.iri, set()).update(givers)
        found = []
        for giver, who in sorted(
            {giver: who for flow in flows for giver, who in _givers(flow).items()}.items(),
            key=lambda each: _by_name(each[1]),
        ):
            given = [flow for flow in flows if giver in _givers(flow)]
            recipients = {each.iri: each for flow in given for each in flow.recipients}
            alone = tuple(each for iri, each in recipients.items() if sources[iri] == {giver})
            unnamed = sum(not flow.recipients for flow in given)
            found.append(Stopping(who, len(recipients), tuple(sorted(alone, key=_by_name)), unnamed))
        return found

    # ------------------------------------------------------------------ money

    def flows(self, network: str) -> list[Flow]:
        """The flows that a network's profiles state, in the order of the list."""
        numbers = self.span("funding", network)
        rows = self.rows("funding", numbers, (*_FLOW, "state")) if numbers else []
        return self._as_flows([row for row in rows if row["state"] == VALUE])

    def flows_of(self, actor: str, side: str, most: int | None = SHOWN) -> tuple[list[Flow], int]:
        """Flows that name an actor; those with amounts first, the largest of each currency first.

        Args:
            actor: Its IRI.
            side: ``funders`` or ``recipients``.
            most: How many to give; ``None`` for all.

        Returns:
            The flows, and how many there are in all.
        """
        numbers = self._naming(side, actor)
        amounts = pc.cast(self.column("funding", "amount").take(numbers), pa.float64())
        currencies = self.column("funding", "currency").take(numbers)
        known = pc.is_null(amounts)
        order = pc.sort_indices(
            pa.table({"unknown": known, "currency": currencies, "amount": amounts, "at": numbers}),
            sort_keys=[
                ("unknown", "ascending"), ("currency", "ascending"), ("amount", "descending"), ("at", "ascending"),
            ],
        )  # fmt: skip
        chosen = numbers.take(order)
        rows = self.rows("funding", chosen if most is None else chosen.slice(0, most), _FLOW)
        return self._as_flows(rows), len(numbers)

    def sums(self, actor: str, side: str, key: str) -> list[Sum]:
        """Flows that name an actor, by category, year of their begin, or the other party.

        Args:
            actor: Its IRI.
            side: ``funders`` or ``recipients``.
            key: ``categories``, ``since``, ``recipients`` or ``funders``.
        """
        numbers = self._naming(side, actor)
        values = self.column("funding", key).take(numbers)
        if pa.types.is_list(values.type):
            places = pc.list_parent_indices(values)
            keys = pc.list_flatten(values)
        else:
            known = pc.indices_nonzero(pc.is_valid(values))
            places, keys = known, pc.utf8_slice_codeunits(values.take(known), 0, 4)
        amounts = self.column("funding", "amount").take(numbers).take(places)
        currencies = self.column("funding", "currency").take(numbers).take(places)
        grouped = (
            pa.table({"key": keys, "currency": currencies, "amount": amounts, "all": pa.nulls(len(keys))})
            .group_by(["key", "currency"])
            .aggregate([("amount", "sum"), ("amount", "count"), ([], "count_all")])
            .to_pylist()
        )
        found: dict[str, tuple[int, int, list[tuple[str, Decimal]]]] = {}
        for row in grouped:
            flows, known_amounts, parts = found.setdefault(row["key"], (0, 0, []))
            if row["amount_count"]:
                parts.append((row["currency"] or "", row["amount_sum"]))
            found[row["key"]] = (flows + row["count_all"], known_amounts + row["amount_count"], parts)
        return [Sum(key, flows, known, tuple(sorted(parts))) for key, (flows, known, parts) in sorted(found.items())]

    def with_amount(self, actor: str, side: str) -> int:
        """How many of the flows that name an actor state an amount."""
        amounts = self.column("funding", "amount").take(self._naming(side, actor))
        return len(amounts) - int(amounts.null_count)

    def _naming(self, side: str, actor: str) -> Any:
        """Numbers of the flows that name an actor on one side."""
        rows, iris = self.once(f"pairs {side}", lambda: _pairs(self.column("funding", side)))
        return rows.filter(pc.equal(iris, actor)).unique()

    def _as_flows(self, rows: Sequence[Row]) -> list[Flow]:
        iris = {iri for row in rows for iri in (row["network"], *row["funders"], *row["recipients"])}
        names = self.names(iris)

        def parties(row: Row, side: str) -> tuple[Named, ...]:
            stated = zip(row[f"{side}s"], row[f"{side}_names"], strict=True)
            return tuple(Named(iri, name if names[iri] == local(iri) and name else names[iri]) for iri, name in stated)

        return [
            Flow(
                row["flow"],
                Named(row["network"], names[row["network"]]),
                parties(row, "funder"),
                parties(row, "recipient"),
                tuple(row["categories"] or ()),
                tuple(row["activities"] or ()),
                row["amount"],
                row["currency"] or "",
                row["since"] or "",
                row["until"] or "",
            )
            for row in rows
        ]

    # ------------------------------------------------------------------ an actor

    def member_of(self, actor: str) -> list[str]:
        """IRIs of the networks that list an actor as a member."""
        networks, actors = self._counted
        found = networks.filter(pc.equal(actors, actor)).unique().to_pylist()
        return [each for each in found if each != actor]

    def takes_part(self, actor: str, most: int | None = SHOWN) -> Some:
        """The participations of an actor, in whatever role, by the name of the network."""
        mask = pc.fill_null(pc.equal(self.column("memberships", "actor"), actor), False)
        numbers = pc.indices_nonzero(mask)
        networks = self.column("memberships", "network").take(numbers).to_pylist()
        names = self.names(networks)
        order = sorted(range(len(networks)), key=lambda at: (names[networks[at]].casefold(), networks[at], at))
        chosen = numbers.take(pa.array(order[:most], pa.int64()))
        rows = self.rows("memberships", chosen, _MEMBERSHIP)
        return Some(tuple(row | {"network_name": names[row["network"]]} for row in rows), len(order))

    def coordinates(self, actor: str) -> list[str]:
        """IRIs of the networks that name an actor as coordinator."""
        rows, iris = self.once("pairs heads", lambda: _pairs(self.column("networks", "coordination")))
        numbers = rows.filter(pc.equal(iris, actor)).unique()
        found: list[str] = self.column("networks", "network").take(numbers).to_pylist()
        return [each for each in found if each != actor]

    def listed_with(self, actor: str) -> tuple[list[tuple[Named, int]], int]:
        """Who is listed together with an actor, in how many networks: the most first; and how many there are.

        Only for who is in at most :data:`SHOWN` networks: beyond that nearly everybody is.
        """
        networks = self.member_of(actor)
        if not networks or len(networks) > SHOWN:
            return [], 0
        counts = Counter(each for network in networks for each in self.members(network) if each != actor)
        names = self.names(counts)
        order = sorted(counts, key=lambda each: (-counts[each], names[each].casefold(), each))
        return [(Named(each, names[each]), counts[each]) for each in order[:10]], len(order)

    def bridges(self, actor: str, most: int = 10) -> tuple[list[tuple[Named, Named]], int]:
        """Pairs of networks that no other listed member joins, and how many pairs there are.

        Only for who is in at most :data:`SHOWN` networks.
        """
        networks = sorted(self.member_of(actor))
        if len(networks) < 2 or len(networks) > SHOWN:
            return [], 0
        lists = {each: set(self.members(each)) - {actor} for each in networks}
        alone = [
            (one, other)
            for at, one in enumerate(networks)
            for other in networks[at + 1 :]
            if not lists[one] & lists[other]
        ]
        names = self.names(networks)
        pairs = sorted(
            (tuple(sorted((Named(a, names[a]), Named(b, names[b])), key=_by_name)) for a, b in alone),
            key=lambda pair: (_by_name(pair[0]), _by_name(pair[1])),
        )
        return [(one, other) for one, other in pairs[:most]], len(alone)

    # ------------------------------------------------------------------ networks alike

    def similar(self, network: str) -> list[Similar]:
        """Networks of the same region or with fields and groups in common; those with most in common first.

        Members play no part, so that who works on the same without knowing of it is found too.
        """
        row = self.row("networks", network, ("places", "fields_of_action", "target_groups"))
        if row is None:
            return []
        near = [each for each in row["places"] or () if self._kinds.get(each, "world") not in _WIDE]
        same = self._having("places", near) > 0
        common = self._having("fields_of_action", row["fields_of_action"])
        common += self._having("target_groups", row["target_groups"])
        # What lists one common field alone is not alike: half of all networks would be.
        alike = (same & (common > 0)) | (common > 2)
        alike[self.span("networks", network).start] = False
        found = np.flatnonzero(alike)
        order = np.lexsort((found, -common[found], ~same[found]))
        best = found[order][:SIMILAR].tolist()
        rows = self.rows(
            "networks", pa.array(best, pa.int64()), ("network", "name", "places", "fields_of_action", "target_groups")
        )
        return [self._alike(row, each, near) for each in rows]

    def _alike(self, row: Row, other: Row, near: Sequence[str]) -> Similar:
        places = set(near) & set(other["places"] or ())
        # The narrowest has the longest way up.
        narrowest = max(places, key=lambda each: (self._depth(each), each), default="")
        return Similar(
            Named(other["network"], other["name"] or local(other["network"])),
            narrowest,
            tuple(each for each in row["fields_of_action"] or () if each in (other["fields_of_action"] or ())),
            tuple(each for each in row["target_groups"] or () if each in (other["target_groups"] or ())),
        )

    def _having(self, column: str, wanted: Sequence[str] | None) -> np.ndarray[Any, np.dtype[np.int64]]:
        """How many of these values each network has."""
        rows, values = self.once(f"pairs {column}", lambda: _pairs(self.column("networks", column)))
        chosen = rows.filter(pc.is_in(values, value_set=pa.array(wanted or [], pa.string())))
        size = len(self.column("networks", "network"))
        return np.bincount(chosen.to_numpy(), minlength=size).astype(np.int64)

    @property
    def _kinds(self) -> dict[str, str]:
        """Id of a place → its kind."""

        def make() -> dict[str, str]:
            ids, kinds = (self.column("places", name).to_pylist() for name in ("id", "kind"))
            return dict(zip(ids, (kind or "" for kind in kinds), strict=True))

        return self.once("kinds", make)

    @property
    def _outer(self) -> dict[str, str | None]:
        """Id of a place → the one that it lies in."""

        def make() -> dict[str, str | None]:
            ids, outer = (self.column("places", name).to_pylist() for name in ("id", "within"))
            return dict(zip(ids, outer, strict=True))

        return self.once("outer", make)

    def _depth(self, place: str) -> int:
        depth, at = 0, self._outer.get(place)
        while at and depth < 12:  # deeper than any chain of places, and safe in a circle
            depth, at = depth + 1, self._outer.get(at)
        return depth

    # ------------------------------------------------------------------ a concept, a place

    def listing_it(self, column: str, value: str) -> Any:
        """Numbers of the networks that have a value in a column of ``networks``."""
        if not pa.types.is_list(self.column("networks", column).type):
            return pc.indices_nonzero(pc.fill_null(pc.equal(self.column("networks", column), value), False))
        rows, values = self.once(f"pairs {column}", lambda: _pairs(self.column("networks", column)))
        return rows.filter(pc.equal(values, value)).unique()

    def paid_by(self, category: str) -> Any:
        """Numbers of the networks with a flow of a category of funders."""
        rows, values = self.once("pairs categories", lambda: _pairs(self.column("funding", "categories")))
        networks = self.column("funding", "network").take(rows.filter(pc.equal(values, category))).unique()
        return pc.index_in(networks, value_set=self.column("networks", "network")).drop_null().cast(pa.int64())

    def first_networks(self, numbers: Any, most: int = SHOWN) -> Some:
        """The first of some networks by name."""
        return self._first("networks", numbers, most)

    def first_actors(self, column: str, value: str, most: int = SHOWN) -> Some:
        """The first actors by name that have a value in a column of ``actors``, networks left out."""
        rows, values = self.once(f"actors {column}", lambda: _pairs(self.column("actors", column)))
        numbers = rows.filter(pc.equal(values, value)).unique()
        alone = pc.invert(pc.fill_null(self.column("actors", "is_network").take(numbers), False))
        return self._first("actors", numbers.filter(alone), most)

    def _first(self, table: str, numbers: Any, most: int) -> Some:
        keys = {name: self.column(table, name).take(numbers) for name in (_KEYS[table], "name")}
        folded = pc.utf8_lower(pc.replace_substring_regex(pc.utf8_normalize(keys["name"], "NFKD"), r"\pM", ""))
        order = pc.sort_indices(
            pa.table({"name": folded, "iri": keys[_KEYS[table]]}),
            sort_keys=[("name", "ascending"), ("iri", "ascending")],
        )
        rows = self.rows(table, numbers.take(order.slice(0, most)), (_KEYS[table], "id", "name"))
        named = ({"iri": row[_KEYS[table]], "id": row["id"], "name": row["name"] or row["id"]} for row in rows)
        return Some(tuple(named), len(numbers))

    def counted(self, numbers: Any, column: str) -> list[tuple[str, int]]:
        """How many of some networks have each value of a column, the most first."""
        values = pc.list_flatten(self.column("networks", column).take(numbers))
        found = pc.value_counts(values)
        pairs = zip(found.field("values").to_pylist(), found.field("counts").to_pylist(), strict=True)
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def within(self, place: str) -> Any:
        """Numbers of the networks with seat or an area in a place, or in one that lies in it."""
        return self.listing_it("places", place)

    def answered(self, numbers: Any, fields: Sequence[str]) -> list[tuple[str, int, int, int]]:
        """For each field of some networks: how many have a value, a stated none, and neither."""
        found = []
        for name in fields:
            states = Counter(self.column("networks", f"{name}_state").take(numbers).to_pylist())
            value, none = states[VALUE], states[STATED_NONE]
            found.append((name, value, none, len(numbers) - value - none))
        return found

    def parts_of(self, place: str, most: int = SHOWN) -> Some:
        """Places that lie directly in a place, by name."""
        mask = pc.fill_null(pc.equal(self.column("places", "within"), place), False)
        columns = ("place", "id", "name", "kind", "networks_within")
        rows = self.rows("places", pc.indices_nonzero(mask), columns)
        rows = [row for row in rows if row["id"] != place]
        rows.sort(key=lambda row: ((row["name"] or row["id"]).casefold(), row["id"]))
        return Some(tuple(rows[:most]), len(rows))


_KEYS = {
    "networks": "network", "actors": "actor", "memberships": "network", "funding": "network", "places": "place",
}  # fmt: skip
_ONE_EACH = ("networks", "actors", "places")
"""Tables with one row a thing."""


def _givers(flow: Flow) -> dict[str, Named]:
    """Who gives: the named funders, or where none is named the kinds of money."""
    if flow.funders:
        return {each.iri: each for each in flow.funders}
    return {f"#{each}": Named("", each) for each in flow.categories}


def _pairs(lists: Any) -> tuple[Any, Any]:
    return pc.list_parent_indices(lists).cast(pa.int64()), pc.list_flatten(lists)


def _by_name(each: Named) -> tuple[str, str]:
    return each.name.casefold(), each.iri


@lru_cache(maxsize=_RELEASES)
def around(folder: Path, content_hash: str) -> Around:
    """The tables of a release; the hash is part of the key, because a path may lead to another release one day."""
    return Around(folder / "tables")
