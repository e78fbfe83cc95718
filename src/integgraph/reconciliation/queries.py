"""What clients ask, read from JSON: one query, in the form of 0.1 and 0.2, or in that of the draft of 1.0.

Source: Reconciliation Service API 0.1 and 0.2, "Structure of a Reconciliation Query"; draft of 1.0, "Match Service".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from integgraph.errors import Unprocessable
from integgraph.matching.names import MAX_NAME

Quantifier = Literal["any", "all", "none"]

LIMIT, MOST = 10, 100
"""Candidates that are given where a query says no limit, and at most."""
MAX_NAMES, MAX_CONDITIONS, MAX_VALUES, MAX_VALUE = 5, 20, 50, 1_000
_QUANTIFIERS: tuple[Quantifier, ...] = ("any", "all", "none")
_STRICT = ("any", "all", "should")


@dataclass(frozen=True, slots=True)
class Given:
    """A value that a client gives: a text, and the id of an entity where it is one."""

    text: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a property should be.

    Attributes:
        property: Id of the property.
        values: What it should be.
        quantifier: Whether any, all or none of the values should be there.
        required: Only entities that fulfil it are wanted.
    """

    property: str
    values: tuple[Given, ...]
    quantifier: Quantifier = "any"
    required: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """One query.

    Attributes:
        name: The name to match; empty where properties alone are asked.
        kinds: Ids of types; an entity needs one of them, or any type where there are none.
        every_kind: An entity needs all of them.
        conditions: What else is known.
        limit: Most candidates.
        others: Other names of the same; the one that agrees best counts.
    """

    name: str = ""
    kinds: tuple[str, ...] = ()
    every_kind: bool = False
    conditions: tuple[Condition, ...] = ()
    limit: int = LIMIT
    others: tuple[str, ...] = ()


def read_query(raw: object) -> Query:
    """A query of 0.1 or 0.2; a bare text is a name.

    Raises:
        Unprocessable: what is wrong with it, and what is right.

    >>> read_query({"query": "Zora", "type": "actor", "limit": 3}).kinds
    ('actor',)
    """
    if isinstance(raw, str):
        raw = {"query": raw}
    if not isinstance(raw, dict):
        raise Unprocessable('A query is an object such as {"query": "Zora e.V."}.')
    strict = raw.get("type_strict", "any")
    if strict not in _STRICT:
        raise Unprocessable(f"'type_strict' must be one of: {', '.join(_STRICT)}.")
    conditions = tuple(_property(each) for each in _properties(raw))
    return _query(_name(raw, "query"), _kinds(raw), strict == "all", conditions, raw)


def read_draft_query(raw: object) -> Query:
    """A query of the draft of 1.0.

    Raises:
        Unprocessable: what is wrong with it, and what is right.

    >>> read_draft_query({"conditions": [{"matchType": "name", "propertyValue": "Zora"}]}).name
    'Zora'
    """
    if not isinstance(raw, dict) or not _list(raw, "conditions"):
        raise Unprocessable(
            'A query is an object such as {"conditions": [{"matchType": "name", "propertyValue": "Zora e.V."}]}.'
        )
    if "type" in raw and not isinstance(raw["type"], str):
        raise Unprocessable("'type' must be the id of one type.")
    names: list[str] = []
    conditions: list[Condition] = []
    for each in _list(raw, "conditions"):
        kind = each.get("matchType") if isinstance(each, dict) else None
        if kind == "name":
            if each.get("matchQuantifier", "any") != "any":
                raise Unprocessable("Of names 'any' is possible only.")
            names.extend(given.text for given in _values(each, "propertyValue"))
        elif kind == "property":
            conditions.append(_draft_condition(each))
        else:
            raise Unprocessable("Each condition needs 'matchType': name or property.")
    if len(names) > MAX_NAMES:
        raise Unprocessable(f"The query has {len(names)} names, but may have at most {MAX_NAMES}.")
    found = _query(names[0] if names else "", _kinds(raw), False, tuple(conditions), raw)
    return replace(found, others=tuple(names[1:]))


def _query(
    name: str, kinds: tuple[str, ...], every_kind: bool, conditions: tuple[Condition, ...], raw: Mapping[str, Any]
) -> Query:
    if not name.strip() and not conditions:
        raise Unprocessable("The query is empty. Give a name, or properties.")
    return Query(name, kinds, every_kind, conditions, limit_of(raw.get("limit")))


