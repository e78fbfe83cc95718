"""``integgraph identity``: what a person or a script types, and what they get."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from integgraph.build import Built
from integgraph.cli_identity import identity
from integgraph.errors import Conflict, InputError, NotFound, ReleaseError, Unprocessable
from integgraph.identity import SAME, load_decisions
from integgraph.identity.outward import read_links
from integgraph.settings import Settings
from tests.conftest import GOLDEN, ROOT, build_release

A, B = "actor:beta-mitglied", "network:beta"
HEAD = "subject_id\tpredicate_id\tobject_id\tmapping_justification\tcomment\n"


LINKS = (
    "# mapping_set_id: https://example.org/links\n"
    + HEAD
    + "actor:caritasverband-musterstadt\towl:sameAs\tactor:caritas-musterstadt\tx\tOne register entry.\n"
    + "actor:land-beta\towl:differentFrom\tactor:stadt-musterstadt-beta\tx\tA Land and a town.\n"
    + f"{A}\tig:undecidedIdentity\t{B}\tx\tPerhaps its office.\n"
)


@pytest.fixture(scope="module")
def unlinked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of the golden data before anything was decided."""
    folder = tmp_path_factory.mktemp("unlinked")
    data = Path(shutil.copytree(GOLDEN, folder / "data"))
    shutil.rmtree(data / "links")
    return build_release(data, folder / "out").release.path


@pytest.fixture
def links(tmp_path: Path) -> Path:
    folder = tmp_path / "links"
    folder.mkdir()
    (folder / "actors.sssom.tsv").write_text(LINKS, "utf-8")
    return folder


@pytest.fixture
def run(unlinked: Path, links: Path):
    def run(name: str, *arguments: str, input: str = "") -> Result:
        places = ["--links", str(links)]
        if name != "undo" and "--no-release" not in arguments:
            places += ["--release", str(unlinked)]
        return CliRunner().invoke(identity, [name, *places, *arguments], input=input, obj=Settings())

    return run


def fails(result: Result, error: type[Exception]) -> str:
    assert isinstance(result.exception, error), result.exception
    return str(result.exception)


# -- suggest


def test_suggestions_are_pairs_that_are_not_decided(run):
    result = run("suggest", "--threshold", "0", "--format", "json")
    assert result.exit_code == 0
    pairs = json.loads(result.stdout)
    assert pairs
    assert {A, B} not in [{each["subject"]["id"], each["object"]["id"]} for each in pairs]
    assert [each["score"] for each in pairs] == sorted((each["score"] for each in pairs), reverse=True)
    assert all(each["evidence"] for each in pairs)
    assert re.search(r"\d+ of \d+ undecided pairs\.", result.stderr)
    again = json.loads(run("suggest", "--threshold", "0", "--format", "json", "--undecided").stdout)
    assert {A, B} in [{each["subject"]["id"], each["object"]["id"]} for each in again]


def test_suggestions_in_other_forms_and_another_language(run):
    text = run("suggest", "--threshold", "0", "--undecided", "--about", A).stdout
    assert "Netzwerk Beta  –  Netzwerk Beta" in text
    assert "· The names agree." in text
    rows = list(
        csv.DictReader(
            io.StringIO(run("suggest", "--undecided", "--format", "csv", "--lang", "de", "--limit", "1").stdout)
        )
    )
    assert len(rows) == 1
    assert {rows[0]["subject_id"], rows[0]["object_id"]} == {A, B}
    assert "Die Namen stimmen überein." in rows[0]["evidence"]


def test_suggestions_about_what_is_not_there(run):
    assert "Did you mean: actor:caritas-musterstadt" in fails(
        run("suggest", "--about", "actor:caritas-musterstatt"), NotFound
    )


# -- explain


def test_explain_shows_both_the_evidence_and_the_decisions(run):
    text = run("explain", A, B).stdout
    assert text.count("Netzwerk Beta\n") == 2
    assert "The names agree." in text
    assert f"{A} ig:undecidedIdentity {B}. Perhaps its office." in text


def test_explain_what_is_one_by_several_rows_and_what_is_not_decided(run):
    text = run("explain", "actor:caritasverband-musterstadt", "actor:caritas-musterstadt").stdout
    assert "So they are one: actor:caritas-musterstadt." in text
    assert "No decision." in run("explain", "actor:land-beta", B).stdout


def test_explain_takes_addresses(run):
    base = Settings().base_iri
    assert A in run("explain", f"{base}actor/beta-mitglied", f"{base}network/beta").stdout


# -- decide and undo


