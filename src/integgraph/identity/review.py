"""A review: one pair after the other, one key a decision.

A review knows no terminal: :meth:`Review.screen` says what a person should see, :meth:`Review.press` takes a key and
answers in a sentence. Every decision is written at once, so a review may end at any moment and goes on where it was:
what is decided is not shown again, and what was skipped comes later.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from integgraph.errors import IntegGraphError
from integgraph.identity.decisions import DIFFERENT, PART_OF, SAME, UNDECIDED, Decision
from integgraph.identity.standing import Standing
from integgraph.identity.things import Thing

KEYS = (
    "s same · d different · p 1 is part of 2 · u undecided · x swap 1 and 2 · "
    "b because · z undo · space skip · q quit · ? help"
)
HELP = """\
s      the same: from now on 1 is 2, and 2 stays
d      not the same, and never to be suggested again
p      1 is a part of 2: a branch, a unit, an office
u      undecided: what is known does not settle it
x      swap 1 and 2, for s and p
b      type why; else the evidence that is shown is written as the grounds
z      take back the last decision of this review
space  skip: comes again at the end
q      quit; every decision is written already"""
_PREDICATES = {"s": SAME, "d": DIFFERENT, "p": PART_OF, "u": UNDECIDED}
_WORDS = {SAME: "the same", DIFFERENT: "different", PART_OF: "part of", UNDECIDED: "undecided"}


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
    leads_there = pair.score >= 0.5 if predicate == SAME else predicate == DIFFERENT and pair.score < 0.5
    return evidence if leads_there else f"Judged by a person who saw: {evidence}"


class Writer(Protocol):
    """Where decisions go: :class:`integgraph.identity.editing.Journal`, or a list in a test."""

    def read(self) -> list[Decision]:
        """All decisions there are."""

    def add(self, decision: Decision) -> Decision:
        """Write a decision; raises what a person can act on if it contradicts others."""

    def take_back(self, decision: Decision) -> Decision:
        """Remove a decision that was written."""


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
class _Done:
    """A pair with the decision written about it, and the pairs that it made superfluous."""

    pair: OpenPair
    written: Decision
    passed: tuple[OpenPair, ...]


class Review:
    """One session. Call :meth:`screen` and :meth:`press` in turn until :attr:`over`.

    Args:
        pairs: What to decide, best first; see :func:`open_pairs`.
        writer: Where decisions go.
        role: Who decides, as a role.
        day: Today, as YYYY-MM-DD.
        clock: Seconds, for the rate.
        doubts: Whether "undecided" is an answer; ``False`` asks about such pairs again.
    """

    def __init__(
        self,
        pairs: Iterable[OpenPair],
        writer: Writer,
        *,
        role: str,
        day: str,
        clock: Callable[[], float],
        doubts: bool = True,
    ) -> None:
        self._waiting = deque(pairs)
        self._writer, self._role, self._day, self._clock, self._doubts = writer, role, day, clock, doubts
        self._begun = clock()
        self._standing = Standing(writer.read())
        self._done: list[_Done] = []
        self._passed = 0
        self._because = ""
        self.total = len(self._waiting)
        self.quit = False
        self._pass_decided()

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
        return "\n".join([*lines, KEYS])

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
            return HELP
        if self.over:
            return ""
        if key == " ":
            self._waiting.rotate(-1)
            self._because = ""
            return "Skipped."
        if key == "x":
            self._waiting[0] = self._waiting[0].swapped()
            return ""
        if key.lower() in _PREDICATES:
            return self._decide(_PREDICATES[key.lower()])
        return f"'{key}' is no key here. {KEYS}" if key.isprintable() else KEYS

    def _decide(self, predicate: str) -> str:
        pair = self._waiting[0]
        if self._stays_open(pair, predicate):
            self._waiting.popleft()
            self._passed += 1
            return "Stays undecided."
        try:
            written = self._writer.add(
                Decision(
                    pair.first.id,
                    predicate,
                    pair.second.id,
                    self._because or _grounds(pair, predicate),
                    role=self._role,
                    day=self._day,
                    subject_label=pair.first.name,
                    object_label=pair.second.name,
                )
            )
        except IntegGraphError as error:
            return f"Not written. {error}"
        self._waiting.popleft()
        self._because = ""
        self._standing = Standing(self._writer.read())
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
        self._standing = Standing(self._writer.read())
        self._waiting.extendleft(reversed((last.pair, *last.passed)))
        return f"Taken back: {last.pair.first.name} – {last.pair.second.name}."
