"""SPARQL engines behind one small interface: ``select``, ``construct``, ``ask`` and ``answer``.

Values are bound, never formatted into query text. The engine writes its own result formats. The default graph is the
current view; the named graphs are the profiles, and one holds the measurements.

>>> store = EmbeddedStore.of("<https://e.example/a> <https://e.example/p> 'one' .")
>>> store.select("SELECT ?o WHERE { ?s ?p ?o }").records()
[{'o': 'one'}]
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Concatenate, Literal, ParamSpec, Protocol, TypeVar

import pyoxigraph as ox

from integgraph.errors import (
    FormatNotAvailable,
    QueryRefused,
    QuerySyntaxError,
    QueryTooLarge,
    ReleaseError,
    UpdateRefused,
)
from integgraph.ontology import PREFIXES, XSD, near

Kind = Literal["solutions", "boolean", "triples"]
Term = Any
"""A pyoxigraph term: NamedNode, BlankNode, Literal or Triple."""
Plain = str | int | float | bool | Decimal | date | None
Bindings = Mapping[str, Term]
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write an answer: its short name, media type, file suffix and what it can hold."""

    name: str
    media_type: str
    suffix: str
    kinds: tuple[Kind, ...]
    engine: Any = None


_PREFIXES = dict(PREFIXES)
_BEGINNINGS = tuple((f"{prefix}:", prefix, iri) for prefix, iri in PREFIXES.items())
_ROWS: tuple[Kind, ...] = ("solutions", "boolean")
FORMATS: Mapping[str, Format] = {
    each.name: each
    for each in (
        Format("json", "application/sparql-results+json", "srj", _ROWS, ox.QueryResultsFormat.JSON),
        Format("xml", "application/sparql-results+xml", "srx", _ROWS, ox.QueryResultsFormat.XML),
        Format("csv", "text/csv", "csv", _ROWS, ox.QueryResultsFormat.CSV),
        Format("tsv", "text/tab-separated-values", "tsv", _ROWS, ox.QueryResultsFormat.TSV),
        Format("turtle", "text/turtle", "ttl", ("triples",), ox.RdfFormat.TURTLE),
        Format("ntriples", "application/n-triples", "nt", ("triples",), ox.RdfFormat.N_TRIPLES),
        Format("jsonld", "application/ld+json", "jsonld", ("triples",), ox.RdfFormat.JSON_LD),
        Format("rdfxml", "application/rdf+xml", "rdf", ("triples",), ox.RdfFormat.RDF_XML),
    )
}
"""Every format an answer can have; the first that fits the kind of answer is the default."""


def formats_for(kind: Kind) -> list[Format]:
    """Formats that can hold this kind of answer, preferred first."""
    return [each for each in FORMATS.values() if kind in each.kinds]


@dataclass(frozen=True, slots=True)
class Rows:
    """The solutions of a SELECT: variable names and rows of terms (``None`` where unbound)."""

    variables: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]

    def __len__(self) -> int:
        return len(self.rows)

    def records(self) -> list[dict[str, Plain]]:
        """Rows as dicts of plain Python values: numbers, dates and booleans typed, everything else as text."""
        return [dict(zip(self.variables, map(plain, row), strict=True)) for row in self.rows]

    def column(self, name: str) -> list[Plain]:
        """One column as plain values."""
        place = self.variables.index(name)
        return [plain(row[place]) for row in self.rows]


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs that a query is asked of, by IRI, as the protocol's parameters name them.

    Attributes:
        default: Graphs whose union is the default graph; a triple that several of them hold is there once.
        named: Graphs that ``GRAPH`` finds.

    Source: SPARQL 1.1 Protocol (W3C, 2013), section 2.1.4. It goes before FROM and FROM NAMED.
    """

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bounds:
    """Most that one answer may hold; ``None`` for no limit.

    Attributes:
        size: Bytes.
        rows: Solutions, or distinct triples.
    """

    size: int | None = None
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """Most that a query may be: its length in bytes, and how deep its brackets are nested."""

    length: int
    nesting: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, written in a format."""

    kind: Kind
    format: Format
    body: bytes


