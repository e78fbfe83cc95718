import pytest

from integgraph.ingest import edtf


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2015", "2015-01-01", "2015-12-31"),
        ("2016-02", "2016-02-01", "2016-02-29"),
        ("2015-02-28", "2015-02-28", "2015-02-28"),
        ("201X", "2010-01-01", "2019-12-31"),
        ("19XX", "1900-01-01", "1999-12-31"),
        ("2015-XX", "2015-01-01", "2015-12-31"),
        ("2015-04-XX", "2015-04-01", "2015-04-30"),
        ("2015?", "2015-01-01", "2015-12-31"),
        ("2015-09~", "2015-09-01", "2015-09-30"),
        ("2015%", "2015-01-01", "2015-12-31"),
        ("2015-21", "2015-03-01", "2015-05-31"),
        ("2015-23", "2015-09-01", "2015-11-30"),
        ("2015-24", "2015-12-01", "2016-02-29"),
        ("2015/2018", "2015-01-01", "2018-12-31"),
        (" 2015 ", "2015-01-01", "2015-12-31"),
    ],
)
def test_a_date_has_a_first_and_a_last_day(text, earliest, latest):
    period = edtf.parse(text)
    assert (period.earliest.isoformat(), period.latest.isoformat()) == (earliest, latest)


def test_an_open_end_stays_open():
    assert edtf.parse("2015/..").latest is None
    assert edtf.parse("../2015").earliest is None
    assert edtf.parse("2015/").latest is None


def test_only_a_plain_day_is_exact():
    assert edtf.parse("2015-09-01").exact.isoformat() == "2015-09-01"
    assert edtf.parse("2015-09-01~").exact is None
    assert edtf.parse("2015-09").exact is None
    assert edtf.parse("2015-09-01/2015-09-01").exact is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0001", "The year 0001 cannot be right"),
        ("0000", "The year 0000 cannot be right"),
        ("3000", "The year 3000 cannot be right"),
        ("2015-13", "There is no month 13"),
        ("2015-00", "There is no month 00"),
        ("2015-25", "There is no month 25"),
        ("2015-02-30", "There is no day 30 in month 02 of 2015"),
        ("2015-02-29", "There is no day 29"),
        ("2015-04-00", "There is no day 00"),
        ("2015-9", "'2015-9' is not a date"),
        ("15", "'15' is not a date"),
        ("autumn 2015", "is not a date"),
        ("201X-05", "a month needs a known year"),
        ("٢٠١٥", "is not a date"),
        ("", "is not a date"),
        ("/", "needs at least one date"),
        ("../..", "needs at least one date"),
        ("2018/2015", "ends (2015) before it begins (2018)"),
    ],
)
def test_an_impossible_date_says_why(text, reason):
    with pytest.raises(ValueError) as caught:
        edtf.parse(text)
    assert reason in str(caught.value)
