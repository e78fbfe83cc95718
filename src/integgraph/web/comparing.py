"""The comparison page: two to six networks or regions beside each other, in the order in which they were named.

``/compare?with=a&with=b`` is the address of a comparison, to be shared. Names, ids, IRIs and addresses of pages are
understood; what is not understood comes back with what it may have meant, and what is known already stays chosen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from integgraph.analysis.reports.kept import Made, Wanted
from integgraph.analysis.reports.model import Report
from integgraph.analysis.reports.subjects import MOST_COMPARED
from integgraph.errors import IntegGraphError, NotFound, QueryTimeout, Unprocessable, WorkerError
from integgraph.search import fold
from integgraph.store import iri, plain
from integgraph.web import pages, problems
from integgraph.web.caching import cached
from integgraph.web.exchange import GONE, ClientGone
from integgraph.web.reporting import Place, answer, answer_before, form_of, laid_out, made, part_answer, split_suffix
from integgraph.web.site import Site, site_of
from integgraph.web.words import say

PATH = "/compare"
LEAST, MOST = 2, MOST_COMPARED
_NAMES = ("with", "network", "networks", "place", "places", "region", "regions", "compare", *"abcdef")
"""Parameters that name what is compared; ``with`` is the one that the page itself writes."""
_MOST_TEXTS = 24
_LONGEST = 300
_SUGGESTED = 4
_KINDS = ("network", "place")
_BETWEEN = re.compile(r"\s*[;|\n]\s*|\s+(?:vs\.?|versus|against|gegen)\s+", re.IGNORECASE)
_ID = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?")
_FOLDERS = {"network": "network", "networks": "network", "place": "place", "places": "place"}
_LABELS = "SELECT ?thing ?name WHERE {{ VALUES ?thing {{ {things} }} ?thing a ?kind ; skos:prefLabel ?name }}"


@dataclass(frozen=True, slots=True)
class Pick:
    """Something to compare.

    Attributes:
        kind: ``network`` or ``place``.
        iri: Its IRI.
        label: Its name in the language of the page.
        value: What stands for it in an address.
    """

    kind: str
    iri: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Open:
    """A text that names nothing that can be compared, or several things.

    Attributes:
        text: What was written.
        near: What it may have meant.
    """

    text: str
    near: tuple[Pick, ...]


# ---------------------------------------------------------------------------------------------------------------------
# What is meant


def texts_of(given: Iterable[tuple[str, str]]) -> list[str]:
    """The texts that name what is to be compared, in their order.

    >>> texts_of([("with", "harz"), ("with", " "), ("lang", "de"), ("networks", "a; b")])
    ['harz', 'a', 'b']
    """
    found: list[str] = []
    for name, value in given:
        if name in _NAMES:
            found += [part for part in _BETWEEN.split(value.strip()) if part]
    return [text[:_LONGEST] for text in found[:_MOST_TEXTS]]


class Finder:
    """Finds what texts mean, in one release and one language.

    Args:
        site: The release.
        language: Of the names.
    """

    def __init__(self, site: Site, language: str) -> None:
        self._site = site
        self._language = language
        self._labels: dict[str, str] = {}

    def find(self, texts: Sequence[str]) -> list[Pick | Open]:
        """What each text means; one that holds commas may name several things."""
        self._read(iri for text in texts for iri in self._candidates(text))
        found: list[Pick | Open] = []
        for text in texts:
            one = self._one(text)
            parts = [part.strip() for part in text.split(",") if part.strip()]
            if isinstance(one, Open) and len(parts) > 1:
                self._read(iri for part in parts for iri in self._candidates(part))
                several = [self._one(part) for part in parts]
                if any(isinstance(each, Pick) for each in several):
                    found += several
                    continue
            found.append(one)
        return found

    def _candidates(self, text: str) -> list[str]:
        """IRIs that a text may be, or be short for."""
        base = self._site.release.base_iri
        text = text.strip()
        tail = re.search(r"\((network|place)/([^()\s]+)\)$", text)
        if tail:
            return [f"{base}{tail[1]}/{tail[2]}"] if _ID.fullmatch(tail[2]) else []
        if "/" in text:
            folder, _, name = unquote(urlsplit(text).path).rstrip("/").rpartition("/")
            kind = _FOLDERS.get(folder.rpartition("/")[2], "")
            name = re.sub(r"\.html$", "", name)
            return [f"{base}{kind}/{name}"] if kind and _ID.fullmatch(name) else []
        if not _ID.fullmatch(text):
            return []
        low = text.lower()
        places = [text, low, f"nuts-{low}", f"country-{low}"]
        return [f"{base}network/{text}", f"{base}network/{low}", *(f"{base}place/{each}" for each in places)]

    def _read(self, iris: Iterable[str]) -> None:
        """Look up which of these things there are, and their names."""
        new = [each for each in dict.fromkeys(iris) if each not in self._labels]
        if not new:
            return
        rows = self._site.store.select(_LABELS.format(things=" ".join(str(iri(each)) for each in new))).rows
        names: dict[str, list[Any]] = {}
        for thing, name in rows:
            names.setdefault(str(plain(thing)), []).append(name)
        for thing_iri, literals in names.items():
            self._labels[thing_iri] = _best(literals, self._language)

    def _one(self, text: str) -> Pick | Open:
        for each in self._candidates(text):
            if each in self._labels:
                return self._pick(each)
        with self._site.release.search_index() as index:
            hits = index.search(text, kinds=_KINDS, language=self._language, limit=_SUGGESTED + 2)
        self._read(hit.thing for hit in hits)
        folded = fold(text)
        exact = list(dict.fromkeys(hit.thing for hit in hits if folded and fold(hit.matched) == folded))
        if len(exact) == 1:
            return self._pick(exact[0])
        every = list(dict.fromkeys(hit.thing for hit in hits if hit.thing in self._labels))
        return Open(text, tuple(self._pick(each) for each in (exact or every)[:_SUGGESTED]))

    def _pick(self, thing: str) -> Pick:
        base = self._site.release.base_iri
        kind, _, name = thing.removeprefix(base).partition("/")
        other = f"{base}{'place' if kind == 'network' else 'network'}/{name}"
        value = f"{kind}/{name}" if other in self._labels else name
        return Pick(kind, thing, self._labels.get(thing, name), value)


def _best(literals: Sequence[Any], language: str) -> str:
    """A name in the language, else in English, else the first."""
    by_language = {(literal.language or "").partition("-")[0]: literal.value for literal in sorted(literals, key=str)}
    return str(by_language.get(language) or by_language.get("en") or next(iter(by_language.values())))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a comparison is asked of: what was found and what was not, and what stands in the way.

    Attributes:
        found: Picks and open texts, in order.
        fault: Key of the words that say what stands in the way; empty where nothing does.
        about: What these words name.
    """

    found: tuple[Pick | Open, ...]
    fault: str = ""
    about: str = ""

    @property
    def picks(self) -> tuple[Pick, ...]:
        """What was found."""
        return tuple(each for each in self.found if isinstance(each, Pick))

    @property
    def place(self) -> Place:
        """The address of the comparison."""
        return Place(PATH, with_values(self.picks))


