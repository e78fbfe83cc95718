"""Who is who: reviewed decisions, read from ``data/links/*.sssom.tsv`` and applied to the current view.

Two rows are one actor only by a decision, never by their names. A decision is one SSSOM row: same, not the same, part
of, or undecided, with its grounds. Deleting the row undoes it. Source: SSSOM (mapping-commons), TSV serialisation.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from integgraph.errors import InputError, Problem
from integgraph.ontology import near

SAME, DIFFERENT, PART_OF, UNDECIDED = "owl:sameAs", "owl:differentFrom", "dct:isPartOf", "ig:undecidedIdentity"
PREDICATES = (SAME, DIFFERENT, PART_OF, UNDECIDED)
REQUIRED = ("subject_id", "predicate_id", "object_id", "mapping_justification", "comment")
_ID = re.compile(r"(actor|network):[a-z0-9]+(?:-[a-z0-9]+)*")
MAX_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Decision:
    """One reviewed decision about two things.

    Attributes:
        subject: What is decided about, as ``actor:<id>`` or ``network:<id>``.
        predicate: One of ``PREDICATES``.
        object: The other thing; of two that are the same it is the canonical one.
        grounds: Why, in words.
        file, line: Where the row stands.
    """

    subject: str
    predicate: str
    object: str
    grounds: str
    file: str = ""
    line: int = 0


def load_decisions(folder: Path) -> list[Decision]:
    """Read every ``*.sssom.tsv`` in a folder; an absent folder holds none.

    Raises:
        InputError: a file is not as described; every fault with its line.
    """
    decisions: list[Decision] = []
    problems: list[Problem] = []
    for file in sorted(folder.glob("*.sssom.tsv")):
        try:
            decisions.extend(_read(file))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return decisions


def _read(file: Path) -> list[Decision]:
    if file.stat().st_size > MAX_BYTES:
        raise InputError(Problem("The file of decisions is too large.", file=file.name))
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(Problem("The file is not UTF-8.", file=file.name, advice="Save it again as UTF-8.")) from None
    lines = text.splitlines()
    start = next((number for number, line in enumerate(lines) if line and not line.startswith("#")), None)
    if start is None:
        return []
    columns = lines[start].split("\t")
    missing = [column for column in REQUIRED if column not in columns]
    if missing:
        raise InputError(Problem(f"The column '{missing[0]}' is missing.", file=file.name, line=start + 1))
    decisions: list[Decision] = []
    problems: list[Problem] = []
    for number, row in enumerate(csv.reader(lines[start + 1 :], delimiter="\t", quoting=csv.QUOTE_NONE), start + 2):
        if not row:
            continue
        try:
            decisions.append(_decision(dict(zip(columns, row, strict=False)), file.name, number))
        except ValueError as error:
            problems.append(Problem(str(error), file=file.name, line=number))
    if problems:
        raise InputError(problems)
    return decisions


def _decision(row: Mapping[str, str], file: str, line: int) -> Decision:
    for key in REQUIRED:
        if not row.get(key, "").strip():
            raise ValueError(f"The row has no {key}.")
    for key in ("subject_id", "object_id"):
        if not _ID.fullmatch(row[key]):
            raise ValueError(f"{key} is '{row[key]}', but must be actor:<id> or network:<id>.")
    if row["predicate_id"] not in PREDICATES:
        raise ValueError(f"'{row['predicate_id']}' is not a decision. Use one of: {', '.join(PREDICATES)}.")
    if row["subject_id"] == row["object_id"]:
        raise ValueError(f"{row['subject_id']} is compared with itself.")
    return Decision(row["subject_id"], row["predicate_id"], row["object_id"], row["comment"], file, line)


def check_known(decisions: Iterable[Decision], known: Iterable[str]) -> list[Problem]:
    """Decisions about things that are not in the collection.

    They are warnings, because a record may come and go while the decision about it stays right.
    """
    things = set(known)
    problems = []
    for decision in decisions:
        for name in (decision.subject, decision.object):
            if name not in things:
                kind, _, word = name.partition(":")
                words = sorted(thing.partition(":")[2] for thing in things if thing.startswith(f"{kind}:"))
                similar = [f"{kind}:{found}" for found in near(word, words)]
                problems.append(
                    Problem(
                        f"{name} is not in the collection.",
                        "warning",
                        decision.file,
                        decision.line,
                        advice=f"Did you mean {' or '.join(similar)}?" if similar else "",
                    )
                )
    return problems


def canonical_ids(decisions: Iterable[Decision]) -> dict[str, str]:
    """Thing → canonical thing, for everything that is the same as something else.

    The object of a row is the canonical one; where rows disagree a network goes before an actor, then the thing that
    is nobody's subject, then the first by name, so that the order of rows does not matter.

    Raises:
        InputError: decisions contradict each other (A = B, B = C, A ≠ C); the rows are named.

    >>> rows = [Decision("actor:b", SAME, "actor:a", "one register number")]
    >>> canonical_ids(rows)
    {'actor:b': 'actor:a'}
    """
    decisions = list(decisions)
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    same = [decision for decision in decisions if decision.predicate == SAME]
    for decision in same:
        parent[root(decision.subject)] = root(decision.object)
    problems = list(_contradictions(decisions, same, root))
    if problems:
        raise InputError(problems)
    groups: dict[str, set[str]] = {}
    for name in list(parent):
        groups.setdefault(root(name), set()).add(name)
    subjects = {decision.subject for decision in same}
    canonical: dict[str, str] = {}
    for members in groups.values():
        chosen = min(members, key=lambda name: (not name.startswith("network:"), name in subjects, name))
        canonical |= {name: chosen for name in members if name != chosen}
    return dict(sorted(canonical.items()))


def _contradictions(
    decisions: Iterable[Decision], same: Iterable[Decision], root: Callable[[str], str]
) -> Iterator[Problem]:
    for decision in decisions:
        if decision.predicate not in (DIFFERENT, PART_OF, UNDECIDED) or root(decision.subject) != root(decision.object):
            continue
        group = root(decision.subject)
        rows = sorted({f"{row.file}:{row.line}" for row in same if root(row.subject) == group})
        words = {DIFFERENT: "not the same", PART_OF: "part of one another", UNDECIDED: "undecided"}
        yield Problem(
            f"{decision.subject} and {decision.object} are decided to be {words[decision.predicate]}, "
            f"but the rows {', '.join(rows)} make them one.",
            file=decision.file,
            line=decision.line,
            advice="Remove one of these rows.",
        )
