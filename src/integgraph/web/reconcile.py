"""The reconciliation service: lists of others matched with this graph, in OpenRefine and its like.

``/reconcile`` speaks 0.1 and 0.2, ``/reconcile/1.0`` the draft of 1.0. What is found, and how, is said by
:mod:`integgraph.reconciliation`; here are addresses, forms of requests, and limits.

JSONP, which 0.1 and 0.2 allow, is served: all that is here is public, no cookie is read, the name of the function must
be one, and what goes out says that it is a script, and not to be shown.

Source: Reconciliation Service API 0.1 and 0.2 (W3C Entity Reconciliation Community Group, 2023), and the draft of 1.0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from integgraph import __version__
from integgraph.errors import Gone, NotFound, QuerySyntaxError, QueryTooLarge, Unprocessable, WrongMediaType
from integgraph.reconciliation import terms
from integgraph.reconciliation.answers import DRAFT, read_extension
from integgraph.reconciliation.collection import KINDS, text_in
from integgraph.web import pages
from integgraph.web.caching import cached
from integgraph.web.exchange import GONE, ClientGone, Exchange
from integgraph.web.headers import SECURITY, preflight
from integgraph.web.protocol import wants_page
from integgraph.web.site import Site, site_of
from integgraph.web.urls import origin_of

PATH = "/reconcile"
METHODS = "GET, HEAD, POST, OPTIONS"
STABLE = "0.2"
SUGGESTED = ("entity", "type", "property")
_DRAFT_PATH = f"{PATH}/{DRAFT}"
_PART = 10  # queries that a worker gets at once; several workers share a batch
_WIDTH, _HEIGHT = 440, 320  # pixels of a preview
_FIELDS = 100
_LONGEST_ID = 2_000
_LONGEST_PREFIX = 256
_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"
_CALLBACK = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{0,99}(?:\.[A-Za-z_$][A-Za-z0-9_$]{0,99}){0,4}")
_VARY = "Accept-Language"
_FRAMED = SECURITY["content-security-policy"].replace("frame-ancestors 'none'", "frame-ancestors *")
"""Previews are shown in a frame of the client's page."""
_STATUS = {"withdrawn": 410, "unknown": 404}
_WORDS = {
    "en": {"title": "Preview", "open": "Open the page", "gone": "Not here any more"},
    "de": {"title": "Vorschau", "open": "Seite öffnen", "gone": "Nicht mehr hier"},
}

Parameters = Mapping[str, str]


# ---------------------------------------------------------------------------------------------------------------------
# What a request says


async def _parameters(request: Request) -> dict[str, str]:
    """The parameters of the address and, where a form was posted, those of the form.

    Raises:
        QuerySyntaxError: they are not UTF-8, or one is there twice.
        QueryTooLarge: the form is too large.
        WrongMediaType: what was posted is no form.
    """
    texts = [request.scope["query_string"].decode("latin-1")]
    if request.method == "POST":
        sent = request.headers.get("content-type", _FORM).partition(";")[0].strip().lower()
        if sent != _FORM:
            raise WrongMediaType(f"Post a form ({_FORM}). JSON is read at {_DRAFT_PATH}/match.")
        texts.append((await _body(request)).decode("latin-1"))
    return await run_in_threadpool(_parsed, texts) if len(texts) > 1 else _parsed(texts)


async def _body(request: Request) -> bytes:
    exchange: Exchange = request.scope["exchange"]
    return await exchange.body(request.receive, site_of(request).limits.reconcile_bytes)


def _parsed(texts: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        try:
            pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_FIELDS)
        except UnicodeDecodeError:
            raise QuerySyntaxError("The parameters are not UTF-8.") from None
        except ValueError:
            raise QuerySyntaxError(f"There are more than {_FIELDS} parameters.") from None
        for name, value in pairs:
            if name in found:
                raise QuerySyntaxError(f"'{name[:40]}' is given more than once. Give it once.")
            found[name] = value
    return found


def _from_json(text: str | bytes, what: str) -> Any:
    """What a client sent as JSON.

    Raises:
        QuerySyntaxError: it is none; says where it breaks off.
    """
    try:
        return json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise QuerySyntaxError(f"{what} is not JSON: {error.msg}, at character {error.pos + 1:,}.") from None
    except RecursionError:
        raise QuerySyntaxError(f"{what} is nested too deeply.") from None
    except ValueError:  # not UTF-8, or a number of thousands of digits
        raise QuerySyntaxError(f"{what} is not JSON.") from None


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _number(given: Parameters, name: str) -> int | None:
    text = given.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Unprocessable(f"'{name}' must be a whole number.")
    return int(text)


