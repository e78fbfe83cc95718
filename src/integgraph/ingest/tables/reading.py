"""A table file as rows of text: CSV and TSV in any encoding, XLSX, Parquet; packed with gzip or not.

The content decides what a file is, not its name. Reading runs in a process of its own, with bounded memory and time and
without a network (:mod:`integgraph.workers`): a file may be a trap. What was read lies in a *spool*, one row a line,
so that memory holds a row at a time afterwards.

Sources: RFC 4180 (CSV); RFC 1952 (gzip); ECMA-376 (XLSX); MS-OFFCRYPTO 1.3 (encrypted files); Apache Parquet format.
"""

from __future__ import annotations

import codecs
import csv
import datetime
import gzip
import hashlib
import io
import json
import lzma
import re
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from integgraph.errors import InputError, Problem, QueryTimeout, WorkerError
from integgraph.ontology import near
from integgraph.workers import Zygote

MAX_BYTES = 500_000_000
"""Bytes of the largest file that is read."""
MAX_EXPANDED = 1_000_000_000
"""Bytes that a packed file may unpack to, and that its rows may take up."""
MAX_RATIO = 100
"""How many times its size a file may unpack to, once it is larger than a megabyte unpacked."""
MAX_COLUMNS = 1_000
MAX_CELL = 100_000
"""Characters of a cell."""
MEMORY = 1_000_000_000
"""Bytes that the reading process may use above what it begins with."""
DEADLINE = 120.0
"""Seconds that reading may take."""
FORMATS = ("csv", "tsv", "xlsx", "parquet")
_SEARCHED = 50
_BLOCK = 1 << 20
_FREE = 1_000_000

