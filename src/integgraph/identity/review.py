"""A review: one pair after the other, one key a decision.

A review knows no terminal: :meth:`Review.screen` says what a person should see, :meth:`Review.press` takes a key and
answers in a sentence. Every decision is written at once, so a review may end at any moment and goes on where it was:
what is decided is not shown again, and what was skipped comes later. :class:`Review` asks about two of ours,
:class:`LinkReview` about one of ours and one of another collection.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from integgraph.errors import IntegGraphError
from integgraph.identity import sssom
from integgraph.identity.decisions import DIFFERENT, PART_OF, SAME, UNDECIDED, Decision
from integgraph.identity.outward import MATCHES, Link, LinkStanding
from integgraph.identity.standing import Standing
from integgraph.identity.things import Thing

S = TypeVar("S", bound=sssom.Statement)
EXACT, CLOSE, BROAD, NARROW = MATCHES
_ALWAYS = "b because · z undo · space skip · q quit · ? help"
_HELP = """\
b      type why; else the evidence that is shown is written as the grounds
z      take back the last decision of this review
space  skip: comes again at the end
q      quit; every decision is written already"""
KEYS = f"s same · d different · p 1 is part of 2 · u undecided · x swap 1 and 2 · {_ALWAYS}"
HELP = f"""\
s      the same: from now on 1 is 2, and 2 stays
d      not the same, and never to be suggested again
p      1 is a part of 2: a branch, a unit, an office
u      undecided: what is known does not settle it
x      swap 1 and 2, for s and p
{_HELP}"""
_BODIES = {"s": SAME, "d": DIFFERENT, "p": PART_OF, "u": UNDECIDED}
_LINK_KEYS = f"s same · d different · p 1 is part of 2 · u undecided · {_ALWAYS}"
_LINK_HELP = f"""\
s      the same thing, in ours and in the other collection
d      not the same, and never to be suggested again
p      1 is a part of 2: a branch, a unit, an office
u      undecided: what is known does not settle it
{_HELP}"""
_CONCEPTS = {"e": EXACT, "c": CLOSE, "w": BROAD, "n": NARROW, "d": DIFFERENT, "u": UNDECIDED}
_CONCEPT_KEYS = f"e exact · c close · w 2 is wider · n 2 is narrower · d different · u undecided · {_ALWAYS}"
_CONCEPT_HELP = f"""\
e      2 can stand for 1 everywhere
c      2 can stand for 1 in some uses
w      2 is wider than 1
n      2 is narrower than 1
d      not the same, and never to be suggested again
u      undecided: what is known does not settle it
{_HELP}"""
_WORDS = {
    SAME: "the same",
    DIFFERENT: "different",
    PART_OF: "part of",
    UNDECIDED: "undecided",
    EXACT: "an exact match",
    CLOSE: "a close match",
    BROAD: "matched by a wider one",
    NARROW: "matched by a narrower one",
}


@dataclass(frozen=True, slots=True)
class OpenPair:
    """Two things that may be the same, with what speaks for and against it.

    Attributes:
        first, second: The two things.
        score: How much speaks for it, from 0 to 1.
        evidence: In sentences.
    """

    first: Thing
    second: Thing
    score: float
    evidence: tuple[str, ...] = ()

    def swapped(self) -> OpenPair:
        """The pair the other way round."""
        return replace(self, first=self.second, second=self.first)

    def kept_last(self, kept: Callable[[str], bool] = lambda thing: False) -> OpenPair:
        """The pair with the thing that should stay as its second.

        That is the one that ``kept`` knows as canonical already, then the one with the greater weight.
        """
        first, second = ((kept(each.id), each.weight) for each in (self.first, self.second))
        return self.swapped() if first > second else self


def _grounds(pair: OpenPair, predicate: str) -> str:
    """The evidence as grounds; where it does not lead to the decision by itself, that is said."""
    evidence = " ".join(pair.evidence)
    if not evidence:
        return "Judged from names and networks; no evidence beside them."
    leads_there = pair.score >= 0.5 if predicate in (SAME, EXACT) else predicate == DIFFERENT and pair.score < 0.5
    return evidence if leads_there else f"Judged by a person who saw: {evidence}"


class Writer(Protocol[S]):
    """Where decisions go: :class:`integgraph.identity.editing.Journal` or ``LinkBook``, or a list in a test."""

    def read(self) -> list[S]:
        """All decisions there are."""

    def add(self, row: S, /) -> S:
        """Write a decision; raises what a person can act on if it contradicts others."""

    def take_back(self, row: S, /) -> S:
        """Remove a decision that was written."""


class Judge(Protocol):
    """Knows what is decided: :class:`Standing` or :class:`LinkStanding`."""

    def decided(self, first: str, second: str, /, *, doubts: bool = True) -> bool:
        """Whether a person need not be asked about two things."""


def open_pairs(
    pairs: Iterable[OpenPair], standing: Standing, *, threshold: float = 0.0, doubts: bool = True
) -> list[OpenPair]:
    """The pairs that nobody has decided about, best first.

    Args:
        pairs: Suggestions.
        standing: The decisions there are; what follows from them is decided, too.
        threshold: Least score.
        doubts: Whether "undecided" is an answer; ``False`` shows such pairs again.
    """
    canonical = set(standing.canonical().values())
    found = [
        pair.kept_last(canonical.__contains__)
        for pair in pairs
        if pair.score >= threshold and not standing.decided(pair.first.id, pair.second.id, doubts=doubts)
    ]
    return sorted(found, key=lambda pair: (-pair.score, pair.first.id, pair.second.id))


@dataclass(frozen=True, slots=True)
class _Done(Generic[S]):
    """A pair with the decision written about it, and the pairs that it made superfluous."""

    pair: OpenPair
    written: S
    passed: tuple[OpenPair, ...]


class Session(ABC, Generic[S]):
    """One session. Call :meth:`screen` and :meth:`press` in turn until :attr:`over`.

    Args:
        pairs: What to decide, best first; see :func:`open_pairs`.
        writer: Where decisions go.
        role: Who decides, as a role.
        day: Today, as YYYY-MM-DD.
        clock: Seconds, for the rate.
        doubts: Whether "undecided" is an answer; ``False`` asks about such pairs again.
    """

    _statement: type[S]
    _predicates: Mapping[str, str]
    _keys: str
    _help: str

    def __init__(
        self,
        pairs: Iterable[OpenPair],
        writer: Writer[S],
        *,
        role: str,
        day: str,
        clock: Callable[[], float],
        doubts: bool = True,
    ) -> None:
        self._waiting = deque(pairs)
        self._writer, self._role, self._day, self._clock, self._doubts = writer, role, day, clock, doubts
        self._begun = clock()
        self._standing = self._judge(writer.read())
        self._done: list[_Done[S]] = []
        self._passed = 0
        self._because = ""
        self.total = len(self._waiting)
        self.quit = False
        self._pass_decided()

    @abstractmethod
    def _judge(self, rows: Iterable[S]) -> Judge:
        """The rows taken together."""

    def _row(self, pair: OpenPair, predicate: str, grounds: str) -> S:
        """The row that says so."""
        return self._statement(
            pair.first.id,
            predicate,
            pair.second.id,
            grounds,
            role=self._role,
            day=self._day,
            subject_label=pair.first.name,
            object_label=pair.second.name,
        )

    # -- what a person sees

    @property
    def over(self) -> bool:
        """Whether there is nothing more to ask, or the person has quit."""
        return self.quit or not self._waiting

    @property
    def decided(self) -> int:
        """Decisions written and not taken back."""
        return len(self._done)

    @property
    def rate(self) -> float:
        """Decisions a minute so far."""
        minutes = (self._clock() - self._begun) / 60
        return len(self._done) / minutes if minutes > 0 else 0.0

    def progress(self) -> str:
        """How far the review is: the number of the pair, of all; decided; the rate."""
        number = min(len(self._done) + self._passed + 1, self.total)
        return f"{number} of {self.total} · {len(self._done)} decided · {self.rate:.0f} a minute"

    def screen(self) -> str:
        """The pair that is asked about, with what is known of both and what speaks for and against."""
        pair = self._waiting[0]
        lines = [f"[{self.progress()}]  score {pair.score:.2f}"]
        for number, thing in (("1", pair.first), ("2", pair.second)):
            lines += [f"  {number}  {thing.name}", f"     {thing.id}"]
            lines += [f"     {thing.about}"] if thing.about else []
        lines += [f"  ·  {sentence}" for sentence in pair.evidence]
        if self._because:
            lines.append(f"  Because: {self._because}")
        return "\n".join([*lines, self._keys])

    def summary(self) -> str:
        """What the session did, in a sentence."""
        left = f"{len(self._waiting)} left" if self._waiting else "nothing left"
        return f"{len(self._done)} decided, {left}, {self.rate:.0f} a minute."

    # -- what a person does

    def because(self, text: str) -> str:
        """Grounds for the next decision, instead of the evidence."""
        self._because = " ".join(text.split())
        return "" if self._because else "No grounds typed; the evidence is written."

    def press(self, key: str) -> str:
        """Do what a key stands for, and answer in a sentence (empty where the next pair says enough)."""
        if key in ("q", "\x04", ""):
            self.quit = True
            return ""
        if key == "z":
            return self._undo()
        if key == "?":
            return self._help
        if self.over:
            return ""
        if key == " ":
            self._waiting.rotate(-1)
            self._because = ""
            return "Skipped."
        if key == "x" and key in self._keys.split():
            self._waiting[0] = self._waiting[0].swapped()
            return ""
        if key.lower() in self._predicates:
            return self._decide(self._predicates[key.lower()])
        return f"'{key}' is no key here. {self._keys}" if key.isprintable() else self._keys

    def _decide(self, predicate: str) -> str:
        pair = self._waiting[0]
        if self._stays_open(pair, predicate):
            self._waiting.popleft()
            self._passed += 1
            return "Stays undecided."
        try:
            written = self._writer.add(self._row(pair, predicate, self._because or _grounds(pair, predicate)))
        except IntegGraphError as error:
            return f"Not written. {error}"
        self._waiting.popleft()
        self._because = ""
        self._standing = self._judge(self._writer.read())
        passed = self._pass_decided()
        self._done.append(_Done(pair, written, passed))
        more = f" {len(passed)} more follow from it." if passed else ""
        return f"{pair.first.name} – {pair.second.name}: {_WORDS[predicate]}.{more}"

    def _pass_decided(self) -> tuple[OpenPair, ...]:
        """Leave out what is decided by now, also by what follows from decisions on others."""
        passed = tuple(pair for pair in self._waiting if self._is_decided(pair))
        self._waiting = deque(pair for pair in self._waiting if not self._is_decided(pair))
        self._passed += len(passed)
        return passed

    def _is_decided(self, pair: OpenPair) -> bool:
        return self._standing.decided(pair.first.id, pair.second.id, doubts=self._doubts)

    def _stays_open(self, pair: OpenPair, predicate: str) -> bool:
        """Whether an undecided pair that was shown again is left undecided: its row says so already."""
        return predicate == UNDECIDED and self._standing.decided(pair.first.id, pair.second.id)

    def _undo(self) -> str:
        if not self._done:
            return "There is no decision of this review to take back."
        last = self._done[-1]
        try:
            self._writer.take_back(last.written)
        except IntegGraphError as error:
            return f"Not taken back. {error}"
        self._done.pop()
        self._passed -= len(last.passed)
        self._standing = self._judge(self._writer.read())
        self._waiting.extendleft(reversed((last.pair, *last.passed)))
        return f"Taken back: {last.pair.first.name} – {last.pair.second.name}."


class Review(Session[Decision]):
    """A review of pairs of ours; see :class:`Session`."""

    _statement = Decision
    _predicates = _BODIES
    _keys = KEYS
    _help = HELP

    def _judge(self, rows: Iterable[Decision]) -> Judge:
        return Standing(rows)


class LinkReview(Session[Link]):
    """A review of what ours are in another collection; see :class:`Session`.

    Args:
        pairs: One of ours, and one elsewhere whose id is its IRI; all of concepts, or none.
        writer: Where links go.
        role, day, clock, doubts: As for :class:`Session`.
        decisions: Who is who among ours.
    """

    _statement = Link

    def __init__(
        self,
        pairs: Iterable[OpenPair],
        writer: Writer[Link],
        *,
        role: str,
        day: str,
        clock: Callable[[], float],
        doubts: bool = True,
        decisions: Iterable[Decision] = (),
    ) -> None:
        pairs = list(pairs)
        concepts = any(pair.first.id.startswith("concept:") for pair in pairs)
        self._predicates = _CONCEPTS if concepts else _BODIES
        self._keys, self._help = (_CONCEPT_KEYS, _CONCEPT_HELP) if concepts else (_LINK_KEYS, _LINK_HELP)
        self._decisions = Standing(decisions)
        super().__init__(pairs, writer, role=role, day=day, clock=clock, doubts=doubts)

    def _judge(self, rows: Iterable[Link]) -> Judge:
        return LinkStanding(rows, self._decisions)
