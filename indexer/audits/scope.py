"""Scope: the text that an audit counts over, divided into places (articles or sections).

In: a snapshot, optionally the articles wanted, and how to divide them. Out: the places with their
number of words; for each passage, its place and how many words come before it; the matches of a
query within the scope; passages or sentences as runs of numbered words. Only live content counts,
and boilerplate only where a term asks for it; headings and titles are in no denominator. Refuses
an unknown division and unknown articles (`UsageError`, `NotFound`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from indexer.errors import UsageError
from indexer.model import ArticleRef, Page
from indexer.search.matcher import Matcher
from indexer.search.spans import TokenSpans
from indexer.segments.segment import Segment
from indexer.segments.snapshot import Part, Snapshot
from indexer.sorted_arrays import Array, distinct

By = Literal["article", "section"]
Row = TypeVar("Row")
Answer = TypeVar("Answer")
_LOW = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Place:
    """An article, or a section of one: passages directly below a heading, without subsections."""

    article: ArticleRef
    section: tuple[str, ...]  # headings from the top down; () for an article, or above the first
    words: int  # in the text of its passages
    passages: int
    passage: str = ""  # id of its first passage; "" where it has none


@dataclass(frozen=True)
class AuditScope:
    """The places that an audit counts over, and where each passage lies in them."""

    by: By
    places: tuple[Place, ...]  # in corpus order
    sizes: Array  # int64, words of each place
    owners: tuple[Array, ...]  # int64, for each part: place of each passage, -1 for none
    firsts: tuple[Array, ...]  # int64, for each part: words before each passage in corpus order
    inner: tuple[Array, ...]  # int64, for each part: words before each passage in its place
    openings: tuple[Array, ...]  # int64, for each part: first place of each article, -1 for none
    words: int
    passages: int
    articles: int
    sections: int  # sections with a heading, even if the places are articles

    def of_heads(self, part: int, segment: Segment, heads: Array) -> Array:
        """The place in which each of these headings and titles counts (int64, -1 for none).

        It is the place of the first content passage below the heading; if there is none, of the
        article's next content passage, else its last. Without content, the article's only place.
        """
        first, last = (segment.column(f"head.{name}")[heads] for name in ("first", "last"))
        below = np.where(first < last, first, segment.column("head.stand_in")[heads])
        places = self.openings[part][segment.column("head.article")[heads]]
        known = np.flatnonzero(below >= 0)
        places[known] = self.owners[part][below[known]]
        return places


@dataclass(frozen=True)
class _Passages:
    """The passages of a scope in corpus order, as columns."""

    parts: Array  # number of the part
    numbers: Array  # number of the passage in its part
    ranks: Array  # rank of its article among those chosen
    paths: Array  # number of its section path in its part, -1 for none
    words: Array  # number of words

    def keys(self) -> Array:
        """Grouping keys, equal for passages of the same section (int64)."""
        keys: Array = (self.ranks << 32) | (self.paths + 1)
        return keys


# Scopes by division and boilerplate. Making one takes most of an audit's time.
_KEPT: WeakKeyDictionary[Snapshot, dict[tuple[By, bool], AuditScope]] = WeakKeyDictionary()


def scope_of(
    snapshot: Snapshot, by: By, articles: Sequence[str] | None = None, *, boilerplate: bool = False
) -> AuditScope:
    """The scope of all articles, cached as long as the snapshot lives, or of the named articles."""
    if by not in ("article", "section"):
        raise UsageError(f"by {by!r}: use article or section")
    if articles is not None:
        return _make_scope(snapshot, by, articles, boilerplate)
    kept = _KEPT.setdefault(snapshot, {})
    if (by, boilerplate) not in kept:
        kept[by, boilerplate] = _make_scope(snapshot, by, None, boilerplate)
    return kept[by, boilerplate]


def _make_scope(
    snapshot: Snapshot, by: By, articles: Sequence[str] | None, boilerplate: bool
) -> AuditScope:
    homes = list(snapshot.articles_by_id.values())  # of articles, by id
    if articles is not None:
        homes = [snapshot.find_article(name) for name in sorted(set(articles))]
    zones = [p.segment.passages if boilerplate else p.segment.contents for p in snapshot.parts]
    # for each part: rank of each article among those chosen, -1 for the others
    ranks = [np.full(part.segment.articles, -1, np.int64) for part in snapshot.parts]
    for rank, (part, number) in enumerate(homes):
        ranks[part][number] = rank
    rows = _rows(snapshot, ranks, zones)
    if by == "article":
        owners, sections = rows.ranks, [(rank, -1) for rank in range(len(homes))]
    else:
        owners, sections = _sections(rows, len(homes))
    firsts = np.searchsorted([rank for rank, _ in sections], np.arange(len(homes)))
    sizes = np.bincount(owners, rows.words, len(sections)).astype(np.int64)
    before = np.cumsum(rows.words) - rows.words
    order = np.argsort(owners, kind="stable")
    inner = np.empty_like(before)
    inner[order] = np.cumsum(rows.words[order]) - rows.words[order]
    inner -= (np.cumsum(sizes) - sizes)[owners]
    return AuditScope(
        by=by,
        places=_places(snapshot, homes, sections, rows, owners, sizes),
        sizes=sizes,
        owners=_by_part(rows, owners, zones, -1),
        firsts=_by_part(rows, before, zones, 0),
        inner=_by_part(rows, inner, zones, 0),
        openings=tuple(np.where(column >= 0, firsts[column], -1) for column in ranks),
        words=int(sizes.sum()),
        passages=owners.size,
        articles=len(homes),
        sections=distinct(rows.keys()[rows.paths >= 0]).size,
    )


def _rows(snapshot: Snapshot, ranks: Sequence[Array], zones: Sequence[int]) -> _Passages:
    columns: list[list[Array]] = []
    for i, (holder, size) in enumerate(zip(snapshot.parts, zones)):
        segment = holder.segment
        owners = ranks[i][segment.article_numbers[:size]]
        numbers = np.flatnonzero(owners >= 0)
        starts = segment.column("passage.start")[numbers].astype(np.int64)
        paths, words = segment.path_numbers[numbers], segment.words[numbers]
        columns.append([np.full(numbers.size, i), numbers, owners[numbers], paths, words, starts])
    parts, numbers, owners, paths, words, starts = map(np.concatenate, zip(*columns))
    rows = (parts, numbers, owners, paths, words)
    places = (owners << 32) | starts
    if (places[1:] > places[:-1]).all():  # usual for an index that was made in one run
        return _Passages(*rows)
    order = np.argsort(places)
    return _Passages(*(column[order] for column in rows))


def _sections(rows: _Passages, articles: int) -> tuple[Array, list[tuple[int, int]]]:
    """Section number of each row, in corpus order; (article rank, path number) of each section.

    An article without content gets one section too: the one above its first heading (path -1).
    """
    keys, first, inverse = np.unique(rows.keys(), return_index=True, return_inverse=True)
    order = np.argsort(first)
    numbers = np.empty(order.size, np.int64)
    numbers[order] = np.arange(order.size)
    keys = keys[order]
    ranks, paths = keys >> 32, (keys & _LOW) - 1
    bare = np.setdiff1d(np.arange(articles), ranks)
    if bare.size:
        before = np.searchsorted(bare, ranks)  # number of earlier articles without content
        numbers += before[numbers]
        at = np.searchsorted(ranks, bare)
        ranks, paths = np.insert(ranks, at, bare), np.insert(paths, at, -1)
    return numbers[inverse], list(zip(ranks.tolist(), paths.tolist()))


def _places(
    snapshot: Snapshot,
    homes: Sequence[tuple[int, int]],
    sections: Sequence[tuple[int, int]],
    rows: _Passages,
    owners: Array,
    sizes: Array,
) -> tuple[Place, ...]:
    """Makes a `Place` of each section (article rank, path); `owners` is the place of each row."""
    passages = np.bincount(owners, minlength=len(sections))
    filled, first = np.unique(owners, return_index=True)
    first_rows = dict(zip(filled.tolist(), first.tolist()))
    places = []
    numbers = zip(sections, sizes.tolist(), passages.tolist())
    for place, ((rank, path), words, count) in enumerate(numbers):
        part, number = homes[rank]
        segment = snapshot.parts[part].segment
        headings = segment.path_headings(path) if path >= 0 else ()
        row = first_rows.get(place)
        passage = "" if row is None else passage_id(segment, int(rows.numbers[row]))
        places.append(Place(segment.article_ref(number), headings, words, count, passage))
    return tuple(places)


def passage_id(segment: Segment, number: int) -> str:
    """The id of the passage with this number in its segment: 16 hex digits."""
    return f"{int(segment.column('passage.id')[number]):016x}"


def _by_part(rows: _Passages, values: Array, zones: Sequence[int], rest: int) -> tuple[Array, ...]:
    """The values of all rows as one column per part; passages outside of the scope get `rest`."""
    columns = []
    for i, size in enumerate(zones):
        mine = rows.parts == i
        column = np.full(size, rest, np.int64)
        column[rows.numbers[mine]] = values[mine]
        columns.append(column)
    return tuple(columns)


@dataclass(frozen=True)
class Matches:
    """Matches of a query in one part."""

    part: int
    ids: Array  # passages that satisfy the query, ascending
    found: TokenSpans  # occurrences of the query in these passages


def check_least(least: int) -> None:
    """Raises `UsageError` for a minimum frequency below 1, which would list absent words too."""
    if least < 1:
        raise UsageError(f"least {least}: use 1 or more")


def paged(rows: Sequence[Row], offset: int, limit: int | None) -> tuple[Sequence[Row], Page]:
    """The rows of one page (`limit` None: all from `offset` on), and the page.

    Raises `UsageError` for negative numbers.
    """
    if offset < 0 or (limit or 0) < 0:
        raise UsageError("limit and offset must not be negative")
    most = len(rows) if limit is None else limit
    return rows[offset : offset + most], Page(offset, most, offset + most < len(rows))


@dataclass(frozen=True)
class Pages(Generic[Answer]):
    """A whole answer, of which only the rows of the pages that are shown are made."""

    size: int  # rows on all pages
    rows: Callable[[slice], Iterable[object]]  # makes these rows
    answer: Callable[..., Answer]  # makes a page of `rows`, `total` and `page`

    def page(self, offset: int, limit: int | None) -> Answer:
        """One page (`limit` None: all from `offset` on). `UsageError` for negative numbers."""
        _, page = paged(range(self.size), offset, limit)
        rows = tuple(self.rows(slice(offset, offset + page.limit)))
        return self.answer(rows=rows, total=self.size, page=page)


def matches_in_scope(matcher: Matcher, on: AuditScope) -> list[Matches]:
    """Matches of a query within the scope, one item per part."""
    matches = []
    for part, scored in enumerate(matcher.matches()):
        ids = scored.ids[on.owners[part][scored.ids] >= 0]
        matches.append(Matches(part, ids, matcher.united(part, ids)))
    return matches


UnitKind = Literal["passage", "sentence"]


@dataclass(frozen=True)
class TextUnits:
    """Passages or sentences in corpus order; each column has one row per unit (int64)."""

    kind: UnitKind
    parts: Array  # number of the part
    passages: Array  # number of the passage in its part
    tokens: Array  # index of the first token in the part
    starts: Array  # index of the first word in the array of `corpus_words`
    sizes: Array  # number of words

    def take(self, rows: Array) -> TextUnits:
        """The chosen rows, in their order."""
        columns = (self.parts, self.passages, self.tokens, self.starts, self.sizes)
        return TextUnits(self.kind, *(column[rows] for column in columns))

    def at(self, snapshot: Snapshot, row: int) -> ComparedText:
        """The unit in a row. A sentence includes punctuation attached to its end words."""
        segment = snapshot.parts[int(self.parts[row])].segment
        passage, token, size = (int(c[row]) for c in (self.passages, self.tokens, self.sizes))
        text = segment.unit_text(passage)
        first, last = segment.unit_tokens[passage : passage + 2].tolist()
        start = 0 if token == first else _edge(segment, text, token)
        end = len(text) if token + size == last else _edge(segment, text, token + size)
        inner = text[start:end]
        start, end = start + len(inner) - len(inner.lstrip()), start + len(inner.rstrip())
        return ComparedText(segment, passage, start, end, text[start:end])


@dataclass(frozen=True)
class ComparedText:
    """One passage or sentence."""

    segment: Segment
    number: int  # number of the passage in its part
    start: int  # in the passage's text (code points)
    end: int
    text: str

    @property
    def article(self) -> ArticleRef:
        """The article that contains it."""
        return self.segment.article_ref(int(self.segment.article_numbers[self.number]))


def corpus_words(snapshot: Snapshot) -> Array:
    """The words of all content, part after part, as numbers in the snapshot's word list (int32)."""
    pieces = []
    for number, part in enumerate(snapshot.parts):
        forms = part.segment.forms_between(0, part.segment.content_end)
        pieces.append(snapshot.wordlist.numbers(number).astype(np.int32)[forms])
    return np.concatenate(pieces)


