"""One sparse incidence matrix, actors × networks, that all measures of structure work on.

The form is a two-mode list: an actor is tied to a network it is listed in. So the matrix is what a release says; two
actors of one network are *co-listed*, and nothing here says that they cooperate. The matrix is made from the columns of
a release's tables, never row by row; the same columns are made of a SPARQL store or of a plain list of ties.

>>> found = incidence(Lists.of_ties([("a", "N"), ("b", "N"), ("b", "M")]))
>>> list(found.actors.ids), list(found.networks.ids), found.matrix.toarray().tolist()
(['a', 'b'], ['M', 'N'], [[0.0, 1.0], [1.0, 1.0]])
>>> projection(found, "actors").toarray().tolist()
[[0.0, 1.0], [1.0, 0.0]]

What counts, and what does not:

- A tie has weight 1, however often a list names it.
- A network that is a member of another has a row (as actor) and a column (as network). They are two things here, so no
  mode is mixed; ``kinds`` says which rows are networks. A network that lists itself gives no tie.
- A group without a name ("volunteers") is no actor: it has no row, and stands in :attr:`Incidence.groups`.
- A network without members keeps its column; ``states`` says whether it has none or they are not known.

Sources: Borgatti and Everett (1997), Network analysis of 2-mode data, Social Networks 19; Newman (2001), Scientific
collaboration networks II, Physical Review E 64, 016132, for the weight 1/(n-1).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import scipy.sparse as sp

from integgraph.analysis.selection import Mask, Note, Selection, chosen_networks, day_bounds, unknown_value
from integgraph.csvtext import SEPARATOR
from integgraph.errors import NotFound, ReleaseError, Unprocessable
from integgraph.ontology import IG, VOCABULARY, Ontology, near
from integgraph.release import Release
from integgraph.store import Rows, Store, plain
from integgraph.tables import STATED_NONE, VALUE, Tables, best_name, local

Texts = np.ndarray[Any, np.dtype[np.object_]]
"""An array of texts; several values of one thing are joined by ``; ``, and an empty text is unknown."""
Mode = Literal["actors", "networks"]
Weight = Literal["count", "newman"]
Concepts = Literal["fields", "target_groups"]

MOST_PAIRS = 25_000_000
"""Most entries of a projection, about 0.3 GB. One network of 10,000 members alone has 99,990,000."""

_NETWORK_COLUMNS = (
    "network", "id", "name", "countries", "places", "fields_of_action", "target_groups", "status_date", "members_state",
)  # fmt: skip
_ACTOR_COLUMNS = ("actor", "id", "name", "is_network", "sectors", "places")
_TIE_COLUMNS = ("network", "actor", "actor_name", "is_group", "roles", "counts_as_member", "since", "until")
_PLACE_COLUMNS = ("id", "name", "kind", "country")
_LISTED = frozenset(
    {"countries", "fields_of_action", "target_groups", "sectors", "roles", "since", "until"}
)  # and places, in two of the tables
_TRUTHS = frozenset({"is_network", "is_group", "counts_as_member"})


# ---------------------------------------------------------------------------------------------------------------------
# What a matrix is made from


@dataclass(frozen=True, slots=True)
class Tie:
    """One line of a plain list of ties.

    Attributes:
        actor, network: Who, and in what; any text that names it.
        role: In what role; may be empty.
        since, until: Dates (EDTF); may be empty.
        counts: Whether it counts as membership.
    """

    actor: str
    network: str
    role: str = ""
    since: str = ""
    until: str = ""
    counts: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """The lists of members, as columns: what a matrix or a graph is made from.

    Attributes:
        networks, actors, memberships, places: Columns of the tables of a release (``docs/tables.md``).
        source: Id of the release, or what else they come from.
    """

    networks: pa.Table
    actors: pa.Table
    memberships: pa.Table
    places: pa.Table
    source: str = ""

    @classmethod
    def of_release(cls, release: Release) -> Lists:
        """From the tables of a release; only the columns that are needed are read.

        Raises:
            ReleaseError: the release is damaged.
        """
        tables = Tables(release.path / "tables")
        return cls(
            read_columns(tables, "networks", _NETWORK_COLUMNS),
            read_columns(tables, "actors", _ACTOR_COLUMNS),
            read_columns(tables, "memberships", _TIE_COLUMNS),
            read_columns(tables, "places", _PLACE_COLUMNS),
            release.id,
        )

    @classmethod
    def of_store(cls, store: Store, source: str = "") -> Lists:
        """From any SPARQL store that holds a current view; plain ``org:hasMember`` counts too.

        Raises:
            QueryError: the store does not answer.
        """
        return cls(*_StoreReader(store).tables(), source)

    @classmethod
    def of_ties(cls, ties: Iterable[Tie | Sequence[str]], source: str = "") -> Lists:
        """From a plain list of ties: :class:`Tie`, or texts in its order: actor, network, role, since, until.

        Raises:
            Unprocessable: a line is no tie; the text says which one.
        """
        read = [_tie(number, each) for number, each in enumerate(ties, 1)]
        networks = sorted({tie.network for tie in read})
        nested = frozenset(networks)
        return cls(
            _table(_NETWORK_COLUMNS, ({"network": name, "id": name, "members_state": VALUE} for name in networks)),
            _table(
                _ACTOR_COLUMNS,
                (
                    {"actor": name, "id": name, "is_network": name in nested}
                    for name in sorted({tie.actor for tie in read})
                ),
            ),
            _tie_table(read),
            _table(_PLACE_COLUMNS, ()),
            source,
        )


def read_columns(tables: Tables, name: str, columns: Sequence[str]) -> pa.Table:
    """Columns of a table of a release, in one piece.

    Raises:
        NotFound: there is no such table.
        ReleaseError: the table has no such column, because another version of the software made it.
    """
    file = pq.ParquetFile(tables.path(name), memory_map=True)
    missing = [column for column in columns if column not in file.schema_arrow.names]
    if missing:
        raise ReleaseError(
            f"The table {name} of this release lacks {', '.join(missing)}: it was made by another version. "
            "Build the release again."
        )
    # Without threads: what is read is small, and other work may go on beside it.
    return file.read(columns=list(columns), use_threads=False).combine_chunks()


def _tie(number: int, given: Tie | Sequence[str]) -> Tie:
    if isinstance(given, Tie):
        parts: tuple[Any, ...] = (given.actor, given.network, given.role, given.since, given.until)
    else:
        parts = () if isinstance(given, str) else tuple(given)
    if not 2 <= len(parts) <= 5:
        raise Unprocessable(f"Tie {number} is {given!r:.80}. Write actor and network, then role, since and until.")
    if not all(isinstance(part, str) for part in parts):
        raise Unprocessable(f"Tie {number} is {given!r:.80}: every part of it is a text.")
    if not parts[0] or not parts[1]:
        raise Unprocessable(f"Tie {number} names no {'network' if parts[0] else 'actor'}.")
    return given if isinstance(given, Tie) else Tie(*parts)


def _tie_table(ties: Sequence[Tie]) -> pa.Table:
    texts = pa.list_(pa.string())
    columns = {
        "network": pa.array([tie.network for tie in ties], pa.string()),
        "actor": pa.array([tie.actor for tie in ties], pa.string()),
        "actor_name": pa.nulls(len(ties), pa.string()),
        "is_group": pa.array(np.zeros(len(ties), dtype=np.bool_)),
        "roles": pa.array([[tie.role] if tie.role else [] for tie in ties], texts),
        "counts_as_member": pa.array([tie.counts for tie in ties], pa.bool_()),
        "since": pa.array([[tie.since] if tie.since else [] for tie in ties], texts),
        "until": pa.array([[tie.until] if tie.until else [] for tie in ties], texts),
    }
    return pa.table({name: columns[name] for name in _TIE_COLUMNS})


def _table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows as columns; what a row does not have is empty, or an empty list."""
    kept = list(rows)
    arrays = []
    for name in columns:
        many = name in _LISTED or (name == "places")
        kind = pa.list_(pa.string()) if many else pa.bool_() if name in _TRUTHS else pa.string()
        arrays.append(pa.array([row.get(name) or ([] if many else row.get(name)) for row in kept], kind))
    return pa.Table.from_arrays(arrays, names=list(columns))