_INTEGERS = frozenset(XSD + name for name in ("integer", "int", "long", "short", "byte", "nonNegativeInteger"))


def plain(term: Term | None) -> Plain:
    """A term as a plain Python value; an ill-typed literal stays its text."""
    if term is None:
        return None
    if not isinstance(term, ox.Literal):
        return str(term) if isinstance(term, ox.BlankNode | ox.Triple) else str(term.value)
    kind, text = term.datatype.value, term.value
    try:
        if kind in _INTEGERS:
            return int(text)
        if kind == XSD + "decimal":
            return Decimal(text)
        if kind in (XSD + "double", XSD + "float"):
            return float(text)
        if kind == XSD + "boolean":
            return text in ("true", "1")
        if kind == XSD + "date":
            return date.fromisoformat(text)
    except (ValueError, ArithmeticError):
        return str(text)
    return str(text)


def iri(text: str) -> Term:
    """An IRI to bind to a variable.

    Raises:
        QuerySyntaxError: it is not an IRI.
    """
    try:
        return ox.NamedNode(text)
    except ValueError:
        raise QuerySyntaxError(f"'{text[:80]}' is not an IRI.") from None


def literal(value: str | int | float | bool | date, language: str | None = None) -> Term:
    """A literal to bind to a variable."""
    if isinstance(value, date):
        return ox.Literal(value.isoformat(), datatype=ox.NamedNode(XSD + "date"))
    return ox.Literal(value, language=language) if language else ox.Literal(value)


class Store(Protocol):
    """What every engine offers. Bindings map variable names (without ``?``) to terms."""

    def select(self, query: str, bindings: Bindings | None = None) -> Rows:
        """The solutions of a SELECT query."""
        ...

    def construct(self, query: str, bindings: Bindings | None = None) -> list[ox.Triple]:
        """The distinct triples of a CONSTRUCT or DESCRIBE query, sorted."""
        ...

    def ask(self, query: str, bindings: Bindings | None = None) -> bool:
        """The truth of an ASK query."""
        ...

    def answer(
        self,
        query: str,
        formats: Mapping[Kind, str] | None = None,
        bindings: Bindings | None = None,
        bounds: Bounds | None = None,
    ) -> Answer:
        """The whole answer, written in the format chosen for its kind."""
        ...

    def run(self, work: Callable[Concatenate[Store, P], T], *given: P.args, **more: P.kwargs) -> T:
        """What a function makes of the store and of what is given: several queries in one go, where the store is.

        Args:
            work: A function at the top of a module; its first argument is the store.
            given: Its further arguments. Like what it returns, they may have to travel to another process.
            more: Its further arguments by name.
        """
        ...


