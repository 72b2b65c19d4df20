"""Readability and length of articles and sections, with outliers in length.

In: a snapshot. Out: the length and readability scores of each article and each of its sections;
unusually long or short sentences and passages. Scores are computed from prose (paragraphs and
quotes), since the formulas are made for sentences; list items, table rows, captions and code count
in the lengths only. Headings and boilerplate count nowhere. A section is the text directly below
its heading. The formulas were fitted to schoolbooks; they count, they don't understand.

Syllables are counted by rules for English: runs of vowels, minus silent e, plus adjacent vowels
that are pronounced separately. For other languages Flesch, Flesch-Kincaid and SMOG are None. LIX
needs no syllables; it is None only for languages written without spaces (Chinese, Japanese, Thai),
where each character counts as a word. Numbers are counted as they are read aloud, abbreviations as
words; é is pronounced and a diaeresis separates two vowels (café, naïve). Measured against the CMU
Pronouncing Dictionary, the count is right for 99 % of the running words of novels and 93 % of a
sample of its entries, with totals 0.1 % and 1.4 % too low. Hyphenation patterns, which are made
for typesetting, are right for 95 % and 62 %, with totals 4 % and 17 % too low.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from indexer.audits.scope import TextUnits, UnitKind, corpus_units, passage_id
from indexer.audits.statistics import CUTOFF, UsualLengths, bounds, outside
from indexer.errors import UsageError
from indexer.model import KINDS, ArticleRef, Kind
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import Array, expanded
from indexer.text.folding import fold

SMOG_LEAST = 30  # sentences
LONG = 7  # letters of a long word in LIX
UNSPACED = frozenset({"zh", "ja", "th", "lo", "km", "my", "bo"})  # a word here is a character
MANY = 3  # syllables of a polysyllabic word in SMOG


@dataclass(frozen=True, slots=True)
class TextCounts:
    """The counts that the formulas use."""

    words: int
    sentences: int
    syllables: int  # 0 if they can't be counted in the language
    long: int  # words of more than six letters
    polysyllables: int  # words of three or more syllables


def flesch(tally: TextCounts) -> float | None:
    """Flesch reading ease: 100 very easy, 60 to 70 plain English, 30 and below very difficult.

    206.835 - 1.015 words/sentence - 84.6 syllables/word (Flesch 1948, A new readability
    yardstick, Journal of Applied Psychology 32). Values outside of 0 to 100 are possible.
    """
    if not tally.words or not tally.sentences:
        return None
    return 206.835 - 1.015 * tally.words / tally.sentences - 84.6 * tally.syllables / tally.words


def grade(tally: TextCounts) -> float | None:
    """Flesch-Kincaid grade: years of US schooling that a reader needs; higher is harder.

    0.39 words/sentence + 11.8 syllables/word - 15.59 (Kincaid, Fishburne, Rogers and Chissom
    1975, Naval Technical Training Command report 8-75).
    """
    if not tally.words or not tally.sentences:
        return None
    return 0.39 * tally.words / tally.sentences + 11.8 * tally.syllables / tally.words - 15.59


def smog(tally: TextCounts) -> float | None:
    """SMOG grade: years of US schooling for full understanding, the usual one for health texts.

    3.1291 + 1.0430 sqrt(30 polysyllables/sentences) (McLaughlin 1969, SMOG grading, Journal of
    Reading 12). The original samples 30 sentences; here all are used, and fewer give None.
    """
    if tally.sentences < SMOG_LEAST:
        return None
    return 3.1291 + 1.0430 * math.sqrt(30 * tally.polysyllables / tally.sentences)


def lix(tally: TextCounts) -> float | None:
    """LIX: below 30 very easy, 40 medium, above 60 very difficult; for languages that write spaces
    between words.

    words/sentence + 100 long words/words, long: more than six letters (Björnsson 1968, Läsbarhet).
    """
    if not tally.words or not tally.sentences:
        return None
    return tally.words / tally.sentences + 100 * tally.long / tally.words


_VOWELS = re.compile(r"[aeiouy]+")
_GLIDES = re.compile(r"^y(?=[aeiou])|(?<=q)u")  # y and u that are pronounced as consonants
_SILENT_END = re.compile(
    r"[^aeiouy](?<![^aeiouylr]l)e$"  # dose, whole; not table
    r"|[^aeiouytd](?<![^aeiouylr]l)ed$"  # caused; not treated, settled
    r"|[^aeiouyszxcg](?<![cs]h)(?<![^aeiouylr]l)es$"  # times; not doses, changes, tables
)
_SILENT_INSIDE = re.compile(
    r"(?<=[aeiouy][^aeiouy])e(?=(?:ly|ments?|ful|fully|less|lessly|ness|lessness)$)"
    r"|(?:(?<=^som)|(?<=^wher)|(?<=^ther)|(?<=^her)|(?<=^hom)|(?<=^lif)|(?<=^sid)|(?<=^car))"
    r"e(?=[bcdfghkmnpstvw])(?!mia|pat|moph)"  # sometimes, therefore, lifelong, careful
)
_APART = re.compile(
    r"(?<![cgtsx])i[ao](?!u)|(?<![cgtsx])iou"  # dial, period, serious; not special, patient
    r"|(?<=[cgstx])ia(?=t)|i(?=um|us)"  # initiate, sodium
    r"|(?<![cgtsx])i(?=e(?:nce|nt))|(?<=^sc)i(?=en)"  # audience, science; not patient, conscience
    r"|i(?=ety)|(?<=q)i(?=et)|(?<![cgtx])i(?=e(?:r|st)$)"  # anxiety, quiet, easier
    r"|[aeouy]i(?=ng)|(?<=[aeiou])y(?=ing)"  # seeing, playing
    r"|(?<![qg])u(?=al|ous|ate|ation|ity)|e(?=ity|um$|ous$)"  # usual, continuous, fluidity, nuclei
    r"|(?<=cr)ea(?=t)|(?<=r)ea(?=ct)"  # create, react
    r"|(?<![aeiou])y(?=[aeio])(?<!^y)"  # cyanide, hyoid
)
_SYLLABIC = re.compile(r"(?:s|th)ms?$|(?<=[ds])n't$")  # spasm, rhythm, didn't


_LETTERS = str.maketrans({"œ": "e", "æ": "e", "ø": "o", "ł": "l"})
# A vowel with a diaeresis after another is a syllable of its own (naïve); é is never silent (café).
_SOUNDED = re.compile(r"(?<=[aeiouy])[aeiou]\u0308|e\u0301")


def syllables(form: str) -> int:
    """Syllables of an English word or number as it is written; at least one."""
    if any(map(str.isdecimal, folded := fold(form))):
        parts = re.findall(r"\d+|[^\W\d_]+", folded)  # B12: a letter and a number
        spoken = sum(_of_number(p) if p.isdecimal() else syllables(p) for p in parts)
        return max(spoken + folded.count("."), 1)  # the decimal point is read too
    word = form.lower()
    if not word.isascii():
        text = unicodedata.normalize("NFD", word).translate(_LETTERS)
        word = fold(_SOUNDED.sub(lambda m: "-a" if m[0][-1] == "\u0308" else "a", text))
    spoken = len(_SYLLABIC.findall(word))
    bare = _GLIDES.sub("", word.removesuffix("'s").replace("'", ""))
    spoken += len(_VOWELS.findall(bare)) + len(_APART.findall(bare))
    if spoken > 1:
        spoken -= len(_SILENT_INSIDE.findall(bare)) + len(_SILENT_END.findall(bare))
    return max(spoken, 1)


_ONES = (2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 3, 1, 2, 2, 2, 2, 3, 2, 2)  # zero to nineteen
_TENS = (0, 0, 2, 2, 2, 2, 2, 3, 2, 2)  # twenty, thirty …
_LARGE = ((10**12, 2), (10**9, 2), (10**6, 2), (1000, 2), (100, 2))  # trillion … hundred
MOST_DIGITS = 15  # longer numbers are read digit by digit
_YEARS = range(1100, 2000)


def _of_number(digits: str) -> int:
    """Syllables of a whole number read aloud: years as pairs of digits (nineteen ninety-four),
    numbers that begin with 0 or are longer than `MOST_DIGITS` digit by digit."""
    if digits[0] == "0" or len(digits) > MOST_DIGITS:
        return sum(_ONES[int(digit)] for digit in digits)
    number = int(digits)
    if number in _YEARS:
        return _of_positive(number // 100) + (_of_positive(number % 100) or 2)
    return _of_positive(number)


def _of_positive(number: int) -> int:
    """Syllables of a positive number; 0 for 0, which is silent within larger numbers."""
    for size, spoken in _LARGE:
        if number >= size:
            return _of_positive(number // size) + spoken + _of_positive(number % size)
    if number < len(_ONES):
        return _ONES[number] if number else 0
    return _TENS[number // 10] + _of_positive(number % 10)


PROSE: tuple[Kind, ...] = ("paragraph", "quote")


@dataclass(frozen=True, slots=True)
class Scores:
    """Length and readability of an article, or of one of its sections."""

    article: ArticleRef
    section: tuple[str, ...] | None  # headings, top down; () above the first; None: the article
    passages: int
    sentences: int  # list items, table rows and lines of code included
    words: int
    prose: TextCounts  # counts of the prose alone, from which the scores below are computed
    longest: int  # words of the longest sentence of the prose; 0: no prose
    flesch: float | None  # reading ease, higher is easier; None: not English, or no prose
    grade: float | None  # Flesch-Kincaid, years of schooling; None: not English, or no prose
    smog: float | None  # years of schooling; None: not English, or fewer than 30 sentences
    lix: float | None  # higher is harder; None: no prose, or a language written without spaces
    passage: str  # id of its first passage


@dataclass(frozen=True, slots=True)
class Outlier:
    """A sentence or passage that is much longer or shorter than others."""

    unit: UnitKind
    article: ArticleRef
    section: tuple[str, ...]
    passage: str  # passage id
    start: int  # in the passage's text (code points)
    end: int
    text: str
    words: int


@dataclass(frozen=True, slots=True)
class Outliers:
    """The outliers in length among the sentences, or among the passages."""

    unit: UnitKind
    usual: UsualLengths | None  # None: too few lengths
    found: tuple[Outlier, ...]  # furthest from the median first, at most as many as requested
    total: int  # outliers in all, not only those in `found`


@dataclass(frozen=True, slots=True)
class Readability:
    """Readability and length of a corpus, or of some articles."""

    articles: tuple[Scores, ...]  # in order of their ids
    sections: tuple[Scores, ...]  # by article, in order of the text
    outliers: tuple[Outliers, ...]  # among sentences and among passages of prose
    kinds: tuple[Kind, ...]  # kinds of passages that count as prose


def readability(
    snapshot: Snapshot,
    articles: Collection[tuple[int, int]] | None = None,
    cutoff: float = CUTOFF,
    most: int | None = None,
) -> Readability:
    """Measure all articles, or the given ones (part, number).

    `most` limits the number of outliers of each unit. Raises `UsageError` for an invalid parameter.
    """
    if not cutoff > 0:
        raise UsageError(f"cutoff {cutoff}: use a modified z-score above 0, for instance {CUTOFF}")
    if most is not None and most < 0:
        raise UsageError("the number of outliers must not be negative")
    passages = _UnitTable.of(snapshot, corpus_units(snapshot, "passage", articles))
    sentences = _UnitTable.of(snapshot, corpus_units(snapshot, "sentence", articles))
    counts = _counts(snapshot, sentences.units)
    return Readability(
        articles=tuple(_all_scores(snapshot, passages, sentences, counts, by_section=False)),
        sections=tuple(_all_scores(snapshot, passages, sentences, counts, by_section=True)),
        outliers=tuple(_outliers(snapshot, r, cutoff, most) for r in (sentences, passages)),
        kinds=PROSE,
    )


@dataclass(frozen=True)
class _UnitTable:
    """Units with their article, section and kind; each column has one row per unit."""

    units: TextUnits
    articles: Array  # rank of the article among all (int64)
    sections: Array  # number of the heading in its part, -1 for none (int64)
    prose: Array  # whether it is prose (bool)

    @classmethod
    def of(cls, snapshot: Snapshot, units: TextUnits) -> _UnitTable:
        """Look up the columns of these units in the tables of a snapshot."""
        ranks, sections = np.zeros((2, units.sizes.size), np.int64)
        prose = np.zeros(units.sizes.size, bool)
        codes = [KINDS.index(kind) for kind in PROSE]
        for number, part in enumerate(snapshot.parts):
            mine = np.flatnonzero(units.parts == number)
            passages, column = units.passages[mine], part.segment.column
            ranks[mine] = snapshot.article_ranks[number][column("passage.article")[passages]]
            sections[mine] = column("passage.heading")[passages]
            prose[mine] = np.isin(column("passage.kind")[passages], codes)
        return cls(units, ranks, sections, prose)

    def keys(self, by_section: bool) -> Array:
        """Grouping keys: equal for units of the same article, or of the same section (int64)."""
        return self.articles << 32 | self.sections + 1 if by_section else self.articles


def _counts(snapshot: Snapshot, sentences: TextUnits) -> Array:
    """Syllables, long words and polysyllables of each sentence (int64, shape (3, sentences))."""
    counts = np.zeros((3, sentences.sizes.size), np.int64)
    for number, part in enumerate(snapshot.parts):
        mine = np.flatnonzero(sentences.parts == number)
        sizes = sentences.sizes[mine]
        places = expanded(sentences.tokens[mine], sizes)
        if not places.size:
            continue
        before = np.cumsum(sizes) - sizes
        segment = part.segment
        distinct, inverse = np.unique(segment.forms_at(places), return_inverse=True)
        by_form = [_word_counts(segment.vocabulary.forms[form]) for form in distinct.tolist()]
        for row, values in enumerate(np.array(by_form, np.int64).T):
            counts[row, mine] = np.add.reduceat(values[inverse], before)
    return counts


@lru_cache(maxsize=1 << 16)
def _word_counts(form: str) -> tuple[int, int, int]:
    """Syllables of a word as written, whether it is long, and whether it is a polysyllable."""
    word = fold(form)
    spoken = syllables(form)
    is_number = any(map(str.isdigit, word))
    return spoken, sum(map(str.isalpha, word)) >= LONG, spoken >= MANY and not is_number


def _all_scores(
    snapshot: Snapshot,
    passages: _UnitTable,
    sentences: _UnitTable,
    counts: Array,
    *,
    by_section: bool,
) -> Iterator[Scores]:
    """Yield the scores of each article, or of each section, in order of the text."""
    keys, first, home = np.unique(passages.keys(by_section), return_index=True, return_inverse=True)
    inner = np.searchsorted(keys, sentences.keys(by_section))
    prose, size = sentences.prose, keys.size

    def total(column: Array) -> list[int]:
        sums: list[int] = np.bincount(inner, column * prose, size).astype(np.int64).tolist()
        return sums

    words = sentences.units.sizes
    longest = np.zeros(size, np.int64)
    np.maximum.at(longest, inner, words * prose)
    tallies = list(map(TextCounts, total(words), total(np.ones_like(words)), *map(total, counts)))
    sums = np.bincount(home, passages.units.sizes, size).astype(np.int64).tolist()
    n_passages, n_sentences = (np.bincount(rows, minlength=size) for rows in (home, inner))
    for at in np.argsort(first, kind="stable").tolist():
        row, tally = int(first[at]), tallies[at]
        number = int(passages.units.passages[row])
        segment = snapshot.parts[int(passages.units.parts[row])].segment
        article = segment.article_ref(int(segment.article_numbers[number]))
        english = article.language == "en"
        if not english:
            tally = replace(tally, syllables=0, polysyllables=0)
        yield Scores(
            article=article,
            section=segment.path(int(passages.sections[row])) if by_section else None,
            passages=int(n_passages[at]),
            sentences=int(n_sentences[at]),
            words=sums[at],
            prose=tally,
            longest=int(longest[at]),
            flesch=flesch(tally) if english else None,
            grade=grade(tally) if english else None,
            smog=smog(tally) if english else None,
            lix=None if article.language in UNSPACED else lix(tally),
            passage=passage_id(segment, number),
        )


def _outliers(snapshot: Snapshot, rows: _UnitTable, cutoff: float, most: int | None) -> Outliers:
    """The outliers among the units of prose in a table."""
    units = rows.units.take(np.flatnonzero(rows.prose))
    usual = bounds(units.sizes, cutoff)
    outliers = np.zeros(0, np.int64) if usual is None else outside(units.sizes, usual)
    shown = tuple(_outlier(snapshot, units, row) for row in outliers[:most].tolist())
    return Outliers(units.kind, usual, shown, int(outliers.size))


def _outlier(snapshot: Snapshot, units: TextUnits, row: int) -> Outlier:
    unit = units.at(snapshot, row)
    passage = unit.segment.passage(unit.number)
    return Outlier(
        unit=units.kind,
        article=unit.article,
        section=passage.section,
        passage=passage.id,
        start=unit.start,
        end=unit.end,
        text=unit.text,
        words=int(units.sizes[row]),
    )
