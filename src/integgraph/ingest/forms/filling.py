"""A record into the blocks of a form, and the blocks of a filled form back into the data of a record.

Organisations are the one thing that blocks share. Where a table has columns for one, its details stand there; an
organisation that is named only inside another answer stands in a table of its own. A text names an organisation by its
name or id, wherever it was described. Which of the places in a record holds the description is not kept: it comes to
the first that can hold it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, count
from typing import Any

from integgraph.ingest import kinds
from integgraph.ingest.forms import words
from integgraph.ingest.forms.cells import (
    Directory,
    Mention,
    Reader,
    Writer,
    as_parts,
    fold,
    held,
    no_answer,
    raw_labels,
    released,
    scan,
)
from integgraph.ingest.forms.content import HEADER, ORGANISATIONS, VALUE, Block, Content, Filled, reasons_of
from integgraph.ingest.kinds import ACTOR_KEYS, Item
from integgraph.ingest.places import Gazetteer
from integgraph.ingest.record import Record
from integgraph.ontology import Field, Ontology

Parts = Mapping[str, Sequence[Item]]

# -- a record into a form


def fill(content: Content, ontology: Ontology, record: Record, gazetteer: Gazetteer | None = None) -> Content:
    """A blank form with the answers of a record.

    Args:
        content: The blank form; it asks for every field that the record answers.
        ontology: The form and its vocabularies.
        record: The record; its texts stay in their language.
        gazetteer: The place list, so that places stand there by name.
    """
    return _Filling(ontology, content, record, gazetteer or Gazetteer()).content()


class _Filling:
    def __init__(self, ontology: Ontology, content: Content, record: Record, gazetteer: Gazetteer) -> None:
        self.ontology = ontology
        self.form = content
        self.record = record
        self.actors = {actor["id"]: actor for actor, _ in record.actors()}
        names = {key: [name["text"] for name in actor.get("name", ())] for key, actor in self.actors.items()}
        directory = Directory()
        for key, known in names.items():
            directory.add(key, known)
        mentions = {
            key: directory.mention(key, names.get(key, ()), content.language) for key in (*self.actors, "network")
        }
        self.writer = Writer(ontology, content.language, record.language, record.names_language, mentions, gazetteer)

    def content(self) -> Content:
        blocks = {}
        for block in self.form.blocks:
            if block.key == HEADER:
                rows = [self._header()]
            elif block.key == ORGANISATIONS:
                rows = [_actor_parts(actor) for actor in self._elsewhere()]
            else:
                each = self.ontology.form.field(block.key)
                rows = [self._parts(item, each) for item in self.record.items(block.key)]
            absence, reasons = self._absence(block)
            cells = tuple(tuple(held(self.writer.cell(row, column)) for column in block.columns) for row in rows)
            blocks[block.key] = replace(block, rows=cells, absence=held(absence), reasons=reasons)
        title = self.record.items("label")
        return self.form.filled(
            blocks, f"{words.PROFILE[self.form.language]}: {title[0]['text']}" if title else self.form.title
        )

    def _header(self) -> Parts:
        record = self.record
        names = record.names_language if record.names_language != record.language else ""
        values = {"id": record.id, "edition": record.edition, "language": record.language, "names_language": names}
        return {key: [value] for key, value in values.items() if value}

    def _parts(self, item: Item, each: Field) -> Parts:
        if each.kind in ("concept", "practice"):
            return as_parts(item, each)
        if each.node is None:
            return {VALUE: [item]}
        inline = each.node.inline
        if inline is None:
            return dict(item)
        own = {key: value for key, value in item.items() if key != inline.key}
        actor = item[inline.key][0]
        if "ref" not in actor:
            return {**_actor_parts(actor), **own}
        text = self.writer.mentions.get(actor["ref"], actor["ref"])
        if text == actor["ref"] and actor["ref"] in self.actors:
            return {"id": [text], **own}
        language = self.record.names_language
        return {"name": [{"text": text, "lang": language}], **own}

    def _elsewhere(self) -> Iterator[Item]:
        """Organisations that are defined where no table has columns for them."""
        for key, answer in self.record.answers.items():
            each = self.ontology.form.field(key)
            inline = each.node.inline if each.node else None
            for item in answer.items:
                inside = item if inline is None else {part: item[part] for part in item if part != inline.key}
                yield from (actor for actor, _ in kinds.defined_actors(inside, ()) if actor["id"] in self.actors)

    def _absence(self, block: Block) -> tuple[str, tuple[str, ...]]:
        answer = self.record.answers.get(block.key)
        if answer is None or answer.reason is None or answer.implied:
            return "", block.reasons
        return self.writer.absence(answer.reason, answer.raw), reasons_of(self.ontology, self.form.language)


def _actor_parts(actor: Item) -> Parts:
    return {key: [value] if isinstance(value, str) else value for key, value in actor.items()}


# -- a form into a record


def gather(
    filled: Filled,
    content: Content,
    ontology: Ontology,
    known_ids: Collection[str] = frozenset(),
) -> dict[str, Any]:
    """The data of a record from what a reader found in a form; sources are not added here.

    Args:
        filled: The texts of the cells.
        content: The form they were found in, blank.
        ontology: The form as shapes.
        known_ids: Ids that actors of other networks bear; none of them is given anew.
    """
    return _Gathering(content, ontology, known_ids).data(filled)


class _Gathering:
    def __init__(self, content: Content, ontology: Ontology, known_ids: Collection[str]) -> None:
        self.form = content
        self.ontology = ontology
        self.directory = Directory()
        self.taken = set(known_ids)
        self.strays: list[str] = []
        self.reader = Reader(ontology, content.language, self.strays)
        self.actor_keys = {*ACTOR_KEYS, *(part.key for part in ontology.form.actor.parts)}
        self.defined: dict[str, dict[str, Any]] = {}
        self.homeless: list[str] = []
        self.review: list[dict[str, Any]] = []
        self.id = ""

    def data(self, filled: Filled) -> dict[str, Any]:
        for block in self.form.blocks:
            self._said_in_words(block, filled)
        raw = {
            block.key: [self._row(block, row) for row in filled.rows.get(block.key, ())] for block in self.form.blocks
        }
        header = raw.pop(HEADER)[:1]
        head = header[0] if header else {}
        self._describe(raw.pop(ORGANISATIONS), raw)
        answers: dict[str, Any] = {}
        for each in self.ontology.form.fields:
            values = [self._value(value, each) for value in raw.get(each.key, ())]
            values = [value for value in values if value not in ({}, None)]
            if values:
                bare = len(values) == 1 and (each.single or each.unique_language)
                answers[each.key] = values[0] if bare else values
        self._settle(answers)
        for key, text in filled.absences.items():
            self._absence(key, released(text), answers)
        for text in self.strays:
            self._stray(text, "")
        for text, where in filled.strays:
            self._stray(released(text), where)
        return self._ordered(self._head(head, answers), answers)

    def _head(self, head: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
        found = dict(head)
        if not found.get("id"):
            given = (answers.get(key) for key in ("official_name", "label"))
            names = (value for value in given if not (isinstance(value, dict) and "absent" in value))
            found["id"] = next((name for name in (kinds.slug(_first_text(value)) for value in names) if name), "")
        found["language"] = found.get("language") or self.form.language
        return {key: found[key] for key in words.HEADER_LABELS if found.get(key)}

    def _ordered(self, head: dict[str, Any], answers: dict[str, Any]) -> dict[str, Any]:
        review = [*answers.pop("review", ()), *self.review]
        order = [each.key for each in self.ontology.form.fields]
        return (
            head
            | ({"review": review} if review else {})
            | dict(sorted(answers.items(), key=lambda item: order.index(item[0])))
        )

    def _row(self, block: Block, row: Mapping[str, str]) -> dict[str, Any]:
        parts: dict[str, Any] = {}
        for column in block.columns:
            if column.key in row:
                parts |= self.reader.cell(released(row[column.key]).strip(), column)
        return parts

    def _said_in_words(self, block: Block, filled: Filled) -> None:
        """Take "none" or "unknown" as the only answer for what it says: there is no answer."""
        rows = filled.rows.get(block.key, [])
        first = block.columns[0]
        if len(rows) != 1 or set(rows[0]) != {first.key}:
            return
        text = released(rows[0][first.key]).strip()
        scheme = self.ontology.form.field(block.key).scheme if block.reasons else None
        is_term = scheme is not None and self.ontology.scheme(scheme).find(text) is not None
        reason = None if is_term or text in first.choices else no_answer(text)
        if reason and block.reasons and block.key not in filled.absences:
            del filled.rows[block.key]
            label = self.ontology.scheme("absence").concepts[reason].label(self.form.language)
            filled.absences[block.key] = f"{label}; {words.ABSENT_RAW[self.form.language]}: {text}"

    # -- organisations

    def _describe(self, others: Sequence[dict[str, Any]], raw: Mapping[str, Sequence[dict[str, Any]]]) -> None:
        """Find out which organisations the form describes, and let every row know which is its own."""
        rows = [
            (row, self._actor_in(row))
            for each in self.ontology.form.fields
            if each.node and each.node.inline
            for row in raw.get(each.key, ())
        ]
        free = [(row, dict(row)) for row in others]
        described = [pair for pair in (*rows, *free) if len(pair[1]) > 1 and pair[1].get("id")]
        detailed = [pair for pair in (*rows, *free) if len(pair[1]) > 1 and not pair[1].get("id")]
        named = [pair for pair in (*free, *rows) if len(pair[1]) == 1 and "name" in pair[1]]
        loose = {id(row) for row, _ in free}
        for row, actor in (*described, *detailed, *named):
            self._meet(row, actor, at_home=id(row) not in loose)
        for row, actor in rows:
            if len(actor) == 1 and "id" in actor:
                self._refer(row, str(actor["id"]))

    def _actor_in(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in row.items() if key in self.actor_keys}

    def _meet(self, row: dict[str, Any], actor: dict[str, Any], *, at_home: bool) -> None:
        name = _first_text(actor.get("name"))
        given = actor.get("id")
        if not name and not given:
            return  # the record's reader asks for the name
        identifier = kinds.slug(given) if isinstance(given, str) else self.directory.find(name)
        if identifier is None or identifier == "":
            identifier = new_id(name, self.taken)
        if identifier in self.defined:
            self._merge(identifier, actor)
            self._refer(row, identifier)
        elif re.fullmatch(r"network(:.*)?", identifier) and not given:
            self._refer(row, identifier)
        else:
            self.defined[identifier] = {"id": identifier} | {**actor, "id": identifier}
            self.taken.add(identifier)
            self.directory.add(identifier, _texts(actor.get("name")))
            if at_home:
                self._refer(row, None, self.defined[identifier])
            else:
                self.homeless.append(identifier)

    def _refer(self, row: dict[str, Any], reference: str | None, actor: dict[str, Any] | None = None) -> None:
        for key in self.actor_keys & set(row):
            del row[key]
        row["@actor"] = actor if reference is None else reference

    def _merge(self, identifier: str, actor: Mapping[str, Any]) -> None:
        """A second description of an organisation adds what the first lacks; where they differ, a person decides."""
        known = self.defined[identifier]
        for key, value in actor.items():
            if key == "id" or (key == "name" and fold_all(value) <= fold_all(known.get("name"))):
                continue
            if key not in known:
                known[key] = value
            elif known[key] != value:
                text = f"{identifier}: {key}: {_first_text(value) or value}"
                self._note("ambiguous", "An organisation is described twice, and differently.", text)

    def _value(self, value: dict[str, Any], each: Field) -> Any:
        """A row as the value of its field, with its organisations."""
        actor = value.pop("@actor", None)
        found = self._resolved(value)
        if VALUE in value:
            return found[VALUE]
        inline = each.node.inline if each.node else None
        if actor is None or inline is None:
            return found
        return {inline.key: actor, **found} if isinstance(actor, str) else {**actor, **found}

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, Mention):
            return self._mentioned(value.text)
        if isinstance(value, dict):
            return {key: self._resolved(one) for key, one in value.items()}
        return [self._resolved(one) for one in value] if isinstance(value, list) else value

    def _mentioned(self, text: str) -> Any:
        found = self.directory.find(text)
        if found in self.homeless:
            self.homeless.remove(found)
            return self.defined[found]
        if found is not None:
            return found
        if re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)+", text):  # an id of nobody: the record's reader says so
            return text
        name = self.reader.one(text, self.ontology.form.actor.parts[0])
        identifier = new_id(_first_text(name), self.taken)
        self.taken.add(identifier)
        self.directory.add(identifier, _texts(name))
        self.defined[identifier] = {"id": identifier, "name": name}
        return self.defined[identifier]

    def _settle(self, answers: dict[str, Any]) -> None:
        """Organisations of the table of their own that only rows with columns name, or nobody."""
        for identifier in self.homeless:
            actor = self.defined[identifier]
            for each in self.ontology.form.fields:
                inline = each.node.inline if each.node else None
                values = [value for value in answers.get(each.key, ()) if isinstance(value, dict)] if inline else []
                found = next((value for value in values if inline and value.get(inline.key) == identifier), None)
                if inline and found is not None:
                    del found[inline.key]
                    found |= actor
                    break
            else:
                answers.setdefault("mentions", []).append(actor)

    # -- what is no answer

    def _absence(self, key: str, text: str, answers: dict[str, Any]) -> None:
        tokens = [token for line in scan(text, raw_labels()) for token in line]
        bare = "; ".join(value for label, value in tokens if label is None)
        raws = [value for label, value in tokens if label == "raw"]
        reason = self.ontology.scheme("absence").find(bare) if bare else None
        if key in answers:
            self._note("ambiguous", "The form gives an answer and says that there is none.", text, key)
        elif reason is None or (reason.id == "unreadable" and not raws):
            self._note("ambiguous", "The form says that there is no answer; it is not clear why.", text, key)
        else:
            answers[key] = {"absent": reason.id} | ({"raw": raws[0]} if raws else {})

    def _stray(self, text: str, where: str) -> None:
        self._note("unplaced", "This stands beside the questions of the form.", text, where=where)

    def _note(self, problem: str, explanation: str, raw: str, key: str = "", where: str = "") -> None:
        found = {"field": key, "problem": problem, "explanation": {"en": explanation}, "raw": raw, "locator": where}
        self.review.append({name: value for name, value in found.items() if value})


def _texts(raw: Any) -> list[str]:
    """The texts of a name in plain data, whatever its languages."""
    if isinstance(raw, str):
        return [raw]
    values = raw.values() if isinstance(raw, dict) else raw if isinstance(raw, list) else ()
    return [text for value in values for text in _texts(value)]


def _first_text(raw: Any) -> str:
    return next(iter(_texts(raw)), "")


def fold_all(raw: Any) -> set[str]:
    """The names in plain data, as they are compared."""
    return {fold(text) for text in _texts(raw)}


# -- organisations in data that people wrote themselves


class Naming:
    """Gives ids to organisations that were written down without one, and finds those that are named by their names.

    >>> naming = Naming(Ontology.load(), ())
    >>> naming.named({"members": [{"name": "Caritas"}, "WIN"], "websites": {"url": "https://a.example/", "of": "win"}})
    {'members': [{'id': 'caritas', 'name': 'Caritas'}, {'id': 'win', 'name': 'WIN'}], \
'websites': {'url': 'https://a.example/', 'of': 'win'}}
    """

    def __init__(self, ontology: Ontology, known_ids: Collection[str]) -> None:
        self.ontology = ontology
        self.directory = Directory()
        self.taken = set(known_ids)
        self.actor_keys = {*ACTOR_KEYS, *(part.key for part in ontology.form.actor.parts)}

    def named(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data with an id for every organisation."""
        self._walk(data, self._collect)
        return self._walk(data, self._name)

    def _walk(self, data: Mapping[str, Any], visit: Any) -> dict[str, Any]:
        form = self.ontology.form
        return {
            key: self._values(value, each, visit) if (each := form.get(key)) else value for key, value in data.items()
        }

    def _values(self, raw: Any, each: Field, visit: Any) -> Any:
        if isinstance(raw, list):
            return [self._values(one, each, visit) for one in raw]
        if each.kind == "actor":
            return visit(raw)
        if each.kind != "node" or each.node is None or (isinstance(raw, dict) and "absent" in raw):
            return raw
        inline = each.node.inline
        if not isinstance(raw, dict):
            return visit(raw) if inline else raw
        parts = {part.key: part for part in each.node.parts}
        found = {key: self._values(one, parts[key], visit) if key in parts else one for key, one in raw.items()}
        actor = {key: one for key, one in raw.items() if key in self.actor_keys and key not in parts}
        if inline is None or inline.key in raw or not actor:
            return found
        own = {key: one for key, one in found.items() if key not in actor}
        named = visit(actor)
        return {**named, **own} if isinstance(named, dict) else {inline.key: named, **own}

    def _collect(self, raw: Any) -> Any:
        if isinstance(raw, dict) and isinstance(raw.get("id"), str):
            self.directory.add(raw["id"], _texts(raw.get("name")))
            self.taken.add(raw["id"])
        return raw

    def _name(self, raw: Any) -> Any:
        if isinstance(raw, dict):
            name = _first_text(raw.get("name"))
            if "id" in raw or not name:
                return raw
            known = self.directory.find(name)
            if known and len(raw) == 1:
                return known
            return self._new(raw, name)
        if not isinstance(raw, str):
            return raw
        found = self.directory.find(raw)
        return found or (raw if re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)+", raw) else self._new({"name": raw}, raw))

    def _new(self, actor: Mapping[str, Any], name: str) -> dict[str, Any]:
        identifier = new_id(name, self.taken)
        self.taken.add(identifier)
        self.directory.add(identifier, _texts(actor.get("name")))
        return {"id": identifier, **actor}


def new_id(name: str, taken: Collection[str]) -> str:
    """An id for an organisation, from its name; with a number where that is taken."""
    base = kinds.slug(name) or "actor"
    candidates = chain((base,), (f"{base}-{number}" for number in count(2)))
    return next(each for each in candidates if each not in taken)
