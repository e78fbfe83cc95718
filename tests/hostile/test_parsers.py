"""What we parse ourselves: bytes with a format, never a path or an address, and long values before patterns."""

from __future__ import annotations

import ast
import re
import sys
import time
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from click.testing import CliRunner

import integgraph
from integgraph.build import Built
from integgraph.cli import main
from integgraph.errors import InputError, IntegGraphError
from integgraph.ingest import yamltext
from tests.conftest import GOLDEN, ROOT
from tests.hostile.server import Canary

SOURCES = sorted((ROOT / "src" / "integgraph").rglob("*.py"))
VALUES = ("{canary}", "/etc/passwd", "file:///etc/passwd", "../../etc/passwd", "\\\\127.0.0.1\\share")


# -- bytes with a format


def parse_calls() -> list[tuple[str, ast.Call]]:
    """Every call of a parser of RDF in the package."""
    found = []
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("parse", "load")
            ):
                owner = ast.unparse(node.func.value).lower()
                if owner == "ox" or "graph" in owner or "store" in owner or "dataset" in owner:
                    found.append((file.name, node))
    return found


def test_no_parser_guesses_what_a_string_is() -> None:
    calls = parse_calls()
    assert calls
    for file, call in calls:
        words = {keyword.arg for keyword in call.keywords}
        assert "format" in words, f"{file}:{call.lineno}: a parser without a format guesses"
        assert "location" not in words, f"{file}:{call.lineno}"


def test_nothing_in_the_package_speaks_to_the_network() -> None:
    clients = re.compile(
        r"^\s*(?:import|from) (?:urllib\.request|http\.client|requests|httpx\w*|aiohttp|ftplib|smtplib)\b", re.M
    )
    assert [file.name for file in SOURCES if clients.search(file.read_text("utf-8"))] == []


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_never_opened(golden: Built, canary: Canary, value: str) -> None:
    value = value.replace("{canary}", canary.address)
    release = integgraph.open(golden.release.path)
    rows = release.query("SELECT ?x (STR(?x) AS ?y) {}", {"x": value}).records()
    assert rows == [{"x": value, "y": value}]
    assert release.query("SELECT ?x {} ", {"x": rdflib.Literal(value)}).records() == [{"x": value}]
    release.search(value)
    with pytest.raises(IntegGraphError) as caught:
        release.describe(value)
    assert "root:" not in str(caught.value)
    assert canary.seen == []


def test_an_answer_becomes_a_graph_without_any_fetching(golden: Built, canary: Canary) -> None:
    graph = (
        integgraph.open(golden.release.path)
        .query(f"CONSTRUCT {{ <{canary.address}> <urn:p> '{canary.address}' }} {{}}")
        .to_rdflib()
    )
    assert len(graph) == 1 and canary.seen == []


# -- records: bombs, depth, bytes, patterns


def record_with(tmp_path: Path, before: str, after: str) -> Path:
    """A record of the golden data with one line changed."""
    text = (
        (GOLDEN / "profiles" / "alpha.yaml").read_text("utf-8") if (GOLDEN / "profiles" / "alpha.yaml").exists() else ""
    )
    if not text:
        text = next(iter(sorted((GOLDEN / "profiles").glob("*.yaml")))).read_text("utf-8")
    file = tmp_path / "record.yaml"
    changed = re.sub(before, lambda _: after, text, count=1, flags=re.MULTILINE)
    file.write_text(changed if changed != text else text + after + "\n", "utf-8")
    return file


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x]\nb: [*a, *a]\n",
        "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>\n",
        "a: !!python/object/apply:os.system [id]\n",
        "a: " + "[" * 5_000 + "\n",
        "a:\n" + "".join(" " * depth + "a:\n" for depth in range(1, 2_000)),
        "? " * 5_000 + "\n",
        "- " * 5_000 + "\n",
        "a: {" * 3_000 + "\n",
        "a: " + "x" * 2_000_000 + "\n",
        "%YAML 9.9\n---\na: 1\n",
        "a: \ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace") + "\n",
    ],
    ids=["aliases", "entities", "object", "flow", "blocks", "keys", "lists", "maps", "long", "version", "surrogate"],
)
def test_a_hostile_record_is_refused_or_read_as_text(text: str) -> None:
    began = time.process_time()
    try:
        document = yamltext.load(text, "hostile.yaml")
    except InputError as error:
        assert error.problems and all(problem.message for problem in error.problems)
    else:
        assert document.data is not None
    assert time.process_time() - began < 30, "this must end by itself, not by somebody's patience"


