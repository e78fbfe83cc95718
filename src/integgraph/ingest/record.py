"""A record: what a profile answers, field by field, as a person writes it in YAML.

A record is plain data behind a thin typed face. Every field of the form holds an :class:`Answer`: its values, or the
reason why there are none. Reading never stops at the first fault: it collects every problem with file, line and field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from integgraph.errors import InputError, Problem, Severity
from integgraph.ingest import edtf, kinds, yamltext
from integgraph.ingest.kinds import Item
from integgraph.ingest.places import Gazetteer
from integgraph.ingest.yamltext import Where
from integgraph.ontology import Field, Form, Ontology, near

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
HEADER = ("id", "edition", "language", "names_language")
REASONS = ("stated-none", "not-stated", "not-recorded", "unreadable", "withheld", "not-asked")
_ABSENCE_KEYS = frozenset({"absent", "raw"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a field says: values, or (``reason``, ``raw``) when there are none.

    Attributes:
        items: The values, in the normal form of the field's kind.
        reason: Id of the reason of absence; ``None`` when there are values.
        raw: What stood there, for an unreadable answer.
        implied: Nobody wrote this absence down; it follows from how far the sources were read.
    """

    items: tuple[Item, ...] = ()
    reason: str | None = None
    raw: str | None = None
    implied: bool = False

    @property
    def answers(self) -> bool:
        """Whether the source answered: with a value or with a stated none."""
        return bool(self.items) or self.reason == "stated-none"


@dataclass(frozen=True, slots=True)
class Record:
    """One profile of one network.

    Attributes:
        id: Slug of the network, unique in the collection; the last part of its IRI.
        edition: Tells two profiles of one network apart; empty for the first.
        language: Language of the record's texts.
        names_language: Language of names; the record's language unless stated.
        answers: Answer by field key; every field with a required answer is there.
        file: Name of the file it was read from.
        sha256: Digest of that file's text.
        lines: Line of each value in the file.
    """

    id: str
    edition: str
    language: str
    names_language: str
    answers: Mapping[str, Answer]
    file: str = ""
    sha256: str = ""
    lines: Mapping[Where, int] = field(default_factory=dict, compare=False, repr=False)

    @property
    def slug(self) -> str:
        """Slug of the profile: the network's, with the edition where there is one."""
        return f"{self.id}--{self.edition}" if self.edition else self.id

    def answer(self, key: str) -> Answer:
        """The answer to a field; no answer and no rule for one gives an empty answer."""
        return self.answers.get(key, Answer(reason="not-recorded", implied=True))

    def items(self, key: str) -> tuple[Item, ...]:
        """The values of a field; empty when there are none."""
        return self.answer(key).items

    def line(self, where: Where) -> int | None:
        """Line of the value at ``where`` or of what encloses it."""
        while where not in self.lines and where:
            where = where[:-1]
        return self.lines.get(where)

    def read_whole(self) -> bool:
        """Whether every source was read to its end."""
        sources = self.items("sources")
        return bool(sources) and all(source.get("read", ["part"])[0] == "whole" for source in sources)

    def actors(self) -> Iterator[tuple[Item, Where]]:
        """Every actor defined in this record, with its place in it."""
        for key, answer in self.answers.items():
            for position, item in enumerate(answer.items):
                yield from kinds.defined_actors(item, (key, position))


class RecordReader:
    """Reads records against one ontology and place list; collects problems instead of stopping."""

    def __init__(self, ontology: Ontology, gazetteer: Gazetteer | None = None) -> None:
        kinds.check_form(ontology)
        self.ontology = ontology
        self.gazetteer = gazetteer or Gazetteer()

    @property
    def form(self) -> Form:
        """The form that the records fill in."""
        return self.ontology.form

    def file(self, file: Path) -> tuple[Record, list[Problem]]:
        """Read one record file; warnings are returned.

        Raises:
            InputError: with every violation in the file.
        """
        return self.document(yamltext.load(yamltext.read_text(file), file.name), file.name)

    def document(self, document: yamltext.Document, name: str) -> tuple[Record, list[Problem]]:
        """Read one record from a parsed document; see :meth:`file`."""
        reading = Reading(self.ontology, self.gazetteer, name, document)
        record = reading.record()
        if record is None or any(problem.severity == "violation" for problem in reading.problems):
            raise InputError(reading.problems)
        return record, reading.problems

    def data(self, data: Mapping[str, Any], name: str = "") -> tuple[Record, list[Problem]]:
        """Read one record from plain data, as ``import`` makes it."""
        return self.document(yamltext.load(yamltext.dump(dict(data)), name), name)


