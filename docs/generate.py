"""Write the pages that are derived from the ontology, or check that they are up to date.

``python docs/generate.py`` writes them; ``--check`` says which differ and checks links and the README's query.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from integgraph.ingest.schema import record_schema
from integgraph.ontology import Field, Ontology, Shape
from integgraph.questions import load_questions

ROOT = Path(__file__).parents[1]
NOTE = "<!-- Written by docs/generate.py from ontology/; change it there. -->\n\n"


def pages(ontology: Ontology) -> dict[Path, str]:
    """Every derived file with its text."""
    return {
        ROOT / "docs" / "fields.md": fields_page(ontology),
        ROOT / "docs" / "vocabularies.md": vocabularies_page(ontology),
        ROOT / "docs" / "questions.md": questions_page(),
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


def questions_page() -> str:
    """All named questions with their SPARQL."""
    lines = [NOTE + "# The named questions\n", "Ask one with `integgraph query --question ID`.\n"]
    for question in load_questions().values():
        lines += [f"## {question.id}\n", f"**{question.titles['en']}** · {question.titles['de']}\n"]
        lines += [f"{question.readings['en']}\n", f"{question.readings['de']}\n"]
        for parameter in question.parameters:
            default = f", `{parameter.default}` if left out" if parameter.default else ""
            lines.append(f"- `{parameter.name}` ({parameter.type}{default}): {parameter.meaning}")
        lines += ["", "```sparql", question.query.rstrip(), "```\n"]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


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


def main() -> int:
    """Write, or check and report."""
    found = pages(Ontology.load())
    if "--check" not in sys.argv:
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
