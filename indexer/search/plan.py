"""The plan of a query: what it seeks, and how the matches combine.

In: a Whoosh tree. Out: a tree of a few frozen node types, which limits, matcher, scorer and marks
work on. Equal leaves are one `Leaf`, so that results for a leaf can be cached by its number. Reads
no index. Refuses (`UsageError`) kinds of Whoosh queries and fields that it has no node for.

    Leaf        a word, phrase, NEAR, prefix … in some fields
    And         all of its children; optional ones add to the score where they match
    Or          at least `least` of its children; with a tiebreak the best score counts
    Not         all passages that its child does not match
    Boosted     its child, with scores multiplied
    Constant    its child, with the same score for all passages
    Filter      the passages of some articles, of a kind or a section path
    EveryPassage

What is typed is a node of `query/nodes`, what a leaf seeks a type of this module, and what that is
in a segment a type of `located`:

    Word               Term         LocatedWords
    Quote              Phrase       LocatedWords
    Near               Proximity    LocatedProximity
    Or within a Near   Either       LocatedEither

A new operator needs a word in `query/lexer` and `query/grammar`, a query node in `query/nodes`, a
case in `PlanCompiler`, its meaning in `matcher`, `limits` and `cluster/compiler`, and where it
matches words at positions also in `expansion` and `positions`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

from whoosh import query as wq

from indexer.errors import UsageError
from indexer.query import nodes
from indexer.query.nodes import Word

TEXT_ONLY = frozenset({"text"})
ALL_FIELDS = frozenset({"text", "section", "title"})

How = Literal["word", "synonym", "prefix", "wildcard", "fuzzy"]


# --- what a leaf seeks --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Term:
    """One word as typed, which may hold several tokens (25mg), in any of its spellings."""

    how: How
    text: str  # a prefix without its star; a synonym is folded
    edits: int = 0  # fuzzy: up to so many edits away


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words as written, each at most `slop` positions after the one before."""

    words: tuple[str, ...]  # as typed; words with * or ? are prefixes and wildcards
    slop: int = 1


@dataclass(frozen=True, slots=True)
class Proximity:
    """NEAR: two sides at most `distance` positions apart, in either order."""

    left: Sought
    right: Sought
    distance: int | None  # None: in one sentence


@dataclass(frozen=True, slots=True)
class Either:
    """Any of several alternatives, beneath a NEAR; without any it matches nothing."""

    parts: tuple[Sought, ...]


Sought = Term | Phrase | Proximity | Either


# --- nodes --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Leaf:
    """Something sought in some fields. Within a plan, leaves with the same number are equal."""

    number: int
    sought: Sought = field(compare=False)
    fields: frozenset[str] = field(compare=False)  # subset of `ALL_FIELDS`; empty if unknown
    bare: bool = field(default=False, compare=False)  # a word typed without a field


@dataclass(frozen=True, slots=True)
class And:
    """Passages of all children; scores are summed, with those of `optional` where they match."""

    children: tuple[Node, ...]
    optional: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Or:
    """Passages of at least `least` children. Scores are summed; with a tiebreak: the best score,
    plus that share of the others."""

    children: tuple[Node, ...]
    least: int = 1
    tiebreak: float | None = None


@dataclass(frozen=True, slots=True)
class Not:
    """Passages that the child does not match."""

    child: Node


@dataclass(frozen=True, slots=True)
class Boosted:
    """The child, with its scores multiplied."""

    child: Node
    boost: float


@dataclass(frozen=True, slots=True)
class Constant:
    """The child, with one score for all its passages; with 0 it only restricts."""

    child: Node
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Filter:
    """Passages of any of these articles (ids), kinds, or section paths (joined by newlines)."""

    column: Literal["article", "kind", "path"]
    values: tuple[str, ...]
    together: bool = False  # whether the articles count as one article, which has its own df


@dataclass(frozen=True, slots=True)
class EveryPassage:
    """Every passage, with a score of 1."""


Node = Leaf | And | Or | Not | Boosted | Constant | Filter | EveryPassage
NOTHING = Or(())


# --- from a tree --------------------------------------------------------------------------------


