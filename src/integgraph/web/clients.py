"""Who asks, and how much they may: addresses behind proxies, known clients, query time a minute.

Addresses are kept in memory only, as long as their allowance is not whole again, and are never written anywhere.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Final

from integgraph.errors import IntegGraphError, LimitReached

_MINUTE: Final = 60.0
_MOST_CLIENTS: Final = 10_000
_SITE_BITS: Final = 64  # one customer usually has a whole IPv6 network of this size
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Proxies:
    """Proxies whose word on the client's address is believed: addresses and networks with commas between them."""

    text: str = ""

    @classmethod
    def of(cls, text: str) -> Proxies:
        """Read addresses and networks with commas between them.

        Raises:
            ValueError: one is neither.

        >>> Proxies.of("127.0.0.1, 10.0.0.0/8").trusts("10.1.2.3")
        True
        """
        _networks(text)
        return cls(text)

    def trusts(self, address: str) -> bool:
        """Whether an address is that of such a proxy."""
        return bool(self.text) and _is_in(address, self.text)

    def client(self, peer: str, forwarded: str) -> str:
        """The address of the client, from that of the connection and the header ``X-Forwarded-For``.

        Every proxy adds, at the right, whom it was asked by; so the first one from the right that is no such proxy is
        the client, and whatever stands left of it may be made up.

        >>> Proxies.of("127.0.0.1").client("127.0.0.1", "6.6.6.6, 192.0.2.7")
        '192.0.2.7'
        >>> Proxies.of("").client("127.0.0.1", "6.6.6.6")
        '127.0.0.1'
        """
        address = peer
        for each in reversed(forwarded.split(",")):
            if not self.trusts(address):
                break
            try:
                address = str(ip_address(each.strip()))
            except ValueError:  # not an address: nothing left of it can be believed
                break
        return address


@lru_cache(maxsize=8)
def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


@lru_cache(maxsize=1024)
def _is_in(address: str, text: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in each for each in _networks(text) if each.version == found.version)


@lru_cache(maxsize=1024)
def client_key(address: str) -> str:
    """What counts as one client: an IPv4 address, or an IPv6 network of 64 bits.

    >>> client_key("2001:db8::1") == client_key("2001:db8::ffff")
    True
    """
    try:
        found = ip_address(address)
    except ValueError:
        return UNKNOWN
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ip_network((found, _SITE_BITS), strict=False))
    return str(found)


class Allowances:
    """Seconds of query time that each client has in a minute; they grow back evenly.

    Args:
        seconds: How many.
        clock: Tells the time in seconds.

    >>> allowances = Allowances(60.0, lambda: 0.0)
    >>> allowances.spend("192.0.2.7", 61.0)
    >>> allowances.check("192.0.2.7")
    Traceback (most recent call last):
    integgraph.errors.LimitReached: You have used up 60 seconds of query time a minute. Come back in 2 seconds.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = seconds
        self._rate = seconds / _MINUTE
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # client → (seconds left, at which time)

    def check(self, client: str) -> None:
        """Whether a client may ask.

        Raises:
            LimitReached: it has used up what it had; says when to come back.
        """
        if client not in self._left:
            return
        left = self._now(client)
        if left <= 0:
            wait = max(1.0, -left / self._rate + 1.0)
            raise LimitReached(
                f"You have used up {self._most:g} seconds of query time a minute. Come back in {wait:.0f} seconds.",
                wait,
            )

    def spend(self, client: str, seconds: float) -> None:
        """A client has used so much."""
        self._left[client] = (self._now(client) - seconds, self._clock())
        self._left.move_to_end(client)
        while len(self._left) > _MOST_CLIENTS or self._whole():
            self._left.popitem(last=False)

    def _now(self, client: str) -> float:
        left, then = self._left.get(client, (self._most, 0.0))
        return min(self._most, left + (self._clock() - then) * self._rate)

    def _whole(self) -> bool:
        """Whether the client who was here longest ago has all of it again, so that nothing need be known of it."""
        first = next(iter(self._left), None)
        return first is not None and self._now(first) >= self._most


class Tokens:
    """Known clients: names, and the SHA-256 of their tokens in hexadecimal.

    >>> tokens = Tokens({hashlib.sha256(b"secret").hexdigest(): "statistics office"})
    >>> tokens.name("Bearer secret")
    'statistics office'
    >>> tokens.name("Bearer guess") is None
    True
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = dict(names)

    @classmethod
    def read(cls, file: Path) -> Tokens:
        """Read a file with a line a client: its name, a space, the SHA-256 of its token. ``#`` begins a comment.

        Raises:
            IntegGraphError: there is no such file, or a line is not like that.
        """
        try:
            lines = file.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise IntegGraphError(f"The file of tokens {file} cannot be read: {error}.") from None
        return cls(dict(_entries(file, lines)))

    def name(self, authorization: str) -> str | None:
        """Whose token the header ``Authorization`` carries (RFC 6750, section 2.1); ``None`` where it is nobody's."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not self._names:
            return None
        digest = hashlib.sha256(token.strip().encode("utf-8", "surrogateescape")).hexdigest()
        return next((name for known, name in self._names.items() if hmac.compare_digest(known, digest)), None)


def _entries(file: Path, lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    for number, line in enumerate(lines, 1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        name, _, digest = text.rpartition(" ")
        if not name or len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise IntegGraphError(
                f"{file}, line {number}: write a name, a space, and the SHA-256 of the token in 64 small hexadecimal "
                "digits, as 'printf %s TOKEN | sha256sum' prints it."
            )
        yield digest, name.strip()
