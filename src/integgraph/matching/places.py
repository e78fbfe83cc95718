"""Places that names speak of, and how two of them lie to each other: the same, one in the other, or apart.

Source of codes, names and hierarchy: Eurostat, NUTS 2024; names in other languages and adjectives were added by hand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from pathlib import Path

from integgraph.matching.lexicon import Lexicon, rows
from integgraph.ontology import default_folder

_ENDINGS = ("", "e", "er", "es", "en", "em", "s")
_SHORTEST_STEM = 5  # shorter names with -er are too often other words (Esser, Hofer)


@dataclass(frozen=True, slots=True)
class Place:
    """A place.

    Attributes:
        id: Its id, unique in a gazetteer.
        names: All its names.
        kind: supranational, country, region, district, town, borough.
        within: Id of the place that it lies in; empty for none.
        country: Two-letter code; empty for none.
        nuts: NUTS code of the place itself, under which the gazetteer may know it already; empty for none.
    """

    id: str
    names: tuple[str, ...]
    kind: str = ""
    within: str = ""
    country: str = ""
    nuts: str = ""


class Relation(IntEnum):
    """How two sets of places lie to each other; the nearest pair counts."""

    APART = 0
    COUNTRY = 1
    """Apart, in one country."""
    REGION = 2
    """Apart, in one region."""
    LOOSE = 3
    """One is the country or the continent of the other, or both are one country."""
    WITHIN = 4
    """One lies in the other, a region or less."""
    SAME = 5


class Gazetteer:
    """Places by id and by name.

    >>> places = Gazetteer.load()
    >>> places.relation(places.named("Sachsen-Anhalt"), places.named("Thüringen")).name
    'COUNTRY'
    >>> places.relation(places.named("Dresden"), places.named("Saxony")).name
    'WITHIN'
    """

    def __init__(self, places: Iterable[Place], lexicon: Lexicon | None = None) -> None:
        """Take the places; one that is known by its NUTS code joins the place that is there."""
        self._lexicon = lexicon or Lexicon.load()
        self._up: dict[str, str] = {}
        self._alias: dict[str, str] = {}
        self._kind: dict[str, str] = {}
        self._names: dict[tuple[str, ...], frozenset[str]] = {}
        self._stems: dict[str, frozenset[str]] = {}
        self._label: dict[str, str] = {}
        self.longest = 1
        self._lines: dict[str, tuple[str, ...]] = {}
        for place in places:
            self._add(place)
        self._join_namesakes()

    @classmethod
    def load(
        cls, more: Iterable[Place] = (), *, folder: Path | None = None, lexicon: Lexicon | None = None
    ) -> Gazetteer:
        """The places that come with the ontology, and more of them, such as those of a release.

        Raises:
            OntologyError: the file cannot be read.
        """
        return cls([*_shipped(folder or default_folder() / "matching"), *more], lexicon)

    def _add(self, place: Place) -> None:
        nuts = f"nuts-{place.nuts.lower()}" if place.nuts else ""
        known = nuts if nuts in self._up and nuts != place.id else place.id
        if known != place.id:
            self._alias[place.id] = known
        elif known not in self._up or place.within:
            self._up[known] = place.within or (f"country-{place.country.lower()}" if place.country else "")
            if self._up[known] == known:
                self._up[known] = ""
            self._kind[known] = place.kind
        for name in place.names:
            self._label.setdefault(known, name.rstrip("*"))
            folded = self._lexicon.fold(name)
            words = tuple(folded.split())
            if not words:
                continue
            if name.endswith("*"):
                self._stems[folded] = self._stems.get(folded, frozenset()) | {known}
            else:
                self._names[words] = self._names.get(words, frozenset()) | {known}
                self.longest = max(self.longest, min(len(words), 5))

    def _join_namesakes(self) -> None:
        """A place that lies in one of its own name is that place: Berlin the town, the district and the Land."""
        borne: dict[str, set[tuple[str, ...]]] = {}
        for words, ids in self._names.items():
            for place in ids:
                borne.setdefault(place, set()).add(words)
        for place, up in self._up.items():
            if up in borne and place in borne and not borne[place].isdisjoint(borne[up]):
                self._alias[place] = up
        for place in list(self._alias):
            target = self._alias[place]
            while target in self._alias:
                target = self._alias[target]
            self._alias[place] = target
        self._names = {words: frozenset(self._alias.get(id, id) for id in ids) for words, ids in self._names.items()}

    def __contains__(self, place: str) -> bool:
        return place in self._up or place in self._alias

    def label(self, place: str) -> str:
        """A name of a place; the id where it has none."""
        return self._label.get(self._alias.get(place, place), place)

    def kind(self, place: str) -> str:
        """What kind of place it is, such as ``town``; empty if that is not known."""
        return self._kind.get(self._alias.get(place, place), "")

    def named(self, name: str) -> frozenset[str]:
        """Ids of the places that bear a name, in any spelling; or the place whose id it is."""
        if name in self:
            return frozenset({self._alias.get(name, name)})
        return self.of_words(tuple(self._lexicon.fold(name).split()))

    def of_words(self, words: tuple[str, ...]) -> frozenset[str]:
        """Ids of the places that these folded words name; adjectives count."""
        found = self._names.get(words)
        if found is not None:
            return found
        if len(words) != 1:
            return frozenset()
        (word,) = words
        for ending in ("s", "es"):
            if word.endswith(ending) and (word[: -len(ending)],) in self._names and len(word) > _SHORTEST_STEM + 1:
                return self._names[(word[: -len(ending)],)]
        for ending in _ENDINGS:
            stem = word[: len(word) - len(ending)] if word.endswith(ending) else ""
            if stem in self._stems:
                return self._stems[stem]
        if word.endswith("er") and len(word) - 2 >= _SHORTEST_STEM:
            for stem in (word[:-2], word[:-2] + "en", word[:-2] + "e"):
                if (stem,) in self._names:
                    return self._names[(stem,)]
        return frozenset()

    def in_words(self, words: Sequence[str]) -> tuple[frozenset[str], frozenset[int]]:
        """The places that a name speaks of, and which of its words do so; the longest names first."""
        places: set[str] = set()
        positions: set[int] = set()
        start = 0
        while start < len(words):
            for length in range(min(self.longest, len(words) - start), 0, -1):
                found = self.of_words(tuple(words[start : start + length]))
                if found:
                    places |= found
                    positions.update(range(start, start + length))
                    start += length
                    break
            else:
                start += 1
        return self.narrowest(places), frozenset(positions)

    def narrowest(self, places: Iterable[str]) -> frozenset[str]:
        """Places without those in which another of them lies."""
        known = {self._alias.get(place, place) for place in places}
        wider = {line for place in known for line in self._line(place)[1:]}
        return frozenset(known - wider)

    def relation(self, one: Collection[str], other: Collection[str]) -> Relation:
        """How two sets of places lie to each other; places that are not known are apart unless equal."""
        best = Relation.APART
        for left in one:
            for right in other:
                best = max(best, self._relate(self._alias.get(left, left), self._alias.get(right, right)))
                if best == Relation.SAME:
                    return best
        return best

    def _relate(self, one: str, other: str) -> Relation:
        if one == other:
            return Relation.LOOSE if self._is_wide(one) else Relation.SAME
        up, line = self._line(one), self._line(other)
        if one in line or other in up:
            return Relation.LOOSE if self._is_wide(one if one in line else other) else Relation.WITHIN
        shared = next((place for place in up if place in line), "")
        if not shared:
            return Relation.APART
        return Relation.COUNTRY if self._is_wide(shared) else Relation.REGION

    def _is_wide(self, place: str) -> bool:
        return self._kind.get(place) in ("country", "supranational")

    def _line(self, place: str) -> tuple[str, ...]:
        """A place and everything that it lies in."""
        line = self._lines.get(place)
        if line is None:
            found = [place]
            while (place := self._up.get(self._alias.get(place, place), "")) and place not in found:
                found.append(self._alias.get(place, place))
            line = self._lines[found[0]] = tuple(found)
        return line


@lru_cache(maxsize=4)
def _shipped(folder: Path) -> tuple[Place, ...]:
    return tuple(
        Place(id, tuple(names.split(" | ")), kind, within, country)
        for _, (id, kind, within, country, names) in rows(folder / "places.tsv", 5)
    )


def places_of(rows: Iterable[Mapping[str, object]]) -> list[Place]:
    """Places from the rows of a release's table ``places``, or from records with the same keys."""
    return [
        Place(
            str(row["id"]),
            (str(row["name"]),),
            str(row.get("kind") or ""),
            str(row.get("within") or ""),
            str(row.get("country") or ""),
            str(row.get("nuts") or ""),
        )
        for row in rows
    ]
