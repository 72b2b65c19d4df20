"""Syntax: takes a node of the typed query, returns its tree of `whoosh.query` nodes.

The lexer makes the leaves (words, quotes) and marks; the grammar puts marks around operands.
Nothing is refused: if nothing is left to search for the tree is None, and notes say what could not
be used.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import repeat
from typing import NamedTuple

from whoosh import query
from whoosh.qparser.syntax import SyntaxNode
from whoosh.query import Query

from indexer.model import KINDS
from indexer.query.nodes import FILTERS, Everything, Near, Quote, Word
from indexer.query.normalise import READS_NOTHING, Reading, show
from indexer.query.rewrite import conjoin, disjoin, is_split, negate, rebuild

MAX_WORDS = 1000  # tokens of all words and quotes
MAX_NOTES = 20


@dataclass(frozen=True, slots=True)
class Node(SyntaxNode):  # type: ignore[misc]
    """A piece of the query, with the operands it applies to.

    `kind` is "leaf"; "minus" (`-`, NOT), "andnot", "plus" or "field" (`title:`), prefixes of the
    operand on their right; "and", "or" or "near", between two operands; "neighbours"; "open" or
    "close" (brackets); or "stray". `typed` is as typed; for a field its name.
    """

    kind: str
    typed: str
    startchar: int  # code points
    endchar: int
    reading: Reading = READS_NOTHING  # of a leaf
    distance: int | None = 0  # of NEAR, None: in one sentence; of a quote its slop; 0: a word
    parts: tuple[Node, ...] = ()
    links: int = 0  # deepest nesting of NEARs

    @property
    def is_operand(self) -> bool:
        """Whether it is complete: neither a bracket, nor a prefix or operator without operands."""
        return self.kind == "leaf" or bool(self.parts)

    @property
    def is_prefix(self) -> bool:
        """Whether it takes the operand on its right."""
        return self.kind in ("minus", "andnot", "plus", "field") and not self.parts

    @property
    def is_bare(self) -> bool:
        """Whether it is a plain word or nothing."""
        return (
            self.kind == "leaf" and not self.distance and self.reading.kind in ("word", "nothing")
        )

    @property
    def first_leaf(self) -> Node:
        """The first word or quote in it."""
        return self.parts[0].first_leaf if self.parts else self

    def around(self, *parts: Node) -> Node:
        """This node with its operands."""
        links = max((part.links for part in parts), default=0) + (self.kind == "near")
        return replace(self, parts=parts, links=links)

    def query(self, state: ParseState) -> Query | None:
        """The tree of the whole query, called by Whoosh's parser."""
        return state.tree(self)


class NodeScope(NamedTuple):
    """The surroundings of a node."""

    field: str = ""  # named by a prefix such as title:; empty: none
    near: bool = False
    negated: bool = False  # a negation tests only the text


TOP = NodeScope()


