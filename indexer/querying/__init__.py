"""What a person types in; a tree of Whoosh queries, and notes on what could not be used, out.

`parse` never raises and never hangs. The language is Whoosh's parser with our own plug-ins:

    words        chronic pain          all of them, in any form
    quotes       "pain relief"         that phrase; "pain relief"~3 up to 3 words from word to word
    nearness     pain NEAR/5 dose      either order; NEAR alone is NEAR/10; NEAR/s in one sentence
    choice       a OR b, ( )           and AND, NOT, -word, +word
    patterns     norepi*  t?per*       prefix, wildcard; amitriptaline~1 fuzzy
    fields       section:dose          also title:, text:, article:, kind:

Operators are upper case and bind, from the tightest: NOT - +, then NEAR, AND, OR, and last of all
the space between words, so that `a b OR c` is a AND (b OR c). `tagging` cuts the text into marks
and leaves, `structuring` nests them by brackets and binding, and `syntax` turns them into a tree.
"""

from indexer.querying.cleaning import MAX_CHARS, show
from indexer.querying.describing import describe
from indexer.querying.gathering import MAX_DEPTH, MAX_WORDS
from indexer.querying.nodes import DEFAULT_DISTANCE, Everything, Near, Quote, Word
from indexer.querying.parser import Parsed, parse

__all__ = [
    "DEFAULT_DISTANCE",
    "MAX_CHARS",
    "MAX_DEPTH",
    "MAX_WORDS",
    "Everything",
    "Near",
    "Parsed",
    "Quote",
    "Word",
    "describe",
    "parse",
    "show",
]
