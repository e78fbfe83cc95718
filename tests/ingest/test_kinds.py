import pytest

from integgraph.ingest import kinds

# -- what each kind reads: the text of a field, and the item it gives

READ = {
    "day written long": ("sources: {title: A, retrieved: 2026-11-23}", "sources", "retrieved", ["2026-11-23"]),
    "date": ("founded: ' 2015-09~ '", "founded", None, "2015-09~"),
    "whole number": ("stated_counts: {min: 060}", "stated_counts", "min", ["60"]),
    "amount": ("funding: {category: federal, amount: 1500.50}", "funding", "amount", ["1500.5"]),
    "percentage": ("funding: {category: federal, share: 40%}", "funding", "share", ["0.4"]),
    "percentage with comma": ("funding: {category: federal, share: '12,5 %'}", "funding", "share", ["0.125"]),
    "share as a number": ("funding: {category: federal, share: 0.4}", "funding", "share", ["0.4"]),
    "yes": ("members_complete: Ja", "members_complete", None, "true"),
    "no": ("members_complete: no", "members_complete", None, "false"),
    "mailbox": ("email: mailto:info@netz.example", "email", None, "info@netz.example"),
    "place by name": ("seat: Ort", "seat", None, "ort"),
    "place by id": ("seat: neustadt-a", "seat", None, "neustadt-a"),
    "closed list": ("sources: {title: A, read: whole}", "sources", "read", ["whole"]),
    "default": ("sources: {title: A}", "sources", "read", ["part"]),
    "default role": ("members: {id: a, name: A}", "members", "roles", [{"role": ["member"]}]),
    "role by label": ("members: {id: a, name: A, roles: Gast}", "members", "roles", [{"role": ["guest"]}]),
    "bare value": ("challenges: Kurze Laufzeiten", "challenges", "text", [{"text": "Kurze Laufzeiten", "lang": "de"}]),
    "bare address": ("websites: https://a.example/", "websites", "url", ["https://a.example/"]),
    "other network": ("relations: {name: B, kind: successor, network: 'network:b'}", "relations", "network", ["b"]),
    "field": ("evidence: {field: founded, wording: x}", "evidence", "field", ["founded"]),
    "text in NFC": ("challenges: {text: {de: 'U\u0308bung'}}", "challenges", "text", [{"text": "\u00dcbung", "lang": "de"}]),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_a_value_is_brought_to_its_normal_form(read, name):
    text, key, part, item = READ[name]
    (found,) = read(text).items(key)
    assert (found[part] if part else found) == item


# -- what each kind refuses

REFUSED = {
    "javascript address": ("websites: 'javascript:alert(1)'", "websites.url", "'javascript:alert(1)' is not a web address: it must begin with http:// or https://"),
    "data address": ("websites: 'data:text/html,x'", "websites.url", "is not a web address"),
    "address without scheme": ("websites: www.netz.example", "websites.url", "is not a web address"),
    "address without host": ("websites: 'https:///x'", "websites.url", "is not a web address"),
    "address with broken brackets": ("websites: 'http://[::1'", "websites.url", "is not a web address"),
    "address with a space": ("websites: 'https://a.example/ b'", "websites.url", "holds characters that no web address may hold"),
    "address with a stray percent sign": ("websites: 'https://a.example/100%'", "websites.url", "holds characters that no web address may hold"),
    "address with two marks": ("websites: 'https://a.example/#a#b'", "websites.url", "holds characters that no web address may hold"),
    "address with a bad port": ("websites: 'https://a.example:x/'", "websites.url", "holds characters that no web address may hold"),
    "address with a tag": ("websites: 'https://a.example/<script>'", "websites.url", "holds characters that no web address may hold"),
    "too long address": (f"websites: https://a.example/{'a' * 2000}", "websites.url", "is longer than 2000 characters"),
    "address of an actor": ("members: {id: a, name: A, url: 'ftp://a.example'}", "members.url", "is not a web address"),
    "mailbox without domain": ("email: info@netz", "email", "'info@netz' is not an e-mail address"),
    "two mailboxes in one": ("email: a@b.example c@d.example", "email", "is not an e-mail address"),
    "too long text": (f"description: {'a' * 20001}", "description", "longer than 20000 characters"),
    "day of low precision": ("sources: {title: A, retrieved: 2026-11}", "sources.retrieved", "must be one day such as 2026-11-23, not '2026-11'"),
    "day that is none": ("sources: {title: A, retrieved: 2026-02-30}", "sources.retrieved", "'Retrieved' is not a day: There is no day 30"),
    "number in words": ("stated_counts: {min: over 60}", "stated_counts.min", "'At least' must be a whole number, not 'over 60'"),
    "number below zero": ("stated_counts: {min: -1}", "stated_counts.min", "cannot be below zero"),
    "number in other digits": ("stated_counts: {min: ٦}", "stated_counts.min", "must be a whole number"),
    "number too long": (f"stated_counts: {{min: {'9' * 13}}}", "stated_counts.min", "must be a whole number"),
    "count without number": ("stated_counts: over 60", "stated_counts", "A stated number needs 'min' or 'max'"),
    "amount with currency": ("funding: {category: federal, amount: 1.500 €}", "funding.amount", "must be a number such as 1500000 or 99.50"),
    "amount with separators": ("funding: {category: federal, amount: '1,500'}", "funding.amount", "must be a number"),
    "share above all": ("funding: {category: federal, share: 140%}", "funding.share", "must lie between 0% and 100%"),
    "share in words": ("funding: {category: federal, share: half}", "funding.share", "must be a percentage such as 40%, not 'half'"),
    "neither yes nor no": ("members_complete: unknown", "members_complete", "must be yes or no, not 'unknown'. Leave the key out"),
    "not in the closed list": ("sources: {title: A, read: some}", "sources.read", "'some' is not allowed for 'Read'. Use one of: whole, part"),
    "unknown concept": ("funding: {category: jugglers}", "funding.category", "'jugglers' is not in the list"),
    "near concept": ("funding: {category: Donatoins}", "funding.category", "Did you mean donations"),
    "near concept given by id": ("fields_of_action: {concept: housng}", "fields_of_action.concept", "Did you mean housing"),
    "concept that is a mapping": ("fields_of_action: {concept: {a: b}}", "fields_of_action.concept", "A concept is the id of a list entry"),
    "no concept in the list": ("fields_of_action: {concept: []}", "fields_of_action.concept", "A concept is the id of a list entry"),
    "neither concept nor wording": ("fields_of_action: {source: s1}", "fields_of_action", "needs a concept or a wording"),
    "unknown key beside a concept": ("fields_of_action: {concept: housing, note: x}", "fields_of_action.note", "'note' has no place here"),
    "wording that is empty": ("fields_of_action: {wording: ''}", "fields_of_action.wording", "is empty"),
    "unknown source of a concept": ("fields_of_action: {concept: housing, source: s9}", "fields_of_action.source", "There is no source 's9'"),
    "unknown sector": ("members: {id: a, name: A, sector: municipallity}", "members.sector", "Did you mean municipality"),
    "unknown role": ("members: {id: a, name: A, roles: juggler}", "members.roles.role", "is not in the list 'Roles in a network'"),
    "no such concept at all": ("members: {id: a, name: A, roles: qqqqqq}", "members.roles.role", "docs/vocabularies.md lists Roles in a network"),
    "unknown place": ("seat: Xyz", "seat", "'Xyz' is not in the place list. Otherwise add it"),
    "place with two bearers": ("seat: Neustadt", "seat", "'Neustadt' may be several places. Write one of these ids: neustadt-a, neustadt-b"),
    "unknown field": ("evidence: {field: fonded, wording: x}", "evidence.field", "The form has no field 'fonded'. Did you mean founded"),
    "network that is none": ("relations: {name: B, kind: successor, network: B C}", "relations.network", "'B C' is not the id of a network"),
    "unknown part": ("members: {id: a, name: A, role: guest}", "members.role", "'Members' has no part 'role'. Did you mean roles"),
    "unknown part without likeness": ("challenges: {text: A, xyzzy: b}", "challenges.xyzzy", "Allowed: source, text, themes"),
    "missing part": ("funding: {amount: 5}", "funding", "Every funding row needs the category of funder"),
    "missing text": ("challenges: {themes: communication}", "challenges", "A finding needs a text, one per language"),
    "value without parts": ("evidence: [{}]", "evidence[1]", "'Evidence' is empty"),
    "text where parts must be": ("funding: federal funds", "funding", "'Funding' needs its parts written out"),
    "language that is none": ("mission: {deutsch: A}", "mission.deutsch", "'deutsch' is not a language code"),
    "language without text": ("mission: {de: [A]}", "mission.de", "takes one plain value here"),
    "organisation without id": ("members: {name: Zora e.V.}", "members", "This organisation has no id. Add 'id: zora-e-v'"),
    "organisation without name": ("members: {id: zora}", "members", "An organisation needs a name"),
    "organisation with a bad id": ("members: {id: Zora E, name: A}", "members.id", "may hold only small letters a–z, digits and single hyphens. Write zora-e"),
    "organisation defined twice": ("members: [{id: a, name: A}, {id: a, name: A}]", "members[2].id", "The actor 'a' is defined twice in this record"),
    "unknown key of an organisation": ("funding: {category: federal, funder: {id: a, name: A, sectr: x}}", "funding.funder.sectr", "An organisation has no 'sectr'. Did you mean sector"),
    "organisation in a list": ("coordination: {actor: [{id: a, name: A}, {id: b, name: B}]}", "coordination", "has 2 values (a, b), but only 1 is allowed"),
    "group neither yes nor no": ("members: {id: a, name: A, group: perhaps}", "members.group", "must be yes or no"),
    "unknown actor": ("websites: {url: 'https://a.example', of: zora}", "websites.of", "No actor 'zora' is defined in this record"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_value_that_is_not_of_its_kind_is_refused(faults, name):
    text, field, sentence = REFUSED[name]
    found = [problem for problem in faults(text) if problem.severity == "violation"]
    assert len(found) == 1, [str(problem) for problem in found]
    assert sentence in f"{found[0].message} {found[0].advice}"
    assert (found[0].file, found[0].field) == ("netz.yaml", field)
    assert found[0].line


@pytest.mark.parametrize("sign", ["\\0", "\\x07", "\\x7f", "\\u200f", "\\u202e", "\\u2066"])
@pytest.mark.parametrize("key", ["description", "notes", "founded", "websites", "email", "fields_of_action", "seat"])
def test_control_and_bidirectional_characters_are_refused_everywhere(faults, key, sign):
    (problem,) = faults(f'{key}: "https://a.example/{sign}b"')
    assert "holds an invisible control character" in problem.message
    assert problem.field in (key, f"{key}.url")


# -- concepts and their wording


def test_a_wording_finds_its_concept_and_stays(read):
    (item,) = read("formalisation: Soft agreements & norms").items("formalisation")
    assert item == {"concepts": ["soft-agreements"], "wording": {"text": "Soft agreements & norms", "lang": "de"}}


def test_a_wording_in_no_list_is_kept_with_a_warning_and_a_hint(read, faults):
    (item,) = read("fields_of_action: hosing").items("fields_of_action")
    assert item["concepts"] == ["unclassified"]
    assert item["wording"]["text"] == "hosing"
    (problem,) = faults("fields_of_action: hosing")
    assert problem.severity == "warning"
    assert "it is kept as text. Perhaps housing" in problem.message


def test_several_concepts_for_one_wording(read):
    (item,) = read("fields_of_action: {concept: [housing, Wohnen, health], wording: {en: Homes}}").items(
        "fields_of_action"
    )
    assert item == {"concepts": ["health", "housing"], "wording": {"text": "Homes", "lang": "en"}}


def test_a_wording_alone_is_classified_in_its_own_language(read):
    (item,) = read("fields_of_action: {wording: {en: Housing}, source: s1}").items("fields_of_action")
    assert item == {"concepts": ["housing"], "wording": {"text": "Housing", "lang": "en"}, "source": "s1"}


# -- actors


def test_an_actor_is_defined_once_and_named_afterwards(read):
    record = read(
        "members: [{id: zora, name: Zora, roles: [member, {role: guest, from: 2015}], source: s1}, zora]\n"
        "websites: {url: 'https://a.example', of: zora}"
    )
    first, second = record.items("members")
    assert first["actor"] == [{"id": "zora", "name": [{"text": "Zora", "lang": "de"}]}]
    assert first["roles"] == [{"role": ["member"]}, {"role": ["guest"], "from": ["2015"]}]
    assert second["actor"] == [{"ref": "zora"}]
    assert record.items("websites")[0]["of"] == [{"ref": "zora"}]


def test_an_actor_may_be_named_before_it_is_defined(read):
    record = read("funding: {category: federal, recipient: zora}\nmembers: {id: zora, name: Zora}")
    assert record.items("funding")[0]["recipient"] == [{"ref": "zora"}]


def test_the_network_itself_and_other_networks_need_no_definition(read):
    (flow,) = read("funding: {category: federal, recipient: [network, 'network:other']}").items("funding")
    assert flow["recipient"] == [{"ref": "network"}, {"ref": "network:other"}]


def test_a_group_is_marked_and_no_is_no_group(read):
    first, second = read("members: [{id: v, name: V, group: yes}, {id: w, name: W, group: no}]").items("members")
    assert first["actor"][0]["group"] == "true"
    assert "group" not in second["actor"][0]


# -- mailboxes


@pytest.mark.parametrize(
    "address",
    [
        "info@example.org",
        "Kontakt@example.org",
        "stadt.halle@example.org",
        "zora@zora-halle.example",
        "vorstand2@x.example",
    ],
)
def test_the_mailbox_of_an_office(address):
    assert kinds.is_role_mailbox(address)


@pytest.mark.parametrize("address", ["anna.berg@example.org", "a@example.org", "m.mueller1970@web.example", "@", ""])
def test_the_mailbox_of_a_person(address):
    assert not kinds.is_role_mailbox(address)


def test_a_mailbox_named_like_the_network_is_the_office_s():
    assert kinds.is_role_mailbox("willi@example.org", "willi-hilft")


# -- writing back and describing


def test_every_kind_writes_back_what_it_reads(read, ontology):
    record = read(
        "members_complete: yes\n"
        "funding: {category: federal, share: 40%, amount: 1500.50}\n"
        "fields_of_action: [{concept: [housing, health], wording: {en: Homes}, source: s1}, housing]\n"
        "mission: {de: Ziel, en: Aim}\n"
        "members: [{id: v, name: V, group: yes}, v, {actor: network, source: s1}]\n"
        "challenges: [Zeit, {text: {en: Time}}, {text: Geld, themes: communication}]"
    )
    writing = kinds.Writing("de", "de")

    def written(key):
        return kinds.write_items(record.items(key), ontology.form.field(key), writing)

    assert written("members_complete") == "yes"
    assert written("funding") == [{"category": "federal", "amount": "1500.5", "share": "40%"}]
    assert written("fields_of_action") == [
        {"concept": ["health", "housing"], "wording": {"en": "Homes"}, "source": "s1"},
        {"concept": "housing", "wording": "housing"},
    ]
    assert written("challenges") == [
        "Zeit",
        {"text": {"en": "Time"}},
        {"text": "Geld", "themes": "communication"},
    ]
    assert written("mission") == {"de": "Ziel", "en": "Aim"}
    assert written("members") == [{"id": "v", "group": "yes", "name": "V"}, "v", {"actor": "network", "source": "s1"}]


def test_every_field_and_part_has_a_schema(ontology):
    parts = [part for shape in ontology.form.shapes.values() for part in shape.parts]
    for field in (*ontology.form.fields, *parts):
        schema = kinds.KINDS[field.kind].schema(field, ontology)
        assert set(schema) & {"type", "anyOf", "enum", "$ref"}, field.key


def test_values_are_shown_in_a_few_words():
    assert kinds.short("x" * 50) == "x" * 39 + "…"
    assert kinds.short({"id": "", "name": [{"text": "Zora"}]}) == "Zora"
    assert kinds.short([]) == ""


def test_a_digest_depends_on_content_alone():
    assert kinds.digest({"a": 1, "b": 2}) == kinds.digest({"b": 2, "a": 1}) != kinds.digest({"a": 1})
