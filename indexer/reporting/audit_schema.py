"""What audits look like as JSON: one model for each answer, as in `schema`.

In: what the library returns. Out: frozen models. Cells that hold zero are kept, and a ratio to
nothing is null. Refuses nothing.
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
Words = Annotated[float, rounded(2)]  # a number of words that may lie between two
Grade = Annotated[float, rounded(3)]
Ratio = Annotated[  # none: a ratio to nothing
    Score | None, BeforeValidator(lambda value: value if math.isfinite(value) else None)
]
OrNone = BeforeValidator(lambda value: value or None)

# --- terms -------------------------------------------------------------------------------------


class CellShape(Shape):
    """One term in one article or section."""

    article: str = source("article", "id")
    section: list[str]  # headings from the top down; empty for an article
    count: int  # occurrences
    headings: int  # in headings and titles: by section, of those that the first passage is below
    words: int  # in the place: what `count` is a number of
    per_1000: Score | None  # of these words; none where there are no words
    passages: int  # with the term
    passage: str  # id of the first passage with the term there, else of the first one; "": none


class PlaceShape(Shape):
    """An article, or a section of one, without a term in its text."""

    article: str = source("article", "id")
    title: str = source("article", "title")
    section: list[str]
    headings: int  # 0: the term is nowhere in it; above: only in headings and titles
    passage: str  # id of its first passage; "": none


class IntervalShape(Shape):
    """Confidence interval of a rate."""

    low: Score | None  # the lower bound
    high: Score | None  # the upper bound
    confidence: float  # how sure this is, from 0 to 1


class DispersionShape(Shape):
    """How evenly a term is distributed; `scales` says which way each measure runs."""

    parts: int  # that were compared
    of: Literal["articles", "sections", "segments"]  # what these are
    range: int  # parts with the term
    juilland_d: Score | None  # Juilland's D: 1 is even
    dp: Score | None  # Gries' deviation of proportions: 0 is even
    dp_norm: Score | None  # the same, so that 1 can be reached
    arf: Score | None  # average reduced frequency


class CountShape(Shape):
    """How often something occurs in the text."""

    total: int  # occurrences in the text of passages
    words: int  # in the same text
    per_1000: Score | None  # occurrences in 1,000 words
    interval: IntervalShape = source("rate")  # the 95% interval
    passages: int
    sections: int
    articles: int
    dispersion: DispersionShape  # how evenly it is distributed


class NamedTermShape(Shape):
    """A term with its place in the list of terms."""

    term: str = source("term", "query")  # as it was asked for
    group: str = source("term", "group")  # the group of terms that it belongs to
    role: str = source("term", "role")  # what a term is in its group, such as preferred


class TermShape(CountShape, NamedTermShape):
    """One term."""

    forms: dict[str, int]  # as written, with their counts
    unique: int  # passages that no other term of the list is found in
    headings: int  # occurrences in headings and titles, which are in no other number
    by: list[CellShape]  # zeros kept
    lacking: list[PlaceShape]  # places where it does not occur
    notes: list[str]


class NamedGroupShape(Shape):
    """A group of terms."""

    group: str = source("name")  # the group of terms that it belongs to


class TermGroupShape(CountShape, NamedGroupShape):
    """All terms of one group together."""

    roles: dict[str, int]  # occurrences of the terms of each role
    headings: int  # occurrences in headings and titles
    by: list[CellShape]  # each place, with what was counted there
    lacking: list[PlaceShape]  # places where it does not occur


class ProvenanceShape(Shape):
    """What an audit was made of and with."""

    made: Annotated[str, BeforeValidator(lambda moment: moment.isoformat())]  # when this was made
    corpus_sha256: str = source("corpus")  # digest of the articles
    terms_sha256: str = source("terms")  # digest of the terms
    pilcrow: str  # version of the program
    analysis: int  # version of tokens, folds and stems


class AuditShape(Shape):
    """Counts of terms."""

    terms: list[TermShape]  # the terms
    groups: list[TermGroupShape]  # the groups
    words: int  # in the text of all passages counted over
    passages: int
    sections: int
    articles: int
    by: Literal["article", "section"]  # what places are
    match: Literal["stem", "word", "case"]
    notes: list[str]
    scales: dict[str, str]  # which way each measure of dispersion runs
    provenance: ProvenanceShape | None = rare()  # what the answer was made from

    @classmethod
    def of(
        cls, audit: Audit, addresses: Addresses | None = None, origin: Provenance | None = None
    ) -> dict[str, Any]:
        """The plain values of an audit, in a file with what it was made of."""
        more = {"scales": DIRECTIONS, "provenance": origin, "terms": (), "groups": ()}
        whole = cls.plain(audit, addresses, **more)
        whole["terms"] = [_row(TermShape, count) for count in audit.terms]
        whole["groups"] = [_row(TermGroupShape, count) for count in audit.groups]
        return whole


def _row(shape: type[CountShape], count: Count) -> dict[str, Any]:
    """The plain values of a term or group."""
    bare = replace(count, by=type(count.by)((), (), (), ()))  # and so nothing is lacking
    return shape.from_result(bare).as_dict() | _places(count.by)


def _places(cells: Cells) -> dict[str, list[dict[str, Any]]]:
    """The plain values of `CellShape` and `PlaceShape`, of which an audit has many thousands: a
    model for each would take longer than to count what they tell."""
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


# --- words near others -------------------------------------------------------------------------


class LineShape(Shape):
    """An occurrence with what stands left and right of it."""

    left: str  # what stands to the left
    match: str
    right: str  # what stands to the right
    article: str = source("article", "id")
    section: list[str]
    passage: str  # its id
    start: int  # in the passage's text
    end: int


class ConcordanceShape(Shape):
    """Occurrences in context."""

    query: str
    total: int  # of all occurrences in passages
    headings: int  # further ones, in headings and titles
    notes: list[str]
    lines: list[LineShape]  # every occurrence with its context
    page: PageShape


class WindowShape(Shape):
    """How many words on each side count as near."""

    left: int  # words to the left
    right: int  # words to the right


class CollocateShape(Shape):
    """A word that occurs with a query."""

    word: str  # the word
    left: int  # times on the left of the query
    right: int  # times on its right
    count: int  # both together
    frequency: int  # anywhere outside of the query
    expected: Score  # times near it by chance
    log_dice: Score  # strength of the association, at most 14
    g2: Score  # two cells
    g2_four: Score  # four cells
    mi: Score  # mutual information, in bits
    t: Score  # t score
    few: bool  # whether there are fewer than 5: not reliable
    link: SearchLink = source("word")  # the search for it


class CollocatesShape(Shape):
    """Words that occur with a query."""

    query: str
    nodes: int  # occurrences of the query
    near: int  # words in the windows
    words: int  # in all, outside of the query
    window: WindowShape  # how far from the query
    least: int  # minimum frequency of what is listed
    measure: str  # by which the words are sorted
    total: int  # words listed, not only those shown
    stopped: int  # function words left out of these
    notes: list[str]
    collocates: list[CollocateShape] = source("rows")  # words near the query
    page: PageShape


class ClusterShape(Shape):
    """A word sequence."""

    text: str
    count: int  # how often
    articles: int  # in which it occurs
    link: SearchLink = source("text")  # the search for it


class ClustersShape(Shape):
    """Recurring word sequences around a query, or any."""

    query: str  # empty: any sequences
    size: int  # words of a sequence
    least: int  # minimum frequency of what is listed
    total: int  # sequences listed, not only those shown
    of: int  # occurrences of sequences of this size, rare ones too: what `count` is a number of
    notes: list[str]
    clusters: list[ClusterShape] = source("rows")  # sequences, the most frequent first
    page: PageShape


class KeywordShape(Shape):
    """A word that is more, or less, frequent here than there."""

    word: str  # the word
    count: int = source("keyness", "count")  # here
    reference_count: int = source("keyness", "reference_count")  # there
    g2: Score = source("keyness", "g2")  # two cells; negative: rarer here
    g2_four: Score = source("keyness", "g2_four")  # four cells
    p: Score = source("keyness", "p")  # probability of so great a difference by chance
    log_ratio: Score = source("keyness", "log_ratio")  # 1: twice as frequent here
    simple_maths: Score = source("keyness", "simple_maths")  # ratio of the rates, smoothed
    percent_diff: Ratio = source("keyness", "percent_diff")  # by how many per cent the rate differs
    odds_ratio: Ratio = source("keyness", "odds_ratio")  # how the odds compare with those elsewhere
    few: bool = source("keyness", "few")  # whether there are fewer than 5: not reliable
    link: SearchLink = source("word")  # the search for it


class KeywordsShape(Shape):
    """Words that are more, or less, frequent in some articles than in others."""

    words: int  # here
    reference_words: int  # there
    least: int  # minimum frequency here, found or expected, of what is listed
    total: int  # words listed, not only those shown
    stopped: int  # function words left out of these
    keywords: list[KeywordShape] = source("rows")
    page: PageShape


class WordShape(Shape):
    """How often a word occurs."""

    word: str  # the word
    count: int  # how often
    per_1000: Score  # of all words
    articles: int  # in which it occurs
    link: SearchLink = source("word")  # the search for it


class WordsShape(Shape):
    """How often each word occurs."""

    words: int  # occurrences of all words: what `count` is a number of
    least: int  # minimum frequency of what is listed
    total: int  # words listed, not only those shown
    stopped: int  # function words left out of these
    frequencies: list[WordShape] = source("rows")  # the words, the most frequent first
    page: PageShape


# --- the query log -----------------------------------------------------------------------------


class UnansweredShape(Shape):
    """A query that found nothing, or only passages with some of its words."""

    query: str
    outcome: Literal["nothing", "relaxed"]  # relaxed: passages with some of its words were shown
    readers: int  # at least so many asked it
    times: int
    last: str  # the day when it was asked last
    link: QueryLink = source("query")  # the search for it


class QueriesShape(Shape):
    """Queries that found nothing, or only passages with some of their words."""

    total: int  # queries, not only those shown
    least: int  # minimum number of readers of what is listed
    notes: list[str]
    queries: list[UnansweredShape] = source("rows")
    page: PageShape


# --- near-duplicates ---------------------------------------------------------------------------


class DriftShape(Shape):
    """A risky difference between two copies."""

    risk: Risk  # what kind of word differs
    removed: list[str]  # words that are gone
    added: list[str]  # words that are new


class CopyShape(Shape):
    """One of several copies."""

    article: str = source("article", "id")
    section: list[str]
    passage: str  # its id
    start: int  # in the passage's text, code points
    end: int
    text: str
    words: int
    relation: Literal["identical", "same words", "near"]  # how a copy stands to the first
    overlap: Score  # of shingles (sequences of words) that both have, 0 to 1
    model: int  # number of the copy that it is compared with, from 0
    changes: list[RunShape]  # from that copy to this one; none when identical
    drift: list[DriftShape]  # risky differences from that copy
    link: Permalink = source("passage")


class GroupShape(Shape):
    """Copies of one text."""

    unit: Unit  # what the copies are
    identical: bool  # whether all have the same words
    risks: list[Risk]  # risky differences between them, the most serious first
    copies: list[CopyShape]  # the passages or sentences that are alike


class LikenessShape(Shape):
    """What counts as near."""

    width: int  # words of a shingle, a sequence that is compared
    threshold: Annotated[float, rounded(4)]  # share of them that copies have in common
    least: int  # words; what has fewer is left out


class ComparedShape(Shape):
    """What was compared."""

    unit: Unit  # what was compared
    units: int  # how many were compared
    short: int  # of these, left out for having too few words
    wordings: int  # of those compared, with different words
    method: Literal["exact"]  # all near pairs are found
    recall: None  # null: no near pair is missed


class DuplicatesShape(Shape):
    """Groups of near-duplicates, those with risky differences first."""

    total: int  # groups, not only those shown
    drifting: int  # of these, groups with a risky difference
    copies: int  # passages and sentences in all groups
    likeness: LikenessShape  # how alike copies are
    compared: list[ComparedShape]  # what was compared with what
    groups: list[GroupShape]  # the groups
    page: PageShape


# --- length and readability --------------------------------------------------------------------


class ReadingShape(Shape):
    """Length and readability of an article or section."""

    article: str = source("article", "id")
    title: str = source("article", "title")
    section: list[str] | None  # none: the whole article
    passages: int
    sentences: int  # how many sentences
    words: int
    prose_words: int = source("prose", "words")  # in paragraphs and quotations: scores are of these
    prose_sentences: int = source("prose", "sentences")  # sentences of paragraphs and quotations
    longest: int  # words of the longest of these sentences
    flesch: Grade | None  # high is easy
    grade: Grade | None  # low is easy
    smog: Grade | None  # low is easy
    lix: Grade | None  # low is easy
    passage: str  # id of its first passage
    link: Permalink = source("passage")


class UsualShape(Shape):
    """What lengths are usual, in words."""

    count: int  # lengths that there are
    median: float  # the middle value
    low: Words  # the lower bound
    high: Words  # the upper bound


class OutlierShape(Shape):
    """A passage or sentence of unusual length."""

    article: str = source("article", "id")
    section: list[str]
    passage: str  # its id
    start: int  # in the passage's text
    end: int
    words: int
    text: str


class OutliersShape(Shape):
    """Passages or sentences of unusual length, the furthest from the median first."""

    unit: Unit  # what is of unusual length
    total: int  # not only those shown
    usual: UsualShape | None  # none: too few to tell
    found: list[OutlierShape]  # as many as were asked for


class ReadabilityShape(Shape):
    """Length and readability."""

    total: int  # articles or sections, not only those shown
    readings: list[ReadingShape]  # articles or sections with their measures
    articles: list[ReadingShape]  # of the readings those of whole articles
    sentences: OutliersShape  # those of unusual length
    passages: OutliersShape
    kinds: list[str]  # of the passages that count as prose
    scales: dict[str, str]  # which way each score runs
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
        """A part of the articles or sections, and what is of unusual length in all of them."""
        outliers = {f"{one.unit}s": one for one in found.outliers}
        end = offset + limit
        page = Page(offset, limit, more=end < len(readings))
        shown = readings[offset:end]
        parts = {"total": len(readings), "readings": shown, "page": page}
        parts["articles"] = [row for row in shown if row.section is None]
        parts |= {
            "kinds": found.kinds,
            "scales": {name: ": ".join(said) for name, said in SCALES.items()},
        }
        return cls.from_result({**parts, **outliers}, addresses)


# --- two audits compared -----------------------------------------------------------------------


class SideShape(Shape):
    """One of the two audits."""

    made: str  # when this was made
    pilcrow: str
    analysis: int
    corpus_sha256: str  # digest of the articles
    terms_sha256: str  # digest of the terms
    by: str  # what places were
    match: str
    articles: int
    sections: int
    passages: int
    words: int


class TermNumbersShape(Shape):
    """A term in one of the two audits."""

    total: int  # how many in all
    per_1000: float | None  # occurrences in 1,000 words
    passages: int
    sections: int
    articles: int
    headings: int  # occurrences in headings and titles


class LostPlaceShape(Shape):
    """A place that has lost a term."""

    article: str
    section: list[str]
    headings: int | None  # occurrences in its headings and titles now; none: it is gone, or unknown


class AddedPlaceShape(Shape):
    """A place that has got a term."""

    article: str
    section: list[str]


class TermChangeShape(Shape):
    """What became of one term."""

    term: str  # as it was asked for
    group: str  # the group of terms that it belongs to
    role: str  # what a term is in its group, such as preferred
    status: str = source("fate")
    before: TermNumbersShape | None
    after: TermNumbersShape | None
    lines_lost: int
    lines_added: int
    forms_lost: list[str]
    forms_added: list[str]
    places_lost: list[LostPlaceShape]
    places_added: list[AddedPlaceShape]

    @field_validator("places_added", mode="before")
    @classmethod
    def _named(cls, places: Sequence[tuple[str, Sequence[str]]]) -> list[dict[str, Any]]:
        return [{"article": article, "section": section} for article, section in places]


class TermTurnShape(Shape):
    """Lines of one term in a sentence, before and after."""

    term: str  # as it was asked for
    before: int
    after: int


class ChangeShape(Shape):
    """A sentence that changed."""

    kind: str
    weakened: bool
    article: str
    was_in: Annotated[str | None, OrNone]  # of a moved sentence: the article in which it stood
    section: list[str]
    before: Annotated[str | None, OrNone]  # none: it was not there
    after: Annotated[str | None, OrNone]  # none: it is gone
    difference: list[RunShape] = source("runs")
    drift: list[DriftShape]  # what of the change is risky
    terms: list[TermTurnShape]  # those in the sentence, before and after


class ComparisonShape(Shape):
    """What differs between two audits."""

    before: SideShape
    after: SideShape
    notes: list[str]
    terms: list[TermChangeShape]  # the terms
    changes: list[ChangeShape]
