r"""JSON-LD: a description as one nested document in the words of our context, and schema.org for search engines.

A document is framed: the thing stands at the top, each statement about it where it is first referred to, and what
points at the thing (absences, profiles with their evidence) under ``@reverse``. Nothing is left out: read with its
context, it gives exactly the triples it was made of.

>>> import pyoxigraph as ox
>>> node, name = ox.NamedNode("https://e.example/id/network/harz"), ox.NamedNode("https://e.example/label")
>>> terms = {"id": "@id", "label": {"@id": "https://e.example/label", "@container": "@language"}}
>>> frame([ox.Triple(node, name, ox.Literal("Harz", language="de"))], node.value, terms)
{'id': 'https://e.example/id/network/harz', 'label': {'de': 'Harz'}}

Source: JSON-LD 1.1, sections 4.1.8 (property-scoped contexts), 4.6.1 (language maps), 4.8 (reverse properties);
JSON-LD 1.1 Framing, section 2.3.4 (``@embed: @once``).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyoxigraph as ox

from integgraph.ontology import IG, RDF, SKOS, XSD, Ontology
from integgraph.resources import Entry, Page, Value

Context = Mapping[str, Any]
"""Terms of an active context: name → definition, as in a context document."""
_TYPE = RDF + "type"
_NAME, _POSITION = SKOS + "prefLabel", IG + "position"
_STRING = XSD + "string"
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,14}")
"""Integers that every reader of JSON keeps as they are."""


def frame(triples: Iterable[ox.Triple], root: str, context: Context) -> dict[str, Any]:
    """One nested document about ``root``; always the same for the same triples.

    Args:
        triples: What to say. Blank nodes need names that never vary.
        root: IRI of the thing at the top.
        context: The terms to say it in: the value of ``@context`` of a context document.

    Returns:
        The document without ``@context``.
    """
    return _Framer(triples).document(ox.NamedNode(root), _Active(context))


class _Active:
    """An active context: the terms that hold at one place in a document."""

    def __init__(self, terms: Context) -> None:
        self._terms = terms
        self._prefixes = {
            name: value
            for name, value in terms.items()
            if isinstance(value, str) and not name.startswith("@") and value.endswith(("#", "/"))
        }
        self._below: dict[str, _Active] = {}
        self._by_path: dict[str, list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
        for name, definition in terms.items():
            if isinstance(definition, Mapping):
                kind = self._expand(str(definition.get("@type", "")))
                self._by_path[self._expand(str(definition["@id"]))].append((name, {**definition, "@type": kind}))
        self._order = {path: place for place, path in enumerate(self._by_path)}

    def terms_for(self, path: str) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """Terms that stand for a property, in the order of the context."""
        return self._by_path.get(path, ())

    def place(self, path: str) -> tuple[bool, int, str]:
        """Where a property stands in a node: the name first, then the order of the form, then everything else."""
        return (path != _NAME, self._order.get(path, len(self._order)), path)

    def below(self, name: str, definition: Mapping[str, Any]) -> _Active:
        """The context of what stands below a term: its own terms over all others."""
        own = definition.get("@context")
        if not own:
            return self
        if name not in self._below:
            self._below[name] = _Active({**self._terms, **own})
        return self._below[name]

    def keyword(self, name: str) -> str:
        """The context's own word for ``@id`` or ``@type``, where it is not a field here."""
        alias = name.removeprefix("@")
        return alias if self._terms.get(alias) == name else name

    def compact(self, iri: str) -> str:
        """An IRI with a prefix of the context, else whole."""
        for prefix, namespace in self._prefixes.items():
            local = iri.removeprefix(namespace)
            if local != iri and local and not local.startswith("//"):
                return f"{prefix}:{local}"
        return iri

    def _expand(self, name: str) -> str:
        prefix, colon, local = name.partition(":")
        return self._prefixes[prefix] + local if colon and prefix in self._prefixes else name


