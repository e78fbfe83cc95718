"""What a form contains, as data: sections, blocks and columns, derived from the shapes.

A *block* asks one field of the form. It is a table: one row an answer, one column a part of it. A plain field has one
column. Besides the fields there are a block for the header of a record and one for organisations that are named only
inside other answers. Every text is in the language of the form.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from integgraph.errors import Unprocessable
from integgraph.ingest import yamltext
from integgraph.ingest.forms import words
from integgraph.ingest.kinds import slug
from integgraph.ingest.record import REASONS
from integgraph.ontology import LANGUAGES, Field, Ontology, Shape, normalise_label

HEADER = "@header"
ORGANISATIONS = "@organisations"
FURTHER = "@further"
VALUE = "@value"
LONG_LIST = 15
"""A list with more terms than this stands at the end of a form on paper, not beside its field."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a block.

    Attributes:
        key: Key of the part; ``@value`` where the field has no parts.
        label: Heading, unique in the block.
        field: Kind, cardinality and vocabulary of what stands in it.
        choices: The terms to choose from; empty where anything may stand.
        inner: For the column of further details: the columns that it stands for.
        closed: Only one of ``choices`` may stand here, once.
    """

    key: str
    label: str
    field: Field
    choices: tuple[str, ...] = ()
    inner: tuple[Column, ...] = ()
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """One question of the form.

    Attributes:
        key: Key of the field, or one of ``@header`` and ``@organisations``.
        title: Its label.
        help: What to write.
        example: An example, as it is written in this form; may be empty.
        columns: At least one.
        rows: What stands in the cells; empty in a blank form.
        reasons: Why there may be no answer, to choose from; empty where an answer cannot be missing.
        absence: The reason that is filled in.
        single: At most one row.
        several: More than one row is usual.
    """

    key: str
    title: str
    help: str
    columns: tuple[Column, ...]
    example: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    reasons: tuple[str, ...] = ()
    absence: str = ""
    single: bool = False
    several: bool = True

    @property
    def spare(self) -> int:
        """How many empty rows it has beside those that are filled in."""
        if self.single:
            return 0 if self.rows else 1
        return 3 if self.several and not self.rows else 1


@dataclass(frozen=True, slots=True)
class Group:
    """What stands as one row in the form on paper: a label and the blocks below it."""

    title: str
    blocks: tuple[Block, ...]

    @property
    def plain(self) -> bool:
        """Whether the only block says the same as the group."""
        return len(self.blocks) == 1 and normalise_label(self.blocks[0].title) == normalise_label(self.title)


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the form."""

    title: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """A whole form in one language.

    Attributes:
        language: ``en`` or ``de``.
        title: Its title; with the name of the network where it came filled in.
        intro: Paragraphs in front of it.
        parts: Its sections.
        lists: Terms of every vocabulary that it uses, by the vocabulary's title.
    """

    language: str
    title: str
    intro: tuple[str, ...]
    parts: tuple[Part, ...]
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def blocks(self) -> Iterator[Block]:
        """All blocks in order."""
        return (block for part in self.parts for group in part.groups for block in group.blocks)

    @property
    def mark(self) -> str:
        """What tells a reader that this is our form."""
        return f"{words.MARK} {words.VERSION} {self.language}"

    def folded(self, most: int) -> Content:
        """The same form with at most so many columns in a block."""
        return self.filled({block.key: folded(block, self.language, most) for block in self.blocks}, self.title)

    def unfolded(self) -> Content:
        """The same form with every column, and one for further details in each block."""
        return self.filled({block.key: unfolded(block, self.language) for block in self.blocks}, self.title)

    def filled(self, blocks: Mapping[str, Block], title: str) -> Content:
        """The same form with other blocks in the place of those of the same keys."""
        parts = tuple(
            replace(
                part,
                groups=tuple(
                    replace(group, blocks=tuple(blocks.get(block.key, block) for block in group.blocks))
                    for group in part.groups
                ),
            )
            for part in self.parts
        )
        return replace(self, parts=parts, title=title)


@dataclass(frozen=True, slots=True)
class Filled:
    """What a reader found in a form: texts of cells, nothing interpreted.

    Attributes:
        rows: Rows by key of the block; a row has the texts of its cells by key of the column.
        absences: Reason by key of the block.
        strays: Texts that stand in no place of the form, each with where it stands.
    """

    rows: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    absences: dict[str, str] = field(default_factory=dict)
    strays: list[tuple[str, str]] = field(default_factory=list)

    def row(self, key: str, cells: Mapping[str, str]) -> None:
        """Note a row, unless it is empty."""
        found = {column: text for column, text in cells.items() if text.strip()}
        if found:
            self.rows.setdefault(key, []).append(found)

    def absence(self, key: str, text: str, where: str) -> None:
        """Note why there is no answer; a second reason is a stray text."""
        if not text.strip():
            return
        if key in self.absences:
            self.strays.append((text, where))
        else:
            self.absences[key] = text


