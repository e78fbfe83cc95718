"""A built wheel carries the ontology and works outside the checkout, in an environment of its own."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import GOLDEN, ROOT


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT, cwd=out)
    return next(out.glob("*.whl"))


def test_the_wheel_holds_what_it_needs_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "integgraph/ontology_files/shapes.ttl" in names
    assert "integgraph/ontology_files/questions/stated-no-coordinator.rq" in names
    assert "integgraph/ontology_files/places/points.csv" in names
    assert "integgraph/py.typed" in names
    assert any(name.startswith("integgraph/web/templates/") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "data/"))]


@pytest.mark.slow
def test_the_wheel_builds_and_answers_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    # The versions are those of the lock file, without hashes: a constraint cannot carry them.
    lock = (ROOT / "requirements" / "dev.lock").read_text()
    pinned = re.findall(r"^([A-Za-z0-9_.-]+==[^\\\n]+?) *\\?$", lock, re.MULTILINE)
    (tmp_path / "constraints.txt").write_text("\n".join(pinned))
    run(sys.executable, "-m", "venv", "env", cwd=tmp_path)
    python = tmp_path / "env" / "bin" / "python"
    run(
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-c",
        "constraints.txt",
        wheel,
        cwd=tmp_path,
    )
    shutil.copytree(GOLDEN, tmp_path / "data")
    program = tmp_path / "env" / "bin" / "integgraph"
    release = run(program, "build", cwd=tmp_path).strip()
    assert (tmp_path / "build" / "releases" / release / "manifest.json").is_file()
    table = run(
        program, "query", "--question", "coordinators", "--param", "country=IT", "--format", "csv", cwd=tmp_path
    )
    assert "Comune di Esempio" in table
    assert (
        "Serving needs more packages"
        in subprocess.run([program, "serve"], cwd=tmp_path, capture_output=True, text=True, timeout=60).stderr
    )
