"""The compiler: a plan in, a query of the engine out.

A plan is compiled to `Bounds`: a query that finds only passages of the plan, and one that finds all
of them. For nearly all plans the two are the same query, which finds the answer. A node without an
exact form (a NEAR within a NEAR, more clauses than the engine takes, a negation that depends on the
heading by which a passage was found) becomes a superset; the caller then judges the passages
between the bounds one by one.

DESIGN.md section 6 defines how passages match, and `search.matcher` implements it. Here they match:

(a) by their text. Each node of the plan becomes three queries: where it `holds`, in whichever
    field its words are; where it holds and a leaf is `found` in the text; and where it holds
    without any word (`bare`: negations, filters). The last two give the passages.
(b) by a heading or title that they are first below, or stand in for. The same queries: where
    headings hold the node, and where it holds and a leaf is `found` in a heading that the passage
    is first below. These are the innermost headings that count for the passage; so if one of them
    holds a leaf, then the innermost heading with a leaf is one of them, too. There is no need to
    exclude passages with a leaf in their text: those match by their text anyway.

A phrase is ordered spans without a block's end between them; words have even positions, so n words
are 2n positions. NEAR tries both orders, because unordered spans count a single word as two. A
phrase with gaps is nested to the right: on the left, the engine would try only the first partner.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from indexer.cluster import tokens
from indexer.search.expansion import Expansion, TokenPlace
from indexer.search.plan import (
    ALL_FIELDS,
    TEXT_ONLY,
    And,
    Boosted,
    Constant,
    Either,
    EveryPassage,
    Filter,
    Leaf,
    Node,
    Not,
    Or,
    Phrase,
    Proximity,
    Sought,
    Term,
    leaves,
)
from indexer.text.folding import fold, fold_keep_case

Dsl = dict[str, Any]
MATCH_NONE: Dsl = {"match_none": {}}
MATCH_ALL: Dsl = {"match_all": {}}
MOST_CLAUSES = 1_000  # in one query; the engine refuses more than 1,024
MOST_FORMS = 200  # for one word within a phrase or NEAR
MOST_TERMS = 60_000  # for one word alone; the engine refuses more than 65,536
SENTENCE_REACH = 1_000_000  # positions


@dataclass(frozen=True)
class Bounds:
    """Two queries: `low` finds only passages that satisfy a condition, `high` finds all of them."""

    low: Dsl
    high: Dsl

    @property
    def exact(self) -> bool:
        """Whether both queries are the same."""
        return self.low is self.high or self.low == self.high


def exactly(query: Dsl) -> Bounds:
    """Bounds whose `low` and `high` are both this query."""
    return Bounds(query, query)


NOTHING, EVERYTHING = exactly(MATCH_NONE), exactly(MATCH_ALL)


# --- combining queries --------------------------------------------------------------------------


def any_of(queries: Iterable[Dsl], least: int = 1) -> Dsl:
    """A query for what satisfies at least `least` of some queries."""
    some = [query for query in queries if query is not MATCH_NONE]
    if len(some) < least:
        return MATCH_NONE
    if least == 1:
        if any(query is MATCH_ALL for query in some):
            return MATCH_ALL
        some = _each(q for query in some for q in _inner(query, "should"))
        some = [*_words(some), *(query for query in some if "terms" not in query)]
        if len(some) == 1:
            return some[0]
    return {"bool": {"should": some, "minimum_should_match": least}}


def all_of(queries: Iterable[Dsl]) -> Dsl:
    """A query for what satisfies all of some queries."""
    some = _each(q for query in queries for q in _inner(query, "filter") if q is not MATCH_ALL)
    if any(query is MATCH_NONE for query in some):
        return MATCH_NONE
    if len(some) < 2:
        return some[0] if some else MATCH_ALL
    return {"bool": {"filter": some}}


def none_of(query: Dsl) -> Dsl:
    """A query for what does not satisfy a query."""
    if query is MATCH_NONE or query is MATCH_ALL:
        return MATCH_ALL if query is MATCH_NONE else MATCH_NONE
    return {"bool": {"must_not": [query]}}


def _inner(query: Dsl, kind: str) -> list[Dsl]:
    """The parts of a query that is merely their AND, or OR (by `kind`); else the query itself."""
    inner = query.get("bool", {})
    plain = {kind} | ({"minimum_should_match"} if kind == "should" else set())
    if inner.keys() == plain and inner.get("minimum_should_match", 1) == 1:
        found: list[Dsl] = inner[kind]
        return found
    return [query]


def _words(queries: Iterable[Dsl]) -> Iterator[Dsl]:
    """The `terms` queries among some queries, merged by field."""
    found: dict[str, dict[str, None]] = {}
    for query in queries:
        for name, some in query.get("terms", {}).items():
            found.setdefault(name, {}).update(dict.fromkeys(some))
    for name, every in found.items():
        some = list(every)
        for at in range(0, len(some), MOST_TERMS):
            yield {"terms": {name: some[at : at + MOST_TERMS]}}


def _each(queries: Iterable[Dsl]) -> list[Dsl]:
    """The distinct queries, in order."""
    return list({json.dumps(query, sort_keys=True): query for query in queries}.values())


def clauses(query: Any) -> int:
    """The number of clauses that the engine counts in a query, or slightly more."""
    if isinstance(query, dict):
        own = sum(key in _COUNTED for key in query)
        return own + sum(map(clauses, query.values()))
    return sum(map(clauses, query)) if isinstance(query, list) else 0


_COUNTED = frozenset(
    ("terms", "term", "span_term", "prefix", "range", "exists", "match", "match_all", "match_none")
)


def both(bounds: Sequence[Bounds], least: int | None = None) -> Bounds:
    """Bounds for all of some conditions, or for at least `least` of them."""
    join = all_of if least is None else partial(any_of, least=least)
    low = join(one.low for one in bounds)
    if all(one.exact for one in bounds):
        return exactly(low)
    return Bounds(low, join(one.high for one in bounds))


def without(bounds: Bounds) -> Bounds:
    """Bounds for what does not satisfy a condition."""
    if bounds.exact:
        return exactly(none_of(bounds.low))
    return Bounds(none_of(bounds.high), none_of(bounds.low))


# --- a plan -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Where:
    """The passages where a node holds, when they are matched in one `Way`."""

    holds: Bounds  # in whichever field its words are
    found: Bounds  # where it holds, and a leaf is in the field that this way matches by
    bare: Bounds  # where it holds without any word


# By text; by headings; or beneath a negation, for passages that match by headings.
Way = Literal["text", "headings", "denied"]


@dataclass
class Compiler:
    """Compiles the plans of one query. `expansion` looks words up in the whole corpus."""

    expansion: Expansion
    spans: bool = True  # whether phrases are exact; else an AND of their words
    outer: bool = False  # whether headings above empty ones count
    _leaves: dict[tuple[int, str], Bounds] = field(default_factory=dict)

    def compile(self, plan: Node) -> Bounds:
        """Bounds for the content passages that a plan finds."""
        where = self.where(plan, "text")
        every = [where.found, where.bare]
        if any(leaf.fields == ALL_FIELDS for leaf in leaves(plan)):
            every.append(self.where(plan, "headings").found)
        return both(every, 1)

    def where(self, node: Node, way: Way) -> Where:
        """Bounds for a node, matched in one way."""
        match node:
            case Leaf():
                return self._leaf(node, way)
            case And():
                return self._and(node, way)
            case Or(children, least, _):
                some = [self.where(child, way) for child in children]
                holds = both([one.holds for one in some], least)
                found = both([one.found for one in some], 1)
                bare = both([one.bare for one in some], least)
                return Where(holds, both((found, holds)) if least > 1 else found, bare)
            case Boosted(child) | Constant(child):
                return self.where(child, way)
            case Not(child):
                holds = self._negated(child, way)
            case Filter():
                holds = exactly(self.filter(node))
            case EveryPassage():
                holds = EVERYTHING
        return Where(holds, NOTHING, holds)

    def _leaf(self, leaf: Leaf, way: Way) -> Where:
        above = self.above(leaf)
        first = self.leaf(leaf, "first") if leaf.fields == ALL_FIELDS else NOTHING
        if way == "headings":
            return Where(above, first, NOTHING)
        text = self.leaf(leaf, "text") if "text" in leaf.fields else NOTHING
        holds = both((text, above), 1)
        if way == "denied" and leaf.fields == TEXT_ONLY:
            # in the text, or in the heading by which a passage matches; if it is first below
            # several headings, that may be any of them
            first, one = self.leaf(leaf, "first"), exactly({"term": {"firsts": 1}})
            low, high = both((holds, both((first, one))), 1), both((holds, first), 1)
            holds = Bounds(low.low, high.high)
        return Where(holds, text, NOTHING if "text" in leaf.fields else above)

    def _and(self, node: And, way: Way) -> Where:
        children = [self.where(c, way) for c in node.children if not isinstance(c, Not)]
        negated = [self._negated(c.child, way) for c in node.children if isinstance(c, Not)]
        if not children:
            every = EVERYTHING if negated else NOTHING
            children = [Where(every, NOTHING, every)]
        holds = both([*(one.holds for one in children), *negated])
        optional = [self.where(child, way) for child in node.optional]
        found = [one.found for one in (*children, *optional)]
        bare = [one.bare for one in children]
        return Where(holds, both((holds, both(found, 1))), both((*bare, *negated)))

    def _negated(self, node: Node, way: Way) -> Bounds:
        """Bounds for the passages where a node does not hold."""
        return without(self.where(node, "text" if way == "text" else "denied").holds)

    def above(self, leaf: Leaf) -> Bounds:
        """Bounds for the passages that have a leaf in a heading or title above them, or in one
        that they stand in for."""
        if leaf.fields == ALL_FIELDS:
            names = ["above", "outer"] if self.outer else ["above"]
        else:
            names = sorted(leaf.fields - {"text"})
        return both([self.leaf(leaf, name) for name in names], 1)

    def coarse(self, node: Node) -> Dsl:
        """A query of few clauses that finds at least a node's passages."""
        match node:
            case Leaf():
                terms = self._rarest(node.sought)
                if terms is None:
                    return MATCH_ALL
                return any_of(word(terms, name) for name in ("text", "above", "outer"))
            case And(children):
                return all_of(map(self.coarse, children))
            case Or(children):
                return any_of(map(self.coarse, children))
            case Boosted(child) | Constant(child):
                return self.coarse(child)
            case Filter():
                return self.filter(node)
            case _:
                return MATCH_ALL

    def _rarest(self, sought: Sought) -> list[str] | None:
        """Terms such that each passage that matches has at least one; None if unknown."""
        if isinstance(sought, Either):
            parts = [self._rarest(part) for part in sought.parts]
            some = [part for part in parts if part is not None]
            return [t for part in some for t in part] if len(some) == len(parts) else None
        if isinstance(sought, Proximity):
            return self._rarest(sought.left) or self._rarest(sought.right)
        found: list[str] = []
        for spelling in self.expansion.pattern(sought).spellings:
            choices = sorted(
                (self.terms(place) for place in spelling), key=lambda terms: len(terms)
            )
            found += choices[0]
        return found

    # --- leaves -----------------------------------------------------------------------------

    def filter(self, node: Filter) -> Dsl:
        """A query for the passages of some articles, kinds or section paths."""
        return {"terms": {node.column: [tokens.keyword(value) for value in node.values]}}

    def leaf(self, leaf: Leaf, name: str) -> Bounds:
        """Bounds for the passages that hold a leaf in one field (cached)."""
        found = self._leaves.get((leaf.number, name))
        if found is None:
            found = self._leaves[leaf.number, name] = self.sought(leaf.sought, name)
        return found

    def sought(self, sought: Sought, name: str) -> Bounds:
        """Bounds for the passages that match `sought` in one field."""
        if isinstance(sought, Either):
            return both([self.sought(part, name) for part in sought.parts], 1)
        if isinstance(sought, Proximity):
            found = self.proximity(sought, name)
            if found is not None:
                return exactly(found)
            sides = [self.sought(side, name) for side in (sought.left, sought.right)]
            return Bounds(MATCH_NONE, all_of(side.high for side in sides))
        single: list[str] = []
        others: list[Bounds] = []
        for spelling in self.expansion.pattern(sought).spellings:
            if len(spelling) == 1 and spelling[0].how == "prefix" and not spelling[0].cased:
                others.append(exactly(prefix(spelling[0], name)))
            elif len(spelling) == 1:
                single += self.terms(spelling[0])
            else:
                span = self.sequence(spelling, slop_of(sought), name)
                if span is not None:
                    others.append(exactly(span))
                else:
                    every = [self.word(place, name) for place in spelling]
                    others.append(Bounds(MATCH_NONE, all_of(every)))
        if single:
            others.insert(0, exactly(word(single, name)))
        return both(others, 1)

    def word(self, place: TokenPlace, name: str) -> Dsl:
        """A query for the passages that hold one word in a field."""
        if place.how == "prefix" and not place.cased:
            return prefix(place, name)
        return word(self.terms(place), name)

    def terms(self, place: TokenPlace) -> list[str]:
        """The terms of the forms that match at one place of a spelling."""
        text, plain = place.text, fold(place.text)
        words = self.expansion.snapshot.parts[0].segment.vocabulary
        if place.how == "stem":
            foreign = self.expansion.foreign_to(text)
            every = words.stem_ranges(text, foreign)
            if sorted(every) == sorted(words.fold_ranges(plain)):  # the stem has no other forms
                return [tokens.folded(plain)]
            return [tokens.stemmed(s, words.stems[n]) for s, n in words.stems_of(text, foreign)]
        if place.how in ("word", "case"):
            term, form = (tokens.folded, plain) if place.how == "word" else (tokens.cased, text)
            found = [term(form)]
            if words.by_language(f"{plain}'s"):
                found.append(term(f"{form}'s"))
            return found
        element = self.expansion.element(place, 0)
        forms = [
            form
            for low, high in zip(element.lows.tolist(), element.highs.tolist())
            for form in words.forms[low:high]
        ]
        if self.expansion.match == "case" and not place.how.startswith("fuzzy"):
            return [*dict.fromkeys(tokens.cased(fold_keep_case(form)) for form in forms)]
        return [*dict.fromkeys(tokens.folded(fold(form)) for form in forms)]

    # --- spans ------------------------------------------------------------------------------

    def proximity(self, sought: Proximity, name: str) -> Dsl | None:
        """The spans of a NEAR; None if the engine can't find all of them.

        The engine goes through both sides only once: after a longer first span, a shorter one that
        ends before it would miss its partner. So each length of the first side is a query.
        """
        end = tokens.SENTENCE if sought.distance is None else tokens.BLOCK
        sides = [self.runs(side, name, end) for side in (sought.left, sought.right)]
        if not self.spans or sides[0] is None or sides[1] is None:
            return None
        reach = SENTENCE_REACH if sought.distance is None else 2 * sought.distance - 1
        found: list[Dsl] = []
        for first, then in (sides, sides[::-1]):
            after = either([span for same in (then or {}).values() for span in same])
            for same in (first or {}).values():
                found.append(near([either(same), after], reach, name, end))
        return either(found) if reach > 0 else MATCH_NONE

    def runs(self, sought: Sought, name: str, end: str) -> dict[int, list[Dsl]] | None:
        """Length in tokens → spans, where every occurrence of `sought` is a run of tokens; None
        if some is not, or if the engine can't find all of them."""
        found: dict[int, list[Dsl]] = {}
        if isinstance(sought, Either):
            for part in sought.parts:
                some = self.runs(part, name, end)
                if some is None:
                    return None
                for size, same in some.items():
                    found.setdefault(size, []).extend(same)
            return found
        if isinstance(sought, Proximity):
            return None
        if isinstance(sought, Phrase) and sought.slop > 1 and len(sought.words) > 1:
            return None
        for spelling in self.expansion.pattern(sought).spellings:
            span = self.sequence(spelling, 1, name, end)
            if span is None:
                return None
            if span is not MATCH_NONE:
                found.setdefault(len(spelling), []).append(span)
        return found

    def sequence(
        self, spelling: Sequence[TokenPlace], slop: int, name: str, end: str = tokens.BLOCK
    ) -> Dsl | None:
        """The spans of a spelling's words, each at most `slop` positions after the word before;
        None if the engine can't find all of them."""
        words: list[list[Dsl]] = []
        for at, place in enumerate(spelling):
            forms = [*map(tokens.clean, self.terms(place))]
            if len(forms) > MOST_FORMS or not (self.spans or len(spelling) == 1):
                return None
            if not forms:
                return MATCH_NONE
            one = either([{"span_term": {name: {"value": form}}} for form in forms])
            if at and (spelling[at - 1].more or slop == 1):
                words[-1].append(one)
            else:
                words.append([one])
        runs = [near(run, len(run) - 1, name, end) if len(run) > 1 else run[0] for run in words]
        found = runs.pop()
        while runs:
            found = near([runs.pop(), found], 2 * slop - 1, name)
        return found


