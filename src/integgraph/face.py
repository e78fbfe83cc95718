"""The face for Python users: one open release, asked in SPARQL, by table, by name or by IRI.

>>> from integgraph.store import EmbeddedStore
>>> store = EmbeddedStore.of('<https://e.example/a> <https://e.example/p> "one"@en, "zwei"@de .')
>>> answer(store, "SELECT ?o WHERE { ?s ?p ?o FILTER(LANG(?o) = 'en') }").records()
[{'o': 'one'}]
>>> bool(answer(store, "ASK { ?s ?p 'none' }"))
False
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import rdflib

from integgraph import resources
from integgraph.errors import IntegGraphError, QuerySyntaxError
from integgraph.ontology import PREFIXES, XSD
from integgraph.questions import find_question
from integgraph.release import Release, verify
from integgraph.search import Hit, SearchIndex
from integgraph.store import EmbeddedStore, Plain, Rows, Term, iri, literal
from integgraph.tables import Tables

if TYPE_CHECKING:
    import networkx as nx
    import pandas
    import polars

    from integgraph.analysis.reports import Report
    from integgraph.analysis.reports.model import Kind as ReportKind
    from integgraph.analysis.selection import Selection

Value = str | int | float | bool | Decimal | date | rdflib.URIRef | rdflib.Literal | ox.NamedNode | ox.Literal
"""A value for a variable of a query: an IRI is an rdflib ``URIRef`` or pyoxigraph ``NamedNode``, the rest a literal."""


@dataclass(frozen=True, slots=True)
class OpenRelease(Release):
    """A release to work with; :func:`integgraph.open` gives one. Nothing in it ever changes.

    Example::

        release = integgraph.open("build")
        release.query("SELECT ?n ?label { ?n a ig:Network ; ig:workingLabel ?label }").to_pandas()
        release.question("fields-of-action", country="DE").records()
        release.tables["networks"].to_pandas()
        release.describe("network/caritas-diakonie-zora-halberstadt").to_rdflib()
        release.search("caritas halberstadt")
    """

    def query(self, text: str, values: Mapping[str, Value] | None = None) -> Answer:
        """Ask in SPARQL; the prefixes of :data:`integgraph.ontology.PREFIXES` are known.

        The default graph is the current view; each profile stands in a named graph.

        Args:
            text: A SELECT, CONSTRUCT, DESCRIBE or ASK query.
            values: Values for variables, by name without ``?``; they never become query text. A variable that gets a
                value must stand in the SELECT line.

        Raises:
            QueryError: it is not SPARQL, or asks for what a release does not do (updates, SERVICE, LOAD).
        """
        return answer(self.store(), text, values)

    def question(self, name: str, **parameters: str) -> Answer:
        """Ask one of the named questions (``docs/questions.md``).

        Raises:
            NotFound: there is no such question; similar ids are named.
            QuerySyntaxError: a parameter is unknown, missing or of the wrong type.
        """
        return Answer(rows=find_question(name).ask(self.store(), parameters, base_iri=self.base_iri))

    @property
    def tables(self) -> Tables:
        """The tables, as Arrow tables by name (``docs/tables.md``)."""
        return Tables(self.path / "tables")

    @property
    def aggregates(self) -> Tables:
        """Counts that pages and reports show; each is defined by a query in ``ontology/aggregates``."""
        return Tables(self.path / "aggregates")

    def describe(self, thing: str) -> Answer:
        """Everything that the current view says of a thing and its statements.

        Args:
            thing: An IRI, or ``<kind>/<id>`` such as ``network/…``, ``actor/…``, ``place/…``.

        Raises:
            NotFound: nothing is known of it; similar things are named.
        """
        name = thing if ":" in thing else self.base_iri + thing
        store = self.store()
        iri(name)  # what is no IRI is said so
        found = resources.describe(store, name)
        if not found:
            raise resources.missing(store, name)
        return Answer(triples=tuple(found))

    def search(self, text: str, *, kinds: Sequence[str] = (), language: str = "en", limit: int = 20) -> list[Hit]:
        """Find things by name or wording, however it is spelled; best first.

        Args:
            text: What to look for; the last word may be a beginning.
            kinds: Only these: network, actor, group, place, concept.
            language: Language of the labels in the answer.
            limit: Most hits.
        """
        with self.search_index() as index:
            return index.search(text, kinds=kinds, language=language, limit=limit)

    def cooperation(self, selection: Selection | None = None) -> nx.Graph[str]:
        """Actors and the networks they take part in, as a networkx graph of two modes (``docs/cooperation.md``).

        Args:
            selection: Which networks and participations; members of all networks if left out.

        Raises:
            Unprocessable: a value of the selection does not exist; those that do are named.
        """
        from integgraph.analysis.cooperation import cooperation

        return cooperation(self, selection)

    def analyse(
        self,
        kind: ReportKind,
        name: str = "",
        *,
        selection: Selection | None = None,
        before: Release | None = None,
    ) -> Report:
        """A report on a network, an actor, a funder or a collection of networks (``docs/reports.md``).

        Args:
            kind: ``network``, ``actor``, ``funder`` or ``collection``.
            name: Id or IRI of the network, actor or funder (of a funder also a category of funds, such as
                ``municipal``); left out for a collection.
            selection: Which networks a collection holds; all if left out.
            before: An earlier release, for what changed since.

        Returns:
            A report; ``report.render("html", "de")`` makes a page of it, ``report.answer("governance-mode")`` gives one
            answer. A selection that nothing fits is a report that says so.

        Raises:
            NotFound: there is no such thing; similar ones are named.
            Unprocessable: there is no such kind, or a value of the selection does not exist.
        """
        from integgraph.analysis.reports import analyse

        return analyse(self, kind, name, selection=selection, before=before)

    def compare(self, *names: str) -> Report:
        """Two to six networks, or two to six places with their networks, beside each other, in the order given.

        Args:
            names: Ids or IRIs of networks, or of places.

        Raises:
            NotFound: there is no such network or place; similar ones are named.
            Unprocessable: too few or too many, one named twice, or networks mixed with places.
        """
        from integgraph.analysis.reports import compare

        return compare(self, names)

    def search_index(self) -> SearchIndex:
        """The search index, to keep open for many searches."""
        return SearchIndex(self.path / "search.sqlite")

    def verify(self) -> list[str]:
        """What is damaged; an empty list means that every part is as it was built."""
        return verify(self)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: rows of a SELECT, triples of a CONSTRUCT or DESCRIBE, or the truth of an ASK."""

    rows: Rows | None = None
    triples: tuple[ox.Triple, ...] | None = None
    truth: bool | None = None

    def __bool__(self) -> bool:
        return bool(self.truth) if self.truth is not None else len(self) > 0

    def __len__(self) -> int:
        return len(self.triples) if self.triples is not None else len(self._rows("len()"))

    def __iter__(self) -> Iterator[Any]:
        return iter(self.triples if self.triples is not None else self.records())

    def records(self) -> list[dict[str, Plain]]:
        """Rows as dicts of plain values: numbers, dates and booleans typed, everything else as text."""
        return self._rows("records()").records()

    def to_pandas(self) -> pandas.DataFrame:
        """Rows as a pandas DataFrame; an unbound value is missing."""
        rows = self._rows("to_pandas()")
        frame: pandas.DataFrame = _library("pandas").DataFrame(rows.records(), columns=list(rows.variables))
        return frame

    def to_polars(self) -> polars.DataFrame:
        """Rows as a polars DataFrame; an unbound value is null."""
        rows = self._rows("to_polars()")
        columns = {name: rows.column(name) for name in rows.variables}
        frame: polars.DataFrame = _library("polars").DataFrame(columns, strict=False)
        return frame

    def to_rdflib(self) -> rdflib.Graph:
        """Triples as an rdflib graph, with the usual prefixes bound."""
        if self.triples is None:
            raise QuerySyntaxError("to_rdflib() needs triples. Write CONSTRUCT or DESCRIBE.")
        graph = rdflib.Graph()
        for prefix, namespace in PREFIXES.items():
            graph.bind(prefix, namespace, replace=True)
        # Bytes with a format, never a string that might be taken for a path or an address.
        return graph.parse(data="".join(f"{triple} .\n" for triple in self.triples).encode(), format="nt")

    def _rows(self, wanted: str) -> Rows:
        if self.rows is None:
            raise QuerySyntaxError(f"{wanted} needs rows. Write SELECT.")
        return self.rows


