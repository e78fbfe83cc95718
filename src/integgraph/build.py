"""The life of a release on one screen: files → records → contributions → put together → described → swapped.

Every step is a function of its input alone, so the same data gives the same content hash. Nothing that serves is
touched before the last rename. A build takes over from the release before what did not change: unchanged profiles are
neither read, mapped nor validated again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import pyoxigraph as ox

from integgraph import __version__, identity, withdrawn
from integgraph.assembly import Assembled, Common, Damaged, Decided, Fresh, Renewed, common_entries, count_actors
from integgraph.catalogue import PREFIXES, catalogue
from integgraph.contribution import (
    BatchJob,
    Ground,
    NetworkJob,
    PartJob,
    ProfileJob,
    Read,
    changed,
    contribute,
    contribute_part,
    doubts_of,
    read_files,
    read_of,
    read_parts,
)
from integgraph.errors import InputError, Problem, ReleaseError, WorkerError
from integgraph.identity.outward import PUBLISHED, Link, check_links, collection_of, read_links
from integgraph.ingest import checks, mapping, sources, validation, view, yamltext
from integgraph.ingest.mapping import Iris, MappedProfile
from integgraph.ingest.places import Gazetteer
from integgraph.ingest.record import Record, RecordReader
from integgraph.ledger import Ledger, ProfileEntry
from integgraph.ontology import DCT, IG, ORG, OWL, Ontology, expanded_shapes, json_ld_context, text_of
from integgraph.ontology import PREFIXES as NAMESPACES
from integgraph.release import LEDGER, Release, aside, build_lock, open_release, publish, write_json
from integgraph.sortedlines import copy_hashed
from integgraph.workers import die_with

T = TypeVar("T")
Job = TypeVar("Job")

Progress = Callable[[str, int, int], None]
"""Told (what is being done, done, of how many)."""

FILES_AT_ONCE = 200
PARTS_AT_ONCE = 5
NETWORKS_AT_ONCE = 50
_LARGE = 100_000_000
_AFTER_NETWORKS = 500_000
"""Number of the first run of lines of tables: those of networks come before."""
FEW, PART = 20, 0.1
"""Up to this many changed networks, or this part of all, the old release is renewed instead of written anew."""


@dataclass(frozen=True, slots=True)
class Built:
    """A finished build.

    Attributes:
        release: The release.
        warnings: Doubts that travel with it.
        unchanged: How many profiles were taken over from the release before.
    """

    release: Release
    warnings: Sequence[Problem]
    unchanged: int = 0


def build(
    data: Path,
    out: Path,
    *,
    ontology: Ontology | None = None,
    base_iri: str,
    licence: str,
    processes: int = 1,
    anew: bool = False,
    progress: Progress = lambda what, done, total: None,
) -> Built:
    """Build a release from a data folder and swap it in.

    Args:
        data: Folder with ``profiles/``, and, if there are any, ``links/``, ``places/`` and ``tables/``.
        out: Folder that holds the releases.
        ontology: The ontology; the one that comes with the package unless given.
        base_iri: Where the IRIs of things begin.
        licence: IRI of the licence of the profiles.
        processes: Processes that share the work; more than one needs a script with a ``__main__`` guard.
        anew: Take nothing over from the release before.
        progress: Told what is being done.

    Raises:
        InputError: a record breaks a rule; every violation with file, field and line.
        ReleaseError: the release cannot be written, or another build is at work.
        WorkerError: a process of the build was ended from outside.
    """
    ontology = ontology or Ontology.load()
    ground = Ground(str(ontology.folder), str(data), base_iri, licence)
    with build_lock(out):
        old = None if anew else _release_before(out)
        damage: list[Problem] = []
        renewing = old is not None
        while True:
            try:
                with aside(out) as folder, _Workers(processes) as workers:
                    made = _Build(ground, ontology, folder, old, renewing, workers, progress).run()
                    graves = _Graves(_serving(out), base_iri, made.known)
                    release = publish(out, folder, made.facts, made.digests, catalogue_turtle, graves.write)
                progress("release", 1, 1)
                return Built(release, [*damage, *made.warnings, *graves.problems], made.unchanged)
            except BrokenExecutor:
                raise WorkerError(
                    "A process of the build was ended from outside, most likely because memory ran out. "
                    "Free some memory and build again; the release that was there before still serves."
                ) from None
            except StartOver:
                renewing = False
            except Damaged as error:
                damage = [_damaged(old, str(error))]
                old, renewing = None, False


def _serving(out: Path) -> Release | None:
    """The release that serves so far, if there is one."""
    try:
        return open_release(out)
    except ReleaseError:
        return None


def _release_before(out: Path) -> Release | None:
    """The release that serves, if the next one can take something over from it."""
    release = _serving(out)
    return release if release is not None and (release.path / LEDGER).is_file() else None


class _Graves:
    """Lists what the new release no longer knows; without a readable release before it there is nothing to list."""

    def __init__(self, old: Release | None, base_iri: str, known: frozenset[str]) -> None:
        self._old, self._base_iri, self._known = old, base_iri, known
        self.problems: list[Problem] = []

    def write(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        """Write the list for a directory that is about to be published."""
        if self._old is None:
            return
        day = str(manifest["created"])[:10]
        try:
            stones = withdrawn.withdraw(self._old, folder, self._known, base_iri=self._base_iri, day=day)
        except ReleaseError as error:
            advice = "What was withdrawn since, or before, is answered as unknown. See: integgraph release verify"
            self.problems.append(Problem(str(error), "warning", advice=advice))
            return
        withdrawn.write(folder, stones)


def _damaged(old: Release | None, part: str) -> Problem:
    return Problem(
        f"The release {old.id if old else ''} is damaged ({part}), so nothing was taken over from it.",
        "warning",
        advice="See: integgraph release verify",
    )


class StartOver(Exception):
    """More changed than a renewal is made for: everything is put together anew."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A finished directory, before it is published; ``known`` holds IRIs of profiles and of things that were merged."""

    facts: Mapping[str, Any]
    digests: Mapping[str, Mapping[str, str]]
    warnings: Sequence[Problem]
    unchanged: int
    known: frozenset[str]