class EmbeddedStore:
    """pyoxigraph over one release, opened read-only, or over a graph in memory."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store

    @classmethod
    def open(cls, folder: Path) -> EmbeddedStore:
        """Open the store folder of a release read-only.

        Raises:
            ReleaseError: there is no store, or it cannot be read.
        """
        try:
            return cls(ox.Store.read_only(str(folder)))
        except OSError as error:
            raise ReleaseError(f"The store {folder} cannot be opened: {error}.") from error

    @classmethod
    def read(cls, dump: Path) -> EmbeddedStore:
        """Read an N-Quads file into a store in memory: faster to ask than one on disk, as long as it fits.

        Raises:
            ReleaseError: there is no such file, or it is damaged.
        """
        store = ox.Store()
        try:
            store.bulk_load(path=str(dump), format=ox.RdfFormat.N_QUADS)
        except (OSError, SyntaxError) as error:
            raise ReleaseError(f"The dump {dump} cannot be read: {error}.") from error
        return cls(store)

    @classmethod
    def of(cls, turtle: str) -> EmbeddedStore:
        """A store in memory that holds this TriG or Turtle text."""
        store = ox.Store()
        store.load(turtle.encode(), format=ox.RdfFormat.TRIG)
        return cls(store)

    def __len__(self) -> int:
        return len(self._store)

    def select(self, query: str, bindings: Bindings | None = None) -> Rows:
        """See :meth:`Store.select`."""
        found = self._run(query, bindings)
        if not isinstance(found, ox.QuerySolutions):
            raise QuerySyntaxError("This query gives no rows. Write SELECT, or use construct() or ask().")
        return _rows(found)

    def construct(self, query: str, bindings: Bindings | None = None) -> list[ox.Triple]:
        """See :meth:`Store.construct`."""
        found = self._run(query, bindings)
        if not isinstance(found, ox.QueryTriples):
            raise QuerySyntaxError("This query gives no triples. Write CONSTRUCT or DESCRIBE.")
        return sorted(set(found), key=str)

    def ask(self, query: str, bindings: Bindings | None = None) -> bool:
        """See :meth:`Store.ask`."""
        found = self._run(query, bindings)
        if not isinstance(found, ox.QueryBoolean):
            raise QuerySyntaxError("This query gives no yes or no. Write ASK.")
        return bool(found)

    def ask_any(self, query: str, bindings: Bindings | None = None) -> Rows | list[ox.Triple] | bool:
        """The answer to any query form: rows, sorted distinct triples, or yes or no."""
        found = self._run(query, bindings)
        if isinstance(found, ox.QuerySolutions):
            return _rows(found)
        return bool(found) if isinstance(found, ox.QueryBoolean) else sorted(set(found), key=str)

    def answer(
        self,
        query: str,
        formats: Mapping[Kind, str] | None = None,
        bindings: Bindings | None = None,
        bounds: Bounds | None = None,
    ) -> Answer:
        """See :meth:`Store.answer`.

        Args:
            query: Any query form.
            formats: Name of the format for each kind of answer; the default format where a kind is left out.
            bindings: Values for variables.
            bounds: Most that the answer may hold.

        Raises:
            FormatNotAvailable: the chosen format cannot hold this kind of answer.
            QueryTooLarge: the answer has more rows or bytes than it may.
        """
        begun = self.begin(query, formats, bindings)
        return Answer(begun.kind, begun.format, begun.written(bounds or Bounds()))

    def run(self, work: Callable[Concatenate[Store, P], T], *given: P.args, **more: P.kwargs) -> T:
        """See :meth:`Store.run`."""
        return work(self, *given, **more)

    def begin(
        self,
        query: str,
        formats: Mapping[Kind, str] | None = None,
        bindings: Bindings | None = None,
        dataset: Dataset | None = None,
        base: str | None = None,
        gate: Gate | None = None,
    ) -> Begun:
        """An answer before it is written; arguments and errors as for :meth:`answer`.

        Args:
            query: Any query form.
            formats: Name of the format for each kind of answer.
            bindings: Values for variables.
            dataset: The graphs to ask, instead of the current view and all profiles.
            base: What relative IRIs are relative to; without it they are refused.
            gate: Most that a query may be; without it, the default.
        """
        found = self._run(query, bindings, dataset, base, gate)
        kind: Kind = "triples"
        if isinstance(found, ox.QuerySolutions):
            kind = "solutions"
        elif isinstance(found, ox.QueryBoolean):
            kind = "boolean"
        chosen = FORMATS.get((formats or {}).get(kind, formats_for(kind)[0].name))
        if chosen is None or kind not in chosen.kinds:
            names = ", ".join(f"{each.name} ({each.media_type})" for each in formats_for(kind))
            raise FormatNotAvailable(f"This query gives {_WORDS[kind]}. Available formats: {names}.")
        return Begun(kind, chosen, found)

    def dump(self, format_name: Literal["nquads", "trig"]) -> bytes:
        """The whole dataset, graphs and all."""
        wanted = ox.RdfFormat.N_QUADS if format_name == "nquads" else ox.RdfFormat.TRIG
        return self._store.dump(format=wanted, prefixes=dict(PREFIXES)) or b""

    def dump_view(self, format_name: Literal["turtle", "jsonld", "ntriples"]) -> bytes:
        """The current view alone."""
        return (
            self._store.dump(format=FORMATS[format_name].engine, from_graph=ox.DefaultGraph(), prefixes=dict(PREFIXES))
            or b""
        )

    def graph(self, name: str) -> list[ox.Triple]:
        """The triples of one named graph, sorted."""
        return sorted((quad.triple for quad in self._store.quads_for_pattern(None, None, None, iri(name))), key=str)

    def _run(
        self,
        query: str,
        bindings: Bindings | None,
        dataset: Dataset | None = None,
        base: str | None = None,
        gate: Gate | None = None,
    ) -> Any:
        if gate is None:
            check_query(query)
        else:
            check_query(query, length=gate.length, nesting=gate.nesting)
        substitutions = {ox.Variable(name): term for name, term in (bindings or {}).items()}
        store, graphs = (self._store, {}) if dataset is None else self._graphs(dataset)
        try:
            return store.query(
                query, base_iri=base, prefixes=_prefixes_in(query), substitutions=substitutions or None, **graphs
            )
        except SyntaxError as error:
            raise QuerySyntaxError(explain_syntax(str(error))) from None
        except (ValueError, RuntimeError) as error:
            raise QuerySyntaxError(f"This query cannot be answered: {error}.") from None

    def _graphs(self, dataset: Dataset) -> tuple[ox.Store, dict[str, Any]]:
        """The store to ask, and what to tell the engine of the graphs in it."""
        default, named = ([self._named(each) for each in names] for names in (dataset.default, dataset.named))
        if len(set(default)) < 2:
            return self._store, {"default_graph": default[:1], "named_graphs": named}
        # The engine would count a triple once per graph that holds it, so the union is made first.
        merged = ox.Store()
        quads = self._store.quads_for_pattern
        for graph in dict.fromkeys(default):
            merged.extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads(None, None, None, graph))
        for graph in dict.fromkeys(named):
            merged.extend(quads(None, None, None, graph))
        return merged, {}

    def _named(self, name: str) -> Term:
        graph = iri(name)
        if not self._store.contains_named_graph(graph):
            raise QuerySyntaxError(
                f"There is no graph <{name[:200]}>. The named graphs are profiles, imported tables, and that of the "
                "measurements; when no graph is named, the current view is asked."
            )
        return graph


@dataclass(frozen=True, slots=True)
class Begun:
    """An answer that is known in kind and format, and not written yet. It can be written once."""

    kind: Kind
    format: Format
    _found: Any

    def written(self, bounds: Bounds) -> bytes:
        """The whole answer.

        Raises:
            QueryTooLarge: it has more rows or bytes than it may.
        """
        target = _Bounded(bounds, self.format.name)
        self.write(target, bounds)
        target.check()
        return target.getvalue()

    def write(self, target: Any, bounds: Bounds | None = None) -> None:
        """Write it as it is made. Triples are collected first: a graph holds each once.

        Args:
            target: Has a method ``write`` that takes bytes.
            bounds: Most that it may hold; only the number of triples is looked at here.
        """
        if self.kind == "triples":
            distinct = _distinct(self._found, bounds.rows if bounds else None)
            text = ox.serialize(sorted(distinct, key=str), format=self.format.engine, prefixes=_PREFIXES)
            target.write(text or b"")
        elif self.kind == "boolean" and self.format.name in ("csv", "tsv"):
            target.write(b"true\n" if self._found else b"false\n")
        else:
            self._found.serialize(target, format=self.format.engine)


def _prefixes_in(query: str) -> dict[str, str]:
    """The prefixes that a query may use; the engine reads each one it is given for every query anew."""
    if "\\" in query:  # a name may be spelled with escapes (SPARQL 1.1, section 19.2)
        return _PREFIXES
    return {prefix: iri for beginning, prefix, iri in _BEGINNINGS if beginning in query}


def _rows(found: ox.QuerySolutions) -> Rows:
    names = tuple(variable.value for variable in found.variables)
    return Rows(names, tuple(tuple(solution[name] for name in names) for solution in found))


_WORDS: Mapping[Kind, str] = {"solutions": "rows", "boolean": "yes or no", "triples": "triples"}


def _distinct(found: Iterable[ox.Triple], limit: int | None) -> set[ox.Triple]:
    distinct: set[ox.Triple] = set()
    for triple in found:
        distinct.add(triple)
        if limit is not None and len(distinct) > limit:
            raise too_many(limit, "triples")
    return distinct


def too_many(limit: int, what: str) -> QueryTooLarge:
    """What is said of an answer that has more than so many rows or triples."""
    return QueryTooLarge(
        f"The answer has more than {limit:,} {what}, which is the limit here, so none of them is given. Ask for less, "
        "or add LIMIT and ORDER BY and ask for one part after the other; the whole data is in the dump of the release."
    )


_ENDS: Mapping[str, tuple[bytes, re.Pattern[bytes], int]] = {
    # What ends a row, what may hold the same by chance, and how many such ends are no row's.
    # A text may not have come to its end yet.
    "json": (b"},{", re.compile(rb'"(?:[^"\\]|\\.)*(?:"|\\?\Z)', re.DOTALL), -1),
    "csv": (b"\n", re.compile(rb'"[^"]*(?:"|\Z)'), 1),
    "tsv": (b"\n", re.compile(rb"(?!)"), 1),
    "xml": (b"<result>", re.compile(rb"(?!)"), 0),
}
_NO_END: tuple[bytes, re.Pattern[bytes], int] = (b"", re.compile(b""), 0)


class _Bounded(io.BytesIO):
    """A buffer that refuses to grow past its bounds: an answer is whole or an error.

    Rows are counted in what is written, because the engine writes its results itself: first quickly, then, where the
    limit seems to be passed, exactly. No row is shorter than a byte, so short answers need not be looked at.
    """

    def __init__(self, bounds: Bounds, format_name: str) -> None:
        super().__init__()
        self._mark, self._texts, self._others = _ENDS.get(format_name, _NO_END)
        self._most = sys.maxsize if bounds.size is None else bounds.size
        self._rows_most = sys.maxsize if bounds.rows is None or not self._mark else bounds.rows
        self._counted = 0  # bytes in which marks have been counted
        self._seen = 0  # marks in them, those within texts among them
        self._false = 0  # marks within texts, as far as they were looked for

    def write(self, data: Any) -> int:
        size = self.tell() + len(data)
        if size > self._most:
            raise QueryTooLarge(
                f"The answer is larger than {self._most:,} bytes. Ask for less, or add LIMIT; "
                "the whole data is in the dump of the release."
            )
        written = super().write(data)
        if size > self._rows_most:
            self._count()
        return written

    def check(self) -> None:
        """Called at the end, when no text is cut in two any more."""
        if self._rows() > self._rows_most:
            self._look()

    def _count(self) -> None:
        with self.getbuffer() as written:
            new = bytes(written[max(0, self._counted - len(self._mark) + 1) :])
        self._counted = self.tell()
        self._seen += new.count(self._mark)
        if self._rows() > self._rows_most:
            self._look()

    def _rows(self) -> int:
        return self._seen - self._false - self._others

    def _look(self) -> None:
        self._false = self._seen - self._texts.sub(b"", self.getvalue()).count(self._mark)
        if self._rows() > self._rows_most:
            raise too_many(self._rows_most, "rows")


# ---------------------------------------------------------------------------------------------------------------------
# The gate: what is refused before the engine sees it

MAX_LENGTH = 64_000
MAX_NESTING = 100

_TOKENS = re.compile(
    r"""
      (?P<skip>\s+|\#[^\n\r]*)
    | (?P<text>'''(?:'{0,2}(?:[^'\\]|\\.))*'''|\"\"\"(?:\"{0,2}(?:[^\"\\]|\\.))*\"\"\"
              |'(?:[^'\\\n\r]|\\.)*'|"(?:[^"\\\n\r]|\\.)*")
    | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    | (?P<variable>[?$]\w+)
    | (?P<language>@[a-zA-Z]+(?:-[a-zA-Z0-9]+)*)
    | (?P<name>(?:\w[\w.-]*)?:(?:[\w:%.-]|\\.)*)
    | (?P<word>\w+)
    | (?P<open><<|[({\[])
    | (?P<close>>>|[)}\]])
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_RUNS = frozenset("!^-+")
_CALLS = "SERVICE asks another server; this endpoint answers from its own data only."
_LOADS = "LOAD fetches data from elsewhere; this endpoint answers from its own data only."
_UPDATES = frozenset({"insert", "delete", "drop", "clear", "create", "copy", "move", "add", "with", "using"})
_KNOWN = frozenset(PREFIXES)
_FORMS = frozenset({"select", "construct", "describe", "ask"})


