"""Parser: takes the typed text, returns a tree of `whoosh.query` nodes with notes. Never refuses.

Bare words are parsed here. For all else Whoosh's parser runs `lexer` (leaves and marks), `grammar`
(precedence) and `syntax` (the tree), with `rewrite` for joins and negations.
Each call has a state of its own, so any number of threads may parse at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from whoosh import query

from indexer.query.nodes import MAX_DISTANCE, Near, Quote, Word
from indexer.query.normalise import FIELD_NAMES, QUOTES, clean
from indexer.query.rewrite import conjoin, disjoin


@dataclass(frozen=True, slots=True)
class Parsed:
    """A parsed query."""

    tree: query.Query  # `NullQuery` if there is nothing to search for
    notes: tuple[str, ...]  # on what was dropped or reinterpreted, in the order of the query
    bare: bool  # whether it consists of two or more bare words, so that any of them may do


def parse(text: str, *, any: bool = False, capitals: bool = False) -> Parsed:
    """The tree of a query as typed.

    With `capitals`, a text all in capitals may be a pasted heading: with more than eight words and
    no quotes, brackets or other syntax it has no operators; a note says how its AND, OR and NOT
    were read.

    With `any`, unmarked neighbours need not all match: words with a + must, the others add to the
    score, and fields still restrict. Words are in the field "any", or in "text" within NOT and
    NEAR, which test only the text. Never raises.
    """
    in_capitals = _in_capitals(text) if capitals else ""
    if not in_capitals and (plain := read_plain(text, any=any)):
        return Parsed(plain[0], (), plain[1])
    from indexer.query.grammar import read_query  # imports Whoosh's parser; plain queries don't

    prepared, notes = clean(text)
    is_long = len(prepared.split()) > _MOST_OPERATING
    as_words = bool(in_capitals) and is_long and not _SYNTAX.search(prepared)  # a pasted heading
    tree, more, bare = read_query(prepared, any=any, operators=not as_words)
    if as_words:
        notes += (f"a query in capitals: {in_capitals} read as words, not as operators",)
    elif in_capitals:
        notes += (f"a query in capitals: {in_capitals} read as operators; in small letters, words",)
    return Parsed(tree, notes + more, bare)


# --- capitals -----------------------------------------------------------------------------------

_MOST_OPERATING = 8  # most words of a query in capitals that has operators
_OPERATORS = re.compile(r"(?<!\S)(?:AND|OR|NOT)(?!\S)")
_SYNTAX = re.compile(
    rf"[()*~{QUOTES}]|\?\w|(?<!\S)[-+]\w|\b(?:ANDNOT|NEAR)\b|\b(?i:{'|'.join(FIELD_NAMES)}):\S"
)


def _in_capitals(text: str) -> str:
    """The operators of a text all in capitals, each once; "" if there is none."""
    if not _OPERATORS.sub("", text).isupper():
        return ""
    return ", ".join(dict.fromkeys(_OPERATORS.findall(text)))


# --- plain queries ------------------------------------------------------------------------------

_MOST_PLAIN = 200  # most characters of a plain query
_WORD = "(?!(?:AND|OR|NOT|ANDNOT|NEAR)(?![A-Za-z]))[A-Za-z]+"
_ITEM = rf'(?:{_WORD}\*?|"{_WORD}(?: {_WORD})*")'
_PLAIN = re.compile(rf"{_ITEM}(?: (?:OR )?{_ITEM})*")
_PAIR = re.compile(rf"({_WORD}) NEAR/([1-9][0-9]{{0,3}}) ({_WORD})")
_LEAF = re.compile(r'(OR )?("[^"]*"|[^ "]+)')


def read_plain(text: str, *, any: bool) -> tuple[query.Query, bool] | None:
    """Reads the most common queries in one step: words, quotes and prefixes, joined by space or
    OR; or one NEAR between two words.

    Returns the tree that Whoosh's parser with our plug-ins would build, and whether it consists of
    bare words; None for other queries. Saves a first search the import of Whoosh's parser.
    """
    if len(text) > _MOST_PLAIN or not text.isascii():
        return None
    if (pair := _PAIR.fullmatch(text)) and int(pair[2]) <= MAX_DISTANCE:
        words = [Word("any", pair[n]) for n in (1, 3)]
        for n, word in zip((1, 3), words):
            word.startchar, word.endchar = pair.span(n)
        return Near(words, int(pair[2])), False
    if not _PLAIN.fullmatch(text):
        return None
    choices: list[list[query.Query]] = []
    for found in _LEAF.finditer(text):
        if not found[1]:
            choices.append([])
        typed = found[2]
        if typed.startswith('"'):
            leaf = Quote("any", typed[1:-1].split())
        elif typed.endswith("*"):
            leaf = query.Prefix("any", typed[:-1])
        else:
            leaf = Word("any", typed)
        leaf.startchar, leaf.endchar = found.span(2)
        choices[-1].append(leaf)
    parts = [disjoin(choice) if len(choice) > 1 else choice[0] for choice in choices]
    if len(parts) == 1:
        return parts[0], False
    bare = all(type(part) is Word for part in parts)
    return (disjoin if any else conjoin)(parts), bare
