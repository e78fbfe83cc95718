"""Forms that people fill in: drawn from the shapes, and read back to the record they hold.

``write`` draws a form as DOCX, XLSX, Markdown or YAML, blank or filled with a record; ``read`` takes a filled one and
gives the plain data that :meth:`integgraph.ingest.record.RecordReader.data` reads. What a form contains is derived from
the shapes alone (``content``), what stands in its cells is written and read in one place for all formats (``cells``,
``filling``), and a format only draws tables of texts and finds them again (``docx``, ``xlsx``, ``markdown``, ``yaml``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from typing import Any

from integgraph.errors import InputError, Problem, Unprocessable
from integgraph.ingest import kinds, yamltext
from integgraph.ingest.documents.archive import Archive, open_archive
from integgraph.ingest.forms import docx, markdown, words, xlsx, yaml
from integgraph.ingest.forms.content import Filled, blank
from integgraph.ingest.forms.filling import fill, gather
from integgraph.ingest.forms.finding import Finder, mark_in
from integgraph.ingest.places import Gazetteer
from integgraph.ingest.record import Record, to_data
from integgraph.ontology import Ontology

FORMATS = ("docx", "xlsx", "md", "yaml")
MAX_BYTES = 20_000_000
MAX_ROWS = 20_000
MAX_CHARACTERS = 5_000_000

__all__ = ["FORMATS", "is_ours", "read", "write"]


def write(
    ontology: Ontology,
    language: str,
    form: str,
    record: Record | None = None,
    gazetteer: Gazetteer | None = None,
) -> bytes:
    """A form, blank or filled with a record; the same arguments give the same bytes.

    Args:
        ontology: The form as shapes, and its vocabularies.
        language: ``en`` or ``de``: language of questions, help and terms. Texts of a record stay in theirs.
        form: One of ``FORMATS``.
        record: The record that the form comes filled with.
        gazetteer: The place list, so that places stand there by name.

    Raises:
        Unprocessable: there is no form in this language or format, or an answer is longer than a cell of it can be.

    >>> write(Ontology.load(), "de", "md").decode().splitlines()[:2]
    ['<!-- integgraph-form 1 de -->', '# Netzwerkprofil (Formular)']
    """
    if form not in FORMATS:
        raise Unprocessable(f"There is no form as '{form}'. There is one as: {', '.join(FORMATS)}.")
    answered = [key for key, answer in record.answers.items() if not answer.implied] if record else []
    content = blank(ontology, language, also=answered, whole=record is not None)
    if form == "yaml":
        return yaml.write(content, ontology, to_data(record, ontology) if record else {})
    if form == "docx":
        content = content.folded(docx.MOST_COLUMNS)
    if record:
        content = fill(content, ontology, record, gazetteer)
    return {"docx": docx.write, "xlsx": xlsx.write, "md": markdown.write}[form](content)


def is_ours(data: bytes, name: str) -> bool:
    """Whether these bytes are a form that :func:`write` drew, whatever the suffix says; never raises.

    Args:
        data: The bytes of the file.
        name: Its name.

    >>> is_ours(write(Ontology.load(), "en", "yaml"), "form.yaml"), is_ours(b"Name of the network: WIN", "form.txt")
    (True, False)
    """
    return _recognise(data, name) is not None


def read(
    data: bytes,
    name: str,
    ontology: Ontology,
    *,
    known_ids: Collection[str] = frozenset(),
    source: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    r"""The record that a filled form holds, as plain data for ``RecordReader.data``.

    What stands beside the questions, and what contradicts itself, is not lost: it comes to ``review``. Whether a value
    is right (a date, a place) is judged by the record's reader, as in every record.

    Args:
        data: The bytes of the file.
        name: Its name, for messages.
        ontology: The form and its vocabularies.
        known_ids: Ids of actors of other networks; ids minted here avoid them.
        source: What is known about the form as a source (title, url, retrieved, licence); used where the form itself
            names no source.

    Raises:
        InputError: it is no form of ours, empty, damaged, or larger than a form can be.

    >>> ontology = Ontology.load()
    >>> form = write(ontology, "en", "md").replace(b"<!-- members -->", b"<!-- members -->\n- WIN")
    >>> found = read(form, "win.md", ontology)
    >>> found["members"], found["sources"][0]["read"]
    ([{'id': 'win', 'name': 'WIN'}], 'whole')
    """
    found = _recognise(data, name)
    if found is None:
        advice = "Draw one with 'integgraph form', or give the document to 'integgraph import' as it is."
        raise InputError(Problem("This is no form that integgraph drew.", file=name, advice=advice))
    kind, language, archive = found
    if kind == "yaml":
        answers = yaml.read(yamltext.decode(data, name), name, ontology, known_ids)
    else:
        finder = Finder(ontology, language)
        filled = _cells(kind, data, archive, finder, name)
        _bounded(filled, name)
        content = finder.content.unfolded() if kind == "docx" else finder.content
        answers = gather(filled, content, ontology, known_ids)
    if not answers.get("id"):
        answers = {"id": kinds.slug(re.sub(r"\.[^.]*$", "", name)) or "network"} | answers
    if not answers.get("language"):
        answers = {"id": answers["id"], "language": language} | answers
    if not answers.get("sources"):
        title = {"title": f"{words.TITLE[language]} ({name})", "sha256": hashlib.sha256(data).hexdigest()}
        answers["sources"] = [title | dict(source or {}) | {"read": "whole"}]
    return answers


def _cells(kind: str, data: bytes, archive: Archive | None, finder: Finder, name: str) -> Filled:
    if archive is None:
        return markdown.read(yamltext.decode(data, name), finder)
    return docx.read(archive, finder) if kind == "docx" else xlsx.read(archive, finder)


def _bounded(filled: Filled, name: str) -> None:
    """Refuse what no form can hold before anything is made of it."""
    rows = sum(map(len, filled.rows.values())) + len(filled.strays)
    characters = sum(len(text) for found in filled.rows.values() for row in found for text in row.values())
    if rows > MAX_ROWS or characters > MAX_CHARACTERS:
        message = f"The form holds more than {MAX_ROWS:,} answers or {MAX_CHARACTERS:,} characters."
        raise InputError(Problem(message, file=name, advice="Large tables are read by: integgraph import-table."))


def _recognise(data: bytes, name: str) -> tuple[str, str, Archive | None] | None:
    """Format and language of a form of ours, and its archive if it is one."""
    if len(data) > MAX_BYTES:
        return None
    if data[:4] == b"PK\x03\x04":
        try:
            archive = open_archive(data, name)
            for kind, module in (("docx", docx), ("xlsx", xlsx)):
                language = module.language_of(archive)
                if language:
                    return kind, language, archive
        except InputError:
            return None
        return None
    head = data[:400].removeprefix(b"\xef\xbb\xbf").lstrip()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = data[:800].decode("utf-16", "replace").encode()
    first = head.split(b"\n", 1)[0].decode("utf-8", "replace")
    language = mark_in(first)
    if language is None:
        return None
    return ("md" if first.startswith("<!--") else "yaml", language, None)
