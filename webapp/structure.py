"""How blocks belong together: runs of one list, table or quotation, and lists as trees.

In: blocks in order. Out: runs and trees of the same blocks. Refuses nothing: a level that jumps
is taken as one level deeper.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from indexer import Block

# A bullet or number that stands in the text itself, as in lists copied from a page.
OWN_BULLET = re.compile(r"\s*(?:[•◦▪‣·*–—-]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s+\S")
JOINED = {"list_item", "table_row", "quote", "boilerplate"}
DEEPEST = 20  # level of list items that are still told apart


@dataclass(frozen=True, slots=True)
class Node:
    """A list item and the items below it."""

    block: Block
    children: tuple[Node, ...] = ()


def runs(blocks: Sequence[Block]) -> Iterator[tuple[Block, ...]]:
    """The blocks, those of one list, table, quotation or stretch of boilerplate together."""
    for (kind, _), some in groupby(blocks, key=lambda block: (block.kind, block.group)):
        if kind in JOINED:
            yield tuple(some)
        else:
            yield from ((block,) for block in some)


def tree_of(items: Sequence[Block]) -> tuple[Node, ...]:
    """List items nested by level."""
    nodes: list[Node] = []
    at = 0
    while at < len(items):
        end = at + 1
        while end < len(items) and depth_of(items[end]) > depth_of(items[at]):
            end += 1
        nodes.append(Node(items[at], tree_of(items[at + 1 : end])))
        at = end
    return tuple(nodes)


def depth_of(item: Block) -> int:
    """A list item's level, bounded so that no list nests without end."""
    return min(item.level, DEEPEST)


def own_bullet(text: str) -> bool:
    """Whether a list item's text begins with its own bullet or number."""
    return OWN_BULLET.match(text) is not None
