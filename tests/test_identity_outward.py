"""Links to other collections: what they may say, and how they fit the decisions."""

import pytest

from integgraph.identity import DIFFERENT, PART_OF, SAME, UNDECIDED, Decision
from integgraph.identity.outward import Link, LinkStanding, check_links, identified, outward_iri, read_links
from integgraph.ingest import yamltext
from tests.conftest import ROOT

HEAD = "subject_id\tpredicate_id\tobject_id\tmapping_justification\tcomment\n"
ROR, OTHER_ROR = "https://ror.org/05dxps055", "https://ror.org/042nb2s44"


def row(subject, predicate, object) -> str:
    return f"{subject}\t{predicate}\t{object}\tsemapv:ManualMappingCuration\tSame register number.\n"


@pytest.fixture
def read(tmp_path):
    def read(text: str, name: str = "outward.sssom.tsv"):
        (tmp_path / name).write_text(text, "utf-8")
        return read_links(tmp_path)

    return read


def same(subject: str, object: str, line: int = 2) -> Link:
    return Link(subject, SAME, object, "grounds", "outward.sssom.tsv", line)


def test_links_are_read_with_whole_and_with_short_iris(read):
    text = (
        "#curie_map:\n#  ror: https://ror.org/\n#  wikidata: http://www.wikidata.org/entity/\n#mapping_set_id: x\n"
        + HEAD
        + row("actor:a", "owl:sameAs", "ror:05dxps055")
        + row("place:halle-saale", "owl:sameAs", "https://sws.geonames.org/2911522/")
        + row("place:harz", "owl:sameAs", "http://data.europa.eu/nuts/code/DEE09")
        + row("network:n", "owl:sameAs", "wikidata:Q42")
        + row("concept:field/labour-market", "skos:closeMatch", "https://vocabulary.example/term/1")
    )
    found = read(text)
    assert found.problems == ()
    assert [(each.subject, each.object) for each in found.rows] == [
        ("actor:a", ROR),
        ("place:halle-saale", "https://sws.geonames.org/2911522/"),
        ("place:harz", "http://data.europa.eu/nuts/code/DEE09"),
        ("network:n", "http://www.wikidata.org/entity/Q42"),
        ("concept:field/labour-market", "https://vocabulary.example/term/1"),
    ]
    assert found.rows[0].where == "outward.sssom.tsv:6"


def test_several_files_are_read_and_decisions_left_alone(read):
    read("no table of links", "actors.sssom.tsv")
    read(HEAD + row("actor:a", SAME, ROR), "outward-ror.sssom.tsv")
    found = read(HEAD + row("actor:b", SAME, OTHER_ROR))
    assert [each.subject for each in found.rows] == ["actor:a", "actor:b"]


def test_faulty_rows_are_named_and_the_good_ones_count(read):
    text = (
        HEAD
        + row("actor:a", SAME, ROR)
        + row("volunteer:a", SAME, ROR)
        + row("actor:a", "skos:exactMatch", ROR)
        + row("concept:field/work", SAME, "https://vocabulary.example/term/1")
        + row("actor:a", SAME, "https://ror.org/05dxps056")
        + "actor:a\n"
    )
    found = read(text)
    assert [each.line for each in found.rows] == [2]
    assert [(each.line, each.severity) for each in found.problems] == [(n, "violation") for n in range(3, 8)]
    messages = [each.message for each in found.problems]
    assert "place:<id> or concept:<scheme>/<id>" in messages[0]
    assert "'skos:exactMatch' is not for actors. Use one of: owl:sameAs, owl:differentFrom," in messages[1]
    assert "skos:exactMatch, skos:closeMatch" in messages[2]
    assert "wrong check number" in messages[3]
    assert messages[4] == "The row has no predicate_id."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("https://www.wikidata.org/entity/Q42", "look like http://www.wikidata.org/entity/Q42"),
        ("https://www.wikidata.org/wiki/Q42", "address of a page. Use .* http://www.wikidata.org/entity/Q42"),
        ("https://www.geonames.org/2911522/halle.html", "as https://sws.geonames.org/2911522/"),
        ("https://sws.geonames.org/2911522", "not an IRI of GeoNames"),
        ("http://sws.geonames.org/2911522/", "not an IRI of GeoNames"),
        ("http://ror.org/05dxps055", "not an IRI of ROR"),
        ("http://data.europa.eu/nuts/code/dee09", "not an IRI of NUTS"),
        ("ror:05dxps055", "prefix 'ror' is not in the curie_map"),
        ("https://example.org/a b", "must be an IRI"),
        ("https://example.org/<script>", "must be an IRI"),
        ("javascript:alert(1)", "prefix 'javascript'"),
        ("file:///etc/passwd", "must be an IRI"),
        ("https://localhost/x", "must be an IRI"),
        ("https://user@example.org/x", "must be an IRI"),
        ("https://example.org/" + "x" * 3_000, "must be an IRI"),
        ("Q42", "must be the IRI of a thing elsewhere"),
    ],
)
def test_what_is_no_iri_of_a_thing_elsewhere(text, words):
    with pytest.raises(ValueError, match=words):
        outward_iri(text)


