"""``integgraph import-table``: a table of others as funding flows, memberships, actors and places."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from integgraph.settings import Settings

_TRADERS = frozenset({"ek"})
"""Legal forms of natural persons: a registered merchant is one."""

if TYPE_CHECKING:
    from integgraph.ingest.tables.importing import Imported


def _example(*lines: str) -> str:
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


@click.command(
    "import-table",
    epilog=_example("integgraph import-table grants.csv --mapping grants.yaml", "integgraph build"),
)
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--mapping", "rules", required=True, type=click.Path(path_type=Path), help="Which column is what (YAML).")
@click.option("--data", type=click.Path(path_type=Path), help="Folder to import into. [default: data]")
@click.option("--add-places", "add", is_flag=True, help="Add NUTS units that the place list lacks.")
@click.option("--overwrite", is_flag=True, help="Write records that are there already and differ anew.")
@click.option("--quiet", is_flag=True, help="No progress and no summary, only errors.")
@click.pass_obj
def import_table(
    settings: Settings, file: Path, rules: Path, data: Path | None, add: bool, overwrite: bool, quiet: bool
) -> None:
    """Import a table (CSV, TSV, XLSX, Parquet; also packed with gzip) after a mapping.

    Flows go to data/tables, networks with their members to data/profiles; the next build takes them over. Rows that
    fail, and those that are left out, stand in a report with their numbers; the rest is imported. Importing once more
    changes nothing.
    """
    from integgraph.ingest.tables.importing import import_table as run
    from integgraph.ingest.tables.mapping import read_mapping
    from integgraph.matching.names import Reader as Names
    from integgraph.ontology import Ontology

    ontology = Ontology.load()
    names = Names()
    found = run(
        file,
        read_mapping(rules, ontology),
        data or settings.data,
        ontology,
        organisation=lambda name: bool(names.read(name).form_ids - _TRADERS),
        add=add,
        overwrite=overwrite,
        progress=(lambda what, done, total: None) if quiet else _progress(),
    )
    if not quiet:
        _summary(found)


def _progress() -> Callable[[str, int, int], None]:
    def show(what: str, done: int, total: int) -> None:
        click.echo(f"\r{what}: {done:,} of {total:,}", err=True, nl=done == total)

    return show


def _summary(found: Imported) -> None:
    counts = f"{found.rows:,} rows: {found.flows:,} funding flows of {found.actors:,} actors"
    if found.networks:
        counts += f", {found.networks:,} networks with {found.members:,} members"
    click.echo(f"{counts}.", err=True)
    reasons = (
        (found.faults, "failed"),
        (found.persons, "left out: natural persons"),
        (found.elsewhere, "left out: counted in another row"),
        (found.not_chosen, "left out: not wanted by the mapping"),
    )
    for count, why in reasons:
        if count:
            click.echo(f"{count:,} rows {why}.", err=True)
    if found.report is not None:
        click.echo(f"The report with the numbers of these rows: {found.report}", err=True)
    for note in found.notes:
        click.echo(note, err=True)
    if found.kept:
        shown = ", ".join(found.kept[:3]) + (", …" if len(found.kept) > 3 else "")
        click.echo(
            f"{len(found.kept):,} records differ and were kept as they are ({shown}); --overwrite writes them anew.",
            err=True,
        )
    if found.unchanged:
        click.echo("Nothing has changed since the last import.", err=True)
