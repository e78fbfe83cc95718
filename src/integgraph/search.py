"""The search index of a release: names and wordings of its things in one SQLite file, found as people type them.

Three ideas carry it:

* Text is folded (:func:`fold`): what people type differently and mean alike becomes one spelling, in the index and in
  the query. The full-text tokenizer only splits at spaces.
* Entries are numbered in the order in which they are to be found: role, kind, folded text, IRI. FTS5 answers in the
  order of these numbers, so the best hits are read first and reading stops when there are enough. The numbers
  leave room between them, so that an update puts its entries where a new index would have them.
* A mistyped word is compared with the words of the index that share its trigrams, not with every entry.

Source: SQLite, "FTS5 Extension" (prefix indexes, contentless tables, trigram tokenizer); E. Ukkonen, "Approximate
string-matching with q-grams and maximal matches", Theoretical Computer Science 92 (1992), section 3, for how many
trigrams two similar words share.
"""

from __future__ import annotations

import os
import re
import sqlite3
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from integgraph.errors import ReleaseError

ROLES = ("label", "variant", "wording")
"""Roles of a text, best first."""
KINDS = ("network", "actor", "group", "place", "concept", "profile")
"""Kinds in the order in which equally good hits stand; any other kind follows, by name."""
MAX_QUERY = 256
"""Characters of a query that are read; the rest is cut off."""

_FORMAT = 1
_ROOM = 1024  # between the numbers of two neighbours in a new index
_ENOUGH = 3  # fewer hits than this, and mistyped words are looked for
_MAX_WORDS = 12
_TYPO_LENGTHS = range(4, 41)  # shorter words are like too many others; longer ones are no words
_MAX_SIMILAR = 300
_MAX_ALTERNATIVES = 24
_PREFIX_INDEXES = 4  # beginnings up to this length have an index of their own
_MAX_ENDINGS = 48  # more words than this with one beginning are left to FTS5 to merge
_JOINERS = frozenset({"and", "und"})
_JOINED = " and und"  # so that "caritas u" finds "Caritas & Diakonie" while the u becomes an "und"
_TOKENIZERS = ("ascii", "trigram case_sensitive 1")

_SCHEMA = f"""
CREATE TABLE thing (id INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE);
CREATE TABLE entry (
    id INTEGER PRIMARY KEY, thing INTEGER NOT NULL, role INTEGER NOT NULL, kind TEXT NOT NULL,
    folded TEXT NOT NULL, joined INTEGER NOT NULL, language TEXT NOT NULL, text TEXT NOT NULL
);
CREATE TABLE word (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE);
CREATE VIRTUAL TABLE full USING fts5(words, content='', columnsize=0, detail=none, prefix='1 2 3 4', tokenize='ascii');
CREATE VIRTUAL TABLE term USING fts5vocab(full, row);
CREATE VIRTUAL TABLE gram USING fts5(word, content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1');
PRAGMA user_version = {_FORMAT};
"""
_THING_INDEX = "CREATE INDEX entry_thing ON entry (thing, role)"
_COLUMNS = "entry.id, role, kind, folded, joined, iri, language, text"
_ENTRIES = f"SELECT {_COLUMNS} FROM entry JOIN thing ON thing.id = entry.thing"  # noqa: S608 - a constant


# ---------------------------------------------------------------------------------------------------------------------
# Folding

_LETTERS = str.maketrans(
    {
        "æ": "a", "œ": "o", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ŋ": "n", "ŧ": "t", "þ": "th",
        "’": "'",
    }
)  # fmt: skip
_DROPPED = frozenset({"Mn", "Me", "Cf", "Cs"})  # combining marks, invisible marks, broken halves of characters
_WORD = re.compile(r"[^\W_]+")
_UMLAUT = re.compile(r"(?<=a)[ae]+|(?<=[ou])e+")


