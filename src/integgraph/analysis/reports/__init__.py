"""Reports: what a release says of a network, an actor, a funder or a collection, and of several beside each other.

A report answers the plain questions of people who decide about networks. Each answer has its state (value, forced, too
small, unknown), what it rests on, and a sentence that may be quoted; each question has the sentences that must stand
beside its answers. There is no order of merit and no composite score.

``analyse`` and ``compare`` make a :class:`~integgraph.analysis.reports.model.Report`, which renders itself as JSON,
CSV, Markdown, HTML or Turtle, in English or German (``docs/reports.md``).

Rooms: ``model`` (what a report is made of); ``facts`` (what is read from a release); ``known``, ``steering``,
``structure``, ``gaps``, ``money``, ``losses``, ``sectors``, ``changes``, ``partners`` (the sections); ``subjects``,
``parties``, ``frame`` (the reports); ``drawing`` (figures), ``page``, ``rendering``, ``tabular`` (texts),
``statements`` (RDF); ``words``.
"""

from integgraph.analysis.reports.model import Report
from integgraph.analysis.reports.subjects import analyse, compare

__all__ = ["Report", "analyse", "compare"]