def with_values(picks: Iterable[Pick]) -> tuple[tuple[str, str], ...]:
    """Picks as parameters of an address."""
    return tuple(("with", each.value) for each in picks)


def asked_of(found: Sequence[Pick | Open]) -> Asked:
    """What stands in the way of a comparison, if anything does."""
    asked = Asked(tuple(found))
    open_ones = [each for each in found if isinstance(each, Open)]
    picks = asked.picks
    twice = next((each for at, each in enumerate(picks) if each.iri in {one.iri for one in picks[:at]}), None)
    if open_ones:
        return replace(asked, fault="unknown", about=open_ones[0].text)
    if twice is not None:
        return replace(asked, fault="twice", about=twice.label)
    if len({each.kind for each in picks}) > 1:
        return replace(asked, fault="mixed")
    if len(picks) > MOST:
        return replace(asked, fault="many", about=str(len(picks)))
    if len(picks) < LEAST:
        return replace(asked, fault="one" if picks else "none")
    return asked


_STATUS: Mapping[str, int] = {"unknown": 404, "twice": 422, "mixed": 422, "many": 422}


# ---------------------------------------------------------------------------------------------------------------------
# Answers


async def compare(request: Request) -> Response:
    """``/compare``: the form, a comparison as a page or as data; with ``/PART`` one of its figures or tables."""
    part, suffix = split_suffix(request.path_params.get("part", ""))
    form = "" if part else form_of(request, request.path_params.get("suffix", ""))
    site, language = site_of(request), pages.language_of(request)
    given = request.query_params.multi_items()
    texts = texts_of(given)
    _check(given)
    found = await run_in_threadpool(Finder(site, language).find, texts)
    asked = asked_of(found)
    if asked.fault:
        if form != "html":
            raise _refusal(asked)
        _begin(site)
        return await run_in_threadpool(_form, request, asked)
    if form == "html" and not _is_canonical(given, asked):
        return RedirectResponse(site.urls.at(_address(request, asked.picks)), 303)
    if not part and (before := answer_before(request, asked.place, form)):
        return before
    try:
        comparison = await made(request, Wanted("comparison", tuple(each.iri for each in asked.picks)))
    except ClientGone:
        return Response(status_code=GONE)
    except (QueryTimeout, WorkerError) as error:
        if form != "html":
            raise
        return await run_in_threadpool(_late, request, asked, error)
    if part:
        return await run_in_threadpool(part_answer, request, comparison, part, suffix)
    return await run_in_threadpool(
        answer, request, comparison, asked.place, form, lambda: _page(request, asked, comparison)
    )


