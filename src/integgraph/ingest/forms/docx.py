"""A form as a Word document: a heading a question, a table for its answers, drop-downs where a list is to choose from.

Source: ECMA-376-1, part 17 (WordprocessingML): 17.5.2 (content controls), 17.4.49 (header rows of tables).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime

import docx as python_docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from lxml import etree

from integgraph.ingest.documents.archive import Archive
from integgraph.ingest.forms import words
from integgraph.ingest.forms.content import FURTHER, Block, Column, Content, Filled, Group, unfolded
from integgraph.ingest.forms.finding import Finder, mark_in

MOST_COLUMNS = 8
_WIDTH = 14_570  # twentieths of a point: A4 across, without margins
_MADE = datetime(2000, 1, 1)  # the bytes of a form depend on nothing but its content
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_BLUE, _GREY = RGBColor(0x1F, 0x4E, 0x79), RGBColor(0x5A, 0x5A, 0x5A)
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TAGS = {"en": "en-GB", "de": "de-DE"}

# -- writing


def write(content: Content) -> bytes:
    """The form as the bytes of a document.

    Args:
        content: The form, folded to ``MOST_COLUMNS``.
    """
    document = python_docx.Document()
    _styles(document, content.language)
    _page(document, content)
    _Drawing(document, content).draw()
    properties = document.core_properties
    properties.title = content.title[:200]
    properties.subject = words.TITLE[content.language]
    properties.keywords = content.mark
    properties.language = _TAGS[content.language]
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.created = properties.modified = _MADE
    out = io.BytesIO()
    document.save(out)
    return _same_bytes(out.getvalue())


def _same_bytes(data: bytes) -> bytes:
    """The archive with one date for all its members."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as fixed:
        for info in made.infolist():
            if info.filename == "docProps/thumbnail.jpeg":
                continue
            part = made.read(info)
            if info.filename == "_rels/.rels":
                part = _without_thumbnail(part)
            fixed.writestr(zipfile.ZipInfo(info.filename, _ZIP_DATE), part, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _without_thumbnail(part: bytes) -> bytes:
    root = etree.fromstring(part)
    for relation in list(root):
        if relation.get("Target") == "docProps/thumbnail.jpeg":
            root.remove(relation)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _styles(document: Document, language: str) -> None:
    styles = document.styles
    normal = styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(10)
    normal.paragraph_format.space_after = Pt(4)
    for name, size, before in (("Title", 22, 0), ("Heading 1", 16, 18), ("Heading 2", 13, 12), ("Heading 3", 11, 10)):
        style = styles[name]
        style.font.name, style.font.size, style.font.color.rgb, style.font.bold = "Calibri", Pt(size), _BLUE, True
        fonts = style.element.rPr.rFonts if style.element.rPr is not None else None
        if fonts is not None:
            for attribute in list(fonts.attrib):
                if "Theme" in attribute:
                    del fonts.attrib[attribute]
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(3)
        style.paragraph_format.keep_with_next = True
    hint = styles.add_style("Form Help", WD_STYLE_TYPE.PARAGRAPH)
    hint.base_style = normal
    hint.font.size, hint.font.color.rgb = Pt(9), _GREY
    hint.paragraph_format.space_after = Pt(3)
    hint.paragraph_format.keep_with_next = True
    cell = styles.add_style("Form Cell", WD_STYLE_TYPE.PARAGRAPH)
    cell.base_style = normal
    cell.font.size = Pt(9.5)
    cell.paragraph_format.space_after = Pt(0)
    place = styles.add_style("Placeholder Text", WD_STYLE_TYPE.CHARACTER)
    place.font.color.rgb = RGBColor(0x80, 0x80, 0x80)
    for run in document.styles.element.iter(qn("w:rPrDefault")):
        for lang in run.iter(qn("w:lang")):
            lang.set(qn("w:val"), _TAGS[language])


def _page(document: Document, content: Content) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin, section.bottom_margin = Mm(16), Mm(16)
    paragraph = section.footer.paragraphs[0]
    paragraph.style = document.styles["Form Help"]
    paragraph.text = f"{words.TITLE[content.language]} · {content.mark} · "
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = paragraph.add_run()._r
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run.append(mark)
        else:
            code = OxmlElement("w:instrText")
            code.text = text
            run.append(code)


class _Drawing:
    def __init__(self, document: Document, content: Content) -> None:
        self.document = document
        self.content = content
        self.language = content.language
        self.body = document.element.body
        self.end = self.body[-1]  # the properties of the section stand last
        self.controls = 0

    def draw(self) -> None:
        self._paragraph(self.content.title, "Title")
        for text in self.content.intro:
            self._paragraph(text, "Normal")
        for part in self.content.parts:
            self._paragraph(part.title, "Heading1")
            for group in part.groups:
                self._group(group)

    def _group(self, group: Group) -> None:
        if not group.plain:
            self._paragraph(group.title, "Heading2")
        for block in group.blocks:
            self._paragraph(block.title, "Heading2" if group.plain else "Heading3")
            self._block(block)

    def _block(self, block: Block) -> None:
        self._paragraph(block.help, "FormHelp")
        if block.example:
            self._paragraph(f"{words.EXAMPLE[self.language]}: {block.example}", "FormHelp")
        further = next((column for column in block.columns if column.key == FURTHER), None)
        if further:
            labels = ", ".join(column.label for column in further.inner)
            self._paragraph(f"{words.FURTHER_HELP[self.language]} {labels}.", "FormHelp")
        self.end.addprevious(self._table(block))
        self._paragraph("", "FormCell")

    def _paragraph(self, text: str, style: str) -> None:
        self.end.addprevious(_p(style, _runs(text)))

    def _table(self, block: Block) -> etree._Element:
        widths = _widths(block.columns)
        if len(block.columns) == 1:
            widths = [_WIDTH // 4, _WIDTH - _WIDTH // 4]
        table = _element("w:tbl")
        table.append(_table_properties(block.title))
        grid = _element("w:tblGrid")
        for width in widths:
            grid.append(_element("w:gridCol", w=str(width)))
        table.append(grid)
        rows = [*block.rows, *[("",) * len(block.columns)] * block.spare]
        if len(block.columns) == 1:
            column = block.columns[0]
            for number, row in enumerate(rows):
                label = _cell(
                    widths[0], _p("FormCell", _runs(column.label if number == 0 else "", bold=True)), head=True
                )
                table.append(_row([label, self._answer(widths[1], column, row[0], block.key)]))
        else:
            heads = [
                _cell(width, _p("FormCell", _runs(column.label, bold=True)), head=True)
                for width, column in zip(widths, block.columns, strict=True)
            ]
            table.append(_row(heads, head=True))
            for row in rows:
                cells = [
                    self._answer(width, column, text, block.key)
                    for width, column, text in zip(widths, block.columns, row, strict=True)
                ]
                table.append(_row(cells))
        if block.reasons:
            table.append(self._absence(block, widths))
        return table

    def _absence(self, block: Block, widths: Sequence[int]) -> etree._Element:
        """The last row: a label over the first columns, the reason over the others."""
        first = next(n for n in range(1, len(widths)) if sum(widths[:n]) >= _WIDTH // 4 or n == len(widths) - 1)
        label = _p("FormCell", _runs(words.ABSENT[self.language], bold=True))
        cells = [
            _cell(sum(widths[:first]), label, head=True, span=first),
            _cell(
                sum(widths[first:]),
                self._control(
                    block.reasons, block.absence, f"{block.key}.absent", words.ABSENT[self.language], closed=False
                ),
                span=len(widths) - first,
            ),
        ]
        return _row(cells)

    def _answer(self, width: int, column: Column, text: str, key: str) -> etree._Element:
        if not column.choices:
            return _cell(width, _p("FormCell", _runs(text)))
        lines = [text] if column.closed else text.split("\n")
        name = f"{key}.{column.key}"
        return _cell(
            width, *(self._control(column.choices, line, name, column.label, closed=column.closed) for line in lines)
        )

    def _control(self, terms: Sequence[str], text: str, name: str, label: str, *, closed: bool) -> etree._Element:
        """A paragraph with a drop-down; where other texts may stand too, they can be typed into it."""
        self.controls += 1
        strict = closed and (not text or text in terms)
        properties = _element("w:sdtPr")
        properties.append(_element("w:alias", val=label[:64]))
        properties.append(_element("w:tag", val=name[:64]))
        properties.append(_element("w:id", val=str(self.controls)))
        if not text:
            properties.append(_element("w:showingPlcHdr"))
        choices = _element("w:dropDownList" if strict else "w:comboBox")
        for term in terms:
            choices.append(_element("w:listItem", displayText=term, value=term))
        properties.append(choices)
        content = _element("w:sdtContent")
        for run in _runs(text or words.CHOOSE[self.language], style="" if text else "PlaceholderText"):
            content.append(run)
        control = _element("w:sdt")
        control.append(properties)
        control.append(content)
        return _p("FormCell", [control])


def _element(tag: str, **attributes: str) -> etree._Element:
    made: etree._Element = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def _p(style: str, runs: Sequence[etree._Element]) -> etree._Element:
    paragraph = _element("w:p")
    properties = _element("w:pPr")
    properties.append(_element("w:pStyle", val=style))
    paragraph.append(properties)
    paragraph.extend(runs)
    return paragraph


def _runs(text: str, *, bold: bool = False, style: str = "") -> list[etree._Element]:
    """The text as one run; tabs and line ends are elements of their own."""
    if not text:
        return []
    run = _element("w:r")
    if bold or style:
        properties = _element("w:rPr")
        if style:
            properties.append(_element("w:rStyle", val=style))
        if bold:
            properties.append(_element("w:b"))
        run.append(properties)
    for number, line in enumerate(text.split("\n")):
        if number:
            run.append(_element("w:br"))
        for position, piece in enumerate(line.split("\t")):
            if position:
                run.append(_element("w:tab"))
            if piece:
                words_of = _element("w:t")
                words_of.text = piece
                words_of.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
                run.append(words_of)
    return [run]


def _cell(width: int, *paragraphs: etree._Element, head: bool = False, span: int = 1) -> etree._Element:
    cell = _element("w:tc")
    properties = _element("w:tcPr")
    properties.append(_element("w:tcW", w=str(width), type="dxa"))
    if span > 1:
        properties.append(_element("w:gridSpan", val=str(span)))
    if head:
        properties.append(_element("w:shd", val="clear", color="auto", fill="DDE8F3"))
    cell.append(properties)
    cell.extend(paragraphs)
    return cell


def _row(cells: Sequence[etree._Element], *, head: bool = False) -> etree._Element:
    row = _element("w:tr")
    properties = _element("w:trPr")
    properties.append(_element("w:cantSplit"))
    if head:
        properties.append(_element("w:tblHeader"))
    row.append(properties)
    row.extend(cells)
    return row


def _table_properties(title: str) -> etree._Element:
    properties = _element("w:tblPr")
    properties.append(_element("w:tblW", w=str(_WIDTH), type="dxa"))
    borders = _element("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        borders.append(_element(f"w:{side}", val="single", sz="4", space="0", color="9DB4CC"))
    properties.append(borders)
    properties.append(_element("w:tblLayout", type="fixed"))
    margins = _element("w:tblCellMar")
    for side, width in (("top", "40"), ("left", "80"), ("bottom", "40"), ("right", "80")):
        margins.append(_element(f"w:{side}", w=width, type="dxa"))
    properties.append(margins)
    properties.append(_element("w:tblCaption", val=title[:200]))
    return properties


def _widths(columns: Sequence[Column]) -> list[int]:
    """Widths of the columns: texts get more room than dates and numbers."""
    weights = [_weight(column) for column in columns]
    widths = [_WIDTH * weight // sum(weights) for weight in weights]
    widths[-1] += _WIDTH - sum(widths)
    return widths


def _weight(column: Column) -> int:
    if column.field.shorthand or column.key == FURTHER:
        return 4
    if column.field.node or column.choices or column.field.kind in ("text", "name", "actor", "url", "place"):
        return 3
    return 2


# -- reading


def language_of(archive: Archive) -> str | None:
    """The language of a form of ours; ``None`` if the archive is none."""
    if "word/document.xml" not in archive:
        return None
    footers = [member for member in archive.members if member.startswith("word/footer")]
    for member in ("docProps/core.xml", *footers):
        if member in archive:
            found = mark_in(" ".join(str(text) for text in archive.xml(member).itertext()))
            if found:
                return found
    return None


def read(archive: Archive, finder: Finder) -> Filled:
    """What stands in a filled form.

    Raises:
        InputError: the document is damaged.
    """
    filled = Filled()
    body = archive.xml("word/document.xml").find(_W + "body")
    block: Block | None = None
    known = {" ".join(text.split()) for text in _own_texts(finder)}
    count = 0
    in_front = True
    for node in _elements(body):
        if node.tag == _W + "tbl":
            count += 1
            _read_table(node, block, count, finder, filled)
            continue
        text = _text(node).strip()
        if not text or (in_front and text.startswith(tuple(words.PROFILE.values()))):
            in_front = in_front and not text
            continue
        in_front = False
        found = finder.block(text)
        if found or finder.is_heading(text):
            block = found
        elif " ".join(text.split()) not in known and not _is_own(text, finder.content.language):
            filled.strays.append((text, block.title if block else "above the questions"))
    return filled


def _own_texts(finder: Finder) -> Iterator[str]:
    """What a form says itself between its tables."""
    yield from finder.content.intro
    yield from words.NEW_HELP.values()
    yield from (block.help for block in finder.blocks.values())


def _is_own(text: str, language: str) -> bool:
    return text.startswith((f"{words.EXAMPLE[language]}: ", words.FURTHER_HELP[language]))


def _elements(body: etree._Element | None) -> Iterator[etree._Element]:
    """Paragraphs and tables in order, also those inside of content controls and the like."""
    for node in body if body is not None else ():
        if node.tag in (_W + "p", _W + "tbl"):
            yield node
        elif node.tag in (_W + "sdt", _W + "sdtContent", _W + "customXml", _W + "ins", _W + "smartTag"):
            yield from _elements(node)


def _read_table(table: etree._Element, block: Block | None, number: int, finder: Finder, filled: Filled) -> None:
    rows = [[_cell_text(cell) for cell in _inside(row, "tc")] for row in _inside(table, "tr")]
    where = f"table {number}"
    if block is None:
        filled.strays.extend((" | ".join(cells), where) for cells in rows if any(map(str.strip, cells)))
        return
    whole = unfolded(block, finder.content.language)
    columns: dict[int, Column] = {1: block.columns[0]} if len(block.columns) == 1 else {}
    for at, cells in enumerate(rows, start=1):
        place = f"{where}, row {at}"
        if len(cells) == 2 and finder.is_absence(cells[0]):
            filled.absence(block.key, "" if cells[1].strip() in words.CHOOSE.values() else cells[1], place)
        elif not columns:
            columns = _heads(cells, whole, finder)
            if not columns:
                filled.strays.extend((text, place) for text in cells if text.strip())
        else:
            filled.row(
                block.key, {column.key: _chosen(cells[i], column) for i, column in columns.items() if i < len(cells)}
            )
            heads = {0} if len(block.columns) == 1 else set()
            beside = (text for i, text in enumerate(cells) if i not in columns and i not in heads and text.strip())
            filled.strays.extend((text, place) for text in beside)


def _chosen(text: str, column: Column) -> str:
    """The text of a cell; some programs leave the words of an untouched drop-down as text."""
    return "" if column.choices and text.strip() in words.CHOOSE.values() else text


def _heads(cells: Sequence[str], block: Block, finder: Finder) -> dict[int, Column]:
    further = next((column for column in block.columns if column.key == FURTHER), None)
    columns: dict[int, Column] = {}
    for at, text in enumerate(cells):
        column = finder.column(block, text)
        if column is None and further and text.strip() in words.FURTHER.values():
            column = further
        if column:
            columns[at] = column
    return columns


def _inside(node: etree._Element, name: str) -> Iterator[etree._Element]:
    """Rows of a table or cells of a row, also inside of content controls; not those of tables within."""
    for child in node:
        if child.tag == _W + name:
            yield child
        elif child.tag in (_W + "sdt", _W + "sdtContent", _W + "customXml", _W + "ins"):
            yield from _inside(child, name)


def _cell_text(cell: etree._Element) -> str:
    paragraphs = [_text(node) for node in cell.iter(_W + "p")]
    return "\n".join(paragraphs)


def _text(paragraph: etree._Element) -> str:
    """The text of a paragraph; what was deleted under tracked changes, and placeholders, are not of it."""
    texts: list[str] = []
    _gather(paragraph, texts)
    return "".join(texts)


_SIGNS = {_W + "tab": "\t", _W + "br": "\n", _W + "cr": "\n", _W + "noBreakHyphen": "\u2011"}
_NOT_TEXT = frozenset(
    _W + name for name in ("del", "moveFrom", "pPr", "rPr", "sdtPr", "instrText", "delText", "drawing", "pict")
)


def _gather(node: etree._Element, texts: list[str]) -> None:
    for child in node:
        if child.tag == _W + "t":
            texts.append(child.text or "")
        elif child.tag in _SIGNS:
            texts.append(_SIGNS[child.tag])
        elif child.tag == _W + "sdt":
            properties = child.find(_W + "sdtPr")
            if properties is None or properties.find(_W + "showingPlcHdr") is None:
                _gather(child, texts)
        elif child.tag not in _NOT_TEXT and isinstance(child.tag, str):
            _gather(child, texts)