class _Framer:
    """Triples on their way into a document; each subject is written out once."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self._said: dict[Any, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        for triple in sorted(set(triples), key=str):
            self._said[triple.subject][triple.predicate.value].append(triple.object)
        self._left = dict.fromkeys(self._said)
        self._written: dict[Any, tuple[dict[str, Any], _Active]] = {}

    def document(self, root: ox.NamedNode, context: _Active) -> dict[str, Any]:
        self._left.setdefault(root)  # it stands at the top even where it is only spoken of
        document = self.node(root, context)
        for subject in list(self._left):
            if subject in self._left:
                self._hang(subject, root)
        if self._left:
            document["@included"] = [self.node(each, context) for each in list(self._left) if each in self._left]
        return document

    def _hang(self, subject: Any, root: ox.NamedNode) -> None:
        """Put what refers to the root, or else to something in the document, under ``@reverse`` there."""
        links = [
            (value != root, path, str(value), value)
            for path, objects in self._said[subject].items()
            for value in objects
            if path != _TYPE and value in self._written
        ]
        if not links:
            return
        _, path, _, value = min(links, key=lambda link: link[:3])
        node, context = self._written[value]
        self._said[subject][path].remove(value)  # said by where it stands
        node.setdefault("@reverse", {}).setdefault(context.compact(path), []).append(self.node(subject, context))

    def node(self, term: Any, context: _Active) -> dict[str, Any]:
        """A subject with all that it says, or only its name where that stands elsewhere."""
        node: dict[str, Any] = {context.keyword("@id"): _name(term)}
        if term not in self._left:
            return node
        del self._left[term]
        self._written[term] = (node, context)
        said = self._said[term]
        types = said.get(_TYPE, [])
        if types:
            node[context.keyword("@type")] = _one_or_all([context.compact(_name(each)) for each in types])
        for path in sorted(said, key=context.place):
            if path != _TYPE:
                self._property(node, path, said[path], context)
        return node

    def _property(self, node: dict[str, Any], path: str, objects: Sequence[Any], context: _Active) -> None:
        """All values of one property: under the terms that fit them, the rest as they are."""
        rest = sorted(objects, key=self._position)
        for name, definition in context.terms_for(path):
            fitting = [each for each in rest if _fits(each, definition)]
            if fitting:
                node[name] = self._values(fitting, definition, context.below(name, definition))
                rest = [each for each in rest if each not in fitting]
        if rest:
            node[context.compact(path)] = _one_or_all([self._explicit(each, context) for each in rest])

    def _position(self, term: Any) -> int:
        """Place in the list that a statement stood in; 0 for what has none."""
        text = next((each.value for each in self._said[term].get(_POSITION, ())), "") if term in self._said else ""
        return int(text) if _WHOLE.fullmatch(text) else 0

    def _values(self, objects: Sequence[Any], definition: Mapping[str, Any], context: _Active) -> Any:
        """Values of a term, written as its definition says."""
        if definition.get("@container") == "@language":
            texts: dict[str, list[str]] = defaultdict(list)
            for each in objects:
                texts[each.language].append(each.value)
            return {language: _one_or_all(each) for language, each in sorted(texts.items())}
        if definition.get("@type") == "@id":
            values = [self.node(each, context) if each in self._left else _name(each) for each in objects]
        else:
            values = [_native(each) for each in objects]
        return values if definition.get("@container") == "@set" else _one_or_all(values)

    def _explicit(self, term: Any, context: _Active) -> Any:
        """A value that says itself what it is."""
        if not isinstance(term, ox.Literal):
            return self.node(term, context)
        if term.language:
            return {"@value": term.value, "@language": term.language}
        if term.datatype.value == _STRING:
            return term.value
        return {"@value": term.value, "@type": context.compact(term.datatype.value)}


def _name(term: Any) -> str:
    return f"_:{term.value}" if isinstance(term, ox.BlankNode) else str(term.value)


def _native(term: ox.Literal) -> Any:
    """A literal whose type the term gives; numbers and truths as JSON has them, where that is the very same."""
    kind, text = term.datatype.value, term.value
    if kind == XSD + "integer" and _WHOLE.fullmatch(text):
        return int(text)
    if kind == XSD + "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def _fits(term: Any, definition: Mapping[str, Any]) -> bool:
    """Whether a term of the context, read back, gives this very value."""
    wanted = definition.get("@type")
    if wanted == "@id":
        return not isinstance(term, ox.Literal)
    if not isinstance(term, ox.Literal):
        return False
    if definition.get("@container") == "@language":
        language = term.language or ""
        return bool(language) and language == language.lower()  # a reader may write a key of a language map smaller
    return not term.language and term.datatype.value == (wanted or _STRING)


# ---------------------------------------------------------------------------------------------------------------------
# schema.org


def data_block(data: Any) -> str:
    r"""JSON for a ``<script type="application/ld+json">``: no text in it can end the block, or begin another.

    >>> data_block({"name": "</script><b> & more"})
    '{"name": "\\u003c/script\\u003e\\u003cb\\u003e \\u0026 more"}'

    Source: HTML, section 4.12.1.3 (restrictions for contents of script elements).
    """
    text = json.dumps(data, ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


_KNOWN = {
    "label": "name",
    "name": "name",
    "official_name": "legalName",
    "name_variants": "alternateName",
    "description": "description",
    "mission": "slogan",
    "websites": "url",
    "homepage": "url",
    "email": "email",
    "fields_of_action": "knowsAbout",
    "other_collections": "sameAs",
}
"""Key of a field → property of schema.org that takes its texts."""
_ADDRESSES = ("url", "sameAs")
_PLACES = {"seat": "location", "place": "location", "area": "areaServed"}
"""Key of a field → property that takes places."""
_EXACT = frozenset({10, 7, 4})
"""Lengths of ``2015-09-01``, ``2015-09`` and ``2015``."""


def organization(page: Page, ontology: Ontology) -> dict[str, Any]:
    """A network or an actor for search engines. Source: schema.org, ``Organization``.

    Args:
        page: What its page says.
        ontology: Knows which roles make a member: guests and supporters are none.
    """
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Organization",
        "@id": page.iri,
        "name": page.title.text,
    }
    entries = {entry.key: entry for section in page.sections for entry in section.entries if entry.key}
    for key, entry in entries.items():
        texts = list(dict.fromkeys(value.text for value in entry.values))
        if key in _KNOWN and texts and _KNOWN[key] != "name":
            found[_KNOWN[key]] = _one_or_all(_links(entry) if _KNOWN[key] in _ADDRESSES else texts)
        elif key in _PLACES and entry.values:
            places = [{"@type": "Place", "@id": value.iri, "name": value.text} for value in entry.values]
            found[_PLACES[key]] = _one_or_all(places)
        elif key == "founded" and texts and _is_date(texts[0]):
            found["foundingDate"] = texts[0]
        elif key == "members" and entry.values:
            found["member"] = [_member(value) for value in entry.values if _counts(value, ontology)]
    return {key: value for key, value in found.items() if value}


def _counts(value: Value, ontology: Ontology) -> bool:
    """Whether a row of the members is a member: in a role that counts, and not only the name of a kind."""
    roles = [ontology.concept(role.iri) for part in value.parts if part.key == "roles" for role in part.values]
    counting = not roles or any(
        role is None or role.counts_as_member for role in roles
    )  # no role told is the usual one
    return counting and value.iri.split("/")[-2:-1] != ["group"]


def _member(value: Value) -> dict[str, str]:
    named = {"@type": "Organization", "name": value.text}
    return {**named, "@id": value.iri} if value.iri else named


def _links(entry: Entry) -> list[str]:
    addresses = (value.iri or value.text for value in entry.values)
    return [each for each in dict.fromkeys(addresses) if each.startswith(("http://", "https://"))]


def _one_or_all(values: Sequence[Any]) -> Any:
    return values[0] if len(values) == 1 else list(values)


def _is_date(text: str) -> bool:
    """Whether an EDTF text is a plain date: schema.org knows no "about" and no "perhaps"."""
    return len(text) in _EXACT and text.replace("-", "").isdigit()


def dataset(manifest: Mapping[str, Any], name: str, description: str, language: str) -> dict[str, Any]:
    """The release as a data set in a catalogue, for search engines. Source: schema.org, ``Dataset``, ``DataCatalog``.

    Args:
        manifest: The manifest of the release.
        name: Its title.
        description: What it is, in at least 50 characters.
        language: Language of both.
    """
    root = str(manifest["base_iri"]).removesuffix("id/")
    release = f"{root}releases/{manifest['id']}"
    catalogue = {"@type": "DataCatalog", "@id": f"{root}releases", "name": "integgraph", "url": root}
    files = (("dump.nq", "application/n-quads"), ("shapes.ttl", "text/turtle"))
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": release,
        "name": name,
        "description": description,
        "inLanguage": language,
        "url": root,
        "version": manifest["id"],
        "dateModified": manifest["created"],
        "license": manifest["licence"],
        "isAccessibleForFree": True,
        "includedInDataCatalog": catalogue,
        "conformsTo": IG.rstrip("#"),
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": media_type, "contentUrl": f"{release}/{part}"}
            for part, media_type in files
        ],
    }
