"""What stands near a thing: the first of long lists, what they are made of, and nothing beyond."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import pytest

from integgraph import resources
from integgraph.nearby import LONG, SHOWN, actor, network, profile
from integgraph.ontology import IG, Ontology
from integgraph.release import Release
from integgraph.store import Store, iri
from integgraph.web.around import around

from .conftest import GOLDEN, build_release

MEMBERS, MERGED = 70, 60
LARGE = """id: large
language: en
label: Large
seat: musterstadt
status_date: 2024-02
sources: [{{title: Large, retrieved: 2026-01-05}}]
members:
{members}
funding:
{funding}
"""
MEMBER = "  - {{id: one-{at}, name: One {at}, roles: {{role: partner, from: 2019}}, sector: welfare-association}}"
FLOW = "  - {{category: donations, recipient: one-{at}, for: Advice {at}}}"
SMALL = "id: small-{at}\nlanguage: en\nlabel: Small {at}\nmembers: [{{id: house-{at}, name: House {at}}}]\n"
SMALL += "area: country-de\nsources: [{{title: Small, retrieved: 2026-01-05}}]\n"
SAME = "actor:house-{at}\towl:sameAs\tactor:house-0\tsemapv:ManualMappingCuration\tOne house.\n"
BASE = "https://w3id.org/integgraph/id/"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A network with more members and flows than a page shows, and an actor that was recorded in many networks."""
    data = Path(shutil.copytree(GOLDEN, tmp_path_factory.mktemp("large") / "data"))
    places = range(1, MEMBERS + 1)
    texts = {"members": "\n".join(MEMBER.format(at=at) for at in places)}
    texts["funding"] = "\n".join(FLOW.format(at=at) for at in places)
    (data / "profiles" / "large.yaml").write_text(LARGE.format(**texts), "utf-8")
    for at in range(MERGED):
        (data / "profiles" / f"small-{at}.yaml").write_text(SMALL.format(at=at), "utf-8")
    with (data / "links" / "actors.sssom.tsv").open("a", encoding="utf-8") as links:
        links.writelines(SAME.format(at=at) for at in range(1, MERGED))
    return build_release(data, tmp_path_factory.mktemp("large out")).release


@pytest.fixture(scope="module")
def store(release: Release) -> Store:
    return release.store()


def listed(page: resources.Page, key: str) -> list[resources.Value]:
    return [
        value for section in page.sections for entry in section.entries if entry.key == key for value in entry.values
    ]


@pytest.mark.parametrize("thing", ["network/large", "profile/large"])
def test_of_long_lists_the_first_are_there_with_all_their_parts(store: Store, ontology: Ontology, thing: str) -> None:
    lean = resources.page(store, ontology, BASE + thing, lean=True)
    whole = resources.page(store, ontology, BASE + thing)
    for key in ("members", "funding"):
        assert len(listed(whole, key)) == MEMBERS
        assert listed(lean, key) == listed(whole, key)[:SHOWN]
    assert listed(lean, "members")[0].parts and listed(lean, "members")[0].sources


def test_what_the_tables_list_is_what_is_looked_up(store: Store, release: Release, ontology: Ontology) -> None:
    large = BASE + "network/large"
    lists = around(release.path, release.content_hash).shown_lists(large)
    assert lists is not None and [len(lists[path]) for path in LONG] == [SHOWN, SHOWN]
    given, looked_up = network(store, iri(large), lists), network(store, iri(large))
    assert given.triples == looked_up.triples and set(given.said) == set(looked_up.said)
    assert pickle.loads(pickle.dumps(given)) == given  # noqa: S301 - written in this very line
    shorter = {LONG[0]: lists[LONG[0]][:3], LONG[1]: []}
    page = resources.page(store, ontology, large, lean=True, lists=shorter)
    assert [value.text for value in listed(page, "members")] == ["One 1", "One 2", "One 3"]


def test_every_statement_that_is_shown_says_who_makes_it(store: Store) -> None:
    near = network(store, iri(BASE + "network/large"))
    shown = {each.object for each in near.triples if each.predicate.value in LONG}
    assert {each.value for each in near.said if each.path in LONG} == shown
    assert {each.profile.value for each in near.said} == {BASE + "profile/large"}
    assert [date.value for date in near.dates.values()] == ["2024-02"]


def test_of_what_was_made_one_as_many_are_told_as_are_shown(store: Store, ontology: Ontology) -> None:
    near = actor(store, iri(BASE + "actor/house-0"))
    assert len(near.merged) == SHOWN
    page = resources.page(store, ontology, BASE + "actor/house-0", lean=True)
    merged = listed(page, "merged")
    assert len(merged) == SHOWN and all(value.text.startswith("House ") and value.sources for value in merged)


def test_nothing_is_near_what_is_not_there(store: Store) -> None:
    for near in (network, actor):
        found = near(store, iri(BASE + "network/nobody"))
        assert (found.triples, found.said, found.dates, found.merged) == ([], [], {}, [])
    assert profile(store, iri(BASE + "profile/nobody")) == []


def test_more_than_one_query_holds_is_asked_in_portions(store: Store) -> None:
    lists = {IG + "membership": [f"{BASE}membership/{'x' * 900}-{at}" for at in range(100)], IG + "funding": []}
    assert len(network(store, iri(BASE + "network/large"), lists).triples) >= 100
