"""An article's blocks → the HTML of its page, with passages as link targets and matches marked.

In: an `Article` or a part of one, its passages, what a query found in it, and where a link led.
Out: `Typeset`: title, body, table of contents and counts. Text between the tags is the article's
own, in its order; nothing is added but the note on a passage that has changed. Refuses nothing:
blocks that no passage covers are set without links.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from indexer import Article, Block, Hit, Mark, Passage, Results
from webapp import urls
from webapp.params import SELECTED
from webapp.rendering import leaning, marked, own_bullet

DEEPEST = 6  # heading elements end with h6
HEADING = "h."  # begins the anchors of headings: h.1, h.2 …
MOST_CONTENTS = 500  # lines of the table of contents of a long article, beside the part's own
LONG_CELL = 40  # characters of a table cell that wants room
NOTHING = Markup()
LONG = Markup(' class="long"')
FIRST_SELECTED = Markup(' id="{}"').format(SELECTED)
SCROLLING = Markup(  # what is wider than the page scrolls by itself, by keys too
    '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table{}>{}</table></div>'
)


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
    marks: tuple[Mark, ...] = ()  # in its text, first to last
    passages: int = 0  # that were found
    relaxed: bool = False  # none has all of the words: any are marked


@dataclass(frozen=True, slots=True)
class Typeset:
    """An article ready for its page."""

    title: Markup
    body: Markup
    contents: tuple[OutlineEntry, ...]
    matches: int  # marks in all of the article, the title's too
    before: int  # of them, those above what is set
    here: int  # and those in it
    left_out: int  # headings that the table of contents leaves out


@dataclass(frozen=True, slots=True)
class Pinned:
    """Where a link led: words to mark, and a note to set below a passage."""

    start: int = 0  # of the words, in the article's text
    end: int = 0
    passage: Passage | None = None
    note: Markup = NOTHING


UNPINNED = Pinned()
NONE_FOUND = ArticleMarks()


def found_in(article: Article, results: Results) -> ArticleMarks:
    """The marks of all that was found in one article."""
    hits = results.hits
    title = next((hit.title_marks for hit in hits if hit.title_marks), ())
    marks = sorted(marks_of(article, hits), key=lambda mark: mark.start)
    return ArticleMarks(tuple(title), tuple(marks), len(hits), results.relaxed)


def marks_of(article: Article, hits: Sequence[Hit]) -> set[Mark]:
    """The marks of hits in the text of their article, those in headings too."""
    headings: dict[tuple[str, ...], list[Block]] = {}
    for block in article.blocks:
        if block.kind == "heading":
            words = " ".join(block.span.of(article.text).split())
            headings.setdefault((*block.section, words), []).append(block)
    marks = set()
    for hit in hits:
        start, path = hit.passage.span.start, hit.passage.section
        found = [(path[: n + 1], some) for n, some in enumerate(hit.section_marks)]
        if hit.heading:
            found.append((hit.heading.section, hit.heading.marks))
        places = [(start, hit.marks)]
        for names, some in found:
            if blocks := headings.get(names, ()):  # of the same path the last before it is meant
                above = bisect_right(blocks, start, key=lambda block: block.span.start)
                places.append((blocks[max(above - 1, 0)].span.start, some))
        marks |= {Mark(at + m.start, at + m.end, m.reason) for at, some in places for m in some}
    return marks


class Typesetter:
    """Sets one article; `passages` are in the order of its text."""

    def __init__(
        self,
        article: Article,
        passages: Sequence[Passage],
        found: ArticleMarks = NONE_FOUND,
        pinned: Pinned = UNPINNED,
    ) -> None:
        self.article, self.pinned = article, pinned
        self.passages, self.marks, self.title_marks = passages, found.marks, found.title
        self._starts = [passage.span.start for passage in self.passages]
        self._mark_starts = [mark.start for mark in self.marks]
        self._opened: set[str] = set()  # ids of passages whose anchor stands already
        self._headings: dict[int, str] = {}  # anchor of the heading that starts there
        self._top = 1  # level of the topmost headings
        self._is_selected = False  # whether the first of the selected words are set

    def typeset(self, part: tuple[int, int] | None = None) -> Typeset:
        """The whole article, or the blocks that begin in `part` of its text, [start, end).

        The page sets the title; its matches are marked in the first part only, where they count.
        """
        start, end = part or (0, len(self.article.text) + 1)
        contents, every = tuple(self.contents()), self.article.blocks
        low, high = (bisect_left(every, at, key=lambda b: b.span.start) for at in (start, end))
        blocks = [block for block in every[low:high] if block.kind != "title"]
        self._opened = {p.id for p in self.covering(start - 1, start)} if start else set()
        body = Markup("\n").join(self.run(run) + self.note(run) for run in runs(blocks))
        title = marked(self.article.title or self.article.id, () if start else self.title_marks)
        shown = shortened(contents, start, end) if part else contents
        above = self.count(0, start) + len(self.title_marks) if start else 0
        here = self.count(start, end) + (0 if start else len(self.title_marks))
        in_all, left_out = len(self.marks) + len(self.title_marks), len(contents) - len(shown)
        return Typeset(title, body, shown, in_all, above, here, left_out)

    def contents(self) -> Iterator[OutlineEntry]:
        """An entry a heading, with the marks up to the next heading of its level or above."""
        headings = [block for block in self.article.blocks if block.kind == "heading"]
        self._top = min((heading.level for heading in headings), default=1)
        ends = section_ends(headings, len(self.article.text))
        for number, (heading, end) in enumerate(zip(headings, ends, strict=True)):
            start = heading.span.start
            anchor = self._headings[start] = f"{HEADING}{number + 1}"
            text = heading.span.of(self.article.text)
            level = heading.level - self._top + 1
            yield OutlineEntry(anchor, text, level, self.count(start, end), start)

    def count(self, start: int, end: int) -> int:
        """How many marks begin in [start, end)."""
        return bisect_right(self._mark_starts, end - 1) - bisect_right(self._mark_starts, start - 1)

    def run(self, blocks: Sequence[Block]) -> Markup:
        """Blocks that belong together: one list, one table, one quotation, or one block."""
        kind = blocks[0].kind
        if kind == "list_item":
            return self.list(blocks)
        if kind == "table_row":
            return self.table(blocks)
        if kind == "boilerplate":
            return self.boilerplate(blocks)
        if kind == "quote":
            inner = Markup("").join(self.element("p", block) for block in blocks)
            return Markup("<blockquote>{}</blockquote>").format(inner)
        block = blocks[0]
        if kind == "heading":
            return self.heading(block)
        if kind == "code":
            return Markup('<pre tabindex="0">{}</pre>').format(self.element("code", block))
        if kind == "caption":
            return Markup("<figure>{}</figure>").format(self.element("figcaption", block))
        return self.element("p", block)

    def note(self, blocks: Sequence[Block]) -> Markup:
        """The note, if its passage ends in these blocks; in a list it stands in its item."""
        ends = blocks[0].kind != "list_item" and any(map(self.is_noted, blocks))
        return self.pinned.note if ends else NOTHING

    def is_noted(self, block: Block) -> bool:
        """Whether the passage that has a note ends in a block."""
        passage = self.pinned.passage
        return passage is not None and block.span.start < passage.span.end <= block.span.end

    def heading(self, block: Block) -> Markup:
        """A heading below the title, which is the page's h1."""
        level = min(block.level - self._top + 2, DEEPEST)
        anchor = self._headings.get(block.span.start, "")
        text = self.text(block.span.start, block.span.end)
        shell = Markup(
            '<h{0} id="{1}" dir="auto">{2}'
            '<a class="pilcrow" href="#{1}" aria-label="Link to this section"></a></h{0}>'
        )
        return shell.format(level, anchor, text)

    def list(self, blocks: Sequence[Block]) -> Markup:
        """A list, its deeper items nested in the item above them."""
        return self.items(tree_of(blocks))

    def items(self, nodes: Sequence[OutlineItem]) -> Markup:
        """One level of a list; numbered items and others are lists of their own."""
        kinds = groupby(nodes, key=lambda node: node.block.number is not None)
        return Markup("").join(
            self.numbered(tuple(some)) if numbered else self.bulleted(tuple(some))
            for numbered, some in kinds
        )

    def bulleted(self, nodes: Sequence[OutlineItem]) -> Markup:
        """Items with a bullet, or without where each brings its own."""
        bare = all(own_bullet(node.block.span.of(self.article.text)) for node in nodes)
        shell = Markup('<ul{} class="bare">{}</ul>') if bare else Markup("<ul{}>{}</ul>")
        rows = Markup("").join(self.item(node) for node in nodes)
        return shell.format(self.leaning(nodes[0].block), rows)

    def numbered(self, nodes: Sequence[OutlineItem]) -> Markup:
        """Items with the numbers that the source gives them."""
        rows = []
        expected = 1
        for node in nodes:
            number = node.block.number
            own = Markup(' value="{}"').format(number) if number != expected else Markup()
            rows.append(self.item(node, own))
            expected = (number or 0) + 1
        return Markup("<ol{}>{}</ol>").format(self.leaning(nodes[0].block), Markup("").join(rows))

    def item(self, node: OutlineItem, own: Markup = NOTHING) -> Markup:
        """One item with those below it; `own` goes into its tag."""
        attributes, inner = self.parts(node.block)
        if self.is_noted(node.block):
            inner += self.pinned.note
        below = self.items(node.children) if node.children else Markup()
        return Markup('<li{}{} dir="auto">{}{}</li>').format(own, attributes, inner, below)

    def table(self, blocks: Sequence[Block]) -> Markup:
        """A table where the source shows columns, else its rows as lines."""
        if not any(block.cells for block in blocks):
            rows = (self.element("li", b, "head" if b.header else "") for b in blocks)
            return Markup('<ul class="rows">{}</ul>').format(Markup("").join(rows))
        width = max(len(block.cells) for block in blocks)
        parts: list[Markup] = []
        for header, some in groupby(blocks, key=lambda block: block.header):
            shell = (
                Markup("<thead>{}</thead>") if header and not parts else Markup("<tbody>{}</tbody>")
            )
            rows_of = Markup("").join(self.row(block, width) for block in some)
            parts.append(shell.format(rows_of))
        return SCROLLING.format(self.leaning(blocks[0]), Markup("").join(parts))

    def row(self, block: Block, width: int) -> Markup:
        """One row; a row without cells spans them all."""
        spans = [(span.start, span.end) for span in block.cells or (block.span,)]
        name = "th" if block.header else "td"
        scope = Markup(' scope="col"') if block.header else Markup()
        wide = Markup(' colspan="{}"').format(width) if not block.cells and width > 1 else Markup()
        attributes = self.attributes(block)
        cells = []
        for number, (start, end) in enumerate(spans):
            text = self.text(start, end)
            if number == len(spans) - 1 and attributes:
                text += self.permalinks(block)
            long = LONG if end - start > LONG_CELL else NOTHING
            shell = Markup('<{0}{1}{2}{3} dir="auto">{4}</{0}>')
            cells.append(shell.format(name, scope, wide, long, text))
        return Markup("<tr{}>{}</tr>").format(attributes, Markup("").join(cells))

    def leaning(self, block: Block) -> Markup:
        """The direction of a list or table that begins with this block."""
        return leaning(block.span.of(self.article.text))

    def boilerplate(self, blocks: Sequence[Block]) -> Markup:
        """What is not of the article itself, folded away."""
        lines = Markup("").join(self.element("p", block) for block in blocks)
        noun = "line" if len(blocks) == 1 else "lines"
        shell = Markup(
            '<details class="boilerplate">'
            "<summary>{} {} set aside as boilerplate</summary>{}</details>"
        )
        return shell.format(len(blocks), noun, lines)

    def element(self, name: str, block: Block, classes: str = "") -> Markup:
        """A block as one element."""
        attributes, inner = self.parts(block, classes)
        return Markup('<{0}{1} dir="auto">{2}</{0}>').format(name, attributes, inner)

    def parts(self, block: Block, classes: str = "") -> tuple[Markup, Markup]:
        """Attributes and content of a block's element.

        Its passages lie in the element or, when it has one alone, upon it.
        """
        start, end = block.span.start, block.span.end
        attributes = self.attributes(block, classes)
        if len(self.covering(start, end)) == 1:
            return attributes, self.text(start, end) + self.permalinks(block)
        return attributes, self.pieces(start, end)

    def attributes(self, block: Block, classes: str = "") -> Markup:
        """Id and classes of an element that lies in one passage."""
        found = self.covering(block.span.start, block.span.end)
        if len(found) != 1:
            return Markup(' class="{}"').format(classes) if classes else Markup()
        return self.opening(found[0], classes)

    def opening(self, passage: Passage, classes: str = "") -> Markup:
        """Attributes of an element of a passage: the first one carries the anchor."""
        first = passage.id not in self._opened
        self._opened.add(passage.id)
        names = " ".join(filter(None, ("passage", "first" if first else "", classes)))
        anchor = Markup(' id="{}"').format(passage.anchor) if first else Markup()
        return Markup('{} class="{}" data-passage="{}"').format(anchor, names, passage.id)

    def pieces(self, start: int, end: int) -> Markup:
        """A block that several passages share (or none), cut at their edges."""
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
        """Text of the article with its marks, and with the words that a link was made for."""
        low, high = max(start, self.pinned.start), min(end, self.pinned.end)
        if low >= high:
            return self.found(start, end)
        own = NOTHING if self._is_selected else FIRST_SELECTED
        self._is_selected = True
        words = Markup('<mark{} class="selected">{}</mark>').format(own, self.found(low, high))
        return self.found(start, low) + words + self.found(high, end)

    def found(self, start: int, end: int) -> Markup:
        """Text of the article with the marks of what was looked for."""
        first = max(bisect_right(self._mark_starts, start) - 1, 0)
        last = bisect_right(self._mark_starts, end)
        return marked(self.article.text, self.marks[first:last], start, end)

    def covering(self, start: int, end: int) -> Sequence[Passage]:
        """The passages that share a character with [start, end)."""
        first = max(bisect_right(self._starts, start) - 1, 0)
        last = bisect_right(self._starts, end - 1)
        return [p for p in self.passages[first:last] if p.span.end > start]

    def permalinks(self, block: Block) -> Markup:
        """The ¶ after a block at whose end its passage ends."""
        found = self.covering(block.span.start, block.span.end)
        if len(found) == 1 and found[0].span.end <= block.span.end:
            return self.permalink(found[0])
        return Markup()

    def permalink(self, passage: Passage) -> Markup:
        """The ¶ that links to a passage; its sign is set by the style sheet, not in the text."""
        shell = Markup('<a class="pilcrow" href="{}" aria-label="Link to passage {}"></a>')
        return shell.format(urls.permalink(passage.id), passage.ordinal)