def check_query(query: str, *, length: int = MAX_LENGTH, nesting: int = MAX_NESTING) -> None:
    """Refuse a query that must not reach the engine.

    Refused are texts that are too long or nested too deeply (the engine's parser is recursive and would end the
    process), SERVICE and LOAD (the engine would call other hosts), updates, and FROM with several graphs (the engine
    would count a triple once per graph that holds it).

    Raises:
        QueryTooLarge, QueryRefused, QuerySyntaxError: with one plain sentence.

    >>> check_query("SELECT * { ?s ?p 'no SERVICE here' }")
    >>> check_query("SELECT * { SERVICE <http://e.example/> { ?s ?p ?o } }")
    Traceback (most recent call last):
    integgraph.errors.QueryRefused: SERVICE asks another server; this endpoint answers from its own data only.
    """
    if len(query) * 4 > length and len(query.encode("utf-8", "surrogatepass")) > length:
        raise QueryTooLarge(f"The query is longer than {length:,} bytes.")
    if _is_plain(query, nesting):
        return
    depth = runs = 0
    words: list[str] = []
    prefixes: list[str] = []
    declared: set[str] = set()
    previous = ""
    for match in _TOKENS.finditer(query):
        kind, token = match.lastgroup or "", match.group()
        if kind == "skip":
            continue
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
        elif kind == "word":
            words.append(token.casefold())
        elif kind == "name":
            prefix = token.partition(":")[0].casefold()
            if words[-1:] == ["prefix"] and previous.casefold() == "prefix":
                declared.add(prefix)
            else:
                prefixes.append(prefix)
                if prefix.startswith("prefix"):
                    declared.add(prefix.removeprefix("prefix"))
                elif prefix.startswith("from") and depth == 0:
                    words.append("from")
        # Signs that nest without brackets: !!!!, long chains of ^ or -
        runs = runs + 1 if kind == "other" and token == previous and token in _RUNS else 0
        previous = token
        if depth > nesting or runs > nesting:
            raise QueryTooLarge(f"The query is nested more than {nesting} levels deep.")
    _check_words(words)
    _check_prefixes(prefixes, declared)


