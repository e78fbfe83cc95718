"""Plain JSON of a thing, for programs that know no RDF: what its page says, by the keys of the form.

Every answer is in one of three states, ``value``, ``none`` (a source says that there is none) or ``unknown`` (with the
reason, where one is known), and every value names the profiles that it comes from, with their status dates. Key by
key: ``docs/linked-data.md``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from integgraph.ontology import VOCABULARY, Field, Ontology
from integgraph.resources import Attribution, Entry, Evidence, Page, Part, Text, Value
from integgraph.store import Plain

_STATED_NONE = VOCABULARY + "absence/stated-none"


def as_data(page: Page, ontology: Ontology) -> dict[str, Any]:
    """What a page says as plain data.

    Args:
        page: The page, asked for with ``whole``.
        ontology: The ontology; a network and a profile have every field of its form, also those of
            which nothing is said.
    """
    fields: dict[str, Any] = {each.key: _answer(Entry(each.name())) for each in _form(page.kind, ontology)}
    for section in page.sections:
        for entry in section.entries:
            fields[entry.key] = _answer(entry)
    return {
        "iri": page.iri,
        "id": page.iri.rpartition("/")[2],
        "kind": page.kind,
        "label": page.title.text,
        "label_language": page.title.language or None,
        "classes": [{"iri": each.iri, "label": each.text} for each in page.classes],
        "warnings": [_text(each) for each in page.warnings],
        "fields": fields,
    }


def _form(kind: str, ontology: Ontology) -> Iterable[Field]:
    """Fields of the form that a thing of this kind answers."""
    if kind not in ("network", "profile"):
        return ()
    return (each for each in ontology.form.fields if kind == "profile" or not each.profile)


def _answer(entry: Entry) -> dict[str, Any]:
    found: dict[str, Any] = {"name": entry.name, "state": "value" if entry.values else "unknown"}
    if entry.absence:
        if entry.absence.iri == _STATED_NONE:
            found["state"] = "none"
        else:
            found["reason"] = entry.absence.iri.rpartition("/")[2]
        found["raw"] = entry.absence.raw or None
        found["statement"] = entry.absence.node or None
        found["sources"] = _sources(entry.absence.sources)
    found["values"] = [_value(each) for each in entry.values]
    if entry.evidence:
        found["evidence"] = [_evidence(each) for each in entry.evidence]
    return found


def _value(value: Value, inherited: tuple[Attribution, ...] = ()) -> dict[str, Any]:
    """A value; what belongs to a statement comes from the same profiles as the statement."""
    sources = value.sources or inherited
    found: dict[str, Any] = {"value": _plain(value), "text": value.text}
    if value.language:
        found["language"] = value.language
    if value.iri:
        found["iri"] = value.iri
    if value.node:
        found["statement"] = value.node
    if value.wordings:
        found["wordings"] = [_text(each) for each in value.wordings]
    if value.parts:
        found["parts"] = _parts(value.parts, sources)
    found["sources"] = _sources(sources)
    return found


def _parts(parts: Iterable[Part], sources: tuple[Attribution, ...]) -> dict[str, Any]:
    found: dict[str, list[dict[str, Any]]] = {}
    for part in parts:
        found.setdefault(part.key or part.name, []).extend(_value(each, sources) for each in part.values)
    return found


def _plain(value: Value) -> Plain:
    """The value itself: a number, a truth or a text; of a thing its IRI."""
    plain = value.plain
    if plain is None:
        return value.iri or value.text
    if isinstance(plain, Decimal):
        return int(plain) if plain == plain.to_integral_value() else float(plain)
    return plain.isoformat() if isinstance(plain, date) else plain


def _sources(sources: Iterable[Attribution]) -> list[dict[str, str | None]]:
    return [{"profile": each.iri, "status_date": each.date or None} for each in sources]


def _text(text: Text) -> dict[str, str | None]:
    return {"text": text.text, "language": text.language or None}


def _evidence(evidence: Evidence) -> dict[str, Any]:
    source = evidence.source
    return {
        "wording": _text(evidence.wording),
        "statement": evidence.node,
        "locator": evidence.locator or None,
        "repaired": evidence.repaired,
        "source": {"iri": source.iri, "title": source.text} if source else None,
        "sources": _sources(evidence.sources),
    }
