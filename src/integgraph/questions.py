"""Named questions: SPARQL queries in ``ontology/questions/*.rq`` with what they answer, in plain words.

Each file begins with a header of comment lines::

    # title@en: Which networks say that nobody coordinates them?
    # title@de: Welche Netzwerke sagen, dass niemand sie koordiniert?
    # reading@en: How to read the answer, and what it does not say.
    # reading@de: …
    # for: policymaker
    # param: country, country, DE — Country of the seat
    # param@de: country — Land des Sitzes
    # table: networks
    # every: country

The rest is the query. What a parameter means is said in both languages: in English where it is declared, in German by
its name. A parameter is bound to the variable of its name, never written into the text; the engine wants that variable
among those that the query selects. ``table`` names the table of the release that answers the same, if one does.

``every`` says how the answer for one value is found in the answer for all of them, so that a server can make them at
once and in advance. It names, for each parameter, what the rows for its value have in common: ``country`` (the column
of that name holds it), ``least <= amount`` or ``earliest <= until`` (a parameter on one side, a column on the other;
with ``amount?`` rows without an amount are among them too). A line ``every certain: from <= earliest, latest <= to``
says when a column is true that is made of parameters. It is right only if the query without the parameter, or with the
one that leaves out nothing, has the rows of all values, in an order that does not hang on it: so not with ``LIMIT``.

The types of parameters are:

=====================  ================================================================================================
string, iri            as given
integer, boolean, date  3 · yes or no · 2024-02-29
concept:SCHEME         id or any label of a concept of this vocabulary; bound as the concept's IRI
vocabulary             id of a vocabulary; bound as the IRI of the scheme
country                two letters in either case, such as DE
network, actor, place  id or whole IRI; an id is bound as the IRI that the release gives it
=====================  ================================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from integgraph.errors import NotFound, OntologyError, QuerySyntaxError
from integgraph.ontology import LANGUAGES, Ontology, Scheme, near, question_files
from integgraph.store import Rows, Store, Term, iri, literal, term_for

BASE_IRI = "https://w3id.org/integgraph/id/"
"""Where the IRIs of things begin if a release does not say otherwise."""
AUDIENCES = ("policymaker", "analyst", "integrator")
TABLES = ("networks", "actors", "memberships", "funding", "fields", "target_groups", "places")
THINGS = ("network", "actor", "place")
TYPES = ("string", "iri", "integer", "boolean", "date", "vocabulary", "country", *THINGS)
_HEADER = re.compile(r"#\s*(title@en|title@de|reading@en|reading@de|for|param|param@de|table|every(?: \w+)?):\s*(.+)")
_LIMIT = re.compile(r"(\w+)(\??)\s*<=\s*(\w+)(\??)")
_EXTREMES: Mapping[str, tuple[str, str]] = {
    "date": ("0001-01-01", "9999-12-31"),
    "integer": (str(-(2**63)), str(2**63 - 1)),  # of the engine
}
"""The least and the greatest value of a type."""
_PARAMETER = re.compile(r"(\w+),\s*(\w+(?::[a-z-]+)?)(?:,\s*([^—]*?))?\s*—\s*(.+)")
_GERMAN = re.compile(r"(\w+)\s*—\s*(.+)")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HINTS: Mapping[str, str] = {
    "integer": "Write a whole number, such as 3.",
    "boolean": "Write yes or no.",
    "date": "Write a day as 2024-02-29.",
    "iri": "Write a whole IRI, such as https://example.org/a.",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that a question takes: its name, type, default (``None`` if it must be given) and meaning by language."""

    name: str
    type: str
    default: str | None
    meanings: Mapping[str, str]

    @property
    def meaning(self) -> str:
        """What it means, in English.

        >>> find_question("networks-founded").parameters[0].meaning
        'First day of the period'
        """
        return self.meanings["en"]


