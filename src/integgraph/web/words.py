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
    "gone actor": ("Organisation, withdrawn", "Organisation, zurückgezogen"),
    "gone last": ("The last release that speaks of it is", "Das letzte Release, das davon spricht, ist"),
    "gone network": ("Network, withdrawn", "Netzwerk, zurückgezogen"),
    "gone place": ("Place, withdrawn", "Ort, zurückgezogen"),
    "gone profile": ("Profile, withdrawn", "Profil, zurückgezogen"),
    "gone see": ("see it there", "dort ansehen"),
    "gone since": (
        "This was withdrawn on {day}. Its address stays taken, so that it never comes to mean something else.",
        "Das wurde am {day} zurückgezogen. Die Adresse bleibt vergeben, damit sie nie etwas anderes meint.",
    ),
    "gone title": ("Withdrawn", "Zurückgezogen"),
    "gone unkept": ("It is no longer kept here.", "Es wird hier nicht mehr aufbewahrt."),
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
    # Releases and downloads
    "downloads aggregate": ("Counts: {name}", "Zählungen: {name}"),
    "downloads bytes": ("Size", "Größe"),
    "downloads catalogue": ("Catalogue entry (DCAT-AP, VoID)", "Katalogeintrag (DCAT-AP, VoID)"),
    "downloads change added": ("Added", "Neu"),
    "downloads change changed": ("Changed", "Geändert"),
    "downloads change removed": ("Removed", "Entfallen"),
    "downloads changed": ("Before and after", "Vorher und nachher"),
    "downloads changes": ("What changed since the release before", "Was sich seit dem vorigen Release geändert hat"),
    "downloads changes lead": (
        "From release {before} to release {id}.",
        "Von Release {before} zu Release {id}.",
    ),
    "downloads columns": ("Columns of table {name} (CSV on the Web)", "Spalten der Tabelle {name} (CSV on the Web)"),
    "downloads context": ("JSON-LD context", "JSON-LD-Kontext"),
    "downloads created": ("Created", "Erstellt"),
    "downloads dump": ("All statements (N-Quads)", "Alle Aussagen (N-Quads)"),
    "questions": ("Questions", "Fragen"),
    "releases": ("Releases", "Releases"),
    "downloads earlier": ("Earlier releases", "Frühere Releases"),
    "downloads exports": ("Made on request", "Auf Anfrage erzeugt"),
    "downloads exports lead": (
        "These files are made when somebody asks for them first, and kept. A large one takes some minutes.",
        "Diese Dateien entstehen, wenn zum ersten Mal jemand danach fragt, und bleiben dann liegen. Eine große braucht "
        "einige Minuten.",
    ),
    "downloads feed": ("Feed of changes", "Feed der Änderungen"),
    "downloads fields": ("Fields: {names}", "Felder: {names}"),
    "downloads file": ("File", "Datei"),
    "downloads joined": ("Joined the list of members", "Neu in der Mitgliederliste"),
    "downloads manifest": (
        "What the release was made from and holds",
        "Woraus das Release entstand und was es enthält",
    ),
    "downloads merged": ("Now one and the same", "Jetzt ein und dasselbe"),
    "downloads more": ("… and {count} more", "… und {count} weitere"),
    "downloads no longer listed": ("No longer listed", "Nicht mehr genannt"),
    "downloads not ready": ("not made yet", "noch nicht erzeugt"),
    "downloads nothing": ("Nothing changed.", "Nichts hat sich geändert."),
    "downloads parts": ("Files", "Dateien"),
    "downloads preparing": (
        "{name} is being prepared. This takes a moment; ask again then.",
        "{name} wird vorbereitet. Das dauert einen Moment; fragen Sie dann noch einmal.",
    ),
    "downloads quads": (
        "Statements: {added} added, {removed} removed.",
        "Aussagen: {added} neu, {removed} entfallen.",
    ),
    "downloads serving": ("shown here", "wird hier gezeigt"),
    "downloads shapes": ("The form (SHACL shapes)", "Das Formular (SHACL-Shapes)"),
    "downloads split": ("No longer the same", "Nicht mehr dasselbe"),
    "downloads table": ("Table {name} (Parquet)", "Tabelle {name} (Parquet)"),
    "downloads terms": ("Terms", "Begriffe"),
    "downloads title": ("Releases", "Releases"),
    "downloads lead": (
        "A release never changes. Everything shown here can be downloaded, cited by its release, and checked by its "
        "SHA-256.",
        "Ein Release ändert sich nie. Alles, was hier steht, lässt sich herunterladen, mit seinem Release zitieren und "
        "am SHA-256 prüfen.",
    ),
    "downloads too large": (
        "There are too many changes for a page. They can be downloaded as JSON.",
        "Für eine Seite sind es zu viele Änderungen. Sie lassen sich als JSON herunterladen.",
    ),
    "downloads validation": ("Warnings of all profiles", "Warnungen zu allen Profilen"),
    "downloads withdrawn": ("What was withdrawn, and when", "Was zurückgezogen wurde, und wann"),
    "feed added": ("New profile: {name}", "Neues Profil: {name}"),
    "feed added text": (
        "Since release {id} there is a profile of {name}.",
        "Seit Release {id} gibt es ein Profil von {name}.",
    ),
    "feed changed": ("Profile changed: {name}", "Profil geändert: {name}"),
    "feed changed text": (
        "With release {id} the profile of {name} says something else.",
        "Mit Release {id} steht im Profil von {name} etwas anderes.",
    ),
    "feed counts": (
        "Profiles since release {before}: {added} new, {changed} changed, {removed} removed.",
        "Profile seit Release {before}: {added} neu, {changed} geändert, {removed} entfallen.",
    ),
    "feed cut": (
        "Only the first {most} of each kind are listed here; the list of changes has them all.",
        "Hier stehen nur die ersten {most} jeder Art; die Liste der Änderungen nennt alle.",
    ),
    "feed first": (
        "There is no release before this one to compare it with.",
        "Es gibt kein früheres Release, mit dem es zu vergleichen wäre.",
    ),
    "feed lead": (
        "Profiles of networks that came, changed or went, release by release.",
        "Profile von Netzwerken, die neu sind, sich geändert haben oder entfallen sind, Release für Release.",
    ),
    "feed release": ("Release {id}", "Release {id}"),
    "feed removed": ("Profile removed: {name}", "Profil entfallen: {name}"),
    "feed removed text": (
        "With release {id} the profile of {name} is gone.",
        "Mit Release {id} ist das Profil von {name} entfallen.",
    ),
    "feed title": ("integgraph: what changed", "integgraph: was sich geändert hat"),
}


def say(key: str, language: str, **values: object) -> str:
    """The words for ``key`` in a language, with ``{values}`` filled in."""
    return WORDS[key][1 if language == "de" else 0].format(**values)
