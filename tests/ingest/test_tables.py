"""Tables of others, from a file to a release: what is imported, what is left out, and what a build makes of it."""

from __future__ import annotations

import csv
import datetime
import io
import json
import random
import re
import shutil
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import integgraph
from integgraph.analysis.reports import analyse
from integgraph.build import Built
from integgraph.errors import InputError
from integgraph.ingest.tables.importing import Imported, import_table, mint
from integgraph.ingest.tables.mapping import read_mapping
from integgraph.ontology import Ontology
from tests.conftest import GOLDEN, ROOT, SHARED, build_release
from tests.ingest.test_tables_reading import workbook

EXAMPLES = ROOT / "docs" / "examples" / "tables"

GRANTS = '''\
Geber;Art;Betrag;Name;Register;Zweck;Jahr;Feld
Stadt Neustadt;Stadt;1.000,50;Diakonisches Werk im Kirchenkreis  Halberstadt e.V.;VR 1;"Beratung für
Geflüchtete";2015;Integration
Stadt Neustadt;Stadt;2.000,00;"Diakonisches Werk im Kirchenkreis
Halberstadt e.V.";VR 1;"Sprachkurs ""Start""";2016;Integration
Land Musterland;Land;300;Caritas Musterburg e.V.;VR 2;Sprachkurs;2016;Sport
Land Musterland;Land;400;Erika Mustermann;;Kurs;2016;Sport
Land Musterland;Land;-5;Caritas Musterburg e.V.;VR 2;Rückzahlung;2016;Sport
'''

MAPPING = """\
table: musterstadt
title: Zuwendungen in Musterstadt
language: de
retrieved: 2026-01-02
url: https://example.org/grants.csv
flows:
  funder: Geber
  category: {column: Art, map: {Stadt: municipal, Land: state}}
  recipient: {name: Name, key: Register}
  for: Zweck
  subject: {column: Feld, map: {Integration: integration-in-general, Sport: sport}}
  amount: Betrag
  currency: {value: EUR}
  from: Jahr
  to: Jahr
"""


def organisation(name: str) -> bool:
    return name.endswith(("e.V.", "e. V."))


def run(
    data: Path, table: str | bytes = GRANTS, mapping: str = MAPPING, name: str = "grants.csv", **options
) -> Imported:
    file = data.parent / name
    file.write_bytes(table.encode() if isinstance(table, str) else table)
    rules = data.parent / "mapping.yaml"
    rules.write_text(mapping)
    ontology = Ontology.load()
    return import_table(file, read_mapping(rules, ontology), data, ontology, organisation=organisation, **options)


def ask(built: Built, query: str) -> list[dict[str, object]]:
    return integgraph.open(built.release.path).query(query).records()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return Path(shutil.copytree(GOLDEN, tmp_path / "data"))


