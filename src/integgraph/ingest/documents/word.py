"""Word documents (DOCX, DOCM) as lines: what a person sees in the text, and nothing else of the file.

Inserted text of tracked changes is kept, deleted text is not; what is chosen and ticked in form fields is text, a
placeholder is none. Headers, footers, comments, footnotes, pictures and macros are left out, and a note says so.
Transitional and strict documents are read alike, by the local names of their elements.

Sources: ECMA-376-1 clauses 17.3 (paragraphs and runs), 17.4 (tables), 17.5.2 (content controls), 17.9 (numbering),
17.13 (annotations), 17.16 (fields); MS-DOCX 2.5 (check boxes).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from integgraph.ingest.documents.archive import Archive, attribute, local, number, open_archive, refused, relations
from integgraph.ingest.documents.blocks import Block, Cell, Known, Paragraph, Table, Writer, ticked
from integgraph.ingest.documents.lines import Lines
from integgraph.ingest.documents.links import shown

MAX_CELLS = 200_000
_MAX_BOLD = 100
_DEEP = 10
"""How many styles may stand on one another."""
_TICKED, _UNTICKED = "☒", "☐"
_SYMBOLS = {
    0x6F: _UNTICKED, 0xA8: _UNTICKED, 0x71: _UNTICKED, 0x72: _UNTICKED, 0xFE: _TICKED, 0xFD: _TICKED, 0x78: _TICKED,
    0xFC: "✓", 0xFB: "✗", 0xB7: "•", 0xA7: "•", 0x6E: "•", 0x6C: "•", 0xD8: "•", 0xE0: "→", 0x2D: "-",
}  # fmt: skip
"""Characters of the fonts Wingdings and Symbol that stand in forms."""
_INTO = frozenset(
    {"ins", "moveTo", "smartTag", "customXml", "fldSimple", "dir", "bdo", "oMath", "oMathPara", "sdtContent"}
)
_GONE = frozenset({"del", "moveFrom"})
_DATE = re.compile(r"\d{1,2}/\d{1,2}/\d{2,4}")


@dataclass(frozen=True, slots=True)
class _Style:
    """What a style says that matters here.

    Attributes:
        heading: Level of the heading that it makes, from 1; 0 for none.
        list: (list, level) that it puts a paragraph into; an empty list for none.
        bold: It is bold.
        placeholder: It marks what a form shows where nothing was filled in.
        contents: It is that of a line in a table of contents, which only says again what follows.
    """

    heading: int = 0
    list: tuple[str, int] = ("", 0)
    bold: bool = False
    placeholder: bool = False
    contents: bool = False


@dataclass(slots=True)
class _Document:
    """A document while it is read, and what was left out."""

    archive: Archive
    known: Known
    styles: Mapping[str, _Style]
    formats: Mapping[tuple[str, int], str]
    links: Mapping[str, tuple[str, str, bool]]
    left_out: dict[str, int] = field(default_factory=dict)
    cells: int = 0

    def leave(self, what: str, times: int = 1) -> None:
        """Count something that is left out."""
        self.left_out[what] = self.left_out.get(what, 0) + times


def read(data: bytes, name: str, known: Known | None = None) -> Lines:
    """A Word document as lines.

    Args:
        data: The bytes of a DOCX or DOCM file.
        name: Its name; for messages.
        known: Whether a text is a label of the form.

    Raises:
        InputError: it is no Word document, damaged, encrypted or a trap.
    """
    archive = open_archive(data, name)
    main = next((target for kind, target, _ in relations(archive, "").values() if kind == "officeDocument"), "")
    main = main or "word/document.xml"
    root = archive.xml(main)
    body = next((each for each in root if local(each.tag) == "body"), None)
    if local(root.tag) != "document" or body is None:
        raise refused(name, f"The part '{main}' is not the text of a Word document.", "Save it anew as .docx.")
    links = relations(archive, main)
    parts = {kind: target for kind, target, outside in links.values() if not outside}
    writer = Writer(name, known)
    styles = _styles(archive, parts.get("styles", ""))
    document = _Document(archive, writer.known, styles, _numberings(archive, parts.get("numbering", "")), links)
    writer.write(_blocks(body, document))
    writer.notes.extend(_notes(document, links))
    found = writer.result()
    if not found.lines:
        pictures = " It holds a picture: text in it cannot be read." if document.left_out.get("picture") else ""
        raise refused(name, f"The document holds no text.{pictures}", "Give the document with its text.")
    return found


# -- what the document says elsewhere


def _styles(archive: Archive, member: str) -> dict[str, _Style]:
    """The styles by their id, with what they take over from the styles that they are based on."""
    if not member or member not in archive:
        return {}
    elements = {attribute(each, "styleId"): each for each in archive.xml(member) if local(each.tag) == "style"}

    def made(key: str, depth: int) -> _Style:
        element = elements.get(key)
        if element is None or depth > _DEEP:
            return _Style()
        inside = {local(each.tag): each for each in element}
        base = made(attribute(inside["basedOn"], "val"), depth + 1) if "basedOn" in inside else _Style()
        title = attribute(inside["name"], "val").casefold() if "name" in inside else ""
        paragraph = _properties(inside.get("pPr"))
        heading = re.fullmatch(r"heading ([1-9])", title)
        level = int(heading[1]) if heading else 1 if title == "title" else 2 if title == "subtitle" else 0
        if not level and "outlineLvl" in paragraph:
            level = number(attribute(paragraph["outlineLvl"], "val"), 9, 9) + 1
        listed = _list_of(paragraph.get("numPr"))
        bold = _properties(inside.get("rPr")).get("b")
        return _Style(
            heading=level if 0 < level <= 9 else base.heading,
            list=listed if listed is not None else base.list,
            bold=_is_on(bold) if bold is not None else base.bold or title == "strong",
            placeholder=title == "placeholder text" or base.placeholder,
            contents=re.fullmatch(r"toc \d|toc heading", title) is not None,
        )

    return {key: made(key, 0) for key in elements}


def _numberings(archive: Archive, member: str) -> dict[tuple[str, int], str]:
    """The format of each level of each list, such as ``bullet`` or ``decimal``."""
    if not member or member not in archive:
        return {}
    root = archive.xml(member)
    abstract: dict[str, dict[int, str]] = {}
    found: dict[tuple[str, int], str] = {}
    for each in root:
        if local(each.tag) == "abstractNum":
            levels = abstract.setdefault(attribute(each, "abstractNumId"), {})
            for level in each:
                if local(level.tag) == "lvl":
                    inside = {local(part.tag): part for part in level}
                    if "numFmt" in inside:
                        levels[number(attribute(level, "ilvl"), 9, 0)] = attribute(inside["numFmt"], "val")
    for each in root:
        if local(each.tag) == "num":
            reference = next((part for part in each if local(part.tag) == "abstractNumId"), None)
            levels = abstract.get(attribute(reference, "val"), {}) if reference is not None else {}
            found |= {(attribute(each, "numId"), level): kind for level, kind in levels.items()}
    return found


def _notes(document: _Document, links: Mapping[str, tuple[str, str, bool]]) -> Iterator[str]:
    archive, left_out = document.archive, document.left_out
    told = {
        "insertion": ("The document has tracked changes: inserted text was kept, deleted text left out.",),
        "deletion": ("The document has tracked changes: inserted text was kept, deleted text left out.",),
        "comment": ("1 comment was left out.", "{} comments were left out."),
        "footnote": ("1 footnote was left out.", "{} footnotes were left out."),
        "endnote": ("1 endnote was left out.", "{} endnotes were left out."),
        "picture": ("1 picture was left out.", "{} pictures were left out."),
        "hidden": ("Hidden text was left out.",),
        "object": ("1 embedded file was left out.", "{} embedded files were left out."),
        "contents": ("The table of contents was left out.",),
        "unticked": ("1 box that is not ticked was left out.", "{} boxes that are not ticked were left out."),
    }
    for what, wordings in told.items():
        count = left_out.get(what, 0)
        if count:
            yield wordings[0] if count == 1 or len(wordings) == 1 else wordings[1].format(count)
    for kind in ("header", "footer"):
        texts: list[str] = []
        for each, target, outside in links.values():
            if each == kind and not outside and target in archive:
                texts.extend(filter(None, (" ".join(_said(archive.xml(target)).split()),)))
        for text in dict.fromkeys(texts):
            shortened = text if len(text) <= 150 else f"{text[:150]}…"
            yield f"The {kind} was left out: '{shortened}'."
    if any(member.casefold().endswith("vbaproject.bin") for member in archive.members):
        yield "The document holds macros; they were left out and not run."


def _said(element: etree._Element) -> str:
    return " ".join(each.text or "" for each in element.iter() if local(each.tag) == "t")


def _properties(element: etree._Element | None) -> dict[str, etree._Element]:
    return {local(each.tag): each for each in element} if element is not None else {}


def _is_on(element: etree._Element | None) -> bool:
    """Whether a switch such as ``<w:b/>`` is on."""
    return element is not None and attribute(element, "val") not in ("0", "false", "off")


def _list_of(element: etree._Element | None) -> tuple[str, int] | None:
    """List and level of ``w:numPr``; list 0 is none."""
    if element is None:
        return None
    inside = _properties(element)
    key = attribute(inside["numId"], "val") if "numId" in inside else ""
    level = number(attribute(inside["ilvl"], "val"), 9, 0) if "ilvl" in inside else 0
    return ("", 0) if key in ("", "0") else (key, level)


# -- paragraphs and tables


def _blocks(container: etree._Element, document: _Document) -> Iterator[Block]:
    """Paragraphs and tables of a body, a cell, a text box or a content control."""
    for each in container:
        tag = local(each.tag)
        if tag == "p":
            yield from _paragraph(each, document)
        elif tag == "tbl":
            yield _table(each, document)
        elif tag == "sdt":
            yield from _control(each, document)
        elif tag in _INTO:
            yield from _blocks(each, document)
        elif tag == "AlternateContent":
            yield from _blocks(_alternative(each), document)
        elif tag == "altChunk":
            document.leave("object")
        elif tag in _GONE:
            document.leave("deletion")


def _control(element: etree._Element, document: _Document) -> Iterator[Block]:
    """A content control around whole paragraphs; an empty one keeps its place."""
    inside = _properties(element)
    content = inside.get("sdtContent")
    if content is None:
        return
    if "showingPlcHdr" in _properties(inside.get("sdtPr")):
        yield Paragraph("")
    else:
        yield from _blocks(content, document)


def _alternative(element: etree._Element) -> etree._Element:
    """Of two ways to say the same, the first; a text box stands in both."""
    return next((each for each in element if local(each.tag) == "Choice"), element[0] if len(element) else element)


def _table(element: etree._Element, document: _Document) -> Table:
    rows: list[tuple[int, tuple[Cell, ...]]] = []
    for place, row in enumerate(_inside(element, "tr"), start=1):
        properties = _properties(next((each for each in row if local(each.tag) == "trPr"), None))
        if "del" in properties:
            document.leave("deletion")
            continue
        column = number(attribute(properties["gridBefore"], "val"), 1_000, 0) if "gridBefore" in properties else 0
        head = _is_on(properties.get("tblHeader"))
        cells: list[Cell] = []
        for cell in _inside(row, "tc"):
            document.cells += 1
            if document.cells > MAX_CELLS:
                message = f"The tables have more than {MAX_CELLS:,} cells; a form has about fifty."
                raise refused(document.archive.name, message, "Give the filled-in form alone.")
            settings = _properties(next((each for each in cell if local(each.tag) == "tcPr"), None))
            span = max(1, number(attribute(settings["gridSpan"], "val"), 1_000)) if "gridSpan" in settings else 1
            merged = any(
                key in settings and attribute(settings[key], "val") in ("", "continue") for key in ("vMerge", "hMerge")
            )
            blocks = () if merged else tuple(_blocks(cell, document))
            cells.append(Cell(blocks, column, span, head))
            column += span
        rows.append((place, tuple(cells)))
    return Table(tuple(rows))


def _inside(element: etree._Element, wanted: str) -> Iterator[etree._Element]:
    """Rows of a table or cells of a row, also those in content controls and tracked insertions."""
    for each in element:
        tag = local(each.tag)
        if tag == wanted:
            yield each
        elif tag in _INTO or tag == "sdt":
            yield from _inside(each, wanted)


def _paragraph(element: etree._Element, document: _Document) -> Iterator[Block]:
    """A paragraph, and after it what stands in the text boxes that hang on it."""
    properties = _properties(next((each for each in element if local(each.tag) == "pPr"), None))
    key = attribute(properties["pStyle"], "val") if "pStyle" in properties else ""
    style = document.styles.get(key, _Style())
    line = _Inline(document, bold=style.bold)
    line.read(element)
    level = style.heading
    if "outlineLvl" in properties:
        outline = number(attribute(properties["outlineLvl"], "val"), 9, 9) + 1
        level = outline if outline <= 9 else 0
    own = _list_of(properties.get("numPr"))
    listed, depth = style.list if own is None else own
    text = line.text()
    if style.contents:
        document.leave("contents")
    elif level:
        yield Paragraph(text.replace("\n", " "), "heading", min(level, 6))
    elif listed:
        numbered = document.formats.get((listed, depth), "bullet") not in ("bullet", "none")
        yield Paragraph(line.marked(text) if numbered else text, "item", depth, numbered)
    else:
        yield Paragraph(line.marked(text))
    for box in line.boxes:
        yield from _blocks(box, document)


# -- text


class _Inline:
    """The text of a paragraph."""

    def __init__(self, document: _Document, *, bold: bool) -> None:
        self.document = document
        self.style_bold = bold
        self.parts: list[tuple[str, bool]] = []
        self.boxes: list[etree._Element] = []
        self._fields: list[_Field] = []

    def text(self) -> str:
        """The text, with boxes that are ticked as items."""
        text = "".join(part for part, _ in self.parts)
        text, left_out = ticked(text)
        self.document.leave("unticked", left_out)
        return text

    def marked(self, text: str) -> str:
        """The text with bold words in front between ``**`` where they may be a label."""
        front = ""
        for part, bold in self.parts:
            if part.strip() and not bold:
                break
            front += part
        front = front.split("\n", 1)[0] if "\n" in front.strip() else front
        label = front.strip()
        if not label or len(label) > _MAX_BOLD or re.search(r"[*_|\t]", label) or not text.startswith(front):
            return text
        rest = text[len(front) :]
        if not rest.strip():
            return f"**{label}**"
        if rest.startswith("\n"):
            return f"**{label}**{rest}"
        if "\t" in rest.split("\n", 1)[0]:
            return text
        if label.endswith(":") or rest.lstrip().startswith(":"):
            return f"**{label}**{rest if rest[0] in ' :' else ' ' + rest}"
        return f"{label}\t{rest.lstrip()}" if self.document.known(label) else text

    def read(self, element: etree._Element) -> None:
        """Take in what stands in a paragraph, or in a part of one."""
        for each in element:
            tag = local(each.tag)
            if tag == "r":
                self._run(each)
            elif tag == "hyperlink":
                self._link(each)
            elif tag == "sdt":
                self._control(each)
            elif tag in _GONE:
                self.document.leave("deletion")
            elif tag in _INTO:
                if tag in ("ins", "moveTo"):
                    self.document.leave("insertion")
                self.read(each)
            elif tag == "AlternateContent":
                self.read(_alternative(each))
            elif tag == "commentRangeStart":
                self.document.leave("comment")

    def _put(self, text: str, *, bold: bool = False) -> None:
        if not all(field.shows for field in self._fields):
            return
        self.parts.append((text, bold))

    def _link(self, element: etree._Element) -> None:
        start = len(self.parts)
        self.read(element)
        _, target, outside = self.document.links.get(attribute(element, "id"), ("", "", False))
        if outside:
            self._address(start, target)

    def _address(self, start: int, target: str) -> None:
        text = "".join(part for part, _ in self.parts[start:])
        whole = shown(text, target)
        if whole != text:
            bold = all(bold for _, bold in self.parts[start:])
            self.parts[start:] = [(whole, bold and bool(text))]

    def _control(self, element: etree._Element) -> None:
        """A content control in a line: what was chosen, typed or ticked; a placeholder is nothing."""
        inside = _properties(element)
        settings, content = _properties(inside.get("sdtPr")), inside.get("sdtContent")
        if "checkbox" in settings:
            mark = _properties(settings["checkbox"]).get("checked")
            self._put(_TICKED if mark is not None and _is_on(mark) else _UNTICKED)
            return
        if content is None or "showingPlcHdr" in settings:
            return
        start = len(self.parts)
        self.read(content)
        moment = attribute(settings["date"], "fullDate")[:10] if "date" in settings else ""
        text = "".join(part for part, _ in self.parts[start:])
        if moment and _DATE.fullmatch(text.strip()):
            # 9/3/2021 is another day in another country; the control knows which one is meant.
            self.parts[start:] = [(moment, False)]

    def _run(self, element: etree._Element) -> None:
        if not len(element):
            return
        properties = _properties(next((each for each in element if local(each.tag) == "rPr"), None))
        style = self.document.styles.get(
            attribute(properties["rStyle"], "val") if "rStyle" in properties else "", _Style()
        )
        if _is_on(properties.get("vanish")):
            if _said(element).strip():
                self.document.leave("hidden")
            return
        if style.placeholder:
            return
        bold = _is_on(properties["b"]) if "b" in properties else style.bold or self.style_bold
        for each in element:
            tag = local(each.tag)
            if tag == "t":
                self._put((each.text or "").replace("\n", " "), bold=bold)
            elif tag in _CHARACTERS:
                self._put(_CHARACTERS[tag], bold=bold)
            elif tag == "sym":
                self._put(_symbol(attribute(each, "char")), bold=bold)
            elif tag == "fldChar":
                self._field(each)
            elif tag == "instrText" and self._fields:
                self._fields[-1].code += each.text or ""
            elif tag in ("drawing", "pict", "object"):
                self._drawing(each)
            elif tag == "AlternateContent":
                self._drawing(_alternative(each))
            elif tag in ("footnoteReference", "endnoteReference"):
                self.document.leave(tag.removesuffix("Reference"))

    def _drawing(self, element: etree._Element) -> None:
        """Text boxes are kept, pictures counted; what stands in a box inside of a box comes with the outer one."""
        found = False
        waiting = [element]
        while waiting:
            each = waiting.pop(0)
            tag = local(each.tag)
            if tag == "txbxContent":
                self.boxes.append(each)
                found = True
            elif tag in ("blip", "imagedata"):
                self.document.leave("picture")
            elif tag == "OLEObject":
                self.document.leave("object")
            elif tag == "AlternateContent":
                waiting.append(_alternative(each))
            else:
                waiting.extend(each)
        if found and local(element.tag) == "Fallback":
            self.boxes = self.boxes[:1]

    def _field(self, element: etree._Element) -> None:
        """A field begins, shows its result, or ends; what its code says is no text but for an address."""
        kind = attribute(element, "fldCharType")
        if kind == "begin":
            data = _properties(next((each for each in element if local(each.tag) == "ffData"), None))
            self._fields.append(_Field(len(self.parts), data))
        elif self._fields and kind == "separate":
            self._fields[-1].shows = not (_BOXES & self._fields[-1].data.keys())
        elif self._fields and kind == "end":
            ended = self._fields.pop()
            address = re.match(r'\s*HYPERLINK\s+"([^"]{1,2000})"', ended.code)
            chosen = ended.chosen()
            if chosen:
                self._put(chosen)
            elif address:
                self._address(ended.start, address[1])


_CHARACTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_BOXES = {"checkBox", "ddList"}


@dataclass(slots=True)
class _Field:
    """A field of a line: where its text begins, its code, and the data of a form field."""

    start: int
    data: Mapping[str, etree._Element]
    code: str = ""
    shows: bool = False

    def chosen(self) -> str:
        """What is ticked or chosen in a form field."""
        if "checkBox" in self.data:
            inside = _properties(self.data["checkBox"])
            mark = inside.get("checked", inside.get("default"))
            return _TICKED if mark is not None and _is_on(mark) else _UNTICKED
        if "ddList" in self.data:
            entries = [attribute(each, "val") for each in self.data["ddList"] if local(each.tag) == "listEntry"]
            inside = _properties(self.data["ddList"])
            result = inside.get("result", inside.get("default"))
            place = number(attribute(result, "val"), 10_000, 0) if result is not None else 0
            return entries[place] if place < len(entries) else ""
        return ""


def _symbol(code: str) -> str:
    try:
        value = int(code, 16) & 0xFF
    except ValueError:
        return ""
    return _SYMBOLS.get(value, "")
