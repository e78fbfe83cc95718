"""Cells as values: numbers and dates as Germans and English write them, and names of natural persons."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from integgraph.errors import Unprocessable
from integgraph.ingest import edtf
from integgraph.ingest.tables.mapping import Persons, says
from integgraph.ingest.tables.reading import Cell

_SIGN = re.compile(r"^(?:EUR|USD|GBP|CHF|€|\$|£)\s*|\s*(?:EUR|Euro|USD|GBP|CHF|€|\$|£)$", re.IGNORECASE)
_SPACES = re.compile(r"[\s\u00a0\u202f'’]")
_GERMAN = re.compile(r"-?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?", re.ASCII)
_ENGLISH = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", re.ASCII)
_LONGEST = 60


def _bare(cell: Cell) -> str:
    text = _SIGN.sub("", str(cell).strip()[: _LONGEST + 1])
    return _SPACES.sub("", text).replace("−", "-").removesuffix(",-").removesuffix(",--").removesuffix(".-")


def style(cells: Iterable[Cell], name: str) -> str:
    """Whether the numbers of a column are written the German or the English way.

    Args:
        cells: The column.
        name: Its heading.

    Returns:
        ``german``, ``english``, or nothing where every number reads the same either way.

    Raises:
        Unprocessable: numbers such as 1.234 leave it open, or the column holds both.

    >>> style(["1.000", "12,50"], "Betrag"), style(["1,000.00"], "Amount"), style(["7"], "Amount")
    ('german', 'english', '')
    """
    german = english = open_ = ""
    for cell in cells:
        if not isinstance(cell, str):
            continue
        text = _bare(cell)
        if "," not in text and "." not in text:
            continue
        reads = (_GERMAN.fullmatch(text) is not None, _ENGLISH.fullmatch(text) is not None)
        if reads == (True, True):
            open_ = open_ or cell.strip()
        elif reads == (True, False):
            german = german or cell.strip()
        elif reads == (False, True):
            english = english or cell.strip()
    if german and english:
        raise Unprocessable(
            f"The column '{name}' holds German and English numbers ({german}, {english}). "
            "Write 'numbers: german' or 'numbers: english' under 'read' in the mapping; the others go to the report."
        )
    if open_ and not german and not english:
        raise Unprocessable(
            f"It is not known whether '{open_}' in the column '{name}' is a German or an English number. "
            "Write 'numbers: german' or 'numbers: english' under 'read' in the mapping."
        )
    return "german" if german else "english" if english else ""


def amount(cell: Cell, written: str) -> str:
    """An amount of money as a plain decimal number.

    Args:
        cell: The cell.
        written: ``german``, ``english``, or nothing where it makes no difference.

    Raises:
        ValueError: it is no number, not above zero, or absurd; the text says which.

    >>> amount("1.234,50 €", "german"), amount("EUR 1,234.50", "english"), amount(0.1, "")
    ('1234.5', '1234.5', '0.1')
    """
    if isinstance(cell, int | float):
        number = Decimal(repr(cell)) if cell == cell and abs(cell) != float("inf") else Decimal("NaN")
    else:
        text = _bare(cell)
        shape = _ENGLISH if written == "english" else _GERMAN
        if len(text) > _LONGEST or not shape.fullmatch(text):
            raise ValueError(f"'{str(cell).strip()[:40]}' is not {_A.get(written, 'a')} number.")
        text = text.replace(",", "") if written == "english" else text.replace(".", "").replace(",", ".")
        number = Decimal(text)
    if number.is_nan():
        raise ValueError("The cell holds no number.")
    if number <= 0:
        raise ValueError(f"The amount {number:f} is not above zero.")
    if number >= 10**15:
        raise ValueError(f"The amount {number:.3E} cannot be right: it has more than 15 digits.")
    if number != number.quantize(Decimal("0.0001")):
        raise ValueError(f"The amount {number.normalize()} has more than four decimal places.")
    whole = format(number.normalize(), "f")
    return whole


_A = {"german": "a German", "english": "an English"}
_DOTS = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})", re.ASCII)
_MONTH_DOT = re.compile(r"(\d{1,2})\.(\d{4})", re.ASCII)
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_TIME = re.compile(r"[T ]\d\d:\d\d.*")


def date(cell: Cell, written: str) -> str:
    """A date in EDTF: a year, a month or a day.

    Args:
        cell: The cell.
        written: ``german`` (31.12.2015, 31/12/2015) or ``english`` (12/31/2015); 31.12.2015 is read either way.

    Raises:
        ValueError: it is no date; the text says why.

    >>> date("31.12.2015", ""), date("12/31/2015", "english"), date(2015, ""), date("2015-12-31 00:00:00", "")
    ('2015-12-31', '2015-12-31', '2015', '2015-12-31')
    """
    text = _TIME.sub("", str(cell).strip()[:_LONGEST])
    if found := _DOTS.fullmatch(text):
        text = f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
    elif found := _MONTH_DOT.fullmatch(text):
        text = f"{found[2]}-{int(found[1]):02}"
    elif found := _SLASHES.fullmatch(text):
        if not written:
            raise ValueError(
                f"It is not known whether '{text}' begins with the day or the month: "
                "write 'dates: german' or 'dates: english' under 'read' in the mapping."
            )
        day, month = (found[1], found[2]) if written == "german" else (found[2], found[1])
        text = f"{found[3]}-{int(month):02}-{int(day):02}"
    if "/" in text:
        raise ValueError(f"'{text}' is not one date.")
    return edtf.parse(text).text


# ---------------------------------------------------------------------------------------------------------------------
# Natural persons

_TITLES = frozenset("dr prof dipl ing med dent vet phil jur rer nat pol habil mag msc bsc ba ma herr frau hr fr mr mrs "
                    "ms fam familie von van de zu vom zum der den und".split())  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)
_MARKS = frozenset(
    """stadt landkreis kreis gemeinde verbandsgemeinde samtgemeinde bezirksamt senatsverwaltung ministerium amt
    behörde agentur jobcenter kammer innung universität hochschule fachhochschule akademie institut schule gymnasium
    kolleg kita kindergarten verein club klub bund verband union förderverein förderkreis initiative bürgerinitiative
    netzwerk zentrum haus heim werk hilfswerk stiftung kirche kirchenkreis kirchengemeinde pfarrei diakonie caritas awo
    drk museum theater orchester chor bibliothek archiv klinik klinikum krankenhaus feuerwehr genossenschaft
    gesellschaft projekt projektbüro rat beirat ausschuss gewerkschaft partei fraktion kreisverband ortsverband
    landesverband kreisvolkshochschule volkshochschule lebenshilfe arbeiterwohlfahrt volkssolidarität city council
    university college school association foundation society trust ministry agency office chamber centre center network
    institute municipality county federation charity church library museum hospital""".split()
)
_ENDS = (
    "verein", "verband", "gesellschaft", "stiftung", "zentrum", "werk", "haus", "schule", "hochschule", "akademie",
    "kirche", "gemeinde", "kreis", "amt", "stadtverwaltung", "kreisverwaltung",
    "ministerium", "genossenschaft", "initiative", "netzwerk",
    "institut", "kammer", "theater", "museum", "klinik", "bund", "club", "klub", "gruppe", "heim", "hilfe",
    "forum", "mission", "feuerwehr", "universität", "gymnasium", "vereinigung",
    "gewerkschaft",
)  # fmt: skip


_TRADES = frozenset("fahrschule fahrschulen musikschule tanzschule kosmetikinstitut bestattungsinstitut pflegedienst "
                    "autohaus gasthaus kaffeehaus blumenhaus modehaus reformhaus küchenhaus".split())  # fmt: skip
"""Words for a trade that end like words for a body."""
_STATES = frozenset("land freistaat republik bundesrepublik königreich kanton provinz region regione".split())
"""First words of public bodies; elsewhere in a name some of them are surnames."""
_ACADEMIC = frozenset("dr prof dipl med".split())


def looks_like_a_person(name: str, organisation: Callable[[str], bool], *, strict: bool = False) -> bool:
    """Whether a name may be that of a natural person, or of a firm that is one.

    A name that bears a legal form is an organisation's, and so is one with a word for a body of some kind, unless it
    bears an academic title too. Of the others, a name of up to five capitalised words without digits or signs may be a
    person's; ``strict`` takes them all for persons, because sole traders add their trade to their name. That takes
    some organisations for persons: leaving out one too many does less harm than publishing a person.

    Args:
        name: The name.
        organisation: Whether a name bears a legal form.
        strict: Take every name without a sign of an organisation for a person's.

    >>> looks_like_a_person("Dr. Erika Mustermann", lambda name: False)
    True
    >>> looks_like_a_person("Turnverein Musterstadt", lambda name: False)
    False
    >>> trader = "Erika Mustermann – Kantine für alle"
    >>> looks_like_a_person(trader, lambda name: False), looks_like_a_person(trader, lambda name: False, strict=True)
    (False, True)
    """
    if organisation(name):
        return False
    words = _WORD.findall(name)
    folded = [word.casefold() for word in words]
    titled = not _ACADEMIC.isdisjoint(folded)
    if folded and folded[0] in _STATES:
        return False
    if not titled and any(word in _MARKS or (word.endswith(_ENDS) and word not in _TRADES) for word in folded):
        return False
    if strict or titled:
        return True
    rest = [word for word, small in zip(words, folded, strict=True) if small not in _TITLES]
    if not words or re.search(r"\d", name):
        return False
    if any(len(word) > 1 and word.isupper() for word in rest):  # an acronym
        return False
    return len(rest) <= 5 and all(word[0].isupper() for word in rest)


def is_person(row: Mapping[str, Cell], name: str, rule: Persons, organisation: Callable[[str], bool]) -> bool:
    """Whether a row is about a natural person, by its cells, else by its name.

    Args:
        row: The row by heading.
        name: Name of the actor.
        rule: What the mapping says.
        organisation: Whether a name bears a legal form.
    """
    if rule.persons and says(row, rule.persons):
        return True
    if rule.organisations and says(row, rule.organisations):
        return False
    return rule.names != "trust" and looks_like_a_person(name, organisation, strict=rule.names == "strict")
