"""Documents of any kind become drafts of records, in a process that can be killed.

What people send is read where it can do no harm: a worker without a network, with bounded memory and a deadline
(:mod:`integgraph.workers`). A file that hangs its reader, or needs too much, costs that one worker and is one refusal
in a plain sentence; the next file is read by another. The form, the place list and the ids that are taken are read once
and shared by all workers.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from types import TracebackType
from typing import Any, Self

from integgraph.errors import InputError, Problem, QueryTimeout, WorkerError, WorkersBusy
from integgraph.ingest import document, forms, rows, yamltext
from integgraph.ingest.document import Document
from integgraph.ingest.documents import kinds as readers
from integgraph.ingest.places import Gazetteer
from integgraph.ingest.record import RecordReader
from integgraph.ingest.rows import Before
from integgraph.ontology import Form, Ontology
from integgraph.workers import Opener, WorkerPool, Zygote

MAX_BYTES = readers.MAX_BYTES
"""Bytes of the largest document."""
DEADLINE = 20.0
"""Seconds that reading a document may take."""
MEMORY = 600_000_000
"""Bytes that reading a document may need."""
_MAX_LABEL = 100
_DEFINED = re.compile(r"\bid: *['\"]?([a-z0-9-]+)")
_FRESH = 2.0  # seconds within which a clock may not tell two changes of a file apart
_NEW_COPY = "Open it in the program that it was made with, save it under a new name, and import that."


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a profile of a document from an earlier edition.

    Attributes:
        before: The ids that stay.
        own: Ids of actors that are that edition's, and so may be given again.
    """

    before: Before
    own: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Draft:
    """One profile of a document as the draft of a record.

    Attributes:
        data: The record as plain data.
        text: The same as YAML.
        places: Where each answer stands; see :class:`integgraph.ingest.rows.Drafted`.
        ids: Ids of actors that it defines anew.
        problems: What stands against building it as it is, such as a missing place.
        notes: What a person must know of the reading of the whole document.
    """

    data: Mapping[str, Any]
    text: str
    places: Sequence[Mapping[str, Any]]
    ids: frozenset[str]
    problems: Sequence[Problem] = ()
    notes: Sequence[str] = ()

    @property
    def id(self) -> str:
        """Id of the network."""
        return str(self.data["id"])

    @property
    def review(self) -> Sequence[Mapping[str, Any]]:
        """What a person has to decide."""
        found: Sequence[Mapping[str, Any]] = self.data.get("review", [])
        return found


@dataclass(frozen=True, slots=True)
class Asked:
    """What a worker is asked to read.

    Attributes:
        name: Name of the file: for messages, and to tell kinds of text apart.
        data: Its bytes.
        taken: Ids of actors that are taken beside those that the importer knows.
        known: What is known of its profiles from before, by their position from 0.
    """

    name: str
    data: bytes
    taken: frozenset[str] = frozenset()
    known: Mapping[int, Known] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answered:
    """What a worker answers: drafts, or why there are none.

    Attributes:
        drafts: The profiles of the document.
        problems: Why it was refused.
        fault: The error in a reader that nobody had foreseen, for whoever mends it; empty as a rule.
    """

    drafts: Sequence[Draft] = ()
    problems: Sequence[Problem] = ()
    fault: str = ""


# ---------------------------------------------------------------------------------------------------------------------
# Reading, without a process of its own


def read_all(data: bytes, name: str, form: Form) -> list[Document]:
    r"""The profiles of a document of any kind as located rows. For bytes that may be hostile, use :class:`Importer`.

    Args:
        data: The bytes of the file.
        name: Its name.
        form: The form.

    Raises:
        InputError: it cannot be read, or nothing in it is a row of the form.

    >>> form = Ontology.load().form
    >>> [document.entries[0].text for document in read_all(b"<h2>Name of the network</h2><p>Harz</p>", "a.html", form)]
    ['Harz']
    """
    found = readers.read(data, name, lambda text: _is_label(text, form))
    return document.parse_all(found, form, name, hashlib.sha256(data).hexdigest())


def _is_label(text: str, form: Form) -> bool:
    return len(text) <= _MAX_LABEL and form.row(text) is not None


