"""Look-ups in a segment's vocabulary: a word, prefix, pattern or typo in; ranges of form ids out.

Ranges are half-open pairs of form ids. The forms of one stem are one range, and so are those of
one fold in one language. No text is read here but the vocabulary's own.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cached_property

import numpy as np

from indexer.segments.container import Container
from indexer.segments.strings import Strings
from indexer.sorted_arrays import Array, distinct, expanded
from indexer.text.folding import fold_keep_case
from indexer.text.stemming import stem

Range = tuple[int, int]
KEPT = 1 << 14  # words whose places are remembered


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
        # first form of each stem, and one past the last form (int64)
        self.stem_first = container["stem_first"].astype(np.int64)
        self._compounds = Strings(container, "compound")
        self._roots = Strings(container, "root")
        self._asked: dict[str, list[int]] = {}

    # --- one word -------------------------------------------------------------------------------

    def fold_ranges(self, folded: str) -> list[Range]:
        """Forms that fold to `folded`, a range for each language that has some."""
        return [self._fold_range(number) for number in self._numbers(folded)]

    def _numbers(self, folded: str) -> list[int]:
        """Numbers of the folds that are `folded`, one a language (kept: a query asks for a word
        five times)."""
        found = self._asked.get(folded)
        if found is None:
            found = []
            at = self.folds.bisect(folded)
            while at < len(self.folds) and self.folds[at] == folded:
                found.append(int(self._fold_order[at]))
                at += 1
            if len(self._asked) < KEPT:
                self._asked[folded] = found
        return found

    def _fold_range(self, number: int) -> Range:
        return int(self._fold_first[number]), int(self._fold_first[number + 1])

    def by_language(self, folded: str) -> dict[str, Range]:
        """Forms that fold to `folded`, by the language of the texts that have them."""
        found: dict[str, Range] = {}
        for number in self._numbers(folded):
            language = self._language_of(int(self._c["fold_stems"][number]))
            found[self.languages[language]] = self._fold_range(number)
        return found

    def _known(self, folded: str) -> dict[int, int]:
        """Number of the stem of a fold in each language (its number) that has the fold."""
        known: dict[int, int] = {}
        for fold_number in self._numbers(folded):
            number = int(self._c["fold_stems"][fold_number])
            known[self._language_of(number)] = number
        return known

    def stem_ranges(self, folded: str, but_not: Collection[str] = ()) -> list[Range]:
        """Forms that share the stem of `folded`, a range for each language that has some.

        Languages in `but_not` count only where they have `folded` itself. A stem is a function of
        the fold, so a word of the vocabulary tells its own; only for others, and for the other
        languages, is the stemmer asked.
        """
        known = self._known(folded)
        ranges = []
        for i, language in enumerate(self.languages):
            found = known.get(i, -1)
            if found < 0 and language not in but_not:
                low, high = self._c["language_first"][i : i + 2].tolist()
                found = self.stems.find(stem(folded, language), low, high)
            if found >= 0:
                ranges.append(self._stem_range(found))
        return ranges

    def known_stems(self, folded: str) -> dict[str, str]:
        """Stem of a folded word in each language, by its code, in which the segment has it."""
        known = self._known(folded)
        return {self.languages[i]: self.stems[number] for i, number in known.items()}

    def _language_of(self, stem_number: int) -> int:
        if len(self.languages) == 1:
            return 0
        first = self._c["language_first"]
        return int(first.searchsorted(first.dtype.type(stem_number), "right")) - 1

    def _stem_range(self, number: int) -> Range:
        low, high = self.stem_first[number : number + 2].tolist()
        return low, high

    def with_case(self, ranges: list[Range], wanted: str) -> list[Range]:
        """Of these forms, those that fold to `wanted` when their case is kept."""
        return [
            (i, i + 1)
            for low, high in ranges
            for i in range(low, high)
            if fold_keep_case(self.forms[i]) == wanted
        ]

    def with_pattern(self, ranges: list[Range], pattern: str) -> list[Range]:
        """Of these forms (ascending), which match `pattern` but for their case, those that match it
        when their case is kept. All of them match "" and a star.
        """
        if not pattern.strip("*") or not ranges:
            return ranges
        lows, highs = np.array(ranges, np.int64).T
        numbers = expanded(lows, highs - lows)
        lower = self._lower[numbers]  # match it as they stand, or else not at all
        fitting = lower & (pattern.isascii() and pattern == pattern.lower())
        others = (~lower).nonzero()[0]
        if others.size:
            fits = re.compile(_regex(pattern)).fullmatch
            texts = self._with_case_kept(numbers[others])
            fitting[others] = [fits(text) is not None for text in texts]
        found = numbers[fitting]
        if not found.size:
            return []
        gaps = np.flatnonzero(np.diff(found) > 1)
        firsts = found[np.concatenate(([0], gaps + 1))]
        lasts = found[np.concatenate((gaps, [found.size - 1]))]
        return list(zip(firsts.tolist(), (lasts + 1).tolist(), strict=True))

    @cached_property
    def _lower(self) -> Array:
        """Which forms have nothing but ASCII without capitals (bool)."""
        raw, bounds = self.forms.packed()
        other = (raw > 0x7F) | ((raw >= ord("A")) & (raw <= ord("Z")))
        return ~np.logical_or.reduceat(other, bounds[:-1])

    def _with_case_kept(self, numbers: Array) -> list[str]:
        """`fold_keep_case` of each of these forms; of most that is the form as it stands."""
        raw, bounds = self.forms.packed()
        sizes = bounds[numbers + 1] - bounds[numbers] + 1
        ends = sizes.cumsum()
        lines = raw.take(expanded(bounds[numbers], sizes), mode="clip")
        lines[ends - 1] = ord("\n")
        texts = lines.tobytes().decode("utf-8", "surrogatepass").split("\n")[:-1]
        lead = lines[ends - sizes] | 0x20
        odd = np.bitwise_or.reduceat(lines, ends - sizes) > 0x7F
        odd |= (lead < ord("a")) | (lead > ord("z"))
        for at in odd.nonzero()[0].tolist():
            texts[at] = fold_keep_case(texts[at])
        return texts

    # --- many words -----------------------------------------------------------------------------

    def prefix_ranges(self, prefix: str) -> list[Range]:
        """Forms whose fold begins with `prefix`."""
        low, high = self.folds.prefix_range(prefix)
        return self._ranges(self._fold_order[low:high])

    def wildcard_ranges(self, pattern: str) -> list[Range]:
        """Forms whose fold matches `pattern`: * for any run of characters, ? for one."""
        if pattern.strip("*") == "":
            return [(0, len(self.forms))]
        head = re.split(r"[*?]", pattern, maxsplit=1)[0]
        low, high = self.folds.prefix_range(head) if head else (0, len(self.folds))
        if low == high:
            return []
        text, starts = self._lines
        body = _regex(pattern)
        begin, end = int(starts[low]), int(starts[high])
        matches = re.compile(f"^{body}$", re.MULTILINE).finditer(text, begin, end)
        found = np.fromiter((m.start() for m in matches), np.int64)
        return self._ranges(self._fold_order[np.searchsorted(starts, found)])

    def fuzzy_ranges(self, folded: str, distance: int) -> list[Range]:
        """Forms whose fold is within `distance` edits, a swap of neighbours counting as one.

        Optimal string alignment distance (Damerau 1964), by rapidfuzz; folds with digits are
        left out, for no number is ever nearly another.
        """
        near = self._near(folded, distance)
        return self._ranges(np.fromiter((number for _, number in near), np.int64))

    def near_folds(self, folded: str, distance: int) -> list[tuple[str, int]]:
        """Words within `distance` edits and how often each stands in the segment."""
        return [(word, self.frequency(n)) for word, n in self._near(folded, distance)]

    def _near(self, folded: str, distance: int) -> list[tuple[str, int]]:
        """Folds without digits within `distance` edits, and their numbers."""
        found = []
        for size in range(len(folded) - distance, len(folded) + distance + 1):
            numbers, folds = self._plain_folds.get(size, ((), ()))  # others are further off
            from rapidfuzz import process  # only a fuzzy word needs it
            from rapidfuzz.distance import OSA

            near = process.extract(
                folded, folds, scorer=OSA.distance, score_cutoff=distance, limit=None
            )
            found += [(word, numbers[n]) for word, _, n in near]
        return found

    @cached_property
    def _fold_places(self) -> Array:
        """Fold number → its place in `folds`."""
        places = np.zeros(self._fold_order.size, np.int64)
        places[self._fold_order] = np.arange(self._fold_order.size)
        return places

    def fold_text(self, fold_number: int) -> str:
        """The folded word of a fold number."""
        return str(self.folds[int(self._fold_places[fold_number])])

    def frequency(self, fold_number: int) -> int:
        """Tokens of one fold, in all zones."""
        low, high = self._fold_range(fold_number)
        first = self._c["form_first"]
        return int(first[high]) - int(first[low])

    def completions(self, prefix: str, limit: int) -> list[tuple[str, int]]:
        """The commonest words that begin with a folded prefix, and how often each stands."""
        low, high = self.folds.prefix_range(prefix)
        numbers = self._fold_order[low:high].astype(np.int64)
        bounds = self._fold_first[numbers], self._fold_first[numbers + 1]
        first = self._c["form_first"].astype(np.int64)
        counts = first[bounds[1]] - first[bounds[0]]
        best = np.lexsort((np.arange(counts.size), -counts))[:limit]
        return [(self.folds[low + i], int(counts[i])) for i in best.tolist()]

    @cached_property
    def _lines(self) -> tuple[str, Array]:
        """All folds, a line each, and where each line begins (code points)."""
        raw, ends = self.folds.packed()
        joined = np.insert(raw, ends[1:], ord("\n"))
        starts = ends + np.arange(ends.size)
        if (raw & 0x80).any():  # not all are ASCII: places of code points, not of bytes
            points = np.zeros(joined.size + 1, np.int64)
            np.cumsum((joined & 0xC0) != 0x80, out=points[1:])
            starts = points[starts]
        return joined.tobytes().decode("utf-8", "surrogatepass"), starts

    @cached_property
    def _plain_folds(self) -> dict[int, tuple[list[int], list[str]]]:
        """By length: numbers and strings of the folds without digits."""
        text, starts = self._lines
        if not len(self.folds):
            return {}
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        digits = [code for code in distinct(codes).tolist() if chr(code).isdigit()]
        plain = np.add.reduceat(np.isin(codes, digits), starts[:-1], dtype=np.int64) == 0
        sizes = np.where(plain, np.diff(starts) - 1, -1)
        order = np.argsort(sizes, kind="stable")
        words = text.split("\n")
        found = {}
        for size in distinct(sizes[plain]).tolist():
            low, high = np.searchsorted(sizes[order], (size, size + 1))
            chosen = order[low:high]
            folds = [words[i] for i in chosen.tolist()]
            found[size] = (self._fold_order[chosen].tolist(), folds)
        return found

    def _ranges(self, folds: Array) -> list[Range]:
        """Form ranges of these fold numbers, sorted, neighbours joined."""
        if not folds.size:
            return []
        ordered = np.sort(folds.astype(np.int64))
        gaps = np.flatnonzero(np.diff(ordered) > 1)
        lows = self._fold_first[ordered[np.concatenate(([0], gaps + 1))]]
        highs = self._fold_first[ordered[np.concatenate((gaps, [ordered.size - 1]))] + 1]
        return list(zip(lows.tolist(), highs.tolist(), strict=True))

    # --- hyphenated words -----------------------------------------------------------------------

    def compound_parts(self, joined: str, language: str | None = None) -> list[tuple[str, ...]]:
        """Parts of the hyphenated words of this segment that are spelt `joined` without hyphens.

        With a language, of those of its texts; `joined` is the stem of the whole, or ends in that
        of their last part.
        """
        table, key = self._compounds, f"{joined}\t"
        if language is not None:
            table, key = self._roots, f"{joined}\t{language}\t"
        low, high = table.prefix_range(key)
        return [tuple(table[i].rpartition("\t")[2].split(" ")) for i in range(low, high)]


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