def test_a_decision_is_written_and_taken_back(run, links):
    before = (links / "actors.sssom.tsv").read_bytes()
    result = run("decide", A, "same", B, "--because", "One body.", "--date", "2026-11-26", "--confidence", "0.8")
    assert result.exit_code == 0, result.exception
    told = f"actors.sssom.tsv:6: {A} owl:sameAs {B}. One body. (reviewer, 2026-11-26, confidence 0.8)\n"
    assert result.stdout == f"Written: {told}"
    last = load_decisions(links)[-1]
    assert (last.subject_label, last.object_label, last.predicate) == ("Netzwerk Beta", "Netzwerk Beta", SAME)
    assert run("undo").stdout == f"Removed: {told}"
    rows = [line.rstrip("\t") for line in (links / "actors.sssom.tsv").read_text("utf-8").splitlines()]
    assert rows[2:] == before.decode().splitlines()[2:]


def test_a_named_row_is_taken_back(run, links):
    assert "actor:land-beta owl:differentFrom" in run("undo", "--line", "4").stdout
    assert len(load_decisions(links)) == 2
    fails(run("undo", "--line", "99"), NotFound)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((A, "equal", B), Unprocessable, "Use one of: same, different"),
        (("actor:beta-mitgleid", "same", B), NotFound, "Did you mean: actor:beta-mitglied"),
        (("beta-mitglied", "same", B), NotFound, "Write actor:<id> or network:<id>"),
        (("", "same", B), NotFound, "no id"),
        (("x" * 100_000, "same", B), NotFound, "no id"),
        (("actor:\u202e\x00", "same", B), NotFound, "no id"),
        ((A, "same", A), Unprocessable, "compared with itself"),
        ((A, "undecided", B), Conflict, "decided already: actors.sssom.tsv:5"),
        (
            ("actor:caritasverband-musterstadt", "different", "actor:caritas-musterstadt"),
            Conflict,
            "would contradict .* actors.sssom.tsv:3 make them one",
        ),
        ((A, "same", B, "--role", "Erika Mustermann"), Unprocessable, "not a role"),
        ((A, "same", B, "--file", "../x.sssom.tsv"), Unprocessable, "not a file of decisions"),
    ],
)
def test_what_is_not_written(run, links, arguments, error, words):
    before = (links / "actors.sssom.tsv").read_bytes()
    message = fails(run("decide", *arguments, "--because", "x"), error)
    assert re.search(words, message)
    assert len(message) < 600
    assert (links / "actors.sssom.tsv").read_bytes() == before


def test_calls_that_are_wrong_by_themselves(run):
    assert run("decide", A, "same", B).exit_code == 2
    assert run("decide", A, "same", B, "--because", "x", "--date", "yesterday").exit_code == 2
    assert run("suggest", "--threshold", "2").exit_code == 2


def test_without_a_release_the_way_to_one_is_told(links, tmp_path):
    result = CliRunner().invoke(identity, ["suggest", "--release", str(tmp_path / "nothing")], obj=Settings())
    fails(result, ReleaseError)


# -- check


def test_checking_what_is_right(run):
    result = run("check")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == (
        "3 decisions (1 same, 1 different, 0 part-of, 1 undecided) in 1 file, 0 links outward: "
        "0 violations, 0 warnings.\n"
    )


def test_checking_names_every_fault_and_counts_the_rest(run, links):
    (links / "more.sssom.tsv").write_text(
        HEAD
        + "actor:caritas-musterstadt\towl:differentFrom\tactor:caritasverband-musterstadt\tx\tTwo.\n"
        + "actor:nobody\towl:sameAs\tactor:land-beta\tx\tSame.\n"
        + "faulty\n",
        "utf-8",
    )
    (links / "outward.sssom.tsv").write_text(
        HEAD
        + "place:musterstadt\towl:sameAs\thttps://sws.geonames.org/1/\tx\tSame.\n"
        + "concept:field/housing\tskos:exactMatch\thttps://vocabulary.example/1\tx\tSame.\n"
        + "concept:field/hosing\tskos:exactMatch\thttps://vocabulary.example/2\tx\tSame.\n"
        + "actor:land-beta\towl:sameAs\thttp://ror.org/05dxps055\tx\tSame.\n",
        "utf-8",
    )
    result = run("check")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert [line.split(" ")[0] for line in lines] == [
        "more.sssom.tsv:4:", "more.sssom.tsv:2:", "outward.sssom.tsv:5:", "more.sssom.tsv:3:", "outward.sssom.tsv:4:",
    ]  # fmt: skip
    assert "Did you mean concept:field/housing" in lines[4]
    assert "5 decisions" in result.stderr
    assert "3 links outward: 3 violations, 2 warnings." in result.stderr
    assert len(run("check", "--no-release").stdout.splitlines()) == 3


# -- review


def test_a_review_from_a_pipe(run, links):
    result = run("review", "--undecided", "--date", "2026-11-26", input="?\nxb One  body.\ns\nq\n")
    assert result.exit_code == 0, result.exception
    assert "[1 of " in result.stdout
    assert "the same." in result.stdout
    assert "1 decided" in result.stderr
    last = load_decisions(links)[-1]
    assert (last.predicate, last.grounds, last.day, last.role) == (SAME, "One body.", "2026-11-26", "reviewer")


