"""Did you mean: likely spellings of a word that the corpus lacks.

In: a word. Out: words of the corpus that it may be a misspelling of, likeliest first: close in
edits (cheaper for neighbouring keys, doubled letters and letters that sound alike) or alike in
sound (Metaphone); of equals the more frequent first. Numbers are never corrected, nor is a word
that occurs or is the name of a drug. A drug's name is suggested neither by its sound alone, nor for
a word that is closer to the name of another drug, which the corpus may lack.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from math import log10

from indexer.segments.snapshot import Snapshot
from indexer.segments.vocabulary import Vocabulary
from indexer.text.folding import fold
from indexer.text.synonyms import bare_name, drug_names
from indexer.text.tokenizer import tokenize

SHORTEST = 3  # letters a word must have to be corrected
CONSIDERED = 30  # nearest words whose costs are compared
COMMON = 0.12  # taken off the cost of a word for each factor of ten in frequency
SOUNDS_ALIKE = 0.5  # factor on the cost of a word with the same sound
FIRST = 2.0  # factor on the cost of an edit of the first letter

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_KEYS = {key: (row, at) for row, keys in enumerate(_ROWS) for at, key in enumerate(keys)}
_SOUNDS = ("aeiouy", "ckqgx", "szcx", "fvp", "dt", "bp", "gj", "mn", "lr", "wv")
# For each sign of Metaphone the letters that it may stand for.
_LETTERS_OF = {"S": "sczx", "X": "sct", "F": "fpvg", "K": "kcqxg", "J": "jgd", "T": "td", "0": "t"}
_HEARD = {"r": "R", "l": "L", "m": "M", "v": "F"}  # letters that are never silent
_AS_ONE = {  # letter → pairs of letters that may sound like it
    "f": ("ph", "gh"), "n": ("kn", "gn", "pn"), "r": ("wr", "rh"), "s": ("ps", "sc"),
    "k": ("ch", "ck"), "t": ("th",), "j": ("dg",), "w": ("wh",), "e": ("ae", "oe"),
}  # fmt: skip
_SILENT = {"N": "kgpm", "R": "w", "S": "p"}  # sound → silent letters that a word may begin with


def corrections(
    snapshot: Snapshot, typed: str, *, other_names: bool = False, one_edit: bool = False
) -> Iterator[str]:
    """Likely intended spellings of a word without matches, likeliest first.

    `other_names`: also names of drugs that the corpus has under another name only. `one_edit`:
    only words one edit away, which takes a fifth of the time. In a word with hyphens, each part
    that the corpus lacks is replaced by its likeliest spelling.
    """
    forms, starts = tokenize(typed)
    if len(forms) == 1:
        yield from _correct(snapshot, fold(forms[0]), other_names, one_edit)
        return
    corrected = typed
    for form, at in reversed([*zip(forms, starts)]):
        likeliest = _correct(snapshot, fold(form), other_names, one_edit)  # none if it occurs
        if better := next(likeliest, ""):
            corrected = (
                corrected[:at] + commonest_form(snapshot, better) + corrected[at + len(form) :]
            )
    if corrected != typed:
        yield corrected


def _correct(snapshot: Snapshot, word: str, other_names: bool, one_edit: bool) -> Iterator[str]:
    if len(word) < SHORTEST or not word.isalpha() or occurs(snapshot, (word,)):
        return
    names = drug_names().rules
    if bare_name((word,)) in names:  # it is spelt correctly
        return
    found: dict[str, int] = {}  # frequency of each
    for part in snapshot.parts:
        vocabulary = part.segment.vocabulary
        near = vocabulary.near_folds(word, 1 if one_edit or len(word) < 5 else 2)
        alike = [] if one_edit else alike_in_sound(vocabulary, word)
        for other, count in vocabulary.counted(dict.fromkeys(near + alike)):
            found[other] = max(count, found.get(other, 0))
    named = {name: typing_cost(word, name) for name in _near_names(word)}
    if other_names:
        found |= {name: 1 for name in named if name not in found}
    nearest = sorted(found, key=lambda other: (_edits(word, other), -found[other], other))
    costs = {other: typing_cost(word, other) for other in nearest[:CONSIDERED]}
    most = max(FIRST, len(word) / 4)
    meant = {other for other in costs if costs[other] <= most}
    closest = min(named.values(), default=most)
    for other in {other for other in meant if bare_name((other,)) in names}:
        if _edits(word, other) > most or costs[other] > closest:  # it is another drug
            meant.discard(other)
    likeliest = sorted(
        meant,
        key=lambda other: (costs[other] - COMMON * log10(found[other] + 1), other),
    )
    for other in likeliest:
        if occurs(snapshot, (other,)) or (
            other_names and any(occurs(snapshot, one) for one in names.get((other,), ()))
        ):
            yield other


def occurs(snapshot: Snapshot, words: Iterable[str]) -> bool:
    """Whether the live corpus contains each of these folded words."""
    return all(any(part.tokens_of(word) for part in snapshot.parts) for word in words)


def commonest_form(snapshot: Snapshot, folded: str) -> str:
    """The lower-case form in which the corpus most often writes a folded word: *übelkeit*."""
    counts: Counter[str] = Counter()
    for part in snapshot.parts:
        words, first = part.segment.vocabulary, part.segment.form_first
        for form in (form for ends in words.fold_ranges(folded) for form in range(*ends)):
            counts[words.forms[form].lower()] += int(first[form + 1]) - int(first[form])
    return max(sorted(counts), key=counts.__getitem__, default=folded)


def _near_names(word: str) -> list[str]:
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    single = [name[0] for name in drug_names().rules if len(name) == 1]
    most = 1 if len(word) < 5 else 2
    near = process.extract(word, single, scorer=OSA.distance, score_cutoff=most, limit=CONSIDERED)
    return [name for name, _, _ in near]


def _edits(word: str, other: str) -> int:
    from rapidfuzz.distance import OSA

    return OSA.distance(word, other)


def sound(word: str) -> str:
    """The Metaphone key of a word; the h of a Greek rh (diarrhea) is taken as silent."""
    from jellyfish import metaphone

    return metaphone(word.replace("rrh", "r").replace("rh", "r"))


def alike_in_sound(vocabulary: Vocabulary, word: str) -> list[str]:
    """Folds of a vocabulary that sound like a word.

    Only folds with a letter for each of its sounds, and without letters for others, are compared.
    """
    key = sound(word)
    if len(key) < 2:
        return []
    each = [_LETTERS_OF.get(sign, sign.lower()) for sign in dict.fromkeys(key)]
    first = "aeiouyh" if key[0] in "AEIOU" else each[0] + _SILENT.get(key[0], "")
    none = "".join(letter for letter, sign in _HEARD.items() if sign not in key)
    apart = (len(word) + 2) // 4
    sizes = (len(word) - apart, len(word) + apart + 1)
    few = vocabulary.with_letters(sizes, each, none)
    return [other for other in few if other[0] in first and sound(other) == key]


def typing_cost(word: str, other: str) -> float:
    """Cost of the errors by which `other` would be typed as `word`: weighted edits.

    Optimal string alignment, where an edit of the first letter costs twice as much; words with the
    same sound cost half.
    """
    last: list[float] = []
    row = [float(column + (column > 0)) for column in range(len(other) + 1)]
    for i, typed in enumerate(word, 1):
        earlier, last, row = last, row, [float(i + 1)]
        for j, meant in enumerate(other, 1):
            changed = exchange(typed, meant) if typed != meant else 0.0
            best = last[j - 1] + (FIRST * changed if i == j == 1 else changed)
            if i == 1 or j == 1:
                best = min(best, last[j] + (FIRST if i == 1 else 1.0))
                best = min(best, row[j - 1] + (FIRST if j == 1 else 1.0))
                if j == 2 and other[:2] in _AS_ONE.get(typed, ()):
                    best = min(best, 0.4)
            else:
                before, above = word[i - 2], other[j - 2]
                best = min(best, last[j] + (0.5 if before == typed else 1.0))
                best = min(best, row[j - 1] + (0.5 if above == meant else 1.0))
                if typed == above and meant == before:
                    best = min(best, earlier[j - 2] + 0.7)
                if above + meant in _AS_ONE.get(typed, ()):
                    best = min(best, last[j - 2] + 0.4)
                if before + typed in _AS_ONE.get(meant, ()):
                    best = min(best, earlier[j - 1] + 0.4)
            row.append(best)
    return row[-1] * (SOUNDS_ALIKE if sound(word) == sound(other) else 1.0)


@lru_cache(maxsize=1024)
def exchange(typed: str, meant: str) -> float:
    """Cost of typing one letter for another: less for letters that sound alike, or are neighbours
    on an English keyboard."""
    if any(typed in group and meant in group for group in _SOUNDS):
        return 0.6
    one, other = _KEYS.get(typed, (9, 0)), _KEYS.get(meant, (-9, 0))
    near = abs(one[0] - other[0]) <= 1 and abs(one[1] - other[1]) <= 1
    return 0.8 if near else 1.0
