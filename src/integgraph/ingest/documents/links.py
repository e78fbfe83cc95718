"""The address behind a link, where the text that is shown does not already say it."""

from __future__ import annotations

import re
from urllib.parse import unquote

_WEB = re.compile(r"(?:https?://|www\.)\S+", re.I)
_MAIL = re.compile(r"mailto:([^?\s]{3,300})", re.I)
_SCHEME = re.compile(r"^(?:https?://|mailto:)?(?:www\.)?", re.I)
_MAX_ADDRESS = 2_000


def shown(text: str, address: str | None) -> str:
    """The text of a link, with its address behind it where the text does not say it.

    Only web and mail addresses count; others (``javascript:``, ``file:``, a place in the same document) are no part of
    what a form says.

    >>> shown("Zora", "http://zora.example/"), shown("www.zora.example", "http://www.zora.example/")
    ('Zora (http://zora.example/)', 'www.zora.example')
    >>> shown("Write to us", "mailto:post@zora.example?subject=Hi"), shown("Click", "javascript:alert(1)")
    ('Write to us (post@zora.example)', 'Click')
    """
    address = (address or "").strip()
    mail = _MAIL.match(address)
    address = unquote(mail[1]) if mail else address
    if len(address) > _MAX_ADDRESS or not (mail or _WEB.fullmatch(address)):
        return text
    if not text.strip():
        return address
    return text if _bare(address) in _bare(text) else f"{text.rstrip()} ({address})"


def _bare(text: str) -> str:
    """An address, or a text that is one, without what is often left away."""
    return _SCHEME.sub("", "".join(text.replace("\u00ad", "").split())).rstrip("/").casefold()
