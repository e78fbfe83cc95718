"""Entity tags: a release never changes, so its content hash says whether a client's copy is still good.

What is costly to write may be kept by its tag, too: two answers with one tag are the same.

Source: RFC 9110, sections 8.8.3 and 13.1.2.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from integgraph import __version__
from integgraph.web.site import site_of


class Answers:
    """The newest answers by their tags, up to a number of bytes; several threads may share it.

    Args:
        most: Bytes of all that are kept.
        largest: Bytes of the largest that is kept.
    """

    def __init__(self, most: int, largest: int) -> None:
        self._most = most
        self._largest = largest
        self._kept: OrderedDict[str, tuple[bytes, dict[str, str]]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, tag: str) -> Response | None:
        """The answer with a tag, if it is kept."""
        with self._lock:
            found = self._kept.get(tag)
            if found is None:
                return None
            self._kept.move_to_end(tag)
        return Response(found[0], headers=found[1])

    def keep(self, tag: str, answer: Response) -> None:
        """Keep an answer that went well."""
        body = bytes(answer.body)
        if answer.status_code != 200 or len(body) > self._largest:
            return
        with self._lock:
            old = self._kept.pop(tag, None)
            self._kept[tag] = body, dict(answer.headers)
            self._size += len(body) - (len(old[0]) if old else 0)
            while self._size > self._most:
                _, (gone, _) = self._kept.popitem(last=False)
                self._size -= len(gone)


def cached(
    request: Request, variant: str, vary: str, make: Callable[[], Response], answers: Answers | None = None
) -> Response:
    """The answer that ``make`` gives, with its tag; 304 where the client has it already.

    Args:
        request: The request.
        variant: What tells this representation from others at the same address, such as format and language.
        vary: Names of the request headers that the choice depends on.
        make: Makes the answer; not called where the client's copy is good.
        answers: Where the answer is kept for the next one who asks, if it was costly to make.
    """
    tag = _tag(request, variant)
    known = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    if tag in known or known == ["*"]:
        answer = Response(status_code=304)
    else:
        answer = make()
        if answers is not None:
            answers.keep(tag, answer)
    if answer.status_code in (200, 304):
        answer.headers["etag"] = tag
        answer.headers["cache-control"] = "public, no-cache"  # keep it, but ask whether it is still good
    if vary:
        answer.headers["vary"] = vary
    return answer


def given_before(request: Request, variant: str, vary: str, answers: Answers) -> Response | None:
    """The answer that :func:`cached` gave to the same before, if it is kept; arguments as there."""
    found = answers.get(_tag(request, variant))
    return None if found is None else cached(request, variant, vary, lambda: found)


def _tag(request: Request, variant: str) -> str:
    # The package's version counts too: another version may write the same content differently.
    facts = f"{site_of(request).release.content_hash} {__version__} {variant}"
    return f'"{hashlib.sha256(facts.encode()).hexdigest()[:32]}"'
