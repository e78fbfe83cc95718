"""Finds what clients ask for: candidates for a name, suggestions while they type, what is known of an entity."""

from __future__ import annotations

import math
from array import array
from collections.abc import Collection as Ids
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from integgraph.errors import Gone, NotFound, Unprocessable
from integgraph.matching import Candidate, Gazetteer, Ground, Matcher
from integgraph.matching.evidence import logistic
from integgraph.ontology import VOCABULARY, near
from integgraph.reconciliation.collection import (
    ACTOR,
    FUNDER,
    NETWORK,
    PLACE,
    Collection,
    Entity,
    Kind,
    Property,
    Value,
    Withdrawn,
)
from integgraph.reconciliation.queries import Condition, Given, Query
from integgraph.search import SearchIndex, fold

_BODIES = frozenset({ACTOR, NETWORK, FUNDER})
_LEAST = math.log(0.01 / 0.99)  # candidates below one in a hundred are noise
_SURE, _CLEAR = math.log(0.9 / 0.1), 2.0
"""Log-odds from which a candidate is a match, and by how much it must be before the next one."""
_AGREES = 1.0  # log-odds of a property that is compared by value, for or against
_EQUAL = 6.0  # log-odds of a term or place whose name is the very one, however it is spelled
_BY_ID = 8.0
_BY_PROPERTIES = 0.5  # score where all properties agree and no name was given: never a match
_VISITED = 5_000
_SUGGESTED, _MOST_SUGGESTED = 10, 100
_INDEXED_TEXTS = frozenset({"countries", "websites", "email", "nuts", "nuts3", "place_kind", "vocabulary", "founded"})
"""Properties beside those with entities that can be asked for without a name."""


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate.

    Attributes:
        entity: The entity.
        score: From 0 to 1.
        grounds: What speaks for and against it; a ground a feature.
        match: Whether it may be taken without a look.
        merged_from: IRI that was asked for and became this entity; empty for none.
    """

    entity: Entity
    score: float
    grounds: tuple[Ground, ...]
    match: bool = False
    merged_from: str = ""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What an identifier stands for.

    Attributes:
        asked: The IRI that was asked for.
        entity: The entity it names today; ``None`` where it names none.
        merged: Whether it was another entity before.
        withdrawn: What is left of it, where it was withdrawn.
    """

    asked: str
    entity: Entity | None = None
    merged: bool = False
    withdrawn: Withdrawn | None = None

    @property
    def standing(self) -> str:
        """In one word: current, merged, withdrawn or unknown."""
        if self.entity is not None:
            return "merged" if self.merged else "current"
        return "withdrawn" if self.withdrawn is not None else "unknown"

    def say(self, language: str = "en") -> str:
        """In one sentence; empty where it is what it was."""
        german = language == "de"
        if self.entity is not None:
            if not self.merged:
                return ""
            name = self.entity.name(language)
            return (
                f"Die Kennung steht heute für: {name}." if german else f"The identifier stands for this today: {name}."
            )
        stone = self.withdrawn
        if stone is not None:
            name = f" ({stone.name})" if stone.name else ""
            if german:
                return f"Dies{name} wurde am {stone.day} zurückgezogen; zuletzt stand es in {stone.release}."
            return f"This{name} was withdrawn on {stone.day}; the last release with it is {stone.release}."
        return "Diese Kennung gibt es nicht." if german else "There is no such identifier."


@dataclass(frozen=True, slots=True)
class _Asked:
    """A condition, ready to be compared with many entities.

    Attributes:
        property: Its property.
        condition: The condition.
        keys: What each of its values is compared by.
    """

    property: Property
    condition: Condition
    keys: tuple[frozenset[Value], ...]

    def holds(self, values: Ids[Value]) -> bool:
        """Whether these values fulfil it."""
        agreeing = (not keys.isdisjoint(values) for keys in self.keys)
        if self.condition.quantifier == "all":
            return all(agreeing)
        return any(agreeing) if self.condition.quantifier == "any" else not any(agreeing)


