"""Measures of cooperation structure that can be quoted.

Each measure is a function that takes a networkx graph, a sparse matrix or an incidence matrix and returns an
:class:`~integgraph.analysis.measures.answers.Answer`: its *state* (value, forced, too small, unknown), the value, what
it was computed from, and a sentence in English and German. Where there is nothing to say it says so: never ``nan``,
never an exception for a small or empty graph, never a 1.0 that the data force.

One file a family: ``size``, ``centrality``, ``centralisation``, ``cohesion``, ``brokerage``, ``mixing``, ``closure``,
``nestedness``, ``modularity``, ``nullmodels``, ``backbone``, ``bands``, ``loss``, ``funding``, ``coverage``,
``change``, ``multiplexity``, ``suggestions``, ``governance``; ``catalogue`` lists them all, ``answers`` has the states,
``twomode`` what they take, ``paths`` the engine of shortest paths, ``pairs`` counts pairs of networks,
``checks`` is what only tests use.
"""

from integgraph.analysis.measures.answers import Answer, Basis, Inputs, Measure, State, Text

__all__ = ["Answer", "Basis", "Inputs", "Measure", "State", "Text"]
