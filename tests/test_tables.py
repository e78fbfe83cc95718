"""The tables: opened by the tools they are for, true to the graph, and with the three states of an answer apart."""

from __future__ import annotations

import csv
import io
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow as pa
import pytest
from benchmarks.generate import generate

from integgraph.build import Built
from integgraph.errors import NotFound
from integgraph.ontology import Ontology
from integgraph.questions import TABLES
from integgraph.tables import SEPARATOR, Tables, as_arrow, canonical_bytes, tables, write_csv
from tests.conftest import build_release
from tests.test_build import SHAPE

NAMES = ["actors", "fields", "funding", "memberships", "networks", "places", "target_groups"]


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("tables")
    generate(folder / "data", 60, 7)
    return build_release(folder / "data", folder / "out")


def of(built: Built) -> Tables:
    return Tables(built.release.path / "tables")


def asked(built: Built, query: str) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in built.release.store().select(query).records()]


def test_the_tables_are_those_that_are_promised(golden: Built, ontology: Ontology) -> None:
    assert sorted(of(golden)) == sorted(tables(ontology)) == sorted(TABLES) == NAMES
    with pytest.raises(NotFound, match=r"no table 'member'.*The tables are: actors.*Did you mean: memberships\?"):
        of(golden).path("member")


# -- opened by the tools


@pytest.mark.parametrize("name", NAMES)
def test_pandas_polars_and_duckdb_read_the_same(name: str, collection: Built) -> None:
    found = of(collection)
    expected = found[name].to_pylist()
    path = str(found.path(name))
    assert polars.read_parquet(path).to_dicts() == expected
    frame = pandas.read_parquet(path)
    assert (list(frame.columns), len(frame)) == (found[name].column_names, len(expected))
    relation = duckdb.connect().execute("SELECT * FROM read_parquet(?)", [path])
    columns = [each[0] for each in relation.description]
    assert [dict(zip(columns, row, strict=True)) for row in relation.fetchall()] == expected


@pytest.mark.parametrize("name", NAMES)
def test_every_column_is_described(name: str, collection: Built) -> None:
    found = of(collection)
    described = found.describe(name)
    columns = described["tableSchema"]["columns"]
    assert [column["name"] for column in columns] == found[name].column_names
    assert all(len(column["dc:description"]["@value"]) > 8 for column in columns)
    assert described["url"] == f"{name}.csv"
    lists = {column["name"] for column in columns if "separator" in column}
    assert lists == {field.name for field in found[name].schema if pa.types.is_list(field.type)}


@pytest.mark.parametrize("name", NAMES)
def test_csv_says_the_same_as_parquet(name: str, collection: Built) -> None:
    data = of(collection)[name]
    out = io.StringIO()
    write_csv(data, out)
    rows = list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))
    assert len(rows) == data.num_rows
    for row, expected in zip(rows, data.to_pylist(), strict=True):
        for column, value in expected.items():
            cell = row[column].removeprefix("'")
            if isinstance(value, list):
                assert cell == SEPARATOR.join(value).removeprefix("'")
            elif value is None:
                assert cell == ""
            elif isinstance(value, Decimal):
                assert Decimal(cell) == value
            else:
                assert cell == (str(value).lower() if isinstance(value, bool) else str(value))


def test_a_formula_is_harmless_in_csv(ontology: Ontology) -> None:
    table = tables(ontology)["fields"]
    out = io.StringIO()
    write_csv(as_arrow([{"network": "n", "field": "=1+1", "wordings": ["@x", "y"], "state": "value"}], table), out)
    assert out.getvalue().splitlines()[1] == "n,'=1+1,'@x; y,value"


# -- the three states


def test_none_unknown_and_value_stay_apart(golden: Built) -> None:
    row = {each["id"]: each for each in of(golden)["networks"].to_pylist()}
    assert (row["beta"]["founded"], row["beta"]["founded_state"]) == (None, "unreadable")
    assert (row["beta"]["official_name"], row["beta"]["official_name_state"]) == ([], "stated-none")
    assert (row["alpha"]["coordination"], row["alpha"]["coordination_state"]) == ([], "stated-none")
    assert (row["alpha"]["founded"], row["alpha"]["founded_state"]) == ("2010-03", "value")
    assert row["beta"]["coordination_state"] == "not-recorded"


@pytest.mark.parametrize("which", ["golden", "collection", "made_up"])
def test_every_state_is_the_graphs(which: str, request: pytest.FixtureRequest, ontology: Ontology) -> None:
    built = request.getfixturevalue(which)
    reasons = {
        (network, str(field)): str(reason).rpartition("/")[2]
        for network, field, reason in asked(
            built, "SELECT ?n ?key ?r { ?a ig:about ?n ; ig:field/ig:key ?key ; ig:reason ?r . ?n a ig:Network }"
        )
    }
    required = [each for each in ontology.form.fields if each.required and not each.profile]
    for row in of(built)["networks"].to_pylist():
        for each in required:
            state = row[f"{each.key}_state"]
            assert state == reasons.get((row["network"], each.key), "value"), (row["id"], each.key)
            assert bool(row[each.key] is not None and row[each.key] != []) == (state == "value"), (row["id"], each.key)


def test_a_network_without_rows_has_one_that_says_why(collection: Built) -> None:
    for name, key in (
        ("memberships", "membership"),
        ("funding", "flow"),
        ("fields", "field"),
        ("target_groups", "target_group"),
    ):
        data = of(collection)[name].to_pylist()
        assert {row["network"] for row in data} == set(of(collection)["networks"]["network"].to_pylist())
        assert all((row[key] is None) == (row["state"] != "value") for row in data)
        assert len([row for row in data if row["state"] != "value"]) == len(
            {row["network"] for row in data if row[key] is None}
        )


