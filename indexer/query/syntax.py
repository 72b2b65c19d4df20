"""Whoosh syntax nodes that become parts of the tree: leaves, and groups of them.

In: what was tagged and nested. Out, from each node's `query(parser)`: its tree, or None where
nothing is left to search for, and notes on what it could not use. `parser.scope` tells a node
which field it stands in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from whoosh import query
from whoosh.qparser import syntax
from whoosh.query import Query

from indexer.model import Kind
from indexer.query.gathering import Gathering, Scope
from indexer.query.nodes import Everything, Quote, Word
from indexer.query.normalise import Reading, show
from indexer.query.rewrite import conjoin, disjoin, negate, positive

FILTERS = ("article", "kind")  # fields that hold one name, as typed


# --- leaves ------------------------------------------------------------------------------------


class Leaf(syntax.SyntaxNode):  # type: ignore[misc]
    """A word or a quote."""

    def __init__(self, typed: str, reading: Reading, slop: int = 0) -> None:
        self.typed = typed
        self.reading = reading
        self.slop = slop  # of a quote; 0 for a word

    def r(self) -> str:
        """What was typed."""
        return repr(self.typed)

    def query(self, parser: Gathering) -> Query | None:
        """The node of the tree that this leaf asks for."""
        field, within = parser.scope
        if field in FILTERS:
            return self._filter(parser, field)
        if within == "near" and self.reading.kind == "everything":
            parser.note(self.startchar, 'ignored: "*" in NEAR')
            return None
        for note in self.reading.notes:
            parser.note(self.startchar, note)
        if field and self.typed[:1] in ("-", "+") and not self.slop:
            sign = f'"{self.typed[0]}" behind "{field}:"; it goes before the field'
            parser.note(self.startchar, f"ignored: {sign}")
        found = self._find(field or ("text" if within else "any"))
        if found is not None:
            found.startchar, found.endchar = self.startchar, self.endchar
        return found

    def _find(self, field: str) -> Query | None:
        kind, words = self.reading.kind, self.reading.words
        if kind == "word":
            return Word(field, words[0])
        if kind == "quote":
            return Quote("text" if field == "any" else field, list(words), slop=self.slop or 1)
        if kind == "prefix":
            return query.Prefix(field, words[0])
        if kind == "wildcard":
            return query.Wildcard(field, words[0])
        if kind == "fuzzy":
            return query.FuzzyTerm(field, words[0], maxdist=self.reading.edits, prefixlength=0)
        return Everything() if kind == "everything" else None

    def _filter(self, parser: Gathering, field: str) -> Query | None:
        value = self.typed.strip()
        if field == "kind":
            value = "_".join(value.lower().replace("-", " ").replace("_", " ").split())
            if value not in get_args(Kind):
                known = ", ".join(get_args(Kind))
                parser.note(self.startchar, f"ignored: no kind {show(self.typed)} (known: {known})")
                return None
        elif not value:
            parser.note(self.startchar, f'ignored: "{field}:" without a value')
            return None
        elif "*" in value:
            parser.note(self.startchar, f'"{field}:" takes a whole id: {show(value)}')
        return query.Term(field, value)


# --- groups ------------------------------------------------------------------------------------


class Group(syntax.GroupNode):  # type: ignore[misc]
    """Base of our groups; `links` counts the deepest nesting of NEAR in it."""

    has_boost = False

    def __init__(self, nodes: Sequence[syntax.SyntaxNode] | None = None) -> None:
        super().__init__(list(nodes or ()))
        self.links = max((getattr(node, "links", 0) for node in self.nodes), default=0)

    def parts(self, parser: Gathering) -> list[Query | None]:
        """The trees of the nodes in it, in order."""
        found = []
        for node in self.nodes:  # a loop, for a comprehension would double the depth of the stack
            found.append(node.query(parser))
        return found


class AndGroup(Group):
    """`a AND b`."""

    def query(self, parser: Gathering) -> Query | None:
        """What all parts find."""
        return conjoin(self.parts(parser))


class OrGroup(Group):
    """`a OR b`."""

    def query(self, parser: Gathering) -> Query | None:
        """What any part finds."""
        for node in self.nodes:
            if isinstance(node, Required):
                parser.note(node.startchar, 'ignored: "+" beside OR')
        return disjoin(self.parts(parser))


class Neighbours(Group):
    """Operands with nothing but space between them, which Whoosh's parser makes by default.

    All must be found. If any may be: words with a + must, the others count if found; what a
    field names still restricts, clauses of one field being alternatives.
    """

    def query(self, parser: Gathering) -> Query | None:
        """What all, or any, of them find."""
        parts = self.parts(parser)
        if not parser.any:
            return conjoin(parts)
        required: list[Query | None] = []
        optional: list[Query | None] = []
        excluded: list[Query | None] = []
        fields: dict[str, list[Query | None]] = {}
        for node, part in zip(self.nodes, parts):
            if isinstance(part, query.Not):
                excluded.append(part)
            elif isinstance(node, Fielded) and node.field != "text":
                fields.setdefault(node.field, []).append(part)
            else:
                (required if isinstance(node, Required) else optional).append(part)
        must, may = conjoin(required), disjoin(optional)
        words = query.AndMaybe(must, may) if must is not None and may is not None else must or may
        return conjoin([words, *map(disjoin, fields.values()), *excluded])


class Required(Group):
    """`+a`."""

    def query(self, parser: Gathering) -> Query | None:
        """What the operand finds."""
        return self.nodes[0].query(parser)


class Negation(Group):
    """`NOT a` and `-a`."""

    def query(self, parser: Gathering) -> Query | None:
        """What the operand does not find, to be conjoined."""
        outer = parser.scope
        if not outer.within:
            parser.scope = Scope(outer.field, "not")
        found = negate(self.nodes[0].query(parser))
        parser.scope = outer
        return found


class Fielded(Group):
    """`title:a`."""

    def __init__(self, nodes: Sequence[syntax.SyntaxNode], field: str, at: int) -> None:
        super().__init__(nodes)
        self.field = field
        self.at = at  # where the field's name begins

    def query(self, parser: Gathering) -> Query | None:
        """What the operand finds in the field."""
        outer = parser.scope
        field = self.field
        if outer.within == "near" and field != "text":
            what = "what it names" if field in FILTERS else "it"
            parser.note(self.at, f'ignored: "{field}:" in NEAR ({what} belongs outside)')
            if field in FILTERS:
                return None
            field = ""
        parser.scope = Scope(field, outer.within)
        found = self.nodes[0].query(parser)
        parser.scope = outer
        return found


class NearGroup(Group):
    """`a NEAR/5 b`."""

    def __init__(self, nodes: Sequence[syntax.SyntaxNode], distance: int | None, at: int) -> None:
        super().__init__(nodes)
        self.links += 1
        self.distance = distance
        self.at = at  # where the operator stands

    def query(self, parser: Gathering) -> Query | None:
        """What both operands find near each other in the text."""
        outer = parser.scope
        if outer.field in FILTERS:
            parser.note(self.at, f'ignored: NEAR in "{outer.field}:"')
            return conjoin(self.parts(parser))
        if outer.field not in ("", "text"):
            parser.note(self.at, f'ignored: "{outer.field}:" on NEAR, which tests the text alone')
        parser.scope = Scope("", "near")
        operands = []
        for part in self.parts(parser):
            kept, dropped = positive(part)
            if dropped:
                parser.note(self.at, "ignored: negation in NEAR (write NOT (a NEAR b))")
            operands.append(kept)
        parser.scope = outer
        return parser.pairing.near(operands[0], operands[1], self.distance)
