"""The life of a release on one screen: records → graphs → validated → current view → derived → swapped.

Every step is a function of its input alone, so the same data gives the same content hash. Nothing that serves is
touched before the last rename.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pyoxigraph as ox

from integgraph import __version__, identity
from integgraph.errors import InputError, Problem
from integgraph.ingest import checks, mapping, sources, validation, view
from integgraph.ingest.mapping import Iris, MappedProfile
from integgraph.ingest.places import Gazetteer
from integgraph.ingest.record import Record, RecordReader
from integgraph.ontology import DCT, IG, OWL, RDF, SH, Ontology, expanded_shapes, json_ld_context, text_of
from integgraph.release import Content, Release, build_lock, write_release

T = TypeVar("T")

Progress = Callable[[str, int, int], None]
"""Told (what is being done, done, of how many)."""


@dataclass(frozen=True, slots=True)
class Built:
    """A finished build: the release and what travels with it."""

    release: Release
    warnings: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that a build reads."""

    records: Sequence[Record]
    gazetteer: Gazetteer
    decisions: Sequence[identity.Decision]
    inputs: Sequence[Mapping[str, str]]
    warnings: Sequence[Problem]


def build(
    data: Path,
    out: Path,
    *,
    ontology: Ontology | None = None,
    base_iri: str,
    licence: str,
    processes: int = 1,
    progress: Progress = lambda what, done, total: None,
) -> Built:
    """Build a release from a data folder and swap it in.

    Args:
        data: Folder with ``profiles/``, and, if there are any, ``links/`` and ``places/``.
        out: Folder that holds the releases.
        ontology: The ontology; the one that comes with the package unless given.
        base_iri: Where the IRIs of things begin.
        licence: IRI of the licence of the profiles.
        processes: Processes that validate; more than one needs a script with a ``__main__`` guard.
        progress: Told what is being done.

    Raises:
        InputError: a record breaks a rule; every violation with file, field and line.
        ReleaseError: the release cannot be written, or another build is at work.
    """
    ontology = ontology or Ontology.load()
    iris = Iris(base_iri)
    with build_lock(out):
        read = read_sources(data, ontology, progress)
        profiles = map_all(read.records, ontology, iris, licence, progress)
        places = place_triples(profiles, read.gazetteer, iris)
        validate_all(profiles, places, ontology, processes, progress)
        warnings = [*read.warnings, *(doubt for record in read.records for doubt in checks.warnings(record, ontology))]
        progress("current view", 0, 1)
        quads = [
            *profile_quads(profiles),
            *view_quads(profiles, read.decisions, warnings, ontology, iris),
            *(_in_graph(triple) for triple in (*places, *published_terms(ontology))),
        ]
        progress("current view", 1, 1)
        progress("release", 0, 1)
        release = write_release(
            out,
            Content(
                quads=quads,
                shapes=canonical_turtle(expanded_shapes(ontology)),
                context=json_ld_context(ontology, base_iri),
                validation=[_as_data(problem) for problem in warnings],
                inputs=read.inputs,
                counts=_counts(profiles, quads),
                versions={"integgraph": __version__, "ontology": ontology.version},
                base_iri=base_iri,
                licence=licence,
            ),
        )
        progress("release", 1, 1)
    return Built(release, warnings)


def read_sources(data: Path, ontology: Ontology, progress: Progress) -> Sources:
    """Read profiles, places and decisions; collect every problem before giving up.

    Raises:
        InputError: with every violation in every file.
    """
    profiles = data / "profiles"
    if not profiles.is_dir():
        raise InputError(
            Problem(f"There is no folder {profiles}.", advice="Name your data folder with --data; it holds profiles/.")
        )
    problems: list[Problem] = []
    gazetteer = _collect(problems, lambda: Gazetteer.load(data / "places"), Gazetteer())
    decisions = _collect(problems, lambda: identity.load_decisions(data / "links"), list[identity.Decision]())
    reader = RecordReader(ontology, gazetteer)
    records: list[Record] = []
    taken: set[str] = set()
    files = sources.profile_files(profiles)
    if not files:
        problems.append(Problem(f"There is no profile in {profiles}.", advice="Put at least one .yaml file there."))
    for done, file in enumerate(files, 1):
        try:
            record, found = sources.read_profile(file, reader, frozenset(taken))
            records.append(record)
            problems.extend(found)
            taken.update(item["id"] for item, _ in record.actors())
        except InputError as error:
            problems.extend(error.problems)
        progress("profiles read", done, len(files))
    problems.extend(sources.collisions(records))
    known = {f"network:{record.id}" for record in records}
    known |= {f"actor:{item['id']}" for record in records for item, _ in record.actors() if not item.get("group")}
    if any(problem.severity == "violation" for problem in problems):
        raise InputError(problems)
    problems.extend(identity.check_known(decisions, known))
    inputs = [{"file": f"profiles/{record.file}", "sha256": record.sha256} for record in records]
    inputs += sources.digests(data, ("links/*.sssom.tsv", "places/*.yaml"))
    return Sources(records, gazetteer, decisions, inputs, problems)


