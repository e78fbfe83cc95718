"""Cooperation graphs, measures, answers and comparison: read from tables, or asked of a store in SPARQL."""
