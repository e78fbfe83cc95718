"""The page of the endpoint: an editor, the answer as a table, a chart and a picture, or what is wrong and where.

The answer of a page is asked as programs ask, within the same limits. Its first rows are shown; the whole of it is one
button away, in every format. A chart is drawn where there is one number a row, a picture where things are joined.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integgraph.analysis.layout import layout
from integgraph.errors import IntegGraphError
from integgraph.ontology import IG, PREFIXES, RDF, RDFS, SKOS, VOCABULARY, Ontology
from integgraph.questions import load_questions
from integgraph.web import pages
from integgraph.web.caching import cached
from integgraph.web.site import Site, site_of
from integgraph.web.words import numeral, say

SHOWN_ROWS = 200
_BARS, _NODES = 40, 250
_EXAMPLES = ("stated-no-coordinator", "funders", "actors-in-several-networks", "what-is-forced", "who-said-so")
_LINE = re.compile(r"[Ll]ine (\d+)(?:, column (\d+))?")
_WIDE, _BAR, _LABEL = 720.0, 22.0, 250.0
_PREDICATES = (RDF + "type", RDFS + "label", SKOS + "prefLabel")


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer for the eye.

    Attributes:
        kind: ``boolean``, ``solutions`` or ``triples``.
        truth: Of a yes-no question.
        variables, rows: Of rows, those that are shown; a row maps variables to terms as SPARQL JSON has them.
        count: How many rows or triples the answer has.
        text: Triples as Turtle.
        chart, picture: As SVG; empty where the answer has none.
        drawn: How many rows or nodes the chart or picture has, where that is not all.
    """

    kind: str
    truth: bool = False
    variables: tuple[str, ...] = ()
    rows: tuple[Mapping[str, Any], ...] = ()
    count: int = 0
    text: str = ""
    chart: str = ""
    picture: str = ""
    drawn: Mapping[str, int] = field(default_factory=dict)


def shown(media_type: str, body: bytes, language: str) -> Shown:
    """What a page shows of an answer.

    Args:
        media_type: Of the answer: SPARQL JSON, or Turtle.
        body: The whole answer.
        language: Of the words in the pictures.
    """
    if "json" not in media_type:
        return _triples(body, language)
    document = json.loads(body)
    if "boolean" in document:
        return Shown("boolean", truth=bool(document["boolean"]))
    rows, variables = document["results"]["bindings"], document["head"]["vars"]
    chart, bars = _chart(rows, variables, language)
    ties = _joined(rows, variables)
    picture, nodes = _picture(ties, language)
    return Shown(
        "solutions",
        variables=tuple(variables),
        rows=tuple(rows[:SHOWN_ROWS]),
        count=len(rows),
        chart=chart,
        picture=picture,
        drawn={"chart": bars, "picture": nodes},
    )


def _triples(body: bytes, language: str) -> Shown:
    found = list(ox.parse(body, format=ox.RdfFormat.TURTLE))
    names = {
        each.subject.value: each.object.value
        for each in found
        if isinstance(each.subject, ox.NamedNode)
        and isinstance(each.object, ox.Literal)
        and each.predicate.value in _PREDICATES
    }
    ties = [
        (_name(each.subject.value, names), _name(each.object.value, names))
        for each in found
        if isinstance(each.subject, ox.NamedNode)
        and isinstance(each.object, ox.NamedNode)
        and each.predicate.value != RDF + "type"
    ]
    picture, nodes = _picture(ties, language)
    return Shown("triples", count=len(found), text=body.decode(), picture=picture, drawn={"picture": nodes})


def _name(iri: str, names: Mapping[str, str]) -> str:
    return names.get(iri) or re.split(r"[/#]", iri.rstrip("/#"))[-1]


# ---------------------------------------------------------------------------------------------------------------------
# Charts and pictures


def _number(term: Mapping[str, Any] | None) -> float | None:
    if term is None or term["type"] != "literal":
        return None
    kind = term.get("datatype", "").rpartition("#")[2]
    if kind not in ("integer", "decimal", "double", "float"):
        return None
    try:
        value = float(term["value"])
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _chart(rows: Sequence[Mapping[str, Any]], variables: Sequence[str], language: str) -> tuple[str, int]:
    """Bars, where every row has one number and something that names it; how many of the rows they are."""
    numeric = [name for name in variables if rows and all(_number(row.get(name)) is not None for row in rows)]
    named = [name for name in variables if name not in numeric and any(name in row for row in rows)]
    if len(numeric) != 1 or not named or len(rows) < 2:
        return "", 0
    value, label = numeric[0], _telling(rows, named)
    bars = [(_word(row.get(label)), _number(row[value]) or 0.0) for row in rows[:_BARS]]
    return "".join(_bars(bars, value, language)), len(bars)


