"""Suggestions while typing: what was typed so far in; words and headings that complete it out."""

from __future__ import annotations

import numpy as np

from indexer.model import Suggestion
from indexer.query.nodes import Quote
from indexer.search.searcher import Searcher
from indexer.text.folding import fold
from indexer.text.tokenizer import tokenize

LONGEST = 1000  # characters; no heading is longer, and no phrase that is typed


def suggest(searcher: Searcher, typed: str, limit: int) -> tuple[Suggestion, ...]:
    """Up to `limit` suggestions: words that complete the last one typed, then headings with all.

    A word's count is its tokens in the corpus (after others, the occurrences of the phrase), a
    heading's the passages below headings so worded. Nothing completes a text of more than 1,000
    characters.
    """
    forms = tokenize(typed).forms if len(typed) <= LONGEST else []
    if not forms or limit <= 0:
        return ()
    lead, last = " ".join(forms[:-1]), fold(forms[-1])
    parts = searcher.snapshot.parts
    found = {w for p in parts for w, _ in p.segment.vocabulary.completions(last, 2 * limit)}
    if lead:
        counts = {word: _occurrences(searcher, [*forms[:-1], word]) for word in found}
    else:
        counts = {word: sum(part.tokens_of(word) for part in parts) for word in found}
    words = [
        Suggestion(f"{lead} {word}".strip(), "term", count)
        for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        if count
    ]
    headings = _headings(searcher, [*forms[:-1], forms[-1] + "*"])
    room = max(limit - len(headings), limit - limit // 2)
    return tuple(words[:room] + headings[: limit - len(words[:room])])


def _occurrences(searcher: Searcher, words: list[str]) -> int:
    """How often these words follow each other in the text of passages."""
    evaluation = searcher.evaluate(Quote("text", words), "word", text_only=True)
    parts = range(len(searcher.snapshot.parts))
    return sum(evaluation.occurring(leaf, i) for leaf in evaluation.text_leaves() for i in parts)


def _headings(searcher: Searcher, words: list[str]) -> list[Suggestion]:
    """Headings that hold these words in order, most passages first."""
    evaluation = searcher.evaluate(Quote("text", words), "word")
    counts: dict[str, int] = {}
    for number, part in enumerate(evaluation.snapshot.parts):
        segment = part.segment
        heads = evaluation.satisfying_heads(number)
        heads = heads[segment.column("head.level")[heads] > 0]
        sizes = np.maximum(
            segment.passages_below(heads), 1
        )  # one passage stands for a heading that has none
        for head, size in zip(heads.tolist(), sizes.tolist(), strict=True):
            text = segment.unit_text(segment.passages + head)
            counts[text] = counts.get(text, 0) + size
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [Suggestion(text, "heading", count) for text, count in ordered]
