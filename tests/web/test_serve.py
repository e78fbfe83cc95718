"""The command that serves: what cannot be served is a sentence, and what could be served instead stands beside it."""

from __future__ import annotations

import logging
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from integgraph.cli import main
from integgraph.release import current_id
from tests.conftest import build_release


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """The command sets logging up for its process; afterwards it is as it was."""
    loggers = [logging.getLogger(name) for name in (None, "uvicorn", "uvicorn.error", "uvicorn.access", "integgraph")]
    before = [(each, each.level, each.handlers[:], each.filters[:], each.propagate) for each in loggers]
    yield
    for each, level, handlers, filters, propagate in before:
        each.setLevel(level)
        each.handlers[:], each.filters[:], each.propagate = handlers, filters, propagate


@pytest.fixture
def out(golden_data: Path, tmp_path: Path) -> Path:
    """Two releases."""
    build_release(golden_data, tmp_path / "out")
    shutil.rmtree(golden_data / "links", ignore_errors=True)
    build_release(golden_data, tmp_path / "out")
    return tmp_path / "out"


def serve(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["serve", *map(str, arguments)])


def serving(out: Path) -> Path:
    return out / "releases" / (current_id(out) or "")


def test_a_damaged_release_is_refused_and_the_one_before_offered(out: Path) -> None:
    (serving(out) / "dump.nq").write_bytes(b"nonsense")
    result = serve("--release", out, "--port", 0)
    assert result.exit_code == 1, result.output
    before = next(each for each in (out / "releases").glob("[!.]*") if each != serving(out))
    assert "cannot be" in result.output and f"integgraph serve --release {before}" in result.output
    assert "integgraph release rollback" in result.output
    assert "Traceback" not in result.output and "startup failed" not in result.output


def test_an_incomplete_release_is_refused_before_anything_starts(out: Path) -> None:
    (serving(out) / "catalogue.ttl").unlink()
    result = serve("--release", out, "--port", 0)
    assert result.exit_code == 1
    assert "catalogue.ttl is missing. The release before it" in result.output


def test_a_port_in_use_is_said(out: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = serve("--release", out, "--port", taken.getsockname()[1])
    assert result.exit_code == 1 and "Choose another with --port" in result.output


def test_a_setting_without_sense_is_said(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTEGGRAPH_TRUSTED_PROXIES", "nonsense")
    result = serve("--release", out, "--port", 0)
    assert result.exit_code == 1 and "INTEGGRAPH_TRUSTED_PROXIES" in result.output
