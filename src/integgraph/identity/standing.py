"""What decisions say together: who is whom, and where the rows contradict each other.

*Same* is an equivalence, so its rows are joined to groups, and every other row speaks of two groups. Rows contradict
each other where

- two that are decided to be different, or part of one another, are one by other rows;
- something is a part of itself, over one row or many;
- somebody was undecided about two *after* rows had made them one.

The last is a rule about time: a row *undecided* that was there first is settled by a later decision and stays as
history, but a newer doubt must be looked at by a person before the two are published as one. A row without a day counts
as older than any with one; where neither has a day, the doubt stands.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from integgraph.errors import InputError, Problem
from integgraph.identity.decisions import DIFFERENT, PART_OF, SAME, UNDECIDED, Decision

_NEVER, _ALWAYS = "9999-12-31", "0000-00-00"
_WORDS = {DIFFERENT: "not the same", PART_OF: "part of one another", UNDECIDED: "undecided"}


class Standing:
    """Decisions taken together.

    Example::

        standing = Standing(decisions)
        standing.problems()                      # contradictions and doubts, each with file and line
        standing.path("actor:a", "actor:c")      # the rows that make them one
    """

    def __init__(self, decisions: Iterable[Decision]) -> None:
        self.decisions = tuple(sorted(decisions, key=lambda each: (each.file, each.line)))
        self._neighbours: dict[str, list[tuple[str, Decision]]] = defaultdict(list)
        self._parent: dict[str, str] = {}
        for each in self.decisions:
            if each.predicate == SAME:
                self._neighbours[each.subject].append((each.object, each))
                self._neighbours[each.object].append((each.subject, each))
                self._parent[self.group(each.subject)] = self.group(each.object)
        self._others: dict[frozenset[str], list[Decision]] = defaultdict(list)
        self._rows: dict[frozenset[str], list[Decision]] = defaultdict(list)
        for each in self.decisions:
            self._rows[each.ends].append(each)
            if each.predicate != SAME:
                self._others[frozenset((self.group(each.subject), self.group(each.object)))].append(each)

    @classmethod
    def of(cls, decisions: Iterable[Decision] | Standing) -> Standing:
        """Decisions taken together, unless they are already."""
        return decisions if isinstance(decisions, Standing) else cls(decisions)

    def group(self, thing: str) -> str:
        """A name for the group that a thing belongs to; the same for all that are the same, and else of no meaning."""
        self._parent.setdefault(thing, thing)
        while self._parent[thing] != thing:
            self._parent[thing] = self._parent[self._parent[thing]]
            thing = self._parent[thing]
        return thing

    def one(self, a: str, b: str) -> bool:
        """Whether rows make two things one."""
        return self.group(a) == self.group(b)

    def path(self, a: str, b: str, before: str = _NEVER) -> list[Decision] | None:
        """The fewest rows that make two things one; ``None`` if none do.

        Args:
            a: One thing.
            b: The other.
            before: Only rows of days before this one; a row without a day is older than any.
        """
        came: dict[str, tuple[str, Decision] | None] = {a: None}
        waiting = deque([a])
        while waiting and b not in came:
            thing = waiting.popleft()
            for other, row in self._neighbours.get(thing, ()):
                if other not in came and row.day < before:
                    came[other] = (thing, row)
                    waiting.append(other)
        if b not in came:
            return None
        rows = []
        while step := came[b]:
            b = step[0]
            rows.append(step[1])
        return rows[::-1]

    def about(self, a: str, b: str) -> list[Decision]:
        """The rows that settle or doubt something about two things: those that name both, or stand-ins for both."""
        found = [*(self.path(a, b) or ()), *self._rows.get(frozenset((a, b)), ())]
        if a != b:
            found += self._others.get(frozenset((self.group(a), self.group(b))), ())
        return sorted(set(found), key=lambda each: (each.file, each.line))

    def decided(self, a: str, b: str, *, doubts: bool = True) -> bool:
        """Whether a person need not be asked about two things any more.

        Args:
            a: One thing.
            b: The other.
            doubts: Whether "undecided" is an answer, too.
        """
        if self.one(a, b):
            return True
        rows = self._others.get(frozenset((self.group(a), self.group(b))), ())
        return any(doubts or row.predicate != UNDECIDED for row in rows)

    # -- who is whom

    def canonical(self) -> dict[str, str]:
        """Thing → canonical thing, for everything that is the same as something else; contradictions do not matter.

        The object of a row is the canonical one; where rows disagree a network goes before an actor, then the thing
        that is nobody's subject, then the first by name, so that the order of rows does not matter.
        """
        groups: dict[str, list[str]] = defaultdict(list)
        for thing in list(self._neighbours):
            groups[self.group(thing)].append(thing)
        subjects = {each.subject for each in self.decisions if each.predicate == SAME}
        found: dict[str, str] = {}
        for members in groups.values():
            chosen = min(members, key=lambda name: (not name.startswith("network:"), name in subjects, name))
            found |= {name: chosen for name in members if name != chosen}
        return dict(sorted(found.items()))

    # -- what does not fit together

    def contradictions(self) -> list[Problem]:
        """What cannot be so all at once, as violations with the rows that lead there."""
        return [*self._not_one(), *self._cycles()]

    def problems(self) -> list[Problem]:
        """Contradictions, then what is doubtful or said in vain, as warnings."""
        return [*self.contradictions(), *self._repeated(), *self._misnamed(), *self._reopened()]

    def _not_one(self) -> Iterator[Problem]:
        for row in self.decisions:
            if row.predicate == SAME or not self.one(row.subject, row.object):
                continue
            before = (row.day or _ALWAYS) if row.predicate == UNDECIDED else _NEVER
            path = self.path(row.subject, row.object, before)
            if path is None:
                continue  # the doubt was there first, and a decision settled it
            advice = "Remove one of these rows."
            if row.predicate == UNDECIDED:
                advice = "The doubt is not older than they are: look at the two again and remove one of these rows."
            yield Problem(
                f"{row.subject} and {row.object} are decided to be {_WORDS[row.predicate]}, "
                f"but the rows {_named(path)} make them one.",
                file=row.file,
                line=row.line,
                advice=advice,
            )

    def _cycles(self) -> Iterator[Problem]:
        """One shortest way round for every set of groups that are all parts of each other."""
        parts: dict[str, list[tuple[str, Decision]]] = defaultdict(list)
        for row in self.decisions:
            if row.predicate == PART_OF and not self.one(row.subject, row.object):
                parts[self.group(row.subject)].append((self.group(row.object), row))
        for members in knots({thing: [other for other, _ in found] for thing, found in parts.items()}):
            cycle = _way_round(members, parts)
            rows = set(cycle)
            for row, following in zip(cycle, [*cycle[1:], cycle[0]], strict=True):
                rows.update(self.path(row.object, following.subject) or ())
            first = min(cycle, key=lambda each: (each.file, each.line))
            yield Problem(
                f"By the rows {_named(rows)}, {first.subject} is a part of itself.",
                file=first.file,
                line=first.line,
                advice="Remove one of these rows.",
            )

    def _repeated(self) -> Iterator[Problem]:
        seen: dict[tuple[object, str], Decision] = {}
        for row in self.decisions:
            ends: object = (row.subject, row.object) if row.predicate == PART_OF else row.ends
            if first := seen.get((ends, row.predicate)):
                message = f"The row {first.where} says already that {first}."
                yield Problem(message, "warning", row.file, row.line, advice="Remove one of the two.")
            else:
                seen[ends, row.predicate] = row

    def _misnamed(self) -> Iterator[Problem]:
        canonical = self.canonical()
        for row in self.decisions:
            if row.predicate == SAME and row.object in canonical:
                chosen = canonical[row.object]
                yield Problem(
                    f"{row.object} is named as the canonical one, but {_named(self.path(row.object, chosen) or ())} "
                    f"makes it {chosen}.",
                    "warning",
                    row.file,
                    row.line,
                    advice=f"Name {chosen} in this row.",
                )

    def _reopened(self) -> Iterator[Problem]:
        for row in self.decisions:
            if row.predicate != UNDECIDED or self.one(row.subject, row.object):
                continue
            ends = frozenset((self.group(row.subject), self.group(row.object)))
            older = [
                each for each in self._others[ends] if each.predicate != UNDECIDED and each.day < (row.day or _ALWAYS)
            ]
            if older:
                yield Problem(
                    f"{row.subject} and {row.object} are undecided, but {_named(older)} decided about them before.",
                    "warning",
                    row.file,
                    row.line,
                    advice="Both rows count. Remove the one that is no longer right.",
                )


def canonical_ids(decisions: Iterable[Decision] | Standing) -> dict[str, str]:
    """Thing → canonical thing, for everything that is the same as something else; see :meth:`Standing.canonical`.

    Raises:
        InputError: decisions contradict each other (A = B, B = C, A ≠ C; A part of B, B part of A); the rows are named.

    >>> rows = [Decision("actor:b", SAME, "actor:a", "one register number")]
    >>> canonical_ids(rows)
    {'actor:b': 'actor:a'}
    """
    standing = Standing.of(decisions)
    problems = standing.contradictions()
    if problems:
        raise InputError(problems)
    return standing.canonical()


def contradictions(decisions: Iterable[Decision]) -> list[Problem]:
    """What decisions cannot say all at once: violations with their line, naming the rows that lead there."""
    return Standing(decisions).contradictions()


def in_force(decisions: Iterable[Decision] | Standing) -> list[Decision]:
    """Decisions without the doubts that a row settled by making the two one; those stay in the file as history."""
    standing = Standing.of(decisions)
    return [
        each
        for each in standing.decisions
        if each.predicate != UNDECIDED or not standing.one(each.subject, each.object)
    ]


def _named(rows: Iterable[Decision]) -> str:
    ordered = sorted({(row.file, row.line) for row in rows})
    return ", ".join(f"{file}:{line}" for file, line in ordered)


def knots(edges: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Sets of nodes that each lead to all others of the set (strongly connected components of two nodes or more).

    Source: R. Tarjan, Depth-first search and linear graph algorithms, SIAM J. Comput. 1 (1972), without recursion.

    >>> knots({"a": ["b"], "b": ["a", "c"], "c": []})
    [['a', 'b']]
    """
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[list[str]] = []
    for start in sorted(edges):
        if start in index:
            continue
        index[start] = low[start] = len(index)
        stack.append(start)
        on_stack.add(start)
        work = [(start, iter(edges.get(start, ())))]
        while work:
            node, following = work[-1]
            other = next(following, None)
            if other is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    members = [stack.pop()]
                    while members[-1] != node:
                        members.append(stack.pop())
                    on_stack.difference_update(members)
                    if len(members) > 1:
                        found.append(sorted(members))
            elif other not in index:
                index[other] = low[other] = len(index)
                stack.append(other)
                on_stack.add(other)
                work.append((other, iter(edges.get(other, ()))))
            elif other in on_stack:
                low[node] = min(low[node], index[other])
    return sorted(found)


def _way_round(members: Sequence[str], edges: Mapping[str, Sequence[tuple[str, Decision]]]) -> list[Decision]:
    """A shortest way from the first of them back to itself, within them."""
    start, within = members[0], set(members)
    came: dict[str, tuple[str, Decision]] = {}
    waiting = deque([start])
    while start not in came:
        node = waiting.popleft()
        for other, row in edges.get(node, ()):
            if other in within and other not in came:
                came[other] = (node, row)
                waiting.append(other)
    rows: list[Decision] = []
    node = start
    while not rows or node != start:
        node, row = came[node]
        rows.append(row)
    return rows[::-1]
