"""The measurements of a release as data: what a build works out of its networks and places, in a graph of its own.

:mod:`~integgraph.analysis.measurements.writing` says what the graph looks like; what is measured of one network is in
:mod:`~integgraph.analysis.measurements.networks`, and of a collection in
:mod:`~integgraph.analysis.measurements.places`.
"""
