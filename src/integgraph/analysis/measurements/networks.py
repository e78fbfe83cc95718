"""What is measured of one network while it is built: who steers, how much is known, what its one list fixes.

The mode of governance may hang on the sector of a single coordinator, and the sector of a body of which several
networks speak is known only when all have spoken. Such an answer is given in two versions, one for each thing that the
sector may mean; which one holds is seen when the release is put together (:func:`holding`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyoxigraph as ox

from integgraph.analysis.measurements.writing import Measured, Said, Writing
from integgraph.analysis.measures.answers import Answer, Basis
from integgraph.analysis.measures.governance import NOT_DETERMINABLE, SERVES_UNCLEAR, Governance, governance_mode
from integgraph.analysis.measures.onelist import one_list
from integgraph.analysis.measures.size import fields_answered, list_completeness
from integgraph.analysis.stated import Stated, is_over, newest
from integgraph.ontology import DCT, IG, VOCABULARY, Ontology, text_of
from integgraph.tables import STATED_NONE, VALUE, local, network_fields

Row = Mapping[str, Any]
_MODES = f"{VOCABULARY}governance-mode/"
_PUBLIC, _OTHER = "public", "other"
"""The two versions of an answer: the coordinator is a public body whose services are unclear, or it is not."""


@dataclass(frozen=True, slots=True)
class OfNetwork:
    """What is measured of a network.

    Attributes:
        lines: Sorted lines that hold in any case.
        mode: Its mode of governance, an id of the vocabulary; ``None`` where it waits.
        waits: Coordinator whose sector decides → version → mode and lines; empty where nothing waits.
    """

    lines: Sequence[bytes]
    mode: str | None
    waits: Mapping[str, Mapping[str, Any]]


def of_network(
    network: str,
    triples: Iterable[ox.Triple],
    rows: Mapping[str, Sequence[Row]],
    shared: Iterable[str],
    sectors: Mapping[str, Sequence[str]],
    ontology: Ontology,
    writing: Writing,
) -> OfNetwork:
    """Measure one network.

    Args:
        network: Its IRI.
        triples: Its current view.
        rows: What it gives to the tables.
        shared: Things of which other networks speak too.
        sectors: Sectors of the actors, as far as this network states them.
        ontology: The ontology.
        writing: How measurements are written.
    """
    view = _View(network, triples)
    row = rows["networks"][0]
    scope, basis = f"network/{local(network)}", Basis((row["status_date"],) if row["status_date"] else ())
    members = sorted({each["actor"] for each in rows["memberships"] if each.get("counts_as_member")})
    named = len(members) if row["members_state"] in (VALUE, STATED_NONE) else None
    states = {each.key: row[f"{each.key}_state"] for each in network_fields(ontology) if each.required}
    stated = newest(view.counts)
    answers: list[tuple[Answer[Any], str]] = [
        (list_completeness(named, stated.least if stated else None, states, basis=basis), "share"),
        (fields_answered(row["fields_answered"], row["fields_asked"], networks=1, basis=basis), "share"),
        *((answer, "") for answer in one_list(len(members), basis=basis)),
    ]
    measured = [Measured(scope, network, answer, answer.value, unit) for answer, unit in answers]

    def steered(sector: str | None) -> tuple[str, Measured]:
        answer = _governance(view, row, rows["funding"], members if named is not None else None, sector, basis)
        mode = answer.value.mode if answer.value else NOT_DETERMINABLE
        said = tuple(_governed(answer, mode, view))
        return mode, Measured(scope, network, answer, answer.value.mode if answer.value else None, "", said)

    versions = {_PUBLIC: steered(next(iter(sorted(SERVES_UNCLEAR)))), _OTHER: steered(None)}
    bodies = {each.who for each in view.current(row["status_date"] or "")}
    single = bodies.pop() if len(bodies) == 1 else ""
    if versions[_PUBLIC] != versions[_OTHER] and single in set(shared):
        waits = {
            name: {"mode": mode, "lines": [line.decode() for line in writing.lines([each])]}
            for name, (mode, each) in versions.items()
        }
        return OfNetwork(writing.lines(measured), None, {single: waits})
    mode, steering = versions[_version(sectors.get(single, ()))]
    return OfNetwork(writing.lines([*measured, steering]), mode, {})


def holding(waits: Mapping[str, Any], sectors: Sequence[str]) -> tuple[str, list[bytes]]:
    """Which version of an answer that waits holds: its mode and its lines.

    Args:
        waits: The versions, as :attr:`OfNetwork.waits` holds them.
        sectors: Sectors of the coordinator, sorted, as all networks together state them.
    """
    found = waits[_version(sectors)]
    return found["mode"], [line.encode() for line in found["lines"]]


def _version(sectors: Sequence[str]) -> str:
    return _PUBLIC if next(iter(sectors), None) in SERVES_UNCLEAR else _OTHER


# ---------------------------------------------------------------------------------------------------------------------
# Who steers


def _governance(
    view: _View, row: Row, flows: Sequence[Row], members: Sequence[str] | None, sector: str | None, basis: Basis
) -> Answer[Governance]:
    funders = {funder for flow in flows for funder in flow.get("funders") or ()}
    given: Any = [
        {
            "id": each.who,
            "wording": each.words,
            "sector": sector,
            "only_coordinates": True if each.kind == "own-organisation" or each.who == view.network else None,
            "funds": each.who in funders,
        }
        for each in view.current(row["status_date"] or "")
    ]
    if not given and view.no_coordination:
        reason, raw = view.no_coordination
        given = {"absent": reason, "raw": raw}
    answers = {
        "coordination": given,
        "members": members,
        "members_complete": row["members_complete"],
        "formalisation": list(row["formalisation"] or ()),
    }
    return governance_mode(answers, view.override, basis=basis)


def _governed(answer: Answer[Governance], mode: str, view: _View) -> list[Said]:
    found = answer.value
    said: list[Said] = [
        (IG + "governanceMode", ox.NamedNode(_MODES + mode)),
        (IG + "governanceRule", ox.Literal(found.rule if found else str(answer.details["rule"]))),
    ]
    derived = found.derived if found else answer.details.get("derived")
    if found:
        said.append((IG + "governanceConfidence", ox.Literal(found.confidence)))
        said += [(IG + "governanceEvidence", ox.Literal(words)) for words in {e.words for e in found.evidence} if words]
    if derived:
        said.append((IG + "derivedMode", ox.NamedNode(_MODES + derived)))
    if view.override:
        said += [(DCT + "source", source) for source in view.override_sources]
    return sorted(said, key=lambda each: (each[0], str(each[1])))


# ---------------------------------------------------------------------------------------------------------------------
# What the triples of a network say of that


@dataclass(frozen=True, slots=True)
class _Coordination:
    who: str
    kind: str
    words: str
    until: str


_WANTED = frozenset(
    IG + name
    for name in (
        "coordination", "coordinator", "coordinationKind", "wording", "to", "position", "statedCount", "countUnit",
        "minimum", "maximum", "countDate", "ofMembers", "setGovernance", "governanceMode", "about", "field", "reason",
        "rawText", "statedName",
    )
) | {DCT + "source"}  # fmt: skip


class _View:
    """The few properties of a network's current view that measurements need."""

    def __init__(self, network: str, triples: Iterable[ox.Triple]) -> None:
        self.network = network
        self._terms: dict[tuple[str, str], list[Any]] = defaultdict(list)
        self._absences: list[str] = []
        for triple in triples:
            path = triple.predicate.value
            if path in _WANTED:
                subject = text_of(triple.subject)
                self._terms[subject, path].append(triple.object)
                if path == IG + "about" and text_of(triple.object) == network:
                    self._absences.append(subject)

    def _texts(self, subject: str, name: str) -> list[str]:
        return [text_of(term) for term in self._terms.get((subject, IG + name), ())]

    def _text(self, subject: str, name: str) -> str:
        return next(iter(sorted(self._texts(subject, name))), "")

    @cached_property
    def coordinations(self) -> list[_Coordination]:
        nodes = self._texts(self.network, "coordination")
        found = []
        for node in sorted(nodes, key=lambda each: (int(self._text(each, "position") or 0), each)):
            who = self._text(node, "coordinator")
            words = self._texts(node, "wording") or [min(self._texts(who, "statedName"), default=local(who))]
            kind, until = local(self._text(node, "coordinationKind")), self._text(node, "to")
            found += [_Coordination(who, kind, each, until) for each in sorted(words)]
        return found

    def current(self, status: str) -> list[_Coordination]:
        """Who coordinates when the profile is true."""
        return [each for each in self.coordinations if not is_over(each.until, status)]

    @cached_property
    def no_coordination(self) -> tuple[str, str] | None:
        for node in self._absences:
            if self._text(node, "field") == IG + "f-coordination":
                return local(self._text(node, "reason")), self._text(node, "rawText")
        return None

    @cached_property
    def counts(self) -> list[Stated]:
        found = []
        for node in sorted(self._texts(self.network, "statedCount")):
            least, most = (self._text(node, name) for name in ("minimum", "maximum"))
            of_members = {"true": True, "false": False}.get(self._text(node, "ofMembers"))
            found.append(
                Stated.of(
                    int(least) if least else None, int(most) if most else None, local(self._text(node, "countUnit")),
                    self._text(node, "countDate"), self._text(node, "wording"), of_members=of_members,
                )
            )  # fmt: skip
        return found

    @cached_property
    def override(self) -> Mapping[str, str] | None:
        for node in self._texts(self.network, "setGovernance"):
            mode, words = local(self._text(node, "governanceMode")), self._text(node, "wording")
            return {"mode": mode, "source": text_of(self.override_sources[0]), "words": words}
        return None

    @property
    def override_sources(self) -> list[Any]:
        nodes = self._texts(self.network, "setGovernance")
        return sorted((term for node in nodes for term in self._terms[node, DCT + "source"]), key=str)
