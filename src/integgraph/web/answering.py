"""What a worker makes of the answers to a named question: the first rows for one value, or those for every value."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import compress

import pyoxigraph as ox

from integgraph.errors import QuerySyntaxError
from integgraph.questions import Every, Limit
from integgraph.store import Bindings, Bounds, Plain, Store, Term, plain, too_many

SHOWN_ROWS = 200
"""Rows of an answer that a page shows."""
_LARGEST = 2**63  # beyond it the engine compares no whole numbers


@dataclass(frozen=True, slots=True)
class Shown:
    """The beginning of an answer.

    Attributes:
        columns: Names of the variables.
        rows: The first rows.
        total: How many rows the answer has.
    """

    columns: list[str]
    rows: list[list[Plain]]
    total: int


def first_rows(store: Store, query: str, bindings: Bindings, most: int, bounds: Bounds) -> Shown:
    """Ask a question, and keep the first rows of its answer.

    Args:
        store: The store to ask.
        query: The question; a SELECT.
        bindings: Values of its parameters.
        most: Rows to keep.
        bounds: Most that the whole answer may hold.

    Raises:
        QueryTooLarge: the answer is larger.
        QuerySyntaxError: the query gives no rows.

    >>> from integgraph.store import EmbeddedStore
    >>> store = EmbeddedStore.of("<https://e.example/a> <https://e.example/p> 1, 2 .")
    >>> first_rows(store, "SELECT ?o { ?s ?p ?o } ORDER BY ?o", {}, 1, Bounds())
    Shown(columns=['o'], rows=[[1]], total=2)
    """
    return read_rows(store.answer(query, {"solutions": "json"}, bindings, bounds).body, most)


def read_rows(written: bytes, most: int | None = None) -> Shown:
    """The rows of an answer in SPARQL JSON, or the first of them.

    Raises:
        QuerySyntaxError: it has no rows.
    """
    columns, solutions = _solutions(written)
    rows: list[list[Plain]] = []
    total = 0
    for solution in solutions:
        total += 1
        if most is None or total <= most:
            rows.append([plain(term) for term in solution])
    return Shown(columns, rows, total)


def _solutions(written: bytes) -> tuple[list[str], Iterator[list[Term | None]]]:
    """Names of the columns, and the rows."""
    found = ox.parse_query_results(written, format=ox.QueryResultsFormat.JSON)
    if not isinstance(found, ox.QuerySolutions):
        raise QuerySyntaxError("This question does not give rows.")
    columns = [variable.value for variable in found.variables]
    return columns, ([solution[column] for column in columns] for solution in found)


@dataclass(slots=True)
class _Rows:
    """Rows that have the same values of some parameters.

    Attributes:
        written: Each row for itself, pickled: of many, few are looked at.
        total: How many they are; only the first are written where nothing else can choose among them.
        sizes: Bytes that each of them takes in an answer, at most; where only the first are written, all in one.
        compared: The columns that limits are about.
    """

    written: list[bytes] = field(default_factory=list)
    total: int = 0
    sizes: list[int] = field(default_factory=list)
    compared: dict[str, list[Plain]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EveryAnswer:
    """The answers to a question for all values of its parameters, made at once.

    Attributes:
        columns: Names of the variables.
        every: How the answer for one value is found.
    """

    columns: list[str]
    every: Every
    _rows: Mapping[tuple[str, ...], _Rows]

    def shown(self, bindings: Bindings, most: int, bounds: Bounds) -> Shown | None:
        """What a page shows of the answer for these values, as :func:`first_rows` gives it.

        Args:
            bindings: Values of its parameters.
            most: Rows to keep, no more than were kept for each value.
            bounds: Most that the whole answer may hold.

        Returns:
            The beginning; ``None`` where the query has to be asked, as only it can tell whether that is right.

        Raises:
            QueryTooLarge: the answer has more rows than it may.
        """
        values = {name: plain(term) for name, term in bindings.items()}
        rows = self._rows.get(tuple(str(bindings[name]) for name in self.every.same), _Rows())
        if any(isinstance(value, int) and not -_LARGEST <= value < _LARGEST for value in values.values()):
            return None
        total, size = rows.total, sum(rows.sizes)
        written: Sequence[bytes] = rows.written
        chosen = None
        if self.every.limits:
            chosen = _within(self.every.limits, values, rows)
            total, size = sum(chosen), sum(compress(rows.sizes, chosen))
            written = list(compress(written, chosen))
        if bounds.rows is not None and total > bounds.rows:
            raise too_many(bounds.rows, "rows")
        if bounds.size is not None and size > bounds.size:
            return None
        shown = [pickle.loads(row) for row in written[:most]]  # noqa: S301 - from a process of ours
        told: dict[str, Sequence[Plain]] = {
            name: [values[name]] * len(shown) for name in self.columns if name in values
        }
        for name, limits in self.every.told.items():
            true = _within(limits, values, rows)
            told[name] = list(true if chosen is None else compress(true, chosen))[:most]
        for name, column in told.items():
            at = self.columns.index(name)
            for row, value in zip(shown, column, strict=True):
                row[at] = value
        return Shown(self.columns, shown, total)


def _within(limits: Sequence[Limit], values: Mapping[str, Plain], rows: _Rows) -> list[bool]:
    """Of each row, whether it is within all limits."""
    found = [True] * len(rows.written)
    for limit in limits:
        value, column, unknown = values[limit.parameter], rows.compared.get(limit.column, []), limit.unknown
        if limit.least:
            meets = [unknown if each is None else value <= each for each in column]  # type: ignore[operator]
        else:
            meets = [unknown if each is None else each <= value for each in column]  # type: ignore[operator]
        found = [one and other for one, other in zip(found, meets, strict=True)]
    return found


def every_answer(store: Store, query: str, loosest: Bindings, every: Every, most: int, bounds: Bounds) -> EveryAnswer:
    """Ask a question for all values of its parameters.

    Args:
        store: The store to ask.
        query: The question; a SELECT.
        loosest: Values of the parameters that limit a column: those that leave out nothing.
        every: How the answer for one value is found.
        most: Rows to keep for each value, where no limit chooses among them.
        bounds: Most that the answer for all values may hold.

    Raises:
        QueryTooLarge: it is larger.
        QuerySyntaxError: the query gives no rows or lacks a column, or holds what cannot be compared.

    >>> from integgraph.store import EmbeddedStore, iri
    >>> store = EmbeddedStore.of("@prefix e: <https://e.example/> . e:a e:p 1, 2 . e:b e:p 3 .")
    >>> query = "SELECT ?s ?o { ?s <https://e.example/p> ?o } ORDER BY ?o"
    >>> found = every_answer(store, query, {}, Every(same=("s",)), 1, Bounds())
    >>> found.shown({"s": iri("https://e.example/a")}, 1, Bounds())
    Shown(columns=['s', 'o'], rows=[['https://e.example/a', 1]], total=2)
    """
    columns, solutions = _solutions(store.answer(query, {"solutions": "json"}, loosest, bounds).body)
    limits = [*every.limits, *(limit for each in every.told.values() for limit in each)]
    compared = sorted({limit.column for limit in limits})
    missing = {*every.same, *compared, *every.told} - set(columns)
    if missing:
        raise QuerySyntaxError(f"The query does not give '{min(missing)}', which 'every' names.")
    same = [columns.index(name) for name in every.same]
    kinds = {
        limit.column: date if isinstance(plain(loosest[limit.parameter]), date) else (int, Decimal) for limit in limits
    }
    found: dict[tuple[str, ...], _Rows] = {}
    for solution in solutions:
        rows = found.setdefault(tuple(str(solution[at]) for at in same), _Rows())
        row = [plain(term) for term in solution]
        rows.total += 1
        if compared or rows.total <= most:
            rows.written.append(pickle.dumps(row, protocol=pickle.HIGHEST_PROTOCOL))
        rows.sizes.append(_size(columns, solution))
        for name in compared:
            value = row[columns.index(name)]
            if value is not None and (not isinstance(value, kinds[name]) or isinstance(value, bool)):
                raise QuerySyntaxError(f"'{name}' holds '{str(value)[:80]}', which cannot be compared.")
            rows.compared.setdefault(name, []).append(value)
    for rows in found.values():
        if not compared:
            rows.sizes = [sum(rows.sizes)]
    return EveryAnswer(columns, every, found)


_AROUND = len('"":{"type":"literal","xml:lang":"","datatype":"","value":""},')


def _size(columns: Sequence[str], solution: Sequence[Term | None]) -> int:
    """Bytes of a row in SPARQL JSON, at most."""
    size = len("{},")
    for name, term in zip(columns, solution, strict=True):
        if term is None:
            continue
        size += _AROUND + len(name)
        if not isinstance(term, ox.Literal):
            size += 6 * len(str(term).encode())
            continue
        # A character takes six bytes at most, as \\u001f does.
        text = term.value
        size += len(text.encode()) if text.isprintable() and not {'"', "\\"} & set(text) else 6 * len(text.encode())
        size += len(term.datatype.value) + len(term.language or "")
    return size
