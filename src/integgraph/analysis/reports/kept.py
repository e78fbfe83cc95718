"""A release of which everything that many reports need is read once, and reports made of it, one after the other.

What is behind a report comes with it: the networks that its numbers rest on, and their profiles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from integgraph.analysis.reports.facts import Facts, Profile, Source
from integgraph.analysis.reports.model import Report, Thing
from integgraph.analysis.reports.subjects import analyse, compare, prepare
from integgraph.analysis.selection import Selection
from integgraph.csvtext import SEPARATOR
from integgraph.ontology import Ontology
from integgraph.release import Release, open_release
from integgraph.tables import local

_READ_FIRST = (
    "coordinations", "no_coordination", "stated_counts", "reported", "profiles", "_german_places", "_merged",
    "_by_label", "listed_by_profiles", "flows", "set_governance",
)  # fmt: skip
"""What is asked of the store or made of the tables for most reports."""
LARGE = 500
"""Networks from which on a place is prepared for comparisons when a release is read, not when somebody waits for it."""
MOST_NAMED = 50
"""Networks that are named with their profiles, for each thing that a report speaks of."""


@dataclass(frozen=True, slots=True)
class Profiled:
    """A network with the profiles that describe it.

    Attributes:
        network: The network.
        profiles: IRI and status date of each, oldest first; the date is empty where none is stated.
    """

    network: Thing
    profiles: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Behind:
    """The networks that the numbers of one thing rest on.

    Attributes:
        thing: What they are numbers of.
        networks: The first :data:`MOST_NAMED` of the networks, by name.
        count: How many there are.
    """

    thing: Thing
    networks: tuple[Profiled, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Made:
    """A report, and what is behind each thing that it speaks of."""

    report: Report
    behind: tuple[Behind, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which report: one that :func:`~integgraph.analysis.reports.analyse` makes, or a comparison.

    Attributes:
        kind: ``comparison``, or what the report is on.
        names: Ids or IRIs: several in a comparison, none for a collection, one else.
        selection: Parts of a :class:`~integgraph.analysis.selection.Selection` with their values, for a collection.
    """

    kind: Literal["comparison", "network", "actor", "funder", "collection"]
    names: tuple[str, ...] = ()
    selection: tuple[tuple[str, tuple[str, ...]], ...] = ()


class KeptSource(Source):
    """A source that has read what most reports need, and holds the facts of the whole collection; it can be pickled.

    Args:
        release: An open release.
        ontology: Where labels and vocabularies are looked up; ``None`` loads the one that is shipped.
    """

    def __init__(self, release: Release, ontology: Ontology | None = None) -> None:
        super().__init__(release, ontology)
        for name in _READ_FIRST:
            getattr(self, name)
        self._facts = {Selection(): super().facts()}

    def facts(self, selection: Selection | None = None) -> Facts:
        """See :meth:`Source.facts`; those of the whole collection are there already, as are those that are kept."""
        return self._facts.get(selection or Selection()) or super().facts(selection)

    def keep(self, selection: Selection) -> None:
        """Hold the facts of a selection from now on, with all that is made of them."""
        self._facts[selection] = self.facts(selection)

    def profile_members(self, network: str, profile: Profile) -> frozenset[str] | None:
        """See :meth:`Source.profile_members`; those of networks with several profiles are there already."""
        if len(self.profiles.get(network, ())) > 1:
            return self.listed_by_profiles.get((network, profile.iri))
        return super().profile_members(network, profile)

    def __getstate__(self) -> Mapping[str, Any]:
        """Everything but the store, which whoever needs it opens again."""
        return {name: value for name, value in self.__dict__.items() if name != "_store"}


def read(release: Path) -> KeptSource:
    """The release in a folder, as reports need it; large places are ready to be compared.

    Raises:
        ReleaseError: it cannot be read.
    """
    source = KeptSource(open_release(release))
    for place in _large(source):
        source.keep(Selection(places=place))
        prepare(source, place)
    return source


def _large(source: Source) -> list[str]:
    """Ids of the places with that many networks or more, the largest first."""
    lists = source.lists.networks["places"].combine_chunks()
    counts = Counter(lists.flatten().to_pylist())
    return [place for place, count in counts.most_common() if count >= LARGE and place in source.places]


def make(source: Source, wanted: Wanted) -> Made:
    """A report, with what is behind it.

    Raises:
        NotFound: there is no such thing; similar ones are named.
        Unprocessable: a comparison takes two to six different things of one kind; or a value does not exist.
    """
    release = source.release
    if wanted.kind == "comparison":
        report = compare(release, wanted.names, source=source)
    elif wanted.kind == "collection":
        selection = _selection(wanted.selection)
        report = analyse(release, "collection", selection=selection, source=source)
        return Made(report, (_behind(source, report.scope[0], source.facts(selection).networks),))
    else:
        report = analyse(release, wanted.kind, *wanted.names, source=source)
    of_funds = wanted.names[0] if wanted.kind == "funder" else ""
    return Made(report, tuple(_behind(source, each, _networks(source, each, of_funds)) for each in report.scope))


def _selection(parts: Iterable[tuple[str, tuple[str, ...]]]) -> Selection:
    given: dict[str, Any] = dict(parts)
    given |= {name: "".join(given[name]) for name in ("since", "until") if name in given}
    return Selection(**given)


def _networks(source: Source, thing: Thing, of_funds: str) -> list[str]:
    """The networks whose profiles the numbers of a thing rest on."""
    if thing.iri in source.networks:
        return [thing.iri]
    if thing.iri.startswith(f"{source.release.base_iri}place/"):
        return source.networks_in(local(thing.iri))
    rows = source.lists.memberships.select(["network", "actor"]).to_pydict()
    found = {network for network, actor in zip(rows["network"], rows["actor"], strict=True) if actor == thing.iri}
    found |= {network for network, each in source.coordinations.items() if any(one.who == thing.iri for one in each)}
    category = local(of_funds)
    for giver, receiver, data in source.facts().money:
        if (thing.iri and thing.iri in (giver, receiver)) or category in str(data["categories"]).split(SEPARATOR):
            found.add(data["network"])
    return sorted(found)


def _behind(source: Source, thing: Thing, networks: Iterable[str]) -> Behind:
    ordered = sorted(networks, key=lambda iri: (source.label(iri).casefold(), iri))
    named = tuple(
        Profiled(source.thing(iri), tuple((each.iri, each.date) for each in source.profiles.get(iri, ())))
        for iri in ordered[:MOST_NAMED]
    )
    return Behind(thing, named, len(ordered))
