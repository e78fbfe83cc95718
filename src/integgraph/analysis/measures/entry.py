"""A measure with the function that answers it, and what the function's description says of it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from integgraph.analysis.measures.answers import Measure


@dataclass(frozen=True, slots=True)
class Entry:
    """A measure and the function that answers it."""

    measure: Measure
    function: Callable[..., Any]

    @property
    def summary(self) -> str:
        """The first sentence of its description."""
        return (inspect.getdoc(self.function) or "").partition("\n\n")[0]

    def part(self, label: str) -> str:
        """What stands under a label of its description, such as ``Formula``, on one line.

        >>> from integgraph.analysis.measures.size import TWO_MODE_DENSITY, two_mode_density
        >>> Entry(TWO_MODE_DENSITY, two_mode_density).part("Formula")
        'e / (n·m).'
        """
        text = inspect.getdoc(self.function) or ""
        found = re.search(rf"^{label}: (.*?)(?=^\w[\w ]*:|^\s*$|\Z)", text, re.MULTILINE | re.DOTALL)
        return " ".join(found[1].split()) if found else ""
