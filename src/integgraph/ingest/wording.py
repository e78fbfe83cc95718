"""What wordings of a form mean, in English and German: items, dates, numbers, statements on money, addresses.

Everything here goes from text to plain values and knows neither the form nor a record. The tables come first; a new
wording is added there. Every pattern is linear in the length of its text or looks at a bounded part of it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from integgraph.ingest import edtf
from integgraph.ontology import normalise_label

_NUMBERS = {
    word: number
    for words in (
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty",
        "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn "
        "achtzehn neunzehn zwanzig",
    )
    for number, word in enumerate(words.split(), start=2)
}
_ABOVE = ("over", "more than", "über", "mehr als")
_LEAST = ("at least", "mindestens")
_MOST = ("up to", "at most", "bis zu", "höchstens", "maximal")
_ABOUT = ("about", "around", "approximately", "approx.", "some", "circa", "ca.", "rund", "etwa", "ungefähr")
_UNITS = {
    "ngo": "organisations", "organis": "organisations", "organiz": "organisations", "verein": "organisations",
    "verb": "organisations", "associat": "organisations", "träger": "organisations", "institution": "organisations",
    "einrichtung": "organisations", "member": "members", "mitglied": "members", "partner": "members",
    "actor": "actors", "akteur": "actors", "city": "cities", "cities": "cities", "town": "cities",
    "municipal": "cities", "städte": "cities", "kommune": "cities", "gemeinde": "cities", "person": "persons",
    "people": "persons", "volunteer": "persons", "ehrenamt": "persons", "freiwillig": "persons", "group": "groups",
    "gruppe": "groups", "initiativ": "groups", "countr": "countries", "länder": "countries", "network": "networks",
    "netzwerk": "networks", "project": "sub-projects", "projekt": "sub-projects",
}  # fmt: skip
MAX_NAME = 200
NO_KIND = ("member", "mitglied", "partner", "organis", "organiz", "actor", "akteur")
"""Words for any member: they name no kind."""

_MONTHS = {
    word: number
    for words in (
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "jan feb mär apr mai jun jul aug sep okt nov dez",
        "jän feb mrz apr mai jun jul aug sep okt nov dez",
    )
    for number, word in enumerate(words.split(), start=1)
}
_SEASONS = {"spring": 21, "frühjahr": 21, "frühling": 21, "summer": 22, "sommer": 22, "autumn": 23, "herbst": 23}

NOT_KNOWN = frozenset(
    "unknown|unbekannt|not known|nicht bekannt|n a|k a|keine angabe|keine angaben|not stated".split("|")
)
NONE = re.compile(
    r"\(?(?:no|none|not any|there is no|there are no|without|kein|keine|keinen|keiner|es gibt kein\w*|ohne)\b", re.I
)
NO_OFFICIAL_NAME = re.compile(
    r"\(?(?:no|without(?: an)?|kein|keinen|ohne|unofficial|nicht)\s*"
    r"(?:official|offizielle[rnm]?|offiziell)?\s*(?:name|namen|title)\b"
    r"|working title|arbeitstitel",
    re.I,
)
NO_FUNDING = re.compile(
    r"\b(?:no|without|keine|keinerlei|ohne)\s+(?:\w+\s+){0,2}?"
    r"(?:funding|funds|budget|money|mittel|finanzierung|förderung|gelder)\b",
    re.I,
)

CATEGORIES: Sequence[tuple[str, re.Pattern[str]]] = tuple(
    (concept, re.compile(pattern, re.I))
    for concept, pattern in (
        ("federal", r"\bfederal\b|\bbundes(?!land|länder)\w*|\bbunde?s?\b"),
        ("eu", r"\beu\b|\beuropean\b|\beuropäisch|\besf\b|\bamif\b"),
        (
            "state",
            r"\blandes(?!kreis)\w*|\b(?:das|dem|des|vom|the)\s+land(?:es)?\b|"
            r"\bstate (?:funds|funding|government|ministry)",
        ),
        (
            "municipal",
            r"\b(?:city|town|district|county)\b|\b(?:municipal|stadt|städtisch|kommun|gemeinde|landkreis)",
        ),
        ("regional", r"\bregional (?:funds|funding|government)|\bthe region\b"),
        ("national", r"\bnational (?:funds|funding|government)|\bnationale mittel"),
        ("foundation", r"\bfoundation|stiftung"),
        ("donations", r"\bdonation|spende"),
        ("church", r"\bchurch|\bparish|\bdiocese|kirche|\bbistum"),
        ("membership-fees", r"\bmembership (?:fee|contribution)|mitgliedsbeitr|mitgliedsbeiträge"),
        ("own-means", r"\bown (?:means|funds|resources|contribution|budget)|eigenmittel|eigenanteil|\beigenen? mittel"),
        ("lottery", r"lotter"),
        ("business-sponsorship", r"sponsor|\bcompan(?:y|ies)\b|\bunternehmen"),
        ("public", r"\bpublic (?:funds|funding|money|grants)|\böffentliche[nr]? (?:mittel|gelder|förder)"),
        ("private", r"\bprivate (?:funds|funding|donors|mittel|gelder)"),
    )
)
"""Concepts of the scheme funder-category by what running text calls them."""

_PASSIVE = re.compile(
    r"\b(?:financed|funded|supported|subsidi[sz]ed|sponsored|paid|covered)(?:\s+\w+){0,2}?"
    r"\s+(?:by|from|through|with|out of|via)\b"
    r"|\b(?:depends?|relies|rely)(?:\s+\w+){0,2}?\s+on\b|\breceives?\b|\blives?\s+(?:on|from)\b",
    re.I,
)
_PASSIVE_GERMAN = re.compile(
    r"\b(?:wird|werden|wurde|wurden|ist|sind|erhält|erhalten|bekommt|bekommen|lebt von|leben von|finanziert sich|"
    r"finanzieren sich|(?:gefördert|finanziert|unterstützt)\s+(?:durch|von|aus|mit))\b",
    re.I,
)
_GERMAN_MONEY = re.compile(
    r"finanzier|förder|unterstütz|angewiesen|getragen|bezahl|zusch[uü]ss|erhält|erhalten|bekomm|spende|mittel", re.I
)
_ACTIVE = re.compile(
    r"\b(?:supports?|finances?|funds|pays for|fördert|fördern|finanziert|finanzieren|unterstützt|unterstützen)\b", re.I
)
_AROUND_VERB = frozenset(
    "is are was were be been being has have had also but and or it they partly mainly mostly financially largely fully "
    "aber auch und sowie es sie teilweise überwiegend finanziell dabei jedoch".split()
)
_ARTICLES = frozenset("the a an its their our der die das den dem des ihre seine unsere ein eine".split())
_NOTHING = frozenset({"", *"it es they sie this dies funding finanzierung förderung".split()})
OF_MEMBERS = re.compile(r"\s+(?:of|by|at|from|von|vom|der|des|durch|bei)\s+")
NETWORK_WORDS = re.compile(r"\b(?:the network|das netzwerk|dem netzwerk|des netzwerks|our network)\b", re.I)
CITY = re.compile(r"\b(?:[Cc]ity|[Tt]own|Stadt)\b(?:\s+of)?(?:\s+([A-ZÄÖÜ][\w-]+(?:\s\([A-Z]\w+\))?))?")
IN_KIND = re.compile(
    r"\bstaff|\bpersonnel|\brooms?\b|\bpremises|\boffice space|\bequipment|\bvehicle|\bvolunteer|\bPersonal\b|"
    r"\bmitarbeit|\bfachkr|\bräum|büro|\bsachmittel|\bfahrzeug|\behrenamt|\binfrastru",
    re.I,
)
_COMMON_WORDS = frozenset(
    """and der das des für und von the for with gmbh ggmbh verein verband zentrum werk stadt landkreis kreis netzwerk
    network centre center council association office beratung counselling advice migration integration refugees
    flüchtlinge sozial soziales social project projekt local region regional community deutschland germany haus house
    website homepage webseite internetseite facebook instagram twitter seite page member mitglied""".split()
)
OWN_PAGE = re.compile(
    r"(?:the |das |unser\w* |our )?(?:web\s?sites?|web\s?seiten?|home\s?pages?|internet\w*|facebook|instagram|"
    r"twitter|youtube|linkedin|social media|soziale medien|blog|online|link|url|x|mastodon)?"
    r"(?:\s*(?:of the network|des netzwerks|network|netzwerk))?",
    re.I,
)
GERMAN_NAME = re.compile(
    r"[äöüß]|\b(?:und|für|im|der|des|e\.\s?V\.|gGmbH)(?=\W|$)|(?:verein|verband|netzwerk|werk|zentrum|kreis|bündnis)\b",
    re.I,
)
NAMES_LANGUAGE = {"DE": "de", "AT": "de"}

# -- layout of a value

_BLOCK = re.compile(r"<(/?)(ul|ol|li|br|p|div|tr|td|h[1-6])\b[^<>]{0,200}>", re.I)
_INLINE = re.compile(r"</?(?:b|i|u|em|strong|span|small|font|sup|sub|table|tbody|thead|th)\b[^<>]{0,200}>", re.I)
_LINK = re.compile(r"<a\s[^<>]{0,200}?href=[\"']?([^\"'<>\s]{1,2000})[\"']?[^<>]{0,200}>([^<>]{0,300})</a>", re.I)
_EMPHASIS = re.compile(r"(?<!\w)(\*\*|__)(?=\S)|(?<=\S)(\*\*|__)(?!\w)")
_MARK = re.compile(r"^[-*+•·–▪◦‣]\s+")
_BULLET = re.compile(r"(?:[-*+•·–▪◦‣]|\d{1,2}[.)])\s+")
_ITEM, _BREAK = "\x1e", "\x1d"
LONE = re.compile(r"[\d.\s]{1,3}")
_ABBREVIATION = re.compile(r"(?:\b\w\.){1,4}|\b(?:St|Dr|Prof|ca|bzw|etc|Nr|Str|Mr|Mrs|No|approx|inkl|incl)\.", re.I)
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'|)\]]+", re.I)
MAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_DOMAIN = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5}(?:/\S*)?", re.I)


@dataclass(frozen=True, slots=True)
class Piece:
    """One item of a value; ``repairs`` holds what stood there where a word broken at a line end was joined."""

    text: str
    repairs: tuple[str, ...] = ()


def lines_of(text: str) -> list[str]:
    """The lines of a value without marks: list items and line breaks of HTML and Markdown each begin a line.

    >>> lines_of("<ul><li>meetings</li><li>e-mail &amp; telephone</li></ul>and <b>visits</b>")
    ['meetings', 'e-mail & telephone', 'and visits']
    """
    plain = (_plain(line.strip(_ITEM + _BREAK)) for line in _marked(text))
    return [line for line in (_MARK.sub("", line, count=1) for line in plain) if line]


def pieces_of(text: str) -> list[Piece]:
    r"""The items of a value: list items, paragraphs, text before and after a list; lines that only wrap are joined.

    >>> [piece.text for piece in pieces_of("- meetings of\n  all members\n- e-mail")]
    ['meetings of all members', 'e-mail']
    """
    items: list[list[str]] = []
    fresh = True
    for line in _marked(text):
        marked, line = line[:1] in (_ITEM, _BREAK), line.strip(_ITEM + _BREAK)
        plain = _plain(line)
        bullet = _BULLET.match(plain)
        if not plain or marked:
            fresh = True
        if not plain:
            continue
        if bullet and len(plain) > bullet.end():
            fresh, plain = True, plain[bullet.end() :]
        if fresh or not items:
            items.append([plain])
        else:
            items[-1].append(plain)
        fresh = False
    return [_unwrapped(lines) for lines in items]


def _marked(text: str) -> list[str]:
    """Lines in which a mark says that an item or a new paragraph begins."""
    text = _LINK.sub(r"\2 \1 ", text)

    def mark(match: re.Match[str]) -> str:
        return "\n" + (_ITEM if match[2].lower() == "li" and not match[1] else _BREAK)

    return [line.strip(" \t") for line in _BLOCK.sub(mark, text).split("\n")]


def _plain(line: str) -> str:
    line = html.unescape(_INLINE.sub("", line))
    return " ".join(_EMPHASIS.sub("", line).split())


def _unwrapped(lines: Sequence[str]) -> Piece:
    """Join lines; a word broken by a hyphen becomes whole, "Haupt-" before "und" keeps its hyphen."""
    text, repairs = lines[0], []
    for line in lines[1:]:
        first = line.split(None, 1)[0]
        broken = len(text) > 1 and text[-1] in "-\u00ad" and text[-2].isalpha()
        if not broken or first in ("und", "oder", "bzw.", "and", "or"):
            text = f"{text} {line}"
            continue
        repairs.append(f"{text.rsplit(None, 1)[-1]}⏎{first}")
        text = (text[:-1] if first[0].islower() else text) + line
    return Piece(text, tuple(repairs))


def sentences(text: str) -> list[str]:
    """The sentences of a text; abbreviations do not end one.

    >>> sentences("Zora e.V. Berlin takes part. It is small.")
    ['Zora e.V. Berlin takes part.', 'It is small.']
    """
    found: list[str] = []
    for part in re.split(r"(?<=[.!?]) (?=[A-ZÄÖÜ])", text):
        last = found[-1].rsplit(None, 1)[-1] if found else ""
        if found and _ABBREVIATION.fullmatch(last):
            found[-1] += " " + part
        else:
            found.append(part)
    return found


def date_of(text: str) -> str | None:
    """A date as EDTF, from the ways in which people write dates in English and German; ``None`` if it is none.

    >>> date_of("January 2021"), date_of("seit Herbst 2015"), date_of("15.09.2015"), date_of("about 2014"), date_of("1")
    ('2021-01', '2015-23', '2015-09-15', '2014~', None)
    """
    text = " ".join(text.strip(" ().").split())
    about = re.match(r"(?:about|around|circa|ca\.?|um|etwa|ungefähr)\s+", text, re.I)
    text = re.sub(
        r"^(?:(?:since|in|im|seit|from|ab|gegründet|founded|about|around|circa|ca\.?|um|etwa|ungefähr)\s+)+",
        "",
        text,
        flags=re.I,
    )
    found = _date_parts(text)
    try:
        return edtf.parse(found + ("~" if about else "")).text if found else None
    except ValueError:
        return None


def _date_parts(text: str) -> str | None:
    if re.fullmatch(r"\d{4}(?:-\d{2}){0,2}[?~%]?", text):
        return text
    if match := re.fullmatch(r"(?:(\d{1,2})[./]\s?)?(\d{1,2})[./]\s?(\d{4})", text):
        return f"{match[3]}-{int(match[2]):02}" + (f"-{int(match[1]):02}" if match[1] else "")
    if match := re.fullmatch(
        r"(?:(\d{1,2})(?:st|nd|rd|th|\.)?\s+)?([^\W\d]{3,10})\.?\s+(?:(\d{1,2})(?:st|nd|rd|th)?,\s+)?(\d{4})", text
    ):
        word, day = match[2].casefold(), match[1] or match[3]
        if word in _SEASONS:
            return f"{match[4]}-{_SEASONS[word]}"
        month = _MONTHS.get(word[:3])
        return f"{match[4]}-{month:02}" + (f"-{int(day):02}" if day else "") if month else None
    return None


@dataclass(frozen=True, slots=True)
class Count:
    """A number of members as stated, with the noun it counts and where the wording of both ends."""

    low: int | None
    high: int | None
    approximate: bool
    noun: str
    wording: str

    @property
    def exact(self) -> int | None:
        """The number, when it is one and meant exactly."""
        return self.low if self.low == self.high and not self.approximate else None

    @property
    def unit(self) -> str | None:
        """Concept of the scheme count-unit."""
        for word in reversed(self.noun.casefold().split()):
            for stem, unit in _UNITS.items():
                if word.startswith(stem) or (len(stem) > 4 and stem in word):
                    return unit
        return None


def _words(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_NUMBER = rf"\d{{1,3}}(?:[.,]\d{{3}})+|\d{{1,6}}|{_words(_NUMBERS)}"
_COUNT = re.compile(
    rf"(?:\b(?P<sign>{_words((*_ABOVE, *_LEAST, *_MOST, *_ABOUT))})\s+)?\b(?P<low>{_NUMBER})\b"
    rf"(?:\s*(?:-|–|to|bis)\s*(?P<high>{_NUMBER})\b)?"
    r"\s*(?P<noun>(?:(?!(?:in|im|from|of|aus|der|des|mit|with|that|who|which|take|are|is|sind|ist|die|und|and)\b)[^\W\d][\w/-]*\s*){0,4})",
    re.I,
)


def count_of(text: str) -> Count | None:
    """The number of members that a wording states, if any.

    >>> stated = count_of("mehr als 60 lokale Vereine in der Region")
    >>> stated.low, stated.high, stated.noun, stated.unit
    (61, None, 'lokale Vereine', 'organisations')
    >>> count_of("founded in 2015") is None
    True
    """
    for match in _COUNT.finditer(text[:400]):
        low, high = _number(match["low"]), _number(match["high"] or match["low"])
        sign, noun = (match["sign"] or "").casefold(), match["noun"].strip()
        found = Count(
            # "over 60" says that there are at least 61
            low=None if sign in _MOST else low + (sign in _ABOVE),
            high=None if sign in (*_LEAST, *_ABOVE) else high,
            approximate=sign in _ABOUT,
            noun=noun,
            wording=match[0].strip(),
        )
        if found.unit or (match.start() == 0 and not 1900 <= low <= 2100):
            return found
    return None


def _number(text: str) -> int:
    return _NUMBERS.get(text.casefold()) or int(text.replace(".", "").replace(",", ""))


# -- names, funding and addresses in running text


def name_words(text: str) -> list[str]:
    """The words of a name that may tell it from others."""
    words = re.findall(r"[^\W\d_]{3,}", text.casefold())
    return [word for word in words if word not in _COMMON_WORDS]


def same_word(one: str, other: str) -> bool:
    """Equal, or so alike at the beginning that one is a form of the other ("Caritas", "Caritasverband")."""
    if one == other:
        return True
    shorter = min(len(one), len(other))
    common = next((at for at in range(shorter) if one[at] != other[at]), shorter)
    return common >= 5 and common >= 0.8 * shorter


def thing_named(text: str) -> str:
    """A thing without its article; pronouns and words for money name nothing."""
    words = text.strip(" ,.").split()
    while words and words[0].casefold() in _ARTICLES:
        words.pop(0)
    name = " ".join(words)
    return "" if normalise_label(name) in _NOTHING else name[:1].upper() + name[1:]


def statements(sentence: str) -> list[tuple[str, str]]:
    """Who receives and who gives, a pair for each verb of funding; none without a verb.

    >>> statements("The café is funded by the EU and relies on donations")
    [('The café', ' the EU and '), ('The café', ' donations')]
    """
    verbs = list(_PASSIVE.finditer(sentence))
    if not verbs and _GERMAN_MONEY.search(sentence):
        verbs = list(_PASSIVE_GERMAN.finditer(sentence))
    if not verbs:
        active = _ACTIVE.search(sentence)
        return [(sentence[active.end() :], sentence[: active.start()])] if active else []
    ends = [verb.start() for verb in verbs[1:]] + [len(sentence)]
    receiver, pairs = "", []
    for position, (verb, end) in enumerate(zip(verbs, ends, strict=True)):
        if position == 0:
            receiver = _without_verb(sentence[: verb.start()])
        giver = sentence[verb.end() : end]
        pairs.append((receiver, giver))
        if end < len(sentence) and (clause := re.search(r"[,;]\s*(?:and|but|und|aber)?\s*([A-ZÄÖÜ][^,;]*)$", giver)):
            pairs[-1] = (receiver, giver[: clause.start()])
            receiver = _without_verb(clause[1])
    return pairs


def _without_verb(text: str) -> str:
    words = text.strip(" ,").split()
    while words and words[-1].casefold().strip(",") in _AROUND_VERB:
        words.pop()
    return " ".join(words)


@dataclass(frozen=True, slots=True)
class Address:
    """A web address, the words before it, and what stood there where it had to be repaired."""

    label: str
    url: str
    raw: str


def addresses_of(lines: Sequence[str], left: list[str]) -> Iterator[Address]:
    """Addresses with the words before them; what belongs to none goes to ``left``."""
    waiting = ""
    for line in _whole_addresses(lines):
        matches = list(_URL.finditer(line.replace("⏎", "")))
        whole = line.replace("⏎", "")
        if not matches and _DOMAIN.fullmatch(whole) and re.search(r"[a-z]{2,}(?:/|$)", whole, re.I):
            yield Address(waiting, f"https://{whole}", whole)
            waiting = ""
            continue
        if not matches:
            left.extend([waiting] if waiting else [])
            waiting = _owner_label(line)
        for before, match in zip([None, *matches], matches, strict=False):
            label = _owner_label(whole[before.end() if before else 0 : match.start()]) or waiting
            url = match[0].rstrip(".,;:!?")
            raw = line if "⏎" in line else url
            yield Address(label, url if "://" in url else f"https://{url}", raw)
            waiting = ""
    left.extend([waiting] if waiting else [])


def _whole_addresses(lines: Sequence[str]) -> list[str]:
    """Lines in which an address that goes on in the next line is whole; ``⏎`` marks where it was broken."""
    whole: list[str] = []
    for line in lines:
        if whole and _goes_on(whole[-1], line):
            whole[-1] += "⏎" + line
        else:
            whole.append(line)
    return whole


def _goes_on(before: str, line: str) -> bool:
    """Whether a line is the rest of an address at the end of the line before; hyphens of addresses are their own."""
    last = before.replace("⏎", "").rsplit(None, 1)[-1]
    if not _URL.fullmatch(last.lstrip("(<[")) or " " in line or "://" in line or line.startswith("www."):
        return False
    if not re.fullmatch(r"[\w.~:/?#@!$&+,;=%-]+", line):
        return False
    return (
        last[-1] in "-_=&?.%+~"
        or line[0] in "/?#&=._-"
        or (last[-1] == "/" and re.match(r"[a-z0-9]", line) is not None)
    )


def _owner_label(text: str) -> str:
    return " ".join(text.split()).strip(" :-–•*[](<>|,;.")
