"""The shapes of JSON: answers as dictionaries of plain values.

In: what the library returns. Out: dictionaries and lists with the keys that are promised to
programs, in the order in which a person would read them. Refuses nothing.

The forms that other programs of the field read, which are made in modules beside this one, can be
reached from here: Web Annotations and `citations`; and so can the drawings of barcodes, and audits
as files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from indexer.errors import SourceError
from indexer.lazy import importer
from indexer.links.permalinks import permalink as permalink
from indexer.model import Article, ArticleRef, Block, Hit, Mark, Page, Passage, Results

if TYPE_CHECKING:
    from indexer.ingest.build import IndexReport
    from indexer.links.permalinks import Resolution
    from indexer.reporting.annotations import passage_annotation as passage_annotation
    from indexer.reporting.annotations import results_annotations as results_annotations
    from indexer.reporting.audit_shapes import audit_shape as audit_shape
    from indexer.reporting.audit_shapes import concordance_shape as concordance_shape
    from indexer.reporting.charts import SHADES as SHADES
    from indexer.reporting.charts import barcode_svg as barcode_svg
    from indexer.reporting.charts import shade as shade
    from indexer.reporting.files import FILE_TYPES as FILE_TYPES
    from indexer.reporting.files import audit_file as audit_file
    from indexer.reporting.files import concordance_file as concordance_file
else:
    __getattr__ = importer(
        __name__,
        {
            "indexer.reporting.annotations": ("passage_annotation", "results_annotations"),
            "indexer.reporting.files": ("FILE_TYPES", "audit_file", "concordance_file"),
            "indexer.reporting.audit_shapes": ("audit_shape", "concordance_shape"),
            "indexer.reporting.charts": ("SHADES", "barcode_svg", "shade"),
        },
    )

Shape = dict[str, Any]


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
        "hits": [hit_shape(hit) for hit in results.hits],
        "facets": {
            name: [{"value": f.value, "label": f.label, "count": f.count} for f in facets]
            for name, facets in results.facets.items()
        },
        "distinct": dict(results.distinct),
        "missing": list(results.missing),
        "suggestion": results.suggestion,
        "page": _page(results.page),
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


def citation_shape(article: Article, passage: Passage, permalink: str) -> Shape:
    """A passage as a reference, in each of the formats."""
    from indexer.reporting.citations import as_bibtex, as_csl, as_ris, as_text, citation_of

    cited = citation_of(article, passage, permalink)
    return {
        "reference": as_text(cited),
        "bibtex": as_bibtex((cited,)),
        "ris": as_ris((cited,)),
        "csl": as_csl((cited,)),
    }


def link_shape(link: Resolution) -> Shape:
    """What became of an id."""
    was, now = link.was, link.passage
    there = None
    if now is not None:
        there = {
            "passage": now.id,
            "article": now.article_id,
            "text": now.text,
            "start": now.span.start,
            "end": now.span.end,
        }
    return {
        "id": link.id,
        "status": link.status,
        "article": link.article_id,
        "section": list(link.section),
        "was": {
            "text": was.text,
            "section": list(was.section),
            "start": was.start,
            "end": was.end,
        },
        "now": there,
        "confidence": round(link.confidence, 3),
    }


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


def hit_shape(hit: Hit) -> Shape:
    """One hit; `heading` only where it was found by one that is not in its `section`."""
    section = hit.passage.section
    made = {
        "id": hit.passage.id,
        "article": _article(hit.article),
        "section": list(section),
        "kind": hit.passage.kind,
        "ordinal": hit.passage.ordinal,
        "score": round(hit.score, 6),
        "text": hit.passage.text,
        "marks": _marks(hit.marks),
        "section_marks": [_marks(marks) for marks in hit.section_marks or ((),) * len(section)],
        "title_marks": _marks(hit.title_marks),
        "found_in": hit.found_in,
        "link": permalink(hit.passage.id),
    }
    if hit.heading:
        made["heading"] = {
            "text": hit.heading.text,
            "section": list(hit.heading.section),
            "marks": _marks(hit.heading.marks),
        }
    return made


def _marks(marks: Iterable[Mark]) -> list[Shape]:
    return [{"start": mark.start, "end": mark.end, "reason": mark.reason} for mark in marks]


def _page(page: Page) -> Shape:
    return {"offset": page.offset, "limit": page.limit, "more": page.more}
