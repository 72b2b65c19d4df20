"""Concordance (keyword in context): every occurrence of a query with what stands left and right.

In: the evaluation of a query. Out: one line an occurrence, sorted and paged, with the total of all.
The context never leaves the passage. An occurrence in a heading or a title is counted apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from indexer.arrays import Array, Segment
from indexer.errors import UsageError
from indexer.matching import Evaluation
from indexer.matching.spans import united
from indexer.model import Line

Unit = Literal["words", "sentence", "passage"]
SORT_KEYS = ("left1", "left2", "left3", "right1", "right2", "right3", "node", "article", "position")
WIDEST = 1000  # words of context on either side


@dataclass(frozen=True)
class Occurrences:
    """All occurrences of a query, as columns; row i is one occurrence."""

    parts: Array  # number of the part
    passages: Array  # number of the passage in its part
    starts: Array  # first token
    ends: Array  # one past the last token
    places: Array  # ascending with article id and place in the article

    def take(self, rows: Array) -> Occurrences:
        """The chosen rows, in their order."""
        return Occurrences(*(getattr(self, name)[rows] for name in _COLUMNS))


_COLUMNS = ("parts", "passages", "starts", "ends", "places")


def occurrences(evaluation: Evaluation, place_of: Callable[[Array, Array], Array]) -> Occurrences:
    """Every occurrence in the passages that satisfy the query, in corpus order.

    `place_of(parts, passages)` gives numbers that sort as the corpus does.
    """
    columns: list[tuple[Array, Array, Array, Array]] = []
    for number, scored in enumerate(evaluation.run()):
        if not scored.ids.size:
            continue
        segment = evaluation.snapshot.parts[number].segment
        found = united([f for _, f in evaluation.occurrences(number, scored.ids)])
        passages = segment.passage_of(found.starts)
        part = np.full(found.starts.size, number)
        columns.append((part, passages, found.starts, found.ends))
    if not columns:
        none = np.zeros(0, np.int64)
        return Occurrences(none, none, none, none, none)
    parts, passages, starts, ends = (np.concatenate(c) for c in zip(*columns, strict=True))
    places = place_of(parts, passages)
    order = np.lexsort((ends, starts, places))
    return Occurrences(parts, passages, starts, ends, places).take(order)


def in_heads(evaluation: Evaluation) -> int:
    """Occurrences in headings and titles that satisfy the query by themselves."""
    total = 0
    for number in range(len(evaluation.snapshot.parts)):
        heads = evaluation.satisfying_heads(number)
        found = [evaluation.in_heads(leaf, number, heads) for leaf in evaluation.text_leaves()]
        total += united(found).starts.size
    return total


def ordered_rows(evaluation: Evaluation, found: Occurrences, keys: Sequence[str]) -> Array:
    """Row numbers in the order of the sort keys, ties in corpus order."""
    columns: list[Array] = []
    for key in keys:
        if key not in SORT_KEYS:
            raise UsageError(f"sort key {key!r}: use {', '.join(SORT_KEYS)}")
        if key in ("article", "position"):
            columns.append(found.places >> 32 if key == "article" else found.places)
        elif key == "node":
            columns.append(_words(evaluation, found, found.starts))
        elif key.startswith("left"):
            columns.append(_words(evaluation, found, found.starts - int(key[-1])))
        else:
            columns.append(_words(evaluation, found, found.ends - 1 + int(key[-1])))
    return np.lexsort((*columns[::-1],)) if columns else np.arange(found.starts.size)


def _words(evaluation: Evaluation, found: Occurrences, tokens: Array) -> Array:
    """Alphabetical rank of the folded word at each token; -1 outside of the passage."""
    ranks = np.full(tokens.size, -1, np.int64)
    strings: list[str] = []
    chunks: list[tuple[Array, Array]] = []  # rows, index into `strings`
    for number, part in enumerate(evaluation.snapshot.parts):
        segment = part.segment
        rows = np.flatnonzero(found.parts == number)
        passages = found.passages[rows]
        inside = (tokens[rows] >= segment.unit_tokens[passages]) & (
            tokens[rows] < segment.unit_tokens[passages + 1]
        )
        rows = rows[inside]
        folds = segment.column("form_folds")[segment.forms_at(tokens[rows])]
        distinct, inverse = np.unique(folds, return_inverse=True)
        chunks.append((rows, inverse + len(strings)))
        strings += [segment.vocabulary.fold_text(int(n)) for n in distinct]
    order = {word: i for i, word in enumerate(sorted(set(strings)))}
    rank = np.array([order[s] for s in strings], np.int64)
    for rows, indices in chunks:
        ranks[rows] = rank[indices] if rows.size else 0
    return ranks


def lines(
    evaluation: Evaluation, found: Occurrences, rows: Array, window: int, unit: Unit
) -> tuple[Line, ...]:
    """The lines of the chosen rows, in their order."""
    if unit not in ("words", "sentence", "passage"):
        raise UsageError(f"unit {unit!r}: use words, sentence or passage")
    if not 0 <= window <= WIDEST:
        raise UsageError(f"window {window}: use 0 to {WIDEST} words")
    return tuple(_line(evaluation, found, row, window, unit) for row in rows.tolist())


def _line(evaluation: Evaluation, found: Occurrences, row: int, window: int, unit: Unit) -> Line:
    segment = evaluation.snapshot.parts[int(found.parts[row])].segment
    number = int(found.passages[row])
    first, last = int(found.starts[row]), int(found.ends[row]) - 1
    passage = segment.passage(number)
    low, high = _context(segment, number, first, last, window, unit)
    start, _ = _extent(segment, first)
    _, end = _extent(segment, last)
    text = passage.text
    left = 0 if low is None else _extent(segment, low)[0]
    right = len(text) if high is None else _past_punctuation(text, _extent(segment, high)[1])
    article = int(segment.column("passage.article")[number])
    return Line(
        left=text[left:start],
        match=text[start:end],
        right=text[end : max(right, end)],
        article=segment.article_ref(article),
        section=passage.section,
        passage=passage.id,
        start=start,
        end=end,
    )


def _context(
    segment: Segment, number: int, first: int, last: int, window: int, unit: Unit
) -> tuple[int | None, int | None]:
    """First and last token of the context; None for the edge of the passage."""
    begin, end = segment.unit_tokens[number : number + 2].tolist()
    if unit == "passage":
        return None, None
    if unit == "sentence":
        starts = segment.column("sentence_starts")
        low = int(starts[np.searchsorted(starts, first, "right") - 1])
        after = int(np.searchsorted(starts, last, "right"))
        high = int(starts[after]) - 1 if after < starts.size else end - 1
        low, high = max(low, begin), min(high, end - 1)
    else:
        low, high = max(first - window, begin), min(last + window, end - 1)
    return (None if low == begin else low), (None if high == end - 1 else high)


def _extent(segment: Segment, token: int) -> tuple[int, int]:
    """Where a token stands in the text of its unit (code points)."""
    index = np.array([token])
    start = int(segment.starts_at(index)[0])
    return start, start + len(segment.vocabulary.forms[int(segment.forms_at(index)[0])])


def _past_punctuation(text: str, end: int) -> int:
    """`end` moved past the punctuation that clings to the last word."""
    while end < len(text) and not text[end].isspace() and not text[end].isalnum():
        end += 1
    return end
