"""The arrays agree with each other: vocabulary, inverted positions, look-ups by id.

In: one segment. Out: failures in the ledger. What the arrays say of a text is `mirroring`'s; here
each form is analysed anew, and each array that is derived from another is derived once more.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from indexer.segments.segment import Segment
from indexer.sorted_arrays import Array
from indexer.text import tokenizer as analysis
from indexer.verifying.ledger import Ledger

_CHUNK = 1 << 20  # tokens looked at in one step


def check_segment(segment: Segment, ledger: Ledger) -> None:
    """Check the tables of one segment, whose blocks all have the right checksums."""
    place = f"arrays {segment.container.path.name}"
    _check_vocabulary(segment, place, ledger)
    _check_positions(segment, place, ledger)
    _check_frequencies(segment, place, ledger)
    _check_passage_numbers(segment, place, ledger)
    ids, order = segment.container["passage.id"], segment.container["passage.by_id"]
    if not np.array_equal(np.sort(order), np.arange(ids.size)):
        ledger.fail(place, "the order of passage ids leaves some out")
    elif np.any(ids[order][1:] < ids[order][:-1]):
        ledger.fail(place, "passage ids are not in order")


def _check_vocabulary(segment: Segment, place: str, ledger: Ledger) -> None:
    """Each form is once in the vocabulary, under its own fold and stem, in order."""
    c, vocabulary = segment.container, segment.vocabulary
    forms: list[str] = vocabulary.forms[:]
    rows: list[tuple[str, str, str, str]] = []
    stems = vocabulary.stems[:]
    starts = c["language_first"].tolist()
    spoken = [la for la, (a, b) in zip(vocabulary.languages, pairwise(starts)) for _ in range(a, b)]
    stem_of = c["fold_stems"].tolist()
    for form, number in zip(forms, c["form_folds"].tolist()):
        root = stem_of[number]
        rows.append((spoken[root], stems[root], vocabulary.fold_text(number), form))
    for language, stem, fold, form in rows:
        folded = analysis.fold(form)
        if (stem, fold) != (analysis.stem(folded, language), folded):
            ledger.fail(place, f"the form {form!r} stands under {fold!r} of {stem!r} ({language})")
    for before, after in pairwise(rows):
        if before >= after:
            ledger.fail(place, f"the vocabulary is not in order at {after}")
    for name, numbers in (("fold_first", c["form_folds"]), ("stem_first", c["fold_stems"])):
        firsts = np.searchsorted(numbers, np.arange(c[name].size))
        if not np.array_equal(firsts, c[name]):
            ledger.fail(place, f"{name} is not where each begins")
    folds = vocabulary.folds[:]
    if any(a > b for a, b in pairwise(folds)):
        ledger.fail(place, "the folds are not in order")
    ledger.count("forms", len(forms))


def _check_positions(segment: Segment, place: str, ledger: Ledger) -> None:
    """The tokens of all forms are as many as they should be, have these forms, and ascend."""
    first = segment.postings.form_first.astype(np.int64)
    count = first.size - 1
    if int(first[-1]) != segment.tokens:
        ledger.fail(place, f"{first[-1]} positions of {segment.tokens} tokens")
        return
    low = 0
    while low < count:
        high = max(int(np.searchsorted(first, first[low] + _CHUNK, "right")) - 1, low + 1)
        if not _are_right(segment, segment.positions(low, high), low, high):
            ledger.fail(place, f"the positions of {_spelt(segment, low, high)} are wrong")
        low = high
    ledger.count("positions", segment.tokens)


def _check_frequencies(segment: Segment, place: str, ledger: Ledger) -> None:
    """How often passages hold the commonest stems is what their positions say."""
    stems = segment.postings.frequent
    for low, high in stems:
        tokens = segment.positions(low, high)
        tokens = tokens[: tokens.searchsorted(np.uint32(segment.heads_start))]
        expected = np.bincount(segment.unit_of(tokens), minlength=segment.passages)
        stored = segment.postings.stored_frequencies(low, high, segment.passages)
        if stored is None or not np.array_equal(stored, expected):
            ledger.fail(place, f"the passages of {_spelt(segment, low, high)} are wrong")
    ledger.count("lists of passages", len(stems))


def _are_right(segment: Segment, tokens: Array, low: int, high: int) -> bool:
    """Whether these are the tokens of the forms [low, high), ascending."""
    if tokens.size and int(tokens.max()) >= segment.tokens:
        return False
    forms = segment.forms_at(tokens).astype(np.int64)
    if tokens.size and not low <= int(forms.min()) <= int(forms.max()) < high:
        return False
    counts = np.bincount(forms - low, minlength=high - low)
    sizes = np.diff(segment.postings.form_first[low : high + 1].astype(np.int64))
    return bool((tokens[1:] > tokens[:-1]).all()) and np.array_equal(counts, sizes)


def _spelt(segment: Segment, low: int, high: int) -> str:
    """The forms [low, high) as a failure names them."""
    names = sorted({low, high - 1})
    return " to ".join(repr(segment.vocabulary.forms[n]) for n in names)


def _check_passage_numbers(segment: Segment, place: str, ledger: Ledger) -> None:
    """`passage_of` gives each token the passage that holds it."""
    bounds = segment.unit_tokens[: segment.passages + 1].astype(np.int64)
    if (
        np.any(np.diff(segment.unit_tokens.astype(np.int64)) < 0)
        or bounds[-1] != segment.heads_start
    ):
        ledger.fail(place, "passages do not follow each other")
        return
    for low in range(0, segment.heads_start, _CHUNK):
        tokens = np.arange(low, min(low + _CHUNK, segment.heads_start))
        expected = np.searchsorted(bounds, tokens, "right") - 1
        if not np.array_equal(segment.passage_of(tokens), expected):
            ledger.fail(place, f"tokens from {low} on are counted to the wrong passages")
