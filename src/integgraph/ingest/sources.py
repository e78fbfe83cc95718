"""What lies in a data folder: which files are profiles, how each is read, and whether they get along."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from integgraph.errors import InputError, Problem
from integgraph.ingest import document, rows, yamltext
from integgraph.ingest.documents.kinds import MAX_BYTES
from integgraph.ingest.record import Record, RecordReader, collisions

if TYPE_CHECKING:
    from integgraph.ingest.importing import Importer

_ID = re.compile(r"\bid: *['\"]?([a-z0-9-]+)")
RECORDS = (".yaml", ".yml")
TEXTS = (".txt", ".md")
DOCUMENTS = (*TEXTS, ".docx", ".xlsx", ".ods", ".html", ".htm", ".pdf")
"""What lies among the profiles and is read as a document. Tables lie elsewhere."""
_NO_PROFILES = (".", "~$", "README")
"""How names of files begin that are none: hidden ones, and those that office programs leave while they are open."""

__all__ = [
    "DOCUMENTS",
    "RECORDS",
    "TEXTS",
    "Documents",
    "collisions",
    "digest",
    "digest_of",
    "digests",
    "import_document",
    "known_ids",
    "profile_files",
    "profile_names",
    "read_draft",
    "read_profile",
    "suffix",
]


def profile_files(folder: Path) -> list[Path]:
    """Every file in the folder that is a profile: records and documents, sorted by name; hidden files are left out."""
    return [folder / name for name in profile_names(folder)]


def profile_names(folder: Path) -> list[str]:
    """The names of those files, sorted."""
    suffixes = (*RECORDS, *DOCUMENTS)
    names = (name for name in os.listdir(folder) if not name.startswith(_NO_PROFILES))
    return sorted(name for name in names if suffix(name) in suffixes)


def suffix(name: str) -> str:
    """What kind of file a name says it is; with its dot, in small letters.

    >>> suffix("Halberstadt.PDF")
    '.pdf'
    """
    return os.path.splitext(name)[1].lower()  # a Path takes ten times as long, which ten thousand files make felt


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


class Documents:
    """Reads documents that each hold one profile; use it as a context manager.

    Text is read here. Any other kind is read in a process that can be killed (:mod:`integgraph.ingest.importing`),
    which is begun with the first one.
    """

    def __init__(self, reader: RecordReader) -> None:
        self._reader = reader
        self._importer: Importer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._importer is not None:
            self._importer.close()

    def draft(self, file: Path, known: frozenset[str] = frozenset()) -> dict[str, Any]:
        """A document as the draft of a record; ids in ``known`` are not given again.

        Raises:
            InputError: it cannot be read, nothing in it is a row of the form, or it holds several profiles.
        """
        reader = self._reader
        if file.suffix.lower() in TEXTS:
            return rows.draft(document.read_document(file, reader.form), reader.ontology, reader.gazetteer, known)
        from integgraph.ingest import importing  # with its readers, which a folder of records does not need

        data = importing.snapshot(file)
        if self._importer is None:
            self._importer = importing.Importer(reader.gazetteer, ontology=reader.ontology.folder)
        drafts = self._importer.drafts(data, file.name, known)
        if len(drafts) > 1:
            message = f"The document holds {len(drafts)} profiles; here each has a file of its own."
            advice = "Import it: integgraph import FILE --to data/profiles. Then take the document away."
            raise InputError(Problem(message, file=file.name, advice=advice))
        return dict(drafts[0].data)


def import_document(file: Path, reader: RecordReader, known: frozenset[str] = frozenset()) -> dict[str, Any]:
    """A filled-in form as the draft of a record; ids in ``known`` are not given again.

    Raises:
        InputError: the document cannot be read, nothing in it is a row of the form, or it holds several profiles.
    """
    with Documents(reader) as documents:
        return documents.draft(file, known)


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


def digest_of(data: bytes) -> str:
    """SHA-256 of bytes, as it stands in a record's sources.

    >>> digest_of(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(data).hexdigest()


def digest(file: Path, limit: int = 0) -> str:
    """SHA-256 of a file's bytes.

    Args:
        file: The file.
        limit: Bytes that it may have; 0 for what its kind may have.

    Raises:
        InputError: it cannot be read, or is too large.
    """
    if not limit:
        is_text = file.suffix.lower() in (*RECORDS, *TEXTS)
        limit = yamltext.MAX_BYTES if is_text else MAX_BYTES
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
