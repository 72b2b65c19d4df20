"""Parser: the typed text in, a tree of `whoosh.query` nodes with notes out. Nothing is refused.

Each call has a state of its own, so any number of threads may parse at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from whoosh import query

from indexer.query.nodes import MAX_DISTANCE, Near, Quote, Word
from indexer.query.normalise import prepare
from indexer.query.rewrite import conjoin, disjoin


@dataclass(frozen=True, slots=True)
class Parsed:
    """What was understood of a query."""

    tree: query.Query  # `NullQuery` if there is nothing to search for
    notes: tuple[str, ...]  # what was dropped or read otherwise, in the order of the query
    bare: bool  # two or more bare words and nothing else, so that any of them may do


def parse(text: str, *, any: bool = False) -> Parsed:
    """The tree of a query as typed.

    With `any`, unmarked neighbours need not all match: words with a + must, the others count if
    they match, and fields still restrict. Words stand on the field "any", or on "text" within
    NOT and NEAR, which test the text alone. Never raises.
    """
    if plain := read_plain(text, any=any):
        return Parsed(plain[0], (), plain[1])
    from indexer.query.grammar import read_query  # only what is not plain needs Whoosh's parser

    prepared, notes = prepare(text)
    tree, more, bare = read_query(prepared, any=any)
    return Parsed(tree, notes + more, bare)


# --- plain queries ------------------------------------------------------------------------------

_MOST_PLAIN = 200  # characters of a query that is tried as a plain one
_WORD = "(?!(?:AND|OR|NOT|ANDNOT|NEAR)(?![A-Za-z]))[A-Za-z]+"
_ITEM = rf'(?:{_WORD}\*?|"{_WORD}(?: {_WORD})*")'
_ITEMS = re.compile(rf"{_ITEM}(?: {_ITEM})*")
_CHOICE = re.compile(rf"{_ITEM}(?: OR {_ITEM})+")
_PAIR = re.compile(rf"({_WORD}) NEAR/([1-9][0-9]{{0,3}}) ({_WORD})")
_LEAF = re.compile(r'"[^"]*"|[^ "]+')


def read_plain(text: str, *, any: bool) -> tuple[query.Query, bool] | None:
    """What people mostly type, read in one step: words, quotes and prefixes, joined by space or
    OR, and one NEAR between two words.

    Returns the tree that Whoosh's parser with our plug-ins would make, and whether it is of bare
    words alone; None for all other queries. Spares a first search the import of Whoosh's parser.
    """
    if len(text) > _MOST_PLAIN or not text.isascii():
        return None
    if _ITEMS.fullmatch(text):
        leaves = [_leaf(found) for found in _LEAF.finditer(text)]
        if len(leaves) == 1:
            return leaves[0], False
        bare = all(type(leaf) is Word for leaf in leaves)
        return disjoin(leaves) if any else conjoin(leaves), bare
    if _CHOICE.fullmatch(text):
        found = (match for match in _LEAF.finditer(text) if match[0] != "OR")
        return disjoin(map(_leaf, found)), False
    if pair := _PAIR.fullmatch(text):
        distance = int(pair[2])
        if distance <= MAX_DISTANCE:
            words = [_placed(Word("any", pair[n]), pair, n) for n in (1, 3)]
            return Near(words, distance), False
    return None


def _leaf(found: re.Match[str]) -> query.Query:
    typed = found[0]
    if typed.startswith('"'):
        return _placed(Quote("any", typed[1:-1].split()), found)
    if typed.endswith("*"):
        return _placed(query.Prefix("any", typed[:-1]), found)
    return _placed(Word("any", typed), found)


def _placed(leaf: query.Query, found: re.Match[str], group: int = 0) -> query.Query:
    leaf.startchar, leaf.endchar = found.span(group)
    return leaf
