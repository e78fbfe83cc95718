import pyoxigraph as ox

from integgraph.ingest.mapping import Iris, map_place, map_record, unmap, used_places
from integgraph.ontology import DCT, EDTF, IG, ORG, PROV, RDF, SCHEMA, SKOS, VOCABULARY, XSD

BASE = "https://example.org/id/"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"


def stated(profile) -> set[tuple[str, str, str]]:
    """Subject, predicate and object without quotes, but for literals of some type."""
    found = set()
    for subject, predicate, value in profile.triples():
        plain = value.value if isinstance(value, ox.NamedNode) else str(value)
        found.add((subject.value.removeprefix(BASE), predicate.value, plain.removeprefix(BASE)))
    return found


def objects(profile, subject: str, path: str) -> set[str]:
    return {value for found, predicate, value in stated(profile) if (found, predicate) == (subject, path)}


def nodes(profile, class_iri: str) -> set[str]:
    return {subject for subject, predicate, value in stated(profile) if (predicate, value) == (RDF + "type", class_iri)}


# -- IRIs


def test_iris_are_made_of_ids_and_content_alone(read, ontology, iris):
    text = "edition: '2021'\nmembers: [{id: zora, name: Zora}]\nnotes: x"
    first = map_record(read(text), ontology, iris, LICENCE)
    again = map_record(read(text), ontology, iris, LICENCE)
    assert list(first.triples()) == list(again.triples())
    assert first.profile.value == BASE + "profile/netz--2021"
    assert first.network.value == BASE + "network/netz"


def test_no_triple_is_stated_twice_and_no_node_is_blank(mapped):
    found = list(mapped("members: [{id: a, name: A}, {id: b, name: B}]\nfields_of_action: [housing, Wohnen]").triples())
    assert len(found) == len(set(found))
    assert not any(isinstance(term, ox.BlankNode) for triple in found for term in triple)


def test_two_equal_statements_are_two_nodes(mapped):
    profile = mapped("members: [{id: a, name: A}, {id: b, name: B}]")
    assert len(nodes(profile, ORG + "Membership")) == len(nodes(profile, IG + "RoleHeld")) == 2


def test_another_base_changes_nothing_but_the_base(read, ontology):
    record = read("members: [{id: zora, name: Zora}]\nfounded: 2015")
    here, there = (map_record(record, ontology, Iris(base), LICENCE) for base in (BASE, "https://other.example/x#"))
    moved = {str(triple).replace("https://other.example/x#", BASE) for triple in there.triples()}
    assert moved == {str(triple) for triple in here.triples()}


# -- the profile itself


def test_a_profile_says_whom_it_describes_and_what_it_was_read_from(mapped):
    profile = mapped(
        "names_language: it\nsources: [{title: A}, {id: report, url: 'https://a.example/', read: whole}]\nstatus_date: 2021-01"
    )
    netz = "profile/netz"
    assert objects(profile, netz, IG + "describes") == {"network/netz"}
    assert objects(profile, netz, DCT + "language") == {'"de"'}
    assert objects(profile, netz, IG + "namesLanguage") == {'"it"'}
    assert objects(profile, netz, DCT + "license") == {LICENCE}
    assert objects(profile, netz, IG + "sourceFile") == {'"netz.yaml"'}
    assert objects(profile, netz, PROV + "wasDerivedFrom") == {"source/netz.s1", "source/netz.report"}
    assert objects(profile, "reading/netz", PROV + "used") == {"source/netz.s1", "source/netz.report"}
    assert objects(profile, netz, IG + "statusLatest") == {f'"2021-01-31"^^<{XSD}date>'}
    assert objects(profile, "network/netz", IG + "statusLatest") == set()


def test_two_editions_keep_their_sources_apart(mapped):
    first, second = mapped(), mapped("edition: '2'")
    assert objects(first, "profile/netz", PROV + "wasDerivedFrom") == {"source/netz.s1"}
    assert objects(second, "profile/netz--2", PROV + "wasDerivedFrom") == {"source/netz--2.s1"}


# -- values


