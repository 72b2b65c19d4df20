"""Plug-ins that cut the typed text into syntax nodes.

Every character falls to one of them, so that Whoosh's parser never has to feel its way forward a
character at a time, and each looks at most once at what lies ahead: tagging is linear.
"""

from __future__ import annotations

import re
from typing import Any

from whoosh.qparser import plugins, syntax, taggers

from indexer.query.marks import AndNot, Close, FieldName, Infix, Not, Open, Plus, Prefix, Stray
from indexer.query.nodes import DEFAULT_DISTANCE, MAX_DISTANCE
from indexer.query.normalise import CHUNK, FIELDS, QUOTES, read_quote, read_word, show
from indexer.query.syntax import Leaf

# What closes a quotation: straight marks close straight ones (curly ones do if there is no other),
# curly ones and » close whatever pairs with them in some language, or a straight one does.
_STRAIGHT = re.compile('["＂]')
_CURLY = re.compile('[“”‟"＂]')
_RIGHT = re.compile('[»"＂]')
_LEFT = re.compile('[«"＂]')
_CLOSERS = {
    '"': (_STRAIGHT, _CURLY),
    "＂": (_STRAIGHT, _CURLY),
    "«": (_RIGHT,),
    "»": (_LEFT,),
}
_SLOP = re.compile(r"~([0-9]*)")
_BEFORE_OPERAND = rf"(?<![^\s(){QUOTES}])"
_AFTER_OPERAND = rf"(?=[\s(){QUOTES}]|$)"


def bounded(digits: str, parser: Any, at: int, what: str) -> int:
    """The distance that `digits` asks for, between 1 and what a passage can hold."""
    if not digits:
        return DEFAULT_DISTANCE
    asked = int(digits) if len(digits) < 6 else MAX_DISTANCE + 1
    used = min(max(asked, 1), MAX_DISTANCE)
    if used != asked:
        parser.note(at, f"{what}{digits[:10]} is read as {what}{used}")
    return used


class QuotePlugin(plugins.Plugin, taggers.Tagger):  # type: ignore[misc]
    """`"a phrase"`, `“a phrase”`, `"a phrase"~3`, and marks that quote nothing.

    A mark opens a quotation where a word could begin. Inside a word it does so only if the
    quotation goes on at once and is closed later; else it is stray. One that follows a digit is
    left to `WordPlugin`: 22" is a length.
    """

    def taggers(self, parser: Any) -> list[tuple[taggers.Tagger, int]]:
        """This plug-in, first of all."""
        return [(self, 0)]

    def match(self, parser: Any, text: str, pos: int) -> syntax.SyntaxNode | None:
        """The quote or stray mark at `pos`."""
        if text[pos] not in QUOTES:
            return None
        end = _closing(text, pos)
        inside = pos > 0 and not (text[pos - 1].isspace() or text[pos - 1] in "()+-:" + QUOTES)
        if inside and (end < 0 or text[pos + 1].isspace()):
            return self._stray(parser, pos)
        if end < 0:
            return self._unclosed(parser, text, pos)
        after, slop = end + 1, 1
        if found := _SLOP.match(text, after):
            slop = bounded(found[1], parser, after, '"…"~')
            after = found.end()
        typed = text[pos + 1 : end]
        return Leaf(typed, read_quote(typed), slop).set_range(pos, after)

    def _unclosed(self, parser: Any, text: str, pos: int) -> syntax.SyntaxNode:
        rest = text[pos + 1 :]
        reading = read_quote(rest)
        if reading.kind == "nothing":
            return self._stray(parser, pos)
        parser.note(
            pos, f"quotation mark before {show(rest.strip())} is never closed: read as a phrase"
        )
        return Leaf(rest, reading, 1).set_range(pos, len(text))

    def _stray(self, parser: Any, pos: int) -> syntax.SyntaxNode:
        parser.note(pos, "ignored: stray quotation mark")
        return Stray("").set_range(pos, pos + 1)


def _closing(text: str, pos: int) -> int:
    """Where the quotation that opens at `pos` is closed; -1 if nowhere."""
    for pattern in _CLOSERS.get(text[pos], (_CURLY,)):
        if found := pattern.search(text, pos + 1):
            return found.start()
    return -1


class BracketPlugin(plugins.Plugin):  # type: ignore[misc]
    """`(` and `)`."""

    def taggers(self, parser: Any) -> list[tuple[taggers.Tagger, int]]:
        """One for each bracket."""
        return [
            (taggers.FnTagger(r"(?P<typed>\()", Open), 10),
            (taggers.FnTagger(r"(?P<typed>\))", Close), 10),
        ]


class SignPlugin(plugins.Plugin, taggers.Tagger):  # type: ignore[misc]
    """`-` and `+` right before an operand; alone, or several in a row, they are stray."""

    _signs = re.compile(r"(?<![^\s()])[-+]+(?P<operand>[^\s)])?")

    def taggers(self, parser: Any) -> list[tuple[taggers.Tagger, int]]:
        """This plug-in, before words."""
        return [(self, 20)]

    def match(self, parser: Any, text: str, pos: int) -> syntax.SyntaxNode | None:
        """The sign at `pos`, without the operand's first character."""
        found = self._signs.match(text, pos)
        if not found:
            return None
        end = found.start("operand") if found["operand"] else found.end()
        signs = text[pos:end]
        if len(signs) == 1 and found["operand"]:
            mark: Prefix = Not(signs) if signs == "-" else Plus(signs)
            return mark.set_range(pos, end)
        parser.note(pos, f"ignored: stray {show(signs)}")
        return Stray(signs).set_range(pos, end)


class FieldPlugin(plugins.TaggingPlugin):  # type: ignore[misc]
    """`title:` and the like, with something right behind it; other names are words."""

    nodetype = FieldName
    priority = 30

    def __init__(self) -> None:
        super().__init__(rf"(?<!:)(?P<typed>(?i:{'|'.join(FIELDS)})):(?=[^\s)])")


class OperatorPlugin(plugins.TaggingPlugin):  # type: ignore[misc]
    """AND, OR, NOT, ANDNOT, NEAR, NEAR/5 and NEAR/s, in upper case, standing alone."""

    priority = 40

    def __init__(self) -> None:
        names = "(?P<typed>ANDNOT|AND|OR|NOT|NEAR(?:/(?:[0-9]+|[sS]))?)"
        super().__init__(_BEFORE_OPERAND + names + _AFTER_OPERAND)

    def create(self, parser: Any, match: re.Match[str]) -> syntax.SyntaxNode:
        """The mark for an operator."""
        typed = match["typed"]
        if typed in ("NOT", "ANDNOT"):
            return Not(typed) if typed == "NOT" else AndNot(typed)
        mark = Infix(typed)
        if typed.startswith("NEAR"):
            digits = typed[5:]
            sentence = digits in ("s", "S")
            mark.distance = None if sentence else bounded(digits, parser, match.start(), "NEAR/")
        return mark


class WordPlugin(plugins.TaggingPlugin):  # type: ignore[misc]
    """Everything else up to white space, a bracket or a quotation mark."""

    priority = 50

    def __init__(self) -> None:
        super().__init__(CHUNK)

    def create(self, parser: Any, match: re.Match[str]) -> syntax.SyntaxNode:
        """A leaf, whatever it holds."""
        return Leaf(match[0], read_word(match[0]))
