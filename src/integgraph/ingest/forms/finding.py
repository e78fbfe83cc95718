"""Which block of a form a title names and which column a heading, in whatever language they stand there."""

from __future__ import annotations

from integgraph.ingest.forms import words
from integgraph.ingest.forms.content import Block, Column, Content, blank
from integgraph.ontology import LANGUAGES, Ontology, normalise_label


class Finder:
    """Finds the blocks and columns of one form by what stands above them.

    >>> finder = Finder(Ontology.load(), "de")
    >>> finder.block("Mitglieder").key, finder.block("Members").key, finder.block("Allgemeine Angaben")
    ('members', 'members', None)
    """

    def __init__(self, ontology: Ontology, language: str) -> None:
        every = frozenset(each.key for each in ontology.form.fields)
        contents = [blank(ontology, each, also=every, whole=True) for each in dict.fromkeys((language, *LANGUAGES))]
        self.content: Content = contents[0]
        self.blocks = {block.key: block for block in self.content.blocks}
        self._titles: dict[str, str] = {}
        self._columns: dict[str, dict[str, str]] = {}
        self._headings: set[str] = set()
        for content in contents:
            for block in content.blocks:
                self._titles.setdefault(normalise_label(block.title), block.key)
                labels = self._columns.setdefault(block.key, {})
                for column in block.columns:
                    labels.setdefault(normalise_label(column.label), column.key)
            for part in content.parts:
                self._headings |= {normalise_label(text) for text in (part.title, *(g.title for g in part.groups))}
        for each in ontology.form.fields:
            for other in each.others:
                self._titles.setdefault(normalise_label(other), each.key)
        self._headings |= {
            normalise_label(text) for texts in (words.LISTS, words.TITLE, words.ABOUT) for text in texts.values()
        }
        self._absent = {normalise_label(text) for text in words.ABSENT.values()}

    def block(self, title: str) -> Block | None:
        """The block with this title."""
        key = self._titles.get(normalise_label(title))
        return self.blocks[key] if key else None

    def column(self, block: Block, label: str) -> Column | None:
        """The column of a block with this heading."""
        key = self._columns[block.key].get(normalise_label(label))
        return next((column for column in block.columns if column.key == key), None)

    def is_heading(self, text: str) -> bool:
        """Whether this is the title of a section or of a group of blocks."""
        return normalise_label(text) in self._headings

    def is_absence(self, text: str) -> bool:
        """Whether this label asks why there is no answer."""
        return normalise_label(text) in self._absent


def mark_in(text: str) -> str | None:
    """The language that the mark of our own forms names in this text; ``None`` without a mark.

    >>> mark_in("<!-- integgraph-form 1 de -->"), mark_in("A form")
    ('de', None)
    """
    at = text.find(words.MARK + " ")
    following = text[at : at + 60].split()[1:3] if at >= 0 else []
    return following[1].strip("->") if len(following) == 2 and following[1].strip("->") in LANGUAGES else None