class PlanCompiler:
    """Compiles a tree to a plan in which each distinct leaf stands once; `known` has them."""

    def __init__(self, *, text_only: bool = False) -> None:
        """`text_only`: words without a field are not searched in headings and titles."""
        self._text_only = text_only
        self.known: dict[tuple[Sought, frozenset[str], bool], Leaf] = {}

    def leaf(
        self, sought: Sought, fields: frozenset[str] = ALL_FIELDS, *, bare: bool = False
    ) -> Leaf:
        """The leaf for `sought` in these fields, made on the first call."""
        fields = TEXT_ONLY if self._text_only and fields == ALL_FIELDS else fields
        key = (sought, fields, bare)
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = Leaf(len(self.known), *key)
        return found

    def compile(self, tree: wq.Query, *, negated: bool = False) -> Node:
        """The plan of a tree. Beneath a negation, words without a field test the text only."""
        node = self._node(tree, negated)
        boost = float(getattr(tree, "boost", 1.0))
        return node if boost == 1.0 else Boosted(node, boost)

    def _node(self, tree: wq.Query, negated: bool) -> Node:
        if isinstance(tree, wq.Term) and tree.fieldname in ("article", "kind"):
            return Filter(tree.fieldname, (str(tree.text),))
        if isinstance(tree, _LEAVES):
            return self._leaf(tree, negated)
        if isinstance(tree, wq.Not):
            return Not(self.compile(tree.query, negated=True))
        if isinstance(tree, wq.Every):
            return EveryPassage()
        if isinstance(tree, wq.ConstantScoreQuery):
            return Constant(self.compile(tree.child, negated=negated), float(tree.score))
        if isinstance(tree, wq.compound.BinaryQuery):
            a = self.compile(tree.a, negated=negated)
            b = self.compile(tree.b, negated=negated or isinstance(tree, wq.AndNot))
            if isinstance(tree, wq.AndNot):
                return And((a, Not(b)))
            if isinstance(tree, wq.AndMaybe):
                return And((a,), (b,))
            if isinstance(tree, wq.Require):
                return And((a, Constant(b)))
        elif isinstance(tree, (wq.And, wq.Or, wq.DisjunctionMax)) and not isinstance(
            tree, wq.Ordered
        ):
            children = tuple([self.compile(part, negated=negated) for part in tree.subqueries])
            if isinstance(tree, wq.And):
                return And(children)
            tiebreak = getattr(tree, "tiebreak", None)
            return Or(children, max(getattr(tree, "minmatch", 0), 1), tiebreak)
        elif tree == wq.NullQuery:
            return NOTHING
        raise _unknown(tree)

    def _leaf(self, tree: wq.Query, negated: bool) -> Leaf:
        sought = _sought(tree)
        if isinstance(sought, Proximity):  # its field is that of all its words
            named = {getattr(leaf, "fieldname", "") for leaf in tree.leaves()}
            return self.leaf(sought, ALL_FIELDS if named == {"any"} and not negated else TEXT_ONLY)
        if tree.fieldname in ALL_FIELDS:
            return self.leaf(sought, frozenset((tree.fieldname,)))
        if tree.fieldname != "any":
            raise UsageError(
                f"{tree}: there is no field {tree.fieldname} to search; use text, section or title "
                "(article and kind: a Term of one whole name)"
            )
        return self.leaf(sought, TEXT_ONLY if negated else ALL_FIELDS, bare=type(tree) is Word)


_LEAVES = (wq.Term, wq.Phrase, wq.Prefix, wq.Wildcard, wq.FuzzyTerm, nodes.Near)


def _sought(tree: wq.Query) -> Sought:
    if isinstance(tree, wq.Phrase):
        return Phrase(tuple(map(str, tree.words)), int(tree.slop))
    if isinstance(tree, wq.FuzzyTerm):
        return Term("fuzzy", str(tree.text), int(tree.maxdist))
    if isinstance(tree, wq.Prefix):
        return Term("prefix", str(tree.text))
    if isinstance(tree, wq.Wildcard):
        return Term("wildcard", str(tree.text))
    if isinstance(tree, wq.Term):
        return Term("word", str(tree.text))
    if isinstance(tree, nodes.Near):
        left, right = map(_sought, tree.subqueries)
        return Proximity(left, right, tree.distance)
    if isinstance(tree, wq.Or):
        return Either(tuple(map(_sought, tree.subqueries)))
    raise _unknown(tree)


def _unknown(tree: wq.Query) -> UsageError:
    """The error for a Whoosh query without a plan: to ignore it would answer another question."""
    return UsageError(
        f"{tree}: {type(tree).__name__} is not supported here; use Term, Phrase, Prefix, Wildcard, "
        "FuzzyTerm, Near (words, phrases and patterns joined by Or), And, Or, Not, Every"
    )


# --- simplifying --------------------------------------------------------------------------------