def _telling(rows: Sequence[Mapping[str, Any]], named: Sequence[str]) -> str:
    """The column to name bars by: the first of texts, else the first."""
    texts = (name for name in named if all(row.get(name, {"type": "literal"})["type"] == "literal" for row in rows))
    return next(texts, named[0])


def _word(term: Mapping[str, Any] | None) -> str:
    if term is None:
        return "–"
    text = str(term["value"]) if term["type"] == "literal" else _name(str(term["value"]), {})
    return text if len(text) <= 33 else text[:32] + "…"


def _bars(bars: Sequence[tuple[str, float]], title: str, language: str) -> Iterator[str]:
    low, high = min(0.0, *(value for _, value in bars)), max(0.0, *(value for _, value in bars))
    room = _WIDE - _LABEL - 80
    scale = room / (high - low) if high > low else 0.0
    zero = _LABEL - low * scale
    height = _BAR * len(bars) + 8
    name = escape(say("querying chart of", language, name=title))
    yield f'<svg class="bars" viewBox="0 0 {_WIDE:.0f} {height:.0f}" role="img" aria-label="{name}">'
    for at, (label, value) in enumerate(bars):
        y = at * _BAR + 4
        left, wide = (zero, value * scale) if value >= 0 else (zero + value * scale, -value * scale)
        yield f'<text x="{_LABEL - 8:.0f}" y="{y + 14:.0f}" text-anchor="end">{escape(label)}</text>'
        yield f'<rect x="{left:.1f}" y="{y:.0f}" width="{max(wide, 0.5):.1f}" height="{_BAR - 6:.0f}"/>'
        end = max(left + wide, zero) + 6
        yield f'<text class="value" x="{end:.1f}" y="{y + 14:.0f}">{_figure(value, language)}</text>'
    yield f'<path class="axis" d="M{zero:.1f} 0V{height:.0f}"/></svg>'


def _figure(value: float, language: str) -> str:
    if value == int(value) and abs(value) < 1e15:
        return numeral(int(value), language)
    text = f"{value:,.4g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "de" else text