def _check(given: Sequence[tuple[str, str]]) -> None:
    known = (*_NAMES[:8], "lang", "release", "format")
    for name, _ in given:
        if name not in known and name not in _NAMES:
            raise Unprocessable(
                f"There is no parameter '{name[:80]}' here. Write /compare?with=…&with=…; there are also: lang, "
                "release, format."
            )


def _is_canonical(given: Sequence[tuple[str, str]], asked: Asked) -> bool:
    written = tuple((name, value) for name, value in given if name in _NAMES)
    return written == with_values(asked.picks)


def _begin(site: Site) -> None:
    """Whoever chooses will compare: the lists can be read meanwhile. What is wrong with them is said then."""
    try:
        site.analysing.begin()
    except IntegGraphError:
        return


def _refusal(asked: Asked) -> IntegGraphError:
    """What stands in the way, for programs."""
    if asked.fault == "unknown":
        unknown = next(each for each in asked.found if isinstance(each, Open))
        values = [each.value for each in unknown.near]
        return NotFound(f"There is no network and no place '{unknown.text[:100]}'.", values)
    return Unprocessable(say(f"compare fault {asked.fault}", "en", about=asked.about))


def _address(request: Request, picks: Iterable[Pick], more: Sequence[tuple[str, str]] = ()) -> str:
    """The address of a comparison, with what goes on counting."""
    kept = [(name, request.query_params[name]) for name in ("lang", "release") if request.query_params.get(name)]
    return Place(PATH, (*with_values(picks), *more, *kept)).at()


def _form(request: Request, asked: Asked) -> Response:
    variant = f"compare form {request.url.query} {pages.language_of(request)} {site_of(request).release.id}"
    status = _STATUS.get(asked.fault, 200)
    if status == 200:
        return cached(request, variant, pages.VARY, lambda: _render(request, asked, None, status))
    return _refused(_render(request, asked, None, status))


