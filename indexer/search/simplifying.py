"""Trees said more shortly: equal siblings as one, many negations as one.

In: the parts of a node. Out: fewer parts that find, score and mark the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy

from whoosh import query as wq

from indexer.search.trees import is_positional


def distinct(nodes: Iterable[wq.Query]) -> Iterable[wq.Query]:
    """The nodes, equal ones as one with the sum of their boosts, for their scores add up."""
    found: dict[object, list[wq.Query]] = {}
    for node in nodes:
        key = (type(node).__name__, repr(node)) if _says_all(node) else id(node)
        found.setdefault(key, []).append(node)
    for same in found.values():
        if len(same) == 1:
            yield same[0]
        else:
            one = copy(same[0])
            one.boost = sum(node.boost for node in same)
            yield one


def _says_all(node: wq.Query) -> bool:
    """Whether a node's `repr` tells all that there is to it; Whoosh leaves out some parameters."""
    if is_positional(node):
        return True
    joined = type(node) is wq.And or (type(node) is wq.Or and not node.minmatch)
    return joined and all(map(_says_all, node.subqueries))


def has_positive(nodes: Iterable[wq.Query]) -> bool:
    """Whether one of them is no NOT."""
    return any(not isinstance(node, wq.Not) for node in nodes)


def negated_at_once(nodes: list[wq.Query]) -> list[wq.Query]:
    """The parts of an And with one Not in place of many: NOT a, NOT b is NOT (a OR b)."""
    negated = [node for node in nodes if isinstance(node, wq.Not)]
    if len(negated) < 2:
        return nodes
    others = [node for node in nodes if not isinstance(node, wq.Not)]
    return [*others, wq.Not(wq.Or([node.query for node in negated]))]
