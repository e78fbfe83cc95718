"""What speaks for and against two entries being one body, each piece with a weight and a sentence.

Weights are log-odds, natural logarithm: they add up, and their sum becomes the score between 0 and 1 by the logistic
function. A veto is a weight that no name outweighs. Source: I. P. Fellegi, A. B. Sunter, "A theory for record linkage",
JASA 64 (1969); P. Christen, "Data Matching", Springer 2012, chapter 6.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from integgraph.matching.names import Name
from integgraph.matching.places import Gazetteer, Relation
from integgraph.matching.similarity import Similarity

REVIEW = 0.5
"""Score from which a pair is worth a person's look: it says as much for as against."""
VETO = -6.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """One entry that may be the same body as another.

    Attributes:
        id: Its id, unique in a collection.
        names: Its names, the preferred one first; variants follow.
        kinds: What it is, such as ids of the vocabulary ``sector``.
        legal_forms: Its legal forms, as ids of the vocabulary ``legal-form`` or as spellings.
        places: Where it has its seat or works, as ids or names.
        context: Places of the lists that name it; they say less than places of its own.
        countries: Two-letter codes.
        registers: Register numbers, such as ``VR 1234`` or ``hrb:59351``.
        domains: Websites, as addresses or domains.
        parents: Ids of what it belongs to: federation, network.
        lists: Ids of the sources that list it: two entries of one list are two bodies, as a rule.
        is_network: Whether it is a network that the collection describes.
    """

    id: str
    names: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    legal_forms: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    registers: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    is_network: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """One piece of evidence.

    Attributes:
        name: What kind of evidence it is: name, place, level, legal-form, register, …
        weight: Log-odds: above 0 for one body, below 0 against.
        en, de: The same in one sentence.
    """

    name: str
    weight: float
    en: str
    de: str

    def text(self, language: str = "en") -> str:
        """The sentence in German or, for any other language, in English."""
        return self.de if language == "de" else self.en


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one entry beside its names, in comparable form."""

    places: frozenset[str]
    context: frozenset[str]
    countries: frozenset[str]
    registers: frozenset[str]
    domains: frozenset[str]
    kinds: frozenset[str]
    families: frozenset[str]
    parents: frozenset[str]
    lists: frozenset[str]
    id: str
    is_network: bool


def score(grounds: Collection[Ground]) -> float:
    """The score of a pair: how likely its evidence makes it, from 0 to 1.

    >>> score([Ground("name", 2.0, "", ""), Ground("place", -2.0, "", "")])
    0.5
    """
    return logistic(sum(ground.weight for ground in grounds))


def logistic(total: float) -> float:
    """Log-odds as a probability."""
    return round(1 / (1 + math.exp(-max(min(total, 30.0), -30.0))), 4)


# ---------------------------------------------------------------------------------------------------------------------
# Names

_MIDDLE = 0.7  # a name that agrees by so much says as much for as against
_SLOPE = 13.0


def name_weight(value: float) -> float:
    """What the similarity of two names is worth."""
    return _SLOPE * (value - _MIDDLE)


def of_names(one: Name, other: Name, found: Similarity) -> Iterator[Ground]:
    """Evidence of two names: their words, legal forms, level, and what kind of body they say it is."""
    weight = name_weight(found.value)
    if one.key == other.key:
        yield Ground("name", weight, "The names agree.", "Die Namen stimmen überein.")
    else:
        shared = ", ".join(found.words[:6])
        said = [(f"The names share: {shared}.", f"Die Namen teilen: {shared}.")] if shared else []
        for left, right in found.spelled[:3]:
            said.append(
                (f"'{left}' and '{right}' are spelled alike.", f"„{left}“ und „{right}“ schreiben sich ähnlich.")
            )
        for short in found.acronyms[:2]:
            said.append(
                (
                    f"'{short.upper()}' stands for words of the other name.",
                    f"„{short.upper()}“ kürzt Wörter des anderen Namens ab.",
                )
            )
        if found.missing:
            rest = ", ".join(found.missing[:6])
            said.append((f"Only one of them says: {rest}.", f"Nur einer sagt: {rest}."))
        if not said:
            said.append(("The names share no word.", "Die Namen teilen kein Wort."))
        yield Ground("name", weight, " ".join(en for en, _ in said), " ".join(de for _, de in said))


_PRIVATE = frozenset({"association", "foundation", "limited", "stock", "partnership", "cooperative"})
_AUTHORITIES = frozenset({"city-authority", "district-authority", "ministry", "police", "prefecture", "office"})


def of_forms(one: Name, other: Name, left: frozenset[str], right: frozenset[str]) -> Iterator[Ground]:
    """Evidence of legal forms, in the names or beside them."""
    forms, others = one.forms | left, other.forms | right
    if not forms or not others:
        if (forms & _PRIVATE and other.body in _AUTHORITIES) or (others & _PRIVATE and one.body in _AUTHORITIES):
            yield Ground(
                "legal-form",
                -2.5,
                "One is an authority, the other has a form of private law.",
                "Das eine ist eine Behörde, das andere hat eine Rechtsform des Privatrechts.",
            )
        return
    if forms.isdisjoint(others):
        yield Ground(
            "legal-form", -2.5, "The legal forms are of different kinds.", "Die Rechtsformen sind verschiedener Art."
        )
    elif one.form_ids and one.form_ids == other.form_ids:
        yield Ground("legal-form", 0.5, "The legal forms agree.", "Die Rechtsformen stimmen überein.")
    else:
        yield Ground("legal-form", 0.2, "The legal forms are of one kind.", "Die Rechtsformen sind von gleicher Art.")


def of_levels(one: Name, other: Name) -> Iterator[Ground]:
    """Evidence of how far a body reaches and of what it is: a city is no district, a deanery no diocese."""
    if one.levels and other.levels and one.levels.isdisjoint(other.levels):
        yield Ground(
            "level",
            VETO + 1,
            f"They work at different levels: {_listed(one.levels)} and {_listed(other.levels)}.",
            "Sie arbeiten auf verschiedenen Ebenen: "
            f"{_listed(one.levels, _LEVELS)} und {_listed(other.levels, _LEVELS)}.",
        )
    if one.body and other.body and one.body != other.body:
        yield Ground(
            "body",
            -4.0,
            "The names say that they are different kinds of bodies.",
            "Die Namen nennen verschiedene Arten von Stellen.",
        )
    elif one.body != other.body and ({one.body, other.body} & {"friends", "institute", "office"}):
        yield Ground(
            "body",
            -2.5,
            "One is a part of a body, or its friends; the other may be the body itself.",
            "Das eine ist Teil oder Förderer einer Stelle, das andere vielleicht sie selbst.",
        )


_LEVELS = {
    "local": "Ort", "municipal": "Gemeinde", "district": "Kreis", "state": "Land oder Region", "national": "Bund",
    "deanery": "Dekanat oder Kirchenkreis", "diocese": "Bistum oder Landeskirche", "parish": "Gemeinde der Kirche",
    "world": "Welt",
}  # fmt: skip


def _listed(words: Collection[str], labels: dict[str, str] | None = None) -> str:
    return ", ".join(sorted((labels or {}).get(word, word) for word in words))


# ---------------------------------------------------------------------------------------------------------------------
# Places


def of_places(one: Name, other: Name, left: Facts, right: Facts, gazetteer: Gazetteer) -> Iterator[Ground]:
    """Evidence of places. What the names say counts most, then the seat, then where an entry is listed."""
    said = _said(one, other, left, right)
    if said is None:
        return
    source, a, b = said
    relation = gazetteer.relation(a, b)
    if relation == Relation.LOOSE and a & b and source == "names":
        relation = Relation.SAME
    names = (_labels(a, gazetteer), _labels(b, gazetteer))
    bare = one.generic or other.generic
    weight = _PLACE[source][relation]
    if bare and relation <= Relation.REGION:
        weight = min(weight, _PLACE["own"][relation])
    en, de = _SENTENCES[relation]
    if not weight:
        return
    yield Ground("place", weight, en.format(*names), de.format(*names))


def _said(one: Name, other: Name, left: Facts, right: Facts) -> tuple[str, frozenset[str], frozenset[str]] | None:
    if one.places and other.places:
        return "names", one.places, other.places
    if left.places and right.places and not one.places and not other.places:
        return "own", left.places, right.places
    a, b = one.places or left.places, other.places or right.places
    if a and b:
        return "mixed", a, b
    if a or b:
        other_side = right.context if a else left.context
        if other_side:
            named = one.places or other.places
            return ("named-context" if named else "own-context"), a or left.context, b or right.context
        return None
    if left.context and right.context:
        return "context", left.context, right.context
    return None


#                  apart, one country, one region, loose, within, same
_PLACE: dict[str, tuple[float, float, float, float, float, float]] = {
    "names": (VETO, VETO, VETO, -1.5, -1.5, 0.8),
    "own": (VETO, VETO, VETO + 2, 0.0, 0.5, 1.5),
    "mixed": (VETO, VETO, VETO + 2, 0.0, 0.3, 1.2),
    "named-context": (-4.0, -4.0, -1.5, 0.0, 0.3, 0.8),
    "own-context": (-3.0, -2.0, -0.7, 0.0, 0.3, 0.8),
    "context": (-2.0, -1.0, -0.3, 0.0, 0.3, 0.6),
}
_SENTENCES = (
    ("{} and {} are in different countries.", "{} und {} liegen in verschiedenen Ländern."),
    ("{} and {} are different places.", "{} und {} sind verschiedene Orte."),
    ("{} and {} are different places in one region.", "{} und {} sind verschiedene Orte einer Region."),
    ("{} and {}: one is the country of the other.", "{} und {}: das eine ist das Land des anderen."),
    ("{} and {}: one lies in the other.", "{} und {}: das eine liegt im anderen."),
    ("Both belong to {}.", "Beide gehören zu {}."),
)


def _labels(places: Collection[str], gazetteer: Gazetteer) -> str:
    labels = sorted({gazetteer.label(place) for place in places})
    return ", ".join(labels[:3]) + (" …" if len(labels) > 3 else "")


# ---------------------------------------------------------------------------------------------------------------------
# Facts beside names


def of_facts(left: Facts, right: Facts, domain_bearers: Callable[[str], int]) -> Iterator[Ground]:
    """Evidence of what is known beside the names."""
    if left.registers and right.registers:
        if left.registers & right.registers:
            yield Ground("register", 8.0, "They have one register number.", "Sie haben dieselbe Registernummer.")
        elif {number.split()[0] for number in left.registers} & {number.split()[0] for number in right.registers}:
            yield Ground(
                "register", VETO, "They have different register numbers.", "Sie haben verschiedene Registernummern."
            )
    if left.domains and right.domains:
        shared = left.domains & right.domains
        if shared:
            rare = min(domain_bearers(domain) for domain in shared) <= 3
            yield Ground(
                "domain",
                3.0 if rare else 0.3,
                f"They have one website: {_listed(shared)}.",
                f"Sie haben dieselbe Website: {_listed(shared)}.",
            )
        else:
            yield Ground("domain", -0.5, "Their websites differ.", "Ihre Websites sind verschieden.")
    if left.countries and right.countries and left.countries.isdisjoint(right.countries):
        yield Ground("country", -3.0, "They are in different countries.", "Sie sind in verschiedenen Ländern.")
    if left.id in right.parents or right.id in left.parents:
        yield Ground("member", -3.0, "One is a member of the other.", "Das eine ist Mitglied des anderen.")
    elif left.parents and right.parents and left.parents & right.parents:
        yield Ground("parent", 0.3, "They belong to one federation.", "Sie gehören zu einem Dachverband.")
    if left.lists & right.lists:
        yield Ground("list", -3.0, "One source lists both, side by side.", "Eine Quelle führt beide nebeneinander auf.")
    if left.is_network and right.is_network:
        yield Ground(
            "network",
            VETO,
            "Both are networks that the collection describes, each by itself.",
            "Beide sind Netzwerke, die die Sammlung je für sich beschreibt.",
        )
    if left.kinds and right.kinds and not (left.is_network or right.is_network):
        if left.kinds & right.kinds:
            yield Ground("kind", 0.3, "They are of one sector.", "Sie gehören zu einem Sektor.")
        else:
            yield Ground("kind", -0.8, "They are of different sectors.", "Sie gehören zu verschiedenen Sektoren.")


def of_generic(one: Name, other: Name, grounds: Collection[Ground]) -> Iterator[Ground]:
    """A name that many bodies bear, each in its place, needs a place to say which one is meant."""
    if not (one.generic or other.generic):
        return
    if one.places and other.places and one.places & other.places:
        return
    if any(ground.name in ("place", "register", "domain") and ground.weight > 0.25 for ground in grounds):
        return
    yield Ground(
        "generic",
        -4.5,
        "The name says what kind of body it is, not which one.",
        "Der Name sagt, was für eine Stelle es ist, nicht welche.",
    )
