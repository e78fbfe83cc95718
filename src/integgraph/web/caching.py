"""Entity tags: a release never changes, so its content hash says whether a client's copy is still good.

Source: RFC 9110, sections 8.8.3 and 13.1.2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from integgraph import __version__
from integgraph.web.site import site_of


def cached(request: Request, variant: str, vary: str, make: Callable[[], Response]) -> Response:
    """The answer that ``make`` gives, with its tag; 304 where the client has it already.

    Args:
        request: The request.
        variant: What tells this representation from others at the same address, such as format and language.
        vary: Names of the request headers that the choice depends on.
        make: Makes the answer; not called where the client's copy is good.
    """
    # The package's version counts too: another version may write the same content differently.
    facts = f"{site_of(request).release.content_hash} {__version__} {variant}"
    tag = f'"{hashlib.sha256(facts.encode()).hexdigest()[:32]}"'
    known = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    answer = Response(status_code=304) if tag in known or known == ["*"] else make()
    if answer.status_code in (200, 304):
        answer.headers["etag"] = tag
        answer.headers["cache-control"] = "public, no-cache"  # keep it, but ask whether it is still good
    if vary:
        answer.headers["vary"] = vary
    return answer
