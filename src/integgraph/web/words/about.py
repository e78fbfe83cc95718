"""The words of the pages about this graph: what it is, its measures in plain words, privacy, accessibility, sources."""

from __future__ import annotations

from collections.abc import Mapping

_PAGES: Mapping[str, tuple[str, str]] = {
    "about title": ("About integgraph", "Über integgraph"),
    "about lead": (
        "An open knowledge graph of networks for the inclusion of migrants and refugees: who works with whom, for "
        "whom, on what, and with whose money.",
        "Ein offener Wissensgraph der Netzwerke für die Integration von Zugewanderten und Geflüchteten: wer mit wem "
        "arbeitet, für wen, woran und mit wessen Geld.",
    ),
    "about counts": (
        "This release describes {networks} networks with {actors} organisations in {profiles} dated profiles.",
        "Dieses Release beschreibt {networks} Netzwerke mit {actors} Organisationen in {profiles} datierten Profilen.",
    ),
    "about what": ("What it is for", "Wozu es da ist"),
    "about what text": (
        "Networks of integration actors are easy to found and hard to oversee. Here they are described with one form, "
        "so that they can be found, compared and asked: by people who decide about them, by those who work in them, "
        "and by programs.",
        "Netzwerke von Integrationsakteuren sind leicht gegründet und schwer zu überblicken. Hier sind sie mit einem "
        "gemeinsamen Formular beschrieben, damit man sie finden, vergleichen und befragen kann: für alle, die über sie "
        "entscheiden, für alle, die in ihnen arbeiten, und für Programme.",
    ),
    "about who": ("Who makes it", "Wer es macht"),
    "about who text": (
        "It is free software (Apache-2.0) with open data. Anyone can run it, with these data or with others; whoever "
        "runs this server answers for it. Profiles are written from public sources or by the networks themselves.",
        "Es ist freie Software (Apache-2.0) mit offenen Daten. Alle können es betreiben, mit diesen Daten oder mit "
        "anderen; für diesen Server steht ein, wer ihn betreibt. Profile entstehen aus öffentlichen Quellen oder "
        "durch die Netzwerke selbst.",
    ),
    "about how": ("How the data come about", "Wie die Daten entstehen"),
    "about how 1": (
        "A profile describes one network at one date. Each answer in it names its source.",
        "Ein Profil beschreibt ein Netzwerk zu einem Zeitpunkt. Jede Angabe darin nennt ihre Quelle.",
    ),
    "about how 2": (
        "Each question has one of three answers: a value, a stated none, or unknown with the reason. Unknown is never "
        "counted as none or zero.",
        "Auf jede Frage gibt es eine von drei Antworten: einen Wert, ein ausdrückliches Nein oder unbekannt mit dem "
        "Grund. Unbekannt zählt nie als keines oder null.",
    ),
    "about how 3": (
        "The words of the source are kept; terms of the vocabularies are set beside them.",
        "Die Worte der Quelle bleiben stehen; daneben stehen Begriffe der Vokabulare.",
    ),
    "about how 4": (
        "Whether two names mean one organisation is decided by people, and each decision can be looked up and undone.",
        "Ob zwei Namen dieselbe Organisation meinen, entscheiden Menschen; jede Entscheidung lässt sich nachlesen und "
        "rückgängig machen.",
    ),
    "about how 5": (
        "A release never changes. A number can be cited with it, and anyone can check it later.",
        "Ein Release ändert sich nie. Eine Zahl lässt sich mit ihm zitieren und später nachprüfen.",
    ),
    "about cannot": ("What it cannot say", "Was es nicht sagen kann"),
    "about cannot text": (
        "The form is a list of members, fields and groups, not a survey of cooperation. Trust, frequency of contact, "
        "quality and outcomes cannot be computed from it. There is no composite score and no league table.",
        "Das Formular ist eine Liste von Mitgliedern, Feldern und Gruppen, keine Befragung zur Zusammenarbeit. "
        "Vertrauen, Häufigkeit der Kontakte, Güte und Wirkung lassen sich daraus nicht berechnen. Es gibt keine "
        "Gesamtnote und keine Rangliste.",
    ),
    "about more": ("Read on", "Weiterlesen"),
    "about topic measures": (
        "Every measure with its question, definition, formula and limits",
        "Jedes Maß mit Frage, Definition, Formel und Grenzen",
    ),
    "about topic sources": ("Sources and licence", "Quellen und Lizenz"),
    "about topic privacy": ("Privacy and take-down", "Datenschutz und Löschung"),
    "about topic accessibility": ("Accessibility", "Barrierefreiheit"),
    # Measures
    "about measures title": ("Measures explained", "Maße erklärt"),
    "about measures lead": (
        "Each measure answers a plain question. Each answer has a state, says what it was computed from, and has a "
        "sentence that may be quoted.",
        "Jedes Maß beantwortet eine einfache Frage. Jede Antwort hat einen Zustand, sagt, woraus sie berechnet ist, "
        "und hat einen Satz, der zitiert werden darf.",
    ),
    "about states": ("Four states of an answer", "Vier Zustände einer Antwort"),
    "about state": ("State", "Zustand"),
    "about means": ("Means", "Bedeutet"),
    "about state value name": ("value", "Wert"),
    "about state value": (
        "The number says something about the networks.",
        "Die Zahl sagt etwas über die Netzwerke.",
    ),
    "about state forced": (
        "The way the data are built fixes the number. It is shown, and never as a finding.",
        "Der Aufbau der Daten legt die Zahl fest. Sie wird gezeigt, aber nie als Befund.",
    ),
    "about state small": (
        "There are too few actors, networks or ties for a number to mean anything. None is shown.",
        "Es gibt zu wenige Akteure, Netzwerke oder Verbindungen, als dass eine Zahl etwas hieße. Es wird keine "
        "gezeigt.",
    ),
    "about state unknown": (
        "What the number would be made of is not known. None is shown; unknown is not zero.",
        "Woraus die Zahl bestünde, ist nicht bekannt. Es wird keine gezeigt; unbekannt ist nicht null.",
    ),
    "about rules": ("Who steers: the rules", "Wer steuert: die Regeln"),
    "about rules lead": (
        "The mode of governance follows from stated facts by a rule (after Provan and Kenis 2008). A person may set "
        "another mode only with a source; formalisation changes the confidence, never the mode.",
        "Die Form der Steuerung folgt nach einer Regel aus den Angaben (nach Provan und Kenis 2008). Eine Person darf "
        "nur mit einer Quelle eine andere Form setzen; die Formalisierung ändert die Verlässlichkeit, nie die Form.",
    ),
    "about rule": ("Rule", "Regel"),
    "about rule when": ("When", "Wenn"),
    "about rule mode": ("Mode", "Form"),
    "about rule G0": ("not determinable", "nicht bestimmbar"),
    "about rule override": ("as the source says", "wie die Quelle sagt"),
    "about measure": ("Measure", "Maß"),
    "about question": ("Question", "Frage"),
    "about reading": ("In plain words", "In einfachen Worten"),
    "about part Definition": ("Definition", "Definition"),
    "about part Formula": ("Formula", "Formel"),
    "about part States": ("Least data: when it has which state", "Mindestdaten: wann sie welchen Zustand hat"),
    "about part Caveat": ("Caveat", "Vorbehalt"),
    "about part Reference": ("Reference", "Literatur"),
    "about part code": ("In the code", "Im Code"),
    "about all measures": ("All measures", "Alle Maße"),
    "about english": (
        "Definition, states and caveat are given in English, as they stand in the code.",
        "Definition, Zustände und Vorbehalt stehen auf Englisch, wie im Code.",
    ),
    "about notation": (
        "Notation: n actors, m networks, e ties, d and k numbers of ties, A the matrix actors × networks.",
        "Zeichen: n Akteure, m Netzwerke, e Verbindungen, d und k Anzahlen von Verbindungen, A die Matrix Akteure × "
        "Netzwerke.",
    ),
    # Privacy
    "about privacy title": ("Privacy and take-down", "Datenschutz und Löschung"),
    "about privacy lead": (
        "This graph is about organisations and networks, not about persons.",
        "In diesem Graphen geht es um Organisationen und Netzwerke, nicht um Personen.",
    ),
    "about privacy data": ("What stands in the data", "Was in den Daten steht"),
    "about privacy data 1": (
        "Names, seats, sectors and roles of organisations; fields of action, target groups and funding as published.",
        "Namen, Sitze, Sektoren und Rollen von Organisationen; Handlungsfelder, Zielgruppen und Förderung, wie sie "
        "veröffentlicht sind.",
    ),
    "about privacy data 2": (
        "Contacts are mailboxes of a role, such as info@, and web addresses. Names of persons, personal mail "
        "addresses and telephone numbers are not collected; where a source has them, they are left out.",
        "Kontakte sind Postfächer einer Funktion, wie info@, und Webadressen. Namen von Personen, persönliche "
        "Mailadressen und Telefonnummern werden nicht erhoben; wo eine Quelle sie nennt, bleiben sie weg.",
    ),
    "about privacy data 3": (
        "Groups without a name (volunteers, teachers) stand as a group, never as persons.",
        "Gruppen ohne Namen (Freiwillige, Lehrkräfte) stehen als Gruppe da, nie als Personen.",
    ),
    "about privacy visit": ("When you read these pages", "Wenn Sie diese Seiten lesen"),
    "about privacy visit 1": (
        "There are no cookies, no trackers, no fonts or scripts from elsewhere, and nothing is sent to third parties.",
        "Es gibt keine Cookies, keine Zähldienste, keine Schriften oder Skripte von anderswo, und nichts geht an "
        "Dritte.",
    ),
    "about privacy visit 2": (
        "The log of the service notes the kind of address, the status, the time and the size of an answer. It holds no "
        "network address, no query and nothing that you typed. A web server in front may keep a log of its own; "
        "whoever runs it answers for that.",
        "Das Protokoll des Dienstes hält die Art der Adresse, den Status, die Zeit und die Größe einer Antwort fest. "
        "Es enthält keine Netzadresse, keine Abfrage und nichts, was Sie eingegeben haben. Ein Webserver davor führt "
        "vielleicht ein eigenes Protokoll; dafür steht ein, wer ihn betreibt.",
    ),
    "about privacy visit 3": (
        "So that nobody uses up the service for all others, it counts the time that a client's queries take in a "
        "minute, in memory only.",
        "Damit niemand den Dienst für alle anderen aufbraucht, zählt er, nur im Arbeitsspeicher, wie lange die "
        "Abfragen eines Clients in einer Minute dauern.",
    ),
    "about privacy down": ("How to have something taken down", "Wie Sie etwas löschen lassen"),
    "about privacy down 1": (
        "Each value on a page has a way to report an error. Say what is wrong and, if you can, where the right thing "
        "stands.",
        "Jede Angabe auf einer Seite hat einen Weg, einen Fehler zu melden. Sagen Sie, was falsch ist, und wenn "
        "möglich, wo das Richtige steht.",
    ),
    "about privacy down 2": (
        "What is withdrawn disappears from the next release. Its address stays taken and answers “withdrawn” (HTTP "
        "410), so that it never comes to mean something else; earlier releases can be deleted by whoever runs the "
        "server.",
        "Was zurückgezogen ist, fehlt im nächsten Release. Seine Adresse bleibt vergeben und antwortet "
        "„zurückgezogen“ (HTTP 410), damit sie nie etwas anderes meint; frühere Releases kann löschen, wer den Server "
        "betreibt.",
    ),
    "about contact": ("Contact", "Kontakt"),
    "about contact direct": ("Or directly:", "Oder direkt:"),
    "about contact report": (
        "Reports go to whoever runs this server, by the link “report an error” on the page of a network or an actor.",
        "Meldungen gehen an die Stelle, die diesen Server betreibt, über „Fehler melden“ auf der Seite eines "
        "Netzwerks oder Akteurs.",
    ),
    # Accessibility
    "about accessibility title": ("Accessibility", "Barrierefreiheit"),
    "about accessibility lead": (
        "These pages aim at the Web Content Accessibility Guidelines (WCAG) 2.2, level AA.",
        "Diese Seiten streben die Web Content Accessibility Guidelines (WCAG) 2.2, Stufe AA, an.",
    ),
    "about accessibility how": ("How it is tested", "Wie geprüft wird"),
    "about accessibility how 1": (
        "Every kind of page is opened in a browser, wide and narrow, light and dark, in English and German, with and "
        "without scripts, and checked by the rules of axe-core.",
        "Jede Art von Seite wird im Browser geöffnet, breit und schmal, hell und dunkel, englisch und deutsch, mit und "
        "ohne Skripte, und nach den Regeln von axe-core geprüft.",
    ),
    "about accessibility how 2": (
        "Everything can be used with the keyboard alone, and without scripts.",
        "Alles lässt sich allein mit der Tastatur bedienen, und ohne Skripte.",
    ),
    "about accessibility how 3": (
        "Each figure has the same as a table below it. Nothing is said by colour alone.",
        "Unter jeder Abbildung steht dasselbe als Tabelle. Nichts wird allein durch Farbe gesagt.",
    ),
    "about accessibility limits": ("What is known not to work well", "Was bekanntermaßen nicht gut geht"),
    "about accessibility limits 1": (
        "Wide tables and figures scroll sideways on narrow screens.",
        "Breite Tabellen und Abbildungen lassen sich auf schmalen Bildschirmen nur seitlich verschieben.",
    ),
    "about accessibility limits 2": (
        "The cooperation graph is hard to grasp without seeing it; the table beside it holds all of it.",
        "Der Kooperationsgraph ist schwer zu erfassen, ohne ihn zu sehen; die Tabelle daneben enthält alles.",
    ),
    "about accessibility limits 3": (
        "Names and wordings stand in the language of their source, which is not always marked.",
        "Namen und Wortlaute stehen in der Sprache ihrer Quelle, die nicht immer gekennzeichnet ist.",
    ),
    "about accessibility limits 4": (
        "Pages have been checked by machine and by keyboard, not yet by people who use screen readers every day.",
        "Geprüft wurde maschinell und mit der Tastatur, noch nicht von Menschen, die täglich Bildschirmleser nutzen.",
    ),
    # Sources
    "about sources title": ("Sources and licence", "Quellen und Lizenz"),
    "about sources lead": (
        "The {profiles} profiles of this release were made from {sources} sources.",
        "Die {profiles} Profile dieses Release wurden aus {sources} Quellen gemacht.",
    ),
    "about sources licence": ("Licence", "Lizenz"),
    "about sources licence text": (
        "The data may be used, passed on and changed if the source is named. Please name the release too.",
        "Die Daten dürfen genutzt, weitergegeben und verändert werden, wenn die Quelle genannt ist. Bitte nennen Sie "
        "auch das Release.",
    ),
    "about sources status": ("Status dates of the networks", "Stand der Netzwerke"),
    "about sources year": ("Year", "Jahr"),
    "about sources undated": ("no date stated", "ohne Datum"),
    "about sources list": ("Sources by title", "Quellen nach Titel"),
    "about sources list note": (
        "{shown} of those that have a title. Every profile names all of its sources.",
        "{shown} von denen, die einen Titel haben. Jedes Profil nennt alle seine Quellen.",
    ),
    "about sources col title": ("Title", "Titel"),
    "about sources col edition": ("Edition", "Ausgabe"),
    "about sources col read": ("Read on", "Gelesen am"),
    "about sources col profile": ("Profile", "Profil"),
    "about sources profiles": ("All profiles", "Alle Profile"),
    "about sources others": ("Other sources", "Weitere Quellen"),
    "about sources others text": (
        "Names and codes of regions: NUTS 2024 (Eurostat). Outlines on maps: Natural Earth, public domain. Links to "
        "other vocabularies: authority tables of the Publications Office of the European Union.",
        "Namen und Codes von Regionen: NUTS 2024 (Eurostat). Umrisse auf Karten: Natural Earth, gemeinfrei. Verweise "
        "auf andere Vokabulare: Tabellen des Amts für Veröffentlichungen der Europäischen Union.",
    ),
}

