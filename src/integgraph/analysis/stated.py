"""What sources state of size and coordination, read the same way from a store and from the triples of a build."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from integgraph.analysis.selection import day_bounds

WHOLE_UNITS = frozenset({"members", "actors", "organisations"})
"""Units of stated counts that any member is one of."""
PART_UNITS = frozenset({"cities", "networks", "groups"})
"""Units that members of some networks are; persons, sub-projects, offices and so on are no members of a list."""


@dataclass(frozen=True, slots=True)
class Stated:
    """How many members a source says there are.

    Attributes:
        least, most: Bounds; ``None`` where it states none.
        unit: Id of the vocabulary ``count-unit``.
        date: When (EDTF); may be empty.
        wording: Its words; may be empty.
        usable: Whether named members may be held against it.
    """

    least: int | None
    most: int | None
    unit: str
    date: str
    wording: str
    usable: bool

    @classmethod
    def of(
        cls, least: int | None, most: int | None, unit: str, date: str, wording: str, *, of_members: bool | None
    ) -> Stated:
        """A count as it is stated; ``of_members`` is whether it counts members, as far as that is said.

        >>> Stated.of(3, 3, "organisations", "2021", "three", of_members=None).usable
        True
        >>> Stated.of(80, None, "persons", "2021", "", of_members=None).usable
        False
        """
        usable = of_members is not False and unit in WHOLE_UNITS | PART_UNITS and least is not None
        return cls(least, most, unit, date, wording, usable)


def newest(counts: Iterable[Stated]) -> Stated | None:
    """The newest usable count of members, of all kinds rather than of one; of several without a date the first."""
    usable = [each for each in counts if each.usable]
    return max(usable, key=lambda each: (each.unit in WHOLE_UNITS, each.date), default=None)


def is_over(until: str, status: str) -> bool:
    """Whether what lasts until a date is over when a profile is true (EDTF, each may be empty).

    >>> is_over("2019", "2021-01"), is_over("2021", "2021-01"), is_over("", "2021-01"), is_over("2019", "")
    (True, False, False, True)
    """
    end, day = day_bounds(until) if until else None, day_bounds(status) if status else None
    return end is not None and (day is None or end[1] < day[0])
