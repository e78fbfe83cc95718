"""Many documents into a folder of records: what is new is written, what is there stays, what changed is told.

A record is found again by the digest of its source, by its id, or by the name of its network. The same document again
changes nothing. A record that is there is a person's work: it is never replaced unless somebody asks for it.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from integgraph.errors import InputError, IntegGraphError, Problem
from integgraph.ingest import sources, yamltext
from integgraph.ingest.documents import kinds as readers
from integgraph.ingest.importing import Draft, Importer, Known, snapshot
from integgraph.ingest.record import Record, RecordReader, to_data
from integgraph.ingest.rows import Before
from integgraph.ontology import UNCLASSIFIED, Ontology, normalise_label

Status = Literal["read", "written", "replaced", "unchanged", "kept", "failed"]
"""What became of a profile; ``read`` where nothing was to be written."""
_BESIDE = ("review", "evidence")
"""Fields that are about the reading, and not about the network."""
_OWN = ("source", "sha256")
"""Parts of an item that are about where it comes from."""
_LOOSE = ("raw",)
"""Parts that one edition may have and the other may lack."""
_MAIN = ("text", "name", "wording", "concept", "url")
"""Parts that a bare text may stand for."""
_HIDDEN = (".", "~$", "README")
_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Change:
    """What an edition of a profile says otherwise than the record that is there.

    Attributes:
        field: Key of the field.
        removed: What only the record says.
        added: What only the new edition says.
    """

    field: str
    removed: Sequence[str]
    added: Sequence[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one profile of one file, or of a file that could not be read.

    Attributes:
        file: The file as the caller named it.
        status: What became of it.
        draft: The profile; ``None`` for a file that failed.
        record: The record's file, where there is one.
        changes: What the new edition says otherwise than the record.
        reason: Why it failed or was kept, or what else there is to know.
    """

    file: Path
    status: Status
    draft: Draft | None = None
    record: Path | None = None
    changes: Sequence[Change] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that is there already, as far as an import must know it."""

    file: Path
    data: Mapping[str, Any]
    digests: frozenset[str]
    names: frozenset[str]

    @property
    def id(self) -> str:
        """Id of its network."""
        return str(self.data.get("id", ""))

    @property
    def reviewed(self) -> bool:
        """Whether nothing is left to decide."""
        return not self.data.get("review")

    @property
    def known(self) -> Known:
        """The ids that a new edition takes over."""
        actors = {
            normalise_label(name): each["id"]
            for each in _actors(self.data)
            for name in _texts(each.get("name"))
            if isinstance(each["id"], str)
        }
        return Known(Before(self.id, actors), frozenset(actors.values()))


def _actors(value: Any) -> Iterator[Mapping[str, Any]]:
    """Everything with an id and a name, at any depth."""
    for each in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        if isinstance(each, Mapping) and "id" in each and "name" in each:
            yield each
        yield from _actors(each)


def _texts(value: Any) -> Iterator[str]:
    """The texts of a value: one, or one a language."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for text in value.values() if isinstance(text, str))
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


@dataclass(slots=True)
class Shelf:
    """The records that are there, in one or several folders; those of the first folder count before the others."""

    kept: list[Kept] = field(default_factory=list)
    _by_digest: dict[str, list[Kept]] = field(default_factory=dict)
    _by_id: dict[str, list[Kept]] = field(default_factory=dict)
    _by_name: dict[str, list[Kept]] = field(default_factory=dict)

    @classmethod
    def of(cls, folders: Iterable[Path]) -> Shelf:
        """The records of these folders; a file that is no record is passed over, because a build will name it."""
        shelf = cls()
        for folder in dict.fromkeys(each.resolve() for each in folders if each.is_dir()):
            for file in sources.profile_files(folder):
                if file.suffix.lower() in sources.RECORDS:
                    with contextlib.suppress(IntegGraphError):
                        shelf.add(file, yamltext.load(yamltext.read_text(file), file.name).data)
        return shelf

    def add(self, file: Path, data: Any) -> None:
        """Put one more record there, or a new one in the place of an old one."""
        if not isinstance(data, Mapping):
            return
        found = data.get("sources")
        digests = {
            each.get("sha256") for each in (found if isinstance(found, list) else [found]) if isinstance(each, dict)
        }
        names = {normalise_label(text) for key in ("label", "official_name") for text in _texts(_value(data.get(key)))}
        kept = Kept(
            file, data, frozenset(each for each in digests if isinstance(each, str)), frozenset(filter(None, names))
        )
        self.kept = [each for each in self.kept if each.file != file] + [kept]
        for table, keys in ((self._by_digest, kept.digests), (self._by_id, {kept.id}), (self._by_name, kept.names)):
            for key in keys:
                table[key] = [each for each in table.get(key, []) if each.file != file] + [kept]

    def find(self, draft: Draft, digest: str, alone: bool) -> Kept | None:
        """The record of the same network.

        Args:
            draft: The new profile.
            digest: SHA-256 of the document that it comes from.
            alone: Whether that document holds one profile only.
        """
        same = self._by_digest.get(digest, [])
        if alone and len(same) == 1:
            return same[0]
        names = {
            normalise_label(text) for key in ("label", "official_name") for text in _texts(_value(draft.data.get(key)))
        }
        candidates = (
            [each for each in same if each.id == draft.id or each.names & names],
            self._by_id.get(draft.id, []),
            [each for name in sorted(names) for each in self._by_name.get(name, [])],
        )
        found = next((each for each in candidates if each), [])
        # Of several editions the last one counts; among folders, the first.
        return max(found, key=lambda each: (-self._folder(each), each.data.get("edition", ""))) if found else None

    def _folder(self, kept: Kept) -> int:
        folders = list(dict.fromkeys(each.file.parent for each in self.kept))
        return folders.index(kept.file.parent)


