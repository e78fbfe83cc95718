"""From a PDF file to lines: characters with their boxes, ruling lines, and what a person must know of the reading.

The text is read as it was set, never recognised from pictures. Here every page becomes glyphs and strokes in points
from its upper left corner, whatever its rotation; :mod:`~integgraph.ingest.documents.layout` finds tables and columns
in them. What pages hold beside their text (pictures, rotated stamps, text outside the page) is left out and said so.

Hostile files are expected: sizes are checked before anything is unpacked, and whatever the library reports becomes an
:class:`~integgraph.errors.InputError`. A file that makes the library hang or crash is a matter of the worker that
reads it.
"""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from integgraph.errors import InputError, Problem
from integgraph.ingest.documents.layout import Glyph, Page, Ruling, lay_out
from integgraph.ingest.documents.lines import Lines

MAX_PAGES = 500
MAX_CHARACTERS = 2_000_000
MAX_PAGE_CHARACTERS = 50_000
"""More on one page are no page that people read."""
MAX_EXPANDED = 200_000_000
"""Bytes that the compressed streams of a file may hold in all, pictures not counted."""
MAX_OBJECTS = 200_000
"""Drawn objects on a page; a map has so many, a form does not."""
MAX_STROKES = 20_000
"""Ruling lines on a page; beyond them the drawing is left out."""
_MAX_DEPTH = 8
_MAX_NAMED_PAGES = 12

_STREAM = re.compile(rb"stream\r?\n")
_FLATE = re.compile(rb"/Fl(?:ateDecode)?\b")
_ENCRYPT = re.compile(rb"/Encrypt\s+\d+\s+\d+\s+R|/Encrypt\s*<<")
_ANGLE = math.radians(10)


def read(data: bytes, name: str, known: Callable[[str], bool] | None = None) -> Lines:
    """The lines of a PDF file, tables as rows of label and value.

    Args:
        data: The file.
        name: Its name, for messages.
        known: Whether a text is a label or the title of a section of the form. It tells labels from values where the
            page has no ruling lines; without it their places alone must do.

    Raises:
        InputError: it is no PDF, is damaged, encrypted, has no text (a scan), or is larger than the limits allow.

    >>> read(b"Name of the network: Harz together", "form.pdf")
    Traceback (most recent call last):
    integgraph.errors.InputError: form.pdf: This is not a PDF file. Give the file with the ending that fits its content.
    """
    if b"%PDF-" not in data[:1024]:
        message = "This is not a PDF file." if data else "The file is empty."
        raise _refused(message, name, "Give the file with the ending that fits its content." if data else "")
    _check_size(data, name)
    notes = _Notes()
    try:
        with pypdfium2.PdfDocument(data) as document:
            if document.get_formtype() == pdfium.FORMTYPE_ACRO_FORM:
                document.init_forms()
            pages = _pages(document, name, notes)
    except pypdfium2.PdfiumError as error:
        raise _refused(*_told(error, name)) from error
    except (ctypes.ArgumentError, ValueError, MemoryError, OverflowError, RecursionError) as error:
        raise _refused("The PDF file is damaged and cannot be read.", name, _AGAIN) from error
    lines, remarks = lay_out(pages, known)
    return Lines(lines, (*notes.sentences(len(pages)), *remarks), len(pages))


_AGAIN = "Open it in a viewer and save or print it as PDF again."
_UNLOCK = "Save a copy without a password, then give that."


def _refused(message: str, name: str, advice: str = "") -> InputError:
    return InputError(Problem(message, file=name, advice=advice))


def _told(error: pypdfium2.PdfiumError, name: str) -> tuple[str, str, str]:
    """What the library found wrong, in people's words."""
    code = getattr(error, "err_code", None)
    if code == pdfium.FPDF_ERR_PASSWORD:
        return "The PDF file is encrypted and asks for a password.", name, _UNLOCK
    if code == pdfium.FPDF_ERR_SECURITY:
        return "The PDF file is encrypted in a way that is not read here.", name, _UNLOCK
    return "The PDF file is damaged and cannot be read.", name, _AGAIN


