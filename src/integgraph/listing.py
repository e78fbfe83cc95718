"""Lists of what a release holds: filtered, sorted, searched, and read page by page.

A list stands on a table of the release, so it says what ``docs/tables.md`` says. Only the columns that a question needs
are read, and they are kept for the next one. The three states of an answer stay apart: an item shows a value, a stated
none, or an unknown with its reason, and a filter can ask for each of them.

>>> sorted(LISTS)
['actors', 'concepts', 'funders', 'networks', 'places', 'vocabularies']
>>> answer(["eu"], "value"), answer([], "stated-none"), answer([], "not-recorded")
({'state': 'value', 'value': ['eu']}, {'state': 'none'}, {'state': 'unknown', 'reason': 'not-recorded'})

A page ends with a *cursor*, which leads to the next one. It is bound to the content of the release and to the question,
so that no row is ever left out or told twice: another release is a :class:`~integgraph.errors.Conflict`.

Source: Apache Arrow, "Compute Functions" (selections, sort, list functions).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from integgraph.errors import Conflict, NotFound, ReleaseError, Unprocessable
from integgraph.ingest import edtf
from integgraph.ontology import Ontology, Scheme, near
from integgraph.release import Release
from integgraph.search import SearchIndex
from integgraph.tables import BY_PROFILE, STATED_NONE, VALUE, network_fields

Row = dict[str, Any]
Item = dict[str, Any]
Kind = Literal["concept", "country", "region", "network", "actor", "level", "date", "from", "to", "yes-no", "choice"]
_T = TypeVar("_T")

DEFAULT_LIMIT, MAX_LIMIT = 50, 500
"""Rows of a page: unless asked for, and at most."""
MAX_HITS = 10_000
"""Things that a search may find; more are refused, because nobody reads them and a part of them would mislead."""
MAX_SORTS = 3
ANY, NONE, UNKNOWN = "any", "none", "unknown"
"""What a filter takes beside values: any value, a stated none, not known (``unknown:REASON`` for one reason)."""

_RELEASES = 4
_GROUPS = 16
_SELECTIONS = 16
_SHOWN = 80


# ---------------------------------------------------------------------------------------------------------------------
# What can be asked


@dataclass(frozen=True, slots=True)
class Filter:
    """One way to narrow a list.

    Attributes:
        name: What it is called.
        kind: What its values are.
        meaning: What it leaves in the list.
        facet: Which values and states each row has; ``None`` for dates, which compare bounds.
        scheme: Id of the vocabulary, for concepts; for a choice, its values as they are told.
        states: Whether it also takes :data:`ANY`, :data:`NONE` and :data:`UNKNOWN`.
    """

    name: str
    kind: Kind
    meaning: str
    facet: Callable[[_Opened], _Facet] | None = None
    scheme: str = ""
    states: bool = True

    @property
    def choices(self) -> tuple[str, ...]:
        """The values of a choice, in order."""
        return tuple(self.scheme.split(", ")) if self.kind == "choice" else ()


@dataclass(frozen=True, slots=True)
class Listing:
    """One list.

    Attributes:
        name: What it is called.
        meaning: What a row is.
        key: Column with the IRI; ties are broken by it.
        search: Kinds of things in the search index that a row can be; none if it cannot be searched.
        filters: Its filters by name.
        sorts: What it can be sorted by → the column.
    """

    name: str
    meaning: str
    key: str
    search: tuple[str, ...]
    filters: Mapping[str, Filter]
    sorts: Mapping[str, str]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Everything that narrows or orders it, by name."""
        narrower = any(each.kind == "concept" for each in self.filters.values())
        return (*self.filters, *(["narrower"] if narrower else []), *(["q"] if self.search else []), "sort")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a list, checked: what it is narrowed to, searched for and sorted by."""

    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    q: str = ""
    sort: tuple[tuple[str, bool], ...] = ()
    narrower: bool = False
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list: its items, how many there are in all, and the cursor of the next part, if there is one."""

    items: Sequence[Item]
    total: int
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """The rows that fit a question, in order; nothing of them is read yet but what was compared."""

    listing: Listing
    asked: Asked
    release: Release
    ontology: Ontology
    numbers: pa.Array = field(repr=False)
    source: _Source = field(repr=False)

    @property
    def total(self) -> int:
        """How many rows fit, exactly."""
        return len(self.numbers)

    def page(self, limit: int = DEFAULT_LIMIT, cursor: str | None = None) -> Page:
        """The next ``limit`` items after a cursor, or the first ones.

        Raises:
            Conflict: the cursor comes from another release.
            Unprocessable: the cursor is damaged or belongs to another question.
        """
        start = _position(cursor, self) if cursor else 0
        rows = self.source.rows(self.numbers.slice(start, limit))
        end = start + rows.num_rows
        items = [_item(row, self.listing.name, self.ontology) for row in rows.to_pylist()]
        return Page(items, self.total, _cursor(self, end) if end < self.total else None)

    def table(self) -> pa.Table:
        """All rows in order, with the columns of the table."""
        return self.source.rows(self.numbers)

    def columns(self, *names: str) -> pa.Table:
        """Some columns of all rows, in order: far less to read than :meth:`table`."""
        return pa.table({name: self.source.column(name).take(self.numbers) for name in names})


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows a list would have, for each value and state that may be chosen in one of its filters.

    Attributes:
        values: Value → rows, if the filter had this value in addition. Values that would bring no row are left out.
        states: :data:`NONE`, :data:`UNKNOWN` and ``unknown:REASON`` → rows, in the same way.
        chosen: The values and states that are chosen already; theirs is the number of rows that there are.
    """

    values: Mapping[str, int]
    states: Mapping[str, int]
    chosen: frozenset[str]


def ask(
    release: Release, ontology: Ontology, name: str, given: Iterable[tuple[str, str]] = (), scheme: str = ""
) -> Found:
    """The rows of a list that fit.

    Values of one filter are alternatives; several filters narrow together.

    Args:
        release: The release.
        ontology: Where concepts are looked up.
        name: A key of :data:`LISTS`.
        given: Filters with their values, and ``q`` (names and wordings in any spelling), ``sort`` (up to three columns,
            ``-`` before one for descending; rows without a value come last) and ``narrower`` (``yes``: a concept stands
            for its narrower ones too).
        scheme: For ``concepts``: the vocabulary.

    Raises:
        Unprocessable: a filter or value does not exist; the text names those that do.
        NotFound: there is no such vocabulary.
        ReleaseError: the tables cannot be read.

    Example::

        found = ask(release, ontology, "networks", [("country", "DE"), ("coordination", "none"), ("sort", "-founded")])
        found.total, found.page(20).items
    """
    listing = LISTS[name]
    opened = _opened(release.path, release.content_hash)
    asked = _checked(listing, given, scheme)
    source = _source(opened, ontology, listing, scheme)
    key = (listing.name, asked)
    numbers = opened.selections.get(key, lambda: _selected(opened, ontology, listing, asked, source))
    return Found(listing, asked, release, ontology, numbers, source)


def tallies(
    release: Release, ontology: Ontology, name: str, given: Iterable[tuple[str, str]], filters: Iterable[str]
) -> dict[str, Tally]:
    """What each further choice would leave in a list: the numbers beside the values of its filters.

    A number is that of :func:`ask` with this value added. Values of one filter are alternatives: where one is chosen
    already, another one adds rows; in a filter without a choice, a value narrows.

    Args:
        release: The release.
        ontology: Where concepts are looked up.
        name: A key of :data:`LISTS`.
        given: What the list is narrowed to, as for :func:`ask`.
        filters: Names of the filters to count in; those of dates have no values to choose from.

    Raises:
        Unprocessable: as :func:`ask`.
        ReleaseError: the tables cannot be read.

    Example::

        tally = tallies(release, ontology, "networks", [("country", "DE")], ["field"])["field"]
        tally.values["housing"], tally.states["unknown"]
    """
    listing = LISTS[name]
    opened = _opened(release.path, release.content_hash)
    asked = _checked(listing, given, "")
    wanted = tuple(filters)
    return opened.tallies.get(
        (listing.name, asked.filters, asked.q, asked.narrower, wanted),
        lambda: _tallies(opened, ontology, listing, asked, wanted),
    )


def _checked(listing: Listing, given: Iterable[tuple[str, str]], scheme: str) -> Asked:
    values: dict[str, list[str]] = {}
    for name, value in given:
        if name not in listing.parameters:
            raise _unknown_filter(listing, name)
        values.setdefault(name, []).append(value.strip())
    single = {name: values.pop(name, [""]) for name in ("q", "sort", "narrower")}
    for name, found in single.items():
        if len(found) > 1:
            raise Unprocessable(f"'{name}' is given more than once. Give it once.")
    for name, found in values.items():
        if "" in found:
            raise Unprocessable(f"The filter '{name}' has no value. Give it one, or leave it out.")
    return Asked(
        tuple(sorted((name, tuple(sorted(set(found)))) for name, found in values.items())),
        single["q"][0],
        _order(listing, single["sort"][0], bool(single["q"][0])),
        _yes(single["narrower"][0] or "no", "narrower"),
        scheme,
    )


def _unknown_filter(listing: Listing, name: str) -> Unprocessable:
    known = listing.parameters
    return Unprocessable(
        f"There is no filter '{name[:_SHOWN]}' for {listing.name}.{_hint(name, known)} There are: {', '.join(known)}."
    )


def _order(listing: Listing, text: str, searched: bool) -> tuple[tuple[str, bool], ...]:
    """(Column, descending) in order; empty for the order of the key, or of the search."""
    found: list[tuple[str, bool]] = []
    for part in filter(None, text.split(",")):
        name = part.strip().removeprefix("-")
        if name == "relevance" and searched and len(text.split(",")) == 1 and not part.strip().startswith("-"):
            return ()
        if name not in listing.sorts:
            names = (*listing.sorts, "relevance (with q, alone)")
            raise Unprocessable(
                f"{listing.name} cannot be sorted by '{name[:_SHOWN]}'.{_hint(name, listing.sorts)} "
                f"Possible are: {', '.join(names)}; a minus before a name sorts downwards."
            )
        found.append((listing.sorts[name], part.strip().startswith("-")))
    if len(found) > MAX_SORTS:
        raise Unprocessable(f"A list is sorted by at most {MAX_SORTS} columns; you named {len(found)}.")
    return tuple(found)


def _hint(word: str, words: Iterable[str]) -> str:
    close = near(word[:_SHOWN].casefold(), words)
    return f" Did you mean {' or '.join(close)}?" if close else ""


def _yes(text: str, name: str) -> bool:
    if text.casefold() not in ("yes", "true", "no", "false"):
        raise Unprocessable(f"'{text[:_SHOWN]}' is not a value of '{name}'. Write yes or no.")
    return text.casefold() in ("yes", "true")


# ---------------------------------------------------------------------------------------------------------------------
# Reading tables


class Recent:
    """The newest few of what is costly to make; several threads may share it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def kept(self, key: Hashable) -> Any | None:
        """What is kept under ``key``; ``None`` if it is not there."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def get(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """What is kept under ``key``; made if it is not there. Made twice rather than made to wait."""
        found: _T | None = self.kept(key)
        if found is not None:
            return found
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


class _Source(Protocol):
    """Rows by number, and columns."""

    def column(self, name: str) -> pa.Array:
        """A whole column."""

    def rows(self, numbers: pa.Array) -> pa.Table:
        """Whole rows, in the order of the numbers."""


@dataclass(frozen=True, slots=True)
class _InMemory:
    """A small table that is made, not read."""

    data: pa.Table

    def column(self, name: str) -> pa.Array:
        return self.data.column(name).combine_chunks()

    def rows(self, numbers: pa.Array) -> pa.Table:
        return self.data.take(numbers)


class _File:
    """A table of the release: columns are read once, rows by the groups in which the file holds them."""

    def __init__(self, file: Path) -> None:
        self._path = file
        self._columns: dict[str, pa.Array] = {}
        self._groups = Recent(_GROUPS)
        counts = self._read(
            lambda opened: [opened.metadata.row_group(i).num_rows for i in range(opened.num_row_groups)]
        )
        self._starts = [sum(counts[:number]) for number in range(len(counts))]

    def column(self, name: str) -> pa.Array:
        if name not in self._columns:
            data = self._read(lambda opened: opened.read(columns=[name]))
            if name not in data.column_names:
                raise ReleaseError(f"The table {self._path.stem} of this release has no column '{name}'.")
            self._columns[name] = data.column(name).combine_chunks()
        return self._columns[name]

    def rows(self, numbers: pa.Array) -> pa.Table:
        wanted = numbers.to_pylist()
        groups = sorted({bisect_right(self._starts, number) - 1 for number in wanted})
        if not groups:
            return self._read(lambda opened: opened.schema_arrow.empty_table())
        # A list of everything passes by what is kept for pages, and would push it out.
        parts = list(map(self._group if len(groups) > _GROUPS else self._kept_group, groups))
        shift, before = {}, 0
        for group, part in zip(groups, parts, strict=True):
            shift[group] = before - self._starts[group]
            before += part.num_rows
        places = [number + shift[bisect_right(self._starts, number) - 1] for number in wanted]
        return pa.concat_tables(parts).take(pa.array(places, pa.int64()))

    def equal(self, column: str, value: str) -> pa.Table:
        """Rows that have this value."""
        return self.rows(pc.indices_nonzero(pc.equal(self.column(column), value)))

    def _kept_group(self, number: int) -> pa.Table:
        return self._groups.get(number, lambda: self._group(number))

    def _group(self, number: int) -> pa.Table:
        return self._read(lambda opened: opened.read_row_group(number))

    def _read(self, what: Callable[[Any], Any]) -> Any:
        try:
            with pq.ParquetFile(self._path) as opened:
                return what(opened)
        except (OSError, pa.ArrowException):
            raise ReleaseError(
                f"The table {self._path.stem} of this release cannot be read; ask for the newest release."
            ) from None


@dataclass(frozen=True, slots=True)
class _Facet:
    """Which values each row has: pairs of row number and value, and the state of each row.

    A state is ``value``, ``stated-none``, a reason, or null for unknown without a reason.
    """

    rows: pa.Array
    values: pa.Array
    states: pa.Array

    def having(self, wanted: Iterable[str]) -> pa.Array:
        """Numbers of the rows that have one of these values."""
        return self.rows.filter(pc.is_in(self.values, value_set=pa.array(sorted(wanted), pa.string())))

    def in_state(self, token: str) -> pa.Array:
        """Numbers of the rows in this state."""
        word, _, reason = token.partition(":")
        if word == ANY:
            mask = pc.equal(self.states, VALUE)
        elif word == NONE:
            mask = pc.equal(self.states, STATED_NONE)
        elif reason:
            mask = pc.equal(self.states, reason)
        else:
            known = pc.is_in(self.states, value_set=pa.array([VALUE, STATED_NONE]))
            mask = pc.invert(known)
        return pc.indices_nonzero(pc.fill_null(mask, False))


class _Opened:
    """The tables of one release, and what was made of them to answer."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.selections = Recent(_SELECTIONS)
        self.tallies = Recent(_SELECTIONS)
        self.finds = Recent(_SELECTIONS)
        self._files: dict[str, _File] = {}
        self._made: dict[str, Any] = {}

    def table(self, name: str) -> _File:
        if name not in self._files:
            self._files[name] = _File(self.path / "tables" / f"{name}.parquet")
        return self._files[name]

    def column(self, table: str, name: str) -> pa.Array:
        return self.table(table).column(name)

    def once(self, name: str, make: Callable[[], _T]) -> _T:
        """What is made once for a release."""
        if name not in self._made:
            self._made[name] = make()
        found: _T = self._made[name]
        return found

    def facet(self, listing: str, wanted: Filter) -> _Facet:
        make = wanted.facet
        if make is None:
            raise ValueError(f"The filter '{wanted.name}' compares dates; it has no values to choose from.")
        return self.once(f"facet {listing}.{wanted.name}", lambda: make(self))

    def hits(self, text: str, kinds: Sequence[str], most: int) -> list[str]:
        """IRIs that the search index finds, best first."""
        return self.finds.get((text, tuple(kinds), most), lambda: self._look_up(text, kinds, most))

    def _look_up(self, text: str, kinds: Sequence[str], most: int) -> list[str]:
        with SearchIndex(self.path / "search.sqlite") as index:
            return index.things(text, kinds=kinds, limit=most)

    def similar(self, name: str, *kinds: str) -> list[str]:
        """Ids of things with names like an id."""
        found = self.hits(name.replace("-", " "), kinds, 3)
        return [iri.rpartition("/")[2] for iri in found]


