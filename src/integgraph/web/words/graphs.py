"""Words of the page of the cooperation graph."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "graph about": ("Around a network or member", "Um ein Netzwerk oder Mitglied herum"),
    "graph about help": ("Its id or address; empty for all", "Ihre Kennung oder Adresse; leer für alle"),
    "graph all": ("everything", "alles"),
    "graph basis": (
        "Drawn: {actors} members and {networks} networks with {ties} listings and {reported} reported ties, of "
        "{all_actors} members and {all_networks} networks here.",
        "Gezeichnet: {actors} Mitglieder und {networks} Netzwerke mit {ties} Nennungen und {reported} berichteten "
        "Beziehungen, von {all_actors} Mitgliedern und {all_networks} Netzwerken hier.",
    ),
    "graph country": ("Country (two letters)", "Land (zwei Buchstaben)"),
    "graph csv": ("All ties as CSV", "Alle Beziehungen als CSV"),
    "graph draw": ("Draw", "Zeichnen"),
    "graph first rows": (
        "The first {count}, by number of ties; the CSV has all.",
        "Die ersten {count} nach Zahl der Beziehungen; das CSV hat alle.",
    ),
    "graph joining": ("who joins networks", "wer Netzwerke verbindet"),
    "graph json": ("Picture as JSON", "Bild als JSON"),
    "graph lead": (
        "Who is listed in which network. A line says that a list names an actor; it does not say that two actors "
        "work together.",
        "Wer in welchem Netzwerk verzeichnet ist. Eine Linie sagt, dass eine Liste einen Akteur nennt; sie sagt "
        "nicht, dass zwei Akteure zusammenarbeiten.",
    ),
    "graph left out": (
        "{count} more fit this view and are not drawn: those with fewest ties. Narrow it, or ask for more nodes.",
        "{count} weitere gehören zu dieser Ansicht und sind nicht gezeichnet: die mit den wenigsten Beziehungen. "
        "Grenzen Sie sie ein, oder wählen Sie mehr Knoten.",
    ),
    "graph legend actor": ("Member (circle)", "Mitglied (Kreis)"),
    "graph legend listed": ("listed as a member", "als Mitglied verzeichnet"),
    "graph legend network": ("Network (square)", "Netzwerk (Quadrat)"),
    "graph legend reported": (
        "reported: coordinates, or a related network",
        "berichtet: koordiniert, oder verwandtes Netzwerk",
    ),
    "graph most": ("Nodes at most", "Knoten höchstens"),
    "graph name": ("Name", "Name"),
    "graph none": (
        "Nothing to draw: no actor is in two of these networks. “Everything” shows the lists one by one.",
        "Nichts zu zeichnen: Kein Akteur ist in zweien dieser Netzwerke. „Alles“ zeigt die Listen einzeln.",
    ),
    "graph nothing": ("Nothing here fits this choice.", "Hier passt nichts zu dieser Auswahl."),
    "graph picture": ("Picture of members and networks", "Bild der Mitglieder und Netzwerke"),
    "graph place": ("Place (id, such as nuts-dee)", "Ort (Kennung, etwa nuts-dee)"),
    "graph position": (
        "Position has no meaning: what is joined is drawn near, and nothing more. The picture is an illustration; "
        "the numbers stand in the table.",
        "Die Lage bedeutet nichts: Verbundenes ist nahe beieinander gezeichnet, mehr nicht. Das Bild ist eine "
        "Illustration; die Zahlen stehen in der Tabelle.",
    ),
    "graph show": ("Show", "Zeigen"),
    "graph steps": ("Steps", "Schritte"),
    "graph svg": ("Picture as SVG", "Bild als SVG"),
    "graph table": ("The same as a table", "Dasselbe als Tabelle"),
    "graph ties": ("Ties", "Beziehungen"),
    "graph ties help": (
        "of a member: networks; of a network: named members",
        "eines Mitglieds: Netzwerke; eines Netzwerks: genannte Mitglieder",
    ),
    "graph title": ("Cooperation graph", "Kooperationsgraph"),
    "graph what": ("What", "Was"),
    "graph any": ("any", "alle"),
    "graph field": ("Field of action", "Handlungsfeld"),
    "graph target_group": ("Target group", "Zielgruppe"),
    "graph moving": (
        "Drag to move, scroll or pinch to zoom. Keys: arrows move, + and − zoom, 0 shows all.",
        "Ziehen verschiebt, Scrollen oder Aufziehen vergrößert. Tasten: Pfeile verschieben, + und − ändern die "
        "Größe, 0 zeigt alles.",
    ),
}
