"""Scope: what an audit counts over: articles and their sections, passages, sentences and words.

In: a snapshot, perhaps the articles wanted, and how to divide them. Out: the places counted over
with their words, of each passage its place and where its first word stands among all words; what a
query finds there; and passages or sentences as runs of numbered words. Only live content counts,
and boilerplate where a term asks for it; headings and titles are in no denominator. Refuses an
unknown division and articles that there are not (`UsageError`, `NotFound`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from indexer.errors import UsageError
from indexer.model import ArticleRef, Page
from indexer.search.matcher import Evaluation
from indexer.search.spans import Found
from indexer.segments.segment import Segment
from indexer.segments.snapshot import Part, Snapshot
from indexer.sorted_arrays import Array, distinct

By = Literal["article", "section"]
Row = TypeVar("Row")
_LOW = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Place:
    """An article, or a section of one: the passages right below a heading, not those deeper."""

    article: ArticleRef
    section: tuple[str, ...]  # headings from the top down; () for an article, or above the first
    words: int  # in the text of its passages
    passages: int
    passage: str = ""  # id of its first passage; "" where it has none


@dataclass(frozen=True)
class AuditScope:
    """What an audit counts over."""

    by: By
    places: tuple[Place, ...]  # in corpus order
    sizes: Array  # int64, words of each place
    owners: tuple[Array, ...]  # int64, for each part: the place of each passage, -1 for none
    firsts: tuple[Array, ...]  # int64, for each part: words before each passage in corpus order
    inner: tuple[Array, ...]  # the same within the passage's place
    openings: tuple[Array, ...]  # int64, for each part: the first place of each article, or -1
    words: int
    passages: int
    articles: int
    sections: int  # with a heading, whatever the places are

    def of_heads(self, part: int, segment: Segment, heads: Array) -> Array:
        """The places that these headings and titles count in (int64, -1 for none).

        That of the first content passage below it; where there is none, of the article's next, else
        its last; where the article has none at all, the article's only place.
        """
        first, last = (segment.column(f"head.{name}")[heads] for name in ("first", "last"))
        below = np.where(first < last, first, segment.column("head.stand_in")[heads])
        places = self.openings[part][segment.column("head.article")[heads]]
        some = np.flatnonzero(below >= 0)
        places[some] = self.owners[part][below[some]]
        return places


@dataclass(frozen=True)
class _Passages:
    """The passages that are counted over, in corpus order, as columns."""

    parts: Array
    numbers: Array  # of the passage in its part
    ranks: Array  # of its article among those chosen
    paths: Array  # number of its section path in its part, -1 for none
    words: Array

    def keys(self) -> Array:
        """A number for the section of each (int64)."""
        keys: Array = (self.ranks << 32) | (self.paths + 1)
        return keys


# To make one takes most of an audit's time.
_KEPT: WeakKeyDictionary[Snapshot, dict[tuple[By, bool], AuditScope]] = WeakKeyDictionary()


def scope_of(
    snapshot: Snapshot, by: By, articles: Sequence[str] | None = None, *, boilerplate: bool = False
) -> AuditScope:
    """The scope of all articles, which is kept as long as the snapshot, or of those named."""
    if by not in ("article", "section"):
        raise UsageError(f"by {by!r}: use article or section")
    if articles is not None:
        return _made(snapshot, by, articles, boilerplate)
    kept = _KEPT.setdefault(snapshot, {})
    if (by, boilerplate) not in kept:
        kept[by, boilerplate] = _made(snapshot, by, None, boilerplate)
    return kept[by, boilerplate]


def _made(
    snapshot: Snapshot, by: By, articles: Sequence[str] | None, boilerplate: bool
) -> AuditScope:
    homes = list(snapshot.homes.values())  # part and number of each article, by id
    if articles is not None:
        homes = [snapshot.home(name) for name in sorted(set(articles))]
    zones = [p.segment.passages if boilerplate else p.segment.contents for p in snapshot.parts]
    # for each part the rank of each article among those chosen, -1 for the others
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
        openings=tuple(np.where(of >= 0, firsts[of], -1) for of in ranks),
        words=int(sizes.sum()),
        passages=owners.size,
        articles=len(homes),
        sections=distinct(rows.keys()[rows.paths >= 0]).size,
    )


def _rows(snapshot: Snapshot, ranks: Sequence[Array], zones: Sequence[int]) -> _Passages:
    columns: list[list[Array]] = []
    for i, (holder, size) in enumerate(zip(snapshot.parts, zones)):
        segment = holder.segment
        of = ranks[i][segment.article_numbers[:size]]
        numbers = np.flatnonzero(of >= 0)
        starts = segment.column("passage.start")[numbers].astype(np.int64)
        paths, words = segment.path_numbers[numbers], segment.words[numbers]
        columns.append([np.full(numbers.size, i), numbers, of[numbers], paths, words, starts])
    parts, numbers, of, paths, words, starts = map(np.concatenate, zip(*columns))
    rows = (parts, numbers, of, paths, words)
    places = (of << 32) | starts
    if (places[1:] > places[:-1]).all():  # as in an index that was made at once
        return _Passages(*rows)
    order = np.argsort(places)
    return _Passages(*(column[order] for column in rows))


def _sections(rows: _Passages, articles: int) -> tuple[Array, list[tuple[int, int]]]:
    """The section of each row, numbered in corpus order; article and path of each section.

    An article without content has a place too: that above its first heading.
    """
    keys, first, inverse = np.unique(rows.keys(), return_index=True, return_inverse=True)
    order = np.argsort(first)
    numbers = np.empty(order.size, np.int64)
    numbers[order] = np.arange(order.size)
    keys = keys[order]
    ranks, paths = keys >> 32, (keys & _LOW) - 1
    bare = np.setdiff1d(np.arange(articles), ranks)
    if bare.size:
        before = np.searchsorted(bare, ranks)  # places of articles without content that come first
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
    """The places of these sizes, of each its article's rank and its path; `owners`: of each row."""
    passages = np.bincount(owners, minlength=len(sections))
    of, first = np.unique(owners, return_index=True)
    first_rows = dict(zip(of.tolist(), first.tolist()))
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
    """The id of a passage of a part."""
    return f"{int(segment.column('passage.id')[number]):016x}"