def _collect(problems: list[Problem], read: Callable[[], T], otherwise: T) -> T:
    try:
        return read()
    except InputError as error:
        problems.extend(error.problems)
        return otherwise


def check_profiles(
    paths: Iterable[Path], data: Path, ontology: Ontology, *, base_iri: str, licence: str
) -> tuple[list[Problem], int]:
    """Check files and folders of profiles without building: (problems, number of profiles read).

    Raises:
        InputError: the place list is broken.
    """
    gazetteer = Gazetteer.load(data / "places")
    reader = RecordReader(ontology, gazetteer)
    records: list[Record] = []
    problems: list[Problem] = []
    count = 0
    for path in paths:
        for file in sources.profile_files(path) if path.is_dir() else [path]:
            count += 1
            try:
                record, found = sources.read_profile(file, reader)
                records.append(record)
                problems.extend(found)
                problems.extend(checks.warnings(record, ontology))
            except InputError as error:
                problems.extend(error.problems)
    problems.extend(sources.collisions(records))
    unique = list({record.slug: record for record in records}.values())
    profiles = map_all(unique, ontology, Iris(base_iri), licence, lambda what, done, total: None)
    problems.extend(validation.validate(profiles, place_triples(profiles, gazetteer, Iris(base_iri)), ontology))
    return problems, count


def import_document(file: Path, data: Path, ontology: Ontology) -> dict[str, Any]:
    """A filled-in form as the draft of a record, ready to be written as YAML.

    Raises:
        InputError: the document cannot be read, or nothing in it is a row of the form.
    """
    gazetteer = Gazetteer.load(data / "places")
    return sources.import_document(file, RecordReader(ontology, gazetteer), sources.known_ids(data / "profiles"))


def place_triples(profiles: Iterable[MappedProfile], gazetteer: Gazetteer, iris: Iris) -> list[ox.Triple]:
    """The places that the profiles use, with everything they lie in."""
    used = mapping.used_places({name for profile in profiles for name in profile.places}, gazetteer)
    return [triple for place in used for triple in mapping.map_place(place, iris)]


def map_all(
    records: Sequence[Record], ontology: Ontology, iris: Iris, licence: str, progress: Progress
) -> list[MappedProfile]:
    """Turn every record into triples, in the order of their slugs."""
    profiles = []
    for done, record in enumerate(sorted(records, key=lambda record: record.slug), 1):
        profiles.append(mapping.map_record(record, ontology, iris, licence))
        progress("profiles mapped", done, len(records))
    return profiles


def validate_all(
    profiles: Sequence[MappedProfile],
    places: Sequence[ox.Triple],
    ontology: Ontology,
    processes: int,
    progress: Progress,
) -> None:
    """Hold every profile to the shapes.

    Raises:
        InputError: with every violation.
    """
    problems = validation.validate(
        profiles,
        places,
        ontology,
        processes=processes,
        progress=lambda done: progress("profiles validated", done, len(profiles)),
    )
    if problems:
        raise InputError(problems)


def profile_quads(profiles: Iterable[MappedProfile]) -> Iterator[ox.Quad]:
    """Each profile as stated, in its own named graph."""
    for profile in profiles:
        for triple in profile.triples():
            yield _in_graph(triple, profile.profile)


def view_quads(
    profiles: Sequence[MappedProfile],
    decisions: Sequence[identity.Decision],
    warnings: Sequence[Problem],
    ontology: Ontology,
    iris: Iris,
) -> Iterator[ox.Quad]:
    """The current view, in the default graph."""
    canonical = {
        iris.thing(*old.split(":")): iris.thing(*new.split(":"))
        for old, new in identity.canonical_ids(decisions).items()
    }
    networks: dict[str, list[MappedProfile]] = defaultdict(list)
    for profile in profiles:
        networks[profile.record.id].append(profile)
    names: dict[str, list[tuple[str, ox.Literal]]] = defaultdict(list)
    triples: list[ox.Triple] = []
    for editions in networks.values():
        triples.extend(view.network_view(editions, ontology, canonical, iris))
        for bearer, name in view.names_in(editions, ontology):
            names[canonical.get(bearer, bearer)].append((bearer, name))
    triples.extend(view.preferred_labels(names))
    triples.extend(view.redirects(canonical))
    triples.extend(decision_triples(decisions, canonical, iris))
    triples.extend(warning_triples(profiles, warnings, ontology, iris))
    for triple in triples:
        yield _in_graph(triple)


