"""Evidence: all results of an audit, and the hashes of its input, so that it can be reproduced.

In: an open index, terms and a request. Out: frozen `Evidence`: the counts, the barcodes of each
term, its concordance lines with whole sentences as context, its collocates, and the hashes of the
texts and of the term list. Refuses what `Index.audit` refuses.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import pairwise

from indexer.audits.collocates import Collocates
from indexer.audits.comparison import Comparison, compare
from indexer.audits.counts import Audit, TermCount
from indexer.audits.dispersion import Barcode
from indexer.audits.saved import SavedArticle, SavedAudit, saved_term
from indexer.audits.scope import By
from indexer.audits.terms import AuditTerm, TermList, given_terms
from indexer.index import Index
from indexer.model import Line, Match, Span
from indexer.reporting.wording import installed_version
from indexer.text.sentences import sentences
from indexer.text.tokenizer import ANALYSIS_VERSION


@dataclass(frozen=True, slots=True)
class EvidenceRequest:
    """How to count, and how much of each list to gather."""

    by: By = "article"
    match: Match = "stem"
    articles: tuple[str, ...] | None = None  # ids; None: all
    lines: int | None = None  # of each term's concordance; None: all
    collocates: int = 0  # collocates of each term; 0: none
    least: int = 3  # minimum frequency of a collocate near the term


@dataclass(frozen=True, slots=True)
class Provenance:
    """Input and versions that an audit was made from: the same ones give the same result."""

    made: datetime  # with its time zone
    corpus: str  # SHA-256 of ids and texts of the articles audited, hexadecimal
    terms: str  # SHA-256 of the queries with their groups and roles, and of `match`
    pilcrow: str  # version of the program
    analysis: int  # version of the tokeniser, folding and stemming


@dataclass(frozen=True, slots=True)
class TermEvidence:
    """Results for one term."""

    count: TermCount
    barcodes: tuple[Barcode, ...]  # one per article
    lines: tuple[Line, ...]  # with whole sentences as context, in corpus order, as many as wanted
    collocates: Collocates | None  # None: not wanted, or the term doesn't occur


@dataclass(frozen=True, slots=True)
class Evidence:
    """An audit with everything that a report shows."""

    audit: Audit
    terms: tuple[TermEvidence, ...]  # in the order of `audit.terms`
    articles: tuple[str, ...] | None  # ids of the articles audited; None: all
    provenance: Provenance


def evidence(
    index: Index, terms: TermList | Iterable[str | AuditTerm], request: EvidenceRequest
) -> Evidence:
    """Audits the terms and gathers what the request asks for."""
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
    # Collocates cover the whole index: next to counts of some articles they would mislead.
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
    """SHA-256 of ids and texts of all articles, or of those named, in order of their ids."""
    names = [ref.id for ref in index.articles()] if articles is None else list(articles)
    made = hashlib.sha256()
    for name in sorted(set(names)):
        for part in (name, index.article(name).text):
            data = part.encode("utf-8", "surrogatepass")
            made.update(b"%d:" % len(data) + data)  # the length keeps parts apart
    return made.hexdigest()


def terms_hash(terms: Sequence[AuditTerm], match: Match) -> str:
    """SHA-256 of the terms in order, with their groups and roles, and of `match`."""
    rows = [[term.query, term.group, term.role] for term in terms]
    return hashlib.sha256(json.dumps([match, rows]).encode()).hexdigest()


# --- saving and comparing ----------------------------------------------------------------------


def saved(found: Evidence) -> SavedAudit:
    """The part of an audit that is saved; `found` must hold all concordance lines."""
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
    """Compares a saved audit with a newer one of this index."""
    known = {ref.id for ref in index.articles()}

    def now(article_id: str) -> list[str]:
        if article_id not in known:
            return []
        language, found = index.article(article_id).language, []
        for passage in index.passages(article_id):
            # No sentence goes on in the next row.
            for piece in pairwise((0, *passage.breaks, len(passage.text))):
                text = Span(*piece).of(passage.text)
                found += [span.of(text) for span in sentences(text, language)]
        return found

    return compare(before, after, now)
