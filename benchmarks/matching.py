"""How well and how fast the matching of names works, beside rapidfuzz's scorers and nomenklatura's logic.

Run with ``python -m benchmarks.matching [cases berlin pairs batch large list]``; without a word everything runs. It
needs the reference data beside the checkout (``../shared/data``), and, to show nomenklatura beside, a Python that has
it (``--peers``, by default that of ``.venv-nomenklatura``). It is apart from the other peers, because csv-reconcile and
nomenklatura ask for versions of one library that exclude each other::

    python -m venv .venv-nomenklatura
    .venv-nomenklatura/bin/pip install --require-hashes -r benchmarks/nomenklatura.lock
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import random
import resource
import statistics
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz import fuzz, process, utils

from integgraph.matching import REVIEW, Candidate, Gazetteer, Matcher, Place
from integgraph.matching.lists import Listed
from integgraph.matching.outside import Bodies, best

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"
DATA = ROOT / "data"
SCORERS: dict[str, Callable[..., float]] = {
    "ratio": fuzz.ratio,
    "token_sort_ratio": fuzz.token_sort_ratio,
    "token_set_ratio": fuzz.token_set_ratio,
    "WRatio": fuzz.WRatio,
}


# ---------------------------------------------------------------------------------------------------------------------
# The 120 networks and the judged cases


@dataclass(frozen=True, slots=True)
class Cases:
    """Judged pairs and groups; members are ids of candidates."""

    same: tuple[tuple[str, ...], ...]
    different: tuple[tuple[str, str], ...]
    undecided: tuple[tuple[str, str], ...]

    @property
    def same_pairs(self) -> list[tuple[str, str]]:
        """Every two members of a group."""
        return [(a, b) for group in self.same for n, a in enumerate(group) for b in group[n + 1 :]]


def read_cases(file: Path = SHARED / "identity" / "cases.yaml") -> Cases:
    """The judged cases."""
    cases = yaml.safe_load(file.read_text("utf-8"))

    def pairs(key: str) -> tuple[tuple[str, str], ...]:
        return tuple((_key(entry["pair"][0]), _key(entry["pair"][1])) for entry in cases[key])

    return Cases(
        tuple(tuple(map(_key, group["members"])) for group in cases["same"]), pairs("different"), pairs("undecided")
    )


def _key(text: str) -> str:
    return text.removeprefix("funder:")


def gazetteer(file: Path = DATA / "places" / "places.yaml") -> Gazetteer:
    """The places that come with the ontology, and those of the collection."""
    places = []
    for row in yaml.safe_load(file.read_text("utf-8")):
        names = (*row["name"].values(), *row.get("also", ()))
        places.append(
            Place(
                row["id"], tuple(names), row["kind"], row.get("within", ""), row.get("country", ""), row.get("nuts", "")
            )
        )
    return Gazetteer.load(places)


def network_candidates(folder: Path = SHARED / "networks") -> list[Candidate]:
    """Every network, and every organisation that a network names, each as it stands there: nothing is merged."""
    candidates: dict[str, Candidate] = {}
    for file in sorted(folder.glob("*.yaml")):
        record = yaml.safe_load(file.read_text("utf-8"))
        for candidate in _of_record(record):
            candidates.setdefault(candidate.id, candidate)
    return list(candidates.values())


def _of_record(record: dict[str, Any]) -> Iterator[Candidate]:
    location = record.get("location") or {}
    context = tuple(str(location[key]) for key in ("place", "region") if location.get(key))
    country = str(location.get("country", ""))
    countries = (country,) if len(country) == 2 else ()
    if not context and countries:
        context = (f"country-{country.lower()}",)
    official = (record.get("name") or {}).get("official")
    names = tuple(dict.fromkeys(filter(None, (record["label"], official, *(record.get("name_variants") or ())))))
    yield Candidate(
        f"network:{record['id']}", names, ("network",), places=context, countries=countries, is_network=True
    )
    listed = f"network:{record['id']}"
    mentioned = [
        *((row, True) for row in record.get("members") or ()),
        *((row, False) for row in record.get("other_organisations_mentioned") or ()),
        *(({"name": row.get("funder")}, False) for row in record.get("funding") or ()),
        *(({"name": (record.get("coordination") or {}).get("organisation")}, False),),
    ]
    for row, member in mentioned:
        name = row.get("name")
        if not isinstance(name, str):
            continue
        place = str(row["place"]) if row.get("place") else ""
        yield Candidate(
            f"{record['id']}#{name}",
            (name,),
            kinds=(row["sector"],) if row.get("sector") else (),
            legal_forms=(row["legal_form"],) if row.get("legal_form") else (),
            places=(place,) if place else (),
            context=context,
            domains=(row["url"],) if row.get("url") else (),
            parents=(listed,) if member else (),
            lists=(listed,) if member else (),  # who coordinates or pays may be a member under another spelling
        )


def auc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Area under the ROC curve: how often a positive scores above a negative; a tie is half a win."""
    wins = sum((one > other) + (one == other) / 2 for one in positive for other in negative)
    return wins / (len(positive) * len(negative))


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What came of the judged cases."""

    auc: float
    wrong: tuple[tuple[str, str, float], ...]
    suggested: int
    first: int
    groups: int
    unsuggested: tuple[tuple[str, ...], ...]


def judge(matcher: Matcher, cases: Cases) -> CaseResult:
    """Hold the suggestions to the judged cases.

    A group is suggested if suggestions above the threshold tie all of it together, and first if the first suggestion
    for each of its members is another one of them, or one that bears the very name of one of them.
    """
    known = {candidate.id for candidate in matcher.candidates}
    scores = {
        pair: matcher.explain(*pair).score for pair in [*cases.same_pairs, *cases.different] if known.issuperset(pair)
    }
    wrong = tuple((*pair, scores[pair]) for pair in cases.different if scores.get(pair, 0) >= REVIEW)
    partners: dict[str, list[tuple[float, str]]] = {}
    for pair in matcher.pairs():
        partners.setdefault(pair.one.id, []).append((pair.score, pair.other.id))
        partners.setdefault(pair.other.id, []).append((pair.score, pair.one.id))
    unsuggested = []
    first = 0
    for group in cases.same:
        reached, edge = {group[0]}, [group[0]]
        while edge:
            for _, other in partners.get(edge.pop(), ()):
                if other in group and other not in reached:
                    reached.add(other)
                    edge.append(other)
        if len(reached) < len(group):
            unsuggested.append(group)
        written = {member.partition("#")[2] for member in group} - {""}
        best = [max(partners.get(member, [(0.0, "")]))[1] for member in group]
        first += all(other in group or other.partition("#")[2] in written for other in best)
    positive = [scores[pair] for pair in cases.same_pairs if pair in scores]
    negative = [scores[pair] for pair in cases.different if pair in scores]
    groups = len(cases.same)
    return CaseResult(auc(positive, negative), wrong, groups - len(unsuggested), first, groups, tuple(unsuggested))


_NOMENKLATURA = """
import json, sys
from followthemoney import model
from nomenklatura.matching import get_algorithm
from nomenklatura.matching.types import ScoringConfig