class _Notes:
    """What was met while reading, by page."""

    def __init__(self) -> None:
        self.pages: dict[str, list[int]] = {}
        self.counts: Counter[str] = Counter()

    def add(self, what: str, page: int, count: int = 1) -> None:
        if count:
            self.counts[what] += count
            self.pages.setdefault(what, []).append(page)

    def sentences(self, pages: int) -> Iterator[str]:
        for what, found in self.pages.items():
            where = f"pages {_ranges(found)}" if len(found) > 1 else f"page {found[0]}"
            yield what.format(count=self.counts[what], where=where)


_PICTURE = "Without text, a picture or empty: {where}. Text in pictures is not read; run text recognition (OCR) first."
_ROTATED = "Rotated text was left out: {count} characters, {where}."
_OUTSIDE = "Text outside of the visible page was left out: {count} characters, {where}."
_UNREADABLE = "Characters that the file gives no letter for: {count}, {where}; they stand as �."
_DRAWING = "The drawing is too large to find ruling lines in it: {where}."
_FULL = "Not all of the text was read, there is too much of it for a page: {where}."
_BROKEN = "Could not be read, damaged: {where}."


def _ranges(numbers: list[int]) -> str:
    """Page numbers as people write them, the first dozen.

    >>> _ranges([1, 2, 3, 5, 9])
    '1–3, 5, 9'
    """
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1][1:] = [number]
        else:
            parts.append([number])
    told = ["–".join(map(str, part)) for part in parts[:_MAX_NAMED_PAGES]]
    return ", ".join(told) + (" …" if len(parts) > _MAX_NAMED_PAGES else "")


# -- before anything is opened


def _check_size(data: bytes, name: str) -> None:
    """Refuse what would unpack to more than a form can hold.

    Only the filter that unpacks most is followed, as often as a stream names it; pictures are not unpacked in reading
    text, and the streams of an encrypted file cannot be looked into.

    Raises:
        InputError: the streams hold more than ``MAX_EXPANDED`` bytes.
    """
    if _ENCRYPT.search(data):
        return
    left = MAX_EXPANDED
    end = 0
    for match in _STREAM.finditer(data):
        if match.start() < end:
            continue
        begin = data.rfind(b"obj", max(0, match.start() - 4096), match.start())
        head = data[max(begin, 0) : match.start()]
        times = len(_FLATE.findall(head))
        found = data.find(b"endstream", match.end())
        end = found if found >= 0 else len(data)
        if not times or b"/Image" in head:
            continue
        left -= _expanded(data[match.end() : end], min(times, 4), left)
        if left < 0:
            message = f"Unpacked, the PDF file holds more than {MAX_EXPANDED // 1_000_000} MB of text and drawing."
            raise _refused(message, name, "That is no form; give a file made by a word processor.")


def _expanded(packed: bytes, times: int, limit: int) -> int:
    """How many bytes a stream holds, counted to just over the limit."""
    for turn in range(times):
        unpack = zlib.decompressobj()
        try:
            if turn < times - 1:
                packed = unpack.decompress(packed, limit + 1)
                if len(packed) > limit:
                    return limit + 1
                continue
            total = 0
            while packed and not unpack.eof and total <= limit:
                total += len(unpack.decompress(packed, 1 << 20))
                packed = unpack.unconsumed_tail
        except zlib.error:
            return 0
    return total


# -- pages


def _pages(document: pypdfium2.PdfDocument, name: str, notes: _Notes) -> list[Page]:
    count = len(document)
    if count < 1:
        raise _refused("The PDF file has no pages.", name, _AGAIN)
    if count > MAX_PAGES:
        message = f"The PDF file has {count:,} pages; up to {MAX_PAGES} are read."
        raise _refused(message, name, "Give the pages with the profiles as a file of their own.")
    pages: list[Page] = []
    characters, broken = 0, 0
    for number in range(1, count + 1):
        try:
            page = _page(document, number, notes)
        except pypdfium2.PdfiumError:
            notes.add(_BROKEN, number)
            broken += 1
            page = Page(number, 0.0, 0.0, (), (), (), (), ())
        else:
            if not page.glyphs:
                notes.add(_PICTURE, number)
        characters += len(page.glyphs)
        if characters > MAX_CHARACTERS:
            message = f"The PDF file holds more than {MAX_CHARACTERS:,} characters, on its first {number} pages."
            raise _refused(message, name, "Give the pages with the profiles as a file of their own.")
        pages.append(page)
    if broken == count:
        raise _refused("The PDF file is damaged: none of its pages can be read.", name, _AGAIN)
    if not characters:
        message = "The pages of this PDF file are pictures without text, such as a scan, or empty."
        raise _refused(message, name, "Run text recognition (OCR) over it and give the file that comes out of that.")
    return pages


