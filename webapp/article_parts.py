"""A long article in parts, each as much as a page can hold; any other article is one part.

In: an article with its passages. Out: `Parts`: where each part begins, and which one holds a place
of the text or an anchor. A part ends before a block that begins a list, a table or a paragraph, not
below a heading; within a list or table that takes more than half of a part, and within a passage
only if that is longer than a part. Every block is in exactly one part. Refuses nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexer import Article, Block, Index, Passage, questions
from webapp.article_view import HEADING, JOINED, ArticleMarks, found_in
from webapp.library import last_few, read_article
from webapp.params import ListPart, existing_part

PART_BLOCKS = 2_000  # blocks of an article that one page shows
PART_CHARACTERS = 1_000_000  # characters of them, from the first to the last
KEPT = 4  # articles whose passages, and queries whose marks, stay read


@dataclass(frozen=True, slots=True)
class Parts:
    """An article, its passages, and where its parts begin."""

    article: Article
    passages: tuple[Passage, ...]  # in the order of the text
    cuts: tuple[int, ...]  # number of the first block of each part; the first is 0

    def __len__(self) -> int:
        return len(self.cuts)

    def part(self, number: int) -> ListPart:
        """The part of this number, from 1; its `start` and `end` count blocks.

        `ParameterError` for one beyond the last.
        """
        existing_part(len(self), 1, number, "part")
        total = len(self.article.blocks)
        ends = (*self.cuts[1:], total)
        return ListPart(number, len(self), self.cuts[number - 1], ends[number - 1], total)

    def range(self, number: int) -> tuple[int, int]:
        """Where a part begins and ends in the text; together the parts are all of it."""
        blocks, last = self.article.blocks, number == len(self)
        start = blocks[self.cuts[number - 1]].span.start if number > 1 else 0
        return start, len(self.article.text) if last else blocks[self.cuts[number]].span.start

    def holding(self, start: int) -> int:
        """The number of the part that holds this place of the text."""
        begins = [self.article.blocks[cut].span.start for cut in self.cuts[1:]]
        return bisect_right(begins, start) + 1

    def with_anchor(self, anchor: str) -> int | None:
        """The number of the part that has an anchor; None when no part has."""
        blocks = self.article.blocks
        number = anchor.removeprefix(HEADING)
        if number != anchor and number.isdecimal() and len(number) < 10:
            heads = [block.span.start for block in blocks if block.kind == "heading"]
            if 0 < int(number) <= len(heads):
                return self.holding(heads[int(number) - 1])
        for passage in self.passages:
            if passage.anchor == anchor:
                return self.holding(passage.span.start)
        return None

    def matching(self, found: ArticleMarks, by: int, number: int) -> int | None:
        """The nearest part after (`by` 1) or before (-1) this one in which a match begins.

        It goes round at the ends; None when no other part has any.
        """
        begins = [self.article.blocks[cut].span.start for cut in self.cuts[1:]]
        marked = {bisect_right(begins, mark.start) + 1 for mark in found.marks}
        others = (marked | ({1} if found.title else set())) - {number}
        return min(others, key=lambda n: (n - number) * by % len(self), default=None)


def cuts_of(blocks: Sequence[Block], passages: Sequence[Passage]) -> Iterator[int]:
    """The number of the first block of each part; passages are in the order of the text."""
    first = whole = best = 0  # of the part; the last place between passages; between runs too
    reach = following = 0  # where the passages before a block end; how many they are
    yield 0
    for at, block in enumerate(blocks):
        while following < len(passages) and passages[following].span.start < block.span.start:
            reach = max(reach, passages[following].span.end)
            following += 1
        if reach <= block.span.start:
            whole = at
            if at and begins_run(blocks[at - 1], block):
                best = at
        while at > first and is_beyond(blocks, first, at):
            late = best if 2 * (best - first) >= at - first else whole  # no tiny part for a list
            first = late if late > first else at
            yield first


def is_beyond(blocks: Sequence[Block], first: int, at: int) -> bool:
    """Whether a part from `first` on is full before the block `at`."""
    characters = blocks[at].span.end - blocks[first].span.start
    return at - first >= PART_BLOCKS or characters > PART_CHARACTERS


def begins_run(before: Block, block: Block) -> bool:
    """Whether a block may be the first of a part: neither below its heading nor in its list."""
    joined = before.kind in JOINED and (before.kind, before.group) == (block.kind, block.group)
    return before.kind not in ("heading", "title") and not joined


@last_few(KEPT)
def parts_of(index: Index, id: str) -> Parts:
    """An article with its parts by its id."""
    article = read_article(index, id)
    passages = tuple(sorted(index.passages(id), key=lambda passage: passage.span.start))
    return Parts(article, passages, tuple(cuts_of(article.blocks, passages)))


@last_few(KEPT)
def matches_in(
    index: Index, id: str, q: str, match: questions.Match, any: bool, other_names: bool
) -> ArticleMarks:
    """All of a query's matches in an article; a reader who goes from part to part asks again."""
    parts = parts_of(index, id)
    found = index.search(
        q,
        match=match,
        any=any,
        article=id,
        limit=len(parts.passages),
        other_names=other_names,
    )
    return found_in(parts.article, found)
