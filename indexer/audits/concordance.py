"""Concordance (keyword in context): every occurrence of a query with its left and right context.

In: a matched query (`Matcher`). Out: one line per occurrence, sorted and paged, and their number.
The context never leaves the passage. Occurrences in headings and titles are counted separately.
A query may have millions of occurrences while a page shows twenty-five, so occurrences are counted
by passage and located only when they are shown or sorted.

Lines are sorted by up to three keys: folded words in or around the occurrence, in Unicode collation
order (a position outside of the passage sorts before all words), or its article or place. Refuses
unknown keys, more than three, duplicate keys and a context that is too wide (`UsageError`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np

from indexer.errors import UsageError
from indexer.model import Line
from indexer.search.matcher import Matcher
from indexer.segments.segment import Segment
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import Array, expanded


@dataclass(frozen=True)
class OccurrenceRows:
    """Occurrences as columns, one row each."""

    parts: Array  # number of the part
    passages: Array  # number of the passage in its part
    starts: Array  # first token
    ends: Array  # one past the last token
    places: Array  # of the passage: article rank << 32 | offset in the article (code points)

    def take(self, rows: Array) -> OccurrenceRows:
        """The chosen rows, in their order."""
        columns = (self.parts, self.passages, self.starts, self.ends, self.places)
        return OccurrenceRows(*(column[rows] for column in columns))


@dataclass(frozen=True)
class Occurrences:
    """All occurrences of a query in corpus order; row i is one occurrence.

    The columns have one row per passage with an occurrence. Positions within a passage are
    computed only for chosen rows: all occurrences are counted, few are shown.
    """

    matcher: Matcher
    homes: Array  # number of the part
    passages_of: Array  # number of the passage in its part
    sizes: Array  # number of occurrences in the passage
    places_of: Array  # article rank << 32 | offset in the article, ascending

    @cached_property
    def edges(self) -> Array:
        """Row of each passage's first occurrence, then the number of all rows (int64)."""
        return np.concatenate(([0], self.sizes.cumsum()))

    @property
    def size(self) -> int:
        """Number of occurrences."""
        return int(self.edges[-1])

    def every(self) -> OccurrenceRows:
        """All rows."""
        columns = (self.homes, self.passages_of, self.places_of)
        parts, passages, places = (column.repeat(self.sizes) for column in columns)
        starts, ends = self._found(np.arange(self.sizes.size))
        return OccurrenceRows(parts, passages, starts, ends, places)

    def take(self, rows: Array) -> OccurrenceRows:
        """The chosen rows, in their order."""
        at = self.edges.searchsorted(rows, "right") - 1  # row of its passage
        chosen, places = np.unique(at, return_inverse=True)
        firsts = np.concatenate(([0], self.sizes[chosen].cumsum()))[places]
        within = firsts + (rows - self.edges[at])
        starts, ends = (column[within] for column in self._found(chosen))
        return OccurrenceRows(
            self.homes[at], self.passages_of[at], starts, ends, self.places_of[at]
        )

    def of_passages(self, kept: Array) -> Occurrences:
        """The occurrences in the chosen passages (bool, one for each row of `homes`)."""
        columns = (self.homes, self.passages_of, self.sizes, self.places_of)
        return Occurrences(self.matcher, *(column[kept] for column in columns))

    def _found(self, chosen: Array) -> tuple[Array, Array]:
        """First token of each occurrence in the chosen passages, and one past its last."""
        homes, passages, sizes = self.homes[chosen], self.passages_of[chosen], self.sizes[chosen]
        parts = np.unique(homes).tolist()
        if len(parts) == 1 and (passages[1:] > passages[:-1]).all():
            found = self.matcher.united(parts[0], passages)
            return found.starts, found.ends
        edges = np.concatenate(([0], sizes.cumsum()))
        starts, ends = np.empty((2, int(edges[-1])), np.int64)
        for part in parts:
            mine = (homes == part).nonzero()[0]
            by_number = passages[mine].argsort()
            found = self.matcher.united(part, passages[mine][by_number])
            rows = expanded(edges[mine[by_number]], sizes[mine[by_number]])
            starts[rows], ends[rows] = found.starts, found.ends
        return starts, ends


SORT_KEYS = ("left1", "left2", "left3", "right1", "right2", "right3", "node", "article", "position")
MOST_KEYS = 3
LEAFED = 10_000  # lines sorted at first; sorting all of 2 million takes three times as long


