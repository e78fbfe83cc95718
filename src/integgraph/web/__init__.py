"""The readers' faces: SPARQL, linked data and pages over one release. ``app`` puts them together."""
