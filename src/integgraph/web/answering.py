"""What a worker makes of the answer to a named question: its first rows, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from integgraph.errors import QuerySyntaxError
from integgraph.store import Bindings, Bounds, Plain, Store, plain

SHOWN_ROWS = 200
"""Rows of an answer that a page shows."""


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
    solutions = ox.parse_query_results(written, format=ox.QueryResultsFormat.JSON)
    if not isinstance(solutions, ox.QuerySolutions):
        raise QuerySyntaxError("This question does not give rows.")
    columns = [variable.value for variable in solutions.variables]
    rows: list[list[Plain]] = []
    total = 0
    for solution in solutions:
        total += 1
        if most is None or total <= most:
            rows.append([plain(solution[column]) for column in columns])
    return Shown(columns, rows, total)
