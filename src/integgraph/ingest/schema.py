"""JSON Schema of a record, derived from the form, so that editors complete and check the YAML.

Source: JSON Schema draft 2020-12.
"""

from __future__ import annotations

from typing import Any

from integgraph.ingest import kinds
from integgraph.ingest.record import REASONS
from integgraph.ontology import Field, Ontology, Shape

SCHEMA_ID = "https://w3id.org/integgraph/record.schema.json"


def record_schema(ontology: Ontology) -> dict[str, Any]:
    """The schema of one record file.

    >>> schema = record_schema(Ontology.load())
    >>> "founded" in schema["properties"], schema["required"][:2]
    (True, ['id', 'label'])
    """
    slug = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}
    language = {"type": "string", "pattern": "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"}
    header = {
        "id": slug | {"description": "Slug of the network, unique in the collection."},
        "edition": slug | {"description": "Tells two profiles of one network apart."},
        "language": language | {"description": "Language of the texts."},
        "names_language": language | {"description": "Language of the names, if another."},
    }
    fields = ontology.form.fields
    definitions = {
        "actor": _shape(ontology.form.actor, ontology, {"id": slug, "group": {"enum": ["yes", True]}}, ["id"])
    }
    for shape in ontology.form.shapes.values():
        inline = shape.inline
        extra = definitions["actor"]["properties"] if inline else {}
        definitions[shape.iri.rpartition("#")[2]] = _shape(shape, ontology, extra, [])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "Profile of a network of integration actors",
        "type": "object",
        "additionalProperties": False,
        "required": ["id", *(each.key for each in fields if each.minimum)],
        "properties": header | {each.key: _answer(each, ontology) for each in fields},
        "$defs": definitions | {"absence": _absence()},
    }


def _absence() -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["absent"],
        "properties": {"absent": {"enum": list(REASONS)}, "raw": {"type": ["string", "number"]}},
    }


def _answer(each: Field, ontology: Ontology) -> dict[str, Any]:
    described = {"title": each.name("en"), "description": each.help.get("en", "")}
    return described | {"anyOf": [{"$ref": "#/$defs/absence"}, *_values(each, ontology)]}


def _values(each: Field, ontology: Ontology) -> list[dict[str, Any]]:
    one = kinds.KINDS[each.kind].schema(each, ontology)
    return [one] if each.single else [one, {"type": "array", "items": one, "minItems": 1}]


def _shape(shape: Shape, ontology: Ontology, extra: dict[str, Any], required: list[str]) -> dict[str, Any]:
    parts = {part.key: {"title": part.name("en"), "anyOf": _values(part, ontology)} for part in shape.parts}
    needed = [part.key for part in shape.parts if part.minimum and not part.inline and part.default is None]
    schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": {**extra, **parts},
        "required": [*required, *needed],
    }
    if shape.inline:  # an organisation is defined in the row, or named by its id
        schema["anyOf"] = [{"required": ["id"]}, {"required": [shape.inline.key]}]
    return schema
