"""How fast the measures of structure are, beside networkx: one line a measure, with the bar and whether it holds.

Run: python -m benchmarks.analysis [--networks 1000 10000] [--only NAME …] [--quick] [--strict] [--large 100000]

The lists are those of made-up networks (``benchmarks/generate.py``): members of each network's newest profile, bodies
that are one by the decisions, ties that count as membership. Each measure runs in a process of its own, first ours,
then networkx, in turns; a ratio is that of the medians. What is compared are numbers: ours an array made of a sparse
matrix, networkx's a dict or list made of its graph. Making matrix or graph is not part of the ratio; it stands beside,
and so does the whole answer (with names and words). Python collects its garbage as it always does. Both must give the
same: numbers to 1e-9, sets exactly. networkx is stopped after 60 s, and the ratio is then "more than" what it is then.

``--large`` makes one list of that size and runs every measure of a whole list once, as a report would.

``--regions`` takes a release and compares regions of it, as the server does when it has read the release: seconds of
processor time of the first comparison of each pair.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import scipy.sparse as sp

from benchmarks.generate import made
from benchmarks.lines import Line, show
from integgraph.analysis.incidence import Incidence, Lists, Tie, incidence, projection
from integgraph.analysis.measures import (
    backbone,
    bands,
    brokerage,
    centralisation,
    centrality,
    closure,
    cohesion,
    loss,
    modularity,
    moves,
    nestedness,
    nullmodels,
    paths,
    size,
)
from integgraph.analysis.measures.twomode import OneMode, TwoMode, two_mode
from integgraph.analysis.reports.kept import Wanted, make, read
from integgraph.identity import SAME
from integgraph.ontology import Ontology
from integgraph.release import open_release

LIMIT = 60.0
"""Seconds after which networkx is stopped."""
CLOSE = 1e-9


# ---------------------------------------------------------------------------------------------------------------------
# The lists


def made_lists(networks: int, seed: int = 1) -> Lists:
    """The lists of members of made-up networks, without a build."""
    counts = {each.id: bool(each.counts_as_member) for each in Ontology.load().scheme("role").concepts.values()}
    same: dict[str, str] = {}
    ties = []
    for network in made(networks, seed):
        same |= {subject: known for subject, _, predicate, known, *_ in network.decisions if predicate == SAME}
        defined: dict[str, bool] = {}
        for record in network.records:
            defined |= _groups(record)
        newest = network.records[-1]
        for row in newest.get("members", ()):
            name = str(row.get("id") or row["actor"])
            if not defined.get(name):
                actor = name if ":" in name else f"actor:{name}"
                ties.append((actor, f"network:{newest['id']}", any(counts[role] for role in _roles(row))))
    return Lists.of_ties((Tie(_one(actor, same), network, counts=member) for actor, network, member in ties), "made up")


def _groups(value: Any) -> dict[str, bool]:
    """Bodies that are defined in a record, and whether each is a group without a name."""
    found: dict[str, bool] = {}
    if isinstance(value, dict):
        if "id" in value and "name" in value:
            found[value["id"]] = "group" in value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            found |= _groups(part)
    return found


def _roles(row: Mapping[str, Any]) -> Iterator[str]:
    given = row.get("roles", "member")
    for each in given if isinstance(given, list) else [given]:
        named = each["role"] if isinstance(each, dict) else each
        yield from [named] if isinstance(named, str) else named


def _one(actor: str, same: Mapping[str, str]) -> str:
    while actor in same:
        actor = same[actor]
    return actor


@dataclass
class Data:
    """One list, as each side takes it; made when first asked for."""

    found: Incidence

    @cached_property
    def lists(self) -> TwoMode:
        return two_mode(self.found)

    @cached_property
    def adjacency(self) -> Any:
        return self.lists.adjacency

    @cached_property
    def ties(self) -> OneMode:
        """Ties between actors; co-listing takes the part of reported ties."""
        matrix = projection(self.found)
        matrix.data = np.ones_like(matrix.data)
        return OneMode(tuple(range(matrix.shape[0])), matrix)

    @property
    def actors(self) -> range:
        return range(self.found.matrix.shape[0])

    @cached_property
    def graph(self) -> Any:
        """Actors by row, networks by column after them."""
        n, m = self.found.matrix.shape
        graph: Any = nx.Graph()
        graph.add_nodes_from(range(n), bipartite=0)
        graph.add_nodes_from(range(n, n + m), bipartite=1)
        ties = self.found.matrix.tocoo()
        graph.add_edges_from(zip(ties.row.tolist(), (ties.col + n).tolist(), strict=True))
        return graph

    @cached_property
    def tie_graph(self) -> Any:
        graph: Any = nx.Graph()
        graph.add_nodes_from(self.actors)
        half = sp.triu(self.ties.matrix, format="coo")
        graph.add_edges_from(zip(half.row.tolist(), half.col.tolist(), strict=True))
        return graph


# ---------------------------------------------------------------------------------------------------------------------
# What is compared


@dataclass(frozen=True, slots=True)
class Case:
    """One measure on both sides.

    Attributes:
        bar: Least ratio.
        ours, theirs: Give the numbers.
        differ: How far they differ; of sets nothing or infinitely.
        answer: The whole answer of ours, where ``ours`` is not that.
        ties: Whether ties between actors are what both take, not the two-mode list.
        sampled_from: From so many networks on ours is estimated, so numbers are not compared.
    """

    bar: float
    ours: Callable[[Data], Any]
    theirs: Callable[[Data], Any]
    differ: Callable[[Data, Any, Any], float]
    answer: Callable[[Data], Any] | None = None
    ties: bool = False
    sampled_from: int | None = None


SAMPLED_FROM = 5_000
"""From so many networks on betweenness is estimated, as it is by default from 5,000 nodes on."""


def _between(data: Data) -> Any:
    exact = len(data.found.networks) < SAMPLED_FROM
    return centrality.two_mode_betweenness(data.lists, scope="graph", exact=exact).found


def _largest(ours: Any, theirs: Mapping[int, float]) -> float:
    """The largest difference, by the number of the node."""
    if isinstance(ours, dict):
        ours = [*ours["actors"].values(), *ours["networks"].values()]
    return float(np.abs(np.asarray(ours) - [theirs[node] for node in range(len(theirs))]).max(initial=0))


def _none_or_all(same: bool) -> float:
    return 0.0 if same else float("inf")


def _parts(data: Data, ours: paths.Components, theirs: Sequence[set[int]]) -> float:
    order = np.argsort(ours.label, kind="stable")
    parts = {frozenset(part.tolist()) for part in np.split(order, np.cumsum(ours.size)[:-1])}
    return _none_or_all(parts == set(map(frozenset, theirs)))


def _weights(data: Data, ours: Any, theirs: Any) -> float:
    other: Any = nx.to_scipy_sparse_array(theirs, nodelist=list(data.actors), dtype=np.dtype(float))
    return float(abs(ours - other).max())


def _constraints(data: Data, ours: Any, theirs: Mapping[int, float]) -> float:
    # Of who has no tie networkx says nan.
    tied = data.ties.degrees > 0
    return _largest(np.where(tied, ours, 0), {node: theirs[node] if tied[node] else 0.0 for node in data.actors})


CASES: Mapping[str, Case] = {
    "degree": Case(
        40,
        lambda data: centrality.degree_shares(data.lists),
        lambda data: nx.bipartite.degree_centrality(data.graph, data.actors),
        lambda data, ours, theirs: _largest(ours, theirs),
        lambda data: centrality.two_mode_degree(data.lists),
    ),
    "closeness": Case(
        40,
        lambda data: centrality.two_mode_closeness(data.lists, scope="graph").found,
        lambda data: nx.bipartite.closeness_centrality(data.graph, data.actors),
        lambda data, ours, theirs: _largest(ours, theirs),
    ),
    "betweenness": Case(
        20,
        _between,
        lambda data: nx.bipartite.betweenness_centrality(data.graph, data.actors),
        lambda data, ours, theirs: _largest(ours, theirs),
        sampled_from=SAMPLED_FROM,
    ),
    "components": Case(
        10,
        lambda data: paths.components(data.adjacency),
        lambda data: list(nx.connected_components(data.graph)),
        _parts,
        lambda data: cohesion.connected_parts(data.lists),
    ),
    "cut members": Case(
        25,
        lambda data: paths.cut_nodes(data.adjacency),
        lambda data: set(nx.articulation_points(data.graph)),
        lambda data, ours, theirs: _none_or_all(set(np.flatnonzero(ours).tolist()) == theirs),
        lambda data: cohesion.cut_members(data.lists),
    ),
    "projection": Case(
        100,
        lambda data: projection(data.found),
        lambda data: nx.bipartite.weighted_projected_graph(data.graph, data.actors),
        _weights,
    ),
    "constraint": Case(
        3,
        lambda data: brokerage.constraint_scores(data.ties),
        lambda data: nx.constraint(data.tie_graph),
        _constraints,
        ties=True,
    ),
}


# ---------------------------------------------------------------------------------------------------------------------
# Measuring


def taken(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what came of it."""
    begun = time.perf_counter()
    found = work()
    return time.perf_counter() - begun, found


