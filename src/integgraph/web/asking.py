"""Answers to the named questions as their pages show them: kept with their release, and made before anybody asks.

A question over everything takes seconds in a large collection, and a release never changes. So a server that begins to
serve one asks all of them: those that say how the answer for one value is found in the answer for all (``every``) for
all values at once, the others as they stand and then with each value that can be chosen from a list, and about the
actors of which most is told. It asks in a worker that gets the processor only when nobody else wants it. Of each answer
the first rows are kept; who wants all of them downloads them. What else is asked about one thing, a network or an
actor, is looked up when it is given.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce

import pyarrow.compute as pc

from integgraph import resources
from integgraph.errors import IntegGraphError, QuerySyntaxError, QueryTooLarge, Unprocessable
from integgraph.questions import THINGS, Every, Parameter, Question
from integgraph.store import Bindings, Bounds, Store, Term
from integgraph.web.answering import SHOWN_ROWS, EveryAnswer, Shown, every_answer, first_rows
from integgraph.web.around import around
from integgraph.web.engine import PooledStore
from integgraph.web.site import Site
from integgraph.workers import WorkerPool

_KEPT = 1024
_DEADLINE = 120.0  # seconds; nobody waits for it
_Key = tuple[str, str, tuple[tuple[str, str], ...]]
_SHOWN: OrderedDict[_Key, Shown | QueryTooLarge] = OrderedDict()
"""An answer that is too large is so for as long as its release serves."""
_TIMES_SIZE, _TIMES_ROWS = 4, 20
"""How many times as much as one answer those for all values may hold."""
_BUSIEST = 64
_TOLD = ("participations", "coordinates", "flows_given", "flows_received")
_RELEASES = 2
_EVERY: OrderedDict[str, dict[str, EveryAnswer]] = OrderedDict()
"""By release and question, the answers for all values; of the last releases that were served."""
_LOCK = threading.Lock()


def bindings_of(site: Site, asked: Question, given: Mapping[str, str]) -> Bindings:
    """The parameters of a question as terms.

    Raises:
        Unprocessable: one is missing or has a value that does not exist; the text says what would be right.
    """
    bindings = _terms(site, asked, given)
    _check_there(site, asked, bindings)
    return bindings


def _terms(site: Site, asked: Question, given: Mapping[str, str]) -> dict[str, Term]:
    try:
        return asked.bindings(given, base_iri=site.release.base_iri, ontology=site.ontology)
    except QuerySyntaxError as error:
        raise Unprocessable(str(error)) from None


def _check_there(site: Site, asked: Question, bindings: Bindings) -> None:
    for each in asked.parameters:
        if each.type in THINGS and not resources.types_of(site.store, bindings[each.name].value):
            missing = resources.missing(site.store, bindings[each.name].value)
            raise Unprocessable(f"Parameter '{each.name}': {missing}")


def choices(site: Site, parameter: Parameter) -> list[str]:
    """The values of a parameter that can be chosen from a list; of countries, those that have networks here."""
    kind, _, scheme = parameter.type.partition(":")
    if kind == "concept":
        return list(site.ontology.scheme(scheme).concepts)
    if kind == "vocabulary":
        return list(site.ontology.schemes)
    if kind == "country":
        countries = around(site.release.path, site.release.content_hash).column("networks", "countries")
        return sorted(pc.unique(pc.list_flatten(countries)).to_pylist())
    return []


def _busiest(site: Site, parameter: Parameter) -> list[str]:
    """The actors of which most is told, where a parameter is an actor: what they do takes long to look up."""
    if parameter.type != "actor":
        return []
    tables = around(site.release.path, site.release.content_hash)
    told = reduce(pc.add, (pc.fill_null(tables.column("actors", name), 0) for name in _TOLD))
    order = pc.sort_indices(told, sort_keys=[("", "descending")])[:_BUSIEST]
    return list(tables.column("actors", "actor").take(order).to_pylist())


def shown(site: Site, asked: Question, given: Mapping[str, str]) -> Shown:
    """What the page of a question shows of its answer; made once for a release.

    Args:
        site: The release.
        asked: The question.
        given: Its parameters, defaults filled in.

    Raises:
        Unprocessable: a parameter is missing or has a value that does not exist.
        IntegGraphError: the question cannot be answered within the limits.
    """
    bindings = _terms(site, asked, given)
    found = _kept(site, asked, bindings) or _found(site, asked, bindings) or _keep(site, asked, bindings, site.store)
    if isinstance(found, QueryTooLarge):
        raise QueryTooLarge(str(found))  # the one that is kept would gather the frames of every request
    return found


def _key(site: Site, asked: Question, bindings: Bindings) -> _Key:
    return site.release.content_hash, asked.id, tuple(sorted((name, str(term)) for name, term in bindings.items()))


def _kept(site: Site, asked: Question, bindings: Bindings) -> Shown | QueryTooLarge | None:
    key = _key(site, asked, bindings)
    with _LOCK:
        found = _SHOWN.get(key)
        if found is not None:
            _SHOWN.move_to_end(key)
        return found


def _found(site: Site, asked: Question, bindings: Bindings) -> Shown | None:
    """What is found in the answers for all values, if they are there."""
    with _LOCK:
        known = _EVERY.get(site.release.content_hash, {}).get(asked.id)
    found = known.shown(bindings, SHOWN_ROWS, _bounds(site)) if known else None
    if found is not None and not found.total:
        _check_there(site, asked, bindings)
    return found


def _ask_every(site: Site, asked: Question, every: Every, store: Store) -> None:
    bounds = Bounds(site.limits.answer_bytes * _TIMES_SIZE, site.limits.answer_rows * _TIMES_ROWS)
    found = store.run(every_answer, asked.query, asked.loosest(), every, SHOWN_ROWS, bounds)
    with _LOCK:
        _EVERY.setdefault(site.release.content_hash, {})[asked.id] = found
        _EVERY.move_to_end(site.release.content_hash)
        while len(_EVERY) > _RELEASES:
            _EVERY.popitem(last=False)


def _bounds(site: Site) -> Bounds:
    return Bounds(site.limits.answer_bytes, site.limits.answer_rows)


def _keep(site: Site, asked: Question, bindings: Bindings, store: Store) -> Shown | QueryTooLarge:
    _check_there(site, asked, bindings)
    bounds = _bounds(site)
    found: Shown | QueryTooLarge
    try:
        found = store.run(first_rows, asked.query, bindings, SHOWN_ROWS, bounds)
    except QueryTooLarge as error:
        found = error.with_traceback(None)
    with _LOCK:
        _SHOWN[_key(site, asked, bindings)] = found
        while len(_SHOWN) > _KEPT:
            _SHOWN.popitem(last=False)
    return found


class Preparing:
    """Asks the questions of a release before anybody does.

    Args:
        questions: All of them; those that cannot be asked without a value of somebody's own are left out.
        left: Told how many are not answered yet.
    """

    def __init__(self, questions: Iterable[Question], left: Callable[[int], None] = lambda count: None) -> None:
        self._left = left
        self._questions = [
            each for each in questions if each.every or all(one.default is not None for one in each.parameters)
        ]
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []

    def begin(self, site: Site) -> None:
        """Ask those that nobody has asked. Returns at once."""
        thread = threading.Thread(target=self._run, args=(site,), name="preparing answers", daemon=True)
        self._threads = [each for each in self._threads if each.is_alive()] + [thread]
        thread.start()

    def wait(self, seconds: float) -> bool:
        """Whether all is asked, after waiting so long at most."""
        for thread in self._threads:
            thread.join(seconds)
        return not any(thread.is_alive() for thread in self._threads)

    def close(self) -> None:
        """Ask no more; a question that is under way ends with the workers of its release."""
        self._stopped.set()

    def _run(self, site: Site) -> None:
        # A release that is no longer served closes its zygote; then there is nothing to prepare.
        with (
            contextlib.suppress(IntegGraphError),
            WorkerPool(site.zygote, size=1, deadline=_DEADLINE, idle=True) as pool,
        ):
            store = PooledStore(pool)
            wanted = deque(self._wanted(site))
            while wanted:
                self._left(len(wanted))
                if self._stopped.is_set() or not site.zygote.alive:
                    return
                asked, given = wanted.popleft()
                if given is None and asked.every is not None:
                    try:
                        _ask_every(site, asked, asked.every, store)
                    except IntegGraphError:  # too much at once: then one by one
                        wanted.extend([(asked, {}), *_with_each_value(site, asked)])
                    continue
                with contextlib.suppress(IntegGraphError):  # whoever asks is told
                    bindings = _terms(site, asked, given or {})
                    if _kept(site, asked, bindings) is None:
                        _keep(site, asked, bindings, store)
            self._left(0)

    def _wanted(self, site: Site) -> Iterator[tuple[Question, dict[str, str] | None]]:
        """The questions, without values where all are asked for at once; then with each value that can be chosen."""
        for asked in self._questions:
            yield asked, None if asked.every else {}
        for asked in self._questions:
            if not asked.every:
                yield from _with_each_value(site, asked)


def _with_each_value(site: Site, asked: Question) -> Iterator[tuple[Question, dict[str, str]]]:
    """A question with each value that can be chosen, or that takes long, but for the one that it has as it stands."""
    for one in asked.parameters:
        for value in choices(site, one) or _busiest(site, one):
            if value != one.default:
                yield asked, {one.name: value}
