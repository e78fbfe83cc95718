"""What reports are made from: the lists, coordinators, counts and flows of a release, read once.

``Source`` is a whole release; ``Facts`` is what a selection leaves of it; ``Unit`` gives facts a name in a report.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pyarrow as pa

from integgraph.analysis.cooperation import Flows, funding_graph, reported_graph
from integgraph.analysis.incidence import Incidence, Lists, incidence, read_columns
from integgraph.analysis.measures.answers import Answer, Basis, Text
from integgraph.analysis.measures.coverage import Listing
from integgraph.analysis.measures.twomode import TwoMode, binary
from integgraph.analysis.reports.model import Thing
from integgraph.analysis.selection import Mask, Selection, chosen_networks
from integgraph.analysis.stated import Stated, is_over, newest
from integgraph.csvtext import SEPARATOR
from integgraph.ontology import LANGUAGES, Ontology
from integgraph.release import Release
from integgraph.store import Store, iri, plain
from integgraph.tables import STATED_NONE, VALUE, Tables, local, network_fields

if TYPE_CHECKING:
    import networkx as nx

AS_MEMBER = Text(" (as member)", " (als Mitglied)")
"""What a network is called where it is a member of another."""

_NETWORK = (
    "network", "id", "name", "seat", "area", "coordination", "formalisation", "members_complete", "fields_of_action",
    "target_groups", "fields_asked", "fields_answered", "members_named", "status_date", "profiles",
)  # fmt: skip
_ACTOR = ("actor", "id", "name", "sectors", "is_network", "merged", "flows_given", "flows_received")
_COORDINATION = """
SELECT ?network ?who ?kind ?wording ?from ?to WHERE {
  ?network ig:coordination ?c . ?c ig:coordinator ?who .
  OPTIONAL { ?c ig:coordinationKind ?kind }
  OPTIONAL { ?c ig:wording ?wording }
  OPTIONAL { ?c ig:from ?from }
  OPTIONAL { ?c ig:to ?to }
  OPTIONAL { ?c ig:position ?position }
} ORDER BY ?network ?position ?c
"""
_NO_COORDINATION = """
SELECT ?network ?reason ?raw WHERE {
  ?absence ig:field ig:f-coordination ; ig:about ?network ; ig:reason ?reason .
  OPTIONAL { ?absence ig:rawText ?raw }
} ORDER BY ?network
"""
_SET_GOVERNANCE = """
SELECT ?network ?mode ?wording ?source ?title ?address WHERE {
  ?network ig:setGovernance ?set . ?set ig:governanceMode ?mode ; dct:source ?source .
  OPTIONAL { ?set ig:wording ?wording }
  OPTIONAL { ?source dct:title ?title }
  OPTIONAL { ?source schema:url ?address }
} ORDER BY ?network ?source ?title ?address ?wording
"""
_GERMAN_PLACES = """
SELECT ?place ?name WHERE { ?place a ig:Place ; skos:prefLabel ?name FILTER(LANG(?name) = "de") } ORDER BY ?place ?name
"""
_COUNTS = """
SELECT ?network ?unit ?minimum ?maximum ?date ?wording ?members WHERE {
  ?network ig:statedCount ?count .
  OPTIONAL { ?count ig:countUnit ?unit }
  OPTIONAL { ?count ig:minimum ?minimum }
  OPTIONAL { ?count ig:maximum ?maximum }
  OPTIONAL { ?count ig:countDate ?date }
  OPTIONAL { ?count ig:wording ?wording }
  OPTIONAL { ?count ig:ofMembers ?members }
} ORDER BY ?network ?count
"""
_IMPORTED = """
SELECT ?table ?title WHERE {
  ?table dct:source ?source ; prov:wasGeneratedBy ?reading ; dct:title ?title . ?source dct:identifier ?id
} ORDER BY ?table
"""
_PROFILES = """
SELECT ?network ?profile ?date WHERE {
  ?profile ig:describes ?network .
  OPTIONAL { ?profile ig:statusDate ?date }
} ORDER BY ?network ?date ?profile
"""
_SOURCES = """
SELECT DISTINCT ?network ?title WHERE {
  ?profile ig:describes ?network ; prov:wasDerivedFrom ?source . ?source dct:title ?title
} ORDER BY ?title
"""
_LISTED_BY_PROFILE = """
  GRAPH ?profile {
    ?network ig:membership ?membership . ?membership org:member ?actor ; org:role ?role .
    BIND(EXISTS { ?actor a ig:UnnamedGroup } AS ?group)
  }
  OPTIONAL { ?role ig:countsAsMember ?counts }
