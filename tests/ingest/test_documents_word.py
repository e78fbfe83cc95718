"""Word documents, element by element: what a person sees is read, the rest is left out and said."""

import io
import zipfile

import docx
import pytest

from integgraph.errors import InputError
from integgraph.ingest.documents.word import read

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override '
    'PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>'
)
NAMESPACES = (
    f'xmlns:w="{W}" xmlns:r="{R}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
)
LABELS = {"Name of the network", "Founding year", "Members", "Target groups", "Website", "Fields of action"}


def package(body: str, *, parts=(), namespaces: str = NAMESPACES) -> bytes:
    """A Word document with nothing but a body, and other parts by their name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", TYPES)
        made.writestr("word/document.xml", f"<w:document {namespaces}><w:body>{body}</w:body></w:document>")
        for name, content in dict(parts).items():
            made.writestr(name, content)
    return out.getvalue()


def relations(*links: tuple[str, str, str, bool]) -> str:
    each = "".join(
        f'<Relationship Id="{key}" Type="http://x/{kind}" Target="{target}"{" TargetMode=" + chr(34) + "External" + chr(34) if outside else ""}/>'
        for key, kind, target, outside in links
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{each}</Relationships>'


def p(text: str = "", properties: str = "", runs: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{runs or r(text)}</w:p>"


def r(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def tc(content: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content if content.startswith('<w:') else p(content)}</w:tc>"


def table(*rows: str) -> str:
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"


def row(label: str, value: str) -> str:
    return table(tc(label) + tc(value))


def lines(body: str, known=LABELS.__contains__, **options) -> list[str]:
    return [line.text for line in read(package(body, **options), "form.docx", known).lines if line.text]


def notes(body: str, **options) -> str:
    return " ".join(read(package(body, **options), "form.docx").notes)


# -- text


def test_runs_make_one_text_and_odd_characters_are_plain():
    runs = (
        r("Zo") + "<w:r><w:softHyphen/></w:r>" + r("ra\u00ad\u00a0e.V.") + "<w:r><w:noBreakHyphen/></w:r>" + r("Halle")
    )
    assert lines(row("Members", p(runs=runs))) == ["Members\tZora e.V.-Halle"]


def test_tabs_part_outside_of_tables_only():
    tabbed = r("Founding year") + "<w:r><w:tab/></w:r>" + r("2016")
    assert lines(p(runs=tabbed)) == ["Founding year\t2016"]
    assert lines(row("Members", p(runs=tabbed))) == ["Members\tFounding year 2016"]


@pytest.mark.parametrize(
    ("runs", "line"),
    [
        (r("Founding year:", "<w:b/>") + r(" 2016"), "**Founding year:** 2016"),
        (r("Founding year", "<w:b/>") + r(": 2016"), "**Founding year**: 2016"),
        (r("Founding", "<w:b/>") + r(" year", "<w:b/>") + r(" 2016"), "Founding year\t2016"),
        (r("Founding year", "<w:b/>"), "**Founding year**"),
        (r("Important", "<w:b/>") + r(" is trust"), "Important is trust"),
        (r("Founding year:", '<w:b w:val="0"/>') + r(" 2016"), "Founding year: 2016"),
    ],
)
def test_bold_words_in_front_may_be_a_label(runs, line):
    assert lines(p(runs=runs)) == [line]


def test_headings_are_told_from_their_style_in_any_language():
    styles = (
        f'<w:styles xmlns:w="{W}"><w:style w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>'
        '<w:style w:styleId="Meine"><w:name w:val="Meine"/><w:basedOn w:val="berschrift2"/></w:style>'
        '<w:style w:styleId="Loop"><w:name w:val="Loop"/><w:basedOn w:val="Loop"/></w:style>'
        '<w:style w:styleId="Verzeichnis1"><w:name w:val="toc 1"/></w:style></w:styles>'
    )
    parts = {
        "word/styles.xml": styles,
        "word/_rels/document.xml.rels": relations(("r1", "styles", "styles.xml", False)),
    }
    body = p("Founding year 5", '<w:pStyle w:val="Verzeichnis1"/>') + p("Founding year", '<w:pStyle w:val="Meine"/>')
    body += p("2016", '<w:pStyle w:val="Loop"/>') + p("Members", '<w:outlineLvl w:val="2"/>')
    assert lines(body, parts=parts) == ["## Founding year", "2016", "### Members"]
    assert "table of contents" in notes(body, parts=parts)


NUMBERING = (
    f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl>'
    '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
)


def test_items_of_lists_and_numbered_labels():
    parts = {
        "word/numbering.xml": NUMBERING,
        "word/_rels/document.xml.rels": relations(("r1", "numbering", "numbering.xml", False)),
    }
    decimal, bullet = '<w:numPr><w:numId w:val="1"/></w:numPr>', '<w:numPr><w:numId w:val="7"/></w:numPr>'
    body = p("Members", decimal) + p("Zora", bullet) + p("Diakonie", bullet) + p("Founding year: 2016", decimal)
    assert lines(body, parts=parts) == ["Members", "- Zora", "- Diakonie", "Founding year: 2016"]
    assert lines(row("Members", p("Zora", decimal) + p("Caritas", '<w:numPr><w:numId w:val="0"/></w:numPr>')), parts=parts) == [
        "Members\t- Zora", "\t<br>Caritas",
    ]  # fmt: skip
    assert lines(table(tc(p("Members", decimal)) + tc("Zora")), parts=parts) == ["Members\tZora"]


# -- tables


def test_merged_cells():
    span, restart, goes_on = '<w:gridSpan w:val="2"/>', '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    body = table(
        tc("General information", span),
        tc("Members", restart) + tc("Zora"),
        tc("", goes_on) + tc("Diakonie"),
        tc("Founding year") + tc("2016"),
    )
    assert lines(body) == ["General information", "Members\tZora", "\t<br>Diakonie", "Founding year\t2016"]


def test_a_section_beside_its_rows():
    restart, goes_on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    body = table(
        tc("General information", restart) + tc("Name of the network") + tc("Harz"),
        tc("", goes_on) + tc("Founding year") + tc("2016"),
    )
    assert lines(body) == ["General information", "Name of the network\tHarz", "Founding year\t2016"]


def test_two_pairs_in_a_row_and_their_further_lines():
    body = table(
        tc("Name of the network") + tc("Harz") + tc("Founding year") + tc("2016"),
        tc("Members") + tc("Zora") + tc("Target groups") + tc("Refugees"),
        tc("") + tc("Diakonie") + tc("") + tc("Volunteers"),
    )
    assert lines(body) == [
        "Name of the network\tHarz", "Founding year\t2016", "Members\tZora", "\t<br>Diakonie", "Target groups\tRefugees",
        "\t<br>Volunteers",
    ]  # fmt: skip


def test_a_table_in_a_value_is_told_row_by_row():
    inner = table(tc("Zora") + tc("Halle"), tc("Diakonie") + tc("Jena")) + p()
    assert lines(row("Members", inner)) == ["Members\tZora, Halle", "\t<br>Diakonie, Jena"]


def test_a_row_that_was_cut_over_two_tables_goes_on():
    body = row("Members", "Zora") + p() + table(tc("") + tc("Diakonie"), tc("Founding year") + tc("2016"))
    assert lines(body) == ["Members\tZora", "\tDiakonie", "Founding year\t2016"]


def test_a_label_that_is_broken_in_its_cell_is_whole():
    broken = table(
        tc(p("Name of the net-") + p("work")) + tc("Harz"),
        tc("Target<w:br/>".replace("<w:br/>", "\u00ad") + " groups:") + tc("All"),
    )
    assert lines(broken) == ["Name of the network\tHarz", "Target groups:\tAll"]


def test_a_network_a_row_and_a_network_a_column():
    labels = ["Name of the network", "Founding year", "Members", "Website", "Target groups"]
    values = [["Harz", "2016", "Zora", "a.example", "All"], ["Jena", "2017", "Caritas", "b.example", "Refugees"]]
    wanted = [f"{label}\t{value}" for network in values for label, value in zip(labels, network, strict=True)]
    rows = ["".join(map(tc, labels)), *("".join(map(tc, network)) for network in values)]
    assert lines(table(*rows)) == wanted
    assert lines(table(*("".join(map(tc, each)) for each in zip(labels, *values, strict=True)))) == wanted


def test_remarks_beside_a_value_belong_to_it():
    body = table(
        *(tc(label) + tc("x") + (tc("a remark") if label == "Members" else tc("")) for label in sorted(LABELS))
    )
    assert "\t<br>a remark" in lines(body) or "\ta remark" in lines(body)


def test_where_a_line_stands():
    found = read(package(p("Title") + row("Founding year", "2016")), "form.docx").lines
    assert [str(line.spot) for line in found if line.text] == ["line 1", "table 1, row 1"]
    assert [line.cell for line in found if line.text] == [False, True]


# -- what is chosen and what is left out


def sdt(settings: str, content: str) -> str:
    return f"<w:sdt><w:sdtPr>{settings}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def box(ticked: bool) -> str:
    return sdt(f'<w14:checkbox><w14:checked w14:val="{int(ticked)}"/></w14:checkbox>', r("?"))


def test_content_controls():
    chosen = sdt('<w:dropDownList><w:listItem w:displayText="A"/></w:dropDownList>', r("Written agreement"))
    assert lines(row("Members", p(runs=chosen))) == ["Members\tWritten agreement"]
    assert lines(row("Members", p(runs=sdt("<w:showingPlcHdr/>", r("Choose an item."))))) == ["Members\t"]
    assert lines(row("Members", sdt("<w:showingPlcHdr/>", p("Click to enter text.")))) == ["Members\t"]
    assert lines(row("Members", sdt("", p("Zora") + p("Caritas")))) == ["Members\tZora", "\t<br>Caritas"]
    assert lines(table(sdt("", tc("Members")) + sdt("", tc("Zora")))) == ["Members\tZora"]
    assert lines(sdt("", table(tc("Members") + tc("Zora")))) == ["Members\tZora"]
    date = sdt('<w:date w:fullDate="2016-03-09T00:00:00Z"/>', r("9/3/2016"))
    assert lines(row("Founding year", p(runs=date))) == ["Founding year\t2016-03-09"]


def test_only_what_is_ticked_is_read():
    inline = p(runs=box(True) + r(" Language  ") + box(False) + r(" Housing ") + box(True) + r(" Health"))
    assert lines(row("Fields of action", inline)) == ["Fields of action\t- Language", "\t- Health"]
    each = p(runs=box(False) + r("Language")) + p(runs=box(True) + r("Housing"))
    assert lines(row("Fields of action", each)) == ["Fields of action\t- Housing"]
    assert lines(row("Fields of action", p(runs=r("Language ") + box(False)))) == ["Fields of action\t"]
    assert "2 boxes that are not ticked" in notes(
        row("Fields of action", p(runs=box(False) + r("A") + box(False) + r("B")))
    )
    wingdings = (
        '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>'
        + r(" Language")
        + '<w:r><w:sym w:font="Wingdings" w:char="F06F"/></w:r>'
        + r("Art")
    )
    assert lines(row("Fields of action", p(runs=wingdings))) == ["Fields of action\t- Language"]


def field(code: str, shown: str, data: str = "") -> str:
    return (
        f'<w:r><w:fldChar w:fldCharType="begin">{data}</w:fldChar></w:r><w:r><w:instrText>{code}</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{r(shown)}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def test_fields_show_their_result():
    drop = '<w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="A"/><w:listEntry w:val="B"/></w:ddList></w:ffData>'
    tick = '<w:ffData><w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox></w:ffData>'
    assert lines(row("Members", p(runs=field(" FORMTEXT ", "Zora")))) == ["Members\tZora"]
    assert lines(row("Members", p(runs=field(" FORMTEXT ", "\u2002" * 5)))) == ["Members\t"]
    assert lines(row("Members", p(runs=field(" FORMDROPDOWN ", "", drop)))) == ["Members\tB"]
    assert lines(row("Members", p(runs=field(" FORMCHECKBOX ", "", tick) + r(" Zora")))) == ["Members\t- Zora"]
    link = field(' HYPERLINK "https://zora.example/" ', "Zora")
    assert lines(row("Website", p(runs=link))) == ["Website\tZora (https://zora.example/)"]


def test_addresses_behind_links_are_kept():
    parts = {
        "word/_rels/document.xml.rels": relations(
            ("r1", "hyperlink", "http://zora.example/", True), ("r2", "hyperlink", "javascript:alert(1)", True)
        )
    }
    link = '<w:hyperlink r:id="{}">{}</w:hyperlink>'
    runs = (
        link.format("r1", r("Zora"))
        + r("; ")
        + link.format("r1", r("www.zora.example"))
        + r("; ")
        + link.format("r2", r("here"))
    )
    assert lines(row("Website", p(runs=runs)), parts=parts) == [
        "Website\tZora (http://zora.example/); www.zora.example; here"
    ]


def test_tracked_changes_are_taken_as_accepted():
    runs = f'<w:ins w:id="1">{r("2016")}</w:ins><w:del w:id="2"><w:r><w:delText>2015</w:delText></w:r></w:del>'
    assert lines(row("Founding year", p(runs=runs))) == ["Founding year\t2016"]
    assert "tracked changes" in notes(row("Founding year", p(runs=runs)))
    gone = "<w:tbl><w:tr><w:trPr><w:del w:id='3'/></w:trPr>" + tc("Members") + tc("Zora") + "</w:tr></w:tbl>"
    assert lines(gone + p("x")) == ["x"]


def test_text_boxes_are_read_once():
    content = f"<w:txbxContent>{p('Founding year: 2016')}</w:txbxContent>"
    both = (
        f"<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx>{content}</wps:txbx></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{content}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    assert lines(p(runs=r("Title") + both)) == ["Title", "Founding year: 2016"]


def test_the_rest_is_left_out_and_said():
    parts = {
        "word/_rels/document.xml.rels": relations(
            ("h", "header", "header1.xml", False), ("f", "footer", "footer1.xml", False)
        ),
        "word/header1.xml": f'<w:hdr xmlns:w="{W}">{p("Status: January 2021")}</w:hdr>',
        "word/footer1.xml": f'<w:ftr xmlns:w="{W}">{p()}</w:ftr>',
        "word/vbaProject.bin": "x",
    }
    runs = (
        r("Zora")
        + r("secret", "<w:vanish/>")
        + '<w:commentRangeStart w:id="0"/><w:r><w:footnoteReference w:id="1"/></w:r>'
        '<w:r><w:drawing><a:blip r:embed="r9"/></w:drawing></w:r>'
    )
    assert lines(row("Members", p(runs=runs)), parts=parts) == ["Members\tZora"]
    said = notes(row("Members", p(runs=runs)), parts=parts)
    for each in ("'Status: January 2021'", "1 comment", "1 footnote", "1 picture", "Hidden text", "macros"):
        assert each in said
    assert "footer" not in said


def test_strict_documents_are_read_alike():
    body = row("Members", "Zora")
    strict = NAMESPACES.replace(W, STRICT)
    assert lines(body, namespaces=strict) == ["Members\tZora"]


def test_a_document_without_text_says_so():
    with pytest.raises(InputError, match="holds no text. It holds a picture"):
        read(package(p(runs='<w:r><w:drawing><a:blip r:embed="r9"/></w:drawing></w:r>')), "scan.docx")


def test_a_document_of_the_library():
    document = docx.Document()
    document.add_heading("Founding year", 2)
    document.add_paragraph("2016", style="List Bullet")
    out = io.BytesIO()
    document.save(out)
    assert [line.text for line in read(out.getvalue(), "a.docx").lines if line.text] == ["## Founding year", "- 2016"]
