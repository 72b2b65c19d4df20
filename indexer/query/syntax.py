"""Syntax nodes of Whoosh's parser: marks, leaves and groups.

The lexer cuts the text into leaves (words, quotes) and marks (brackets, prefixes, operators); the
grammar nests them into groups. In: a nested node and the `ParseState`. Out of `query(state)`: its
tree of `whoosh.query` nodes, or None where nothing is left to search for, with notes on what it
could not use. Nothing is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, get_args

from whoosh import query
from whoosh.qparser import syntax
from whoosh.query import Query

from indexer.model import Kind
from indexer.query.nodes import FILTERS, Everything, Quote, Word
from indexer.query.normalise import Reading, show
from indexer.query.rewrite import Pairing, conjoin, disjoin, negate, positive

MAX_WORDS = 1000  # tokens of all words and quotes
MAX_NOTES = 20


class Scope(NamedTuple):
    """Where a syntax node stands."""

    field: str = ""  # that a prefix such as title: names; empty: none
    near: bool = False
    negated: bool = False  # a negation tests the text alone


class ParseState:
    """What one parse gathers while its syntax nodes turn into a tree."""

    def __init__(self, *, any: bool) -> None:
        self.any = any  # whether one of several neighbours is enough
        self.bare = False  # whether the query is nothing but bare words
        self.scope = Scope()  # of the syntax node that is being turned into a tree
        self.pairing = Pairing(MAX_WORDS)
        self._notes: list[tuple[int, str]] = []

    def note(self, at: int, text: str) -> None:
        """Adds a note on the character at `at`."""
        self._notes.append((at, text))

    def notes(self) -> tuple[str, ...]:
        """All notes in the order of the query, each once; the last counts those left out."""
        self._notes.sort(key=lambda note: note[0])
        notes = list(dict.fromkeys(text for _, text in self._notes))
        if len(notes) > MAX_NOTES:
            notes[MAX_NOTES - 1 :] = [f"and {len(notes) - MAX_NOTES + 1} more notes"]
        return tuple(notes)


class Mark(syntax.MarkerNode):  # type: ignore[misc]
    """What is no operand.

    `kind` is "open" or "close" (brackets); "minus" (`-`, NOT), "andnot", "plus" or "field"
    (`title:`), prefixes of the operand on their right; "and", "or" or "near", between two
    operands; or "stray", which was dropped with a note. `typed` is as typed, of a field its name.
    """

    def __init__(self, kind: str, typed: str, distance: int | None = None) -> None:
        self.kind = kind
        self.typed = typed
        self.distance = distance  # of "near"; None: one sentence

    @property
    def is_prefix(self) -> bool:
        """Whether it takes the operand on its right."""
        return self.kind in ("minus", "andnot", "plus", "field")

    @property
    def is_operator(self) -> bool:
        """Whether it stands between two operands."""
        return self.kind in ("and", "or", "near")

    def wrap(self, operand: syntax.SyntaxNode) -> syntax.SyntaxNode:
        """The group of this prefix and its operand; for a negation negated, its operand."""
        if self.kind == "plus":
            return Required([operand])
        if self.kind == "field":
            return Fielded([operand], self.typed.lower(), self.startchar)
        return operand.nodes[0] if isinstance(operand, Negation) else Negation([operand])


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

    def query(self, state: ParseState) -> Query | None:
        """The node of the tree that this leaf asks for."""
        field, near, negated = state.scope
        if field in FILTERS:
            return self._filter(state, field)
        if near and self.reading.kind == "everything":
            state.note(self.startchar, 'ignored: "*" in NEAR')
            return None
        for note in self.reading.notes:
            state.note(self.startchar, note)
        if field and self.typed[:1] in ("-", "+") and not self.slop:
            sign = f'"{self.typed[0]}" behind "{field}:"; it goes before the field'
            state.note(self.startchar, f"ignored: {sign}")
        found = self._find(field or ("text" if negated else "any"))
        if found is not None:
            found.startchar, found.endchar = self.startchar, self.endchar
        return found

    def _find(self, field: str) -> Query | None:
        kind, words = self.reading.kind, self.reading.words
        if kind == "word":
            return Word(field, words[0])
        if kind == "quote":
            return Quote(field, list(words), slop=self.slop or 1)
        if kind == "prefix":
            return query.Prefix(field, words[0])
        if kind == "wildcard":
            return query.Wildcard(field, words[0])
        if kind == "fuzzy":
            return query.FuzzyTerm(field, words[0], maxdist=self.reading.edits, prefixlength=0)
        return Everything() if kind == "everything" else None

    def _filter(self, state: ParseState, field: str) -> Query | None:
        value = self.typed.strip()
        if field == "kind":
            value = "_".join(value.lower().replace("-", " ").replace("_", " ").split())
            if value not in get_args(Kind):
                known = ", ".join(get_args(Kind))
                state.note(self.startchar, f"ignored: no kind {show(self.typed)} (known: {known})")
                return None
        elif not value:
            state.note(self.startchar, f'ignored: "{field}:" without a value')
            return None
        elif "*" in value:
            state.note(self.startchar, f'"{field}:" takes a whole id: {show(value)}')
        return query.Term(field, value)


# --- groups ------------------------------------------------------------------------------------


class Group(syntax.GroupNode):  # type: ignore[misc]
    """Base of our groups; `links` counts the deepest nesting of NEAR in it."""

    has_boost = False

    def __init__(self, nodes: Sequence[syntax.SyntaxNode] | None = None) -> None:
        super().__init__(list(nodes or ()))
        self.links = max((getattr(node, "links", 0) for node in self.nodes), default=0)

    def parts(self, state: ParseState) -> list[Query | None]:
        """The trees of the nodes in it, in order."""
        found = []
        for node in self.nodes:  # a loop, for a comprehension would double the depth of the stack
            found.append(node.query(state))
        return found


class AndGroup(Group):
    """`a AND b`."""

    def query(self, state: ParseState) -> Query | None:
        """What all parts find."""
        return conjoin(self.parts(state))


class OrGroup(Group):
    """`a OR b`."""

    def query(self, state: ParseState) -> Query | None:
        """What any part finds."""
        for node in self.nodes:
            if isinstance(node, Required):
                state.note(node.startchar, 'ignored: "+" beside OR')
        return disjoin(self.parts(state))


class Neighbours(Group):
    """Operands with nothing but space between them, which Whoosh's parser makes by default.

    All must be found. If any may be: words with a + must, the others count if found; what a
    field names still restricts, clauses of one field being alternatives.
    """

    def query(self, state: ParseState) -> Query | None:
        """What all, or any, of them find."""
        parts = self.parts(state)
        if not state.any:
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

    def query(self, state: ParseState) -> Query | None:
        """What the operand finds."""
        return self.nodes[0].query(state)


class Negation(Group):
    """`NOT a` and `-a`."""

    def query(self, state: ParseState) -> Query | None:
        """What the operand does not find, to be conjoined."""
        outer = state.scope
        state.scope = outer._replace(negated=True)
        found = negate(self.nodes[0].query(state))
        state.scope = outer
        return found


class Fielded(Group):
    """`title:a`."""

    def __init__(self, nodes: Sequence[syntax.SyntaxNode], field: str, at: int) -> None:
        super().__init__(nodes)
        self.field = field
        self.at = at  # where the field's name begins

    def query(self, state: ParseState) -> Query | None:
        """What the operand finds in the field."""
        outer = state.scope
        field = self.field
        if outer.near and field != "text":
            what = "what it names" if field in FILTERS else "it"
            state.note(self.at, f'ignored: "{field}:" in NEAR ({what} belongs outside)')
            if field in FILTERS:
                return None
            field = ""
        state.scope = outer._replace(field=field)
        found = self.nodes[0].query(state)
        state.scope = outer
        return found


class NearGroup(Group):
    """`a NEAR/5 b`."""

    def __init__(self, nodes: Sequence[syntax.SyntaxNode], distance: int | None, at: int) -> None:
        super().__init__(nodes)
        self.links += 1
        self.distance = distance
        self.at = at  # where the operator stands

    def query(self, state: ParseState) -> Query | None:
        """What both operands find near each other."""
        outer = state.scope
        if outer.field in FILTERS:
            state.note(self.at, f'ignored: NEAR in "{outer.field}:"')
            return conjoin(self.parts(state))
        if outer.field not in ("", "text"):
            state.note(self.at, f'ignored: "{outer.field}:" on NEAR, which takes no field but text')
        field = "text" if outer.field == "text" else ""
        state.scope = Scope(field, near=True, negated=outer.negated)
        operands = []
        for part in self.parts(state):
            kept, dropped = positive(part)
            if dropped:
                state.note(self.at, "ignored: negation in NEAR (write NOT (a NEAR b))")
            operands.append(kept)
        state.scope = outer
        return state.pairing.near(operands[0], operands[1], self.distance)
