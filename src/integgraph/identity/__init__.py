"""Who is who: reviewed decisions on which rows are one actor, and which must not be merged.

Decisions are SSSOM rows in ``data/links/``; nothing merges by itself. The rooms, each building on the ones before:

- :mod:`~integgraph.identity.sssom` reads the format, row by row;
- :mod:`~integgraph.identity.decisions` knows what a decision is;
- :mod:`~integgraph.identity.standing` takes them together: who is whom, and what contradicts what;
- :mod:`~integgraph.identity.outward` reads links to other collections;
- :mod:`~integgraph.identity.editing` adds a decision or a link to a file, or takes one back;
- :mod:`~integgraph.identity.things` names what can be decided about, from a release;
- :mod:`~integgraph.identity.review` leads a person through what is not decided.

Source: SSSOM 1.0 (mapping-commons), TSV serialisation.
"""

from __future__ import annotations

from integgraph.identity.decisions import (
    DIFFERENT,
    PART_OF,
    PREDICATES,
    REQUIRED,
    SAME,
    UNDECIDED,
    Decision,
    Decisions,
    check_known,
    load_decisions,
    read_decisions,
)
from integgraph.identity.standing import Standing, canonical_ids, contradictions, in_force

__all__ = [
    "DIFFERENT",
    "PART_OF",
    "PREDICATES",
    "REQUIRED",
    "SAME",
    "UNDECIDED",
    "Decision",
    "Decisions",
    "Standing",
    "canonical_ids",
    "check_known",
    "contradictions",
    "in_force",
    "load_decisions",
    "read_decisions",
]
