"""The preview of an import: what is sent, what is answered, and that nothing is stored."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from integgraph.build import Built
from integgraph.errors import QuerySyntaxError, Unprocessable, WorkersBusy
from integgraph.ingest import yamltext
from integgraph.web.importing import Importing, file_of, places_of
from tests.ingest.damaged import source

FORM = b"Name of the network: Harz\nLocation: Halberstadt\nFounding year: 1\nMembers: Zora e.V.; Ada\n"
ADDRESS = "/import/preview"


def post(client: TestClient, content: bytes = FORM, query: str = "", **headers: str) -> Any:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(ADDRESS + query, content=content, headers={"content-type": "text/plain"} | given)


def form(*files: tuple[str, bytes], end: bytes = b"--x--\r\n") -> bytes:
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n".encode()
        + content
        + b"\r\n"
        for name, content in files
    ]
    return b"".join(parts) + end


def test_a_document_as_the_body(client: TestClient) -> None:
    answer = post(client, query="?name=harz.txt")
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    assert found["name"] == "harz.txt" and found["sha256"] == hashlib.sha256(FORM).hexdigest() and found["notes"] == []
    (record,) = found["records"]
    assert record["id"] == "harz" and yamltext.load(record["yaml"], "harz.yaml").data == record["record"]
    assert record["review"] == record["record"]["review"]
    assert [each["problem"] for each in record["review"] if each["field"] == "founded"] == ["damaged"]
    assert record["confidence"]["founded"] == 0.2 and record["confidence"]["label"] == 1.0
    assert {"field", "raw", "locator", "confidence"} <= set(record["locators"][0])


@pytest.mark.parametrize(
    "name", ["form.docx", "form.xlsx", "form.ods", "form.html", "form.csv", "form.md", "ruled.pdf"]
)
def test_a_document_in_a_form(client: TestClient, name: str) -> None:
    answer = post(client, form((name, source(name))), content_type='multipart/form-data; boundary="x"')
    assert answer.status_code == 200, answer.text
    (record,) = answer.json()["records"]
    assert (record["id"], record["record"]["founded"]) == ("harz-together", "2016-05")


def test_a_form_of_a_browser_is_answered_with_a_page(client: TestClient) -> None:
    page = client.get("/import?lang=de", headers={"accept": "text/html"})
    assert (
        page.status_code == 200
        and 'enctype="multipart/form-data"' in page.text
        and "Nichts wird gespeichert" in page.text
    )
    sent = form(("<b>.txt", FORM.replace(b"Harz", b"<script>alert(1)</script>")))
    answer = post(client, sent, "?lang=de", content_type="multipart/form-data; boundary=x", accept="text/html")
    assert answer.status_code == 200 and "beschädigt" in answer.text and "Gegründet" in answer.text
    assert "<script>alert" not in answer.text and "&lt;script&gt;alert" in answer.text
    refused = post(client, form(("a.txt", b"x")), content_type="multipart/form-data; boundary=x", accept="text/html")
    assert refused.status_code == 422 and "No line of this document" in refused.text


def test_several_profiles(client: TestClient) -> None:
    both = FORM + b"\n# Second\n\n" + FORM.replace(b"Harz", b"Jena")
    assert [each["id"] for each in post(client, both).json()["records"]] == ["harz", "jena"]


def test_ids_of_the_release_are_not_given_again(client: TestClient) -> None:
    (record,) = post(client, FORM.replace(b"Zora e.V.", b"Caritas Musterstadt")).json()["records"]
    assert record["record"]["members"][0]["id"] != "caritas-musterstadt"


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({"content_disposition": 'attachment; filename="a.txt"'}, "a.txt"),
        ({"content_disposition": "attachment; filename*=UTF-8''h%C3%A4lb.txt"}, "hälb.txt"),
        ({"content_disposition": 'attachment; filename="..\\\\..\\\\etc\\\\passwd"'}, "passwd"),
        ({"content_disposition": 'attachment; filename="../../etc/passwd"'}, "passwd"),
        ({"content_type": "text/markdown"}, "document.md"),
        ({}, "document.txt"),
    ],
)
def test_names(client: TestClient, headers: dict[str, str], name: str) -> None:
    assert post(client, **headers).json()["name"] == name


def test_names_in_the_address_are_names(client: TestClient) -> None:
    assert post(client, query="?name=" + quote("../\x07\u202e" + "x" * 500 + ".txt")).json()["name"].endswith("xxx.txt")


@pytest.mark.parametrize(
    ("status", "said", "content", "query", "headers"),
    [
        (415, "itself", b"{}", "", {"content_type": "application/json"}),
        (415, "itself", b"a=b", "", {"content_type": "application/x-www-form-urlencoded"}),
        (415, "Content-Encoding", FORM, "", {"content_encoding": "gzip"}),
        (413, "20,000,000", b"x" * 20_000_001, "", {}),
        (
            413,
            "20,000,000",
            form(("a.txt", b"x" * 20_000_001)),
            "",
            {"content_type": "multipart/form-data; boundary=x"},
        ),
        (422, "nothing was sent", b"", "", {}),
        (422, "no parameter", FORM, "?file=x", {}),
        (422, "no file", form(("", b"")), "", {"content_type": "multipart/form-data; boundary=x"}),
        (422, "binary", b"\0\1", "", {}),
        (422, "PDF", b"%PDF-1.7", "?name=a.pdf", {}),
        (
            422,
            "more than one file",
            form(("a", b"x"), ("b", b"y")),
            "",
            {"content_type": "multipart/form-data; boundary=x"},
        ),
        (400, "boundary", form(("a", b"x")), "", {"content_type": "multipart/form-data"}),
        (400, "whole", form(("a", b"x"), end=b""), "", {"content_type": "multipart/form-data; boundary=x"}),
        (406, "Available", FORM, "", {"accept": "image/png"}),
        (406, "json, html", FORM, "?format=csv", {}),
    ],
)
def test_refusals_are_sentences(
    client: TestClient, status: int, said: str, content: bytes, query: str, headers: dict[str, str]
) -> None:
    answer = post(client, content, query, **headers)
    assert answer.status_code == status and said in answer.json()["detail"]


def test_methods(client: TestClient) -> None:
    assert client.get(ADDRESS).headers["location"].endswith("/import")
    assert client.put(ADDRESS, content=b"x").status_code == 405
    asked = client.options(ADDRESS, headers={"origin": "https://a.example", "access-control-request-method": "POST"})
    assert asked.status_code == 204 and "POST" in asked.headers["access-control-allow-methods"]


# -- the parts of a form


def test_files_keep_their_bytes() -> None:
    content = bytes(range(256)) + b"\r\n--y\r\n\r\n"
    assert file_of(form(("a.bin", content)), "multipart/form-data; boundary=x") == ("a.bin", content)
    other = b'--x\r\nContent-Disposition: form-data; name="lang"\r\n\r\nde\r\n'
    assert file_of(b"before\r\n" + other + form(("a", b"1")), "multipart/form-data; boundary=x") == ("a", b"1")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x",
        b"--x--",
        b"--x\r\n--x--",
        b"--x\r\n\r\n--x--",
        b"\r\n--x" * 100_000,
        b"--x\r\n" + b"a" * 50_000 + b"\r\n--x--",
    ],
)
def test_broken_forms_are_refused(body: bytes) -> None:
    with pytest.raises((QuerySyntaxError, Unprocessable)):
        file_of(body, "multipart/form-data; boundary=x")


# -- what is shared


def test_places_can_come_from_the_release(golden: Built) -> None:
    places = places_of(golden.release.store())
    (town,) = places.find("Musterstadt")
    assert town.kind == "town" and [each.id for each in places.chain(town.id)][-1] != town.id


def test_few_documents_are_under_way_at_the_same_time(tmp_path: Any) -> None:
    class Asks:
        client, known = "192.0.2.7", False

    class Other(Asks):
        client = "192.0.2.8"

    async def crowd() -> None:
        importing = Importing(tmp_path)
        turns = [importing.turn(asks) for asks in (Asks, Asks, Asks, Asks, Other, Other, Other, Other)]  # type: ignore[arg-type]
        for number, turn in enumerate(turns):
            turn.__enter__()
            if number == 3:  # one client's share
                with pytest.raises(WorkersBusy), importing.turn(Asks):  # type: ignore[arg-type]
                    pass
        Third = type("Third", (Asks,), {"client": "192.0.2.9"})
        with pytest.raises(WorkersBusy), importing.turn(Third):  # type: ignore[arg-type]
            pass
        turns[0].__exit__(None, None, None)
        with importing.turn(Third):  # type: ignore[arg-type]
            pass
        importing.close()
        with pytest.raises(WorkersBusy), importing.turn(Third):  # type: ignore[arg-type]
            pass

    asyncio.run(crowd())