def ordered_rows(
    snapshot: Snapshot, found: Occurrences, keys: Sequence[str], end: int | None = None
) -> Array:
    """Row numbers sorted by the keys, ties in corpus order; only the first `end` of them."""
    for key in keys:
        if key not in SORT_KEYS:
            raise UsageError(f"sort key {key!r}: use {', '.join(SORT_KEYS)}")
    if len(keys) > MOST_KEYS or len(set(keys)) < len(keys):
        raise UsageError(f"sort keys {', '.join(keys)}: use at most {MOST_KEYS}, each once")
    size = found.size if end is None else min(end, found.size)
    if not keys or not size:
        return np.arange(size)
    if keys[0] in ("article", "position"):  # in corpus order only rows up to `size` are needed
        bits = 32 if keys[0] == "article" else 0
        last = found.places_of[found.edges.searchsorted(size) - 1]
        found = found.of_passages(found.places_of >> bits <= last >> bits)
    chosen = found.every()
    first = _column(snapshot, chosen, keys[0])
    rows = np.arange(found.size)
    if size < found.size:  # rows above the `size` lowest need no further comparison
        rows = np.flatnonzero(first <= np.partition(first, size - 1)[size - 1])
        first, chosen = first[rows], chosen.take(rows)
    columns = [first, *(_column(snapshot, chosen, key) for key in keys[1:])]
    ordered: Array = rows[np.lexsort(columns[::-1])[:size]]
    return ordered


class Ordered:
    """The occurrences of a query in sorted order, for paging.

    The first `LEAFED` are sorted at once, all only when a page goes beyond these.
    """

    def __init__(self, found: Occurrences, keys: Sequence[str], headings: int) -> None:
        """`headings`: number of occurrences in headings. Raises `UsageError` for the keys."""
        self.found, self.keys, self.headings = found, keys, headings
        self._rows = self._sorted(LEAFED)

    def _sorted(self, end: int | None) -> Array:
        return ordered_rows(self.found.matcher.snapshot, self.found, self.keys, end)

    def rows(self, first: int, end: int) -> Array:
        """Row numbers of the occurrences from `first` to `end`."""
        if self._rows.size < min(end, self.found.size):
            self._rows = self._sorted(None)
        return self._rows[first:end]


def _column(snapshot: Snapshot, found: OccurrenceRows, key: str) -> Array:
    """The values of a sort key: one number per occurrence, from -1."""
    if key == "article":
        return found.places >> 32
    if key == "position":
        return found.places
    if key == "node":
        return _words(snapshot, found, found.starts)
    by = int(key[-1])
    if key.startswith("left"):
        return _words(snapshot, found, found.starts - by)
    return _words(snapshot, found, found.ends + (by - 1))


def _words(snapshot: Snapshot, found: OccurrenceRows, tokens: Array) -> Array:
    """Collation rank of the word at each token; -1 for tokens outside of the passage."""
    if len(snapshot.parts) == 1:
        return _words_of(snapshot, 0, found.passages, tokens)
    numbers = np.full(tokens.size, -1, np.int64)
    for part in range(len(snapshot.parts)):
        rows = np.flatnonzero(found.parts == part)
        numbers[rows] = _words_of(snapshot, part, found.passages[rows], tokens[rows])
    return numbers


def _words_of(snapshot: Snapshot, part: int, passages: Array, tokens: Array) -> Array:
    """`_words` in one part, given the passage of each token."""
    segment = snapshot.parts[part].segment
    inside = tokens >= segment.unit_tokens.take(passages)
    inside &= tokens < segment.unit_tokens[1:].take(passages)
    words: Array = snapshot.wordlist.collation[snapshot.wordlist.numbers(part)]
    if inside.all():
        return words[segment.forms_at(tokens)]
    numbers = np.full(tokens.size, -1, words.dtype)
    numbers[inside] = words[segment.forms_at(tokens[inside])]
    return numbers


ContextUnit = Literal["words", "characters", "sentence", "passage"]
UNITS: tuple[ContextUnit, ...] = get_args(ContextUnit)
Width = int | tuple[int, int]  # width of the context: the same on both sides, or left and right
WIDEST = 1000  # words or characters of context on either side


def occurrences(matcher: Matcher) -> Occurrences:
    """All occurrences in the passages that satisfy the query, in corpus order."""
    snapshot = matcher.snapshot
    none = np.zeros(0, np.int64)
    columns: list[tuple[Array, Array, Array, Array]] = [(none, none, none, none)]
    for number, scored in enumerate(matcher.matches()):
        if scored.ids.size:
            sizes = matcher.occurrence_counts(number, scored.ids)
            filled = sizes.nonzero()[0]
            ids = scored.ids[filled]
            places = snapshot.parts[number].segment.sort_keys(ids, snapshot.article_ranks[number])
            columns.append((np.full(ids.size, number), ids, sizes[filled], places))
    homes, passages, sizes, places = map(np.concatenate, zip(*columns, strict=True))
    if not (places[1:] >= places[:-1]).all():  # an index made in one run is in corpus order already
        order = np.lexsort((passages, places))
        homes, passages, sizes, places = (c[order] for c in (homes, passages, sizes, places))
    return Occurrences(matcher, homes, passages, sizes, places)