def test_validating_hostile_records_ends_with_sentences(tmp_path: Path, canary: Canary) -> None:
    long = "a@" * 30_000
    values = {
        "a long address of mail": ("^email:.*$", f"email: [{long}]"),
        "a long date": ("^status:.*$", f"status: '{'2' * 50_000}'"),
        "an address as a label": ("^label:.*$", f"label: {{en: '{canary.address}'}}"),
        "a path as an id": ("^id:.*$", "id: ../../../etc/passwd"),
        "a script as an address": ("^homepage:.*$", "homepage: ['javascript:alert(1)']"),
    }
    for name, (before, after) in values.items():
        file = record_with(tmp_path, before, after)
        done = CliRunner().invoke(main, ["validate", str(file), "--data", str(GOLDEN)])
        assert done.exit_code in (0, 1), f"{name}: {done.exception!r}"
        assert "Traceback" not in done.output and "root:" not in done.output
    assert canary.seen == []


# -- patterns of the form


def patterns() -> list[tuple[str, int | None]]:
    """(pattern, longest value) of every property of the form."""
    graph = rdflib.Graph().parse(data=(ROOT / "ontology" / "shapes.ttl").read_bytes(), format="turtle")
    sh = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    found = []
    for shape, pattern in graph.subject_objects(sh.pattern):
        longest = graph.value(shape, sh.maxLength)
        found.append((str(pattern), int(str(longest)) if longest is not None else None))
    return found


def test_patterns_of_the_form_are_linear() -> None:
    """No group is repeated, and no two open repetitions stand side by side: then no value makes them slow."""
    found = patterns()
    assert found
    for pattern, _ in found:
        assert not re.search(r"\)[*+{]", pattern), pattern
        assert not re.search(r"[*+]\.[*+]|\.[*+]\.[*+]", pattern), pattern
        began = time.process_time()
        for evil in ("a" * 100_000, "a@" * 50_000, "9" * 100_000 + "!", "-" * 100_000, " " * 100_000):
            re.search(pattern, evil)
        assert time.process_time() - began < 30, pattern


def test_patterns_that_do_not_fix_the_length_have_a_longest_value() -> None:
    for pattern, longest in patterns():
        open_end = not pattern.endswith("$") or re.search(r"[*+]", pattern)
        if open_end and pattern != "^[a-z0-9][a-z0-9-]*$":
            assert longest is not None, pattern


# -- the engines: why documents from outside will only ever be parsed in a worker


@pytest.mark.parametrize("declaration", ["<!DOCTYPE x [<!ENTITY a 'b'>]>", "<!doctype x>"])
def test_release_formats_carry_no_document_type(golden: Built, declaration: str) -> None:
    store = golden.release.store()
    query = f'CONSTRUCT {{ <urn:a> <urn:b> "{declaration}" }} {{}}'
    body = store.answer(query, {"triples": "rdfxml"}).body
    assert b"<!DOCTYPE" not in body and b"<!doctype" not in body and b"<!ENTITY" not in body
    (triple,) = ox.parse(body, format=ox.RdfFormat.RDF_XML)
    assert triple.object.value == declaration


@pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is the kernel's")
def test_rdflib_is_told_not_to_load_graphs_for_a_query() -> None:
    """Nothing of ours asks rdflib in SPARQL; its queries could read files and addresses."""
    offenders = [
        file.name
        for file in SOURCES
        if re.search(r"\b(?:graph|dataset|g)\.(?:query|update)\(", file.read_text("utf-8"), re.I)
    ]
    assert offenders == [] or all(
        "SPARQL_LOAD_GRAPHS = False" in (ROOT / "src" / "integgraph" / name).read_text("utf-8") for name in offenders
    )
