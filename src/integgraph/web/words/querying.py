"""Words of the page of the endpoint."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "querying as": ("Whole answer as", "Ganze Antwort als"),
    "querying at": ("Line {line}, column {column}", "Zeile {line}, Spalte {column}"),
    "querying chart": ("As a chart", "Als Diagramm"),
    "querying chart first": ("The first {count} rows.", "Die ersten {count} Zeilen."),
    "querying chart of": ("Chart of {name}", "Diagramm: {name}"),
    "querying examples": ("Examples", "Beispiele"),
    "querying keys": ("Ctrl+Space completes, Ctrl+Enter runs.", "Strg+Leertaste ergänzt, Strg+Eingabe führt aus."),
    "querying lead": (
        "SPARQL over everything that stands here. An answer is whole, or an error that says why not. The address of "
        "this page holds your query, so it can be shared.",
        "SPARQL über alles, was hier steht. Eine Antwort ist vollständig, oder ein Fehler sagt, warum nicht. Die "
        "Adresse dieser Seite enthält Ihre Abfrage und lässt sich weitergeben.",
    ),
    "querying limits": ("Limits", "Grenzen"),
    "querying limits text": (
        "A query has at most {length} bytes and a nesting of {nesting}; an answer at most {rows} rows and {size} MB. "
        "A query that takes too long is stopped, and says so. There is no part of an answer: for everything, take "
        "the files of the release.",
        "Eine Abfrage hat höchstens {length} Byte und eine Verschachtelung von {nesting}; eine Antwort höchstens "
        "{rows} Zeilen und {size} MB. Eine Abfrage, die zu lange dauert, wird beendet und sagt es. Teile einer "
        "Antwort gibt es nicht: Alles steht in den Dateien des Release.",
    ),
    "querying none": ("The answer has no rows.", "Die Antwort hat keine Zeilen."),
    "querying picture": ("As a picture", "Als Bild"),
    "querying picture of": ("What the answer joins", "Was die Antwort verbindet"),
    "querying position": ("Position has no meaning.", "Die Lage bedeutet nichts."),
    "querying prefixes": ("Prefixes that need no declaration", "Präfixe ohne Deklaration"),
    "querying questions": ("Ready questions, without SPARQL", "Fertige Fragen, ohne SPARQL"),
    "querying refused": ("The query was not answered", "Die Abfrage wurde nicht beantwortet"),
    "querying table": ("As a table", "Als Tabelle"),
    "querying try": ("Load", "Laden"),
}
