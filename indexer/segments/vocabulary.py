"""Look-ups in a segment's vocabulary: from a word, prefix, pattern or typo to ranges of form ids.

Ranges are half-open pairs of form ids. The forms of one stem are one range, and so are the forms of
one fold in one language. Only the vocabulary is read, never a passage.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import cached_property, lru_cache

import numpy as np

from indexer.segments.container import Container
from indexer.segments.strings import Strings
from indexer.sorted_arrays import Array
from indexer.text.folding import fold, fold_keep_case
from indexer.text.stemming import stem

Range = tuple[int, int]
KEPT = 1 << 14  # words whose look-ups are cached
_POSSESSIVE = "(?:'[sS])?"  # at the end of a pattern
# One of 32 bits for each ASCII byte; none for the bytes of other characters.
_LETTERS = np.where(np.arange(256) < 128, 1 << (np.arange(256) & 31), 0).astype(np.uint32)


class Vocabulary:
    """The forms of one segment, sorted by (language, stem, fold, form)."""

    def __init__(self, container: Container) -> None:
        self._c = container
        self.languages: list[str] = container.facts["languages"]
        self.forms = Strings(container, "form")
        self.stems = Strings(container, "stem")
        self.folds = Strings(container, "fold")  # sorted across languages
        self._fold_order = container["fold_order"]  # place in `folds` → fold number
        self._fold_first = container["fold_first"]
        self._language_first = container["language_first"]
        # first form of each stem, and one past the last form (int64)
        self.stem_first = container["stem_first"].astype(np.int64)
        self._compounds = Strings(container, "compound")
        self._roots = Strings(container, "root")
        # a query looks up a word five times
        self._look_up = lru_cache(KEPT)(self._look_up_fold)

    # --- one word -------------------------------------------------------------------------------

    def _look_up_fold(self, folded: str) -> dict[str, tuple[Range, int]]:
        """Language → the forms that fold to `folded`, and the number of their stem."""
        found: dict[str, tuple[Range, int]] = {}
        at, size = self.folds.bisect(folded), self._fold_order.size
        while at < size and self.folds[at] == folded:
            number = int(self._fold_order[at])
            forms = int(self._fold_first[number]), int(self._fold_first[number + 1])
            stem = int(self.stem_first.searchsorted(forms[0], "right")) - 1
            language = int(self._language_first.searchsorted(stem, "right")) - 1
            found[self.languages[language]] = forms, stem
            at += 1
        return found

    def fold_ranges(self, folded: str) -> list[Range]:
        """Forms that fold to `folded`, a range for each language that has any."""
        return [forms for forms, _ in self._look_up(folded).values()]

    def by_language(self, folded: str) -> dict[str, Range]:
        """Language → the forms that fold to `folded` in texts of that language."""
        return {language: forms for language, (forms, _) in self._look_up(folded).items()}

    def known_stem(self, folded: str, language: str) -> str:
        """Stem of a folded word that occurs in texts of this language; "" for other words."""
        known = self._look_up(folded).get(language)
        return self.stems[known[1]] if known else ""

    def stem_ranges(self, folded: str, but_not: Collection[str] = ()) -> list[Range]:
        """Forms that share the stem of `folded`, a range for each language that has any."""
        first = self.stem_first
        return [(int(first[n]), int(first[n + 1])) for _, n in self.stems_of(folded, but_not)]

    def stems_of(self, folded: str, but_not: Collection[str] = ()) -> list[tuple[str, int]]:
        """(language, number of the stem of `folded`) for each language that has the stem.

        Languages in `but_not` count only if they have `folded` itself. A stem is a function of the
        fold, so the stem of a known word is read from the vocabulary; the stemmer is called only
        for languages that lack the word.
        """
        known = self._look_up(folded)
        stems: list[tuple[str, int]] = []
        for i, language in enumerate(self.languages):
            found = known[language][1] if language in known else -1
            if found < 0 and language not in but_not:
                edges = self._language_first[i : i + 2].tolist()
                found = self.stems.find(stem(folded, language), *edges)
            if found >= 0:
                stems.append((language, found))
        return stems

    def with_case(self, ranges: list[Range], wanted: str) -> list[Range]:
        """The forms in `ranges` that fold to `wanted` when their case is kept."""
        return [
            (i, i + 1)
            for low, high in ranges
            for i in range(low, high)
            if fold_keep_case(self.forms[i]) == wanted
        ]

    def with_pattern(self, ranges: list[Range], pattern: str) -> list[Range]:
        """The forms in `ranges` (ascending) that match `pattern` when their case is kept.

        All of them must match it apart from case. All forms match "" and a star.
        """
        if not pattern.strip("*"):
            return ranges
        fits, kept = re.compile(_regex(pattern) + _POSSESSIVE).fullmatch, self._kept
        found = [i for low, high in ranges for i in range(low, high) if fits(kept[i])]
        return _runs(np.array(found, np.int64))

    @cached_property
    def _kept(self) -> list[str]:
        """Each form folded with its case kept."""
        return [fold_keep_case(form) for form in self.forms[:]]

    # --- many words -----------------------------------------------------------------------------

    def prefix_ranges(self, prefix: str) -> list[Range]:
        """Forms whose fold begins with `prefix`."""
        low, high = self.folds.prefix_range(prefix)
        return self._ranges(self._fold_order[low:high])

    def wildcard_ranges(self, pattern: str) -> list[Range]:
        """Forms whose fold, with or without a possessive 's, matches `pattern`: * stands for any
        run of characters, ? for one."""
        if pattern.strip("*") == "":
            return [(0, len(self.forms))]
        head = re.split(r"[*?]", pattern, maxsplit=1)[0]
        low, high = self.folds.prefix_range(head) if head else (0, len(self.folds))
        if low == high:
            return []
        text, starts = self._lines
        body = _regex(pattern)
        begin, end = int(starts[low]), int(starts[high])
        matches = re.compile(f"^{body}{_POSSESSIVE}$", re.MULTILINE).finditer(text, begin, end)
        found = np.fromiter((m.start() for m in matches), np.int64)
        return self._ranges(self._fold_order[np.searchsorted(starts, found)])

    def fuzzy_ranges(self, folded: str, distance: int) -> list[Range]:
        """Forms whose fold, with or without a possessive 's, is within `distance` edits; a swap of
        neighbours counts as one edit.

        Optimal string alignment distance (Damerau 1964), by rapidfuzz; folds with digits are left
        out, since no number is nearly another. Only folds with nearly the same letters and length
        are compared: one in a hundred, in a tenth of the time.
        """
        places = {place for place, _ in self._near(folded, distance)}
        # Two words that both end in 's are as far apart as without it.
        places |= {n for n, word in self._near(folded + "'s", distance) if word.endswith("'s")}
        return self._ranges(self._fold_order[sorted(places)])

    def near_folds(self, folded: str, distance: int) -> list[str]:
        """Folds without digits within `distance` edits of `folded`."""
        return [word for _, word in self._near(folded, distance)]

    def _near(self, folded: str, distance: int) -> list[tuple[int, str]]:
        """Folds without digits within `distance` edits, each as (place in `folds`, fold)."""
        from rapidfuzz import process  # only a fuzzy word needs it
        from rapidfuzz.distance import OSA

        order, first, letters = self._by_length
        low, high = (
            min(max(size, 0), first.size - 1)
            for size in (len(folded) - distance, len(folded) + distance + 1)
        )
        low, high = int(first[low]), int(first[high])
        # An edit removes one letter of a word, or adds one, or both.
        differing = np.bitwise_count(letters[low:high] ^ _letters(folded))
        places = order[low:high][differing <= 2 * distance].tolist()
        words = [self._words[place] for place in places]
        near = process.extract(
            folded, words, scorer=OSA.distance, score_cutoff=distance, limit=None
        )
        return [(places[n], word) for word, _, n in near if not any(map(str.isdigit, word))]

    def with_letters(self, sizes: Range, each: Iterable[str], none: str) -> list[str]:
        """Folds with a length in `sizes` (code points, half-open) that contain a letter of each
        string in `each` and none of `none`; all letters ASCII."""
        order, first, letters = self._by_length
        low, high = (int(first[min(max(size, 0), first.size - 1)]) for size in sizes)
        held = letters[low:high]
        kept = (held & _letters(none)) == 0
        for choice in each:
            kept &= (held & _letters(choice)) != 0
        return [self._words[place] for place in order[low:high][kept].tolist()]

    def counted(self, folds: Iterable[str]) -> list[tuple[str, int]]:
        """Each of these folds with its number of tokens in the segment, all zones."""
        first = self._c["form_first"]
        return [
            (word, sum(int(first[high]) - int(first[low]) for low, high in self.fold_ranges(word)))
            for word in folds
        ]

    def folds_of(self, forms: Array) -> Array:
        """The number of the fold of each of these forms (int64)."""
        return self._fold_first.searchsorted(forms, "right") - 1

    def by_form(self, of_folds: Array) -> Array:
        """Values per form, from values per fold in the order of `folds`."""
        numbers, first = np.empty_like(of_folds), self._fold_first.astype(np.int64)
        numbers[self._fold_order] = of_folds
        return np.repeat(numbers, first[1:] - first[:-1])

    def folded(self, fold_number: int) -> str:
        """The fold with this number."""
        return fold(self.forms[int(self._fold_first[fold_number])])

    def completions(self, prefix: str, limit: int) -> list[tuple[str, int]]:
        """The commonest folds that begin with a folded prefix, each with its number of tokens."""
        low, high = self.folds.prefix_range(prefix)
        counts = self._counts[low:high]
        best = np.argsort(-counts, kind="stable")[:limit]
        return [(self.folds[low + i], int(counts[i])) for i in best.tolist()]

    def holding(self, letters: str, limit: int) -> list[str]:
        """The commonest folds that contain these letters, of the first 50 * `limit` such folds."""
        text, starts = self._lines
        found = np.fromiter((m.start() for m in re.finditer(re.escape(letters), text)), np.int64)
        places = np.unique(np.searchsorted(starts, found, "right") - 1)
        counted = self.counted(self._words[place] for place in places.tolist()[: 50 * limit])
        return [word for word, _ in sorted(counted, key=lambda pair: (-pair[1], pair[0]))[:limit]]

    @cached_property
    def _counts(self) -> Array:
        """Number of tokens of each of `folds`, in all zones (int64)."""
        first = self._c["form_first"].astype(np.int64)[self._fold_first]
        counts: Array = np.diff(first)[self._fold_order]
        return counts

    @cached_property
    def _words(self) -> list[str]:
        """All folds."""
        words: list[str] = self.folds[:]
        return words

    @cached_property
    def _lines(self) -> tuple[str, Array]:
        """All folds, a line each, and where each line begins and the last ends (code points)."""
        ends = np.cumsum([0, *(len(word) + 1 for word in self._words)])
        return "\n".join(self._words), ends

    @cached_property
    def _by_length(self) -> tuple[Array, Array, Array]:
        """Places in `folds`, shortest fold first; for each length in code points, the number of
        shorter folds; and the letters of each fold in that order (see `_LETTERS`)."""
        raw, edges = self.folds.packed()
        # code points before each byte: a continuation byte of UTF-8 begins none
        points = np.concatenate(([0], np.cumsum((raw & 0xC0) != 0x80)))
        sizes = points[edges[1:]] - points[edges[:-1]]
        order = np.argsort(sizes, kind="stable")
        letters = np.bitwise_or.reduceat(np.append(_LETTERS[raw], np.uint32(0)), edges[:-1])
        first = np.concatenate(([0], np.cumsum(np.bincount(sizes))))
        return order, first, letters[order]

    def _ranges(self, folds: Array) -> list[Range]:
        """Form ranges of these fold numbers, ascending, adjacent ones joined."""
        runs = _runs(np.sort(folds))
        return [(int(self._fold_first[low]), int(self._fold_first[high])) for low, high in runs]

    # --- hyphenated words -----------------------------------------------------------------------

    @cached_property
    def hyphenating(self) -> list[str]:
        """Languages of the texts that have hyphenated words."""
        raw = self._roots.packed()[0].tobytes()
        return [language for language in self.languages if f"\t{language}\t".encode() in raw]

    def compound_parts(self, joined: str, language: str | None = None) -> list[tuple[str, ...]]:
        """Parts of the hyphenated words in this segment that are spelt `joined` without hyphens.

        With a language, only words in its texts, and `joined` is a stem: that of the joined word,
        or the parts joined with only the last one stemmed.
        """
        table, key = self._compounds, f"{joined}\t"
        if language is not None:
            table, key = self._roots, f"{joined}\t{language}\t"
        low, high = table.prefix_range(key)
        return [tuple(table[i].rpartition("\t")[2].split(" ")) for i in range(low, high)]


def _letters(word: str) -> np.uint32:
    """The letters of a word as bits (see `_LETTERS`)."""
    raw = np.frombuffer(word.encode("utf-8", "surrogatepass"), np.uint8)
    return np.uint32(np.bitwise_or.reduce(_LETTERS[raw], initial=0))


def _runs(numbers: Array) -> list[Range]:
    """Ranges of consecutive numbers in an ascending array."""
    if not numbers.size:
        return []
    gaps = np.flatnonzero(np.diff(numbers) > 1)
    firsts, lasts = numbers[np.append(0, gaps + 1)], numbers[np.append(gaps, numbers.size - 1)]
    return list(zip(firsts.tolist(), (lasts + 1).tolist(), strict=True))


def _regex(pattern: str) -> str:
    """A regular expression for a wildcard pattern that never backtracks across stars.

    Between two stars the first match is as good as any later one, so it is put in a lookahead
    group, which is not tried again once it has matched. Time is linear in a word's length.
    """
    head, *rest = (re.escape(part).replace(r"\?", ".") for part in re.split(r"\*+", pattern))
    if not rest:
        return head
    inner = (f"(?=(.*?{part}))\\{i}" for i, part in enumerate(rest[:-1], 1))
    return f"{head}{''.join(inner)}.*{rest[-1]}"
