"""Read from a release what the reconciliation service knows.

pyarrow starts threads when it is imported, and a zygote must have none. So a zygote has this done by a process of its
own: :func:`integgraph.workers.made_apart`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection as Names
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from integgraph import withdrawn
from integgraph.identity.things import Thing, Things
from integgraph.matching import places_of
from integgraph.ontology import IG, SKOS, VOCABULARY, Ontology
from integgraph.reconciliation import terms
from integgraph.reconciliation.candidates import candidates_of_things
from integgraph.reconciliation.collection import ACTOR, FUNDER, NETWORK, PLACE, Collection, Entity, Value, Withdrawn
from integgraph.release import open_release
from integgraph.tables import Tables

Row = Mapping[str, Any]

_PLACE_NAMES = f"""SELECT ?x ?role ?name (LANG(?name) AS ?language) {{
  VALUES ?role {{ <{SKOS}prefLabel> <{SKOS}altLabel> }} ?x a <{IG}Place> ; ?role ?name
}} ORDER BY ?x ?role ?name"""
_MERGED = "SELECT ?x ?of { ?x dct:isReplacedBy ?of }"


def read(release: Path) -> Collection:
    """What the service knows of a release.

    Raises:
        ReleaseError: it cannot be read.
    """
    opened = open_release(release)
    ontology, tables, store = Ontology.load(), Tables(opened.path / "tables"), opened.store()
    things, base = Things.of_release(opened), opened.base_iri
    rows = {name: tables[name].to_pylist() for name in ("networks", "actors", "places")}
    given = tables["funding"].select(["funders"])["funders"].to_pylist()
    funders = {str(who) for each in given for who in each or ()}
    names = defaultdict[str, list[Row]](list)
    for row in store.select(_PLACE_NAMES).records():
        names[str(row["x"])].append(row)
    entities = [
        *_bodies(things, base, rows, funders, ontology),
        *(_place(row, names.get(str(row["place"]), ()), base) for row in rows["places"]),
        *_concepts(ontology),
    ]
    groups = tables["memberships"].select(["actor", "actor_name", "is_group"]).to_pylist()
    stones = (Withdrawn(each.iri, each.label, each.release, each.withdrawn) for each in withdrawn.read(opened))
    return Collection(
        base,
        tuple(terms.kinds(ontology)),
        tuple(terms.properties(ontology)),
        tuple(entities),
        tuple(candidates_of_things(things)),
        tuple(places_of(rows["places"])),
        {str(row["x"]): str(row["of"]) for row in store.select(_MERGED).records()},
        {stone.iri: stone for stone in stones},
        {str(row["actor"]): str(row["actor_name"]) for row in groups if row["is_group"] and row["actor_name"]},
    )


# ---------------------------------------------------------------------------------------------------------------------
# Entities


def _bodies(
    things: Things, base: str, rows: Mapping[str, Sequence[Row]], funders: Names[str], ontology: Ontology
) -> Iterator[Entity]:
    """Actors and networks; a network that takes part in others is one entity of both types."""
    actors = {str(row["actor"]): row for row in rows["actors"]}
    networks = {str(row["network"]): row for row in rows["networks"]}
    mentioned = defaultdict[str, list[str]](list)
    for iri, row in networks.items():
        for who in row.get("mentions") or ():
            mentioned[str(who)].append(iri)
    for thing in things.all():
        iri = base + thing.id.replace(":", "/", 1)
        actor, network = actors.get(iri), networks.get(iri)
        values: dict[str, tuple[Value, ...]] = {}
        if network is not None:
            values |= _network_values(network, base, ontology)
        if actor is not None or network is None:
            values |= _actor_values(thing, actor or {}, base)
            values["mentioned_by"] = tuple(mentioned.get(iri, ()))
        is_kind = {NETWORK: network is not None, FUNDER: iri in funders, ACTOR: actor is not None or network is None}
        kinds = tuple(kind for kind, holds in is_kind.items() if holds)
        yield Entity(
            iri, kinds, {"": thing.name}, tuple(thing.also), {name: each for name, each in values.items() if each}
        )


def _actor_values(thing: Thing, row: Row, base: str) -> dict[str, tuple[Value, ...]]:
    found: dict[str, tuple[Value, ...]] = {
        "sectors": tuple(f"{VOCABULARY}sector/{name}" for name in thing.sectors),
        "legal_forms": tuple(f"{VOCABULARY}legal-form/{name}" for name in thing.legal_forms),
        "places": tuple(f"{base}{PLACE}/{name}" for name in thing.places),
        "takes_part_in": tuple(f"{base}{NETWORK}/{name}" for name in thing.networks),
        "kinds_stated": tuple(thing.kinds),
    }
    for name, form, *_ in terms.ACTORS:
        if form == "integer":
            found[name] = _plain(row.get(name))
    return found


def _network_values(row: Row, base: str, ontology: Ontology) -> dict[str, tuple[Value, ...]]:
    found: dict[str, tuple[Value, ...]] = {}
    for each in terms.fields(ontology):
        values = _plain(row.get(each.key))
        if each.scheme:
            values = tuple(f"{VOCABULARY}{each.scheme}/{name}" for name in values)
        elif each.kind == "place":
            values = tuple(f"{base}{PLACE}/{name}" for name in values)
        found[each.key] = values
        found[f"{each.key}_state"] = _plain(row.get(f"{each.key}_state"))
    for name, *_ in terms.NETWORKS:
        found[name] = _plain(row.get(name))
    found["places"] = tuple(f"{base}{PLACE}/{name}" for name in found["places"])
    return found


def _place(row: Row, named: Iterable[Row], base: str) -> Entity:
    names: dict[str, str] = {}
    others: list[str] = []
    for each in named:
        language = str(each["language"] or "")
        if str(each["role"]) == f"{SKOS}prefLabel" and language not in names:
            names[language] = str(each["name"])
        else:
            others.append(str(each["name"]))
    values = {name: _plain(row.get(_PLACE_COLUMNS.get(name, name))) for name, *_ in terms.PLACES}
    values["within"] = tuple(f"{base}{PLACE}/{name}" for name in values["within"])
    also = tuple(dict.fromkeys((*names.values(), *others)))
    return Entity(
        str(row["place"]),
        (PLACE,),
        names or {"": str(row["name"] or row["id"])},
        also,
        _given(values),
    )


_PLACE_COLUMNS = {"place_kind": "kind", "countries": "country"}


def _concepts(ontology: Ontology) -> Iterator[Entity]:
    for scheme in ontology.schemes.values():
        for concept in scheme.concepts.values():
            values: dict[str, tuple[Value, ...]] = {"vocabulary": (scheme.id,)}
            if concept.broader:
                values["broader"] = (scheme.concepts[concept.broader].iri,)
            for language, text in concept.definitions.items():
                values[f"definition_{language}"] = (text,)
            also = tuple(dict.fromkeys((*concept.labels.values(), *concept.others)))
            yield Entity(concept.iri, (scheme.id,), dict(concept.labels), also, values)


def _given(values: Mapping[str, tuple[Value, ...]]) -> dict[str, tuple[Value, ...]]:
    return {name: each for name, each in values.items() if each}


def _plain(value: object) -> tuple[Value, ...]:
    """The values of a cell, as the service gives them."""
    if value is None:
        return ()
    if isinstance(value, list):
        return tuple(one for each in value for one in _plain(each))
    if isinstance(value, str | bool | int | float):
        return (value,)
    return (value.isoformat(),) if isinstance(value, date) else (str(value),)