# -- from a store

_NAMES = "SELECT ?thing ?name WHERE { ?thing a ?class ; skos:prefLabel ?name }"
_THINGS = "SELECT DISTINCT ?thing WHERE { ?thing a ?class }"
_VALUES = "SELECT DISTINCT ?thing ?value WHERE { ?thing a ?class ; %s ?value }"
_PLACES = """
SELECT ?place ?kind ?outer ?country WHERE {
  ?place a ig:Place .
  OPTIONAL { ?place ig:placeKind ?kind }
  OPTIONAL { ?place ig:within ?outer }
  OPTIONAL { ?place ig:countryCode ?country }
}
"""
_MEMBERSHIPS = """
SELECT ?membership ?network ?actor ?group ?role ?counts ?position WHERE {
  ?network ig:membership ?membership . ?membership org:member ?actor .
  OPTIONAL { ?membership org:role ?role OPTIONAL { ?role ig:countsAsMember ?counts } }
  OPTIONAL { ?membership ig:position ?position }
  BIND(EXISTS { ?actor a ig:UnnamedGroup } AS ?group)
}
"""
_HELD = "SELECT ?membership ?date WHERE { ?membership org:member ?actor ; ig:roleHeld/%s ?date }"
_STATED_NAMES = "SELECT ?thing ?name WHERE { ?thing a ig:UnnamedGroup ; ig:statedName ?name }"
_PLAIN = "SELECT DISTINCT ?network ?actor WHERE { ?network org:hasMember ?actor }"
_DATES = "SELECT ?thing ?value WHERE { ?profile ig:describes ?thing ; ig:statusDate ?value }"
_STATES = "SELECT ?thing ?reason WHERE { ?absence ig:about ?thing ; ig:field ig:f-members ; ig:reason ?reason }"