def _joined(rows: Sequence[Mapping[str, Any]], variables: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of the first two columns that hold things."""
    things = [name for name in variables if rows and any(row.get(name, {}).get("type") == "uri" for row in rows)][:2]
    if len(things) < 2:
        return []
    labels = {
        thing: next((name for name in variables if name.lower().startswith(thing.lower()) and name != thing), thing)
        for thing in things
    }

    def named(row: Mapping[str, Any], thing: str) -> str:
        label = row.get(labels[thing])
        return str(label["value"]) if label and label["type"] == "literal" else _name(str(row[thing]["value"]), {})

    return [
        (named(row, things[0]), named(row, things[1]))
        for row in rows
        if all(row.get(name, {}).get("type") == "uri" for name in things)
    ]


def _picture(ties: Sequence[tuple[str, str]], language: str) -> tuple[str, int]:
    """Things and lines between them; how many things are drawn."""
    places: dict[str, int] = {}
    pairs: list[tuple[int, int]] = []
    for first, second in ties:
        new = {name for name in (first, second) if name not in places}
        if first != second and len(places) + len(new) <= _NODES:
            pairs.append((places.setdefault(first, len(places)), places.setdefault(second, len(places))))
    if len(pairs) < 2:
        return "", 0
    points = layout(len(places), np.array(pairs))
    return "".join(_nodes(list(places), pairs, points, language)), len(places)


def _nodes(names: Sequence[str], pairs: Sequence[tuple[int, int]], points: Any, language: str) -> Iterator[str]:
    scale, margin = 0.5 * (_WIDE - 120), 60.0
    low, high = points.min(0), points.max(0)
    height = float(high[1] - low[1]) * scale + 2 * margin
    at = (points - [(low[0] + high[0]) / 2, low[1]]) * [scale, -scale] + [_WIDE / 2, height - margin]
    title = escape(say("querying picture of", language))
    yield f'<svg class="joined" viewBox="0 0 {_WIDE:.0f} {height:.0f}" role="img" aria-label="{title}">'
    lines = "".join(
        f"M{at[one, 0]:.0f} {at[one, 1]:.0f}L{at[two, 0]:.0f} {at[two, 1]:.0f}" for one, two in dict.fromkeys(pairs)
    )
    yield f'<path class="lines" d="{lines}"/>'
    for number, name in enumerate(names):
        yield f'<g><title>{escape(name)}</title><circle cx="{at[number, 0]:.0f}" cy="{at[number, 1]:.0f}" r="5"/></g>'
    if len(names) <= 60:
        for number, name in enumerate(names):
            text = name if len(name) <= 28 else name[:27] + "…"
            x, y = at[number, 0], at[number, 1] - 9
            yield f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="middle">{escape(text)}</text>'
    yield "</svg>"


# ---------------------------------------------------------------------------------------------------------------------
# The page


def page(
    request: Request,
    query: str | None,
    answer: Shown | None = None,
    error: IntegGraphError | None = None,
    status: int = 200,
) -> Response:
    """The editor, with an answer or with what is wrong.

    Args:
        request: The request.
        query: What was asked; an example where nothing was.
        answer: The answer for the eye.
        error: Why there is none.
        status: Of the response.
    """
    site, language = site_of(request), pages.language_of(request)
    found = _LINE.search(str(error)) if error else None
    response = pages.render(
        request,
        "sparql.html",
        status=status,
        asked=pages.EXAMPLE if query is None else query,
        prefixes=PREFIXES,
        answer=answer,
        error=str(error) if error else "",
        line=int(found[1]) if found else 0,
        column=int(found[2] or 1) if found else 0,
        source=_source_line(query or "", int(found[1])) if found else "",
        limits=site.limits,
        short=lambda iri: iri.removeprefix(site.urls.base_iri),
        examples=_examples(site, language),
    )
    response.headers["vary"] = pages.VARY
    return response


def _source_line(query: str, number: int) -> str:
    lines = query.splitlines()
    return lines[number - 1][:200] if 0 < number <= len(lines) else ""


def _examples(site: Site, language: str) -> list[tuple[str, str]]:
    """Titles and queries of some questions that need no parameters."""
    known = _questions(site.ontology.folder)
    return [(known[name].titles[language], known[name].query) for name in _EXAMPLES if name in known]


@lru_cache(maxsize=4)
def _questions(folder: Path) -> Mapping[str, Any]:
    return {each.id: each for each in load_questions(folder).values() if not each.parameters}


def terms(request: Request) -> Response:
    """``/sparql/terms.json``: what the editor completes: prefixes, classes, properties, terms of the vocabularies."""
    site, language = site_of(request), pages.language_of(request)
    return cached(
        request,
        f"terms {language}",
        "Accept-Language",
        lambda: JSONResponse({"prefixes": dict(PREFIXES), "terms": list(_terms(site.ontology, language))}),
    )


def _terms(ontology: Ontology, language: str) -> Iterator[dict[str, str]]:
    told: dict[str, dict[str, str]] = {}
    kinds: dict[str, str] = {}
    for triple in ontology.triples:
        if not isinstance(triple.subject, ox.NamedNode) or not triple.subject.value.startswith(IG):
            continue
        iri, value = triple.subject.value, triple.object
        if triple.predicate.value == RDF + "type" and isinstance(value, ox.NamedNode):
            kinds.setdefault(iri, "class" if value.value.endswith("#Class") else "property")
        elif isinstance(value, ox.Literal) and value.language == language:
            told.setdefault(iri, {})[triple.predicate.value] = value.value
    for iri in sorted(told):
        if SKOS + "definition" in told[iri]:
            yield {
                "name": f"ig:{iri.removeprefix(IG)}",
                "label": told[iri].get(RDFS + "label", ""),
                "text": told[iri][SKOS + "definition"],
                "kind": kinds.get(iri, "property"),
            }
    for scheme in ontology.schemes.values():
        for concept in scheme.concepts.values():
            yield {
                "name": f"<{VOCABULARY}{scheme.id}/{concept.id}>",
                "label": concept.label(language),
                "text": scheme.label(language),
                "kind": "constant",
            }


ROUTES = [Route("/sparql/terms.json", terms)]
