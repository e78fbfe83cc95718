"""Lists say what the graph and the tables say, page by page, and refuse what does not exist."""

from __future__ import annotations

import base64
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integgraph import listing
from integgraph.build import Built
from integgraph.errors import Conflict, NotFound, ReleaseError, Unprocessable
from integgraph.face import OpenRelease
from integgraph.listing import LISTS, MAX_LIMIT, Found, ask
from integgraph.ontology import Ontology
from integgraph.tables import Tables, local, write_csv

HALBERSTADT = "caritas-diakonie-zora-halberstadt"
Given = list[tuple[str, str]]


@pytest.fixture(scope="module")
def many(collection: Built) -> OpenRelease:
    return OpenRelease(collection.release.path, collection.release.manifest)


@pytest.fixture(scope="module")
def few(golden: Built) -> OpenRelease:
    return OpenRelease(golden.release.path, golden.release.manifest)


@pytest.fixture(scope="module")
def of_many(many: OpenRelease) -> Callable[[], OpenRelease]:
    """For property-based tests, which print what they are given."""
    return lambda: many


def found(release: OpenRelease, name: str, given: Given, scheme: str = "") -> Found:
    return ask(release, Ontology.load(), name, given, scheme)


def ids(release: OpenRelease, name: str, given: Given, scheme: str = "") -> list[str]:
    return [str(each) for each in found(release, name, given, scheme).table().column("id").to_pylist()]


NETWORKS = {
    ("country", "DE"): "{ ?p ig:countryCode 'DE' . ?n ig:seat|ig:areaOfActivity ?p }",
    (
        "region",
        "country-it",
    ): "{ ?p ig:within* ?it . FILTER(STRENDS(STR(?it), '/place/country-it')) ?n ig:seat|ig:areaOfActivity ?p }",
    ("region", "DEE"): "{ ?p ig:within* ?r . ?r ig:nutsCode 'DEE' . ?n ig:seat|ig:areaOfActivity ?p }",
    ("field", "labour-market"): "{ ?n ig:fieldOfAction <https://w3id.org/integgraph/vocabulary/field/labour-market> }",
    ("field", "Arbeitsmarkt"): "{ ?n ig:fieldOfAction <https://w3id.org/integgraph/vocabulary/field/labour-market> }",
    (
        "target_group",
        "refugees",
    ): "{ ?n ig:targetGroup <https://w3id.org/integgraph/vocabulary/target-group/refugees> }",
    (
        "type",
        "project-network",
    ): "{ ?n ig:networkType <https://w3id.org/integgraph/vocabulary/network-type/project-network> }",
    (
        "funder_category",
        "eu",
    ): "{ ?n ig:funding/ig:funderCategory <https://w3id.org/integgraph/vocabulary/funder-category/eu> }",
    (
        "sector",
        "municipality",
    ): "{ ?n org:hasMember/ig:sector <https://w3id.org/integgraph/vocabulary/sector/municipality> }",
    (
        "coordination",
        "none",
    ): "{ ?a ig:about ?n ; ig:field ig:f-coordination ; ig:reason <https://w3id.org/integgraph/vocabulary/absence/stated-none> }",
    (
        "coordination",
        "unknown",
    ): "{ ?a ig:about ?n ; ig:field ig:f-coordination ; ig:reason ?r FILTER(!STRENDS(STR(?r), 'stated-none')) }",
    (
        "founded",
        "unknown:unreadable",
    ): "{ ?a ig:about ?n ; ig:field ig:f-founded ; ig:reason <https://w3id.org/integgraph/vocabulary/absence/unreadable> }",
    ("founded_from", "2015-09"): "{ ?n ig:foundedLatest ?d FILTER(?d >= '2015-09-01'^^xsd:date) }",
    ("founded_to", "2000"): "{ ?n ig:foundedEarliest ?d FILTER(?d <= '2000-12-31'^^xsd:date) }",
    (
        "founded",
        "2015",
    ): "{ ?n ig:foundedEarliest ?a ; ig:foundedLatest ?b FILTER(?a <= '2015-12-31'^^xsd:date && ?b >= '2015-01-01'^^xsd:date) }",
}


