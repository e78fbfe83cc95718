"""The gate against made-up texts: whatever passes it calls nobody, even where nothing else stands in the way."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integgraph.errors import QueryError
from integgraph.store import check_query
from tests.hostile.server import Canary

SPACES = st.sampled_from(
    [" ", "\n", "\t", " # c\n", "# SERVICE <x> '\n", "#\r", "#<\n", "\ufeff", "\u00a0", "\u200b", ""]
)
NOISE = st.sampled_from(
    [
        "BIND('it''s' AS ?n1)",
        "BIND('# ' AS ?n2)",
        'BIND("\\\\" AS ?n3)',
        "BIND('\\'' AS ?n4)",
        "BIND('''a'b''c#''' AS ?n5)",
        'BIND("""a"b""c\\"""" AS ?n6)',
        "BIND(<http://e/#x> AS ?n7)",
        "FILTER(1 < 2 && 3 > 2)",
        "FILTER(?a<?b)",
        "FILTER('a'<'b'||'c'>'d')",
        "?s a:b ?o .",
        "?s ?p 'x'@en .",
        "?s ?p '\\u0027' .",
        "OPTIONAL { ?s ?p ?o }",
        "VALUES ?v { UNDEF '<' }",
    ]
)
WORDS = st.sampled_from(
    [
        "SERVICE",
        "service",
        "SeRvIcE",
        "SERVICE SILENT",
        "SERVICE/**/",
        "\\u0053ERVICE",
        "SERV\\u0049CE",
        "SERVICE#\n",
        "SERVICE\t",
        "\u017fERVICE",
        "SERVICESILENT",
        "?s ?p 1SERVICE",
        "?s ?p trueSERVICE",
        "?s ?p 1e5SERVICE",
    ]
)
TARGETS = st.sampled_from(["<{0}>", "c:", "?x", "<{0}#x>", "c:\\#", "<>"])


@pytest.fixture(scope="module")
def listener() -> Iterator[Canary]:
    """A canary of its own, so that a song is told from those of other tests."""
    canary = Canary()
    yield canary
    canary.close()


@settings(
    max_examples=400 * int(os.environ.get("INTEGGRAPH_TIMES", "1")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(NOISE, max_size=4), SPACES, WORDS, SPACES, TARGETS, st.lists(NOISE, max_size=3), SPACES)
def test_whatever_passes_calls_nobody(
    listener: Canary, before: list[str], gap: str, word: str, space: str, target: str, after: list[str], end: str
) -> None:
    at = listener.address
    text = (
        f"BASE <{at}> PREFIX a: <urn:a> PREFIX c: <{at}>{end} SELECT * {{ VALUES ?x {{ <{at}> }} "
        f"{gap.join(before)}{gap}{word}{space}{target.format(at)} {{ ?q ?r ?t }}{end}{gap.join(after)} }}"
    )
    with contextlib.suppress(QueryError):
        check_query(text)
        with contextlib.suppress(SyntaxError, ValueError, RuntimeError, OSError):
            list(ox.Store().query(text))  # without the gate and the sandbox this calls
        assert listener.heard() == [], text


def test_the_engine_would_call(listener: Canary) -> None:
    """So silence above is the gate's doing."""
    with contextlib.suppress(OSError, RuntimeError):
        list(ox.Store().query(f"SELECT * {{ SERVICE <{listener.address}> {{ ?s ?p ?o }} }}"))
    assert listener.heard()
