"""What the library returns → the shapes of the API's answers.

In: results, articles, passages, concordances. Out: dictionaries of plain values. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from indexer import Article, Block, Concordance, Index, Passage, Results, shapes
from webapp import links
from webapp.shapes import (
    ArticlesShape,
    BlockShape,
    ConcordanceShape,
    PassageShape,
    PlacedPassageShape,
    SearchShape,
    SuggestShape,
    WholeArticleShape,
)


def search_shape(results: Results) -> SearchShape:
    """An answer of `search`."""
    return cast("SearchShape", shapes.results_shape(results))


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
        "blocks": [_block_shape(block, article.text) for block in article.blocks],
        "passages": [passage_shape(passage) for passage in passages],
    }


def passage_shape(passage: Passage) -> PassageShape:
    """One passage."""
    found = {**shapes.passage_shape(passage), "link": links.permalink(passage.id)}
    return cast("PassageShape", found)


def _block_shape(block: Block, text: str) -> BlockShape:
    return cast("BlockShape", shapes.block_shape(block, text))


def placed_shape(passage: Passage, article: Article) -> PlacedPassageShape:
    """One passage with its article."""
    return {
        **passage_shape(passage),
        "article": {"id": article.id, "title": article.title, "url": article.url},
        "context": passage.context.of(article.text) if passage.context else "",
    }


def concordance_shape(found: Concordance) -> ConcordanceShape:
    """One page of a concordance."""
    return cast("ConcordanceShape", shapes.concordance_shape(found))