def entity(id, names, countries):
    made = model.make_entity("Organization")
    made.id = id
    for name in names:
        made.add("name", name)
    for country in countries:
        made.add("country", country)
    return made

pairs = [[entity(str(side), *each) for side, each in enumerate(pair)] for pair in json.load(sys.stdin)]
config = ScoringConfig.defaults()
scores = {}  # logic-v2 of 4.17.4 gives unrelated names 1.0 there, so it is left out
for name in ("logic-v1", "name-based", "regression-v1"):
    algorithm = get_algorithm(name)
    if algorithm is not None:
        scores[name] = [algorithm.compare(one, other, config).score for one, other in pairs]
json.dump(scores, sys.stdout)
"""


def nomenklatura(peers: Path, pairs: Sequence[tuple[Candidate, Candidate]]) -> dict[str, list[float]]:
    """Scores of nomenklatura's algorithms for pairs, by names and countries; empty where it is not installed."""
    asked = [[(each.names, each.countries) for each in pair] for pair in pairs]
    if not peers.exists():
        return {}
    done = subprocess.run(
        [str(peers), "-c", _NOMENKLATURA], input=json.dumps(asked), capture_output=True, text=True, check=False
    )
    return json.loads(done.stdout) if done.returncode == 0 else {}


def run_cases(peers: Path) -> None:
    cases = read_cases()
    candidates = network_candidates()
    started = time.perf_counter()
    matcher = Matcher(candidates, gazetteer=gazetteer())
    found = judge(matcher, cases)
    print(f"\nJudged cases, among {len(candidates)} entries of 120 networks ({time.perf_counter() - started:.1f} s)")
    print(f"  same groups suggested {found.suggested}/{found.groups}, as first candidate {found.first}/{found.groups}")
    print(f"  different pairs suggested as same: {len(found.wrong)} of {len(cases.different)}")
    for one, other, score in found.wrong:
        print(f"    {score:.2f}  {one}  {other}")
    for group in found.unsuggested:
        print(f"    not suggested: {', '.join(group)}")
    print(f"  area under the ROC curve: integgraph {found.auc:.3f}")
    names = {candidate.id: candidate.names for candidate in candidates}
    for title, scorer in SCORERS.items():
        values = [
            [
                max(scorer(a, b, processor=utils.default_process) for a in names[one] for b in names[other])
                for one, other in pairs
            ]
            for pairs in (cases.same_pairs, cases.different)
        ]
        print(f"    rapidfuzz {title:18} {auc(values[0], values[1]):.3f}")
    by_id = {candidate.id: candidate for candidate in candidates}
    same, different = cases.same_pairs, cases.different
    theirs = nomenklatura(peers, [(by_id[one], by_id[other]) for one, other in (*same, *different)])
    for title, scores in theirs.items():
        print(f"    nomenklatura {title:15} {auc(scores[: len(same)], scores[len(same) :]):.3f}")
    if not theirs:
        print("    nomenklatura is not installed there")


