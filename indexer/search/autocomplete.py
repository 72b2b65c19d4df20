"""Suggestions while typing: takes the text so far, returns words and headings that complete it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

import numpy as np
from whoosh import query as wq

from indexer.model import Suggestion
from indexer.query.nodes import Quote
from indexer.query.parser import parse
from indexer.search.located import element
from indexer.search.plan import Phrase
from indexer.search.positions import contiguous, token_scope
from indexer.search.searcher import Searcher
from indexer.search.spelling import SHORTEST, corrections, occurs
from indexer.segments.segment import Segment
from indexer.segments.snapshot import Part
from indexer.segments.vocabulary import Vocabulary
from indexer.sorted_arrays import EMPTY, Array, changes, intersect, least_of_best, summed, tallied
from indexer.text.folding import fold
from indexer.text.synonyms import is_drug_name, words_of_drug_names
from indexer.text.tokenizer import tokenize
from indexer.text.word_lists import function_words

LONGEST = 1000  # characters; no heading and no typed phrase is longer
FEW = 3  # most phrases, articles and corrections suggested
MOST_HEADINGS = 50
MOST_TOKENS = 50_000  # phrases are not looked for with more frequent words
COMMON = 256  # words whose followers are computed ahead of time
KEPT = 1024  # words (or pairs) above `MOST_TOKENS` whose followers are cached


def suggest(searcher: Searcher, typed: str, limit: int) -> tuple[Suggestion, ...]:
    """Up to `limit` suggestions: completions of the last word typed and phrases that begin with it,
    then headings and articles that hold all words.

    Where no word completes it, words that contain its letters, or that one typing error keeps from
    completing it; where nothing else is found either, one error is corrected in each earlier word.
    Counts are a word's occurrences in the corpus (after other words, those of the phrase), and the
    passages below headings of the same text. Text over 1,000 characters has no completions, nor has
    text that excludes a word: a completion, which takes its place, would ask for that word.
    """
    forms = tokenize(typed).forms if len(typed) <= LONGEST else []
    if not forms or limit <= 0 or _excludes(parse(typed).tree):
        return ()
    lead, last = tuple(map(fold, forms[:-1])), fold(forms[-1])
    following = _following(searcher, lead, last) if lead else None
    if following:
        found: Iterable[str] = following.commonest(limit)
    else:  # in a cluster each count after another word is a query of its own
        found = _completions(searcher, last, limit if lead else 2 * limit)
    words = _words(searcher, forms[:-1], found, following)
    is_word = len(last) >= SHORTEST and last.isalpha()
    for others in (_containing, _mistyped) if is_word else ():
        words = words or _words(searcher, forms[:-1], others(searcher, last, limit))
    phrases = [] if lead else _phrases(searcher, last)
    heads = _headings(searcher, [*forms[:-1], forms[-1] + "*"]) if len(last) > 1 or lead else []
    if not (words or phrases or heads) and (corrected := _corrected_lead(searcher, forms)):
        return suggest(searcher, corrected, limit)
    room = max(limit - len(heads) - len(phrases), limit - limit // 2)
    first = words[:room] + phrases[: max(limit - len(words[:room]) - min(len(heads), 2), 0)]
    return tuple(first + heads[: limit - len(first)])


def _excludes(tree: wq.Query) -> bool:
    """Whether a query has a `-word` or `NOT word`."""
    return isinstance(tree, wq.Not) or any(map(_excludes, tree.children()))


def precompute(searcher: Searcher) -> None:
    """Computes what follows the most common words, and pairs of them, so that whoever types them
    need not wait."""
    parts = searcher.snapshot.parts
    if not all(isinstance(part.segment, Segment) for part in parts):
        return
    words = _completions(searcher, "", COMMON)
    common = [w for w in words if sum(part.tokens_of(w) for part in parts) > MOST_TOKENS]
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
    """Suggestions of words after those typed before, most frequent first; without those that do
    not occur."""
    parts = searcher.snapshot.parts
    other_spellings, counts = partial(_other_spellings, searcher, {}), {}
    for word in found:
        if not before:
            counts[word] = sum(part.tokens_of(word) for part in parts)
        elif following:
            counts[word] = following.count(word) + other_spellings([*before, word])
        else:
            counts[word] = _occurrences(searcher, [*before, word])
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    lead = " ".join(before)
    return [Suggestion(f"{lead} {word}".strip(), "term", count) for word, count in ordered if count]


def _completions(searcher: Searcher, last: str, limit: int) -> set[str]:
    """The most frequent words that begin with `last`."""
    parts = searcher.snapshot.parts
    return {w for p in parts for w, _ in p.segment.vocabulary.completions(last, limit)}


def _containing(searcher: Searcher, last: str, limit: int) -> list[str]:
    """Words that contain `last` further in."""
    parts = searcher.snapshot.parts
    return [word for part in parts for word in part.segment.vocabulary.holding(last, limit)]


def _mistyped(searcher: Searcher, last: str, limit: int) -> list[str]:
    """Words that one typing error keeps from beginning with `last`; never one drug's name for
    another's, nor for one that is half typed."""
    if is_drug_name(last):
        return []
    found = dict.fromkeys(islice(corrections(searcher.snapshot, last, one_edit=True), FEW))
    swapped = [last[:i] + last[i + 1] + last[i] + last[i + 2 :] for i in range(len(last) - 1)]
    shorter = [last[:i] + last[i + 1 :] for i in range(1, len(last)) if len(last) > SHORTEST]
    for beginning in dict.fromkeys(swapped + shorter):
        found |= dict.fromkeys(sorted(_completions(searcher, beginning, FEW)))
    if not found:
        found = dict.fromkeys(islice(corrections(searcher.snapshot, last), FEW))
    if any(name.startswith(last) for name in words_of_drug_names()):
        found = {word: None for word in found if not is_drug_name(word)}
    return list(found)[: 2 * limit]