def simplified(node: Node, repeats: float = 1.0) -> Node:
    """A plan with the same matches and marks, but equal siblings merged and negations joined:
    NOT a, NOT b becomes NOT (a OR b). See `without_duplicates` for `repeats`."""
    shorter = partial(simplified, repeats=repeats)
    if isinstance(node, And):
        children = without_duplicates(map(shorter, node.children), repeats)
        negated = tuple([child.child for child in children if isinstance(child, Not)])
        if len(negated) > 1:
            others = [child for child in children if not isinstance(child, Not)]
            children = (*others, Not(Or(negated)))
        return And(children, tuple(map(shorter, node.optional)))
    if isinstance(node, Or):
        children = tuple(map(shorter, node.children))
        plain = node.least == 1 and node.tiebreak is None
        return replace(node, children=without_duplicates(children, repeats) if plain else children)
    if isinstance(node, (Not, Boosted, Constant)):
        return replace(node, child=shorter(node.child))
    return node


def without_duplicates(children: Iterable[Node], repeats: float = 1.0) -> tuple[Node, ...]:
    """The nodes without duplicates: n equal ones become one, with the mean of their boosts times
    n to the power of `repeats`."""
    boosts: dict[Node, list[float]] = {}
    for child in children:
        inner, boost = (child.child, child.boost) if isinstance(child, Boosted) else (child, 1.0)
        boosts.setdefault(inner, []).append(boost)
    made = []
    for node, equal in boosts.items():
        boost = sum(equal) * len(equal) ** (repeats - 1.0)
        made.append(node if boost == 1.0 else Boosted(node, boost))
    return tuple(made)


# --- reading a plan -----------------------------------------------------------------------------


def below(node: Node) -> tuple[Node, ...]:
    """The children of a node."""
    if isinstance(node, And):
        return node.children + node.optional
    if isinstance(node, Or):
        return node.children
    return (node.child,) if isinstance(node, (Not, Boosted, Constant)) else ()


def leaves(node: Node, *, negated: bool = False) -> list[Leaf]:
    """The leaves of a plan in order; with `negated`, those beneath a negation too."""
    if isinstance(node, Leaf):
        return [node]
    if isinstance(node, Not) and not negated:
        return []
    return [leaf for child in below(node) for leaf in leaves(child, negated=negated)]


def scoring(node: Node, boost: float = 1.0) -> list[tuple[Leaf, float]]:
    """The leaves of a plan that add to scores, in order, each with its boost."""
    if isinstance(node, Leaf):
        return [(node, boost)]
    if isinstance(node, (Not, Constant)):
        return []
    if isinstance(node, Boosted):
        boost *= node.boost
    return [pair for child in below(node) for pair in scoring(child, boost)]


def only_article(node: Node) -> tuple[str, ...]:
    """Id of the one article that a plan is limited to, or ids that count as one; () if neither."""
    if isinstance(node, (Boosted, Constant)):
        return only_article(node.child)
    if isinstance(node, Filter) and node.column == "article":
        return node.values if node.together or len(node.values) == 1 else ()
    parts = node.children if isinstance(node, And) else ()
    return next(filter(None, map(only_article, parts)), ())


def terms(sought: Sought) -> tuple[Term | Phrase, ...]:
    """The words and phrases that a leaf seeks."""
    if isinstance(sought, Proximity):
        return terms(sought.left) + terms(sought.right)
    if isinstance(sought, Either):
        return tuple([term for part in sought.parts for term in terms(part)])
    return (sought,)


def query_text(sought: Sought) -> str:
    """What a leaf seeks, in the query language."""
    if isinstance(sought, Phrase):
        return f'"{" ".join(sought.words)}"' + f"~{sought.slop}" * (sought.slop > 1)
    if isinstance(sought, Proximity):
        distance = "s" if sought.distance is None else sought.distance
        return f"{query_text(sought.left)} NEAR/{distance} {query_text(sought.right)}"
    if isinstance(sought, Either):
        return " OR ".join(map(query_text, sought.parts))
    sign = {"prefix": "*", "fuzzy": f"~{sought.edits}"}.get(sought.how, "")
    return sought.text + sign


def asks_for_boilerplate(node: Node) -> bool:
    """Whether a plan names the kind boilerplate, other than to exclude it."""
    if isinstance(node, (Leaf, Filter)):
        return node == Filter("kind", ("boilerplate",))
    return not isinstance(node, Not) and any(map(asks_for_boilerplate, below(node)))
