"""The types and properties of the reconciliation service, made from the ontology and its form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from integgraph.ontology import IG, Field, Ontology
from integgraph.reconciliation.collection import ACTOR, FUNDER, NETWORK, PLACE, Form, Kind, Property, Texts

_CLASSES: tuple[tuple[str, str, str, Texts, Texts], ...] = (
    (
        ACTOR,
        "Actor",
        "",
        {"en": "Actor", "de": "Akteur"},
        {
            "en": "An organisation that a profile names: member, coordinator, funder or mentioned.",
            "de": "Eine Organisation, die ein Profil nennt: als Mitglied, Koordination, Geldgeber oder nebenbei.",
        },
    ),
    (
        NETWORK,
        "Network",
        "",
        {"en": "Network", "de": "Netzwerk"},
        {
            "en": "A cooperation of several organisations that the collection describes.",
            "de": "Eine Zusammenarbeit mehrerer Organisationen, die die Sammlung beschreibt.",
        },
    ),
    (
        PLACE,
        "Place",
        "",
        {"en": "Place", "de": "Ort"},
        {
            "en": "A place that a profile names, or in which such a place lies.",
            "de": "Ein Ort, den ein Profil nennt, oder in dem ein solcher liegt.",
        },
    ),
    (
        FUNDER,
        "Actor",
        ACTOR,
        {"en": "Funder", "de": "Geldgeber"},
        {
            "en": "An actor that a funding flow names as giving the money.",
            "de": "Ein Akteur, den eine Finanzierung als Geber des Geldes nennt.",
        },
    ),
)
_OF_VOCABULARY = {"en": "{} (vocabulary)", "de": "{} (Vokabular)"}
_TERM: Texts = {"en": "A term of this vocabulary.", "de": "Ein Begriff dieses Vokabulars."}

Line = tuple[str, Form, str, str, str]
"""Id, form, type of the values (empty for none or several), name in English and in German."""

COMPUTED: tuple[Line, ...] = (
    ("id", "text", "", "Id", "Kennung"),
    ("names_also", "text", "", "Other names", "Weitere Namen"),
    ("label_en", "text", "", "Name in English", "Name auf Englisch"),
    ("label_de", "text", "", "Name in German", "Name auf Deutsch"),
    ("standing", "text", "", "Standing of the identifier", "Stand der Kennung"),
    ("replaced_by", "entity", "", "What it became", "Was daraus wurde"),
)
"""Properties that every entity has; their values are made when they are asked for."""
ACTORS: tuple[Line, ...] = (
    ("sectors", "entity", "sector", "Sectors", "Sektoren"),
    ("legal_forms", "entity", "legal-form", "Legal forms", "Rechtsformen"),
    ("places", "entity", PLACE, "Places", "Orte"),
    ("takes_part_in", "entity", NETWORK, "Takes part in", "Beteiligt an"),
    ("mentioned_by", "entity", NETWORK, "Mentioned by", "Erwähnt von"),
    ("kinds_stated", "text", "", "Kind, as stated", "Art nach den Quellen"),
    ("networks", "integer", "", "Networks it is a member of (number)", "Netzwerke, in denen es Mitglied ist (Anzahl)"),
    ("participations", "integer", "", "Participations (number)", "Beteiligungen (Anzahl)"),
    ("coordinates", "integer", "", "Networks it coordinates (number)", "Netzwerke, die es koordiniert (Anzahl)"),
    ("flows_given", "integer", "", "Funding flows given (number)", "Gegebene Finanzierungen (Anzahl)"),
    ("flows_received", "integer", "", "Funding flows received (number)", "Erhaltene Finanzierungen (Anzahl)"),
)
"""Of actors: columns of the table ``actors``, and the networks that name them."""
NETWORKS: tuple[Line, ...] = (
    ("places", "entity", PLACE, "Places", "Orte"),
    ("countries", "text", "", "Countries", "Länder"),
    ("founded_earliest", "date", "", "Founded, first possible day", "Gegründet, frühester Tag"),
    ("founded_latest", "date", "", "Founded, last possible day", "Gegründet, spätester Tag"),
    ("members_named", "integer", "", "Members named (number)", "Genannte Mitglieder (Anzahl)"),
    ("fields_asked", "integer", "", "Fields asked (number)", "Gestellte Felder (Anzahl)"),
    ("fields_answered", "integer", "", "Fields answered (number)", "Beantwortete Felder (Anzahl)"),
    ("profiles", "integer", "", "Profiles (number)", "Profile (Anzahl)"),
    ("status_date", "text", "", "Newest status", "Neuester Stand"),
)
"""Of networks, beside the fields of the form: columns of the table ``networks``."""
PLACES: tuple[Line, ...] = (
    ("place_kind", "text", "", "Kind of place", "Art des Ortes"),
    ("within", "entity", PLACE, "Lies in", "Liegt in"),
    ("countries", "text", "", "Countries", "Länder"),
    ("nuts", "text", "", "NUTS code", "NUTS-Code"),
    ("nuts3", "text", "", "NUTS 3 code", "NUTS-3-Code"),
    ("networks_seated", "integer", "", "Networks seated here (number)", "Netzwerke mit Sitz hier (Anzahl)"),
    ("networks_active", "integer", "", "Networks active here (number)", "Netzwerke, die hier arbeiten (Anzahl)"),
    ("networks_within", "integer", "", "Networks here or in a part (number)", "Netzwerke hier oder darin (Anzahl)"),
)
"""Of places: columns of the table ``places``; ``kind`` and ``country`` have longer names here."""
CONCEPTS: tuple[Line, ...] = (
    ("vocabulary", "text", "", "Vocabulary", "Vokabular"),
    ("broader", "entity", "", "Broader term", "Oberbegriff"),
    ("definition_en", "text", "", "Definition in English", "Definition auf Englisch"),
    ("definition_de", "text", "", "Definition in German", "Definition auf Deutsch"),
)
"""Of terms of the vocabularies."""
_EVIDENCE: Mapping[str, str] = {
    "places": "place",
    "seat": "place",
    "area": "place",
    "countries": "country",
    "legal_forms": "legal_form",
    "sectors": "kind",
    "websites": "domain",
}
"""Properties that the matcher weighs, as it calls them; all others are compared by value."""


def kinds(ontology: Ontology) -> list[Kind]:
    """The types: actors, networks, places, funders, and every vocabulary.

    >>> [kind.id for kind in kinds(Ontology.load())][:5]
    ['actor', 'network', 'place', 'funder', 'absence']
    """
    found = [Kind(id, IG + name, names, meanings, broader) for id, name, broader, names, meanings in _CLASSES]
    for scheme in ontology.schemes.values():
        names = {language: _OF_VOCABULARY.get(language, "{}").format(text) for language, text in scheme.labels.items()}
        found.append(Kind(scheme.id, scheme.iri, names, _TERM))
    return found


def properties(ontology: Ontology) -> list[Property]:
    """The properties. Those of networks follow the form, so a new field is a new property.

    >>> next(each for each in properties(Ontology.load()) if each.id == "legal_forms").evidence
    'legal_form'
    """
    schemes = tuple(ontology.schemes)
    found: dict[str, Property] = {}
    for kinds_of, one in (
        *(((ACTOR, FUNDER), _of_line(line)) for line in ACTORS),
        *(((NETWORK,), each) for each in _of_form(ontology)),
        *(((NETWORK,), _of_line(line)) for line in NETWORKS),
        *(((PLACE,), _of_line(line)) for line in PLACES),
        *((schemes, _of_line(line)) for line in CONCEPTS),
        *(((ACTOR, NETWORK, PLACE, FUNDER, *schemes), _of_line(line)) for line in COMPUTED),
    ):
        known = found.get(one.id)
        if known is None:
            found[one.id] = replace(one, kinds=kinds_of)
        else:
            found[one.id] = replace(
                known, kinds=(*known.kinds, *(kind for kind in kinds_of if kind not in known.kinds))
            )
    return list(found.values())


def _of_line(line: Line) -> Property:
    id, form, range, en, de = line
    return Property(id, {"en": en, "de": de}, {}, (), form, _EVIDENCE.get(id, ""), range)


def fields(ontology: Ontology) -> list[Field]:
    """The fields of the form that describe a network, in order."""
    return [each for each in ontology.form.fields if not each.profile]


def _of_form(ontology: Ontology) -> Iterator[Property]:
    for each in fields(ontology):
        form: Form = "text"
        range = ""
        if each.scheme:
            form, range = "entity", each.scheme
        elif each.kind == "place":
            form, range = "entity", PLACE
        elif each.node and each.node.inline:
            form = "entity"
        elif each.kind == "boolean":
            form = "boolean"
        yield Property(each.key, each.names, each.help, (), form, _EVIDENCE.get(each.key, ""), range)
        if each.required:
            names = {"en": f"{each.name('en')}: state of the answer", "de": f"{each.name('de')}: Stand der Antwort"}
            yield Property(f"{each.key}_state", names, {}, ())
