"""Suggestions while typing: what was typed so far in; words and headings that complete it out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from indexer.model import Suggestion
from indexer.query.nodes import Quote
from indexer.search.plan import Phrase
from indexer.search.positions import contiguous, zone
from indexer.search.searcher import Searcher
from indexer.search.spelling import SHORTEST, corrections
from indexer.search.term import element
from indexer.segments.segment import Segment
from indexer.segments.snapshot import Part
from indexer.segments.vocabulary import Vocabulary
from indexer.sorted_arrays import Array, places, tallied
from indexer.text.folding import fold
from indexer.text.function_words import function_words
from indexer.text.synonyms import is_drug_name, words_of_drug_names
from indexer.text.tokenizer import tokenize

LONGEST = 1000  # characters; no heading is longer, and no phrase that is typed
FEW = 3  # of phrases, articles and corrections
MOST_HEADINGS = 50
MOST_TOKENS = 50_000  # of a word that phrases are looked for with
KEPT = 128  # of leads of commoner words, those of which all that follows is kept
AHEAD = 200_000  # tokens of a word of which that is worked out before it is asked for


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
    lead, last = tuple(map(fold, forms[:-1])), fold(forms[-1])
    following = _following(searcher, lead, last) if lead else None
    if following:
        found: Iterable[str] = following.commonest(limit)
    else:  # in a cluster each count after another word is a question of its own
        found = _completions(searcher, last, limit if lead else 2 * limit)
    words = _words(searcher, forms[:-1], found, following)
    is_word = len(last) >= SHORTEST and last.isalpha()
    for others in (_inner, _corrected) if is_word else ():
        words = words or _words(searcher, forms[:-1], others(searcher, last, limit))
    phrases = [] if lead else _phrases(searcher, last)
    heads = _headings(searcher, [*forms[:-1], forms[-1] + "*"]) if len(last) > 1 or lead else []
    room = max(limit - len(heads) - len(phrases), limit - limit // 2)
    first = words[:room] + phrases[: max(limit - len(words[:room]) - min(len(heads), 2), 0)]
    return tuple(first + heads[: limit - len(first)])


def prepare(searcher: Searcher) -> None:
    """Works out what follows the commonest words, and the commonest two: whoever types them would
    wait for it."""
    parts = searcher.snapshot.parts
    if not all(isinstance(part.segment, Segment) for part in parts):
        return
    words = _completions(searcher, "", KEPT)
    common = [word for word in words if sum(part.tokens_of(word) for part in parts) > AHEAD]
    for word in common:
        if following := _following(searcher, (word,)):
            for after in set(common).intersection(following.commonest(2 * FEW)):
                _following(searcher, (word, after))


def _words(
    searcher: Searcher,
    before: list[str],
    found: Iterable[str],
    following: _Following | None = None,
) -> list[Suggestion]:
    """Words after others that were typed, the commonest first; those that stand nowhere left
    out."""
    parts = searcher.snapshot.parts
    counts = {}
    for word in found:
        if not before:
            counts[word] = sum(part.tokens_of(word) for part in parts)
        elif following:
            counts[word] = following.count(word) + _spelt_otherwise(searcher, [*before, word])
        else:
            counts[word] = _occurrences(searcher, [*before, word])
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    lead = " ".join(before)
    return [Suggestion(f"{lead} {word}".strip(), "term", count) for word, count in ordered if count]


def _completions(searcher: Searcher, last: str, limit: int) -> set[str]:
    """The commonest words that begin so."""
    parts = searcher.snapshot.parts
    return {w for p in parts for w, _ in p.segment.vocabulary.completions(last, limit)}


def _inner(searcher: Searcher, last: str, limit: int) -> list[str]:
    """Words that hold these letters further in."""
    parts = searcher.snapshot.parts
    return [word for part in parts for word in part.segment.vocabulary.holding(last, limit)]


def _corrected(searcher: Searcher, last: str, limit: int) -> list[str]:
    """Words that begin so but for one typing error; never a drug's name for another's, nor for one
    that is half typed."""
    if is_drug_name(last):
        return []
    found = dict.fromkeys(islice(corrections(searcher.snapshot, last), FEW))
    swapped = [last[:i] + last[i + 1] + last[i] + last[i + 2 :] for i in range(len(last) - 1)]
    shorter = [last[:i] + last[i + 1 :] for i in range(1, len(last)) if len(last) > SHORTEST]
    for one in dict.fromkeys(swapped + shorter):
        found |= dict.fromkeys(sorted(_completions(searcher, one, FEW)))
    if any(name.startswith(last) for name in words_of_drug_names()):
        found = {word: None for word in found if not is_drug_name(word)}
    return list(found)[: 2 * limit]


@dataclass(frozen=True, slots=True)
class _Following:
    """How often each form follows some words in the text of live passages, within a block."""

    rows: tuple[tuple[Vocabulary, Array, Array], ...]  # of each part: forms, ascending; counts

    def commonest(self, limit: int) -> list[str]:
        """The folds that follow most often, the commonest first."""
        found: dict[str, int] = {}
        for vocabulary, forms, counts in self.rows:
            sums = np.bincount(vocabulary.folds_of(forms), counts)
            best = np.argsort(-sums, kind="stable")[:limit]
            for number in best[sums[best] > 0].tolist():
                word = vocabulary.folded(number)
                found[word] = self.count(word)
        return sorted(found, key=lambda word: (-found[word], word))[:limit]

    def count(self, word: str) -> int:
        """How often a fold follows."""
        total = 0
        for vocabulary, forms, counts in self.rows:
            for ends in vocabulary.fold_ranges(word):
                low, high = forms.searchsorted(ends)
                total += int(counts[low:high].sum())
        return total


def _following(searcher: Searcher, words: Sequence[str], beginning: str = "") -> _Following | None:
    """What begins so and follows these folded words. None where an index in a cluster has no
    positions."""
    parts = searcher.snapshot.parts
    if not all(isinstance(part.segment, Segment) for part in parts):
        return None
    return _Following(
        tuple((part.segment.vocabulary, *_followers(part, words, beginning)) for part in parts)
    )


def _followers(part: Part, words: Sequence[str], beginning: str) -> tuple[Array, Array]:
    """The forms of one part that begin so and follow these words, ascending, and how often.

    Of common words, which have a million tokens, all that follows is kept.
    """
    segment, vocabulary = part.segment, part.segment.vocabulary
    known = part.following.get(tuple(words))
    if known is None:
        sought = [element(vocabulary.fold_ranges(word), "exact") for word in words]
        tokens = contiguous(segment, sought, zone(segment, 0, segment.content_end))
        tokens += len(words) - 1
        fine = part.are_live(tokens)
        if tokens.size:
            lasts, last_forms = segment.block_ends
            fine[places(lasts.compress(sought[-1].contains(last_forms)), tokens)[0]] = False
        found = tallied(segment.forms_at(tokens[fine] + 1))
        known = found[0].astype(np.uint32), found[1].astype(np.uint32)
        rarest = min(one.frequency(segment) for one in sought)
        if rarest > MOST_TOKENS and len(part.following) < KEPT:
            part.following[tuple(words)] = known
    if not beginning:
        return known
    wanted = np.zeros(len(vocabulary.forms), bool)
    for low, high in vocabulary.prefix_ranges(beginning):
        wanted[low:high] = True
    kept = wanted.take(known[0]).nonzero()[0]
    return known[0][kept], known[1][kept]


def _spelt_otherwise(searcher: Searcher, words: Sequence[str]) -> int:
    """How often words that follow each other are written in another way, as hyphenated ones may
    be."""
    expansion = searcher.expansion("word")
    plain = [fold(word) for word in words]
    total = 0
    for spelling in expansion.pattern(Phrase(tuple(words))).spellings:
        if [place.text for place in spelling] == plain:
            continue
        for number, part in enumerate(searcher.snapshot.parts):
            sought = [expansion.element(place, number) for place in spelling]
            found = contiguous(
                part.segment, sought, zone(part.segment, 0, part.segment.content_end)
            )
            total += int(part.are_live(found).sum())
    return total


def _phrases(searcher: Searcher, word: str) -> list[Suggestion]:
    """The commonest two words that begin with this one, the second no function word."""
    parts = searcher.snapshot.parts
    following = None
    if sum(part.tokens_of(word) for part in parts) <= MOST_TOKENS:
        following = _following(searcher, (word,))
    if not following:
        return []
    usual = function_words(parts[0].languages if parts else ())
    kept = [
        Suggestion(f"{word} {after}", "phrase", count)
        for after in following.commonest(4 * FEW)
        if (count := following.count(after) + _spelt_otherwise(searcher, [word, after])) > 1
        and after not in usual
        and after.isalpha()
        and len(after) > 1
    ]
    return sorted(kept, key=lambda one: (-one.count, one.text))[:FEW]


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
        low, high, stood = (
            segment.column(f"head.{name}")[heads].astype(np.int64)
            for name in ("first", "last", "stand_in")
        )
        low = np.where(low < high, low, stood)  # where an empty heading leads; -1: nowhere
        sizes = np.maximum(segment.passages_below(heads), 1)
        levels = segment.column("head.level")[heads]
        titles = (levels == 0).nonzero()[0]
        chosen = np.concatenate((titles[: FEW - len(articles)], (levels > 0).nonzero()[0]))
        for at in chosen.tolist():
            text, first = segment.unit_text(segment.passages + int(heads[at])), int(low[at])
            size = int(sizes[at])
            passage = ""
            if first >= 0:
                passage = f"{int(segment.column('passage.id')[first]):016x}"
            if not levels[at]:
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
