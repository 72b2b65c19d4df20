"""The shapes of JSON: answers as dictionaries of plain values.

In: what the library returns. Out: dictionaries and lists with the keys that are promised to
programs, in the order in which a person would read them. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from indexer.building import IndexReport
from indexer.errors import SourceError
from indexer.model import (
    Article,
    ArticleRef,
    Block,
    Concordance,
    Hit,
    Line,
    Mark,
    Page,
    Passage,
    Results,
)

Shape = dict[str, Any]


def permalink(passage_id: str) -> str:
    """Path of the passage's permanent address on the site that serves the index."""
    return "/p/" + quote(passage_id, safe="")


def outline_shape(path: str, article: Article, passages: Sequence[Passage]) -> Shape:
    """An article parsed from `path`, its blocks and its passages."""
    return {
        "path": path,
        "article": {**_article(article), "language": article.language},
        "text": article.text,
        "blocks": [block_shape(block, article.text) for block in article.blocks],
        "passages": [passage_shape(passage) for passage in passages],
    }


def results_shape(results: Results) -> Shape:
    """An answer of `search`."""
    return {
        "query": results.query,
        "total": results.total,
        "relaxed": results.relaxed,
        "notes": list(results.notes),
        "hits": [_hit(hit) for hit in results.hits],
        "facets": {
            name: [{"value": f.value, "label": f.label, "count": f.count} for f in facets]
            for name, facets in results.facets.items()
        },
        "distinct": dict(results.distinct),
        "missing": list(results.missing),
        "suggestion": results.suggestion,
        "page": _page(results.page),
    }


def concordance_shape(concordance: Concordance) -> Shape:
    """A concordance, one page of it or all."""
    return {
        "query": concordance.query,
        "total": concordance.total,
        "headings": concordance.headings,
        "notes": list(concordance.notes),
        "lines": [_line(line) for line in concordance.lines],
        "page": _page(concordance.page),
    }


def report_shape(report: IndexReport) -> Shape:
    """What indexing did."""
    return {
        "added": report.added,
        "changed": report.changed,
        "removed": report.removed,
        "unchanged": report.unchanged,
        "articles": report.articles,
        "passages": report.passages,
        "skipped": problems_shape(report.skipped),
        "seconds": round(report.seconds, 3),
        "generation": report.generation,
    }


def problems_shape(problems: Iterable[SourceError]) -> list[Shape]:
    """Files that were skipped, with the reason for each."""
    return [
        {"path": p.path, "line": p.line, "reason": p.reason, "remedy": p.remedy} for p in problems
    ]


def _article(article: Article | ArticleRef) -> Shape:
    return {"id": article.id, "title": article.title, "url": article.url}


def block_shape(block: Block, text: str) -> Shape:
    """One block of the article that has `text`."""
    return {
        "kind": block.kind,
        "level": block.level,
        "start": block.span.start,
        "end": block.span.end,
        "text": block.span.of(text),
        "section": list(block.section),
    }


def passage_shape(passage: Passage) -> Shape:
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
    }


def _hit(hit: Hit) -> Shape:
    return {
        "id": hit.passage.id,
        "article": _article(hit.article),
        "section": list(hit.passage.section),
        "kind": hit.passage.kind,
        "ordinal": hit.passage.ordinal,
        "score": round(hit.score, 6),
        "text": hit.passage.text,
        "marks": [_mark(mark) for mark in hit.marks],
        "link": permalink(hit.passage.id),
    }


def _mark(mark: Mark) -> Shape:
    return {"start": mark.start, "end": mark.end, "reason": mark.reason}


def _line(line: Line) -> Shape:
    return {
        "left": line.left,
        "match": line.match,
        "right": line.right,
        "article": line.article.id,
        "section": list(line.section),
        "passage": line.passage,
        "start": line.start,
        "end": line.end,
    }


def _page(page: Page) -> Shape:
    return {"offset": page.offset, "limit": page.limit, "more": page.more}