Cell = str | int | float | None
"""A cell: text, or a number where the file itself says so."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is to be read, as far as the mapping says so.

    Attributes:
        format: One of ``FORMATS``; told from the content unless given.
        sheet: Name of the sheet of a workbook.
        header: Number of the row with the headings, from 1.
        last: Number of the last row that counts; 0 for all.
        delimiter: What separates cells of a text; told from the headings unless given.
        encoding: Of a text; told from its bytes unless given.
    """

    format: str = ""
    sheet: str = ""
    header: int = 1
    last: int = 0
    delimiter: str = ""
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it, the cells of the wanted columns, and what is wrong with it."""

    number: int
    cells: Sequence[Cell]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Spool:
    """A table that was read.

    Attributes:
        file: Where the rows lie.
        name: Name of the source file.
        sha256: Digest of the source file's bytes.
        size: Its bytes.
        columns: The wanted columns, in the order of the cells.
        format, sheet: What was read.
        notes: What a person should know, one sentence each.
    """

    file: Path
    name: str
    sha256: str
    size: int
    columns: Sequence[str]
    format: str
    sheet: str = ""
    notes: Sequence[str] = ()

    def rows(self) -> Iterator[Row]:
        """The rows below the headings, in order; rows without any cell are left out."""
        with self.file.open(encoding="utf-8") as lines:
            for line in lines:
                number, cells, fault = json.loads(line)
                yield Row(number, cells, fault)


class Reader:
    """Reads table files in a process that is killed when it takes too much; use it as a context manager."""

    def __init__(self, *, memory: int = MEMORY, deadline: float = DEADLINE) -> None:
        self._memory, self._deadline = memory, deadline
        self._folder = TemporaryDirectory(prefix="integgraph-table-")
        self._count = 0

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def read(self, file: Path, columns: Sequence[str], layout: Layout | None = None) -> Spool:
        """Read a table.

        Args:
            file: The file.
            columns: The headings of the columns that are wanted.
            layout: How it is to be read.

        Raises:
            InputError: it cannot be read, is no table, a column is missing, or it is a trap; one clear sentence each.
        """
        self._count += 1
        copy = Path(self._folder.name, f"{self._count}.source")
        target = Path(self._folder.name, f"{self._count}.rows")
        digest, size = snapshot(file, copy)
        request = (str(copy), file.name, list(columns), layout or Layout(), str(target))
        try:
            zygote = Zygote(_opener, memory=self._memory)
            try:
                worker = zygote.fork()
                try:
                    found = worker.call(request, self._deadline)
                finally:
                    worker.stop()
            finally:
                zygote.close()
        except QueryTimeout:
            raise _refused(file.name, f"Reading the file took longer than {self._deadline:g} seconds.") from None
        except WorkerError:
            raise _refused(
                file.name,
                f"Reading the file needs more than {self._memory // 1_000_000:,} MB of memory.",
                "A cell far outside of the table, or a file that is packed very tightly, can be the reason: copy the "
                "table into a new file, or save it as CSV.",
            ) from None
        copy.unlink()
        if "problem" in found:
            message, advice, row = found["problem"]
            raise _refused(file.name, message, advice, row)
        return Spool(
            target, file.name, digest, size, tuple(columns), found["format"], found["sheet"], tuple(found["notes"])
        )


def snapshot(file: Path, copy: Path) -> tuple[str, int]:
    """Copy a file so that it cannot change while it is read: (SHA-256, bytes) of what was copied.

    Raises:
        InputError: there is no such file, it is too large, or it was changed meanwhile.
    """
    digest = hashlib.sha256()
    size = 0
    try:
        if not file.is_file():
            raise _refused(str(file), "There is no such file." if not file.exists() else "This is not a file.")
        before = file.stat()
        if before.st_size > MAX_BYTES:
            raise _refused(file.name, f"The file has {before.st_size:,} bytes; at most {MAX_BYTES:,} are read.")
        with file.open("rb") as source, copy.open("wb") as target:
            while size <= MAX_BYTES and (block := source.read(_BLOCK)):
                digest.update(block)
                target.write(block)
                size += len(block)
        after = file.stat()
    except OSError as error:
        raise _refused(file.name, f"The file cannot be read: {error.strerror or error}.") from None
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or size != after.st_size:
        raise _refused(
            file.name, "The file was changed while it was read.", "Import again when nobody is writing to it."
        )
    if not size:
        raise _refused(file.name, "The file is empty.")
    return digest.hexdigest(), size


def _refused(name: str, message: str, advice: str = "", row: int | None = None) -> InputError:
    return InputError(Problem(message, file=name, line=row, advice=advice))


# ---------------------------------------------------------------------------------------------------------------------
# In the reading process


class _Fault(Exception):
    """Why a file is not read: a sentence, advice, and the row."""

    def __init__(self, message: str, advice: str = "", row: int | None = None) -> None:
        super().__init__(message)
        self.facts = (message, advice, row)


@dataclass(slots=True)
class _Source:
    """A file in the reading process: its name, what it is to be, and what was noted on the way."""

    path: Path
    name: str
    columns: Sequence[str]
    layout: Layout
    sheet: str = ""
    notes: list[str] = field(default_factory=list)
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] = ()


def _opener() -> Callable[[Any], Any]:
    return _handle


def _handle(request: tuple[str, str, list[str], Layout, str]) -> Mapping[str, Any]:
    path, name, columns, layout, target = request
    source = _Source(Path(path), name, columns, layout)
    try:
        kind = _kind(source)
        rows = {"xlsx": _workbook, "parquet": _parquet}.get(kind, _text)(source)
        _write(_table(rows, source), Path(target))
    except _Fault as fault:
        return {"problem": fault.facts}
    return {"format": kind, "sheet": source.sheet, "notes": source.notes}


def _write(rows: Iterable[Row], target: Path) -> None:
    size = 0
    with target.open("w", encoding="utf-8") as out:
        for row in rows:
            line = json.dumps([row.number, row.cells, row.fault], ensure_ascii=False) + "\n"
            size += len(line)
            if size > MAX_EXPANDED:
                raise _Fault(f"The rows take up more than {MAX_EXPANDED:,} characters.", "Split the table.")
            out.write(line)


_SIGNS: Mapping[bytes, str] = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"{\\rtf": "a text document (RTF)",
    b"SQLite format 3": "a database (SQLite)",
    b"BZh": "packed with bzip2",
    b"\xfd7zXZ": "packed with xz",
    b"7z\xbc\xaf": "packed with 7-Zip",
    b"(\xb5/\xfd": "packed with Zstandard",
}
_SUFFIXES = {".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".txt": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx",
             ".parquet": "parquet"}  # fmt: skip
_TEXTS = {"csv", "tsv"}
_SAVE = "Save the table as XLSX or CSV."


def _kind(source: _Source) -> str:
    """What a file is, by its first bytes; gzip is taken off."""
    name = source.name
    with source.path.open("rb") as file:
        head = file.read(4_096)
    if head.startswith(b"\x1f\x8b"):
        _unpack(source)
        name = re.sub(r"\.gz$", "", name, flags=re.IGNORECASE)
        with source.path.open("rb") as file:
            head = file.read(4_096)
    for sign, what in _SIGNS.items():
        if head.startswith(sign):
            raise _Fault(f"The file is {what}, not a table.", _SAVE)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        whole = source.path.read_bytes()
        if "EncryptedPackage".encode("utf-16-le") in whole:
            raise _Fault("The file is encrypted.", "Save it without a password, and import that.")
        raise _Fault("The file is in the format of Excel before 2007.", _SAVE)
    found = "xlsx" if head.startswith(b"PK") else "parquet" if head.startswith(b"PAR1") else ""
    said = _SUFFIXES.get(Path(name).suffix.lower(), "")
    if not found:
        if re.match(rb"\s*(?:<\?xml|<!doctype|<html)", head, re.IGNORECASE):
            raise _Fault("The file is a web page or XML, not a table.", _SAVE)
        found = said if said in ("csv", "tsv") else "csv"
    if said and said != found and {said, found} != _TEXTS:
        source.notes.append(f"The name ends like a file of {said}, but the content is {found}; it was read as that.")
    wanted = source.layout.format
    if wanted and wanted != found and {wanted, found} != _TEXTS:
        raise _Fault(f"The mapping says that the file is {wanted}, but its content is {found}.")
    return wanted or found


def _unpack(source: _Source) -> None:
    packed = source.path.stat().st_size
    target = source.path.with_suffix(".unpacked")
    size = 0
    try:
        with gzip.open(source.path) as file, target.open("wb") as out:
            while block := file.read(_BLOCK):
                size += len(block)
                _bound(size, packed)
                out.write(block)
    except (OSError, EOFError, zlib.error):
        raise _Fault("The file is packed with gzip, but damaged or cut off.") from None
    shutil.move(target, source.path)


def _bound(size: int, packed: int) -> None:
    if size > MAX_EXPANDED or (size > _FREE and size > packed * MAX_RATIO):
        raise _Fault(
            f"The file unpacks to more than {min(MAX_EXPANDED, max(_FREE, packed * MAX_RATIO)):,} bytes, which no "
            "table needs.",
            "Save the table as CSV.",
        )


# -- the table in the rows


def _table(rows: Iterable[tuple[int, list[Cell]]], source: _Source) -> Iterator[Row]:
    """Rows below the headings, with the wanted cells."""
    waiting = iter(rows)
    first = list(islice(waiting, max(_SEARCHED, source.layout.header)))
    headings, places = _headings(first, source)
    broad = [(low, high) for low, high in source.merged if low[0] != high[0] and low[0] + 1 > source.layout.header]
    for number, cells in chain(first, waiting):
        if number <= source.layout.header or not any(cell not in (None, "") for cell in cells):
            continue
        if source.layout.last and number > source.layout.last:
            return
        fault = ""
        while len(cells) > len(headings) and cells[-1] in (None, ""):
            cells = cells[:-1]
        if len(cells) > len(headings):
            fault = f"The row has {len(cells)} cells, but there are {len(headings)} headings."
        elif len(cells) < len(headings):
            fault = f"The row has only {len(cells)} cells, but there are {len(headings)} headings."
        elif (long := max((len(cell) for cell in cells if isinstance(cell, str)), default=0)) > MAX_CELL:
            fault = f"A cell has {long:,} characters; at most {MAX_CELL:,} are read."
        else:
            for (top, left), (bottom, right) in broad:
                if top < number <= bottom + 1 and any(left <= place <= right for place in places):
                    fault = "The row has cells that are merged with those of other rows: unmerge and fill them."
        yield Row(number, [] if fault else [_clean(cells[place]) for place in places], fault)


def _headings(first: Sequence[tuple[int, list[Cell]]], source: _Source) -> tuple[list[str], list[int]]:
    """The headings, and where the wanted ones stand."""
    by_number = dict(first)
    row = source.layout.header
    headings = [_heading(cell) for cell in by_number.get(row, [])]
    while headings and not headings[-1]:
        headings.pop()
    if len(headings) > MAX_COLUMNS:
        raise _Fault(
            f"The table has {len(headings):,} columns; at most {MAX_COLUMNS:,} are read.",
            "Delete the columns that nobody needs.",
        )
    missing = [name for name in source.columns if _heading(name) not in headings]
    if missing:
        for number, cells in first:
            others = {_heading(cell) for cell in cells}
            if number != row and all(_heading(name) in others for name in source.columns):
                raise _Fault(
                    f"The headings stand in row {number}, not in row {row}.",
                    f"Write 'header: {number}' under 'read' in the mapping.",
                )
        name = missing[0]
        known = [each for each in headings if each]
        similar = near(_heading(name), known) or [
            each for each in known if each.casefold() == _heading(name).casefold()
        ]
        hint = f"Did you mean {' or '.join(repr(each) for each in similar)}? " if similar else ""
        shown = ", ".join(repr(each) for each in known[:12]) + (", …" if len(known) > 12 else "")
        raise _Fault(
            f"The table has no column '{name}' in row {row}.",
            f"{hint}The columns are: {shown}." if known else "That row is empty.",
        )
    for name in source.columns:
        if headings.count(_heading(name)) > 1:
            raise _Fault(f"Two columns have the heading '{name}'.", "Rename one of them in the table.")
    return headings, [headings.index(_heading(name)) for name in source.columns]


def _heading(cell: Cell) -> str:
    return " ".join(str(_clean(cell) if cell is not None else "").split())


def _clean(cell: Cell) -> Cell:
    """A whole number that a spreadsheet keeps as a float is a whole number."""
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 1e15 else cell
    return cell


# -- text

_GUESSES = (",", ";", "\t", "|")


def _text(source: _Source) -> Iterator[tuple[int, list[Cell]]]:
    encoding = source.layout.encoding or _encoding(source)
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise _Fault(f"There is no encoding '{encoding}'.", "Write utf-8, cp1252, latin-1 or utf-16.") from None
    delimiter = source.layout.delimiter or _delimiter(source, encoding)
    yield from _records(source, encoding, delimiter)


def _encoding(source: _Source) -> str:
    """UTF-8, UTF-16 with its mark, or else Windows-1252."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    with source.path.open("rb") as file:
        head = file.read(3)
        if head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return "utf-16"
        file.seek(0)
        while True:
            block = file.read(_BLOCK)
            if 0 in block:
                line += block.count(b"\n", 0, block.index(0))
                raise _Fault(
                    f"There is a NUL character in line {line}, so this is no text.", "Save the table again as CSV."
                )
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError:
                break
            if not block:
                return "utf-8-sig"
            line += block.count(b"\n")
    return _one_byte(source)


