"""What one network gives to a release: mapped, validated, viewed, as lines of the graph and rows of the tables.

A build asks for contributions in batches, in processes of their own, and puts them together; see ``build``. What only
this network says about its things is kept as lines of its own; what is said about things that other networks speak of
too (actors that a decision made one, other networks) is kept apart by thing, because it is put together only when all
networks have spoken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from integgraph.analysis.measurements.networks import OfNetwork, of_network
from integgraph.analysis.measurements.writing import Writing
from integgraph.errors import InputError, Problem
from integgraph.ingest import checks, mapping, packing, sources, validation, view
from integgraph.ingest.mapping import Iris, MappedProfile
from integgraph.ingest.places import Gazetteer
from integgraph.ingest.record import Record, RecordReader, show
from integgraph.ingest.tables import parts
from integgraph.ingest.warnings import warning_triples
from integgraph.ontology import IG, SKOS, Ontology, text_of
from integgraph.release import measurements_graph
from integgraph.search import Entry
from integgraph.sortedlines import write_run
from integgraph.statistics import Statistics
from integgraph.tables import PlaceFacts, Row, actor_row, network_rows, place_facts

_NAME = SKOS + "prefLabel"


@dataclass(frozen=True, slots=True)
class Ground:
    """What every batch of a build stands on.

    Attributes:
        ontology: Folder of the ontology.
        data: The data folder.
        base_iri: Where the IRIs of things begin.
        licence: IRI of the licence of the profiles.
        places: Digest of the place list, so that a changed one is read again.
    """

    ontology: str
    data: str
    base_iri: str
    licence: str
    places: str = ""


@lru_cache(maxsize=2)
def _gazetteer(ground: Ground) -> Gazetteer:
    try:
        return Gazetteer.load(Path(ground.data) / "places")
    except InputError:  # the build says what is wrong with it; here the records are looked at all the same
        return Gazetteer()


@lru_cache(maxsize=2)
def _ontology(folder: str) -> Ontology:
    return Ontology.load(Path(folder))


@lru_cache(maxsize=2)
def _reader(ground: Ground) -> RecordReader:
    return RecordReader(_ontology(ground.ontology), _gazetteer(ground))


# ---------------------------------------------------------------------------------------------------------------------
# First pass: what stands in the files


@dataclass(frozen=True, slots=True)
class Read:
    """What the first look at a file finds: its digest, the profile's facts, and every problem."""

    file: str
    sha256: str
    slug: str = ""
    network: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def read_files(job: tuple[Ground, Sequence[tuple[str, str]]]) -> list[Read]:
    """Look at record files, given as (name, expected digest), and say what is in them and what is wrong."""
    ground, files = job
    reader = _reader(ground)
    found = []
    for name, expected in files:
        file = Path(ground.data) / "profiles" / name
        try:
            record, problems = reader.file(file)
            if sources.digest(file) != expected:
                raise InputError(changed(f"profiles/{name}"))
            found.append(read_of(record, problems, expected, reader.ontology))
        except InputError as error:
            found.append(Read(name, expected, problems=tuple(error.problems)))
    return found


def changed(name: str) -> Problem:
    """What to say when a file is not what it was when the build began."""
    return Problem(
        "The file was changed while the build was reading.",
        file=name,
        advice="Build again when nobody is writing there; the release that was there before still serves.",
    )


def read_of(record: Record, problems: Iterable[Problem], digest: str, ontology: Ontology) -> Read:
    """What the first look finds in a record."""
    doubts = [*problems, *checks.warnings(record, ontology)]
    facts = {
        "edition": record.edition,
        "id_line": record.line(("id",)),
        "age": view.age(record),
        "line": record.line(("status_date",)),
        "actors": [[item["id"], record.line(where), show(where)] for item, where in record.actors()],
        "groups": sorted(item["id"] for item, _ in record.actors() if item.get("group")),
        "doubts": [[doubt.message, doubt.line, doubt.field, doubt.advice, doubt.german] for doubt in doubts],
    }
    return Read(record.file, digest, record.slug, record.id, facts)


