"""The shapes of the API's answers, typed, so that their JSON Schemas are made from them.

They have the same keys as the command line's JSON; `shaping` fills them.
"""

from __future__ import annotations

from typing_extensions import TypedDict


class ArticleShape(TypedDict):
    """What an answer shows of an article."""

    id: str
    title: str
    url: str  # of the original page, or empty


class MarkShape(TypedDict):
    """A marked range of a passage's text, in code points, and why it is marked."""

    start: int
    end: int
    reason: str


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
    link: str


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


class PlacedPassageShape(PassageShape):
    """A passage with its article."""

    article: ArticleShape
    context: str  # a list's lead-in or a table's head row, or empty


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