def _by_part(rows: _Passages, values: Array, zones: Sequence[int], other: int) -> tuple[Array, ...]:
    """A value for each passage of each part; `other` for those that are not counted over."""
    made = []
    for i, size in enumerate(zones):
        mine = rows.parts == i
        column = np.full(size, other, np.int64)
        column[rows.numbers[mine]] = values[mine]
        made.append(column)
    return tuple(made)


@dataclass(frozen=True)
class Matches:
    """What a query finds in one part."""

    part: int
    ids: Array  # passages that satisfy it, ascending
    found: Found  # its occurrences in these


def check_least(least: int) -> None:
    """Refuses (`UsageError`) a least frequency by which all that never occurs would be listed."""
    if least < 1:
        raise UsageError(f"least {least}: use 1 or more")


def paged(rows: Sequence[Row], offset: int, limit: int | None) -> tuple[Sequence[Row], Page]:
    """The results that are asked for (`limit` None: all), and which these are.

    Raises `UsageError` for negative numbers.
    """
    if offset < 0 or (limit or 0) < 0:
        raise UsageError("limit and offset must not be negative")
    most = len(rows) if limit is None else limit
    return rows[offset : offset + most], Page(offset, most, offset + most < len(rows))


def matches_in_scope(evaluation: Evaluation, on: AuditScope) -> list[Matches]:
    """What a query finds in the scope."""
    held = []
    for part, scored in enumerate(evaluation.run()):
        ids = scored.ids[on.owners[part][scored.ids] >= 0]
        held.append(Matches(part, ids, evaluation.united(part, ids)))
    return held


UnitKind = Literal["passage", "sentence"]


@dataclass(frozen=True)
class TextUnits:
    """Passages or sentences in corpus order; each column has a row a unit (int64)."""

    kind: UnitKind
    parts: Array  # number of the part
    passages: Array  # number of the passage in its part
    tokens: Array  # first token, in its part
    starts: Array  # first word, in the array of `corpus_words`
    sizes: Array  # words

    def take(self, rows: Array) -> TextUnits:
        """The chosen rows, in their order."""
        columns = (self.parts, self.passages, self.tokens, self.starts, self.sizes)
        return TextUnits(self.kind, *(column[rows] for column in columns))

    def at(self, snapshot: Snapshot, row: int) -> ComparedText:
        """The unit of a row. A sentence takes the punctuation that clings to its first and its
        last word."""
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
    number: int  # of the passage in its part
    start: int  # in the passage's text (code points)
    end: int
    text: str

    @property
    def article(self) -> ArticleRef:
        """The article that it stands in."""
        return self.segment.article_ref(int(self.segment.article_numbers[self.number]))


def corpus_words(snapshot: Snapshot) -> Array:
    """The words of all content, one part after another, by their numbers in the snapshot's list
    (int32)."""
    pieces = []
    for number, part in enumerate(snapshot.parts):
        forms = part.segment.forms_between(0, part.segment.content_end)
        pieces.append(snapshot.wordlist.numbers(number).astype(np.int32)[forms])
    return np.concatenate(pieces)


def corpus_units(
    snapshot: Snapshot, kind: UnitKind, articles: Collection[tuple[int, int]] | None = None
) -> TextUnits:
    """The live passages or sentences of these articles (part, number), or of all."""
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
    """First tokens of the units of the content, and the end of the last one (int64)."""
    if kind == "passage":
        return segment.unit_tokens[: segment.contents + 1].astype(np.int64)
    starts = segment.column("sentence_starts").astype(np.int64)
    return np.append(starts[starts < segment.content_end], segment.content_end)


def _wanted(
    part: Part, number: int, passages: Array, articles: Collection[tuple[int, int]] | None
) -> Array:
    """Which of these passages are live and of the articles wanted (bool)."""
    alive = np.ones(passages.size, bool) if part.live is None else part.live[passages]
    if articles is None:
        return alive
    numbers = [article for home, article in articles if home == number]
    return alive & np.isin(part.segment.column("passage.article")[passages], numbers)


def _edge(segment: Segment, text: str, token: int) -> int:
    """Where one sentence ends and the next, which begins with this token, begins: after the last
    white space between the two, so that each keeps the punctuation that clings to its words."""
    start = int(segment.starts_at(np.array([token]))[0])
    gap = text[int(segment.ends_at(np.array([token - 1]))[0]) : start]
    for back, character in enumerate(reversed(gap)):
        if character.isspace():
            return start - back
    return start
