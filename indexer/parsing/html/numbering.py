"""The numbers that a page shows before the items of its numbered lists.

In: the items of a page in order. Out: their numbers, as HTML counts: on from the item before,
from `start`, from an item's own `value`, downwards in a `reversed` list. Refuses nothing: an
attribute that is no whole number does not count, nor does one too large to be a list's.
"""

from __future__ import annotations

import re

from indexer.parsing.html.dom import Element, tag_of

_WHOLE = re.compile(r"\s*([+-]?[0-9]{1,6})(?![0-9])")  # what follows is ignored, as browsers do


class Numbering:
    """Counts the items of every list of a page."""

    def __init__(self) -> None:
        self._next: dict[Element, int] = {}  # by list, the number of its next item

    def next(self, item: Element) -> int | None:
        """The number of the next item of its list; None in a list without numbers."""
        above = item.getparent()
        if above is None or tag_of(above) != "ol" or tag_of(item) != "li":
            return None
        step = -1 if above.get("reversed") is not None else 1
        if above not in self._next:
            self._next[above] = _start_of(above, step)
        own = _whole(item.get("value"))
        number = self._next[above] if own is None else own
        self._next[above] = number + step
        return number


def _start_of(above: Element, step: int) -> int:
    start = _whole(above.get("start"))
    if start is None:
        return 1 if step > 0 else sum(1 for _ in above.iterchildren("li"))
    return start


def _whole(value: str | None) -> int | None:
    found = _WHOLE.match(value or "")
    return int(found[1]) if found else None