class Reading:
    """One reading of one document: the context that the kinds of value report to."""

    def __init__(self, ontology: Ontology, gazetteer: Gazetteer, name: str, document: yamltext.Document) -> None:
        self.ontology = ontology
        self.gazetteer = gazetteer
        self.name = name
        self.document = document
        self.problems: list[Problem] = []
        self.language = "en"
        self.names_language = "en"
        self.actor_ids: dict[str, Where] = {}
        self.references: list[tuple[str, Where]] = []
        self.source_ids: set[str] = set()

    def problem(
        self, where: Where, message: str, advice: str = "", severity: Severity = "violation", *, german: str = ""
    ) -> None:
        """Note a problem at a place in the record; ``german`` is the message for what travels to a page."""
        line, field = self.document.line(where), show(where) or None
        self.problems.append(Problem(message, severity, self.name, line, field, advice, german=german))

    def record(self) -> Record | None:
        """The record, as far as it can be read; what is wrong stands in ``problems``."""
        data = self.document.data
        if not isinstance(data, dict):
            self.problem((), "A profile is a list of 'key: value' lines.", "See docs/records.md for an example.")
            return None
        header = self._header(data)
        self._source_names(data.get("sources"))
        answers = {}
        for key, raw in data.items():
            if key in HEADER:
                continue
            each = self.ontology.form.get(key)
            if each is None:
                self._unknown(key)
                continue
            answer = self.answer(each, raw)
            if answer is not None:
                answers[key] = answer
        self._mandatory(data, answers)
        self._references()
        record = Record(
            id=header["id"],
            edition=header["edition"],
            language=self.language,
            names_language=self.names_language,
            answers=answers,
            file=self.name,
            sha256=self.document.sha256,
            lines=self.document.lines,
        )
        record = replace(record, answers=self._complete(record))
        self._dates(record)
        return record

    # -- header

    def _header(self, data: Mapping[str, Any]) -> dict[str, str]:
        header = {}
        for key in HEADER:
            value = data.get(key, "")
            if not isinstance(value, str):
                self.problem((key,), f"'{key}' is one word, not a list.")
                value = ""
            header[key] = value.strip()
        if not header["id"]:
            self.problem(("id",), "The profile has no id.", "Add a line such as 'id: netzwerk-integration-harz'.")
        for key in ("id", "edition"):
            if header[key] and not SLUG.fullmatch(header[key]):
                self.problem(
                    (key,), f"The {key} '{header[key]}' may hold only small letters a–z, digits and single hyphens."
                )
        for key in ("language", "names_language"):
            tag = kinds.language_tag(header[key]) if header[key] else ""
            if tag is None:
                self.problem((key,), f"'{header[key]}' is not a language code.", "Write de, en, fr and so on.")
            header[key] = tag or ""
        self.language = header["language"] or "en"
        self.names_language = header["names_language"] or self.language
        return header

    def _source_names(self, raw: Any) -> None:
        for position, source in enumerate(raw if isinstance(raw, list) else [raw]):
            given = source.get("id") if isinstance(source, dict) else None
            name = given if isinstance(given, str) else f"s{position + 1}"
            where: Where = ("sources", position, "id") if isinstance(raw, list) else ("sources", "id")
            if not SLUG.fullmatch(name):
                self.problem(
                    where, f"The source id '{name}' may hold only small letters a–z, digits and single hyphens."
                )
            if name in self.source_ids:
                self.problem(where, f"Two sources have the id '{name}'.", "Without an id they are s1, s2 and so on.")
            self.source_ids.add(name)

    def _unknown(self, key: str) -> None:
        if key == "source" and self.ontology.form.get("sources"):
            self.problem((key,), "The form has no field 'source'.", "Write 'sources:'.")
            return
        row = self.ontology.form.row(key)
        if row is not None:
            self.problem(
                (key,),
                f"'{key}' is a label of the form, not a key.",
                f"Write one of these keys: {', '.join(each.key for each in row.fields)}.",
            )
            return
        similar = near(key, [each.key for each in self.ontology.form.fields] + list(HEADER))
        advice = f"Did you mean {' or '.join(similar)}?" if similar else "docs/fields.md lists all fields."
        self.problem((key,), f"The form has no field '{key}'.", advice)

    # -- answers

    def answer(self, each: Field, raw: Any) -> Answer | None:
        """Read the answer to one field."""
        where: Where = (each.key,)
        if isinstance(raw, dict) and "absent" in raw:
            return self._absence(each, raw)
        if raw in ("", [], {}):
            self.problem(
                where,
                f"'{each.name()}' is empty.",
                "Give a value, write 'absent: stated-none' if the source says there is none, or leave the key out.",
            )
            return None
        if isinstance(raw, list) and any(isinstance(item, dict) and "absent" in item for item in raw):
            self.problem(
                where, f"'{each.name()}' has a value beside an absence.", "Keep the value, or the absence, not both."
            )
            return None
        items = self.values(each, raw, where)
        return Answer(tuple(items)) if items else None

    def values(self, each: Field, raw: Any, where: Where) -> list[Item]:
        """Read the values of a field or part: one value, or a list of them."""
        kind = kinds.KINDS[each.kind]
        raws = list(enumerate(raw)) if isinstance(raw, list) else [(None, raw)]
        items: list[Item] = []
        for position, one in raws:
            place = where if position is None else (*where, position)
            items.extend(kind.read(one, each, self, place))
        if each.maximum is not None and len(items) > each.maximum:
            shown = ", ".join(kinds.short(item) for item in items[:3])
            self.problem(
                where,
                f"'{each.name()}' has {len(items)} values ({shown}), but only {each.maximum} is allowed.",
                "Keep one; put the others into evidence or notes.",
            )
            return []
        if each.unique_language:
            languages = [item["lang"] for item in items if isinstance(item, dict) and "lang" in item]
            doubled = sorted({language for language in languages if languages.count(language) > 1})
            if doubled:
                self.problem(where, f"'{each.name()}' has two texts in {doubled[0]}.", "Keep one per language.")
                return []
        return items

    def _absence(self, each: Field, raw: Mapping[str, Any]) -> Answer | None:
        where: Where = (each.key,)
        others = sorted(set(raw) - _ABSENCE_KEYS)
        if others:
            self.problem(where, f"'{each.name()}' has a value ({others[0]}) beside an absence.", "Keep one of the two.")
            return None
        reason = raw["absent"]
        if reason not in REASONS:
            self.problem(
                (*where, "absent"), f"'{reason}' is not a reason of absence.", f"Use one of: {', '.join(REASONS)}."
            )
            return None
        text = raw.get("raw")
        if "raw" in raw and not isinstance(text, str):
            self.problem((*where, "raw"), "The raw text is one plain text.", "Put it in quotes.")
            return None
        if reason == "unreadable" and text is None:
            self.problem(where, "An unreadable answer needs the text that stands there.", "Add 'raw: …'.")
            return None
        return Answer(reason=reason, raw=text)

    # -- what must be there

    def _mandatory(self, data: Mapping[str, Any], answers: Mapping[str, Answer]) -> None:
        for each in self.ontology.form.fields:
            if each.minimum and each.key not in answers and each.key not in data:
                self.problem(
                    (), f"'{each.name()}' is missing.", f"Add '{each.key}: …'. {each.help.get('en', '')}".strip()
                )
            elif each.minimum and each.key in answers and not answers[each.key].items:
                self.problem((each.key,), f"'{each.name()}' cannot be absent.", "Give a value.")
        if not (answers.get("seat") and answers["seat"].items) and not (answers.get("area") and answers["area"].items):
            if not {"seat", "area"} & {(problem.field or "").partition("[")[0] for problem in self.problems}:
                self.problem(
                    (), "The profile names neither a seat nor an area of activity.", "Add at least 'area: country-de'."
                )

    def _references(self) -> None:
        for name, where in self.references:
            if name not in self.actor_ids:
                similar = near(name, self.actor_ids)
                hint = f"Did you mean {' or '.join(similar)}? " if similar else ""
                self.problem(
                    where,
                    f"No actor '{name}' is defined in this record.",
                    f"{hint}Define it where it first stands: {{id: {kinds.slug(name) or 'some-id'}, name: …}}.",
                )

    def _complete(self, record: Record) -> dict[str, Answer]:
        """Every field that needs an answer gets one: what nobody wrote down is not stated, or was not recorded."""
        reason = "not-stated" if record.read_whole() else "not-recorded"
        answers = dict(record.answers)
        for each in self.ontology.form.fields:
            if each.required and each.key not in answers:
                answers[each.key] = Answer(reason=reason, implied=True)
        order = {each.key: position for position, each in enumerate(self.ontology.form.fields)}
        return dict(sorted(answers.items(), key=lambda item: order[item[0]]))

    # -- dates against each other: "the future" begins after the newest retrieval, never at today's date

    def _dates(self, record: Record) -> None:
        retrieved = [day for source in record.items("sources") for day in source.get("retrieved", [])]
        newest = max(retrieved, default=None)
        status = _period(record, "status_date")
        founded, ended = _period(record, "founded"), _period(record, "ended")
        if newest:
            for key, period in (("status_date", status), ("founded", founded)):
                if period and period.earliest and period.earliest.isoformat() > newest:
                    self.problem(
                        (key,),
                        f"'{self.ontology.form.field(key).name()}' ({period.text}) is later than the day its newest "
                        f"source was retrieved ({newest}).",
                        "Correct one of the two dates.",
                    )
        if founded and ended and founded.earliest and ended.latest and ended.latest < founded.earliest:
            self.problem(("ended",), f"The network ended ({ended.text}) before it was founded ({founded.text}).")


