"""The pages of things: networks, actors, places, terms, profiles, statements; and the page to report an error on one.

What a thing's own statements say comes from :mod:`integgraph.resources`, led by the form; what stands around it comes
from the tables (:mod:`~integgraph.web.around`), of long lists the first rows. The other representations of a thing are
complete.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Any
from urllib.parse import quote, urlencode

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from integgraph import resources
from integgraph.analysis.measures.governance import MODES, RULES
from integgraph.csvtext import SEPARATOR, harmless
from integgraph.errors import NotFound
from integgraph.listing import Recent
from integgraph.nearby import SHOWN
from integgraph.ontology import IG, VOCABULARY, Ontology
from integgraph.resources import Attribution, Entry, Page, Section, Text, Value
from integgraph.search import SearchIndex
from integgraph.tables import STATED_NONE, VALUE, local, network_fields
from integgraph.web import pages, thingdrawing
from integgraph.web.around import Around, Flow, Matrix, Named, Some, around
from integgraph.web.caching import cached
from integgraph.web.jsonld import data_block, organization
from integgraph.web.representations import REPRESENTATIONS, keeping
from integgraph.web.site import Site, site_of
from integgraph.web.steered import steered
from integgraph.web.thingdrawing import FLOWS, Link, Node
from integgraph.web.urls import PLURALS
from integgraph.web.words import say

_LONG = 200
"""Participations above which two editions of a network are not set beside each other."""
_CHANGES = 8
_GERMAN = str.maketrans(",.", ".,")
_STATED_NONE = VOCABULARY + "absence/stated-none"
_COLUMNS: Mapping[str, str] = {
    "field": "fields_of_action",
    "target-group": "target_groups",
    "network-type": "network_type",
    "formalisation": "formalisation",
    "internal-practice": "internal_practices",
    "external-practice": "external_practices",
}
"""Vocabulary → the column of ``networks`` that holds its concepts."""
_FILTERS: Mapping[str, str] = {
    "field": "field",
    "target-group": "target_group",
    "network-type": "type",
    "formalisation": "formalisation",
    "funder-category": "funder_category",
    "sector": "sector",
}
"""Vocabulary → the filter of the list of networks."""
_OF_ACTORS: Mapping[str, str] = {"sector": "sectors", "legal-form": "legal_forms"}


def number(value: int | Decimal, language: str) -> str:
    """A number as it is read in a language.

    >>> number(1234567, "de"), number(Decimal("410000.5000"), "en")
    ('1.234.567', '410,000.5')
    """
    text = f"{value:,}" if isinstance(value, int) else f"{value.normalize():,f}"
    return text.translate(_GERMAN) if language == "de" else text


def day(date: str, language: str) -> str:
    """A date as it is read in a language; what is no whole day stays as it is written (EDTF).

    >>> day("2026-03-05", "de"), day("2026-03", "de"), day("2026-03-05", "en")
    ('5.3.2026', '2026-03', '2026-03-05')
    """
    parts = date.split("-")
    if language == "de" and len(parts) == 3 and all(part.isdigit() for part in parts):
        return f"{int(parts[2])}.{int(parts[1])}.{parts[0]}"
    return date


@dataclass(frozen=True, slots=True)
class _Told:
    """What a page is made from."""

    request: Request
    site: Site
    language: str
    page: Page

    @property
    def tables(self) -> Around:
        """The tables of the release."""
        return _tables(self.site)

    @property
    def iri(self) -> str:
        return self.page.iri

    def term(self, scheme: str, concept: str) -> str:
        """The label of a concept; its id where the vocabulary does not have it."""
        found = self.site.ontology.schemes[scheme].concepts.get(concept)
        return found.label(self.language) if found else concept

    def concept(self, scheme: str, concept: str) -> Named:
        """A concept by its label."""
        return Named(f"{VOCABULARY}{scheme}/{concept}", self.term(scheme, concept))

    def say(self, key: str, **words: object) -> str:
        """Words in the language of the page."""
        return say(key, self.language, **words)

    def address(self, path: str, **parameters: str | Sequence[str]) -> str:
        """An address here with parameters, in the language and the release of the page."""
        kept = pages._query(self.request, self.language).removeprefix("?")
        return f"{self.site.urls.at(path)}?{urlencode(parameters, doseq=True)}&{kept}"

    def number(self, value: int | Decimal) -> str:
        """A number in the language of the page."""
        return number(value, self.language)


def _told(request: Request, site: Site, language: str, iri: str) -> _Told:
    """A thing by its own statements, as far as its page shows them."""
    lists = _tables(site).shown_lists(iri)
    page = resources.page(site.store, site.ontology, iri, language, lean=True, lists=lists)
    return _Told(request, site, language, page)


def _tables(site: Site) -> Around:
    return around(site.release.path, site.release.content_hash)


# ---------------------------------------------------------------------------------------------------------------------
# The page of a thing


def thing(request: Request, iri: str) -> Response:
    """The page of one thing.

    Raises:
        NotFound: there is no such thing; near matches are named.
    """
    site, language = site_of(request), pages.language_of(request)

    def make() -> Response:
        told = _told(request, site, language, iri)
        template, values = _MADE.get(told.page.kind, _plain)(told)
        return _rendered(told, template, values)

    return cached(request, f"page {iri} {pages.variant(request)}", pages.VARY, make)


def _rendered(told: _Told, template: str, values: Mapping[str, Any]) -> Response:
    request, site, page = told.request, told.site, told.page
    address = site.urls.page(page.iri) or ""
    block = None
    if page.kind in ("network", "actor"):
        block = Markup(data_block(organization(page, site.ontology)))  # noqa: S704 - escaped there
    return pages.render(
        request,
        template,
        **{
            "page": page,
            "formats": [
                (each.suffix, each.media_type, keeping(request, f"{address}.{each.suffix}"))
                for each in REPRESENTATIONS.values()
                if each.name != "html"
            ],
            "canonical": keeping(request, address, "release"),
            "address": address,
            "block": block,
            "contents": (),
            "crumbs": _crumbs(told),
            "definition": _definitions(told),
            "source_name": lambda each: _source_name(told, each),
            "table_of": lambda each: _table(told.site, each),
            "number": told.number,
            "day": lambda date: day(date, told.language),
            "flag": lambda about, field: _flag(told, about, field),
            "absent": _STATED_NONE,
            "shown_most": SHOWN,
            "reported": page.kind in ("network", "actor", "group", "place", "profile"),
            **values,
        },
    )


_HOUSES = {
    "network": ("/networks/", "networks"),
    "actor": ("/actors/", "actors"),
    "group": ("/actors/", "actors"),
    "place": ("/places/", "places"),
    "profile": ("/profiles/", "profiles"),
    "concept": ("/vocabulary/", "vocabulary"),
    "scheme": ("/vocabulary/", "vocabulary"),
}


def _crumbs(told: _Told) -> list[tuple[str, str]]:
    """(Address, words) of what the page lies in."""
    house = _HOUSES.get(told.page.kind)
    if house is None:
        return []
    found = [(told.site.urls.at(house[0]), told.say(house[1]))]
    if told.page.kind == "concept":
        scheme = told.site.ontology.schemes[told.iri.removeprefix(VOCABULARY).partition("/")[0]]
        found.append((told.site.urls.page(scheme.iri) or "", scheme.label(told.language)))
    return found


def _definitions(told: _Told) -> Callable[[str], str]:
    """What says in a sentence why a value is missing."""

    def definition(reason: str) -> str:
        concept = told.site.ontology.concept(reason)
        if concept is None:
            return ""
        return concept.definitions.get(told.language) or concept.definitions.get("en", "")

    return definition


def _source_name(told: _Told, source: Attribution) -> str:
    """Of which network a profile is, where this is not the page of this network; empty else."""
    network = f"{told.site.release.base_iri}network/{local(source.iri).partition('--')[0]}"
    return "" if network == told.iri else told.tables.names([network])[network]


_TITLES = Recent(4)


def _table(site: Site, iri: str) -> Text | None:
    """The title of an imported table; ``None`` for everything else."""
    if not iri.startswith(f"{site.release.base_iri}table/"):
        return None
    titles: Mapping[str, Text] = _TITLES.get(site.release.content_hash, lambda: resources.table_titles(site.store))
    return titles.get(iri)


def _flag(told: _Told, about: str, field: str) -> str:
    """The address of the page that takes a report of an error on a value."""
    asked = {"about": about, "field": field}
    if about != told.iri:
        asked["of"] = told.iri
    return told.address("/report", **asked)


def _plain(told: _Told) -> tuple[str, dict[str, Any]]:
    return "thing.html", {"reported": told.page.kind == "statement"}


# ---------------------------------------------------------------------------------------------------------------------
# A network

_STATES = ("value", "none", "unknown")


def _network(told: _Told) -> tuple[str, dict[str, Any]]:
    tables, iri, page = told.tables, told.iri, told.page
    row = tables.row("networks", iri, _network_columns(told.site.ontology))
    if row is None:  # a release whose tables are older than its statements
        return "thing.html", {}
    form = tuple(section for section in page.sections if section.entries[0].key != "profiles")
    profiles = next((entry for section in page.sections for entry in section.entries if entry.key == "profiles"), None)
    entries = {entry.key: entry for section in form for entry in section.entries}
    flows, matrix = tables.flows(iri), tables.matrix(iri)
    members = tables.participations(iri, 0).total
    values: dict[str, Any] = {
        "sections": form,
        "entries": entries,
        "summary": _summary(told, row, entries, profiles),
        "totals": {"members": members, "funding": len(flows)},
        "member_list": _list_of(told, "/actors/", network=local(iri)),
        "matrix": matrix,
        "matrix_drawn": _drawn_matrix(told, matrix),
        "matrix_twin": _matrix_twin(matrix),
        "members_known": row["members_state"] in (VALUE, STATED_NONE),
        "flows": flows[:SHOWN],
        "flows_all": len(flows),
        "flows_known": sum(flow.amount is not None for flow in flows),
        "flows_drawn": _drawn_flows(told, flows[:FLOWS]),
        "funding_none": row["funding_state"] == STATED_NONE,
        "amount": lambda flow: _amount(told, flow),
        "category": lambda each: told.concept("funder-category", each),
        "similar": _similar(told),
        "elsewhere": _elsewhere(told),
        "profiles": profiles,
        "history": _history(told, row["profiles"], members),
        "long_history": row["profiles"] > 1 and members > _LONG,
        "cite": _citation(told),
        **_governed(told, entries),
        **_what_if(told, flows),
    }
    values["contents"] = _contents(told, form)
    return "network.html", values


def _network_columns(ontology: Ontology) -> tuple[str, ...]:
    states = (f"{each.key}_state" for each in network_fields(ontology) if each.required)
    return ("members_named", "status_date", "profiles", *states)


def _contents(told: _Told, form: Sequence[Section]) -> list[tuple[str, str]]:
    ours = ("matrix", "money", "steers", "leaves", "similar", "history", "cite", "data")
    return [
        *((f"s{at}", section.title) for at, section in enumerate(form, 1)),
        *((key, told.say(f"things {key}")) for key in ours),
    ]


def _summary(
    told: _Told, row: Mapping[str, Any], entries: Mapping[str, Entry], profiles: Entry | None
) -> dict[str, Any]:
    """What stands on top: who, where, since when, how many, how much is known."""
    states = [row[each.key + "_state"] for each in network_fields(told.site.ontology) if each.required]
    counts = {
        "value": states.count(VALUE),
        "none": states.count(STATED_NONE),
    }
    counts["unknown"] = len(states) - counts["value"] - counts["none"]
    return {
        "seat": entries.get("seat"),
        "area": entries.get("area"),
        "founded": entries.get("founded"),
        "coordination": entries.get("coordination"),
        "members": _how_many(told, row, entries),
        "counts": counts,
        "all": len(states),
        "squares": [state for state in _STATES for _ in range(counts[state])],
        "status": row["status_date"] or "",
        "profiles": profiles.values if profiles else (),
    }


def _how_many(told: _Told, row: Mapping[str, Any], entries: Mapping[str, Entry]) -> str:
    """How many members are named, of how many that a source states."""
    if row["members_state"] == STATED_NONE:
        return told.say("things members none")
    named = told.number(row["members_named"]) if row["members_state"] == VALUE else None
    count = next(iter(entries["stated_counts"].values), None) if "stated_counts" in entries else None
    stated = count.text if count else ""
    if named is None:
        nobody = told.say("things members nobody")
        return f"{nobody}; {stated}" if stated else nobody
    if stated:
        return told.say("things members counts", named=named, stated=stated)
    return told.say("things members named", named=named)


def _list_of(told: _Told, path: str, **filters: str) -> str:
    """The address of a list, narrowed."""
    return told.address(path, **filters)


def _drawn_matrix(told: _Told, matrix: Matrix) -> Markup | None:
    if not matrix.networks:
        return None
    says = told.say(
        "things matrix lead",
        some=told.number(matrix.in_others),
        members=told.number(matrix.all_members),
        networks=told.number(matrix.all_networks),
    )
    return Markup(thingdrawing.matrix(matrix, told.say("things matrix title"), says))  # noqa: S704 - escaped there


def _matrix_twin(matrix: Matrix) -> list[tuple[Named, tuple[Named, ...]]]:
    """For each member that is shown the networks that are shown."""
    return [
        (member, tuple(each for at, each in enumerate(matrix.networks) if (row, at) in matrix.dots))
        for row, member in enumerate(matrix.members)
    ]


def _amount(told: _Told, flow: Flow) -> str:
    """The amount of a flow in words; empty where it is not known."""
    if flow.amount is None:
        return ""
    joint = len(flow.funders) > 1 or len(flow.recipients) > 1
    text = f"{told.number(flow.amount)} {flow.currency}".strip()
    return f"{text} ({told.say('things joint')})" if joint else text


def _drawn_flows(told: _Told, flows: Sequence[Flow]) -> Markup | None:
    """Flows as boxes and lines: a funder, or the kind of its money; a recipient; what it is for."""
    if not flows:
        return None
    columns: tuple[dict[str, Node], ...] = ({}, {}, {})
    amounts: dict[str, list[str]] = {}
    links: list[Link] = []
    for flow in flows:
        known = flow.amount is not None
        givers = _boxes(flow.funders) or [Node("#" + " ".join(flow.categories), _kinds(told, flow))]
        takers = _boxes(flow.recipients) or [Node(f"{flow.iri}#", told.say("things recipient unnamed"), known=False)]
        goals = [Node(f"{flow.iri}#{at}", name) for at, name in enumerate(flow.activities)]
        for column, nodes in zip(columns, (givers, takers, goals), strict=True):
            for node in nodes:
                column.setdefault(node.key, node)
        for giver in givers:
            amounts.setdefault(giver.key, []).append(_amount(told, flow) or told.say("things amount unknown"))
            links.extend(Link(0, giver.key, taker.key, known) for taker in takers)
        links.extend(Link(1, taker.key, goal.key, known) for taker in takers for goal in goals)
    first = [replace(node, below="; ".join(dict.fromkeys(amounts[key]))) for key, node in columns[0].items()]
    shown = [first, *(list(column.values()) for column in columns[1:] if column)]
    says = told.say("things money key")
    return Markup(thingdrawing.flows(shown, links, told.say("things money title"), says))  # noqa: S704 - escaped there


def _boxes(parties: Iterable[Named]) -> list[Node]:
    return [Node(each.iri, each.name) for each in parties]


def _kinds(told: _Told, flow: Flow) -> str:
    kinds = ", ".join(told.term("funder-category", each) for each in flow.categories)
    return kinds or told.say("things funder unnamed")


def _governed(told: _Told, entries: Mapping[str, Entry]) -> dict[str, Any]:
    site = told.site
    absence = entries["coordination"].absence if "coordination" in entries else None
    without = (local(absence.iri), absence.raw) if absence else None
    answer = steered(site.release, told.tables, site.store, told.iri, without)
    german = told.language == "de"
    found = answer.value
    mode = MODES[found.mode] if found else None
    derived = MODES[found.derived] if found and found.derived else None
    return {
        "steered": answer.sentence.de if german else answer.sentence.en,
        "governance": found,
        "mode": (mode.de if german else mode.en) if mode else "",
        "mode_iri": f"{VOCABULARY}governance-mode/{found.mode}" if found else "",
        "rule": (RULES[found.rule].de if german else RULES[found.rule].en) if found else "",
        "derived": (derived.de if german else derived.en) if derived else "",
    }


def _what_if(told: _Told, flows: Sequence[Flow]) -> dict[str, Any]:
    leavings = told.tables.leavings(told.iri)
    heads = [each for each in leavings if each.only_head]
    return {
        "leavings": leavings[:SHOWN],
        "leavings_all": len(leavings),
        "left": next((each.left for each in leavings if each.left is not None), None),
        "only_head": heads[0].who if heads else None,
        "breaking": [each for each in leavings if each.below_two],
        "stops": list(_stops(told, flows))[:SHOWN],
    }


def _stops(told: _Told, flows: Sequence[Flow]) -> Iterator[str]:
    """For each funder or kind of money, what would be if it stopped, in a sentence."""
    for each in told.tables.stoppings(flows):
        who = each.who.name
        if not each.who.iri:
            who = told.say("things kind of money", name=told.term("funder-category", who))
        if each.none_left:
            names = [one.name for one in each.none_left[:5]]
            if len(each.none_left) > len(names):
                names.append(told.say("things history more", count=told.number(len(each.none_left) - len(names))))
            count, recipients = told.number(len(each.none_left)), told.number(each.recipients)
            sentence = told.say(
                "things stops many", who=who, count=count, recipients=recipients, names="; ".join(names)
            )
            yield sentence if sentence.endswith(".") else f"{sentence}."  # a name may end in a dot
        else:
            yield told.say("things stops kept" if each.recipients else "things stops unnamed", who=who)


def _similar(told: _Told) -> list[dict[str, Any]]:
    """Networks alike, each with what it has in common and the address of a comparison."""
    found = told.tables.similar(told.iri)
    names = _place_names(told, {each.place for each in found})
    place = f"{told.site.release.base_iri}place/"
    return [
        {
            "network": each.network,
            "place": Named(place + each.place, names[each.place]) if each.place else None,
            "fields": [told.concept("field", one) for one in each.fields],
            "groups": [told.concept("target-group", one) for one in each.groups],
            "compare": told.address("/compare", **{"with": [local(told.iri), local(each.network.iri)]}),
        }
        for each in found
    ]


def _place_names(told: _Told, places: Iterable[str]) -> dict[str, str]:
    """Ids of places → their names in the language of the page."""

    def make() -> dict[str, str]:
        iris = told.tables.column("places", "place").to_pylist()
        return {local(iri): name for iri, name in resources.labels_of(told.site.store, iris, told.language).items()}

    names = told.tables.once(f"places {told.language}", make)
    return {each: names.get(each, each) for each in places if each}


def _elsewhere(told: _Told) -> list[tuple[str, list[Named], int]]:
    """What a network, or its house, does in other networks: takes part, coordinates, gives, receives."""
    tables, iri = told.tables, told.iri
    found: list[tuple[str, list[Named], int]] = []
    part = tables.takes_part(iri)
    named = [Named(row["network"], row["network_name"]) for row in part.rows if row["network"] != iri]
    if named:
        found.append((told.say("things takes part"), named, part.total))
    heads = list(tables.named(tables.coordinates(iri)))
    if heads:
        found.append((told.say("things coordinates"), heads[:SHOWN], len(heads)))
    for side, key in (("funders", "things funds"), ("recipients", "things funded")):
        flows, total = tables.flows_of(iri, side)
        others = list(dict.fromkeys(flow.network for flow in flows if flow.network.iri != iri))
        if others:
            found.append((told.say(key), others, max(len(others), total if total > SHOWN else 0)))
    return found


@dataclass(frozen=True, slots=True)
class _Change:
    """What changed in a field from one profile to the next."""

    name: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    more_added: int
    more_removed: int


@dataclass(frozen=True, slots=True)
class _Step:
    """From one profile to the next newer one."""

    before: Attribution
    after: Attribution
    changes: tuple[_Change, ...]
    silent: tuple[str, ...]
    new: tuple[str, ...]


def _history(told: _Told, profiles: int, members: int) -> list[_Step]:
    """What changed from each profile to the next newer one."""
    if profiles < 2 or members > _LONG:
        return []
    found = resources.editions(told.site.store, told.site.ontology, told.iri, told.language)
    names = {each.key: each.name(told.language) for each in told.site.ontology.form.fields}
    return [_step(older, newer, names) for newer, older in pairwise(found)]


def _step(before: resources.Edition, after: resources.Edition, names: Mapping[str, str]) -> _Step:
    order = [key for key in names if key in before.said or key in after.said]
    both = [key for key in order if key in before.said and key in after.said]
    changes = [_change(names[key], before.said[key], after.said[key]) for key in both]
    return _Step(
        before.profile,
        after.profile,
        tuple(change for change in changes if change.added or change.removed),
        tuple(names[key] for key in order if key not in after.said),
        tuple(names[key] for key in order if key not in before.said),
    )


def _change(name: str, before: Mapping[str, str], after: Mapping[str, str]) -> _Change:
    added = [text for key, text in after.items() if key not in before]
    removed = [text for key, text in before.items() if key not in after]
    left = max(0, len(added) - _CHANGES), max(0, len(removed) - _CHANGES)
    return _Change(name, tuple(added[:_CHANGES]), tuple(removed[:_CHANGES]), *left)


# ---------------------------------------------------------------------------------------------------------------------
# How to cite


def _citation(told: _Told) -> dict[str, str]:
    """A citation as a sentence and as BibTeX; the address of one as CSL-JSON."""
    release = told.site.release
    year = str(release.manifest["created"])[:4]
    title, iri = told.page.title.text, told.iri
    sentence = (
        f"The integgraph contributors ({year}): {title}. In: {told.say('home title')}, "
        f"{told.say('release')} {release.id}. {iri}"
    )
    bib = "\n".join(
        [
            f"@misc{{integgraph-{local(iri)},",
            "  author = {{The integgraph contributors}},",
            f"  title = {{{{{_tex(title)}}}}},",
            f"  howpublished = {{{_tex(say('home title', 'en'))}, release {release.id}}},",
            f"  year = {{{year}}},",
            f"  url = {{{iri}}}",
            "}",
        ]
    )
    return {"sentence": sentence, "bib": bib}


_TEX = {"\\": r"\textbackslash{}", **{each: f"\\{each}" for each in "&%$#_{}"}, "~": r"\textasciitilde{}"}


def _tex(text: str) -> str:
    r"""A text as BibTeX takes it.

    >>> print(_tex("A & B_1"))
    A \& B\_1
    """
    return "".join(_TEX.get(each, each) for each in text)


def cite(request: Request) -> Response:
    """A citation as a file: BibTeX, or CSL-JSON.

    Raises:
        NotFound: there is no such thing or form.
    """
    told = _asked(request)
    form = request.path_params["form"]
    release = told.site.release
    if form == "bib":
        return _file(_citation(told)["bib"] + "\n", "application/x-bibtex", f"{local(told.iri)}.bib")
    if form != "json":
        raise NotFound(f"There is no citation as '{form[:40]}'. There are: bib, json.")
    created = [int(part) for part in str(release.manifest["created"])[:10].split("-")]
    data = [
        {
            "id": f"integgraph-{local(told.iri)}",
            "type": "dataset",
            "title": told.page.title.text,
            "container-title": told.say("home title"),
            "author": [{"literal": "The integgraph contributors"}],
            "issued": {"date-parts": [created]},
            "version": release.id,
            "URL": told.iri,
        }
    ]
    text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    return _file(text, "application/vnd.citationstyles.csl+json", f"{local(told.iri)}.csl.json")


def _asked(request: Request) -> _Told:
    """The thing that a path names, by its own statements."""
    site, language = site_of(request), pages.language_of(request)
    folder = request.scope["path"].rsplit("/", 2)[0].rpartition("/")[2]
    kind = next((kind for kind, plural in PLURALS.items() if plural == folder), folder)
    iri = site.urls.iri(kind, request.path_params["name"])
    return _told(request, site, language, iri)


def _file(text: str, media_type: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=f"{media_type}; charset=utf-8", headers=headers)


# ---------------------------------------------------------------------------------------------------------------------
# An actor


def _actor(told: _Told) -> tuple[str, dict[str, Any]]:
    tables, iri = told.tables, told.iri
    part = tables.takes_part(iri)
    networks = tables.member_of(iri)
    gives, gives_all = tables.flows_of(iri, "funders")
    takes, takes_all = tables.flows_of(iri, "recipients")
    heads = tables.named(tables.coordinates(iri))
    bridges, pairs = tables.bridges(iri)
    listed, listed_all = tables.listed_with(iri)
    facts, who = _facts(told)
    row = tables.row("actors", iri, ("is_network", "merged")) or {}
    values: dict[str, Any] = {
        "facts": facts,
        "who": who,
        "part": part,
        "networks": len(networks),
        "roles": lambda row: ", ".join(told.term("role", each) for each in row["roles"] or ()),
        "network_list": _list_of(told, "/networks/", member=local(iri)),
        "heads": heads[:SHOWN],
        "heads_all": len(heads),
        "head_list": _list_of(told, "/networks/", coordination=local(iri)),
        "bridges": bridges,
        "pairs": pairs,
        "many": len(networks) > SHOWN,
        "listed": listed,
        "listed_all": listed_all,
        "leaving": tables.leaving(iri),
        "gives": gives,
        "gives_all": gives_all,
        "takes": takes,
        "takes_all": takes_all,
        "gives_known": tables.with_amount(iri, "funders"),
        "takes_known": tables.with_amount(iri, "recipients"),
        "sums": _sums(told) if gives_all > 1 else [],
        "amount": lambda flow: _amount(told, flow),
        "category": lambda each: told.concept("funder-category", each),
        "cite": _citation(told),
        "is_network": bool(row.get("is_network")),
        "merged_all": len(row.get("merged") or ()),
        "report_kind": "funder" if gives_all and not part else "actor",
    }
    keys = ["takes part", *(["funds"] if gives_all else []), *(["funded"] if takes_all else [])]
    keys += ["bridges", "depends", *(["who is who"] if who else []), "cite", "data"]
    values["contents"] = [("about", resources.word("about", told.language))] + [
        (key.replace(" ", "-"), told.say(f"things {key}")) for key in keys
    ]
    return "actor.html", values


_WHO = ("merged", "different", "undecided", "other_collections", "part_of")


def _facts(told: _Told) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """What the actor is, and who it is decided to be; a name stands once."""
    entries = [entry for section in told.page.sections for entry in section.entries]
    names = {value.text for entry in entries if entry.key == "name" for value in entry.values}
    facts = []
    for entry in entries:
        if entry.key in _WHO:
            continue
        if entry.key == "also":
            rest = tuple(value for value in entry.values if value.text not in names)
            if not rest:
                continue
            entry = replace(entry, values=rest)
        facts.append(entry)
    return tuple(facts), tuple(entry for entry in entries if entry.key in _WHO)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Flows of a funder, summed up by one thing."""

    title: str
    head: str
    rows: tuple[tuple[Named, int, int, str], ...]
    left: int


