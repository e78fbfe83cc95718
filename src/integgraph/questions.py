"""Named questions: SPARQL queries in ``ontology/questions/*.rq`` with what they answer, in plain words.

Each file begins with a header of comment lines::

    # title@en: Which networks say that nobody coordinates them?
    # title@de: Welche Netzwerke sagen, dass niemand sie koordiniert?
    # reading@en: How to read the answer, and what it does not say.
    # reading@de: …
    # for: policymaker
    # param: country, string, DE — Country code of the network

The rest is the query. A parameter is bound to the variable of its name, never written into the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from integgraph.errors import NotFound, OntologyError, QuerySyntaxError
from integgraph.ontology import LANGUAGES, near, question_files
from integgraph.store import Rows, Store, Term, term_for

TYPES = ("string", "iri", "integer", "boolean", "date")
_HEADER = re.compile(r"#\s*(title@en|title@de|reading@en|reading@de|for|param):\s*(.+)")
_PARAMETER = re.compile(r"(\w+),\s*(\w+)(?:,\s*([^—]*?))?\s*—\s*(.+)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that a question takes: its name, type, default (``None`` if it must be given) and meaning."""

    name: str
    type: str
    default: str | None
    meaning: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question in plain words with the query that answers it.

    Attributes:
        id: Name of its file without the suffix.
        titles: The question by language.
        readings: How to read the answer, by language.
        audience: Who asks it: analyst, policymaker or integrator.
        parameters: What it takes.
        query: The SPARQL text.
    """

    id: str
    titles: Mapping[str, str]
    readings: Mapping[str, str]
    audience: str
    query: str
    parameters: tuple[Parameter, ...] = field(default=())

    def bindings(self, given: Mapping[str, str]) -> dict[str, Term]:
        """The parameters as terms, defaults filled in.

        Raises:
            QuerySyntaxError: one is unknown, missing or of the wrong type.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in given:
            if name not in known:
                names = ", ".join(known) or "none"
                raise QuerySyntaxError(f"The question '{self.id}' has no parameter '{name}'. It takes: {names}.")
        bound = {}
        for parameter in self.parameters:
            value = given.get(parameter.name, parameter.default)
            if value is None:
                raise QuerySyntaxError(
                    f"The question '{self.id}' needs the parameter '{parameter.name}': {parameter.meaning}."
                )
            try:
                bound[parameter.name] = term_for(value, parameter.type)
            except QuerySyntaxError as error:
                raise QuerySyntaxError(f"Parameter '{parameter.name}': {error}") from None
        return bound

    def ask(self, store: Store, given: Mapping[str, str] | None = None) -> Rows:
        """The rows that answer the question."""
        return store.select(self.query, self.bindings(given or {}))


def load_questions(folder: Path | None = None) -> dict[str, Question]:
    """All named questions by id; from ``folder/questions`` or from the ontology that comes with the package.

    Raises:
        OntologyError: a file has no title, or a header line is not as described.
    """
    return {question.id: question for question in map(_read, question_files(folder))}


def find_question(name: str, folder: Path | None = None) -> Question:
    """The question with this id.

    Raises:
        NotFound: there is none; similar ids are named.
    """
    questions = load_questions(folder)
    if name not in questions:
        raise NotFound(f"There is no question '{name}'.", near(name, questions) or list(questions)[:5])
    return questions[name]


def _read(file: Path) -> Question:
    found: dict[str, str] = {}
    parameters: list[Parameter] = []
    lines = file.read_text("utf-8").splitlines()
    body = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    for line in lines[:body]:
        match = _HEADER.fullmatch(line.strip())
        if match is None:
            raise OntologyError(f"{file.name}: this header line is not understood: {line}")
        if match[1] == "param":
            parameters.append(_parameter(match[2], file.name))
        else:
            found[match[1]] = match[2].strip()
    missing = [
        key for language in LANGUAGES for key in (f"title@{language}", f"reading@{language}") if key not in found
    ]
    if missing or "for" not in found:
        raise OntologyError(f"{file.name} has no {', '.join(missing) or 'for'} line.")
    return Question(
        id=file.stem,
        titles={language: found[f"title@{language}"] for language in LANGUAGES},
        readings={language: found[f"reading@{language}"] for language in LANGUAGES},
        audience=found["for"],
        query="\n".join(lines[body:]).strip() + "\n",
        parameters=tuple(parameters),
    )


def _parameter(text: str, file: str) -> Parameter:
    match = _PARAMETER.fullmatch(text.strip())
    if match is None or match[2] not in TYPES:
        raise OntologyError(f"{file}: write 'param: name, type, default — meaning' with a type of {', '.join(TYPES)}.")
    return Parameter(match[1], match[2], match[3] or None, match[4].strip())