def within_articles(matcher: Matcher, found: Occurrences, articles: Sequence[str]) -> Occurrences:
    """The occurrences in these articles (ids). Raises `NotFound`."""
    kept = np.zeros(found.homes.size, bool)
    for number, part in enumerate(matcher.snapshot.parts):
        mine = np.flatnonzero(found.homes == number)
        wanted = _numbers(matcher, number, articles)
        kept[mine] = np.isin(part.segment.article_numbers[found.passages_of[mine]], wanted)
    return found.of_passages(kept)


def in_heads(matcher: Matcher, articles: Sequence[str] | None = None) -> int:
    """Number of occurrences in headings and titles that satisfy the query by themselves.

    `articles` (ids; None: all) are those that are counted. Raises `NotFound`.
    """
    total = 0
    for number, part in enumerate(matcher.snapshot.parts):
        heads = heads_with(matcher, number)
        if articles is not None:
            wanted = _numbers(matcher, number, articles)
            heads = heads[np.isin(part.segment.column("head.article")[heads], wanted)]
        total += heads.size
    return total


def heads_with(matcher: Matcher, part: int) -> Array:
    """For each occurrence in headings and titles that satisfy the query by themselves, its head.

    Numbers of heads in one part, ascending, one per occurrence (int64).
    """
    heads = matcher.satisfying_heads(part)
    if not heads.size:
        return heads
    starts = matcher.united_in_heads(part, heads).starts
    return matcher.snapshot.parts[part].segment.head_of(starts)


def _numbers(matcher: Matcher, part: int, articles: Sequence[str]) -> list[int]:
    """Numbers of the articles that are in this part."""
    homes = map(matcher.snapshot.find_article, articles)
    return [number for home, number in homes if home == part]


def lines(found: Occurrences, rows: Array, window: Width, unit: ContextUnit) -> tuple[Line, ...]:
    """The concordance lines of the chosen rows, in their order. Raises `UsageError`."""
    if unit not in UNITS:
        raise UsageError(f"unit {unit!r}: use {', '.join(UNITS[:-1])} or {UNITS[-1]}")
    left, right = (window, window) if isinstance(window, int) else window
    if not (0 <= left <= WIDEST and 0 <= right <= WIDEST):
        raise UsageError(f"window {window}: use 0 to {WIDEST} {unit}")
    shown = found.take(rows)
    columns = (shown.parts, shown.passages, shown.starts, shown.ends)
    segments = [part.segment for part in found.matcher.snapshot.parts]
    return tuple(
        _line(segments[part], number, tokens, (left, right), unit)
        for part, number, *tokens in zip(*(column.tolist() for column in columns), strict=True)
    )


def _line(
    segment: Segment, number: int, tokens: list[int], window: tuple[int, int], unit: ContextUnit
) -> Line:
    """One concordance line; `tokens` are the first one of the match and one past its last."""
    passage = segment.passage(number)
    text = passage.text
    begin, past = segment.unit_tokens[number : number + 2].tolist()
    low, high = _context(segment, tokens, window, unit)
    low, high = max(low, begin), min(high, past)
    start, left = segment.starts_at(np.array((tokens[0], low))).tolist()
    end, right = segment.ends_at(np.array((tokens[1], high)) - 1).tolist()
    if unit == "characters":
        left, right = max(start - window[0], 0), min(end + window[1], len(text))
    else:
        left = left if low > begin else 0
        right = _past_punctuation(text, right) if high < past else len(text)
    article = int(segment.column("passage.article")[number])
    return Line(
        left=text[left:start],
        match=text[start:end],
        right=text[end:right],
        article=segment.article_ref(article),
        section=passage.section,
        passage=passage.id,
        start=start,
        end=end,
    )


def _context(
    segment: Segment, tokens: list[int], window: tuple[int, int], unit: ContextUnit
) -> tuple[int, int]:
    """First token of the context and one past its last, not yet cut at the ends of the passage."""
    first, end = tokens
    if unit == "words":
        return first - window[0], end + window[1]
    if unit == "sentence":
        starts = segment.column("sentence_starts")
        # With another dtype NumPy would convert the whole column for each line.
        within = np.array((first, end - 1), starts.dtype)
        here, after = starts.searchsorted(within, "right").tolist()
        return int(starts[here - 1]), int(starts[after]) if after < starts.size else segment.tokens
    return 0, segment.tokens


def _past_punctuation(text: str, end: int) -> int:
    """`end` moved past the punctuation attached to the last word."""
    while end < len(text) and not text[end].isspace() and not text[end].isalnum():
        end += 1
    return end
