"""Models of the JSON answers of audits, as in `schema`.

In: what the library returns. Out: frozen models. Cells with a count of zero are kept, and an
infinite ratio is null. Refuses nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, field_validator

from indexer.audits.dispersion import DIRECTIONS
from indexer.model import Page
from indexer.reporting.schema import RunShape
from indexer.reporting.shape import (
    Addresses,
    OrNone,
    PageShape,
    Permalink,
    QueryLink,
    Score,
    SearchLink,
    Shape,
    rare,
    rounded,
    source,
)
from indexer.reporting.wording import SCALES

if TYPE_CHECKING:
    from indexer.audits.counts import Audit, Cells, Count
    from indexer.audits.readability import Readability, Scores
    from indexer.reporting.evidence import Provenance

Risk = Literal["negation", "number", "unit", "sign", "frequency", "qualifier"]
Unit = Literal["passage", "sentence"]
Words = Annotated[float, rounded(2)]  # a number of words, perhaps not whole
Grade = Annotated[float, rounded(3)]
Ratio = Annotated[  # None: infinite
    Score | None, BeforeValidator(lambda value: value if math.isfinite(value) else None)
]

# --- terms -------------------------------------------------------------------------------------


class CellShape(Shape):
    """Counts of one term in one article or section."""

    article: str = source("article", "id")
    section: list[str]  # section path: headings from the top down; empty for an article
    count: int  # occurrences in the text
    headings: int  # occurrences in headings and titles, counted with the next passage below
    words: int  # number of words of the article or section
    per_1000: Score | None  # occurrences per 1,000 words; null without words
    passages: int  # number of passages with the term
    passage: str  # id of the first passage with the term, or else of the first


class PlaceShape(Shape):
    """An article or section whose text lacks a term."""

    article: str = source("article", "id")
    title: str = source("article", "title")
    section: list[str]
    headings: int  # occurrences in headings and titles; 0: the term is nowhere in it
    passage: str  # id of its first passage; may be empty


class IntervalShape(Shape):
    """Confidence interval of a rate."""

    low: Score | None  # lower bound, per 1,000 words
    high: Score | None  # upper bound, per 1,000 words
    confidence: float  # confidence level, from 0 to 1


class DispersionShape(Shape):
    """How evenly a term is distributed; `scales` gives the direction of each measure."""

    parts: int  # number of parts compared
    of: Literal["articles", "sections", "segments"]  # what the parts are
    range: int  # number of parts with the term
    juilland_d: Score | None  # Juilland's D: 1 is even
    dp: Score | None  # Gries' deviation of proportions: 0 is even
    dp_norm: Score | None  # DP, normalised so that it can reach 1
    arf: Score | None  # average reduced frequency


class CountShape(Shape):
    """Frequency in the text."""

    total: int  # occurrences in the text of passages
    words: int  # number of words of this text
    per_1000: Score | None  # occurrences per 1,000 words
    interval: IntervalShape = source("rate")  # 95% confidence interval of the rate
    passages: int  # number of passages with it
    sections: int  # number of sections with it
    articles: int  # number of articles with it
    dispersion: DispersionShape  # how evenly it is distributed


class NamedTermShape(Shape):
    """A term with its place in the list of terms."""

    term: str = source("term", "query")  # the query, as typed
    group: str = source("term", "group")  # group that the term belongs to
    role: str = source("term", "role")  # role of the term in its group, such as preferred


class TermShape(CountShape, NamedTermShape):
    """Counts of a term."""

    forms: dict[str, int]  # forms as written, with their counts
    unique: int  # number of passages with none of the other terms
    headings: int  # occurrences in headings and titles, in no other number
    by: list[CellShape]  # counts in each article or section, zeros included
    lacking: list[PlaceShape]  # articles or sections whose text lacks it
    notes: list[str]


class NamedGroupShape(Shape):
    """A group of terms."""

    group: str = source("name")  # name of the group


class TermGroupShape(CountShape, NamedGroupShape):
    """Counts of all terms of a group together."""

    roles: dict[str, int]  # occurrences of the terms of each role
    headings: int  # occurrences in headings and titles, in no other number
    by: list[CellShape]  # counts in each article or section, zeros included
    lacking: list[PlaceShape]  # articles or sections whose text lacks all terms


class ProvenanceShape(Shape):
    """Data and versions that an audit was made with."""

    made: Annotated[str, BeforeValidator(lambda moment: moment.isoformat())]  # time, as ISO 8601
    corpus_sha256: str = source("corpus")  # digest of ids and texts of the articles
    terms_sha256: str = source("terms")  # digest of the terms and of how they match
    pilcrow: str  # version of Pilcrow
    analysis: int  # version of the tokeniser, folding and stemming


class AuditShape(Shape):
    """Counts of terms."""

    terms: list[TermShape]  # counts of each term
    groups: list[TermGroupShape]  # counts of each group of terms
    words: int  # number of words of all passages audited
    passages: int  # number of passages audited
    sections: int  # number of sections audited
    articles: int  # number of articles audited
    by: Literal["article", "section"]  # whether counts are by article or by section
    match: Literal["stem", "word", "case"]  # how words match: stem, word or case
    notes: list[str]
    scales: dict[str, str]  # direction of each measure of dispersion
    provenance: ProvenanceShape | None = rare()  # data and versions that the audit was made with

    @classmethod
    def of(
        cls, audit: Audit, addresses: Addresses | None = None, origin: Provenance | None = None
    ) -> dict[str, Any]:
        """Plain values of an audit; `origin` is given for files."""
        more = {"scales": DIRECTIONS, "provenance": origin, "terms": (), "groups": ()}
        whole = cls.from_result(audit, addresses, **more).as_dict()
        whole["terms"] = [_row(TermShape, count) for count in audit.terms]
        whole["groups"] = [_row(TermGroupShape, count) for count in audit.groups]
        return whole


def _row(shape: type[CountShape], count: Count) -> dict[str, Any]:
    """Plain values of a term or group."""
    bare = replace(count, by=type(count.by)((), (), (), ()))  # which also empties `lacking`
    return shape.from_result(bare).as_dict() | _places(count.by)


def _places(cells: Cells) -> dict[str, list[dict[str, Any]]]:
    """Plain values of `CellShape` and `PlaceShape`. An audit has many thousands: making a model of
    each would take longer than counting."""
    by: list[dict[str, Any]] = []
    lacking: list[dict[str, Any]] = []
    columns = (cells.places, cells.counts, cells.headings, cells.passages, cells.firsts)
    for place, count, headings, passages, first in zip(*columns, strict=True):
        article, section, words = place.article, [*place.section], place.words
        passage = f"{first:016x}" if passages else place.passage
        by.append(
            {
                "article": article.id,
                "section": section,
                "count": count,
                "headings": headings,
                "words": words,
                "per_1000": (round(count / words * 1000.0, 6) if count else 0.0) if words else None,
                "passages": passages,
                "passage": passage,
            }
        )
        if not passages:
            lacking.append(
                {
                    "article": article.id,
                    "title": article.title,
                    "section": section,
                    "headings": headings,
                    "passage": passage,
                }
            )
    return {"by": by, "lacking": lacking}


# --- concordance and word lists ----------------------------------------------------------------


class LineShape(Shape):
    """A concordance line: an occurrence in its context."""

    left: str  # context to the left
    match: str  # the matching words
    right: str  # context to the right
    article: str = source("article", "id")
    section: list[str]
    passage: str
    start: int  # position in the passage's text, in code points
    end: int


class ConcordanceShape(Shape):
    """Occurrences in context."""

    query: str
    total: int  # number of occurrences in passages
    headings: int  # further occurrences, in headings and titles
    notes: list[str]
    lines: list[LineShape]  # concordance lines
    page: PageShape


class WindowShape(Shape):
    """Width of the collocation window."""

    left: int  # words to the left of the query
    right: int  # words to the right of the query


class CollocateShape(Shape):
    """A collocate: a word that occurs near a query."""

    word: str  # the word
    left: int  # occurrences to the left of the query
    right: int  # occurrences to the right of the query
    count: int  # occurrences on both sides
    frequency: int  # occurrences in the whole text, outside the query
    expected: Score  # occurrences near the query expected by chance
    log_dice: Score  # logDice, the strength of the association: at most 14
    g2: Score  # G² (log-likelihood) over two cells
    g2_four: Score  # G² (log-likelihood) over four cells
    mi: Score  # mutual information, in bits
    t: Score  # t score
    few: bool  # whether there are fewer than 5 occurrences: not reliable
    link: SearchLink = source("word")  # search for the word


class CollocatesShape(Shape):
    """Collocates of a query."""

    query: str
    nodes: int  # occurrences of the query
    near: int  # number of words in all windows
    words: int  # number of words in the whole text, outside the query
    window: WindowShape  # width of the window
    least: int  # minimum frequency of the words listed
    measure: str  # measure that the words are sorted by
    total: int  # number of words listed, not only those shown
    stopped: int  # number of function words left out
    notes: list[str]
    collocates: list[CollocateShape] = source("rows")  # collocates, the highest measure first
    page: PageShape


class ClusterShape(Shape):
    """A word sequence."""

    text: str
    count: int  # occurrences of the sequence
    articles: int  # number of articles in which it occurs
    link: SearchLink = source("text")  # search for the sequence


class ClustersShape(Shape):
    """Recurring word sequences (n-grams) around a query, or all of them."""

    query: str  # the query, as typed; empty: any sequences
    size: int  # words per sequence
    least: int  # minimum frequency of the sequences listed
    total: int  # number of sequences listed, not only those shown
    of: int  # occurrences of all sequences of this size, including rare ones
    notes: list[str]
    clusters: list[ClusterShape] = source("rows")  # sequences, the most frequent first
    page: PageShape


class KeywordShape(Shape):
    """A word that is more, or less, frequent in the articles compared than in the reference."""

    word: str  # the word
    count: int = source("keyness", "count")  # occurrences in these articles
    reference_count: int = source("keyness", "reference_count")  # occurrences in the reference
    g2: Score = source("keyness", "g2")  # G² over two cells; negative: rarer in these articles
    g2_four: Score = source("keyness", "g2_four")  # G² over four cells
    p: Score = source("keyness", "p")  # probability of such a difference by chance
    log_ratio: Score = source("keyness", "log_ratio")  # log ratio: 1 is twice as frequent
    simple_maths: Score = source("keyness", "simple_maths")  # ratio of the rates, smoothed
    percent_diff: Ratio = source("keyness", "percent_diff")  # difference in per cent, or null
    odds_ratio: Ratio = source("keyness", "odds_ratio")  # ratio of the odds; null if infinite
    few: bool = source("keyness", "few")  # whether there are fewer than 5 occurrences: not reliable
    link: SearchLink = source("word")  # search for the word


class KeywordsShape(Shape):
    """Words that are more, or less, frequent in some articles than in a reference."""

    words: int  # number of words of these articles
    reference_words: int  # number of words of the reference
    least: int  # minimum frequency in these articles, observed or expected
    total: int  # number of words listed, not only those shown
    stopped: int  # number of function words left out
    keywords: list[KeywordShape] = source("rows")
    page: PageShape


class WordShape(Shape):
    """Frequency of a word."""

    word: str  # the word
    count: int  # occurrences of the word
    per_1000: Score  # occurrences per 1,000 words
    articles: int  # number of articles in which it occurs
    link: SearchLink = source("word")  # search for the word


class WordsShape(Shape):
    """Frequencies of words."""

    words: int  # number of all words counted
    least: int  # minimum frequency of the words listed
    total: int  # number of words listed, not only those shown
    stopped: int  # number of function words left out
    frequencies: list[WordShape] = source("rows")  # words, the most frequent first
    page: PageShape


# --- the query log -----------------------------------------------------------------------------


class UnansweredShape(Shape):
    """A query that found nothing, or only passages with some of its words."""

    query: str
    outcome: Literal["nothing", "relaxed"]  # relaxed: passages with some of its words were shown
    readers: int  # at least as many readers asked it
    times: int  # how often it was asked
    last: str  # day on which it was last asked
    link: QueryLink = source("query")  # search for the query


class QueriesShape(Shape):
    """Queries that found nothing, or only passages with some of their words."""

    total: int  # number of queries listed, not only those shown
    least: int  # minimum number of readers of the queries listed
    notes: list[str]
    queries: list[UnansweredShape] = source("rows")
    page: PageShape


# --- near-duplicates ---------------------------------------------------------------------------


class DriftShape(Shape):
    """A risky difference between two texts."""

    risk: Risk  # what differs
    removed: list[str]  # words that were removed
    added: list[str]  # words that were added


class CopyShape(Shape):
    """A copy in a group of near-duplicates."""

    article: str = source("article", "id")
    section: list[str]
    passage: str
    start: int  # position in the passage's text, in code points
    end: int
    text: str
    words: int
    relation: Literal["identical", "same words", "near"]  # relation to its `model`
    overlap: Score  # Jaccard index of the shingles of both, 0 to 1
    model: int  # index of the copy that it is compared with, from 0
    changes: list[RunShape]  # word diff from that copy to this one; empty if identical
    drift: list[DriftShape]  # risky differences from that copy
    link: Permalink = source("passage")


class GroupShape(Shape):
    """Copies of one text."""

    unit: Unit  # whether these are passages or sentences
    identical: bool  # whether all copies have the same words
    risks: list[Risk]  # kinds of risky differences between them, most serious first
    copies: list[CopyShape]  # the copies


class LikenessShape(Shape):
    """What counts as a near-duplicate."""

    width: int  # words per shingle (the sequences that are compared)
    threshold: Annotated[float, rounded(4)]  # minimum Jaccard index of the shingles of two copies
    least: int  # minimum number of words of a passage or sentence


class ComparedShape(Shape):
    """What was compared."""

    unit: Unit  # whether passages or sentences were compared
    units: int  # number of passages or sentences
    short: int  # number of these left out because they have too few words
    wordings: int  # number of different texts among those compared
    method: Literal["exact"]  # exact: all pairs of near-duplicates are found
    recall: None  # null: no pair is missed


class DuplicatesShape(Shape):
    """Groups of near-duplicates, those with risky differences first."""

    total: int  # number of groups, not only those shown
    drifting: int  # number of groups with a risky difference
    copies: int  # number of passages and sentences in all groups
    likeness: LikenessShape  # what counts as a near-duplicate
    compared: list[ComparedShape]  # what was compared
    groups: list[GroupShape]  # groups of copies
    page: PageShape


# --- length and readability --------------------------------------------------------------------


class ReadingShape(Shape):
    """Length and readability of an article or section."""

    article: str = source("article", "id")
    title: str = source("article", "title")
    section: list[str] | None  # section path: headings from the top down; null: the whole article
    passages: int
    sentences: int  # number of sentences, list items and table rows included
    words: int
    prose_words: int = source("prose", "words")  # words of paragraphs and quotations
    prose_sentences: int = source("prose", "sentences")  # sentences of paragraphs and quotations
    longest: int  # number of words of the longest of these sentences
    flesch: Grade | None  # Flesch reading ease: high is easy
    grade: Grade | None  # Flesch-Kincaid grade: low is easy
    smog: Grade | None  # SMOG grade: low is easy
    lix: Grade | None  # LIX: low is easy
    passage: str  # id of its first passage
    link: Permalink = source("passage")


class UsualShape(Shape):
    """Usual lengths, in words."""

    count: int  # number of passages or sentences measured
    median: float  # median length
    low: Words  # shortest usual length
    high: Words  # longest usual length


class OutlierShape(Shape):
    """A passage or sentence of unusual length."""

    article: str = source("article", "id")
    section: list[str]
    passage: str
    start: int  # position in the passage's text, in code points
    end: int
    words: int
    text: str


class OutliersShape(Shape):
    """Passages or sentences of unusual length, the furthest from the median first."""

    unit: Unit  # whether these are passages or sentences
    total: int  # number of outliers, not only those shown
    usual: UsualShape | None  # usual lengths; null: too few to tell
    found: list[OutlierShape]  # outliers, as many as asked for


class ReadabilityShape(Shape):
    """Length and readability."""

    total: int  # number of articles or sections, not only those shown
    readings: list[ReadingShape]  # articles or sections with their scores
    articles: list[ReadingShape]  # those of the readings that are whole articles
    sentences: OutliersShape  # sentences of unusual length
    passages: OutliersShape  # passages of unusual length
    kinds: list[str]  # kinds of passages that count as prose
    scales: dict[str, str]  # direction of each score
    page: PageShape

    @classmethod
    def of(
        cls,
        found: Readability,
        readings: Sequence[Scores],
        offset: int,
        limit: int,
        addresses: Addresses | None = None,
    ) -> ReadabilityShape:
        """A part of the articles or sections, with the outliers of all of them."""
        end = offset + limit
        shown = readings[offset:end]
        return cls.from_result(
            found,
            addresses,
            total=len(readings),
            readings=shown,
            articles=[row for row in shown if row.section is None],
            scales={name: ": ".join(texts) for name, texts in SCALES.items()},
            page=Page(offset, limit, more=end < len(readings)),
            **{f"{one.unit}s": one for one in found.outliers},
        )


# --- two audits compared -----------------------------------------------------------------------


class SideShape(Shape):
    """One of the two audits."""

    made: str  # time at which it was made
    pilcrow: str
    analysis: int
    corpus_sha256: str  # digest of ids and texts of the articles
    terms_sha256: str  # digest of the terms and of how they match
    by: str  # whether counts are by article or by section
    match: str
    articles: int
    sections: int
    passages: int
    words: int


class TermNumbersShape(Shape):
    """Counts of a term in one of the two audits."""

    total: int  # occurrences in the text
    per_1000: float | None  # occurrences per 1,000 words
    passages: int
    sections: int
    articles: int
    headings: int  # occurrences in headings and titles


class LostPlaceShape(Shape):
    """An article or section that has lost a term."""

    article: str
    section: list[str]
    headings: int | None  # occurrences in its headings and titles now; null: gone or unknown


class TermChangeShape(Shape):
    """What became of a term."""

    term: str  # the query, as typed
    group: str  # group that the term belongs to
    role: str  # role of the term in its group, such as preferred
    status: str = source("fate")
    before: TermNumbersShape | None
    after: TermNumbersShape | None
    lines_lost: int
    lines_added: int
    forms_lost: list[str]
    forms_added: list[str]
    places_lost: list[LostPlaceShape]
    places_added: list[dict[str, Any]]  # article and section of each

    @field_validator("places_added", mode="before")
    @classmethod
    def _named(cls, places: Sequence[tuple[str, Sequence[str]]]) -> list[dict[str, Any]]:
        return [{"article": article, "section": section} for article, section in places]


class TermTurnShape(Shape):
    """Concordance lines of a term in a sentence, before and after."""

    term: str  # the query, as typed
    before: int
    after: int


class ChangeShape(Shape):
    """A sentence that changed."""

    kind: str
    weakened: bool
    article: str
    was_in: Annotated[str | None, OrNone]  # id of the article that a moved sentence was in
    section: list[str]
    before: Annotated[str | None, OrNone]  # the old sentence; null if it is new
    after: Annotated[str | None, OrNone]  # the new sentence; null if it is gone
    difference: list[RunShape] = source("runs")
    drift: list[DriftShape]  # risky differences
    terms: list[TermTurnShape]  # terms in the sentence, before or after


class ComparisonShape(Shape):
    """Differences between two audits."""

    before: SideShape
    after: SideShape
    notes: list[str]
    terms: list[TermChangeShape]  # what became of each term
    changes: list[ChangeShape]