class Reconciler:
    """Answers over one collection; never changes anything. It starts no threads, so its process may be forked.

    Args:
        collection: What there is.
        index: The search index of the release, for suggestions; opened when it is first asked.
    """

    def __init__(self, collection: Collection, index: Path | None = None) -> None:
        self.collection = collection
        self.kinds = {kind.id: kind for kind in collection.kinds}
        self.properties = {one.id: one for one in collection.properties}
        self._index_file = index
        self._index: SearchIndex | None = None
        self._numbers = {entity.iri: number for number, entity in enumerate(collection.entities)}
        self._named: dict[str, array[int]] = {}
        self._valued: dict[tuple[str, Value], array[int]] = {}
        self._inside: dict[str, list[str]] = {}
        for number, entity in enumerate(collection.entities):
            self._note(number, entity)
        gazetteer = Gazetteer.load(collection.places)
        self._bodies = Matcher(collection.candidates, gazetteer=gazetteer)
        self._funders = Matcher(self._of_kind(FUNDER), gazetteer=gazetteer)
        # Terms and places are matched by their names alone: a place in the name of a place is no evidence of its seat.
        self._terms = Matcher(
            (
                Candidate(entity.iri, (*entity.names.values(), *entity.also), kinds=entity.kinds)
                for entity in collection.entities
                if _BODIES.isdisjoint(entity.kinds)
            ),
            gazetteer=Gazetteer(()),
        )

    def _note(self, number: int, entity: Entity) -> None:
        for name in {fold(text) for text in (*entity.names.values(), *entity.also)}:
            if name:
                self._named.setdefault(name, array("I")).append(number)
        for property, values in entity.values.items():
            known = self.properties.get(property)
            if known is not None and (known.form == "entity" or property in _INDEXED_TEXTS):
                for value in values:
                    key = value if known.form == "entity" else fold(str(value))
                    self._valued.setdefault((property, key), array("I")).append(number)
        if PLACE in entity.kinds:
            for wider in entity.values.get("within", ()):
                self._inside.setdefault(str(wider), []).append(entity.iri)

    def _of_kind(self, kind: str) -> Iterator[Candidate]:
        for candidate in self.collection.candidates:
            number = self._numbers.get(self._iri(candidate))
            if number is not None and kind in self.collection.entities[number].kinds:
                yield candidate

    def _iri(self, candidate: Candidate) -> str:
        return self.collection.base_iri + candidate.id.replace(":", "/", 1)

    # -- looking up

    def kind(self, text: str) -> Kind:
        """The type with this id or IRI.

        Raises:
            Unprocessable: there is none; those that are near are named.
        """
        if text in self.kinds:
            return self.kinds[text]
        for kind in self.collection.kinds:
            if kind.iri == text:
                return kind
        raise Unprocessable(_no_such("type", text, self.kinds))

    def property(self, text: str) -> Property:
        """The property with this id.

        Raises:
            Unprocessable: there is none; those that are near are named.
        """
        if text in self.properties:
            return self.properties[text]
        raise Unprocessable(_no_such("property", text, self.properties))

    def entity(self, iri: str) -> Entity | None:
        """The entity with this very IRI."""
        number = self._numbers.get(iri)
        return None if number is None else self.collection.entities[number]

    def resolve(self, text: str) -> Resolved:
        """What an identifier stands for: an IRI, or short as ``actor/zora``."""
        iri = asked = self.collection.iri(text)
        seen = {iri}
        while (found := self.entity(iri)) is None and (further := self.collection.merged.get(iri)) is not None:
            if further in seen:
                break
            seen.add(further)
            iri = further
        if found is not None:
            return Resolved(asked, found, iri != asked)
        return Resolved(asked, withdrawn=self.collection.withdrawn.get(iri))

    def values(self, entity: Entity, property: str, asked: Resolved | None = None) -> tuple[Value, ...]:
        """The values of a property; of ``standing`` and ``replaced_by`` for the identifier that was asked for."""
        if property == "id":
            return (entity.id,)
        if property == "names_also":
            return tuple(dict.fromkeys(name for name in entity.also if name not in entity.names.values()))
        if property in ("label_en", "label_de"):
            found = entity.names.get(property[-2:])
            return (found,) if found else ()
        if property == "standing":
            return (asked.standing if asked else "current",)
        if property == "replaced_by":
            return (entity.iri,) if asked is not None and asked.merged else ()
        return entity.values.get(property, ())

    # -- matching

    def match(self, query: Query) -> list[Found]:
        """Candidates, the likeliest first.

        Raises:
            Unprocessable: a type or a property that does not exist.
            Gone: the name is the identifier of what was withdrawn.
        """
        kinds = [self.kind(text).id for text in query.kinds]
        conditions = [self._asked(each) for each in query.conditions]
        named = self._by_id(query.name, kinds)
        if named is not None:
            return named
        if not query.name.strip():
            return self._by_properties(query, kinds, conditions)
        best: dict[str, tuple[float, Entity, tuple[Ground, ...]]] = {}
        for name in (query.name, *query.others):
            for hit in self._by_name(name, query.limit, kinds, conditions):
                known = best.get(hit[1].iri)
                if known is None or hit[0] > known[0]:
                    best[hit[1].iri] = hit
        found = [
            (total + sum(ground.weight for ground in more), entity, (*grounds, *more))
            for total, entity, grounds in best.values()
            if _is_of(entity, kinds, query.every_kind)
            and all(self._holds(entity, asked) for asked in conditions if asked.condition.required)
            for more in [tuple(self._compared(entity, conditions))]
        ]
        found.sort(key=lambda each: -each[0])
        found = [each for each in found if each[0] >= _LEAST][: query.limit + 1]
        sure = bool(found) and found[0][0] >= _SURE and (len(found) == 1 or found[0][0] - found[1][0] >= _CLEAR)
        return [
            Found(entity, logistic(total), grounds, sure and number == 0)
            for number, (total, entity, grounds) in enumerate(found[: query.limit])
        ]

    def _by_id(self, name: str, kinds: Ids[str]) -> list[Found] | None:
        """The entity whose identifier was given as a name; ``None`` where it is none."""
        text = name.strip()
        is_iri = text.startswith((self.collection.base_iri, VOCABULARY))
        if not is_iri and not _looks_like_id(text):
            return None
        found = self.resolve(text)
        if found.withdrawn is not None:
            raise Gone(found.say())
        if found.entity is None:
            return [] if is_iri else None
        ground = Ground("id", _BY_ID, "This is its identifier.", "Dies ist seine Kennung.")
        score = logistic(_BY_ID)
        return [Found(found.entity, score, (ground,), _is_of(found.entity, kinds), found.asked if found.merged else "")]

    def _by_name(
        self, name: str, limit: int, kinds: Sequence[str], conditions: Sequence[_Asked]
    ) -> Iterator[tuple[float, Entity, tuple[Ground, ...]]]:
        more = limit + 1 if not conditions and len(kinds) < 2 else 2 * limit + 20
        bodies, terms = _BODIES.intersection(kinds), [kind for kind in kinds if kind not in _BODIES]
        if bodies or not kinds:
            matcher = self._funders if set(kinds) == {FUNDER} else self._bodies
            for hit in matcher.find(
                name,
                properties=self._evidence(conditions),
                kind=NETWORK if bodies == {NETWORK} and not terms else None,
                limit=more + (20 if ACTOR in bodies else 0),
            ):
                entity = self.entity(self._iri(hit.candidate))
                if entity is not None:
                    yield sum(ground.weight for ground in hit.grounds), entity, hit.grounds
        if terms or not kinds:
            yield from self._terms_named(name, terms[0] if len(kinds) == 1 else None, more)

    def _terms_named(
        self, name: str, kind: str | None, limit: int
    ) -> Iterator[tuple[float, Entity, tuple[Ground, ...]]]:
        equal = {
            entity.iri: entity
            for entity in self._bearers(name)
            if _BODIES.isdisjoint(entity.kinds) and (kind is None or kind in entity.kinds)
        }
        same = Ground("name", _EQUAL, "The names are equal.", "Die Namen sind gleich.")
        for entity in equal.values():
            yield _EQUAL, entity, (same,)
        for hit in self._terms.find(name, kind=kind, limit=limit + len(equal)):
            found = self.entity(hit.candidate.id)
            if found is not None and found.iri not in equal:
                grounds = tuple(ground for ground in hit.grounds if ground.name == "name")
                yield sum(ground.weight for ground in grounds), found, grounds

    def _bearers(self, name: str) -> Iterator[Entity]:
        return (self.collection.entities[number] for number in self._named.get(fold(name), ()))

    def _by_properties(self, query: Query, kinds: Sequence[str], conditions: Sequence[_Asked]) -> list[Found]:
        gained: dict[int, int] = {}
        for asked in conditions:
            one = asked.property
            if one.form != "entity" and one.id not in _INDEXED_TEXTS:
                known = sorted(
                    {each.id for each in self.collection.properties if each.form == "entity"} | _INDEXED_TEXTS
                )
                raise Unprocessable(
                    f"By '{one.id}' alone nothing can be found. Give a name, or one of: {', '.join(known)}."
                )
            if asked.condition.quantifier == "none":
                continue
            for key in sorted(frozenset().union(*asked.keys), key=str):
                for number in self._valued.get((one.id, key), ())[:_VISITED]:
                    gained[number] = gained.get(number, 0) + 1
        found = []
        for number in sorted(gained, key=lambda each: (-gained[each], each))[:_VISITED]:
            entity = self.collection.entities[number]
            if not _is_of(entity, kinds, query.every_kind):
                continue
            agreeing = [self._holds(entity, asked) for asked in conditions]
            if all(agrees for agrees, asked in zip(agreeing, conditions, strict=True) if asked.condition.required):
                found.append((sum(agreeing) / len(conditions), entity))
        found.sort(key=lambda each: -each[0])
        return [
            Found(entity, _BY_PROPERTIES * share, tuple(self._compared(entity, conditions, every=True)))
            for share, entity in found[: query.limit]
        ]

    # -- properties

    def _asked(self, condition: Condition) -> _Asked:
        one = self.property(condition.property)
        return _Asked(one, condition, tuple(self._keys(one, given) for given in condition.values))

    def _evidence(self, conditions: Iterable[_Asked]) -> dict[str, list[str]]:
        """What the matcher is told beside the name."""
        found: dict[str, list[str]] = {}
        for asked in conditions:
            one = asked.property
            if one.evidence and asked.condition.quantifier != "none":
                for given in asked.condition.values:
                    found.setdefault(one.evidence, []).extend(self._as_evidence(one, given))
        return {name: values for name, values in found.items() if values}

    def _as_evidence(self, one: Property, given: Given) -> list[str]:
        if one.evidence == "country" and len(given.text.strip()) != 2:
            return [
                str(code)
                for entity in self._bearers(given.text)
                if "country" in entity.values.get("place_kind", ())
                for code in entity.values.get("countries", ())
            ]
        if one.form != "entity":
            return [given.text.strip()]
        known = [iri.rpartition("/")[2] for iri in self._entities(one, given)]
        if one.evidence == "kind":
            return known
        return known or [given.text]

    def _entities(self, one: Property, given: Given) -> list[str]:
        """IRIs of the entities that a value names."""
        for text in filter(None, (given.id, given.text if "/" in given.text else "")):
            found = self.resolve(text)
            if found.entity is not None:
                return [found.entity.iri]
        bearers = list(self._bearers(given.text))
        if one.range:
            bearers = [entity for entity in bearers if one.range in entity.kinds]
            direct = self.resolve(f"{one.range}/{given.text.strip()}").entity if given.text.strip() else None
            if direct is not None and direct not in bearers:
                bearers.append(direct)
        return [entity.iri for entity in bearers]

    def _keys(self, one: Property, given: Given) -> frozenset[Value]:
        """What a value is compared by; a place stands for all that lies in it."""
        if one.form != "entity":
            folded = fold(given.text)
            return frozenset({folded} if folded else ())
        found = set(self._entities(one, given))
        waiting = list(found)
        while waiting:
            for inner in self._inside.get(waiting.pop(), ()):
                if inner not in found:
                    found.add(inner)
                    waiting.append(inner)
        return frozenset(found)

    def _holds(self, entity: Entity, asked: _Asked) -> bool:
        values = self.values(entity, asked.property.id)
        if asked.property.form == "entity":
            return asked.holds(values)
        words = (("true" if value else "false") if isinstance(value, bool) else str(value) for value in values)
        return asked.holds({fold(word) for word in words})

    def _compared(self, entity: Entity, conditions: Iterable[_Asked], *, every: bool = False) -> Iterator[Ground]:
        """Grounds of the properties that the matcher does not weigh; nothing where the entity has no value."""
        is_body = self.is_body(entity)
        for asked in conditions:
            one = asked.property
            if is_body and one.evidence and asked.condition.quantifier != "none" and not every:
                continue
            if not self.values(entity, one.id):
                continue
            agrees = self._holds(entity, asked)
            yield Ground(
                f"property:{one.id}",
                _AGREES if agrees else -_AGREES,
                f"{one.names['en']}: {'agrees' if agrees else 'differs'}.",
                f"{one.names.get('de', one.id)}: {'stimmt überein' if agrees else 'weicht ab'}.",
            )

    # -- suggesting

    def suggest_entities(
        self, prefix: str, kinds: Sequence[str], language: str, limit: int, offset: int
    ) -> list[Entity]:
        """Entities whose name begins so, or whose identifier it is; all of them for an empty beginning."""
        wanted = [self.kind(text).id for text in kinds]
        if not prefix.strip():
            fitting = (entity for entity in self.collection.entities if _is_of(entity, wanted))
            return [entity for number, entity in zip(range(offset + limit), fitting, strict=False) if number >= offset]
        found: dict[str, Entity] = {}
        if prefix.strip().startswith((self.collection.base_iri, VOCABULARY)) or _looks_like_id(prefix.strip()):
            direct = self.resolve(prefix).entity
            if direct is not None:
                found[direct.iri] = direct
        folders = {kind if kind in (NETWORK, PLACE) else ACTOR if kind in _BODIES else "concept" for kind in wanted}
        hits = self._searched(
            prefix, sorted(folders or {ACTOR, NETWORK, PLACE, "concept"}), language, wanted, limit + offset
        )
        for iri in hits:
            named = self.entity(iri)
            if named is not None and _is_of(named, wanted):
                found.setdefault(iri, named)
        return list(found.values())[offset : offset + limit]

    def _searched(self, text: str, folders: Sequence[str], language: str, kinds: Sequence[str], most: int) -> list[str]:
        if self._index is None:
            if self._index_file is None:
                return []
            self._index = SearchIndex(self._index_file)
        more = most if not kinds else most * 10
        return [hit.thing for hit in self._index.search(text, kinds=folders, language=language, limit=more)]

    def suggest_kinds(self, prefix: str, limit: int, offset: int) -> list[Kind]:
        """Types with a word that begins so in their name, in any language, or in their id."""
        found = [kind for kind in self.collection.kinds if _begins(prefix, (kind.id, kind.iri, *kind.names.values()))]
        return found[offset : offset + limit]

    def suggest_properties(self, prefix: str, kinds: Sequence[str], limit: int, offset: int) -> list[Property]:
        """Properties with a word that begins so in their name, in any language, or in their id."""
        wanted = {self.kind(text).id for text in kinds}
        found = [
            one
            for one in self.collection.properties
            if _begins(prefix, (one.id, *one.names.values())) and (not wanted or not wanted.isdisjoint(one.kinds))
        ]
        return found[offset : offset + limit]

    def propose(self, kind: str, limit: int | None) -> list[Property]:
        """Properties of the entities of a type, those that say most first."""
        wanted = self.kind(kind).id if kind else ""
        found = [one for one in self.collection.properties if not wanted or wanted in one.kinds]
        found.sort(key=lambda one: one.id.endswith("_state"))
        return found[:limit]

    # -- describing

    def is_body(self, entity: Entity) -> bool:
        """Whether it is an actor or a network, and no place or term."""
        return not _BODIES.isdisjoint(entity.kinds)

    def describe(self, entity: Entity, language: str) -> str:
        """What tells an entity from others, in one line."""
        parts: list[str] = []
        if not self.is_body(entity):
            definition = entity.values.get(f"definition_{language}") or entity.values.get("definition_en")
            parts.extend(str(text) for text in definition or ())
            for property in ("within", "countries"):
                parts.extend(self._words(entity, property, language))
        else:
            if NETWORK in entity.kinds:
                parts.append(self.kinds[NETWORK].names.get(language, NETWORK))
            properties = ("sectors", "kinds_stated", "places", "seat", "takes_part_in", "mentioned_by")
            for property in properties if NETWORK not in entity.kinds else ("seat",):
                parts.extend(self._words(entity, property, language)[:2])
        text = " · ".join(dict.fromkeys(part for part in parts if part))
        return text if len(text) <= 200 else text[:199].rstrip() + "…"

    def _words(self, entity: Entity, property: str, language: str) -> list[str]:
        return [self.words(self.properties[property], value, language) for value in entity.values.get(property, ())]

    def words(self, one: Property, value: Value, language: str) -> str:
        """A value to read."""
        if one.form == "entity":
            named = self.entity(str(value))
            if named is not None:
                return named.name(language)
            return self.collection.labels.get(str(value)) or str(value).rpartition("/")[2]
        if isinstance(value, bool):
            return ("ja" if value else "nein") if language == "de" else ("yes" if value else "no")
        return str(value)


