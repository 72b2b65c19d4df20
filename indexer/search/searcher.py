"""Search: a query in; ranked passages with marks, facets, notes and honest totals out.

Works on one snapshot. The evaluation decides what matches; this module ranks, pages, marks the
hits that are shown, counts facets over all of them, and says what was relaxed or ignored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from whoosh import query as wq

from indexer.errors import UsageError
from indexer.model import KINDS, Hit, Match, Page, Results
from indexer.query.nodes import Quote, Word
from indexer.query.parser import Parsed, parse
from indexer.search.boolean import Scored
from indexer.search.expansion import Speller
from indexer.search.facets import PATH_JOINT, facets
from indexer.search.leaves import Parameters
from indexer.search.matcher import Evaluation
from indexer.search.patterns import Lexicon
from indexer.search.showing import PassageMarks, Shown, hits_of, marks_of
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import Array, joined
from indexer.text.folding import fold
from indexer.text.synonyms import Synonyms
from indexer.text.tokenizer import tokenize

Sort = Literal["relevance", "position"]
MOST_CORRECTED = 4  # words that find nothing for which other spellings are looked for


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for, beside the query."""

    match: Match = "stem"
    any: bool = False
    limit: int = 10
    offset: int = 0
    article: str | None = None
    section: str | None = None
    kind: str | None = None
    sort: Sort = "relevance"


