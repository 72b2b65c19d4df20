"""Windows around nodes: which words stand left and right of the occurrences of a query.

In: an evaluated query and the width of the window on either side. Out: for each part the tokens
that are company, by side. A window ends with the sentence of its node. A token within reach of two
nodes is company of the nearer one (of two as near, of the one that follows), so that every token
counts once; the tokens of a node are company of nobody. Boilerplate has no company. Refuses a
window without a side, and one that is too wide (`UsageError`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indexer.errors import UsageError
from indexer.search.matcher import Evaluation
from indexer.segments.segment import Segment
from indexer.sorted_arrays import Array

WIDEST = 20  # words on either side
LEFT, RIGHT, NODE = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Window:
    """How many words on either side are company."""

    left: int = 5
    right: int = 5

    def check(self) -> None:
        """Raises `UsageError` when there is no such window."""
        if not (0 <= self.left <= WIDEST and 0 <= self.right <= WIDEST):
            raise UsageError(f"window {self.left}, {self.right}: use 0 to {WIDEST} words a side")
        if not self.left + self.right:
            raise UsageError("window 0, 0: give one side a word at least")


@dataclass(frozen=True)
class Nodes:
    """The occurrences of a query in the content of one part, and the sentence around each."""

    starts: Array  # first token
    ends: Array  # one past the last
    lows: Array  # first token of the sentence in which it begins
    highs: Array  # last token of the sentence in which it ends
    whole: Array  # bool, whether these are one sentence

    @property
    def longest(self) -> int:
        """Tokens of the longest one."""
        return int((self.ends - self.starts).max(initial=0))


def nodes(evaluation: Evaluation, part: int, ids: Array) -> Nodes:
    """The nodes in these passages (ascending) of a part."""
    segment = evaluation.snapshot.parts[part].segment
    content = ids[ids < segment.contents]
    found = evaluation.united(part, content)
    lows, first_highs = _sentence(segment, found.starts)
    _, highs = _sentence(segment, found.ends - 1)
    return Nodes(found.starts, found.ends, lows, highs, first_highs == highs)


def _sentence(segment: Segment, tokens: Array) -> tuple[Array, Array]:
    """First and last token of the sentence that each token stands in."""
    starts = segment.column("sentence_starts")
    after = segment.sentence_of(tokens)
    ends = np.append(starts, segment.tokens).astype(np.int64)
    return starts[after - 1].astype(np.int64), ends[after] - 1


def sides(segment: Segment, around: Nodes, window: Window) -> Array:
    """For each token of the content whether it is company: 0, `LEFT`, `RIGHT` or `NODE`."""
    side = np.zeros(segment.content_end, np.uint8)
    for distance in range(max(window.left, window.right), 0, -1):  # the nearest is written last
        if distance <= window.right:
            tokens = around.ends - 1 + distance
            side[tokens[tokens <= around.highs]] = RIGHT
        if distance <= window.left:
            tokens = around.starts - distance
            side[tokens[tokens >= around.lows]] = LEFT
    for place in range(around.longest):
        tokens = around.starts + place
        side[tokens[tokens < around.ends]] = NODE
    return side
