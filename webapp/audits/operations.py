"""What the API answers to audits.

In: an open index and the query string. Out: dictionaries of the shapes in `shapes`. Refuses bad
parameters and an audit that is too large for one answer (`ParameterError`).
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any, cast

from indexer import Index, shapes
from webapp.audits import answers
from webapp.audits.forms import (
    BY,
    LEAST,
    LEFT,
    MEASURE,
    RIGHT,
    TERMS,
    UNITS,
    AuditForm,
    By,
    read_company,
)
from webapp.audits.shapes import (
    AuditShape,
    CollocatesShape,
    DuplicatesShape,
    GroupShape,
    ReadabilityShape,
    ReadingShape,
)
from webapp.forms import ARTICLE, MATCH, Match
from webapp.parameters import Number, Query, Text
from webapp.shapes import PageShape

MOST_CELLS = 200_000  # terms by places in one answer

Q = replace(TERMS, required=True)
NODE = Text("q", "What to look for, in the query language.", required=True)
ONE = Text("article", "Only the article with this id.")
LIMIT = Number("limit", "How many words to show.", 50, 1, 1_000)
OFFSET = Number("offset", "How many words to skip.", 0, 0, 10_000_000)
GROUPS = Number("limit", "How many groups to show.", 10, 1, 100)
GROUPS_SKIPPED = Number("offset", "How many groups to skip.", 0, 0, 10_000_000)
READINGS = Number("limit", "How many articles or sections to show.", 100, 1, 1_000)
READINGS_SKIPPED = Number("offset", "How many of them to skip.", 0, 0, 10_000_000)

AUDIT_PARAMETERS = (Q, BY, MATCH, ONE)
COLLOCATES_PARAMETERS = (NODE, MATCH, LEFT, RIGHT, LEAST, MEASURE, LIMIT, OFFSET)
DUPLICATES_PARAMETERS = (ONE, UNITS, GROUPS, GROUPS_SKIPPED)
READABILITY_PARAMETERS = (ONE, BY, READINGS, READINGS_SKIPPED)


def audit(index: Index, query: Query) -> AuditShape:
    """How often, in what forms, where and where not each term stands."""
    form = AuditForm(
        Q.read(query),
        cast(By, BY.read(query)),
        cast(Match, MATCH.read(query)),
        ARTICLE.read(query),
    )
    answers.check_size(index, form.terms, form.by, form.article, MOST_CELLS)
    return cast("AuditShape", shapes.audit_shape(answers.audited(index, form)))


def collocates(index: Index, query: Query) -> CollocatesShape:
    """Words in the company of a query."""
    form = read_company(query)
    found = index.collocates(
        NODE.read(query),
        match=form.match,
        left=form.left,
        right=form.right,
        least=form.least,
        measure=form.measure,
        limit=LIMIT.read(query),
        offset=OFFSET.read(query),
    )
    return {
        "query": found.query,
        "nodes": found.nodes,
        "near": found.near,
        "words": found.words,
        "total": found.total,
        "collocates": [cast(Any, asdict(row)) for row in found.rows],
        "notes": list(found.notes),
        "page": page_shape(found.page.offset, found.page.limit, found.total),
    }


def duplicates(index: Index, query: Query) -> DuplicatesShape:
    """Passages and sentences that stand more than once, or nearly so."""
    limit, offset = GROUPS.read(query), GROUPS_SKIPPED.read(query)
    found = answers.duplicates(index, ONE.read(query), UNITS.read(query), offset, limit)
    return {
        "total": found.total,
        "drifting": found.drifting,
        "groups": [group_shape(group) for group in found.groups],
        "page": page_shape(offset, limit, found.total),
    }


def group_shape(group: Any) -> GroupShape:
    """Copies of one text."""
    return {
        "unit": group.unit,
        "identical": group.identical,
        "risks": list(group.risks),
        "copies": [
            {
                "article": copy.article.id,
                "section": list(copy.section),
                "passage": copy.passage,
                "start": copy.start,
                "end": copy.end,
                "text": copy.text,
                "model": copy.model,
                "relation": copy.relation,
                "overlap": round(copy.overlap, 6),
                "drift": [cast(Any, asdict(one)) for one in copy.drift],
            }
            for copy in group.copies
        ],
    }


def readability(index: Index, query: Query) -> ReadabilityShape:
    """How long, and how hard to read, articles or sections are."""
    limit, offset = READINGS.read(query), READINGS_SKIPPED.read(query)
    found = answers.readability(index, ONE.read(query))
    listed = found.articles if BY.read(query) == "article" else found.sections
    return {
        "total": len(listed),
        "readings": [reading_shape(one) for one in listed[offset : offset + limit]],
        "page": page_shape(offset, limit, len(listed)),
    }


def reading_shape(reading: Any) -> ReadingShape:
    """One article or section."""
    return {
        "article": reading.article.id,
        "section": None if reading.section is None else list(reading.section),
        "passages": reading.passages,
        "sentences": reading.sentences,
        "words": reading.words,
        "prose_words": reading.prose.words,
        "prose_sentences": reading.prose.sentences,
        "longest": reading.longest,
        "flesch": rounded(reading.flesch),
        "grade": rounded(reading.grade),
        "smog": rounded(reading.smog),
        "lix": rounded(reading.lix),
    }


def rounded(value: float | None) -> float | None:
    """A score without digits that mean nothing."""
    return None if value is None else round(value, 3)


def page_shape(offset: int, limit: int, total: int) -> PageShape:
    """Which part of an answer this is."""
    return {"offset": offset, "limit": limit, "more": offset + limit < total}