def _period(record: Record, key: str) -> edtf.Period | None:
    items = record.items(key)
    return edtf.parse(items[0]) if items else None


def show(where: Where) -> str:
    """A path as people write it.

    >>> show(("members", 2, "roles"))
    'members[3].roles'
    """
    text = ""
    for step in where:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def to_data(record: Record, ontology: Ontology) -> dict[str, Any]:
    """The record as plain data in the order of the form, ready for YAML; implied absences are left out."""
    writing = kinds.Writing(record.language, record.names_language)
    data: dict[str, Any] = {"id": record.id}
    if record.edition:
        data["edition"] = record.edition
    data["language"] = record.language
    if record.names_language != record.language:
        data["names_language"] = record.names_language
    for each in (ontology.form.field("review"), *ontology.form.fields):
        answer = record.answers.get(each.key)
        if answer is None or answer.implied or each.key in data:
            continue
        if answer.reason is not None:
            data[each.key] = {"absent": answer.reason} | ({"raw": answer.raw} if answer.raw is not None else {})
        else:
            data[each.key] = kinds.write_items(answer.items, each, writing)
    return data


def collisions(records: Sequence[Record]) -> list[Problem]:
    """Ids that two records claim: a profile twice, or one actor id in two networks.

    Editions of one network may share actor ids; two networks never do: only a decision makes their actors one.
    """
    problems: list[Problem] = []
    profiles: dict[str, Record] = {}
    actors: dict[str, Record] = {}
    for record in records:
        other = profiles.setdefault(record.slug, record)
        if other is not record:
            problems.append(
                Problem(
                    f"The id '{record.slug}' is already used in {other.file}.",
                    file=record.file,
                    line=record.line(("id",)),
                    field="id",
                    advice="If both describe one network, give the newer one an 'edition: …'; otherwise rename one.",
                )
            )
            continue
        for actor, where in record.actors():
            owner = actors.setdefault(actor["id"], record)
            if owner.id != record.id:
                problems.append(
                    Problem(
                        f"The actor id '{actor['id']}' is already used in {owner.file}.",
                        file=record.file,
                        line=record.line(where),
                        field=show(where),
                        advice=f"Give this one its own id, such as {actor['id']}-{record.id}; "
                        "whether the two are one is decided in data/links.",
                    )
                )
    return problems