def several(work: Callable[[], Any]) -> list[float]:
    """Seconds of three times."""
    return [taken(work)[0] for _ in range(3)]


def more_turns(turns: int, seconds: float) -> int:
    """How often to measure again what took so long: the faster, the oftener."""
    if seconds > LIMIT / 10:
        return 0
    return turns if seconds > LIMIT / 500 else 5 * turns


def told(work: Callable[[Connection], None], limit: float) -> list[Any]:
    """What a process of its own tells; it is killed where the next word takes longer than the limit."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(there,))
    process.start()
    there.close()
    words = []
    try:
        while here.poll(limit):
            words.append(here.recv())
    except EOFError:
        pass  # it has told everything
    finally:
        process.kill()
        process.join()
    return words


def compare(case: Case, found: Incidence, turns: int) -> Callable[[Connection], None]:
    """Tells the seconds that making both sides took; those of ours; that theirs has come; and medians of turns."""

    def work(pipe: Connection) -> None:
        data = Data(found)
        matrix = taken(lambda: data.ties if case.ties else data.adjacency)[0]
        graph = taken(lambda: data.tie_graph if case.ties else data.graph)[0]
        case.ours(data)
        ours = several(lambda: case.ours(data))
        whole = case.answer
        answer = None if whole is None else taken(lambda: whole(data))[0]
        pipe.send((matrix, graph, statistics.median(ours), answer))
        seconds, result = taken(lambda: case.theirs(data))
        theirs = [seconds]
        pipe.send(seconds)
        for _ in range(more_turns(turns, seconds)):
            ours += several(lambda: case.ours(data))
            theirs.append(taken(lambda: case.theirs(data))[0])
        sampled = case.sampled_from is not None and len(found.networks) >= case.sampled_from
        differ = None if sampled else case.differ(data, case.ours(data), result)
        pipe.send((statistics.median(ours), statistics.median(theirs), differ))

    return work


def compared(name: str, case: Case, found: Incidence, turns: int) -> Iterator[Line]:
    """The lines of one measure."""
    words = told(compare(case, found, turns), LIMIT)
    if not words:
        yield Line(f"{name}: ours does not end within {LIMIT:.0f} s", "", f"≥ {case.bar:g}", False)
        return
    matrix, graph, ours, answer = words[0]
    theirs, more, differ = LIMIT, "more than ", None
    if len(words) == 3:
        (ours, theirs, differ), more = words[2], ""
    ratio = theirs / ours
    yield Line(f"{name}: ours {_seconds(ours)}, networkx {more}{_seconds(theirs)}", f"{more}{ratio:,.0f} ×",
               f"≥ {case.bar:g}", ratio >= case.bar)  # fmt: skip
    parts = [f"matrix {_seconds(matrix)}", f"graph {_seconds(graph)}"]
    parts += [f"whole answer {_seconds(answer)}"] if answer is not None else []
    yield Line(f"  beside it: {', '.join(parts)}", "")
    if differ is not None:
        yield Line("  largest difference", f"{differ:.1e}", f"≤ {CLOSE:g}", differ <= CLOSE)


def _seconds(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds >= 1 else f"{seconds * 1000:.3g} ms"


# -- modules


def _label_propagation(graph: Any) -> Any:
    return nx.community.label_propagation_communities(graph)


METHODS: Mapping[str, Callable[[Any], Any]] = {
    "Louvain, seed 0": lambda graph: nx.community.louvain_communities(graph, seed=0),
    "Louvain, seed 1": lambda graph: nx.community.louvain_communities(graph, seed=1),
    "Louvain, seed 2": lambda graph: nx.community.louvain_communities(graph, seed=2),
    "greedy": nx.community.greedy_modularity_communities,
    "label propagation": _label_propagation,
}


def one_method(method: Callable[[Any], Any], found: Incidence, turns: int) -> Callable[[Connection], None]:
    """Tells the seconds of one run of ours, then medians of both, and the modularity of theirs."""

    def work(pipe: Connection) -> None:
        data = Data(found)
        graph, matrix = data.graph, data.lists.matrix
        moves.partition(matrix)
        ours = several(lambda: moves.partition(matrix))
        pipe.send(statistics.median(ours))
        seconds, parts = taken(lambda: list(method(graph)))
        theirs = [seconds]
        pipe.send(seconds)
        for _ in range(more_turns(turns, seconds)):
            ours += several(lambda: moves.partition(matrix))
            theirs.append(taken(lambda: list(method(graph)))[0])
        module = {node: number for number, part in enumerate(parts) for node in part}
        pipe.send((statistics.median(ours), statistics.median(theirs), quality(data, module)))

    return work


def quality(data: Data, module: Mapping[int, int]) -> float:
    """Barber's modularity of modules by the number of the node."""
    n, m = data.found.matrix.shape
    rows: dict[Hashable, int] = {at: module[at] for at in range(n)}
    columns: dict[Hashable, int] = {at: module[n + at] for at in range(m)}
    return modularity.barber_q(data.found.matrix, rows, columns)


