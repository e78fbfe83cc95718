"""What a release counts of itself: triples, classes and properties of the current view, and those of named graphs.

Counted from lines of N-Quads, so that a build that changes little adds and takes away instead of counting anew.
Source: VoID (W3C Note, 2011), section 4.6 (statistics).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from integgraph.ontology import RDF

_TYPE = f"<{RDF}type>".encode()


@dataclass(slots=True)
class Statistics:
    r"""Counts of distinct lines.

    Attributes:
        view: Triples of the default graph.
        profiles: Triples of the graphs of profiles and tables.
        measurements: Triples of the graph of measurements.
        classes: Entities by class, in the default graph.
        properties: Triples by property, in the default graph.

    >>> lines = [b"<s:a> <p:b> <o:c> .\n", b'<s:a> <p:b> "x y" <g:d> .\n', b'<s:a> <p:b> "1" <g:m> .\n']
    >>> found = Statistics.of(lines, "g:m")
    >>> found.as_data()["view"]["properties"], found.profiles, found.measurements
    ({'p:b': 1}, 1, 1)
    """

    view: int = 0
    profiles: int = 0
    measurements: int = 0
    classes: Counter[str] = field(default_factory=Counter)
    properties: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, lines: Iterable[bytes], measurements: str) -> Self:
        """Count lines of N-Quads without blank nodes as graph names.

        Args:
            lines: The lines.
            measurements: IRI of the graph of measurements, which is counted apart.
        """
        found = cls()
        apart = f" <{measurements}> .\n".encode()
        properties: Counter[bytes] = Counter()
        classes: Counter[bytes] = Counter()
        for line in lines:
            _, predicate, rest = line.split(b" ", 2)
            if _in_named_graph(rest):
                if line.endswith(apart):
                    found.measurements += 1
                else:
                    found.profiles += 1
                continue
            found.view += 1
            properties[predicate] += 1
            if predicate == _TYPE:
                classes[rest[:-3]] += 1
        found.properties = Counter({_iri(name): count for name, count in properties.items()})
        found.classes = Counter({_iri(name): count for name, count in classes.items()})
        return found

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """The counts that stand in a manifest."""
        view = data["view"]
        counts = view["triples"], data["profile_triples"], data.get("measurement_triples", 0)
        return cls(*counts, Counter(view["classes"]), Counter(view["properties"]))

    def add(self, other: Statistics) -> None:
        """Count other lines too."""
        self.view += other.view
        self.profiles += other.profiles
        self.measurements += other.measurements
        self.classes.update(other.classes)
        self.properties.update(other.properties)

    def subtract(self, other: Statistics) -> None:
        """Count other lines no longer."""
        self.view -= other.view
        self.profiles -= other.profiles
        self.measurements -= other.measurements
        self.classes.subtract(other.classes)
        self.properties.subtract(other.properties)

    @property
    def quads(self) -> int:
        """All lines."""
        return self.view + self.profiles + self.measurements

    def as_data(self) -> dict[str, Any]:
        """The counts as they stand in a manifest, without zeros, sorted."""
        return {
            "view": {
                "triples": self.view,
                "classes": {name: count for name, count in sorted(self.classes.items()) if count},
                "properties": {name: count for name, count in sorted(self.properties.items()) if count},
            },
            "profile_triples": self.profiles,
            "measurement_triples": self.measurements,
        }


def in_named_graph(line: bytes) -> bool:
    r"""Whether a line of N-Quads without blank nodes as graph names stands in a named graph.

    >>> in_named_graph(b"<a:s> <a:p> <a:o> .\n"), in_named_graph(b'<a:s> <a:p> "o <a:g>"@en <a:g> .\n')
    (False, True)
    """
    return _in_named_graph(line.split(b" ", 2)[2])


def _in_named_graph(rest: bytes) -> bool:
    """Whether an object is followed by the name of a graph; ``rest`` is what stands after the predicate."""
    if rest[:1] == b'"':
        end = rest.rfind(b'"')  # an IRI holds no quotation mark, so the last one closes the literal
        return b" <" in rest[end:]
    return rest.count(b" ") > 1


def _iri(term: bytes) -> str:
    return term[1:-1].decode()