def word(terms: Sequence[str], name: str) -> Dsl:
    """A query for the passages that hold one of some terms in a field."""
    if not terms:
        return MATCH_NONE
    return any_of([{"terms": {name: [*map(tokens.clean, terms)]}}])


def prefix(place: TokenPlace, name: str) -> Dsl:
    """A query for the passages that hold a word with a prefix in a field."""
    return {"prefix": {name: {"value": tokens.clean(tokens.folded(place.text[:-1]))}}}


def slop_of(sought: Term | Phrase) -> int:
    """How many positions each word of `sought` may come after the word before."""
    return sought.slop if isinstance(sought, Phrase) else 1


def either(spans: Sequence[Dsl]) -> Dsl:
    """The spans of any of some span queries."""
    some = [span for span in spans if span is not MATCH_NONE]
    if len(some) < 2:
        return some[0] if some else MATCH_NONE
    return {"span_or": {"clauses": some}}


def near(spans: Sequence[Dsl], slop: int, name: str, end: str = tokens.BLOCK) -> Dsl:
    """Spans in order, with at most `slop` positions between them, and no marker `end` (of a block
    or sentence) from the first to the last."""
    if any(span is MATCH_NONE for span in spans):
        return MATCH_NONE
    together = {"span_near": {"clauses": list(spans), "slop": slop, "in_order": True}}
    marker = {"span_term": {name: {"value": end}}}
    return {"span_not": {"include": together, "exclude": marker}}