def test_a_table_becomes_flows_in_a_release(data: Path, tmp_path: Path) -> None:
    found = run(data)
    assert (found.rows, found.flows, found.actors, found.persons, found.faults) == (5, 3, 4, 1, 1)
    built = build_release(data, tmp_path / "out")
    flows = ask(
        built,
        """SELECT ?row ?funder ?name ?amount ?year ?for WHERE {
             ?f a ig:FundingFlow ; ig:position ?row ; ig:funder/skos:prefLabel ?funder ; ig:recipient/skos:prefLabel ?name ;
                ig:amount ?amount ; ig:currency "EUR" ; ig:from ?from ; ig:fundedThing/ig:activityName ?for ;
                dct:source/ig:sha256 ?hash . BIND(STR(?from) AS ?year) FILTER(STRLEN(?hash) = 64) } ORDER BY ?row""",
    )
    diakonie = "Diakonisches Werk im Kirchenkreis Halberstadt e.V."
    assert [tuple(each.values()) for each in flows] == [
        (2, "Stadt Neustadt", diakonie, Decimal("1000.5"), "2015", "Beratung für Geflüchtete"),
        (3, "Stadt Neustadt", diakonie, Decimal("2000"), "2016", 'Sprachkurs "Start"'),
        (4, "Land Musterland", "Caritas Musterburg e.V.", Decimal("300"), "2016", "Sprachkurs"),
    ]
    graphs = ask(
        built, "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?f a ig:FundingFlow ; ig:position ?row } } GROUP BY ?g"
    )
    assert {"g": built.release.manifest["base_iri"] + "table/musterstadt", "n": 3} in graphs
    said = ask(built, "SELECT ?d ?u { ?t prov:wasDerivedFrom ?s . ?s ig:sha256 ?h ; ig:retrieved ?d ; schema:url ?u }")
    assert [str(each["d"]) for each in said if "grants.csv" in str(each["u"])] == ["2026-01-02"]
    actors = {row["name"]: row for row in integgraph.open(built.release.path).tables["actors"].to_pylist()}
    assert actors[diakonie]["flows_received"] == 2
    assert actors["Stadt Neustadt"]["flows_given"] == 2
    assert "Erika Mustermann" not in (built.release.path / "dump.nq").read_text()
    assert built.release.manifest["counts"]["funding_flows"] == 3 + _flows(GOLDEN, tmp_path)
    rows = funding(built)
    graph = built.release.manifest["base_iri"] + "table/musterstadt"
    columns = ("network", "position", "funder_names", "recipient_names", "activities", "amount", "currency", "since")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        (graph, 2, ["Stadt Neustadt"], [diakonie], ["Beratung für Geflüchtete"], Decimal("1000.5"), "EUR", "2015"),
        (graph, 3, ["Stadt Neustadt"], [diakonie], ['Sprachkurs "Start"'], Decimal(2000), "EUR", "2016"),
        (graph, 4, ["Land Musterland"], ["Caritas Musterburg e.V."], ["Sprachkurs"], Decimal(300), "EUR", "2016"),
    ]
    stated = ask(built, "SELECT ?flow { ?flow a ig:FundingFlow ; dct:source/ig:sha256 ?h } ORDER BY ?flow")
    assert [row["flow"] for row in rows] == [str(each["flow"]) for each in stated]
    assert {row["categories"][0] for row in rows} == {"municipal", "state"}


def funding(built: Built) -> list[dict[str, Any]]:
    """Rows of imported tables in the table of funding."""
    found: list[dict[str, Any]] = integgraph.open(built.release.path).tables["funding"].to_pylist()
    return [row for row in found if row["stated_by"] == "table"]


def test_what_a_table_states_is_told_of_its_actors(data: Path, tmp_path: Path) -> None:
    run(data)
    own, known = mint("musterstadt", "Stadt Neustadt", ("Stadt Neustadt",)), "stadt-musterstadt-beta"
    built = build_release(data, tmp_path / "out")
    diakonie = funding(built)[0]["recipients"][0]
    paid = analyse(built.release, "funder", own)
    assert [fact[1] for fact in paid.facts] == [0, 1, 1, 2]
    assert "loses its only known source" in paid["funder"].lines[0].answer.sentence.en
    assert len(paid["flows"].tables[0].rows) == 2
    assert "2 of these flows come from imported tables (Zuwendungen in Musterstadt)." in paid["flows"].says[0].en
    received = analyse(built.release, "actor", diakonie)["money"]
    assert (len(received.tables[0].rows), received.lines[0].answer.value) == (2, 1)
    # What a table and a profile state of one funder stands side by side; a table is no network that names it.
    decide(data, own, known)
    built = build_release(data, tmp_path / "out")
    both = analyse(built.release, "funder", known)
    alone = analyse(build_release(GOLDEN, tmp_path / "alone").release, "funder", known)
    flows = alone.facts[-1][1]
    assert isinstance(flows, int)
    assert [fact[1] for fact in both.facts[:2]] == [alone.facts[0][1], 1]
    assert both.facts[-1][1] == flows + 2


def _flows(data: Path, tmp_path: Path) -> int:
    return int(build_release(data, tmp_path / "without").release.manifest["counts"]["funding_flows"])


def test_the_report_names_rows_and_no_persons(data: Path) -> None:
    found = run(data)
    assert found.report is not None
    with found.report.open(newline="") as file:
        assert [(row["row"], row["column"]) for row in csv.DictReader(file)] == [("5", ""), ("6", "Betrag")]
    assert "Mustermann" not in found.report.read_text()