class ParseState:
    """Settings and notes of one parse while its nodes turn into a tree."""

    def __init__(self, *, any: bool, operators: bool = True) -> None:
        self.operators = operators  # whether AND, OR and NOT are operators, or words
        self.any = any  # whether one of several neighbours is enough
        self.bare = False  # whether the query consists of bare words
        self.words_left = MAX_WORDS  # for pairs that NEAR makes of brackets; below 0: cut
        self._notes: list[tuple[int, str]] = []

    def note(self, at: int, text: str) -> None:
        """Adds a note on the character at `at`."""
        self._notes.append((at, text))

    def notes(self) -> tuple[str, ...]:
        """All notes in the order of the query, each once; the last counts those omitted."""
        self._notes.sort(key=lambda note: note[0])
        notes = list(dict.fromkeys(text for _, text in self._notes))
        if len(notes) > MAX_NOTES:
            notes[MAX_NOTES - 1 :] = [f"and {len(notes) - MAX_NOTES + 1} more notes"]
        return tuple(notes)

    def tree(self, node: Node, scope: NodeScope = TOP) -> Query | None:
        """The tree of a node; for a negation, a part to be conjoined."""
        if node.kind == "leaf":
            return self._leaf(node, scope)
        if node.kind == "field":
            return self._fielded(node, scope)
        if node.kind == "near":
            return self._near(node, scope)
        if node.kind == "minus":
            return negate(self.tree(node.parts[0], scope._replace(negated=True)))
        if node.kind == "or":
            for part in node.parts:
                if part.kind == "plus":
                    self.note(part.first_leaf.startchar, 'ignored: "+" beside OR')
        parts = list(map(self.tree, node.parts, repeat(scope)))
        if node.kind == "plus":
            return parts[0]
        if node.kind == "or":
            return disjoin(parts)
        if node.kind == "neighbours" and self.any:
            return _any_of(node, parts)
        return conjoin(parts)

    def _leaf(self, node: Node, scope: NodeScope) -> Query | None:
        if scope.field in FILTERS:
            return self._filter(node, scope.field)
        if scope.near and node.reading.kind == "everything":
            self.note(node.startchar, 'ignored: "*" in NEAR')
            return None
        for note in node.reading.notes:
            self.note(node.startchar, note)
        if scope.field and node.typed[:1] in ("-", "+") and not node.distance:
            sign = f'"{node.typed[0]}" behind "{scope.field}:"; it goes before the field'
            self.note(node.startchar, f"ignored: {sign}")
        found = _find(node, scope.field or ("text" if scope.negated else "any"))
        if found is not None:
            found.startchar, found.endchar = node.startchar, node.endchar
        return found

    def _filter(self, node: Node, field: str) -> Query | None:
        value = node.typed.strip()
        if field == "kind":
            value = "_".join(value.lower().replace("-", " ").replace("_", " ").split())
            if value not in KINDS:
                known = ", ".join(KINDS)
                self.note(node.startchar, f"ignored: no kind {show(node.typed)} (known: {known})")
                return None
        elif not value:
            self.note(node.startchar, f'ignored: "{field}:" without a value')
            return None
        elif "*" in value:
            self.note(node.startchar, f'"{field}:" takes a whole id: {show(value)}')
        return query.Term(field, value)

    def _fielded(self, node: Node, scope: NodeScope) -> Query | None:
        field = node.typed.lower()
        if scope.near and field != "text":
            what = "what it names" if field in FILTERS else "it"
            self.note(node.startchar, f'ignored: "{field}:" in NEAR ({what} belongs outside)')
            if field in FILTERS:
                return None
            field = ""
        return self.tree(node.parts[0], scope._replace(field=field))

    def _near(self, node: Node, scope: NodeScope) -> Query | None:
        """Both operands near each other; `a NEAR (b c)` becomes `(a NEAR b) (a NEAR c)`.

        Two long brackets would make a pair of every two words: pairs beyond the budget are
        dropped.
        """
        if scope.field in FILTERS:
            self.note(node.startchar, f'ignored: NEAR in "{scope.field}:"')
            return conjoin(map(self.tree, node.parts, repeat(scope)))
        if scope.field not in ("", "text"):
            what = f'"{scope.field}:" on NEAR, which takes no field but text'
            self.note(node.startchar, f"ignored: {what}")
            scope = scope._replace(field="")
        scope = scope._replace(near=True)

        def positive(part: Query) -> Query | None:
            if isinstance(part, query.Not):
                self.note(node.startchar, "ignored: negation in NEAR (write NOT (a NEAR b))")
            return None if isinstance(part, (query.Not, Everything)) else part

        def pair(a: Query, b: Query) -> Query | None:
            if self.words_left >= 0:
                self.words_left -= sum(1 for part in (a, b) for _ in part.leaves())
            return Near([a, b], node.distance) if self.words_left >= 0 else None

        left, right = (rebuild(self.tree(part, scope), positive) for part in node.parts)
        if left is None or right is None:
            return left if right is None else right
        if not (is_split(left) or is_split(right)):
            return Near([left, right], node.distance)
        return rebuild(left, lambda a: rebuild(right, lambda b: pair(a, b)))


def _find(node: Node, field: str) -> Query | None:
    """The tree of a leaf."""
    kind, words = node.reading.kind, node.reading.words
    if kind == "word":
        return Word(field, words[0])
    if kind == "quote":
        return Quote(field, list(words), slop=node.distance or 1)
    if kind == "prefix":
        return query.Prefix(field, words[0])
    if kind == "wildcard":
        return query.Wildcard(field, words[0])
    if kind == "fuzzy":
        return query.FuzzyTerm(field, words[0], maxdist=node.reading.edits, prefixlength=0)
    return Everything() if kind == "everything" else None


def _any_of(node: Node, parts: list[Query | None]) -> Query | None:
    """A tree that matches where any of the neighbours matches.

    Words with a + must match, the others add to the score; fields still restrict, where clauses of
    the same field are alternatives.
    """
    groups: dict[str, list[Query | None]] = {"plus": [], "": [], "minus": []}
    for operand, part in zip(node.parts, parts):
        name = "plus" if operand.kind == "plus" else ""
        if isinstance(part, query.Not):
            name = "minus"
        elif operand.kind == "field" and operand.typed.lower() != "text":
            name = operand.typed.lower()
        groups.setdefault(name, []).append(part)
    required, optional, excluded, *fields = groups.values()
    must, may = conjoin(required), disjoin(optional)
    words = query.AndMaybe(must, may) if must is not None and may is not None else must or may
    return conjoin([words, *map(disjoin, fields), *excluded])