@lru_cache(maxsize=_RELEASES)
def _opened(path: Path, content_hash: str) -> _Opened:
    """The tables of a release; the hash is part of the key, because a path may lead to another release one day."""
    return _Opened(path)


def _source(opened: _Opened, ontology: Ontology, listing: Listing, scheme: str) -> _Source:
    if listing.name == "funders":
        return _InMemory(_funders_table(opened))
    if listing.name == "vocabularies":
        return _InMemory(_schemes(ontology))
    if listing.name == "concepts":
        return _InMemory(_concepts(ontology.scheme(scheme)))
    return opened.table(listing.name)


# ---------------------------------------------------------------------------------------------------------------------
# Narrowing and sorting


def _selected(opened: _Opened, ontology: Ontology, listing: Listing, asked: Asked, source: _Source) -> pa.Array:
    """Numbers of the rows that fit, in order."""
    iris = source.column(listing.key)
    numbers = pa.array(range(len(iris)), pa.int64())
    for name, values in asked.filters:
        fitting = _fitting(opened, ontology, listing.filters[name], listing.name, values, asked.narrower)
        numbers = numbers.filter(pc.is_in(numbers, value_set=fitting.cast(pa.int64())))
    if asked.q:
        ranked = _ranked(opened, listing, asked, iris)
        numbers = ranked.filter(pc.is_in(ranked, value_set=numbers))
    return _sorted(source, listing, asked, numbers) if asked.sort else numbers