def test_importing_again_changes_nothing(data: Path) -> None:
    assert not run(data).unchanged
    before = {file: file.stat().st_mtime_ns for file in (data / "tables").rglob("*")}
    assert run(data).unchanged
    assert {file: file.stat().st_mtime_ns for file in (data / "tables").rglob("*")} == before
    assert not run(data, GRANTS + "Land Musterland;Land;7;Caritas Musterburg e.V.;VR 2;Neues;2017;Sport\n").unchanged
    assert sorted(file.name for file in (data / "tables").iterdir()) == ["musterstadt"]


HEAD = "subject_id\tpredicate_id\tobject_id\tmapping_justification\tauthor_label\tmapping_date\tconfidence\tcomment\n"


def decide(data: Path, subject: str, target: str) -> None:
    (data / "links").mkdir(exist_ok=True)
    row = f"actor:{subject}\towl:sameAs\tactor:{target}\tsemapv:ManualMappingCuration\teditor\t2026-01-03\t0.9\tSame body.\n"
    (data / "links" / "tables.sssom.tsv").write_text(HEAD + row)


RECEIVED = """SELECT ?a (COUNT(?f) AS ?n) WHERE {{ ?f ig:{} ?a ; dct:source ?s . ?s ig:sha256 ?h
              FILTER(STRENDS(STR(?a), "/{}")) }} GROUP BY ?a"""


def arrived(built: Built, role: str, actor: str) -> int:
    """Flows of tables that name this actor in the current view."""
    return sum(int(str(each["n"])) for each in ask(built, RECEIVED.format(role, actor)))


def actor_row(built: Built, name: str) -> dict[str, object]:
    return next(each for each in integgraph.open(built.release.path).tables["actors"].to_pylist() if each["id"] == name)


def test_rows_meet_known_actors_only_by_a_decision_and_renewed_is_as_new(data: Path, tmp_path: Path) -> None:
    run(data)
    run(data, mapping=MAPPING.replace("table: musterstadt", "table: musterstadt-b"))
    out, known, own = (
        tmp_path / "out",
        "stadt-musterstadt-beta",
        mint("musterstadt", "Stadt Neustadt", ("Stadt Neustadt",)),
    )
    built = build_release(data, out)
    before = actor_row(built, known)
    assert (arrived(built, "funder", known), arrived(built, "funder", own)) == (0, 2)
    decide(data, own, known)
    built = build_release(data, out)
    assert (arrived(built, "funder", known), arrived(built, "funder", own)) == (2, 0)
    given = [row["position"] for row in funding(built) if row["funders"][0].endswith(f"/{known}")]
    assert given == [2, 3]
    assert {row["network"].rpartition("/")[2]: 0 for row in funding(built)} == {"musterstadt": 0, "musterstadt-b": 0}
    assert built.release.content_hash == build_release(data, tmp_path / "new").release.content_hash
    row = actor_row(built, known)
    assert own in row["merged"]
    assert row["networks"] == before["networks"]
    assert row["flows_given"] == before["flows_given"] + 2
    (data / "links" / "tables.sssom.tsv").unlink()
    built = build_release(data, out)
    assert (arrived(built, "funder", known), arrived(built, "funder", own)) == (0, 2)
    assert built.release.content_hash == build_release(data, tmp_path / "new").release.content_hash