_GERMAN: Mapping[str, str] = {
    "list-completeness": "Wie viele der genannten Mitglieder mit Namen dastehen und wie viele Felder des Formulars "
    "beantwortet sind. Ein ausdrückliches Nein zählt als Antwort.",
    "fields-answered": "Welcher Anteil der Felder des Formulars beantwortet ist, für ein Netzwerk oder für viele.",
    "governance-mode": "Wer ein Netzwerk steuert, nach dem, was sein Profil angibt. Was angegeben ist, ist nicht "
    "immer, wie es läuft.",
    "two-mode-density": "Wie viele der möglichen Zugehörigkeiten es gibt. Große Sammlungen haben immer kleine Werte.",
    "mean-memberships": "In wie vielen Netzwerken ein Akteur im Mittel verzeichnet ist.",
    "two-mode-degree": "In wie vielen Netzwerken jeder Akteur steht und wie viele Akteure jedes Netzwerk nennt.",
    "two-mode-closeness": "Wie nahe jeder Akteur und jedes Netzwerk allem ist, womit es verbunden ist.",
    "two-mode-betweenness": "Wie viele kürzeste Wege zwischen anderen über einen Akteur oder ein Netzwerk laufen. Wer "
    "hier oben steht, verbindet, was sonst getrennt wäre.",
    "two-mode-eigenvector": "Ob ein Akteur in Netzwerken steht, deren Mitglieder ihrerseits in vielen stehen.",
    "components": "In wie viele unverbundene Teile die Daten zerfallen und wie groß diese sind.",
    "cut-members": "Wer Teile zusammenhält, die ohne ihn nicht verbunden wären.",
    "fragmentation": "Welcher Anteil der Paare einander nicht erreicht, auch nachdem einige gegangen sind.",
    "degree-centralisation": "Wie sehr die Verbindungen bei einem Akteur zusammenlaufen. Nur für berichtete "
    "Verbindungen; bei weniger als sechs Akteuren nur in Worten.",
    "betweenness-centralisation": "Wie sehr die Wege zwischen anderen über einen Akteur laufen.",
    "closeness-centralisation": "Wie viel näher ein Akteur allen ist als die anderen.",
    "two-mode-degree-centralisation": "Wie sehr die Zugehörigkeiten bei einem Akteur liegen und die Mitglieder bei "
    "einem Netzwerk.",
    "member-loss": "Welche Netzwerke keine mehr wären, wenn einige Akteure gingen. Nur der Aufbau; über Ersatz ist "
    "nichts gesagt.",
    "robustness": "Wie lange Netzwerke zwei verzeichnete Mitglieder behalten, wenn einer nach dem anderen geht.",
    "funder-loss": "Wer wie viele seiner Quellen verlöre, wenn ein Geldgeber oder eine Art von Geld wegfiele. Beträge, "
    "die nicht genannt sind, sind unbekannt, nie null.",
    "funder-dependence": "Von wie vielen Quellen ein Empfänger lebt und wie viel an einer hängt.",
    "concentration": "Wie viel der Beträge aus wenigen Quellen kommt; ohne Beträge nur die Grenzen.",
    "coverage": "Welche Felder und Zielgruppen kein Netzwerk einer Region zusammen nennt. Nicht genannt heißt nicht: "
    "nicht versorgt.",
    "change": "Wer nur in einem von zwei datierten Profilen eines Netzwerks steht. Nicht mehr verzeichnet heißt nicht: "
    "ausgetreten.",
    "size-fair": "Ob eine Zahl für Listen dieser Längen ungewöhnlich ist: verglichen mit mindestens tausend gemischten "
    "Listen, in denen jedes Netzwerk gleich viele Mitglieder behält und jeder Akteur gleich viele Zugehörigkeiten.",
    "effective-size": "Wie viele getrennte Kreise die Partner eines Akteurs bilden.",
    "constraint": "Wie sehr die Verbindungen eines Akteurs zueinander zurückführen, sodass er wenig überbrückt.",
    "brokerage-roles": "Wer zwischen anderen steht, die nicht verbunden sind, innerhalb von Sektoren und zwischen "
    "ihnen.",
    "e-i-index": "Ob Verbindungen zwischen den Sektoren verlaufen (+1) oder innerhalb (−1).",
    "nominal-assortativity": "Ob Akteure mehr mit ihresgleichen verbunden sind, als die Zahl der Verbindungen jedes "
    "Sektors erwarten ließe.",
    "two-mode-clustering": "Wie oft zwei Akteure, die sich in einem Netzwerk treffen, sich auch in einem anderen "
    "treffen.",
    "opsahl-clustering": "Wie oft zwei Akteure, die je einen dritten in verschiedenen Netzwerken treffen, sich in "
    "einem weiteren begegnen.",
    "opsahl-local-clustering": "Dasselbe für jeden Akteur, der in der Mitte steht.",
    "redundancy": "Ob die, die ein Akteur zusammenbringt, auch ohne ihn verbunden wären.",
    "pair-overlap": "Wie viel von dem, womit zwei verbunden sind, sie teilen.",
    "backbone": "Paare von Akteuren, die mehr Netzwerke teilen, als Listen dieser Längen zufällig ergäben. Unter "
    "sieben Netzwerken wird nichts gezeigt.",
    "smallest-p": "Wie unwahrscheinlich die größte Überschneidung zweier Akteure überhaupt sein kann. Ist schon das "
    "nicht selten, kann kein Paar hervorstechen.",
    "modules": "Welche Akteure und Netzwerke mehr zusammengehören, als der Zufall es wollte, und wie fest diese "
    "Einteilung ist.",
    "nestedness": "Ob die kleineren Listen Teile der größeren sind.",
    "list-overlap": "Wie sehr zwei Netzwerke dieselben Felder oder Zielgruppen nennen. Das kann Doppelarbeit sein oder "
    "gemeinsamer Grund.",
    "multiplexity": "Welcher Anteil der verbundenen Paare auf zwei oder mehr Arten verbunden ist.",
    "qap": "Ob Paare, die auf eine Art verbunden sind, eher auch auf eine andere Art verbunden sind.",
    "bands": "Wie sich eine Zahl bewegt, wenn je ein Akteur weggelassen und wenn ein Zehntel bis ein Drittel der "
    "Verbindungen verborgen wird.",
    "stability": "Wie oft die ersten drei die ersten bleiben, wenn ein Teil der Verbindungen verborgen ist.",
    "partner-suggestions": "Akteure derselben Region, mit denen ein Akteur noch nicht verzeichnet ist, aber viel "
    "gemeinsam hat. Listen sagen nicht, wer frei ist oder will.",
    "hit-rate": "Wie oft verborgene Zugehörigkeiten von Paaren unterschieden werden, die nicht verzeichnet sind. "
    "Schlägt das Verfahren die bloße Häufigkeit nicht, bleiben Vorschläge aus.",
    "projection": "Wie viele Paare in derselben Liste stehen. Gemeinsam verzeichnet heißt nicht: zusammen tätig.",
    "density": "Welcher Anteil der möglichen Verbindungen besteht. Für eine einzelne Liste immer 1 und kein Befund.",
    "mean-degree": "Wie viele Verbindungen ein Akteur im Mittel hat.",
    "degree": "Mit wie vielen der anderen ein Akteur verbunden ist.",
    "closeness": "Wie nahe ein Akteur denen ist, mit denen er verbunden ist.",
    "betweenness": "Wie viele der kürzesten Wege zwischen anderen über einen Akteur laufen.",
    "mean-distance": "Wie viele Schritte zwei im Mittel auseinander sind.",
    "diameter": "Wie viele Schritte die beiden Entferntesten auseinander sind.",
    "node-connectivity": "Wie viele gehen müssen, damit der Rest nicht mehr zusammenhängt.",
    "transitivity": "Wie oft zwei Partner eines Akteurs auch miteinander verbunden sind.",
    "average-clustering": "Wie geschlossen der Kreis um einen Akteur im Mittel ist. Für eine einzelne Liste immer 1 "
    "und kein Befund.",
    "triad-census": "Wie viele Dreiergruppen keine, eine, zwei oder drei Verbindungen haben.",
    "degree-assortativity": "Ob Akteure mit vielen Verbindungen miteinander verbunden sind.",
}
"""What each measure says, in plain German; the English stands in its own description."""

WORDS: Mapping[str, tuple[str, str]] = {
    **_PAGES,
    **{f"about reading {key}": ("", text) for key, text in _GERMAN.items()},
}
