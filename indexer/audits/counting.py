"""Counting: terms in, an `Audit` out.

Each term is evaluated once, over the text of passages alone. What it finds are the lines of the
concordance of the same query, so that neither counts what the other does not. All is arithmetic on
the arrays; texts are read only for the forms of phrases. Refuses an unknown division or way of
matching, articles that there are not, and what `terms` refuses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from indexer.audits.concordance import heads_with
from indexer.audits.counts import Audit, Cells, GroupCount, TermCount
from indexer.audits.dispersion import Parts, dispersion
from indexer.audits.grounds import By, Ground, ground
from indexer.audits.holding import Held, held_in
from indexer.audits.keyness import rate
from indexer.audits.surfaces import surface_forms
from indexer.audits.terms import Term, TermList, given_terms
from indexer.errors import UsageError
from indexer.model import Match
from indexer.search.searcher import Searcher
from indexer.search.spans import united
from indexer.segments.segment import Segment
from indexer.sorted_arrays import Array, union


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """What is asked for, beside the terms."""

    by: By = "article"
    match: Match = "stem"
    articles: tuple[str, ...] | None = None  # ids; None: all
    confidence: float = 0.95  # of the intervals of rates


Grounds = dict[bool, Ground]  # without boilerplate, and with it where a term asks for it


@dataclass(frozen=True, slots=True)
class _Finds:
    """What a term finds, a row a part."""

    held: list[Held]
    heads: list[Array]  # the heading or title of each occurrence in one (int64)
    boilerplate: bool  # whether it finds boilerplate too


def audit(
    searcher: Searcher, terms: TermList | Iterable[str | Term], request: AuditRequest
) -> Audit:
    """Counts of all terms and groups."""
    if not 0.0 < request.confidence < 1.0:
        raise UsageError(f"confidence {request.confidence}: use a share such as 0.95")
    listed = given_terms(terms)
    grounds: Grounds = {False: ground(searcher.snapshot, request.by, request.articles)}
    counted: list[TermCount] = []
    grouped: dict[str, list[tuple[Term, _Finds]]] = {}
    for term in listed.terms:
        count, finds = _counted(searcher, term, request, grounds)
        counted.append(count)
        if term.group:
            grouped.setdefault(term.group, []).append((term, finds))
    plain = grounds[False]
    return Audit(
        terms=tuple(counted),
        groups=tuple(
            _group(searcher, name, members, request, grounds) for name, members in grouped.items()
        ),
        by=request.by,
        match=request.match,
        places=plain.places,
        words=plain.words,
        passages=plain.passages,
        articles=plain.articles,
        sections=_sections(searcher, plain),
        notes=listed.notes,
    )


def _counted(
    searcher: Searcher, term: Term, request: AuditRequest, grounds: Grounds
) -> tuple[TermCount, _Finds]:
    """One term, and what it finds."""
    parsed = searcher.understand(term.query)
    evaluation = searcher.evaluate(parsed.tree, request.match, text_only=True, bounded=False)
    on = _ground(searcher, request, grounds, evaluation.boilerplate)
    held = held_in(evaluation, on)
    heads = [heads_with(evaluation, part) for part in range(len(searcher.snapshot.parts))]
    finds = _Finds(held, heads, evaluation.boilerplate)
    forms: Counter[str] = Counter()
    for one in held:
        segment = searcher.snapshot.parts[one.part].segment
        forms += surface_forms(segment, one.found, segment.passage_of(one.found.starts))
    count = TermCount(
        **_measured(searcher, finds, on, request.confidence),
        term=term,
        forms=dict(sorted(forms.items(), key=lambda item: (-item[1], item[0]))),
        notes=(*parsed.notes, *evaluation.notes()),
    )
    return count, finds


def _ground(
    searcher: Searcher, request: AuditRequest, grounds: Grounds, boilerplate: bool
) -> Ground:
    if boilerplate not in grounds:
        grounds[boilerplate] = ground(
            searcher.snapshot, request.by, request.articles, boilerplate=boilerplate
        )
    return grounds[boilerplate]


def _measured(searcher: Searcher, finds: _Finds, on: Ground, confidence: float) -> dict[str, Any]:
    """The fields of a `Count`, by their names."""
    counts, passages, headings = np.zeros((3, len(on.places)), np.int64)
    places: list[Array] = []
    articles = sections = 0
    for one, heads in zip(finds.held, finds.heads, strict=True):
        segment = searcher.snapshot.parts[one.part].segment
        starts = one.found.starts
        of = segment.passage_of(starts)
        owners = on.owners[one.part]
        counts += np.bincount(owners[of], minlength=counts.size)
        passages += np.bincount(owners[one.ids], minlength=counts.size)
        above = on.of_heads(one.part, segment, heads)
        headings += np.bincount(above[above >= 0], minlength=counts.size)
        places.append(on.positions(one.part, segment, of, starts))
        articles += _distinct(segment.article_numbers[one.ids])
        sections += _distinct(_homes(segment, one.ids))
    total = int(counts.sum())
    positions = np.concatenate(places) if places else counts[:0]
    unit: Parts = "articles" if on.by == "article" else "sections"
    return {
        "total": total,
        "words": on.words,
        "rate": rate(total, on.words, confidence),
        "passages": int(passages.sum()),
        "articles": articles,
        "sections": sections,
        "by": Cells(on.places, *(tuple(c.tolist()) for c in (counts, passages, headings))),
        "headings": int(headings.sum()),
        "dispersion": dispersion(counts, on.sizes, positions, on.words, unit),
    }


def _sections(searcher: Searcher, on: Ground) -> int:
    """Sections with a passage on this ground."""
    segments = [part.segment for part in searcher.snapshot.parts]
    return sum(
        _distinct(_homes(segment, np.flatnonzero(owners >= 0)))
        for segment, owners in zip(segments, on.owners, strict=True)
    )


def _homes(segment: Segment, ids: Array) -> Array:
    """A number for the section of each passage that has one, other ones for other sections."""
    numbers, paths = segment.article_numbers[ids], segment.path_numbers[ids]
    homes: Array = ((numbers << 32) | (paths + 1))[paths >= 0]
    return homes


def _distinct(numbers: Array) -> int:
    """How many different numbers there are."""
    if not numbers.size:
        return 0
    ordered = np.sort(numbers)
    return 1 + int(np.count_nonzero(ordered[1:] != ordered[:-1]))


def _group(
    searcher: Searcher,
    name: str,
    members: Sequence[tuple[Term, _Finds]],
    request: AuditRequest,
    grounds: Grounds,
) -> GroupCount:
    """All terms of a group together."""
    boilerplate = any(finds.boilerplate for _, finds in members)
    on = grounds[boilerplate]
    held = _united(searcher, [finds.held for _, finds in members])
    heads = [np.concatenate(same) for same in zip(*(finds.heads for _, finds in members))]
    roles = dict.fromkeys(term.role for term, _ in members if term.role)
    by_role = {
        role: _united(searcher, [finds.held for term, finds in members if term.role == role])
        for role in roles
    }
    return GroupCount(
        **_measured(searcher, _Finds(held, heads, boilerplate), on, request.confidence),
        name=name,
        roles={role: sum(h.found.starts.size for h in held) for role, held in by_role.items()},
    )


def _united(searcher: Searcher, of_terms: Sequence[Sequence[Held]]) -> list[Held]:
    """What several terms find, each span and each passage once."""
    together = []
    for same in zip(*of_terms, strict=True):
        part = same[0].part
        size = searcher.snapshot.parts[part].segment.passages
        ids = union([held.ids for held in same], size)
        together.append(Held(part, ids, united([held.found for held in same])))
    return together
