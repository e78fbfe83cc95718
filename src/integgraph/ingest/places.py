"""The place list (gazetteer): towns, districts, regions and countries with their names, codes and where they lie.

``data/places/places.yaml`` holds one entry a place; records name a place by its id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from integgraph.errors import InputError, Problem
from integgraph.ingest import yamltext
from integgraph.ontology import near, normalise_label

KINDS = ("supranational", "country", "region", "district", "town", "borough")
NUTS_VERSION = "2024"
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_KEYS = frozenset({"id", "name", "also", "kind", "within", "nuts", "nuts3", "country"})


@dataclass(frozen=True, slots=True)
class Place:
    """One place.

    Attributes:
        id: Its slug, the last part of its IRI.
        names: Name by language.
        also: Other names and spellings.
        kind: One of ``KINDS``.
        within: Id of the next larger place.
        nuts: NUTS code, if the place is a NUTS unit.
        nuts3: NUTS 3 unit it lies in.
        country: ISO 3166-1 alpha-2 code.
    """

    id: str
    names: Mapping[str, str]
    kind: str
    also: tuple[str, ...] = ()
    within: str | None = None
    nuts: str | None = None
    nuts3: str | None = None
    country: str | None = None

    def name(self, language: str = "en") -> str:
        """Name in ``language``, else in English, else in its first language."""
        return self.names.get(language) or self.names.get("en") or next(iter(self.names.values()))


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All known places; looks them up by id and by name."""

    places: Mapping[str, Place] = field(default_factory=dict)
    _by_name: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, places: Iterable[Place]) -> Gazetteer:
        """A gazetteer of these places."""
        known = {place.id: place for place in sorted(places, key=lambda place: place.id)}
        names: dict[str, list[str]] = {}
        for place in known.values():
            labels = {*place.names.values(), *place.also}
            if place.kind == "country" and place.country:
                labels.add(place.country)
            for label in sorted({normalise_label(label) for label in labels}):
                names.setdefault(label, []).append(place.id)
        return cls(known, names)

    @classmethod
    def load(cls, folder: Path) -> Gazetteer:
        """Read ``places.yaml`` in ``folder``; an absent file is an empty list.

        Raises:
            InputError: the file is not as described; every fault with its line.
        """
        file = folder / "places.yaml"
        if not file.exists():
            return cls()
        document = yamltext.load(yamltext.read_text(file), file.name)
        if not isinstance(document.data, list):
            raise InputError(Problem("The place list must be a list: one '- id: …' a place.", file=file.name))
        problems: list[Problem] = []
        places: dict[str, Place] = {}
        lines: dict[str, int | None] = {}
        for position, raw in enumerate(document.data):
            line = document.line((position,))
            try:
                place = _place(raw)
                if place.id in places:
                    raise ValueError(f"The place id '{place.id}' stands here twice.")
                places[place.id] = place
                lines[place.id] = line
            except ValueError as error:
                problems.append(Problem(str(error), file=file.name, line=line))
        problems.extend(_broken_chains(places, file.name, lines))
        if problems:
            raise InputError(problems)
        return cls.of(places.values())

    def get(self, name: str) -> Place | None:
        """The place with this id."""
        return self.places.get(name)

    def near(self, name: str) -> list[str]:
        """Ids that look like ``name``."""
        return near(name, self.places)

    def chain(self, name: str) -> Iterator[Place]:
        """The place and everything it lies in, smallest first."""
        place = self.places.get(name)
        while place is not None:
            yield place
            place = self.places.get(place.within) if place.within else None

    def find(self, text: str, *, around: Sequence[str] = ()) -> list[Place]:
        """Places that bear this name, narrowed to those that lie in a place named like each of ``around``.

        The smallest kind comes first, because a form names the town before region and country.
        """
        found = [self.places[name] for name in self._by_name.get(normalise_label(text), ())]
        for outer in around:
            ids = set(self._by_name.get(normalise_label(outer), ()))
            inside = [place for place in found if any(step.id in ids for step in self.chain(place.id))]
            found = inside or found
        return sorted(found, key=lambda place: (-KINDS.index(place.kind), place.id))


def _place(raw: Any) -> Place:
    if not isinstance(raw, dict):
        raise ValueError("A place is a mapping with id, name and kind.")
    unknown = sorted(set(raw) - _KEYS)
    if unknown:
        raise ValueError(f"A place has no key '{unknown[0]}'.")
    for key in ("id", "name", "kind"):
        if not raw.get(key):
            raise ValueError(f"The place {raw.get('id', '')} has no {key}.".replace("  ", " "))
    for key in sorted(_KEYS - {"name", "also"}):
        if not isinstance(raw.get(key, ""), str):
            raise ValueError(f"The {key} of a place is one word, not a list.")
    if not _ID.fullmatch(raw["id"]):
        raise ValueError(f"The id '{raw['id']}' may hold only small letters a–z, digits and single hyphens.")
    if raw["kind"] not in KINDS:
        raise ValueError(f"The place {raw['id']} has the kind '{raw['kind']}'; allowed are {', '.join(KINDS)}.")
    names, also = raw["name"], raw.get("also", [])
    if not isinstance(names, dict) or not all(_LANGUAGE.fullmatch(code) for code in names):
        raise ValueError(f"The name of {raw['id']} must say its language: {{de: …}}.")
    also = [also] if isinstance(also, str) else also
    if not isinstance(also, list) or not all(isinstance(name, str) and name for name in [*names.values(), *also]):
        raise ValueError(f"Each name of {raw['id']} must be one text.")
    return Place(
        id=raw["id"],
        names=dict(names),
        kind=raw["kind"],
        also=tuple(also),
        within=raw.get("within"),
        nuts=raw.get("nuts"),
        nuts3=raw.get("nuts3"),
        country=raw.get("country"),
    )


def _broken_chains(places: Mapping[str, Place], file: str, lines: Mapping[str, int | None]) -> Iterator[Problem]:
    for place in places.values():
        line = lines[place.id]
        seen: list[str] = []
        step: Place | None = place
        while step is not None and step.within:
            seen.append(step.id)
            if step.within not in places:
                yield Problem(
                    f"{place.id} lies within '{step.within}', which is not in the list.", file=file, line=line
                )
                break
            if step.within in seen:
                message = f"{place.id} lies within itself: {' → '.join([*seen, step.within])}."
                yield Problem(message, file=file, line=line)
                break
            step = places[step.within]
