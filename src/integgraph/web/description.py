"""The description of the SPARQL endpoint, made from what the server does.

Source: SPARQL 1.1 Service Description (W3C, 2013); the names of formats are those of W3C's list of file formats.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response

from integgraph.errors import FormatNotAvailable
from integgraph.ontology import PREFIXES, RDF, XSD
from integgraph.release import measurements_graph
from integgraph.store import FORMATS, formats_for
from integgraph.web.caching import cached
from integgraph.web.negotiation import Choice, choose
from integgraph.web.protocol import no_query
from integgraph.web.site import Site, site_of
from integgraph.web.urls import origin_of

SD = "http://www.w3.org/ns/sparql-service-description#"
VOID = "http://rdfs.org/ns/void#"
DCT = "http://purl.org/dc/terms/"
_FILE_FORMATS = "http://www.w3.org/ns/formats/"
_NAMES = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "turtle": "Turtle",
    "ntriples": "N-Triples",
    "jsonld": "JSON-LD",
    "rdfxml": "RDF_XML",
}
_MOST_GRAPHS = 1_000
_GRAPHS = "SELECT ?g { ?g a ig:Profile } ORDER BY ?g LIMIT 1001"
_TABLES = """
SELECT ?g ?title ?source WHERE {
  ?g prov:wasGeneratedBy ?reading ; dct:title ?title ; dct:source ?source . ?source dct:identifier ?id
} ORDER BY ?g LIMIT 1001
"""


def answer(request: Request) -> Response:
    """The description in the format that the client wants.

    Raises:
        FormatNotAvailable: it names a format that cannot hold it.
        QuerySyntaxError: it wants none of those there are, so a query must have been meant.
    """
    offered = [Choice(each.name, (each.media_type,)) for each in formats_for("triples")]
    named = request.query_params.get("format")
    chosen = choose(request.headers.get("accept"), offered)
    name = named or (chosen.name if chosen else "")
    if not name:
        raise no_query()
    if name not in {each.name for each in offered}:
        names = ", ".join(each.media_types[0] for each in offered)
        raise FormatNotAvailable(f"The description of this endpoint is available as {names}.")
    form, site = FORMATS[name], site_of(request)
    address = origin_of(request) + site.urls.at("/sparql")

    def make() -> Response:
        prefixes = {**PREFIXES, "sd": SD, "void": VOID}
        body = ox.serialize(_triples(site, address), format=form.engine, prefixes=prefixes)
        return Response(body, media_type=form.media_type)

    return cached(request, f"description {address} {name}", "Accept", make)


def _triples(site: Site, address: str) -> Iterator[ox.Triple]:
    service, dataset, view = (ox.NamedNode(address + part) for part in ("#service", "#dataset", "#view"))

    def say(subject: ox.NamedNode, name: str, *values: ox.NamedNode | ox.Literal) -> Iterator[ox.Triple]:
        for value in values:
            yield ox.Triple(subject, ox.NamedNode(name), value)

    def number(value: int) -> ox.Literal:
        return ox.Literal(str(value), datatype=ox.NamedNode(XSD + "integer"))

    counts = site.release.manifest["counts"]
    yield from say(service, RDF + "type", ox.NamedNode(SD + "Service"))
    yield from say(service, SD + "endpoint", ox.NamedNode(address))
    yield from say(service, SD + "supportedLanguage", ox.NamedNode(SD + "SPARQL11Query"))
    yield from say(
        service, SD + "resultFormat", *(ox.NamedNode(_FILE_FORMATS + _NAMES[each.name]) for each in FORMATS.values())
    )
    yield from say(service, SD + "defaultDataset", dataset)
    yield from say(service, DCT + "description", *(ox.Literal(text, language=code) for code, text in _limits(site)))
    yield from say(dataset, RDF + "type", ox.NamedNode(SD + "Dataset"))
    yield from say(dataset, SD + "defaultGraph", view)
    yield from say(dataset, VOID + "triples", number(counts["quads"]))
    yield from say(dataset, DCT + "license", ox.NamedNode(site.release.manifest["licence"]))
    yield from say(dataset, DCT + "identifier", ox.Literal(site.release.id))
    yield from say(view, RDF + "type", ox.NamedNode(SD + "Graph"))
    yield from say(view, DCT + "description", *(ox.Literal(text, language=code) for code, text in _VIEW))
    graphs = site.store.select(_GRAPHS).column("g")
    measurements = ox.NamedNode(f"{address}#measurements")
    yield from say(dataset, SD + "namedGraph", measurements)
    yield from say(measurements, RDF + "type", ox.NamedNode(SD + "NamedGraph"))
    yield from say(measurements, SD + "name", ox.NamedNode(measurements_graph(site.release.base_iri)))
    yield from say(
        measurements, DCT + "description", *(ox.Literal(text, language=code) for code, text in _MEASUREMENTS)
    )
    yield from say(dataset, VOID + "uriSpace", ox.Literal(f"{site.release.base_iri}profile/"))
    for graph in graphs if len(graphs) <= _MOST_GRAPHS else ():
        name = str(graph)
        entry = ox.NamedNode(f"{address}#graph-{name.rpartition('/')[2]}")
        yield from say(dataset, SD + "namedGraph", entry)
        yield from say(entry, RDF + "type", ox.NamedNode(SD + "NamedGraph"))
        yield from say(entry, SD + "name", ox.NamedNode(name))
    for row in site.store.select(_TABLES).records():
        name = str(row["g"])
        entry = ox.NamedNode(f"{address}#table-{name.rpartition('/')[2]}")
        yield from say(dataset, SD + "namedGraph", entry)
        yield from say(entry, RDF + "type", ox.NamedNode(SD + "NamedGraph"))
        yield from say(entry, SD + "name", ox.NamedNode(name))
        yield from say(entry, DCT + "title", ox.Literal(str(row["title"])))
        yield from say(entry, DCT + "source", ox.NamedNode(str(row["source"])))
        yield from say(entry, DCT + "description", *(ox.Literal(text, language=code) for code, text in _TABLE))


_VIEW = (
    ("en", "The current view: the newest answer to every question, canonical actors, derived facts. Every named graph "
           "but the one of measurements is one profile, or one imported table, as it was stated. Graphs that a request "
           "names are merged; a triple in several counts once."),
    ("de", "Die aktuelle Sicht: die neueste Antwort auf jede Frage, kanonische Akteure, abgeleitete Tatsachen. Jeder "
           "benannte Graph außer dem der Messungen ist ein Profil oder eine importierte Tabelle, wie angegeben. "
           "Graphen, die eine Anfrage nennt, werden vereinigt; ein Tripel in mehreren zählt einmal."),
)  # fmt: skip
_TABLE = (
    ("en", "An imported table: its rows as funding flows, each with the number of its row (ig:position), and the "
           "actors that they name, as the table states them."),
    ("de", "Eine importierte Tabelle: ihre Zeilen als Förderungen, jede mit der Nummer ihrer Zeile (ig:position), "
           "und die Akteure, die sie nennen, wie die Tabelle sie angibt."),
)  # fmt: skip
_MEASUREMENTS = (
    ("en", "Measurements: answers on structure and governance that were worked out from the current view of this "
           "release, with their state; no source states them, and the current view does not hold them."),
    ("de", "Messungen: Antworten zu Aufbau und Steuerung, die aus der aktuellen Sicht dieser Ausgabe berechnet sind, "
           "mit ihrem Zustand; keine Quelle gibt sie an, und die aktuelle Sicht enthält sie nicht."),
)  # fmt: skip


def _limits(site: Site) -> tuple[tuple[str, str], ...]:
    rules, bounds = site.lanes.rules, site.limits
    seconds, size, rows = f"{rules.deadline:g}", f"{bounds.answer_bytes:,}", f"{bounds.answer_rows:,}"
    return (
        ("en", f"Queries only; no updates, no SERVICE. A query has {seconds} seconds and an answer up to {rows} rows "
               f"or triples and {size} bytes; beyond that the answer is an error, never a part."),
        ("de", f"Nur Abfragen; keine Änderungen, kein SERVICE. Eine Abfrage hat {seconds} Sekunden und eine Antwort "
               f"bis zu {rows} Zeilen oder Tripel und {size} Bytes; darüber hinaus ist die Antwort ein Fehler, nie ein "
               "Teil."),
    )  # fmt: skip
