"""One frozen settings value: environment over default. Only ``cli`` and ``web.app`` read it.

Every setting is documented in ``docs/settings.md``; a test holds that page to this class.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

PREFIX = "INTEGGRAPH_"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are and how much is allowed. Sizes are in bytes, times in seconds.

    >>> Settings.from_environment({"INTEGGRAPH_QUERY_DEADLINE": "2.5"}).query_deadline
    2.5
    """

    data: Path = Path("data")
    """Folder with profiles, links and places."""
    out: Path = Path("build")
    """Folder that holds the releases."""
    base_iri: str = "https://w3id.org/integgraph/id/"
    """Where the IRIs of things begin. Change it for a graph of your own, before the first release."""
    licence: str = "https://creativecommons.org/licenses/by/4.0/"
    """Licence of the data, given to every profile."""
    workers: int = 2
    """Query worker processes."""
    query_deadline: float = 10.0
    """A query is stopped after this many seconds."""
    query_memory: int = 1_000_000_000
    """Memory a query worker may use above what the release needs."""
    query_length: int = 64_000
    """Longest query text."""
    query_nesting: int = 100
    """Deepest nesting of brackets in a query."""
    answer_bytes: int = 50_000_000
    """Largest answer over HTTP; a larger one is an error, never a part."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read ``INTEGGRAPH_…`` variables over the defaults.

        Raises:
            ValueError: a value has the wrong type; the text names variable and value, for people.
        """
        environment = os.environ if environment is None else environment
        changes: dict[str, Any] = {}
        for each in fields(cls):
            name = PREFIX + each.name.upper()
            if name in environment:
                changes[each.name] = _convert(name, environment[name], type(each.default))
        return cls(**changes)


def _convert(name: str, text: str, kind: Any) -> object:
    try:
        value = Path(text) if issubclass(kind, Path) else kind(text)
    except ValueError:
        wanted = {"int": "a whole number", "float": "a number"}.get(kind.__name__, "a text")
        raise ValueError(f"The setting {name} is '{text}', but must be {wanted}.") from None
    if isinstance(value, int | float) and value <= 0:
        raise ValueError(f"The setting {name} is '{text}', but must be above zero.")
    return value
