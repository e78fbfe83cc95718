"""What can be decided about: the actors and networks of a release, with what a person needs to know them apart."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from integgraph.errors import NotFound
from integgraph.identity.decisions import near_things
from integgraph.ontology import IG, SKOS, Ontology
from integgraph.release import Release
from integgraph.store import EmbeddedStore
from integgraph.store import iri as node
from integgraph.tables import Tables, local

_TEXT = re.compile(r"(?:actor|network):[a-z0-9]+(?:-[a-z0-9]+)*")
_NAMES = f"""SELECT ?thing ?name {{
  {{ ?thing <{SKOS}prefLabel> ?name }} UNION {{ GRAPH ?g {{ ?thing <{IG}statedName> ?name }} }}
}}"""
_MENTIONED = f"""SELECT ?thing ?network (MIN(STR(?label)) AS ?name) {{
  ?network <{IG}mention>/<{IG}mentionedActor> ?thing . ?thing <{SKOS}prefLabel> ?label
}} GROUP BY ?thing ?network ORDER BY ?thing ?network"""
_PLACE_NAMES = f"""SELECT ?place ?name {{
  ?place a <{IG}Place> ; ?called ?name VALUES ?called {{ <{SKOS}prefLabel> <{SKOS}altLabel> }}
}} ORDER BY ?place ?name"""
_MOST_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Thing:
    """An actor or a network; also a place, a concept, or an entry of a list of others.

    Attributes:
        id: ``actor:<id>``, ``network:<id>``, ``place:<id>``, ``concept:<scheme>/<id>``, or the IRI of one elsewhere.
        name: What it is called.
        also: Its other names.
        kinds: What the profiles call it.
        places: Ids of its places.
        networks: Ids of the networks it takes part in.
        sectors: Ids of the vocabulary ``sector``.
        legal_forms: Ids of the vocabulary ``legal-form``.
        websites: Its addresses.
        mentioned: Ids of the networks that mention it without counting it among those who take part.
    """

    id: str
    name: str
    also: Sequence[str] = ()
    kinds: Sequence[str] = ()
    places: Sequence[str] = ()
    networks: Sequence[str] = ()
    sectors: Sequence[str] = ()
    legal_forms: Sequence[str] = ()
    websites: Sequence[str] = ()
    mentioned: Sequence[str] = ()

    @property
    def weight(self) -> tuple[bool, int, int]:
        """Of two that are the same, the one with the greater weight is the better one to keep."""
        return self.id.startswith("network:"), len(self.networks), -len(self.id)

    @property
    def about(self) -> str:
        """What tells it from others, in one line."""
        parts = [
            ("also", self.also),
            ("called", self.kinds),
            ("place", self.places),
            ("in", self.networks),
            ("mentioned by", self.mentioned),
        ]
        return "; ".join(f"{word} {_listed(values)}" for word, values in parts if values)


def places(release: Release) -> list[Thing]:
    """The places of a release, as ``place:<id>``, with their names in all languages."""
    names: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for row in release.store().select(_PLACE_NAMES).records():
        names[local(str(row["place"]))][str(row["name"])] = None
    return [
        Thing(
            f"place:{row['id']}",
            row["name"] or row["id"],
            [name for name in names[row["id"]] if name != row["name"]],
            kinds=[row["kind"]] if row["kind"] else (),
            places=[row["within"]] if row["within"] else (),
        )
        for row in Tables(release.path / "tables")["places"].to_pylist()
    ]


def concepts(ontology: Ontology) -> list[Thing]:
    """The concepts of all vocabularies, as ``concept:<scheme>/<id>``, with their labels in all languages."""
    return [
        Thing(
            f"concept:{scheme.id}/{concept.id}",
            concept.label(),
            list(dict.fromkeys([*concept.labels.values(), *concept.others])),
            kinds=[scheme.id],
        )
        for scheme in ontology.schemes.values()
        for concept in scheme.concepts.values()
    ]


def _listed(values: Sequence[str]) -> str:
    more = f" and {len(values) - _MOST_SHOWN} more" if len(values) > _MOST_SHOWN else ""
    return ", ".join(values[:_MOST_SHOWN]) + more


class Things:
    """All things of a release by id.

    Things that a decision merged are known by their own ids, too; what they are called is looked up when asked for.
    """

    def __init__(self, things: Iterable[Thing], merged: Mapping[str, str] | None = None) -> None:
        self._things = {thing.id: thing for thing in things}
        self._merged = dict(merged or {})
        self._base = ""
        self._store: EmbeddedStore | None = None

    @classmethod
    def of_release(cls, release: Release) -> Things:
        """The actors and networks of an open release."""
        tables = Tables(release.path / "tables")
        things = {thing.id: thing for thing in _networks(tables)}
        merged: dict[str, str] = {}
        taking_part = _networks_of(tables)
        for row in tables["actors"].select(_ACTOR).to_pylist():
            thing = _actor(row, sorted(taking_part[row["actor"]]))
            things[thing.id] = _together(things[thing.id], thing) if thing.id in things else thing
            merged |= {f"actor:{name}": thing.id for name in row["merged"] or ()}
        store = release.store()
        for thing in _mentioned(store, release.base_iri):
            known = things.get(thing.id)
            things[thing.id] = replace(known, mentioned=thing.mentioned) if known else thing
        found = cls(things.values(), merged)
        found._base, found._store = release.base_iri, store
        return found

    def all(self) -> Iterable[Thing]:
        """Everything that stands for itself: actors that take part, and networks."""
        return self._things.values()

    def places_of(self, network: str) -> Sequence[str]:
        """Ids of seat and areas of a network, by its id."""
        thing = self._things.get(f"network:{network}")
        return thing.places if thing else ()

    def __iter__(self) -> Iterator[str]:
        yield from self._things
        yield from (name for name in self._merged if name not in self._things)

    def get(self, name: str) -> Thing:
        """The thing with this id; where the collection does not know it, one that is called by its id."""
        try:
            return self[name]
        except NotFound:
            return Thing(name, name.partition(":")[2])

    def __contains__(self, thing: object) -> bool:
        return thing in self._things or thing in self._merged or self._stated(str(thing)) is not None

    def __getitem__(self, text: str) -> Thing:
        """The thing with this id, or IRI.

        Raises:
            NotFound: there is none; similar ids are given.
        """
        name = self._id_of(text)
        if name in self._things:
            return self._things[name]
        if name in self._merged:
            kept = self._things[self._merged[name]]
            # Which of the networks name this one of the rows is not in the tables, so none is claimed.
            return replace(kept, id=name, name=self._stated(name) or kept.name, networks=())
        stated = self._stated(name)
        if stated is not None:
            return Thing(name, stated)
        if not _TEXT.fullmatch(name):
            raise NotFound(
                f"'{name[:100]}' is no id. Write actor:<id> or network:<id>.",
                [thing for kind in ("actor", "network") for thing in near_things(f"{kind}:{name[:100]}", self)][:3],
            )
        raise NotFound(f"{name[:100]} is not in the collection.", near_things(name, self))

    def _id_of(self, text: str) -> str:
        text = text.strip()
        return _id_of(text, self._base) if self._base and text.startswith(self._base) else text

    def _stated(self, name: str) -> str | None:
        """What the profiles call a thing that is in no table, or that was merged; ``None`` if they do not know it."""
        if self._store is None or not _TEXT.fullmatch(name):
            return None
        thing = node(self._base + name.replace(":", "/"))
        names = self._store.select(_NAMES, {"thing": thing}).column("name")
        return min(map(str, names)) if names else None


_ACTOR = [
    "actor", "id", "name", "names_also", "is_network", "kinds_stated", "sectors", "legal_forms", "places", "merged",
]  # fmt: skip
_NETWORK = ["id", "name", "official_name", "label", "name_variants", "seat", "area", "websites"]


def _actor(row: Mapping[str, Any], networks: Sequence[str]) -> Thing:
    return Thing(
        f"{'network' if row['is_network'] else 'actor'}:{row['id']}",
        row["name"] or row["id"],
        row["names_also"] or (),
        row["kinds_stated"] or (),
        row["places"] or (),
        networks,
        row["sectors"] or (),
        row["legal_forms"] or (),
    )


def _networks(tables: Tables) -> Iterator[Thing]:
    table = tables["networks"]
    columns = [name for name in _NETWORK if name in table.column_names]  # a form of one's own may lack some
    for row in table.select(columns).to_pylist():
        name = row["name"] or row["id"]
        names = _values(row, "official_name", "label", "name_variants")
        yield Thing(
            f"network:{row['id']}",
            name,
            [each for each in names if each != name],
            places=_values(row, "seat", "area"),
            websites=_values(row, "websites"),
        )


def _values(row: Mapping[str, Any], *columns: str) -> list[str]:
    found: dict[str, None] = {}
    for column in columns:
        value = row.get(column)
        found |= dict.fromkeys([value] if isinstance(value, str) else value or ())
    return list(found)


def _together(network: Thing, member: Thing) -> Thing:
    """A network that takes part in others: what it says of itself, and what they say of it."""
    names = [*network.also, *(each for each in (member.name, *member.also) if each != network.name)]
    return replace(
        member,
        name=network.name,
        also=list(dict.fromkeys(names)),
        places=list(dict.fromkeys([*network.places, *member.places])),
        websites=network.websites,
    )


def _mentioned(store: EmbeddedStore, base: str) -> list[Thing]:
    found: dict[str, Thing] = {}
    for row in store.select(_MENTIONED).records():
        thing, network = _id_of(str(row["thing"]), base), local(str(row["network"]))
        before = found.get(thing, Thing(thing, str(row["name"])))
        found[thing] = replace(before, mentioned=[*before.mentioned, network])
    return list(found.values())


def _id_of(iri: str, base: str) -> str:
    kind, _, name = iri.removeprefix(base).partition("/")
    return f"{kind}:{name}"


def _networks_of(tables: Tables) -> defaultdict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    table = tables["memberships"].select(["network", "actor"])
    for network, actor in zip(table["network"].to_pylist(), table["actor"].to_pylist(), strict=True):
        if actor:
            found[actor].add(local(network))
    return found
