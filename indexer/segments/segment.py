"""One segment: the arrays of some articles, mapped, with what is read from them.

Passages of a segment number from 0: first the content in corpus order, then the boilerplate.
Heads (headings and titles) number from 0 on their own. See `assembling` for the arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from indexer.model import KINDS, ArticleRef, Passage, Span
from indexer.segments.container import Container
from indexer.segments.postings import Postings
from indexer.segments.strings import Strings
from indexer.segments.tables import PASSAGE_COLUMNS
from indexer.segments.vocabulary import Vocabulary
from indexer.sorted_arrays import Array, Intervals, counted

KEPT = 1 << 16  # references and section paths that a segment remembers


class Segment:
    """Read-only view of one segment; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self.container = c = Container(path)
        self.contents, self.boilerplates, self.heads = c.facts["units"]
        self.passages = self.contents + self.boilerplates
        content, boilerplate, heads = c.facts["tokens"]
        self.content_end = content  # token index at which the content zone ends
        self.heads_start = content + boilerplate  # token index at which the heads begin
        self.tokens = content + boilerplate + heads
        self.vocabulary = Vocabulary(c)
        self.unit_tokens = c["unit_tokens"]
        self._passage_edges = Intervals(self.unit_tokens[: self.passages + 1])
        self.postings = Postings(c, self.vocabulary.stem_first)
        self.text_ends = c["text.ends"]
        self.article_ids = Strings(c, "article.id")
        self.articles = len(self.article_ids)
        self._columns: dict[str, Array] = {}
        self._refs: dict[int, ArticleRef] = {}
        self._paths: dict[int, tuple[str, ...]] = {}
        self._chains: dict[int, tuple[int, ...]] = {}

    # --- postings -------------------------------------------------------------------------------

    def positions(self, low: int, high: int) -> Array:
        """Token indices of the forms [low, high) in all zones, ascending (uint32)."""
        return self.postings.of(low, high)

    def positions_of_ranges(self, lows: Array, highs: Array) -> Array:
        """Token indices of the forms of all ranges [lows[i], highs[i]), ascending (uint32).

        The ranges (int64) are disjoint, ascend, and none is empty; there may be none.
        """
        if lows.size == 1:
            return self.postings.of(int(lows[0]), int(highs[0]))
        return self.postings.of_ranges(lows, highs)

    def head_positions(self, low: int, high: int) -> Array:
        """Those of `positions` that stand in headings and titles (uint32)."""
        found = self.positions(low, high)
        return found[found.searchsorted(np.uint32(self.heads_start)) :]

    def passage_frequencies(self, low: int, high: int) -> tuple[Array, Array]:
        """Passages that hold one of the forms [low, high), ascending (int64; the content first,
        then the boilerplate), and how many tokens of each do (of whichever integers)."""
        stored = self.postings.stored_frequencies(low, high, self.passages)
        if stored is not None:
            passages = stored.astype(bool).nonzero()[0]
            return passages, stored[passages]
        found = self.positions(low, high)
        return counted(self.passage_of(found[: found.searchsorted(np.uint32(self.heads_start))]))

    def frequency(self, lows: Array, highs: Array) -> int:
        """How many tokens of all zones are of the forms of the ranges [lows[i], highs[i])."""
        return self.postings.frequency(lows, highs)

    # --- tokens ---------------------------------------------------------------------------------

    def forms_at(self, tokens: Array) -> Array:
        """Form ids of the tokens at these indices (uint32)."""
        return self.postings.forms_at(tokens)

    def are_of(self, tokens: Array, low: int, high: int) -> Array:
        """Which of the tokens at these indices are of the forms [low, high) (bool)."""
        return self.postings.are_of(tokens, low, high)

    def forms_between(self, start: int, end: int) -> Array:
        """Form ids of the tokens [start, end) (uint32)."""
        return self.postings.forms_between(start, end)

    def passage_of(self, tokens: Array) -> Array:
        """Passage of each token of content or boilerplate (int64)."""
        return self._passage_edges.of(tokens)

    def head_of(self, tokens: Array) -> Array:
        """Head of each token of the heads zone (int64)."""
        return searched(self.unit_tokens[self.passages :], tokens) - 1

    def unit_of(self, tokens: Array) -> Array:
        """Unit of each token, of any zone (int64); `passage_of` is faster for many."""
        return searched(self.unit_tokens, tokens) - 1

    def block_of(self, tokens: Array) -> Array:
        """Number of the block of each token: equal for two tokens of one block (int64)."""
        return searched(self.column("block_starts"), tokens)

    def in_one_block(self, tokens: Array, size: int) -> Array:
        """Which of the runs of `size` tokens that begin with these lie within one block (bool)."""
        same: Array = self.block_of(tokens) == self.block_of(tokens + (size - 1))
        return same

    def sentence_of(self, tokens: Array) -> Array:
        """Number of the sentence of each token: equal for two tokens of one sentence (int64)."""
        return searched(self.column("sentence_starts"), tokens)

    def starts_at(self, tokens: Array) -> Array:
        """Where these tokens begin in the text of their unit (code points, int64)."""
        return self.container.take("starts", tokens).astype(np.int64)

    # --- sizes ----------------------------------------------------------------------------------

    @cached_property
    def words(self) -> Array:
        """Tokens of each passage (int64)."""
        return np.diff(self.unit_tokens[: self.passages + 1].astype(np.int64))

    @cached_property
    def head_words(self) -> Array:
        """Tokens of each head (int64)."""
        return np.diff(self.unit_tokens[self.passages :].astype(np.int64))

    @cached_property
    def section_words(self) -> Array:
        """Tokens of the headings above each passage (int64)."""
        section = self.container["passage.section"]
        words = self.container["section.words"].astype(np.int64)
        if not words.size:
            return np.zeros(self.passages, np.int64)
        return np.where(section >= 0, words[section], 0)

    @cached_property
    def title_words(self) -> Array:
        """Tokens of the title above each passage (int64)."""
        heads = self.container["article.head"]
        return self.head_words[heads[self.container["passage.article"]]]

    @cached_property
    def article_numbers(self) -> Array:
        """Article of each passage (int64, which NumPy counts without a copy)."""
        return self.column("passage.article").astype(np.int64)

    @cached_property
    def path_numbers(self) -> Array:
        """Section path of each passage, -1 for none (int64)."""
        sections = self.column("passage.section").astype(np.int64)
        paths = self.column("section.path").astype(np.int64)
        return np.where(sections >= 0, paths[sections], -1) if paths.size else sections

    # --- texts and tables -----------------------------------------------------------------------

    def unit_text(self, unit: int) -> str:
        """Text of a passage (its number) or a head (`passages` + its number)."""
        start, end = int(self.text_ends[unit]), int(self.text_ends[unit + 1])
        self.container.check("text.bytes", start, end)
        raw = self.container.unchecked("text.bytes")[start:end]
        return raw.tobytes().decode("utf-8", "surrogatepass")

    def article_ref(self, number: int) -> ArticleRef:
        """What results show of an article (kept: results name the same ones again and again)."""
        found = self._refs.get(number)
        if found is None:
            url, language, title = self._article_strings
            found = ArticleRef(
                self.article_ids[number], title[number], url[number], language[number]
            )
            if len(self._refs) < KEPT:
                self._refs[number] = found
        return found

    @cached_property
    def _article_strings(self) -> tuple[Strings, Strings, Strings]:
        c = self.container
        return (
            Strings(c, "article.url"),
            Strings(c, "article.language"),
            Strings(c, "article.title"),
        )

    @cached_property
    def _anchors(self) -> Strings:
        return Strings(self.container, "passage.anchor")

    def column(self, name: str) -> Array:
        """A column of the tables, for instance `passage.article`."""
        found = self._columns.get(name)
        if found is None:
            found = self._columns[name] = self.container[name]
        return found

    def path(self, section: int) -> tuple[str, ...]:
        """Headings of a section from the top down; none for -1."""
        if section < 0:
            return ()
        return self.path_headings(self._path_of_section[section])

    @cached_property
    def _path_of_section(self) -> memoryview:
        return self.column("section.path").data

    def path_headings(self, number: int) -> tuple[str, ...]:
        """Headings of a section path, from the top down."""
        found = self._paths.get(number)
        if found is None:
            found = tuple(self.paths[number].split("\n"))
            if len(self._paths) < KEPT:
                self._paths[number] = found
        return found

    def chain(self, passage: int) -> tuple[int, ...]:
        """Heads of the headings above a passage, from the top down."""
        section = int(self.column("passage.section")[passage])
        found = self._chains.get(section)
        if found is None:
            chain: list[int] = []
            at = section
            while at >= 0:
                chain.append(int(self.column("section.head")[at]))
                at = int(self.column("section.parent")[at])
            found = tuple(chain[::-1])
            if len(self._chains) < KEPT:
                self._chains[section] = found
        return found

    def article_of(self, passage: int) -> ArticleRef:
        """What results show of the article of a passage."""
        return self.article_ref(int(self.article_numbers[passage]))

    def title_of(self, passage: int) -> int:
        """Head of the title above a passage."""
        return int(self.column("article.head")[self.article_numbers[passage]])

    @cached_property
    def paths(self) -> Strings:
        """Section paths, each once: headings from the top down, a line each."""
        return Strings(self.container, "path")

    def passage(self, number: int) -> Passage:
        """The passage as it was split."""
        return self.passages_at([number])[0]

    def passages_at(self, numbers: Sequence[int]) -> list[Passage]:
        """Passages as they were split."""
        columns, firsts, breaks = self._passage_columns
        made = []
        for number in numbers:
            row = [column[number] for column in columns]
            identifier, article, section, kind, ordinal, start, end, context, context_end = row
            anchor, _, element = self._anchors[number].partition("\t")
            first, last = firsts[number], firsts[number + 1]
            made.append(
                Passage(
                    f"{identifier:016x}",
                    anchor,
                    self.article_ref(article).id,
                    self.path(section),
                    KINDS[kind],
                    ordinal,
                    Span(start, end),
                    self.unit_text(number),
                    Span(context, context_end) if context >= 0 else None,
                    element,
                    tuple(breaks[first:last]) if last > first else (),
                )
            )
        return made

    @cached_property
    def _passage_columns(self) -> tuple[list[memoryview], memoryview, memoryview]:
        """PASSAGE_COLUMNS; where the breaks of each passage begin; all breaks.

        As memory views: from those, a few numbers are read ten times as fast as from arrays.
        """
        c = self.container
        columns = [c[f"passage.{name}"].data for name in PASSAGE_COLUMNS]
        return columns, c["passage.breaks_first"].data, c["passage.breaks"].data

    def anchor(self, number: int) -> str:
        """The readable fragment of a passage."""
        return str(self._anchors[number]).partition("\t")[0]

    def find_passage(self, identifier: int) -> int:
        """Number of the passage with this id, or -1."""
        order = self.column("passage.by_id")
        ids = self.column("passage.id")
        at = int(np.searchsorted(ids, np.uint64(identifier), sorter=order))
        if at < order.size and int(ids[order[at]]) == identifier:
            return int(order[at])
        return -1

    def passage_count(self, article: int) -> int:
        """How many passages an article has, boilerplate included."""
        edges = ("first", "last", "boilerplate_first", "boilerplate_last")
        first, last, low, high = (int(self.column(f"article.{name}")[article]) for name in edges)
        return last - first + high - low

    def article_passages(self, article: int) -> list[int]:
        """Numbers of an article's passages, in text order."""
        column = self.column
        numbers = [
            *range(int(column("article.first")[article]), int(column("article.last")[article])),
            *range(
                self.contents + int(column("article.boilerplate_first")[article]),
                self.contents + int(column("article.boilerplate_last")[article]),
            ),
        ]
        return sorted(numbers, key=lambda n: int(column("passage.start")[n]))


def searched(places: Array, tokens: Array) -> Array:
    """How many of these places (uint32, ascending) stand at or before each token (int64).

    NumPy would turn all the places into 64 bits to look up one token of 64 bits.
    """
    found: Array = places.searchsorted(tokens.astype(places.dtype), "right")
    return found
