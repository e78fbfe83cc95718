"""``integgraph identity``: suggest, explain, decide, undo, check and review who is who; match and link to others."""

from __future__ import annotations

import csv
import json
import os
import select
import sys
import termios
import tty
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain, islice
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Self, TextIO

import click

from integgraph.csvtext import harmless
from integgraph.errors import NotFound, Unprocessable
from integgraph.identity.decisions import (
    Decision,
    check_known,
    decision_files,
    is_outward,
    near_things,
    read_decisions,
)
from integgraph.identity.editing import LINK_WORDS, WORDS, Journal, LinkBook, predicate_of
from integgraph.identity.outward import TARGETS, Link, check_links, identified, read_links
from integgraph.identity.review import LinkReview, OpenPair, Review, Session, open_pairs
from integgraph.identity.sssom import Statement
from integgraph.identity.standing import Standing
from integgraph.identity.things import Thing, Things, concepts, places
from integgraph.ontology import VOCABULARY, Ontology, normalise_label
from integgraph.settings import Settings

if TYPE_CHECKING:
    from integgraph.matching import Gazetteer, Matcher, Pair
    from integgraph.matching.lists import Listed, ListFile
    from integgraph.matching.outside import Group, Match
    from integgraph.release import Release

RELEASE_HELP = "Output folder or release directory. [default: build]"
LINKS_HELP = "Folder of the decisions. [default: data/links]"


def _example(*lines: str) -> str:
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


_release = click.option("--release", type=click.Path(path_type=Path), help=RELEASE_HELP)
_links = click.option("--links", type=click.Path(path_type=Path), help=LINKS_HELP)
_file = click.option(
    "--file", "name", default="actors.sssom.tsv", show_default=True, help="File in that folder to write to."
)
_link_file = click.option(
    "--file", "name", default="outward.sssom.tsv", show_default=True, help="File of links in that folder to write to."
)
_role = click.option("--role", default="reviewer", show_default=True, help="Who decides, as a role; never a name.")
_day = click.option("--date", "day", help="Day of the decision, as YYYY-MM-DD. [default: today]")
_lang = click.option(
    "--lang", default="en", show_default=True, type=click.Choice(["en", "de"]), help="Of the evidence."
)
_threshold = click.option(
    "--threshold", type=click.FloatRange(0, 1), help="Least score. [default: from where a look is worth it]"
)


@click.group(epilog=_example("integgraph identity review"))
def identity() -> None:
    """Decide who is who: suggestions, and reviewed decisions about them.

    Two rows are one actor only by a decision, never by their names. Decisions are rows of text in data/links.
    """


@identity.command(epilog=_example("integgraph identity suggest --threshold 0.8 --format csv > pairs.csv"))
@_release
@_links
@_threshold
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="Most pairs.")
@click.option("--about", metavar="ID", help="Only pairs with this actor or network.")
@click.option("--undecided", "again", is_flag=True, help="Also pairs that were left undecided.")
@click.option("--format", "form", default="text", show_default=True, type=click.Choice(["text", "csv", "json"]))
@_lang
@click.pass_obj
def suggest(
    settings: Settings,
    release: Path | None,
    links: Path | None,
    threshold: float | None,
    limit: int,
    about: str | None,
    again: bool,
    form: str,
    lang: str,
) -> None:
    """Show pairs that may be the same and are not decided yet, best first, with what speaks for and against."""
    desk = _Desk.open(settings, release, links, language=lang)
    found = desk.open_pairs(threshold, again=again)
    if about is not None:
        thing = desk.things[about].id
        found = [pair for pair in found if thing in (pair.first.id, pair.second.id)]
    _FORMS[form](found[:limit])
    click.echo(f"{min(limit, len(found))} of {len(found)} undecided pairs.", err=True)


def _as_text(pairs: Iterable[OpenPair]) -> None:
    for pair in pairs:
        click.echo(f"{pair.score:.2f}  {pair.first.name}  –  {pair.second.name}")
        click.echo(f"      {pair.first.id}  {pair.second.id}")
        for sentence in pair.evidence:
            click.echo(f"      · {sentence}")


