"""Words of the data page and of the pages of the ontology."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "publishing addresses": ("Permanent addresses", "Dauerhafte Adressen"),
    "publishing addresses lead": (
        "Every thing has an address that stays: it leads to a page for people and to data for programs, by what is "
        "asked for or by a suffix (.ttl, .jsonld, .nt, .rdf, .json). What was merged leads on; what was withdrawn "
        "says so.",
        "Jede Sache hat eine Adresse, die bleibt: Sie führt zu einer Seite für Menschen und zu Daten für Programme, "
        "je nachdem, was gefragt ist, oder durch eine Endung (.ttl, .jsonld, .nt, .rdf, .json). Was zusammengeführt "
        "wurde, führt weiter; was zurückgezogen wurde, sagt es.",
    ),
    "publishing api": ("Lists as JSON and CSV", "Listen als JSON und CSV"),
    "publishing api lead": (
        "Networks, actors, funders, places and vocabularies with filters, search and paging; every answer is a "
        "value, a stated none, or unknown with its reason.",
        "Netzwerke, Akteure, Geldgeber, Orte und Vokabulare mit Filtern, Suche und Seiten; jede Antwort ist ein "
        "Wert, ein ausdrückliches Nein oder unbekannt mit Grund.",
    ),
    "publishing bytes": ("Size", "Größe"),
    "publishing broader": ("Kind of", "Art von"),
    "publishing catalogue": ("Catalogue", "Katalog"),
    "publishing catalogue lead": (
        "What there is, for harvesters: DCAT-AP 3 and VoID, with licence, versions and the links to other data.",
        "Was es gibt, für Kataloge: DCAT-AP 3 und VoID, mit Lizenz, Fassungen und den Verknüpfungen zu anderen Daten.",
    ),
    "publishing changes": ("What changes", "Was sich ändert"),
    "publishing changes lead": (
        "A feed tells of every release which profiles came, changed or went; the list of changes has every statement.",
        "Ein Feed nennt zu jedem Release, welche Profile neu sind, sich geändert haben oder entfallen sind; die "
        "Liste der Änderungen nennt jede Aussage.",
    ),
    "publishing cite": ("How to cite", "So wird zitiert"),
    "publishing cite lead": (
        "Name the release: it never changes, so that everybody finds what you saw.",
        "Nennen Sie das Release: Es ändert sich nie, so dass alle finden, was Sie gesehen haben.",
    ),
    "publishing classes": ("Classes", "Klassen"),
    "publishing contents": ("On this page", "Auf dieser Seite"),
    "publishing description": ("OpenAPI description", "Beschreibung (OpenAPI)"),
    "publishing domain": ("Said of", "Gesagt von"),
    "publishing endpoint": ("SPARQL endpoint", "SPARQL-Endpunkt"),
    "publishing endpoint lead": (
        "SPARQL 1.1. The default graph is the current view; each profile is a named graph. An answer is whole, or an "
        "error that says why not.",
        "SPARQL 1.1. Der Standardgraph ist der aktuelle Stand; jedes Profil ist ein benannter Graph. Eine Antwort "
        "ist vollständig, oder ein Fehler sagt, warum nicht.",
    ),
    "publishing equivalent": ("Same as", "Dasselbe wie"),
    "publishing example": ("Example", "Beispiel"),
    "publishing field": ("Field", "Feld"),
    "publishing files": ("Everything as files", "Alles als Dateien"),
    "publishing files lead": (
        "The whole release, free to use with its source named. Each file has its SHA-256 in the manifest.",
        "Das ganze Release, frei nutzbar mit Nennung der Quelle. Zu jeder Datei steht ihr SHA-256 im Manifest.",
    ),
    "publishing form": ("The form", "Das Formular"),
    "publishing form lead": (
        "The shapes are the form: what stands here is what a coordinator fills in, what is validated, and what a "
        "page of a network shows.",
        "Die Shapes sind das Formular: Was hier steht, füllt eine Koordination aus, wird geprüft und zeigt die Seite "
        "eines Netzwerks.",
    ),
    "publishing help": ("What is asked", "Was gefragt ist"),
    "publishing inverse": ("The other way round", "Umgekehrt"),
    "publishing key": ("Key", "Schlüssel"),
    "publishing lead": (
        "Take all of it or one answer: as files, by query, as lists, matched with a list of your own.",
        "Alles oder eine einzige Antwort: als Dateien, durch Abfragen, als Listen, abgeglichen mit einer eigenen "
        "Liste.",
    ),
    "publishing measures": ("Tables", "Tabellen"),
    "publishing more files": ("All files of this release", "Alle Dateien dieses Release"),
    "publishing needed": ("answer needed", "Antwort nötig"),
    "publishing ontology lead": (
        "What the terms of the graph mean. A term of our own exists only where ORG, SKOS, PROV, DCAT, schema.org and "
        "other standards have none.",
        "Was die Begriffe des Graphen bedeuten. Einen eigenen Begriff gibt es nur, wo ORG, SKOS, PROV, DCAT, "
        "schema.org und andere Standards keinen haben.",
    ),
    "publishing properties": ("Properties", "Eigenschaften"),
    "publishing python": ("In Python", "In Python"),
    "publishing range": ("Its values", "Ihre Werte"),
    "publishing reconcile": ("Match a list of your own", "Eine eigene Liste abgleichen"),
    "publishing reconcile lead": (
        "In OpenRefine, add this address as a standard reconciliation service. Each candidate comes with its grounds.",
        "In OpenRefine wird diese Adresse als „Standard Service“ hinzugefügt. Zu jedem Vorschlag stehen die Gründe.",
    ),
    "publishing releases": ("All releases", "Alle Releases"),
    "publishing see": ("See also", "Siehe auch"),
    "publishing shell": ("On the command line", "In der Befehlszeile"),
    "publishing source": ("Source", "Quelle"),
    "publishing terms": ("Number of terms", "Zahl der Begriffe"),
    "publishing title": ("Data", "Daten"),
    "publishing version": ("Version {version}", "Fassung {version}"),
}
