"""Bare words that stand side by side and may be one word, or one term that has synonyms.

In: a tree. Out: the tree with an Or in the place of each such run: all the words, or what they are
together. Neither a NEAR nor what is negated is changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy

from whoosh import query

from indexer.proving.spelling import Orthography, Synonym
from indexer.proving.units import MOST_PARTS
from indexer.query.nodes import Near, Word
from indexer.text.tokenizer import tokenize


def with_neighbours(node: query.Query, how: Orthography) -> query.Query:
    """The tree in which bare words that stand side by side may be one compound or term."""
    changed = copy(node)
    if isinstance(node, query.ConstantScoreQuery):
        changed.child = with_neighbours(node.child, how)
    elif isinstance(node, query.compound.BinaryQuery):
        changed.a = with_neighbours(node.a, how)
        if not isinstance(node, query.AndNot):
            changed.b = with_neighbours(node.b, how)
    elif isinstance(node, query.compound.CompoundQuery) and not isinstance(node, Near):
        changed.subqueries = [with_neighbours(part, how) for part in node.subqueries]
        if isinstance(node, query.And):
            changed.subqueries = list(_joined(changed.subqueries, how))
    return changed


def _joined(nodes: list[query.Query], how: Orthography) -> Iterator[query.Query]:
    """Parts of an And, the longest runs of words that make one thing taken together."""
    while nodes:
        for size in range(min(max(MOST_PARTS, how.longest), len(nodes)), 1, -1):
            run = nodes[:size]
            others = _together(run, how)
            if others:
                yield query.Or([query.And(run), *others])
                nodes = nodes[size:]
                break
        else:
            yield nodes[0]
            nodes = nodes[1:]


def _together(run: list[query.Query], how: Orthography) -> list[query.Query]:
    """What a run of bare words may be as a whole."""
    if not all(type(part) is Word and part.fieldname == "any" for part in run):
        return []
    forms = tuple(form for part in run for form in tokenize(part.text).forms)
    others: list[query.Query] = []
    if len(forms) <= MOST_PARTS and how.is_compound(forms):
        others.append(Word("any", "".join(part.text for part in run)))
    return others + [Synonym("any", " ".join(words)) for words in how.synonyms_of(forms)]