class Drafting:
    """Drafts records from documents, against one ontology and place list.

    Args:
        ontology: The form and its vocabularies.
        gazetteer: The place list.
        taken: Ids of actors that are not given again.
    """

    def __init__(self, ontology: Ontology, gazetteer: Gazetteer, taken: Collection[str] = ()) -> None:
        self._ontology = ontology
        self._gazetteer = gazetteer
        self._reader = RecordReader(ontology, gazetteer)
        self._taken = frozenset(taken)

    def draft(self, asked: Asked) -> list[Draft]:
        """The drafts of a document's profiles.

        Raises:
            InputError: it cannot be read, or nothing in it is a row of the form.
        """
        taken = set(self._taken | asked.taken)
        if forms.is_ours(asked.data, asked.name):
            return [self._form(asked, taken)]
        networks: set[str] = set()
        drafts = []
        for position, each in enumerate(read_all(asked.data, asked.name, self._ontology.form)):
            known = asked.known.get(position, Known(Before()))
            found = rows.drafted(
                each, self._ontology, self._gazetteer, taken - known.own if known.own else taken, None, known.before
            )
            _give_own_id(found.data, networks)
            taken |= found.ids
            drafts.append(self._made(asked.name, found.data, found.places, found.ids, each.notes))
        return drafts

    def _form(self, asked: Asked, taken: set[str]) -> Draft:
        """The draft that a filled form of ours holds; every answer stands below its question there."""
        known = asked.known.get(0, Known(Before()))
        data = forms.read(asked.data, asked.name, self._ontology, known_ids=taken - known.own)
        ids = frozenset(_DEFINED.findall(yamltext.dump(data))) - {str(data["id"])}
        return self._made(asked.name, data, [], ids, ())

    def _made(
        self,
        name: str,
        data: dict[str, Any],
        places: Sequence[Mapping[str, Any]],
        ids: frozenset[str],
        notes: Sequence[str],
    ) -> Draft:
        text = yamltext.dump(data)
        try:
            problems = self._reader.document(yamltext.load(text, name), name)[1]
        except InputError as error:
            problems = list(error.problems)
        # Lines of a record that is not written yet would be taken for those of the document.
        return Draft(data, text, places, ids, [replace(each, line=None) for each in problems], notes)


def _give_own_id(data: dict[str, Any], networks: set[str]) -> None:
    """Two networks of one document that are named alike get ids of their own, and a person is asked."""
    name = base = data["id"]
    number = 1
    while name in networks:
        number += 1
        name = f"{base}-{number}"
    networks.add(name)
    if name != base:
        data["id"] = name
        text = "Another profile of this document has the same name. Is it the same network?"
        explanation: Any = text if data["language"] == "en" else {"en": text}
        question = {"field": "label", "problem": "ambiguous", "explanation": explanation, "raw": base}
        review = [question, *data.pop("review", [])]
        rest = {key: data.pop(key) for key in list(data) if key not in ("id", "language", "names_language")}
        data.update({"review": review, **rest})


# ---------------------------------------------------------------------------------------------------------------------
# In a worker


def open_drafting(
    ontology: Path | None, places: Path | Gazetteer, taken: frozenset[str]
) -> Callable[[Asked], Answered]:
    """What a worker serves: called once, before the workers are forked.

    Args:
        ontology: The folder of the ontology; ``None`` for the one that comes along.
        places: The place list, or the folder with it.
        taken: Ids of actors that are not given again.

    Raises:
        InputError: the place list is broken.
    """
    gazetteer = places if isinstance(places, Gazetteer) else Gazetteer.load(places)
    drafting = Drafting(Ontology.load(ontology), gazetteer, taken)
    return lambda asked: answer(drafting, asked)


def answer(drafting: Drafting, asked: Asked) -> Answered:
    """Draft, and say what went wrong as a value: an error would lose its problems on the way.

    A fault in a reader that nobody has foreseen refuses the one file that it happened with.
    """
    try:
        return Answered(drafting.draft(asked))
    except InputError as error:
        return Answered(problems=tuple(error.problems))
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the file is at its root, and the next one is not
        message = "The file is damaged in a way that its reader does not understand."
        return Answered(problems=(Problem(message, file=asked.name, advice=_NEW_COPY),), fault=repr(error))


# ---------------------------------------------------------------------------------------------------------------------
# In front of the workers


