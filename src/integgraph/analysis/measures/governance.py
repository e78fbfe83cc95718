"""Who steers a network: the mode of governance, by rules that name what they rest on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from integgraph.analysis.measures.answers import (
    NOTHING_GIVEN,
    Answer,
    Basis,
    Inputs,
    Measure,
    Text,
)
from integgraph.errors import Unprocessable

Confidence: TypeAlias = Literal["low", "medium", "high"]

GOVERNANCE = Measure(
    "governance-mode", Text("Governance mode", "Form der Steuerung"), Text("Who steers?", "Wer steuert?")
)
MODES: Mapping[str, Text] = {
    "participant-governed": Text("participant-governed", "von den Beteiligten gesteuert"),
    "joint-coordination": Text("jointly coordinated", "gemeinsam koordiniert"),
    "lead-organisation": Text("led by one of its members", "von einem der Mitglieder geführt"),
    "network-administrative-organisation": Text(
        "run by an organisation set apart for it", "von einer eigenen Stelle verwaltet"
    ),
    "lead-or-nao": Text(
        "led by one organisation, member or set apart", "von einer Stelle geführt, Mitglied oder gesondert"
    ),
}
"""The modes by their concept in the vocabulary ``governance-mode``."""
NOT_DETERMINABLE = "not-determinable"
"""The concept for where no mode can be told."""
RULES: Mapping[str, Text] = {
    "G0": Text("nothing is said on coordination", "zur Koordination ist nichts gesagt"),
    "G1": Text("no coordinating organisation, as stated", "laut Angabe keine koordinierende Organisation"),
    "G2": Text(
        "the coordinator is a member with services of its own",
        "die koordinierende Stelle ist Mitglied mit eigenen Angeboten",
    ),
    "G3": Text(
        "the coordinator is not a member, or exists only to coordinate",
        "die koordinierende Stelle ist kein Mitglied oder besteht nur zur Koordination",
    ),
    "G4": Text(
        "one organisation coordinates, and whether it also serves is not known",
        "eine Stelle koordiniert; ob sie auch selbst Angebote hat, ist nicht bekannt",
    ),
    "G5": Text("two or more organisations coordinate", "zwei oder mehr Stellen koordinieren"),
    "override": Text("set by a person from a source", "von einer Person nach einer Quelle festgelegt"),
}
_LEVELS: tuple[Confidence, ...] = ("low", "medium", "high")
_CONFIDENCE = {
    "low": Text("low", "gering"),
    "medium": Text("medium", "mittel"),
    "high": Text("high", "hoch"),
}
SERVES_UNCLEAR = frozenset({"municipality", "public-authority", "public", "political-body"})
"""Sectors of bodies that often coordinate or fund without services of their own."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a rule rests on: the field of the form and the words of the profile."""

    field: str
    words: str


@dataclass(frozen=True, slots=True)
class Override:
    """A mode that a person set, with the source that says so and, where they are quoted, its words."""

    mode: str
    source: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Governance:
    """The mode of governance and why.

    Attributes:
        mode: Concept of the vocabulary ``governance-mode``.
        rule: ``G1`` to ``G5``, or ``override``.
        evidence: What the rule rests on, quoted.
        confidence: How sure it is.
        derived: The mode that the rules give, where a person set another one.
        override: Who says so, where a person set it.
    """

    mode: str
    rule: str
    evidence: tuple[Quoted, ...]
    confidence: Confidence
    derived: str | None = None
    override: Override | None = None


