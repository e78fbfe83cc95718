"""What changed between two releases of one graph, in the words of the form.

The dumps of both releases are sorted, so one pass over both finds every statement that came or went, and a look-up by
its first words finds what stands in either. Statements that the view only took over from another edition of the same
network, with the same content, are no change of the network.
"""

from __future__ import annotations

import mmap
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import pyoxigraph as ox

from integgraph.errors import ReleaseError
from integgraph.ontology import DCT, IG, ORG, PREFIXES, RDF, RDFS, SH, SKOS, VOCABULARY, Field, Ontology, text_of
from integgraph.release import Release

_SHOWN = 10  # things named in one list of the text
_SHOWN_NETWORKS = 25  # networks described one by one in the text
_BLOCK = 1 << 20
_PORTION = 10_000  # lines that are parsed together
_TYPE, _REPLACED = RDF + "type", DCT + "isReplacedBy"
_LABELS = (SKOS + "prefLabel", RDFS + "label", SH + "name")
_MEMBER = re.compile(rb"<[^>]*> <" + re.escape(ORG + "member").encode() + rb"> <([^>]*)> \.\n")
_KINDS = {"actor": "actors", "group": "groups", "place": "places"}


@dataclass(frozen=True, slots=True, order=True)
class Thing:
    """Something that has a name.

    Attributes:
        id: Short name, unique in the graph: ``network:harz``, ``voc:field/housing``, ``ig:Network``.
        iri: The whole IRI.
        label: Its label in English, else in German, else in any language; empty where it has none.

    >>> print(Thing("network:harz", "https://example.org/id/network/harz", "Netzwerk Harz"))
    Netzwerk Harz (network:harz)
    """

    id: str
    iri: str
    label: str = ""

    def __str__(self) -> str:
        return f"{self.label} ({self.id})" if self.label else self.id

    def as_data(self) -> dict[str, Any]:
        """``id``, ``iri`` and ``label``."""
        return {"id": self.id, "iri": self.iri, "label": self.label}


