"""Whoosh trees joined to larger ones, in one form whatever was typed.

In: trees, some of them negations. Out: a tree in which And holds no And and Or no Or, and every
Not stands in an And that holds something positive, `Everything` if need be. None stands for no
query at all, and nothing holds a `NullQuery`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from whoosh import query

from indexer.query.nodes import Everything


def conjoin(parts: Iterable[query.Query | None]) -> query.Query | None:
    """What all parts find."""
    flat = _flatten(parts, query.And)
    told = [part for part in flat if not isinstance(part, Everything)]
    if flat and all(isinstance(part, query.Not) for part in told):
        told = [Everything(), *told]
    return query.And(told) if len(told) > 1 else told[0] if told else None


def disjoin(parts: Iterable[query.Query | None]) -> query.Query | None:
    """What any part finds."""
    flat = _flatten(parts, query.Or)
    if len(flat) < 2:
        return flat[0] if flat else None
    return query.Or([conjoin([part]) if isinstance(part, query.Not) else part for part in flat])


def negate(part: query.Query | None) -> query.Query | None:
    """What the part does not find, to be conjoined with something."""
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
    """The tree with what it joins replaced, each operand that NEAR can take by itself."""
    if tree is None or not is_split(tree):
        return tree and replace(tree)
    if isinstance(tree, query.AndMaybe):
        must, may = rebuild(tree.a, replace), rebuild(tree.b, replace)
        return query.AndMaybe(must, may) if must and may else must or may
    parts = [rebuild(part, replace) for part in tree.subqueries]
    return conjoin(parts) if isinstance(tree, query.And) else disjoin(parts)


def is_split(tree: query.Query) -> bool:
    """Whether NEAR has to be spread over what the tree joins."""
    if isinstance(tree, (query.And, query.AndMaybe)):
        return True
    return isinstance(tree, query.Or) and any(map(is_split, tree.subqueries))