def asked_for(found: Resolved) -> Entity:
    """The entity of an identifier.

    Raises:
        Gone: it was withdrawn.
        NotFound: there is none.
    """
    if found.entity is not None:
        return found.entity
    raise Gone(found.say()) if found.withdrawn is not None else NotFound(found.say())


def page_of(limit: int | None, offset: int | None) -> tuple[int, int]:
    """How many suggestions to give, and how many to leave out before, within bounds."""
    return min(limit or _SUGGESTED, _MOST_SUGGESTED), min(offset or 0, 1_000)


def _is_of(entity: Entity, kinds: Ids[str], every: bool = False) -> bool:
    if not kinds:
        return True
    return (all if every else any)(kind in entity.kinds for kind in kinds)


def _looks_like_id(text: str) -> bool:
    kind, separator, name = text.replace(":", "/", 1).partition("/")
    return bool(separator and kind and name) and text.isascii() and len(text) < 400 and " " not in text


def _begins(prefix: str, names: Iterable[str]) -> bool:
    wanted = fold(prefix)
    if not wanted:
        return not prefix.strip()
    return any((" " + fold(name)).find(" " + wanted) >= 0 for name in names)


def _no_such(what: str, text: str, known: Iterable[str]) -> str:
    known = list(known)
    close = near(text[:80], known)
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    return f"There is no {what} '{text[:80]}'.{hint}" + (f" There are: {', '.join(known)}." if len(known) < 30 else "")
