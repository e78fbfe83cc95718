"""The ledger of a release: what the next build needs to do only what changed.

One SQLite file beside the release's parts. It holds, by profile, what was mapped and validated, and by network, what
it gave to the graph and the tables; so a build reads, maps and validates only what is new. It is derived: without it
the next build does everything.

What several networks say about one thing is kept apart by thing and network, so that taking one network away leaves
what the others say.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE files (name TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE profiles (
  slug TEXT PRIMARY KEY, network TEXT NOT NULL, file TEXT NOT NULL, sha256 TEXT NOT NULL, facts TEXT NOT NULL,
  mapped BLOB
);
CREATE INDEX profiles_of ON profiles (network);
CREATE INDEX profiles_in ON profiles (file);
CREATE TABLE actors (
  id TEXT PRIMARY KEY, network TEXT NOT NULL, file TEXT NOT NULL, named INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX actors_of ON actors (network);
CREATE TABLE mentions (thing TEXT NOT NULL, network TEXT NOT NULL, PRIMARY KEY (thing, network)) WITHOUT ROWID;
CREATE INDEX mentions_of ON mentions (network);
CREATE TABLE networks (network TEXT PRIMARY KEY, lines BLOB NOT NULL, places TEXT NOT NULL);
CREATE TABLE things (
  thing TEXT NOT NULL, network TEXT NOT NULL, lines BLOB NOT NULL, part TEXT NOT NULL, PRIMARY KEY (thing, network)
) WITHOUT ROWID;
CREATE INDEX things_of ON things (network);
"""


@dataclass(frozen=True, slots=True)
class ProfileEntry:
    """What is known of one profile before it is mapped.

    Attributes:
        slug, network: Ids of the profile and of its network.
        file: Name of its file in the profiles folder.
        sha256: Digest of what was read.
        facts: Edition, age, actor ids with their lines, network ids it names, and doubts, as plain data.
    """

    slug: str
    network: str
    file: str
    sha256: str
    facts: Mapping[str, Any]


def packed(raw: bytes) -> bytes:
    """Bytes in less space.

    >>> unpacked(packed(b"a" * 1000)) == b"a" * 1000
    True
    """
    small: bytes = _CODEC.compress(raw, asbytes=True)
    return len(raw).to_bytes(8, "big") + small


def unpacked(small: bytes) -> bytes:
    """What :func:`packed` was given."""
    found: bytes = _CODEC.decompress(small[8:], int.from_bytes(small[:8], "big"), asbytes=True)
    return found


_CODEC = pa.Codec("zstd", compression_level=3)


