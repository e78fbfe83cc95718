"""What one list says of its own structure: nothing. It joins all of its members, so its numbers are fixed by its form.

Reports and the measurements of a release both take these answers from here, so that they never differ. They depend on
the number of members alone, so no graph is made; a test holds them to what the measures say of complete graphs.
"""

from __future__ import annotations

from integgraph.analysis.measures import centralisation, cohesion, size
from integgraph.analysis.measures.answers import (
    NO_MEMBERS,
    NO_TIES,
    NOTHING_GIVEN,
    ONE_LIST,
    Answer,
    Basis,
    Inputs,
    with_basis,
)


def one_list(members: int, *, basis: Basis = NOTHING_GIVEN) -> tuple[Answer[float], Answer[float], Answer[float]]:
    """Density, clustering and degree centralisation of the projection of one list.

    Args:
        members: How many members it names; 0 also where they are not known.
        basis: Dates and sources, as given.

    >>> [(answer.measure, str(answer.state), answer.value) for answer in one_list(3)]
    [('density', 'forced', 1.0), ('average-clustering', 'forced', 1.0), ('degree-centralisation', 'forced', 0.0)]
    >>> [str(answer.state) for answer in one_list(2)], [str(answer.state) for answer in one_list(0)]
    (['forced', 'too small', 'forced'], ['unknown', 'unknown', 'unknown'])
    """
    inputs = with_basis(Inputs(members, 1, members * (members - 1) // 2), basis)
    density, clustering, central = size.DENSITY, cohesion.CLUSTERING, centralisation.DEGREE
    if members == 0:
        return (
            density.unknown(inputs, NO_MEMBERS),
            clustering.unknown(inputs, NO_MEMBERS),
            central.unknown(inputs, NO_MEMBERS),
        )
    closed: Answer[float] = clustering.forced(1.0, inputs, ONE_LIST)
    if members < 3:
        closed = clustering.unknown(inputs, NO_TIES) if members == 1 else clustering.too_small(inputs, cohesion.NO_PAIR)
    dense = density.too_small(inputs, size.few(members)) if members == 1 else density.forced(1.0, inputs, ONE_LIST)
    return dense, closed, central.forced(0.0, inputs, ONE_LIST)
