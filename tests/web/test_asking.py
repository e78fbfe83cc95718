"""Answers to the named questions: what a page shows of them is kept, and there before anybody asks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from integgraph.build import Built
from integgraph.errors import QuerySyntaxError, QueryTooLarge, Unprocessable
from integgraph.questions import THINGS, Question, load_questions
from integgraph.settings import Settings
from integgraph.store import Bounds, EmbeddedStore
from integgraph.tables import Tables
from integgraph.web import asking
from integgraph.web.answering import first_rows
from integgraph.web.app import create_app
from integgraph.web.asking import Preparing, choices, shown
from integgraph.web.site import Site

QUESTIONS = load_questions()


@pytest.fixture
def site(golden: Built) -> Iterator[Site]:
    application = create_app(golden.release, Settings())
    with TestClient(application):
        asking._SHOWN.clear()
        asking._EVERY.clear()
        yield application.state.sites.current


def values(site: Site, asked: Question) -> list[dict[str, str]]:
    """Each value that can be chosen, one at a time, and all defaults."""
    return [{}, *({one.name: value} for one in asked.parameters for value in choices(site, one))]


def test_every_question_that_can_be_is_asked_in_advance(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[int] = []
    preparing = Preparing(QUESTIONS.values(), left.append)
    preparing.begin(site)
    assert preparing.wait(60)
    busiest = asking._busiest(site, QUESTIONS["actor-roles"].parameters[0])
    assert left == [*range(len(QUESTIONS) + len(busiest), -1, -1)]
    monkeypatch.setattr(asking, "_keep", None)
    for name in busiest:
        assert shown(site, QUESTIONS["actor-roles"], {"actor": name}).total
    things = 0
    for each in QUESTIONS.values():
        for given in values(site, each):
            if any(one.type in THINGS for one in each.parameters):
                things += 1  # its example is a thing of the project's own data, which is not there
                continue
            found = shown(site, each, given)
            assert found.total == len(each.ask(site.store, given, base_iri=site.release.base_iri)), each.id
    assert things == 5
    assert set(asking._EVERY[site.release.content_hash]) == {name for name, each in QUESTIONS.items() if each.every}


def test_of_the_busiest_actors_it_is_asked_what_they_do(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_BUSIEST", 2)
    asked = QUESTIONS["actor-roles"]
    found = [shown(site, asked, {"actor": name}).total for name in asking._busiest(site, asked.parameters[0])]
    every = Tables(site.release.path / "tables")["actors"]["actor"].to_pylist()
    others = [shown(site, asked, {"actor": name}).total for name in every]
    assert len(found) == 2 and min(found) >= sorted(others)[-2]
    assert asking._busiest(site, QUESTIONS["who-said-so"].parameters[0]) == []


def test_what_is_too_much_at_once_is_asked_one_by_one(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_TIMES_ROWS", 0)
    left: list[int] = []
    asked = QUESTIONS["target-groups-by-field"]
    preparing = Preparing([asked], left.append)
    preparing.begin(site)
    assert preparing.wait(60)
    fields = list(site.ontology.scheme("field").concepts)
    assert not asking._EVERY
    assert left == [1, *range(len(fields), -1, -1)]
    monkeypatch.setattr(asking, "_keep", None)
    for field in fields:
        shown(site, asked, {"field": field})


def test_a_place_that_is_not_there_is_said_when_all_answers_are(site: Site) -> None:
    asked = QUESTIONS["target-groups-not-listed"]
    preparing = Preparing([asked])
    preparing.begin(site)
    assert preparing.wait(60)
    with pytest.raises(Unprocessable, match="Parameter 'region': "):
        shown(site, asked, {"region": "atlantis"})


def test_answers_for_all_values_are_kept_for_the_last_releases(site: Site) -> None:
    asking._EVERY.update({"older": {}, "old": {}})
    preparing = Preparing([QUESTIONS["coordinators"]])
    preparing.begin(site)
    assert preparing.wait(60)
    assert list(asking._EVERY) == ["old", site.release.content_hash]


def test_what_can_be_chosen_of_a_parameter(site: Site) -> None:
    def of(question: str) -> list[str]:
        (parameter,) = QUESTIONS[question].parameters
        return choices(site, parameter)

    assert of("coordinators") == sorted({"DE", *of("fields-of-action")})
    assert "labour-market" in of("target-groups-by-field") and "municipal" in of("activities-funded-by")
    assert "target-group" in of("concept-use")
    assert of("who-said-so") == of("newest-profiles") == of("target-groups-not-listed") == []


def test_one_value_in_two_spellings_is_asked_once(site: Site) -> None:
    asked = QUESTIONS["coordinators"]
    assert shown(site, asked, {"country": "de"}) is shown(site, asked, {}) is shown(site, asked, {"country": " DE"})
    assert len(asking._SHOWN) == 1


def test_an_answer_is_made_once_and_the_first_of_its_rows_are_kept(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "SHOWN_ROWS", 2)
    asked = QUESTIONS["answers-known"]
    found = shown(site, asked, {})
    assert len(found.rows) == 2 < found.total == len(asked.ask(site.store))
    monkeypatch.setattr(asking, "_keep", None)
    assert shown(site, asked, {}) is found


def test_no_more_answers_are_kept_than_there_is_room_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_KEPT", 2)
    for code in ("DE", "IT", "FR"):
        shown(site, QUESTIONS["fields-of-action"], {"country": code})
    assert [key[2] for key in asking._SHOWN] == [(("country", f'"{code}"'),) for code in ("IT", "FR")]


def test_a_value_that_does_not_exist_is_said_and_nothing_kept(site: Site) -> None:
    with pytest.raises(Unprocessable, match="alpha"):
        shown(site, QUESTIONS["who-said-so"], {"network": "alphabet"})
    assert not asking._SHOWN


def test_that_an_answer_is_too_large_is_remembered(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = QUESTIONS["answers-known"]
    small = replace(site, limits=replace(site.limits, answer_rows=1))
    for _ in range(2):
        with pytest.raises(QueryTooLarge, match="more than 1 rows"):
            shown(small, asked, {})
        monkeypatch.setattr(asking, "_keep", None)


def test_what_is_stopped_asks_no_more(site: Site) -> None:
    preparing = Preparing(QUESTIONS.values())
    preparing.close()
    preparing.begin(site)
    assert preparing.wait(30) and not asking._SHOWN


def test_a_release_that_is_closed_meanwhile_ends_it(golden: Built) -> None:
    application = create_app(golden.release, Settings())
    with TestClient(application):
        site = application.state.sites.current
    preparing = Preparing(QUESTIONS.values())
    preparing.begin(site)
    assert preparing.wait(30)


def test_only_rows_are_an_answer() -> None:
    with pytest.raises(QuerySyntaxError, match="rows"):
        first_rows(EmbeddedStore.of(""), "ASK { ?s ?p ?o }", {}, 1, Bounds())


def test_a_server_asks_when_it_begins(golden: Built) -> None:
    asking._SHOWN.clear()
    with TestClient(create_app(golden.release, Settings(), eager=True)) as client:
        end = time.monotonic() + 60
        while "integgraph_questions_preparing 0.0" not in client.get("/metrics").text or not asking._SHOWN:
            assert time.monotonic() < end
            time.sleep(0.05)
        asked = dict(asking._SHOWN)
        page = client.get("/questions/answers-known", headers={"accept": "text/html"})
        assert page.status_code == 200 and asking._SHOWN == asked
