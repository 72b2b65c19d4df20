"""The shapes of what the API answers to audits, typed, so that their JSON Schemas are made of them.

They have the same keys as the command line's JSON.
"""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from webapp.shapes import PageShape

Risk = Literal["negation", "number", "unit", "qualifier"]


class CellShape(TypedDict):
    """One term in one article or section."""

    article: str  # its id
    section: list[str]  # headings from the top down; empty for an article
    count: int  # occurrences
    headings: int  # in headings and titles: by section, of those that the first passage is below
    words: int  # in the place: what `count` is a number of
    per_1000: float | None  # of these words; none where there are no words
    passages: int  # with the term


class PlaceShape(TypedDict):
    """An article, or a section of one, without a term in its text."""

    article: str  # its id
    title: str
    section: list[str]
    headings: int  # 0: the term is nowhere in it; above: only in headings and titles


class IntervalShape(TypedDict):
    """Between what limits a rate lies."""

    low: float | None
    high: float | None
    confidence: float


class DispersionShape(TypedDict):
    """How evenly a term is spread; `scales` says which way each measure runs."""

    parts: int  # that were compared
    of: Literal["articles", "sections", "segments"]  # what these are
    range: int  # parts with the term
    juilland_d: float | None
    dp: float | None
    dp_norm: float | None
    arf: float | None


class TermShape(TypedDict):
    """One term."""

    term: str
    total: int  # occurrences in the text of passages
    words: int  # in the same text
    per_1000: float | None
    interval: IntervalShape
    passages: int
    sections: int
    articles: int
    forms: dict[str, int]  # as written, with their counts
    headings: int  # occurrences in headings and titles, which are in no other number
    by: list[CellShape]  # zeros kept
    lacking: list[PlaceShape]
    dispersion: DispersionShape
    notes: list[str]


class AuditShape(TypedDict):
    """Counts of terms."""

    terms: list[TermShape]
    words: int  # in the text of all passages counted over
    passages: int
    sections: int
    articles: int
    by: Literal["article", "section"]
    match: Literal["stem", "word", "case"]
    notes: list[str]
    scales: dict[str, str]  # which way each measure of spread runs


class CollocateShape(TypedDict):
    """A word in the company of a query."""

    word: str
    left: int  # times on the left of the query
    right: int
    count: int  # both together
    frequency: int  # anywhere outside of the query
    expected: float  # times near it by chance
    mi: float
    g2: float  # two cells
    g2_four: float  # four cells
    t: float
    log_dice: float
    few: bool  # whether there are too few to rely upon


class CollocatesShape(TypedDict):
    """The company of a query."""

    query: str
    nodes: int  # occurrences of the query
    near: int  # words in the windows
    words: int  # in all, outside of the query
    total: int  # words listed, not only those shown
    collocates: list[CollocateShape]
    notes: list[str]
    page: PageShape


class DriftShape(TypedDict):
    """A change between two copies that touches what a reader may rely on."""

    risk: Risk
    removed: list[str]
    added: list[str]


class CopyShape(TypedDict):
    """One of several copies."""

    article: str  # its id
    section: list[str]
    passage: str  # its id
    start: int  # in the passage's text, code points
    end: int
    text: str
    model: int  # which of the copies, from 0, it is compared with
    relation: Literal["identical", "same words", "near"]
    overlap: float  # of pairs of neighbouring words, 0 to 1
    drift: list[DriftShape]


class GroupShape(TypedDict):
    """Copies of one text."""

    unit: Literal["passage", "sentence"]
    identical: bool  # whether all have the same words
    risks: list[Risk]  # what differs between them, the gravest first
    copies: list[CopyShape]


class DuplicatesShape(TypedDict):
    """Groups of near-duplicates, those that differ in something grave first."""

    total: int  # groups, not only those shown
    drifting: int  # of these, groups in which something grave differs
    groups: list[GroupShape]
    page: PageShape


class ReadingShape(TypedDict):
    """Length and readability of an article or section."""

    article: str  # its id
    section: list[str] | None  # none: the whole article
    passages: int
    sentences: int
    words: int
    prose_words: int  # in paragraphs and quotations: what the scores are of
    prose_sentences: int
    longest: int  # words of the longest of these sentences
    flesch: float | None  # high is easy
    grade: float | None  # low is easy
    smog: float | None  # low is easy
    lix: float | None  # low is easy


class ReadabilityShape(TypedDict):
    """Length and readability."""

    total: int  # articles or sections, not only those shown
    readings: list[ReadingShape]
    page: PageShape
