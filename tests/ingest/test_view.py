import pyoxigraph as ox
import pytest

from integgraph.ingest.mapping import used_places
from integgraph.ingest.view import chosen_fields, names_in, network_view, newest_first, preferred_labels, redirects
from integgraph.ontology import DCT, IG, ORG, RDF, SCHEMA, SKOS, VOCABULARY

BASE = "https://example.org/id/"
NETZ = "network/netz"


class View:
    """The current view of one network, for questions in short words."""

    def __init__(self, triples) -> None:
        self.triples = triples

    def of(self, subject: str, path: str) -> set[str]:
        return {
            triple.object.value.removeprefix(BASE).removeprefix(VOCABULARY)
            for triple in self.triples
            if triple.subject.value == BASE + subject and triple.predicate.value == path
        }

    def all(self, class_iri: str) -> set[str]:
        return {
            triple.subject.value.removeprefix(BASE)
            for triple in self.triples
            if triple.predicate.value == RDF + "type" and triple.object.value == class_iri
        }


@pytest.fixture
def view(ontology, iris):
    def view(*editions, canonical=None):
        moved = {BASE + old: BASE + new for old, new in (canonical or {}).items()}
        triples = network_view(editions, ontology, moved, iris)
        assert triples == sorted(set(triples), key=str)
        assert set(triples) == set(network_view(editions[::-1], ontology, moved, iris)), "the order of files matters"
        return View(triples)

    return view


@pytest.fixture
def old(mapped):
    return lambda text, **around: mapped(f"status_date: 2019\n{text}", **around)


@pytest.fixture
def new(mapped):
    return lambda text, **around: mapped(f"edition: '2'\nstatus_date: 2021-06\n{text}", **around)


# -- editions


def test_editions_stand_newest_first_and_undated_ones_last(mapped):
    editions = [
        mapped(f"edition: '{name}'\n" + (f"status_date: {date}" if date else ""))
        for name, date in [("a", ""), ("b", "2020"), ("c", "2021-01"), ("d", "2020-12-31"), ("e", "2019/..")]
    ]
    expected = ["c", "d", "b", "e", "a"]
    assert [edition.record.edition for edition in newest_first(editions)] == expected
    assert [edition.record.edition for edition in newest_first(editions[::-1])] == expected


def test_the_view_takes_the_newest_answer_of_each_field(view, old, new):
    found = view(
        old("founded: 2014\ndescription: Alt\nseat: ort"),
        new("founded: 2015\nmission: Neu\nseat: {absent: not-stated}"),
    )
    assert found.of(NETZ, IG + "founded") == {"2015"}
    assert found.of(NETZ, IG + "foundedEarliest") == {"2015-01-01"}
    assert found.of(NETZ, DCT + "description") == {"Alt"}
    assert found.of(NETZ, IG + "mission") == {"Neu"}
    assert found.of(NETZ, IG + "seat") == {"place/ort"}


def test_a_newer_stated_none_replaces_an_older_value(view, old, new):
    found = view(old("coordination: {id: a, name: A}"), new("coordination: {absent: stated-none}"))
    assert found.of(NETZ, IG + "coordination") == set()
    assert found.of("absence/netz--2.coordination", IG + "reason") == {"absence/stated-none"}
    assert found.all(IG + "Actor") == set()


def test_a_newer_value_replaces_an_older_stated_none(view, old, new):
    found = view(old("coordination: {absent: stated-none}"), new("coordination: {id: a, name: A}"))
    assert found.of(NETZ, IG + "coordinatedBy") == {"actor/a"}
    assert "absence/netz.coordination" not in found.all(IG + "Absence")


def test_an_undated_edition_counts_as_oldest(view, mapped):
    found = view(mapped("founded: 2014\nstatus_date: 2001"), mapped("edition: z\nfounded: 2016"))
    assert found.of(NETZ, IG + "founded") == {"2014"}


def test_where_no_edition_answers_the_newest_says_why(view, old, new):
    found = view(old("founded: {absent: not-asked}"), new("founded: {absent: withheld}"))
    assert found.all(IG + "Absence") & {"absence/netz.founded", "absence/netz--2.founded"} == {
        "absence/netz--2.founded"
    }


def test_every_field_that_needs_an_answer_has_a_value_or_an_absence_and_never_both(view, old, new, ontology):
    found = view(
        old("founded: 2014\nseat: {absent: stated-none}\nemail: info@netz.example\nmembers: {id: a, name: A}"),
        new(
            "seat: ort\nfounded: {absent: unreadable, raw: '1'}\nmembers: {absent: not-asked}\nemail: anna@web.example"
        ),
    )
    for field in ontology.form.fields:
        if field.required and not field.profile:
            absent = [node for node in found.all(IG + "Absence") if field.iri in found.of(node, IG + "field")]
            assert bool(found.of(NETZ, field.path)) != bool(absent), field.key
            assert len(absent) <= 1