class _Build:
    """One build: what its steps hand to each other. :meth:`run` is their order."""

    def __init__(
        self,
        ground: Ground,
        ontology: Ontology,
        folder: Path,
        old: Release | None,
        renewing: bool,
        workers: _Workers,
        progress: Progress,
    ) -> None:
        self.ontology, self.folder = ontology, folder
        self.workers, self.progress = workers, progress
        self.data = Path(ground.data)
        self.iris = Iris(ground.base_iri)
        # This begins while the files are still looked at.
        copied = (
            workers.helpers(old.dump.stat().st_size).submit(copy_hashed, old.path / LEDGER, folder / LEDGER)
            if old is not None
            else None
        )
        self.inputs = scan(self.data)
        self.ground = replace(ground, places=json.dumps(self.inputs.places))
        self.problems: list[Problem] = []
        self.read_anew = 0
        self.gazetteer = self._collect(lambda: Gazetteer.load(self.data / "places"), Gazetteer())
        self.decisions = self._collect(lambda: identity.load_decisions(self.data / "links"), list[identity.Decision]())
        self.concepts = concept_iris(ontology)
        self.links = read_links(self.data / "links")
        self.problems.extend(self.links.problems)
        self.environment = environment_digest(ground, ontology, self.inputs)
        self.known_files: Mapping[str, str] = {}
        self.known, self.ledger = self._ledgers(old, copied, renewing)
        self.renewed: Renewed | None = None
        if old is not None and self.ledger is self.known:
            helpers = workers.helpers(old.dump.stat().st_size)
            self.renewed = Renewed(folder, self.ledger, old, self.iris, ontology, helpers)

    def run(self) -> _Made:
        """From files to a directory that can be published."""
        try:
            touched = self.enter(self.read())
            before, decided = Decided(self.ledger.get("canonical") or {}, self.iris), self.decide()
            self.stop_at_violations()
            networks = self.affected(touched, before, decided)
            assembled = self.assemble(networks, before, decided)
            return self.describe(assembled, decided)
        finally:
            self.workers.close()  # nobody writes here any longer when the folder is published, or removed
            self.ledger.close()
            if self.known is not None and self.known is not self.ledger:
                self.known.close()

    # -- what is known from before

    def _ledgers(self, old: Release | None, copied: Future[str] | None, renewing: bool) -> tuple[Ledger | None, Ledger]:
        """(Ledger of the old release if it is of use, ledger of the new one); one and the same where it is renewed."""
        target = self.folder / LEDGER
        if old is None or copied is None:
            return None, Ledger(target)
        source = old.path / LEDGER
        if copied.result() != old.manifest["parts"][LEDGER]["sha256"]:
            raise Damaged(LEDGER)
        known = Ledger(target)
        if known.get("environment") != self.environment:
            known.close()
            target.unlink()
            return None, Ledger(target)
        files = self.known_files = known.files()
        changes = len(files.items() ^ self.inputs.profiles.items())
        documents = any(sources.suffix(name) in sources.DOCUMENTS for name in self.inputs.profiles)
        tables = {name: facts["sha256"] for name, facts in (known.get("tables") or {}).items()}
        if renewing and not documents and tables == self.inputs.tables and _few(changes, len(files)):
            return known, known
        known.close()
        target.unlink()
        return Ledger(source, readonly=True), Ledger(target)

    def _collect(self, read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except InputError as error:
            self.problems.extend(error.problems)
            return otherwise

    # -- first pass: what stands in the files

    def read(self) -> Iterator[Read]:
        """Look at every file that is new or was changed; the others are known."""
        known, files = self.known_files, self.inputs.profiles
        if not files:
            where = self.data / "profiles"
            self.problems.append(
                Problem(f"There is no profile in {where}.", advice="Put at least one .yaml file there.")
            )
        new = [
            (name, digest)
            for name, digest in files.items()
            if sources.suffix(name) in sources.RECORDS and known.get(name) != digest
        ]
        jobs = [(self.ground, part) for part in _parts(new, FILES_AT_ONCE)]
        done = len(files) - len(new)
        for found in self.workers.map(read_files, jobs):
            yield from found
            done += len(found)
            self.progress("profiles read", done, len(files))
        if not new:
            self.progress("profiles read", done, len(files))

    def enter(self, new: Iterator[Read]) -> set[str]:
        """Enter in the ledger what was read, and hold ids and dates against each other; ids of touched networks."""
        if self.renewed is not None:
            touched = self._enter_changes(list(new), self.renewed)
        else:
            touched = {entry.network for entry in self._entries(new) if self._add(entry)}
        self._claim(touched)
        self._enter_parts()
        self._add_documents(touched)
        self.problems.extend(_same_dates(self.ledger, touched, self.ontology))
        return touched

    def _enter_changes(self, new: Sequence[Read], renewed: Renewed) -> set[str]:
        """Take what changed out of the old ledger, and enter it again."""
        ledger = self.ledger
        entries = list(self._entries(iter(new)))
        gone = [ledger.in_file(name) for name in self.known_files if name not in self.inputs.profiles]
        gone += [ledger.in_file(read.file) for read in new]
        touched = {entry.network for entry in (*gone, *entries) if entry}
        for network in sorted(touched):
            renewed.forget(network)
            ledger.release_actors(network)
        for entry in gone:
            if entry:
                ledger.remove_file(entry.file)
        for entry in entries:
            self._add(entry)
        return touched

    def _entries(self, new: Iterator[Read]) -> Iterator[ProfileEntry]:
        """What was read, and what is known from before where the ledger is a new one."""
        read = 0
        for each in new:
            read += 1
            self.problems.extend(each.problems)
            if each.slug:
                yield ProfileEntry(each.slug, each.network, each.file, each.sha256, each.facts)
        self.read_anew = read
        if self.known is not None and self.known is not self.ledger:
            for entry in self.known.profiles():
                if self.inputs.profiles.get(entry.file) == entry.sha256:
                    yield entry

    def _add(self, entry: ProfileEntry) -> bool:
        other = self.ledger.profile(entry.slug)
        if other is None:
            self.ledger.add_profile(entry)
            return True
        if other.file > entry.file:  # the later file gives way
            self.ledger.remove_file(other.file)
            self.ledger.add_profile(entry)
            other, entry = entry, other
        advice = "If both describe one network, give the newer one an 'edition: …'; otherwise rename one."
        message = f"The id '{entry.slug}' is already used in {other.file}."
        self.problems.append(Problem(message, file=entry.file, line=entry.facts["id_line"], field="id", advice=advice))
        return True

    def _claim(self, touched: set[str]) -> None:
        """Give every network its actor ids; two networks never share one."""
        every = len(touched) > FEW
        profiles = (
            self.ledger.profiles()
            if every
            else (entry for network in sorted(touched) for entry in self.ledger.profiles(network))
        )
        for entry in profiles:
            if entry.network not in touched:
                continue
            groups = set(entry.facts["groups"])
            for name, line, where in entry.facts["actors"]:
                owner = self.ledger.claim_actor(name, entry.network, entry.file, named=name not in groups)
                if owner is not None:
                    self.problems.append(
                        Problem(
                            f"The actor id '{name}' is already used in {owner}.",
                            file=entry.file,
                            line=line,
                            field=where,
                            advice=f"Give this one its own id, such as {name}-{entry.network}; "
                            "whether the two are one is decided in data/links.",
                        )
                    )

    def _enter_parts(self) -> None:
        """Enter what stands in the parts of tables: which actors each describes; parts that are known are not read."""
        before = (self.known.get("tables") or {}) if self.known else {}
        digests = self.inputs.tables
        self.valid = {name for name, digest in digests.items() if before.get(name, {}).get("sha256") == digest}
        self.parts = {name: before[name] for name in sorted(self.valid)}
        if self.renewed is not None:
            return
        new = [(name, digest) for name, digest in digests.items() if name not in self.valid]
        jobs = [(self.ground, part) for part in _parts(new, PARTS_AT_ONCE)]
        for read in (each for found in self.workers.map(read_parts, jobs) for each in found):
            self.problems.extend(read.problems)
            facts = {"actors": dict(read.actors), "named": list(read.named), "rows": read.rows}
            self.parts[read.name] = {"sha256": read.sha256, **facts}
        for name, facts in sorted(self.parts.items()):
            for actor in facts["actors"]:
                owner = self.ledger.claim_actor(actor, name, f"tables/{name}")
                if owner is not None:
                    self.problems.append(
                        Problem(f"The actor id '{actor}' is already used in {owner}.", file=f"tables/{name}")
                    )
        for name, facts in self.parts.items():
            for actor in facts["named"]:
                if not self.ledger.has_actor(actor):
                    message = f"No part of the table describes the actor '{actor}'."
                    self.problems.append(Problem(message, file=f"tables/{name}", advice="Import the table again."))

    def _add_documents(self, touched: set[str]) -> None:
        """Draft a record from each document, after all records, so that none is given an actor id that is taken."""
        names = [name for name in self.inputs.profiles if sources.suffix(name) in sources.DOCUMENTS]
        if not names:
            return
        reader = RecordReader(self.ontology, self.gazetteer)
        taken = set(self.ledger.actor_ids(named=False))
        with sources.Documents(reader) as documents:
            for name in sorted(names):
                try:
                    text = yamltext.dump(documents.draft(self.data / "profiles" / name, frozenset(taken)))
                    record, problems = sources.read_draft(text, reader, name)
                except InputError as error:
                    self.problems.extend(error.problems)
                    continue
                read = read_of(record, problems, f"{self.inputs.profiles[name]}:{record.sha256}", self.ontology)
                self._add(ProfileEntry(read.slug, read.network, name, read.sha256, {**read.facts, "draft": text}))
                taken.update(actor for actor, _, _ in read.facts["actors"])
                touched.add(read.network)
                self._claim({read.network})

    # -- who is who

    def decide(self) -> Decided:
        """Apply the decisions; contradictions are violations."""
        named = {name for decision in self.decisions for name in (decision.subject, decision.object)}
        named |= {link.subject for link in self.links.rows}
        known = set(self._things(named))
        if len(known) < len(named):  # only then does a near name need all of them
            known = set(self._things())
        self.linked = [link for link in self.links.rows if link.subject in known]
        self.standing = identity.Standing(self.decisions)
        if not any(problem.severity == "violation" for problem in self.problems):
            self.problems.extend(identity.check_known(self.decisions, known))
            self.problems.extend(check_links(self.links.rows, known, self.standing))
        canonical = self._collect(lambda: identity.canonical_ids(self.standing), dict[str, str]())
        return Decided(canonical, self.iris)

    def _things(self, among: Set[str] | None = None) -> Iterator[str]:
        """Everything that decisions and links may speak of; or what of it is among some things."""
        for kind, names in (
            ("actor", self.ledger.actor_ids(named=True)),
            ("network", self.ledger.network_ids()),
            ("place", self.gazetteer.places),
        ):
            if among is not None:  # most are spoken of nowhere
                wanted = {each.partition(":")[2] for each in among if each.startswith(f"{kind}:")}
                names = filter(wanted.__contains__, names)
            yield from (f"{kind}:{name}" for name in names)
        yield from (each for each in self.concepts if among is None or each in among)

    def stop_at_violations(self) -> None:
        """Raise every violation found so far, before anything is mapped."""
        if any(problem.severity == "violation" for problem in self.problems):
            raise InputError(self.problems)

    def affected(self, touched: set[str], before: Decided, decided: Decided) -> list[str]:
        """Networks whose contributions are made: all of them, or those that something changed for."""
        self.parts_affected = sorted(self.parts, key=_in_order)
        if self.renewed is None:
            return list(self.ledger.network_ids())
        things = {thing for thing, _ in before.canonical.items() ^ decided.canonical.items()}
        things |= before.shared ^ decided.shared
        found = touched | {network for thing in things for network in self.ledger.mentioned_in(thing)}
        if not _few(len(found), sum(1 for _ in self.ledger.network_ids())):
            raise StartOver
        for network in sorted(found - touched):
            self.renewed.forget(network)
        self.parts_affected = sorted(found & self.parts.keys(), key=_in_order)
        return sorted(network for network in found if self.ledger.has_network(network))

    # -- second pass: what each network gives

    def assemble(self, networks: Sequence[str], before: Decided, decided: Decided) -> Assembled:
        """Make the contributions, and put them together."""
        target = self.renewed or Fresh(self.folder, self.ledger, decided, self.ontology, __version__)
        new = self._count_new(networks)
        done = 0
        uses: dict[str, Mapping[str, Any]] = {}
        problems: list[Problem] = []
        for batch in self.workers.map(contribute, self._jobs(networks, decided, target)):
            problems.extend(batch.problems)
            done += batch.profiles
            if batch.profiles:
                self.progress("profiles mapped", done, new)
                self.progress("profiles validated", done, new)
            if not problems:
                target.add(batch.contributions)
                if self.renewed is not None:
                    uses |= {given.network: given.places for given in batch.contributions}
        if not problems:
            problems = self._assemble_parts(target, decided, uses)
        if problems:
            raise InputError([*self.problems, *problems])
        self.workers.rest()
        common = self._common(decided, uses)
        self.progress("current view", 0, 1)
        self._validate_places(common)
        self.progress("current view", 1, 1)
        self.progress("release", 0, 1)
        if isinstance(target, Renewed):
            assembled = target.finish(common, before, decided)
        else:
            assembled = target.finish(common)
        self.ledger.put("common", [line.decode() for line in common.lines])
        entries = common_entries(common, self.ontology, self.iris)
        self.ledger.put("entries", [[each.thing, each.kind, each.text, each.language, each.role] for each in entries])
        return assembled

    def _assemble_parts(
        self, target: Fresh | Renewed, decided: Decided, uses: dict[str, Mapping[str, Any]]
    ) -> list[Problem]:
        """Make the contributions of the parts of tables; what is wrong with them."""
        names, canonical = self.parts_affected, dict(decided.canonical)
        described = {actor: name for facts in self.parts.values() for actor, name in facts["actors"].items()}
        jobs = (
            PartJob(
                self.ground,
                name,
                self.parts[name]["sha256"],
                name in self.valid,
                canonical,
                {actor: described[actor] for actor in self.parts[name]["named"] if actor in described},
                target.run(_AFTER_NETWORKS + number) if isinstance(target, Fresh) else None,
            )
            for number, name in enumerate(names)
        )
        problems: list[Problem] = []
        done, total = 0, sum(self.parts[name]["rows"] for name in names)
        for name, batch in zip(names, self.workers.map(contribute_part, jobs), strict=True):
            problems.extend(batch.problems)
            done += self.parts[name]["rows"]
            self.progress("rows of tables", done, total)
            if not problems:
                target.add(batch.contributions)
                if self.renewed is not None:
                    uses |= {given.network: given.places for given in batch.contributions}
        return problems

    def _count_new(self, networks: Sequence[str]) -> int:
        known = self.known
        if known is None:
            return self.ledger.count_profiles()
        return sum(self._mapped(entry) is None for network in networks for entry in self.ledger.profiles(network))

    def _mapped(self, entry: ProfileEntry) -> bytes | None:
        """What this very profile was mapped to before."""
        if self.known is None:
            return None
        if self.known is not self.ledger:
            before = self.known.profile(entry.slug)
            if before is None or (before.file, before.sha256) != (entry.file, entry.sha256):
                return None
        return self.known.mapped(entry.slug)

    def _jobs(self, networks: Sequence[str], decided: Decided, target: Fresh | Renewed) -> Iterator[BatchJob]:
        everywhere = {thing for thing in decided.shared if thing.startswith("network:")}
        for number, part in enumerate(_parts(networks, NETWORKS_AT_ONCE)):
            jobs = []
            things = set(everywhere)
            for network in part:
                profiles = []
                for entry in self.ledger.profiles(network):
                    things.update(f"actor:{name}" for name, _, _ in entry.facts["actors"])
                    doubts = tuple(doubts_of(entry.file, entry.facts["doubts"]))
                    draft = entry.facts.get("draft")
                    profiles.append(
                        ProfileJob(entry.slug, entry.file, entry.sha256, doubts, draft, self._mapped(entry))
                    )
                jobs.append(NetworkJob(network, tuple(profiles)))
            canonical = {thing: decided.canonical[thing] for thing in things if thing in decided.canonical}
            shared = frozenset(thing for thing in things if thing in decided.shared) | frozenset(canonical.values())
            run = target.run(number) if isinstance(target, Fresh) else None
            yield BatchJob(self.ground, jobs, canonical, shared, run)

    def _common(self, decided: Decided, uses: Mapping[str, Mapping[str, Any]]) -> Common:
        gone = self.renewed.networks if self.renewed is not None else frozenset[str]()
        used = {name for network, places in self.ledger.places() if network not in gone for name in places["used"]}
        used |= {name for places in uses.values() for name in places["used"]}
        there = mapping.used_places(used, self.gazetteer)
        places = [triple for place in there for triple in mapping.map_place(place, self.iris)]
        unused = {f"place:{name}" for name in self.gazetteer.places.keys() - {place.id for place in there}}
        canonical = {decided.iri(old): decided.iri(new) for old, new in decided.canonical.items()}
        links = [link for link in self.linked if link.subject not in unused]
        outward = link_triples(links, canonical, self.iris, self.concepts)
        self.linksets = linksets(outward)
        triples = [
            *places,
            *published_terms(self.ontology),
            *view.redirects(canonical),
            *decision_triples(identity.in_force(self.standing), canonical, self.iris),
            *outward,
        ]
        return Common(triples, places)

    def _validate_places(self, common: Common) -> None:
        stated = hashlib.sha256("".join(sorted(map(str, common.places))).encode()).hexdigest()
        if self.known is None or self.known.get("places") != stated:
            problems = validation.validate_places(common.places, self.ontology)
            if problems:
                raise InputError(problems)
        self.ledger.put("places", stated)

    # -- what the release says of itself

    def describe(self, assembled: Assembled, decided: Decided) -> _Made:
        """Write what is left, make sure that no input has changed meanwhile, and state the facts of the manifest."""
        doubts = [doubt for file, found in self.ledger.doubts() for doubt in doubts_of(file, found)]
        known = {decided.iri(merged) for merged in decided.canonical}
        known.update(self.iris.thing("profile", slug) for slug in self.ledger.slugs())
        warnings = [*doubts, *(problem for problem in self.problems if problem.severity == "warning")]
        (self.folder / "shapes.ttl").write_bytes(canonical_turtle(expanded_shapes(self.ontology)))
        write_json(self.folder / "context.jsonld", json_ld_context(self.ontology, self.ground.base_iri))
        write_json(self.folder / "validation.json", [_as_data(problem) for problem in warnings])
        self.ledger.put("environment", self.environment)
        self.ledger.put("canonical", dict(decided.canonical))
        self.ledger.put("tables", self.parts)
        profiles = self.ledger.count_profiles()
        self.ledger.close()
        self.inputs.check(self.data)
        statistics = assembled.statistics
        classes = statistics.classes
        facts = {
            "base_iri": self.ground.base_iri,
            "licence": self.ground.licence,
            "versions": {"integgraph": __version__, "ontology": self.ontology.version},
            "ontology_sha256": ontology_digest(self.ontology.folder),
            "counts": {
                "profiles": profiles,
                "networks": classes[IG + "Network"],
                "actors": count_actors(self.folder),
                "memberships": classes[ORG + "Membership"],
                "funding_flows": classes[IG + "FundingFlow"],
                "places": classes[IG + "Place"],
                "quads": statistics.quads,
            },
            "statistics": {**statistics.as_data(), "profile_graphs": profiles, "linksets": self.linksets},
            "inputs": self.inputs.all,
        }
        return _Made(facts, assembled.digests, warnings, profiles - self.read_anew, frozenset(known))


# ---------------------------------------------------------------------------------------------------------------------
# What lies in the data folder


@dataclass(frozen=True, slots=True)
class Inputs:
    """What lies in the data folder when the build begins.

    Attributes:
        profiles: Digest of every profile by its name, in order.
        others: Links, places and tables, with their digests.
        stamps: Size and time of the last change of every file.
    """

    profiles: Mapping[str, str]
    others: Sequence[Mapping[str, str]]
    stamps: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def all(self) -> list[Mapping[str, str]]:
        """Every file with its digest, sorted."""
        profiles = [{"file": f"profiles/{name}", "sha256": digest} for name, digest in self.profiles.items()]
        return sorted([*profiles, *self.others], key=lambda each: each["file"])

    @property
    def tables(self) -> dict[str, str]:
        """Digest of every part of a table by its name in the folder of tables."""
        found = ((each["file"].partition("/"), each["sha256"]) for each in self.others)
        return {name: digest for (folder, _, name), digest in found if folder == "tables"}

    @property
    def places(self) -> list[Mapping[str, str]]:
        """The place list."""
        return [each for each in self.others if each["file"].startswith("places/")]

    def check(self, data: Path) -> None:
        """Make sure that all is as it was.

        Raises:
            InputError: files were changed, added or removed while the build was reading; each is named.
        """
        if stamps(data) == self.stamps:
            return
        before, now = ({each["file"]: each["sha256"] for each in inputs.all} for inputs in (self, scan(data)))
        if before != now:
            names = sorted(name for name, _ in before.items() ^ now.items())
            raise InputError([changed(name) for name in dict.fromkeys(names)])


def scan(data: Path) -> Inputs:
    """Digest every input.

    Raises:
        InputError: there is no folder of profiles, or a file cannot be read.
    """
    profiles = data / "profiles"
    if not profiles.is_dir():
        raise InputError(
            Problem(f"There is no folder {profiles}.", advice="Name your data folder with --data; it holds profiles/.")
        )
    seen = stamps(data)
    digests = {}
    problems: list[Problem] = []
    for file in sources.profile_files(profiles):
        try:
            digests[file.name] = sources.digest(file)
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return Inputs(digests, sources.digests(data, _OTHERS), seen)


_OTHERS = ("links/*.sssom.tsv", "places/*.yaml", "tables/[!.]*/table.yaml", "tables/[!.]*/rows-*.jsonl")


def stamps(data: Path) -> dict[str, tuple[int, int]]:
    """Size and time of the last change (nanoseconds) of every input."""
    found = {}
    names = [f"profiles/{name}" for name in sources.profile_names(data / "profiles")]
    names += [file.relative_to(data).as_posix() for each in _OTHERS for file in data.glob(each)]
    for name in names:
        try:
            facts = os.stat(os.path.join(data, name))
        except FileNotFoundError:
            continue
        found[name] = (facts.st_size, facts.st_mtime_ns)
    return found


def environment_digest(ground: Ground, ontology: Ontology, inputs: Inputs) -> str:
    """Digest of everything but profiles and decisions that a contribution depends on.

    The program itself is part of it: what another version mapped is mapped again.
    """
    facts = [ground.base_iri, ground.licence, ontology_digest(ontology.folder), _program_digest(), inputs.places]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def ontology_digest(folder: Path) -> str:
    """Digest of the files that the ontology is read from, by name and content."""
    return _folder_digest(
        folder, [folder / "integgraph.ttl", folder / "shapes.ttl", *folder.glob("vocabularies/*.ttl")]
    )


@lru_cache(maxsize=1)
def _program_digest() -> str:
    folder = Path(__file__).parent
    return _folder_digest(folder, folder.rglob("*.py"))


def _folder_digest(folder: Path, files: Iterable[Path]) -> str:
    facts = sorted(
        (file.relative_to(folder).as_posix(), hashlib.sha256(file.read_bytes()).hexdigest()) for file in files
    )
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _same_dates(ledger: Ledger, networks: Iterable[str], ontology: Ontology) -> Iterator[Problem]:
    """Editions of one network with one status date: nobody could say which is the newer."""
    for network in sorted(networks):
        seen: dict[str, ProfileEntry] = {}
        for entry in ledger.profiles(network):
            age = entry.facts["age"]
            other = seen.setdefault(age, entry) if age else entry
            if other is not entry:
                yield Problem(
                    f"'{ontology.form.field('status_date').name()}' is the same as in {other.file}, so it is not "
                    f"known which profile of '{network}' is newer.",
                    file=entry.file,
                    line=entry.facts["line"],
                    field="status_date",
                    advice="Date one of them more exactly, or keep only one.",
                )


# ---------------------------------------------------------------------------------------------------------------------
# Processes


class _Workers:
    """Processes that share a build's batches; with one process, or one batch, the work is done here."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._pool: ProcessPoolExecutor | None = None
        self._helpers: Executor | None = None

    def __enter__(self) -> _Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Wait for what is under way, and let the processes go."""
        self.rest()
        if self._helpers is not None:
            self._helpers.shutdown(cancel_futures=True)
            self._helpers = None

    def rest(self) -> None:
        """Let the processes that share batches go: what follows needs the memory more."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def helpers(self, size: int) -> Executor:
        """What copies and hashes files beside the build: processes of their own where that many bytes are worth it.

        Threads wait for Python before and after each block, which a busy build makes them feel.
        """
        if self._helpers is None:
            apart = self._processes > 1 and size > _LARGE
            self._helpers = _processes(2) if apart else ThreadPoolExecutor(2)
        return self._helpers

    def map(self, function: Callable[[Job], T], jobs: Iterable[Job]) -> Iterator[T]:
        """Results in the order of the jobs; only a few jobs wait at any time, so that memory holds no more."""
        waiting = iter(jobs)
        first = list(islice(waiting, 2))
        if self._processes == 1 or len(first) < 2:
            yield from map(function, chain(first, waiting))
            return
        if self._pool is None:
            self._pool = _processes(self._processes)
        pool = self._pool
        running = deque(pool.submit(function, job) for job in first)
        running.extend(pool.submit(function, job) for job in islice(waiting, self._processes))
        while running:
            found = running.popleft().result()
            running.extend(pool.submit(function, job) for job in islice(waiting, 1))
            yield found


def _processes(number: int) -> ProcessPoolExecutor:
    """Fresh processes that end with this one: a forked copy of a program with threads may never wake up."""
    return ProcessPoolExecutor(number, mp_context=get_context("spawn"), initializer=die_with, initargs=(os.getpid(),))


def _in_order(part: str) -> tuple[str, str]:
    """Table and file of a part: their rows stand in the tables of a release by the IRI of the table."""
    table, _, file = part.partition("/")
    return table, file


def _few(changed: int, of: int) -> bool:
    return changed <= max(FEW, PART * of)


def _parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


# ---------------------------------------------------------------------------------------------------------------------
# Without building


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
    iris = Iris(base_iri)
    profiles = map_all(unique, ontology, iris, licence)
    places = place_triples(profiles, gazetteer, iris)
    problems.extend(validation.validate(profiles, places, ontology))
    problems.extend(validation.validate_places(places, ontology))
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


def map_all(records: Sequence[Record], ontology: Ontology, iris: Iris, licence: str) -> list[MappedProfile]:
    """Turn every record into triples, in the order of their slugs."""
    ordered = sorted(records, key=lambda record: record.slug)
    return [mapping.map_record(record, ontology, iris, licence) for record in ordered]


# ---------------------------------------------------------------------------------------------------------------------
# What belongs to no single network


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


def link_triples(
    links: Iterable[Link], canonical: Mapping[str, str], iris: Iris, concepts: Mapping[str, str]
) -> set[ox.Triple]:
    """Links outward that say "same" or "match", stated about canonical things."""
    found = set()
    for link in links:
        if link.predicate in PUBLISHED:
            subject = concepts.get(link.subject) or iris.thing(*link.subject.split(":"))
            prefix, _, name = link.predicate.partition(":")
            found.add(
                ox.Triple(
                    ox.NamedNode(canonical.get(subject, subject)),
                    ox.NamedNode(NAMESPACES[prefix] + name),
                    ox.NamedNode(link.object),
                )
            )
    return found


def linksets(triples: Iterable[ox.Triple]) -> list[dict[str, Any]]:
    """How many of these links lead to which collection, by predicate; sorted."""
    found = Counter((*collection_of(text_of(each.object)), each.predicate.value) for each in triples)
    return [
        {"name": name, "space": space, "predicate": predicate, "triples": count}
        for (name, space, predicate), count in sorted(found.items())
    ]


def concept_iris(ontology: Ontology) -> Mapping[str, str]:
    """``concept:<scheme>/<id>`` → IRI of every concept."""
    return {
        f"concept:{scheme.id}/{name}": concept.iri
        for scheme in ontology.schemes.values()
        for name, concept in scheme.concepts.items()
    }


def published_terms(ontology: Ontology) -> Iterator[ox.Triple]:
    """Ontology, form and vocabularies for the default graph: what has a name of its own.

    Anonymous parts of shapes stay in ``shapes.ttl`` of the release.
    """
    for triple in ontology.triples:
        if not isinstance(triple.subject, ox.BlankNode) and not isinstance(triple.object, ox.BlankNode):
            yield triple


def catalogue_turtle(manifest: Mapping[str, Any]) -> bytes:
    """The catalogue of a release as Turtle."""
    previous = manifest["previous"]
    triples = catalogue(manifest, previous=previous["id"] if previous else None)
    return ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=dict(PREFIXES)) or b""


def canonical_turtle(triples: Iterable[ox.Triple]) -> bytes:
    """Triples as N-Triples-like Turtle whose blank nodes are named by content (RDFC-1.0), so that it never varies."""
    dataset = ox.Dataset(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return "".join(sorted(f"{quad.triple} .\n" for quad in dataset)).encode()


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