@pytest.mark.parametrize("asked", NETWORKS, ids="=".join)
def test_a_filter_of_networks_says_what_the_graph_says(many: OpenRelease, asked: tuple[str, str]) -> None:
    query = f"SELECT DISTINCT ?n WHERE {{ ?n a ig:Network . {NETWORKS[asked]} }}"
    expected = sorted(local(str(row["n"])) for row in many.query(query).records())
    assert expected
    assert ids(many, "networks", [asked]) == expected


@pytest.mark.parametrize(
    "asked", [("country", "IT"), ("sector", "ngo"), ("legal_form", "eingetragener-verein")], ids="=".join
)
def test_a_filter_of_actors_says_what_the_graph_says(many: OpenRelease, asked: tuple[str, str]) -> None:
    pattern = {
        "country": "?a ig:seat/ig:countryCode 'IT'",
        "sector": "?a ig:sector <https://w3id.org/integgraph/vocabulary/sector/ngo>",
        "legal_form": "?a ig:legalForm <https://w3id.org/integgraph/vocabulary/legal-form/eingetragener-verein>",
    }[asked[0]]
    known = set(ids(many, "actors", []))
    rows = many.query(f"SELECT DISTINCT ?a WHERE {{ {pattern} FILTER NOT EXISTS {{ ?a a ig:Network }} }}").records()
    expected = sorted({local(str(row["a"])) for row in rows} & known)
    assert expected and ids(many, "actors", [asked, ("is_network", "no")]) == expected


def test_actors_of_a_network(many: OpenRelease) -> None:
    query = "SELECT DISTINCT ?a WHERE { ?n org:hasMember ?a FILTER(STRENDS(STR(?n), '/network/anvita')) }"
    members = sorted(local(str(row["a"])) for row in many.query(query).records())
    assert members and ids(many, "actors", [("member_of", "anvita")]) == members
    assert set(members) <= set(ids(many, "actors", [("network", "anvita")]))


def test_funders_say_what_the_graph_says(many: OpenRelease) -> None:
    query = "SELECT ?f (COUNT(DISTINCT ?flow) AS ?flows) (COUNT(DISTINCT ?n) AS ?networks) WHERE { ?flow ig:funder ?f . ?n ig:funding ?flow } GROUP BY ?f"
    expected = {local(str(row["f"])): (row["flows"], row["networks"]) for row in many.query(query).records()}
    rows = found(many, "funders", []).table().to_pylist()
    assert {row["id"]: (row["flows"], row["networks"]) for row in rows} == expected
    query = "SELECT DISTINCT ?f WHERE { ?flow ig:funder ?f ; ig:funderCategory <https://w3id.org/integgraph/vocabulary/funder-category/eu> }"
    european = sorted(local(str(row["f"])) for row in many.query(query).records())
    assert european and ids(many, "funders", [("category", "eu")]) == european


def test_places_lie_in_places(many: OpenRelease) -> None:
    query = "SELECT ?p WHERE { ?p a ig:Place ; ig:placeKind 'town' ; ig:within+ ?it FILTER(STRENDS(STR(?it), '/place/country-it')) }"
    expected = sorted(local(str(row["p"])) for row in many.query(query).records())
    assert expected and ids(many, "places", [("region", "country-it"), ("level", "town")]) == expected


@pytest.mark.parametrize(
    ("name", "filter_name"),
    [(each.name, one.name) for each in LISTS.values() for one in each.filters.values() if one.states],
)
def test_the_three_states_share_the_list_out(many: OpenRelease, name: str, filter_name: str) -> None:
    parts = [ids(many, name, [(filter_name, state)]) for state in ("any", "none", "unknown")]
    assert sorted(chain.from_iterable(parts)) == sorted(ids(many, name, []))
    reasons = [each for each in Ontology.load().scheme("absence").concepts if each != "stated-none"]
    stated = list(chain.from_iterable(ids(many, name, [(filter_name, f"unknown:{each}")]) for each in reasons))
    assert set(stated) <= set(parts[2]) and len(stated) == len(set(stated))