def test_a_changed_and_a_removed_table_leave_nothing_behind(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    without = build_release(data, out).release.content_hash
    run(data)
    build_release(data, out)
    run(data, GRANTS.replace("300", "350"))
    built = build_release(data, out)
    assert built.release.content_hash == build_release(data, tmp_path / "new").release.content_hash
    shutil.rmtree(data / "tables")
    assert build_release(data, out).release.content_hash == without


def test_what_is_edited_by_hand_is_validated(data: Path, tmp_path: Path) -> None:
    run(data)
    part = data / "tables" / "musterstadt" / "rows-00001.jsonl"
    part.write_text(part.read_text().replace('"amount":"300"', '"amount":"-300"'))
    with pytest.raises(
        InputError, match=r"tables/musterstadt/rows-00001.jsonl: musterstadt.row-4: An amount is a number above"
    ):
        build_release(data, tmp_path / "out")
    part.write_text(part.read_text().replace('"amount":"-300"', '"amount":300'))
    with pytest.raises(
        InputError, match=r"rows-00001.jsonl:\d+: The line is not as an import writes it: 'amount' is a text"
    ):
        build_release(data, tmp_path / "out")


def test_money_that_is_passed_on_counts_once(data: Path) -> None:
    table = "Geber;Name;Betrag;Stufe\nLand;Stadt Musterburg;100;Erstempfänger\nLand;Zora e.V.;60;Weiterleitung\n"
    mapping = """\
table: t
title: T
language: de
flows:
  funder: Geber
  category: {value: state}
  recipient: Name
  amount: Betrag
  currency: {value: EUR}
  counted_elsewhere: {Stufe: Weiterleitung}
"""
    found = run(data, table, mapping)
    assert (found.flows, found.elsewhere) == (1, 1)
    assert "another row counts this money" in (data / "tables" / "t" / "report.csv").read_text()


PARTNERS = """\
table: partners
title: Partnerschaften
language: en
persons: {names: trust}
memberships:
  name: Acronym
  key: [Programme]
  type: {value: transnational-project-network}
  member: {name: Partner, key: Town, kind: Status, place: {column: NUTS, before: /}}
  role: {column: Lead, map: {"Yes": lead-partner}, otherwise: partner}
  area: {column: NUTS, before: /}
"""
PARTNER_ROWS = """\
Programme,Acronym,Partner,Lead,Town,Status,NUTS
Alpine,CARE,City of Musterstadt,Yes,Musterstadt,public,DEE09 / Harz
Alpine,CARE,Musterland University,No,Musterburg,public,ITC4C / Milano
Danube,CARE,City of Musterstadt,Yes,Musterstadt,public,DEE09 / Harz
"""


def test_partnerships_become_networks_with_members_and_regions(data: Path, tmp_path: Path) -> None:
    found = run(data, PARTNER_ROWS, PARTNERS, add=True)
    assert (found.networks, found.members) == (2, 3)
    built = build_release(data, tmp_path / "out")
    members = ask(
        built,
        """SELECT ?label ?name ?role ?nuts WHERE { ?n ig:workingLabel ?label ; ig:membership ?m .
             ?m org:member ?a ; org:role ?r . ?a skos:prefLabel ?name ; ig:seat/ig:nutsCode ?nuts .
             BIND(STRAFTER(STR(?r), "/role/") AS ?role) FILTER(?label = "CARE"@en) } ORDER BY ?name""",
    )
    assert [tuple(map(str, each.values())) for each in members] == [
        ("CARE", "City of Musterstadt", "lead-partner", "DEE09"),
        ("CARE", "City of Musterstadt", "lead-partner", "DEE09"),
        ("CARE", "Musterland University", "partner", "ITC4C"),
    ]


def test_a_reviewed_record_is_kept(data: Path) -> None:
    run(data, PARTNER_ROWS, PARTNERS, add=True)
    file = next((data / "profiles").glob("partners-*.yaml"))
    file.write_text(file.read_text().replace("label: CARE", "label: CARE (reviewed)"))
    found = run(data, PARTNER_ROWS, PARTNERS, add=True)
    assert found.kept == [file.name]
    assert "reviewed" in file.read_text()
    assert not run(data, PARTNER_ROWS, PARTNERS, add=True, overwrite=True).kept
    assert "reviewed" not in file.read_text()


def test_another_table_below_is_not_taken_for_rows(data: Path) -> None:
    table = GRANTS + ";;;;;;;\nGeber;Art;Summe;Name;;;;\nStadt Neustadt;Stadt;5;x;;;;\n"
    with pytest.raises(InputError, match="After the empty row 7 something else begins in row 8, perhaps another table"):
        run(data, table)
    assert not (data / "tables" / "musterstadt").exists()
    assert run(data, table, MAPPING + "read: {last: 6}\n").flows == 3


def test_numbers_that_leave_it_open_are_asked_about(data: Path) -> None:
    table = "Geber;Art;Betrag;Name;Register;Zweck;Jahr;Feld\nStadt X;Stadt;1.000;Zora e.V.;;x;2015;Sport\n"
    with pytest.raises(
        InputError, match="grants.csv: It is not known whether '1.000' in the column 'Betrag' is a German"
    ):
        run(data, table)
    assert run(data, table, MAPPING + "read: {numbers: german}\n").flows == 1


@pytest.mark.parametrize(
    ("old", "new", "column", "message"),
    [
        (";300;", ";9999999999999999;", "Betrag", "it has more than 15 digits"),
        (";300;", ";viel;", "Betrag", "'viel' is not a German number"),
        ("Land;300", "Kreis;300", "Art", "The category of the funder is not known"),
        ("VR 2;Sprachkurs;2016", "VR 2;Sprachkurs;0001", "Jahr", "The year 0001 cannot be right"),
        (
            "Land Musterland;Land;300;Caritas Musterburg e.V.",
            "Land Musterland;Land;300;",
            "Name",
            "The name is missing",
        ),
        ("VR 2;Sprachkurs;2016", "VR 2;Sprach\x07kurs;2016", "Zweck", "holds a control character"),
        ("VR 2;Sprachkurs;2016", f"VR 2;{'x' * 20_000};2016", "Zweck", "at most 10,000 are kept"),
        (";300;Caritas Musterburg e.V.;VR 2;Sprachkurs;2016;Sport", ";300", "", "The row has only 3 cells"),
    ],
)
def test_a_row_that_fails_is_reported_and_the_rest_is_imported(
    old: str, new: str, column: str, message: str, data: Path
) -> None:
    assert old in GRANTS
    found = run(data, GRANTS.replace(old, new))
    assert (found.flows, found.faults) == (2, 2)
    with (data / "tables" / "musterstadt" / "report.csv").open(newline="") as file:
        row = next(csv.DictReader(file))
    assert (row["row"], row["column"]) == ("4", column)
    assert message in row["problem"]


ODD = [
    "", " ", "0", "-1", "1.000,50", "1e5", "½", "²", "٣", "9" * 30, "=1+1", "2015", "31.12.2015", "2015-13", "1/2/2015", "0000",
    "Stadt", "Land", "VR 1", "Zora e.V.", "„Süd“ e.V.", "a\u2028b e.V.", "x\u0085y e.V.", "\u202eevil e.V.", "<script> e.V.", "e.V.",
    "\\ e.V.", "{} e.V.", "\ufeff e.V.", "😀 e.V.", "\ufffe e.V.", "\x07", "\x1f", "http://e.example/ e.V.", "../../x e.V.",
    "a" * 600 + " e.V.", "%s e.V.", "'; DROP e.V.", "Integration", "Sport", "-", "NaN", "null", "\t", "ß" * 70 + " e.V.", "\u0301 e.V.",
]  # fmt: skip


def test_whatever_is_imported_is_valid(data: Path, tmp_path: Path) -> None:
    chance = random.Random(7)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(["Geber", "Art", "Betrag", "Name", "Register", "Zweck", "Jahr", "Feld"])
    good = ["Stadt Neustadt", "Stadt", "5,50", "Zora e.V.", "VR 1", "Kurs", "2015", "Sport"]
    for _ in range(1_500):
        writer.writerow([chance.choice(ODD) if chance.random() < 0.2 else cell for cell in good])
    found = run(data, out.getvalue(), MAPPING + "read: {numbers: german}\n")
    assert found.flows > 300
    assert found.faults > 300
    assert found.flows + found.faults + found.persons == found.rows
    built = build_release(data, tmp_path / "out")
    assert built.release.manifest["counts"]["funding_flows"] >= found.flows
    assert integgraph.open(built.release.path).tables["actors"].num_rows > 5


def test_a_report_holds_no_formulas(data: Path) -> None:
    run(data, GRANTS.replace("Betrag", "=Betrag"), MAPPING.replace("amount: Betrag", "amount: =Betrag"))
    assert ",'=Betrag," in (data / "tables" / "musterstadt" / "report.csv").read_text()


def test_the_mappings_of_the_documentation_are_read(ontology: Ontology) -> None:
    names = sorted(EXAMPLES.glob("*.yaml"))
    assert [read_mapping(name, ontology).id for name in names] == ["berlin-grants", "esf-sachsen-anhalt", "keep"]


@pytest.mark.parametrize("name", ["berlin-grants", "esf-sachsen-anhalt", "keep-partnerships"])
def test_the_samples_of_the_documentation_are_imported_whole(name: str, data: Path, ontology: Ontology) -> None:
    mapping = read_mapping(EXAMPLES / f"{name}.yaml", ontology)
    found = import_table(EXAMPLES / f"{name}.csv", mapping, data, ontology, organisation=organisation, add=True)
    assert found.faults == 0
    assert found.flows + found.members == found.rows - found.persons


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "name", "columns"),
    [
        ("berlin_grants_2009_2017.csv.gz", "berlin-grants", ("geber", "jahr", "betrag")),
        ("esf_sachsen_anhalt_2007_2013.csv.gz", "esf-sachsen-anhalt", ("", "Jahr der Bewilligung", "Gewährte Beträge")),
    ],
)
def test_totals_equal_an_independent_sum(
    file: str, name: str, columns: tuple[str, str, str], data: Path, ontology: Ontology
) -> None:
    funder, year, amount = columns
    source = SHARED / "data" / "tables" / file
    found = import_table(source, read_mapping(EXAMPLES / f"{name}.yaml", ontology), data, ontology)
    table = pandas.read_csv(source, dtype=str)
    with (data / "tables" / name / "report.csv").open(newline="") as report:
        left_out = [int(row["row"]) - 2 for row in csv.DictReader(report)]
    table = table.drop(index=left_out)
    assert len(table) == found.flows
    table["cents"] = [round(Decimal(text.replace(",", ".")) * 100) for text in table[amount].fillna("0")]
    table["funder"] = table[funder].str.split().str.join(" ") if funder else "Europäischer Sozialfonds"
    expected = table.groupby(["funder", year])["cents"].sum().to_dict()
    names, sums = {}, dict.fromkeys(expected, 0)
    for part in sorted((data / "tables" / name).glob("rows-*.jsonl")):
        for line in part.read_text().splitlines()[1:]:
            record = json.loads(line)
            if "actor" in record:
                names[record["actor"]] = record["name"]
            elif "amount" in record:
                sums[names[record["funder"]], record["from"]] += round(Decimal(record["amount"]) * 100)
    assert sums == expected


