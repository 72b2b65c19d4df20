"""Prepares an article for the template of its page, with anchors of passages and marks of matches.

In: an `Article` or a part of one, its passages, the marks of a query, and the target of a link.
Out: a `ShownPart`: title, blocks, table of contents and counts; `prose.html` renders the blocks.
The text between the tags is the article's own, in its order; only the note on a changed passage is
added. Refuses nothing: blocks outside of all passages are rendered without links.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from indexer import Article, Block, Hit, Mark, Passage, Results
from webapp import urls
from webapp.link_target import LinkTarget
from webapp.params import SELECTED
from webapp.rendering import marked, own_bullet

LAST_HEADING = 6  # the last heading element is h6
HEADING = "h."  # prefix of the anchors of headings: h.1, h.2 …
MOST_CONTENTS = 500  # entries in the table of contents of a long article, beside the part's own
NOTHING = Markup()
FIRST_SELECTED = Markup(' id="{}"').format(SELECTED)


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """One line of the table of contents."""

    anchor: str
    text: str
    level: int  # 1 for the top
    matches: int  # marks in the section
    start: int  # of the heading in the article's text


@dataclass(frozen=True, slots=True)
class ArticleMarks:
    """The marks of a query in one article."""

    title: tuple[Mark, ...] = ()  # in its title
    marks: tuple[Mark, ...] = ()  # in its text, sorted
    passages: int = 0  # number that match
    relaxed: bool = False  # no passage has all words, so that any of them are marked


@dataclass(frozen=True, slots=True)
class ShownPart:
    """An article, or a part of it, ready for its page."""

    title: Markup
    runs: tuple[tuple[Block, ...], ...]  # blocks of one list, table or quotation, or one block
    contents: tuple[OutlineEntry, ...]
    matches: int  # marks in the whole article, including its title
    before: int  # of these, marks before this part
    here: int  # of these, marks in this part
    left_out: int  # headings left out of the table of contents


def found_in(article: Article, results: Results) -> ArticleMarks:
    """The marks of all hits in one article."""
    hits = results.hits
    title = next((hit.title_marks for hit in hits if hit.title_marks), ())
    marks = sorted(marks_of(article, hits), key=lambda mark: mark.start)
    return ArticleMarks(tuple(title), tuple(marks), len(hits), results.relaxed)


def marks_of(article: Article, hits: Sequence[Hit]) -> set[Mark]:
    """The marks of hits in the text of their article, including those in headings."""
    headings: dict[tuple[str, ...], list[Block]] = {}
    for block in article.blocks:
        if block.kind == "heading":
            words = " ".join(block.span.of(article.text).split())
            headings.setdefault((*block.section, words), []).append(block)
    marks = set()
    for hit in hits:
        start, path = hit.passage.span.start, hit.passage.section
        found = [(path[: n + 1], inside) for n, inside in enumerate(hit.section_marks)]
        if hit.heading:
            found.append((hit.heading.section, hit.heading.marks))
        placed = [(start, hit.marks)]
        for names, inside in found:
            if blocks := headings.get(names, ()):  # of equal paths, the last before the passage
                above = bisect_right(blocks, start, key=lambda block: block.span.start)
                placed.append((blocks[max(above - 1, 0)].span.start, inside))
        marks |= {Mark(at + m.start, at + m.end, m.reason) for at, own in placed for m in own}
    return marks


JOINED = {"list_item", "table_row", "quote", "boilerplate"}
DEEPEST_ITEM = 20  # deeper list items are shown at this level


def block_groups(blocks: Sequence[Block]) -> Iterator[tuple[Block, ...]]:
    """Groups the blocks of each list, table, quotation or run of boilerplate; others are alone."""
    for (kind, _), group in groupby(blocks, key=lambda block: (block.kind, block.group)):
        if kind in JOINED:
            yield tuple(group)
        else:
            yield from ((block,) for block in group)


# A list item, the number to give it, and the items below it.
ListItem = tuple[Block, int | None, list[Block]]


def depth_of(item: Block) -> int:
    """A list item's level, at most `DEEPEST_ITEM`, to bound the nesting of lists."""
    return min(item.level, DEEPEST_ITEM)


