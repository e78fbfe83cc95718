"""Whatever a record says survives the ways it takes: to YAML and back, to triples and back.

The records are made from the form itself, so that a new field of an existing kind of value is tried at once.
"""

import os
import unicodedata
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integgraph.ingest import yamltext
from integgraph.ingest.kinds import _CONTROL
from integgraph.ingest.mapping import Iris, map_record, unmap
from integgraph.ingest.places import Gazetteer, Place
from integgraph.ingest.record import HEADER, REASONS, Record, RecordReader, to_data
from integgraph.ontology import UNCLASSIFIED, Field, Ontology, Shape

ONTOLOGY = Ontology.load()
PLACES = ["land", "kreis", "ort"]
READER = RecordReader(ONTOLOGY, Gazetteer.of(Place(name, {"de": name}, "town") for name in PLACES))
IRIS = Iris("https://example.org/id/")
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
LANGUAGES = ["de", "en", "it", "de-at"]
ORDERED = ("node", "concept", "practice")
"""Kinds of value whose list order a graph keeps."""

# `make fuzz` asks for many more, and for other ones each time.
EXAMPLES = int(os.environ.get("INTEGGRAPH_EXAMPLES", "60"))

bounded = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES == 60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

texts = st.one_of(
    st.sampled_from(
        ["no", "1", "2021-01", "~", "a: b", "- x", "x #y", "network", "é", "„Übung“", "two\nlines", "tail \nnext"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"], include_characters="\n\t"), min_size=1, max_size=30),
).filter(lambda text: unicodedata.normalize("NFC", text.strip()) == text != "" and not _CONTROL.search(text))


class Maker:
    """Makes the values of one record; knows which actors and sources it has already spoken of."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.actors: list[str] = []
        self.sources = draw(st.lists(st.sampled_from(["about", "report", "q-7"]), min_size=1, max_size=3, unique=True))

    def pick(self, options: Any) -> Any:
        return self.draw(st.sampled_from(list(options)))

    def several(self, one: st.SearchStrategy[Any], field: Field, most: int = 3) -> list[Any]:
        most = 1 if field.single else most
        return self.draw(st.lists(one, min_size=1, max_size=most, unique_by=repr))

    def values(self, field: Field) -> Any:
        """What stands behind a key: one value or a list of values."""
        values = self._values(field)
        return values[0] if isinstance(values, list) and len(values) == 1 and self.draw(st.booleans()) else values

    def _values(self, field: Field) -> Any:
        if field.kind in ("name", "text"):
            return self.texts(field)
        if field.kind == "node":
            return [self.node(field.node) for _ in range(1 if field.single else self.draw(st.integers(1, 2)))]
        if field.kind == "actor":
            return [self.actor() for _ in range(1 if field.single else self.draw(st.integers(1, 2)))]
        if field.kind in ("concept", "practice"):
            return [self.concept(field) for _ in range(self.draw(st.integers(1, 3)))]
        return self.several(self.simple(field), field)

    def texts(self, field: Field) -> Any:
        if field.unique_language or self.draw(st.booleans()):
            most = 1 if field.single else 2
            return self.draw(st.dictionaries(st.sampled_from(LANGUAGES), texts, min_size=1, max_size=most))
        return self.several(texts, field)

    def simple(self, field: Field) -> st.SearchStrategy[Any]:
        number = st.integers(0, 10**6)
        return {
            "boolean": st.sampled_from(["yes", "no"]),
            "choice": st.sampled_from(field.choices or ("-",)),
            "date": st.dates().filter(lambda day: 2020 <= day.year <= 2026).map(str),
            "decimal": number.map(str) | number.map(lambda n: f"{n}.25"),
            "edtf": st.sampled_from(["2015", "2015-09", "2015-09-01", "2015~", "201X", "2015/..", "2015-21"]),
            "email": st.sampled_from(["info@a.example", "kontakt@a.example"]),
            "field": st.sampled_from([each.key for each in ONTOLOGY.form.fields]),
            "integer": number.map(str),
            "network": st.sampled_from(["other", "a-b"]),
            "place": st.sampled_from(PLACES),
            "share": st.integers(0, 1000).map(lambda n: f"{n / 10}%"),
            "source": st.sampled_from(self.sources),
            "string": texts,
            "term": st.sampled_from(list(ONTOLOGY.scheme(field.scheme).concepts)) if field.scheme else st.nothing(),
            "url": st.sampled_from(
                ["https://a.example/", "http://ü.example/ä?q=1&r=%20#x", "https://b.example:8080/c"]
            ),
        }[field.kind]

    def concept(self, field: Field) -> Any:
        concepts = ONTOLOGY.scheme(field.scheme).concepts
        way = self.pick(["label", "any words", "mapping"])
        if way == "label":
            return concepts[self.pick(concepts)].label(self.pick(["en", "de"]))
        if way == "any words" and UNCLASSIFIED in concepts:
            return self.draw(texts)
        one = st.sampled_from(list(concepts))
        written: dict[str, Any] = {"concept": self.draw(one | st.lists(one, min_size=1, max_size=3))}
        if self.draw(st.booleans()):
            written["wording"] = self.draw(
                texts | st.dictionaries(st.sampled_from(LANGUAGES), texts, min_size=1, max_size=1)
            )
        if self.draw(st.booleans()):
            written["source"] = self.pick(self.sources)
        return written

    def node(self, shape: Shape) -> Any:
        written: dict[str, Any] = {}
        for part in shape.parts:
            if part.inline:
                actor = self.actor()
                written |= actor if isinstance(actor, dict) else {part.key: actor}
            elif (
                (part.minimum and not part.default) or part.key in ("min", "title") or self.draw(st.integers(0, 2)) == 0
            ):
                written[part.key] = self.values(part)
        return written or {"wording": self.draw(texts)}

    def actor(self) -> Any:
        way = self.pick(["new", "known", "network"])
        if way == "network":
            return self.pick(["network", "network:other"])
        if way == "known" and self.actors:
            return self.pick(self.actors)
        name = f"actor-{len(self.actors)}"
        self.actors.append(name)
        written: dict[str, Any] = {"id": name}
        if self.draw(st.booleans()):
            written["group"] = self.pick(["yes", "no"])
        for part in ONTOLOGY.form.actor.parts:
            if part.minimum or self.draw(st.integers(0, 3)) == 0:
                written[part.key] = self.values(part)
        return written

    def source(self, name: str) -> dict[str, Any]:
        written = self.node(ONTOLOGY.form.field("sources").node)
        return written | {"id": name, "retrieved": "2026-11-23"}


@st.composite
def written_records(draw: st.DrawFn) -> dict[str, Any]:
    """A record as plain data, as a person or an import may write it; the order of its keys does not matter."""
    maker = Maker(draw)
    data: dict[str, Any] = {"sources": [maker.source(name) for name in maker.sources], "area": "land"}
    for field in ONTOLOGY.form.fields:
        if field.key in data or (not field.minimum and draw(st.integers(0, 1))):
            continue
        if field.required and draw(st.integers(0, 4)) == 0:
            reason = draw(st.sampled_from(REASONS))
            data[field.key] = {"absent": reason}
            if reason == "unreadable" or draw(st.booleans()):
                data[field.key]["raw"] = draw(texts)
        else:
            data[field.key] = maker.values(field)
    if "founded" in data and "ended" in data:
        data["founded"], data["ended"] = "1999", "2020"
    header: dict[str, Any] = {"id": "netz", "language": draw(st.sampled_from(LANGUAGES))}
    if draw(st.booleans()):
        header["edition"] = "2021-b"
    if draw(st.booleans()):
        header["names_language"] = draw(st.sampled_from(LANGUAGES))
    keys = draw(st.permutations([*header, *data]))
    return {key: (header if key in HEADER else data)[key] for key in keys}


def read(data: dict[str, Any]) -> Record:
    return READER.data(data, "netz.yaml")[0]


def said(record: Record) -> dict[str, Any]:
    """What a record says, without what a graph does not keep: order where there is none, where an actor is defined,
    and whether an absence was written down or follows."""
    actors: dict[str, Any] = {}

    def plain_actor(item: dict[str, Any]) -> str:
        if "ref" in item:
            return str(item["ref"])
        parts = {key: value for key, value in item.items() if isinstance(value, str)}
        actors[item["id"]] = parts | plain_parts(item, ONTOLOGY.form.actor)
        return str(item["id"])

    def plain_parts(item: dict[str, Any], shape: Shape) -> dict[str, Any]:
        return {part.key: plain(item[part.key], part) for part in shape.parts if part.key in item}

    def plain(items: Any, field: Field) -> list[Any]:
        if field.kind == "actor":
            found = list({plain_actor(item) for item in items})
        elif field.kind == "node":
            found = [plain_parts(item, field.node) for item in items]
        else:
            found = list(items)
        return found if field.kind in ORDERED else sorted(found, key=repr)

    answers = {
        key: (answer.reason, answer.raw, plain(answer.items, ONTOLOGY.form.field(key)))
        for key, answer in record.answers.items()
    }
    head = (record.id, record.edition, record.language, record.names_language)
    return {"head": head, "answers": answers, "actors": actors}


@bounded
@given(written_records())
def test_a_record_survives_its_graph(data):
    record = read(data)
    profile = map_record(record, ONTOLOGY, IRIS, LICENCE)
    assert said(unmap(profile.triples(), profile.profile, ONTOLOGY, IRIS)) == said(record)


@bounded
@given(written_records())
def test_a_record_survives_being_written(data):
    record = read(data)
    again = read(yamltext.load(yamltext.dump(to_data(record, ONTOLOGY)), "netz.yaml").data)
    assert again.answers == record.answers
    assert said(again) == said(record)
    assert to_data(again, ONTOLOGY) == to_data(record, ONTOLOGY)


@bounded
@given(written_records())
def test_mapping_is_deterministic(data):
    record = read(data)
    first, second = (map_record(each, ONTOLOGY, IRIS, LICENCE) for each in (record, read(to_data(record, ONTOLOGY))))
    assert list(first.triples()) == list(second.triples())
    assert (first.places, dict(first.origins)) == (second.places, dict(second.origins))


@bounded
@given(st.dictionaries(texts, texts | st.just("") | st.lists(texts) | st.dictionaries(texts, st.lists(texts))))
def test_plain_data_survives_yaml(data):
    assert yamltext.load(yamltext.dump({"data": data}), "a.yaml").data == {"data": data}


@pytest.mark.parametrize("field", ONTOLOGY.form.fields, ids=lambda field: field.key)
def test_every_example_of_the_form_is_read_and_comes_back(field):
    """The example beside each field is one that the reader takes."""
    raw = yamltext.load(f"- {field.example}" if field.kind == "node" else f"- '{field.example}'", "a").data[0]
    known = [Place(name, {"en": name}, "town") for name in ("halberstadt", "nuts-dee09", "land")]
    reader = RecordReader(ONTOLOGY, Gazetteer.of(known))
    data = {"id": "netz", "label": "Netz", "area": "land", "sources": "About us", "founded": "2015"} | {field.key: raw}
    if field.key == "funding":
        data["members"] = {"id": "caritas-halberstadt", "name": "Caritas"}
    if field.key == "stated_counts":
        data[field.key] = {"min": "60", "wording": raw}
    record, warnings = reader.data(data)
    assert not warnings
    profile = map_record(record, ONTOLOGY, IRIS, LICENCE)
    assert said(unmap(profile.triples(), profile.profile, ONTOLOGY, IRIS)) == said(record)
