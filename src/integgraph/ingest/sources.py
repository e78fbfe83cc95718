"""What lies in a data folder: which files are profiles, how each is read, and whether they get along."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from integgraph.errors import Problem
from integgraph.ingest import document, rows, yamltext
from integgraph.ingest.record import Record, RecordReader, collisions

_ID = re.compile(r"\bid: *['\"]?([a-z0-9-]+)")
RECORDS = (".yaml", ".yml")
DOCUMENTS = (".txt", ".md")

__all__ = [
    "DOCUMENTS",
    "RECORDS",
    "collisions",
    "digest",
    "digests",
    "import_document",
    "known_ids",
    "profile_files",
    "profile_names",
    "read_draft",
    "read_profile",
]


def profile_files(folder: Path) -> list[Path]:
    """Every file in the folder that is a profile: records and documents, sorted by name; hidden files are left out."""
    return [folder / name for name in profile_names(folder)]


def profile_names(folder: Path) -> list[str]:
    """The names of those files, sorted."""
    suffixes = (*RECORDS, *DOCUMENTS)
    names = (name for name in os.listdir(folder) if not name.startswith((".", "README")))
    return sorted(name for name in names if os.path.splitext(name)[1].lower() in suffixes)


def read_profile(file: Path, reader: RecordReader, known: frozenset[str] = frozenset()) -> tuple[Record, list[Problem]]:
    """Read one profile, whether a person wrote it as a record or it is a document.

    Args:
        file: The file.
        reader: What reads records.
        known: Actor ids of other profiles, which a document's actors are not given again.

    Raises:
        InputError: with every violation in the file.
    """
    if file.suffix.lower() in DOCUMENTS:
        return reader.data(import_document(file, reader, known), file.name)
    return reader.file(file)


def read_draft(text: str, reader: RecordReader, name: str) -> tuple[Record, list[Problem]]:
    """Read the draft of a record, as :func:`import_document` makes it and ``yamltext.dump`` writes it."""
    return reader.document(yamltext.load(text, name), name)


def import_document(file: Path, reader: RecordReader, known: frozenset[str] = frozenset()) -> dict[str, Any]:
    """A filled-in form as the draft of a record; ids in ``known`` are not given again.

    Raises:
        InputError: the document cannot be read, or nothing in it is a row of the form.
    """
    return rows.draft(document.read_document(file, reader.form), reader.ontology, reader.gazetteer, known)


def known_ids(folder: Path) -> frozenset[str]:
    """Every actor id that stands in the records of a folder; an absent folder holds none.

    Looks at the text alone, so that a record with a fault elsewhere still keeps its ids.
    """
    if not folder.is_dir():
        return frozenset()
    files = (file for file in profile_files(folder) if file.suffix.lower() in RECORDS)
    return frozenset(found for file in files for found in _ID.findall(file.read_text("utf-8", "replace")))


LARGEST = 50_000_000
"""Bytes of the largest file of decisions or places; what a profile may hold is less."""


def digest(file: Path, limit: int = yamltext.MAX_BYTES) -> str:
    """SHA-256 of a file's bytes.

    Raises:
        InputError: it cannot be read, or is too large.
    """
    # There are thousands of files, of which nothing more is to be said, as a rule.
    try:
        with open(file, "rb", buffering=0) as stream:
            if os.fstat(stream.fileno()).st_size <= limit:
                return hashlib.sha256(stream.readall()).hexdigest()
    except OSError:
        pass
    return hashlib.sha256(yamltext.read_bytes(file, limit)).hexdigest()


def digests(folder: Path, patterns: Iterable[str]) -> list[dict[str, str]]:
    """SHA-256 of every file that matches, by its name inside the folder."""
    return [
        {"file": file.relative_to(folder).as_posix(), "sha256": digest(file, LARGEST)}
        for pattern in patterns
        for file in sorted(folder.glob(pattern))
    ]