def test_a_date_has_its_bounds_and_an_exact_day_only_when_it_is_one(mapped):
    month = mapped("founded: 2015-09")
    assert objects(month, "network/netz", IG + "founded") == {f'"2015-09"^^<{EDTF}>'}
    assert objects(month, "network/netz", IG + "foundedEarliest") == {f'"2015-09-01"^^<{XSD}date>'}
    assert objects(month, "network/netz", IG + "foundedLatest") == {f'"2015-09-30"^^<{XSD}date>'}
    assert objects(month, "network/netz", SCHEMA + "foundingDate") == set()
    day = mapped("founded: 2015-09-01")
    assert objects(day, "network/netz", SCHEMA + "foundingDate") == {f'"2015-09-01"^^<{XSD}date>'}
    since = mapped("founded: 2015/..")
    assert objects(since, "network/netz", IG + "foundedLatest") == set()


def test_a_concept_stands_on_the_network_and_its_wording_beside_it(mapped):
    profile = mapped("formalisation: {concept: legal-entity, wording: e.V., source: s1}")
    concept = VOCABULARY + "formalisation/legal-entity"
    assert objects(profile, "network/netz", IG + "formalisation") == {concept}
    assert ORG + "FormalOrganization" in objects(profile, "network/netz", RDF + "type")
    (node,) = nodes(profile, IG + "ClassifiedWording")
    assert objects(profile, node, IG + "wording") == {'"e.V."@de'}
    assert objects(profile, node, IG + "value") == {concept}
    assert objects(profile, node, IG + "field") == {IG + "f-formalisation"}
    assert objects(profile, node, DCT + "source") == {"source/netz.s1"}
    assert objects(profile, "network/netz", IG + "classifiedWording") == {node}


def test_a_member_has_a_row_with_its_roles(mapped):
    profile = mapped("members: {id: zora, name: Zora, kind_stated: NGO, roles: [member, {role: guest, from: 2015}]}")
    (row,) = nodes(profile, ORG + "Membership")
    assert objects(profile, row, ORG + "member") == {"actor/zora"}
    assert objects(profile, row, ORG + "organization") == {"network/netz"}
    assert objects(profile, row, ORG + "role") == {VOCABULARY + "role/member", VOCABULARY + "role/guest"}
    assert len(objects(profile, row, IG + "roleHeld")) == 2
    assert objects(profile, "actor/zora", IG + "statedKind") == {'"NGO"@de'}
    assert objects(profile, "network/netz", ORG + "hasMember") == set()


def test_a_group_is_no_actor(mapped):
    profile = mapped(
        "members: {id: helpers, name: Ehrenamtliche, group: yes}\nfunding: {category: donations, recipient: helpers}"
    )
    assert nodes(profile, IG + "UnnamedGroup") == {"group/helpers"}
    assert nodes(profile, IG + "Actor") == set()
    (flow,) = nodes(profile, IG + "FundingFlow")
    assert objects(profile, flow, IG + "recipient") == {"group/helpers"}


def test_the_network_and_other_networks_are_named_as_such(mapped):
    profile = mapped("funding: {category: federal, recipient: [network, 'network:other']}")
    (flow,) = nodes(profile, IG + "FundingFlow")
    assert objects(profile, flow, IG + "recipient") == {"network/netz", "network/other"}


def test_shared_funding_stays_one_flow(mapped):
    profile = mapped(
        "members: [{id: a, name: A}, {id: b, name: B}]\n"
        "funding: {category: federal, recipient: [a, b], amount: 5000, currency: EUR, for: Migrationsberatung}"
    )
    (flow,) = nodes(profile, IG + "FundingFlow")
    assert objects(profile, flow, IG + "recipient") == {"actor/a", "actor/b"}
    assert objects(profile, flow, IG + "amount") == {f'"5000"^^<{XSD}decimal>'}
    assert sum(predicate == IG + "amount" for _, predicate, _ in stated(profile)) == 1
    assert len(nodes(profile, IG + "Activity")) == 1


def test_no_node_stands_for_an_unnamed_funder(mapped):
    profile = mapped("funding: [{category: federal}, {category: donations, recipient: network}]")
    assert nodes(profile, IG + "Actor") == nodes(profile, IG + "UnnamedGroup") == set()
    assert not any(predicate == IG + "funder" for _, predicate, _ in stated(profile))
    assert not any(predicate == IG + "amount" for _, predicate, _ in stated(profile))


