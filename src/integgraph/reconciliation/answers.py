"""Answers as JSON, in the form of 0.1 and 0.2 or in that of the draft of 1.0.

A query or an entity that cannot be answered does not spoil the others: its place holds an empty answer and, under
``error``, what is wrong. The specification leaves errors of single queries open.

Source: Reconciliation Service API 0.2 and draft of 1.0: "Reconciliation Query Responses", "Suggest Responses",
"Flyout Services", "Data Extension Responses", "Data Extension Property Proposals".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from integgraph.errors import Gone, IntegGraphError, QueryTooLarge, Unprocessable
from integgraph.reconciliation.collection import Entity, Kind, Property, Value, text_in
from integgraph.reconciliation.queries import read_draft_query, read_query
from integgraph.reconciliation.reconciler import Found, Reconciler, Resolved, asked_for, page_of

Json = dict[str, Any]

DRAFT = "1.0"
"""The version whose answers have a form of their own; those of 0.1 and 0.2 are alike."""
_PREVIEWED = (
    "kinds_stated", "sectors", "legal_forms", "seat", "places", "area", "takes_part_in", "mentioned_by", "coordination",
    "members", "fields_of_action", "target_groups", "founded", "websites", "place_kind", "within", "countries", "nuts",
    "definition", "broader",
)  # fmt: skip
_SHOWN, _LONGEST = 5, 200
_MAX_PROPERTIES = 100


class Answers:
    """Writes the answers of a :class:`Reconciler`."""

    def __init__(self, reconciler: Reconciler) -> None:
        self._all = reconciler

    # -- queries

    def match(self, queries: Sequence[object], version: str, language: str) -> str:
        """The answer to each query, as one line of JSON, in the same order."""
        return "\n".join(_text(self._match(raw, version, language)) for raw in queries)

    def _match(self, raw: object, version: str, language: str) -> Json:
        key = "candidates" if version == DRAFT else "result"
        try:
            query = read_draft_query(raw) if version == DRAFT else read_query(raw)
            found = self._all.match(query)
        except (Unprocessable, Gone) as error:
            return {key: [], "error": _error(error)}
        return {key: [self._candidate(each, version, language) for each in found]}

    def _candidate(self, found: Found, version: str, language: str) -> Json:
        weights: dict[str, float] = {}
        sentences: dict[str, list[str]] = {}
        for ground in found.grounds:
            weights[ground.name] = weights.get(ground.name, 0.0) + ground.weight
            sentences.setdefault(ground.name, []).append(ground.text(language))
        features: list[Json] = [{"id": name, "value": round(weight, 4)} for name, weight in weights.items()]
        if version == DRAFT:
            features = [{**each, "name": " ".join(sentences[each["id"]])} for each in features]
        answer = {
            **self._named(found.entity, language),
            "type": self._types(found.entity, language),
            "score": round(100 * found.score, 2),
            "match": found.match,
            "features": features,
        }
        if found.merged_from:
            answer["description"] = Resolved(found.merged_from, found.entity, True).say(language)
        return answer

    def _named(self, entity: Entity, language: str) -> Json:
        about = self._all.describe(entity, language)
        return {"id": entity.iri, "name": entity.name(language), **({"description": about} if about else {})}

    def _types(self, entity: Entity, language: str) -> list[Json]:
        return [{"id": kind, "name": text_in(self._all.kinds[kind].names, language)} for kind in entity.kinds]

    # -- suggestions

    def suggest(
        self, what: str, prefix: str, kinds: Sequence[str], limit: int | None, offset: int | None, language: str
    ) -> Json:
        """Suggestions of entities, types or properties."""
        most, before = page_of(limit, offset)
        if what == "entity":
            found = self._all.suggest_entities(prefix, kinds, language, most, before)
            return {
                "result": [{**self._named(each, language), "notable": self._types(each, language)} for each in found]
            }
        if what == "type":
            return {"result": [_of_kind(each, language) for each in self._all.suggest_kinds(prefix, most, before)]}
        properties = self._all.suggest_properties(prefix, kinds, most, before)
        return {"result": [self._of_property(each, language) for each in properties]}

    def _of_property(self, one: Property, language: str) -> Json:
        about = text_in(one.meanings, language)
        return {"id": one.id, "name": text_in(one.names, language), **({"description": about} if about else {})}

    def flyout(self, what: str, id: str, language: str) -> Json:
        """A small piece of HTML about an entity, a type or a property."""
        if what == "entity":
            found = self._all.resolve(id)
            if found.entity is None:
                asked_for(found)
            shown = self._named(found.entity, language) if found.entity else {}
            told = found.say(language)
        else:
            shown = (
                _of_kind(self._all.kind(id), language)
                if what == "type"
                else self._of_property(self._all.property(id), language)
            )
            told = ""
        parts = [f"<strong>{escape(shown['name'])}</strong>", escape(shown.get("description", "")), escape(told)]
        return {"id": id, "html": "".join(f"<p>{part}</p>" for part in parts if part)}

    # -- entities

    def preview(self, id: str, language: str) -> Json:
        """What a preview shows: name, types, one line, some values, and what became of the identifier."""
        found = self._all.resolve(id)
        entity = found.entity
        told = {"standing": found.standing, "told": found.say(language)}
        if entity is None:
            name = found.withdrawn.name if found.withdrawn is not None else ""
            empty = {"description": "", "types": [], "values": []}
            return {"id": found.asked, "name": name or id[:_LONGEST], **empty, **told}
        shown = [name for name in _PREVIEWED if name != "places" or not self._all.values(entity, "seat")]
        about = "" if self._all.is_body(entity) else self._all.describe(entity, language)  # values say it of bodies
        return {
            "id": entity.iri,
            "name": entity.name(language),
            "description": about,
            **told,
            "types": [each["name"] for each in self._types(entity, language)],
            "values": [
                [text_in(one.names, language), self._shown(one, values, language)]
                for name in shown
                if (one := self._all.properties.get(name)) is not None and (values := self._all.values(entity, name))
            ],
        }

    def _shown(self, one: Property, values: Sequence[Value], language: str) -> str:
        words = [self._all.words(one, value, language) for value in values[:_SHOWN]]
        text = "; ".join(words) + (f" (+ {len(values) - _SHOWN})" if len(values) > _SHOWN else "")
        return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"

    def view(self, id: str) -> Json:
        """The IRI that an identifier leads to; one that is unknown here leads to itself."""
        found = self._all.resolve(id)
        return {"iri": found.entity.iri if found.entity is not None else found.asked}

    def extend(self, ids: Sequence[str], properties: Sequence[Mapping[str, Any]], version: str, language: str) -> Json:
        """Values of properties of entities; of one that is gone there is nothing but its standing.

        Raises:
            Unprocessable: a property or a setting that does not exist.
        """
        given = {each["id"]: each for each in properties}
        asked = [(self._all.property(id), _most_values(each)) for id, each in given.items()]
        rows: dict[str, dict[str, list[Json]]] = {}
        errors: Json = {}
        for id in dict.fromkeys(ids):
            found = self._all.resolve(id)
            rows[id] = {one.id: self._extended(found, one, most, language) for one, most in asked}
            if found.entity is None:
                errors[id] = _error(_refusal(found))
        meta = [self._meta(one, language) for one, _ in asked]
        told = {"errors": errors} if errors else {}
        if version != DRAFT:
            return {"meta": meta, "rows": rows, **told}
        listed = [
            {"id": id, "properties": [{"id": name, "values": values} for name, values in row.items()]}
            for id, row in rows.items()
        ]
        return {"meta": meta, "rows": listed, **told}

    def _meta(self, one: Property, language: str) -> Json:
        kind = self._all.kinds.get(one.range)
        named = {"type": {"id": kind.id, "name": text_in(kind.names, language)}} if kind is not None else {}
        return {"id": one.id, "name": text_in(one.names, language), **named}

    def _extended(self, found: Resolved, one: Property, most: int, language: str) -> list[Json]:
        if found.entity is None:
            return [{"str": found.standing}] if one.id == "standing" else []
        values = self._all.values(found.entity, one.id, found)
        return [self._value(one, value, language) for value in (values[:most] if most else values)]

    def _value(self, one: Property, value: Value, language: str) -> Json:
        if one.form == "entity":
            named = self._all.entity(str(value))
            if named is None:  # a group without a name of its own is no entity
                return {"str": self._all.collection.labels.get(str(value), str(value))}
            return {"id": named.iri, "name": named.name(language)}
        if isinstance(value, bool):
            return {"bool": value}
        if isinstance(value, int):
            return {"int": value}
        return {"float": value} if isinstance(value, float) else {"str": value}

    def propose(self, kind: str, limit: int | None, language: str) -> Json:
        """Properties to extend with, for a type.

        Raises:
            Unprocessable: there is no such type.
        """
        found = self._all.propose(kind, limit)
        answer: Json = {
            "type": kind,
            "properties": [{"id": one.id, "name": text_in(one.names, language)} for one in found],
        }
        return answer if limit is None else {**answer, "limit": limit}


def _of_kind(kind: Kind, language: str) -> Json:
    found: Json = {"id": kind.id, "name": text_in(kind.names, language)}
    about = text_in(kind.meanings, language)
    return {**found, "description": about} if about else found


def _most_values(asked: Mapping[str, Any]) -> int:
    settings = asked.get("settings") or {}
    unknown = sorted(set(settings) - {"limit"})
    if unknown:
        raise Unprocessable(f"There is no setting '{unknown[0][:80]}' of a property. There is: limit.")
    most = settings.get("limit", 0)
    if isinstance(most, str) and (not most or (most.isascii() and most.isdigit())):
        most = int(most[:9] or 0)
    if isinstance(most, bool) or not isinstance(most, int) or most < 0:
        raise Unprocessable("The setting 'limit' must be a whole number; 0 for all values.")
    return most


def _refusal(found: Resolved) -> IntegGraphError:
    try:
        asked_for(found)
    except IntegGraphError as error:
        return error
    raise AssertionError(found)


def _error(error: IntegGraphError) -> Json:
    return {"type": type(error).__name__, "detail": str(error)}


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def as_bytes(answer: Json | str) -> bytes:
    """An answer as it is sent. Half characters, which JSON can spell and UTF-8 cannot, become question marks."""
    return (answer if isinstance(answer, str) else _text(answer)).encode("utf-8", "replace")


METHODS: Mapping[str, Callable[..., Any]] = {
    name: getattr(Answers, name) for name in ("match", "suggest", "flyout", "preview", "view", "extend", "propose")
}
"""What may be asked for."""


def read_extension(raw: object, most: int) -> tuple[list[str], list[Mapping[str, Any]]]:
    """Ids and properties of a data extension query.

    Raises:
        Unprocessable: it is none; the text says how one looks.
        QueryTooLarge: it asks for more than ``most`` entities.
    """
    if not isinstance(raw, dict) or not isinstance(raw.get("ids"), list) or not isinstance(raw.get("properties"), list):
        raise Unprocessable(
            'A data extension query is an object such as {"ids": ["…"], "properties": [{"id": "places"}]}.'
        )
    ids, properties = raw["ids"], raw["properties"]
    if not all(isinstance(each, str) for each in ids):
        raise Unprocessable("'ids' must be a list of identifiers.")
    if len(ids) > most:
        raise QueryTooLarge(f"The query asks for {len(ids):,} entities; at most {most:,} are possible at once.")
    if len(properties) > _MAX_PROPERTIES:
        raise Unprocessable(
            f"The query asks for {len(properties):,} properties; at most {_MAX_PROPERTIES} are possible."
        )
    for each in properties:
        settings = each.get("settings") if isinstance(each, dict) else None
        if not isinstance(each, dict) or not isinstance(each.get("id"), str) or not isinstance(settings, dict | None):
            raise Unprocessable('Each property must be an object such as {"id": "places"}.')
    return ids, properties
