"""Hits: passages and the evaluation that found them in; what is shown of each, with marks, out.

Work is done for all the hits of a page at once, as far as it is on arrays: ten calls for ten hits
cost ten times one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from indexer.model import Hit, Mark
from indexer.search.highlight import merge_marks
from indexer.search.matcher import Evaluation
from indexer.search.spans import Found
from indexer.search.term import REASONS
from indexer.segments.segment import Segment
from indexer.sorted_arrays import EMPTY, Array, changes, joined

FEW = 64  # passages of which all words are looked at
Shown = tuple[int, int, float]  # part, passage, score


@dataclass
class PassageMarks:
    """Marks of one passage before they are merged."""

    text: list[Mark] = field(default_factory=list)
    heads: dict[int, list[Mark]] = field(default_factory=dict)


def marks_of(evaluation: Evaluation, part: int, passages: Array) -> dict[int, PassageMarks]:
    """Marks of these passages (ascending) in their texts, headings and titles."""
    segment = evaluation.snapshot.parts[part].segment
    out = {number: PassageMarks() for number in passages.tolist()}
    leaves = evaluation.active_leaves(part, passages)
    words = evaluation.words(part, passages, leaves) if passages.size <= FEW else None
    if words:
        spans = words[0], words[0] + 1, words[1]
    else:
        spans = _spans([found for _, found in evaluation.occurrences(part, passages, leaves)])
    for unit, marks in _marks(segment, *spans):
        out[unit].text = marks
    for leaf, active in evaluation.leaves_in_heads(part, passages, leaves):
        _mark_heads(evaluation, (part, segment), out, leaf, passages[active])
    return out


def _mark_heads(
    evaluation: Evaluation,
    home: tuple[int, Segment],
    out: Mapping[int, PassageMarks],
    leaf: object,
    passages: Array,
) -> None:
    """Add the marks of a leaf in the headings and titles above these passages."""
    part, segment = home
    fields = evaluation.fields(leaf)
    below: dict[int, list[int]] = {}  # head → its passages
    titles = segment.column("article.head")[segment.article_numbers[passages]].tolist()
    for number, title in zip(passages.tolist(), titles, strict=True):
        if "title" in fields:
            below.setdefault(title, []).append(number)
        if "section" in fields:
            for head in segment.chain(number):
                below.setdefault(head, []).append(number)
    found = evaluation.in_heads(leaf, part, np.array(sorted(below), np.int64))
    for unit, marks in _marks(segment, *_spans([found])):
        head = unit - segment.passages
        for number in below[head]:
            out[number].heads.setdefault(head, []).extend(marks)


def _spans(found: Sequence[Found]) -> tuple[Array, Array, Array]:
    """First tokens, ends and reason codes of all their marks, as merging wants them: in order, of
    those that are alike the first."""
    some = [f.marks for f in found if f.starts.size]
    if not some:
        return EMPTY, EMPTY, EMPTY
    columns = ([marks.starts, marks.ends, marks.codes] for marks in some)
    first, end, code = map(joined, zip(*columns))
    if len(some) > 1 or (first[1:] < end[:-1]).any():
        order = np.lexsort((-end, first))
        order = order.compress(changes(first[order], end[order]))
        first, end, code = first[order], end[order], code[order]
    return first, end, code


def _marks(
    segment: Segment, first: Array, end: Array, code: Array
) -> Iterator[tuple[int, list[Mark]]]:
    """Units, and the marks in each, in order, in code points of the unit's text."""
    if not first.size:
        return
    last = end - 1
    forms = segment.forms_at(last).tolist()
    sizes = {form: len(segment.vocabulary.forms[form]) for form in set(forms)}
    units = segment.unit_of(first)
    starts = segment.starts_at(first, units).tolist()
    of_last = starts  # where the last token of each begins
    if not np.array_equal(first, last):
        of_last = segment.starts_at(last, units).tolist()
    ends = [start + sizes[form] for start, form in zip(of_last, forms)]
    marks = list(map(Mark, starts, ends, [REASONS[c] for c in code.tolist()]))
    firsts = changes(units).nonzero()[0].tolist()
    for low, high, unit in zip(firsts, [*firsts[1:], len(marks)], units[firsts].tolist()):
        yield unit, marks[low:high]


def hits_of(
    segments: Sequence[Segment],
    wanted: Iterable[Shown],
    marks: Mapping[tuple[int, int], PassageMarks],
) -> list[Hit]:
    """Hits in the order wanted; `marks` has those of each by part and passage."""
    rows = list(wanted)
    hits: dict[tuple[int, int], Hit] = {}
    for part in {part for part, _, _ in rows}:
        segment = segments[part]
        mine = [(number, score) for p, number, score in rows if p == part]
        passages = segment.passages_at([number for number, _ in mine])
        for (number, score), passage in zip(mine, passages, strict=True):
            of_passage = marks[part, number]
            heads = of_passage.heads
            article = segment.article_of(number)
            title_marks: tuple[Mark, ...] = ()
            section_marks: tuple[tuple[Mark, ...], ...] = ((),) * len(passage.section)
            if heads:
                title = segment.title_of(number)
                title_marks = merge_marks(heads.get(title, ()), len(article.title))
                section_marks = tuple(
                    merge_marks(heads.get(head, ()), len(heading))
                    for head, heading in zip(segment.chain(number), passage.section, strict=True)
                )
            hits[part, number] = Hit(
                passage,
                score,
                merge_marks(of_passage.text, len(passage.text)),
                article,
                title_marks,
                section_marks,
            )
    return [hits[part, number] for part, number, _ in rows]