def blank(ontology: Ontology, language: str, *, also: Collection[str] = (), whole: bool = False) -> Content:
    """The form without answers.

    Args:
        ontology: The form as shapes.
        language: ``en`` or ``de``.
        also: Keys of fields to ask for although they speak of other fields (evidence, open questions), which a blank
            form asks nobody for.
        whole: Also the columns that only a record needs: ids, and which source says so.

    Raises:
        Unprocessable: there is no form in this language.

    >>> content = blank(Ontology.load(), "de")
    >>> [part.title for part in content.parts][1:3]
    ['Allgemeine Angaben', 'Netzwerkprofil']
    >>> block = next(block for block in content.blocks if block.key == "websites")
    >>> [column.label for column in block.columns]
    ['Adresse', 'Gehört zu']
    """
    if language not in LANGUAGES:
        raise Unprocessable(f"There is no form in '{language}'. There is one in: {', '.join(LANGUAGES)}.")
    return _Deriving(ontology, language, whole).content(also)


class _Deriving:
    """Derives the form in one language."""

    def __init__(self, ontology: Ontology, language: str, whole: bool) -> None:
        self.ontology = ontology
        self.language = language
        self.whole = whole
        self.lists: dict[str, tuple[str, ...]] = {}

    def content(self, also: Collection[str]) -> Content:
        parts = [Part(words.ABOUT[self.language], (self._group(self._header()),))]
        for section in self.ontology.form.sections:
            groups = []
            for row in section.rows:
                asked = [each for each in row.fields if each.key in also or not _about_fields(each)]
                blocks = tuple(self._block(each) for each in asked)
                if blocks:
                    groups.append(Group(row.name(self.language), blocks))
            parts.append(Part(section.name(self.language), tuple(groups)))
        last = parts[-1]
        parts[-1] = replace(last, groups=(self._group(self._organisations()), *last.groups))
        lists = dict(sorted(self.lists.items(), key=lambda item: item[0].casefold()))
        return Content(self.language, words.TITLE[self.language], words.intro(self.language), tuple(parts), lists)

    def _group(self, block: Block) -> Group:
        return Group(block.title, (block,))

    def _header(self) -> Block:
        fields = [Field("", key, "string", "", names, maximum=1) for key, names in words.HEADER_LABELS.items()]
        help_text = (words.HEADER_HELP if self.whole else words.NEW_HELP)[self.language]
        return Block(HEADER, words.HEADER[self.language], help_text, self._columns(fields), single=True)

    def _organisations(self) -> Block:
        columns = self._columns(actor_parts(self.ontology.form.actor))
        return Block(
            ORGANISATIONS, words.ORGANISATIONS[self.language], words.ORGANISATIONS_HELP[self.language], columns
        )

    def _block(self, each: Field) -> Block:
        return Block(
            key=each.key,
            title=each.name(self.language),
            help=" ".join(filter(None, (each.help.get(self.language) or each.help.get("en", ""), self._how(each)))),
            columns=self._columns(parts_of(each, self.ontology)),
            example=self._example(each),
            reasons=reasons_of(self.ontology, self.language) if each.required else (),
            single=each.single,
            several=not each.unique_language,
        )

    def _how(self, each: Field) -> str:
        """How values that have parts themselves stand in one cell."""
        told = []
        for part in each.node.parts if each.node else ():
            if part.node and part.kind == "node" and not part.inline:
                first = part.node.shorthand or part.node.parts[0]
                others = [self._column(one).label for one in part.node.parts if one is not first]
                shape = "; ".join([f"<{self._column(first).label}>", *(f"{label}: …" for label in others)])
                told.append(words.HOW_PARTS[self.language].format(label=self._column(part).label, shape=shape))
        return " ".join(told)

    def _example(self, each: Field) -> str:
        """The example of the shape as it is written in the cells; one in plain English stays out of other forms."""
        if not each.example:
            return ""
        raw = yamltext.load(f"- {each.example}" if each.node else f"- '{each.example}'", each.key).data[0]
        if not isinstance(raw, dict):
            bare = each.node.inline or each.node.shorthand if each.node else None
            return self._shown(raw, bare or each)
        parts = {part.key: part for part in parts_of(each, self.ontology)}
        told = [
            (self._column(parts[key]).label, self._shown(value, parts[key]))
            for key, value in raw.items()
            if key in parts and key != "id"
        ]
        return "; ".join(f"{label}: {text}" for label, text in told if text)

    def _shown(self, raw: object, each: Field) -> str:
        if isinstance(raw, list):
            return ", ".join(filter(None, (self._shown(one, each) for one in raw)))
        text = str(raw)
        if each.scheme:
            concept = self.ontology.scheme(each.scheme).find(text)
            return concept.label(self.language) if concept else text
        if each.kind == "boolean":
            return (words.YES if text == "yes" else words.NO)[self.language]
        if each.kind == "field":
            named = self.ontology.form.get(text)
            return named.name(self.language) if named else text
        prose = each.kind == "text" or (each.kind == "node" and each.node is not None)
        return "" if prose and self.language != "en" else text

    def _columns(self, fields: Sequence[Field]) -> tuple[Column, ...]:
        columns = [self._column(each) for each in fields if self.whole or not _only_in_records(each)]
        labels = [normalise_label(column.label) for column in columns]
        return tuple(
            column
            if labels.count(label) == 1
            else replace(column, label=f"{column.label} ({column.key.replace('_', ' ')})")
            for column, label in zip(columns, labels, strict=True)
        )

    def _column(self, each: Field) -> Column:
        label = each.name(self.language).replace(":", ",")  # a colon ends a label
        return Column(each.key, label, each, self._choices(each), closed=each.single and each.node is None)

    def _choices(self, each: Field) -> tuple[str, ...]:
        if each.kind == "boolean":
            return (words.YES[self.language], words.NO[self.language])
        if each.kind == "choice":
            return each.choices
        if each.kind == "field":
            return tuple(one.name(self.language) for one in self.ontology.form.fields)
        if each.node and each.node.shorthand:
            return self._choices(each.node.shorthand)
        if each.scheme is None:
            return ()
        scheme = self.ontology.scheme(each.scheme)
        known = self.lists.get(scheme.label(self.language))
        if known:
            return known
        labels = tuple(
            sorted(
                (concept.label(self.language) for concept in scheme.concepts.values()),
                key=lambda label: (slug(label) or "~", label),
            )
        )
        self.lists[scheme.label(self.language)] = labels
        return labels


