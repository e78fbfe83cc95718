"""The command line. Results go to standard output, messages and progress to standard error.

Exit status: 0 fine, 1 the input is wrong, 2 the call is wrong.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from integgraph import __version__
from integgraph.errors import IntegGraphError, Problem, ReleaseError
from integgraph.settings import Settings

if TYPE_CHECKING:
    from integgraph.face import OpenRelease
    from integgraph.ontology import Ontology
    from integgraph.store import Answer, EmbeddedStore

MOST_LINES = 50
RELEASE_HELP = "Output folder or release directory. [default: build]"


class _Group(click.Group):
    """Turns what a person can act on into one plain message and exit status 1; never a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands; those of other modules are read only when they are asked for, because they need much."""
        return sorted([*super().list_commands(ctx), "analyse", "compare", "form", "identity", "import", "import-table"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command with this name."""
        if cmd_name == "identity":
            from integgraph.cli_identity import identity

            return identity
        if cmd_name == "form":
            from integgraph.cli_form import form

            return form
        if cmd_name == "import":
            from integgraph.cli_import import import_

            return import_
        if cmd_name == "import-table":
            from integgraph.cli_tables import import_table

            return import_table
        if cmd_name in ("analyse", "compare"):
            from integgraph import cli_analysis

            command: click.Command = getattr(cli_analysis, cmd_name)
            return command
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except IntegGraphError as error:
            lines = str(error).splitlines()
            for line in lines[:MOST_LINES]:
                click.echo(line, err=True)
            if len(lines) > MOST_LINES:
                click.echo(f"… and {len(lines) - MOST_LINES} more; integgraph validate shows them all.", err=True)
            ctx.exit(1)
        except BrokenPipeError:
            sys.stderr.close()  # the reader of our output has gone: nothing more to say
            ctx.exit(0)
        except KeyboardInterrupt:
            click.echo("Stopped.", err=True)
            ctx.exit(130)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="integgraph")
@click.pass_context
def main(ctx: click.Context) -> None:
    """The open knowledge graph of integration actors: build it, ask it, serve it."""
    try:
        ctx.obj = Settings.from_environment()
    except ValueError as error:
        raise IntegGraphError(str(error)) from None


def _example(*lines: str) -> str:
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


@main.command(epilog=_example("integgraph build --data data --out build"))
@click.option("--data", type=click.Path(path_type=Path), help="Folder with profiles/ and more. [default: data]")
@click.option("--out", type=click.Path(path_type=Path), help="Folder that holds the releases. [default: build]")
@click.option("--ontology", "folder", type=click.Path(path_type=Path), help="Another ontology folder.")
@click.option("--anew", is_flag=True, help="Take nothing over from the release before.")
@click.option("--quiet", is_flag=True, help="No progress and no warnings, only errors.")
@click.pass_obj
def build(
    settings: Settings, data: Path | None, out: Path | None, folder: Path | None, anew: bool, quiet: bool
) -> None:
    """Build a release from a data folder and let it serve.

    Only what changed since the release before is mapped and validated. Violations stop the build and name file, field
    and line; the release that was there before stays as it was.
    """
    import gc

    from integgraph.build import build as run
    from integgraph.ontology import Ontology

    gc.set_threshold(
        200_000, 20, 100
    )  # millions of small things and hardly a cycle: looking for them takes half a second

    progress = (lambda what, done, total: None) if quiet else _progress()
    built = run(
        data or settings.data,
        out or settings.out,
        ontology=Ontology.load(folder),
        base_iri=settings.base_iri,
        licence=settings.licence,
        processes=os.cpu_count() or 1,
        anew=anew,
        progress=progress,
    )
    if not quiet:
        if built.unchanged:
            click.echo(f"{built.unchanged} profiles unchanged.", err=True)
        _show_warnings(built.warnings)
        counts = built.release.manifest["counts"]
        click.echo(
            f"{counts['networks']} networks, {counts['actors']} actors, {counts['memberships']} participations, "
            f"{counts['funding_flows']} funding flows, {counts['quads']:,} quads.",
            err=True,
        )
    click.echo(built.release.id)


def _progress() -> Callable[[str, int, int], None]:
    """Progress on one line of a terminal; elsewhere one line a stage."""
    live = sys.stderr.isatty()

    def show(what: str, done: int, total: int) -> None:
        if live:
            end = "\n" if done == total else ""
            click.echo(f"\r\033[K{what}: {done} of {total}{end}", err=True, nl=False)
        elif done == total:
            click.echo(f"{what}: {done} of {total}", err=True)

    return show