def test_both_profiles_stand_in_the_view_and_each_graph_keeps_its_own(view, old, new):
    first, second = old("founded: 2014"), new("founded: 2015")
    found = view(first, second)
    assert found.all(IG + "Profile") == {"profile/netz", "profile/netz--2"}
    assert found.of("profile/netz", IG + "statusDate") == {"2019"}
    assert found.of("profile/netz--2", IG + "statusDate") == {"2021-06"}
    graphs = [
        {triple.object.value for triple in each.triples() if triple.predicate.value == IG + "founded"}
        for each in (first, second)
    ]
    assert graphs == [{"2014"}, {"2015"}]


def test_evidence_goes_with_the_answer_it_belongs_to(view, old, new):
    found = view(
        old(
            "founded: 2014\nmission: Alt\nfields_of_action: Wohnen\nevidence: [{field: founded, wording: seit 2014}, {field: mission, wording: Ziel}, frei]"
        ),
        new("founded: 2015\nfields_of_action: Sprache\nevidence: {field: founded, wording: seit 2015}"),
    )
    wordings = {word for node in found.all(IG + "Evidence") for word in found.of(node, IG + "wording")}
    assert wordings == {"seit 2015", "Ziel", "frei"}
    assert len(found.of("profile/netz", IG + "evidence")) == 2
    (classified,) = found.all(IG + "ClassifiedWording")
    assert found.of(classified, IG + "wording") == {"Sprache"}


def test_an_actor_is_described_even_where_its_description_stands_in_another_field(view, old, new):
    found = view(
        old("members: {id: zora, name: Zora}\nfunding: {category: federal, recipient: zora}"),
        new("members: {id: other, name: Andere}"),
    )
    assert found.of(NETZ, ORG + "hasMember") == {"actor/other"}
    assert found.all(IG + "Actor") == {"actor/zora", "actor/other"}
    assert found.of("actor/zora", IG + "statedName") == {"Zora"}


def test_of_two_descriptions_of_one_actor_the_newest_holds(view, old, new, ontology):
    first = old("members: {id: zora, name: Zora alt, place: kreis}\nfunding: {category: federal, recipient: zora}")
    second = new("members: {id: zora, name: Zora neu, place: ort}")
    found = view(first, second)
    assert found.of("actor/zora", IG + "statedName") == {"Zora neu"}
    assert found.of("actor/zora", IG + "seat") == {"place/ort"}
    assert (BASE + "actor/zora", ox.Literal("Zora neu", language="de")) in names_in([first, second], ontology)


def test_an_actor_that_no_current_answer_names_is_not_in_the_view(view, old, new):
    found = view(old("members: {id: a, name: A}"), new("members: {id: b, name: B}"))
    assert found.all(IG + "Actor") == {"actor/b"}
    assert len(found.all(ORG + "Membership")) == 1


# -- shortcuts


def test_only_roles_that_count_make_members(view, mapped):
    found = view(
        mapped(
            "members:\n"
            "  - {id: a, name: A}\n"
            "  - {id: g, name: G, roles: guest}\n"
            "  - {id: both, name: B, roles: [guest, member]}\n"
            "  - {id: s, name: S, roles: signatory}\n"
            "  - {id: v, name: V, group: yes}\n"
            "  - {actor: network:other}\n"
            "  - {actor: network}\n"
        )
    )
    assert found.of(NETZ, ORG + "hasMember") == {"actor/a", "actor/both", "network/other"}
    assert len(found.all(ORG + "Membership")) == 7


def test_coordinating_does_not_make_a_member(view, mapped):
    found = view(mapped("coordination: [{id: a, name: A}, {actor: network}]"))
    assert found.of(NETZ, IG + "coordinatedBy") == {"actor/a"}
    assert found.of(NETZ, ORG + "hasMember") == set()


def test_shared_funding_stays_one_flow(view, mapped):
    found = view(
        mapped(
            "funding: {category: municipal, funder: {id: city, name: City}, recipient: [{id: a, name: A}, {id: b, name: B}], amount: 5}"
        )
    )
    assert len(found.all(IG + "FundingFlow")) == 1
    assert found.of("actor/a", IG + "fundedBy") == found.of("actor/b", IG + "fundedBy") == {"actor/city"}
    assert sum(triple.predicate.value == IG + "amount" for triple in found.triples) == 1


