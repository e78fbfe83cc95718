"""The command line as scripts rely on it: results on standard output, the rest on standard error, exit 0, 1 or 2."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from pathlib import Path

import click
import pytest
import rdflib
from click.testing import CliRunner, Result

from integgraph import __version__
from integgraph.build import Built
from integgraph.cli import main
from tests.conftest import ROOT


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def commands(group: click.Group = main, prefix: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, command in group.commands.items():
        found.append((*prefix, name))
        if isinstance(command, click.Group):
            found.extend(commands(command, (*prefix, name)))
    return found


def test_the_commands_are_those_that_scripts_know() -> None:
    shown = set(main.list_commands(click.Context(main)))
    assert shown == {
        "analyse",
        "build",
        "compare",
        "validate",
        "form",
        "import",
        "import-table",
        "query",
        "serve",
        "export",
        "release",
        "identity",
    }


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_every_command_has_help_with_an_example(path: tuple[str, ...]) -> None:
    result = run(*path, "--help")
    assert result.exit_code == 0
    assert re.search(r"Example:\n +integgraph ", result.stdout)


def test_the_version() -> None:
    assert __version__ in run("--version").stdout


def test_build_prints_the_release_and_nothing_else(golden_data: Path, tmp_path: Path) -> None:
    result = run("build", "--data", golden_data, "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{8}\n", result.stdout)
    assert "profiles validated: 4 of 4" in result.stderr
    assert "3 networks" in result.stderr
    assert "warning: Formalisation and type may disagree" in result.stderr
    listed = run("release", "list", "--out", tmp_path / "out")
    assert listed.stdout.startswith(f"* {result.stdout.strip()}  3 networks")


def test_a_violation_is_exit_1_without_a_traceback(golden_data: Path, tmp_path: Path) -> None:
    file = golden_data / "profiles" / "beta.yaml"
    file.write_text(file.read_text("utf-8").replace("seat: musterstadt", "seat: mustrstadt"), "utf-8")
    for result in (
        run("build", "--data", golden_data, "--out", tmp_path / "out"),
        run("validate", golden_data / "profiles", "--data", golden_data),
    ):
        assert result.exit_code == 1
        assert "beta.yaml:7: seat: 'mustrstadt' is not in the place list. Did you mean musterstadt?" in result.output
        assert "Traceback" not in result.output


def test_validate_prints_warnings_and_is_content(golden_data: Path) -> None:
    result = run("validate", golden_data / "profiles", "--data", golden_data)
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 3
    assert "4 profiles read: 0 violations, 3 warnings." in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [("query",), ("query", "SELECT", "--question", "x"), ("build", "--speed"), ("validate",), ("query", "--format", "pdf", "x"),
     ("query", "ASK {}", "--param", "a=b"), ("query", "--question", "coordinators", "--param", "DE"), ("fly",)],
)  # fmt: skip
def test_a_wrong_call_is_exit_2(arguments: tuple[str, ...], golden: Built) -> None:
    extra = ("--release", str(golden.release.path)) if "--param" in arguments else ()
    assert run(*arguments, *extra).exit_code == 2


def test_a_query_as_a_table_for_the_eye(golden: Built) -> None:
    text = "SELECT ?name ?n { ?n a ig:Network ; ig:workingLabel ?name } ORDER BY ?name"
    result = run("query", "--release", golden.release.path, text)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["name", "n"]
    assert lines[2].startswith("Netzwerk Alpha  https://")
    assert lines[-1] == "3 rows"
    assert run("query", "--release", golden.release.path, "ASK { ?s ?p ?o }").stdout == "yes\n"
    assert (
        "workingLabel"
        in run("query", "--release", golden.release.path, "CONSTRUCT WHERE { ?s ig:workingLabel ?o }").stdout
    )


def test_a_query_in_every_format(golden: Built, tmp_path: Path) -> None:
    file = tmp_path / "count.rq"
    file.write_text("SELECT (COUNT(?n) AS ?networks) { ?n a ig:Network }")
    ask = ("query", "--release", golden.release.path, file, "--format")
    assert run(*ask, "csv").stdout_bytes == b"networks\r\n3\r\n"
    assert run(*ask, "tsv").stdout == "?networks\n3\n"
    assert json.loads(run(*ask, "json").stdout)["results"]["bindings"][0]["networks"]["value"] == "3"
    assert "<binding" in run(*ask, "xml").stdout
    wrong = run(*ask, "turtle")
    assert wrong.exit_code == 1
    assert "gives rows. Available formats: json" in wrong.stderr


def test_a_named_question(golden: Built) -> None:
    ask = ("query", "--release", golden.release.path, "--question")
    assert "stated-no-coordinator\tWhich networks state" in run(*ask, "list").stdout
    assert "stated-no-coordinator\tWelche Netzwerke" in run(*ask, "list", "--lang", "de").stdout
    rows = list(
        csv.DictReader(io.StringIO(run(*ask, "coordinators", "--param", "country=IT", "--format", "csv").stdout))
    )
    assert [row["coordinator"] for row in rows] == ["Comune di Esempio"]
    unknown = run(*ask, "coordinator")
    assert unknown.exit_code == 1
    assert "Did you mean: coordinators" in unknown.stderr


def test_bad_queries_are_explained(golden: Built) -> None:
    broken = run("query", "--release", golden.release.path, "SELECT * {\n ?s ?p }")
    assert broken.exit_code == 1
    assert "Line 2, column" in broken.stderr
    missing = run("query", "--release", golden.release.path, "missing.rq")
    assert missing.exit_code == 1
    assert "missing.rq: The file cannot be read" in missing.stderr
    none = run("query", "--release", golden.release.path.parent / "none", "ASK {}")
    assert none.exit_code == 1
    assert "integgraph build" in none.stderr


def test_exports_open_in_their_readers(golden: Built, tmp_path: Path) -> None:
    import networkx as nx
    import pyoxigraph as ox

    release = golden.release

    def export(name: str) -> bytes:
        result = run("export", "--release", release.path, "--format", name)
        assert result.exit_code == 0
        return result.stdout_bytes

    assert export("nquads") == release.dump.read_bytes()
    assert len(list(ox.parse(export("trig"), format=ox.RdfFormat.TRIG))) == len(release.store())
    turtle = rdflib.Graph().parse(data=export("turtle"), format="turtle")
    assert len(turtle) == len(list(ox.parse(export("jsonld"), format=ox.RdfFormat.JSON_LD))) > 1000
    file = tmp_path / "graph.graphml"
    file.write_bytes(export("graphml"))
    graph = nx.read_graphml(file)
    kinds = nx.get_node_attributes(graph, "kind")
    assert sorted(kinds.values()).count("network") == 3
    assert graph.number_of_edges() == len(release.store().select("SELECT * { ?n org:hasMember ?a }"))
    rows = list(csv.DictReader(io.StringIO(export("csv").decode())))
    assert {row["name"] for row in rows} == {"Netzwerk Alpha", "Netzwerk Beta", "Rete Gamma"}
    beta = next(row for row in rows if row["name"] == "Netzwerk Beta")
    assert (beta["founded"], beta["founded_state"]) == ("", "unreadable")
    assert (beta["official_name_state"], beta["coordination_state"]) == ("stated-none", "not-recorded")


def test_import_prints_a_record_or_writes_it_once(golden_data: Path, tmp_path: Path) -> None:
    form = ROOT / "tests" / "golden" / "ankommen-en.txt"
    printed = run("import", form, "--data", golden_data)
    assert printed.exit_code == 0
    assert printed.stdout.startswith("id: ")
    assert re.search(r"places to review\.", printed.stderr)
    first = run("import", form, "--data", golden_data, "--to", tmp_path / "new")
    assert first.exit_code == 0
    written = next((tmp_path / "new").iterdir())
    assert written.read_text("utf-8") == printed.stdout
    again = run("import", form, "--data", golden_data, "--to", tmp_path / "new")
    assert again.exit_code == 0
    assert f"Unchanged: {written}" in again.stderr
    newer = tmp_path / "newer.txt"
    newer.write_text(form.read_text("utf-8") + "\nUnknown\tmore\n", "utf-8")
    another = run("import", newer, "--data", golden_data, "--to", tmp_path / "new")
    assert another.exit_code == 1
    assert "exists already and is left as it is" in another.stderr
    assert written.read_text("utf-8") == printed.stdout


def test_import_of_many_goes_on_after_a_bad_one(golden_data: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_bytes(b"\x00\x01\x02")
    (tmp_path / "empty").mkdir()
    result = run(
        "import",
        tmp_path / "bad.txt",
        tmp_path / "empty",
        ROOT / "tests" / "golden" / "ankommen-en.txt",
        "--data",
        golden_data,
    )
    assert result.exit_code == 1
    assert "binary file" in result.stderr
    assert "no document in this folder" in result.stderr
    assert "label:" in result.stdout


def test_settings_come_from_the_environment(golden: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTEGGRAPH_OUT", str(golden.release.path))
    assert run("query", "ASK { ?s ?p ?o }").stdout == "yes\n"
    monkeypatch.setenv("INTEGGRAPH_WORKERS", "many")
    wrong = run("query", "ASK { ?s ?p ?o }")
    assert wrong.exit_code == 1
    assert "The setting INTEGGRAPH_WORKERS is 'many', but must be a whole number." in wrong.stderr


def test_a_reader_that_goes_away_is_no_error(golden: Built) -> None:
    import subprocess
    import sys

    command = f"{sys.executable} -m integgraph.cli export --release {golden.release.path} | head -n 1"
    result = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, cwd=ROOT, env=os.environ, timeout=60
    )
    assert result.stderr == b""
    assert result.stdout.count(b"\n") == 1


# -- releases and tables


def test_a_second_build_says_what_it_took_over(golden_data: Path, tmp_path: Path) -> None:
    ask = ("build", "--data", golden_data, "--out", tmp_path / "out")
    assert "unchanged" not in run(*ask).stderr
    assert "4 profiles unchanged." in run(*ask).stderr
    assert "unchanged" not in run(*ask, "--anew").stderr


def test_releases_are_verified_compared_and_gone_back_to(golden_data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build = ("build", "--data", golden_data, "--out", out, "--quiet")
    old = run(*build).stdout.strip()
    file = golden_data / "profiles" / "beta.yaml"
    file.write_text(file.read_text("utf-8").replace("Netzwerk Beta", "Netzwerk Betta"), "utf-8")
    new = run(*build).stdout.strip()
    fine = run("release", "verify", out)
    assert (fine.exit_code, fine.stdout.startswith(f"{new}: every part is as it was built")) == (0, True)
    diff = run("release", "diff", "--out", out)
    assert "Netzwerk Betta" in diff.stdout
    data = json.loads(run("release", "diff", old, new, "--out", out, "--format", "json").stdout)
    assert json.dumps(data).count("beta")
    assert run("release", "diff", new, new, "--out", out).stdout.startswith("Nothing changed.")
    assert run("release", "rollback", "--out", out).stdout.strip() == old
    assert run("release", "list", "--out", out).stdout.splitlines()[1].startswith(f"* {old}")
    dump = out / "releases" / new / "dump.nq"
    dump.write_bytes(dump.read_bytes().replace(b"Betta", b"Bettb", 1))
    damaged = run("release", "verify", out / "releases" / new)
    assert damaged.exit_code == 1
    assert damaged.stdout == "dump.nq: its content was changed\n"
    assert "Go back with: integgraph release rollback" in damaged.stderr
    refused = run("release", "rollback", new, "--out", out)
    assert refused.exit_code == 1
    assert "is damaged, so it does not serve: dump.nq" in refused.stderr
    assert run("release", "prune", "--keep", "1", "--out", out).stdout.split() == [new]
    alone = run("release", "diff", "--out", out)
    assert alone.exit_code == 1
    assert f"There is no release before {old}" in alone.stderr
    assert run("release", "prune", "--keep", "0", "--out", out).exit_code == 2


def test_tables_are_exported_and_described(golden: Built) -> None:
    export = ("export", "--release", golden.release.path, "--table")
    rows = list(csv.DictReader(io.StringIO(run(*export, "memberships").stdout)))
    assert {row["state"] for row in rows} == {"value"}
    assert {row["network"].rpartition("/")[2] for row in rows} == {"alpha", "beta", "gamma"}
    described = run(*export, "list").stdout
    assert "funding: One row a funding flow" in described
    assert "  amount\tdecimal\tAmount in units of the currency; empty means unknown, never zero." in described
    unknown = run(*export, "member")
    assert unknown.exit_code == 1
    assert "There is no table 'member'. The tables are: actors" in unknown.stderr
