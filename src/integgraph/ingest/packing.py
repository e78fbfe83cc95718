"""A mapped profile as bytes and back, so that an unchanged profile is neither mapped nor validated again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pyoxigraph as ox

from integgraph.ingest.mapping import MappedProfile
from integgraph.ingest.record import Answer, Record
from integgraph.ledger import packed, unpacked


def pack(profile: MappedProfile) -> bytes:
    """A mapped profile in a few kilobytes; places in the source file are left behind, because they serve messages only.

    >>> from integgraph.ontology import Ontology
    >>> from integgraph.ingest.mapping import Iris, map_record
    >>> mapped = map_record(Record("harz", "", "de", "de", {}), Ontology.load(), Iris("https://e.example/"), "https://l.example/")
    >>> unpack(pack(mapped)).header == mapped.header
    True
    """
    record = profile.record
    data = {
        "record": {
            "id": record.id,
            "edition": record.edition,
            "language": record.language,
            "names_language": record.names_language,
            "file": record.file,
            "sha256": record.sha256,
            "answers": {
                key: [list(answer.items), answer.reason, answer.raw, answer.implied]
                for key, answer in record.answers.items()
            },
        },
        "profile": profile.profile.value,
        "network": profile.network.value,
        "header": _text(profile.header),
        "fields": {key: _text(found) for key, found in profile.fields.items()},
        "places": sorted(profile.places),
    }
    return packed(json.dumps(data, ensure_ascii=False).encode())


def unpack(small: bytes) -> MappedProfile:
    """The mapped profile that :func:`pack` was given."""
    data = json.loads(unpacked(small))
    return MappedProfile(
        record=_record(data["record"]),
        profile=ox.NamedNode(data["profile"]),
        network=ox.NamedNode(data["network"]),
        header=_triples(data["header"]),
        fields={key: _triples(text) for key, text in data["fields"].items()},
        places=frozenset(data["places"]),
        origins={},
    )


def _record(data: Mapping[str, Any]) -> Record:
    answers = {
        key: Answer(tuple(items), reason, raw, implied)
        for key, (items, reason, raw, implied) in data["answers"].items()
    }
    return Record(**{**data, "answers": answers})


def _text(triples: Iterable[ox.Triple]) -> str:
    return "".join(f"{triple} .\n" for triple in triples)


def _triples(text: str) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(text.encode(), format=ox.RdfFormat.N_TRIPLES)] if text else []