def test_an_unnamed_funder_is_nobody(view, mapped):
    found = view(mapped("funding: {category: federal, recipient: network}"))
    assert found.all(IG + "Actor") == set()
    assert found.of(NETZ, IG + "fundedBy") == set()


def test_findings_of_every_kind_are_findings(view, mapped):
    found = view(mapped("challenges: Zeit\nlessons: Reden"))
    assert len(found.of(NETZ, IG + "finding")) == 2
    kinds = {kind for node in found.all(IG + "Finding") for kind in found.of(node, IG + "findingKind")}
    assert kinds == {"finding-kind/challenge", "finding-kind/lesson"}


def test_an_address_belongs_to_its_owner(view, mapped):
    found = view(
        mapped(
            "members: {id: zora, name: Z}\nwebsites: [https://netz.example/, {url: 'https://zora.example/', of: zora}]"
        )
    )
    assert found.of(NETZ, SCHEMA + "url") == {"https://netz.example/"}
    assert found.of("actor/zora", SCHEMA + "url") == {"https://zora.example/"}


# -- who is who


def test_canonical_things_replace_merged_ones_everywhere(view, mapped):
    profile = mapped("members: [{id: a, name: A}, {id: b, name: B}]\nfunding: {category: federal, recipient: b}")
    found = view(profile, canonical={"actor/b": "actor/a"})
    assert not any(term.value == BASE + "actor/b" for triple in found.triples for term in triple)
    assert found.of(NETZ, ORG + "hasMember") == {"actor/a"}
    assert found.of("actor/a", IG + "statedName") == {"A", "B"}
    assert any("actor/b" in str(triple) for triple in profile.triples())


def test_a_network_is_no_member_of_itself_after_a_merge(view, mapped):
    found = view(
        mapped("members: [{id: a, name: A}, {id: b, name: B}]\ncoordination: a"), canonical={"actor/a": "network/netz"}
    )
    assert found.of(NETZ, ORG + "hasMember") == {"actor/b"}
    assert found.of(NETZ, IG + "coordinatedBy") == set()


def test_merged_iris_are_replaced_by_their_canonical_ones():
    found = redirects({"https://e.example/b": "https://e.example/a", "https://e.example/a": "https://e.example/a"})
    assert [str(triple) for triple in found] == [f"<https://e.example/b> <{DCT}isReplacedBy> <https://e.example/a>"]


# -- names


def labels(triples, path=SKOS + "prefLabel"):
    return {(str(triple.subject), str(triple.object)) for triple in triples if triple.predicate.value == path}


def test_one_preferred_label_a_language(mapped):
    def text(value: str, language: str) -> ox.Literal:
        return ox.Literal(value, language=language)

    names = {
        "https://e.example/a": [
            ("https://e.example/b", text("Bee", "en")),
            ("https://e.example/a", text("Ah", "de")),
            ("https://e.example/b", text("Beh", "de")),
            ("https://e.example/c", text("Ah", "de")),
        ]
    }
    found = preferred_labels(names)
    assert labels(found) == {("<https://e.example/a>", '"Ah"@de'), ("<https://e.example/a>", '"Bee"@en')}
    assert labels(found, SKOS + "altLabel") == {("<https://e.example/a>", '"Beh"@de')}
    assert found == preferred_labels({iri: pairs[::-1] for iri, pairs in names.items()})


def test_the_official_name_goes_before_the_working_label(mapped, ontology):
    profile = mapped("official_name: {de: Offiziell}\nlabel: {de: Arbeit, en: Working}\nmembers: {id: a, name: A}")
    found = {(iri.removeprefix(BASE), str(name)) for iri, name in names_in([profile], ontology)}
    assert found == {(NETZ, '"Offiziell"@de'), (NETZ, '"Working"@en'), ("actor/a", '"A"@de')}


def test_without_an_official_name_the_working_label_is_the_name(mapped, ontology):
    profile = mapped("official_name: {absent: stated-none}")
    assert [str(name) for _, name in names_in([profile], ontology)] == ['"Netz"@de']


def test_a_field_is_chosen_once(old, new, ontology):
    editions = [old("founded: 2014"), new("label: Neu")]
    chosen = chosen_fields(editions, ontology)
    assert chosen["founded"] is editions[0]
    assert chosen["label"] is editions[1]
    assert "status_date" not in chosen and "ended" not in chosen


def test_places_of_the_view_are_those_of_its_profiles(mapped, gazetteer):
    profile = mapped("seat: ort")
    assert {place.id for place in used_places(profile.places, gazetteer)} == {"ort", "kreis", "land"}
