"""Who asks and how much each may: proxies, known clients, query time a minute."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integgraph.errors import IntegGraphError, LimitReached
from integgraph.web.clients import Allowances, Proxies, Tokens, client_key


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.5", "1.1.1.1", "203.0.113.5"),  # no proxy of ours: its word does not count
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.7", "198.51.100.7"),  # what stands left may be made up
        ("10.0.0.1", "198.51.100.7, 10.0.0.2", "198.51.100.7"),  # two proxies
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "198.51.100.7, nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("::1", "2001:db8::1", "2001:db8::1"),
        ("unix", "198.51.100.7", "unix"),
    ],
)
def test_the_client_is_the_first_that_no_proxy_of_ours_is(peer: str, forwarded: str, expected: str) -> None:
    assert Proxies.of("10.0.0.0/8, ::1").client(peer, forwarded) == expected


@given(st.text(max_size=60))
def test_no_header_makes_it_fail(forwarded: str) -> None:
    client_key(Proxies.of("127.0.0.1").client("127.0.0.1", forwarded))


def test_what_counts_as_one_client() -> None:
    assert client_key("::ffff:192.0.2.1") == client_key("192.0.2.1") != client_key("192.0.2.2")
    assert client_key("2001:db8:0:1::1") != client_key("2001:db8:0:2::1")
    assert client_key("") == client_key("x") == "unknown"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_query_time_is_used_up_and_grows_back() -> None:
    clock = Clock()
    allowances = Allowances(60, clock)
    allowances.spend("a", 59)
    allowances.check("a")
    allowances.spend("a", 11)
    with pytest.raises(LimitReached, match="60 seconds of query time a minute. Come back in 11 seconds") as error:
        allowances.check("a")
    assert error.value.seconds == pytest.approx(11)
    allowances.check("b")
    clock.now = 11
    allowances.check("a")


def test_nothing_is_kept_of_who_has_all_of_it_again_and_never_much() -> None:
    clock = Clock()
    allowances = Allowances(60, clock)
    for number in range(20_000):
        allowances.spend(str(number), 1)
    assert len(allowances._left) <= 10_000
    clock.now = 120
    allowances.spend("last", 1)
    assert set(allowances._left) == {"last"}


def test_known_clients_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text(f"# ours\nstatistics office {hashlib.sha256(b'secret').hexdigest()}\n\n")
    tokens = Tokens.read(file)
    assert tokens.name("bearer secret") == "statistics office"
    assert [tokens.name(text) for text in ("", "secret", "Basic secret", "Bearer", "Bearer x")] == [None] * 5


@pytest.mark.parametrize("line", ["name", "name abc", f"{'0' * 64}", f"name {'G' * 64}"])
def test_a_damaged_line_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "tokens"
    file.write_text(f"# comment\n{line}\n")
    with pytest.raises(IntegGraphError, match="line 2: write a name"):
        Tokens.read(file)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(IntegGraphError, match="cannot be read"):
        Tokens.read(tmp_path / "none")