def test_a_review_ends_with_its_input_and_takes_up_where_it_was(run, links):
    first = run("review", "--threshold", "0", "--limit", "2", input="d")
    assert first.stderr.startswith("1 decided, 1 left")
    written = load_decisions(links)[-1]
    again = run("review", "--threshold", "0", input="q")
    shown = again.stdout.splitlines()
    assert not {f"     {written.subject}", f"     {written.object}"} <= set(shown[:8])


def test_a_review_with_nothing_to_do(run):
    result = run("review", "--threshold", "1")
    assert (result.stdout, result.stderr) == ("", "0 decided, nothing left, 0 a minute.\n")


def test_a_review_in_a_terminal(unlinked, links):
    """Single keys without Enter, a typed line of grounds, and the end by Ctrl-D."""
    program = "from integgraph.cli_identity import identity; from integgraph.settings import Settings; identity(obj=Settings())"
    arguments = ["review", "--undecided", "--release", str(unlinked), "--links", str(links)]
    master, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments], stdin=terminal, stdout=terminal, stderr=terminal
    )
    os.close(terminal)
    seen = b""

    def until(words: bytes) -> None:
        nonlocal seen
        end = time.monotonic() + 20
        while words not in seen and time.monotonic() < end:
            if select.select([master], [], [], 0.1)[0]:
                seen += os.read(master, 10_000)
        assert words in seen, seen.decode()
        seen = seen.partition(words)[2]

    try:
        until(b"q quit")
        os.write(master, b"b")
        until(b"Because: ")
        os.write(master, b"One body.\n")
        until(b"Because: One body.")
        os.write(master, b"\x1b[Aszs")  # an arrow, and keys typed ahead: none is lost
        until(b"the same.")
        until(b"Taken back")
        until(b"the same.")
        os.write(master, b"\x04")
        until(b"1 decided")
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(master)
    assert load_decisions(links)[-1].predicate == SAME


# -- lists of others

THEIRS = """\
ror;name;Ort;Land
https://ror.org/05dxps055;Caritas Musterstadt;Musterstadt;DE
https://ror.org/042nb2s44;Caritas Anderswo;Anderswo;DE
12;Netzwerk Beta;;DE
;Ohne Kennung;;DE
"""
CARITAS = "actor:caritas-musterstadt"


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    file = tmp_path / "theirs.csv"
    file.write_text(THEIRS, "utf-8")
    return file


def test_a_list_is_held_against_ours(run, theirs):
    result = run("match", str(theirs), "--format", "json")
    found = json.loads(result.stdout)
    assert [(each["subject"]["id"], each["object"]["id"]) for each in found] == [
        (CARITAS, "https://ror.org/05dxps055"),
    ]
    assert "The names agree." in found[0]["evidence"]
    assert "theirs.csv:4: warning: '12' is no IRI. Say what ids belong to, with --ids" in result.stderr
    assert "theirs.csv:5: warning: The row has no id." in result.stderr
    assert (
        "Read as csv, id from 'ror', name from 'name', place from 'Ort', country from 'Land'. 2 faulty rows.\n1 of 1 suggestion."
        in result.stderr
    )
    assert "Die Namen stimmen überein." in run("match", str(theirs), "--lang", "de").stdout
    table = run("match", str(theirs), "--format", "csv", "--ids", "https://register.example/").stdout
    assert "https://register.example/12" in table


def test_a_review_of_a_list_writes_links_and_does_not_ask_twice(run, theirs, links):
    result = run("match", str(theirs), "--review", input="bOne website.\ns")
    assert result.exit_code == 0, result.exception
    (link,) = read_links(links).rows
    assert (link.subject, link.object, link.grounds) == (CARITAS, "https://ror.org/05dxps055", "One website.")
    assert run("match", str(theirs)).stdout == ""
    assert "Removed: outward.sssom.tsv" in run("undo", "--file", "outward.sssom.tsv").stdout
    assert run("match", str(theirs)).stdout != ""


