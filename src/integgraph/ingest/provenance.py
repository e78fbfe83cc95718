"""What is said about a profile itself: whom it describes, in which language, under which licence, how it came to be.

Source: PROV-O (W3C, 2013). No time of the build is stated, so that the same input gives the same graph; the release
manifest holds the times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from integgraph.ontology import DCT, IG, PROV

if TYPE_CHECKING:
    from integgraph.ingest.mapping import Emitter

SOFTWARE = "https://w3id.org/integgraph"


def describe_profile(out: Emitter, licence: str) -> None:
    """State the header of a profile."""
    record, profile, network = out.record, out.profile, out.network
    out.type(profile, IG + "Profile")
    out.type(network, IG + "Network")
    out.add(profile, IG + "describes", network)
    out.add(profile, DCT + "language", out.literal(record.language))
    if record.names_language != record.language:
        out.add(profile, IG + "namesLanguage", out.literal(record.names_language))
    out.add(profile, DCT + "license", out.iri(licence))
    if record.file:
        out.add(profile, IG + "sourceFile", out.literal(record.file))
    reading = out.thing("reading", record.slug)
    out.type(reading, PROV + "Activity")
    out.add(profile, PROV + "wasGeneratedBy", reading)
    for position, source in enumerate(record.items("sources")):
        out.add(reading, PROV + "used", out.source(source["id"][0] if "id" in source else f"s{position + 1}"))
    out.add(reading, PROV + "wasAssociatedWith", out.iri(SOFTWARE))