def test_values_are_alternatives_and_filters_narrow(many: OpenRelease) -> None:
    german, italian = (set(ids(many, "networks", [("country", code)])) for code in ("DE", "it"))
    assert set(ids(many, "networks", [("country", "DE"), ("country", "it")])) == german | italian
    assert set(ids(many, "networks", [("country", "DE"), ("field", "health")])) == german & set(
        ids(many, "networks", [("field", "health")])
    )
    both = ids(many, "networks", [("coordination", "none"), ("coordination", "unknown")])
    assert len(both) == len(ids(many, "networks", [("coordination", "none")])) + len(
        ids(many, "networks", [("coordination", "unknown")])
    )


def test_narrower_concepts_are_asked_for(many: OpenRelease) -> None:
    alone, wide = (
        set(ids(many, "networks", [("field", "labour-market"), *more])) for more in ([], [("narrower", "yes")])
    )
    assert alone < wide


@pytest.mark.parametrize("spelling", ["Flüchtlingsrat", "fluechtlingsrat", "FLUCHTLINGSRAT"])
def test_search_in_any_spelling(many: OpenRelease, spelling: str) -> None:
    assert "fluechtlingsrat-niedersachsen" in ids(many, "actors", [("q", spelling)])


def test_search_is_best_first_unless_sorted(many: OpenRelease) -> None:
    best = ids(many, "networks", [("q", "netzwerk")])
    assert ids(many, "networks", [("q", "netzwerk"), ("sort", "relevance")]) == best
    assert ids(many, "networks", [("q", "netzwerk"), ("sort", "id")]) == sorted(best)
    assert len(best) > 5 and ids(many, "networks", [("q", "…")]) == []


def test_concepts_are_found_in_one_vocabulary(many: OpenRelease) -> None:
    assert "labour-market" in ids(many, "concepts", [("q", "arbeit")], "field")
    assert set(ids(many, "concepts", [("q", "arbeit")], "field")) <= set(Ontology.load().scheme("field").concepts)


def test_a_search_that_finds_too_much_is_refused(many: OpenRelease, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MAX_HITS", 3)
    with pytest.raises(Unprocessable, match="more than 3 names"):
        ask(many, Ontology.load(), "networks", [("q", "net")])


# ---------------------------------------------------------------------------------------------------------------------
# Order and pages


def test_order(many: OpenRelease) -> None:
    rows = found(many, "networks", [("sort", "-founded,name")]).table().to_pylist()
    dates = [row["founded_earliest"] for row in rows]
    known = [each for each in dates if each]
    assert known == sorted(known, reverse=True) and dates[len(known) :] == [None] * (len(dates) - len(known))
    names = [row["name"] for row in found(many, "actors", [("sort", "name")]).table().to_pylist()]
    assert sorted(names, key=str.casefold) != names  # letters with marks stand beside those without
    assert names[0][0].casefold() < names[-1][0].casefold()


def test_ties_are_broken_by_iri(many: OpenRelease) -> None:
    rows = found(many, "actors", [("sort", "-networks")]).table().to_pylist()
    assert rows == sorted(rows, key=lambda row: (-row["networks"], row["actor"]))


def pages(release: OpenRelease, name: str, asked: Given, limit: int) -> list[str]:
    seen: list[str] = []
    cursor = None
    while True:
        page = found(release, name, asked).page(limit, cursor)
        assert len(page.items) <= limit
        seen += [item["id"] for item in page.items]
        cursor = page.cursor
        if cursor is None:
            assert len(seen) == page.total
            return seen


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    limit=st.integers(7, MAX_LIMIT),
    name=st.sampled_from(["networks", "actors", "funders", "places"]),
    sort=st.lists(st.tuples(st.booleans(), st.integers(0, 6)), max_size=3),
    asked=st.sampled_from([[], [("country", "DE")], [("country", "unknown")], [("q", "a")]]),
)
def test_pages_put_together_are_the_list(
    of_many: Callable[[], OpenRelease], limit: int, name: str, sort: list[tuple[bool, int]], asked: Given
) -> None:
    sorts = list(LISTS[name].sorts)
    wanted = ",".join(("-" if down else "") + sorts[place % len(sorts)] for down, place in sort)
    asked = [*asked, ("sort", wanted)] if wanted else asked
    assert pages(of_many(), name, asked, limit) == ids(of_many(), name, asked)


def test_a_cursor_of_another_release_is_a_conflict(many: OpenRelease, few: OpenRelease) -> None:
    cursor = found(many, "networks", []).page(1).cursor
    with pytest.raises(Conflict, match=f"release={many.id}"):
        found(few, "networks", []).page(1, cursor)