def _ranked(opened: _Opened, listing: Listing, asked: Asked, iris: pa.Array) -> pa.Array:
    found = opened.hits(asked.q, listing.search, MAX_HITS + 1)
    if len(found) > MAX_HITS:
        raise Unprocessable(f"'q' fits more than {MAX_HITS:,} names. Write more letters or another word.")
    places = pc.index_in(pa.array(found, pa.string()), value_set=iris)
    return places.drop_null().cast(pa.int64())


def _sorted(source: _Source, listing: Listing, asked: Asked, numbers: pa.Array) -> pa.Array:
    keys, columns = [], {}
    for place, (name, descending) in enumerate(asked.sort):
        column = source.column(name).take(numbers)
        columns[str(place)] = _folded(column) if name == "name" else column
        keys.append((str(place), "descending" if descending else "ascending"))
    columns["iri"] = source.column(listing.key).take(numbers)
    order = pc.sort_indices(pa.table(columns), sort_keys=[*keys, ("iri", "ascending")])  # empty cells come last
    return numbers.take(order)


def _folded(names: pa.Array) -> pa.Array:
    """Names as they are sorted: Ö beside O, and capitals beside small letters."""
    plain = pc.replace_substring_regex(pc.utf8_normalize(names, form="NFKD"), r"\pM", "")
    return pc.utf8_lower(plain)


def _fitting(
    opened: _Opened, ontology: Ontology, wanted: Filter, listing: str, values: Sequence[str], narrower: bool
) -> pa.Array:
    """Numbers of the rows that a filter leaves."""
    states = [value for value in values if wanted.states and _is_state(ontology, wanted, value)]
    others = [value for value in values if value not in states]
    parts = []
    if wanted.kind in ("date", "from", "to"):
        parts = [_in_period(opened, wanted, value) for value in others]
        facet = _from_states(opened, "networks", "founded") if states else None
    else:
        facet = opened.facet(listing, wanted)
        ids = {found for value in others for found in _ids(opened, ontology, wanted, value, narrower)}
        parts = [facet.having(ids)] if others else []
    parts += [facet.in_state(token) for token in states if facet]
    return pa.concat_arrays([part.cast(pa.int64()) for part in parts]).unique()


def _is_state(ontology: Ontology, wanted: Filter, value: str) -> bool:
    if value in (ANY, NONE, UNKNOWN):
        return True
    word, colon, reason = value.partition(":")
    if word != UNKNOWN or not colon:
        return False
    reasons = [name for name in ontology.scheme("absence").concepts if name != STATED_NONE]
    if reason not in reasons:
        raise Unprocessable(
            f"'{reason[:_SHOWN]}' is no reason why an answer is unknown.{_hint(reason, reasons)} "
            f"Write {wanted.name}=unknown:REASON with one of: {', '.join(reasons)}."
        )
    return True


def _in_period(opened: _Opened, wanted: Filter, value: str) -> pa.Array:
    """Rows whose founding date may lie in a period: dates are as exact as the sources, so bounds are compared."""
    try:
        period = edtf.parse(value)
    except ValueError as error:
        raise Unprocessable(
            f"'{wanted.name}={value[:_SHOWN]}' is not understood: {str(error)[:160]} "
            "Write a year, month or day (2015, 2015-09, 2015-09-01) or a period (2010/2015, 2010/.., ../2015)."
        ) from None
    earliest, latest = (opened.column("networks", f"founded_{end}") for end in ("earliest", "latest"))
    mask = pc.or_(pc.is_valid(earliest), pc.is_valid(latest))
    if period.earliest and wanted.kind != "to":
        mask = pc.and_(mask, pc.fill_null(pc.greater_equal(latest, pa.scalar(period.earliest)), True))
    if period.latest and wanted.kind != "from":
        mask = pc.and_(mask, pc.fill_null(pc.less_equal(earliest, pa.scalar(period.latest)), True))
    return pc.indices_nonzero(mask)


