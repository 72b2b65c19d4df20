"""The shapes of the API's answers, typed, so that their JSON Schemas are made from them.

In: what the library returns. Out: dictionaries of plain values with the same keys as the command
line's JSON. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from typing_extensions import TypedDict

from indexer import Article, Block, Concordance, Hit, Index, Mark, Passage, Results
from webapp import links


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
    facets: dict[str, list[FacetShape]]
    page: PageShape
    missing: list[str]  # when nothing was found: words that no passage has
    suggestion: str  # when nothing was found: a query that finds something, or empty


class SuggestionShape(TypedDict):
    """A way to complete what was typed."""

    text: str
    kind: str  # term or heading
    count: int  # of passages
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


def search_shape(results: Results) -> SearchShape:
    """An answer of `search`."""
    return {
        "query": results.query,
        "total": results.total,
        "relaxed": results.relaxed,
        "notes": list(results.notes),
        "hits": [hit_shape(hit) for hit in results.hits],
        "facets": {
            name: [{"value": f.value, "label": f.label, "count": f.count} for f in facets]
            for name, facets in results.facets.items()
        },
        "page": {
            "offset": results.page.offset,
            "limit": results.page.limit,
            "more": results.page.more,
        },
        "missing": list(results.missing),
        "suggestion": results.suggestion,
    }


def hit_shape(hit: Hit) -> HitShape:
    """One hit."""
    passage, article = hit.passage, hit.article
    return {
        "id": passage.id,
        "article": {"id": article.id, "title": article.title, "url": article.url},
        "section": list(passage.section),
        "kind": passage.kind,
        "ordinal": passage.ordinal,
        "score": round(hit.score, 6),
        "text": passage.text,
        "marks": [mark_shape(mark) for mark in hit.marks],
        "link": links.permalink(passage.id),
    }


def mark_shape(mark: Mark) -> MarkShape:
    """One mark."""
    return {"start": mark.start, "end": mark.end, "reason": mark.reason}


def suggest_shape(q: str, index: Index, limit: int) -> SuggestShape:
    """Ways to complete `q`."""
    found = index.suggest(q, limit=limit) if q else ()
    return {
        "query": q,
        "suggestions": [
            {
                "text": suggestion.text,
                "kind": suggestion.kind,
                "count": suggestion.count,
                "link": links.suggestion(suggestion.text, suggestion.kind),
            }
            for suggestion in found
        ],
    }


def articles_shape(index: Index, offset: int, limit: int) -> ArticlesShape:
    """A part of the list of articles, in the order of their ids."""
    articles = index.articles()
    part = articles[offset : offset + limit]
    return {
        "total": len(articles),
        "articles": [
            {
                "id": ref.id,
                "title": ref.title,
                "url": ref.url,
                "language": ref.language,
                "link": links.article(ref.id),
            }
            for ref in part
        ],
        "page": {"offset": offset, "limit": limit, "more": offset + limit < len(articles)},
    }


def article_shape(article: Article, passages: Sequence[Passage]) -> WholeArticleShape:
    """An article with everything in it."""
    metadata: Mapping[str, str] = article.metadata
    return {
        "id": article.id,
        "title": article.title,
        "url": article.url,
        "language": article.language,
        "link": links.article(article.id),
        "metadata": dict(metadata),
        "text": article.text,
        "blocks": [block_shape(block, article.text) for block in article.blocks],
        "passages": [passage_shape(passage) for passage in passages],
    }


def block_shape(block: Block, text: str) -> BlockShape:
    """One block of the article that has `text`."""
    return {
        "kind": block.kind,
        "level": block.level,
        "start": block.span.start,
        "end": block.span.end,
        "text": block.span.of(text),
        "section": list(block.section),
    }


def passage_shape(passage: Passage) -> PassageShape:
    """One passage."""
    return {
        "id": passage.id,
        "anchor": passage.anchor,
        "section": list(passage.section),
        "kind": passage.kind,
        "ordinal": passage.ordinal,
        "start": passage.span.start,
        "end": passage.span.end,
        "text": passage.text,
        "link": links.permalink(passage.id),
    }


def placed_shape(passage: Passage, article: Article) -> PlacedPassageShape:
    """One passage with its article."""
    return {
        **passage_shape(passage),
        "article": {"id": article.id, "title": article.title, "url": article.url},
        "context": passage.context.of(article.text) if passage.context else "",
    }


def concordance_shape(found: Concordance) -> ConcordanceShape:
    """One page of a concordance."""
    return {
        "query": found.query,
        "total": found.total,
        "headings": found.headings,
        "notes": list(found.notes),
        "lines": [
            {
                "left": line.left,
                "match": line.match,
                "right": line.right,
                "article": line.article.id,
                "section": list(line.section),
                "passage": line.passage,
                "start": line.start,
                "end": line.end,
            }
            for line in found.lines
        ],
        "page": {"offset": found.page.offset, "limit": found.page.limit, "more": found.page.more},
    }
