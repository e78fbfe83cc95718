"""Who depends on whose money, and what would happen if it stopped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from integgraph.analysis.measures.answers import (
    NOTHING_GIVEN,
    Answer,
    Basis,
    Inputs,
    Measure,
    Text,
    count,
    named,
    percent,
)
from integgraph.analysis.measures.twomode import Node

if TYPE_CHECKING:
    from integgraph.analysis.measures.twomode import Graph

DEPENDENCE = Measure(
    "funder-dependence",
    Text("Dependence on funders", "Abhängigkeit von Geldgebern"),
    Text("Who depends on whom?", "Wer hängt von wem ab?"),
)
FUNDER_LOSS = Measure(
    "funder-loss",
    Text("Loss of a funder", "Wegfall eines Geldgebers"),
    Text("What if the city stopped?", "Was wäre, wenn die Stadt aufhörte?"),
)
HHI = Measure(
    "concentration",
    Text("Concentration of sources", "Konzentration der Quellen"),
    Text("How much hangs on one source?", "Wie viel hängt an einer Quelle?"),
)
SHOWN = 5
"""Recipients that a sentence names."""
NO_FUNDING = Text("no funding is stated", "es ist keine Förderung angegeben")


@dataclass(frozen=True, slots=True)
class Dependence:
    """What is known of the sources of one recipient.

    Attributes:
        sources: Number of sources, named or stated by category only.
        named: How many of them are named.
        hhi: Σ of the squared shares where all amounts are known, else ``None``.
        bounds: The least and the most that it can be.
    """

    sources: int
    named: int
    hhi: float | None
    bounds: tuple[float, float]

    @property
    def sole(self) -> bool:
        """Whether all hangs on one source."""
        return self.sources == 1


def funder_dependence(graph: Graph, *, basis: Basis = NOTHING_GIVEN) -> Answer[dict[Node, Dependence]]:
    """On how many sources each recipient lives, and how much hangs on one of them.

    Definition: sources of each recipient; the share of recipients with one source only; the concentration of amounts.
    Formula: HHI = Σ s², s the share of each source in all amounts; without amounts between 1/k and 1 for k sources.
    States: *value* where some funding is stated; *unknown* else.
    Caveat: no amount is unknown, never 0. A source that is stated by category only ("donations") counts as one. The
        profile may not name all sources. Amounts that several parties share are not split.
    Reference: Tuckman, H. P. & Chang, C. F. (1991) A methodology for measuring the financial vulnerability of
        charitable nonprofit organizations. Nonprofit and Voluntary Sector Quarterly 20, 445–460; Chikoto, G. L., Ling,
        Q. & Neely, D. G. (2016) The adoption and use of the Hirschman–Herfindahl Index in nonprofit research. Voluntas
        27, 1425–1447.

    Args:
        graph: Directed, from funder to recipient; edges may have ``amount`` and ``currency``. Edges whose ``role`` is
            not ``funds`` are left aside; nodes of ``kind`` ``unnamed`` are sources known by category only.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> flows = nx.DiGraph([("city", "zora"), ("donations", "zora"), ("state", "caritas")])
    >>> answer = funder_dependence(flows)
    >>> answer.found["zora"].bounds, answer.found["caritas"].sole
    ((0.5, 1.0), True)
    >>> answer.sentence.en
    '1 of 2 recipients has one known source only.'
    """
    flows = _flows(graph)
    inputs = _inputs(graph, flows, basis)
    recipients: dict[Node, list[tuple[Node, dict[str, Any]]]] = defaultdict(list)
    for source, recipient, data in flows:
        if graph.nodes[recipient].get("kind") != "unnamed":
            recipients[recipient].append((source, data))
    if not recipients:
        return DEPENDENCE.unknown(inputs, NO_FUNDING)
    found = {recipient: _dependence(graph, sources) for recipient, sources in recipients.items()}
    sole = [recipient for recipient, each in found.items() if each.sole]
    n = len(found)
    verb = "has" if len(sole) == 1 else "have"
    sentence = Text(
        f"{len(sole)} of {count(n, ('recipient', 'recipients'), ('', '')).en} {verb} one known source only.",
        f"{len(sole)} von {count(n, ('', ''), ('Empfänger', 'Empfängern')).de} "
        f"{'hat' if len(sole) == 1 else 'haben'} nur eine bekannte Quelle.",
    )
    return DEPENDENCE.value(found, inputs, sentence, sole=sole, sole_share=len(sole) / n)


def _dependence(graph: Graph, sources: list[tuple[Node, dict[str, Any]]]) -> Dependence:
    every = {source for source, _ in sources}
    known = {source for source in every if graph.nodes[source].get("kind") != "unnamed"}
    amounts: dict[Node, float] = defaultdict(float)
    currencies, complete = set(), True
    for source, data in sources:
        amount = data.get("amount")
        if isinstance(amount, int | float) and amount >= 0:
            amounts[source] += float(amount)
            currencies.add(data.get("currency") or "")
        else:
            complete = False
    k, total = len(every), sum(amounts.values())
    if complete and len(currencies) == 1 and total > 0:
        hhi = herfindahl(list(amounts.values()))
        return Dependence(k, len(known), hhi, (hhi, hhi))
    only = 1.0 if k == 1 else None
    return Dependence(k, len(known), only, (1 / k, 1.0))


def herfindahl(amounts: Sequence[float]) -> float:
    """The concentration of amounts, from 1/k (all alike) to 1 (all from one); times 10,000 it is the usual index.

    >>> round(10_000 * herfindahl([30, 30, 20, 20]))
    2600
    """
    total = float(sum(amounts))
    return sum((each / total) ** 2 for each in amounts) if total > 0 else 1.0


def concentration(
    amounts: Sequence[float | None] | None, sources: int | None = None, *, basis: Basis = NOTHING_GIVEN
) -> Answer[float]:
    """How much of some amounts comes from few sources.

    Definition: sum of the squared shares of the sources (Herfindahl–Hirschman index).
    Formula: HHI = Σ s²; between 1/k and 1.
    States: *value* where all amounts of two or more sources are known; *forced* to 1 for one source; *unknown* where
        amounts are missing, with the bounds in the details.
    Caveat: no amount is unknown, never 0.
    Reference: Tuckman, H. P. & Chang, C. F. (1991) A methodology for measuring the financial vulnerability of
        charitable nonprofit organizations. Nonprofit and Voluntary Sector Quarterly 20, 445–460.

    Args:
        amounts: Of each source; ``None`` where it is not known.
        sources: How many sources there are, where no amounts are given.
        basis: Dates and sources, as given.

    >>> round(concentration([30, 30, 20, 20]).found, 2)
    0.26
    >>> concentration(None, 4).details["bounds"]
    (0.25, 1.0)
    """
    given = list(amounts or ())
    k = len(given) or (sources or 0)
    inputs = Inputs(dates=basis.dates, sources=basis.sources)
    if k == 0:
        return HHI.unknown(inputs, NO_FUNDING)
    if k == 1:
        return HHI.forced(1.0, inputs, Text("there is one source only", "es gibt nur eine Quelle"), sources=1)
    known = [each for each in given if each is not None]
    if len(known) < k or sum(known) <= 0:
        reason = Text(
            f"of {k} sources the amounts are not all known", f"von {k} Quellen sind nicht alle Beträge bekannt"
        )
        return HHI.unknown(inputs, reason, bounds=(1 / k, 1.0), sources=k)
    found = herfindahl(known)
    largest = percent(max(known) / sum(known))
    sentence = Text(f"The largest of {k} sources gives {largest.en}.", f"Die größte von {k} Quellen gibt {largest.de}.")
    return HHI.value(found, inputs, sentence, sources=k)


@dataclass(frozen=True, slots=True)
class Loss:
    """What one recipient would lose.

    Attributes:
        before: Sources it has now, named or by category.
        after: Sources it would keep.
        kept: Those, in words.
        activities: What of its activities is funded by the lost source alone.
        share: Share of the amount that would be lost; ``None`` where amounts are not known, or are stated by profiles
            and imported tables beside each other.
    """

    before: int
    after: int
    kept: tuple[str, ...]
    activities: tuple[str, ...]
    share: float | None


def funder_loss(
    graph: Graph,
    funder: Node | None = None,
    *,
    category: str | None = None,
    called: Text | None = None,
    basis: Basis = NOTHING_GIVEN,
) -> Answer[dict[Node, Loss]]:
    """Who would lose how many of its sources if a funder, or a category of funds, stopped.

    Definition: recipients of the funder with the sources they would keep, and the activities that only it pays for.
    Formula: k − 1 of k sources (fewer by all flows of a category).
    States: *value* where some funding is stated; *unknown* where none is, or the funder is not among the sources.
    Caveat: on paper: the profile may not name all sources, and amounts are mostly unknown. Says nothing of whether
        another source would step in.
    Reference: Burgos, E., Ceva, H., Perazzo, R. P. J., Devoto, M., Medan, D., Zimmermann, M. & Delbue, A. M. (2007) Why
        nestedness in mutualistic networks? Journal of Theoretical Biology 249, 307–313 (loss of nodes of one mode).

    Args:
        graph: As ``funder_dependence`` takes it; edges may have ``categories``, and ``stated_by`` where not all flows
            are stated by the same kind of source.
        funder: Node that stops.
        category: Or a category of funds that stops, such as ``municipal``.
        called: What the category is called in a sentence.
        basis: Dates and sources, as given.

    >>> import networkx as nx
    >>> flows = nx.DiGraph([("city", "zora"), ("donations", "zora"), ("state", "caritas")])
    >>> answer = funder_loss(flows, "city")
    >>> answer.found["zora"].kept, answer.details["not_affected"]
    (('donations',), ['caritas'])
    >>> answer.sentence.en
    'If city stopped: zora loses one of two known sources; amounts unknown. Not affected on paper: caritas.'
    """
    flows = _flows(graph)
    inputs = _inputs(graph, flows, basis)
    lost = [
        flow
        for flow in flows
        if (funder is not None and flow[0] == funder) or (category and category in _categories(flow[2]))
    ]
    if not flows:
        return FUNDER_LOSS.unknown(inputs, NO_FUNDING)
    who = _label(graph, funder) if funder is not None else called or Text(str(category), str(category))
    if not lost:
        absent = Text(f"{who.en} is not among the stated sources", f"{who.de} ist nicht unter den genannten Quellen")
        return FUNDER_LOSS.unknown(inputs, absent)
    hit = list(dict.fromkeys(recipient for _, recipient, _ in lost))
    own, gone = _by_recipient(flows), _by_recipient(lost)
    found = {recipient: _loss(graph, recipient, own[recipient], gone[recipient]) for recipient in hit}
    spared = [r for r in dict.fromkeys(recipient for _, recipient, _ in flows) if r not in found]
    spared = [r for r in spared if graph.nodes[r].get("kind") != "unnamed"]
    parts = [_loss_in_words(_label(graph, recipient), each) for recipient, each in found.items()]
    labels = [_label(graph, recipient) for recipient in spared]
    rest = Text(named([each.en for each in labels]).en, named([each.de for each in labels]).de)
    shown = [part.en for part in parts[:SHOWN]], [part.de for part in parts[:SHOWN]]
    more = len(parts) - SHOWN
    if more > 0:
        shown[0].append(f"and {more} more recipients")
        shown[1].append(f"und {more} weitere Empfänger")
    en, de = f"If {who.en} stopped: {'; '.join(shown[0])}.", f"Fiele {who.de} weg: {'; '.join(shown[1])}."
    if spared:
        en, de = f"{en} Not affected on paper: {rest.en}.", f"{de} Auf dem Papier nicht betroffen: {rest.de}."
    return FUNDER_LOSS.value(found, inputs, Text(en, de), not_affected=spared)


def _by_recipient(flows: list[Any]) -> dict[Node, list[Any]]:
    found: dict[Node, list[Any]] = defaultdict(list)
    for flow in flows:
        found[flow[1]].append(flow)
    return found


def _loss(graph: Graph, recipient: Node, own: list[Any], gone: list[Any]) -> Loss:
    kept = [flow for flow in own if not any(flow is each for each in gone)]
    before, after = {flow[0] for flow in own}, {flow[0] for flow in kept}
    words = tuple(sorted({_label(graph, source).en for source in after}))
    amounts = [flow[2].get("amount") for flow in own]
    share = None
    # A profile and a table may speak of the same money, so a share of both together would be of nothing.
    if (
        len({flow[2].get("stated_by") for flow in own}) == 1
        and all(isinstance(each, int | float) for each in amounts)
        and sum(amounts) > 0
    ):
        share = sum(flow[2]["amount"] for flow in gone) / sum(amounts)
    keys = {flow[2].get("key") for flow in gone} - {flow[2].get("key") for flow in kept} - {None}
    activities = tuple(
        sorted(
            _label(graph, thing).en
            for _, thing, data in _edges(graph, recipient)
            if data.get("role") == "for" and data.get("key") in keys
        )
    )
    return Loss(len(before), len(after), words, activities, share)


_WORDS = {1: Text("one", "eine"), 2: Text("two", "zwei"), 3: Text("three", "drei"), 4: Text("four", "vier")}


def _loss_in_words(name: Text, loss: Loss) -> Text:
    gone = loss.before - loss.after
    if loss.before == 1:
        en, de = f"{name.en} loses its only known source", f"{name.de} verliert die einzige bekannte Quelle"
    else:
        in_words = max(gone, loss.before) <= max(_WORDS)
        one, of = (_WORDS[n] if in_words else Text(str(n), str(n)) for n in (gone, loss.before))
        en = f"{name.en} loses {one.en} of {of.en} known sources"
        de = f"{name.de} verliert {one.de} von {of.de} bekannten Quellen"
    if loss.share is None:
        return Text(f"{en}; amounts unknown", f"{de}; Beträge unbekannt")
    share = percent(loss.share)
    return Text(f"{en} ({share.en} of the amounts)", f"{de} ({share.de} der Beträge)")


def _flows(graph: Graph) -> list[tuple[Node, Node, dict[str, Any]]]:
    return [flow for flow in _edges(graph) if flow[2].get("role", "funds") == "funds" and flow[0] != flow[1]]


def _edges(graph: Graph, source: Node | None = None) -> list[tuple[Node, Node, dict[str, Any]]]:
    """Edges with their data, of a multigraph with the key too."""
    start: Any = None if source is None else [source]
    if graph.is_multigraph():
        several: Any = graph
        return [(a, b, {"key": key, **data}) for a, b, key, data in several.edges(start, keys=True, data=True)]
    return [(a, b, dict(data)) for a, b, data in graph.edges(start, data=True)]


def _categories(data: dict[str, Any]) -> list[str]:
    given = data.get("categories") or data.get("category") or ""
    return [part.strip() for part in given.split(";")] if isinstance(given, str) else [str(each) for each in given]


def _label(graph: Graph, node: Node) -> Text:
    """What a node is called; ``label_de``, where it has one, is its name in German."""
    if node not in graph:
        return Text(str(node), str(node))
    data = graph.nodes[node]
    name = str(data.get("label") or node)
    return Text(name, str(data.get("label_de") or name))


def _inputs(graph: Graph, flows: list[Any], basis: Basis) -> Inputs:
    parties = {node for flow in flows for node in flow[:2] if graph.nodes[node].get("kind") != "unnamed"}
    return Inputs(len(parties), None, len(flows), basis.dates, basis.sources)