def corpus_units(
    snapshot: Snapshot, kind: UnitKind, articles: Collection[tuple[int, int]] | None = None
) -> TextUnits:
    """The live passages or sentences of the given articles (part, number); None: of all."""
    rows: list[tuple[Array, ...]] = []
    base = 0
    for number, part in enumerate(snapshot.parts):
        segment = part.segment
        bounds = _bounds(segment, kind)
        tokens, sizes = bounds[:-1], np.diff(bounds)
        tokens, sizes = tokens[sizes > 0], sizes[sizes > 0]
        passages = segment.unit_of(tokens)
        kept = _wanted(part, number, passages, articles)
        tokens, sizes, passages = tokens[kept], sizes[kept], passages[kept]
        article = segment.column("passage.article")[passages]
        place = segment.column("passage.start")[passages].astype(np.int64)
        rank = snapshot.article_ranks[number][article]
        home = np.full(tokens.size, number, np.int64)
        rows.append((home, passages, tokens, tokens + base, sizes, rank, place))
        base += segment.content_end
    columns = [np.concatenate(c) for c in zip(*rows, strict=True)]
    order = np.lexsort((columns[2], columns[6], columns[5]))
    return TextUnits(kind, *(column[order] for column in columns[:5]))


def _bounds(segment: Segment, kind: UnitKind) -> Array:
    """First token of each unit of the content, then the end of the last one (int64)."""
    if kind == "passage":
        return segment.unit_tokens[: segment.contents + 1].astype(np.int64)
    starts = segment.column("sentence_starts").astype(np.int64)
    return np.append(starts[starts < segment.content_end], segment.content_end)


def _wanted(
    part: Part, number: int, passages: Array, articles: Collection[tuple[int, int]] | None
) -> Array:
    """Which of these passages are live and in the wanted articles (bool)."""
    alive = np.ones(passages.size, bool) if part.live is None else part.live[passages]
    if articles is None:
        return alive
    numbers = [article for home, article in articles if home == number]
    return alive & np.isin(part.segment.column("passage.article")[passages], numbers)


def _edge(segment: Segment, text: str, token: int) -> int:
    """Offset in `text` between the sentence that begins with this token and the one before it:
    after the last white space between them, so that punctuation stays with the adjacent word."""
    start = int(segment.starts_at(np.array([token]))[0])
    gap = text[int(segment.ends_at(np.array([token - 1]))[0]) : start]
    for back, character in enumerate(reversed(gap)):
        if character.isspace():
            return start - back
    return start
