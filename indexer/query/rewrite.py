"""Whoosh trees joined to larger ones, in one form whatever was typed.

In: trees, some of them negations. Out: a tree in which And holds no And and Or no Or, and every
Not stands in an And that holds something positive, `Everything` if need be. None stands for no
query at all, and nothing holds a `NullQuery`.
"""

from __future__ import annotations

from collections.abc import Iterable

from whoosh import query

from indexer.query.nodes import Everything, Near


def conjoin(parts: Iterable[query.Query | None]) -> query.Query | None:
    """What all parts find."""
    flat = _flatten(parts, query.And)
    if not flat:
        return None
    positive = [part for part in flat if not isinstance(part, query.Not)]
    if any(not isinstance(part, Everything) for part in positive):
        flat = [part for part in flat if not isinstance(part, Everything)]
    else:
        negative = [part for part in flat if isinstance(part, query.Not)]
        flat = [Everything(), *negative]
    return flat[0] if len(flat) == 1 else query.And(flat)


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


class Pairing:
    """Joins queries by NEAR, over the brackets between them, within a budget of leaves.

    `a NEAR (b c)` is `(a NEAR b) (a NEAR c)`. Two long brackets would make a pair of each word
    with each: what goes beyond the budget is left out and `cut` is set.
    """

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.cut = False

    def near(
        self, a: query.Query | None, b: query.Query | None, distance: int | None
    ) -> query.Query | None:
        """What finds both, near each other; the other one if one of them is None."""
        if a is None or b is None:
            return a if b is None else b
        if not (_is_split(a) or _is_split(b)):
            return Near([a, b], distance)
        return self._spread(a, b, distance, swapped=False)

    def _spread(
        self, a: query.Query, b: query.Query, distance: int | None, *, swapped: bool
    ) -> query.Query | None:
        if self.cut:
            return None
        if not _is_split(a):
            if _is_split(b):
                return self._spread(b, a, distance, swapped=True)
            return self._pair(b, a, distance) if swapped else self._pair(a, b, distance)
        if isinstance(a, query.AndMaybe):
            must = self._spread(a.a, b, distance, swapped=swapped)
            may = self._spread(a.b, b, distance, swapped=swapped)
            return must if must is None or may is None else query.AndMaybe(must, may)
        parts = [self._spread(part, b, distance, swapped=swapped) for part in a.subqueries]
        return conjoin(parts) if isinstance(a, query.And) else disjoin(parts)

    def _pair(self, a: query.Query, b: query.Query, distance: int | None) -> query.Query | None:
        self.budget -= _count_leaves(a) + _count_leaves(b)
        if self.budget < 0:
            self.cut = True
            return None
        return Near([a, b], distance)


def _is_split(tree: query.Query) -> bool:
    """Whether NEAR has to be spread over what the tree joins."""
    if isinstance(tree, (query.And, query.AndMaybe)):
        return True
    return isinstance(tree, query.Or) and any(map(_is_split, tree.subqueries))


def _count_leaves(tree: query.Query) -> int:
    return sum(1 for _ in tree.leaves())


def positive(tree: query.Query | None) -> tuple[query.Query | None, bool]:
    """The tree without its negations, and whether it had any (NEAR can't use them)."""
    if isinstance(tree, query.Not):
        return None, True
    if isinstance(tree, Everything):  # beside a negation
        return None, False
    if isinstance(tree, query.AndMaybe):
        (must, some), (may, more) = positive(tree.a), positive(tree.b)
        both = must is not None and may is not None
        return (query.AndMaybe(must, may) if both else must or may), some or more
    if not isinstance(tree, (query.And, query.Or)):
        return tree, False
    kept, dropped = [], False
    for part in tree.subqueries:
        rest, had = positive(part)
        dropped |= had
        kept.append(rest)
    return (conjoin(kept) if isinstance(tree, query.And) else disjoin(kept)), dropped