@pytest.mark.parametrize(
    "iri",
    [ROR, OTHER_ROR, "https://ror.org/03yrm5c26", "https://d-nb.info/gnd/5098525-5", "http://eurovoc.europa.eu/1281"],
)
def test_what_is_one(iri):
    assert outward_iri(iri) == iri


def test_unknown_things_are_warnings_with_near_ones():
    (problem,) = check_links([same("actor:caritas-hale", ROR)], ["actor:caritas-halle", "place:halle"])
    assert (problem.severity, problem.line) == ("warning", 2)
    assert "Did you mean actor:caritas-halle?" in problem.advice
    assert check_links([same("actor:caritas-hale", ROR)]) == []


def test_two_of_ours_that_are_one_elsewhere_are_a_question():
    links = [same("actor:a", ROR, 2), same("actor:b", ROR, 3)]
    (problem,) = check_links(links)
    assert (problem.severity, problem.line) == ("warning", 3)
    assert "actor:a by outward.sssom.tsv:2 and actor:b" in problem.message
    assert "decide actor:a same actor:b" in problem.advice
    assert check_links(links, decisions=[Decision("actor:b", SAME, "actor:a", "x")]) == []


def test_two_that_are_decided_to_be_different_are_a_contradiction():
    links = [same("actor:a", ROR, 2), same("actor:b", ROR, 3)]
    (problem,) = check_links(links, decisions=[Decision("actor:a", DIFFERENT, "actor:b", "x", "d.sssom.tsv", 7)])
    assert problem.severity == "violation"
    assert "d.sssom.tsv:7" in problem.message


def test_two_names_in_one_collection_are_a_warning_also_over_a_decision():
    links = [same("actor:a", ROR, 2), same("actor:b", OTHER_ROR, 3)]
    assert check_links(links) == []
    (problem,) = check_links(links, decisions=[Decision("actor:b", SAME, "actor:a", "x")])
    assert "ROR gives a thing one name" in problem.advice


def test_repeated_links():
    concept = Link("concept:field/work", "skos:exactMatch", "https://v.example/1", "x", "outward.sssom.tsv", 4)
    other = Link("concept:field/work", "skos:broadMatch", "https://v.example/1", "x", "outward.sssom.tsv", 5)
    found = check_links([same("actor:a", ROR, 2), same("actor:a", ROR, 3), concept, other])
    assert [(each.line, each.severity) for each in found] == [(3, "warning"), (5, "violation")]


def test_what_is_not_the_same_is_kept_so_that_nobody_is_asked_again(read):
    text = (
        HEAD
        + row("actor:a", DIFFERENT, ROR)
        + row("actor:b", PART_OF, ROR)
        + row("concept:field/work", UNDECIDED, "https://v.example/1")
        + row("concept:field/work", PART_OF, "https://v.example/1")
    )
    found = read(text)
    assert [each.predicate for each in found.rows] == [DIFFERENT, PART_OF, UNDECIDED]
    assert "'dct:isPartOf' is not for concepts" in found.problems[0].message


