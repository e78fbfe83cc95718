"""What a report is made of: sections with answers, tables, figures and the sentences that must stand beside them.

A report holds both languages; :mod:`~integgraph.analysis.reports.rendering` writes it in one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from integgraph.analysis.measures.answers import Answer, Language, State, Text
from integgraph.errors import NotFound
from integgraph.ontology import near

Kind: TypeAlias = Literal["network", "actor", "funder", "collection", "comparison"]
KINDS: tuple[Kind, ...] = ("network", "actor", "funder", "collection")
"""What :func:`~integgraph.analysis.reports.analyse` reports on."""


@dataclass(frozen=True, slots=True)
class Thing:
    """What an answer or a cell of a table speaks of.

    Attributes:
        iri: Its IRI; empty for what has none, such as a selection.
        label: Its name, in both languages.
    """

    iri: str
    label: Text

    @classmethod
    def of(cls, iri: str, label: str) -> Thing:
        """A thing with one name in both languages."""
        return cls(iri, Text(label, label))


Cell: TypeAlias = str | int | float | Text | Thing | None
"""A cell of a table; ``None`` is *not known*, and never 0."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table, as it is shown and as it stands behind a figure.

    Attributes:
        title: What it shows.
        columns: Heads of the columns; of the first column too.
        rows: Cells, in the order of the columns.
        note: What must be known to read it.
        left_out: How many rows are not shown.
    """

    title: Text
    columns: tuple[Text, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: Text | None = None
    left_out: int = 0


# ---------------------------------------------------------------------------------------------------------------------
# Figures: what is drawn, without how


@dataclass(frozen=True, slots=True)
class Shares:
    """Filled, dotted and empty squares (or parts of a bar, where there are many): rows of known, stated none, unknown.

    Attributes:
        rows: Label, and how many of each part.
        parts: Names of the parts: known, stated none, unknown.
    """

    rows: tuple[tuple[Text, tuple[int, int, int]], ...]
    parts: tuple[Text, Text, Text]


@dataclass(frozen=True, slots=True)
class Dots:
    """Who is listed where: rows of actors, columns of networks."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    ties: frozenset[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Heat:
    """How many networks list both: 0, 1, 2 or more; ``None`` is not known and is hatched."""

    rows: tuple[Text, ...]
    columns: tuple[Text, ...]
    cells: tuple[tuple[int | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """One row a unit on one scale: a dot, and a band behind it.

    Attributes:
        rows: Label; value; low and high end of the band; each ``None`` where it is not known or says nothing.
        scale: What the scale measures.
        band: What the band is.
        ends: Least and most of the scale.
        percent: Whether the scale is a share.
    """

    rows: tuple[tuple[Text, float | None, float | None, float | None], ...]
    scale: Text
    band: Text
    ends: tuple[float, float]
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Pairs:
    """Before and after, or earlier and later, on one scale of counts.

    Attributes:
        rows: Label, number before, number after.
        before, after: What the two are.
    """

    rows: tuple[tuple[Text, int, int], ...]
    before: Text
    after: Text


@dataclass(frozen=True, slots=True)
class Steering:
    """Small pictures of who steers, one a unit; ``None`` where it is not determinable."""

    units: tuple[tuple[Text, str | None], ...]


Drawing: TypeAlias = Shares | Dots | Heat | Strip | Pairs | Steering


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with its twin.

    Attributes:
        title: What it shows; the title of the picture for those who cannot see it.
        says: What is to be seen, in a sentence.
        basis: Numbers of actors and networks and dates that it rests on.
        drawing: What is drawn.
        twin: The same as a table.
    """

    title: Text
    says: Text
    basis: Text
    drawing: Drawing
    twin: Table


# ---------------------------------------------------------------------------------------------------------------------
# Reports


@dataclass(frozen=True, slots=True)
class Line:
    """One answer, of what it speaks, and its value as a cell can hold it.

    Attributes:
        scope: What the answer speaks of.
        answer: The whole answer.
        value: Its value in short; ``None`` where it has none, or one that only a table can hold.
        unit: What the value counts or measures.
    """

    scope: Thing
    answer: Answer[Any]
    value: float | str | None = None
    unit: str = ""

    @property
    def state(self) -> State:
        """How far the answer may be relied on."""
        return self.answer.state


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as it is shown: those of several things that say the same, and are no findings, are said once.

    Attributes:
        scopes: What it speaks of.
        line: The first of the answers.
    """

    scopes: tuple[Thing, ...]
    line: Line


@dataclass(frozen=True, slots=True)
class Section:
    """One plain question with all that answers it.

    Attributes:
        key: Short name, such as ``known``.
        title: The question.
        lines: The answers.
        says: Further sentences that follow from them.
        beside: What must stand beside every number of this section.
        figures: Pictures, each with its twin.
        tables: Further tables.
    """

    key: str
    title: Text
    lines: tuple[Line, ...] = ()
    says: tuple[Text, ...] = ()
    beside: tuple[Text, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()

    @property
    def said(self) -> list[Said]:
        """The answers, one measure after the other; what several things have alike and is no finding is one."""
        order = {key: at for at, key in enumerate(dict.fromkeys(line.answer.measure for line in self.lines))}
        found: dict[tuple[str, str, str], list[Line]] = {}
        for line in sorted(self.lines, key=lambda each: order[each.answer.measure]):
            alike = line.state is not State.VALUE
            key = (line.answer.measure, line.answer.sentence.en, "" if alike else line.scope.iri + line.scope.label.en)
            found.setdefault(key, []).append(line)
        return [Said(tuple(line.scope for line in lines), lines[0]) for lines in found.values()]

    @property
    def several(self) -> bool:
        """Whether its answers speak of more than one thing, so that each must name it."""
        return len({line.scope for line in self.lines}) > 1


@dataclass(frozen=True, slots=True)
class Report:
    """What a release says of a network, an actor, a funder, a collection or several beside each other.

    Attributes:
        kind: What it is about.
        title: Its title.
        scope: What it speaks of; several in a comparison.
        facts: What stands on top: names with their cells.
        notes: What a reader must know of all that follows.
        sections: The questions.
        release: Id of the release.
        created: When that release was built.
        release_iri: IRI of the release, for statements about it.
        version: Version of the software that made the report.
    """

    kind: Kind
    title: Text
    scope: tuple[Thing, ...]
    facts: tuple[tuple[Text, Cell], ...]
    notes: tuple[Text, ...]
    sections: tuple[Section, ...]
    release: str
    created: str
    release_iri: str
    version: str

    @property
    def lines(self) -> Iterator[tuple[Section, Line]]:
        """Every answer with the section it stands in."""
        return ((section, line) for section in self.sections for line in section.lines)

    def __getitem__(self, key: str) -> Section:
        """The section with this key.

        Raises:
            NotFound: there is none; those that are there are named.
        """
        for section in self.sections:
            if section.key == key:
                return section
        keys = [section.key for section in self.sections]
        raise NotFound(f"This report has no section '{key[:60]}'. It has: {', '.join(keys)}.", near(key, keys))

    def answer(self, measure: str) -> Answer[Any]:
        """The first answer of a measure, such as ``governance-mode``.

        Raises:
            NotFound: the report does not have it; those that it has are named.
        """
        for _, line in self.lines:
            if line.answer.measure == measure:
                return line.answer
        measures = list(dict.fromkeys(line.answer.measure for _, line in self.lines))
        told = f"This report does not answer '{measure[:60]}'. It answers: {', '.join(measures)}."
        raise NotFound(told, near(measure, measures))

    def render(self, form: str = "markdown", language: Language = "en") -> str:
        """The report as a text.

        Args:
            form: ``json``, ``csv``, ``markdown``, ``html`` or ``turtle``.
            language: ``en`` or ``de``.

        Raises:
            Unprocessable: there is no such form or language; those that there are are named.
        """
        from integgraph.analysis.reports.rendering import render

        return render(self, form, language)


def cell_text(cell: Cell, language: Language) -> str:
    """A cell as text; not known is said so.

    >>> cell_text(None, "de"), cell_text(0.25, "de"), cell_text(Text("yes", "ja"), "en"), cell_text(12345, "en")
    ('unbekannt', '0,25', 'yes', '12,345')
    """
    if cell is None:
        return Text("unknown", "unbekannt")[language]
    if isinstance(cell, Thing):
        return cell.label[language]
    if isinstance(cell, Text):
        return cell[language]
    if isinstance(cell, float):
        text = f"{cell:,.2f}".rstrip("0").rstrip(".")
        return text.translate(_GERMAN) if language == "de" else text
    if isinstance(cell, int):
        return f"{cell:,}".translate(_GERMAN) if language == "de" else f"{cell:,}"
    return cell


_GERMAN = str.maketrans(",.", ".,")


def shortened(rows: Sequence[tuple[Cell, ...]], most: int) -> tuple[tuple[tuple[Cell, ...], ...], int]:
    """The first rows, and how many are left out."""
    return tuple(rows[:most]), max(0, len(rows) - most)