_UTF8_PAIR = re.compile(rb"[\xc3\xc4\xc5][\x80-\xbf](?![\x80-\xbf])")


def _one_byte(source: _Source) -> str:
    with source.path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
                if _UTF8_PAIR.search(line):
                    raise _Fault(
                        f"The file mixes encodings: line {number} is UTF-8, others are not.",
                        "Save the table again as UTF-8.",
                    )
            except UnicodeDecodeError:
                pass
            try:
                line.decode("cp1252")
            except UnicodeDecodeError as error:
                raise _Fault(
                    f"Line {number} is neither UTF-8 nor Windows-1252: byte 0x{line[error.start]:02x}.",
                    "Write 'encoding: …' under 'read' in the mapping, or save the table again as UTF-8.",
                ) from None
    source.notes.append("The file is not UTF-8; it was read as Windows-1252.")
    return "cp1252"


def _delimiter(source: _Source, encoding: str) -> str:
    """The character that gives most of the wanted columns; among equals, most cells."""
    wanted = {_heading(name) for name in source.columns}

    def worth(delimiter: str) -> tuple[int, int]:
        best = (0, 0)
        try:
            for _, cells in islice(_records(source, encoding, delimiter), max(_SEARCHED, source.layout.header)):
                best = max(best, (len(wanted & {_heading(cell) for cell in cells}), len(cells)))
        except _Fault:
            return best
        return best

    return max(_GUESSES, key=worth)


