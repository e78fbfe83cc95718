"""Documents that are damaged where it hurts, by the thousand: each is read or refused, and nothing else happens.

``make fuzz`` asks for twenty times as many, and for other ones each time.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from integgraph.errors import QueryTimeout, WorkerError
from integgraph.ingest import importing, yamltext
from integgraph.ingest.importing import Asked, Drafting
from integgraph.ingest.places import Gazetteer, Place
from integgraph.ontology import Ontology
from integgraph.workers import WorkerPool, Zygote
from tests.ingest.damaged import SOURCES, damaged, source

TIMES = int(os.environ.get("INTEGGRAPH_TIMES", "1"))
FILES = 5_000 * TIMES
_TOGETHER = 25  # files that a worker is given at once
_PLACES = Gazetteer.of([Place("germany", {"en": "Germany"}, "country"), Place("hal", {"en": "Halberstadt"}, "town")])


def opener() -> Callable[[Sequence[int]], Sequence[tuple[int, str, str]]]:
    """What a worker serves: the reading of many damaged files, and for each number what came of it."""
    drafting = Drafting(Ontology.load(), _PLACES)
    for name in SOURCES:
        source(name)

    def outcome(number: int) -> tuple[str, str]:
        name, data = damaged(number)
        answered = importing.answer(drafting, Asked(name, data))
        if answered.fault:
            return "fault", f"{name}: {answered.fault}"
        if answered.problems:
            wrong = [each for each in answered.problems if not each.message.endswith((".", "?")) or "\n" in str(each)]
            return ("fault", f"{name}: {wrong[0]!r} is no sentence") if wrong else ("refused", "")
        for draft in answered.drafts:
            if yamltext.load(draft.text, name).data != draft.data:
                return "fault", f"{name}: the record does not survive writing and reading"
        return "read", ""

    return lambda numbers: [(number, *outcome(number)) for number in numbers]


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    zygote = Zygote(opener, memory=importing.MEMORY, shared=True)
    with WorkerPool(zygote, size=2, deadline=importing.DEADLINE) as pool:
        yield pool
    zygote.close()


def test_every_kind_is_read_when_it_is_whole() -> None:
    drafting = Drafting(Ontology.load(), _PLACES)
    for name in SOURCES:
        (draft,) = drafting.draft(Asked(name, source(name)))
        assert len(draft.data["members"]) == 3, name
        if name != "unruled.pdf":  # how well layouts without lines are read is measured elsewhere
            assert (draft.id, draft.data["founded"]) == ("harz-together", "2016-05"), name


def test_damaged_documents_are_read_or_refused(pool: WorkerPool) -> None:
    begin = 0 if TIMES == 1 else random.SystemRandom().randrange(10**9)

    def ask(numbers: Sequence[int]) -> Sequence[tuple[int, str, str]]:
        try:
            found: Sequence[tuple[int, str, str]] = pool.call(numbers, importing.DEADLINE * (1 + len(numbers) / 10))
            return found
        except QueryTimeout:
            if len(numbers) == 1:
                return [(numbers[0], "hang", damaged(numbers[0])[0])]
        except WorkerError:
            if len(numbers) == 1:
                return [(numbers[0], "killed", damaged(numbers[0])[0])]
        return [each for number in numbers for each in ask([number])]  # which of them was it?

    parts = [range(at, min(at + _TOGETHER, begin + FILES)) for at in range(begin, begin + FILES, _TOGETHER)]
    with ThreadPoolExecutor(2) as threads:
        found = [each for part in threads.map(ask, parts) for each in part]
    counts = Counter(kind for _, kind, _ in found)
    assert [each for each in found if each[1] in ("fault", "hang")][:20] == []
    assert counts.total() == FILES
    assert counts["read"] > FILES // 4
    assert counts["killed"] <= FILES // 200, counts  # each was a trap for memory, and cost one process
