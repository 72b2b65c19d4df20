"""What one query may cost: an expanded tree in; a tree that is answered in time out.

Equal siblings become one, and what would take too long is left out, with a note that names it.
What is kept is evaluated exactly: the answer is that of the query without what the note names.

Costs are counted, not timed, so that a query on a corpus is cut at the same place always. A unit
is a token looked at once, about ten nanoseconds. The budget grows with the corpus, where a common
word alone may cost as much as thousands of rare ones and must still be found: the first leaf of a
query is never too dear.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from typing import Protocol

from whoosh import query as wq

from indexer.query.nodes import Near
from indexer.query.normalise import show
from indexer.query.printer import describe
from indexer.search.expansion import Place, Spelling
from indexer.search.simplifying import distinct, has_positive, negated_at_once
from indexer.search.term import Element
from indexer.search.trees import is_filter, is_positional
from indexer.segments.segment import Segment
from indexer.segments.snapshot import Snapshot
from indexer.text.tokenizer import tokenize

LEAST_BUDGET = 26_000_000  # units of a query, however small the corpus: a thousand words
BUDGET = 1.3  # units of a query for each token of a large corpus
LEAF = 20_000  # of a leaf that is found nowhere
PLACE = 500  # of each place of each spelling
TOKEN = 2.0  # of each token of a word, or of the rarest word of a phrase
EARLY, EARLIER = 4.0, 20_000  # as often again of each of the first tokens, which set arrays up
PARTNER = 26.0  # of each occurrence of the rarer side of a NEAR, to find partners
NEIGHBOUR = 10.0  # of each token that has to find its neighbour in a phrase with gaps
CHAINED = 1.0  # of each word of such a phrase, for each of its chains and each of its words
FEW = 4  # words that need not be counted, however common they are
SCANNED = 10  # of each word of the vocabulary that a pattern or a misspelt word is compared with
CASED = 80  # of each word with a prefix, if case counts
RANGE = 120  # of each range of forms that a word or pattern stands for

Price = Callable[[Sequence[int]], float]  # of words together, by how many tokens match each


class _Pattern(Protocol):
    @property
    def spellings(self) -> tuple[Spelling, ...]: ...


class Lexicon(Protocol):
    """What looks words up."""

    @property
    def snapshot(self) -> Snapshot:
        """Where."""

    def pattern(self, leaf: wq.Query) -> _Pattern:
        """The spellings of a leaf."""

    def element(self, place: Place, segment: Segment) -> Element:
        """What a place stands for in a segment."""

    def most(self, leaf: wq.Query, segment: Segment) -> int:
        """No fewer than the occurrences of a leaf in a segment."""


class Bounder:
    """Bounds one tree; `notes` says afterwards what was left out."""

    def __init__(self, lexicon: Lexicon, *, limited: bool = True) -> None:
        """With `limited` false nothing is left out; equal siblings become one all the same."""
        self.notes: list[str] = []
        self._lexicon = lexicon
        self._segments = [part.segment for part in lexicon.snapshot.parts]
        tokens = sum(segment.tokens for segment in self._segments)
        self._left = max(LEAST_BUDGET, BUDGET * tokens) if limited else math.inf
        self._spent = False  # a leaf was too dear: none behind it is looked up
        self._first = True

    def bound(self, tree: wq.Query) -> wq.Query:
        """The tree within the budget."""
        if _is_small(tree) or _is_pair(tree):
            return tree
        return self._bound(tree) or wq.NullQuery

    def _bound(self, node: wq.Query) -> wq.Query | None:
        """A node without what is too dear."""
        if isinstance(node, Near):
            return self._near(node)
        if is_positional(node) and not is_filter(node):
            return self._leaf(node)
        if isinstance(node, wq.Not):
            inside = self._bound(node.query)
            return None if inside is None else wq.Not(inside, node.boost)
        if isinstance(node, wq.compound.BinaryQuery):
            return self._binary(node)
        if isinstance(node, wq.compound.CompoundQuery):
            return self._compound(node)
        if isinstance(node, wq.ConstantScoreQuery):
            inside = self._bound(node.child)
            return None if inside is None else wq.ConstantScoreQuery(inside, node.score)
        return node

    def _binary(self, node: wq.Query) -> wq.Query | None:
        if isinstance(node, wq.Require):  # what restricts the whole answer comes before all else
            b, a = self._bound(node.b), self._bound(node.a)
        else:
            a, b = self._bound(node.a), self._bound(node.b)
        if a is None:
            return b if isinstance(node, wq.AndMaybe) else None
        if b is None:
            return a
        new = copy(node)
        new.subqueries = new.a, new.b = a, b
        return new

    def _compound(self, node: wq.Query) -> wq.Query | None:
        before = list(node.subqueries)
        if isinstance(node, wq.And) or (type(node) is wq.Or and not node.minmatch):
            before = list(distinct(before))
        if isinstance(node, wq.And):
            before = negated_at_once(before)
        parts = [part for part in (self._bound(q) for q in before) if part is not None]
        lost = isinstance(node, wq.And) and has_positive(before) and not has_positive(parts)
        if lost or (before and not parts):
            return None  # what is left of an And would be all but a few passages
        new = copy(node)
        new.subqueries = parts
        return new

    def _near(self, node: Near) -> wq.Query | None:
        left, right = (self._bound(part) for part in node.subqueries)
        if left is None or right is None:
            return left or right
        pairs = sum(
            min(self._lexicon.most(side, segment) for side in (left, right))
            for segment in self._segments
        )
        if self._is_paid(PARTNER * pairs):
            return Near([left, right], node.distance, node.boost)
        self._stop(right)
        return left

    # --- leaves ---------------------------------------------------------------------------------

    def _leaf(self, leaf: wq.Query) -> wq.Query | None:
        if self._spent:
            return None
        kept, more = leaf, 0.0
        cost: float = LEAF + SCANNED * self._scanned(leaf)
        if cost <= self._left or self._first:  # else not even the look-up
            if isinstance(leaf, wq.Phrase) and leaf.slop > 1 and len(leaf.words) > 1:
                kept, more = self._shortened(leaf)
            else:
                more = self._found(leaf, _alone)
            cost += more
        if not self._is_paid(cost):
            self._stop(leaf)
            return None
        self._first = False
        if kept is not leaf:
            size = len(kept.words)
            words = f"the first {size} words" if size > 1 else "the first word"
            self.notes.append(f"only {words} of {_shown(leaf)} was searched for")
        return kept

    def _is_paid(self, cost: float) -> bool:
        """Takes the cost off what is left, if that is enough or nothing was looked for yet."""
        if cost > self._left and not self._first:
            return False
        self._left -= cost
        return True

    def _stop(self, at: wq.Query) -> None:
        """Leaves out a node and all leaves that follow."""
        self._spent = True
        leaf = next(iter(at.leaves()))
        self.notes.append(f"ignored: all that would take too long, from {_shown(leaf)} on")

    def _scanned(self, leaf: wq.Query) -> int:
        """Words of the vocabulary that have to be compared to look a leaf up."""
        if isinstance(leaf, wq.FuzzyTerm):
            words = sum(len(s.vocabulary.folds) for s in self._segments)
            return words * len(tokenize(leaf.text).forms)
        if isinstance(leaf, (wq.Term, wq.Prefix)):
            return 0
        texts = leaf.words if isinstance(leaf, wq.Phrase) else [leaf.text]
        return sum(self._compared(text) for text in texts if _has_pattern([text]))

    def _compared(self, pattern: str) -> int:
        """Words that begin as the pattern does, as often as it has stars."""
        head = pattern.replace("?", "*").partition("*")[0]
        if head and pattern == head + "*":
            return 0
        return self._beginning(head.lower()) * max(pattern.count("*"), 1)

    def _beginning(self, head: str) -> int:
        """Words that begin so."""
        if not head:
            return sum(len(s.vocabulary.folds) for s in self._segments)
        ranges = (s.vocabulary.folds.prefix_range(head) for s in self._segments)
        return sum(high - low for low, high in ranges)

    def _found(self, leaf: wq.Query, price: Price) -> float:
        """Cost of finding a leaf, given the price of words of these frequencies together."""
        cost = 0.0
        spellings = self._lexicon.pattern(leaf).spellings
        for place in (place for spelling in spellings for place in spelling):
            if place.cased and place.how == "prefix":
                cost += CASED * self._beginning(place.text[:-1])
        for segment in self._segments:
            for spelling in spellings:
                places = [self._lexicon.element(place, segment) for place in spelling]
                cost += PLACE * len(places) + RANGE * sum(place.lows.size for place in places)
                if places:
                    cost += price([place.frequency(segment) for place in places])
        return cost

    def _shortened(self, phrase: wq.Phrase) -> tuple[wq.Phrase, float]:
        """As many of the first words of a phrase with gaps as fit, at least one; their cost.

        Each token of each word looks for its neighbours through the whole phrase.
        """
        size = len(phrase.words)
        fitting, cost = phrase, self._found(phrase, _chained)
        while cost > self._left and size > 1:
            # Cost grows with the square of the size, and with the number of spellings.
            size = max(min(int(size * (self._left / cost) ** 0.5), size * 3 // 4), 1)
            fitting = copy(phrase)
            fitting.words = phrase.words[:size]
            cost = self._found(fitting, _chained)
        return fitting, cost


def _is_small(tree: wq.Query) -> bool:
    """Whether a tree is a few words, or a quote of a few: whatever these are, that is little."""
    if isinstance(tree, (wq.Term, wq.Prefix)):
        return True
    if isinstance(tree, wq.Phrase):
        return tree.slop == 1 and len(tree.words) <= FEW and not _has_pattern(tree.words)
    if not isinstance(tree, wq.And) and (type(tree) is not wq.Or or tree.minmatch):
        return False
    leaves = list(tree.leaves())
    return len(leaves) <= FEW and all(map(_is_small, tree.subqueries))


def _is_pair(tree: wq.Query) -> bool:
    """Whether a tree is one word near another."""
    if not isinstance(tree, Near) or FEW < 2:
        return False
    return all(isinstance(side, wq.Term) for side in tree.subqueries)


def _has_pattern(words: Iterable[str]) -> bool:
    return any("*" in word or "?" in word for word in words)


def _alone(frequencies: Sequence[int]) -> float:
    rarest = min(frequencies)
    return TOKEN * (rarest + EARLY * min(rarest, EARLIER))


def _chained(frequencies: Sequence[int]) -> float:
    rarest = min(frequencies)
    if not rarest:
        return 0.0
    return NEIGHBOUR * sum(frequencies) + CHAINED * len(frequencies) ** 2 * rarest


def _shown(leaf: wq.Query) -> str:
    """A leaf as notes quote it; beneath NOT and NEAR words stand on the text without saying so."""
    text = describe(leaf).removeprefix("text:")
    if text.startswith('"'):
        return text if len(text) <= 42 else f'{text[:40]}…"'
    return show(text)