class _StoreReader:
    """Reads the columns of :class:`Lists` from a store; one query a column."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def tables(self) -> tuple[pa.Table, pa.Table, pa.Table, pa.Table]:
        """Networks, actors, memberships and places."""
        places, chains = self._places()
        networks = self._networks(places, chains)
        memberships = self._memberships(networks)
        named = frozenset(row["network"] for row in networks)
        return (
            _table(_NETWORK_COLUMNS, self._with_states(networks, memberships)),
            _table(_ACTOR_COLUMNS, self._actors(memberships, named)),
            _table(_TIE_COLUMNS, memberships),
            _table(_PLACE_COLUMNS, sorted(places.values(), key=lambda row: str(row["id"]))),
        )

    def _rows(self, query: str, kind: str = "") -> Rows:
        return self._store.select(query.replace("?class", f"<{IG}{kind}>"))

    def _values(self, kind: str, path: str, query: str = _VALUES) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for thing, value in self._rows(query.replace("%s", path), kind).rows:
            found[str(plain(thing))].add(str(plain(value)))
        return found

    def _names(self, kind: str, query: str = _NAMES) -> dict[str, str]:
        found = defaultdict(list)
        for thing, name in self._rows(query, kind).rows:
            found[str(plain(thing))].append(name)
        return {thing: best_name(names) or "" for thing, names in found.items()}

    def _places(self) -> tuple[dict[str, dict[str, Any]], dict[str, list[str]]]:
        """What is known of each place, and each place with everything that it lies in, smallest first."""
        rows: dict[str, dict[str, Any]] = {}
        outer: dict[str, str] = {}
        for each in self._rows(_PLACES).records():
            place = str(each["place"])
            rows[place] = {"id": local(place), "kind": each["kind"], "country": each["country"]}
            if each["outer"]:
                outer[place] = str(each["outer"])
        for place, name in self._names("Place").items():
            rows[place]["name"] = name
        chains = {}
        for place in rows:
            chain = [place]
            while chain[-1] in outer and outer[chain[-1]] not in chain:
                chain.append(outer[chain[-1]])
            chains[place] = chain
        return rows, chains

    def _networks(
        self, places: Mapping[str, Mapping[str, Any]], chains: Mapping[str, list[str]]
    ) -> list[dict[str, Any]]:
        names, stated = self._names("Network"), self._values("Network", "(ig:seat|ig:areaOfActivity)")
        fields = self._values("Network", "ig:fieldOfAction")
        groups = self._values("Network", "ig:targetGroup")
        dates = self._values("", "", _DATES)
        rows = []
        for network in sorted(str(plain(row[0])) for row in self._rows(_THINGS, "Network").rows):
            within = [chains.get(place, [place]) for place in stated.get(network, ())]
            codes = (
                next((places[outer]["country"] for outer in chain if places.get(outer, {}).get("country")), None)
                for chain in within
            )
            rows.append(
                {
                    "network": network,
                    "id": local(network),
                    "name": names.get(network),
                    "countries": sorted({code for code in codes if code}),
                    "places": sorted({local(outer) for chain in within for outer in chain}),
                    "fields_of_action": sorted(map(local, fields.get(network, ()))),
                    "target_groups": sorted(map(local, groups.get(network, ()))),
                    "status_date": max(dates.get(network, ()), default=None),
                }
            )
        return rows

    def _memberships(self, networks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        known = {row["network"] for row in networks}
        since, until = (self._values("", path, _HELD) for path in ("ig:from", "ig:to"))
        names = self._names("", _STATED_NAMES)
        rows: dict[str, dict[str, Any]] = {}
        for each in self._rows(_MEMBERSHIPS).records():
            membership, network, actor = str(each["membership"]), str(each["network"]), str(each["actor"])
            if network not in known:
                continue
            row = rows.setdefault(
                membership,
                {
                    "network": network,
                    "actor": actor,
                    "actor_name": names.get(actor),
                    "is_group": bool(each["group"]),
                    "roles": [],
                    "counts_as_member": False,
                    "since": sorted(since.get(membership, ())),
                    "until": sorted(until.get(membership, ())),
                    "position": each["position"] if isinstance(each["position"], int) else 0,
                },
            )
            if each["role"]:
                row["roles"] = sorted({*row["roles"], str(each["role"]).removeprefix(f"{VOCABULARY}role/")})
            row["counts_as_member"] |= each["counts"] is True and not row["is_group"] and actor != network
        found = list(rows.values())
        listed = {(row["network"], row["actor"]) for row in found}
        for plain_tie in self._rows(_PLAIN).records():
            pair = (str(plain_tie["network"]), str(plain_tie["actor"]))
            if pair not in listed and pair[0] in known:
                counts = pair[0] != pair[1]
                own = {"network": pair[0], "actor": pair[1], "is_group": False, "counts_as_member": counts}
                found.append({**own, "position": 0})
        return sorted(found, key=lambda row: (row["network"], row["position"], row["actor"]))

    def _with_states(
        self, networks: Iterable[dict[str, Any]], memberships: Iterable[Mapping[str, Any]]
    ) -> Iterable[dict[str, Any]]:
        with_rows = {row["network"] for row in memberships}
        reasons = self._values("", "", _STATES)
        for row in networks:
            stated = sorted(map(local, reasons.get(row["network"], ())))
            row["members_state"] = VALUE if row["network"] in with_rows else stated[0] if stated else None
            yield row

    def _actors(self, memberships: Iterable[Mapping[str, Any]], networks: frozenset[str]) -> Iterable[dict[str, Any]]:
        names = {**self._names("Actor"), **self._names("Network")}
        sectors = self._values("Actor", "ig:sector")
        places = self._values("Actor", "ig:seat")
        for actor in sorted({row["actor"] for row in memberships if not row["is_group"]}):
            yield {
                "actor": actor,
                "id": local(actor),
                "name": names.get(actor),
                "is_network": actor in networks,
                "sectors": sorted(map(local, sectors.get(actor, ()))),
                "places": sorted(map(local, places.get(actor, ()))),
            }


# ---------------------------------------------------------------------------------------------------------------------
# The matrix


@dataclass(frozen=True, slots=True, eq=False)
class Things:
    """The actors or the networks of a matrix: one array a property, in the order of its rows or columns.

    Attributes:
        ids: IRIs, or the texts of a plain list; sorted.
        labels: Names.
        kinds: ``actor``, ``network`` or ``group``.
        countries: Two-letter codes.
        regions: Ids of the places of kind region that they lie in (networks; of other actors, only places are known).
        places: Ids of places; for networks with everything that they lie in.
        sectors: Ids of sectors (actors).
        dates: Status dates (networks).
        states: Whether the members are known (networks): ``value``, ``stated-none``, or why not.
    """

    ids: Texts
    labels: Texts
    kinds: Texts
    countries: Texts
    regions: Texts
    places: Texts
    sectors: Texts
    dates: Texts
    states: Texts

    def __len__(self) -> int:
        return len(self.ids)

    def position(self, name: str) -> int:
        """The row or column of a thing, by IRI or by the last part of it.

        Raises:
            NotFound: it is not here; similar ones are named.

        >>> incidence(Lists.of_ties([("a", "N"), ("b", "N")])).actors.position("b")
        1
        """
        ids = self.ids.tolist()
        for place, known in enumerate(ids):
            if known == name or local(known) == name:
                return place
        raise NotFound(f"'{name[:100]}' is not among the {len(self):,} of this selection.", near(name, map(local, ids)))


@dataclass(frozen=True, slots=True, eq=False)
class Incidence:
    """Actors × networks as a sparse matrix, with what is known of both.

    Attributes:
        matrix: Compressed sparse rows; 1.0 where an actor has a tie with a network. By default ties that count as
            membership; with another selection, those that it wants.
        actors: Its rows: those with at least one tie.
        networks: Its columns: those that fit the selection, also without members.
        ties: One row a listing, also where two make one tie: ``row``, ``column``, ``roles``, ``counts_as_member``,
            ``since``, ``until``.
        groups: Groups without a name that the networks list; never in the matrix.
        group_columns: The network of each of them, as its column.
        group_roles: Their roles.
        selection: What was selected.
        source: Id of the release, or what else it was made from.
        notes: What a reader must know: nothing selected, members unknown, listings left out.
    """

    matrix: sp.csr_array
    actors: Things
    networks: Things
    ties: pa.Table
    groups: Things
    group_columns: np.ndarray[Any, np.dtype[np.int64]]
    group_roles: Texts
    selection: Selection
    source: str = ""
    notes: tuple[Note, ...] = ()

    @property
    def sizes(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """How many actors each network has."""
        return np.bincount(self.matrix.indices, minlength=len(self.networks))

    @property
    def degrees(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """How many networks each actor is in."""
        return np.diff(self.matrix.indptr)


def incidence(lists: Lists, selection: Selection | None = None, *, ontology: Ontology | None = None) -> Incidence:
    """The matrix of what a selection leaves; nothing selected is an empty matrix with a sentence, never an error.

    Args:
        lists: From :meth:`Lists.of_release`, :meth:`Lists.of_store` or :meth:`Lists.of_ties`.
        selection: What is looked at; ``None`` for everything, with ties that count as membership.
        ontology: Where values of a selection are looked up; ``None`` loads the one that is shipped.

    Raises:
        Unprocessable: a value of the selection does not exist; those that do are named.

    >>> empty = incidence(Lists.of_ties([]))
    >>> empty.matrix.shape, empty.notes[0].en
    ((0, 0), 'This source holds no network.')
    """
    selection = selection or Selection()
    mask = chosen_networks(lists.networks, lists.places, selection, ontology)
    networks = lists.networks if mask.all() else lists.networks.filter(pa.array(mask))
    networks = networks.take(pc.sort_indices(networks["network"]))
    columns = networks["network"].combine_chunks()
    rows = lists.memberships
    held = _positions(rows["network"], columns)
    group = _truths(rows["is_group"])
    counts = _truths(rows["counts_as_member"]) & ~group
    here = (held >= 0) & pc.is_valid(rows["actor"]).to_numpy()
    itself = here & _truths(pc.equal(rows["network"], rows["actor"]))
    wanted = _wanted(rows, counts, selection)
    tied = here & wanted & ~group & ~itself
    facts = rows.select(["actor", "actor_name", "roles", "since", "until"])
    kept = facts.filter(pa.array(tied))
    names = pc.unique(kept["actor"])
    names = names.take(pc.sort_indices(names))
    at, of = _positions(kept["actor"], names), held[tied]
    matrix = _ones(at, of, (len(names), len(columns)))
    in_groups = here & group & (wanted if selection.roles else True)
    grouped = facts.filter(pa.array(in_groups))
    ties = pa.table(
        {
            "row": at,
            "column": of,
            "roles": _joined(kept["roles"]),
            "counts_as_member": counts[tied],
            "since": _joined(kept["since"]),
            "until": _joined(kept["until"]),
        }
    )
    found = Incidence(
        matrix,
        _actors(names, kept, lists),
        _networks(networks, lists.places),
        ties,
        _groups(grouped),
        held[in_groups],
        _texts(_joined(grouped["roles"])),
        selection,
        lists.source,
    )
    notes = _notes(found, lists, int((here & ~wanted & ~group & ~itself).sum()), int(itself.sum()))
    return replace(found, notes=tuple(notes))


def _positions(column: Any, known: Any) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Where each value stands among the known ones; -1 where it does not."""
    found = pc.fill_null(pc.index_in(column, value_set=_one_piece(known)), -1)
    return np.asarray(found.to_numpy(), dtype=np.int64)


