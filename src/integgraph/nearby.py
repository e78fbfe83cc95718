"""What stands near a thing, as far as its page shows it; read step by step.

A page shows the first entries of a long list. One query for everything would have the engine walk the whole list anew
for each step beyond it; here each step asks for what the step before has found, and no further, so that a network with
hundreds of members costs little more to read than one with ten. Every query is SPARQL, so it works over any
:class:`~integgraph.store.Store`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pyoxigraph as ox

from integgraph.ontology import IG, PREFIXES, RDF, SKOS, VOCABULARY, text_of
from integgraph.store import Rows, Store, Term, iri

SHOWN = 50
"""How many values of one list a page shows; the other representations of a thing have them all."""

ENTITIES = r"/(actor|group|network|place|profile)/[^/#]+$"
"""How the IRIs of things end that are no statements about others."""

_ENTITY = re.compile(ENTITIES)
_BYTES = 30_000
"""About so many bytes of IRIs go into one query, so that none is too long for the gate."""
_TYPE, _LABEL, _POSITION = RDF + "type", SKOS + "prefLabel", IG + "position"
_STATED = frozenset({IG + "evidence", IG + "warning", PREFIXES["prov"] + "wasDerivedFrom"})
"""What leads from a profile to what it says about itself."""

# Who is a member stands in the memberships too. The filter by property is answered from the index: what is left out is
# not even read.
LONG = (IG + "membership", IG + "funding")
"""The lists of a network that may be long: who takes part, and the money."""
_SHORT = f"FILTER(?p NOT IN (org:hasMember, {', '.join(f'<{path}>' for path in LONG)}))"
_OTHERS = f"?p ?o {_SHORT}"
_NETWORK = f"""SELECT ?thing ?s ?p ?o WHERE {{
    {{ ?thing {_OTHERS} BIND(?thing AS ?s) }}
    UNION {{ ?s ig:about ?thing . ?s ?p ?o }}
    UNION {{ ?s ig:describes ?thing . ?s ?p ?o }} }}"""
_PROFILE = f"""SELECT ?thing ?s ?p ?o WHERE {{
    {{ GRAPH ?thing {{ ?thing ?p ?o }} BIND(?thing AS ?s) }}
    UNION {{ GRAPH ?thing {{ ?thing ig:describes ?s . ?s {_OTHERS} }} }}
    UNION {{ GRAPH ?thing {{ ?s ig:about ?about . ?s ?p ?o }} }} }}"""
# Each list is asked for by itself: a place in a list that is joined after the union would be a scan of all places.
_FIRST = " UNION ".join(
    f"{{ ?of <{path}> ?o . ?o ig:position ?place FILTER(?place <= {SHOWN}) BIND(<{path}> AS ?p) }}" for path in LONG
)
_FIRST_OF_NETWORK = f"SELECT ?of ?p ?o WHERE {{ {_FIRST} }}"
_FIRST_OF_PROFILE = f"SELECT ?graph ?of ?p ?o WHERE {{ GRAPH ?graph {{ {_FIRST} }} }}"
_ACTOR = """SELECT ?thing ?s ?p ?o WHERE {
    { ?thing ?p ?o BIND(?thing AS ?s) } UNION { ?s owl:differentFrom|ig:undecidedIdentity ?thing . ?s ?p ?o } }"""
_MERGED = f"SELECT ?thing ?old WHERE {{ ?old dct:isReplacedBy ?thing }} LIMIT {SHOWN}"
_ABSENT = "SELECT ?thing ?profile ?node WHERE { GRAPH ?profile { ?node ig:about ?thing } }"
_OUTGOING = "?s ?p ?o"
_LABELS = f"?s <{_LABEL}> ?o BIND(<{_LABEL}> AS ?p)"
_DATES = "?s ig:statusDate ?o BIND(ig:statusDate AS ?p)"
_PLACES = f"?s <{_POSITION}> ?o BIND(<{_POSITION}> AS ?p)"

_Triple = tuple[Any, Any, Any]

Lists = Mapping[str, Sequence[str]]
"""Property of a network → IRIs of the statements that are shown of its list."""


class Said(NamedTuple):
    """One statement of a profile: under which IRI, in which profile, which property and value."""

    subject: Term
    profile: Term
    path: str
    value: Term


@dataclass(frozen=True, slots=True)
class Near:
    """What stands near a thing.

    Attributes:
        triples: What is said, with the names of what it refers to; distinct, and sorted.
        said: Who states what is shown, under the thing's own IRI or one that was merged into it.
        dates: Status date of each profile that has one.
        merged: The first :data:`SHOWN` of what was made one with the thing.
    """

    triples: list[ox.Triple] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    dates: dict[Term, Term] = field(default_factory=dict)
    merged: list[Term] = field(default_factory=list)

    def __reduce__(self) -> tuple[Any, ...]:
        """Between processes each term goes once, however often it stands in the triples: a third of the time."""
        terms: dict[Term, Term] = {}

        def one(term: Term) -> Term:
            return terms.setdefault(term, term)

        triples = [(one(each.subject), one(each.predicate), one(each.object)) for each in self.triples]
        said = [(one(each.subject), one(each.profile), each.path, one(each.value)) for each in self.said]
        return _unpacked, (triples, said, self.dates, self.merged)


def _unpacked(triples: list[_Triple], said: list[tuple[Any, ...]], dates: dict[Term, Term], merged: list[Term]) -> Near:
    return Near([ox.Triple(*each) for each in triples], [Said(*each) for each in said], dates, merged)


@dataclass(frozen=True, slots=True)
class Look:
    """A thing at a look.

    Attributes:
        classes: Solutions of :data:`CLASSES`: what it is.
        outward: Solutions of :data:`OUTWARD`: what it is, or matches, in other collections.
        near: What stands near it; empty for what is no network, actor, group or profile.
    """

    classes: Rows
    outward: Rows
    near: Near

    @property
    def types(self) -> frozenset[str]:
        """IRIs of its classes; empty where there is no such thing."""
        return types_in(self.classes)


CLASSES = "SELECT ?thing ?x ?label WHERE { ?thing a ?x OPTIONAL { ?x rdfs:label ?label } }"
OUTWARD = """SELECT ?thing ?x WHERE { ?thing ?p ?x
    VALUES ?p { owl:sameAs skos:exactMatch skos:closeMatch skos:broadMatch skos:narrowMatch } } ORDER BY ?x"""


def types_in(classes: Rows) -> frozenset[str]:
    """IRIs of the classes among the solutions of :data:`CLASSES`."""
    return frozenset(text_of(found) for _, found, _ in classes.rows)


def look(store: Store, thing: Term, lists: Lists | None = None) -> Look:
    """All that the page of a thing asks for first, in one go.

    Args:
        store: The store to ask.
        thing: The thing.
        lists: As for :func:`network`.
    """
    classes, outward = (store.select(query, {"thing": thing}) for query in (CLASSES, OUTWARD))
    types = types_in(classes)
    if IG + "Network" in types:
        near = network(store, thing, lists)
    elif IG + "Profile" in types:
        near = Near(profile(store, thing))
    elif types & {IG + "Actor", IG + "UnnamedGroup"}:
        near = actor(store, thing)
    else:
        near = Near()
    return Look(classes, outward, near)


def network(store: Store, thing: Term, lists: Lists | None = None) -> Near:
    """What its profiles say of a network, with the names of what they refer to.

    Who else names it is left out, since that may be without end.

    Args:
        store: The store to ask.
        thing: The network.
        lists: What is shown of its members and of its money, for whoever knows it from the tables already; without it,
            the place of each is looked up.

    Returns:
        Its own triples and those of its absences and profiles; the statements that they lead to, of each list the
        first :data:`SHOWN`; and the parts of these statements. Nothing where there is no such thing.

    >>> from integgraph.store import EmbeddedStore, iri
    >>> store = EmbeddedStore.of('''
    ... @prefix ig: <https://w3id.org/integgraph/ontology#> . @prefix e: <https://e.example/network/> .
    ... e:a ig:membership e:a.1, e:a.2 . e:a.1 ig:position 1 . e:a.2 ig:position 51 .''')
    >>> sorted(triple.object.value for triple in network(store, iri("https://e.example/network/a")).triples)
    ['1', 'https://e.example/network/a.1']
    """
    own = list(_rows(store.select(_NETWORK, {"thing": thing}), "s"))
    if lists is None:
        listed = list(_rows(store.select(_FIRST_OF_NETWORK, {"of": thing}), "of"))
    else:
        listed = [(thing, iri(path), iri(each)) for path, shown in lists.items() for each in shown]
    stated = [value for subject, path, value in own if subject != thing and path.value in _STATED]
    begun = [each for each in own if each[0] == thing]
    kept = _shown(begun, lambda nodes: _asked(store, _PLACES, nodes))
    walked = _walk(
        lambda nodes: _asked(store, _OUTGOING, nodes),
        [*_objects(listed), *(value for value in kept if _is_statement(value))],
        {subject for subject, _, _ in own},
        _is_statement,
        2,
    )
    evidence = _asked(store, _OUTGOING, stated)
    triples = _named(store, [*own, *listed, *walked, *evidence])
    merged = _merged(store, thing)
    things = [thing, *merged]
    said = list(_said(store, things))
    profiles = {subject for subject, path, value in own if path.value == IG + "describes" and value == thing}
    if len(profiles) == 1 and not merged:  # then whatever stands in its lists is said there
        (only,) = profiles
        said += [Said(thing, only, path.value, node) for _, path, node in listed]
    else:
        said += _said_in_lists(store, things, listed)
    said += _said_to_be_absent(store, things)
    return Near(triples, said, _dates(store, said), merged)


def actor(store: Store, thing: Term) -> Near:
    """What is said of an actor or a group itself, with the names of what it refers to.

    In which networks it is found is left out, since that may be without end.

    Args:
        store: The store to ask.
        thing: The actor.
    """
    triples = _named(store, list(_rows(store.select(_ACTOR, {"thing": thing}), "s")))
    merged = _merged(store, thing)
    said = list(_said(store, [thing, *merged]))
    return Near(triples, said, _dates(store, said), merged)


def profile(store: Store, thing: Term) -> list[ox.Triple]:
    """What a profile states of its network and of itself, with the names of what it refers to.

    Args:
        store: The store to ask.
        thing: The profile; it is the name of a graph.

    Returns:
        Distinct triples, sorted: as for :func:`network`, from the graph of the profile, and what it says of the actors
        it names. None where there is no such profile.
    """
    own = list(_rows(store.select(_PROFILE, {"thing": thing}), "s"))
    networks = [value for subject, path, value in own if subject == thing and path.value == IG + "describes"]
    listed = [
        triple
        for one in networks
        for triple in _rows(store.select(_FIRST_OF_PROFILE, {"graph": thing, "of": one}), "of")
    ]
    kept = _shown(own, lambda nodes: _asked(store, _PLACES, nodes, thing))
    walked = _walk(
        lambda nodes: _asked(store, _OUTGOING, nodes, thing),
        [*_objects(listed), *(value for value in kept if _leads_on(value))],
        {subject for subject, _, _ in own} | set(networks),
        _leads_on,
        3,
    )
    return _named(store, [*own, *listed, *walked])


def _merged(store: Store, thing: Term) -> list[Term]:
    return [old for _, old in store.select(_MERGED, {"thing": thing}).rows]


def _said(store: Store, things: Sequence[Term]) -> Iterator[Said]:
    """What profiles state under some IRIs; of a network without its long lists."""
    for rows in _portion_by_portion(store, f"GRAPH ?profile {{ ?s ?p ?o {_SHORT} }}", things):
        at = tuple(rows.variables.index(name) for name in ("s", "profile", "p", "o"))
        for row in rows.rows:
            subject, profile_of_it, path, value = (row[place] for place in at)
            yield Said(subject, profile_of_it, text_of(path), value)


def _said_in_lists(store: Store, things: Sequence[Term], listed: Iterable[_Triple]) -> Iterator[Said]:
    """Who states what is shown of the long lists of a network."""
    lists: dict[str, list[Term]] = defaultdict(list)
    for _, path, node in listed:
        lists[path.value].append(node)
    for thing in things:
        for path, nodes in lists.items():
            pattern = f"GRAPH ?profile {{ {thing} <{path}> ?s }}"
            for rows in _portion_by_portion(store, pattern, nodes):
                at = tuple(rows.variables.index(name) for name in ("s", "profile"))
                yield from (Said(thing, row[at[1]], path, row[at[0]]) for row in rows.rows)


def _said_to_be_absent(store: Store, things: Sequence[Term]) -> Iterator[Said]:
    """Who says that something is missing."""
    for thing in things:
        for _, who, absence in store.select(_ABSENT, {"thing": thing}).rows:
            yield Said(thing, who, IG + "about", absence)


def _dates(store: Store, said: Iterable[Said]) -> dict[Term, Term]:
    profiles = dict.fromkeys(each.profile for each in said)
    return {who: date for who, _, date in _asked(store, _DATES, profiles)}


def _portion_by_portion(store: Store, pattern: str, things: Iterable[Term]) -> Iterator[Rows]:
    """The solutions of a pattern for each of some things, which it calls ``?s``; in as few queries as there must be."""
    for values in portions(things):
        yield store.select(f"SELECT * WHERE {{ VALUES ?s {{ {values} }} {pattern} }}")


def portions(things: Iterable[Term]) -> Iterator[str]:
    """Some things as they stand in ``VALUES``, each once; in as few texts as there must be for the gate."""
    portion: list[str] = []
    size = 0
    for each in dict.fromkeys(things):
        text = str(each)
        if portion and size + len(text) * 4 > _BYTES:  # no character has more than four bytes
            yield " ".join(portion)
            portion, size = [], 0
        portion.append(text)
        size += len(text) + 1
    if portion:
        yield " ".join(portion)


def _asked(store: Store, pattern: str, nodes: Iterable[Term], graph: Term = None) -> list[_Triple]:
    wanted = pattern if graph is None else f"GRAPH {graph} {{ {pattern} }}"
    return [triple for rows in _portion_by_portion(store, wanted, nodes) for triple in _rows(rows, "s")]


def _rows(rows: Rows, subject: str) -> Iterator[_Triple]:
    at = tuple(rows.variables.index(name) for name in (subject, "p", "o"))
    return ((row[at[0]], row[at[1]], row[at[2]]) for row in rows.rows)


def _objects(triples: Iterable[_Triple]) -> list[Term]:
    return [value for _, path, value in triples if isinstance(value, ox.NamedNode) and path.value != _TYPE]


def _is_statement(node: Term) -> bool:
    """Whether a node is a statement about things rather than a thing; its IRI tells."""
    return _leads_on(node) and not _ENTITY.search(node.value)


def _leads_on(node: Term) -> bool:
    """Whether more may be said of a node; terms and concepts are known to the ontology."""
    return isinstance(node, ox.NamedNode) and not node.value.startswith((IG, VOCABULARY))


def _shown(triples: Iterable[_Triple], places: Callable[[Sequence[Term]], Iterable[_Triple]]) -> list[Term]:
    """What triples lead to; of a list that is longer than what is shown, what has no place or one of the first."""
    lists: dict[tuple[str, str], dict[Term, None]] = defaultdict(dict)
    for subject, path, value in triples:
        if isinstance(value, ox.NamedNode) and path.value != _TYPE:
            lists[str(subject), path.value][value] = None
    long = [value for each in lists.values() if len(each) > SHOWN for value in each]
    beyond = {node for node, _, place in places(long) if _is_beyond(place)} if long else set()
    return [value for each in lists.values() for value in each if value not in beyond]


def _is_beyond(place: Term) -> bool:
    return place.value.isdecimal() and int(place.value) > SHOWN


def _walk(
    outgoing: Callable[[Sequence[Term]], Iterable[_Triple]],
    start: Iterable[Term],
    seen: set[Term],
    follow: Callable[[Term], bool],
    steps: int,
) -> list[_Triple]:
    """The triples of some nodes and of what they lead to; what stands beyond the shown part of a list leads nowhere."""
    found: list[_Triple] = []
    nodes = [each for each in dict.fromkeys(start) if each not in seen]
    for _ in range(steps):
        if not nodes:
            break
        seen.update(nodes)
        triples = list(outgoing(nodes))
        beyond = {node for node, path, value in triples if path.value == _POSITION and _is_beyond(value)}
        triples = [each for each in triples if each[0] not in beyond]
        found += triples
        nodes = [each for each in dict.fromkeys(_objects(triples)) if each not in seen and follow(each)]
    return found


def _named(store: Store, triples: Sequence[_Triple]) -> list[ox.Triple]:
    """The triples as a graph, with the names of the things in it."""
    subjects = {subject for subject, path, _ in triples if path.value == _LABEL}
    things = [each for each in _objects(triples) if each not in subjects and _ENTITY.search(each.value)]
    whole = [*triples, *_asked(store, _LABELS, things)]
    return sorted({ox.Triple(*each) for each in whole}, key=str)