def _records(source: _Source, encoding: str, delimiter: str) -> Iterator[tuple[int, list[Cell]]]:
    csv.field_size_limit(MAX_CELL)
    number = 0
    with source.path.open(encoding=encoding, newline="") as lines:
        reader = csv.reader(_without_nul(lines), delimiter=delimiter, strict=True)
        try:
            for number, cells in enumerate(reader, 1):
                if len(cells) > MAX_COLUMNS * 20:
                    raise _Fault(f"Row {number} has {len(cells):,} cells; at most {MAX_COLUMNS:,} are read.")
                yield number, list(cells)
        except UnicodeDecodeError as error:
            raise _Fault(
                f"The file is not {encoding}: byte 0x{error.object[error.start]:02x} after row {number}.",
                "Leave 'encoding' out of the mapping, so that it is told from the file.",
            ) from None
        except csv.Error as error:
            row = number + 1
            if "field larger" in str(error):
                raise _Fault(
                    f"A cell in row {row} is longer than {MAX_CELL:,} characters.",
                    "Most likely a quotation mark is not closed there.",
                    row,
                ) from None
            raise _Fault(
                f"The quotation marks in row {row} do not fit together.",
                "A mark inside a quoted cell is written twice; see RFC 4180.",
                row,
            ) from None


def _without_nul(lines: io.TextIOBase | Any) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if "\0" in line:
            raise _Fault(f"There is a NUL character in line {number}, so this is no text.")
        yield line


