"""``integgraph import``: documents of any kind as records to review."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from integgraph.settings import Settings

if TYPE_CHECKING:
    from integgraph.ingest.batch import Kept, Outcome
    from integgraph.ontology import Ontology


def _example(*lines: str) -> str:
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


@click.command(
    "import",
    epilog=_example(
        "integgraph import profile.pdf > data/profiles/my-network.yaml",
        "integgraph import received/ --to data/profiles",
        "integgraph import edition-2026.docx --diff",
    ),
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option("--to", "folder", type=click.Path(path_type=Path), help="Write each record into this folder.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder with places/ and known ids. [default: data]")
@click.option("--diff", "compare", is_flag=True, help="Say what is new beside the records there are; write nothing.")
@click.option("--overwrite", is_flag=True, help="Replace records that are there; asks before one that was reviewed.")
@click.option("--yes", "agreed", is_flag=True, help="With --overwrite: replace reviewed records too, without asking.")
@click.option(
    "--evidence", type=click.Path(path_type=Path), help="Write where each answer stands into this file (JSON)."
)
@click.pass_obj
def import_(
    settings: Settings,
    paths: tuple[Path, ...],
    folder: Path | None,
    data: Path | None,
    compare: bool,
    overwrite: bool,
    agreed: bool,
    evidence: Path | None,
) -> None:
    """Read filled-in forms and print them as records to review.

    FILE is a PDF, Word (.docx), Excel (.xlsx), OpenDocument (.ods), CSV, HTML, Markdown or text file, or a folder of
    them. What looks damaged, repaired or ambiguous stands on top under "review" for a person to decide. A document may
    hold several profiles. Importing the same document again changes nothing, and a record that is there is left as it
    is unless you ask for more.
    """
    from integgraph.ingest.batch import Batch, Shelf, files_of
    from integgraph.ingest.importing import Importer
    from integgraph.ingest.places import Gazetteer
    from integgraph.ingest.record import RecordReader
    from integgraph.ingest.sources import known_ids
    from integgraph.ontology import Ontology

    if agreed and not overwrite:
        raise click.UsageError("--yes belongs to --overwrite.")
    if overwrite and (folder is None or compare):
        raise click.UsageError("--overwrite belongs to --to, and not to --diff.")
    files = files_of(paths)
    ontology = Ontology.load()
    profiles = (data or settings.data) / "profiles"
    folders = [each for each in (folder, profiles) if each is not None]
    gazetteer = Gazetteer.load((data or settings.data) / "places")
    taken = frozenset[str]().union(*map(known_ids, folders))
    shown = _Shown(ontology, len(files), compare=compare, printing=folder is None and not compare)
    with Importer(gazetteer, taken) as importer:
        # Without a folder to write to or something to compare with, every record is printed anew.
        shelf = Shelf.of(folders if folder is not None or compare else [])
        asking = _replace(agreed) if overwrite else None
        for outcome in Batch(importer, shelf, RecordReader(ontology, gazetteer), folder, compare, asking).run(files):
            shown.add(outcome)
    if evidence is not None:
        shown.write_evidence(evidence)
    shown.end(summary=len(files) > 1 or folder is not None)
    if shown.counts["failed"] or shown.counts["kept"]:
        raise click.exceptions.Exit(1)


def _replace(agreed: bool) -> Callable[[Kept], bool]:
    """Who decides whether a record is replaced: a draft is, a reviewed one only where a person says so."""

    def replace(kept: Kept) -> bool:
        if agreed or not kept.reviewed:
            return True
        try:
            return click.confirm(f"{kept.file} was reviewed. Replace it?", err=True)
        except click.Abort:  # there is nobody to ask
            click.echo("\nIt stays; --yes replaces reviewed records without asking.", err=True)
            return False

    return replace


class _Shown:
    """What is told while the files are read, and at the end."""

    def __init__(self, ontology: Ontology, total: int, *, compare: bool, printing: bool) -> None:
        self.counts: Counter[str] = Counter()
        self._ontology = ontology
        self._total = total
        self._compare = compare
        self._printing = printing
        self._files: set[Path] = set()
        self._review = 0
        self._evidence: list[dict[str, Any]] = []

    def add(self, outcome: Outcome) -> None:
        """One profile, or one file that failed."""
        self._files.add(outcome.file)
        self.counts[outcome.status] += 1
        if outcome.draft is not None:
            self._review += len(outcome.draft.review)
            self._evidence.append(
                {"file": str(outcome.file), "record": outcome.draft.id, "answers": list(outcome.draft.places)}
            )
        self._clear()
        if self._printing and outcome.draft is not None:
            click.echo(
                ("---\n" if self.counts.total() - self.counts["failed"] > 1 else "") + outcome.draft.text, nl=False
            )
        if self._compare and outcome.draft is not None:
            self._tell_changes(outcome)
        else:
            click.echo(self._line(outcome), err=True)
        if sys.stderr.isatty() and self._total > 1:
            click.echo(f"{len(self._files)} of {self._total} files", err=True, nl=False)

    def _clear(self) -> None:
        if sys.stderr.isatty() and self._total > 1:
            click.echo("\r\033[K", err=True, nl=False)

    def _line(self, outcome: Outcome) -> str:
        if outcome.draft is None:
            return outcome.reason
        count = len(outcome.draft.review)
        review = f"{count} {'place' if count == 1 else 'places'} to review."
        where = outcome.record or outcome.draft.id
        said = {
            "read": review,
            "written": " ".join(filter(None, (f"Written: {where}. {review}", outcome.reason))),
            "replaced": f"Replaced: {where}. {review}",
            "unchanged": f"Unchanged: {where}.",
            "kept": f"{where}: {outcome.reason}",
        }[outcome.status]
        against = [str(problem) for problem in outcome.draft.problems if problem.severity == "violation"]
        more = f"\n  Before it can be built: {len(against)} to mend: {against[0]}" if against else ""
        return f"{outcome.file}: {said}{more}"

    def _tell_changes(self, outcome: Outcome) -> None:
        if outcome.record is None:
            click.echo(f"{outcome.file}: new. There is no record of this network yet.")
            return
        if not outcome.changes:
            click.echo(f"{outcome.file}: nothing new beside {outcome.record}.")
            return
        click.echo(f"{outcome.file}, beside {outcome.record}:")
        for change in outcome.changes:
            click.echo(f"  {self._ontology.form.field(change.field).name()} ({change.field})")
            for sign, texts in (("-", change.removed), ("+", change.added)):
                for text in texts:
                    click.echo(f"    {sign} {text}")

    def write_evidence(self, file: Path) -> None:
        """Where each answer of each record stands."""
        from integgraph.errors import InputError, Problem

        try:
            file.write_text(json.dumps(self._evidence, ensure_ascii=False, indent=1) + "\n", "utf-8")
        except OSError as error:
            reason = error.strerror or str(error)
            raise InputError(Problem(f"The file cannot be written: {reason}.", file=os.fspath(file))) from None

    def end(self, *, summary: bool) -> None:
        """The summary."""
        self._clear()
        if not summary:
            return
        words = {
            "written": "written", "replaced": "replaced", "unchanged": "unchanged", "kept": "kept as they were",
            "failed": "failed",
        }  # fmt: skip
        told = [f"{self.counts[status]} {word}" for status, word in words.items() if self.counts[status]]
        number = len(self._files)
        click.echo(
            f"{number} {'file' if number == 1 else 'files'} read"
            + (f": {', '.join(told)}" if told else "")
            + f"; {self._review} places to review.",
            err=True,
        )
