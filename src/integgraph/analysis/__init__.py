"""Cooperation graphs, measures, answers and comparison; everything is asked of a store in SPARQL."""
