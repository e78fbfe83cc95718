"""Made-up networks as records: a data folder of any size that is like the real one, for benchmarks and tests.

Run: python benchmarks/generate.py 1000 --seed 1 --out /tmp/made [--places data/places]

The folder holds ``profiles/``, ``links/`` and ``places/``, as ``integgraph build --data`` reads them. The mix follows
the collection of 120 networks in ``data/profiles``: how often a field is answered, how many values it has, which terms
are frequent. On top of that it has what a large collection brings: bodies that are in many networks (each network has
its own actor id, and a decision in ``links/`` says that they are one), shared funders, editions that disagree, networks
that are members of networks, and every reason of absence. Only the places are real. The same number and seed give the
same bytes; records are made one by one, so memory does not grow with their number.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, TextIO

from integgraph.errors import InputError, Problem
from integgraph.identity import DIFFERENT, PART_OF, SAME, UNDECIDED
from integgraph.ingest.kinds import slug
from integgraph.ingest.places import Gazetteer, Place
from integgraph.ontology import UNCLASSIFIED, Ontology

PLACES = Path(__file__).parents[1] / "data" / "places"
ROWS_A_FILE = 100_000  # a file of decisions may have 50 MB
LARGEST_FROM = 20  # networks from which on one has more than 300 members
LARGEST_EVERY = 2000

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """One made-up network.

    Attributes:
        records: Its profiles as plain data, oldest edition first.
        decisions: Rows for ``links/``: subject, its label, predicate, object, its label, grounds.
    """

    records: Sequence[Data]
    decisions: Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Tongue:
    """What bodies are called in one language; ``{t}`` is a town, ``{w}`` a word."""

    network: Sequence[str]
    city: str
    shared: Sequence[tuple[str, str]]
    local: Sequence[tuple[str, str, str]]
    words: Sequence[str]


@dataclass(frozen=True, slots=True)
class Hub:
    """A body that many networks name."""

    slug: str
    name: str
    language: str
    sector: str
    category: str = ""
    place: str = ""


TONGUES: Mapping[str, Tongue] = {
    "de": Tongue(
        ("Netzwerk Ankommen {t}", "Runder Tisch {w} {t}", "Bündnis {w} {t}", "Arbeitskreis Vielfalt {t}"),
        "Stadt {t}",
        (("Wohlfahrtsverband {w} {t}", "welfare-association"), ("Arbeitsagentur {w} {t}", "public-authority")),
        (
            ("Verein {w} {t} e.V.", "association", "eingetragener-verein"),
            ("Bildungswerk {w} {t}", "education", ""),
            ("{w} Migration {t}", "ngo", ""),
            ("Kirchenkreis {w}", "religious", "religious-body"),
            ("Selbsthilfe {w} {t}", "migrant-organisation", "eingetragener-verein"),
            ("Gemeinde {w} bei {t}", "municipality", "territorial-authority"),
        ),
        ("Brücke", "Kompass", "Linde", "Horizont", "Anker", "Leuchtturm", "Wegweiser", "Mosaik", "Aufwind", "Hafen"),
    ),
    "en": Tongue(
        ("{t} Welcome Network", "{w} Alliance {t}", "{t} Integration Forum", "{w} Partnership"),
        "{t} City Council",
        (("{w} Welfare Federation {t}", "welfare-association"), ("{w} Employment Agency {t}", "public-authority")),
        (
            ("{w} Association {t}", "association", "association"),
            ("{w} College {t}", "education", ""),
            ("{w} Refugee Support {t}", "ngo", "charity"),
            ("Parish of {w}", "religious", ""),
            ("{w} Community Group", "migrant-organisation", ""),
            ("{w} District Council", "municipality", ""),
        ),
        ("Bridge", "Compass", "Harbour", "Horizon", "Anchor", "Beacon", "Mosaic", "Willow", "Lantern", "Crossing"),
    ),
    "it": Tongue(
        ("Rete {w} {t}", "Tavolo Accoglienza {t}"),
        "Comune di {t}",
        (("Federazione {w} {t}", "welfare-association"), ("Agenzia {w} {t}", "public-authority")),
        (
            ("Associazione {w} {t}", "association", "associazione"),
            ("Cooperativa {w}", "ngo", "cooperativa-sociale"),
            ("Scuola {w} {t}", "education", ""),
            ("Comune di {w}", "municipality", ""),
        ),
        ("Ponte", "Bussola", "Orizzonte", "Faro", "Porto", "Mosaico"),
    ),
    "fr": Tongue(
        ("Réseau {w} {t}", "Collectif Accueil {t}"),
        "Ville de {t}",
        (("Fédération {w} {t}", "welfare-association"), ("Agence {w} {t}", "public-authority")),
        (
            ("Association {w} {t}", "association", "association-loi-1901"),
            ("Centre {w} {t}", "ngo", ""),
            ("Commune de {w}", "municipality", ""),
        ),
        ("Le Pont", "Boussole", "Horizon", "Le Phare", "Escale", "Mosaïque"),
    ),
    "es": Tongue(
        ("Red {w} {t}", "Foro de Acogida {t}"),
        "Ayuntamiento de {t}",
        (("Federación {w} {t}", "welfare-association"), ("Agencia {w} {t}", "public-authority")),
        (("Asociación {w} {t}", "association", "asociacion"), ("Fundación {w}", "foundation", "foundation")),
        ("Puente", "Brújula", "Horizonte", "Faro", "Puerto"),
    ),
    "sv": Tongue(
        ("Nätverket {w} {t}",),
        "{t} kommun",
        (("Förbundet {w} {t}", "welfare-association"), ("Myndigheten {w} {t}", "public-authority")),
        (("Föreningen {w} {t}", "association", "ideell-forening"), ("Folkhögskolan {w}", "education", "")),
        ("Bron", "Kompassen", "Hamnen", "Fyren"),
    ),
    "cs": Tongue(
        ("Síť {w} {t}",),
        "Město {t}",
        (("Svaz {w} {t}", "welfare-association"), ("Úřad {w} {t}", "public-authority")),
        (("Spolek {w} {t}", "association", "spolek"), ("Centrum {w}", "ngo", "")),
        ("Most", "Kompas", "Obzor", "Přístav"),
    ),
    "pl": Tongue(
        ("Sieć {w} {t}",),
        "Miasto {t}",
        (("Federacja {w} {t}", "welfare-association"), ("Urząd {w} {t}", "public-authority")),
        (("Stowarzyszenie {w} {t}", "association", "stowarzyszenie"), ("Fundacja {w}", "foundation", "")),
        ("Most", "Kompas", "Horyzont", "Przystań"),
    ),
}
COUNTRY_TONGUES = {"DE": "de", "AT": "de", "CH": "de", "IT": "it", "FR": "fr", "ES": "es", "SE": "sv", "CZ": "cs"} | {
    "PL": "pl"
}

TERMS: Mapping[str, Mapping[str, int]] = {
    "field": {"labour-market": 43, "integration-in-general": 28, "vocational-training": 24, "advocacy": 21}
    | {"education-and-training": 17, "language": 17, "participation": 16, "living-together": 15, "housing": 14}
    | {"reception": 13, "volunteering": 12, "health": 10},
    "target-group": {"refugees": 60, "migrants": 50, "asylum-seekers": 30, "public-administration": 18}
    | {"local-population": 14, "municipalities": 13, "volunteers": 12, "companies": 11, "ngos": 9, "policy-makers": 9}
    | {"people-with-migration-background": 10, "persons-with-tolerated-stay": 6},
    "network-type": {"programme-network": 17, "project-network": 15, "ngo-network": 15, "network-of-cities": 12}
    | {"cooperation-network": 11, "regional-network": 10, "cross-sector-network": 9, "platform": 8, "round-table": 7}
    | {"migrant-organisation-network": 9, "umbrella-organisation": 7, "alliance": 7},
    "formalisation": {"legal-entity": 13, "written-agreement": 11, "soft-agreements": 5, "informal": 4},
    "internal-practice": {"network-meeting": 25, "training-event": 22, "working-group": 18, "general-assembly": 7}
    | {"exchange-of-experience": 10, "monitoring-and-evaluation": 6, "advice-for-members": 5, "steering-group": 5},
    "external-practice": {"advice": 16, "training-for-others": 9, "demand": 9, "qualification": 8, "report": 8}
    | {"campaign": 7, "policy-work": 7, "project": 7, "public-strategy": 6, "awareness-raising": 6, "statement": 6},
    "finding-theme": {},
    "coordination-kind": {"lead": 30, "overall-coordination": 20, "secretariat": 15, "carrier": 8},
    "relation-kind": {"predecessor": 8, "sister-project": 8, "part-of": 8, "cooperates-with": 6},
}
"""Frequent terms with their number in the 120 real networks; every other term of the list counts as two."""

ROLES = {"member": 379, "partner": 113, "founding-member": 47, "implementing-partner": 34, "signatory": 32} | {
    "lead-partner": 24, "supporter": 20, "sub-project-partner": 20, "initiator": 15, "board-member": 15, "host": 7,
    "contributing-partner": 14, "steering-group-member": 13, "external-partner": 9, "cooperation-partner": 8,
    "chair": 6, "secretariat": 6, "event-contributor": 4, "facilitator": 4, "mentoring": 4, "prospective-member": 3,
    "expert-partner": 3, "quoted-body": 3, "former-member": 2, "guest": 2, "commissioning-body": 1,
}  # fmt: skip
FUNDERS = {"eu": 38, "federal": 28, "state": 17, "foundation": 9, "municipal": 9, "foreign-public": 3} | {
    "international-organisation": 2, "national": 2, "regional": 1, "lottery": 1,
}  # fmt: skip
FUNDER_NAMES = {
    "eu": ("European Arrival Fund", "en"),
    "federal": ("Bundesamt für Ankommen", "de"),
    "state": ("Landesministerium für Vielfalt", "de"),
    "foundation": ("Stiftung Offene Stadt", "de"),
    "municipal": ("Municipal Integration Budget", "en"),
    "foreign-public": ("Agency for Partnership Abroad", "en"),
    "international-organisation": ("World Office for Newcomers", "en"),
    "national": ("Fondo nazionale accoglienza", "it"),
    "regional": ("Région des Rencontres", "fr"),
    "lottery": ("Solidarity Lottery", "en"),
}
UNNAMED_FUNDING = {"donations": 5, "own-means": 3, "membership-fees": 1, "federal": 2, "municipal": 1}
INSTRUMENTS = {"project-funding": 50, "programme": 25, "structural-funding": 6, "grant": 5, "own-contribution": 2}
UNITS = {"organisations": 80, "members": 30, "cities": 20, "persons": 15, "countries": 10, "actors": 8, "networks": 4}
FINDINGS: tuple[str, ...] = ("success_factors", "challenges", "lessons", "evaluation", "sustainability", "impact")
FINDINGS += ("innovation", "transferability")
LANGUAGES = {"en": 70, "de": 22, "fr": 5, "it": 3}
PHRASES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "note": "Made up for a benchmark.",
        "for": "counselling and courses, part {n}",
        "finding": "Point {n}: fixed dates, short ways and one contact for {w}",
        "count": "over {n}",
        "exact": "{n} members",
        "about": "about {n}",
        "group": "Volunteers",
        "description": "In this network, bodies around {w} plan offers for newcomers together.",
        "wording": "named in the list of {y} as {w}",
        "none": "no coordinating body",
        "kinds": "associations",
    },
    "de": {
        "note": "Erfunden für eine Messung.",
        "for": "Beratung und Kurse, Teil {n}",
        "finding": "Punkt {n}: feste Termine, kurze Wege und eine Anlaufstelle für {w}",
        "count": "über {n}",
        "exact": "{n} Mitglieder",
        "about": "etwa {n}",
        "group": "Ehrenamtliche",
        "description": "In diesem Netzwerk planen Stellen rund um {w} gemeinsam Angebote für Zugewanderte.",
        "wording": "in der Liste von {y} als {w} geführt",
        "none": "keine koordinierende Stelle",
        "kinds": "Vereine",
    },
    "fr": {
        "note": "Inventé pour une mesure.",
        "for": "conseil et cours, partie {n}",
        "finding": "Point {n} : des dates fixes et un seul contact pour {w}",
        "count": "plus de {n}",
        "exact": "{n} membres",
        "about": "environ {n}",
        "group": "Bénévoles",
        "description": "Dans ce réseau, des organismes autour de {w} préparent ensemble l’accueil.",
        "wording": "figure dans la liste de {y} comme {w}",
        "none": "pas d’organisme coordinateur",
        "kinds": "associations",
    },
    "it": {
        "note": "Inventato per una misura.",
        "for": "consulenza e corsi, parte {n}",
        "finding": "Punto {n}: date fisse e un solo contatto per {w}",
        "count": "oltre {n}",
        "exact": "{n} membri",
        "about": "circa {n}",
        "group": "Volontari",
        "description": "In questa rete gli enti attorno a {w} preparano insieme l’accoglienza.",
        "wording": "nell’elenco del {y} come {w}",
        "none": "nessun ente coordinatore",
        "kinds": "associazioni",
    },
}
ABSENCES: Mapping[str, tuple[float, Sequence[Data]]] = {
    "stated-none": (0.06, ({"coordination": "raw"}, {"stated_counts": ""}, {"official_name": ""}, {"funding": "raw"})),
    "not-stated": (0.05, ({"funding": ""}, {"founded": ""}, {"description": ""})),
    "unreadable": (0.03, ({"founded": "1"}, {"email": "i…@…"}, {"members_complete": "?"})),
    "withheld": (0.03, ({"email": ""}, {"funding": ""})),
    "not-asked": (0.03, ({"transferability": ""}, {"innovation": ""}, {"in_kind": ""})),
}
"""Reason → (share of networks, the fields it may stand in with what stands there)."""


@dataclass(frozen=True, slots=True)
class Weighted:
    """Things to draw from by weight; drawing costs one random number."""

    things: Sequence[Any]
    sums: Sequence[float]

    @classmethod
    def of(cls, weights: Mapping[Any, float]) -> Weighted:
        """From a table of weights."""
        return cls(tuple(weights), tuple(accumulate(weights.values())))

    def draw(self, random: Random) -> Any:
        """One of the things."""
        return self.things[bisect(self.sums, random.random() * self.sums[-1])]

    def several(self, random: Random, count: int) -> list[Any]:
        """Up to ``count`` different things, in the order drawn."""
        return list(dict.fromkeys(self.draw(random) for _ in range(count)))


@dataclass(slots=True)
class World:
    """What all networks of one run share; only ``canonical`` and ``previous`` change while they are made."""

    networks: int
    seed: int
    towns: Weighted
    places: Gazetteer
    labels: Mapping[str, Mapping[str, Mapping[str, str]]]
    terms: Mapping[str, Weighted]
    cities: Mapping[str, Hub]
    hubs: Weighted
    funders: Weighted
    shifts: Mapping[str, float]
    canonical: dict[str, tuple[str, str]] = field(default_factory=dict)
    previous: tuple[str, str] = ("", "")

    def chosen(self, what: str, number: int, share: float) -> bool:
        """Whether network ``number`` is one of the ``share`` of all that have a property.

        They are spread evenly, so that a small collection has its share too.
        """
        shift = self.shifts[what]
        return int((number + 1) * share + shift) > int(number * share + shift)

    def town(self, number: int) -> Place:
        """Where a network is; known without making the network."""
        place: Place = self.towns.draw(Random(f"{self.seed} town {number}"))
        return place

    def title(self, number: int) -> tuple[str, str]:
        """Slug and name of a network; known without making it."""
        town = self.town(number)
        tongue, name = _tongue(town), town.name(_language(town))
        patterns = TONGUES[tongue].network
        words = TONGUES[tongue].words
        title = patterns[number % len(patterns)].format(t=name, w=words[number // len(patterns) % len(words)])
        return f"{slug(title)}-n{number}", f"{title} {number}"

    def largest(self) -> int:
        """Number of the first network with more than 300 members; none in a small collection."""
        return int(self.shifts["largest"] * min(self.networks, LARGEST_EVERY))


PROPERTIES = (
    "edition",
    "third",
    "network",
    "alias",
    "full",
    "large",
    "unlisted",
    "different",
    "part",
    "undecided",
    "largest",
)


def world(networks: int, seed: int, places: Path = PLACES) -> World:
    """Draw what the networks share: towns, bodies that many of them name, funders."""
    random = Random(f"{seed} world {networks}")
    gazetteer = Gazetteer.load(places)
    towns = [place for place in gazetteer.places.values() if place.kind == "town" and place.country]
    if not towns:
        raise InputError(Problem(f"There are no towns in {places}.", advice="Name a folder with a places.yaml."))
    random.shuffle(towns)
    ontology = Ontology.load()
    labels = {
        name: {
            each.id: dict(each.labels) for each in ontology.scheme(name).concepts.values() if each.id != UNCLASSIFIED
        }
        for name in TERMS
    }
    return World(
        networks=networks,
        seed=seed,
        towns=Weighted(towns, tuple(accumulate(1 / (rank + 5) for rank in range(len(towns))))),
        places=gazetteer,
        labels=labels,
        terms={
            name: Weighted.of({each: TERMS[name].get(each, 2 if len(labels[name]) > 5 else 1) for each in labels[name]})
            for name in TERMS
        },
        cities={town.id: _city(town) for town in towns},
        hubs=Weighted.of(
            {_hub(rank, random, towns): (rank + 1) ** -0.8 for rank in range(max(6, min(3000, networks // 8)))}
        ),
        funders=Weighted.of(
            {_funder(rank, random): (rank + 1) ** -0.8 for rank in range(max(5, min(400, networks // 20)))}
        ),
        shifts={what: random.random() for what in (*PROPERTIES, *ABSENCES)},
    )


def _tongue(town: Place) -> str:
    return COUNTRY_TONGUES.get(town.country or "", "en")


def _language(town: Place) -> str:
    return _tongue(town) if _tongue(town) in town.names else next(iter(town.names))


def _city(town: Place) -> Hub:
    tongue = _tongue(town)
    name = TONGUES[tongue].city.format(t=town.name(_language(town)))
    return Hub(f"city-{town.id}", name, tongue, "municipality", place=town.id)


def _hub(rank: int, random: Random, towns: Sequence[Place]) -> Hub:
    town = random.choice(towns)
    tongue = TONGUES[_tongue(town)]
    pattern, sector = tongue.shared[rank % len(tongue.shared)]
    name = pattern.format(t=town.name(_language(town)), w=random.choice(tongue.words))
    return Hub(f"{slug(name)}-h{rank}", name, _tongue(town), sector, place=town.id)


def _funder(rank: int, random: Random) -> Hub:
    category = list(FUNDERS)[rank] if rank < len(FUNDERS) else Weighted.of(FUNDERS).draw(random)
    name, language = FUNDER_NAMES[category]
    name = f"{name} {rank + 1}"
    return Hub(slug(name), name, language, "foundation" if category == "foundation" else "public-authority", category)


_ROLES, _INSTRUMENTS, _UNITS = Weighted.of(ROLES), Weighted.of(INSTRUMENTS), Weighted.of(UNITS)
_UNNAMED, _LANGUAGES = Weighted.of(UNNAMED_FUNDING), Weighted.of(LANGUAGES)
_FLOWS = Weighted.of({1: 50, 2: 25, 3: 12, 4: 8, 5: 3, 7: 2})
_FEW = Weighted.of({1: 30, 2: 30, 3: 20, 4: 12, 5: 8})
_COUNTS = Weighted.of({1: 40, 2: 28, 3: 15, 4: 9, 6: 5, 9: 3})
_SOURCES = Weighted.of({1: 18, 2: 24, 3: 22, 4: 15, 5: 10, 6: 6, 8: 4, 10: 1})


class Author:
    """Makes one network. Bodies are named by id while it is made; :meth:`sound` defines each where it first stands."""

    def __init__(self, shared: World, number: int) -> None:
        self.world = shared
        self.number = number
        self.random = Random(f"{shared.seed} network {number}")
        self.town = shared.town(number)
        self.slug, self.title = shared.title(number)
        self.names_language = _tongue(self.town)
        self.language: str = _LANGUAGES.draw(self.random)
        self.tongue = TONGUES[self.names_language]
        self.phrases = PHRASES[self.language]
        self.bodies: dict[str, Data] = {}
        self.hubs: dict[str, Hub] = {}
        self.networks: dict[str, str] = {}

    def often(self, share: float) -> bool:
        return self.random.random() < share

    def phrase(self, key: str) -> str:
        random = self.random
        return self.phrases[key].format(
            n=random.randrange(2, 99), w=random.choice(self.tongue.words), y=random.randrange(2005, 2026)
        )

    # -- bodies

    def hub(self, hub: Hub) -> str:
        """Id that a shared body has in this network."""
        name = f"{hub.slug}-n{self.number}"
        if name not in self.bodies:
            written = hub.name if hub.language == self.names_language else {hub.language: hub.name}
            self.bodies[name] = {"id": name, "name": written, "sector": hub.sector}
            self.hubs[name] = hub
            if hub.place and self.often(0.6):
                self.bodies[name]["place"] = hub.place
        return name

    def body(self, stem: str, **parts: str) -> str:
        """Id of a body that only this network names."""
        name = f"{stem}-n{self.number}-{len(self.bodies) + 1}"
        self.bodies[name] = {"id": name, **parts}
        return name

    def local(self) -> str:
        """Id of an organisation that only this network names."""
        random = self.random
        pattern, sector, form = random.choice(self.tongue.local)
        name = pattern.format(t=self.town.name(_language(self.town)), w=random.choice(self.tongue.words))
        chance = random.random()
        parts = {"name": name}
        if chance < 0.005:
            parts["kind_stated"] = self.phrases["kinds"]
        if chance < 0.89:
            parts["sector"] = sector
        if form and self.often(0.13):
            parts["legal_form"] = form
        if self.often(0.45):
            parts["place"] = self.town.id
        if chance < 0.02:
            parts["url"] = f"https://body-{self.number}-{len(self.bodies)}.example/"
        return self.body(_stem(pattern), **parts)

    # -- fields

    def concepts(self, scheme: str, count: int) -> list[Any]:
        """Terms in each way a person writes them: a bare label, a term with its wording, several at once."""
        random = self.random
        found: list[Any] = []
        labels = self.world.labels[scheme]
        names = self.world.terms[scheme].several(random, count)
        for name in names:
            label, chance = labels[name].get(self.language, ""), random.random()
            if label and chance < 0.5:
                found.append(label)
                continue
            # Only some languages have labels; elsewhere the wording is English and says so.
            language, label = (self.language, label) if label else ("en", labels[name]["en"])
            text = f"{label} ({random.choice(self.tongue.words)})"
            concept = name if chance < 0.85 else [name, self.world.terms[scheme].draw(random)]
            found.append({"concept": concept, "wording": text if language == self.language else {language: text}})
        return found

    def size(self) -> int:
        """Number of members: median 5, mean about 7, a few with 60 and more."""
        world, random = self.world, self.random
        if world.networks >= LARGEST_FROM and self.number % LARGEST_EVERY == world.largest():
            return 300 + random.randrange(100)
        if world.chosen("large", self.number, 0.01):
            return 60 + int(random.paretovariate(1.6) * 5) % 120
        return min(59, round(random.lognormvariate(1.609, 0.78))) if self.often(0.97) else 0

    def member(self, body: str) -> Data:
        row: Data = {"actor": body}
        role, chance = _ROLES.draw(self.random), self.random.random()
        if role == "member" and chance < 0.8:
            return row
        if chance < 0.3:
            row["roles"] = {"role": role, "wording": self.phrase("wording")}
        elif chance < 0.36 and role != "board-member":
            row["roles"] = [{"role": role, "from": str(self.random.randrange(2005, 2020))}, "board-member"]
        else:
            row["roles"] = role
        return row

    def members(self) -> list[Data]:
        count, world, random = self.size(), self.world, self.random
        bodies: list[str] = []
        if count and self.often(0.4):
            bodies.append(self.hub(world.cities[self.town.id]))
        shared = min(count - len(bodies), int(random.expovariate(0.7)))
        bodies += [self.hub(hub) for hub in world.hubs.several(random, shared)]
        bodies += [self.local() for _ in range(count - len(bodies))]
        rows = [self.member(body) for body in bodies]
        if count and self.often(0.1):
            rows.append({"actor": self.body("group", group="yes", name=self.phrases["group"])})
        if self.number and world.chosen("network", self.number, 0.03):
            rows.append(
                {"actor": f"network:{world.title(random.randrange(self.number))[0]}", "roles": "member-network"}
            )
        if self.number and world.chosen("alias", self.number, 0.02):
            other, title = world.title(random.randrange(self.number))
            name = self.body("network", name=title)
            self.networks[name] = other
            rows.append({"actor": name, "roles": "member-network"})
        return rows

    def coordination(self, members: Sequence[Data]) -> list[Data]:
        named = self.named(members)
        rows = []
        for number in range(1 if self.often(0.88) else self.random.choice((2, 2, 3))):
            row: Data = {"actor": named[number] if number < len(named) and self.often(0.9) else self.local()}
            row["kind"] = self.world.terms["coordination-kind"].draw(self.random)
            if self.often(0.08):
                row["from"] = str(self.random.randrange(2000, 2015))
                if self.often(0.3):
                    row["to"] = str(self.random.randrange(2015, 2024))
            if self.often(0.45):
                row["wording"] = self.phrase("wording")
            rows.append(row)
        return rows

    def named(self, members: Sequence[Data]) -> list[str]:
        """Ids of the members that are organisations."""
        return [row["actor"] for row in members if "group" not in self.bodies.get(row["actor"], {"group": ""})]

    def funding(self, members: Sequence[Data]) -> list[Data]:
        random, named = self.random, self.named(members)
        flows = []
        for _ in range(_FLOWS.draw(random)):
            flow: Data = {}
            if self.often(0.85):
                if self.often(0.9):
                    hub = self.world.funders.draw(random)
                    flow |= {"funder": self.hub(hub), "category": hub.category}
                else:
                    flow |= {"funder": self.local(), "category": "association"}
            else:
                flow["category"] = _UNNAMED.draw(random)
            chance = random.random()
            flow["recipient"] = "network" if chance < 0.6 or not named else random.choice(named[:10])
            if chance > 0.95 and flow["recipient"] != "network":
                flow["recipient"] = [flow["recipient"], "network"]
            if self.often(0.46):
                flow["for"] = self.phrase("for")
            if self.often(0.08):
                amount = int(random.lognormvariate(12, 1.4))
                flow |= {"amount": f"{amount}.50" if self.often(0.1) else str(amount), "currency": "EUR"}
                flow["currency"] = {"SE": "SEK", "CH": "CHF", "PL": "PLN"}.get(self.town.country or "", "EUR")
            elif self.often(0.07):
                flow["share"] = f"{random.randrange(1, 20) * 5}%"
            if self.often(0.52):
                year = random.randrange(2003, 2024)
                flow["from"] = f"{year}-{random.randrange(1, 13):02}" if self.often(0.3) else str(year)
                if self.often(0.8):
                    flow["to"] = str(year + random.randrange(1, 5))
            if self.often(0.72):
                flow["instrument"] = _INSTRUMENTS.draw(random)
            if self.often(0.43):
                flow["programme"] = f"Programme {random.randrange(1, 40)}"
            if self.often(0.1):
                flow["source"] = "s1"
            flows.append(flow)
        return flows

    def counts(self, members: int, year: int) -> list[Data]:
        random = self.random
        rows: list[Data] = []
        number = max(2, members + random.randrange(0, 30))
        for position in range(_COUNTS.draw(random)):
            row: Data
            if position == 0 and self.often(0.3):
                number = number // 10 * 10 + 10
                row = {
                    "min": str(number + 1),
                    "unit": "organisations",
                    "wording": self.phrases["count"].format(n=number),
                }
            elif self.often(0.1):
                row = {"min": str(number), "max": str(number), "approximate": "yes", "unit": _UNITS.draw(random)}
                row["wording"] = self.phrases["about"].format(n=number)
            else:
                row = {"min": str(number), "max": str(number), "unit": _UNITS.draw(random)}
                if self.often(0.8):
                    row["wording"] = self.phrases["exact"].format(n=number)
            if self.often(0.4):
                row["date"] = str(year - position)
            if position and self.often(0.4):
                row["of_members"] = "no"
            number = max(1, number + random.randrange(-8, 20))
            rows.append(row)
        return rows

    def sources(self, *, whole: bool) -> list[Data]:
        random, rows = self.random, []
        for position in range(1, _SOURCES.draw(random) + 1):
            row: Data = {"id": f"s{position}"}
            if self.often(0.46):
                row["title"] = f"{self.title}, {position}"
            if "title" not in row or self.often(0.97):
                row["url"] = f"https://{self.slug}.example/{position}"
            if self.often(0.54):
                row["edition"] = f"{random.randrange(2008, 2026)}-{random.randrange(1, 13):02}"
            row["retrieved"] = f"2026-{random.randrange(1, 12):02}-{random.randrange(1, 29):02}"
            if whole:
                row["read"] = "whole"
            rows.append(row)
        return rows

    # -- records

    def first(self) -> Data:
        """The first profile of the network."""
        random, world, often = self.random, self.world, self.often
        full = world.chosen("full", self.number, 0.03)
        year = random.randrange(2008, 2020)
        record: Data = {"id": self.slug, "language": self.language}
        if self.names_language != self.language:
            record["names_language"] = self.names_language
        if often(0.93):
            record["official_name"] = self.title if often(0.9) else {self.names_language: self.title, "en": self.title}
        record["label"] = self.title
        if often(0.38):
            record["name_variants"] = [f"{self.title.split()[0]} {each}" for each in range(_FEW.draw(random))]
        if often(0.66):
            began = random.randrange(1985, year)
            record["founded"] = random.choice((str(began), f"{began}-0{random.randrange(1, 10)}", f"{began}~"))
        if often(0.01):
            record["ended"] = str(year + 5)
        if often(0.53):
            record["seat"] = self.town.id
        record["area"] = self.area()
        members = self.members()
        if often(0.7):
            record["coordination"] = self.coordination(members)
        if often(0.28):
            record["formalisation"] = self.concepts("formalisation", 1)
        if members:
            record["members"] = members
        if often(0.59):
            record["stated_counts"] = self.counts(len(members), year)
        if often(0.81):
            record["members_complete"] = "no" if often(0.8) else "yes"
        if often(0.15):
            record["member_kinds"] = [f"{self.phrases['kinds']} {each}" for each in range(1, 1 + _FEW.draw(random))]
        if often(0.99):
            record["fields_of_action"] = self.concepts("field", 1 + _FEW.draw(random))
            if world.chosen("unlisted", self.number, 0.02):
                record["fields_of_action"].append(f"{self.title} xyz")
        if often(0.97):
            record["target_groups"] = self.concepts("target-group", _FEW.draw(random))
        record["network_type"] = self.concepts("network-type", 1)
        if full:
            record["description"] = {
                language: PHRASES[language]["description"].format(w=self.town.id) for language in PHRASES
            }
            record["mission"] = self.phrase("description")
        if often(0.54):
            record["funding"] = self.funding(members)
        if full:
            record["in_kind"] = [self.phrase("for")]
        if often(0.62):
            record["internal_practices"] = self.concepts("internal-practice", _FEW.draw(random))
        if often(0.72):
            record["external_practices"] = self.concepts("external-practice", _FEW.draw(random))
        if full:
            for key in FINDINGS:
                if often(0.8):
                    record[key] = [self.finding() for _ in range(_FEW.draw(random))]
        if often(0.47):
            record["websites"] = [f"https://{self.slug}.example/"]
            named = self.named(members)
            if named and often(0.2):
                record["websites"].append({"url": f"https://{self.slug}.example/member", "of": random.choice(named)})
        if full or often(0.02):
            record["email"] = f"info@{self.slug}.example"
        if often(0.66) or self.editions():
            record["status_date"] = str(year) if often(0.6) else f"{year}-{random.randrange(1, 13):02}"
        self.beside(record)
        record["notes"] = [self.phrases["note"]]
        record["sources"] = self.sources(whole=full or often(0.02))
        if often(0.25):
            record["evidence"] = [self.evidence() for _ in range(1 if often(0.85) else 3)]
        self.absences(record)
        return record

    def area(self) -> list[str]:
        chain = [place.id for place in self.world.places.chain(self.town.id)]
        chosen = [chain[min(self.random.randrange(3), len(chain) - 1)]]
        if self.often(0.12):
            chosen.append(self.world.towns.draw(self.random).id)
        return list(dict.fromkeys(chosen))

    def finding(self) -> Data | str:
        if self.often(0.5):
            return self.phrase("finding")
        return {"text": self.phrase("finding"), "themes": self.world.terms["finding-theme"].several(self.random, 2)}

    def evidence(self) -> Data:
        row: Data = {"field": self.random.choice(("founded", "formalisation", "members", "funding", "seat"))}
        row["wording"] = self.phrase("wording")
        if self.often(0.3):
            row |= {"locator": f"p. {self.random.randrange(1, 80)}", "source": "s1"}
        if self.often(0.1):
            row["repaired"] = "yes"
        return row

    def beside(self, record: Data) -> None:
        """What stands beside the form: other networks and bodies."""
        if self.often(0.23):
            record["relations"] = []
            for _ in range(1 if self.often(0.7) else 2):
                other, title = self.world.title(self.random.randrange(self.world.networks))
                row: Data = {"name": title, "kind": self.world.terms["relation-kind"].draw(self.random)}
                if other != self.slug and self.often(0.6):
                    row["network"] = other
                if self.often(0.7):
                    row["wording"] = self.phrase("wording")
                record["relations"].append(row)
        if self.often(0.2):
            record["mentions"] = [
                {"actor": self.local(), "wording": self.phrase("wording")} for _ in range(1 if self.often(0.6) else 2)
            ]

    def absences(self, record: Data) -> None:
        """Replace an answer by the reason why there is none."""
        for reason, (share, places) in ABSENCES.items():
            if not self.world.chosen(reason, self.number, share):
                continue
            ((key, raw),) = self.random.choice(places).items()
            absent: Data = {"absent": reason}
            if raw:
                absent["raw"] = self.phrases["none"] if raw == "raw" else raw
            record[key] = absent

    def later(self, before: Data, edition: int) -> Data:
        """A newer profile: some bodies left, some joined, numbers differ, some fields are silent or new."""
        random = self.random
        year = int(before["status_date"][:4]) + random.randrange(1, 4)
        record = {"id": self.slug, "edition": f"{year}-{edition}"} | {
            key: value for key, value in before.items() if key not in ("id", "edition")
        }
        for key in ("mentions", "evidence", "mission", "internal_practices", "relations"):
            if self.often(0.5):
                record.pop(key, None)
        if "members" in record:
            kept = [row for row in record["members"] if self.often(0.85)]
            kept += [self.member(self.local()) for _ in range(random.randrange(1, 4))]
            record["members"] = kept
        over = max(60, len(record.get("members", ())) // 10 * 10) + 20 * edition
        for row, number in ((before, over - 20), (record, over)):
            if row is record or edition == 1:
                wording = self.phrases["count"].format(n=number)
                row["stated_counts"] = [{"min": str(number + 1), "unit": "organisations", "wording": wording}]
        record["target_groups"] = self.concepts("target-group", 2)
        if "coordination" in record and self.often(0.2):
            record["coordination"] = {"absent": "stated-none", "raw": self.phrases["none"]}
        record["status_date"] = str(year)
        record["sources"] = self.sources(whole=self.often(0.1))
        return record

    def editions(self) -> int:
        """Number of profiles the network has beside the first."""
        if self.world.chosen("third", self.number, 0.015):
            return 2
        return int(self.world.chosen("edition", self.number, 0.065))

    def made(self) -> Made:
        """The network with all its editions and decisions."""
        records = [self.first()]
        for edition in range(1, self.editions() + 1):
            records.append(self.later(records[-1], edition))
        defined: dict[str, Data] = {}
        written = []
        for record in records:
            here: dict[str, Data] = {}
            written.append({key: self.sound(value, here) for key, value in record.items()})
            defined |= here
        return Made(tuple(written), tuple(self.decisions(list(defined))))

    def sound(self, value: Any, here: dict[str, Data]) -> Any:
        """The value with each body defined where the record first names it; ``here`` collects what is defined."""
        if isinstance(value, list):
            return [self.sound(each, here) for each in value]
        if not isinstance(value, dict):
            return value
        result: Data = {}
        for key, part in value.items():
            if key not in ACTOR_PARTS:
                result[key] = part
            elif isinstance(part, list):
                result[key] = [self.defining(each, here) for each in part]
            elif isinstance(body := self.defining(part, here), dict) and key == "actor":
                result |= body
            else:
                result[key] = body
        return result

    def defining(self, name: str, here: dict[str, Data]) -> Data | str:
        """A body where it first stands, its id afterwards."""
        if name in here or name not in self.bodies:
            return name
        here[name] = self.bodies[name]
        return here[name]

    def decisions(self, defined: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """Which bodies of this network are bodies of others, and which are not."""
        world = self.world
        local = ""
        for name in defined:
            label = _text(self.bodies[name]["name"])
            if name in self.hubs:
                first, first_label = world.canonical.setdefault(self.hubs[name].slug, (name, label))
                if first != name:
                    yield (f"actor:{name}", label, SAME, f"actor:{first}", first_label, "Same name, same seat.")
            elif name in self.networks:
                other = f"network:{self.networks[name]}"
                yield (f"actor:{name}", label, SAME, other, label, "The network itself is the member.")
            elif "group" not in self.bodies[name]:
                local = local or name
        if not local:
            return
        label = _text(self.bodies[local]["name"])
        (other, other_label), world.previous = world.previous, (local, label)
        if other and world.chosen("different", self.number, 0.17):
            yield (f"actor:{local}", label, DIFFERENT, f"actor:{other}", other_label, "Similar names, two towns.")
        elif other and world.chosen("undecided", self.number, 0.04):
            yield (f"actor:{local}", label, UNDECIDED, f"actor:{other}", other_label, "The seat is not stated.")
        elif world.canonical and world.chosen("part", self.number, 0.06):
            whole, whole_label = next(iter(world.canonical.values()))
            yield (f"actor:{local}", label, PART_OF, f"actor:{whole}", whole_label, "Named as its branch.")


ACTOR_PARTS = frozenset({"actor", "funder", "recipient", "of"})


@cache
def _stem(pattern: str) -> str:
    return slug(re.sub(r"\{.\}", "", pattern)) or "body"


def _text(name: Any) -> str:
    return name if isinstance(name, str) else str(next(iter(name.values())))


# -- writing

_encode = json.JSONEncoder(ensure_ascii=False).encode
_BARE = re.compile(r"[a-z_]+")
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")  # JSON leaves these bare, YAML does not allow it


def as_yaml(record: Mapping[str, Any]) -> str:
    """A record as YAML: one line a field or a row, values in JSON. Many times faster than a YAML library.

    Args:
        record: Plain data whose scalars are all text.

    >>> print(as_yaml({"id": "alpha", "members": [{"id": "b", "name": "B"}]}), end="")
    id: "alpha"
    members:
      - {"id": "b", "name": "B"}
    """
    lines = []
    for key, value in record.items():
        name = key if _BARE.fullmatch(key) else _encode(key)
        if isinstance(value, list) and value:
            lines.append(f"{name}:\n")
            lines.extend(f"  - {_encode(each)}\n" for each in value)
        else:
            lines.append(f"{name}: {_encode(value)}\n")
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", "".join(lines) or "{}\n")


def made(networks: int, seed: int, places: Path = PLACES) -> Iterator[Made]:
    """The networks one by one, with editions and decisions; memory does not grow with their number."""
    shared = world(networks, seed, places)
    for number in range(networks):
        yield Author(shared, number).made()


def records(networks: int, seed: int, places: Path = PLACES) -> Iterator[Data]:
    """The records one by one, as plain data; all editions of a network follow each other.

    >>> first = next(records(40, 1))
    >>> first["id"].endswith("-n0"), "sources" in first
    (True, True)
    """
    for each in made(networks, seed, places):
        yield from each.records


LINKS_HEAD = """# curie_map:
#   actor: https://w3id.org/integgraph/id/actor/
#   network: https://w3id.org/integgraph/id/network/
#   owl: http://www.w3.org/2002/07/owl#
#   ig: https://w3id.org/integgraph/ontology#
#   dct: http://purl.org/dc/terms/
#   semapv: https://w3id.org/semapv/vocab/
# mapping_set_id: https://example.org/made-up/actors
subject_id\tsubject_label\tpredicate_id\tobject_id\tobject_label\tmapping_justification\tcomment
"""


class _Links:
    """Writes decisions into as many files as their reader's limit asks for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows = 0

    def __enter__(self) -> _Links:
        self.file = self._next()
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def _next(self) -> TextIO:
        number = self.rows // ROWS_A_FILE + 1
        file = (self.folder / f"actors{f'-{number}' if number > 1 else ''}.sssom.tsv").open("w", encoding="utf-8")
        file.write(LINKS_HEAD)
        return file

    def write(self, rows: Iterable[tuple[str, ...]]) -> None:
        for subject, label, predicate, target, target_label, grounds in rows:
            if self.rows and self.rows % ROWS_A_FILE == 0:
                self.file.close()
                self.file = self._next()
            self.rows += 1
            row = (subject, label, predicate, target, target_label, "semapv:ManualMappingCuration", grounds)
            self.file.write("\t".join(row) + "\n")


