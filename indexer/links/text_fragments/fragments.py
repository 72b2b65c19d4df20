"""Links to a place in an article's original page: element id and text fragment.

In: an article and a span of its text, or the text of its page and a span of that. Out: a
`Fragment`, to be put behind the page's address. Where the specification allows no directive for the
very span it says why, and begins a little earlier if that helps. Refuses nothing.

`fragment_for` knows of the page what the parser kept of it. Who has the page's markup gives
`fragment_pages.read_page_text` of it as well: then what surrounds the article is reckoned with, and
so are borders that the article's text doesn't show.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from indexer.links.text_fragments.directive import Directive, write_fragment
from indexer.links.text_fragments.generate import make_directive
from indexer.links.text_fragments.page_text import BORDER, PageText
from indexer.links.text_fragments.places import place_of
from indexer.model import Article, Span

_CUT = re.compile(r"\t| (?= )")  # what parts cells, or what the page shows as one space
_WIDEST = 600  # characters by which a link may begin before what it is for


@dataclass(frozen=True, slots=True)
class Fragment:
    """A place in a page, as the end of an address."""

    element: str  # id of the nearest element; "" when unknown
    directive: Directive | None  # None: the specification allows none
    reason: str = ""  # why there is none, or none for this very span but for one that holds it

    @property
    def written(self) -> str:
        """With its `#`; "" when nothing is known of the place."""
        return write_fragment(self.element, self.directive)


def fragment_in(page: PageText, span: Span, element: str | None = None) -> Fragment:
    """The fragment for a span of a page's text; `element` takes the place of the nearest id."""
    target = page.bare(span)
    if element is None:
        element = page.segments[page.number_at(target.start)].element
    made = make_directive(page, target)
    if isinstance(made, Directive):
        return Fragment(element, made)
    return Fragment(element, _wider(page, target) if len(target) else None, made.reason)


def _wider(page: PageText, target: Span) -> Directive | None:
    """A directive for what ends like `target` and begins with the segment before it, or above."""
    start = target.start
    while start > 0 and target.start - start <= _WIDEST:
        start = page.within(start - (start == page.within(start).start)).start
        if isinstance(made := make_directive(page, Span(start, target.end)), Directive):
            return made
    return None


def fragment_for(article: Article, span: Span, page: PageText | None = None) -> Fragment:
    """The fragment for a span of an article's text.

    `page` is the text of its original page, if at hand; a span that isn't found there is looked
    for in the article alone.
    """
    element = element_at(article, span)
    if page is not None:
        place = place_of(page, article.text, span)
        if place is not None:
            return fragment_in(page, place, element or None)
    return fragment_in(page_text_of(article), span, element)


def page_text_of(article: Article) -> PageText:
    """What the article's text tells of its page's; offsets are those of the article's text.

    A border too many only makes terms shorter, one too few makes a link that leads nowhere: so a
    table's row of which the cells are not known is parted at each space, and any text at its line
    breaks.
    """
    text = _CUT.sub(BORDER, article.text)
    parts: list[str] = []
    at = 0
    for block in article.blocks:
        if block.kind == "table_row" and not block.cells:
            parts += [text[at : block.span.start], block.span.of(text).replace(" ", BORDER)]
            at = block.span.end
    return PageText.of_text("".join(parts) + text[at:])


def element_at(article: Article, span: Span) -> str:
    """Id of the nearest element at or above a span; "" when unknown."""
    for block in reversed(article.blocks):
        if block.element and block.span.start <= span.start:
            return block.element
    return ""