class ArticleView:
    """Prepares one article; `passages` are in text order."""

    def __init__(
        self,
        article: Article,
        passages: Sequence[Passage],
        found: ArticleMarks,
        target: LinkTarget,
        note: Markup,
    ) -> None:
        self.article, self.target, self.the_note = article, target, note
        self.passages, self.marks, self.title_marks = passages, found.marks, found.title
        self._starts = [passage.span.start for passage in self.passages]
        self._mark_starts = [mark.start for mark in self.marks]
        self._opened: set[str] = set()  # ids of passages whose anchor is already rendered
        self._headings: dict[int, str] = {}  # start of a heading → its anchor
        self._top = 1  # level of the topmost headings
        self._is_selected = False  # whether the anchor of the selected words is rendered

    def shown(self, part: tuple[int, int] | None = None) -> ShownPart:
        """The whole article, or the blocks that begin in `part` of its text, [start, end).

        The page shows the title in every part; its matches are marked and counted in the first.
        """
        start, end = part or (0, len(self.article.text) + 1)
        contents, every = tuple(self.contents()), self.article.blocks
        low, high = (bisect_left(every, at, key=lambda b: b.span.start) for at in (start, end))
        blocks = [block for block in every[low:high] if block.kind != "title"]
        self._opened = {p.id for p in self.covering(start - 1, start)} if start else set()
        title = marked(self.article.title or self.article.id, () if start else self.title_marks)
        if not blocks and self.passages and not start:  # the title is all there is
            title = Markup("<span{}>{}</span>").format(self.opening(self.passages[0]), title)
        shown = shortened(contents, start, end) if part else contents
        above = self.count(0, start) + len(self.title_marks) if start else 0
        here = self.count(start, end) + (0 if start else len(self.title_marks))
        in_all, left_out = len(self.marks) + len(self.title_marks), len(contents) - len(shown)
        return ShownPart(title, tuple(block_groups(blocks)), shown, in_all, above, here, left_out)

    def contents(self) -> Iterator[OutlineEntry]:
        """One entry per heading, with the number of marks in its section and subsections."""
        headings = [block for block in self.article.blocks if block.kind == "heading"]
        self._top = min((heading.level for heading in headings), default=1)
        ends = section_ends(headings, len(self.article.text))
        for number, (heading, end) in enumerate(zip(headings, ends, strict=True)):
            start = heading.span.start
            own = self.covering(start, heading.span.end)  # if the article has headings only
            anchor = self._headings[start] = own[0].anchor if own else f"{HEADING}{number + 1}"
            text = heading.span.of(self.article.text)
            level = heading.level - self._top + 1
            yield OutlineEntry(anchor, text, level, self.count(start, end), start)

    def count(self, start: int, end: int) -> int:
        """Number of marks that begin in [start, end)."""
        return bisect_right(self._mark_starts, end - 1) - bisect_right(self._mark_starts, start - 1)

    def note(self, blocks: Sequence[Block]) -> Markup:
        """The note, if its passage ends in these blocks; a list has the note inside the item."""
        ends = blocks[0].kind != "list_item" and any(map(self.is_noted, blocks))
        return self.the_note if ends else NOTHING

    def is_noted(self, block: Block) -> bool:
        """Whether the passage that has a note ends in a block."""
        passage = self.target.passage if self.the_note else None
        return passage is not None and block.span.start < passage.span.end <= block.span.end

    def level_of(self, heading: Block) -> int:
        """The level of a heading's element."""
        return min(heading.level - self._top + 2, LAST_HEADING)

    def anchor_of(self, heading: Block) -> str:
        """The anchor of a heading."""
        return self._headings.get(heading.span.start, "")

    @staticmethod
    def lists_of(blocks: Sequence[Block]) -> Iterator[tuple[bool, list[ListItem]]]:
        """One level of list items as numbered and unnumbered lists. Each item has its number in
        the source, if that is not the next in sequence, and the items nested below it."""
        level: list[tuple[Block, list[Block]]] = []
        for block in blocks:
            if level and depth_of(block) > depth_of(level[-1][0]):
                level[-1][1].append(block)
            else:
                level.append((block, []))
        for numbered, group in groupby(level, key=lambda item: item[0].number is not None):
            items, expected = list[ListItem](), 1
            for block, below in group:
                items.append((block, block.number if block.number != expected else None, below))
                expected = (block.number or 0) + 1
            yield numbered, items

    def are_bare(self, items: Sequence[ListItem]) -> bool:
        """Whether the text of each item begins with its own bullet."""
        return all(own_bullet(block.span.of(self.article.text)) for block, _, _ in items)

    @staticmethod
    def groups_of(rows: Sequence[Block]) -> Iterator[tuple[str, tuple[Block, ...]]]:
        """The rows of a table, grouped by the name of their parent element."""
        for number, (header, group) in enumerate(groupby(rows, key=lambda block: block.header)):
            yield "thead" if header and not number else "tbody", tuple(group)

    def parts(self, block: Block, classes: str = "") -> tuple[Markup, Markup]:
        """Attributes and content of a block's element.

        The element itself stands for a single passage; several passages are spans inside it.
        """
        start, end = block.span.start, block.span.end
        attributes = self.attributes(block, classes)
        if len(self.covering(start, end)) == 1:
            return attributes, self.text(start, end) + self.permalinks(block)
        return attributes, self.pieces(start, end)

    def attributes(self, block: Block, classes: str = "") -> Markup:
        """Id and classes of an element in a single passage."""
        found = self.covering(block.span.start, block.span.end)
        if len(found) != 1:
            return Markup(' class="{}"').format(classes) if classes else Markup()
        return self.opening(found[0], classes)

    def opening(self, passage: Passage, classes: str = "") -> Markup:
        """Attributes of an element of a passage; the first one has the anchor."""
        first = passage.id not in self._opened
        self._opened.add(passage.id)
        names = " ".join(filter(None, ("passage", "first" if first else "", classes)))
        anchor = Markup(' id="{}"').format(passage.anchor) if first else Markup()
        return Markup('{} class="{}" data-passage="{}"').format(anchor, names, passage.id)

    def pieces(self, start: int, end: int) -> Markup:
        """Content of a block with several passages (or none), split at their boundaries."""
        parts: list[Markup] = []
        at = start
        for passage in self.covering(start, end):
            low, high = max(passage.span.start, at), min(passage.span.end, end)
            parts.append(self.text(at, low))
            shell = Markup("<span{}>{}{}</span>")
            link = self.permalink(passage) if passage.span.end <= end else Markup()
            parts.append(shell.format(self.opening(passage), self.text(low, high), link))
            at = high
        parts.append(self.text(at, end))
        return Markup("").join(parts)

    def text(self, start: int, end: int) -> Markup:
        """Text of the article with its marks, and with the words selected by a link."""
        low, high = max(start, self.target.start), min(end, self.target.end)
        if low >= high:
            return self.found(start, end)
        own = NOTHING if self._is_selected else FIRST_SELECTED
        self._is_selected = True
        words = Markup('<mark{} class="selected">{}</mark>').format(own, self.found(low, high))
        return self.found(start, low) + words + self.found(high, end)

    def found(self, start: int, end: int) -> Markup:
        """Text of the article with the marks of the query."""
        first = max(bisect_right(self._mark_starts, start) - 1, 0)
        last = bisect_right(self._mark_starts, end)
        return marked(self.article.text, self.marks[first:last], start, end)

    def covering(self, start: int, end: int) -> Sequence[Passage]:
        """Passages that overlap [start, end)."""
        first = max(bisect_right(self._starts, start) - 1, 0)
        last = bisect_right(self._starts, end - 1)
        return [p for p in self.passages[first:last] if p.span.end > start]

    def permalinks(self, block: Block) -> Markup:
        """The ¶ after a block, if its single passage ends there; else nothing."""
        found = self.covering(block.span.start, block.span.end)
        if len(found) == 1 and found[0].span.end <= block.span.end:
            return self.permalink(found[0])
        return Markup()

    def permalink(self, passage: Passage) -> Markup:
        """The ¶ that links to a passage; the style sheet adds the sign, the text has none."""
        shell = Markup('<a class="pilcrow" href="{}" aria-label="Link to passage {}"></a>')
        return shell.format(urls.permalink(passage.id), passage.ordinal)


def section_ends(headings: Sequence[Block], last: int) -> list[int]:
    """End of each heading's section: the next heading of its level or above, or `last`."""
    ends = [last] * len(headings)
    open_ones: list[int] = []  # indices of headings, each below the previous one
    for number, heading in enumerate(headings):
        while open_ones and headings[open_ones[-1]].level >= heading.level:
            ends[open_ones.pop()] = heading.span.start
        open_ones.append(number)
    return ends


def shortened(contents: Sequence[OutlineEntry], start: int, end: int) -> tuple[OutlineEntry, ...]:
    """Contents of a long article: all headings of the part, and as many levels of others as fit."""
    depth, room = 0, MOST_CONTENTS
    for level in range(1, max((entry.level for entry in contents), default=0) + 1):
        room -= sum(entry.level == level for entry in contents)
        if room < 0:
            break
        depth = level
    return tuple(e for e in contents if e.level <= depth or start <= e.start < end)
