"""The build: from records to a graph that can be asked, and never half of one."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from integgraph import build as building
from integgraph.build import Built, check_profiles, import_document
from integgraph.errors import InputError
from integgraph.ontology import Ontology
from integgraph.release import current_id, list_releases, open_release, verify
from integgraph.settings import Settings
from integgraph.store import EmbeddedStore
from tests.conftest import ROOT, build_release

NETWORK = "https://w3id.org/integgraph/id/network/"
ACTOR = "https://w3id.org/integgraph/id/actor/"
PROFILE = "https://w3id.org/integgraph/id/profile/"
VOC = "https://w3id.org/integgraph/vocabulary/"


@pytest.fixture(scope="module")
def store(golden: Built) -> EmbeddedStore:
    return golden.release.store()


def column(store: EmbeddedStore, query: str) -> list[object]:
    rows = store.select(query)
    return rows.column(rows.variables[0])


# -- the current view


def test_the_view_takes_the_newest_answer_of_each_field(store: EmbeddedStore) -> None:
    alpha = f"<{NETWORK}alpha>"
    assert column(store, f"SELECT ?v {{ {alpha} ig:founded ?v }}") == ["2010-03"]
    assert column(store, f"SELECT ?v {{ {alpha} ig:statedCount/ig:minimum ?v }}") == [81]
    assert column(store, f"SELECT ?v {{ {alpha} ig:fieldOfAction ?v }}") == [VOC + "field/labour-market"]
    assert column(store, f"SELECT ?v {{ {alpha} ig:coordination ?v }}") == []
    reason = f"SELECT ?v {{ ?a ig:about {alpha} ; ig:field ig:f-coordination ; ig:reason ?v }}"
    assert column(store, reason) == [VOC + "absence/stated-none"]


def test_each_profile_keeps_what_it_states(store: EmbeddedStore) -> None:
    query = f"SELECT ?v {{ GRAPH ?g {{ <{NETWORK}alpha> ig:statedCount/ig:minimum ?v }} }} ORDER BY ?v"
    assert column(store, query) == [61, 81]
    old = f"SELECT ?v {{ GRAPH <{PROFILE}alpha--2018-05> {{ ?c ig:coordinator ?v }} }}"
    assert column(store, old) == [ACTOR + "stadt-musterstadt"]


def test_no_triple_is_counted_twice(store: EmbeddedStore) -> None:
    for what in ("a org:Membership", "a ig:Network", "ig:statedName ?o"):
        every, distinct = (
            store.select(f"SELECT ({count} AS ?n) {{ ?s {what} }}").column("n")[0]
            for count in ("COUNT(*)", "COUNT(DISTINCT *)")
        )
        assert every == distinct


def test_only_roles_that_count_make_members_and_groups_never_do(store: EmbeddedStore) -> None:
    members = column(store, f"SELECT ?m {{ <{NETWORK}alpha> org:hasMember ?m }} ORDER BY ?m")
    assert members == [ACTOR + "caritas-musterstadt", NETWORK + "beta"]
    assert column(store, "SELECT (COUNT(?m) AS ?n) { ?m a org:Membership }") == [7]


def test_decisions_rewrite_only_the_view(store: EmbeddedStore) -> None:
    merged = ACTOR + "caritasverband-musterstadt"
    assert column(store, f"SELECT ?n {{ ?n org:hasMember <{merged}> }}") == []
    assert column(store, f"SELECT ?c {{ <{merged}> dct:isReplacedBy ?c }}") == [ACTOR + "caritas-musterstadt"]
    assert column(store, f"SELECT ?g {{ GRAPH ?g {{ ?m org:member <{merged}> }} }}") == [PROFILE + "beta"]
    labels = column(store, f"SELECT ?l {{ <{ACTOR}caritas-musterstadt> skos:prefLabel ?l }}")
    assert labels == ["Caritas Musterstadt"]
    undecided = f"SELECT ?o {{ <{ACTOR}stadt-musterstadt> ig:undecidedIdentity ?o }}"
    assert column(store, undecided) == [ACTOR + "stadt-musterstadt-beta"]


def test_a_member_that_is_a_network_answers_no_field_of_it(store: EmbeddedStore) -> None:
    assert column(store, f"SELECT ?name {{ <{NETWORK}beta> ig:statedName ?name }}") == []
    assert column(store, f"SELECT ?name {{ <{NETWORK}beta> skos:prefLabel ?name }}") == ["Netzwerk Beta"]


def test_deleting_the_row_undoes_the_decision(golden_data: Path, tmp_path: Path) -> None:
    file = golden_data / "links" / "actors.sssom.tsv"
    file.write_text("".join(line for line in file.read_text().splitlines(True) if "caritasverband" not in line))
    undone = build_release(golden_data, tmp_path / "out").release.store()
    merged = ACTOR + "caritasverband-musterstadt"
    assert column(undone, f"SELECT ?n {{ ?n org:hasMember <{merged}> }}") == [NETWORK + "beta"]


def test_money_without_a_named_funder_has_no_node_for_one(store: EmbeddedStore) -> None:
    assert store.ask(f"ASK {{ ?f ig:funderCategory <{VOC}funder-category/federal> }}")
    assert not store.ask(f"ASK {{ ?f ig:funderCategory <{VOC}funder-category/federal> ; ig:funder ?x }}")
    recipients = f"SELECT ?r {{ ?f ig:funderCategory <{VOC}funder-category/federal> ; ig:recipient ?r }} ORDER BY ?r"
    assert column(store, recipients) == [ACTOR + "caritas-musterstadt", NETWORK + "alpha"]
    assert column(store, "SELECT ?a { ?f ig:amount ?a }") != [0]


def test_shortcuts_are_there_and_marked_as_derived(store: EmbeddedStore) -> None:
    assert column(store, f"SELECT ?c {{ <{NETWORK}gamma> ig:coordinatedBy ?c }}") == [ACTOR + "comune-esempio"]
    assert column(store, f"SELECT ?f {{ <{ACTOR}caritas-musterstadt> ig:fundedBy ?f }}") == [ACTOR + "land-beta"]
    for term in ("coordinatedBy", "fundedBy", "finding", "findingKind", "foundedEarliest"):
        assert store.ask(f"ASK {{ ig:{term} ig:derived true }}"), term


# -- the real data


def test_all_120_networks_build_and_no_member_row_is_lost(collection: Built) -> None:
    store = collection.release.store()
    counts = collection.release.manifest["counts"]
    assert counts["networks"] == 120
    assert column(store, "SELECT (COUNT(DISTINCT ?m) AS ?n) { ?network ig:membership ?m . ?m org:role ?r }") == [809]
    assert counts["funding_flows"] >= 120
    assert not store.ask("ASK { ?m a org:Membership FILTER NOT EXISTS { ?m org:role ?role } }")


def test_the_rows_that_count_as_members_are_as_decided(collection: Built) -> None:
    """Golden: whoever changes a role changes this list too, and sees what follows from it."""
    query = """SELECT ?network ?member {
      ?network ig:membership ?row . ?row org:member ?member .
      FILTER NOT EXISTS { ?row org:role/ig:countsAsMember true }
    } ORDER BY ?network ?member"""
    found = [
        f"{str(row['network']).rpartition('/')[2]}\t{str(row['member']).rpartition('/')[2]}"
        for row in collection.release.store().select(query).records()
    ]
    expected = (ROOT / "tests" / "golden" / "not-members.tsv").read_text("utf-8").splitlines()
    assert found == expected


def test_two_actors_with_one_name_stay_two(collection: Built) -> None:
    query = """SELECT (COUNT(DISTINCT ?actor) AS ?n) { ?actor ig:statedName ?name ; a ig:Actor FILTER(STR(?name) = "Caritas") }"""
    assert column(collection.release.store(), query) == [2]


def test_the_clear_cases_are_decided_and_no_more(collection: Built) -> None:
    store = collection.release.store()
    assert column(store, "SELECT (COUNT(*) AS ?n) { ?old dct:isReplacedBy ?new }") == [196]
    assert column(store, "SELECT (COUNT(*) AS ?n) { ?a ig:undecidedIdentity ?b }") == [21]


# -- the litmus: a new field of an existing kind of value, and no code

SHAPE = """
ig:f-opening-hours a sh:PropertyShape ; sh:path ig:openingHours ; ig:key "opening_hours" ; ig:reader "text" ;
    ig:answerRequired true ; sh:group ig:section-further ; sh:order 205 ; sh:datatype rdf:langString ;
    sh:name "Opening hours"@en , "Öffnungszeiten"@de ; sh:description "When."@en , "Wann."@de ;
    sh:message "Text."@en , "Text."@de .
