"""Limits on the cost of a query: takes a plan, returns a plan that is answered in time, or refuses.

Cost is counted in tokens read, not in time, so that a query is always cut at the same place on the
same corpus; reading a token takes about twenty nanoseconds. In a search, leaves are dropped from
the first one that would take too long, with a note that names it; the rest is evaluated exactly, so
the answer is that of the query without what the note names. What cannot carry notes (a count, an
audit) is refused beyond a far larger limit, with an error that names the leaf.

The budget grows with the corpus, where one common word may cost as much as thousands of rare ones
and must still be found: the first leaf of a search is always evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf

from indexer.errors import UsageError
from indexer.query.normalise import show
from indexer.search.expansion import Expansion
from indexer.search.located import LocatedWords, upper_bound
from indexer.search.plan import (
    NOTHING,
    And,
    Boosted,
    Constant,
    Either,
    Leaf,
    Node,
    Not,
    Or,
    Phrase,
    PlanCompiler,
    Proximity,
    Sought,
    Term,
    query_text,
    terms,
)
from indexer.text.tokenizer import tokenize

LEAST_BUDGET = 13_000_000  # tokens that a search may read, however small the corpus
BUDGET = 0.65  # tokens that it may read in a large corpus, as a share of the corpus
PATIENCE = 50  # a count or an audit may read so many times as many
LEAF = 10_000  # cost of looking up one leaf, in tokens
COMPARED = 5  # cost of comparing a word of the vocabulary with a pattern or a misspelt word
PARTNER = 10  # cost of finding a token's neighbour in a NEAR or in a phrase with gaps
LOCATED = 250  # the same where every such neighbour is wanted, for an audit


def bound(plan: Node, known: PlanCompiler, expansion: Expansion) -> tuple[Node, list[str]]:
    """The plan cut to the budget of a search, and notes on what was left out."""
    budget = _Budget(expansion, known, _allowed(expansion))
    return budget.bound(plan) or NOTHING, budget.notes


def check(plan: Node, known: PlanCompiler, expansion: Expansion) -> None:
    """Raises `UsageError` for a plan beyond the larger limit, that of queries that are not cut."""
    budget = _Budget(expansion, known, PATIENCE * _allowed(expansion))
    budget.first = False
    budget.bound(plan)
    if budget.expensive:
        raise UsageError(f"{budget.expensive}: would take too long; ask in several queries")
    for note in expansion.cuts(plan):
        raise UsageError(f"{note}; write it with fewer hyphens, or leave synonyms out")


def cost(
    plan: Node, known: PlanCompiler, expansion: Expansion, most: float, *, located: bool = False
) -> float:
    """Tokens that have to be read to evaluate a whole plan; infinite if more than `most`.

    Leaves beyond `most` are not even looked up. `located`: each occurrence is wanted, not only the
    passages.
    """
    budget = _Budget(expansion, known, most)
    budget.partner = LOCATED if located else PARTNER
    budget.first = False
    budget.bound(plan)
    return inf if budget.expensive else most - budget.left


def check_together(
    queries: Sequence[str], cost: Callable[[str, float], float], expansion: Expansion
) -> None:
    """Raises `UsageError` if queries together go beyond the larger limit, that of uncut queries.

    `cost(query, most)` returns the cost of one query, or infinity if it is more than `most`.
    """
    left = PATIENCE * _allowed(expansion)
    for query in queries:
        left -= cost(query, left)
        if left < 0:
            shown = query if len(query) <= 42 else f"{query[:40]}…"
            raise UsageError(f"{shown}: these terms take too long together; ask in several lists")


def _allowed(expansion: Expansion) -> float:
    """Tokens that a search may read."""
    return max(LEAST_BUDGET, BUDGET * sum(p.segment.tokens for p in expansion.snapshot.parts))


class _Budget:
    """The tokens that one query may still read; `notes` says what was left out."""

    def __init__(self, expansion: Expansion, known: PlanCompiler, tokens: float) -> None:
        self._expansion, self._known = expansion, known
        self._segments = [part.segment for part in expansion.snapshot.parts]
        self.left = tokens
        self.partner = PARTNER
        self._spent = False  # a leaf was too expensive: no leaf after it is looked up
        self.first = True  # nothing was looked up yet; the next leaf is never too expensive
        self.notes: list[str] = []
        self.expensive = ""  # the first leaf that was too expensive, as notes quote it

    def bound(self, node: Node) -> Node | None:
        """The node without what is too expensive; None if nothing is left."""
        if isinstance(node, Leaf):
            sought = self._sought(node.sought, node)
            if sought is None or sought == node.sought:
                return node if sought else None
            return self._known.leaf(sought, node.fields, bare=node.bare)
        if isinstance(node, (Not, Boosted, Constant)):
            child = self.bound(node.child)
            return child and replace(node, child=child)
        if isinstance(node, (And, Or)):
            children = self._bounded(node.children)
            if isinstance(node, Or):
                return replace(node, children=children) if children or not node.children else None
            lost = _has_positive(node.children) and not _has_positive(children)
            if lost or (node.children and not children):
                return None  # the rest of the And would match all but a few passages
            return And(children, self._bounded(node.optional))
        return node

    def _bounded(self, nodes: Sequence[Node]) -> tuple[Node, ...]:
        return tuple([kept for kept in map(self.bound, nodes) if kept is not None])

    def _sought(self, sought: Sought, leaf: Leaf) -> Sought | None:
        if isinstance(sought, Either):
            parts = [self._sought(part, leaf) for part in sought.parts]
            kept = tuple([part for part in parts if part is not None])
            return Either(kept) if kept or not parts else None
        if isinstance(sought, Proximity):
            left, right = self._sought(sought.left, leaf), self._sought(sought.right, leaf)
            if left is None or right is None:
                return left or right
            both = replace(sought, left=left, right=right)
            if self._is_paid(self.partner * self._upper_bound(both)):
                return both
            self._stop(right, leaf)
            return left
        return self._words(sought, leaf)

    def _words(self, sought: Term | Phrase, leaf: Leaf) -> Sought | None:
        if self._spent:
            return None
        cost: float = LEAF + COMPARED * self._words_compared(sought)
        kept = sought
        if cost <= self.left or self.first:  # otherwise it is not even looked up
            while isinstance(kept, Phrase) and cost + self._tokens_read(kept) > self.left:
                if kept.slop == 1 or len(kept.words) == 1:
                    break
                kept = replace(kept, words=kept.words[: len(kept.words) // 2])
            cost += self._tokens_read(kept)
        if not self._is_paid(cost):
            self._stop(sought, leaf)
            return None
        self.first = False
        if isinstance(kept, Phrase) and kept != sought:
            size = len(kept.words)
            words = f"the first {size} words" if size > 1 else "the first word"
            self.expensive = self.expensive or _shown(sought, leaf)
            self.notes.append(f"only {words} of {_shown(sought, leaf)} was searched for")
        return kept

    def _is_paid(self, cost: float) -> bool:
        """Takes the cost off the budget if that suffices or nothing was looked up yet."""
        if cost > self.left and not self.first:
            return False
        self.left -= cost
        return True

    def _stop(self, at: Sought, leaf: Leaf) -> None:
        """Notes that this leaf and all that follow are left out."""
        self._spent = True
        shown = _shown(terms(at)[0], leaf)
        self.expensive = self.expensive or shown
        self.notes.append(f"ignored: all that would take too long, from {shown} on")

    def _upper_bound(self, sought: Sought) -> int:
        """Upper bound of the occurrences of something."""
        located = (self._expansion.located(sought, i) for i in range(len(self._segments)))
        return sum(map(upper_bound, located, self._segments))

    def _tokens_read(self, sought: Term | Phrase) -> int:
        """Tokens read to find a word or phrase: those of its rarest word; with gaps, each token of
        each word searches its neighbours along the whole phrase."""
        total = 0
        for number, segment in enumerate(self._segments):
            located = self._expansion.located(sought, number)
            assert isinstance(located, LocatedWords)
            for variant in located.variants:
                if located.is_loose(variant):
                    each = [e.frequency(segment) for e in variant.elements]
                    total += (self.partner + len(each)) * sum(each) if all(each) else 0
                else:
                    total += variant.upper_bound(segment)
        return total

    def _words_compared(self, sought: Term | Phrase) -> int:
        """Words of the vocabulary compared to look up a word or phrase."""
        if isinstance(sought, Phrase):
            return sum(map(self._words_fitting, sought.words))
        if sought.how == "fuzzy":
            return self._words_beginning("") * len(tokenize(sought.text).forms)
        if sought.how == "wildcard":
            return self._words_fitting(sought.text)
        cased = sought.how == "prefix" and self._expansion.match == "case"
        return self._words_beginning(sought.text) if cased else 0

    def _words_fitting(self, pattern: str) -> int:
        """Words that begin with the pattern's head, times its stars; 0 for a plain word."""
        head, star, rest = pattern.replace("?", "*").partition("*")
        if not star or (head and not rest):
            return 0
        return self._words_beginning(head) * max(pattern.count("*"), 1)

    def _words_beginning(self, head: str) -> int:
        """Words of the vocabulary that begin with `head`."""
        if not head:
            return sum(len(s.vocabulary.folds) for s in self._segments)
        ranges = (s.vocabulary.folds.prefix_range(head.lower()) for s in self._segments)
        return sum(high - low for low, high in ranges)


def _has_positive(nodes: Sequence[Node]) -> bool:
    return any(not isinstance(node, Not) for node in nodes)


def _shown(sought: Term | Phrase, leaf: Leaf) -> str:
    """A word or phrase as notes quote it."""
    fields = "" if "text" in leaf.fields else "".join(f"{name}:" for name in leaf.fields)
    text = fields + query_text(sought)
    if isinstance(sought, Phrase):
        return text if len(text) <= 42 else f"{text[:40]}…"
    return show(text)
