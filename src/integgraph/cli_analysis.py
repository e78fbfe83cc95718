"""``integgraph analyse`` and ``integgraph compare``: reports on a release, in any form."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from integgraph.analysis.selection import Selection
from integgraph.errors import StorageFull, Unprocessable
from integgraph.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from integgraph.analysis.reports import Report
    from integgraph.face import OpenRelease

RELEASE_HELP = "Output folder or release directory. [default: build]"
FORMATS = ("markdown", "html", "json", "csv", "turtle")
_BY_SUFFIX = {".md": "markdown", ".html": "html", ".htm": "html", ".json": "json", ".csv": "csv", ".ttl": "turtle"}


def _example(*lines: str) -> str:
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def _common(command: Callable[..., None]) -> Callable[..., None]:
    """What every report takes."""
    options = (
        click.option("--release", type=click.Path(path_type=Path), help=RELEASE_HELP),
        click.option(
            "--format", "form", type=click.Choice(FORMATS), help="[default: by the name of --out, else markdown]"
        ),
        click.option("--lang", default="en", show_default=True, type=click.Choice(["en", "de"])),
        click.option("--out", type=click.Path(path_type=Path), help="Write here instead of to standard output."),
    )
    for option in reversed(options):
        command = option(command)
    return command


_before = click.option(
    "--before", type=click.Path(path_type=Path), help="An earlier release directory, for what changed since."
)


@click.group(epilog=_example("integgraph analyse network caritas-diakonie-zora-halberstadt --out halberstadt.html"))
def analyse() -> None:
    """Report on a network, an actor, a funder or a collection of networks.

    Each answer has a state (value, forced, too small, unknown), what it rests on, and a sentence that may be quoted.
    """


@analyse.command(epilog=_example("integgraph analyse network caritas-diakonie-zora-halberstadt --lang de"))
@click.argument("name", metavar="ID")
@_before
@_common
@click.pass_obj
def network(settings: Settings, /, name: str, before: Path | None, release: Path | None, **how: Any) -> None:
    """The plain questions about one network: what is known, who steers, what if a member or a funder went."""
    _write(_open(settings, release).analyse("network", name, before=_earlier(settings, before)), **how)


@analyse.command(epilog=_example("integgraph analyse actor fluechtlingsrat-niedersachsen"))
@click.argument("name", metavar="ID")
@_common
@click.pass_obj
def actor(settings: Settings, /, name: str, release: Path | None, **how: Any) -> None:
    """Where an actor takes part, with whom it is listed, on whose money it depends, whom it might work with."""
    _write(_open(settings, release).analyse("actor", name), **how)


@analyse.command(
    epilog=_example("integgraph analyse funder stadt-halberstadt", "integgraph analyse funder municipal --format csv")
)
@click.argument("name", metavar="ID")
@_common
@click.pass_obj
def funder(settings: Settings, /, name: str, release: Path | None, **how: Any) -> None:
    """Whom a funder, or a category of funds, pays for what, and what if it stopped."""
    _write(_open(settings, release).analyse("funder", name), **how)


@analyse.command(
    epilog=_example(
        "integgraph analyse collection --place nuts-dee --out saxony-anhalt.html",
        "integgraph analyse collection --country DE --field housing --format csv",
    )
)
@click.option("--country", "countries", multiple=True, metavar="CODE", help="Networks in this country; repeatable.")
@click.option("--place", "places", multiple=True, metavar="ID", help="In this place, or a place that lies in it.")
@click.option("--field", "fields", multiple=True, metavar="ID", help="That list this field of action.")
@click.option("--target-group", "target_groups", multiple=True, metavar="ID", help="That list this target group.")
@click.option("--network", "networks", multiple=True, metavar="ID", help="These networks.")
@click.option("--since", default="", metavar="DATE", help="Status date from: 2021, 2021-06, 2021-06-30.")
@click.option("--until", default="", metavar="DATE", help="Status date until.")
@_before
@_common
@click.pass_obj
def collection(
    settings: Settings,
    /,
    countries: tuple[str, ...],
    places: tuple[str, ...],
    fields: tuple[str, ...],
    target_groups: tuple[str, ...],
    networks: tuple[str, ...],
    since: str,
    until: str,
    before: Path | None,
    release: Path | None,
    **how: Any,
) -> None:
    """The plain questions about all networks, or about those that fit; several values of an option mean any."""
    selection = Selection(
        countries=countries,
        places=places,
        fields=fields,
        target_groups=target_groups,
        networks=networks,
        since=since,
        until=until,
    )
    opened = _open(settings, release)
    _write(opened.analyse("collection", selection=selection, before=_earlier(settings, before)), **how)


@click.command(
    epilog=_example(
        "integgraph compare nuts-dee nuts-deg nuts-iti2 --out regions.html",
        "integgraph compare bridge-berlin azf-ii-hannover",
    )
)
@click.argument("names", metavar="A B [C…]", nargs=-1, required=True)
@_common
@click.pass_obj
def compare(settings: Settings, /, names: tuple[str, ...], release: Path | None, **how: Any) -> None:
    """Set two to six networks, or two to six places with their networks, beside each other. No ranking."""
    _write(_open(settings, release).compare(*names), **how)


def _open(settings: Settings, release: Path | None) -> OpenRelease:
    import integgraph

    return integgraph.open(release or settings.out)


def _earlier(settings: Settings, before: Path | None) -> OpenRelease | None:
    return _open(settings, before) if before is not None else None


def _write(report: Report, form: str | None, lang: str, out: Path | None) -> None:
    form = form or (_BY_SUFFIX.get(out.suffix.lower()) if out is not None else "markdown")
    if form is None:
        names = ", ".join(_BY_SUFFIX)
        raise Unprocessable(
            f"The name '{out}' does not say which form is meant: end it in one of {names}, or say --format."
        )
    text = report.render(form, "de" if lang == "de" else "en")
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_bytes(text.encode())
    except OSError as error:
        raise StorageFull(f"{out} cannot be written: {error.strerror}.") from None
    click.echo(f"{out}: {len(report.sections)} questions, {len(list(report.lines))} answers.", err=True)
