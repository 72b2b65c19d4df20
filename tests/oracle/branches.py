"""A query tree as branches: one choice at every OR, so that a branch is leaves and conditions.

In: a tree, and tests of what may be true of a passage. Out: its `Branch`es, without those that have
a part that can't be true. Raises `ValueError` for more than `MOST` branches, `TypeError` for a node
of an unknown kind.

Meaning of the nodes that only programs write:

    Or with minmatch   every choice of `minmatch` of its parts, at least one
    DisjunctionMax     one of its parts, as Or
    AndMaybe           the first part, or both parts where the second is true
    Require            both parts
    AndNot             the first part and not the second
    Otherwise          the first part where that finds any passage at all, else the second
    ConstantScoreQuery its child
    Every              a branch without leaves, which is always true
    And, Or of nothing, NullQuery   nothing

A leaf asks for words in the field "any" or "text" (the text alone); words in "title" or "section",
kinds, articles and negations are conditions. Everything beneath a negation belongs to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product

from whoosh import query

from indexer.query.nodes import Near

LEAVES = (query.Term, query.Phrase, query.Prefix, query.Wildcard, query.FuzzyTerm, Near)
MOST = 3000  # branches of one tree


@dataclass(frozen=True, slots=True)
class Branch:
    """Leaves, conditions and negations that must be true together."""

    leaves: tuple[query.Query, ...] = ()
    conditions: tuple[query.Query, ...] = ()  # words of a title or a heading, kind, article
    negated: tuple[query.Query, ...] = ()  # trees that must not be true


def field_of(leaf: query.Query) -> str:
    """The field of a leaf; for a NEAR "any" if all its words may match in any, else "text"."""
    if not isinstance(leaf, Near):
        return str(leaf.fieldname)
    return "any" if all(part.fieldname == "any" for part in leaf.leaves()) else "text"


def parts_of(node: query.Query) -> list[query.Query]:
    """The nodes right below a node; none below a leaf."""
    if isinstance(node, LEAVES):
        return []
    if isinstance(node, query.compound.BinaryQuery):
        return [node.a, node.b]
    return list(node.children())


@dataclass(frozen=True, slots=True)
class Chooser:
    """Expands trees to branches, for one passage or in general."""

    finds: Callable[[query.Query], bool]  # whether a tree finds any passage at all
    may_be: Callable[[query.Query], bool]  # whether a leaf or condition may be true

    def branches(self, tree: query.Query) -> list[Branch]:
        """All branches of a tree whose leaves and conditions may all be true."""
        found = list(islice(self._branches(tree), MOST + 1))
        if len(found) > MOST:
            raise ValueError(f"more than {MOST} branches")
        return found

    def _together(self, parts: Sequence[query.Query]) -> Iterator[Branch]:
        """Each combination of one branch of every part."""
        for chosen in product(*map(self.branches, parts)):
            yield Branch(
                tuple(leaf for one in chosen for leaf in one.leaves),
                tuple(condition for one in chosen for condition in one.conditions),
                tuple(tree for one in chosen for tree in one.negated),
            )

    def _branches(self, node: query.Query) -> Iterator[Branch]:
        if isinstance(node, query.Every):
            yield Branch()
        elif isinstance(node, LEAVES):
            if self.may_be(node):
                is_test = field_of(node) in ("title", "section", "kind", "article")
                yield Branch(conditions=(node,)) if is_test else Branch(leaves=(node,))
        elif isinstance(node, query.Not):
            yield Branch(negated=(node.query,))
        elif isinstance(node, query.ConstantScoreQuery):
            yield from self._branches(node.child)
        elif isinstance(node, query.AndNot):
            yield from self._together((node.a, query.Not(node.b)))
        elif isinstance(node, query.AndMaybe):
            yield from self._branches(node.a)
            yield from self._together((node.a, node.b))
        elif isinstance(node, query.Require):
            yield from self._together((node.a, node.b))
        elif isinstance(node, query.Otherwise):
            yield from self._branches(node.a if self.finds(node.a) else node.b)
        elif isinstance(node, query.And):
            yield from self._together(node.subqueries) if node.subqueries else ()
        elif isinstance(node, query.Or):
            for chosen in combinations(node.subqueries, max(node.minmatch, 1)):
                yield from self._together(chosen)
        elif isinstance(node, query.DisjunctionMax):
            for part in node.subqueries:
                yield from self._branches(part)
        elif not isinstance(node, type(query.NullQuery)):
            raise TypeError(f"no meaning for {node!r}")


def is_true(node: query.Query, stands: Callable[[query.Query], bool]) -> bool:
    """Whether a tree beneath a negation is true; `stands` decides leaves and conditions."""
    parts = parts_of(node)
    if isinstance(node, query.Every):
        return True
    if isinstance(node, LEAVES):
        return stands(node)
    if isinstance(node, query.Not):
        return not is_true(node.query, stands)
    if isinstance(node, query.AndNot):
        return is_true(node.a, stands) and not is_true(node.b, stands)
    if isinstance(node, query.AndMaybe):
        return is_true(node.a, stands)
    if isinstance(node, query.Or):
        return bool(sum(is_true(part, stands) for part in parts) >= max(node.minmatch, 1))
    if isinstance(node, query.DisjunctionMax):
        return any(is_true(part, stands) for part in parts)
    if isinstance(node, (query.And, query.Require, query.ConstantScoreQuery)):
        return bool(parts) and all(is_true(part, stands) for part in parts)
    if isinstance(node, type(query.NullQuery)):
        return False
    raise TypeError(f"no meaning for {node!r}")
