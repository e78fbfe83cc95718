"""Cooperation graphs, measures, answers and comparison; everything is read from the tables, or asked of a store in SPARQL."""
