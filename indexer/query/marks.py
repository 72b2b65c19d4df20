"""Whoosh syntax nodes that are no operands: brackets, prefixes and operators.

Tagging makes them; structuring puts groups in their place.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from whoosh.qparser import syntax

from indexer.query.syntax import Fielded, Negation, Required


class Mark(syntax.MarkerNode):  # type: ignore[misc]
    """What is no operand: brackets, prefixes, operators."""

    def __init__(self, typed: str) -> None:
        self.typed = typed


class Stray(Mark):
    """What was dropped when it was tagged; a note has said so."""


class Open(Mark):
    """`(`."""


class Close(Mark):
    """`)`."""


class Prefix(Mark, ABC):
    """A mark that takes the operand on its right."""

    @abstractmethod
    def wrap(self, operand: syntax.SyntaxNode) -> syntax.SyntaxNode:
        """The group of this mark and its operand."""


class Not(Prefix):
    """NOT and -."""

    def wrap(self, operand: syntax.SyntaxNode) -> syntax.SyntaxNode:
        """A negation; of a negation, its operand."""
        return operand.nodes[0] if isinstance(operand, Negation) else Negation([operand])


class AndNot(Not):
    """ANDNOT: an AND before a NOT."""


class Plus(Prefix):
    """+."""

    def wrap(self, operand: syntax.SyntaxNode) -> syntax.SyntaxNode:
        """A required operand."""
        return Required([operand])


class FieldName(Prefix):
    """`title:` right before an operand."""

    def wrap(self, operand: syntax.SyntaxNode) -> syntax.SyntaxNode:
        """The operand, with its field."""
        return Fielded([operand], self.typed.lower(), self.startchar)


class Infix(Mark):
    """An operator between two operands: AND, OR, NEAR, NEAR/5, NEAR/s."""

    distance: int | None = None  # of NEAR; None: one sentence
