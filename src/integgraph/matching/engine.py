"""Suggestions: which entries of a collection may be one body, found quickly and explained.

Names are compared only with names that share something rare with them: a word, two words written as one, four letters
in a row, or an acronym (blocking).

Source: P. Christen, "A survey of indexing techniques for scalable record linkage and deduplication", IEEE TKDE 24
(2012).
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import pairwise
from urllib.parse import urlsplit

from integgraph.errors import NotFound, Unprocessable
from integgraph.matching.evidence import (
    REVIEW,
    Candidate,
    Facts,
    Ground,
    logistic,
    of_facts,
    of_forms,
    of_generic,
    of_levels,
    of_names,
    of_places,
)
from integgraph.matching.names import Name, Reader
from integgraph.matching.places import Gazetteer
from integgraph.matching.similarity import Similarity, similarity

PROPERTIES = ("register", "domain", "parent", "legal_form", "place", "country", "kind")
"""What ``find`` may be told beside the name."""

_VISITS = 5_000  # entries looked at for one name; the rarest features come first
_COMPARED = 30  # entries compared word by word for one name
_FLOOR = 0.05  # entries that gain less than this share of the best are not weighed
_SHARED_HOSTS = frozenset(
    {
        "facebook.com",
        "instagram.com",
        "twitter.com",
        "x.com",
        "youtube.com",
        "linkedin.com",
        "google.com",
        "wordpress.com",
    }
)
_REGISTER = re.compile(r"([^\W\d_]*)[^\w]*0*([0-9][\w]*)")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An entry that may be what was asked for.

    Attributes:
        candidate: The entry.
        score: From 0 to 1; from ``REVIEW`` on it is worth a person's look.
        grounds: What speaks for it and against it, the weightiest first.
        name: Its name that agrees best.
    """

    candidate: Candidate
    score: float
    grounds: tuple[Ground, ...]
    name: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries of a collection that may be one body.

    Attributes:
        one, other: The entries.
        score: From 0 to 1.
        grounds: What speaks for it and against it, the weightiest first.
    """

    one: Candidate
    other: Candidate
    score: float
    grounds: tuple[Ground, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """One name of one candidate, read and weighed."""

    owner: int
    name: Name
    weights: tuple[float, ...]


class Matcher:
    """Finds entries of a collection by name and other evidence; never changes anything.

    >>> matcher = Matcher([
    ...     Candidate("a", ("Flüchtlingsrat Niedersachsen e.V.",)),
    ...     Candidate("b", ("Flüchtlingsrat Sachsen-Anhalt e.V.",)),
    ... ])
    >>> [(found.candidate.id, found.score > 0.5) for found in matcher.find("Fluechtlingsrat Niedersachsen")]
    [('a', True), ('b', False)]
    """

    def __init__(self, candidates: Iterable[Candidate], *, gazetteer: Gazetteer | None = None) -> None:
        """Read and index the names.

        Args:
            candidates: The collection.
            gazetteer: The places to know; those that come with the ontology if none.

        Raises:
            Unprocessable: two candidates have one id.
        """
        self.candidates: tuple[Candidate, ...] = tuple(candidates)
        self._numbers = {candidate.id: number for number, candidate in enumerate(self.candidates)}
        if len(self._numbers) != len(self.candidates):
            raise Unprocessable("Two entries of the collection have one id. Give each its own.")
        self.gazetteer = gazetteer or Gazetteer.load()
        self._reader = Reader(places=self.gazetteer)
        self._facts = [self._known(candidate) for candidate in self.candidates]
        self._domains: dict[str, int] = {}
        for facts in self._facts:
            for domain in facts.domains:
                self._domains[domain] = self._domains.get(domain, 0) + 1
        read: list[tuple[int, Name]] = []
        for number, candidate in enumerate(self.candidates):
            seen = set()
            for text in candidate.names:
                name = self._reader.read(text)
                if name.words and (name.key, name.forms) not in seen:
                    seen.add((name.key, name.forms))
                    read.append((number, name))
        self._count = max(len(read), 1)
        self._frequency: dict[str, int] = {}
        for _, name in read:
            for word in {word.text for word in name.words}:
                self._frequency[word] = self._frequency.get(word, 0) + 1
        self._postings: dict[str, array[int]] = {}
        features = []
        for index, (_, name) in enumerate(read):
            keys = _features(name)
            features.append(keys)
            for key in keys:
                found = self._postings.get(key)
                if found is None:
                    found = self._postings[key] = array("I")
                found.append(index)
        self._entries = [_Entry(owner, name, self._weights(name)) for owner, name in read]
        self._owners = array("I", (owner for owner, _ in read))
        self._norms = array("d", (math.sqrt(math.fsum(map(self._worth, keys))) or 1.0 for keys in features))
        self._by_owner: dict[int, list[int]] = {}
        for index, entry in enumerate(self._entries):
            self._by_owner.setdefault(entry.owner, []).append(index)

    # -- asking

    def find(
        self,
        name: str,
        *,
        place: str | None = None,
        country: str | None = None,
        kind: str | None = None,
        properties: Mapping[str, str | Sequence[str]] | None = None,
        limit: int = 10,
    ) -> list[Suggestion]:
        """Entries that may be the body of a name, the likeliest first.

        Args:
            name: The name, in any spelling; names without letters and digits find nothing.
            place: Where it is, as id or name.
            country: Its country, as two-letter code.
            kind: Only entries of this kind, or ``network`` for networks of the collection.
            properties: More of what is known: keys of ``PROPERTIES``, each with a value or several.
            limit: At most so many.

        Raises:
            Unprocessable: a property that is not known, or a limit below 1; the text says which are.
        """
        return self.alike(self._asked(name, place, country, properties or {}), kind=kind, limit=limit)

    def alike(self, other: Candidate, *, kind: str | None = None, limit: int = 10) -> list[Suggestion]:
        """Entries that may be the body of an entry of another collection, the likeliest first.

        Args:
            other: The entry, with all its names and all that is known of it.
            kind: As for :meth:`find`.
            limit: At most so many.

        Raises:
            Unprocessable: a limit below 1.
        """
        if limit < 1:
            raise Unprocessable(f"The limit is {limit}, but must be 1 or more.")
        facts = self._known(other)
        read = [each for each in map(self._reader.read, other.names) if each.words]
        full = [(each, self._weights(each)) for each in read if not each.is_acronym]
        found: dict[int, tuple[float, int, Name, Similarity]] = {}
        for each in read:
            self._collect(each, self._weights(each), found, _COMPARED + limit, kind)
        suggestions = []
        for owner, (_, index, each, alike) in found.items():
            entry = self._entries[index]
            grounds = self._grounds(each, entry.name, alike, facts, self._facts[owner])
            grounds.extend(_full_names(each, full, self._full(owner)))
            total = sum(ground.weight for ground in grounds)
            suggestions.append((total, alike.value, -owner, entry.name.text, grounds))
        best = nlargest(limit, suggestions, key=lambda each: each[:3])
        return [
            Suggestion(self.candidates[-owner], logistic(total), _ordered(grounds), text)
            for total, _, owner, text, grounds in best
        ]

    def pairs(self, limit: int | None = None, *, threshold: float = REVIEW) -> Iterator[Pair]:
        """Pairs of the collection that may be one body, in the order of the collection.

        Args:
            limit: At most so many suggestions for one entry; all if none.
            threshold: The score from which a pair is given.
        """
        for number in range(len(self.candidates)):
            found = self._partners(number)
            wanted = sorted(found, key=lambda pair: -pair.score)[:limit] if limit else found
            yield from (pair for pair in wanted if pair.score >= threshold)

    def explain(self, one: str, other: str) -> Pair:
        """What speaks for and against two entries being one body.

        Raises:
            NotFound: there is no entry with such an id.
        """
        for id in (one, other):
            if id not in self._numbers:
                raise NotFound(f"There is no entry '{id}' in the collection.")
        left, right = self._numbers[one], self._numbers[other]
        best: tuple[float, int, int, Similarity] | None = None
        for i in self._by_owner.get(left, ()):
            for j in self._by_owner.get(right, ()):
                a, b = self._entries[i], self._entries[j]
                alike = similarity(a.name, b.name, a.weights, b.weights)
                if best is None or alike.value > best[0]:
                    best = (alike.value, i, j, alike)
        if best is None:
            return Pair(self.candidates[left], self.candidates[right], 0.0, ())
        name = self._entries[best[1]].name
        grounds = self._grounds(name, self._entries[best[2]].name, best[3], self._facts[left], self._facts[right])
        grounds.extend(_full_names(name, self._full(left), self._full(right)))
        return Pair(
            self.candidates[left], self.candidates[right], logistic(sum(g.weight for g in grounds)), _ordered(grounds)
        )

    # -- finding

    def _partners(self, number: int) -> list[Pair]:
        found: dict[int, tuple[float, int, Name, Similarity]] = {}
        for index in self._by_owner.get(number, ()):
            entry = self._entries[index]
            self._collect(entry.name, entry.weights, found, _COMPARED, None, after=number)
        pairs = []
        for owner, (_, index, name, alike) in sorted(found.items()):
            grounds = self._grounds(name, self._entries[index].name, alike, self._facts[number], self._facts[owner])
            grounds.extend(_full_names(name, self._full(number), self._full(owner)))
            total = sum(ground.weight for ground in grounds)
            pairs.append(Pair(self.candidates[number], self.candidates[owner], logistic(total), _ordered(grounds)))
        return pairs

    def _collect(
        self,
        name: Name,
        weights: Sequence[float],
        found: dict[int, tuple[float, int, Name, Similarity]],
        compared: int,
        kind: str | None,
        after: int = -1,
    ) -> None:
        """Compare a name with the names that share something rare with it; keep the best name of each owner."""
        for index in self._block(name, compared, kind, after):
            entry = self._entries[index]
            alike = similarity(name, entry.name, weights, entry.weights)
            known = found.get(entry.owner)
            if known is None or alike.value > known[0]:
                found[entry.owner] = (alike.value, index, name, alike)

    def _block(self, name: Name, most: int, kind: str | None, after: int) -> list[int]:
        """Numbers of the names that share most of what is rare in a name, measured by how much they have to share."""
        postings = [(posting, key) for key in _features(name) if (posting := self._postings.get(key)) is not None]
        postings.sort(key=lambda each: (len(each[0]), each[1]))
        gained: dict[int, float] = {}
        visits = 0
        for posting, key in postings:
            visits += len(posting)
            if visits > _VISITS and gained:
                break
            worth = self._worth(key)
            for index in posting[:_VISITS]:
                gained[index] = gained.get(index, 0.0) + worth
        if not gained:
            return []
        norms, owners = self._norms, self._owners
        floor = _FLOOR * max(gained.values())
        hits = [(worth / norms[index], index) for index, worth in gained.items() if worth >= floor]
        if kind is not None:
            hits = [hit for hit in hits if self._is_kind(owners[hit[1]], kind)]
        if after >= 0:
            hits = [hit for hit in hits if owners[hit[1]] > after]
        return [index for _, index in nlargest(most, hits)]

    def _is_kind(self, owner: int, kind: str) -> bool:
        candidate = self.candidates[owner]
        return kind in candidate.kinds or (kind == "network" and candidate.is_network)

    def _worth(self, key: str) -> float:
        frequency = len(self._postings.get(key, ())) or 1
        rarity = math.log(1 + self._count / frequency)
        return rarity * (0.35 if key[0] == "g" else 1.0)

    def _weights(self, name: Name) -> tuple[float, ...]:
        count, frequency = self._count, self._frequency
        return tuple(math.log(1 + count / (frequency.get(word.text, 0) + 0.5)) for word in name.words)

    # -- evidence

    def _grounds(self, one: Name, other: Name, alike: Similarity, left: Facts, right: Facts) -> list[Ground]:
        grounds = [
            *of_names(one, other, alike),
            *of_forms(one, other, left.families, right.families),
            *of_levels(one, other),
            *of_places(one, other, left, right, self.gazetteer),
            *of_facts(left, right, self._bearers),
        ]
        grounds.extend(of_generic(one, other, grounds))
        return grounds

    def _full(self, owner: int) -> list[tuple[Name, Sequence[float]]]:
        """The names of an entry that are more than an acronym."""
        entries = (self._entries[index] for index in self._by_owner.get(owner, ()))
        return [(entry.name, entry.weights) for entry in entries if not entry.name.is_acronym]

    def _bearers(self, domain: str) -> int:
        return self._domains.get(domain, 0)

    def _asked(
        self, name: str, place: str | None, country: str | None, properties: Mapping[str, str | Sequence[str]]
    ) -> Candidate:
        unknown = sorted(set(properties) - set(PROPERTIES))
        if unknown:
            raise Unprocessable(f"'{unknown[0]}' is not a property to find by. Use: {', '.join(PROPERTIES)}.")

        def values(key: str) -> tuple[str, ...]:
            value = properties.get(key, ())
            return (value,) if isinstance(value, str) else tuple(value)

        return Candidate(
            "",
            (name,),
            kinds=values("kind"),
            legal_forms=values("legal_form"),
            places=(*([place] if place else ()), *values("place")),
            countries=(*([country] if country else ()), *values("country")),
            registers=values("register"),
            domains=values("domain"),
            parents=values("parent"),
        )

    def _known(self, candidate: Candidate) -> Facts:
        families = (self._reader.lexicon.family(form) for form in candidate.legal_forms)
        return Facts(
            places=self._located(candidate.places),
            context=self._located(candidate.context),
            countries=frozenset(country.upper() for country in candidate.countries),
            registers=frozenset(filter(None, map(_register, candidate.registers))),
            domains=frozenset(filter(None, map(_domain, candidate.domains))),
            kinds=frozenset(candidate.kinds),
            families=frozenset(family for family in families if family),
            parents=frozenset(candidate.parents),
            lists=frozenset(candidate.lists),
            id=candidate.id,
            is_network=candidate.is_network,
        )

    def _located(self, places: Iterable[str]) -> frozenset[str]:
        found: set[str] = set()
        for place in places:
            named = self.gazetteer.named(place[:200])
            folded = self._reader.lexicon.fold(place[:200])
            if named:
                found |= named
            elif folded:
                found.add(folded)
        return self.gazetteer.narrowest(found)


def _full_names(
    name: Name, one: Iterable[tuple[Name, Sequence[float]]], other: Sequence[tuple[Name, Sequence[float]]]
) -> Iterator[Ground]:
    """Where two entries agree by an acronym alone, their full names have the word."""
    if not name.is_acronym:
        return
    best = max((similarity(a, b, left, right).value for a, left in one for b, right in other), default=1.0)
    if best < 0.5:
        yield Ground(
            "acronym",
            -4.0,
            "They share an acronym, but their full names differ.",
            "Sie teilen eine Abkürzung, aber die vollen Namen sind verschieden.",
        )


def _ordered(grounds: Iterable[Ground]) -> tuple[Ground, ...]:
    return tuple(sorted(grounds, key=lambda ground: -abs(ground.weight)))


def _features(name: Name) -> set[str]:
    """What names are looked up by: words, neighbours written as one, four letters in a row, initials."""
    words = [word.text for word in name.words]
    features = {"w" + word for word in words}
    features.update("w" + one + other for one, other in pairwise(words))
    for word in words:
        if len(word) > 4:
            padded = f" {word}"
            features.update("g" + padded[at : at + 4] for at in range(len(padded) - 3))
        if 1 < len(word) <= 8:
            features.add("i" + word)
    if len(words) > 1:
        features.add("i" + "".join(word[0] for word in words)[:8])
        major = [word.text for word in name.words if word.part == 0]
        if len(major) > 1:
            features.add("i" + "".join(word[0] for word in major)[:8])
        features.add("i" + "".join(word[0] for word, _ in name.sequence)[:8])
    return features


def _register(text: str) -> str:
    """A register number as kind and number: ``vr 1234``; empty where there is none.

    >>> _register("VR-Nr. 01234 B"), _register("hrb:59351"), _register("")
    ('vr 1234', 'hrb 59351', '')
    """
    found = _REGISTER.search(re.sub(r"(?i)[\s.:-]*(?:nr|no|number|nummer)\b\.?", " ", text[:100]))
    if not found:
        return ""
    return f"{found.group(1).lower() or 'number'} {found.group(2).lower()}"


def _domain(text: str) -> str:
    """The domain of an address; empty for hosts that many bodies share.

    >>> _domain("https://www.zora.de/start"), _domain("facebook.com/zora")
    ('zora.de', '')
    """
    text = text.strip()[:500]
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    except ValueError:
        return ""
    host = host.removeprefix("www.")
    shared = any(host == each or host.endswith("." + each) for each in _SHARED_HOSTS)
    return "" if shared or "." not in host else host