def _id(given: Parameters) -> str:
    found = given.get("id", "").strip()
    if not found:
        raise QuerySyntaxError("Say which: ?id=….")
    if len(found) > _LONGEST_ID:
        raise QueryTooLarge(f"The identifier is longer than {_LONGEST_ID:,} characters.")
    return found


def _what(request: Request) -> str:
    what: str = request.path_params["what"]
    if what not in SUGGESTED:
        raise NotFound(f"There is no '{what[:40]}' here. There are: {', '.join(SUGGESTED)}.")
    return what


def _kinds(given: Parameters) -> list[str]:
    return [each for each in given.get("type", "").split(",") if each]


# ---------------------------------------------------------------------------------------------------------------------
# Asking the workers, and answering


async def _ask(request: Request, requests: Sequence[tuple[str, tuple[Any, ...]]]) -> list[bytes]:
    exchange: Exchange = request.scope["exchange"]
    return await site_of(request).reconciling.ask(
        requests,
        exchange.client,
        known=exchange.known,
        slow=lambda give_up: exchange.watch(request.receive, give_up),
    )


async def _ask_one(request: Request, method: str, *arguments: Any) -> bytes:
    (found,) = await _ask(request, [(method, arguments)])
    return found


async def _match(request: Request, queries: Sequence[object], version: str) -> list[bytes]:
    """The answer to each query, as JSON."""
    language = pages.language_of(request)
    parts = [queries[start : start + _PART] for start in range(0, len(queries), _PART)]
    found = await _ask(request, [("match", (part, version, language)) for part in parts])
    return [line for part in found for line in part.split(b"\n")]


def _check_size(queries: Sequence[object] | Mapping[str, object], site: Site) -> None:
    most = site.limits.reconcile_batch
    if len(queries) > most:
        raise QueryTooLarge(
            f"The batch has {len(queries):,} queries; at most {most:,} are possible in one. Send several batches."
        )


def _answer(request: Request, body: bytes, given: Parameters | None = None) -> Response:
    """JSON, or the call of a function where a client asks for one."""
    callback = (given or {}).get("callback")
    headers = {"vary": _VARY, "content-language": pages.language_of(request), "cache-control": "no-cache"}
    if callback is None:
        return Response(body, media_type=_JSON, headers=headers)
    headers["content-disposition"] = 'attachment; filename="answer.js"'
    # Nothing that a client can write stands at the beginning, so that nobody takes it for another kind of file. Two
    # characters end a line in older scripts, but not in JSON.
    body = body.replace("\u2028".encode(), rb"\u2028").replace("\u2029".encode(), rb"\u2029")
    return Response(
        b"/**/" + callback.encode() + b"(" + body + b");", media_type="application/javascript", headers=headers
    )


def _check_callback(request: Request, given: Parameters) -> None:
    callback = given.get("callback")
    if callback is None:
        return
    if request.method == "POST":
        raise Unprocessable("'callback' is possible with GET only.")
    if not _CALLBACK.fullmatch(callback):
        raise Unprocessable("'callback' must be the name of a function: letters, digits, '_', '$' and '.'.")


# ---------------------------------------------------------------------------------------------------------------------
# 0.1 and 0.2


async def service(request: Request) -> Response:
    """``/reconcile``: the manifest, a batch of queries, one query (0.1), or data to extend with."""
    if request.method == "OPTIONS":
        return Response(status_code=204, headers={name.decode(): value.decode() for name, value in preflight(METHODS)})
    given = await _parameters(request)
    _check_callback(request, given)
    asked = [name for name in ("queries", "query", "extend") if name in given]
    if len(asked) > 1:
        raise QuerySyntaxError(f"Ask for one thing at a time: {' or '.join(asked)}.")
    if not asked:
        if request.method == "POST":
            raise QuerySyntaxError("Nothing was asked. Post a form with 'queries' or 'extend'.")
        return _manifest(request, given)
    try:
        return _answer(request, await _served(request, asked[0], given), given)
    except ClientGone:
        return Response(status_code=GONE)