# How many rows each choice would leave

_Mask = npt.NDArray[np.bool_]


def _tallies(
    opened: _Opened, ontology: Ontology, listing: Listing, asked: Asked, wanted: Sequence[str]
) -> dict[str, Tally]:
    source = _source(opened, ontology, listing, "")
    iris = source.column(listing.key)
    masks = {
        name: _mask(_fitting(opened, ontology, listing.filters[name], listing.name, values, asked.narrower), len(iris))
        for name, values in asked.filters
    }
    if asked.q:
        masks["q"] = _mask(_ranked(opened, listing, asked, iris), len(iris))
    found = {}
    for name in wanted:
        others = np.ones(len(iris), np.bool_)
        for other, mask in masks.items():
            if other != name:
                others &= mask
        found[name] = _tally(opened, ontology, listing, asked, listing.filters[name], others, masks.get(name))
    return found


def _mask(numbers: pa.Array, size: int) -> _Mask:
    mask = np.zeros(size, np.bool_)
    mask[numbers.to_numpy(zero_copy_only=False)] = True
    return mask


def _tally(
    opened: _Opened,
    ontology: Ontology,
    listing: Listing,
    asked: Asked,
    wanted: Filter,
    others: _Mask,
    chosen: _Mask | None,
) -> Tally:
    """Counts for one filter: ``others`` are the rows that all other filters leave, ``chosen`` those of its own."""
    there = 0 if chosen is None else int((others & chosen).sum())
    new = others if chosen is None else others & ~chosen
    facet = opened.facet(listing.name, wanted)
    scheme = ontology.scheme(wanted.scheme) if wanted.kind == "concept" and asked.narrower else None
    rows, codes, labels = opened.once(
        f"pairs {listing.name}.{wanted.name} {scheme is not None}", lambda: _coded(facet, scheme)
    )
    counts = np.bincount(codes[new[rows]], minlength=len(labels)).tolist()
    gained = {label: there + count for label, count in zip(labels, counts, strict=True) if count}
    given = dict(asked.filters).get(wanted.name, ())
    states = [each for each in given if wanted.states and _is_state(ontology, wanted, each)]
    ids = {found for each in given if each not in states for found in _ids(opened, ontology, wanted, each, False)}
    values = {**gained, **dict.fromkeys(sorted(ids), there)}
    told = {**_in_states(wanted, facet, new, there), **dict.fromkeys(states, there)}
    return Tally(values, told, frozenset({*ids, *states}))


def _in_states(wanted: Filter, facet: _Facet, new: _Mask, there: int) -> dict[str, int]:
    if not wanted.states:
        return {}
    counted = pc.value_counts(facet.states.filter(pa.array(new)))
    found = dict(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True))
    found.pop(VALUE, None)
    none = found.pop(STATED_NONE, 0)
    states = {NONE: none, UNKNOWN: sum(found.values())}
    states |= {f"{UNKNOWN}:{reason}": count for reason, count in sorted(found.items(), key=str) if reason}
    return {state: there + count for state, count in states.items() if count}


_Pairs = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], list[str]]


def _coded(facet: _Facet, scheme: Scheme | None) -> _Pairs:
    """Every pair of row and value once, values as numbers with their names; with a scheme, broader ones too."""
    coded = facet.values.cast(pa.string()).dictionary_encode()
    rows = facet.rows.to_numpy(zero_copy_only=False).astype(np.int64)
    codes = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    labels = coded.dictionary.to_pylist()
    if scheme is not None:
        wider = [_broader(scheme, label) for label in labels]
        labels = sorted({name for names in wider for name in names})
        place = {name: number for number, name in enumerate(labels)}
        copies = [(rows[codes == code], place[name]) for code, names in enumerate(wider) for name in names]
        rows = np.concatenate([part for part, _ in copies] or [rows])
        codes = np.concatenate([np.full(len(part), number, np.int64) for part, number in copies] or [codes])
    distinct = np.unique(rows * max(len(labels), 1) + codes)
    return distinct // max(len(labels), 1), distinct % max(len(labels), 1), labels


def _broader(scheme: Scheme, name: str) -> list[str]:
    """A concept and all that it falls under."""
    found: list[str] = []
    while name in scheme.concepts and name not in found:
        found.append(name)
        name = scheme.concepts[name].broader or ""
    return found or [name]


# What a value of a filter stands for


def _ids(opened: _Opened, ontology: Ontology, wanted: Filter, value: str, narrower: bool) -> Iterable[str]:
    match wanted.kind:
        case "concept":
            return _concept_ids(ontology.scheme(wanted.scheme), wanted, value, narrower)
        case "country":
            return [_word(value.upper(), wanted, _distinct(opened, "places", "country"))]
        case "level":
            return [_word(value.lower(), wanted, _distinct(opened, "places", "kind"))]
        case "choice":
            return [_word(value.lower(), wanted, wanted.choices)]
        case "yes-no":
            return ["yes" if _yes(value, wanted.name) else "no"]
        case "region":
            return _region_ids(opened, wanted, value)
        case _:
            return [_thing_id(opened, wanted, value)]


def _concept_ids(scheme: Scheme, wanted: Filter, value: str, narrower: bool) -> set[str]:
    found = scheme.find(value)
    if found is None:
        raise _no_value(value, wanted, list(scheme.concepts))
    ids, size = {found.id}, 0
    while narrower and len(ids) > size:
        size = len(ids)
        ids |= {concept.id for concept in scheme.concepts.values() if concept.broader in ids}
    return ids


def _word(value: str, wanted: Filter, words: Sequence[str]) -> str:
    if value not in words:
        raise _no_value(value, wanted, words)
    return value


def _no_value(value: str, wanted: Filter, allowed: Sequence[str]) -> Unprocessable:
    states = f"; also {ANY}, {NONE}, {UNKNOWN} and {UNKNOWN}:REASON" if wanted.states else ""
    return Unprocessable(
        f"'{value[:_SHOWN]}' is not a value of '{wanted.name}'.{_hint(value, [*allowed, *map(str.upper, allowed)])} "
        f"Allowed are: {', '.join(sorted(allowed))}{states}."
    )


def _distinct(opened: _Opened, table: str, column: str) -> list[str]:
    return opened.once(
        f"values {table}.{column}", lambda: sorted(opened.column(table, column).drop_null().unique().to_pylist())
    )


_CODE = re.compile(r"[A-Z]{2}[0-9A-Z]{0,3}")


def _region_ids(opened: _Opened, wanted: Filter, value: str) -> list[str]:
    """Ids of the places that an id or a NUTS code stands for."""
    ids = opened.column("places", "id")
    if pc.index(ids, value).as_py() >= 0:
        return [value]
    code = value.upper()
    if _CODE.fullmatch(code):
        exact = ids.filter(pc.fill_null(pc.equal(opened.column("places", "nuts"), code), False))
        # A code without a place of its own stands for the places that lie in it.
        mask = pc.fill_null(pc.starts_with(opened.column("places", "nuts3"), code), False)
        found = exact if len(exact) else ids.filter(mask)
        if len(found):
            named: list[str] = found.to_pylist()
            return named
    raise _no_thing(opened, wanted, value, "place", "the id of a place, or a NUTS code such as DEE0")


