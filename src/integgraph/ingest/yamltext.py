"""YAML that keeps what was typed: every scalar is a string, every value knows its line, nothing clever is allowed.

``no``, ``2021-01`` and ``0049`` stay what they are. Anchors, aliases, tags, duplicate keys and deep nesting are
refused: a profile needs none of them and each has been used to harm a reader.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from integgraph.errors import InputError, Problem

# libyaml reads a record ten times faster; the pure-Python parser is the same but for speed.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MAX_BYTES = 5_000_000
MAX_DEPTH = 20

Where = tuple[str | int, ...]
"""Path to a value: keys and positions, such as ``("members", 2, "roles")``."""


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML document as plain data, with the line of each value."""

    data: Any
    lines: Mapping[Where, int]
    sha256: str

    def line(self, where: Where) -> int | None:
        """Line of the value at ``where``, or of the nearest enclosing value that has one."""
        while where not in self.lines and where:
            where = where[:-1]
        return self.lines.get(where)


def read_text(file: Path, limit: int = MAX_BYTES) -> str:
    """The text of a UTF-8 file, without a byte order mark.

    Raises:
        InputError: a directory, unreadable, empty, too large, binary or not UTF-8; one clear sentence each.
    """
    return decode(read_bytes(file, limit), str(file))


def read_bytes(file: Path, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a file; see :func:`read_text` for what is refused."""
    name = str(file)
    if file.is_dir():
        raise InputError(Problem("This is a folder, not a file.", file=name, advice="Name a file in it."))
    try:
        size = file.stat().st_size
        if size > limit:
            raise InputError(Problem(f"The file has {size:,} bytes; at most {limit:,} are read.", file=name))
        return file.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(Problem(f"The file cannot be read: {reason}.", file=name)) from None


def decode(raw: bytes, name: str) -> str:
    """Text of UTF-8 bytes, without a byte order mark; see :func:`read_text` for what is refused."""
    try:
        wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))  # the mark of UTF-16, which never begins a UTF-8 file
        text = raw.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        byte = raw[error.start]
        if wide or b"\0" in raw:
            raise InputError(_binary(name)) from None
        raise InputError(
            Problem(
                f"The file is not UTF-8: byte 0x{byte:02x} in line {line}.",
                file=name,
                line=line,
                advice="Save it again as UTF-8 (in an editor: Save as, encoding UTF-8).",
            )
        ) from None
    if "\0" in text:
        raise InputError(_binary(name))
    if not text.strip():
        raise InputError(Problem("The file is empty.", file=name))
    return text


def _binary(name: str) -> Problem:
    return Problem("This is a binary file, not a text.", file=name, advice="Give the profile as YAML or text.")


def load(text: str, name: str) -> Document:
    """Parse one YAML document.

    Raises:
        InputError: it is not YAML, or it uses what a profile may not use; with the line.
    """
    try:
        reader = _Reader(name)
        data = reader.document(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise InputError(
            Problem(
                f"This is not YAML: {reason}.",
                file=name,
                line=mark.line + 1 if mark else None,
                advice="Check indentation, quotes and colons there.",
            )
        ) from None
    except RecursionError:
        raise InputError(Problem("The file is nested too deeply.", file=name)) from None
    return Document(data, reader.lines, hashlib.sha256(text.encode()).hexdigest())


class _Reader:
    """Builds plain data from parser events, so that nothing is resolved or constructed on the way."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Where, int] = {}

    def document(self, text: str) -> Any:
        loader = _Loader(text)
        try:
            self.get = loader.get_event
            self.get()  # stream start
            event = self.get()
            if isinstance(event, yaml.StreamEndEvent):
                raise InputError(Problem("The file holds no data, only comments.", file=self.name))
            data = self._node(self.get(), (), 0)
            self.get()  # document end
            event = self.get()
            if not isinstance(event, yaml.StreamEndEvent):
                self._refuse(event, "The file holds more than one YAML document.", "Give each network its own file.")
            return data
        finally:
            loader.dispose()

    def _node(self, event: Any, where: Where, depth: int) -> Any:
        self.lines[where] = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, "YAML aliases (*name) are not allowed.", "Write the value out.")
        if event.anchor is not None:
            self._refuse(event, "YAML anchors (&name) are not allowed.", "Write the value out where it is needed.")
        if event.tag is not None:
            self._refuse(event, f"YAML tags ({event.tag}) are not allowed.", "Leave the tag out.")
        if depth > MAX_DEPTH:
            self._refuse(event, f"The file is nested more than {MAX_DEPTH} levels deep.", "")
        if isinstance(event, yaml.ScalarEvent):
            return event.value
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(where, depth)
        return self._mapping(where, depth)

    def _sequence(self, where: Where, depth: int) -> list[Any]:
        items: list[Any] = []
        event = self.get()
        while not isinstance(event, yaml.SequenceEndEvent):
            items.append(self._node(event, (*where, len(items)), depth + 1))
            event = self.get()
        return items

    def _mapping(self, where: Where, depth: int) -> dict[str, Any]:
        items: dict[str, Any] = {}
        event = self.get()
        while not isinstance(event, yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._refuse(event, "A key must be a word.", "Put quotes around the value if it begins with [ or {.")
            key = event.value
            if event.anchor is not None or event.tag is not None:
                self._refuse(event, "YAML anchors and tags are not allowed.", "Write the key plainly.")
            if key in items:
                self._refuse(event, f"The key '{key}' stands here twice.", "Remove one of them.")
            line = event.start_mark.line + 1
            items[key] = self._node(self.get(), (*where, key), depth + 1)
            self.lines[*where, key] = line
            event = self.get()
        return items

    def _refuse(self, event: Any, message: str, advice: str) -> None:
        raise InputError(Problem(message, file=self.name, line=event.start_mark.line + 1, advice=advice))


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _write_string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Plain where the text reads back as itself, quoted otherwise.

    Every scalar is read as a string, so dates stay bare.
    """
    style = None
    if any(mark in text for mark in "\r\x85\u2028\u2029"):  # line ends that only double quotes keep apart
        style = '"'
    elif "\n" in text:
        style = "|"
    elif text == "" or text != text.strip() or "#" in text or ": " in text:
        style = "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _write_string)
# No implicit types: "2021-01", "no" and "1" are written bare, because the reader takes them as strings.
_Dumper.yaml_implicit_resolvers = {}


def dump(data: Any) -> str:
    """Write plain data as YAML that a person reads easily; :func:`load` gives the same data back."""
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
