"""Quotations of articles, with source, section and link, in three formats.

In: an article, a passage, perhaps selected words. Out: a `Quotation` as plain text, Markdown and
HTML, escaped as each format requires. Refuses words that are not in the article (`NotFound`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for
from markupsafe import Markup

from indexer import Article, Index, NotFound, Passage, Selection, citation_formats
from webapp import urls
from webapp.link_target import passage_at
from webapp.params import selecting

MARKDOWN_SIGNS = re.compile(  # including those at the start of list items, rules and underlines
    r"([\\`*_{}\[\]<>#|~]|&(?=#?\w+;))|^(\s*(?:\d+(?=[.)])|(?=[-+=](?:[-=\s]|$)|:-)))", re.M
)


@dataclass(frozen=True, slots=True)
class Quotation:
    """The words of a quotation, and their source."""

    lines: tuple[str, ...]  # the words, one line per block or row
    source: str  # title and section path
    link: str  # to exactly these words
    passage_id: str  # of the passage in which they begin
    language: str
    references: Mapping[str, str]  # by format: `reference`, `bibtex`, `ris`, `csl`

    @property
    def text(self) -> str:
        """The quotation as plain text."""
        stop = "" if self.source.endswith((".", "?", "!", "…")) else "."
        return "“" + "\n".join(self.lines) + f"”\n{self.source}{stop} {self.link}"

    @property
    def markdown(self) -> str:
        """The quotation as Markdown."""
        quoted = "\\\n> ".join(map(in_markdown, self.lines))
        return f"> {quoted}\n>\n> — [{in_markdown(self.source)}]({self.link})"

    @property
    def html(self) -> str:
        """The quotation as HTML that needs no style sheet."""
        shell = Markup('<blockquote cite="{0}" lang="{1}"><p>{2}</p></blockquote>\n{3}')
        credit = Markup('<p>— <a href="{}">{}</a></p>').format(self.link, self.source)
        lines = Markup("<br>\n").join(self.lines)
        return str(shell.format(self.link, self.language, lines, credit))


def quote(
    index: Index, article: Article, passage: Passage, wanted: Selection | None = None
) -> Quotation:
    """Quotes a passage, or selected words. `NotFound` for words that are not in the article."""
    if wanted is None:
        link = urls.permalink(passage.id, external=True)
        return made(article, passage, passage.text, link)
    selected = index.find_selected(article, wanted, passage)
    if selected is None:
        raise NotFound("these words are not in the article")
    words = selected.span.of(article.text)
    home = passage_at(index.passages(article.id), selected.span.start) or passage
    described = index.select(article, selected.span)
    again = index.find_selection(article, described, home)
    if again is None or again.span != selected.span:
        raise NotFound("these words can't be told from the same ones elsewhere in the article")
    parameters = selecting(described)
    link = url_for("passages.permalink", passage_id=home.id, **parameters, _external=True)
    # Markdown, and programs that detect links in text, may end an address at a bracket.
    return made(article, home, words, link.replace("(", "%28").replace(")", "%29"))


def made(article: Article, passage: Passage, words: str, link: str) -> Quotation:
    """The quotation of some words of a passage."""
    title = article.title or article.id
    source = ", ".join(filter(None, (title, " › ".join(passage.section))))
    references = citation_formats(article, passage, link)
    return Quotation(lines_of(words), source, link, passage.id, article.language, references)


def lines_of(words: str) -> tuple[str, ...]:
    """The lines of a text with white space normalised and commas between cells."""
    rows = (re.sub(r"\s*\t\s*", ", ", line.strip()) for line in words.splitlines())
    return tuple(" ".join(row.split()) for row in rows if row)


def in_markdown(text: str) -> str:
    """`text` escaped for Markdown."""
    return re.sub(
        MARKDOWN_SIGNS, lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\", text
    )