def _thing_id(opened: _Opened, wanted: Filter, value: str) -> str:
    """The id of a network or actor; a merged one stands for its actor."""
    name = _canonical(opened, value) if wanted.kind == "actor" else value
    if pc.index(opened.column(f"{wanted.kind}s", "id"), name).as_py() < 0:
        article = "an" if wanted.kind == "actor" else "a"
        raise _no_thing(opened, wanted, value, wanted.kind, f"the id of {article} {wanted.kind}")
    return name


def _no_thing(opened: _Opened, wanted: Filter, value: str, kind: str, what: str) -> Unprocessable:
    close = opened.similar(value[:_SHOWN], kind)
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    return Unprocessable(f"'{value[:_SHOWN]}' is not a value of '{wanted.name}'.{hint} Allowed is {what}.")


# ---------------------------------------------------------------------------------------------------------------------
# Facets: which values each row has


def _pairs(lists: pa.Array) -> tuple[pa.Array, pa.Array]:
    return pc.list_parent_indices(lists).cast(pa.int64()), pc.list_flatten(lists)


def _from_lists(lists: pa.Array, states: pa.Array | None = None) -> _Facet:
    rows, values = _pairs(lists)
    return _Facet(rows, values, _states(pc.greater(pc.list_value_length(lists), 0), states))


def _states(known: pa.Array, states: pa.Array | None = None) -> pa.Array:
    """``value`` where it is known; else the given state, or none at all."""
    others = pa.nulls(len(known), pa.string())
    if states is not None:
        others = pc.if_else(pc.equal(states, VALUE), others, states)
    return pc.if_else(known, VALUE, others)


def _from_states(opened: _Opened, table: str, column: str) -> _Facet:
    empty = pa.array([], pa.string())
    return _Facet(pa.array([], pa.int64()), empty, opened.column(table, f"{column}_state"))


def _from_column(column: pa.Array) -> _Facet:
    known = pc.is_valid(column)
    return _Facet(pc.indices_nonzero(known).cast(pa.int64()), column.drop_null(), _states(known))


def _from_pairs(rows: pa.Array, values: pa.Array, size: int, states: pa.Array | None = None) -> _Facet:
    numbers = pa.array(range(size), pa.int64())
    return _Facet(rows, values, _states(pc.is_in(numbers, value_set=rows.unique()), states))


def _answers(column: str) -> Callable[[_Opened], _Facet]:
    """The ids that an answer of a network gives."""

    def make(opened: _Opened) -> _Facet:
        lists = opened.column("networks", column)
        return _from_lists(lists, opened.column("networks", f"{column}_state"))

    return make


def _parties(column: str) -> Callable[[_Opened], _Facet]:
    """The ids of the actors that an answer of a network gives by IRI."""

    def make(opened: _Opened) -> _Facet:
        rows, iris = _pairs(opened.column("networks", column))
        return _Facet(rows, _last(iris), opened.column("networks", f"{column}_state"))

    return make


def _last(iris: pa.Array) -> pa.Array:
    """The last part of each IRI."""
    return pc.replace_substring_regex(iris, r"^.*/", "")


def _whereabouts(column: str) -> Callable[[_Opened], _Facet]:
    def make(opened: _Opened) -> _Facet:
        return _from_lists(opened.column("networks", column), opened.column("networks", "area_state"))

    return make


def _network_categories(opened: _Opened) -> _Facet:
    networks = opened.column("networks", "network")
    flows, categories = _pairs(opened.column("funding", "categories"))
    rows = pc.index_in(opened.column("funding", "network").take(flows), value_set=networks).cast(pa.int64())
    return _from_pairs(rows, categories, len(networks), opened.column("networks", "funding_state"))


def _network_sectors(opened: _Opened) -> _Facet:
    """Sectors of the members that count. Where members are named but none of their sectors, no reason is known."""
    networks, actors = opened.column("networks", "network"), opened.column("actors", "actor")
    counting = pc.indices_nonzero(pc.fill_null(opened.column("memberships", "counts_as_member"), False))
    members = opened.column("memberships", "actor").take(counting)
    places = pc.index_in(members, value_set=actors)
    named = pc.is_valid(places)
    who, sectors = _pairs(opened.column("actors", "sectors").take(places.filter(named)))
    of = opened.column("memberships", "network").take(counting).filter(named).take(who)
    rows = pc.index_in(of, value_set=networks).cast(pa.int64())
    return _from_pairs(rows, sectors, len(networks), opened.column("networks", "members_state"))


def _actor_lists(column: str) -> Callable[[_Opened], _Facet]:
    return lambda opened: _from_lists(opened.column("actors", column))


def _actor_networks(counting: bool) -> Callable[[_Opened], _Facet]:
    """Networks that an actor takes part in; ``counting``: in a role that counts."""

    def make(opened: _Opened) -> _Facet:
        actors, column = opened.column("actors", "actor"), "counts_as_member" if counting else "is_group"
        flags = opened.column("memberships", column)
        wanted = pc.fill_null(flags if counting else pc.invert(flags), False)
        rows = pc.index_in(opened.column("memberships", "actor").filter(wanted), value_set=actors)
        known = pc.is_valid(rows)
        networks = _last(opened.column("memberships", "network").filter(wanted).filter(known))
        return _from_pairs(rows.filter(known).cast(pa.int64()), networks, len(actors))

    return make


def _is_network(opened: _Opened) -> _Facet:
    return _from_column(pc.if_else(opened.column("actors", "is_network"), "yes", "no"))


def _whether(column: str) -> Callable[[_Opened], _Facet]:
    """Whether a count of actors is more than none."""
    return lambda opened: _from_column(pc.if_else(pc.greater(opened.column("actors", column), 0), "yes", "no"))


MEMBERSHIPS = ("0", "1", "2", "3-4", "5-or-more")
SHARES = ("0-24", "25-49", "50-74", "75-100")


def _how_many_networks(opened: _Opened) -> _Facet:
    counts = opened.column("actors", "networks").to_numpy(zero_copy_only=False)
    return _from_column(pa.array(np.array(MEMBERSHIPS)[np.searchsorted([1, 2, 3, 5], counts, side="right")]))