def _sums(told: _Told) -> list[_Sums]:
    tables, found = told.tables, []
    for key, title, head in (
        ("categories", "things by category", "things category"),
        ("since", "things by year", "things year"),
        ("recipients", "things by recipient", "things recipient"),
    ):
        sums = tables.sums(told.iri, "funders", key)
        if key == "recipients":
            sums.sort(key=lambda each: -each.flows)
        shown = sums[:12]
        names = tables.names(each.key for each in shown) if key == "recipients" else {}
        rows = []
        for each in shown:
            if key == "categories":
                name = told.concept("funder-category", each.key)
            else:
                name = Named(each.key, names[each.key]) if names else Named("", each.key)
            amounts = "; ".join(f"{told.number(value)} {currency}" for currency, value in each.amounts)
            rows.append((name, each.flows, each.known, amounts))
        if rows:
            found.append(_Sums(told.say(title), told.say(head), tuple(rows), len(sums) - len(shown)))
    return found


# ---------------------------------------------------------------------------------------------------------------------
# A place, a concept, a profile


def _place(told: _Told) -> tuple[str, dict[str, Any]]:
    tables, iri = told.tables, told.iri
    ident = local(iri)
    within = tables.within(ident)
    lists = []
    for key, numbers, path in (
        ("things here seated", tables.listing_it("seat", ident), IG + "seat"),
        ("things here active", tables.listing_it("area", ident), IG + "areaOfActivity"),
    ):
        some = tables.first_networks(numbers)
        if some:
            lists.append((key, _sourced(told, some, path), _list_of(told, "/networks/", region=ident)))
    actors = tables.first_actors("places", ident)
    if actors:
        sourced = _sourced(told, actors, IG + "seat")
        lists.append(("things actors here", sourced, _list_of(told, "/actors/", region=ident)))
    fields = [each.key for each in network_fields(told.site.ontology) if each.required]
    names = {each.key: each.name(told.language) for each in network_fields(told.site.ontology)}
    parts = tables.parts_of(ident)
    known = [(names[key], *counts) for key, *counts in tables.answered(within, fields)] if len(within) else []
    return "place.html", {
        "lists": lists,
        "within": tables.first_networks(within),
        "within_list": _list_of(told, "/networks/", region=ident),
        "parts_in": parts,
        "part_names": _place_names(told, [row["id"] for row in parts.rows]),
        "known": known,
        "field_counts": _top(told, within, "fields_of_action", "field"),
        "group_counts": _top(told, within, "target_groups", "target-group"),
        "ident": ident,
        "coverage": _list_of(told, "/coverage", region=ident),
        "compare": _list_of(told, "/compare", **{"with": ident}),
        "narrow_field": lambda value: _list_of(told, "/networks/", region=ident, field=value),
        "narrow_group": lambda value: _list_of(told, "/networks/", region=ident, target_group=value),
    }


