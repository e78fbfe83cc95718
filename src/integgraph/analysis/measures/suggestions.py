"""Whom an actor might work with, and why; and whether such suggestions hit on the data at hand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy import sparse

from integgraph.analysis.measures.answers import (
    NO_MEMBERS,
    NOTHING_GIVEN,
    Answer,
    Basis,
    Measure,
    Text,
    named,
    number,
)
from integgraph.analysis.measures.twomode import Floats, Ints, Node, TwoMode, two_mode

if TYPE_CHECKING:
    from integgraph.analysis.measures.twomode import Matrix

SUGGESTIONS = Measure(
    "partner-suggestions",
    Text("Partner suggestions", "Vorschläge für Partner"),
    Text("Who might we work with?", "Mit wem könnten wir arbeiten?"),
)
HIT_RATE = Measure(
    "hit-rate",
    Text("Hit rate of suggestions", "Trefferquote der Vorschläge"),
    Text("Do such suggestions hit?", "Treffen solche Vorschläge?"),
)
TIES_FROM = 20
"""From how many memberships on hiding a fifth of them tests anything."""
Scores: TypeAlias = Callable[[TwoMode, Ints], Floats]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An actor that another might work with.

    Attributes:
        actor: Whom.
        score: Sum of the parts, each from 0 to 1.
        shared: Fields and groups of both, the rarest first.
        fills: Fields and groups that the other has and the asking actor lacks, and that are asked for.
        similar: Likeness of their networks, through others (collaborative filtering).
    """

    actor: Node
    score: float
    shared: tuple[str, ...]
    fills: tuple[str, ...]
    similar: float


def partner_suggestions(
    data: Any,
    actor: Node,
    entries: Mapping[Node, Collection[str]],
    regions: Mapping[Node, Collection[str]] | None = None,
    wanted: Collection[str] = (),
    most: int = 10,
    *,
    hits: Answer[dict[str, float]] | None = None,
    seed: int = 0,
    basis: Basis = NOTHING_GIVEN,
) -> Answer[tuple[Suggestion, ...]]:
    """Actors of the same region that an actor is not listed with, but has much in common with.

    Definition: for each actor of the region that no network lists together with the asking one: rarity-weighted overlap
        of fields and groups; the share of what is wanted that it would bring; and how alike the networks of both are
        through third actors.
    Formula: Σ log(n/n_x) over shared entries / Σ over the entries of either, n_x actors with the entry; |wanted ∩
        theirs| / |wanted|; Σ over networks of the one, of the mean cosine likeness of their members to the other.
    States: *value* where the suggestions of this data beat popularity (see ``hit_rate``) and there are any; *too small*
        where there are too few memberships to test that; *unknown* where the actor or its entries are not known, or
        where suggestions do not beat popularity and are therefore off.
    Caveat: lists say who is listed, not who is free or willing. Each suggestion shows its reasons.
    Reference: Adamic, L. A. & Adar, E. (2003) Friends and neighbors on the Web. Social Networks 25, 211–230; Sarwar,
        B., Karypis, G., Konstan, J. & Riedl, J. (2001) Item-based collaborative filtering. WWW 10, 285–295.

    Args:
        data: A two-mode graph or matrix.
        actor: Who asks.
        entries: Fields of action and target groups of each actor (of the networks that list it), as far as known.
        regions: Where each actor works; without them all are taken to be of one region.
        wanted: Entries that the asking actor looks for, such as gaps in the coverage of its region.
        most: How many suggestions to give.
        hits: The hit rate of this data, where it is known already.
        seed: Of the test of the hit rate.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> women = nx.davis_southern_women_graph()
    >>> entries = {name: ["a"] if len(name) % 2 else ["a", "b"] for name in women.graph["top"]}
    >>> answer = partner_suggestions(women, "Olivia Carleton", entries)
    >>> str(answer.state), answer.found[0].shared
    ('value', ('a',))
    """
    lists = two_mode(data)
    inputs = lists.inputs(basis)
    if lists.ties == 0:
        return SUGGESTIONS.unknown(inputs, NO_MEMBERS)
    if actor not in lists.actors or not entries.get(actor):
        unseen = Text(
            "the actor, or its fields and target groups, are not in the data",
            "der Akteur oder seine Felder und Zielgruppen kommen in den Daten nicht vor",
        )
        return SUGGESTIONS.unknown(inputs, unseen)
    rate = hits or hit_rate(lists, seed=seed)
    if rate.value is None:
        few = Text("too little is known to test suggestions", "es ist zu wenig bekannt, um Vorschläge zu prüfen")
        return SUGGESTIONS.too_small(inputs, few)
    if rate.value["filtering"] <= rate.value["popularity"]:
        off = Text(
            "on these data suggestions do no better than popularity, so they are off",
            "bei diesen Daten sind Vorschläge nicht besser als bloße Bekanntheit; sie sind daher abgeschaltet",
        )
        return SUGGESTIONS.unknown(inputs, off, hit_rate=rate.value)
    found = tuple(_ranked(lists, actor, entries, regions, set(wanted)))[:most]
    if not found:
        none = Text("no other actor of the region fits", "kein anderer Akteur der Region passt")
        return SUGGESTIONS.unknown(inputs, none, hit_rate=rate.value)
    who, reasons = named([each.actor for each in found[:3]]), named(found[0].shared, 3)
    sentence = Text(
        f"Not yet listed together, with much in common: {who.en}"
        + (f" (shared: {reasons.en})." if reasons.en else "."),
        f"Noch nicht gemeinsam verzeichnet, mit vielem gemeinsam: {who.de}"
        + (f" (gemeinsam: {reasons.de})." if reasons.de else "."),
    )
    return SUGGESTIONS.value(found, inputs, sentence, hit_rate=rate.value)