def governance_mode(
    answers: Mapping[str, Any], override: Mapping[str, str] | None = None, *, basis: Basis = NOTHING_GIVEN
) -> Answer[Governance]:
    """Who steers a network, from what its profile states.

    Definition: G0 coordination blank: not determinable. G1 stated none: participant-governed. G2 the coordinator is a
        member with services of its own: lead organisation. G3 it is not a member, or exists only to coordinate: network
        administrative organisation. G4 it is a municipality or funder whose service role is unknown: lead organisation
        or NAO. G5 two or more coordinators: joint coordination.
    Formula: the first that holds of G0, G1, G5, G4, G3, G2.
    States: *value* in general; *unknown* under G0, and where a person found that the source does not tell.
    Caveat: what is stated is not always how it runs. Formalisation changes the confidence, never the mode. A person may
        set another mode only with a source; what the rules gave stays beside it.
    Reference: Provan, K. G. & Kenis, P. (2008) Modes of network governance: structure, management, and effectiveness.
        Journal of Public Administration Research and Theory 18, 229–252.

    Args:
        answers: What the profile says. ``coordination``: a list of coordinators, each a mapping with ``id`` and where
            known ``name``, ``sector``, ``services`` (whether it has services of its own), ``only_coordinates``,
            ``funds`` (whether it pays for the network) and ``wording``; or ``{"absent": reason, "raw": words}``; or
            nothing. ``members``: the members, each an id or a mapping with ``id``. ``members_complete``: ``yes`` or
            ``no`` (or a truth value). ``formalisation``: concepts or their wordings.
        override: ``{"mode": …, "source": …, "words": …}``: a mode that a person set, or ``not-determinable``.
        basis: Dates and sources, as given.

    Raises:
        Unprocessable: the override has no source, or a mode that the vocabulary does not know.

    >>> answer = governance_mode({
    ...     "coordination": {"absent": "stated-none", "raw": "No coordinating organisation"},
    ...     "members": ["caritas", "diakonie", "zora"],
    ...     "formalisation": ["soft-agreements"],
    ... })
    >>> answer.found.mode, answer.found.rule, answer.found.confidence, answer.found.evidence[0].words
    ('participant-governed', 'G1', 'high', 'No coordinating organisation')
    >>> str(governance_mode({}).state)
    'unknown'
    """
    members = _ids(answers.get("members"))
    inputs = Inputs(len(members) if members is not None else None, 1, None, basis.dates, basis.sources)
    derived = _derive(answers, members)
    if override:
        found = _overridden(derived, override)
        if found is None:
            details = {"rule": "override", "mode": NOT_DETERMINABLE, "derived": derived.mode if derived else None}
            return GOVERNANCE.unknown(inputs, _not_told(override), **details)
        return GOVERNANCE.value(found, inputs, _sentence(found))
    if derived is None:
        return GOVERNANCE.unknown(inputs, RULES["G0"], rule="G0", mode=NOT_DETERMINABLE)
    return GOVERNANCE.value(derived, inputs, _sentence(derived))


def _sentence(found: Governance) -> Text:
    words = "; ".join(each.words for each in found.evidence if each.words)
    quoted = Text(f" (“{words}”)", f" („{words}“)") if words else Text("", "")
    mode, rule, sure = MODES[found.mode], RULES[found.rule], _CONFIDENCE[found.confidence]
    if found.override is not None:
        return _set_by_a_person(found, found.override)
    return Text(
        f"The network is {mode.en}. {found.rule}: {rule.en}{quoted.en}. Confidence: {sure.en}.",
        f"Das Netzwerk wird {mode.de}. {found.rule}: {rule.de}{quoted.de}. Verlässlichkeit: {sure.de}.",
    )


def _set_by_a_person(found: Governance, given: Override) -> Text:
    """The mode with who says so; what the rules give stays beside it."""
    mode = MODES[found.mode]
    quoted = Text(f" (“{given.words}”)", f" („{given.words}“)") if given.words else Text("", "")
    by_rules = Text("The rules alone could not tell.", "Nach den Regeln allein wäre es nicht bestimmbar.")
    if found.derived is not None:
        derived = MODES[found.derived]
        by_rules = Text(f"By the rules it is {derived.en}.", f"Nach den Regeln wird es {derived.de}.")
    return Text(
        f"The network is {mode.en}. Set by a person from a source{quoted.en}: {given.source}. {by_rules.en}",
        f"Das Netzwerk wird {mode.de}. Von einer Person nach einer Quelle festgelegt{quoted.de}: {given.source}. "
        f"{by_rules.de}",
    )


def _not_told(override: Mapping[str, str]) -> Text:
    source = override["source"]
    return Text(
        f"a person found that the source does not tell: {source}",
        f"eine Person hat befunden, dass die Quelle es nicht hergibt: {source}",
    )


def _derive(answers: Mapping[str, Any], members: frozenset[str] | None) -> Governance | None:
    given = answers.get("coordination")
    formal = _formal(answers.get("formalisation"))
    if isinstance(given, Mapping) and "absent" in given:
        if given["absent"] != "stated-none":
            return None
        quoted = Quoted("coordination", str(given.get("raw") or ""))
        # A legal entity has organs of its own, which sits ill with "nobody coordinates".
        sure = _step("high", -1 if formal == "legal-entity" else 0)
        return Governance("participant-governed", "G1", (quoted,), sure)
    coordinators = _coordinators(given)
    if not coordinators:
        return None
    quotes = tuple(Quoted("coordination", str(_words(each))) for each in coordinators)
    if len({each.get("id") or each.get("name") for each in coordinators}) > 1:
        return Governance("joint-coordination", "G5", quotes, _step("high", -1 if formal == "informal" else 0))
    rule, sure = _single(coordinators[0], members, _complete(answers.get("members_complete")))
    mode = {"G2": "lead-organisation", "G3": "network-administrative-organisation", "G4": "lead-or-nao"}[rule]
    change = {"informal": -1, "written-agreement": 1, "legal-entity": 1}.get(formal or "", 0)
    return Governance(mode, rule, quotes, _step(sure, change))


