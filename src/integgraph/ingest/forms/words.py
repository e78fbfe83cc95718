"""The words of a form that no shape holds: what is said to the person who fills it in, in each of its languages."""

from __future__ import annotations

from collections.abc import Mapping

MARK = "integgraph-form"
"""What tells our own form from others: ``integgraph-form 1 de`` in the properties of a file or in a comment."""
VERSION = "1"

Texts = Mapping[str, str]

TITLE: Texts = {"en": "Network profile (form)", "de": "Netzwerkprofil (Formular)"}
PROFILE: Texts = {"en": "Network profile", "de": "Netzwerkprofil"}
ABOUT: Texts = {"en": "About this form", "de": "Zu diesem Formular"}
HEADER: Texts = {"en": "This profile", "de": "Dieses Profil"}
HEADER_HELP: Texts = {
    "en": "For a new profile leave all of this empty. In a form that came filled in, please do not change the id.",
    "de": "Bei einem neuen Profil bitte alles leer lassen. In einem ausgefüllt zugesandten Formular die Kennung bitte "
    "nicht ändern.",
}
NEW_HELP: Texts = {
    "en": "Only if you write in another language than that of this form: its code, such as fr or it.",
    "de": "Nur, wenn Sie in einer anderen Sprache als der dieses Formulars schreiben: deren Kürzel, etwa fr oder it.",
}
HOW_PARTS: Texts = {
    "en": "“{label}”, one a line: {shape} – only what is known.",
    "de": "„{label}“, je Zeile: {shape} – nur, was bekannt ist.",
}
HEADER_LABELS: Mapping[str, Texts] = {
    "id": {"en": "Id of the network", "de": "Kennung des Netzwerks"},
    "edition": {"en": "Edition", "de": "Ausgabe"},
    "language": {"en": "Language of the texts", "de": "Sprache der Texte"},
    "names_language": {"en": "Language of the names", "de": "Sprache der Namen"},
}
ORGANISATIONS: Texts = {"en": "Organisations named elsewhere", "de": "Andernorts genannte Organisationen"}
REASONS: Texts = {"en": "Reasons for no answer", "de": "Gründe für keine Antwort"}
ORGANISATIONS_HELP: Texts = {
    "en": "Details of organisations that stand only as funder, recipient, provider or owner of a website. A name alone "
    "needs no row here.",
    "de": "Angaben zu Organisationen, die nur als Geldgeber, Empfänger, Träger oder Besitzer einer Webseite vorkommen. "
    "Für einen Namen allein ist hier keine Zeile nötig.",
}
ACTOR_ID: Texts = {"en": "Id", "de": "Kennung"}
ACTOR_GROUP: Texts = {"en": "Named only as a group", "de": "Nur als Gruppe genannt"}
OWN_NETWORK: Texts = {"en": "this network", "de": "dieses Netzwerk"}
VALUE: Texts = {"en": "Answer", "de": "Antwort"}
WORDING: Texts = {"en": "In your words", "de": "In Ihren Worten"}
CONCEPT: Texts = {"en": "Term from the list", "de": "Begriff aus der Liste"}
SOURCE: Texts = {"en": "Source", "de": "Quelle"}
FURTHER: Texts = {"en": "Further details", "de": "Weitere Angaben"}
ABSENT: Texts = {"en": "No answer, because", "de": "Keine Antwort, weil"}
ABSENT_RAW: Texts = {"en": "It says", "de": "Dort steht"}
FIELD: Texts = {"en": "Question", "de": "Frage"}
HINT: Texts = {"en": "Help", "de": "Hilfe"}
EXAMPLE: Texts = {"en": "Example", "de": "Beispiel"}
MANDATORY: Texts = {"en": "Mandatory.", "de": "Pflichtangabe."}
CHOOSE: Texts = {"en": "Please choose", "de": "Bitte wählen"}
LISTS: Texts = {"en": "Lists of terms", "de": "Begriffslisten"}
YES: Texts = {"en": "yes", "de": "ja"}
NO: Texts = {"en": "no", "de": "nein"}
FORM_SHEET: Texts = {"en": "Form", "de": "Formular"}
SEE_LIST: Texts = {"en": "see the list at the end", "de": "siehe Liste am Ende"}
OWN_SHEET: Texts = {"en": "Please fill in on its own sheet", "de": "Bitte auf eigenem Blatt ausfüllen"}
FURTHER_HELP: Texts = {
    "en": "“Further details” takes, one a line, with the word and a colon before it:",
    "de": "„Weitere Angaben“ nimmt, je Zeile eine und mit Wort und Doppelpunkt davor:",
}
LANGUAGE_MARK: Texts = {"en": "[de] Deutscher Text", "de": "[en] English text"}

INTRO: Mapping[str, tuple[str, ...]] = {
    "en": (
        "Please fill in what you know and leave the rest empty. No field has to be filled in but the working label "
        "and a seat or an area of activity.",
        "If you know that there is no answer, say so beside the question: that is an answer too.",
        "Several answers stand one below the other; more rows may be added. Several values in one cell stand one a "
        "line; a value that has several lines itself, or a semicolon where parts are separated by one, is put in "
        'quotation marks ("…").',
        "Texts in another language than the form begin with its code in brackets, such as {mark}.",
        "Organisations are named as they are named elsewhere in this form; “{own}” means the network itself.",
        "Please name no persons and no personal mailboxes.",
    ),
    "de": (
        "Bitte ausfüllen, was Sie wissen, und alles andere leer lassen. Pflicht sind nur die Arbeitsbezeichnung und "
        "ein Sitz oder Tätigkeitsgebiet.",
        "Wenn Sie wissen, dass es keine Antwort gibt, geben Sie das bitte bei der Frage an: Auch das ist eine Antwort.",
        "Mehrere Antworten stehen untereinander; weitere Zeilen dürfen ergänzt werden. Mehrere Werte in einer Zelle "
        "stehen je in einer Zeile; ein Wert, der selbst mehrere Zeilen hat, oder einen Strichpunkt, wo dieser Teile "
        'trennt, steht in Anführungszeichen ("…").',
        "Texte in einer anderen Sprache als der des Formulars beginnen mit deren Kürzel in Klammern, etwa {mark}.",
        "Organisationen bitte so nennen, wie sie an anderer Stelle in diesem Formular heißen; „{own}“ meint das "
        "Netzwerk selbst.",
        "Bitte keine Personen nennen und keine persönlichen Postfächer.",
    ),
}


def intro(language: str) -> tuple[str, ...]:
    """What stands in front of the questions."""
    return tuple(text.format(mark=LANGUAGE_MARK[language], own=OWN_NETWORK[language]) for text in INTRO[language])
