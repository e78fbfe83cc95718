"""``integgraph identity``: suggest, explain, decide, undo, check and review who is who."""

from __future__ import annotations

import csv
import json
import os
import select
import sys
import termios
import tty
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Self, TextIO

import click

from integgraph.csvtext import harmless
from integgraph.errors import Unprocessable
from integgraph.identity.decisions import PART_OF, Decision, check_known, decision_files, read_decisions
from integgraph.identity.editing import WORDS, Journal, predicate_of
from integgraph.identity.outward import check_links, read_links
from integgraph.identity.review import OpenPair, Review, open_pairs
from integgraph.identity.standing import Standing
from integgraph.settings import Settings

if TYPE_CHECKING:
    from integgraph.identity.things import Thing, Things
    from integgraph.matching import Candidate, Matcher, Pair
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
            "subject": {"id": pair.first.id, "name": pair.first.name},
            "object": {"id": pair.second.id, "name": pair.second.name},
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
    removed = _journal(settings, links, name).remove(line)
    click.echo(f"Removed: {_told(removed)}")


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


def _run(session: Review, keyboard: _Keyboard) -> None:
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


def _wants_back(session: Review, keyboard: _Keyboard) -> bool:
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

    @classmethod
    def open(
        cls,
        settings: Settings,
        release: Path | None,
        links: Path | None,
        name: str = "actors.sssom.tsv",
        language: str = "en",
    ) -> _Desk:
        from integgraph.identity.things import Things
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
        from integgraph.matching import Gazetteer, Matcher, places_of
        from integgraph.tables import Tables

        places = places_of(Tables(self.release.path / "tables")["places"].to_pylist())
        return Matcher(_candidates(self.things, more, self.standing()), gazetteer=Gazetteer.load(places))

    def _in_words(self, pair: Pair) -> OpenPair:
        evidence = tuple(ground.text(self.language) for ground in pair.grounds)
        return OpenPair(self.things.get(pair.one.id), self.things.get(pair.other.id), pair.score, evidence)


def _candidates(things: Things, more: Iterable[Thing], standing: Standing) -> Iterator[Candidate]:
    """What the matcher should know of things: their facts, and what decisions say they are parts of."""
    from integgraph.matching import Candidate

    wholes = defaultdict[str, set[str]](set)
    for row in standing.decisions:
        if row.predicate == PART_OF:
            wholes[row.subject].add(row.object)
    seen: set[str] = set()
    for thing in (*things.all(), *more):
        if thing.id in seen:
            continue
        seen.add(thing.id)
        lists = sorted({*thing.networks, *thing.mentioned})
        yield Candidate(
            thing.id,
            (thing.name, *thing.also),
            kinds=tuple(thing.sectors),
            legal_forms=tuple(thing.legal_forms),
            places=tuple(thing.places),
            context=tuple(sorted({place for network in lists for place in things.places_of(network)})),
            domains=tuple(thing.websites),
            parents=tuple(sorted(wholes[thing.id])),
            lists=tuple(lists),
            is_network=thing.id.startswith("network:"),
        )


def _two(desk: _Desk, first: str, second: str) -> tuple[Thing, Thing]:
    found = desk.things[first], desk.things[second]
    if found[0].id == found[1].id:
        raise Unprocessable(f"{found[0].id} is compared with itself.")
    return found


def _known(release: Path, named: Iterable[str]) -> frozenset[str]:
    """Every thing and concept that decisions and links may speak of; of ``named`` also what is only mentioned."""
    from integgraph.identity.things import Things
    from integgraph.ontology import Ontology
    from integgraph.release import open_release
    from integgraph.tables import Tables

    opened = open_release(release)
    things = Things.of_release(opened)
    places = (f"place:{name}" for name in Tables(opened.path / "tables")["places"]["id"].to_pylist())
    schemes = Ontology.load().schemes.values()
    concepts = (f"concept:{scheme.id}/{name}" for scheme in schemes for name in scheme.concepts)
    return frozenset([*things, *(name for name in named if name in things), *places, *concepts])


def _journal(settings: Settings, links: Path | None, name: str) -> Journal:
    return Journal(links or settings.data / "links", name, settings.base_iri, settings.licence)


def _today(day: str | None) -> str:
    if day is None:
        return date.today().isoformat()
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError:
        raise click.UsageError(f"--date {day}: write YYYY-MM-DD.") from None


def _told(row: Decision) -> str:
    facts = ", ".join(
        part
        for part in (row.role, row.day, f"confidence {row.confidence:g}" if row.confidence is not None else "")
        if part
    )
    return f"{row.where}: {row}. {row.grounds}" + (f" ({facts})" if facts else "")