def reasons_of(ontology: Ontology, language: str) -> tuple[str, ...]:
    """Why there may be no answer, to choose from; the most frequent first.

    >>> reasons_of(Ontology.load(), "de")[:2]
    ('Angegeben: keine', 'Nicht angegeben')
    """
    return tuple(ontology.scheme("absence").concepts[reason].label(language) for reason in REASONS)


def _only_in_records(each: Field) -> bool:
    return each.kind == "source" or (each.key in ("id", "edition") and each.kind == "string")


def _about_fields(each: Field) -> bool:
    return each.node is not None and any(part.kind == "field" for part in each.node.parts)


def parts_of(each: Field, ontology: Ontology) -> tuple[Field, ...]:
    """The parts of a field's values, each with its kind; a value without parts is its own only part.

    >>> ontology = Ontology.load()
    >>> [part.key for part in parts_of(ontology.form.field("fields_of_action"), ontology)]
    ['wording', 'concept', 'source']
    """
    if each.kind in ("concept", "practice"):
        return concept_parts(each)
    if each.node is None or each.kind != "node":
        return (replace(each, key=VALUE, names=words.VALUE, node=None),)
    parts: list[Field] = []
    for part in each.node.parts:
        parts.extend(actor_parts(ontology.form.actor) if part.inline else (part,))
    return tuple(parts)


def concept_parts(each: Field) -> tuple[Field, ...]:
    """The parts of a concept with its wording."""
    return (
        Field("", "wording", "text", "", words.WORDING, maximum=1, shorthand=True),
        Field("", "concept", "term", "", words.CONCEPT, scheme=each.scheme),
        Field("", "source", "source", "", words.SOURCE, maximum=1),
    )


def actor_parts(shape: Shape) -> tuple[Field, ...]:
    """The parts of an organisation: those of its shape, and what tells it from others."""
    return (
        *shape.parts,
        Field("", "group", "boolean", "", words.ACTOR_GROUP, maximum=1),
        Field("", "id", "string", "", words.ACTOR_ID, maximum=1),
    )


def folded(block: Block, language: str, most: int) -> Block:
    """The block with at most so many columns: parts that few people need share one column of further details.

    What a part needs is taken from its shape: the name, what is mandatory and what comes from a list or is short stay;
    sources, ids and long wordings go first.
    """
    if len(block.columns) <= most:
        return block
    ranked = sorted(range(len(block.columns)), key=lambda index: (_rank(block.columns[index]), index))
    kept = sorted(ranked[: most - 1])
    inner = tuple(block.columns[index] for index in range(len(block.columns)) if index not in kept)
    further = Column(FURTHER, words.FURTHER[language], Field("", FURTHER, "string", "", {}), inner=inner)
    return replace(block, columns=(*(block.columns[index] for index in kept), further))


def unfolded(block: Block, language: str) -> Block:
    """The block with all its columns, and one of further details for whatever was folded."""
    further = Column(FURTHER, words.FURTHER[language], Field("", FURTHER, "string", "", {}), inner=block.columns)
    return replace(block, columns=(*block.columns, further))


def _rank(column: Column) -> int:
    each = column.field
    if each.shorthand or each.minimum:
        return 0
    if column.key in ("id", "group") or each.kind in ("source", "url"):
        return 4
    if each.kind in ("text", "name"):
        return 3
    return 2 if column.choices else 1
