"""The named questions: their headers, their expected answers on the golden data, and that the real data answers them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from integgraph.build import Built
from integgraph.errors import NotFound, OntologyError, QuerySyntaxError
from integgraph.ontology import VOCABULARY, Ontology
from integgraph.questions import AUDIENCES, BASE_IRI, Every, Limit, Question, find_question, load_questions
from integgraph.settings import Settings
from integgraph.store import EmbeddedStore, check_query
from tests.conftest import ROOT

EXPECTED = yaml.safe_load((Path(__file__).parent / "golden" / "questions.yaml").read_text("utf-8"))
QUESTIONS = load_questions()


def cells(question: Question, built: Built, given: dict[str, str]) -> list[list[str]]:
    rows = question.ask(built.release.store(), given).records()
    return [["" if value is None else str(value) for value in row.values()] for row in rows]


def normal(rows: list[list[str]]) -> list[list[str]]:
    """Cells that join several values keep no order among them."""
    return [[" | ".join(sorted(cell.split(" | "))) for cell in row] for row in rows]


def test_there_are_at_least_ten_questions_and_each_has_an_expected_answer() -> None:
    assert len(QUESTIONS) >= 10
    assert set(EXPECTED) == set(QUESTIONS)
    assert {question.audience for question in QUESTIONS.values()} == {"analyst", "policymaker", "integrator"}


def test_the_questions_are_spread_over_those_who_ask() -> None:
    found = Counter(question.audience for question in QUESTIONS.values())
    assert len(QUESTIONS) >= 32
    assert set(found) == set(AUDIENCES)
    assert min(found.values()) >= 10


def test_every_text_is_there_in_both_languages_and_is_a_question() -> None:
    for question in QUESTIONS.values():
        for language in ("en", "de"):
            assert question.titles[language].endswith("?"), question.id
            assert len(question.readings[language]) > 60, question.id
        assert question.titles["en"] != question.titles["de"]
    titles = [question.titles["en"] for question in QUESTIONS.values()]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_a_question_passes_the_gate_and_can_be_asked_without_parameters(name: str, ontology: Ontology) -> None:
    question = QUESTIONS[name]
    check_query(question.query)
    assert " FROM " not in question.query
    bound = question.bindings({}, ontology=ontology)
    assert set(bound) == {parameter.name for parameter in question.parameters}


def test_parameters_of_every_helpful_type_are_in_use() -> None:
    kinds = {parameter.type.partition(":")[0] for question in QUESTIONS.values() for parameter in question.parameters}
    assert {"concept", "vocabulary", "country", "network", "actor", "place", "date", "integer"} <= kinds


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_a_question_gives_its_expected_answer_on_the_golden_data(name: str, golden: Built) -> None:
    case = EXPECTED[name]
    assert normal(cells(QUESTIONS[name], golden, case.get("given", {}))) == normal(case["rows"])


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_the_real_data_answers_every_question(name: str, collection: Built) -> None:
    rows = cells(QUESTIONS[name], collection, {})
    assert len(rows) >= 2, "a question that the data does not answer is not worth asking"
    assert len({tuple(row) for row in rows}) == len(rows), "no row stands twice"


def record(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "data" / "profiles" / f"{name}.yaml").read_text("utf-8")))


HALBERSTADT = "caritas-diakonie-zora-halberstadt"


def test_findings_are_those_of_the_record(collection: Built) -> None:
    """Halberstadt is the only profile of the collection with findings."""
    for kind, key in (("success-factor", "success_factors"), ("challenge", "challenges")):
        themes = Counter(each["themes"] for each in record(HALBERSTADT)[key])
        rows = find_question("findings-by-theme").ask(collection.release.store(), {"kind": kind}).records()
        assert sorted(int(str(row["findings"])) for row in rows) == sorted(themes.values())
        assert {row["networks"] for row in rows} == {1}


def test_lists_of_the_records_come_back_whole(collection: Built) -> None:
    """What an answer holds is what a plain reading of the YAML counts."""
    records = [yaml.safe_load(file.read_text("utf-8")) for file in sorted((ROOT / "data" / "profiles").glob("*.yaml"))]

    def items(key: str) -> list[Any]:
        found = [each.get(key) or [] for each in records]
        return [item for some in found if not isinstance(some, dict) or "absent" not in some
                for item in (some if isinstance(some, list) else [some])]  # fmt: skip

    repaired = [each for each in items("evidence") if each.get("repaired")]
    assert len(cells(QUESTIONS["repaired-evidence"], collection, {})) == len(repaired)
    assert len(cells(QUESTIONS["network-relations"], collection, {})) == len(items("relations"))
    assert len(cells(QUESTIONS["sources-of-profiles"], collection, {})) == len(items("sources"))
    assert len(cells(QUESTIONS["web-addresses"], collection, {})) == len(items("websites"))
    dated = [
        each
        for each in records
        if isinstance(each.get("status_date"), str | int) or hasattr(each.get("status_date"), "year")
    ]
    assert len(cells(QUESTIONS["undated-profiles"], collection, {})) == len(records) - len(dated)


def test_a_target_group_that_is_listed_is_not_among_those_that_nobody_lists(collection: Built) -> None:
    store = collection.release.store()
    missing = set(QUESTIONS["target-groups-not-listed"].ask(store).column("group"))
    listed = store.select(
        "SELECT DISTINCT ?group WHERE { ?n a ig:Network ; ig:seat|ig:areaOfActivity ?p ; ig:targetGroup ?group . "
        f"?p ig:within* <{BASE_IRI}place/country-de> }}"
    ).column("group")
    assert missing and listed
    assert not missing & set(listed)
    row = QUESTIONS["target-groups-not-listed"].ask(store).records()[0]
    networks = store.select(
        "SELECT (COUNT(DISTINCT ?n) AS ?all) WHERE { ?n a ig:Network ; ig:seat|ig:areaOfActivity ?p . "
        f"?p ig:within* <{BASE_IRI}place/country-de> }}"
    ).column("all")[0]
    assert int(str(row["listing"])) + int(str(row["stated_none"])) + int(str(row["unknown"])) == networks


def test_the_counts_of_two_editions_contradict_where_no_number_fits_both() -> None:
    def count(edition: int, number: int, minimum: int, maximum: int | None) -> str:
        upper = f"; ig:maximum {maximum}" if maximum is not None else ""
        return (
            f"<urn:profile{edition}> {{ <urn:n> ig:statedCount <urn:c{edition}{number}> . <urn:c{edition}{number}> "
            f"ig:countUnit <urn:unit> ; ig:minimum {minimum} {upper} }}\n"
        )

    head = (
        "@prefix ig: <https://w3id.org/integgraph/ontology#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
    )
    head += '<urn:n> ig:workingLabel "N"@en . <urn:unit> skos:prefLabel "organisations"@en .\n'
    question = find_question("member-counts-disagree")

    def asked(*counts: str) -> list[tuple[object, object]]:
        rows = question.ask(EmbeddedStore.of(head + "".join(counts))).records()
        return [(row["contradict"], row["profiles"]) for row in rows]

    assert asked(count(1, 1, 20, 20), count(2, 1, 20, 20)) == []
    assert asked(count(1, 1, 61, None), count(2, 1, 81, None)) == [(False, 2)]
    assert asked(count(1, 1, 20, 20), count(2, 1, 25, 25)) == [(True, 2)]
    assert asked(count(1, 1, 20, 30), count(1, 2, 25, 25)) == [(False, 1)]


def test_an_id_that_was_merged_answers_with_the_actor_it_became(golden: Built) -> None:
    question = QUESTIONS["actor-roles"]
    old, new = (
        cells(question, golden, {"actor": name}) for name in ("caritasverband-musterstadt", "caritas-musterstadt")
    )
    assert [row[1:] for row in old] == [row[1:] for row in new]


EVIL = 'x") } UNION { GRAPH ?g { ?s ?p ?v } } #'


def test_a_parameter_is_bound_and_never_becomes_query_text(golden: Built, tmp_path: Path) -> None:
    told = ("# param: word, string — A word", "# param@de: word — Ein Wort")
    own = question_of(tmp_path, *told, "SELECT ?word ?s WHERE { ?s ig:countryCode ?word }")
    assert cells(own, golden, {"word": EVIL}) == []
    assert cells(own, golden, {"word": "IT"})
    with pytest.raises(QuerySyntaxError, match="Parameter 'country': .* is not a country code"):
        cells(find_question("fields-of-action"), golden, {"country": EVIL})


@given(text=st.text(max_size=40))
@settings(deadline=None)
def test_no_value_breaks_out_of_its_place(text: str) -> None:
    """Every value is bound as one term of the type, or refused with a sentence that names the parameter."""
    for name in ("fields-of-action", "who-said-so", "activities-funded-by", "networks-founded", "concept-use"):
        question = QUESTIONS[name]
        first = question.parameters[0].name
        try:
            bound = question.bindings({first: text})
        except QuerySyntaxError as error:
            assert str(error).startswith(f"Parameter '{first}': ")
        else:
            assert question.query == QUESTIONS[name].query
            assert len(bound) == len(question.parameters)


@pytest.mark.parametrize(
    ("name", "given", "sentence"),
    [
        ("fields-of-action", {"country": "Germany"}, "Parameter 'country': 'Germany' is not a country code. Write its two letters, such as DE."),
        ("networks-founded", {"from": "2015"}, "Parameter 'from': '2015' is not of the type date. Write a day as 2024-02-29."),
        ("funding-amounts", {"at_least": "much"}, "Parameter 'at_least': 'much' is not of the type integer. Write a whole number, such as 3."),
        ("activities-funded-by", {"category": "federl"}, "Parameter 'category': 'federl' is not in the vocabulary 'funder-category'. Did you mean federal?"),
        ("activities-funded-by", {"category": "zzz"}, "Parameter 'category': 'zzz' is not in the vocabulary 'funder-category'. It has "),
        ("target-groups-by-field", {"field": "Arbeitsmark"}, "Parameter 'field': 'Arbeitsmark' is not in the vocabulary 'field'. Did you mean labour-market"),
        ("concept-use", {"vocabulary": "fields"}, "Parameter 'vocabulary': 'fields' is not a vocabulary. Did you mean field"),
        ("concept-use", {"vocabulary": "zzz"}, "Parameter 'vocabulary': 'zzz' is not a vocabulary. There are absence, "),
        ("who-said-so", {"network": "Net work"}, "Parameter 'network': 'Net work' is not the id of a network. Write small letters, digits and hyphens, or the whole IRI that begins with https://w3id.org/integgraph/id/network/."),
        ("actor-roles", {"actor": "https://a.example/<b>"}, "Parameter 'actor': 'https://a.example/<b>' is not an IRI."),
        ("actor-roles", {"actor": ""}, "Parameter 'actor': '' is not the id of an actor."),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_type_gets_one_clear_sentence(name: str, given: dict[str, str], sentence: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        QUESTIONS[name].bindings(given)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("name", "given", "iri"),
    [
        ("activities-funded-by", {"category": "federal"}, VOCABULARY + "funder-category/federal"),
        ("activities-funded-by", {"category": "BUNDESMITTEL"}, VOCABULARY + "funder-category/federal"),
        ("activities-funded-by", {"category": " Federal level "}, VOCABULARY + "funder-category/federal"),
        ("activities-funded-by", {"category": VOCABULARY + "funder-category/federal"}, VOCABULARY + "funder-category/federal"),
        ("concept-use", {"vocabulary": "role"}, VOCABULARY + "role"),
        ("who-said-so", {"network": "alpha"}, BASE_IRI + "network/alpha"),
        ("who-said-so", {"network": "https://a.example/network/alpha"}, "https://a.example/network/alpha"),
        ("target-groups-not-listed", {"region": "nuts-dee"}, BASE_IRI + "place/nuts-dee"),
    ],
)  # fmt: skip
def test_ids_and_labels_are_bound_as_iris(name: str, given: dict[str, str], iri: str) -> None:
    question = QUESTIONS[name]
    assert question.bindings(given)[question.parameters[0].name].value == iri


def test_ids_follow_the_base_iri_of_the_release(golden: Built) -> None:
    assert Settings().base_iri == BASE_IRI
    bound = QUESTIONS["who-said-so"].bindings({"network": "alpha"}, base_iri="https://a.example/id/")
    assert bound["network"].value == "https://a.example/id/network/alpha"
    assert not len(
        QUESTIONS["who-said-so"].ask(golden.release.store(), {"network": "alpha"}, base_iri="https://a.example/id/")
    )


def test_a_country_may_be_written_in_small_letters(golden: Built) -> None:
    question = QUESTIONS["coordinators"]
    assert cells(question, golden, {"country": "it"}) == cells(question, golden, {"country": "IT"}) != []


def test_an_unknown_or_missing_parameter_is_named(golden: Built) -> None:
    with pytest.raises(QuerySyntaxError, match="no parameter 'land'. It takes: country"):
        find_question("fields-of-action").bindings({"land": "DE"})


def test_an_unknown_question_names_near_ones() -> None:
    with pytest.raises(NotFound, match="fields-of-action"):
        find_question("field-of-action")


HEADER = "".join(f"# {key}@{language}: x\n" for key in ("title", "reading") for language in ("en", "de"))


def question_of(folder: Path, *lines: str) -> Question:
    (folder / "questions").mkdir()
    (folder / "questions" / "own.rq").write_text(HEADER + "# for: analyst\n" + "\n".join(lines))
    return find_question("own", folder)


def test_every_parameter_is_told_in_both_languages() -> None:
    told = [(each.id, parameter) for each in QUESTIONS.values() for parameter in each.parameters]
    assert len(told) > 15
    for name, parameter in told:
        assert set(parameter.meanings) == {"en", "de"}, name
        assert parameter.meaning == parameter.meanings["en"] != parameter.meanings["de"], name


def test_a_question_names_the_table_that_answers_it(tmp_path: Path) -> None:
    own = question_of(tmp_path, "# table: target_groups", "SELECT ?s WHERE { ?s a ig:Network }")
    assert own.table == "target_groups"
    assert QUESTIONS["stated-no-coordinator"].table is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("# title@en: A?\nSELECT * {}", "has no .*title@de"),
        ("# colour: red\nSELECT * {}", "not understood: # colour: red"),
        ("# param: x, hamster — a thing\nSELECT * {}", "write 'param: name, type, default — meaning'"),
        ("# param: x, concept — a thing\nSELECT * {}", "write 'param: name, type, default — meaning'.*concept:SCHEME"),
        (HEADER + "# for: analyst\n# param: x, date — a day\nSELECT * {}", "write 'param@de: x — meaning' too"),
        (HEADER + "# for: analyst\n# param@de: x — ein Tag\nSELECT * {}", "'param@de: x' and no 'param'"),
        ("# param@de: ein Tag\nSELECT * {}", "write 'param@de: name — meaning'"),
        (HEADER + "# for: minister\nSELECT * {}", "'for: minister' must be one of policymaker, analyst, integrator"),
        (HEADER + "# for: analyst\n# table: chairs\nSELECT * {}", "'table: chairs' must be one of networks, actors"),
    ],
)
def test_a_broken_header_is_named(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "questions").mkdir()
    (tmp_path / "questions" / "broken.rq").write_text(text)
    with pytest.raises(OntologyError, match=rf"broken\.rq.*{reason}"):
        load_questions(tmp_path)


def test_how_every_answer_is_found_is_read_from_the_header(tmp_path: Path) -> None:
    own = question_of(
        tmp_path,
        "# param: country, country, DE — A country",
        "# param@de: country — Ein Land",
        "# param: since, date — A day",
        "# param@de: since — Ein Tag",
        "# every: country, since <= latest?, earliest <= since",
        "# every whole: since <= earliest",
        "SELECT ?country ?since ?earliest ?latest ?whole {}",
    )
    assert own.every == Every(
        same=("country",),
        limits=(Limit("since", "latest", least=True, unknown=True), Limit("since", "earliest", least=False)),
        told={"whole": (Limit("since", "earliest", least=True),)},
    )
    assert QUESTIONS["who-said-so"].every is None


PARAMETERS = (
    "# param: since, date — A day\n# param@de: since — Ein Tag\n# param: to, place — A place\n# param@de: to — x\n"
)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("every: since", "'every' says nothing of the parameter 'to'"),
        (
            "every: to, since < latest",
            "write 'every: parameter <= column' or 'column <= parameter', not 'since < latest'",
        ),
        ("every: to, since <= to", "write 'every: parameter <= column' .*not 'since <= to'"),
        ("every: to, earliest <= latest", "write 'every: parameter <= column' .*not 'earliest <= latest'"),
        ("every: to, since <= colour", "'every' names 'colour', which the query does not have"),
        ("every: since <= latest, to <= latest", "'to <= latest' compares a place; only date and integer are compared"),
        ("every colour: since <= latest", "'every' names 'colour', which the query does not have"),
    ],
)
def test_a_line_on_every_answer_that_is_wrong_is_named(tmp_path: Path, line: str, reason: str) -> None:
    with pytest.raises(OntologyError, match=rf"own\.rq: {reason}"):
        question_of(tmp_path, PARAMETERS + f"# {line}", "SELECT ?since ?to ?earliest ?latest {}")


def test_a_question_that_is_asked_for_all_values_at_once_leaves_out_no_row() -> None:
    assert [name for name, each in QUESTIONS.items() if each.every and "LIMIT" in each.query] == []


def test_a_parameter_without_default_must_be_given(tmp_path: Path) -> None:
    lines = [f"# {key}@{language}: x" for key in ("title", "reading") for language in ("en", "de")]
    lines += [
        "# for: analyst",
        "# param: n, integer — A number",
        "# param@de: n — Eine Zahl",
        "SELECT ?n WHERE { BIND(1 AS ?one) }",
    ]
    (tmp_path / "questions").mkdir()
    (tmp_path / "questions" / "one.rq").write_text("\n".join(lines))
    question = find_question("one", tmp_path)
    with pytest.raises(QuerySyntaxError, match="needs the parameter 'n': A number"):
        question.bindings({})
    with pytest.raises(QuerySyntaxError, match="'n': 'many' is not of the type integer"):
        question.bindings({"n": "many"})
    assert question.bindings({"n": "3"})["n"].value == "3"
