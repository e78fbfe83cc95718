"""Profiles against the shapes: pySHACL on plain graphs, in batches, never two editions of one network together.

A batch is several profiles of different networks with the vocabularies and places they use. Results are led back to
file, line and field. Source: SHACL (W3C, 2017); pySHACL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import rdflib
from rdflib.plugins import sparql as _rdflib_sparql
from rdflib.plugins.stores.memory import SimpleMemory

from integgraph.errors import OntologyError, Problem
from integgraph.ingest.mapping import MappedProfile
from integgraph.ingest.record import show
from integgraph.ontology import IG, RDF, SH, SKOS, VOCABULARY, XSD, Ontology, expanded_shapes, text_of

BATCH = 25
"""Profiles a graph: a larger graph is no faster, and a fault in one is found as well."""

# No query that rdflib runs may fetch a graph from elsewhere.
_rdflib_sparql.SPARQL_LOAD_GRAPHS = False


@dataclass(frozen=True, slots=True)
class Result:
    """One validation result: the focus node, the path or shape it broke, and what to tell a person."""

    focus: str
    path: str
    shape: str
    message: str


def batches(profiles: Iterable[MappedProfile], size: int = BATCH) -> Iterator[list[MappedProfile]]:
    """Group profiles so that no group holds two editions of one network."""
    rounds: dict[int, list[MappedProfile]] = defaultdict(list)
    seen: dict[str, int] = defaultdict(int)
    for profile in profiles:
        edition = seen[profile.record.id]
        seen[profile.record.id] += 1
        rounds[edition].append(profile)
    for found in rounds.values():
        for start in range(0, len(found), size):
            yield found[start : start + size]


def validate(
    profiles: Sequence[MappedProfile],
    places: Sequence[ox.Triple],
    ontology: Ontology,
    *,
    batch: int = BATCH,
    progress: Callable[[int], None] = lambda done: None,
) -> list[Problem]:
    """Validate profiles against the expanded shapes.

    Args:
        profiles: What to validate; several editions of one network are allowed.
        places: Triples of the places that the profiles use.
        ontology: The ontology whose shapes apply.
        batch: Profiles a graph.
        progress: Called with the number of profiles done.

    Returns:
        One problem per result, with file, line and field.
    """
    problems: list[Problem] = []
    done = 0
    for group in batches(profiles, batch):
        problems.extend(_problem(result, group, ontology) for result in _validate(_around(group, places), ontology))
        done += len(group)
        progress(done)
    return problems


def validate_as_published(
    profiles: Sequence[MappedProfile], places: Sequence[ox.Triple], ontology: Ontology
) -> list[Problem]:
    """The same on the shapes just as a release publishes them: slower, and what :func:`validate` is held to."""
    return [
        _problem(result, group, ontology)
        for group in batches(profiles)
        for result in _validate(_around(group, places), ontology, published=True)
    ]


def validate_places(places: Sequence[ox.Triple], ontology: Ontology) -> list[Problem]:
    """Validate what the place list says, and where places lie, once for all profiles."""
    return [_problem(result, (), ontology) for result in _validate(places, ontology)]


def _around(group: Sequence[MappedProfile], places: Iterable[ox.Triple]) -> list[ox.Triple]:
    """The profiles with the places that they name, but not what those lie in."""
    stated = [triple for profile in group for triple in profile.triples()]
    named = {triple.object for triple in stated if isinstance(triple.object, ox.NamedNode)}
    around = IG + "within"
    return [*stated, *(place for place in places if place.subject in named and place.predicate.value != around)]


def validate_triples(triples: Iterable[ox.Triple], ontology: Ontology) -> list[Result]:
    """Validate triples that are no profile, such as rows of a table; the vocabularies are added."""
    return _validate(triples, ontology)


def validate_graph(data: rdflib.Graph, ontology: Ontology, *, published: bool = False) -> list[Result]:
    """Validate one plain graph, on the shapes in our form or as published; the vocabularies are added to a copy."""
    return _run(data, ontology, published)


def _validate(triples: Iterable[ox.Triple], ontology: Ontology, *, published: bool = False) -> list[Result]:
    return _run((_as_rdflib(triple) for triple in triples), ontology, published)


class _Plain(SimpleMemory):
    """One graph in memory. pySHACL wraps every graph as a dataset, and asks its length before each message."""

    context_aware = True
    graph_aware = True

    def __len__(self, context: object = None) -> int:
        return 1


def _run(triples: Iterable[Any], ontology: Ontology, published: bool) -> list[Result]:
    import pyshacl

    folder = str(ontology.folder)
    data = rdflib.Graph(store=_Plain())
    for triple in (*_vocabulary(folder), *triples):
        data.add(triple)
    _, report, _ = pyshacl.validate(
        data,
        shacl_graph=_shapes_graph(folder, published),
        inference="none",
        advanced=False,
        do_owl_imports=False,
        inplace=True,
    )
    return sorted(_results(report), key=lambda result: (result.focus, result.path, result.message))


@lru_cache(maxsize=4)
def _shapes_graph(folder: str, published: bool) -> rdflib.Graph:
    graph = rdflib.Graph()
    shapes = expanded_shapes(_ontology(folder))
    for triple in shapes if published else validation_shapes(shapes):
        graph.add(_as_rdflib(triple))
    return graph


_ASKED = frozenset(
    SH + name
    for name in """alternativePath and class closed datatype deactivated disjoint equals flags hasValue
    ignoredProperties in inversePath languageIn lessThan lessThanOrEquals maxCount maxExclusive maxInclusive maxLength
    message minCount minExclusive minInclusive minLength node nodeKind not oneOrMorePath or path pattern property
    qualifiedMaxCount qualifiedMinCount qualifiedValueShape qualifiedValueShapesDisjoint severity targetClass
    targetNode targetObjectsOf targetSubjectsOf uniqueLang xone zeroOrMorePath zeroOrOnePath""".split()
) | {RDF + "first", RDF + "rest"}


def validation_shapes(shapes: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """The same rules in the form that is validated fastest.

    A property shape of a node shape with a target class becomes a target of that class itself: then it is asked once
    for all nodes instead of once a node. What does not constrain (labels, help, order) is left out, because pySHACL
    looks at every statement of a shape for every node. Both are the same by SHACL, sections 2.1.3 and 4.7.2; a test
    holds the reports to each other.
    """
    shapes = list(shapes)
    targets = {triple.subject: triple.object for triple in shapes if triple.predicate.value == SH + "targetClass"}
    kinds = (SH + "NodeShape", SH + "PropertyShape")
    for triple in shapes:
        predicate = triple.predicate.value
        if predicate == SH + "property" and triple.subject in targets:
            target = targets[triple.subject]
            yield ox.Triple(_resource(triple.object), ox.NamedNode(SH + "targetClass"), target)
        elif predicate in _ASKED or (predicate == RDF + "type" and text_of(triple.object) in kinds):
            yield triple


def _resource(term: Any) -> ox.NamedNode | ox.BlankNode:
    if not isinstance(term, ox.NamedNode | ox.BlankNode):
        raise OntologyError(f"sh:property leads to {term}, which is not a shape.")
    return term


@lru_cache(maxsize=4)
def _vocabulary(folder: str) -> tuple[Any, ...]:
    """Only what the shapes look at: which concepts there are and in which scheme."""
    wanted = (RDF + "type", SKOS + "inScheme")
    return tuple(
        _as_rdflib(triple)
        for triple in _ontology(folder).triples
        if triple.predicate.value in wanted and text_of(triple.subject).startswith(VOCABULARY)
    )


@lru_cache(maxsize=4)
def _ontology(folder: str) -> Ontology:
    return Ontology.load(Path(folder))


def _as_rdflib(triple: ox.Triple) -> tuple[Any, Any, Any]:
    """A triple for rdflib, without writing and parsing it."""
    return _node(triple.subject), _node(triple.predicate), _node(triple.object)


@lru_cache(maxsize=20_000)
def _iri(text: str) -> rdflib.URIRef:
    return rdflib.URIRef(text)


def _node(term: Any) -> Any:
    if isinstance(term, ox.NamedNode):
        return _iri(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    datatype = term.datatype.value
    # rdflib keeps a plain literal without its datatype, as its parsers do.
    return rdflib.Literal(term.value, datatype=None if datatype == XSD + "string" else _iri(datatype))


def _results(report: Any) -> Iterator[Result]:
    sh = rdflib.Namespace(SH)
    for node in report.subjects(rdflib.RDF.type, sh.ValidationResult):
        messages = [text for text in report.objects(node, sh.resultMessage) if isinstance(text, rdflib.Literal)]
        yield Result(
            focus=str(report.value(node, sh.focusNode)),
            path=str(report.value(node, sh.resultPath) or ""),
            shape=str(report.value(node, sh.sourceShape)),
            message=_english(messages),
        )


def _english(messages: Sequence[rdflib.Literal]) -> str:
    for message in messages:
        if message.language == "en":
            return str(message)
    return str(messages[0]) if messages else "The profile breaks a rule of the form."


def _problem(result: Result, group: Sequence[MappedProfile], ontology: Ontology) -> Problem:
    for profile in group:
        about = result.focus in (profile.network.value, profile.profile.value)
        if about or result.focus in profile.origins:
            each = next(
                (
                    field
                    for field in ontology.form.fields
                    if field.iri in (result.shape, result.shape.removesuffix("-answer"))
                ),
                None,
            )
            where = (each.key,) if about and each else profile.origins.get(result.focus, ())
            return Problem(
                result.message,
                file=profile.record.file,
                line=profile.record.line(where),
                field=show(where) or None,
                subject=profile.profile.value,
            )
    return Problem(f"{result.message} ({result.focus})")
