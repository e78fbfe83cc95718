"""The words of the pages: what a template asks for is there, in both languages, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from integgraph.questions import load_questions
from integgraph.web import words
from integgraph.web.words import WORDS, say

WEB = Path(words.__file__).parents[1]
TEXTS = [*(WEB / "templates").glob("*.html"), *WEB.glob("*.py")]
ASKED = re.compile(r"""\bsay\(\s*(?:if\s+)?["']([^"'{}]+)["']\s*(~)?""")
CHOICE = re.compile(r"""\bsay\(\s*["']([^"']+)["']\s+if\b[^"']*?\belse\s+["']([^"']+)["']""")


def asked() -> list[tuple[str, str]]:
    found = []
    for file in TEXTS:
        text = file.read_text("utf-8")
        found += [(file.name, match[1]) for match in ASKED.finditer(text) if not match[2]]
        found += [(file.name, match[2]) for match in CHOICE.finditer(text)]
        found += [(file.name, each) for each in re.findall(r"""\belse\s+say\(["']([^"']+)["']\)""", text)]
    return found


def test_every_word_that_is_asked_for_is_there() -> None:
    found = asked()
    assert len(found) > 200
    assert sorted({each for each in found if each[1] not in WORDS}) == []


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_word_can_be_said(language: str) -> None:
    for key, texts in WORDS.items():
        # The English readings of measures stand with the measures themselves.
        assert texts[1] and (texts[0] or key.startswith("about reading ")), key
        places = set(re.findall(r"\{(\w+)", texts[1]))
        assert not texts[0] or places == set(re.findall(r"\{(\w+)", texts[0])), key
        assert say(key, language, **dict.fromkeys(places, "x")) == texts[language == "de"] or places


HTML = {"accept": "text/html"}


def test_what_a_question_takes_is_told_in_the_language_of_the_page(client: TestClient) -> None:
    for question in load_questions().values():
        for language in ("en", "de") if question.parameters else ():
            page = client.get(f"/questions/{question.id}", params={"lang": language}, headers=HTML).text
            for parameter in question.parameters:
                assert f"<code>{parameter.name}</code> {parameter.meanings[language]}</label>" in page, question.id


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Formalisation and type may disagree: “Written agreement”, but the type is an informal network."),
        (
            "de",
            "Formalisierung und Art passen vielleicht nicht zusammen: „Schriftliche Vereinbarung“, aber der Art nach",
        ),
    ],
)
def test_a_doubt_is_told_in_the_language_of_the_page(client: TestClient, language: str, sentence: str) -> None:
    page = client.get("/networks/alpha", params={"lang": language}, headers=HTML).text
    assert f"<li>{sentence}" in page
