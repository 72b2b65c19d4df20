"""Words of an article ready to be quoted: with source, section and link, in three formats.

In: an article, a passage, perhaps a part of its words. Out: a `Quotation` as plain text, Markdown
and HTML. Everything from the article is escaped as each format needs it. Refuses nothing.
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

MARKDOWN_SIGNS = re.compile(  # and what begins a line of a list, a rule, the line below a head
    r"([\\`*_{}\[\]<>#|~]|&(?=#?\w+;))|^(\s*(?:\d+(?=[.)])|(?=[-+=](?:[-=\s]|$)|:-)))", re.M
)


@dataclass(frozen=True, slots=True)
class Quotation:
    """What is quoted, from where."""

    lines: tuple[str, ...]  # the words, a block or row each
    source: str  # title and section
    link: str  # to these very words
    passage_id: str  # of the passage that they begin in
    language: str
    references: Mapping[str, str]  # the same as a reference: by `reference`, `bibtex`, `ris`, `csl`

    @property
    def text(self) -> str:
        """As plain text."""
        stop = "" if self.source.endswith((".", "?", "!", "…")) else "."
        return "“" + "\n".join(self.lines) + f"”\n{self.source}{stop} {self.link}"

    @property
    def markdown(self) -> str:
        """As Markdown."""
        quoted = "\\\n> ".join(map(in_markdown, self.lines))
        return f"> {quoted}\n>\n> — [{in_markdown(self.source)}]({self.link})"

    @property
    def html(self) -> str:
        """As HTML, without anything that needs a style sheet."""
        shell = Markup('<blockquote cite="{0}" lang="{1}"><p>{2}</p></blockquote>\n{3}')
        credit = Markup('<p>— <a href="{}">{}</a></p>').format(self.link, self.source)
        lines = Markup("<br>\n").join(self.lines)
        return str(shell.format(self.link, self.language, lines, credit))


def quote(
    index: Index, article: Article, passage: Passage, wanted: Selection | None = None
) -> Quotation:
    """A passage, or words that begin in it or above. `NotFound` for words that are not there."""
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
    asked = selecting(described)
    link = url_for("passages.permalink", passage_id=home.id, **asked, _external=True)
    # Markdown, and what makes links of plain text, may take a bracket for the end of an address.
    return made(article, home, words, link.replace("(", "%28").replace(")", "%29"))


def made(article: Article, passage: Passage, words: str, link: str) -> Quotation:
    """The quote of some words."""
    title = article.title or article.id
    source = ", ".join(filter(None, (title, " › ".join(passage.section))))
    references = citation_formats(article, passage, link)
    return Quotation(lines_of(words), source, link, passage.id, article.language, references)


def lines_of(words: str) -> tuple[str, ...]:
    """The lines of a text, each in one kind of white space; cells with a comma between them."""
    rows = (re.sub(r"\s*\t\s*", ", ", line.strip()) for line in words.splitlines())
    return tuple(" ".join(row.split()) for row in rows if row)


def in_markdown(text: str) -> str:
    """`text` so that Markdown shows it as it is."""
    return re.sub(
        MARKDOWN_SIGNS, lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\", text
    )
