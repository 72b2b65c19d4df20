"""Counts of terms: how often, in which forms, where, and where they are missing.

In: terms. Out: an `Audit`. Each term is evaluated once, in the text of passages only. Its
occurrences are exactly the concordance lines of the same query. Every count comes with its
denominator: the words in the text of passages, without headings and titles. Counts are computed
from the arrays; texts are read only for the forms of phrases. Refuses an unknown division or way
of matching, unknown articles, and what `terms` refuses.

A surface form is the text as written, with each run of white space made one space. For words that
need not be adjacent (NEAR, "…"~n) it is the matched words alone, with … between them. The counts of
a term's forms add up to its occurrences. Of several runs that read the same, only one is read: in
an ASCII text, the forms of the words and the bytes between them show which runs these are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain, compress, groupby
from typing import Any, overload

import numpy as np

from indexer.audits.concordance import heads_with
from indexer.audits.dispersion import Dispersion, Parts, dispersion
from indexer.audits.scope import AuditScope, By, Matches, Place, matches_in_scope, scope_of
from indexer.audits.statistics import FEW, Rate, rate
from indexer.audits.terms import AuditTerm, TermList, given_terms
from indexer.errors import UsageError
from indexer.model import ArticleRef, Match
from indexer.query.normalise import QUOTES
from indexer.search.searcher import Searcher
from indexer.search.spans import TokenSpans, united
from indexer.segments.segment import Segment
from indexer.sorted_arrays import Array, changes, distinct, tallied, union


@dataclass(frozen=True, slots=True)
class Cell:
    """One term in one article or section."""

    article: ArticleRef
    section: tuple[str, ...]  # () for an article, or for text above its first heading
    count: int  # occurrences
    words: int  # words in the text of the place: the denominator of `count`
    passages: int  # passages that satisfy the query
    headings: int  # occurrences in headings and titles: see `Cells`
    passage: str  # id of the place's first passage with the term, else its first; "": none

    @property
    def per_1000(self) -> float | None:
        """Occurrences per 1,000 words; None where there are no words."""
        return self.count / self.words * 1000.0 if self.words else None

    @property
    def few(self) -> bool:
        """Whether there are too few occurrences to compare this place with others."""
        return self.count < FEW


@dataclass(frozen=True, slots=True)
class Cells(Sequence[Cell]):
    """A row of the matrix: one cell per place, in corpus order, made on access.

    If the places are sections, a heading counts in the section of the first passage below it (or of
    its stand-in, if there is none), a title in the section of its article's first passage.
    """

    places: tuple[Place, ...] = field(repr=False)
    counts: tuple[int, ...]  # occurrences in each place, zeros kept
    passages: tuple[int, ...]  # passages in each place that satisfy the query
    headings: tuple[int, ...]  # occurrences in the headings and titles of each place
    firsts: tuple[int, ...] = ()  # id of the first passage in each with the term, 0 for none

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, at: int) -> Cell: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Cell, ...]: ...
    def __getitem__(self, at: int | slice) -> Cell | tuple[Cell, ...]:
        if isinstance(at, slice):
            return tuple(self[i] for i in range(*at.indices(len(self))))
        place = self.places[at]
        return Cell(
            place.article,
            place.section,
            self.counts[at],
            place.words,
            self.passages[at],
            self.headings[at],
            f"{self.firsts[at]:016x}" if self.passages[at] else place.passage,
        )

    def where(self, chosen: Sequence[int]) -> Cells:
        """The cells of the places whose number in `chosen` is not 0."""
        numbers = (self.counts, self.passages, self.headings, self.firsts)
        places = tuple(compress(self.places, chosen))
        return Cells(places, *(tuple(compress(column, chosen)) for column in numbers))

    def on(self, places: Sequence[Place]) -> Sequence[Cell | None]:
        """The cells of the given places; None for a place that this row does not have."""
        if places is self.places:
            return self
        own = {(place.article.id, place.section): at for at, place in enumerate(self.places)}
        columns = (own.get((place.article.id, place.section)) for place in places)
        return tuple(None if at is None else self[at] for at in columns)


@dataclass(frozen=True, slots=True)
class Measures:
    """Counts of a term or group over all places."""

    total: int  # occurrences in the text of passages: the lines of its concordance
    words: int  # words in the same text
    rate: Rate  # occurrences per 1,000 of these words
    passages: int  # passages that satisfy the query, as `count` of an index returns
    articles: int  # articles with such a passage
    sections: int  # sections with such a passage directly below their heading
    by: Cells
    headings: int  # occurrences in headings and titles; no other number but `by` includes them
    dispersion: Dispersion  # over the places

    @property
    def per_1000(self) -> float | None:
        """Occurrences per 1,000 words; None where there are no words."""
        return self.rate.per_1000

    @property
    def lacking(self) -> Cells:
        """The cells of places where no passage satisfies the query; their `headings` show where a
        heading or title does."""
        return self.by.where([not passages for passages in self.by.passages])

    @property
    def only_in_headings(self) -> Cells:
        """The cells of places where a heading or title satisfies the query but no passage does."""
        lacking = self.lacking
        return lacking.where(lacking.headings)


@dataclass(frozen=True, slots=True)
class TermCount(Measures):
    """Counts of one term."""

    term: AuditTerm
    forms: Mapping[str, int]  # surface form → occurrences, most frequent first; sum: `total`
    unique: int  # passages that satisfy no other term of the list
    notes: tuple[str, ...]  # parts of the query that were left out

    @property
    def identity(self) -> tuple[str, str, str]:
        """Query, group and role."""
        return self.term.query, self.term.group, self.term.role


@dataclass(frozen=True, slots=True)
class GroupCount(Measures):
    """Counts of all terms of a group or family together. A span that several terms match counts
    once; only `headings` is the sum over the terms."""

    name: str
    roles: Mapping[str, int]  # role → occurrences of its terms, each span once

    @property
    def identity(self) -> tuple[str, str, str]:
        """An empty query, the group, no role."""
        return "", self.name, ""


Count = TermCount | GroupCount


@dataclass(frozen=True, slots=True)
class Audit:
    """Result of an audit."""

    terms: tuple[TermCount, ...]  # in the order of the list
    groups: tuple[GroupCount, ...]
    by: By
    match: Match
    places: tuple[Place, ...]  # rows of the matrix; terms that count boilerplate have their own
    words: int  # words in the text of all passages, without headings, titles and boilerplate
    passages: int
    articles: int
    sections: int  # headings with a passage directly below them
    notes: tuple[str, ...]

    @property
    def counts(self) -> tuple[Count, ...]:
        """Counts of all terms, then of all groups."""
        return *self.terms, *self.groups

    def places_of(self, counts: Sequence[Count]) -> tuple[Place, ...]:
        """The places of all these terms and groups; those that count boilerplate have more."""
        if all(count.by.places is self.places for count in counts):
            return self.places
        every = chain(self.places, *(count.by.places for count in counts))
        return tuple({(place.article.id, place.section): place for place in every}.values())


_LOOSE = re.compile(rf"\bNEAR\b|[{QUOTES}]\s*~")
GAP = " … "  # between matched words that are not adjacent


def surface_forms(segment: Segment, found: TokenSpans) -> Counter[str]:
    """Count the surface forms of these occurrences."""
    sizes = found.ends - found.starts
    forms = _of_single(segment, found.starts[sizes == 1])
    rest = np.flatnonzero(sizes > 1)
    if not rest.size:
        return forms
    marks = found.marks
    numbers, owners = marks.of(rest)
    firsts, ends = marks.starts[numbers], marks.ends[numbers]
    whole = _are_whole(owners, firsts, ends, sizes[rest])
    runs = rest[whole]
    forms += _of_runs(segment, found.starts[runs], found.ends[runs])
    loose = ~whole[owners]
    owners, firsts, ends = owners[loose], firsts[loose], ends[loose]
    pieces = _pieces(segment, firsts, ends)
    rows = zip(owners.tolist(), firsts.tolist(), ends.tolist(), pieces)
    forms.update(_form(list(row)) for _, row in groupby(rows, key=lambda row: row[0]))
    return forms


def _are_whole(owners: Array, firsts: Array, ends: Array, sizes: Array) -> Array:
    """Which occurrences have each of their tokens in exactly one mark (bool)."""
    marked = np.bincount(owners, ends - firsts, sizes.size)
    twice = (owners[1:] == owners[:-1]) & (firsts[1:] < ends[:-1])
    whole: Array = (marked == sizes) & (np.bincount(owners[1:][twice], minlength=sizes.size) == 0)
    return whole


def _of_single(segment: Segment, tokens: Array) -> Counter[str]:
    """Count the forms of occurrences that are single tokens."""
    texts = segment.vocabulary.forms
    ids, counts = tallied(segment.forms_at(tokens))
    forms: Counter[str] = Counter()
    for number, count in zip(ids.tolist(), counts.tolist()):
        forms[texts[number]] += count  # a form has a number for each language
    return forms


def _of_runs(segment: Segment, firsts: Array, ends: Array) -> Counter[str]:
    """Count the forms of occurrences that are runs of several tokens."""
    forms: Counter[str] = Counter()
    sizes = ends - firsts
    for size in np.unique(sizes).tolist():
        rows = np.flatnonzero(sizes == size)
        columns, is_known = _columns(segment, firsts[rows], size)
        order = np.lexsort(columns)
        new = changes(*(column[order] for column in columns)) | ~is_known[order]
        edges = np.flatnonzero(new)
        chosen = rows[order[edges]]
        counts = np.diff(edges, append=order.size).tolist()
        for text, count in zip(_pieces(segment, firsts[chosen], ends[chosen]), counts):
            forms[text] += count
    return forms


def _columns(segment: Segment, firsts: Array, size: int) -> tuple[list[Array], Array]:
    """Sort keys of the runs (word forms and the bytes between), and which runs they identify."""
    passages = segment.unit_of(firsts)
    bounds = segment.column("text.ends").astype(np.int64)
    texts = segment.column("passage.end")[passages].astype(np.int64)
    texts -= segment.column("passage.start")[passages]
    is_known = bounds[passages + 1] - bounds[passages] == texts  # as many bytes as characters
    lengths = np.diff(segment.vocabulary.forms.packed()[1])
    columns: list[Array] = []
    end = np.zeros(firsts.size, np.int64)  # end of the word before
    for place in range(size):
        tokens = firsts + place
        starts, forms = segment.starts_at(tokens, passages), segment.forms_at(tokens)
        if place:
            is_known &= starts == end + 1
            at = np.where(is_known, bounds[passages] + end, 0)
            columns.append(segment.container.take("text.bytes", at))
        columns.append(forms)
        end = starts + lengths[forms]
    # Runs that their keys don't identify sort last, so that they don't part others that are equal.
    return [*columns, ~is_known], is_known


def _pieces(segment: Segment, firsts: Array, ends: Array) -> Iterator[str]:
    """Yield the text of each run, white space collapsed; reads a passage once for runs in a row."""
    columns = (segment.unit_of(firsts), segment.starts_at(firsts), segment.ends_at(ends - 1))
    text, here = "", -1
    for passage, start, end in zip(*(column.tolist() for column in columns)):
        if passage != here:
            text, here = segment.unit_text(passage), passage
        yield " ".join(text[start:end].split())


def _form(marks: Sequence[tuple[int, int, int, str]]) -> str:
    """Join the marks of one occurrence, (…, first token, end token, text), into one form."""
    form, reached = "", -1
    for _, first, end, text in sorted(marks, key=lambda mark: (mark[1], -mark[2])):
        if end > reached:  # else it lies within the mark before it
            joint = " " if first <= reached else GAP
            form += (joint if form else "") + text
            reached = end
    return form


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """Parameters of an audit, apart from the terms."""

    by: By = "article"
    match: Match = "stem"
    articles: tuple[str, ...] | None = None  # ids; None: all
    confidence: float = 0.95  # of the intervals of rates


@dataclass(frozen=True, slots=True)
class _TermMatches:
    """Matches of a term or group; each list has one item per part."""

    passages: list[Matches]
    heads: list[Array]  # number of the heading or title of each occurrence in one (int64)
    boilerplate: bool  # whether boilerplate is matched too


def audit(
    searcher: Searcher, terms: TermList | Iterable[str | AuditTerm], request: AuditRequest
) -> Audit:
    """Count all terms and groups. Raises `UsageError` and `NotFound`."""
    if not 0.0 < request.confidence < 1.0:
        raise UsageError(f"confidence {request.confidence}: use a share such as 0.95")
    listed = given_terms(terms)
    # Only proximity queries can cost much more than their number of terms suggests.
    loose = [term.query for term in listed.terms if _LOOSE.search(term.query)]
    if len(loose) > 1:
        searcher.check_together(loose, request.match)

    @cache
    def on(boilerplate: bool) -> AuditScope:
        return scope_of(searcher.snapshot, request.by, request.articles, boilerplate=boilerplate)

    counter, scope = _Counter(searcher, request, on), on(False)
    counted: list[TermCount] = []
    grouped: dict[str, list[tuple[AuditTerm, _TermMatches]]] = {}
    queries: dict[str, list[Array]] = {}  # query → matching passages, one array per part
    for term in listed.terms:
        count, matches = counter.count(term)
        counted.append(count)
        queries[term.query] = [in_part.ids for in_part in matches.passages]
        if term.group:
            grouped.setdefault(term.group, []).append((term, matches))
    unique = _unique(queries)
    return Audit(
        terms=tuple(replace(count, unique=unique[count.term.query]) for count in counted),
        groups=tuple(counter.group(name, members) for name, members in grouped.items()),
        by=request.by,
        match=request.match,
        places=scope.places,
        words=scope.words,
        passages=scope.passages,
        articles=scope.articles,
        sections=scope.sections,
        notes=listed.notes,
    )


@dataclass(frozen=True)
class _Counter:
    """Counts the terms and groups of one audit."""

    searcher: Searcher
    request: AuditRequest
    scope: Callable[[bool], AuditScope]  # True: with boilerplate, for terms that ask for it

    def segment(self, matches: Matches) -> Segment:
        """The segment of the part that these matches are in."""
        return self.searcher.snapshot.parts[matches.part].segment

    def count(self, term: AuditTerm) -> tuple[TermCount, _TermMatches]:
        """Count one term; also returns its matches."""
        searcher = self.searcher
        parsed = searcher.parse(term.query)
        match = self.request.match
        matcher = searcher.matcher(parsed.tree, match, text_only=True, bounded=False)
        passages = matches_in_scope(matcher, self.scope(matcher.boilerplate))
        heads = [heads_with(matcher, part) for part in range(len(searcher.snapshot.parts))]
        matches = _TermMatches(passages, heads, matcher.boilerplate)
        forms: Counter[str] = Counter()
        for in_part in passages:
            forms += surface_forms(self.segment(in_part), in_part.found)
        count = TermCount(
            **self.measures(matches),
            term=term,
            forms=dict(sorted(forms.items(), key=lambda item: (-item[1], item[0]))),
            unique=0,  # set when all terms are counted
            notes=(*parsed.notes, *matcher.notes()),
        )
        return count, matches

    def group(self, name: str, members: Sequence[tuple[AuditTerm, _TermMatches]]) -> GroupCount:
        """Counts of all terms of a group together."""
        passages = self.united([matches.passages for _, matches in members])
        heads = [np.concatenate(same) for same in zip(*(matches.heads for _, matches in members))]
        roles = {}
        for role in dict.fromkeys(term.role for term, _ in members if term.role):
            of_role = self.united([m.passages for term, m in members if term.role == role])
            roles[role] = sum(in_part.found.starts.size for in_part in of_role)
        together = _TermMatches(passages, heads, any(m.boilerplate for _, m in members))
        return GroupCount(**self.measures(together), name=name, roles=roles)

    def united(self, of_terms: Sequence[Sequence[Matches]]) -> list[Matches]:
        """Union of the matches of several terms, each span and each passage once."""
        together = []
        for same_part in zip(*of_terms, strict=True):
            ids = union([matches.ids for matches in same_part], self.segment(same_part[0]).passages)
            found = united([matches.found for matches in same_part])
            together.append(Matches(same_part[0].part, ids, found))
        return together

    def measures(self, matches: _TermMatches) -> dict[str, Any]:
        """The fields of `Measures` by name."""
        on = self.scope(matches.boilerplate)
        counts, passages, headings = np.zeros((3, len(on.places)), np.int64)
        firsts = np.zeros(len(on.places), np.uint64)
        places: list[Array] = []
        articles = sections = 0
        for in_part, heads in zip(matches.passages, matches.heads, strict=True):
            segment, part, ids = self.segment(in_part), in_part.part, in_part.ids
            starts, owners = in_part.found.starts, on.owners[part]
            units = segment.unit_of(starts)
            counts += np.bincount(owners[units], minlength=counts.size)
            passages += np.bincount(owners[ids], minlength=counts.size)
            firsts[owners[ids][::-1]] = segment.column("passage.id")[ids[::-1]]
            above = on.of_heads(part, segment, heads)
            headings += np.bincount(above[above >= 0], minlength=counts.size)
            places.append(on.firsts[part][units] + (starts - segment.unit_tokens[units]))
            articles += distinct(segment.article_numbers[ids]).size
            sections += _sections(segment, ids)
        total, columns = int(counts.sum()), (counts, passages, headings, firsts)
        unit: Parts = "articles" if on.by == "article" else "sections"
        return {
            "total": total,
            "words": on.words,
            "rate": rate(total, on.words, self.request.confidence),
            "passages": int(passages.sum()),
            "articles": articles,
            "sections": sections,
            "by": Cells(on.places, *(tuple(c.tolist()) for c in columns)),
            "headings": int(headings.sum()),
            "dispersion": dispersion(counts, on.sizes, np.concatenate(places), on.words, unit),
        }


def _unique(queries: Mapping[str, Sequence[Array]]) -> dict[str, int]:
    """Query → number of passages that no other query matches."""
    alone = dict.fromkeys(queries, 0)
    for same_part in zip(*queries.values()):
        matching = np.bincount(np.concatenate(same_part))  # queries that match each passage
        for query, ids in zip(queries, same_part):
            alone[query] += int((matching[ids] == 1).sum())
    return alone


def _sections(segment: Segment, ids: Array) -> int:
    """Number of sections that these passages are in."""
    numbers, paths = segment.article_numbers[ids], segment.path_numbers[ids]
    return distinct(((numbers << 32) | (paths + 1))[paths >= 0]).size
