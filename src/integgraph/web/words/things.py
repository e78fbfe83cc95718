"""Words of the pages of things: networks, actors, places, terms, profiles; and of pages that say what went wrong."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    # What every page of a thing has
    "things all": ("All {count}", "Alle {count}"),
    "things all as csv": ("All {count} as CSV", "Alle {count} als CSV"),
    "things answered": ("Answered", "Beantwortet"),
    "things as list": ("as a list", "als Liste"),
    "things as table": ("The same as a table", "Dasselbe als Tabelle"),
    "things cite": ("How to cite this", "So wird zitiert"),
    "things cite lead": (
        "Name the release: it never changes, and the address leads to it for good.",
        "Nennen Sie das Release: Es ändert sich nie, und die Adresse führt dauerhaft dorthin.",
    ),
    "things contents": ("On this page", "Auf dieser Seite"),
    "things data": ("This page as data", "Diese Seite als Daten"),
    "things data lead": (
        "Complete, with every value and its source; long lists are cut on this page only.",
        "Vollständig, mit jedem Wert und seiner Quelle; lange Listen sind nur auf dieser Seite gekürzt.",
    ),
    "things evidence": ("Evidence ({count})", "Belege ({count})"),
    "things first": ("The first {shown} of {count}.", "Die ersten {shown} von {count}."),
    "things first some": (
        "Only the first {shown} are shown here; all of them stand in the data.",
        "Hier stehen nur die ersten {shown}; alle stehen in den Daten.",
    ),
    "things flag": ("Report an error", "Fehler melden"),
    "things iri lead": (
        "This address stays, whatever becomes of this page.",
        "Diese Adresse bleibt, was auch aus dieser Seite wird.",
    ),
    "things many sources": ("and many more", "und viele weitere"),
    "things more sources": ("and {count} more", "und {count} weitere"),
    "things not known": ("not known", "nicht bekannt"),
    "things report": ("Full report", "Ganzer Bericht"),
    "things report as": ("The report as", "Der Bericht als"),
    "things sources": ("Sources", "Quellen"),
    "things status": ("Status of the information", "Stand der Angaben"),
    "things unknown": ("Not known.", "Nicht bekannt."),
    # A network on top
    "things area": ("Where", "Wo"),
    "things coordination": ("Coordinated by", "Koordiniert von"),
    "things founded": ("Since", "Seit"),
    "things size": ("Size", "Größe"),
    "things members counts": ("{named} named; stated: {stated}", "{named} genannt; angegeben: {stated}"),
    "things members named": ("{named} named", "{named} genannt"),
    "things members nobody": ("not known who", "nicht bekannt, wer"),
    "things members none": ("stated: none", "laut Angabe keine"),
    "things squares": (
        "{value} answered, {none} stated none, {unknown} not known, of {all} fields that need an answer",
        "{value} beantwortet, {none} ausdrücklich keine, {unknown} nicht bekannt, von {all} Feldern, die eine Antwort "
        "brauchen",
    ),
    "things see compare": ("Compare with another network", "Mit einem anderen Netzwerk vergleichen"),
    # Members as dots
    "things matrix": ("What else its members belong to", "Wozu seine Mitglieder sonst gehören"),
    "things matrix alone": (
        "None of the {members} named members is a named member of another network here.",
        "Keines der {members} genannten Mitglieder ist hier in einem anderen Netzwerk als Mitglied genannt.",
    ),
    "things matrix beside": (
        "Listed together is not the same as working together.",
        "Gemeinsam verzeichnet heißt nicht: zusammen tätig.",
    ),
    "things matrix cut": (
        "Shown are {members} of {all_members} members and {networks} of {all_networks} networks.",
        "Gezeigt sind {members} von {all_members} Mitgliedern und {networks} von {all_networks} Netzwerken.",
    ),
    "things matrix lead": (
        "{some} of {members} named members are also members of other networks here, {networks} in all.",
        "{some} von {members} genannten Mitgliedern gehören hier auch anderen Netzwerken an, insgesamt {networks}.",
    ),
    "things matrix nobody": (
        "No organisation is named as a member, so there is nothing to join to other networks.",
        "Keine Organisation ist als Mitglied genannt; so gibt es nichts, was mit anderen Netzwerken verbindet.",
    ),
    "things matrix title": (
        "Members (rows) and other networks (columns) that list them",
        "Mitglieder (Zeilen) und andere Netzwerke (Spalten), die sie führen",
    ),
    "things matrix unknown": (
        "It is not known who the members are, so nothing can be said of what else they belong to.",
        "Wer die Mitglieder sind, ist nicht bekannt; darum lässt sich nicht sagen, wozu sie sonst gehören.",
    ),
    "things matrix also": ("Also a member of", "Auch Mitglied von"),
    "things actor": ("Organisation", "Organisation"),
    "things all members": ("All participations as CSV", "Alle Beteiligungen als CSV"),
    "things members list": ("All members as a list", "Alle Mitglieder als Liste"),
    # Money
    "things activity": ("For", "Wofür"),
    "things amount": ("Amount", "Betrag"),
    "things amount known": ("amount stated", "Betrag genannt"),
    "things amount unknown": ("amount unknown", "Betrag unbekannt"),
    "things category": ("Kind of money", "Art des Geldes"),
    "things funder": ("Funder", "Geldgeber"),
    "things funder unnamed": ("not named", "nicht genannt"),
    "things joint": ("for all together", "für alle zusammen"),
    "things money": ("Whose money, for whom, for what", "Wessen Geld, für wen, wofür"),
    "things money beside": (
        "On paper only: a profile may not name all sources, and an amount that is not stated is unknown, never zero.",
        "Nur auf dem Papier: Ein Profil nennt vielleicht nicht alle Quellen, und ein nicht genannter Betrag ist "
        "unbekannt, nie null.",
    ),
    "things money cut": (
        "Drawn are the first {shown} of {count} flows; the table has the first {rows}.",
        "Gezeichnet sind die ersten {shown} von {count} Geldflüssen; die Tabelle hat die ersten {rows}.",
    ),
    "things money key": (
        "Full line: an amount is stated. Broken line: the amount is not known. The width has no meaning.",
        "Durchgezogen: Ein Betrag ist genannt. Gestrichelt: Der Betrag ist nicht bekannt. Die Breite bedeutet nichts.",
    ),
    "things money lead": (
        "{flows} flows are stated, {known} of them with an amount.",
        "{flows} Geldflüsse sind angegeben, {known} davon mit Betrag.",
    ),
    "things money lead none": (
        "{flows} flows are stated, none of them with an amount.",
        "{flows} Geldflüsse sind angegeben, keiner davon mit Betrag.",
    ),
    "things kind of money": ("money of the kind “{name}”", "Geld der Art „{name}“"),
    "things money one": ("One flow is stated; {known}.", "Ein Geldfluss ist angegeben; {known}."),
    "things money none": (
        "No flow is stated. That is not the same as no money.",
        "Kein Geldfluss ist angegeben. Das heißt nicht, dass es kein Geld gibt.",
    ),
    "things money stated none": ("A source says that there is no funding.", "Eine Quelle sagt: keine Förderung."),
    "things money title": ("Flows of money, from left to right", "Geldflüsse, von links nach rechts"),
    "things no activity": ("purpose not stated", "Zweck nicht genannt"),
    "things recipient": ("Recipient", "Empfänger"),
    "things recipient unnamed": ("recipient not named", "Empfänger nicht genannt"),
    "things time": ("Time", "Zeit"),
    # Who steers
    "things confidence": ("Confidence", "Verlässlichkeit"),
    "things confidence high": ("high", "hoch"),
    "things confidence low": ("low", "gering"),
    "things confidence medium": ("medium", "mittel"),
    "things derived": ("The rule alone gives", "Die Regel allein ergibt"),
    "things mode": ("Mode", "Form"),
    "things quoted": ("Evidence, as quoted", "Beleg im Wortlaut"),
    "things rule": ("Rule", "Regel"),
    "things set by": ("Source", "Quelle"),
    "things steers": ("Who steers?", "Wer steuert?"),
    "things steers beside": (
        "The mode follows from stated facts by a rule (after Provan and Kenis 2008); what is stated is not always how "
        "it runs.",
        "Die Form folgt nach einer Regel aus den Angaben (nach Provan und Kenis 2008); was angegeben ist, ist nicht "
        "immer, wie es läuft.",
    ),
    # What if
    "things leaves": ("What if one left?", "Was wäre, wenn jemand ginge?"),
    "things leaves beside": (
        "Structure only: it says nothing of replacement, nor of members that are not named.",
        "Nur der Aufbau: Über Ersatz sagt das nichts, auch nicht über ungenannte Mitglieder.",
    ),
    "things leaves below head": (
        "Other networks left with fewer than two listed members",
        "Andere Netzwerke mit dann weniger als zwei verzeichneten Mitgliedern",
    ),
    "things leaves head": (
        "If {name} stopped coordinating, no other coordinator would be named.",
        "Wenn {name} nicht mehr koordinierte, wäre keine andere Koordination genannt.",
    ),
    "things leaves heads": (
        "If one of the {count} coordinators stopped, others would still be named.",
        "Wenn eine der {count} Koordinationen aufhörte, wären noch andere genannt.",
    ),
    "things leaves lead": (
        "Without one of its {members} named members, {left} would be left here.",
        "Ohne eines der {members} genannten Mitglieder blieben hier {left}.",
    ),
    "things leaves others": (
        "{count} of those named here are what another network stands on: without them it would have fewer than two "
        "listed members.",
        "Auf {count} der hier Genannten steht auch ein anderes Netzwerk: Ohne sie hätte es weniger als zwei "
        "verzeichnete Mitglieder.",
    ),
    "things leaves left": ("Members left here", "Hier blieben Mitglieder"),
    "things leaves also": ("Other networks it is in", "Andere Netzwerke, in denen es ist"),
    "things stops many": (
        "Without {who}, {count} of {recipients} named recipients would have no other known source: {names}",
        "Ohne {who} hätten {count} von {recipients} genannten Empfängern keine andere bekannte Quelle: {names}",
    ),
    "things stops kept": (
        "Without {who}, every named recipient would keep another known source.",
        "Ohne {who} behielten alle genannten Empfänger eine andere bekannte Quelle.",
    ),
    "things stops unnamed": (
        "What would be left without {who} is not known: the recipient is not named.",
        "Was ohne {who} bliebe, ist nicht bekannt: Der Empfänger ist nicht genannt.",
    ),
    # Alike
    "things similar": ("Networks alike", "Ähnliche Netzwerke"),
    "things similar lead": (
        "Of the same region and with fields or groups in common, or with three or more of them in common. Members play "
        "no part. The order is by how much is in common, not by merit.",
        "Aus derselben Region und mit gemeinsamen Feldern oder Gruppen, oder mit drei und mehr davon. Mitglieder "
        "spielen keine Rolle. Geordnet nach dem, was gemeinsam ist, nicht nach Güte.",
    ),
    "things similar none": (
        "No network here has so much in common with it.",
        "Kein Netzwerk hier hat so viel mit ihm gemeinsam.",
    ),
    "things similar place": ("Both in", "Beide in"),
    "things similar fields": ("both list", "beide nennen"),
    "things similar groups": ("both for", "beide für"),
    "things side by side": ("side by side", "nebeneinander"),
    # Elsewhere, history
    "things elsewhere": ("In other networks", "In anderen Netzwerken"),
    "things history": ("Profiles of this network", "Profile dieses Netzwerks"),
    "things history added": ("Newly said", "Neu gesagt"),
    "things history between": ("From {before} to {after}", "Von {before} zu {after}"),
    "things history lead": (
        "Each profile is what a source said at its time. Where two of them differ, the newer one counts.",
        "Jedes Profil ist, was eine Quelle zu ihrer Zeit sagte. Wo sich zwei unterscheiden, zählt das neuere.",
    ),
    "things history long": (
        "Their lists are too long to be set beside each other here; the full report does.",
        "Ihre Listen sind zu lang, um sie hier nebeneinanderzustellen; der ganze Bericht tut es.",
    ),
    "things history more": ("and {count} more", "und {count} weitere"),
    "things history removed": ("No longer said", "Nicht mehr gesagt"),
    "things history same": ("Nothing changed.", "Nichts hat sich geändert."),
    "things history silent": ("Of these the newer one says nothing", "Davon sagt das neuere nichts"),
    "things history new": ("Of these the older one said nothing", "Davon sagte das ältere nichts"),
    "things newest": ("newest", "neuestes"),
    # An actor
    "things bridges": ("Which networks it joins", "Welche Netzwerke er verbindet"),
    "things bridges lead": (
        "It is the only listed member that these pairs of networks have in common: {count} pairs.",
        "Er ist das einzige verzeichnete Mitglied, das diese Paare von Netzwerken gemeinsam haben: {count} Paare.",
    ),
    "things bridges one": (
        "It is the only listed member that two networks have in common:",
        "Er ist das einzige verzeichnete Mitglied, das zwei Netzwerke gemeinsam haben:",
    ),
    "things bridges none": (
        "It joins no two networks that have no other listed member in common.",
        "Er verbindet keine zwei Netzwerke, die sonst kein verzeichnetes Mitglied gemeinsam haben.",
    ),
    "things bridges many": (
        "It is in more than {most} networks; the report says how it is placed between them.",
        "Er ist in mehr als {most} Netzwerken; der Bericht sagt, wie er zwischen ihnen steht.",
    ),
    "things coordinates": ("Coordinates", "Koordiniert"),
    "things counts": ("counts as member", "zählt als Mitglied"),
    "things depends": ("What depends on it", "Was von ihm abhängt"),
    "things depends below": (
        "Without it these networks would have fewer than two listed members:",
        "Ohne ihn hätten diese Netzwerke weniger als zwei verzeichnete Mitglieder:",
    ),
    "things depends heads": (
        "Without it these networks would name no coordinator:",
        "Ohne ihn nennten diese Netzwerke keine Koordination:",
    ),
    "things depends none": (
        "No network here would be left with fewer than two listed members or without a coordinator.",
        "Kein Netzwerk hier bliebe mit weniger als zwei verzeichneten Mitgliedern oder ohne Koordination zurück.",
    ),
    "things funds": ("Whom it funds", "Wen er fördert"),
    "things funded": ("Who funds it", "Wer ihn fördert"),
    "things flows count": (
        "{flows} flows name it, {known} of them with an amount.",
        "{flows} Geldflüsse nennen ihn, {known} davon mit Betrag.",
    ),
    "things flows count none": (
        "{flows} flows name it, none of them with an amount.",
        "{flows} Geldflüsse nennen ihn, keiner davon mit Betrag.",
    ),
    "things flows one": ("One flow names it; {known}.", "Ein Geldfluss nennt ihn; {known}."),
    "things listed with": ("Most often listed together with", "Am häufigsten gemeinsam verzeichnet mit"),
    "things mixed": (
        "Amounts of different currencies are never added up; a flow of several kinds counts under each.",
        "Beträge verschiedener Währungen werden nie addiert; ein Geldfluss mehrerer Arten zählt bei jeder.",
    ),
    "things network": ("Network", "Netzwerk"),
    "things no networks": (
        "No network here lists it as taking part.",
        "Kein Netzwerk hier führt ihn als beteiligt auf.",
    ),
    "things of which": ("of which with an amount", "davon mit Betrag"),
    "things flows": ("Flows", "Geldflüsse"),
    "things sum": ("Sum of the stated amounts", "Summe der genannten Beträge"),
    "things by category": ("By kind of money", "Nach Art des Geldes"),
    "things by year": ("By year of the begin", "Nach Jahr des Beginns"),
    "things by recipient": ("By recipient", "Nach Empfänger"),
    "things year": ("Year", "Jahr"),
    "things role": ("Role", "Rolle"),
    "things since": ("Since", "Seit"),
    "things takes part": ("Where it takes part", "Wo er beteiligt ist"),
    "things takes part lead": (
        "{count} participations, in whatever role; member of {networks}.",
        "{count} Beteiligungen, in welcher Rolle auch immer; Mitglied von {networks}.",
    ),
    "things networks n": ("{count} networks", "{count} Netzwerken"),
    "things networks 1": ("1 network", "1 Netzwerk"),
    "things until": ("Until", "Bis"),
    "things who is who": ("Who is who", "Wer ist wer"),
    "things who lead": (
        "Rows of several profiles that a person decided to be one and the same, and what was decided otherwise.",
        "Zeilen mehrerer Profile, über die eine Person entschieden hat, dass sie dasselbe sind, und was anders "
        "entschieden wurde.",
    ),
    "things is network": ("It is itself a network of this collection.", "Er ist selbst ein Netzwerk dieser Sammlung."),
    # A concept, a place
    "things actors here": ("Organisations with a place here", "Organisationen mit Sitz hier"),
    "things also fields": ("Listed with it: fields of action", "Mit ihm genannt: Handlungsfelder"),
    "things also groups": ("Listed with it: target groups", "Mit ihm genannt: Zielgruppen"),
    "things by country lead": (
        "Networks of this collection with seat or an area there. A network may count in several countries.",
        "Netzwerke dieser Sammlung mit Sitz oder Wirkungsbereich dort. Ein Netzwerk kann in mehreren Ländern zählen.",
    ),
    "things compare places": ("Compare with another place", "Mit einem anderen Ort vergleichen"),
    "things country": ("Country", "Land"),
    "things coverage here": ("Fields and groups listed here", "Hier genannte Felder und Gruppen"),
    "things coverage link": ("Coverage of fields and groups here", "Abdeckung der Felder und Gruppen hier"),
    "things also plain fields": ("Fields of action that are listed most", "Am häufigsten genannte Handlungsfelder"),
    "things also plain groups": ("Target groups that are listed most", "Am häufigsten genannte Zielgruppen"),
    "things field": ("Field of action", "Handlungsfeld"),
    "things field name": ("Field of the form", "Feld des Formulars"),
    "things group": ("Target group", "Zielgruppe"),
    "things term": ("Term", "Begriff"),
    "things here active": ("Networks active in this very place", "Netzwerke, die an eben diesem Ort tätig sind"),
    "things here seated": ("Networks with their seat in this very place", "Netzwerke mit Sitz an eben diesem Ort"),
    "things here within": (
        "Networks here or in a place that lies in it",
        "Netzwerke hier oder an einem Ort, der darin liegt",
    ),
    "things known here": ("How much is known of the networks here", "Wie viel über die Netzwerke hier bekannt ist"),
    "things networks": ("Networks", "Netzwerke"),
    "things not served": ("Not listed is not the same as not served.", "Nicht genannt heißt nicht: nicht versorgt."),
    "things nothing here": (
        "No network of this collection names this place or one in it. That is not the same as nobody being there.",
        "Kein Netzwerk dieser Sammlung nennt diesen Ort oder einen darin. Das heißt nicht, dass dort niemand ist.",
    ),
    "things parts": ("Places in it", "Orte darin"),
    "things stated none": ("Stated none", "Ausdrücklich keine"),
    "things unknown head": ("Not known", "Nicht bekannt"),
    "things value head": ("Answered", "Beantwortet"),
    "things what lists": ("What lists it", "Was es nennt"),
    "things nobody lists": (
        "Nothing in this collection lists it. Not listed is not the same as not served.",
        "Nichts in dieser Sammlung nennt es. Nicht genannt heißt nicht: nicht versorgt.",
    ),
    "things actors": ("Organisations", "Organisationen"),
    # A profile
    "things as stated": (
        "As one source said it at its time. The page of the network says what counts now.",
        "Wie eine Quelle es zu ihrer Zeit sagte. Was jetzt gilt, steht auf der Seite des Netzwerks.",
    ),
    "things to network": ("To the network", "Zum Netzwerk"),
    "things other editions": ("Other profiles of this network", "Andere Profile dieses Netzwerks"),
    # Report an error
    "things err address none": (
        "Whoever runs this server has given no address for reports. Copy the text and send it to the keepers of the "
        "collection, or to the person or body that you got this address from; the reference says exactly "
        "what is meant.",
        "Wer diesen Server betreibt, hat keine Adresse für Meldungen angegeben. Kopieren Sie den Text und "
        "senden Sie ihn "
        "an die Verantwortlichen der Sammlung oder an die Stelle, von der Sie diese Adresse haben; der Verweis sagt "
        "genau, was gemeint ist.",
    ),
    "things err copy": ("Text to copy", "Text zum Kopieren"),
    "things err copy lead": (
        "Say what is wrong, what would be right, and where that is stated. Nothing is sent from this page.",
        "Sagen Sie, was falsch ist, was richtig wäre und wo das steht. Von dieser Seite aus wird nichts gesendet.",
    ),
    "things err field": ("Field", "Feld"),
    "things err fixed": (
        "A correction needs a source. It comes with the next release, and the page then names the source.",
        "Eine Berichtigung braucht eine Quelle. Sie kommt mit dem nächsten Release, und die Seite nennt dann "
        "die Quelle.",
    ),
    "things err lead": (
        "This is the statement that you want to correct.",
        "Um diese Aussage geht es.",
    ),
    "things err lost": (
        "The value itself was not found in this release; the reference below still says what is meant.",
        "Der Wert selbst wurde in diesem Release nicht gefunden; der Verweis sagt trotzdem, was gemeint ist.",
    ),
    "things err mail": ("Write an e-mail", "E-Mail schreiben"),
    "things err open": ("Open the form for reports", "Formular für Meldungen öffnen"),
    "things err page": ("Page", "Seite"),
    "things err privacy": (
        "If it is about yourself, you may ask for it to be taken down.",
        "Wenn es um Sie selbst geht, können Sie die Löschung verlangen.",
    ),
    "things err reference": ("Reference", "Verweis"),
    "things err right": ("What would be right", "Was richtig wäre"),
    "things err send": ("Where to send it", "Wohin damit"),
    "things err subject": ("Error in integgraph: {what}", "Fehler in integgraph: {what}"),
    "things err title": ("Report an error", "Fehler melden"),
    "things err value": ("Value", "Wert"),
    "things err where": ("Where that is stated", "Wo das steht"),
    "things err wrong": ("What is wrong", "Was falsch ist"),
    # What went wrong
    "things wrong near": ("Did you mean", "Meinten Sie"),
    "things wrong search": ("Search for it", "Danach suchen"),
    "things wrong said": ("What the server says", "Was der Server sagt"),
    "things wrong again": ("Try again", "Noch einmal versuchen"),
    "things wrong start": ("Back to the start", "Zurück zum Anfang"),
    "things wrong 400": (
        "The address is not one that this server understands. Check it for characters that got lost or "
        "added, or search.",
        "Diese Adresse versteht der Server nicht. Prüfen Sie, ob Zeichen fehlen oder dazugekommen sind, oder "
        "suchen Sie.",
    ),
    "things wrong 404": (
        "There is nothing under this address. It may be misspelled, or the thing may never have been in this "
        "collection. Look below for what is near, or search.",
        "Unter dieser Adresse gibt es nichts. Vielleicht ist sie verschrieben, oder es war nie in dieser Sammlung. "
        "Unten steht, was ähnlich heißt; oder suchen Sie.",
    ),
    "things wrong 406": (
        "There is no such format here. The page itself has links to all formats that there are.",
        "Dieses Format gibt es hier nicht. Die Seite selbst führt zu allen Formaten, die es gibt.",
    ),
    "things wrong 409": (
        "The list went on in another release while you were reading. Begin the list anew.",
        "Die Liste ging in einem anderen Release weiter, während Sie lasen. Beginnen Sie die Liste neu.",
    ),
    "things wrong 413": (
        "The answer would be larger than what is sent at once. Narrow the question, or download the whole release.",
        "Die Antwort wäre größer, als auf einmal gesendet wird. Grenzen Sie die Frage ein, oder laden Sie das ganze "
        "Release herunter.",
    ),
    "things wrong 422": (
        "One of the values in the address does not exist here. The sentence below names it and those that do exist; "
        "change it, or leave it out.",
        "Einen der Werte in der Adresse gibt es hier nicht. Der Satz unten nennt ihn und die, die es gibt; ändern Sie "
        "ihn, oder lassen Sie ihn weg.",
    ),
    "things wrong 429": (
        "You have used up what one client may use for now, so that others get their turn too. Wait {seconds} seconds, "
        "then try again.",
        "Sie haben verbraucht, was einem einzelnen Programm zurzeit zusteht, damit auch andere drankommen. Warten Sie "
        "{seconds} Sekunden, dann versuchen Sie es noch einmal.",
    ),
    "things wrong 500": (
        "Something went wrong on our side, not on yours. It has been noted. Try again in a moment, or go on elsewhere.",
        "Bei uns ging etwas schief, nicht bei Ihnen. Es ist vermerkt. Versuchen Sie es gleich noch einmal, oder gehen "
        "Sie anderswo weiter.",
    ),
    "things wrong 503": (
        "The server is busy or is just changing to another release. This passes; try again in {seconds} seconds.",
        "Der Server ist beschäftigt oder wechselt gerade zu einem anderen Release. Das geht vorbei; "
        "versuchen Sie es in "
        "{seconds} Sekunden noch einmal.",
    ),
    "things wrong 504": (
        "The question took longer than one may take here, and was stopped. Narrow it: fewer networks, one country, a "
        "LIMIT; or download the release and ask it at home.",
        "Die Frage dauerte länger, als sie hier darf, und wurde abgebrochen. Grenzen Sie sie ein: weniger Netzwerke, "
        "ein Land, ein LIMIT; oder laden Sie das Release herunter und fragen Sie es bei sich.",
    ),
    "things wrong other": (
        "The server could not answer. The sentence below says why.",
        "Der Server konnte nicht antworten. Der Satz unten sagt, warum.",
    ),
    "things wrong releases": ("Releases that are kept", "Releases, die aufbewahrt werden"),
    "things wrong pruned": (
        "The address asks for release {id}, which is not kept here. Old releases make room for new ones; the thing "
        "itself keeps its address.",
        "Die Adresse verlangt Release {id}, das hier nicht aufbewahrt wird. Alte Releases machen neuen Platz; das Ding "
        "selbst behält seine Adresse.",
    ),
    "things wrong now": ("See it in the release that is served now", "Im jetzt gezeigten Release ansehen"),
    "things wrong downloads": ("Downloads of the release", "Downloads des Releases"),
    "things gone why": (
        "It may have been withdrawn because it was wrong, merged with another, or because somebody asked for it.",
        "Vielleicht war es falsch, wurde mit etwas anderem zusammengelegt, oder jemand hat darum gebeten.",
    ),
    "things gone all": ("What was withdrawn, and when", "Was zurückgezogen wurde, und wann"),
    "things gone alike": ("What has a similar name", "Was ähnlich heißt"),
}
