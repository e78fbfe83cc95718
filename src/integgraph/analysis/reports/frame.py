"""What all reports have in common: how a thing is found by its name, and what frames the sections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from integgraph.analysis.measures.answers import Text
from integgraph.analysis.reports.facts import Facts, Source
from integgraph.analysis.reports.model import Cell, Kind, Report, Section, Thing
from integgraph.errors import NotFound
from integgraph.ontology import near
from integgraph.tables import local


def find(source: Source, name: str, known: Any, kind: str, more: Any = ()) -> str:
    """The IRI of a thing by its IRI, ``<kind>/<id>`` or id.

    Raises:
        NotFound: there is none; similar ones are named.
    """
    if name in known:
        return str(name)
    last = local(name)
    by_id = {local(iri): iri for iri in known}
    of_kind = "/" not in name or kind != "network" or "/network/" in f"/{name}"
    if last in by_id and of_kind:
        return str(by_id[last])
    merged = source.canonical(f"{source.release.base_iri}actor/{last}")
    if kind != "network" and merged in known:
        return merged
    labels = {each: source.label(iri) for each, iri in by_id.items()} | {each: each for each in more}
    raise NotFound(f"There is no {kind} '{name[:100]}' in this release.", similar(name, labels))


def similar(name: str, labels: Mapping[str, str]) -> list[str]:
    """Ids of things whose names hold this text, else ids that look like it."""
    folded = name.casefold().strip()
    hits = [each for each, label in labels.items() if len(folded) > 2 and folded in label.casefold()]
    return (sorted(hits, key=lambda each: (len(labels[each]), each)) or near(local(name), labels))[:3]


def notes_of(facts: Facts) -> Iterator[Text]:
    """What must be known beside every number of these facts."""
    for note in facts.found.notes:
        yield Text(note.en, note.de)


def report(
    source: Source,
    kind: Kind,
    title: Text,
    scope: Sequence[Thing],
    facts: Sequence[tuple[Text, Cell]],
    notes: Sequence[Text],
    sections: Sequence[Section],
) -> Report:
    """A report with what it is made from."""
    release = source.release
    return Report(
        kind,
        title,
        tuple(scope),
        tuple(facts),
        tuple(dict.fromkeys(notes)),
        tuple(sections),
        release.id,
        str(release.manifest["created"]),
        f"{release.base_iri.removesuffix('id/')}releases/{release.id}",
        version("integgraph"),
    )