def _show_warnings(warnings: Iterable[Problem], most: int = 20) -> None:
    found = list(warnings)
    for problem in found[:most]:
        click.echo(str(problem), err=True)
    if len(found) > most:
        click.echo(f"… and {len(found) - most} more warnings; integgraph validate shows them all.", err=True)


@main.command(epilog=_example("integgraph validate data/profiles", "integgraph validate netz.yaml"))
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--data", type=click.Path(path_type=Path), help="Folder with places/. [default: data]")
@click.pass_obj
def validate(settings: Settings, paths: tuple[Path, ...], data: Path | None) -> None:
    """Check profiles: files, or folders of them. Prints what is wrong or doubtful, and where."""
    from integgraph.build import check_profiles
    from integgraph.ontology import Ontology

    problems, count = check_profiles(
        paths, data or settings.data, Ontology.load(), base_iri=settings.base_iri, licence=settings.licence
    )
    violations = [problem for problem in problems if problem.severity == "violation"]
    for problem in problems:
        click.echo(str(problem))
    click.echo(
        f"{count} profiles read: {len(violations)} violations, {len(problems) - len(violations)} warnings.", err=True
    )
    if violations:
        raise click.exceptions.Exit(1)


@main.command(
    epilog=_example(
        "integgraph query 'SELECT ?n { ?n a ig:Network } LIMIT 3'",
        "integgraph query --question stated-no-coordinator --format csv",
    )
)
@click.argument("text", required=False)
@click.option("--release", type=click.Path(path_type=Path), help=RELEASE_HELP)
@click.option(
    "--format",
    "name",
    default="table",
    type=click.Choice(["table", "csv", "tsv", "json", "xml", "turtle", "ntriples", "jsonld", "rdfxml"]),
    show_default=True,
)
@click.option("--question", help="Id of a named question; --question list shows them.")
@click.option("--param", "parameters", multiple=True, metavar="NAME=VALUE", help="Value for a parameter of a question.")
@click.option("--lang", default="en", type=click.Choice(["en", "de"]), help="Language of the question's words.")
@click.pass_obj
def query(
    settings: Settings,
    text: str | None,
    release: Path | None,
    name: str,
    question: str | None,
    parameters: tuple[str, ...],
    lang: str,
) -> None:
    """Ask the newest release: a SPARQL text, a file FILE.rq, or a named question."""
    if (text is None) == (question is None):
        raise click.UsageError("Give either a SPARQL text (or a file) or --question ID.")
    if question == "list":
        _list_questions(lang)
        return
    opened = _open(release or settings.out)
    store = opened.store()
    bindings = {}
    if question is not None:
        from integgraph.questions import find_question

        asked = find_question(question)
        text, bindings = asked.query, asked.bindings(_given(parameters), base_iri=opened.base_iri)
        if name == "table":
            click.echo(f"{asked.titles[lang]}\n", err=True)
    elif parameters:
        raise click.UsageError("--param belongs to --question.")
    else:
        text = _query_text(text or "")
    if name == "table":
        click.echo(_as_table(store, text, bindings), nl=False)
        return
    answer = store.answer(text, {"solutions": name, "boolean": name, "triples": name}, bindings)
    _write(answer)


def _given(parameters: Iterable[str]) -> dict[str, str]:
    given = {}
    for parameter in parameters:
        name, equals, value = parameter.partition("=")
        if not equals:
            raise click.UsageError(f"--param {parameter}: write NAME=VALUE.")
        given[name] = value
    return given


def _query_text(text: str) -> str:
    file = Path(text)
    if text.endswith(".rq"):
        from integgraph.ingest.yamltext import read_text

        return read_text(file)
    return text


def _list_questions(language: str) -> None:
    from integgraph.questions import load_questions

    for question in load_questions().values():
        click.echo(f"{question.id}\t{question.titles[language]}")


def _open(path: Path) -> OpenRelease:
    import integgraph

    return integgraph.open(path)


def _write(answer: Answer) -> None:
    sys.stdout.buffer.write(answer.body)
    sys.stdout.buffer.flush()


def _as_table(store: EmbeddedStore, text: str, bindings: dict[str, Any]) -> str:
    """Rows in columns for the eye; other answers in their plainest form."""
    answer = store.answer(text, {}, bindings)
    if answer.kind == "boolean":
        return "yes\n" if store.ask(text, bindings) else "no\n"
    if answer.kind == "triples":
        return answer.body.decode()
    rows = store.select(text, bindings)
    cells = [[_cell(value) for value in row.values()] for row in rows.records()]
    widths = [max(map(len, column)) for column in zip(rows.variables, *cells, strict=True)]
    lines = [rows.variables, ["-" * width for width in widths], *cells]
    table = "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
    noun = "row" if len(rows) == 1 else "rows"
    return f"{table}\n\n{len(rows)} {noun}\n"