def fold(text: str) -> str:
    """Bring a text to the spelling in which the index compares texts: words in lower case, one space between.

    Case, diacritics, punctuation, control and direction marks do not count; neither do "and", "und" and "&", unless
    nothing else is there. Umlauts and their spellings with e are one; so are å and aa. The beginning of a text folds
    to the beginning of the folded text, so that folding serves prefixes too. Folding twice changes nothing.

    Args:
        text: Any text.

    Returns:
        The folded text; empty where there is no letter and no digit.

    >>> fold("Flüchtlingsrat") == fold("FLUECHTLINGSRAT") == fold("Fluchtlingsrat") == "fluchtlingsrat"
    True
    >>> fold("IQ-Netzwerk"), fold("Caritas & Diakonie"), fold("Straße, Łódź, Århus, Søllerød")
    ('iq netzwerk', 'caritas diakonie', 'strasse lodz arhus sollerod')
    >>> fold("İzmir"), fold("und"), fold("…!")
    ('izmir', 'und', '')
    """
    words = _words(text)
    return " ".join([word for word in words if word not in _JOINERS] or words)


def _words(text: str) -> list[str]:
    if not text.isascii():
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).translate(_LETTERS)
        text = "".join(letter for letter in text if unicodedata.category(letter) not in _DROPPED)
    return _WORD.findall(_UMLAUT.sub("", text.casefold()))


# ---------------------------------------------------------------------------------------------------------------------
# Entries


