"""Which networks and which ties a graph or a report speaks of, as one value.

Every part narrows; several values of one part mean any of them. What a selection leaves is found on columns, so that a
selection costs the same whatever it holds.

>>> Selection(countries="DE", since="2021").networks_in_words("en")
'countries: DE; status date from 2021'
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from integgraph.errors import Unprocessable
from integgraph.ontology import Ontology, near

Participants = Literal["members", "all"]
Language = Literal["en", "de"]
Mask = np.ndarray[Any, np.dtype[np.bool_]]
"""One truth value a row."""

_SHOWN = 60  # values that an error names
_PARTS = ("countries", "places", "fields", "target_groups", "networks", "roles")


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence that belongs beside a graph or a number, in both languages."""

    en: str
    de: str

    def text(self, language: Language = "en") -> str:
        """The sentence in one language."""
        return self.de if language == "de" else self.en


@dataclass(frozen=True, slots=True)
class Selection:
    """What is looked at; the empty selection is everything, with those ties that count as membership.

    One text may stand for a list of one.

    Attributes:
        countries: Two-letter codes: networks with seat or area there.
        places: Ids or IRIs of places: networks with seat or area in one of them or in a place that lies in it.
        fields: Ids of fields of action: networks that list one of them.
        target_groups: Ids of target groups: networks that list one of them.
        networks: Ids or IRIs of networks.
        participants: ``members``: roles that count. ``all``: supporters, guests, signatories and so on as well.
        roles: Ids of roles: ties with one of them, whether it counts or not; goes before ``participants``.
        since, until: First and last status date (EDTF: ``2021``, ``2021-06``, ``2021-06-30``). A network fits when
            some day that its own status date allows lies between them; one without a date never fits.

    Raises:
        Unprocessable: a date cannot be read, the range is empty, or a part is no text.
    """

    countries: Sequence[str] = ()
    places: Sequence[str] = ()
    fields: Sequence[str] = ()
    target_groups: Sequence[str] = ()
    networks: Sequence[str] = ()
    participants: Participants = "members"
    roles: Sequence[str] = ()
    since: str = ""
    until: str = ""

    def __post_init__(self) -> None:
        for part in _PARTS:
            object.__setattr__(self, part, _texts(part, getattr(self, part)))
        if self.participants not in ("members", "all"):
            raise unknown_value("participants", str(self.participants), ("members", "all"))
        first, last = self._dates()
        if first > last:
            raise Unprocessable(f"The status date cannot be from {self.since} until {self.until}: it ends first.")

    def _dates(self) -> tuple[str, str]:
        found: list[str] = []
        for name, text, open_end in (("since", self.since, FIRST_DAY), ("until", self.until, LAST_DAY)):
            bounds = day_bounds(text) if isinstance(text, str) and text else None
            if text and bounds is None:
                raise Unprocessable(
                    f"'{str(text)[:_SHOWN]}' is not a value of '{name}'. Write a year, month or day: 2021, 2021-06, "
                    "2021-06-30."
                )
            found.append(open_end if bounds is None else bounds[len(found)])
        return found[0], found[1]

    @property
    def whole(self) -> bool:
        """Whether every network fits."""
        return not (self.countries or self.places or self.fields or self.target_groups or self.networks) and not (
            self.since or self.until
        )

    def networks_in_words(self, language: Language = "en") -> str:
        """What narrows the networks, as it stands in a sentence; empty where nothing does."""
        words = _WORDS[language]
        parts = [
            f"{words[part]}: {', '.join(getattr(self, part))}"
            for part in _PARTS
            if part != "roles" and getattr(self, part)
        ]
        if self.since or self.until:
            dates = [f"{words[name]} {text}" for name, text in (("since", self.since), ("until", self.until)) if text]
            parts.append(f"{words['status']} {' '.join(dates)}")
        return "; ".join(parts)

    def __str__(self) -> str:
        ties = f"roles: {', '.join(self.roles)}" if self.roles else f"participants: {self.participants}"
        return "; ".join(filter(None, (self.networks_in_words(), ties)))


_WORDS = {
    "en": {
        "countries": "countries",
        "places": "places",
        "fields": "fields of action",
        "target_groups": "target groups",
        "networks": "networks",
        "status": "status date",
        "since": "from",
        "until": "until",
    },
    "de": {
        "countries": "Länder",
        "places": "Orte",
        "fields": "Handlungsfelder",
        "target_groups": "Zielgruppen",
        "networks": "Netzwerke",
        "status": "Stand",
        "since": "von",
        "until": "bis",
    },
}


def _texts(name: str, given: Any) -> tuple[str, ...]:
    found = (given,) if isinstance(given, str) else tuple(given) if isinstance(given, Iterable) else (given,)
    for value in found:
        if not isinstance(value, str) or not value:
            raise Unprocessable(f"A value of '{name}' is a text that is not empty, not {value!r}.")
    return tuple(dict.fromkeys(found))


def unknown_value(name: str, value: str, allowed: Sequence[str]) -> Unprocessable:
    """The error for a value that does not exist; names those that do, or how many and the most similar.

    >>> str(unknown_value("countries", "Germany", ["DE", "IT"]))
    "'Germany' is not a value of 'countries'. Allowed are: DE, IT."
    """
    known = sorted(allowed)
    close = near(value[:_SHOWN].casefold(), known)
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    more = f" and {len(known) - _SHOWN:,} more" if len(known) > _SHOWN else ""
    told = f"Allowed are: {', '.join(known[:_SHOWN])}{more}." if known else "This source has none."
    return Unprocessable(f"'{value[:_SHOWN]}' is not a value of '{name}'.{hint} {told}")