def _as_csv(pairs: Iterable[OpenPair]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\r\n")
    writer.writerow(["subject_id", "subject_label", "object_id", "object_label", "score", "evidence"])
    for pair in pairs:
        row = [pair.first.id, pair.first.name, pair.second.id, pair.second.name, f"{pair.score:.4f}"]
        writer.writerow([harmless(cell) for cell in [*row, " ".join(pair.evidence)]])


def _as_json(pairs: Iterable[OpenPair]) -> None:
    found = [
        {
            "subject": {"id": pair.first.id, "name": pair.first.name, "also": list(pair.first.also)},
            "object": {"id": pair.second.id, "name": pair.second.name, "also": list(pair.second.also)},
            "score": round(pair.score, 4),
            "evidence": list(pair.evidence),
        }
        for pair in pairs
    ]
    click.echo(json.dumps(found, ensure_ascii=False, indent=1))


_FORMS: dict[str, Callable[[Iterable[OpenPair]], None]] = {"text": _as_text, "csv": _as_csv, "json": _as_json}


@identity.command(epilog=_example("integgraph identity explain actor:caritas-halle actor:caritas-magdeburg"))
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@_release
@_links
@_lang
@click.pass_obj
def explain(settings: Settings, first: str, second: str, release: Path | None, links: Path | None, lang: str) -> None:
    """Show all that is known about whether A and B are the same: both, the evidence, and every decision."""
    desk = _Desk.open(settings, release, links, language=lang)
    pair = desk.compare(*_two(desk, first, second))
    for thing in (pair.first, pair.second):
        click.echo(f"{thing.name}\n  {thing.id}" + (f"\n  {thing.about}" if thing.about else ""))
    click.echo(f"\nEvidence (score {pair.score:.2f}):" if pair.evidence else "\nNo evidence: nothing in common.")
    for sentence in pair.evidence:
        click.echo(f"  · {sentence}")
    standing = desk.standing()
    rows = standing.about(pair.first.id, pair.second.id)
    click.echo("\nDecisions:" if rows else "\nNo decision.")
    for row in rows:
        click.echo(f"  {_told(row)}")
    if standing.one(pair.first.id, pair.second.id):
        kept = standing.canonical().get(pair.first.id, pair.first.id)
        click.echo(f"So they are one: {kept}.")


@identity.command(
    epilog=_example(
        "integgraph identity decide actor:caritas-halle different actor:caritas-magdeburg --because 'Two dioceses.'"
    )
)
@click.argument("first", metavar="A")
@click.argument("predicate", metavar="PREDICATE")
@click.argument("second", metavar="B")
@click.option("--because", required=True, help="The grounds, in a few words.")
@click.option("--confidence", type=click.FloatRange(0, 1), help="How sure. [default: 0.9, undecided 0.5]")
@_role
@_day
@_file
@_release
@_links
@click.pass_obj
def decide(
    settings: Settings,
    first: str,
    predicate: str,
    second: str,
    because: str,
    confidence: float | None,
    role: str,
    day: str | None,
    name: str,
    release: Path | None,
    links: Path | None,
) -> None:
    """Write a decision: A same B (B stays), A different B, A part-of B, A undecided B.

    What repeats or contradicts the decisions there are is not written; the rows are named.
    """
    meant = predicate_of(predicate)
    desk = _Desk.open(settings, release, links, name)
    a, b = _two(desk, first, second)
    written = desk.journal.add(
        Decision(
            a.id,
            meant,
            b.id,
            because,
            role=role,
            day=_today(day),
            confidence=confidence,
            subject_label=a.name,
            object_label=b.name,
        )
    )
    click.echo(f"Written: {_told(written)}")


@identity.command(epilog=_example("integgraph identity undo", "integgraph identity undo --line 52"))
@click.option("--line", type=click.IntRange(1), help="Line of the row. [default: the last row]")
@_file
@_links
@click.pass_obj
def undo(settings: Settings, line: int | None, name: str, links: Path | None) -> None:
    """Take a decision back: remove its row, and say which it was."""
    book = _book(settings, links, name) if is_outward(Path(name)) else _journal(settings, links, name)
    click.echo(f"Removed: {_told(book.remove(line))}")


@identity.command(epilog=_example("integgraph identity check", "integgraph identity check --no-release"))
@_release
@click.option("--no-release", "alone", is_flag=True, help="Only the files; unknown ids are not looked for.")
@_links
@click.pass_obj
def check(settings: Settings, release: Path | None, alone: bool, links: Path | None) -> None:
    """Read all decisions and links, and say what is wrong, contradictory or doubtful. Exit status 1 if anything is."""
    folder = links or settings.data / "links"
    found, outward = read_decisions(folder), read_links(folder)
    problems = [*found.problems, *Standing(found.rows).problems(), *outward.problems]
    named = {end for row in found.rows for end in row.ends} | {link.subject for link in outward.rows}
    known = None if alone else _known(release or settings.out, named)
    if known is not None:
        problems.extend(check_known(found.rows, known))
    problems.extend(check_links(outward.rows, known, found.rows))
    for problem in problems:
        click.echo(str(problem))
    violations = sum(problem.severity == "violation" for problem in problems)
    counts = ", ".join(
        f"{sum(row.predicate == predicate for row in found.rows)} {word}" for word, predicate in WORDS.items()
    )
    click.echo(
        f"{len(found.rows)} decisions ({counts}) in {_counted(decision_files(folder), 'file')}, "
        f"{len(outward.rows)} links outward: {_counted(violations, 'violation')}, "
        f"{_counted(len(problems) - violations, 'warning')}.",
        err=True,
    )
    if violations:
        raise click.exceptions.Exit(1)


def _counted(what: Iterable[Any] | int, word: str) -> str:
    number = what if isinstance(what, int) else len(list(what))
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


@identity.command(epilog=_example("integgraph identity review --threshold 0.7"))
@_threshold
@click.option("--limit", type=click.IntRange(1), help="Most pairs in this session.")
@click.option("--undecided", "again", is_flag=True, help="Also ask again about pairs that were left undecided.")
@_role
@_day
@_file
@_release
@_links
@_lang
@click.pass_obj
def review(
    settings: Settings,
    threshold: float | None,
    limit: int | None,
    again: bool,
    role: str,
    day: str | None,
    name: str,
    release: Path | None,
    links: Path | None,
    lang: str,
) -> None:
    """Go through the undecided pairs, one key a decision.

    Every decision is written at once: stop and go on whenever you like. Keys can be piped in, too.
    """
    desk = _Desk.open(settings, release, links, name, lang)
    pairs = desk.open_pairs(threshold, again=again)[:limit]
    session = Review(pairs, desk.journal, role=role, day=_today(day), clock=monotonic, doubts=not again)
    with _Keyboard.of(sys.stdin) as keyboard:
        _run(session, keyboard)
    click.echo(session.summary(), err=True)


# ---------------------------------------------------------------------------------------------------------------------
# Lists of others


_BODY_KINDS = {"body": ("actor:", "network:"), "actor": ("actor:",), "network": ("network:",)}
_COLUMNS = {
    "id": "ids",
    "name": "names",
    "also": "other names, parted by | or ;",
    "place": "towns",
    "country": "countries, as codes or names",
    "website": "addresses",
    "register": "register numbers",
    "category": "sectors",
}
"""Option → what the column holds."""


def _columns(command: Callable[..., None]) -> Callable[..., None]:
    for option, what in reversed(_COLUMNS.items()):
        command = click.option(
            f"--{option}", f"column_{option}", metavar="COLUMN", help=f"Column of a table that holds {what}."
        )(command)
    return command


@identity.command(
    epilog=_example(
        "integgraph identity match ror.json --format csv > found.csv",
        "integgraph identity match nuts.csv --kind place --ids nuts --review",
        "integgraph identity match grants.csv --name Empfänger",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--kind",
    default="body",
    show_default=True,
    type=click.Choice([*_BODY_KINDS, "place", "concept"]),
    help="What of ours to look among; body is actors and networks.",
)
@click.option("--ids", default="", help="What its ids belong to: ror, wikidata, geonames, nuts, or how IRIs begin.")
@click.option("--as", "form", default="", help="Form of the file. [default: told from its name]")
@_columns
@_threshold
@click.option("--each", default=3, show_default=True, type=click.IntRange(1), help="Most suggestions for one of ours.")
@click.option("--limit", type=click.IntRange(1), help="Most suggestions. [default: 50, all in a review]")
@click.option("--undecided", "again", is_flag=True, help="Also what was left undecided.")
@click.option("--within", is_flag=True, help="Only show which spellings within the list may be one.")
@click.option("--review", "ask", is_flag=True, help="Go through the suggestions, one key a decision.")
@click.option("--format", "output", default="text", show_default=True, type=click.Choice(["text", "csv", "json"]))
@_role
@_day
@_link_file
@_release
@_links
@_lang
@click.pass_obj
def match(
    settings: Settings,
    /,
    file: Path,
    kind: str,
    ids: str,
    form: str,
    threshold: float | None,
    each: int,
    limit: int | None,
    again: bool,
    within: bool,
    ask: bool,
    output: str,
    role: str,
    day: str | None,
    name: str,
    release: Path | None,
    links: Path | None,
    lang: str,
    **columns: str | None,
) -> None:
    """Hold a list of others against ours, and show what may be the same: a table, RDF, GeoNames, ROR or Wikidata.

    Without ids, spellings of the list that may be one are taken together first. Nothing is written without a decision.
    """
    from integgraph.matching import REVIEW
    from integgraph.matching.lists import FORMS, ListFile
    from integgraph.matching.outside import best, group, never

    if form and form not in FORMS:
        raise Unprocessable(f"'{form[:60]}' is no form of a list. Use one of: {', '.join(FORMS)}.")
    chosen = {key.removeprefix("column_").replace("category", "kind"): value for key, value in columns.items() if value}
    listed = ListFile(file, form, chosen)
    desk = _Desk.open(settings, release, links, language=lang)
    book = _book(settings, links, name)
    entries, has_ids = _entries(listed, ids)
    rows: dict[Listed, int] = {}
    if within or not has_ids:
        if ask:
            raise Unprocessable("Without ids there is nothing to link to. Say which column has them: --id.")
        groups = group(_counted_up(entries, listed), gazetteer=desk.gazetteer)
        if within:
            _show_groups([each for each in groups if len(each.listed.names) > 1], output)
            _say_how_read(listed)
            return
        rows = {each.listed: each.rows for each in groups}
        entries = iter(rows)
    standing, suggest = book.standing(), desk.compare_with(kind)
    found = best(
        (one for entry in _counted_up(entries, listed) for one in suggest(entry)),
        threshold=REVIEW if threshold is None else threshold,
        each=each,
        skip=(lambda ours, entry: standing.decided(ours, entry.id, doubts=not again)) if has_ids else never,
    )
    most = limit or (len(found) if ask else 50)
    pairs = [desk.beside(one, file.name, rows.get(one.listed, 0)) for one in found[:most]]
    if ask:
        decisions = read_decisions(book.folder).rows
        session = LinkReview(
            pairs, book, role=role, day=_today(day), clock=monotonic, doubts=not again, decisions=decisions
        )
        with _Keyboard.of(sys.stdin) as keyboard:
            _run(session, keyboard)
        click.echo(session.summary(), err=True)
    else:
        # A table is joined by its own spellings, so each has a row.
        _FORMS[output](pairs if has_ids or output != "csv" else chain.from_iterable(map(_each_spelling, pairs)))
    _say_how_read(listed)
    click.echo(f"{len(pairs)} of {_counted(found, 'suggestion')}.", err=True)


def _each_spelling(pair: OpenPair) -> Iterator[OpenPair]:
    for name in (pair.second.name, *pair.second.also):
        yield replace(pair, second=replace(pair.second, name=name, also=()))


def _say_how_read(listed: ListFile) -> None:
    """Which columns were taken for what, and what is wrong."""
    for problem in listed.problems:
        click.echo(str(problem), err=True)
    if listed.faults > len(listed.problems):
        click.echo(f"… and {listed.faults - len(listed.problems)} more.", err=True)
    chosen = "".join(f", {role} from '{column}'" for role, column in listed.columns.items())
    click.echo(f"Read as {listed.form}{chosen}. {_counted(listed.faults, 'faulty row')}.", err=True)


def _entries(listed: ListFile, ids: str) -> tuple[Iterator[Listed], bool]:
    """(Entries, each with its IRI, and whether they have ids); an entry whose id is none is a fault."""
    if listed.form == "geonames":
        ids = ids or "geonames"
    if "nuts" in normalise_label(listed.columns.get("id", "")):
        ids = ids or "nuts"
    entries = iter(listed)
    first = list(islice(entries, 1))
    if listed.form == "csv":
        has_ids = "id" in listed.columns
    else:
        has_ids = any(entry.id for entry in first)

    def with_iris() -> Iterator[Listed]:
        for entry in chain(first, entries):
            try:
                if not entry.id:
                    raise ValueError("The row has no id.")
                yield replace(entry, id=identified(entry.id, ids))
            except ValueError as error:
                listed.fault(str(error), entry.line)

    return (with_iris() if has_ids else chain(first, entries)), has_ids


def _counted_up(entries: Iterable[Listed], listed: ListFile) -> Iterator[Listed]:
    """The entries, with progress on one line of a terminal."""
    live = sys.stderr.isatty()
    for number, entry in enumerate(entries, 1):
        if live and number % 200 == 0:
            share = 100 * listed.read // max(listed.size, 1)
            click.echo(f"\r\033[K{number} entries, {share} % of the file", err=True, nl=False)
        yield entry
    if live:
        click.echo("\r\033[K", err=True, nl=False)


def _show_groups(groups: Iterable[Group], output: str) -> None:
    """Spellings that may be one, as text, table or JSON."""
    found = [(each.rows, each.listed.names) for each in groups]
    if output == "json":
        click.echo(json.dumps([{"rows": rows, "names": names} for rows, names in found], ensure_ascii=False, indent=1))
    elif output == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\r\n")
        writer.writerow(["group", "rows", "name"])
        for number, (rows, names) in enumerate(found, 1):
            writer.writerows([number, rows, harmless(name)] for name in names)
    else:
        for rows, names in found:
            click.echo(f"{rows:5}  " + "\n       ".join(names))
    click.echo(f"{_counted(found, 'group')} of several spellings.", err=True)


@identity.command(
    epilog=_example("integgraph identity link place:dresden same http://data.europa.eu/nuts/code/DED21 --because '…'")
)
@click.argument("ours", metavar="OURS")
@click.argument("predicate", metavar="PREDICATE")
@click.argument("iri", metavar="IRI")
@click.option("--because", required=True, help="The grounds, in a few words.")
@click.option("--label", default="", help="What it is called there.")
@click.option("--confidence", type=click.FloatRange(0, 1), help="How sure. [default: 0.9, undecided 0.5]")
@_role
@_day
@_link_file
@_release
@_links
@click.pass_obj
def link(
    settings: Settings,
    ours: str,
    predicate: str,
    iri: str,
    because: str,
    label: str,
    confidence: float | None,
    role: str,
    day: str | None,
    name: str,
    release: Path | None,
    links: Path | None,
) -> None:
    """Write what one of ours is in another collection: same, different, part-of, undecided.

    Of a concept: exact, close, broad (theirs is wider), narrow, different, undecided.
    """
    meant = predicate_of(predicate, LINK_WORDS)
    thing = _Desk.open(settings, release, links).named(ours)
    try:
        elsewhere = identified(iri.strip())
    except ValueError as error:
        raise Unprocessable(str(error)) from None
    written = _book(settings, links, name).add(
        Link(
            thing.id,
            meant,
            elsewhere,
            because,
            role=role,
            day=_today(day),
            confidence=confidence,
            subject_label=thing.name,
            object_label=label,
        )
    )
    click.echo(f"Written: {_told(written)}")


def _run(session: Session[Any], keyboard: _Keyboard) -> None:
    shown = ""
    while not session.quit:
        if session.over:
            if not (session.decided and _wants_back(session, keyboard)):
                return
            continue
        screen = session.screen()
        if screen != shown:
            click.echo(screen)
            shown = screen
        key = keyboard.key()
        if key == "b":
            click.echo("Because: ", nl=False)
            message = session.because(keyboard.line())
        else:
            message = session.press(key)
        if message:
            click.echo(message)
        if key == "?":
            shown = ""


def _wants_back(session: Session[Any], keyboard: _Keyboard) -> bool:
    """Whether the last of all decisions was taken back, so that the review goes on."""
    click.echo("Nothing left to decide. z takes the last decision back; any other key ends.")
    if keyboard.key() != "z":
        return False
    click.echo(session.press("z"))
    return True


class _Keyboard:
    """Keys from a pipe: its characters without line ends; empty at its end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @classmethod
    def of(cls, stream: TextIO) -> _Keyboard:
        return _Terminal(stream) if stream.isatty() else cls(stream)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def key(self) -> str:
        while (key := self._stream.read(1)) in ("\r", "\n"):
            pass
        return key

    def line(self) -> str:
        return self._stream.readline()


class _Terminal(_Keyboard):
    """Keys as they are pressed, without Enter and without echo.

    The terminal stays so for the whole session: to switch at every key would throw away what is typed meanwhile.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._file = stream.fileno()
        self._before = termios.tcgetattr(self._file)

    def __enter__(self) -> Self:
        tty.setcbreak(self._file, termios.TCSADRAIN)
        return self

    def __exit__(self, *_: object) -> None:
        termios.tcsetattr(self._file, termios.TCSADRAIN, self._before)

    def key(self) -> str:
        key = os.read(self._file, 1)
        if key == b"\x1b" and self._more():  # an arrow or the like (ECMA-48): several characters, one key, none of ours
            key += os.read(self._file, 1)
            while key[1:2] in (b"[", b"O") and not (len(key) > 2 and 0x40 <= key[-1] <= 0x7E) and self._more():
                key += os.read(self._file, 1)
        return key.decode(errors="replace")

    def _more(self) -> bool:
        return bool(select.select([self._file], [], [], 0.01)[0])

    def line(self) -> str:
        self.__exit__()
        try:
            return self._stream.readline()
        finally:
            self.__enter__()


# ---------------------------------------------------------------------------------------------------------------------
# What the commands share


@dataclass(frozen=True, slots=True)
class _Desk:
    """What lies open while somebody decides: a release, its things, the decisions."""

    release: Release
    things: Things
    journal: Journal
    language: str
    read: dict[str, dict[str, Thing]] = field(default_factory=dict)

    @classmethod
    def open(
        cls,
        settings: Settings,
        release: Path | None,
        links: Path | None,
        name: str = "actors.sssom.tsv",
        language: str = "en",
    ) -> _Desk:
        from integgraph.release import open_release

        opened = open_release(release or settings.out)
        return cls(opened, Things.of_release(opened), _journal(settings, links, name), language)

    def standing(self) -> Standing:
        return Standing(self.journal.read())

    def open_pairs(self, threshold: float | None, *, again: bool) -> list[OpenPair]:
        """What nobody has decided, from the threshold on; from the matcher's own where none is given."""
        from integgraph.matching import REVIEW

        least = REVIEW if threshold is None else threshold
        pairs = self._matcher().pairs(threshold=least)
        return open_pairs(map(self._in_words, pairs), self.standing(), threshold=least, doubts=not again)

    def compare(self, first: Thing, second: Thing) -> OpenPair:
        """Two things with all evidence, however little it is."""
        pair = self._in_words(self._matcher(first, second).explain(first.id, second.id))
        return replace(pair, first=first, second=second)

    def _matcher(self, *more: Thing) -> Matcher:
        from integgraph.matching import Matcher
        from integgraph.reconciliation.candidates import candidates_of_things

        return Matcher(candidates_of_things(self.things, more, self.standing()), gazetteer=self.gazetteer)

    def _places(self) -> list[dict[str, Any]]:
        from integgraph.tables import Tables

        rows: list[dict[str, Any]] = Tables(self.release.path / "tables")["places"].to_pylist()
        return rows

    @property
    def gazetteer(self) -> Gazetteer:
        """The places that come with the ontology, and those of the release."""
        from integgraph.matching import Gazetteer, places_of

        return Gazetteer.load(places_of(self._places()))

    # -- beside a list of others

    def named(self, text: str) -> Thing:
        """One of ours by id or IRI: an actor, a network, a place or a concept.

        Raises:
            NotFound: there is none; similar ids are given.
        """
        name = text.strip()
        if name.startswith(VOCABULARY):
            name = f"concept:{name.removeprefix(VOCABULARY)}"
        elif name.startswith(self.release.base_iri):
            name = name.removeprefix(self.release.base_iri).replace("/", ":", 1)
        kind = name.partition(":")[0]
        if kind not in ("place", "concept"):
            return self.things[name]
        others = self._others(kind)
        if name not in others:
            raise NotFound(f"{name[:100]} is not in the collection.", near_things(name, others))
        return others[name]

    def _others(self, kind: str) -> dict[str, Thing]:
        if kind not in self.read:
            found = places(self.release) if kind == "place" else concepts(Ontology.load())
            self.read[kind] = {thing.id: thing for thing in found}
        return self.read[kind]

    def compare_with(self, kind: str) -> Callable[[Listed], Iterator[Match]]:
        """What suggests ours of a kind for an entry of a list."""
        from integgraph.matching import Candidate
        from integgraph.matching.outside import Bodies, Words

        if kind in _BODY_KINDS:
            scheme = Ontology.load().schemes.get("sector")
            sectors = {
                name.casefold(): concept.id
                for concept in (scheme.concepts.values() if scheme else ())
                for name in (concept.id, *concept.labels.values(), *concept.others)
            }
            bodies = Bodies(self._matcher(), sectors)
            return lambda entry: (one for one in bodies.suggest(entry) if one.ours.startswith(_BODY_KINDS[kind]))
        things = self._others(kind).values()
        rows = {f"place:{row['id']}": row for row in self._places()} if kind == "place" else {}
        words = Words(
            (
                Candidate(
                    thing.id,
                    (thing.name, *thing.also),
                    countries=tuple(filter(None, [rows.get(thing.id, {}).get("country")])),
                )
                for thing in things
            ),
            codes={row["nuts"]: place for place, row in rows.items() if row["nuts"]},
            kinds={place: row["kind"] or "" for place, row in rows.items()},
            gazetteer=self.gazetteer,
        )
        nuts = next(target.begin for target in TARGETS if target.name == "NUTS")
        return lambda entry: words.suggest(entry, entry.id.removeprefix(nuts) if entry.id.startswith(nuts) else "")

    def beside(self, found: Match, file: str, rows: int) -> OpenPair:
        """One of ours and an entry of a list, in words; an entry without an id is called by file and line."""
        entry = found.listed
        theirs = Thing(
            entry.id or f"{file}:{entry.line}",
            entry.names[0],
            entry.names[1:],
            kinds=entry.kinds,
            places=[*entry.places, *entry.countries],
            websites=entry.websites,
        )
        evidence = [ground.text(self.language) for ground in found.grounds]
        if rows > 1:
            evidence.append(
                f"{rows} Zeilen der Liste nennen es." if self.language == "de" else f"{rows} rows of the list name it."
            )
        return OpenPair(self.named(found.ours), theirs, found.score, tuple(evidence))

    def _in_words(self, pair: Pair) -> OpenPair:
        evidence = tuple(ground.text(self.language) for ground in pair.grounds)
        return OpenPair(self.things.get(pair.one.id), self.things.get(pair.other.id), pair.score, evidence)


def _two(desk: _Desk, first: str, second: str) -> tuple[Thing, Thing]:
    found = desk.things[first], desk.things[second]
    if found[0].id == found[1].id:
        raise Unprocessable(f"{found[0].id} is compared with itself.")
    return found


def _known(release: Path, named: Iterable[str]) -> frozenset[str]:
    """Every thing and concept that decisions and links may speak of; of ``named`` also what is only mentioned."""
    from integgraph.release import open_release
    from integgraph.tables import Tables

    opened = open_release(release)
    things = Things.of_release(opened)
    there = (f"place:{name}" for name in Tables(opened.path / "tables")["places"]["id"].to_pylist())
    terms = (concept.id for concept in concepts(Ontology.load()))
    return frozenset([*things, *(name for name in named if name in things), *there, *terms])


def _journal(settings: Settings, links: Path | None, name: str) -> Journal:
    return Journal(links or settings.data / "links", name, settings.base_iri, settings.licence)


def _book(settings: Settings, links: Path | None, name: str) -> LinkBook:
    return LinkBook(links or settings.data / "links", name, settings.base_iri, settings.licence)


def _today(day: str | None) -> str:
    if day is None:
        return date.today().isoformat()
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError:
        raise click.UsageError(f"--date {day}: write YYYY-MM-DD.") from None


def _told(row: Statement) -> str:
    facts = ", ".join(
        part
        for part in (row.role, row.day, f"confidence {row.confidence:g}" if row.confidence is not None else "")
        if part
    )
    return f"{row.where}: {row}. {row.grounds}" + (f" ({facts})" if facts else "")