def _sourced(told: _Told, some: Some, path: str) -> Some:
    """The rows with the profiles that say so."""
    stated = resources.stated_of(told.site.store, told.iri, path, [row["iri"] for row in some.rows])
    return Some(tuple(row | {"sources": stated.get(row["iri"], ())} for row in some.rows), some.total)


def _top(told: _Told, numbers: Any, column: str, scheme: str) -> list[tuple[str, Named, int]]:
    """Id, concept and count of what some networks list most."""
    if not len(numbers):
        return []
    counted = told.tables.counted(numbers, column)
    return [(key, told.concept(scheme, key), count) for key, count in counted[:12]]


def _concept(told: _Told) -> tuple[str, dict[str, Any]]:
    tables = told.tables
    scheme, _, ident = told.iri.removeprefix(VOCABULARY).partition("/")
    entries = [entry for section in told.page.sections for entry in section.entries]
    values: dict[str, Any] = {
        "definition_entry": next((entry for entry in entries if entry.key == "definition"), None),
        "facts": [entry for entry in entries if entry.key not in ("definition", "other_names")],
        "others": next((entry for entry in entries if entry.key == "other_names"), None),
        "listed": None,
        "countries": [],
        "also": [],
        "network_list": "",
        "narrow": None,
        "actors": None,
        "actor_list": "",
        "used": (),
        "reported": False,
    }
    numbers: Any = None
    if scheme in _COLUMNS:
        numbers = tables.listing_it(_COLUMNS[scheme], ident)
    elif scheme == "funder-category":
        numbers = tables.paid_by(ident)
    if numbers is not None:
        some = tables.first_networks(numbers)
        path = next((each.path for each in told.site.ontology.form.fields if each.key == _COLUMNS.get(scheme)), "")
        values["listed"] = _sourced(told, some, path) if path else some
        values["countries"] = _countries(told, numbers)
        chosen = {_FILTERS[scheme]: ident} if scheme in _FILTERS else {}
        if chosen:
            values["network_list"] = _list_of(told, "/networks/", **chosen)
            values["narrow"] = lambda country: _list_of(told, "/networks/", **chosen, country=country)
        values["also"] = [
            (
                told.say(key),
                [each for each in _top(told, numbers, column, other) if each[0] != ident or other != scheme],
            )
            for key, column, other in (
                ("things also groups", "target_groups", "target-group"),
                ("things also fields", "fields_of_action", "field"),
            )
        ]
    if scheme in _OF_ACTORS:
        values["actors"] = tables.first_actors(_OF_ACTORS[scheme], ident)
        values["actor_list"] = _list_of(told, "/actors/", **{scheme.replace("-", "_"): ident})
    if numbers is None and scheme not in _OF_ACTORS:
        values["used"] = resources.used_by(told.site.store, told.iri, told.language, SHOWN)
    return "concept.html", values


