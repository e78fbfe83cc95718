"""Is the server well: the release it serves, its workers, and one query through one of them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from integgraph.errors import IntegGraphError
from integgraph.web.site import site_of

_TRIVIAL = "ASK { ?network a ig:Network }"


def health(request: Request) -> Response:
    """200 where a worker answers, else 503 with the reason."""
    site = site_of(request)
    problem = ""
    try:
        site.store.ask(_TRIVIAL)
    except IntegGraphError as error:
        problem = str(error)
    found = {
        "status": "unavailable" if problem else "ok",
        "release": site.release.id,
        "content_hash": site.release.content_hash,
        "workers": site.pool.size,
    }
    if problem:
        found["problem"] = problem
    headers = {"cache-control": "no-store", **({"retry-after": "5"} if problem else {})}
    return JSONResponse(found, 503 if problem else 200, headers)
