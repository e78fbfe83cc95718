"""About: every measure is explained in both languages, and what the pages promise is there."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from integgraph.analysis.measures.catalogue import CATALOGUE
from integgraph.analysis.measures.governance import RULES
from integgraph.web.words.about import WORDS

HTML = {"accept": "text/html"}
PAGES = ("", "/measures", "/privacy", "/accessibility", "/sources")


def page(client: TestClient, path: str, language: str = "en") -> str:
    answer = client.get(f"/about{path}", headers=HTML | {"accept-language": language})
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert answer.text.count("<h1>") == 1
    return answer.text


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_page_is_there_in_both_languages(client: TestClient, path: str, language: str) -> None:
    assert ">None<" not in page(client, path, language).partition("<main")[2]


def test_every_measure_is_explained_in_both_languages(client: TestClient) -> None:
    listed, german = page(client, "/measures"), page(client, "/measures", "de")
    for entry in CATALOGUE:
        key = entry.measure.key
        assert f'/about/measures/{key}?lang=en"' in listed
        assert f"about reading {key}" in WORDS, f"{key} has no plain reading in German"
        assert entry.measure.name.de in german


@pytest.mark.parametrize("key", ["two-mode-density", "governance-mode", "size-fair", "coverage"])
def test_a_measure_says_what_its_code_says(client: TestClient, key: str) -> None:
    entry = next(each for each in CATALOGUE if each.measure.key == key)
    text = page(client, f"/measures/{key}")
    assert entry.measure.question.en in text
    assert "Least data" in text
    german = page(client, f"/measures/{key}", "de")
    assert entry.measure.question.de in german
    assert WORDS[f"about reading {key}"][1] in german
    assert '<dd lang="en">' in german


def test_the_rules_of_governance_and_the_states_are_told(client: TestClient) -> None:
    text, german = page(client, "/measures"), page(client, "/measures", "de")
    for rule, words in RULES.items():
        assert rule == "override" or f'<th scope="row">{rule}</th>' in text
        assert words.en in text
        assert words.de in german
    for state in ("forced", "too small", "unknown"):
        assert f'<th scope="row">{state}</th>' in text
    assert "Sie wird gezeigt, aber nie als Befund." in german


def test_an_unknown_measure_names_similar_ones(client: TestClient) -> None:
    answer = client.get("/about/measures/two-mode-densty", headers=HTML)
    assert answer.status_code == 404
    assert "two-mode-density" in answer.text


def test_privacy_says_what_is_not_collected_and_how_to_take_down(client: TestClient) -> None:
    text = page(client, "/privacy")
    assert "not about persons" in text
    assert "no cookies" in text
    assert "410" in text
    assert "keine Cookies" in page(client, "/privacy", "de")


def test_sources_are_counted(client: TestClient) -> None:
    text = page(client, "/sources")
    assert "The 4 profiles of this release were made from" in text
    assert 'rel="license"' in text