def _ranked(
    lists: TwoMode,
    actor: Node,
    entries: Mapping[Node, Collection[str]],
    regions: Mapping[Node, Collection[str]] | None,
    wanted: set[str],
) -> list[Suggestion]:
    at = lists.actors.index(actor)
    own, here = set(entries[actor]), set((regions or {}).get(actor, ()))
    listed = set(sparse.coo_array(lists.matrix[[at]] @ lists.matrix.T).col.tolist()) | {at}
    n = len(entries)
    times: dict[str, int] = {}
    for each in entries.values():
        for entry in set(each):
            times[entry] = times.get(entry, 0) + 1
    rarity = {entry: log((n + 1) / k) for entry, k in times.items()}
    alike = _likeness(lists, at)
    found = []
    for place, name in enumerate(lists.actors):
        theirs = set(entries.get(name, ()))
        if place in listed or not theirs or (regions is not None and not here & set(regions.get(name, ()))):
            continue
        shared = sorted(own & theirs, key=lambda entry: (-rarity[entry], entry))
        overlap = sum(rarity[entry] for entry in shared) / sum(rarity[entry] for entry in own | theirs)
        fills = tuple(sorted((theirs - own) & wanted))
        score = overlap + (len(fills) / len(wanted) if wanted else 0.0) + float(alike[place])
        if score > 0:
            found.append(Suggestion(name, score, tuple(shared), fills, float(alike[place])))
    return sorted(found, key=lambda each: (-each.score, str(each.actor)))


def _likeness(lists: TwoMode, at: int) -> Floats:
    """How well the networks of each actor fit one actor, through the members that both have to do with."""
    fit = np.asarray((_cosine(lists, np.array([at])) @ lists.matrix).toarray()).ravel()
    fit = np.divide(fit, lists.sizes, out=np.zeros_like(fit), where=lists.sizes > 0)
    reach = np.asarray(lists.matrix @ fit)
    most = float(reach.max(initial=0.0))
    return np.asarray(reach / most if most > 0 else reach)


def hit_rate(
    data: Any, *, hide: float = 0.2, runs: int = 200, seed: int = 0, basis: Basis = NOTHING_GIVEN
) -> Answer[dict[str, float]]:
    """How often hidden memberships are told from pairs that are not listed.

    Definition: a fifth of the memberships is hidden; the share of pairs of a hidden membership and an unlisted one in
        which the hidden one has the higher score (AUC), on average over the runs.
    Formula: AUC = P(score hidden > score unlisted) + ½ P(equal).
    States: *value* from twenty memberships on; *too small* below; *unknown* without members.
    Caveat: suggestions are worth showing only where they beat popularity, which just names the largest networks.
    Reference: Lü, L. & Zhou, T. (2011) Link prediction in complex networks: a survey. Physica A 390, 1150–1170; Zhou,
        T., Lü, L. & Zhang, Y.-C. (2009) Predicting missing links via local information. European Physical Journal B 71,
        623–630.

    Args:
        data: A two-mode graph or matrix.
        hide: Share of memberships to hide.
        runs: Number of runs.
        seed: Of the draw.
        basis: Dates and sources, as given.

    Returns:
        AUC of ``popularity``, of ``filtering`` (cosine collaborative filtering) and of ``allocation`` (resource
        allocation).

    >>> import networkx as nx
    >>> found = hit_rate(nx.davis_southern_women_graph(), runs=40).found
    >>> found["allocation"] > found["filtering"] > found["popularity"]
    True
    """
    lists = two_mode(data)
    inputs = lists.inputs(basis)
    if lists.ties == 0:
        return HIT_RATE.unknown(inputs, NO_MEMBERS)
    n, m = len(lists.actors), len(lists.networks)
    if lists.ties < TIES_FROM or lists.ties == n * m:
        few = Text(f"it takes {TIES_FROM} memberships", f"es braucht {TIES_FROM} Zugehörigkeiten")
        return HIT_RATE.too_small(inputs, few)
    rng = np.random.default_rng(seed)
    totals = dict.fromkeys(_SCORES, 0.0)
    for _ in range(runs):
        for name, auc in _run(lists, hide, rng).items():
            totals[name] += auc / runs
    filtering, popularity = number(totals["filtering"]), number(totals["popularity"])
    better = totals["filtering"] > totals["popularity"]
    sentence = Text(
        f"Suggestions tell {filtering.en} of hidden memberships from others, popularity alone {popularity.en}"
        + ("." if better else ": they are of no use here."),
        f"Vorschläge erkennen {filtering.de} der verborgenen Zugehörigkeiten, bloße Bekanntheit {popularity.de}"
        + ("." if better else ": Sie nützen hier nichts."),
    )
    return HIT_RATE.value(totals, inputs, sentence, runs=runs, hide=hide, seed=seed)


