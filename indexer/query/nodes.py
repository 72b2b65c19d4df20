"""Query nodes added to Whoosh's: word, quote, NEAR, everything.

They hold words as typed, to be tokenized when the tree is compiled. Whoosh's methods `leaves`,
`all_terms`, `apply`, `accept`, `copy` and `normalize` work on them, and normalising a tree keeps
its meaning. Whoosh's matchers do not work: `indexer.search` evaluates trees.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from whoosh import query

DEFAULT_DISTANCE = 10  # of NEAR and "…"~ without a number
MAX_DISTANCE = 1000  # no passage is longer
MAX_DEPTH = 50  # brackets within brackets, and NEARs within NEARs
FILTERS = ("article", "kind")  # fields whose value is one name, as typed


class Word(query.Term):  # type: ignore[misc]
    """A bare word in the field "any" (text, section path or title), or in the field named.

    `text` is as typed and holds at least one token: anti-inflammatory, 25mg, 1/2.
    """


class Quote(query.Phrase):  # type: ignore[misc]
    """Words in this order, each at most `slop` positions after the one before.

    `words` are as typed, each with at least one token. A word that ends in * (with no other * or
    ?) is a prefix, any other with * or ? a wildcard; both match one token, and * alone any token.
    Unlike Whoosh's phrase, a quote of one word stays a quote when normalised.
    """

    def __repr__(self) -> str:
        boost = "" if self.boost == 1.0 else f", boost={self.boost}"
        return f"Quote({self.fieldname!r}, {self.words!r}, slop={self.slop}{boost})"

    def normalize(self) -> query.Query:
        """This quote, or nothing if it has no words."""
        return self if self.words else query.NullQuery


class Near(query.compound.CompoundQuery):  # type: ignore[misc]
    """Two queries that match at most `distance` positions apart, in either order.

    `distance` None: in the same sentence. The leaves beneath are words, quotes and patterns in the
    field "any" (or "text"), joined only by Or and Near.
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
        """A copy with `fn` applied to the subqueries."""
        return self._with([fn(part) for part in self.subqueries])

    def normalize(self) -> query.Query:
        """Both subqueries normalised; `NullQuery` if either is."""
        parts = [part.normalize() for part in self.subqueries]
        return query.NullQuery if query.NullQuery in parts else self._with(parts)


class Everything(query.Every):  # type: ignore[misc]
    """Every passage.

    Whoosh's `normalize` turns an And that holds `Every()` into `Every()`, so that "everything but
    a word" would become "everything". It leaves one with the field "*" alone, as this has.
    """

    def __init__(self, boost: float = 1.0) -> None:
        super().__init__(boost=boost)
        self.fieldname = "*"

    def __repr__(self) -> str:
        return "Everything()" if self.boost == 1.0 else f"Everything(boost={self.boost})"

    def field(self) -> None:
        """No single field: otherwise Whoosh would drop siblings as parts of that field."""
        return
