"""Comparison of the engine with the evaluator.

In: a `Shelf` and trees, or an index and typed queries. Out: the engine's answers in the evaluator's
terms, and `disagreements`, which yields each difference of two answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from whoosh import query

from indexer.model import Article, Match, Passage
from indexer.search.bm25f import DEFAULTS
from indexer.search.bm25f import Parameters as Tuning
from indexer.search.highlight import hits
from indexer.search.matcher import Matcher
from indexer.search.searcher import Searcher
from indexer.segments.refresh import refresh
from indexer.sorted_arrays import Array
from indexer.text.synonyms import Synonyms
from tests.helpers.indexed import apart
from tests.oracle.corpus import Shelf
from tests.oracle.evaluator import Evaluator, Parameters, Verdict
from tests.oracle.spelling import Thesaurus

CLOSE = 1e-6  # scores that differ by no more are equal
WHAT = ("marks", "section_marks", "title_marks", "found_in", "heading")  # besides the score


class Engine:
    """The real search over articles in memory; answers in the oracle's terms."""

    def __init__(
        self, *shelves: Shelf, synonyms: Synonyms | None = None, synonyms_in_phrases: bool = False
    ) -> None:
        """Takes a snapshot of each shelf in turn, with changes in segments of their own, and
        searches the last one."""
        with TemporaryDirectory() as folder, apart():
            for shelf in shelves:
                snapshot = refresh(shelf, Path(folder))
        known = synonyms or Synonyms()
        # The score that an article adds depends on the other hits.
        tuning = DEFAULTS.without("articles")
        self.searcher = Searcher(snapshot, known, synonyms_in_phrases, tuning)

    def cuts(self, tree: query.Query, match: Match) -> bool:
        """Whether the engine reports that it left out spellings of a phrase."""
        matcher = self.searcher.matcher(tree, match)
        matcher.matches()
        return bool(matcher.notes())

    def evaluate(
        self, tree: query.Query, match: Match = "stem", *, text_alone: bool = False
    ) -> dict[str, Verdict]:
        """Verdicts by passage id."""
        matcher = self.searcher.matcher(tree, match, text_only=text_alone)
        verdicts: dict[str, Verdict] = {}
        for part, scored in enumerate(matcher.matches()):
            spans = self._spans(matcher, part, scored.ids)
            shown = [
                (part, int(n), float(s))
                for ids, scores in scored.scored
                for n, s in zip(ids, scores)
            ]
            for (_, number, _), hit in zip(shown, hits(matcher, shown)):
                verdicts[hit.passage.id] = Verdict(
                    hit.score,
                    hit.marks,
                    hit.section_marks,
                    hit.title_marks,
                    tuple(sorted(spans.get(number, ()))),
                    hit.found_in,
                    hit.heading,
                )
        return verdicts

    def _spans(
        self, matcher: Matcher, part: int, passages: Array
    ) -> dict[int, set[tuple[int, int]]]:
        """Start and end in the text of each occurrence, by passage number."""
        segment = self.searcher.snapshot.parts[part].segment
        spans: dict[int, set[tuple[int, int]]] = {}
        for _, found in matcher.occurrences(part, passages):
            last = found.ends - 1
            for number, start, end, form in zip(
                segment.unit_of(found.starts).tolist(),
                segment.starts_at(found.starts).tolist(),
                segment.starts_at(last).tolist(),
                segment.forms_at(last).tolist(),
            ):
                length = len(segment.vocabulary.forms[form])
                spans.setdefault(number, set()).add((start, end + length))
        return spans


def evaluator_of(
    articles: Iterable[tuple[Article, Sequence[Passage]]],
    synonyms: Synonyms | None = None,
    in_phrases: bool = False,
) -> Evaluator:
    """The evaluator of some articles, with the engine's parameters."""
    p = Tuning()
    parameters = Parameters(
        p.k1,
        {"text": p.text_weight, "section": p.section_weight, "title": p.title_weight},
        {"text": p.text_b, "section": p.section_b, "title": p.title_b},
        p.repeats,
    )
    thesaurus = Thesaurus(synonyms.rules if synonyms else {}, in_phrases)
    return Evaluator(articles, parameters, thesaurus)


def evaluator(
    shelf: Shelf, synonyms: Synonyms | None = None, in_phrases: bool = False
) -> Evaluator:
    """The evaluator of the articles of a shelf."""
    stored = [one for _, one in sorted(shelf.articles.items())]
    return evaluator_of([(one.article, one.passages) for one in stored], synonyms, in_phrases)


def disagreements(
    expected: Mapping[str, Verdict], found: Mapping[str, Verdict], *, spans: bool = True
) -> Iterator[tuple[str, object, object]]:
    """Yield (what, expected, found) for each difference; without `spans`, occurrences may differ.

    Scores are compared only where a passage is found by its text, without the help of a heading
    that it stands for.
    """
    if expected.keys() != found.keys():
        yield "passages", sorted(expected.keys() - found.keys()), sorted(found.keys() - expected)
        return
    for name, verdict in expected.items():
        other = found[name]
        by_text = verdict.found_in == "text" and not verdict.heading
        if by_text and abs(verdict.score - other.score) > CLOSE:
            yield f"score of {name}", verdict.score, other.score
        for what in (*WHAT, *["occurrences"] * spans):
            if getattr(verdict, what) != getattr(other, what):
                yield f"{what} of {name}", getattr(verdict, what), getattr(other, what)