def _answered_share(opened: _Opened) -> _Facet:
    """How many of the fields that ask for an answer have one, in hundredths, rounded down."""
    asked, given = (
        opened.column("networks", f"fields_{each}").to_numpy(zero_copy_only=False) for each in ("asked", "answered")
    )
    quarters = np.searchsorted([25, 50, 75], 100 * given // np.maximum(asked, 1), side="right")
    return _from_column(pa.array(np.array(SHARES)[quarters], pa.string(), mask=asked == 0))


def _members_complete(opened: _Opened) -> _Facet:
    column = opened.column("networks", "members_complete")
    told = _from_column(pc.if_else(column, "yes", "no"))
    states = _states(pc.is_valid(column), opened.column("networks", "members_complete_state"))
    return _Facet(told.rows, told.values, states)


def _parents(opened: _Opened) -> pa.Array:
    """For each place the number of the one that it lies in."""
    ids, outer = (opened.column("places", name) for name in ("id", "within"))
    found = pc.index_in(outer, value_set=ids).cast(pa.int64())
    return pc.if_else(pc.equal(outer, ids), pa.scalar(None, pa.int64()), found)


_DEEPEST = 12  # world, continent, state, NUTS 1 to 3, district, town, quarter; more is a circle


def _outwards(opened: _Opened, rows: pa.Array, places: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Pairs of row and place, and of row and every place that this one lies in; places are numbers, then ids."""
    parents = opened.once("parents", lambda: _parents(opened))
    all_rows, all_places = [], []
    for _ in range(_DEEPEST):
        known = pc.is_valid(places)
        rows, places = rows.filter(known), places.filter(known)
        if not len(rows):
            break
        all_rows.append(rows)
        all_places.append(places)
        places = parents.take(places)
    ids = opened.column("places", "id")
    if not all_rows:
        return pa.array([], pa.int64()), pa.array([], pa.string())
    return pa.concat_arrays(all_rows), ids.take(pa.concat_arrays(all_places))


def _actor_places(opened: _Opened, actors: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Pairs of row and number of a place, for lists of ids of places."""
    rows, names = _pairs(actors)
    return rows, pc.index_in(names, value_set=opened.column("places", "id")).cast(pa.int64())


def _region_of(lists: Callable[[_Opened], pa.Array]) -> Callable[[_Opened], _Facet]:
    def make(opened: _Opened) -> _Facet:
        data = lists(opened)
        rows, ids = _outwards(opened, *_actor_places(opened, data))
        return _from_pairs(rows, ids, len(data))

    return make


def _country_of(lists: Callable[[_Opened], pa.Array]) -> Callable[[_Opened], _Facet]:
    def make(opened: _Opened) -> _Facet:
        data = lists(opened)
        rows, places = _actor_places(opened, data)
        codes = opened.column("places", "country").take(places)
        known = pc.is_valid(codes)
        return _from_pairs(rows.filter(known), codes.filter(known), len(data))

    return make


def _actors_at(opened: _Opened) -> pa.Array:
    return opened.column("actors", "places")


def _funders_table(opened: _Opened) -> pa.Table:
    return opened.once("funders", lambda: _funders(opened))


def _funder_column(name: str) -> Callable[[_Opened], pa.Array]:
    return lambda opened: _funders_table(opened).column(name).combine_chunks()


def _funder_lists(name: str) -> Callable[[_Opened], _Facet]:
    column = _funder_column(name)
    return lambda opened: _from_lists(column(opened))


def _place_itself(opened: _Opened) -> pa.Array:
    ids = opened.column("places", "id")
    return pa.ListArray.from_arrays(pa.array(range(len(ids) + 1), pa.int32()), ids)


# ---------------------------------------------------------------------------------------------------------------------
# Tables that are made of others

_OF_ACTORS = ("actor", "id", "name", "names_also", "is_network", "sectors", "legal_forms", "places")


def _funders(opened: _Opened) -> pa.Table:
    """One row a named funder: what stands of it in ``actors``, and what its flows say."""
    given = opened.column("actors", "flows_given")
    chosen = pc.indices_nonzero(pc.greater(given, 0))
    data = {name: opened.column("actors", name).take(chosen) for name in _OF_ACTORS}
    flows, funders = _pairs(opened.column("funding", "funders"))
    rows = pc.index_in(funders, value_set=data["actor"])
    known = pc.is_valid(rows)
    flows, rows = flows.filter(known), rows.filter(known)
    categories = _collected(rows, opened.column("funding", "categories").take(flows), len(chosen))
    stated = pc.equal(opened.column("funding", "stated_by").take(flows), BY_PROFILE)  # an imported table is no network
    networks = pc.value_counts(
        pa.table(
            {"row": rows.filter(stated), "network": opened.column("funding", "network").take(flows.filter(stated))}
        )
        .group_by(["row", "network"])
        .aggregate([])
        .column("row")
        .combine_chunks()
    )
    counts = dict(zip(networks.field("values").to_pylist(), networks.field("counts").to_pylist(), strict=True))
    return pa.table(
        data
        | {
            "countries": _countries(opened, data["places"]),
            "categories": categories,
            "flows": given.take(chosen),
            "networks": pa.array([counts.get(row, 0) for row in range(len(chosen))], pa.int64()),
        }
    )


def _collected(rows: pa.Array, lists: pa.Array, size: int) -> pa.Array:
    """For each row the values of all its lists, each once."""
    found: list[set[str]] = [set() for _ in range(size)]
    for row, values in zip(rows.to_pylist(), lists.to_pylist(), strict=True):
        found[row].update(values)
    return pa.array([sorted(values) for values in found], pa.list_(pa.string()))


def _countries(opened: _Opened, places: pa.Array) -> pa.Array:
    rows, numbers = _actor_places(opened, places)
    codes = opened.column("places", "country").take(numbers)
    pairs = zip(rows.to_pylist(), codes.to_pylist(), strict=True)
    found: list[set[str]] = [set() for _ in range(len(places))]
    for row, code in pairs:
        found[row].update({code} if code else ())
    return pa.array([sorted(values) for values in found], pa.list_(pa.string()))


def _schemes(ontology: Ontology) -> pa.Table:
    rows = [
        {
            "vocabulary": scheme.iri,
            "id": scheme.id,
            "name": scheme.label("en"),
            "name_de": scheme.label("de"),
            "concepts": len(scheme.concepts),
        }
        for scheme in sorted(ontology.schemes.values(), key=lambda scheme: scheme.iri)
    ]
    return pa.Table.from_pylist(rows)


_CONCEPT = pa.schema(
    [(name, pa.string()) for name in ("concept", "id", "vocabulary", "name", "name_de", "definition", "definition_de")]
    + [("others", pa.list_(pa.string())), ("broader", pa.string()), ("collections", pa.list_(pa.string()))]
)


def _concepts(scheme: Scheme) -> pa.Table:
    rows = [
        {
            "concept": each.iri,
            "id": each.id,
            "vocabulary": scheme.id,
            "name": each.label("en"),
            "name_de": each.label("de"),
            "definition": each.definitions.get("en"),
            "definition_de": each.definitions.get("de"),
            "others": list(each.others),
            "broader": each.broader,
            "collections": sorted(name for name, members in scheme.collections.items() if each.id in members),
        }
        for each in sorted(scheme.concepts.values(), key=lambda each: each.iri)
    ]
    return pa.Table.from_pylist(rows, schema=_CONCEPT)


# ---------------------------------------------------------------------------------------------------------------------
# The lists


def _by_name(*filters: Filter) -> dict[str, Filter]:
    return {each.name: each for each in filters}


LISTS: Mapping[str, Listing] = {
    each.name: each
    for each in (
        Listing(
            "networks",
            "One row a network: the current view of its answers.",
            "network",
            ("network",),
            _by_name(
                Filter("country", "country", "Seat or an area of activity in this country.", _whereabouts("countries")),
                Filter(
                    "region",
                    "region",
                    "Seat or an area of activity in this place, or in one that lies in it.",
                    _whereabouts("places"),
                ),
                Filter("field", "concept", "Field of action.", _answers("fields_of_action"), "field"),
                Filter("target_group", "concept", "Target group.", _answers("target_groups"), "target-group"),
                Filter("type", "concept", "Type of network.", _answers("network_type"), "network-type"),
                Filter(
                    "formalisation", "concept", "Degree of formalisation.", _answers("formalisation"), "formalisation"
                ),
                Filter(
                    "funder_category",
                    "concept",
                    "Category of a funder: whose kind of money it is.",
                    _network_categories,
                    "funder-category",
                ),
                Filter("sector", "concept", "Sector of a member, in a role that counts.", _network_sectors, "sector"),
                Filter(
                    "members_complete",
                    "yes-no",
                    "Whether its list of members is said to be complete.",
                    _members_complete,
                ),
                Filter(
                    "answered",
                    "choice",
                    "How many hundredths of the fields that ask for an answer have one.",
                    _answered_share,
                    ", ".join(SHARES),
                ),
                Filter("coordination", "actor", "Who coordinates it.", _parties("coordination")),
                Filter("member", "actor", "Who takes part, in whatever role.", _parties("members")),
                Filter("founded", "date", "Founded in this year, month, day or period, as far as dates tell."),
                Filter("founded_from", "from", "Founded in or after this, as far as dates tell.", states=False),
                Filter("founded_to", "to", "Founded in or before this, as far as dates tell.", states=False),
            ),
            {
                "id": "id",
                "name": "name",
                "founded": "founded_earliest",
                "members": "members_named",
                "answered": "fields_answered",
                "profiles": "profiles",
                "status_date": "status_date",
            },
        ),
        Listing(
            "actors",
            "One row an actor that takes part, coordinates, gives or receives; networks that do so stand here too.",
            "actor",
            ("actor", "network"),
            _by_name(
                Filter("country", "country", "A place in this country.", _country_of(_actors_at)),
                Filter("region", "region", "A place that is this one, or lies in it.", _region_of(_actors_at)),
                Filter("sector", "concept", "Sector.", _actor_lists("sectors"), "sector"),
                Filter("legal_form", "concept", "Legal form.", _actor_lists("legal_forms"), "legal-form"),
                Filter("network", "network", "Takes part in this network, in whatever role.", _actor_networks(False)),
                Filter(
                    "member_of", "network", "Is a member of this network, in a role that counts.", _actor_networks(True)
                ),
                Filter("is_network", "yes-no", "Whether it is itself a network.", _is_network, states=False),
                Filter(
                    "networks",
                    "choice",
                    "How many networks it is a member of, in a role that counts.",
                    _how_many_networks,
                    ", ".join(MEMBERSHIPS),
                    states=False,
                ),
                Filter(
                    "coordinates", "yes-no", "Whether it coordinates a network.", _whether("coordinates"), states=False
                ),
                Filter("funds", "yes-no", "Whether a funding flow names it.", _whether("flows_given"), states=False),
            ),
            {
                name: name
                for name in (
                    "id",
                    "name",
                    "networks",
                    "participations",
                    "coordinates",
                    "flows_given",
                    "flows_received",
                )
            },
        ),
        Listing(
            "funders",
            "One row an actor that a funding flow names as its funder. Flows that name only a category have none.",
            "actor",
            ("actor", "network"),
            _by_name(
                Filter(
                    "category",
                    "concept",
                    "Category of a flow that it funds.",
                    _funder_lists("categories"),
                    "funder-category",
                ),
                Filter("country", "country", "A place in this country.", _country_of(_funder_column("places"))),
                Filter(
                    "region", "region", "A place that is this one, or lies in it.", _region_of(_funder_column("places"))
                ),
                Filter("sector", "concept", "Sector.", _funder_lists("sectors"), "sector"),
            ),
            {name: name for name in ("id", "name", "flows", "networks")},
        ),
        Listing(
            "places",
            "One row a place that a profile names, and every place that it lies in.",
            "place",
            ("place",),
            _by_name(
                Filter(
                    "country",
                    "country",
                    "In this country.",
                    lambda opened: _from_column(opened.column("places", "country")),
                ),
                Filter("level", "level", "Of this kind.", lambda opened: _from_column(opened.column("places", "kind"))),
                Filter(
                    "region",
                    "region",
                    "This place, and every one that lies in it.",
                    _region_of(_place_itself),
                    states=False,
                ),
            ),
            {
                "id": "id",
                "name": "name",
                "level": "kind",
                "country": "country",
                "networks_seated": "networks_seated",
                "networks_active": "networks_active",
                "networks_within": "networks_within",
            },
        ),
        Listing(
            "vocabularies",
            "One row a vocabulary.",
            "vocabulary",
            (),
            {},
            {name: name for name in ("id", "name", "concepts")},
        ),
        Listing(
            "concepts",
            "One row a concept of a vocabulary.",
            "concept",
            ("concept",),
            {},
            {name: name for name in ("id", "name", "broader")},
        ),
    )
}
"""The lists by name."""


# ---------------------------------------------------------------------------------------------------------------------
# Items


def answer(value: Any, state: str | None = None) -> dict[str, Any]:
    """One of the three states of an answer.

    Args:
        value: What the table's cell holds.
        state: What its ``…_state`` column holds; ``None`` where there is no such column: then an empty cell is unknown.
    """
    if state is None:
        state = VALUE if value not in (None, []) else None
    if state == VALUE:
        return {"state": "value", "value": value}
    return {"state": NONE} if state == STATED_NONE else {"state": UNKNOWN, "reason": state}


_OPEN: Mapping[str, tuple[str, ...]] = {
    "actors": ("kinds_stated", "sectors", "legal_forms", "places"),
    "funders": ("sectors", "legal_forms", "places", "countries", "categories"),
}
"""Columns in which an empty cell means unknown, by list."""


def _item(row: Row, listing: str, ontology: Ontology) -> Item:
    """A row as plain data with its answers in three states."""
    if listing == _FLOW_LIST.name:
        return _flow(row)
    item: Item = {"iri": row.pop(LISTS[listing].key), **row}
    if listing == "networks":
        keys = [each.key for each in network_fields(ontology) if each.key in row]
        answers = {key: answer(item.pop(key), item.pop(f"{key}_state", None)) for key in keys}
        return _plain(item) | {"answers": answers}
    for key in _OPEN.get(listing, ()):
        item[key] = answer(item[key])
    return _plain(item)


def _plain(item: Item) -> Item:
    return {key: _json(value) for key, value in item.items()}


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def network(release: Release, ontology: Ontology, name: str) -> Item:
    """One network with its participations and its funding.

    Raises:
        NotFound: there is none with this id; similar ids are named.
    """
    opened = _opened(release.path, release.content_hash)
    row = _row(opened, "networks", name, "network")
    members = opened.table("memberships").equal("network", row["network"]).to_pylist()
    flows = opened.table("funding").equal("network", row["network"]).to_pylist()
    item = _item(dict(row), "networks", ontology)
    return item | {
        "members": _stated(members, _participation),
        "funding": _stated(flows, _flow),
    }


def _stated(rows: Sequence[Row], show: Callable[[Row], Item]) -> dict[str, Any]:
    """Rows as one answer: what they say, or why there are none."""
    shown = [show(row) for row in rows if row["state"] == VALUE]
    return answer(shown, VALUE if shown else next((row["state"] for row in rows), None))


def _participation(row: Row) -> Item:
    return {
        "iri": row["membership"],
        "network": row["network"],
        "actor": row["actor"],
        "name": row["actor_name"],
        "is_group": row["is_group"],
        "roles": row["roles"],
        "counts_as_member": row["counts_as_member"],
        "since": row["since"],
        "until": row["until"],
    }


def _flow(row: Row) -> Item:
    return {
        "iri": row["flow"],
        "network": row["network"],
        "categories": row["categories"],
        "funders": answer(_named(row, "funder"), row["funders_state"]),
        "recipients": answer(_named(row, "recipient"), row["recipients_state"]),
        "activities": row["activities"],
        "amount": answer(_json(row["amount"]), row["amount_state"]),
        "currency": row["currency"],
        "share": answer(_json(row["share"])),
        "since": row["since"],
        "until": row["until"],
        "instrument": row["instrument"],
    }


def _named(row: Row, party: str) -> list[dict[str, str]]:
    return [{"iri": iri, "name": name} for iri, name in zip(row[f"{party}s"], row[f"{party}_names"], strict=True)]


def actor(release: Release, ontology: Ontology, name: str, *, money: bool = True) -> Item:
    """One actor with what it takes part in, coordinates, gives and receives.

    The id of a row that was merged into it finds it too; its item then has another ``id``.

    Args:
        release: The release.
        ontology: Its terms.
        name: Id of the actor.
        money: Whether its flows come with it, under ``gives`` and ``receives``; they may be many, and :func:`flows`
            reads them page by page.

    Raises:
        NotFound: there is none with this id; similar ids are named.
    """
    opened = _opened(release.path, release.content_hash)
    row = _row(opened, "actors", _canonical(opened, name), "actor", "network")
    iri = row["actor"]
    rows, iris = _pairs(opened.column("networks", "coordination"))
    coordinated = rows.filter(pc.equal(iris, iri)).unique()
    found = _item(dict(row), "actors", ontology) | {
        "participations_in": [
            _participation(each) for each in opened.table("memberships").equal("actor", iri).to_pylist()
        ],
        "coordinates_networks": opened.column("networks", "network").take(coordinated).to_pylist(),
    }
    if money:
        for side in FLOWS:
            found[side] = [_flow(each) for each in flows(release, ontology, name, side).table().to_pylist()]
    return found


FLOWS: Mapping[str, str] = {"gives": "funders", "receives": "recipients"}
"""Side of a funding flow that an actor may stand on → column of the table."""
_FLOW_LIST = Listing("flows", "One row a funding flow that names an actor.", "flow", (), {}, {})


def flows(release: Release, ontology: Ontology, name: str, side: str) -> Found:
    """The funding flows that an actor gives or receives, in the order of the table funding.

    Args:
        release: The release.
        ontology: Its terms.
        name: Id of the actor, or one that was merged into it.
        side: A key of :data:`FLOWS`.

    Raises:
        NotFound: there is no actor with this id; similar ids are named.
        ReleaseError: the tables cannot be read.

    Example::

        found = flows(release, ontology, "stadt-halberstadt", "gives")
        found.total, found.page(20).items
    """
    opened = _opened(release.path, release.content_hash)
    iri = _row(opened, "actors", _canonical(opened, name), "actor", "network")["actor"]
    asked = Asked(((side, (iri,)),))
    numbers = opened.selections.get(("flows", asked), lambda: _flow_numbers(opened, FLOWS[side], iri))
    return Found(_FLOW_LIST, asked, release, ontology, numbers, opened.table("funding"))


def _flow_numbers(opened: _Opened, column: str, actor: str) -> pa.Array:
    rows, iris = _pairs(opened.column("funding", column))
    return rows.filter(pc.equal(iris, actor)).unique()


def has_network(release: Release, name: str) -> bool:
    """Whether there is a network with this id.

    Raises:
        ReleaseError: the tables cannot be read.
    """
    ids = _opened(release.path, release.content_hash).column("networks", "id")
    return bool(pc.index(ids, name).as_py() >= 0)


def canonical(release: Release, name: str) -> str:
    """The id of the actor that an id was merged into; the very id where it was not."""
    return _canonical(_opened(release.path, release.content_hash), name)


def _canonical(opened: _Opened, name: str) -> str:
    rows, merged = _pairs(opened.column("actors", "merged"))
    place = pc.index(merged, name).as_py()
    return opened.column("actors", "id")[rows[place].as_py()].as_py() if place >= 0 else name


def place(release: Release, ontology: Ontology, name: str) -> Item:
    """One place with all that it lies in, smallest first.

    Raises:
        NotFound: there is none with this id; similar ids are named.
    """
    opened = _opened(release.path, release.content_hash)
    row = _row(opened, "places", name, "place")
    chain = list(_chain(opened, row))
    return _item(dict(row), "places", ontology) | {
        "lies_in": [
            {"iri": each["place"], "id": each["id"], "name": each["name"], "kind": each["kind"]} for each in chain
        ]
    }


def _chain(opened: _Opened, row: Row) -> Iterator[Row]:
    for _ in range(_DEEPEST):
        found = opened.table("places").equal("id", row["within"] or "").to_pylist()
        if not found or found[0]["id"] == row["id"]:
            return
        row = found[0]
        yield row


def _row(opened: _Opened, table: str, name: str, *kinds: str) -> Row:
    found = opened.table(table).equal("id", name).to_pylist()
    if not found:
        raise NotFound(
            f"There is no {kinds[0]} '{name[:_SHOWN]}' in this release.", opened.similar(name[:_SHOWN], *kinds)
        )
    row: Row = found[0]
    return row


# ---------------------------------------------------------------------------------------------------------------------
# Cursors


def _cursor(found: Found, position: int) -> str:
    facts = [found.release.id, found.release.content_hash[:16], _mark(found), position]
    data = json.dumps(facts, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()[:6] + data).decode().rstrip("=")


def _mark(found: Found) -> str:
    """What tells one question from another."""
    facts = f"{found.listing.name} {found.asked}"
    return hashlib.sha256(facts.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _position(cursor: str, found: Found) -> int:
    facts = _facts(cursor)
    if facts is None:
        raise Unprocessable(
            "The cursor is damaged. Take it as the answer before gave it, or leave it out to begin anew."
        )
    release, content, mark, position = facts
    if content != found.release.content_hash[:16]:
        raise Conflict(
            f"The cursor comes from the release {release}; this is {found.release.id}. Begin again without a cursor, "
            f"or go on in the other release with release={release}."
        )
    if mark != _mark(found) or not 0 < position < found.total:
        raise Unprocessable(
            "The cursor belongs to another question. Keep list, filters, q, sort and narrower as they were, "
            "or leave the cursor out to begin anew."
        )
    return position


def _facts(cursor: str) -> tuple[str, str, str, int] | None:
    """What a cursor holds; nothing, if it is none of ours."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    check, data = raw[:6], raw[6:]
    if hashlib.sha256(data).digest()[:6] != check:
        return None
    try:
        release, content, mark, position = json.loads(data)
    except (ValueError, TypeError):
        return None
    known = isinstance(position, int) and all(isinstance(each, str) for each in (release, content, mark))
    return (release, content, mark, position) if known and re.fullmatch(r"[\w-]{1,64}", release) else None