def test_a_list_keeps_its_order(mapped):
    profile = mapped("challenges: [Zeit, Geld, Räume]")
    texts = {}
    for node in nodes(profile, IG + "Finding"):
        (place,) = objects(profile, node, IG + "position")
        (text,) = objects(profile, node, IG + "text")
        texts[place] = text
    assert [texts[place] for place in sorted(texts)] == ['"Zeit"@de', '"Geld"@de', '"Räume"@de']


# -- absences


def test_an_absence_has_its_reason_and_its_raw_text(mapped):
    profile = mapped("founded: {absent: unreadable, raw: '1'}")
    absence = "absence/netz.founded"
    assert objects(profile, absence, IG + "about") == {"network/netz"}
    assert objects(profile, absence, IG + "field") == {IG + "f-founded"}
    assert objects(profile, absence, IG + "reason") == {VOCABULARY + "absence/unreadable"}
    assert objects(profile, absence, IG + "rawText") == {'"1"'}


def test_every_field_that_needs_an_answer_has_a_value_or_an_absence_and_never_both(mapped, ontology):
    profile = mapped("founded: 2015\ncoordination: {absent: stated-none}\nemail: [anna@web.example]\nseat: ort")
    for field in ontology.form.fields:
        if not field.required:
            continue
        subject = "profile/netz" if field.profile else "network/netz"
        absent = any(
            subject in objects(profile, node, IG + "about") and field.iri in objects(profile, node, IG + "field")
            for node in nodes(profile, IG + "Absence")
        )
        assert bool(objects(profile, subject, field.path)) != absent, field.key


def test_only_absences_are_about_a_network(mapped):
    """The rule "value or absence" takes whatever is about a network and names a field for an absence."""
    profile = mapped(
        "fields_of_action: Wohnen\nevidence: {field: founded, wording: x}\nreview: {field: seat, problem: damaged}"
    )
    about = {subject for subject, predicate, _ in stated(profile) if predicate == IG + "about"}
    assert about == nodes(profile, IG + "Absence") != set()


def test_an_absence_of_the_status_date_is_about_the_profile(mapped):
    assert objects(mapped(), "absence/netz.status_date", IG + "about") == {"profile/netz"}


def test_a_personal_mailbox_stands_nowhere_and_is_withheld(mapped):
    profile = mapped("email: anna.berg@web.example")
    assert "anna" not in "".join(map(str, profile.triples()))
    assert objects(profile, "absence/netz.email", IG + "reason") == {VOCABULARY + "absence/withheld"}


def test_beside_an_office_s_mailbox_a_personal_one_leaves_no_trace(mapped):
    profile = mapped("email: [info@netz.example, anna.berg@web.example]")
    assert objects(profile, "network/netz", SCHEMA + "email") == {'"info@netz.example"'}
    assert nodes(profile, IG + "Absence").isdisjoint({"absence/netz.email"})


# -- places


def test_a_place_and_all_that_it_lies_in(gazetteer, iris):
    assert [place.id for place in used_places(["ort", "neustadt-b"], gazetteer)] == [
        "kreis",
        "land",
        "neustadt-b",
        "ort",
    ]
    found = {(predicate.value, str(value)) for _, predicate, value in map_place(gazetteer.get("ort"), iris)}
    assert found == {
        (RDF + "type", f"<{IG}Place>"),
        (IG + "placeKind", '"town"'),
        (SKOS + "prefLabel", '"Ort"@de'),
        (IG + "within", f"<{BASE}place/kreis>"),
        (IG + "countryCode", '"DE"'),
        (IG + "nuts3Code", '"DEE09"'),
        (IG + "nutsVersion", '"2024"'),
    }


def test_the_places_of_a_record_are_listed(mapped):
    assert mapped("seat: ort\nmembers: {id: a, name: A, place: kreis}").places == {"land", "ort", "kreis"}


# -- and back


def test_a_record_comes_back_from_its_graph(read, mapped, ontology, iris):
    text = "edition: '2'\nfounded: 2015\nmembers: [{id: a, name: A}, {id: v, name: V, group: yes}]\nfunding: {category: federal, recipient: a}"
    record, profile = read(text), mapped(text)
    back = unmap(profile.triples(), profile.profile, ontology, iris)
    assert (back.id, back.edition, back.language, back.names_language) == ("netz", "2", "de", "de")
    assert back.items("members") == record.items("members")
    assert back.items("funding") == record.items("funding")
    assert back.answer("seat").reason == "not-stated"