def _late(request: Request, asked: Asked, error: IntegGraphError) -> Response:
    """It took too long, or nobody could make it now."""
    late = replace(asked, fault="late" if isinstance(error, QueryTimeout) else "busy")
    status = problems.status_of(error)
    answered = _refused(_render(request, late, None, status))
    if status == 503:
        answered.headers["retry-after"] = "5"
    return answered


def _refused(answered: Response) -> Response:
    answered.headers["cache-control"] = "no-store"
    answered.headers["vary"] = pages.VARY
    return answered


def _page(request: Request, asked: Asked, comparison: Made) -> Response:
    return _render(request, asked, laid_out(request, comparison, asked.place), 200, in_common(comparison.report))


def _render(
    request: Request, asked: Asked, report: dict[str, Any] | None, status: int, common: bool = True
) -> Response:
    site = site_of(request)
    at, language = site.urls.at, pages.language_of(request)
    found = asked.found
    rows = []
    for number, each in enumerate(found):
        rest = [*found[:number], *found[number + 1 :]]
        swaps = {}
        for name, other in (("earlier", number - 1), ("later", number + 1)):
            if 0 <= other < len(found):
                swapped = list(found)
                swapped[number], swapped[other] = swapped[other], swapped[number]
                swaps[name] = at(_rewritten(request, swapped))
        rows.append(
            {
                "pick": each if isinstance(each, Pick) else None,
                "text": each.text if isinstance(each, Open) else "",
                "near": [
                    (one, at(_rewritten(request, [*found[:number], one, *found[number + 1 :]])))
                    for one in (each.near if isinstance(each, Open) else ())
                ],
                "remove": at(_rewritten(request, rest)),
                **{"earlier": swaps.get("earlier"), "later": swaps.get("later")},
            }
        )
    picked = tuple((each.kind, each.value) for each in asked.picks)
    examples = [] if found else _examples(site, language)
    return pages.render(
        request,
        "compare.html",
        status=status,
        rows=rows,
        fault=asked.fault,
        told=say(f"compare fault {asked.fault}", language, about=asked.about) if asked.fault else "",
        room=len(found) < MOST,
        report=report,
        common=common,
        picked=picked,
        examples=[(" · ".join(each.label for each in picks), at(_address(request, picks))) for picks in examples],
        most=MOST,
    )


def _rewritten(request: Request, found: Sequence[Pick | Open]) -> str:
    values = tuple(("with", each.value if isinstance(each, Pick) else each.text) for each in found)
    return _address(request, (), values)


_EXAMPLES = (
    ("place/nuts-dee", "place/nuts-iti2"),
    ("network/netzwerk-fuer-integration-erfurt", "network/netzwerk-integration-stendal"),
)


_known_examples: dict[tuple[str, str], Sequence[Sequence[Pick]]] = {}
_MOST_EXAMPLES = 8


def _examples(site: Site, language: str) -> Sequence[Sequence[Pick]]:
    """Comparisons to begin with, as far as this release has what they compare; looked up once."""
    key = (site.release.content_hash, language)
    if key not in _known_examples:
        finder = Finder(site, language)
        found = [[each for each in finder.find(pair) if isinstance(each, Pick)] for pair in _EXAMPLES]
        if len(_known_examples) >= _MOST_EXAMPLES:
            _known_examples.clear()
        _known_examples[key] = [pair for pair in found if len(pair) == LEAST]
    return _known_examples[key]


def in_common(report: Report) -> bool:
    """Whether any two of what is compared list anything alike, as far as it is known."""
    lines = [line for section in report.sections if section.key == "overlap" for line in section.lines]
    return any(line.value is None or line.value for line in lines) or not lines


ROUTES = [
    Route(PATH, compare),
    Route(f"{PATH}.{{suffix}}", compare),
    Route(f"{PATH}/{{part}}", compare),
]
