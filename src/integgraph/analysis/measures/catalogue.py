"""All measures in the order of their importance, and the page that describes them, made of their docstrings."""

from __future__ import annotations

from integgraph.analysis.measures import (
    backbone,
    bands,
    brokerage,
    centralisation,
    centrality,
    change,
    closure,
    cohesion,
    coverage,
    funding,
    governance,
    loss,
    mixing,
    modularity,
    multiplexity,
    nestedness,
    nullmodels,
    size,
    suggestions,
)
from integgraph.analysis.measures.entry import Entry as Entry

PARTS = ("Definition", "Formula", "States", "Caveat", "Reference")
"""What every measure's description says."""

CATALOGUE: tuple[Entry, ...] = (
    Entry(size.COMPLETENESS, size.list_completeness),
    Entry(size.FIELDS_ANSWERED, size.fields_answered),
    Entry(governance.GOVERNANCE, governance.governance_mode),
    Entry(size.TWO_MODE_DENSITY, size.two_mode_density),
    Entry(size.MEAN_MEMBERSHIPS, size.mean_memberships),
    Entry(centrality.TWO_MODE_DEGREE, centrality.two_mode_degree),
    Entry(centrality.TWO_MODE_CLOSENESS, centrality.two_mode_closeness),
    Entry(centrality.TWO_MODE_BETWEENNESS, centrality.two_mode_betweenness),
    Entry(centrality.TWO_MODE_EIGENVECTOR, centrality.two_mode_eigenvector),
    Entry(cohesion.COMPONENTS, cohesion.connected_parts),
    Entry(cohesion.CUT_MEMBERS, cohesion.cut_members),
    Entry(cohesion.FRAGMENTATION, cohesion.fragmentation),
    Entry(centralisation.DEGREE, centralisation.degree_centralisation),
    Entry(centralisation.BETWEENNESS, centralisation.betweenness_centralisation),
    Entry(centralisation.CLOSENESS, centralisation.closeness_centralisation),
    Entry(centralisation.TWO_MODE, centralisation.two_mode_degree_centralisation),
    Entry(loss.MEMBER_LOSS, loss.member_loss),
    Entry(loss.ROBUSTNESS, loss.robustness),
    Entry(funding.FUNDER_LOSS, funding.funder_loss),
    Entry(funding.DEPENDENCE, funding.funder_dependence),
    Entry(funding.HHI, funding.concentration),
    Entry(coverage.COVERAGE, coverage.coverage),
    Entry(change.CHANGE, change.change),
    Entry(nullmodels.SIZE_FAIR, nullmodels.size_fair),
    Entry(brokerage.EFFECTIVE_SIZE, brokerage.effective_size),
    Entry(brokerage.CONSTRAINT, brokerage.constraint),
    Entry(brokerage.ROLES, brokerage.brokerage_roles),
    Entry(mixing.E_I, mixing.e_i_index),
    Entry(mixing.NOMINAL, mixing.nominal_assortativity),
    Entry(closure.CLUSTERING, closure.two_mode_clustering),
    Entry(closure.OPSAHL, closure.opsahl_clustering),
    Entry(closure.OPSAHL_LOCAL, closure.opsahl_local),
    Entry(closure.REDUNDANCY, closure.redundancy),
    Entry(closure.OVERLAP, closure.pair_overlap),
    Entry(backbone.BACKBONE, backbone.backbone),
    Entry(backbone.SMALLEST_P, backbone.smallest_p),
    Entry(modularity.MODULES, modularity.modules),
    Entry(nestedness.NESTEDNESS, nestedness.nestedness),
    Entry(change.OVERLAP, change.list_overlap),
    Entry(multiplexity.MULTIPLEXITY, multiplexity.multiplexity),
    Entry(multiplexity.QAP, multiplexity.qap),
    Entry(bands.BANDS, bands.bands),
    Entry(bands.STABILITY, bands.stability),
    Entry(suggestions.SUGGESTIONS, suggestions.partner_suggestions),
    Entry(suggestions.HIT_RATE, suggestions.hit_rate),
    Entry(size.PROJECTION, size.projection_size),
    Entry(size.DENSITY, size.density),
    Entry(size.MEAN_DEGREE, size.mean_degree),
    Entry(centrality.DEGREE, centrality.degree),
    Entry(centrality.CLOSENESS, centrality.closeness),
    Entry(centrality.BETWEENNESS, centrality.betweenness_centrality),
    Entry(cohesion.DISTANCE, cohesion.mean_distance),
    Entry(cohesion.DIAMETER, cohesion.diameter),
    Entry(cohesion.CONNECTIVITY, cohesion.node_connectivity),
    Entry(cohesion.TRANSITIVITY, cohesion.transitivity),
    Entry(cohesion.CLUSTERING, cohesion.average_clustering),
    Entry(cohesion.TRIADS, cohesion.triad_census),
    Entry(cohesion.ASSORTATIVITY, cohesion.degree_assortativity),
)

_INTRODUCTION = """# Measures of cooperation structure

<!-- Made of the docstrings in src/integgraph/analysis/measures by catalogue.page(); change it there. -->

Each measure answers a plain question. Each answer has a **state**, the value where there is one, what it was computed
from (numbers of actors, networks and ties, status dates, sources), and a sentence in English and German that may be
quoted.

| State | Means | Value |
|---|---|---|
| value | the number says something about the networks | the number |
| forced | the way the data are built fixes the number | the number, never as a finding |
| too small | too few actors, networks or ties for a number to mean anything | none |
| unknown | what the number would be made of is not known | none |

The form is a two-mode list: being listed together is not cooperation. Measures of ties between actors take *reported*
ties; given the projection of one network's list they answer *forced*, given that of several mostly *unknown*. There is
no composite score and no order of merit.

Notation: n actors, m networks, e ties, d and k numbers of ties, A the matrix actors × networks.

In Python:

    >>> import networkx as nx
    >>> from integgraph.analysis.measures.size import two_mode_density
    >>> print(two_mode_density(nx.davis_southern_women_graph()).quote())
    Of all possible memberships, 35 % are listed. (18 actors, 14 networks, 89 ties)
"""
_END = """## How exact, how fast

Degrees, components, cut members, distances, closeness, constraint and clustering are exact at any size. Betweenness is
exact up to 5,000 nodes; above, it is estimated from 512 sources drawn with a seed, and the answer says so with its
standard error. Modules, shuffles, bands and hit rates are drawn with a seed: the same seed gives the same answer. Of
the BiCM behind the backbone the margins are solved for numerically, to well within a millionth.

## What is not shown

k-core, PageRank and small-world indices of projections say more of the projection than of the networks; portrait
divergence and the like are opaque to readers. What of them the published values need stands in `measures.checks`.
Trust, frequency of contact, quality and outcomes cannot be computed from the form.
"""


def page() -> str:
    """The page ``docs/measures.md``."""
    parts = [_INTRODUCTION]
    for entry in CATALOGUE:
        name = f"{entry.function.__module__.rpartition('.')[2]}.{entry.function.__name__}"
        parts.append(f"## {entry.measure.name.en} · {entry.measure.name.de}\n")
        parts.append(f"*{entry.measure.question.en}* · *{entry.measure.question.de}*\n")
        parts.append(f"{' '.join(entry.summary.split())} (`{name}`)\n")
        lines = [f"- **{label}.** {entry.part(label).replace('``', '`')}" for label in PARTS]
        parts.append("\n".join(lines) + "\n")
    return "\n".join([*parts, _END])
