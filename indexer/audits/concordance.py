"""Concordance (keyword in context): every occurrence of a query with what stands left and right.

In: the evaluation of a query. Out: one line an occurrence, sorted and paged, with the total of all.
The context never leaves the passage. An occurrence in a heading or a title is counted apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, get_args

import numpy as np

from indexer.audits.rows import Occurrences, Rows
from indexer.errors import NotFound, UsageError
from indexer.model import Line
from indexer.search.matcher import Evaluation
from indexer.segments.segment import Segment
from indexer.sorted_arrays import Array

Unit = Literal["words", "characters", "sentence", "passage"]
UNITS: tuple[Unit, ...] = get_args(Unit)
Width = int | tuple[int, int]  # of the context: on either side, or left and right
WIDEST = 1000  # words or characters of context on either side


def occurrences(evaluation: Evaluation, place_of: Callable[[int, Array], Array]) -> Occurrences:
    """Every occurrence in the passages that satisfy the query.

    `place_of(part, passages)` gives numbers that sort as the corpus does.
    """
    none = np.zeros(0, np.int64)
    columns: list[tuple[Array, Array, Array, Array]] = [(none, none, none, none)]
    for number, scored in enumerate(evaluation.run()):
        if scored.ids.size:
            sizes = evaluation.numbers(number, scored.ids)
            some = sizes.nonzero()[0]
            ids = scored.ids[some]
            columns.append((np.full(ids.size, number), ids, sizes[some], place_of(number, ids)))
    homes, passages, sizes, places = map(np.concatenate, zip(*columns, strict=True))
    if not (places[1:] >= places[:-1]).all():  # an index made at once is in that order already
        order = np.lexsort((passages, places))
        homes, passages, sizes, places = (c[order] for c in (homes, passages, sizes, places))
    return Occurrences(evaluation, homes, passages, sizes, places)


def within(evaluation: Evaluation, found: Occurrences, articles: Sequence[str]) -> Occurrences:
    """Those of the occurrences that stand in these articles (ids). Raises `NotFound`."""
    kept = np.zeros(found.homes.size, bool)
    for number, part in enumerate(evaluation.snapshot.parts):
        mine = np.flatnonzero(found.homes == number)
        wanted = _numbers(evaluation, number, articles)
        kept[mine] = np.isin(part.segment.article_numbers[found.passages_of[mine]], wanted)
    return found.of_passages(kept)


def in_heads(evaluation: Evaluation, articles: Sequence[str] | None = None) -> int:
    """Occurrences in headings and titles that satisfy the query by themselves.

    Of all articles, or of these (ids). Raises `NotFound`.
    """
    total = 0
    for number, part in enumerate(evaluation.snapshot.parts):
        heads = heads_with(evaluation, number)
        if articles is not None:
            wanted = _numbers(evaluation, number, articles)
            heads = heads[np.isin(part.segment.column("head.article")[heads], wanted)]
        total += heads.size
    return total


def heads_with(evaluation: Evaluation, part: int) -> Array:
    """The heading or title of each occurrence in those that satisfy the query by themselves.

    Numbers of heads of one part, ascending, one an occurrence (int64).
    """
    heads = evaluation.satisfying_heads(part)
    if not heads.size:
        return heads
    starts = evaluation.united_in_heads(part, heads).starts
    return evaluation.snapshot.parts[part].segment.head_of(starts)


def _numbers(evaluation: Evaluation, part: int, articles: Sequence[str]) -> list[int]:
    """Numbers of those of the articles that are in a part."""
    homes = evaluation.snapshot.homes
    for name in articles:
        if name not in homes:
            raise NotFound(f"no article has the id {name!r}")
    return [number for home, number in map(homes.__getitem__, articles) if home == part]


def lines(
    evaluation: Evaluation, found: Occurrences | Rows, rows: Array, window: Width, unit: Unit
) -> tuple[Line, ...]:
    """The lines of the chosen rows, in their order."""
    if unit not in UNITS:
        raise UsageError(f"unit {unit!r}: use {', '.join(UNITS[:-1])} or {UNITS[-1]}")
    left, right = (window, window) if isinstance(window, int) else window
    if not (0 <= left <= WIDEST and 0 <= right <= WIDEST):
        raise UsageError(f"window {window}: use 0 to {WIDEST} {unit}")
    shown = found.take(rows)
    columns = (shown.parts, shown.passages, shown.starts, shown.ends)
    return tuple(
        _line(evaluation, one, (left, right), unit)
        for one in zip(*(column.tolist() for column in columns), strict=True)
    )


def _line(
    evaluation: Evaluation,
    one: tuple[int, int, int, int],
    window: tuple[int, int],
    unit: Unit,
) -> Line:
    """One line, of the part, the passage, the first token and the one past the last."""
    part, number, first, end = one
    segment = evaluation.snapshot.parts[part].segment
    last = end - 1
    passage = segment.passage(number)
    start, _ = _extent(segment, first)
    _, end = _extent(segment, last)
    text = passage.text
    if unit == "characters":
        left, right = max(start - window[0], 0), min(end + window[1], len(text))
    else:
        low, high = _context(segment, number, first, last, window, unit)
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
    segment: Segment, number: int, first: int, last: int, window: tuple[int, int], unit: Unit
) -> tuple[int | None, int | None]:
    """First and last token of the context; None for the edge of the passage."""
    begin, end = segment.unit_tokens[number : number + 2].tolist()
    if unit == "passage":
        return None, None
    if unit == "sentence":
        starts = segment.column("sentence_starts")
        # Wider numbers would have NumPy widen the whole column for each line.
        here, after = starts.searchsorted(np.array((first, last), starts.dtype), "right").tolist()
        low = int(starts[here - 1])
        high = int(starts[after]) - 1 if after < starts.size else end - 1
        low, high = max(low, begin), min(high, end - 1)
    else:
        low, high = max(first - window[0], begin), min(last + window[1], end - 1)
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
