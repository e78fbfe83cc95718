"""The error tree, drawn in one place.

::

    IntegGraphError                something a person can act on; its text is one or more plain sentences
    ├── InputError                 what came in is wrong; carries the problems with file, line and field
    ├── OntologyError              the ontology or the form contradicts itself
    ├── ReleaseError               a release is missing, incomplete or cannot be written
    │   └── ReleaseBusy            another build is at work in the same place
    ├── QueryError                 a query cannot be answered as asked
    │   ├── QuerySyntaxError       it is not SPARQL, or a parameter is missing or of the wrong type
    │   ├── QueryRefused           it asks for something the endpoint does not do (SERVICE, LOAD)
    │   │   └── UpdateRefused      it is an update, not a query
    │   ├── QueryTimeout           it ran into its deadline
    │   ├── QueryTooLarge          it, or its answer, is larger than the limits allow
    │   ├── FormatNotAvailable     no representation fits what was asked for
    │   └── WrongMediaType         what was sent is of a kind that is not read here
    ├── WorkerError                a worker process died or was killed
    │   └── WorkersBusy            no worker was free in time
    ├── NotFound                   there is no such thing, with near matches
    │   └── Gone                       there was one, and it was withdrawn
    ├── Unprocessable              a filter, a value or a parameter that does not exist; says which do
    ├── Conflict                   it belongs to another release than the one that is asked
    ├── LimitReached               a client has used up what it may use for now; says when to come back
    └── StorageFull                there is no space left to answer in

Errors know no HTTP: ``web.problems`` maps each type to its status in one table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["violation", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong or doubtful in the input, for a person to act on.

    Attributes:
        message: What is wrong, in one plain sentence.
        severity: ``violation`` stops a build; ``warning`` travels with the profile to its page.
        file: The file as the caller named it.
        line: Line in the file, counted from 1; ``None`` when the problem has no line.
        field: Key of the field, such as ``founded`` or ``members[3].roles``.
        advice: What to do about it; may be empty.
        subject: IRI of the profile the problem belongs to, once it has one.
        german: The message in German, for what a page shows; may be empty.

    >>> print(Problem("There is no month 13.", file="a.yaml", line=4, field="founded", advice="Write 2015-09."))
    a.yaml:4: founded: There is no month 13. Write 2015-09.
    """

    message: str
    severity: Severity = "violation"
    file: str | None = None
    line: int | None = None
    field: str | None = None
    advice: str = ""
    subject: str | None = None
    german: str = ""

    def __str__(self) -> str:
        where = self.file or ""
        if self.line is not None:
            where += f":{self.line}"
        parts = [part for part in (where, self.field) if part]
        if self.severity == "warning":
            parts.append("warning")
        text = f"{self.message} {self.advice}".strip()
        return ": ".join([*parts, text])


class IntegGraphError(Exception):
    """Something a person can act on; ``str(error)`` is one or more plain sentences."""


class InputError(IntegGraphError):
    """What came in is wrong. ``problems`` says what, where and what to do.

    >>> str(InputError([Problem("The file is empty.", file="a.yaml")]))
    'a.yaml: The file is empty.'
    """

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: Sequence[Problem] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class OntologyError(IntegGraphError):
    """The ontology or the form contradicts itself; the text names the term."""


class ReleaseError(IntegGraphError):
    """A release is missing, incomplete or cannot be written."""


class ReleaseBusy(ReleaseError):
    """Another build is at work in the same place."""


class QueryError(IntegGraphError):
    """A query cannot be answered as asked."""


class QuerySyntaxError(QueryError):
    """It is not SPARQL, or a parameter is missing or of the wrong type."""


class QueryRefused(QueryError):
    """It asks for something that this store does not do, such as SERVICE, LOAD or an update."""


class UpdateRefused(QueryRefused):
    """It is an update; a release never changes."""


class WrongMediaType(QueryError):
    """What was sent is of a kind that is not read here; the text names those that are."""


class QueryTimeout(QueryError):
    """It ran into its deadline and was stopped; there is no partial answer."""


class QueryTooLarge(QueryError):
    """It, or its answer, is larger than the limits allow; there is no partial answer."""


class FormatNotAvailable(QueryError):
    """No representation fits what was asked for."""


class WorkerError(IntegGraphError):
    """A worker process died or was killed before it answered."""


class WorkersBusy(WorkerError):
    """No worker was free in time."""


class NotFound(IntegGraphError):
    """There is no such thing. ``near`` holds the names of similar things that exist."""

    def __init__(self, message: str, near: Sequence[str] = ()) -> None:
        self.near = tuple(near)
        if near:
            message += " Did you mean: " + ", ".join(near) + "?"
        super().__init__(message)


class Gone(NotFound):
    """There was such a thing, and it was withdrawn; the text says since when."""


class Unprocessable(IntegGraphError):
    """A filter, a value or a parameter that does not exist; the text names those that do."""


class Conflict(IntegGraphError):
    """What was sent belongs to another release than the one that is asked; the text says what to do."""


class LimitReached(IntegGraphError):
    """A client has used up what it may use for now.

    Attributes:
        seconds: When to come back.
    """

    def __init__(self, message: str, seconds: float = 5.0) -> None:
        self.seconds = seconds
        super().__init__(message)


class StorageFull(IntegGraphError):
    """There is no space left to write an answer."""
