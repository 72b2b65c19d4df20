"""Joins Whoosh trees into larger ones, in one normal form.

In: trees, some of them negations. Out: a tree in which no And is directly in an And and no Or in an
Or, and every Not is in an And with something positive, `Everything` if need be. None stands for an
empty query; no tree holds a `NullQuery`. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from whoosh import query

from indexer.query.nodes import Everything


def conjoin(parts: Iterable[query.Query | None]) -> query.Query | None:
    """A tree that matches where all parts match."""
    flat = _flatten(parts, query.And)
    narrowing = [part for part in flat if not isinstance(part, Everything)]
    if flat and all(isinstance(part, query.Not) for part in narrowing):
        narrowing = [Everything(), *narrowing]
    return query.And(narrowing) if len(narrowing) > 1 else narrowing[0] if narrowing else None


def disjoin(parts: Iterable[query.Query | None]) -> query.Query | None:
    """A tree that matches where any part matches."""
    flat = _flatten(parts, query.Or)
    if len(flat) < 2:
        return flat[0] if flat else None
    return query.Or([conjoin([part]) if isinstance(part, query.Not) else part for part in flat])


def negate(part: query.Query | None) -> query.Query | None:
    """A tree that matches where the part does not, to be conjoined with another."""
    if part is None:
        return None
    if isinstance(part, query.And) and len(part) == 2 and isinstance(part[0], Everything):
        part = part[1]
    return part.query if isinstance(part, query.Not) else query.Not(part)


def _flatten(parts: Iterable[query.Query | None], joint: type[query.Query]) -> list[query.Query]:
    flat: list[query.Query] = []
    for part in parts:
        if isinstance(part, joint):
            flat.extend(part.subqueries)
        elif part is not None:
            flat.append(part)
    return flat


def rebuild(
    tree: query.Query | None, replace: Callable[[query.Query], query.Query | None]
) -> query.Query | None:
    """The tree with `replace` applied to each operand that NEAR can take as it is."""
    if tree is None or not is_split(tree):
        return tree and replace(tree)
    if isinstance(tree, query.AndMaybe):
        must, may = rebuild(tree.a, replace), rebuild(tree.b, replace)
        return query.AndMaybe(must, may) if must and may else must or may
    parts = [rebuild(part, replace) for part in tree.subqueries]
    return conjoin(parts) if isinstance(tree, query.And) else disjoin(parts)


def is_split(tree: query.Query) -> bool:
    """Whether NEAR has to be distributed over the operands of the tree."""
    if isinstance(tree, (query.And, query.AndMaybe)):
        return True
    return isinstance(tree, query.Or) and any(map(is_split, tree.subqueries))
