"""The ways in which a thing is told: a page, RDF, plain JSON; and what stays in an address that leads to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request

from integgraph.store import formats_for
from integgraph.web.site import site_of


@dataclass(frozen=True, slots=True)
class Representation:
    """One way in which a thing is told.

    Attributes:
        name: What the server calls it.
        media_type: What it is sent as.
        suffix: What asks for it at the end of an address.
    """

    name: str
    media_type: str
    suffix: str


REPRESENTATIONS: Mapping[str, Representation] = {
    each.name: each
    for each in (
        Representation("html", "text/html", "html"),
        *(Representation(each.name, each.media_type, each.suffix) for each in formats_for("triples")),
        Representation("json", "application/json", "json"),
    )
}
"""Every representation of a thing, in the order of the server's preference."""


def asked_release(request: Request) -> str:
    """The release that the request names and gets; empty where it names none, or one that is not there."""
    asked = request.query_params.get("release", "")
    return asked if asked == site_of(request).release.id else ""


def keeping(request: Request, address: str, *names: str) -> str:
    """An address with those parameters of the request that go on counting.

    Args:
        request: The request.
        address: Where to lead.
        names: The parameters; ``release`` and ``lang`` unless given.
    """
    known = {"release": asked_release(request), "lang": request.query_params.get("lang", "")}
    kept = {name: known[name] for name in names or known if known[name]}
    return f"{address}?{urlencode(kept)}" if kept else address