def _one_piece(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _truths(column: Any) -> Mask:
    """Truth values; what is not stated is false."""
    return np.asarray(pc.fill_null(_one_piece(column), False).to_numpy(zero_copy_only=False), dtype=np.bool_)


def _wanted(rows: pa.Table, counts: Mask, selection: Selection) -> Mask:
    if not selection.roles:
        return np.ones_like(counts) if selection.participants == "all" else counts
    lists = _one_piece(rows["roles"])
    found = np.zeros(len(counts), dtype=np.bool_)
    roles = pa.array([local(role) for role in selection.roles], pa.string())
    hits = pc.is_in(pc.list_flatten(lists), value_set=roles)
    found[pc.list_parent_indices(lists).filter(hits).to_numpy()] = True
    return found


def _ones(
    rows: np.ndarray[Any, np.dtype[np.int64]], columns: np.ndarray[Any, np.dtype[np.int64]], shape: tuple[int, int]
) -> sp.csr_array:
    """A matrix with 1.0 at these places, however often one is named."""
    # Short numbers of rows and columns: products of the matrix take half the time.
    at = (rows.astype(np.int32), columns.astype(np.int32))
    matrix = sp.csr_array((np.ones(len(rows)), at), shape=shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return matrix


def _joined(column: Any) -> Any:
    """Lists of texts as texts."""
    return pc.fill_null(pc.binary_join(_one_piece(column), SEPARATOR), "")


def _texts(column: Any) -> Texts:
    found: Texts = pc.fill_null(_one_piece(column), "").to_numpy(zero_copy_only=False)
    return found


def _mapped(column: Any, keys: Any, values: Any) -> Any:
    """Lists of keys as joined texts of their values: each once, sorted, without those that have none."""
    lists = _one_piece(column)
    order = pc.unique(_one_piece(values).drop_null())
    order = order.take(pc.sort_indices(order))
    to_value = _positions(values, order)
    at = _positions(pc.list_flatten(lists), keys)
    parents = pc.list_parent_indices(lists).to_numpy()
    codes = np.full(len(at), -1, dtype=np.int64)
    codes[at >= 0] = to_value[at[at >= 0]]
    marks = np.unique(parents[codes >= 0] * max(len(order), 1) + codes[codes >= 0])
    parents, codes = np.divmod(marks, max(len(order), 1))
    offsets = np.concatenate(([0], np.cumsum(np.bincount(parents, minlength=len(lists)))))
    return _joined(pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), order.take(pa.array(codes))))


