"""OpenRefine itself, headless on loopback: a column is reconciled with us, then extended by two properties.

Where OpenRefine is not installed its test is skipped, but not in CI (``CI`` set): there it is a failure.
"""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from integgraph.build import Built
from tests.web.serving import Reply, Server, free_port, running, served
from tests.web.test_clients import needed

HOME = Path("/usr/share/openrefine")  # where Debian puts it
ROWS: list[tuple[str, str, str | None]] = [
    ("Flüchtlingsrat Brandenburg e. V.", "", "fluechtlingsrat-brandenburg"),
    ("Fluechtlingsrat Brandenburg", "", "fluechtlingsrat-brandenburg"),
    ("Flu\u0308chtlingsrat Brandenburg", "", "fluechtlingsrat-brandenburg"),  # the dots as a character of their own
    ("Soziokulturelles Zentum Zora", "Halberstadt", "soziokulturelles-zentrum-zora"),
    ("Caritasverbandt Dekanat Halberstadt", "", "caritasverband-dekanat-halberstadt"),
    ("Diakonisches Werk im Kirchenkreis Halberstadt", "", "diakonisches-werk-kirchenkreis-halberstadt"),
    ("Caritas", "Augsburg", "caritas-augsburg"),
    ("Caritas", "Graz", "caritas-graz"),
    ("Caritas", "", None),
    ("Caritasverband für das Dekanat Magdeburg", "", None),
    ("Diakonisches Werk im Kirchenkreis Magdeburg", "", None),
    ("Flüchtlingsrat", "", None),
    ("Bäckerei Müller", "", None),
]
"""Name and town as a list may have them, and the actor that each should match; the last ones only look like some."""
WAIT = 60.0
FORM, LIMIT = "application/x-www-form-urlencoded", "0f6a3c1e9b7d4825"
ENGINE = {"facets": [], "mode": "row-based"}


class Refine:
    """OpenRefine, spoken to as its own page does."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def get(self, command: str, **fields: str) -> Any:
        return json.loads(self._server.ask("GET", f"/command/core/{command}", list(fields.items()), timeout=WAIT).body)

    def post(self, command: str, body: bytes, media_type: str = FORM, **fields: str) -> Reply:
        fields["csrf_token"] = self.get("get-csrf-token")["token"]
        path, headers = f"/command/core/{command}", {"content-type": media_type}
        answer = self._server.ask("POST", path, list(fields.items()), body, headers, timeout=WAIT)
        assert answer.status < 400, answer.text
        return answer

    def create(self, text: str) -> str:
        """A project from a CSV file; returns its id."""
        parts = [("project-name", "", "column"), ("format", "", "text/line-based/*sv")]
        parts.append(("project-file", '; filename="column.csv"', text))
        body = "".join(
            f'--{LIMIT}\r\nContent-Disposition: form-data; name="{field}"{more}\r\n\r\n{value}\r\n'
            for field, more, value in parts
        )
        options = {"encoding": "UTF-8", "separator": ",", "headerLines": 1, "guessCellValueTypes": False}
        answer = self.post(
            "create-project-from-upload",
            f"{body}--{LIMIT}--\r\n".encode(),
            f"multipart/form-data; boundary={LIMIT}",
            options=json.dumps(options),
        )
        return answer.headers["location"].rpartition("project=")[2]

    def apply(self, project: str, operation: Mapping[str, Any]) -> None:
        """Do it, and wait until it is done."""
        self.post("apply-operations", urlencode({"operations": json.dumps([operation])}).encode(), project=project)
        end = time.monotonic() + WAIT
        while self.get("get-processes", project=project)["processes"]:
            assert time.monotonic() < end, "OpenRefine is not done in time"
            time.sleep(0.1)

    def rows(self, project: str) -> tuple[list[list[Any]], Mapping[str, Any]]:
        """The cells of every row, and what they were reconciled with."""
        body = urlencode({"engine": json.dumps(ENGINE)}).encode()
        found = json.loads(self.post("get-rows", body, project=project, start="0", limit="100").body)
        return [row["cells"] for row in found["rows"]], found["pool"]["recons"]


@pytest.fixture(scope="module")
def server(collection: Built) -> Iterator[Server]:
    with served(collection.release.path) as server:
        yield server


@contextmanager
def open_refine(folder: Path) -> Iterator[Refine]:
    port = free_port()
    settings = {
        "headless": "true",
        "data_dir": folder,
        "interface": "127.0.0.1",
        "host": "127.0.0.1",
        "port": port,
        "webapp": HOME / "webapp",
    }
    options = [f"-Drefine.{name}={value}" for name, value in settings.items()]
    libraries = ":".join(str(each) for each in (HOME / "server" / "*", HOME / "server" / "lib" / "*"))
    command = ["java", "-Xmx512M", f"-Duser.home={folder}", *options, "-cp", libraries, "com.google.refine.Refine"]
    with running(command, port, "/command/core/get-version") as server:
        yield Refine(server)


@pytest.mark.slow
def test_a_column_is_reconciled_and_extended(server: Server, tmp_path: Path) -> None:
    needed(HOME.is_dir(), "OpenRefine")
    service = f"{server.url}/reconcile"
    manifest = json.loads(server.ask("GET", "/reconcile").body)
    spaces = {"identifierSpace": manifest["identifierSpace"], "schemaSpace": manifest["schemaSpace"]}
    out = io.StringIO()
    csv.writer(out).writerows([["name", "town"], *(row[:2] for row in ROWS)])
    with open_refine(tmp_path) as refine:
        project = refine.create(out.getvalue())
        config = {
            "mode": "standard-service",
            "service": service,
            **spaces,
            "type": manifest["defaultTypes"][0],
            "autoMatch": True,
            "columnDetails": [{"column": "town", "propertyName": "Places", "propertyID": "places"}],
            "limit": 3,
        }
        refine.apply(project, {"op": "core/recon", "engineConfig": ENGINE, "columnName": "name", "config": config})
        rows, recons = refine.rows(project)
        assert [(_value(row[0]), _value(row[1]) or "", _matched(row[0], recons)) for row in rows] == ROWS
        # What is not matched by itself is offered, so that a person may choose.
        bare = next(row[0] for row in rows if _value(row[0]) == "Flüchtlingsrat")
        assert len(recons[str(bare["r"])]["c"]) == 3

        extension = {"properties": [{"id": "sectors", "name": "Sectors"}, {"id": "id", "name": "Id"}]}
        refine.apply(
            project,
            {
                "op": "core/extend-reconciled-data",
                "engineConfig": ENGINE,
                "baseColumnName": "name",
                "endpoint": service,
                **spaces,
                "columnInsertIndex": 1,
                "extension": extension,
            },
        )
        rows, _ = refine.rows(project)
        # A row that was matched has its id in a new column; a second sector would stand in a row of its own.
        named = [[*map(_value, row), None, None] for row in rows if row[0]]
        assert [row[3] for row in named] == [id for *_, id in ROWS]
        sectors = {row[3]: row[2] for row in named}
        assert sectors["soziokulturelles-zentrum-zora"] == "NGO"
        assert sectors["caritas-augsburg"] == "Welfare association"


def _value(cell: Mapping[str, Any] | None) -> str | None:
    return cell["v"] if cell else None


def _matched(cell: Mapping[str, Any], recons: Mapping[str, Any]) -> str | None:
    recon = recons[str(cell["r"])]
    return str(recon["m"]["id"]).rpartition("/")[2] if recon["j"] == "matched" else None
