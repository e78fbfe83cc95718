"""Doubts about a profile as data: SHACL validation results, so that SPARQL can ask what is doubtful, and where.

Source: SHACL (W3C, 2017), section 3.6 (validation report).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from integgraph.errors import Problem
from integgraph.ingest.mapping import Iris, MappedProfile
from integgraph.ontology import IG, RDF, SH, Ontology


def warning_triples(
    profile: MappedProfile, warnings: Iterable[Problem], ontology: Ontology, iris: Iris
) -> Iterator[ox.Triple]:
    """The warnings of one profile, numbered in their order; the message in German too, where there is one."""
    for number, problem in enumerate(warnings, 1):
        node = ox.NamedNode(iris.thing("warning", f"{profile.record.slug}.{number}"))
        each = ontology.form.get((problem.field or "").partition("[")[0].partition(".")[0])
        yield ox.Triple(profile.profile, ox.NamedNode(IG + "warning"), node)
        yield ox.Triple(node, ox.NamedNode(RDF + "type"), ox.NamedNode(SH + "ValidationResult"))
        yield ox.Triple(node, ox.NamedNode(SH + "focusNode"), profile.network)
        yield ox.Triple(node, ox.NamedNode(SH + "resultSeverity"), ox.NamedNode(SH + "Warning"))
        for language, message in (("en", problem.message), ("de", problem.german)):
            if message:
                yield ox.Triple(node, ox.NamedNode(SH + "resultMessage"), ox.Literal(message, language=language))
        if each:
            yield ox.Triple(node, ox.NamedNode(SH + "sourceShape"), ox.NamedNode(each.iri))
            yield ox.Triple(node, ox.NamedNode(SH + "resultPath"), ox.NamedNode(each.path))