def _corrected_lead(searcher: Searcher, forms: list[str]) -> str:
    """The typed text with each earlier word that does not occur replaced by one a typing error
    away; "" if all occur, or one has no replacement."""
    *lead, last = forms
    nowhere = [word for word in lead if not occurs(searcher.snapshot, [fold(word)])]
    better = {w: next(corrections(searcher.snapshot, w, one_edit=True), "") for w in nowhere}
    if not better or not all(better.values()):
        return ""
    return " ".join([*(better.get(word, word) for word in lead), last])


@dataclass(frozen=True, slots=True)
class _Following:
    """Frequencies of the forms that follow given words in live text, within a block."""

    rows: tuple[tuple[Vocabulary, Array, Array], ...]  # per part: forms (ascending), frequencies

    def commonest(self, limit: int) -> dict[str, int]:
        """The folds that follow most often, most frequent first, with their frequencies."""
        found: dict[str, int] = {}
        for vocabulary, forms, counts in self.rows:
            numbers, sums = summed(vocabulary.folds_of(forms), counts, len(vocabulary.folds))
            best = (sums >= least_of_best(sums, limit)).nonzero()[0]
            for number in numbers[best[np.argsort(-sums[best], kind="stable")][:limit]].tolist():
                word = vocabulary.folded(number)
                found[word] = self.count(word)
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0]))[:limit])

    def count(self, word: str) -> int:
        """How often a fold, or its possessive, follows."""
        total = 0
        for vocabulary, forms, counts in self.rows:
            for ends in vocabulary.fold_ranges(word) + vocabulary.fold_ranges(word + "'s"):
                low, high = forms.searchsorted(ends)
                total += int(counts[low:high].sum())
        return total


def _following(searcher: Searcher, words: Sequence[str], beginning: str = "") -> _Following | None:
    """Forms that follow these folded words and begin with `beginning`. None in a cluster, whose
    parts have no positions."""
    parts = searcher.snapshot.parts
    if not all(isinstance(part.segment, Segment) for part in parts):
        return None
    return _Following(
        tuple((part.segment.vocabulary, *_followers(part, words, beginning)) for part in parts)
    )


def _followers(part: Part, words: Sequence[str], beginning: str) -> tuple[Array, Array]:
    """Forms of a part that follow these words and begin so, ascending, and their frequencies.

    For words with more than `MOST_TOKENS` tokens all followers are cached.
    """
    segment, vocabulary = part.segment, part.segment.vocabulary
    known = part.following.get(tuple(words))
    if known is None:
        sought = [element(vocabulary.fold_ranges(word), "exact") for word in words]
        tokens = contiguous(segment, sought, token_scope(segment, 0, segment.content_end))
        tokens += len(words) - 1
        fine = part.are_live(tokens)
        if tokens.size:
            lasts, last_forms = segment.block_ends
            fine[intersect(lasts.compress(sought[-1].contains(last_forms)), tokens)[0]] = False
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


