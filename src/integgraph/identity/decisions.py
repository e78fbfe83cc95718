"""Decisions on who is who: one SSSOM row each, read from ``data/links/*.sssom.tsv``.

Two rows are one actor only by a decision, never by their names. A decision says same, not the same, part of, or
undecided, with its grounds. Deleting the row undoes it. Source: SSSOM 1.0 (slots of ``Mapping``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from integgraph.errors import InputError, Problem
from integgraph.identity import sssom
from integgraph.ontology import near

SAME, DIFFERENT, PART_OF, UNDECIDED = "owl:sameAs", "owl:differentFrom", "dct:isPartOf", "ig:undecidedIdentity"
PREDICATES = (SAME, DIFFERENT, PART_OF, UNDECIDED)
REQUIRED = ("subject_id", "predicate_id", "object_id", "mapping_justification", "comment")
OUTWARD = "outward"
"""Files whose names begin so hold links to other collections, not decisions; see :mod:`integgraph.identity.outward`."""
_ID = re.compile(r"(actor|network):[a-z0-9]+(?:-[a-z0-9]+)*")
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Decision(sssom.Statement):
    """One reviewed decision; ``object`` is the canonical one of two that are the same, or the whole of a part."""

    @property
    def ends(self) -> frozenset[str]:
        """The two things."""
        return frozenset((self.subject, self.object))

    def __str__(self) -> str:
        return f"{self.subject} {self.predicate} {self.object}"


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a folder of decisions holds: the rows that count, and what is wrong with the others."""

    rows: tuple[Decision, ...] = ()
    problems: tuple[Problem, ...] = ()


def decision_files(folder: Path) -> list[Path]:
    """The files of decisions in a folder, by name; an absent folder holds none."""
    return sorted(file for file in folder.glob("*.sssom.tsv") if not is_outward(file))


def is_outward(file: Path) -> bool:
    """Whether a file holds links to other collections: ``outward.sssom.tsv``, ``outward-ror.sssom.tsv`` and so on."""
    return re.split(r"[.-]", file.name)[0] == OUTWARD


def read_decisions(folder: Path) -> Decisions:
    """Read every file of decisions in a folder. A faulty row is named, and the others count.

    Nothing is raised for what a file says. A date or a confidence that cannot be read is a warning and left out; the
    decision counts.
    """
    return _together(read_file(file) for file in decision_files(folder))


def read_file(file: Path) -> Decisions:
    """Read one file of decisions; see :func:`read_decisions`."""
    table = sssom.read(file, REQUIRED)
    rows: list[Decision] = []
    problems = list(table.problems)
    for row in table.rows:
        try:
            rows.append(_decision(row.cells, file.name, row.line, problems))
        except ValueError as error:
            problems.append(Problem(str(error), file=file.name, line=row.line))
    return Decisions(tuple(rows), tuple(sorted(problems, key=lambda problem: problem.line or 0)))


def load_decisions(folder: Path) -> list[Decision]:
    """Read every file of decisions in a folder, or none of them; an absent folder holds none.

    Raises:
        InputError: a file is not as described; every fault with its line.
    """
    found = read_decisions(folder)
    faults = [problem for problem in found.problems if problem.severity == "violation"]
    if faults:
        raise InputError(faults)
    return list(found.rows)


def _together(parts: Iterable[Decisions]) -> Decisions:
    rows: list[Decision] = []
    problems: list[Problem] = []
    for part in parts:
        rows.extend(part.rows)
        problems.extend(part.problems)
    return Decisions(tuple(rows), tuple(problems))


def _decision(row: Mapping[str, str], file: str, line: int, problems: list[Problem]) -> Decision:
    for key in REQUIRED:
        if not row.get(key):
            raise ValueError(f"The row has no {key}.")
    for key in ("subject_id", "object_id"):
        if not _ID.fullmatch(row[key]):
            raise ValueError(f"{key} is '{row[key][:_SHOWN]}', but must be actor:<id> or network:<id>.")
    if row["predicate_id"] not in PREDICATES:
        raise ValueError(f"'{row['predicate_id'][:_SHOWN]}' is not a decision. Use one of: {', '.join(PREDICATES)}.")
    if row["subject_id"] == row["object_id"]:
        raise ValueError(f"{row['subject_id']} is compared with itself.")
    return Decision(*sssom.stated(row, row["object_id"], file, line, problems))


def check_known(decisions: Iterable[Decision], known: Iterable[str]) -> list[Problem]:
    """Decisions about things that are not in the collection.

    They are warnings, because a record may come and go while the decision about it stays right.
    """
    things = set(known)
    problems = []
    for decision in decisions:
        for name in (decision.subject, decision.object):
            if name not in things:
                similar = near_things(name, things)
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


def near_things(name: str, things: Iterable[str]) -> list[str]:
    """Things whose ids look like the one of ``name``; of many only those that share a word or a beginning are compared.

    >>> near_things("actor:caritas-hale", ["actor:caritas-halle", "network:caritas-hale", "actor:zora"])
    ['actor:caritas-halle']
    """
    kind, _, word = name.partition(":")
    parts = set(word.split("-"))
    found = (thing.partition(":")[2] for thing in things if thing.startswith(f"{kind}:"))
    words = {each for each in found if each[:2] == word[:2] or not parts.isdisjoint(each.split("-"))}
    nearest = sorted(words, key=lambda each: (-len(parts & set(each.split("-"))), abs(len(each) - len(word)), each))
    return [f"{kind}:{each}" for each in near(word, nearest[:1000])]
