"""Dates as people know them: the part of EDTF level 1 that profiles use, with its bounds as days.

Source: Extended Date/Time Format specification (Library of Congress, 2019), levels 0 and 1:
year, month, day; ``?`` uncertain, ``~`` approximate, ``%`` both; ``X`` for digits not known; seasons 21–24;
intervals ``2015/2018`` with open ends ``2015/..``.
"""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass

FIRST_YEAR, LAST_YEAR = 1000, 2999
"""Years outside are slips of the pen in a profile (year 0001 above all)."""

_DATE = re.compile(r"(\d{4}|\d{3}X|\d{2}XX)(?:-(\d{2}|XX)(?:-(\d{2}|XX))?)?([?~%])?", re.ASCII)
_SEASONS = {21: (3, 5), 22: (6, 8), 23: (9, 11), 24: (12, 12)}


@dataclass(frozen=True, slots=True)
class Period:
    """A date or interval with its first and last possible day; an open end is ``None``."""

    text: str
    earliest: datetime.date | None
    latest: datetime.date | None

    @property
    def exact(self) -> datetime.date | None:
        """The day, when the text names exactly one without doubt."""
        plain = re.fullmatch(r"\d{4}-\d{2}-\d{2}", self.text)
        return self.earliest if plain else None


def parse(text: str) -> Period:
    """Read one EDTF date or interval.

    Raises:
        ValueError: it is none; the text says why in a plain sentence.

    >>> period = parse("2015-09")
    >>> period.earliest.isoformat(), period.latest.isoformat()
    ('2015-09-01', '2015-09-30')
    >>> parse("2015/..").latest is None
    True
    >>> parse("2015-13")
    Traceback (most recent call last):
    ValueError: There is no month 13.
    """
    start, slash, end = text.strip().partition("/")
    if not slash:
        earliest, latest = _bounds(start)
        return Period(text.strip(), earliest, latest)
    first = None if start in ("", "..") else _bounds(start)
    last = None if end in ("", "..") else _bounds(end)
    if first is None and last is None:
        raise ValueError("An interval needs at least one date.")
    if first and last and first[0] > last[1]:
        raise ValueError(f"The interval ends ({end}) before it begins ({start}).")
    return Period(text.strip(), first[0] if first else None, last[1] if last else None)


def _bounds(text: str) -> tuple[datetime.date, datetime.date]:
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is not a date.")
    year, month, day = match[1], match[2], match[3]
    first, last = int(year.replace("X", "0")), int(year.replace("X", "9"))
    if not FIRST_YEAR <= first <= LAST_YEAR:
        raise ValueError(f"The year {year} cannot be right.")
    if "X" in year or month in (None, "XX"):
        if month not in (None, "XX"):
            raise ValueError(f"'{text}' is not a date: a month needs a known year.")
        return datetime.date(first, 1, 1), datetime.date(last, 12, 31)
    number = int(month)
    if number in _SEASONS and day is None:
        begin, end = _SEASONS[number]
        if number == 24:  # winter runs into the next year
            return datetime.date(first, 12, 1), _last_day(first + 1, 2)
        return datetime.date(first, begin, 1), _last_day(first, end)
    if not 1 <= number <= 12:
        raise ValueError(f"There is no month {month}.")
    if day in (None, "XX"):
        return datetime.date(first, number, 1), _last_day(first, number)
    try:
        exact = datetime.date(first, number, int(day))
    except ValueError:
        raise ValueError(f"There is no day {day} in month {month} of {year}.") from None
    return exact, exact


def _last_day(year: int, month: int) -> datetime.date:
    return datetime.date(year, month, calendar.monthrange(year, month)[1])