@pytest.mark.shared
@pytest.mark.slow
def test_grants_arrive_at_the_actor_that_was_decided_and_at_no_other(tmp_path: Path, ontology: Ontology) -> None:
    data = Path(shutil.copytree(ROOT / "data", tmp_path / "data"))
    mapping = read_mapping(EXAMPLES / "esf-sachsen-anhalt.yaml", ontology)
    source = SHARED / "data" / "tables" / "esf_sachsen_anhalt_2007_2013.csv.gz"
    import_table(source, mapping, data, ontology, organisation=organisation)
    diakonie, caritas = "diakonisches-werk-kirchenkreis-halberstadt", "caritasverband-dekanat-halberstadt"
    name = "Diakonisches Werk im Kirchenkreis Halberstadt e.V."
    decide(data, mint("esf-sachsen-anhalt", name, (name,)), diakonie)
    built = build_release(data, tmp_path / "out")
    assert (arrived(built, "recipient", diakonie), arrived(built, "recipient", caritas)) == (20, 0)
    with (data / "tables" / "esf-sachsen-anhalt" / "report.csv").open(newline="") as report:
        table = pandas.read_csv(source, dtype=str).drop(index=[int(row["row"]) - 2 for row in csv.DictReader(report)])
    expected: dict[str, Decimal] = defaultdict(Decimal)
    for year, text in zip(table["Jahr der Bewilligung"], table["Gewährte Beträge"].fillna("0"), strict=True):
        expected[year] += Decimal(text.replace(",", "."))
    sums = ask(
        built,
        """SELECT ?year (SUM(?amount) AS ?total) WHERE { ?f ig:amount ?amount ; ig:currency "EUR" ; ig:from ?from ;
             dct:source/dct:identifier "esf-sachsen-anhalt" . BIND(STR(?from) AS ?year) } GROUP BY ?year""",
    )
    assert {str(each["year"]): each["total"] for each in sums} == expected
    summed: dict[str, Decimal] = defaultdict(Decimal)
    for row in funding(built):
        if row["amount"] is not None:
            assert row["funder_names"] == ["Europäischer Sozialfonds"]
            summed[row["since"]] += row["amount"]
    assert summed == expected
    magdeburg = "Caritasverband für das Dekanat Magdeburg e.V."
    assert arrived(built, "recipient", mint("esf-sachsen-anhalt", magdeburg, (magdeburg,))) == 13
    members = ask(
        built,
        """SELECT DISTINCT ?label (COUNT(?f) AS ?n) WHERE { ?network org:hasMember ?a . ?f ig:recipient ?a ;
             ig:funderCategory <https://w3id.org/integgraph/vocabulary/funder-category/eu> ; ig:programme ?p .
             ?a skos:prefLabel ?label FILTER(STRSTARTS(?p, "Europäischer Sozialfonds Sachsen-Anhalt")) } GROUP BY ?label""",
    )
    assert [(each["label"], each["n"]) for each in members] == [(name, 20)]


