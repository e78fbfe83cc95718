"""Cells as values, and the mapping language."""

from __future__ import annotations

from pathlib import Path

import pytest

from integgraph.errors import InputError, Unprocessable
from integgraph.ingest.tables import cells
from integgraph.ingest.tables.mapping import Persons, Value, read_mapping
from integgraph.ontology import Ontology


@pytest.mark.parametrize(
    ("cell", "written", "expected"),
    [
        ("1.234.567,89", "german", "1234567.89"),
        ("1,234,567.89", "english", "1234567.89"),
        ("1 234,50 €", "german", "1234.5"),
        ("CHF 1'234.50", "english", "1234.5"),
        ("625000", "", "625000"),
        ("500,-", "german", "500"),
        (41002.73, "", "41002.73"),
        (0.1, "", "0.1"),
        (7, "", "7"),
    ],
)
def test_amounts(cell: str | float, written: str, expected: str) -> None:
    assert cells.amount(cell, written) == expected


@pytest.mark.parametrize(
    ("cell", "written", "message"),
    [
        ("", "german", "is not a German number"),
        ("1,234.5", "german", "'1,234.5' is not a German number"),
        ("12,34", "english", "is not an English number"),
        ("viel", "", "'viel' is not a number"),
        ("0", "", "The amount 0 is not above zero"),
        ("-5", "german", "The amount -5 is not above zero"),
        ("9" * 16, "", "it has more than 15 digits"),
        ("9" * 5_000, "", "is not a number"),
        (1e300, "", "it has more than 15 digits"),
        (float("nan"), "", "The cell holds no number"),
        (float("inf"), "", "The cell holds no number"),
        ("1,23456", "german", "more than four decimal places"),
        ("١٢٣", "", "is not a number"),
    ],
)
def test_absurd_amounts(cell: str | float, written: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cells.amount(cell, written)


def test_how_a_column_is_written_is_told_from_all_of_it() -> None:
    assert cells.style(["1.000", "2.000,5"], "B") == "german"
    assert cells.style(["1,000", "2.5"], "B") == "english"
    assert cells.style(["1000", 5.5, None], "B") == ""
    with pytest.raises(Unprocessable, match="'1.000' in the column 'B' is a German or an English number"):
        cells.style(["1.000", "2.000"], "B")
    with pytest.raises(Unprocessable, match=r"German and English numbers \(1,50, 1.50\)"):
        cells.style(["1,50", "1.50"], "B")


@pytest.mark.parametrize(
    ("cell", "written", "expected"),
    [
        ("2015", "", "2015"),
        (2015, "", "2015"),
        ("31.12.2015", "", "2015-12-31"),
        ("1.2.2015", "english", "2015-02-01"),
        ("09.2015", "", "2015-09"),
        ("12/31/2015", "english", "2015-12-31"),
        ("31/12/2015", "german", "2015-12-31"),
        ("2015-12-31", "", "2015-12-31"),
        ("2015-12-31T08:00:00Z", "", "2015-12-31"),
    ],
)
def test_dates(cell: str | int, written: str, expected: str) -> None:
    assert cells.date(cell, written) == expected


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("01/02/2015", "begins with the day or the month"),
        ("31.02.2015", "There is no day 31"),
        ("0001", "The year 0001 cannot be right"),
        ("bald", "'bald' is not a date"),
        ("2015/2016", "is not one date"),
    ],
)
def test_no_dates(cell: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cells.date(cell, "")


def legal_form(name: str) -> bool:
    return "GmbH" in name or "e.V." in name


@pytest.mark.parametrize(
    ("name", "look", "strict"),
    [
        ("Erika Mustermann", True, True),
        ("Mustermann, Erika", True, True),
        ("Dr. med. Erika Mustermann Praxisklinik", True, True),
        ("Mustermann", True, True),
        ("Erika Mustermann – Kantine für alle", False, True),
        ("Mustermann GmbH", False, False),
        ("Turnverein Musterstadt", False, False),
        ("Stadt Musterstadt", False, False),
        ("Land Beispiel", False, False),
        ("Fahrschule Erika Mustermann", True, True),
        ("AWO Musterstadt", False, False),
        ("Haus am See", False, False),
        ("LIFE", False, True),
        ("42 Nachbarn", False, True),
    ],
)
def test_natural_persons(name: str, look: bool, strict: bool) -> None:
    assert cells.looks_like_a_person(name, legal_form) is look
    assert cells.looks_like_a_person(name, legal_form, strict=True) is strict


def test_a_cell_that_says_so_counts_more_than_a_name() -> None:
    rule = Persons({"Typ": frozenset({"natürliche person"})}, {"Typ": frozenset({"vr*"})})
    assert cells.is_person({"Typ": "Natürliche  Person"}, "Muster GmbH", rule, legal_form)
    assert not cells.is_person({"Typ": "VR 123"}, "Erika Mustermann", rule, legal_form)
    assert cells.is_person({"Typ": None}, "Erika Mustermann", rule, legal_form)
    trust = Persons(names="trust")
    assert not cells.is_person({}, "Erika Mustermann", trust, legal_form)


def test_values() -> None:
    assert Value(columns=("a", "b")).of({"a": " ", "b": " x\n y "}) == "x y"
    assert Value(columns=("a",), before="/").of({"a": "DEE09  / Harz"}) == "DEE09"
    assert Value(columns=("a",), after="/").of({"a": "DEE09  / Harz"}) == "Harz"
    assert Value(columns=("a",), map=(("ja", "member"),)).of({"a": "nein"}) is None
    assert Value(constant="EUR").of({}) == "EUR"
    assert Value(columns=("a",), map=(("*verein", "x"), ("*", "y"))).of({"a": "Sportverein"}) == "x"


GOOD = """\
table: t
title: T
language: de
flows:
  category: {value: state}
  recipient: Name
  amount: Betrag
  currency: {value: EUR}
"""


def test_columns_of_a_mapping(tmp_path: Path, ontology: Ontology) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(
        GOOD.replace("recipient: Name", "recipient: {name: Name, key: [Nr], place: [Ort, Kreis]}")
        + "only: {Jahr: ['2015']}\n"
    )
    assert read_mapping(file, ontology).columns == ["Name", "Nr", "Ort", "Kreis", "Betrag", "Jahr"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("flows:", "flow:", r"m.yaml:4: flow: There is no key 'flow' here. Did you mean flows"),
        ("value: state", "value: stat", "The vocabulary funder-category has no concept 'stat'. Did you mean state"),
        ("  currency: {value: EUR}\n", "", "An amount needs its currency. Add 'currency: {value: EUR}'"),
        ("  category: {value: state}\n", "", "A flow needs the category of its funder"),
        ("  recipient: Name\n", "", "A flow names neither funder nor recipient"),
        ("table: t", "table: ../x", "The id '../x' of the table may hold only a–z, digits and single hyphens"),
        ("language: de\n", "", "The language of the table is missing"),
        ("title: T\n", "", "The title of the table is missing"),
        ("title: T\n", "title: T\nurl: javascript:x\n", "'javascript:x' is not a web address"),
        ("title: T\n", "title: T\nretrieved: heute\n", "'heute' is not a day"),
        ("title: T\n", "title: T\nread: {header: first}\n", "'header' is the number of a row, not 'first'"),
        ("title: T\n", "title: T\nread: {numbers: roman}\n", "'numbers' is one of german, english, not 'roman'"),
        ("recipient: Name", "recipient: {nam: Name}", "There is no key 'nam' here. Did you mean name"),
        ("amount: Betrag", "amount: {column: Betrag, value: 5}", "A value has a column, or is the same in every row"),
    ],
)
def test_faults_of_a_mapping(old: str, new: str, message: str, tmp_path: Path, ontology: Ontology) -> None:
    file = tmp_path / "m.yaml"
    assert old in GOOD
    file.write_text(GOOD.replace(old, new))
    with pytest.raises(InputError, match=message.replace("?", r"\?").replace("{", r"\{")):
        read_mapping(file, ontology)


@pytest.mark.parametrize(
    "text", ["", "- a\n", "table: t\n", "a: &x 1\nb: *x\n", "\0", "flows: [1]\n", "flows: {funder: [a]}\n"]
)
def test_no_mapping(text: str, tmp_path: Path, ontology: Ontology) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(text)
    with pytest.raises(InputError):
        read_mapping(file, ontology)
