"""The lines of a benchmark's table: what was measured, the value, and whether it keeps its bar."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: what was measured, the value, the bar and whether it holds."""

    what: str
    value: str
    bar: str = ""
    holds: bool | None = None


def show(line: Line) -> None:
    """Print a line of the table."""
    verdict = {None: "", True: "holds", False: "DOES NOT HOLD"}[line.holds]
    print(f"{line.what:<62} {line.value:>12}   {line.bar:<8} {verdict}".rstrip(), flush=True)
