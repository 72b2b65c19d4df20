"""Counts of terms: how often, in which forms, where, and where they are missing.

In: terms. Out: an `Audit`. Each term is evaluated once, over the text of passages alone. What it
finds are the lines of the concordance of the same query, so that neither counts what the other does
not. Every number stands beside what it is a number of: words are those in the text of passages,
without headings and titles. All is arithmetic on the arrays; texts are read only for the forms of
phrases. Refuses an unknown division or way of matching, articles that there are not, and what
`terms` refuses.

A surface form is the text as written, with white space made one space; of words that need not be
neighbours (NEAR, "…"~n) those alone that matched, with … between. The counts of a term's forms add
up to its occurrences. Of runs that read the same one is read: where a text is ASCII, the forms of
its words and the bytes between them tell that without reading it.
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
from indexer.search.spans import Found, united
from indexer.segments.segment import Segment
from indexer.sorted_arrays import Array, changes, distinct, tallied, union


@dataclass(frozen=True, slots=True)
class Cell:
    """One term in one article or section."""

    article: ArticleRef
    section: tuple[str, ...]  # () for an article, or for text above its first heading
    count: int  # occurrences
    words: int  # in the text of the place: what `count` is a number of
    passages: int  # that satisfy the query
    headings: int  # occurrences in headings and titles: see `Cells`
    passage: str  # id of the first passage with the term there, else of the first one; "": none

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
    """A row of the matrix: a cell for each place, in corpus order, made when it is asked for.

    Where sections are the places, a heading counts in that of the first passage below it, or of
    the one that stands for it where there is none below; a title in that of its article's first.
    """

    places: tuple[Place, ...] = field(repr=False)
    counts: tuple[int, ...]  # occurrences in each place, zeros kept
    passages: tuple[int, ...]  # in each place that satisfy the query
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
        """The cells of the places for which this is not nought."""
        numbers = (self.counts, self.passages, self.headings, self.firsts)
        places = tuple(compress(self.places, chosen))
        return Cells(places, *(tuple(compress(column, chosen)) for column in numbers))

    def on(self, places: Sequence[Place]) -> Sequence[Cell | None]:
        """The cells in these places; None in one that is not counted over here."""
        if places is self.places:
            return self
        own = {(place.article.id, place.section): at for at, place in enumerate(self.places)}
        found = (own.get((place.article.id, place.section)) for place in places)
        return tuple(None if at is None else self[at] for at in found)


@dataclass(frozen=True, slots=True)
class Measures:
    """How often something is said, over all places."""

    total: int  # occurrences in the text of passages: the lines of its concordance
    words: int  # in the same text
    rate: Rate  # per 1,000 of these words
    passages: int  # that satisfy the query, as `count` has it
    articles: int  # with such a passage
    sections: int  # with such a passage right below their heading
    by: Cells
    headings: int  # occurrences in headings and titles, which are in no other number but `by`'s
    dispersion: Dispersion  # over the places

    @property
    def per_1000(self) -> float | None:
        """Occurrences per 1,000 words; None where there are no words."""
        return self.rate.per_1000

    @property
    def lacking(self) -> Cells:
        """The places where no passage satisfies the query: `headings` tells in which of them a
        heading or title does."""
        return self.by.where([not passages for passages in self.by.passages])

    @property
    def only_in_headings(self) -> Cells:
        """Those of the places lacking it of which a heading or title satisfies the query."""
        lacking = self.lacking
        return lacking.where(lacking.headings)


@dataclass(frozen=True, slots=True)
class TermCount(Measures):
    """One term."""

    term: AuditTerm
    forms: Mapping[str, int]  # as written, the commonest first; they add up to `total`
    unique: int  # passages that no other term of the list is found in
    notes: tuple[str, ...]  # what was left out of the query

    @property
    def identity(self) -> tuple[str, str, str]:
        """Query, group and role."""
        return self.term.query, self.term.group, self.term.role


@dataclass(frozen=True, slots=True)
class GroupCount(Measures):
    """All terms of one group or family; what two of them find at one place counts once, but for
    `headings`, which are added up over the terms."""

    name: str
    roles: Mapping[str, int]  # occurrences by role, within each of which the same holds

    @property
    def identity(self) -> tuple[str, str, str]:
        """An empty query, the group, no role."""
        return "", self.name, ""


Count = TermCount | GroupCount


@dataclass(frozen=True, slots=True)
class Audit:
    """The answer of an audit."""

    terms: tuple[TermCount, ...]  # in the order of the list
    groups: tuple[GroupCount, ...]
    by: By
    match: Match
    places: tuple[Place, ...]  # rows of the matrix; those with boilerplate have their own
    words: int  # in the text of all passages: headings, titles and boilerplate apart
    passages: int
    articles: int
    sections: int  # headings with a passage right below them
    notes: tuple[str, ...]

    @property
    def counts(self) -> tuple[Count, ...]:
        """Those of all terms, then those of all groups."""
        return *self.terms, *self.groups

    def places_of(self, counts: Sequence[Count]) -> tuple[Place, ...]:
        """The places of all these terms and groups: those with boilerplate have more."""
        if all(count.by.places is self.places for count in counts):
            return self.places
        every = chain(self.places, *(count.by.places for count in counts))
        return tuple({(place.article.id, place.section): place for place in every}.values())


_LOOSE = re.compile(rf"\bNEAR\b|[{QUOTES}]\s*~")
GAP = " … "  # between matched words that have others between them


def surface_forms(segment: Segment, found: Found) -> Counter[str]:
    """How often each form occurs among these occurrences."""
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
    """Which occurrences have every token within a mark, and none within two (bool)."""
    marked = np.bincount(owners, ends - firsts, sizes.size)
    twice = (owners[1:] == owners[:-1]) & (firsts[1:] < ends[:-1])
    whole: Array = (marked == sizes) & (np.bincount(owners[1:][twice], minlength=sizes.size) == 0)
    return whole


def _of_single(segment: Segment, tokens: Array) -> Counter[str]:
    """Forms of occurrences that are one token each."""
    texts = segment.vocabulary.forms
    ids, counts = tallied(segment.forms_at(tokens))
    forms: Counter[str] = Counter()
    for number, count in zip(ids.tolist(), counts.tolist()):
        forms[texts[number]] += count  # one form may stand in texts of several languages
    return forms


def _of_runs(segment: Segment, firsts: Array, ends: Array) -> Counter[str]:
    """Forms of occurrences that are several tokens in a row."""
    forms: Counter[str] = Counter()
    sizes = ends - firsts
    for size in np.unique(sizes).tolist():
        rows = np.flatnonzero(sizes == size)
        columns, told = _columns(segment, firsts[rows], size)
        order = np.lexsort(columns)
        new = changes(*(column[order] for column in columns)) | ~told[order]
        edges = np.flatnonzero(new)
        chosen = rows[order[edges]]
        counts = np.diff(edges, append=order.size).tolist()
        for text, count in zip(_pieces(segment, firsts[chosen], ends[chosen]), counts):
            forms[text] += count
    return forms


def _columns(segment: Segment, firsts: Array, size: int) -> tuple[list[Array], Array]:
    """What tells how each run reads: forms of its words and bytes between them; whether it does."""
    passages = segment.unit_of(firsts)
    bounds = segment.column("text.ends").astype(np.int64)
    texts = segment.column("passage.end")[passages].astype(np.int64)
    texts -= segment.column("passage.start")[passages]
    told = bounds[passages + 1] - bounds[passages] == texts  # as many bytes as characters
    lengths = np.diff(segment.vocabulary.forms.packed()[1])
    columns: list[Array] = []
    end = np.zeros(firsts.size, np.int64)  # of the word before
    for place in range(size):
        tokens = firsts + place
        starts, forms = segment.starts_at(tokens, passages), segment.forms_at(tokens)
        if place:
            told &= starts == end + 1
            at = np.where(told, bounds[passages] + end, 0)
            columns.append(segment.container.take("text.bytes", at))
        columns.append(forms)
        end = starts + lengths[forms]
    # What can't be told stands after all that can, so that no two such runs are mixed up.
    return [*columns, ~told], told


def _pieces(segment: Segment, firsts: Array, ends: Array) -> Iterator[str]:
    """The text of each run of tokens, as written; passages that repeat are read once in a row."""
    columns = (segment.unit_of(firsts), segment.starts_at(firsts), segment.ends_at(ends - 1))
    text, here = "", -1
    for passage, start, end in zip(*(column.tolist() for column in columns)):
        if passage != here:
            text, here = segment.unit_text(passage), passage
        yield " ".join(text[start:end].split())


def _form(marks: Sequence[tuple[int, int, int, str]]) -> str:
    """The marks of one occurrence, (…, first token, token after the last, text), as one form."""
    form, reached = "", -1
    for _, first, end, text in sorted(marks, key=lambda mark: (mark[1], -mark[2])):
        if end > reached:  # else it lies within the mark before it
            joint = " " if first <= reached else GAP
            form += (joint if form else "") + text
            reached = end
    return form


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """What is asked for, beside the terms."""

    by: By = "article"
    match: Match = "stem"
    articles: tuple[str, ...] | None = None  # ids; None: all
    confidence: float = 0.95  # of the intervals of rates


@dataclass(frozen=True, slots=True)
class _Finds:
    """What a term finds, a row a part."""

    held: list[Matches]
    heads: list[Array]  # the heading or title of each occurrence in one (int64)
    boilerplate: bool  # whether it finds boilerplate too


def audit(
    searcher: Searcher, terms: TermList | Iterable[str | AuditTerm], request: AuditRequest
) -> Audit:
    """Counts of all terms and groups."""
    if not 0.0 < request.confidence < 1.0:
        raise UsageError(f"confidence {request.confidence}: use a share such as 0.95")
    listed = given_terms(terms)
    # Only words near each other are found at a price that their number does not tell.
    loose = [term.query for term in listed.terms if _LOOSE.search(term.query)]
    if len(loose) > 1:
        searcher.check_together(loose, request.match)

    @cache
    def on(boilerplate: bool) -> AuditScope:
        return scope_of(searcher.snapshot, request.by, request.articles, boilerplate=boilerplate)

    counter, scope = _Counter(searcher, request, on), on(False)
    counted: list[TermCount] = []
    grouped: dict[str, list[tuple[AuditTerm, _Finds]]] = {}
    queries: dict[str, list[Array]] = {}  # passages that each finds, a row a part
    for term in listed.terms:
        count, finds = counter.count(term)
        counted.append(count)
        queries[term.query] = [one.ids for one in finds.held]
        if term.group:
            grouped.setdefault(term.group, []).append((term, finds))
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
    """Counts terms and groups of one audit."""

    searcher: Searcher
    request: AuditRequest
    scope: Callable[[bool], AuditScope]  # with boilerplate, where a term asks for it, or without

    def segment(self, one: Matches) -> Segment:
        """The segment of the part that something was found in."""
        return self.searcher.snapshot.parts[one.part].segment

    def count(self, term: AuditTerm) -> tuple[TermCount, _Finds]:
        """One term, and what it finds."""
        searcher = self.searcher
        parsed = searcher.understand(term.query)
        match = self.request.match
        evaluation = searcher.evaluate(parsed.tree, match, text_only=True, bounded=False)
        held = matches_in_scope(evaluation, self.scope(evaluation.boilerplate))
        heads = [heads_with(evaluation, part) for part in range(len(searcher.snapshot.parts))]
        finds = _Finds(held, heads, evaluation.boilerplate)
        forms: Counter[str] = Counter()
        for one in held:
            forms += surface_forms(self.segment(one), one.found)
        count = TermCount(
            **self.measures(finds),
            term=term,
            forms=dict(sorted(forms.items(), key=lambda item: (-item[1], item[0]))),
            unique=0,  # told when all terms are counted
            notes=(*parsed.notes, *evaluation.notes()),
        )
        return count, finds

    def group(self, name: str, members: Sequence[tuple[AuditTerm, _Finds]]) -> GroupCount:
        """All terms of a group together."""
        held = self.united([finds.held for _, finds in members])
        heads = [np.concatenate(same) for same in zip(*(finds.heads for _, finds in members))]
        roles = {}
        for role in dict.fromkeys(term.role for term, _ in members if term.role):
            of_role = self.united([finds.held for term, finds in members if term.role == role])
            roles[role] = sum(one.found.starts.size for one in of_role)
        finds = _Finds(held, heads, any(finds.boilerplate for _, finds in members))
        return GroupCount(**self.measures(finds), name=name, roles=roles)

    def united(self, of_terms: Sequence[Sequence[Matches]]) -> list[Matches]:
        """What several terms find, each span and each passage once."""
        together = []
        for same in zip(*of_terms, strict=True):
            ids = union([held.ids for held in same], self.segment(same[0]).passages)
            found = united([held.found for held in same])
            together.append(Matches(same[0].part, ids, found))
        return together

    def measures(self, finds: _Finds) -> dict[str, Any]:
        """The fields of `Measures`, by their names."""
        on = self.scope(finds.boilerplate)
        counts, passages, headings = np.zeros((3, len(on.places)), np.int64)
        firsts = np.zeros(len(on.places), np.uint64)
        places: list[Array] = []
        articles = sections = 0
        for one, heads in zip(finds.held, finds.heads, strict=True):
            segment, starts, owners = self.segment(one), one.found.starts, on.owners[one.part]
            of = segment.unit_of(starts)
            counts += np.bincount(owners[of], minlength=counts.size)
            passages += np.bincount(owners[one.ids], minlength=counts.size)
            firsts[owners[one.ids][::-1]] = segment.column("passage.id")[one.ids[::-1]]
            above = on.of_heads(one.part, segment, heads)
            headings += np.bincount(above[above >= 0], minlength=counts.size)
            places.append(on.firsts[one.part][of] + (starts - segment.unit_tokens[of]))
            articles += distinct(segment.article_numbers[one.ids]).size
            sections += _sections(segment, one.ids)
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
    """Passages that one query alone finds, by query."""
    alone = dict.fromkeys(queries, 0)
    for same in zip(*queries.values()):
        finds = np.bincount(np.concatenate(same))  # how many queries find each passage
        for query, ids in zip(queries, same):
            alone[query] += int((finds[ids] == 1).sum())
    return alone


def _sections(segment: Segment, ids: Array) -> int:
    """In how many sections these passages stand."""
    numbers, paths = segment.article_numbers[ids], segment.path_numbers[ids]
    return distinct(((numbers << 32) | (paths + 1))[paths >= 0]).size