ig:NetworkShape sh:property ig:f-opening-hours .
"""


def test_adding_a_field_touches_the_ontology_and_no_code(golden_data: Path, tmp_path: Path) -> None:
    from integgraph.analysis.answers import answer_table
    from integgraph.ingest.schema import record_schema
    from integgraph.ontology import json_ld_context

    folder = Path(shutil.copytree(Ontology.load().folder, tmp_path / "ontology"))
    with (folder / "shapes.ttl").open("a", encoding="utf-8") as file:
        file.write(SHAPE)
    ontology = Ontology.load(folder)
    with (golden_data / "profiles" / "gamma.yaml").open("a", encoding="utf-8") as file:
        file.write("opening_hours: Mondays at nine\n")
    form = golden_data / "profiles" / "delta.txt"
    form.write_text(
        "1. ALLGEMEINE ANGABEN\nName des Netzwerks\tNetzwerk Delta\nOrt\tMusterstadt\n"
        "4. WEITERE INFORMATIONEN\nÖffnungszeiten\tnach Absprache\n",
        "utf-8",
    )
    store = build_release(golden_data, tmp_path / "out", ontology).release.store()
    hours = {
        row["network"]: (row["opening_hours"], row["opening_hours_state"]) for row in answer_table(store, ontology)
    }
    assert hours[NETWORK + "gamma"] == ("Mondays at nine", "value")
    assert hours[NETWORK + "alpha"] == ("", "not-stated")
    assert hours[NETWORK + "netzwerk-delta"] == ("nach Absprache", "value")
    assert "opening_hours" in record_schema(ontology)["properties"]
    assert json_ld_context(ontology, NETWORK)["@context"]["opening_hours"]["@id"].endswith("#openingHours")
    broken = golden_data / "profiles" / "gamma.yaml"
    broken.write_text(broken.read_text().replace("Mondays at nine", "[]"))
    with pytest.raises(InputError, match="gamma.yaml:.*opening_hours"):
        build_release(golden_data, tmp_path / "out", ontology)


# -- what is wrong stops the build, in words, and the old release stays


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            ("founded: 2010-03", "founded: 2010-13"),
            r"alpha-2024.yaml:\d+: founded: 'Founded' is not a date: There is no month 13",
        ),
        (("status_date: 2024-02", "status_date: 2027"), "later than the day its newest source was retrieved"),
        (("edition: 2024-02", "edition: 2018-05"), "is already used in alpha-2018.yaml"),
        (("seat: musterstadt", "seat: nirgendwo"), "'nirgendwo' is not in the place list"),
    ],
)
def test_a_violation_stops_the_build_and_the_old_release_stays(
    golden_data: Path, tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    out = tmp_path / "out"
    old = build_release(golden_data, out).release.id
    file = golden_data / "profiles" / "alpha-2024.yaml"
    file.write_text(file.read_text("utf-8").replace(*change), "utf-8")
    with pytest.raises(InputError, match=words):
        build_release(golden_data, out)
    assert current_id(out) == old
    assert len(list_releases(out)) == 1


def test_every_broken_file_is_reported_at_once(golden_data: Path, tmp_path: Path) -> None:
    profiles = golden_data / "profiles"
    (profiles / "a.yaml").write_bytes(b"id: \xff\n")
    (profiles / "b.yaml").write_text("")
    (profiles / "c.yaml").write_text("id: &x c\nlabel: *x\n")
    (golden_data / "links" / "more.sssom.tsv").write_text("subject_id\tobject_id\na\tb\n")
    (golden_data / "places" / "places.yaml").write_text("- {id: x}\n")
    with pytest.raises(InputError) as caught:
        build_release(golden_data, tmp_path / "out")
    text = str(caught.value)
    for file in ("a.yaml", "b.yaml", "c.yaml", "more.sssom.tsv", "places.yaml"):
        assert file in text


def test_the_shapes_are_the_second_net(golden_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What record reading lets through, the shapes still stop, with file and field."""
    from integgraph.ingest import kinds

    monkeypatch.setattr(kinds.Url, "parse", lambda self, text, field: text)
    file = golden_data / "profiles" / "beta.yaml"
    file.write_text(file.read_text("utf-8") + "websites: ['ftp://beta.example/']\n", "utf-8")
    with pytest.raises(InputError, match=r"beta.yaml:\d+: websites\[1\]: A web address begins with http"):
        build_release(golden_data, tmp_path / "out")


