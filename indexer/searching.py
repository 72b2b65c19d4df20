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

from indexer.analysis import fold, tokenize
from indexer.arrays import Array, Segment, Snapshot
from indexer.errors import UsageError
from indexer.highlighting import merge_marks
from indexer.matching import REASONS, Evaluation, Found, Lexicon, Parameters, Scored, Speller
from indexer.model import KINDS, Facet, Hit, Mark, Match, Page, Results
from indexer.querying import Parsed, Quote, Word, parse
from indexer.synonyms import Synonyms

Sort = Literal["relevance", "position"]
MOST_FACETS = 20  # values shown of each facet; how many there are is always said
PATH_JOINT = " > "  # between the headings of a section path that is passed as one text


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

    def evaluate(self, tree: wq.Query, match: Match, *, text_only: bool = False) -> Evaluation:
        """The evaluation of a tree, with compounds and synonyms allowed for."""
        lexicon = self.lexicon(match)
        return Evaluation(
            lexicon, lexicon.expand(tree), text_only=text_only, parameters=self.parameters
        )

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
            missing, suggestion = self._explain(parsed.tree, request.match)
            if parsed.bare and not request.any:
                evaluation, found = self._run(parse(str(query), any=True).tree, request)
                total = _total(found)
                relaxed = total > 0
                if relaxed:
                    notes.append(f"no passage has all of {query}; showing passages with any")
        notes += [n for n in evaluation.notes() if n not in notes]
        shown = self._page(found, request)
        facets, distinct = self._facets(found)
        return Results(
            query=query if isinstance(query, str) else repr(query),
            hits=tuple(self.hits(evaluation, shown)),
            total=total,
            relaxed=relaxed,
            notes=tuple(notes),
            facets=facets,
            distinct=distinct,
            page=Page(request.offset, request.limit, request.offset + len(shown) < total),
            missing=missing,
            suggestion=suggestion,
        )

    def _run(self, tree: wq.Query, request: Request) -> tuple[Evaluation, list[Scored]]:
        for filtering in _filters(request):
            tree = wq.Require(tree, filtering)
        evaluation = self.evaluate(tree, request.match)
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
            _paths_of(segment, found.ids) == number
            if number >= 0
            else np.zeros(found.ids.size, bool)
        )
        return found.kept(keep)

    # --- ranking --------------------------------------------------------------------------------

    def _page(self, found: Sequence[Scored], request: Request) -> list[tuple[int, int, float]]:
        """(part, passage, score) of the hits on the page asked for, in their order."""
        scores = np.concatenate([f.scores for f in found]) if found else np.zeros(0)
        end = min(request.offset + request.limit, scores.size)
        if request.offset >= end:
            return []
        candidates = np.arange(scores.size)
        if request.sort == "relevance" and end < scores.size:
            worst = -np.partition(-scores, end - 1)[end - 1]
            candidates = np.flatnonzero(scores >= worst)
        ids = np.concatenate([f.ids for f in found])[candidates]
        bounds = np.cumsum([f.ids.size for f in found])
        parts = np.searchsorted(bounds, candidates, "right")
        places = self.places(parts, ids)
        if request.sort == "relevance":
            order = np.lexsort((places, -scores[candidates]))
        else:
            order = np.argsort(places, kind="stable")
        chosen = order[request.offset : end]
        return [(int(parts[i]), int(ids[i]), float(scores[candidates[i]])) for i in chosen.tolist()]

    def places(self, parts: Array, ids: Array) -> Array:
        """A number for each passage that sorts by article id, then by place in the article."""
        places = np.zeros(ids.size, np.int64)
        for i, part in enumerate(self.snapshot.parts):
            mine = parts == i
            column = part.segment.column
            articles = self.snapshot.article_ranks[i][column("passage.article")[ids[mine]]]
            places[mine] = (articles << 32) | column("passage.start")[ids[mine]].astype(np.int64)
        return places

    # --- hits -----------------------------------------------------------------------------------

    def hits(self, evaluation: Evaluation, shown: Iterable[tuple[int, int, float]]) -> list[Hit]:
        """Hits with marks for (part, passage, score), in that order."""
        wanted = list(shown)
        marks: dict[tuple[int, int], _Marks] = {}
        for part in sorted({p for p, _, _ in wanted}):
            passages = np.array(sorted({n for p, n, _ in wanted if p == part}), np.int64)
            for number, found in self.marks(evaluation, part, passages).items():
                marks[part, number] = found
        return [self._hit(p, n, score, marks[p, n]) for p, n, score in wanted]

    def _hit(self, part: int, number: int, score: float, marks: _Marks) -> Hit:
        segment = self.snapshot.parts[part].segment
        passage = segment.passage(number)
        article = segment.article_ref(int(segment.column("passage.article")[number]))
        chain = segment.chain(number)
        title = int(segment.column("article.head")[segment.column("passage.article")[number]])
        return Hit(
            passage=passage,
            score=score,
            marks=merge_marks(marks.text, len(passage.text)),
            article=article,
            title_marks=merge_marks(marks.heads.get(title, ()), len(article.title)),
            section_marks=tuple(
                merge_marks(marks.heads.get(head, ()), len(heading))
                for head, heading in zip(chain, passage.section, strict=True)
            ),
        )

    def marks(self, evaluation: Evaluation, part: int, passages: Array) -> dict[int, _Marks]:
        """Marks of these passages (ascending) in their texts, headings and titles."""
        segment = self.snapshot.parts[part].segment
        out = {int(n): _Marks() for n in passages}
        for _, found in evaluation.occurrences(part, passages):
            for number, mark in _marks(segment, found):
                out[number].text.append(mark)
        titles = segment.column("article.head")[segment.column("passage.article")[passages]]
        above = [{*segment.chain(int(n)), int(t)} for n, t in zip(passages, titles, strict=True)]
        for leaf, active in evaluation.active_leaves(part, passages):
            fields = evaluation.fields(leaf) - {"text"}
            if not fields:
                continue
            heads = np.array(
                sorted({h for hs, a in zip(above, active, strict=True) if a for h in hs}), np.int64
            )
            is_title = segment.column("head.title")[heads] > 0
            heads = heads[(is_title & ("title" in fields)) | (~is_title & ("section" in fields))]
            found = evaluation.in_heads(leaf, part, heads)
            for unit, mark in _marks(segment, found):
                head = unit - segment.passages
                for number, hs, a in zip(out, above, active, strict=True):
                    if a and head in hs:
                        out[number].heads.setdefault(head, []).append(mark)
        return out

    # --- facets ---------------------------------------------------------------------------------

    def _facets(
        self, found: Sequence[Scored]
    ) -> tuple[dict[str, tuple[Facet, ...]], dict[str, int]]:
        """The largest values of each facet over all passages found, and how many values it has."""
        counts: dict[str, dict[tuple[str, str], int]] = {"article": {}, "section": {}, "kind": {}}
        distinct = dict.fromkeys(counts, 0)
        single = len(self.snapshot.parts) == 1
        for part, scored in zip(self.snapshot.parts, found, strict=True):
            segment = part.segment
            if not scored.ids.size:
                continue
            articles = segment.column("passage.article")[scored.ids]
            for name, column in (
                ("article", articles),
                ("section", _paths_of(segment, scored.ids)),
                ("kind", segment.column("passage.kind")[scored.ids]),
            ):
                numbers = np.bincount(column[column >= 0])
                present = np.flatnonzero(numbers)
                distinct[name] += present.size
                if single and present.size > MOST_FACETS:
                    least = np.partition(numbers[present], -MOST_FACETS)[-MOST_FACETS]
                    present = present[numbers[present] >= least][: 4 * MOST_FACETS]
                for n in present.tolist():
                    key = _facet_value(segment, name, n)
                    counts[name][key] = counts[name].get(key, 0) + int(numbers[n])
        if not single:
            distinct = {name: len(values) for name, values in counts.items()}
        facets = {
            name: tuple(
                Facet(value, label, count)
                for (value, label), count in sorted(
                    values.items(), key=lambda item: (-item[1], item[0])
                )[:MOST_FACETS]
            )
            for name, values in counts.items()
        }
        return facets, distinct

    # --- nothing found --------------------------------------------------------------------------

    def _explain(self, tree: wq.Query, match: Match) -> tuple[tuple[str, ...], str]:
        """Which single words find nothing, and the query with their nearest spellings."""
        words = [leaf for leaf in tree.leaves() if type(leaf) is Word]
        missing: list[str] = []
        better: dict[str, str] = {}
        for leaf in dict.fromkeys(words):
            if _total(self.evaluate(Word("text", leaf.text), match).run()):
                continue
            missing.append(str(leaf.text))
            forms = tokenize(leaf.text).forms
            if len(forms) == 1 and (near := self._nearest(forms[0])):
                better[str(leaf.text)] = near
        if not better:
            return tuple(missing), ""
        return tuple(missing), " ".join(better.get(str(w.text), str(w.text)) for w in words)

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


