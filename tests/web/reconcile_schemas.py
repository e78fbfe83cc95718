"""JSON schemas of all answers of the reconciliation service, written from the text of the specification.

They are stricter than it where it leaves things open: what it does not name may not be there, but for ``error`` and
``errors``, which say what is wrong with one query or one entity of many.

Source: Reconciliation Service API 0.2 (W3C Entity Reconciliation Community Group, 2023) and draft of 1.0.
"""

from __future__ import annotations

from typing import Any

import jsonschema

Schema = dict[str, Any]


def _object(required: dict[str, Schema], **optional: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False,
    }


def _list(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


def _by_key(values: Schema) -> Schema:
    return {"type": "object", "additionalProperties": values}


TEXT: Schema = {"type": "string", "minLength": 1}
NUMBER: Schema = {"type": "number"}
TRUTH: Schema = {"type": "boolean"}
ADDRESS: Schema = {"type": "string", "pattern": "^https?://"}
PIXELS: Schema = {"type": "integer", "minimum": 1}
TYPE = _object({"id": TEXT, "name": TEXT})
ERROR = _object({"type": TEXT, "detail": TEXT})


# -- manifests

_NO_SETTING_TWICE = {"uniqueItems": True}
_SERVICE = _object({"service_url": ADDRESS, "service_path": {"type": "string", "pattern": "^/"}})
_SUGGEST = _object(
    {"service_url": ADDRESS, "service_path": {"type": "string", "pattern": "^/"}},
    flyout_service_url=ADDRESS,
    flyout_service_path={"type": "string", "pattern": r"^/.*\$\{id\}"},
)
_KIND_OF_SETTING = {"enum": ["number", "text", "checkbox", "select"]}
_SETTING = _object(
    {"name": TEXT, "label": TEXT, "type": _KIND_OF_SETTING},
    default={},
    help_text=TEXT,
    choices=_list({"type": "object"}),
)
_TEMPLATE = {"type": "string", "pattern": r"^https?://.*\{\{id\}\}"}
MANIFEST = _object(
    {
        "versions": _list({"enum": ["0.1", "0.2"]}, minItems=1, uniqueItems=True),
        "name": TEXT,
        "identifierSpace": ADDRESS,
        "schemaSpace": ADDRESS,
    },
    defaultTypes=_list(TYPE, minItems=1),
    documentation=ADDRESS,
    logo=ADDRESS,
    serviceVersion=TEXT,
    view=_object({"url": _TEMPLATE}),
    preview=_object({"url": _TEMPLATE, "width": PIXELS, "height": PIXELS}),
    suggest=_object({}, entity=_SUGGEST, type=_SUGGEST, property=_SUGGEST),
    extend=_object({}, propose_properties=_SERVICE, property_settings=_list(_SETTING, **_NO_SETTING_TWICE)),
    batchSize={"type": "integer", "minimum": 1},
)

_DRAFT_SETTING = _object(
    {"id": TEXT, "name": TEXT, "type": _KIND_OF_SETTING, "default": {}, "helpText": TEXT}, choices=_list({})
)
DRAFT_MANIFEST = _object(
    {
        "versions": _list(TEXT, contains={"const": "1.0-draft"}),
        "name": TEXT,
        "view": _object({"url": {"type": "string", "pattern": r"^https?://.*\{\+?id\}"}}),
    },
    defaultTypes=_list(TYPE, minItems=1),
    documentation=ADDRESS,
    logo=ADDRESS,
    serviceVersion=TEXT,
    preview=_object({"width": PIXELS, "height": PIXELS}),
    suggest=_object({}, entity=TRUTH, type=TRUTH, property=TRUTH),
    extend=_object({}, proposeProperties=TRUTH, propertySettings=_list(_DRAFT_SETTING)),
    batchSize={"type": "integer", "minimum": 1},
    lang={"enum": ["en", "de"]},
    standardizedScore=TRUTH,
)


# -- candidates

_VALUE = {"type": ["number", "boolean"]}
_CANDIDATE: dict[str, Schema] = {
    "id": TEXT,
    "name": TEXT,
    "type": _list(TYPE),
    "score": {"type": "number", "minimum": 0, "maximum": 100},
    "match": TRUTH,
}
_RESULT = _object(
    {
        "result": _list(
            _object(_CANDIDATE, description=TEXT, features=_list(_object({"id": TEXT, "value": _VALUE}), minItems=1))
        )
    },
    error=ERROR,
)
RESULT = _RESULT
BATCH = _by_key(_RESULT)
DRAFT_BATCH = _object(
    {
        "results": _list(
            _object(
                {
                    "candidates": _list(
                        _object(
                            _CANDIDATE,
                            description=TEXT,
                            features=_list(_object({"id": TEXT, "name": TEXT, "value": _VALUE}), minItems=1),
                        )
                    )
                },
                error=ERROR,
            )
        )
    }
)


# -- suggestions, data extension

SUGGESTED_ENTITIES = _object(
    {"result": _list(_object({"id": TEXT, "name": TEXT}, description=TEXT, notable=_list(TYPE)))}
)
SUGGESTED = _object({"result": _list(_object({"id": TEXT, "name": TEXT}, description=TEXT))})
FLYOUT = _object({"id": TEXT, "html": TEXT})
PROPOSED = _object({"type": {"type": "string"}, "properties": _list(TYPE)}, limit={"type": "integer", "minimum": 0})
_EXTENDED: Schema = {
    "oneOf": [
        _object({"id": TEXT, "name": TEXT}),
        *(_object({key: {"type": kind}}) for key, kind in (("str", "string"), ("int", "integer"), ("bool", "boolean"))),
        _object({"float": NUMBER}),
    ]
}
_META = _list(_object({"id": TEXT, "name": TEXT}, type=TYPE))
EXTENSION = _object({"meta": _META, "rows": _by_key(_by_key(_list(_EXTENDED)))}, errors=_by_key(ERROR))
_CELLS = _list(_object({"id": TEXT, "values": _list(_EXTENDED)}))
DRAFT_EXTENSION = _object(
    {"meta": _META, "rows": _list(_object({"id": TEXT, "properties": _CELLS}))}, errors=_by_key(ERROR)
)

# -- what goes wrong (RFC 9457)

PROBLEM: Schema = {
    "type": "object",
    "properties": {"type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT},
    "required": ["type", "title", "status", "detail"],
}


def valid(schema: Schema, answer: Any) -> Any:
    """The answer, which must fit the schema."""
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(answer, schema, cls=jsonschema.Draft202012Validator)
    return answer