def test_same_and_different_contradict_each_other_also_over_a_decision():
    links = [same("actor:a", ROR, 2), Link("actor:b", DIFFERENT, ROR, "x", "outward.sssom.tsv", 3)]
    assert check_links(links) == []
    (problem,) = check_links(links, decisions=[Decision("actor:b", SAME, "actor:a", "x")])
    assert (problem.severity, problem.line) == ("violation", 3)


@pytest.mark.parametrize(
    ("doubt", "answer", "count"), [("2026-01-01", "2026-02-01", 0), ("2026-02-01", "2026-01-01", 1)]
)
def test_a_doubt_that_is_older_than_the_answer_is_history(doubt, answer, count):
    links = [
        Link("actor:a", UNDECIDED, ROR, "x", "outward.sssom.tsv", 2, day=doubt),
        Link("actor:a", SAME, ROR, "x", "outward.sssom.tsv", 3, day=answer),
    ]
    found = check_links(links)
    assert [each.severity for each in found] == ["warning"] * count


def test_what_need_not_be_asked_any_more():
    links = [same("actor:a", ROR), Link("actor:c", DIFFERENT, ROR, "x"), Link("actor:d", UNDECIDED, ROR, "x")]
    standing = LinkStanding(links, [Decision("actor:b", SAME, "actor:a", "x")])
    assert standing.decided("actor:b", ROR), "it is the same as what is linked"
    assert standing.decided("actor:b", OTHER_ROR), "a collection gives a thing one name"
    assert not standing.decided("actor:b", "https://register.example/1")
    assert standing.decided("actor:c", ROR) and not standing.decided("actor:c", OTHER_ROR)
    assert standing.decided("actor:d", ROR) and not standing.decided("actor:d", ROR, doubts=False)


@pytest.mark.parametrize(
    ("text", "ids", "iri"),
    [
        ("Q42", "", "http://www.wikidata.org/entity/Q42"),
        ("https://www.wikidata.org/wiki/Q42", "", "http://www.wikidata.org/entity/Q42"),
        ("2911522", "geonames", "https://sws.geonames.org/2911522/"),
        ("https://www.geonames.org/2911522/halle.html", "", "https://sws.geonames.org/2911522/"),
        ("http://ror.org/05dxps055", "", ROR),
        ("05dxps055", "", ROR),
        ("ror:05dxps055", "", ROR),
        ("DEE09", "nuts", "http://data.europa.eu/nuts/code/DEE09"),
        ("VR 12/ü", "https://register.example/", "https://register.example/VR%2012/%C3%BC"),
        ("https://e.example/1", "ror", "https://e.example/1"),
    ],
)
def test_ids_of_lists_as_the_iris_that_collections_give(text, ids, iri):
    assert identified(text, ids) == iri


@pytest.mark.parametrize(
    ("text", "ids", "words"),
    [
        ("12", "", "is no IRI. Say what ids belong to, with --ids"),
        ("05dxps056", "ror", "wrong check number"),
        ("dee09", "nuts", "not an IRI of NUTS"),
        ("x", "geonames", "not an IRI of GeoNames"),
        ("javascript:alert(1)", "", "is no IRI"),
    ],
)
def test_ids_that_are_none(text, ids, words):
    with pytest.raises(ValueError, match=words):
        identified(text, ids)


def test_the_links_of_the_collection_are_what_the_place_list_says():
    """A NUTS region is linked if the place list says that the place is this region, and only then."""
    places = yamltext.load((ROOT / "data" / "places" / "places.yaml").read_text("utf-8"), "places.yaml").data
    links = read_links(ROOT / "data" / "links")
    assert [each for each in links.problems if each.severity == "violation"] == []
    nuts = "http://data.europa.eu/nuts/code/"
    stated = {f"place:{place['id']}": nuts + place["nuts"] for place in places if place.get("nuts")}
    assert {link.subject: link.object for link in links.rows if link.object.startswith(nuts)} == stated