class Ledger:
    """Reads and writes one ledger file; use it as a context manager. Nothing is durable before :meth:`close`."""

    def __init__(self, file: Path, *, readonly: bool = False) -> None:
        new = not file.exists()
        self._open = True
        if readonly:
            self._db = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
            return
        self._db = sqlite3.connect(file, isolation_level=None)
        # The file is written aside and made durable with the release, so SQLite need not journal.
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("PRAGMA cache_size = -65536")
        if new:
            self._db.executescript(_SCHEMA)
        self._db.execute("BEGIN")

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write what is pending and close; closing again does nothing."""
        if self._open:
            self._open = False
            if self._db.in_transaction:
                self._db.execute("COMMIT")
            self._db.close()

    def rest(self) -> None:
        """Write what is pending, and let the memory go that was needed for it; going on is possible at once."""
        self._db.execute("COMMIT")
        self._db.execute("PRAGMA shrink_memory")
        self._db.execute("BEGIN")

    # -- what concerns the whole

    def get(self, key: str) -> Any:
        """A value kept for the whole build, or ``None``."""
        found = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if found is None else json.loads(unpacked(found[0]))

    def put(self, key: str, value: Any) -> None:
        """Keep a value for the next build."""
        text = packed(json.dumps(value, ensure_ascii=False).encode())
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, text))

    def put_files(self, files: Mapping[str, bytes]) -> None:
        """Keep small files whole, in place of those kept before."""
        self._db.execute("DELETE FROM files")
        self._db.executemany("INSERT INTO files VALUES (?, ?)", files.items())

    def files_kept(self) -> dict[str, bytes]:
        """The small files that are kept, by name."""
        return dict(self._db.execute("SELECT name, content FROM files"))

    # -- profiles

    def files(self) -> dict[str, str]:
        """Digest of every file that was read, by its name."""
        return dict(self._db.execute("SELECT file, sha256 FROM profiles"))

    def slugs(self) -> list[str]:
        """Ids of all profiles."""
        return [slug for (slug,) in self._db.execute("SELECT slug FROM profiles")]

    def add_profile(self, entry: ProfileEntry) -> None:
        """Enter a profile that is read but not yet mapped."""
        facts = json.dumps(entry.facts, ensure_ascii=False)
        row = (entry.slug, entry.network, entry.file, entry.sha256, facts)
        self._db.execute("INSERT OR REPLACE INTO profiles VALUES (?, ?, ?, ?, ?, NULL)", row)

    def remove_file(self, file: str) -> None:
        """Forget the profile that was read from this file."""
        self._db.execute("DELETE FROM profiles WHERE file = ?", (file,))

    def profile(self, slug: str) -> ProfileEntry | None:
        """The profile with this slug."""
        return next(self._profiles("WHERE slug = ?", slug), None)

    def in_file(self, file: str) -> ProfileEntry | None:
        """The profile that was read from this file."""
        return next(self._profiles("WHERE file = ?", file), None)

    def profiles(self, network: str | None = None) -> Iterator[ProfileEntry]:
        """All profiles, or those of one network, ordered by file."""
        return self._profiles("", None) if network is None else self._profiles("WHERE network = ?", network)

    def _profiles(self, where: str, value: str | None) -> Iterator[ProfileEntry]:
        query = f"SELECT slug, network, file, sha256, facts FROM profiles {where} ORDER BY file"  # noqa: S608 - both conditions are constants above
        for slug, network, file, digest, facts in self._db.execute(query, () if value is None else (value,)):
            yield ProfileEntry(slug, network, file, digest, json.loads(facts))

    def doubts(self) -> Iterator[tuple[str, list[Any]]]:
        """File and doubts of every profile that has any, ordered by file."""
        query = (
            "SELECT file, json_extract(facts, '$.doubts') FROM profiles "
            "WHERE json_array_length(facts, '$.doubts') > 0 ORDER BY file"
        )
        for file, doubts in self._db.execute(query):
            yield file, json.loads(doubts)

    def mapped(self, slug: str) -> bytes | None:
        """What a profile was mapped to, if it was."""
        found = self._db.execute("SELECT mapped FROM profiles WHERE slug = ?", (slug,)).fetchone()
        return None if found is None else found[0]

    def set_mapped(self, slug: str, packed: bytes) -> None:
        """Keep what a profile was mapped to."""
        self._db.execute("UPDATE profiles SET mapped = ? WHERE slug = ?", (packed, slug))

    def count_profiles(self) -> int:
        """How many profiles there are."""
        return int(self._db.execute("SELECT COUNT(*) FROM profiles").fetchone()[0])

    def network_ids(self) -> Iterator[str]:
        """Ids of all networks, sorted."""
        for (network,) in self._db.execute("SELECT DISTINCT network FROM profiles ORDER BY network"):
            yield network

    # -- who is in which network

    def claim_actor(self, actor: str, network: str, file: str, *, named: bool = True) -> str | None:
        """Enter an actor id for a network; the file of the network that has it already, if another one does.

        Groups without a name have ids too, so that no two are mixed up.
        """
        found = self._db.execute("SELECT network, file FROM actors WHERE id = ?", (actor,)).fetchone()
        if found is None:
            self._db.execute("INSERT INTO actors VALUES (?, ?, ?, ?)", (actor, network, file, named))
            return None
        return None if found[0] == network else str(found[1])

    def release_actors(self, network: str) -> None:
        """Give back the actor ids of a network."""
        self._db.execute("DELETE FROM actors WHERE network = ?", (network,))

    def has_actor(self, actor: str) -> bool:
        """Whether a network defines an actor with this id."""
        return self._db.execute("SELECT 1 FROM actors WHERE id = ? AND named", (actor,)).fetchone() is not None

    def has_network(self, network: str) -> bool:
        """Whether there is a profile of this network."""
        return self._db.execute("SELECT 1 FROM profiles WHERE network = ? LIMIT 1", (network,)).fetchone() is not None

    def actor_ids(self, *, named: bool) -> Iterator[str]:
        """Ids of all actors, or of actors and groups."""
        for (actor,) in self._db.execute("SELECT id FROM actors WHERE named >= ?", (named,)):
            yield actor

    def actors_of(self, network: str) -> list[tuple[str, bool]]:
        """Ids of the actors and groups of a network, and whether each has a name."""
        query = "SELECT id, named FROM actors WHERE network = ?"
        return [(actor, bool(named)) for actor, named in self._db.execute(query, (network,))]

    def set_mentions(self, network: str, things: Iterable[str]) -> None:
        """Keep which actors and networks the profiles of a network speak of (``actor:<id>``, ``network:<id>``)."""
        self._db.execute("DELETE FROM mentions WHERE network = ?", (network,))
        self._db.executemany("INSERT OR IGNORE INTO mentions VALUES (?, ?)", ((thing, network) for thing in things))

    def mentioned_in(self, thing: str) -> list[str]:
        """Networks whose profiles speak of a thing."""
        return [row[0] for row in self._db.execute("SELECT network FROM mentions WHERE thing = ?", (thing,))]

    # -- what a network gives

    def set_network(self, network: str, lines: Sequence[bytes], places: Mapping[str, Any]) -> None:
        """Keep the lines of the current view that only this network gives, and the places it uses."""
        row = (network, packed(b"".join(lines)), json.dumps(places, ensure_ascii=False))
        self._db.execute("INSERT OR REPLACE INTO networks VALUES (?, ?, ?)", row)

    def lines(self, network: str) -> list[bytes]:
        """The lines of the current view that only this network gives; those of its profiles follow from them."""
        found = self._db.execute("SELECT lines FROM networks WHERE network = ?", (network,)).fetchone()
        return [] if found is None else unpacked(found[0]).splitlines(keepends=True)

    def places(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The places that each network uses."""
        for network, places in self._db.execute("SELECT network, places FROM networks ORDER BY network"):
            yield network, json.loads(places)

    def forget_network(self, network: str) -> None:
        """Remove what a network gave; its profiles are removed by file."""
        self.release_actors(network)
        for table in ("networks", "things", "mentions"):
            self._db.execute(f"DELETE FROM {table} WHERE network = ?", (network,))  # noqa: S608 - the names stand one line above

    # -- what networks say about things that others speak of too

    def set_things(self, network: str, things: Mapping[str, tuple[Sequence[bytes], Mapping[str, Any]]]) -> None:
        """Keep what a network says about shared things: lines and facts, by IRI."""
        self._db.execute("DELETE FROM things WHERE network = ?", (network,))
        self._db.executemany(
            "INSERT INTO things VALUES (?, ?, ?, ?)",
            (
                (thing, network, b"".join(lines), json.dumps(part, ensure_ascii=False))
                for thing, (lines, part) in things.items()
            ),
        )

    def thing_names(self, network: str) -> list[str]:
        """Shared things that a network says something about."""
        return [row[0] for row in self._db.execute("SELECT thing FROM things WHERE network = ?", (network,))]

    def thing(self, thing: str) -> list[tuple[list[bytes], dict[str, Any]]]:
        """What every network says about a thing, in the order of the networks."""
        query = "SELECT lines, part FROM things WHERE thing = ? ORDER BY network"
        return [_said(lines, part) for lines, part in self._db.execute(query, (thing,))]

    def things(self) -> Iterator[tuple[str, list[tuple[list[bytes], dict[str, Any]]]]]:
        """Every shared thing with what the networks say about it, ordered by IRI."""
        name, said = "", list[tuple[list[bytes], dict[str, Any]]]()
        for thing, lines, part in self._db.execute("SELECT thing, lines, part FROM things ORDER BY thing, network"):
            if thing != name and said:
                yield name, said
                said = []
            name = thing
            said.append(_said(lines, part))
        if said:
            yield name, said


def _said(lines: bytes, part: str) -> tuple[list[bytes], dict[str, Any]]:
    return lines.splitlines(keepends=True), json.loads(part)