class _View(NamedTuple):
    """How a page is seen: from its own coordinates to points from the upper left corner, turned as a viewer does."""

    left: float
    bottom: float
    right: float
    top: float
    turns: int

    @property
    def size(self) -> tuple[float, float]:
        wide, high = self.right - self.left, self.top - self.bottom
        return (high, wide) if self.turns % 2 else (wide, high)

    def point(self, x: float, y: float) -> tuple[float, float]:
        if self.turns == 0:
            return x - self.left, self.top - y
        if self.turns == 1:
            return y - self.bottom, x - self.left
        if self.turns == 2:
            return self.right - x, y - self.bottom
        return self.top - y, self.right - x

    def box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        one, other = self.point(x0, y0), self.point(x1, y1)
        return min(one[0], other[0]), min(one[1], other[1]), max(one[0], other[0]), max(one[1], other[1])


def _page(document: pypdfium2.PdfDocument, number: int, notes: _Notes) -> Page:
    page = _filled_in(document, number)
    try:
        left, bottom, right, top = page.get_bbox()
        view = _View(left, bottom, right, top, (page.get_rotation() // 90) % 4)
        text = page.get_textpage()
        try:
            glyphs = _glyphs(text, view, number, notes)
        finally:
            text.close()
        strokes = _Strokes(view)
        if glyphs and not strokes.draw(page):
            notes.add(_DRAWING, number)
            strokes = _Strokes(view)
    finally:
        page.close()
    wide, high = view.size
    return Page(
        number, wide, high, tuple(glyphs), tuple(strokes.level), tuple(strokes.upright), tuple(strokes.fills),
        tuple(strokes.marks),
    )  # fmt: skip


def _filled_in(document: pypdfium2.PdfDocument, number: int) -> Any:
    """A page with what was typed into the fields of a form, as text of its own."""
    page = document[number - 1]
    if document.formenv is None or pdfium.FPDFPage_GetAnnotCount(page.raw) < 1:
        return page
    flat = pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_NORMALDISPLAY)
    if flat != pdfium.FLATTEN_SUCCESS:
        return page
    page.close()
    return document[number - 1]


class _Font(NamedTuple):
    name: str
    bold: bool


def _glyphs(text: Any, view: _View, number: int, notes: _Notes) -> list[Glyph]:
    """The characters of a page in the order of the file; a space is one where the file or the library has one."""
    found: list[Glyph] = []
    met: Counter[str] = Counter()
    fonts: dict[int, _Font] = {}
    wide, high = view.size
    count = text.count_chars()
    if count > MAX_PAGE_CHARACTERS:
        notes.add(_FULL, number)
    rect, x, y = pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    raw = text.raw
    for index in range(min(count, MAX_PAGE_CHARACTERS)):
        code = pdfium.FPDFText_GetUnicode(raw, index)
        letter = _letter(code)
        if not letter:
            continue
        if letter == " ":
            if found:
                found[-1] = found[-1]._replace(spaced=True)
            continue
        if letter == "\ufffd" or (pdfium.FPDFText_HasUnicodeMapError(raw, index) == 1 and not letter.isalnum()):
            letter = "\ufffd"
            met[_UNREADABLE] += 1
        angle = pdfium.FPDFText_GetCharAngle(raw, index) + view.turns * math.pi / 2
        if angle >= 0 and abs(math.remainder(angle, 2 * math.pi)) > _ANGLE:
            met[_ROTATED] += 1
            continue
        pdfium.FPDFText_GetLooseCharBox(raw, index, rect)
        pdfium.FPDFText_GetCharOrigin(raw, index, x, y)
        box = view.box(rect.left, rect.bottom, rect.right, rect.top)
        base = view.point(x.value, y.value)[1]
        if box[2] < -1 or box[0] > wide + 1 or box[3] < -1 or box[1] > high + 1:
            met[_OUTSIDE] += 1
            continue
        font = _font(raw, index, fonts)
        found.append(Glyph(letter, *box, base, box[3] - box[1], font.name, font.bold, False))
    for what, times in met.items():
        notes.add(what, number, times)
    return found


def _letter(code: int) -> str:
    """The character of a code; empty for what is no text, a plain space for every kind of space but the fixed ones."""
    if code in (2, 0xFFFE):  # the library's marks for a hyphen at a line end
        return "-"
    if code < 0x20 or 0x7F <= code < 0xA0:
        return " " if code in (9, 10, 13) else ""
    if 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
        return "\ufffd"
    letter = chr(code)
    if letter == "\u00ad":
        return letter
    category = unicodedata.category(letter)
    if category == "Cf" or letter == "\uffff":
        return ""
    if category == "Zs" and letter not in "\u00a0\u202f":
        return " "
    return letter


def _font(raw: Any, index: int, fonts: dict[int, _Font]) -> _Font:
    """Name and weight of the font of a character, looked up once for every piece of text that was set at once."""
    handle = pdfium.FPDFText_GetTextObject(raw, index)
    key = ctypes.cast(handle, ctypes.c_void_p).value or 0
    if key not in fonts:
        buffer = ctypes.create_string_buffer(200)
        size = pdfium.FPDFText_GetFontInfo(raw, index, buffer, 200, None)
        name = buffer.value.decode("utf-8", "replace") if 0 < size <= 200 else ""
        heavy = re.search(r"bold|black|heavy", name, re.I) is not None
        fonts[key] = _Font(name, heavy or pdfium.FPDFText_GetFontWeight(raw, index) >= 600)
    return fonts[key]


# -- ruling lines, fills and drawn bullets

_Matrix = tuple[float, float, float, float, float, float]
_PLAIN: _Matrix = (1, 0, 0, 1, 0, 0)
_THIN = 2.6
"""A filled box so thin, in points, is a drawn line."""
_STRAIGHT = 0.8
_MARK = (1.2, 7.0)
"""Least and largest side of a drawn bullet, in points."""
_WHITE = 250


class _Strokes:
    """The straight lines, coloured boxes and small marks that a page draws, in points from its upper left corner."""

    def __init__(self, view: _View) -> None:
        self.view = view
        self.level: list[Ruling] = []
        self.upright: list[Ruling] = []
        self.fills: list[tuple[float, float, float, float]] = []
        self.marks: list[tuple[float, float, float, float]] = []
        self.objects = 0

    def draw(self, page: Any) -> bool:
        """Take in all that the page draws; ``False`` when it is more than can be looked through."""
        return self._all(pdfium.FPDFPage_CountObjects(page.raw), pdfium.FPDFPage_GetObject, page.raw, _PLAIN, 0)

    def _all(self, count: int, get: Any, holder: Any, matrix: _Matrix, depth: int) -> bool:
        for index in range(count):
            self.objects += 1
            if self.objects > MAX_OBJECTS or len(self.level) + len(self.upright) + len(self.fills) > MAX_STROKES:
                return False
            drawn = get(holder, index)
            kind = pdfium.FPDFPageObj_GetType(drawn)
            if kind == pdfium.FPDF_PAGEOBJ_PATH:
                self._path(drawn, matrix)
            elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
                self._image(drawn, matrix)
            elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
                inner = _times(_matrix(drawn), matrix)
                size = pdfium.FPDFFormObj_CountObjects(drawn)
                if not self._all(size, pdfium.FPDFFormObj_GetObject, drawn, inner, depth + 1):
                    return False
        return True

    def _image(self, drawn: Any, matrix: _Matrix) -> None:
        """A picture as thin as a line is one, a tiny one a bullet."""
        inner = _times(_matrix(drawn), matrix)
        corners = [self.view.point(*_moved(inner, x, y)) for x, y in ((0, 0), (1, 1))]
        box = _around(corners)
        if min(box[2] - box[0], box[3] - box[1]) <= _THIN:
            self._filled(box, coloured=False)
        else:
            self._mark(box)

    def _path(self, drawn: Any, matrix: _Matrix) -> None:
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        if not pdfium.FPDFPath_GetDrawMode(drawn, fill, stroke) or not (fill.value or stroke.value):
            return
        inner = _times(_matrix(drawn), matrix)
        for points, closed, curved in self._parts(drawn, inner):
            if not points:
                continue
            box = _around(points)
            if stroke.value and not curved:
                ends = [*points, points[0]] if closed else points
                for one, other in pairwise(ends):
                    self._line(one, other)
            if curved:
                self._mark(box)
            elif fill.value and not self._mark(box):
                self._filled(box, coloured=_is_coloured(drawn))

    def _parts(self, drawn: Any, matrix: _Matrix) -> Iterator[tuple[list[tuple[float, float]], bool, bool]]:
        """The pieces of a path, each with its corners, and whether it is closed and has curves."""
        points: list[tuple[float, float]] = []
        closed = curved = False
        x, y = ctypes.c_float(), ctypes.c_float()
        for index in range(min(pdfium.FPDFPath_CountSegments(drawn), MAX_STROKES)):
            segment = pdfium.FPDFPath_GetPathSegment(drawn, index)
            kind = pdfium.FPDFPathSegment_GetType(segment)
            if kind == pdfium.FPDF_SEGMENT_MOVETO and points:
                yield points, closed, curved
                points, closed, curved = [], False, False
            if not pdfium.FPDFPathSegment_GetPoint(segment, x, y):
                continue
            points.append(self.view.point(*_moved(matrix, x.value, y.value)))
            curved = curved or kind == pdfium.FPDF_SEGMENT_BEZIERTO
            closed = closed or bool(pdfium.FPDFPathSegment_GetClose(segment))
        yield points, closed, curved

    def _line(self, one: tuple[float, float], other: tuple[float, float]) -> None:
        wide, high = abs(one[0] - other[0]), abs(one[1] - other[1])
        if high <= _STRAIGHT and wide > _STRAIGHT:
            self.level.append(Ruling((one[1] + other[1]) / 2, min(one[0], other[0]), max(one[0], other[0])))
        elif wide <= _STRAIGHT and high > _STRAIGHT:
            self.upright.append(Ruling((one[0] + other[0]) / 2, min(one[1], other[1]), max(one[1], other[1])))

    def _filled(self, box: tuple[float, float, float, float], *, coloured: bool) -> None:
        wide, high = box[2] - box[0], box[3] - box[1]
        if high <= _THIN and wide > high:
            self.level.append(Ruling((box[1] + box[3]) / 2, box[0], box[2]))
        elif wide <= _THIN and high > wide:
            self.upright.append(Ruling((box[0] + box[2]) / 2, box[1], box[3]))
        elif coloured:
            self.fills.append(box)

    def _mark(self, box: tuple[float, float, float, float]) -> bool:
        wide, high = box[2] - box[0], box[3] - box[1]
        small = _MARK[0] <= min(wide, high) and max(wide, high) <= _MARK[1] and max(wide, high) <= 1.5 * min(wide, high)
        if small:
            self.marks.append(box)
        return small


def _is_coloured(drawn: Any) -> bool:
    """Whether a filled box can be seen on white paper."""
    parts = [ctypes.c_uint() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetFillColor(drawn, *parts):
        return True
    red, green, blue, alpha = (part.value for part in parts)
    return alpha > 0 and min(red, green, blue) < _WHITE


def _matrix(drawn: Any) -> _Matrix:
    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(drawn, matrix):
        return _PLAIN
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _times(first: _Matrix, then: _Matrix) -> _Matrix:
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _moved(matrix: _Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _around(points: list[tuple[float, float]]) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)
