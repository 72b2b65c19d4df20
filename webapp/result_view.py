"""Prepares results for the search page: groups of hits with excerpts and section paths.

In: `Results` and the index they came from. Out: frozen views for the templates. Refuses nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise, takewhile

from markupsafe import Markup, escape

from indexer import Article, Block, Hit, Index, Mark, Passage, Results, Spread, snippets
from webapp.library import read_article
from webapp.params import SearchForm
from webapp.rendering import marked, own_bullet, strips

WHOLE = 520  # characters up to which a passage is shown whole
WIDTH = 320  # characters of the snippet of a longer passage
MOST_ITEMS = 8  # items or rows of a passage that are shown; the rest is folded
GROUP = 3  # hits of a section that are shown; the rest is folded


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table."""

    cells: tuple[Markup, ...]
    header: bool  # whether its cells are column heads


@dataclass(frozen=True, slots=True)
class TextPart:
    """A snippet, an item, or a row without cells."""

    text: Markup
    number: int | None = None  # of an item of a numbered list
    below: bool = False  # whether it is an item of a nested list
    bare: bool = False  # whether an item's text begins with its own bullet or number


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The part of a passage's text that is shown."""

    parts: tuple[TextPart, ...]
    rows: tuple[Row, ...] = ()  # rows with cells; then `parts` is empty
    rest: tuple[TextPart, ...] = ()  # the whole text, if `parts` are only a part of it
    before: bool = False  # whether text precedes the first part
    after: bool = False  # whether text follows the last


