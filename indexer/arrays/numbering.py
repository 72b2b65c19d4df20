"""The vocabulary, sorted and numbered: forms as scanned in; arrays and final form ids out.

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

from collections.abc import Mapping

import numpy as np

from indexer.analysis import fold, stem
from indexer.arrays.container import Array
from indexer.arrays.strings import pack_strings

Words = tuple[str, ...]


def number_vocabulary(
    forms: Mapping[str, Mapping[str, int]], compounds: Mapping[str, set[Words]]
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Arrays of the vocabulary, and for each language its provisional → final form ids.

    `forms` maps, by language, each form to its provisional id; `compounds` holds, by language,
    the parts of hyphenated words as written.
    """
    languages = sorted(forms)
    roots = {la: _stems(forms[la], la) for la in languages}
    rows = sorted(
        (number_of, roots[la][folded], folded, form, provisional)
        for number_of, la in enumerate(languages)
        for form, provisional in forms[la].items()
        for folded in (fold.__wrapped__(form),)
    )
    final = {la: np.zeros(len(forms[la]), np.uint32) for la in languages}
    form_folds: list[int] = []
    folds: list[str] = []
    fold_stems: list[int] = []
    stems: list[str] = []
    stem_languages: list[int] = []
    for number, (language, root, folded, _, provisional) in enumerate(rows):
        final[languages[language]][provisional] = number
        if not stems or root != stems[-1] or language != stem_languages[-1]:
            stems.append(root)
            stem_languages.append(language)
            folds.append(folded)
            fold_stems.append(len(stems) - 1)
        elif folded != folds[-1]:
            folds.append(folded)
            fold_stems.append(len(stems) - 1)
        form_folds.append(len(folds) - 1)
    order = sorted(range(len(folds)), key=folds.__getitem__)
    arrays: dict[str, Array] = {
        "form_folds": np.array(form_folds, np.uint32),
        "fold_first": _firsts(form_folds, len(folds)),
        "fold_stems": np.array(fold_stems, np.uint32),
        "stem_first": _firsts(fold_stems, len(stems)),
        "language_first": _firsts(stem_languages, len(languages)),
        "fold_order": np.array(order, np.uint32),
    }
    arrays |= pack_strings("form", [row[3] for row in rows])
    arrays |= pack_strings("stem", stems)
    arrays |= pack_strings("fold", [folds[i] for i in order])
    arrays |= _compound_tables(compounds, roots)
    return arrays, final


def _stems(forms: Mapping[str, int], language: str) -> dict[str, str]:
    """Fold → stem of these forms."""
    return {f: stem.__wrapped__(f, language) for f in set(map(fold.__wrapped__, forms))}


def _firsts(numbers: list[int], count: int) -> Array:
    """Where each number of 0 to `count` begins in an ascending list (uint32, count + 1)."""
    return np.searchsorted(np.array(numbers, np.int64), np.arange(count + 1)).astype(np.uint32)


def _compound_tables(
    compounds: Mapping[str, set[Words]], roots: Mapping[str, Mapping[str, str]]
) -> dict[str, Array]:
    """Hyphenated words by their joined spelling, folded and stemmed: `key TAB part part …`."""
    folded: set[str] = set()
    stemmed: set[str] = set()
    for language, runs in compounds.items():
        for parts in {tuple(map(fold.__wrapped__, run)) for run in runs}:
            spelt = " ".join(parts)
            folded.add("".join(parts) + "\t" + spelt)
            stemmed.add("".join(parts[:-1]) + roots[language][parts[-1]] + "\t" + spelt)
    return pack_strings("compound", sorted(folded)) | pack_strings("root", sorted(stemmed))
