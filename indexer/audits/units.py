"""Passages and sentences of a snapshot as runs of numbered words.

In: a snapshot, and perhaps the articles wanted. Out: the words of its content as one array of
numbers, equal for equal folded words in whichever segment and language, and where in it each
passage or each sentence stands. Headings, titles, boilerplate and what is no longer live stay out.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from indexer.segments.segment import Segment
from indexer.segments.snapshot import Part, Snapshot
from indexer.sorted_arrays import Array

Unit = Literal["passage", "sentence"]


@dataclass(frozen=True)
class Units:
    """Passages or sentences in corpus order; each column has a row a unit (int64)."""

    kind: Unit
    parts: Array  # number of the part
    passages: Array  # number of the passage in its part
    tokens: Array  # first token, in its part
    starts: Array  # first word, in the array of `corpus_words`
    sizes: Array  # words

    def take(self, rows: Array) -> Units:
        """The chosen rows, in their order."""
        columns = (self.parts, self.passages, self.tokens, self.starts, self.sizes)
        return Units(self.kind, *(column[rows] for column in columns))


def corpus_words(snapshot: Snapshot) -> Array:
    """The folded words of all content, one part after another, as numbers from 0 (int32)."""
    numbers: dict[bytes, int] = {}
    pieces = []
    for part in snapshot.parts:
        segment = part.segment
        packed, edges = segment.vocabulary.folds.packed()
        raw, ends = packed.tobytes(), edges.tolist()
        of_fold = np.zeros(max(len(ends) - 1, 1), np.int32)
        of_fold[segment.column("fold_order")] = [
            numbers.setdefault(raw[start:end], len(numbers)) for start, end in pairwise(ends)
        ]
        of_form = of_fold[segment.column("form_folds")]
        pieces.append(of_form[segment.forms_between(0, segment.content_end)])
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int32)


def corpus_units(
    snapshot: Snapshot, kind: Unit, articles: Collection[tuple[int, int]] | None = None
) -> Units:
    """The live passages or sentences of these articles (part, number), or of all."""
    rows: list[tuple[Array, ...]] = []
    base = 0
    for number, part in enumerate(snapshot.parts):
        segment = part.segment
        bounds = _bounds(segment, kind)
        tokens, sizes = bounds[:-1], np.diff(bounds)
        tokens, sizes = tokens[sizes > 0], sizes[sizes > 0]
        passages = segment.passage_of(tokens)
        kept = _wanted(part, number, passages, articles)
        tokens, sizes, passages = tokens[kept], sizes[kept], passages[kept]
        article = segment.column("passage.article")[passages]
        place = segment.column("passage.start")[passages].astype(np.int64)
        rank = snapshot.article_ranks[number][article]
        home = np.full(tokens.size, number, np.int64)
        rows.append((home, passages, tokens, tokens + base, sizes, rank, place))
        base += segment.content_end
    columns = [np.concatenate(c) for c in zip(*rows, strict=True)] or [np.zeros(0, np.int64)] * 7
    order = np.lexsort((columns[2], columns[6], columns[5]))
    return Units(kind, *(column[order] for column in columns[:5]))


def _bounds(segment: Segment, kind: Unit) -> Array:
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


def unit_span(segment: Segment, passage: int, token: int, size: int) -> tuple[int, int]:
    """Where a unit stands in its passage's text (code points).

    A sentence takes the punctuation that clings to its first and its last word.
    """
    text = segment.unit_text(passage)
    first, last = segment.unit_tokens[passage : passage + 2].tolist()
    start = 0 if token == first else _edge(segment, text, token)
    end = len(text) if token + size == last else _edge(segment, text, token + size)
    inner = text[start:end]
    return start + len(inner) - len(inner.lstrip()), start + len(inner.rstrip())


def _edge(segment: Segment, text: str, token: int) -> int:
    """Where one sentence ends and the next, which begins with this token, begins: after the last
    white space between the two, so that each keeps the punctuation that clings to its words."""
    before, start = segment.starts_at(np.array([token - 1, token])).tolist()
    form = int(segment.forms_at(np.array([token - 1]))[0])
    gap = text[before + len(segment.vocabulary.forms[form]) : start]
    for back, character in enumerate(reversed(gap)):
        if character.isspace():
            return int(start - back)
    return int(start)
