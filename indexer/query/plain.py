"""What people mostly type, read in one step: words, quotes and prefixes, joined by space or OR,
and one NEAR between two words.

In: the typed text. Out: the very tree that Whoosh's parser with our plug-ins would make of it, or
None for whatever has more to it, which is left to that. Three words joined by OR take the parser
0.1 ms, which is a fifth of what a search may take.
"""

from __future__ import annotations

import re

from whoosh import query

from indexer.query.nodes import MAX_DISTANCE, Near, Quote, Word
from indexer.query.rewrite import conjoin, disjoin

_MOST = 200  # characters
_WORD = "(?!(?:AND|OR|NOT|ANDNOT|NEAR)(?![A-Za-z]))[A-Za-z]+"
_ITEM = rf'(?:{_WORD}\*?|"{_WORD}(?: {_WORD})*")'
_ITEMS = re.compile(rf"{_ITEM}(?: {_ITEM})*")
_CHOICE = re.compile(rf"{_ITEM}(?: OR {_ITEM})+")
_PAIR = re.compile(rf"({_WORD}) NEAR/([1-9][0-9]{{0,3}}) ({_WORD})")
_LEAF = re.compile(r'"[^"]*"|[^ "]+')


def read_plain(text: str, *, any: bool) -> tuple[query.Query, bool] | None:
    """The tree, and whether it is of bare words alone."""
    if len(text) > _MOST or not text.isascii():
        return None
    if _ITEMS.fullmatch(text):
        leaves = [_leaf(found) for found in _LEAF.finditer(text)]
        bare = len(leaves) > 1 and all(type(leaf) is Word for leaf in leaves)
        return disjoin(leaves) if any else conjoin(leaves), bare
    if _CHOICE.fullmatch(text):
        found = (match for match in _LEAF.finditer(text) if match[0] != "OR")
        return disjoin(map(_leaf, found)), False
    if pair := _PAIR.fullmatch(text):
        distance = int(pair[2])
        if distance <= MAX_DISTANCE:
            words = [_placed(Word("text", pair[n]), pair, n) for n in (1, 3)]
            return Near(words, distance), False
    return None


def _leaf(found: re.Match[str]) -> query.Query:
    typed = found[0]
    if typed.startswith('"'):
        return _placed(Quote("text", typed[1:-1].split()), found)
    if typed.endswith("*"):
        return _placed(query.Prefix("any", typed[:-1]), found)
    return _placed(Word("any", typed), found)


def _placed(leaf: query.Query, found: re.Match[str], group: int = 0) -> query.Query:
    leaf.startchar, leaf.endchar = found.span(group)
    return leaf