def test_no_amount_is_unknown_and_never_zero(collection: Built) -> None:
    flows = [row for row in of(collection)["funding"].to_pylist() if row["state"] == "value"]
    assert {row["amount_state"] for row in flows if row["amount"] is None} == {"not-stated"}
    assert all(row["amount"] > 0 and row["currency"] for row in flows if row["amount_state"] == "value")


# -- true to the graph


@pytest.mark.parametrize("which", ["golden", "collection", "made_up"])
def test_rows_are_what_sparql_finds(which: str, request: pytest.FixtureRequest) -> None:
    built = request.getfixturevalue(which)
    found = of(built)
    members = {(row["network"], row["actor"]) for row in found["memberships"].to_pylist() if row["counts_as_member"]}
    assert members == set(asked(built, "SELECT DISTINCT ?n ?a { ?n a ig:Network ; org:hasMember ?a }"))
    rows = {row["membership"] for row in found["memberships"].to_pylist() if row["membership"]}
    assert rows == {row[0] for row in asked(built, "SELECT ?m { ?n a ig:Network ; ig:membership ?m }")}
    flows = {(row["flow"], funder) for row in found["funding"].to_pylist() if row["flow"] for funder in row["funders"]}
    assert flows == set(asked(built, "SELECT ?f ?a { ?n a ig:Network ; ig:funding ?f . ?f ig:funder ?a }"))
    amounts = {(row["flow"], row["amount"]) for row in found["funding"].to_pylist() if row["amount"] is not None}
    assert amounts == set(asked(built, "SELECT ?f ?x { ?n ig:funding ?f . ?f ig:amount ?x }"))
    fields = {(row["network"], row["field"]) for row in found["fields"].to_pylist() if row["field"]}
    start = "https://w3id.org/integgraph/vocabulary/field/"
    listed = asked(built, "SELECT ?n ?f { ?n a ig:Network ; ig:fieldOfAction ?f }")
    assert fields == {(network, str(field).removeprefix(start)) for network, field in listed}


@pytest.mark.parametrize("which", ["golden", "collection", "made_up"])
def test_actors_are_counted_as_sparql_counts(which: str, request: pytest.FixtureRequest) -> None:
    built = request.getfixturevalue(which)
    rows = {row["actor"]: row for row in of(built)["actors"].to_pylist()}
    for column, pattern in {
        "networks": "?n a ig:Network ; org:hasMember ?a",
        "participations": "?n a ig:Network ; ig:membership ?m . ?m org:member ?a FILTER NOT EXISTS { ?a a ig:UnnamedGroup }",
        "coordinates": "?n a ig:Network ; ig:coordinatedBy ?a",
        "flows_given": "?f a ig:FundingFlow ; ig:funder ?a",
        "flows_received": "?f a ig:FundingFlow ; ig:recipient ?a FILTER NOT EXISTS { ?a a ig:UnnamedGroup }",
    }.items():
        subject = "?m" if column == "participations" else "?n" if "?n " in pattern else "?f"
        counted = asked(built, f"SELECT ?a (COUNT(DISTINCT {subject}) AS ?c) {{ {pattern} }} GROUP BY ?a")
        assert {actor: row[column] for actor, row in rows.items() if row[column]} == dict(counted), column
    actors = {row[0] for row in asked(built, "SELECT DISTINCT ?a { ?a a ig:Actor }")}
    assert actors <= set(rows)
    names = {row[0] for row in asked(built, "SELECT ?l { ?a a ig:Actor ; skos:prefLabel ?l }")}
    assert all(row["name"] in names for row in rows.values() if row["actor"] in actors)


def test_places_count_what_lies_in_them(collection: Built) -> None:
    rows = {row["id"]: row for row in of(collection)["places"].to_pylist()}
    query = "SELECT ?o (COUNT(DISTINCT ?n) AS ?c) { ?n a ig:Network ; ig:seat|ig:areaOfActivity ?p . ?p ig:within* ?o } GROUP BY ?o"
    within = {str(place).rpartition("/")[2]: count for place, count in asked(collection, query)}
    assert {name: row["networks_within"] for name, row in rows.items() if row["networks_within"]} == within
    assert rows["halberstadt"]["country"] == "DE"


def test_the_digest_of_a_table_counts_values_alone(ontology: Ontology) -> None:
    table = tables(ontology)["fields"]
    rows = [{"network": f"n{number}", "field": "x", "wordings": ["a", "b"], "state": "value"} for number in range(4)]
    whole = as_arrow(rows, table)
    pieces = pa.concat_tables([as_arrow(rows[:1], table), as_arrow(rows[1:], table)])
    assert canonical_bytes(whole) == canonical_bytes(pieces)
    assert canonical_bytes(whole) != canonical_bytes(as_arrow([*rows[:3], {**rows[3], "wordings": ["a b"]}], table))
    assert canonical_bytes(as_arrow([{"network": "n"}], table)) == b"n\x1f\\N\x1f\x1f\\N\n"


def test_a_new_field_becomes_a_column(golden_data: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(Ontology.load().folder, tmp_path / "ontology"))
    with (folder / "shapes.ttl").open("a", encoding="utf-8") as file:
        file.write(SHAPE)
    with (golden_data / "profiles" / "gamma.yaml").open("a", encoding="utf-8") as record:
        record.write("opening_hours: Mondays at nine\n")
    built = build_release(golden_data, tmp_path / "out", Ontology.load(folder))
    hours = {row["id"]: (row["opening_hours"], row["opening_hours_state"]) for row in of(built)["networks"].to_pylist()}
    assert hours["gamma"] == (["Mondays at nine"], "value")
    assert hours["alpha"][0] == []