def test_many_decisions_fit_into_one_file(golden_data: Path, tmp_path: Path) -> None:
    file = golden_data / "links" / "actors.sssom.tsv"
    file.write_text("# a remark\n" * 600_000 + file.read_text("utf-8"), "utf-8")
    assert file.stat().st_size > 6_000_000
    assert build_release(golden_data, tmp_path / "out").release.manifest["counts"]["networks"] == 3


def test_missing_folders_are_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no folder .*profiles.*--data"):
        build_release(tmp_path, tmp_path / "out")
    (tmp_path / "profiles").mkdir()
    with pytest.raises(InputError, match="There is no profile in"):
        build_release(tmp_path, tmp_path / "out")


def test_profiles_are_checked_without_building(golden_data: Path) -> None:
    settings = Settings()
    broken = golden_data / "broken.yaml"
    broken.write_text("id: x\n")
    problems, count = check_profiles(
        [golden_data / "profiles", broken],
        golden_data,
        Ontology.load(),
        base_iri=settings.base_iri,
        licence=settings.licence,
    )
    assert count == 5
    assert {problem.severity for problem in problems} == {"violation", "warning"}
    assert all(problem.file == str(broken.name) for problem in problems if problem.severity == "violation")


def test_documents_are_drafted_with_ids_that_are_free(golden_data: Path, tmp_path: Path) -> None:
    form = tmp_path / "form.txt"
    form.write_text(
        "Name of the network\tNet Z\nLocation\tMusterstadt\nMembers\tTwo NGOs: Caritas Musterstadt, Zebra e.V.\n"
    )
    draft = import_document(form, golden_data, Ontology.load())
    members = draft["members"]
    assert isinstance(members, list)
    assert members[0]["id"] != "caritas-musterstadt"
    assert {member["name"] for member in members} == {"Caritas Musterstadt", "Zebra e.V."}


