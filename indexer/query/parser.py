"""`parse`: the typed text in, a tree of Whoosh queries with notes out. Nothing is refused.

Each call has a Whoosh parser of its own, which holds what one parse gathers; the plug-ins hold
nothing and are shared, so that any number of threads may parse at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from whoosh import query
from whoosh.qparser import QueryParser

from indexer.query.gathering import MAX_WORDS, Gathering
from indexer.query.lexer import (
    BracketPlugin,
    FieldPlugin,
    OperatorPlugin,
    QuotePlugin,
    SignPlugin,
    WordPlugin,
)
from indexer.query.normalise import prepare
from indexer.query.plain import read_plain
from indexer.query.structuring import StructurePlugin
from indexer.query.syntax import Neighbours

_PLUGINS = (
    QuotePlugin(),
    BracketPlugin(),
    SignPlugin(),
    FieldPlugin(),
    OperatorPlugin(),
    WordPlugin(),
    StructurePlugin(),
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What was understood of a query."""

    tree: query.Query  # `NullQuery` if there is nothing to search for
    notes: tuple[str, ...]  # what was dropped or read otherwise, in the order of the query
    bare: bool  # two or more bare words and nothing else, so that any of them may do


class Reader(QueryParser, Gathering):  # type: ignore[misc]
    """Whoosh's parser with our plug-ins, for one query."""

    def __init__(self, *, any: bool) -> None:
        QueryParser.__init__(self, "any", None, plugins=_PLUGINS, group=Neighbours)
        Gathering.__init__(self, any=any)


def parse(text: str, *, any: bool = False) -> Parsed:
    """The tree of a query as typed.

    With `any`, unmarked neighbours need not all match: words with a + must, the others count if
    they match, and fields still restrict. Words stand on the field "any", or on "text" within
    NOT and NEAR, which test the text alone. Never raises.
    """
    if plain := read_plain(text, any=any):
        return Parsed(plain[0], (), plain[1])
    prepared, notes = prepare(text)
    reader = Reader(any=any)
    tree = reader.parse(prepared, normalize=False)
    if reader.pairing.cut:
        cut = f"ignored: pairs beyond {MAX_WORDS:,} words that NEAR makes of brackets"
        reader.note(len(prepared), cut)
    if tree is query.NullQuery:
        reader.note(len(prepared), "empty query")
    bare = reader.bare and isinstance(tree, (query.And, query.Or))
    return Parsed(tree, (*notes, *reader.notes()), bare)
