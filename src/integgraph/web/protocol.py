"""What a request to the SPARQL endpoint asks for, and what it gets.

Pure functions over the parts of a request: they run in the workers, so that the process that listens has little to do.

Source: SPARQL 1.1 Protocol (W3C, 2013), section 2.1; RFC 9110, section 12.5.1.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlencode

from integgraph.errors import FormatNotAvailable, QuerySyntaxError, UpdateRefused, WrongMediaType
from integgraph.ontology import near
from integgraph.store import FORMATS, Bounds, Dataset, EmbeddedStore, Gate, Kind, formats_for
from integgraph.web.negotiation import Choice, choose
from integgraph.workers import Written

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
UPDATE = "application/sparql-update"
KINDS: tuple[Kind, ...] = ("solutions", "boolean", "triples")
_MOST_FIELDS = 1000
_NO_UPDATES = "This endpoint answers queries; a release never changes."

_OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "json": ("application/json",),
    "xml": ("application/xml", "text/xml"),
    "ntriples": ("text/plain",),
    "jsonld": ("application/json",),
    "rdfxml": ("application/xml", "text/xml"),
}
_BY_MEDIA_TYPE = {each.media_type: each.name for each in FORMATS.values()}
SUFFIXES: Mapping[str, str] = {each.suffix: each.name for each in FORMATS.values()} | {"json": "json", "xml": "xml"}
"""Suffix of the endpoint's address, as in ``/sparql.csv`` → name of the format."""
HTML = Choice("html", ("text/html", "application/xhtml+xml"))


class Sent(NamedTuple):
    """A request as it was sent.

    Attributes:
        query_string: Parameters of the address.
        body: What was posted; ``None`` for a GET.
        content_type: What it was posted as.
        accept: The header ``Accept``; empty where there is none.
        format: What the suffix of the address asks for; empty where there is none.
        known: Whether the limits of anonymous clients do not hold.
        streams: Whether the connection can carry an answer whose end is not known yet.
    """

    query_string: bytes
    body: bytes | None
    content_type: str
    accept: str
    format: str
    known: bool
    streams: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for.

    Attributes:
        query: The query; ``None`` where there is none.
        dataset: The graphs it is asked of; ``None`` for the current view and all profiles.
        format: The format by name; empty where the client's ``Accept`` decides.
        stream: Whether the answer is sent while it is made.
    """

    query: str | None
    dataset: Dataset | None
    format: str
    stream: bool


class Head(NamedTuple):
    """What a worker says of an answer: its media type, its size in bytes, or ``None`` where it is being made."""

    media_type: str
    size: int | None


def is_finished(head: Head) -> bool:
    """Whether the whole answer has been made."""
    return head.size is not None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The endpoint's limits.

    Attributes:
        gate: Most that a query may be.
        bounds: Most that an answer may hold.
    """

    gate: Gate
    bounds: Bounds

    def answer(self, store: EmbeddedStore, sent: Sent, base: str) -> Written:
        """Answer a request.

        Args:
            store: The release.
            sent: The request.
            base: What relative IRIs in a query are relative to.

        Raises:
            QueryError: it is wrong, refused, or asks for too much.
            FormatNotAvailable: the client takes no format that the answer could have.
        """
        asked = read(sent)
        if asked.query is None:
            raise no_query()
        formats = formats_of(asked.format, sent.accept)
        begun = store.begin(asked.query, formats, None, asked.dataset, base, self.gate)
        media_type = media_type_of(begun.format.name)
        if asked.stream:
            if not sent.streams:
                raise QuerySyntaxError("A stream needs HTTP/1.1: with HTTP/1.0 its end could not be told from a break.")
            return Written(Head(media_type, None), lambda sink: begun.write(sink))
        body = begun.written(Bounds() if sent.known else self.bounds)
        return Written(Head(media_type, len(body)), body)


def no_query() -> QuerySyntaxError:
    """A request without a query."""
    return QuerySyntaxError("There is no query. Send it as the parameter 'query', or as the body of a POST.")


def plain_sent(asked: Asked, name: str, *, known: bool) -> Sent:
    """A request as a program would send it, whatever it was sent as.

    Args:
        asked: What it asks for.
        name: Name of the format; empty for JSON or, for triples, Turtle.
        known: Whether the limits of anonymous clients do not hold.
    """
    dataset = asked.dataset or Dataset()
    graphs = [("default-graph-uri", each) for each in dataset.default]
    graphs += [("named-graph-uri", each) for each in dataset.named]
    text = urlencode([("query", asked.query or ""), *graphs])
    return Sent(text.encode(), None, "", "application/sparql-results+json, text/turtle", name, known, True)


