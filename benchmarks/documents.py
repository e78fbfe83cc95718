"""Forms in PDF, read by integgraph and by the table extraction of pdfplumber and camelot.

The same form is set in several layouts; each program's tables are taken as they come, the first cell of a row as label
and the others as value, and go through the same import. What counts is how many of the form's 19 rows, and of its 6
lists, give the answers that the form as text gives. All run one after the other, so that the times compare.

Needs the peers of ``benchmarks/peers.lock`` in ``.venv-bench``; ``make bench`` sets them up.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from reportlab.lib.pagesizes import A4, landscape  # type: ignore[import-untyped]
from tests.ingest.pdfs import SMALL, WORD, Content, Look, content, page, printed, render, score

from integgraph.errors import InputError
from integgraph.ingest.document import parse_all, read_document
from integgraph.ingest.documents import pdf
from integgraph.ingest.documents.lines import Line, Lines, Spot
from integgraph.ingest.places import Gazetteer
from integgraph.ingest.rows import draft
from integgraph.ontology import Ontology

ROOT = Path(__file__).parents[1]
FORM = ROOT / "tests" / "golden" / "ankommen-en.txt"
REAL = ROOT.parent / "shared" / "data" / "profile" / "halberstadt.txt"
PROGRAM = ROOT / ".venv-bench" / "bin" / "python"
TURNS = 5

LOOKS = {
    "ruled": Look(),
    "broken over pages": Look(page=SMALL, margin=40),
    "unruled": Look(lines="none"),
    "unruled, centred": Look(lines="none", valign="MIDDLE"),
    "level lines": Look(lines="level"),
    "coloured stripes": Look(lines="none", fills="zebra"),
    "two up": Look(columns=2, page=landscape(A4), size=8, margin=36),
}

# Each peer reads every file named on its input, TURNS times, and answers rows of cells and milliseconds.
PEERS = {
    "pdfplumber": """
import json, sys, time
import pdfplumber
def read(file):
    with pdfplumber.open(file) as document:
        return [row for page in document.pages for table in page.extract_tables() for row in table]
""",
    "pdfplumber, text": """
import json, sys, time
import pdfplumber
how = {"vertical_strategy": "text", "horizontal_strategy": "text"}
def read(file):
    with pdfplumber.open(file) as document:
        return [row for page in document.pages for table in page.extract_tables(how) for row in table]
""",
    "camelot, lattice": """
import json, sys, time
import camelot
def read(file):
    return [row for table in camelot.read_pdf(file, pages="all", flavor="lattice") for row in table.data]
""",
    "camelot, stream": """
import json, sys, time
import camelot
def read(file):
    return [row for table in camelot.read_pdf(file, pages="all", flavor="stream") for row in table.data]
""",
}
_LOOP = """
answers = []
for file in json.load(sys.stdin):
    taken, rows = [], []
    for _ in range(%d):
        begun = time.perf_counter()
        try:
            rows = read(file)
        except Exception as error:
            print(f"{file}: {error}", file=sys.stderr)
        taken.append(1000 * (time.perf_counter() - begun))
    answers.append([rows, taken])
json.dump(answers, sys.stdout)
"""


def as_lines(rows: Sequence[Sequence[str | None]]) -> Lines:
    """Rows of cells as a reader writes them."""
    lines: list[Line] = []
    for number, row in enumerate(rows, start=1):
        label, *others = [cell or "" for cell in row] or [""]
        value = [text for cell in others for text in cell.split("\n") if text.strip()] or [""]
        name = " ".join(label.split())
        for position, text in enumerate(value):
            lines.append(Line(f"{'' if position else name}\t{text}", Spot(table=1, row=number), cell=True))
    return Lines(tuple(lines))


def ours(files: Sequence[Path], known: Callable[[str], bool]) -> list[tuple[Lines, list[float]]]:
    answers = []
    for file in files:
        taken = []
        for _ in range(TURNS):
            begun = time.perf_counter()
            lines = pdf.read(file.read_bytes(), file.name, known)
            taken.append(1000 * (time.perf_counter() - begun))
        answers.append((lines, taken))
    return answers


def peer(program: Path, code: str, files: Sequence[Path]) -> list[tuple[Lines, list[float]]]:
    asked = json.dumps([str(file) for file in files])
    done = subprocess.run([str(program), "-c", code + _LOOP % TURNS], input=asked, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return [(as_lines(rows), taken) for rows, taken in json.loads(done.stdout)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", type=Path, default=PROGRAM, help="the Python that has pdfplumber and camelot")
    program = parser.parse_args().peer
    ontology = Ontology.load()
    form = ontology.form
    places = Gazetteer.load(ROOT / "data" / "places")
    source = REAL if REAL.exists() else FORM
    document = read_document(source, form)
    wanted = draft(document, ontology, places)
    profile: Content = content(document, form)

    def known(text: str) -> bool:
        return form.row(text) is not None or form.is_section(text)

    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder, f"{number}.pdf") for number, name in enumerate([*LOOKS, "word processor"])}
        for name, look in LOOKS.items():
            files[name].write_bytes(render([profile], look))
        files["word processor"].write_bytes(printed(page([profile], WORD), Path(folder)))
        found = {"integgraph": ours(list(files.values()), known)}
        if program.exists():
            found |= {name: peer(program, code, list(files.values())) for name, code in PEERS.items()}
        else:
            print(f"{program} is not there; only integgraph is measured")
    print(f"\n{source.name}: rows of 19 and lists of 6 that are right, and the median of {TURNS} readings in ms")
    print(f"  {'':18}" + "".join(f"{name:>24}" for name in found))
    totals = dict.fromkeys(found, 0.0)
    for at, name in enumerate(files):
        row = f"  {name:18}"
        for program_name, answers in found.items():
            lines, taken = answers[at]
            try:
                drafts = [draft(each, ontology, places) for each in parse_all(lines, form, name)]
                best = max((score(each, wanted, form) for each in drafts), key=lambda each: each.rows)
                right = f"{best.rows:2} {best.lists}"
            except InputError:
                right = " 0 0"
            milliseconds = statistics.median(taken)
            totals[program_name] += milliseconds
            row += f"{right:>14}{milliseconds:10.0f}"
        print(row)
    print(
        f"  {'time against ours':18}" + "".join(f"{total / totals['integgraph']:23.2f}x" for total in totals.values())
    )


if __name__ == "__main__":
    main()