def _actors(names: Any, kept: pa.Table, lists: Lists) -> Things:
    # An actor that takes part but has no row of its own is known by its listing alone.
    own = lists.actors.take(pc.index_in(names, value_set=_one_piece(lists.actors["actor"])))
    listed = kept["actor_name"].take(pc.index_in(names, value_set=_one_piece(kept["actor"])))
    labels = pc.coalesce(_one_piece(own["name"]), _one_piece(listed), _one_piece(own["id"]), names)
    network = pc.fill_null(_one_piece(own["is_network"]), False)
    places = pc.fill_null(_one_piece(own["places"]), pa.scalar([], pa.list_(pa.string())))
    countries = _texts(_mapped(places, lists.places["id"], lists.places["country"]))
    place_texts, regions = _texts(_joined(places)), _empty(len(names))
    # A network that is a member lies where it lies as a network.
    at = _positions(names, lists.networks["network"])
    nested = np.flatnonzero(at >= 0)
    if len(nested):
        known = _networks(lists.networks.take(pa.array(at[nested])), lists.places)
        countries, place_texts = countries.copy(), place_texts.copy()
        countries[nested], place_texts[nested], regions[nested] = known.countries, known.places, known.regions
    return Things(
        _texts(names),
        _texts(labels),
        _texts(pc.if_else(network, "network", "actor")),
        countries,
        regions,
        place_texts,
        _texts(_joined(own["sectors"])),
        _empty(len(names)),
        _empty(len(names)),
    )


