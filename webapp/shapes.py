"""The shapes of the API's answers, typed, so that their JSON Schemas are made from them.

They have the same keys as the command line's JSON; `shaping` fills them.
"""

from __future__ import annotations

from typing import Literal

from typing_extensions import NotRequired, TypedDict

Status = Literal["intact", "moved", "edited", "lost"]


class ArticleShape(TypedDict):
    """What an answer shows of an article."""

    id: str
    title: str
    url: str  # of the original page, or empty


class MarkShape(TypedDict):
    """A marked range of a text, in code points, and why it is marked."""

    start: int
    end: int
    reason: str


class FoundHeadingShape(TypedDict):
    """A heading without passages of its own."""

    text: str
    section: list[str]  # its path, from the top down: the headings above it and itself
    marks: list[MarkShape]


class HitShape(TypedDict):
    """A passage that was found."""

    id: str
    article: ArticleShape
    section: list[str]  # headings from the top down
    kind: str
    ordinal: int  # 1 for the article's first passage
    score: float
    text: str
    marks: list[MarkShape]
    section_marks: list[list[MarkShape]]  # in each heading of `section`
    title_marks: list[MarkShape]
    found_in: Literal["text", "heading", "title"]  # heading, title: the passage has no marks
    link: str
    heading: NotRequired[FoundHeadingShape]  # that it was found by, where `section` lacks it


class FacetShape(TypedDict):
    """How many of the passages found have one value."""

    value: str
    label: str
    count: int


class PageShape(TypedDict):
    """Which part of the answer this is."""

    offset: int
    limit: int
    more: bool  # whether something follows


class SearchShape(TypedDict):
    """Passages found."""

    query: str
    total: int  # of all passages found, not only those shown
    relaxed: bool  # whether passages with any of the words are shown for want of all
    notes: list[str]
    hits: list[HitShape]
    facets: dict[str, list[FacetShape]]  # the largest values of each
    distinct: dict[str, int]  # how many values each facet has
    page: PageShape
    missing: list[str]  # when nothing was found: words that no passage has
    suggestion: str  # when nothing was found: a query that finds something, or empty


class SuggestionShape(TypedDict):
    """A way to complete what was typed."""

    text: str
    kind: str  # term or heading
    count: int  # occurrences of a term; passages below a heading
    link: str


class SuggestShape(TypedDict):
    """Ways to complete what was typed."""

    query: str
    suggestions: list[SuggestionShape]


class ListedArticleShape(ArticleShape):
    """One article of the list."""

    language: str
    link: str


class ArticlesShape(TypedDict):
    """The articles of the index."""

    total: int
    articles: list[ListedArticleShape]
    page: PageShape


class BlockShape(TypedDict):
    """A heading, paragraph, list item … of an article."""

    kind: str
    level: int
    start: int
    end: int
    text: str
    section: list[str]


class PassageShape(TypedDict):
    """A passage within its article."""

    id: str
    anchor: str
    section: list[str]
    kind: str
    ordinal: int
    start: int
    end: int
    text: str
    link: str


class WholeArticleShape(ListedArticleShape):
    """An article with its text, blocks and passages."""

    metadata: dict[str, str]
    text: str
    blocks: list[BlockShape]
    passages: list[PassageShape]


class WasShape(TypedDict):
    """What an id meant before anything happened to its passage."""

    text: str
    section: list[str]
    start: int  # in the article's text as it was then, code points
    end: int


class RunShape(TypedDict):
    """A part of the difference between two texts."""

    change: Literal["kept", "removed", "added"]
    text: str


class PlacedPassageShape(PassageShape):
    """A passage with its article, and what became of the id that was asked for."""

    article: ArticleShape
    context: str  # a list's lead-in or a table's head row, or empty
    asked: str  # the id that was asked for; another than `id` when that has changed
    status: Status
    confidence: float  # 0 to 1, that this is the passage
    was: WasShape
    difference: list[RunShape]  # from what it was to what it is; empty unless it was edited


class NowShape(TypedDict):
    """The passage that a link leads to."""

    passage: str  # its id
    article: str  # id of its article
    text: str
    start: int  # in the article's text
    end: int


class LinkShape(TypedDict):
    """What became of an id."""

    id: str
    status: Status
    article: str  # id of the article that it leads to, or was last in
    section: list[str]
    was: WasShape
    now: NowShape | None  # none when it is lost
    confidence: float
    difference: list[RunShape]  # empty unless it was edited
    link: str


class CountsShape(TypedDict):
    """How many links there are of each status."""

    lost: int
    edited: int
    moved: int
    intact: int


class LinksShape(TypedDict):
    """What became of the links that were handed out, the most broken first."""

    total: int  # of those that were asked for, not only those shown
    counts: CountsShape  # of all
    links: list[LinkShape]
    page: PageShape


class QuoteShape(TypedDict):
    """Words ready to be quoted."""

    id: str  # of the passage that they begin in
    source: str  # title and section
    link: str  # to these very words
    text: str  # the quote as plain text
    markdown: str
    html: str
    reference: str  # a line that names author, title, date and section, as far as they are known
    bibtex: str
    ris: str
    csl: str  # CSL-JSON


class LineShape(TypedDict):
    """An occurrence with what stands left and right of it."""

    left: str
    match: str
    right: str
    article: str  # its id
    section: list[str]
    passage: str  # its id
    start: int  # in the passage's text
    end: int


class ConcordanceShape(TypedDict):
    """Occurrences in context."""

    query: str
    total: int  # of all occurrences in passages
    headings: int  # further ones, in headings and titles
    notes: list[str]
    lines: list[LineShape]
    page: PageShape