def modules(found: Incidence, turns: int) -> Iterator[Line]:
    """One run of ours beside one run of each method of networkx; the ratio is to the one with the best modularity."""
    data = Data(found)
    row, column = moves.partition(data.lists.matrix)
    ours = quality(data, dict(enumerate([*row.tolist(), *column.tolist()])))
    best: tuple[float, float, str] | None = None
    for name, method in METHODS.items():
        words = told(one_method(method, found, turns), LIMIT)
        if len(words) < 3:
            yield Line(f"  {name}: more than {LIMIT:.0f} s", f"more than {LIMIT / words[0]:,.0f} ×")
            continue
        mine, theirs, q = words[2]
        yield Line(
            f"  {name}: Q = {q:.5f}; ours {_seconds(mine)}, networkx {_seconds(theirs)}", f"{theirs / mine:,.0f} ×"
        )
        best = max(best or (-1.0, 0.0, ""), (q, theirs / mine, name))
    if best is not None:
        q, ratio, name = best
        yield Line(f"modules, beside the best of them ({name})", f"{ratio:,.0f} ×", "≥ 50", ratio >= 50)
        yield Line(
            f"  Q of one run of ours {ours:.5f}, of networkx's best {q:.5f}", f"{ours - q:+.5f}", "≥ 0", ours >= q
        )
    seconds, answer = taken(lambda: modularity.modules(data.lists))
    found_q = answer.found.q if answer.found else float("nan")
    yield Line(f"  whole answer, with 5 runs: {_seconds(seconds)}", f"Q = {found_q:.5f}")