def test_documents_build_beside_records_without_taking_their_ids(golden_data: Path, tmp_path: Path) -> None:
    for name in ("Z", "Y"):
        (golden_data / "profiles" / f"net-{name}.txt").write_text(
            f"Name of the network\tNet {name}\nLocation\tMusterstadt\nMembers\tTwo NGOs: Caritas Musterstadt, Zebra e.V.\n"
        )
    store = build_release(golden_data, tmp_path / "out").release.store()
    bearers = (
        "SELECT (COUNT(DISTINCT ?a) AS ?n) { ?a a ig:Actor ; ig:statedName ?name FILTER(STR(?name) = 'Zebra e.V.') }"
    )
    assert column(store, bearers) == [2]
    assert column(store, "SELECT (COUNT(?n) AS ?c) { ?n a ig:Network }") == [5]


def test_progress_is_told_to_the_end(golden_data: Path, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    building.build(
        golden_data,
        tmp_path / "out",
        base_iri=Settings().base_iri,
        licence=Settings().licence,
        progress=lambda what, done, total: told.append((what, done, total)),
    )
    stages = list(dict.fromkeys(what for what, _, _ in told))
    assert stages == ["profiles read", "profiles mapped", "profiles validated", "current view", "release"]
    assert all((what, total, total) in told for what, _, total in told)


# -- kill -9


@pytest.mark.slow
def test_a_build_killed_at_any_point_leaves_a_whole_release(golden_data: Path, tmp_path: Path) -> None:
    """30 random points, from the first moment of a build to after its end: what serves is always whole."""
    out = tmp_path / "out"
    command = [
        sys.executable,
        "-m",
        "integgraph.cli",
        "build",
        "--data",
        str(golden_data),
        "--out",
        str(out),
        "--quiet",
    ]
    start = time.monotonic()
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT, timeout=120)
    whole = time.monotonic() - start
    chance = random.Random(1)
    hashes = {open_release(out).content_hash}
    for point in range(30):
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT, start_new_session=True
        )
        # Most of the writing happens at the end, so most of the blows fall there.
        time.sleep(whole * (chance.random() if point % 3 == 0 else 0.6 + 0.45 * chance.random()))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=30)
        release = open_release(out)
        assert release.content_hash in hashes
        assert release.store().select("SELECT (COUNT(?n) AS ?c) { ?n a ig:Network }").column("c") == [3]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT, timeout=120)
    assert not list(out.glob("**/.new-*"))


