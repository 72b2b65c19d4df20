"""Suggestions while typing: what was typed so far in; words and headings that complete it out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice

import numpy as np

from indexer.model import Suggestion
from indexer.query.nodes import Quote
from indexer.search.searcher import Searcher
from indexer.search.spelling import SHORTEST, corrections
from indexer.segments.segment import Segment
from indexer.text.folding import fold
from indexer.text.function_words import function_words
from indexer.text.synonyms import is_drug_name
from indexer.text.tokenizer import tokenize

LONGEST = 1000  # characters; no heading is longer, and no phrase that is typed
FEW = 3  # of phrases, articles and corrections
MOST_HEADINGS = 50
MOST_TOKENS = 50_000  # of a word that phrases are looked for with


def suggest(searcher: Searcher, typed: str, limit: int) -> tuple[Suggestion, ...]:
    """Up to `limit` suggestions: words that complete the last one typed and phrases that begin with
    it, then headings and articles with all.

    Where no word begins so, those that hold the letters, or begin so but for one typing error. A
    word's count is its tokens in the corpus (after others, the occurrences of the phrase), a
    heading's the passages below headings so worded. Nothing completes a text of more than 1,000
    characters.
    """
    forms = tokenize(typed).forms if len(typed) <= LONGEST else []
    if not forms or limit <= 0:
        return ()
    lead, last = " ".join(forms[:-1]), fold(forms[-1])
    # After one common word each count takes long.
    found = _completions(searcher, last, (limit + 1) // 2 if len(forms) == 2 else 2 * limit)
    if lead and (following := _following(searcher, fold(forms[-2]), last)):
        found = {word for word, _ in following.most_common(limit)}
    words = _words(searcher, forms[:-1], found)
    for others in (_inner, _corrected):
        words = words or _words(searcher, forms[:-1], others(searcher, last, limit))
    phrases = [] if lead else _phrases(searcher, last)
    heads = _headings(searcher, [*forms[:-1], forms[-1] + "*"]) if len(last) > 1 or lead else []
    room = max(limit - len(heads) - len(phrases), limit - limit // 2)
    first = words[:room] + phrases[: max(limit - len(words[:room]) - min(len(heads), 2), 0)]
    return tuple(first + heads[: limit - len(first)])


def _words(searcher: Searcher, before: list[str], found: Iterable[str]) -> list[Suggestion]:
    """Words after others that were typed, the commonest first; those that stand nowhere left
    out."""
    parts = searcher.snapshot.parts
    if before:
        counts = {word: _occurrences(searcher, [*before, word]) for word in found}
    else:
        counts = {word: sum(part.tokens_of(word) for part in parts) for word in found}
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    lead = " ".join(before)
    return [Suggestion(f"{lead} {word}".strip(), "term", count) for word, count in ordered if count]


def _completions(searcher: Searcher, last: str, limit: int) -> set[str]:
    """The commonest words that begin so."""
    parts = searcher.snapshot.parts
    return {w for p in parts for w, _ in p.segment.vocabulary.completions(last, limit)}


def _inner(searcher: Searcher, last: str, limit: int) -> list[str]:
    """Words that hold these letters further in."""
    if len(last) < SHORTEST or not last.isalpha():
        return []
    parts = searcher.snapshot.parts
    return [word for part in parts for word in part.segment.vocabulary.holding(last, limit)]


def _corrected(searcher: Searcher, last: str, limit: int) -> list[str]:
    """Words that begin so but for one typing error; never a drug's name for another's."""
    if len(last) < SHORTEST or not last.isalpha() or is_drug_name(last):
        return []
    found = dict.fromkeys(islice(corrections(searcher.snapshot, last), FEW))
    swapped = [last[:i] + last[i + 1] + last[i] + last[i + 2 :] for i in range(len(last) - 1)]
    shorter = [last[:i] + last[i + 1 :] for i in range(1, len(last)) if len(last) > SHORTEST]
    for one in dict.fromkeys(swapped + shorter):
        found |= dict.fromkeys(sorted(_completions(searcher, one, FEW)))
    return list(found)[: 2 * limit]


def _following(searcher: Searcher, word: str, beginning: str = "") -> Counter[str] | None:
    """How often each word that begins so follows this one in the text of passages.

    None for a word that almost any may follow, and where an index in a cluster has no positions.
    """
    counts: Counter[str] = Counter()
    for part in searcher.snapshot.parts:
        segment, vocabulary = part.segment, part.segment.vocabulary
        if not isinstance(segment, Segment):
            return None
        if vocabulary.counted([word])[0][1] > MOST_TOKENS:
            return None
        wanted = np.full(len(vocabulary.forms), not beginning)
        for low, high in vocabulary.prefix_ranges(beginning) if beginning else ():
            wanted[low:high] = True
        for low, high in vocabulary.fold_ranges(word):
            tokens = segment.positions(low, high)
            tokens = tokens[tokens < segment.content_end - 1].astype(np.int64)
            units = segment.unit_of(tokens)
            together = units == segment.unit_of(tokens + 1)
            if part.live is not None:
                together &= part.live[units]
            after = segment.forms_at(tokens[together] + 1)
            numbers, times = np.unique(after[wanted[after]], return_counts=True)
            for number, count in zip(numbers.tolist(), times.tolist(), strict=True):
                counts[fold(vocabulary.forms[number])] += count
    return counts


def _phrases(searcher: Searcher, word: str) -> list[Suggestion]:
    """The commonest two words that begin with this one, the second no function word."""
    counts = _following(searcher, word)
    if not counts:
        return []
    usual = function_words(searcher.snapshot.parts[0].languages if searcher.snapshot.parts else ())
    kept = [
        Suggestion(f"{word} {after}", "phrase", count)
        for after, count in counts.most_common(4 * FEW)
        if count > 1 and after not in usual and after.isalpha() and len(after) > 1
    ]
    return kept[:FEW]


def _occurrences(searcher: Searcher, words: list[str]) -> int:
    """How often these words follow each other in the text of passages."""
    evaluation = searcher.evaluate(Quote("text", words), "word", text_only=True)
    parts = range(len(searcher.snapshot.parts))
    return sum(evaluation.occurring(leaf, i) for leaf in evaluation.text_leaves() for i in parts)


def _headings(searcher: Searcher, words: list[str]) -> list[Suggestion]:
    """Headings that hold these words in order, most passages first, then titles of articles."""
    evaluation = searcher.evaluate(Quote("text", words), "word")
    counts: dict[str, int] = {}
    firsts: dict[str, set[str]] = {}  # the first passage below each
    articles: list[Suggestion] = []
    for number, part in enumerate(evaluation.snapshot.parts):
        segment = part.segment
        heads = evaluation.satisfying_heads(number)
        low = segment.column("head.first")[heads].astype(np.int64)
        sizes = np.maximum(segment.passages_below(heads), 1)
        levels = segment.column("head.level")[heads]
        rows = zip(heads.tolist(), low.tolist(), sizes.tolist(), levels.tolist(), strict=True)
        for head, first, size, level in rows:
            text = segment.unit_text(segment.passages + head)
            passage = ""
            if first < segment.passages:
                passage = f"{int(segment.column('passage.id')[first]):016x}"
            if not level:
                if len(articles) < FEW:
                    articles.append(Suggestion(text, "article", size, passage))
                continue
            counts[text] = counts.get(text, 0) + size
            firsts.setdefault(text, set()).add(passage)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    made = [
        Suggestion(text, "heading", count, "".join(firsts[text]) if len(firsts[text]) == 1 else "")
        for text, count in ordered[:MOST_HEADINGS]
    ]
    return [*made[:FEW], *articles, *made[FEW:]]
