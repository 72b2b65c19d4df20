"""What became of a passage, in words: how sure that is, and what it said before.

In: a `Resolution`. Out: sentences, and the difference as HTML that also those read who see no
colours and no lines: each change says aloud what it is. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from markupsafe import Markup, escape

from indexer import Resolution


class Run(Protocol):
    """A stretch of text that is in both texts, in the old one alone, or in the new one alone."""

    @property
    def change(self) -> str:
        """kept, removed or added."""

    @property
    def text(self) -> str:
        """The words themselves."""


AROUND = 40  # characters of what was kept that are shown on each side of a change
CHANGE = {
    "removed": Markup('<del><span class="said">removed: </span>{}</del>'),
    "added": Markup('<ins><span class="said">added: </span>{}</ins>'),
}
SURENESS = ((1.0, "certainly"), (0.98, "almost certainly"), (0.9, "very probably"))


def sureness(found: Resolution) -> str:
    """How sure it is that this is the same passage: “almost certainly (98%)”."""
    words = next((words for least, words in SURENESS if found.confidence >= least), "probably")
    share = f"{found.confidence * 100:.1f}".removesuffix(".0")
    return words if found.confidence >= 1 else f"{words} ({share}%)"


def difference(found: Resolution) -> Markup:
    """Old words as `<del>`, new ones as `<ins>`, with a little of what stands around them."""
    return runs(found.difference())


def runs(difference: Sequence[Run]) -> Markup:
    """A difference of any two texts."""
    return Markup("").join(pieces(difference))


def pieces(runs: Sequence[Run]) -> Iterator[Markup]:
    """The runs of a difference, long stretches of what was kept cut short."""
    for number, run in enumerate(runs):
        if run.change == "kept":
            yield escape(shortened(run.text, number > 0, number + 1 < len(runs)))
        else:
            bare = run.text.strip()
            if not bare:  # white space alone says nothing
                yield escape(run.text)
                continue
            inner = CHANGE[run.change].format(bare)
            before, _, after = run.text.partition(bare)
            # Of a pair, only the second brings the white space that both have.
            paired = run.change == "removed" and number + 1 < len(runs)
            gap = " " if paired and runs[number + 1].change == "added" else after
            yield escape(before) + inner + escape(gap)


def shortened(text: str, follows: bool, precedes: bool) -> str:
    """The parts of a kept stretch that are next to a change before it, after it, or both."""
    if len(text) <= 2 * AROUND:
        return text
    head = text[:AROUND].rpartition(" ")[0] if follows else ""
    tail = text[-AROUND:].partition(" ")[2] if precedes else ""
    return f"{head} … {tail}"
