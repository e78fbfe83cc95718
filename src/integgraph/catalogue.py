"""The catalogue entry of a release: DCAT-AP for data portals, VoID for users of linked data, in one graph.

It says what a release is, who publishes it under which licence, where its files are and how large, which release came
before, and how many entities and triples it holds. Every figure is taken from the manifest; nothing is counted here.
Every node has a name, so the same manifest always gives the same triples::

    <root>releases                      the series that all releases belong to (dcat:DatasetSeries)
    <root>releases/<id>                 the release (dcat:Dataset, void:Dataset)
    <root>releases/<id>#catalogue       the catalogue that lists it (dcat:Catalog)
    <root>releases/<id>#<part>          one file of it (dcat:Distribution), which lies at <root>releases/<id>/<part>
    <root>releases/<id>#sparql          the query service at <root>sparql (dcat:DataService)
    <root>releases/<id>#view, #profiles its default graph and the graphs of its profiles (void:Dataset)
    <root>releases/<id>#measurements    its graph of measurements, <root>measurements (void:Dataset)
    <root>releases/<id>#links/<predicate>/<space>, #elsewhere/<space>  links to a collection, and that collection

Sources: `DCAT 3 <https://www.w3.org/TR/vocab-dcat-3/>`_,
`DCAT-AP 3.0.1 <https://semiceu.github.io/DCAT-AP/releases/3.0.1/>`_, `VoID <https://www.w3.org/TR/void/>`_.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

import pyoxigraph as ox

from integgraph.errors import ReleaseError
from integgraph.ontology import DCT, IG, OWL, PROV, RDF, SKOS, XSD
from integgraph.release import measurements_graph

DCAT = "http://www.w3.org/ns/dcat#"
FOAF = "http://xmlns.com/foaf/0.1/"
SPDX = "http://spdx.org/rdf/terms#"
VOID = "http://rdfs.org/ns/void#"

PREFIXES: Mapping[str, str] = {
    "dcat": DCAT,
    "dct": DCT,
    "foaf": FOAF,
    "owl": OWL,
    "prov": PROV,
    "skos": SKOS,
    "spdx": SPDX,
    "void": VOID,
    "xsd": XSD,
}
"""Prefixes to write the catalogue with."""

_AUTHORITY = "http://publications.europa.eu/resource/authority/"
_MEDIA_TYPE = "https://www.iana.org/assignments/media-types/"
_N_QUADS = "http://www.w3.org/ns/formats/N-Quads"
_PROTOCOL = "http://www.w3.org/TR/sparql11-protocol/"
_SHACL = "https://www.w3.org/TR/shacl/"
_ONTOLOGY = IG.removesuffix("#")
_SHAPES = _ONTOLOGY.removesuffix("ontology") + "shapes"

_FORMATS: Mapping[str, tuple[str, str, str]] = {
    ".csv": ("text/csv", "CSV", "CSV"),
    ".jsonld": ("application/ld+json", "JSON_LD", "JSON-LD"),
    ".nq": ("application/n-quads", "RDF_N_QUADS", "N-Quads"),
    ".parquet": ("application/vnd.apache.parquet", "PARQUET", "Parquet"),
    ".ttl": ("text/turtle", "RDF_TURTLE", "Turtle"),
}
"""Suffix of a part → IANA media type, EU file type, name. A part of another kind (store, index) is not offered."""

_TITLES: Mapping[str, tuple[str, str]] = {
    "dump.nq": ("All statements (N-Quads)", "Alle Aussagen (N-Quads)"),
    "shapes.ttl": ("The form as SHACL shapes (Turtle)", "Das Formular als SHACL-Shapes (Turtle)"),
    "context.jsonld": ("JSON-LD context of the form", "JSON-LD-Kontext des Formulars"),
}
_KEYWORDS = (
    ("migration", "Migration"),
    ("social inclusion", "soziale Teilhabe"),
    ("integration of migrants and refugees", "Integration von Zugewanderten und Geflüchteten"),
    ("networks of organisations", "Netzwerke von Organisationen"),
)
_LANGUAGES = ("ENG", "DEU")

_Node = ox.NamedNode | ox.Literal
_Statement = tuple[str, _Node]


def catalogue(
    manifest: Mapping[str, Any], *, previous: str | None, sources: Iterable[Mapping[str, str]] = ()
) -> list[ox.Triple]:
    """Describe a release for catalogues.

    Args:
        manifest: The manifest of the release, with ``statistics``: the triples, classes and properties of the current
            view, the number and triples of the profile graphs, and the triples of measurements.
            ``statistics.view.entities``, the number of things described in the view, is stated if it is there;
            ``statistics.linksets``, a list of ``name``, ``space``, ``predicate`` and ``triples``, says how many links
            lead to which other collection.
        previous: Id of the release before this one, if there is one.
        sources: What the release was made from: ``iri`` and, if known, ``title`` of each document.

    Returns:
        Sorted triples without blank nodes.

    Raises:
        ReleaseError: the base IRI, the licence or a source is not an IRI.

    >>> manifest = {
    ...     "id": "20261124T165226Z-2480d308",
    ...     "created": "2026-11-24T16:52:26Z",
    ...     "content_hash": "2480d308",
    ...     "base_iri": "https://w3id.org/integgraph/id/",
    ...     "licence": "https://creativecommons.org/licenses/by/4.0/",
    ...     "versions": {"integgraph": "0.1.0", "ontology": "0.1.0"},
    ...     "counts": {"networks": 3, "profiles": 4},
    ...     "inputs": [],
    ...     "parts": {"dump.nq": {"bytes": 12, "sha256": "00ff"}},
    ...     "statistics": {
    ...         "view": {"triples": 9, "classes": {}, "properties": {}},
    ...         "profile_graphs": 4,
    ...         "profile_triples": 3,
    ...         "measurement_triples": 2,
    ...     },
    ... }
    >>> for triple in catalogue(manifest, previous=None):
    ...     if triple.predicate.value.endswith(("#downloadURL", "#triples")):
    ...         print(triple.object)
    <https://w3id.org/integgraph/releases/20261124T165226Z-2480d308/dump.nq>
    "2"^^<http://www.w3.org/2001/XMLSchema#integer>
    "3"^^<http://www.w3.org/2001/XMLSchema#integer>
    "9"^^<http://www.w3.org/2001/XMLSchema#integer>
    "14"^^<http://www.w3.org/2001/XMLSchema#integer>
    """
    names = _Names(str(manifest["base_iri"]).removesuffix("id/"), str(manifest["id"]))
    documents = sorted(sources, key=lambda each: each["iri"])
    triples = {
        *_catalogue(manifest, names),
        *_series(manifest, names),
        *_dataset(manifest, names),
        *_lineage(manifest, names, documents),
        *_previous(names, previous),
        *_service(manifest, names),
        *_statistics(manifest, names),
        *_linksets(manifest["statistics"].get("linksets", ()), names),
        *_outside(manifest, names),
    }
    for name, part in manifest["parts"].items():
        triples.update(_distribution(manifest, names, name, part))
    return sorted(triples, key=str)


_ADDRESSES = frozenset(
    (DCAT + "accessURL", DCAT + "downloadURL", DCAT + "endpointURL", VOID + "dataDump", VOID + "sparqlEndpoint")
)


def at_server(triples: Iterable[ox.Triple], root: str, server: str) -> list[ox.Triple]:
    """The same description with the addresses of the server that gives it; what things are called stays as it is.

    Args:
        triples: A catalogue.
        root: Where its addresses begin: the base IRI without its ``id/``.
        server: Where they begin on this server, with a slash at its end.

    >>> download = ox.NamedNode(DCAT + "downloadURL")
    >>> part = ox.NamedNode("https://e.example/releases/1#dump.nq")
    >>> file = ox.NamedNode("https://e.example/releases/1/dump.nq")
    >>> for triple in at_server([ox.Triple(part, download, file)], "https://e.example/", "http://localhost:8000/"):
    ...     print(triple.subject, triple.object)
    <https://e.example/releases/1#dump.nq> <http://localhost:8000/releases/1/dump.nq>
    """

    def moved(triple: ox.Triple) -> ox.Triple:
        value = triple.object
        if triple.predicate.value not in _ADDRESSES or not isinstance(value, ox.NamedNode):
            return triple
        if not value.value.startswith(root):
            return triple
        return ox.Triple(triple.subject, triple.predicate, _iri(server + value.value[len(root) :]))

    return sorted(map(moved, triples), key=str)


@dataclass(frozen=True, slots=True)
class _Names:
    """The IRIs of one release: everything lies under ``root``, the base IRI without its ``id/``."""

    root: str
    id: str

    @property
    def series(self) -> ox.NamedNode:
        return _iri(f"{self.root}releases")

    @property
    def publisher(self) -> ox.NamedNode:
        return _iri(f"{self.root}#contributors")

    @property
    def endpoint(self) -> ox.NamedNode:
        return _iri(f"{self.root}sparql")

    @property
    def measurements(self) -> ox.NamedNode:
        return _iri(measurements_graph(self.root))

    @property
    def release(self) -> ox.NamedNode:
        return self.release_of(self.id)

    def release_of(self, name: str) -> ox.NamedNode:
        """The IRI of a release, this one or another."""
        return _iri(f"{self.root}releases/{name}")

    def file(self, part: str) -> ox.NamedNode:
        """Where a part can be downloaded."""
        return _iri(f"{self.release.value}/{quote(part)}")

    def fragment(self, name: str) -> ox.NamedNode:
        """A node that belongs to the description of the release; what may not stand in a fragment is escaped."""
        return _iri(f"{self.release.value}#{quote(name, safe='/:')}")


# -- DCAT


def _catalogue(manifest: Mapping[str, Any], names: _Names) -> Iterator[ox.Triple]:
    yield from _about(
        names.fragment("catalogue"),
        _type(DCAT + "Catalog"),
        *_texts(DCT + "title", f"Catalogue of release {names.id}", f"Katalog der Ausgabe {names.id}"),
        *_texts(
            DCT + "description",
            "Lists this release of integgraph and the service that answers queries on it.",
            "Verzeichnet diese Ausgabe von integgraph und den Dienst, der Abfragen an sie beantwortet.",
        ),
        *_published(manifest, names),
        *_languages(),
        (DCAT + "themeTaxonomy", _iri(_AUTHORITY + "data-theme")),
        (DCAT + "dataset", names.release),
        (DCAT + "resource", names.series),
        (DCAT + "service", names.fragment("sparql")),
    )


def _series(manifest: Mapping[str, Any], names: _Names) -> Iterator[ox.Triple]:
    yield from _about(
        names.series,
        _type(DCAT + "DatasetSeries"),
        *_texts(
            DCT + "title",
            "integgraph: networks of integration actors",
            "integgraph: Netzwerke von Integrationsakteuren",
        ),
        *_texts(
            DCT + "description",
            "All releases of the graph, one dataset each. A release never changes.",
            "Alle Ausgaben des Graphen, je eine als Datensatz. Eine Ausgabe ändert sich nie.",
        ),
        (DCT + "publisher", names.publisher),
        (DCT + "modified", _time(manifest)),
        (DCAT + "hasVersion", names.release),
    )


def _dataset(manifest: Mapping[str, Any], names: _Names) -> Iterator[ox.Triple]:
    counts, versions = manifest["counts"], manifest["versions"]
    yield from _about(
        names.release,
        _type(DCAT + "Dataset"),
        *_texts(
            DCT + "title",
            f"integgraph: networks of integration actors, release {names.id}",
            f"integgraph: Netzwerke von Integrationsakteuren, Ausgabe {names.id}",
        ),
        *_texts(
            DCT + "description",
            f"{counts['networks']} networks that work for the inclusion of migrants and refugees, from "
            f"{counts['profiles']} profiles: who takes part, who coordinates, who pays, what is done and for whom, and "
            "who said so when.",
            f"{counts['networks']} Netzwerke, die sich für die Teilhabe von Zugewanderten und Geflüchteten einsetzen, "
            f"aus {counts['profiles']} Profilen: wer mitmacht, wer koordiniert, wer bezahlt, was für wen getan wird "
            "und wer das wann gesagt hat.",
        ),
        *(pair for english, german in _KEYWORDS for pair in _texts(DCAT + "keyword", english, german)),
        *_published(manifest, names),
        *_languages(),
        (DCT + "identifier", ox.Literal(names.release.value)),
        (DCT + "conformsTo", _iri(f"{_ONTOLOGY}/{versions['ontology']}")),
        (DCT + "conformsTo", _iri(f"{_SHAPES}/{versions['ontology']}")),
        (DCAT + "theme", _iri(_AUTHORITY + "data-theme/SOCI")),
        (DCAT + "inSeries", names.series),
        (DCAT + "version", ox.Literal(names.id)),
        (OWL + "versionIRI", names.release),
    )


def _previous(names: _Names, previous: str | None) -> Iterator[ox.Triple]:
    """The release before this one, with the little that a catalogue asks of a dataset."""
    if previous is None:
        return
    before = names.release_of(previous)
    yield from _about(
        names.release,
        (DCAT + "prev", before),
        (DCAT + "previousVersion", before),
        (OWL + "priorVersion", before),
    )
    yield from _about(
        before,
        _type(DCAT + "Dataset"),
        *_texts(
            DCT + "title",
            f"integgraph: networks of integration actors, release {previous}",
            f"integgraph: Netzwerke von Integrationsakteuren, Ausgabe {previous}",
        ),
        *_texts(
            DCT + "description",
            "The release before; its own catalogue describes it.",
            "Die vorige Ausgabe; ihr eigener Katalog beschreibt sie.",
        ),
        (DCAT + "inSeries", names.series),
        (DCAT + "version", ox.Literal(previous)),
    )


def _lineage(manifest: Mapping[str, Any], names: _Names, documents: Iterable[Mapping[str, str]]) -> Iterator[ox.Triple]:
    statement = names.fragment("provenance")
    files, software, digest = len(manifest["inputs"]), manifest["versions"]["integgraph"], manifest["content_hash"]
    yield from _about(names.release, (DCT + "provenance", statement))
    yield from _about(
        statement,
        _type(DCT + "ProvenanceStatement"),
        *_texts(
            DCT + "description",
            f"Built by integgraph {software} from {files} files, which the manifest names with their SHA-256. "
            f"The same files give the same content hash: {digest}.",
            f"Erzeugt von integgraph {software} aus {files} Dateien, die das Manifest mit ihrem SHA-256 nennt. "
            f"Dieselben Dateien ergeben denselben Inhalts-Hash: {digest}.",
        ),
    )
    for document in documents:
        source = _iri(document["iri"])
        yield from _about(names.release, (PROV + "wasDerivedFrom", source))
        yield from _about(source, _type(PROV + "Entity"))
        if document.get("title"):
            yield from _about(source, (DCT + "title", ox.Literal(document["title"])))


def _distribution(
    manifest: Mapping[str, Any], names: _Names, name: str, part: Mapping[str, Any]
) -> Iterator[ox.Triple]:
    path = PurePosixPath(name)
    if path.suffix not in _FORMATS:
        return
    media, kind, label = _FORMATS[path.suffix]
    media_type, file_type = _iri(_MEDIA_TYPE + media), _iri(f"{_AUTHORITY}file-type/{kind}")
    titles = _TITLES.get(name, (f"Table {path.stem} ({label})", f"Tabelle {path.stem} ({label})"))
    distribution, checksum = names.fragment(name), names.fragment(f"{name}.sha256")
    yield from _about(names.release, (DCAT + "distribution", distribution))
    yield from _about(
        distribution,
        _type(DCAT + "Distribution"),
        *_texts(DCT + "title", *titles),
        (DCT + "issued", _time(manifest)),
        (DCT + "license", _iri(manifest["licence"])),
        (DCT + "format", file_type),
        (DCAT + "mediaType", media_type),
        (DCAT + "accessURL", names.file(name)),
        (DCAT + "downloadURL", names.file(name)),
        (DCAT + "byteSize", ox.Literal(str(part["bytes"]), datatype=_iri(XSD + "nonNegativeInteger"))),
        (SPDX + "checksum", checksum),
    )
    if name == "shapes.ttl":
        yield from _about(distribution, (DCT + "conformsTo", _iri(_SHACL)))
    yield from _about(
        checksum,
        _type(SPDX + "Checksum"),
        (SPDX + "algorithm", _iri(SPDX + "checksumAlgorithm_sha256")),
        (SPDX + "checksumValue", ox.Literal(part["sha256"], datatype=_iri(XSD + "hexBinary"))),
    )
    yield from _about(media_type, _type(DCT + "MediaType"))
    yield from _about(file_type, _type(DCT + "MediaTypeOrExtent"))


def _service(manifest: Mapping[str, Any], names: _Names) -> Iterator[ox.Triple]:
    yield from _about(
        names.fragment("sparql"),
        _type(DCAT + "DataService"),
        *_texts(DCT + "title", "SPARQL queries", "SPARQL-Abfragen"),
        *_texts(
            DCT + "description",
            "Answers SPARQL 1.1 queries. The default graph is the current view; each profile and each imported table "
            "is a named graph, and the measurements are one.",
            "Beantwortet SPARQL-1.1-Abfragen. Der Standardgraph ist die aktuelle Sicht; jedes Profil und jede "
            "importierte Tabelle ist ein benannter Graph, und die Messungen sind einer.",
        ),
        (DCT + "publisher", names.publisher),
        (DCT + "license", _iri(manifest["licence"])),
        (DCT + "conformsTo", _iri(_PROTOCOL)),
        (DCAT + "endpointURL", names.endpoint),
        (DCAT + "servesDataset", names.release),
    )


def _outside(manifest: Mapping[str, Any], names: _Names) -> Iterator[ox.Triple]:
    """The publisher, and the class of every document and term of others that is named, as DCAT-AP asks."""
    yield from _about(
        names.publisher, _type(FOAF + "Agent"), (FOAF + "name", ox.Literal("The integgraph contributors"))
    )
    yield from _about(_iri(manifest["licence"]), _type(DCT + "LicenseDocument"))
    for name in _LANGUAGES:
        yield from _about(_iri(f"{_AUTHORITY}language/{name}"), _type(DCT + "LinguisticSystem"))
    themes = _iri(_AUTHORITY + "data-theme")
    yield from _about(themes, _type(SKOS + "ConceptScheme"), (DCT + "title", ox.Literal("Data theme", language="en")))
    yield from _about(
        _iri(_AUTHORITY + "data-theme/SOCI"),
        _type(SKOS + "Concept"),
        *_texts(SKOS + "prefLabel", "Population and society", "Bevölkerung und Gesellschaft"),
        (SKOS + "inScheme", themes),
    )
    yield from _about(_iri(SPDX + "checksumAlgorithm_sha256"), _type(SPDX + "ChecksumAlgorithm"))
    version = manifest["versions"]["ontology"]
    standards = {
        f"{_ONTOLOGY}/{version}": f"integgraph ontology {version}",
        f"{_SHAPES}/{version}": f"integgraph shapes {version}",
        _PROTOCOL: "SPARQL 1.1 Protocol",
        _SHACL: "Shapes Constraint Language (SHACL)",
    }
    for standard, title in standards.items():
        yield from _about(_iri(standard), _type(DCT + "Standard"), (DCT + "title", ox.Literal(title, language="en")))


# -- VoID


def _statistics(manifest: Mapping[str, Any], names: _Names) -> Iterator[ox.Triple]:
    """The whole, and its three parts; classes and properties are stated of the view, where they were counted."""
    statistics = manifest["statistics"]
    profiles, tables = statistics["profile_graphs"], _tables(manifest)
    also = (f", and {tables} for imported tables", f" und {tables} für importierte Tabellen") if tables else ("", "")
    view, measured = statistics["view"], statistics.get("measurement_triples", 0)
    yield from _about(
        names.file("catalogue.ttl"),
        _type(VOID + "DatasetDescription"),
        *_texts(DCT + "title", f"Description of release {names.id}", f"Beschreibung der Ausgabe {names.id}"),
        (FOAF + "primaryTopic", names.release),
    )
    yield from _about(
        names.release,
        _type(VOID + "Dataset"),
        (VOID + "triples", _number(sum((view["triples"], statistics["profile_triples"], measured)))),
        (VOID + "uriSpace", ox.Literal(str(manifest["base_iri"]))),
        (VOID + "sparqlEndpoint", names.endpoint),
        (VOID + "dataDump", names.file("dump.nq")),
        (VOID + "feature", _iri(_N_QUADS)),
        *((VOID + "vocabulary", _iri(each)) for each in _vocabularies([*view["classes"], *view["properties"]])),
        (VOID + "subset", names.fragment("view")),
        (VOID + "subset", names.fragment("profiles")),
        (VOID + "subset", names.fragment("measurements")),
    )
    yield from _view(view, names)
    yield from _about(
        names.fragment("profiles"),
        _type(VOID + "Dataset"),
        *_texts(DCT + "title", "Profiles as stated", "Profile wie angegeben"),
        *_texts(
            DCT + "description",
            f"{profiles} named graphs, one for each profile{also[0]}.",
            f"{profiles} benannte Graphen, einer für jedes Profil{also[1]}.",
        ),
        (VOID + "triples", _number(statistics["profile_triples"])),
    )
    yield from _about(
        names.fragment("measurements"),
        _type(VOID + "Dataset"),
        *_texts(DCT + "title", "Measurements", "Messungen"),
        *_texts(
            DCT + "description",
            "One named graph: answers on structure and governance that were worked out from the current view.",
            "Ein benannter Graph: Antworten zu Aufbau und Steuerung, die aus der aktuellen Sicht berechnet wurden.",
        ),
        (VOID + "rootResource", names.measurements),
        (VOID + "triples", _number(measured)),
        (PROV + "wasDerivedFrom", names.fragment("view")),
    )


def _tables(manifest: Mapping[str, Any]) -> int:
    """How many imported tables the release was made from; each is a graph that is counted with those of profiles."""
    files = (PurePosixPath(each["file"]).parts for each in manifest["inputs"])
    return sum(len(parts) == 3 and (parts[0], parts[2]) == ("tables", "table.yaml") for parts in files)


def _view(view: Mapping[str, Any], names: _Names) -> Iterator[ox.Triple]:
    node = names.fragment("view")
    yield from _about(
        node,
        _type(VOID + "Dataset"),
        *_texts(DCT + "title", "Current view", "Aktuelle Sicht"),
        *_texts(
            DCT + "description",
            "The default graph: the newest answer to each field of each network, places, vocabularies and ontology.",
            "Der Standardgraph: die neueste Antwort zu jedem Feld jedes Netzwerks, Orte, Vokabulare und Ontologie.",
        ),
        (VOID + "triples", _number(view["triples"])),
        (VOID + "classes", _number(len(view["classes"]))),
        (VOID + "properties", _number(len(view["properties"]))),
    )
    if "entities" in view:
        yield from _about(node, (VOID + "entities", _number(view["entities"])))
    for kind, counted, figures in (("class", "entities", view["classes"]), ("property", "triples", view["properties"])):
        for iri, number in figures.items():
            part = names.fragment(f"view/{kind}/{iri}")
            yield from _about(node, (VOID + f"{kind}Partition", part))
            yield from _about(
                part, _type(VOID + "Dataset"), (VOID + kind, _iri(iri)), (VOID + counted, _number(number))
            )


def _linksets(found: Iterable[Mapping[str, Any]], names: _Names) -> Iterator[ox.Triple]:
    """Links to other collections, a set for each collection and predicate. Source: VoID, section 5 (linksets)."""
    view = names.fragment("view")
    for each in found:
        target = names.fragment(f"elsewhere/{each['space']}")
        links = names.fragment(f"links/{each['predicate']}/{each['space']}")
        yield from _about(view, (VOID + "subset", links))
        yield from _about(
            links,
            _type(VOID + "Linkset"),
            *_texts(DCT + "title", f"Links to {each['name']}", f"Verknüpfungen mit {each['name']}"),
            (VOID + "subjectsTarget", view),
            (VOID + "objectsTarget", target),
            (VOID + "linkPredicate", _iri(each["predicate"])),
            (VOID + "triples", _number(each["triples"])),
        )
        yield from _about(
            target,
            _type(VOID + "Dataset"),
            (DCT + "title", ox.Literal(each["name"])),
            (VOID + "uriSpace", ox.Literal(each["space"])),
        )


def _vocabularies(terms: Iterable[str]) -> list[str]:
    """Namespaces of the terms; in place of our own the IRI of the ontology, as VoID asks of ``void:vocabulary``."""
    namespaces = {term[: max(term.rfind("#"), term.rfind("/")) + 1] for term in terms}
    return sorted(_ONTOLOGY if namespace == IG else namespace for namespace in namespaces)


# -- statements


def _about(subject: ox.NamedNode, *statements: _Statement) -> Iterator[ox.Triple]:
    for predicate, value in statements:
        yield ox.Triple(subject, _iri(predicate), value)


def _type(iri: str) -> _Statement:
    return RDF + "type", _iri(iri)


def _texts(predicate: str, english: str, german: str) -> tuple[_Statement, _Statement]:
    return (predicate, ox.Literal(english, language="en")), (predicate, ox.Literal(german, language="de"))


def _published(manifest: Mapping[str, Any], names: _Names) -> tuple[_Statement, ...]:
    return (
        (DCT + "publisher", names.publisher),
        (DCT + "license", _iri(manifest["licence"])),
        (DCT + "issued", _time(manifest)),
        (DCT + "modified", _time(manifest)),
    )


def _languages() -> Iterator[_Statement]:
    for name in _LANGUAGES:
        yield DCT + "language", _iri(f"{_AUTHORITY}language/{name}")


def _time(manifest: Mapping[str, Any]) -> ox.Literal:
    return ox.Literal(manifest["created"], datatype=_iri(XSD + "dateTime"))


def _number(value: int) -> ox.Literal:
    return ox.Literal(str(value), datatype=_iri(XSD + "integer"))


def _iri(text: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(text)
    except ValueError:
        raise ReleaseError(
            f"The catalogue of the release cannot be made: '{text}' is not an IRI. "
            "Correct the base IRI, the licence or the source that says so."
        ) from None
