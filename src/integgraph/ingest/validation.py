"""Profiles against the shapes: pySHACL on plain graphs, in batches, never two editions of one network together.

A batch is several profiles of different networks with the vocabularies and places they use. Results are led back to
file, line and field. Source: SHACL (W3C, 2017); pySHACL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from typing import Any

import pyoxigraph as ox
import rdflib
from rdflib.plugins import sparql as _rdflib_sparql

from integgraph.errors import Problem
from integgraph.ingest.mapping import MappedProfile
from integgraph.ingest.record import show
from integgraph.ontology import IG, RDF, SH, SKOS, VOCABULARY, Ontology, expanded_shapes, text_of

BATCH = 25
"""Profiles a graph: 22 ms a profile, against 33–41 ms singly."""

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
    processes: int = 1,
    batch: int = BATCH,
    progress: Callable[[int], None] = lambda done: None,
) -> list[Problem]:
    """Validate profiles against the expanded shapes.

    Args:
        profiles: What to validate; several editions of one network are allowed.
        places: Triples of the places that the profiles use.
        ontology: The ontology whose shapes apply.
        processes: How many processes share the batches.
        batch: Profiles a graph.
        progress: Called with the number of profiles done.

    Returns:
        One problem per result, with file, line and field.
    """
    groups = list(batches(profiles, batch))
    folder = str(ontology.folder)
    jobs = [(folder, _batch_text(group, places)) for group in groups]
    # Where places lie is validated once, for all of them together.
    jobs.append((folder, _text(places)))
    groups.append([])
    problems: list[Problem] = []
    done = 0
    if processes == 1 or len(jobs) == 1:
        found: Iterable[list[Result]] = map(_validate_batch, jobs)
    else:
        # Fresh processes: a forked copy of a program with threads may never wake up.
        pool = ProcessPoolExecutor(min(processes, len(jobs)), mp_context=get_context("spawn"))
        found = pool.map(_validate_batch, jobs)
    for group, results in zip(groups, found, strict=True):
        problems.extend(_problem(result, group, ontology) for result in results)
        done += len(group)
        if group:
            progress(done)
    if processes != 1 and len(jobs) != 1:
        pool.shutdown()
    return problems


def _batch_text(group: Sequence[MappedProfile], places: Iterable[ox.Triple]) -> bytes:
    """The profiles with the places that they name, but not what those lie in."""
    stated = [triple for profile in group for triple in profile.triples()]
    named = {triple.object for triple in stated if isinstance(triple.object, ox.NamedNode)}
    around = IG + "within"
    return _text([*stated, *(place for place in places if place.subject in named and place.predicate.value != around)])


def _text(triples: Iterable[ox.Triple]) -> bytes:
    return "".join(f"{triple} .\n" for triple in triples).encode()


def validate_graph(data: rdflib.Graph, ontology: Ontology) -> list[Result]:
    """Validate one plain graph; the vocabularies are added to a copy of it."""
    return _run(data + _vocabulary_graph(str(ontology.folder)), str(ontology.folder))


def _validate_batch(job: tuple[str, bytes]) -> list[Result]:
    folder, text = job
    data = rdflib.Graph()
    # Bytes with a format, never a string that might be taken for a path or an address.
    data.parse(data=text, format="nt")
    return _run(data + _vocabulary_graph(folder), folder)


def _run(data: rdflib.Graph, folder: str) -> list[Result]:
    import pyshacl

    _, report, _ = pyshacl.validate(
        data, shacl_graph=_shapes_graph(folder), inference="none", advanced=False, do_owl_imports=False, inplace=True
    )
    return sorted(_results(report), key=lambda result: (result.focus, result.path, result.message))


@lru_cache(maxsize=4)
def _shapes_graph(folder: str) -> rdflib.Graph:
    return _graph(expanded_shapes(_ontology(folder)))


@lru_cache(maxsize=4)
def _vocabulary_graph(folder: str) -> rdflib.Graph:
    """Only what the shapes look at: which concepts there are and in which scheme."""
    wanted = (RDF + "type", SKOS + "inScheme")
    return _graph(
        triple
        for triple in _ontology(folder).triples
        if triple.predicate.value in wanted and text_of(triple.subject).startswith(VOCABULARY)
    )


@lru_cache(maxsize=4)
def _ontology(folder: str) -> Ontology:
    from pathlib import Path

    return Ontology.load(Path(folder))


def _graph(triples: Iterable[ox.Triple]) -> rdflib.Graph:
    graph = rdflib.Graph()
    graph.parse(data=_text(triples), format="nt")
    return graph


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
