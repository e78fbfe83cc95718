"""A report as one HTML page that needs nothing else: no script, no outside resource, prints, light and dark."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html import escape
from urllib.parse import quote

from integgraph.analysis.measures.answers import Language, State, Text
from integgraph.analysis.reports.drawing import svg
from integgraph.analysis.reports.model import Cell, Figure, Report, Said, Section, Table, Thing, cell_text
from integgraph.analysis.reports.tabular import remarks, report_csv, table_csv

OPEN_UP_TO = 12
"""Rows of a figure's twin that are shown at once; longer ones are folded."""

STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--soft:#57606a;--line:#c8ced6;--tint:#f3f6f9;--link:#0550ae;
--known:#0072b2;--later:#7fb2d3;--band:#b9d6ea;--gap:#fbe3ad;--thin:#b9d6ea;--full:#0072b2;--onfull:#fff;--onthin:#111;
--ongap:#111;--mark:#8a4b00}
@media (prefers-color-scheme:dark){:root{--paper:#14181d;--ink:#e6e9ed;--soft:#a3adb8;--line:#46505b;--tint:#1d232a;
--link:#8cc2ff;--known:#56b4e9;--later:#35698a;--band:#2d4f66;--gap:#6b521c;--thin:#2d4f66;--full:#56b4e9;--onfull:#111;
--onthin:#fff;--ongap:#fff;--mark:#f0b429}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue",Arial,sans-serif}
main{max-width:62rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .3rem;overflow-wrap:anywhere}
h2{font-size:1.3rem;line-height:1.25;margin:0 0 .6rem}
h3{font-size:1rem;line-height:1.35;margin:1.4rem 0 .3rem}
p,ul,dl{margin:0 0 .7rem}
a{color:var(--link)}
section{border-top:1px solid var(--line);padding-top:1.3rem;margin-top:1.8rem}
.made,.basis,.beside,figcaption,.remark{color:var(--soft);font-size:.9rem}
nav ul{columns:2 18rem;padding-left:1.2rem}
dl{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:.25rem 1rem}
dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}
.notes{background:var(--tint);border-left:4px solid var(--mark);padding:.6rem .9rem;margin:1rem 0}
.notes p:last-child{margin:0}
.answers{list-style:none;padding:0}
.answers li{margin:0 0 .6rem;padding-left:.8rem;border-left:4px solid var(--known)}
.answers li.forced,.answers li.small,.answers li.unknown{border-left-color:var(--line)}
.state{display:inline-block;border:1px solid var(--soft);border-radius:3px;padding:0 .35rem;font-size:.8rem;
color:var(--soft);margin-right:.35rem}
.answers .basis{display:block}
.beside{border-left:4px solid var(--mark);padding-left:.8rem}
figure{margin:1.2rem 0}
.scroll{overflow-x:auto}
svg{display:block;color:var(--ink)}
svg.fits{width:100%;max-width:30rem;height:auto}
svg text{fill:var(--ink);font:12px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
svg .small{font-size:11px;fill:var(--soft)}
svg .known{fill:var(--known)}svg .later{fill:var(--later)}svg .band{fill:var(--band)}
svg .outline{stroke:var(--soft);stroke-width:1}svg .empty{fill:var(--paper)}
svg .cell{stroke:var(--line)}svg .grid,svg .hatch{stroke:var(--line);fill:none}svg .axis{stroke:var(--soft);fill:none}
svg .heat0{fill:var(--gap)}svg .heat1{fill:var(--thin)}svg .heat2{fill:var(--full)}
svg .in0{fill:var(--ongap)}svg .in1{fill:var(--onthin)}svg .in2{fill:var(--onfull)}
table{border-collapse:collapse;font-size:.9rem;margin:.3rem 0 .5rem}
th,td{border-bottom:1px solid var(--line);padding:.3rem .6rem .3rem 0;text-align:left;vertical-align:top;min-width:3rem}
thead th{border-bottom:2px solid var(--soft);vertical-align:bottom}
tbody th{font-weight:400}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
td.none{color:var(--soft);font-style:italic}
summary{cursor:pointer;color:var(--link)}
@media (max-width:34rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}main{padding-top:1rem}}
@media print{:root{--paper:#fff;--ink:#000;--soft:#444;--line:#bbb;--tint:#f3f6f9;--link:#000;--known:#0072b2;
--later:#7fb2d3;--band:#b9d6ea;--gap:#fbe3ad;--thin:#b9d6ea;--full:#0072b2;--onfull:#fff;--onthin:#111;--ongap:#111;
--mark:#8a4b00}body{font-size:10.5pt}main{max-width:none;padding:0}nav,.csv{display:none}
section,.answers li,figure,tr{break-inside:avoid}section{break-inside:auto}h2,h3{break-after:avoid}
.scroll{overflow:visible}svg.wide{width:100%;height:auto}details::details-content{content-visibility:visible;height:auto}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""
"""The only style sheet of a page."""

STYLE_SOURCE = f"'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'"
"""What a content security policy names to let this style sheet through (``style-src``)."""


def html(report: Report, language: Language = "en") -> str:
    """The report as one page."""
    return "".join(_page(report, language))


def _page(report: Report, language: Language) -> Iterator[str]:
    kind = KIND_NAMES[report.kind][language]
    title = escape(report.title[language])
    yield f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title} · {escape(kind)}</title>'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="generator" '
    yield f'content="integgraph {escape(report.version)}"><style>{STYLE}</style></head><body><main>'
    yield f'<header><p class="made">{escape(kind)}</p><h1>{title}</h1><p class="made">'
    yield f"{_RELEASE[language]} {escape(report.release)} ({escape(report.created)}) · integgraph "
    whole = _download(report_csv(report, language), _ALL_CSV[language], f"{report.kind}.csv")
    yield f"{escape(report.version)}</p>{whole}"
    yield from _facts(report, language)
    if report.notes:
        yield f'<div class="notes">{"".join(f"<p>{escape(note[language])}</p>" for note in report.notes)}</div>'
    if len(report.sections) > 2:
        items = "".join(
            f'<li><a href="#{section.key}">{escape(section.title[language])}</a></li>' for section in report.sections
        )
        yield f'<nav aria-label="{_CONTENTS[language]}"><ul>{items}</ul></nav>'
    yield "</header>"
    for section in report.sections:
        yield from _section(section, language)
    yield f'<footer class="made"><section><p>{escape(FOOT[language])}</p></section></footer>'
    yield "</main></body></html>\n"


KIND_NAMES = {
    "network": Text("Report on a network", "Bericht über ein Netzwerk"),
    "actor": Text("Report on an actor", "Bericht über einen Akteur"),
    "funder": Text("Report on a funder", "Bericht über einen Geldgeber"),
    "collection": Text("Report on a collection", "Bericht über eine Sammlung"),
    "comparison": Text("Comparison", "Vergleich"),
}
_RELEASE = Text("Release", "Ausgabe")
_CONTENTS = Text("Questions", "Fragen")
_ALL_CSV = Text("All answers as CSV", "Alle Antworten als CSV")
TWIN = Text("The same as a table", "Dasselbe als Tabelle")
FOOT = Text(
    "Made from lists of members and answers to a form. Trust, frequency of contact, quality and outcomes cannot be "
    "computed from them. A number marked “forced” is fixed by how the data are built; “too small” and “unknown” mean "
    "that no number is stated.",
    "Gemacht aus Mitgliederlisten und Antworten auf ein Formular. Vertrauen, Häufigkeit der Kontakte, Güte und Wirkung "
    "lassen sich daraus nicht berechnen. Eine als „vorgegeben“ bezeichnete Zahl steht durch den Aufbau der Daten fest; "
    "„zu klein“ und „unbekannt“ heißt, dass keine Zahl genannt wird.",
)


def _facts(report: Report, language: Language) -> Iterator[str]:
    if report.facts:
        rows = (f"<dt>{escape(name[language])}</dt><dd>{_cell(cell, language)}</dd>" for name, cell in report.facts)
        yield f"<dl>{''.join(rows)}</dl>"


def _section(section: Section, language: Language) -> Iterator[str]:
    yield f'<section aria-labelledby="{section.key}"><h2 id="{section.key}">{escape(section.title[language])}</h2>'
    if section.lines or section.says:
        yield '<ul class="answers">'
        for said in section.said:
            yield _said(said, language, section.several)
        for text in section.says:
            yield f"<li>{escape(text[language])}</li>"
        yield "</ul>"
    for text in section.beside:
        yield f'<p class="beside">{escape(text[language])}</p>'
    for number, figure in enumerate(section.figures, 1):
        yield _figure(figure, language, f"{section.key}-{number}")
    for table in section.tables:
        yield f"<h3>{escape(table.title[language])}</h3>"
        yield from _table(table, language)
    yield "</section>"


STATE_CLASSES = {State.VALUE: "", State.FORCED: "forced", State.TOO_SMALL: "small", State.UNKNOWN: "unknown"}
STATE_NAMES = {
    State.FORCED: Text("forced", "vorgegeben"),
    State.TOO_SMALL: Text("too small", "zu klein"),
    State.UNKNOWN: Text("unknown", "unbekannt"),
}


def _said(said: Said, language: Language, several: bool) -> str:
    line = said.line
    kind = STATE_CLASSES[line.state]
    opened = f'<li class="{kind}">' if kind else "<li>"
    scope = f"<strong>{', '.join(_cell(each, language) for each in said.scopes)}:</strong> " if several else ""
    state = f'<span class="state">{STATE_NAMES[line.state][language]}</span>' if kind else ""
    basis = escape(line.answer.inputs.text[language]) if len(said.scopes) == 1 else ""
    below = f'<span class="basis">{basis}</span>' if basis else ""
    return f"{opened}{scope}{state}{escape(line.answer.sentence[language])}{below}</li>"


def _figure(figure: Figure, language: Language, ident: str) -> str:
    twin = "".join(_table(figure.twin, language))
    opened = " open" if len(figure.twin.rows) <= OPEN_UP_TO and len(figure.twin.columns) <= OPEN_UP_TO else ""
    return (
        f'<figure><h3>{escape(figure.title[language])}</h3><div class="scroll" tabindex="0">'
        f"{svg(figure, language, ident)}</div><figcaption>{escape(figure.says[language])} "
        f"({escape(figure.basis[language])})</figcaption><details{opened}><summary>{TWIN[language]}</summary>{twin}"
        "</details></figure>"
    )


def _table(table: Table, language: Language) -> Iterator[str]:
    numeric = numeric_columns(table)
    heads = (
        f'<th scope="col"{_NUMBER if numeric[at] else ""}>{escape(column[language])}</th>'
        for at, column in enumerate(table.columns)
    )
    yield f'<div class="scroll" tabindex="0"><table><thead><tr>{"".join(heads)}</tr></thead><tbody>'
    for row in table.rows:
        first = f'<th scope="row">{_cell(row[0], language)}</th>'
        rest = "".join(_td(cell, language, numeric[at]) for at, cell in enumerate(row) if at)
        yield f"<tr>{first}{rest}</tr>"
    yield "</tbody></table></div>"
    for text in remarks(table, language):
        yield f'<p class="remark">{escape(text)}</p>'
    yield _download(table_csv(table, language), "CSV", "table.csv")


def numeric_columns(table: Table) -> list[bool]:
    """For each column whether it holds numbers, so that they stand below each other.

    >>> from integgraph.analysis.measures.answers import Text
    >>> numeric_columns(Table(Text("", ""), (Text("a", "a"), Text("b", "b")), (("x", 1), ("y", None))))
    [False, True]
    """
    return [
        any(isinstance(row[at], int | float) for row in table.rows)
        and all(row[at] is None or isinstance(row[at], int | float) for row in table.rows)
        for at in range(len(table.columns))
    ]


_NUMBER = ' class="n"'


def _td(cell: Cell, language: Language, numeric: bool) -> str:
    kinds = " ".join(filter(None, ("n" if numeric else "", "none" if cell is None else "")))
    named = f' class="{kinds}"' if kinds else ""
    return f"<td{named}>{_cell(cell, language)}</td>"


def _cell(cell: Cell, language: Language) -> str:
    text = escape(cell_text(cell, language))
    if isinstance(cell, Thing) and cell.iri.startswith(("http://", "https://")):
        return f'<a href="{escape(cell.iri)}">{text}</a>'
    return text


def _download(text: str, name: str, file: str) -> str:
    """A link to a text that lies in the page itself."""
    return (
        f'<p class="csv"><a download="{file}" href="data:text/csv;charset=utf-8,{quote(text)}">{escape(name)}</a></p>'
    )