def _countries(told: _Told, numbers: Any) -> list[tuple[str, Named, int]]:
    if not len(numbers):
        return []
    counted = told.tables.counted(numbers, "countries")
    base = told.site.release.base_iri
    iris = {code: f"{base}place/country-{code.lower()}" for code, _ in counted}
    names = resources.labels_of(told.site.store, list(iris.values()), told.language)
    return [(code, Named(iris[code], names.get(iris[code], code)), count) for code, count in counted]


def _profile(told: _Told) -> tuple[str, dict[str, Any]]:
    network = next(
        (value for section in told.page.sections for entry in section.entries if entry.key == "network"
         for value in entry.values), None,
    )  # fmt: skip
    return "profile.html", {
        "sections": told.page.sections,
        "contents": [(f"s{at}", section.title) for at, section in enumerate(told.page.sections, 1)]
        + [("data", told.say("things data"))],
        "network": network,
        "others": _other_editions(told, network) if network else [],
    }


def _other_editions(told: _Told, network: Value) -> list[Attribution]:
    found = resources.profiles_of(told.site.store, network.iri)
    return [each for each in found if each.iri != told.iri]


_MADE: Mapping[str, Callable[[_Told], tuple[str, dict[str, Any]]]] = {
    "network": _network,
    "actor": _actor,
    "group": _actor,
    "place": _place,
    "concept": _concept,
    "profile": _profile,
}