def _networks(networks: pa.Table, places: pa.Table) -> Things:
    regions = places.filter(pc.fill_null(pc.equal(places["kind"], "region"), False))["id"]
    size = networks.num_rows
    return Things(
        _texts(networks["network"]),
        _texts(pc.coalesce(_one_piece(networks["name"]), _one_piece(networks["id"]))),
        np.full(size, "network", dtype=np.object_),
        _texts(_joined(networks["countries"])),
        _texts(_mapped(networks["places"], regions, regions)),
        _texts(_joined(networks["places"])),
        _empty(size),
        _texts(networks["status_date"]),
        _texts(networks["members_state"]),
    )


def _groups(rows: pa.Table) -> Things:
    empty = _empty(rows.num_rows)
    labels = _texts(pc.coalesce(_one_piece(rows["actor_name"]), _one_piece(rows["actor"])))
    kinds = np.full(rows.num_rows, "group", dtype=np.object_)
    return Things(_texts(rows["actor"]), labels, kinds, empty, empty, empty, empty, empty, empty)


def _empty(size: int) -> Texts:
    return np.full(size, "", dtype=np.object_)


# -- what must be said


def _notes(found: Incidence, lists: Lists, others: int, itself: int) -> Iterable[Note]:
    size, ties = len(found.networks), found.matrix.nnz
    if not lists.networks.num_rows:
        yield Note("This source holds no network.", "Diese Quelle enthält kein Netzwerk.")
    elif not size:
        words = found.selection.networks_in_words
        yield Note(
            f"No network fits this selection ({words('en')}).",
            f"Kein Netzwerk passt zu dieser Auswahl ({words('de')}).",
        )
    elif not ties:
        yield Note(
            f"{_count(size, 'network fits', 'networks fit')}, and no tie of the kind that is asked for is listed.",
            f"{_count(size, 'Netzwerk passt', 'Netzwerke passen')}, ohne genannte Verbindung der gesuchten Art.",
        )
    unknown = int(
        ((found.sizes == 0) & (found.networks.states != VALUE) & (found.networks.states != STATED_NONE)).sum()
    )
    if unknown:
        yield Note(
            f"It is not known who the members of {_count(unknown, 'network', 'networks')} are; unknown is not none.",
            f"Von {_count(unknown, 'Netzwerk', 'Netzwerken')} sind die Mitglieder unbekannt; das heißt nicht: keine.",
        )
    if others:
        yield Note(
            f"{_count(others, 'listing is', 'listings are')} left out because of the role.",
            f"{_count(others, 'Nennung ist', 'Nennungen sind')} wegen der Rolle weggelassen.",
        )
    if len(found.groups):
        number = len(found.groups)
        yield Note(
            f"{_count(number, 'group without a name counts', 'groups without a name count')} never as a member.",
            f"{_count(number, 'Gruppe ohne Namen zählt', 'Gruppen ohne Namen zählen')} nie als Mitglied.",
        )
    if itself:
        yield Note(
            f"{_count(itself, 'network lists', 'networks list')} itself; that is no tie.",
            f"{_count(itself, 'Netzwerk führt', 'Netzwerke führen')} sich selbst auf; das ist keine Verbindung.",
        )
    doubled = found.ties.num_rows - ties
    if doubled:
        yield Note(
            f"{_count(doubled, 'listing repeats', 'listings repeat')} a tie and counts once.",
            f"{_count(doubled, 'Nennung wiederholt', 'Nennungen wiederholen')} eine Verbindung und zählt nur einmal.",
        )
    contrary = _contrary(found.ties)
    if contrary:
        yield Note(
            f"{_count(contrary, 'tie ends', 'ties end')} before the beginning, as the source has it; kept.",
            f"{_count(contrary, 'Verbindung endet', 'Verbindungen enden')} laut Quelle vor dem Beginn; beibehalten.",
        )


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _contrary(ties: pa.Table) -> int:
    """How many ties end before they begin; lists of dates are not compared, they belong to several roles."""
    both = pc.and_(pc.not_equal(ties["since"], ""), pc.not_equal(ties["until"], ""))
    number = 0
    for row in ties.filter(both).select(["since", "until"]).to_pylist():
        begin, end = day_bounds(row["since"]), day_bounds(row["until"])
        number += begin is not None and end is not None and begin[0] > end[1]
    return number


