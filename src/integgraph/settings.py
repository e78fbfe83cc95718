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
_TRUTH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


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
    answer_rows: int = 10_000
    """Most rows or triples of an answer to a query over HTTP; more is an error, never a part."""
    reconcile_batch: int = 500
    """Most names in one batch to reconcile, and most entities to extend at once."""
    reconcile_bytes: int = 2_000_000
    """Largest form or JSON document that asks for reconciliation."""
    slow_workers: int = 4
    """Queries that take longer than 0.15 seconds and may be under way at the same time."""
    waiting: int = 256
    """Queries that may wait for a worker."""
    client_seconds: float = 60.0
    """Seconds of query time that a client has in a minute."""
    trust_everyone: bool = False
    """No limits per client: for a network of your own, and for measuring. Those of an answer stay."""
    tokens: str = ""
    """File with known clients, a line each: name and SHA-256 of the token; they have no limits but the deadline."""
    trusted_proxies: str = "127.0.0.1,::1"
    """Addresses or networks whose X-Forwarded-For is believed, with commas between; empty for none."""
    root_path: str = ""
    """Path that the server lives under behind a proxy, such as /graph."""
    answer_cache: int = 32_000_000
    """Bytes of memory for answers that may be asked for again; 0 for none."""
    memory_store: int = 200_000_000
    """A release whose dump has up to so many bytes is served from memory, a larger one from disk; 0: none is."""
    report_address: str = ""
    """Where readers report errors: mailto:… or https://…, in which {title} and {body} are filled in; empty: nowhere."""
    log: str = "info"
    """What is logged: info has a line a request, warning only what went wrong."""

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
        if kind is bool:
            return _TRUTH[text.strip().lower()]
        value = Path(text) if issubclass(kind, Path) else kind(text)
    except (ValueError, KeyError):
        wanted = {"int": "a whole number", "float": "a number", "bool": "1 or 0"}.get(kind.__name__, "a text")
        raise ValueError(f"The setting {name} is '{text}', but must be {wanted}.") from None
    if value == 0 and name in (PREFIX + "ANSWER_CACHE", PREFIX + "MEMORY_STORE"):  # zero switches these off
        return value
    if isinstance(value, int | float) and value <= 0:
        raise ValueError(f"The setting {name} is '{text}', but must be above zero.")
    return value