def test_a_cursor_goes_on_in_a_release_of_the_same_content(many: OpenRelease) -> None:
    twin = OpenRelease(many.path, {**many.manifest, "id": "20300101T000000Z-0000aaaa"})
    cursor = found(many, "networks", []).page(1).cursor
    assert found(twin, "networks", []).page(1, cursor).items == found(many, "networks", []).page(1, cursor).items


@pytest.mark.parametrize("other", [[("country", "DE")], [("q", "netz")], [("sort", "-id")], [("narrower", "yes")]])
def test_a_cursor_of_another_question_is_refused(many: OpenRelease, other: Given) -> None:
    cursor = found(many, "networks", []).page(1).cursor
    with pytest.raises(Unprocessable, match="another question"):
        found(many, "networks", other).page(1, cursor)


def garbled(cursor: str) -> list[str]:
    swapped = cursor[:-2] + ("A" if cursor[-2] != "A" else "B") + cursor[-1]
    nonsense = base64.urlsafe_b64encode(b"x" * 40).decode()
    return [cursor[:-4], cursor[4:], swapped, nonsense, "x", "ä", "\x00", "=" * 9, cursor + "A"]


def test_a_damaged_cursor_is_refused(many: OpenRelease) -> None:
    cursor = found(many, "networks", []).page(1).cursor
    assert cursor
    for each in garbled(cursor):
        with pytest.raises(Unprocessable, match="damaged"):
            found(many, "networks", []).page(1, each)


# ---------------------------------------------------------------------------------------------------------------------
# Refusals

REFUSED = [
    ("networks", [("feild", "health")], "Did you mean field"),
    ("networks", [("color", "red")], "There are: country"),
    ("networks", [("field", "labor-market")], "Did you mean labour-market"),
    ("networks", [("field", "zzz")], "Allowed are: access-to-funding"),
    ("networks", [("field", "")], "has no value"),
    ("networks", [("country", "XX")], "Allowed are: AT"),
    ("networks", [("region", "halbertsadt")], "Did you mean halberstadt"),
    ("networks", [("region", "ZZ99")], "NUTS code"),
    ("networks", [("field", "unknown:because")], "not-asked"),
    ("networks", [("field", "unknown:")], "not-asked"),
    ("networks", [("founded", "0001")], "year 0001"),
    ("networks", [("founded", "soon")], "Write a year"),
    ("networks", [("founded_from", "unknown")], "Write a year"),
    ("networks", [("coordination", "nobody")], "the id of an actor"),
    ("networks", [("sort", "colour")], "cannot be sorted"),
    ("networks", [("sort", "relevance")], "with q"),
    ("networks", [("sort", "id,name,founded,members")], "at most 3"),
    ("networks", [("sort", "id"), ("sort", "name")], "more than once"),
    ("networks", [("narrower", "perhaps")], "yes or no"),
    ("actors", [("is_network", "any")], "yes or no"),
    ("actors", [("network", "no-such")], "the id of a network"),
    ("places", [("level", "twon")], "Did you mean town"),
    ("vocabularies", [("q", "field")], "There are: sort"),
]


@pytest.mark.parametrize(
    ("name", "asked", "said"), REFUSED, ids=[f"{name}-{asked[0][0]}-{asked[0][1]}" for name, asked, _ in REFUSED]
)
def test_what_does_not_exist_is_refused_with_what_does(many: OpenRelease, name: str, asked: Given, said: str) -> None:
    with pytest.raises(Unprocessable, match=said):
        found(many, name, asked)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["networks", "actors", "funders", "places"]),
    which=st.integers(0, 20),
    value=st.text(max_size=40),
)
def test_any_text_is_answered_or_refused(of_many: Callable[[], OpenRelease], name: str, which: int, value: str) -> None:
    known = LISTS[name].parameters
    try:
        assert found(of_many(), name, [(known[which % len(known)], value)]).total >= 0
    except Unprocessable as error:
        assert str(error).endswith((".", "?"))


def test_an_unknown_vocabulary_is_not_found(many: OpenRelease) -> None:
    with pytest.raises(NotFound, match="field"):
        found(many, "concepts", [], "feild")