# -- links to other collections

LINKS = """\
subject_id\tpredicate_id\tobject_id\tmapping_justification\tcomment
actor:caritasverband-musterstadt\towl:sameAs\thttps://ror.org/05dxps055\tsemapv:ManualMappingCuration\tx
place:nuts-dee\towl:sameAs\thttp://data.europa.eu/nuts/code/DEE\tsemapv:ManualMappingCuration\tx
place:esempio\towl:differentFrom\thttps://sws.geonames.org/1/\tsemapv:ManualMappingCuration\tx
concept:field/labour-market\tskos:closeMatch\thttps://v.example/work\tsemapv:ManualMappingCuration\tx
actor:nobody\towl:sameAs\thttps://ror.org/042nb2s44\tsemapv:ManualMappingCuration\tx
"""
OUTWARD = "SELECT ?s ?p ?o { ?s ?p ?o VALUES ?p { owl:sameAs skos:closeMatch owl:differentFrom } } ORDER BY ?o"


def test_links_outward_are_in_the_view_of_what_is_canonical(golden_data: Path, tmp_path: Path) -> None:
    (golden_data / "links" / "outward.sssom.tsv").write_text(LINKS, "utf-8")
    built = build_release(golden_data, tmp_path / "out")
    owl, skos = "http://www.w3.org/2002/07/owl#", "http://www.w3.org/2004/02/skos/core#"
    found = [tuple(term.value for term in row) for row in built.release.store().select(OUTWARD).rows]
    places = NETWORK.replace("network", "place")
    assert found == [
        (places + "nuts-dee", owl + "sameAs", "http://data.europa.eu/nuts/code/DEE"),
        (ACTOR + "caritas-musterstadt", owl + "sameAs", "https://ror.org/05dxps055"),
        (VOC + "field/labour-market", skos + "closeMatch", "https://v.example/work"),
    ]
    assert any("actor:nobody is not in the collection" in problem.message for problem in built.warnings)
    assert "links/outward.sssom.tsv" in [each["file"] for each in built.release.manifest["inputs"]]
    assert built.release.manifest["statistics"]["linksets"] == [
        {"name": "NUTS", "space": "http://data.europa.eu/nuts/code/", "predicate": owl + "sameAs", "triples": 1},
        {"name": "ROR", "space": "https://ror.org/", "predicate": owl + "sameAs", "triples": 1},
        {"name": "v.example", "space": "https://v.example/", "predicate": skos + "closeMatch", "triples": 1},
    ]


def test_links_are_renewed_as_they_are_made_anew(golden_data: Path, tmp_path: Path) -> None:
    """Added, changed and taken back: each time the release is the one that a full build makes."""
    out, file = tmp_path / "out", golden_data / "links" / "outward.sssom.tsv"
    before = build_release(golden_data, out).release
    for step, text in enumerate((LINKS, LINKS.replace("DEE\t", "DE\t"), "".join(LINKS.splitlines(True)[:1]))):
        file.write_text(text, "utf-8")
        renewed = build_release(golden_data, out)
        anew = build_release(golden_data, tmp_path / f"anew-{step}")
        assert renewed.unchanged == 4
        assert renewed.release.dump.read_bytes() == anew.release.dump.read_bytes()
        assert renewed.release.manifest["statistics"] == anew.release.manifest["statistics"]
        assert renewed.release.content_hash == anew.release.content_hash
        assert verify(renewed.release) == []
    assert renewed.release.dump.read_bytes() == before.dump.read_bytes(), "without links it is what it was"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("actor:caritas-musterstadt\towl:sameAs\thttps://ror.org/05dxps056", "wrong check number"),
        ("actor:caritas-musterstadt\towl:differentFrom\thttps://ror.org/05dxps055", "says owl:sameAs of these two"),
        ("actor:caritas-musterstadt\tskos:exactMatch\thttps://ror.org/05dxps055", "is not for actors"),
    ],
)
def test_a_faulty_link_stops_the_build(golden_data: Path, tmp_path: Path, row: str, words: str) -> None:
    file = golden_data / "links" / "outward.sssom.tsv"
    file.write_text(f"{LINKS}{row}\tsemapv:ManualMappingCuration\tx\n", "utf-8")
    with pytest.raises(InputError, match=f"outward.sssom.tsv:7: .*{words}"):
        build_release(golden_data, tmp_path / "out")