def test_workbooks_and_parquet_files_keep_their_own_numbers_and_dates(data: Path) -> None:
    rows = [
        ["Geber", "Art", "Betrag", "Name", "Register", "Zweck", "Jahr", "Feld"],
        ["Stadt Neustadt", "Stadt", 1000.5, "Zora e.V.", "VR 1", "Kurs", 2015, "Sport"],
        ["Stadt Neustadt", "Stadt", ("=", "C2*2", 2001), "Zora e.V.", "VR 1", "Kurs", 2016, "Sport"],
    ]
    assert run(data, workbook({"Tabelle1": rows}), name="t.xlsx").flows == 2
    assert _amounts(data) == [("1000.5", "2015"), ("2001", "2016")]
    columns = dict(zip(rows[0], zip(*rows[1:], strict=True), strict=True))
    columns |= {
        "Betrag": [Decimal("0.10"), Decimal("7.00")],
        "Jahr": [datetime.date(2015, 3, 1), datetime.date(2016, 1, 2)],
    }
    out = io.BytesIO()
    pq.write_table(pa.table({name: list(cells) for name, cells in columns.items()}), out)
    assert run(data, out.getvalue(), name="t.parquet").flows == 2
    assert _amounts(data) == [("0.1", "2015-03-01"), ("7", "2016-01-02")]