@dataclass(frozen=True, slots=True)
class Limit:
    """What a parameter says of a column: it is the least or the most that the column may hold.

    Attributes:
        parameter: Name of the parameter.
        column: Name of the column.
        least: Whether it is the least; else the most.
        unknown: Whether a row without a value in that column is within the limit.
    """

    parameter: str
    column: str
    least: bool
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Every:
    """How the answer for one value is found in the answer for all.

    Attributes:
        same: Parameters whose value the rows hold in the column of the same name.
        limits: Limits that the rows are within.
        told: Columns that are true for rows within further limits, else false.
    """

    same: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    told: Mapping[str, tuple[Limit, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """A question in plain words with the query that answers it.

    Attributes:
        id: Name of its file without the suffix.
        titles: The question by language.
        readings: How to read the answer, by language.
        audience: Who asks it: analyst, policymaker or integrator.
        query: The SPARQL text.
        parameters: What it takes.
        table: The table of a release that answers the same; ``None`` if there is none.
        every: How the answer for one value is found in the answer for all; ``None`` if that is not said.
    """

    id: str
    titles: Mapping[str, str]
    readings: Mapping[str, str]
    audience: str
    query: str
    parameters: tuple[Parameter, ...] = field(default=())
    table: str | None = None
    every: Every | None = None

    def bindings(
        self, given: Mapping[str, str], *, base_iri: str = BASE_IRI, ontology: Ontology | None = None
    ) -> dict[str, Term]:
        """The parameters as terms, defaults filled in.

        Args:
            given: Values by name, as text.
            base_iri: Where the IRIs of things begin in the release that is asked (``Release.base_iri``).
            ontology: Where concepts are looked up; the one that comes with the package if left out.

        Raises:
            QuerySyntaxError: one is unknown, missing or of the wrong type; the text says what would be right.

        >>> find_question("coordinators").bindings({"country": "it"})
        {'country': <Literal value=IT datatype=<NamedNode value=http://www.w3.org/2001/XMLSchema#string>>}
        >>> find_question("who-said-so").bindings({"network": "alpha"}, base_iri="https://a.example/")
        {'network': <NamedNode value=https://a.example/network/alpha>}
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
                bound[parameter.name] = _term(value.strip(), parameter.type, base_iri, ontology)
            except QuerySyntaxError as error:
                raise QuerySyntaxError(f"Parameter '{parameter.name}': {error}") from None
        return bound

    def loosest(self) -> dict[str, Term]:
        """What is bound when all values are asked for at once: of each limit the one that leaves out nothing.

        >>> find_question("newest-profiles").loosest()["since"].value
        '0001-01-01'
        >>> find_question("coordinators").loosest()
        {}
        """
        limits = self.every.limits if self.every else ()
        types = {each.name: each.type for each in self.parameters}
        return {
            each.parameter: term_for(_EXTREMES[types[each.parameter]][0 if each.least else 1], types[each.parameter])
            for each in limits
        }

    def ask(
        self,
        store: Store,
        given: Mapping[str, str] | None = None,
        *,
        base_iri: str = BASE_IRI,
        ontology: Ontology | None = None,
    ) -> Rows:
        """The rows that answer the question; arguments as in :meth:`bindings`."""
        return store.select(self.query, self.bindings(given or {}, base_iri=base_iri, ontology=ontology))


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


def _term(value: str, kind: str, base_iri: str, ontology: Ontology | None) -> Term:
    """A value as the term that its type asks for."""
    kind, _, scheme = kind.partition(":")
    if kind == "concept":
        return _concept(value, (ontology or Ontology.load()).scheme(scheme))
    if kind == "vocabulary":
        return _vocabulary(value, ontology or Ontology.load())
    if kind == "country":
        if not re.fullmatch(r"[A-Za-z]{2}", value):
            raise QuerySyntaxError(f"'{value[:80]}' is not a country code. Write its two letters, such as DE.")
        return literal(value.upper())
    if kind in THINGS:
        return _thing(value, kind, base_iri)
    try:
        return term_for(value, kind)
    except QuerySyntaxError as error:
        raise QuerySyntaxError(f"{error} {_HINTS[kind]}") from None


def _concept(value: str, scheme: Scheme) -> Term:
    found = scheme.find(value) or scheme.find(value.removeprefix(scheme.iri + "/"))
    if found is None:
        words = {
            word.casefold(): concept.id
            for concept in scheme.concepts.values()
            for word in (*concept.others, *concept.labels.values(), concept.id)
        }
        close = dict.fromkeys(words[word] for word in near(value.casefold(), words))
        hint = f"Did you mean {' or '.join(close)}?" if close else f"It has {_some(scheme.concepts)}."
        raise QuerySyntaxError(f"'{value[:80]}' is not in the vocabulary '{scheme.id}'. {hint}")
    return iri(found.iri)


def _vocabulary(value: str, ontology: Ontology) -> Term:
    if value not in ontology.schemes:
        close = near(value.casefold(), ontology.schemes)
        hint = f"Did you mean {' or '.join(close)}?" if close else f"There are {_some(ontology.schemes)}."
        raise QuerySyntaxError(f"'{value[:80]}' is not a vocabulary. {hint}")
    return iri(ontology.schemes[value].iri)


def _some(names: Iterable[str]) -> str:
    first, *others = sorted(names)
    more = ["and others"] if len(others) > 4 else []
    return ", ".join([first, *others[:4], *more])


def _thing(value: str, kind: str, base_iri: str) -> Term:
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", value):
        return iri(value)
    if not _ID.fullmatch(value):
        raise QuerySyntaxError(
            f"'{value[:80]}' is not the id of {'an' if kind == 'actor' else 'a'} {kind}. "
            f"Write small letters, digits and hyphens, or the whole IRI that begins with {base_iri}{kind}/."
        )
    return iri(f"{base_iri}{kind}/{value}")


def _read(file: Path) -> Question:
    found: dict[str, str] = {}
    parameters: list[tuple[str, str, str | None, str]] = []
    german: dict[str, str] = {}
    every: dict[str, str] = {}
    lines = file.read_text("utf-8").splitlines()
    body = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    for line in lines[:body]:
        match = _HEADER.fullmatch(line.strip())
        if match is None:
            raise OntologyError(f"{file.name}: this header line is not understood: {line}")
        if match[1] == "param":
            parameters.append(_parameter(match[2], file.name))
        elif match[1].startswith("every"):
            every[match[1].removeprefix("every").strip()] = match[2]
        elif match[1] == "param@de":
            name, meaning = _german(match[2], file.name)
            german[name] = meaning
        else:
            found[match[1]] = match[2].strip()
    missing = [
        key for language in LANGUAGES for key in (f"title@{language}", f"reading@{language}") if key not in found
    ]
    if missing or "for" not in found:
        raise OntologyError(f"{file.name} has no {', '.join(missing) or 'for'} line.")
    for key, allowed in (("for", AUDIENCES), ("table", TABLES)):
        if key in found and found[key] not in allowed:
            raise OntologyError(f"{file.name}: '{key}: {found[key]}' must be one of {', '.join(allowed)}.")
    query = "\n".join(lines[body:]).strip() + "\n"
    return Question(
        id=file.stem,
        titles={language: found[f"title@{language}"] for language in LANGUAGES},
        readings={language: found[f"reading@{language}"] for language in LANGUAGES},
        audience=found["for"],
        query=query,
        parameters=tuple(_in_both_languages(parameters, german, file.name)),
        table=found.get("table"),
        every=_every(every, {name: kind for name, kind, *_ in parameters}, query, file.name) if every else None,
    )


def _every(lines: Mapping[str, str], types: Mapping[str, str], query: str, file: str) -> Every:
    """What the header says of all values at once; by the column that is told of, or nothing.

    Raises:
        OntologyError: it is not understood, names what is not there, or leaves a parameter out.
    """

    def limit(text: str) -> Limit:
        match = _LIMIT.fullmatch(text)
        if match is None or (match[1] in types) == (match[3] in types):
            raise OntologyError(f"{file}: write 'every: parameter <= column' or 'column <= parameter', not '{text}'.")
        least = match[1] in types
        parameter, column, mark = (match[1], match[3], match[4]) if least else (match[3], match[1], match[2])
        if types[parameter] not in _EXTREMES:
            raise OntologyError(
                f"{file}: '{text}' compares a {types[parameter]}; only {' and '.join(_EXTREMES)} are compared."
            )
        named(column)
        return Limit(parameter, column, least, bool(mark))

    def named(column: str) -> str:
        if not re.search(rf"\?{column}\b", query):
            raise OntologyError(f"{file}: 'every' names '{column}', which the query does not have.")
        return column

    parts = {column: [part.strip() for part in text.split(",")] for column, text in lines.items()}
    of_rows = parts.pop("", [])
    same = tuple(named(part) for part in of_rows if part in types)
    limits = tuple(limit(part) for part in of_rows if part not in types)
    told = {named(column): tuple(limit(part) for part in each) for column, each in parts.items()}
    missing = types.keys() - same - {each.parameter for each in limits}
    if missing:
        raise OntologyError(f"{file}: 'every' says nothing of the parameter '{min(missing)}'.")
    return Every(same, limits, told)


def _parameter(text: str, file: str) -> tuple[str, str, str | None, str]:
    """Name, type, default and English meaning."""
    match = _PARAMETER.fullmatch(text.strip())
    if match is None or not (match[2] in TYPES or match[2].startswith("concept:")):
        types = ", ".join((*TYPES, "concept:SCHEME"))
        raise OntologyError(f"{file}: write 'param: name, type, default — meaning' with a type of {types}.")
    return match[1], match[2], match[3] or None, match[4].strip()


def _german(text: str, file: str) -> tuple[str, str]:
    """Name and German meaning."""
    match = _GERMAN.fullmatch(text.strip())
    if match is None:
        raise OntologyError(f"{file}: write 'param@de: name — meaning', with the name of a parameter.")
    return match[1], match[2].strip()


def _in_both_languages(
    parameters: Iterable[tuple[str, str, str | None, str]], german: dict[str, str], file: str
) -> Iterator[Parameter]:
    for name, kind, default, english in parameters:
        if name not in german:
            raise OntologyError(f"{file}: write 'param@de: {name} — meaning' too: people read it in both languages.")
        yield Parameter(name, kind, default, {"en": english, "de": german.pop(name)})
    if german:
        raise OntologyError(f"{file}: there is a line 'param@de: {next(iter(german))}' and no 'param' of that name.")
