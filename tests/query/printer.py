"""Printer: a tree in, the query in one canonical spelling out.

Parsing the text of a tree that `parse` made (without `any`) gives the same tree. What the language
can't say, such as boosts, is left out; nodes that it has no syntax for are spelled as by Whoosh.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from whoosh import query

from indexer.query.nodes import FILTERS, MAX_DEPTH, Everything, Near
from indexer.query.normalise import UNQUOTED, read_word

_NEIGHBOURS, _OR, _AND, _NEAR, _OPERAND = range(5)  # from the loosest binding to the tightest
_PLAIN_ID = re.compile(UNQUOTED)
_READ_OTHERWISE = re.compile(
    r"(?:(?:ANDNOT|AND|OR|NOT|NEAR(?:/(?:[0-9]+|[sS]))?)$|(?i:text|title|section|article|kind):.)"
)


def describe(tree: query.Query) -> str:
    """The tree as one would type it; nothing for a tree that finds nothing.

    Brackets stand around each choice and pair, for clearness, unless that nests them too deep
    for `parse`: then only where binding needs them.
    """
    spelled = _Speller(clear=True).spell(tree, _NEIGHBOURS)
    if spelled.count("(") > MAX_DEPTH and _depth(spelled) > MAX_DEPTH:
        return _Speller(clear=False).spell(tree, _NEIGHBOURS)
    return spelled


def _depth(text: str) -> int:
    deepest = depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    return deepest


@dataclass(frozen=True, slots=True)
class _Speller:
    clear: bool  # whether to put brackets that only help the eye
    field: str = "any"  # that a bare word stands on: "text" within NOT

    def spell(self, tree: query.Query, binding: int) -> str:
        """The tree, as an operand of something that binds as tightly as `binding`."""
        if isinstance(tree, query.And):
            return self._and(tree, binding)
        if isinstance(tree, (query.Or, query.DisjunctionMax)):
            return self._join(tree, " OR ", _OR, binding)
        if isinstance(tree, query.Not):
            return "-" + _Speller(self.clear, "text").spell(tree.query, _OPERAND)
        if isinstance(tree, Near):
            return self._near(tree, binding)
        if isinstance(tree, query.AndMaybe):
            must = tree.a.subqueries if isinstance(tree.a, query.And) else [tree.a]
            may = tree.b.subqueries if isinstance(tree.b, query.Or) else [tree.b]
            parts = ["+" + self.spell(part, _OPERAND) for part in must]
            parts += [self.spell(part, _OPERAND) for part in may]
            return _bracket(" ".join(parts), needed=binding > _NEIGHBOURS)
        return self._leaf(tree)

    def _and(self, tree: query.And, binding: int) -> str:
        parts = tree.subqueries
        if isinstance(parts[0], Everything) and len(parts) > 1:
            parts = parts[1:]  # all others are negations
        if binding == _NEIGHBOURS:
            inner = _OPERAND if self.clear else _OR
            loose = query.AndMaybe  # its + words are neighbours too
            return " ".join(
                self.spell(part, _NEIGHBOURS if isinstance(part, loose) else inner)
                for part in parts
            )
        if self.clear or binding > _AND:
            return _bracket(self._and(tree, _NEIGHBOURS), needed=True)
        return " AND ".join(self.spell(part, _NEAR) for part in parts)

    def _join(self, tree: query.Query, joint: str, own: int, binding: int) -> str:
        inner = _OPERAND if self.clear else own + 1
        spelled = joint.join(self.spell(part, inner) for part in tree.subqueries)
        return _bracket(spelled, needed=binding > own)

    def _near(self, tree: Near, binding: int) -> str:
        left, right = tree.subqueries
        operator = "s" if tree.distance is None else str(tree.distance)
        spelled = f"{self.spell(left, _NEAR)} NEAR/{operator} {self.spell(right, _OPERAND)}"
        return _bracket(spelled, needed=binding > _NEAR)

    def _leaf(self, tree: query.Query) -> str:
        if isinstance(tree, Everything) or tree == query.Every():
            return "*"
        if tree is query.NullQuery:
            return ""
        if isinstance(tree, query.Phrase):
            slop = "" if tree.slop == 1 else f"~{tree.slop}"
            field = "" if tree.fieldname == self.field else f"{tree.fieldname}:"
            return f'{field}"{" ".join(tree.words)}"{slop}'
        if isinstance(tree, query.Term) and tree.fieldname in FILTERS:
            plain = _PLAIN_ID.fullmatch(tree.text)
            return f"{tree.fieldname}:" + (tree.text if plain else f'"{tree.text}"')
        field = "" if tree.field() == self.field else f"{tree.field()}:"
        if isinstance(tree, query.Prefix):
            return f"{field}{tree.text}*"
        if isinstance(tree, query.Wildcard):
            return f"{field}{tree.text}"
        if isinstance(tree, query.FuzzyTerm):
            return field + _spell_word(tree.text, f"~{tree.maxdist}", alone=not field)
        if isinstance(tree, query.Term):
            return field + _spell_word(tree.text, alone=not field)
        return str(tree)


def _bracket(spelled: str, *, needed: bool) -> str:
    return f"({spelled})" if needed else spelled


def _spell_word(word: str, fuzz: str = "", *, alone: bool) -> str:
    """The word with its ~n, behind punctuation where it would else be read as something else."""
    for before in ("", ".", "://"):
        spelled = before + word + fuzz
        reading = read_word(spelled)
        kept = reading.kind == ("fuzzy" if fuzz else "word") and reading.words == (word,)
        if kept and not (alone and _READ_OTHERWISE.match(spelled)):
            return spelled
    return word + fuzz