def _in_graph(triple: ox.Triple, graph: ox.NamedNode | None = None) -> ox.Quad:
    """A triple in a named graph, or in the current view."""
    return ox.Quad(triple.subject, triple.predicate, triple.object, graph or ox.DefaultGraph())


_PREDICATES = {
    identity.DIFFERENT: OWL + "differentFrom",
    identity.PART_OF: DCT + "isPartOf",
    identity.UNDECIDED: IG + "undecidedIdentity",
}


def decision_triples(
    decisions: Iterable[identity.Decision], canonical: Mapping[str, str], iris: Iris
) -> Iterator[ox.Triple]:
    """Decisions other than "same", stated about canonical things."""
    for decision in decisions:
        if decision.predicate in _PREDICATES:
            ends = [iris.thing(*name.split(":")) for name in (decision.subject, decision.object)]
            subject, value = (ox.NamedNode(canonical.get(end, end)) for end in ends)
            yield ox.Triple(subject, ox.NamedNode(_PREDICATES[decision.predicate]), value)


def warning_triples(
    profiles: Sequence[MappedProfile], warnings: Iterable[Problem], ontology: Ontology, iris: Iris
) -> Iterator[ox.Triple]:
    """Warnings as SHACL validation results, so that SPARQL can ask what is doubtful, and where."""
    by_file = {profile.record.file: profile for profile in profiles}
    count: dict[str, int] = defaultdict(int)
    for problem in warnings:
        profile = by_file.get(problem.file or "")
        if profile is None:
            continue
        count[profile.record.slug] += 1
        node = ox.NamedNode(iris.thing("warning", f"{profile.record.slug}.{count[profile.record.slug]}"))
        each = ontology.form.get((problem.field or "").partition("[")[0].partition(".")[0])
        yield ox.Triple(profile.profile, ox.NamedNode(IG + "warning"), node)
        yield ox.Triple(node, ox.NamedNode(RDF + "type"), ox.NamedNode(SH + "ValidationResult"))
        yield ox.Triple(node, ox.NamedNode(SH + "focusNode"), profile.network)
        yield ox.Triple(node, ox.NamedNode(SH + "resultSeverity"), ox.NamedNode(SH + "Warning"))
        yield ox.Triple(node, ox.NamedNode(SH + "resultMessage"), ox.Literal(problem.message, language="en"))
        if each:
            yield ox.Triple(node, ox.NamedNode(SH + "sourceShape"), ox.NamedNode(each.iri))
            yield ox.Triple(node, ox.NamedNode(SH + "resultPath"), ox.NamedNode(each.path))


def published_terms(ontology: Ontology) -> Iterator[ox.Triple]:
    """Ontology, form and vocabularies for the default graph: what has a name of its own.

    Anonymous parts of shapes stay in ``shapes.ttl`` of the release.
    """
    for triple in ontology.triples:
        if not isinstance(triple.subject, ox.BlankNode) and not isinstance(triple.object, ox.BlankNode):
            yield triple


def canonical_turtle(triples: Iterable[ox.Triple]) -> bytes:
    """Triples as N-Triples-like Turtle whose blank nodes are named by content (RDFC-1.0), so that it never varies."""
    dataset = ox.Dataset(_in_graph(triple) for triple in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return "".join(sorted(f"{quad.triple} .\n" for quad in dataset)).encode()


def _counts(profiles: Sequence[MappedProfile], quads: Sequence[ox.Quad]) -> dict[str, int]:
    types: dict[str, set[str]] = defaultdict(set)
    for quad in quads:
        if isinstance(quad.graph_name, ox.DefaultGraph) and quad.predicate.value == RDF + "type":
            types[text_of(quad.object)].add(str(quad.subject))
    return {
        "profiles": len(profiles),
        "networks": len(types[IG + "Network"]),
        "actors": len(types[IG + "Actor"] - types[IG + "Network"]),
        "memberships": len(types["http://www.w3.org/ns/org#Membership"]),
        "funding_flows": len(types[IG + "FundingFlow"]),
        "places": len(types[IG + "Place"]),
    }


def _as_data(problem: Problem) -> dict[str, object]:
    found = {
        "severity": problem.severity,
        "file": problem.file,
        "line": problem.line,
        "field": problem.field,
        "message": problem.message,
        "advice": problem.advice,
    }
    return {key: value for key, value in found.items() if value not in (None, "")}
