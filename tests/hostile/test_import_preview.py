"""Damaged documents over HTTP: each is previewed or refused, and the server goes on as if nothing had been."""

from __future__ import annotations

import io
import json
import os
import random
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.hostile.server import Answer, Canary, Server
from tests.ingest.damaged import damaged, source

TIMES = int(os.environ.get("INTEGGRAPH_TIMES", "1"))
FILES = 270 * TIMES
ADDRESS = "/import/preview"

pytestmark = pytest.mark.slow


def send(server: Server, name: str, data: bytes) -> Answer:
    return server.ask("POST", ADDRESS, {"content-disposition": f'attachment; filename="{name}"'}, data)


def test_damaged_documents_are_previewed_or_refused(server: Server, canary: Canary) -> None:
    begin = 0 if TIMES == 1 else random.SystemRandom().randrange(10**9)

    def outcome(number: int) -> tuple[int, int, str]:
        answer = send(server, *damaged(number))
        return number, answer.status, json.loads(answer.body).get("detail", "")

    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(outcome, range(begin, begin + FILES)))
    assert [each for each in found if each[1] not in (200, 422)] == []
    assert [each for each in found if each[1] != 200 and not each[2].rstrip().endswith((".", "?"))] == []
    assert Counter(status for _, status, _ in found)[200] > FILES // 4
    assert canary.heard() == []
    assert server.alive and send(server, "form.docx", source("form.docx")).status == 200
    assert "Traceback" not in server.said()


def packed_docx() -> bytes:
    """A Word document with 300 MB of zeros in it."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(source("form.docx"))) as whole,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in whole.namelist():
            new.writestr(name, whole.read(name))
        new.writestr("word/media/a.xml", bytes(300_000_000))
    return out.getvalue()


def packed_pdf() -> bytes:
    """A PDF whose page is 300 MB of zeros, packed twice."""
    nested = zlib.compress(zlib.compress(bytes(300_000_000)))
    stream = b"<</Length %d/Filter[/FlateDecode/FlateDecode]>>stream\n%b\nendstream" % (len(nested), nested)
    return (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
        b"3 0 obj<</Type/Page/Parent 2 0 R/Contents 4 0 R/MediaBox[0 0 9 9]>>endobj "
        b"4 0 obj" + stream + b"endobj trailer<</Root 1 0 R>>"
    )


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><html><body>&b;</body></html>'
LOOP = (
    b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[2 0 R]/Count 99>>endobj "
    b"trailer<</Root 1 0 R>>"
)
BOMBS: Mapping[str, Callable[[], bytes]] = {
    "bomb.docx": packed_docx,
    "bomb.pdf": packed_pdf,
    "loop.pdf": lambda: LOOP,
    "entities.html": lambda: ENTITIES,
    "deep.html": lambda: b"<div>" * 200_000 + b"Name of the network",
    "wide.csv": lambda: b"Name of the network;" + b"a;" * 1_000_000,
    "field.csv": lambda: b'Name of the network;"' + b"a" * 5_000_000 + b'"',
    "long.txt": lambda: b"Name of the network: " + b"a" * 19_000_000,
    "lines.txt": lambda: b"Name of the network: a\n" + b"x\n" * 5_000_000,
    "labels.md": lambda: b"| Name | a |\n| Members | b |\n" * 100_000,
    "lone.txt": lambda: b"Name of the network: \xed\xa0\x80",
}
"""Small files that are large, endless, or something else."""


@pytest.mark.parametrize("name", list(BOMBS))
def test_bombs_are_refused_in_a_sentence(server: Server, name: str) -> None:
    answer = send(server, name, BOMBS[name]())
    assert answer.status in (200, 413, 422), answer.text[:300]
    if answer.status != 200:
        assert json.loads(answer.body)["detail"].rstrip().endswith((".", "?"))
    assert server.ask("GET", "/health").status == 200


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "http://127.0.0.1/", "a\r\nb: c"]
)
def test_names_open_nothing(server: Server, canary: Canary, name: str) -> None:
    quoted = name.encode().decode("latin-1").replace("\r\n", " ")
    answer = server.ask("POST", ADDRESS, {"content-disposition": f'x; filename="{quoted}"'}, b"Name of the network: a")
    assert answer.status in (200, 422) and "root:" not in answer.text
    assert canary.heard() == []
