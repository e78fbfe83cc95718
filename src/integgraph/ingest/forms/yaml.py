"""A form as YAML: the record itself, with the questions as comments.

Keys are those of a record. What is left empty counts as not there, and an organisation without an id gets one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from textwrap import wrap
from typing import Any

from integgraph.ingest import yamltext
from integgraph.ingest.forms import words
from integgraph.ingest.forms.content import HEADER, LONG_LIST, ORGANISATIONS, Block, Content, actor_parts
from integgraph.ingest.forms.filling import Naming
from integgraph.ingest.record import HEADER as HEADER_KEYS
from integgraph.ontology import Field, Ontology

_WIDTH = 108

_INTRO: Mapping[str, tuple[str, ...]] = {
    "en": (
        "Please fill in what you know behind the colons and leave the rest empty.",
        "If you know that there is no answer, write its reason: founded: {absent: stated-none}. The reasons are: "
        "{reasons}.",
        "A text in another language than that of the profile: {mark}.",
        "An organisation is described once and named by its id afterwards; without an id it gets one from its name.",
        "Please name no persons and no personal mailboxes.",
    ),
    "de": (
        "Bitte hinter den Doppelpunkten ausfüllen, was Sie wissen, und alles andere leer lassen.",
        "Wenn Sie wissen, dass es keine Antwort gibt, bitte den Grund angeben: founded: {absent: stated-none}. Die "
        "Gründe sind: {reasons}.",
        "Ein Text in einer anderen Sprache als der des Profils: {mark}.",
        "Eine Organisation wird einmal beschrieben und danach mit ihrer Kennung (id) genannt; ohne Kennung bekommt sie "
        "eine aus ihrem Namen.",
        "Bitte keine Personen nennen und keine persönlichen Postfächer.",
    ),
}


def write(content: Content, ontology: Ontology, data: Mapping[str, Any]) -> bytes:
    """The form as UTF-8 text.

    Args:
        content: The form.
        ontology: The form as shapes.
        data: The data of a record, or nothing.
    """
    return ("\n".join(_lines(content, ontology, data)) + "\n").encode()


def _lines(content: Content, ontology: Ontology, data: Mapping[str, Any]) -> Iterator[str]:
    yield f"# {content.mark}"
    yield f"# {' '.join(content.title.split())}"
    reasons = ontology.scheme("absence").concepts.values()
    listed = ", ".join(f"{concept.id} ({concept.label(content.language)})" for concept in reasons)
    mark = {"en": "{de: Deutscher Text}", "de": "{en: English text}"}[content.language]
    for text in _INTRO[content.language]:
        yield from _comment(text.replace("{reasons}", listed).replace("{mark}", mark))
    for part in content.parts:
        yield ""
        yield f"# ---- {part.title} ----"
        for group in part.groups:
            for block in group.blocks:
                yield from _block(block, content, ontology, data)
    yield ""
    yield f"# ---- {words.LISTS[content.language]} ----"
    for title, terms in content.lists.items():
        if len(terms) > LONG_LIST:
            yield "#"
            yield from _comment(f"{title}: {' · '.join(terms)}")


def _block(block: Block, content: Content, ontology: Ontology, data: Mapping[str, Any]) -> Iterator[str]:
    language = content.language
    if block.key == ORGANISATIONS:
        return
    yield ""
    if block.key == HEADER:
        yield from _comment(block.help)
        for key in HEADER_KEYS:
            label = words.HEADER_LABELS[key][language]
            value = yamltext.dump({key: data[key]}).rstrip("\n") if key in data else f"{key}:"
            yield f"{value}  # {label}"
        return
    yield from _comment(f"{block.title}. {block.help}")
    each = ontology.form.field(block.key)
    if each.example:
        yield from _comment(f"{words.EXAMPLE[language]}: {each.example}")
    for column in block.columns:
        if column.choices:
            titles = [title for title, terms in content.lists.items() if terms == column.choices]
            at_end = len(column.choices) > LONG_LIST and titles
            shown = f"{titles[0]} ({words.SEE_LIST[language]})" if at_end else " · ".join(column.choices)
            yield from _comment(f"{column.label}: {shown}")
    if block.key in data:
        yield yamltext.dump({block.key: data[block.key]}).rstrip("\n")
    else:
        yield from _empty(each, ontology, language, "")


def _empty(each: Field, ontology: Ontology, language: str, indent: str) -> Iterator[str]:
    """A field or part that waits for its answer."""
    yield f"{indent}{each.key}:" + (f"  # {each.name(language)}" if indent else "")
    if each.node is None or each.kind != "node":
        if not each.single and not each.unique_language and not indent:
            yield "  -"
        return
    parts: list[Field] = []
    for part in each.node.parts:
        actor = (Field("", "id", "string", "", words.ACTOR_ID, maximum=1), *actor_parts(ontology.form.actor)[:-1])
        parts.extend(actor if part.inline else (part,))
    first = True
    for part in parts:
        for line in _empty(part, ontology, language, indent + "    "):
            yield f"{indent}  - {line[len(indent) + 4 :]}" if first else line
            first = False


def _comment(text: str) -> Iterator[str]:
    yield from (f"# {line}" for line in wrap(text, _WIDTH, break_on_hyphens=False))


def read(text: str, name: str, ontology: Ontology, known_ids: Collection[str]) -> dict[str, Any]:
    """The data of a record that a filled form holds.

    Raises:
        InputError: it is not YAML, or uses what a record may not use; with the line.
    """
    data = _pruned(yamltext.load(text, name).data)
    if not isinstance(data, dict):
        return {}
    return Naming(ontology, known_ids).named(data)


def _pruned(raw: Any) -> Any:
    """The data without what was left empty; an absence keeps what it says, even an empty text."""
    if isinstance(raw, dict):
        if raw.get("absent"):
            return raw
        kept = {key: _pruned(value) for key, value in raw.items()}
        return {key: value for key, value in kept.items() if value not in ("", [], {})}
    if isinstance(raw, list):
        return [value for value in map(_pruned, raw) if value not in ("", [], {})]
    return raw
