"""What went wrong, as an answer: one table from error type to status. Source: RFC 9457 (problem details)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from integgraph import errors
from integgraph.errors import IntegGraphError, LimitReached, NotFound
from integgraph.web import things
from integgraph.web.negotiation import Choice, choose

STATUS: Mapping[type[IntegGraphError], int] = {
    IntegGraphError: 500,
    errors.InputError: 422,
    errors.OntologyError: 500,
    errors.ReleaseError: 503,
    errors.QueryError: 400,
    errors.QuerySyntaxError: 400,
    errors.QueryRefused: 403,
    errors.UpdateRefused: 400,
    errors.QueryTooLarge: 413,
    errors.FormatNotAvailable: 406,
    errors.WrongMediaType: 415,
    errors.QueryTimeout: 504,
    errors.WorkerError: 503,
    errors.NotFound: 404,
    errors.Gone: 410,
    errors.Unprocessable: 422,
    errors.Conflict: 409,
    errors.LimitReached: 429,
    errors.StorageFull: 507,
}
"""The status of each type of error; a type that is not here has the status of its nearest ancestor."""

TYPES = "https://w3id.org/integgraph/problem/"
_RETRY_AFTER = "5"
_SHOWN = "/:@!$&()*+,;=~-._%"
_LONGEST_PATH = 200  # characters of an address that are told back
_CHOICES = (Choice("json", ("application/problem+json", "application/json")), Choice("html", ("text/html",)))
_OURS = "Something went wrong on our side. It has been noted; please try again later."


def status_of(error: IntegGraphError) -> int:
    """The HTTP status of an error.

    >>> status_of(errors.WorkersBusy("All workers are busy."))
    503
    """
    return next(STATUS[each] for each in type(error).__mro__ if each in STATUS)


async def answer_error(request: Request, error: Exception) -> Response:
    """An error of ours as an answer."""
    if not isinstance(error, IntegGraphError):
        raise error
    body: dict[str, Any] = {"type": TYPES + _slug(error), "detail": str(error)}
    if isinstance(error, NotFound) and error.near:
        body["near"] = list(error.near)
    wait = {"retry-after": f"{error.seconds:.0f}"} if isinstance(error, LimitReached) else None
    return problem(request, status_of(error), body, wait)


async def answer_http_error(request: Request, error: Exception) -> Response:
    """What the router refuses: no such address, no such method."""
    if not isinstance(error, HTTPException):
        raise error
    headers = dict(error.headers or {})
    details = {
        404: f"There is nothing at {_short(request.url.path)}.",
        405: f"{request.method} is not possible here. Possible are: {headers.get('Allow', 'GET')}.",
    }
    return problem(request, error.status_code, {"detail": details.get(error.status_code, error.detail)}, headers)


async def answer_failure(request: Request, error: Exception) -> Response:
    """A fault in the program: never a traceback, never the client's fault. The server's log has the rest."""
    return problem(request, 500, {"detail": _OURS})


def problem(
    request: Request, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Response:
    """Problem details as JSON, or a small page for a browser."""
    title = HTTPStatus(status).phrase
    full = {"type": "about:blank", "title": title, "status": status, **body}
    wanted = choose(request.headers.get("accept"), _CHOICES) or _CHOICES[0]
    answer: Response
    if wanted.name == "html":
        answer = things.problem(request, status, full, headers or {})
    else:
        answer = JSONResponse(full, status, media_type="application/problem+json")
    answer.headers.update(headers or {})
    answer.headers.setdefault("vary", "Accept")
    answer.headers["cache-control"] = "no-store"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["retry-after"] = _RETRY_AFTER
    return answer


def _short(path: str) -> str:
    """An address as it may be told back: of bounded length, and no markup wherever it ends up."""
    shown = quote(path, safe=_SHOWN)
    return shown if len(shown) <= _LONGEST_PATH else shown[:_LONGEST_PATH] + "…"


def _slug(error: IntegGraphError) -> str:
    name = type(error).__name__.removesuffix("Error")
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
