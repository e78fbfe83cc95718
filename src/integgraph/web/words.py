"""The words of the pages that come from no shape and no vocabulary, in English and German."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "actors": ("Actors", "Akteure"),
    "all": ("All {count} results", "Alle {count} Ergebnisse"),
    "as data": ("This as data", "Dies als Daten"),
    "back": ("Back to the start", "Zurück zum Anfang"),
    "content hash": ("Content hash", "Prüfsumme des Inhalts"),
    "counts": ("In this release", "In diesem Release"),
    "doors": ("Ways in", "Einstiege"),
    "doubtful": ("What is doubtful here", "Was hier zweifelhaft ist"),
    "dump": ("Everything as N-Quads", "Alles als N-Quads"),
    "evidence": ("Evidence", "Beleg"),
    "example": ("An example query", "Eine Beispielabfrage"),
    "find": ("Find", "Suchen"),
    "first rows": ("The first {shown} of {count} rows.", "Die ersten {shown} von {count} Zeilen."),
    "funding_flows": ("Funding flows", "Förderungen"),
    "home lead": (
        "Who works with whom, for whom, on what and with whose money: an open knowledge graph of networks for the "
        "inclusion of migrants and refugees. Every answer names its source and its date, and what is missing says why.",
        "Wer mit wem arbeitet, für wen, woran und mit wessen Geld: ein offener Wissensgraph der Netzwerke für die "
        "Integration von Zugewanderten und Geflüchteten. Jede Antwort nennt Quelle und Datum, und was fehlt, sagt, "
        "warum.",
    ),
    "home title": (
        "The open knowledge graph of integration actors",
        "Der offene Wissensgraph der Integrationsakteure",
    ),
    "iri": ("Permanent address", "Dauerhafte Adresse"),
    "licence": ("Licence", "Lizenz"),
    "memberships": ("Memberships", "Beteiligungen"),
    "name holds": ("Name contains", "Name enthält"),
    "networks": ("Networks", "Netzwerke"),
    "none found": ("Nothing found.", "Nichts gefunden."),
    "ontology": ("Ontology: classes and properties", "Ontologie: Klassen und Eigenschaften"),
    "places": ("Places", "Orte"),
    "problem": ("That did not work", "Das hat nicht geklappt"),
    "profile": ("profile", "Profil"),
    "profiles": ("Profiles", "Profile"),
    "quads": ("Statements", "Aussagen"),
    "query": ("Query", "Abfrage"),
    "raw text": ("In the source", "In der Quelle"),
    "release": ("Release", "Release"),
    "repaired": ("repaired", "berichtigt"),
    "result": ("Result", "Ergebnis"),
    "run": ("Run the query", "Abfrage ausführen"),
    "shapes": ("The form as SHACL shapes", "Das Formular als SHACL-Shapes"),
    "skip": ("Skip to the content", "Zum Inhalt"),
    "source": ("Source", "Quelle"),
    "sparql": ("SPARQL", "SPARQL"),
    "sparql help": (
        "The default graph is the current view; each profile is a named graph. These prefixes need no declaration:",
        "Der Standardgraph ist der aktuelle Stand; jedes Profil ist ein benannter Graph. "
        "Diese Präfixe brauchen keine Deklaration:",
    ),
    "statement": ("Permanent address of this statement", "Dauerhafte Adresse dieser Aussage"),
    "the answer is": ("The answer is", "Die Antwort ist"),
    "no": ("no", "nein"),
    "undated": ("undated", "undatiert"),
    "vocabulary": ("Vocabularies", "Vokabulare"),
    "yes": ("yes", "ja"),
}


def say(key: str, language: str, **values: object) -> str:
    """The words for ``key`` in a language, with ``{values}`` filled in."""
    return WORDS[key][1 if language == "de" else 0].format(**values)
