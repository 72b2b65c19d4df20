"""A model of the engine: documents and a query in; which of them the query finds out.

It knows the queries that the compiler makes and no other (`KeyError`), and what the engine's
documentation says of each. Spans are sets of all their places, found by trying all ways: nothing
of how Lucene walks through them. Words stand where the analyser puts them: slots parted by U+001F,
of which U+001D is empty.
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise, product
from typing import Any

Json = dict[str, Any]
Span = tuple[int, int]


class Document:
    """One document, its fields of tokens analysed."""

    def __init__(self, body: Json) -> None:
        self.body = body

    def positions(self, field: str, term: str) -> list[int]:
        """Where a term stands in a field."""
        return self._analysed.get(field, {}).get(term, [])

    def terms(self, field: str) -> set[str]:
        """The terms of a field, of tokens or whole."""
        value = self.body.get(field)
        if field in self._analysed:
            return set(self._analysed[field])
        return set() if value is None else {value}

    @cached_property
    def _analysed(self) -> dict[str, dict[str, list[int]]]:
        found: dict[str, dict[str, list[int]]] = {}
        for field in ("text", "section", "title", "above", "first", "led", "outer"):
            if isinstance(string := self.body.get(field), str):
                terms = found.setdefault(field, {})
                for position, slot in enumerate(string.split("\x1f")):
                    for term in slot.split("\x1e"):
                        if term != "\x1d":
                            terms.setdefault(term, []).append(position)
        return found


def finds(query: Json, document: Document) -> bool:
    """Whether a query finds a document."""
    (kind, inner), *rest = query.items()
    assert not rest
    if kind == "bool":
        return _bool(inner, document)
    if kind in ("match_all", "match_none"):
        return kind == "match_all"
    if kind == "exists":
        return document.body.get(inner["field"]) is not None
    if kind.startswith("span"):
        return bool(spans(query, document)[1])
    ((field, wanted),) = inner.items()
    if kind == "terms":
        return not document.terms(field).isdisjoint(wanted)
    if kind == "prefix":
        return any(str(term).startswith(wanted["value"]) for term in document.terms(field))
    sought = {"term": wanted}[kind]
    return (sought["value"] if isinstance(sought, dict) else sought) in document.terms(field)


def _bool(inner: Json, document: Document) -> bool:
    asked = {"filter": [], "must_not": [], "should": [], **inner}
    least = asked.pop("minimum_should_match", 1 if asked["should"] else 0)
    assert asked.keys() == {"filter", "must_not", "should"}
    return (
        all(finds(one, document) for one in asked["filter"])
        and not any(finds(one, document) for one in asked["must_not"])
        and sum(finds(one, document) for one in asked["should"]) >= least
    )


def spans(query: Json, document: Document) -> tuple[str, set[Span]]:
    """The field of a query of spans, and its spans (half-open)."""
    ((kind, inner),) = query.items()
    if kind == "span_term":
        ((field, wanted),) = inner.items()
        return field, {(at, at + 1) for at in document.positions(field, wanted["value"])}
    if kind == "span_not":
        field, found = spans(inner["include"], document)
        other, barred = spans(inner["exclude"], document)
        assert field == other
        return field, {s for s in found if not any(a < s[1] and s[0] < b for a, b in barred)}
    parts = [spans(one, document) for one in inner["clauses"]]
    (field,) = {name for name, _ in parts}
    if kind == "span_or":
        return field, set().union(*(found for _, found in parts))
    assert kind == "span_near"
    assert inner["in_order"]
    joined = set()
    for chosen in product(*(found for _, found in parts)):
        gaps = [b[0] - a[1] for a, b in pairwise(chosen)]
        if min(gaps) >= 0 and sum(gaps) <= inner["slop"]:
            joined.add((chosen[0][0], chosen[-1][1]))
    return field, joined
