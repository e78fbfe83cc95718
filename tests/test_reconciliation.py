"""What the reconciliation service knows and finds, without HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from integgraph.build import Built
from integgraph.errors import Gone, NotFound, ReleaseError, Unprocessable
from integgraph.identity.decisions import PART_OF, Decision
from integgraph.identity.standing import Standing
from integgraph.identity.things import Things
from integgraph.matching import Candidate, Matcher
from integgraph.ontology import Ontology
from integgraph.reconciliation import terms
from integgraph.reconciliation.answers import Answers
from integgraph.reconciliation.candidates import candidates_of_things
from integgraph.reconciliation.collection import ACTOR, NETWORK, PLACE, Collection, Entity, Withdrawn
from integgraph.reconciliation.queries import LIMIT, MOST, Query, limit_of, read_draft_query, read_query
from integgraph.reconciliation.reading import read
from integgraph.reconciliation.reconciler import Reconciler, asked_for
from integgraph.reconciliation.worker import read_apart, serve

BASE = "https://e.example/id/"
ONTOLOGY = Ontology.load()
KINDS, PROPERTIES = tuple(terms.kinds(ONTOLOGY)), tuple(terms.properties(ONTOLOGY))


def known_as(*names: str, **more: Any) -> Collection:
    """Actors with these names; ``name@place`` has a place."""
    entities, candidates, places = [], [], {}
    for number, text in enumerate(names):
        name, _, place = text.partition("@")
        iri = f"{BASE}place/{place.lower()}"
        if place:
            places[iri] = Entity(iri, (PLACE,), {"": place})
        entities.append(
            Entity(f"{BASE}actor/a{number}", (ACTOR,), {"": name}, values={"places": (iri,)} if place else {})
        )
        candidates.append(Candidate(f"actor:a{number}", (name,), places=(place.lower(),) if place else ()))
    return Collection(BASE, KINDS, PROPERTIES, (*entities, *places.values()), tuple(candidates), **more)


def matched(reconciler: Reconciler, raw: Any) -> list[tuple[str, bool]]:
    return [(found.entity.id, found.match) for found in reconciler.match(read_query(raw))]


# -- matches


def test_a_match_is_sure_and_clear() -> None:
    names = ("Zora e.V.", "Flüchtlingsrat Sachsen", "Flüchtlingsrat Bayern", "Verein Aurora", "Verein Aurora")
    reconciler = Reconciler(known_as(*names))
    assert matched(reconciler, "Zora")[0] == ("a0", True)
    assert matched(reconciler, "Fluechtlingsrat Sachsen e.V.")[0] == ("a1", True)
    assert not any(match for _, match in matched(reconciler, "Flüchtlingsrat")), "two may be meant"
    assert matched(reconciler, "Verein Aurora") == [("a3", False), ("a4", False)]
    assert not any(match for _, match in matched(reconciler, "Flüchtlingsrat Hessen"))
    assert matched(reconciler, {"query": "Verein Aurora", "limit": 1}) == [("a3", False)], "the limit hides no doubt"


def test_the_place_decides_between_namesakes() -> None:
    reconciler = Reconciler(known_as("Haus der Begegnung@Harzgerode", "Haus der Begegnung@Seehausen"))
    asked = {"query": "Haus der Begegnung", "properties": [{"pid": "places", "v": "Seehausen"}]}
    assert matched(reconciler, asked)[0] == ("a1", True)
    by_id = {"query": "Haus der Begegnung", "properties": [{"pid": "places", "v": {"id": f"{BASE}place/harzgerode"}}]}
    assert matched(reconciler, by_id)[0] == ("a0", True)
    assert not any(match for _, match in matched(reconciler, "Haus der Begegnung"))


def test_the_evidence_is_that_of_suggestions(golden: Built) -> None:
    found = read(golden.release.path)
    things = list(candidates_of_things(Things.of_release(golden.release)))
    assert list(found.candidates) == things
    matcher = Matcher(things)
    reconciler = Reconciler(replace(found, places=()))
    for name in ("Caritas Musterstadt", "Stadt Musterstadt", "Netzwerk Beta", "Associazione Esempio"):
        ours = [(each.entity.id, each.score) for each in reconciler.match(Query(name, kinds=(ACTOR, NETWORK)))]
        theirs = [(each.candidate.id.partition(":")[2], each.score) for each in matcher.find(name)]
        assert ours == [each for each in theirs if each[1] >= 0.01]


def test_parts_are_known_to_the_matcher(golden: Built) -> None:
    decision = Decision("actor:caritas-musterstadt", PART_OF, "network:beta", "A part.")
    found = candidates_of_things(Things.of_release(golden.release), standing=Standing([decision]))
    assert next(each for each in found if each.id == "actor:caritas-musterstadt").parents == ("network:beta",)


# -- identifiers


def test_identifiers_lead_to_what_they_stand_for_today() -> None:
    old, older, lost = f"{BASE}actor/old", f"{BASE}actor/older", f"{BASE}actor/lost"
    stone = Withdrawn(lost, "Lost", "r1", "2026-01-05")
    known = known_as("Zora", merged={old: f"{BASE}actor/a0", older: old}, withdrawn={lost: stone})
    reconciler = Reconciler(known)
    for text in (old, older, "actor:older", " actor/old "):
        found = reconciler.resolve(text)
        assert found.standing == "merged" and asked_for(found).id == "a0" and "Zora" in found.say("de")
    assert reconciler.resolve("actor/a0").standing == "current" and not reconciler.resolve("actor/a0").say()
    assert "2026-01-05" in reconciler.resolve(lost).say("de") and "r1" in reconciler.resolve(lost).say()
    with pytest.raises(Gone, match="withdrawn"):
        asked_for(reconciler.resolve(lost))
    with pytest.raises(NotFound, match="no such"):
        asked_for(reconciler.resolve("actor/never"))
    assert reconciler.resolve("actor/never").say("de") == "Diese Kennung gibt es nicht."


def test_a_circle_of_mergers_ends() -> None:
    one, other = f"{BASE}actor/one", f"{BASE}actor/other"
    assert Reconciler(known_as(merged={one: other, other: one})).resolve(one).standing == "unknown"


# -- reading


def test_another_process_reads_the_same(golden: Built) -> None:
    assert read_apart(golden.release.path) == read(golden.release.path)


def test_a_release_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="release"):
        read_apart(tmp_path)


def test_what_workers_run_starts_no_threads() -> None:
    code = (
        "import os, sys, integgraph.reconciliation.worker;"
        "assert not {'pyarrow', 'numpy', 'rdflib'} & set(sys.modules), 'imported';"
        "sys.exit(len(os.listdir('/proc/self/task')) - 1 if sys.platform == 'linux' else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_value_fits_its_property(collection: Built) -> None:
    """``collection`` is the release of the project's own data here."""
    found = read(collection.release.path)
    properties = {one.id: one for one in found.properties}
    iris = {entity.iri for entity in found.entities}
    kinds = {"text": str, "date": str, "integer": int, "boolean": bool, "entity": str}
    for entity in found.entities:
        assert entity.kinds and entity.name() and not set(entity.kinds) - {kind.id for kind in found.kinds}
        for name, values in entity.values.items():
            assert set(entity.kinds) & set(properties[name].kinds), (entity.iri, name)
            assert values and all(isinstance(value, kinds[properties[name].form]) for value in values), (
                entity.iri,
                name,
            )
            if properties[name].form == "entity":
                # Unnamed groups take part without being entities.
                assert not {value for value in values if value not in iris and "/group/" not in str(value)}, name
    assert len(found.entities) == len(iris)