# ---------------------------------------------------------------------------------------------------------------------
# Berlin: the other spelling of a name among 9,517


def berlin() -> tuple[list[str], list[tuple[str, str]]]:
    """All names, and the pairs with one register number."""
    with gzip.open(SHARED / "tables" / "berlin_grants_2009_2017.csv.gz", "rt", encoding="utf-8") as file:
        names = {row["name"] for row in csv.DictReader(file)}
    with (SHARED / "identity" / "berlin_same_register_number.csv").open(encoding="utf-8") as file:
        pairs = [(row["name1"], row["name2"]) for row in csv.DictReader(file)]
    return sorted(names.union(*pairs)), pairs


def ranks(matcher: Matcher, pairs: Sequence[tuple[str, str]]) -> list[int]:
    """Place of each partner among the suggestions for a name, counted from 1; 99 where it is not among them."""
    places = []
    for asked, wanted in pairs:
        found = [each.candidate.id for each in matcher.find(asked, limit=6) if each.candidate.id != asked]
        places.append(found.index(wanted) + 1 if wanted in found else 99)
    return places


def _fuzzy_ranks(names: Sequence[str], pairs: Sequence[tuple[str, str]], scorer: Callable[..., float]) -> list[int]:
    clean = [utils.default_process(name) for name in names]
    places = []
    for asked, wanted in pairs:
        found = process.extract(utils.default_process(asked), clean, scorer=scorer, limit=7, processor=None)
        listed = [names[index] for _, _, index in found if names[index] != asked]
        places.append(listed.index(wanted) + 1 if wanted in listed[:5] else 99)
    return places


def miss_kind(one: str, other: str) -> str:
    """Of what kind a pair is that was not found among the first five."""
    a, b = (set(utils.default_process(name).split()) for name in (one, other))
    shared = {word for word in a & b if len(word) > 3 and word not in ("berlin", "ggmbh", "gmbh")}
    if not shared:
        return "the names share no word"
    return "a short and a long spelling" if abs(len(a) - len(b)) > 3 else "other spellings lie before it"


def run_berlin(_peers: Path) -> None:
    names, pairs = berlin()
    both = [*pairs, *((other, one) for one, other in pairs)]
    started = time.perf_counter()
    matcher = Matcher(Candidate(name, (name,)) for name in names)
    built = time.perf_counter() - started
    print(f"\nBerlin: the other spelling of {len(pairs)} names among {len(names)}, by name alone (index {built:.1f} s)")
    print(f"  {'':28} recall@1 recall@5   both ways @1    @5   wins losses at 1 (one way)   at 5")
    ours = ranks(matcher, both)
    _print_ranks("integgraph", ours, len(pairs))
    for title, scorer in SCORERS.items():
        theirs = _fuzzy_ranks(names, both, scorer)
        _print_ranks(f"rapidfuzz {title}", theirs, len(pairs), ours)
    missed = Counter(miss_kind(*pair) for pair, place in zip(both, ours, strict=True) if place > 5)
    print(
        "  not among the first five, both ways: " + "; ".join(f"{kind} {count}" for kind, count in missed.most_common())
    )
    later = sum(1 < place <= 5 for place in ours)
    print(f"  second to fifth, both ways: {later} (as a rule a third spelling of the same name stands before it)")


