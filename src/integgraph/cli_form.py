"""``integgraph form``: a form to fill in, blank or with the answers of a record."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from integgraph.errors import IntegGraphError, NotFound
from integgraph.settings import Settings

if TYPE_CHECKING:
    from integgraph.ingest.places import Gazetteer
    from integgraph.ingest.record import Record
    from integgraph.ontology import Ontology

FORMATS = ("docx", "xlsx", "md", "yaml")


def _example(*lines: str) -> str:
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


@click.command(
    "form",
    epilog=_example(
        "integgraph form --lang de --format docx",
        "integgraph form --lang en --format xlsx --network caritas-diakonie-zora-halberstadt",
        "integgraph import form-de.docx --to data/profiles",
    ),
)
@click.option("--lang", "language", type=click.Choice(["de", "en"]), default="de", show_default=True, help="Language.")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="docx", show_default=True, help="Kind of document."
)
@click.option("--network", metavar="ID", help="Fill it with the record of this network: the name of its file.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="File to write; - for standard output. [default: form-LANG.FORMAT]"
)
@click.option("--data", type=click.Path(path_type=Path), help="Folder with profiles/ and places/. [default: data]")
@click.option("--ontology", "folder", type=click.Path(path_type=Path), help="Another ontology folder.")
@click.option("--overwrite", is_flag=True, help="Write over a file that is there already.")
@click.pass_obj
def form(
    settings: Settings,
    language: str,
    form: str,
    network: str | None,
    out: Path | None,
    data: Path | None,
    folder: Path | None,
    overwrite: bool,
) -> None:
    """Write a form that people can fill in: Word, Excel, Markdown or YAML.

    Questions, help and lists to choose from come from the shapes. A filled form is read with: integgraph import.
    """
    from integgraph.ingest.forms import write
    from integgraph.ontology import Ontology

    ontology = Ontology.load(folder)
    record, places = _filled(network, data or settings.data, ontology) if network else (None, None)
    written = write(ontology, language, form, record, places)
    if out == Path("-"):
        sys.stdout.buffer.write(written)
        sys.stdout.buffer.flush()
        return
    target = out or Path(f"{network or 'form'}-{language}.{form}")
    _write(target, written, overwrite)
    click.echo(f"Written: {target}", err=True)


def _filled(network: str, data: Path, ontology: Ontology) -> tuple[Record, Gazetteer]:
    """The record of a network, and the place list."""
    from integgraph.ingest.places import Gazetteer
    from integgraph.ingest.record import RecordReader
    from integgraph.ingest.yamltext import read_text
    from integgraph.ontology import near

    names = sorted(file.stem for file in (data / "profiles").glob("*.yaml"))
    if network not in names:
        raise NotFound(f"There is no record '{network}' in {data / 'profiles'}.", near(network, names))
    places = Gazetteer.load(data / "places")
    file = data / "profiles" / f"{network}.yaml"
    record, _ = RecordReader(ontology, places).file(file)
    comments = sum(line.startswith("#") for line in read_text(file).splitlines())
    if comments:
        noun = "comment" if comments == 1 else "comments"
        click.echo(f"{file.name} has {comments} {noun}; a form cannot hold comments.", err=True)
    return record, places


def _write(target: Path, written: bytes, overwrite: bool) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb" if overwrite else "xb") as file:
            file.write(written)
    except FileExistsError:
        raise IntegGraphError(f"{target} is there already; it may be filled in. --overwrite writes over it.") from None
    except OSError as error:
        raise IntegGraphError(f"{target} cannot be written: {error.strerror}.") from None