def _other_spellings(
    searcher: Searcher, known: dict[tuple[str, ...], _Following | None], words: list[str]
) -> int:
    """Occurrences of a sequence of words in other spellings, such as hyphenated ones. `known`:
    cache of the followers of these spellings' beginnings."""
    plain = tuple(map(fold, words))
    total = 0
    for spelling in searcher.expansion("word").pattern(Phrase(tuple(words))).spellings:
        *before, last = (place.text for place in spelling)
        lead = tuple(before)
        if (*lead, last) == plain:
            continue
        if lead and lead not in known:
            known[lead] = _following(searcher, lead)
        if following := known.get(lead):
            total += following.count(last)
        else:
            total += sum(part.tokens_of(last) for part in searcher.snapshot.parts)
    return total


def _phrases(searcher: Searcher, word: str) -> list[Suggestion]:
    """The most frequent pairs that begin with this word, the second being no function word."""
    parts = searcher.snapshot.parts
    following = None
    if sum(part.tokens_of(word) for part in parts) <= MOST_TOKENS:
        following = _following(searcher, (word,))
    if not following:
        return []
    usual = function_words(parts[0].languages if parts else ())
    other_spellings = partial(_other_spellings, searcher, {})
    kept = [
        Suggestion(f"{word} {after}", "phrase", count)
        for after, often in following.commonest(4 * FEW).items()
        if after not in usual
        and after.isalpha()
        and len(after) > 1
        and (count := often + other_spellings([word, after])) > 1
    ]
    return sorted(kept, key=lambda one: (-one.count, one.text))[:FEW]


def _occurrences(searcher: Searcher, words: list[str]) -> int:
    """Occurrences of these words in sequence in the text of passages."""
    matcher = searcher.matcher(Quote("text", words), "word", text_only=True)
    parts = range(len(searcher.snapshot.parts))
    return sum(matcher.leaf_frequency(leaf, i) for leaf in matcher.text_leaves() for i in parts)


def _headings(searcher: Searcher, words: list[str]) -> list[Suggestion]:
    """Headings that hold these words in order, most passages first; then titles of articles."""
    matcher = searcher.matcher(Quote("text", words), "word")
    texts, numbers = matcher.snapshot.headings
    articles: list[Suggestion] = []
    rows = [(EMPTY, EMPTY, EMPTY.astype(np.uint64))]  # text, passages below, id of the first
    for number, part in enumerate(matcher.snapshot.parts):
        segment, heads = part.segment, matcher.satisfying_heads(number)
        low, high, stood = (
            segment.column(f"head.{name}")[heads].astype(np.int64)
            for name in ("first", "last", "stand_in")
        )
        low = np.where(low < high, low, stood)  # for an empty heading its stand-in; -1: none
        ids = np.append(segment.column("passage.id"), np.uint64(0))[low]
        sizes, of = np.maximum(segment.passages_below(heads), 1), numbers[number][heads]
        is_title = segment.column("head.level")[heads] == 0
        for at in is_title.nonzero()[0][: FEW - len(articles)].tolist():
            passage = _passage(int(ids[at]))
            articles.append(Suggestion(texts[of[at]], "article", int(sizes[at]), passage))
        rows.append((of[~is_title], sizes[~is_title], ids[~is_title]))
    of, sizes, ids = map(np.concatenate, zip(*rows))
    order = np.argsort(of, kind="stable")
    firsts = changes(of[order]).nonzero()[0] if of.size else EMPTY
    if not firsts.size:
        return articles
    counts = np.add.reduceat(sizes[order], firsts)
    least, most = (join.reduceat(ids[order], firsts) for join in (np.minimum, np.maximum))
    made = [
        Suggestion(
            texts[of[order[firsts[at]]]],
            "heading",
            int(counts[at]),
            _passage(int(least[at])) if least[at] == most[at] else "",
        )
        for at in np.argsort(-counts, kind="stable")[:MOST_HEADINGS].tolist()
    ]
    return [*made[:FEW], *articles, *made[FEW:]]


def _passage(number: int) -> str:
    """The id of a passage as text; "" for 0."""
    return f"{number:016x}" if number else ""