def section_ends(headings: Sequence[Block], last: int) -> list[int]:
    """Where the section of each heading ends: at the next of its level or above, or at `last`."""
    ends = [last] * len(headings)
    open_ones: list[int] = []  # numbers of headings, each below the one before it
    for number, heading in enumerate(headings):
        while open_ones and headings[open_ones[-1]].level >= heading.level:
            ends[open_ones.pop()] = heading.span.start
        open_ones.append(number)
    return ends


def shortened(contents: Sequence[OutlineEntry], start: int, end: int) -> tuple[OutlineEntry, ...]:
    """The contents of a long article: the part's own, and of the others as many levels as fit."""
    depth, room = 0, MOST_CONTENTS
    for level in range(1, DEEPEST + 1):
        room -= sum(entry.level == level for entry in contents)
        if room < 0:
            break
        depth = level
    return tuple(e for e in contents if e.level <= depth or start <= e.start < end)


JOINED = {"list_item", "table_row", "quote", "boilerplate"}
DEEPEST = 20  # level of list items that are still told apart


@dataclass(frozen=True, slots=True)
class OutlineItem:
    """A list item and the items below it."""

    block: Block
    children: tuple[OutlineItem, ...] = ()


def runs(blocks: Sequence[Block]) -> Iterator[tuple[Block, ...]]:
    """The blocks, those of one list, table, quotation or stretch of boilerplate together."""
    for (kind, _), some in groupby(blocks, key=lambda block: (block.kind, block.group)):
        if kind in JOINED:
            yield tuple(some)
        else:
            yield from ((block,) for block in some)


def tree_of(items: Sequence[Block]) -> tuple[OutlineItem, ...]:
    """List items nested by level."""
    nodes: list[OutlineItem] = []
    at = 0
    while at < len(items):
        end = at + 1
        while end < len(items) and depth_of(items[end]) > depth_of(items[at]):
            end += 1
        nodes.append(OutlineItem(items[at], tree_of(items[at + 1 : end])))
        at = end
    return tuple(nodes)


def depth_of(item: Block) -> int:
    """A list item's level, bounded so that no list nests without end."""
    return min(item.level, DEEPEST)
