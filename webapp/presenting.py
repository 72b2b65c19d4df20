"""Results → what the search page shows: groups of hits, each with its text, place and links.

In: `Results` and the index they came from. Out: frozen views for the templates. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from markupsafe import Markup, escape

from indexer import Article, Block, Hit, Index, Mark, Passage, Results, snippets
from webapp import links
from webapp.forms import SearchForm
from webapp.render import marked
from webapp.strips import Strip, strip_of

WHOLE = 520  # characters of a passage that is shown whole
WIDTH = 320  # characters of the window that is shown of a longer one
MOST_ITEMS = 8  # items or rows of a group shown before the rest is folded
GROUP = 3  # hits of one section shown before the rest is folded

KIND_LABELS = {
    "list_item": "List",
    "table_row": "Table",
    "quote": "Quotation",
    "code": "Code",
    "caption": "Caption",
    "boilerplate": "Boilerplate",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table."""

    cells: tuple[Markup, ...]
    header: bool  # whether its cells are heads


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is shown of a passage's text."""

    parts: tuple[Markup, ...]  # windows, items or rows without cells
    rows: tuple[Row, ...] = ()  # rows with cells; then `parts` is empty
    rest: tuple[Markup, ...] = ()  # the whole text, when `parts` is less
    before: bool = False  # whether text precedes the first part
    after: bool = False  # whether text follows the last


@dataclass(frozen=True, slots=True)
class HitView:
    """One hit."""

    passage: Passage
    excerpt: Excerpt
    context: str  # a list's lead-in, or a table's head row
    label: str  # its kind, when it is not a paragraph
    link: str  # to the passage in its article, with the query
    permalink: str  # to copy


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one section, in their order."""

    id: str  # of the article
    title: Markup
    link: str  # to the article, with the query
    trail: tuple[Markup, ...]  # the headings above
    cite: str  # what to say of the source when quoting
    hits: tuple[HitView, ...]
    folded: tuple[HitView, ...]
    language: str
    strip: Strip | None  # on the article's first group only


class Presenter:
    """Lays out the hits of one answer."""

    def __init__(self, index: Index, form: SearchForm, results: Results) -> None:
        self.index, self.results = index, results
        # Passages with any of the words are shown for want of all: then these are marked.
        self.form = replace(form.reading(), any=form.any or results.relaxed)
        self._articles: dict[str, Article] = {}

    def groups(self) -> tuple[Group, ...]:
        """The hits grouped by section, each group where its best hit stands."""
        by_section: dict[tuple[str, tuple[str, ...]], list[Hit]] = {}
        for hit in self.results.hits:
            key = (hit.passage.article_id, hit.passage.section)
            by_section.setdefault(key, []).append(hit)
        strips = self.strips(list(dict.fromkeys(article_id for article_id, _ in by_section)))
        # The strip of an article stands at the first of its groups.
        return tuple(
            self.group(hits, strips.pop(article_id, None))
            for (article_id, _), hits in by_section.items()
        )

    def group(self, hits: Sequence[Hit], strip: Strip | None) -> Group:
        """Hits of one section."""
        first = hits[0]
        views = [self.hit(hit) for hit in hits]
        heads = first.passage.section
        marks = first.section_marks or ((),) * len(heads)
        # One hit more than is shown open would be folded alone: then it is shown too.
        shown = GROUP if len(views) > GROUP + 1 else len(views)
        return Group(
            id=first.article.id,
            title=marked(first.article.title, first.title_marks),
            link=links.article(first.article.id, self.form),
            trail=tuple(marked(head, mark) for head, mark in zip(heads, marks, strict=False)),
            cite=", ".join(filter(None, (first.article.title, " › ".join(heads)))),
            hits=tuple(views[:shown]),
            folded=tuple(views[shown:]),
            language=first.article.language,
            strip=strip,
        )

    def hit(self, hit: Hit) -> HitView:
        """One hit."""
        passage = hit.passage
        context = passage.context
        return HitView(
            passage=passage,
            excerpt=self.excerpt(passage, hit.marks),
            context=context.of(self.article(passage.article_id).text) if context else "",
            label=KIND_LABELS.get(passage.kind, ""),
            link=links.permalink(passage.id, self.form),
            permalink=links.permalink(passage.id, external=True),
        )

    def excerpt(self, passage: Passage, marks: Sequence[Mark]) -> Excerpt:
        """The whole of a short passage, else the part of it that holds most of what was found."""
        if passage.kind == "table_row" and (rows := self.rows(passage, marks)):
            return Excerpt((), rows)
        if passage.breaks:
            return self.items(passage, marks)
        text = passage.text
        if len(text) <= WHOLE:
            return Excerpt((marked(text, marks),))
        windows = snippets(text, marks, width=WIDTH, limit=1)
        if not windows:
            return Excerpt((marked(text, marks),))
        window = windows[0]
        return Excerpt(
            parts=(marked(text, window.marks, window.start, window.end),),
            rest=(marked(text, marks),),
            before=bool(text[: window.start].strip()),
            after=bool(text[window.end :].strip()),
        )

    def items(self, passage: Passage, marks: Sequence[Mark]) -> Excerpt:
        """The items of a group; of a long group those with marks first, the rest folded."""
        edges = (0, *passage.breaks, len(passage.text))
        ranges = list(pairwise(edges))
        every = tuple(marked(passage.text, marks, start, end) for start, end in ranges)
        if len(every) <= MOST_ITEMS:
            return Excerpt(every)
        found = [
            part
            for part, (start, end) in zip(every, ranges, strict=True)
            if any(start <= mark.start < end for mark in marks)
        ]
        return Excerpt(tuple(found[:MOST_ITEMS]) or every[:MOST_ITEMS], rest=every)

    def rows(self, passage: Passage, marks: Sequence[Mark]) -> tuple[Row, ...]:
        """The rows of a table passage with cells; () where the source shows no columns."""
        text = self.article(passage.article_id).text
        first = passage.span.start
        there = [Mark(mark.start + first, mark.end + first, mark.reason) for mark in marks]
        rows: list[Row] = []
        above: tuple[str, ...] = ()  # heads that stand above already
        for block in self.blocks(passage):
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

    def blocks(self, passage: Passage) -> Iterator[Block]:
        """The blocks that a passage stands in."""
        for block in self.article(passage.article_id).blocks:
            if block.span.start >= passage.span.end:
                break
            if block.span.end > passage.span.start:
                yield block

    def strips(self, article_ids: Sequence[str]) -> dict[str, Strip | None]:
        """Where in each article the matches stand; None where that says nothing."""
        asked = self.form
        passages = {name: self.index.passages(name) for name in article_ids}
        marks = self.index.marks_by_article(article_ids, asked.q, match=asked.match, any=asked.any)
        return {
            name: strip_of(passages[name], marks[name]) if len(passages[name]) > 1 else None
            for name in article_ids
        }

    def article(self, id: str) -> Article:
        """An article, read once for an answer."""
        if id not in self._articles:
            self._articles[id] = self.index.article(id)
        return self._articles[id]