WHERE = {
    "text": "in the text",
    "section": "in the headings",
    "title": "in the title",
    "heading": "in a heading alone",
    "article": "in its article",
    "": "for every passage",
}


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one section, in the order of the results."""

    hits: tuple[Hit, ...]
    strip: Spread | None = None  # of the article's first group only

    @property
    def shown(self) -> int:
        """Number of hits shown unfolded; a single further one is shown, too."""
        return GROUP if len(self.hits) > GROUP + 1 else len(self.hits)

    @property
    def title(self) -> Markup:
        """The title of the article, with its marks."""
        marks = next(filter(None, (hit.title_marks for hit in self.hits)), ())
        return marked(self.hits[0].article.title, marks)

    @property
    def trail(self) -> tuple[Markup, ...]:
        """The headings of the section path, with their marks."""
        heads = self.hits[0].passage.section
        every = [hit.section_marks for hit in self.hits if hit.section_marks]
        found = [next(filter(None, same), ()) for same in zip(*every, strict=True)]
        return tuple(map(marked, heads, found or [()] * len(heads)))


class ResultView:
    """Prepares the hits of one answer."""

    def __init__(self, index: Index, form: SearchForm, results: Results) -> None:
        self.index, self.results = index, results
        # If no passage has all words, articles are marked with any of them, too.
        self.form = replace(form.reading(), any=form.any or results.relaxed)
        self.article = partial(read_article, index)

    def groups(self) -> tuple[Group, ...]:
        """The hits with the words as typed, grouped by section, in order of the best of each."""
        by_section = sections(self.results.hits[: self.results.with_words])
        articles = dict.fromkeys(article_id for article_id, _ in by_section)
        shown = {
            name: strip
            for name, strip in strips(self.index, tuple(articles), self.form).items()
            if strip.passages > 1  # a strip of one passage shows nothing
        }
        # The first group of an article has its strip.
        return tuple(
            Group(tuple(hits), shown.pop(article_id, None))
            for (article_id, _), hits in by_section.items()
        )

    def by_other_names(self) -> tuple[Group, ...]:
        """The hits that have only other names of a drug, grouped in the same way."""
        by_section = sections(self.results.hits[self.results.with_words :])
        return tuple(Group(tuple(hits)) for hits in by_section.values())

    def why(self, hit: Hit) -> str:
        """Explains the score: for each word of the query, the contribution of each field."""
        by_word: dict[str, list[str]] = {}
        for part in hit.why:
            by_word.setdefault(part.word, []).append(f"{WHERE[part.field]} {part.value:.2f}")
        return "; ".join(f"{word}: {', '.join(ps)}".lstrip(": ") for word, ps in by_word.items())

    def context(self, passage: Passage) -> str:
        """A list's lead-in, or a table's head row; "" for none."""
        lead = passage.context
        return lead.of(self.article(passage.article_id).text) if lead else ""

    def excerpt(self, passage: Passage, marks: Sequence[Mark]) -> Excerpt:
        """A short passage as a whole; the best snippet of a longer one."""
        if passage.kind == "table_row" and (rows := self.rows(passage, marks)):
            return Excerpt((), rows)
        if passage.breaks:
            return self.items(passage, marks)
        text = passage.text
        whole = self.part(passage, marks, 0, len(text))
        windows = snippets(text, marks, width=WIDTH, limit=1) if len(text) > WHOLE else ()
        if not windows:
            return Excerpt((whole,))
        window = windows[0]
        return Excerpt(
            parts=(self.part(passage, window.marks, window.start, window.end),),
            rest=(whole,),
            before=bool(text[: window.start].strip()),
            after=bool(text[window.end :].strip()),
        )

    def items(self, passage: Passage, marks: Sequence[Mark]) -> Excerpt:
        """The items of a list passage; of a long one those with marks, the whole folded."""
        edges = (0, *passage.breaks, len(passage.text))
        ranges = list(pairwise(edges))
        every = tuple(self.part(passage, marks, start, end) for start, end in ranges)
        if len(every) <= MOST_ITEMS:
            return Excerpt(every)
        found = [
            part
            for part, (start, end) in zip(every, ranges, strict=True)
            if any(start <= mark.start < end for mark in marks)
        ]
        return Excerpt(tuple(found[:MOST_ITEMS]) or every[:MOST_ITEMS], rest=every)

    def part(self, passage: Passage, marks: Sequence[Mark], start: int, end: int) -> TextPart:
        """A range of a passage with its marks and, in a list, the number of the item."""
        text = marked(passage.text, marks, start, end)
        if passage.kind != "list_item":
            return TextPart(text)
        first = passage.span.start
        article = self.article(passage.article_id)
        for block in blocks_in(article, first + start, first + end):
            below = block.level > 1
            return TextPart(text, block.number, below, own_bullet(block.span.of(article.text)))
        return TextPart(text)

    def rows(self, passage: Passage, marks: Sequence[Mark]) -> tuple[Row, ...]:
        """The rows of a table passage with their cells; () if the source has no columns."""
        article = self.article(passage.article_id)
        text, first = article.text, passage.span.start
        there = [Mark(mark.start + first, mark.end + first, mark.reason) for mark in marks]
        rows: list[Row] = []
        above: tuple[str, ...] = ()  # column heads that were last shown
        for block in blocks_in(article, first, passage.span.end):
            if not block.cells or block.span.start < first:
                return ()
            cells = tuple(marked(text, there, cell.start, cell.end) for cell in block.cells)
            if block.header:
                above = tuple(cell.of(text) for cell in block.cells)
            elif any(block.heads) and block.heads != above:
                above = block.heads
                rows.append(Row(tuple(map(escape, above)), header=True))
            rows.append(Row(cells, block.header))
        return tuple(rows)


def sections(hits: Iterable[Hit]) -> dict[tuple[str, tuple[str, ...]], list[Hit]]:
    """Hits by article id and section path, in the order of the best of each."""
    found: dict[tuple[str, tuple[str, ...]], list[Hit]] = {}
    for hit in hits:
        found.setdefault((hit.passage.article_id, hit.passage.section), []).append(hit)
    return found


def blocks_in(article: Article, start: int, end: int) -> Iterator[Block]:
    """Blocks that overlap [start, end) of the article's text."""
    first = bisect_right(article.blocks, start, key=lambda block: block.span.end)
    yield from takewhile(lambda block: block.span.start < end, article.blocks[first:])