@dataclass(frozen=True, slots=True)
class Entry:
    """One text under which a thing is found.

    Attributes:
        thing: IRI of the thing.
        kind: Kind of thing, such as one of ``KINDS``.
        text: The text as it stands.
        language: Its language tag; empty for none.
        role: ``label``, ``variant`` or ``wording``.
    """

    thing: str
    kind: str
    text: str
    language: str
    role: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found.

    Attributes:
        thing: IRI of the thing.
        kind: Its kind.
        label: Its label in the asked language, else in English, else any; the matched text where it has none.
        matched: The text that matched, as it stands.
        role: Role of that text.
        score: How well it matched: 1 for a whole label, down to about 0.1 for two mistyped letters a word.
    """

    thing: str
    kind: str
    label: str
    matched: str
    role: str
    score: float


class _Row(NamedTuple):
    """An entry as it is stored; ``key`` is its place."""

    role: int
    kind: str
    folded: str
    joined: int
    iri: str
    language: str
    text: str

    @property
    def key(self) -> tuple[int, int, str, str, str, str, str]:
        return (self.role, _kind_order(self.kind), self.kind, self.folded, self.iri, self.language, self.text)

    @property
    def words(self) -> str:
        return self.folded + (_JOINED if self.joined else "")


def _kind_order(kind: str) -> int:
    return KINDS.index(kind) if kind in KINDS else len(KINDS)


def _row(entry: Entry) -> _Row:
    if entry.role not in ROLES:
        raise ValueError(f"'{entry.role}' is not a role of a text. Use one of: {', '.join(ROLES)}.")
    folded = fold(entry.text)
    joined = (
        bool(folded) and folded not in _JOINERS and ("&" in entry.text or not _JOINERS.isdisjoint(_words(entry.text)))
    )
    return _Row(ROLES.index(entry.role), entry.kind, folded, int(joined), entry.thing, entry.language, entry.text)


# ---------------------------------------------------------------------------------------------------------------------
# Writing


def write_index(file: Path, entries: Iterable[Entry]) -> None:
    """Write a new index; the same entries in any order give the same file.

    Entries are sorted on disk, beside the file, so memory does not grow with them.

    Args:
        file: Where to write; what is there is replaced.
        entries: What is to be found; repeated entries count once.

    Raises:
        ReleaseError: the file cannot be written, or SQLite here has no full-text search.
        ValueError: an entry has an unknown role.
    """
    aside = file.with_name(file.name + ".part")
    with _errors(file):
        _check_sqlite()
        for old in (file, aside):
            old.unlink(missing_ok=True)
        try:
            with closing(_writer(file, journal="OFF")) as db:
                db.executescript(_SCHEMA)
                db.execute("ATTACH ? AS aside", (str(aside),))
                db.executescript("PRAGMA aside.journal_mode = OFF; PRAGMA aside.synchronous = OFF; BEGIN")
                _stage(db, entries)
                _number(db)
                _fill(db)
                db.execute("COMMIT")
        except BaseException:
            file.unlink(missing_ok=True)
            raise
        finally:
            aside.unlink(missing_ok=True)


def _writer(file: Path, journal: str) -> sqlite3.Connection:
    """A connection without implicit transactions; the file is written aside, so it need not survive a crash."""
    db = sqlite3.connect(file, isolation_level=None)
    db.executescript(f"PRAGMA journal_mode = {journal}; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536")
    return db


def _stage(db: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    db.execute("CREATE TABLE aside.staged (role, kind_order, kind, folded, joined, iri, language, text)")
    rows = map(_row, entries)
    db.executemany(
        "INSERT INTO staged VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        ((row.role, _kind_order(row.kind), *row[1:]) for row in rows),
    )
    db.execute("INSERT INTO thing (iri) SELECT DISTINCT iri FROM staged ORDER BY iri")


def _number(db: sqlite3.Connection) -> None:
    """Give the staged entries their numbers in the order in which they are to be found."""
    ordered = db.cursor().execute(
        "SELECT thing.id, role, kind, folded, joined, language, text FROM staged JOIN thing USING (iri) "
        "ORDER BY role, kind_order, kind, folded, iri, language, text"
    )
    distinct = (row for row, _ in groupby(ordered))
    db.executemany(
        "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        ((number * _ROOM, *row) for number, row in enumerate(distinct, 1)),
    )


def _fill(db: sqlite3.Connection) -> None:
    db.execute(_THING_INDEX)
    db.execute(
        "INSERT INTO full (rowid, words) SELECT id, folded || iif(joined, ?, '') FROM entry ORDER BY id", (_JOINED,)
    )
    db.execute("INSERT INTO full (full) VALUES ('optimize')")
    db.execute("INSERT INTO word (word) SELECT term FROM term ORDER BY term")
    db.execute("INSERT INTO gram (rowid, word) SELECT id, '<' || word || '>' FROM word ORDER BY id")
    db.execute("INSERT INTO gram (gram) VALUES ('optimize')")


class _NoRoom(Exception):
    """Too many entries were put between two neighbours."""


def update_index(file: Path, removed: Iterable[str], entries: Iterable[Entry]) -> None:
    """Take things out of an index and put entries in, in one transaction.

    Afterwards the index answers exactly as a new one with the same entries.

    Args:
        file: An index made by :func:`write_index`.
        removed: IRIs of the things whose entries all go; unknown ones do no harm.
        entries: What comes in; an entry that is there already counts once.

    Raises:
        ReleaseError: the file is not an index or cannot be written; it is then as it was.
        ValueError: an entry has an unknown role; the index is then as it was.
    """
    gone = sorted(set(removed))
    rows = sorted({_row(entry) for entry in entries}, key=lambda row: row.key)
    with _errors(file):
        _check_sqlite()
        with closing(_existing(file)) as db:
            db.execute("BEGIN")
            try:
                touched = _remove(db, gone)
                touched.update(_insert(db, rows))
                _renew_words(db, touched)
                db.execute("COMMIT")
                return
            except _NoRoom:
                db.execute("ROLLBACK")
            except BaseException:
                db.execute("ROLLBACK")
                raise
        _rewrite(file, frozenset(gone), rows)


def _existing(file: Path) -> sqlite3.Connection:
    if not file.is_file():
        raise ReleaseError(f"There is no search index {file}. Build the release again.")
    db = _writer(file, journal="MEMORY")
    _check_format(db, file)
    return db


def _remove(db: sqlite3.Connection, things: Iterable[str]) -> set[str]:
    """Remove the entries of things; returns the words that stood in them."""
    words: set[str] = set()
    for iri in things:
        for number, *rest in db.execute(f"{_ENTRIES} WHERE iri = ?", (iri,)).fetchall():
            text = _Row(*rest).words
            words.update(text.split())
            db.execute("INSERT INTO full (full, rowid, words) VALUES ('delete', ?, ?)", (number, text))
            db.execute("DELETE FROM entry WHERE id = ?", (number,))
        db.execute("DELETE FROM thing WHERE iri = ?", (iri,))
    return words


def _insert(db: sqlite3.Connection, rows: Sequence[_Row]) -> set[str]:
    """Put sorted rows at their places; returns their words."""
    words: set[str] = set()
    (last,) = db.execute("SELECT ifnull(max(id), 0) FROM entry").fetchone()

    def place(row: _Row) -> int:
        return _bisect(db, _ENTRIES, 0, last + 1, lambda found: _Row(*found[1:]).key >= row.key)

    for number, group in groupby(rows, key=place):
        new = list(group)
        after = db.execute(f"{_ENTRIES} WHERE entry.id >= ? ORDER BY entry.id LIMIT 1", (number,)).fetchone()
        if after is not None and _Row(*after[1:]) == new[-1]:
            new.pop()  # it is there already
        (before,) = db.execute("SELECT ifnull(max(id), 0) FROM entry WHERE id < ?", (number,)).fetchone()
        end = after[0] if after is not None else before + _ROOM * (len(new) + 1)
        if new and end - before <= len(new):
            raise _NoRoom
        for count, row in enumerate(new, 1):
            words.update(row.words.split())
            _insert_one(db, before + count * (end - before) // (len(new) + 1), row)
    return words


def _insert_one(db: sqlite3.Connection, number: int, row: _Row) -> None:
    db.execute("INSERT OR IGNORE INTO thing (iri) VALUES (?)", (row.iri,))
    db.execute(
        "INSERT INTO entry SELECT ?, id, ?, ?, ?, ?, ?, ? FROM thing WHERE iri = ?",
        (number, row.role, row.kind, row.folded, row.joined, row.language, row.text, row.iri),
    )
    db.execute("INSERT INTO full (rowid, words) VALUES (?, ?)", (number, row.words))


def _renew_words(db: sqlite3.Connection, touched: Iterable[str]) -> None:
    """Let the list of words hold what the entries hold."""
    for word in sorted(touched):
        used = db.execute("SELECT 1 FROM full WHERE full MATCH ? LIMIT 1", (f'"{word}"',)).fetchone()
        known = db.execute("SELECT id FROM word WHERE word = ?", (word,)).fetchone()
        if used and not known:
            number = db.execute("INSERT INTO word (word) VALUES (?)", (word,)).lastrowid
            db.execute("INSERT INTO gram (rowid, word) VALUES (?, ?)", (number, f"<{word}>"))
        elif known and not used:
            db.execute("INSERT INTO gram (gram, rowid, word) VALUES ('delete', ?, ?)", (*known, f"<{word}>"))
            db.execute("DELETE FROM word WHERE id = ?", known)


def _rewrite(file: Path, gone: frozenset[str], rows: Iterable[_Row]) -> None:
    """The whole index anew, with fresh room between the numbers."""
    new = file.with_name(file.name + ".new")
    try:
        with closing(_existing(file)) as db:
            stored = (_Row(*found[1:]) for found in db.execute(_ENTRIES))
            kept = (row for row in stored if row.iri not in gone)
            write_index(
                new,
                (Entry(row.iri, row.kind, row.text, row.language, ROLES[row.role]) for row in chain(kept, rows)),
            )
        os.replace(new, file)
    finally:
        new.unlink(missing_ok=True)


def _bisect(
    db: sqlite3.Connection, select: str, start: int, end: int, reached: Callable[[tuple[Any, ...]], bool]
) -> int:
    """A number such that every entry below it comes before what is looked for, and every other does not."""
    query = f"{select} WHERE entry.id >= ? ORDER BY entry.id LIMIT 1"
    while start < end:
        middle = (start + end) // 2
        found = db.execute(query, (middle,)).fetchone()
        if found is None or found[0] >= end or reached(found):
            end = middle
        else:
            start = found[0] + 1
    return start


# ---------------------------------------------------------------------------------------------------------------------
# Searching

_TIERS = 3 * len(ROLES) + 2  # whole, beginning, words of each role; one and two mistyped letters


class SearchIndex:
    """An index, opened read-only; several threads may share it.

    While a person is typing, :meth:`search` with what is there so far gives the suggestions, since every word of a
    query may be the beginning of a word.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "search.sqlite")
    ...     write_index(file, [Entry("https://example.org/id/place/koeln", "place", "Köln", "de", "label")])
    ...     with SearchIndex(file) as index:
    ...         [hit.label for typed in ("koel", "KOLN", "Köl") for hit in index.search(typed)]
    ['Köln', 'Köln', 'Köln']
    """

    def __init__(self, file: Path) -> None:
        """Open an index.

        Raises:
            ReleaseError: there is none, it is damaged or of a newer version, or SQLite has no full-text search.
        """
        if not file.is_file():
            raise ReleaseError(f"There is no search index {file}. Build the release again.")
        with _errors(file):
            _check_sqlite()
            uri = f"{file.resolve().as_uri()}?mode=ro&immutable=1"
            self._db = sqlite3.connect(uri, uri=True, check_same_thread=False, isolation_level=None)
            try:
                _check_format(self._db, file)
                self._ranges = _ranges(self._db)
            except BaseException:
                self._db.close()
                raise
        self._file = file
        self._lock = threading.Lock()

    def __enter__(self) -> SearchIndex:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the index answers no more."""
        self._db.close()

    def search(
        self, text: str, *, kinds: Iterable[str] = (), language: str | None = None, limit: int = 20
    ) -> list[Hit]:
        """Find things by what a person types.

        Every word of the query must stand in one text of the thing, as a word or the beginning of one, in any order.
        Whole labels come first, then labels that begin with the query, then labels that hold its words, then variants
        and wordings in the same way. If that gives fewer than three hits, words with one mistyped letter are looked
        for (swapped, wrong, missing or added; from four letters on), then with two (from eight letters on). Equally
        good hits are ordered by kind, matched text and IRI. Nothing in the query is syntax.

        Args:
            text: What was typed; read up to ``MAX_QUERY`` characters.
            kinds: Only things of these kinds; any, if empty.
            language: Language of the labels in the answer; English unless given.
            limit: At most so many hits.

        Returns:
            Hits, best first, each thing once; none for a query without letters and digits.

        Raises:
            ReleaseError: the file is damaged.
        """
        with _errors(self._file), self._lock:
            found = self._found(text, kinds, limit)
            return [self._hit(tier, row, language or "en") for tier, row in found.values()]

    def things(self, text: str, *, kinds: Iterable[str] = (), limit: int = 20) -> list[str]:
        """The IRIs that :meth:`search` finds, in the same order: faster where thousands are wanted without a label.

        Raises:
            ReleaseError: the file is damaged.
        """
        with _errors(self._file), self._lock:
            return list(self._found(text, kinds, limit))

    def _found(self, text: str, kinds: Iterable[str], limit: int) -> dict[str, tuple[int, _Row]]:
        """The best tier and entry of each thing, by IRI, best first."""
        query, wanted = fold(text[:MAX_QUERY]), frozenset(kinds)
        found: dict[str, tuple[int, _Row]] = {}
        for tier, row in self._candidates(query, wanted, min(limit, _ENOUGH), found):
            if len(found) >= limit:
                break
            found.setdefault(row.iri, (tier, row))
        return found

    def labels(self, kind: str, language: str = "en") -> dict[str, str]:
        """The label of every thing of a kind, by IRI: in the language, else in English, else in any.

        Raises:
            ReleaseError: the file is damaged.
        """
        start, end = self._ranges.get((0, kind), (0, 0))
        with _errors(self._file), self._lock:
            rows = self._db.execute(
                "SELECT iri, text FROM entry JOIN thing ON thing.id = entry.thing WHERE entry.id >= ? AND entry.id < ? "
                "ORDER BY language != ?, language != 'en', language, text",
                (start, end, language),
            )
            found: dict[str, str] = {}
            for iri, text in rows:
                found.setdefault(iri, text)
        return found

    def _candidates(
        self, query: str, kinds: frozenset[str], enough: int, found: dict[str, tuple[int, _Row]]
    ) -> Iterator[tuple[int, _Row]]:
        """(Tier, entry) best first; an entry may come in several tiers."""
        if not query:
            return
        words = list(dict.fromkeys(query.split()))[:_MAX_WORDS]
        beginnings = [self._beginning(word) for word in words]
        match = " AND ".join(beginnings) if all(beginnings) else ""
        for role in range(len(ROLES)):
            begins = list(self._beginning_with(query, role, kinds))
            yield from ((3 * role, row) for rows in begins for row in rows(True))
            yield from ((3 * role + 1, row) for rows in begins for row in rows(False))
            yield from ((3 * role + 2, row) for row in self._matching(match, role, kinds))
        if len(found) >= enough:
            return
        alternatives = [self._alternatives(word) for word in words]
        for edits in (1, 2):
            nearby = [[word for word, near in others.items() if near <= edits] for others in alternatives]
            mistyped = [_any_of(each, *near) for each, near in zip(beginnings, nearby, strict=True)]
            match = " AND ".join(mistyped) if all(mistyped) and any(nearby) else ""
            for role in range(len(ROLES)):
                yield from ((3 * len(ROLES) + edits - 1, row) for row in self._matching(match, role, kinds))

    def _beginning(self, word: str) -> str:
        """What FTS5 is to look for where ``word`` is the beginning of a word; empty where there is none.

        FTS5 merges the lists of all words with one beginning before it answers, unless an index of that length has
        done so; where they are few it is far faster to name them, because then it reads only as far as is needed.
        """
        if len(word) <= _PREFIX_INDEXES:
            return f'"{word}"*'
        rows = self._db.execute(
            "SELECT word FROM word WHERE word >= ? AND word < ? ORDER BY word LIMIT ?",
            (word, word + "\U0010ffff", _MAX_ENDINGS + 1),
        ).fetchall()
        return f'"{word}"*' if len(rows) > _MAX_ENDINGS else _any_of("", *(row[0] for row in rows))

    def _beginning_with(
        self, query: str, role: int, kinds: frozenset[str]
    ) -> Iterator[Callable[[bool], Iterator[_Row]]]:
        """For each kind, a way to read the entries that are the query as a whole, or that begin with it."""
        for start, end in self._ranges_of(role, kinds, merge=False):
            first = _bisect(self._db, "SELECT id, folded FROM entry", start, end, lambda row: str(row[1]) >= query)

            def rows(whole: bool, first: int = first, end: int = end) -> Iterator[_Row]:
                for found in self._db.execute(
                    f"{_ENTRIES} WHERE entry.id >= ? AND entry.id < ? ORDER BY entry.id", (first, end)
                ):
                    row = _Row(*found[1:])
                    if not row.folded.startswith(query) or (whole and row.folded != query):
                        return
                    yield row

            yield rows

    def _matching(self, match: str, role: int, kinds: frozenset[str]) -> Iterator[_Row]:
        """Entries that FTS5 finds, in the order of their numbers."""
        if not match:
            return
        for start, end in self._ranges_of(role, kinds, merge=True):
            for found in self._db.execute(
                f"SELECT {_COLUMNS} FROM full CROSS JOIN entry ON entry.id = full.rowid "  # noqa: S608 - a constant
                "CROSS JOIN thing ON thing.id = entry.thing "
                "WHERE full MATCH ? AND full.rowid >= ? AND full.rowid < ? ORDER BY full.rowid",
                (match, start, end),
            ):
                yield _Row(*found[1:])

    def _ranges_of(self, role: int, kinds: frozenset[str], *, merge: bool) -> list[tuple[int, int]]:
        """Ranges of numbers, in order: one for each wanted kind, or one for all where nothing is left out."""
        ranges = [
            numbers for (found, kind), numbers in self._ranges.items() if found == role and (not kinds or kind in kinds)
        ]
        return [(ranges[0][0], ranges[-1][1])] if merge and not kinds and ranges else ranges

    def _alternatives(self, word: str) -> dict[str, int]:
        """Words of the index that this one may be meant to be → number of mistyped letters, nearest first."""
        if len(word) not in _TYPO_LENGTHS:
            return {}
        most = 1 if len(word) < 8 else 2
        near = {other: edits for other in self._similar(word, most) if 0 < (edits := _edits(word, other, most)) <= most}
        ordered = sorted(near.items(), key=lambda pair: (pair[1], pair[0]))
        return dict(ordered[:_MAX_ALTERNATIVES])

    def _similar(self, word: str, most: int) -> set[str]:
        """Words that share enough trigrams, or that swap two neighbours (which spoils four trigrams)."""
        swapped = [word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)]
        marks = ", ".join("?" * len(swapped))
        found = {
            row[0]
            for row in self._db.execute(f"SELECT word FROM word WHERE word IN ({marks})", swapped)  # noqa: S608 - question marks only
        }
        padded = f"<{word}>"
        grams = sorted({padded[at : at + 3] for at in range(len(padded) - 2)})
        holders = " UNION ALL ".join(["SELECT rowid AS holder FROM gram WHERE gram MATCH ?"] * len(grams))
        rows = self._db.execute(
            f"SELECT word FROM (SELECT holder, count(*) AS shared FROM ({holders}) "  # noqa: S608 - repeats a constant
            "GROUP BY holder HAVING shared >= ?) JOIN word ON word.id = holder "
            "WHERE abs(length(word) - ?) <= ? ORDER BY shared DESC, word LIMIT ?",
            [*(f'"{gram}"' for gram in grams), max(1, len(grams) - 3 * most), len(word), most, _MAX_SIMILAR],
        )
        return found.union(row[0] for row in rows)

    def _hit(self, tier: int, row: _Row, language: str) -> Hit:
        labels = self._db.execute(
            "SELECT text FROM entry WHERE thing = (SELECT id FROM thing WHERE iri = ?) AND role = 0 "
            "ORDER BY language != ?, language != 'en', language, text LIMIT 1",
            (row.iri, language),
        ).fetchone()
        label = labels[0] if labels else row.text
        return Hit(row.iri, row.kind, label, row.text, ROLES[row.role], round(1 - tier / _TIERS, 3))


