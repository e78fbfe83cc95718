"""Answers to the named questions as their pages show them: kept with their release, and made before anybody asks.

A question over everything takes seconds in a large collection, and a release never changes. So a server that begins to
serve one asks all of them, first as they stand and then with each value that can be chosen from a list: a country, a
concept, a vocabulary. It asks in a worker that gets the processor only when nobody else wants it. Of each answer the
first rows are kept; who wants all of them downloads them. Dates, amounts, places and things are asked for when they are
given.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping

import pyarrow.compute as pc

from integgraph import resources
from integgraph.errors import IntegGraphError, QuerySyntaxError, QueryTooLarge, Unprocessable
from integgraph.questions import THINGS, Parameter, Question
from integgraph.store import Bindings, Bounds, Store, Term
from integgraph.web.answering import SHOWN_ROWS, Shown, first_rows
from integgraph.web.around import around
from integgraph.web.engine import PooledStore
from integgraph.web.site import Site
from integgraph.workers import WorkerPool

_KEPT = 1024
_DEADLINE = 120.0  # seconds; nobody waits for it
_Key = tuple[str, str, tuple[tuple[str, str], ...]]
_SHOWN: OrderedDict[_Key, Shown | QueryTooLarge] = OrderedDict()
"""An answer that is too large is so for as long as its release serves."""
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
    found = _kept(site, asked, bindings) or _keep(site, asked, bindings, site.store)
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


def _keep(site: Site, asked: Question, bindings: Bindings, store: Store) -> Shown | QueryTooLarge:
    _check_there(site, asked, bindings)
    bounds = Bounds(site.limits.answer_bytes, site.limits.answer_rows)
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
        self._questions = [each for each in questions if all(one.default is not None for one in each.parameters)]
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
            wanted = list(self._wanted(site))
            for at, (asked, given) in enumerate(wanted):
                self._left(len(wanted) - at)
                if self._stopped.is_set() or not site.zygote.alive:
                    return
                with contextlib.suppress(IntegGraphError):  # whoever asks is told
                    bindings = _terms(site, asked, given)
                    if _kept(site, asked, bindings) is None:
                        _keep(site, asked, bindings, store)
            self._left(0)

    def _wanted(self, site: Site) -> Iterator[tuple[Question, dict[str, str]]]:
        """The questions as they stand, then with each value that can be chosen."""
        for asked in self._questions:
            yield asked, {}
        for asked in self._questions:
            for one in asked.parameters:
                for value in choices(site, one):
                    if value != one.default:
                        yield asked, {one.name: value}