class Importer:
    """Reads documents in workers; use it as a context manager, from any thread.

    Args:
        places: The place list, or the folder with it.
        taken: Ids of actors that are not given again.
        ontology: The folder of the ontology; ``None`` for the one that comes along.
        size: Workers, and so documents at the same time.
        deadline: Seconds that a document may take.
        memory: Bytes that it may need.
        patience: Seconds that a document waits for a worker.
        opener: What the workers serve; another one in tests only.

    Raises:
        InputError: the place list is broken.

    >>> with Importer(Gazetteer()) as importer:
    ...     [draft] = importer.drafts(b"Name of the network: Harz together", "form.txt")
    >>> draft.id, draft.places[0]["locator"]
    ('harz-together', 'row 1, line 1')
    """

    def __init__(
        self,
        places: Path | Gazetteer,
        taken: frozenset[str] = frozenset(),
        ontology: Path | None = None,
        *,
        size: int = 1,
        deadline: float = DEADLINE,
        memory: int = MEMORY,
        patience: float = 600.0,
        opener: Opener = open_drafting,
    ) -> None:
        self._deadline = deadline
        self._memory = memory
        if not isinstance(places, Gazetteer):
            places = Gazetteer.load(places)  # here, where its faults keep their lines
        self._zygote = Zygote(opener, (ontology, places, taken), memory=memory, shared=True)
        try:
            self._pool = WorkerPool(self._zygote, size=size, deadline=deadline, patience=patience)
        except BaseException:
            self._zygote.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the workers."""
        self._pool.close()
        self._zygote.close()

    def drafts(
        self, data: bytes, name: str, taken: Collection[str] = (), known: Mapping[int, Known] | None = None
    ) -> Sequence[Draft]:
        """The profiles of a document as drafts of records.

        Args:
            data: The bytes of the file.
            name: Its name; it is never opened.
            taken: Ids of actors that are taken beside those known from the beginning.
            known: What is known of its profiles from an earlier edition, by their position from 0.

        Raises:
            InputError: it cannot be read, is a trap, or nothing in it is a row of the form.
            WorkersBusy: no worker was free in time.
        """
        name = PurePath(name.replace("\\", "/")).name[-200:] or "document"
        if len(data) > MAX_BYTES:
            raise _too_large(name, len(data))
        if not data:
            raise InputError(Problem("The file is empty.", file=name))
        try:
            answered: Answered = self._pool.call(Asked(name, data, frozenset(taken), known or {}))
        except QueryTimeout:
            message = f"Reading the file took longer than {self._deadline:g} seconds and was stopped."
            raise InputError(Problem(message, file=name, advice=_NEW_COPY)) from None
        except WorkersBusy:
            raise
        except WorkerError:
            message = f"Reading the file needs more than {self._memory // 1_000_000:,} MB of memory and was stopped."
            raise InputError(Problem(message, file=name, advice=_NEW_COPY)) from None
        if answered.problems:
            raise InputError(answered.problems)
        return answered.drafts


def _too_large(name: str, size: int) -> InputError:
    message = f"The file has {size:,} bytes; at most {MAX_BYTES:,} are read."
    return InputError(Problem(message, file=name, advice="Leave the pictures out, or divide it."))


def snapshot(file: Path) -> bytes:
    """The bytes of a file as they are at one moment.

    Raises:
        InputError: there is no such file, it cannot be read, is too large or empty, or was changed while it was read.
    """
    try:
        if file.is_dir():
            raise InputError(Problem("This is a folder, not a file.", file=str(file), advice="Name a file in it."))
        if not file.is_file():
            what = "This is no ordinary file." if file.exists() else "There is no such file."
            raise InputError(Problem(what, file=str(file)))
        before = file.stat()
        if before.st_size > MAX_BYTES:
            raise _too_large(str(file), before.st_size)
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
            after = os.fstat(stream.fileno())
            now = file.stat()
            changed = _facts(before) != _facts(after) or _facts(after) != _facts(now) or len(data) != after.st_size
            if not changed and abs(time.time() - after.st_mtime) < _FRESH:
                # it was written a moment ago, so its time may not tell: what is read a second time tells
                stream.seek(0)
                again = stream.read(MAX_BYTES + 1)
                changed = hashlib.sha256(again).digest() != hashlib.sha256(data).digest()
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(Problem(f"The file cannot be read: {reason}.", file=str(file))) from None
    if changed:
        message, advice = "The file was changed while it was read.", "Import it again when nobody is writing to it."
        raise InputError(Problem(message, file=str(file), advice=advice))
    if not data:
        raise InputError(Problem("The file is empty.", file=str(file)))
    return data


def _facts(stat: os.stat_result) -> tuple[int, int, int]:
    return stat.st_size, stat.st_mtime_ns, stat.st_ino
