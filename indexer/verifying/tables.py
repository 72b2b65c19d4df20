"""The arrays agree with each other: vocabulary, inverted positions, look-ups by id.

In: one segment. Out: failures in the ledger. What the arrays say of a text is `mirroring`'s; here
each form is analysed anew, and each array that is derived from another is derived once more.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from indexer import analysis
from indexer.arrays import Segment
from indexer.verifying.ledger import Ledger

_CHUNK = 1 << 20  # tokens looked at in one step


def check_segment(segment: Segment, ledger: Ledger) -> None:
    """Check the tables of one segment, whose blocks all have the right checksums."""
    place = f"arrays {segment.container.path.name}"
    _check_vocabulary(segment, place, ledger)
    _check_positions(segment, place, ledger)
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
    """`positions` has each token once, under its form, ascending."""
    forms, positions, first = (segment.container[n] for n in ("forms", "positions", "form_first"))
    if positions.size != forms.size or int(first[-1]) != forms.size:
        ledger.fail(place, f"{positions.size} positions of {forms.size} tokens")
        return
    for low in range(0, forms.size, _CHUNK):
        part = positions[low : low + _CHUNK + 1].astype(np.int64)
        inside = np.arange(low, low + part.size, dtype=first.dtype)
        owner = np.searchsorted(first, inside, "right") - 1
        right = (part < forms.size) & (forms[np.minimum(part, forms.size - 1)] == owner)
        ascending = (np.diff(part) > 0) | (np.diff(owner) > 0)
        if not (right.all() and ascending.all()):
            at = int(np.flatnonzero(~right)[0]) if not right.all() else int(np.argmin(ascending))
            name = segment.vocabulary.forms[int(owner[at])]
            ledger.fail(place, f"the positions of {name!r} are wrong")
    ledger.count("positions", int(forms.size))


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
