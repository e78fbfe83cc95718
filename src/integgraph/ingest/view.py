"""The current view: for each network and field the newest profile that answers it, with canonical actors and shortcuts.

The named graphs keep what every profile states. The view is what people query by default, so a triple stands in it
once and nothing in it mixes two editions of one field.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyoxigraph as ox

from integgraph.ingest import edtf
from integgraph.ingest.mapping import Iris, MappedProfile
from integgraph.ingest.record import Record
from integgraph.ontology import DCT, IG, ORG, RDF, SCHEMA, SKOS, Ontology, text_of

_TYPE = ox.NamedNode(RDF + "type")
_ACTORS = (IG + "Actor", IG + "UnnamedGroup")
_PREF_LABEL = ox.NamedNode(SKOS + "prefLabel")


def newest_first(profiles: Iterable[MappedProfile]) -> list[MappedProfile]:
    """Editions of one network, newest status date first; undated ones count as oldest.

    Two with the same date are ordered by their edition, the later name first, so that the order never depends on
    the order of files.
    """
    return sorted(profiles, key=lambda profile: (age(profile.record), profile.record.edition), reverse=True)


def age(record: Record) -> str:
    """Last day that the status date of a profile allows (ISO 8601); empty for an undated one."""
    items = record.items("status_date")
    period = edtf.parse(items[0]) if items else None
    day = (period.latest or period.earliest) if period else None
    return day.isoformat() if day else ""


def chosen_fields(editions: Sequence[MappedProfile], ontology: Ontology) -> dict[str, MappedProfile]:
    """For each field of the network: the newest edition that answers it, else the newest that speaks of it."""
    chosen: dict[str, MappedProfile] = {}
    ordered = newest_first(editions)
    for each in ontology.form.fields:
        if each.profile:
            continue
        answering = [edition for edition in ordered if edition.record.answer(each.key).answers]
        speaking = [edition for edition in ordered if each.key in edition.record.answers]
        if answering or speaking:
            chosen[each.key] = (answering or speaking)[0]
    return chosen


def network_view(
    editions: Sequence[MappedProfile], ontology: Ontology, canonical: Mapping[str, str], iris: Iris
) -> list[ox.Triple]:
    """The current view of one network, as sorted distinct triples.

    Args:
        editions: Every profile of the network.
        ontology: The ontology.
        canonical: IRI → canonical IRI, from the identity decisions.
        iris: Where the IRIs of things begin.
    """
    triples: dict[ox.Triple, None] = {}
    for edition in editions:
        triples.update(dict.fromkeys(edition.header))
        for each in ontology.form.fields:
            if each.profile:
                triples.update(dict.fromkeys(edition.fields.get(each.key, ())))
    chosen = chosen_fields(editions, ontology)
    triples.update(dict.fromkeys(_answers(editions, chosen)))
    evidence = _stale_evidence(editions, chosen, ontology)
    kept = [
        triple
        for triple in triples
        if text_of(triple.subject) not in evidence and text_of(triple.object) not in evidence
    ]
    # A member row that is itself a described network brings its memberships, but answers no field of that network.
    networks, answers = iris.thing("network", ""), {each.path for each in ontology.form.fields}
    merged = {old for old, new in canonical.items() if new.startswith(networks)}
    kept = [each for each in kept if text_of(each.subject) not in merged or each.predicate.value not in answers]
    rewritten = list(dict.fromkeys(rewrite(triple, canonical) for triple in kept))
    return sorted({*rewritten, *shortcuts(rewritten, ontology)}, key=str)


def _answers(editions: Sequence[MappedProfile], chosen: Mapping[str, MappedProfile]) -> list[ox.Triple]:
    """What the chosen fields state, and the newest description of every actor that they name.

    An edition describes an actor once, wherever it first names it; so the description may stand in a field for which
    another edition was chosen.
    """
    described: dict[Any, list[ox.Triple]] = {}
    for edition in newest_first(editions):
        stated = list(edition.triples())
        actors = {
            triple.subject for triple in stated if triple.predicate == _TYPE and text_of(triple.object) in _ACTORS
        }
        found: dict[Any, list[ox.Triple]] = {actor: [] for actor in actors - set(described)}
        for triple in stated:
            if triple.subject in found:
                found[triple.subject].append(triple)
        described |= found
    answers = [
        triple for key, edition in chosen.items() for triple in edition.fields[key] if triple.subject not in described
    ]
    named = dict.fromkeys(triple.object for triple in answers if triple.object in described)
    return [*answers, *(triple for actor in named for triple in described[actor])]


def _stale_evidence(
    editions: Sequence[MappedProfile], chosen: Mapping[str, MappedProfile], ontology: Ontology
) -> set[str]:
    """Wordings of an older edition's answer: they stay in that edition's own graph."""
    stale: set[str] = set()
    by_iri = {each.iri: each.key for each in ontology.form.fields}
    for edition in editions:
        for triple in edition.fields.get("evidence", ()):
            if triple.predicate.value == IG + "field":
                key = by_iri.get(text_of(triple.object), "")
                if key in chosen and chosen[key] is not edition:
                    stale.add(text_of(triple.subject))
    return stale


def rewrite(triple: ox.Triple, canonical: Mapping[str, str]) -> ox.Triple:
    """The triple with canonical things in place of those that were made one with them."""
    subject, value = triple.subject, triple.object
    if isinstance(subject, ox.NamedNode) and subject.value in canonical:
        subject = ox.NamedNode(canonical[subject.value])
    if isinstance(value, ox.NamedNode) and value.value in canonical:
        value = ox.NamedNode(canonical[value.value])
    return (
        triple if subject is triple.subject and value is triple.object else ox.Triple(subject, triple.predicate, value)
    )


class _Index:
    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self._objects: dict[tuple[Any, str], list[Any]] = defaultdict(list)
        self.by_predicate: dict[str, list[ox.Triple]] = defaultdict(list)
        for triple in triples:
            self._objects[triple.subject, triple.predicate.value].append(triple.object)
            self.by_predicate[triple.predicate.value].append(triple)

    def objects(self, subject: Any, path: str) -> list[Any]:
        return self._objects.get((subject, path), [])

    def instances(self, class_iri: str) -> list[Any]:
        return [triple.subject for triple in self.by_predicate[RDF + "type"] if text_of(triple.object) == class_iri]


def shortcuts(triples: Sequence[ox.Triple], ontology: Ontology) -> list[ox.Triple]:
    """Derived facts of one network: who counts as member, who coordinates, who funds whom, findings, addresses."""
    graph = _Index(triples)
    derived: list[ox.Triple] = []

    def state(subject: Any, path: str, value: Any) -> None:
        derived.append(ox.Triple(subject, ox.NamedNode(path), value))

    groups = set(graph.instances(IG + "UnnamedGroup"))
    for membership in graph.instances(ORG + "Membership"):
        roles = [ontology.concept(role.value) for role in graph.objects(membership, ORG + "role")]
        if not any(role and role.counts_as_member for role in roles):
            continue
        for network in graph.objects(membership, ORG + "organization"):
            for member in graph.objects(membership, ORG + "member"):
                if member not in groups and member != network:
                    state(network, ORG + "hasMember", member)
    for triple in graph.by_predicate[IG + "coordination"]:
        for coordinator in graph.objects(triple.object, IG + "coordinator"):
            if coordinator != triple.subject:
                state(triple.subject, IG + "coordinatedBy", coordinator)
    for flow in graph.instances(IG + "FundingFlow"):
        for recipient in graph.objects(flow, IG + "recipient"):
            for funder in graph.objects(flow, IG + "funder"):
                state(recipient, IG + "fundedBy", funder)
    for path, kind in ontology.finding_kinds.items():
        for triple in graph.by_predicate[path]:
            state(triple.subject, IG + "finding", triple.object)
            state(triple.object, IG + "findingKind", ox.NamedNode(kind))
    for triple in graph.by_predicate[IG + "webAddress"]:
        owners = graph.objects(triple.object, IG + "owner") or [triple.subject]
        for owner in owners:
            for address in graph.objects(triple.object, SCHEMA + "url"):
                state(owner, SCHEMA + "url", address)
    return derived


def preferred_labels(
    names: Mapping[str, Sequence[tuple[str, ox.Literal]]],
) -> list[ox.Triple]:
    """One preferred label a language for each canonical thing; further names become alternative labels.

    Args:
        names: Canonical IRI → (IRI that bore the name, name) of everything merged into it.
    """
    triples = []
    for iri, found in sorted(names.items()):
        node = ox.NamedNode(iri)
        ordered = sorted(found, key=lambda pair: (pair[0] != iri, pair[0], pair[1].value))
        chosen: dict[str, ox.Literal] = {}
        for _, name in ordered:
            chosen.setdefault(name.language or "", name)
        for name in chosen.values():
            triples.append(ox.Triple(node, _PREF_LABEL, name))
        others = {name for _, name in ordered} - set(chosen.values())
        triples.extend(ox.Triple(node, ox.NamedNode(SKOS + "altLabel"), name) for name in sorted(others, key=str))
    return triples


def _language(term: object) -> str:
    return str(getattr(term, "language", "") or "")


def names_in(editions: Sequence[MappedProfile], ontology: Ontology) -> list[tuple[str, ox.Literal]]:
    """(IRI, name) of the network and of every actor and group in the chosen fields of its editions.

    A network without an official name is listed under its working label.
    """
    found: list[tuple[str, ox.Literal]] = []
    chosen = chosen_fields(editions, ontology)
    network = editions[0].network.value
    titles = [
        triple.object
        for key, path in (("official_name", IG + "statedName"), ("label", IG + "workingLabel"))
        if key in chosen
        for triple in chosen[key].fields[key]
        if triple.predicate.value == path and text_of(triple.subject) == network
        if isinstance(triple.object, ox.Literal)
    ]
    languages: set[str] = set()
    for title in titles:
        if _language(title) not in languages:
            languages.add(_language(title))
            found.append((network, title))
    found.extend(
        (text_of(triple.subject), triple.object)
        for triple in _answers(editions, chosen)
        if triple.predicate.value == IG + "statedName" and text_of(triple.subject) != network
        if isinstance(triple.object, ox.Literal)
    )
    return list(dict.fromkeys(found))


def redirects(canonical: Mapping[str, str]) -> list[ox.Triple]:
    """What keeps a merged IRI answering: it is replaced by its canonical one."""
    replaced = ox.NamedNode(DCT + "isReplacedBy")
    return [
        ox.Triple(ox.NamedNode(old), replaced, ox.NamedNode(new))
        for old, new in sorted(canonical.items())
        if old != new
    ]