def _amounts(data: Path) -> list[tuple[str, str]]:
    lines = (data / "tables" / "musterstadt" / "rows-00001.jsonl").read_text().splitlines()
    return [(each["amount"], each["from"]) for each in map(json.loads, lines) if "amount" in each]


def test_the_queries_of_the_documentation_give_answers(data: Path, tmp_path: Path, ontology: Ontology) -> None:
    for name in ("berlin-grants", "esf-sachsen-anhalt"):
        import_table(
            EXAMPLES / f"{name}.csv",
            read_mapping(EXAMPLES / f"{name}.yaml", ontology),
            data,
            ontology,
            organisation=organisation,
        )
    name = "Verein Beispielhilfe e. V."
    decide(data, mint("esf-sachsen-anhalt", name, (name,)), "caritas-musterstadt")
    built = build_release(data, tmp_path / "out")
    page = (ROOT / "docs" / "tables-import.md").read_text("utf-8")
    queries = re.findall(r"^    # Which.*?(?=\n\n)", page, re.DOTALL | re.MULTILINE)
    answers = [[tuple(map(str, row.values())) for row in ask(built, query)] for query in queries]
    assert answers == [
        [("Caritas Musterstadt", "1", "16450")],
        [("Bezirksamt Musterbezirk", "2015", "12500"), ("Bezirksamt Musterbezirk", "2016", "13000")],
    ]