def doubts_of(file: str, doubts: Iterable[Sequence[Any]]) -> list[Problem]:
    """The doubts kept with a profile, as warnings."""
    return [
        Problem(message, "warning", file, line, where, advice, german=german)
        for message, line, where, advice, german in doubts
    ]


# ---------------------------------------------------------------------------------------------------------------------
# Second pass: what a network gives


@dataclass(frozen=True, slots=True)
class ProfileJob:
    """One profile of a network: from its file, as a draft in YAML, or as it was mapped before."""

    slug: str
    file: str
    sha256: str
    doubts: tuple[Problem, ...] = ()
    draft: str | None = None
    mapped: bytes | None = None


@dataclass(frozen=True, slots=True)
class NetworkJob:
    """One network with its profiles."""

    network: str
    profiles: tuple[ProfileJob, ...]


@dataclass(frozen=True, slots=True)
class BatchJob:
    """Some networks to make the contributions of.

    Attributes:
        ground: What the build stands on.
        networks: The networks.
        canonical: Thing → canonical thing, as ``actor:<id>`` or ``network:<id>``, for all that these networks speak of.
        shared: Everything among it that a decision made one with something else.
        run: File to write all their own lines to; none is written if it is ``None``.
    """

    ground: Ground
    networks: Sequence[NetworkJob]
    canonical: Mapping[str, str]
    shared: frozenset[str]
    run: str | None = None


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a network gives.

    Attributes:
        network: Its id.
        lines: Sorted lines of the current view that only this network gives, and what is measured of it alone.
        graphs: Sorted lines of the graphs of its profiles.
        things: What it says about things that others speak of too: IRI → (lines, part).
        rows: Rows by table.
        actors: Rows of the actors that only it speaks of.
        places: IRIs of its seat and areas, and ids of every place it uses.
        entries: Entries of the search index for what only it speaks of.
        mentions: Actors and networks that its profiles speak of (``actor:<id>``, ``network:<id>``).
        mapped: Newly mapped profiles, packed, by slug.
        statistics: Counts of its own lines.
        mode: Its mode of governance; ``None`` where it waits for what others say, or nothing is measured of it.
    """

    network: str
    lines: Sequence[bytes]
    graphs: Sequence[bytes]
    things: Mapping[str, tuple[Sequence[bytes], Row]]
    rows: Mapping[str, Sequence[Row]]
    actors: Sequence[Row]
    places: Mapping[str, Sequence[str]]
    entries: Sequence[Entry]
    mentions: Sequence[str]
    mapped: Mapping[str, bytes]
    statistics: Statistics
    mode: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """The contributions of several networks, or what is wrong with their profiles."""

    contributions: Sequence[Contribution]
    problems: Sequence[Problem]
    profiles: int


def contribute(job: BatchJob) -> Batch:
    """Map and validate what is new, and make the contributions of a batch of networks."""
    ground, networks = job.ground, job.networks
    ontology, gazetteer = _ontology(ground.ontology), _gazetteer(ground)
    iris = Iris(ground.base_iri)
    editions: dict[str, list[MappedProfile]] = {}
    new: list[MappedProfile] = []
    problems: list[Problem] = []
    for network in networks:
        editions[network.network] = []
        for each in network.profiles:
            if each.mapped is not None:
                editions[network.network].append(packing.unpack(each.mapped))
                continue
            try:
                record = _record(each, ground)
                mapped = mapping.map_record(record, ontology, iris, ground.licence)
                editions[network.network].append(mapped)
                new.append(mapped)
            except InputError as error:
                problems.extend(error.problems)
    used = mapping.used_places(
        {name for found in editions.values() for each in found for name in each.places}, gazetteer
    )
    places = [triple for place in used for triple in mapping.map_place(place, iris)]
    if not problems:
        problems.extend(validation.validate(new, places, ontology))
    if problems:
        return Batch((), problems, len(new))
    facts = place_facts(places)
    packed = {each.record.slug: packing.pack(each) for each in new}
    who = _Who(job, iris)
    contributions = [
        _contribution(network, editions[network.network], packed, facts, ontology, who) for network in networks
    ]
    if job.run is not None:
        write_run(Path(job.run), (line for each in contributions for line in (*each.lines, *each.graphs)))
    return Batch(contributions, (), len(new))


def _record(job: ProfileJob, ground: Ground) -> Record:
    reader = _reader(ground)
    if job.draft is not None:
        return sources.read_draft(job.draft, reader, job.file)[0]
    file = Path(ground.data) / "profiles" / job.file
    record, _ = reader.file(file)
    if sources.digest(file) != job.sha256:
        raise InputError(changed(f"profiles/{job.file}"))
    return record


class _Who:
    """The decisions that concern a batch, as IRIs."""

    def __init__(self, job: BatchJob, iris: Iris) -> None:
        self.iris = iris
        self.canonical = {
            iris.thing(*old.split(":")): iris.thing(*new.split(":")) for old, new in job.canonical.items()
        }
        self.shared = {iris.thing(*thing.split(":")) for thing in job.shared}


def _contribution(
    job: NetworkJob,
    editions: Sequence[MappedProfile],
    packed: Mapping[str, bytes],
    places: PlaceFacts,
    ontology: Ontology,
    who: _Who,
) -> Contribution:
    iris, canonical, shared = who.iris, who.canonical, who.shared
    network = editions[0].network.value
    home = canonical.get(network, network)
    triples = view.network_view(editions, ontology, canonical, iris)
    names: dict[str, list[tuple[str, ox.Literal]]] = defaultdict(list)
    for bearer, name in view.names_in(editions, ontology):
        names[canonical.get(bearer, bearer)].append((bearer, name))
    own_names = {thing: found for thing, found in names.items() if thing not in shared}
    triples += view.preferred_labels(own_names)
    by_slug = {job.slug: job.doubts for job in job.profiles}
    for edition in editions:
        triples += warning_triples(edition, by_slug[edition.record.slug], ontology, iris)
    networks = iris.thing("network", "")
    own: list[bytes] = []
    about: dict[str, list[bytes]] = defaultdict(list)
    for triple in dict.fromkeys(triples):
        subject = text_of(triple.subject)
        if subject in shared or (subject != home and subject.startswith(networks)):
            about[subject].append(f"{triple} .\n".encode())
        else:
            own.append(f"{triple} .\n".encode())
    # A name that waits for others is shown as this network states it.
    waiting = view.preferred_labels({thing: found for thing, found in names.items() if thing in shared})
    found = network_rows(home, [*triples, *waiting], _status(editions), ontology, places)
    things: dict[str, tuple[Sequence[bytes], Row]] = {}
    actors: list[Row] = []
    for thing in dict.fromkeys([*about, *found.parts, *(name for name in names if name in shared)]):
        if thing in shared or thing.startswith(networks):
            part = dict(found.parts.get(thing, {}))
            part["names"] = [[bearer, name.value, name.language or ""] for bearer, name in names.get(thing, ())]
            things[thing] = (sorted(about.get(thing, ())), part)
        else:
            own_labels = labels(thing, own_names.get(thing, ()))
            actors.append(actor_row(thing, [found.parts[thing]], own_labels, (), network=False))
    rows = (
        found.rows if home == network else {}
    )  # what a decision made one with another answers in its own profile only
    measured = _measured(home, triples, rows, things, found.parts, ontology, who)
    for thing, waits in measured.waits.items():
        about_it, part = things[thing]
        things[thing] = (about_it, {**part, "waits": {home: waits}})
    entries = [
        *_entries(triples, own_names | {home: names.get(home, [])}, home, iris),
        *(entry for row in actors for entry in actor_entries(row, own_names.get(row["actor"], ()))),
    ]
    lines = sorted({*own, *measured.lines})
    graphs = graph_lines(editions)
    return Contribution(
        network=job.network,
        lines=lines,
        graphs=graphs,
        things=things,
        rows=rows,
        actors=sorted(actors, key=lambda row: str(row["actor"])),
        places={**found.places, "used": sorted({name for each in editions for name in each.places})},
        entries=entries,
        mentions=_mentions(editions, iris),
        mapped={each.record.slug: packed[each.record.slug] for each in editions if each.record.slug in packed},
        statistics=Statistics.of([*lines, *graphs], measurements_graph(iris.base)),
        mode=measured.mode,
    )


def _measured(
    network: str,
    triples: Sequence[ox.Triple],
    rows: Mapping[str, Sequence[Row]],
    things: Iterable[str],
    parts: Mapping[str, Row],
    ontology: Ontology,
    who: _Who,
) -> OfNetwork:
    if not rows:
        return OfNetwork((), None, {})
    sectors = {actor: part["sectors"] for actor, part in parts.items()}
    return of_network(network, triples, rows, things, sectors, ontology, Writing(who.iris.base))


def graph_lines(editions: Iterable[MappedProfile]) -> list[bytes]:
    """Sorted lines of the graphs of profiles."""
    return sorted(f"{triple} {each.profile} .\n".encode() for each in editions for triple in each.triples())


def _status(editions: Iterable[MappedProfile]) -> list[tuple[str, str]]:
    return [(each.profile.value, view.age(each.record)) for each in editions]


def labels(thing: str, names: Sequence[tuple[str, ox.Literal]]) -> list[tuple[bool, ox.Literal]]:
    """Names as (is the preferred one of its language, name)."""
    found = []
    for triple in view.preferred_labels({thing: names}):
        if isinstance(triple.object, ox.Literal):
            found.append((triple.predicate.value == _NAME, triple.object))
    return found


def _mentions(editions: Iterable[MappedProfile], iris: Iris) -> list[str]:
    starts = {iris.thing(kind, ""): kind for kind in ("actor", "network")}
    found = set()
    for edition in editions:
        for triple in edition.triples():
            for term in (triple.subject, triple.object):
                start, _, name = text_of(term).rpartition("/")
                if f"{start}/" in starts:
                    found.add(f"{starts[start + '/']}:{name}")
    return sorted(found)


# ---------------------------------------------------------------------------------------------------------------------
# Parts of tables: what they give is kept in the ledger as if a part were a network


@dataclass(frozen=True, slots=True)
class PartRead:
    """What the first look at a part of a table finds.

    Attributes:
        name: Its name in the folder of tables.
        sha256: Digest of what was read.
        actors: Names of the actors that it describes, by id.
        named: Ids of all actors that it speaks of.
        rows: How many rows of the source it holds.
        problems: What is wrong with it.
    """

    name: str
    sha256: str
    actors: Mapping[str, str] = field(default_factory=dict)
    named: Sequence[str] = ()
    rows: int = 0
    problems: tuple[Problem, ...] = ()


def read_parts(job: tuple[Ground, Sequence[tuple[str, str]]]) -> list[PartRead]:
    """Look at parts of tables, given as (name, expected digest)."""
    ground, names = job
    folder, gazetteer = Path(ground.data) / "tables", _gazetteer(ground)
    found = []
    for name, expected in names:
        try:
            part = None if name.endswith(parts.TABLE) else parts.read_part(folder, name)
            if part is None:
                parts.describe_table(folder, name)
            if sources.digest(folder / name, sources.LARGEST) != expected:
                raise InputError(changed(f"tables/{name}"))
        except InputError as error:
            found.append(PartRead(name, expected, problems=tuple(error.problems)))
            continue
        if part is None:
            found.append(PartRead(name, expected))
            continue
        unknown = sorted({each["place"] for each in part.actors if "place" in each} - gazetteer.places.keys())
        problems = [
            Problem(f"The place '{place}' is not in the place list.", file=f"tables/{name}") for place in unknown
        ]
        actors = {each["actor"]: each["name"] for each in part.actors}
        found.append(PartRead(name, expected, actors, part.mentions, len(part.flows), tuple(problems)))
    return found


@dataclass(frozen=True, slots=True)
class PartJob:
    """One part of a table to make the contribution of.

    Attributes:
        ground: What the build stands on.
        name: Name of the part in the folder of tables.
        sha256: Its digest.
        valid: It was found valid by an earlier build.
        canonical: Thing → canonical thing, as ``actor:<id>`` or ``network:<id>``.
        names: Names of the actors that it speaks of, by id: another part may describe them.
        run: File to write its lines to; none is written if it is ``None``.
    """

    ground: Ground
    name: str
    sha256: str
    valid: bool
    canonical: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)
    run: str | None = None


def contribute_part(job: PartJob) -> Batch:
    """State and validate a part of a table, and make its contribution."""
    ground = job.ground
    iris, ontology, folder = Iris(ground.base_iri), _ontology(ground.ontology), Path(ground.data) / "tables"
    try:
        given = _table_given(folder, job, iris) if job.name.endswith(parts.TABLE) else _part_given(folder, job, iris)
        if sources.digest(folder / job.name, sources.LARGEST) != job.sha256:
            raise InputError(changed(f"tables/{job.name}"))
    except InputError as error:
        return Batch((), error.problems, 1)
    if not job.valid:
        gazetteer = _gazetteer(ground)
        around = [each for name in sorted(given.places) for each in mapping.map_place(gazetteer.places[name], iris)]
        within = IG + "within"
        stated = [*given.stated, *given.around, *(each for each in around if each.predicate.value != within)]
        problems = [
            Problem(each.message, file=f"tables/{job.name}", field=iris.slug(each.focus))
            for each in validation.validate_triples(stated, ontology)
        ]
        if problems:
            return Batch((), problems, 1)
    found = _part_contribution(given, job, iris, ontology)
    if job.run is not None:
        write_run(Path(job.run), found.lines)
    return Batch([found], (), 1)


@dataclass(frozen=True, slots=True)
class _Given:
    """What a part states: its triples, the actors among them, and what validation needs beside them."""

    graph: ox.NamedNode
    stated: Sequence[ox.Triple]
    around: Sequence[ox.Triple]
    part: parts.Part | None
    places: frozenset[str]


def _table_given(folder: Path, job: PartJob, iris: Iris) -> _Given:
    table = job.name.partition("/")[0]
    stated = parts.table_triples(table, parts.describe_table(folder, job.name), iris, job.ground.licence)
    return _Given(ox.NamedNode(iris.thing("table", table)), stated, (), None, frozenset())


def _part_given(folder: Path, job: PartJob, iris: Iris) -> _Given:
    part = parts.read_part(folder, job.name)
    stating = parts.Stating(part, iris)
    stated = [triple for each in part.actors for triple in stating.actor(each)]
    stated += [triple for each in part.flows for triple in stating.flow(each)]
    places = frozenset(each["place"] for each in part.actors if "place" in each)
    return _Given(stating.graph, stated, parts.source_triples(stating.source), part, places)


def _part_contribution(given: _Given, job: PartJob, iris: Iris, ontology: Ontology) -> Contribution:
    canonical = {iris.thing(*old.split(":")): iris.thing(*new.split(":")) for old, new in job.canonical.items()}
    shared = {*canonical, *canonical.values()}
    actors = iris.thing("actor", "")
    own = [f"{triple} {given.graph} .\n".encode() for triple in given.stated]
    about: dict[str, set[ox.Triple]] = defaultdict(set)
    for triple in given.stated:
        seen = view.rewrite(triple, canonical) if canonical else triple
        if text_of(triple.subject).startswith(actors):
            about[text_of(seen.subject)].add(seen)
        else:
            own.append(f"{seen} .\n".encode())
    facts = parts.actor_facts(given.part, iris) if given.part is not None else {}
    things: dict[str, tuple[Sequence[bytes], Row]] = {}
    names: dict[str, list[list[str]]] = defaultdict(list)
    rows: dict[str, list[Row]] = defaultdict(list)
    for actor, said in facts.items():
        home = canonical.get(actor, actor)
        rows[home].append(said.row)
        if said.name:
            names[home].append([actor, said.name, given.part.language if given.part else ""])
        for funder in said.funders:
            end = ox.NamedNode(canonical.get(funder, funder))
            about[home].add(ox.Triple(ox.NamedNode(home), ox.NamedNode(IG + "fundedBy"), end))
    networks, answers = iris.thing("network", ""), {each.path for each in ontology.form.fields}
    for home in rows:
        found = about[home]
        if home.startswith(networks):  # a row answers no field of a described network
            found = {each for each in found if each.predicate.value not in answers}
        if home not in shared:
            said_names = [(bearer, ox.Literal(text, language=tag)) for bearer, text, tag in names[home]]
            found |= set(view.preferred_labels({home: said_names})) if said_names else set()
        lines = sorted(f"{triple} .\n".encode() for triple in found)
        things[home] = (lines, {**parts.join_rows(rows[home]), "names": names[home]})
    lines = sorted(set(own))
    return Contribution(
        network=job.name,
        lines=lines,
        graphs=(),  # they stand among the lines: no profile is kept from which they would follow
        things=things,
        rows={"funding": parts.flow_rows(given.part, job.names, canonical, iris)} if given.part is not None else {},
        actors=(),
        places={"seat": [], "area": [], "used": sorted(given.places)},
        entries=(),
        mentions=[f"actor:{name}" for name in (given.part.mentions if given.part is not None else ())],
        mapped={},
        statistics=Statistics.of(lines, measurements_graph(iris.base)),
    )


# ---------------------------------------------------------------------------------------------------------------------
# Entries of the search index

_WORDING = IG + "wording"
_ALSO = SKOS + "altLabel"


def _entries(
    triples: Iterable[ox.Triple],
    names: Mapping[str, Sequence[tuple[str, ox.Literal]]],
    network: str,
    iris: Iris,
) -> Iterator[Entry]:
    """Names of the network and its groups, its variants, and the wordings of its sources.

    A network's names are its own, also where a decision made an actor one with it.
    """
    groups = iris.thing("group", "")
    for thing, found in names.items():
        kind = "network" if thing == network else "group" if thing.startswith(groups) else ""
        if kind:
            yield from _name_entries(thing, kind, found)
    for triple in triples:
        term = triple.object
        if not isinstance(term, ox.Literal):
            continue
        if triple.predicate.value == _WORDING:
            yield Entry(network, "network", term.value, term.language or "", "wording")
        elif triple.predicate.value == _ALSO and text_of(triple.subject) == network:
            yield Entry(network, "network", term.value, term.language or "", "variant")


def _name_entries(thing: str, kind: str, names: Sequence[tuple[str, ox.Literal]]) -> Iterator[Entry]:
    for preferred, term in labels(thing, names):
        yield Entry(thing, kind, term.value, term.language or "", "label" if preferred else "variant")


def actor_entries(row: Row, names: Sequence[tuple[str, ox.Literal]]) -> Iterator[Entry]:
    """Names of an actor, and what else it is called; a network's own names are entered with the network."""
    if row["is_network"]:
        return
    yield from _name_entries(row["actor"], "actor", names)
    said = {term.value for _, term in names}
    for text in row["names_also"]:
        if text not in said:
            yield Entry(row["actor"], "actor", text, "", "variant")