def limit_of(value: object) -> int:
    """A limit that a client gives, at most ``MOST``; ``LIMIT`` where it gives none.

    Raises:
        Unprocessable: it is no whole number above 0.
    """
    if value is None:
        return LIMIT
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:9])
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise Unprocessable("'limit' must be a whole number above 0.")
    return min(value, MOST)


def _name(raw: Mapping[str, Any], key: str) -> str:
    name = raw.get(key, "")
    if not isinstance(name, str):
        raise Unprocessable(f"'{key}' must be a text.")
    return _short(name)


def _short(name: str) -> str:
    if len(name) > MAX_NAME:
        raise Unprocessable(f"The name has {len(name):,} characters, but may have at most {MAX_NAME:,}.")
    return name


def _kinds(raw: Mapping[str, Any]) -> tuple[str, ...]:
    given = raw.get("type")
    if given is None or given == "":
        return ()
    found = []
    for each in given if isinstance(given, list) else [given]:
        kind = each.get("id") if isinstance(each, dict) else each
        if not isinstance(kind, str):
            raise Unprocessable("'type' must be the id of a type, or a list of ids.")
        found.append(kind)
    return tuple(dict.fromkeys(found[:MAX_VALUES]))


def _properties(raw: Mapping[str, Any]) -> Sequence[Any]:
    given = raw.get("properties", [])
    if isinstance(given, dict):  # the text of 0.1 speaks of a map
        given = [{"pid": name, "v": value} for name, value in given.items()]
    return _list({"properties": given}, "properties")


def _list(raw: Mapping[str, Any], key: str) -> Sequence[Any]:
    found = raw.get(key, [])
    if not isinstance(found, list):
        raise Unprocessable(f"'{key}' must be a list.")
    if len(found) > MAX_CONDITIONS:
        raise Unprocessable(f"'{key}' has {len(found)} entries, but may have at most {MAX_CONDITIONS}.")
    return found


def _property(raw: object) -> Condition:
    if not isinstance(raw, dict):
        raise Unprocessable('A property is an object such as {"pid": "places", "v": "Halberstadt"}.')
    return Condition(_id(raw, "pid" if "pid" in raw else "p", "pid"), _values(raw, "v"))  # 0.1 had both names


def _draft_condition(raw: Mapping[str, Any]) -> Condition:
    quantifier = raw.get("matchQuantifier", "any")
    if quantifier not in _QUANTIFIERS:
        raise Unprocessable(f"'matchQuantifier' must be one of: {', '.join(_QUANTIFIERS)}.")
    if raw.get("matchQualifier") is not None:
        raise Unprocessable("No property has a 'matchQualifier' here. Leave it out.")
    required = raw.get("required", False)
    if not isinstance(required, bool):
        raise Unprocessable("'required' must be true or false.")
    name = _id(raw, "propertyId", "propertyId")
    return Condition(name, _values(raw, "propertyValue"), quantifier, required)


def _id(raw: Mapping[str, Any], key: str, shown: str) -> str:
    found = raw.get(key)
    if not isinstance(found, str) or not found:
        raise Unprocessable(f"'{shown}' must be the id of a property.")
    return found


def _values(raw: Mapping[str, Any], key: str) -> tuple[Given, ...]:
    given = raw.get(key)
    values = given if isinstance(given, list) else [given]
    if len(values) > MAX_VALUES:
        raise Unprocessable(f"'{key}' has {len(values)} values, but may have at most {MAX_VALUES}.")
    return tuple(_value(each, key) for each in values)


def _value(value: object, key: str) -> Given:
    if isinstance(value, bool):
        return Given("true" if value else "false")
    if isinstance(value, int | float):
        return Given(f"{value:g}" if isinstance(value, float) else str(value)[:MAX_VALUE])
    if isinstance(value, str):
        return Given(_fitting(value, key))
    if isinstance(value, dict) and isinstance(value.get("id"), str):
        name = value.get("name")
        return Given(_fitting(name if isinstance(name, str) else value["id"], key), _fitting(value["id"], key))
    raise Unprocessable(
        f"'{key}' must be a text, a number, true or false, or an entity with its id, or a list of such."
    )


def _fitting(text: str, key: str) -> str:
    if len(text) > MAX_VALUE:
        raise Unprocessable(f"A value of '{key}' has {len(text):,} characters, but may have at most {MAX_VALUE:,}.")
    return text