def read(sent: Sent) -> Asked:
    """What a request asks for.

    Raises:
        QueryError: it is not as the protocol has it.
    """
    fields = _fields(sent.query_string)
    if sent.body is not None:
        kind, _, rest = (part.strip().lower() for part in sent.content_type.partition(";"))
        if rest.startswith("charset=") and rest[8:].strip("\"' ") not in ("utf-8", "utf8", "us-ascii"):
            raise WrongMediaType("Send the query in UTF-8.")
        if kind == UPDATE:
            raise UpdateRefused(_NO_UPDATES)
        if kind == DIRECT:
            if "query" in fields:
                raise QuerySyntaxError("There is more than one query: one in the address, one in the body. Send one.")
            fields["query"] = [_text(sent.body)]
        elif kind == FORM:
            for name, values in _fields(sent.body).items():
                fields.setdefault(name, []).extend(values)
        else:
            raise WrongMediaType(f"Send the query as {FORM} or {DIRECT}, not as '{kind[:80] or 'nothing'}'.")
    return _asked(fields, sent.format)


def _fields(raw: bytes) -> dict[str, list[str]]:
    try:
        if raw.startswith(b"query=") and b"&" not in raw and raw.isascii():  # as most are, and sooner read
            return {"query": [_unquoted(raw[6:])]}
        return parse_qs(
            raw.decode("ascii" if raw.isascii() else "utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except UnicodeDecodeError:
        raise QuerySyntaxError("The request is not UTF-8.") from None
    except ValueError:
        raise QuerySyntaxError(f"The request has more than {_MOST_FIELDS:,} parameters.") from None


def _unquoted(value: bytes) -> str:
    """The text of a value in ASCII, read as :func:`urllib.parse.unquote_plus` does, in a tenth of the time.

    ``%3F`` is ``=3F`` to the library's reader of quoted-printable text, which is written in C. It takes two characters
    away for each that is quoted as it should be, less for any that is not, and more only where lines end.
    """
    value = value.replace(b"+", b" ")
    if b"\n" not in value and b"\r" not in value:
        read = binascii.a2b_qp(value.replace(b"=", b"=3D").replace(b"%", b"="))
        if len(read) == len(value) - 2 * value.count(b"%"):
            return read.decode("utf-8")
    return unquote(value.decode("ascii"), errors="strict")


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise QuerySyntaxError("The query is not UTF-8.") from None


def _asked(fields: Mapping[str, list[str]], suffix: str) -> Asked:
    if "update" in fields or "using-graph-uri" in fields or "using-named-graph-uri" in fields:
        raise UpdateRefused(_NO_UPDATES)
    queries = fields.get("query", [])
    if len(queries) > 1:
        raise QuerySyntaxError("There is more than one query. Send one at a time.")
    default, named = (tuple(fields.get(f"{kind}-graph-uri", ())) for kind in ("default", "named"))
    return Asked(
        queries[0] if queries and queries[0].strip() else None,
        Dataset(default, named) if default or named else None,
        _format(fields.get("format", []), suffix),
        fields.get("stream", ["0"])[-1].strip().lower() in ("1", "true", "yes"),
    )


def _format(asked: list[str], suffix: str) -> str:
    """The first name or media type that is known: some clients send several, in several ways."""
    names = [name.strip() for value in asked for name in value.split(",") if name.strip()]
    if not names:
        return suffix
    for name in names:
        if name in FORMATS:
            return name
        if name.lower() in _BY_MEDIA_TYPE:
            return _BY_MEDIA_TYPE[name.lower()]
    similar = near(names[0][:40], FORMATS)
    hint = f" Did you mean {' or '.join(similar)}?" if similar else ""
    raise FormatNotAvailable(f"There is no format '{names[0][:40]}'.{hint} Available: {', '.join(FORMATS)}.")


def choices(kind: Kind) -> list[Choice]:
    """What an answer of this kind can be sent as."""
    return [Choice(each.name, (each.media_type, *_OTHER_NAMES.get(each.name, ()))) for each in formats_for(kind)]


@lru_cache(maxsize=256)
def formats_of(asked: str, accept: str) -> Mapping[Kind, str]:
    """The format for each kind of answer; a kind that the client takes no format for is left to the store to refuse.

    Raises:
        FormatNotAvailable: the client takes none of all formats.
    """
    if asked:
        return dict.fromkeys(KINDS, asked)
    chosen = {kind: choose(accept, choices(kind)) for kind in KINDS}
    if not any(chosen.values()):
        names = ", ".join(each.media_type for each in FORMATS.values())
        raise FormatNotAvailable(f"None of the formats you accept is available. Available: {names}.")
    return {kind: choice.name if choice else "none" for kind, choice in chosen.items()}


@lru_cache(maxsize=256)
def wants_page(accept: str) -> bool:
    """Whether a client would rather have a page than data."""
    return choose(accept, [*choices("solutions"), *choices("triples"), HTML]) is HTML


@lru_cache
def media_type_of(name: str) -> str:
    """What a format is sent as.

    >>> media_type_of("csv")
    'text/csv; charset=utf-8'
    """
    text = FORMATS[name].media_type
    return f"{text}; charset=utf-8" if text.startswith("text/") else text
