"""Query nodes added to Whoosh's: word, quote, NEAR, everything.

They hold words as typed; whoever compiles a tree tokenizes them. Of Whoosh's own methods `leaves`,
`all_terms`, `apply`, `accept`, `copy` and `normalize` work on them, and normalising a tree keeps
its meaning. Whoosh's matchers do not: `indexer.search` evaluates trees.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from whoosh import query

DEFAULT_DISTANCE = 10  # of NEAR and of "…"~ when no number is given
MAX_DISTANCE = 1000  # no passage is longer
MAX_DEPTH = 50  # brackets within brackets, and NEARs within NEARs
FILTERS = ("article", "kind")  # fields that hold one name, as typed


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


class Near(query.compound.CompoundQuery):  # type: ignore[misc]
    """Two queries that match at most `distance` positions apart, in either order.

    A `distance` of None means in the same sentence. The leaves beneath are words, quotes and
    patterns on the field "any" (or "text"), joined by nothing but Or and Near.
    """

    JOINT = " NEAR "

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