# ---------------------------------------------------------------------------------------------------------------------
# Projections


def projection(
    found: Incidence, mode: Mode = "actors", weight: Weight = "count", *, most: int = MOST_PAIRS
) -> sp.csr_array:
    """Who is co-listed with whom, as a symmetric matrix without a diagonal.

    ``count``: how many networks two actors share (``B @ B.T``), or how many actors two networks share (``B.T @ B``).
    ``newman``: each shared network of n members gives 1/(n-1), so that a long list says less than a short one; the
    weights of an actor then add up to the number of its networks with another member.

    Args:
        found: The incidence matrix.
        mode: What the rows of the projection are.
        weight: ``count`` or ``newman``.
        most: Most entries that the projection may have.

    Returns:
        The matrix; entries of a row are in no order (``sort_indices`` puts them into one).

    Raises:
        Unprocessable: the projection would have more entries, or a parameter does not exist. The projection of one
            network is a complete graph and says nothing, so a very long list is better left out.

    >>> found = incidence(Lists.of_ties([("a", "N"), ("b", "N"), ("c", "N"), ("a", "M"), ("b", "M")]))
    >>> projection(found, weight="newman").toarray().tolist()
    [[0.0, 1.5, 0.5], [1.5, 0.0, 0.5], [0.5, 0.5, 0.0]]
    """
    _check(mode, weight)
    rows = found.matrix if mode == "actors" else found.matrix.T.tocsr()
    shared = np.bincount(rows.indices, minlength=rows.shape[1])
    bound = min(int((shared * (shared - 1)).sum()), rows.shape[0] * (rows.shape[0] - 1))
    if bound > most:
        raise Unprocessable(
            f"The projection on {mode} may have {bound:,} entries, and at most {most:,} are made. The longest list "
            f"alone has {int(shared.max()):,} names, and every pair of them follows from it. Select fewer networks, or "
            "work on the two-mode matrix."
        )
    left = rows
    if weight == "newman":
        left = rows.copy()
        left.data = (1.0 / np.maximum(shared - 1, 1))[rows.indices]
    product = left @ rows.T.tocsr()
    return _without_diagonal(product)