def generate(out: Path, networks: int, seed: int, places: Path = PLACES) -> None:
    """Write a data folder of made-up networks; the same arguments give the same bytes.

    Args:
        out: The data folder; made if it does not exist.
        networks: Number of networks, at least 1. About one in twelve has more than one profile.
        seed: Any whole number.
        places: Folder with the ``places.yaml`` to use; it is copied.

    Raises:
        InputError: no networks are asked for, the place list is broken, or ``out`` already has profiles or links.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     generate(Path(folder), networks=3, seed=1)
    ...     print(sorted(each.name for each in Path(folder).iterdir()))
    ['links', 'places', 'profiles']
    """
    if networks < 1:
        raise InputError(Problem(f"{networks} networks cannot be made.", advice="Ask for at least one."))
    for name in ("profiles", "links"):
        if (out / name).is_dir() and any((out / name).iterdir()):
            advice = "Name a new folder with --out, so that old files do not mix with new ones."
            raise InputError(Problem(f"The folder {out / name} is not empty.", advice=advice))
    for name in ("profiles", "links", "places"):
        (out / name).mkdir(parents=True, exist_ok=True)
    every = made(networks, seed, places)
    with _Links(out / "links") as links:
        for number, network in enumerate(every, 1):
            for record in network.records:
                edition = f"--{record['edition']}" if "edition" in record else ""
                (out / "profiles" / f"{record['id']}{edition}.yaml").write_bytes(as_yaml(record).encode())
            links.write(network.decisions)
            if number % 5000 == 0:
                print(f"{number:,} of {networks:,} networks", file=sys.stderr)
    shutil.copyfile(places / "places.yaml", out / "places" / "places.yaml")


def main() -> None:
    """Read the arguments and write the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", type=int, metavar="N", help="number of networks")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same bytes (1)")
    parser.add_argument("--out", type=Path, required=True, help="data folder to write")
    parser.add_argument("--places", type=Path, default=PLACES, help="folder with the place list (data/places)")
    options = parser.parse_args()
    try:
        generate(options.out, options.networks, options.seed, options.places)
    except InputError as error:
        sys.exit("\n".join(f"{problem.message} {problem.advice}".strip() for problem in error.problems))


if __name__ == "__main__":
    main()
