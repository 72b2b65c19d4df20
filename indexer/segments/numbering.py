"""The vocabulary, sorted and numbered: entries of all runs in; arrays and final form ids out.

Forms are sorted by (language, stem, fold, form), so that the forms of one stem, and those of one
fold, are one range of ids in each language.

    form_folds[F] uint32       fold number of each form
    fold_first[G + 1] uint32   first form of each fold
    fold_stems[G] uint32       stem number of each fold
    stem_first[S + 1] uint32   first form of each stem
    language_first[L + 1]      first stem of each language
    fold_order[G] uint32       fold numbers in the order of their strings, which `fold` packs
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import ne

import numpy as np

from indexer.segments.strings import pack_strings
from indexer.sorted_arrays import Array

Entries = Mapping[str, Sequence[str]]  # by language: `stem NUL fold NUL form`


def number_vocabulary(runs: Sequence[Entries]) -> tuple[dict[str, Array], list[dict[str, Array]]]:
    """Arrays of the vocabulary; and for each run, by language, its form numbers → form ids.

    A run gives the entries of its forms in order of their numbers.
    """
    languages = sorted({language for run in runs for language in run})
    final: list[dict[str, Array]] = [{} for _ in runs]
    entries: list[str] = []
    spoken = [0]  # first form of each language
    for language in languages:
        merged = sorted({entry for run in runs for entry in run.get(language, ())})
        ids = dict(zip(merged, range(len(entries), len(entries) + len(merged))))
        for run, numbers in zip(runs, final):
            if language in run:
                mine = run[language]
                numbers[language] = np.fromiter(map(ids.__getitem__, mine), np.uint32, len(mine))
        entries += merged
        spoken.append(len(entries))
    parts = "\0".join(entries).split("\0") if entries else []
    stems, folds, forms = parts[::3], parts[1::3], parts[2::3]
    starts_stem = _changes(stems, spoken)
    starts_fold = starts_stem | _changes(folds, spoken)
    of_stems, of_folds = np.flatnonzero(starts_stem), np.flatnonzero(starts_fold)
    fold_stems = np.cumsum(starts_stem[of_folds]) - 1
    words = [folds[i] for i in of_folds.tolist()]
    order = sorted(range(len(words)), key=words.__getitem__)
    arrays: dict[str, Array] = {
        "form_folds": (np.cumsum(starts_fold) - 1).astype(np.uint32),
        "fold_first": np.append(of_folds, len(forms)).astype(np.uint32),
        "fold_stems": fold_stems.astype(np.uint32),
        "stem_first": np.append(of_stems, len(forms)).astype(np.uint32),
        "language_first": of_stems.searchsorted(spoken).astype(np.uint32),
        "fold_order": np.array(order, np.uint32),
    }
    arrays |= pack_strings("form", forms)
    arrays |= pack_strings("stem", [stems[i] for i in of_stems.tolist()])
    arrays |= pack_strings("fold", [words[i] for i in order])
    return arrays, final


def _changes(texts: Sequence[str], bounds: Sequence[int]) -> Array:
    """Which texts differ from the one before, or begin at one of these places (bool)."""
    new = np.ones(len(texts), bool)
    new[1:] = np.fromiter(map(ne, texts[1:], texts), bool, max(len(texts) - 1, 0))
    new[[at for at in bounds if at < len(texts)]] = True
    return new
