import pytest

from integgraph.ingest import checks

MEMBERS = (
    "members: [{id: a, name: A}, {id: b, name: B}, {id: g, name: G, roles: guest}, {id: v, name: V, group: yes}]\n"
)


@pytest.fixture
def doubts(read, ontology):
    def doubts(text: str, **around):
        found = checks.warnings(read(text, **around), ontology)
        assert all(problem.severity == "warning" and problem.file == "netz.yaml" and problem.line for problem in found)
        return [(problem.field, problem.message) for problem in found]

    return doubts


@pytest.fixture
def german(read, ontology):
    return lambda text, **around: [each.german for each in checks.warnings(read(text, **around), ontology)]


def test_a_doubt_is_told_in_german_too(german):
    names = MEMBERS + "members_complete: yes\n"
    assert german("formalisation: soft-agreements\nnetwork_type: informal-network") == [
        "Formalisierung und Art passen vielleicht nicht zusammen: „Weiche formale Vereinbarungen und Normen“, aber der "
        "Art nach ein informelles Netzwerk."
    ]
    assert german("formalisation: informal\nnetwork_type: umbrella-organisation") == [
        "Formalisierung und Art passen vielleicht nicht zusammen: informell, aber der Art nach ein Dachverband."
    ]
    assert german(names + "stated_counts: [{min: 2}, {min: 3}]") == [
        "Die Liste gilt als vollständig und nennt 2, aber eine Quelle spricht von mindestens 3."
    ]
    assert german(names + "stated_counts: {max: 1}") == [
        "Genannt sind 2 Mitglieder, aber eine Quelle spricht von höchstens 1."
    ]
    assert german("email: erika.mustermann@netz.example") == [
        "Dieses Postfach gehört wohl einer Person; es wird nicht veröffentlicht."
    ]
    assert german("review: [{field: founded, problem: damaged}]") == ["Noch zu entscheiden (founded): beschädigt"]
    assert german("review: [{problem: ambiguous, explanation: {de: 'Zwei Namen.', en: 'Two names.'}}]") == [
        "Noch zu entscheiden: Zwei Namen."
    ]
    assert german("review: [{problem: ambiguous, explanation: {en: 'Two names.'}}]") == [""]


def test_a_plain_record_raises_no_doubts(doubts):
    assert doubts(MEMBERS + "members_complete: yes\nstated_counts: {min: 2, max: 2}\nemail: info@netz.example") == []


@pytest.mark.parametrize(
    ("formalisation", "type", "message"),
    [
        (
            "soft-agreements",
            "informal-network",
            "“Soft formal agreements and norms”, but the type is an informal network",
        ),
        ("informal", "umbrella-organisation", "informal, but the type is an umbrella organisation"),
    ],
)
def test_formalisation_and_type_may_disagree(doubts, formalisation, type, message):
    ((field, found),) = doubts(f"formalisation: {formalisation}\nnetwork_type: {type}")
    assert field == "formalisation"
    assert found.startswith("Formalisation and type may disagree: ") and message in found


@pytest.mark.parametrize(
    ("formalisation", "type"), [("informal", "informal-network"), ("legal-entity", "umbrella-organisation")]
)
def test_formalisation_and_type_agree(doubts, formalisation, type):
    assert doubts(f"formalisation: {formalisation}\nnetwork_type: {type}") == []


def test_a_complete_list_shorter_than_the_count(doubts):
    found = doubts(MEMBERS + "members_complete: yes\nstated_counts: [{min: 2}, {min: 3}]")
    assert found == [("stated_counts[2]", "The list is called complete and names 2, but a source states at least 3.")]


def test_more_members_named_than_counted(doubts):
    assert doubts(MEMBERS + "members_complete: yes\nstated_counts: {max: 1}") == [
        ("stated_counts[1]", "2 members are named, but a source states at most 1.")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "members_complete: yes\nstated_counts: {min: 9, approximate: yes}",
        "members_complete: yes\nstated_counts: {min: 9, of_members: no}",
        "members_complete: yes\nstated_counts: {min: 9, unit: persons}",
        "stated_counts: {min: 9}",
    ],
    ids=["approximate", "not of members", "persons", "list not complete"],
)
def test_counts_that_cannot_be_compared_raise_no_doubts(doubts, text):
    assert doubts(MEMBERS + text) == []


def test_a_count_without_any_named_member_raises_no_doubts(doubts):
    assert doubts("members_complete: yes\nstated_counts: {min: 9}") == []


def test_a_personal_mailbox(doubts):
    ((field, message),) = doubts("email: [info@netz.example, anna.berg@web.example]")
    assert field == "email[2]"
    assert "not published" in message
    assert "anna" not in message


def test_what_an_import_left_open(doubts):
    text = "review:\n  - {problem: damaged, raw: '1', field: founded}\n  - {problem: ambiguous, explanation: {en: Which town?}}"
    assert doubts(text) == [
        ("review[1]", "Still to be decided (founded): damaged"),
        ("review[2]", "Still to be decided: Which town?"),
    ]