# ---------------------------------------------------------------------------------------------------------------------
# Every measure of a whole list


WHOLE: Mapping[str, Callable[[TwoMode], Any]] = {
    "two-mode density": size.two_mode_density,
    "mean memberships": size.mean_memberships,
    "projection size": size.projection_size,
    "two-mode degree": centrality.two_mode_degree,
    "two-mode closeness": centrality.two_mode_closeness,
    "two-mode betweenness": centrality.two_mode_betweenness,
    "two-mode eigenvector": centrality.two_mode_eigenvector,
    "two-mode centralisation": centralisation.two_mode_degree_centralisation,
    "components": cohesion.connected_parts,
    "cut members": cohesion.cut_members,
    "fragmentation": cohesion.fragmentation,
    "mean distance": cohesion.mean_distance,
    "diameter": cohesion.diameter,
    "node connectivity": cohesion.node_connectivity,
    "two-mode clustering": closure.two_mode_clustering,
    "Opsahl's clustering": closure.opsahl_clustering,
    "redundancy": closure.redundancy,
    "modules": modularity.modules,
    "nestedness": nestedness.nestedness,
    "BiCM": nullmodels.bicm,
    "backbone": backbone.backbone,
    "stability": bands.stability,
    "robustness": loss.robustness,
    "member losses": loss.member_losses,
}


def whole(found: Incidence, limit: float) -> Iterator[Line]:
    """Seconds and memory of every measure of a whole list, each in a process of its own."""
    lists = two_mode(found)
    for name, measure in WHOLE.items():
        yield _once(name, measure, lists, limit)


