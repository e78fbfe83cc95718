"""Headers that every answer carries."""

from __future__ import annotations

from collections.abc import Mapping

SECURITY: Mapping[str, str] = {
    "content-security-policy": (
        "default-src 'self'; style-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
}
"""Scripts and styles of our own files only, no frame, nothing from elsewhere. Source: CSP Level 3."""

OPEN: Mapping[str, str] = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": (
        "Accept-Ranges, Content-Disposition, Content-Location, Content-Range, ETag, Integgraph-Release, Last-Modified, "
        "Link, Location, Repr-Digest, Retry-After, X-Request-Id"
    ),
}
"""Everything here is public, so pages of other sites may read it, errors too. Source: Fetch, CORS protocol."""

ALWAYS: list[tuple[bytes, bytes]] = [
    (name.encode(), value.encode()) for name, value in (*SECURITY.items(), *OPEN.items())
]
"""Both, as they are sent."""
LINES = b"".join([b"%b: %b\r\n" % pair for pair in ALWAYS])
"""Both, as lines of the head of an answer."""

_ASKED_WITH = b"Accept, Authorization, Content-Type, If-Modified-Since, If-None-Match, Range"


def preflight(methods: str) -> list[tuple[bytes, bytes]]:
    """What a page of another site is told that asks whether it may. Source: Fetch, CORS-preflight request."""
    return [
        (b"allow", methods.encode()),
        (b"access-control-allow-methods", methods.encode()),
        (
            b"access-control-allow-headers",
            b"Accept, Authorization, Content-Type, If-Modified-Since, If-None-Match, Range",
        ),
        (b"access-control-max-age", b"86400"),
    ]
