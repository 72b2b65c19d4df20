"""Lexer: the plug-in of Whoosh's parser that cuts the typed text into syntax nodes.

In: the text and a position. Out: the leaf (word, quote) or mark (bracket, prefix, operator) there.
Every character except white space belongs to one node, and each node looks ahead at most once, so
lexing takes linear time. Nothing is refused; notes say what is dropped.
"""

from __future__ import annotations

import re

from whoosh.qparser import plugins, taggers

from indexer.query.nodes import DEFAULT_DISTANCE, MAX_DISTANCE
from indexer.query.normalise import FIELD_NAMES, QUOTES, UNQUOTED, read_quote, read_word, show
from indexer.query.syntax import Node, ParseState

_OPERATOR = "ANDNOT|AND|OR|NOT|NEAR(?:/(?:[0-9]+|[sS]))?"
# In this order: marks (brackets, `-` and `+` right before an operand, upper-case operators standing
# alone); other signs; a field such as `title:` followed by a character; everything else up to white
# space, a bracket or a quote.
_TOKEN = re.compile(
    rf"(?P<mark>[()]|(?<![^\s()])[-+](?=[^\s)+-])"
    rf"|(?<![^\s(){QUOTES}])(?:{_OPERATOR})(?=[\s(){QUOTES}]|$))"
    r"|(?<![^\s()])(?P<stray>[-+]+)"
    rf"|(?<!:)(?P<field>(?i:{'|'.join(FIELD_NAMES)})):(?=[^\s)])"
    rf"|(?P<word>{UNQUOTED})"
)
_MARKS = {
    "(": "open",
    ")": "close",
    "-": "minus",
    "+": "plus",
    "NOT": "minus",
    "ANDNOT": "andnot",
    "AND": "and",
    "OR": "or",
}


class Lexer(plugins.Plugin, taggers.Tagger):  # type: ignore[misc]
    """Returns the syntax node at each position that Whoosh's parser asks about."""

    def taggers(self, parser: ParseState) -> list[tuple[taggers.Tagger, int]]:
        """This plug-in, ahead of Whoosh's own for white space."""
        return [(self, 0)]

    def match(self, parser: ParseState, text: str, pos: int) -> Node | None:
        """The node at `pos`; None for white space."""
        if text[pos] in QUOTES:
            return _quote(parser, text, pos)
        found = _TOKEN.match(text, pos)
        if found is None:
            return None
        typed, end = found[0], found.end()
        if found["word"]:
            if _may_be_wildcard(typed, text):
                parser.note(pos, f'"?" at the end of {show(typed)} is read as punctuation')
            return Node("leaf", typed, pos, end, read_word(typed))
        if found["field"]:
            return Node("field", found["field"], pos, end)
        if found["stray"]:
            return _stray(parser, show(typed), pos, end)
        if typed.isalpha() and not parser.operators:
            return Node("leaf", typed, pos, end, read_word(typed))
        kind = _MARKS.get(typed, "near")
        distance = None
        if kind == "near" and not typed.endswith(("/s", "/S")):
            distance = _bounded(typed[5:], "NEAR/", pos, parser)
        return Node(kind, typed, pos, end, distance=distance)


def _may_be_wildcard(typed: str, query: str) -> bool:
    """Whether a ? at the end of a word may stand for a letter: after another wildcard, or in a
    query of one word (`is it safe?` is a question)."""
    bare = typed.rstrip("?")
    if bare == typed or not any(map(str.isalnum, bare)):
        return False
    return "*" in bare or "?" in bare or query.strip() == typed


def _stray(parser: ParseState, shown: str, start: int, end: int) -> Node:
    parser.note(start, f"ignored: stray {shown}")
    return Node("stray", "", start, end)


def _bounded(digits: str, what: str, at: int, parser: ParseState) -> int:
    """The distance that `digits` ask for, bounded to between 1 and `MAX_DISTANCE`."""
    if not digits:
        parser.note(at, f"{what.rstrip('/')} without a number is read as {what}{DEFAULT_DISTANCE}")
        return DEFAULT_DISTANCE
    asked = int(digits) if len(digits) < 6 else MAX_DISTANCE + 1
    used = min(max(asked, 1), MAX_DISTANCE)
    if used != asked:
        parser.note(at, f"{what}{digits[:10]} is read as {what}{used}")
    return used


# --- quotes ------------------------------------------------------------------------------------

# What closes a quotation: straight marks close straight ones (curly ones if there is no other);
# curly ones and » are closed by any partner they have in some language, or by a straight one.
_CURLY = re.compile('[“”‟"＂]')
_STRAIGHT = (re.compile('["＂]'), _CURLY)
_CLOSERS = {
    '"': _STRAIGHT,
    "＂": _STRAIGHT,
    "«": (re.compile('[»"＂]'),),
    "»": (re.compile('[«"＂]'),),
}
_SLOP = re.compile(r"~([0-9]*)")


def _quote(parser: ParseState, text: str, at: int) -> Node:
    """`"a phrase"`, `“a phrase”`, `"a phrase"~3`, or a mark that quotes nothing.

    A mark opens a quotation where a word could begin. Inside a word it does so only if text
    follows at once and the quotation is closed later; otherwise it is stray. After a digit it is
    part of a word: 22" is a length.
    """
    closers = _CLOSERS.get(text[at], (_CURLY,))
    closed = next(filter(None, (closer.search(text, at + 1) for closer in closers)), None)
    inside = at > 0 and not (text[at - 1].isspace() or text[at - 1] in "()+-:" + QUOTES)
    stray = inside and (not closed or text[at + 1].isspace())
    typed = text[at + 1 : closed.start() if closed else None]
    reading = read_quote(typed) if not stray else None
    if reading is None or not (closed or reading.words):
        return _stray(parser, "quotation mark", at, at + 1)
    slop, end = 1, closed.end() if closed else len(text)
    if not closed:
        parser.note(
            at, f"quotation mark before {show(typed.strip())} is never closed: read as a phrase"
        )
    elif found := _SLOP.match(text, end):
        slop, end = _bounded(found[1], '"…"~', end, parser), found.end()
    return Node("leaf", typed, at, end, reading, slop)