_BY_COMPLETENESS: Mapping[bool | None, Confidence] = {True: "high", False: "low", None: "medium"}
"""How sure it is that a coordinator is no member, by whether the list of members is complete."""


def _single(
    coordinator: Mapping[str, Any], members: frozenset[str] | None, complete: bool | None
) -> tuple[str, Confidence]:
    member = members is not None and str(coordinator.get("id", coordinator.get("name"))) in members
    services, only = coordinator.get("services"), coordinator.get("only_coordinates")
    if services is None and only is None:
        payer = coordinator.get("funds") or coordinator.get("sector") in SERVES_UNCLEAR
        if payer or not members:
            return "G4", "medium" if payer else "low"
    if only or services is False:
        return "G3", "high"
    if member:
        return "G2", "high" if services else "medium"
    return "G3", _BY_COMPLETENESS[complete]


def _overridden(derived: Governance | None, override: Mapping[str, str]) -> Governance | None:
    """The mode that a person set; ``None`` where they found that it cannot be told."""
    mode, source = override.get("mode", ""), override.get("source", "")
    if mode not in {*MODES, NOT_DETERMINABLE}:
        raise Unprocessable(f"There is no mode of governance '{mode}'. There are: {', '.join(MODES)}.")
    if not source.strip():
        raise Unprocessable("A mode of governance that a person sets needs a source. Say where it is stated.")
    if mode == NOT_DETERMINABLE:
        return None
    words = override.get("words", "")
    quoted = Quoted("override", words or source)
    given = Override(mode, source, words)
    return Governance(mode, "override", (quoted,), "high", derived.mode if derived else None, given)


def _step(level: Confidence, by: int) -> Confidence:
    return _LEVELS[max(0, min(len(_LEVELS) - 1, _LEVELS.index(level) + by))]


def _coordinators(given: Any) -> list[Mapping[str, Any]]:
    if not given:
        return []
    many: Sequence[Any] = [given] if isinstance(given, str | Mapping) else list(given)
    return [each if isinstance(each, Mapping) else {"id": str(each), "name": str(each)} for each in many]


def _words(coordinator: Mapping[str, Any]) -> Any:
    return coordinator.get("wording") or coordinator.get("name") or coordinator.get("id") or ""


def _ids(members: Any) -> frozenset[str] | None:
    if members is None or (isinstance(members, Mapping) and "absent" in members):
        return None
    many: Collection[Any] = members
    return frozenset(each if isinstance(each, str) else _id(each) for each in many)


def _id(member: Any) -> str:
    return str(member.get("id", member.get("name"))) if isinstance(member, Mapping) else str(member)


def _complete(given: Any) -> bool | None:
    if isinstance(given, bool) or given is None:
        return given
    return {"yes": True, "true": True, "no": False, "false": False}.get(str(given).lower())


def _formal(given: Any) -> str | None:
    """The firmest of the degrees of formalisation that are named."""
    if not given or (isinstance(given, Mapping) and "absent" in given):
        return None
    named_ones = " ".join([given] if isinstance(given, str) else map(str, given)).lower()
    for concept, words in _DEGREES.items():
        if any(word in named_ones for word in words):
            return concept
    return None


_DEGREES = {
    "legal-entity": ("legal-entity", "legal entity", "eigene rechtsform"),
    "written-agreement": ("written-agreement", "written agreement", "schriftliche vereinbarung"),
    "soft-agreements": ("soft", "weiche"),
    "informal": ("informal", "informell"),
}


def tally(modes: Mapping[str, Answer[Governance]]) -> Text:
    """How many networks of a collection are governed in which way, in words.

    >>> none = {"absent": "stated-none"}
    >>> tally({"a": governance_mode({"coordination": none}), "b": governance_mode({})}).en
    'participant-governed: 1; not determinable: 1'
    """
    counts = Counter(answer.value.mode for answer in modes.values() if answer.value)
    return tally_of(counts, len(modes) - counts.total())


def tally_of(counts: Mapping[str, int], unknown: int) -> Text:
    """The same, from numbers by mode and the number of networks whose mode is not determinable.

    >>> tally_of({"lead-organisation": 2}, 1).en
    'led by one of its members: 2; not determinable: 1'
    """
    parts = [(text, counts[mode]) for mode, text in MODES.items() if counts.get(mode)]
    if unknown:
        parts.append((Text("not determinable", "nicht bestimmbar"), unknown))
    return Text("; ".join(f"{t.en}: {n}" for t, n in parts), "; ".join(f"{t.de}: {n}" for t, n in parts))
