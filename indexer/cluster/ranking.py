"""Ranking by the engine: queries that score about as we do, for more hits than we score ourselves.

In: a plan and the weights of its leaves. Out: query clauses that only score and never filter. A
leaf scores in each field by the engine's own BM25, with our k1 and b (see `documents.SCORED`) and
with our weight in place of the inverse document frequency. The leaf's best field counts in full and
the others little, which approximates one saturation over all fields.

The engine weighs a span by its narrowness, and we don't: so it scores the first words within the
spans.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from indexer.cluster import tokens
from indexer.cluster.compiler import (
    MATCH_NONE,
    MOST_FORMS,
    SENTENCE_REACH,
    Compiler,
    Dsl,
    either,
    near,
    slop_of,
)
from indexer.cluster.corpus import Corpus
from indexer.cluster.documents import SCORED, similarity
from indexer.search import bm25f
from indexer.search.bm25f import Parameters
from indexer.search.plan import (
    ALL_FIELDS,
    And,
    Boosted,
    Either,
    Leaf,
    Node,
    Or,
    Proximity,
    Sought,
    scoring,
)

RARE = 20  # an alternative is left out if another one is more than this many times as common
REST = 0.03  # factor of the scores of a leaf's fields other than the best one


@dataclass(frozen=True)
class Piece:
    """A query that the engine scores in one field."""

    query: Dsl  # of one kind and without a boost
    terms: tuple[str, ...]  # terms whose document frequencies the engine uses
    are_one: bool  # whether the terms count as one, the commonest of them; else they add up


@dataclass(frozen=True)
class Ranking:
    """Makes the scoring clauses for the plan of one query."""

    parameters: Parameters
    compiler: Compiler
    weights: Mapping[int, float]  # by leaf number: see `matcher.LeafMatcher`
    corpus: Corpus

    def clauses(self, plan: Node) -> list[Dsl]:
        """The scoring clauses of a plan."""
        pieces: dict[tuple[Sought, str], list[Piece]] = {}
        for leaf, _ in scoring(plan):
            for name in _fields(leaf) if self.weights.get(leaf.number) else ():
                pieces[leaf.sought, name] = list(self._pieces(leaf.sought, name))
        terms = {
            (name, term) for (_, name), some in pieces.items() for one in some for term in one.terms
        }
        queries = [{"term": {name: {"value": term}}} for name, term in terms]
        counts = dict(zip(terms, self.corpus.count_each(queries)))

        def made(node: Node, boost: float) -> Iterator[Dsl]:
            match node:
                case Leaf():
                    weight = boost * self.weights.get(node.number, 0.0)
                    some = []
                    for name in _fields(node):
                        for piece in pieces.get((node.sought, name), ()):
                            scored = self._boosted(piece, name, weight, counts)
                            some.append(self._alone(node, scored) if name == "led" else scored)
                    if some:
                        yield {"dis_max": {"queries": some, "tie_breaker": REST}}
                case Boosted(child, factor):
                    yield from made(child, boost * factor)
                case And(children, optional):
                    for child in (*children, *optional):
                        yield from made(child, boost)
                case Or(children, _, tiebreak):
                    each = [clause for child in children for clause in made(child, boost)]
                    if tiebreak is not None and each:
                        each = [{"dis_max": {"queries": each, "tie_breaker": tiebreak}}]
                    yield from each

        return list(made(plan, 1.0))

    def _boosted(
        self, piece: Piece, name: str, weight: float, counts: Mapping[tuple[str, str], int]
    ) -> Dsl:
        """The query of a piece, with a boost that replaces the engine's weight by ours.
        `counts`: (field, term) → passages with the term in that field."""
        query, terms = piece.query, piece.terms
        if not piece.are_one:
            query, _ = _without_rare(query, lambda term: counts[name, term])
            terms = tuple(dict.fromkeys(_terms_of(query)))
        found = [count for term in terms if (count := counts[name, term])]
        if piece.are_one:
            found = [max(found, default=0)]
        theirs = sum(bm25f.idf(max(self.corpus.sizes[name], count), count) for count in found)
        factor = similarity(*SCORED[name])["k1"] + 1.0 if self.corpus.engine.legacy else 1.0
        (kind, body), *_ = query.items()
        boost = weight * (self.parameters.k1 + 1.0) / max(theirs, 0.01) / factor
        if kind == "match":
            body = {name: {**body[name], "boost": boost}}
        else:
            body = {**body, "boost": boost}
        return {kind: body}

    def _alone(self, leaf: Leaf, scored: Dsl) -> Dsl:
        """A query that scores passages by the headings above them, limited to passages with the
        leaf in a heading that they are first below and not in their text."""
        leading, text = (self.compiler.leaf(leaf, name).high for name in ("first", "text"))
        return {"bool": {"must": [scored], "filter": [leading], "must_not": [text]}}

    # --- one leaf in one field ------------------------------------------------------------------

    def _pieces(self, sought: Sought, name: str) -> Iterator[Piece]:
        if isinstance(sought, Either):
            for part in sought.parts:
                yield from self._pieces(part, name)
            return
        spans: list[Dsl] = []
        if isinstance(sought, Proximity):
            spans += partners(self.compiler, sought, name)
        else:
            single: dict[str, None] = {}
            for spelling in self.compiler.expansion.pattern(sought).spellings:
                if len(spelling) == 1:
                    single |= dict.fromkeys(map(tokens.clean, self.compiler.terms(spelling[0])))
                else:
                    spans.append(
                        self.compiler.sequence(spelling, slop_of(sought), name) or MATCH_NONE
                    )
            if 0 < len(single) <= MOST_FORMS:
                body = {"query": tokens.STACK.join(single), "analyzer": "stacked"}
                yield Piece({"match": {name: body}}, tuple(single), True)
        for span in spans:
            terms = tuple(dict.fromkeys(_terms_of(span)))
            if span is not MATCH_NONE and len(terms) <= MOST_FORMS:
                yield Piece(_counted(span), terms, False)


def partners(compiler: Compiler, sought: Proximity, name: str) -> Iterator[Dsl]:
    """The spans of each side of a NEAR that have a partner, or nearly all of them.

    The engine looks only at the first partner after a span; with runs of three spans, the second
    partner counts, too.
    """
    end = tokens.SENTENCE if sought.distance is None else tokens.BLOCK
    sides = [compiler.runs(side, name, end) for side in (sought.left, sought.right)]
    if sides[0] is None or sides[1] is None:
        return
    reach = SENTENCE_REACH if sought.distance is None else 2 * sought.distance - 1
    left, right = (either([s for same in (side or {}).values() for s in same]) for side in sides)
    for one, other in ((left, right), (right, left)):
        if one is not MATCH_NONE and other is not MATCH_NONE:
            runs = [[one, other], [other, one], [other, one, one]]
            around = either([near(run, reach, name, end) for run in runs])
            yield {"span_within": {"little": _counted(one), "big": around}}


def by_words(node: Node) -> Node:
    """A plan with each NEAR replaced by an AND of its two sides."""
    match node:
        case Leaf(_, Proximity(left, right)):
            return And(tuple(by_words(replace(node, sought=side)) for side in (left, right)))
        case Boosted(child):
            return replace(node, child=by_words(child))
        case And(children, optional):
            return And(tuple(map(by_words, children)), tuple(map(by_words, optional)))
        case Or(children):
            return replace(node, children=tuple(map(by_words, children)))
    return node


def _fields(leaf: Leaf) -> list[str]:
    """The fields in which a leaf scores."""
    led = leaf.fields == ALL_FIELDS
    return [name for name in SCORED if name in leaf.fields or (led and name == "led")]


def _counted(span: Dsl) -> Dsl:
    """The first words within spans: as many as the spans, and all of the same width."""
    if "span_or" in span:
        return {"span_or": {"clauses": [_counted(one) for one in span["span_or"]["clauses"]]}}
    if "span_not" in span:
        first = span["span_not"]["include"]["span_near"]["clauses"][0]
        return {"span_within": {"little": _counted(first), "big": span}}
    return span


def _without_rare(span: Dsl, count: Callable[[str], int]) -> tuple[Dsl, int]:
    """Spans without alternatives that are far rarer than others, and how common the rest is. (A
    shard without a term leaves it out of the sum of document frequencies, and would score all other
    terms lower.)"""
    if "span_or" in span:
        some = [_without_rare(one, count) for one in span["span_or"]["clauses"]]
        most = max(common for _, common in some)
        return either([one for one, common in some if common * RARE >= most]), most
    if "span_term" in span:
        return span, min(map(count, _terms_of(span)))
    if "span_near" in span:
        body = span["span_near"]
        some = [_without_rare(one, count) for one in body["clauses"]]
        near = {"span_near": {**body, "clauses": [one for one, _ in some]}}
        return near, min(common for _, common in some)
    ((kind, body),) = span.items()
    parts = {part: _without_rare(one, count) for part, one in body.items() if part != "exclude"}
    kept = {**body, **{part: one for part, (one, _) in parts.items()}}
    return {kind: kept}, min(common for _, common in parts.values())


def _terms_of(span: Any) -> Iterator[str]:
    """The terms in spans, except excluded ones."""
    if isinstance(span, list):
        for one in span:
            yield from _terms_of(one)
    elif isinstance(span, dict):
        for kind, inner in span.items():
            if kind == "span_term":
                yield from (one["value"] for one in inner.values())
            elif kind != "exclude":
                yield from _terms_of(inner)