@dataclass(frozen=True, slots=True)
class Group:
    """Things of one kind that came, went or stayed with other statements; each sorted by id."""

    added: tuple[Thing, ...] = ()
    removed: tuple[Thing, ...] = ()
    changed: tuple[Thing, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def as_data(self) -> dict[str, Any]:
        """``added``, ``removed`` and ``changed``: lists of things."""
        return {name: [each.as_data() for each in getattr(self, name)] for name in ("added", "removed", "changed")}

    def __str__(self) -> str:
        return f"{len(self.added)} added, {len(self.removed)} removed, {len(self.changed)} changed"


@dataclass(frozen=True, slots=True)
class Change:
    """What changed about one network or one profile that is in both releases.

    Attributes:
        fields: Keys of the fields whose answer changed, in the order of the form; none where only something derived
            from other things changed, such as a label.
        joined: Members that the newer list names and the older one does not.
        no_longer_listed: Members that only the older list names. It does not say that they left: a newer source may
            just not name them.
    """

    fields: tuple[str, ...] = ()
    joined: tuple[Thing, ...] = ()
    no_longer_listed: tuple[Thing, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything that changed from one release to another.

    Attributes:
        old, new: The releases' ids.
        same_content: Both have the same content hash.
        counts: What the manifests count → (before, after).
        versions: Software and ontology → (before, after).
        quads_added, quads_removed: Statements, each counted in every graph that holds it.
        networks, profiles: What came, went and changed. A network changes when an answer of its current view does; a
            profile, when anything that it states does.
        details: By IRI of a changed network or profile: what changed about it.
        merged: (Thing, what it is now part of the history of), decided to be the same since the older release.
        split: (Thing, what it was the same as), no longer decided to be the same.
        terms: Terms of the ontology, the form and the vocabularies.
        things: By kind: actors, groups, places and whatever else has a name and is none of the above.
        field_names: Key → English name of every field of the form.
    """

    old: str
    new: str
    same_content: bool
    counts: Mapping[str, tuple[int, int]]
    versions: Mapping[str, tuple[str, str]]
    quads_added: int = 0
    quads_removed: int = 0
    networks: Group = Group()
    profiles: Group = Group()
    details: Mapping[str, Change] = field(default_factory=dict)
    merged: tuple[tuple[Thing, Thing], ...] = ()
    split: tuple[tuple[Thing, Thing], ...] = ()
    terms: Group = Group()
    things: Mapping[str, Group] = field(default_factory=dict)
    field_names: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether any statement changed."""
        return bool(self.quads_added or self.quads_removed)

    def as_data(self) -> dict[str, Any]:
        """The changes as plain data for JSON, sorted.

        ========== ==================================================================================================
        Key        Value
        ========== ==================================================================================================
        from, to   ids of the releases
        counts     name → ``before``, ``after``: the counts of both manifests
        versions   name → ``before``, ``after``
        quads      ``added``, ``removed``: numbers of statements
        networks   ``added``, ``removed``, ``changed``: lists of things (``id``, ``iri``, ``label``); a changed one
                   also has ``fields`` (keys), ``joined`` and ``no_longer_listed`` (things)
        profiles   the same; a changed one also has ``fields``
        merged     list of ``thing``, ``into``
        split      list of ``thing``, ``from``
        terms      ``added``, ``removed``, ``changed``: lists of things
        things     kind → ``added``, ``removed``, ``changed``
        ========== ==================================================================================================
        """
        return {
            "from": self.old,
            "to": self.new,
            "counts": _pairs(self.counts),
            "versions": _pairs(self.versions),
            "quads": {"added": self.quads_added, "removed": self.quads_removed},
            "networks": self._with_details(self.networks, members=True),
            "profiles": self._with_details(self.profiles, members=False),
            "merged": [{"thing": thing.as_data(), "into": into.as_data()} for thing, into in self.merged],
            "split": [{"thing": thing.as_data(), "from": other.as_data()} for thing, other in self.split],
            "terms": self.terms.as_data(),
            "things": {kind: group.as_data() for kind, group in sorted(self.things.items())},
        }

    def _with_details(self, group: Group, *, members: bool) -> dict[str, Any]:
        data = group.as_data()
        for each in data["changed"]:
            change = self.details.get(each["iri"], Change())
            each["fields"] = list(change.fields)
            if members:
                each["joined"] = [thing.as_data() for thing in change.joined]
                each["no_longer_listed"] = [thing.as_data() for thing in change.no_longer_listed]
        return data

    def as_text(self, *, whole: bool = False) -> str:
        """The changes in plain sentences: first the summary, then network by network.

        Args:
            whole: Name everything; otherwise long lists end with "… and N more".

        >>> print(Changes("a", "b", False, {"networks": (1, 2)}, {}, quads_added=3).as_text())
        From release a to release b:
        Statements: 3 added, 0 removed.
        Before and after: networks 1 → 2.
        """
        if self.same_content:
            return "Nothing changed."
        shown = None if whole else _SHOWN
        lines = [f"From release {self.old} to release {self.new}:", *self._summary(), ""]
        lines += _listed("Networks added", self.networks.added, shown)
        lines += _listed("Networks removed", self.networks.removed, shown)
        lines += self._each(self.networks, None if whole else _SHOWN_NETWORKS, "network", shown)
        lines += _listed("Profiles added", self.profiles.added, shown)
        lines += _listed("Profiles removed", self.profiles.removed, shown)
        lines += self._each(self.profiles, shown, "profile", shown)
        lines += _listed("Merged", [f"{thing} is now {into}" for thing, into in self.merged], shown)
        lines += _listed("Split", [f"{thing} is no longer {other}" for thing, other in self.split], shown)
        for title, group in (("Terms", self.terms), *((_plural(kind), group) for kind, group in self._sorted_things())):
            for how in ("added", "removed", "changed"):
                lines += _listed(f"{title} {how}", getattr(group, how), shown)
        return "\n".join(lines).rstrip()

    def _sorted_things(self) -> list[tuple[str, Group]]:
        return sorted(self.things.items())

    def _summary(self) -> Iterator[str]:
        if not self:
            yield "No statement of the graph changed."
        else:
            yield f"Statements: {self.quads_added} added, {self.quads_removed} removed."
        groups = (("Networks", self.networks), ("Profiles", self.profiles), ("Terms", self.terms))
        for title, group in (*groups, *((_plural(kind), group) for kind, group in self._sorted_things())):
            if group:
                yield f"{title}: {group}."
        if self.merged or self.split:
            yield f"Identities: {len(self.merged)} merged, {len(self.split)} split."
        moved = [f"{name.replace('_', ' ')} {a} → {b}" for name, (a, b) in sorted(self.counts.items()) if a != b]
        moved += [f"version of {name} {a} → {b}" for name, (a, b) in sorted(self.versions.items()) if a != b]
        if moved:
            yield f"Before and after: {', '.join(moved)}."

    def _each(self, group: Group, most: int | None, kind: str, shown: int | None) -> Iterator[str]:
        for thing in group.changed[:most]:
            change = self.details.get(thing.iri, Change())
            names = [self.field_names.get(key, key) for key in change.fields]
            what = ", ".join(names) if names else "only facts derived from others"
            yield f"{kind.capitalize()} changed: {thing}: {what}."
            yield from ("  " + line for line in _listed("Joined the list of members", change.joined, shown))
            yield from ("  " + line for line in _listed("No longer listed", change.no_longer_listed, shown))
        if most is not None and len(group.changed) > most:
            yield f"… and {len(group.changed) - most} more {kind}s changed."


def _pairs(values: Mapping[str, tuple[Any, Any]]) -> dict[str, dict[str, Any]]:
    return {name: {"before": before, "after": after} for name, (before, after) in sorted(values.items())}


def _listed(title: str, items: Sequence[object], most: int | None) -> list[str]:
    """One line, or none where there is nothing to list."""
    if not items:
        return []
    rest = 0 if most is None else max(0, len(items) - most)
    text = "; ".join(map(str, items[:most]))
    return [f"{title}: {text}" + (f"; … and {rest} more." if rest else ".")]


def _plural(kind: str) -> str:
    return _KINDS.get(kind, kind).capitalize()


def compare_releases(old: Release, new: Release, ontology: Ontology) -> Changes:
    """Find what changed from one release to another.

    Both dumps are read once; memory grows with what changed, not with the releases.

    Args:
        old: The release before.
        new: The release after.
        ontology: The ontology whose form gives the fields.

    Raises:
        ReleaseError: the releases are of different graphs, or a dump is missing or damaged.
    """
    _check_comparable(old, new)
    counts, versions = (_both(old, new, part) for part in ("counts", "versions"))
    if old.content_hash == new.content_hash:
        return Changes(old.id, new.id, True, counts, versions)
    with ExitStack() as stack:
        dumps = [stack.enter_context(_Dump(release.dump)) for release in (old, new)]
        return _Comparison(old, new, ontology, dumps[0], dumps[1]).result(counts, versions)


def compare_profiles(old: Release, new: Release, ontology: Ontology) -> Group:
    """Find which profiles came, went and changed from one release to another, and nothing else.

    Both dumps are read once; memory grows with the number of profiles that differ, not with their statements.

    Args:
        old: The release before.
        new: The release after.
        ontology: The ontology that the form belongs to.

    Raises:
        ReleaseError: the releases are of different graphs, or a dump is missing or damaged.
    """
    _check_comparable(old, new)
    if old.content_hash == new.content_hash:
        return Group()
    with ExitStack() as stack:
        dumps = [stack.enter_context(_Dump(release.dump)) for release in (old, new)]
        return _Comparison(old, new, ontology, dumps[0], dumps[1]).profiles()


def _check_comparable(old: Release, new: Release) -> None:
    if old.base_iri != new.base_iri:
        raise ReleaseError(
            f"The releases {old.id} and {new.id} cannot be compared: the IRIs of the first begin with {old.base_iri}, "
            f"those of the second with {new.base_iri}. Compare two releases of one graph."
        )


def _both(old: Release, new: Release, part: str) -> dict[str, tuple[Any, Any]]:
    before, after = (dict(release.manifest.get(part, {})) for release in (old, new))
    nothing: Any = 0 if part == "counts" else "none"
    return {name: (before.get(name, nothing), after.get(name, nothing)) for name in sorted({*before, *after})}


# ---------------------------------------------------------------------------------------------------------------------
# Sorted dumps


class _Dump:
    """A sorted N-Quads file, read where it lies."""

    def __init__(self, file: Path) -> None:
        try:
            with file.open("rb") as opened:
                self._map = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) if file.stat().st_size else None
        except OSError as error:
            raise ReleaseError(
                f"The dump {file} cannot be read: {error.strerror}. Choose another release, or build this one again."
            ) from None
        self.file = file
        self.data: mmap.mmap | bytes = b"" if self._map is None else self._map

    def __enter__(self) -> _Dump:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._map is not None:
            self._map.close()

    def line(self, start: int) -> bytes | None:
        """The line that begins here, with its end; ``None`` at the end of the file."""
        return self.data[start : self._end(start)] if start < len(self.data) else None

    def beginning_with(self, *starts: str) -> Iterator[bytes]:
        """Lines of the current view and of profiles that begin with one of these texts."""
        for text in starts:
            prefix = text.encode()
            place = self._first(prefix)
            while (line := self.line(place)) is not None and line.startswith(prefix):
                yield line
                place += len(line)

    def parse(self, lines: Iterable[bytes]) -> Iterator[ox.Quad]:
        """The statements in these lines of the file."""
        try:
            yield from ox.parse(b"".join(lines), format=ox.RdfFormat.N_QUADS)
        except (SyntaxError, ValueError) as error:
            raise ReleaseError(f"The dump {self.file} is damaged: {error}. Build the release again.") from None

    def _first(self, prefix: bytes) -> int:
        """Where the first line stands that is not before ``prefix``."""
        low, high = 0, len(self.data)
        while low < high:
            start = self.data.rfind(b"\n", low, (low + high) // 2) + 1 or low
            end = self._end(start)
            if self.data[start:end] < prefix:
                low = end
            else:
                high = start
        return low

    def _end(self, start: int) -> int:
        return self.data.find(b"\n", start) + 1 or len(self.data)


def _differences(old: _Dump, new: _Dump) -> Iterator[tuple[bool, bytes]]:
    """(Whether it is new, line) of every line that only one dump holds."""
    at_old = at_new = 0
    while True:
        same = _common(old.data, at_old, new.data, at_new)
        at_old, at_new = at_old + same, at_new + same
        left, right = old.line(at_old), new.line(at_new)
        if left is None and right is None:
            return
        while left != right:
            if left is not None and (right is None or left < right):
                yield False, left
                at_old += len(left)
                left = old.line(at_old)
            elif right is not None:
                yield True, right
                at_new += len(right)
                right = new.line(at_new)


def _common(old: mmap.mmap | bytes, at_old: int, new: mmap.mmap | bytes, at_new: int) -> int:
    """Length of the whole lines from here on that are equal, found in growing blocks."""
    length, size = 0, 256
    while True:
        left = old[at_old + length : at_old + length + size]
        right = new[at_new + length : at_new + length + size]
        if left != right:
            length += _common_start(left, right)
            end = old.rfind(b"\n", at_old, at_old + length)
            return 0 if end < 0 else end + 1 - at_old
        length += len(left)
        if len(left) < size:
            return length
        size = min(size * 4, _BLOCK)


def _common_start(left: bytes, right: bytes) -> int:
    """Length of the common beginning of two different texts."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


# ---------------------------------------------------------------------------------------------------------------------
# What the differences mean


class _Fields:
    """The field of the form that a statement answers."""

    def __init__(self, ontology: Ontology) -> None:
        form = ontology.form
        self.form = form
        self.order = {each.key: place for place, each in enumerate(form.fields)}
        self._by_path: dict[str, str] = {}
        owners: dict[str, set[str]] = defaultdict(set)
        for each in form.fields:
            self._by_path[each.path] = each.key
            for path in ontology.bounds.get(each.path, ()):
                if path:
                    self._by_path.setdefault(path, each.key)
            for part in _parts(each):
                owners[part.key].add(each.key)
                if part.lift:
                    self._by_path.setdefault(part.path, each.key)
        self._by_part = {key: next(iter(found)) for key, found in owners.items() if len(found) == 1}
        self.nodes = sorted({_kind_of(each.node.target) for each in form.fields if each.node})

    def by_path(self, path: str) -> str | None:
        """The field that this property states directly of a network or profile."""
        return self._by_path.get(path)

    def by_name(self, kind: str, rest: str) -> str | None:
        """The field of a statement, from the end of its IRI.

        It is the field's key, or the key of a part that only one field has. The statement around a part is named by
        its content, so it changes too where the part is one of several fields.
        """
        if kind == "source":
            return self._by_path.get(PREFIXES["prov"] + "wasDerivedFrom")
        key = rest.partition("-")[0]
        return key if self.form.get(key) else self._by_part.get(key)

    def of_network(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Those of these keys that describe the network, in the order of the form."""
        return self.sorted(key for key in keys if not self.form.field(key).profile)

    def sorted(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Distinct keys in the order of the form."""
        return tuple(sorted(set(keys), key=lambda key: self.order[key]))


def _parts(each: Field) -> Iterator[Field]:
    for part in each.node.parts if each.node else ():
        yield part
        yield from _parts(part)


def _kind_of(class_iri: str) -> str:
    """What the IRIs of the statements of a class begin with: ``funding-flow`` for ``ig:FundingFlow``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", class_iri.rpartition("#")[2]).lower()


class _Comparison:
    """Sorts the differences of two dumps by what they are about."""

    def __init__(self, old: Release, new: Release, ontology: Ontology, old_dump: _Dump, new_dump: _Dump) -> None:
        self.old, self.new = old, new
        self.base = new.base_iri
        self.old_dump, self.new_dump = old_dump, new_dump
        self.fields = _Fields(ontology)
        self.names = {each.key: each.name("en") for each in ontology.form.fields}
        self.subjects: set[str] = set()  # of the current view
        self.view: dict[bool, Counter[tuple[str, str, str]]] = {False: Counter(), True: Counter()}
        self.replaced: dict[bool, dict[str, str]] = {False: {}, True: {}}
        self.stated: dict[str, set[tuple[str, str]]] = defaultdict(set)  # profile → (subject, property)
        self._things: dict[str, Thing] = {}

    def result(self, counts: Mapping[str, tuple[int, int]], versions: Mapping[str, tuple[str, str]]) -> Changes:
        lines: dict[bool, list[bytes]] = {False: [], True: []}
        for is_new, line in _differences(self.old_dump, self.new_dump):
            lines[is_new].append(line)
        for is_new, found in lines.items():
            self._read(is_new, found)
        profiles = self._sort(self.stated, "profile", IG + "Profile")
        stated = {each.iri: self._stated(each.iri) for each in profiles.changed}
        viewed = self._viewed(stated)
        networks = self._sort([*self._networks(), *viewed], "network", IG + "Network")
        networks = Group(
            networks.added, networks.removed, tuple(each for each in networks.changed if each.iri in viewed)
        )
        details = {iri: Change(self.fields.sorted(keys)) for iri, keys in stated.items()}
        for each in networks.changed:
            details[each.iri] = self._change(each.iri, viewed[each.iri])
        return Changes(
            self.old.id,
            self.new.id,
            False,
            counts,
            versions,
            len(lines[True]),
            len(lines[False]),
            networks,
            profiles,
            details,
            self._identities(True),
            self._identities(False),
            self._sort((iri for iri in self.subjects if iri.startswith((IG, VOCABULARY))), "", None),
            self._others(),
            self.names,
        )

    def profiles(self) -> Group:
        """Profiles with a statement that only one dump holds."""
        found: set[str] = set()
        ending = f" <{self.base}profile/".encode()
        portions: dict[bool, list[bytes]] = {False: [], True: []}
        for is_new, line in _differences(self.old_dump, self.new_dump):
            if ending in line:
                portions[is_new].append(line)
            if len(portions[is_new]) >= _PORTION:
                found.update(self._graphs(is_new, portions[is_new]))
                portions[is_new].clear()
        for is_new, lines in portions.items():
            found.update(self._graphs(is_new, lines))
        return self._sort(found, "profile", IG + "Profile")

    def _graphs(self, is_new: bool, lines: Sequence[bytes]) -> Iterator[str]:
        for quad in (self.new_dump if is_new else self.old_dump).parse(lines):
            if not isinstance(quad.graph_name, ox.DefaultGraph):
                yield text_of(quad.graph_name)

    def _read(self, is_new: bool, lines: list[bytes]) -> None:
        dump = self.new_dump if is_new else self.old_dump
        for quad in dump.parse(lines):
            self._take(is_new, quad)

    def _take(self, is_new: bool, quad: ox.Quad) -> None:
        subject, predicate = text_of(quad.subject), quad.predicate.value
        if not isinstance(quad.graph_name, ox.DefaultGraph):
            self.stated[text_of(quad.graph_name)].add((subject, predicate))
            return
        self.subjects.add(subject)
        self.view[is_new][self._of_network(subject), predicate, self._of_network_term(quad.object)] += 1
        if predicate == _REPLACED:
            self.replaced[is_new][subject] = text_of(quad.object)

    # -- IRIs: <base>kind/name for things, <base>kind/slug.rest for what a profile states

    def _split(self, iri: str) -> tuple[str, str, str]:
        """(Kind, name or slug, rest); an empty kind for what is not a thing of this graph."""
        if not iri.startswith(self.base):
            return "", iri, ""
        kind, slash, name = iri[len(self.base) :].partition("/")
        slug, _, rest = name.partition(".")
        return (kind, slug, rest) if slash else ("", iri, "")

    def _of_network(self, iri: str) -> str:
        """An IRI without the edition of the profile that states it, so that equal answers of two editions are equal."""
        kind, slug, rest = self._split(iri)
        return f"{self.base}{kind}/{slug.partition('--')[0]}.{rest}" if rest else iri

    def _of_network_term(self, term: Any) -> str:
        return self._of_network(term.value) if isinstance(term, ox.NamedNode) else str(term)

    # -- sorting

    def _networks(self) -> Iterator[str]:
        for iri in self.subjects:
            kind, name, rest = self._split(iri)
            if kind == "network":
                yield iri
            elif rest:
                yield f"{self.base}network/{name.partition('--')[0]}"

    def _others(self) -> dict[str, Group]:
        kinds: dict[str, list[str]] = defaultdict(list)
        for iri in self.subjects:
            kind, _, rest = self._split(iri)
            if kind and not rest and kind not in ("network", "profile", "reading"):
                kinds[kind].append(iri)
        groups = {kind: self._sort(found, kind, None) for kind, found in sorted(kinds.items())}
        return {kind: group for kind, group in groups.items() if group}

    def _sort(self, iris: Iterable[str], kind: str, class_iri: str | None) -> Group:
        """Sort things into those that only the new view holds, only the old one, and both; merged ones apart."""
        added, removed, changed = [], [], []
        for iri in set(iris):
            if kind and self._split(iri)[0] != kind:
                continue
            before = _is_a(self.old_dump, iri, class_iri)
            after = _is_a(self.new_dump, iri, class_iri)
            if before and after:
                changed.append(self._thing(iri))
            elif after and iri not in self.replaced[False]:
                added.append(self._thing(iri))
            elif before and iri not in self.replaced[True]:
                removed.append(self._thing(iri))
        return Group(tuple(sorted(added)), tuple(sorted(removed)), tuple(sorted(changed)))

    def _identities(self, is_new: bool) -> tuple[tuple[Thing, Thing], ...]:
        """What was merged (new redirects), or split (redirects that are gone, not those with another end)."""
        pairs = self.replaced[is_new].items()
        return tuple(
            sorted(
                (self._thing(iri), self._thing(other))
                for iri, other in pairs
                if is_new or iri not in self.replaced[True]
            )
        )

    # -- fields

    def _viewed(self, stated: Mapping[str, set[str]]) -> dict[str, set[str]]:
        """Network → keys of the fields whose answer in the current view changed; empty where none did but something."""
        found: dict[str, set[str]] = defaultdict(set)
        before, after = self.view[False], self.view[True]
        described = set()
        for subject, predicate, _ in (after - before) + (before - after):
            kind, name, rest = self._split(subject)
            if kind in ("source", "warning", "reading", "profile"):
                continue  # said about a profile, not about the network
            if kind == "network":
                key = self.fields.by_path(predicate)
            elif rest:
                key = self.fields.by_name(kind, rest)
            else:
                described.add(subject)
                continue
            if key is None or not self.fields.form.field(key).profile:
                found[f"{self.base}network/{name}"].update([key] if key else [])
        for profile in stated:
            network = f"{self.base}network/{self._split(profile)[1].partition('--')[0]}"
            for actor in sorted({subject for subject, _ in self.stated[profile]} & described):
                found[network].update(self.fields.of_network(self._naming(profile, actor)))
        return found

    def _stated(self, profile: str) -> set[str]:
        """Keys of the fields whose answer in this profile changed."""
        keys: set[str] = set()
        for subject, predicate in self.stated[profile]:
            kind, _, rest = self._split(subject)
            if kind in ("network", "profile"):
                key = self.fields.by_path(predicate)
                keys.update([key] if key else [])
            elif rest:
                key = self.fields.by_name(kind, rest)
                keys.update([key] if key else [])
            elif kind:
                keys.update(self._naming(profile, subject))
        return keys

    def _naming(self, profile: str, actor: str) -> tuple[str, ...]:
        """The field in which a profile first names this actor, and so describes it; none where it names it nowhere."""
        slug = self._split(profile)[1]
        starts = [f"<{self.base}{kind}/{slug}." for kind in self.fields.nodes]
        keys: set[str] = set()
        named, graph = f" <{actor}> ".encode(), f" <{profile}> .\n".encode()
        for dump in (self.old_dump, self.new_dump):
            for line in dump.beginning_with(*starts):
                if named in line and line.endswith(graph):
                    kind, _, rest = self._split(line[1 : line.index(b">")].decode())
                    key = self.fields.by_name(kind, rest)
                    keys.update([key] if key else [])
        return self.fields.sorted(keys)[:1]

    # -- members

    def _change(self, network: str, keys: set[str]) -> Change:
        fields = self.fields.of_network(keys)
        if not any(self.fields.form.field(key).path == IG + "membership" for key in fields):
            return Change(fields)
        before, after = self._members(self.old_dump, network), self._members(self.new_dump, network)
        joined = (self._thing(after[each]) for each in after.keys() - before.keys())
        gone = (self._thing(before[each]) for each in before.keys() - after.keys())
        return Change(fields, tuple(sorted(joined)), tuple(sorted(gone)))

    def _members(self, dump: _Dump, network: str) -> dict[str, str]:
        """Members in the current view: who they are, whatever was merged or split since → IRI."""
        name = self._split(network)[1]
        start = f"<{self.base}membership/{name}"
        found = (_MEMBER.fullmatch(line) for line in dump.beginning_with(start + ".", start + "--"))
        members = (match[1].decode() for match in found if match)
        return {self._canonical(iri): iri for iri in members}

    def _canonical(self, iri: str) -> str:
        for replaced in (self.replaced[False], self.replaced[True]):
            iri = replaced.get(iri, iri)
        return iri

    # -- names

    def _thing(self, iri: str) -> Thing:
        if iri not in self._things:
            self._things[iri] = Thing(self._id(iri), iri, self._label(iri))
        return self._things[iri]

    def _id(self, iri: str) -> str:
        kind, name, rest = self._split(iri)
        if kind:
            return f"{kind}:{name}" + (f".{rest}" if rest else "")
        found = [(start, prefix) for prefix, start in PREFIXES.items() if iri.startswith(start)]
        start, prefix = max(found, default=("", ""))
        return f"{prefix}:{iri[len(start) :]}" if found else iri

    def _label(self, iri: str) -> str:
        if self._split(iri)[0] == "profile":
            iri = f"{self.base}network/{self._split(iri)[1].partition('--')[0]}"
        for dump in (self.new_dump, self.old_dump):
            lines = dump.beginning_with(*(f"<{iri}> <{path}> " for path in _LABELS))
            texts = sorted(
                (_LANGUAGES.get(quad.object.language or "", 2), quad.object.language or "", quad.object.value)
                for quad in dump.parse(lines)
                if isinstance(quad.object, ox.Literal) and isinstance(quad.graph_name, ox.DefaultGraph)
            )
            if texts:
                return texts[0][2]
        return ""


_LANGUAGES = {"en": 0, "de": 1}


def _is_a(dump: _Dump, iri: str, class_iri: str | None) -> bool:
    """Whether the current view says that this is a thing (of a class)."""
    wanted = f"<{class_iri}> .\n".encode() if class_iri else b""
    start = f"<{iri}> <{_TYPE}> "
    for line in dump.beginning_with(start):
        rest = line[len(start.encode()) :]
        if rest == wanted if wanted else rest.count(b"<") == 1:
            return True
    return False
