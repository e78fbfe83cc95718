"""What the reconciliation service knows of a release: types, properties, entities, and what became of former ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from integgraph.matching import Candidate, Place
from integgraph.ontology import VOCABULARY

Value = str | int | float | bool
Form = Literal["text", "integer", "number", "boolean", "date", "entity"]
Texts = Mapping[str, str]
"""A text by language."""

ACTOR, NETWORK, PLACE, FUNDER = "actor", "network", "place", "funder"
KINDS = (ACTOR, NETWORK, PLACE, FUNDER)
"""Types beside the vocabularies, in the order in which they are offered."""


def text_in(texts: Texts, language: str) -> str:
    """A text in a language, else in English, else in any.

    >>> text_in({"en": "Place", "de": "Ort"}, "de"), text_in({"de": "Ort"}, "en")
    ('Ort', 'Ort')
    """
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of entities.

    Attributes:
        id: Its id, such as ``actor``; a vocabulary has its own.
        iri: The class, or the vocabulary.
        names: What it is called.
        meanings: What belongs to it.
        broader: Id of the type that all its entities have too; empty for none.
    """

    id: str
    iri: str
    names: Texts
    meanings: Texts
    broader: str = ""


@dataclass(frozen=True, slots=True)
class Property:
    """A property of entities.

    Attributes:
        id: Its id: the column of the table that holds it, where there is one.
        names: What it is called.
        meanings: What it says.
        kinds: Ids of the types whose entities may have it.
        form: Of what form its values are.
        evidence: As what the matcher takes it, of ``matching.PROPERTIES``; empty where it is compared by value.
        range: Id of the type of its values, where they are entities; empty where they are of several.
    """

    id: str
    names: Texts
    meanings: Texts
    kinds: tuple[str, ...]
    form: Form = "text"
    evidence: str = ""
    range: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """Something that may be matched.

    Attributes:
        iri: Its IRI.
        kinds: Ids of its types, the one that says most first.
        names: Its preferred name, by language; under ``""`` where the name has none.
        also: Its other names.
        values: Its values by property; entities by their IRI.
    """

    iri: str
    kinds: tuple[str, ...]
    names: Texts
    also: tuple[str, ...] = ()
    values: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)

    def name(self, language: str = "en") -> str:
        """Its name in a language, else in English, else as it is."""
        return text_in(self.names, language) or self.id

    @property
    def id(self) -> str:
        """The last part of its IRI."""
        return self.iri.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What is left of an entity that earlier releases spoke of.

    Attributes:
        iri: Its IRI.
        name: Its last name; empty where none is known.
        release: Id of the last release with it.
        day: Day on which the first release without it was made.
    """

    iri: str
    name: str
    release: str
    day: str


@dataclass(frozen=True, slots=True)
class Collection:
    """All that the service knows; picklable.

    Attributes:
        base_iri: Where the IRIs of its things begin.
        kinds: The types.
        properties: The properties.
        entities: The entities.
        candidates: What the matcher knows of actors and networks, with ids such as ``actor:zora``.
        places: The places that the matcher should know.
        merged: IRI of what was merged → IRI of what it became.
        withdrawn: What earlier releases spoke of, by IRI.
        labels: What to call the values that are no entities here: groups without a name of their own, by IRI.
    """

    base_iri: str
    kinds: tuple[Kind, ...]
    properties: tuple[Property, ...]
    entities: tuple[Entity, ...]
    candidates: tuple[Candidate, ...]
    places: tuple[Place, ...] = ()
    merged: Mapping[str, str] = field(default_factory=dict)
    withdrawn: Mapping[str, Withdrawn] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    def iri(self, text: str) -> str:
        """The IRI that a text names, whether anything has it or not.

        Args:
            text: An IRI, or short as ``actor/zora``, ``actor:zora``, ``field/health``, ``concept:field/health``.

        >>> collection = Collection("https://e.example/id/", (), (), (), ())
        >>> collection.iri("actor:zora"), collection.iri("https://e.example/id/actor/zora")
        ('https://e.example/id/actor/zora', 'https://e.example/id/actor/zora')
        """
        text = text.strip()
        if "://" in text:
            return text
        kind, separator, name = text.partition(":")
        if separator and kind == "concept":
            return VOCABULARY + name
        short = f"{kind}/{name}" if separator else text
        return (self.base_iri if short.partition("/")[0] in (ACTOR, NETWORK, PLACE) else VOCABULARY) + short