# ---------------------------------------------------------------------------------------------------------------------
# Whole lists as CSV


def rows_as_csv(request: Request) -> Response:
    """A whole list around a thing: ``members``, ``money`` of a network; ``networks``, ``gives``, ``receives``.

    Raises:
        NotFound: there is no such thing, or no such list.
    """
    told = _asked(request)
    what = request.path_params["what"]
    if told.page.kind not in ("network", "actor", "group"):
        hint = f" Its networks: /api/networks.csv?region={local(told.iri)}" if told.page.kind == "place" else ""
        raise NotFound(f"There are no lists of a {told.page.kind} here.{hint}")
    make = _TABLES.get((told.page.kind.replace("group", "actor"), what)) or _TABLES.get(("actor", what))
    if make is None or (told.page.kind == "network" and what not in {one for _, one in _TABLES}):
        known = ", ".join(sorted({one for _, one in _TABLES}))
        raise NotFound(f"There is no list '{what[:40]}' of this. There are: {known}.")
    heads, rows = make(told.tables, told.iri)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([harmless("" if cell is None else str(cell)) for cell in row] for row in rows)
    return _file(out.getvalue(), "text/csv", f"{local(told.iri)}-{what}.csv")


_Rows = tuple[Sequence[str], Iterable[Sequence[Any]]]
_PART = ("network", "network_name", "actor", "actor_name", "roles", "counts_as_member", "since", "until", "membership")