@dataclass(frozen=True)
class Searcher:
    """Searches one snapshot; safe to share between threads."""

    snapshot: Snapshot
    synonyms: Synonyms = field(default_factory=Synonyms)
    synonyms_in_phrases: bool = False
    parameters: Parameters = field(default_factory=Parameters)

    def lexicon(self, match: Match) -> Lexicon:
        """What resolves words for one query."""
        if match not in ("stem", "word", "case"):
            raise UsageError(f"match {match!r}: use stem, word or case")
        return Lexicon(Speller(self.snapshot, match, self.synonyms, self.synonyms_in_phrases))

    def understand(self, query: str | wq.Query, any: bool = False) -> Parsed:
        """The tree of a query as typed, or of one that is a tree already."""
        if isinstance(query, wq.Query):
            return Parsed(query, (), False)
        return parse(query, any=any)

    def evaluate(
        self,
        tree: wq.Query,
        match: Match,
        *,
        text_only: bool = False,
        bounded: bool = True,
        lexicon: Lexicon | None = None,
    ) -> Evaluation:
        """The evaluation of a tree, with compounds and synonyms allowed for.

        `lexicon`: one that knows the words already.
        """
        lexicon = lexicon or self.lexicon(match)
        expanded = lexicon.expand(tree, bounded=bounded)
        return Evaluation(lexicon, expanded, text_only=text_only, parameters=self.parameters)

    def search(self, query: str | wq.Query, request: Request) -> Results:
        """One page of the passages that match."""
        if request.limit < 0 or request.offset < 0:
            raise UsageError("limit and offset must not be negative")
        if request.sort not in ("relevance", "position"):
            raise UsageError(f"sort {request.sort!r}: use relevance or position")
        parsed = self.understand(query, request.any)
        notes = list(parsed.notes)
        evaluation, found = self._run(parsed.tree, request)
        total = _total(found)
        relaxed = False
        missing: tuple[str, ...] = ()
        suggestion = ""
        if not total:
            missing, suggestion = self._explain(parsed.tree, evaluation)
            if parsed.bare and not request.any:
                known = evaluation.lexicon.anew()
                evaluation, found = self._run(parse(str(query), any=True).tree, request, known)
                total = _total(found)
                relaxed = total > 0
                if relaxed:
                    asked = str(query) if len(str(query)) <= 200 else f"{str(query)[:199]}…"
                    notes.append(f"no passage has all of {asked}; showing passages with any")
        notes += [n for n in evaluation.notes() if n not in notes]
        shown = self._page(found, request)
        named, distinct = facets(self.snapshot, [f.ids for f in found])
        return Results(
            query=query if isinstance(query, str) else repr(query),
            hits=tuple(self.hits(evaluation, shown)),
            total=total,
            relaxed=relaxed,
            notes=tuple(notes),
            facets=named,
            distinct=distinct,
            page=Page(request.offset, request.limit, request.offset + len(shown) < total),
            missing=missing,
            suggestion=suggestion,
        )

    def _run(
        self, tree: wq.Query, request: Request, lexicon: Lexicon | None = None
    ) -> tuple[Evaluation, list[Scored]]:
        for filtering in _filters(request):
            tree = wq.Require(tree, filtering)
        evaluation = self.evaluate(tree, request.match, lexicon=lexicon)
        found = evaluation.run()
        if request.section and PATH_JOINT in request.section:
            found = [self._in_path(i, f, request.section) for i, f in enumerate(found)]
        return evaluation, found

    def _in_path(self, part: int, found: Scored, path: str) -> Scored:
        """Of these passages those whose section path is exactly this one."""
        segment = self.snapshot.parts[part].segment
        wanted = "\n".join(path.split(PATH_JOINT))
        number = next((i for i, p in enumerate(segment.paths) if p == wanted), -1)
        keep = (
            segment.path_numbers[found.ids] == number
            if number >= 0
            else np.zeros(found.ids.size, bool)
        )
        return found.kept(keep)

    # --- ranking --------------------------------------------------------------------------------

    def _page(self, found: Sequence[Scored], request: Request) -> list[Shown]:
        """(part, passage, score) of the hits on the page asked for, in their order."""
        end = min(request.offset + request.limit, _total(found))
        if request.offset >= end:
            return []
        scores = joined([f.scores for f in found])
        ids = joined([f.ids for f in found])
        bounds = np.cumsum([f.ids.size for f in found])
        candidates = np.arange(ids.size)
        if request.sort == "relevance" and end < ids.size:
            worst = np.partition(scores, ids.size - end)[ids.size - end]
            candidates = (scores >= worst).nonzero()[0]
        scores, ids = scores[candidates], ids[candidates]
        parts = bounds.searchsorted(candidates, "right")
        places = self.places(parts, ids)
        keys = (places, -scores) if request.sort == "relevance" else (places,)
        chosen = np.lexsort(keys)[request.offset : end]
        columns = (column[chosen].tolist() for column in (parts, ids, scores))
        return list(zip(*columns, strict=True))

    def places(self, parts: Array, ids: Array) -> Array:
        """A number for each passage that sorts by article id, then by place in the article."""
        places = np.zeros(ids.size, np.int64)
        for i, part in enumerate(self.snapshot.parts):
            mine = slice(None) if len(self.snapshot.parts) == 1 else parts == i
            numbers = ids[mine]
            articles = self.snapshot.article_ranks[i][part.segment.article_numbers[numbers]]
            starts = part.segment.column("passage.start")[numbers]
            places[mine] = (articles << 32) | starts.astype(np.int64)
        return places

    # --- hits -----------------------------------------------------------------------------------

    def hits(self, evaluation: Evaluation, shown: Iterable[Shown]) -> list[Hit]:
        """Hits with marks for (part, passage, score), in that order."""
        wanted = list(shown)
        marks: dict[tuple[int, int], PassageMarks] = {}
        for part in sorted({p for p, _, _ in wanted}):
            passages = np.array(sorted({n for p, n, _ in wanted if p == part}), np.int64)
            for number, found in self.marks(evaluation, part, passages).items():
                marks[part, number] = found
        return hits_of([p.segment for p in self.snapshot.parts], wanted, marks)

    def marks(self, evaluation: Evaluation, part: int, passages: Array) -> dict[int, PassageMarks]:
        """Marks of these passages (ascending) in their texts, headings and titles."""
        return marks_of(evaluation, part, passages)

    # --- nothing found --------------------------------------------------------------------------

    def _explain(self, tree: wq.Query, evaluation: Evaluation) -> tuple[tuple[str, ...], str]:
        """Which single words find nothing, and the query with their nearest spellings.

        Only the words that were looked up can be known to find nothing. When many do, there is no
        query that was meant, and none is suggested.
        """
        parts = range(len(self.snapshot.parts))
        missing = dict.fromkeys(
            str(leaf.text)
            for leaf in evaluation.text_leaves()
            if type(leaf) is Word and not any(evaluation.occurs(leaf, part) for part in parts)
        )
        if len(missing) > MOST_CORRECTED:
            return tuple(missing), ""
        better: dict[str, str] = {}
        for typed in missing:
            forms = tokenize(typed).forms
            if len(forms) == 1 and (near := self._nearest(forms[0])):
                better[typed] = near
        if not better:
            return tuple(missing), ""
        words = (str(leaf.text) for leaf in tree.leaves() if type(leaf) is Word)
        return tuple(missing), " ".join(better.get(word, word) for word in words)

    def _nearest(self, word: str) -> str:
        """The commonest word of the corpus within one edit, else (of long words) within two.

        Numbers and the shortest words are left alone: any other is as near to them. "" if none.
        """
        if len(word) < 3 or not word.isalpha():
            return ""
        for distance in (1, 2) if len(word) > 4 else (1,):
            best: tuple[int, str] = (0, "")
            for part in self.snapshot.parts:
                vocabulary = part.segment.vocabulary
                for other, count in vocabulary.near_folds(fold(word), distance):
                    best = max(best, (count, other))
            if best[0]:
                return best[1]
        return ""


def _filters(request: Request) -> Iterable[wq.Query]:
    """What restricts the passages without scoring them."""
    if request.article is not None:
        yield wq.Term("article", request.article)
    if request.kind is not None:
        if request.kind not in KINDS:
            raise UsageError(f"kind {request.kind!r}: use one of {', '.join(KINDS)}")
        yield wq.Term("kind", request.kind)
    if request.section is not None:
        typed = request.section.replace(PATH_JOINT, " ").split()
        words = [w for w in typed if tokenize(w).forms]
        if not words:
            raise UsageError(f"section {request.section!r}: name a word of the heading")
        if PATH_JOINT not in request.section:
            yield Quote("section", words)


def _total(found: Sequence[Scored]) -> int:
    return sum(f.ids.size for f in found)
