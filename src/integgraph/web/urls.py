"""Every address of the server, built in one place.

>>> urls = Urls("https://w3id.org/integgraph/id/")
>>> urls.page("https://w3id.org/integgraph/id/network/harz")
'/networks/harz'
>>> urls.page("https://w3id.org/integgraph/id/membership/harz.members-1a2b")
'/statements/membership/harz.members-1a2b'
>>> urls.page("https://w3id.org/integgraph/vocabulary/field/health")
'/vocabulary/field/health'
>>> Urls("https://w3id.org/integgraph/id/", prefix="/graph").at("/sparql")
'/graph/sparql'
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlsplit

from starlette.requests import Request

from integgraph.errors import QuerySyntaxError
from integgraph.ontology import IG, VOCABULARY

PLURALS: Mapping[str, str] = {"network": "networks", "actor": "actors", "place": "places", "profile": "profiles"}
"""Kinds of things with pages of their own → the folder of these pages. Everything else is under ``/statements/``."""


_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


def origin_of(request: Request) -> str:
    """Scheme and host that the client wrote, such as ``https://example.org``.

    Raises:
        QuerySyntaxError: the Host header names no host.
    """
    server = request.scope.get("server") or ("localhost", None)
    host = request.headers.get("host") or (server[0] if server[1] is None else f"{server[0]}:{server[1]}")
    if not is_host(host):
        raise not_a_host()
    return f"{request.scope.get('scheme', 'http')}://{host}"


def not_a_host() -> QuerySyntaxError:
    """A Host header that is none."""
    return QuerySyntaxError("The Host header of the request names no host. Write a name or an address, and a port.")


@lru_cache(maxsize=256)
def is_host(text: str) -> bool:
    """Whether a ``Host`` header names a host: nothing else may get into the addresses that the server writes.

    >>> is_host("example.org:8010"), is_host("[::1]"), is_host("evil/?x=")
    (True, True, False)
    """
    return _HOST.fullmatch(text) is not None


_KIND = re.compile(r"[a-z]+(?:-[a-z]+)*")
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?")


@dataclass(frozen=True, slots=True)
class Urls:
    """Addresses for the things of one release.

    Attributes:
        base_iri: Where the IRIs of its things begin.
        prefix: The path that the server lives under behind a proxy, without a slash at its end; empty for none.
    """

    base_iri: str
    prefix: str = ""

    def at(self, path: str) -> str:
        """The address of a path of this server, as a client has to write it.

        Args:
            path: The path as the server's routes know it, beginning with a slash.
        """
        return self.prefix + path

    def iri(self, kind: str, name: str) -> str:
        """The IRI of a thing, from the parts of an address.

        Raises:
            QuerySyntaxError: no thing can have such a name.
        """
        if not _KIND.fullmatch(kind) or not _NAME.fullmatch(name) or len(name) > 300:
            raise QuerySyntaxError("This is not the name of a thing: names hold letters a–z, digits, '.', '_' and '-'.")
        return f"{self.base_iri}{kind}/{name}"

    def vocabulary(self, name: str) -> str:
        """The IRI of a vocabulary or, with ``scheme/concept``, of a concept.

        Raises:
            QuerySyntaxError: none can have such a name.
        """
        if not all(_NAME.fullmatch(part) for part in name.split("/")) or name.count("/") > 1:
            raise QuerySyntaxError("This is not the name of a concept: write /vocabulary/scheme/concept.")
        return VOCABULARY + name

    def page(self, iri: str) -> str | None:
        """The page of a thing, concept or term on this server; ``None`` for what lives elsewhere."""
        if iri.startswith(self.base_iri):
            kind, _, name = iri[len(self.base_iri) :].partition("/")
            folder = PLURALS.get(kind) or f"statements/{kind}"
            return self.at(f"/{quote(folder)}/{quote(name)}") if name else None
        if iri.startswith(VOCABULARY):
            return self.at("/vocabulary/" + quote(iri[len(VOCABULARY) :]))
        if iri.startswith(IG):
            return self.at("/ontology#" + quote(iri[len(IG) :]))
        return None

    def link(self, iri: str) -> str | None:
        """Where a value leads: a page here, a web address or a mailbox. Nothing else ever becomes a link."""
        local = self.page(iri)
        if local:
            return local
        try:
            parts = urlsplit(iri)
        except ValueError:
            return None
        if parts.scheme in ("http", "https") and parts.netloc:
            return iri
        return iri if parts.scheme == "mailto" and "@" in parts.path else None

    def data(self, iri: str, suffix: str) -> str | None:
        """The data about a thing in one format."""
        page = self.page(iri)
        return f"{page}.{suffix}" if page and "#" not in page else None