"""
_PROFILE_MEMBERS = f"""
SELECT ?profile ?network ?actor ?group ?counts WHERE {{ {_LISTED_BY_PROFILE} }} ORDER BY ?actor
"""
_SEVERAL_PROFILES = f"""
SELECT ?profile ?network ?actor ?group ?counts WHERE {{
  {{ SELECT ?network WHERE {{ ?described ig:describes ?network }} GROUP BY ?network HAVING (COUNT(?described) > 1) }}
  ?profile ig:describes ?network .
  {_LISTED_BY_PROFILE}
}}
"""


@dataclass(frozen=True, slots=True)
class Coordination:
    """Who coordinates a network, as it is stated; ``ended`` is whether it is over at the network's status date."""

    who: str
    kind: str
    wording: str
    since: str
    until: str
    ended: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """A dated description of a network; its date may be empty."""

    iri: str
    date: str


class Source:
    """A release, read for reports; what only some reports need is read when they need it."""

    def __init__(self, release: Release, ontology: Ontology | None = None) -> None:
        self.release = release
        self.ontology = ontology or Ontology.load()
        self.lists = Lists.of_release(release)
        tables = Tables(release.path / "tables")
        states = [f"{each.key}_state" for each in network_fields(self.ontology) if each.required and not each.profile]
        self.states = tuple(states)
        rows = read_columns(tables, "networks", (*_NETWORK, *states)).to_pylist()
        self.networks: dict[str, dict[str, Any]] = {row["network"]: row for row in rows}
        actors = read_columns(tables, "actors", _ACTOR).to_pylist()
        self.actors: dict[str, dict[str, Any]] = {row["actor"]: row for row in actors}
        places = self.lists.places.to_pylist()
        self.places: dict[str, dict[str, Any]] = {row["id"]: row for row in places}
        self._labels = self._unique_labels()

    @property
    def basis(self) -> str:
        """What answers name as their source."""
        return f"release {self.release.id}"

    # -- names

    def _unique_labels(self) -> dict[str, str]:
        """A name for each actor and network that no other has."""
        named = {iri: row["name"] or row["id"] for iri, row in self.actors.items()}
        named |= {iri: row["name"] or row["id"] for iri, row in self.networks.items()}
        stated = self.lists.memberships.select(["actor", "actor_name"]).to_pydict()
        for actor, name in zip(stated["actor"], stated["actor_name"], strict=True):
            if actor and actor not in named:
                named[actor] = name or local(actor)
        same = defaultdict(list)
        for each, name in named.items():
            same[name].append(each)
        self._namesakes = frozenset(each for iris in same.values() if len(iris) > 1 for each in iris)
        for name, iris in same.items():
            if len(iris) > 1:
                named.update({iri: f"{name} ({tail})" if tail else name for iri, tail in _told_apart(iris)})
        return named

    def label(self, iri: str) -> str:
        """The name of an actor or a network; of several of one name, with what tells their ids apart."""
        return self._labels.get(iri) or local(iri)

    def shares_name(self, iri: str) -> bool:
        """Whether another has the same name."""
        return iri in self._namesakes

    def thing(self, iri: str) -> Thing:
        """An actor or a network as a cell."""
        return Thing.of(iri, self.label(iri))

    def find(self, label: str) -> str:
        """The IRI of an actor or a network by the name that :meth:`label` gives it; empty for no one."""
        return self._by_label.get(label, "")

    @cached_property
    def _by_label(self) -> dict[str, str]:
        return {label: iri for iri, label in self._labels.items()}

    def member_label(self, iri: str) -> str:
        """The name of who is a member; a network that is one is told from itself."""
        return self.label(iri) + (AS_MEMBER.en if iri in self.networks else "")

    def term(self, scheme: str, concept: str) -> Text:
        """The label of a concept in both languages; its id where the vocabulary does not have it."""
        known = self._terms.get((scheme, concept))
        if known is None:
            found = self.ontology.schemes[scheme].concepts.get(concept) if scheme in self.ontology.schemes else None
            known = Text(*(found.label(language) for language in LANGUAGES)) if found else Text(concept, concept)
            self._terms[scheme, concept] = known
        return known

    @cached_property
    def _terms(self) -> dict[tuple[str, str], Text]:
        """Terms that were looked up; a funding graph names the same few thousands of times."""
        return {}

    def country(self, code: str) -> Text:
        """The name of a country by its two-letter code."""
        return self.place(f"country-{code.lower()}") if f"country-{code.lower()}" in self.places else Text(code, code)

    def place(self, place: str) -> Text:
        """The name of a place in both languages, as far as they are known."""
        name = str((self.places.get(place) or {}).get("name") or place)
        return Text(name, self._german_places.get(place, name))

    def place_thing(self, place: str) -> Thing:
        """A place as a cell."""
        return Thing(f"{self.release.base_iri}place/{place}", self.place(place))

    @cached_property
    def _german_places(self) -> dict[str, str]:
        rows = self._store.select(_GERMAN_PLACES).records()
        return {local(str(row["place"])): str(row["name"]) for row in rows}

    # -- what is asked of the store, once

    @cached_property
    def _store(self) -> Any:
        return self.release.store()

    @cached_property
    def coordinations(self) -> dict[str, list[Coordination]]:
        """Who coordinates each network, as stated."""
        found: dict[str, list[Coordination]] = defaultdict(list)
        for row in self._store.select(_COORDINATION).records():
            network, until = str(row["network"]), str(row["to"] or "")
            date = (self.networks.get(network) or {}).get("status_date") or ""
            each = Coordination(
                str(row["who"]), local(str(row["kind"] or "")), str(row["wording"] or ""), str(row["from"] or ""),
                until, is_over(until, date),
            )  # fmt: skip
            found[network].append(each)
        return found

    @cached_property
    def chance(self) -> dict[bytes, Answer[Any]]:
        """What chance would give for lists that were asked for; see :func:`.structure.against_chance`."""
        return {}

    @cached_property
    def flows(self) -> Flows:
        """The flows of money."""
        return Flows.of_release(self.release)

    @cached_property
    def no_coordination(self) -> dict[str, tuple[str, str]]:
        """Networks without a coordinator: the reason, and what stands in the source."""
        rows = self._store.select(_NO_COORDINATION).records()
        return {str(row["network"]): (local(str(row["reason"])), str(row["raw"] or "")) for row in rows}

    @cached_property
    def set_governance(self) -> dict[str, dict[str, str]]:
        """Networks whose mode of governance a person set: mode, source and words."""
        return governance_set_in(self._store)

    @cached_property
    def stated_counts(self) -> dict[str, list[Stated]]:
        """How many members the sources say each network has."""
        found: dict[str, list[Stated]] = defaultdict(list)
        for row in self._store.select(_COUNTS).records():
            found[str(row["network"])].append(
                Stated.of(
                    row["minimum"], row["maximum"], local(str(row["unit"] or "")), str(row["date"] or ""),
                    str(row["wording"] or ""), of_members=row["members"],
                )
            )  # fmt: skip
        return found

    @cached_property
    def reported(self) -> list[tuple[str, str, Thing]]:
        """Ties between networks that profiles report: IRI of the network, kind of tie, the other network."""
        graph = reported_graph(self._store)
        nodes = graph.nodes
        return [
            (one, str(data["relation"]), Thing.of(str(nodes[other]["iri"]), str(nodes[other]["label"])))
            for one, other, data in graph.edges(data=True)
        ]

    @cached_property
    def profiles(self) -> dict[str, list[Profile]]:
        """The profiles of each network, oldest first."""
        found: dict[str, list[Profile]] = defaultdict(list)
        for row in self._store.select(_PROFILES).records():
            found[str(row["network"])].append(Profile(str(row["profile"]), str(row["date"] or "")))
        return found

    def sources_of(self, network: str) -> tuple[str, ...]:
        """Titles of the sources of a network's profiles."""
        rows = self._store.select(_SOURCES, {"network": iri(network)}).rows
        return tuple(dict.fromkeys(str(plain(row[-1])) for row in rows))

    def profile_members(self, network: str, profile: Profile) -> frozenset[str] | None:
        """The members that one profile lists, by the IRIs they have now; ``None`` where it lists no one at all."""
        values = {"network": iri(network), "profile": iri(profile.iri)}
        rows = self._store.select(_PROFILE_MEMBERS, values).records()
        if not rows:
            return None
        return frozenset(self.canonical(str(row["actor"])) for row in rows if row["counts"] and not row["group"])

    @cached_property
    def listed_by_profiles(self) -> dict[tuple[str, str], frozenset[str]]:
        """Network and profile → the members that it lists, of networks with several profiles; without empty lists."""
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row in self._store.select(_SEVERAL_PROFILES).records():
            members = found[str(row["network"]), str(row["profile"])]
            if row["counts"] and not row["group"]:
                members.add(self.canonical(str(row["actor"])))
        return {key: frozenset(members) for key, members in found.items()}

    @cached_property
    def _merged(self) -> dict[str, str]:
        return {other: iri for iri, row in self.actors.items() for other in row["merged"] or ()}

    def canonical(self, iri: str) -> str:
        """The IRI that an actor has in the current view, after the decisions on who is who."""
        return iri if iri in self.actors else self._merged.get(local(iri), iri)

    def coordinators(self, networks: Iterable[str]) -> dict[str, list[str]]:
        """Those who coordinate each network now."""
        found = {
            network: list(dict.fromkeys(each.who for each in self.coordinations.get(network, ()) if not each.ended))
            for network in networks
        }
        return {network: who for network, who in found.items() if who}

    @cached_property
    def imported(self) -> dict[str, str]:
        """IRI of an imported table → its title."""
        return {str(row["table"]): str(row["title"]) for row in self._store.select(_IMPORTED).records()}

    def networks_in(self, place: str) -> list[str]:
        """IRIs of the networks with seat or area in a place, given its id."""
        networks = self.lists.networks
        mask = chosen_networks(networks, self.lists.places, Selection(places=place), self.ontology)
        return [str(iri) for iri in networks.filter(pa.array(mask))["network"].to_pylist()]

    def facts(self, selection: Selection | None = None) -> Facts:
        """What a selection leaves.

        Raises:
            Unprocessable: a value of the selection does not exist; those that do are named.
        """
        return Facts(self, incidence(self.lists, selection, ontology=self.ontology))