def test_every_property_has_a_name_in_both_languages() -> None:
    for one in PROPERTIES:
        assert one.names["en"] and one.names["de"], one.id
        assert set(one.kinds) <= {kind.id for kind in KINDS}, one.id
    assert len({one.id for one in PROPERTIES}) == len(PROPERTIES)


# -- queries


def test_limits_have_bounds() -> None:
    assert (limit_of(None), limit_of(3), limit_of("3"), limit_of(10**12), limit_of("9" * 40)) == (
        LIMIT,
        3,
        3,
        MOST,
        MOST,
    )
    for wrong in (0, -1, 1.5, "", "x", "²", True, [], {}):
        with pytest.raises(Unprocessable, match="limit"):
            limit_of(wrong)


def test_both_forms_of_a_query_mean_the_same() -> None:
    old = read_query(
        {"query": "Zora", "type": "actor", "limit": 3, "properties": [{"pid": "places", "v": ["a", 1, 2.5, True]}]}
    )
    assert (
        read_query({"query": "Zora", "type": "actor", "limit": 3, "properties": {"places": ["a", 1, 2.5, True]}}) == old
    )
    condition = {"matchType": "property", "propertyId": "places", "propertyValue": ["a", 1, 2.5, True]}
    name = {"matchType": "name", "propertyValue": "Zora"}
    assert read_draft_query({"type": "actor", "limit": 3, "conditions": [condition, name]}) == old
    assert [given.text for given in old.conditions[0].values] == ["a", "1", "2.5", "true"]


# -- answers


def test_half_characters_do_not_stop_an_answer() -> None:
    handler = serve(Reconciler(known_as("Zora \ud800")))
    answer = handler(("match", (["Zora"], "0.2", "en")))
    assert json.loads(answer.body)["result"][0]["name"] == "Zora ?"


def test_suggestions_need_no_index_for_all_and_for_identifiers() -> None:
    answers = Answers(Reconciler(known_as("Zora", "Aurora")))
    assert len(answers.suggest("entity", "", [], None, None, "en")["result"]) == 2
    assert answers.suggest("entity", "actor:a1", [], None, None, "en")["result"][0]["name"] == "Aurora"
    assert answers.suggest("entity", "zo", [], None, None, "en")["result"] == []


def test_what_is_no_entity_is_given_as_text(golden: Built) -> None:
    found = read(golden.release.path)
    assert "Ehrenamtliche" in found.labels.values()
    entity = Entity(
        f"{BASE}network/n",
        (NETWORK,),
        {"": "N"},
        values={"members": (f"{BASE}group/g", f"{BASE}group/h", f"{BASE}actor/a0")},
    )
    known = known_as("Zora", labels={f"{BASE}group/h": "Helpers"})
    row = Answers(Reconciler(replace(known, entities=(*known.entities, entity)))).extend(
        [f"{BASE}network/n"], [{"id": "members"}], "0.2", "en"
    )["rows"][f"{BASE}network/n"]
    assert row["members"] == [{"str": f"{BASE}group/g"}, {"str": "Helpers"}, {"id": f"{BASE}actor/a0", "name": "Zora"}]
