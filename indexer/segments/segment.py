"""One segment: the mapped arrays of some articles, and the look-ups on them.

In: a `Container`. Out: arrays, and strings and passages made of them. Raises `ContainerDamaged` for
a damaged block, when it is read.

Passages of a segment are numbered from 0: first the content in corpus order, then the boilerplate.
Heads (headings and titles) have their own numbers from 0. See `builder` for the arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from indexer.model import KINDS, ArticleRef, Passage, Span
from indexer.segments.container import Container
from indexer.segments.postings import Postings
from indexer.segments.runs import PASSAGE_COLUMNS
from indexer.segments.strings import Strings
from indexer.segments.vocabulary import Vocabulary
from indexer.sorted_arrays import Array, Intervals

KEPT = 1 << 16  # articles, and section paths, that a segment caches


class Segment(Postings):
    """Read-only view of one segment; safe to share between threads."""

    def __init__(self, source: Path | Container) -> None:
        """`source`: the path of a file of arrays, or its open container."""
        c = source if isinstance(source, Container) else Container(source)
        self.column = c.__getitem__  # a table's column by name, for instance `passage.article`
        self.vocabulary = Vocabulary(c)
        super().__init__(c, self.vocabulary.stem_first)
        self.contents, _, self.heads = c.facts["units"]
        content, boilerplate, _ = c.facts["tokens"]
        self.content_end = content  # token index at which the content zone ends
        self.heads_start = content + boilerplate  # token index at which the heads begin
        self.unit_tokens = c["unit_tokens"]
        self._unit_edges = Intervals(self.unit_tokens)
        self._start_edges, self._unit_starts = Intervals(c["starts.edges"]), c["starts.units"]
        self.texts = Strings(c, "text")  # of the units
        self.article_ids = Strings(c, "article.id")
        self.articles = len(self.article_ids)
        self.paths = Strings(c, "path")  # distinct section paths: headings top down, a line each
        self._details = Strings(c, "passage.told")
        # Results name the same few articles and paths again and again.
        self.article_ref = lru_cache(KEPT)(self._article_ref)
        self.path_headings = lru_cache(KEPT)(self._path_headings)

    def prepare(self) -> None:
        """Builds ahead the tables that a first query would wait for, some milliseconds each."""
        for edges in (self._unit_edges, self._block_edges, self._start_edges):
            edges.table()

    # --- tokens ---------------------------------------------------------------------------------

    def head_of(self, tokens: Array) -> Array:
        """Head number of each of these tokens, all in the heads zone (int64)."""
        heads: Array = self.unit_of(tokens) - self.passages
        return heads

    def unit_of(self, tokens: Array) -> Array:
        """Unit of each token of any zone (int64); in content and boilerplate, its passage."""
        return self._unit_edges.of(tokens)

    def block_of(self, tokens: Array) -> Array:
        """Number of the block of each token: equal for two tokens of one block (int64)."""
        return self._block_edges.of(tokens)

    @cached_property
    def _block_edges(self) -> Intervals:
        return Intervals(np.append(self.column("block_starts"), np.uint32(self.tokens)))

    @cached_property
    def block_ends(self) -> tuple[Array, Array]:
        """Index of the last token of each block (int64), and its form id (uint32)."""
        lasts = np.append(self.column("block_starts")[1:], np.uint32(self.tokens)).astype(np.int64)
        lasts -= 1
        return lasts, self.forms_at(lasts)

    def in_one_block(self, tokens: Array, size: int) -> Array:
        """Which of these tokens begin a run of `size` tokens that lies in one block (bool)."""
        ends = self._block_edges.edges[1:]
        found: Array = ends.take(self.block_of(tokens)) > tokens + (size - 1)
        return found

    def sentence_of(self, tokens: Array) -> Array:
        """Number of the sentence of each token: equal for two tokens of one sentence (int64)."""
        return self._sentence_edges.of(tokens)

    @cached_property
    def _sentence_edges(self) -> Intervals:
        return Intervals(np.append(self.column("sentence_starts"), np.uint32(self.tokens)))

    def starts_at(self, tokens: Array, units: Array | None = None) -> Array:
        """Where these tokens begin in the text of their unit (code points, int64). `units`: the
        units of the tokens, if known."""
        units = self.unit_of(tokens) if units is None else units
        found = self._start_edges.of(tokens) << 8
        found |= self.container.take("starts.low", tokens)
        found -= self._unit_starts[units].astype(np.int64)
        return found

    def ends_at(self, tokens: Array) -> Array:
        """Where these tokens end in the text of their unit (code points, int64)."""
        return self.starts_at(tokens) + self.lengths_at(tokens)

    def lengths_at(self, tokens: Array) -> Array:
        """Lengths of these tokens (code points, int64)."""
        forms = self.forms_at(tokens).tolist()
        sizes = {form: len(self.vocabulary.forms[form]) for form in set(forms)}
        return np.array([sizes[form] for form in forms], np.int64)

    # --- sizes ----------------------------------------------------------------------------------

    @cached_property
    def words(self) -> Array:
        """Number of tokens in each passage (int64)."""
        return np.diff(self.unit_tokens[: self.passages + 1].astype(np.int64))

    @cached_property
    def section_words(self) -> Array:
        """Number of tokens in the headings above each passage (int64)."""
        heading = self.container["passage.heading"]
        return np.where(heading >= 0, self.container["head.words"][heading].astype(np.int64), 0)

    @cached_property
    def title_words(self) -> Array:
        """Number of tokens in the title above each passage (int64)."""
        sizes = np.diff(self.unit_tokens[self.passages :].astype(np.int64))
        return sizes[self.container["article.head"][self.container["passage.article"]]]

    @cached_property
    def article_numbers(self) -> Array:
        """Article number of each passage (int64, which NumPy counts without a copy)."""
        return self.column("passage.article").astype(np.int64)

    @cached_property
    def path_numbers(self) -> Array:
        """Number of each passage's section path in `paths`, -1 for none (int64)."""
        heading = self.column("passage.heading")
        return np.where(heading >= 0, self.column("head.path")[heading].astype(np.int64), -1)

    def sort_keys(self, passages: Array, ranks: Array) -> Array:
        """Sort keys of these passages: by rank of the article, then by place in it (int64).
        `ranks`: the rank of each article (see `Snapshot.article_ranks`)."""
        starts = self.column("passage.start").take(passages)
        found: Array = ranks.take(self.article_numbers.take(passages)) << 32
        found |= starts.astype(np.int64)
        return found

    # --- texts and tables -----------------------------------------------------------------------

    def unit_text(self, unit: int) -> str:
        """Text of a unit: a passage by its number, a head by `passages` + its number."""
        return str(self.texts[unit])

    def _article_ref(self, number: int) -> ArticleRef:
        """Id, title, URL and language of an article, as results show them."""
        url, _, title = self._article_strings
        language = self.languages_of(number)[0]
        return ArticleRef(self.article_ids[number], title[number], url[number], language)

    def languages_of(self, number: int) -> list[str]:
        """The language of an article, then the other languages of its passages."""
        return str(self._article_strings[1][number]).split(" ")

    @cached_property
    def _article_strings(self) -> list[Strings]:
        return [Strings(self.container, f"article.{name}") for name in ("url", "language", "title")]

    def path(self, heading: int) -> tuple[str, ...]:
        """Section path of a heading, itself included, from the top down; empty for -1."""
        if heading < 0:
            return ()
        return self.path_headings(int(self.column("head.path")[heading]))

    def _path_headings(self, number: int) -> tuple[str, ...]:
        """Headings of the section path with this number, from the top down."""
        return tuple(self.paths[number].split("\n"))

    def heads_above(self, passage: int) -> tuple[int, ...]:
        """Head numbers of the headings above a passage, from the top down."""
        heads: list[int] = []
        head = int(self.column("passage.heading")[passage])
        while head >= 0:
            heads.append(head)
            head = int(self.column("head.parent")[head])
        return tuple(heads[::-1])

    def title_of(self, passage: int) -> int:
        """Head number of the title above a passage."""
        return int(self.column("article.head")[self.article_numbers[passage]])

    def passage(self, number: int) -> Passage:
        """The passage with this number."""
        return self.passages_at([number])[0]

    def passages_at(self, numbers: Sequence[int]) -> list[Passage]:
        """The passages with these numbers."""
        passages = []
        for number in numbers:
            row = [column[number] for column in self._passage_columns]
            identifier, heading, kind, ordinal, start, end, article = row
            anchor, details, element = self._details[number].split("\t", 2)
            details, _, language = details.partition(":")
            context, context_end, *breaks = map(int, details.split()) if details else (-1, -1)
            names = (f"{identifier:016x}", anchor, self.article_ref(article).id, self.path(heading))
            place = (KINDS[kind], ordinal, Span(start, end), self.texts[number])
            lead = Span(context, context_end) if context >= 0 else None
            passages.append(Passage(*names, *place, lead, element, tuple(breaks), language))
        return passages

    @cached_property
    def _passage_columns(self) -> list[memoryview]:
        """PASSAGE_COLUMNS and article numbers, as memory views, from which a few numbers are read
        ten times as fast as from arrays."""
        return [self.container[f"passage.{name}"].data for name in (*PASSAGE_COLUMNS, "article")]

    def passages_below(self, heads: Array) -> Array:
        """Number of content passages below each of these heads (int64)."""
        found = self.column("head.last")[heads].astype(np.int64)
        found -= self.column("head.first")[heads].astype(np.int64)
        return found

    def anchor(self, number: int) -> str:
        """The readable URL fragment of a passage."""
        return str(self._details[number]).partition("\t")[0]

    def find_passage(self, identifier: int) -> int:
        """Number of the passage with this id, or -1."""
        order = self.column("passage.by_id")
        ids = self.column("passage.id")
        at = int(np.searchsorted(ids, np.uint64(identifier), sorter=order))
        if at < order.size and int(ids[order[at]]) == identifier:
            return int(order[at])
        return -1

    def article_passages(self, article: int) -> Array:
        """Numbers of an article's passages, boilerplate included, in text order (int64)."""
        names = ("first", "last", "boilerplate_first", "boilerplate_last")
        first, last, begin, end = (int(self.column(f"article.{name}")[article]) for name in names)
        mine = np.concatenate((np.arange(first, last), self.contents + np.arange(begin, end)))
        return mine[np.argsort(self.column("passage.start")[mine], kind="stable")]
