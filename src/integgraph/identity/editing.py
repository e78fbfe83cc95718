"""Decisions and links written: one row more or less in a file, everything else in it left as it is.

The file is text under version control, which keeps the history: taking a decision back removes its row. A change is
written aside and renamed, so that whatever happens the file is the one before or the one after.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from integgraph.csvtext import plain
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
from integgraph.identity.outward import (
    MATCHES,
    TARGETS,
    Link,
    LinkStanding,
    allowed,
    check_links,
    read_link_file,
    read_links,
)
from integgraph.identity.standing import Standing, contradictions
from integgraph.ontology import DCT, IG, OWL, SKOS

S = TypeVar("S", bound=sssom.Statement)

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
LINK_WORDS = WORDS | dict(zip(("exact", "close", "broad", "narrow"), MATCHES, strict=True))
"""The predicates of links to other collections in words."""
CONFIDENCE = {SAME: 0.9, DIFFERENT: 0.9, PART_OF: 0.9, UNDECIDED: 0.5}
"""What a decision is given that names no confidence of its own."""
LONGEST_GROUNDS = 2_000
_ROLE = re.compile(r"[a-zäöüß]+(?:[ -][a-zäöüß]+){0,7}")


def predicate_of(word: str, words: Mapping[str, str] = WORDS) -> str:
    """The predicate for a word (``same``) or for itself (``owl:sameAs``).

    Raises:
        Unprocessable: there is none; the text names all.
    """
    if word in words.values():
        return word
    if word.lower() in words:
        return words[word.lower()]
    raise Unprocessable(f"'{plain(word)[:60]}' is not a decision. Use one of: {', '.join(words)}.")


def checked_role(text: str) -> str:
    """A role such as ``reviewer``: small letters only, so that no name of a person gets into published data.

    Raises:
        Unprocessable: it is something else.
    """
    role = plain(text)
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
    grounds = plain(text)
    if not grounds:
        raise Unprocessable("A decision needs its grounds: say why in a few words.")
    if len(grounds) > LONGEST_GROUNDS:
        raise Unprocessable(f"The grounds have {len(grounds):,} characters; {LONGEST_GROUNDS:,} are allowed.")
    return grounds


@dataclass(frozen=True, slots=True)
class _Book(ABC, Generic[S]):
    """A folder of rows, and the file in it that new ones are written to.

    Attributes:
        folder: Where the files lie; a new row must not contradict any of them.
        name: Name of the file to write to; it is begun if it is not there.
        base_iri: Where the IRIs of things begin; for the header of a file that is begun.
        licence: Licence of the data; for the same.
    """

    folder: Path
    name: str
    base_iri: str = "https://w3id.org/integgraph/id/"
    licence: str = "https://creativecommons.org/licenses/by/4.0/"

    @abstractmethod
    def read(self) -> list[S]:
        """All rows of the folder that can be read; what cannot is left to ``integgraph identity check``."""

    @abstractmethod
    def _rows_of(self, file: Path) -> Sequence[S]:
        """The rows of one file that can be read."""

    @abstractmethod
    def _fitted(self, row: S) -> S:
        """A row as it is to be written, or :class:`Conflict` if it repeats or contradicts what is there."""

    @abstractmethod
    def _prefixes(self) -> Mapping[str, str]:
        """The ``curie_map`` of a file that is begun."""

    def _object(self, row: S, lines: Sequence[str]) -> str:
        """How the object of a row is written into a file with these lines."""
        return row.object

    def add(self, row: S) -> S:
        """Write a row as the last of the file.

        Returns:
            The row with its file and line.

        Raises:
            Conflict: it is decided already, or contradicts rows that are there; nothing is written.
            Unprocessable: it has no grounds, or its role is none.
            InputError: the file cannot be read or written.
        """
        confidence = CONFIDENCE.get(row.predicate, 0.9) if row.confidence is None else row.confidence
        row = replace(
            row,
            grounds=checked_grounds(row.grounds),
            role=checked_role(row.role),
            confidence=round(confidence, 3),
            subject_label=plain(row.subject_label),
            object_label=plain(row.object_label),
        )
        with _alone(self.folder):
            return self._add(row)

    def _add(self, row: S) -> S:
        file = self.folder / self.name
        lines = _lines_of(file) if file.exists() else self._begun()
        columns = _columns_of(file, lines)
        ending = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
        if lines and not lines[-1].endswith(("\n", "\r")):
            lines[-1] += ending
        lines = _with_columns(lines, columns)
        row = self._fitted(replace(row, file=self.name, line=len(lines) + 1))
        cells = _cells(row, self._object(row, lines), columns)
        _write(file, "".join([*lines, sssom.line_of(cells) + ending]))
        return row

    def remove(self, line: int | None = None) -> S:
        """Take a row back: the one on a line of the file, or the last of the file.

        Returns:
            The row that was removed, with the line where it stood.

        Raises:
            NotFound: there is no such row.
            InputError: the file cannot be read or written.
        """
        found = self._remove(lambda row: line is None or row.line == line)
        if found is None:
            where = self.name if line is None else f"line {line} of {self.name}"
            raise NotFound(f"There is no decision in {where}.")
        return found

    def take_back(self, row: S) -> S:
        """Take back a row that was written before, wherever it stands by now.

        Raises:
            NotFound: the row is not there any more.
        """
        found = self._remove(lambda each: each == replace(row, line=each.line))
        if found is None:
            raise NotFound(f"The row of {row} is not in {self.name} any more.")
        return found

    def _remove(self, is_meant: Callable[[S], bool]) -> S | None:
        """Remove the last row of the file that is meant."""
        file = self.folder / self.name
        if not file.exists():
            raise NotFound(f"There is no file {self.name} in {self.folder}, so there is nothing to take back.")
        with _alone(self.folder):
            found = next(filter(is_meant, reversed(self._rows_of(file))), None)
            if found is not None:
                lines = _lines_of(file)
                del lines[found.line - 1]
                _write(file, "".join(lines))
            return found

    def _begun(self) -> list[str]:
        root = self.base_iri.removesuffix("id/")
        return [
            "#curie_map:\n",
            *(f"#  {prefix}: {iri}\n" for prefix, iri in sorted(self._prefixes().items())),
            f"#license: {self.licence}\n",
            f"#mapping_set_id: {root}links/{self.name.removesuffix('.sssom.tsv')}\n",
            "\t".join(COLUMNS) + "\n",
        ]


_COMMON = {
    "dct": DCT,
    "ig": IG,
    "owl": OWL,
    "semapv": "https://w3id.org/semapv/vocab/",
}


@dataclass(frozen=True, slots=True)
class Journal(_Book[Decision]):
    """A folder of decisions on who is who, and the file in it that new ones are written to."""

    name: str = "actors.sssom.tsv"

    def __post_init__(self) -> None:
        if not re.fullmatch(r"(?!outward\b)[a-z0-9][a-z0-9_.-]*\.sssom\.tsv", self.name):
            raise Unprocessable(
                f"'{plain(self.name)[:60]}' is not a file of decisions. Use a name such as actors.sssom.tsv."
            )

    def read(self) -> list[Decision]:
        """All decisions of the folder that can be read; what cannot is left to ``integgraph identity check``."""
        return list(read_decisions(self.folder).rows)

    def _rows_of(self, file: Path) -> Sequence[Decision]:
        return read_file(file).rows

    def _fitted(self, row: Decision) -> Decision:
        standing = Standing(self.read())
        row = _of_canonical(row, standing)
        _refuse(row, standing)
        return row

    def _prefixes(self) -> Mapping[str, str]:
        return {**_COMMON, "actor": f"{self.base_iri}actor/", "network": f"{self.base_iri}network/"}


@dataclass(frozen=True, slots=True)
class LinkBook(_Book[Link]):
    """A folder with links to other collections, and the file in it that new ones are written to."""

    name: str = "outward.sssom.tsv"

    def __post_init__(self) -> None:
        if not re.fullmatch(r"outward(?:-[a-z0-9][a-z0-9_-]*)?\.sssom\.tsv", self.name):
            raise Unprocessable(
                f"'{plain(self.name)[:60]}' is not a file of links to other collections. "
                "Use outward.sssom.tsv, or a name such as outward-ror.sssom.tsv."
            )

    def read(self) -> list[Link]:
        """All links of the folder that can be read; what cannot is left to ``integgraph identity check``."""
        return list(read_links(self.folder).rows)

    def standing(self, links: Iterable[Link] | None = None) -> LinkStanding:
        """The links, those of the folder unless given, taken together with the decisions on who is who."""
        return LinkStanding(self.read() if links is None else links, read_decisions(self.folder).rows)

    def _rows_of(self, file: Path) -> Sequence[Link]:
        return read_link_file(file).rows

    def _fitted(self, row: Link) -> Link:
        if row.predicate not in allowed(row.subject):
            kind = row.subject.partition(":")[0]
            raise Unprocessable(f"{row.predicate} is not for {kind}s. Use one of: {', '.join(allowed(row.subject))}.")
        links = self.read()
        for each in self.standing(links).about(row.subject, row.object):
            if each.predicate == row.predicate or row.predicate == UNDECIDED:
                raise Conflict(f"That is decided already: {each.where} says {each}, because: {each.grounds}")
        decisions = Standing(read_decisions(self.folder).rows)
        before = {(each.file, each.line) for each in check_links(links, decisions=decisions)}
        for problem in check_links([*links, row], decisions=decisions):
            if problem.severity == "violation" and (problem.file, problem.line) not in before:
                raise Conflict(
                    f"This would contradict what is decided. {problem.message} Here {row.where} would be the new row."
                )
        return row

    def _object(self, row: Link, lines: Sequence[str]) -> str:
        prefixes = dict(sssom.prefixes(lines))
        for prefix, begin in sorted(prefixes.items(), key=lambda each: -len(each[1])):
            if row.object.startswith(begin) and row.object != begin:
                return f"{prefix}:{row.object.removeprefix(begin)}"
        return row.object

    def _prefixes(self) -> Mapping[str, str]:
        ours = {kind: f"{self.base_iri}{kind}/" for kind in ("actor", "network", "place")}
        theirs = {target.prefix: target.begin for target in TARGETS}
        concept = self.base_iri.removesuffix("id/") + "vocabulary/"
        return {**_COMMON, "skos": SKOS, **ours, "concept": concept, **theirs}


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


def _cells(row: sssom.Statement, object_: str, columns: Sequence[str]) -> list[str]:
    values = {
        "subject_id": row.subject,
        "subject_label": row.subject_label,
        "predicate_id": row.predicate,
        "object_id": object_,
        "object_label": row.object_label,
        "mapping_justification": row.justification,
        "author_label": row.role,
        "mapping_date": row.day,
        "confidence": f"{row.confidence:g}",
        "comment": row.grounds,
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
