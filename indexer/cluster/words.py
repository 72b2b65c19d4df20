"""The words of a corpus in a cluster: how often each occurs, and the vocabulary of all of them.

In: runs of added or removed articles. Out: counts, to be stored and added to others; and a part of
a snapshot, without passages, that answers what queries ask of a vocabulary: the forms of a stem,
prefix or misspelt word, the hyphenated words, and how often a form occurs. Refuses nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from indexer.cluster.layout import MemoryContainer
from indexer.cluster.sketch import Codes
from indexer.segments.builder import hyphenated_arrays, vocabulary_arrays
from indexer.segments.runs import TOKEN_MARKS, Run, to_offsets
from indexer.segments.snapshot import Part
from indexer.segments.vocabulary import Vocabulary
from indexer.sorted_arrays import Array
from indexer.text.tokenizer import LONGEST_COMPOUND

SUMS = ("passages", "words", "section_words", "title_words", "outer")


@dataclass
class WordCounts:
    """Counts over some articles; removed articles count negative until counts are merged."""

    content: Counter[str] = field(default_factory=Counter)  # tokens in content, by `Run.forms`
    every: Counter[str] = field(default_factory=Counter)  # tokens in all texts, headings too
    compounds: Counter[str] = field(default_factory=Counter)  # `language TAB fold fold …`
    languages: Counter[str] = field(default_factory=Counter)  # articles, by language
    sums: Counter[str] = field(default_factory=Counter)  # SUMS, of content

    def add(self, run: Run, sign: int = 1) -> None:
        """Adds the articles of a run to the counts, or (sign -1) subtracts them."""
        n, forms = run.articles, run.columns["token.form"]
        content = int(run.counts["token"][:n].sum())
        for counter, some in ((self.content, forms[:content]), (self.every, forms)):
            counts = np.bincount(some, minlength=len(run.forms))
            for number in counts.nonzero()[0].tolist():
                counter[run.forms[number]] += sign * int(counts[number])
        hyphens = np.flatnonzero(run.columns["token.marks"] & TOKEN_MARKS["hyphens"])
        for name in _compounds(run.forms, forms, hyphens):
            self.compounds[name] += sign
        for spoken in run.texts["article.language"]:
            for language in spoken.split(" "):
                self.languages[language] += sign
        for name, number in _sums(run).items():
            self.sums[name] += sign * number

    def update(self, other: WordCounts) -> None:
        """Adds other counts; drops words whose count falls to 0."""
        for name, counts in vars(other).items():
            mine: Counter[str] = getattr(self, name)
            mine.update(counts)
            if name != "sums":
                setattr(self, name, Counter({k: v for k, v in mine.items() if v > 0}))

    @classmethod
    def of(cls, told: Mapping[str, Mapping[str, int]]) -> WordCounts:
        """Counts from plain values, as `vars` of others are."""
        return cls(**{name: Counter(counts) for name, counts in told.items()})


def _compounds(entries: list[str], forms: Array, hyphens: Array) -> Iterable[str]:
    """The hyphenated words of a run, each once per occurrence."""
    begins = np.flatnonzero(np.diff(hyphens, prepend=-2) != 1)
    sizes = np.diff(begins, append=hyphens.size)
    for first, size in zip(hyphens[begins].tolist(), sizes.tolist()):
        if size < LONGEST_COMPOUND:
            parts = [entries[n].split("\0") for n in forms[first : first + size + 1].tolist()]
            if not parts[0][3][0].isdigit():
                yield f"{parts[0][0]}\t{' '.join(part[2] for part in parts)}"


def _sums(run: Run) -> dict[str, int]:
    """The SUMS of a run, except the last."""
    n = run.articles
    words = run.columns["unit.tokens"].astype(np.int64)
    edges = to_offsets(run.counts["passage"])
    heads = to_offsets(run.counts["head"])
    contents, passages = int(edges[n]), int(edges[-1])
    of_heads = words[passages:]
    above = of_heads.tolist()
    base = np.repeat(heads[:-1], run.counts["head"]).tolist()
    for head, parent in enumerate(run.columns["head.parent"].tolist()):
        if parent >= 0:
            above[head] += above[base[head] + parent]
    heading = run.columns["passage.heading"][:contents].astype(np.int64)
    firsts = np.repeat(heads[:-1], run.counts["passage"][:n])
    below = np.array(above, np.int64)[firsts + np.maximum(heading, 0)]
    return {
        "passages": contents,
        "words": int(words[:contents].sum()),
        "section_words": int(below[heading >= 0].sum()),
        "title_words": int(of_heads[firsts].sum()),
    }


class CorpusSegment:
    """A segment's vocabulary and form counts, for a whole corpus; it has no passages."""

    def __init__(self, counts: WordCounts) -> None:
        forms = sorted(counts.every)
        languages = sorted(counts.languages)
        parts = (name.split("\t") for name in counts.compounds)
        words = ((language, spaced.split(" ")) for language, spaced in parts)
        arrays = vocabulary_arrays(forms, languages) | hyphenated_arrays(words)
        arrays["form_first"] = to_offsets(np.array([counts.every[f] for f in forms], np.int64))
        self._content = to_offsets(np.array([counts.content[f] for f in forms], np.int64))
        self.form_first = arrays["form_first"]
        self.vocabulary = Vocabulary(MemoryContainer(arrays, {"languages": languages}))
        self.tokens = int(self.form_first[-1])
        self.entries = forms  # as `Run.forms` has them, by form id

    @cached_property
    def codes(self) -> Codes:
        """The codes of the forms."""
        return Codes(self.entries)

    def frequency(self, lows: Array, highs: Array) -> int:
        """Tokens of the forms in the ranges [lows[i], highs[i]), summed."""
        return int((self.form_first[highs] - self.form_first[lows]).sum())

    def content_frequency(self, low: int, high: int) -> int:
        """Tokens of the forms in [low, high), in the text of passages only."""
        return int(self._content[high] - self._content[low])


@dataclass(frozen=True)
class CorpusPart(Part):
    """The words of a corpus as a part of a snapshot, without passages."""

    corpus: CorpusSegment

    @cached_property
    def languages(self) -> frozenset[str]:
        """Languages of the articles."""
        return frozenset(self.corpus.vocabulary.languages)

    def tokens_between(self, low: int, high: int) -> int:
        """Tokens of the forms from `low` to `high` (exclusive), in content only."""
        return self.corpus.content_frequency(low, high)


def corpus_part(counts: WordCounts) -> CorpusPart:
    """The snapshot part made from some counts."""
    corpus = CorpusSegment(counts)
    return CorpusPart(corpus, (), corpus)  # type: ignore[arg-type]  # all that is asked of it
