"""Look-ups in a segment's vocabulary: a word, prefix, pattern or typo in; ranges of form ids out.

Ranges are half-open pairs of form ids. The forms of one stem are one range, and so are those of
one fold in one language. No text is read here but the vocabulary's own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np

from indexer.segments.container import Container
from indexer.segments.strings import Strings
from indexer.sorted_arrays import Array
from indexer.text.folding import fold, fold_keep_case
from indexer.text.stemming import stem

Range = tuple[int, int]
KEPT = 1 << 14  # words whose places are remembered
_POSSESSIVE = "(?:'[sS])?"  # at the end of a pattern
# For each byte of UTF-8 one of 32 bits; none for those of characters beyond ASCII.
_LETTERS = np.where(np.arange(256) < 128, 1 << (np.arange(256) & 31), 0).astype(np.uint32)
_FEW = 1 << 13  # stems of a language that are held in memory


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
        # a query asks for a word five times
        self._spelt = lru_cache(KEPT)(self._folds_spelt)

    # --- one word -------------------------------------------------------------------------------

    def _folds_spelt(self, folded: str) -> dict[str, tuple[Range, int]]:
        """By language the forms of the fold that is `folded`, and the number of its stem."""
        found: dict[str, tuple[Range, int]] = {}
        at, size = self.folds.bisect(folded), len(self.folds)
        while at < size and self.folds[at] == folded:
            number = int(self._fold_order[at])
            forms = int(self._fold_first[number]), int(self._fold_first[number + 1])
            stem = int(self.stem_first.searchsorted(forms[0], "right")) - 1
            language = int(self._language_first.searchsorted(stem, "right")) - 1
            found[self.languages[language]] = forms, stem
            at += 1
        return found

    def fold_ranges(self, folded: str) -> list[Range]:
        """Forms that fold to `folded`, a range for each language that has some."""
        return [forms for forms, _ in self._spelt(folded).values()]

    def by_language(self, folded: str) -> dict[str, Range]:
        """Forms that fold to `folded`, by the language of the texts that have them."""
        return {spoken: forms for spoken, (forms, _) in self._spelt(folded).items()}

    def known_stem(self, folded: str, language: str) -> str:
        """Stem of a folded word that texts in this language have; "" for others."""
        known = self._spelt(folded).get(language)
        return self.stems[known[1]] if known else ""

    def stem_ranges(self, folded: str, but_not: Collection[str] = ()) -> list[Range]:
        """Forms that share the stem of `folded`, a range for each language that has some."""
        edges = [self.stem_first[n : n + 2].tolist() for _, n in self.stems_of(folded, but_not)]
        return [(low, high) for low, high in edges]

    def stems_of(self, folded: str, but_not: Collection[str] = ()) -> list[tuple[str, int]]:
        """Language and number of the stem of `folded` in each language that has such forms.

        Languages in `but_not` count only where they have `folded` itself. A stem is a function of
        the fold, so a word of the vocabulary tells its own; only for others, and for the other
        languages, is the stemmer asked.
        """
        known = self._spelt(folded)
        stems: list[tuple[str, int]] = []
        for i, language in enumerate(self.languages):
            found = known[language][1] if language in known else -1
            if found < 0 and language not in but_not:
                wanted, few = stem(folded, language), self._few_stems.get(language)
                if few is not None:
                    found = few.get(wanted, -1)
                else:
                    found = self.stems.find(wanted, *self._language_first[i : i + 2].tolist())
            if found >= 0:
                stems.append((language, found))
        return stems

    @cached_property
    def _few_stems(self) -> dict[str, dict[str, int]]:
        """Of each language with few stems, which a dictionary finds sooner, the number of each."""
        edges = zip(self.languages, pairwise(self._language_first.tolist()))
        few = [(language, low, high) for language, (low, high) in edges if high - low < _FEW]
        return {one: dict(zip(self.stems[low:high], range(low, high))) for one, low, high in few}

    def with_case(self, ranges: list[Range], wanted: str) -> list[Range]:
        """Of these forms, those that fold to `wanted` when their case is kept."""
        return [
            (i, i + 1)
            for low, high in ranges
            for i in range(low, high)
            if fold_keep_case(self.forms[i]) == wanted
        ]

    def with_pattern(self, ranges: list[Range], pattern: str) -> list[Range]:
        """Of these forms (ascending) those that match `pattern` when their case is kept.

        All of them match it but for their case, and all match "" and a star.
        """
        if not pattern.strip("*"):
            return ranges
        fits, kept = re.compile(_regex(pattern) + _POSSESSIVE).fullmatch, self._kept
        found = [i for low, high in ranges for i in range(low, high) if fits(kept[i])]
        return _runs(np.array(found, np.int64))

    @cached_property
    def _kept(self) -> list[str]:
        """Each form folded, its case kept."""
        return [fold_keep_case(form) for form in self.forms[:]]

    # --- many words -----------------------------------------------------------------------------

    def prefix_ranges(self, prefix: str) -> list[Range]:
        """Forms whose fold begins with `prefix`."""
        low, high = self.folds.prefix_range(prefix)
        return self._ranges(self._fold_order[low:high])

    def wildcard_ranges(self, pattern: str) -> list[Range]:
        """Forms whose fold, or what it is the possessive of, matches `pattern`: * for any run of
        characters, ? for one."""
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
        """Forms whose fold, or what it is the possessive of, is within `distance` edits, a swap of
        neighbours counting as one.

        Optimal string alignment distance (Damerau 1964), by rapidfuzz; folds with digits are
        left out, for no number is ever nearly another. Compared are those alone that have nearly
        the same letters and length: a hundredth, which takes a tenth of the time.
        """
        places = {place for place, _ in self._near(folded, distance)}
        # What ends alike is as far without it.
        places |= {n for n, word in self._near(folded + "'s", distance) if word.endswith("'s")}
        return self._ranges(self._fold_order[sorted(places)])

    def near_folds(self, folded: str, distance: int) -> list[str]:
        """Words within `distance` edits."""
        return [word for _, word in self._near(folded, distance)]

    def _near(self, folded: str, distance: int) -> list[tuple[int, str]]:
        """The folds without digits within `distance` edits, and the place of each in `folds`."""
        from rapidfuzz import process  # only a fuzzy word needs it
        from rapidfuzz.distance import OSA

        order, first, letters = self._by_length
        low, high = (
            min(max(size, 0), first.size - 1)
            for size in (len(folded) - distance, len(folded) + distance + 1)
        )
        low, high = int(first[low]), int(first[high])
        # An edit takes away one letter of a word, or adds one, or both.
        apart = np.bitwise_count(letters[low:high] ^ _letters(folded))
        places = order[low:high][apart <= 2 * distance].tolist()
        words = [self._words[place] for place in places]
        near = process.extract(
            folded, words, scorer=OSA.distance, score_cutoff=distance, limit=None
        )
        return [(places[n], word) for word, _, n in near if not any(map(str.isdigit, word))]

    def with_letters(self, sizes: Range, each: Iterable[str], none: str) -> list[str]:
        """The folds of these lengths in code points (end exclusive) that have one letter of each
        string and none of `none`; letters are of ASCII."""
        order, first, letters = self._by_length
        low, high = (int(first[min(max(size, 0), first.size - 1)]) for size in sizes)
        held = letters[low:high]
        kept = (held & _letters(none)) == 0
        for some in each:
            kept &= (held & _letters(some)) != 0
        return [self._words[place] for place in order[low:high][kept].tolist()]

    def counted(self, folds: Iterable[str]) -> list[tuple[str, int]]:
        """How often each of these folds stands in the segment."""
        first = self._c["form_first"]
        return [
            (word, sum(int(first[high]) - int(first[low]) for low, high in self.fold_ranges(word)))
            for word in folds
        ]

    def folds_of(self, forms: Array) -> Array:
        """The number of the fold of each of these forms (int64)."""
        return self._fold_first.searchsorted(forms, "right") - 1

    def by_form(self, of_folds: Array) -> Array:
        """What is said of each of `folds`, said of each form."""
        numbers, first = np.empty_like(of_folds), self._fold_first.astype(np.int64)
        numbers[self._fold_order] = of_folds
        return np.repeat(numbers, first[1:] - first[:-1])

    def folded(self, fold_number: int) -> str:
        """A fold, by its number."""
        return fold(self.forms[int(self._fold_first[fold_number])])

    def completions(self, prefix: str, limit: int) -> list[tuple[str, int]]:
        """The commonest words that begin with a folded prefix, and how often each stands."""
        low, high = self.folds.prefix_range(prefix)
        counts = self._counts[low:high]
        best = np.argsort(-counts, kind="stable")[:limit]
        return [(self.folds[low + i], int(counts[i])) for i in best.tolist()]

    def holding(self, letters: str, limit: int) -> list[str]:
        """The commonest words that hold these letters after their beginning."""
        text, starts = self._lines
        found = np.fromiter((m.start() for m in re.finditer(re.escape(letters), text)), np.int64)
        places = np.unique(np.searchsorted(starts, found, "right") - 1)
        counted = self.counted(self._words[place] for place in places.tolist()[: 50 * limit])
        return [word for word, _ in sorted(counted, key=lambda one: (-one[1], one[0]))[:limit]]

    @cached_property
    def _counts(self) -> Array:
        """Tokens of each of `folds`, in all zones (int64)."""
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
        """All folds, a line each, and where each line begins (code points)."""
        ends = np.cumsum([0, *(len(word) + 1 for word in self._words)])
        return "\n".join(self._words), ends

    @cached_property
    def _by_length(self) -> tuple[Array, Array, Array]:
        """Places in `folds`, the shortest first; how many folds are shorter than each length in
        code points; and the letters of each fold, in that order (see `_LETTERS`)."""
        raw, edges = self.folds.packed()
        points = np.concatenate(([0], np.cumsum((raw & 0xC0) != 0x80)))  # but for later bytes
        sizes = points[edges[1:]] - points[edges[:-1]]
        order = np.argsort(sizes, kind="stable")
        letters = np.bitwise_or.reduceat(np.append(_LETTERS[raw], np.uint32(0)), edges[:-1])
        first = np.concatenate(([0], np.cumsum(np.bincount(sizes))))
        return order, first, letters[order]

    def _ranges(self, folds: Array) -> list[Range]:
        """Form ranges of these fold numbers, sorted, neighbours joined."""
        runs = _runs(np.sort(folds))
        return [(int(self._fold_first[low]), int(self._fold_first[high])) for low, high in runs]

    # --- hyphenated words -----------------------------------------------------------------------

    @cached_property
    def hyphenating(self) -> list[str]:
        """Languages of the texts that have hyphenated words."""
        raw = self._roots.packed()[0].tobytes()
        return [language for language in self.languages if f"\t{language}\t".encode() in raw]

    @cached_property
    def _few_roots(self) -> dict[str, dict[str, list[tuple[str, ...]]]]:
        """Of each language with few stems, the parts of its hyphenated words by how these are spelt
        without hyphens."""
        raw, edges = self._roots.packed()
        found: dict[str, dict[str, list[tuple[str, ...]]]] = {}
        for language in self._few_stems:
            found[language] = {}
            marks = [m.start() for m in re.finditer(f"\t{language}\t".encode(), raw.tobytes())]
            for at in (edges.searchsorted(marks, "right") - 1).tolist():
                joined, _, spaced = self._roots[at].split("\t")
                found[language].setdefault(joined, []).append(tuple(spaced.split(" ")))
        return found

    def compound_parts(self, joined: str, language: str | None = None) -> list[tuple[str, ...]]:
        """Parts of the hyphenated words of this segment that are spelt `joined` without hyphens.

        With a language, of those of its texts; `joined` is the stem of the whole, or ends in that
        of their last part.
        """
        if language in self._few_stems:
            return self._few_roots[language].get(joined, [])
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
    """Ascending numbers as ranges, neighbours joined."""
    if not numbers.size:
        return []
    gaps = np.flatnonzero(np.diff(numbers) > 1)
    firsts, lasts = numbers[np.append(0, gaps + 1)], numbers[np.append(gaps, numbers.size - 1)]
    return list(zip(firsts.tolist(), (lasts + 1).tolist(), strict=True))


def _regex(pattern: str) -> str:
    """The regular expression of a pattern, which takes time linear in a word's length.

    Between two stars the first match is as good as any later one, so none is ever taken back: a
    group within a lookahead, once matched, stands.
    """
    head, *rest = (re.escape(part).replace(r"\?", ".") for part in re.split(r"\*+", pattern))
    if not rest:
        return head
    inner = (f"(?=(.*?{part}))\\{i}" for i, part in enumerate(rest[:-1], 1))
    return f"{head}{''.join(inner)}.*{rest[-1]}"
