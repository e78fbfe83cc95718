"""Write the pages that are derived from the ontology and the data, or check that they are up to date.

``python docs/generate.py`` writes them; ``--check`` says which differ and checks links. The answers of the named
questions come from a release of ``data/``, built aside for this, or from ``--release DIR`` where there is one already.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from integgraph.aggregates import AGGREGATES, query
from integgraph.analysis.measures import catalogue
from integgraph.build import build
from integgraph.ingest.schema import record_schema
from integgraph.ontology import PREFIXES, Field, Ontology, Shape
from integgraph.questions import BASE_IRI, Question, load_questions
from integgraph.release import open_release
from integgraph.settings import Settings
from integgraph.store import Plain, Store
from integgraph.tables import tables

ROOT = Path(__file__).parents[1]
NOTE = "<!-- Written by docs/generate.py from ontology/; change it there. -->\n\n"
ROWS = 10
"""Most rows of an answer that the page of questions shows."""
LONGEST = 60
"""Most characters of one cell there."""


def pages(ontology: Ontology, store: Store) -> dict[Path, str]:
    """Every derived file with its text."""
    return {
        ROOT / "docs" / "fields.md": fields_page(ontology),
        ROOT / "docs" / "measures.md": catalogue.page(),
        ROOT / "docs" / "tables.md": tables_page(ontology),
        ROOT / "docs" / "vocabularies.md": vocabularies_page(ontology),
        ROOT / "docs" / "questions.md": questions_page(ontology, store),
        ROOT / "data" / "record.schema.json": json.dumps(record_schema(ontology), ensure_ascii=False, indent=1) + "\n",
    }


def fields_page(ontology: Ontology) -> str:
    """The field reference: what can be answered, in the order of the form."""
    lines = [
        NOTE + "# The fields of a profile\n",
        "What each key of a record means. How to write one: [records.md](records.md).\n",
    ]
    for section in ontology.form.sections:
        lines.append(f"## {section.name('en')} · {section.name('de')}\n")
        for row in section.rows:
            for each in row.fields:
                lines.extend(_field(each))
    lines.append("## What stands inside a field\n")
    for shape in (ontology.form.actor, *ontology.form.shapes.values()):
        if shape is ontology.form.actor and any("### Actor" in line for line in lines):
            continue
        lines.extend(_shape(shape))
    return "\n".join(lines).rstrip() + "\n"


def _field(each: Field) -> Iterator[str]:
    yield f"### `{each.key}` — {each.name('en')} · {each.name('de')}\n"
    yield f"{each.help.get('en', '')}\n"
    yield f"{each.help.get('de', '')}\n"
    facts = [f"kind: {each.kind}"]
    facts.append("one value" if each.single else "one per language" if each.unique_language else "any number")
    if each.minimum:
        facts.append("mandatory")
    if each.required:
        facts.append("a value or a reason why there is none")
    if each.scheme:
        facts.append(f"list: [{each.scheme}](vocabularies.md#{each.scheme})")
    if each.node:
        facts.append(f"parts: [{each.node.names['en']}](#{each.node.names['en'].lower().replace(' ', '-')})")
    yield "- " + "; ".join(facts)
    yield f"- example: `{each.example}`" if each.example else ""
    yield f"- property: `{each.path}`\n"


def _shape(shape: Shape) -> Iterator[str]:
    yield f"### {shape.names['en']}\n"
    yield "| key | meaning | kind | |"
    yield "|---|---|---|---|"
    for part in shape.parts:
        notes = []
        if part.minimum:
            notes.append("needed")
        if part.default:
            notes.append(f"`{part.default}` if left out")
        if part.scheme:
            notes.append(f"[{part.scheme}](vocabularies.md#{part.scheme})")
        if part.choices:
            notes.append(" or ".join(f"`{choice}`" for choice in part.choices))
        if part.inline:
            notes.append("its parts stand in the row itself")
        if part.shorthand:
            notes.append("a bare value fills this part")
        yield f"| `{part.key}` | {part.name('en')} · {part.name('de')} | {part.kind} | {'; '.join(notes)} |"
    yield ""


def tables_page(ontology: Ontology) -> str:
    """What stands in each table and aggregate, column by column."""
    lines = [
        NOTE.replace("ontology/", "ontology/ and src/integgraph/tables.py") + "# The tables of a release\n",
        "`tables/<name>.parquet` in a release; as CSV with `integgraph export --table NAME`. Beside each lies its "
        "description for programs, `<name>.csv-metadata.json` (CSV on the Web).\n",
        "Lists are lists in Parquet, and joined by `; ` in CSV. Dates of any precision are EDTF texts. A `…_state` "
        "column keeps the three states of an answer apart: `value`, `stated-none`, or the reason why it is unknown. An "
        "empty cell without such a column is unknown, never none and never zero.\n",
        "```python",
        'tables = integgraph.open("build").tables',
        'tables["memberships"].to_pandas()',
        'polars.read_parquet(tables.path("networks"))',
        "duckdb.sql(f\"SELECT * FROM '{tables.path('funding')}'\")",
        "```\n",
    ]
    for table in tables(ontology).values():
        lines += [f"## {table.name}\n", f"{table.meaning}\n", "| column | type | meaning |", "|---|---|---|"]
        lines += [f"| `{each.name}` | {each.type} | {_piped(each.meaning)} |" for each in table.columns]
        lines.append("")
    lines += [
        "## Aggregates\n",
        "`aggregates/<name>.parquet`: counts of this collection, each defined by a query in `ontology/aggregates/` and "
        "tested equal to it. In Python: `integgraph.open(path).aggregates`.\n",
        "| aggregate | counted by | counts | answers |",
        "|---|---|---|---|",
    ]
    for each in AGGREGATES:
        keys, counts = (", ".join(f"`{name}`" for name in names) for names in (each.keys, each.counts))
        lines.append(f"| `{each.name}` | {keys} | {counts} | {query(each.name).titles['en']} |")
    return "\n".join(lines).rstrip() + "\n"


def _piped(text: str) -> str:
    return text.replace("|", "\\|")


def vocabularies_page(ontology: Ontology) -> str:
    """All concepts with their definitions."""
    lines = [NOTE + "# The vocabularies\n", "Write the id, or any of the labels; case does not matter.\n"]
    for name, scheme in sorted(ontology.schemes.items()):
        lines += [
            f"## {name}\n",
            f"{scheme.label('en')} · {scheme.label('de')}\n",
            "| id | English | Deutsch | meaning |",
            "|---|---|---|---|",
        ]
        for concept in scheme.concepts.values():
            broader = f" (in `{concept.broader}`)" if concept.broader else ""
            meaning = concept.definitions.get("en", "").replace("|", "\\|")
            lines.append(f"| `{concept.id}`{broader} | {concept.label('en')} | {concept.label('de')} | {meaning} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def questions_page(ontology: Ontology, store: Store) -> str:
    """All named questions: an index, then each with its reading, its SPARQL and its answer on the project's data."""
    questions = load_questions().values()
    lines = [
        NOTE + "# The named questions\n",
        "Ask one with `integgraph query --question ID`, and give parameters with `--param NAME=VALUE`. "
        "The answers below come from the data of this repository: few networks, read from public sources and not "
        "drawn at random. "
        "What a source does not say is unknown here, which is not the same as none.\n",
        "| question | for | parameters | |",
        "|---|---|---|---|",
    ]
    for question in questions:
        names = ", ".join(f"`{parameter.name}`" for parameter in question.parameters)
        lines.append(f"| [{question.id}](#{question.id}) | {question.audience} | {names} | {question.titles['en']} |")
    lines.append("")
    for question in questions:
        lines += [f"## {question.id}\n", f"**{question.titles['en']}** · {question.titles['de']}\n"]
        lines += [f"{question.readings['en']}\n", f"{question.readings['de']}\n", f"For: {question.audience}.\n"]
        for parameter in question.parameters:
            default = f", `{parameter.default}` if left out" if parameter.default else ""
            meanings = f"{parameter.meaning} · {parameter.meanings['de']}"
            lines.append(f"- `{parameter.name}` ({parameter.type}{default}): {meanings}")
        if question.table:
            lines.append(f"\nFor much data, take the table `{question.table}` of the release.")
        lines += ["", "```sparql", question.query.rstrip(), "```\n", *_answer(question, ontology, store), ""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def _answer(question: Question, ontology: Ontology, store: Store) -> Iterator[str]:
    rows = question.ask(store, ontology=ontology)
    yield f"| {' | '.join(rows.variables)} |"
    yield "|" + "---|" * len(rows.variables)
    for record in rows.records()[:ROWS]:
        yield f"| {' | '.join(map(_cell, record.values()))} |"
    if len(rows) > ROWS:
        yield f"\n… and {len(rows) - ROWS} more rows."


def _cell(value: Plain) -> str:
    """A value as the text of a cell: joined values in order, IRIs short, marks of Markdown escaped, long text cut."""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    text = "; ".join(sorted(" ".join(str(value).split()).split(" | ")))
    address = re.fullmatch(r"https?://[^\s;]+", text)
    if address:
        text = _short(text)
    if len(text) > LONGEST:
        text = text[: LONGEST - 1].rstrip() + "…"
    # A table splits cells at a bar even within code.
    return f"`{text}`".replace("|", "\\|") if address else re.sub(r"([\\`*_<>\[\]|~])", r"\\\1", text)


def _short(iri: str) -> str:
    if iri.startswith(BASE_IRI):
        return iri[len(BASE_IRI) :]
    names = (f"{name}:{iri[len(start) :]}" for name, start in PREFIXES.items() if iri.startswith(start))
    return next(names, iri)


def broken_links() -> Iterator[str]:
    """Relative links in the documentation that lead nowhere."""
    for page in [
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
        *sorted((ROOT / "docs").rglob("*.md")),
        ROOT / "data" / "README.md",
    ]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                yield f"{page.relative_to(ROOT)}: {target} does not exist"


@contextmanager
def store_of(release: Path | None) -> Iterator[Store]:
    """The store of this release, or of one that is built from ``data/`` and thrown away afterwards."""
    if release is not None:
        yield open_release(release).store()
        return
    settings = Settings()
    with tempfile.TemporaryDirectory() as out:
        yield build(ROOT / "data", Path(out), base_iri=BASE_IRI, licence=settings.licence).release.store()


def main() -> int:
    """Write, or check and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; say what is out of date")
    parser.add_argument("--release", type=Path, help="a release of data/ that is there already")
    options = parser.parse_args()
    with store_of(options.release) as store:
        found = pages(Ontology.load(), store)
    if not options.check:
        for file, text in found.items():
            file.write_text(text, "utf-8")
        return 0
    stale = [
        str(file.relative_to(ROOT))
        for file, text in found.items()
        if not file.exists() or file.read_text("utf-8") != text
    ]
    for name in stale:
        print(f"{name} is out of date: run python docs/generate.py", file=sys.stderr)
    broken = list(broken_links())
    for line in broken:
        print(line, file=sys.stderr)
    return 1 if stale or broken else 0


if __name__ == "__main__":
    sys.exit(main())
