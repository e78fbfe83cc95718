"""What the matcher should know of the things of a release: the same for suggestions and for reconciliation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from integgraph.identity.decisions import PART_OF
from integgraph.identity.standing import Standing
from integgraph.identity.things import Thing, Things
from integgraph.matching import Candidate


def candidates_of_things(
    things: Things, more: Iterable[Thing] = (), standing: Standing | None = None
) -> Iterator[Candidate]:
    """Entries for the matcher: the facts of things, and what decisions say they are parts of.

    Args:
        things: The things of a release.
        more: Things to add that a release does not count, such as those that were merged.
        standing: The decisions; none if left out.

    Returns:
        One entry a thing, with its id, such as ``actor:zora`` or ``network:harz``.

    >>> [each.id for each in candidates_of_things(Things([Thing("actor:zora", "Zora e.V.")]))]
    ['actor:zora']
    """
    wholes = defaultdict[str, set[str]](set)
    for row in standing.decisions if standing is not None else ():
        if row.predicate == PART_OF:
            wholes[row.subject].add(row.object)
    seen: set[str] = set()
    for thing in (*things.all(), *more):
        if thing.id in seen:
            continue
        seen.add(thing.id)
        lists = sorted({*thing.networks, *thing.mentioned})
        yield Candidate(
            thing.id,
            (thing.name, *thing.also),
            kinds=tuple(thing.sectors),
            legal_forms=tuple(thing.legal_forms),
            places=tuple(thing.places),
            context=tuple(sorted({place for network in lists for place in things.places_of(network)})),
            domains=tuple(thing.websites),
            parents=tuple(sorted(wholes[thing.id])),
            lists=tuple(lists),
            is_network=thing.id.startswith("network:"),
        )