@dataclass
class _Marks:
    """Marks of one passage before they are merged."""

    text: list[Mark] = field(default_factory=list)
    heads: dict[int, list[Mark]] = field(default_factory=dict)


def _marks(segment: Segment, found: Found) -> Iterable[tuple[int, Mark]]:
    """(unit, mark) of each mark, in code points of the unit's text."""
    if not found.mark_starts.size:
        return
    last = found.mark_ends - 1
    units = np.searchsorted(segment.unit_tokens, found.mark_starts, "right") - 1
    starts = segment.starts_at(found.mark_starts).tolist()
    lasts = segment.starts_at(last).tolist()
    forms = segment.forms_at(last).tolist()
    for unit, a, b, form, code in zip(
        units.tolist(), starts, lasts, forms, found.mark_codes.tolist(), strict=True
    ):
        yield unit, Mark(a, b + len(segment.vocabulary.forms[form]), REASONS[code])


def _filters(request: Request) -> Iterable[wq.Query]:
    """What restricts the passages without scoring them."""
    if request.article is not None:
        yield wq.Term("article", request.article)
    if request.kind is not None:
        if request.kind not in KINDS:
            raise UsageError(f"kind {request.kind!r}: use one of {', '.join(KINDS)}")
        yield wq.Term("kind", request.kind)
    if request.section is not None:
        joined = request.section.replace(PATH_JOINT, " ").split()
        words = [w for w in joined if tokenize(w).forms]
        if not words:
            raise UsageError(f"section {request.section!r}: name a word of the heading")
        if PATH_JOINT not in request.section:
            yield Quote("section", words)


def _paths_of(segment: Segment, ids: Array) -> Array:
    """Number of the section path of each passage (-1: in no section)."""
    sections = segment.column("passage.section")[ids]
    paths = segment.column("section.path").astype(np.int64)
    if not paths.size:
        return np.full(ids.size, -1)
    return np.where(sections >= 0, paths[sections], -1)


def _facet_value(segment: Segment, name: str, number: int) -> tuple[str, str]:
    """(value, label) of one facet value."""
    if name == "article":
        ref = segment.article_ref(number)
        return ref.id, ref.title
    if name == "kind":
        return KINDS[number], KINDS[number].replace("_", " ")
    headings = segment.paths[number].split("\n")
    return PATH_JOINT.join(headings), " › ".join(headings)


def _total(found: Sequence[Scored]) -> int:
    return sum(f.ids.size for f in found)
