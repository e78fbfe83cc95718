"""The JSON Schema for editors: it takes what the reader takes, and refuses what a person should see at once."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from integgraph.ingest.schema import record_schema
from integgraph.ontology import Ontology
from tests.conftest import ROOT

RECORDS = sorted((ROOT / "data" / "profiles").glob("*.yaml"))


class EditorLoader(yaml.SafeLoader):
    """YAML as an editor resolves it: numbers and booleans by the core schema, dates left as text."""


EditorLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if not tag.endswith("timestamp")]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@pytest.fixture(scope="module")
def validator(ontology: Ontology) -> Draft202012Validator:
    schema = record_schema(ontology)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def base() -> dict[str, Any]:
    return {"id": "x", "label": "X", "area": "country-de", "sources": [{"title": "Page"}]}


def test_all_records_are_valid_for_an_editor(validator: Draft202012Validator) -> None:
    for file in RECORDS:
        data = yaml.load(file.read_text("utf-8"), Loader=EditorLoader)  # noqa: S506
        assert [f"{file.name}: {error.json_path}" for error in validator.iter_errors(data)] == []


@pytest.mark.parametrize(
    "change",
    [
        {"id": "Not A Slug"},
        {"colour": "red"},
        {"founded": {"absent": "perhaps"}},
        {"founded": {"absent": "stated-none", "value": 1}},
        {"members": [{"name": "without id"}]},
        {"members_complete": "perhaps"},
        {"websites": [{"url": "ftp://x.example/"}]},
        {"sources": []},
    ],
    ids=str,
)
def test_what_is_wrong_is_seen_while_typing(validator: Draft202012Validator, change: dict[str, Any]) -> None:
    assert validator.is_valid(base())
    assert not validator.is_valid(base() | change)