async def _served(request: Request, asked: str, given: Parameters) -> bytes:
    site = site_of(request)
    if asked == "query":
        return (await _match(request, [_single(given["query"])], STABLE))[0]
    raw = await run_in_threadpool(_from_json, given[asked], f"'{asked}'")
    if asked == "extend":
        ids, properties = read_extension(raw, site.limits.reconcile_batch)
        return await _ask_one(request, "extend", ids, properties, STABLE, pages.language_of(request))
    if not isinstance(raw, dict):
        raise Unprocessable('\'queries\' must be an object such as {"q0": {"query": "Zora e.V."}}.')
    _check_size(raw, site)
    answers = await _match(request, list(raw.values()), STABLE)
    return (
        b"{" + b",".join(json.dumps(key).encode() + b":" + each for key, each in zip(raw, answers, strict=True)) + b"}"
    )


def _single(text: str) -> object:
    """The one query of 0.1: an object as JSON, or a bare name."""
    return _from_json(text, "'query'") if text.lstrip().startswith("{") else text


def _manifest(request: Request, given: Parameters) -> Response:
    site, language, origin = site_of(request), pages.language_of(request), origin_of(request)
    site.reconciling.begin()  # whoever asks for the manifest will ask for more
    here = origin + site.urls.at(PATH)

    def suggest(what: str) -> dict[str, str]:
        return {
            "service_url": here,
            "service_path": f"/suggest/{what}",
            "flyout_service_url": here,
            "flyout_service_path": f"/flyout/{what}?id=${{id}}",
        }

    def make() -> Response:
        found = {
            "versions": ["0.1", STABLE],
            **_described(site, language, origin),
            "identifierSpace": site.urls.base_iri,
            "schemaSpace": "https://w3id.org/integgraph/ontology#",
            "view": {"url": f"{here}/view?id={{{{id}}}}"},
            "preview": {"url": f"{here}/preview?id={{{{id}}}}&lang={language}", "width": _WIDTH, "height": _HEIGHT},
            "suggest": {what: suggest(what) for what in SUGGESTED},
            "extend": {
                "propose_properties": {"service_url": here, "service_path": "/properties"},
                "property_settings": [
                    {
                        "name": "limit",
                        "label": _MOST_VALUES[language][0],
                        "type": "number",
                        "default": 0,
                        "help_text": _MOST_VALUES[language][1],
                    }
                ],
            },
        }
        return _answer(request, json.dumps(found, ensure_ascii=False).encode(), given)

    return cached(request, f"reconcile {here} {language} {given.get('callback')}", _VARY, make)


_MOST_VALUES = {
    "en": ("Most values", "At most so many values; 0 for all."),
    "de": ("Höchstzahl an Werten", "Höchstens so viele Werte; 0 für alle."),
}


def _described(site: Site, language: str, origin: str) -> dict[str, Any]:
    """What the manifests of all versions say."""
    kinds = [kind for kind in terms.kinds(site.ontology) if kind.id in KINDS]
    return {
        "name": "integgraph",
        "defaultTypes": [{"id": kind.id, "name": text_in(kind.names, language)} for kind in kinds],
        "documentation": origin + site.urls.at("/"),
        "logo": origin + site.urls.at("/static/icon.svg"),
        "serviceVersion": __version__,
        "batchSize": site.limits.reconcile_batch,
    }


# ---------------------------------------------------------------------------------------------------------------------
# The draft of 1.0


async def draft(request: Request) -> Response:
    """``/reconcile/1.0``: the manifest."""
    site, language, origin = site_of(request), pages.language_of(request), origin_of(request)
    site.reconciling.begin()
    here = origin + site.urls.at(_DRAFT_PATH)

    def make() -> Response:
        found = {
            "versions": ["1.0-draft"],
            **_described(site, language, origin),
            "view": {"url": f"{here}/view?id={{id}}"},
            "preview": {"width": _WIDTH, "height": _HEIGHT},
            "suggest": {"entity": True, "type": True, "property": True},
            "extend": {
                "proposeProperties": True,
                "propertySettings": [
                    {
                        "id": "limit",
                        "name": _MOST_VALUES[language][0],
                        "type": "number",
                        "default": 0,
                        "helpText": _MOST_VALUES[language][1],
                    }
                ],
            },
            "lang": language,
            "standardizedScore": True,
        }
        return _answer(request, json.dumps(found, ensure_ascii=False).encode())

    return cached(request, f"reconcile draft {here} {language}", _VARY, make)


