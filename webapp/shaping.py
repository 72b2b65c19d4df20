"""What the library returns → the shapes of the API's answers.

In: results, articles, passages, concordances. Out: dictionaries of plain values. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indexer import Article, Block, Concordance, Hit, Index, Mark, Passage, Results
from webapp import links
from webapp.shapes import (
    ArticlesShape,
    BlockShape,
    ConcordanceShape,
    HitShape,
    MarkShape,
    PassageShape,
    PlacedPassageShape,
    SearchShape,
    SuggestShape,
    WholeArticleShape,
)


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