_PLAIN = re.compile(r"(?:\s*PREFIX\s+\w*:\s*<[^<>\s]*>)*\s*(?:SELECT|ASK|CONSTRUCT|DESCRIBE)\b", re.IGNORECASE)


def _is_plain(query: str, nesting: int) -> bool:
    """Whether nothing in a query could be refused, however it is taken apart: most are like that, and soon looked at.

    Counting what opens brackets is enough, in texts and comments too: depth is never more than that.
    """
    text = query.casefold()
    if "service" in text or "load" in text or "from" in text:
        return False
    opening = query.count("{") + query.count("(") + query.count("[") + query.count("<<")
    signs = query.count("!") + query.count("^") + query.count("-") + query.count("+")
    return opening <= nesting and signs <= nesting and _PLAIN.match(query) is not None


def _check_prefixes(prefixes: Sequence[str], declared: Set[str]) -> None:
    """Refuse SERVICE that hides at the beginning of a prefixed name: the engine needs no space behind a keyword.

    A prefix may hold that word where it is declared as it stands, and what is left without the word is not.
    """
    for prefix in prefixes:
        before, service, rest = prefix.partition("service")
        if not service:
            continue
        hidden = {rest, rest.removeprefix("silent")} & (declared | _KNOWN)
        if before or hidden or prefix not in declared:
            raise QueryRefused(_CALLS)


