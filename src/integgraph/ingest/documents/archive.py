"""A ZIP file from outside that holds an office document: looked over before anything of it is unpacked.

Nothing is ever written to a disk, and files inside of files stay closed. What an archive may unpack to is bounded by
what its directory says, and no member is read beyond that, so an untrue directory gains nothing. XML is read without
entities, without a network and without any document type.

Sources: APPNOTE.TXT (ZIP), ECMA-376-2 (packages of Office Open XML), ODF 1.3 part 2 (packages of OpenDocument).
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from lxml import etree

from integgraph.errors import InputError, Problem

MAX_EXPANDED = 200_000_000
"""Bytes that all members together may unpack to."""
MAX_RATIO = 100
"""How many times its packed size a file may unpack to, once it is larger than a megabyte unpacked."""
MAX_PART = 15_000_000
"""Bytes of a part that is read, unpacked."""
MAX_TAGS = 500_000
"""Tags of a part that is read as a whole; a form has some ten thousand."""
MAX_MEMBERS = 5_000
_FREE = 1_000_000
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_OUTSIDE = re.compile(r"^[/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)")
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?\?>")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    NotImplementedError,
)
"""What the library raises for archives that are damaged, or packed in ways that it does not know."""
_NEW = "Open it in the program that it comes from, and save it anew."


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that was looked over.

    Attributes:
        name: Name of the file; for messages.
        members: Names of its members, in their order.
    """

    name: str
    members: tuple[str, ...]
    _zip: zipfile.ZipFile = field(repr=False)

    def __contains__(self, member: object) -> bool:
        return member in self._zip.NameToInfo

    def read(self, member: str, limit: int = MAX_PART) -> bytes:
        """The bytes of a member.

        Raises:
            InputError: there is none of that name, it is larger than ``limit``, or damaged.
        """
        info = self._zip.NameToInfo.get(member)
        if info is None:
            raise refused(self.name, f"The file lacks its part '{member}', so it is damaged.", _NEW)
        if info.file_size > limit:
            message = f"The part '{member}' has {info.file_size:,} bytes unpacked; at most {limit:,} are read."
            raise refused(self.name, message, "Leave out what does not belong to the form.")
        try:
            return self._zip.read(info)
        except _BROKEN:
            raise refused(self.name, f"The part '{member}' is damaged.", _NEW) from None

    def xml(self, member: str) -> etree._Element:
        """The root of a member that is XML.

        Raises:
            InputError: as :meth:`read`, or it declares a document type, is nested too deeply or is no XML.
        """
        data = plain_xml(self.read(member), self.name, member)
        if (tags := data.count(b"<")) > MAX_TAGS:
            message = f"The part '{member}' has {tags:,} tags; at most {MAX_TAGS:,} are read."
            raise refused(self.name, message, "Give the filled-in form alone.")
        try:
            return etree.fromstring(data, xml_parser())
        except (etree.XMLSyntaxError, ValueError) as error:
            reason = " ".join(str(error).split())[:150]
            raise refused(self.name, f"The part '{member}' is no valid XML: {reason}.", _NEW) from None


def xml_parser() -> etree.XMLParser:
    """A parser that resolves nothing, fetches nothing, and keeps the bounds of its library."""
    return etree.XMLParser(
        encoding="utf-8", resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, collect_ids=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip


def plain_xml(data: bytes, name: str, member: str) -> bytes:
    """XML as UTF-8, with the certainty that it declares no document type.

    Raises:
        InputError: it declares one, or stands in an encoding that office documents do not use.
    """
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if wide or 0 in data[:4]:
        try:
            data = data.decode("utf-16" if wide else "utf-16-le" if data[1:2] == b"\0" else "utf-16-be").encode()
        except UnicodeError:
            raise refused(name, f"The part '{member}' is neither UTF-8 nor UTF-16.", _NEW) from None
    data = data.removeprefix(b"\xef\xbb\xbf")
    # Without its declaration, XML is UTF-8: what is looked at here is what the parser will see.
    data = _DECLARED.sub(b"", data, count=1)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        message = f"The part '{member}' declares a document type, which office documents never do."
        raise refused(name, message, "It may be an attack; ask whoever sent it.")
    return data


def open_archive(data: bytes, name: str) -> Archive:
    """Look a ZIP archive over.

    Raises:
        InputError: it is damaged, encrypted, a trap, or has members whose names lead out of it.

    >>> packed = io.BytesIO()
    >>> with zipfile.ZipFile(packed, "w") as made:
    ...     made.writestr("word/document.xml", "<a/>")
    >>> archive = open_archive(packed.getvalue(), "a.docx")
    >>> archive.members, archive.xml("word/document.xml").tag
    (('word/document.xml',), 'a')
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        infos = archive.infolist()
    except _BROKEN:
        raise refused(name, "The file is a damaged or incomplete ZIP archive or office document.", _NEW) from None
    if len(infos) > MAX_MEMBERS:
        raise refused(name, f"The archive holds {len(infos):,} parts; at most {MAX_MEMBERS:,} are read.", _NEW)
    size = sum(info.file_size for info in infos)
    bound = min(MAX_EXPANDED, max(_FREE, len(data) * MAX_RATIO))
    if size > bound:
        message = f"The file of {len(data):,} bytes unpacks to {size:,}; at most {bound:,} are read."
        raise refused(name, message, "No form needs that: it may be an attack. Otherwise save it without pictures.")
    for info in infos:
        _look_at(info, name)
    if len(archive.NameToInfo) < len(infos):
        raise refused(name, "The archive holds two parts of one name, so programs would read it differently.", _NEW)
    return Archive(name, tuple(archive.NameToInfo), archive)


def _look_at(info: zipfile.ZipInfo, name: str) -> None:
    if _OUTSIDE.search(info.filename) or _OUTSIDE.search(info.orig_filename):
        message = f"The archive holds a part named '{info.filename[:80]}', which leads out of it."
        raise refused(name, message, "It may be an attack; ask whoever sent it.")
    if info.flag_bits & 1:
        raise refused(name, "The file is encrypted.", "Save it without a password, and give that.")
    if info.compress_type not in _METHODS:
        raise refused(
            name, f"The part '{info.filename[:80]}' is packed in a way that office documents do not use.", _NEW
        )


def refused(name: str, message: str, advice: str = "", row: int | None = None) -> InputError:
    """The error that says why a file is not read."""
    return InputError(Problem(message, file=name, line=row, advice=advice))


@lru_cache(maxsize=4_096)
def local(tag: object) -> str:
    """A name without its namespace: transitional and strict OOXML differ in nothing else that is read here."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: etree._Element, wanted: str) -> str:
    """An attribute that stands in a namespace, by its local name."""
    return next((str(value) for key, value in element.attrib.items() if key != wanted and local(key) == wanted), "")


def number(text: str, limit: int, otherwise: int = 1) -> int:
    """A count from an attribute; a bad one counts as ``otherwise``."""
    return min(int(text), limit) if text and text.isascii() and text.isdigit() and len(text) < 12 else otherwise


def relations(archive: Archive, part: str) -> Mapping[str, tuple[str, str, bool]]:
    """Kind, target and whether that is outside, of each relation of a part, by its id."""
    folder, base = posixpath.split(part)
    member = posixpath.join(folder, "_rels", f"{base}.rels")
    if member not in archive:
        return {}
    found: dict[str, tuple[str, str, bool]] = {}
    for each in archive.xml(member):
        target, outside = each.get("Target") or "", each.get("TargetMode") == "External"
        if not outside:
            target = posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")
        found[each.get("Id") or ""] = ((each.get("Type") or "").rpartition("/")[2], target, outside)
    return found
