"""Web pages as lines: HTML, XHTML, and pages saved in one file (MHTML).

What a browser does not show is left out: scripts, styles, comments, templates, elements that are hidden. Nothing is
fetched, and nothing on the page is run.

Sources: the WHATWG HTML Standard (elements and their roles; 13.2.3, encodings); RFC 2557 (MHTML).
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage

from lxml import etree

from integgraph.ingest.documents.archive import local, number, refused
from integgraph.ingest.documents.blocks import MAX_COLUMNS, Block, Cell, Known, Paragraph, Table, Writer, ticked
from integgraph.ingest.documents.decoding import decode
from integgraph.ingest.documents.lines import Lines
from integgraph.ingest.documents.links import shown

MAX_ELEMENTS = 100_000
MAX_ROWS = 20_000
"""Rows of a table."""
MAX_DEPTH = 200
MAX_PARTS = 1_000
"""Parts of a page that is saved in one file."""
_GONE = frozenset(
    "script style template noscript head meta link title iframe object embed applet canvas audio video map area svg "
    "math nav button colgroup col datalist dialog rp rt".split()
)
"""Elements whose content is no text of the page; ``title`` and ``nav`` only name it and lead away from it."""
_BLOCKS = frozenset(
    "html body div p section article main header footer aside address blockquote figure figcaption form fieldset "
    "legend center details summary pre dl dt dd ul ol menu li table caption h1 h2 h3 h4 h5 h6 hr tbody thead tfoot tr "
    "td th".split()
)
_HOLDS = "data-integgraph-holds-blocks"
"""Attribute that marks elements with blocks in them while a page is read."""
_TERMS = frozenset({"dt", "dd"})
_BOLD = frozenset({"b", "strong"})
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.I)
_CHARSET = re.compile(rb"""<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{1,40})""", re.I)
_BREAKING = tuple("-/_=&?.")
_ADDRESS = re.compile(r"[(<\[]?(?:https?://|www\.)", re.I)
_SPACE = re.compile(r"[ \t\r\n\f]+")
_MAX_BOLD = 100
_MAX_SPAN = 1_000


@dataclass(slots=True)
class _Page:
    """What was left out of a page while it is read."""

    name: str
    known: Known
    notes: list[str] = field(default_factory=list)
    pictures: int = 0
    unticked: int = 0


def read(data: bytes, name: str, known: Known | None = None) -> Lines:
    r"""A web page as lines.

    Args:
        data: The bytes of the page.
        name: Its name; for messages.
        known: Whether a text is a label of the form.

    Raises:
        InputError: it is no text, has none, or is far larger or nested deeper than a page with a form.

    >>> page = b"<table><tr><th>Founding year<td>2016<script>2</script></table>"
    >>> [line.text for line in read(page, "form.html").lines]
    ['Founding year\t2016']
    """
    if not data.lstrip()[:1] == b"<" and re.search(rb"content-type:\s*multipart/related", data[:8_000], re.I):
        text, notes = _saved_page(data, name)
    else:
        said = _CHARSET.search(data[:4_096])
        decoded = decode(data, name, said[1].decode("ascii") if said else "")
        text, notes = decoded.text, list(decoded.notes)
    writer = Writer(name, known)
    page = _Page(name, writer.known, notes)
    writer.write(_blocks(_tree(text, name), page, 0))
    if page.pictures:
        page.notes.append(
            "1 picture was left out." if page.pictures == 1 else f"{page.pictures} pictures were left out."
        )
    if page.unticked:
        page.notes.append(f"Boxes that are not ticked were left out: {page.unticked}.")
    writer.notes.extend(page.notes)
    found = writer.result()
    if not found.lines:
        raise refused(name, "The page holds no text.", "If it is made by a program in the browser, print it to a PDF.")
    return found


def _saved_page(data: bytes, name: str) -> tuple[str, list[str]]:
    """The page in a file that holds a page and its pictures."""
    if data.count(b"\n--") > MAX_PARTS:
        raise refused(name, f"The saved page has more than {MAX_PARTS:,} parts.", "Save the page again as HTML.")
    message = email.message_from_bytes(data, _class=EmailMessage, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                decoded = decode(content, name, part.get_content_charset() or "")
                return decoded.text, list(decoded.notes)
    raise refused(name, "The file holds a saved page (MHTML), but no text of it.", "Save the page again as HTML.")


def _tree(text: str, name: str) -> etree._Element:
    if re.search(r"<!ENTITY", text[:200_000]):
        raise refused(
            name, "The page declares entities, which pages never do.", "It may be an attack; ask whoever sent it."
        )
    text = re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", text, count=1)
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, recover=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        raise refused(
            name, "The page cannot be read as HTML.", "Save it again as HTML, or print it to a PDF."
        ) from None
    if root is None:
        raise refused(name, "The page is empty.")
    _measure(root, name)
    for entry in parser.error_log:
        if entry.level_name == "FATAL":
            raise refused(
                name, f"The page cannot be read: {' '.join(entry.message.split())[:150]}.", "Print it to a PDF."
            )
    return root


def _measure(root: etree._Element, name: str) -> None:
    """Refuse what is larger or nested deeper than a page, without recursion; and mark what holds blocks."""
    holds: list[bool] = []
    count = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            count += 1
            holds.append(False)
            if len(holds) > MAX_DEPTH:
                raise refused(name, f"The page is nested more than {MAX_DEPTH} levels deep.", "Print it to a PDF.")
            if count > MAX_ELEMENTS:
                message = f"The page has more than {MAX_ELEMENTS:,} elements."
                raise refused(name, message, "Give the page with the form alone.")
        elif holds.pop():
            element.set(_HOLDS, "")
            if holds:
                holds[-1] = True
        elif holds and local(element.tag) in _BLOCKS:
            holds[-1] = True


def _hidden(element: etree._Element) -> bool:
    if local(element.tag) in _GONE or element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    if local(element.tag) == "input" and element.get("type", "").casefold() == "hidden":
        return True
    return _HIDDEN.search((element.get("style") or "")[:1_000]) is not None


# -- blocks


def _blocks(element: etree._Element, page: _Page, depth: int) -> Iterator[Block]:
    """What stands in an element that makes blocks: its own text becomes paragraphs between those of its children."""
    line = _Inline(page)
    line.text(element.text)
    for each in element:
        tag = local(each.tag)
        # Terms and meanings that are not closed stand in one another; their list takes each of them for itself.
        if not tag or _hidden(each) or (tag in _TERMS and local(element.tag) in _TERMS):
            line.text(each.tail)
            continue
        if tag in _BLOCKS or each.get(_HOLDS) is not None:  # also an element within lines that holds blocks
            yield from line.paragraph()
            line = _Inline(page)
            yield from _block(each, tag, page, depth)
        else:
            line.element(each)
        line.text(each.tail)
    yield from line.paragraph()


def _block(element: etree._Element, tag: str, page: _Page, depth: int) -> Iterator[Block]:
    if re.fullmatch("h[1-6]", tag):
        text = _plain(element, page)
        yield Paragraph(text.replace("\n", " "), "heading", int(tag[1]))
    elif tag in ("ul", "ol", "menu"):
        yield from _items(element, tag == "ol", page, depth)
    elif tag == "dl":
        yield from _definitions(element, page, depth)
    elif tag == "table":
        yield _table(element, page, depth)
    elif tag == "pre":
        yield Paragraph("".join(map(str, element.itertext())).strip("\n"))
    else:
        yield from _blocks(element, page, depth)


def _plain(element: etree._Element, page: _Page) -> str:
    line = _Inline(page)
    line.inside(element)
    return line.result(marks=False)


def _items(element: etree._Element, numbered: bool, page: _Page, depth: int) -> Iterator[Block]:
    for each in element:
        if not local(each.tag) or _hidden(each):
            continue
        if local(each.tag) in ("ul", "ol", "menu"):  # a list straight in a list, as old editors write it
            yield from _items(each, local(each.tag) == "ol", page, depth + 1)
            continue
        first = True
        for block in _blocks(each, page, depth + 1):
            if first and isinstance(block, Paragraph) and block.kind == "text":
                bold = block.text.startswith("**")
                text = block.text if numbered or not bold else block.text.replace("**", "", 2)
                yield Paragraph(text, "item", depth, numbered)
            else:
                yield block
            first = False


def _definitions(element: etree._Element, page: _Page, depth: int) -> Iterator[Block]:
    """A list of terms and what they mean is a table in two columns."""
    rows: list[tuple[int, tuple[Cell, ...]]] = []
    terms: list[Block] = []
    for each in element.iter("dt", "dd"):
        if _hidden(each) or next(each.iterancestors("dl"), None) is not element:
            continue
        blocks = list(_blocks(each, page, depth + 1))
        if each.tag == "dt":
            if terms:
                rows.append((len(rows) + 1, (Cell(tuple(terms), 0),)))
            terms = blocks
        else:
            rows.append((len(rows) + 1, (Cell(tuple(terms), 0), Cell(tuple(blocks), 1))))
            terms = []
    if terms:
        rows.append((len(rows) + 1, (Cell(tuple(terms), 0), Cell((), 1))))
    if rows:
        yield Table(tuple(rows))


def _table(element: etree._Element, page: _Page, depth: int) -> Table:
    rows: list[tuple[int, tuple[Cell, ...]]] = []
    covered: dict[int, int] = {}  # how many more rows a cell from above covers, by column
    for row in _rows(element):
        cells: list[Cell] = []
        column = 0
        taken = {place: left - 1 for place, left in covered.items() if left > 1}
        for each in row:
            tag = local(each.tag)
            if tag not in ("td", "th") or _hidden(each):
                continue
            while column in covered:
                column += 1
            if column >= MAX_COLUMNS or len(rows) >= MAX_ROWS:
                message = f"A table has more than {MAX_COLUMNS:,} columns or {MAX_ROWS:,} rows."
                raise refused(page.name, message, "Give the page with the form alone.")
            span = min(max(1, number(each.get("colspan") or "", _MAX_SPAN)), MAX_COLUMNS - column)
            below = number(each.get("rowspan") or "", _MAX_SPAN)
            cells.append(Cell(tuple(_blocks(each, page, depth + 1)), column, span, tag == "th"))
            if below > 1:
                taken |= dict.fromkeys(range(column, column + span), below - 1)
            column += span
        covered = {place: left for place, left in taken.items() if left > 0}
        rows.append((len(rows) + 1, tuple(cells)))
    return Table(tuple(rows))


def _rows(element: etree._Element) -> Iterator[etree._Element]:
    """The rows of a table, but not those of tables in it."""
    for each in element:
        tag = local(each.tag)
        if not tag or _hidden(each):
            continue
        if tag == "tr":
            yield each
        elif tag in ("tbody", "thead", "tfoot", "form"):
            yield from _rows(each)
        elif tag == "caption":
            row = etree.Element("tr")
            cell = etree.SubElement(row, "td", colspan="100")
            cell.text = " ".join("".join(map(str, each.itertext())).split())
            yield row


# -- lines


def _with_breaks(text: str) -> str:
    """Keep the line ends (as vertical tabs) at which an address is broken in the source; a browser shows a space there.

    Whoever reads addresses puts them together again, and says so.
    """
    if "\n" not in text or not _ADDRESS.search(text):
        return text
    before, *others = text.split("\n")
    kept = [before]
    within = False
    for line in others:
        last = before.rstrip("\r \t").rpartition(" ")[2]
        breaks = last[-1:] in _BREAKING and bool(line.strip()) and (_ADDRESS.match(last) is not None or within)
        kept += ["\x0b" if breaks or within else "\n", line]
        before, within = line, breaks
    return "".join(kept)


class _Inline:
    """Text that flows: a paragraph in the making."""

    def __init__(self, page: _Page) -> None:
        self.page = page
        self.parts: list[tuple[str, bool]] = []

    def text(self, text: str | None, *, bold: bool = False) -> None:
        """Take in text in which white space only parts words."""
        if text:
            text = _with_breaks(text)
            self.parts.append((_SPACE.sub(" ", text).replace("\x0b", "\n"), bold))

    def inside(self, element: etree._Element, *, bold: bool = False) -> None:
        """Take in what stands in an element."""
        self.text(element.text, bold=bold)
        for each in element:
            if local(each.tag) and not _hidden(each):
                self.element(each, bold=bold)
            self.text(each.tail, bold=bold)

    def element(self, element: etree._Element, *, bold: bool = False) -> None:
        """Take in an element within lines."""
        tag = local(element.tag)
        if tag == "br":
            self.parts.append(("\n", bold))
        elif tag == "img":
            alternative = (element.get("alt") or "").strip()
            self.page.pictures += 1
            self.text(f" {alternative} " if 0 < len(alternative) <= 200 else " ", bold=bold)
        elif tag == "a":
            inner = _Inline(self.page)
            inner.inside(element, bold=bold)
            text = "".join(part for part, _ in inner.parts)
            whole = shown(text, element.get("href"))
            self.parts.extend(inner.parts if whole == text else [(whole, bold)])
        elif tag in ("input", "select", "textarea"):
            self.text(f" {_filled_in(element)} ")
        else:
            strong = tag in _BOLD or bool(re.search(r"font-weight\s*:\s*(?:bold|[6-9]00)", element.get("style") or ""))
            self.inside(element, bold=bold or strong)

    def result(self, *, marks: bool = True) -> str:
        """The text without space around its lines; bold words in front between ``**`` where they may be a label."""
        text = "".join(part for part, _ in self.parts)
        lines = [_SPACE.sub(" ", line).strip(" ") for line in text.split("\n")]
        whole, left_out = ticked("\n".join(lines).strip("\n"))
        self.page.unticked += left_out
        return self._marked(whole) if marks else whole

    def _marked(self, text: str) -> str:
        front = ""
        for part, bold in self.parts:
            if part.strip() and not bold:
                break
            front += part
        label = _SPACE.sub(" ", front.strip().split("\n", 1)[0]).strip()
        if not label or len(label) > _MAX_BOLD or re.search(r"[*_|]", label) or not text.startswith(label):
            return text
        rest = text[len(label) :]
        if not rest.strip() or rest.startswith("\n"):
            return f"**{label}**{rest}"
        if label.endswith(":") or rest.lstrip().startswith(":"):
            return f"**{label}**{rest if rest[0] in ' :' else ' ' + rest}"
        return f"{label}\t{rest.lstrip()}" if self.page.known(label) else text

    def paragraph(self) -> Iterator[Paragraph]:
        """The paragraph, if there is any text; an empty line in it begins another."""
        if not self.parts:
            return
        for part in re.split(r"\n[ ]*\n+", self.result()):
            if part.strip():
                yield Paragraph(part)


def _filled_in(element: etree._Element) -> str:
    """What stands in a field of a form."""
    tag, kind = local(element.tag), (element.get("type") or "text").casefold()
    if tag == "textarea":
        return "".join(map(str, element.itertext()))
    if tag == "select":
        chosen = [each for each in element.iter("option") if each.get("selected") is not None]
        return "; ".join("".join(map(str, each.itertext())).strip() for each in chosen)
    if kind in ("checkbox", "radio"):
        return "☒" if element.get("checked") is not None else "☐"
    return (
        (element.get("value") or "") if kind not in ("submit", "button", "reset", "image", "password", "file") else ""
    )
