"""Decisions written: one row more or less in a file of decisions, everything else in it left as it is.

The file is text under version control, which keeps the history: taking a decision back removes its row. A change is
written aside and renamed, so that whatever happens the file is the one before or the one after.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from integgraph.errors import Conflict, InputError, NotFound, Problem, StorageFull, Unprocessable
from integgraph.identity import sssom
from integgraph.identity.decisions import (
    DIFFERENT,
    PART_OF,
    REQUIRED,
    SAME,
    UNDECIDED,
    Decision,
    read_decisions,
    read_file,
)
from integgraph.identity.standing import Standing, contradictions

COLUMNS = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "object_label",
    "mapping_justification",
    "author_label",
    "mapping_date",
    "confidence",
    "comment",
)
"""The columns of a file that is begun here."""
WORDS = {"same": SAME, "different": DIFFERENT, "part-of": PART_OF, "undecided": UNDECIDED}
"""The four predicates in words for the command line."""
CONFIDENCE = {SAME: 0.9, DIFFERENT: 0.9, PART_OF: 0.9, UNDECIDED: 0.5}
"""What a decision is given that names no confidence of its own."""
LONGEST_GROUNDS = 2_000
_ROLE = re.compile(r"[a-zäöüß]+(?:[ -][a-zäöüß]+){0,7}")


def predicate_of(word: str) -> str:
    """The predicate for a word (``same``) or for itself (``owl:sameAs``).

    Raises:
        Unprocessable: there is none; the text names all.
    """
    if word in WORDS.values():
        return word
    if word.lower() in WORDS:
        return WORDS[word.lower()]
    raise Unprocessable(f"'{sssom.plain(word)[:60]}' is not a decision. Use one of: {', '.join(WORDS)}.")


def checked_role(text: str) -> str:
    """A role such as ``reviewer``: small letters only, so that no name of a person gets into published data.

    Raises:
        Unprocessable: it is something else.
    """
    role = sssom.plain(text)
    if len(role) > 60 or not _ROLE.fullmatch(role):
        raise Unprocessable(
            f"'{role[:60]}' is not a role. Write who decides as a role in small letters, such as 'reviewer'; "
            "decisions are published and name no persons."
        )
    return role


def checked_grounds(text: str) -> str:
    """The grounds of a decision on one line.

    Raises:
        Unprocessable: there are none, or too many.
    """
    grounds = sssom.plain(text)
    if not grounds:
        raise Unprocessable("A decision needs its grounds: say why in a few words.")
    if len(grounds) > LONGEST_GROUNDS:
        raise Unprocessable(f"The grounds have {len(grounds):,} characters; {LONGEST_GROUNDS:,} are allowed.")
    return grounds


@dataclass(frozen=True, slots=True)
class Journal:
    """A folder of decisions, and the file in it that new ones are written to.

    Attributes:
        folder: Where the files of decisions lie; new decisions must not contradict any of them.
        name: Name of the file to write to; it is begun if it is not there.
        base_iri: Where the IRIs of things begin; for the header of a file that is begun.
        licence: Licence of the data; for the same.
    """

    folder: Path
    name: str = "actors.sssom.tsv"
    base_iri: str = "https://w3id.org/integgraph/id/"
    licence: str = "https://creativecommons.org/licenses/by/4.0/"

    def __post_init__(self) -> None:
        if not re.fullmatch(r"(?!outward\b)[a-z0-9][a-z0-9_.-]*\.sssom\.tsv", self.name):
            raise Unprocessable(
                f"'{sssom.plain(self.name)[:60]}' is not a file of decisions. Use a name such as actors.sssom.tsv."
            )

    def read(self) -> list[Decision]:
        """All decisions of the folder that can be read; what cannot is left to ``integgraph identity check``."""
        return list(read_decisions(self.folder).rows)

    def add(self, decision: Decision) -> Decision:
        """Write a decision as the last row of the file.

        Returns:
            The decision with its file and line.

        Raises:
            Conflict: it is decided already, or contradicts rows that are there; nothing is written.
            Unprocessable: it has no grounds, or its role is none.
            InputError: the file cannot be read or written.
        """
        confidence = CONFIDENCE[decision.predicate] if decision.confidence is None else decision.confidence
        decision = replace(
            decision,
            grounds=checked_grounds(decision.grounds),
            role=checked_role(decision.role),
            confidence=round(confidence, 3),
            subject_label=sssom.plain(decision.subject_label),
            object_label=sssom.plain(decision.object_label),
        )
        with _alone(self.folder):
            return self._add(decision)

    def _add(self, decision: Decision) -> Decision:
        file = self.folder / self.name
        lines = _lines_of(file) if file.exists() else self._begun()
        columns = _columns_of(file, lines)
        ending = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
        if lines and not lines[-1].endswith(("\n", "\r")):
            lines[-1] += ending
        lines = _with_columns(lines, columns)
        standing = Standing(self.read())
        decision = replace(_of_canonical(decision, standing), file=self.name, line=len(lines) + 1)
        _refuse(decision, standing)
        _write(file, "".join([*lines, sssom.line_of(_cells(decision, columns)) + ending]))
        return decision

    def remove(self, line: int | None = None) -> Decision:
        """Take a decision back: the one on a line of the file, or the last of the file.

        Returns:
            The decision that was removed, with the line where it stood.

        Raises:
            NotFound: there is no decision.
            InputError: the file cannot be read or written.
        """
        found = self._remove(lambda row: line is None or row.line == line)
        if found is None:
            where = self.name if line is None else f"line {line} of {self.name}"
            raise NotFound(f"There is no decision in {where}.")
        return found

    def take_back(self, decision: Decision) -> Decision:
        """Take back a decision that was written before, wherever its row stands by now.

        Raises:
            NotFound: the row is not there any more.
        """
        found = self._remove(lambda row: row == replace(decision, line=row.line))
        if found is None:
            raise NotFound(f"The row of {decision} is not in {self.name} any more.")
        return found

    def _remove(self, is_meant: Callable[[Decision], bool]) -> Decision | None:
        """Remove the last row of the file that is meant."""
        file = self.folder / self.name
        if not file.exists():
            raise NotFound(f"There is no file {self.name} in {self.folder}, so there is nothing to take back.")
        with _alone(self.folder):
            found = next(filter(is_meant, reversed(read_file(file).rows)), None)
            if found is not None:
                lines = _lines_of(file)
                del lines[found.line - 1]
                _write(file, "".join(lines))
            return found

    def _begun(self) -> list[str]:
        root = self.base_iri.removesuffix("id/")
        prefixes = {
            "actor": f"{self.base_iri}actor/",
            "dct": "http://purl.org/dc/terms/",
            "ig": "https://w3id.org/integgraph/ontology#",
            "network": f"{self.base_iri}network/",
            "owl": "http://www.w3.org/2002/07/owl#",
            "semapv": "https://w3id.org/semapv/vocab/",
        }
        return [
            "#curie_map:\n",
            *(f"#  {prefix}: {iri}\n" for prefix, iri in prefixes.items()),
            f"#license: {self.licence}\n",
            f"#mapping_set_id: {root}links/{self.name.removesuffix('.sssom.tsv')}\n",
            "\t".join(COLUMNS) + "\n",
        ]


def _refuse(decision: Decision, standing: Standing) -> None:
    """Raise :class:`Conflict` if a decision repeats or contradicts those that stand."""
    for row in standing.about(decision.subject, decision.object):
        if _says_already(row, decision, standing):
            raise Conflict(f"That is decided already: {row.where} says {row}, because: {row.grounds}")
    before = {(each.file, each.line) for each in standing.contradictions()}
    new = [each for each in contradictions([*standing.decisions, decision]) if (each.file, each.line) not in before]
    if new:
        reason = " ".join(each.message for each in new[:3])
        raise Conflict(
            f"This would contradict what is decided. {reason} Here {decision.where} would be the new row. "
            "To see all of it: integgraph identity explain; to take a row back: integgraph identity undo"
        )


def _of_canonical(decision: Decision, standing: Standing) -> Decision:
    """A decision "same" about what the two are by now, so that a merged thing is not named as the canonical one.

    Where the subject was merged before and the object is new, what is canonical already stays so.
    """
    if decision.predicate != SAME or standing.one(decision.subject, decision.object):
        return decision
    canonical = standing.canonical()
    subject, object_ = (canonical.get(end, end) for end in (decision.subject, decision.object))
    merged_before = subject != decision.subject
    if merged_before and object_ not in canonical.values() and not object_.startswith("network:"):
        subject, object_ = object_, subject
    if (subject, object_) == (decision.subject, decision.object):
        return decision
    labels = {row.object: row.object_label for row in standing.decisions} | {
        decision.subject: decision.subject_label,
        decision.object: decision.object_label,
    }
    return replace(
        decision,
        subject=subject,
        object=object_,
        subject_label=labels.get(subject, ""),
        object_label=labels.get(object_, ""),
    )


def _says_already(row: Decision, decision: Decision, standing: Standing) -> bool:
    """Whether a row makes a decision superfluous."""
    if decision.predicate == SAME:
        return row.predicate == SAME and standing.one(decision.subject, decision.object)
    if decision.predicate == UNDECIDED:
        return True  # a doubt beside a decision of the same day would be settled at once
    alike = row.ends == decision.ends and row.predicate == decision.predicate
    return alike and (row.predicate != PART_OF or row.subject == decision.subject)


def _cells(decision: Decision, columns: Sequence[str]) -> list[str]:
    values = {
        "subject_id": decision.subject,
        "subject_label": decision.subject_label,
        "predicate_id": decision.predicate,
        "object_id": decision.object,
        "object_label": decision.object_label,
        "mapping_justification": decision.justification,
        "author_label": decision.role,
        "mapping_date": decision.day,
        "confidence": f"{decision.confidence:g}",
        "comment": decision.grounds,
    }
    return [values.get(column, "") for column in columns]


def _lines_of(file: Path) -> list[str]:
    """The lines of a file with their ends, so that what is not changed stays byte for byte."""
    try:
        text = file.read_bytes().decode()
    except UnicodeDecodeError:
        raise InputError(Problem("The file is not UTF-8.", file=file.name, advice="Save it again as UTF-8.")) from None
    except OSError as error:
        raise InputError(Problem(f"The file cannot be read: {error.strerror}.", file=file.name)) from None
    return re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$", text)


def _columns_of(file: Path, lines: Sequence[str]) -> list[str]:
    header = next((line for line in lines if _is_table(line)), None)
    if header is None:
        return []
    if file.exists():
        found = sssom.read(file, REQUIRED)
        if not found.columns:
            raise InputError(found.problems)
    return sssom.cells(header.removeprefix("\ufeff").rstrip("\r\n"))


def _is_table(line: str) -> bool:
    line = line.removeprefix("\ufeff")
    return bool(line.strip()) and not line.startswith("#")


def _with_columns(lines: list[str], columns: list[str]) -> list[str]:
    """Lines with the columns that a new row needs and the file lacks; ``columns`` grows by them."""
    if not columns:
        columns.extend(COLUMNS)
        return [*lines, "\t".join(COLUMNS) + "\n"]
    missing = [column for column in COLUMNS if column not in columns]
    if not missing:
        return lines
    width = len(columns)
    columns.extend(missing)
    return list(_widened(lines, width, missing))


def _widened(lines: Sequence[str], width: int, missing: Sequence[str]) -> Iterator[str]:
    header = True
    for line in lines:
        if not _is_table(line):
            yield line
            continue
        text = line.rstrip("\r\n")
        more = missing if header else [""] * (len(missing) + max(0, width - len(sssom.cells(text))))
        yield "\t".join([text, *more]) + line[len(text) :]
        header = False


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two who write at once come one after the other; a write takes milliseconds."""
    with _disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _write(file: Path, text: str) -> None:
    """Write a file aside, make it durable, and put it in place by one rename."""
    file = file.resolve()
    aside = file.with_name(f".{file.name}.{os.getpid()}.new")
    with _disk_errors(file):
        try:
            with aside.open("wb") as opened:
                opened.write(text.encode())
                if file.exists():
                    os.fchmod(opened.fileno(), file.stat().st_mode & 0o7777)
                opened.flush()
                os.fsync(opened.fileno())
            os.replace(aside, file)
        finally:
            aside.unlink(missing_ok=True)
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(
                f"The disk is full, and {path.name} stays as it was. Free some space and decide again."
            ) from None
        raise InputError(
            Problem(f"The file cannot be written: {error.strerror}. It stays as it was.", file=path.name)
        ) from None