def governance_set_in(store: Store) -> dict[str, dict[str, str]]:
    """Networks whose mode of governance a person set: mode, source and words."""
    found: dict[str, dict[str, str]] = {}
    for row in store.select(_SET_GOVERNANCE).records():
        given = {
            "mode": local(str(row["mode"])),
            "source": str(row["title"] or row["address"] or row["source"]),
        }
        found.setdefault(str(row["network"]), given | {"words": str(row["wording"] or "")})
    return found


def _told_apart(iris: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each IRI with what its id has beyond the words that all of the ids begin with."""
    ids = [local(iri).split("-") for iri in iris]
    common = 0
    while all(len(words) > common and words[common] == ids[0][common] for words in ids):
        common += 1
    for each, words in zip(iris, ids, strict=True):
        yield each, "-".join(words[common:])


@dataclass(frozen=True, eq=False)
class Facts:
    """What is known of some networks.

    Attributes:
        source: The release.
        found: Their matrix of members.
        party: IRI of a funder or recipient whose flows in imported tables are known too.
        category: The same for a category of funds.
    """

    source: Source
    found: Incidence
    party: str = ""
    category: str = ""

    @cached_property
    def done(self) -> dict[tuple[Any, ...], Any]:
        """What was made of these facts; see :func:`once`."""
        return {}

    def __getstate__(self) -> Mapping[str, Any]:
        """What was made of the facts goes along; what it was made from and takes much room is made again if needed."""
        return {name: value for name, value in self.__dict__.items() if name not in _MADE_AGAIN}

    @cached_property
    def networks(self) -> list[str]:
        """Their IRIs."""
        return [str(iri) for iri in self.found.networks.ids]

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """Their rows in the table of networks."""
        return [self.source.networks[iri] for iri in self.networks]

    @cached_property
    def lists(self) -> TwoMode:
        """Who is listed where, by names; without the networks whose members are not known.

        Such a network would count as one without members, and the lists look more scattered than they are.
        """
        actors = tuple(self.source.member_label(str(iri)) for iri in self.found.actors.ids)
        matrix = self._columns[:, np.flatnonzero(self.known)].tocsr()
        return TwoMode(actors, tuple(map(self.source.label, self.known_networks)), binary(matrix))

    @cached_property
    def known(self) -> Mask:
        """For each network whether it is known who its members are; a stated none is known."""
        return np.isin(self.found.networks.states, [VALUE, STATED_NONE])

    @cached_property
    def known_networks(self) -> list[str]:
        """IRIs of the networks whose members are known, in the order of ``lists``."""
        return [network for network, known in zip(self.networks, self.known.tolist(), strict=True) if known]

    @cached_property
    def actor_iris(self) -> dict[str, str]:
        """Name → IRI of those who are listed."""
        return dict(zip(map(str, self.lists.actors), map(str, self.found.actors.ids), strict=True))

    @cached_property
    def memberships(self) -> dict[str, int]:
        """IRI of an actor → in how many of the networks it is."""
        return dict(zip(map(str, self.found.actors.ids), self.found.degrees.tolist(), strict=True))

    @cached_property
    def network_iris(self) -> dict[str, str]:
        """Name → IRI of the networks."""
        return {self.source.label(network): network for network in self.networks}

    @cached_property
    def actors(self) -> frozenset[str]:
        """IRIs of those who are listed."""
        return frozenset(map(str, self.found.actors.ids))

    @cached_property
    def dates(self) -> tuple[str, ...]:
        """Status dates that are known."""
        return tuple(sorted({row["status_date"] for row in self.rows if row["status_date"]}))

    @cached_property
    def basis(self) -> Basis:
        """Dates, and the release as the source."""
        return Basis(self.dates, (self.source.basis,))

    @cached_property
    def coordinators(self) -> dict[Any, list[Any]]:
        """Network → its coordinators, by names; a coordinator that is a member has the same name as there."""
        found = self.source.coordinators(self.networks)
        name = self.source.label
        return {
            name(network): [name(who) if who == network else self.source.member_label(who) for who in each]
            for network, each in found.items()
        }

    @cached_property
    def entries(self) -> dict[str, list[str]]:
        """Network → the fields and target groups that it lists, as ``field/…`` and ``target-group/…``."""
        return {
            self.source.label(row["network"]): [
                *(f"field/{each}" for each in row["fields_of_action"] or ()),
                *(f"target-group/{each}" for each in row["target_groups"] or ()),
            ]
            for row in self.rows
        }

    @cached_property
    def sectors(self) -> dict[str, tuple[str, ...]]:
        """Name of an actor → its sectors."""
        texts = self.found.actors.sectors
        return {
            str(name): tuple(text.split(SEPARATOR)) if text else ()
            for name, text in zip(self.lists.actors, texts, strict=True)
        }

    @cached_property
    def broad_terms(self) -> list[tuple[frozenset[str] | None, frozenset[str] | None]]:
        """What fields and target groups each network lists, with all that they belong to; ``None`` if unknown."""
        of: dict[tuple[str, str], frozenset[str]] = {}

        def gathered(scheme: str, key: str, row: Mapping[str, Any]) -> frozenset[str] | None:
            if row[f"{key}_state"] not in (VALUE, STATED_NONE):
                return None
            for concept in row[key] or ():
                if (scheme, concept) not in of:
                    of[scheme, concept] = frozenset(broadest(self.source.ontology, scheme, [concept]))
            return frozenset().union(*(of[scheme, concept] for concept in row[key] or ()))

        return [
            (gathered("field", "fields_of_action", row), gathered("target-group", "target_groups", row))
            for row in self.rows
        ]

    @cached_property
    def sectors_by_network(self) -> list[Counter[str]]:
        """For each network with members: how many of each sector are listed."""
        matrix = self.lists.matrix
        found: dict[int, Counter[str]] = {column: Counter() for column in dict.fromkeys(matrix.indices.tolist())}
        rows_of: dict[str, list[int]] = defaultdict(list)
        for row, sectors in enumerate(self.sectors.values()):
            for sector in sectors:
                rows_of[sector].append(row)
        row_of_tie = np.repeat(np.arange(matrix.shape[0]), self.lists.memberships)
        for sector, rows in rows_of.items():
            times = np.bincount(rows, minlength=matrix.shape[0])[row_of_tie]
            listed = np.bincount(matrix.indices, weights=times, minlength=matrix.shape[1])
            for column in np.flatnonzero(listed).tolist():
                found[column][sector] = int(listed[column])
        return list(found.values())

    @cached_property
    def flows(self) -> nx.MultiDiGraph[str]:
        """Whose money goes to whom, with names in both languages."""
        graph = funding_graph(
            self.source.release,
            self.found.selection,
            ontology=self.source.ontology,
            lists=self.source.lists,
            flows=self.source.flows,
            party=self.party,
            category=self.category,
        )
        for _, data in graph.nodes(data=True):
            if data["kind"] == "unnamed":
                _name_unnamed(data, self.source)
            elif data["iri"]:
                data["label"] = self.source.label(data["iri"])
        return graph

    @cached_property
    def money(self) -> list[tuple[str, str, dict[str, Any]]]:
        """The edges of ``flows`` that carry money, with the key of the flow."""
        edges = self.flows.edges(keys=True, data=True)
        return [(a, b, {**data, "key": key}) for a, b, key, data in edges if data["role"] == "funds"]

    def state_counts(self, key: str) -> tuple[int, int, int]:
        """For a field of the form: networks with a value, with a stated none, and unknown."""
        found = Counter(row[f"{key}_state"] for row in self.rows)
        value, none = found.get(VALUE, 0), found.get(STATED_NONE, 0)
        return value, none, len(self.rows) - value - none

    def stated(self, network: str) -> Stated | None:
        """The newest usable count of members, of all kinds rather than of one; of several without a date the first."""
        return newest(self.source.stated_counts.get(network, ()))

    def named(self, network: str) -> int | None:
        """How many members are named; ``None`` where it is not known who they are."""
        at = self._places[network]
        return int(self._sizes[at]) if self.known[at] else None

    @property
    def anyone_known(self) -> bool:
        """Whether the members of any of the networks are known."""
        return bool(self.known.any())

    def members(self, network: str) -> list[str]:
        """IRIs of the members of a network."""
        at, by_network = self._places[network], self._columns
        rows = by_network.indices[by_network.indptr[at] : by_network.indptr[at + 1]]
        return [str(self.found.actors.ids[row]) for row in rows]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {network: at for at, network in enumerate(self.networks)}

    @cached_property
    def _sizes(self) -> Any:
        return self.found.sizes

    @cached_property
    def _columns(self) -> Any:
        return self.found.matrix.tocsc()

    @cached_property
    def funders(self) -> dict[str, frozenset[str]]:
        """IRI of a network → IRIs of the funders that it names."""
        found: dict[str, set[str]] = defaultdict(set)
        for funder, _, data in self.money:
            if self.flows.nodes[funder]["kind"] != "unnamed":
                found[data["network"]].add(funder)
        return {network: frozenset(funders) for network, funders in found.items()}


_MADE_AGAIN = frozenset(
    (
        "broad_terms", "coordinators", "entries", "flows", "funders", "money", "network_iris", "sectors",
        "sectors_by_network",
    )
)  # fmt: skip


def _name_unnamed(data: dict[str, Any], source: Source) -> None:
    ids = [part for part in str(data["label"]).split(SEPARATOR) if part]
    terms = [source.term("funder-category", each) for each in ids]
    if terms:
        data["label"] = ", ".join(term.en for term in terms)
        data["label_de"] = ", ".join(term.de for term in terms)


@dataclass(frozen=True, eq=False)
class Unit:
    """One thing that a report speaks of, or sets beside others.

    Attributes:
        thing: Its name and IRI.
        facts: What is known.
        network: IRI of the network, where the unit is one network.
        whole: Facts of the whole collection.
        alone: Whether the report speaks of this unit only, so that its titles need not name it.
    """

    thing: Thing
    facts: Facts
    whole: Facts = field(repr=False)
    network: str | None = None
    alone: bool = False

    def titled(self, title: Text) -> Text:
        """A title, with the name of the unit where there are others."""
        label = self.thing.label
        return title if self.alone else Text(f"{title.en}: {label.en}", f"{title.de}: {label.de}")

    @property
    def lists(self) -> TwoMode:
        """Who is listed where."""
        return self.facts.lists

    @property
    def basis(self) -> Basis:
        """Dates and sources."""
        return self.facts.basis


_Of = TypeVar("_Of", bound=Facts | Unit)
_Made = TypeVar("_Made")


def once(work: Callable[[_Of], _Made]) -> Callable[[_Of], _Made]:
    """Work on facts or on a unit that is done once for the same facts, however many reports they stand in.

    A release never changes, so neither does what is made of facts. It is kept as long as they are, and goes along when
    they are pickled: it should be small, and nobody may change it.

    Args:
        work: A function of a module, as its name is what its result is found by.
    """
    name = f"{work.__module__}.{work.__qualname__}"

    @wraps(work)
    def done(of: _Of) -> _Made:
        facts, key = (of.facts, (name, of.thing, of.network, of.alone)) if isinstance(of, Unit) else (of, (name,))
        known = facts.done
        if key not in known:
            known[key] = work(of)
        found: _Made = known[key]
        return found

    return done


# ---------------------------------------------------------------------------------------------------------------------
# Fields and groups, gathered into the broadest terms


def broadest(ontology: Ontology, scheme: str, concepts: Iterable[str]) -> set[str]:
    """Concepts with everything that they belong to."""
    known, found = ontology.scheme(scheme).concepts, set()
    for concept in concepts:
        at: str | None = concept
        while at is not None and at not in found:
            found.add(at)
            at = known[at].broader if at in known else None
    return found


def tops(ontology: Ontology, scheme: str, collection: str = "") -> list[str]:
    """The broadest concepts, without the one for what fits nowhere."""
    of = ontology.scheme(scheme)
    within = of.collections.get(collection) if collection else None
    return [
        each.id
        for each in of.concepts.values()
        if each.broader is None and each.id != "unclassified" and (within is None or each.id in within)
    ]


def listings(facts: Facts, region: Mapping[str, str] | None = None) -> list[Listing]:
    """What each network lists, gathered into the broadest terms; ``None`` where it is not known."""
    where = region or {}
    return [
        Listing(where.get(row["network"], ""), fields, groups)
        for row, (fields, groups) in zip(facts.rows, facts.broad_terms, strict=True)
    ]


def sizes(facts: Facts) -> Sequence[int]:
    """Members of each network whose members are known."""
    return [int(each) for each in facts.lists.sizes]
