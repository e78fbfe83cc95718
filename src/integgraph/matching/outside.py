"""A list of others held against a collection: which of its entries may be which of ours, and why.

The list is read once, entry by entry; kept are the best few suggestions for each of ours, so memory does not grow with
the list. Entries without ids can be grouped first: spellings in one list that may be one body.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from integgraph.matching.engine import Matcher
from integgraph.matching.evidence import REVIEW, VETO, Candidate, Ground, score
from integgraph.matching.lists import Listed
from integgraph.matching.places import Gazetteer

SURE = 0.9
"""Score from which two spellings of one list are taken together."""
EACH = 3
"""Suggestions that are kept for each of ours."""
_COUNTRY_CODE = 2  # letters of a NUTS code that is a country
_ISO = {"EL": "GR", "UK": "GB"}
"""What the EU writes for two countries → ISO 3166-1."""
_TOWNS = frozenset({"town", "borough"})


@dataclass(frozen=True, slots=True)
class Match:
    """One of ours, and an entry of a list that may be the same.

    Attributes:
        ours: Id of ours.
        listed: The entry.
        score: From 0 to 1.
        grounds: What speaks for it and against it, the weightiest first.
    """

    ours: str
    listed: Listed
    score: float
    grounds: tuple[Ground, ...]


Skip = Callable[[str, Listed], bool]
"""Told (id of ours, entry): whether a person need not be asked about the two."""


def never(ours: str, listed: Listed) -> bool:
    """Leaves nothing out."""
    return False


class Bodies:
    """Organisations and networks, compared as :class:`Matcher` compares them.

    >>> ours = Bodies(Matcher([Candidate("zora", ("Soziokulturelles Zentrum Zora e.V.",), places=("Halberstadt",))]))
    >>> entry = Listed("https://e.example/1", ("Zora – Soziokulturelles Zentrum",), places=("Halberstadt",))
    >>> [match.ours for match in ours.suggest(entry)]
    ['zora']
    """

    def __init__(self, matcher: Matcher, kinds: Mapping[str, str] | None = None) -> None:
        """Take the collection.

        Args:
            matcher: Knows the collection.
            kinds: Id of a sector by what lists may call it, in small letters; others say nothing.
        """
        self._matcher, self._kinds = matcher, dict(kinds or {})

    def suggest(self, listed: Listed) -> Iterator[Match]:
        """Which of ours an entry may be."""
        gazetteer = self._matcher.gazetteer
        known = tuple(place for place in listed.places if gazetteer.named(place[:200]))
        asked = Candidate(
            "",
            listed.names,
            kinds=tuple(self._kinds[each.casefold()] for each in listed.kinds if each.casefold() in self._kinds),
            places=known,
            countries=countries_of(listed, gazetteer),
            registers=listed.registers,
            domains=listed.websites,
        )
        for found in self._matcher.alike(asked, limit=10):
            grounds = found.grounds
            places = found.candidate.places
            if listed.places and not known and places and all(gazetteer.kind(each) in _TOWNS for each in places):
                # Where nobody knows the place, it may lie in a region of ours; but it is no town of ours.
                there, here = ", ".join(listed.places), ", ".join(map(gazetteer.label, places))
                grounds = (_apart(there, here), *grounds)
            yield Match(found.candidate.id, listed, score(grounds), grounds)


def _apart(one: str, other: str) -> Ground:
    return Ground(
        "place", VETO, f"{one} and {other} are different places.", f"{one} und {other} sind verschiedene Orte."
    )


def countries_of(listed: Listed, gazetteer: Gazetteer) -> tuple[str, ...]:
    """Two-letter codes of the countries that an entry names, by code or by name."""
    found = []
    for text in listed.countries:
        if len(text) == 2 and text.isalpha():
            found.append(_ISO.get(text.upper(), text.upper()))
        else:
            named = (each for each in gazetteer.named(text[:200]) if gazetteer.kind(each) == "country")
            found += [each.removeprefix("country-").upper() for each in named]
    return tuple(dict.fromkeys(found))


class Words:
    """Places or concepts, compared by their names alone: a place's name is its name, not where it is.

    >>> from integgraph.matching import Place
    >>> ours = Words([Candidate("place:harz", ("Harz",), countries=("DE",))], codes={"DEE09": "place:harz"})
    >>> [(each.ours, each.score > 0.99) for each in ours.suggest(Listed("DEE09", ("Harz",)), "DEE09")]
    [('place:harz', True)]
    """

    def __init__(
        self,
        candidates: Iterable[Candidate],
        *,
        codes: Mapping[str, str] | None = None,
        kinds: Mapping[str, str] | None = None,
        gazetteer: Gazetteer | None = None,
    ) -> None:
        """Take the collection.

        Args:
            candidates: Places or concepts.
            codes: NUTS code → id of the place that is this region.
            kinds: Id of a place → ``town``, ``district``, ``region``, ``country`` and so on.
            gazetteer: Knows countries by name.
        """
        self._matcher = Matcher(candidates, gazetteer=Gazetteer(()))
        self._gazetteer = gazetteer or Gazetteer.load()
        self._codes, self._kinds = dict(codes or {}), dict(kinds or {})
        self._coded = {place: code for code, place in self._codes.items()}

    def suggest(self, listed: Listed, code: str = "") -> Iterator[Match]:
        """Which of ours an entry may be.

        Args:
            listed: The entry.
            code: Its NUTS code, if it is a NUTS region.
        """
        asked = Candidate("", listed.names, countries=countries_of(listed, self._gazetteer))
        meant = self._codes.get(code, "")
        for found in self._matcher.alike(asked, limit=10):
            more = list(self._more(found.candidate.id, listed, code))
            grounds = tuple(sorted((*found.grounds, *more), key=lambda ground: -abs(ground.weight)))
            yield Match(found.candidate.id, listed, score(grounds), grounds)
            meant = "" if found.candidate.id == meant else meant
        if meant:
            yield Match(meant, listed, score([_ONE_CODE]), (_ONE_CODE,))

    def _more(self, ours: str, listed: Listed, code: str) -> Iterator[Ground]:
        if code and ours in self._coded:
            yield _ONE_CODE if self._coded[ours] == code else _OTHER_CODE
        kinds = {each.casefold() for each in listed.kinds} & _TOWNS.union({"region", "district", "country"})
        kind = self._kinds.get(ours, "")
        if kinds and kind and kinds.isdisjoint(_TOWNS) != (kind not in _TOWNS):
            yield _OTHER_KIND
        if len(code) > _COUNTRY_CODE and kind == "country":
            yield _PART


_ONE_CODE = Ground("code", 8.0, "They have one NUTS code.", "Sie haben denselben NUTS-Code.")
_OTHER_CODE = Ground("code", VETO, "They have different NUTS codes.", "Sie haben verschiedene NUTS-Codes.")
_PART = Ground("kind", -3.0, "One is a country, the other a region.", "Das eine ist ein Staat, das andere eine Region.")
_OTHER_KIND = Ground("kind", -3.0, "One is a town, the other a region.", "Das eine ist eine Stadt, das andere nicht.")


def best(suggested: Iterable[Match], *, threshold: float = REVIEW, each: int = EACH, skip: Skip = never) -> list[Match]:
    """The best suggestions for each of ours, best first.

    Args:
        suggested: Suggestions for one entry after another.
        threshold: Least score.
        each: At most so many for one of ours.
        skip: What need not be asked.
    """
    kept: dict[str, dict[str, Match]] = defaultdict(dict)
    for match in suggested:
        if match.score < threshold:
            continue
        mine = kept[match.ours]
        key = match.listed.id or match.listed.names[0]
        known = mine.get(key)
        if known is not None:
            mine[key] = max(known, match, key=lambda one: one.score)
        elif not skip(match.ours, match.listed):
            mine[key] = match
            if len(mine) > each:
                del mine[min(mine, key=lambda name: (mine[name].score, name))]
    found = [match for mine in kept.values() for match in mine.values()]
    return sorted(found, key=lambda match: (-match.score, match.ours, match.listed.id, match.listed.names))


# ---------------------------------------------------------------------------------------------------------------------
# Within one list


@dataclass(frozen=True, slots=True)
class Group:
    """Spellings in one list that may be one body.

    Attributes:
        listed: All of it as one entry, the most frequent spelling first.
        rows: How many rows of the list name it.
    """

    listed: Listed
    rows: int


def group(entries: Iterable[Listed], *, gazetteer: Gazetteer | None = None, threshold: float = SURE) -> list[Group]:
    """Take the spellings of a list together that may be one body; every spelling is in one group.

    Two groups become one where a pair of their spellings scores at least ``threshold``, and no pair less than
    ``REVIEW``: so a name that could be either of two bodies joins no two that are different.

    Args:
        entries: The list; ids say nothing here.
        gazetteer: The places to know; those that come with the ontology if none.
        threshold: Least score of a pair.

    >>> rows = [Listed("", (name,)) for name in ("Zora e.V.", "Zora  e. V.", "Stadt Halle", "Stadt Halberstadt")]
    >>> [found.listed.names for found in group(rows)]
    [('Zora e.V.', 'Zora  e. V.'), ('Stadt Halle',), ('Stadt Halberstadt',)]
    """
    spellings: dict[tuple[Sequence[str], Sequence[str]], tuple[Listed, int]] = {}
    for entry in entries:
        key = (entry.names, entry.places)
        first, rows = spellings.get(key, (entry, 0))
        spellings[key] = (first, rows + 1)
    distinct = list(spellings.values())
    matcher = Matcher(
        (
            Candidate(str(number), entry.names, places=entry.places, registers=entry.registers, domains=entry.websites)
            for number, (entry, _) in enumerate(distinct)
        ),
        gazetteer=gazetteer,
    )
    members: dict[int, list[int]] = {number: [number] for number in range(len(distinct))}
    of = list(range(len(distinct)))
    pairs = sorted(matcher.pairs(threshold=threshold), key=lambda pair: -pair.score)
    for pair in pairs:
        one, other = of[int(pair.one.id)], of[int(pair.other.id)]
        if one != other and _fit(matcher, members[one], members[other]):
            for number in members[other]:
                of[number] = one
            members[one] += members.pop(other)
    return [_together([distinct[number] for number in sorted(found)]) for found in members.values()]


def _fit(matcher: Matcher, one: Sequence[int], other: Sequence[int]) -> bool:
    return all(matcher.explain(str(a), str(b)).score >= REVIEW for a in one for b in other)


def _together(spellings: Sequence[tuple[Listed, int]]) -> Group:
    ordered = sorted(spellings, key=lambda each: -each[1])
    entries = [entry for entry, _ in ordered]

    def all_of(role: Callable[[Listed], Sequence[str]]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(text for entry in entries for text in role(entry)))

    listed = replace(
        entries[0],
        names=all_of(lambda entry: entry.names),
        places=all_of(lambda entry: entry.places),
        countries=all_of(lambda entry: entry.countries),
        websites=all_of(lambda entry: entry.websites),
        registers=all_of(lambda entry: entry.registers),
        line=min(entry.line for entry in entries),
    )
    return Group(listed, sum(rows for _, rows in ordered))
