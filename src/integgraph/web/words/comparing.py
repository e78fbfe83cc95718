"""The words of comparisons, reports and the coverage page."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    # Choosing what to compare
    "compare add": ("Add a network or a place", "Netzwerk oder Ort hinzufügen"),
    "compare add hint": (
        "A name, a town, a region, a country, or the address of a page here.",
        "Ein Name, eine Stadt, eine Region, ein Land oder die Adresse einer Seite hier.",
    ),
    "compare again": ("Write it in another way", "Anders schreiben"),
    "compare change": ("Change the comparison", "Vergleich ändern"),
    "compare chosen": ("Chosen", "Ausgewählt"),
    "compare did you mean": ("Did you mean:", "Meinten Sie:"),
    "compare earlier": ("Move {name} forward", "{name} nach vorn"),
    "compare examples": ("For example", "Zum Beispiel"),
    "compare fault busy": (
        "The comparison cannot be made at this moment. Your choice stands below; try again in a few seconds.",
        "Der Vergleich ist gerade nicht möglich. Ihre Auswahl steht unten; versuchen Sie es in einigen Sekunden "
        "noch einmal.",
    ),
    "compare fault late": (
        "The comparison took too long and was stopped. Your choice stands below; compare smaller regions, or fewer.",
        "Der Vergleich hat zu lange gedauert und wurde abgebrochen. Ihre Auswahl steht unten; vergleichen Sie kleinere "
        "Regionen oder weniger.",
    ),
    "compare fault many": (
        "A comparison takes two to six networks or places; you named {about}. Remove some of them.",
        "Ein Vergleich fasst zwei bis sechs Netzwerke oder Orte; Sie haben {about} genannt. Entfernen Sie einige.",
    ),
    "compare fault mixed": (
        "Networks are compared with networks and places with places; these are mixed. Remove the ones or the others.",
        "Netzwerke werden mit Netzwerken verglichen und Orte mit Orten; hier ist beides gemischt. Entfernen Sie das "
        "eine oder das andere.",
    ),
    "compare fault none": (
        "Choose two to six networks, or two to six places.",
        "Wählen Sie zwei bis sechs Netzwerke oder zwei bis sechs Orte.",
    ),
    "compare fault one": (
        "One is chosen. Add at least one more to compare it with.",
        "Eines ist ausgewählt. Fügen Sie mindestens eines hinzu, mit dem es verglichen wird.",
    ),
    "compare fault twice": (
        "{about} is named twice; a comparison of a thing with itself says nothing. Remove one, or add another.",
        "{about} ist zweimal genannt; ein Vergleich mit sich selbst sagt nichts. Entfernen Sie eines, oder fügen Sie "
        "ein anderes hinzu.",
    ),
    "compare fault unknown": (
        "There is no network and no place called “{about}” in this release.",
        "Ein Netzwerk oder einen Ort „{about}“ gibt es in diesem Release nicht.",
    ),
    "compare go": ("Compare", "Vergleichen"),
    "compare kind network": ("network", "Netzwerk"),
    "compare kind place": ("place", "Ort"),
    "compare later": ("Move {name} back", "{name} nach hinten"),
    "compare lead": (
        "Two to six networks or regions side by side: ten plain questions, each with what is known and what is not. "
        "There is no ranking and no overall score.",
        "Zwei bis sechs Netzwerke oder Regionen nebeneinander: zehn einfache Fragen, jede mit dem, was bekannt ist und "
        "was nicht. Es gibt keine Rangfolge und keine Gesamtnote.",
    ),
    "compare nearest": ("Nothing here has a similar name.", "Nichts hier heißt ähnlich."),
    "compare nothing common": (
        "These have nothing in common in their lists: no member, no field of action and no target group is listed by "
        "two of them. Each can still be read beside the others; or choose others that are closer to each other.",
        "Diese haben in ihren Listen nichts gemeinsam: Kein Mitglied, kein Handlungsfeld und keine Zielgruppe ist bei "
        "zweien genannt. Jedes lässt sich dennoch neben den anderen lesen; oder wählen Sie andere, die einander "
        "näher sind.",
    ),
    "compare order": ("Order and selection", "Reihenfolge und Auswahl"),
    "compare remove": ("Remove {name}", "{name} entfernen"),
    "compare search": ("Search for “{text}” everywhere", "„{text}“ überall suchen"),
    "compare title": ("Compare networks or regions", "Netzwerke oder Regionen vergleichen"),
    # Reports
    "report all networks": ("All {count} networks", "Alle {count} Netzwerke"),
    "report alone": ("One file to keep or send (HTML)", "Eine Datei zum Aufheben oder Versenden (HTML)"),
    "report behind": ("What is behind these numbers", "Was hinter diesen Zahlen steht"),
    "report behind lead": (
        "Each number rests on profiles, and each profile on dated sources.",
        "Jede Zahl beruht auf Profilen, jedes Profil auf datierten Quellen.",
    ),
    "report behind link": ("Profiles behind it", "Profile dahinter"),
    "report citation": (
        "integgraph: {title}. Release {release}, {day}. {address}",
        "integgraph: {title}. Release {release}, {day}. {address}",
    ),
    "report cite": ("How to cite this", "So zitieren Sie das"),
    "report contents": ("Questions", "Fragen"),
    "report first": (
        "The first {shown} of {count} networks, by name.",
        "Die ersten {shown} von {count} Netzwerken, nach Namen.",
    ),
    "report made": ("Release {release}, made on {day}", "Release {release} vom {day}"),
    "report networks": ("{count} networks", "{count} Netzwerke"),
    "report networks one": ("1 network", "1 Netzwerk"),
    "report profiles": ("Profiles:", "Profile:"),
    "report table of": ("Table: {title}", "Tabelle: {title}"),
    "report twin": ("The same as a table", "Dasselbe als Tabelle"),
    # Coverage
    "coverage add": ("Add a country or region", "Land oder Region hinzufügen"),
    "coverage all": ("All countries", "Alle Länder"),
    "coverage broad": (
        "Broad terms; a network that lists a narrower one counts.",
        "Weite Begriffe; ein Netzwerk, das einen engeren nennt, zählt mit.",
    ),
    "coverage choose": ("Where", "Wo"),
    "coverage column": ("Field of action", "Handlungsfeld"),
    "coverage countries": ("Countries", "Länder"),
    "coverage fault many": (
        "Up to four regions stand beside each other; you named {about}. The first four are shown.",
        "Bis zu vier Regionen stehen nebeneinander; Sie haben {about} genannt. Gezeigt sind die ersten vier.",
    ),
    "coverage fault unknown": (
        "There is no place called “{about}” in this release.",
        "Einen Ort „{about}“ gibt es in diesem Release nicht.",
    ),
    "coverage fields unlinked": (
        "The form does not link fields to groups: a cell says that a network lists both, not that it does this for "
        "them.",
        "Das Formular verbindet Felder nicht mit Gruppen: Ein Feld der Tafel sagt, dass ein Netzwerk beides nennt, "
        "nicht, dass es dieses für jene tut.",
    ),
    "coverage key gap": ("0: no network here lists both", "0: kein Netzwerk hier nennt beides"),
    "coverage key many": ("2 and more do", "2 und mehr nennen beides"),
    "coverage key thin": ("1: one does", "1: eines nennt beides"),
    "coverage key unknown": (
        "hatched: no known list has both, but one that is not known may",
        "schraffiert: keine bekannte Liste nennt beides, eine unbekannte vielleicht",
    ),
    "coverage known": (
        "{known} of {every} networks say both what they work on and for whom; the lists of {unknown} are unknown.",
        "{known} von {every} Netzwerken sagen, woran und für wen sie arbeiten; die Listen von {unknown} sind "
        "unbekannt.",
    ),
    "coverage known all": (
        "All {every} networks say both what they work on and for whom.",
        "Alle {every} Netzwerke sagen, woran und für wen sie arbeiten.",
    ),
    "coverage lead": (
        "How many networks list a field of action and a target group together, place by place.",
        "Wie viele Netzwerke ein Handlungsfeld und eine Zielgruppe zusammen nennen, Ort für Ort.",
    ),
    "coverage none": (
        "No network of this release has its seat or an area of activity here. That says nothing of who works here.",
        "Kein Netzwerk dieses Release hat hier Sitz oder Wirkungsbereich. Darüber, wer hier arbeitet, sagt das nichts.",
    ),
    "coverage not served": (
        "Not listed is not the same as not served.",
        "Nicht genannt heißt nicht: nicht versorgt.",
    ),
    "coverage remove": ("Remove {name}", "{name} entfernen"),
    "coverage report": ("All questions about this place", "Alle Fragen zu diesem Ort"),
    "coverage show": ("Show", "Zeigen"),
    "coverage summary": (
        "Of {pairs} pairs of a field and a group, {gaps} are listed by no network here, {thin} by one, {many} by two "
        "or more; of {unknown} it is not known.",
        "Von {pairs} Paaren aus Feld und Gruppe nennt {gaps} kein Netzwerk hier, {thin} nennt eines, {many} nennen "
        "zwei oder mehr; von {unknown} ist es nicht bekannt.",
    ),
    "coverage table title": (
        "Networks that list a field and a target group: {place}",
        "Netzwerke, die Feld und Zielgruppe nennen: {place}",
    ),
    "coverage title": ("Coverage: who lists which groups, where", "Abdeckung: Wer nennt welche Gruppen, und wo"),
    "coverage unknown": ("unknown", "unbekannt"),
    "coverage within": ("In {name}", "In {name}"),
}
