"""The shapes of an audit and of a concordance as JSON.

In: an `Audit`, or all its evidence; a `Concordance`. Out: a dictionary of plain values with the
keys that are promised to programs; cells that hold zero are kept. Refuses nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.audits.counts import Audit, Cell, Count, GroupCount, TermCount
from indexer.audits.dispersion import DIRECTIONS, Dispersion
from indexer.model import Concordance, Line

if TYPE_CHECKING:
    from indexer.reporting.evidence import Provenance

Shape = dict[str, Any]


def audit_shape(audit: Audit, provenance: Provenance | None = None) -> Shape:
    """Counts of all terms and groups, and what they are counts of."""
    made: Shape = {
        "terms": [_term(term) for term in audit.terms],
        "groups": [_group(group) for group in audit.groups],
        "words": audit.words,
        "passages": audit.passages,
        "sections": audit.sections,
        "articles": audit.articles,
        "by": audit.by,
        "match": audit.match,
        "notes": list(audit.notes),
        "scales": dict(DIRECTIONS),
    }
    if provenance:
        made["provenance"] = provenance_shape(provenance)
    return made


def provenance_shape(provenance: Provenance) -> Shape:
    """What an audit was made of and with."""
    return {
        "made": provenance.made.isoformat(),
        "corpus_sha256": provenance.corpus,
        "terms_sha256": provenance.terms,
        "pilcrow": provenance.pilcrow,
        "analysis": provenance.analysis,
    }


def _term(count: TermCount) -> Shape:
    return {
        "term": count.term.query,
        "group": count.term.group,
        "role": count.term.role,
        **_count(count),
        "forms": dict(count.forms),
        "headings": count.headings,
        "by": [_cell(cell) for cell in count.by],
        "lacking": [_lacking(cell) for cell in count.lacking],
        "notes": list(count.notes),
    }


def _group(count: GroupCount) -> Shape:
    return {
        "group": count.name,
        **_count(count),
        "roles": dict(count.roles),
        "headings": count.headings,
        "by": [_cell(cell) for cell in count.by],
        "lacking": [_lacking(cell) for cell in count.lacking],
    }


def _count(count: Count) -> Shape:
    return {
        "total": count.total,
        "words": count.words,
        "per_1000": _rounded(count.per_1000),
        "interval": {
            "low": _rounded(count.rate.low),
            "high": _rounded(count.rate.high),
            "confidence": count.rate.confidence,
        },
        "passages": count.passages,
        "sections": count.sections,
        "articles": count.articles,
        "dispersion": _dispersion(count.dispersion),
    }


def _dispersion(spread: Dispersion) -> Shape:
    return {
        "parts": spread.parts,
        "of": spread.of,
        "range": spread.range,
        "juilland_d": _rounded(spread.juilland_d),
        "dp": _rounded(spread.dp),
        "dp_norm": _rounded(spread.dp_norm),
        "arf": _rounded(spread.arf),
    }


def _cell(cell: Cell) -> Shape:
    return {
        "article": cell.article.id,
        "section": list(cell.section),
        "count": cell.count,
        "headings": cell.headings,
        "words": cell.words,
        "per_1000": _rounded(cell.per_1000),
        "passages": cell.passages,
    }


def _lacking(cell: Cell) -> Shape:
    """A place without the term in its text: nowhere, or only in headings and titles."""
    return {
        "article": cell.article.id,
        "title": cell.article.title,
        "section": list(cell.section),
        "headings": cell.headings,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def concordance_shape(concordance: Concordance) -> Shape:
    """A concordance, one page of it or all."""
    page = concordance.page
    return {
        "query": concordance.query,
        "total": concordance.total,
        "headings": concordance.headings,
        "notes": list(concordance.notes),
        "lines": [_line(line) for line in concordance.lines],
        "page": {"offset": page.offset, "limit": page.limit, "more": page.more},
    }


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
