"""Which entries may be one body: suggestions with their grounds in words. Nothing merges by itself.

>>> from integgraph.matching import Candidate, Matcher
>>> matcher = Matcher([Candidate("vsp", ("Verbund für Soziale Projekte gGmbH",)), Candidate("zora", ("Zora e.V.",))])
>>> matcher.find("VSP gGmbH")[0].candidate.id
'vsp'
"""

from integgraph.matching.collection import candidates_of
from integgraph.matching.engine import PROPERTIES, Matcher, Pair, Suggestion
from integgraph.matching.evidence import REVIEW, Candidate, Ground
from integgraph.matching.places import Gazetteer, Place, places_of

__all__ = [
    "PROPERTIES",
    "REVIEW",
    "Candidate",
    "Gazetteer",
    "Ground",
    "Matcher",
    "Pair",
    "Place",
    "Suggestion",
    "candidates_of",
    "places_of",
]