def answer(store: EmbeddedStore, text: str, values: Mapping[str, Value] | None = None) -> Answer:
    """Ask a store; see :meth:`OpenRelease.query`."""
    found = store.ask_any(text, {name: _term(name, value) for name, value in (values or {}).items()})
    if isinstance(found, bool):
        return Answer(truth=found)
    return Answer(rows=found) if isinstance(found, Rows) else Answer(triples=tuple(found))


def _term(name: str, value: Value) -> Term:
    if isinstance(value, ox.NamedNode | ox.Literal):
        return value
    if isinstance(value, rdflib.URIRef):
        return iri(str(value))
    if isinstance(value, rdflib.Literal):
        datatype = ox.NamedNode(str(value.datatype)) if value.datatype and not value.language else None
        return ox.Literal(str(value), language=value.language, datatype=datatype)
    if isinstance(value, Decimal):
        return ox.Literal(format(value, "f"), datatype=ox.NamedNode(XSD + "decimal"))
    if isinstance(value, float):
        return ox.Literal(repr(value), datatype=ox.NamedNode(XSD + "double"))
    if isinstance(value, str | int | float | bool | date):
        return literal(value)
    raise QuerySyntaxError(f"The value for ?{name} is a {type(value).__name__}; give a text, number, date or IRI.")


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError:
        raise IntegGraphError(f"This needs {name}: pip install {name}") from None
