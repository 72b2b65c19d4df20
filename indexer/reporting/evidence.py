"""Evidence: all that an audit found, and what it was found in, so that others can find it again.

In: an open index, terms and what to gather. Out: frozen `Evidence`: the counts, where each term
stands, the lines of its concordance in their sentences, its collocates, and the hashes of the texts
and of the term list. Refuses what `Index.audit` refuses.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from indexer.audits.collocates import Collocates
from indexer.audits.comparison import Comparison, compare
from indexer.audits.counts import Audit, TermCount
from indexer.audits.dispersion import Barcode
from indexer.audits.saved import SavedArticle, SavedAudit, saved_term
from indexer.audits.scope import By
from indexer.audits.terms import AuditTerm, TermList, given_terms
from indexer.index import Index
from indexer.model import Line, Match
from indexer.reporting.wording import installed_version
from indexer.text.sentences import sentences
from indexer.text.tokenizer import ANALYSIS_VERSION


@dataclass(frozen=True, slots=True)
class EvidenceRequest:
    """What to gather, beside the terms."""

    by: By = "article"
    match: Match = "stem"
    articles: tuple[str, ...] | None = None  # ids; None: all
    lines: int | None = None  # of each term's concordance; None: all
    collocates: int = 0  # collocates of each term; 0: none
    least: int = 3  # times that a word must occur near a term to be its collocate


@dataclass(frozen=True, slots=True)
class Provenance:
    """What an audit was made of and with: with the same of all, it comes out the same."""

    made: datetime  # with its time zone
    corpus: str  # SHA-256 over ids and texts of the articles audited, hexadecimal
    terms: str  # SHA-256 over the queries with their groups and roles, and the way of matching
    pilcrow: str  # version of the program
    analysis: int  # version of tokens, folds and stems


@dataclass(frozen=True, slots=True)
class TermEvidence:
    """What was found of one term."""

    count: TermCount
    barcodes: tuple[Barcode, ...]  # of each article
    lines: tuple[Line, ...]  # each in its sentence; those that were asked for, in corpus order
    collocates: Collocates | None  # None: not asked for, or there is none


@dataclass(frozen=True, slots=True)
class Evidence:
    """An audit with all that a report shows."""

    audit: Audit
    terms: tuple[TermEvidence, ...]  # in the order of the audit's
    articles: tuple[str, ...] | None  # ids of those audited; None: all
    provenance: Provenance


def evidence(
    index: Index, terms: TermList | Iterable[str | AuditTerm], request: EvidenceRequest
) -> Evidence:
    """Everything about these terms."""
    listed = given_terms(terms)
    named = request.articles
    audit = index.audit(listed, by=request.by, match=request.match, articles=named)
    return Evidence(
        audit=audit,
        terms=tuple(_of_term(index, count, request) for count in audit.terms),
        articles=named,
        provenance=Provenance(
            made=datetime.now(timezone.utc).replace(microsecond=0),
            corpus=corpus_hash(index, named),
            terms=terms_hash(listed.terms, request.match),
            pilcrow=installed_version(),
            analysis=ANALYSIS_VERSION,
        ),
    )


def _of_term(index: Index, count: TermCount, request: EvidenceRequest) -> TermEvidence:
    query, match, named = count.term.query, request.match, request.articles
    if not count.total:
        return TermEvidence(count, (), (), None)
    lines = index.concordance(
        query, match=match, unit="sentence", articles=named, limit=request.lines
    ).lines
    # Collocates are of the whole index: beside counts of some articles they would mislead.
    wanted = request.collocates and named is None
    return TermEvidence(
        count=count,
        barcodes=index.barcodes(query, match=match, articles=named),
        lines=lines,
        collocates=index.collocates(
            query, match=match, least=request.least, measure="g2", limit=request.collocates
        )
        if wanted
        else None,
    )


def corpus_hash(index: Index, articles: Sequence[str] | None = None) -> str:
    """SHA-256 over ids and texts of all articles, or of those named, in order of their ids."""
    names = [ref.id for ref in index.articles()] if articles is None else list(articles)
    made = hashlib.sha256()
    for name in sorted(set(names)):
        for part in (name, index.article(name).text):
            data = part.encode("utf-8", "surrogatepass")
            made.update(b"%d:" % len(data) + data)  # with its length, so that none can flow over
    return made.hexdigest()


def terms_hash(terms: Sequence[AuditTerm], match: Match) -> str:
    """SHA-256 over terms, with their groups and roles, in their order, and the way of matching."""
    rows = [[term.query, term.group, term.role] for term in terms]
    return hashlib.sha256(json.dumps([match, rows]).encode()).hexdigest()


# --- to be kept and compared -------------------------------------------------------------------


def saved(found: Evidence) -> SavedAudit:
    """What is kept of it; it must hold all lines."""
    audit, origin = found.audit, found.provenance
    articles = dict.fromkeys(line.article for term in found.terms for line in term.lines)
    return SavedAudit(
        format="pilcrow audit",
        version=1,
        made=origin.made.isoformat(),
        pilcrow=origin.pilcrow,
        analysis=origin.analysis,
        corpus_sha256=origin.corpus,
        terms_sha256=origin.terms,
        by=audit.by,
        match=audit.match,
        only=found.articles,
        words=audit.words,
        passages=audit.passages,
        sections=audit.sections,
        articles=audit.articles,
        titles={one.id: SavedArticle(one.title, one.language) for one in articles},
        terms=tuple(saved_term(term.count, term.lines) for term in found.terms),
    )


def compared(index: Index, before: SavedAudit, after: SavedAudit) -> Comparison:
    """What differs between an audit that was saved and one of this index."""
    known = {ref.id for ref in index.articles()}

    def now(article_id: str) -> list[str]:
        if article_id not in known:
            return []
        language = index.article(article_id).language
        texts = [passage.text for passage in index.passages(article_id)]
        return [span.of(text) for text in texts for span in sentences(text, language)]

    return compare(before, after, now)