def _participations(found: Sequence[Mapping[str, Any]], tables: Around) -> _Rows:
    names = tables.names(row["network"] for row in found)
    return _PART, (
        [_cell(names[row["network"]] if column == "network_name" else row[column]) for column in _PART] for row in found
    )


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return SEPARATOR.join(map(str, value))
    return {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value


_MONEY = (
    "network", "flow", "funders", "funder_names", "categories", "recipients", "recipient_names", "activities", "amount",
    "currency", "since", "until",
)  # fmt: skip


def _money(flows: Iterable[Flow]) -> _Rows:
    return _MONEY, (
        (
            flow.network.iri,
            flow.iri,
            SEPARATOR.join(each.iri for each in flow.funders),
            SEPARATOR.join(each.name for each in flow.funders),
            SEPARATOR.join(flow.categories),
            SEPARATOR.join(each.iri for each in flow.recipients),
            SEPARATOR.join(each.name for each in flow.recipients),
            SEPARATOR.join(flow.activities),
            None if flow.amount is None else format(flow.amount.normalize(), "f"),
            flow.currency,
            flow.since,
            flow.until,
        )
        for flow in flows
    )


def _dots(tables: Around, iri: str) -> _Rows:
    rows = _matrix_twin(tables.matrix(iri))
    return ("actor", "actor_name", "networks", "network_names"), (
        (member.iri, member.name, SEPARATOR.join(each.iri for each in also), SEPARATOR.join(each.name for each in also))
        for member, also in rows
    )


_TABLES: Mapping[tuple[str, str], Callable[[Around, str], _Rows]] = {
    ("network", "members"): lambda tables, iri: _participations(tables.participations(iri, None).rows, tables),
    ("network", "matrix"): _dots,
    ("network", "money"): lambda tables, iri: _money(tables.flows(iri)),
    ("actor", "networks"): lambda tables, iri: _participations(tables.takes_part(iri, None).rows, tables),
    ("actor", "gives"): lambda tables, iri: _money(tables.flows_of(iri, "funders", None)[0]),
    ("actor", "receives"): lambda tables, iri: _money(tables.flows_of(iri, "recipients", None)[0]),
}

# ---------------------------------------------------------------------------------------------------------------------
# Reporting an error


def report(request: Request) -> Response:
    """The page that takes a report of an error on a value: what is meant, its source, a text to copy, where to send it.

    Raises:
        NotFound: nothing is known under the address.
        Unprocessable: no address is given.
    """
    site, language = site_of(request), pages.language_of(request)
    about = request.query_params.get("about", "")
    field = request.query_params.get("field", "")[:80]
    of = request.query_params.get("of", "") or about
    if not about.startswith((site.release.base_iri, VOCABULARY, IG)):
        raise NotFound("Say what is meant: /report?about= with the permanent address of a thing or a statement.")
    told = _told(request, site, language, of)
    page = told.page
    entry = next((each for section in page.sections for each in section.entries if each.key == field), None)
    value = next((each for each in entry.values if about in (each.node, each.iri)), None) if entry else None
    shown = [value] if value else list(entry.values[:SHOWN]) if entry and about == of else []
    sources = (value.sources if value else ()) or (entry.sources if entry else ())
    text = _report_text(told, about, entry, shown, sources)
    subject = told.say("things err subject", what=page.title.text)
    return pages.render(
        request,
        "report-error.html",
        page=page,
        reported=False,
        absent=_STATED_NONE,
        definition=_definitions(told),
        number=told.number,
        entry=entry,
        values=shown,
        lost=not shown and not (entry and entry.absence),
        sources=sources,
        about=about,
        text=text,
        day=lambda date: day(date, language),
        send=_send(getattr(request.app.state, "report_address", ""), subject, text),
        source_name=lambda each: _source_name(told, each),
        table_of=lambda each: _table(told.site, each),
    )


def _report_text(
    told: _Told, about: str, entry: Entry | None, values: Sequence[Value], sources: Sequence[Attribution]
) -> str:
    missing = entry.absence.reason if entry and entry.absence else ""
    lines = [
        (told.say("things err page"), f"{told.page.title.text} <{told.iri}>"),
        (told.say("things err field"), f"{entry.name} ({entry.key})" if entry else ""),
        (told.say("things err value"), "; ".join(value.text for value in values) or missing),
        (told.say("things err reference"), about),
        (told.say("things sources"), "; ".join(each.iri for each in sources)),
        (told.say("release"), told.site.release.id),
        (told.say("things err wrong"), ""),
        (told.say("things err right"), ""),
        (told.say("things err where"), ""),
    ]
    return "\n".join(f"{name}: {value}".rstrip() for name, value in lines) + "\n"


def _send(address: str, subject: str, text: str) -> tuple[str, str]:
    """(Key of the words, address) of where a report is sent; empty where nobody named an address."""
    if address.startswith("mailto:"):
        mark = "&" if "?" in address else "?"
        return "things err mail", f"{address}{mark}subject={quote(subject)}&body={quote(text)}"
    if address:
        return "things err open", address.replace("{title}", quote(subject)).replace("{body}", quote(text))
    return "", ""


# ---------------------------------------------------------------------------------------------------------------------
# What went wrong

_SAID = frozenset({400, 404, 406, 409, 413, 422, 429, 500, 503, 504})


def problem(request: Request, status: int, full: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    """What went wrong as a page: what happened, what is near, what to do next."""
    language = pages.language_of(request)
    asked = request.query_params.get("release", "")
    pruned = asked if status == 404 and asked and asked != site_of(request).release.id else ""
    path = request.scope["path"]
    near = [] if pruned else _near(request, path, full.get("near", ()))
    seconds = headers.get("retry-after", "5")
    key = f"things wrong {status}" if status in _SAID else "things wrong other"
    explained = say("things wrong pruned", language, id=asked[:60]) if pruned else say(key, language, seconds=seconds)
    return pages.render(
        request,
        "problem.html",
        status=status,
        problem=full,
        explained=explained,
        near=near,
        again=_again(request, "release") if pruned else _again(request),
        pruned=pruned,
        releases=list(full.get("near", ())) if pruned else [],
        searched=_words_of(path) if status == 404 and not pruned else "",
        repeats=status in (429, 500, 503, 504) and request.method == "GET",
    )


def missing(site: Site, iri: str) -> NotFound:
    """The error for a thing that is not there, with names near its own from the tables."""
    return NotFound(f"There is nothing here under the name '{local(iri)}'.", _tables(site).near(iri))


def alike(request: Request, text: str, most: int = 6) -> list[tuple[str, str, str]]:
    """(Address, name, kind) of things with names like a text; none where the index cannot be asked."""
    site = site_of(request)
    if not text.strip():
        return []
    try:
        with SearchIndex(site.release.path / "search.sqlite") as index:
            hits = index.search(text[:80], language=pages.language_of(request), limit=most)
    except Exception:  # noqa: BLE001 - a page that says what went wrong must not itself go wrong
        return []
    return [(site.urls.page(hit.thing) or "", hit.label, hit.kind) for hit in hits]


def _near(request: Request, path: str, names: Iterable[str]) -> list[tuple[str, str, str]]:
    """(Address, name, kind) of what is near a path: near names first, then what has a similar name."""
    folder = path.rpartition("/")[0]
    urls = site_of(request).urls
    found = [(urls.at(f"{folder}/{quote(name)}"), name, "") for name in names]
    hits = alike(request, _words_of(path)) if names or folder.strip("/") in PLURALS.values() else []
    last = {address.rpartition("/")[2] for address, *_ in hits}
    return [*hits, *(each for each in found if each[0].rpartition("/")[2] not in last)]


def _words_of(path: str) -> str:
    """The words of the last part of an address, to search for."""
    stem = path.rstrip("/").rpartition("/")[2]
    return " ".join(stem.replace("-", " ").replace("_", " ").replace(".", " ").split())[:80]


def _again(request: Request, *without: str) -> str:
    """The very address, or without some of its parameters."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in without]
    path = quote(site_of(request).urls.at(request.scope["path"]))
    return f"{path}?{urlencode(kept)}" if kept else path


_FOLDERS = ("networks", "actors", "places", "profiles", "statements/group")
ROUTES = [
    Route("/report", report),
    *(Route(f"/{folder}/{{name}}/cite.{{form}}", cite) for folder in _FOLDERS),
    *(Route(f"/{folder}/{{name}}/{{what}}.csv", rows_as_csv) for folder in _FOLDERS),
]
"""What belongs to pages of things; the pages themselves are representations, and stand in :mod:`.linked`."""
