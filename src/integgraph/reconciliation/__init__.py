"""Lists of others matched against a release: what the reconciliation service knows and answers; free of HTTP.

- :mod:`~integgraph.reconciliation.candidates` makes what the matcher compares, for suggestions and for this service;
- :mod:`~integgraph.reconciliation.collection` is what the service knows;
- :mod:`~integgraph.reconciliation.reading` reads it from a release, in a process of its own;
- :mod:`~integgraph.reconciliation.queries` reads what clients ask, in every version of the protocol;
- :mod:`~integgraph.reconciliation.reconciler` finds the answers;
- :mod:`~integgraph.reconciliation.answers` writes them, in every version;
- :mod:`~integgraph.reconciliation.worker` runs all this in a worker.

A zygote imports what workers run, so everything but ``reading`` and ``candidates`` keeps clear of pyarrow.

Source: Reconciliation Service API 0.1 and 0.2 (W3C Entity Reconciliation Community Group, 2023), and the draft of 1.0.
"""
