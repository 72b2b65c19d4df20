"""Questions about query trees, and changes to them; nothing here looks at an index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import copy

from whoosh import query as wq

from indexer.query.nodes import Near


def children(node: wq.Query) -> Iterable[wq.Query]:
    """The parts of a compound node."""
    if isinstance(node, (wq.AndMaybe, wq.Require)):
        return (node.a, node.b)
    if isinstance(node, wq.ConstantScoreQuery):
        return (node.child,)
    return getattr(node, "subqueries", ())


def text_leaves(node: wq.Query) -> Iterator[wq.Query]:
    """Positive leaves that test the text (perhaps among other fields)."""
    if isinstance(node, wq.Not) or is_filter(node):
        return
    if is_positional(node):
        if isinstance(node, Near) or node.fieldname in ("any", "text"):
            yield node
    elif isinstance(node, wq.AndNot):
        yield from text_leaves(node.a)
    else:
        for child in children(node):
            yield from text_leaves(child)


def is_filter(node: wq.Query) -> bool:
    """Whether a node restricts by article or kind, and scores nothing."""
    return isinstance(node, wq.Term) and node.fieldname in ("article", "kind")


def asks_for_boilerplate(node: wq.Query) -> bool:
    """Whether the query names the kind boilerplate, other than to leave it out."""
    if isinstance(node, wq.Not):
        return False
    if is_filter(node):
        return bool(node.fieldname == "kind" and node.text == "boilerplate")
    if isinstance(node, wq.AndNot):
        return asks_for_boilerplate(node.a)
    return any(map(asks_for_boilerplate, children(node)))


def rebuilt(node: wq.Query, change: Callable[[wq.Query], wq.Query]) -> wq.Query:
    """A copy of a node with its parts changed (Whoosh's `apply` forgets minmatch and tiebreak)."""
    new = copy(node)
    if isinstance(node, wq.Not):
        new.query = change(node.query)
    elif isinstance(node, wq.ConstantScoreQuery):
        new.child = change(node.child)
    elif isinstance(node, wq.compound.BinaryQuery):
        new.subqueries = new.a, new.b = change(node.a), change(node.b)
    elif isinstance(node, wq.compound.CompoundQuery):
        new.subqueries = [change(part) for part in node.subqueries]
    return new


def in_text(node: wq.Query) -> wq.Query:
    """The node with its bare words sought in the text alone, as beneath a NOT."""
    if is_positional(node) and not isinstance(node, Near) and node.fieldname == "any":
        new = copy(node)
        new.fieldname = "text"
        return new
    return rebuilt(node, in_text)


def is_positional(node: wq.Query) -> bool:
    """Whether a node is a leaf that finds words at positions."""
    kinds = (wq.Term, wq.Phrase, wq.Prefix, wq.Wildcard, wq.FuzzyTerm, Near)
    return isinstance(node, kinds)