def _check(mode: str, weight: str) -> None:
    if mode not in ("actors", "networks"):
        raise unknown_value("mode", mode, ("actors", "networks"))
    if weight not in ("count", "newman"):
        raise unknown_value("weight", weight, ("count", "newman"))


def _without_diagonal(matrix: sp.csr_array) -> sp.csr_array:
    """The matrix itself, with what stood on its diagonal taken out: a projection is too large to be copied."""
    rows = np.repeat(np.arange(matrix.shape[0], dtype=matrix.indices.dtype), np.diff(matrix.indptr))
    matrix.data[rows == matrix.indices] = 0
    matrix.eliminate_zeros()
    return matrix


# ---------------------------------------------------------------------------------------------------------------------
# Fields and target groups


@dataclass(frozen=True, slots=True, eq=False)
class ConceptIncidence:
    """Networks × concepts of a vocabulary: which network lists which field or target group.

    Attributes:
        matrix: 1.0 where a network lists a concept.
        networks: IRIs of its rows: every network of the selection.
        concepts: Ids of its columns: every concept of the vocabulary, also where no network lists it.
        known: Whether the answer of a network is known. A row of zeros of one that is not says nothing.
        selection: What was selected.
        notes: What a reader must know.
    """

    matrix: sp.csr_array
    networks: Texts
    concepts: Texts
    known: Mask
    selection: Selection
    notes: tuple[Note, ...] = ()


def concept_incidence(
    release: Release, what: Concepts, selection: Selection | None = None, *, ontology: Ontology | None = None
) -> ConceptIncidence:
    """Which network lists which field of action or target group.

    Fields and groups are two lists that the form does not link: what one network lists in both is listed by the same
    network, not served together. An empty cell says that no network here lists it, never that nobody serves.

    Args:
        release: An open release.
        what: ``fields`` or ``target_groups``.
        selection: Which networks.
        ontology: Where the vocabulary is looked up; ``None`` loads the one that is shipped.

    Raises:
        Unprocessable: there is no such list, or a value of the selection does not exist.
    """
    if what not in _CONCEPTS:
        raise unknown_value("what", what, tuple(_CONCEPTS))
    column, scheme = _CONCEPTS[what]
    selection, ontology = selection or Selection(), ontology or Ontology.load()
    tables = Tables(release.path / "tables")
    networks = read_columns(tables, "networks", _NETWORK_COLUMNS)
    places = read_columns(tables, "places", _PLACE_COLUMNS)
    chosen = networks.filter(pa.array(chosen_networks(networks, places, selection, ontology)))["network"]
    rows = read_columns(tables, what, ("network", column, "state"))
    concepts = pa.array(sorted(ontology.scheme(scheme).concepts), pa.string())
    at, of = _positions(rows["network"], chosen), _positions(rows[column], concepts)
    listed = (at >= 0) & (of >= 0)
    answered = pc.is_in(rows["state"], value_set=pa.array([VALUE, STATED_NONE])).to_numpy() & (at >= 0)
    known = np.zeros(len(chosen), dtype=np.bool_)
    known[at[answered]] = True
    notes = []
    if not len(chosen):
        words = selection.networks_in_words
        notes.append(
            Note(
                f"No network fits this selection ({words('en')}).",
                f"Kein Netzwerk passt zu dieser Auswahl ({words('de')}).",
            )
        )
    elif not known.all():
        unknown = int((~known).sum())
        notes.append(
            Note(
                f"The answer of {_count(unknown, 'network', 'networks')} is not known; unknown is not none.",
                f"Von {_count(unknown, 'Netzwerk', 'Netzwerken')} ist die Angabe unbekannt; das heißt nicht: keine.",
            )
        )
    matrix = _ones(at[listed], of[listed], (len(chosen), len(concepts)))
    return ConceptIncidence(matrix, _texts(chosen), _texts(concepts), known, selection, tuple(notes))


_CONCEPTS: Mapping[str, tuple[str, str]] = {
    "fields": ("field", "field"),
    "target_groups": ("target_group", "target-group"),
}