# -- workbooks


def _workbook(source: _Source) -> Iterator[tuple[int, list[Cell]]]:
    from python_calamine import CalamineError, CalamineWorkbook

    _look_into(source)
    try:
        with source.path.open("rb") as file:
            book = CalamineWorkbook.from_filelike(io.BytesIO(file.read()))
        source.sheet = _sheet(book, source)
        sheet = book.get_sheet_by_name(source.sheet)
        source.merged = sheet.merged_cell_ranges or ()
        width = sheet.end[1] + 1 if sheet.end else 0
        if width > MAX_COLUMNS:
            raise _Fault(
                f"The sheet '{source.sheet}' has {width:,} columns; at most {MAX_COLUMNS:,} are read.",
                "Delete the columns that nobody needs; a single cell far to the right counts too.",
            )
        left: list[Cell] = [None] * (sheet.start or (0, 0))[1]  # the library leaves out empty columns, but no rows
        for number, cells in enumerate(sheet.iter_rows(), 1):
            yield number, [*left, *(_native(cell) for cell in cells)]
    except CalamineError as error:
        raise _Fault(f"The workbook is damaged: {_short(error)}.", _SAVE) from None


def _look_into(source: _Source) -> None:
    """What a workbook holds, before anything of it is unpacked."""
    try:
        with zipfile.ZipFile(source.path) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            _bound(sum(member.file_size for member in members), source.path.stat().st_size)
            if len(members) > 10_000:
                raise _Fault(f"The file holds {len(members):,} parts, which no workbook needs.", _SAVE)
            if any(member.flag_bits & 1 for member in members):
                raise _Fault("The file is encrypted.", "Save it without a password, and import that.")
            if "xl/workbook.xml" not in names:
                what = next((text for part, text in _PACKAGES.items() if part in names), "a ZIP archive")
                raise _Fault(f"The file is {what}, not a workbook.", _SAVE)
            _count(archive, members)
            for member in members:
                if member.filename.endswith((".xml", ".rels")):
                    with archive.open(member) as part:
                        if b"<!DOCTYPE" in part.read(2_000).upper():
                            raise _Fault("The workbook declares a document type, which workbooks never do.", _SAVE)
    except _BAD_ARCHIVE:
        raise _Fault("The file is a damaged ZIP archive or workbook.", _SAVE) from None
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        source.notes.append("The workbook holds macros; they were not run.")


