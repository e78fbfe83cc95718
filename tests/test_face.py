"""The face for Python users: queries in the shapes people work with, tables, descriptions, search."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from importlib import import_module

import pandas
import polars
import pyoxigraph as ox
import pytest
import rdflib

import integgraph
from integgraph.build import Built
from integgraph.errors import IntegGraphError, NotFound, QueryRefused, QuerySyntaxError
from integgraph.face import OpenRelease
from integgraph.store import EmbeddedStore

NETWORKS = "SELECT ?n ?label { ?n a ig:Network ; ig:workingLabel ?label } ORDER BY ?label"


@pytest.fixture(scope="module")
def release(golden: Built) -> OpenRelease:
    return integgraph.open(golden.release.path)


def test_open_gives_what_the_manifest_says(release: OpenRelease, golden: Built) -> None:
    assert (release.id, release.content_hash) == (golden.release.id, golden.release.content_hash)
    assert release.verify() == []
    assert integgraph.open(str(golden.release.path.parents[1])).id == release.id


def test_rows_in_every_shape(release: OpenRelease) -> None:
    answer = release.query(NETWORKS)
    assert len(answer) == 3
    assert [row["label"] for row in answer] == ["Netzwerk Alpha", "Netzwerk Beta", "Rete Gamma"]
    frame = answer.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame["label"]) == [row["label"] for row in answer.records()]
    assert isinstance(answer.to_polars(), polars.DataFrame)
    assert answer.to_polars()["label"].to_list() == list(frame["label"])


def test_no_rows_keep_their_columns(release: OpenRelease) -> None:
    answer = release.query("SELECT ?a ?b { ?a ig:nothing ?b }")
    assert not answer
    assert list(answer.to_pandas().columns) == list(answer.to_polars().columns) == ["a", "b"]


def test_values_are_typed_and_unbound_is_missing(release: OpenRelease) -> None:
    text = "SELECT ?n ?d ?m ?e { ?n a ig:Network OPTIONAL { ?n ig:foundedEarliest ?d } OPTIONAL { ?n ig:statedCount/ig:minimum ?m } }"
    rows = {str(row["n"]).rpartition("/")[2]: row for row in release.query(text).records()}
    assert (rows["alpha"]["d"], rows["alpha"]["m"], rows["beta"]["d"]) == (date(2010, 3, 1), 81, None)
    assert release.query(text).to_polars()["m"].to_list().count(None) == 1
    assert release.query(text).to_pandas()["e"].isna().all()


def test_triples_become_an_rdflib_graph(release: OpenRelease) -> None:
    graph = release.query("CONSTRUCT WHERE { ?n ig:workingLabel ?l }").to_rdflib()
    assert isinstance(graph, rdflib.Graph)
    assert len(graph) == 3
    assert "ig:workingLabel" in graph.serialize(format="turtle")


def test_a_question_has_a_truth(release: OpenRelease) -> None:
    assert release.query("ASK { ?n a ig:Network }")
    assert not release.query("ASK { ?n a ig:Nothing }")


def test_values_are_bound_and_never_become_text(release: OpenRelease) -> None:
    evil = 'x") } UNION { ?s ?p ?o } #'
    assert not release.query("SELECT ?n ?wanted { ?n ig:workingLabel ?l FILTER(STR(?l) = ?wanted) }", {"wanted": evil})
    network = release.base_iri + "network/alpha"
    for value in (rdflib.URIRef(network), ox.NamedNode(network)):
        assert len(release.query("SELECT ?n ?l { ?n ig:workingLabel ?l }", {"n": value})) == 1
    typed = "SELECT ?x (DATATYPE(?x) AS ?t) { }"
    kinds = [
        (rdflib.Literal("a", lang="de"), "langString"),
        (rdflib.Literal("2020", datatype=rdflib.XSD.gYear), "gYear"),
        (Decimal("1.5"), "decimal"),
        (True, "boolean"),
        (7, "integer"),
        (1.5, "double"),
        (date(2020, 1, 2), "date"),
        ("x", "string"),
    ]
    for given, kind in kinds:
        assert str(release.query(typed, {"x": given}).records()[0]["t"]).endswith(kind)


@pytest.mark.parametrize(
    ("text", "values", "error", "words"),
    [
        ("SELECT ?s { ?s ?p", {}, QuerySyntaxError, "Line 1, column"),
        ("DELETE WHERE { ?s ?p ?o }", {}, QueryRefused, "changes data"),
        ("SELECT ?s { ?s ?p ?o }", {"s": object()}, QuerySyntaxError, r"The value for \?s is a object"),
        ("SELECT ?s { ?s ?p ?o }", {"s": rdflib.URIRef("no iri")}, QuerySyntaxError, "is not an IRI"),
    ],
)
def test_what_cannot_be_asked_is_said(
    release: OpenRelease, text: str, values: dict[str, object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        release.query(text, values)  # type: ignore[arg-type]


def test_a_wrong_shape_is_said(release: OpenRelease) -> None:
    rows, triples = release.query(NETWORKS), release.query("CONSTRUCT WHERE { ?n ig:workingLabel ?l }")
    with pytest.raises(QuerySyntaxError, match="to_rdflib.* needs triples. Write CONSTRUCT"):
        rows.to_rdflib()
    with pytest.raises(QuerySyntaxError, match="to_pandas.* needs rows. Write SELECT"):
        triples.to_pandas()


def test_a_missing_library_is_said(release: OpenRelease, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> object:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(import_module("integgraph.face"), "import_module", absent)
    with pytest.raises(IntegGraphError, match="This needs polars: pip install polars"):
        release.query(NETWORKS).to_polars()


def test_a_named_question(release: OpenRelease) -> None:
    assert [row["coordinator"] for row in release.question("coordinators", country="IT")] == ["Comune di Esempio"]
    with pytest.raises(NotFound, match="coordinators"):
        release.question("coordinator")


def test_things_are_described(release: OpenRelease) -> None:
    graph = release.describe("network/alpha").to_rdflib()
    assert (rdflib.URIRef(release.base_iri + "network/alpha"), None, None) in graph
    assert len(release.describe(release.base_iri + "network/alpha")) == len(graph)
    with pytest.raises(NotFound, match="alpha"):
        release.describe("network/alphaa")
    with pytest.raises(QuerySyntaxError, match="is not an IRI"):
        release.describe("network/no iri")


def test_tables_and_search(release: OpenRelease) -> None:
    assert set(release.tables["networks"]["id"].to_pylist()) == {"alpha", "beta", "gamma"}
    assert [hit.label for hit in release.search("musterstad", kinds=["place"])] == ["Musterstadt"]
    assert release.search("caritas")[0].thing == release.base_iri + "actor/caritas-musterstadt"


def test_a_store_in_memory_answers_alike() -> None:
    from integgraph.face import answer

    store = EmbeddedStore.of("<https://e.example/a> <https://e.example/p> 1 .")
    assert answer(store, "SELECT ?o { ?s ?p ?o }").records() == [{"o": 1}]