def _once(name: str, measure: Callable[[TwoMode], Any], lists: TwoMode, limit: float) -> Line:
    def work(pipe: Connection) -> None:
        seconds, answer = taken(lambda: measure(lists))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        state = getattr(answer, "state", "")
        details = getattr(answer, "details", {})
        sampled = f", sampled with seed {details['seed']}" if details.get("sampled") else ""
        pipe.send(f"{_seconds(seconds)}, {memory:.1f} GB, {state}{sampled}")

    words = told(work, limit)
    return Line(f"{name}: {words[0]}" if words else f"{name}: not within {limit:.0f} s", "", "", bool(words))


# ---------------------------------------------------------------------------------------------------------------------
# Regions beside each other

REGIONS: Sequence[tuple[str, ...]] = (
    ("country-de", "country-it"),
    ("country-es", "country-fr"),
    ("nuts-de9", "country-gr"),
    ("country-de", "country-it", "country-es", "country-fr", "country-gb", "country-gr"),
    ("europe", "world"),
    ("nuts-de916", "sheffield", "country-pl", "nuts-dee08", "nuts-de8", "nuts-fre"),
)
"""Places of the made-up networks: two large countries, two smaller ones, two regions, six countries, everything twice,
and the six largest that are not prepared when the release is read."""
LONGEST = 2.0
"""Seconds that the first comparison may take."""


def regions(release: Path) -> Iterator[Line]:
    """Seconds of processor time of the first comparison of some places of a release that was read before."""
    begun = time.process_time()
    source = read(open_release(release).path)
    yield Line("read for reports", _seconds(time.process_time() - begun))
    for names in REGIONS:
        begun = time.process_time()
        report = make(source, Wanted("comparison", names)).report
        seconds = time.process_time() - begun
        yield Line(f"compared: {report.title.en}", _seconds(seconds), f"≤ {LONGEST:g} s", seconds <= LONGEST)


# ---------------------------------------------------------------------------------------------------------------------


def lines(networks: int, seed: int, only: Sequence[str], turns: int) -> Iterator[Line]:
    """Every line of lists of one size."""
    found = incidence(made_lists(networks, seed))
    n, m = found.matrix.shape
    print(f"\n{networks:,} networks were made, {m:,} of which list someone: {n:,} actors, {found.matrix.nnz:,} ties")
    for name, case in CASES.items():
        if not only or name in only:
            yield from compared(name, case, found, turns)
    if not only or "modules" in only:
        yield from modules(found, turns)


def main() -> None:
    """Measure and print the table; the exit status is 1 where a bar does not hold and ``--strict`` was given."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--networks", type=int, nargs="+", default=[1_000, 10_000], help="sizes (1000 10000)")
    parser.add_argument("--seed", type=int, default=1, help="of the made-up networks (1)")
    parser.add_argument("--only", action="append", choices=[*CASES, "modules"], help="a measure; may be repeated")
    parser.add_argument("--quick", action="store_true", help="the first size and one turn; numbers mean little")
    parser.add_argument("--strict", action="store_true", help="exit with 1 where a bar does not hold")
    parser.add_argument("--large", type=int, metavar="N", help="every measure once, on a list of N networks")
    parser.add_argument("--regions", type=Path, metavar="RELEASE", help="regions of a release beside each other")
    parser.add_argument("--limit", type=float, default=3600, help="seconds that one of these may take (3600)")
    options = parser.parse_args()
    print(f"{os.cpu_count()} processors, Python {platform.python_version()}, networkx {nx.__version__}, "
          f"load before {os.getloadavg()[0]:.1f}")  # fmt: skip
    shown = []
    if options.regions:
        every = [regions(options.regions)]
    elif options.large:
        found = incidence(made_lists(options.large, options.seed))
        print(f"{options.large:,} networks: {found.matrix.shape[0]:,} actors, {found.matrix.nnz:,} ties")
        every = [whole(found, options.limit)]
    else:
        sizes = options.networks[:1] if options.quick else options.networks
        every = [lines(size, options.seed, options.only or (), 1 if options.quick else 5) for size in sizes]
    for part in every:
        for line in part:
            show(line)
            shown.append(line)
    held = [line.holds for line in shown if line.holds is not None]
    print(f"{sum(held)} of {len(held)} bars hold")
    sys.exit(bool(options.strict and not all(held)))


if __name__ == "__main__":
    main()