_BAD_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
)
"""What the library raises for archives that are damaged, or packed in ways that it does not know."""


def _count(archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo]) -> None:
    """Unpack everything once and count: what the directory of an archive says of sizes may be untrue."""
    size = 0
    for member in members:
        packed = max(member.compress_size, 1)
        with archive.open(member) as part:
            own = 0
            while block := part.read(_BLOCK):
                own += len(block)
                size += len(block)
                _bound(own, packed * 10)
                if size > MAX_EXPANDED:
                    raise _Fault(f"The file unpacks to more than {MAX_EXPANDED:,} bytes.", "Save the table as CSV.")


_PACKAGES = {
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a presentation",
    "content.xml": "an OpenDocument file",
}


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__


def _sheet(book: Any, source: _Source) -> str:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    sheets = [each for each in book.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet]
    visible = [each.name for each in sheets if each.visible == SheetVisibleEnum.Visible]
    hidden = [each.name for each in sheets if each.name not in visible]
    wanted = source.layout.sheet
    if wanted:
        names = [each.name for each in sheets]
        if wanted not in names:
            similar = near(wanted, names)
            hint = f"Did you mean '{similar[0]}'? " if similar else ""
            raise _Fault(f"There is no sheet '{wanted}'.", f"{hint}The sheets are: {', '.join(names)}.")
        return wanted
    if not visible:
        raise _Fault("Every sheet of the workbook is hidden.", "Name one with 'sheet: …' under 'read' in the mapping.")
    if len(visible) > 1:
        raise _Fault(
            f"The workbook has {len(visible)} sheets: {', '.join(visible)}.",
            "Name one with 'sheet: …' under 'read' in the mapping.",
        )
    if hidden:
        source.notes.append(f"Hidden sheets were left alone: {', '.join(hidden)}.")
    return str(visible[0])


def _native(cell: Any) -> Cell:
    if cell is None or (isinstance(cell, str | int | float) and not isinstance(cell, bool)):
        return cell
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, datetime.date | datetime.time) else str(cell)


# -- Parquet


def _parquet(source: _Source) -> Iterator[tuple[int, list[Cell]]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    try:
        file = pq.ParquetFile(source.path)
        names = list(file.schema_arrow.names)
        yield 1, list(names)
        wanted = {_heading(name) for name in source.columns}
        kept = [name for name in names if _heading(name) in wanted]
        for name in kept:
            kind = file.schema_arrow.field(name).type
            if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
                raise _Fault(f"The column '{name}' holds {kind}, not text, numbers or dates.")
        number = 1
        for batch in file.iter_batches(batch_size=1_000, columns=kept, use_threads=False):
            columns = [batch.column(kept.index(name)).to_pylist() if name in kept else None for name in names]
            for place in range(batch.num_rows):
                number += 1
                yield number, [None if column is None else _plain(column[place]) for column in columns]
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise _Fault(f"The Parquet file is damaged: {_short(error)}.") from None


def _plain(value: Any) -> Cell:
    return str(value) if isinstance(value, Decimal | bool) else _native(value)
