"""Words of the page that previews an import."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "import": ("Preview an import", "Import-Vorschau"),
    "import again": ("Another document", "Ein weiteres Dokument"),
    "import ambiguous": ("can be read in several ways", "mehrdeutig"),
    "import answers": ("What was read, and where it stands", "Was gelesen wurde und wo es steht"),
    "import beside": ("beside the form", "neben dem Formular"),
    "import confidence": ("Confidence", "Sicherheit"),
    "import damaged": ("damaged", "beschädigt"),
    "import field": ("Field", "Feld"),
    "import file": ("Document", "Dokument"),
    "import kinds": (
        "PDF with text, Word (.docx), Excel (.xlsx), OpenDocument (.ods), CSV, HTML, Markdown or plain text, up to "
        "{most} MB.",
        "PDF mit Text, Word (.docx), Excel (.xlsx), OpenDocument (.ods), CSV, HTML, Markdown oder reiner Text, bis "
        "{most} MB.",
    ),
    "import lead": (
        "See what is read from a filled-in form: the record, where each answer stands, and what a person should look "
        "at. Nothing is stored.",
        "Sehen Sie, was aus einem ausgefüllten Formular gelesen wird: der Datensatz, die Fundstelle jeder Antwort und "
        "was ein Mensch ansehen sollte. Nichts wird gespeichert.",
    ),
    "import mend": ("Before it can be built", "Bevor daraus gebaut werden kann"),
    "import notes": ("On the reading of the document", "Zum Lesen des Dokuments"),
    "import nothing": ("Nothing to decide.", "Nichts zu entscheiden."),
    "import question": ("What to look at", "Was anzusehen ist"),
    "import repaired": ("repaired", "berichtigt"),
    "import review": ("To be decided by a person ({count})", "Von einem Menschen zu entscheiden ({count})"),
    "import send": ("Show what is read", "Zeigen, was gelesen wird"),
    "import text": ("Text in the document", "Text im Dokument"),
    "import unplaced": ("without a place in the form", "ohne Platz im Formular"),
    "import where": ("Where", "Fundstelle"),
    "import yaml": ("The record as YAML", "Der Datensatz als YAML"),
}
