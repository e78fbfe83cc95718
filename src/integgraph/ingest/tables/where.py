"""Places that cells name: by id, NUTS code or name; and NUTS units that the place list does not hold yet.

Source: NUTS 2024 (Eurostat), codes, names and hierarchy, as ``ontology/matching/places.tsv`` holds them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from integgraph.errors import StorageFull
from integgraph.ingest import yamltext
from integgraph.ingest.places import Gazetteer
from integgraph.ingest.tables.mapping import Value
from integgraph.ingest.tables.reading import Cell

_CODE = re.compile(r"[A-Z]{2}[0-9A-Z]{1,3}", re.ASCII)
_COUNTRIES = {"EL": "GR", "UK": "GB"}
"""Codes of countries that NUTS writes otherwise than ISO 3166-1."""


class Places:
    """Looks places up, and remembers what it did not find.

    Args:
        gazetteer: The place list.
        units: NUTS units and countries that may be added to it; none if it stays as it is.
    """

    def __init__(self, gazetteer: Gazetteer, units: Mapping[str, Sequence[str]] | None = None) -> None:
        self._gazetteer = gazetteer
        self._codes = {place.nuts: place.id for place in gazetteer.places.values() if place.nuts}
        self._units = units or {}
        self._found: dict[str, str | None] = {}
        self.added: dict[str, dict[str, Any]] = {}
        self.unknown: Counter[str] = Counter()

    def of(self, values: Sequence[Value], row: Mapping[str, Cell]) -> str | None:
        """Id of the first known place that a row names; ``None`` where there is none."""
        said = [text for value in values if (text := value.of(row))]
        for text in said:
            if text not in self._found:
                self._found[text] = self._look_up(text)
            if (found := self._found[text]) is not None:
                return found
        if said:
            self.unknown[said[0]] += 1
        return None

    def _look_up(self, text: str) -> str | None:
        if self._gazetteer.get(text) is not None:
            return text
        if _CODE.fullmatch(text):
            return self._unit(text)
        if len(text) == 2 and text.isupper():
            text = _COUNTRIES.get(text, text)
        named = self._gazetteer.find(text)
        if named:
            return named[0].id if len(named) == 1 else None
        return self._country(text) if len(text) == 2 else None

    def _country(self, code: str) -> str | None:
        """A country that the list does not hold, by its two letters."""
        name = f"country-{code.lower()}"
        if name not in self._units:
            return None
        self.added[name] = {"id": name, "name": {"und": self._units[name][3]}, "kind": "country", "country": code}
        return name

    def _unit(self, code: str) -> str | None:
        """A NUTS unit that is in the list, or may be added."""
        if code in self._codes:
            return self._codes[code]
        name = f"nuts-{code.lower()}"
        if name not in self._units:
            return None
        kind, within, country, label = self._units[name]
        outer = self._outer(within)
        entry: dict[str, Any] = {"id": name, "name": {"und": label}, "kind": kind}
        if outer and (outer in self.added or self._gazetteer.get(outer) is not None):
            entry["within"] = outer
        self.added[name] = entry | {"nuts": code, "country": country}
        self._codes[code] = name
        return name

    def _outer(self, within: str) -> str | None:
        """What a unit lies in, added too if it may be."""
        if within.startswith("nuts-"):
            return self._unit(within.removeprefix("nuts-").upper())
        if self._gazetteer.get(within) is not None or within in self.added:
            return within
        return self._country(within.removeprefix("country-").upper())


def known_units(folder: Path) -> dict[str, Sequence[str]]:
    """NUTS units and countries by id: kind, what they lie in, country and name.

    Args:
        folder: The folder of the ontology.
    """
    units: dict[str, Sequence[str]] = {}
    for line in (folder / "matching" / "places.tsv").read_text("utf-8").splitlines():
        cells = line.split("\t")
        if len(cells) >= 5 and cells[0].startswith(("nuts-", "country-")):
            units[cells[0]] = (cells[1], cells[2], cells[3], cells[4].split(" | ")[0].removesuffix("*"))
    return units


def add_places(folder: Path, entries: Sequence[Mapping[str, Any]]) -> None:
    """Add entries at the end of the place list.

    Args:
        folder: The folder ``places`` of the data.
        entries: What to add.

    Raises:
        StorageFull: the list cannot be written.
    """
    if not entries:
        return
    file = folder / "places.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        before = file.read_text("utf-8") if file.exists() else ""
        if before and not before.endswith("\n"):
            before += "\n"
        aside = file.with_name(".places.yaml.new")
        aside.write_text(before + yamltext.dump([dict(entry) for entry in entries]), "utf-8")
        aside.replace(file)
    except OSError as error:
        raise StorageFull(f"{file} cannot be written: {error.strerror}.") from None
