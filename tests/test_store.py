"""The store: one interface, bound values, formats written by the engine, and the gate before it."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyoxigraph as ox
import pytest

from integgraph.build import Built
from integgraph.errors import FormatNotAvailable, QueryRefused, QuerySyntaxError, QueryTooLarge, ReleaseError
from integgraph.ontology import PREFIXES
from integgraph.store import (
    FORMATS,
    Bounds,
    Dataset,
    EmbeddedStore,
    check_query,
    explain_syntax,
    formats_for,
    iri,
    literal,
    plain,
    term_for,
)

E = "https://e.example/"
DATA = f"""
@prefix e: <{E}> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
e:a e:p "one", 2, 1.5, true, "2021-01-31"^^xsd:date, 2.0e0, "x"^^xsd:integer ; e:q e:b .
e:g1 {{ e:a e:p "shared" . e:a e:p "first" }}
e:g2 {{ e:a e:p "shared" . }}
"""


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    return EmbeddedStore.of(DATA)


def test_rows_come_as_plain_python_values(store: EmbeddedStore) -> None:
    rows = store.select(f"SELECT ?o WHERE {{ <{E}a> <{E}p> ?o }}")
    assert set(map(repr, rows.column("o"))) == {
        "'one'", "2", "Decimal('1.5')", "True", "datetime.date(2021, 1, 31)", "2.0", "'x'",
    }  # fmt: skip
    assert len(rows) == 7
    assert plain(None) is None
    assert plain(ox.BlankNode("b")) == "_:b"
    assert plain(ox.Literal("2.50", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal"))) == Decimal(
        "2.50"
    )


def test_the_default_graph_is_not_the_union(store: EmbeddedStore) -> None:
    assert store.select(f"SELECT * {{ ?s <{E}p> 'shared' }}").rows == ()
    assert store.select(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{E}g1> {{ ?s ?p ?o }} }}").column("n") == [2]


def test_merging_graphs_is_refused_rather_than_miscounted(store: EmbeddedStore) -> None:
    one = f"SELECT (COUNT(*) AS ?n) FROM <{E}g1> {{ ?s ?p ?o }}"
    assert store.select(one).column("n") == [2]
    with pytest.raises(QueryRefused, match="count a fact once per graph"):
        store.select(one.replace("{", f"FROM <{E}g2> {{", 1))
    named = f"SELECT (COUNT(*) AS ?n) FROM NAMED <{E}g1> FROM NAMED <{E}g2> {{ GRAPH ?g {{ ?s ?p ?o }} }}"
    assert store.select(named).column("n") == [3]


def test_values_are_bound(store: EmbeddedStore) -> None:
    query = f"SELECT ?s ?o WHERE {{ ?s <{E}p> ?o }}"
    assert len(store.select(query, {"o": literal("one")})) == 1
    assert len(store.select(query, {"s": iri(E + "nobody")})) == 0
    assert store.ask(f"ASK {{ ?s <{E}q> ?o }}") is True
    assert [str(t) for t in store.construct(f"CONSTRUCT {{ ?s <{E}r> ?o }} WHERE {{ ?s <{E}q> ?o }}")] == [
        f"<{E}a> <{E}r> <{E}b>"
    ]


@pytest.mark.parametrize("method", ["select", "construct", "ask"])
def test_the_wrong_form_is_named(store: EmbeddedStore, method: str) -> None:
    query = "ASK { ?s ?p ?o }" if method != "ask" else "SELECT * { ?s ?p ?o }"
    with pytest.raises(QuerySyntaxError, match="This query gives no"):
        getattr(store, method)(query)


@pytest.mark.parametrize("name", [each.name for each in formats_for("solutions")])
def test_the_engine_writes_rows_and_truth_in_every_format(store: EmbeddedStore, name: str) -> None:
    rows = store.answer(f"SELECT ?o {{ <{E}a> <{E}q> ?o }}", {"solutions": name})
    assert E + "b" in rows.body.decode()
    truth = store.answer("ASK { ?s ?p ?o }", {"boolean": name})
    assert b"true" in truth.body


@pytest.mark.parametrize("name", [each.name for each in formats_for("triples")])
def test_triples_in_every_format(store: EmbeddedStore, name: str) -> None:
    body = store.answer(f"CONSTRUCT {{ ?s <{E}r> ?o }} {{ ?s <{E}q> ?o }}", {"triples": name}).body
    assert E.encode() in body


def test_csv_and_json_say_the_same(store: EmbeddedStore) -> None:
    query = f"SELECT ?o {{ <{E}a> <{E}p> ?o }} ORDER BY STR(?o)"
    rows = list(csv.reader(io.StringIO(store.answer(query, {"solutions": "csv"}).body.decode())))
    bindings = json.loads(store.answer(query, {"solutions": "json"}).body)["results"]["bindings"]
    assert [row[0] for row in rows[1:]] == [binding["o"]["value"] for binding in bindings]


def test_a_format_that_cannot_hold_the_answer_is_refused(store: EmbeddedStore) -> None:
    with pytest.raises(FormatNotAvailable, match=r"gives rows. Available formats: json \(application/sparql-results"):
        store.answer("SELECT * { ?s ?p ?o }", {"solutions": "turtle"})


def test_an_answer_is_whole_or_an_error(store: EmbeddedStore) -> None:
    query = "SELECT * { ?s ?p ?o }"
    size = len(store.answer(query).body)
    assert len(store.answer(query, bounds=Bounds(size)).body) == size
    with pytest.raises(QueryTooLarge, match=f"larger than {size - 1:,} bytes"):
        store.answer(query, bounds=Bounds(size - 1))


def test_a_construct_holds_each_triple_once(store: EmbeddedStore) -> None:
    query = f"CONSTRUCT {{ <{E}x> <{E}y> <{E}z> }} WHERE {{ ?s ?p ?o }}"
    assert len(store.construct(query)) == 1
    assert store.answer(query, {"triples": "ntriples"}).body.count(b"\n") == 1


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", QueryRefused),
        ("PREFIX c: <http://127.0.0.1/> SELECT * { SERVICEc:x { ?s ?p ?o } }", QueryRefused),
        ("PREFIX : <http://127.0.0.1/> SELECT * { SERVICE:{ ?s ?p ?o } }", QueryRefused),
        ("PREFIX service: <urn:x> PREFIX: <http://127.0.0.1/> SELECT * { service:x { ?s ?p ?o } }", QueryRefused),
        (
            "PREFIX service: <urn:x> PREFIXc: <http://127.0.0.1/> SELECT * { SERVICESILENTc:x { ?s ?p ?o } }",
            QueryRefused,
        ),
        ("SELECT * { SERVICEorg:member { ?s ?p ?o } }", QueryRefused),
        ("SELECT * { SERVICESILENT<http://127.0.0.1/> { ?s ?p ?o } }", QueryRefused),
        ("SELECT * { ?s ?p 1SERVICE<http://127.0.0.1/> { ?s ?p ?o } }", QueryRefused),
        ("PREFIX c: <http://127.0.0.1/> SELECT * { ?s ?p 1e5SERVICEc:x { ?s ?p ?o } }", QueryRefused),
        ("PREFIX a: <urn:a> SELECT * FROMa:x FROMa:y { ?s ?p ?o }", QueryRefused),
        ("SELECT * { " + "<< " * 101 + "?s ?p ?o" + " >>" * 101 + " ?p ?o }", QueryTooLarge),
        ("SELECT * { FILTER EXISTS { sErViCe SILENT <http://127.0.0.1/> { ?s ?p ?o } } }", QueryRefused),
        ("LOAD <http://127.0.0.1/>", QueryRefused),
        ("DELETE WHERE { ?s ?p ?o }", QueryRefused),
        ("INSERT DATA { <http://e.example/a> <http://e.example/b> 1 }", QueryRefused),
        ("PREFIX e: <http://e.example/> WITH e:g DELETE { ?s ?p ?o } WHERE { SELECT * { ?s ?p ?o } }", QueryRefused),
        ("", QuerySyntaxError),
        ("hello", QuerySyntaxError),
        ("SELECT * {" + "{" * 3200, QueryTooLarge),
        ("SELECT * { FILTER(" + "(" * 6400, QueryTooLarge),
        ("SELECT * { FILTER(" + "!" * 12800 + "true) }", QueryTooLarge),
        ("SELECT * {" + " { SELECT * " * 1600, QueryTooLarge),
        ("SELECT * { ?s ?p '" + "x" * 70_000 + "' }", QueryTooLarge),
    ],
)
def test_the_gate_refuses(query: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        check_query(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?service ?load 'SERVICE' }",
        'SELECT * { ?s <http://e.example/SERVICE> """LOAD { { { """ } # SERVICE {{{',
        "PREFIX service: <http://e.example/> SELECT * { ?s service:load ?o }",
        "PREFIX e: <http://e.example/> SELECT * { ?s e:service 'a'@load }",
        "DESCRIBE <http://e.example/insert>",
    ],
)
def test_the_gate_lets_words_in_texts_and_names_pass(query: str) -> None:
    check_query(query)


def test_an_escaped_keyword_does_not_reach_the_network(store: EmbeddedStore) -> None:
    with pytest.raises(QuerySyntaxError):
        store.select("SELECT * { \\u0053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")


def test_a_syntax_error_says_line_and_column(store: EmbeddedStore) -> None:
    with pytest.raises(QuerySyntaxError, match="Line 2, column"):
        store.select("SELECT * {\n ?s ?p }")
    assert explain_syntax("no place given") == "The query is not SPARQL: no place given."


def test_an_iri_cannot_carry_a_query() -> None:
    with pytest.raises(QuerySyntaxError, match="is not an IRI"):
        iri("http://e/> ?p ?o } #")


def test_parameters_have_types() -> None:
    assert term_for("5", "integer").value == "5"
    assert term_for("2021-01-31", "date") == literal(date(2021, 1, 31))
    assert term_for("yes", "boolean").value == "true"
    assert term_for(E, "iri") == iri(E)
    assert literal("Netz", "de").language == "de"
    assert term_for("a", "string", ["a", "b"]).value == "a"
    with pytest.raises(QuerySyntaxError, match="Did you mean federal"):
        term_for("fedral", "string", ["federal", "state"])
    for value, kind in (("x", "integer"), ("31.1.2021", "date"), ("perhaps", "boolean")):
        with pytest.raises(QuerySyntaxError, match=f"is not of the type {kind}"):
            term_for(value, kind)


def test_a_missing_store_is_a_release_error(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="cannot be opened"):
        EmbeddedStore.open(tmp_path / "nothing")


def test_a_release_answers_and_dumps(golden: Built) -> None:
    store = golden.release.store()
    assert len(store) == golden.release.manifest["counts"]["quads"]
    assert store.dump("nquads").count(b"\n") == len(store)
    assert b"workingLabel" in store.dump_view("turtle")
    assert b"workingLabel" in store.dump("trig")
    assert store.graph(golden.release.base_iri + "profile/beta")


@pytest.mark.parametrize("prefix", PREFIXES)
def test_our_prefixes_need_no_declaration(golden: Built, prefix: str) -> None:
    assert golden.release.store().ask(f"ASK {{ ?s {prefix}:x ?o }}") is False


def test_every_format_is_known_by_its_own_name() -> None:
    assert all(name == each.name for name, each in FORMATS.items())
    assert len({each.media_type for each in FORMATS.values()}) == len(FORMATS)


# -- the bounds of an answer

WORDS = {"json": '},{"x', "csv": 'a\nb",\n', "tsv": "a\nb", "xml": "<result>"}


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("text", ["x", *WORDS.values()])
@pytest.mark.parametrize("rows", [0, 1, 2, 7, 3000])
def test_rows_are_counted_exactly_in_what_is_written(name: str, text: str, rows: int) -> None:
    """Also where a text holds what ends a row, and where it falls between two writes."""
    store = EmbeddedStore(ox.Store())
    value = json.dumps(text * 5).replace("\\/", "/")
    values = " ".join(f"({number} {value})" for number in range(rows))
    query = f"SELECT ?n ?x {{ VALUES (?n ?x) {{ {values} }} }}"
    begun = store.answer if len(query) < 60_000 else None
    if begun is None:
        query = f"SELECT ?n ?x {{ VALUES ?n {{ {' '.join(map(str, range(rows)))} }} BIND({value} AS ?x) }}"
    assert store.answer(query, {"solutions": name}, bounds=Bounds(rows=max(rows, 1))).body
    if rows:
        with pytest.raises(QueryTooLarge, match=f"more than {rows - 1:,} rows"):
            store.answer(query, {"solutions": name}, bounds=Bounds(rows=rows - 1))


def test_rows_without_any_value_count_too() -> None:
    store = EmbeddedStore(ox.Store())
    query = "SELECT ?x { VALUES ?y { 1 2 3 } }"
    for name in ("json", "csv", "tsv", "xml"):
        assert store.answer(query, {"solutions": name}, bounds=Bounds(rows=3)).body
        with pytest.raises(QueryTooLarge):
            store.answer(query, {"solutions": name}, bounds=Bounds(rows=2))


def test_distinct_triples_are_counted(store: EmbeddedStore) -> None:
    query = "CONSTRUCT { ?s ?p ?o } { { ?s ?p ?o } UNION { ?s ?p ?o } }"
    number = len(store.construct(query))
    assert store.answer(query, bounds=Bounds(rows=number)).body
    with pytest.raises(QueryTooLarge, match=f"more than {number - 1:,} triples"):
        store.answer(query, bounds=Bounds(rows=number - 1))


# -- the graphs of a request


def numbers(store: EmbeddedStore, query: str, dataset: Dataset) -> list[int]:
    body = store.begin(query, {"solutions": "csv"}, dataset=dataset).written(Bounds())
    return [int(line) for line in body.decode().split()[1:]]


def test_a_triple_that_several_graphs_hold_is_there_once(store: EmbeddedStore) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    g1, g2 = f"{E}g1", f"{E}g2"
    assert numbers(store, count, Dataset((g1,))) == [2]
    assert numbers(store, count, Dataset((g1, g2))) == [2]
    assert numbers(store, count, Dataset((g1, g1))) == [2]
    assert numbers(store, count, Dataset((), (g1,))) == [0]
    inside = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    assert numbers(store, inside, Dataset((g1,))) == [0]
    assert numbers(store, inside, Dataset((g1, g2), (g1, g2))) == [3]
    assert numbers(store, inside, Dataset((), (g1,))) == [2]


def test_the_graphs_of_a_request_go_before_those_of_its_query(store: EmbeddedStore) -> None:
    query = f"SELECT (COUNT(*) AS ?n) FROM <{E}g1> {{ ?s ?p ?o }}"
    assert numbers(store, query, Dataset((f"{E}g2",))) == [1]


def test_an_unknown_graph_is_no_empty_answer(store: EmbeddedStore) -> None:
    with pytest.raises(QuerySyntaxError, match="There is no graph"):
        store.begin("ASK {}", dataset=Dataset((f"{E}none",)))
    with pytest.raises(QuerySyntaxError, match="not an IRI"):
        store.begin("ASK {}", dataset=Dataset(("no iri",)))
