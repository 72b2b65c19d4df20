"""What the library returns → the shapes of the API's answers.

In: results, articles, passages, concordances. Out: dictionaries of plain values. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from indexer import (
    Article,
    Block,
    Concordance,
    Hit,
    Index,
    Passage,
    Resolution,
    Results,
    shapes,
)
from webapp import links
from webapp.quotes import Quote
from webapp.shapes import (
    ArticlesShape,
    BlockShape,
    ConcordanceShape,
    CountsShape,
    LinkShape,
    LinksShape,
    PassageShape,
    PlacedPassageShape,
    QuoteShape,
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


def placed_shape(found: Resolution, passage: Passage, article: Article) -> PlacedPassageShape:
    """The passage that an id leads to, with its article."""
    link = link_shape(found)
    return {
        **passage_shape(passage),
        "article": {"id": article.id, "title": article.title, "url": article.url},
        "context": passage.context.of(article.text) if passage.context else "",
        "asked": found.id,
        "status": link["status"],
        "confidence": link["confidence"],
        "was": link["was"],
        "difference": link["difference"],
    }


def link_shape(found: Resolution) -> LinkShape:
    """What became of one id."""
    runs = found.difference() if found.status == "edited" else ()
    shape = {
        **shapes.link_shape(found),
        "difference": [{"change": run.change, "text": run.text} for run in runs],
        "link": links.permalink(found.id),
    }
    return cast("LinkShape", shape)


def links_shape(
    found: Sequence[Resolution], counts: Mapping[str, int], status: str, page: tuple[int, int]
) -> LinksShape:
    """One page of links, with the numbers of all."""
    total = counts[status] if status else sum(counts.values())
    offset, limit = page
    return {
        "total": total,
        "counts": cast("CountsShape", dict(counts)),
        "links": [link_shape(link) for link in found],
        "page": {"offset": offset, "limit": limit, "more": offset + limit < total},
    }


def gone_members(found: Resolution, near: Sequence[Hit]) -> dict[str, Any]:
    """What a problem document says of a lost passage."""
    link = link_shape(found)
    return {
        "id": found.id,
        "article": link["article"],
        "title": found.was.title,
        "was": link["was"],
        "nearest": [shapes.hit_shape(hit) for hit in near],
    }


def quote_shape(quote: Quote) -> QuoteShape:
    """Words ready to be quoted."""
    return {
        "id": quote.passage_id,
        "source": quote.source,
        "link": quote.link,
        "text": quote.text,
        "markdown": quote.markdown,
        "html": quote.html,
        "reference": quote.references["reference"],
        "bibtex": quote.references["bibtex"],
        "ris": quote.references["ris"],
        "csl": quote.references["csl"],
    }


def concordance_shape(found: Concordance) -> ConcordanceShape:
    """One page of a concordance."""
    return cast("ConcordanceShape", shapes.concordance_shape(found))
