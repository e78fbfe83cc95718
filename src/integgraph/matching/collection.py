"""Entries to match, made from the tables of a release.

The tables come as rows, so that this room needs to know neither releases nor the library that reads them; their columns
are described in ``docs/tables.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from integgraph.matching.evidence import Candidate

Row = Mapping[str, Any]


def candidates_of(
    networks: Iterable[Row], actors: Iterable[Row], memberships: Iterable[Row] = (), funding: Iterable[Row] = ()
) -> list[Candidate]:
    """Entries for every network and every actor of a collection.

    Networks that are members of others are one entry, and its parents say of which. An actor that is named by a network
    has the places of the network as context; the members of a network are one list, which names a body once, as a rule.

    Args:
        networks: Rows of the table ``networks``.
        actors: Rows of the table ``actors``.
        memberships: Rows of the table ``memberships``.
        funding: Rows of the table ``funding``.

    Returns:
        Entries with ids as decisions use them: ``network:<id>`` and ``actor:<id>``; networks first, each by id.

    >>> rows = [{"actor": "…/zora", "id": "zora", "name": "Zora e.V.", "names_also": [], "is_network": False}]
    >>> candidates_of([], rows)[0].id
    'actor:zora'
    """
    described = {str(row["network"]): row for row in networks}
    context: dict[str, list[str]] = {}
    lists: dict[str, list[str]] = {}
    for who, network, member in _named(described, memberships, funding):
        row = described.get(network)
        if row is not None:
            context.setdefault(who, []).extend(_places(row))
            if member:
                lists.setdefault(who, []).append(f"network:{row['id']}")
    found = [
        _network(row, lists.get(iri, ())) for iri, row in sorted(described.items(), key=lambda each: each[1]["id"])
    ]
    found.extend(
        _actor(row, context.get(str(row["actor"]), ()), lists.get(str(row["actor"]), ()))
        for row in sorted(actors, key=lambda each: str(each["id"]))
        if str(row["actor"]) not in described
    )
    return found


def _named(
    described: Mapping[str, Row], memberships: Iterable[Row], funding: Iterable[Row]
) -> Iterator[tuple[str, str, bool]]:
    """IRI of who is named, IRI of the network that names it, and whether as a member."""
    for iri, row in described.items():
        for column in ("coordination", "mentions"):
            yield from ((str(who), iri, False) for who in _list(row.get(column)))
    for row in memberships:
        if row.get("actor") and not row.get("is_group"):
            yield str(row["actor"]), str(row["network"]), bool(row.get("counts_as_member"))
    for row in funding:
        for column in ("funders", "recipients"):
            yield from ((str(who), str(row["network"]), False) for who in _list(row.get(column)))


def _network(row: Row, lists: Iterable[str]) -> Candidate:
    names = (
        row.get("name"),
        *_list(row.get("official_name")),
        *_list(row.get("label")),
        *_list(row.get("name_variants")),
    )
    return Candidate(
        f"network:{row['id']}",
        _once(names),
        kinds=("network",),
        places=_places(row),
        countries=_once(_list(row.get("countries"))),
        domains=_once(_list(row.get("websites"))),
        parents=_once(lists),
        is_network=True,
    )


def _actor(row: Row, context: Iterable[str], lists: Iterable[str]) -> Candidate:
    return Candidate(
        f"actor:{row['id']}",
        _once((row.get("name"), *_list(row.get("names_also")))),
        kinds=_once(_list(row.get("sectors"))),
        legal_forms=_once(_list(row.get("legal_forms"))),
        places=_once(_list(row.get("places"))),
        context=_once(context),
        parents=_once(lists),
        lists=_once(lists),
    )


def _places(row: Row) -> tuple[str, ...]:
    return _once((*_list(row.get("seat")), *_list(row.get("area"))))


def _list(value: object) -> list[Any]:
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _once(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(value) for value in values if value))