# ---------------------------------------------------------------------------------------------------------------------
# Dates

FIRST_DAY, LAST_DAY = "0000-01-01", "9999-12-31"
_DATE = re.compile(r"(\d{4}|\d{3}X|\d{2}XX)(?:-(\d{2}|XX)(?:-(\d{2}|XX))?)?[?~%]?", re.ASCII)
_SEASONS = {"21": ("03", "05"), "22": ("06", "08"), "23": ("09", "11"), "24": ("12", "12")}
_MONTHS = tuple(f"{month:02}" for month in range(1, 13))


def day_bounds(text: str) -> tuple[str, str] | None:
    """First and last day that an EDTF date or interval allows, as texts that compare like days; ``None`` for no date.

    The last day of any month is written 31: it is there to be compared, not to be shown.

    >>> day_bounds("2015-09"), day_bounds("201X?"), day_bounds("2015/.."), day_bounds("soon")
    (('2015-09-01', '2015-09-31'), ('2010-01-01', '2019-12-31'), ('2015-01-01', '9999-12-31'), None)

    Source: Extended Date/Time Format (Library of Congress, 2019), levels 0 and 1, as far as profiles use them.
    """
    start, slash, end = text.strip().partition("/")
    if not slash:
        return _bounds(start)
    first = (FIRST_DAY, FIRST_DAY) if start in ("", "..") else _bounds(start)
    last = (LAST_DAY, LAST_DAY) if end in ("", "..") else _bounds(end)
    return None if first is None or last is None or first[0] > last[1] else (first[0], last[1])


def _bounds(text: str) -> tuple[str, str] | None:
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day = found[1], found[2] or "XX", found[3] or "XX"
    months = ("01", "12") if month == "XX" else _SEASONS.get(month, (month, month))
    days = ("01", "31") if day == "XX" else (day, day)
    if months[0] not in _MONTHS or not "01" <= days[0] <= "31":
        return None
    return f"{year.replace('X', '0')}-{months[0]}-{days[0]}", f"{year.replace('X', '9')}-{months[1]}-{days[1]}"


# ---------------------------------------------------------------------------------------------------------------------
# On columns


def chosen_networks(networks: pa.Table, places: pa.Table, selection: Selection, ontology: Ontology | None) -> Mask:
    """Which rows of a table of networks fit.

    Args:
        networks: Columns ``network``, ``id``, ``countries``, ``places``, ``fields_of_action``, ``target_groups`` and
            ``status_date``, as in the tables of a release.
        places: Columns ``id`` and ``country``: the places and countries that there are.
        selection: What is looked for.
        ontology: Where the vocabularies are looked up; ``None`` loads the one that is shipped.

    Raises:
        Unprocessable: a value does not exist; those that do are named.
    """
    found = np.ones(networks.num_rows, dtype=np.bool_)
    if selection.whole and not selection.roles:
        return found
    wanted = _checked(networks, places, selection, ontology)
    for part, column in _COLUMNS.items():
        if wanted[part]:
            found &= _holds_any(networks[column], wanted[part])
    if wanted["networks"]:
        found &= pc.is_in(networks["id"], value_set=pa.array(wanted["networks"], pa.string())).to_numpy()
    if selection.since or selection.until:
        found &= _dated(networks["status_date"], *selection._dates())
    return found


_COLUMNS = {
    "countries": "countries",
    "places": "places",
    "fields": "fields_of_action",
    "target_groups": "target_groups",
}


def _checked(
    networks: pa.Table, places: pa.Table, selection: Selection, ontology: Ontology | None
) -> dict[str, Sequence[str]]:
    """The values as they stand in the columns."""
    allowed: dict[str, Sequence[str]] = {}
    if selection.countries:
        allowed["countries"] = pc.unique(places["country"].drop_null()).to_pylist()
    if selection.places:
        allowed["places"] = places["id"].to_pylist()
    if selection.networks:
        allowed["networks"] = networks["id"].to_pylist()
    for part, scheme in (("fields", "field"), ("target_groups", "target-group"), ("roles", "role")):
        if getattr(selection, part):
            ontology = ontology or Ontology.load()
            allowed[part] = list(ontology.scheme(scheme).concepts)
    wanted: dict[str, Sequence[str]] = {}
    for part in _PARTS:
        known = frozenset(allowed.get(part, ()))
        wanted[part] = [value if value in known else value.rpartition("/")[2] for value in getattr(selection, part)]
        for value, given in zip(wanted[part], getattr(selection, part), strict=True):
            if value not in known:
                raise unknown_value(part, given, allowed[part])
    return wanted


def _holds_any(column: pa.ChunkedArray, values: Sequence[str]) -> Mask:
    """Whether the list of a row holds one of the values."""
    lists = column.combine_chunks()
    found = np.zeros(len(lists), dtype=np.bool_)
    hits = pc.is_in(pc.list_flatten(lists), value_set=pa.array(values, pa.string()))
    found[pc.list_parent_indices(lists).filter(hits).to_numpy()] = True
    return found


def _dated(column: pa.ChunkedArray, first: str, last: str) -> Mask:
    bounds = (day_bounds(text) if text else None for text in column.to_pylist())
    return np.fromiter((each is not None and each[0] <= last and first <= each[1] for each in bounds), np.bool_)