def _any_of(first: str, *words: str) -> str:
    """FTS5's query for any of these; empty where there is none."""
    terms = [*filter(None, [first]), *(f'"{word}"' for word in words)]
    return f"({' OR '.join(terms)})" if terms else ""


def _ranges(db: sqlite3.Connection) -> dict[tuple[int, str], tuple[int, int]]:
    """(Role, kind) → the numbers of its entries, from and before; in order."""
    ranges: dict[tuple[int, str], tuple[int, int]] = {}
    (last,) = db.execute("SELECT ifnull(max(id), 0) FROM entry").fetchone()
    start = 0
    while found := db.execute("SELECT role, kind FROM entry WHERE id >= ? ORDER BY id LIMIT 1", (start,)).fetchone():
        place = tuple(found)

        def after(row: tuple[Any, ...], place: tuple[Any, ...] = place) -> bool:
            return row[1:] != place

        end = _bisect(db, "SELECT id, role, kind FROM entry", start, last + 1, after)
        ranges[found[0], found[1]] = (start, end)
        start = end
    return ranges


def _edits(one: str, other: str, most: int) -> int:
    """Letters to change, add, drop or swap with their neighbour between two words; more than ``most`` is ``most + 1``.

    Source: optimal string alignment, the restricted distance of F. J. Damerau, CACM 7 (1964).
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, against in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


# ---------------------------------------------------------------------------------------------------------------------
# What can go wrong


def _check_sqlite() -> None:
    """Ask SQLite for what an index needs.

    Raises:
        ReleaseError: it has no FTS5, or one without the trigram tokenizer.
    """
    with closing(sqlite3.connect(":memory:")) as db:
        for tokenizer in _TOKENIZERS:
            name = tokenizer.split()[0]
            try:
                db.execute(f"CREATE VIRTUAL TABLE {name}_probe USING fts5(x, tokenize='{tokenizer}')")
            except sqlite3.Error as error:
                raise ReleaseError(
                    f"The search index needs SQLite 3.34 or newer with FTS5 and its tokenizer '{name}', but "
                    f"SQLite {sqlite3.sqlite_version} of this Python says: {error}. Use another build of Python."
                ) from None


def _check_format(db: sqlite3.Connection, file: Path) -> None:
    (found,) = db.execute("PRAGMA user_version").fetchone()
    if found > _FORMAT:
        raise ReleaseError(f"The search index {file} was made by a newer integgraph. Update integgraph.")
    if found != _FORMAT:
        raise ReleaseError(f"The file {file} is not a search index of integgraph. Build the release again.")


@contextmanager
def _errors(file: Path) -> Iterator[None]:
    """What SQLite and the disk say, in words."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise ReleaseError(
            f"The search index {file} cannot be read or written: {error}. Free some space if the disk is full; "
            "otherwise build the release again."
        ) from error
