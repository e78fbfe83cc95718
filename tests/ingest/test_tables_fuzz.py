"""Tables that are damaged where it hurts, by the thousand: each is read or refused, and nothing else happens.

A file is made of pieces that its format takes seriously (quotation marks, cell addresses, XML, lengths), put together
wrongly. ``make fuzz`` asks for twenty times as many, and for other ones each time.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from integgraph.errors import QueryTimeout, WorkerError
from integgraph.ingest.tables import reading
from integgraph.ingest.tables.reading import Layout
from integgraph.workers import WorkerPool
from tests.ingest.test_tables_reading import workbook

TIMES = int(os.environ.get("INTEGGRAPH_TIMES", "1"))
FILES = 5_000 * TIMES
COLUMNS = ["Name", "Betrag"]

TEXT = [
    b"Name", b"Betrag", b";", b",", b"\t", b'"', b'""', b"\n", b"\r\n", b"\r", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe",
    "Köln".encode(), "Köln".encode("cp1252"), "Köln".encode("utf-16"), b"1.000,50", b"-5", b"9" * 40, b"=1+1",
    b"x" * 70_000, b"\x1a", b"\xed\xa0\x80", b"\xe2\x80\xae", b" ", b"'", b"\\", b"#",
]  # fmt: skip
CELLS = [
    b"A1", b"B2", b"XFD1048576", b"ZZZ9", b"A0", b"A99999999999", b'"', b"<", b">", b"&amp;", b"&#0;", b"&#x1F;", b"&x;",
    b"<v>", b"</v>", b'<c r="A2" t="s"><v>7</v></c>', b'<c r="B2" t="e"><v>#REF!</v></c>', b'<c t="d"><v>x</v></c>',
    b"<f>A1</f>", b"]]>", b"<![CDATA[", b"<!--", b"</sheetData>", b"<row>", b'<row r="0">', b"1e999", b"nan", b"-1",
    b'<mergeCell ref="A1:XFD1048576"/>', b'<mergeCell ref="B1:A0"/>', b'state="veryHidden"', b'r:id="r9"', b"\0", b"\xff",
    b'<dimension ref="A1:XFD1048576"/>', b"<!DOCTYPE x>", b'xml:space="preserve"',
]  # fmt: skip


def _sheet_file() -> bytes:
    rows = [["Name", "Betrag", "x"], ["Zora", 5.5, "y"], ["Köln", ("=", "B2", 7), None], [None, 8, "z"]]
    return workbook({"A": rows, "B": [["x"]]}, hidden=["B"], merged=["A4:A5"])


def _parquet_file() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"Name": ["a", "b"] * 50, "Betrag": [5.5, None] * 50}), out)
    return out.getvalue()


SHEET, PARQUET = _sheet_file(), _parquet_file()
TABLE = 'Name;Betrag\nZora;5\n"a\nb";6\nKöln;7\n'.encode()


def _spoil(raw: bytes, chance: random.Random, pieces: list[bytes]) -> bytes:
    """Replace, insert, repeat or cut, a few times."""
    found = bytearray(raw)
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(found) + 1)
        length = chance.choice((0, 0, 1, 2, 8, 40))
        kind = chance.random()
        if kind < 0.6:
            found[at : at + length] = chance.choice(pieces)
        elif kind < 0.8:
            found[at : at + length] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 4)))
        elif kind < 0.9:
            found[at:at] = found[at : at + 200] * chance.randint(1, 20)
        else:
            del found[at : at + chance.randint(1, 500)]
    return bytes(found)


def a_text(chance: random.Random) -> bytes:
    if chance.random() < 0.5:
        return _spoil(TABLE, chance, TEXT)
    return b"".join(chance.choice(TEXT) for _ in range(chance.randint(1, 40)))


def a_workbook(chance: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(SHEET)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        spoiled = chance.choice(names)
        for name in names:
            if chance.random() < 0.03:
                continue
            raw = old.read(name)
            new.writestr(name, _spoil(raw, chance, CELLS) if name == spoiled else raw)
    return out.getvalue()


def an_archive(chance: random.Random) -> bytes:
    return _spoil(
        SHEET, chance, [b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x08"]
    )


def a_packed_one(chance: random.Random) -> bytes:
    packed = gzip.compress(a_text(chance))
    return _spoil(packed, chance, [b"\x1f\x8b", b"\xff\xff"]) if chance.random() < 0.7 else gzip.compress(packed)


def a_parquet(chance: random.Random) -> bytes:
    return _spoil(PARQUET, chance, [b"PAR1", b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\x15\x00"])


def opener() -> Callable[[Any], Any]:
    """What the worker serves: the reading itself, and a word about every fault that nobody has foreseen."""

    def handle(request: Any) -> Any:
        try:
            return reading._handle(request)
        except Exception as error:  # noqa: BLE001 - the test names it
            return {"bug": repr(error)}

    return handle


@pytest.mark.parametrize("make", [a_text, a_workbook, an_archive, a_packed_one, a_parquet])
def test_damaged_files_are_read_or_refused(make: Callable[[random.Random], bytes], tmp_path: Path) -> None:
    begin = 0 if TIMES == 1 else random.SystemRandom().randrange(10**9)
    file, target = tmp_path / "t", tmp_path / "rows"
    read = killed = 0
    with WorkerPool(opener, size=1, deadline=20.0, memory=reading.MEMORY) as pool:
        for number in range(begin, begin + FILES // 5):
            content = make(random.Random(number))
            file.write_bytes(content or b"x")
            try:
                found = pool.call((str(file), "t.csv", COLUMNS, Layout(), str(target)))
            except WorkerError:
                killed += 1
                continue
            except QueryTimeout:
                pytest.fail(f"file {number} of {make.__name__} takes for ever")
            assert "bug" not in found, f"file {number} of {make.__name__}: {found['bug']}"
            if "problem" in found:
                message, advice, _ = found["problem"]
                assert message.endswith(".")
                assert "\n" not in message + advice
                continue
            read += 1
            for line in target.read_text("utf-8").split("\n")[:-1]:
                _, cells, fault = json.loads(line)
                assert bool(cells) != bool(fault)
    assert killed <= FILES // 50  # each was a trap for memory, and cost one process
    assert read or make in (an_archive, a_parquet)  # hardly one of these survives