def test_a_list_without_ids_takes_spellings_together(run, tmp_path):
    file = tmp_path / "grants.txt"
    file.write_text("Caritas Musterstadt e.V.\nStadt Esempio\nCaritas Musterstadt e. V.\n", "utf-8")
    found = json.loads(run("match", str(file), "--format", "json", "--kind", "actor").stdout)[0]
    assert found["subject"]["id"] == CARITAS
    assert found["object"] == {
        "id": "grants.txt:1", "name": "Caritas Musterstadt e.V.", "also": ["Caritas Musterstadt e. V."],
    }  # fmt: skip
    assert "2 rows of the list name it." in found["evidence"]
    table = csv.DictReader(io.StringIO(run("match", str(file), "--format", "csv", "--kind", "actor").stdout))
    joined = {row["object_label"]: row["subject_id"] for row in table if row["subject_id"] == CARITAS}
    assert joined == dict.fromkeys(("Caritas Musterstadt e.V.", "Caritas Musterstadt e. V."), CARITAS)
    groups = run("match", str(file), "--within", "--format", "json")
    assert json.loads(groups.stdout) == [
        {"rows": 2, "names": ["Caritas Musterstadt e.V.", "Caritas Musterstadt e. V."]}
    ]
    assert run("match", str(file), "--within").stdout.startswith("    2  Caritas Musterstadt e.V.\n")
    assert "1,2,Caritas Musterstadt e. V." in run("match", str(file), "--within", "--format", "csv").stdout
    assert "nothing to link to" in fails(run("match", str(file), "--review"), Unprocessable)


def test_places_and_concepts_beside_a_list(run, tmp_path):
    nuts = tmp_path / "nuts.csv"
    nuts.write_text("NUTS code,name,country\nDEE,Sachsen-Anhalt,DE\nDED,Sachsen,DE\n", "utf-8")
    (found,) = json.loads(run("match", str(nuts), "--kind", "place", "--format", "json").stdout)
    assert (found["subject"]["id"], found["object"]["id"]) == ("place:nuts-dee", "http://data.europa.eu/nuts/code/DEE")
    assert found["evidence"][0] == "They have one NUTS code."
    terms = tmp_path / "terms.ttl"
    terms.write_text(
        '<https://v.example/1> <http://www.w3.org/2004/02/skos/core#prefLabel> "Gesundheit"@de, "Health"@en .', "utf-8"
    )
    found = json.loads(run("match", str(terms), "--kind", "concept", "--format", "json").stdout)
    assert "concept:field/health" in [each["subject"]["id"] for each in found]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (("--name", "nam"), InputError, "There is no column 'nam'. Did you mean name?"),
        (("--as", "xml"), Unprocessable, "'xml' is no form of a list. Use one of: csv"),
    ],
)
def test_lists_that_cannot_be_read_as_asked(run, theirs, arguments, error, words):
    assert words in fails(run("match", str(theirs), *arguments), error)


def test_a_link_is_written_with_its_grounds(run, links):
    arguments = ("link", CARITAS, "same", "ror:05dxps055", "--because", "One website.", "--label", "Caritas")
    assert "owl:sameAs https://ror.org/05dxps055. One website. (reviewer" in run(*arguments).stdout
    assert read_links(links).rows[0].object_label == "Caritas"
    fails(run(*arguments), Conflict)
    iri = "https://w3id.org/integgraph/vocabulary/field/health"
    assert (
        "concept:field/health skos:closeMatch"
        in run("link", iri, "close", "https://v.example/1", "--because", "x").stdout
    )
    assert (
        "place:musterstadt owl:sameAs"
        in run(
            "link", "https://w3id.org/integgraph/id/place/musterstadt", "same", "https://v.example/m", "--because", "x"
        ).stdout
    )
    assert run("check").exit_code == 0
    assert "3 links outward: 0 violations" in run("check").stderr


@pytest.mark.parametrize(
    ("ours", "predicate", "iri", "error", "words"),
    [
        ("place:musterstatt", "same", "https://v.example/1", NotFound, "Did you mean: place:musterstadt"),
        ("concept:field/helth", "close", "https://v.example/1", NotFound, "concept:field/health"),
        (CARITAS, "exact", "https://v.example/1", Unprocessable, "skos:exactMatch is not for actors"),
        (CARITAS, "equal", "https://v.example/1", Unprocessable, "Use one of: same, different, part-of"),
        (CARITAS, "same", "05dxps056x", Unprocessable, "is no IRI"),
        (CARITAS, "same", "https://ror.org/05dxps056", Unprocessable, "wrong check number"),
    ],
)
def test_links_that_are_refused(run, links, ours, predicate, iri, error, words):
    assert words in fails(run("link", ours, predicate, iri, "--because", "x"), error)
    assert not (links / "outward.sssom.tsv").exists()


# -- the real collection


def test_the_decisions_of_the_collection_hold_together(collection: Built) -> None:
    root = ROOT / "data" / "links"
    result = CliRunner().invoke(
        identity, ["check", "--links", str(root), "--release", str(collection.release.path)], obj=Settings()
    )
    assert result.exit_code == 0, result.stdout


def test_a_faulty_file_stops_no_command_but_the_one_that_writes_to_it(run, links):
    (links / "actors.sssom.tsv").write_text("subject_id\n", "utf-8")
    assert run("suggest").exit_code == 0
    fails(run("decide", A, "same", B, "--because", "x"), InputError)
    assert run("check").exit_code == 1