def _value(raw: Any) -> Any:
    return None if isinstance(raw, Mapping) and "absent" in raw else raw


# ---------------------------------------------------------------------------------------------------------------------
# Which files


def files_of(paths: Iterable[Path]) -> list[Path]:
    """The documents that paths name: files as they are, and of folders all documents in them, each once.

    A folder without any stands for itself, so that it is said.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        inside = sorted(_documents(path)) if path.is_dir() else [path]
        for file in inside or [path]:
            found.setdefault(file.resolve(), file)
    return list(found.values())


def _documents(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            if Path(name).suffix.lower() in readers.SUFFIXES and not name.startswith(_HIDDEN):
                yield Path(root, name)


# ---------------------------------------------------------------------------------------------------------------------
# The import


@dataclass(slots=True)
class Batch:
    """One import of many files.

    Attributes:
        importer: Reads the documents.
        shelf: The records that are there.
        reader: Reads records, for the comparison of editions.
        folder: Where records are written to; ``None`` for nowhere.
        compare: Say what new editions change, and write nothing.
        replace: Asked before a record is replaced; says whether to. Without it none is.
    """

    importer: Importer
    shelf: Shelf
    reader: RecordReader
    folder: Path | None = None
    compare: bool = False
    replace: Callable[[Kept], bool] | None = None
    _taken: set[str] = field(default_factory=set)

    def run(self, files: Iterable[Path]) -> Iterator[Outcome]:
        """Import file by file; a file that cannot be read is one outcome, and the next one follows."""
        for file in files:
            try:
                yield from self._file(file)
            except IntegGraphError as error:
                yield Outcome(file, "failed", reason=str(error))

    def _file(self, file: Path) -> Iterator[Outcome]:
        if file.is_dir():
            advice = f"Documents are: {', '.join(readers.SUFFIXES)}."
            raise InputError(Problem("There is no document in this folder.", file=str(file), advice=advice))
        data = snapshot(file)
        digest = sources.digest_of(data)
        drafts = self.importer.drafts(data, file.name, self._taken)
        known = {
            position: kept
            for position, draft in enumerate(drafts)
            if (kept := self.shelf.find(draft, digest, len(drafts) == 1)) is not None
        }
        # Read once more with the ids that stay, unless nothing is made of it.
        if any(self.compare or self.replace or not self._is_there(kept, digest) for kept in known.values()):
            drafts = self.importer.drafts(
                data, file.name, self._taken, {position: kept.known for position, kept in known.items()}
            )
        for position, draft in enumerate(drafts):
            yield self._draft(file, draft, digest, known.get(position))
            self._taken |= draft.ids

    def _is_there(self, kept: Kept, digest: str) -> bool:
        """Whether the record was made from this very document, in the folder that is written to."""
        return digest in kept.digests and self.folder is not None and kept.file.parent == self.folder.resolve()

    def _draft(self, file: Path, draft: Draft, digest: str, kept: Kept | None) -> Outcome:
        if kept is None:
            return (
                Outcome(file, "read", draft) if self.folder is None or self.compare else self._write(file, draft, None)
            )
        if self.compare:
            changes = changes_between(self._record(kept), self._read(draft, file), self.reader.ontology)
            return Outcome(file, "unchanged" if digest in kept.digests else "read", draft, kept.file, changes)
        if self.folder is None:
            return Outcome(file, "read", draft, kept.file)
        if kept.file.parent != self.folder.resolve():
            reason = f"{kept.file} is a record of this network too; --diff shows what is new."
            return self._write(file, draft, None, reason)
        if kept.data == draft.data:
            return Outcome(file, "unchanged", draft, kept.file)
        if self.replace is not None and self.replace(kept):
            return self._write(file, draft, kept)
        if digest in kept.digests:
            return Outcome(file, "unchanged", draft, kept.file)
        reason = "This record exists already and is left as it is; --diff shows what is new, --overwrite replaces it."
        return Outcome(file, "kept", draft, kept.file, reason=reason)

    def _record(self, kept: Kept) -> Record:
        return self.reader.file(kept.file)[0]

    def _read(self, draft: Draft, file: Path) -> Record:
        return self.reader.data(dict(draft.data), file.name)[0]

    def _write(self, file: Path, draft: Draft, kept: Kept | None, reason: str = "") -> Outcome:
        folder = self.folder or Path()
        target = kept.file if kept is not None else folder / f"{draft.id}.yaml"
        if kept is None and target.exists():
            there = "This file exists already and is left as it is. Remove or rename it first."
            return Outcome(file, "kept", draft, target, reason=there)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write_whole(target, draft.text)
        except OSError as error:
            raise InputError(
                Problem(f"The record cannot be written: {error.strerror or error}.", file=str(target))
            ) from None
        self.shelf.add(target.resolve(), draft.data)
        return Outcome(file, "written" if kept is None else "replaced", draft, target, reason=reason)


def _write_whole(target: Path, text: str) -> None:
    """Write a file in one step: it is there whole, or as it was before."""
    handle, name = tempfile.mkstemp(prefix=".importing-", suffix=".yaml", dir=target.parent)
    try:
        with open(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _umask() -> int:
    mask = os.umask(0o22)
    os.umask(mask)
    return mask


# ---------------------------------------------------------------------------------------------------------------------
# What changed


def changes_between(old: Record, new: Record, ontology: Ontology) -> list[Change]:
    """What two records of one network answer otherwise, field by field in the order of the form.

    Open questions and evidence are about the reading and are left out, as are digests of sources. What a person has
    added to an item, such as the sector of a member, is no change; nor are capital letters and punctuation.
    """
    before, after = (to_data(each, ontology) for each in (old, new))
    found = []
    for each in ontology.form.fields:
        if each.key in _BESIDE:
            continue
        gone, come = (_items(data.get(each.key)) for data in (before, after))
        removed = [item for item in gone if not any(_holds(item, other) for other in come)]
        added = [item for item in come if not any(_holds(other, item) for other in gone)]
        if removed or added:
            found.append(
                Change(each.key, [_short(_item(item)) for item in removed], [_short(_item(item)) for item in added])
            )
    return found


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _holds(old: Any, new: Any) -> bool:
    """Whether an item says all that another one says."""
    if isinstance(old, Mapping) and not isinstance(new, Mapping):
        return any(_holds(value, new) for key, value in old.items() if key in _MAIN)
    if isinstance(new, Mapping):
        if not isinstance(old, Mapping):
            return False
        said = {key: value for key, value in new.items() if key not in _OWN}
        # Where it says what is meant, it does not matter in which words.
        if any(value != UNCLASSIFIED for key, value in said.items() if key not in ("wording", *_LOOSE)):
            said.pop("wording", None)
        return all(_holds(old[key], value) if key in old else key in _LOOSE for key, value in said.items())
    if isinstance(new, list) or isinstance(old, list):
        ours, theirs = _items(old), _items(new)
        return len(ours) >= len(theirs) and all(any(_holds(one, other) for one in ours) for other in theirs)
    return bool(old == new or (normalise_label(str(new)) and normalise_label(str(old)) == normalise_label(str(new))))


def _item(value: Any, nested: bool = False) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{key}: {_item(each, True)}" for key, each in value.items() if key != "sha256")
        return f"{{{inner}}}" if nested else inner
    if isinstance(value, list):
        return " | ".join(_item(each, True) for each in value)
    return " ".join(str(value).split())


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