def _cell(value: object) -> str:
    return "" if value is None else " ".join(str(value).split())


@main.command(epilog=_example("integgraph serve --port 8010"))
@click.option("--release", type=click.Path(path_type=Path), help=RELEASE_HELP)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8010, show_default=True, type=click.IntRange(0, 65535))
@click.option("--workers", type=click.IntRange(1), help="Query worker processes. [default: 2]")
@click.pass_obj
def serve(settings: Settings, release: Path | None, host: str, port: int, workers: int | None) -> None:
    """Serve a release: SPARQL, linked data and pages."""
    from integgraph.release import open_release

    path = release or settings.out
    try:
        from integgraph.web.app import serve as run
    except ModuleNotFoundError as error:
        raise IntegGraphError(f"Serving needs more packages ({error.name}): pip install 'integgraph[serve]'") from None
    if workers:
        settings = replace(settings, workers=workers)
    try:
        opened = open_release(path)
        best_known = _best_known(opened.store())
    except ReleaseError as error:
        raise ReleaseError(f"{error}{_others(path)}") from None
    address = f"http://{host}:{port}"
    click.echo(
        f"Release {opened.id}\n\n"
        f"Start here:          {address}/\n"
        f"A network:           {address}/networks/{best_known}\n"
        f"SPARQL:              {address}/sparql\n\n"
        f"Try:  curl '{address}/sparql' -H 'Accept: text/csv' --data-urlencode "
        f"'query=SELECT (COUNT(?n) AS ?networks) {{ ?n a ig:Network }}'\n\n"
        "Stop with Ctrl-C.",
        err=True,
    )
    try:
        run(opened, settings, host, port)
    except ReleaseError as error:
        raise ReleaseError(f"{error}{_others(path)}") from None


def _others(out: Path) -> str:
    """What else could be served from a folder, in a sentence."""
    from integgraph.release import current_id, list_releases

    serving = current_id(out)
    other = next((each for each in list_releases(out) if each.id != serving), None) if serving else None
    if other is None:
        return ""
    return (
        f" The release before it: integgraph serve --release {other.path}\n"
        "To go back to it for good: integgraph release rollback"
    )


_BEST_KNOWN = """SELECT ?network (COUNT(?absence) AS ?gaps) WHERE { ?network a ig:Network . ?absence ig:about ?network }
GROUP BY ?network ORDER BY ?gaps ?network LIMIT 1"""


def _best_known(store: EmbeddedStore) -> str:
    """Slug of the network with the fewest gaps: the one worth showing first."""
    found = store.select(_BEST_KNOWN).column("network")
    return str(found[0]).rpartition("/")[2] if found else ""


@main.command(
    epilog=_example(
        "integgraph export --format graphml > networks.graphml",
        "integgraph export --table memberships > memberships.csv",
    )
)
@click.option("--release", type=click.Path(path_type=Path), help=RELEASE_HELP)
@click.option(
    "--format",
    "name",
    default="nquads",
    show_default=True,
    type=click.Choice(["nquads", "trig", "turtle", "jsonld", "graphml", "csv"]),
    help="nquads and trig hold every graph; turtle and jsonld the current view; graphml actors and networks; "
    "csv the answers, one row a network.",
)
@click.option("--table", help="A table as CSV instead; --table list shows the tables and what their columns mean.")
@click.pass_obj
def export(settings: Settings, release: Path | None, name: str, table: str | None) -> None:
    """Write the newest release to standard output, whole or one of its tables."""
    opened = _open(release or settings.out)
    if table is not None:
        _export_table(opened, table)
        return
    if name == "nquads":
        with opened.dump.open("rb") as file:
            for chunk in iter(lambda: file.read(1 << 20), b""):
                sys.stdout.buffer.write(chunk)
        return
    sys.stdout.buffer.write(_export(opened.store(), name, _ontology()))


def _export_table(opened: OpenRelease, name: str) -> None:
    from integgraph.tables import write_csv

    tables = opened.tables
    if name != "list":
        write_csv(tables[name], sys.stdout)
        return
    for each in tables:
        found = tables.describe(each)
        click.echo(f"{each}: {found['dc:description']['@value']}")
        for column in found["tableSchema"]["columns"]:
            click.echo(f"  {column['name']}\t{column['datatype']}\t{column['dc:description']['@value']}")


def _ontology() -> Ontology:
    from integgraph.ontology import Ontology

    return Ontology.load()


