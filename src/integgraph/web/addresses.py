"""What every address beside the JSON API gives to programs, for the one description of all of them (OpenAPI).

An :class:`Address` says what is asked, what comes back and what is refused, with an example that works on the
collection of this project. :data:`LEFT_OUT` names the routes that it leaves out, each with the reason: they are for
people, or lead on. A test holds both to the routes of the application, and calls every example.

Source: OpenAPI 3.1.1; RFC 9457 (problem details); the specifications that the rooms name themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args
from urllib.parse import parse_qsl, unquote, urlsplit

from integgraph.analysis.picture import MOST, SHOWS, STEPS
from integgraph.analysis.reports.subjects import MOST_COMPARED
from integgraph.ingest.importing import MAX_BYTES
from integgraph.ontology import LANGUAGES
from integgraph.store import FORMATS, formats_for
from integgraph.web.coverage import MOST as MOST_PLACES
from integgraph.web.reconcile import SUGGESTED
from integgraph.web.reporting import ReportKind
from integgraph.web.representations import REPRESENTATIONS

Schema = Mapping[str, Any]

TEXT: Schema = {"type": "string"}
_ANY: Schema = {}
_TRUTH: Schema = {"type": "boolean"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_BYTES: Schema = {"type": "string", "format": "binary"}
_MOST_TEXT = 300

MEANINGS: Mapping[int, str] = {
    400: "The request is malformed.",
    403: "What is asked is not done here: SERVICE, LOAD, or FROM with several graphs.",
    404: "There is no such thing; names like it are given.",
    406: "None of the accepted formats is available.",
    409: "The cursor comes from another release.",
    410: "It was withdrawn.",
    412: "The file is another one than the one you know.",
    413: "What was sent, or the answer, is larger than the limits allow.",
    415: "It was sent as something that is not read here.",
    416: "None of the bytes asked for is there.",
    422: "A parameter or value does not exist; those that do are named.",
    429: "Too many requests; Retry-After says when to come back.",
    503: "Busy, or the release cannot be read; Retry-After says when to come back.",
    504: "The deadline was reached.",
    507: "There is no space to prepare it.",
}
"""What each refusal means."""


def refusals(*statuses: int, pages: bool = False) -> dict[int | str, dict[str, Any]]:
    """Responses of a description: problems with a sentence, for readers as pages where the address has one."""
    content: dict[str, Any] = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    if pages:
        content["text/html"] = {"schema": dict(TEXT)}
    return {status: {"description": MEANINGS[status], "content": content} for status in sorted(statuses)}


def described(name: str, schema: Schema, text: str, **more: Any) -> dict[str, Any]:
    """A parameter of the query; ``more`` goes in as it is, such as ``required=True``."""
    return {"name": name, "in": "query", "required": False, "description": text, "schema": dict(schema), **more}


COMMON = (
    described("release", TEXT, "Id of a release; the newest if left out."),
    described("lang", {"type": "string", "enum": list(LANGUAGES)}, "Language of pages and labels."),
)
"""Parameters that every address takes."""


def _format(*names: str) -> dict[str, Any]:
    return described("format", {"type": "string", "enum": list(names)}, "Format; wins over the Accept header.")


def _several(name: str, text: str, **more: Any) -> dict[str, Any]:
    return described(name, {"type": "array", "items": TEXT, **more}, text, style="form", explode=True)


def _within(name: str, text: str, schema: Schema = TEXT) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "description": text, "schema": dict(schema)}


def _enum(values: Sequence[Any]) -> Schema:
    return {"type": "string", "enum": list(values)}


def _object(required: Mapping[str, Schema], *, more: bool = False, **optional: Schema) -> Schema:
    """An object that holds these; others only where ``more`` says so."""
    found = {"type": "object", "properties": {**required, **optional}, "required": list(required)}
    return found if more else {**found, "additionalProperties": False}


def _list(items: Schema = _ANY, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


def _maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _media(*types: str, schema: Schema = TEXT) -> dict[str, Schema]:
    return dict.fromkeys(types, schema)


# ---------------------------------------------------------------------------------------------------------------------
# What answers hold

_BOTH_LANGUAGES = _object(dict.fromkeys(LANGUAGES, TEXT), more=True)
_RELEASE = _object({"id": TEXT, "content_hash": TEXT})
_TABLE = _object({"title": _BOTH_LANGUAGES, "columns": _list(_BOTH_LANGUAGES), "rows": _list(_list())}, more=True)
_FIGURE = _object(dict.fromkeys(("title", "says", "basis"), _BOTH_LANGUAGES) | {"twin": _TABLE})
_SCOPED = _object({"iri": TEXT, "label": _BOTH_LANGUAGES}, more=True)
_ANSWER = _object(
    {"scope": _SCOPED, "measure": TEXT, "state": _enum(("value", "forced", "too small", "unknown")), "value": _ANY},
    more=True,
)
_SECTION = _object(
    {
        "key": TEXT,
        "question": _BOTH_LANGUAGES,
        "answers": _list(_ANSWER),
        "sentences": _list(_BOTH_LANGUAGES),
        "beside": _list(_BOTH_LANGUAGES),
        "figures": _list(_FIGURE),
        "tables": _list(_TABLE),
    }
)
_REPORT = _object(
    {
        "kind": TEXT,
        "title": _BOTH_LANGUAGES,
        "scope": _list(_SCOPED),
        "release": TEXT,
        "release_iri": TEXT,
        "created": TEXT,
        "version": TEXT,
        "facts": _list(_object({"name": _BOTH_LANGUAGES, "value": _ANY})),
        "notes": _list(_BOTH_LANGUAGES),
        "sections": _list(_SECTION),
    }
)
_TERM = _object({"id": TEXT, "iri": TEXT} | dict.fromkeys(LANGUAGES, TEXT))
_COVERAGE = _object(
    {
        "release": _RELEASE,
        "note": _BOTH_LANGUAGES,
        "fields": _list(_TERM),
        "target_groups": _list(_TERM),
        "places": _list(
            _object(
                {
                    "id": _maybe(TEXT),
                    "name": _BOTH_LANGUAGES,
                    "networks": _COUNT,
                    "known": _COUNT,
                    "summary": _object(dict.fromkeys(("pairs", "gaps", "thin", "many", "unknown"), _COUNT)),
                    "counts": _list(_list(_maybe(_COUNT))),
                }
            )
        ),
    }
)
_GRAPH = _object(
    {
        "release": TEXT,
        "position": TEXT,
        "left_out": _ANY,
        "nodes": _list(
            _object(
                {
                    "id": TEXT,
                    "page": _maybe(TEXT),
                    "label": TEXT,
                    "kind": _enum(("actor", "network")),
                    "ties": _COUNT,
                    "x": {"type": "number"},
                    "y": {"type": "number"},
                }
            )
        ),
        "listed": _list(_list(_COUNT, minItems=2, maxItems=2)),
        "reported": _list(_list(minItems=3, maxItems=3)),
    }
)
_PREVIEW = _object(
    {
        "name": TEXT,
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "release": TEXT,
        "records": _list(
            _object(
                {
                    "id": TEXT,
                    "yaml": TEXT,
                    "record": {"type": "object"},
                    "review": _list({"type": "object"}),
                    "locators": _list({"type": "object"}),
                    "confidence": {"type": "object", "additionalProperties": {"type": "number"}},
                    "problems": _list(
                        _object({"severity": TEXT, "field": _maybe(TEXT), "message": TEXT, "advice": _maybe(TEXT)})
                    ),
                }
            )
        ),
        "notes": _list(TEXT),
    }
)
_THING = _object(
    {
        "iri": TEXT,
        "id": TEXT,
        "kind": TEXT,
        "label": _maybe(TEXT),
        "fields": {"type": "object"},
        "language": TEXT,
        "release": TEXT,
        "licence": TEXT,
    },
    more=True,
)
_A_RELEASE = _object(
    {"id": TEXT, "url": TEXT, "parts": _list({"type": "object"}), "exports": _list({"type": "object"})}, more=True
)
_RELEASES = _object({"serving": TEXT, "releases": _list(_A_RELEASE), "next": _maybe(TEXT)})
_PREPARING = _object({"status": {"const": 202}, "detail": TEXT, "name": TEXT, "retry_after": _COUNT})
_FEED = _object({"version": TEXT, "title": TEXT, "items": _list({"type": "object"})}, more=True)
_HEALTH = _object({"status": _enum(("ok", "degraded", "unavailable"))}, more=True)
_MANIFEST = _object({"name": TEXT, "versions": _list(TEXT), "defaultTypes": _list({"type": "object"})}, more=True)
_TERMS = _object({"prefixes": {"type": "object"}, "terms": _list({"type": "object"})})
_CITATION = _list({"type": "object"})


# ---------------------------------------------------------------------------------------------------------------------
# Addresses


@dataclass(frozen=True, slots=True)
class Address:
    """One way to ask one address.

    Attributes:
        path: As the description writes it.
        summary: What it gives, in a line.
        answer: Media type → schema of what comes when all is well.
        example: An address that works, with the path of this template.
        parameters: Those of the path and of the query.
        refused: Statuses of refusals.
        leads: Statuses of other answers → what they mean.
        method: In small letters.
        text: What else there is to know.
        body: Media type → (schema, example) of what is posted.
        status: Of the answer when all is well.
    """

    path: str
    summary: str
    answer: Mapping[str, Schema]
    example: str
    parameters: Sequence[Mapping[str, Any]] = ()
    refused: Sequence[int] = (400, 404, 406, 422, 429, 503)
    leads: Mapping[int, str] = field(default_factory=dict)
    method: str = "get"
    text: str = ""
    body: Mapping[str, tuple[Schema, Any]] = field(default_factory=dict)
    status: int = 200

    def operation(self) -> dict[str, Any]:
        """The operation of a description."""
        content = {name: {"schema": dict(schema)} for name, schema in self.answer.items()}
        answers: dict[int | str, dict[str, Any]] = {
            self.status: {"description": "As asked.", **({"content": content} if content else {})}
        }
        answers |= {status: {"description": text} for status, text in self.leads.items()}
        if 202 in self.leads:
            answers[202]["content"] = {"application/json": {"schema": dict(_PREPARING)}}
        refused = refusals(*self.refused, pages="text/html" in self.answer)
        found: dict[str, Any] = {
            "summary": self.summary,
            "operationId": _operation_id(self.method, self.path),
            "parameters": [dict(each) for each in self.parameters],
            "responses": {str(status): told for status, told in (answers | refused).items()},
        }
        if self.text:
            found["description"] = self.text
        if self.body:
            sent = {
                name: {"schema": dict(schema), **({} if example is None else {"example": example})}
                for name, (schema, example) in self.body.items()
            }
            found["requestBody"] = {"required": True, "content": sent}
        return with_example(self.path, found, self.example)


def _operation_id(method: str, path: str) -> str:
    return "_".join([*filter(None, re.split(r"\W+", path)), method])


def with_example(path: str, operation: dict[str, Any], example: str) -> dict[str, Any]:
    """An operation with an example: the whole address in its text, its values at its parameters.

    Raises:
        ValueError: the example does not belong to the path, or has a parameter that is not described.

    >>> name = {"name": "name", "in": "path", "schema": {"type": "string"}}
    >>> told = with_example("/networks/{name}", {"summary": "A network", "parameters": [name]}, "/networks/harz")
    >>> told["description"], told["parameters"][0]["example"]
    ('Example: `/networks/harz`', 'harz')
    """
    parts = urlsplit(example)
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(path))
    fits = re.fullmatch(pattern if path.endswith("}") else pattern + r"(?:\.\w+)?", parts.path)
    if fits is None:
        raise ValueError(f"{example} is no example of {path}")
    given: dict[tuple[str, str], list[str]] = {
        ("path", name): [unquote(value)] for name, value in fits.groupdict().items()
    }
    for name, value in parse_qsl(parts.query):
        given.setdefault(("query", name), []).append(value)
    parameters = []
    for each in operation.get("parameters", ()):
        values = given.pop((each["in"], each["name"]), None)
        if values is not None:
            kind = each["schema"].get("type")
            shown: Any = values if kind == "array" else int(values[0]) if kind == "integer" else values[0]
            each = {**each, "example": shown}
        parameters.append(each)
    if given and not any(each["schema"].get("type") == "object" for each in parameters):
        raise ValueError(f"{example} has parameters that {path} does not describe: {sorted(given)}")
    text = operation.get("description", "").strip()
    return {
        **operation,
        "parameters": parameters,
        "description": f"{text}\n\nExample: `{example}`" if text else f"Example: `{example}`",
    }


def example_of(operation: Mapping[str, Any]) -> str:
    """The example in the text of an operation; empty where there is none."""
    found = re.search(r"Example: `([^`]+)`", str(operation.get("description", "")))
    return found[1] if found else ""


_RDF: Mapping[str, Schema] = {each.media_type: {} if each.name == "jsonld" else TEXT for each in formats_for("triples")}
_ROWS = {each.media_type: TEXT for each in formats_for("solutions")}
_HTML = _media("text/html")
_CSV = _media("text/csv")
_GONE = (400, 404, 406, 410, 422, 429, 503)
_NAME = _within("name", "Id: the last part of the IRI. A suffix such as '.ttl' at its end chooses the format.")


def _things() -> Iterator[Address]:
    """Linked data."""
    answer = {each.media_type: _RDF.get(each.media_type, TEXT) for each in REPRESENTATIONS.values()}
    answer["application/json"] = _THING
    text = f"Formats by Accept, or by a suffix: {', '.join('.' + each.suffix for each in REPRESENTATIONS.values())}."
    yield Address(
        "/id/{kind}/{name}",
        "The IRI of a thing: leads to its page or its data",
        {},
        "/id/network/caritas-diakonie-zora-halberstadt",
        (_within("kind", "Kind of thing, such as network, actor, membership."), _NAME, *COMMON),
        _GONE,
        {301: "Moved for good: it was merged into another."},
        text=text,
        status=303,
    )
    for path, what, example, leads in (
        ("/networks/{name}", "A network", "/networks/caritas-diakonie-zora-halberstadt.ttl", {}),
        (
            "/actors/{name}",
            "An actor",
            "/actors/stadt-halberstadt.json",
            {303: "A network that has no entry of its own as an actor: leads to the network."},
        ),
        ("/places/{name}", "A place", "/places/halberstadt.jsonld", {}),
        (
            "/profiles/{name}",
            "A profile, as it was stated",
            "/profiles/caritas-diakonie-zora-halberstadt.nt",
            {},
        ),
    ):
        yield Address(
            path,
            f"{what}: all that is known of it",
            answer,
            example,
            (_NAME, *COMMON),
            _GONE,
            {301: "Moved for good: it was merged into another.", **leads},
            text=text,
        )
    yield Address(
        "/statements/{kind}/{name}",
        "A statement: a membership, a funding flow, evidence, an absence, a group without a name",
        answer,
        "/statements/absence/caritas-diakonie-zora-halberstadt.coordination.ttl",
        (_within("kind", "Kind of statement, such as membership or funding-flow."), _NAME, *COMMON),
        _GONE,
        {301: "A thing with a page of its own has its address there."},
        text=text,
    )
    scheme, concept = _within("scheme", "Id of a vocabulary."), _within("concept", "Id of a concept of it.")
    yield Address(
        "/vocabulary/{scheme}",
        "A vocabulary with its concepts",
        answer,
        "/vocabulary/field.json",
        (scheme, *COMMON),
        text=text,
    )
    yield Address(
        "/vocabulary/{scheme}/{concept}",
        "A concept",
        answer,
        "/vocabulary/field/housing.ttl",
        (scheme, concept, *COMMON),
        text=text,
    )
    yield Address("/ontology", "The classes and properties", answer, "/ontology", COMMON, text=text)


_LISTED = ("members", "matrix", "money", "networks", "gives", "receives")


def _around_things() -> Iterator[Address]:
    """Whole lists around a thing, and how to cite it."""
    name = _within("name", "Id: the last part of the IRI.")
    for folder, of, example in (
        ("networks", "a network", "caritas-diakonie-zora-halberstadt"),
        ("actors", "an actor", "stadt-halberstadt"),
        ("statements/group", "a group without a name", "cameroon-cork-county-integration-network"),
    ):
        listed = _LISTED if folder == "networks" else _LISTED[3:]
        yield Address(
            f"/{folder}/{{name}}/{{what}}.csv",
            f"A whole list around {of}",
            _CSV,
            f"/{folder}/{example}/{listed[0]}.csv",
            (name, _within("what", "Which list.", _enum(listed)), *COMMON),
            _GONE,
        )
    for folder, of, example in (
        ("networks", "a network", "caritas-diakonie-zora-halberstadt"),
        ("actors", "an actor", "stadt-halberstadt"),
        ("places", "a place", "halberstadt"),
        ("profiles", "a profile", "caritas-diakonie-zora-halberstadt"),
    ):
        yield Address(
            f"/{folder}/{{name}}/cite.{{form}}",
            f"How to cite what is known of {of}",
            {"application/x-bibtex": TEXT, "application/vnd.citationstyles.csl+json": _CITATION},
            f"/{folder}/{example}/cite.bib",
            (name, _within("form", "BibTeX or CSL-JSON.", _enum(("bib", "json"))), *COMMON),
            _GONE,
        )


def _endpoint() -> Iterator[Address]:
    """SPARQL."""
    query = described("query", TEXT, "The query; without it, the answer is the description of the service.")
    graphs = (
        _several("default-graph-uri", "Graphs whose union is the default graph; goes before FROM."),
        _several("named-graph-uri", "Graphs that GRAPH finds; goes before FROM NAMED."),
    )
    others = (
        described("format", _enum(tuple(FORMATS)), "Format; wins over the Accept header."),
        described("stream", _enum(("0", "1")), "1: the answer is sent while it is made, without limits on its size."),
        COMMON[0],
    )
    answer = {"application/sparql-results+json": {"type": "object"}, **{**_ROWS, **_RDF, **_HTML}}
    answer["application/sparql-results+json"] = {"type": "object"}
    refused = (400, 403, 404, 406, 413, 415, 422, 429, 503, 504)
    example = "/sparql?query=SELECT%20%3Fn%20%7B%20%3Fn%20a%20ig%3ANetwork%20%7D%20LIMIT%205"
    text = (
        "SPARQL 1.1 Protocol, queries only. Rows and yes or no come as the first four types, triples as the others; a "
        f"suffix chooses, too: {', '.join('.' + each.suffix for each in FORMATS.values())}, .json, .xml."
    )
    yield Address("/sparql", "A query", answer, example, (query, *graphs, *others), refused, text=text)
    asked = "SELECT ?n { ?n a ig:Network } LIMIT 5"
    form = _object({"query": TEXT}, more=True, **{each["name"]: each["schema"] for each in graphs})
    yield Address(
        "/sparql",
        "A query that is posted",
        answer,
        "/sparql",
        others,
        refused,
        method="post",
        text=text,
        body={
            "application/x-www-form-urlencoded": (form, {"query": asked}),
            "application/sparql-query": (TEXT, asked),
        },
    )
    yield Address(
        "/sparql/terms.json",
        "Prefixes, classes, properties and concepts, for editors that complete them",
        {"application/json": _TERMS},
        "/sparql/terms.json?lang=de",
        COMMON,
    )


_REPORT_FORMS = {
    "application/json": _REPORT,
    **_media("text/csv", "text/markdown", "text/turtle", "text/html"),
}
_REPORT_FORMAT = _format("json", "csv", "md", "ttl", "html")
_PART_FORMS = {"application/json": {"anyOf": [_FIGURE, _TABLE]}, **_media("text/csv", "image/svg+xml", "text/html")}
_PART = _within(
    "part",
    "Name of a figure or table with a suffix, such as gaps-1.svg or holds-table-1.csv: .csv and .json, of figures .svg "
    "too; page.html is the whole as one file. A name that is not there is answered with those that are.",
)
_MAKING = (400, 404, 406, 422, 429, 503, 504)


def _reports() -> Iterator[Address]:
    """Comparisons and reports."""
    several = _several(
        "with",
        f"Two to {MOST_COMPARED} networks or places: id, kind/id, IRI, address of the page, NUTS code or name.",
        maxItems=MOST_COMPARED,
    )
    asked = "?with=nuts-dee&with=nuts-iti2"
    text = "Formats by 'format', by Accept, or by a suffix: .json, .csv, .md, .ttl, .html."
    yield Address(
        "/compare",
        "Networks or places beside each other",
        _REPORT_FORMS,
        f"/compare{asked}&format=json",
        (several, _REPORT_FORMAT, *COMMON),
        _MAKING,
        {303: "What was named was understood; leads to the address of this comparison."},
        text=text,
    )
    yield Address(
        "/compare/{part}",
        "A figure or table of a comparison",
        _PART_FORMS,
        f"/compare/gaps-1.svg{asked}",
        (_PART, several, *COMMON),
        _MAKING,
    )
    kinds = tuple(each for each in get_args(ReportKind) if each != "collection")
    of = (
        _within("kind", "What it is on.", _enum(kinds)),
        _within("name", "Id of the network, actor or funder, or a category of funds. A suffix chooses the format."),
    )
    moved = {301: "Moved for good: it was merged into another."}
    thing = "caritas-diakonie-zora-halberstadt"
    yield Address(
        "/report/{kind}/{name}",
        "A report on one thing",
        _REPORT_FORMS,
        f"/report/network/{thing}?format=json",
        (*of, _REPORT_FORMAT, *COMMON),
        _MAKING,
        moved,
        text=text,
    )
    yield Address(
        "/report/{kind}/{name}/{part}",
        "A figure or table of a report",
        _PART_FORMS,
        f"/report/network/{thing}/gaps-1.csv",
        (*of, _PART, *COMMON),
        _MAKING,
    )
    selecting = (
        _several("country", "Two letters, such as DE."),
        _several("place", "Id of a place; all that lies in it counts."),
        _several("field", "Concept of the vocabulary field."),
        _several("target_group", "Concept of the vocabulary target-group."),
        _several("network", "Id of a network."),
        described("since", TEXT, "Status date of the profiles: in or after this."),
        described("until", TEXT, "Status date of the profiles: in or before this."),
    )
    yield Address(
        "/report/collection",
        "A report on a collection of networks",
        _REPORT_FORMS,
        "/report/collection?place=nuts-dee&format=json",
        (*selecting, _REPORT_FORMAT, *COMMON),
        _MAKING,
        text=text,
    )
    yield Address(
        "/report/collection/{part}",
        "A figure or table of a report on a collection",
        _PART_FORMS,
        "/report/collection/gaps-1.json?place=nuts-dee",
        (_PART, *selecting, *COMMON),
        _MAKING,
    )


def _pictures() -> Iterator[Address]:
    """Coverage and the cooperation graph."""
    yield Address(
        "/coverage",
        "How many networks list a field of action and a target group together, place by place",
        {"application/json": _COVERAGE, **_CSV, **_HTML},
        "/coverage?place=nuts-dee&place=nuts-iti2&format=json",
        (
            _several("place", "Ids of places, NUTS codes or names; without one, everywhere.", maxItems=MOST_PLACES),
            _format("json", "csv", "html"),
            *COMMON,
        ),
        text="A count is a number, or null where it is not known. Formats by 'format', by Accept, or by a suffix.",
    )
    chosen = (
        _several("country", "Two letters, such as DE."),
        _several("place", "Id of a place; all that lies in it counts."),
        _several("field", "Concept of the vocabulary field."),
        _several("target_group", "Concept of the vocabulary target-group."),
        described("about", TEXT, "Id of a network or of a member: only what is around it."),
        described("steps", {"type": "integer", "enum": list(STEPS), "default": 2}, "How far around it."),
        described("show", _enum(SHOWS), "joining: actors in several networks; all: every member."),
        described("most", {"type": "integer", "minimum": 1, "maximum": MOST}, "Most nodes; others are counted."),
        *COMMON,
    )
    for suffix, what, answer in (
        ("json", "nodes with their places, and ties", {"application/json": _GRAPH}),
        ("csv", "one row a tie", _CSV),
        ("svg", "the picture", _media("image/svg+xml")),
    ):
        yield Address(
            f"/graph.{suffix}",
            f"The cooperation graph: {what}",
            answer,
            f"/graph.{suffix}?about=caritas-diakonie-zora-halberstadt",
            chosen,
        )


def _importing() -> Iterator[Address]:
    """The preview of an import."""
    documents = (
        "application/pdf",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.oasis.opendocument.spreadsheet",
        "text/html",
        "text/markdown",
        "text/csv",
        "application/octet-stream",
    )
    example = "Name of the network: Harz together\nFounding year: 2016\nMembers: Caritas Harz; Stadt Halberstadt\n"
    yield Address(
        "/import/preview",
        "What a document would become as a record; nothing is stored",
        {"application/json": _PREVIEW, **_HTML},
        "/import/preview?name=profile.txt",
        (
            described(
                "name", {"type": "string", "maxLength": _MOST_TEXT}, "Name of the file; its ending says its kind."
            ),
            _format("json", "html"),
            *COMMON,
        ),
        (400, 404, 406, 413, 415, 422, 429, 503),
        method="post",
        text=f"One document of at most {MAX_BYTES:,} bytes, as a form with a file or as the body itself.",
        body={
            "text/plain": (TEXT, example),
            "multipart/form-data": (_object({"file": _BYTES}), None),
            **dict.fromkeys(documents, (_BYTES, None)),
        },
    )


def _reconciling() -> Iterator[Address]:
    """The reconciliation service, in both versions."""
    as_json = {"application/json": {"type": "object"}}
    callback = described("callback", TEXT, "Name of a function that the answer calls (JSONP).")
    lang = COMMON[1]
    script = {**as_json, "application/javascript": TEXT}
    name = "Caritasverband f%C3%BCr das Dekanat Halberstadt".replace(" ", "%20")
    yield Address(
        "/reconcile",
        "Reconciliation 0.1 and 0.2: the manifest, or the answer to what is asked",
        script,
        f"/reconcile?queries=%7B%22q0%22%3A%7B%22query%22%3A%22{name}%22%7D%7D",
        (
            described("queries", TEXT, "A batch, as JSON: keys of your own → queries."),
            described("query", TEXT, "One query of 0.1: a name, or an object as JSON."),
            described("extend", TEXT, "Entities and properties to fetch, as JSON."),
            callback,
            lang,
        ),
        (400, 404, 406, 413, 415, 422, 429, 503, 504),
        text="Without 'queries', 'query' and 'extend' the answer is the manifest. Ask for one of them at a time.",
    )
    form = _object({}, queries=TEXT, query=TEXT, extend=TEXT, lang=_enum(LANGUAGES))
    yield Address(
        "/reconcile",
        "Reconciliation 0.1 and 0.2: a batch that is posted",
        as_json,
        "/reconcile",
        (lang,),
        (400, 404, 413, 415, 422, 429, 503, 504),
        method="post",
        body={"application/x-www-form-urlencoded": (form, {"queries": '{"q0": {"query": "Stadt Halberstadt"}}'})},
    )
    yield Address(
        "/reconcile/1.0",
        "Reconciliation, draft of 1.0: the manifest",
        {"application/json": _MANIFEST},
        "/reconcile/1.0?lang=de",
        (lang,),
    )
    refused = (400, 404, 413, 415, 422, 429, 503, 504)
    condition = _object({"matchType": _enum(("name", "property", "id")), "propertyValue": _ANY}, more=True)
    query = _object({"conditions": _list(condition)}, more=True)
    yield Address(
        "/reconcile/1.0/match",
        "Reconciliation, draft of 1.0: a batch of queries",
        {"application/json": _object({"results": _list({"type": "object"})})},
        "/reconcile/1.0/match",
        (lang,),
        refused,
        method="post",
        body={
            "application/json": (
                _object({"queries": _list(query)}, more=True),
                {"queries": [{"conditions": [{"matchType": "name", "propertyValue": "Stadt Halberstadt"}]}]},
            )
        },
    )
    yield Address(
        "/reconcile/1.0/extend",
        "Reconciliation, draft of 1.0: values of properties of entities",
        as_json,
        "/reconcile/1.0/extend",
        (lang,),
        refused,
        method="post",
        body={
            "application/json": (
                _object({"ids": _list(TEXT), "properties": _list(_object({"id": TEXT}, more=True))}, more=True),
                {"ids": ["actor/stadt-halberstadt"], "properties": [{"id": "sectors"}]},
            )
        },
    )
    limit = described("limit", {"type": "integer", "minimum": 1, "maximum": 999_999_999}, "Most of them.")
    start = {"type": "integer", "minimum": 0, "maximum": 999_999_999}
    what = _within("what", "What is suggested.", _enum(SUGGESTED))
    which = described("id", TEXT, "Id or IRI of an entity.", required=True)
    kind = described("type", TEXT, "Id of a type, such as actor.")
    asked = (400, 404, 413, 422, 429, 503, 504)
    for path, first, more, gives in (
        ("/reconcile", "cursor", (callback,), script),
        ("/reconcile/1.0", "offset", (), as_json),
    ):
        yield Address(
            f"{path}/suggest/{{what}}",
            "What begins as somebody types",
            gives,
            f"{path}/suggest/entity?prefix=halb&limit=5",
            (
                what,
                described("prefix", TEXT, "What was typed."),
                described("type", TEXT, "Ids of types, with commas between them."),
                described(first, start, "How many to pass over."),
                limit,
                *more,
                lang,
            ),
            asked,
        )
        yield Address(
            f"{path}/preview",
            "A small page on an entity, for a frame",
            _HTML,
            f"{path}/preview?id=place/halberstadt",
            (which, lang),
            (*asked, 410),
        )
        yield Address(
            f"{path}/view",
            "The way to the page of an entity",
            {},
            f"{path}/view?id=place/halberstadt",
            (which, lang),
            (*asked, 410),
            status=303,
        )
        yield Address(
            f"{path}/properties" if path == "/reconcile" else f"{path}/extend/propose",
            "Properties to extend with",
            gives,
            f"{path}/{'properties' if path == '/reconcile' else 'extend/propose'}?type=actor",
            (kind, limit, *more, lang),
            asked,
        )
    yield Address(
        "/reconcile/flyout/{what}",
        "A piece of HTML about a suggestion",
        script,
        "/reconcile/flyout/entity?id=place/halberstadt",
        (what, which, callback, lang),
        asked,
    )


def _publishing() -> Iterator[Address]:
    """Releases, their files, what changed, and how the server is."""
    name = _within("id", "Id of a release. A suffix such as '.json' chooses the format.")
    lang = COMMON[1]
    later = {202: "It is being made; come back after the seconds of Retry-After."}
    files = {304: "You have it already.", 206: "The range that was asked for."}
    refused = (400, 404, 412, 416, 429, 503, 507)
    yield Address(
        "/releases",
        "The releases, newest first",
        {"application/json": _RELEASES, **_HTML},
        "/releases",
        (described("before", TEXT, "Only those before this id; from 'next' of the page before."), *COMMON),
    )
    yield Address(
        "/releases/{id}",
        "One release: its numbers and files; as RDF, its catalogue",
        {"application/json": _A_RELEASE, **_RDF, **_HTML},
        "/releases/20261126T190144Z-7fb7a7c9.json",
        (name, lang),
    )
    yield Address(
        "/releases/{id}/changes",
        "What changed since the release before",
        {"application/json": {"type": "object"}, **_HTML},
        "/releases/20261126T190144Z-7fb7a7c9/changes",
        (_within("id", "Id of a release."), lang),
        (*_MAKING, 507),
        {**later, 304: "You have it already."},
    )
    yield Address(
        "/releases/{id}/{name}",
        "A file of a release, or one that is made of it",
        _media(
            "application/n-quads",
            "application/trig",
            "application/ld+json",
            "application/json",
            "application/csvm+json",
            "application/gzip",
            "application/vnd.apache.parquet",
            "application/xml",
            "text/csv",
            "text/turtle",
            "application/octet-stream",
            schema=_ANY,
        ),
        "/releases/20261126T190144Z-7fb7a7c9/manifest.json",
        (
            _within("id", "Id of a release."),
            _within("name", "Name of the file, such as dump.nq or tables/networks.csv; /releases/{id} lists them."),
            lang,
        ),
        refused,
        {**later, **files},
    )
    for path, what, kind in (
        ("/dump.nq", "Every statement of the release that serves", "application/n-quads"),
        ("/shapes.ttl", "The shapes that its data were checked with", "text/turtle"),
        ("/context.jsonld", "The JSON-LD context of the form", "application/ld+json"),
    ):
        yield Address(path, what, {kind: _ANY}, path, (COMMON[0],), refused, files)
    yield Address(
        "/catalogue",
        "The release that serves as DCAT-AP and VoID",
        _RDF,
        "/catalogue.ttl",
        COMMON,
        leads={303: "A browser is led to the page of the releases."},
        text=f"Formats by Accept, or by a suffix: {', '.join('.' + each.suffix for each in formats_for('triples'))}.",
    )
    yield Address("/.well-known/void", "Leads to the catalogue", {}, "/.well-known/void", (COMMON[0],), status=303)
    for path, kind, schema in (
        ("/changes.atom", "application/atom+xml", TEXT),
        ("/changes.json", "application/feed+json", _FEED),
    ):
        yield Address(
            path,
            "Profiles that came, changed and went, release by release",
            {kind: schema},
            f"{path}?lang=de",
            COMMON,
            (400, 404, 429, 503, 507),
        )
    yield Address(
        "/health",
        "Whether release and workers are well",
        {"application/json": _HEALTH},
        "/health?live=1",
        (described("live", TEXT, "Anything: only whether the process answers."),),
        (400, 404),
        {503: "Something is damaged, or no worker answers; the answer says what."},
    )
    yield Address("/metrics", "Numbers for Prometheus", _media("text/plain"), "/metrics", (), (400, 404, 429, 503))


def addresses() -> tuple[Address, ...]:
    """Every address beside the JSON API that gives data to programs."""
    rooms = (_endpoint, _things, _around_things, _reports, _pictures, _importing, _reconciling, _publishing)
    return tuple(each for room in rooms for each in room())


def paths() -> dict[str, dict[str, Any]]:
    """The same as the paths of a description.

    >>> sorted(paths()["/sparql"])
    ['get', 'post']
    """
    found: dict[str, dict[str, Any]] = {}
    for each in addresses():
        found.setdefault(each.path, {})[each.method] = each.operation()
    return found


# ---------------------------------------------------------------------------------------------------------------------
# What is no data

_FOR_PEOPLE = "a page for people"
_LEADS_ON = "leads to the address with its slash"

LEFT_OUT: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "/",
            "/search",
            "/data",
            "/about",
            "/about/measures",
            "/about/measures/{key}",
            "/about/privacy",
            "/about/accessibility",
            "/about/sources",
            "/report",
        ),
        _FOR_PEOPLE,
    ),
    **dict.fromkeys(("/networks/", "/actors/", "/funders/", "/places/"), f"{_FOR_PEOPLE}; the list is under /api"),
    "/profiles/": f"{_FOR_PEOPLE}; the profiles of a network stand with it",
    "/vocabulary/": f"{_FOR_PEOPLE}; the list is /api/vocabularies",
    "/map": f"{_FOR_PEOPLE}; its networks are those of /api/networks with the same filters",
    "/graph": f"{_FOR_PEOPLE}; its data are /graph.json and /graph.csv",
    "/import": f"{_FOR_PEOPLE}; programs post to /import/preview",
    **dict.fromkeys(
        (
            "/networks",
            "/actors",
            "/funders",
            "/places",
            "/profiles",
            "/vocabulary",
            "/releases/",
            "/reconcile/",
            "/reconcile/1.0/",
        ),
        _LEADS_ON,
    ),
    **dict.fromkeys(
        ("/places/{name}/{what}.csv", "/profiles/{name}/{what}.csv"),
        "places and profiles take part in nothing; networks of a place are those of /api/networks with its region",
    ),
    "/report/{kind}": "answers for /report/collection; of other kinds it asks for a name",
    "/static": "style sheets, scripts and pictures of the pages",
}
"""Routes that the description leaves out, each with the reason."""
