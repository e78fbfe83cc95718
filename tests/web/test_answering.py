"""The answers for all values of a question, made at once: each is the one that the query gives for that value."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from datetime import date, timedelta

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integgraph.build import Built
from integgraph.errors import QuerySyntaxError, QueryTooLarge
from integgraph.ontology import Ontology
from integgraph.questions import Every, Limit, Parameter, Question, load_questions
from integgraph.store import Bindings, Bounds, EmbeddedStore, Term, iri, literal, plain
from integgraph.tables import Tables
from integgraph.web.answering import SHOWN_ROWS, EveryAnswer, _size, every_answer, first_rows

QUESTIONS = {name: each for name, each in load_questions().items() if each.every}
WIDE = Bounds(1_000_000_000, 1_000_000)


def made(store: EmbeddedStore, asked: Question, most: int = SHOWN_ROWS) -> EveryAnswer:
    assert asked.every
    found = every_answer(store, asked.query, asked.loosest(), asked.every, most, WIDE)
    travelled: EveryAnswer = pickle.loads(pickle.dumps(found))  # noqa: S301 - as it comes from a worker
    return travelled


def values(parameter: Parameter, built: Built, ontology: Ontology) -> Iterator[str]:
    """All values that there are, and some that there are not; days and numbers around those of the answer."""
    store, (kind, _, scheme) = built.release.store(), parameter.type.partition(":")
    if kind == "concept":
        yield from ontology.scheme(scheme).concepts
    elif kind == "vocabulary":
        yield from ontology.schemes
    elif kind == "country":
        yield from (str(each) for each in store.select("SELECT DISTINCT ?c { ?p ig:countryCode ?c }").column("c"))
        yield "ZZ"
    elif kind == "place":
        yield from Tables(built.release.path / "tables")["places"]["id"].to_pylist()
        yield "nowhere"
    elif kind == "string":
        names = store.select("SELECT DISTINCT ?key { GRAPH ?g { ?m dct:identifier ?key . ?each ig:measure ?m } }")
        yield from map(str, names.column("key"))
        yield "colour"
    elif kind == "integer":
        yield from map(str, (-1, 0, 1, 999, 1000, 50_000, 2**63 - 1, -(2**63)))
    else:
        found = store.select("SELECT DISTINCT ?d { ?n ig:foundedEarliest|ig:foundedLatest|ig:statusLatest ?d }")
        for day in found.column("d"):
            assert isinstance(day, date)
            yield from (str(day + timedelta(days)) for days in (-1, 0, 1))
        yield from ("0001-01-01", "9999-12-31")


def test_what_says_so_is_most_of_what_takes_a_value() -> None:
    others = {name for name, each in load_questions().items() if each.parameters} - set(QUESTIONS)
    # These are about one thing, and begin with it.
    assert others == {"actor-roles", "measurements-of-network", "network-answers", "who-said-so"}


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_the_answer_for_each_value_is_that_of_the_query(name: str, collection: Built, ontology: Ontology) -> None:
    asked, store = QUESTIONS[name], collection.release.store()
    found = made(store, asked)
    first, *others = ((each.name, list(values(each, collection, ontology))) for each in asked.parameters)
    for at, value in enumerate(first[1]):
        # With another value of the others each time.
        chosen = {first[0]: value} | {other: of_other[at * 7 % len(of_other)] for other, of_other in others}
        bindings = asked.bindings(chosen, base_iri=collection.release.base_iri, ontology=ontology)
        expected = first_rows(store, asked.query, bindings, SHOWN_ROWS, WIDE)
        assert found.shown(bindings, SHOWN_ROWS, WIDE) == expected, chosen


EXAMPLE = "https://e.example/"
AMOUNTS = Question("own", {}, {}, "analyst", """
    SELECT ?least ?most ?high ?flow ?amount WHERE {
      ?flow <https://e.example/kind> ?kind
      OPTIONAL { ?flow <https://e.example/amount> ?amount }
      FILTER(COALESCE(?amount >= ?least, true) && COALESCE(?amount <= ?most, true))
      BIND(COALESCE(?amount >= ?most, false) AS ?high)
    } ORDER BY ?amount ?flow""",
    (Parameter("least", "integer", None, {}), Parameter("most", "integer", None, {})), None,
    Every(limits=(Limit("least", "amount", True, True), Limit("most", "amount", False, True)),
          told={"high": (Limit("most", "amount", True),)}),
)  # fmt: skip


@given(
    amounts=st.lists(st.none() | st.integers(-5, 5) | st.decimals(-5, 5, places=2), max_size=8),
    least=st.integers(-6, 6),
    most=st.integers(-6, 6) | st.sampled_from([2**63 - 1, -(2**63)]),
)
def test_numbers_are_compared_as_the_engine_does(amounts: list[object], least: int, most: int) -> None:
    told = [f"e:{at} e:kind e:a {'' if each is None else f'; e:amount {each}'} .\n" for at, each in enumerate(amounts)]
    store = EmbeddedStore.of(f"@prefix e: <{EXAMPLE}> .\n" + "".join(told))
    bindings = AMOUNTS.bindings({"least": str(least), "most": str(most)})
    assert made(store, AMOUNTS).shown(bindings, 3, WIDE) == first_rows(store, AMOUNTS.query, bindings, 3, WIDE)


def test_numbers_that_the_engine_does_not_compare_are_left_to_it() -> None:
    store = EmbeddedStore.of(f"@prefix e: <{EXAMPLE}> . e:1 e:kind e:a ; e:amount 3 .")
    bindings = AMOUNTS.bindings({"least": str(2**63), "most": "5"})
    assert made(store, AMOUNTS).shown(bindings, 3, WIDE) is None


@pytest.mark.parametrize("amount", ['"much"', "true", '"3"^^<https://e.example/coins>', '"x"^^xsd:integer'])
def test_what_cannot_be_compared_is_left_to_the_query(amount: str) -> None:
    store = EmbeddedStore.of(
        f"@prefix e: <{EXAMPLE}> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . e:1 e:kind e:a ; e:amount {amount} ."
    )
    with pytest.raises(QuerySyntaxError, match="'amount' holds '.*', which cannot be compared"):
        made(store, AMOUNTS)


def of_subject(text: str, most: int = SHOWN_ROWS, query: str = "SELECT ?s ?o { ?s ?p ?o } ORDER BY ?o") -> EveryAnswer:
    store = EmbeddedStore.of(f"@prefix e: <{EXAMPLE}> . {text}")
    return every_answer(store, query, {}, Every(same=("s",)), most, WIDE)


def about(name: str) -> Bindings:
    return {"s": iri(EXAMPLE + name)}


def test_an_answer_with_more_rows_than_it_may_have_is_refused_and_another_is_not() -> None:
    found = of_subject("e:a e:p 1, 2, 3 . e:b e:p 1 .")
    with pytest.raises(QueryTooLarge, match="more than 2 rows") as refused:
        found.shown(about("a"), 9, Bounds(rows=2))
    with pytest.raises(QueryTooLarge) as expected:
        first_rows(
            EmbeddedStore.of(f"@prefix e: <{EXAMPLE}> . e:a e:p 1, 2, 3 ."),
            "SELECT ?s ?o { ?s ?p ?o }", about("a"), 9, Bounds(rows=2),
        )  # fmt: skip
    assert str(refused.value) == str(expected.value)
    shown = found.shown(about("b"), 9, Bounds(rows=2))
    assert shown and shown.total == 1


def test_only_the_query_tells_whether_an_answer_is_too_long() -> None:
    found = of_subject("e:a e:p 1, 2, 3 . e:b e:p 1 .")
    assert found.shown(about("a"), 9, Bounds(size=400)) is None
    assert found.shown(about("b"), 9, Bounds(size=400)) is not None


def test_of_many_rows_the_first_are_kept() -> None:
    found = of_subject("e:a e:p 1, 2, 3 .", most=2)
    shown = found.shown(about("a"), 2, WIDE)
    assert shown and shown.total == 3 and [row[1] for row in shown.rows] == [1, 2]
    assert len(pickle.dumps(found)) < len(pickle.dumps(of_subject("e:a e:p 1, 2, 3 .")))


def test_a_query_that_lacks_what_is_named_says_so() -> None:
    with pytest.raises(QuerySyntaxError, match="does not give 's'"):
        of_subject("", query="SELECT ?o { ?s ?p ?o }")
    with pytest.raises(QuerySyntaxError, match="does not give rows"):
        of_subject("", query="ASK { ?s ?p ?o }")


terms: st.SearchStrategy[Term] = st.one_of(
    st.none(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(literal),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(lambda text: literal(text, "de-x-formal")),
    st.integers().map(lambda number: ox.Literal(str(number), datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer"))),
    st.text("aé中\"\\".replace('"', "").replace("\\", ""), max_size=20).map(lambda text: iri(EXAMPLE + text)),
    st.just(ox.BlankNode("b1")),
)  # fmt: skip


@given(rows=st.lists(st.tuples(terms, terms), min_size=1, max_size=5))
def test_no_row_is_longer_than_it_is_said_to_be(rows: list[tuple[Term, Term]]) -> None:
    query = "SELECT ?a ?b {} VALUES (?a ?b) { (UNDEF UNDEF) }"
    names = ["a", "b"]
    whole = 0
    for row in rows:
        bound = {name: term for name, term in zip(names, row, strict=True) if term is not None}
        written = EmbeddedStore.of("").answer(query, {"solutions": "json"}, bound).body
        empty = EmbeddedStore.of("").answer(query, {"solutions": "json"}).body
        read = list(ox.parse_query_results(written, format=ox.QueryResultsFormat.JSON))  # type: ignore[arg-type]
        assert [plain(read[0][name]) for name in names] == [plain(term) for term in row]
        whole += len(written) - len(empty) + len("{},")
    assert whole <= sum(_size(names, row) for row in rows)