def _print_ranks(title: str, places: Sequence[int], half: int, ours: Sequence[int] | None = None) -> None:
    def recall(top: int, of: Sequence[int]) -> float:
        return sum(place <= top for place in of) / len(of)

    line = f"  {title:28} {recall(1, places[:half]):8.3f} {recall(5, places[:half]):8.3f}"
    line += f" {recall(1, places):14.3f} {recall(5, places):5.3f}"
    if ours:
        for top in (1, 5):
            wins = sum(one <= top < other for one, other in zip(ours[:half], places[:half], strict=True))
            losses = sum(other <= top < one for one, other in zip(ours[:half], places[:half], strict=True))
            line += f"   {wins:10} {losses:6}"
    print(line)


# ---------------------------------------------------------------------------------------------------------------------
# Speed


def generated(count: int, seed: int = 7) -> list[str]:
    """Names made of the words of the Berlin names, as rare and as frequent as there."""
    rng = random.Random(seed)
    names, _ = berlin()
    words = [word for name in names for word in name.split()]
    made: set[str] = set(names)
    while len(made) < count:
        base = rng.choice(names).split()
        for _ in range(rng.randint(1, 2)):
            base[rng.randrange(len(base))] = rng.choice(words)
        made.add(" ".join([*base, rng.choice(words)] if rng.random() < 0.3 else base))
    return sorted(made)


def misspelled(name: str, rng: random.Random) -> str:
    """The name with two neighbouring letters swapped, or without its last word."""
    if rng.random() < 0.5 and len(name) > 6:
        at = rng.randrange(1, len(name) - 2)
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return " ".join(name.split()[:-1]) or name


def run_pairs(_peers: Path) -> None:
    names, _ = berlin()
    matcher = Matcher(Candidate(name, (name,)) for name in names)
    started = time.perf_counter()
    count = sum(1 for _ in matcher.pairs())
    print(f"\nSuggesting within {len(names)} Berlin names: {time.perf_counter() - started:.1f} s, {count} pairs")


def run_large(_peers: Path) -> None:
    names = generated(100_000)
    matcher = Matcher(Candidate(str(number), (name,)) for number, name in enumerate(names))
    started = time.perf_counter()
    count = sum(1 for _ in matcher.pairs())
    taken = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"\nSuggesting within {len(names)} generated actors: {taken:.0f} s, {count} pairs, {memory:.0f} MB")


def run_batch(_peers: Path) -> None:
    names = generated(100_000)
    started = time.perf_counter()
    matcher = Matcher(Candidate(str(number), (name,)) for number, name in enumerate(names))
    built = time.perf_counter() - started
    rng = random.Random(11)
    taken = []
    hits = asked = 0
    for _ in range(20):
        batch = [rng.randrange(len(names)) for _ in range(100)]
        queries = [misspelled(names[number], rng) for number in batch]
        started = time.perf_counter()
        answers = [matcher.find(query, limit=5) for query in queries]
        taken.append(time.perf_counter() - started)
        hits += sum(
            any(each.candidate.id == str(number) for each in found)
            for number, found in zip(batch, answers, strict=True)
        )
        asked += len(batch)
    slowest = statistics.quantiles(taken, n=20)[-1]
    print(
        f"\n100 names against {len(names)} generated actors: "
        f"p50 {statistics.median(taken) * 1000:.0f} ms, p95 {slowest * 1000:.0f} ms"
    )
    print(f"  index {built:.1f} s; {hits / asked:.3f} of the misspelled names are among the first five")


def run_list(_peers: Path) -> None:
    names = generated(100_000)
    ours = Bodies(Matcher(network_candidates(), gazetteer=gazetteer()))
    entries = (Listed(str(number), (name,)) for number, name in enumerate(names))
    started = time.perf_counter()
    found = best(match for entry in entries for match in ours.suggest(entry))
    taken = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"\nA list of {len(names)} names held against the collection: {taken:.0f} s, {len(found)} suggestions")
    print(f"  {memory:.0f} MB, the generated names among them")


PARTS = {
    "cases": run_cases,
    "berlin": run_berlin,
    "pairs": run_pairs,
    "batch": run_batch,
    "large": run_large,
    "list": run_list,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help=", ".join(PARTS))
    parser.add_argument("--peers", type=Path, default=ROOT / ".venv-nomenklatura" / "bin" / "python")
    chosen = parser.parse_args()
    unknown = sorted(set(chosen.parts) - set(PARTS))
    if unknown:
        parser.error(f"there is no part '{unknown[0]}'; use {', '.join(PARTS)}")
    for part in chosen.parts or PARTS:
        PARTS[part](chosen.peers)


if __name__ == "__main__":
    main()
