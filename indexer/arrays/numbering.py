"""The vocabulary, sorted and numbered: entries of all runs in; arrays and final form ids out.

Forms are sorted by (language, stem, fold, form), so that the forms of one stem, and those of one
fold, are one range of ids in each language.

    form_folds[F] uint32       fold number of each form
    fold_first[G + 1] uint32   first form of each fold
    fold_stems[G] uint32       stem number of each fold
    stem_first[S + 1] uint32   first fold of each stem
    language_first[L + 1]      first stem of each language
    fold_order[G] uint32       fold numbers in the order of their strings, which `fold` packs
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from indexer.arrays.container import Array
from indexer.arrays.strings import pack_strings

Entries = Mapping[str, Sequence[str]]  # by language: `stem NUL fold NUL form`


def number_vocabulary(runs: Sequence[Entries]) -> tuple[dict[str, Array], list[dict[str, Array]]]:
    """Arrays of the vocabulary; and for each run, by language, its form numbers → form ids.

    A run gives the entries of its forms in order of their numbers.
    """
    languages = sorted({language for run in runs for language in run})
    final: list[dict[str, Array]] = [{} for _ in runs]
    rows: list[tuple[str, str, str, int]] = []  # stem, fold, form, language
    for number, language in enumerate(languages):
        merged = sorted({entry for run in runs for entry in run.get(language, ())})
        ids = {entry: i for i, entry in enumerate(merged, start=len(rows))}
        for run, numbers in zip(runs, final):
            if language in run:
                numbers[language] = np.array([ids[e] for e in run[language]], np.uint32)
        rows += [(*entry.split("\0"), number) for entry in merged]  # type: ignore[misc]
    form_folds, heads = _groups([(fold, stem, language) for stem, fold, _, language in rows])
    folds = [rows[i] for i in heads]
    fold_stems, heads = _groups([(stem, language) for stem, _, _, language in folds])
    stems = [folds[i] for i in heads]
    stem_languages = np.array([language for *_, language in stems], np.int64)
    order = sorted(range(len(folds)), key=[fold for _, fold, _, _ in folds].__getitem__)
    arrays: dict[str, Array] = {
        "form_folds": form_folds.astype(np.uint32),
        "fold_first": _firsts(form_folds, len(folds)),
        "fold_stems": fold_stems.astype(np.uint32),
        "stem_first": _firsts(fold_stems, len(stems)),
        "language_first": _firsts(stem_languages, len(languages)),
        "fold_order": np.array(order, np.uint32),
    }
    arrays |= pack_strings("form", [form for _, _, form, _ in rows])
    arrays |= pack_strings("stem", [stem for stem, *_ in stems])
    arrays |= pack_strings("fold", [folds[i][1] for i in order])
    return arrays, final


def _groups(keys: Sequence[tuple[object, ...]]) -> tuple[Array, list[int]]:
    """Number of the run of equal neighbours that each key is in, and where each run begins."""
    begins = np.array([True, *(a != b for a, b in pairwise(keys))][: len(keys)], bool)
    return np.cumsum(begins) - 1, np.flatnonzero(begins).tolist()


def _firsts(numbers: Array, count: int) -> Array:
    """Where each number of 0 to `count` begins in an ascending list (uint32, count + 1)."""
    return np.searchsorted(numbers, np.arange(count + 1)).astype(np.uint32)