async def match(request: Request) -> Response:
    """``POST /reconcile/1.0/match``: a batch of queries."""
    raw = await _posted(request)
    queries = raw.get("queries") if isinstance(raw, dict) else None
    if not isinstance(queries, list):
        raise Unprocessable(
            'Post an object such as {"queries": [{"conditions": '
            '[{"matchType": "name", "propertyValue": "Zora e.V."}]}]}.'
        )
    _check_size(queries, site_of(request))
    try:
        answers = await _match(request, queries, DRAFT)
    except ClientGone:
        return Response(status_code=GONE)
    return _answer(request, b'{"results":[' + b",".join(answers) + b"]}")


async def extend(request: Request) -> Response:
    """``POST /reconcile/1.0/extend``: values of properties of entities."""
    ids, properties = read_extension(await _posted(request), site_of(request).limits.reconcile_batch)
    language = pages.language_of(request)
    try:
        return _answer(request, await _ask_one(request, "extend", ids, properties, DRAFT, language))
    except ClientGone:
        return Response(status_code=GONE)


async def _posted(request: Request) -> Any:
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent != _JSON:
        raise WrongMediaType(f"Post JSON ({_JSON}).")
    return await run_in_threadpool(_from_json, await _body(request), "The body")


# ---------------------------------------------------------------------------------------------------------------------
# What all versions share


async def suggest(request: Request) -> Response:
    """``…/suggest/{entity, type, property}``: what begins as somebody types."""
    given = await _parameters(request)
    _check_callback(request, given)
    what, prefix = _what(request), given.get("prefix", "")[:_LONGEST_PREFIX]
    offset = _number(given, "offset")
    offset = _number(given, "cursor") if offset is None else offset
    limit = _number(given, "limit")
    if limit == 0:
        raise Unprocessable("'limit' must be a whole number above 0.")
    arguments = (what, prefix, _kinds(given), limit, offset, pages.language_of(request))
    return _answer(request, await _ask_one(request, "suggest", *arguments), given)


async def flyout(request: Request) -> Response:
    """``…/flyout/{entity, type, property}``: a piece of HTML about what was suggested."""
    given = await _parameters(request)
    _check_callback(request, given)
    body = await _ask_one(request, "flyout", _what(request), _id(given), pages.language_of(request))
    return _answer(request, body, given)


async def propose(request: Request) -> Response:
    """Properties to extend with, for a type."""
    given = await _parameters(request)
    _check_callback(request, given)
    arguments = (given.get("type", ""), _number(given, "limit"), pages.language_of(request))
    return _answer(request, await _ask_one(request, "propose", *arguments), given)


async def preview(request: Request) -> Response:
    """A small page about an entity, for a frame; of one that is gone it says so."""
    found = json.loads(await _ask_one(request, "preview", _id(await _parameters(request)), pages.language_of(request)))
    site, words = site_of(request), _WORDS[pages.language_of(request)]
    page = site.urls.page(found["id"]) if found["standing"] in ("current", "merged") else None
    status = _STATUS.get(found["standing"], 200)
    if status != 200 and not wants_page(request.headers.get("accept", "")):
        raise (Gone if status == 410 else NotFound)(found["told"])
    answer = await run_in_threadpool(
        pages.render, request, "preview.html", status=status, found=found, page=page, words=words
    )
    answer.headers.update({"content-security-policy": _FRAMED, "vary": _VARY, "cache-control": "no-cache"})
    return answer


async def view(request: Request) -> Response:
    """The page of an entity: what identifiers lead to."""
    found = json.loads(await _ask_one(request, "view", _id(await _parameters(request))))
    page = site_of(request).urls.page(found["iri"])
    if page is None:
        raise NotFound("There is no such identifier.")
    return RedirectResponse(page, 303)


def _shared(path: str) -> list[Route]:
    return [
        Route(f"{path}/suggest/{{what}}", suggest),
        Route(f"{path}/preview", preview),
        Route(f"{path}/view", view),
    ]


ROUTES = [
    *(Route(path, service, methods=["GET", "HEAD", "POST", "OPTIONS"]) for path in (PATH, f"{PATH}/")),
    *_shared(PATH),
    Route(f"{PATH}/flyout/{{what}}", flyout),
    Route(f"{PATH}/properties", propose),
    *(Route(path, draft) for path in (_DRAFT_PATH, f"{_DRAFT_PATH}/")),
    Route(f"{_DRAFT_PATH}/match", match, methods=["POST"]),
    *_shared(_DRAFT_PATH),
    Route(f"{_DRAFT_PATH}/extend", extend, methods=["POST"]),
    Route(f"{_DRAFT_PATH}/extend/propose", propose),
]
