"""Lexer: the plug-in of Whoosh's parser that cuts the typed text into syntax nodes.

In: the text and a position. Out: the leaf (word, quote) or mark (bracket, prefix, operator) there.
Everything but white space falls to one of them, and each looks ahead at most once, so cutting takes
linear time. Nothing is refused; notes say what is dropped.
"""

from __future__ import annotations

import re
from typing import Any

from whoosh.qparser import plugins, syntax, taggers

from indexer.query.nodes import DEFAULT_DISTANCE, MAX_DISTANCE
from indexer.query.normalise import CHUNK, FIELDS, QUOTES, read_quote, read_word, show
from indexer.query.syntax import Leaf, Mark

# In this order: brackets; `-` and `+` before an operand; `title:` and the like with something right
# behind it; operators in upper case, standing alone; all else up to white space, bracket or quote.
_TOKEN = re.compile(
    r"(?P<open>\()|(?P<close>\))"
    r"|(?<![^\s()])(?P<minus_plus>[-+]+(?P<operand>(?=[^\s)]))?)"
    rf"|(?<!:)(?P<field>(?i:{'|'.join(FIELDS)})):(?=[^\s)])"
    rf"|(?<![^\s(){QUOTES}])(?P<operator>ANDNOT|AND|OR|NOT|NEAR(?:/(?:[0-9]+|[sS]))?)"
    rf"(?=[\s(){QUOTES}]|$)"
    rf"|(?P<word>{CHUNK})"
)


class Lexer(plugins.Plugin, taggers.Tagger):  # type: ignore[misc]
    """Whoosh's parser asks it for the syntax node at each position."""

    def taggers(self, parser: Any) -> list[tuple[taggers.Tagger, int]]:
        """This plug-in, before Whoosh's own for white space."""
        return [(self, 0)]

    def match(self, parser: Any, text: str, pos: int) -> syntax.SyntaxNode | None:
        """The node at `pos`; None for white space."""
        if text[pos] in QUOTES:
            return _quote(parser, text, pos)
        found = _TOKEN.match(text, pos)
        if found is None:
            return None
        if found.lastgroup == "word":
            node = Leaf(found[0], read_word(found[0]))
        elif found.lastgroup == "minus_plus":
            node = _minus_or_plus(parser, found)
        elif found.lastgroup == "operator":
            node = _operator(parser, found)
        else:
            node = Mark(str(found.lastgroup), found[0].removesuffix(":"))
        return node.set_range(pos, found.end())


def _minus_or_plus(parser: Any, found: re.Match[str]) -> Mark:
    """The prefix of `-word` or `+word`; alone, or several in a row, signs are stray."""
    signs = found[0]
    if len(signs) == 1 and found["operand"] is not None:
        return Mark("minus" if signs == "-" else "plus", signs)
    return _stray(parser, signs, found.start(), show(signs))


def _operator(parser: Any, found: re.Match[str]) -> Mark:
    """AND, OR, NOT, ANDNOT, NEAR, NEAR/5 or NEAR/s. NOT is the same prefix as `-`."""
    typed = found[0]
    if not typed.startswith("NEAR"):
        return Mark({"AND": "and", "OR": "or", "NOT": "minus", "ANDNOT": "andnot"}[typed], typed)
    digits = typed[5:]
    if digits in ("s", "S"):
        return Mark("near", typed, None)
    return Mark("near", typed, _bounded(digits, parser, found.start(), "NEAR/"))


def _stray(parser: Any, typed: str, pos: int, shown: str) -> Mark:
    parser.note(pos, f"ignored: stray {shown}")
    return Mark("stray", typed)


def _bounded(digits: str, parser: Any, at: int, what: str) -> int:
    """The distance that `digits` asks for, between 1 and what a passage can hold."""
    if not digits:
        return DEFAULT_DISTANCE
    asked = int(digits) if len(digits) < 6 else MAX_DISTANCE + 1
    used = min(max(asked, 1), MAX_DISTANCE)
    if used != asked:
        parser.note(at, f"{what}{digits[:10]} is read as {what}{used}")
    return used


# --- quotes ------------------------------------------------------------------------------------

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


def _quote(parser: Any, text: str, pos: int) -> syntax.SyntaxNode:
    """`"a phrase"`, `“a phrase”`, `"a phrase"~3`, or a mark that quotes nothing.

    A mark opens a quotation where a word could begin. Inside a word it does so only if the
    quotation goes on at once and is closed later; else it is stray. One that follows a digit is
    part of a word: 22" is a length.
    """
    end = _closing(text, pos)
    inside = pos > 0 and not (text[pos - 1].isspace() or text[pos - 1] in "()+-:" + QUOTES)
    stray = inside and (end < 0 or text[pos + 1].isspace())
    if end < 0 and not stray:
        rest = text[pos + 1 :]
        reading = read_quote(rest)
        if reading.kind != "nothing":
            shown = show(rest.strip())
            parser.note(pos, f"quotation mark before {shown} is never closed: read as a phrase")
            return Leaf(rest, reading, 1).set_range(pos, len(text))
        stray = True
    if stray:
        return _stray(parser, "", pos, "quotation mark").set_range(pos, pos + 1)
    after, slop = end + 1, 1
    if found := _SLOP.match(text, after):
        slop = _bounded(found[1], parser, after, '"…"~')
        after = found.end()
    typed = text[pos + 1 : end]
    return Leaf(typed, read_quote(typed), slop).set_range(pos, after)


def _closing(text: str, pos: int) -> int:
    """Where the quotation that opens at `pos` is closed; -1 if nowhere."""
    for pattern in _CLOSERS.get(text[pos], (_CURLY,)):
        if found := pattern.search(text, pos + 1):
            return found.start()
    return -1
