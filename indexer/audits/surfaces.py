"""Surface forms: in what spellings the occurrences of a query stand in the text.

In: occurrences in one segment and the passages that they stand in. Out: how often each form occurs;
the counts add up to the occurrences. A form is the text as written, with white space made one
space; of words that need not be neighbours (NEAR, "…"~n) those alone that matched, with … between.

Of runs that read the same one is read: where a text is ASCII, the forms of its words and the bytes
between them tell that without reading it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np

from indexer.search.spans import Found
from indexer.segments.segment import Segment
from indexer.sorted_arrays import Array, changes

GAP = " … "  # between matched words that have others between them


def surface_forms(segment: Segment, found: Found, passages: Array) -> Counter[str]:
    """How often each form occurs among these occurrences, the passage of each given (int64)."""
    sizes = found.ends - found.starts
    forms = _of_single(segment, found.starts[sizes == 1])
    rest = np.flatnonzero(sizes > 1)
    if not rest.size:
        return forms
    marks = found.marks
    numbers, owners = marks.of(rest)
    firsts, ends = marks.starts[numbers], marks.ends[numbers]
    whole = _are_whole(owners, firsts, ends, sizes[rest])
    runs = rest[whole]
    forms += _of_runs(segment, passages[runs], found.starts[runs], found.ends[runs])
    loose = ~whole[owners]
    owners, firsts, ends = owners[loose], firsts[loose], ends[loose]
    pieces = _pieces(segment, passages[rest[owners]], firsts, ends)
    rows = zip(owners.tolist(), firsts.tolist(), ends.tolist(), pieces)
    forms.update(_form(list(row)) for _, row in groupby(rows, key=lambda row: row[0]))
    return forms


def _are_whole(owners: Array, firsts: Array, ends: Array, sizes: Array) -> Array:
    """Which occurrences have every token within a mark, and none within two (bool)."""
    marked = np.bincount(owners, ends - firsts, sizes.size)
    twice = (owners[1:] == owners[:-1]) & (firsts[1:] < ends[:-1])
    whole: Array = (marked == sizes) & (np.bincount(owners[1:][twice], minlength=sizes.size) == 0)
    return whole


def _of_single(segment: Segment, tokens: Array) -> Counter[str]:
    """Forms of occurrences that are one token each."""
    ids, counts = np.unique(segment.forms_at(tokens), return_counts=True)
    texts = segment.vocabulary.forms
    forms: Counter[str] = Counter()
    for number, count in zip(ids.tolist(), counts.tolist()):
        forms[texts[number]] += count  # one form may stand in texts of several languages
    return forms


def _of_runs(segment: Segment, passages: Array, firsts: Array, ends: Array) -> Counter[str]:
    """Forms of occurrences that are several tokens in a row."""
    forms: Counter[str] = Counter()
    sizes = ends - firsts
    for size in np.unique(sizes).tolist():
        rows = np.flatnonzero(sizes == size)
        columns, told = _columns(segment, passages[rows], firsts[rows], size)
        order = np.lexsort(columns)
        new = changes(*(column[order] for column in columns)) | ~told[order]
        edges = np.flatnonzero(new)
        chosen = rows[order[edges]]
        counts = np.diff(edges, append=order.size).tolist()
        for text, count in zip(
            _pieces(segment, passages[chosen], firsts[chosen], ends[chosen]), counts
        ):
            forms[text] += count
    return forms


def _columns(
    segment: Segment, passages: Array, firsts: Array, size: int
) -> tuple[list[Array], Array]:
    """What tells how each run reads: forms of its words and bytes between them; whether it does."""
    bounds = segment.text_ends.astype(np.int64)
    texts = segment.column("passage.end")[passages].astype(np.int64)
    texts -= segment.column("passage.start")[passages]
    told = bounds[passages + 1] - bounds[passages] == texts  # as many bytes as characters
    lengths = np.diff(segment.vocabulary.forms.packed()[1])
    columns: list[Array] = []
    end = np.zeros(firsts.size, np.int64)  # of the word before
    for place in range(size):
        tokens = firsts + place
        starts, forms = segment.starts_at(tokens), segment.forms_at(tokens)
        if place:
            told &= starts == end + 1
            at = np.where(told, bounds[passages] + end, 0)
            segment.container.check_at("text.bytes", at)
            columns.append(segment.container.unchecked("text.bytes")[at])
        columns.append(forms)
        end = starts + lengths[forms]
    # What can't be told stands after all that can, so that no two such runs are mixed up.
    return [*columns, ~told], told


def _pieces(segment: Segment, passages: Array, firsts: Array, ends: Array) -> Iterator[str]:
    """The text of each run of tokens, as written; passages that repeat are read once in a row."""
    starts = segment.starts_at(firsts).tolist()
    lasts = segment.starts_at(ends - 1).tolist()
    ids = segment.forms_at(ends - 1).tolist()
    sizes = {number: len(segment.vocabulary.forms[number]) for number in set(ids)}
    text, here = "", -1
    for passage, start, last, number in zip(passages.tolist(), starts, lasts, ids):
        if passage != here:
            text, here = segment.unit_text(passage), passage
        yield " ".join(text[start : last + sizes[number]].split())


def _form(marks: Sequence[tuple[int, int, int, str]]) -> str:
    """The marks of one occurrence, (…, first token, token after the last, text), as one form."""
    form, reached = "", -1
    for _, first, end, text in sorted(marks, key=lambda mark: (mark[1], -mark[2])):
        if end > reached:  # else it lies within the mark before it
            joint = " " if first <= reached else GAP
            form += (joint if form else "") + text
            reached = end
    return form