def _check_words(words: Sequence[str]) -> None:
    for word in words:
        # The engine needs no space around a keyword: it reads 1SERVICE and SERVICESILENT too.
        if "service" in word:
            raise QueryRefused(_CALLS)
        if word == "load":
            raise QueryRefused(_LOADS)
    forms = [word for word in words if word in _FORMS]
    first = next((word for word in words if word in _FORMS or word in _UPDATES), "")
    if not forms or first in _UPDATES:
        if first in _UPDATES:
            raise UpdateRefused(f"{first.upper()} changes data; a release never changes. Send a query.")
        raise QuerySyntaxError("This is not a SPARQL query: it has none of SELECT, CONSTRUCT, DESCRIBE, ASK.")
    merged = sum(
        word == "from" and (position + 1 == len(words) or words[position + 1] != "named")
        for position, word in enumerate(words)
    )
    if merged > 1:
        raise QueryRefused(
            "FROM with several graphs would count a fact once per graph that holds it. "
            "Ask the current view (no FROM), one graph, or GRAPH ?profile { … } with DISTINCT."
        )


def explain_syntax(message: str) -> str:
    """The engine's syntax error in plain words, with line and column where it gives them.

    >>> explain_syntax("error at 1:8: expected one of '('")
    "Line 1, column 8: the query is not SPARQL here; expected one of '('."
    """
    match = re.search(r"error at (\d+):(\d+): (.*)", message, re.DOTALL)
    if match:
        detail = re.sub(r"\s+", " ", match[3]).strip().rstrip(".")[:200]
        return f"Line {match[1]}, column {match[2]}: the query is not SPARQL here; {detail}."
    return f"The query is not SPARQL: {message.strip().rstrip('.')[:300]}."


def term_for(value: str, kind: str, near_values: Iterable[str] = ()) -> Term:
    """A parameter value as a term, by the type a question declares for it.

    Args:
        value: What was given, as text.
        kind: ``iri``, ``string``, ``integer``, ``boolean``, ``date``, or ``concept`` etc. resolved by the caller.
        near_values: Allowed values, named when the given one is not among them.

    Raises:
        QuerySyntaxError: the value is not of that type.
    """
    choices = list(near_values)
    if choices and value not in choices:
        similar = near(value, choices)
        hint = f" Did you mean {' or '.join(similar)}?" if similar else ""
        raise QuerySyntaxError(f"'{value}' is not allowed here.{hint}")
    try:
        if kind == "iri":
            return iri(value)
        if kind == "integer":
            return ox.Literal(str(int(value)), datatype=ox.NamedNode(XSD + "integer"))
        if kind == "boolean":
            return ox.Literal({"true": True, "false": False, "yes": True, "no": False}[value.casefold()])
        if kind == "date":
            return literal(date.fromisoformat(value))
    except (ValueError, KeyError):
        raise QuerySyntaxError(f"'{value[:80]}' is not of the type {kind}.") from None
    return ox.Literal(value)