CELLS = 1_000_000
"""Above so many pairs of an actor and a network a run looks at some actors only."""
ACTORS = 300


def _run(lists: TwoMode, hide: float, rng: np.random.Generator) -> dict[str, float]:
    ties = sparse.coo_array(lists.matrix)
    order = rng.permutation(lists.ties)
    cut = max(1, round(hide * lists.ties))
    hidden, kept = order[:cut], order[cut:]
    left = sparse.coo_array((np.ones(len(kept)), (ties.row[kept], ties.col[kept])), shape=ties.shape)
    rest = TwoMode(lists.actors, lists.networks, sparse.csr_array(left))
    n, m = lists.matrix.shape
    rows: Ints = np.arange(n) if n * m <= CELLS else np.unique(ties.row[hidden[:ACTORS]]).astype(np.int64)
    place = np.full(n, -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    seen = hidden[place[ties.row[hidden]] >= 0]
    free = lists.matrix[rows].toarray() == 0
    found = {}
    for name, score in _SCORES.items():
        scores = score(rest, rows)
        found[name] = _auc(scores[place[ties.row[seen]], ties.col[seen]], scores[free])
    return found


def _auc(hidden: Floats, others: Floats) -> float:
    ordered = np.sort(others)
    below = np.searchsorted(ordered, hidden - 1e-12)
    within = np.searchsorted(ordered, hidden + 1e-12, side="right")
    return float((below + (within - below) / 2).mean() / max(1, len(others)))


def _cosine(lists: TwoMode, rows: Ints) -> Matrix:
    """Likeness of some actors to all by the networks that list them, without that of an actor to itself."""
    scaled = _scaled(lists)
    alike = sparse.coo_array(scaled[rows] @ scaled.T)
    off = rows[alike.row] != alike.col
    return sparse.csr_array((alike.data[off], (alike.row[off], alike.col[off])), shape=alike.shape)


def _scaled(lists: TwoMode) -> Matrix:
    """The list with rows of length 1."""
    norm = np.sqrt(np.maximum(lists.memberships, 1))
    return sparse.csr_array(lists.matrix.multiply(1 / norm[:, None]))


def _popularity(lists: TwoMode, rows: Ints) -> Floats:
    return np.tile(lists.sizes.astype(np.float64), (len(rows), 1))


def _filtering(lists: TwoMode, rows: Ints) -> Floats:
    # (S·Sᵀ − I)·A as S·(Sᵀ·A) − A: the likeness of all pairs of actors is never made, however long a list is.
    scaled = _scaled(lists)
    return np.asarray((scaled[rows] @ (scaled.T @ lists.matrix)).toarray() - lists.matrix[rows].toarray())


def _allocation(lists: TwoMode, rows: Ints) -> Floats:
    sizes, memberships = np.maximum(lists.sizes, 1), np.maximum(lists.memberships, 1)
    spread = sparse.csr_array(lists.matrix.multiply(1 / sizes))
    back = sparse.csr_array(lists.matrix.multiply(1 / memberships[:, None]))
    return np.asarray((spread[rows] @ (lists.matrix.T @ back)).toarray())


_SCORES: dict[str, Scores] = {"popularity": _popularity, "filtering": _filtering, "allocation": _allocation}