def test_a_release_that_was_removed_says_so(few: OpenRelease, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(few.path, tmp_path / few.id))
    gone = replace(few, path=copy)
    assert found(gone, "networks", []).total == 3
    shutil.rmtree(copy / "tables")
    with pytest.raises(ReleaseError, match="cannot be read"):
        found(gone, "networks", [("country", "DE")]).page()


# ---------------------------------------------------------------------------------------------------------------------
# Items


@pytest.mark.parametrize("name", ["networks", "actors", "places"])
def test_the_table_of_a_list_is_the_table_of_the_release(many: OpenRelease, name: str) -> None:
    ours, theirs = io.StringIO(newline=""), io.StringIO(newline="")
    write_csv(found(many, name, []).table(), ours)
    write_csv(pq.ParquetFile(Tables(many.path / "tables").path(name)).read(), theirs)
    assert ours.getvalue() == theirs.getvalue()


def test_answers_stay_three_valued(many: OpenRelease) -> None:
    item = listing.network(many, Ontology.load(), HALBERSTADT)
    answers = item["answers"]
    assert answers["coordination"] == {"state": "none"}
    assert answers["founded"] == {"state": "unknown", "reason": "unreadable"}
    assert answers["evaluation"]["state"] == "unknown"
    assert answers["seat"] == {"state": "value", "value": "halberstadt"}
    assert answers["ended"] == {"state": "unknown", "reason": None}
    flows = item["funding"]["value"]
    assert all(flow["amount"] == {"state": "unknown", "reason": "not-stated"} for flow in flows)
    shared = next(flow for flow in flows if flow["categories"] == ["federal"])
    assert shared["funders"]["state"] == "unknown" and len(shared["recipients"]["value"]) == 2


def test_states_of_items_are_those_of_the_table(many: OpenRelease) -> None:
    rows = {row["id"]: row for row in Tables(many.path / "tables")["networks"].to_pylist()}
    for item in found(many, "networks", []).page(MAX_LIMIT).items:
        for key, told in item["answers"].items():
            state = rows[item["id"]].get(f"{key}_state")
            if state is not None:
                assert told["state"] == {"value": "value", "stated-none": "none"}.get(state, "unknown")
                assert told.get("reason", state) == state
            if told["state"] == "value":
                assert told["value"] == rows[item["id"]][key] not in (None, [])


def test_a_network_without_members_says_why(many: OpenRelease) -> None:
    unknown = ids(many, "networks", [("member", "unknown")])
    assert unknown
    item = listing.network(many, Ontology.load(), unknown[0])
    assert item["members"] == item["answers"]["members"] == {"state": "unknown", "reason": "not-recorded"}


def test_an_actor_and_what_it_does(many: OpenRelease) -> None:
    item = listing.actor(many, Ontology.load(), "fluechtlingsrat-niedersachsen")
    assert len(item["participations_in"]) == item["participations"]
    assert len(item["coordinates_networks"]) == item["coordinates"]
    assert listing.actor(many, Ontology.load(), item["merged"][0])["id"] == item["id"]
    most = found(many, "actors", [("sort", "-flows_given")]).page(1).items[0]
    assert len(listing.actor(many, Ontology.load(), most["id"])["gives"]) == most["flows_given"] > 1


def test_a_place_and_what_it_lies_in(many: OpenRelease) -> None:
    outer = [each["id"] for each in listing.place(many, Ontology.load(), "halberstadt")["lies_in"]]
    assert outer[0].startswith("nuts-") and "country-de" in outer


@pytest.mark.parametrize("find", [listing.network, listing.actor, listing.place])
def test_an_unknown_name_is_not_found(many: OpenRelease, find: Any) -> None:
    with pytest.raises(NotFound):
        find(many, Ontology.load(), "no-such-thing-anywhere")
    with pytest.raises(NotFound) as error:
        listing.network(many, Ontology.load(), "caritas-diakonie-zora-halbersatdt")
    assert HALBERSTADT in error.value.near


def test_items_are_plain_data(many: OpenRelease) -> None:
    for name in ("networks", "actors", "funders", "places", "vocabularies"):
        json.dumps(found(many, name, []).page(MAX_LIMIT).items, allow_nan=False)