def _export(store: EmbeddedStore, name: str, ontology: Ontology) -> bytes:
    if name == "trig":
        return store.dump("trig")
    if name in ("turtle", "jsonld"):
        return store.dump_view("turtle" if name == "turtle" else "jsonld")
    if name == "csv":
        from integgraph.analysis.answers import answer_csv

        return answer_csv(store, ontology).encode()
    import networkx as nx

    from integgraph.analysis.cooperation import two_mode_graph

    return "\n".join(nx.generate_graphml(two_mode_graph(store))).encode() + b"\n"


OUT_HELP = "Folder that holds the releases. [default: build]"


@main.group(epilog=_example("integgraph release list"))
def release() -> None:
    """List, verify, compare, go back to and clear away releases."""


@release.command("list", epilog=_example("integgraph release list --out build"))
@click.option("--out", type=click.Path(path_type=Path), help=OUT_HELP)
@click.pass_obj
def release_list(settings: Settings, out: Path | None) -> None:
    """List the releases, newest first; the one that serves is marked."""
    from integgraph.release import current_id, list_releases

    folder = out or settings.out
    serving = current_id(folder)
    found = list_releases(folder)
    if not found:
        raise IntegGraphError(f"There is no release in {folder}. Make one with: integgraph build")
    for each in found:
        counts = each.manifest["counts"]
        mark = "*" if each.id == serving else " "
        click.echo(
            f"{mark} {each.id}  {counts['networks']} networks  {counts['quads']:,} quads  {each.content_hash[:16]}"
        )


@release.command("verify", epilog=_example("integgraph release verify", "integgraph release verify build/releases/ID"))
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.pass_obj
def release_verify(settings: Settings, path: Path | None) -> None:
    """Read every part of a release and compare it with its manifest.

    PATH is a release directory, or an output folder for the release that serves there. [default: build] Exit status 1
    if anything is damaged.
    """
    from integgraph.release import verify

    opened = _open(path or settings.out)
    faults = verify(opened, _progress())
    for fault in faults:
        click.echo(fault)
    if faults:
        click.echo(
            f"The release {opened.id} is damaged. Go back with: integgraph release rollback; or build again.", err=True
        )
        raise click.exceptions.Exit(1)
    click.echo(f"{opened.id}: every part is as it was built, content {opened.content_hash}.")


@release.command("rollback", epilog=_example("integgraph release rollback", "integgraph release rollback ID"))
@click.argument("name", metavar="[ID]", required=False)
@click.option("--out", type=click.Path(path_type=Path), help=OUT_HELP)
@click.pass_obj
def release_rollback(settings: Settings, name: str | None, out: Path | None) -> None:
    """Let another release serve: ID, or the newest undamaged one before the current one.

    The release is verified first. Nothing is removed, so the way forward is the same command with the other ID.
    """
    from integgraph.release import rollback

    click.echo(rollback(out or settings.out, name).id)


@release.command("prune", epilog=_example("integgraph release prune --keep 3"))
@click.option("--keep", default=3, show_default=True, type=click.IntRange(1), help="How many releases stay.")
@click.option("--out", type=click.Path(path_type=Path), help=OUT_HELP)
@click.pass_obj
def release_prune(settings: Settings, keep: int, out: Path | None) -> None:
    """Remove the oldest releases. The one that serves always stays. Prints what was removed."""
    from integgraph.release import prune

    for name in prune(out or settings.out, keep):
        click.echo(name)


@release.command("diff", epilog=_example("integgraph release diff", "integgraph release diff OLD NEW --format json"))
@click.argument("old", metavar="[OLD]", required=False)
@click.argument("new", metavar="[NEW]", required=False)
@click.option("--out", type=click.Path(path_type=Path), help=OUT_HELP)
@click.option("--format", "name", default="text", show_default=True, type=click.Choice(["text", "json"]))
@click.option("--whole", is_flag=True, help="Every network, however long the list.")
@click.pass_obj
def release_diff(
    settings: Settings, old: str | None, new: str | None, out: Path | None, name: str, whole: bool
) -> None:
    """Say what changed between two releases, by their ids.

    Without NEW, between OLD and the release that serves; without OLD, since the one before it.
    """
    import json

    from integgraph.changes import compare_releases
    from integgraph.ontology import Ontology
    from integgraph.release import find_release, release_before

    folder = out or settings.out
    later = find_release(folder, new) if new else _open(folder)
    earlier = find_release(folder, old) if old else release_before(folder, later)
    changes = compare_releases(earlier, later, Ontology.load())
    if name == "json":
        click.echo(json.dumps(changes.as_data(), ensure_ascii=False, indent=1))
    else:
        click.echo(changes.as_text(whole=whole))


if __name__ == "__main__":
    main()
