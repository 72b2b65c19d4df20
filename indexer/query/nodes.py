"""The nodes that our trees add to Whoosh's.

They hold words as typed: whoever matches a tree analyses them. Whoosh's own tools (`leaves`,
`all_terms`, `apply`, `accept`, `replace`, `copy`, `normalize`) work on them, and normalising a
tree of ours keeps its meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from whoosh import query
from whoosh.query.spans import SpanNear

DEFAULT_DISTANCE = 10  # of NEAR and of "…"~ when no number is given
MAX_DISTANCE = 1000  # no passage is longer


class Word(query.Term):  # type: ignore[misc]
    """One bare word in the field "any" (text, section path or title), or in the field named.

    `text` is as typed and holds one token or more: anti-inflammatory, 25mg, 1/2.
    """


class Quote(query.Phrase):  # type: ignore[misc]
    """Words in this order, each at most `slop` positions after the one before.

    `words` are as typed, and each holds a token. One that ends in * (and holds no other * or ?)
    is a prefix, any other that holds * or ? a wildcard; both stand for one token, and * alone
    for any. Unlike Whoosh's phrase, a quote of one word stays a quote when it is normalised.
    """

    def __repr__(self) -> str:
        boost = "" if self.boost == 1.0 else f", boost={self.boost}"
        return f"Quote({self.fieldname!r}, {self.words!r}, slop={self.slop}{boost})"

    def normalize(self) -> query.Query:
        """This quote, or nothing if it has no words."""
        return self if self.words else query.NullQuery

    def replace(self, fieldname: str, oldtext: str, newtext: str) -> Quote:
        """A copy with one word replaced (Whoosh's own would alter this node's list too)."""
        swap = self.fieldname == fieldname
        words = [newtext if swap and word == oldtext else word for word in self.words]
        return Quote(self.fieldname, words, slop=self.slop, boost=self.boost)


class Near(query.compound.CompoundQuery):  # type: ignore[misc]
    """Two queries that match at most `distance` positions apart, in either order.

    A `distance` of None means in the same sentence. The leaves beneath are words, quotes and
    patterns on the field "text", joined by nothing but Or and Near.
    """

    JOINT = " NEAR "
    intersect_merge = True

    def __init__(
        self,
        subqueries: Sequence[query.Query],
        distance: int | None = DEFAULT_DISTANCE,
        boost: float = 1.0,
    ) -> None:
        if len(subqueries) != 2:
            raise query.QueryError(f"NEAR joins two queries, not {len(subqueries)}")
        super().__init__(list(subqueries), boost=boost)
        self.distance = distance

    def _with(self, subqueries: Sequence[query.Query]) -> Near:
        return Near(subqueries, self.distance, boost=self.boost)

    def __repr__(self) -> str:
        boost = "" if self.boost == 1.0 else f", boost={self.boost}"
        return f"Near({self.subqueries!r}, {self.distance}{boost})"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Near)
            and self.distance == other.distance
            and self.boost == other.boost
            and bool(self.subqueries == other.subqueries)
        )

    def __hash__(self) -> int:
        return hash(("Near", self.distance, self.boost, *self.subqueries))

    def apply(self, fn: Callable[[query.Query], query.Query]) -> Near:
        """A copy whose subqueries went through `fn`."""
        return self._with([fn(part) for part in self.subqueries])

    def normalize(self) -> query.Query:
        """Both subqueries normalised; nothing if one of them is nothing."""
        parts = [part.normalize() for part in self.subqueries]
        return query.NullQuery if query.NullQuery in parts else self._with(parts)

    def simplify(self, ixreader: Any) -> query.Query:
        """Both subqueries simplified."""
        return self._with([part.simplify(ixreader) for part in self.subqueries]).normalize()

    def needs_spans(self) -> bool:
        """Positions are what this node is about."""
        return True

    def estimate_size(self, ixreader: Any) -> int:
        """No more documents than either subquery has."""
        return min(int(part.estimate_size(ixreader)) for part in self.subqueries)

    def estimate_min_size(self, ixreader: Any) -> int:
        """Both may occur and never near each other."""
        return 0

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        """Whoosh's matcher of spans.

        Raises `whoosh.query.QueryError` for the distance None: Whoosh knows no sentences.
        """
        if self.distance is None:
            raise query.QueryError("Whoosh's postings hold no sentences, which NEAR/s needs")
        if context is not None:
            context = context.set(needs_current=True)
        a, b = self.subqueries
        found = SpanNear(a, b, slop=self.distance, ordered=False).matcher(searcher, context)
        if self.boost == 1.0:
            return found
        return query.matching.WrappingMatcher(found, boost=self.boost)


class Everything(query.Every):  # type: ignore[misc]
    """Every passage.

    Whoosh's `normalize` turns an And that holds `Every()` into `Every()`, so that everything but
    a word would become everything. It leaves the field "*" alone, which means the same to it.
    """

    def __init__(self, boost: float = 1.0) -> None:
        super().__init__(boost=boost)
        self.fieldname = "*"

    def __repr__(self) -> str:
        return "Everything()" if self.boost == 1.0 else f"Everything(boost={self.boost})"

    def field(self) -> None:
        """No single field: Whoosh would else drop what it holds for parts of that field."""
        return
